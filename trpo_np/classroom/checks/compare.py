"""Whether an answer is the right one, to the tolerance that its precision allows."""

from numbers import Real

import numpy as np

#: What single and half precision leave of a right result, relative to its largest entry.
SINGLE, HALF = 1e-4, 1e-2


def numbers(answer: object) -> np.ndarray | None:
    """The answer as an array of floats; None where it is no number and no array of numbers."""
    try:
        array = np.asarray(answer)
    except (TypeError, ValueError):  # a list of arrays of different shapes
        return None
    if array.dtype.kind == "O" and all(isinstance(entry, Real) for entry in array.ravel()):
        array = array.astype(float)
    if array.dtype.kind == "c" and not np.any(array.imag):
        array = array.real
    return array.astype(float) if array.dtype.kind in "biuf" else None


def precision(answer: object) -> float:
    """The relative error that the precision of the answer excuses; 0 for double."""
    dtype = np.asarray(answer).dtype
    return {np.dtype("float32"): SINGLE, np.dtype("float16"): HALF}.get(dtype, 0.0)


def close(a: np.ndarray, b: np.ndarray, tolerance: float) -> bool:
    """Whether two arrays of one shape differ by less than the tolerance times b's largest entry."""
    if a.shape != b.shape:
        return False
    size = np.max(np.abs(b), initial=0.0, where=np.isfinite(b))
    return bool(np.allclose(a, b, rtol=0, atol=tolerance * size, equal_nan=True))


def agrees(answer: object, right: object, tolerance: float) -> bool:
    """Whether an answer is the right one. Lists, single precision and 0-d arrays will do."""
    got, want = numbers(answer), numbers(right)
    if got is None or want is None:
        return got is want and same(answer, right, tolerance)
    return close(got, want, max(tolerance, precision(answer)))


def all_agree(answers: list, rights: list, tolerance: float) -> bool:
    """Whether each of the answers is the right one."""
    return all(agrees(a, b, tolerance) for a, b in zip(answers, rights, strict=True))


def same(a: object, b: object, tolerance: float) -> bool:
    """Whether two arguments, or sequences of them, agree in shape and to the tolerance."""
    if isinstance(a, list | tuple):
        if not isinstance(b, list | tuple) or len(a) != len(b):
            return False
        return all(same(x, y, tolerance) for x, y in zip(a, b, strict=True))
    if callable(a) or callable(b):
        return True  # functions among the arguments
    x, y = numbers(a), numbers(b)
    if x is None or y is None:  # of objects among the arguments, the kind alone
        return type(a) is type(b) and (not isinstance(a, str) or a == b)
    return close(x, y, tolerance)
