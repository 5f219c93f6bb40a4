"""The handout says what the lecture says, and the committed PDF is that page."""

import re
import sys
import tomllib
from pathlib import Path

import pytest

pytest.importorskip("nbconvert", reason="pip install -e '.[classroom]' brings nbconvert")
sys.path.insert(0, str(Path(__file__).parent.parent / "notebooks" / "tools"))

import handout
import material
import paper

PDF = handout.PDF.read_bytes()
LECTURE = tomllib.loads((paper.TEMPLATES / "lecture.toml").read_text(encoding="utf-8"))


def test_the_committed_pdf_was_printed_from_these_sources():
    digest = re.search(r"<title>How large a step\? (\w+)</title>", handout.page())[1]
    assert digest.encode() in PDF, "python notebooks/tools/handout.py prints it anew"


def test_it_is_one_page_of_a4_of_little_weight():
    assert re.findall(rb"/Type /Pages\s+/Count (\d+)", PDF) == [b"1"]
    ((width, height),) = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)", PDF)
    assert abs(float(width) - 595) < 2
    assert abs(float(height) - 842) < 2
    assert len(PDF) < 300_000


def test_its_questions_are_asked_on_three_slides_and_answered_for_the_teacher():
    asked = [slide for slide in LECTURE["slide"] if "question" in slide]
    answers = (material.NOTEBOOKS / "teacher.md").read_text(encoding="utf-8")
    assert len(asked) == 3
    for slide in asked:
        assert slide["question"] in handout.page()
        assert f"| {slide['minutes']} |" in answers


def test_every_number_in_brackets_is_an_equation_of_the_notebooks():
    named = set(re.findall(r"\((\d+\.\d+)\)", handout.page()))
    assert len(named) >= 10
    assert named <= set(material.ledger())


def test_numbers_of_the_first_question():
    """The mean moves by 0.2; (1.4)."""
    answers = (material.NOTEBOOKS / "teacher.md").read_text(encoding="utf-8")
    small, large = (0.2**2 / (2 * sigma**2) for sigma in (0.5, 0.05))
    assert f"{small:.2f} nats and {large:.0f} nats" in answers
