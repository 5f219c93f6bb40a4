"""Faults that tests once let through, held by what must be true in their place."""

from types import SimpleNamespace

import numpy as np
import pytest
from gymnasium import spaces
from toys import Countdown

from trpo_np import DiagonalGaussian, Settings, animate, train
from trpo_np.training.train import _reaches
from trpo_np.updates.reports import outcome

SMALL = Settings(batch_size=64, num_envs=4, hidden=(4,))


@pytest.mark.parametrize("d", [1, 2])
def test_a_gaussians_density_is_one_in_all(d):
    """By the trapezoidal rule, which is exact to rounding for such functions."""
    x = np.linspace(-12, 12, 241)
    points = np.stack(np.meshgrid(*[x] * d), axis=-1).reshape(-1, d)
    eta = np.tile([0.3] * d + [-0.2] * d, (len(points), 1))
    density = np.exp(DiagonalGaussian(d).log_prob(eta, points))
    assert density.sum() * (x[1] - x[0]) ** d == pytest.approx(1, abs=1e-9)


def test_whether_a_goal_is_reached_depends_on_the_goal():
    """A pole stands at least one step, and at most 500."""
    result = train("CartPole-v1", total_steps=64, settings=SMALL)
    assert _reaches(1.0, result)
    assert not _reaches(500.1, result)


def test_a_film_shows_the_episode_that_an_evaluation_plays():
    """The same actions for the same observations, as normalised."""
    taken = []

    class Seen(Countdown):
        metadata = {"render_modes": ["rgb_array"], "render_fps": 30}  # noqa: RUF012

        def __init__(self, render_mode=None):
            space = spaces.Box(-10, 10, (1,), np.float64)
            super().__init__(length=9, action_space=space)
            self.render_mode = render_mode

        def step(self, action):
            taken.append(float(action[0]))
            return super().step(action)

        def render(self):
            return np.zeros((4, 4, 3), np.uint8)

    agent = train(Seen, total_steps=256, settings=SMALL).agent
    taken.clear()
    agent.evaluate(1, seed=5)
    played = list(taken)
    taken.clear()
    agent_says = [float(agent.act(np.array([[float(t)]]))[0, 0]) for t in range(9)]
    animate(agent, "film.gif", seed=5)
    assert taken == played == agent_says
    assert len(set(played)) > 5


@pytest.mark.parametrize(
    ("kl", "L", "moves"),
    [(0.1, 0.2, True), (0.1, np.nan, False), (np.inf, 0.2, False), (np.nan, np.nan, False)],
)
def test_a_step_whose_kl_or_gain_is_no_number_is_none(kl, L, moves):
    theta, new, g = np.zeros(2), np.ones(2), np.ones(2)
    problem = SimpleNamespace(theta=theta, KL=lambda x: kl, L=lambda x: L)
    assert (outcome(problem, new, g)[0] is new) == moves


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
