"""Noise that keeps a share of itself from one step to the next."""

from collections.abc import Callable

import numpy as np

from trpo_np.distributions import DiagonalGaussian, Distribution

Array = np.ndarray


def draws(
    distribution: Distribution, rng: np.random.Generator, correlation: float
) -> Callable[[Array], Array]:
    """The function eta (E, K) -> random actions (E, ...), to be called for one step after another.

    A Gaussian's noise is z ← ρz + √(1 − ρ²) ξ with fresh ξ: standard normal in every step, and
    correlated by ρᵏ over k of them. With ρ = 0, and for any other distribution, all draws are
    independent.
    """
    if correlation == 0 or not isinstance(distribution, DiagonalGaussian):
        return lambda eta: distribution.sample(eta, rng)
    z, fresh_share = None, np.sqrt(1 - correlation**2)

    def draw(eta: Array) -> Array:
        nonlocal z
        fresh = rng.standard_normal((len(eta), distribution.d))
        z = fresh if z is None else correlation * z + fresh_share * fresh
        return distribution.with_noise(eta, z)

    return draw
