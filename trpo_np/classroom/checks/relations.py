"""How a wrong answer is related to the right one: a factor, a power, a term, an order."""

import numpy as np

from trpo_np.classroom.checks.cases import is_number
from trpo_np.classroom.checks.compare import close
from trpo_np.classroom.checks.factors import evidence, factor

STANDARDISED = (
    "this is the right result, standardised to mean 0 and standard deviation 1; leave it as it is"
)
MAPS = [
    (
        "your result is the square of the right one: a root is missing, or a square too many",
        np.square,
    ),
    ("your result is the root of the right one: a square is missing, or a root too many", np.sqrt),
    ("your result is 1 over the right one: the fraction is upside down", lambda x: 1 / x),
    ("your result is the logarithm of the right one", np.log),
    ("your result is the exponential of the right one", np.exp),
    ("your result is the absolute value of the right one: a sign is lost", np.abs),
    (
        "your result is minus the absolute value of the right one: a sign is lost",
        lambda x: -np.abs(x),
    ),
    ("your result is 1 minus the right one", lambda x: 1 - x),
]


def related(question) -> str | None:
    """The sentence of the first relation that holds in all cases."""
    got, want = question.got, question.want
    if not all(g.shape == w.shape for g, w in zip(got, want, strict=True)):
        return None
    if not all(np.isfinite(g).all() for g in got):
        return None
    for relation in (_zero, factor, _mapped, _term, _order, _uniform, _affine):
        says = relation(question, got, want)
        if says:
            return says
    return None


def _zero(question, got, want) -> str | None:
    pairs = list(zip(got, want, strict=True))
    if all(np.max(np.abs(g)) <= 1e-9 * np.max(np.abs(w)) for g, w in pairs) and np.any(want[0]):
        return "your result is 0 in every case, up to rounding; the right one is not"
    return None


def _mapped(question, got, want) -> str | None:
    if not evidence(want):
        return None
    for says, function in MAPS:
        mapped = [function(w) for w in want]
        if all(np.isfinite(m).all() for m in mapped) and all(
            close(g, m, max(question.tolerance, 1e-10)) for g, m in zip(got, mapped, strict=True)
        ):
            return says
    return None


def _term(question, got, want) -> str | None:
    """A difference that is the same number everywhere, or one of the arguments."""
    gaps = [g - w for g, w in zip(got, want, strict=True)]
    if all(np.max(np.abs(d)) < 1e-3 * np.max(np.abs(w)) for d, w in zip(gaps, want, strict=True)):
        return None  # no term, but something rounded
    first = float(np.ravel(gaps[0])[0])
    sizes = [np.max(np.abs(w), initial=0.0) + abs(first) for w in want]
    if evidence(gaps) and all(
        np.allclose(d, first, rtol=0, atol=1e-9 * s) for d, s in zip(gaps, sizes, strict=True)
    ):
        side = "more" if first > 0 else "less"
        return (
            f"your result is {abs(first):.4g} {side} than the right one everywhere: a constant term"
        )
    for i, name in enumerate(question.names):
        parts = [case[i] for case in question.cases]
        if not all(is_number(p) or isinstance(p, np.ndarray) for p in parts):
            continue
        for sign, says in ((1, "has `{}` in it once too often"), (-1, "lacks the term `{}`")):
            if all(
                np.shape(p) in ((), d.shape)
                and np.asarray(p).dtype.kind == "f"
                and np.allclose(d, sign * p, rtol=0, atol=1e-9 * s)
                for p, d, s in zip(parts, gaps, sizes, strict=True)
            ):
                return (
                    f"your result {says.format(name)}: it differs from the right one by just that"
                )
    return None


def _order(question, got, want) -> str | None:
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


def _uniform(question, got, want) -> str | None:
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


def _affine(question, got, want) -> str | None:
    """The right result, scaled and shifted, by another amount in each case."""
    if not all(w.size > 3 and np.ptp(w) and np.ptp(g) for g, w in zip(got, want, strict=True)):
        return None
    for g, w in zip(got, want, strict=True):
        slope, start = np.polyfit(w.ravel(), g.ravel(), 1)
        if not close(g, slope * w + start, 1e-8):
            return None
    if all(abs(g.mean()) < 1e-9 and abs(g.std() - 1) < 1e-6 for g in got):
        return STANDARDISED
    return "this is the right result, but shifted and scaled"
