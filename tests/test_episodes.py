"""The one episode loop: what counts, what is cut off, and what an environment shows afterwards."""

import numpy as np
import pytest
from toys import countdowns

from trpo_np.training.episodes import _masked, play


def still(observations):
    return np.zeros(len(observations), int)


def test_only_the_first_episode_of_each_environment_counts():
    """A reward of 1 a step; environments whose episode is over go on being stepped."""
    played = play(still, countdowns({"length": 1}, {"length": 5}, {"length": 2}), 0)
    np.testing.assert_array_equal(played.returns, [1, 5, 2])
    np.testing.assert_array_equal(played.lengths, [1, 5, 2])
    assert played.cut == 0


@pytest.mark.parametrize(("longest", "cut"), [(1, 2), (2, 1), (4, 1), (5, 0), (6, 0)])
def test_episodes_that_go_on_for_too_long_are_cut_off(longest, cut):
    played = play(still, countdowns({"length": 5}, {"length": 2}), 0, longest=longest)
    np.testing.assert_array_equal(played.lengths, np.minimum([5, 2], longest))
    np.testing.assert_array_equal(played.returns, played.lengths)
    assert (played.cut, type(played.cut)) == (cut, int)


@pytest.mark.parametrize("shape", [(), (2,), (2, 3)])
def test_where_an_episode_is_over_one_under_way_is_shown(shape, rng):
    """Observations of any shape; that of the first environment whose episode goes on."""
    x = rng.standard_normal((4, *shape))
    shown = _masked(x, np.array([False, False, True, True]))
    np.testing.assert_array_equal(shown, x[[2, 2, 2, 3]])
    assert _masked(x, np.ones(4, bool)) is x
