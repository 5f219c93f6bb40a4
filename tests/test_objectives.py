import numpy as np
import pytest
from autograd import grad
from problems import ACTION_SPACES, random_batch, random_problem

from trpo_np import Categorical, mean_kl, surrogate
from trpo_np.fast.local_problem import LocalProblem
from trpo_np.objectives import policy_gradient

each_kind = pytest.mark.parametrize("kind", ACTION_SPACES)


@each_kind
def test_at_theta_old_the_surrogate_is_the_mean_advantage_its_gradient_the_policys(kind, rng):
    policy, theta, obs = random_problem(kind, rng, N=8)
    batch = random_batch(policy, theta, obs, rng)
    assert surrogate(policy, theta, batch) == pytest.approx(batch.advantages.mean())
    g = grad(lambda x: surrogate(policy, x, batch))(theta)
    log_prob = lambda x: policy.log_prob(x, obs, batch.actions)  # noqa: E731
    score = grad(lambda x: (log_prob(x) * batch.advantages).mean())(theta)
    np.testing.assert_allclose(g, score, rtol=1e-12, atol=1e-15)


@each_kind
def test_the_closed_form_is_autograds_gradient(kind, rng):
    policy, theta, obs = random_problem(kind, rng, N=20)
    batch = random_batch(policy, theta, obs, rng)
    there = theta + 0.1 * rng.standard_normal(len(theta))
    by_autograd = policy_gradient(policy, there, batch)
    closed_form = LocalProblem(policy, there, batch).gradient()
    np.testing.assert_allclose(closed_form, by_autograd, rtol=1e-10)


@each_kind
def test_gradient_matches_a_finite_difference_away_from_theta_old(kind, rng):
    policy, theta, obs = random_problem(kind, rng, N=8)
    batch = random_batch(policy, theta, obs, rng)
    there, v = theta + 0.1 * rng.standard_normal((2, len(theta)))
    L = lambda x: surrogate(policy, x, batch)  # noqa: E731
    h = 1e-6
    slope = (L(there + h * v) - L(there - h * v)) / (2 * h)
    assert grad(L)(there) @ v == pytest.approx(slope, rel=1e-6, abs=1e-9)


@each_kind
def test_importance_weights_average_to_one(kind, rng):
    """With advantage 1 everywhere, L(theta) = 1 up to Monte Carlo error."""
    policy, theta, obs = random_problem(kind, rng, N=1)
    batch = random_batch(policy, theta, np.repeat(obs, 20_000, axis=0), rng)
    there = theta + 0.05 * rng.standard_normal(len(theta))
    new_log_probs = policy.log_prob(there, batch.observations, batch.actions)
    ratio = np.exp(new_log_probs - batch.log_probs)
    assert abs(ratio.mean() - 1) < 3 * ratio.std() / np.sqrt(len(ratio))


@each_kind
def test_mean_kl_has_value_0_slope_0_and_is_a_mean_over_states(kind, rng):
    """(11.5), of which test_fisher.py has the curvature."""
    policy, theta, obs = random_problem(kind, rng, N=5)
    there = theta + 0.3 * rng.standard_normal(len(theta))
    assert mean_kl(policy, theta, theta, obs) == pytest.approx(0, abs=1e-15)
    slope = grad(lambda x: mean_kl(policy, theta, x, obs))(theta)
    np.testing.assert_allclose(slope, 0, atol=1e-14)
    alone = [mean_kl(policy, theta, there, obs[i : i + 1]) for i in range(5)]
    assert mean_kl(policy, theta, there, obs) == pytest.approx(np.mean(alone))


def test_mean_kl_is_old_against_new(rng):
    policy, theta, obs = random_problem("Discrete", rng, N=1, hidden=())
    there = theta + rng.standard_normal(len(theta))
    p, q = (np.exp(x) / np.exp(x).sum() for x in (policy.outputs(t, obs) for t in (theta, there)))
    assert isinstance(policy.distribution, Categorical)
    assert mean_kl(policy, theta, there, obs) == pytest.approx((p * np.log(p / q)).sum())
