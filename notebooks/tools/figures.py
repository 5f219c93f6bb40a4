"""Writes the named pictures of the notebooks to the folder figures/, each with its alt text and
its dark twin; and a twin of the other pictures there.

    python notebooks/tools/figures.py

A picture is named in the notebook, show(..., name="trust_region"); it is taken as it stands in the
built notebook with solutions, so that what the README and slides show is what the reader sees.
"""

import base64
import html
import re
from pathlib import Path

import nbformat
from dark import dark
from PIL import Image

NOTEBOOKS = Path(__file__).parent.parent
NAMED = re.compile(
    r'<figure id="(?P<name>[^"]+)"><img src="data:image/png;base64,(?P<png>[^"]+)" '
    r'alt="(?P<alt>[^"]+)"'
)


def named_pictures(notebook: nbformat.NotebookNode) -> dict[str, tuple[bytes, str]]:
    """The PNG and the alt text of every named picture of a built notebook."""
    found = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            for match in NAMED.finditer(output.get("data", {}).get("text/html", "")):
                png = base64.b64decode(match["png"])
                found[match["name"]] = png, html.unescape(match["alt"])
    return found


def write_figures(folder: Path) -> None:
    """Writes NAME.png and NAME.txt, the alt text, for every named picture of the notebooks."""
    for path in sorted(NOTEBOOKS.glob("solutions/*.ipynb")):
        for name, (png, alt) in named_pictures(nbformat.read(path, as_version=4)).items():
            (folder / f"{name}.png").write_bytes(png)
            (folder / f"{name}.txt").write_text(alt + "\n", encoding="utf-8")
            print(folder / f"{name}.png")


def write_twins(folder: Path) -> None:
    """Writes NAME-dark.png for every NAME.png of the folder."""
    for path in sorted(folder.glob("*.png")):
        if not path.stem.endswith("-dark"):
            with Image.open(path) as light:
                dark(light).save(path.with_stem(f"{path.stem}-dark"), optimize=True)


if __name__ == "__main__":
    write_figures(NOTEBOOKS.parent / "figures")
    write_twins(NOTEBOOKS.parent / "figures")
