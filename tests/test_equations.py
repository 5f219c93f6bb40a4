"""The ledger notebooks/equations.md is complete, and what it names is there."""

import re
import tokenize
from functools import reduce
from importlib import import_module
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
NOTEBOOKS = TESTS.parent / "notebooks"
ROW = re.compile(r"^\| \((\d+\.\d+)\) \| (.+?) \| (?:`(.+?)`)? ?\| `(.+?)::(.+?)` \|$")


def ledger(text):
    """(label, notebook, function, test file, test) of every row."""
    rows, notebook = [], None
    for line in text.splitlines():
        if line.startswith("## "):
            notebook = re.search(r"\]\((.+)\.ipynb\)", line)[1]
        elif line.startswith("| ("):
            label, _, function, file, test = ROW.match(line).groups()
            rows.append((label, notebook, function, file, test))
    return rows


def labels(source):
    """The labels of the numbered equations of a notebook's source, in order."""
    return re.findall(r"\\tag\{(\d+\.\d+)\}", source)


ROWS = ledger((NOTEBOOKS / "equations.md").read_text(encoding="utf-8"))
SOURCES = sorted((NOTEBOOKS / "src").glob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_equations_are_numbered_in_order_and_all_in_the_ledger(path):
    found = labels(path.read_text(encoding="utf-8"))
    assert found == [f"{int(path.name[:2])}.{k + 1}" for k in range(len(found))]
    assert found == [label for label, notebook, *_ in ROWS if notebook == path.stem]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_references_lead_to_an_equation(path):
    known = {label for label, *_ in ROWS}
    text = path.read_text(encoding="utf-8")
    own = re.findall(r"(?<![\w.])\((\d{1,2}\.\d{1,2})\)", text)
    assert set(own) <= known, set(own) - known


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_function_and_test_exist_and_the_docstring_cites_the_equation(row):
    label, notebook, name, file, test = row
    assert (NOTEBOOKS / f"{notebook}.ipynb").exists()
    assert re.search(rf"^def {test}\(", (TESTS / file).read_text(encoding="utf-8"), re.MULTILINE)
    if name is None:
        in_test = re.search(
            rf'^def {test}\(.*?\):\n    """(.*?)"""',
            (TESTS / file).read_text(encoding="utf-8"),
            re.MULTILINE | re.DOTALL,
        )
        assert f"({label})" in in_test[1]
        return
    module, rest = found(name)
    function = reduce(getattr, rest, module)
    if not name.startswith("classroom"):
        assert f"({label})" in function.__doc__
        assert label in labels_at_lines(module), f"({label}) stands at no line of {name}'s file"


def found(name):
    """The module that a dotted name begins with, and the names that remain."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            return import_module(".".join(["trpo_np", *parts[:end]])), parts[end:]
        except ModuleNotFoundError:
            pass
    raise AssertionError(f"there is no trpo_np.{name}")


def labels_at_lines(module):
    """The labels in the comments of a module's file: at the lines that compute."""
    with tokenize.open(module.__file__) as file:
        tokens = list(tokenize.generate_tokens(file.readline))
    comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
    return {label for text in comments for label in re.findall(r"\((\d+\.\d+)\)", text)}


def test_the_reader_of_the_ledger_sees_what_is_wrong():
    text = "## [01 X](01_x.ipynb)\n| (1.1) | a | `b.c` | `test_d.py::test_e` |\n"
    assert ledger(text) == [("1.1", "01_x", "b.c", "test_d.py", "test_e")]
    assert labels(r"$$ a \tag{1.2}$$ text \tag{1.3}") == ["1.2", "1.3"]
    with pytest.raises(AttributeError):
        ledger("| (1.1) | a row without a test | `b.c` | |")
