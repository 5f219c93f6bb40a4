"""A constant or symbolic factor between a wrong answer and the right one."""

from typing import TYPE_CHECKING

import numpy as np

from trpo_np.classroom.checks.compare import close
from trpo_np.classroom.checks.symbols import symbols

if TYPE_CHECKING:
    from trpo_np.classroom.checks.diagnosis import Question

Arrays = list[np.ndarray]

SIMPLE = (2.0, 0.5, -1.0)
FACTORS = {
    -1.0: "the sign is turned: it is minus the right result",
    2.0: "your result is twice the right one: a 2 too many, or a ½ missing",
    0.5: "your result is half the right one: a ½ too many, or a 2 missing",
    -2.0: "your result is −2 times the right one: look at the sign, and for a 2 too many",
    -0.5: "your result is −½ times the right one: look at the sign, and for a ½ too many",
    4.0: "your result is four times the right one: a 2 too many, and squared, or a ½ turned round",
    0.25: "your result is a quarter of the right one: a ½ too many, and squared, or "
    "a 2 turned round",
    2**0.5: "your result is √2 times the right one: a 2 under the root too many, or a "
    "½ missing there",
    0.5**0.5: "your result is 1/√2 of the right one: a 2 under the root is missing, or "
    "a ½ too many",
    1 / np.log(2): "this is in bits: the logarithm is the natural one, np.log",
    1 / np.log(10): "this is with the logarithm of base 10; the natural one is np.log",
}


def evidence(arrays) -> bool:
    """Whether more than one number says it."""
    return sum(array.size for array in arrays) > 1


def ratios_of(question: "Question", got: Arrays, want: Arrays) -> list[float]:
    """By which number the answer to each case is the right one multiplied; empty if by none."""
    ratios = []
    for g, w in zip(got, want, strict=True):
        if not np.any(w):
            if np.any(g):
                return []
            continue
        ratio = np.sum(g * w) / np.sum(w * w)
        if not close(g, ratio * w, max(10 * question.tolerance, 1e-10)) or not ratio:
            return []
        ratios.append(float(ratio))
    return ratios


def multiple(question: "Question") -> str | None:
    """A factor that differs from case to case, and is nothing known."""
    got, want = question.got, question.want
    if not all(g.shape == w.shape and w.size > 1 for g, w in zip(got, want, strict=True)):
        return None
    ratios = ratios_of(question, got, want) if question.some_finite else []
    if len(ratios) < len(got) or np.min(np.abs(np.subtract(ratios, 1))) < 1e-3:
        return None
    numbers = ", ".join(f"{ratio:.4g}" for ratio in ratios[:3])
    return (
        f"your result is the right one times a number that differs from case to case ({numbers}): "
        "only its scale is wrong; what do you divide or multiply by?"
    )


def factor(question: "Question", got: Arrays, want: Arrays) -> str | None:
    """A factor that is the same in all cases, or a size or number of each case."""
    ratios = ratios_of(question, got, want)
    if not ratios or not evidence(want):
        return None
    if np.ptp(ratios) < max(1e-6, question.tolerance) * abs(ratios[0]):
        if abs(ratios[0] - 1) < 1e-3:  # no factor, but something rounded
            return None
        return _constant(ratios[0])
    return _symbolic(question, ratios) if len(ratios) == len(got) else None


def _constant(ratio: float) -> str:
    for value, says in FACTORS.items():
        if abs(ratio - value) < 1e-6 * abs(value):
            return says
    return f"your result is {ratio:.4g} times the right one in every case: look at the factors"


def _symbolic(question: "Question", ratios: list[float]) -> str | None:
    """A factor that differs from case to case, as a size or a number of the arguments does."""
    found = list(symbols(question))
    for words, values, is_size in found:
        if np.ptp(values) == 0 or np.any(values <= 0):
            continue
        for sign in (1, -1):
            for power in (1, -1, 2, -2, 0.5, -0.5):
                if np.allclose(ratios, sign * values**power, rtol=1e-6, atol=0):
                    turned = ", with the sign turned" if sign < 0 else ""
                    return _power(words, power, is_size) + turned
    sizes = [(words, values) for words, values, is_size in found if is_size]
    for top, a in sizes:
        for bottom, b in sizes:
            if np.ptp(a / b) > 0 and np.allclose(ratios, a / b, rtol=1e-6, atol=0):
                return f"your result is divided by {bottom}, where {top} belongs"
    for words, values, _ in found:
        for power in (1, -1, 2, -2) if np.ptp(values) > 0 and np.all(values > 0) else ():
            rest = ratios / values**power
            simple = np.min(np.abs(np.subtract(rest[0], SIMPLE))) < 1e-6
            if simple and np.ptp(rest) < 1e-6 * abs(rest[0]):
                return f"{_power(words, power, False)}, and a factor {rest[0]:.4g} is too many"
    return None


def _power(words: str, power: float, is_size: bool) -> str:
    if is_size and power == 1:
        return f"your result is too large by the factor {words}: a sum in the place of a mean?"
    if is_size and power == -1:
        return f"your result is too small by the factor {words}: a mean in the place of a sum?"
    kind = {1: "", 2: "the square of ", 0.5: "the root of "}[abs(power)]
    if power > 0:
        return f"your result has a factor {kind}{words} too many"
    return f"in your result a factor {kind}{words} is missing"
