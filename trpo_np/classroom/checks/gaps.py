"""By how much a wrong answer is off: nearly nothing, a little, or by how much."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from trpo_np.classroom.checks.diagnosis import Question


def nearly(question: "Question") -> str | None:
    """By how much an answer is off that is nearly right, and what is allowed."""
    gap, _ = max(sizes(question))
    if not gap < 1e-3:
        return None
    return (
        f"nearly: the result is off by {gap:.0e} of its size, and the check allows "
        f"{question.tolerance:.0e} of its size. Is something rounded, stopped early, or a "
        "difference quotient?"
    )


def near(question: "Question") -> str | None:
    """That an answer is near the right one, where it is off by more than rounding leaves."""
    gaps = [gap for gap, _ in sizes(question)]
    if not (max(gaps) < 0.02 or (min(gaps) < 1e-3 and max(gaps) < 0.1)):
        return None
    return (
        f"near, but not right: off by up to {max(gaps):.1%} of its size. Is a constant rounded, a "
        "search stopped too early, or a derivative a difference quotient? Or a small term is wrong."
    )


def size_of_gap(question: "Question") -> str:
    """By how much a wrong answer is off, as the last that can be said."""
    gap, factor = max(sizes(question))
    if np.isinf(gap):
        return "the result should be 0 in one of the cases tried, and is not"
    if factor > 10:
        return f"the result is off by far: it is {in_words(factor)} times too large"
    return f"the result is off by {gap:.0%} of its size; compare term by term"


def sizes(question: "Question") -> list[tuple[float, float]]:
    """For each wrong case the error and the answer, both over the size of the right one."""
    found = []
    for k in question.wrong:
        got, want = question.got[k], question.want[k]
        size = np.max(np.abs(want))
        gap = np.max(np.abs(got - want)) / size if size else np.inf
        found.append((float(gap), float(np.max(np.abs(got)) / size) if size else np.inf))
    return found


def in_words(factor: float) -> str:
    """A large number to two digits, with a word for its size: 210 million."""
    for size, word in ((1e9, "billion"), (1e6, "million"), (1e3, "thousand")):
        if size <= factor < 1e3 * size:
            return f"about {float(f'{factor / size:.2g}'):g} {word}"
    return f"about {float(f'{factor:.2g}'):g}" if factor < 1e3 else "more than a thousand billion"
