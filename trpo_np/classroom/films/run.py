"""The trust region along a run of TRPO, in the world of notebook 04."""

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from trpo_np import tabular
from trpo_np.classroom.films import Film, moving, until
from trpo_np.experiments.plots import COLORS, INK, PALE
from trpo_np.line_search import LineSearchResult, backtracking_line_search, maximum_step

Array = np.ndarray

#: Three states' features, as in notebook 04, and a start from which the way bends.
FEATURES = np.array([[-4.6, -0.5], [-2.9, -0.8], [3.2, -0.8]])
START = np.array([1.0, -1.5])
DELTA, UPDATES = 0.05, 6
PLANE = np.linspace(-0.6, 2.4, 181), np.linspace(-5.5, 9, 181)


def world() -> tabular.FiniteMDP:
    """Three states, two actions, γ = 0.9."""
    return tabular.random_mdp(np.random.default_rng(7), S=3, A=2, gamma=0.9)


def table(theta: Array) -> Array:
    """The policy π (..., S, A) of theta (..., 2)."""
    logits = theta @ FEATURES.T
    return np.stack([1 / (1 + np.exp(logits)), 1 / (1 + np.exp(-logits))], axis=-1)


@dataclass(frozen=True, eq=False)
class Region:
    """All of one update, exact: F, g, and the mean KL from the policy of theta."""

    theta: Array

    def kl(self, theta: Array) -> Array:
        """The mean KL from the old policy to those of theta (..., 2)."""
        pi = table(self.theta)
        share = (1 - world().gamma) * tabular.visitation(world(), pi)
        return np.sum(share * tabular.state_kl(pi, table(theta)), axis=-1)

    def models(self) -> tuple[Array, Array]:
        """F (2, 2) and g (2,)."""
        pi = table(self.theta)
        rho, A = tabular.visitation(world(), pi), tabular.advantages(world(), pi)
        weights = rho * pi[:, 0] * pi[:, 1]
        F = (1 - world().gamma) * np.einsum("s,si,sj->ij", weights, FEATURES, FEATURES)
        return F, (weights * (A[:, 1] - A[:, 0])) @ FEATURES

    def rim(self, points: int = 200) -> Array:
        """The ellipse ½ dᵀFd = δ around theta, (2, points)."""
        turn = np.linspace(0, 2 * np.pi, points)
        circle = np.sqrt(2 * DELTA) * np.stack([np.cos(turn), np.sin(turn)])
        return self.theta[:, None] + np.linalg.solve(np.linalg.cholesky(self.models()[0]).T, circle)

    def full_step(self) -> Array:
        """The natural gradient's step to the ellipse (2,)."""
        F, g = self.models()
        s = np.linalg.solve(F, g)
        return maximum_step(DELTA, s @ F @ s) * s

    def update(self) -> LineSearchResult:
        """The step of TRPO."""

        def L(theta: Array) -> float:
            return tabular.local_approximation(world(), table(self.theta), table(theta))

        return backtracking_line_search(L, self.kl, self.theta, self.full_step(), DELTA)


def thetas() -> Array:
    """The parameters (UPDATES + 1, 2) of the run."""
    path = [START]
    for _ in range(UPDATES):
        path.append(Region(path[-1]).update().x)
    return np.array(path)


def film() -> Film:
    """One update after the other: the region, its step, and the way to the next region."""
    path = thetas()
    J = tabular.performance(world(), table(np.stack(np.meshgrid(*PLANE), axis=-1)))
    scenes = moving(UPDATES, between=7, rest=1100, move=80, end=3500)
    return Film(lambda t: _draw(path, J, t), scenes)


def _draw(path: Array, J: Array, t: float) -> Figure:
    figure, (plane, climb) = plt.subplots(1, 2, figsize=(10, 6), width_ratios=(1.6, 1))
    plane.contourf(*PLANE, J, levels=np.arange(-9, 1, 0.5), cmap=PALE, extend="both")
    region, last = Region(until(path, t)[-1]), Region(path[int(t)])
    kl = region.kl(np.stack(np.meshgrid(*PLANE), axis=-1))
    plane.contour(*PLANE, kl, levels=[DELTA], colors=COLORS[1], linewidths=4)
    plane.plot([], [], color=COLORS[1], linestyle="-", linewidth=4, label="mean KL = δ, exact")
    plane.plot(*region.rim(), color=INK, linestyle="--", linewidth=2.2, label="½ dᵀFd = δ")
    way = {"linestyle": "-", "linewidth": 4, "markeredgecolor": "white", "markersize": 11}
    if t < UPDATES:
        full = np.array([last.theta, last.theta + last.full_step()])
        plane.plot(*full.T, color=COLORS[2], marker="o", markevery=[1], **way)
    trail = way | {"color": COLORS[5], "marker": "D"}
    plane.plot([], [], color=COLORS[2], marker="o", label="natural gradient, full", **way)
    plane.plot(*until(path, t).T, markevery=[*range(int(t) + 1)], label="accepted", **trail)
    plane.plot(*region.theta, "k*", markersize=22, markeredgecolor="white", zorder=5)
    plane.set(xlim=PLANE[0][[0, -1]], ylim=PLANE[1][[0, -1]])
    plane.set(xlabel=r"$\theta_1$", ylabel=r"$\theta_2$")
    plane.grid(visible=False)
    plane.set_title(_sentence(last, t), loc="left", fontweight="bold")
    climb.plot(tabular.performance(world(), table(path[: int(t) + 1])), **trail)
    climb.set(xlim=(-0.3, UPDATES + 0.3), ylim=(-4, 0.5), xlabel="updates", yticks=range(-4, 1))
    climb.set_title("performance J", loc="left", fontweight="bold")
    figure.legend(*plane.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def _sentence(region: Region, t: float) -> str:
    """What happens at this time."""
    if t == UPDATES:
        return f"after {UPDATES} updates, each within δ = {DELTA}"
    full = region.kl(region.theta + region.full_step()) / DELTA
    then = "halved" if region.update().backtracks else "accepted"
    return f"update {int(t) + 1}: the full step has {full:.2f} δ, {then}"
