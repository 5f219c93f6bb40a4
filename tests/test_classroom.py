"""The exercises' checks: they accept the reference and name each wrong answer."""

import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import trpo_np.classroom
from trpo_np.classroom.checks import NO_RETURN, NOT_ATTEMPTED, Check, CheckError
from trpo_np.classroom.museum.testing import CheckOfATest

FOLDER = Path(trpo_np.classroom.__file__).parent
CHECKS = {
    f"{path.stem}.{name}": check
    for path in sorted(FOLDER.glob("notebook_*.py"))
    for name, check in vars(import_module(f"trpo_np.classroom.{path.stem}")).items()
    if isinstance(check, Check)
}
each = pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)


@each
def test_the_reference_passes(check, capsys):
    check(check.reference, strict=True)
    assert capsys.readouterr().out.startswith(f"✓ {check.name}: right")


@each
def test_every_mistake_is_named(check, capsys):
    assert len(check.mistakes) >= 3
    assert len({mistake.says for mistake in check.mistakes}) == len(check.mistakes)
    for mistake in check.mistakes:
        check(mistake.answer)
        # of a test of the museum follows what it gave each program
        says = rf"{re.escape(mistake.says)}(; but every program [^\n]+)?(\n[^\0]+)?"
        assert re.fullmatch(f"✗ {check.name}: {says}\n", capsys.readouterr().out)
        with pytest.raises(CheckError) as failure:
            check(mistake.answer, strict=True)
        assert re.fullmatch(f"{check.name}: {says}", str(failure.value))


def stub(*args):
    """What an exercise looks like before it is touched."""
    for _ in args:
        ...  # your code here


def without_return(*args):
    """With code below the dots."""
    ...  # your code here
    args = len(args)


@each
@pytest.mark.parametrize("blank", [stub, lambda *args: ..., ...])
def test_a_blank_is_not_attempted_and_nothing_else(check, blank, capsys):
    check(blank)
    assert capsys.readouterr().out == f"{check.name}: {NOT_ATTEMPTED}\n"


@each
def test_other_wrong_answers_are_refused(check):
    wrong = {
        "shape": lambda *args: np.zeros((7, 7)),
        "size": lambda *args: 1.2345 * np.asarray(check.reference(*args)),
        "NaN": lambda *args: np.nan * np.asarray(check.reference(*args), dtype=float),
        "text": lambda *args: "forty-two",
        "error": lambda *args: 1 / 0,
    }
    if isinstance(check, CheckOfATest):
        del wrong["size"]  # 1.2345 is a finding as 1 is
    for name, answer in wrong.items():
        assert check.verdict(answer) not in (None, NOT_ATTEMPTED), name
    assert "ZeroDivisionError" in check.verdict(wrong["error"])
    assert "shape (7, 7)" in check.verdict(wrong["shape"])


def test_writing_into_an_argument_is_named():
    check = Check("X", lambda a: a + 1, lambda: [(np.zeros(3),)], ())

    def writes(a):
        a += 1
        return a

    assert "writes into an argument" in check.verdict(writes)


def test_a_missing_return_is_named():
    check = Check("X", lambda a: a + 1, lambda: [(np.zeros(3),)], ())

    def forgets(a):
        a + 1

    assert check.verdict(forgets) == NO_RETURN
    assert check.verdict(without_return) == NO_RETURN


def test_a_wrong_prediction_is_not_told_by_how_much():
    check = Check("X", lambda: 8, lambda: [()], ())
    assert check.verdict(lambda: 10) == "too large; work it out once more"
    assert check.verdict(lambda: 3) == "too small; work it out once more"


def test_a_function_or_a_ragged_list_is_no_answer():
    check = Check("X", lambda a: a + 1, lambda: [(np.zeros(3),)], ())
    assert "returns a function" in check.verdict(lambda a: np.sum)
    assert "list of arrays" in check.verdict(lambda a: [a, np.zeros((2, 2))])
    assert "1e-05 of its size" in check.verdict(lambda a: (a + 1) * (1 + 1e-5))
