"""Small environments whose every number is known beforehand."""

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector import SyncVectorEnv


class Countdown(gymnasium.Env):
    """The observation counts the steps of the episode; the reward is 1 each. It terminates, or
    is truncated, after `length` steps."""

    observation_space = spaces.Box(-np.inf, np.inf, (1,), np.float64)

    def __init__(self, length=3, truncate=False, bad_at=None, action_space=None):
        self.length, self.truncate, self.bad_at = length, truncate, bad_at
        self.action_space = action_space or spaces.Discrete(2)
        self.seen = []

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.t = 0
        return np.zeros(1), {}

    def step(self, action):
        self.seen.append(action)
        self.t += 1
        over = self.t >= self.length
        value = np.nan if self.t == self.bad_at else float(self.t)
        return np.array([value]), 1.0, over and not self.truncate, over and self.truncate, {}


def countdowns(*options):
    """A vector environment with one Countdown for each dictionary of options."""
    return SyncVectorEnv([lambda o=o: Countdown(**o) for o in options])
