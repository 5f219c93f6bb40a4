"""One look for every figure: large type, colours safe for the colour-blind, line styles beside."""

from collections.abc import Sequence
from typing import BinaryIO

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib import cycler
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from trpo_np.experiments.statistics import bootstrap_interval, interquartile_mean
from trpo_np.training.result import Points, Row, points_of

#: Okabe and Ito's palette, without its yellow, which fades on a projector.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (1, 1)))

GRID = 200  #: points of a curve of several runs
EARLY = 0.01  #: a run that ended by less than this share of the axis early has no tick

#: From white to a clear blue: a map under lines has to be pale, and a stronger colour is more, on a
#: white page and on a dark one.
PALE = LinearSegmentedColormap.from_list("pale", ["#FFFFFF", "#D9EAF7", "#7DB4DE"])
GOOD, BAD = "#007A59", "#B84F00"  #: words in the colours of lines, darker than those
INK, QUIET, FAINT = "#14202B", "#586572", "#E2E7EB"  #: words; axes and their numbers; the grid

STYLE = {
    "figure.figsize": (9, 5),
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
    "font.size": 14,
    "text.color": INK,
    "axes.titlesize": 15,
    "axes.titlecolor": INK,
    "axes.labelsize": 14,
    "axes.labelcolor": INK,
    "axes.edgecolor": QUIET,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(color=COLORS) + cycler(linestyle=LINES),
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "grid.color": FAINT,
    "grid.linestyle": "-",
    "grid.linewidth": 1,
    "lines.solid_capstyle": "round",
    "lines.solid_joinstyle": "round",
    "lines.linewidth": 2.5,
    "lines.markersize": 8,
    "legend.frameon": False,
    "legend.fontsize": 13,
    "legend.handlelength": 2.4,
}


def use_style() -> None:
    """Gives every figure from here on the look of this course."""
    matplotlib.rcParams.update(STYLE)


def learning_curve(ax: Axes, histories: Sequence[Sequence[Row]], label: str) -> None:
    """Draws mean return against environment steps, several runs as `curves` does."""
    curves(ax, [points_of(history) for history in histories], in_words(label, len(histories)))


def in_words(label: str, runs: int) -> str:
    """The label of so many runs' curve, with what line and band are; drawn as it is written."""
    label = "".join(c if c.isprintable() else "?" for c in label).replace("$", r"\$")
    return label if runs == 1 else f"{label}: IQM of {runs} runs, 95 % band"


def curves(ax: Axes, runs: Sequence[Points], label: str) -> None:
    """Draws learning curves of points (steps, return): of several runs the interquartile mean, with
    a band that is its 95 % bootstrap interval over the runs.

    A run that ended before the longest keeps its last return from there on, so that no run leaves
    the mean on the way; a tick on the line shows where.
    """
    runs = [np.asarray(points, dtype=float) for points in runs if len(points)]
    if not runs:
        return
    first, ends = max(run[0, 0] for run in runs), np.array([run[-1, 0] for run in runs])
    last = ends.max()
    grid = runs[0][:, 0] if len(runs) == 1 else np.linspace(first, max(first, last), GRID)
    returns = np.stack([np.interp(grid, *run.T) for run in runs])
    middle = interquartile_mean(returns, axis=0)
    (line,) = ax.plot(grid, middle, label=label)
    if len(runs) > 1:
        band = bootstrap_interval([returns], interquartile_mean, np.random.default_rng(0), 1000)
        ax.fill_between(grid, *band, color=line.get_color(), alpha=0.2, linewidth=0)
        early = ends[ends < last - EARLY * (last - first)]
        how = {"color": line.get_color(), "linestyle": "none", "marker": "|", "markersize": 16}
        ax.plot(early, np.interp(early, grid, middle), **how)
    ax.set_xlabel("environment steps")
    ax.set_ylabel("mean return of recent episodes")


def save_learning_curves(
    file: BinaryIO, groups: dict[str, Sequence[Points]], kind: str = "png"
) -> None:
    """Saves a picture of this kind with the `curves` of each label of `groups`."""
    with plt.rc_context(STYLE):
        figure, ax = plt.subplots()
        for label, runs in groups.items():
            curves(ax, runs, in_words(label, len(runs)))
        if ax.lines:
            ax.legend()
        figure.savefig(file, format=kind)
        plt.close(figure)
