"""Checks of notebook 12 on runs that differ: the best of them, their middle, and a change."""

import numpy as np

from trpo_np.classroom.checks import Check, Mistake, case


def best_of(n: int) -> float:
    """The mean of the largest of n standard normal numbers, by a sum over a fine grid. (12.1)"""
    z = np.linspace(-9, 9, 20_001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    below = np.cumsum(density) * (z[1] - z[0])
    return float(np.sum(z * n * below ** (n - 1) * density) * (z[1] - z[0]))  # (12.1)


check_best_of_five = Check(
    "Exercise 12.1",
    lambda: best_of(5),
    lambda: [()],
    (
        Mistake(lambda: 0.0, "this is the mean of all; the largest of several lies above it"),
        Mistake(
            lambda: np.sqrt(5), "this is the factor by which a mean of five scatters less, inverted"
        ),
        Mistake(lambda: 1 / np.sqrt(5), "this is the spread of the mean of five runs"),
        Mistake(
            lambda: 0.84, "four of five numbers lie below this; on average the largest is higher"
        ),
        Mistake(lambda: 1.54, "this is the best of ten"),
        Mistake(lambda: 0.5642, "this is the best of two"),
    ),
    "So a paper that shows the best of five runs shows a mean that is better by this much.",
    tolerance=0.09,
)


def _iqm(x):
    k = len(x) // 4
    return np.mean(np.sort(x)[k : len(x) - k])


def _numbers():
    rng = np.random.default_rng(0)
    return [
        case("for eight runs", rng.permutation(np.arange(8.0) ** 2)),
        case("for ten runs", 100 * rng.standard_normal(10)),
        case("for five runs", 10 + rng.standard_normal(5)),
        case("for three runs, where nothing is left out", rng.standard_normal(3)),
    ]


check_interquartile_mean = Check(
    "Exercise 12.2",
    _iqm,
    _numbers,
    (
        Mistake(np.mean, "this is the mean of all: the lowest and the highest quarter still count"),
        Mistake(np.median, "this is the median, which uses the middle one or two only"),
        Mistake(
            lambda x: np.mean(x[len(x) // 4 : len(x) - len(x) // 4]),
            "the numbers are not sorted: you left out the first and the last, wherever they lie",
        ),
        Mistake(
            lambda x: np.mean(np.sort(x)[len(x) // 4 :]),
            "you left out the lowest quarter; the highest quarter still counts",
        ),
        Mistake(
            lambda x: np.mean(np.sort(x)[: len(x) - len(x) // 4]),
            "you left out the highest quarter; the lowest quarter still counts",
        ),
        Mistake(
            lambda x: np.sum(np.sort(x)[len(x) // 4 : len(x) - len(x) // 4]) / len(x),
            "you divide by the number of all runs; only some are in the sum",
        ),
        Mistake(
            lambda x: np.mean(np.sort(x)[len(x) // 4 : 3 * len(x) // 4]),
            "where the number of runs is no multiple of four, more are cut off above than below",
        ),
        Mistake(
            lambda x: (np.quantile(x, 0.25) + np.quantile(x, 0.75)) / 2,
            "this is the middle between the quartiles; the mean of the runs between is asked for",
        ),
    ),
    "Runs that fail wholly do not move it; they are seen in the worst seed beside it.",
)


def _change(x, y):
    return (np.mean(y) - np.mean(x)) / np.sqrt((np.var(x, ddof=1) + np.var(y, ddof=1)) / len(x))


def _returns():
    rng = np.random.default_rng(1)
    return [
        (100 + 20 * rng.standard_normal(16), 110 + 5 * rng.standard_normal(16)),
        (-200 + 90 * rng.standard_normal(7), -260 + 50 * rng.standard_normal(7)),
    ]


check_change = Check(
    "Exercise 12.3",
    _change,
    _returns,
    (
        Mistake(
            lambda x, y: -_change(x, y), "the sign is turned: a rise is positive, y comes after x"
        ),
        Mistake(
            lambda x, y: _change(x, y) / np.sqrt(len(x)),
            "this is in standard deviations of single returns; the mean of m returns scatters less",
        ),
        Mistake(
            lambda x, y: (np.mean(y) - np.mean(x)) / np.sqrt((np.var(x) + np.var(y)) / len(x)),
            "the variances have m below; with m - 1 they are unbiased, and small sets of episodes "
            "make the difference",
        ),
        Mistake(
            lambda x, y: (np.mean(y) - np.mean(x)) / np.sqrt(np.var(x, ddof=1) / len(x)),
            "only the error of the returns before is in it; those after have one as well",
        ),
        Mistake(
            lambda x, y: (
                (np.mean(y) - np.mean(x))
                / (np.std(x, ddof=1) + np.std(y, ddof=1))
                * np.sqrt(len(x))
            ),
            "the standard deviations are added; of independent numbers the variances add up",
        ),
        Mistake(
            lambda x, y: np.mean(y) - np.mean(x), "this is the change itself, not yet in errors"
        ),
        Mistake(
            lambda x, y: (np.mean(y) - np.mean(x)) / np.std(y - x, ddof=1) * np.sqrt(len(x)),
            "this pairs the episodes; they are drawn independently, and the pairs mean nothing",
        ),
    ),
    "Beyond ±2 a change is hardly chance.",
)
