"""A KL penalty in place of the constraint, solved exactly for finite policies, and its estimators.

Distributions stand in the last axis; leading dimensions (...) are states, and beta is one number
for all of them. Plain NumPy; every expectation is a sum.
"""

from collections.abc import Callable

import numpy as np

Array = np.ndarray


def exponential_step(pi_old: Array, A: Array, beta: float) -> Array:
    """The policy that maximises Σ_a π A - β KL(π ‖ π_old) in each state, π ∝ π_old exp(A / β).

    Equations (15.1), (15.2); with a fixed reference for π_old and rewards for A, (15.17), (15.18).
    """
    with np.errstate(divide="ignore"):
        log_weights = np.log(pi_old) + A / beta
    weights = np.exp(log_weights - log_weights.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)  # (15.1), (15.2), (15.17), (15.18)


def hyperbolic_step(pi_old: Array, A: Array, beta: float) -> Array:
    """The policy that maximises Σ_a π A - β KL(π_old ‖ π) in each state, π = β π_old / (ν - A).

    Equations (15.5), (15.6): ν is found by bisection, between the limits of (15.7). All entries of
    π_old must be positive.
    """
    below_top = A.max(axis=-1, keepdims=True) - A
    near = np.zeros_like(below_top[..., :1])  # of ν - max A
    far = np.full_like(near, beta)
    for _ in range(60):
        middle = (near + far) / 2
        too_much = np.sum(beta * pi_old / (below_top + middle), axis=-1, keepdims=True) > 1
        near, far = np.where(too_much, middle, near), np.where(too_much, far, middle)
    weights = pi_old / (below_top + far)
    return weights / weights.sum(axis=-1, keepdims=True)  # (15.5), (15.6), (15.7)


def multiplier(divergence: Callable[[float], float], delta: float) -> float:
    """The β at which divergence(β), a falling function, is δ, by bisection of log β.

    Equation (15.9): the penalty's twin of the constraint KL ≤ δ.
    """
    low, high = np.log(1e-9), np.log(1e9)
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if divergence(np.exp(middle)) > delta else (low, middle)
    return float(np.exp(high))  # (15.9)


def adapted_beta(beta: float, kl: float, target: float) -> float:
    """β for the next update, from the KL of this one: doubled if too far, halved if too near.

    Equation (15.15); Schulman et al. (2017), section 4.
    """
    if kl > 1.5 * target:
        return 2 * beta
    return beta / 2 if kl < target / 1.5 else beta  # (15.15)


def two_penalty_step(
    pi_old: Array, pi_ref: Array, reward: Array, beta: float, beta_ref: float
) -> Array:
    """The policy that maximises Σ_a π r - β_ref KL(π ‖ π_ref) - β KL(π ‖ π_old). (15.19)"""
    total = beta + beta_ref
    log_mean = (beta * np.log(pi_old) + beta_ref * np.log(pi_ref)) / total
    return exponential_step(np.exp(log_mean), reward, total)  # (15.19)


def kl_estimates(log_p: Array, log_q: Array) -> Array:
    """(k1, k2, k3) (3, ...) of KL(p ‖ q), from the log-probabilities of actions drawn from p.

    Equation (15.21); Schulman (2020).
    """
    log_w = log_q - log_p
    return np.stack([-log_w, 0.5 * log_w**2, np.expm1(log_w) - log_w])  # (15.21)


def estimate_moments(p: Array, q: Array) -> tuple[Array, Array]:
    """The exact means and variances (3,) of k1, k2, k3 for one action drawn from p (n,). (15.22)"""
    k = kl_estimates(np.log(p), np.log(q))
    mean = k @ p
    return mean, (k - mean[:, None]) ** 2 @ p  # (15.22)


def best_coefficient(p: Array, q: Array) -> float:
    """The λ for which -log w + λ(w - 1), w = q/p, has the least variance under p (n,). (15.24)"""
    both_ways = np.sum((p - q) * np.log(p / q))
    return float(both_ways / np.sum((q - p) ** 2 / p))  # (15.24)


def gradients_as_loss(p: Array, q: Array) -> Array:
    """The exact means (3, n) of ∇k1, ∇k2, ∇k3 under p, with respect to p's logits. (15.28)

    The drawn action is held fixed, as automatic differentiation does.
    """
    w, score = q / p, np.eye(len(p)) - p  # (n,), and one row for each action
    slopes = np.stack([np.ones_like(w), -np.log(w), 1 - w])  # of k along log p
    return (p * slopes) @ score  # (15.28)


def gradients_in_reward(p: Array, q: Array) -> Array:
    """The exact means (3, n) of k1, k2, k3 times the score of the drawn action. (15.29)"""
    return (p * kl_estimates(np.log(p), np.log(q))) @ (np.eye(len(p)) - p)  # (15.29)


def group_advantages(rewards: Array, normalize: bool = True) -> Array:
    """Rewards (..., G) less the mean of their group, over its standard deviation. (15.33)

    A group whose rewards are all alike has no advantages.
    """
    centred = rewards - rewards.mean(axis=-1, keepdims=True)
    if not normalize:
        return centred
    spread = rewards.std(axis=-1, keepdims=True)
    return centred / np.where(spread > 0, spread, 1.0)  # (15.33)
