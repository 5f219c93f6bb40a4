"""Files that are complete or absent."""

import os
from collections.abc import Callable
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
        partial.unlink(missing_ok=True)
