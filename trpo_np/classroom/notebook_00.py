"""The map and the check of notebook 00, which shows how checks work."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from trpo_np.classroom.checks import Check, Mistake
from trpo_np.experiments.plots import COLORS

#: Where each notebook stands on the map.
PLACES = {
    "01 step": (0, 1),
    "02 surrogate": (1.25, 1.6),
    "03 theorem": (2.5, 1.6),
    "04 region": (3.75, 1),
    "05 Fisher": (5, 1.6),
    "06 products": (6.25, 1.6),
    "07 CG": (7.5, 1.6),
    "08 search": (8.75, 1),
    "09 advantages": (2.5, 0.2),
    "10 TRPO": (10, 0.6),
    "11 museum": (11.25, 0.6),
    "12 properties": (10, -0.4),
    "13 limits": (11.45, -0.4),
    "14 bound": (3.75, 2.5),
    "15 penalty": (11.25, 1.6),
    "16 capstones": (12.6, 0.6),
}
#: Which notebook leads to which.
ARROWS = (
    *("01-02", "02-03", "03-04", "04-05", "05-06", "06-07"),
    *("07-08", "04-08", "02-09", "08-10", "09-10", "10-11", "10-12", "12-13"),
    *("03-14", "10-15", "11-16"),
)


def draw_map() -> Figure:
    """The notebooks as boxes, with arrows in the order of reading."""
    figure, ax = plt.subplots(figsize=(15.6, 5))
    ax.set_xlim(-0.6, 13.4)
    ax.set_ylim(-0.9, 3.0)
    ax.axis("off")
    box = {"boxstyle": "round,pad=0.5", "facecolor": "white", "edgecolor": COLORS[0]}
    boxes, by_number = {}, {name[:2]: place for name, place in PLACES.items()}
    for name, place in PLACES.items():
        text = ax.text(
            *place,
            name.replace(" ", "\n", 1),
            ha="center",
            va="center",
            fontsize=14,
            bbox=box | {"linewidth": 2},
        )
        boxes[name[:2]] = text.get_bbox_patch()
    figure.canvas.draw()  # the boxes get their sizes
    for arrow in ARROWS:
        start, end = arrow.split("-")
        style = {"arrowstyle": "-|>", "color": "0.4", "lw": 2, "shrinkA": 2, "shrinkB": 2}
        style |= {"patchA": boxes[start], "patchB": boxes[end]}
        ax.annotate("", by_number[end], by_number[start], arrowprops=style)
    return figure


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
