"""Prints the two-page cheat sheet, figures/cheat_sheet.pdf, from the sources of code and notebooks.

    pip install -e '.[browser,book]'    # and a Chromium: apt-get install chromium
    python notebooks/tools/cheat_sheet.py

The pseudocode is that of the code's comments, formulas and tables are the notebooks', settings the
dataclasses'.
"""

from dataclasses import fields

from material import NOTEBOOKS, comments, ledger, table
from paper import FIGURES, filled, printed

from trpo_np import TRPO
from trpo_np.training.settings import Settings
from trpo_np.updates.options import settings_of

ROOT = NOTEBOOKS.parent
PDF = FIGURES / "cheat_sheet.pdf"
#: The settings in the order in which notebook 10 says what too small and too large a value does.
ADVISED = "delta", "cg_iterations", "cg_damping", "line_search_steps", "backtrack_ratio"
ADVISED += "gamma", "lam", "batch_size"
SCALE = 0.83  #: at which the two sections fill a page each


def page() -> str:
    """The sheet as HTML."""
    known = {"says": ledger(), "line": line, "table": table}
    return filled("cheat_sheet.html", advice=advice(), others=others(), **known)


def line(beginning: str) -> str:
    """The line of the pseudocode that begins so, as it stands in the code."""
    trpo = comments(ROOT / "trpo_np" / "updates" / "trpo.py", "trpo_step")
    loop = comments(ROOT / "trpo_np" / "training" / "train.py", "_iterate")
    (found,) = [text.strip() for text in trpo + loop if text.strip().startswith(beginning)]
    return found


def advice() -> list[dict]:
    """The settings that notebook 10 speaks of: name, default, help, and what a wrong value does."""
    known = {setting.name: setting for kind in (TRPO, Settings) for setting in settings_of(kind)}
    rows = zip(ADVISED, table("10", "| name | value here |"), strict=True)
    return [
        {"setting": known[name], "letter": row[0], "small": row[3], "large": row[4]}
        for name, row in rows
    ]


def others() -> list:
    """All other settings of the update and of training."""
    return [s for kind in (TRPO, Settings) for s in fields(kind) if s.name not in ADVISED]


if __name__ == "__main__":
    printed(page(), PDF, SCALE)
    print(PDF)
