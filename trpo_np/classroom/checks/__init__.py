"""Checks of exercises that say what went wrong, and never the answer.

A check is data: the reference, cases, usual mistakes with their sentences. The rest is found by
comparing: how the answer is related to the right one (relations), for which other arguments it
would be right (otherwise) and for which special ones it is (special), which change of the solution
gives it (variants), where it is wrong (places), how often it calls what it is given (counts), by
how much it is off (gaps), and what stopped the student's code (errors, limits). A number may be
asked for alone (predictions), or a letter (choices), as in the questions about earlier notebooks
(recalls).
"""

from trpo_np.classroom.checks.cases import Case, case, number
from trpo_np.classroom.checks.check import Check, Mistake, with_arrays, yours
from trpo_np.classroom.checks.compare import same
from trpo_np.classroom.checks.conditions import calls, only_at, small_arrays, uses
from trpo_np.classroom.checks.orders import order
from trpo_np.classroom.checks.recalls import recall
from trpo_np.classroom.checks.run import NO_RETURN, NOT_ATTEMPTED, CheckError

__all__ = [
    "NOT_ATTEMPTED",
    "NO_RETURN",
    "Case",
    "Check",
    "CheckError",
    "Mistake",
    "calls",
    "case",
    "number",
    "only_at",
    "order",
    "recall",
    "same",
    "small_arrays",
    "uses",
    "with_arrays",
    "yours",
]
