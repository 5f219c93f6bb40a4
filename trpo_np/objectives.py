"""The surrogate objective and the KL constraint: scalars of theta that autograd differentiates."""

from dataclasses import dataclass

import autograd.numpy as np
import numpy
from autograd import grad

from trpo_np.linearization import Linearization
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

    Equations (2.10), (10.1); chapter, "Surrogate Objective"; Schulman et al. (2015), eq. 14.
    """
    return surrogate_at(policy, policy.outputs(theta, batch.observations), batch)


def surrogate_at(policy: Policy, eta: Array, batch: Batch) -> float:
    """The surrogate as a function of the distribution's parameters eta (N, K).

    Raises ValueError unless log_probs and advantages are (N,).
    """
    return np.mean(_ratio(policy, eta, batch) * batch.advantages)


def _ratio(policy: Policy, eta: Array, batch: Batch) -> Array:
    """π_theta(a|s) / π_old(a|s) (N,), where eta is that of theta."""
    log_probs = policy.distribution.log_prob(eta, policy.as_events(batch.actions))
    shapes = np.shape(batch.log_probs), np.shape(batch.advantages)
    if shapes != (log_probs.shape, log_probs.shape):
        raise ValueError(
            f"log_probs and advantages must have the shape {log_probs.shape}, but have {shapes}."
        )
    return np.exp(log_probs - batch.log_probs)


def mean_kl(policy: Policy, theta_old: Array, theta_new: Array, obs: Array) -> float:
    """E_s[KL(π_old(·|s) ‖ π_new(·|s))], the mean over observations (N, D), in nats.

    A function of theta_new: theta_old is held constant. Chapter, "TRPO Optimization Problem".
    """
    return mean_kl_at(policy, policy.outputs(theta_old, obs), policy.outputs(theta_new, obs))


def mean_kl_at(policy: Policy, eta_old: Array, eta_new: Array) -> float:
    """The mean KL as a function of the distributions' parameters eta (N, K)."""
    return np.mean(policy.distribution.kl(eta_old, eta_new))


def policy_gradient(policy: Policy, theta: Array, batch: Batch, route: str = "vjp") -> Array:
    """g = ∇L(theta) (P,), equations (2.9), (4.2), by the named route.

    "autograd": autograd through distribution and network;
    "vjp": the distribution's score in closed form, then Jᵀ ∂L/∂eta by the network's own VJP.
    """
    if route == "autograd":
        return grad(lambda x: surrogate(policy, x, batch))(theta)
    if route != "vjp":
        raise ValueError(f"There is no route {route!r}: choose one of autograd, vjp.")
    return policy_gradient_at(policy, policy.linearize(theta, batch.observations), batch)


def policy_gradient_at(policy: Policy, at: Linearization, batch: Batch) -> Array:
    """g (P,) where the policy has been linearized at the batch's observations."""
    eta = at.outputs
    weights = _ratio(policy, eta, batch) * batch.advantages / len(eta)
    scores = policy.distribution.score(eta, policy.as_events(batch.actions))
    slope = weights[:, None] * scores  # ∂L/∂eta (N, K)
    return at.vjp(slope.astype(eta.dtype, copy=False))
