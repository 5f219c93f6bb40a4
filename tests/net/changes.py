"""Every change of one place in a notebook's solution, and which of them a check accepts.

python -m tests.net.changes          # what is accepted
python -m tests.net.changes 7.3      # of one exercise
"""

import ast
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from itertools import islice

import numpy as np

from trpo_np.classroom.bounded.sampling import CheckOfSampling
from trpo_np.classroom.checks.attempts import attempt
from trpo_np.classroom.checks.compare import agrees, numbers
from trpo_np.classroom.checks.rewriting import Variant, variants_of
from trpo_np.classroom.hunt.tests import CheckOfTests
from trpo_np.classroom.museum.testing import CheckOfATest, is_finding, limit_of

from .harness import Exercise, exercises, namespace_of, student, verdict

#: The pieces of notebook 10 have the checks of earlier notebooks.
AGAIN = ("10.1", "10.2", "10.3", "10.4", "10.5", "10.6")


def programs() -> list[str]:
    """The exercises in which a function is written, each check once."""
    return [n for n, e in exercises().items() if not e.predicts and n not in AGAIN]


def changed(exercise: Exercise) -> Iterator[Variant]:
    """The changes of one place."""
    solution = student(exercise, exercise.solution)
    whole = frozenset(
        name
        for name, value in zip(_arguments(exercise), exercise.check.cases()[0], strict=False)
        if isinstance(value, int)
    )
    return variants_of(solution, whole, everywhere=False)


def _arguments(exercise: Exercise) -> list[str]:
    return [a.arg for a in ast.parse(exercise.head + " pass").body[0].args.args]


@cache
def rights(number: str) -> list:
    """The reference's answers."""
    check = exercises()[number].check
    return check.rights(check.cases())


def accepted(number: str, function: Callable) -> bool:
    """Whether the check accepts the function; most are refused at their first case."""
    exercise = exercises()[number]
    check, cases = exercise.check, exercise.check.cases()
    judged = isinstance(check, CheckOfATest)
    if isinstance(check, CheckOfTests | CheckOfSampling):  # their answers are not compared
        return verdict(exercise, function) is None
    for case, right in zip(cases, rights(number), strict=True):
        answer = attempt(function, case, 0.3)
        if answer is None or (judged and not right and not _is_zero(answer)):
            return False
        if not judged and not agrees(answer, right, check.tolerance):
            return False
    return verdict(exercise, function) is None


def _is_zero(answer: object) -> bool:
    number = numbers(answer)
    return number is not None and number.ndim == 0 and not is_finding(number)


def line_of(exercise: Exercise, text: str) -> str:
    """The lines of a variant that are not the solution's."""
    solution = ast.unparse(
        ast.parse(
            exercise.head
            + "    "
            + "\n    ".join((exercise.given + exercise.solution).splitlines())
        )
    )
    before = [line.strip() for line in solution.splitlines()]
    new = [line.strip() for line in text.splitlines() if line.strip() not in before]
    return " / ".join(new) or "without " + " / ".join(
        line for line in before if line not in [t.strip() for t in text.splitlines()]
    )


def survivors(number: str, every: int = 1) -> tuple[list[tuple[Variant, str]], int]:
    """The variants that are accepted, with the changed lines, and how many were tried."""
    exercise, found, seen = exercises()[number], [], set()
    with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
        for variant in islice(changed(exercise), 0, None, every):
            text = variant.text
            if text in seen:
                continue
            seen.add(text)
            if accepted(number, variant.function):
                found.append((variant, line_of(exercise, text)))
    return found, len(seen)


#: The museum's own programs, which its checks do not have: name -> whether it is wrong.
EXHIBITS = {
    "11.1": {"cg_1": True, "cg": False, "safe_cg": False, "relative_cg": False},
    "11.4": {"accept_6": True, "accept": False},
    "11.5": {"search_7": True, "search_8": True, "search": False},
    "11.7": {"kl_11": True, "kl": False},
    "11.8": {"kl_12": True, "kl": False},
    "11.9": {"divergence_13": True, "divergence_14": False},
    "11.10": {"collect_17": True, "collect": False},
    "11.11": {"standardise_18": True, "standardise": False},
}


def misjudged(number: str, test: Callable) -> list[str]:
    """The exhibits of the museum that a test, accepted by its check, judges wrongly."""
    namespace = dict(namespace_of(number, frozenset(EXHIBITS[number]), whole=True))
    if find_spec("trpo_np.classroom.museum.fixed"):
        namespace |= vars(import_module("trpo_np.classroom.museum.fixed"))
    names = {name: wrong for name, wrong in EXHIBITS[number].items() if name in namespace}
    assert any(names.values()), f"the exhibits of {number} are not in the notebook"
    with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
        numbers = {name: test(namespace[name]) for name in names}
    limit = limit_of(list(numbers.values()), list(names.values()))
    return [name for name, wrong in names.items() if is_finding(numbers[name], limit) != wrong]


if __name__ == "__main__":
    total = 0
    for number in sys.argv[1:] or programs():
        begun = time.process_time()
        found, tried = survivors(number)
        total += tried
        print(f"{number}: {len(found)} of {tried} accepted, {time.process_time() - begun:.1f} s")
        for variant, line in found:
            print(f"    {line!r}: {variant.kind}")
    print(total)
