"""An agent acts, is evaluated and drawn by one episode loop that counts what it should."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from PIL import Image
from toys import Countdown, countdowns

from trpo_np import Agent, animate, evaluate, make_policy
from trpo_np.errors import UsageError
from trpo_np.training.environments import source
from trpo_np.training.episodes import play
from trpo_np.training.normalizer import Normalizer

BOX = spaces.Box(-0.1, 0.1, (2,), np.float32)


def agent_for(env, rng, **options):
    made_from = source(env)
    observations, actions = made_from.spaces()
    policy = make_policy(observations, actions, (4,))
    theta = policy.init(rng) + 0.5 * rng.standard_normal(policy.num_parameters)
    return Agent(policy, theta, Normalizer.fresh(observations, **options), made_from)


def still(observations):
    return np.zeros(len(observations), dtype=int)


def test_returns_and_lengths_are_those_of_the_first_episodes():
    """Episodes of 3, 5 and 2 steps, one reward each; what comes after is not counted."""
    envs = countdowns({"length": 3}, {"length": 5}, {"length": 2, "truncate": True})
    played = play(still, envs, seed=0)
    np.testing.assert_array_equal(played.returns, [3, 5, 2])
    np.testing.assert_array_equal(played.lengths, [3, 5, 2])
    assert played.cut == 0


class Afterwards(Countdown):
    """Ends after its length; whoever goes on is paid NaN and sees NaN."""

    def reset(self, **options):
        self.episodes = getattr(self, "episodes", 0) + 1
        observation, info = super().reset(**options)
        return (observation if self.episodes == 1 else observation * np.nan), info

    def step(self, action):
        observation, reward, *rest = super().step(action)
        return observation, (reward if self.episodes == 1 else np.nan), *rest


def test_what_an_environment_does_after_its_episode_does_not_count(rng):
    lengths = [2, 9]
    envs = SyncVectorEnv([lambda n=n: Afterwards(length=n) for n in lengths])
    np.testing.assert_array_equal(play(still, envs, seed=0).returns, lengths)
    agent = agent_for(lambda: Afterwards(length=4), rng)
    assert evaluate(agent, episodes=1) == [4]


def test_an_episode_without_end_is_cut_off_and_said_to_be():
    envs = countdowns({"length": 10**9}, {"length": 4})
    played = play(still, envs, seed=0, longest=50)
    np.testing.assert_array_equal(played.lengths, [50, 4])
    assert played.cut == 1


def test_the_environments_are_closed_even_where_the_agent_raises():
    closed = []

    class Closing(Countdown):
        def close(self):
            closed.append(self)

    def fails(observations):
        raise RuntimeError("no action")

    with pytest.raises(RuntimeError, match="no action"):
        play(fails, SyncVectorEnv([Closing, Closing]), seed=0)
    assert len(closed) == 2


def test_another_autoreset_mode_is_refused():
    with pytest.raises(UsageError, match="NEXT_STEP"):
        play(still, SyncVectorEnv([Countdown], autoreset_mode=AutoresetMode.SAME_STEP), seed=0)


def test_actions_are_clipped_in_evaluation_as_in_training(rng):
    seen = []

    class Seeing(Countdown):
        def __init__(self):
            super().__init__(length=30, action_space=BOX)
            self.seen = seen

    agent = agent_for(Seeing, rng)
    agent.evaluate(episodes=2, stochastic=True)
    acted = np.array(seen)
    assert acted.shape == (60, 2)
    assert (np.abs(acted) <= 0.1).all()
    assert (np.abs(acted) == np.float32(0.1)).any()


def test_acting_uses_the_normalizer_and_the_generator(rng):
    agent = agent_for(lambda: Countdown(length=5, action_space=BOX), rng)
    seen = agent.normalizer.updated(5 + 2 * rng.standard_normal((100, 1)))
    moved = Agent(agent.policy, agent.theta, seen, agent.env)
    obs = np.array([[4.0], [6.0]])
    expected = agent.policy.mode(agent.theta, seen(obs))
    np.testing.assert_allclose(moved.act(obs), np.clip(expected, -0.1, 0.1), rtol=1e-6)
    first, again = (moved.act(obs, np.random.default_rng(3)) for _ in "ab")
    np.testing.assert_array_equal(first, again)
    assert (moved.act(obs, np.random.default_rng(4)) != first).any()


def test_the_same_seed_gives_the_same_returns_and_stochastic_ones_differ(rng):
    agent = agent_for("CartPole-v1", rng)
    first, again = (agent.evaluate(8, seed=3) for _ in "ab")
    np.testing.assert_array_equal(first, again)
    assert (agent.evaluate(8, seed=3, stochastic=True) != first).any()


@pytest.mark.parametrize(
    ("how", "words"), [({"episodes": 0}, "episodes = 0"), ({"seed": -1}, "seed = -1")]
)
def test_impossible_evaluations_are_named(how, words, rng):
    with pytest.raises(UsageError, match=words):
        agent_for("CartPole-v1", rng).evaluate(**how)


class Drawn(Countdown):
    """Each frame shows how many steps have been made."""

    metadata = {"render_modes": ["rgb_array"], "render_fps": 20}  # noqa: RUF012

    def __init__(self, render_mode=None):
        super().__init__(length=4)
        self.render_mode = render_mode

    def render(self):
        return np.full((8, 8, 3), 50 * self.t, np.uint8)


def test_an_animation_shows_the_episode_to_its_end(rng, tmp_path):
    agent = agent_for(Drawn, rng)
    assert animate(agent, tmp_path / "film.gif") == 4
    with Image.open(tmp_path / "film.gif") as gif:
        frames = []
        for number in range(gif.n_frames):
            gif.seek(number)
            frames.append(np.asarray(gif.convert("L"))[0, 0])
        assert gif.info["duration"] == 50
    np.testing.assert_allclose(frames, [0, 50, 100, 150, 200], atol=3)


def test_an_environment_that_draws_nothing_is_named(rng, tmp_path):
    class Blank(Drawn):
        def render(self):
            return None

    with pytest.raises(UsageError, match="draws no pictures"):
        animate(agent_for(Blank, rng), tmp_path / "film.gif")
    assert not list(tmp_path.iterdir())


def test_sources_are_compared_by_what_they_make():
    assert source("CartPole-v1") == source("CartPole-v1", {})
    assert source("CartPole-v1").name == "CartPole-v1"
    assert source(Countdown).name == "Countdown"
    assert gymnasium.spaces.Discrete(2) == source(Countdown).spaces()[1]
