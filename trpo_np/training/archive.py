"""Arrays and what they belong to, in one npz file with a SHA-256 over all of it.

Read without pickle, and with the sizes looked at before the numbers: an array is only made once its
shape is the expected one and the file holds as many bytes. numpy.load reads such a file as well.
"""

import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy

from trpo_np.training.files import regular, write

Array = np.ndarray
LARGEST = 2**30  #: bytes of a file that is looked at at all
LARGEST_ABOUT = 2**22  #: characters of its JSON
_THEN = (1980, 1, 1, 0, 0, 0)  # the same content gives the same file, whenever it is written


def write_archive(path: Path, about: dict, arrays: dict[str, Array]) -> None:
    """Writes the arrays, and `about` as JSON, complete or not at all."""
    members = {"about": np.array(json.dumps(about)), **arrays}
    write(path, lambda file: _write_members(file, members))


def _write_members(file: BinaryIO, members: dict[str, Array]) -> None:
    digest = sha256()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, array in members.items():
            data = BytesIO()
            npy.write_array(data, np.asarray(array), allow_pickle=False)
            _add(digest, f"{name}.npy", len(data.getvalue()))
            digest.update(data.getvalue())
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", _THEN), data.getvalue())
        data = BytesIO()
        npy.write_array(data, np.frombuffer(digest.digest(), np.uint8))
        archive.writestr(zipfile.ZipInfo("sha256.npy", _THEN), data.getvalue())


def _add(digest: object, name: str, size: int) -> None:
    digest.update(f"{name} {size}\n".encode())


@dataclass(frozen=True)
class Archive:
    """A file that is open for reading, its checksum seen to be right."""

    file: zipfile.ZipFile
    about: dict

    def __contains__(self, name: str) -> bool:
        return f"{name}.npy" in self.file.namelist()

    def array(self, name: str, shape: tuple[int | None, ...], kinds: str = "f") -> Array:
        """The array of that name; raises ValueError unless it has this shape, None standing for any
        length, and finite numbers of one of these kinds (f, i, b, u)."""
        found = _read(self.file, name, shape, kinds)
        if not np.isfinite(found).all():
            raise ValueError(f"{name} should be finite numbers")
        return found

    def column(self, name: str, rows: int | None) -> list:
        """A column of a table, numbers or words; numbers may be NaN or infinite."""
        return _read(self.file, name, (rows,), "fibU").tolist()

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of an array as its header has it."""
        with self.file.open(f"{name}.npy") as data:
            return _header(data)[0]


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """The archive at `path`; raises ValueError, with the reason, where it is none or damaged."""
    with regular(path, LARGEST) as file, zipfile.ZipFile(file) as archive:
        _verify(archive, os.fstat(file.fileno()).st_size)
        text = str(_read(archive, "about", (), "U", 4 * LARGEST_ABOUT))
        yield Archive(archive, json.loads(text))


def _verify(archive: zipfile.ZipFile, size: int) -> None:
    """Raises ValueError unless the members are as they were written."""
    members = archive.infolist()
    stored = all(member.compress_type == zipfile.ZIP_STORED for member in members)
    names = [member.filename for member in members]
    if not stored or len(set(names)) < len(names) or sum(m.file_size for m in members) > size:
        raise ValueError("it is packed in a way that this package does not write")
    digest = sha256()
    for member in members:
        if member.filename == "sha256.npy":
            continue
        _add(digest, member.filename, member.file_size)
        with archive.open(member) as data:
            while part := data.read(2**20):
                digest.update(part)
    if _read(archive, "sha256", (32,), "u").tobytes() != digest.digest():
        raise ValueError("its checksum is wrong: it was changed, or did not arrive whole")


def _read(
    archive: zipfile.ZipFile, name: str, shape: tuple, kinds: str, most: int = LARGEST
) -> Array:
    try:
        member = archive.getinfo(f"{name}.npy")
    except KeyError:
        raise ValueError(f"it has no {name}") from None
    with archive.open(member) as data:
        found, fortran, dtype = _header(data)
        size = int(np.prod(found, dtype=object)) * dtype.itemsize
        if size != member.file_size - data.tell() or size > most:
            raise ValueError(f"{name} has another size than its header says, or too large a one")
        known = len(found) == len(shape)
        fits = known and all(n in (None, m) for n, m in zip(shape, found, strict=True))
        if not fits or dtype.kind not in kinds or not dtype.isnative:
            raise ValueError(
                f"{name} should be of the shape {shape} and of a kind among {kinds}, "
                f"but is of the shape {found} and of the kind {dtype.kind}"
            )
        array = np.frombuffer(bytearray(data.read()), dtype) if size else np.empty(found, dtype)
        return array.reshape(found, order="F" if fortran else "C")


def _header(data: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, whether columns come first, and dtype, read from the start of an array's bytes."""
    if npy.read_magic(data) != (1, 0):
        raise ValueError("it is in a version that this package does not write")
    return npy.read_array_header_1_0(data)
