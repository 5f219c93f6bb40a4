"""The checks of notebook 13, limits and what came after; limits.py counts and draws for it."""

import numpy as np

from trpo_np.classroom import regions
from trpo_np.classroom.checks import Check, Mistake, case, recall
from trpo_np.classroom.limits import (
    ascend_clip,
    beyond_by_file,
    bought,
    changes_of,
    complexity,
    draw_bands,
    draw_bought,
    draw_costs,
    draw_epochs,
    mean_score,
    random_problem,
    two_state_kl,
    two_state_limit,
    zipf,
)

#: What the notebook has from limits.py.
__all__ = [
    "ascend_clip",
    "beyond_by_file",
    "bought",
    "changes_of",
    "complexity",
    "draw_bands",
    "draw_bought",
    "draw_costs",
    "draw_epochs",
    "mean_score",
    "random_problem",
    "two_state_kl",
    "two_state_limit",
    "zipf",
]

Array = np.ndarray

# ---- Recall ------------------------------------------------------------------------------------

recall_size_of_f = recall(
    "Recall 13.1",
    1e12,
    {
        1e6: "that is a vector, as the gradient is; F is a matrix",
        2e6: "rows and columns are multiplied, not added",
        (1e12 + 1e6) / 2: "so many of them are different, since F is symmetric; it holds more",
        4e12: "those are bytes, four for each number in single precision",
    },
    "Four terabytes in single precision.",
    look="notebook 06, section 7",
)
recall_first_iteration = recall(
    "Recall 13.2",
    "c",
    {
        "a": "there it comes in the end, after as many iterations as F has different eigenvalues",
        "b": "F g is the product that it computes, to find out how far to go; the direction is "
        "older",
        "d": "no eigenvector is ever computed",
    },
    "The first direction is the residual at 0. So one iteration is a plain gradient step of the "
    "right length.",
    look="notebook 07, section 5",
)
recall_pinsker = recall(
    "Recall 13.3",
    0.1,
    {
        0.01: "that is the square of it",
        0.02: "that is the divergence; the inequality has a root",
        0.2: "that is the sum of the absolute differences, twice the total variation",
        0.02**0.5: "the divergence is halved before the root is taken",
    },
    "And a clip of twice as much, if it were kept, would promise the same. You will see.",
    look="notebook 03, section 5",
    tolerance=1e-3,
)

# ---- Exercise 13.1: the cost -------------------------------------------------------------------


def update_cost(iterations: int, share: float, candidates: int) -> float:
    """One update of TRPO in gradients: (13.1)."""
    return (3 + 4 * iterations * share + candidates) / 3


check_update_cost = Check(
    "Exercise 13.1",
    update_cost,
    [
        case("for all states", 10, 1.0, 1),
        case("for a tenth of the states", 10, 0.1, 1),
        case("for other numbers", 7, 0.25, 4),
    ].copy,
    (
        Mistake(
            lambda k, f, n: 3 + 4 * k * f + n,
            "these are forward passes; the unit is one gradient, which has three of them",
        ),
        Mistake(
            lambda k, f, n: (4 * k * f + n) / 3,
            "the gradient g itself is missing: conjugate gradient needs a right-hand side",
        ),
        Mistake(
            lambda k, f, n: (3 + 4 * k + n) / 3,
            "the share of the states that the products use is left out",
        ),
        Mistake(
            lambda k, f, n: (3 + 2 * k * f + n) / 3,
            "a product is a JVP and a VJP, two passes that cost 2 each",
        ),
        Mistake(
            lambda k, f, n: (3 + 3 * k * f + n) / 3,
            "a product is dearer than that: it has a JVP besides the VJP, and needs no forward "
            "pass",
        ),
        Mistake(
            lambda k, f, n: (3 + 4 * k * f + 3 * n) / 3,
            "a candidate needs no gradient: L and KL are seen in a forward pass",
        ),
        Mistake(
            lambda k, f, n: (3 + 4 * k * f + n * f) / 3,
            "the candidates are judged on all states; the share is for the products only",
        ),
        Mistake(
            lambda k, f, n: ((3 + 4 * k) * f + n) / 3,
            "the gradient is made from all states; the share is for the products only",
        ),
    ),
    "Ten products are most of it, and a tenth of the states takes most of that away.",
)

# ---- Exercises 13.2 and 13.3: what the second order buys ---------------------------------------


def gain_ratio(F: Array, g: Array) -> float:
    """√(gᵀF⁻¹g · gᵀFg) / gᵀg: (13.2)."""
    return float(np.sqrt((g @ np.linalg.solve(F, g)) * (g @ F @ g)) / (g @ g))


def _matrices():
    rng = np.random.default_rng(0)
    problems = []
    for n, spread in ((2, 1.0), (4, 3.0), (6, 2.0)):
        Q = np.linalg.qr(rng.standard_normal((n, n)))[0]
        F = (Q * np.exp(spread * rng.standard_normal(n))) @ Q.T
        problems.append(((F + F.T) / 2, 3 * rng.standard_normal(n)))
    return problems


def _natural(F, g):
    return g @ np.linalg.solve(F, g)


check_gain_ratio = Check(
    "Exercise 13.2",
    gain_ratio,
    _matrices,
    (
        Mistake(
            lambda F, g: _natural(F, g) * (g @ F @ g) / (g @ g) ** 2,
            "that is the square: both gains go with a root",
        ),
        Mistake(
            lambda F, g: _natural(F, g) * (g @ F @ g) / (g @ g),
            "the root is missing in the numerator",
        ),
        Mistake(
            lambda F, g: (g @ g) / np.sqrt(_natural(F, g) * (g @ F @ g)),
            "that is the gain along g in units of the other; it is at most 1",
        ),
        Mistake(
            lambda F, g: np.sqrt(_natural(F, g) * (g @ F @ g)),
            "not yet divided by gᵀg: the result still depends on the length of g",
        ),
        Mistake(
            lambda F, g: np.sqrt(_natural(F, g) * (g @ F @ g)) / np.linalg.norm(g),
            "divided by the length of g, and not by its square",
        ),
        Mistake(
            lambda F, g: np.sqrt(_natural(F, g)) / (g @ g),
            "gᵀFg is missing: how far one may go along g depends on F",
        ),
        Mistake(
            lambda F, g: np.sqrt(g @ F @ g) / (g @ g),
            "gᵀF⁻¹g is missing: that is the gain along the natural gradient",
        ),
        Mistake(
            lambda F, g: np.sqrt((g @ (g / np.diag(F))) * (g @ F @ g)) / (g @ g),
            "you divide by the diagonal of F; F⁻¹ is the inverse of the whole matrix",
        ),
        Mistake(
            lambda F, g: np.sqrt((g @ (1 / F) @ g + 0j) * (g @ F @ g)).real / (g @ g),
            "1 / F turns every entry over; F⁻¹g is the solution of F s = g",
        ),
        Mistake(
            lambda F, g: np.sqrt(_natural(F, g) / (g @ F @ g)),
            "that divides the two lengths of g, by F⁻¹ and by F; (13.2) multiplies them",
        ),
    ),
    "At least 1 for every g, and it does not see the length of g or the size of F.",
)

check_kantorovich = Check(
    "Exercise 13.3",
    lambda: 5.05,
    lambda: [()],
    (
        Mistake(lambda: 50.5, "κ has a root in the denominator"),
        Mistake(lambda: 10.1, "the denominator has a 2 besides the root"),
        Mistake(lambda: 10.0, "the root of κ alone is more than can be bought"),
        Mistake(lambda: 100.0, "that is κ itself"),
        Mistake(lambda: 0.198, "turned over: the best step is never worse than the gradient's"),
        Mistake(lambda: 1.0, "that is the least it can buy, where g is an eigenvector"),
    ),
    "And only for the g that has nothing but the two ends of the spectrum.",
    tolerance=2e-3,
)

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

# ---- Exercises 13.5 and 13.6: what the clip holds ----------------------------------------------


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
