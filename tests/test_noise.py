"""Noise that is correlated in time: what it keeps of independent noise, and what it changes."""

from dataclasses import replace

import numpy as np
import pytest
from gymnasium import spaces
from toys import Countdown

from trpo_np import (
    TRPO,
    Categorical,
    DiagonalGaussian,
    Settings,
    make_policy,
    train,
)
from trpo_np.errors import UsageError
from trpo_np.training.noise import draws

SMALL = Settings(batch_size=64, num_envs=4, hidden=(4,))
GAUSSIAN = DiagonalGaussian(2)


class Bounded(Categorical):
    """A distribution of one's own."""


def noise(rho, steps, environments, rng):
    """z (steps, environments, 2) of a Gaussian whose mean and deviation move."""
    draw, z = draws(GAUSSIAN, rng, rho), []
    for t in range(steps):
        mean, std = np.array([t, -2.0]), np.array([0.5, 1.0 + t])
        eta = np.tile(np.concatenate([mean, np.log(std)]), (environments, 1))
        z.append((draw(eta) - mean) / std)
    return np.array(z)


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_noise_is_standard_in_every_step_and_correlated_over_k_by_the_kth_power(rho, rng):
    N = 20_000
    z = noise(rho, 6, N, rng)
    error = 5 / np.sqrt(N)
    assert np.abs(z.mean(axis=1)).max() < error
    assert np.abs((z**2).mean(axis=1) - 1).max() < np.sqrt(2) * error
    for k in (1, 2, 4):
        products = z[k:] * z[:-k]
        assert np.abs(products.mean(axis=1) - rho**k).max() < np.sqrt(2) * error
    across = (z[..., 0] * z[..., 1]).mean(axis=1), (z[:, 1:] * z[:, :-1]).mean(axis=1)
    assert max(np.abs(x).max() for x in across) < error  # of an action's entries, of environments


def test_no_correlation_is_the_distributions_own_draw():
    eta = np.random.default_rng(1).standard_normal((5, 4))
    draw, rng = draws(GAUSSIAN, np.random.default_rng(7), 0.0), np.random.default_rng(7)
    for _ in range(3):
        np.testing.assert_array_equal(draw(eta), GAUSSIAN.sample(eta, rng))


def test_what_is_no_gaussian_draws_as_ever():
    eta = np.random.default_rng(1).standard_normal((5, 3))
    draw, rng = draws(Categorical(3), np.random.default_rng(7), 0.9), np.random.default_rng(7)
    for _ in range(3):
        np.testing.assert_array_equal(draw(eta), Categorical(3).sample(eta, rng))


def test_a_run_uses_it():
    """The same seed, other actions; the same run where nothing is Gaussian."""

    def theta(env, rho):
        return train(env, TRPO(), 64, 0, replace(SMALL, noise_correlation=rho)).theta

    assert (theta("Pendulum-v1", 0.5) != theta("Pendulum-v1", 0.0)).any()
    np.testing.assert_array_equal(theta("CartPole-v1", 0.5), theta("CartPole-v1", 0.0))


@pytest.mark.parametrize("rho", [-0.1, 1.0, np.nan])
def test_correlations_that_are_none(rho):
    with pytest.raises(UsageError, match=r"noise_correlation = .* at least 0 and below 1"):
        Settings(noise_correlation=rho)


def test_a_box_without_gaussian_noise_is_told():
    box = spaces.Box(-1, 1, (3,))

    def made(observations, actions, hidden):
        return make_policy(observations, actions, hidden, Bounded(3))

    settings = replace(SMALL, noise_correlation=0.5)
    with pytest.raises(
        UsageError, match=r"noise_correlation = 0\.5 is not possible: a Bounded has"
    ):
        train(lambda: Countdown(action_space=box), TRPO(), 64, 0, settings, make_policy=made)
