"""Every page of the book in Chromium, offline: formulas, quiet, accessibility, a phone's width."""

import pytest
from bookshelf import NAMES, NEEDS, PHONE, address, browser, opened, serious  # noqa: F401

pytestmark = NEEDS
#: Formulas that are not set, or set with an error, and text that looks like TeX outside of code.
UNSET = r"""() => {
    const wrong = [...document.querySelectorAll(".math")]
        .filter(e => e.querySelectorAll("mjx-container").length != 1).map(e => e.textContent);
    wrong.push(...[...document.querySelectorAll("mjx-merror, [data-mjx-error]")]
        .map(e => e.textContent));
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const {parentElement, data} = walker.currentNode;
        if (parentElement.closest("pre, code, script, style, noscript, mjx-container")) continue;
        if (/\\[a-zA-Z]{2,}|\\[([]|\$\$|\$[^ $][^$]*\$/.test(data)) wrong.push(data);
    }
    return wrong;
}"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_set_quiet_accessible_and_fits_a_phone(browser, address, name):
    with opened(browser, f"{address}/{name}") as page:
        assert not page.evaluate(UNSET)
        assert not serious(page)
        page.set_viewport_size(PHONE)
        assert page.evaluate(SIDEWAYS) <= 0


KINDS = "index", "trust_region", "04_trust_region", "api/trpo_np.fisher", "equations", "search"


@pytest.mark.parametrize("name", KINDS)
def test_no_serious_fault_in_the_dark_or_on_a_phone(browser, address, name):
    for options in ({"color_scheme": "dark"}, {"viewport": PHONE}):
        with opened(browser, f"{address}/{name}.html", **options) as page:
            assert not serious(page)


def test_the_test_of_formulas_sees_raw_tex_and_an_error(browser, address):
    with opened(browser, f"{address}/04_trust_region.html") as page:
        page.evaluate("document.querySelector('.bd-article p').append('so $x$', ' and $y$ too')")
        page.evaluate("document.querySelector('.math mjx-container').remove()")
        assert len(page.evaluate(UNSET)) == 3
