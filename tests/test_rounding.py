"""How far rounding may move a policy: the bound's parts, each by hand."""

import numpy as np
import pytest
from gymnasium import spaces
from problems import ACTION_SPACES, random_problem

from trpo_np import Categorical, DiagonalGaussian, make_policy
from trpo_np.fast.rounding import ENOUGH, PERIOD, SOME, Rounding, random_signs

EPS = float(np.finfo(float).eps)


def by_hand(errors, eta, factor=2.0, eps=0.01):
    """One Gaussian action: M = diag(1 / std², 2)."""
    errors = tuple(np.array(e) for e in errors)
    return Rounding(DiagonalGaussian(1), errors, factor, np.array(eta), eps)


def length(e, std=1.0, factor=2.0):
    """√KL for errors [mean, log_std] in one state: KL = ½ eᵀ M e."""
    return factor * np.sqrt(0.5 * (e[0] ** 2 / std**2 + 2 * e[1] ** 2))


def test_lengths_add_and_the_slope_far_away_and_the_sum_come_on_top():
    """(1 + 4 ε (1 + max |η|)) (√KL + length)², and 8 roundings of float64 for each output."""
    e = [0.1, 0.2]
    r = by_hand([[e]], [[3.0, 0.0]])
    assert r.length(r.eta) == pytest.approx(length(e))
    for kl in (0.0, 0.25, 4.0):
        bound = (1 + 0.04 * (1 + 3)) * (np.sqrt(kl) + length(e)) ** 2 + 16 * EPS
        assert r.up(kl, r) == pytest.approx(bound, rel=1e-14)
        assert type(r.up(kl, r)) is float
    far = by_hand([[e]], [[-5.0, 0.0]])
    assert r.up(0.0, far) == pytest.approx((1 + 0.04 * (1 + 5)) * length(e) ** 2, rel=1e-12)


def test_a_kl_that_was_computed_below_0_is_0():
    r = by_hand([[[0.1, 0.2]]], [[3.0, 0.0]])
    assert r.up(-1e-3, r) == r.up(0.0, r)


def test_nothing_to_round_leaves_the_rounding_of_the_sum():
    r = by_hand([[[0.0, 0.0]]], [[0.0, 0.0]], eps=0.0)
    assert r.up(0.0, r) == 16 * EPS
    assert r.up(0.5, r) == pytest.approx(0.5, rel=1e-14)
    wide = Rounding(Categorical(5), (np.zeros((1, 5)),), 2.0, np.zeros((1, 5)), 0.0)
    assert wide.up(0.0, wide) == 40 * EPS


def test_squares_are_averaged_over_states_and_draws():
    errors = [[[0.1, 0.0], [0.3, 0.0]], [[0.0, 0.2], [0.5, 0.0]]]
    r = by_hand(errors, np.zeros((2, 2)))
    mean = np.mean([0.1**2, 0.3**2, 2 * 0.2**2, 0.5**2])
    assert r.length(r.eta) == pytest.approx(2 * np.sqrt(0.5 * mean))


@pytest.mark.parametrize("grown", [0.1, 10.0])
@pytest.mark.parametrize("log_std", [-1.0, 1.0])
def test_the_longer_errors_count_where_they_weigh_most(log_std, grown):
    """Either policy's errors, and a narrower Gaussian is moved further by the same error."""
    r = by_hand([[[0.1, 0.0]]], [[5.0, 0.0]], eps=0.0)
    new = by_hand([[[0.1 * grown, 0.0]]], [[-2.0, log_std]], eps=0.0)
    longest = length([0.1 * max(1.0, grown), 0.0], min(1.0, np.exp(log_std)))
    assert r.up(0.0, new) == pytest.approx(longest**2, rel=1e-12)


def test_a_step_that_the_outputs_hide_is_not_hidden():
    """Large parameters that cancel in the outputs are rounded all the same."""
    policy = make_policy(spaces.Box(-1, 1, (2,)), spaces.Box(-1, 1, (1,)), ())
    theta, obs = np.array([1.0, 1.0, 0.0, 0.0], "f4"), np.array([[0.7, -0.3]], "f4")
    along = np.array([3.0, 7.0, 0.0, 0.0], "f4")  # no output moves
    here = Rounding.of(policy, theta, obs)
    there = Rounding.of(policy, theta + 1e6 * along, obs)
    assert here.up(0.0, here) < 1e-8
    assert here.up(0.0, there) > 1


@pytest.mark.parametrize(
    ("N", "looked_at"), [(1, 1), (5, 5), (SOME, SOME), (SOME + 1, 65), (1000, 125)]
)
def test_of_a_large_batch_every_nth_state_is_looked_at(N, looked_at, rng):
    policy, theta, obs = random_problem("Box", rng, N=N, hidden=(3,))
    r = Rounding.of(policy, theta, obs)
    assert [len(e) for e in r.errors] == [looked_at] * len(r.errors)
    assert len(r.errors) == -(-ENOUGH // N)
    assert len({e.tobytes() for e in r.errors}) > len(r.errors) / 2  # the signs are others
    every = -(-N // looked_at)
    np.testing.assert_array_equal(r.eta, policy.outputs(theta, obs)[::every])


def test_fewer_states_ask_for_a_larger_factor_by_what_does_not_average(rng):
    """Which falls like 1 / √N."""
    factors = []
    for N in (1, 4, 16, 64):
        policy, theta, obs = random_problem("Box", rng, N=N)
        factors.append(Rounding.of(policy, theta, obs).factor)
    fallen = -np.diff(factors)
    np.testing.assert_allclose(fallen[:-1] / fallen[1:], 2)
    assert 1 < factors[-1] < factors[0]


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_errors_are_those_of_parameters_that_are_each_off_by_a_rounding(precision, rng):
    """Outputs [w x + b, log σ]: off by ε |± w x ± b| and ε |log σ|."""
    policy = make_policy(spaces.Box(-1, 1, (1,)), spaces.Box(-1, 1, (1,)), ())
    theta = np.array([2.0, 0.5, -3.0], precision)
    obs = rng.standard_normal((8, 1)).astype(precision)
    r = Rounding.of(policy, theta, obs)
    eps = np.finfo(precision).eps
    assert r.eps == eps
    x, alike, unlike = obs[:, 0], 0, 0
    for e in r.errors:
        assert e.dtype == precision
        np.testing.assert_allclose(np.abs(e[:, 1]), eps * 3, rtol=1e-6)
        alike += np.allclose(np.abs(e[:, 0]), eps * np.abs(2 * x + 0.5), rtol=1e-4, atol=0)
        unlike += np.allclose(np.abs(e[:, 0]), eps * np.abs(2 * x - 0.5), rtol=1e-4, atol=0)
    assert alike + unlike == len(r.errors) == 4


@pytest.mark.parametrize("kind", ACTION_SPACES)
def test_the_outputs_of_float32_are_off_by_less_than_the_length(kind, rng):
    """The very policy of these float32 numbers, by float64: √KL to what float32 makes of it."""
    policy, theta, obs = random_problem(kind, rng, N=50, hidden=(8, 8))
    theta, obs = theta.astype("f4"), obs.astype("f4")
    exact = policy.outputs(theta.astype(float), obs.astype(float))
    kl = policy.distribution.kl(exact, policy.outputs(theta, obs).astype(float)).mean()
    r = Rounding.of(policy, theta, obs)
    assert np.sqrt(max(kl, 0)) <= r.length(r.eta) < 1e-4


def test_signs_are_even_without_a_pattern_and_the_same_at_every_call():
    signs = random_signs(PERIOD)
    assert set(signs) == {-1.0, 1.0}
    assert abs(signs.mean()) < 0.07  # four standard errors and a half
    for lag in range(1, 65):
        assert abs(np.mean(signs[lag:] * signs[:-lag])) < 0.07
    np.testing.assert_array_equal(random_signs(PERIOD), signs)
    parts = [random_signs(PERIOD // 4, draw) for draw in range(4)]
    np.testing.assert_array_equal(np.concatenate(parts), signs[: 4 * (PERIOD // 4)])


@pytest.mark.parametrize("draw", [0, 1])
def test_after_a_prime_number_of_signs_they_repeat(draw):
    assert all(PERIOD % n for n in range(2, int(np.sqrt(PERIOD)) + 1))
    signs = random_signs(2 * PERIOD + 10, draw)
    assert signs.shape == (2 * PERIOD + 10,)
    once = random_signs(PERIOD, draw)
    np.testing.assert_array_equal(signs, np.concatenate([once, once, once[:10]]))


def test_no_draw_is_another_over_again():
    draws = [random_signs(10_000, draw) for draw in range(4)]
    for i, one in enumerate(draws):
        for other in draws[:i]:
            assert abs(np.mean(one * other)) < 0.07
