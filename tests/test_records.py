"""What the loop does between the parts, and what a run's table says of it."""

from dataclasses import replace

import numpy as np
import pytest
from autograd import grad
from problems import random_batch, random_problem
from toys import Countdown

from trpo_np import PPO, Settings, train
from trpo_np.fisher import subsampled
from trpo_np.mlp import Network
from trpo_np.training.estimates import make_batch
from trpo_np.training.rollout import Sampler
from trpo_np.updates.ppo import Adam, clipped_surrogate
from trpo_np.value import ValueFunction, explained_variance

SMALL = Settings(batch_size=256, num_envs=4, hidden=(8,))


def test_ppo_is_adam_on_the_clipped_surrogate_each_step_from_where_the_last_one_ended(rng):
    policy, theta, obs = random_problem("Discrete", rng, N=40, hidden=(5,), D=3)
    batch = random_batch(policy, theta, obs, rng)
    new, report = PPO(learning_rate=0.02, epochs=4, minibatch_size=40)(policy, theta, batch, rng)
    x, adam = theta, Adam(np.zeros_like(theta), np.zeros_like(theta))
    for _ in range(4):
        g = grad(lambda at: clipped_surrogate(policy, at, batch, 0.2))(x)
        step, adam = adam.step(g, 0.02)
        x = x + step
    np.testing.assert_allclose(new, x, rtol=1e-6, atol=1e-9)
    w = np.exp(policy.log_prob(new, obs, batch.actions) - batch.log_probs)
    assert 0 < report.clipped < 0.5
    assert report.clipped == np.mean((w > 1.2) | (w < 0.8))


def test_ppo_shuffles_anew_in_each_epoch(rng):
    parts = list(PPO(epochs=2, minibatch_size=100)._minibatches(100, rng))
    assert (np.diff(parts[0]) < 0).any()
    assert (parts[0] != parts[1]).any()


@pytest.fixture
def rollouts(monkeypatch):
    """The rollouts of the runs in a test, with the arguments that they were collected with."""
    kept, collect = [], Sampler.collect

    def spy(self, *arguments):
        kept.append((arguments, collect(self, *arguments)))
        return kept[-1][1]

    monkeypatch.setattr(Sampler, "collect", spy)
    return kept


def test_entropy_and_explained_variance_are_of_the_batch_before_it_is_learned_from(rollouts):
    ws = []
    result = train("CartPole-v1", None, 1500, settings=SMALL, on_iteration=lambda r: ws.append(r.w))
    assert len(rollouts) == len(result.history) >= 4
    assert not all(rollout.valid.all() for _, rollout in rollouts)
    for w, row, (arguments, rollout) in zip(ws, result.history[1:], rollouts[1:], strict=False):
        policy, theta = arguments[:2]
        batch, values, targets = make_batch(rollout, result.value, w, SMALL)
        entropy = policy.entropy(theta, batch.observations).mean()
        assert row.entropy == pytest.approx(entropy, rel=1e-9)
        assert row.explained_variance == pytest.approx(explained_variance(values, targets))


def test_the_mean_return_is_over_the_twenty_newest_episodes():
    lengths = []

    class Growing(Countdown):
        """Each episode is one step longer than the last."""

        def reset(self, **how):
            self.length += 1
            lengths.append(self.length)
            return super().reset(**how)

    settings = replace(SMALL, num_envs=1)
    result = train(lambda: Growing(length=0), total_steps=800, settings=settings)
    row = result.history[-1]
    newest = lengths[row.episodes - 20 : row.episodes]
    assert row.episodes > 25
    assert row.mean_return == row.mean_length == np.mean(newest)


@pytest.mark.parametrize("normalize", [True, False])
def test_advantages_are_normalised_where_that_is_asked_and_targets_are_not(normalize, rollouts):
    train("Pendulum-v1", total_steps=600, settings=SMALL)
    _, rollout = rollouts[0]
    value = ValueFunction(Quadratic())
    plain, V, targets = make_batch(
        rollout, value, np.zeros(1), replace(SMALL, normalize_advantages=False)
    )
    batch, _, same = make_batch(
        rollout, value, np.zeros(1), replace(SMALL, normalize_advantages=normalize)
    )
    np.testing.assert_array_equal(targets, same)
    np.testing.assert_allclose(targets, V + plain.advantages)
    assert plain.advantages.std() > 2
    if normalize:
        assert batch.advantages.mean() == pytest.approx(0, abs=1e-12)
        assert batch.advantages.std() == pytest.approx(1)
    else:
        np.testing.assert_array_equal(batch.advantages, plain.advantages)


class Quadratic(Network):
    """Values without parameters."""

    num_parameters = 1

    def bind(self, w):
        return lambda x: 3 * (x**2).sum(axis=1, keepdims=True)


def test_gamma_and_lambda_are_not_exchanged(rollouts):
    """With γ = 0 and λ = 1 an advantage is r - V, with γ = 1 and λ = 0 it is r + V' - V."""
    train("Pendulum-v1", total_steps=600, settings=SMALL)
    (_, rollout), value, w = rollouts[0], ValueFunction(Quadratic()), np.zeros(1)
    raw = replace(SMALL, normalize_advantages=False)
    near, V, _ = make_batch(rollout, value, w, replace(raw, gamma=0.0, lam=1.0))
    r = rollout.rewards[rollout.valid]
    np.testing.assert_allclose(near.advantages, r - V)
    far, _, _ = make_batch(rollout, value, w, replace(raw, gamma=1.0, lam=0.0))
    following = value.predict(w, rollout.observations)[1:][rollout.valid]
    np.testing.assert_allclose(far.advantages, r + following - V)


def test_the_seed_decides_where_the_environments_begin(rollouts):
    for seed in (1, 2):
        train("Pendulum-v1", total_steps=256, seed=seed, settings=SMALL)
    first, second = (rollout.raw_observations[0] for _, rollout in rollouts)
    assert (first != second).any()
    assert len(np.unique(first, axis=0)) == 4  # and each somewhere else


def test_solved_is_judged_by_fresh_episodes(monkeypatch):
    """However good the recent ones were."""
    from trpo_np.training import train as module
    from trpo_np.training.environments import Source

    monkeypatch.setattr(Source, "solved_return", lambda self: 5.0)
    monkeypatch.setattr(module, "_reaches", lambda goal, result: False)
    result = train("CartPole-v1", total_steps=800, settings=SMALL, until_solved=True)
    assert result.history[-1].mean_return > 5
    assert not result.solved
    assert len(result.history) == 3


def test_no_state_is_drawn_twice_for_f(rng):
    rows = subsampled(np.arange(100)[:, None], 0.9, rng)
    assert len(rows) == len(np.unique(rows)) == 90
    assert len(subsampled(np.arange(100)[:, None], 1e-9, rng)) == 1
