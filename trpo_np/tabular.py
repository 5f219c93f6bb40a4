"""Exact finite Markov decision processes, where the theorem's two sides can be computed.

Every array may carry leading dimensions (...), so that thousands of MDPs are solved in one call.
A policy is a table pi (..., S, A), each row a distribution over actions.
"""

from dataclasses import dataclass

import numpy as np

Array = np.ndarray


@dataclass(frozen=True)
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


def _evolution(mdp: FiniteMDP, pi: Array) -> Array:
    """I - γ P_π (..., S, S), with P_π(s'|s) = Σ_a π(a|s) P(s'|s,a)."""
    P_pi = np.einsum("...sa,...sat->...st", pi, mdp.transitions)
    return np.eye(P_pi.shape[-1]) - mdp.gamma * P_pi


def state_values(mdp: FiniteMDP, pi: Array) -> Array:
    """V (..., S), the solution of V = r_π + γ P_π V. Equation (2.2)."""
    r_pi = np.sum(pi * mdp.rewards, axis=-1)
    return np.linalg.solve(_evolution(mdp, pi), r_pi[..., None])[..., 0]


def advantages(mdp: FiniteMDP, pi: Array) -> Array:
    """A(s, a) = r(s, a) + γ E[V(s')] - V(s), (..., S, A). Equations (2.3), (2.4)."""
    V = state_values(mdp, pi)
    Q = mdp.rewards + mdp.gamma * np.einsum("...sat,...t->...sa", mdp.transitions, V)
    return Q - V[..., None]


def performance(mdp: FiniteMDP, pi: Array) -> Array:
    """J(π) = E_{s ~ μ} V(s), (...): the expected discounted return. Equation (2.1)."""
    return np.sum(mdp.start * state_values(mdp, pi), axis=-1)


def visitation(mdp: FiniteMDP, pi: Array) -> Array:
    """ρ(s) = Σ_t γ^t P(s_t = s) (..., S), unnormalised: it sums to 1 / (1 - γ). Equation (2.5)."""
    transposed = np.swapaxes(_evolution(mdp, pi), -1, -2)
    return np.linalg.solve(transposed, mdp.start[..., None])[..., 0]


def local_approximation(mdp: FiniteMDP, pi_old: Array, pi: Array) -> Array:
    """L(π) = J(π_old) + Σ_s ρ_old(s) Σ_a π(a|s) A_old(s, a), (...).

    Equation (2.7); Schulman et al. (2015), eq. 3. With ρ of the new policy in place of the old it
    would be J(π), exactly: the performance difference lemma (2.6), their eq. 1.
    """
    gain = np.sum(pi * advantages(mdp, pi_old), axis=-1)
    return performance(mdp, pi_old) + np.sum(visitation(mdp, pi_old) * gain, axis=-1)


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
    return local_approximation(mdp, pi_old, pi) - penalty_constant(mdp, pi_old) * worst_kl


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
    return (1 - mdp.gamma) * np.sum(visitation(mdp, pi_old) * f, axis=-1)


def mean_state_kl(mdp: FiniteMDP, pi_old: Array, pi: Array) -> Array:
    """K̄ = (1 - γ) Σ_s ρ_old(s) KL(π_old(·|s) ‖ π(·|s)) (...). Equation (14.1)."""
    return old_mean(mdp, pi_old, state_kl(pi_old, pi))


def state_distributions(mdp: FiniteMDP, pi: Array, steps: int) -> Array:
    """p_t(s) = P(s_t = s) for t = 0, ..., steps - 1 (..., steps, S)."""
    P_pi = np.einsum("...sa,...sat->...st", pi, mdp.transitions)
    p = [np.broadcast_to(mdp.start, P_pi.shape[:-1])]
    for _ in range(steps - 1):
        p.append(np.einsum("...s,...st->...t", p[-1], P_pi))
    return np.stack(p, axis=-2)


def path_kl(mdp: FiniteMDP, pi_old: Array, pi: Array, steps: int) -> Array:
    """K_t (..., steps), the divergence of the paths up to s_t: the sum over i < t of the mean of
    KL(π_old(·|s) ‖ π(·|s)) over the old policy's s_i. The states' own KL is at most K_t (14.3)."""
    kappa = np.einsum(
        "...ts,...s->...t", state_distributions(mdp, pi_old, steps), state_kl(pi_old, pi)
    )
    return np.cumsum(kappa, axis=-1) - kappa


def visitation_bound(mdp: FiniteMDP, pi_old: Array, pi: Array, power: float = 1.5) -> Array:
    """γ √(2 K̄) (1 - γ)^(-power) (...): with the power 3/2 never below Σ_s |ρ(s) - ρ_old(s)|.

    Equation (14.6). No smaller power will do.
    """
    mean_kl = mean_state_kl(mdp, pi_old, pi)
    return mdp.gamma * np.sqrt(2 * mean_kl) * (1 - mdp.gamma) ** -power


def gap_bound(mdp: FiniteMDP, pi_old: Array, pi: Array, power: float = 1.5) -> Array:
    """γ √(2 K̄) (1 - γ)^(-power) max_s |G(s)| (...): with the power 3/2 never below |J - L|.

    Equation (14.2), the sharper bound with the mean KL. No smaller power will do.
    """
    largest_gain = np.abs(gains(mdp, pi_old, pi)).max(axis=-1)
    return visitation_bound(mdp, pi_old, pi, power) * largest_gain


def sharper_constant(mdp: FiniteMDP, pi_old: Array, power: float = 1.5) -> Array:
    """C = 2γε (1 - γ)^(-power) (...): with the power 3/2, J ≥ L - C max_s KL.

    Equation (14.7): the chapter's constant times √(1 - γ). No smaller power will do.
    """
    epsilon = np.abs(advantages(mdp, pi_old)).max(axis=(-2, -1))
    return 2 * mdp.gamma * epsilon * (1 - mdp.gamma) ** -power


def plain_gap_bound(mdp: FiniteMDP, pi_old: Array, pi: Array) -> Array:
    """2γ max_s |G(s)| / (1 - γ) (...): what is known of |J - L| without any divergence.

    Equation (14.8).
    """
    largest_gain = np.abs(gains(mdp, pi_old, pi)).max(axis=-1)
    return 2 * mdp.gamma * largest_gain / (1 - mdp.gamma)


def tv_gap_bound(mdp: FiniteMDP, pi_old: Array, pi: Array) -> Array:
    """2γ (1 - γ)^(-2) E[TV] max_s |G(s)| (...), the mean over the old policy's visitation.

    Equation (14.9); Achiam et al. (2017), corollary 1.
    """
    mean_tv = old_mean(mdp, pi_old, state_total_variation(pi_old, pi))
    return mean_tv * plain_gap_bound(mdp, pi_old, pi) / (1 - mdp.gamma)


def half_span(f: Array) -> Array:
    """½ (max f - min f) (...), over the last axis: the least max |f - c| over constants c.

    Equation (14.16). In a bound on |J - L| it may stand in the place of max |G|.
    """
    return 0.5 * (f.max(axis=-1) - f.min(axis=-1))


def path_gap_bound(mdp: FiniteMDP, pi_old: Array, pi: Array, tail: float = 1e-9) -> Array:
    """Σ_t γ^t min(2, 2 Σ_{i<t} E TV(s_i), √(2 K_t)) max_s |G(s)| (...), never below |J - L|.

    Equation (14.17): at every time the smallest of three bounds. Steps that together weigh less
    than `tail` of the whole are counted as 2.
    """
    gamma = mdp.gamma
    steps = 2 if gamma == 0 else 2 + int(np.log(tail) / np.log(gamma))
    tv = np.einsum(
        "...ts,...s->...t",
        state_distributions(mdp, pi_old, steps),
        state_total_variation(pi_old, pi),
    )
    coupled = 2 * (np.cumsum(tv, axis=-1) - tv)
    pinsker = np.sqrt(2 * path_kl(mdp, pi_old, pi, steps))
    shift = np.minimum(2, np.minimum(coupled, pinsker))
    moved = np.sum(gamma ** np.arange(steps) * shift, axis=-1) + 2 * gamma**steps / (1 - gamma)
    return moved * np.abs(gains(mdp, pi_old, pi)).max(axis=-1)


def marginal_constant(mdp: FiniteMDP, pi_old: Array, terms: int = 200_000) -> Array:
    """C = 2ε Σ_t γ^t √t (...), the first `terms` terms and a bound for the rest; it too satisfies
    J ≥ L - C max_s KL.

    Equation (14.19): below `sharper_constant`; Li et al.'s Pinsker-marginal bound, discounted.
    """
    gamma = mdp.gamma
    t = np.arange(terms)
    rest = gamma**terms * (np.sqrt(terms) / (1 - gamma) + (1 - gamma) ** -1.5)
    epsilon = np.abs(advantages(mdp, pi_old)).max(axis=(-2, -1))
    return 2 * epsilon * (np.sum(gamma**t * np.sqrt(t)) + rest)


def value_change_gap(mdp: FiniteMDP, pi_old: Array, pi: Array) -> Array:
    """γ Σ_s ρ_old(s) Σ_s' (P_π - P_old)(s'|s) (V_π - V_old)(s') (...): J - L, exactly.

    Equation (14.20).
    """
    change = np.einsum("...sa,...sat->...st", pi - pi_old, mdp.transitions)
    W = state_values(mdp, pi) - state_values(mdp, pi_old)
    shift = np.einsum("...st,...t->...s", change, W)
    return mdp.gamma * np.sum(visitation(mdp, pi_old) * shift, axis=-1)


def future_gap_bound(mdp: FiniteMDP, pi_old: Array, pi: Array, tail: float = 1e-9) -> Array:
    """2γ/(1 - γ) E[TV] · ½ (max r - min r) Σ_t γ^t min(2, 2(t+1) max TV, √(2(t+1) max KL)) (...).

    Equation (14.21): Li et al.'s adaptive bound, discounted; never below |J - L|.
    """
    gamma = mdp.gamma
    steps = 2 if gamma == 0 else 2 + int(np.log(tail) / np.log(gamma))
    choices = np.arange(1, steps + 1)
    tv = state_total_variation(pi_old, pi)
    coupled = 2 * choices * tv.max(axis=-1)[..., None]
    pinsker = np.sqrt(2 * choices * state_kl(pi_old, pi).max(axis=-1)[..., None])
    paths = np.minimum(2, np.minimum(coupled, pinsker))
    moved = np.sum(gamma ** np.arange(steps) * paths, axis=-1) + 2 * gamma**steps / (1 - gamma)
    rewards = half_span(mdp.rewards.reshape(*mdp.rewards.shape[:-2], -1))
    return 2 * gamma / (1 - gamma) * old_mean(mdp, pi_old, tv) * rewards * moved


def memory(mdp: FiniteMDP, pi: Array) -> Array:
    """τ = ½ max_{s,s'} Σ_j |N(s,j) - N(s',j)| (...), N = (I - γ P_π)^-1: at most 1/(1 - γ).

    How far apart two starts lead, in discounted steps; finite for γ → 1 if the chain forgets.
    """
    N = np.linalg.inv(_evolution(mdp, pi))
    return 0.5 * np.abs(N[..., :, None, :] - N[..., None, :, :]).sum(axis=-1).max(axis=(-2, -1))


def mixing_gap_bound(mdp: FiniteMDP, pi_old: Array, pi: Array) -> Array:
    """2γ τ E[TV] max_s |G(s)| / (1 - γ) (...), τ the `memory` under the new policy.

    Equation (14.22), after Dai and Gluzman (2021); never below |J - L|.
    """
    mean_tv = old_mean(mdp, pi_old, state_total_variation(pi_old, pi))
    return memory(mdp, pi) * mean_tv * plain_gap_bound(mdp, pi_old, pi)
