"""Checks of notebook 12 on how wide a setting's plateau is, on profiles, and on a smaller δ."""

import numpy as np

from trpo_np.classroom.checks import Check, Mistake, case


def _width(x, scores):
    axis = np.log10(x)
    fine = np.linspace(axis[0], axis[-1], 20_001)
    return np.mean(np.interp(fine, axis, scores) >= 0.9) * (axis[-1] - axis[0])


def _score_curves():
    return [
        case("for one plateau", np.array([1e-3, 1e-2, 1e-1, 1.0]), np.array([0.2, 1.0, 0.95, 0.5])),
        case(
            "for two plateaus",
            np.array([0.01, 0.03, 0.1, 0.5, 2.0]),
            np.array([1.0, 0.7, 0.97, 0.92, 0.1]),
        ),
        case(
            "where the plateau is at 0.9",
            np.array([0.1, 1.0, 10.0, 100.0]),
            np.array([0.5, 0.9, 0.9, 0.3]),
        ),
        case("where every value does", np.array([1.0, 5.0, 10.0]), np.array([0.95, 1.0, 0.93])),
    ]


check_width = Check(
    "Exercise 12.4",
    _width,
    _score_curves,
    (
        Mistake(
            lambda x, s: (
                np.mean(np.interp(np.linspace(x[0], x[-1], 20_001), x, s) >= 0.9) * (x[-1] - x[0])
            ),
            "this measures along x itself; a decade is a step of log₁₀ x",
        ),
        Mistake(
            lambda x, s: np.mean(
                np.interp(np.linspace(np.log10(x[0]), np.log10(x[-1]), 20_001), np.log10(x), s)
                >= 0.9
            ),
            "this is the share of the axis; times its length in decades it is the width",
        ),
        Mistake(
            lambda x, s: _width(x, s) * np.log(10),
            "these are natural logarithms; a decade is log₁₀",
        ),
        Mistake(
            lambda x, s: np.mean(s >= 0.9) * np.log10(x[-1] / x[0]),
            "you count the values that were run; between them the curve is a straight line, which "
            "crosses 0.9 somewhere",
        ),
        Mistake(
            lambda x, s: np.ptp(np.log10(x[s >= 0.9])),
            "this goes from the lowest to the highest value that is good, whatever lies between, "
            "and stops at the values that were run",
        ),
        Mistake(
            lambda x, s: np.log10(x[-1] / x[0]) - _width(x, s),
            "this is the width of what is below 0.9",
        ),
    ),
    "Wide means: the setting may be wrong by that much.",
    tolerance=0.01,
)


def _profile(scores, taus):
    return np.mean(np.asarray(scores)[:, None] > taus, axis=0)


def _score_sets():
    rng = np.random.default_rng(2)
    return [
        (rng.random(7), np.linspace(0, 1, 5)),
        case(
            "where scores equal a threshold",
            np.array([0.0, 0.5, 0.5, 1.0]),
            np.array([0.0, 0.5, 1.0]),
        ),
        case(
            "with scores below 0 and the thresholds in another order",
            np.array([0.4, -0.7, 1.3, -0.2, 0.9]),
            np.array([0.8, -0.5, 0.3]),
        ),
    ]


check_profile = Check(
    "Exercise 12.5",
    _profile,
    _score_sets,
    (
        Mistake(
            lambda s, t: np.mean(s[:, None] >= t, axis=0),
            "a score that equals τ does not do better than τ",
        ),
        Mistake(
            lambda s, t: np.mean(s[:, None] <= t, axis=0),
            "this is the share of the runs that do not do better; it rises with τ",
        ),
        Mistake(
            lambda s, t: np.sum(s[:, None] > t, axis=0),
            "these are numbers of runs; a share is asked for",
        ),
        Mistake(
            lambda s, t: np.mean(s[:, None] > t, axis=1),
            "the mean goes over the thresholds: you have one number a run, not one a τ",
        ),
        Mistake(
            lambda s, t: np.mean(s[:, None] > t),
            "this is one number, over runs and thresholds alike",
        ),
        Mistake(
            lambda s, t: np.array([np.mean(s[s > x]) if (s > x).any() else 0.0 for x in t]),
            "this is the mean score of the runs above τ; their share is asked for",
        ),
    ),
    "Two profiles that do not cross need no further statistics.",
)

check_quarter = Check(
    "Exercise 12.6",
    lambda: 0.25,
    lambda: [()],
    (
        Mistake(lambda: 0.5, "this is what the step is multiplied by; its KL is quadratic in it"),
        Mistake(lambda: 4.0, "a smaller δ makes a smaller step"),
        Mistake(
            lambda: 1.0, "the full step ends on the ellipse, and the ellipse has become smaller"
        ),
        Mistake(
            lambda: 1 / 16, "the step shrinks by the root of the factor of δ, not by the factor"
        ),
        Mistake(lambda: 2.0, "this is how much longer the step was before"),
    ),
    "δ is the model's KL of the full step, whatever the rewards are.",
    tolerance=1e-6,
)
