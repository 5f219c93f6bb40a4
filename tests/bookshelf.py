"""The built book, served on the loopback interface and opened in Chromium."""

import os
import shutil
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

REASON = "pip install -e '.[browser]' brings it"
playwright = pytest.importorskip("playwright.sync_api", reason=f"Playwright: {REASON}")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason=f"axe: {REASON}")

CHROMIUM = shutil.which("chromium")
SITE = Path(__file__).parent.parent / "notebooks" / "book" / "_build" / "html"
NAMES = [path.relative_to(SITE).as_posix() for path in sorted(SITE.rglob("*.html"))]
#: What has tests of its own; and the list of sources, which Sphinx writes, one list in another.
APART = ("_static/", "slides/", "lite/", "_modules/index.html")
NAMES = [name for name in NAMES if not name.startswith(APART)]
NEEDS = [
    pytest.mark.skipif(not CHROMIUM, reason="apt-get install chromium brings Chromium"),
    pytest.mark.skipif(not NAMES, reason="python notebooks/tools/book.py builds the book"),
]
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
DESKTOP, PHONE = {"width": 1300, "height": 900}, {"width": 390, "height": 844}

SETTLED = "() => document.documentElement.dataset.settled"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def address():
    """Where the site is served, on the loopback interface."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=SITE)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--disable-dev-shm-usage"], chromium_sandbox=not IS_ROOT
        )
        yield browser
        browser.close()


@contextmanager
def opened(browser, url, **options):
    """A settled page; afterwards, nothing was complained of, and nothing asked of another host."""
    page = browser.new_page(**({"viewport": DESKTOP, "reduced_motion": "reduce"} | options))
    page.set_default_timeout(120_000)
    faults = []
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("response", lambda r: faults.append(f"{r.status} {r.url}") if r.status >= 400 else None)

    def local_only(route):
        here = urlsplit(route.request.url).hostname in ("127.0.0.1", None)
        if not here:
            faults.append(f"asked for {route.request.url}")
        route.continue_() if here else route.abort()

    page.route("**/*", local_only)
    try:
        page.goto(url)
        page.wait_for_function(SETTLED)
        yield page
        assert not faults, faults
    finally:
        page.close()


def serious(page):
    """What axe finds that keeps somebody from reading, and where."""
    options = {"resultTypes": ["violations"], "preload": False}  # it would ask for the styles anew
    found = axe.Axe().run(page, options=options).response["violations"]
    return [
        (fault["id"], [node["html"][:120] for node in fault["nodes"]][:3])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]
