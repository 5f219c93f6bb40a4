"""Writes a course for nbgrader: each notebook as an assignment whose exercises are graded.

    pip install -e '.[notebooks,grading]'
    python notebooks/tools/grading.py course
    cd course && nbgrader generate_assignment 07_conjugate_gradient

An exercise becomes two cells: the answer, which the student writes and which prints its verdict,
and below it a locked test that runs the same check strictly: one point for a prediction, two for a
function. Lines `conjugate_gradient = 5` in the course's points.toml, by the names of the checks,
say otherwise; with 0 it is practice. A recall question is an answer alone: its verdict is printed,
and it counts nothing. Writing a course again renews its source folder; its nbgrader_config.py and
points.toml, once there, are the teacher's and stay.
"""

import ast
import re
import shutil
import sys
import tomllib
from pathlib import Path

import nbformat
from build import NOTEBOOKS, STUB, marked_notebook_from, sources

CONFIG = f'''"""Settings of nbgrader for the notebooks of trpo_np."""

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "trpo_np"

# The blank of an exercise runs, so that Run All reaches the end of an unsolved notebook.
c.ClearSolutions.code_stub = {{"python": "{STUB}"}}

# Seconds that one cell may take.
c.Execute.timeout = 120
'''

TEST = """\
import warnings

with warnings.catch_warnings(action="ignore"):  # nbgrader takes a warning for a failure
{calls}"""


def assignment_from(source: Path, points: dict[str, int] | None = None) -> nbformat.NotebookNode:
    """The nbgrader source notebook of one of ours: solutions marked, tests in cells of their own,
    worth what `points` says by the names of the checks.

    ValueError names the cell whose solution has no check, or whose check has no solution.
    """
    notebook = marked_notebook_from(source)
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        if cell.cell_type == "markdown":
            cell.source = linked_across_folders(cell.source)
            continue
        checks = checks_in(cell.source)
        if bool(checks) != ("### BEGIN SOLUTION" in cell.source):
            raise ValueError(f"{source.name}, cell {cell.id}: a solution goes with a check")
        if checks:
            name = checks[0].func.attr
            cell.metadata["nbgrader"] = grading(name.removeprefix("check_"))
        if checks and name.startswith("check_"):
            usual = 1 if "prediction = ..." in cell.source else 2
            worth = (points or {}).get(name.removeprefix("check_"), usual)
            cells.append(test_cell(checks, f"{cell.id}-test", name, worth))
    notebook.cells = cells
    return notebook


def checks_in(code: str) -> list[ast.Call]:
    """The calls nb.check_...(...) and nb.recall_...(...) that stand on lines of their own."""
    calls = [node.value for node in ast.parse(code).body if isinstance(node, ast.Expr)]
    return [
        call
        for call in calls
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr.startswith(("check_", "recall_"))
    ]


def test_cell(
    checks: list[ast.Call], cell_id: str, name: str, points: int
) -> nbformat.NotebookNode:
    """The locked cell, worth some points, that calls the checks with strict=True.

    The tag lets Run All go on below an exercise that is not solved yet.
    """
    calls = "\n".join(f"    {ast.unparse(check)[:-1]}, strict=True)" for check in checks)
    code = TEST.format(calls=calls)
    metadata = {"nbgrader": grading(name, points), "tags": ["raises-exception"]}
    return nbformat.v4.new_code_cell(code, id=cell_id, metadata=metadata)


def grading(grade_id: str, points: int | None = None) -> dict:
    """nbgrader's metadata of an answer, or of a test where points are given."""
    data = {"schema_version": 3, "grade_id": grade_id, "cell_type": "code", "task": False}
    if points is None:
        return data | {"solution": True, "grade": False, "locked": False}
    return data | {"solution": False, "grade": True, "locked": True, "points": points}


def linked_across_folders(text: str) -> str:
    """The text with its links to other notebooks, each of which has its own folder in a course."""
    return re.sub(r"\]\((\d\d_\w+)\.ipynb", r"](../\1/\1.ipynb", text)


def files_beside(source: Path) -> list[Path]:
    """The files beside the notebooks that a source reads, by their paths, or links to."""
    text = source.read_text(encoding="utf-8")
    data = [path for path in NOTEBOOKS.glob("[!_.]*/**/*") if path.is_file()]
    read = [path for path in data if f'"{path.relative_to(NOTEBOOKS).as_posix()}"' in text]
    pages = [path for path in NOTEBOOKS.glob("*.md") if re.search(rf"\]\({path.name}[#)]", text)]
    return read + pages


def points_in(course: Path) -> dict[str, int]:
    """The teacher's points.toml, empty where there is none; ValueError for a name without a check,
    or for points that are no whole number of at least 0."""
    file = course / "points.toml"
    points = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    text = "".join(source.read_text(encoding="utf-8") for source in sources())
    for name, worth in points.items():
        if f"nb.check_{name}(" not in text:
            raise ValueError(f"{file}: no exercise is checked by check_{name}")
        if type(worth) is not int or worth < 0:
            raise ValueError(f"{file}: {name} = {worth!r} is no whole number of at least 0")
    return points


def write_course(course: Path) -> list[Path]:
    """Writes the configuration and an assignment for every source; returns the notebooks' paths."""
    written, points = [], points_in(course)
    for source in sources():
        folder = course / "source" / source.stem
        folder.mkdir(parents=True, exist_ok=True)
        for file in files_beside(source):
            copy = folder / file.relative_to(NOTEBOOKS)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
        target = folder / f"{source.stem}.ipynb"
        notebook = nbformat.writes(assignment_from(source, points)) + "\n"
        target.write_text(notebook, encoding="utf-8")
        written.append(target)
    config = course / "nbgrader_config.py"
    if not config.exists():
        config.write_text(CONFIG, encoding="utf-8")
    return written


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    for path in write_course(Path(sys.argv[1])):
        print(path)
