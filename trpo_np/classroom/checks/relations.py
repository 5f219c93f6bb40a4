"""How a wrong answer is related to the right one: a factor, a power, a term, an order."""

from typing import TYPE_CHECKING

import numpy as np

from trpo_np.classroom.checks.cases import is_number
from trpo_np.classroom.checks.compare import close
from trpo_np.classroom.checks.factors import evidence, factor
from trpo_np.classroom.checks.order import order, uniform

if TYPE_CHECKING:
    from trpo_np.classroom.checks.diagnosis import Question

Arrays = list[np.ndarray]

STANDARDISED = (
    "this is the right result, standardised to mean 0 and standard deviation 1; leave it as it is"
)


def _over_sum(*axis: int):
    """The division by a sum, over an axis if there is one; NaN where there is no such axis."""
    sums = {"axis": axis, "keepdims": True} if axis else {}
    return lambda x: x / np.sum(x, **sums) if x.ndim > len(axis) else np.full_like(x, np.nan)


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
    ("your result is the right one divided by its sum: it is not to add up to 1", _over_sum()),
    ("each row of your result is divided by its sum: rows are not to add up to 1", _over_sum(-1)),
]


def related(question: "Question") -> str | None:
    """The sentence of the first relation that holds in all cases."""
    got, want = question.got, question.want
    if not all(g.shape == w.shape for g, w in zip(got, want, strict=True)):
        return None
    if not all(np.isfinite(g).all() for g in got):
        return None
    for relation in (_zero, factor, _mapped, _term, order, uniform):
        says = relation(question, got, want)
        if says:
            return says
    return None


def _zero(question: "Question", got: Arrays, want: Arrays) -> str | None:
    pairs = list(zip(got, want, strict=True))
    if all(np.max(np.abs(g)) <= 1e-9 * np.max(np.abs(w)) for g, w in pairs) and np.any(want[0]):
        return "your result is 0 in every case, up to rounding; the right one is not"
    return None


def _mapped(question: "Question", got: Arrays, want: Arrays) -> str | None:
    if not evidence(want):
        return None
    for says, function in MAPS:
        mapped = [function(w) for w in want]
        if all(np.isfinite(m).all() for m in mapped) and all(
            close(g, m, max(question.tolerance, 1e-10)) for g, m in zip(got, mapped, strict=True)
        ):
            return says
    return None


def _term(question: "Question", got: Arrays, want: Arrays) -> str | None:
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


def deformed(question: "Question") -> str | None:
    """The right result, scaled and shifted, by another amount in each case."""
    got, want = question.got, question.want
    if not all(g.shape == w.shape for g, w in zip(got, want, strict=True)):
        return None
    if not all(
        w.size > 3 and np.ptp(w) > 0 and 0 < np.ptp(g) < np.inf
        for g, w in zip(got, want, strict=True)
    ):
        return None
    lines = [np.polyfit(w.ravel(), g.ravel(), 1) for g, w in zip(got, want, strict=True)]
    for (slope, start), g, w in zip(lines, got, want, strict=True):
        if not close(g, slope * w + start, 1e-8):
            return None
    if all(abs(g.mean()) < 1e-9 and abs(g.std() - 1) < 1e-6 for g in got):
        return STANDARDISED
    if all(abs(slope - 1) < 1e-6 for slope, _ in lines):
        return "the right result, and one number more, or less, in all of its entries"
    return "this is the right result, but shifted and scaled"
