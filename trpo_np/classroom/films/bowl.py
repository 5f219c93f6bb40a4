"""Conjugate gradient beside steepest descent, on the bowl of notebook 07."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from trpo_np.classroom.films import Film, moving, until
from trpo_np.conjugate_gradient import conjugate_gradient
from trpo_np.experiments.plots import COLORS, INK, PALE

Array = np.ndarray

#: The system of notebook 07, and the start chosen to be unlucky.
F, G, START = np.array([[5.0, 2.0], [2.0, 1.5]]), np.array([1.0, 2.0]), np.array([0.5, 0.0])
STEPS = 12  #: iterations that the film shows
ROUNDING = 1e-16  #: where a logarithmic axis ends
METHODS = {
    "steepest descent": (COLORS[1], "--", "o"),
    "conjugate gradient": (COLORS[0], "-", "s"),
}


def paths() -> dict[str, Array]:
    """The iterates (k + 1, 2) of both methods from START; conjugate gradient, which solves for the
    way that is left, F d = g - F x₀, is done after two."""
    steepest = [START]
    for _ in range(STEPS):
        r = G - F @ steepest[-1]
        steepest.append(steepest[-1] + (r @ r) / (r @ F @ r) * r)
    ways = [conjugate_gradient(lambda v: F @ v, G - F @ START, k).x for k in range(3)]
    return dict(zip(METHODS, (np.array(steepest), START + np.array(ways)), strict=True))


def errors(path: Array) -> Array:
    """The distance of each iterate from the solution in the F-norm, relative to that at the start;
    at least ROUNDING."""
    away = path - np.linalg.solve(F, G)
    norms = np.sqrt(np.einsum("ki,ij,kj->k", away, F, away))
    return np.maximum(norms / norms[0], ROUNDING)


def film() -> Film:
    """Both methods, step by step."""
    found = paths()
    return Film(lambda t: draw(found, t), moving(STEPS, between=3, rest=350, move=60, end=3500))


def draw(found: dict[str, Array], t: float = STEPS) -> Figure:
    """The iterates of both methods in the bowl, and their errors, up to a time in steps."""
    figure, (bowl, error) = plt.subplots(1, 2, figsize=(10, 5.2), width_ratios=(1, 1))
    draw_bowl(bowl, F, G)
    for name, path in found.items():
        color, line, marker = METHODS[name]
        style = {"color": color, "linestyle": line, "marker": marker, "markeredgecolor": "white"}
        bowl.plot(*until(path, t).T, markevery=[*range(min(int(t) + 1, len(path)))], **style)
        error.semilogy(errors(path)[: int(t) + 1], label=name, **style)
    bowl.set_title(f"step {int(t)}", loc="left", fontweight="bold")
    error.set(xlim=(-0.4, STEPS + 0.4), ylim=(ROUNDING / 3, 10), xlabel="iterations")
    error.set_title("error in the F-norm", loc="left", fontweight="bold")
    error.xaxis.set_major_locator(MaxNLocator(integer=True))
    error.set_box_aspect(1)
    error.legend(loc="center right", bbox_to_anchor=(1, 0.6))
    return figure


def draw_bowl(ax: Axes, F: Array, g: Array) -> None:
    """q(x) = ½ xᵀFx - gᵀx in the plane, a stronger colour is deeper, and a star at the bottom."""
    x, y = np.linspace(-2.5, 1.0, 120), np.linspace(-0.35, 3.15, 120)
    solution = np.linalg.solve(F, g)
    away = np.stack(np.meshgrid(x, y), axis=-1) - solution
    height = 0.5 * np.einsum("xyi,ij,xyj->xy", away, F, away)
    levels = np.geomspace(0.003, 12, 12)
    ax.contourf(x, y, -np.log(height), levels=-np.log(levels)[::-1], cmap=PALE, extend="both")
    ax.contour(x, y, height, levels=levels, colors=INK, alpha=0.25, linewidths=1)
    star = {"markersize": 20, "markeredgecolor": "white", "zorder": 5, "label": "solution"}
    ax.plot(*solution, "k*", linestyle="none", **star)
    ax.grid(visible=False)
    ax.set(aspect="equal", xlabel="$x_1$", ylabel="$x_2$")
