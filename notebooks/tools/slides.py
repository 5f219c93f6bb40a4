"""Makes slides for the lecture and the lab out of the notebooks as they were committed.

    pip install -e '.[book]'
    python notebooks/tools/slides.py     # book/_build/html/slides/lecture.html and lab.html

book.py does it, too. What is on each slide, and what the teacher says to it, is in
notebooks/book/print/*.toml. A deck is one page, with reveal.js beside it and the book's MathJax,
both from the npm registry; it asks no other host.
(nbconvert's own slides would also want RequireJS, jQuery, Mermaid and MathJax 2.)
"""

import html
import re
import tomllib
from pathlib import Path

import jinja2
import nbformat
import npm
from material import NOTEBOOKS, formula
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

DECKS = NOTEBOOKS / "book" / "print"
TARGET = NOTEBOOKS / "book" / "_build" / "html" / "slides"
FORMATTER = HtmlFormatter(cssclass="code", nobackground=True)


def page(deck: dict) -> str:
    """The deck as one page; LookupError where a slide names what is not in its notebook."""
    loader = jinja2.FileSystemLoader(DECKS)
    environment = jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined)
    style = FORMATTER.get_style_defs(".code")
    template = environment.get_template("slides.html")
    return template.render(deck=deck, shown=shown, sources=sources, code_style=style)


def sources(slide: dict) -> str:
    """The notebooks that a slide is from: "notebook 04"."""
    parts = [part.split(maxsplit=2)[1] for part in slide["show"]]
    numbers = sorted({f"{int(part.split('.')[0]):02d}" for part in parts})
    return "notebook " + ", ".join(numbers)


def shown(part: str) -> str:
    """What a slide shows, "equation 4.5" or "figure 04 One TRPO update", as HTML."""
    kind, where, *what = part.split(maxsplit=2)
    if kind == "equation":
        tex = html.escape(formula(where, tag=False)).replace(r"\qquad", r"\quad")
        size = "long" if len(tex) > 200 else "short"
        return f'<div class="equation {size}">$$ {tex} $$<b>({where})</b></div>'
    if kind == "solution":
        return code(notebook(where, "solutions/"), *what)
    return {"figure": figure, "code": code}[kind](notebook(where), *what)


def notebook(number: str, folder: str = "") -> nbformat.NotebookNode:
    """The built notebook with this number, its exercises open, or that in `solutions/`."""
    (path,) = NOTEBOOKS.glob(f"{folder}{number}_*.ipynb")
    return nbformat.read(path, as_version=4)


def figure(notebook: nbformat.NotebookNode, caption: str) -> str:
    """The one figure of a notebook whose caption begins so, with its alt text."""
    pages = [
        output.get("data", {}).get("text/html", "")
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    ]
    found = [f for page in pages for f in re.findall(r"<figure.*?</figure>", page, re.DOTALL)]
    pattern = re.compile(rf"<figcaption[^>]*>{re.escape(html.escape(caption))}")
    return the_one([figure for figure in found if pattern.search(figure)], caption)


def code(notebook: nbformat.NotebookNode, line: str) -> str:
    """The one code cell of a notebook that has a line which begins so, without its check."""
    cells = [
        re.sub(r"\n+nb\.check_.*", "", cell.source)
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]
    found = [c for c in cells if re.search(rf"^{re.escape(line)}", c, re.MULTILINE)]
    return highlight(the_one(found, line), PythonLexer(), FORMATTER)


def the_one(found: list[str], wanted: str) -> str:
    """The only one of those that were found; LookupError where there is none, or are two."""
    if len(found) != 1:
        raise LookupError(f"{len(found)} places in the notebook are called {wanted!r}, not one")
    return found[0]


def build(target: Path = TARGET) -> None:
    """Writes a deck for every list of slides, and what it needs beside it."""
    npm.mathjax(target.parent / "_static" / "mathjax")  # the book's
    npm.reveal(target / "reveal")
    for path in sorted(DECKS.glob("*.toml")):
        deck = tomllib.loads(path.read_text(encoding="utf-8"))
        written = target / f"{path.stem}.html"
        written.write_text(page(deck), encoding="utf-8")
        print(written)


if __name__ == "__main__":
    build()
