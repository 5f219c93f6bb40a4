"""Every notebook runs from a fresh kernel, and the committed ones are what the sources give."""

import os
import re
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from html.parser import HTMLParser
from multiprocessing import get_context
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

ROOT = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted([*ROOT.glob("*.ipynb"), *ROOT.glob("solutions/*.ipynb")])
SECONDS = 60  #: of processor time that a notebook may take; alone on a core, that is its time
PATIENCE = 4 * SECONDS  #: after which it is stopped, however busy the machine is
WIDGET = "application/vnd.jupyter.widget-view+json"
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: f"{p.parent.name}/{p.stem}")


def read(path):
    return nbformat.read(path, as_version=4)


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def errors(notebook):
    return [output for output in outputs(notebook) if output.output_type == "error"]


def printed(notebook):
    return "".join(output.get("text", "") for output in outputs(notebook))


class Page(HTMLParser):
    """The pictures of a page, as dictionaries of attributes, and the texts of its captions."""

    def __init__(self, text):
        super().__init__()
        self.images, self.captions, self._in_caption = [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.images.append(dict(attrs))
        if tag == "figcaption":
            self._in_caption = True
            self.captions.append("")

    def handle_endtag(self, tag):
        self._in_caption = self._in_caption and tag != "figcaption"

    def handle_data(self, data):
        if self._in_caption:
            self.captions[-1] += data


def figures(notebook):
    """The committed outputs that hold a picture, parsed."""
    pages = [Page(output.get("data", {}).get("text/html", "")) for output in outputs(notebook)]
    return [page for page in pages if page.images]


def executed(path):
    """The notebook as it comes out of a fresh kernel, and the kernel's processor time."""
    notebook = read(path)
    notebook.cells.append(nbformat.v4.new_code_cell("import time; print(time.process_time())"))
    end = time.monotonic() + PATIENCE
    NotebookClient(
        notebook, timeout_func=lambda cell: max(0.1, end - time.monotonic()), allow_errors=True
    ).execute(cwd=str(ROOT), env=os.environ | ONE_THREAD)
    return notebook, float(notebook.cells[-1].outputs[0].text)


@pytest.fixture(scope="module")
def runs(request):
    """path -> the future of its execution, two at once, for the paths that are asked for."""
    name = test_it_runs_from_a_fresh_kernel_in_time.__name__
    items = [item for item in request.session.items if item.name.startswith(f"{name}[")]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        paths = [item.callspec.params["path"] for item in items]
        yield {path: pool.submit(executed, path) for path in paths}
        pool.shutdown(cancel_futures=True)


@each
def test_it_runs_from_a_fresh_kernel_in_time(path, runs):
    notebook, seconds = runs[path].result()
    assert not errors(notebook)
    assert seconds < SECONDS


@each
def test_no_error_is_committed_and_every_exercise_has_its_verdict(path):
    notebook = read(path)
    assert not errors(notebook)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    exercises = len(re.findall(r"^nb\.check_\w+\(", code, re.MULTILINE))
    solved = path.parent != ROOT
    text = printed(notebook)
    assert "✗" not in text
    assert text.count("not attempted yet") == (0 if solved else exercises)
    assert text.count("✓ Exercise") == (exercises if solved else 0)


@each
def test_figures_have_alt_text_and_a_caption_and_are_shown_in_no_other_way(path):
    notebook = read(path)
    for output in outputs(notebook):
        assert not {"image/png", "image/svg+xml", WIDGET} & set(output.get("data", {}))
    for figure in figures(notebook):
        assert all(len(image.get("alt", "")) >= 40 for image in figure.images)
        assert len(figure.captions) == len(figure.images)
        assert all(caption.strip() for caption in figure.captions)


@each
def test_alt_texts_survive_the_export_to_html(path):
    notebook = read(path)
    text, _ = HTMLExporter(template_name="lab").from_notebook_node(notebook)
    exported = [image.get("alt", "") for image in Page(text).images]
    assert all(exported)
    ours = [image["alt"] for figure in figures(notebook) for image in figure.images]
    assert [alt for alt in exported if alt in ours] == ours


#: What tells where or when a notebook was built: absolute paths, dates, times, addresses in memory.
TRACES = re.compile(
    r"(?<![\w.~:/])/(?:work|tmp|home|root|usr|opt|mnt|var|Users)/\w|\b[A-Z]:\\Users"
    r"|\b20\d\d-\d\d-\d\d\b|\b\d\d:\d\d:\d\d\b|\b0x[0-9a-f]{8,}\b"
)


@each
def test_nothing_tells_where_or_when_it_was_built(path):
    notebook = read(path)
    assert set(notebook.metadata) == {"kernelspec"}
    assert not any("execution" in cell.metadata for cell in notebook.cells)
    # Pictures are left out: in their letters anything can occur.
    text = re.sub(r"base64,[^\"\\]*", "", nbformat.writes(notebook))
    assert not TRACES.findall(text)


@pytest.mark.parametrize("text", ["in /tmp/a.py", "at 0x7f12a4b3c8d0", "2026-01-31", "(/root/x)"])
def test_traces_are_found(text):
    assert TRACES.search(text)


@each
def test_committed_cells_are_those_of_the_source(path):
    pytest.importorskip("jupytext", reason="pip install -e '.[notebooks]' brings jupytext")
    sys.path.insert(0, str(ROOT))
    from build import notebook_from

    expected = notebook_from(ROOT / "src" / f"{path.stem}.py", solved=path.parent != ROOT)
    cells = lambda notebook: [(c.id, c.cell_type, c.source) for c in notebook.cells]  # noqa: E731
    assert cells(read(path)) == cells(expected)


def test_every_source_is_built():
    names = {path.stem for path in ROOT.glob("src/*.py")}
    assert names == {path.stem for path in ROOT.glob("*.ipynb")}
    assert names == {path.stem for path in ROOT.glob("solutions/*.ipynb")}
