"""A run that stopped goes on as if it had not: the same files, bit for bit."""

from dataclasses import dataclass, replace

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from toys import Countdown

from trpo_np import PPO, TRPO, Settings, make_policy, train
from trpo_np.errors import UsageError
from trpo_np.experiments.storage import load_run, save_progress
from trpo_np.training import position
from trpo_np.training.environments import source
from trpo_np.training.normalizer import Normalizer
from trpo_np.training.notes import Note
from trpo_np.training.rollout import Sampler
from trpo_np.updates.reports import StepReport

#: FrozenLake pays nothing for long, which is said.
pytestmark = pytest.mark.filterwarnings("ignore:All .* episodes so far returned 0")
SMALL = Settings(batch_size=96, num_envs=4, hidden=(4,))


def save(result, folder):
    """All of a run but what is drawn from it."""
    folder.mkdir(exist_ok=True)
    save_progress(result, folder)


def files_of(folder):
    """What a run left, by the name of the file."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class Stop(Exception):  # noqa: N818
    """Raised to end a run before its time."""


def stopped(folder, after, *asked, **how):
    """Saves a run as it is after `after` iterations, and ends it."""

    def stop(result):
        if len(result.history) == after:
            save(result, folder)
            raise Stop

    with pytest.raises(Stop):
        train(*asked, **how, on_iteration=stop)


class Noisy(gymnasium.Env):
    """Episodes of random length, random observations, rewards of what was done."""

    observation_space = spaces.Box(-np.inf, np.inf, (2,), np.float64)
    action_space = spaces.MultiDiscrete([3, 2])

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.sum = self.np_random.standard_normal(2)
        return self.sum.copy(), {}

    def step(self, action):
        self.sum += 0.1 * action + self.np_random.standard_normal(2)
        over = self.np_random.random() < 0.07
        return self.sum.copy(), float(self.sum[0]), over, False, {}


RUNS = {
    "CartPole-v1": ("CartPole-v1", TRPO()),
    "Pendulum-v1": ("Pendulum-v1", TRPO(fisher_fraction=0.5)),
    "Pendulum-v1, correlated": (
        "Pendulum-v1",
        TRPO(),
        replace(SMALL, noise_correlation=0.5, noise_batches=9),
    ),
    "FrozenLake-v1": ("FrozenLake-v1", PPO(epochs=2)),
    "Acrobot-v1, float32": ("Acrobot-v1", TRPO(), replace(SMALL, precision="float32")),
    "a function's": (Noisy, TRPO()),
}


@pytest.mark.parametrize("asked", RUNS.values(), ids=RUNS)
def test_a_resumed_run_leaves_the_same_files_as_one_that_never_stopped(asked, tmp_path, rng):
    """It may stop more than once, and be asked for more steps each time."""
    env, update, settings = (*asked, SMALL)[:3]
    whole = train(env, update, 2400, 5, settings)
    save(whole, tmp_path / "whole")
    expected = files_of(tmp_path / "whole")
    given = {} if isinstance(env, str) else {"env": env}
    for number in range(3):
        folder = tmp_path / str(number)
        first, second = np.sort(rng.choice(np.arange(1, 20), size=2, replace=False))
        stopped(folder, first, env, update, 2400 - 300 * number, 5, settings)
        stopped(folder, second, **given, resume=folder, total_steps=2400)
        save(train(**given, resume=folder, total_steps=2400), folder)
        assert files_of(folder) == expected


def test_a_result_goes_on_and_stays_what_it_was(tmp_path):
    whole = train("CartPole-v1", TRPO(), 1000, 1, SMALL)
    first = train("CartPole-v1", TRPO(), 500, 1, SMALL)
    rows = len(first.history)
    for _ in "ab":
        again = train(resume=first, total_steps=1000)
        assert again.history == whole.history
        np.testing.assert_array_equal(again.theta, whole.theta)
    assert len(first.history) == rows


def test_a_finished_run_has_nothing_to_go_on_with(tmp_path):
    save(train("CartPole-v1", TRPO(), 500, 1, SMALL), tmp_path / "run")
    before = files_of(tmp_path / "run")
    save(train(resume=tmp_path / "run"), tmp_path / "run")
    assert files_of(tmp_path / "run") == before


def test_a_solved_run_is_solved(tmp_path):
    easy = {"env": "CartPole-v1", "settings": SMALL, "total_steps": 1000}
    result = train(**easy)
    result.solved = result.until_solved = True
    save(result, tmp_path / "run")
    rows = len(result.history)
    again = train(resume=tmp_path / "run", total_steps=2000)
    assert (again.solved, again.until_solved, len(again.history)) == (True, True, rows)
    further = train(resume=tmp_path / "run", total_steps=2000, until_solved=False)
    assert (further.solved, len(further.history) > rows) == (False, True)


class Counting(Noisy):
    """Remembers how many episodes it has begun: another cannot follow."""

    begun = 0

    def reset(self, **how):
        self.begun += 1
        observation, info = super().reset(**how)
        self.sum += self.begun
        return observation + self.begun, info


class Drawing(Noisy):
    """Shows the same whatever it draws, and draws more with every episode that it has begun."""

    begun = 0

    def reset(self, **how):
        _, info = super().reset(**how)
        self.begun += 1
        self.np_random.standard_normal(self.begun)
        return np.zeros(2), info

    def step(self, action):
        return np.zeros(2), *super().step(action)[1:]


def test_what_shows_the_same_but_draws_on_from_elsewhere_has_not_come_back(tmp_path):
    stopped(tmp_path / "run", 7, Drawing, TRPO(), 1000, 1, SMALL)
    with pytest.warns(Note, match="cannot be brought back"):
        train(Drawing, resume=tmp_path / "run")


def test_an_episode_that_begins_anew_is_one_like_any_other(monkeypatch, rng):
    """Its length and return are its own, and it can be followed itself."""

    class Ones(Noisy):
        def step(self, action):
            observation, _, *rest = super().step(action)
            return observation, 1.0, *rest

    def made():
        return source(Ones).many(4)

    policy = make_policy(Noisy.observation_space, Noisy.action_space, (4,))
    how = policy, policy.init(rng), Normalizer.fresh(Noisy.observation_space), rng
    sampler = Sampler(made(), 5)
    while not (sampler.position.resetting[1] and sampler.position.lengths[2] > 3):
        sampler.collect(*how, 1)
    restored = position.restored
    gone = np.array([True, False, False, True])
    monkeypatch.setattr(position, "restored", lambda *x: restored(*x) & gone)
    with pytest.warns(Note, match="2 of 4 environments"):
        anew = Sampler.at(made(), sampler.position)
    monkeypatch.setattr(position, "restored", restored)
    p = anew.position
    assert not p.resetting[1:3].any()
    np.testing.assert_array_equal(p.lengths[1:3], 0)
    np.testing.assert_array_equal(p.returns, p.lengths)
    anew.collect(*how, 2)
    again = Sampler.at(made(), anew.position)  # and no warning
    for e in (1, 2):
        assert again.position.lengths[e] == anew.position.lengths[e]
    anew.collect(*how, 40)
    assert all(total == length for total, length in anew.finished)


class Together(VectorEnv):
    """Steps all its environments at once, in a way that nobody else knows."""

    metadata = {"autoreset_mode": AutoresetMode.NEXT_STEP}  # noqa: RUF012

    def __init__(self, num_envs):
        self.num_envs, self.single_action_space = num_envs, spaces.Discrete(2)
        self.single_observation_space = Countdown.observation_space
        self.action_space = batch_space(self.single_action_space, num_envs)

    def reset(self, *, seed=None, options=None):
        self.t = 0
        return np.zeros((self.num_envs, 1)), {}

    def step(self, actions):
        self.t += 1
        no = np.zeros(self.num_envs, dtype=bool)
        return np.full((self.num_envs, 1), float(self.t)), np.ones(self.num_envs), no, no, {}


def test_environments_that_cannot_be_brought_back_begin_anew_and_a_warning_says_so(
    tmp_path, monkeypatch
):
    stopped(tmp_path / "run", 7, Counting, TRPO(), 1000, 1, SMALL)
    with pytest.warns(Note, match="cannot be brought back .* begin anew"):
        result = train(Counting, resume=tmp_path / "run")
    assert 900 < result.history[-1].steps <= 1000
    assert [row.iteration for row in result.history] == list(range(1, len(result.history) + 1))

    spec = gymnasium.envs.registration.EnvSpec("Together-v0", vector_entry_point=Together)
    monkeypatch.setitem(gymnasium.registry, "Together-v0", spec)
    stopped(tmp_path / "other", 3, "Together-v0", TRPO(), 1000, 1, SMALL)
    with pytest.warns(Note, match="4 of 4 environments cannot be brought back"):
        result = train(resume=tmp_path / "other")
    assert 900 < result.history[-1].steps <= 1000


def test_a_rollout_that_breaks_off_leaves_a_run_that_can_be_saved_and_resumed(tmp_path):
    """The environment raises in the middle of an iteration; mended, the run is what it would have
    been."""

    class Failing(Noisy):
        steps = 0

        def step(self, action):
            Failing.steps += 1
            if Failing.steps == 700:
                raise RuntimeError("the simulator crashed")
            return super().step(action)

    latest = []
    with pytest.raises(UsageError, match="step raised RuntimeError: the simulator crashed"):
        train(Failing, TRPO(), 1000, 1, SMALL, on_iteration=lambda r: latest.append(r))
    save(latest[-1], tmp_path / "run")
    resumed = train(Failing, resume=tmp_path / "run")
    assert resumed.history == train(Failing, TRPO(), 1000, 1, SMALL).history


@dataclass(frozen=True)
class Velocity:
    """What `Momentum` carries."""

    v: np.ndarray
    t: int


@dataclass(frozen=True)
class MomentumReport(StepReport):
    """With the velocity for the next batch."""

    state: object = None


@dataclass(frozen=True)
class Momentum:
    """Walks on in a random direction that changes slowly."""

    length: float = 0.01

    def __call__(self, policy, theta, batch, rng, state: Velocity | None = None):
        state = state or Velocity(np.zeros_like(theta), 0)
        v = 0.9 * state.v + rng.standard_normal(len(theta))
        return theta + self.length * v, MomentumReport(state=Velocity(v, state.t + 1))


@dataclass(frozen=True)
class Secretive(Momentum):
    """Carries what no file can hold."""

    def __call__(self, policy, theta, batch, rng, state=None):
        return theta, MomentumReport(state=lambda: None)


def test_an_update_of_ones_own_goes_on_with_its_state(tmp_path):
    whole = train("CartPole-v1", Momentum(0.02), 1000, 1, SMALL)
    stopped(tmp_path / "run", 4, "CartPole-v1", Momentum(0.02), 1000, 1, SMALL)
    with pytest.raises(UsageError, match="Momentum, of your own"):
        train(resume=tmp_path / "run")
    with pytest.raises(UsageError, match="was made by"):
        train(resume=tmp_path / "run", update=Momentum(0.01))
    resumed = train(resume=tmp_path / "run", update=Momentum(0.02))
    assert resumed.history == whole.history
    assert resumed.state.t == len(whole.history)
    np.testing.assert_array_equal(resumed.state.v, whole.state.v)

    save(train("CartPole-v1", Secretive(), 500, 1, SMALL), tmp_path / "other")
    assert load_run(tmp_path / "other").algorithm == "Secretive"
    with pytest.raises(UsageError, match="could not be saved"):
        train(resume=tmp_path / "other", update=Secretive())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"seed": 2}, "seed = 2 .* has 1"),
        ({"settings": Settings()}, "settings = "),
        ({"env_arguments": {"a": 1}}, "env_arguments = "),
        ({"update": PPO()}, "was made by"),
    ],
)
def test_a_run_goes_on_with_what_it_was_asked_for(given, words, tmp_path):
    result = train("CartPole-v1", TRPO(), 500, 1, SMALL)
    save(result, tmp_path / "run")
    with pytest.raises(UsageError, match=words):
        train(resume=tmp_path / "run", **given)
    with pytest.raises(UsageError):
        train(resume=result, **given)


def test_a_function_that_makes_the_environment_is_needed_again(tmp_path):
    save(train(Noisy, TRPO(), 500, 1, SMALL), tmp_path / "run")
    with pytest.raises(UsageError, match="give that function"):
        train(resume=tmp_path / "run")
