"""Builds the book, a static site, from the committed notebooks; nothing is executed.

    pip install -e '.[book]'
    python notebooks/tools/book.py           # notebooks/book/_build/html

MathJax and what the slides need come from the npm registry, once, into the user's cache; the pages
load nothing from elsewhere.
"""

import shutil
import sys
from pathlib import Path

import lite
import nbformat
import npm
import slides
from sphinx.cmd.build import build_main

NOTEBOOKS = Path(__file__).parent.parent
BOOK = NOTEBOOKS / "book"
BUILD = BOOK / "_build"


def main() -> None:
    """Gathers the sources in one folder and lets Sphinx build them; warnings are errors."""
    shutil.rmtree(BUILD, ignore_errors=True)
    source = BUILD / "source"
    gather(source)
    arguments = ["-c", str(BOOK), "-d", str(BUILD / "doctrees"), "-b", "html", "-j", "auto"]
    arguments += ["-q", "-W", "--keep-going"]
    failed = build_main([*arguments, str(source), str(BUILD / "html")])
    if failed:
        sys.exit(failed)
    npm.mathjax(BUILD / "html" / "_static" / "mathjax")
    lighten(BUILD / "html")
    slides.build(BUILD / "html" / "slides")
    lite.build(BUILD / "html" / "lite")
    print(BUILD / "html" / "index.html")


def gather(target: Path) -> None:
    """Copies the pages, the notebooks and what they link to."""
    kept = shutil.ignore_patterns("src", "tools", "book", "teacher.md", ".*", "__pycache__")
    shutil.copytree(NOTEBOOKS, target, ignore=kept)
    for page in BOOK.glob("*.md"):
        shutil.copy2(page, target)


def lighten(html: Path) -> None:
    """Takes away what no reader loads; the notebooks to download have no outputs, which the pages
    show and their first run makes."""
    for unread in html.rglob("*.map"):  # for those who debug the theme
        unread.unlink()
    shutil.rmtree(html / "_static" / "locales")  # the theme's words were chosen above
    for path in (html / "_sources").rglob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        path.write_text(nbformat.writes(lite.without_outputs(notebook)), encoding="utf-8")


if __name__ == "__main__":
    main()
