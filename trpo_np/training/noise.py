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

    In a Box ρ times the noise of the step before is added, (12.8): done = drawn + ρ n, and the new
    n = done - mode. As a machine with inertia would do, so that the draws, their probabilities and
    the gradient are the policy's own, and the inertia is a part of the environment. Elsewhere, and
    with ρ = 0, what is drawn is done.
    """
    lasts = correlation and isinstance(policy.action_space, spaces.Box)
    left = 0.0

    def draw(eta: Array) -> tuple[Array, Array]:
        nonlocal left
        events = policy.distribution.sample(eta, rng)
        drawn = policy.as_actions(events)
        if not lasts:
            return drawn, drawn
        events = events + left
        left = correlation * (events - policy.distribution.mode(eta))
        return drawn, policy.as_actions(events)

    return draw
