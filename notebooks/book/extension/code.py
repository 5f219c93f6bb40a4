"""Pages of the code: one for each module, from its docstrings, and one for each file of tests that
the ledger names. Links to a file of the repository lead there."""

import os
import pkgutil
import re
from importlib import import_module
from itertools import groupby
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

import trpo_np
from extension import ledger
from trpo_np.classroom.checks import Check

ROOMS = {
    "": "The chapter, one file an idea",
    "fast": "What speed asks for",
    "updates": "One file an algorithm",
    "training": "Environments, rollouts, the loop",
    "experiments": "Run folders, tables, plots",
    "classroom": "The notebooks' workshop",
}
SPECIAL = re.compile(r"(`[^`]*`)|([*|\\]|_(?=\W|$))")
NAMED = re.compile(r'(?m)^("\w+": )(.+(?:\n(?!").+)*)\n?')
FILE = re.compile(r"(?:\.\./)+(trpo_np|tests)/(.+?)(?:/__init__)?\.py")
PRINTED = re.compile(r"(?:\.\./)+figures/(\w+\.pdf)")  #: the site has these at its root


def modules() -> list[str]:
    """The public modules of the package, by name; of the checks the package's front alone."""
    found = [m.name for m in pkgutil.walk_packages(trpo_np.__path__, "trpo_np.")]
    inner = "trpo_np.classroom.checks.", "trpo_np.classroom.museum.", "trpo_np.__"
    outer = [name for name in found if not name.startswith(inner)]
    return [*outer, "trpo_np.classroom.checks.check"]


def room(module: str) -> str:
    """The room of a module: "" is the ground floor."""
    first = module.split(".")[1]
    return first if first in ROOMS else ""


def page_of_module(module: str, cited: set[str]) -> str:
    """A page that autodoc fills, and the checks that the ledger cites, which are no functions."""
    text = [f"# {module.removeprefix('trpo_np.')}\n\n```{{eval-rst}}\n.. automodule:: {module}\n"]
    for name, thing in vars(import_module(module)).items():
        if isinstance(thing, Check) and f"{module}.{name}" in cited:
            text.append(
                f".. py:data:: {name}\n   :module: {module}\n\n   The check of {thing.name}.\n"
            )
    return "\n".join([*text, "```\n"])


def page_of_rooms(names: list[str]) -> str:
    """The list of all modules, room by room."""
    text = ["# The code\n\n```{eval-rst}\n.. automodule:: trpo_np\n   :no-members:\n```\n"]
    for key, about in ROOMS.items():
        pages = "\n".join(name for name in names if room(name) == key)
        head = f"## `trpo_np{'.' * bool(key)}{key}`: {about[0].lower()}{about[1:]}"
        text.append(f"{head}\n\n```{{toctree}}\n:maxdepth: 1\n\n{pages}\n```\n")
    return "\n".join(text)


def page_of_tests(file: str, tests: list[str], folder: str) -> str:
    """The source of some tests of a file."""
    text = [f"# {file}\n\nTests that the [ledger of equations](../equations.md) names.\n"]
    for test in tests:
        shown = f"```{{literalinclude}} {folder}/{file}.py\n:pyobject: {test}\n```"
        text.append(f"({file}-{test})=\n## {test}\n\n{shown}\n")
    return "\n".join(text)


def write_pages(app: Sphinx) -> None:
    """Writes all of them where Sphinx finds them, if they have changed."""
    names = modules()
    rows = ledger.rows(Path(app.srcdir)).values()
    cited = {f"trpo_np.{row.function}" for row in rows}
    pages = {f"api/{name}": page_of_module(name, cited) for name in names}
    pages["api/index"] = page_of_rooms(names)
    tests_folder = Path(trpo_np.__file__).parent.parent / "tests"
    folder = os.path.relpath(tests_folder, app.srcdir / "tests")
    for file, some in groupby(sorted(rows, key=lambda row: row.file), lambda row: row.file):
        tests = list(dict.fromkeys(row.test for row in some))
        pages[f"tests/{file}"] = page_of_tests(file, tests, folder)
    for name, text in pages.items():
        path = app.srcdir / f"{name}.md"
        path.parent.mkdir(exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def as_rst(app: Sphinx, what: str, name: str, thing: object, options: dict, lines: list) -> None:
    """A docstring of ours is a text, not reStructuredText: indented lines stand as they are, signs
    of mathematics mean themselves, and lines that begin with a quoted name are a list."""
    text = []
    for indented, some in groupby(lines, lambda line: line.startswith("  ") or not line):
        block = list(some)
        if not indented:
            plain = SPECIAL.sub(lambda m: m[1] or f"\\{m[0]}", "\n".join(block))
            text += NAMED.sub(item, plain).split("\n")
        elif any(block):
            text += ["", "::", "", *block, ""]
        else:
            text += block
    rows = ledger.rows(Path(app.srcdir)).values()
    tests = {
        row.test: f"{row.file}-{row.test}" for row in rows if row.function and row.defined == name
    }
    links = ", ".join(f":ref:`{test} <{label}>`" for test, label in tests.items())
    lines[:] = [*text, "", f"Tested by {links}.", ""] if links else text


def tests_of(name: str, folder: Path) -> list[str]:
    """A line with links to the tests that the ledger has for a function, if it has any."""
    rows = [row for row in ledger.rows(folder).values() if row.function and row.defined == name]
    links = dict.fromkeys(f":ref:`{row.test} <{row.file}-{row.test}>`" for row in rows)
    return ["", f"Tested by {', '.join(links)}.", ""] if links else []


def item(entry: re.Match) -> str:
    """A line "name": what it means, as an item of a list, with the lines that go on with it."""
    return f"\n* {entry[1]}{entry[2].rstrip()}".replace("\n", "\n  ").replace("\n  *", "\n*") + "\n"


def link_files(app: Sphinx, doctree: nodes.document) -> None:
    """Links to a file of the repository: to where the site shows it, or no links at all."""
    for node in list(doctree.findall(addnodes.pending_xref)):
        if node.get("reftype") == "myst" and node["refdomain"] is None:
            uri = place_of_file(node["reftarget"], app)
            if uri is None:
                node.replace_self(node.children)
            else:
                node.replace_self(
                    nodes.reference("", "", *node.children, refuri=uri, internal=True)
                )


def place_of_file(path: str, app: Sphinx) -> str | None:
    """The address of a file's page, or of the file itself, as seen from the page being read."""
    here = app.env.docname
    if printed := PRINTED.fullmatch(path):
        return "../" * here.count("/") + printed[1]
    page = page_of_file(path, app)
    return None if page is None else app.builder.get_relative_uri(here, page)


def page_of_file(path: str, app: Sphinx) -> str | None:
    """The page that shows a file of Python, if there is one."""
    found = FILE.fullmatch(path)
    if not found:
        return None
    if found[1] == "tests":
        return f"tests/{found[2]}" if f"tests/{found[2]}" in app.env.found_docs else None
    return "api/index" if found[2] == "__init__" else f"_modules/trpo_np/{found[2]}"


def setup(app: Sphinx) -> dict:
    app.connect("builder-inited", write_pages)
    app.connect("autodoc-process-docstring", as_rst)
    app.connect("doctree-read", link_files)
    return {"version": "1", "parallel_read_safe": True}
