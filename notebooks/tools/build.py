"""Builds the notebooks from their sources, executed, for students and with solutions.

    python notebooks/tools/build.py          # all
    python notebooks/tools/build.py 07       # those whose name starts so

notebooks/src/*.py are jupytext percent scripts. What stands between ### BEGIN SOLUTION and
### END SOLUTION is left out of the student's notebook. A cell tagged "hide-input" is folded. Links
to the notebooks before and after, and to the solved twin, are put at the top and the end. Two
builds give the same bytes.
"""

import os
import re
import sys
from pathlib import Path

import jupytext
import nbformat
from address import installing
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

NOTEBOOKS = Path(__file__).parent.parent
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?### END SOLUTION\n?", re.DOTALL | re.MULTILINE)
STUB = "...  # your code here"
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
WIDGET = "application/vnd.jupyter.widget-view+json"
#: A link of Markdown to another file: neither an address with a scheme nor a place on the page.
LINK = re.compile(r"\]\((?![a-z]+:|#)([^)\s]+)\)")
IS_NOTEBOOK = re.compile(r"\d\d_\w+\.ipynb(#.*)?")
#: One thread, so that sums are rounded the same way whatever the number of cores.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class BuildError(Exception):
    """A cell that stops a build; the text names the notebook, the cell and the reason."""


def sources(folder: Path = NOTEBOOKS / "src") -> list[Path]:
    """The notebooks' sources in their order."""
    return sorted(folder.glob("[0-9][0-9]_*.py"))


def notebook_from(source: Path, solved: bool) -> nbformat.NotebookNode:
    """The notebook of a source file, not executed, with cell ids that depend on the place alone."""
    notebook = marked_notebook_from(source)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = solution(cell.source) if solved else exercise(cell.source)
        elif solved:
            cell.source = linked_from_solutions(cell.source)
    top, end = (navigation(source, solved, place) for place in ("top", "end"))
    notebook.cells = [top, *installation(source), *notebook.cells, end]
    return notebook


def installation(source: Path) -> list[nbformat.NotebookNode]:
    """The folded cell that installs the package on Colab; none without the project's address."""
    code = installing()
    folded = {"tags": ["hide-input"], "jupyter": {"source_hidden": True}}
    made = nbformat.v4.new_code_cell(code, id=f"nb{source.name[:2]}-install", metadata=folded)
    return [made] if code else []


def marked_notebook_from(source: Path) -> nbformat.NotebookNode:
    """The notebook of a source file, with its solutions and the marks around them."""
    notebook = jupytext.read(source)
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL})
    for number, cell in enumerate(notebook.cells):
        cell.id = f"nb{source.name[:2]}-{number:03d}"
        if "hide-input" in cell.metadata.get("tags", []):
            cell.metadata["jupyter"] = {"source_hidden": True}
    return notebook


def navigation(source: Path, solved: bool, place: str) -> nbformat.NotebookNode:
    """The cell with links to the notebook before, the one after, and the twin of this one."""
    line = sources(source.parent)
    here = line.index(source)
    links = [f"[← {title(line[here - 1])}]({line[here - 1].stem}.ipynb)"] if here else []
    if here + 1 < len(line):
        links.append(f"[{title(line[here + 1])} →]({line[here + 1].stem}.ipynb)")
    if solved:
        links.append(f"[the students' copy of this one](../{source.stem}.ipynb)")
    else:
        links.append(f"[this one with solutions](solutions/{source.stem}.ipynb)")
    return nbformat.v4.new_markdown_cell(
        "  ·  ".join(links),
        id=f"nb{source.name[:2]}-{place}",
        metadata={"tags": ["navigation"]},
    )


def title(source: Path) -> str:
    """The first heading of a source."""
    return re.search(r"^# # (.+)$", source.read_text(encoding="utf-8"), re.MULTILINE)[1]


def linked_from_solutions(text: str) -> str:
    """The text as it stands one folder deeper, where there is a twin of each notebook."""
    return LINK.sub(lambda m: m[0] if IS_NOTEBOOK.fullmatch(m[1]) else f"](../{m[1]})", text)


def exercise(code: str) -> str:
    """The code with its solution left out; a number or letter keeps the dots it has already."""
    stub = "" if re.search(r"^\w+ = \.\.\.", code, re.MULTILINE) else rf"\1{STUB}\n"
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
        timeout=300,
        record_timing=False,
        coalesce_streams=True,
        on_cell_start=lambda cell, cell_index: begun.append(cell),
    )
    try:
        client.execute(cwd=str(NOTEBOOKS), env=os.environ | ONE_THREAD)
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
    for folder, solved in ((NOTEBOOKS, False), (NOTEBOOKS / "solutions", True)):
        folder.mkdir(exist_ok=True)
        target = folder / f"{source.stem}.ipynb"
        name = str(target.relative_to(NOTEBOOKS.parent))
        notebook = execute(notebook_from(source, solved), name)
        target.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
        print(name)


def main(wanted: list[str]) -> None:
    """Builds the notebooks whose names start with one of the words, or all; exits on an error."""
    chosen = [path for path in sources() if not wanted or path.stem.startswith(tuple(wanted))]
    if not chosen:
        sys.exit(f"no notebook's name starts with {' or '.join(wanted)}")
    for source in chosen:
        try:
            build(source)
        except BuildError as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1:])
