"""Tries programs that differ from the solution in one place, and tells the kind of difference.

Only the kind is spoken of, never the code, and only where the student's answers are those of such
a program in every case.
"""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from trpo_np.classroom.checks import places
from trpo_np.classroom.checks.attempts import attempt
from trpo_np.classroom.checks.cases import argument_names
from trpo_np.classroom.checks.compare import agrees
from trpo_np.classroom.checks.kinds import DECISIONS, SPURIOUS
from trpo_np.classroom.checks.rewriting import Variant, variants_of

if TYPE_CHECKING:
    from trpo_np.classroom.checks.diagnosis import Question


def decided_otherwise(question: "Question") -> str | None:
    """A comparison or condition, where some cases are right: a number would be wrong in all."""
    return varied(question, DECISIONS) if len(question.wrong) < len(question.cases) else None


def varied(question: "Question", kinds: tuple[str, ...] = ()) -> str | None:
    """The kind of the first variant, or of the first of some kinds, that gives the answers."""
    if not question.some_finite:
        return None
    first = question.wrong[0]
    partly = len(question.wrong) < len(question.cases)
    found: dict[str, None] = {}
    for number, variant in enumerate(_variants(question.solution, question.cases[0])):
        if not question.has_time():
            break
        if (kinds and variant.kind not in kinds) or (partly and variant.kind in SPURIOUS):
            continue
        answer = _answer(question, variant, number, first)
        if answer is None or not agrees(question.answers[first], answer, question.tolerance):
            continue
        if question.is_that_of(variant.function):
            found[variant.kind] = None
            if not partly:
                break
    if len(found) != 1:  # where some cases are right, decisions may agree by chance
        return None
    return f"{_in_names(next(iter(found)), question)}{places.named_only_in(question)}"


def _in_names(kind: str, question: "Question") -> str:
    """The kind, with the student's name for an argument in the place of the solution's."""
    if "{" not in kind:
        return kind
    theirs = argument_names(question.solution, len(question.names)) or []
    found = {name: f"`{mine}`" for name, mine in zip(theirs, question.names, strict=False)}
    return re.sub(r"\{(\w+)\}", lambda match: found.get(match[1], "one variable"), kind)


_MADE: dict[Callable, tuple[list[Variant], Iterator[Variant]]] = {}


def _variants(solution: Callable, case: tuple) -> Iterator[Variant]:
    """The variants of a solution, each made when it is first asked for."""
    if solution not in _MADE:
        pairs = zip(argument_names(solution, len(case)) or [], case, strict=False)
        whole = frozenset(name for name, value in pairs if isinstance(value, int))
        _MADE[solution] = ([], variants_of(solution, whole))
    made, rest = _MADE[solution]
    yield from made
    for variant in rest:
        made.append(variant)
        yield variant


#: Answers of variants, by check, variant and case: the same check is often called again.
_ANSWERS: dict[tuple, object] = {}


def _answer(question: "Question", variant: Variant, number: int, k: int) -> object:
    key = (question.solution, number, question.check.cases, k)
    if key not in _ANSWERS:
        _ANSWERS[key] = attempt(variant.function, question.cases[k], 0.1)
    return _ANSWERS[key]
