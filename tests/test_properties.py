"""The equations of notebook 12 that no function of the package computes, by another way."""

import autograd.numpy as anp
import gymnasium
import numpy as np
import pytest
from autograd import grad, hessian
from gymnasium.spaces import Box

from trpo_np import TRPO, make_policy, tabular
from trpo_np.classroom import notebook_12 as nb
from trpo_np.training.noise import drawing


@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_the_best_of_n_runs(n, rng):
    """(12.1)"""
    best = rng.standard_normal((100_000, n)).max(axis=1)
    assert abs(nb.best_of(n) - best.mean()) < 4 * best.std() / np.sqrt(len(best))
    if n == 2:
        assert nb.best_of(2) == pytest.approx(1 / np.sqrt(np.pi), abs=1e-5)


def test_gradient_and_fisher_matrix_of_shared_parameters(rng):
    """(12.3), against derivatives of L and of the mean KL by autograd."""
    S, A, D = 5, 3, 2
    mdp, features = tabular.random_mdp(rng, S, A, 0.9), rng.standard_normal((S, D))
    W = rng.standard_normal((D, A))
    pi = tabular.softmax_policy(features @ W)
    d = (1 - mdp.gamma) * tabular.visitation(mdp, pi)
    advantages = tabular.advantages(mdp, pi)

    def policy(w):
        logits = anp.dot(features, anp.reshape(w, (D, A)))
        weights = anp.exp(logits)
        return weights / anp.sum(weights, axis=1, keepdims=True)

    g = np.einsum("s,sd,sa->da", d, features, pi * advantages).ravel()
    L = lambda w: anp.sum(d[:, None] * policy(w) * advantages)  # noqa: E731
    np.testing.assert_allclose(g, grad(L)(W.ravel()), atol=1e-12)

    M = pi[..., None] * (np.eye(A) - pi[..., None, :])
    F = np.einsum("s,sd,se,sab->daeb", d, features, features, M).reshape(D * A, D * A)
    KL = lambda w: anp.sum(d[:, None] * pi * (np.log(pi) - anp.log(policy(w))))  # noqa: E731
    np.testing.assert_allclose(F, hessian(KL)(W.ravel()), atol=1e-10)


def test_a_change_in_standard_errors_is_standard_normal_where_there_is_none(rng):
    """(12.4)"""
    x, y = 300 + 40 * rng.standard_normal((2, 4000, 128))
    z = np.array([nb.check_change.reference(a, b) for a, b in zip(x, y, strict=True)])
    assert abs(z.mean()) < 4 / np.sqrt(4000)
    assert abs(z.std() - 1) < 0.06
    assert abs(np.mean(z < -2) - 0.0228) < 4 * np.sqrt(0.0228 / 4000)


def test_the_width_of_a_triangle():
    """(12.5): a score that rises from 0 to 1 over a decade and falls again is above 0.9 on a tenth
    of each side."""
    width = nb.check_width.reference(np.array([0.1, 1.0, 10.0]), np.array([0.0, 1.0, 0.0]))
    assert width == pytest.approx(0.2, abs=1e-3)


@pytest.mark.parametrize("c", [1e-3, 7.0, 1e3])
def test_trpo_does_not_ask_for_the_unit_of_the_rewards(c):
    """(12.10)"""
    policy, theta, batch = nb.a_batch(seed=3)
    expected, _ = TRPO()(policy, theta, batch)
    new, _ = TRPO()(policy, theta, nb.times(batch, c))
    assert np.linalg.norm(expected - theta) > 1e-3
    np.testing.assert_allclose(new, expected, rtol=1e-6, atol=1e-9)


def test_the_search_takes_the_longest_step_that_is_accepted_in_each_world(rng):
    features, W = rng.standard_normal((3, 4, 2)), np.zeros((3, 2, 2))
    step = rng.standard_normal((3, 2, 2))
    limit = np.array([0.1, 0.01, -1.0])  # nothing is accepted in the last

    def accept(old, new):
        return tabular.state_kl(old, new).max(axis=-1) <= limit

    found = nb.search(None, features, W, step, accept)
    np.testing.assert_array_equal(found[2], W[2])
    for i in (0, 1):
        k = np.log2(step[i, 0, 0] / found[i, 0, 0])
        assert k == pytest.approx(round(k))
        longer = tabular.softmax_policy(features[i] @ (2 * found[i]))
        kl = tabular.state_kl(tabular.softmax_policy(features[i] @ W[i]), longer).max()
        assert k == 0 or kl > limit[i]


def test_noise_that_is_held_pushes_further(rng):
    """(12.7)"""
    n, sigma = 64, 0.7
    for k in (1, 4, 16):
        pushes = np.repeat(sigma * rng.standard_normal((20_000, n // k)), k, axis=1)
        spread = pushes.sum(axis=1).std()
        assert abs(spread / (np.sqrt(k * n) * sigma) - 1) < 4 / np.sqrt(2 * 20_000)


def test_noise_that_lasts_pushes_further(rng):
    """(12.9), up to what the last pushes have still before them"""
    n, sigma, N = 400, 0.7, 20_000
    for rho in (0.0, 0.5, 0.8):
        left, total = np.zeros(N), np.zeros(N)
        for _ in range(n):
            left = rho * left + sigma * rng.standard_normal(N)
            total += left
        error = 4 / np.sqrt(2 * N) + 1 / (n * (1 - rho))
        assert abs(total.std() / (np.sqrt(n) * sigma / (1 - rho)) - 1) < error


def test_the_slope_with_lasting_noise_leaves_out_that_noise_is_measured_from_the_mean(rng):
    """Two steps with the return done_1 - 3 done_2: -1/2 by the draws' scores, 1 in truth."""
    rho, N = 0.5, 400_000
    xi = rng.standard_normal((2, N))
    terms = xi[0] * (xi[0] - 3 * (xi[1] + rho * xi[0]))
    assert np.mean(terms) == pytest.approx(1 - 3 * rho, abs=5 * np.std(terms) / np.sqrt(N))
    draws, still = {}, np.zeros(1, dtype=bool)
    for shift in (0.0, 1.0):  # of the first mean, the noise as before
        policy = make_policy(Box(-1, 1, (1,)), Box(-9, 9, (1,)), (2,))
        draw = drawing(policy, np.random.default_rng(0), rho)
        draws[shift] = [draw(np.array([[mean, 0.0]]), still)[1][0, 0] for mean in (shift, 0.0)]
    change = np.subtract(draws[1.0], draws[0.0]) @ [1, -3]
    assert change == pytest.approx(1, abs=1e-5)


def test_a_held_action_is_taken_k_times_or_to_the_end():
    class Counter(gymnasium.Env):
        observation_space = gymnasium.spaces.Box(0, 100, (1,))
        action_space = gymnasium.spaces.Discrete(2)

        def reset(self, *, seed=None, options=None):
            self.t = 0
            return np.zeros(1, np.float32), {}

        def step(self, action):
            self.t += 1
            return np.full(1, self.t, np.float32), float(self.t), self.t == 6, False, {}

    env = nb.Held(Counter(), 4)
    env.reset()
    observation, reward, terminated, *_ = env.step(0)
    assert (observation[0], reward, terminated) == (4, 1 + 2 + 3 + 4, False)
    observation, reward, terminated, *_ = env.step(0)
    assert (observation[0], reward, terminated) == (6, 5 + 6, True)
