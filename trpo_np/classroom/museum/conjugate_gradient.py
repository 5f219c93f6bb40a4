"""Room 1 of the museum: conjugate gradient."""

from collections.abc import Callable

import numpy as np

from trpo_np.classroom.checks import Mistake, same
from trpo_np.classroom.museum.testing import QuietCheck, check_of_a_test
from trpo_np.conjugate_gradient import conjugate_gradient

# Exercise 11.1, conjugate gradient


def _right_cg(matvec, b, iterations):
    """a right one"""
    return conjugate_gradient(matvec, b, iterations, tolerance=0.0).x


def _in_place_cg(matvec, b, iterations):
    """which updates in place, but no two names for one array: a right one"""
    x, r, p = np.zeros_like(b), b.copy(), b.copy()
    rr = r @ r
    for _ in range(iterations):
        if rr <= 1e-30 * (b @ b):
            break
        Ap = matvec(p)
        alpha = rr / (p @ Ap)
        x += alpha * p
        r -= alpha * Ap
        rr_before, rr = rr, r @ r
        p *= rr / rr_before
        p += r
    return x


def aliased_cg(matvec, b, iterations):
    """Exhibit 1 itself"""
    x, r = np.zeros_like(b), b.copy()
    p, rr = r, r @ r
    for _ in range(iterations):
        if rr <= 1e-30 * (b @ b):
            break
        Ap = matvec(p)
        alpha = rr / (p @ Ap)
        x += alpha * p
        r -= alpha * Ap
        rr_next = r @ r
        p = r + rr_next / rr * p
        rr = rr_next
    return x


def _steepest_descent(matvec, b, iterations):
    """which is steepest descent and not conjugate gradient"""
    x = np.zeros_like(b)
    for _ in range(iterations):
        r = b - matvec(x)
        if r @ r <= 1e-30 * (b @ b):
            break
        x = x + (r @ r) / (r @ matvec(r)) * r
    return x


def _short_cg(matvec, b, iterations):
    """which does one iteration less than it is told"""
    return _right_cg(matvec, b, iterations - 1)


def _system(n: int = 6) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n)
    B = rng.standard_normal((n, n))
    return B @ B.T + np.eye(n), rng.standard_normal(n)


def _error(solve, iterations):
    A, b = _system()
    return np.abs(solve(lambda v: A @ v, b, iterations) - np.linalg.solve(A, b)).max()


def _golden(solve):
    A, b = _system()
    matvec = lambda v: A @ v  # noqa: E731
    return np.abs(solve(matvec, b, 4) - aliased_cg(matvec, b, 4)).max()


def _first_step(solve):
    A, b = _system()
    return np.abs(solve(lambda v: A @ v, b, 1) - (b @ b) / (b @ A @ b) * b).max()


def _not_bit_for_bit(solve):
    A, b = _system()
    return np.any(solve(lambda v: A @ v, b, 6) != np.linalg.solve(A, b))


def test_of_cg(solve: Callable) -> float:
    """How far the solution after n iterations for n equations is from another method's."""
    return _error(solve, 6)


check_test_of_cg = check_of_a_test(
    "Exercise 11.1",
    [
        (_right_cg, False),
        (aliased_cg, True),
        (_in_place_cg, False),
        (_steepest_descent, True),
        (_short_cg, True),
    ],
    [
        (
            lambda solve: _error(solve, 2000),
            "your test lets every program through, the exhibit too. Given enough iterations, or an "
            "easy matrix such as a multiple of I, or a loose comparison, they all arrive. By when "
            "must a right one have arrived, for a matrix of n distinct eigenvalues?",
        ),
        (
            _first_step,
            "you look at the first iteration only, and there the exhibit is still right. What goes "
            "wrong needs a second one",
        ),
        (
            _golden,
            "you compare with numbers that the exhibit itself gave: now the right programs fail "
            "and it passes. Compare with what another method gives, that shares no code with it",
        ),
        (
            _not_bit_for_bit,
            "your test finds fault with right programs as well. Does it ask for equality to the "
            "last bit, where rounding differs? Is its matrix symmetric and positive definite, and "
            "not nearly singular? Do the programs get n iterations? Is what you subtract the "
            "solution?",
        ),
    ],
    "n iterations against a solver that shares no code: no learning curve needed.",
)


# Exercise 11.2, conjugate gradient where there is nothing left to do


def _guarded_cg(matvec, b, iterations):
    x, r, p = np.zeros_like(b), b, b
    for _ in range(iterations):
        if r @ r == 0:
            break
        Ap = matvec(p)
        alpha = (r @ r) / (p @ Ap)
        x = x + alpha * p
        r_next = r - alpha * Ap
        p = r_next + (r_next @ r_next) / (r @ r) * p
        r = r_next
    return x


def _epsilon_cg(matvec, b, iterations, epsilon=1e-8):
    x, r, p = np.zeros_like(b), b, b
    for _ in range(iterations):
        Ap = matvec(p)
        alpha = (r @ r) / (p @ Ap + epsilon)
        x = x + alpha * p
        r_next = r - alpha * Ap
        p = r_next + (r_next @ r_next) / (r @ r + epsilon) * p
        r = r_next
    return x


def _unguarded_cg(matvec, b, iterations):
    return _epsilon_cg(matvec, b, iterations, 0.0)


def _first_only_cg(matvec, b, iterations):
    return np.zeros_like(b) if not b.any() else _unguarded_cg(matvec, b, iterations)


def _absolute_cg(matvec, b, iterations):
    x, r, p = np.zeros_like(b), b, b
    for _ in range(iterations):
        if r @ r < 1e-10:
            break
        Ap = matvec(p)
        alpha = (r @ r) / (p @ Ap)
        x = x + alpha * p
        r_next = r - alpha * Ap
        p = r_next + (r_next @ r_next) / (r @ r) * p
        r = r_next
    return x


def _nothing_left_cases():
    A, b = _system(5)
    return [
        (lambda v: A @ v, b, 3),
        (lambda v: A @ v, np.zeros(5), 3),
        (lambda v: 2 * v, np.array([1.0, -2.0, 4.0]), 4),  # done, exactly, after one iteration
        (lambda v: A @ v, 1e-6 * b, 3),
        (lambda v: A @ v, 1e-30 * b, 3),
    ]


class _CheckOfSafety(QuietCheck):
    """A check that knows a threshold of any size by the cases where b is small."""

    def _named(self, answers: list) -> str | None:
        named = super()._named(answers)
        if named is None and same(answers[:3], self._expected()[:3], self.tolerance):
            return _ABSOLUTE
        return named

    def _expected(self) -> list:
        return [self.reference(*case) for case in self.cases()]


_ABSOLUTE = (
    "for a small b the answer is another one than before, or 0. Do you stop where the residual is "
    "small, and not only where it is 0? Or add a number to the denominators? Both are exhibits of "
    "this room"
)


check_safe_cg = _CheckOfSafety(
    "Exercise 11.2",
    _guarded_cg,
    _nothing_left_cases,
    (
        Mistake(
            _unguarded_cg,
            "b = 0 still gives NaN. There are two fractions in the loop, and both become 0/0",
        ),
        Mistake(
            _first_only_cg,
            "b = 0 is safe now, but the same 0/0 waits inside the loop: with the matrix 2I the "
            "residual is exactly 0 after one iteration",
        ),
        Mistake(
            _epsilon_cg,
            "the ε in the denominators changes the answer for every other b, and where b is of "
            "the size of ε it ruins it. Ask whether there is something left to do, before dividing",
        ),
        Mistake(
            lambda *args: np.nan_to_num(_unguarded_cg(*args)),
            "with the matrix 2I x was right after one iteration, and you give back 0. Do you turn "
            "NaN into 0 at the end, or return 0 where the residual is 0? What was found is lost",
        ),
        Mistake(_absolute_cg, _ABSOLUTE),
        Mistake(
            lambda matvec, b, iterations: _guarded_cg(matvec, b, 1),
            "you leave the loop after its first round in every case",
        ),
    ),
    "Nothing left to do is an outcome, not an error.",
    tolerance=1e-6,
)
