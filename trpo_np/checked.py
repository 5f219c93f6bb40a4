"""What a person hands in, as the arrays that the mathematics wants, or one sentence why not."""

import numpy as np

from trpo_np.errors import UsageError

Array = np.ndarray


def alone(x: object) -> object:
    """The number in an array of no dimensions; everything else stays what it is."""
    return x[()] if isinstance(x, np.ndarray) and x.ndim == 0 else x


def is_whole(x: object, least: float = -np.inf) -> bool:
    """Whether x is an integer of at least `least`, also one of NumPy's; true and false are none."""
    x = alone(x)
    return isinstance(x, int | np.integer) and not isinstance(x, bool) and x >= least


def sizes(whose: object, *numbers: object) -> None:
    """Raises UsageError, naming whose they are, unless all are integers of at least 1."""
    if not numbers or not all(is_whole(n, 1) for n in numbers):
        raise UsageError(f"{whose} is not possible: its size must be an integer of at least 1.")


def numbers(x: object, name: str) -> Array:
    """x as an array; raises UsageError, naming it, where it holds anything but numbers. What is an
    array already, autograd's too, stays as it is."""
    if not hasattr(x, "ndim"):
        try:
            x = np.asarray(x)
        except ValueError as error:
            raise UsageError(f"The {name} are no array: rows differ in length.") from error
    if x.dtype.kind not in "fiub":
        raise UsageError(f"The {name} must be numbers, but are of the type {x.dtype}.")
    return x


def vector(theta: object, P: int, name: str = "theta") -> Array:
    """theta as an array (P,); raises UsageError where it has another shape."""
    shape = np.shape(theta)
    if shape != (P,):
        raise UsageError(f"{name} has the shape {shape}: ({P},) is wanted, as init gives.")
    return numbers(theta, f"entries of {name}")


def stacked(x: object, shape: tuple[int, ...], name: str) -> Array:
    """x as an array (N, *shape); raises UsageError where it has another shape."""
    x = numbers(x, name)
    if x.ndim == 0 or x.shape[1:] != shape:
        wanted = ", ".join(["N", *map(str, shape)]) if shape else "N,"
        raise UsageError(
            f"The {name} have the shape {x.shape}: ({wanted}) is wanted, one for each state."
        )
    return x


def rows(x: object, D: int | None, name: str = "observations", least: int = 0) -> Array:
    """x as an array (N, D), whatever D is where it is None; raises UsageError where it has another
    shape, or less than `least` rows."""
    x = numbers(x, name)
    if D is not None or x.ndim != 2:
        x = stacked(x, (D or "D",), name)
    if len(x) < least:
        raise UsageError(f"There are {len(x)} {name}: at least {least} is wanted.")
    return x
