"""The notebooks as the title page shows them: a map whose boxes are links, and cards."""

import html
import json
import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from trpo_np.classroom.notebook_00 import ARROWS, BEYOND, PLACES, SHORT

UNIT = 128, 84  #: of the places of the map, in pixels
BOX = 96, 54
#: A row of the list in notebook 00: a link and the question that the notebook answers.
QUESTION = re.compile(r"^\| \[[^]]*\]\((\d\d_\w+)\.ipynb\) \| (.+?) \|$", re.MULTILINE)


def texts(path: Path) -> str:
    """All that stands in a notebook's cells of text."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")


def notebooks(folder: Path) -> dict[str, tuple[str, str]]:
    """name -> (title, the question it answers, if 00 has one), in their order."""
    paths = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    questions = dict(QUESTION.findall(texts(paths[0])))
    title = {path.stem: re.search(r"^# (.+)$", texts(path), re.MULTILINE)[1] for path in paths}
    return {name: (title[name], questions.get(name, "")) for name in title}


class CourseMap(SphinxDirective):
    """The map of notebook 00 as a picture of links."""

    def run(self) -> list[nodes.Node]:
        pages = {name[:2]: name for name in notebooks(Path(self.env.srcdir))}
        return [nodes.raw("", drawing(pages), format="html")]


def drawing(pages: dict[str, str]) -> str:
    """The map as SVG; `pages` has the page of each number."""
    x, y = zip(*PLACES.values(), strict=True)
    places = {
        name[:2]: ((px - min(x)) * UNIT[0] + BOX[0] / 2, (max(y) - py) * UNIT[1] + BOX[1] / 2)
        for name, (px, py) in PLACES.items()
    }
    width = (max(x) - min(x)) * UNIT[0] + BOX[0]
    height = (max(y) - min(y)) * UNIT[1] + BOX[1]
    arrows = "".join(arrow(*(places[end] for end in way.split("-"))) for way in ARROWS)
    boxes = "".join(
        box(*places[name[:2]], *name.split(" ", 1), pages[name[:2]])
        for name in PLACES
        if name[:2] in pages
    )
    head = (
        '<defs><marker id="arrowhead" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0,0 L8,4 L0,8 Z"/></marker></defs>'
    )
    return (
        '<nav class="course-map" aria-label="Map of the course">'
        f'<svg viewBox="-4 -4 {width + 8:.0f} {height + 8:.0f}">{head}{arrows}{boxes}</svg>'
        "<p>Filled: the short way. Dashed: beyond the chapter.</p></nav>"
    )


def arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    """A line from the rim of one box to that of another."""
    (x0, y0), (x1, y1) = rim(start, end), rim(end, start)
    return f'<path class="arrow" d="M{x0:.1f},{y0:.1f} L{x1:.1f},{y1:.1f}"/>'


def rim(centre: tuple[float, float], towards: tuple[float, float]) -> tuple[float, float]:
    """The point of a box's rim, with a little air, on the way to another point."""
    dx, dy = towards[0] - centre[0], towards[1] - centre[1]
    air = 5
    share = min(
        (size / 2 + air) / abs(d) if d else float("inf")
        for size, d in zip(BOX, (dx, dy), strict=True)
    )
    return centre[0] + share * dx, centre[1] + share * dy


def box(x: float, y: float, number: str, word: str, page: str) -> str:
    """A box with its two lines, as a link."""
    left, top = x - BOX[0] / 2, y - BOX[1] / 2
    kind = "short" if number in SHORT else "beyond" if number in BEYOND else "step"
    return (
        f'<a class="{kind}" href="{page}.html"><rect x="{left:.1f}" y="{top:.1f}" width="{BOX[0]}" '
        f'height="{BOX[1]}" rx="8"/><text x="{x:.1f}" y="{y - 6:.1f}" class="number">{number}'
        f'</text><text x="{x:.1f}" y="{y + 15:.1f}">{html.escape(word)}</text></a>'
    )


class CourseCards(SphinxDirective):
    """A card for every notebook after the first: its title and its question."""

    def run(self) -> list[nodes.Node]:
        _, *pages = notebooks(Path(self.env.srcdir)).items()
        cards = "".join(
            f":::{{grid-item-card}} {title}\n:link: {name}\n:link-type: doc\n\n{question}\n:::\n"
            for name, (title, question) in pages
        )
        return self.parse_text_to_nodes(f"::::{{grid}} 1 2 2 3\n:gutter: 2\n\n{cards}::::\n")


def setup(app: Sphinx) -> dict:
    app.add_directive("course-map", CourseMap)
    app.add_directive("course-cards", CourseCards)
    return {"version": "1", "parallel_read_safe": True}
