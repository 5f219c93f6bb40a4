"""The recall questions: three at the head of every notebook from 05 on, and what they say."""

import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from trpo_np.classroom.checks import NOT_ATTEMPTED, Check, recall

SOURCES = {
    path.stem[:2]: path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parents[1] / "notebooks" / "src").glob("*.py"))
}
LATER = [number for number in SOURCES if number >= "05"]
RECALLS = {
    check.name: (check, name)
    for number in LATER
    for name, check in vars(import_module(f"trpo_np.classroom.notebook_{number}")).items()
    if name.startswith("recall_") and isinstance(check, Check)
}
each = pytest.mark.parametrize("check", [c for c, _ in RECALLS.values()], ids=RECALLS)


def cells(number):
    """The notebook's cells as (is it text, what stands in it)."""
    parts = re.split(r"(?m)^# %%", SOURCES[number])[1:]
    return [(part.startswith(" [markdown]"), part.split("\n", 1)[1]) for part in parts]


def question(name):
    """The text cell of a recall question and the code cell below it."""
    pages = cells(re.search(r"\d+", name)[0].zfill(2))
    (place,) = [i for i, (text, page) in enumerate(pages) if text and f"**{name}**" in page]
    return pages[place][1], pages[place + 1][1]


@pytest.mark.parametrize("number", LATER)
def test_three_open_the_notebook_straight_below_its_imports(number):
    pages = cells(number)
    first = next(i for i, (text, _) in enumerate(pages) if not text)
    assert re.match(r"# ## (\d+\. )?Before you begin\n", pages[first + 1][1])
    for k in (1, 2, 3):
        text, code = pages[first + 2 * k - 1][1], pages[first + 2 * k][1]
        name = f"Recall {int(number)}.{k}"
        assert f"**{name}** (notebook " in text
        assert code.startswith("recall = ...  # replace the dots by ")
        assert f"nb.{RECALLS[name][1]}(recall)" in code
    assert len(re.findall(r"\*\*Recall ", SOURCES[number])) == 3


@each
def test_the_notebooks_answer_is_right(check):
    lines = re.search(r"### BEGIN SOLUTION\nrecall = (.+)\n### END", question(check.name)[1])
    assert check.verdict(lambda: eval(lines[1], {"np": np})) is None


@each
def test_it_says_where_to_look_again_and_not_what_is_right(check):
    notebook, section = re.fullmatch(r"notebook (\d\d), section (\d+)", check.look).groups()
    assert notebook < re.search(r"\d+", check.name)[0].zfill(2)
    assert f"# ## {section}. " in SOURCES[notebook]
    assert f"(notebook {notebook})" in question(check.name)[0]
    for mistake in check.mistakes:
        says, look = mistake.says.rsplit("; look again at ", 1)
        assert look == check.look
        if check.letters:
            assert f"({check.letters[check.reference() - 1]})" not in says
        else:
            assert f"{check.reference():g}" not in re.findall(r"[\d.]*\d", says)


@each
def test_a_question_by_choice_has_its_letters_on_the_page_and_a_sentence_for_each(check):
    on_the_page = "".join(re.findall(r"^# - \(([a-z])\) ", question(check.name)[0], re.MULTILINE))
    assert on_the_page == check.letters
    if check.letters:
        places = {check.reference()} | {mistake.answer() for mistake in check.mistakes}
        assert places == set(range(1, len(check.letters) + 1))
        assert len(check.letters) >= 4


@each
@pytest.mark.parametrize(
    "value", [None, "", "forty-two", [], [[1.0]], np.nan, True, {}, np.sum, 1j]
)
def test_what_is_no_answer_gets_a_sentence_of_its_own(check, value):
    says = check.verdict(value if callable(value) else lambda: value)
    assert says not in (None, NOT_ATTEMPTED)
    assert re.search("asked for|write|your answer|your number", says)
    assert check.verdict(lambda: ...) == NOT_ATTEMPTED


@each
def test_a_wrong_number_or_letter_that_nobody_listed_is_sent_to_the_section(check):
    if check.letters:
        assert "one of the letters a to" in check.verdict(lambda: "z")
    else:
        assert check.look in check.verdict(lambda: 1.9 * check.reference() + 0.777)


CHOICE = recall(
    "X", "b", {"a": "that is a", "c": "that is c", "d": "that is d"}, look="01, 2", praise="yes"
)


@pytest.mark.parametrize(
    "value", ["b", "B", "(b)", " b) ", "b.", 2, 2.0, np.int64(2), np.array("b")]
)
def test_a_letter_may_be_given_in_any_of_its_forms(value):
    assert CHOICE.verdict(lambda: value) is None


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("a", "that is a; look again at 01, 2"),
        (4, "that is d; look again at 01, 2"),
        ("ab", "one of the letters a to d is asked for, in quotation marks; your answer is “ab”"),
        (None, "your answer is None"),
        (5, "your answer is 5"),
        (1.5, "your answer is 1.5"),
        (["b"], "and alone; your answer has the shape (1,)"),
        (True, "your answer is of type bool"),
    ],
)
def test_every_other_letter_has_its_sentence(value, says):
    assert says in CHOICE.verdict(lambda: value)
