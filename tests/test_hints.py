"""Every exercise has three hints: where to look, the idea, a sketch; and none is the solution."""

import ast
import html
import re
import textwrap
from pathlib import Path

import numpy as np
import pytest

SOURCES = {
    path.stem[:2]: path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parents[1] / "notebooks" / "src").glob("*.py"))
}
TAGS = {label for text in SOURCES.values() for label in re.findall(r"\\tag\{([\d.]+)\}", text)}
NAMES = ("Hint 1: where to look", "Hint 2: the idea", "Hint 3: a sketch")
SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)^ *### END SOLUTION", re.DOTALL | re.MULTILINE)
LONG = 14  #: characters, without blanks, of a line that is not just anybody's
#: What has a number in it that is none of the answer: labels, sections, notebooks, exercises.
LABELS = re.compile(r"\(\d+\.\d+\)|(section|notebook|exercise|exhibit)s? [\d.]+", re.IGNORECASE)


def exercises():
    """number -> (notebook, the text of the exercise from its number on, its code cell)."""
    found = {}
    for notebook, source in SOURCES.items():
        text = ""
        for cell in re.split(r"(?m)^# %%", source)[1:]:
            if cell.startswith(" [markdown]"):
                text = re.sub(r"(?m)^# ?", "", cell)
            elif re.search(r"^nb\.check_", cell, re.MULTILINE):
                number, rest = re.findall(r"\*\*Exercise ([\d.]+\d)(.*)", text, re.DOTALL)[-1]
                found[number] = (notebook, rest, cell)
    return found


EXERCISES = exercises()
each = pytest.mark.parametrize("number", EXERCISES)


def hints(text):
    """The texts of the hints, which are nested; None if there are not these three in order."""
    opening = "".join(rf"<details><summary>{name}</summary>\n(.*?)" for name in NAMES)
    found = re.search(rf"{opening}</details></details></details>", text, re.DOTALL)
    return [html.unescape(hint) for hint in found.groups()] if found else None


def compact(code):
    """Code, or a text with code in it, without blanks and line ends, and with one kind of quote."""
    return re.sub(r"\s+", "", code).replace("'", '"')


def forbidden(solution):
    """What no hint may hold: the solution's lines and expressions, or the whole if it is short."""
    code = textwrap.dedent(solution)
    statements = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.stmt)]
    values = [node.value for node in statements if getattr(node, "value", None)]
    written = [ast.get_source_segment(code, node) for node in statements + values]
    parts = [compact(part.split(":\n")[0]) for part in written]
    return [part for part in parts if len(part) >= LONG or len(statements) == 1]


def spoiled(number, texts):
    """The parts of the solution that stand in one of the texts."""
    code = SOLUTION.search(EXERCISES[number][2])[1]
    found = {part for part in forbidden(code) for text in texts if part in compact(text)}
    answer = re.fullmatch(r"prediction = (.+)\n", code)
    value = eval(answer[1], {"np": np}) if answer else ""
    for text in texts if np.isscalar(value) and answer else ():
        plain = LABELS.sub("", text).replace("½", "0.5").replace("−", "-")
        numbers = [
            float(n) for n in re.findall(r"(?<![\d.])\d*\.?\d+", plain.replace(" 000", "000"))
        ]
        found |= {n for n in numbers if np.isclose(n, abs(value), rtol=1e-3)}
    return found


@each
def test_three_hints_in_order(number):
    text = EXERCISES[number][1]
    assert hints(text)
    assert len(re.findall("<summary>Hint", text)) == 3
    assert all(len(hint) >= 8 and "\n\n" not in hint for hint in hints(text))


@each
def test_the_first_names_an_equation_or_a_section_that_exists(number):
    notebook, text, _ = EXERCISES[number]
    where = hints(text)[0]
    labels = re.findall(r"\((\d+\.\d+)\)", where)
    where = re.sub(r"[Nn]otebook (\d\d), section (\d+)", r"section \2 of notebook \1", where)
    sections = re.findall(r"[Ss]ection (\d+)(?: of notebook (\d\d))?", where)
    assert labels or sections
    assert set(labels) <= TAGS
    assert all(f"# ## {section}. " in SOURCES[there or notebook] for section, there in sections)


@each
def test_no_hint_holds_the_solution(number):
    assert not spoiled(number, hints(EXERCISES[number][1]))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0.1", "return v @ v"),
        ("2.4", "so np.exp( log_probs_new - log_probs_old ), and"),
        ("4.3", "B.T @ F @ B"),
        ("5.5", "30 at most"),
        ("7.3", "<pre>\n    alpha = (r @ r) / (p @ Ap)\n</pre>"),
        ("9.4", "about 53.62"),
        ("5.6", "½ of it"),
    ],
)
def test_a_spoiler_is_seen(number, text):
    assert spoiled(number, ["An idea.", text])


def test_two_hints_or_another_order_are_seen():
    names = [f"<details><summary>{name}</summary>\nsome text\n" for name in NAMES]
    end = "</details></details></details>"
    assert hints("".join(names) + end) == ["some text\n"] * 3
    assert hints("".join(names[:2]) + end) is None
    assert hints("".join(names[::-1]) + end) is None
