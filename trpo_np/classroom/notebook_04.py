"""The checks, the pictures and the random cases of notebook 04, the trust region."""

from collections.abc import Callable, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.contour import QuadContourSet
from matplotlib.patheffects import withStroke

from trpo_np import tabular
from trpo_np.classroom.checks import Check, Mistake
from trpo_np.classroom.exercises import geometry
from trpo_np.classroom.figures import show
from trpo_np.experiments.plots import BAD, COLORS, GOOD, INK, PALE, QUIET


def _positive_definite(n: int, seed: int) -> tuple[np.ndarray, np.random.Generator]:
    rng = np.random.default_rng(seed)
    B = rng.standard_normal((n, n))
    return B @ B.T + 0.3 * np.eye(n), rng


def _models():
    cases = []
    for n, delta, seed in ((2, 0.03, 41), (4, 0.5, 42)):
        F, rng = _positive_definite(n, seed)
        cases.append((F, rng.standard_normal(n), delta))
    return cases


def _natural_step(F, g, delta):
    s = np.linalg.solve(F, g)
    return np.sqrt(2 * delta / (g @ s)) * s


check_natural_step = Check(
    "Exercise 4.1",
    _natural_step,
    _models,
    (
        Mistake(
            lambda F, g, delta: np.linalg.solve(F, g),
            "this is F⁻¹g without the factor in front: δ does not enter yet",
        ),
        Mistake(
            lambda F, g, delta: np.sqrt(2 * delta / (g @ F @ g)) * g,
            "this is the plain gradient, scaled to the ellipse; the direction has to be F⁻¹g",
        ),
        Mistake(
            lambda F, g, delta: np.sqrt(2 * delta / (g @ F @ g)) * np.linalg.solve(F, g),
            "under the root stands gᵀF⁻¹g, and you have gᵀF g",
        ),
        Mistake(
            lambda F, g, delta: _natural_step(F, g, delta / 2),
            "the 2 is missing: with ½ dᵀFd the root holds 2δ",
        ),
        Mistake(
            lambda F, g, delta: 2 * delta / (g @ np.linalg.solve(F, g)) * np.linalg.solve(F, g),
            "the square root is missing",
        ),
        Mistake(
            lambda F, g, delta: (
                np.sqrt(2 * delta) / np.linalg.norm(np.linalg.solve(F, g)) * np.linalg.solve(F, g)
            ),
            "you scaled to a length in θ; the radius δ is one of the divergence, ½ dᵀFd",
        ),
    ),
    "It ends on the ellipse, at the point furthest along g.",
)


check_step_growth = Check(
    "Exercise 4.2",
    lambda: 2,
    lambda: [()],
    (
        Mistake(lambda: 4, "4 is the growth of δ, and δ stands under a square root"),
        Mistake(lambda: 16, "16 would be δ squared; δ stands under a square root"),
        Mistake(
            lambda: 1,
            "the direction does not depend on δ, but the length does",
        ),
        Mistake(lambda: 0.5, "the step grows when the region grows"),
    ),
    "The radius in nats is quadratic in the step.",
)


def _changes():
    cases = []
    for n, seed in ((2, 43), (3, 44)):
        F, rng = _positive_definite(n, seed)
        cases.append((F, rng.standard_normal((n, n)) + 2 * np.eye(n)))
    return cases


check_transformed_fisher = Check(
    "Exercise 4.3",
    lambda F, B: B.T @ F @ B,
    _changes,
    (
        Mistake(
            lambda F, B: B @ F @ B.T,
            "the transpose is on the wrong side: (B d)ᵀ = dᵀBᵀ comes first",
        ),
        Mistake(
            lambda F, B: np.linalg.inv(B) @ F @ B,
            "this is how a linear map changes coordinates; F is a quadratic form, dᵀFd, and both "
            "its sides take a B",
        ),
        Mistake(
            lambda F, B: F @ B,
            "only one of the two d's was replaced by B d",
        ),
        Mistake(
            lambda F, B: np.linalg.inv(B).T @ F @ np.linalg.inv(B),
            "this is the way back: with θ = Bψ, a step d in ψ is B d in θ, without an inverse",
        ),
    ),
    "Both sides take a B.",
)


def _fixed_rates():
    cases = []
    for n, alpha, seed in ((2, 0.3, 45), (4, 1.7, 46)):
        F, rng = _positive_definite(n, seed)
        cases.append((F, rng.standard_normal(n), alpha))
    return cases


def _divergence(F, g, alpha):
    return 0.5 * alpha**2 * g @ np.linalg.solve(F, g)


check_divergence_of_fixed_rate = Check(
    "Exercise 4.5",
    _divergence,
    _fixed_rates,
    (
        Mistake(
            lambda F, g, alpha: 2 * _divergence(F, g, alpha),
            "the ½ of ½ dᵀFd is missing",
        ),
        Mistake(
            lambda F, g, alpha: _divergence(F, g, 1) * alpha,
            "d occurs twice in ½ dᵀFd, and so does α",
        ),
        Mistake(
            lambda F, g, alpha: 0.5 * alpha**2 * g @ F @ g,
            "this is the divergence of α g, the plain gradient; the step is α F⁻¹g",
        ),
        Mistake(
            lambda F, g, alpha: 0.5 * alpha**2 * g @ g,
            "F and F⁻¹ cancel once, but dᵀFd has F⁻¹ twice: one is left between the two g",
        ),
    ),
    "Double the gradient, and the divergence is four times as large.",
)


def second_differences(f: Callable, x: np.ndarray, h: float = 1e-4) -> np.ndarray:
    """The Hessian of f at x, by central differences."""
    steps = h * np.eye(len(x))
    rows = [
        [f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b) for a in steps] for b in steps
    ]
    return np.array(rows) / (4 * h**2)


def _logistic(features: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """The policies π(1|s) = 1 / (1 + exp(-φ(s)ᵀθ)) of n cases, (n, S, 2)."""
    logits = np.clip(np.einsum("nsp,np->ns", features, theta), -30, 30)
    return np.stack([1 / (1 + np.exp(logits)), 1 / (1 + np.exp(-logits))], axis=-1)


def random_climbs(
    rng: np.random.Generator, n: int, stretch: float, delta: float, updates: int
) -> tuple[np.ndarray, np.ndarray]:
    """What n random cases gain in J by updates along the natural and along the plain gradient,
    each with ½ dᵀFd = delta.

    A case is an MDP of tabular.random_mdp with five states, two actions and γ = 0.9, two normal
    features for each state, the second times `stretch`, and a normal starting point.
    """
    mdps = tabular.random_mdp(rng, S=5, A=2, gamma=0.9, shape=(n,))
    features = rng.standard_normal((n, 5, 2)) * np.array([1, stretch])
    start, gains = rng.standard_normal((n, 2)), []
    for natural in (True, False):
        theta = start
        for _ in range(updates):
            pi = _logistic(features, theta)
            rho, A = tabular.visitation(mdps, pi), tabular.advantages(mdps, pi)
            weights = rho * pi[..., 0] * pi[..., 1]
            F = (1 - mdps.gamma) * np.einsum("ns,nsp,nsq->npq", weights, features, features)
            g = np.einsum("ns,nsp->np", weights * (A[..., 1] - A[..., 0]), features)
            s = np.einsum("npq,nq->np", np.linalg.pinv(F, hermitian=True), g) if natural else g
            length = np.sqrt(2 * delta / np.einsum("np,npq,nq->n", s, F, s))
            theta = theta + length[:, None] * s
        J_start = tabular.performance(mdps, _logistic(features, start))
        gains.append(tabular.performance(mdps, _logistic(features, theta)) - J_start)
    return gains[0], gains[1]


#: colour, marker and line of each step
STEPS = {
    "plain gradient": (COLORS[3], "s", "--"),
    "natural gradient": (COLORS[2], "o", "-"),
    "accepted step": (COLORS[5], "D", "-"),
}
MARK = {"markeredgecolor": "white", "markeredgewidth": 1.5, "markersize": 14, "zorder": 5}


class Plane:
    """J, L and the KL over the plane of the two parameters, computed once on a grid."""

    def __init__(self, theta_old: np.ndarray, J: Callable, L: Callable, KL: Callable):
        self.theta_old = theta_old
        self.axes = np.linspace(-1.5, 1.5, 121), np.linspace(-7.2, 2.6, 197)
        grid = np.stack(np.meshgrid(*self.axes), axis=-1)  # (197, 121, 2)
        self.J, self.L, self.KL = J(grid), L(grid), KL(grid)

    def frame(self, ax: Axes) -> None:
        """The limits and labels of the plane."""
        ax.set_xlim(self.axes[0][[0, -1]])
        ax.set_ylim(self.axes[1][[0, -1]])
        ax.set_xlabel(r"$\theta_1$")
        ax.set_ylabel(r"$\theta_2$")

    def star(self, ax: Axes, label: str = "") -> None:
        """A star at the old policy."""
        style = {"markersize": 18, "markeredgecolor": "white", "zorder": 6, "label": label}
        ax.plot(*self.theta_old, "k*", **style)


def show_maps(plane: Plane) -> None:
    """Draws contours of J, of L and of the mean KL side by side."""
    figure, axes = plt.subplots(1, 3, figsize=(14, 6), sharey=True)
    levels = np.linspace(-12, 2, 15)
    for ax, values, title, style in (
        (axes[0], plane.J, "performance J", "solid"),
        (axes[1], plane.L, "surrogate L", "dashed"),
    ):
        lines = ax.contour(
            *plane.axes, values, levels=levels, colors=COLORS[0], linewidths=1.8, linestyles=style
        )
        ax.clabel(lines, lines.levels[::2], fontsize=12)
        ax.set_title(title)
    levels = [0.01, 0.1, 0.5, 1, 2]
    lines = axes[2].contour(*plane.axes, plane.KL, levels=levels, colors=COLORS[1])
    axes[2].clabel(lines, fontsize=12)
    axes[2].set_title("mean KL from the old policy, nats")
    for ax in axes:
        plane.frame(ax)
        plane.star(ax)
        ax.label_outer()
    show(
        figure,
        "Three contour maps over the two parameters, with a star at the old policy. Performance "
        "and surrogate look alike near the star and differ further away. The contours of the mean "
        "KL are long narrow ovals around the star, nearly ellipses when small.",
        "Near the old policy (star) the surrogate L is a good map of J. The KL says how near.",
    )


def to_boundary(direction: np.ndarray, F: np.ndarray, delta: float) -> np.ndarray:
    """The direction, scaled to ½ dᵀFd = delta. Equation (4.7)."""
    return np.sqrt(2 * delta / (direction @ F @ direction)) * direction


def show_walk_around(
    t: np.ndarray, around: np.ndarray, g: np.ndarray, marked: dict[str, np.ndarray]
) -> None:
    """Draws gᵀd for the points d of the ellipse, with the marked steps; the first is (4.5)."""
    figure, ax = plt.subplots(figsize=(10, 5))
    ax.plot(t, g @ around, color="black", linestyle="-")
    for (name, d), (color, marker) in zip(
        marked.items(), ((COLORS[2], "o"), (COLORS[3], "s")), strict=True
    ):
        place = t[np.argmin(np.sum((around - d[:, None]) ** 2, axis=0))]
        ax.plot(place, g @ d, marker, color=color, markersize=13, label=name)
    ax.axhline(g @ next(iter(marked.values())), linestyle=":", color="0.3", label="bound (4.6)")
    ax.set_xlabel("position $t$ on the ellipse")
    ax.set_ylabel(r"promised improvement $g^\top d$")
    ax.legend(loc="lower right")
    show(
        figure,
        "The improvement promised by the linear model, for all points around the ellipse: one "
        "period of a cosine. The natural gradient step sits on its maximum, at the height of the "
        "bound. The plain gradient, scaled to the same divergence, reaches half of it.",
        "Of all steps with the same ½ dᵀFd, the natural gradient promises most.",
    )


def draw_trust_region(
    ax: Axes,
    plane: Plane,
    delta: float,
    steps: dict[str, np.ndarray],
    rim: np.ndarray,
    legend: bool = True,
) -> QuadContourSet:
    """Draws J and L, the exact KL and its ellipse, and the steps; the colours of J."""
    levels = np.linspace(-12, 2, 15)
    colours = ax.contourf(*plane.axes, plane.J, levels=levels, cmap=PALE, extend="both")
    ax.contour(
        *plane.axes, plane.L, levels=levels, colors=QUIET, linewidths=1.2, linestyles="dotted"
    )
    ax.contour(*plane.axes, plane.KL, levels=[delta], colors=COLORS[1], linewidths=4)
    ax.plot([], [], "-", color=COLORS[1], linewidth=4, label="KL = δ, exact")
    rim = plane.theta_old[:, None] + rim
    ax.plot(*rim, "--", color=INK, linewidth=2.2, label="ellipse, the quadratic model")
    for label, d in steps.items():
        color, marker, line = STEPS[label]
        end = plane.theta_old + d
        ax.plot(*zip(plane.theta_old, end, strict=True), color=color, linestyle=line, linewidth=4)
        ax.plot(*end, marker, color=color, label=label, **MARK)
    plane.star(ax, "old policy")
    ax.plot([], [], ":", color=QUIET, linewidth=1.5, label="levels of L")
    plane.frame(ax)
    ax.grid(visible=False)
    if legend:
        ax.figure.colorbar(colours, ax=ax, label="performance J", pad=0.02)
        ax.figure.legend(*ax.get_legend_handles_labels(), loc="outside right upper")
    return colours


def words(ax: Axes, place: Sequence[float], text: str, color: str, ha: str = "left") -> None:
    """A label on the map itself, with a pale rim that lifts it off the lines."""
    halo = [withStroke(linewidth=4, foreground="white", alpha=0.85)]
    style = {"ha": ha, "va": "center", "fontweight": "bold", "fontsize": 13.5}
    ax.text(*place, text, color=color, path_effects=halo, **style, zorder=7)


def show_trust_region(
    plane: Plane, delta: float, steps: dict[str, np.ndarray], rim: np.ndarray
) -> None:
    """Draws one update in the plane of the two parameters."""
    figure, ax = plt.subplots(figsize=(10.4, 7.4))
    colours = draw_trust_region(ax, plane, delta, steps, rim, legend=False)
    bar = figure.colorbar(colours, ax=ax, label="performance J", pad=0.02, aspect=32)
    bar.outline.set_visible(False)
    ends = {name: plane.theta_old + d for name, d in steps.items()}
    words(ax, plane.theta_old - (0.07, 0), "old policy", INK, ha="right")
    words(ax, ends["natural gradient"] + (0.09, 0.2), "natural gradient:\nto the rim", GOOD)
    words(ax, ends["accepted step"] - (0.08, 0), "accepted:\nhalf the step", "#8F6200", ha="right")
    words(ax, ends["plain gradient"] + (0.08, 0), "plain gradient", "#A6507F")
    words(ax, (0.15, -3.6), "quadratic model:\n½ dᵀFd = δ", INK, ha="center")
    words(ax, (0.98, -4.9), "exact:\nmean KL = δ", BAD)
    words(ax, (-1.42, -6.8), "dotted: levels of L", QUIET)
    show(
        figure,
        "Performance as a pale map with a colour bar, stronger blue is better, over the two "
        "parameters, with the levels of the surrogate as dotted lines. Around the old policy, a "
        "star, lie the dashed ellipse of the quadratic model and the solid exact contour of the "
        "KL at 0.5, which is shorter at the top and much longer below. The plain gradient points "
        "to the right. The natural gradient step goes up along the long axis to the rim of the "
        "ellipse, outside the exact contour. The accepted step is half as long and inside.",
        "One TRPO update with δ = 0.5: the natural gradient goes to the rim of the ellipse, the "
        "line search brings it back inside the exact KL.",
        name="trust_region",
    )


def show_nine(plane: Plane, three_steps: Callable, ellipse: Callable) -> None:
    """Draws the trust region for three radii and three dampings."""
    figure, axes = plt.subplots(3, 3, figsize=(13, 13), sharex="row", sharey="row")
    for row, delta in zip(axes, (0.02, 0.1, 0.5), strict=True):
        for ax, damping in zip(row, (0.0, 0.1, 2.0), strict=True):
            steps = three_steps(delta, damping)
            rim = ellipse(delta)
            draw_trust_region(ax, plane, delta, steps, rim, legend=False)
            half = 1.25 * np.abs(rim).max(axis=1)
            ax.set_xlim(plane.theta_old[0] - half[0], plane.theta_old[0] + half[0])
            ax.set_ylim(plane.theta_old[1] - half[1], plane.theta_old[1] + half[1])
            ax.set_title(f"δ = {delta}, λ = {damping}")
    for ax in axes[:, 1:].flat:
        ax.set_ylabel("")
    for ax in axes[:-1].flat:
        ax.set_xlabel("")
    show(
        figure,
        "Nine panels of the same picture: delta 0.02, 0.1 and 0.5 from top to bottom, damping 0, "
        "0.1 and 2 from left to right. Each row has its own scale; larger delta makes the ellipse "
        "larger and the exact contour less like it. More damping turns the natural gradient step "
        "from the long axis of the ellipse towards the plain gradient.",
        "δ sets the size of the region, damping turns the direction from the natural gradient "
        "(left) towards the plain one (right). Each row is magnified; symbols as in the large "
        "picture.",
    )


def show_paths(paths: dict[str, np.ndarray], J: Callable) -> None:
    """Draws paths over the map of J, and J along them."""
    figure, axes = plt.subplots(1, 2, figsize=(13, 6))
    grid = np.linspace(-1.5, 6, 151), np.linspace(-3.2, 14, 173)
    values = J(np.stack(np.meshgrid(*grid), axis=-1))
    levels = np.linspace(-11, 4, 16)
    colours = axes[0].contourf(*grid, values, levels=levels, cmap=PALE, extend="both")
    figure.colorbar(colours, ax=axes[0], label="performance J")
    for label, path in paths.items():
        color, marker, line = STEPS[label]
        style = {"color": color, "marker": marker, "linestyle": line, "markeredgecolor": "black"}
        axes[0].plot(*path.T, label=label, **style)
        axes[1].plot(J(path), label=label, **style)
    axes[0].set_xlabel(r"$\theta_1$")
    axes[0].set_ylabel(r"$\theta_2$")
    axes[0].set_xlim(-1.5, 6)
    axes[0].set_ylim(-3.2, 14)
    axes[0].grid(visible=False)
    axes[1].set_xlabel("updates")
    axes[1].set_ylabel("performance J")
    axes[1].legend()
    show(
        figure,
        "Left: over the map of performance, the path of natural gradient steps goes straight up "
        "the ridge, while the path of plain gradient steps drifts away sideways. Right: "
        "performance against updates; here the natural gradient climbs faster throughout, and the "
        "plain gradient comes to rest far below it.",
        "One case: with equal ½ dᵀFd at every step, the natural gradient climbs faster, and "
        "further.",
    )


def show_random_climbs(natural: np.ndarray, plain: np.ndarray) -> None:
    """Draws what random cases gain along both gradients, and the difference."""
    figure, axes = plt.subplots(1, 2, figsize=(13, 5.5))
    axes[0].plot(plain[:500], natural[:500], "o", color=COLORS[0], markersize=4, linestyle="none")
    top = max(plain[:500].max(), natural[:500].max())
    axes[0].plot([0, top], [0, top], "k--", label="equal")
    axes[0].set_xlabel("gain in J, plain gradient")
    axes[0].set_ylabel("gain in J, natural gradient")
    axes[0].legend(loc="lower right")
    bins = np.linspace(-8, 8, 65)
    difference = natural - plain
    axes[1].hist(difference[difference < 0], bins, color=COLORS[3], hatch="//", edgecolor="white")
    axes[1].hist(difference[difference >= 0], bins, color=COLORS[2], edgecolor="white")
    mean = np.mean(natural - plain)
    axes[1].axvline(mean, color="black", linestyle="--", label=f"mean, {mean:.2f}")
    axes[1].set_xlabel("gain, natural minus plain")
    axes[1].set_ylabel(f"cases of {len(plain)}")
    axes[1].legend(loc="upper left")
    show(
        figure,
        "Left: a cloud of 500 random cases, the gain in performance along the natural gradient "
        "against that along the plain one; more points lie above the line of equality than below, "
        "on both sides some far from it. Right: a histogram of the difference, high at zero, with "
        "a longer tail to the right, where the natural gradient is ahead.",
        "Twelve updates in random cases with a stretched feature: the natural gradient gains more "
        "on average, and not in every case.",
    )


# Checks that stand with others of their topic.

check_substitution = geometry.check_substitution
