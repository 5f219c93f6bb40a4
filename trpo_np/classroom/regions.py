"""Three regions around an old policy, exact for tables: KL, total variation, and a box of ratios.

Distributions stand in the last axis, one row for each state; all entries of pi_old are positive.
"""

from collections.abc import Callable

import numpy as np

from trpo_np.classroom.notebook_14 import best_within
from trpo_np.tabular import state_kl, state_total_variation

Array = np.ndarray


def ratio_step(pi_old: Array, A: Array, clip: float) -> Array:
    """The policy of largest Σ_a π A in the box |π / π_old - 1| ≤ clip ≤ 1: (13.10).

    By falling advantage, the first half of the old probability is multiplied with 1 + clip, the
    other half with 1 - clip; an action that lies over the middle has a part in both.
    """
    order = np.argsort(-A, axis=-1)
    p = np.take_along_axis(pi_old, order, -1)
    before = np.cumsum(p, axis=-1) - p
    in_upper_half = np.clip((0.5 - before) / p, 0, 1)
    new = p * (1 + clip * (2 * in_upper_half - 1))
    return np.take_along_axis(new, np.argsort(order, axis=-1), -1)


def total_variation_step(pi_old: Array, A: Array, radius: float) -> Array:
    """The policy of largest Σ_a π A with TV(π_old, π) ≤ radius: that much probability goes from the
    worst actions to the best one."""
    order = np.argsort(A, axis=-1)
    p = np.take_along_axis(pi_old, order, -1)
    before = np.cumsum(p, axis=-1) - p
    taken = np.clip(radius - before, 0, p)
    new = p - taken
    new[..., -1] += taken.sum(axis=-1)
    return np.take_along_axis(new, np.argsort(order, axis=-1), -1)


def kl_step(pi_old: Array, A: Array, radius: float) -> Array:
    """The policy of largest Σ_a π A with KL(π_old ‖ π) ≤ radius in each state: (3.10)."""
    return best_within(pi_old, A, radius)


#: The regions that promise TV ≤ τ in each state, as steps (pi_old, A, τ): KL by Pinsker's
#: inequality (3.7), ratios by (13.9).
STEPS: dict[str, Callable[[Array, Array, float], Array]] = {
    "KL ≤ 2τ²": lambda pi_old, A, tau: kl_step(pi_old, A, 2 * tau**2),
    "TV ≤ τ": total_variation_step,
    "ratios within 1 ± 2τ": lambda pi_old, A, tau: ratio_step(pi_old, A, 2 * tau),
}


def sizes(pi_old: Array, pi: Array) -> dict[str, Array]:
    """What the three measures say of a step, for each row."""
    return {
        "KL": state_kl(pi_old, pi),
        "TV": state_total_variation(pi_old, pi),
        "largest ratio": np.max(pi / pi_old, axis=-1),
    }


def binary_kl(p: Array, q: Array) -> Array:
    """KL between coins that fall on heads with p and with q: what is left of a divergence if all
    actions but one are taken together. (13.12)"""
    with np.errstate(divide="ignore", invalid="ignore"):
        heads = np.where(p > 0, p * np.log(p / q), 0.0)
        tails = np.where(p < 1, (1 - p) * np.log((1 - p) / (1 - q)), 0.0)
    return heads + tails


def binary_kl_limits(p: Array, delta: float) -> tuple[Array, Array]:
    """The smallest and the largest q with binary_kl(p, q) ≤ delta, by bisection."""
    p = np.asarray(p, dtype=float)
    limits = []
    for end in (0.0, 1.0):
        inside, outside = p.copy(), np.full_like(p, end)
        for _ in range(60):
            middle = (inside + outside) / 2
            allowed = binary_kl(p, middle) <= delta
            inside, outside = np.where(allowed, middle, inside), np.where(allowed, outside, middle)
        limits.append(inside)
    return limits[0], limits[1]


def path_to(step: Callable[[Array, Array], Array], p: float, goal: float) -> Array:
    """The probability of the better of two actions, from p on, after each step (pi_old, A) -> π
    until it has reached the goal."""
    pi, A, path = np.array([[p, 1 - p]]), np.array([[1.0, 0.0]]), [p]
    while path[-1] < goal:
        pi = step(pi, A)
        path.append(pi[0, 0])
    return np.array(path)
