"""The surrogate objective and the KL constraint: scalars of theta that autograd differentiates."""

from collections.abc import Callable
from dataclasses import dataclass

import autograd.numpy as np
import numpy

from trpo_np.policy import Policy

Array = numpy.ndarray


@dataclass(frozen=True)
class Batch:
    """N samples of states and actions under the policy that acted."""

    observations: Array  #: (N, D), as the policy saw them
    actions: Array  #: (N, ...), as `Policy.sample` gave them
    advantages: Array  #: (N,)
    log_probs: Array  #: (N,), log π_old(a|s)


def surrogate(policy: Policy, theta: Array, batch: Batch) -> float:
    """L(theta) = E[π_theta(a|s) / π_old(a|s) A(s, a)], the mean over the batch.

    Chapter, "Surrogate Objective"; Schulman et al. (2015), eq. 14.
    """
    log_probs = policy.log_prob(theta, batch.observations, batch.actions)
    ratio = np.exp(log_probs - batch.log_probs)
    return np.mean(ratio * batch.advantages)


def mean_kl(policy: Policy, theta_old: Array, theta_new: Array, obs: Array) -> float:
    """E_s[KL(π_old(·|s) ‖ π_new(·|s))], the mean over observations (N, D), in nats.

    A function of theta_new: theta_old is held constant. Chapter, "TRPO Optimization Problem".
    """
    return mean_kl_from(policy, theta_old, obs)(theta_new)


def mean_kl_from(policy: Policy, theta_old: Array, obs: Array) -> Callable[[Array], float]:
    """The function theta_new -> mean_kl(policy, theta_old, theta_new, obs), with the old policy's
    outputs computed once."""
    eta_old = policy.outputs(theta_old, obs)
    return lambda theta: np.mean(policy.distribution.kl(eta_old, policy.outputs(theta, obs)))
