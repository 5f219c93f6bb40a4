"""Builds the notebooks from their sources, executed, for students and with solutions.

    python notebooks/build.py          # all
    python notebooks/build.py 07       # those whose name starts so

notebooks/src/*.py are jupytext percent scripts. What stands between ### BEGIN SOLUTION and
### END SOLUTION is left out of the student's notebook. Two builds give the same bytes.
"""

import re
import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?### END SOLUTION\n?", re.DOTALL | re.MULTILINE)
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


def notebook_from(source: Path, solved: bool) -> nbformat.NotebookNode:
    """The notebook of a source file, not executed, with cell ids that depend on the place alone."""
    notebook = jupytext.read(source)
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL})
    for number, cell in enumerate(notebook.cells):
        cell.id = f"nb{source.name[:2]}-{number:03d}"
        if cell.cell_type == "code":
            cell.source = solution(cell.source) if solved else exercise(cell.source)
    return notebook


def exercise(code: str) -> str:
    """The code with its solution left out."""
    return SOLUTION.sub(r"\1...  # your code here\n", code + "\n").rstrip("\n")


def solution(code: str) -> str:
    """The code with its solution, without the marks."""
    return re.sub(r"^ *### (BEGIN|END) SOLUTION\n", "", code + "\n", flags=re.MULTILINE).rstrip(
        "\n"
    )


def execute(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with its outputs, run from a fresh kernel; raises where a cell does."""
    client = NotebookClient(notebook, timeout=120, record_timing=False, coalesce_streams=True)
    client.execute(cwd=str(HERE))
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL})
    return notebook


def build(source: Path) -> None:
    """Writes the student's notebook and the one with solutions."""
    for folder, solved in ((HERE, False), (HERE / "solutions", True)):
        folder.mkdir(exist_ok=True)
        target = folder / f"{source.stem}.ipynb"
        target.write_text(nbformat.writes(execute(notebook_from(source, solved))) + "\n")
        print(target)


if __name__ == "__main__":
    wanted = sys.argv[1:] or [""]
    for path in sorted((HERE / "src").glob("*.py")):
        if any(path.stem.startswith(start) for start in wanted):
            build(path)
