"""Checks of notebook 13 on the cost of an update, and on what the second order buys for it."""

import numpy as np

from trpo_np.classroom.checks import Check, Mistake, case

Array = np.ndarray

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
