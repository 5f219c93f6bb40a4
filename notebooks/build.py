"""Builds the notebooks from their sources, executed, for students and with solutions.

    python notebooks/build.py          # all
    python notebooks/build.py 07       # those whose name starts so

notebooks/src/*.py are jupytext percent scripts. What stands between ### BEGIN SOLUTION and
### END SOLUTION is left out of the student's notebook. Two builds give the same bytes.
"""

import os
import re
import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

HERE = Path(__file__).parent
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?### END SOLUTION\n?", re.DOTALL | re.MULTILINE)
STUB = "...  # your code here"
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
WIDGET = "application/vnd.jupyter.widget-view+json"
#: One thread, so that sums are rounded the same way whatever the number of cores.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class BuildError(Exception):
    """A cell that stops a build; the text names the notebook, the cell and the reason."""


def notebook_from(source: Path, solved: bool) -> nbformat.NotebookNode:
    """The notebook of a source file, not executed, with cell ids that depend on the place alone."""
    notebook = marked_notebook_from(source)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = solution(cell.source) if solved else exercise(cell.source)
    return notebook


def marked_notebook_from(source: Path) -> nbformat.NotebookNode:
    """The notebook of a source file, with its solutions and the marks around them."""
    notebook = jupytext.read(source)
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL})
    for number, cell in enumerate(notebook.cells):
        cell.id = f"nb{source.name[:2]}-{number:03d}"
    return notebook


def exercise(code: str) -> str:
    """The code with its solution left out; a prediction keeps the dots that it has already."""
    stub = "" if "prediction = ..." in code else rf"\1{STUB}\n"
    return SOLUTION.sub(stub, code + "\n").rstrip("\n")


def solution(code: str) -> str:
    """The code with its solution, without the marks."""
    return re.sub(r"^ *### (BEGIN|END) SOLUTION\n", "", code + "\n", flags=re.MULTILINE).rstrip(
        "\n"
    )


def execute(notebook: nbformat.NotebookNode, name: str = "notebook") -> nbformat.NotebookNode:
    """The notebook with its outputs, run from a fresh kernel; BuildError where a cell fails."""
    begun = []
    client = NotebookClient(
        notebook,
        timeout=120,
        record_timing=False,
        coalesce_streams=True,
        on_cell_start=lambda cell, cell_index: begun.append(cell),
    )
    try:
        client.execute(cwd=str(HERE), env=os.environ | ONE_THREAD)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        place = f"cell {begun[-1].id}" if begun else "before the first cell"
        raise BuildError(f"{name}, {place}: {error}") from error
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL})
    return without_widgets(notebook)


def without_widgets(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook less its widget views, which need a running kernel and have random names."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [out for out in cell.outputs if WIDGET not in out.get("data", {})]
    return notebook


def build(source: Path) -> None:
    """Writes the student's notebook and the one with solutions."""
    for folder, solved in ((HERE, False), (HERE / "solutions", True)):
        folder.mkdir(exist_ok=True)
        target = folder / f"{source.stem}.ipynb"
        name = str(target.relative_to(HERE.parent))
        notebook = execute(notebook_from(source, solved), name)
        target.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
        print(name)


def main(wanted: list[str]) -> None:
    """Builds the notebooks whose names start with one of the words, or all; exits on an error."""
    sources = [
        path
        for path in sorted((HERE / "src").glob("*.py"))
        if not wanted or path.stem.startswith(tuple(wanted))
    ]
    if not sources:
        sys.exit(f"no notebook's name starts with {' or '.join(wanted)}")
    for source in sources:
        try:
            build(source)
        except BuildError as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1:])
