"""For which other arguments a wrong answer would be right."""

import copy
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from trpo_np.classroom.checks.argument_changes import CHANGES, applies
from trpo_np.classroom.checks.cases import is_number

if TYPE_CHECKING:
    from trpo_np.classroom.checks.diagnosis import Question


def changed(question: "Question") -> str | None:
    """A change of one argument, or an exchange of two, with which the answer is right."""
    if not question.some_finite:
        return None
    count = len(question.cases[0])
    for says, change in changes(question, count):

        def elsewhere(*case, change=change):
            return question.solution(*change(copy.deepcopy(case)))

        if not question.has_time():
            return None
        if question.is_that_of(elsewhere):
            return says
    return None


def changes(question: "Question", count: int) -> Iterator[tuple[str, Callable]]:
    """Sentences with the change of the arguments that they are true of."""
    names, case = question.names, question.cases[0]
    for i in range(count):
        for says, function in CHANGES:
            if applies(function, case[i]):
                yield says.format(names[i]), at(i, function)
    truths = [i for i, v in enumerate(case) if isinstance(v, np.ndarray) and v.dtype == bool]
    if len(truths) > 1:
        says = " and ".join(f"`{names[i]}`" for i in truths)
        yield (
            f"{says} have their truth values turned round: a `~` is missing or too many",
            lambda case: tuple(~v if i in truths else v for i, v in enumerate(case)),
        )
    yield from row_changes(case)
    for i in range(count):
        for j in range(count):
            if not alike(case[i], case[j]):
                continue
            a, b = names[i], names[j]
            if i < j:
                yield (
                    f"`{a}` and `{b}` are exchanged: each stands where the other belongs",
                    lambda case, i=i, j=j: tuple(
                        case[{i: j, j: i}.get(k, k)] for k in range(len(case))
                    ),
                )
            if i != j:
                yield (
                    f"`{a}` stands where `{b}` belongs",
                    instead(i, j),
                )


def row_changes(case: tuple) -> Iterator[tuple[str, Callable]]:
    """Rows that are left out of all arrays that have as many."""
    lengths = [len(value) for value in case if isinstance(value, np.ndarray) and value.ndim]
    if len(lengths) < 1 or len(set(lengths)) > 1:
        return
    for says, part in ROWS:
        yield (
            says,
            lambda case, part=part: tuple(
                value[part] if isinstance(value, np.ndarray) and value.ndim else value
                for value in case
            ),
        )


ROWS = [
    ("your result is that of the first row, or entry, alone", slice(0, 1)),
    ("your result is that of the last row, or entry, alone", slice(-1, None)),
    ("the last row, or entry, of the arguments is left out", slice(0, -1)),
    ("the first row, or entry, of the arguments is left out", slice(1, None)),
]


def alike(a: object, b: object) -> bool:
    """Whether two arguments could be mistaken for one another."""
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.shape == b.shape and a.dtype == b.dtype
    return (is_number(a) and is_number(b)) or (callable(a) and callable(b))


def instead(i: int, j: int) -> Callable:
    """The function of all arguments that puts the i-th in the place of the j-th."""
    return lambda case: (*case[:j], case[i], *case[j + 1 :])


def at(i: int, function: Callable) -> Callable:
    """The function of all arguments that changes the i-th."""
    return lambda case: (*case[:i], function(case[i]), *case[i + 1 :])
