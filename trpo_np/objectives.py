"""The surrogate objective, the KL constraint, and the policy gradient: scalars of theta, and what
autograd makes of them."""

import autograd.numpy as anp
import numpy as np
from autograd import grad

from trpo_np.batch import Batch
from trpo_np.checked import rows
from trpo_np.distributions import Distribution
from trpo_np.policy import Policy

Array = np.ndarray


def surrogate(policy: Policy, theta: Array, batch: Batch) -> float:
    """L(theta) = E[π_theta(a|s) / π_old(a|s) A(s, a)], the mean over the batch.

    Raises UsageError where the batch's shapes do not agree. Equations (2.10), (10.1); chapter,
    "Surrogate Objective"; Schulman et al. (2015), eq. 14.
    """
    w = probability_ratios(policy, theta, batch)
    return anp.mean(w * batch.advantages)  # (2.10), (10.1)


def probability_ratios(policy: Policy, theta: Array, batch: Batch) -> Array:
    """π_theta(a|s) / π_old(a|s) (N,)."""
    log_probs = policy.log_prob(theta, batch.observations, batch.checked().actions)
    return anp.exp(log_probs - batch.log_probs)


def mean_kl(policy: Policy, theta_old: Array, theta_new: Array, obs: Array) -> float:
    """E_s[KL(π_old(·|s) ‖ π_new(·|s))], the mean over observations (N, D), in nats.

    A function of theta_new: theta_old is held constant. Chapter, "TRPO Optimization Problem".
    """
    obs = rows(obs, policy.network.num_inputs, least=1)
    eta_old, eta_new = policy.outputs(theta_old, obs), policy.outputs(theta_new, obs)
    return mean_kl_between(policy.distribution, eta_old, eta_new)


def mean_kl_between(distribution: Distribution, eta_old: Array, eta_new: Array) -> float:
    """The mean over the rows of KL(eta_old ‖ eta_new), each (N, K)."""
    return anp.mean(distribution.kl(eta_old, eta_new))


def policy_gradient(policy: Policy, theta: Array, batch: Batch) -> Array:
    """g = ∇L(theta) (P,), by autograd; equations (2.9), (4.2).

    `trpo_np.fast` has the same gradient in closed form, which is what training uses.
    """
    return grad(lambda x: surrogate(policy, x, batch))(theta)  # (2.9), (4.2)
