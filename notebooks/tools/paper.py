"""Pages for paper: a template of book/print filled from the sources, and set as a PDF in Chromium.

It needs `pip install -e '.[browser,book]'` and a Chromium (apt-get install chromium). The title of
a page, and so of its PDF, holds a digest of all that is on it, by which a test sees that it is old.
"""

import hashlib
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import jinja2
import npm
from material import NOTEBOOKS, formula
from nbconvert.filters import markdown2html
from PIL import Image

FIGURES = NOTEBOOKS.parent / "figures"
TEMPLATES = NOTEBOOKS / "book" / "print"


def filled(template: str, **known: object) -> str:
    """The page as HTML, but for the place of MathJax."""
    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined)
    environment.filters["text"] = lambda text: markdown2html(text).strip()[3:-4]  # without <p>
    html = environment.get_template(template).render(formula=formula, **known)
    return html.replace("DIGEST", hashlib.sha256(html.encode()).hexdigest()[:16])


def printed(html: str, target: Path, scale: float = 1.0) -> None:
    """Sets the formulas and prints the page in Chromium, which asks no other machine."""
    from playwright.sync_api import sync_playwright  # not needed to test the text

    with TemporaryDirectory() as folder, sync_playwright() as driver:
        for name in re.findall(r'src="(\w+)\.jpg"', html):
            picture = Image.open(FIGURES / f"{name}.png").convert("RGB")
            picture.save(Path(folder) / f"{name}.jpg", quality=88)  # a third of the size
        file = Path(folder) / "page.html"
        file.write_text(
            html.replace("MATHJAX", npm.fetched(npm.MATHJAX).as_uri()), encoding="utf-8"
        )
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), chromium_sandbox=False
        )
        sheet = browser.new_page()
        sheet.goto(file.as_uri())
        sheet.evaluate("MathJax.startup.promise.then(() => document.fonts.ready)")
        sheet.pdf(path=target, prefer_css_page_size=True, print_background=True, scale=scale)
        browser.close()
