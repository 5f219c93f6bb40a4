"""Links of the equations: (7.6) in a text leads to the equation, which leads to its function and
its test."""

import re
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

from extension import ledger

TAG = re.compile(r"\\tag\{(\d+\.\d+)\}")
CITED = re.compile(r"\((\d{1,2}\.\d{1,2})\)")
NOT_IN = nodes.literal | nodes.literal_block | nodes.math | nodes.raw | nodes.reference
NOT_IN |= nodes.title | addnodes.pending_xref | addnodes.desc_signature


def anchor(label: str, docname: str) -> str:
    """The label's place: on a solved page that page's own, elsewhere the students' page's."""
    chapter = label.split(".")[0]
    solved = docname.startswith(f"solutions/{chapter:0>2}_")
    return f"{'solved' if solved else 'equation'}-{label.replace('.', '-')}"


def link(domain: str, kind: str, target: str, docname: str, text: nodes.Node) -> nodes.Node:
    """A link that Sphinx resolves, and warns of where it cannot."""
    options = {"refdomain": domain, "reftype": kind, "reftarget": target, "refdoc": docname}
    return addnodes.pending_xref("", text, **options, refexplicit=True, refwarn=True)


def to_equation(label: str, docname: str) -> nodes.Node:
    text = nodes.inline("", f"({label})", classes=["equation-number"])
    return link("std", "ref", anchor(label, docname), docname, text)


def to_function(row: ledger.Row, docname: str, text: nodes.Node) -> nodes.Node:
    return link("py", "obj", row.defined, docname, text)


def to_test(row: ledger.Row, docname: str, text: nodes.Node) -> nodes.Node:
    return link("std", "ref", f"{row.file}-{row.test}", docname, text)


def links_of(row: ledger.Row, docname: str) -> list[nodes.Node]:
    """To the function and the test of an equation, each with words for those who do not see it."""
    hidden = nodes.inline("", f" of ({row.label})", classes=["visually-hidden"])
    test = to_test(row, docname, nodes.inline("", "", nodes.Text("test"), hidden))
    if row.function is None:
        return [test]
    function = nodes.literal("", row.function.split(".")[-1])
    return [to_function(row, docname, function), nodes.Text(" · "), test]


def number(app: Sphinx, doctree: nodes.document, rows: dict[str, ledger.Row]) -> None:
    """Gives every display its anchors, and below it the links of its row of the ledger."""
    docname = app.env.docname
    labels = app.env.get_domain("std").anonlabels
    for block in list(doctree.findall(nodes.math_block)):
        known = [rows[label] for label in TAG.findall(block.astext()) if label in rows]
        for row in known:
            name = anchor(row.label, docname)
            block["ids"].append(name)
            labels[name] = docname, name
        # As it stands: MathJax takes no \tag inside the environment that Sphinx would wrap it in.
        block["no-wrap"] = True
        tex = nodes.Text(rf"\[{block.astext()}\]")
        block.clear()
        block += tex
        if known:
            parts = [nodes.inline("", "", *links_of(row, docname)) for row in known]
            row = nodes.paragraph("", "", *parts, classes=["equation-links"])
            block.parent.insert(block.parent.index(block) + 1, row)


def cite(app: Sphinx, doctree: nodes.document, rows: dict[str, ledger.Row]) -> None:
    """Makes a link of every equation's number in a text."""
    for text in list(doctree.findall(nodes.Text)):
        if within(text, NOT_IN):
            continue
        pieces = CITED.split(text)
        new = [
            to_equation(piece, app.env.docname)
            if place % 2 and piece in rows
            else nodes.Text(f"({piece})" if place % 2 else piece)
            for place, piece in enumerate(pieces)
        ]
        if len(new) > 1:
            text.parent.replace(text, new)


def within(node: nodes.Node, kinds: type) -> bool:
    """Whether a node stands inside one of these kinds."""
    while node := node.parent:
        if isinstance(node, kinds):
            return True
    return False


def link_ledger(app: Sphinx, doctree: nodes.document, rows: dict[str, ledger.Row]) -> None:
    """Makes links of the functions and tests that the ledger's own page names."""
    by_test = {f"{row.file}.py::{row.test}": row for row in rows.values()}
    by_function = {row.function: row for row in rows.values()}
    for literal in list(doctree.findall(nodes.literal)):
        name = literal.astext()
        if name in by_test:
            new = to_test(by_test[name], app.env.docname, literal.deepcopy())
        elif name in by_function:
            new = to_function(by_function[name], app.env.docname, literal.deepcopy())
        else:
            continue
        literal.parent.replace(literal, new)


def on_read(app: Sphinx, doctree: nodes.document) -> None:
    rows = ledger.rows(Path(app.srcdir))
    number(app, doctree, rows)
    cite(app, doctree, rows)
    if app.env.docname == "equations":
        link_ledger(app, doctree, rows)


def setup(app: Sphinx) -> dict:
    app.connect("doctree-read", on_read)
    return {"version": "1", "parallel_read_safe": True}
