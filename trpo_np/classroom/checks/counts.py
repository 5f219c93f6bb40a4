"""How often a wrong answer calls the functions that it is given, beside the solution."""

from typing import TYPE_CHECKING

from trpo_np.classroom.checks.attempts import attempt
from trpo_np.classroom.checks.conditions import counted
from trpo_np.classroom.checks.otherwise import at

if TYPE_CHECKING:
    from trpo_np.classroom.checks.diagnosis import Question


def other_count(question: "Question") -> str | None:
    """The function among the arguments that is called more or less often than by the solution."""
    case = question.cases[question.wrong[0]]
    for i, name in enumerate(question.names):
        if callable(case[i]):
            theirs, ours = (_calls(f, case, i) for f in (question.student, question.solution))
            if theirs != ours and ours:
                more = "is it called in a place where what it gave is known?"
                less = "are the rounds too few, or do they end too early?"
                return (
                    f"your code calls `{name}` {_times(theirs)} where the solution calls it "
                    f"{_times(ours)}: {more if theirs > ours else less}"
                )
    return None


def _calls(function, case: tuple, i: int) -> int:
    log: list = []
    attempt(function, at(i, lambda given: counted(given, log))(case))
    return len(log)


def _times(count: int) -> str:
    return {0: "not once", 1: "once", 2: "twice"}.get(count, f"{count} times")
