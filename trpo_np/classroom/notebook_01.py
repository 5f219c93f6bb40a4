"""The checks and the pictures of notebook 01, how large a step."""

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import HTML, display
from matplotlib.axes import Axes

from trpo_np.classroom.checks import Check, Mistake, case
from trpo_np.classroom.figures import picture, show
from trpo_np.experiments.plots import COLORS, LINES


def _ascent(gradient, theta, alpha, steps):
    for _ in range(steps):
        theta = theta + alpha * gradient(theta)
    return theta


def _hills():
    """Gradients of concave functions, with a start, a rate and a number of steps."""
    bowl = lambda x: np.array([1.0, -2.0]) - np.array([3.0, 0.5]) * x  # noqa: E731
    wave = lambda x: np.cos(x) - 0.1 * x  # noqa: E731
    return [
        (bowl, np.array([0.3, -0.7]), 0.1, 5),
        (wave, np.array([1.0, 0.2, -0.4]), 0.3, 7),
    ]


check_gradient_ascent = Check(
    "Exercise 1.1",
    _ascent,
    _hills,
    (
        Mistake(
            lambda gradient, theta, alpha, steps: _ascent(gradient, theta, -alpha, steps),
            "this is descent: the step is along the gradient, with a plus",
        ),
        Mistake(
            lambda gradient, theta, alpha, steps: theta + steps * alpha * gradient(theta),
            "the gradient is taken once, at the start; take it anew at every new theta",
        ),
        Mistake(
            lambda gradient, theta, alpha, steps: theta + alpha * gradient(theta),
            "this is a single step; repeat it `steps` times",
        ),
        Mistake(
            lambda gradient, theta, alpha, steps: _ascent(gradient, theta, alpha, steps - 1),
            "this is one step short",
        ),
        Mistake(
            lambda gradient, theta, alpha, steps: _ascent(gradient, theta, 1.0, steps),
            "alpha does not enter",
        ),
    ),
    "Now choose a learning rate.",
)


check_factor = Check(
    "Exercise 1.2",
    lambda: 100,
    lambda: [()],
    (
        Mistake(lambda: 10, "10 is the ratio of the standard deviations; it enters squared"),
        Mistake(lambda: 0.01, "this is the factor by which it is smaller on the left"),
        Mistake(lambda: 1, "Δ is the same on both sides, but it is measured in units of σ"),
        Mistake(lambda: 20, "the 2 in the denominator is the same on both sides and cancels"),
    ),
    "The surer the policy, the larger the same step.",
)


def _two_action_kl(p, q):
    return p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))


def _probabilities():
    rng = np.random.default_rng(13)
    return [(0.3, 0.8), tuple(rng.uniform(0.05, 0.95, size=(2, 4)))]


check_two_action_kl = Check(
    "Exercise 1.3",
    _two_action_kl,
    _probabilities,
    (
        Mistake(
            lambda p, q: _two_action_kl(q, p),
            "this is KL(new ‖ old): the weights and the numerators are the old probabilities",
        ),
        Mistake(
            lambda p, q: p * np.log(p / q),
            "the second action is missing: it has the probability 1 - p",
        ),
        Mistake(
            lambda p, q: -_two_action_kl(p, q),
            "the sign is turned: old over new under the logarithm; the result is never negative",
        ),
        Mistake(
            lambda p, q: np.log(p / q) + np.log((1 - p) / (1 - q)),
            "the weights are missing: an expectation weighs every action by its old probability",
        ),
        Mistake(
            lambda p, q: _two_action_kl(p, q) / np.log(2),
            "this is in bits; use the natural logarithm, np.log",
        ),
    ),
    "Zero for equal policies, and never negative.",
)


def step_for_kl(kl, delta: float) -> float:
    """The α > 0 with kl(α) = delta, for an increasing function with kl(0) = 0, by bisection."""
    low, high = 0.0, 1.0
    while kl(high) < delta:
        high = 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if kl(middle) < delta else (low, middle)
    return high


def _divergences():
    return [
        case("where α is below ½", lambda alpha: 3.0 * alpha**2 + 0.4 * alpha**3, 0.01),
        (lambda alpha: alpha - np.log1p(alpha), 7.5),
        (lambda alpha: 0.01 * alpha**2, 2.0),
        (lambda alpha: 0.001 * alpha**2, 0.01),
    ]


def _without_doubling(kl, delta):
    return min(1.0, step_for_kl(kl, delta))


def _only_doubling(kl, delta):
    high = 1.0
    while kl(high) < delta:
        high = 2 * high
    return high


def _only_halving(kl, delta):
    high = _only_doubling(kl, delta)
    while kl(high / 2) >= delta:
        high = high / 2
    return high


def _wrong_half(kl, delta):
    low, high = 0.0, 1.0
    while kl(high) < delta:
        high = 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if kl(middle) < delta else (middle, high)
    return high


check_step_for_kl = Check(
    "Exercise 1.4",
    step_for_kl,
    _divergences,
    (
        Mistake(
            _without_doubling,
            "your search never goes beyond 1: double the limit while its divergence is below δ",
        ),
        Mistake(
            _wrong_half,
            "you go on in the wrong half: where the divergence at the middle is below δ, the "
            "solution lies above",
        ),
        Mistake(
            _only_doubling,
            "you stop after the doubling: now halve the interval between the two limits, 60 times",
        ),
        Mistake(
            _only_halving,
            "your result is a power of 2: in its rounds the middle does not lie half-way between "
            "`low` and `high`",
        ),
        Mistake(
            lambda kl, delta: delta,
            "this is δ, the divergence; the step with that divergence is wanted",
        ),
        Mistake(
            lambda kl, delta: kl(delta),
            "this is the divergence of the step δ; the step with the divergence δ is wanted",
        ),
        Mistake(
            lambda kl, delta: np.sqrt(delta / kl(1.0)),
            "this takes the divergence as exactly quadratic in α, which in general it is not",
        ),
        Mistake(
            lambda kl, delta: delta / kl(1.0),
            "this takes the divergence as linear in α; search for the step",
        ),
    ),
    "From here on the step is measured in nats.",
    tolerance=1e-6,
)


def every_theta(
    ascent: Callable, gradient: Callable, theta: np.ndarray, alpha: float, steps: int
) -> np.ndarray:
    """The start and the parameters after each of the steps of an ascent, (steps + 1, P)."""
    path = [theta]
    for _ in range(steps):
        path.append(ascent(gradient, path[-1], alpha, 1))
    return np.array(path)


def _goal(ax: Axes) -> None:
    """The axes of the game: its goal, the highest reward, and the range that is shown."""
    ax.axhline(1, color="black", linestyle=":", linewidth=1.5, label="highest reward, 1")
    ax.axhline(0.7, color="0.4", linestyle=(0, (8, 2)), linewidth=1.5, label="goal, 0.7")
    ax.set_xlabel("gradient steps")
    ax.set_ylabel("performance J")


def verdict(values: np.ndarray) -> str:
    """What a try of the game has come to, in words."""
    if not np.isfinite(values).all():
        return "the policy went to infinity"
    if values.max() <= 0.7:
        return f"does not come past 0.7; the highest is {values.max():.2f}"
    first = int(np.argmax(values > 0.7))
    lowest = values[first:].min()
    stays = "and stays there" if lowest > 0.7 else f"and later falls to {lowest:.2f}"
    return f"past 0.7 after {first} steps, {stays}"


def show_tries(tries: dict[float, np.ndarray]) -> None:
    """Draws the performance of every learning rate tried so far, the last one in front."""
    *earlier, last = tries
    figure, ax = plt.subplots(figsize=(10, 5))
    for alpha in earlier:
        ax.plot(tries[alpha], color="0.65", linestyle="-", linewidth=1.5)
        ax.annotate(f"{alpha:g}", (150, np.clip(tries[alpha][-1], -6, 1)), color="0.4", fontsize=12)
    ax.plot(tries[last], color=COLORS[0], linestyle="-", linewidth=4, label=f"your α = {last:g}")
    _goal(ax)
    ax.set_ylim(-6, 1.3)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
    before = ", ".join(f"{alpha:g}" for alpha in earlier) or "none yet"
    show(
        figure,
        f"Performance against gradient steps for the learning rate {last:g}: "
        f"{verdict(tries[last])}. Earlier tries in grey: {before}.",
        f"Your try, α = {last:g}: {verdict(tries[last])}.",
    )


def show_three_rates(curves: dict[float, np.ndarray]) -> None:
    """Draws the climbs of three rates, folded: a click shows them."""
    figure, ax = plt.subplots(figsize=(10, 5.5))
    *calm, hero = curves
    for alpha, color, style in zip(calm, (COLORS[2], COLORS[0]), ("--", "-."), strict=True):
        ax.plot(curves[alpha], color=color, linestyle=style, label=f"α = {alpha:g}")
    ax.plot(curves[hero], color=COLORS[1], linestyle="-", linewidth=4, label=f"α = {hero:g}")
    _goal(ax)
    ax.legend(loc="lower left")
    image = picture(
        figure,
        "Performance against gradient steps for three learning rates. With 0.02 it climbs slowly "
        "and reaches one half. With 0.05 it climbs to 0.8 and is slowing down. With 0.2 it climbs "
        "fastest, to 0.7 within 30 steps, and then falls below minus one half, recovers, and falls "
        "again and again, down to minus five.",
        "A policy gradient run that climbs to the edge of a cliff, and is flung back, again and "
        "again.",
        name="cliff",
    )
    summary = "Three of our own tries (unfold when you have had yours)"
    display(HTML(f"<details><summary>{summary}</summary>{image.data}</details>"))


def _density(a: np.ndarray, m: float, sigma: float) -> np.ndarray:
    return np.exp(-((a - m) ** 2) / (2 * sigma**2)) / (sigma * np.sqrt(2 * np.pi))


def show_same_step() -> None:
    """Draws a shift of the mean by 0.2 for a broad policy and for a narrow one."""
    a = np.linspace(-2, 3, 2001)
    figure, axes = plt.subplots(1, 2, figsize=(13, 5))
    for ax, sigma in zip(axes, (0.5, 0.05), strict=True):
        old, new = _density(a, 0.5, sigma), _density(a, 0.7, sigma)
        ax.plot(a, old, label="old policy, $m = 0.5$")
        ax.plot(a, new, label="new policy, $m = 0.7$")
        ax.fill_between(a, np.minimum(old, new), color="0.8", label="overlap")
        ax.set_title(f"σ = {sigma}")
        ax.set_xlabel("action $a$")
        ax.set_ylim(0, old.max() * 1.6)
        ax.legend(loc="upper left")
    axes[1].set_xlim(0, 1.2)
    axes[0].set_ylabel("probability density")
    show(
        figure,
        "Two pairs of normal densities, each pair shifted by 0.2. Left, with standard deviation "
        "0.5, old and new nearly cover each other. Right, with standard deviation 0.05, they "
        "hardly overlap.",
        "The same step in θ. Left a small change of the policy, right another policy.",
    )


def show_two_rulers(J_path: np.ndarray, length: np.ndarray, kl: np.ndarray, fall: int) -> None:
    """Draws performance, length of the step and its divergence, with a line at the fall."""
    figure, axes = plt.subplots(3, 1, figsize=(10, 9), sharex=True)
    axes[0].plot(J_path[:-1], "o-", markersize=5, color="black")
    axes[0].set_ylabel("performance J")
    axes[1].semilogy(length, "s-", markersize=5, color=COLORS[0])
    axes[1].set_ylabel(r"length in $\theta$")
    axes[2].semilogy(kl, "D-", markersize=5, color=COLORS[1])
    axes[2].set_ylabel("KL, nats")
    axes[2].set_xlabel("gradient steps")
    for ax in axes:
        ax.axvline(fall, color="0.4", linestyle=":")
    show(
        figure,
        "Three panels over 60 gradient steps, a dotted line at the step that falls. Performance "
        "climbs and drops at the line. The length of the steps in theta shrinks from 0.2 to 0.05, "
        "jumps to 1.4 at the line, and is 0.2 again for most steps after it. The KL divergence, on "
        "a log axis, shrinks too, then rises by several powers of ten within five steps, and after "
        "the fall lies far above its value at the start.",
        "The same steps with two rulers: the parameters (middle) and the policy (below).",
    )


def show_walks(fixed: np.ndarray, walks: dict[float, np.ndarray]) -> None:
    """Draws walks of a fixed divergence a step beside the climb with a fixed learning rate."""
    figure, ax = plt.subplots(figsize=(10, 5.5))
    ax.plot(fixed, color="0.5", linestyle="-.", linewidth=1.5, label="α = 0.2")
    for (delta, values), color, style in zip(walks.items(), COLORS, ("--", "-"), strict=False):
        ax.plot(values, color=color, linestyle=style, linewidth=3, label=f"δ = {delta} nats a step")
    ax.axhline(1, color="black", linestyle=":", linewidth=1.5, label="highest reward, 1")
    ax.set_xlabel("gradient steps")
    ax.set_ylabel("performance J")
    ax.legend(loc="lower left")
    show(
        figure,
        "Performance against steps. The run with fixed learning rate 0.2 climbs and falls. The two "
        "runs with a fixed divergence a step climb without a fall that can be seen; with delta "
        "0.01 performance reaches 0.9.",
        "Steps of equal KL: no cliff, and no learning rate.",
    )


def show_cartpole(runs: list[dict]) -> None:
    """Draws the returns of the runs, and the range of divergences in each, by learning rate."""
    figure, axes = plt.subplots(1, 2, figsize=(13, 5.5))
    rates = sorted({run["alpha"] for run in runs})
    for place, (alpha, color) in enumerate(zip(rates, COLORS, strict=False)):
        these = [run for run in runs if run["alpha"] == alpha]
        for n, run in enumerate(these):
            kl = np.maximum(run["kl"], 1e-12)
            x = place + 0.08 * (n - len(these) / 2 + 0.5)
            axes[0].plot(run["return"], color=color, linestyle=LINES[place], linewidth=1.5)
            axes[1].plot([x, x], [kl.min(), kl.max()], "-", color=color, linewidth=3)
            axes[1].plot(x, np.median(kl), "_", color="black", markersize=9, markeredgewidth=2)
        axes[0].plot([], [], color=color, linestyle=LINES[place], label=f"α = {alpha}")
    axes[1].axhline(0.01, color="black", linestyle=":", label="0.01 nats")
    axes[1].plot([], [], "k_", markersize=9, markeredgewidth=2, label="median of the run")
    axes[1].set_yscale("log")
    axes[1].set_ylim(1e-7, 300)
    axes[1].set_xticks(range(len(rates)), [f"α = {alpha}" for alpha in rates])
    axes[0].set_ylabel("mean return of recent episodes")
    axes[1].set_ylabel("KL of the updates of a run, nats")
    axes[0].set_xlabel("updates")
    axes[0].legend(loc="lower center", ncols=3, bbox_to_anchor=(0.5, 1.0))
    axes[1].legend(loc="upper left")
    show(
        figure,
        "Left: return on CartPole against updates for learning rates 0.02, 1 and 20, eight runs "
        "each. The smallest climbs slowly, all runs with the middle one reach the top, those with "
        "the largest rise and fall. Right: a bar for each run, from the smallest to the largest "
        "KL divergence of its updates, on a log axis. The bars are one to two powers of ten long "
        "for the smallest rate, about three for the middle one, and two to four for the largest, "
        "high above 0.01.",
        "The same learning rate means very different steps in the course of a run. Eight seeds "
        "each; right, a bar is a run.",
    )
