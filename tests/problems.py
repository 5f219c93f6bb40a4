"""Random policies and batches for the tests."""

import numpy as np
from gymnasium import spaces

from trpo_np import Batch, make_policy

#: A line for each kind of policy that is tested: its action space, and its distribution where that
#: is not the one that the space gets by default.
ACTION_SPACES = {
    "Discrete": lambda rng: (spaces.Discrete(int(rng.integers(2, 5))), None),
    "Box": lambda rng: (spaces.Box(-1, 1, (int(rng.integers(1, 3)),), np.float64), None),
    "MultiDiscrete": lambda rng: (spaces.MultiDiscrete(rng.integers(2, 4, size=2)), None),
    "MultiBinary": lambda rng: (spaces.MultiBinary(int(rng.integers(1, 4))), None),
}


def random_problem(kind, rng, N=None, hidden=None, D=None):
    """A policy of random shape for a space of this kind, a theta far from init, observations."""
    D = D or int(rng.integers(1, 4))
    N = N or int(rng.integers(1, 6))
    if hidden is None:
        hidden = tuple(rng.integers(1, 5, size=rng.integers(0, 3)).tolist())
    action_space, distribution = ACTION_SPACES[kind](rng)
    policy = make_policy(spaces.Box(-np.inf, np.inf, (D,)), action_space, hidden, distribution)
    theta = 0.7 * rng.standard_normal(policy.num_parameters)
    return policy, theta, rng.standard_normal((N, D))


def random_batch(policy, theta, obs, rng):
    """A batch of actions drawn at theta, with random advantages."""
    actions = policy.sample(theta, obs, rng)
    log_probs = policy.log_prob(theta, obs, actions)
    return Batch(obs, actions, rng.standard_normal(len(obs)), log_probs)
