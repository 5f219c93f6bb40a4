"""One look for every figure: large type, colours safe for the colour-blind, line styles beside."""

from collections.abc import Sequence
from typing import BinaryIO

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib import cycler
from matplotlib.axes import Axes

from trpo_np.training.result import Row

#: Okabe and Ito's palette, without its yellow, which fades on a projector.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (1, 1)))

STYLE = {
    "figure.figsize": (9, 5),
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
    "font.size": 14,
    "axes.titlesize": 15,
    "axes.labelsize": 14,
    "axes.grid": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(color=COLORS) + cycler(linestyle=LINES),
    "grid.alpha": 0.3,
    "grid.linestyle": "-",
    "lines.linewidth": 2.5,
    "lines.markersize": 8,
    "legend.frameon": False,
    "legend.fontsize": 13,
}


def use_style() -> None:
    """Gives every figure from here on the look of this course."""
    matplotlib.rcParams.update(STYLE)


def learning_curve(ax: Axes, histories: Sequence[Sequence[Row]], label: str) -> None:
    """Draws mean return against environment steps; several histories (seeds) as their mean, with a
    band from the lowest to the highest, as far as all of them reach."""
    curves = [_curve(history) for history in histories]
    curves = [(steps, returns) for steps, returns in curves if len(steps)]
    if not curves:
        return
    first = max(steps[0] for steps, _ in curves)
    last = min(steps[-1] for steps, _ in curves)
    grid = curves[0][0] if len(curves) == 1 else np.linspace(first, max(first, last), 200)
    returns = np.stack([np.interp(grid, *curve) for curve in curves])
    if len(curves) > 1:
        label = f"{label}: mean and range of {len(curves)} runs"
    (line,) = ax.plot(grid, returns.mean(axis=0), label=label)
    if len(curves) > 1:
        band = returns.min(axis=0), returns.max(axis=0)
        ax.fill_between(grid, *band, color=line.get_color(), alpha=0.2, linewidth=0)
    ax.set_xlabel("environment steps")
    ax.set_ylabel("mean return of recent episodes")


def save_learning_curves(
    file: BinaryIO, groups: dict[str, Sequence[Sequence[Row]]], kind: str = "png"
) -> None:
    """Saves a picture of this kind with one learning curve for each label of `groups`."""
    with plt.rc_context(STYLE):
        figure, ax = plt.subplots()
        for label, histories in groups.items():
            learning_curve(ax, histories, label)
        if ax.lines:
            ax.legend()
        figure.savefig(file, format=kind)
        plt.close(figure)


def _curve(history: Sequence[Row]) -> tuple[np.ndarray, np.ndarray]:
    """Steps and mean returns from the first finished episode on."""
    rows = [(row.steps, row.mean_return) for row in history if np.isfinite(row.mean_return)]
    steps, returns = np.array(rows, dtype=float).reshape(-1, 2).T
    return steps, returns
