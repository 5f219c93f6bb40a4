"""A student in JupyterLab: runs a notebook, answers an exercise, moves a slider. In Chromium."""

import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import nbformat
import pytest

playwright = pytest.importorskip(
    "playwright.sync_api", reason="pip install -e '.[browser]' brings Playwright"
)
CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="apt-get install chromium brings Chromium")

ROOT = Path(__file__).parent.parent / "notebooks"
WITH_EXERCISE = "06_fisher_vector_products"
WITH_SLIDER = "04_trust_region"
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
SECONDS = 120  #: for all cells of a notebook; smaller things have Playwright's 30

#: A student's answer to Exercise 6.4 that forgets the mean over the states.
WRONG = """\
def my_fisher_vector_product(jvp, metric, vjp, v):
    return vjp(metric(jvp(v)))


nb.check_fisher_vector_product(my_fisher_vector_product)"""

#: The cells of the open notebook, as JupyterLab has them: also those too far away to be drawn.
CELLS = """() => window.jupyterapp.shell.currentWidget.content.widgets.map(cell => {
    const outputs = cell.model.outputs ? cell.model.outputs.toJSON() : [];
    return {
        type: cell.model.type,
        source: cell.model.sharedModel.getSource(),
        count: cell.model.executionCount ?? null,
        errors: outputs.filter(o => o.output_type == "error").map(o => o.ename + ": " + o.evalue),
        text: outputs.map(o => [o.text ?? ""].flat().join("")).join(""),
    };
})"""
KERNEL_IS_IDLE = """() => {
    const panel = window.jupyterapp?.shell.currentWidget;
    return panel?.sessionContext?.session?.kernel?.status == "idle" && panel.content.widgets.length;
}"""
IS_OPEN = "(path) => window.jupyterapp?.shell.currentWidget?.context?.path == path"
#: Whether every code cell has its number, or one of them failed, which stops those after it.
ALL_HAVE_RUN = f"""() => {{
    const code = ({CELLS})().filter(cell => cell.type == "code" && cell.source.trim());
    const failed = code.some(cell => cell.errors.length);
    return ({KERNEL_IS_IDLE})() && (failed || code.every(cell => cell.count));
}}"""
GO_TO = """async (index) => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = index;
    await notebook.scrollToItem(index, "start");
}"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_it_answers(server, url, log, seconds=60):
    end = time.monotonic() + seconds
    while server.poll() is None and time.monotonic() < end:
        try:
            urlopen(url, timeout=5).close()
            return
        except (URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"JupyterLab does not answer:\n{log.read_text(encoding='utf-8')[-3000:]}")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of JupyterLab with its token, serving a copy of the notebooks."""
    home = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT, home / "notebooks", ignore=shutil.ignore_patterns(".*", "__pycache__"))
    port, token, log = free_port(), secrets.token_hex(16), home / "log"
    # As the README starts it, plus what a machine without a screen needs; window.jupyterapp is
    # how the test sees cells that the page has not drawn.
    command = [sys.executable, "-m", "jupyterlab", "notebooks/", "--no-browser", f"--port={port}"]
    command += [f"--IdentityProvider.token={token}", "--LabApp.expose_app_in_browser=True"]
    command += ["--allow-root"] * IS_ROOT
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    own = {name: str(home / name) for name in (*folders, "IPYTHONDIR")}
    with log.open("w", encoding="utf-8") as file:
        server = subprocess.Popen(
            command, cwd=home, env=os.environ | own, stdout=file, stderr=subprocess.STDOUT
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_it_answers(server, f"{address}/api/status?token={token}", log)
        # A workspace of its own, in which no other notebook is open.
        yield lambda name: f"{address}/lab/workspaces/{name}/tree/{name}.ipynb?token={token}"
    finally:
        server.terminate()
        server.wait(timeout=30)


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--disable-dev-shm-usage"], chromium_sandbox=not IS_ROOT
        )
        yield browser
        browser.close()


@contextmanager
def opened(browser, lab, name, tmp_path):
    """A page with the notebook, its kernel ready; where something fails, a screenshot is kept."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    try:
        page.goto(lab(name))
        page.wait_for_function(IS_OPEN, arg=f"{name}.ipynb", timeout=60_000)
        page.wait_for_function(KERNEL_IS_IDLE, timeout=60_000)
        yield page
    except BaseException as error:
        picture = tmp_path / f"{name}.png"
        page.screenshot(path=picture)
        error.add_note(f"how the page looked: {picture}")
        raise
    finally:
        page.close()


def choose(page, menu, entry):
    """Chooses an entry of a menu of JupyterLab."""
    bar = page.locator("#jp-MainMenu")
    bar.get_by_role("menuitem", name=menu, exact=True).click()
    page.locator(".lm-Menu").get_by_role("menuitem", name=entry, exact=True).click()


def run_all(page):
    """Runs all cells with fresh outputs, waits for the last one, and returns the cells."""
    choose(page, "Edit", "Clear Outputs of All Cells")
    choose(page, "Run", "Run All Cells")
    page.wait_for_function(ALL_HAVE_RUN, timeout=1000 * SECONDS)
    return page.evaluate(CELLS)


def index_of(cells, pattern):
    """The place of the one code cell whose source has the pattern."""
    found = [
        index
        for index, cell in enumerate(cells)
        if cell["type"] == "code" and re.search(pattern, cell["source"], re.MULTILINE)
    ]
    assert len(found) == 1, f"{len(found)} cells have {pattern}"
    return found[0]


def active_cell(page, index):
    """The cell, scrolled to and made active."""
    page.evaluate(GO_TO, index)
    cell = page.locator(".jp-Cell.jp-mod-active")
    playwright.expect(cell).to_be_visible()
    return cell


def write_and_run(page, index, code):
    """Writes code in place of what the cell holds, by keyboard, and runs it; returns the cell."""
    cell = active_cell(page, index)
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(code)
    assert page.evaluate(CELLS)[index]["source"] == code
    before = page.evaluate(CELLS)[index]["count"]
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        f"([index, before]) => {{ const cell = ({CELLS})()[index];"
        f"  return cell.count && cell.count != before && ({KERNEL_IS_IDLE})(); }}",
        arg=[index, before],
    )
    return cell


def assert_no_error(cells):
    errors = [(cell["source"], cell["errors"]) for cell in cells if cell["errors"]]
    assert not errors, errors


def test_a_student_runs_a_notebook_answers_wrongly_and_then_rightly(browser, lab, tmp_path):
    check = import_module("trpo_np.classroom.notebook_06").check_fisher_vector_product
    mistake = check.mistakes[0].says
    solved = nbformat.read(ROOT / "solutions" / f"{WITH_EXERCISE}.ipynb", as_version=4)
    right = next(c.source for c in solved.cells if "nb.check_fisher_vector_product(" in c.source)
    with opened(browser, lab, WITH_EXERCISE, tmp_path) as page:
        cells = run_all(page)
        assert_no_error(cells)
        exercise = index_of(cells, r"^nb\.check_fisher_vector_product\(")
        assert cells[exercise]["text"] == f"{check.name}: not attempted yet\n"

        cell = write_and_run(page, exercise, WRONG)
        output = cell.locator(".jp-OutputArea-output")
        playwright.expect(output).to_have_text(f"✗ {check.name}: {mistake}")

        cell = write_and_run(page, exercise, right)
        playwright.expect(output).to_contain_text(f"✓ {check.name}: right")

        assert_no_error(run_all(page))


def test_a_slider_moved_by_keyboard_changes_the_picture(browser, lab, tmp_path):
    pytest.importorskip("ipywidgets", reason="pip install ipywidgets brings the sliders")
    with opened(browser, lab, WITH_SLIDER, tmp_path) as page:
        cells = run_all(page)
        assert_no_error(cells)
        cell = active_cell(page, index_of(cells, r"^explore\("))
        slider = cell.get_by_role("slider").first
        playwright.expect(slider).to_be_visible()
        picture = cell.locator("figure img")
        playwright.expect(picture).to_have_count(1)
        before = picture.get_attribute("src")
        for _ in range(3):
            slider.press("ArrowRight")
        playwright.expect(picture).to_have_count(1)
        playwright.expect(picture).not_to_have_attribute("src", before)
