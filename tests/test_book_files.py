"""The built book as files: links lead somewhere, pictures have words, it is small enough."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parent.parent
NOTEBOOKS = ROOT / "notebooks"
BUILD = NOTEBOOKS / "book" / "_build"
SITE = BUILD / "html"
PAGES = [path for path in sorted(SITE.rglob("*.html")) if not {"_static", "lite"} & {*path.parts}]
NAMES = [path.relative_to(SITE).as_posix() for path in PAGES]
pytestmark = pytest.mark.skipif(not PAGES, reason="python notebooks/tools/book.py builds the book")


class Page(HTMLParser):
    """What a page links to, where links may land, and its pictures."""

    def __init__(self, text):
        super().__init__()
        self.links, self.loads, self.places, self.pictures = [], [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.places |= {found.get("id"), found.get("name")} - {None}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        elif tag == "link" and found.get("rel") != "canonical":
            self.loads.append(found["href"])
        elif tag in ("script", "img", "iframe") and "src" in found:
            self.loads.append(found["src"])
        elif tag == "source":
            self.loads.append(found["srcset"])
        if tag == "img":
            self.pictures.append(found)


def read(path):
    return Page(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pages():
    return {path: read(path) for path in PAGES}


def broken(pages):
    """(page, address) of every link and file of the site that leads nowhere."""
    for path, page in pages.items():
        for address in [*page.links, *page.loads]:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc or address == "#":
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            place = unquote(parts.fragment)
            known = not place or place in (pages[target].places if target in pages else ())
            if not target.is_file() or not known:
                yield path.name, address


def test_links_lead_to_a_page_and_a_place_on_it(pages):
    assert not list(broken(pages))


def test_nothing_is_loaded_from_elsewhere(pages):
    for path, page in pages.items():
        assert not [a for a in page.loads if urlsplit(a).netloc or a.startswith("http")], path


def test_every_notebook_has_its_page_open_and_solved():
    for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"):
        assert {f"{path.stem}.html", f"solutions/{path.stem}.html"} <= set(NAMES)


def test_every_picture_of_a_notebook_is_there_with_its_words(pages):
    """The alt texts of a page are its notebook's, in their order; dark twins say the same."""
    for path in [*NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"), *NOTEBOOKS.glob("solutions/*.ipynb")]:
        outputs = [
            "".join(output.get("data", {}).get("text/html", ""))
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
            for output in cell.get("outputs", [])
        ]
        wanted = [p["alt"] for p in Page("".join(outputs)).pictures]
        page = pages[(SITE / path.relative_to(NOTEBOOKS)).with_suffix(".html")]
        shown = {True: [], False: []}
        for picture in page.pictures:
            shown["dark-picture" in picture.get("class", "")].append(picture["alt"])
        assert shown[False] == wanted, path
        assert set(shown[True]) <= set(wanted)
        assert all(len(alt) >= 40 for alt in wanted)


def test_a_page_offers_its_notebook_as_it_was_committed_but_for_the_outputs(pages):
    keys = "id", "cell_type", "source", "metadata"
    for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"):
        page = SITE / f"{path.stem}.html"
        (offered,) = {a for a in pages[page].links if a.endswith(".ipynb")}
        mine, theirs = (json.loads(p.read_text("utf-8")) for p in (path, page.parent / offered))
        cells = [[{k: c[k] for k in keys} for c in x["cells"]] for x in (mine, theirs)]
        assert cells[0] == cells[1]
        assert mine["metadata"] == theirs["metadata"]
        assert not any(c.get("outputs") for c in theirs["cells"])


def test_slides_sheets_and_homework_are_found_from_the_title_page(pages):
    sheets = {"handout.pdf", "cheat_sheet.pdf"}
    assert {"README.html", "hand_out.html"} <= set(pages[SITE / "index.html"].links)
    assert sheets | {"slides/lecture.html", "slides/lab.html"} <= set(
        pages[SITE / "hand_out.html"].links
    )
    assert sheets <= set(pages[SITE / "README.html"].links)
    for name in ("hand_out.html", "README.html"):
        assert "homework.py --seed" in re.sub("<.*?>", "", (SITE / name).read_text("utf-8"))


def test_every_equation_of_the_ledger_has_its_place_and_its_links(pages):
    ledger = (NOTEBOOKS / "equations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \((\d+)\.(\d+)\) \|.*`(\w+)\.py::(\w+)` \|$", ledger, re.MULTILINE)
    assert rows
    for chapter, number, file, test in rows:
        (stem,) = {p.stem for p in NOTEBOOKS.glob(f"{int(chapter):02}_*.ipynb")}
        page = pages[SITE / f"{stem}.html"]
        assert f"equation-{chapter}-{number}" in page.places
        assert any(a.startswith(f"tests/{file}.html#") for a in page.links), (chapter, number, test)


def test_the_solved_pages_are_not_searched():
    index = (SITE / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(index.removeprefix("Search.setIndex(").removesuffix(")"))
    titles = dict(zip(index["docnames"], index["titles"], strict=True))
    assert titles["06_fisher_vector_products"] == "06 Fisher-vector products"
    assert not [t for name, t in titles.items() if name.startswith("solutions/") and t]


def test_the_site_is_under_60_megabytes():
    assert sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file()) < 60e6


def test_the_reader_of_links_sees_a_broken_one(tmp_path):
    path = (tmp_path / "a.html").resolve()
    path.write_text('<a href="#here" id="here"><a href="#gone"><img src="b.png" alt="x">')
    assert list(broken({path: read(path)})) == [("a.html", "#gone"), ("a.html", "b.png")]
