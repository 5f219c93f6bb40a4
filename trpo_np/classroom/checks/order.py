"""The right numbers in a wrong place, or one number in too many."""

from typing import TYPE_CHECKING

import numpy as np

from trpo_np.classroom.checks.compare import close

if TYPE_CHECKING:
    from trpo_np.classroom.checks.diagnosis import Question

Arrays = list[np.ndarray]


def order(question: "Question", got: Arrays, want: Arrays) -> str | None:
    """The right numbers in another place."""
    pairs = list(zip(got, want, strict=True))
    if all(w.ndim == 0 for w in want):
        return None
    if all(w.ndim == 2 and g.T.shape == w.shape and close(g.T, w, 1e-9) for g, w in pairs):
        return "this is the transpose of the right result: rows and columns are exchanged"
    for axis in range(min(w.ndim for w in want)):
        if all(close(np.flip(g, axis), w, 1e-9) for g, w in pairs):
            return "the right numbers in the reverse order"
        for step in (1, -1):
            if all(
                w.shape[axis] > 2 and close(_cut(g, axis, step), _cut(w, axis, -step), 1e-9)
                for g, w in pairs
            ):
                return "the right numbers, but shifted by one place: an index is off by one"
    if all(w.size > 1 and close(np.sort(g.ravel()), np.sort(w.ravel()), 1e-9) for g, w in pairs):
        return "the right numbers in another order"
    return None


def _cut(array: np.ndarray, axis: int, step: int) -> np.ndarray:
    """The array without its first entry along the axis, or without its last."""
    part = slice(1, None) if step > 0 else slice(None, -1)
    return array[(slice(None),) * axis + (part,)]


def uniform(question: "Question", got: Arrays, want: Arrays) -> str | None:
    """Rows or columns in which one number is repeated."""
    if not all(g.ndim == 2 and min(g.shape) > 1 for g in got):
        return None
    for axis, name in ((1, "row"), (0, "column")):
        if all(
            np.ptp(g, axis=axis).max() == 0 < np.ptp(w, axis=axis).max()
            for g, w in zip(got, want, strict=True)
        ):
            return (
                f"in each {name} of your result all entries are equal: is one number written into "
                "all of it?"
            )
    return None
