"""Builds the book, a static site, from the committed notebooks; nothing is executed.

    pip install -e '.[book]'
    python notebooks/tools/book.py           # notebooks/book/_build/html

MathJax comes from the npm registry, once, into the user's cache; the pages load nothing from
elsewhere.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import lite
from sphinx.cmd.build import build_main

NOTEBOOKS = Path(__file__).parent.parent
BOOK = NOTEBOOKS / "book"
BUILD = BOOK / "_build"
MATHJAX = "mathjax@3.2.2"
#: What a page with TeX may load: the component, its fonts, extensions of TeX.
MATHJAX_PARTS = "tex-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions"


def main() -> None:
    """Gathers the sources in one folder and lets Sphinx build them; warnings are errors."""
    shutil.rmtree(BUILD, ignore_errors=True)
    source = BUILD / "source"
    gather(source)
    arguments = ["-c", str(BOOK), "-d", str(BUILD / "doctrees"), "-b", "html", "-j", "auto"]
    arguments += ["-q", "-W", "--keep-going"]
    failed = build_main([*arguments, str(source), str(BUILD / "html")])
    if failed:
        sys.exit(failed)
    copy_parts(mathjax() / "es5", BUILD / "html" / "_static" / "mathjax", MATHJAX_PARTS)
    for unread in (BUILD / "html").rglob("*.map"):  # for those who debug the theme
        unread.unlink()
    lite.build(BUILD / "html" / "lite")
    print(BUILD / "html" / "index.html")


def gather(target: Path) -> None:
    """Copies the pages, the notebooks and what they link to."""
    kept = shutil.ignore_patterns("src", "tools", "book", "teacher.md", ".*", "__pycache__")
    shutil.copytree(NOTEBOOKS, target, ignore=kept)
    for page in BOOK.glob("*.md"):
        shutil.copy2(page, target)


def mathjax() -> Path:
    """The folder of MathJax, fetched with npm where it is not in the cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    cache /= f"trpo_np-{MATHJAX}"
    folder = cache / "node_modules" / "mathjax"
    if not folder.exists():
        npm = shutil.which("npm")
        if npm is None:
            sys.exit(f"The book needs {MATHJAX}: install Node.js, whose npm fetches it.")
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run([npm, "install", "--silent", "--prefix", cache, MATHJAX], check=True)
    return folder


def copy_parts(source: Path, target: Path, parts: tuple[str, ...]) -> None:
    """Copies files and folders of one folder into another."""
    for part in parts:
        if (source / part).is_dir():
            shutil.copytree(source / part, target / part, dirs_exist_ok=True)
        else:
            (target / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / part, target / part)


if __name__ == "__main__":
    main()
