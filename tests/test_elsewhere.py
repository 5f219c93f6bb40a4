"""The notebooks where they run without being installed: on Colab, in JupyterLite."""

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
TOOLS = ROOT / "notebooks" / "tools"
SITE = ROOT / "notebooks" / "book" / "_build" / "html" / "lite"
sys.path.insert(0, str(TOOLS))

address = pytest.importorskip("address")
ADDRESS = "https://example.org/somebody/trpo_np"


def test_without_an_address_nothing_is_installed_and_with_one_the_package_is():
    assert address.installing("") == ""
    code = address.installing(ADDRESS)
    assert f'"trpo_np[render] @ git+{ADDRESS}"' in code
    assert len(code.splitlines()) <= 5


@pytest.mark.parametrize(("on_colab", "times"), [(True, 1), (False, 0)])
def test_the_cell_installs_on_colab_alone(on_colab, times, monkeypatch):
    transform = pytest.importorskip("IPython.core.inputtransformer2").TransformerManager()
    code = transform.transform_cell(address.installing(ADDRESS))
    if on_colab:
        monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    ran = []

    class Shell:
        def run_line_magic(self, name, line):
            ran.append((name, line))

    exec(code, {"get_ipython": Shell})
    assert len(ran) == times
    assert not ran or ran[0][0] == "pip"


def test_a_notebook_has_the_cell_at_its_top_only_with_an_address(monkeypatch):
    build = pytest.importorskip("build", reason="jupytext builds the notebooks")
    (source,) = (ROOT / "notebooks" / "src").glob("06_*.py")
    plain = build.notebook_from(source, solved=False)
    monkeypatch.setattr(build, "installing", lambda: address.installing(ADDRESS))
    cells = build.notebook_from(source, solved=False).cells
    assert len(cells) == len(plain.cells) + 1
    assert cells[1].source == address.installing(ADDRESS)
    assert cells[1].metadata["jupyter"]["source_hidden"]
    assert [cells[0], *cells[2:]] == plain.cells


@pytest.mark.skipif(not SITE.exists(), reason="python notebooks/tools/lite.py builds JupyterLite")
def test_jupyterlite_has_every_notebook_and_wheel_and_asks_for_the_package_first():
    names = {path.name for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb")}
    assert {path.name for path in (SITE / "files").glob("*.ipynb")} == names
    for path in (SITE / "files").rglob("*.ipynb"):
        code = [c for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if "outputs" in c]
        assert "pip install" in "".join(code[0]["source"])
        assert not any(cell["outputs"] for cell in code)
    wheels = json.loads((SITE / "pypi" / "all.json").read_text(encoding="utf-8"))
    assert {"trpo-np", "autograd", "gymnasium", "cloudpickle"} <= set(wheels)
