"""The checks against answers that were written before the checks were read, and against every
change of one place in the solutions: what is accepted, refused, named. `python -m tests.net.rates`
prints the rates of the first, `python -m tests.net.changes` what is accepted of the second."""

import re
from collections import Counter

import pytest
from net import changes, equivalent
from net.harness import exercises
from net.rates import ANSWERS, judge

#: Of the wrong answers to all exercises together, the share that is told a cause or a place.
SHARE = 0.85
#: The dearest two are sampled here, every third change; the command tries them all.
SPARSE = {"10.7": 3, "11.9": 3}
each = pytest.mark.parametrize("number", ANSWERS)
KINDS: dict[str, Counter] = {}


def test_every_exercise_has_eight_wrong_and_three_right_answers():
    for number, answers in ANSWERS.items():
        assert len(answers["wrong"]) >= 8, number
        assert len(answers["right"]) >= 3, number


def test_every_exercise_has_answers():
    without = sorted(set(exercises()) - set(ANSWERS))
    if without:
        pytest.skip(f"no answers yet for the exercises {', '.join(without)}")


@each
def test_right_answers_are_accepted_and_wrong_ones_refused_and_none_misnamed(number):
    results = judge(number)
    KINDS[number] = Counter(one.kind for one in results)
    for one in results:
        assert one.kind in ("right accepted", "named", "vague"), (one.code, one.says)


def test_most_wrong_answers_are_told_a_cause_or_a_place():
    if len(KINDS) < len(ANSWERS):
        pytest.skip("runs with the test before, for all exercises")
    total = sum(KINDS.values(), Counter())
    assert total["named"] / (total["named"] + total["vague"]) >= SHARE


def reason(number, kind, line):
    """Why an accepted change is a right answer, or None."""
    if kind.startswith(equivalent.BRACKETS):
        return "the associative law"
    for numbers, pattern, why in equivalent.EQUIVALENT:
        if re.fullmatch(numbers, number) and re.search(pattern, line):
            return why
    return None


@pytest.mark.parametrize("number", [n for n in changes.programs() if n in ANSWERS])
def test_no_change_of_a_solution_is_accepted_but_equivalent_ones(number):
    found, tried = changes.survivors(number, SPARSE.get(number, 1))
    assert tried >= 15
    for variant, line in found:
        assert reason(number, variant.kind, line), (variant.kind, line)
        if number in changes.EXHIBITS:
            assert not changes.misjudged(number, variant.function), line
