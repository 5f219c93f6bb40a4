"""What notebook 09 says of fitting a value function: Adam's steps, and targets with V in them."""

import numpy as np
import pytest

from trpo_np import MLP, tabular
from trpo_np.classroom.notebook_09 import adam_errors


def test_the_first_step_of_adam_moves_every_entry_by_the_rate(rng):
    """Whatever the size of the targets: a gradient divided by its own size is its sign."""
    network = MLP((3, 5, 1))
    w, obs = network.init(rng), rng.standard_normal((40, 3))
    for scale in (1.0, 1000.0):
        y = scale * rng.standard_normal(40)
        V, _, vjp = network.linearize(w, obs)
        moved = w - 0.01 * np.sign(vjp(V - y[:, None]))
        after = 0.5 * np.mean((network.linearize(moved, obs).outputs[:, 0] - y) ** 2)
        path = adam_errors(network, w, obs, y, 0.01, 1, 40, np.random.default_rng(0))
        assert path == pytest.approx([0.5 * np.mean((V[:, 0] - y) ** 2), after], rel=1e-5)


def test_adam_in_minibatches_finds_the_least_squares_solution_of_a_linear_model(rng):
    obs = rng.standard_normal((64, 3))
    y = obs @ [1.0, -2.0, 0.5] + 0.3 + 0.1 * rng.standard_normal(64)
    X = np.column_stack([obs, np.ones(64)])
    least = 0.5 * np.mean((X @ np.linalg.lstsq(X, y)[0] - y) ** 2)
    network = MLP((3, 1))
    path = adam_errors(network, network.init(rng), obs, y, 0.01, 400, 16, rng)
    assert least <= path[-1] < 1.05 * least


@pytest.mark.parametrize("lam", [0.0, 0.5, 0.95, 1.0])
def test_fits_to_lambda_returns_approach_the_true_values(rng, lam):
    """One exact fit shrinks the difference of two value functions by γ(1-λ)/(1-γλ) or more, and the
    true values stay."""
    mdp = tabular.random_mdp(rng, S=5, A=3, gamma=0.9)
    pi = rng.dirichlet(np.ones(mdp.rewards.shape[1]), len(mdp.rewards))
    gamma, V = mdp.gamma, tabular.state_values(mdp, pi)
    P = np.einsum("sa,sat->st", pi, mdp.transitions)
    r = np.sum(pi * mdp.rewards, axis=1)

    def mean_target(V):
        return V + np.linalg.solve(np.eye(len(V)) - gamma * lam * P, r + gamma * P @ V - V)

    x = rng.standard_normal(len(V))
    shrunk = np.abs(mean_target(V + x) - mean_target(V)).max() / np.abs(x).max()
    np.testing.assert_allclose(mean_target(V), V, rtol=1e-10)
    assert shrunk <= gamma * (1 - lam) / (1 - gamma * lam) + 1e-12
