"""Finds out in which way a wrong answer is wrong, the surest kinds first."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from trpo_np.classroom.checks import (
    arguments,
    counts,
    factors,
    gaps,
    otherwise,
    places,
    reductions,
    relations,
    shapes,
    source,
    special,
    variants,
)
from trpo_np.classroom.checks.attempts import attempt
from trpo_np.classroom.checks.compare import agrees, numbers
from trpo_np.classroom.checks.run import Run

BUDGET = 1.3  #: seconds of processor time for all that is tried
BUSY = 3.0  #: so many times as long may it take on a machine that is busy with other things


def _clocks() -> tuple[float, float]:
    return time.process_time(), time.monotonic()


@dataclass
class Question:
    """A wrong answer, and all that is known of it."""

    check: object
    student: Callable
    cases: Sequence[tuple]
    names: Sequence[str]
    run: Run
    rights: list
    begun: tuple[float, float] = field(default_factory=lambda: _clocks())

    @property
    def answers(self) -> list:
        return self.run.answers

    @property
    def tolerance(self) -> float:
        return self.check.tolerance

    @property
    def solution(self) -> Callable:
        """The notebook's own solution where the check has it, else the reference."""
        return self.check.solution or self.check.reference

    @cached_property
    def got(self) -> list[np.ndarray]:
        """The answers as arrays."""
        return [numbers(answer) for answer in self.answers]

    @cached_property
    def want(self) -> list[np.ndarray]:
        """The right answers as arrays."""
        return [numbers(right) for right in self.rights]

    @cached_property
    def wrong(self) -> list[int]:
        """Which cases are answered wrongly."""
        pairs = enumerate(zip(self.answers, self.rights, strict=True))
        return [k for k, (a, b) in pairs if not agrees(a, b, self.tolerance)]

    @cached_property
    def order(self) -> list[int]:
        """All cases, those first that are answered wrongly."""
        return [*self.wrong, *(k for k in range(len(self.cases)) if k not in self.wrong)]

    def has_time(self) -> bool:
        """Whether there is time left to try something."""
        used, passed = np.subtract(_clocks(), self.begun)
        return used < BUDGET and passed < BUSY * BUDGET

    @cached_property
    def inert(self) -> list[int]:
        """The places of the arguments that do not enter the answer."""
        return arguments.inert(self)

    @cached_property
    def free(self) -> list[str]:
        """The arguments that do not enter the answer, though they enter the right one."""
        return arguments.free(self)

    @cached_property
    def some_finite(self) -> bool:
        """Whether a wrong answer holds finite numbers, so that agreement with it says something."""
        return any(np.isfinite(self.got[k]).any() for k in self.wrong)

    def is_that_of(self, function: Callable, seconds: float = 0.25) -> bool:
        """Whether a function gives the student's answers; it is tried on a wrong case first."""
        return all(self._gives(function, k, seconds) for k in self.order)

    def _gives(self, function: Callable, k: int, seconds: float) -> bool:
        answer = attempt(function, self.cases[k], seconds)
        return answer is not None and agrees(self.answers[k], answer, self.tolerance)


#: In this order; the first that has something to say is believed.
KINDS: list[Callable[[Question], str | None]] = [
    shapes.no_numbers,
    shapes.several,
    shapes.no_truths,
    reductions.reduced,
    arguments.none_enters,
    arguments.given_back,
    relations.related,
    variants.decided_otherwise,
    otherwise.changed,
    arguments.no_count_entering,
    variants.varied,
    arguments.not_entering,
    factors.multiple,
    relations.deformed,
    source.notebook_variable,
    shapes.other_shape,
    places.not_finite,
    gaps.nearly,
    places.only_there,
    counts.other_count,
    gaps.near,
    special.right_where,
    places.scattered,
]


def says(question: Question) -> str:
    """The sentence for a wrong answer."""
    answers, cases = (
        [values[k] for k in question.order] for values in (question.answers, question.cases)
    )
    named = source.early_return(question) or question.check.named(answers, cases)
    if named:
        return named
    for kind in KINDS:
        found = kind(question)
        if found:
            break
    else:
        found = gaps.size_of_gap(question)
    place = question.check.place
    stop = "" if found.endswith(("?", ".", ".)")) else "."
    return f"{found}{stop} Look again at {place}" if place else found
