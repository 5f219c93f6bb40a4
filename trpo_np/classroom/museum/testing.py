"""Checks of tests: is what a student's test finds what is wrong?"""

import contextlib
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps

import numpy as np

from trpo_np.classroom import checks
from trpo_np.classroom.checks import Check, Mistake
from trpo_np.classroom.checks.attempts import attempt
from trpo_np.classroom.checks.cases import listed
from trpo_np.classroom.checks.compare import numbers
from trpo_np.classroom.checks.run import run

TURNED_ROUND = "your verdict is turned round: the number must be 0 for a right program"
SAME = (
    "; but every program gets exactly the same number: is a program compared with itself, or is "
    "what it returns not used?"
)
TOLERANCE = 1e-6  #: a test's number up to this is rounding; above, or not a number, it is a finding


FINEST = 1e-9  #: what still is a finding where right programs get far less, as by squares


def is_finding(number: object, limit: float = TOLERANCE) -> bool:
    """Whether a test's number tells that the program is wrong."""
    return not abs(float(number)) <= limit


def limit_of(answers: Sequence[object], wanted: Sequence[bool]) -> float:
    """Up to which number a test's result is rounding: a thousand times what right programs get."""
    right = [abs(float(number)) for number, wrong in zip(answers, wanted, strict=True) if not wrong]
    return (
        min(TOLERANCE, max(FINEST, 1e3 * max(right, default=0.0)))
        if np.isfinite(right).all()
        else TOLERANCE
    )


def yours(student: Callable, check: Check, otherwise: Callable) -> Callable:
    """The student's test, or program, where it passes the check, and else `otherwise`. It prints
    which."""
    with np.errstate(all="ignore"):  # some of the museum's programs divide by zero
        return checks.yours(student, check, otherwise)


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
        """As that of any check."""
        with np.errstate(all="ignore"):
            return super().verdict(student)


@dataclass(frozen=True)
class CheckOfATest(QuietCheck):
    """A check whose cases are programs: the docstring of each says what it does, and the reference
    is 1.0 for the wrong ones. It tells what the student's test gave each of them.

    Programs in `more` are wrong in a way that the exercise does not ask for: a test that finds
    them too is praised for it, and one that does not passes.
    """

    more: tuple[Callable, ...] = ()
    looks: Callable | None = None  #: what the calls that a test makes tell of it

    def __call__(self, student: object, strict: bool = False) -> None:
        """As that of any check, and where the test is right, what more it could find."""
        super().__call__(student, strict)
        if callable(student) and self.more and self.verdict(student) is None:
            print(self.remark(student), end="")

    def verdict(self, student: Callable) -> str | None:
        """None for a test that tells the right programs from the wrong ones."""
        with np.errstate(all="ignore"):
            cases = listed(self.cases())
            result = run(student, cases, [self._argument(student)], self.seconds)
            problem = result.problem or _no_number(result.answers)
            if problem:
                return problem
            wanted = [bool(self.reference(*case)) for case in cases]
            limit = limit_of(result.answers, wanted)
            found = [is_finding(number, limit) for number in result.answers]
            if found == wanted:
                return None
            says = self._says(student, cases, found, wanted, result.answers)
            return says + table(cases, result.answers, wanted, limit)

    def remark(self, student: Callable) -> str:
        """What a right test does not see, and was not asked to."""
        answers = [(program, attempt(student, (program,))) for program in self.more]
        passed = [p for p, number in answers if number is not None and not is_finding(number)]
        return "".join(f"  (It lets through a program {p.__doc__}.)\n" for p in passed)

    def _argument(self, student: Callable) -> str:
        return next(iter(inspect.signature(student).parameters), "program")

    def _says(self, student, cases, found, wanted, numbers) -> str:
        """The sentence for a test that misjudges some program."""
        if found == [not wrong for wrong in wanted]:
            return TURNED_ROUND
        calls = [_calls(student, program) for (program,) in cases]
        if not any(calls):
            return f"your test never calls `{self._argument(student)}`, the program"
        if self.looks and (says := self.looks(calls, wanted)):
            return says
        same = len(set(map(float, numbers))) == 1 and not np.isnan(float(numbers[0]))
        remark = SAME if same else ""
        for mistake in self.mistakes:
            if found == [is_finding(mistake.answer(program)) for (program,) in cases]:
                return mistake.says + remark
        return _first_misjudged(cases, found, wanted) + remark


def _no_number(answers: Sequence[object]) -> str | None:
    """The sentence for a test that returns something else than one number."""
    for answer in answers:
        got = numbers(answer)
        if got is None:
            return (
                f"your test returns something of type {type(answer).__name__}; a number is wanted"
            )
        if got.ndim:
            kind = "a list" if isinstance(answer, list | tuple) else "an array"
            rest = "take it out with [0]" if got.size == 1 else "the largest of their sizes, say"
            return (
                f"your test returns {kind} of shape {got.shape}, and one number is wanted: {rest}"
            )
    return None


def _calls(student: Callable, program: Callable) -> list[tuple]:
    """The calls that a test makes of a program: (arguments, result)."""
    made: list[tuple] = []

    @wraps(program)
    def remembered(*args):
        result = program(*args)
        made.append((args, result))
        return result

    with contextlib.suppress(Exception):
        student(remembered)
    return made


def _first_misjudged(cases, found, wanted) -> str:
    """Which program the test misjudges."""
    for (program,), finding, wrong in zip(cases, found, wanted, strict=True):
        if finding != wrong:
            verb = "finds fault with" if finding else "lets through"
            return f"your test {verb} one of the programs, {program.__doc__}"
    raise ValueError("no program is misjudged")


def table(
    cases: Sequence[tuple], answers: Sequence[object], wanted: Sequence[bool], limit: float
) -> str:
    """What the test gave each program, and what it should be, line by line."""
    lines = ["", "    your number   should be   program"]
    for (program,), answer, wrong in zip(cases, answers, wanted, strict=True):
        number = float(answer)
        mark = " " if is_finding(number, limit) == wrong else "✗"
        words = " ".join((program.__doc__ or "").split())
        name = f"one {words}" if words.startswith(("which", "whose", "with")) else words
        lines.append(f"  {mark} {number:<11.3g}   {'not 0' if wrong else '0':9}   {name}")
    return "\n".join(lines)


def check_of_a_test(
    name: str,
    programs: list[tuple[Callable, bool]],
    mistakes: list[tuple[Callable, str]],
    praise: str,
    more: tuple[Callable, ...] = (),
    looks: Callable | None = None,
) -> CheckOfATest:
    """The check of a test that must find those programs that are marked True, and no other."""
    wrong = dict(programs)
    return CheckOfATest(
        name,
        lambda program: float(wrong[program]),
        lambda: [(program,) for program, _ in programs],
        tuple(Mistake(test, says) for test, says in mistakes),
        praise,
        more=more,
        looks=looks,
    )
