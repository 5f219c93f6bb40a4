"""Every notebook runs from a fresh kernel, and the committed ones are what the sources give."""

import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted([*ROOT.glob("*.ipynb"), *ROOT.glob("solutions/*.ipynb")])
each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: f"{p.parent.name}/{p.stem}")


def outputs(notebook):
    for cell in notebook.cells:
        yield from cell.get("outputs", [])


@each
def test_it_runs_from_a_fresh_kernel(path):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=60).execute(cwd=str(ROOT))
    assert not [output for output in outputs(notebook) if output.output_type == "error"]


@each
def test_no_error_is_committed_and_every_exercise_has_its_verdict(path):
    notebook = nbformat.read(path, as_version=4)
    assert not [output for output in outputs(notebook) if output.output_type == "error"]
    text = "".join(output.get("text", "") for output in outputs(notebook))
    assert "✗" not in text
    assert ("not attempted yet" in text) == (path.parent == ROOT)
    assert ("✓" in text) == (path.parent != ROOT)


@each
def test_figures_have_alt_text_and_are_shown_in_no_other_way(path):
    for output in outputs(nbformat.read(path, as_version=4)):
        data = output.get("data", {})
        assert "image/png" not in data
        if "<img" in data.get("text/html", ""):
            assert len(data["text/html"].split('alt="')[1].split('"')[0]) > 40


@each
def test_committed_cells_are_those_of_the_source(path):
    pytest.importorskip("jupytext", reason="pip install -e '.[notebooks]' brings jupytext")
    sys.path.insert(0, str(ROOT))
    from build import notebook_from

    expected = notebook_from(ROOT / "src" / f"{path.stem}.py", solved=path.parent != ROOT)
    committed = nbformat.read(path, as_version=4)
    cells = lambda notebook: [(c.id, c.cell_type, c.source) for c in notebook.cells]  # noqa: E731
    assert cells(committed) == cells(expected)


def test_every_source_is_built():
    names = {path.stem for path in ROOT.glob("src/*.py")}
    assert names == {path.stem for path in ROOT.glob("*.ipynb")}
    assert names == {path.stem for path in ROOT.glob("solutions/*.ipynb")}
