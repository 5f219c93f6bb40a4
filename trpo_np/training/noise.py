"""Noise that lasts: what one step's actions had of it is in part still there in the next."""

from collections.abc import Callable

import numpy as np
from gymnasium import spaces

from trpo_np.policy import Policy

Array = np.ndarray


def drawing(
    policy: Policy, rng: np.random.Generator, correlation: float
) -> Callable[[Array], tuple[Array, Array]]:
    """The function eta (E, K) -> actions (E, ...), as the policy draws them and as they are done,
    to be called for one step after another.

    In a Box a share ρ of the noise e before is added to what is drawn, equation (12.8); e is how
    far what was done lies from the most likely action, 0 to begin with. It runs on where an episode
    ends. Draws and their probabilities are the policy's own: to them ρ e is a part of the
    environment. Elsewhere, and with ρ = 0, what is drawn is done.
    """
    lasts = correlation and isinstance(policy.action_space, spaces.Box)
    e = 0.0

    def draw(eta: Array) -> tuple[Array, Array]:
        nonlocal e
        events = policy.distribution.sample(eta, rng)
        drawn = policy.as_actions(events)
        if not lasts:
            return drawn, drawn
        done = events + correlation * e  # (12.8)
        e = done - policy.distribution.mode(eta)
        return drawn, policy.as_actions(done)

    return draw
