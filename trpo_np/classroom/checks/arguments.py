"""For which other arguments the answer would be right, and which do not enter it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from trpo_np.classroom.checks.attempts import attempt
from trpo_np.classroom.checks.cases import is_number
from trpo_np.classroom.checks.compare import agrees, all_agree, numbers

if TYPE_CHECKING:
    from trpo_np.classroom.checks.diagnosis import Question


def none_enters(question: "Question") -> str | None:
    """A result that is the same whatever the arguments are."""
    if not question.inert or len(question.inert) < len(question.cases[0]):
        return None
    says = "the result is the same whatever they are"
    if not any(np.any(got) for got in question.got):
        says = "the result is always 0"
    return f"no argument enters: {says}{_shape(question)}"


def not_entering(question: "Question") -> str | None:
    """Arguments that the answer does not depend on, though the right one does."""
    if not question.free:
        return None
    names = " and ".join(f"`{name}`" for name in question.free)
    verb, them = ("does", "it is") if len(question.free) == 1 else ("do", "they are")
    return f"{names} {verb} not enter: the result is the same whatever {them}{_shape(question)}"


def no_count_entering(question: "Question") -> str | None:
    """Arguments that do not enter and are no counts: said before anything is guessed."""
    values = [question.cases[0][question.names.index(name)] for name in question.free]
    return None if any(isinstance(value, int) for value in values) else not_entering(question)


def _shape(question: "Question") -> str:
    k = question.wrong[0]
    got, want = question.got[k].shape, question.want[k].shape
    return "" if got == want else f"; and it has shape {got} where {want} is wanted"


def given_back(question: "Question") -> str | None:
    """A result that is one of the arguments, as it came in."""
    for i, name in enumerate(question.names):
        parts = [case[i] for case in question.cases]
        if all(numbers(part) is not None for part in parts) and all_agree(
            question.answers, parts, 1e-9
        ):
            return f"the result is `{name}` as it came in, in every case"
    return None


def inert(question: "Question") -> list[int]:
    """The places of the arguments that change the student's answer in no case."""
    if not all(np.isfinite(got).all() for got in question.got):
        return []
    return [i for i in range(len(question.cases[0])) if not _moves(question, i)]


def _moves(question: "Question", i: int) -> bool:
    """Whether another i-th argument gives another answer, or an error, in some case."""
    for k, case in enumerate(question.cases):
        for other in perturbed(case[i]):
            answer = attempt(question.student, (*case[:i], other, *case[i + 1 :]), 1.0)
            if answer is None or not agrees(answer, question.answers[k], 1e-12):
                return True
    return False


def free(question: "Question") -> list[str]:
    """The names of those that change the right answer in some case."""
    return [question.names[i] for i in question.inert if _matters(question, i)]


def _matters(question: "Question", i: int) -> bool:
    for k, case in enumerate(question.cases):
        for other in perturbed(case[i]):
            right = attempt(question.check.reference, (*case[:i], other, *case[i + 1 :]))
            if right is not None and not agrees(right, question.rights[k], 1e-6):
                return True
    return False


def perturbed(value: object) -> Iterator[object]:
    """Other values for an argument, none for one that is no number, array or function."""
    if isinstance(value, bool | np.bool_):
        yield not value
    elif isinstance(value, int | np.integer):
        yield value + 1
        yield value - 1
        yield 3 * value + 2
    elif is_number(value):
        yield 0.83 * value + 0.01
        yield 4.7 * value + 0.3
    elif isinstance(value, np.ndarray) and value.dtype == bool:
        yield ~value
    elif isinstance(value, np.ndarray):
        waves = np.cos(np.arange(value.size).reshape(value.shape))
        yield value * (1 + 0.1 * waves) + 0.01
        yield value * (3 + waves) + 0.3
    elif isinstance(value, list) and value and isinstance(value[0], np.ndarray):
        yield [next(perturbed(part)) for part in value]
    elif callable(value):
        yield lambda *args: 0.7 * value(*args) + 0.01
        yield lambda *args: 6.0 * value(*args)
