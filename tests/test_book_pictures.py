"""Pictures of the pages, light and dark, and films for those who want motion. In Chromium."""

import pytest
from bookshelf import NEEDS, address, browser, opened, playwright  # noqa: F401

pytestmark = NEEDS
FILMS = {
    "04_trust_region": "trust_region_run",
    "07_conjugate_gradient": "conjugate_gradient",
    "08_line_search": "backtracking",
}
#: The colour of the upper left corner of an image, as it lies in its file.
CORNER = """async image => {
    image.loading = "eager";
    await image.decode();
    const canvas = new OffscreenCanvas(1, 1), paint = canvas.getContext("2d");
    paint.drawImage(image, 0, 0);
    return [...paint.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_suit_the_page(browser, address, scheme):
    other = {"light": "dark", "dark": "light"}[scheme]
    with opened(browser, f"{address}/04_trust_region.html", color_scheme=scheme) as page:
        assert (
            page.locator(f".{other}-picture").count() == page.locator(f".{scheme}-picture").count()
        )
        for image in page.locator(f".{other}-picture").all():
            playwright.expect(image).to_be_hidden()
        image = page.locator(f"#trust_region .{scheme}-picture")
        playwright.expect(image).to_be_visible()
        corner = image.evaluate(CORNER)
        assert max(corner) < 60 if scheme == "dark" else min(corner) > 200


def test_on_paper_pictures_are_light(browser, address):
    with opened(browser, f"{address}/04_trust_region.html", color_scheme="dark") as page:
        page.emulate_media(media="print")
        playwright.expect(page.locator("#trust_region .light-picture")).to_be_visible()
        playwright.expect(page.locator("#trust_region .dark-picture")).to_be_hidden()


@pytest.mark.parametrize("name", FILMS)
@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_a_film_moves_or_rests_as_the_reader_asks_and_can_be_changed(
    browser, address, name, motion
):
    with opened(browser, f"{address}/{name}.html", reduced_motion=motion) as page:
        figure = page.locator(f"#{FILMS[name]}")
        image, button = figure.locator(".light-picture"), figure.get_by_role("button")
        image.scroll_into_view_if_needed()
        for moves in (motion != "reduce", motion == "reduce"):
            page.wait_for_function(
                "([image, moves]) => image.currentSrc && moves == (image.currentSrc != image.src)",
                arg=[image.element_handle(), moves],
            )
            playwright.expect(button).to_have_text("Stop the film" if moves else "Play the film")
            button.click()
