"""The line search along one direction, where first both conditions refuse, then one, then none:
the last column of the picture in section 3 of notebook 08."""

from collections.abc import Callable
from functools import cache

import matplotlib.pyplot as plt
import numpy as np
from gymnasium import spaces
from matplotlib.figure import Figure

from trpo_np.batch import Batch
from trpo_np.classroom.films import Film, moving
from trpo_np.conjugate_gradient import conjugate_gradient
from trpo_np.experiments.plots import BAD, COLORS, GOOD, INK, QUIET
from trpo_np.fisher import damped, fisher_vector_product
from trpo_np.line_search import backtracking_line_search, maximum_step
from trpo_np.objectives import mean_kl, policy_gradient, surrogate
from trpo_np.spaces import make_policy

Array = np.ndarray

SEED, DAMPING, DELTA, BETA = 2, 0.001, 0.5, 0.5


@cache
def ray() -> tuple[Array, Callable[[float], float], Callable[[float], float]]:
    """Fractions α / α_max from 0 to 1.1; the mean KL and the gain of L at a fraction."""
    rng = np.random.default_rng(SEED)
    policy = make_policy(spaces.Box(-1, 1, (3,)), spaces.Discrete(3), hidden=(8,))
    theta = policy.init(rng) + 0.5 * rng.standard_normal(policy.num_parameters)
    obs = rng.standard_normal((40, 3))
    actions = policy.sample(theta, obs, rng)
    A = rng.standard_normal(40)
    batch = Batch(obs, actions, (A - A.mean()) / A.std(), policy.log_prob(theta, obs, actions))
    F = fisher_vector_product(policy, theta, obs)
    s = conjugate_gradient(damped(F, DAMPING), policy_gradient(policy, theta, batch), 10).x
    step = maximum_step(DELTA, s @ F(s)) * s
    start = surrogate(policy, theta, batch)
    return (
        np.linspace(0, 1.1, 111),
        lambda a: mean_kl(policy, theta, theta + a * step, obs),
        lambda a: surrogate(policy, theta + a * step, batch) - start,
    )


def film() -> Film:
    """The candidates β^k of the line search, from the full step down to the accepted one."""
    _, kl, gain = ray()
    found = backtracking_line_search(
        lambda a: gain(a[0]), lambda a: kl(a[0]), np.zeros(1), np.ones(1), DELTA, beta=BETA
    )
    return Film(_draw, moving(found.backtracks, between=11, rest=2200, move=60, end=4000))


def _draw(t: float) -> Figure:
    """The candidate β^t; of the earlier ones, a cross where a whole t was refused."""
    alphas, kl, gain = ray()
    figure, axes = plt.subplots(2, 1, figsize=(9, 6.4), sharex=True)
    rows = (
        (axes[0], lambda a: kl(a) / DELTA, lambda y: y <= 1, (0, 1), "(a) mean KL ≤ δ"),
        (axes[1], gain, lambda y: y > 0, (0, 1), "(b) L gained > 0"),
    )
    for ax, f, allowed, band, condition in rows:
        ax.axhspan(*band, color=COLORS[2], alpha=0.12, linewidth=0)
        ax.plot(alphas, [f(a) for a in alphas], color=COLORS[0])
        ax.axhline(band[0] if f is gain else band[1], color=INK, linestyle=":", linewidth=2)
        ax.axvline(BETA**t, color=QUIET, linestyle="-", linewidth=1)
        for k in range(int(np.ceil(t))):
            ax.plot(BETA**k, f(BETA**k), "X", color=QUIET, markersize=13, markeredgecolor="white")
        good = allowed(f(BETA**t))
        color, shape, verdict = (GOOD, "o", "yes") if good else (BAD, "X", "no")
        if t % 1:
            color, shape, verdict = QUIET, "o", ""
        ax.plot(BETA**t, f(BETA**t), shape, color=color, markersize=16, markeredgecolor="white")
        ax.set_title(f"{condition}? {verdict}", loc="left", fontweight="bold", color=color)
    candidate = rf"$\alpha = {BETA ** int(t):g}\, \alpha_{{\rm max}}$"
    axes[0].set_title("" if t % 1 else candidate, loc="right", fontsize=16)
    axes[0].set(ylabel="mean KL / δ", ylim=(-0.2, 4.2))
    axes[1].set(ylabel="L gained", ylim=(-0.33, 0.13), xlabel=r"$\alpha\, /\, \alpha_{\rm max}$")
    return figure
