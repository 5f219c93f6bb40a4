"""Sums, means and axes too few or too many, seen from the shapes of the answers."""

from typing import TYPE_CHECKING

import numpy as np

from trpo_np.classroom.checks.compare import close
from trpo_np.classroom.checks.shapes import shape_words

if TYPE_CHECKING:
    from trpo_np.classroom.checks.diagnosis import Question

AXES = ("first", "second", "third", "fourth")


def reduced(question: "Question") -> str | None:
    """Sums, means and axes too few or too many, seen from the shapes."""
    got, want = question.got, question.want
    if all(g.shape == w.shape for g, w in zip(got, want, strict=True)):
        return None
    tolerance = max(question.tolerance, 1e-10)

    def always(relation) -> bool:
        pairs = zip(got, want, strict=True)
        return all(close(np.asarray(r), w, tolerance) for r, w in (relation(*p) for p in pairs))

    for test, text in RELATIONS:
        try:
            if always(test):
                k = next(k for k, g in enumerate(got) if g.shape != want[k].shape)
                return text.format(got=got[k].shape, want=shape_words(want[k]))
        except (ValueError, IndexError, np.exceptions.AxisError):
            continue
    return None


def _too_few(reduce, axis):
    return lambda got, want: (reduce(got, axis=axis), want)


def _too_many(reduce, axis):
    return lambda got, want: (got, reduce(want, axis=axis))


def _last(got, want):
    return (got[-1] if got.ndim else _never(), want)


LAST = "the last entry of your result is the right one: does it add up step by step?"


def _squeezed(got, want):
    return (got.reshape(want.shape) if got.size == want.size else _never(), want)


def _never():
    raise ValueError


def _diagonal(got, want):
    return (np.diagonal(got) if got.ndim == 2 else _never(), want)


def _same_size(got, want):
    return (np.squeeze(got) if got.ndim != want.ndim else _never(), np.squeeze(want))


RELATIONS = [
    (
        _same_size,
        "the numbers are right, but they come in the shape {got}, and {want} is "
        "wanted: an axis "
        "of size 1 too many or too few (keepdims, [None], or a number in a list)",
    ),
    (
        lambda got, want: (got.T, want),
        "this is the transpose of the right result: rows and columns are exchanged",
    ),
    (_squeezed, "the numbers are right, but they come in the shape {got}, and {want} is wanted"),
    *[
        (
            _too_few(np.sum, axis),
            f"the last sum is missing: these are the terms, of shape {{got}}, and what is "
            f"wanted is their sum over the {name} axis",
        )
        for axis, name in enumerate(AXES[:3])
    ],
    (
        _too_few(np.sum, None),
        "the last sum is missing: these are the terms, of shape {got}; what is "
        "wanted is "
        "one number, the sum of them all",
    ),
    *[
        (
            _too_few(np.mean, axis),
            f"the last mean is missing: these are the single values, of shape {{got}}, and what "
            f"is wanted is their mean over the {name} axis",
        )
        for axis, name in enumerate(AXES[:3])
    ],
    (
        _too_few(np.mean, None),
        "the last mean is missing: these are the single values, of shape {got}; what is "
        "wanted is one number, their mean",
    ),
    (_last, LAST),
    *[
        (
            lambda got, want, k=k: (got, want[k]),
            f"this is the {name} entry, or row, of what is wanted, alone; the whole has the shape "
            "{want}",
        )
        for k, name in ((0, "first"), (-1, "last"))
    ],
    (
        _too_few(np.max, None),
        "these are the single values, of shape {got}; what is wanted is one number, the "
        "largest of them",
    ),
    *[
        (
            _too_many(np.sum, axis),
            f"one sum too many: you added up over an axis (the {name}) that has to stay; "
            "the result "
            "has the shape {want}",
        )
        for axis, name in enumerate(AXES[:2])
    ],
    (
        _too_many(np.sum, None),
        "one sum too many: everything is added up to one number, and the result has the "
        "shape {want}",
    ),
    *[
        (
            _too_many(np.mean, axis),
            f"one mean too many: you averaged over an axis (the {name}) that has to stay; "
            "the result "
            "has the shape {want}",
        )
        for axis, name in enumerate(AXES[:2])
    ],
    (
        _too_many(np.mean, None),
        "one mean too many: everything is averaged to one number, and the result "
        "has the "
        "shape {want}",
    ),
    (
        _diagonal,
        "a column (N, 1) and a row (N,) make a table (N, N) of all pairs, and "
        "only its diagonal is "
        "meant: give both the same shape",
    ),
]
