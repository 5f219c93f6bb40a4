"""Whose a folder is, and what may be written where."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from trpo_np.errors import UsageError
from trpo_np.training.files import PARTIAL

try:
    import fcntl
except ImportError:  # Windows: a new folder is still one run's alone, a resumed one is not kept so
    fcntl = None

LOCK = ".lock"  #: the end of the name of the file that is there while another is claimed


def new_folder(parent: Path, env_id: str, seed: int) -> Path:
    """Makes the first of parent/ENV-seedN, parent/ENV-seedN-2, ... that does not exist yet: two
    that ask at once get two."""
    name = f"{env_id.replace('/', '-').replace(':', '-')}-seed{seed}"
    parent.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()
            return folder
        except FileExistsError:
            number += 1


def named_folder(folder: Path, force: bool) -> Path:
    """Makes the folder; raises UsageError where it exists, unless by `force`."""
    try:
        try:
            folder.mkdir()
        except FileNotFoundError:
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.mkdir()
    except FileExistsError:
        if not folder.is_dir() or not force:
            raise UsageError(
                f"{folder} exists already: name another folder with --out, go on with its run by "
                "--resume, or write over it with --force."
            ) from None
    return folder


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Nobody else trains into the folder meanwhile; what a killed run left is tidied first. Where
    the block leaves the folder empty, it is removed. Raises UsageError where it is somebody's."""
    handle = _locked(folder, f"Another run trains into {folder} at this moment")
    try:
        _tidied(folder)
        yield
    finally:
        with suppress(OSError):
            folder.rmdir()  # only if it is empty
        if handle is not None:
            os.close(handle)


@contextmanager
def claimed_file(path: Path) -> Iterator[None]:
    """Nobody else who asks writes the file meanwhile; its folder is made. Raises UsageError where
    somebody does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.with_name(path.name + LOCK)
    lock.touch()
    handle = _locked(lock, f"Another sweep writes {path} at this moment")
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
        if handle is not None:
            os.close(handle)


def tidy(folder: Path) -> None:
    """Removes the half-written files of a run that was killed; not those of one that trains now."""
    with suppress(OSError, UsageError):
        if any(folder.glob(f"*{PARTIAL}")):
            handle = _locked(folder, f"Another run trains into {folder} at this moment")
            _tidied(folder)
            if handle is not None:
                os.close(handle)


def target(path: Path, kinds: tuple[str, ...], force: bool) -> Path:
    """The path of a file to be written; raises UsageError where its name is not that of one of
    these kinds, or where it exists, unless by `force`."""
    if path.suffix.lower() not in kinds:
        raise UsageError(f"{path} is not possible: the name must end in {' or '.join(kinds)}.")
    if path.exists() and not force:
        raise UsageError(f"{path} exists already: name another file, or write over it by --force.")
    return path


def _locked(path: Path, taken: str) -> int | None:
    """A handle of the folder or file, locked until it is closed or the process ends; None where
    these cannot be locked. Raises UsageError, which says that it is `taken`."""
    if fcntl is None:
        return None
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return handle
    except BlockingIOError:
        os.close(handle)
        raise UsageError(f"{taken}: wait for its end, or stop it.") from None
    except OSError:  # a file system that has no locks
        os.close(handle)
        return None


def _tidied(folder: Path) -> None:
    for partial in folder.glob(f"*{PARTIAL}"):
        partial.unlink(missing_ok=True)
