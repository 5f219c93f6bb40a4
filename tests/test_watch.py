"""What a run says of itself, once, where it would else look like learning."""

import warnings

import numpy as np
import pytest
from gymnasium import spaces
from toys import Countdown

from trpo_np import TRPO, Settings, train
from trpo_np.training.notes import Note

SMALL = Settings(batch_size=64, num_envs=4, hidden=(4,))
BOX = spaces.Box(-1, 1, (1,))


def said(*asked, **how):
    """The sentences that a run says, and its result."""
    with warnings.catch_warnings(record=True) as notes:
        warnings.simplefilter("always")
        result = train(*asked, **how)
    assert all(note.category is Note for note in notes)
    return [str(note.message) for note in notes], result


class Loud(Countdown):
    """Pays the size of the action, and starts each time elsewhere."""

    def __init__(self):
        super().__init__(length=5, action_space=BOX)

    def step(self, action):
        observation, _, *rest = super().step(action)
        return observation, float(np.abs(action).sum()), *rest


def test_a_policy_that_only_draws_the_bounds_is_told_once():
    """A reward that grows with |action| drives log_std up, which is told in time, and with the way
    to see what the most likely action earns."""
    notes, result = said(Loud, TRPO(delta=1.0), 4_000, 0, SMALL)
    assert len([note for note in notes if "cut off at the bounds" in note]) == 1
    assert "stochastic=True" in notes[0]
    assert result.theta[-1] > 2  # log_std


class Same(Countdown):
    """Pays one everywhere, or once something else; shows something else each time."""

    def __init__(self, other=None):
        super().__init__(length=5)
        self.other, self.steps = other, 0

    def step(self, action):
        self.steps += 1
        _, reward, *rest = super().step(action)
        observation = self.np_random.standard_normal(1)
        return observation, (2.0 if self.steps == self.other else reward), *rest


def test_equal_returns_are_told_once():
    notes, result = said(Same, TRPO(), 3_000, 0, SMALL)
    assert len(notes) == 1
    assert "episodes so far returned 5: as long as none earns more" in notes[0]
    assert len(result.history) > 30


def test_one_other_return_is_enough():
    notes, _ = said(lambda: Same(other=7), TRPO(), 3_000, 0, SMALL)
    assert notes == []


def test_too_few_episodes_prove_nothing():
    notes, _ = said(Same, TRPO(), 1_000, 0, SMALL)
    assert notes == []


@pytest.mark.parametrize(("precision", "steps"), [("float32", 0), ("float64", 1)])
def test_a_collapsed_gaussian_takes_no_step_that_rounding_could_undo(precision, steps):
    """log_std = -20: in float32 its KL would be that of rounding errors, and the run says so."""

    class Near(Loud):
        def step(self, action):
            observation, _, *rest = super().step(action)
            return observation, float(self.np_random.random()), *rest

    small = {"batch_size": 64, "num_envs": 4, "hidden": (4,)}
    settings = Settings(**small, initial_std=np.exp(-20.0), precision=precision)
    notes, result = said(Near, TRPO(), 600, 0, settings)
    accepted = sum(row.accepted for row in result.history)
    assert (accepted > 0) == bool(steps)
    assert len(notes) == (steps == 0)
    assert all("Rounding alone may move the policy by more than δ" in note for note in notes)
