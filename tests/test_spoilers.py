"""No cell below an exercise shows its solution; and 00 begins where nothing can go wrong."""

import ast
import re
import sys
import textwrap
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parent.parent / "notebooks"
SOURCES = sorted((ROOT / "src").glob("[0-9][0-9]_*.py"))
SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)
SMALLEST = 12  #: nodes of an expression that is not just anybody's


def shapes(code):
    """The larger expressions of some code, with the names of variables left out."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Assign() | ast.AugAssign() | ast.Expr():
                part = node.value
            case ast.Return() if node.value is not None:
                part = node.value
            case ast.For():
                part = node.iter
            case ast.If():
                part = node.test
            case ast.Lambda():
                part = node.body
            case _:
                continue
        if sum(1 for _ in ast.walk(part)) >= SMALLEST:
            found.add(re.sub(r"Name\(id='\w+'", "Name(", ast.dump(part)))
    return found


def solutions(code):
    """The shapes of the solution of a cell, or nothing."""
    body = "\n".join(textwrap.dedent(text) for text in SOLUTION.findall(code))
    return shapes("def f():\n    pass\n" + textwrap.indent(body, "    "))


def spoilers(cells):
    """(place of an exercise, place of a cell below with half of its solution or more)."""
    open_ = [SOLUTION.sub("...", cell) for cell in cells]
    return [
        (i, j)
        for i, cell in enumerate(cells)
        if (wanted := solutions(cell))
        for j in range(i + 1, len(cells))
        if 2 * len(wanted & shapes(open_[j])) >= len(wanted)
    ]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_no_cell_below_an_exercise_holds_its_solution(source):
    pytest.importorskip("jupytext", reason="pip install -e '.[notebooks]' brings jupytext")
    sys.path.insert(0, str(ROOT / "tools"))
    from build import marked_notebook_from

    cells = [c for c in marked_notebook_from(source).cells if c.cell_type == "code"]
    found = spoilers([cell.source for cell in cells])
    assert not [(cells[i].id, cells[j].id) for i, j in found]


EXERCISE = "def f(a, b):\n    ### BEGIN SOLUTION\n    return a @ b / (b @ b)\n    ### END SOLUTION"


def test_a_spoiler_is_seen_under_other_names():
    assert spoilers([EXERCISE, "y = q @ r / (r @ r)"]) == [(0, 1)]
    assert not spoilers([EXERCISE, "y = f(q, r)", "z = q @ r"])
    assert not spoilers(["y = q @ r / (r @ r)", EXERCISE])
    assert not spoilers([EXERCISE, EXERCISE])


def code_of_00():
    notebook = nbformat.read(ROOT / "00_start_here.ipynb", as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def test_the_first_cell_of_00_needs_nothing_that_could_be_missing():
    tree = ast.parse(code_of_00()[0])
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert {node.module.split(".")[0] for node in imports} <= sys.stdlib_module_names
    exec(compile(tree, "first cell", "exec"), {})


def test_the_exercise_of_00_runs_by_itself(capsys):
    (exercise,) = [code for code in code_of_00() if "nb.check_" in code]
    exec(exercise, {})
    assert capsys.readouterr().out == "Exercise 0.1: not attempted yet\n"
