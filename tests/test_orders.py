"""Checks of the order of a proof's lines: what they say, and that the page has these lines."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from trpo_np.classroom.checks import order
from trpo_np.classroom.checks.orders import Order

SOURCES = sorted((Path(__file__).parents[1] / "notebooks" / "src").glob("*.py"))
ORDERS = {
    check.name.removeprefix("Exercise "): (check, source)
    for source in SOURCES
    for check in vars(import_module(f"trpo_np.classroom.notebook_{source.stem[:2]}")).values()
    if isinstance(check, Order)
}
CHECK = order(
    "X", [3, 1, 5, 2], {(1, 3, 5, 2): "3 comes first"}, "yes", {4: "what is on its left?"}, "(1.1)"
)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([2, 5, 1, 3], "this is the way back"),
        ([2, 0, 4, 1], "numbered from 1"),
        ([1, 2, 3, 4], "the order on the page"),
        ([1, 3, 5, 2], "3 comes first"),
        ([3, 1, 4, 2], "line 4 does not follow: what is on its left? Look again"),
        ([3, 1, 5, 2, 4], "line 4 does not follow"),
        ([3, 1, 5], "4 lines belong to the proof, and your list has 3; look again at (1.1)"),
        ([3, 1, 5, 5], "line 5 stands there twice"),
        ([3, 1, 5, 6], "no line has the number 6: they have the numbers 1 to 5"),
        ([3, 1, 2, 5], "two lines that follow one another"),
        ([1, 5, 2, 3], "only line 3 stands in a wrong place"),
        ([3, 2, 5, 1], "the first is right; line 2 does not follow from line 3"),
        ([5, 3, 2, 1], "line 5 cannot be the first"),
        (3, "a list of 4 numbers is asked for"),
        ([[3, 1], [5, 2]], "a list of 4 numbers is asked for, and your"),
        ("3152", "a list of 4 numbers is asked for"),
    ],
)
def test_a_wrong_order_is_told_its_kind(value, says):
    assert says in CHECK.verdict(lambda: value)


def test_places_for_lines_are_seen():
    check = order("X", [2, 3, 1, 4], {}, "yes")
    assert "at which place each line stands" in check.verdict(lambda: [3, 1, 2, 4])


@pytest.mark.parametrize("number", ORDERS)
def test_the_page_has_as_many_lines_and_begins_with_a_first_that_rests_on_nothing(number):
    check, source = ORDERS[number]
    text = source.read_text(encoding="utf-8").split(f"**Exercise {number}")[1].split("<details")[0]
    lines = [int(k) for k in re.findall(r"(?m)^# (\d+)\. ", text)]
    right = check.reference()
    assert lines == list(range(1, len(right) + len(check.false) + 1))
    assert sorted([*right, *check.false]) == lines
    assert not re.search(rf"(?m)^# {right[0]}\. \$\\displaystyle (=|\\le)", text)
