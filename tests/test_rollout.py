from dataclasses import replace

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from toys import Countdown, countdowns

from trpo_np import MLP, Settings, generalized_advantages, make_policy, train
from trpo_np.errors import UsageError
from trpo_np.training.estimates import make_batch
from trpo_np.training.normalizer import Normalizer
from trpo_np.training.position import sums_by_episode
from trpo_np.training.rollout import Sampler
from trpo_np.value import ValueFunction


def collect(envs, rng, steps=8):
    sampler = Sampler(envs, seed=0)
    policy = make_policy(envs.single_observation_space, envs.single_action_space, (4,))
    theta = policy.init(rng) + 0.1
    normalizer = Normalizer.fresh(envs.single_observation_space, running=False)
    return policy, theta, sampler, sampler.collect(policy, theta, normalizer, rng, steps)


def test_true_final_observations_and_idle_steps(rng):
    """Episodes of 3 and of 2 steps: 0 1 2 3 | 0 1 2 3 | ..., the step after an end only resets."""
    envs = countdowns({"length": 3}, {"length": 2, "truncate": True})
    _, _, sampler, rollout = collect(envs, rng, steps=8)
    expected = [[0, 1, 2, 3, 0, 1, 2, 3, 0], [0, 1, 2, 0, 1, 2, 0, 1, 2]]
    np.testing.assert_array_equal(rollout.observations[:, :, 0].T, expected)
    np.testing.assert_array_equal(
        rollout.valid.T, [[1, 1, 1, 0, 1, 1, 1, 0], [1, 1, 0] * 2 + [1, 1]]
    )
    np.testing.assert_array_equal(np.nonzero(rollout.terminated[:, 0])[0], [2, 6])
    assert not rollout.terminated[:, 1].any()
    np.testing.assert_array_equal(np.nonzero(rollout.ended[:, 1])[0], [1, 4, 7])
    assert sampler.steps == rollout.valid.sum() == 12
    assert sampler.finished == [(2, 2), (3, 3), (2, 2), (3, 3), (2, 2)]


def test_sums_by_episode_are_those_of_a_plain_loop(rng):
    """Over three rollouts, with episodes that span two of them and with a reward of NaN in one."""
    rewards, ended = rng.standard_normal((30, 4)), rng.random((30, 4)) < 0.2
    rewards[4, 1] = np.nan
    expected, running = [], np.zeros(4)
    for t in range(30):
        running = running + rewards[t]
        expected += list(running[ended[t]])
        running[ended[t]] = 0
    finished, carried = [], np.zeros(4)
    for part in np.split(np.arange(30), [7, 8]):
        sums, carried = sums_by_episode(rewards[part], ended[part], carried)
        finished += list(sums)
    np.testing.assert_allclose(finished, expected, rtol=1e-12)
    np.testing.assert_allclose(carried, running, rtol=1e-12)
    assert np.isnan(finished).sum() == 1


def test_a_rollout_goes_on_where_the_last_one_stopped(rng):
    envs = countdowns({"length": 5})
    policy, theta, sampler, first = collect(envs, rng, steps=5)
    second = sampler.collect(policy, theta, Normalizer.fresh(envs.single_observation_space), rng, 3)
    np.testing.assert_array_equal(second.raw_observations[0], first.raw_observations[-1])
    np.testing.assert_array_equal(second.valid[:, 0], [False, True, True])


def test_idle_steps_are_not_in_the_batch_and_do_not_touch_it(rng):
    envs = countdowns({"length": 3}, {"length": 2, "truncate": True})
    _, _, _, rollout = collect(envs, rng, steps=8)
    value = ValueFunction(MLP((1, 1)))
    w = np.array([2.0, 5.0])  # V(t) = 2 t + 5
    settings = Settings(gamma=0.5, lam=1.0, normalize_advantages=False)
    batch, V, targets = make_batch(rollout, value, w, settings)
    assert len(batch.advantages) == rollout.valid.sum()
    t = batch.observations[:, 0]
    np.testing.assert_allclose(V, 2 * t + 5)
    np.testing.assert_allclose(targets - V, batch.advantages)
    # environment 0 dies at 3: the return from t is 1 + 1/2 + ...; environment 1 is cut off at 2,
    # so V(2) = 9 comes on top
    dies = rollout.valid[:, 0] & (np.arange(8) < 4)
    np.testing.assert_allclose(targets_of(rollout, targets, 0)[: dies.sum()], [1.75, 1.5, 1.0])
    np.testing.assert_allclose(targets_of(rollout, targets, 1)[:2], [1.5 + 9 / 4, 1 + 9 / 2])


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_advantages_are_standardised_and_those_that_hardly_differ_stay_small(precision, rng):
    """(A - mean) / (std + 1e-8), in the networks' precision."""
    _, _, _, rollout = collect(countdowns({"length": 9}, {"length": 4}), rng, steps=20)
    value, w = ValueFunction(MLP((1, 1))), np.zeros(2)
    plain, asked = (Settings(normalize_advantages=x, precision=precision) for x in (False, True))
    for scale in (1.0, 1e-8):
        rewards = scale * (1 + rng.standard_normal(rollout.rewards.shape))
        A = make_batch(replace(rollout, rewards=rewards), value, w, plain)[0].advantages
        batch, _, _ = make_batch(replace(rollout, rewards=rewards), value, w, asked)
        assert batch.advantages.dtype == A.dtype == precision
        expected = (A - A.mean()) / (A.std() + 1e-8)
        np.testing.assert_allclose(batch.advantages, expected, rtol=1e-4, atol=1e-5)
        assert (batch.advantages.std() > 0.99) == (scale == 1)


def targets_of(rollout, targets, env):
    """The targets of one environment, in order of time."""
    full = np.full(rollout.valid.shape, np.nan)
    full[rollout.valid] = targets
    return full[rollout.valid[:, env], env]


@pytest.mark.parametrize("env_id", ["CartPole-v1", "Pendulum-v1", "Acrobot-v1"])
def test_stored_log_probs_are_the_policys_from_index_0_on(env_id, rng):
    envs = gymnasium.make_vec(env_id, num_envs=3)
    policy, theta, _, rollout = collect(envs, rng, steps=40)
    again = policy.log_prob(
        theta,
        rollout.observations[:-1].reshape(120, -1),
        rollout.actions.reshape(120, *rollout.actions.shape[2:]),
    )
    np.testing.assert_allclose(rollout.log_probs.ravel(), again, rtol=1e-12, atol=1e-14)


def test_box_actions_are_clipped_for_the_environment_alone(rng):
    box = spaces.Box(-0.1, 0.1, (2,), np.float32)
    env = Countdown(length=100, action_space=box)
    envs = SyncVectorEnv([lambda: env])
    _, _, _, rollout = collect(envs, rng, steps=50)
    stored, acted = rollout.actions[:, 0], np.array(env.seen)
    assert np.abs(stored).max() > 0.5
    np.testing.assert_array_equal(acted, np.clip(stored, box.low, box.high))


def test_the_value_that_follows_a_truncation_is_that_of_the_true_final_observation(rng):
    """Reward 1 for ever and V = 1 / (1 - γ): no advantage anywhere, truncated or not."""
    envs = countdowns({"length": 4, "truncate": True}, {"length": 7, "truncate": True})
    _, _, _, rollout = collect(envs, rng, steps=30)
    V = np.full((31, 2), 10.0)
    A = generalized_advantages(
        rollout.rewards, V[:-1], V[1:], rollout.terminated, rollout.ended, 0.9, 0.95
    )
    np.testing.assert_allclose(A[rollout.valid], 0, atol=1e-13)


def test_observations_that_are_not_finite_are_named(rng):
    with pytest.raises(UsageError, match="Entry 0 of the observation of environment 0 is nan"):
        collect(countdowns({"length": 9, "bad_at": 2}), rng)


def test_other_autoreset_modes_are_refused():
    envs = SyncVectorEnv([Countdown], autoreset_mode=AutoresetMode.SAME_STEP)
    with pytest.raises(UsageError, match="NEXT_STEP"):
        Sampler(envs, seed=0)


def test_the_last_batch_does_not_overstep_the_limit():
    result = train("CartPole-v1", total_steps=1000, settings=Settings(batch_size=320))
    assert 640 < result.history[-1].steps <= 1000
