"""How a wrong answer is related to the right one: a factor, a power, a term, an order."""

from collections.abc import Iterator

import numpy as np

from trpo_np.classroom.checks.cases import is_number
from trpo_np.classroom.checks.attempts import attempt
from trpo_np.classroom.checks.compare import close

FACTORS = {
    -1.0: "the sign is turned: it is minus the right result",
    2.0: "your result is twice the right one: a 2 too many, or a ½ missing",
    0.5: "your result is half the right one: a ½ too many, or a 2 missing",
    -2.0: "your result is −2 times the right one: look at the sign, and for a 2 too many",
    -0.5: "your result is −½ times the right one: look at the sign, and for a ½ too many",
    4.0: "your result is four times the right one: a 2 too many, and squared, or a ½ turned round",
    0.25: "your result is a quarter of the right one: a ½ too many, and squared, or a 2 turned round",
    2**0.5: "your result is √2 times the right one: a 2 under the root too many, or a ½ missing there",
    0.5**0.5: "your result is 1/√2 of the right one: a 2 under the root is missing, or a ½ too many",
    1 / np.log(2): "this is in bits: the logarithm is the natural one, np.log",
    1 / np.log(10): "this is with the logarithm of base 10; the natural one is np.log",
}

MAPS = [
    ("your result is the square of the right one: a root is missing, or a square too many", np.square),
    ("your result is the root of the right one: a square is missing, or a root too many", np.sqrt),
    ("your result is 1 over the right one: the fraction is upside down", lambda x: 1 / x),
    ("your result is the logarithm of the right one", np.log),
    ("your result is the exponential of the right one", np.exp),
    ("your result is the absolute value of the right one: a sign is lost", np.abs),
    ("your result is minus the absolute value of the right one: a sign is lost", lambda x: -np.abs(x)),
    ("your result is 1 minus the right one", lambda x: 1 - x),
]  # fmt: skip


def related(question) -> str | None:
    """The sentence of the first relation that holds in all cases."""
    got, want = question.got, question.want
    if not all(g.shape == w.shape for g, w in zip(got, want, strict=True)):
        return None
    if not all(np.isfinite(g).all() for g in got):
        return None
    for relation in (_zero, _factor, _mapped, _term, _order, _uniform, _affine):
        says = relation(question, got, want)
        if says:
            return says
    return None


def _evidence(arrays) -> bool:
    """Whether more than one number says it."""
    return sum(array.size for array in arrays) > 1


def _zero(question, got, want) -> str | None:
    pairs = list(zip(got, want, strict=True))
    if all(np.max(np.abs(g)) <= 1e-9 * np.max(np.abs(w)) for g, w in pairs) and np.any(want[0]):
        return "your result is 0 in every case, up to rounding; the right one is not"
    return None


def _factor(question, got, want) -> str | None:
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
    if not ratios or not _evidence(want):
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
            yield f"the number of entries of `{name}`", np.array([p.size for p in parts], float), True
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


def _mapped(question, got, want) -> str | None:
    if not _evidence(want):
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
    if _evidence(gaps) and all(np.allclose(d, first, rtol=0, atol=1e-9 * s) for d, s in zip(gaps, sizes, strict=True)):
        side = "more" if first > 0 else "less"
        return f"your result is {abs(first):.4g} {side} than the right one everywhere: a constant term"
    for i, name in enumerate(question.names):
        parts = [case[i] for case in question.cases]
        if not all(is_number(p) or isinstance(p, np.ndarray) for p in parts):
            continue
        for sign, says in ((1, "has `{}` in it once too often"), (-1, "lacks the term `{}`")):
            if all(
                np.shape(p) in ((), d.shape) and np.asarray(p).dtype.kind == "f"
                and np.allclose(d, sign * p, rtol=0, atol=1e-9 * s)
                for p, d, s in zip(parts, gaps, sizes, strict=True)
            ):  # fmt: skip
                return f"your result {says.format(name)}: it differs from the right one by just that"
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
            if all(w.shape[axis] > 2 and close(_cut(g, axis, step), _cut(w, axis, -step), 1e-9) for g, w in pairs):
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
        if all(np.ptp(g, axis=axis).max() == 0 < np.ptp(w, axis=axis).max() for g, w in zip(got, want, strict=True)):
            return f"in each {name} of your result all entries are equal: is one number written into all of it?"
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
        return "this is the right result, standardised to mean 0 and standard deviation 1; leave it as it is"
    return "this is the right result, but shifted and scaled"
