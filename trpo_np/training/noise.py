"""Noise that lasts: what one step's actions had of it is in part still there in the next."""

from collections.abc import Callable

import numpy as np

from trpo_np.distributions import DiagonalGaussian
from trpo_np.policy import Policy

Array = np.ndarray


def drawing(
    policy: Policy, rng: np.random.Generator, correlation: float
) -> Callable[[Array, Array], tuple[Array, Array]]:
    """The function of eta (E, K) and of which (E,) steps only reset, to be called for one step
    after another, that returns actions (E, ...): as the policy draws them, and as they are done.

    A Gaussian's are done with a share ρ of the noise e of the step before, equation (12.8); e is
    how far what was done lies from the mean, and 0 where a batch or an episode begins. Draws and
    their probabilities are the policy's own: to them ρ e is a part of the environment. Where ρ = 0,
    and where nothing is Gaussian, what is drawn is done.
    """
    lasts = correlation and isinstance(policy.distribution, DiagonalGaussian)
    e = 0.0

    def draw(eta: Array, resetting: Array) -> tuple[Array, Array]:
        nonlocal e
        events = policy.distribution.sample(eta, rng)
        drawn = policy.as_actions(events)
        if not lasts:
            return drawn, drawn
        done = events + correlation * e  # (12.8)
        e = np.where(resetting[:, None], 0, done - policy.distribution.mode(eta))
        return drawn, policy.as_actions(done)

    return draw
