"""What a reader does with the book: search, switch, follow a number, unfold, move. In Chromium."""

from bookshelf import NAMES, NEEDS, SETTLED, address, browser, opened, playwright  # noqa: F401

pytestmark = NEEDS
SEARCHED = "() => /found|matching/.test(document.querySelector('.search-summary')?.textContent)"


def test_search_finds_the_notebook_first_and_no_solved_page(browser, address):
    with opened(browser, f"{address}/search.html?q=Fisher-vector+product") as page:
        results = page.locator("#search-results ul.search li a")
        playwright.expect(results.first).to_be_visible()
        page.wait_for_function(SEARCHED)
        found = [link.get_attribute("href") for link in results.all()]
        assert any(a.startswith("06_fisher_vector_products.html") for a in found[:3]), found
        assert not [a for a in found if a.startswith("solutions/")]


def test_the_number_of_an_equation_leads_to_it_and_on_to_its_function_and_test(browser, address):
    with opened(browser, f"{address}/04_trust_region.html") as page:
        page.locator(".bd-article p a", has_text="(3.1)").first.click()
        page.wait_for_url("**/03_monotonic_improvement.html#equation-3-1")
        page.wait_for_function(SETTLED)
        playwright.expect(page.locator("#equation-3-1")).to_be_in_viewport(ratio=1)
        links = page.locator("#equation-3-1 + .equation-links a")
        assert links.all_inner_texts()[0] == "lower_bound"
        links.last.click()
        page.wait_for_url("**/tests/test_tabular.html#*")
        page.go_back()
        links.first.click()
        page.wait_for_url("**/api/trpo_np.tabular.html#trpo_np.tabular.lower_bound")
        source = page.locator("dt", has_text="lower_bound").locator("a", has_text="source")
        source.first.click()
        page.wait_for_url("**/_modules/trpo_np/tabular.html#*")


def test_dark_mode_switches_and_stays(browser, address):
    theme = "() => document.documentElement.dataset.theme"
    shade = "() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    with opened(browser, f"{address}/index.html", color_scheme="light") as page:
        assert page.evaluate(theme) == "light"
        assert min(page.evaluate(shade)) > 200
        context = "document.querySelector('canvas').getContext('2d')"
        pixel = f"() => {context}.getImageData(9, 9, 1, 1).data[0]"
        before = page.evaluate(pixel)
        page.get_by_role("button", name="Color mode").click()
        page.locator(".dropdown-item:visible", has_text="Dark").click()
        assert page.evaluate(theme) == "dark"
        assert max(page.evaluate(shade)) < 60
        page.wait_for_function(f"(before) => ({pixel})() < before - 50", arg=before)
        page.goto(f"{address}/04_trust_region.html")
        assert page.evaluate(theme) == "dark"


def test_hints_and_drawing_code_unfold_and_the_solution_is_behind_the_switch(browser, address):
    with opened(browser, f"{address}/04_trust_region.html") as page:
        hint = page.locator("details", has_text="Hint 1").first
        text = hint.locator("p").first
        playwright.expect(text).to_be_hidden()
        hint.locator("summary").first.click()
        playwright.expect(text).to_be_visible()

        code = page.locator("details.hide", has_text="nb.show_maps(plane)")
        assert not code.evaluate("e => e.open")
        code.locator("summary").click()
        playwright.expect(code.locator("pre")).to_be_visible()

        assert (
            page.locator("pre", has_text="my_natural_step(F, g, delta):").inner_text().count("...")
        )
        page.locator(".switch a").click()
        page.wait_for_url("**/solutions/04_trust_region.html")
        playwright.expect(
            page.locator("pre", has_text="s = np.linalg.solve(F, g)\n").first
        ).to_be_visible()
        page.locator(".switch a").click()
        page.wait_for_url(f"{address}/04_trust_region.html")


def test_the_keyboard_skips_to_the_text_and_sees_where_it_is(browser, address):
    with opened(browser, f"{address}/04_trust_region.html") as page:
        page.keyboard.press("Tab")
        skip = page.locator(":focus")
        assert "skip" in skip.inner_text().lower()
        skip.press("Enter")
        page.keyboard.press("Tab")
        focus = page.locator(":focus")
        assert focus.evaluate("e => e.closest('main') != null")
        assert focus.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"


def test_the_map_and_the_cards_lead_to_the_notebooks(browser, address):
    with opened(browser, f"{address}/index.html") as page:
        notebooks = [n for n in NAMES if n[:2].isdigit() and n[:2] != "00"]
        cards = page.locator(".sd-card a")
        assert [a.get_attribute("href") for a in cards.all()] == notebooks
        page.locator(".course-map a", has_text="07").click()
        page.wait_for_url("**/07_conjugate_gradient.html")


def numbers(page):
    """The table of the trust region: name of a step -> KL, L gained, J gained."""
    rows = page.locator(".numbers tbody tr").all()
    cells = [row.locator("th, td").all_inner_texts() for row in rows]
    return {name: [float(x.replace("−", "-")) for x in values] for name, *values in cells}


def test_the_trust_region_shows_the_numbers_of_notebook_04_and_moves(browser, address):
    with opened(browser, f"{address}/trust_region.html") as page:
        said = numbers(page)
        printed = page.request.get(f"{address}/04_trust_region.html").text()
        for name, values in said.items():
            assert (
                " ".join([f"{name:18}", f"{values[0]:6.3f}", *(f"{x:9.3f}" for x in values[1:])])
                in printed
            )

        rim = page.locator("path.ellipse").get_attribute("d")
        page.get_by_role("slider", name="radius δ").press("ArrowLeft")
        assert page.locator("path.ellipse").get_attribute("d") != rim
        assert numbers(page) != said

        page.get_by_role("button", name="Start again").click()
        assert numbers(page) == said
        page.get_by_role("button", name="Take the step").click()  # at once: no motion is wanted
        assert page.locator(".numbers caption").inner_text().startswith("J = −4.48")

        star, box = page.locator("path.old"), page.locator(".frame").bounding_box()
        star.hover()
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.up()
        sliders = [page.get_by_role("slider", name=name) for name in ("θ₁", "θ₂")]
        assert [
            abs(float(s.input_value()) - x) < 0.06 for s, x in zip(sliders, (0, -1.9), strict=True)
        ] == [True, True]


def test_print_leaves_the_text_alone(browser, address):
    with opened(browser, f"{address}/04_trust_region.html") as page:
        page.emulate_media(media="print")
        for chrome in (".bd-sidebar-primary", ".bd-header-article", ".switch", ".prev-next-area"):
            playwright.expect(page.locator(chrome).first).to_be_hidden()
        title = page.get_by_role("heading", level=1, name="04 The trust region")
        playwright.expect(title).to_be_visible()
