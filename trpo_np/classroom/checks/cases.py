"""The cases that a check tries, and how they are spoken of."""

import inspect
from collections.abc import Callable, Iterable, Sequence

import numpy as np


class Case(tuple):
    """The arguments of one call, with words for when it applies."""

    name: str

    def __deepcopy__(self, memo: dict) -> "Case":
        from copy import deepcopy

        return case(self.name, *deepcopy(tuple(self), memo))


def case(name: str, *arguments: object) -> Case:
    """A case with a name that goes on after "wrong": "where no candidate is acceptable"."""
    made = Case(arguments)
    made.name = name
    return made


def listed(cases: Iterable[tuple]) -> list[tuple]:
    """The cases as a list, from a sequence or a generator."""
    return list(cases)


def are_of_a_prediction(cases: Sequence[tuple]) -> bool:
    """Whether nothing is handed over: the answer is a number that was predicted."""
    return all(len(arguments) == 0 for arguments in cases)


def argument_names(function: Callable, count: int) -> list[str] | None:
    """The names of the `count` arguments, where the function has as many of its own."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return names[:count] if len(names) >= count else None


def names_for(student: Callable, reference: Callable, count: int) -> list[str]:
    """What to call the arguments: the student's names, else the reference's, else numbers."""
    names = argument_names(student, count) or argument_names(reference, count)
    return names or [f"argument {k + 1}" for k in range(count)]


def described(arguments: tuple, names: Sequence[str]) -> str:
    """Words for a case: its name, or its small numbers, or the shape of its first array."""
    if isinstance(arguments, Case):
        return arguments.name
    pairs = list(zip(names, arguments, strict=False))
    numbers = [f"{name} = {value:.4g}" for name, value in pairs if is_number(value)]
    shapes = [
        f"{name} of shape {value.shape}"
        for name, value in pairs
        if isinstance(value, np.ndarray) and value.ndim
    ]
    return "for " + ", ".join((shapes[:1] + numbers)[:4]) if shapes or numbers else ""


def number(answer: object) -> Callable[[], object]:
    """A predicted number, as the function of no arguments that returns it."""
    return lambda: answer


def is_number(value: object) -> bool:
    """Whether it is one number, and not an array, a truth value or a text."""
    number = isinstance(value, int | float | np.number) or (
        isinstance(value, np.ndarray) and value.ndim == 0
    )
    return number and not isinstance(value, bool | np.bool_)
