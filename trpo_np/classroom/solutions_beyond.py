"""Solutions to exercises of 14 and 15 as a student would write them, as in solutions.py."""

import numpy as np

from trpo_np import tabular


def gap_bound(mdp, pi_old, pi):
    """Exercise 14.6."""
    gamma = mdp.gamma
    share = (1 - gamma) * tabular.visitation(mdp, pi_old)
    mean_kl = np.sum(share * tabular.state_kl(pi_old, pi))
    G = np.sum(pi * tabular.advantages(mdp, pi_old), axis=1)
    return gamma * np.sqrt(2 * mean_kl) * (1 - gamma) ** -1.5 * np.max(np.abs(G))


def half_span(G):
    """Exercise 14.10."""
    return 0.5 * (np.max(G) - np.min(G))


def exponential_step(pi_old, A, beta):
    """Exercise 15.4."""
    weights = pi_old * np.exp((A - np.max(A, axis=1, keepdims=True)) / beta)
    return weights / np.sum(weights, axis=1, keepdims=True)


def hyperbolic_step(pi_old, A, beta):
    """Exercise 15.6."""
    low, high = np.max(A), np.max(A) + beta
    for _ in range(60):
        nu = (low + high) / 2
        if np.sum(beta * pi_old / (nu - A)) > 1:
            low = nu
        else:
            high = nu
    return beta * pi_old / (high - A)


def slope(pi_old, A, beta):
    """Exercise 15.7."""
    weights = pi_old * np.exp((A - np.max(A)) / beta)
    pi = weights / np.sum(weights)
    variance = pi @ (A - pi @ A) ** 2
    return -variance / beta**3


def adapted_beta(beta, kl, target):
    """Exercise 15.8."""
    if kl > 1.5 * target:
        return 2 * beta
    if kl < target / 1.5:
        return beta / 2
    return beta


def two_penalty_step(pi_k, pi_ref, r, beta, beta_ref):
    """Exercise 15.10."""
    total = beta + beta_ref
    log_m = (beta * np.log(pi_k) + beta_ref * np.log(pi_ref)) / total
    logits = log_m + r / total
    weights = np.exp(logits - np.max(logits))
    return weights / np.sum(weights)


def kl_estimates(log_p, log_q):
    """Exercise 15.11."""
    log_w = log_q - log_p
    return np.stack([-log_w, log_w**2 / 2, np.exp(log_w) - 1 - log_w])


def group_advantages(R):
    """Exercise 15.13."""
    std = np.std(R, axis=1, keepdims=True)
    return (R - np.mean(R, axis=1, keepdims=True)) / np.where(std > 0, std, 1.0)
