"""Room 3 of the museum: divergence and curvature."""

from collections.abc import Callable

import autograd.numpy as anp
import numpy as np
from autograd import hessian
from gymnasium import spaces

from trpo_np.classroom.museum.testing import TOLERANCE, check_of_a_test
from trpo_np.distributions import DiagonalGaussian
from trpo_np.fisher import explicit_fisher
from trpo_np.objectives import mean_kl
from trpo_np.spaces import make_policy

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


def test_of_dimensions(kl: Callable) -> float:
    """How far the joint KL is from the sum of those of its dimensions."""
    return _against_marginals(_gaussians())(kl)


check_test_of_dimensions = check_of_a_test(
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
            "too; so does a split of the states, and not of the dimensions",
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
            "your test finds fault with right programs as well. The result has one number for each "
            "state, (N,): do you sum over all dimensions, and not over states? Do you compare the "
            "same policies, by a number that is 0 where they agree?",
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


def test_of_direction(kl: Callable) -> float:
    """How far the KL of one pair of policies is from what (11.4) gives for it."""
    return kl(*_one(0.0, 0.0, 0.3, -1.0))[0] - _TRUE


check_test_of_direction = check_of_a_test(
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
            "a program that measures the shift of the mean with the wrong one of the two variances "
            "passes. Let both mean and width differ, and compare with a number, not only by which "
            "is larger",
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
            "policies into (5.8) once more. The second and fourth arguments are log σ, not σ",
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


def test_of_divergence(divergence: Callable) -> float:
    """How far the Hessian at theta is from the Fisher matrix: the last part of (11.5)."""
    policy, theta, obs = _small_problem()
    H = hessian(divergence(policy, theta, obs))(theta)
    return np.abs(H - explicit_fisher(policy, theta, obs)).max()


check_test_of_divergence = check_of_a_test(
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
            "What is the next derivative? If you have taken it: compare its size, not only its "
            "sign, and do not multiply it by a tiny number",
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
            "your test finds fault with right programs. Do you compare by a step of finite length, "
            "or a rough difference quotient? The KL is ½ dᵀFd to second order only, which leaves "
            f"more than {TOLERANCE:g}; the Hessian at θ is exact. Do you compare with F itself, "
            "undamped, at the same θ and for all the observations?",
        ),
    ],
    "Value 0, slope 0, curvature F: only the third tells anything.",
)
