"""The numbers in the boxes and asides of notebooks 01 to 04, worked out again."""

import numpy as np
import pytest

from trpo_np import DiagonalGaussian, tabular
from trpo_np.classroom import notebook_03, notebook_04


def test_the_divergence_along_a_ray_need_not_grow():
    """Notebook 01: the mean moves by 10 σ and log σ by 1, at α times that step."""
    alpha = np.array([1.0, 2.0, 3.0, 6.0])
    new = np.stack([10 * alpha, alpha], axis=1)
    kl = DiagonalGaussian(1).kl(np.zeros((4, 2)), new)
    np.testing.assert_allclose(kl, [7.3, 5.2, 3.6, 5.5], atol=0.05)


def test_the_best_of_many_estimates_promises_too_much(rng):
    """Notebook 02: advantages of pure noise, the best mean within δ = 0.01, N = 100."""
    z, noise = rng.standard_normal((2, 4000, 100))
    kappas = np.linspace(-np.sqrt(0.02), np.sqrt(0.02), 21)
    promises = [np.mean((np.exp(k * z - k**2 / 2) - 1) * noise, axis=1) for k in kappas]
    best = np.max(promises, axis=0)
    expected = np.sqrt(0.02) * np.sqrt(2 / (np.pi * 100))
    assert abs(best.mean() - expected) < 4 * best.std() / np.sqrt(4000) + 0.02 * expected


def test_what_the_two_orders_of_the_kl_forbid():
    """Notebook 04: from a fair coin to (0.99, 0.01), and to (1, 0)."""
    fair, sure, dead = (np.array(p) for p in ([0.5, 0.5], [0.99, 0.01], [1.0, 0.0]))
    assert tabular.state_kl(fair, sure) == pytest.approx(1.61, abs=0.005)
    assert tabular.state_kl(sure, fair) == pytest.approx(0.64, abs=0.005)
    assert tabular.state_kl(fair, dead) == np.inf
    assert tabular.state_kl(dead, fair) == pytest.approx(0.69, abs=0.005)


def test_bounded_rewards_bound_the_advantages(rng):
    """Notebook 03: ε ≤ (r_max - r_min) / (1 - γ), and a third of it is too little somewhere."""
    mdp = tabular.random_mdp(rng, 4, 3, 0.5, (2000,))
    pi = tabular.softmax_policy(3 * rng.standard_normal((2000, 4, 3)))
    epsilon = np.abs(tabular.advantages(mdp, pi)).max(axis=(-2, -1))
    limit = 2 * np.ptp(mdp.rewards, axis=(-2, -1))
    assert (epsilon <= limit).all()
    assert (epsilon / limit).max() > 1 / 3


def test_the_best_policy_within_a_radius_is_on_its_rim_and_beats_others(rng):
    """Notebook 03, (3.10): best_within against random policies of the same radius."""
    pi, A = np.full((2, 3), 1 / 3), rng.standard_normal((2, 3))
    best = notebook_03.best_within(pi, A, 0.05)
    np.testing.assert_allclose(tabular.state_kl(pi, best), 0.05, rtol=1e-6)
    rivals = tabular.softmax_policy(0.5 * rng.standard_normal((5000, 2, 3)))
    gains = np.where(tabular.state_kl(pi, rivals) <= 0.05, np.sum(rivals * A, axis=-1), -np.inf)
    assert (np.sum(best * A, axis=-1) >= gains.max(axis=0)).all()


@pytest.mark.parametrize("stretch", [1.0, 5.0])
def test_a_tiny_natural_step_is_not_beaten_by_a_plain_one(stretch):
    """Notebook 04, section 8: none of 2000 random cases; a longer one is beaten now and then."""
    natural, plain = notebook_04.random_climbs(np.random.default_rng(0), 2000, stretch, 1e-8, 1)
    assert (natural > plain).all()
    natural, plain = notebook_04.random_climbs(np.random.default_rng(0), 2000, stretch, 0.02, 12)
    assert 0.28 < np.mean(plain > natural) < 0.34
    assert (natural - plain).mean() > 4 * (natural - plain).std() / np.sqrt(2000)
