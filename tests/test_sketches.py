"""What stands in where pygame is absent: the sketches show what gymnasium's drawings show."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from trpo_np import Settings, train
from trpo_np.classroom import live
from trpo_np.classroom.sketches import WIDTH, sketch
from trpo_np.errors import UsageError
from trpo_np.training.animation import picture_of
from trpo_np.training.environments import source
from trpo_np.training.exchange import next_step

ENVIRONMENTS = "CartPole-v1", "Pendulum-v1"


def centre(picture):
    """The centre of what is brown or red in a picture: the pole, the rod."""
    red, green, blue = (np.asarray(picture, dtype=int)[..., i] for i in range(3))
    rows, columns = np.nonzero((red > 150) & (blue < 150) & (green < 200))
    assert rows.size
    return np.array([columns.mean(), rows.mean()])


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_a_sketch_shows_the_pole_where_gymnasium_draws_it(env):
    pytest.importorskip("pygame")
    envs = source(env).many(1, render_mode="rgb_array")
    with live._no_window():
        next_step(envs).reset(seed=1)
        for _ in range(8):
            envs.step(np.ones((1, *envs.single_action_space.shape), envs.single_action_space.dtype))
            own = sketch(envs)
            drawn = Image.fromarray(picture_of(envs)).resize((WIDTH, own.shape[0]))
            np.testing.assert_allclose(centre(own), centre(drawn), atol=2.5)  # pixels
    envs.close()


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_an_episode_is_shown_without_pygame(env, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "pygame"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pygame", None)
    agent = train(env, total_steps=64, settings=Settings(batch_size=64, hidden=(4,))).agent
    frames, _ = live.episode(agent, every=50)
    assert len(frames) >= 2
    assert len({frame.tobytes() for frame in frames}) > 1
    other = replace(agent, env=source("Acrobot-v1"))
    assert sketch(other.env.many(1)) is None
    unknown = train("Acrobot-v1", total_steps=64, settings=Settings(batch_size=64, hidden=(4,)))
    with pytest.raises(UsageError, match="classic-control"):
        live.episode(unknown.agent)
