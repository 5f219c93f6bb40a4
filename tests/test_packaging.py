"""What installing brings: declared, pinned, and enough; and a wheel that runs elsewhere."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from trpo_np import Agent, Settings, train
from trpo_np.__main__ import main
from trpo_np.errors import UsageError
from trpo_np.training.animation import animate

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "trpo_np"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OWN_NAME = canonicalize_name(PROJECT["name"])
#: The distributions whose modules have other names than they.
DISTRIBUTIONS = {"PIL": "pillow", "IPython": "ipython"}


def declared(*extras):
    """The library's own requirements and those of the extras, each with what it refers to."""
    found = [Requirement(line) for line in PROJECT["dependencies"]]
    for extra in extras:
        for line in PROJECT["optional-dependencies"][extra]:
            requirement = Requirement(line)
            if canonicalize_name(requirement.name) == OWN_NAME:
                found += declared(*sorted(requirement.extras))
            else:
                found.append(requirement)
    return found


def names(requirements):
    return {canonicalize_name(requirement.name) for requirement in requirements}


def pins():
    """name -> the one version, and the extras, of each line of requirements.txt."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    found = {}
    for line in lines:
        if line.startswith(("#", "-e")):
            continue
        requirement = Requirement(line)
        (specifier,) = requirement.specifier
        assert specifier.operator == "==", line
        name = canonicalize_name(requirement.name)
        assert name not in found, line
        found[name] = (specifier.version, requirement.extras)
    assert "-e ." in lines
    return found


def test_every_pin_lies_in_its_range():
    exact = pins()
    for requirement in declared("test"):
        version, extras = exact[canonicalize_name(requirement.name)]
        assert version in requirement.specifier, f"{version} is outside {requirement}"
        assert extras >= requirement.extras, requirement


def test_what_the_classroom_needs_is_pinned_and_nothing_else():
    assert set(pins()) == names(declared("test"))


@pytest.mark.parametrize("requirement", declared("test"), ids=str)
def test_ranges_have_two_ends(requirement):
    """What the extras take from another extra of the library has its range there."""
    ends = {specifier.operator for specifier in requirement.specifier}
    assert ends == {">=", "<"} or requirement.extras


def third_party(path):
    """The distributions that a file imports from, its own package and the standard library left
    out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            modules = [node.module] if not node.level else []
        for module in modules:
            top = module.partition(".")[0]
            if top != PACKAGE.name and top not in sys.stdlib_module_names:
                yield DISTRIBUTIONS.get(top, top)


def test_every_import_is_declared_and_every_requirement_imported():
    pool = PACKAGE / "experiments" / "pool.py"  # the one file that needs what makes many runs
    files = [p for p in sorted(PACKAGE.rglob("*.py")) if p != pool]
    core = {n for p in files if PACKAGE / "classroom" not in p.parents for n in third_party(p)}
    assert core == names(declared())
    assert set(third_party(pool)) == names(declared("cluster")) - names(declared())
    classroom = {n for p in (PACKAGE / "classroom").rglob("*.py") for n in third_party(p)}
    assert classroom <= names(declared("classroom"))


def test_a_new_import_would_be_seen(tmp_path):
    file = tmp_path / "file.py"
    file.write_text("import json\ndef f():\n    import scipy.linalg\n    from PIL import Image\n")
    assert list(third_party(file)) == ["scipy", "pillow"]


def without(monkeypatch, *modules):
    """As if these were not installed."""
    for module in [name for name in sys.modules if name.partition(".")[0] in modules]:
        monkeypatch.delitem(sys.modules, module)
    for module in modules:
        monkeypatch.setitem(sys.modules, module, None)


def test_train_evaluate_and_plot_need_no_pygame_and_a_film_names_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    without(monkeypatch, "pygame")
    options = ["--total-steps", "512", "--batch-size", "512", "--hidden", "8", "--out", "run"]
    assert main(["train", "CartPole-v1", *options]) == 0
    assert main(["evaluate", "run", "--episodes", "2"]) == 0
    assert main(["plot", "run"]) == 0
    capsys.readouterr()
    assert main(["evaluate", "run", "--episodes", "2", "--gif", "agent.gif"]) == 2
    said = capsys.readouterr().err
    assert re.fullmatch(
        r"error: CartPole-v1 needs packages that are not installed: "
        r'run pip install "gymnasium\[classic-control\]==[\d.]+"\n',
        said,
    )
    assert not Path("agent.gif").exists()


@pytest.mark.parametrize(
    ("env", "extra"), [("FrozenLake-v1", "toy-text"), ("Pendulum-v1", "classic-control")]
)
def test_what_draws_an_environment_is_named(env, extra, tmp_path, monkeypatch):
    without(monkeypatch, "pygame")
    agent = train(env, total_steps=64, settings=Settings(batch_size=64, hidden=(4,))).agent
    assert isinstance(agent, Agent)
    with pytest.raises(UsageError, match=rf'pip install "gymnasium\[{extra}\]=='):
        animate(agent, tmp_path / "agent.gif")


@pytest.mark.parametrize("module", ["figures", "live", "sliders"])
def test_pictures_without_ipython_name_it(module):
    code = f"import sys; sys.modules['IPython'] = None; import trpo_np.classroom.{module}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    last = done.stderr.splitlines()[-1]
    said = (
        "ImportError: The notebooks' pictures need IPython: run pip install jupyterlab ipywidgets"
    )
    assert last == said


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built without the network."""
    # By their metadata: to ask for the spec of pip has setuptools warn that it replaces distutils.
    if not {"hatchling", "pip"} <= {d.metadata["Name"] for d in distributions()}:
        pytest.skip("pip install -e '.[dev]' brings hatchling, with which pip builds the wheel")
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", ROOT, "--no-deps", "--no-build-isolation", "--wheel-dir", folder)
    (path,) = folder.glob("*.whl")
    return path


def pip(*arguments):
    command = [sys.executable, "-m", "pip", "--quiet", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    with ZipFile(wheel) as archive:
        files = {name for name in archive.namelist() if ".dist-info/" not in name}
        (metadata,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
        lines = archive.read(metadata).decode().splitlines()
    assert files == {p.relative_to(ROOT).as_posix() for p in PACKAGE.rglob("*.py")}
    assert "trpo_np/classroom/museum/entrance.py" in files
    wanted = [line for line in lines if line.startswith("Requires-Dist: ")]
    always = [line.split(": ")[1] for line in wanted if "extra ==" not in line]
    assert names(map(Requirement, always)) == names(declared())
    assert f"Version: {PROJECT['version']}" in lines
    assert f"Requires-Python: {PROJECT['requires-python']}" in lines


def test_the_wheel_runs_elsewhere(wheel, tmp_path):
    """The command line and a notebook's check, from a folder that knows nothing of this one."""
    home, work = tmp_path / "site", tmp_path / "work"
    work.mkdir()
    pip("install", "--no-deps", "--no-compile", "--target", home, wheel)
    environment = {**os.environ, "PYTHONPATH": str(home)}

    def python(*arguments):
        done = subprocess.run(
            [sys.executable, *arguments], cwd=work, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = python("-c", "import trpo_np; print(trpo_np.__path__[0])").strip()
    assert Path(where) == home / "trpo_np"
    train = ["train", "CartPole-v1", "--total-steps", "4096", "--hidden", "8", "--out", "run"]
    assert "Saved in run" in python("-m", "trpo_np", *train)
    assert "return" in python("-m", "trpo_np", "evaluate", "run", "--episodes", "3")
    python("-m", "trpo_np", "plot", "run")
    assert (work / "learning_curves.png").exists()
    check = (
        "from importlib import import_module\n"
        "from pkgutil import walk_packages\n"
        "from trpo_np import classroom\n"
        "for module in walk_packages(classroom.__path__, 'trpo_np.classroom.'):\n"
        "    import_module(module.name)\n"
        "from trpo_np.classroom import notebook_00 as nb\n"
        "nb.check_squared_length(lambda v: v @ v, strict=True)\n"
        "nb.check_squared_length(lambda v: v**2)\n"
    )
    assert "add them up" in python("-c", check)


@pytest.mark.parametrize(
    ("package", "options", "extra"),
    [("joblib", [], "sweep"), ("distributed", ["--scheduler", "tcp://127.0.0.1:1"], "cluster")],
)
def test_what_sweeps_need_is_named(package, options, extra, tmp_path, monkeypatch, capsys):
    without(monkeypatch, package)
    monkeypatch.chdir(tmp_path)
    assert main(["sweep", "CartPole-v1", "--seeds", "1", *options]) == 2
    assert f'pip install "trpo_np[{extra}]"' in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
