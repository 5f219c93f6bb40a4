"""What the pages use that is on the npm registry alone, fetched once into the user's cache."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

MATHJAX = "mathjax@3.2.2"
REVEAL = "reveal.js@5.2.1"
#: What a page with TeX may load: the component, its fonts, extensions of TeX.
MATHJAX_PARTS = "tex-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions"
REVEAL_PARTS = "dist/reveal.js", "dist/reveal.css", "plugin/notes"


def fetched(package: str) -> Path:
    """The folder of a package, "name@version", fetched with npm where it is not in the cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / f"trpo_np-{package}"
    folder = cache / "node_modules" / package.split("@")[0]
    if not folder.exists():
        npm = shutil.which("npm")
        if npm is None:
            sys.exit(f"The pages need {package}: install Node.js, whose npm fetches it.")
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run([npm, "install", "--silent", "--prefix", cache, package], check=True)
    return folder


def mathjax(target: Path) -> None:
    """Copies what a page of mathematics needs."""
    copy_parts(fetched(MATHJAX) / "es5", target, MATHJAX_PARTS)


def reveal(target: Path) -> None:
    """Copies what slides need."""
    copy_parts(fetched(REVEAL), target, REVEAL_PARTS)


def copy_parts(source: Path, target: Path, parts: tuple[str, ...]) -> None:
    """Copies files and folders of one folder into another."""
    for part in parts:
        (target / part).parent.mkdir(parents=True, exist_ok=True)
        if (source / part).is_dir():
            shutil.copytree(source / part, target / part, dirs_exist_ok=True)
        else:
            shutil.copy2(source / part, target / part)
