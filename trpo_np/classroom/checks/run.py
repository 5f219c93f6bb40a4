"""Runs a student's function on the cases, and says what stopped it."""

import ast
import copy
import inspect
import textwrap
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from trpo_np.classroom.checks import errors
from trpo_np.classroom.checks.compare import numbers, same
from trpo_np.limits import TimeIsUp, within

NOT_ATTEMPTED = "not attempted yet"
BEGUN = f"{NOT_ATTEMPTED}, or not to the end: the dots are still there, and nothing is returned"
NO_RETURN = "your function returns nothing: is a return missing?"


class CheckError(AssertionError):
    """Raised by a strict check; its text is what the check would have printed."""


@dataclass
class Run:
    """What came of a student's function: its answers, or the sentence for why there are none."""

    answers: list = field(default_factory=list)
    problem: str | None = None
    warned: list[str] = field(default_factory=list)  #: NumPy's warnings, with their lines


def run(student: Callable, cases: Sequence[tuple], names: Sequence[str], seconds: float) -> Run:
    """Calls the student's function with copies of the arguments of each case."""
    result = Run()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result.problem = _problem_in(student, cases, names, seconds, result.answers)
    result.warned = [errors.warned(w, student) for w in caught if errors.is_of(w, student)]
    return result


def _problem_in(student, cases, names, seconds, answers) -> str | None:
    for arguments in cases:
        given = copy.deepcopy(arguments)
        try:
            answer = within(seconds, lambda given=given: student(*given))
        except TimeIsUp as error:
            return errors.endless(error, student, seconds)
        except Exception as error:
            return errors.sentence(error, student, len(arguments))
        answers.append(answer)
        problem = unusable(answer, student) or written(given, arguments, names)
        if problem:
            return problem
    return None


def unusable(answer: object, student: Callable) -> str | None:
    """Why an answer cannot be compared with anything, or None."""
    if answer is Ellipsis:
        return NOT_ATTEMPTED
    if answer is None:
        return nothing(student)
    if callable(answer):
        return "your function returns a function: call it on its argument"
    if numbers(answer) is None and isinstance(answer, list | tuple):
        if any(isinstance(part, str) for part in answer):
            return "the result holds text where numbers are wanted"
        shapes = " and ".join(str(np.shape(part)) for part in answer if numbers(part) is not None)
        return (
            f"the result is a {type(answer).__name__} of {len(answer)} things, a list of arrays of "
            f"different shapes {shapes}; one array is wanted"
        )
    return None


def written(given: tuple, before: tuple, names: Sequence[str]) -> str | None:
    """Which argument was changed in place, or None."""
    for name, now, then in zip(names, given, before, strict=False):
        if not same(now, then, 0.0):
            return (
                f"your code writes into an argument, `{name}`, which still belongs to the caller: "
                "`a += b` and `a[...] = b` change the array itself. Make a copy, or a new array "
                "with `a = a + b`"
            )
    return None


def nothing(student: Callable) -> str:
    """What to say to a function that returned None: blank, begun, or without its return."""
    lines = statements(student)
    if lines is None or not lines["others"]:
        return NOT_ATTEMPTED if lines is None or lines["dots"] else NO_RETURN
    return BEGUN if lines["dots_last"] else NO_RETURN


def statements(student: Callable) -> dict | None:
    """How many simple statements the function has beside dots and docstring; None if unknown."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(student))).body[-1]
    except (OSError, TypeError, SyntaxError, IndexError):
        return None
    if not isinstance(tree, ast.FunctionDef):
        return None
    simple = [n for n in ast.walk(tree) if isinstance(n, ast.stmt) and not hasattr(n, "body")]
    dots = [n for n in simple if isinstance(n, ast.Expr) and _constant(n.value) is Ellipsis]
    texts = [n for n in simple if isinstance(n, ast.Expr) and isinstance(_constant(n.value), str)]
    last = max(simple, key=lambda n: n.lineno)
    return {
        "others": len(simple) - len(dots) - len(texts),
        "dots": len(dots),
        "dots_last": last in dots,
    }


def _constant(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else None
