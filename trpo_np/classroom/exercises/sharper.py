"""Checks of notebook 14 on what the sharper bound says and hides."""

import numpy as np

from trpo_np.classroom.checks import Check, Mistake, case, number

# ---- Exercise 14.15: how small a radius --------------------------------------------------------


check_small_enough = Check(
    "Exercise 14.15",
    number(0.01**1.5 / (2 * 0.99)),
    lambda: [()],
    (
        Mistake(number(0.01), "that is the usual radius, with which far more than 1 can be lost"),
        Mistake(number(0.01**2 / (2 * 0.99)), "this is from the chapter's constant, with (1-γ)²"),
        Mistake(number(0.01**1.5 / 0.99), "the 2 of C = 2γε/(1-γ)^(3/2) is missing"),
        Mistake(number(0.01**1.5 / 2), "a γ is missing in C; it shows in the third digit"),
        Mistake(
            number(2 * 0.99 * 0.01 / 0.01**1.5),
            "this is what a step within δ = 0.01 can lose; how small must δ be for a loss of 1?",
        ),
        Mistake(number(2 * 0.99 / 0.01**1.5), "this is C itself; the most that can be lost is C δ"),
        Mistake(
            number((0.01**1.5 / 0.99) ** 2 / 2),
            "this is from the bound with the mean divergence; the one with the maximum has no root",
        ),
        Mistake(
            number(0.01 / (2 * 0.99**2)),
            "this is the limit (14.13), up to which an improvement can be certified",
        ),
    ),
    "A twentieth of the usual 0.01, and no improvement is promised by it.",
    tolerance=0.004,
    look="(14.14)",
)

# ---- Exercise 14.16: what a batch hides --------------------------------------------------------


def _hidden_factor(t0, T, gamma):
    return (1 - gamma) * gamma**t0 * T


check_hidden_factor = Check(
    "Exercise 14.16",
    _hidden_factor,
    lambda: [(3, 10, 0.9), (0, 50, 0.99), (40, 200, 0.95)],
    (
        Mistake(
            lambda t0, T, gamma: (1 - gamma) * gamma**t0,
            "this is K̄ for κ = 1; κ̂ is a mean over T steps, and only one of them counts",
        ),
        Mistake(
            lambda t0, T, gamma: (1 - gamma) * T,
            "this is for the first step; a later one is discounted by γ^t₀",
        ),
        Mistake(
            lambda t0, T, gamma: gamma**t0 * T,
            "the weights γ^t do not add up to 1: K̄ has the factor 1 - γ",
        ),
        Mistake(
            lambda t0, T, gamma: 1 / _hidden_factor(t0, T, gamma),
            "upside down: this is κ̂ over K̄",
        ),
        Mistake(
            lambda t0, T, gamma: (1 - gamma) * gamma**t0 / T,
            "κ̂ is κ/T, and one divides by it: the T comes above the line",
        ),
        Mistake(
            lambda t0, T, gamma: (1 - gamma) * gamma**t0 * T + gamma**T,
            "after step T there is nothing: the second term of (14.15) is 0 here",
        ),
    ),
    "Above 1 for early steps, and far below 1 for late ones.",
    look="(14.15)",
)

# ---- Exercise 14.17: at every time the best ----------------------------------------------------


def _best_at_every_time(kappa, tv, gamma):
    t = np.arange(len(kappa))
    K = np.cumsum(kappa) - kappa
    coupled = 2 * (np.cumsum(tv) - tv)
    shift = np.minimum(2, np.minimum(coupled, np.sqrt(2 * K)))
    return np.sum(gamma**t * shift)


def _courses():
    rng = np.random.default_rng(1416)
    tv = rng.uniform(0.1, 0.4, 40)
    return [
        case("where each of the three is the smallest once", 2.5 * tv**2, tv, 0.95),
        case("where the TV is small", 1e-2 * rng.random(8), 1e-3 * rng.random(8), 0.9),
        case("where the divergence is small", 1e-4 * rng.random(12), rng.random(12), 0.8),
    ]


def _three(kappa, tv):
    return 2.0, 2 * (np.cumsum(tv) - tv), np.sqrt(2 * (np.cumsum(kappa) - kappa))


def _summed(gamma, shift):
    return np.sum(gamma ** np.arange(len(shift)) * shift)


check_best_at_every_time = Check(
    "Exercise 14.17",
    _best_at_every_time,
    _courses,
    (
        Mistake(
            lambda kappa, tv, gamma: _summed(
                gamma,
                np.minimum(2, np.minimum(2 * np.cumsum(tv), np.sqrt(2 * np.cumsum(kappa)))),
            ),
            "your sums run over i ≤ t; the state at time t comes after the choices with i < t only",
        ),
        Mistake(
            lambda kappa, tv, gamma: _summed(
                gamma, np.minimum(_three(kappa, tv)[1], _three(kappa, tv)[2])
            ),
            "the 2 is missing among the three: two distributions are never further apart",
        ),
        Mistake(
            lambda kappa, tv, gamma: min(
                _summed(gamma, np.full(len(tv), 2.0) * (np.arange(len(tv)) > 0)),
                *(_summed(gamma, shift) for shift in _three(kappa, tv)[1:]),
            ),
            "you sum first and then take the smallest sum; (14.17) takes the smallest at each time",
        ),
        Mistake(
            lambda kappa, tv, gamma: _summed(
                gamma,
                np.minimum(2, np.minimum(_three(kappa, tv)[1] / 2, _three(kappa, tv)[2])),
            ),
            "the sum of total variations lacks its factor 2: the ‖·‖₁ distance is twice the TV",
        ),
        Mistake(
            lambda kappa, tv, gamma: np.sum(
                np.minimum(2, np.minimum(_three(kappa, tv)[1], _three(kappa, tv)[2]))
            ),
            "the weights γ^t are missing",
        ),
        Mistake(
            lambda kappa, tv, gamma: _summed(gamma, np.minimum(2, _three(kappa, tv)[2])),
            "the sum of total variations is missing among the three",
        ),
    ),
    "Never above the three of them alone.",
    look="(14.17)",
)
