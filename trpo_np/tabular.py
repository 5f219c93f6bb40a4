"""Exact finite Markov decision processes, where the theorem's two sides can be computed.

Every array may carry leading dimensions (...), so that thousands of MDPs are solved in one call.
A policy is a table pi (..., S, A), each row a distribution over actions.
"""

from dataclasses import dataclass

import numpy as np

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class FiniteMDP:
    """S states and A actions: transitions P(s'|s,a), rewards r(s,a), start distribution μ."""

    transitions: Array  #: (..., S, A, S)
    rewards: Array  #: (..., S, A)
    start: Array  #: (..., S)
    gamma: float


def random_mdp(
    rng: np.random.Generator, S: int, A: int, gamma: float, shape: tuple[int, ...] = ()
) -> FiniteMDP:
    """Random MDPs of the leading `shape`: Dirichlet transitions and start, normal rewards."""
    return FiniteMDP(
        transitions=rng.dirichlet(np.ones(S), size=(*shape, S, A)),
        rewards=rng.standard_normal((*shape, S, A)),
        start=rng.dirichlet(np.ones(S), size=shape),
        gamma=gamma,
    )


def softmax_policy(logits: Array) -> Array:
    """The policy pi (..., S, A) with these logits."""
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def evolution(mdp: FiniteMDP, pi: Array) -> Array:
    """I - γ P_π (..., S, S), with P_π(s'|s) = Σ_a π(a|s) P(s'|s,a)."""
    P_pi = np.einsum("...sa,...sat->...st", pi, mdp.transitions)
    return np.eye(P_pi.shape[-1]) - mdp.gamma * P_pi


def state_values(mdp: FiniteMDP, pi: Array) -> Array:
    """V (..., S), the solution of V = r_π + γ P_π V. Equation (2.2)."""
    r_pi = np.sum(pi * mdp.rewards, axis=-1)
    return np.linalg.solve(evolution(mdp, pi), r_pi[..., None])[..., 0]  # (2.2)


def advantages(mdp: FiniteMDP, pi: Array) -> Array:
    """A(s, a) = r(s, a) + γ E[V(s')] - V(s), (..., S, A). Equations (2.3), (2.4)."""
    V = state_values(mdp, pi)
    Q = mdp.rewards + mdp.gamma * np.einsum("...sat,...t->...sa", mdp.transitions, V)
    return Q - V[..., None]  # (2.3), (2.4)


def performance(mdp: FiniteMDP, pi: Array) -> Array:
    """J(π) = E_{s ~ μ} V(s), (...): the expected discounted return. Equation (2.1)."""
    return np.sum(mdp.start * state_values(mdp, pi), axis=-1)  # (2.1)


def visitation(mdp: FiniteMDP, pi: Array) -> Array:
    """ρ(s) = Σ_t γ^t P(s_t = s) (..., S), unnormalised: it sums to 1 / (1 - γ). Equation (2.5)."""
    transposed = np.swapaxes(evolution(mdp, pi), -1, -2)
    return np.linalg.solve(transposed, mdp.start[..., None])[..., 0]  # (2.5)


def local_approximation(mdp: FiniteMDP, pi_old: Array, pi: Array) -> Array:
    """L(π) = J(π_old) + Σ_s ρ_old(s) Σ_a π(a|s) A_old(s, a), (...).

    Equation (2.7); Schulman et al. (2015), eq. 3. With ρ of the new policy in place of the old it
    would be J(π), exactly: the performance difference lemma (2.6), their eq. 1.
    """
    gain = np.sum(pi * advantages(mdp, pi_old), axis=-1)
    return performance(mdp, pi_old) + np.sum(visitation(mdp, pi_old) * gain, axis=-1)  # (2.7)


def state_kl(pi_old: Array, pi: Array) -> Array:
    """KL(π_old(·|s) ‖ π(·|s)) (..., S), in nats; infinite where π misses an action of π_old."""
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = pi_old * (np.log(pi_old) - np.log(pi))
    return np.sum(np.where(pi_old > 0, terms, 0.0), axis=-1)


def penalty_constant(mdp: FiniteMDP, pi_old: Array) -> Array:
    """C = 2γε / (1 - γ)² (...), ε the largest |A_old(s, a)| over states and actions.

    Chapter, "Monotonic Improvement Theorem". The paper's 4γε / (1 - γ)² holds a fortiori: it bounds
    TV² by KL where Pinsker's inequality gives KL / 2.
    """
    epsilon = np.abs(advantages(mdp, pi_old)).max(axis=(-2, -1))
    return 2 * mdp.gamma * epsilon / (1 - mdp.gamma) ** 2


def lower_bound(mdp: FiniteMDP, pi_old: Array, pi: Array) -> Array:
    """L(π) - C max_s KL(π_old(·|s) ‖ π(·|s)) (...): never above J(π).

    Equation (3.1); Schulman et al. (2015), theorem 1, with the chapter's constant.
    """
    worst_kl = state_kl(pi_old, pi).max(axis=-1)
    penalty = penalty_constant(mdp, pi_old) * worst_kl
    return local_approximation(mdp, pi_old, pi) - penalty  # (3.1)


def state_total_variation(pi_old: Array, pi: Array) -> Array:
    """TV(π_old(·|s), π(·|s)) = ½ Σ_a |π_old(a|s) - π(a|s)| (..., S). Equation (3.2)."""
    return 0.5 * np.sum(np.abs(pi_old - pi), axis=-1)


def gains(mdp: FiniteMDP, pi_old: Array, pi: Array) -> Array:
    """G(s) = Σ_a π(a|s) A_old(s, a) (..., S): what the new policy gains by its choice in s."""
    return np.sum(pi * advantages(mdp, pi_old), axis=-1)


def surrogate_gap(mdp: FiniteMDP, pi_old: Array, pi: Array) -> Array:
    """J(π) - L(π) = Σ_s (ρ(s) - ρ_old(s)) G(s) (...), without the cancellation of two large
    numbers."""
    moved = visitation(mdp, pi) - visitation(mdp, pi_old)
    return np.sum(moved * gains(mdp, pi_old, pi), axis=-1)


def old_mean(mdp: FiniteMDP, pi_old: Array, f: Array) -> Array:
    """E f(s) (...), s drawn from the normalised visitation (1 - γ) ρ_old of the old policy."""
    rho, f = np.broadcast_arrays(visitation(mdp, pi_old), f)
    terms = np.multiply(rho, f, out=np.zeros(f.shape), where=rho > 0)  # f may be infinite elsewhere
    return (1 - mdp.gamma) * np.sum(terms, axis=-1)


def mean_state_kl(mdp: FiniteMDP, pi_old: Array, pi: Array) -> Array:
    """K̄ = (1 - γ) Σ_s ρ_old(s) KL(π_old(·|s) ‖ π(·|s)) (...). Equation (14.1)."""
    return old_mean(mdp, pi_old, state_kl(pi_old, pi))  # (14.1)


def state_distributions(mdp: FiniteMDP, pi: Array, steps: int) -> Array:
    """p_t(s) = P(s_t = s) for t = 0, ..., steps - 1 (..., steps, S)."""
    P_pi = np.einsum("...sa,...sat->...st", pi, mdp.transitions)
    p = [np.broadcast_to(mdp.start, P_pi.shape[:-1])]
    for _ in range(steps - 1):
        p.append(np.einsum("...s,...st->...t", p[-1], P_pi))
    return np.stack(p, axis=-2)
