import numpy as np
import pytest
from autograd import hessian
from checkers import check_fisher, relative_difference
from problems import ACTION_SPACES, random_problem

from trpo_np import DiagonalGaussian, explicit_fisher, fisher_vector_product, mean_kl
from trpo_np.fisher import EXPLICIT_ROUTES, PRODUCT_ROUTES, damped


@pytest.mark.parametrize("draw", range(30))
@pytest.mark.parametrize("kind", ACTION_SPACES)
def test_all_routes_agree(kind, draw, rng):
    """120 draws of network, batch and distribution: three explicit Fishers, two products."""
    policy, theta, obs = random_problem(kind, rng)
    F, *others = (explicit_fisher(policy, theta, obs, route) for route in EXPLICIT_ROUTES)
    products = [fisher_vector_product(policy, theta, obs, route) for route in PRODUCT_ROUTES]
    check_fisher(F, others, products, rng)


def test_log_std_has_its_closed_form(rng):
    """The Fisher of log σ is 2, whatever the state, and it does not mix with the mean's."""
    policy, theta, obs = random_problem("Box", rng)
    assert isinstance(policy.distribution, DiagonalGaussian)
    d = policy.distribution.d
    F = explicit_fisher(policy, theta, obs)
    np.testing.assert_allclose(F[-d:, -d:], 2 * np.eye(d), atol=1e-12)
    np.testing.assert_allclose(F[:-d, -d:], 0, atol=1e-12)


def test_monte_carlo_over_actions_converges_to_the_fisher(rng):
    policy, theta, obs = random_problem("Discrete", rng, N=1, hidden=())
    v = rng.standard_normal(len(theta))
    draws = 20_000
    many = np.repeat(obs, draws, axis=0)
    actions = policy.sample(theta, many, rng)
    h = 1e-5
    ahead, behind = (policy.log_prob(theta + t * v, many, actions) for t in (h, -h))
    squares = ((ahead - behind) / (2 * h)) ** 2
    error = squares.std() / np.sqrt(draws)
    assert abs(squares.mean() - v @ explicit_fisher(policy, theta, obs) @ v) < 3 * error


def test_away_from_theta_old_the_kl_hessian_is_something_else(rng):
    policy, theta, obs = random_problem("Box", rng, N=4, hidden=(3,), D=2)
    away = theta + 0.5 * rng.standard_normal(len(theta))
    H = hessian(lambda x: mean_kl(policy, theta, x, obs))(away)
    assert relative_difference(H, explicit_fisher(policy, away, obs)) > 0.01


def test_damping_adds_lambda_to_the_diagonal(rng):
    policy, theta, obs = random_problem("MultiBinary", rng)
    F, v = explicit_fisher(policy, theta, obs), rng.standard_normal(len(theta))
    product = damped(fisher_vector_product(policy, theta, obs), 0.1)
    np.testing.assert_allclose(product(v), (F + 0.1 * np.eye(len(F))) @ v)


def test_the_number_of_rows_does_not_scale_it(rng):
    """F is a mean over states: seeing every state twice changes nothing."""
    policy, theta, obs = random_problem("Discrete", rng)
    twice = np.vstack([obs, obs])
    for route in EXPLICIT_ROUTES:
        once = explicit_fisher(policy, theta, obs, route)
        np.testing.assert_allclose(explicit_fisher(policy, theta, twice, route), once, atol=1e-14)


def test_an_unknown_route_is_named(rng):
    policy, theta, obs = random_problem("Discrete", rng)
    with pytest.raises(ValueError, match=r"no route 'hessian'.*scores, kl_hessian, gauss_newton"):
        explicit_fisher(policy, theta, obs, route="hessian")
