"""Environments that do what they should not: each fault is named, or does no harm."""

import warnings

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.error import DependencyNotInstalled
from gymnasium.vector import AutoresetMode, SyncVectorEnv, VectorEnv
from gymnasium.vector.utils import batch_space
from test_rollout import collect
from toys import Countdown, countdowns

from trpo_np import TRPO, Agent, Settings, animate, make_policy, train
from trpo_np.__main__ import main
from trpo_np.errors import UsageError
from trpo_np.experiments.storage import load_run, save_run
from trpo_np.training.environments import source
from trpo_np.training.episodes import play
from trpo_np.training.normalizer import Normalizer
from trpo_np.training.notes import Note

SMALL = Settings(batch_size=64, num_envs=4, hidden=(4,))


class Paying(Countdown):
    """Pays what it is told to, in its step number `at`."""

    def __init__(self, reward=1.0, at=1, length=5, observation=None):
        super().__init__(length=length)
        self.reward, self.at, self.observation = reward, at, observation

    def step(self, action):
        observation, reward, *rest = super().step(action)
        if self.t == self.at:
            reward = self.reward
            observation = observation if self.observation is None else self.observation
        return observation, reward, *rest


def agent_of(env, rng):
    made_from = source(env)
    observations, actions = made_from.spaces()
    policy = make_policy(observations, actions, (4,))
    return Agent(policy, policy.init(rng), Normalizer.fresh(observations), made_from)


@pytest.mark.parametrize(
    ("reward", "words"),
    [
        (np.nan, "reward of environment 0 is nan"),
        (np.inf, "reward of environment 0 is inf"),
        (-np.inf, "reward of environment 0 is -inf"),
        (1e101, "reward of environment 0 is 1e.101"),
        (None, "reward of environment 0 is None"),
        ("much", "reward of environment 0 is 'much'"),
        (np.ones(1), r"reward of environment 0 is array\(\[1.\]\)"),
        ([1.0], r"reward of environment 0 is \[1.0\]"),
        (1j, "reward of environment 0 is 1j"),
    ],
)
@pytest.mark.parametrize("at", [1, 5])
def test_a_reward_that_is_no_finite_number_is_named(reward, words, at, rng):
    """In training and in evaluation, within an episode and at its end."""
    make = lambda: Paying(reward, at)  # noqa: E731
    with pytest.raises(UsageError, match=words):
        train(make, TRPO(), 600, 0, SMALL)
    with pytest.raises(UsageError, match=words):
        agent_of(make, rng).evaluate(episodes=2)


@pytest.mark.parametrize("reward", [2, True, np.float32(2), np.int64(2), np.array(2.0)])
def test_other_numbers_are_rewards(reward, rng):
    returns = agent_of(lambda: Paying(reward), rng).evaluate(episodes=3)
    np.testing.assert_array_equal(returns, [4.0 + float(reward)] * 3)


def test_the_environment_that_pays_it_is_the_one_named(rng):
    envs = countdowns({}, {}, {})
    envs.step = lambda actions, step=envs.step: (
        lambda o, r, *rest: (o, np.where([False, False, True], np.nan, r), *rest)
    )(*step(actions))
    with pytest.raises(UsageError, match="reward of environment 2 is nan"):
        collect(envs, rng)
    envs.step = lambda actions: (np.zeros((3, 1)), np.zeros((3, 1)), *[np.zeros(3, bool)] * 2, {})
    with pytest.raises(UsageError, match=r"rewards have the shape \(8, 3, 1\)"):
        collect(envs, rng)


@pytest.mark.parametrize("value", [1e300, -1e101, np.inf, np.nan])
def test_an_observation_that_cannot_be_reckoned_with_is_named(value):
    with pytest.raises(UsageError, match="Entry 0 of the observation of environment 0 is"):
        train(lambda: Paying(observation=np.array([value])), TRPO(), 600, 0, SMALL)


def test_an_observation_that_is_just_small_enough_can_be_saved(tmp_path):
    make = lambda: Paying(observation=np.array([1e99]))  # noqa: E731
    save_run(train(make, TRPO(), 600, 0, SMALL), tmp_path / "run")
    agent = Agent.load(tmp_path / "run", env=make)
    assert np.isfinite(agent.act(np.array([[1e99]]))).all()


@pytest.mark.parametrize("seen", [4, 7, 2])
def test_a_discrete_observation_out_of_range_is_named(seen, rng):
    class Numbered(Paying):
        observation_space = spaces.Discrete(4, start=3)

        def reset(self, **how):
            super().reset(**how)
            return 3, {}

        def step(self, action):
            _, *rest = super().step(action)
            return (seen if self.t == 2 else 3), *rest

    if seen == 4:
        train(Numbered, TRPO(), 600, 0, SMALL)
        assert len(agent_of(Numbered, rng).evaluate(3)) == 3
        return
    with pytest.raises(UsageError, match=f"environment 0 is {seen}, none of the space's 4"):
        train(Numbered, TRPO(), 600, 0, SMALL)
    with pytest.raises(UsageError, match="none of the space's 4"):
        agent_of(Numbered, rng).evaluate(3)


def test_numbered_observations_may_begin_anywhere_where_episodes_differ_in_length():
    """Environments whose episode is over see nothing that is not in the space."""
    space = spaces.Discrete(2, start=5)
    seen = []

    class Short(Countdown):
        observation_space = space
        shown = 99

        def reset(self, **how):
            super().reset(**how)
            self.shown = 5 if self.shown == 99 and not self.seen else -1  # -1 once it is over
            return self.shown, {}

        def step(self, action):
            return self.shown, *super().step(action)[1:]

    def act(observations):
        seen.extend(observations.tolist())
        return np.zeros(len(observations), dtype=int)

    play(act, SyncVectorEnv([lambda n=n: Short(length=n) for n in (2, 6)]), seed=0)
    assert set(seen) == {5}


class OneBuffer(VectorEnv):
    """Hands out the arrays that it goes on writing to, and writes to the actions it is given."""

    metadata = {"autoreset_mode": AutoresetMode.NEXT_STEP}  # noqa: RUF012

    def __init__(self, num_envs=3, action_space=None):
        self.num_envs, self.single_observation_space = num_envs, Countdown.observation_space
        self.single_action_space = action_space or spaces.MultiBinary(2)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.seen = []
        self.buffers = (
            *(np.zeros((num_envs, 1)), np.zeros(num_envs)),
            *(np.zeros(num_envs, dtype=bool) for _ in "ab"),
        )

    def reset(self, *, seed=None, options=None):
        self.buffers[0][:] = 0
        return self.buffers[0], {}

    def step(self, actions):
        self.seen.append(actions.copy())
        actions[:] = 0
        observation, reward, terminated, _ = self.buffers
        observation += 1
        reward[:] = observation[:, 0]
        terminated[:] = observation[:, 0] % 4 == 0
        return *self.buffers, {}


@pytest.mark.parametrize(
    "space", [spaces.MultiBinary(2), spaces.MultiDiscrete([3, 3]), spaces.Box(-1, 1, (2,))]
)
def test_what_environments_do_to_their_arrays_and_to_actions_does_not_reach_ours(space, rng):
    envs = OneBuffer(action_space=space)
    _, _, _, rollout = collect(envs, rng, steps=8)
    steps = np.repeat(np.arange(9.0)[:, None], 3, axis=1)
    np.testing.assert_array_equal(rollout.raw_observations[..., 0], steps)
    np.testing.assert_array_equal(rollout.rewards, np.where(rollout.valid, steps[1:], 0))
    np.testing.assert_array_equal(rollout.terminated, steps[1:] % 4 == 0)
    given = rollout.actions
    if isinstance(space, spaces.Box):
        given = np.clip(given, -1, 1)
    assert given.any()
    np.testing.assert_array_equal(np.array(envs.seen), given)


def test_a_position_stays_what_it_was(rng):
    envs = OneBuffer()
    policy, theta, sampler, _ = collect(envs, rng, steps=3)
    before = sampler.position
    normalizer = Normalizer.fresh(envs.single_observation_space, running=False)
    sampler.collect(policy, theta, normalizer, rng, 4)
    np.testing.assert_array_equal(before.observation, 3)
    assert before.steps == 9


def test_what_a_step_that_only_resets_pays_does_not_count(rng):
    envs = countdowns({"length": 3}, {"length": 2})
    step = envs.step

    def paying(actions):
        resetting = envs._autoreset_envs.copy()
        observation, reward, *rest = step(actions)
        return observation, np.where(resetting, np.nan, reward), *rest

    envs.step = paying
    _, _, sampler, rollout = collect(envs, rng, steps=9)
    np.testing.assert_array_equal(rollout.rewards, rollout.valid)
    assert all(total == length for total, length in sampler.finished)


def test_another_number_of_environments_is_said(monkeypatch):
    import gymnasium

    monkeypatch.setattr(gymnasium, "make_vec", lambda *a, **k: countdowns({}, {}))
    with pytest.raises(UsageError, match="made 2 environments in place of 5"):
        source("CartPole-v1").many(5)


def test_a_run_that_was_not_asked_to_be_solved_is_not():
    """However large its returns are."""
    result = train(lambda: Paying(1e90), TRPO(), 600, 0, SMALL)
    assert not result.solved
    assert result.history[-1].steps > 500


def test_the_table_says_how_old_its_return_is(tmp_path):
    """All four episodes end after 20 steps, and then none for 1000."""

    class Once(Countdown):
        begun = 0

        def reset(self, **how):
            self.begun += 1
            self.length = 20 if self.begun == 1 else 1000
            return super().reset(**how)

    result = train(Once, TRPO(), 1000, 0, SMALL)
    first = next(i for i, row in enumerate(result.history) if row.episodes)
    assert [row.return_age for row in result.history[: first + 1]] == [
        *(row.steps for row in result.history[:first]),
        0,
    ]
    newest = result.history[first].steps
    for row in result.history[first:]:
        assert row.return_age == row.steps - newest
        assert (row.episodes, row.mean_return) == (4, 20.0)
    save_run(result, tmp_path / "run")
    assert load_run(tmp_path / "run").history[first:] == result.history[first:]


def test_the_last_line_says_it_too(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    small = ["--batch-size", "64", "--num-envs", "4", "--hidden", "4", "--total-steps"]
    assert main(["train", "Pendulum-v1", *small, "1500", "--out", "run"]) == 0
    run = load_run(tmp_path / "run").history[-1]
    said = capsys.readouterr().out
    assert "steps ago" in said.splitlines()[0]
    assert run.return_age > 0
    assert f"the newest {run.return_age:,} steps ago" in said


def test_evaluation_says_how_many_episodes_it_cut(rng, monkeypatch, tmp_path):
    import trpo_np.training.agent as module
    import trpo_np.training.animation as animation

    monkeypatch.setattr(module, "play", lambda *a: play(*a, longest=30))
    with pytest.warns(Note, match="3 of 3 episodes were cut off"):
        returns = agent_of(lambda: Countdown(length=31), rng).evaluate(episodes=3)
    np.testing.assert_array_equal(returns, 30)
    agent_of(lambda: Countdown(length=30), rng).evaluate(episodes=3)

    class Drawn(Countdown):
        metadata = {"render_modes": ["rgb_array"]}  # noqa: RUF012

        def __init__(self, render_mode=None):
            super().__init__(length=9)
            self.render_mode = render_mode

        def render(self):
            return np.full((8, 8, 3), 20 * self.t, np.uint8)

    monkeypatch.setattr(animation, "LONGEST_FILM", 5)
    with pytest.warns(Note, match="first 5 steps of a longer episode"):
        assert animate(agent_of(Drawn, rng), tmp_path / "film.gif") == 5


@pytest.mark.parametrize("name", [":CartPole-v1", "a:b:c", "a:", ":", "", "CartPole-v1:"])
def test_an_id_that_cannot_be_one_gets_one_sentence(name):
    with pytest.raises(UsageError, match="There is no environment"):
        train(name, TRPO(), 600, 0, SMALL)


def test_an_id_with_its_module_declares_when_it_is_solved(tmp_path):
    assert source("gymnasium:CartPole-v1").solved_return() == 475
    with pytest.raises(UsageError, match="No module named 'nowhere'"):
        source("nowhere:CartPole-v1").solved_return()


@pytest.mark.parametrize("number", [0, -1, True, 2.5])
def test_an_impossible_number_of_episodes_is_named(number, rng):
    with pytest.raises(UsageError, match=r"episodes = .* is not possible"):
        agent_of(Countdown, rng).evaluate(number)


@pytest.mark.parametrize("seed", [-1, True, 2.5, "1", None, 10**400, 2**64])
def test_an_impossible_seed_is_named_by_every_door(seed, rng):
    with pytest.raises(UsageError, match=r"seed = .* is not possible"):
        agent_of(Countdown, rng).evaluate(3, seed=seed)
    if seed is not None:
        with pytest.raises(UsageError, match=r"seed = .* is not possible"):
            train(Countdown, TRPO(), 600, seed, SMALL)


@pytest.mark.parametrize("seed", [0, np.int64(3), np.uint8(3), 2**64 - 1])
def test_a_seed_of_any_integer_type_is_one(seed, rng):
    assert len(agent_of(Countdown, rng).evaluate(3, seed=seed)) == 3
    train(Countdown, TRPO(), 600, seed, SMALL)


@pytest.mark.parametrize(
    "drawn", [None, "text", np.zeros((4, 4)), np.zeros((4, 4, 3)), "raises", "missing"]
)
def test_what_is_no_picture_is_named_and_no_film_is_left(drawn, rng, tmp_path):
    class Odd(Countdown):
        metadata = {"render_modes": ["rgb_array"]}  # noqa: RUF012

        def __init__(self, render_mode=None):
            super().__init__(length=9)
            self.render_mode = render_mode

        def render(self):
            if isinstance(drawn, str) and drawn == "raises":
                raise RuntimeError("no display")
            if isinstance(drawn, str) and drawn == "missing":
                raise DependencyNotInstalled("pygame is not installed")
            return drawn

    words = "draws no pictures|could not be drawn .no display|pygame is not installed"
    with pytest.raises(UsageError, match=words):
        animate(agent_of(Odd, rng), tmp_path / "film.gif")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("low", "high", "said"), [(100, 200, 1), (-0.001, 0.001, 1), (-1, 1, 0), (-0.4, 0.4, 0)]
)
def test_a_space_that_cuts_off_every_action_is_said_to_once(low, high, said):
    box = spaces.Box(low, high, (2,))
    with warnings.catch_warnings(record=True) as notes:
        warnings.simplefilter("always")
        train(lambda: Countdown(action_space=box), TRPO(), 600, 0, SMALL)
    assert [note.category for note in notes] == [Note] * said
    assert all("RescaleAction" in str(note.message) for note in notes)


def test_an_environment_that_raises_ends_a_run_that_can_go_on(monkeypatch, capsys, tmp_path):
    from gymnasium.envs.classic_control import AcrobotEnv

    monkeypatch.chdir(tmp_path)
    step, calls = AcrobotEnv.step, []

    def crashing(self, action):
        calls.append(action)
        if len(calls) == 400:
            raise ZeroDivisionError("the simulator crashed")
        return step(self, action)

    small = ["--batch-size", "64", "--num-envs", "4", "--hidden", "4", "--total-steps", "600"]
    monkeypatch.setattr(AcrobotEnv, "step", crashing)
    assert main(["train", "Acrobot-v1", *small, "--out", "run"]) == 2
    said = capsys.readouterr()
    assert said.err == (
        "error: The environment's step raised ZeroDivisionError: the simulator crashed. Mend the "
        "environment; in Python the traceback shows where.\n"
    )
    assert "To go on:  python -m trpo_np train --resume run" in said.out
    assert len(load_run(tmp_path / "run").history) == 6
    assert main(["train", "--resume", "run"]) == 0
    monkeypatch.setattr(AcrobotEnv, "step", step)
    assert main(["train", "Acrobot-v1", *small, "--out", "whole"]) == 0
    whole, resumed = (load_run(tmp_path / name).history for name in ("whole", "run"))
    assert [row.kl for row in whole] == [row.kl for row in resumed]


@pytest.mark.parametrize("steps", ["many", 600.5, 600.0, True, np.nan, np.inf, None])
def test_impossible_numbers_of_steps_are_named(steps, tmp_path):
    result = train(Countdown, TRPO(), np.int64(600), 0, SMALL)
    assert result.total_steps == 600
    if steps is not None:
        with pytest.raises(UsageError, match=r"total_steps = .* must be an integer"):
            train(Countdown, TRPO(), steps, 0, SMALL)
        with pytest.raises(UsageError, match=r"total_steps = .* must be an integer"):
            train(resume=result, total_steps=steps)
    with pytest.raises(UsageError, match=r"must end in \.gif"):
        animate(result.agent, tmp_path / "film.png")
