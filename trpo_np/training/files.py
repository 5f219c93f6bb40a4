"""Files that are complete or absent."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

PARTIAL = ".partial"  #: the end of the name of a file that is being written


def write(path: Path, write_to: Callable[[BinaryIO], object]) -> None:
    """Writes a file at once, by a function that is given it open: a reader never sees half, and
    what stood there before stays if that fails. An OSError names the file."""
    partial = path.with_name(path.name + PARTIAL)
    try:
        with partial.open("wb") as file:
            write_to(file)
            file.flush()
            os.fsync(file.fileno())  # the name comes after the content, also if the power fails
        partial.replace(path)
    except OSError as error:
        if error.strerror:
            error.filename, error.filename2 = str(path), None  # what was asked for
        raise
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


@contextmanager
def regular(path: Path, most: int) -> Iterator[BinaryIO]:
    """The file, open for reading; raises ValueError unless it is a file of at most `most` bytes:
    one that has no end, or that waits for somebody, is not read."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    about = os.fstat(handle)
    if not stat.S_ISREG(about.st_mode) or about.st_size > most:
        os.close(handle)
        raise ValueError(f"it is no file of at most {most / 2**30:g} GB")
    with os.fdopen(handle, "rb") as file:
        yield file
