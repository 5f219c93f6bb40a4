"""The rows of a run as columns: arrays for a file, and CSV for people."""

import csv
import io

import numpy as np

from trpo_np.training.archive import Archive
from trpo_np.training.result import Row

Array = np.ndarray
#: The columns that every run has, and what they hold.
_COLUMNS = {
    **dict.fromkeys(("iteration", "steps", "episodes", "return_age"), int),
    **dict.fromkeys(("mean_return", "mean_length", "entropy", "explained_variance"), float),
    "accepted": bool,
}


def about_history(history: list[Row]) -> dict:
    """How many rows, and the names of the columns in their order."""
    return {"rows": len(history), "columns": list(vars(history[0])) if history else []}


def history_arrays(history: list[Row]) -> dict[str, Array]:
    """The columns by name, each an array with one entry a row."""
    names = vars(history[0]) if history else ()
    return {f"history_{name}": np.array([getattr(r, name) for r in history]) for name in names}


def history_in(archive: Archive) -> list[Row]:
    """The rows; raises ValueError where the columns are not what a run has."""
    rows, names = archive.about["history"]["rows"], archive.about["history"]["columns"]
    columns = {name: archive.column(f"history_{name}", rows) for name in names}
    missing = set(_COLUMNS) - set(columns)
    if missing:
        raise ValueError(f"the columns {sorted(missing)} are missing")
    for name, kind in _COLUMNS.items():
        if not all(type(x) is kind for x in columns[name]):
            raise ValueError(f"the column {name} is not of the kind {kind.__name__}")
    if columns["iteration"] != list(range(1, rows + 1)):
        raise ValueError("its iterations are not counted from 1")
    cells = zip(*columns.values(), strict=True)
    return [Row(**dict(zip(columns, row, strict=True))) for row in cells]


def csv_of(history: list[Row]) -> str:
    """The history as CSV, one row an iteration."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(vars(history[0])), lineterminator="\n")
    writer.writeheader()
    writer.writerows(vars(row) for row in history)
    return text.getvalue()
