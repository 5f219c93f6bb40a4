"""The shape of the house: what stands on what, and what is listed where."""

import ast
import tomllib
from pathlib import Path

import pytest

import trpo_np

ROOT = Path(__file__).parent.parent
#: From the ground up: a file imports only from files before it.
FLOORS = [
    *("errors", "linearization", "mlp", "distributions", "joint_distributions"),
    *("policy", "objectives", "fisher"),
    *("conjugate_gradient", "line_search", "advantages", "tabular", "penalty"),
    *("config", "value", "normalizer", "environments", "rollout", "batch", "trpo"),
    *("evaluation", "result", "train", "plotting", "runs", "console", "__init__", "__main__"),
]
FILES = sorted((ROOT / "trpo_np").glob("*.py"))


def imported(path):
    """The names of the files of the package that this one imports from."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("trpo_np"):
            yield node.module.removeprefix("trpo_np").removeprefix(".") or "__init__"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_imports_go_towards_the_ground(path):
    floor = FLOORS.index(path.stem)
    for name in imported(path):
        assert FLOORS.index(name) < floor, f"{path.stem} imports {name}"


@pytest.mark.parametrize(
    "name", ["conjugate_gradient", "line_search", "advantages", "tabular", "penalty"]
)
def test_plain_numpy_knows_nothing_of_policies(name):
    assert not list(imported(ROOT / "trpo_np" / f"{name}.py"))


def test_every_promised_name_is_there():
    for name in trpo_np.__all__:
        assert hasattr(trpo_np, name)
        assert getattr(trpo_np, name).__doc__


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_public_functions_have_docstrings_and_type_hints(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            missing = [a.arg for a in node.args.args if not (a.annotation or a.arg in ("path",))]
            assert not missing, (node.name, missing)


def test_core_dependencies_are_listed_once_and_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "dependencies" not in project
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    packages = [line for line in lines if line and line[0] not in "#-"]
    assert all("==" in package for package in packages)
    assert "-e ." in lines
