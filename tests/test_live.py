"""Plots that grow, films of the agent, and the update that notebook 10 makes of its pieces."""

import base64
import io
import os
import re
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from problems import ACTION_SPACES, random_batch, random_problem

from trpo_np import TRPO, Agent, Settings, evaluate, make_policy, trpo_step
from trpo_np.classroom import live, notebook_10
from trpo_np.classroom.training import as_update, training
from trpo_np.training.environments import source
from trpo_np.training.normalizer import Normalizer


@pytest.fixture
def shown(monkeypatch):
    """The pages that are displayed; the last one is replaced where a display is updated."""
    pages = []

    def display(page, display_id=False):
        pages.append(page.data)
        return SimpleNamespace(update=lambda page: pages.__setitem__(-1, page.data))

    monkeypatch.setattr(live, "display", display)
    return pages


@pytest.fixture
def agent(rng):
    made_from = source("CartPole-v1")
    observations, actions = made_from.spaces()
    policy = make_policy(observations, actions, hidden=(8,))
    return Agent(policy, policy.init(rng), Normalizer.fresh(observations), made_from)


def test_a_live_plot_is_one_output_that_is_renewed(shown):
    plot = live.LivePlot({"a": "A", "b": "B", "c": "C"}, levels={"b": (2.0, "limit")}, every=2)
    plot.add(1, a=1.0, b=1.0, c=np.nan, other=3.0)
    assert shown == []
    plot.add(2, a=2.0, b=0.5, c=1.0)
    first = list(shown)
    plot.add(3, a=3.0, b=0.1, c=2.0)
    assert shown == first
    plot.finish('It "rises".', "A caption.")
    assert len(shown) == 1
    assert 'alt="It &quot;rises&quot;."' in shown[0]
    assert "<figcaption>A caption.</figcaption>" in shown[0]
    assert plot.y["a"] == [1.0, 2.0, 3.0]


def test_two_live_plots_do_not_overwrite_each_other(shown):
    for _ in range(2):
        plot = live.LivePlot({"a": "A", "b": "B"})
        plot.add(1, a=1.0, b=1.0)
        plot.finish("x" * 40, "y")
    assert len(shown) == 2


def test_an_episode_is_the_one_that_evaluation_sees(agent):
    frames, total = live.episode(agent, seed=3)
    assert total == evaluate(agent, episodes=1, seed=3)[0]
    assert len(frames) == total + 1  # CartPole pays 1 a step; the last frame is the end
    assert {frame.width for frame in frames} == {240}
    fewer, same = live.episode(agent, seed=3, every=4, width=100)
    assert same == total
    assert len(fewer) == np.ceil(total / 4) + 1
    assert fewer[0].size == (100, 67)


def test_rendering_opens_no_window_and_leaves_the_environment_as_it_was(agent, monkeypatch, capfd):
    monkeypatch.setenv("SDL_VIDEODRIVER", "before")
    monkeypatch.delenv("SDL_AUDIODRIVER", raising=False)
    live.episode(agent)
    assert os.environ["SDL_VIDEODRIVER"] == "before"
    assert "SDL_AUDIODRIVER" not in os.environ
    assert capfd.readouterr() == ("", "")


def test_films_side_by_side_and_as_gif(agent, shown):
    frames, _ = live.episode(agent)
    film = live.beside(frames[:3], frames[:5])
    assert len(film) == 5
    assert film[0].size == (2 * 240 + 4, 160)
    left = np.asarray(film[4])[:, :240]
    assert (left == np.asarray(frames[2])).all()
    live.show_film(film, "A pole that falls over, and another one.", "Two films.", 10)
    alt, data = re.search(r'gif;base64,([^"]+)" alt="([^"]+)"', shown[0]).groups()[::-1]
    assert alt == "A pole that falls over, and another one."
    with Image.open(io.BytesIO(base64.b64decode(data))) as gif:
        assert gif.n_frames > 1
        assert gif.size == film[0].size


@pytest.mark.parametrize("kind", ACTION_SPACES)
def test_the_update_made_of_the_pieces_is_trpo_step(kind, rng):
    policy, theta, obs = random_problem(kind, rng, N=100, hidden=(5,), D=3)
    batch = random_batch(policy, theta, obs, rng)
    update = TRPO(delta=0.003, cg_damping=0.2, cg_iterations=7, backtrack_ratio=0.6)
    expected, report = trpo_step(policy, theta, batch, update)
    new = notebook_10.step_of(
        policy, theta, batch, notebook_10.package, 0.003, 0.2, 7, update.line_search_steps, 0.6
    )
    assert report.accepted
    np.testing.assert_allclose(new - theta, expected - theta, rtol=1e-6, atol=1e-12)


def test_a_piece_is_yours_only_if_it_passes(capsys):
    mine = lambda new, old, A: np.mean(np.exp(new - old) * A)  # noqa: E731
    wrong = lambda new, old, A: np.sum(np.exp(new - old) * A)  # noqa: E731
    blank = lambda new, old, A: None  # noqa: E731
    check, package = notebook_10.check_surrogate, notebook_10.package
    assert notebook_10.yours(mine, check, package.surrogate) is mine
    assert notebook_10.yours(wrong, check, package.surrogate) is package.surrogate
    assert notebook_10.yours(blank, check, package.surrogate) is package.surrogate
    notebook_10.print_owners(SimpleNamespace(surrogate=mine, gae=package.gae))
    surrogate, gae = capsys.readouterr().out.splitlines()
    assert (surrogate.split(maxsplit=1), gae.split(maxsplit=1)) == (
        ["surrogate", "yours"],
        ["gae", "the package's"],
    )


def test_a_training_takes_the_steps_that_it_is_given():
    """Standing still has KL 0 in every update, a step has not; the same seed gives the same."""
    how = {"updates": 3, "seed": 1, "settings": Settings(batch_size=64, num_envs=2)}
    still = training(as_update(lambda policy, theta, batch: theta), **how)
    np.testing.assert_allclose(still[0], 0, atol=1e-15)
    moving = [training(as_update(lambda policy, theta, *_: theta + 0.1), **how) for _ in range(2)]
    assert (moving[0][0] > 0).all()
    np.testing.assert_array_equal(moving[0], moving[1])
    assert len(still[1]) == 3
