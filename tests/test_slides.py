"""The slides are made of the notebooks, fit their screen, can be read by all, and ask no other
machine."""

import sys
import tomllib
from pathlib import Path

import pytest
from bookshelf import CHROMIUM, address, browser, opened, serious  # noqa: F401

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "notebooks" / "tools"))

import slides  # noqa: E402

LISTS = sorted(slides.DECKS.glob("*.toml"))
BUILT = pytest.mark.skipif(
    not (CHROMIUM and slides.TARGET.exists()),
    reason="python notebooks/tools/book.py builds the slides, apt-get install chromium a browser",
)
#: Whether something of the present slide is cut off, covered by another, or a formula not set.
FAULTS = """() => {
    const slide = Reveal.getCurrentSlide();
    const parts = [...slide.querySelectorAll("h1, h2, mjx-container, figure img, figcaption, pre")];
    const outside = parts.filter(part => {
        const box = part.getBoundingClientRect();
        return box.left < 0 || box.right > innerWidth || box.bottom > innerHeight - 28;
    });
    const small = [...slide.querySelectorAll("img")].filter(i => i.clientHeight < 300);
    const wide = [...slide.querySelectorAll("pre")].filter(p => p.scrollWidth > p.clientWidth);
    const unset = slide.querySelectorAll("mjx-merror, [data-mjx-error]");
    const formulas = slide.querySelectorAll(".equation:not(:has(mjx-container))");
    const all = [...outside, ...small, ...wide, ...unset, ...formulas];
    return all.map(e => e.outerHTML.slice(0, 60));
}"""


def deck(path):
    return tomllib.loads(path.read_text(encoding="utf-8"))


@BUILT
@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_every_slide_fits_and_nothing_comes_from_elsewhere(browser, address, path):
    size = {"width": 1280, "height": 720}
    with opened(browser, f"{address}/slides/{path.stem}.html", viewport=size) as page:
        assert page.evaluate("Reveal.getTotalSlides()") == len(deck(path)["slide"]) + 1
        for number in range(page.evaluate("Reveal.getTotalSlides()")):
            page.evaluate("number => Reveal.slide(number)", number)
            assert not page.evaluate(FAULTS), number
            assert not serious(page), number
        page.evaluate("Reveal.getCurrentSlide().querySelector('h2').style.width = '1400px'")
        assert page.evaluate(FAULTS)  # it would have seen it


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_every_slide_has_notes_and_a_page_has_no_address_of_another_host(path):
    assert all(slide["notes"].strip() for slide in deck(path)["slide"])
    page = slides.page(deck(path))
    assert 'src="http' not in page
    assert 'href="http' not in page


def test_what_is_not_in_a_notebook_is_refused():
    with pytest.raises(LookupError, match="0 places"):
        slides.shown("figure 04 No such caption")
    with pytest.raises(LookupError, match="not one"):
        slides.shown("code 06 def ")


def test_a_slide_of_an_exercise_keeps_its_solution_to_itself():
    assert "your code here" in slides.shown("code 06 def my_fisher_vector_product")
    assert "your code here" not in slides.shown("solution 06 def my_fisher_vector_product")
