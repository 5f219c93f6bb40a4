"""The check of an exercise."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from trpo_np.classroom.checks import diagnosis, predictions, shapes
from trpo_np.classroom.checks.attempts import attempt
from trpo_np.classroom.checks.cases import are_of_a_prediction, listed, names_for
from trpo_np.classroom.checks.compare import agrees, all_agree
from trpo_np.classroom.checks.conditions import Condition
from trpo_np.classroom.checks.look import LOOK
from trpo_np.classroom.checks.run import NOT_ATTEMPTED, CheckError, run


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that students give, and what to look at again."""

    answer: Callable
    says: str


@dataclass(frozen=True)
class Check:
    """Compares a student's function with the reference, and finds out how it differs.

    Called with the student's function, or with a predicted value, it prints the verdict; with
    strict=True it raises CheckError unless the answer is right. Right is what agrees with the
    reference on every case, to `tolerance` times the largest entry (in single precision to 1e-4),
    and keeps the conditions.
    """

    name: str  #: "Exercise 7.1"
    reference: Callable
    cases: Callable[[], Sequence[tuple]]  #: lists of arguments, some with names (`case`)
    mistakes: tuple[Mistake, ...]
    praise: str = ""  #: what the right answer shows, and the conditions verify
    tolerance: float = 1e-8
    conditions: tuple[Condition, ...] = ()  #: what a right answer must keep beside its numbers
    solution: Callable | None = None  #: the reference as a student would write it, for variants
    look: str = ""  #: where to look again, "(7.4)", if not at what `look.py` says
    seconds: float = 5.0  #: after which the student's code is stopped, for each case
    letters: str = ""  #: "abcd", where one of them is asked for; the reference is its place

    def __call__(self, student: object, strict: bool = False) -> None:
        verdict = self.verdict(student if callable(student) else lambda *args: student)
        if verdict is None:
            print(f"✓ {self.name}: right. {self.praise}".rstrip())
        elif strict:
            raise CheckError(f"{self.name}: {verdict}")
        elif verdict.startswith(NOT_ATTEMPTED):
            print(f"{self.name}: {verdict}")
        else:
            print(f"✗ {self.name}: {verdict}")

    @property
    def place(self) -> str:
        """The equation to look at again, or nothing."""
        return self.look or LOOK.get(self.name, "")

    def verdict(self, student: Callable) -> str | None:
        """None for a right answer; otherwise what is wrong, in words."""
        cases = listed(self.cases())
        if are_of_a_prediction(cases):
            return predictions.verdict(self, student)
        names = names_for(student, self.reference, len(cases[0]))
        result = run(student, cases, names, self.seconds)
        if result.problem:
            return result.problem
        rights = self.rights(cases)
        if all_agree(result.answers, rights, self.tolerance):
            no_mask = shapes.for_truths(result.answers, rights)
            return no_mask or self.unmet(student, cases, names)
        with np.errstate(all="ignore"):
            return diagnosis.says(diagnosis.Question(self, student, cases, names, result, rights))

    def is_right(self, answers: list, cases: Sequence[tuple]) -> bool:
        """Whether the answers to the cases agree with the reference's."""
        return all_agree(answers, self.rights(cases), self.tolerance)

    def rights(self, cases: Sequence[tuple]) -> list:
        """The reference's answers."""
        return [self.reference(*copy.deepcopy(arguments)) for arguments in cases]

    def named(self, answers: list, cases: Sequence[tuple]) -> str | None:
        """What the first mistake that gives the same answers has to say."""
        for mistake in self.mistakes:  # most disagree in the first case, and end there
            pairs = zip(answers, cases, strict=True)
            if all(
                agrees(answer, attempt(mistake.answer, case, self.seconds), self.tolerance)
                for answer, case in pairs
            ):
                return mistake.says
        return None

    def of_several(self, got: np.ndarray, want: np.ndarray) -> str:
        """What is wrong with several predicted numbers."""
        return predictions.of_several(got, want, self.tolerance)

    def unmet(self, student: Callable, cases: Sequence[tuple], names: Sequence[str]) -> str | None:
        """The sentence of the first condition that a function with right numbers breaks."""
        for condition in self.conditions:
            says = condition(student, cases, names)
            if says:
                return says
        return None


def yours(student: Callable, check: Check, otherwise: Callable | None = None) -> Callable:
    """The student's function where it passes the check, and else `otherwise`, by default the
    check's reference. It prints which. Where the student returns lists, they become arrays."""
    passes = check.verdict(student) is None
    owner = "your own" if passes else "the package's"
    print(f"From here on, {student.__name__} is {owner}.")
    return with_arrays(student, check) if passes else otherwise or check.reference


def with_arrays(student: Callable, check: Check) -> Callable:
    """The student's function, whose lists become arrays where it returns lists."""
    arguments = listed(check.cases())[0]
    if not isinstance(student(*copy.deepcopy(arguments)), list | tuple):
        return student
    return lambda *args: np.asarray(student(*args))
