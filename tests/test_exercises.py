"""What the references of exercises compute, by a second way that the exercise does not take."""

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad, jacobian

from trpo_np import bounds, generalized_advantages, make_policy, tabular
from trpo_np.classroom import (
    notebook_02,
    notebook_04,
    notebook_05,
    notebook_07,
    notebook_09,
    notebook_10,
    notebook_14,
)
from trpo_np.conjugate_gradient import conjugate_gradient
from trpo_np.distributions import DiagonalGaussian
from trpo_np.training.environments import source
from trpo_np.training.normalizer import Normalizer
from trpo_np.training.rollout import Sampler
from trpo_np.value import explained_variance


def cases(check):
    return [tuple(case) for case in check.cases()]


def close(a, b, tolerance=1e-9):
    return np.allclose(a, b, rtol=tolerance, atol=tolerance * np.max(np.abs(b)))


def test_the_score_of_a_policy_with_features_is_autograds():
    def log_pi(theta, features):
        logits = anp.dot(features, theta)
        return logits - anp.log(anp.sum(anp.exp(logits), axis=1, keepdims=True))

    for theta, features in cases(notebook_02.check_score):
        score = notebook_02.check_score.reference(theta, features)
        assert close(score, jacobian(lambda x, f=features: log_pi(x, f))(theta))


def test_the_policy_gradient_is_the_slope_of_the_performance():
    rng = np.random.default_rng(0)
    mdp, features = tabular.random_mdp(rng, 4, 3, 0.8), rng.standard_normal((4, 3, 5))
    theta, h = rng.standard_normal(5), 1e-5
    J = lambda x: tabular.performance(mdp, tabular.softmax_policy(features @ x))  # noqa: E731
    slope = np.array([J(theta + h * e) - J(theta - h * e) for e in np.eye(5)]) / (2 * h)
    pi = tabular.softmax_policy(features @ theta)
    score = notebook_02.check_score.reference(theta, features)
    parts = tabular.visitation(mdp, pi), pi, tabular.advantages(mdp, pi), score
    assert close(notebook_02.check_policy_gradient.reference(*parts), slope, 1e-7)


def test_the_step_by_substitution_is_the_natural_gradient_step():
    for C, g, delta in cases(notebook_04.check_substitution):
        g_u, u, d = notebook_04.check_substitution.reference(C, g, delta)
        assert close(d, notebook_04.check_natural_step.reference(C @ C.T, g, delta))
        assert np.isclose(g_u @ u, g @ d)
        assert np.isclose(0.5 * u @ u, delta)


def test_log_probability_and_metric_are_those_of_the_package():
    for mean, log_std, actions in cases(notebook_05.check_log_prob):
        eta = np.concatenate([mean, log_std], axis=1)
        theirs = DiagonalGaussian(mean.shape[1]).log_prob(eta, actions)
        assert close(notebook_05.check_log_prob.reference(mean, log_std, actions), theirs)
    for log_std, u in cases(notebook_05.check_gaussian_metric):
        eta = np.concatenate([0 * log_std, log_std], axis=1)
        theirs = DiagonalGaussian(log_std.shape[1]).metric(eta)(u)
        assert close(notebook_05.check_gaussian_metric.reference(log_std, u), theirs)


def test_the_score_of_a_linear_policy_is_autograds():
    for W, log_std, obs, action in cases(notebook_05.check_policy_score):

        def log_prob(x, W=W, obs=obs, action=action):
            mean, log_std = anp.dot(x[: W.size].reshape(W.shape), obs), x[W.size :]
            return anp.sum(-0.5 * ((action - mean) / anp.exp(log_std)) ** 2 - log_std)

        score = notebook_05.check_policy_score.reference(W, log_std, obs, action)
        assert close(score, grad(log_prob)(np.concatenate([W.ravel(), log_std])))


def test_the_damped_direction_solves_the_damped_system():
    for mu, U, g, lam in cases(notebook_05.check_damped_direction):
        s = notebook_05.check_damped_direction.reference(mu, U, g, lam)
        assert close((U * mu) @ U.T @ s + lam * s, g)


def test_conjugate_gradient_goes_to_the_lowest_point_of_the_plane():
    rng = np.random.default_rng(0)
    B, g = rng.standard_normal((6, 6)), rng.standard_normal(6)
    F = B @ B.T + np.eye(6)
    x0, x1, x2, x3 = (conjugate_gradient(lambda v: F @ v, g, k).x for k in range(4))
    for before, here, after in ((x0, x1, x2), (x1, x2, x3)):
        p = here - before  # the last direction, up to its length
        r = g - F @ here
        u, v = notebook_07.check_plane_step.reference(F, r, p)
        assert close(here + u * r + v * p, after, 1e-8)


def test_the_weights_of_the_td_errors_give_the_advantages():
    rng = np.random.default_rng(0)
    for ended, gamma, lam in cases(notebook_09.check_weights_of_errors):
        W = notebook_09.check_weights_of_errors.reference(ended, gamma, lam)
        rewards, zeros = rng.standard_normal((len(ended), 1)), np.zeros((len(ended), 1))
        A = generalized_advantages(
            rewards, zeros, zeros, ended[:, None], ended[:, None], gamma, lam
        )
        assert close(W @ rewards, A)


def test_the_mask_is_that_of_the_sampler():
    envs = source("CartPole-v1").many(3)
    policy = make_policy(envs.single_observation_space, envs.single_action_space, hidden=(4,))
    rng = np.random.default_rng(0)
    theta, sampler = policy.init(rng), Sampler(envs, seed=0)
    normalizer = Normalizer.fresh(envs.single_observation_space)
    before, seams = np.zeros(3, dtype=bool), 0
    for _ in range(60):
        rollout = sampler.collect(policy, theta, normalizer, rng, 7)
        mask = notebook_09.check_valid.reference(rollout.ended, before)
        assert np.array_equal(mask, rollout.valid)
        before = rollout.ended[-1]
        seams += before.sum()
    envs.close()
    assert seams > 3


def test_lambda_returns_are_advantages_plus_values():
    rng = np.random.default_rng(0)
    for rewards, following, terminated, ended, gamma, lam in cases(
        notebook_09.check_lambda_returns
    ):
        values = rng.standard_normal(rewards.shape)
        values[1:] = np.where(ended[:-1], values[1:], following[:-1])
        A = generalized_advantages(rewards, values, following, terminated, ended, gamma, lam)
        arguments = rewards, following, terminated, ended, gamma, lam
        assert close(notebook_09.check_lambda_returns.reference(*arguments), A + values)


def test_the_explained_variance_is_the_packages():
    for values, targets in cases(notebook_10.check_explained_variance):
        ours = notebook_10.check_explained_variance.reference(values, targets)
        assert np.isclose(ours, explained_variance(values, targets))


def test_the_exact_ratio_of_the_fork():
    for (u,) in cases(notebook_14.check_fork_ratio):
        for gamma in (0.5, 0.97):
            world, old, new = notebook_14.fork(gamma, u, 1e-7)
            moved = tabular.visitation(world, new) - tabular.visitation(world, old)
            ratio = np.abs(moved).sum() / bounds.visitation_bound(world, old, new)
            assert np.isclose(ratio, notebook_14.check_fork_ratio.reference(u), rtol=1e-4)


def test_the_exact_ratio_of_the_walk():
    for gamma, u in ((0.9, 0.1), (0.8, 0.3), (0.9, 1e-3)):
        ratio = notebook_14.check_walk_ratio.reference(gamma, u)
        assert np.isclose(notebook_14.max_ratio(*notebook_14.walk(gamma, u)), ratio, rtol=1e-3)
    assert np.isclose(ratio, (1 + gamma) ** -0.5, rtol=1e-4)


def test_a_step_that_small_loses_no_more_than_one():
    mdp = tabular.random_mdp(np.random.default_rng(0), 4, 3, 0.99)
    pi = np.full((4, 3), 1 / 3)
    epsilon = np.abs(tabular.advantages(mdp, pi)).max()
    delta = notebook_14.check_small_enough.reference()
    assert np.isclose(bounds.sharper_constant(mdp, pi) / epsilon * delta, 1)


def test_what_a_single_step_hides_from_the_batch():
    for t0, T, gamma in cases(notebook_14.check_hidden_factor):
        kappa = np.zeros(T)
        kappa[t0] = 0.3
        exact = (1 - gamma) * np.sum(gamma ** np.arange(T) * kappa) / kappa.mean()
        assert np.isclose(notebook_14.check_hidden_factor.reference(t0, T, gamma), exact)


@pytest.mark.parametrize("gamma", [0.6, 0.9])
def test_the_best_at_every_time_is_the_packages(gamma):
    rng, n = np.random.default_rng(0), 400
    mdp = tabular.random_mdp(rng, 4, 3, gamma)
    old, new = tabular.softmax_policy(rng.standard_normal((2, 4, 3)))
    p = tabular.state_distributions(mdp, old, n)
    kappa, tv = p @ tabular.state_kl(old, new), p @ tabular.state_total_variation(old, new)
    largest = np.abs(tabular.gains(mdp, old, new)).max()
    ours = notebook_14.check_best_at_every_time.reference(kappa, tv, gamma) * largest
    assert np.isclose(ours, bounds.path_gap_bound(mdp, old, new), rtol=1e-6)


def test_the_gap_to_second_order_misses_terms_of_third_order():
    rng = np.random.default_rng(0)
    mdp = tabular.random_mdp(rng, 4, 3, 0.9)
    logits, change = rng.standard_normal((2, 4, 3))
    old, errors = tabular.softmax_policy(logits), []
    for h in (1e-2, 5e-3):
        new = tabular.softmax_policy(logits + h * change)
        P_old, P_new = (np.einsum("sa,sat->st", pi, mdp.transitions) for pi in (old, new))
        rho, G = tabular.visitation(mdp, old), tabular.gains(mdp, old, new)
        gap = notebook_14.check_second_order_gap.reference(P_old, P_new, rho, G, 0.9)
        errors.append(abs(gap - tabular.surrogate_gap(mdp, old, new)))
    assert errors[0] / errors[1] == pytest.approx(8, rel=0.1)


def test_the_memory_is_the_packages():
    rng = np.random.default_rng(0)
    mdp = tabular.random_mdp(rng, 5, 3, 0.9)
    pi = tabular.softmax_policy(rng.standard_normal((5, 3)))
    P = np.einsum("sa,sat->st", pi, mdp.transitions)
    assert np.isclose(notebook_14.check_memory.reference(P, 0.9), bounds.memory(mdp, pi))


def test_the_lines_of_the_proofs_in_numbers():
    """The true lines of exercises 2.6 and 5.7 hold, and the false ones do not."""
    rng = np.random.default_rng(0)
    mdp = tabular.random_mdp(rng, 4, 3, 0.8)
    old, new = tabular.softmax_policy(rng.standard_normal((2, 4, 3)))
    P = np.einsum("sa,sat->st", new, mdp.transitions)
    V, V_old = tabular.state_values(mdp, new), tabular.state_values(mdp, old)
    G, r = tabular.gains(mdp, old, new), np.sum(new * mdp.rewards, axis=1)
    inverse = np.linalg.inv(np.eye(4) - 0.8 * P)
    assert close(G, r + 0.8 * P @ V_old - V_old)
    assert close(G, (np.eye(4) - 0.8 * P) @ (V - V_old))
    gain = tabular.performance(mdp, new) - tabular.performance(mdp, old)
    assert close(mdp.start @ inverse @ G, gain)
    assert close(inverse.T @ mdp.start, tabular.visitation(mdp, new))
    assert not close(inverse.T @ mdp.start, tabular.visitation(mdp, old), 1e-2)
