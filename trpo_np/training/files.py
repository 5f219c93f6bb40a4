"""Files that are complete or absent."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


def write(path: Path, write_to: Callable[[BinaryIO], object]) -> None:
    """Writes a file at once, by a function that is given it open: a reader never sees half."""
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("wb") as file:
            write_to(file)
        partial.replace(path)
    except OSError as error:
        if error.filename == str(partial):
            error.filename = str(path)  # what was asked for
        raise
    finally:
        partial.unlink(missing_ok=True)
