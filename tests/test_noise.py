"""Noise that lasts: what is done beside what is drawn."""

from dataclasses import replace

import numpy as np
import pytest
from gymnasium import spaces
from toys import Countdown

from trpo_np import TRPO, Categorical, Settings, make_policy, train
from trpo_np.errors import UsageError
from trpo_np.training.environments import source
from trpo_np.training.noise import drawing
from trpo_np.training.normalizer import Normalizer
from trpo_np.training.rollout import Sampler

SMALL = Settings(batch_size=64, num_envs=4, hidden=(4,))
OBSERVATIONS = spaces.Box(-1, 1, (3,), np.float64)
BOX = spaces.Box(-np.inf, np.inf, (2,), np.float64)


def policy_of(actions):
    return make_policy(OBSERVATIONS, actions, (4,))


def steps(rho, T, E, rng):
    """Of T steps of E environments: drawn and done, less the mean and over the deviation."""
    draw, found = drawing(policy_of(BOX), rng, rho), []
    for t in range(T):
        mean, std = np.array([t, -2.0]), np.array([0.5, 2.0])
        eta = np.tile(np.concatenate([mean, np.log(std)]), (E, 1))
        found.append([(x - mean) / std for x in draw(eta, np.zeros(E, dtype=bool))])
    return np.moveaxis(np.array(found), 1, 0)


@pytest.mark.parametrize("rho", [0.5, 0.9])
def test_what_is_drawn_is_independent_and_what_is_done_correlated(rho, rng):
    N, T = 20_000, 6
    drawn, done = steps(rho, T, N, rng)
    error = 5 / np.sqrt(N)
    gram = np.einsum("snd,tne->stde", drawn, drawn) / N
    independent = np.einsum("st,de->stde", np.eye(T), np.eye(2))
    assert np.abs(gram - independent).max() < np.sqrt(2) * error
    weights = [[rho ** (t - s) if s <= t else 0 for s in range(T)] for t in range(T)]
    np.testing.assert_allclose(done, np.einsum("ts,snd->tnd", weights, drawn), atol=1e-12)
    late = done[:, 0, 0], done[:, 1, 0]  # two environments: each has noise of its own
    assert not np.allclose(*late)


def test_in_the_long_run_the_correlation_over_k_steps_is_the_kth_power(rng):
    rho, T = 0.5, 50_000
    _, done = steps(rho, T, 1, rng)
    n, error = done[100:, 0, :], 10 / np.sqrt(T)
    assert np.abs(np.mean(n**2, axis=0) * (1 - rho**2) - 1).max() < error
    for k in (1, 2, 3):
        correlation = np.mean(n[k:] * n[:-k], axis=0) / np.mean(n**2, axis=0)
        assert np.abs(correlation - rho**k).max() < error


@pytest.mark.parametrize(
    ("space", "rho"),
    [(BOX, 0.0), (spaces.Discrete(3), 0.9), (spaces.MultiBinary(3), 0.9)],
)
def test_elsewhere_what_is_drawn_is_done(space, rho):
    policy = policy_of(space)
    draw, rng = drawing(policy, np.random.default_rng(7), rho), np.random.default_rng(7)
    eta = np.random.default_rng(1).standard_normal((5, policy.distribution.num_outputs))
    for _ in range(3):
        drawn, done = draw(eta, np.zeros(5, dtype=bool))
        assert done is drawn
        np.testing.assert_array_equal(
            drawn, policy.as_actions(policy.distribution.sample(eta, rng))
        )


@pytest.mark.parametrize("length", [4, 100])
def test_a_rollout_keeps_what_was_drawn_and_does_what_lasts(length):
    """So log_prob is of draws from the policy, and an episode begins without noise."""
    rho, box = 0.5, spaces.Box(-1.5, 1.5, (2,), np.float64)
    made_from = source(lambda: Countdown(length=length, action_space=box))
    policy = make_policy(*made_from.spaces(), (4,))
    theta = policy.init(np.random.default_rng(1))
    normalizer = Normalizer.fresh(made_from.spaces()[0], False)
    sampler, seen = Sampler(made_from.many(3), 0), []
    step = sampler.envs.step

    def recorded(actions):
        seen.append(actions.copy())
        return step(actions)

    sampler.envs.step = recorded
    rollout = sampler.collect(policy, theta, normalizer, np.random.default_rng(2), 20, rho)

    e, expected = 0.0, []
    for t, drawn in enumerate(rollout.actions):
        obs = rollout.observations[t]
        np.testing.assert_allclose(rollout.log_probs[t], policy.log_prob(theta, obs, drawn))
        expected.append(drawn + rho * e)
        e = (expected[-1] - policy.mode(theta, obs)) * rollout.valid[t][:, None]
    assert np.abs(expected).max() > 1.5
    assert rollout.valid.all() == (length == 100)
    np.testing.assert_allclose(seen, np.clip(expected, -1.5, 1.5))


def test_a_run_uses_it():
    """The same seed, other actions; the same run where there is no Box."""

    def theta(env, rho):
        return train(env, TRPO(), 64, 0, replace(SMALL, noise_correlation=rho)).theta

    assert (theta("Pendulum-v1", 0.5) != theta("Pendulum-v1", 0.0)).any()
    np.testing.assert_array_equal(theta("CartPole-v1", 0.5), theta("CartPole-v1", 0.0))


def test_noise_lasts_in_the_first_batches(monkeypatch):
    """Also where the run stops in between."""
    shares, collect = [], Sampler.collect

    def spy(self, *how):
        shares.append(how[-1])
        return collect(self, *how)

    monkeypatch.setattr(Sampler, "collect", spy)
    settings = replace(SMALL, noise_correlation=0.5, noise_batches=3)
    run = train("Pendulum-v1", TRPO(), 128, 0, settings)
    train(resume=run, total_steps=320)
    assert shares == [0.5, 0.5, 0.5, 0.0, 0.0]


@pytest.mark.parametrize("rho", [-0.1, 1.0, np.nan])
def test_correlations_that_are_none(rho):
    with pytest.raises(UsageError, match=r"noise_correlation = .* at least 0 and below 1"):
        Settings(noise_correlation=rho)


class Tails(Categorical):
    """A distribution of one's own."""


def test_a_box_without_a_gaussian_is_told():
    def made(observations, actions, hidden):
        return make_policy(observations, actions, hidden, Tails(3))

    settings = replace(SMALL, noise_correlation=0.5)
    with pytest.raises(UsageError, match=r"noise_correlation = 0\.5 .* the policy has a Tails"):
        train(lambda: Countdown(action_space=BOX), TRPO(), 64, 0, settings, make_policy=made)
