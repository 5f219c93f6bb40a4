"""Every notebook runs from a fresh kernel, and the committed ones are what the sources give."""

import ast
import html
import os
import re
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

ROOT = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted([*ROOT.glob("*.ipynb"), *ROOT.glob("solutions/*.ipynb")])
SECONDS = 60  #: of processor time that a notebook may take; alone on a core, that is its time
PATIENCE = 4 * SECONDS  #: after which it is stopped, however busy the machine is
WIDGET = "application/vnd.jupyter.widget-view+json"
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
#: Run from a fresh kernel in the ordinary run, too.
QUICK = "00_start_here", "01_how_large_a_step"


def name_of(path):
    return f"{path.parent.name}/{path.stem}"


each = pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)


def read(path):
    return nbformat.read(path, as_version=4)


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def errors(notebook):
    return [output for output in outputs(notebook) if output.output_type == "error"]


def printed(notebook):
    return "".join(output.get("text", "") for output in outputs(notebook))


class Page(HTMLParser):
    """The pictures of a page, as dictionaries of attributes, and the texts of its captions."""

    def __init__(self, text):
        super().__init__()
        self.images, self.captions, self._in_caption = [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.images.append(dict(attrs))
        if tag == "figcaption":
            self._in_caption = True
            self.captions.append("")

    def handle_endtag(self, tag):
        self._in_caption = self._in_caption and tag != "figcaption"

    def handle_data(self, data):
        if self._in_caption:
            self.captions[-1] += data


def figures(notebook):
    """The committed outputs that hold a picture, parsed."""
    pages = [Page(output.get("data", {}).get("text/html", "")) for output in outputs(notebook)]
    return [page for page in pages if page.images]


def executed(path):
    """The notebook as it comes out of a fresh kernel, and the kernel's processor time."""
    notebook = read(path)
    notebook.cells.append(nbformat.v4.new_code_cell("import time; print(time.process_time())"))
    end = time.monotonic() + PATIENCE
    NotebookClient(
        notebook, timeout_func=lambda cell: max(0.1, end - time.monotonic()), allow_errors=True
    ).execute(cwd=str(ROOT), env=os.environ | ONE_THREAD)
    return notebook, float(notebook.cells[-1].outputs[0].text)


@pytest.mark.parametrize(
    "path",
    [pytest.param(p, marks=() if p.stem in QUICK else pytest.mark.slow) for p in NOTEBOOKS],
    ids=name_of,
)
def test_it_runs_from_a_fresh_kernel_in_time(path):
    notebook, seconds = executed(path)
    assert not errors(notebook)
    assert seconds < SECONDS


@each
def test_no_error_is_committed_and_every_exercise_has_its_verdict(path):
    notebook = read(path)
    assert not errors(notebook)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    questions = len(re.findall(r"^nb\.(?:check|recall)_\w+\(", code, re.MULTILINE))
    solved = path.parent != ROOT
    text = printed(notebook)
    assert "✗" not in text
    assert text.count("not attempted yet") == (0 if solved else questions)
    assert len(re.findall("✓ (?:Exercise|Recall)", text)) == (questions if solved else 0)


@each
def test_figures_have_alt_text_and_a_caption_and_are_shown_in_no_other_way(path):
    notebook = read(path)
    for output in outputs(notebook):
        assert not {"image/png", "image/svg+xml", WIDGET} & set(output.get("data", {}))
    for figure in figures(notebook):
        assert all(len(image.get("alt", "")) >= 40 for image in figure.images)
        assert len(figure.captions) == len(figure.images)
        assert all(caption.strip() for caption in figure.captions)


@each
def test_alt_texts_survive_the_export_to_html(path):
    notebook = read(path)
    text, _ = HTMLExporter(template_name="lab").from_notebook_node(notebook)
    exported = [image.get("alt", "") for image in Page(text).images]
    assert all(exported)
    ours = [image["alt"] for figure in figures(notebook) for image in figure.images]
    assert [alt for alt in exported if alt in ours] == ours


#: What tells where or when a notebook was built: absolute paths, dates, times, addresses in memory.
TRACES = re.compile(
    r"(?<![\w.~:/])/(?:work|tmp|home|root|usr|opt|mnt|var|Users)/\w|\b[A-Z]:\\Users"
    r"|\b20\d\d-\d\d-\d\d\b|\b\d\d:\d\d:\d\d\b|\b0x[0-9a-f]{8,}\b"
)


@each
def test_nothing_tells_where_or_when_it_was_built(path):
    notebook = read(path)
    assert set(notebook.metadata) == {"kernelspec"}
    assert not any("execution" in cell.metadata for cell in notebook.cells)
    # Pictures are left out: in their letters anything can occur.
    text = re.sub(r"base64,[^\"\\]*", "", nbformat.writes(notebook))
    assert not TRACES.findall(text)


@pytest.mark.parametrize("text", ["in /tmp/a.py", "at 0x7f12a4b3c8d0", "2026-01-31", "(/root/x)"])
def test_traces_are_found(text):
    assert TRACES.search(text)


@each
def test_committed_cells_are_those_of_the_source(path):
    pytest.importorskip("jupytext", reason="pip install -e '.[notebooks]' brings jupytext")
    sys.path.insert(0, str(ROOT / "tools"))
    from build import notebook_from

    expected = notebook_from(ROOT / "src" / f"{path.stem}.py", solved=path.parent != ROOT)
    cells = lambda notebook: [(c.id, c.cell_type, c.source, c.metadata) for c in notebook.cells]  # noqa: E731
    assert cells(read(path)) == cells(expected)


def test_every_notebook_stands_on_the_map_and_in_the_teachers_table():
    names = [path.name for path in sorted(ROOT.glob("*.ipynb"))]
    for name, others in (("src/00_start_here.py", names[1:]), ("README.md", names)):
        rows = re.findall(
            r"^(?:# )?\| \[\d\d .+?\]\((.+?)\)", (ROOT / name).read_text("utf-8"), re.M
        )
        assert rows == others, name


def test_every_source_is_built():
    names = {path.stem for path in ROOT.glob("src/*.py")}
    assert all(re.match(r"\d\d_", name) for name in names)
    assert names == {path.stem for path in ROOT.glob("*.ipynb")}
    assert names == {path.stem for path in ROOT.glob("solutions/*.ipynb")}


# ---- Links ------------------------------------------------------------------------------------


def links(notebook):
    """The targets of all links of a notebook's text that lead to another file."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    text = re.sub(r"```.*?```|`[^`\n]*`", "`code`", text, flags=re.DOTALL)
    found = re.findall(r"\]\(([^)\s]+)\)|<a [^>]*href=\"([^\"]+)\"", text)
    targets = [html.unescape(one or other) for one, other in found]
    return [target for target in targets if not re.match(r"[a-z]+:|#", target)]


def broken(target, folder, root=ROOT):
    """Why JupyterLab, started in the notebooks' folder, could not open a link; or nothing."""
    name, _, anchor = target.partition("#")
    file = (folder / name).resolve()
    if not file.is_relative_to(root.resolve()):
        return "outside of the notebooks"
    if not file.is_file():
        return "a folder" if file.is_dir() else "not there"
    if file.suffix == ".md" and anchor and f'id="{anchor}"' not in file.read_text("utf-8"):
        return "no such place in the file"
    return None


@each
def test_every_link_leads_to_a_file_that_jupyterlab_can_open(path):
    found = {target: broken(target, path.parent) for target in links(read(path))}
    assert not {target: why for target, why in found.items() if why}


@each
def test_the_neighbours_and_the_twin_are_linked_at_the_top_and_the_end(path):
    notebook = read(path)
    line = [p.name for p in sorted(path.parent.glob("*.ipynb"))]
    here = line.index(path.name)
    twin = f"solutions/{path.name}" if path.parent == ROOT else f"../{path.name}"
    expected = {*line[max(here - 1, 0) : here + 2], twin} - {path.name}
    for cell in (notebook.cells[0], notebook.cells[-1]):
        assert "navigation" in cell.metadata.get("tags", [])
        assert set(re.findall(r"\]\((\S+)\)", cell.source)) == expected


def test_a_broken_link_is_caught(tmp_path):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "a.md").write_text('<a id="x"></a>', encoding="utf-8")
    why = {
        target: broken(target, tmp_path, tmp_path)
        for target in ("a.md#x", "a.md", "a.md#y", "b.ipynb", "solutions", "../c.md")
    }
    reasons = "no such place in the file", "not there", "a folder", "outside of the notebooks"
    assert tuple(why.values()) == (None, None, *reasons)
    text = '[a](a.md#x) `[b](b.md)` [c](https://c.de) [d](#d) <a href="e.md">e</a>'
    cell = nbformat.v4.new_markdown_cell(text)
    assert links(nbformat.v4.new_notebook(cells=[cell])) == ["a.md#x", "e.md"]


# ---- What stands on the page ------------------------------------------------------------------

LINES = 30  #: of code that a cell may have
DRAWN = 0.1  #: of the code lines on an unfolded page may draw
#: What a statement that draws has in it: matplotlib, what shows a picture, and in `names_that_draw`
#: what came out of one of these.
DRAWS = re.compile(r"plt|show\w*|draw\w*|explore|LivePlot|live|animate\w*")


def code_cells(notebook, folded):
    """The code cells that are folded, or those that are not."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [cell for cell in code if is_folded(cell) == folded]


def is_folded(cell):
    return cell.metadata.get("jupyter", {}).get("source_hidden", False)


def names(node, context=ast.Load):
    """The names that a piece of code reads (or, with ast.Store, binds), attributes included."""
    inside = [n for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, context)]
    attributes = [n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)]
    return {n.id for n in inside} | (set(attributes) if context is ast.Load else set())


def names_that_draw(tree):
    """The names bound to figures and axes: by plt itself, or by a loop over such a name."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and re.search(
            r"\bplt\.(subplots|figure)", ast.unparse(node)
        ):
            found |= names(node, ast.Store)
    for node in ast.walk(tree):
        if isinstance(node, ast.For):
            pairs = [(node.target, node.iter)]
            if isinstance(node.iter, ast.Call) and isinstance(node.target, ast.Tuple):
                pairs = list(zip(node.target.elts, node.iter.args, strict=False))
            for target, over in pairs:
                found |= names(target, ast.Store) if names(over) & found else set()
    return found


def drawing_lines(code):
    """(lines that draw, all lines) of code without blanks, comments and docstrings.

    The rule: a line draws if its innermost statement names matplotlib's plt, a figure or axes that
    plt made, or a function or picture whose name begins with show, draw, animate, explore or live.
    Imports count as lines that do not draw.
    """
    tree = ast.parse(code)
    axes = names_that_draw(tree)
    drawing, lines = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not is_docstring(node):
            span, own = own_lines(node), own_names(node)
            lines |= span
            if any(name in axes or DRAWS.fullmatch(name) for name in own):
                drawing |= span
    source = [line.strip() for line in code.splitlines()]
    written = {n for n in lines if source[n - 1] and not source[n - 1].startswith("#")}
    return len(drawing & written), len(written)


def is_docstring(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def own_lines(statement):
    """The lines of a statement that belong to no statement inside it."""
    body = getattr(statement, "body", None)
    last = max(statement.lineno, body[0].lineno - 1) if body else statement.end_lineno
    return set(range(statement.lineno, last + 1))


def own_names(statement):
    """The names in a statement that are in no statement inside it; those of an import are none."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return set()
    if not hasattr(statement, "body"):
        return names(statement) | names(statement, ast.Store)
    parts = [part for part in ast.iter_child_nodes(statement) if not isinstance(part, ast.stmt)]
    return set().union(*(names(part) | names(part, ast.Store) for part in parts))


@each
def test_the_cells_that_draw_are_folded_and_no_others(path):
    for cell in read(path).cells:
        assert is_folded(cell) == ("hide-input" in cell.metadata.get("tags", []))


@each
def test_no_cell_is_longer_than_a_screen(path):
    cells = code_cells(read(path), folded=False) + code_cells(read(path), folded=True)
    assert not [(c.id, n) for c in cells if (n := len(c.source.splitlines())) > LINES]


@each
def test_what_is_not_folded_is_mathematics_and_not_drawing(path):
    counts = [drawing_lines(cell.source) for cell in code_cells(read(path), folded=False)]
    drawing, lines = map(sum, zip(*counts, strict=True))
    assert drawing < DRAWN * lines, f"{drawing} of {lines} lines draw"


def hidden_and_needed(notebook):
    """Names that a cell needs, and that only folded cells before it have bound."""
    hidden, open_, needed = set(), set(), set()
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        tree = ast.parse(cell.source)
        bound = names(tree, ast.Store) | {
            alias.asname or alias.name.split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        bound |= {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)}
        bound |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
        read_here = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        if is_folded(cell):
            hidden |= bound
        else:
            needed |= (read_here - bound) & (hidden - open_)
            open_ |= bound
    return needed


@each
def test_what_is_needed_later_does_not_hide_in_a_folded_cell(path):
    assert not hidden_and_needed(read(path))


def test_the_rules_of_the_page_see_what_is_wrong():
    drawn = "figure, ax = plt.subplots()\nfor a in (1, 2):\n    ax.plot(\n        a,\n    )\n"
    assert drawing_lines(drawn + "show(figure)\n") == (5, 6)
    assert drawing_lines("# a comment\nF = J.T @ J\n\nprint(F.plot_free)\n") == (0, 2)
    assert drawing_lines("axes = plt.subplots()\nfor ax, y in zip(axes, ys):\n    y.sum()\n") == (
        2,
        3,
    )
    assert drawing_lines('def f(x):\n    """Returns x."""\n    return x\n') == (0, 2)
    new, fold = nbformat.v4.new_code_cell, {"jupyter": {"source_hidden": True}}
    cells = [new("k = 1\nj = 2", metadata=fold), new("j = 3\nprint(j, k)"), new("print(k, j)")]
    assert hidden_and_needed(nbformat.v4.new_notebook(cells=cells)) == {"k"}
