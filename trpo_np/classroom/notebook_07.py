"""The checks of notebook 07, conjugate gradient."""

import numpy as np

from trpo_np.classroom import solutions
from trpo_np.classroom.checks import Check, Mistake, calls
from trpo_np.conjugate_gradient import conjugate_gradient


def _system(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    B = rng.standard_normal((n, n))
    return B @ B.T / n + 0.1 * np.eye(n), rng.standard_normal(n)


def _steps():
    return [(*_system(n, n), np.random.default_rng(n).standard_normal(n)) for n in (2, 5)]


def _steepest_step(F, g, x):
    r = g - F @ x
    return (r @ r) / (r @ F @ r)


check_steepest_step = Check(
    "Exercise 7.1",
    _steepest_step,
    _steps,
    (
        Mistake(
            lambda F, g, x: (g @ g) / (g @ F @ g),
            "you used g where the residual r = g - F x belongs; they agree only at x = 0",
        ),
        Mistake(
            lambda F, g, x: 1 / _steepest_step(F, g, x),
            "this is the fraction upside down: rᵀr is on top",
        ),
        Mistake(
            lambda F, g, x: 1 / ((g - F @ x) @ F @ (g - F @ x)),
            "the numerator rᵀr is missing; it is 1 only for a residual of length 1",
        ),
        Mistake(
            lambda F, g, x: 0.5 * _steepest_step(F, g, x),
            "this is half the step: the ½ of q is gone once you differentiate",
        ),
        Mistake(
            lambda F, g, x: -_steepest_step(F, g, x),
            "the sign is turned: the step goes along r, which already points downhill",
        ),
    ),
    "Along r, no other step takes q lower.",
)


def _beta_cases():
    rng = np.random.default_rng(0)
    return [tuple(rng.standard_normal((2, n))) for n in (3, 6)]


check_beta = Check(
    "Exercise 7.2",
    lambda r, r_next: (r_next @ r_next) / (r @ r),
    _beta_cases,
    (
        Mistake(
            lambda r, r_next: (r @ r) / (r_next @ r_next),
            "this is β upside down: the new residual is on top, so that β is small when the "
            "residual shrank",
        ),
        Mistake(
            lambda r, r_next: np.sqrt((r_next @ r_next) / (r @ r)),
            "this is the ratio of the lengths; β is that of the squared lengths",
        ),
        Mistake(
            lambda r, r_next: -(r_next @ r_next) / (r @ r),
            "the sign is turned: follow the two minus signs in the derivation once more",
        ),
        Mistake(
            lambda r, r_next: (r_next @ r) / (r @ r),
            "you multiplied the new residual with the old one; in the method these are orthogonal, "
            "and β would be 0",
        ),
        Mistake(
            lambda r, r_next: (r_next @ (r_next - r)) / (r @ r),
            "your second term is 0 inside the method, where residuals are orthogonal; the last "
            "paragraph needs nothing but the two lengths",
        ),
    ),
)


def _solve(matvec, b, iterations):
    return conjugate_gradient(matvec, b, iterations, tolerance=0.0).x


def _loop(update):
    """Conjugate gradient whose (r, p, β) come from `update`."""

    def solve(matvec, b, iterations):
        x, r, p = np.zeros_like(b), b.copy(), b.copy()
        for _ in range(iterations):
            x, r, p = update(matvec, x, r, p)
        return x

    return solve


def _steepest(matvec, x, r, p):
    alpha = (r @ r) / (r @ matvec(r))
    return x + alpha * r, r - alpha * matvec(r), r


def _upside_down(matvec, x, r, p):
    alpha = (r @ r) / (p @ matvec(p))
    r_next = r - alpha * matvec(p)
    return x + alpha * p, r_next, r_next + (r @ r) / (r_next @ r_next) * p


def _beta_one(matvec, x, r, p):
    alpha = (r @ r) / (p @ matvec(p))
    r_next = r - alpha * matvec(p)
    return x + alpha * p, r_next, r_next + p


def _stale_residual(matvec, x, r, p):
    alpha = (r @ r) / (p @ matvec(p))
    r_next = r - alpha * matvec(p)
    return x + alpha * p, r_next, r + (r_next @ r_next) / (r @ r) * p


def _aliased(matvec, b, iterations):
    x, r = np.zeros_like(b), b.copy()
    p = r
    for _ in range(iterations):
        Ap, rr = matvec(p), r @ r
        alpha = rr / (p @ Ap)
        x = x + alpha * p
        r -= alpha * Ap
        p = r + (r @ r) / rr * p
    return x


def _systems():
    cases = []
    for n, iterations in ((4, 2), (6, 5)):
        F, g = _system(n, 10 + n)
        cases.append((lambda v, F=F: F @ v, g, iterations))
    return cases


check_conjugate_gradient = Check(
    "Exercise 7.3",
    _solve,
    _systems,
    (
        Mistake(
            _loop(_steepest),
            "this is steepest descent: p never gets its β p, so directions undo each other",
        ),
        Mistake(
            _aliased,
            "p and r share memory: `p = r` makes two names for one array, and `r -= ...` then "
            "changes both. Make new arrays, r = r - ...",
        ),
        Mistake(_loop(_upside_down), "β is upside down: the new rᵀr is on top"),
        Mistake(
            _loop(_beta_one),
            "your β is always 1: r was renewed before the old rᵀr was used. Keep both",
        ),
        Mistake(
            lambda matvec, b, k: _solve(matvec, b, k) + b,
            "you start at x = b; the start is x = 0, where the residual is b",
        ),
        Mistake(
            _loop(_stale_residual),
            "the new direction is built from the old residual; r has to be renewed before p",
        ),
        Mistake(
            lambda matvec, b, k: _solve(matvec, b, k - 1),
            "this is one iteration short; do `iterations` products",
        ),
        Mistake(
            lambda matvec, b, k: _solve(matvec, b, k + 1),
            "this is one iteration too many; do `iterations` products",
        ),
    ),
    "Your own conjugate gradient. Keep it for notebook 10.",
    tolerance=1e-6,
    conditions=(
        calls(0, lambda case: case[2], "F p stands in α and in the residual, and is computed once"),
    ),
    solution=solutions.conjugate_gradient,
)


check_distinct_eigenvalues = Check(
    "Exercise 7.4",
    lambda: 3,
    lambda: [()],
    (
        Mistake(
            lambda: 40,
            "40 is the number of unknowns: enough in any case, but here far fewer will do",
        ),
        Mistake(
            lambda: 2,
            "a polynomial of degree 2 with value 1 at 0 has two zeros; at how many places has it "
            "to be zero?",
        ),
        Mistake(
            lambda: 20,
            "20 is how often the most frequent eigenvalue occurs; one zero at it serves all twenty",
        ),
        Mistake(
            lambda: 10,
            "10 is TRPO's usual number; the answer follows from the spectrum alone",
        ),
    ),
    "One zero of the polynomial for each eigenvalue, however often it occurs.",
)
