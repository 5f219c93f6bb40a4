"""What the docstrings of sampling, training and evaluation promise beside their formulas: defaults,
copies, boundaries, and one sentence for what cannot be."""

import csv
import io
import json
import re
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import SyncVectorEnv
from sentences import is_a_sentence
from toys import Countdown, countdowns

from trpo_np import (
    PPO,
    TRPO,
    Agent,
    DiagonalGaussian,
    Settings,
    evaluate,
    make_policy,
    train,
)
from trpo_np.errors import UsageError
from trpo_np.experiments.storage import load_run, save_run
from trpo_np.training import asking, exchange
from trpo_np.training.answers import answered
from trpo_np.training.environments import source
from trpo_np.training.episodes import Episodes, play
from trpo_np.training.history import about_history, csv_of, history_arrays
from trpo_np.training.normalizer import CLIP, Normalizer
from trpo_np.training.notes import Note
from trpo_np.training.position import Position, there
from trpo_np.training.rollout import Sampler
from trpo_np.training.single import Single
from trpo_np.training.start import new_run, resumed_run
from trpo_np.training.train import _reaches

BOX = spaces.Box(-np.inf, np.inf, (3,), np.float64)
SMALL = Settings(batch_size=64, num_envs=4, hidden=(4,))


def one_sentence(work, words):
    """What the work is refused by."""
    with pytest.raises(UsageError, match=words) as error:
        work()
    assert is_a_sentence(str(error.value))


# Normalizer


def test_a_fresh_normalizer_has_seen_nothing():
    fresh = Normalizer.fresh(BOX)
    assert (fresh.running, fresh.precision, fresh.count) == (True, "float64", 0)
    np.testing.assert_array_equal(fresh.mean, np.zeros(3))
    np.testing.assert_array_equal(fresh.variance, np.ones(3))
    assert fresh.updated(np.zeros((0, 3))) is fresh


def test_what_does_not_run_only_makes_flat(rng):
    still, x = Normalizer.fresh(BOX, running=False), 100 * rng.standard_normal((5, 3))
    assert still.updated(x) is still
    np.testing.assert_array_equal(still(x), x)


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("running", [True, False])
def test_networks_are_given_their_own_precision(precision, running, rng):
    normalizer = Normalizer.fresh(BOX, running, precision)
    assert normalizer(rng.standard_normal((5, 3))).dtype == precision
    assert normalizer.flat(rng.standard_normal((5, 3)).astype("f4")).dtype == float


@pytest.mark.parametrize("kind", [list, np.float32, np.float64, int])
def test_flat_rows_are_an_array_of_their_own(kind):
    given = [[1, 2, 3], [4, 5, 6]] if kind is list else np.arange(1, 7).reshape(2, 3).astype(kind)
    flat = Normalizer.fresh(BOX).flat(given)
    np.testing.assert_array_equal(flat, [[1, 2, 3], [4, 5, 6]])
    assert flat.dtype == float
    assert not np.shares_memory(flat, given)


def test_single_numbers_become_columns():
    normalizer = Normalizer.fresh(spaces.Box(-1, 1, (), np.float64), running=False)
    np.testing.assert_array_equal(normalizer(np.array([0.5, 0.25])), [[0.5], [0.25]])


@pytest.mark.parametrize(
    "observations", [np.zeros((5, 2)), np.zeros(3), np.zeros(()), np.zeros((2, 3, 1))]
)
def test_other_shapes_are_no_observations(observations):
    one_sentence(lambda: Normalizer.fresh(BOX).flat(observations), "observations have the shape")


def test_normalised_observations_are_cut_off_on_both_sides():
    far = np.array([[1e6, -1e6, 3.0]])
    np.testing.assert_allclose(Normalizer.fresh(BOX)(far), [[CLIP, -CLIP, 3]], rtol=1e-7)


def test_what_never_varied_is_divided_by_a_ten_thousandth():
    constant = Normalizer.fresh(BOX).updated(np.ones((10, 3)))
    np.testing.assert_allclose(constant(np.full((1, 3), 1 + 1e-5)), np.full((1, 3), 0.1), rtol=1e-6)


def test_two_halves_are_weighed_by_their_numbers(rng):
    """3 rows far away and 97 near 0: mean and variance of all 100, in either order."""
    far, near = 50 + rng.standard_normal((3, 3)), rng.standard_normal((97, 3))
    both = np.vstack([far, near])
    for parts in ((far, near), (near, far)):
        normalizer = Normalizer.fresh(BOX)
        for part in parts:
            normalizer = normalizer.updated(part)
        assert normalizer.count == 100
        np.testing.assert_allclose(normalizer.mean, both.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(normalizer.variance, both.var(axis=0), rtol=1e-12)


def test_the_environment_whose_number_is_none_is_named():
    normalizer = Normalizer.fresh(spaces.Discrete(3, start=5))
    one_sentence(lambda: normalizer.flat(np.array([5, 7, 8, 9])), "environment 2 is 8, none .* 3:")


# Exchange


def test_finite_observations_are_passed_on_as_they_are():
    for x in (np.full((2, 3), 1.0), np.full((2, 3), 1e99), np.array([[1e100, -1e100]])):
        assert exchange.finite(x) is x


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1.1e100, -1e300])
def test_the_entry_that_is_not_finite_is_named(bad):
    x = np.zeros((3, 4))
    x[2, 1] = bad
    one_sentence(lambda: exchange.finite(x), "Entry 1 of the observation of environment 2 is ")


def test_rewards_that_do_not_count_may_be_anything(rng):
    rewards, counts = np.array([[1.0, np.nan], [np.inf, 1e100]]), np.array([[1, 0], [0, 1]], bool)
    assert exchange.rewarded(rewards, counts) is rewards
    one_sentence(lambda: exchange.rewarded(rewards, ~counts), "reward of environment 1 is nan")
    one_sentence(
        lambda: exchange.rewarded(np.array([0.0, 1.1e100]), np.ones(2, bool)),
        "environment 1 is 1.1e",
    )


@pytest.mark.parametrize("kind", [float, int, np.uint8, bool, np.float32])
def test_rewards_of_any_kind_of_number_are_numbers(kind):
    rewards = np.ones(3, kind)
    assert exchange.rewarded(rewards, np.ones(3, bool)) is rewards


@pytest.mark.parametrize(
    "rewards", [np.ones((3, 1)), np.ones(2), np.ones(3, complex), np.array("abc")]
)
def test_rewards_are_one_number_for_each_environment(rewards):
    one_sentence(lambda: exchange.rewarded(rewards, np.ones(3, bool)), r"\(3,\) is wanted")


def test_what_a_step_raises_is_told_with_its_kind():
    class Raising:
        def __init__(self, error):
            self.error = error

        def step(self, actions):
            raise self.error

    one_sentence(
        lambda: asking.stepped(Raising(ZeroDivisionError("by zero")), None),
        "step raised ZeroDivisionError: by zero",
    )
    mine = UsageError("This is one already.")
    with pytest.raises(UsageError) as error:
        asking.stepped(Raising(mine), None)
    assert error.value is mine
    with pytest.raises(KeyboardInterrupt):
        asking.stepped(Raising(KeyboardInterrupt()), None)


def test_only_a_boxes_actions_are_cut_off():
    actions = np.array([0, 5, 9])
    assert exchange.clipped(actions, spaces.Discrete(3)) is actions
    box = spaces.Box(np.array([-1.0, 0.0]), np.array([1.0, 2.0]), dtype=np.float64)
    np.testing.assert_array_equal(
        exchange.clipped(np.array([[-3.0, -3], [3, 3]]), box), [[-1, 0], [1, 2]]
    )


def test_the_environment_whose_reward_is_no_number_is_named():
    class Paying(Countdown):
        def __init__(self, reward):
            super().__init__()
            self.reward = reward

        def step(self, action):
            observation, _, *rest = super().step(action)
            return observation, self.reward, *rest

    for reward in (2, 2.5, True, np.float32(1), np.array(3)):
        env = Single(Paying(reward), 3)
        env.reset()
        assert env.step(0)[1] == reward
    for reward in ("2", None, [1.0], np.ones(1), 1j):
        env = Single(Paying(reward), 3)
        env.reset()
        words = f"The reward of environment 3 is {re.escape(repr(reward))}: "
        one_sentence(lambda env=env: env.step(0), words)


def test_environments_that_reset_in_a_step_of_their_own_are_passed_on():
    envs = countdowns({})
    assert exchange.next_step(envs) is envs
    one_sentence(
        lambda: exchange.next_step(SimpleNamespace(metadata={})), "mode is None: .*NEXT_STEP"
    )


# Episodes


def test_a_watcher_sees_every_state_and_the_last():
    seen = []
    envs = countdowns({"length": 3}, {"length": 2})
    play(lambda o: np.zeros(2, int), envs, 0, watch=lambda envs: seen.append(envs.envs[0].t))
    assert seen == [0, 1, 2, 3]


def test_who_acts_sees_a_state_under_way_where_an_episode_is_over():
    seen = []

    def act(observations):
        seen.append(observations[:, 0].tolist())
        return np.zeros(len(observations), int)

    play(act, countdowns({"length": 1}, {"length": 4}, {"length": 3}), 0)
    assert seen == [[0, 0, 0], [1, 1, 1], [2, 2, 2], [3, 3, 3]]


class Seeded(Countdown):
    """Shows the seed that it was reset with, and pays it."""

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.seed = seed
        return np.array([float(-1 if seed is None else seed)]), {}

    def step(self, action):
        observation, _, *rest = super().step(action)
        return observation, float(-1 if self.seed is None else self.seed), *rest


def test_every_episode_has_a_seed_of_its_own_from_the_one_that_is_given():
    played = play(lambda o: np.zeros(2, int), SyncVectorEnv([Seeded] * 2), 30)
    np.testing.assert_array_equal(played.returns, [3 * 30, 3 * 31])
    assert (played.returns.dtype, played.lengths.dtype) == (float, int)


# Agents


def agent_for(env, rng):
    made_from = source(env)
    observations, actions = made_from.spaces()
    policy = make_policy(observations, actions, (4,))
    theta = policy.init(rng) + 0.5 * rng.standard_normal(policy.num_parameters)
    return Agent(policy, theta, Normalizer.fresh(observations), made_from)


class Choosing(Countdown):
    """Pays the number of the action, and the seed's last digit."""

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.paid = (seed or 0) % 10 / 100
        return np.array([self.paid]), {}

    def step(self, action):
        observation, _, *rest = super().step(action)
        return observation + self.paid, float(action) + self.paid, *rest


def test_an_evaluation_is_of_100_episodes_from_seed_0_with_the_most_likely_actions(rng):
    agent = agent_for(Choosing, rng)
    returns = agent.evaluate()
    assert returns.shape == (100,)
    np.testing.assert_array_equal(returns, agent.evaluate(100, 0, False))
    np.testing.assert_array_equal(returns, evaluate(agent))
    np.testing.assert_array_equal(agent.episodes().returns, returns)
    assert (returns != agent.evaluate(seed=1)).any()
    sampled = agent.evaluate(50, 3, True)
    np.testing.assert_array_equal(sampled, evaluate(agent, 50, 3, True))
    np.testing.assert_array_equal(sampled, agent.episodes(50, 3, True).returns)
    assert (sampled != agent.evaluate(50, 3)).any()


def test_there_is_at_least_one_episode(rng):
    agent = agent_for(Countdown, rng)
    one_sentence(lambda: agent.episodes(0), "^episodes = 0 is not possible")


def test_sampled_actions_differ_within_an_episode_and_follow_the_policy(rng):
    agent = agent_for(Choosing, rng)
    obs = np.zeros((4000, 1))
    drawn = agent.act(obs, rng)
    p = np.exp(agent.policy.log_prob(agent.theta, agent.normalizer(obs[:1]), [1]))[0]
    assert abs(drawn.mean() - p) < 4 * np.sqrt(p * (1 - p) / 4000)
    assert (agent.act(obs) == int(p > 0.5)).all()


def test_paths_may_be_words(rng, tmp_path):
    agent = agent_for("CartPole-v1", rng)
    agent.save(str(tmp_path / "a.npz"))
    np.testing.assert_array_equal(Agent.load(str(tmp_path / "a.npz")).theta, agent.theta)


def test_an_evaluation_says_how_many_episodes_were_cut_off(rng, monkeypatch):
    agent, played = agent_for(Countdown, rng), Episodes(np.arange(5.0), np.ones(5, int), 2)
    monkeypatch.setattr(Agent, "episodes", lambda self, *how: played)
    with pytest.warns(Note) as heard:
        assert agent.evaluate(5) is played.returns
    said = "2 of 5 episodes were cut off after 10,000 steps: their returns are those so far."
    assert str(heard[0].message) == said


def test_a_file_is_not_trusted_unless_that_is_said(rng, tmp_path, monkeypatch):
    agent, asked = agent_for("CartPole-v1", rng), []
    agent.save(tmp_path / "a.npz")

    def read(path, *how):
        asked.append(how)
        return agent.policy, agent.theta, agent.normalizer, agent.env

    monkeypatch.setattr("trpo_np.training.agent.read_agent", read)
    Agent.load(tmp_path / "a.npz")
    given = "Acrobot-v1", lambda *spaces_and_widths: None, True, 3.0
    Agent.load(tmp_path / "a.npz", *given)
    assert asked == [(None, make_policy, False, None), given]


def test_what_evaluate_is_not_given_an_agent_it_says(rng):
    one_sentence(lambda: evaluate(3), "evaluate takes an agent, as .*int")


# Runs


class Enough(Exception):  # noqa: N818
    """Ends a run before its time."""


def after_one_iteration(*asked, **how):
    """The result after the first iteration."""
    kept = []

    def stop(result):
        kept.append(result)
        raise Enough

    with pytest.raises(Enough):
        train(*asked, **how, on_iteration=stop)
    return kept[0]


def test_a_run_is_trpo_of_100_000_steps_from_seed_0_unless_told_otherwise():
    result = after_one_iteration(Countdown)
    assert (result.total_steps, result.seed, result.until_solved) == (100_000, 0, False)
    assert (result.update, result.settings) == (TRPO(), Settings())
    asked = PPO(epochs=1), 640, 5, SMALL
    other = after_one_iteration(Countdown, *asked)
    assert (other.update, other.total_steps, other.seed, other.settings) == asked
    assert not other.solved


def test_a_row_counts_what_has_been():
    """Episodes of three steps and one that only resets, in 4 environments of 16 steps a batch."""
    rows = train(Countdown, TRPO(), 208, 0, SMALL).history
    assert [row.iteration for row in rows] == [1, 2, 3, 4]
    assert [row.steps for row in rows] == [48, 96, 144, 192]
    assert [row.episodes for row in rows] == [16, 32, 48, 64]
    for row in rows:
        assert (row.mean_return, row.mean_length, row.return_age) == (3, 3, 0)
        assert row.accepted == (row.status == "accepted")
        assert 0 < row.entropy <= np.log(2)
        assert row.value_error_after <= row.value_error_before


def test_the_age_of_a_return_is_counted_in_steps():
    """One episode of 30 steps in four batches of 8."""
    settings = replace(SMALL, batch_size=8, num_envs=1)
    rows = train(lambda: Countdown(length=30), TRPO(), 60, 0, settings).history
    assert np.isnan([row.mean_return for row in rows[:3]]).all()
    assert [row.return_age for row in rows[:6]] == [8, 16, 24, 0, 8, 16]
    assert [row.mean_length for row in rows[3:6]] == [30, 30, 30]


@dataclass(frozen=True)
class Silent:
    """A report that does not say whether it was accepted."""

    size: float = 1.5


def test_a_report_that_does_not_say_so_was_accepted():
    rows = train(Countdown, lambda p, t, b, rng: (t + 0, Silent()), 64, 0, SMALL).history
    assert [(row.accepted, row.size) for row in rows] == [(True, 1.5)]


@pytest.mark.parametrize("answer", [None, (1,), (1, 2, 3), [1, 2], 3.0])
def test_what_an_update_returns_is_a_pair(answer):
    work = lambda: train(Countdown, lambda *given: answer, 64, 0, SMALL)  # noqa: E731
    one_sentence(work, f"update returned {type(answer).__name__}: the new theta")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_theta_that_is_not_finite_is_named_by_its_first_bad_entry(bad):
    theta = np.zeros(6)
    with pytest.raises(UsageError) as error:
        answered((np.array([0, 1, 2, bad, 4, np.nan]), Silent()), theta)
    assert str(error.value) == (
        f"The update returned a theta whose entry 3 is {bad}: where it comes to no finite numbers, "
        "have it return the theta that it was given."
    )
    new = np.ones(6)
    assert answered((new, Silent()), theta)[0] is new


@pytest.mark.parametrize("said", [True, False])
def test_a_report_may_say_itself_whether_it_was_accepted(said):
    @dataclass(frozen=True)
    class Frank:
        accepted: bool = said

    rows = train(Countdown, lambda p, t, b, rng: (t, Frank()), 64, 0, SMALL).history
    assert [row.accepted for row in rows] == [said]


@pytest.mark.parametrize("wrong", [lambda t: t[:-1], lambda t: None, lambda t: t.astype(str)])
def test_what_an_update_makes_of_theta_is_another_theta(wrong):
    work = lambda: train(Countdown, lambda p, t, *_: (wrong(t), Silent()), 64, 0, SMALL)  # noqa: E731
    one_sentence(work, "A part of the update gave ")


@pytest.mark.parametrize("name", ["steps", "entropy", "value_status", "iteration"])
def test_a_reports_columns_have_names_of_their_own(name):
    report = type("Report", (), {"__annotations__": {name: int}, name: 1})
    report = dataclass(frozen=True)(report)
    work = lambda: train(Countdown, lambda p, t, *_: (t, report()), 64, 0, SMALL)  # noqa: E731
    one_sentence(work, f"the column {name}, which every row")


def test_state_is_handed_on_only_where_there_is_one():
    given = []

    @dataclass(frozen=True)
    class Counting:
        state: object = None

    def update(policy, theta, batch, rng, **more):
        given.append(more)
        return theta, Counting(len(given) if len(given) < 3 else None)

    result = train(Countdown, update, 208, 0, SMALL)
    assert given == [{}, {"state": 1}, {"state": 2}, {}]
    assert (result.state, result.report) == (None, Counting(None))


def test_rates_are_of_each_iteration():
    result = train(Countdown, TRPO(), 200, 0, SMALL)
    assert len(result.speeds) == len(result.history)
    assert all(rate > 0 for speed in result.speeds for rate in speed)


def test_rates_are_steps_by_the_seconds_of_sampling_and_of_the_rest(monkeypatch):
    seconds = iter([10.0, 12.0, 17.0])
    monkeypatch.setattr("trpo_np.training.train.perf_counter", lambda: next(seconds))
    (speed,) = train(lambda: Countdown(length=10**6), TRPO(), 64, 0, SMALL).speeds
    assert (speed.sampling, speed.updating) == (64 / 2, 64 / 5)


def test_environments_begin_from_seeds_that_differ_from_run_to_run():
    """From 0 to 2^31 - 1, which every environment takes."""
    env = source(Countdown)
    runs = [new_run(env, None, 64, seed, SMALL, make_policy, False) for seed in range(30)]
    seeds = [run.env_seed for run in runs]
    assert len(set(seeds)) == 30
    assert 0 <= min(seeds) < max(seeds) < 2**31


def test_the_value_functions_products_may_see_a_share_of_the_states():
    whole = train(Countdown, TRPO(), 64, 0, SMALL)
    some, again = (
        train(Countdown, TRPO(), 64, 0, replace(SMALL, value_fraction=0.5)) for _ in "ab"
    )
    assert (some.w != whole.w).any()
    np.testing.assert_array_equal(some.w, again.w)


def test_what_environments_may_take_is_asked_of_them():
    assert train(Countdown, TRPO(), 64, 0, SMALL, step_seconds=50).env.step_seconds == 50
    one_sentence(
        lambda: train(Countdown, TRPO(), 64, 0, SMALL, vectorization="both"),
        "vectorization = 'both' is not possible",
    )


def test_environments_are_closed_however_a_run_ends():
    closed = []

    class Closing(Countdown):
        def close(self):
            closed.append(self)

    train(Closing, TRPO(), 64, 0, SMALL)
    assert len(set(map(id, closed))) >= 4
    closed.clear()
    after_one_iteration(Closing, TRPO(), 640, 0, SMALL)
    assert len(set(map(id, closed))) >= 4


def test_a_run_goes_up_to_its_steps_and_no_further():
    """A batch may have as many as 64: 64 + 64 fit into 128 where every one counts."""
    for total, rows in ((64, 1), (127, 1), (128, 2)):
        history = train(lambda: Countdown(length=10**6), TRPO(), total, 0, SMALL).history
        assert len(history) == rows
        assert history[-1].steps == 64 * rows


def test_a_run_that_is_solved_stops_there(monkeypatch):
    """CartPole at a mean return of 475; here of 2, which is every episode's."""
    spec = gymnasium.envs.registration.EnvSpec(
        "Easy-v0", entry_point=Countdown, reward_threshold=3.0
    )
    monkeypatch.setitem(gymnasium.registry, "Easy-v0", spec)
    result = train("Easy-v0", TRPO(), 640, 0, SMALL, until_solved=True)
    assert (result.solved, len(result.history)) == (True, 1)
    assert len(train(resume=result, total_steps=1280).history) == 1
    on = train(resume=result, total_steps=256, until_solved=False)
    assert (on.solved, on.until_solved, len(on.history) > 1) == (False, False, True)
    spec.reward_threshold = 3.5
    monkeypatch.setattr("trpo_np.training.train._reaches", None)  # not even asked
    never = train("Easy-v0", TRPO(), 256, 0, SMALL, until_solved=True)
    assert (never.solved, len(never.history) > 1) == (False, True)
    assert not train("Easy-v0", TRPO(), 256, 0, SMALL).solved


def test_environments_take_their_arguments():
    result = train(Countdown, TRPO(), 64, 0, SMALL, env_arguments={"length": 7})
    assert result.history[-1].mean_length == 7
    assert result.env.arguments == {"length": 7}


def test_policies_are_made_for_the_spaces_and_the_widths():
    asked = []

    def mine(observations, actions, hidden):
        asked.append((observations, actions, hidden))
        return make_policy(observations, actions, (3,))

    result = train(Countdown, TRPO(), 64, 0, SMALL, make_policy=mine)
    assert asked == [(Countdown.observation_space, spaces.Discrete(2), (4,))]
    assert result.policy.network.sizes == (1, 3, 2)
    assert result.value.network.sizes == (1, 4, 1)


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_parameters_are_in_the_precision_asked_for_from_the_start(precision):
    result = after_one_iteration(Countdown, TRPO(), 64, 0, replace(SMALL, precision=precision))
    assert result.theta.dtype == result.w.dtype == precision
    assert result.normalizer.precision == precision


def test_observations_are_normalised_unless_told_otherwise():
    for running in (True, False):
        how = replace(SMALL, normalize_observations=running)
        normalizer = train(Countdown, TRPO(), 64, 0, how).normalizer
        assert normalizer.running == running
        assert (normalizer.count > 0) == running


# Going on


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"seed": 1}, "seed = 1 is not possible: the run to resume has 0"),
        ({"settings": Settings()}, "settings = .* is not possible: the run to resume has"),
        ({"env_arguments": {"length": 4}}, "env_arguments = .* the run to resume has {}"),
        ({"update": PPO()}, "A run goes on with its own update"),
        ({"total_steps": True}, "total_steps = True is not possible: it must be an integer"),
        ({"total_steps": 2.5}, "total_steps = 2.5 is not possible: it must be an integer"),
    ],
)
def test_a_run_goes_on_as_itself(given, words):
    result = train(Countdown, TRPO(), 64, 0, SMALL)
    one_sentence(lambda: train(resume=result, **given), words)


def test_a_run_may_be_told_again_what_it_is():
    result = train(Countdown, TRPO(), 64, 0, SMALL)
    again = train(Countdown, TRPO(), 128, 0, SMALL, resume=result, env_arguments={})
    whole = train(Countdown, TRPO(), 128, 0, SMALL)
    np.testing.assert_array_equal(again.theta, whole.theta)
    assert again.total_steps == 128
    assert (len(again.speeds), len(result.speeds)) == (len(whole.speeds), 1)


def test_a_run_of_ones_own_goes_on_from_its_file_with_what_it_was_made_of(tmp_path):
    """The same update again, an environment's function, and a policy of another width."""

    def mine(observations, actions, hidden):
        return make_policy(observations, actions, (3,))

    save_run(train(Countdown, TRPO(), 64, 0, SMALL, make_policy=mine), tmp_path / "run")
    given = TRPO()
    how = {"total_steps": 128, "make_policy": mine, "update": given}
    again = train(Countdown, **how, resume=tmp_path / "run")
    whole = train(Countdown, TRPO(), 128, 0, SMALL, make_policy=mine)
    np.testing.assert_array_equal(again.theta, whole.theta)
    further = train(Countdown, resume=whole, update=given)
    assert again.update is further.update is given


def test_a_result_goes_on_in_another_environment_with_its_arguments():
    class Other(Countdown):
        made = 0

        def __init__(self, *how, **more):
            type(self).made += 1
            super().__init__(*how, **more)

    first = train(Countdown, TRPO(), 64, 0, SMALL, env_arguments={"length": 7})
    on = train(Other, resume=first, total_steps=128)
    assert Other.made >= 4
    assert on.env.arguments == {"length": 7}
    assert on.history[-1].mean_length == 7
    assert first.env.arguments == {"length": 7}


def test_a_file_goes_on_without_trust_and_limits_unless_they_are_asked_for(monkeypatch):
    run, asked = train(Countdown, TRPO(), 64, 0, SMALL), []
    monkeypatch.setattr("trpo_np.training.start.file_of", lambda path: path)
    monkeypatch.setattr(
        "trpo_np.training.start.load_checkpoint", lambda *how: asked.append(how) or run
    )
    train(resume="a")
    update = TRPO()
    train(Countdown, update, resume="b", trust=True, step_seconds=50.0)
    assert asked == [
        (Path("a"), None, None, make_policy, False, None),
        (Path("b"), Countdown, update, make_policy, True, 50.0),
    ]
    monkeypatch.undo()
    assert train(resume=run, step_seconds=50).env.step_seconds == 50


def test_whether_a_run_is_solved_is_asked_of_episodes_with_seeds_of_their_own():
    """By the run's seed and how far it is, and by nothing else."""
    seeds = []

    def asked_at(seed, rows):
        played = lambda number, seed: seeds.append(seed) or SimpleNamespace(returns=[1.0, 2.0])  # noqa: E731
        agent = SimpleNamespace(episodes=played)
        result = SimpleNamespace(seed=seed, history=[None] * rows, agent=agent)
        return _reaches(1.5, result), _reaches(1.6, result)

    assert [asked_at(seed, rows) for seed in range(6) for rows in range(5)] == [(True, False)] * 30
    assert seeds[::2] == seeds[1::2]
    assert len(set(seeds)) == 30
    assert 0 <= min(seeds) < max(seeds) < 2**31


def test_resuming_keeps_what_is_not_said():
    run = train(Countdown, TRPO(), 64, 3, SMALL)
    nothing = {"seed": None, "settings": None, "env_arguments": None}
    same = resumed_run(run, None, None, None, nothing, make_policy, None)
    assert (same.total_steps, same.until_solved, same.solved) == (64, False, False)
    assert same.env == run.env
    assert same is not run
    more = resumed_run(run, None, None, np.int64(99), nothing, make_policy, True)
    assert (more.total_steps, type(more.total_steps), more.until_solved) == (99, int, True)


@pytest.mark.parametrize("steps", [63, 0, -1, True, 64.0, "64", None])
def test_a_run_has_at_least_one_batch(steps):
    if steps is None:
        return
    one_sentence(
        lambda: train(Countdown, TRPO(), steps, 0, SMALL),
        f"total_steps = {steps!r} is not possible: it must be an integer of at least one batch, 64",
    )


def test_a_batch_is_rounded_down_to_whole_steps_of_all_environments():
    settings = Settings(batch_size=70, num_envs=4, hidden=(4,))
    assert settings.steps_per_env == 17
    history = train(lambda: Countdown(length=10**6), TRPO(), 68, 0, settings).history
    assert [row.steps for row in history] == [68]


# Positions


def followers(*makers):
    """Environments of which each can follow another."""
    return SyncVectorEnv([lambda m=m, e=e: Single(m(), e) for e, m in enumerate(makers)])


def five_and_three():
    """Episodes of 5 and of 3 steps."""
    return followers(lambda: Countdown(5), lambda: Countdown(3))


def test_a_position_begins_with_nothing_under_way():
    p = Position.first(np.ones((3, 2)), 7)
    assert (p.steps, p.newest_end, p.finished, p.trace.seed) == (0, 0, [], 7)
    for zeros, kind in ((p.resetting, bool), (p.returns, float), (p.lengths, int)):
        np.testing.assert_array_equal(zeros, np.zeros(3))
        assert zeros.dtype == kind


def test_returns_and_lengths_go_on_from_one_rollout_to_the_next(rng):
    envs = countdowns({"length": 5}, {"length": 3})
    sampler = Sampler(envs, 0)
    policy = make_policy(envs.single_observation_space, envs.single_action_space, (4,))
    how = policy, policy.init(rng), Normalizer.fresh(envs.single_observation_space), rng
    for _ in range(2):
        sampler.collect(*how, 2)
    p = sampler.position
    assert p.finished == [(3.0, 3)]
    assert [type(x) for x in p.finished[0]] == [float, int]
    np.testing.assert_array_equal(p.lengths, [4, 0])
    np.testing.assert_array_equal(p.returns, [4, 0])
    assert (p.steps, p.newest_end) == (7, 7)
    sampler.collect(*how, 1)
    assert sampler.position.finished == [(3.0, 3), (5.0, 5)]
    assert (sampler.steps, sampler.position.newest_end) == (9, 9)
    sampler.collect(*how, 1)
    assert (sampler.steps, sampler.position.newest_end) == (10, 9)
    assert p.finished == [(3.0, 3)]


def test_where_environments_can_follow_they_are_where_they_were(rng):
    envs = five_and_three()
    sampler = Sampler(envs, 0)
    policy = make_policy(envs.single_observation_space, envs.single_action_space, (4,))
    how = policy, policy.init(rng), Normalizer.fresh(envs.single_observation_space), rng
    sampler.collect(*how, 4)
    fresh = five_and_three()
    assert there(fresh, sampler.position) is sampler.position
    state = rng.bit_generator.state
    on = Sampler.at(five_and_three(), sampler.position)
    ours = on.collect(*how, 6)
    rng.bit_generator.state = state
    theirs = sampler.collect(*how, 6)
    for name, array in vars(theirs).items():
        np.testing.assert_array_equal(getattr(ours, name), array)


def test_an_environment_that_cannot_follow_begins_anew_and_the_others_are_where_they_were(rng):
    """The middle one of three counts its episodes, and shows how many."""

    class Counting(Countdown):
        begun = 0

        def reset(self, **how):
            type(self).begun += 1
            _, info = super().reset(**how)
            return np.full(1, 100.0 * self.begun), info

        def step(self, action):
            observation, *rest = super().step(action)
            return observation + 100 * self.begun, *rest

    def made():
        return followers(Countdown, Counting, Countdown)

    sampler = Sampler(made(), 3)
    policy = make_policy(Countdown.observation_space, spaces.Discrete(2), (4,))
    how = policy, policy.init(rng), Normalizer.fresh(Countdown.observation_space), rng
    sampler.collect(*how, 2)
    p = sampler.position
    envs = made()
    with pytest.warns(Note, match="1 of 3 environments cannot be brought back") as heard:
        q = there(envs, p)
    assert str(heard[0].message).endswith("would have been.")
    np.testing.assert_array_equal(q.lengths, [2, 0, 2])
    np.testing.assert_array_equal(q.returns, [2, 0, 2])
    np.testing.assert_array_equal(q.observation[[0, 2]], p.observation[[0, 2]])
    assert q.observation[1] == 100 * Counting.begun
    assert not q.resetting.any()
    assert (q.steps, q.newest_end, q.finished) == (p.steps, p.newest_end, p.finished)
    assert set(q.trace.start) == {1}
    assert p.trace.start == {}
    assert [env.unwrapped.t for env in envs.envs] == [2, 0, 2]
    with warnings.catch_warnings(action="ignore", category=Note):
        starts = [there(made(), replace(p, steps=n)).trace.start[1] for n in (1, 2, 2)]
    assert starts[0] != starts[1] == starts[2]  # by where the run stands, and by nothing else


def test_environments_that_step_together_all_begin_anew(rng):
    """Each shows the seed that it begins with: one after the other from a new one."""

    def made():
        return SyncVectorEnv([Seeded] * 2)

    sampler = Sampler(made(), 3)
    policy = make_policy(Seeded.observation_space, spaces.Discrete(2), (4,))
    how = policy, policy.init(rng), Normalizer.fresh(Seeded.observation_space), rng
    sampler.collect(*how, 4)
    p = sampler.position
    assert (p.steps, p.newest_end) == (6, 6)
    with pytest.warns(Note, match="2 of 2 environments cannot be brought back"):
        q = there(made(), p)
    assert (q.steps, q.newest_end, q.finished) == (p.steps, p.newest_end, p.finished)
    np.testing.assert_array_equal(q.observation[:, 0], q.trace.seed + np.arange(2))
    assert q.trace.seed not in (3, 4)
    with warnings.catch_warnings(action="ignore", category=Note):
        seeds = [there(made(), replace(p, steps=n)).trace.seed for n in range(30)]
    assert len(set(seeds)) == 30
    assert 0 <= min(seeds) < max(seeds) < 2**31
    for zeros in (q.resetting, q.returns, q.lengths):
        np.testing.assert_array_equal(zeros, np.zeros(2))


def test_what_is_paid_for_a_step_that_only_resets_does_not_count(rng):
    class Paying(SyncVectorEnv):
        def step(self, actions):
            observations, rewards, *rest = super().step(actions)
            return observations, np.ones_like(rewards), *rest

    envs = Paying([Countdown] * 2)
    policy = make_policy(Countdown.observation_space, spaces.Discrete(2), (4,))
    normalizer = Normalizer.fresh(Countdown.observation_space)
    sampler = Sampler(envs, 0)
    rollout = sampler.collect(policy, policy.init(rng), normalizer, rng, 8)
    np.testing.assert_array_equal(rollout.rewards, rollout.valid)
    assert sampler.finished == [(3.0, 3)] * 4


def test_a_reward_that_counts_is_a_number(rng):
    class Broken(SyncVectorEnv):
        def step(self, actions):
            observations, rewards, *rest = super().step(actions)
            return observations, rewards * np.nan, *rest

    policy = make_policy(Countdown.observation_space, spaces.Discrete(2), (4,))
    how = policy, policy.init(rng), Normalizer.fresh(Countdown.observation_space), rng, 2
    one_sentence(
        lambda: Sampler(Broken([Countdown]), 0).collect(*how), "reward of environment 0 is nan"
    )


def test_a_rollout_has_the_shapes_that_it_says(rng):
    box = spaces.Box(-1, 1, (2,), np.float32)
    envs = countdowns(*[{"action_space": box}] * 3)
    policy = make_policy(envs.single_observation_space, box, (4,))
    normalizer = Normalizer.fresh(envs.single_observation_space, precision="float32")
    seen = normalizer.updated(3 + rng.standard_normal((10, 1)))
    rollout = Sampler(envs, 0).collect(policy, policy.init(rng).astype("f4"), seen, rng, 5)
    assert rollout.observations.shape == rollout.raw_observations.shape == (6, 3, 1)
    assert rollout.actions.shape == (5, 3, 2)
    for name in ("log_probs", "entropies", "rewards", "terminated", "ended", "valid"):
        assert getattr(rollout, name).shape == (5, 3)
    for t in range(6):
        np.testing.assert_array_equal(
            rollout.observations[t], seen.scaled(rollout.raw_observations[t])
        )
    np.testing.assert_allclose(
        rollout.entropies[0], policy.entropy(policy.init(rng), rollout.observations[0])
    )
    assert (rollout.actions.dtype, rollout.observations.dtype) == (np.float32, np.float32)
    assert (rollout.rewards[~rollout.valid] == 0).all()
    assert (rollout.rewards[rollout.valid] == 1).all()


# History and storage


def test_a_table_reads_back_as_it_was_written():
    rows = train(Countdown, TRPO(), 200, 0, SMALL).history
    read = list(csv.DictReader(io.StringIO(csv_of(rows))))
    assert len(read) == len(rows) == about_history(rows)["rows"]
    assert list(read[0]) == list(vars(rows[0])) == about_history(rows)["columns"]
    for line, row in zip(read, rows, strict=True):
        assert line == {name: str(value) for name, value in vars(row).items()}
    arrays = history_arrays(rows)
    assert set(arrays) == {f"history_{name}" for name in vars(rows[0])}
    np.testing.assert_array_equal(arrays["history_steps"], [row.steps for row in rows])
    assert "\r" not in csv_of(rows)


def test_no_rows_are_no_columns():
    assert about_history([]) == {"rows": 0, "columns": []}
    assert history_arrays([]) == {}


def test_a_runs_folder_has_its_four_files_and_reads_back(tmp_path):
    result = train("CartPole-v1", TRPO(), 200, 0, SMALL)
    save_run(result, tmp_path / "deep" / "run")
    save_run(result, tmp_path / "deep" / "run")
    names = sorted(path.name for path in (tmp_path / "deep" / "run").iterdir())
    assert names == ["config.json", "learning_curve.png", "progress.csv", "training.npz"]
    run = load_run(tmp_path / "deep" / "run")
    assert run.history == result.history
    assert (run.env_id, run.total_steps, run.until_solved) == ("CartPole-v1", 200, False)
    text = (tmp_path / "deep" / "run" / "progress.csv").read_text()
    assert text == csv_of(result.history)
    config = (tmp_path / "deep" / "run" / "config.json").read_text()
    assert config.startswith('{\n  "')
    told = json.loads(config)
    assert (told["seed"], told["total_steps"], told["until_solved"]) == (0, 200, False)
    assert (tmp_path / "deep" / "run" / "learning_curve.png").read_bytes().startswith(b"\x89PNG")
    one_sentence(lambda: load_run(tmp_path / "nowhere"), "no run folder")


@pytest.mark.parametrize(("by_range", "std"), [(False, 0.5), (True, 1.0)])
def test_a_run_begins_with_the_standard_deviation_of_its_settings(by_range, std):
    """Pendulum's one action is from -2 to 2."""
    settings = replace(SMALL, initial_std=0.5, std_by_range=by_range)
    run = new_run(source("Pendulum-v1"), None, 64, 0, settings, make_policy, False)
    assert run.theta[-1] == pytest.approx(np.log(std))


@pytest.mark.parametrize("space", [spaces.Box(-1, 1, (3,)), spaces.Discrete(3)])
def test_noise_by_range_wants_a_free_deviation_for_each_action(space):
    """A shared one has no range of its own, nor has what a Discrete's distribution leaves free."""

    class Shared(DiagonalGaussian):
        @property
        def num_free(self):
            return 1

    def made(observations, actions, hidden):
        return make_policy(observations, actions, hidden, Shared(3))

    settings = replace(SMALL, std_by_range=True)
    with pytest.raises(UsageError, match="std_by_range = True is not possible: it needs a Box"):
        train(lambda: Countdown(action_space=space), TRPO(), 64, 0, settings, make_policy=made)
