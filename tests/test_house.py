"""The shape of the house: what stands on what, and what is listed where."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import trpo_np
from trpo_np.distributions import Distribution
from trpo_np.spaces import DISTRIBUTIONS
from trpo_np.updates import ALGORITHMS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "trpo_np"
#: From the ground up: a file imports only from files before it.
FLOORS = [
    *("browser", "launch"),
    *("errors", "limits", "checked", "mlp", "distributions", "policy", "spaces"),
    *("batch", "objectives", "fisher"),
    *("conjugate_gradient", "line_search", "advantages", "value", "tabular", "bounds", "penalty"),
    *("fast.mlp", "fast.memory", "fast", "fast.rounding", "fast.local_problem"),
    *("updates.options", "updates.reports", "updates.trpo_report", "updates.direction", "updates"),
    *("training.notes", "training.settings", "training.asking", "training.exchange"),
    *("training.single", "training.missing", "training.environments"),
    *("training.normalizer", "training.replay", "training.position", "training.noise"),
    *("training.rollout", "training.estimates"),
    *("training.files", "training.archive", "training.config", "training.agent_file"),
    *("training.episodes", "training.agent", "training.animation", "training.result"),
    *("training.answers", "training.watch"),
    *("training.history", "training.position_file", "training.checkpoint"),
    *("training.start", "training.train"),
    *("experiments.statistics", "experiments.plots", "experiments.storage", "experiments.folders"),
    *("experiments.saving", "experiments.trial", "experiments.rows", "experiments.results"),
    *("experiments.compare", "experiments.pool", "experiments.grid", "experiments.sweep"),
    *("experiments.console", "experiments.options", "experiments.sweep_options"),
    "experiments.command_line",
    *("__init__", "__main__"),
]
CLASSROOM = "classroom"


def all_distributions():
    """The distributions of the package that are imported where its table is."""
    assert DISTRIBUTIONS
    ours = [k for k in Distribution.__subclasses__() if k.__module__.startswith("trpo_np.")]
    return [kind for kind in ours if not kind.__module__.startswith("trpo_np.classroom.")]


#: Below the table that names them, in no order: every algorithm, every further distribution.
ALGORITHM_FILES = {kind.__module__.removeprefix("trpo_np.") for kind in ALGORITHMS.values()}
DISTRIBUTION_FILES = {kind.__module__.removeprefix("trpo_np.") for kind in all_distributions()}
FILES = [p for p in sorted(PACKAGE.rglob("*.py")) if p.relative_to(PACKAGE).parts[0] != CLASSROOM]


def name_of(path):
    """fast.mlp for fast/mlp.py, fast for fast/__init__.py, and __init__ for the package's own."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


def imported(path):
    """The names of the files of the package that this one imports from."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("trpo_np"):
            yield node.module.removeprefix("trpo_np").removeprefix(".") or "__init__"


def floor_of(name):
    """The floor of a file of the package; ValueError where it has none."""
    if name in ALGORITHM_FILES:
        return FLOORS.index("updates") - 0.5
    if name in DISTRIBUTION_FILES - {"distributions"}:
        return FLOORS.index("distributions") + 0.5
    return FLOORS.index(name)


def test_every_file_has_its_floor():
    rooms = {"training", "experiments"}  # their __init__ holds a sentence and no code
    names = {name_of(path) for path in FILES} - rooms
    assert names - ALGORITHM_FILES - DISTRIBUTION_FILES | {"distributions"} == set(FLOORS)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_go_towards_the_ground(path):
    for name in imported(path):
        assert floor_of(name) < floor_of(name_of(path)), f"{name_of(path)} imports {name}"


def test_nothing_below_knows_of_the_classroom():
    for path in FILES:
        assert not [name for name in imported(path) if name.startswith(CLASSROOM)], path


@pytest.mark.parametrize(
    "name", ["conjugate_gradient", "line_search", "advantages", "tabular", "penalty"]
)
def test_plain_numpy_knows_nothing_of_policies(name):
    assert not list(imported(PACKAGE / f"{name}.py"))


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=name_of)
def test_np_is_numpy_and_anp_is_autograds(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                wanted = {"numpy": "np", "autograd.numpy": "anp"}.get(alias.name)
                assert wanted in (None, alias.asname), f"import {alias.name} as {alias.asname}"


def test_every_promised_name_is_there():
    for name in trpo_np.__all__:
        assert hasattr(trpo_np, name)
        assert getattr(trpo_np, name).__doc__


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_public_functions_have_docstrings_and_type_hints(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            missing = [a.arg for a in node.args.args if not (a.annotation or a.arg in ("path",))]
            assert not missing, (node.name, missing)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_and_no_function_has_two_jobs(path):
    """Some 150 lines a file and 40 a function, docstrings counted."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 190, len(text.splitlines())
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno < 60, node.name


def test_importing_the_package_brings_no_classroom_and_no_figure_window():
    code = (
        "import sys, trpo_np; bad = ('IPython', 'ipywidgets', 'jupyterlab', 'matplotlib.pyplot');"
        "print([m for m in sys.modules if m in bad or m.startswith('trpo_np.classroom')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_module_is_not_hidden_by_a_function_of_its_name():
    import trpo_np.training.train as module

    assert module.train is trpo_np.train
    assert not (PACKAGE / "train.py").exists()
