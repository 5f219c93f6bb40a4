"""The checks of notebook 11, the museum of bugs.

In most exercises the student writes a test: a function that measures a program with one number, 0
if the program is right. The check hands it several programs, right and wrong ones, and compares
which of them the test calls wrong with which of them are.
"""

from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from unittest.mock import patch

import autograd.numpy as anp
import numpy as np
from gymnasium import spaces

from trpo_np.classroom.checks import Check, Mistake
from trpo_np.config import TRPOConfig
from trpo_np.conjugate_gradient import CGResult, conjugate_gradient
from trpo_np.distributions import DiagonalGaussian
from trpo_np.fisher import explicit_fisher
from trpo_np.line_search import LineSearchResult
from trpo_np.objectives import mean_kl
from trpo_np.policy import make_policy
from trpo_np.train import train

TOLERANCE = 1e-6  #: a test's number up to this is rounding; above, or not a number, it is a finding


def finds(test: Callable) -> Callable:
    """The function program -> 1.0 if the test's number tells that the program is wrong, else 0.0.

    None and ... of a test that is not written yet stay what they are.
    """

    @wraps(test)  # a blank is known by its source
    def found(program):
        number = test(program)
        if number is None or number is Ellipsis:
            return number
        return float(not np.all(np.abs(np.asarray(number, dtype=float)) <= TOLERANCE))

    return found


class QuietCheck(Check):
    """A check of programs that divide by zero: NumPy's warnings are off."""

    def verdict(self, student: Callable) -> str | None:
        with np.errstate(all="ignore"):
            return super().verdict(student)


class TestOfATest(QuietCheck):
    """A check whose cases are programs: the docstring of each says what it does, and the reference
    is 1.0 for the wrong ones. Called with a student's test, it judges what that finds."""

    def __call__(self, student: object, strict: bool = False) -> None:
        super().__call__(finds(student) if callable(student) else student, strict)

    def _named(self, answers: list) -> str | None:
        return super()._named(answers) or self._first_misjudged(answers)

    def _first_misjudged(self, answers: list) -> str | None:
        """Which program the test misjudges; None if the answers are not those of a test."""
        if not all(isinstance(answer, float) and answer in (0.0, 1.0) for answer in answers):
            return None
        for answer, (program,) in zip(answers, self.cases(), strict=True):
            if answer != self.reference(program):
                verb = "finds fault with" if answer else "lets through"
                return f"your test {verb} one of the programs, {program.__doc__}"
        return None


def _museum(name: str, programs: list[tuple[Callable, bool]], mistakes, praise: str) -> TestOfATest:
    """The check of a test that must find those programs that are marked True, and no other."""
    wrong = dict(programs)
    return TestOfATest(
        name,
        lambda program: float(wrong[program]),
        lambda: [(program,) for program, _ in programs],
        tuple(Mistake(finds(test), says) for test, says in mistakes),
        praise,
    )


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


def _aliased_cg(matvec, b, iterations):
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
    return np.abs(solve(matvec, b, 4) - _aliased_cg(matvec, b, 4)).max()


def _first_step(solve):
    A, b = _system()
    return np.abs(solve(lambda v: A @ v, b, 1) - (b @ b) / (b @ A @ b) * b).max()


def _not_bit_for_bit(solve):
    A, b = _system()
    return np.any(solve(lambda v: A @ v, b, 6) != np.linalg.solve(A, b))


check_test_of_cg = _museum(
    "Exercise 11.1",
    [
        (_right_cg, False),
        (_aliased_cg, True),
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
            "your test finds fault with right programs as well. Either it asks for equality to the "
            "last bit, and rounding differs; or its matrix is not symmetric and positive definite",
        ),
        (
            lambda solve: _error(solve, 6) < 1e-8,
            "your verdict is turned round: the number must be 0 for a right program",
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
    ]


check_safe_cg = QuietCheck(
    "Exercise 11.2",
    _guarded_cg,
    _nothing_left_cases,
    (
        Mistake(_unguarded_cg, "nothing has changed: b = 0 still gives NaN"),
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
            "turning NaN into 0 at the end throws away what was found before: with the matrix 2I "
            "x was right, and is now 0",
        ),
        Mistake(
            _absolute_cg,
            "you stop at a residual that is small, not at one that is 0; for a small b, nothing "
            "happens at all any more. That is another exhibit of this room",
        ),
        Mistake(
            lambda matvec, b, iterations: _guarded_cg(matvec, b, 1),
            "you leave the loop after its first round in every case",
        ),
    ),
    "Nothing left to do is an outcome, not an error.",
    tolerance=1e-6,
)


# Exercise 11.3, the root of a negative number


def _safe_length(delta, sFs):
    return np.sqrt(2 * delta / sFs) if sFs > 0 else 0.0


def _length_cases():
    curvatures = (0.5, -0.3, 0.0, np.nan, 1e-12)
    return [(0.01 * (k + 1), np.float64(sFs)) for k, sFs in enumerate(curvatures)]


def _length(change: Callable) -> Callable:
    """The step length with the curvature changed before the root."""
    return lambda delta, sFs: np.sqrt(2 * delta / change(sFs))


check_safe_length = QuietCheck(
    "Exercise 11.3",
    _safe_length,
    _length_cases,
    (
        Mistake(_length(lambda x: x), "nothing has changed: where sᵀFs is negative you return NaN"),
        Mistake(
            _length(np.abs),
            "the absolute value makes a number of it, but not a right one: where the model says "
            "that the KL falls below 0 it has no rim, and you walk to one",
        ),
        Mistake(
            _length(lambda x: x if np.isnan(x) else max(x, 1e-8)),
            "with a floor under sᵀFs a direction without curvature gets the longest step of all. "
            "(And a curvature that is small and right is changed)",
        ),
        Mistake(
            _length(lambda x: x + 1e-8),
            "the ε helps at 0 alone, where it makes a huge step; −0.3 + ε is still negative",
        ),
        Mistake(
            lambda delta, sFs: 0.0 if sFs < 0 else np.sqrt(2 * delta / sFs),
            "negative curvature is safe now; 0 gives an infinite step, and NaN a NaN. Which "
            "comparison does NaN fail?",
        ),
        Mistake(
            lambda delta, sFs: 0.0 if sFs <= 0 else np.sqrt(2 * delta / sFs),
            "one case is left: NaN <= 0 is False, so NaN goes on to the root",
        ),
        Mistake(
            lambda delta, sFs: np.nan_to_num(np.sqrt(2 * delta / sFs)),
            "nan_to_num makes the largest number there is of an infinite step, at sFs = 0",
        ),
    ),
    "No curvature, no rim, no step.",
)


# Exercise 11.4, two conditions


def _both(kl, delta, gain):
    """the two conditions joined by and: a right one"""
    return kl <= delta and gain > 0


def _nested(kl, delta, gain):
    """which asks for one condition after the other: a right one"""
    if kl > delta:
        return False
    return gain > 0


def _either(kl, delta, gain):
    """the exhibit itself"""
    return kl <= delta or gain > 0


def _only_kl(kl, delta, gain):
    """which looks at the KL alone"""
    return kl <= delta


def _only_gain(kl, delta, gain):
    """which looks at the gain alone"""
    return gain > 0


def _never(kl, delta, gain):
    """which refuses every step"""
    return False


_TRUTH = {(0.5, 1.0): True, (0.5, -1.0): False, (2.0, 1.0): False, (2.0, -1.0): False}


def _rows_wrong(*rows):
    """The test that counts the wrong rows among some of the truth table."""
    return lambda accept: sum(accept(kl, 1.0, gain) != _TRUTH[kl, gain] for kl, gain in rows)


check_test_of_acceptance = _museum(
    "Exercise 11.4",
    [
        (_both, False),
        (_either, True),
        (_only_kl, True),
        (_only_gain, True),
        (_nested, False),
        (_never, True),
    ],
    [
        (
            _rows_wrong((0.5, 1.0), (2.0, -1.0)),
            "your test lets the exhibit through. Where both conditions agree, and and or agree as "
            "well. Which rows of the truth table are left?",
        ),
        (
            _rows_wrong((0.5, 1.0), (0.5, -1.0)),
            "a rule that looks at the gain alone passes your test. In which row would it be wrong?",
        ),
        (
            _rows_wrong((0.5, 1.0), (2.0, 1.0)),
            "a rule that looks at the KL alone passes your test. In which row would it be wrong?",
        ),
        (
            _rows_wrong((0.5, -1.0), (2.0, 1.0), (2.0, -1.0)),
            "a rule that refuses every step passes your test. A good step has to be accepted",
        ),
        (
            lambda accept: sum(
                accept(kl, 1.0, gain) != (kl <= 1.0 or gain > 0) for kl, gain in _TRUTH
            ),
            "your test passes the exhibit and finds fault with the right rule: a step must satisfy "
            "both conditions",
        ),
        (
            lambda accept: sum(accept(*row[:1], 1.0, *row[1:]) == _TRUTH[row] for row in _TRUTH),
            "you count the rows that are right, or turned the comparison round: the number must "
            "be 0 for a right program",
        ),
    ],
    "Four calls, and no way left to be wrong.",
)


# Exercise 11.5, after a search that fails


def _searching(after: Callable) -> Callable:
    """A line search that returns after(theta, full_step, last candidate) where nothing passed."""

    def search(L, KL, theta, full_step, delta):
        for k in range(11):
            candidate = theta + 0.5**k * full_step
            if KL(candidate) <= delta and L(candidate) > L(theta):
                return candidate
        return after(theta, full_step, candidate)

    return search


def _described(search: Callable, doc: str) -> Callable:
    search.__doc__ = doc
    return search


_SEARCHES = [
    (_described(_searching(lambda theta, step, last: theta), "a right one"), False),
    (_described(_searching(lambda theta, step, last: last), "Exhibit 7 itself"), True),
    (_described(_searching(lambda theta, step, last: theta + 0 * step), "Exhibit 8 itself"), True),
    (
        _described(
            _searching(lambda theta, step, last: theta.copy()),
            "which gives back a copy of theta, equal in every bit: a right one",
        ),
        False,
    ),
    (
        _described(
            _searching(lambda theta, step, last: theta + step),
            "which takes the full step where nothing passed",
        ),
        True,
    ),
]
_THETA, _STEP = np.array([0.3, -0.7]), np.array([2e-4, 1e-4])


def _moved(step=_STEP, kl=1.0, gain=1.0, size=lambda d: np.any(d != 0)):
    """The test that measures how far theta is moved."""
    return lambda search: size(
        search(
            lambda x: 0.0 if np.array_equal(x, _THETA) else gain,
            lambda x: kl,
            _THETA.copy(),
            step,
            1e-30,
        )
        - _THETA
    )


def _not_the_same(search):
    theta = _THETA.copy()
    return search(lambda x: 0.0, lambda x: 1.0, theta, _STEP * np.nan, 1e-30) is not theta


check_test_of_keeping = _museum(
    "Exercise 11.5",
    _SEARCHES,
    [
        (
            _moved(),
            "Exhibit 8 passes your test: with a step of ordinary numbers, 0 times the step is 0. "
            "Which step makes it wrong?",
        ),
        (
            _moved(size=lambda d: np.abs(d).max() > 1e-5),
            "after ten halvings the last candidate is close to theta, and your comparison does not "
            "see the difference. Not nearly the old parameters: exactly the old ones",
        ),
        (
            _moved(step=np.full(2, np.nan), size=lambda d: np.abs(d).max() > 0),
            "your test lets every program through. Does your search fail, so that no candidate is "
            "accepted? And if NaN is in your numbers: NaN > 0 is False",
        ),
        (
            _not_the_same,
            "your test asks for the very same array; a copy with the same numbers is right too",
        ),
        (
            _moved(kl=0.0, size=lambda d: np.any(d != 0)),
            "your test finds fault with right programs as well: its search succeeds, and then "
            "theta has to move",
        ),
    ],
    "One line for both exhibits: a step of NaN, and theta to the last bit.",
)


# Exercise 11.6, a prediction

check_accumulated = Check(
    "Exercise 11.6",
    lambda: 0.2,
    lambda: [()],
    (
        Mistake(
            lambda: 0.1,
            "0.1 is what a right search moves. Read on where the first candidate has passed: does "
            "the loop end?",
        ),
        Mistake(
            lambda: 0.15,
            "you let it pass twice; nothing stops the third candidate, nor the others",
        ),
        Mistake(
            lambda: 1.0,
            "1 is the rim: there the KL condition would stop it. The steps get shorter faster than "
            "that: add up 1 + 1/2 + 1/4 + ...",
        ),
        Mistake(
            lambda: 1.1,
            "you added eleven full steps; from one round to the next the step is halved",
        ),
    ),
    "The geometric series: at most twice the step.",
    tolerance=0.01,
)


# Exercises 11.7 and 11.8, the KL of Gaussians


def _terms(mean, log_std, mean_new, log_std_new):
    spread = np.exp(2 * log_std) + (mean - mean_new) ** 2
    return log_std_new - log_std + spread / (2 * np.exp(2 * log_std_new)) - 0.5


def _summed_kl(*args):
    """a right one"""
    return np.sum(_terms(*args), axis=1)


def _package_kl(mean, log_std, mean_new, log_std_new):
    """that of the package: a right one"""
    old, new = np.hstack([mean, log_std]), np.hstack([mean_new, log_std_new])
    return DiagonalGaussian(np.shape(mean)[1]).kl(old, new)


def _averaged_kl(*args):
    """the exhibit itself"""
    return np.mean(_terms(*args), axis=1)


def _first_dimension_kl(*args):
    """which looks at the first dimension alone"""
    return _terms(*args)[:, 0]


def _half_once_kl(*args):
    """which subtracts the ½ once for all dimensions"""
    return np.sum(_terms(*args) + 0.5, axis=1) - 0.5


def _gaussians(d=3, N=4, seed=0):
    return tuple(np.random.default_rng(seed).standard_normal((4, N, d)))


def _against_marginals(arguments, together=sum):
    """The test that compares the joint KL with those of its dimensions, taken together."""

    def test(kl):
        d = arguments[0].shape[1]
        parts = [kl(*(x[:, [j]] for x in arguments)) for j in range(d)]
        return np.abs(kl(*arguments) - together(parts)).max()

    return test


def _one_dimension_moves(kl):
    mean, log_std, mean_new, log_std_new = (x.copy() for x in _gaussians())
    mean_new[:, 1:], log_std_new[:, 1:] = mean[:, 1:], log_std[:, 1:]
    return _against_marginals((mean, log_std, mean_new, log_std_new))(kl)


def _with_itself(kl):
    mean, log_std, *_ = _gaussians()
    return np.abs(kl(mean, log_std, mean, log_std)).max()


check_test_of_dimensions = _museum(
    "Exercise 11.7",
    [
        (_summed_kl, False),
        (_averaged_kl, True),
        (_package_kl, False),
        (_first_dimension_kl, True),
        (_half_once_kl, True),
    ],
    [
        (
            _against_marginals(_gaussians(d=1)),
            "your test lets every program through. In one dimension the mean is the sum; and that "
            "the KL is not negative, or larger when the policies differ more, holds for the mean, "
            "too",
        ),
        (
            _with_itself,
            "equal policies have KL 0 in the exhibit as well: a mean of zeros. Let them differ",
        ),
        (
            _one_dimension_moves,
            "a program that looks at the first dimension alone passes your test. Let all "
            "dimensions differ",
        ),
        (
            _against_marginals(_gaussians(), lambda parts: np.mean(parts, axis=0)),
            "you compare with the mean over the dimensions: the right programs fail, and the "
            "exhibit passes. The density of independent dimensions is a product; its logarithm?",
        ),
        (
            lambda kl: (
                np.abs(kl(*_gaussians()) - sum(_summed_kl(*_gaussians(seed=1)))).max()
                + _with_itself(kl)
            ),
            "your test finds fault with right programs as well: the result has one number for each "
            "state, (N,). Sum over dimensions, not over states, and compare the same policies",
        ),
    ],
    "A product of densities is a sum of divergences.",
)


def _swapped_kl(mean, log_std, mean_new, log_std_new):
    """the exhibit itself"""
    return _summed_kl(mean_new, log_std_new, mean, log_std)


def _old_variance_kl(mean, log_std, mean_new, log_std_new):
    """which measures the shift of the mean with the wrong one of the two variances"""
    widths = _summed_kl(mean, log_std, mean, log_std_new)
    return widths + np.sum((mean - mean_new) ** 2 / (2 * np.exp(2 * log_std)), axis=1)


def _symmetric_kl(*args):
    """which takes the mean of the two directions"""
    return 0.5 * (_summed_kl(*args) + _swapped_kl(*args))


def _one(mean, log_std, mean_new, log_std_new):
    """Arguments for one state and one dimension."""
    return tuple(np.array([[x]]) for x in (mean, log_std, mean_new, log_std_new))


_TRUE = -1 + 1.09 * np.exp(2) / 2 - 0.5


check_test_of_direction = _museum(
    "Exercise 11.8",
    [
        (_summed_kl, False),
        (_swapped_kl, True),
        (_package_kl, False),
        (_old_variance_kl, True),
        (_symmetric_kl, True),
    ],
    [
        (
            lambda kl: kl(*_one(0.0, 0.0, 0.3, 0.0))[0] - 0.045,
            "your test lets every program through. With equal widths both directions have the same "
            "KL, and for a tiny change they have the same curvature. Choose two policies for which "
            "the directions differ",
        ),
        (
            lambda kl: kl(*_one(0.0, 0.0, 0.0, -1.0))[0] - (-1.5 + np.exp(2) / 2),
            "your two policies have the same mean, so nobody sees which variance the shift is "
            "measured with. Let mean and width differ",
        ),
        (
            lambda kl: kl(*_one(0.0, 0.0, 0.3, -1.0))[0] - (0.5 + (0.09 + np.exp(-2)) / 2),
            "this is the other direction: the expectation is over the old policy, so the squared "
            "numerator holds the old width and the denominator the new one",
        ),
        (
            lambda kl: kl(*_one(0.0, 0.0, 0.3, -1.0))[0] == kl(*_one(0.3, -1.0, 0.0, 0.0))[0],
            "that the two directions differ is true of the exhibit as well. Say which is which, by "
            "a number",
        ),
        (
            lambda kl: kl(*_one(0.0, 0.0, 0.3, -1.0))[0] - 2.53,
            "your test finds fault with right programs as well: your number is not that of the "
            "formula. If you rounded it, write the formula in place of it; otherwise put your two "
            "policies into (5.8) once more",
        ),
    ],
    "One pair of policies, worked out by hand.",
)


# Exercise 11.9, value, slope, curvature


def _fixed_divergence(policy, theta, obs):
    """one of the two exhibits"""
    eta_old = policy.outputs(theta, obs)
    return lambda x: anp.mean(policy.distribution.kl(eta_old, policy.outputs(x, obs)))


def _moving_divergence(policy, theta, obs):
    """the other one of the two exhibits"""

    def k(x):
        eta = policy.outputs(x, obs)
        return anp.mean(policy.distribution.kl(eta, eta))

    return k


def _package_divergence(policy, theta, obs):
    """that of the package: a right one"""
    return lambda x: mean_kl(policy, theta, x, obs)


def _summed_divergence(policy, theta, obs):
    """which takes the sum over the states and not their mean"""
    return lambda x: len(obs) * mean_kl(policy, theta, x, obs)


def _parameter_distance(policy, theta, obs):
    """which measures how far the parameters move, and not the policy"""
    return lambda x: 0.5 * anp.sum((x - theta) ** 2)


def _small_problem():
    rng = np.random.default_rng(0)
    policy = make_policy(spaces.Box(-1, 1, (2,)), spaces.Discrete(3), hidden=())
    theta = policy.init(rng) + rng.standard_normal(policy.num_parameters)
    return policy, theta, rng.standard_normal((4, 2))


def _at(divergence, move=0.0):
    problem = _small_problem()
    return divergence(*problem)(problem[1] + move * np.arange(len(problem[1])))


check_test_of_divergence = _museum(
    "Exercise 11.9",
    [
        (_fixed_divergence, False),
        (_moving_divergence, True),
        (_package_divergence, False),
        (_summed_divergence, True),
        (_parameter_distance, True),
    ],
    [
        (
            _at,
            "your test lets every program through: value and slope at θ are 0 for all of them. "
            "What is the next derivative?",
        ),
        (
            lambda divergence: not _at(divergence, 0.1) > 0,
            "you ask for a number above 0 elsewhere, or for some curvature. That tells the two "
            "exhibits apart, but how large ought it to be? A sum over states and a distance of "
            "parameters pass, too",
        ),
        (
            lambda divergence: _at(divergence, 0.1),
            "your test passes the program whose number is 0 everywhere, and finds fault with the "
            "right ones. Away from θ the policies differ",
        ),
        (
            lambda divergence: (
                _at(divergence, 0.3)
                - 0.045
                * (lambda v, F: v @ F @ v)(
                    np.arange(len(_small_problem()[1])), explicit_fisher(*_small_problem())
                )
            ),
            "your test finds fault with right programs. The KL is ½ dᵀFd to second order only; a "
            "step of finite length, or a rough difference quotient, leaves more than "
            f"{TOLERANCE:g}. The Hessian at θ is exact",
        ),
    ],
    "Value 0, slope 0, curvature F: only the third tells anything.",
)


# Exercise 11.10, what the policy saw


def _stream(policy, rng, T=64):
    """Raw observations whose mean and width are not those of a fresh normalizer."""
    return 5 + 3 * rng.standard_normal((T, policy.network.sizes[0]))


def _acted(policy, theta, obs, rng):
    actions = policy.sample(theta, obs, rng)
    return actions, policy.log_prob(theta, obs, actions)


def _running(raw):
    """Each row normalised by mean and width of the rows up to it."""
    return np.stack(
        [(raw[t] - raw[: t + 1].mean(axis=0)) / (raw[: t + 1].std(axis=0) + 1) for t in range(64)]
    )


def _frozen_collect(policy, theta, rng):
    """whose normalizer stands still during the batch: a right one"""
    obs = (_stream(policy, rng) - 4.0) / 2.0
    return obs, *_acted(policy, theta, obs, rng)


def _as_seen_collect(policy, theta, rng):
    """whose normalizer moves, but which keeps the observations as they were seen: a right one"""
    obs = _running(_stream(policy, rng))
    return obs, *_acted(policy, theta, obs, rng)


def _moving_collect(policy, theta, rng):
    """the exhibit itself"""
    raw = _stream(policy, rng)
    actions, log_probs = _acted(policy, theta, _running(raw), rng)
    return (raw - raw.mean(axis=0)) / (raw.std(axis=0) + 1), actions, log_probs


def _stale_collect(policy, theta, rng):
    """whose first action is one left over from the batch before"""
    obs, actions, log_probs = _frozen_collect(policy, theta, rng)
    actions[0] = actions[0] + 1.0
    return obs, actions, log_probs


def _clipped_collect(policy, theta, rng):
    """which clips the actions after their log-probabilities were taken"""
    obs, actions, log_probs = _frozen_collect(policy, theta, rng)
    actions[1:] = np.clip(actions[1:], -0.5, 0.5)
    return obs, actions, log_probs


def _log_prob_gap(rows=slice(None), fresh=False):
    """The test that compares log-probabilities in some rows, for stored or for fresh actions."""

    def test(collect):
        rng = np.random.default_rng(1)
        policy = make_policy(spaces.Box(-9, 9, (2,)), spaces.Box(-9, 9, (1,)), hidden=(4,))
        theta = policy.init(rng) + 0.3 * rng.standard_normal(policy.num_parameters)
        obs, actions, log_probs = collect(policy, theta, rng)
        if fresh:
            actions = policy.sample(theta, obs, rng)
        return np.abs(policy.log_prob(theta, obs, actions) - log_probs)[rows].max()

    return test


check_test_of_collecting = _museum(
    "Exercise 11.10",
    [
        (_frozen_collect, False),
        (_moving_collect, True),
        (_as_seen_collect, False),
        (_stale_collect, True),
        (_clipped_collect, True),
    ],
    [
        (
            lambda collect: 0.0,
            "your test lets every program through. Shapes, finite numbers and averages look right "
            "in all of them; which number of the batch can be computed a second time?",
        ),
        (
            _log_prob_gap(slice(0, 1)),
            "you look at the first row only; a program that goes wrong in later ones passes",
        ),
        (
            _log_prob_gap(slice(1, None)),
            "you leave out the first row, and a program that is wrong in that row alone passes",
        ),
        (
            _log_prob_gap(fresh=True),
            "your test finds fault with right programs as well: it has to use the observations, "
            "the actions and the parameters that the stored log-probabilities belong to",
        ),
    ],
    "Recomputed equals stored, row by row: the ratio before the step is 1.",
)


# Exercise 11.11, standardised advantages


def _standardised(A):
    """a right one"""
    return (A - A.mean()) / A.std()


def _careful_standardised(A):
    """with a tiny number in the denominator: a right one"""
    return (A - A.mean()) / (A.std() + 1e-8)


def _by_variance(A):
    """the exhibit itself"""
    return (A - A.mean()) / A.var()


def _not_centred(A):
    """which leaves the mean in"""
    return A / A.std()


def _by_largest(A):
    """which divides by the largest advantage"""
    return (A - A.mean()) / np.abs(A - A.mean()).max()


_ADVANTAGES = 3 + 5 * np.random.default_rng(0).standard_normal(50)


check_test_of_standardising = _museum(
    "Exercise 11.11",
    [
        (_standardised, False),
        (_by_variance, True),
        (_careful_standardised, False),
        (_not_centred, True),
        (_by_largest, True),
    ],
    [
        (
            lambda standardise: np.any(
                np.argsort(standardise(_ADVANTAGES)) != np.argsort(_ADVANTAGES)
            ),
            "your test lets every program through: none of them changes which advantage is larger "
            "than which. Shift and scale are what they differ in",
        ),
        (
            lambda standardise: standardise(_ADVANTAGES).mean(),
            "you look at the mean, or at something that no scale changes, like the direction of a "
            "step; the exhibit is right there. It is the scale that is wrong",
        ),
        (
            lambda standardise: standardise(_standardised(_ADVANTAGES)).std() - 1,
            "your advantages have the standard deviation 1 before: then variance and standard "
            "deviation are the same number",
        ),
        (
            lambda standardise: standardise(_ADVANTAGES).std() - 1,
            "the scale is looked at, the mean is not: a program that leaves the mean in passes",
        ),
        (
            lambda standardise: standardise(_ADVANTAGES).std(ddof=1) - 1,
            "your test finds fault with right programs as well. np.std divides by N; and mean and "
            "standard deviation are those of the result, not of the advantages before",
        ),
        (
            lambda standardise: (
                abs(standardise(_ADVANTAGES).std() - 1 / _ADVANTAGES.std())
                + abs(standardise(_ADVANTAGES).mean())
            ),
            "your test passes the exhibit and finds fault with the right programs: the result must "
            "have the standard deviation 1",
        ),
    ],
    "The number that the programs disagree on.",
)


# The four programs at the entrance

#: Their letters, and what they are.
FOUR_PROGRAMS = {
    "A": "exhibit 6, or in place of and",
    "B": "exhibit 1, conjugate gradient with one array",
    "C": "the package as it is",
    "D": "exhibit 10, steps that add up",
}


def four_programs(runs: int = 10, total_steps: int = 20 * 2048) -> dict[str, list[np.ndarray]]:
    """For each letter the mean returns (updates,) of some runs on CartPole."""
    parts = {
        "A": patch("trpo_np.trpo.backtracking_line_search", _search_either),
        "B": patch("trpo_np.trpo.conjugate_gradient", _aliased_result),
        "C": nullcontext(),
        "D": patch("trpo_np.trpo.backtracking_line_search", _search_adding),
    }
    config, curves = TRPOConfig(hidden=(32,)), {}
    for letter, part in parts.items():
        with part:
            results = [train("CartPole-v1", total_steps, seed, config) for seed in range(runs)]
        curves[letter] = [
            np.array([row.mean_return for row in result.history]) for result in results
        ]
    return curves


def _aliased_result(matvec, b, max_iterations):
    x = _aliased_cg(matvec, b, max_iterations)
    r = b - matvec(x)
    norms = float(np.linalg.norm(b)), float(np.linalg.norm(r))
    return CGResult(x, r, norms, max_iterations, "iteration_limit")


def _search_either(
    objective, constraint, x, full_step, limit, max_backtracks, ratio, resolution
) -> LineSearchResult:
    start = objective(x)
    for k in range(max_backtracks + 1):
        candidate = x + ratio**k * full_step
        gain, distance = float(objective(candidate) - start), float(constraint(candidate))
        if distance <= limit or gain > resolution:
            return LineSearchResult(candidate, True, k, gain, distance)
    return LineSearchResult(x, False, max_backtracks, 0.0, 0.0)


def _search_adding(
    objective, constraint, x, full_step, limit, max_backtracks, ratio, resolution
) -> LineSearchResult:
    start = best = objective(x)
    at = x
    for k in range(max_backtracks + 1):
        candidate = at + ratio**k * full_step
        if constraint(candidate) <= limit and objective(candidate) > best + resolution:
            at, best = candidate, objective(candidate)
    return LineSearchResult(at, at is not x, 0, float(best - start), float(constraint(at)))
