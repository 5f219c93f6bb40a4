"""A constant or symbolic factor between a wrong answer and the right one."""

from collections.abc import Iterator

import numpy as np

from trpo_np.classroom.checks.attempts import attempt
from trpo_np.classroom.checks.cases import is_number
from trpo_np.classroom.checks.compare import close

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


def factor(question, got, want) -> str | None:
    """A factor that is the same in all cases, or a size or number of each case."""
    ratios = []
    for g, w in zip(got, want, strict=True):
        if not np.any(w):
            if np.any(g):
                return None
            continue
        ratio = np.sum(g * w) / np.sum(w * w)
        if not close(g, ratio * w, max(10 * question.tolerance, 1e-10)) or not ratio:
            return None
        ratios.append(float(ratio))
    if not ratios or not evidence(want):
        return None
    if np.ptp(ratios) < 1e-6 * abs(ratios[0]):
        if abs(ratios[0] - 1) < 1e-3:  # no factor, but something rounded
            return None
        return _constant(ratios[0])
    return _symbolic(question, ratios) if len(ratios) == len(got) else None


def _constant(ratio: float) -> str:
    for value, says in FACTORS.items():
        if abs(ratio - value) < 1e-6 * abs(value):
            return says
    return f"your result is {ratio:.4g} times the right one in every case: look at the factors"


def _symbolic(question, ratios: list[float]) -> str | None:
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
    return None


def symbols(question) -> Iterator[tuple[str, np.ndarray, bool]]:
    """Sizes and numbers among the arguments: words, the value in each case, whether a size."""
    for i, name in enumerate(question.names):
        parts = [case[i] for case in question.cases]
        if all(is_number(part) for part in parts):
            yield f"`{name}`", np.array(parts, dtype=float), False
            yield f"1 − `{name}`", 1 - np.array(parts, dtype=float), False
        elif all(isinstance(part, np.ndarray) for part in parts):
            for axis in range(min(part.ndim for part in parts)):
                sizes = np.array([part.shape[axis] for part in parts], dtype=float)
                which = "length" if parts[0].ndim == 1 else f"size of axis {axis}"
                yield f"the {which} of `{name}`", sizes, True
            yield (
                f"the number of entries of `{name}`",
                np.array([p.size for p in parts], float),
                True,
            )
        elif all(callable(part) for part in parts):
            yield from _sizes_of_results(question, i, name)


def _sizes_of_results(question, i: int, name: str) -> Iterator[tuple[str, np.ndarray, bool]]:
    """The sizes of what a function among the arguments returns to the reference."""
    shapes = []
    for case in question.cases:
        seen: list[tuple] = []

        def spy(*args, function=case[i], seen=seen):
            result = function(*args)
            seen.append(np.shape(result))
            return result

        attempt(question.check.reference, (*case[:i], spy, *case[i + 1 :]))
        shapes.append(seen[0] if seen else ())
    for axis in range(min(map(len, shapes))):
        which = "length" if len(shapes[0]) == 1 else f"size of axis {axis}"
        sizes = np.array([shape[axis] for shape in shapes], dtype=float)
        yield f"the {which} of what `{name}` returns", sizes, True


def _power(words: str, power: float, is_size: bool) -> str:
    if is_size and power == 1:
        return f"your result is too large by the factor {words}: a sum in the place of a mean?"
    if is_size and power == -1:
        return f"your result is too small by the factor {words}: a mean in the place of a sum?"
    kind = {1: "", 2: "the square of ", 0.5: "the root of "}[abs(power)]
    if power > 0:
        return f"your result has a factor {kind}{words} too many"
    return f"in your result a factor {kind}{words} is missing"
