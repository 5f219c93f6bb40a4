"""Prints the two-page cheat sheet, figures/cheat_sheet.pdf, from the sources of code and notebooks.

    pip install -e '.[browser,book]'    # and a Chromium: apt-get install chromium
    python notebooks/tools/cheat_sheet.py

The pseudocode is that of the code's comments, formulas and tables are the notebooks', settings the
dataclasses'. The PDF's title holds a digest of all that, by which a test sees that it is old.
"""

import hashlib
import re
import shutil
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory

import jinja2
from material import NOTEBOOKS, comments, formula, ledger, table
from nbconvert.filters import markdown2html
from PIL import Image

from trpo_np import TRPO
from trpo_np.training.settings import Settings
from trpo_np.updates.options import settings_of

ROOT = NOTEBOOKS.parent
TEMPLATES = NOTEBOOKS / "book" / "print"
PDF = ROOT / "figures" / "cheat_sheet.pdf"
#: The settings in the order in which notebook 10 says what too small and too large a value does.
ADVISED = "delta", "cg_iterations", "cg_damping", "line_search_steps", "backtrack_ratio"
ADVISED += "gamma", "lam", "batch_size"
SCALE = 0.83  #: at which the two sections fill a page each


def page() -> str:
    """The sheet as HTML, but for the place of MathJax."""
    loader = jinja2.FileSystemLoader(TEMPLATES)
    known = {"formula": formula, "says": ledger(), "line": line}
    environment = jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined)
    environment.filters["text"] = lambda text: markdown2html(text).strip()[3:-4]  # without <p>
    environment.globals |= known | {"table": table, "advice": advice(), "others": others()}
    html = environment.get_template("cheat_sheet.html").render()
    return html.replace("DIGEST", hashlib.sha256(html.encode()).hexdigest()[:16])


def line(beginning: str) -> str:
    """The line of the pseudocode that begins so, as it stands in the code."""
    trpo = comments(ROOT / "trpo_np" / "updates" / "trpo.py", "trpo_step")
    loop = comments(ROOT / "trpo_np" / "training" / "train.py", "_iterate")
    (found,) = [text.strip() for text in trpo + loop if text.strip().startswith(beginning)]
    return found


def advice() -> list[dict]:
    """The settings that notebook 10 speaks of: name, default, help, and what a wrong value does."""
    known = {setting.name: setting for kind in (TRPO, Settings) for setting in settings_of(kind)}
    rows = zip(ADVISED, table("10", "| name | value here |"), strict=True)
    return [
        {"setting": known[name], "letter": row[0], "small": row[3], "large": row[4]}
        for name, row in rows
    ]


def others() -> list:
    """All other settings of the update and of training."""
    return [s for kind in (TRPO, Settings) for s in fields(kind) if s.name not in ADVISED]


def printed(html: str, target: Path) -> None:
    """Sets the formulas and prints the page in Chromium, which asks no other machine."""
    from book import mathjax  # Sphinx and Playwright are needed to print, not to test the text
    from playwright.sync_api import sync_playwright

    with TemporaryDirectory() as folder, sync_playwright() as driver:
        for name in re.findall(r'src="(\w+)\.jpg"', html):
            picture = Image.open(ROOT / "figures" / f"{name}.png").convert("RGB")
            picture.save(Path(folder) / f"{name}.jpg", quality=88)  # a third of the size
        file = Path(folder) / "page.html"
        file.write_text(html.replace("MATHJAX", mathjax().as_uri()), encoding="utf-8")
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), chromium_sandbox=False
        )
        sheet = browser.new_page()
        sheet.goto(file.as_uri())
        sheet.evaluate("MathJax.startup.promise.then(() => document.fonts.ready)")
        sheet.pdf(path=target, prefer_css_page_size=True, print_background=True, scale=SCALE)
        browser.close()


if __name__ == "__main__":
    printed(page(), PDF)
    print(PDF)
