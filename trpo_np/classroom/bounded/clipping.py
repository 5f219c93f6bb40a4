"""What clipping makes of a Gaussian: notebook 16, section 1."""

import math

import numpy as np

from trpo_np.training.result import TrainResult
from trpo_np.training.rollout import Sampler

Array = np.ndarray


def log_tail(z: float) -> float:
    """log of the probability that a standard normal variable is above z."""
    return math.log(0.5 * math.erfc(z / math.sqrt(2)))


def gaussian_kl(m: float, sigma: float, m_new: float, sigma_new: float) -> float:
    """KL in nats of two Gaussians: equation (1.4)."""
    return math.log(sigma_new / sigma) + (sigma**2 + (m - m_new) ** 2) / (2 * sigma_new**2) - 0.5


def clipped_kl(
    m: float, sigma: float, m_new: float, sigma_new: float, low: float, high: float, n: int = 4001
) -> float:
    """KL in nats of the actions that are executed: two Gaussians, clipped to [low, high].

    Each has a part of its probability at either bound, and a density between them.
    """
    log_p = [log_tail((m - low) / sigma), log_tail((high - m) / sigma)]
    log_q = [log_tail((m_new - low) / sigma_new), log_tail((high - m_new) / sigma_new)]
    at_bounds = sum(math.exp(p) * (p - q) for p, q in zip(log_p, log_q, strict=True))
    a = np.linspace(low, high, n)
    z, z_new = (a - m) / sigma, (a - m_new) / sigma_new
    p = np.exp(-0.5 * z**2) / (sigma * math.sqrt(2 * math.pi))
    inside = p * (math.log(sigma_new / sigma) + 0.5 * (z_new**2 - z**2))
    return at_bounds + float(np.sum(0.5 * (inside[1:] + inside[:-1])) * (high - low) / (n - 1))


def drawn_actions(result: TrainResult, seed: int = 0, steps: int = 256) -> Array:
    """The actions (N, d) that a trained policy draws in so many steps of 16 environments, before
    they are clipped."""
    envs, rng = result.env.many(16), np.random.default_rng([seed, 1])
    sampler = Sampler(envs, seed=int(rng.integers(2**31)))
    rollout = sampler.collect(result.policy, result.theta, result.normalizer, rng, steps)
    envs.close()
    return rollout.actions[rollout.valid]
