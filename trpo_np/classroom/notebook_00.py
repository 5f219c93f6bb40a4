"""The map and the check of notebook 00, which shows how checks work."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from trpo_np.classroom.checks import Check, Mistake
from trpo_np.experiments.plots import COLORS, INK, QUIET

#: Where each notebook stands on the map, in columns and rows.
PLACES = {
    "01 step": (0, 3),
    "02 surrogate": (1, 3),
    "03 theorem": (2, 3),
    "04 region": (3, 3),
    "05 Fisher": (4, 3),
    "06 products": (5, 3),
    "07 CG": (5, 2),
    "08 search": (4, 2),
    "09 advantages": (1, 1),
    "10 TRPO": (3, 1),
    "11 museum": (4, 1),
    "12 properties": (3, 0),
    "13 limits": (4, 0),
    "14 bound": (2, 2),
    "15 penalty": (2, 0),
    "16 capstones": (5, 1),
}
SHORT = ("01", "04", "05", "08", "10")  #: for those in a hurry
BEYOND = ("14", "15")  #: what the chapter does not have
#: Which notebook leads to which.
ARROWS = (
    *("01-02", "02-03", "03-04", "04-05", "05-06", "06-07"),
    *("07-08", "04-08", "02-09", "08-10", "09-10", "10-11", "10-12", "12-13"),
    *("03-14", "10-15", "11-16"),
)


def draw_map() -> Figure:
    """The notebooks as boxes, with arrows in the order of reading."""
    figure, ax = plt.subplots(figsize=(11, 5))
    ax.set(xlim=(-0.5, 5.5), ylim=(-0.5, 3.4))
    ax.axis("off")
    places = {name[:2]: place for name, place in PLACES.items()}
    boxes = {number: _box(ax, place, number) for number, place in places.items()}
    for name, (x, y) in PLACES.items():
        number, word = name.split(" ", 1)
        short = number in SHORT
        style = {"ha": "center", "va": "center", "color": "white" if short else INK}
        ax.text(x, y + 0.14, number, fontweight="bold", fontsize=15, **style)
        ax.text(x, y - 0.14, word, fontsize=14, **style)
    for arrow in ARROWS:
        start, end = arrow.split("-")
        style = {"arrowstyle": "-|>", "mutation_scale": 18, "color": QUIET, "lw": 2}
        style |= {"patchA": boxes[start], "patchB": boxes[end], "shrinkA": 3, "shrinkB": 3}
        ax.annotate("", places[end], places[start], arrowprops=style)
    ax.text(-0.42, 0.1, "filled: the short way", color=COLORS[0], fontweight="bold", fontsize=13)
    ax.text(-0.42, -0.25, "dashed: beyond the chapter", color=QUIET, fontsize=13)
    return figure


def _box(ax: Axes, place: tuple[float, float], number: str) -> FancyBboxPatch:
    """A notebook's box, filled on the short way and dashed beyond the chapter."""
    x, y = place
    face = COLORS[0] if number in SHORT else "#F3F7FA"
    edge, line = (QUIET, "--") if number in BEYOND else (COLORS[0], "-")
    shape = "round,pad=0,rounding_size=0.08"
    box = FancyBboxPatch((x - 0.4, y - 0.31), 0.8, 0.62, shape, fc=face, ec=edge, lw=2, ls=line)
    return ax.add_patch(box)


check_squared_length = Check(
    "Exercise 0.1",
    lambda v: v @ v,
    lambda: [(np.array([1.0, -2.0, 3.0]),), (np.array([0.5, -4.0]),)],
    (
        Mistake(
            lambda v: np.sum(v),
            "this is the sum of the entries; square them first",
        ),
        Mistake(
            lambda v: np.sqrt(v @ v),
            "this is the length; the squared length was asked for",
        ),
        Mistake(
            lambda v: v**2,
            "these are the squares of the entries; add them up",
        ),
    ),
    "All exercises work like this one.",
)
