"""Builds JupyterLite, in which the notebooks run in a reader's browser, as a part of the book.

    pip install -e '.[book]'
    python notebooks/tools/lite.py           # notebooks/book/_build/html/lite

book.py does it, too. The page holds JupyterLab, the notebooks without their outputs, the package,
and those wheels that Pyodide has not; Python itself with NumPy, Pillow and Matplotlib is loaded by
the reader's browser from Pyodide's own address.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat

NOTEBOOKS = Path(__file__).parent.parent
ROOT = NOTEBOOKS.parent
TARGET = NOTEBOOKS / "book" / "_build" / "html" / "lite"
#: What the package needs and Pyodide has not, or not for certain; all of it is pure Python.
PINNED = "autograd", "gymnasium", "tqdm", "ipywidgets"
UNPINNED = "cloudpickle", "farama-notifications", "typing_extensions"
#: What the notebooks read and link to.
BESIDE = "measurements", "README.md", "borrow.md", "equations.md", "references.md"
FIRST = """\
%pip install -q trpo_np ipywidgets
import trpo_np  # before gymnasium, for which it sets up this browser's Python"""


def build(target: Path = TARGET) -> None:
    """Writes the folder of the page, in place of what is there; exits where that fails."""
    with TemporaryDirectory() as name:
        work = Path(name)
        gather(work / "contents")
        fetch(work / "wheels")
        settings = work / "jupyter_lite_config.json"
        settings.write_text(json.dumps(SETTINGS), encoding="utf-8")
        run("jupyterlite_core", "build", "--config", settings, cwd=work)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(work / "out", target)
    for path in (target / "build").glob("fa-*"):  # in formats for browsers that cannot run Pyodide
        if path.suffix in (".eot", ".svg", ".ttf"):
            path.unlink()
    print(target / "lab" / "index.html")


SETTINGS = {
    "LiteBuildConfig": {
        "contents": ["contents"],
        "output_dir": "out",
        "apps": ["lab"],
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
    },
    "PipliteAddon": {"piplite_urls": ["wheels"]},
}


def gather(target: Path) -> None:
    """Copies the notebooks, each with its first cell, and what they read and link to."""
    for path in [*NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"), *NOTEBOOKS.glob("solutions/*.ipynb")]:
        copy = target / path.relative_to(NOTEBOOKS)
        copy.parent.mkdir(parents=True, exist_ok=True)
        text = nbformat.writes(prepared(nbformat.read(path, as_version=4)))
        copy.write_text(text, encoding="utf-8")
    for name in BESIDE:
        copy = shutil.copytree if (NOTEBOOKS / name).is_dir() else shutil.copy2
        copy(NOTEBOOKS / name, target / name)
    shutil.copytree(NOTEBOOKS / "measurements", target / "solutions" / "measurements")


def prepared(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook without outputs, with the cell that installs the package at the top."""
    notebook = without_outputs(notebook)
    first = nbformat.v4.new_code_cell(FIRST, id="install")
    notebook.cells = [first, *notebook.cells]
    notebook.metadata.kernelspec = {"name": "python", "display_name": "Python (Pyodide)"}
    return notebook


def without_outputs(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook as before its first run."""
    notebook = nbformat.from_dict(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def fetch(target: Path) -> None:
    """The package's wheel, and those that it needs in the versions of requirements.txt."""
    run("pip", "wheel", "-q", "--no-deps", "-w", target, ROOT, cwd=ROOT)
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    versions = dict(re.findall(r"^([\w-]+)(?:\[.*\])?==(\S+)$", text, re.MULTILINE))
    wanted = [f"{name}=={versions[name]}" for name in PINNED] + list(UNPINNED)
    pure = "--only-binary=:all:", "--platform=any", "--no-deps"
    run("pip", "download", "-q", *pure, "-d", target, *wanted, cwd=ROOT)


def run(module: str, *arguments: object, cwd: Path) -> None:
    """Runs a module of this Python; where it fails, what it said ends the build."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    build()
