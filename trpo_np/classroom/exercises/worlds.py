"""Checks of notebook 14 on the worlds that need the power 3/2, without approximation."""

import numpy as np

from trpo_np.classroom.checks import Check, Mistake

# ---- Exercise 14.13: the fork, exactly ---------------------------------------------------------


def _fork_ratio(u):
    k = -0.5 * np.log(1 - 4 * u**2)
    return 2 * u / np.sqrt(2 * k)


def _kl_of_coins(u, first, second):
    """KL of one of the two coins from the other; 0 is the fair one."""
    p, q = (np.array([0.5 + x * u, 0.5 - x * u]) for x in (first, second))
    return np.sum(p * np.log(p / q))


check_fork_ratio = Check(
    "Exercise 14.13",
    _fork_ratio,
    lambda: [(0.1,), (0.3,), (0.45,)],
    (
        Mistake(
            lambda u: 1.0,
            "that is so to leading order, with k ≈ 2u²; with the exact k the ratio depends on u",
        ),
        Mistake(
            lambda u: 2 * u / np.sqrt(2 * _kl_of_coins(u, 1, 0)),
            "this has the KL the other way round, new ‖ old: the weights are those of the fair "
            "coin",
        ),
        Mistake(
            lambda u: np.sqrt(2 * _kl_of_coins(u, 0, 1)) / (2 * u),
            "upside down: the distance is divided by its bound, and is the smaller one",
        ),
        Mistake(
            lambda u: 2 * u / np.sqrt(_kl_of_coins(u, 0, 1)),
            "a 2 is missing under the root: Pinsker's bound is √(2k)",
        ),
        Mistake(
            lambda u: u / np.sqrt(2 * _kl_of_coins(u, 0, 1)),
            "the two states move apart by u each: the distance counts both",
        ),
        Mistake(
            lambda u: 2 * u / np.sqrt(-2 * np.log(1 - 4 * u**2)),
            "your k is twice the divergence: each of the two terms has the weight ½",
        ),
        Mistake(
            lambda u: 2 * u / np.sqrt(-np.log(1 - 2 * u)),
            "your k has one outcome twice; the coin has two, and one of them has become likelier",
        ),
        Mistake(
            lambda u: _kl_of_coins(u, 0, 1),
            "this is the divergence k; the ratio of the distance to its bound is asked for",
        ),
    ),
    "γ has gone, and for u → 0 the ratio is 1.",
    look="(14.11)",
)

# ---- Exercise 14.14: the walk, exactly ---------------------------------------------------------


def _walk_ratio(gamma, u):
    omega = np.sqrt(1 - gamma**2 * (1 - 4 * u**2))
    right = (1 - omega) / (2 * gamma * (0.5 - u))
    left = (1 - omega) / (2 * gamma * (0.5 + u))
    to_right, to_left = right / (1 - right), left / (1 - left)
    D = (to_right - to_left) / (1 + to_right + to_left) / (1 - gamma)
    k = -0.5 * np.log(1 - 4 * u**2)
    return u * D * (1 - gamma) ** 1.5 / (gamma * k)


def _walk_with(root=None, start=None, divergence=None):
    """The ratio with another ω, another ρ(0) or another k."""

    def ratio(gamma, u):
        omega = np.sqrt(1 - gamma**2 * (1 - 4 * u**2)) if root is None else root(gamma)
        a, b = ((x := (1 - omega) / (gamma * (1 - s * u))) / (1 - x) for s in (2, -2))
        rho_0 = 1 / (1 - gamma) / (1 + a + b) if start is None else start(gamma, a + b)
        k = -0.5 * np.log(1 - 4 * u**2) if divergence is None else divergence(u)
        return u * rho_0 * (a - b) * (1 - gamma) ** 1.5 / (gamma * k)

    return ratio


check_walk_ratio = Check(
    "Exercise 14.14",
    _walk_ratio,
    lambda: [(0.9, 0.1), (0.99, 0.05), (0.8, 0.3)],
    (
        Mistake(
            lambda gamma, u: (1 + gamma) ** -0.5,
            "that is the ratio to leading order, for small u; the exact one depends on u",
        ),
        Mistake(
            _walk_with(start=lambda gamma, both: (1 - gamma**2) ** -0.5),
            "your ρ(0) is that of the fair coin; for the new one take it from the sum of all ρ",
        ),
        Mistake(
            _walk_with(root=lambda gamma: np.sqrt(1 - gamma**2)),
            "your ω is the one to first order in u; the exact one has 1 - 4u² in it",
        ),
        Mistake(
            _walk_with(divergence=lambda u: 2 * u**2),
            "k = 2u² is to leading order; the exact divergence is that of exercise 14.13",
        ),
        Mistake(
            _walk_with(start=lambda gamma, both: 1 / (1 - gamma) / both),
            "the place 0 itself is missing in the sum of ρ: ρ(0) counts with a 1",
        ),
        Mistake(
            lambda gamma, u: (1 - gamma) * _walk_ratio(gamma, u),
            "your ρ adds up to 1; it must add up to 1/(1-γ)",
        ),
        Mistake(
            lambda gamma, u: np.sqrt(1 - gamma) * _walk_ratio(gamma, u),
            "this is the ratio to the chapter's bound, with the power 2; (14.7) has 3/2",
        ),
        Mistake(
            lambda gamma, u: (
                _walk_ratio(gamma, u) * gamma * -0.5 * np.log(1 - 4 * u**2) / u / (1 - gamma) ** 1.5
            ),
            "this is D, the time on the right less that on the left; the ratio is asked for",
        ),
    ),
    "More than 0.7 for every γ and small u: the power 3/2 is needed.",
    look="(14.12)",
)
