"""Prints the one-page handout of the lecture, figures/handout.pdf.

    pip install -e '.[browser,book]'    # and a Chromium: apt-get install chromium
    python notebooks/tools/handout.py

Formulas are the notebooks'; the questions are those that book/print/lecture.toml has beside its
slides.
"""

import tomllib

from paper import FIGURES, TEMPLATES, filled, printed

PDF = FIGURES / "handout.pdf"


def page() -> str:
    """The handout as HTML."""
    lecture = tomllib.loads((TEMPLATES / "lecture.toml").read_text(encoding="utf-8"))
    asked = [slide for slide in lecture["slide"] if "question" in slide]
    return filled("handout.html", lecture=lecture, asked=asked)


if __name__ == "__main__":
    printed(page(), PDF)
    print(PDF)
