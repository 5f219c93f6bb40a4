"""Checks of notebook 13 on PPO's clip: its gradient, and the KL where it comes to rest."""

import numpy as np

from trpo_np.classroom.checks import Check, Mistake, case

Array = np.ndarray

# ---- Exercise 13.4: the gradient of the clipped surrogate --------------------------------------


def clipped_weights(w: Array, A: Array, c: float) -> Array:
    """What multiplies ∇ log π of each sample in the gradient of (13.6): (13.7)."""
    return np.where(np.where(A > 0, w > 1 + c, w < 1 - c), 0.0, w * A)


def _samples():
    w = np.array([1.5, 1.5, 0.5, 0.5, 1.25, 0.75, 1.25, 0.75, 1.1, 0.9, 1.15, 0.85])
    A = np.array([2.0, -1.0, 3.0, -2.0, 1.0, -1.0, -2.0, 2.0, 1.0, 1.5, -0.5, -2.5])
    rng = np.random.default_rng(0)
    return [
        case("with ratios on both sides of the box", w, A, 0.2),
        case("where all ratios are in the box", w[8:], A[8:], 0.2),
        case(
            "for another clip", np.exp(0.3 * rng.standard_normal(99)), rng.standard_normal(99), 0.1
        ),
    ]


check_clipped_weights = Check(
    "Exercise 13.4",
    clipped_weights,
    _samples,
    (
        Mistake(
            lambda w, A, c: np.where(np.abs(w - 1) > c, 0.0, w * A),
            "you drop every sample outside of the box. One that is there against the pull of its "
            "advantage keeps its slope: that is what the minimum in (13.6) is for",
        ),
        Mistake(
            lambda w, A, c: np.where(np.where(A > 0, w < 1 - c, w > 1 + c), 0.0, w * A),
            "the sides are exchanged: a positive advantage pulls the ratio up, to the upper wall",
        ),
        Mistake(
            lambda w, A, c: np.where(w > 1 + c, 0.0, w * A),
            "only the upper wall is there, for all signs of A; a negative advantage pushes the "
            "ratio "
            "down to the lower one",
        ),
        Mistake(
            lambda w, A, c: np.where(np.where(A > 0, w > 1 + c, w < 1 - c), 0.0, A),
            "the weight of a sample that counts has its ratio in it, since ∇w = w ∇ log π",
        ),
        Mistake(
            lambda w, A, c: np.minimum(w * A, np.clip(w, 1 - c, 1 + c) * A),
            "that is the clipped surrogate of each sample itself; its slope is asked for, and "
            "where "
            "the clipped term is the smaller one, it does not depend on θ",
        ),
        Mistake(
            lambda w, A, c: np.clip(w, 1 - c, 1 + c) * A,
            "a ratio that has been cut off has no slope, and no weight",
        ),
        Mistake(
            lambda w, A, c: w * A,
            "that is the gradient of L: no sample is ever cut off",
        ),
        Mistake(
            lambda w, A, c: np.where(np.where(A > 0, w > 1 + c, w < 1 - c), -w * A, w * A),
            "a sample past its wall does not pull back: (13.6) is flat there",
        ),
        Mistake(
            lambda w, A, c: np.where(np.where(A > 0, w > 1 + c, w < 1 - c), w * A, 0.0),
            "the two outcomes are exchanged: past the wall the weight is 0",
        ),
        Mistake(
            lambda w, A, c: np.where(np.where(A > 0, w > c, w < -c), 0.0, w * A),
            "the walls stand around 1, where the old policy is",
        ),
    ),
    "Exactly 0 past the wall, and nothing that pulls back.",
)

# ---- Exercise 13.5: what the clip holds --------------------------------------------------------


def kl_at_rest(x: float, c: float) -> float:
    """log cosh(x artanh c), the KL of a state of strength x where the clip's gradient ends."""
    return float(np.log(np.cosh(x * np.arctanh(c))))


def _coin(x, c, scale=2.0):
    return 1 / (1 + np.exp(-scale * x * np.arctanh(c)))


check_kl_at_rest = Check(
    "Exercise 13.5",
    kl_at_rest,
    [
        case("in state 1", 1.0, 0.2),
        case("for x = 3", 3.0, 0.2),
        case("for x = 10 and a narrow clip", 10.0, 0.1),
        case("for a wide clip", 2.0, 0.5),
    ].copy,
    (
        Mistake(
            lambda x, c: -0.5 * np.log(4 * _coin(x, c, 1.0) * (1 - _coin(x, c, 1.0))),
            "the θ at rest is twice artanh c",
        ),
        Mistake(
            lambda x, c: -0.5 * np.log(_coin(x, c) * (1 - _coin(x, c))),
            "the old coin's ½ log ½, twice, is missing: for x = 0 the divergence must be 0",
        ),
        Mistake(
            lambda x, c: -np.log(4 * _coin(x, c) * (1 - _coin(x, c))),
            "each of the two terms has the weight ½ of the old coin",
        ),
        Mistake(
            lambda x, c: 0.5 * np.log(4 * _coin(x, c) * (1 - _coin(x, c))),
            "the sign: a divergence is at least 0",
        ),
        Mistake(
            lambda x, c: (
                _coin(x, c) * np.log(2 * _coin(x, c))
                + (1 - _coin(x, c)) * np.log(2 * (1 - _coin(x, c)))
            ),
            "that is KL(new ‖ old): the weights are those of the old coin",
        ),
        Mistake(
            lambda x, c: -0.5 * np.log(4 * _coin(1.0, c) * (1 - _coin(1.0, c))),
            "that is state 1; in state 2 the parameter acts with the strength x",
        ),
        Mistake(
            lambda x, c: 0.5 * np.log(np.cosh(x * np.arctanh(c))),
            "that is its share in the mean over the two states; the divergence of one state is "
            "asked "
            "for",
        ),
        Mistake(
            lambda x, c: (x * np.arctanh(c)) ** 2 / 2,
            "that is the quadratic model, good for small x artanh c only",
        ),
        Mistake(
            lambda x, c: np.log(np.cosh(x * c)),
            "θ at rest is twice artanh c, which is only about 2 c",
        ),
        Mistake(
            lambda x, c: -np.log(2 * _coin(x, c)),
            "only the first action is in it; the divergence is a mean over both",
        ),
    ),
    "For large x it grows like x, and nothing stops it.",
    look="(5.1)",
)
