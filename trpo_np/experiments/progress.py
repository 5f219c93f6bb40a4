"""A run's history as CSV, and back."""

import csv
import io
from collections.abc import Callable

from trpo_np.training.result import Row


def csv_of(history: list[Row]) -> str:
    """The history as CSV, one row an iteration."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(vars(history[0])), lineterminator="\n")
    writer.writeheader()
    writer.writerows(vars(row) for row in history)
    return text.getvalue()


#: The columns that every run has, and their types; those of reports are read as they look.
_COLUMNS: dict[str, Callable] = {
    "iteration": int,
    "steps": int,
    "episodes": int,
    "mean_return": float,
    "mean_length": float,
    "accepted": lambda text: {"True": True, "False": False}[text],
    "entropy": float,
    "explained_variance": float,
}


def history_of(text: str) -> list[Row]:
    """The history that `csv_of` wrote; raises ValueError or KeyError where it did not."""
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    if not rows.fieldnames or not set(_COLUMNS) <= set(rows.fieldnames):
        raise ValueError("progress.csv does not begin with its header")
    return [Row(**{name: _COLUMNS.get(name, _read)(row[name]) for name in row}) for row in rows]


def _read(text: str) -> bool | int | float | str:
    """A value as it was before it became text."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return {"True": True, "False": False}.get(text, text)
