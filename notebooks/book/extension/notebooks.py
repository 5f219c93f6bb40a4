"""The notebooks as pages: hints, pictures, and the switch between open and solved exercises."""

import base64
import hashlib
import io
import json
import re
from functools import cache
from pathlib import Path

from dark import dark
from docutils import nodes
from PIL import Image
from sphinx import addnodes
from sphinx.application import Sphinx

SOLVED = "solutions/"
NOTEBOOK = re.compile(r"(solutions/)?\d\d_\w+")
#: Markdown is read again after an empty line only.
SUMMARY = re.compile(r"(</summary>)\n(?!\n)")
#: A picture as trpo_np.classroom.figures embeds it, with the name that some have.
EMBEDDED = re.compile(
    r'(?P<figure><figure(?: id="(?P<name>[^"]+)")?>)?'
    r'<img src="data:image/(?P<kind>png|gif|webp);base64,(?P<data>[^"]+)" (?P<rest>[^>]*)>'
)
FIGURES = Path(__file__).parents[3] / "figures"
TWIN = "dark-picture dark-light"  #: the theme leaves the second as it is
#: Where motion is welcome.
WELCOME = 'media="(prefers-reduced-motion: no-preference)"'


def on_source(app: Sphinx, docname: str, source: list[str]) -> None:
    """The notebook without its own lines of navigation, which the site has elsewhere; the entries
    of the references as targets of links."""
    if docname == "references":
        source[0] = re.sub(r'<a id="(\w+)"></a>', r"(\1)=\n", source[0])
    if not NOTEBOOK.fullmatch(docname):
        return
    notebook = json.loads(source[0])
    cells = [c for c in notebook["cells"] if "navigation" not in c["metadata"].get("tags", [])]
    for cell in cells:
        if cell["cell_type"] == "markdown":
            cell["source"] = SUMMARY.sub(r"\1\n\n", "".join(cell["source"]))
        for output in cell.get("outputs", []):
            if "text/html" in output.get("data", {}):
                page = "".join(output["data"]["text/html"])
                output["data"]["text/html"] = EMBEDDED.sub(lambda m: stored(app, docname, m), page)
    source[0] = json.dumps(notebook | {"cells": cells})


def stored(app: Sphinx, docname: str, picture: re.Match) -> str:
    """The picture from a file of its own, which both copies of a page share, beside its dark twin;
    where it is the still of a film, the film, unless the reader asks for less motion."""
    data, kind = base64.b64decode(picture["data"]), picture["kind"]
    image = Image.open(io.BytesIO(data))
    files = {("", "film"): data}
    if kind == "png":
        light, twin = both(data)
        files, kind = {("", "light-picture"): light, ("-dark", TWIN): twin}, "webp"
    up = "../" * docname.count("/") + "_images/"
    size = f'width="{image.width}" height="{image.height}" loading="lazy"'
    shown = picture["figure"] or ""
    for (end, name), file in files.items():
        still = f'<img class="{name}" src="{up}{kept(app, file, kind)}" {size} {picture["rest"]}>'
        film = FIGURES / f"{picture['name']}{end}.webp"
        if film.exists():
            moving = up + kept(app, film.read_bytes(), "webp")
            still = f'<picture><source {WELCOME} srcset="{moving}">{still}</picture>'
        shown += still
    return shown


@cache
def both(data: bytes) -> tuple[bytes, bytes]:
    """A picture and its dark twin; the open page and the solved one mostly have the same."""
    image = Image.open(io.BytesIO(data))
    return as_webp(image), as_webp(dark(image))


def as_webp(image: Image.Image) -> bytes:
    """The image's file as WebP without loss, half as large as PNG."""
    image.convert("RGB").save(file := io.BytesIO(), format="WEBP", lossless=True, quality=60)
    return file.getvalue()


def kept(app: Sphinx, data: bytes, kind: str) -> str:
    """The name of a file of the site that holds an image."""
    folder = app.outdir / "_images"
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{hashlib.sha256(data).hexdigest()[:16]}.{kind}"
    (folder / name).write_bytes(data)
    return name


def on_read(app: Sphinx, doctree: nodes.document) -> None:
    """Puts the switch below the title; a search finds the students' page, which says the same."""
    docname = app.env.docname
    if not NOTEBOOK.fullmatch(docname):
        return
    solved = docname.startswith(SOLVED)
    if solved:
        app.env.metadata[docname]["nosearch"] = "true"
    students = docname.removeprefix(SOLVED)
    title = next(doctree.findall(nodes.title))
    choices = [
        choice("open", students, docname, not solved),
        choice("solved", SOLVED + students, docname, solved),
    ]
    switch = nodes.paragraph("", "", nodes.inline("", "Exercises"), *choices, classes=["switch"])
    title.parent.insert(title.parent.index(title) + 1, switch)


def choice(text: str, target: str, docname: str, chosen: bool) -> nodes.Node:
    """One side of the switch: what is shown, or a link to the other."""
    if chosen:
        return nodes.strong("", text, classes=["chosen"])
    options = {"refdomain": "std", "reftype": "doc", "reftarget": f"/{target}", "refdoc": docname}
    return addnodes.pending_xref(
        "", nodes.inline("", text), **options, refexplicit=True, refwarn=True
    )


def on_page(app: Sphinx, pagename: str, template: str, context: dict, doctree: object) -> None:
    """Tells a solved page by its title in the browser's bar."""
    if pagename.startswith(SOLVED):
        context["title"] += " (solved)"


def setup(app: Sphinx) -> dict:
    app.connect("source-read", on_source)
    app.connect("doctree-read", on_read)
    app.connect("html-page-context", on_page)
    return {"version": "1", "parallel_read_safe": True}
