"""Changes of an argument that a wrong program makes in effect, with their sentences."""

from collections.abc import Callable

import numpy as np

from trpo_np.classroom.checks.cases import is_number


def applies(function: Callable, value: object) -> bool:
    """Whether a change is one for values of this kind, and changes it."""
    if not (is_number(value) or isinstance(value, np.ndarray)):
        return False
    with np.errstate(all="ignore"):
        try:
            new = function(value)
        except (TypeError, ValueError):
            return False
    return new is not None and not np.array_equal(new, value)


def _whole(function):
    return lambda x: function(x) if isinstance(x, int) and not isinstance(x, bool) else None


def _real(function):
    """For numbers that are no whole ones, and arrays of them."""
    return lambda x: function(x) if np.asarray(x).dtype.kind == "f" else None


def _rows(function):
    return lambda x: function(x) if np.ndim(x) else None


CHANGES = [
    ("your result is the right one for `{}` − 1: one too few", _whole(lambda x: x - 1)),
    ("your result is the right one for `{}` + 1: one too many", _whole(lambda x: x + 1)),
    (
        "your result is the right one for `{0}` = 0, as if `{0}` were left out",
        _real(lambda x: 0.0 * x),
    ),
    (
        "your result is the right one for `{0}` = 1, as if a factor `{0}` were missing",
        _real(lambda x: 0.0 * x + 1),
    ),
    (
        "your result is the right one for −`{0}`: look at the signs of the terms "
        "in which `{0}` stands",
        _real(lambda x: -x),
    ),
    ("your result is the right one for 1 − `{0}` in place of `{0}`", _real(lambda x: 1 - x)),
    (
        "your result is the right one for the square of `{}`: a power too many, or a root missing",
        _real(np.square),
    ),
    (
        "your result is the right one for the root of `{}`: a root too many, or a square missing",
        _real(np.sqrt),
    ),
    (
        "your result is the right one for 2 `{}`: a factor 2 too many, or a ½ missing",
        _real(lambda x: 2 * x),
    ),
    (
        "your result is the right one for ½ `{}`: a factor 2 is missing, or a ½ too many",
        _real(lambda x: 0.5 * x),
    ),
    ("your result is the right one for 1/`{0}` in place of `{0}`", _real(lambda x: 1 / x)),
    ("your result is the right one for the absolute value of `{}`", _real(np.abs)),
    ("your result is the right one for the exponential of `{0}` in place of `{0}`", _real(np.exp)),
    ("your result is the right one for the logarithm of `{0}` in place of `{0}`", _real(np.log)),
    (
        "`{}` has its truth values turned round: a `~` is missing or too many",
        lambda x: ~x if np.asarray(x).dtype == bool else None,
    ),
    (
        "your result is the right one where `{}` is False everywhere: it is not looked at",
        lambda x: x & False if np.asarray(x).dtype == bool else None,
    ),
    (
        "your result is the right one where `{}` is True everywhere",
        lambda x: x | True if np.asarray(x).dtype == bool else None,
    ),
    (
        "your result is the right one for the transpose of `{}`",
        lambda x: x.T if np.ndim(x) > 1 else None,
    ),
    ("your result is the right one for `{}` in the reverse order", _rows(lambda x: x[::-1])),
    (
        "your result is the right one for `{}` shifted by one place",
        _rows(lambda x: np.roll(x, 1, axis=0)),
    ),
    (
        "your result is the right one for `{}` shifted by one place",
        _rows(lambda x: np.roll(x, -1, axis=0)),
    ),
    ("your result is the right one for `{}` divided by its sum", _rows(lambda x: x / np.sum(x))),
    ("your result is the right one for `{}` less its mean", _rows(lambda x: x - np.mean(x))),
]
