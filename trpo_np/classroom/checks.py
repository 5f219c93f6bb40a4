"""Checks of exercises that say which mistake was made, without giving the answer.

To add an exercise: notebooks/README.md, "How to add".
"""

import ast
import copy
import inspect
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

NOT_ATTEMPTED = "not attempted yet"
NO_RETURN = "your function returns nothing: is a return missing?"


class CheckError(AssertionError):
    """Raised by a strict check; its text is what the check would have printed."""


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that students give, and what to look at again."""

    answer: Callable
    says: str


@dataclass(frozen=True)
class Check:
    """Compares a student's function with the reference, and with the usual mistakes.

    Called with the student's function, or with a predicted value, it prints the verdict; with
    strict=True it raises CheckError unless the answer is right.
    """

    name: str  #: "Exercise 7.1"
    reference: Callable
    cases: Callable[[], Sequence[tuple]]  #: lists of arguments
    mistakes: tuple[Mistake, ...]
    praise: str = ""  #: what the right answer shows
    tolerance: float = 1e-8

    def __call__(self, student: object, strict: bool = False) -> None:
        verdict = self.verdict(student if callable(student) else lambda *args: student)
        if verdict is None:
            print(f"✓ {self.name}: right. {self.praise}".rstrip())
        elif strict:
            raise CheckError(f"{self.name}: {verdict}")
        elif verdict == NOT_ATTEMPTED:
            print(f"{self.name}: {NOT_ATTEMPTED}")
        else:
            print(f"✗ {self.name}: {verdict}")

    def verdict(self, student: Callable) -> str | None:
        """None for a right answer; otherwise what is wrong, in words."""
        answers = []
        for case in self.cases():
            arguments = copy.deepcopy(case)
            try:
                answers.append(student(*arguments))
            except Exception as error:
                return f"your code stops with {type(error).__name__}: {error}"
            if answers[-1] is Ellipsis or (answers[-1] is None and _is_blank(student)):
                return NOT_ATTEMPTED
            if answers[-1] is None:
                return NO_RETURN
            if callable(answers[-1]):
                return "your function returns a function: call it on its argument"
            if _ragged(answers[-1]):
                return "the result is a list of arrays of different shapes; one array is wanted"
            if not same(arguments, case, 0.0):
                return "your code writes into an argument; make a copy, or a new array"
        expected = [self.reference(*copy.deepcopy(case)) for case in self.cases()]
        if same(answers, expected, self.tolerance):
            return None
        answers = [_as_wanted(got, want) for got, want in zip(answers, expected, strict=True)]
        if same(answers, expected, self.tolerance):
            return "the numbers are right, but they are in a list; return np.array(...) of it"
        return self._named(answers) or _difference(answers, expected, predicted=case == ())

    def _named(self, answers: list) -> str | None:
        """What the first mistake that gives the same answers has to say."""
        for mistake in self.mistakes:
            wrong = [mistake.answer(*copy.deepcopy(case)) for case in self.cases()]
            if same(answers, wrong, self.tolerance):
                return mistake.says
        return None


def yours(student: Callable, check: Check, otherwise: Callable | None = None) -> Callable:
    """The student's function where it passes the check, and else `otherwise`, by default the
    check's reference. It prints which."""
    passes = check.verdict(student) is None
    owner = "your own" if passes else "the package's"
    print(f"From here on, {student.__name__} is {owner}.")
    return student if passes else otherwise or check.reference


def _is_blank(student: Callable) -> bool:
    """Whether the function still ends with the dots of an exercise, as far as its source is
    known."""
    try:
        last = ast.parse(textwrap.dedent(inspect.getsource(student))).body[-1]
        while getattr(last, "body", None):
            last = last.body[-1]
        return isinstance(last, ast.Expr) and getattr(last.value, "value", None) is Ellipsis
    except (OSError, TypeError, SyntaxError, AttributeError):
        return True


def _as_wanted(got: object, want: object) -> object:
    """A list of numbers as an array, where an array is wanted."""
    return np.asarray(got) if isinstance(got, list) and isinstance(want, np.ndarray) else got


def _ragged(answer: object) -> bool:
    """Whether NumPy cannot make one array of the answer."""
    try:
        np.shape(answer)
    except ValueError:
        return True
    return False


def same(a, b, tolerance: float) -> bool:
    """Whether two answers, or sequences of them, agree in shape and to the relative tolerance."""
    if isinstance(a, list | tuple):
        if not isinstance(b, list | tuple) or len(a) != len(b):
            return False
        return all(same(x, y, tolerance) for x, y in zip(a, b, strict=True))
    if callable(a) or callable(b):
        return True  # functions among the arguments
    try:
        a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    except (TypeError, ValueError):  # not numbers; of objects among the arguments, the kind alone
        return type(a) is type(b) and (not isinstance(a, str) or a == b)
    if a.shape != b.shape:
        return False
    size = np.max(np.abs(b), initial=0.0, where=np.isfinite(b))
    return np.allclose(a, b, rtol=0, atol=tolerance * size, equal_nan=True)


def _difference(answers: list, expected: list, predicted: bool) -> str:
    """How the first answer that differs does so: in kind, in shape or in size. Of a predicted
    number it does not say by how much, which would give it away."""
    for got, want in zip(answers, expected, strict=True):
        if not np.issubdtype(np.asarray(got).dtype, np.number):
            return f"the result is of type {type(got).__name__}, but it should be a number or array"
        if np.shape(got) != np.shape(want):
            return f"the result has shape {np.shape(got)}, but it should have {np.shape(want)}"
        if not np.isfinite(got).all():
            return (
                "the result is not finite: look for a division by 0, the log of a number ≤ 0, or "
                "the root of a negative one"
            )
        if np.size(want) == 1 and predicted:
            small, large = ("far below 0", "near to 0") if want < 0 else ("small", "large")
            return f"too {small if got < want else large}; work it out once more"
        gap = np.linalg.norm(np.subtract(got, want))
        if gap > 0 and not np.any(want):
            return "the result should be 0 in one of the cases tried, and is not"
        if gap > 0:
            relative = gap / np.linalg.norm(want)
            share = f"{relative:.1%}" if relative > 1e-3 else f"{relative:.0e} of its size"
            return f"the result is off by {share}; compare term by term"
    return "the result is not the right one"
