"""Checks of notebook 13 on the box of ratios: its largest KL, the best step, how many it takes."""

import numpy as np

from trpo_np.classroom import regions
from trpo_np.classroom.checks import Check, Mistake, case

Array = np.ndarray

# ---- Exercise 13.6: the largest KL in the box --------------------------------------------------


def largest_kl(c: float) -> float:
    """-½ log(1 - c²), the most that KL(old ‖ new) can be in the box: (13.9)."""
    return float(-0.5 * np.log1p(-(c**2)))


check_largest_kl = Check(
    "Exercise 13.6",
    largest_kl,
    [(0.1,), (0.2,), (0.5,), (0.9,)].copy,
    (
        Mistake(lambda c: c**2 / 2, "that is what it is near to for a small c, and always less"),
        Mistake(lambda c: c / 2, "that is the largest total variation; the KL was asked for"),
        Mistake(lambda c: -np.log(1 - c**2), "each of the two logarithms has the factor ½"),
        Mistake(
            lambda c: -np.log(1 - c),
            "not all ratios can be at the lower wall: their mean is 1",
        ),
        Mistake(
            lambda c: -0.5 * np.log(1 - c),
            "the upper wall is missing; its logarithm is positive, and the KL smaller for it",
        ),
        Mistake(lambda c: -0.5 * np.log(1 + c), "the lower wall is missing"),
        Mistake(lambda c: 0.5 * np.log(1 - c**2), "the sign: a divergence is at least 0"),
        Mistake(
            lambda c: -0.5 * np.log(1 + c**2),
            "the product of the two walls is 1 less c squared",
        ),
        Mistake(
            lambda c: 0.5 * np.log((1 + c) / (1 - c)),
            "the two logarithms have the same sign; this is their difference",
        ),
        Mistake(
            lambda c: 0.5 * (1 + c) * np.log(1 + c) + 0.5 * (1 - c) * np.log(1 - c),
            "that is KL(new ‖ old): the mean is over the old policy's actions",
        ),
    ),
    "With c = 0.2 it is 0.02, twice TRPO's usual δ.",
)

# ---- Exercises 13.7 and 13.8: steps in the box -------------------------------------------------


def _bandits():
    rng = np.random.default_rng(1)
    fair = np.full(4, 0.25)
    problems = [
        case("with four equally likely actions", fair, np.array([0.5, 2.0, -1.0, -1.5]), 0.2)
    ]
    for n, c in ((3, 0.2), (7, 0.5), (20, 0.1)):
        p = rng.dirichlet(np.ones(n))
        problems.append(case(f"with {n} actions", p, rng.standard_normal(n), c))
    certain = np.array([0.9, 0.06, 0.04])
    problems.append(
        case("with one action in nine of ten", certain, np.array([0.1, 1.0, -2.0]), 0.2)
    )
    return problems


def _by_level(pi_old, A, c, level):
    return pi_old * np.where(level < A, 1 + c, 1 - c)


def _to_the_best(pi_old, A, c):
    new = pi_old * (1 - c)
    new[np.argmax(A)] += c
    return new


check_ratio_step = Check(
    "Exercise 13.7",
    lambda pi_old, A, c: regions.ratio_step(pi_old, A, c),
    _bandits,
    (
        Mistake(
            lambda pi_old, A, c: _by_level(pi_old, A, c, 0.0),
            "you divide the actions by the sign of A; then more or less than half of the "
            "probability "
            "goes up, and the sum is not 1",
        ),
        Mistake(
            lambda pi_old, A, c: _by_level(pi_old, A, c, pi_old @ A),
            "you divide the actions at the mean of A; it is the median under the old policy that "
            "has "
            "half of the probability on either side",
        ),
        Mistake(
            lambda pi_old, A, c: _by_level(pi_old, A, c, np.median(A)),
            "that is the median of the numbers A; each has to count with its old probability",
        ),
        Mistake(
            lambda pi_old, A, c: _by_level(pi_old, A, c, 0.0) / _by_level(pi_old, A, c, 0.0).sum(),
            "dividing by the sum moves every ratio, and some of them out of the box",
        ),
        Mistake(
            lambda pi_old, A, c: regions.ratio_step(pi_old, -A, c),
            "the worst actions go up: A is sorted the other way round",
        ),
        Mistake(
            lambda pi_old, A, c: pi_old * (1 + c),
            "everything goes up, and the sum is 1 + c: only the better half may rise",
        ),
        Mistake(
            lambda pi_old, A, c: pi_old + c * regions.ratio_step(pi_old, A, 1.0) / 2,
            "what is not in the better half keeps its probability; it has to fall to 1 - c",
        ),
        Mistake(
            _to_the_best,
            "the best action gets all that the others lose, and leaves the box by it",
        ),
        Mistake(
            lambda pi_old, A, c: regions.ratio_step(pi_old, A, c / 2),
            "the walls stand at 1 ± c; yours are half as far",
        ),
        Mistake(
            lambda pi_old, A, c: regions.ratio_step(np.full(len(A), 1 / len(A)), A, c),
            "your result does not depend on the old probabilities: each action begins at its own",
        ),
        Mistake(
            lambda pi_old, A, c: regions.ratio_step(pi_old, A, c) / pi_old,
            "these are the ratios; the probabilities are asked for",
        ),
        Mistake(
            lambda pi_old, A, c: regions.total_variation_step(pi_old, A, c / 2),
            "that is the best within a total variation of c/2; a single ratio may leave the box "
            "there",
        ),
    ),
    "The best step in the box: it sums to 1, and all ratios but one are at a wall.",
)

check_updates_in_the_box = Check(
    "Exercise 13.8",
    lambda: 47,
    lambda: [()],
    (
        Mistake(lambda: 46, "after 46 it has not quite arrived"),
        Mistake(
            lambda: np.log(5000) / np.log(1.2),
            "the arithmetic is right; updates come in whole numbers",
        ),
        Mistake(lambda: 51, "that is until it is certain; one half was asked for"),
        Mistake(lambda: 24995, "that adds the same each time; each update multiplies"),
        Mistake(lambda: 39, "the factor of an update is 1.2, not 1/0.8"),
    ),
    "However good the action is.",
    tolerance=1e-9,
    look="(13.10)",
)
