"""Checks of tests: is what a student's test finds what is wrong?"""

from collections.abc import Callable
from functools import wraps
from inspect import unwrap

import numpy as np

from trpo_np.classroom import checks
from trpo_np.classroom.checks import Check, Mistake

TURNED_ROUND = "your verdict is turned round: the number must be 0 for a right program"
TOLERANCE = 1e-6  #: a test's number up to this is rounding; above, or not a number, it is a finding


def finds(test: Callable) -> Callable:
    """The function program -> 1.0 if the test's number tells that the program is wrong, else 0.0.

    None and ... of a test that is not written yet stay what they are.
    """

    @wraps(test)  # a blank is known by its source
    def found(program):
        number = test(program)
        if number is None or number is Ellipsis:
            return number
        return float(not np.all(np.abs(np.asarray(number, dtype=float)) <= TOLERANCE))

    return found


def yours(student: Callable, check: Check, otherwise: Callable) -> Callable:
    """The student's test, or program, where it passes the check, and else `otherwise`. It prints
    which."""
    judged = finds(student) if isinstance(check, CheckOfATest) else student
    chosen = checks.yours(judged, check, otherwise)
    return otherwise if chosen is otherwise else student


def examine(test: Callable, **programs: Callable) -> None:
    """Prints the number that a test gives each program; up to the tolerance it passes."""
    for name, program in programs.items():
        with np.errstate(all="ignore"):
            number = np.max(np.abs(np.asarray(test(program), dtype=float)))
        verdict = "passes" if number <= TOLERANCE else "CAUGHT"
        print(f"{name:12} {number:10.1e}   {verdict}")


class QuietCheck(Check):
    """A check of programs that divide by zero: NumPy's warnings are off."""

    def verdict(self, student: Callable) -> str | None:
        with np.errstate(all="ignore"):
            return super().verdict(student)


class CheckOfATest(QuietCheck):
    """A check whose cases are programs: the docstring of each says what it does, and the reference
    is 1.0 for the wrong ones. Called with a student's test, it judges what that finds."""

    def __call__(self, student: object, strict: bool = False) -> None:
        super().__call__(finds(student) if callable(student) else student, strict)

    def verdict(self, student: Callable) -> str | None:
        """As that of any check; where all programs are found wrong, with the number of one."""
        says = super().verdict(student)
        if says is None or not self._finds_all(student):
            return says
        right = next(program for (program,) in self.cases() if not self.reference(program))
        number = np.asarray(unwrap(student)(right), dtype=float)
        return says + (f" (A right one gets {number:.3g} from it.)" if number.ndim == 0 else "")

    def _finds_all(self, student: Callable) -> bool:
        try:
            with np.errstate(all="ignore"):
                return all(student(program) == 1.0 for (program,) in self.cases())
        except Exception:  # the verdict has said so
            return False

    def _named(self, answers: list) -> str | None:
        if not all(isinstance(answer, float) and answer in (0.0, 1.0) for answer in answers):
            return None  # not those of a test
        if answers == [1 - self.reference(*case) for case in self.cases()]:
            return TURNED_ROUND
        return super()._named(answers) or self._first_misjudged(answers)

    def _first_misjudged(self, answers: list) -> str | None:
        """Which program the test misjudges."""
        for answer, (program,) in zip(answers, self.cases(), strict=True):
            if answer != self.reference(program):
                verb = "finds fault with" if answer else "lets through"
                return f"your test {verb} one of the programs, {program.__doc__}"
        return None


def check_of_a_test(
    name: str, programs: list[tuple[Callable, bool]], mistakes, praise: str
) -> CheckOfATest:
    """The check of a test that must find those programs that are marked True, and no other."""
    wrong = dict(programs)
    return CheckOfATest(
        name,
        lambda program: float(wrong[program]),
        lambda: [(program,) for program, _ in programs],
        tuple(Mistake(finds(test), says) for test, says in mistakes),
        praise,
    )
