"""Every update: what its file says it does, by the textbook's functions."""

from dataclasses import replace

import numpy as np
import pytest
from autograd import grad
from problems import ACTION_SPACES, random_batch, random_problem

from trpo_np import (
    PPO,
    TRPO,
    NaturalGradient,
    PolicyGradient,
    conjugate_gradient,
    explicit_fisher,
    mean_kl,
    surrogate,
)
from trpo_np.objectives import policy_gradient
from trpo_np.updates import ALGORITHMS
from trpo_np.updates.ppo import Adam, clipped_gradient, clipped_surrogate
from trpo_np.updates.trpo_report import TRPOReport

each_kind = pytest.mark.parametrize("kind", ACTION_SPACES)
each_update = pytest.mark.parametrize("update", ALGORITHMS.values(), ids=ALGORITHMS)


def problem(kind, rng, N=200):
    policy, theta, obs = random_problem(kind, rng, N=N, hidden=(5,), D=3)
    return policy, theta, random_batch(policy, theta, obs, rng)


@each_update
@each_kind
def test_an_update_reports_what_it_did_and_writes_to_nothing(update, kind, rng):
    policy, theta, batch = problem(kind, rng)
    for array in (theta, *vars(batch).values()):
        array.flags.writeable = False
    new, report = update()(policy, theta, batch, rng)
    assert report.accepted
    assert report.kl == pytest.approx(mean_kl(policy, theta, new, batch.observations), rel=1e-9)
    gain = surrogate(policy, new, batch) - surrogate(policy, theta, batch)
    assert report.improvement == pytest.approx(gain, rel=1e-6)
    g = policy_gradient(policy, theta, batch)
    assert report.gradient_norm == pytest.approx(np.linalg.norm(g))


@each_update
def test_a_batch_that_is_not_finite_leaves_theta_alone(update, rng):
    policy, theta, batch = problem("Box", rng)
    advantages = batch.advantages.copy()
    advantages[3] = np.nan
    new, report = update()(policy, theta, replace(batch, advantages=advantages), rng)
    assert new is theta
    assert (report.status, report.accepted) == ("non_finite", False)


@each_update
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_the_same_generator_gives_the_same_theta_in_its_own_precision(update, precision, rng):
    policy, theta, batch = problem("Discrete", rng)
    theta = theta.astype(precision)
    first, again = (update()(policy, theta, batch, np.random.default_rng(1))[0] for _ in "ab")
    np.testing.assert_array_equal(first, again)
    assert first.dtype == precision


def test_policy_gradient_is_gradient_ascent(rng):
    """(1.1)"""
    policy, theta, batch = problem("Discrete", rng)
    new, _ = PolicyGradient(0.3)(policy, theta, batch, rng)
    g = grad(lambda x: surrogate(policy, x, batch))(theta)
    np.testing.assert_allclose(new, theta + 0.3 * g, rtol=1e-10)


@each_kind
def test_natural_gradient_goes_to_the_ellipse_of_the_model(kind, rng):
    """½ dᵀFd = δ for d = new - theta, along the solution of (F + λI) s = g."""
    policy, theta, batch = problem(kind, rng)
    update = NaturalGradient(delta=0.02, cg_iterations=len(theta) + 10, cg_damping=0.3)
    new, _ = update(policy, theta, batch, rng)
    F, d = explicit_fisher(policy, theta, batch.observations), new - theta
    assert 0.5 * d @ F @ d == pytest.approx(0.02)
    g = policy_gradient(policy, theta, batch)
    s = np.linalg.solve(F + 0.3 * np.eye(len(F)), g)
    np.testing.assert_allclose(d / np.linalg.norm(d), s / np.linalg.norm(s), rtol=1e-6, atol=1e-9)


def test_natural_gradient_without_a_direction_says_why(rng):
    policy, theta, batch = problem("Discrete", rng)
    still = replace(batch, advantages=np.zeros(len(batch)))
    assert NaturalGradient()(policy, theta, still, rng)[1].status == "zero_gradient"
    backwards = NaturalGradient(solve=lambda matvec, b, n: 0 * b)
    new, report = backwards(policy, theta, batch, rng)
    assert new is theta
    assert report.status == "non_positive_curvature"


@each_kind
def test_the_clipped_gradient_is_autograds(kind, rng):
    policy, theta, batch = problem(kind, rng)
    there = theta + 0.3 * rng.standard_normal(len(theta))
    ratios = np.exp(policy.log_prob(there, batch.observations, batch.actions) - batch.log_probs)
    assert (np.abs(ratios - 1) > 0.2).any()
    by_autograd = grad(lambda x: clipped_surrogate(policy, x, batch, 0.2))(there)
    closed_form = clipped_gradient(policy, there, batch, 0.2)
    np.testing.assert_allclose(closed_form, by_autograd, rtol=1e-9, atol=1e-12)


def test_the_clipped_surrogate_pays_nothing_past_the_clip(rng):
    policy, theta, batch = problem("Discrete", rng)
    past = replace(batch, log_probs=batch.log_probs - 1, advantages=np.abs(batch.advantages))
    assert clipped_surrogate(policy, theta, past, 0.2) == pytest.approx(
        1.2 * past.advantages.mean()
    )
    assert not clipped_gradient(policy, theta, past, 0.2).any()


def test_adam_is_kingma_and_bas(rng):
    """Its first step is the learning rate in every entry; later ones follow their algorithm 1."""
    g = rng.standard_normal((5, 3))
    adam, m, v = Adam(np.zeros(3), np.zeros(3)), 0, 0
    for t in range(1, 6):
        step, adam = adam.step(g[t - 1], 0.1)
        m, v = 0.9 * m + 0.1 * g[t - 1], 0.999 * v + 0.001 * g[t - 1] ** 2
        expected = 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        np.testing.assert_allclose(step, expected)
        if t == 1:
            np.testing.assert_allclose(step, 0.1 * np.sign(g[0]), rtol=1e-6)


def test_adam_divides_by_no_less_than_1e_8():
    """A first gradient as small as that moves its entry by half of the rate, a smaller one less."""
    adam, g = Adam(np.zeros(3), np.zeros(3)), np.array([1e-8, -1e-8, 1e-10])
    np.testing.assert_allclose(adam.step(g, 0.1)[0], [0.05, -0.05, 0.1 / 101], rtol=1e-9)


@each_kind
def test_ppo_of_one_step_moves_every_entry_by_the_rate_along_the_gradient(kind, rng):
    """One epoch of one minibatch from Adam's beginning."""
    policy, theta, batch = problem(kind, rng)
    update = PPO(epochs=1, minibatch_size=200, learning_rate=1e-4)
    new, report = update(policy, theta, batch, rng)
    g = policy_gradient(policy, theta, batch)
    np.testing.assert_allclose(new - theta, 1e-4 * g / (np.abs(g) + 1e-8), rtol=1e-6)
    assert report.improvement > 0
    assert report.state.t == 1


@pytest.mark.parametrize("clip", [0.05, 0.2])
def test_ppo_tells_the_share_of_ratios_past_the_clip(clip, rng):
    policy, theta, batch = problem("Box", rng)
    new, report = PPO(clip=clip, learning_rate=0.01)(policy, theta, batch, rng)
    log_probs = policy.log_prob(new, batch.observations, batch.actions)
    past = np.abs(np.exp(log_probs - batch.log_probs) - 1) > clip
    assert report.clipped == past.mean()
    assert 0 < report.clipped < 1


def test_ppo_carries_adam_from_batch_to_batch(rng):
    policy, theta, batch = problem("Discrete", rng)
    update = PPO(epochs=3, minibatch_size=64)
    first, report = update(policy, theta, batch, np.random.default_rng(0))
    assert report.state.t == 3 * 4  # 200 samples are four minibatches
    fresh, _ = update(policy, first, batch, np.random.default_rng(1))
    carried, later = update(policy, first, batch, np.random.default_rng(1), state=report.state)
    assert later.state.t == 24
    assert (fresh != carried).any()


def test_ppo_sees_every_sample_once_an_epoch(rng):
    parts = list(PPO(epochs=2, minibatch_size=30)._minibatches(100, rng))
    assert [len(part) for part in parts] == [30, 30, 30, 10] * 2
    for epoch in (parts[:4], parts[4:]):
        np.testing.assert_array_equal(np.sort(np.concatenate(epoch)), np.arange(100))


def test_parts_of_ones_own_are_called_with_the_chapters_quantities(rng):
    """TRPO with a solver and a search that return plain arrays is TRPO."""
    policy, theta, batch = problem("Box", rng)
    called = []

    def my_cg(matvec, b, iterations):
        called.append("solve")
        return conjugate_gradient(matvec, b, iterations).x

    def my_search(L, KL, theta, full_step, delta, backtracks, beta):
        called.append("search")
        for k in range(backtracks + 1):
            new = theta + beta**k * full_step
            if KL(new) <= delta and L(new) > L(theta):
                return new
        return theta

    new, report = TRPO(solve=my_cg, search=my_search)(policy, theta, batch)
    expected, same = TRPO()(policy, theta, batch)
    np.testing.assert_allclose(new, expected, rtol=1e-10)
    assert (report.status, report.backtracks) == (same.status, same.backtracks)
    assert report.kl == pytest.approx(same.kl)
    assert called == ["solve", "search"]


def test_a_broken_part_breaks_the_update_and_the_report_says_how_far_it_went(rng):
    policy, theta, batch = problem("Box", rng)
    blind = TRPO(delta=0.5, search=lambda L, KL, theta, full_step, *rest: theta + 3 * full_step)
    new, report = blind(policy, theta, batch)
    assert report.accepted
    assert report.kl == pytest.approx(mean_kl(policy, theta, new, batch.observations))
    assert report.kl > 0.5
    lost = TRPO(search=lambda L, KL, theta, *rest: theta * np.nan)
    assert lost(policy, theta, batch)[1].status == "non_finite"


def test_a_direction_that_cg_found_before_it_broke_off_is_used(rng):
    """float32, undamped, 200 iterations of a rank of less than 100: CG may end for rounding, and
    the step is still one."""
    policy, theta, obs = random_problem("Discrete", rng, N=200, hidden=(8,), D=4)
    batch = random_batch(policy, theta, obs, rng)
    low = {name: array.astype(np.float32) for name, array in vars(batch).items()}
    low["actions"] = batch.actions
    new, report = TRPO(cg_iterations=200, cg_damping=0.0)(
        policy, theta.astype(np.float32), replace(batch, **low)
    )
    assert report.accepted
    assert isinstance(report, TRPOReport)
    assert mean_kl(policy, theta, new.astype(float), obs) <= 0.01 * (1 + 1e-3)
