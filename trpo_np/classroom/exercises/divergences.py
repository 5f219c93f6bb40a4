"""Checks of notebook 13 on divergences in the place of the clip."""

import numpy as np

from trpo_np.classroom.checks import Check, Mistake, case

Array = np.ndarray

# ---- Exercises 13.9 and 13.10: divergences -----------------------------------------------------


def divergence_weights(w: Array, p: Array, A: Array, radius: float) -> Array:
    """The weights (13.13), with the total variation of two coins for the divergence."""
    outwards = np.where(A > 0, w > 1, w < 1)
    return np.where((p * np.abs(w - 1) > radius) & outwards, 0.0, w * A)


def _tokens():
    w = np.array([1.5, 1.5, 0.5, 0.5, 5.0, 0.81, 0.81, 1.1, 1.3, 0.7])
    p = np.array([0.4, 0.4, 0.6, 0.6, 0.001, 0.99, 0.99, 0.5, 0.5, 0.6])
    A = np.array([2.0, -1.0, 3.0, -2.0, 1.0, -1.5, 1.5, 0.5, 1.0, -1.0])
    rng = np.random.default_rng(0)
    q = rng.uniform(0.01, 0.99, 40)
    old = np.clip(q + 0.15 * rng.standard_normal(40), 0.05, 0.95)
    return [
        case("with rare and frequent actions", w, p, A, 0.1),
        case("where all are inside", w[-3:-2], p[-3:-2], A[-3:-2], 0.1),
        case("for another radius", q / old, old, rng.standard_normal(40), 0.05),
    ]


def _masked(outside, push):
    def answer(w, p, A, radius):
        return np.where(outside(w, p, radius) & push(w, A), 0.0, w * A)

    return answer


def _outwards(w, A):
    return np.where(A > 0, w > 1, w < 1)


def _far(w, p, radius):
    return p * np.abs(w - 1) > radius


check_divergence_weights = Check(
    "Exercise 13.9",
    divergence_weights,
    _tokens,
    (
        Mistake(
            _masked(lambda w, p, radius: np.abs(w - 1) > radius, _outwards),
            "that is the clip again, |w - 1|: how far the probability itself has moved is p "
            "times as "
            "much",
        ),
        Mistake(
            _masked(_far, lambda w, A: np.full(len(w), True)),
            "you mask every sample outside of the region. One that pushes back inwards keeps its "
            "weight",
        ),
        Mistake(
            _masked(_far, lambda w, A: ~_outwards(w, A)),
            "you mask the samples that push back, and keep those that push further out",
        ),
        Mistake(
            _masked(lambda w, p, radius: 0.5 * p * np.abs(w - 1) > radius, _outwards),
            "there is no ½ here: of two coins both faces move by |p - q|, and half of the sum is "
            "one "
            "of them",
        ),
        Mistake(
            _masked(lambda w, p, radius: np.abs(p - w) > radius, _outwards),
            "w is not the new probability, but its quotient with the old one",
        ),
        Mistake(
            _masked(lambda w, p, radius: np.abs(1 - 1 / w) * p > radius, _outwards),
            "p is the old probability, so the new one is p times w",
        ),
        Mistake(
            _masked(lambda w, p, radius: p * np.abs(w - 1) <= radius, _outwards),
            "the comparison is turned: a sample inside of the region keeps its weight",
        ),
        Mistake(
            lambda w, p, A, radius: np.where(_far(w, p, radius) & _outwards(w, A), 0.0, A),
            "the weight of a sample that counts has its ratio in it, as in (13.7)",
        ),
        Mistake(
            lambda w, p, A, radius: np.where(_far(w, p, radius) | _outwards(w, A), 0.0, w * A),
            "both conditions have to hold, being outside and pushing outwards",
        ),
        Mistake(
            _masked(lambda w, p, radius: p * (w - 1) > radius, _outwards),
            "a probability can also move down too far: the difference wants its absolute value",
        ),
        Mistake(
            lambda w, p, A, radius: np.where(_far(w, p, radius) & _outwards(w, A), w * A, 0.0),
            "the two outcomes are exchanged: what is masked has the weight 0",
        ),
        Mistake(
            lambda w, p, A, radius: w * A,
            "no sample is ever masked",
        ),
    ),
    "The same loop as PPO's, and another question.",
)

check_certified_kl = Check(
    "Exercise 13.10",
    lambda: 0.75 / 1000**1.5,
    lambda: [()],
    (
        Mistake(lambda: 4 / 3 / 1000**1.5, "the factor came to the other side as it was"),
        Mistake(lambda: 1 / 1000**1.5, "the factor of the bound is missing"),
        Mistake(lambda: 0.75 / 1000, "the power of T is more than one"),
        Mistake(lambda: 0.75 / 1000**2, "that is the power of the older bound"),
        Mistake(lambda: 0.75 / 1000**0.5, "that is a root of T only"),
        Mistake(lambda: 0.75 * 1000**1.5, "divide: the longer the text, the less is allowed"),
    ),
    "Some hundred-thousandths of a nat, a thousandth of what the clip's box allows.",
    tolerance=0.02,
)
