"""Bounds on how far J and L part when a policy moves, each exact on finite MDPs; notebook 14.

Every array may carry leading dimensions (...), as in tabular.py.
"""

import numpy as np

from trpo_np.tabular import (
    FiniteMDP,
    advantages,
    evolution,
    gains,
    mean_state_kl,
    old_mean,
    state_distributions,
    state_kl,
    state_total_variation,
    state_values,
    visitation,
)

Array = np.ndarray


def path_kl(mdp: FiniteMDP, pi_old: Array, pi: Array, steps: int) -> Array:
    """K_t (..., steps), the divergence of the paths up to s_t: the sum over i < t of the mean of
    KL(π_old(·|s) ‖ π(·|s)) over the old policy's s_i. The states' own KL is at most K_t (14.3)."""
    kappa = np.einsum(
        "...ts,...s->...t", state_distributions(mdp, pi_old, steps), state_kl(pi_old, pi)
    )
    return np.cumsum(kappa, axis=-1) - kappa  # (14.3)


def visitation_bound(mdp: FiniteMDP, pi_old: Array, pi: Array, power: float = 1.5) -> Array:
    """γ √(2 K̄) (1 - γ)^(-power) (...): with the power 3/2 never below Σ_s |ρ(s) - ρ_old(s)|.

    Equation (14.6). No smaller power will do.
    """
    mean_kl = mean_state_kl(mdp, pi_old, pi)
    return mdp.gamma * np.sqrt(2 * mean_kl) * (1 - mdp.gamma) ** -power  # (14.6)


def gap_bound(mdp: FiniteMDP, pi_old: Array, pi: Array, power: float = 1.5) -> Array:
    """γ √(2 K̄) (1 - γ)^(-power) max_s |G(s)| (...): with the power 3/2 never below |J - L|.

    Equation (14.2), the sharper bound with the mean KL. No smaller power will do.
    """
    largest_gain = np.abs(gains(mdp, pi_old, pi)).max(axis=-1)
    return visitation_bound(mdp, pi_old, pi, power) * largest_gain  # (14.2)


def sharper_constant(mdp: FiniteMDP, pi_old: Array, power: float = 1.5) -> Array:
    """C = 2γε (1 - γ)^(-power) (...): with the power 3/2, J ≥ L - C max_s KL.

    Equation (14.7): the chapter's constant times √(1 - γ). No smaller power will do.
    """
    epsilon = np.abs(advantages(mdp, pi_old)).max(axis=(-2, -1))
    return 2 * mdp.gamma * epsilon * (1 - mdp.gamma) ** -power  # (14.7)


def plain_gap_bound(mdp: FiniteMDP, pi_old: Array, pi: Array) -> Array:
    """2γ max_s |G(s)| / (1 - γ) (...): what is known of |J - L| without any divergence.

    Equation (14.8).
    """
    largest_gain = np.abs(gains(mdp, pi_old, pi)).max(axis=-1)
    return 2 * mdp.gamma * largest_gain / (1 - mdp.gamma)  # (14.8)


def tv_gap_bound(mdp: FiniteMDP, pi_old: Array, pi: Array) -> Array:
    """2γ (1 - γ)^(-2) E[TV] max_s |G(s)| (...), the mean over the old policy's visitation.

    Equation (14.9); Achiam et al. (2017), corollary 1.
    """
    mean_tv = old_mean(mdp, pi_old, state_total_variation(pi_old, pi))
    return mean_tv * plain_gap_bound(mdp, pi_old, pi) / (1 - mdp.gamma)  # (14.9)


def half_span(f: Array) -> Array:
    """½ (max f - min f) (...), over the last axis: the least max |f - c| over constants c.

    Equation (14.16). In a bound on |J - L| it may stand in the place of max |G|.
    """
    return 0.5 * (f.max(axis=-1) - f.min(axis=-1))  # (14.16)


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
    return moved * np.abs(gains(mdp, pi_old, pi)).max(axis=-1)  # (14.17)


def marginal_constant(mdp: FiniteMDP, pi_old: Array, terms: int = 200_000) -> Array:
    """C = 2ε Σ_t γ^t √t (...), the first `terms` terms and a bound for the rest; it too satisfies
    J ≥ L - C max_s KL.

    Equation (14.19): below `sharper_constant`; Li et al.'s Pinsker-marginal bound, discounted.
    """
    gamma = mdp.gamma
    t = np.arange(terms)
    rest = gamma**terms * (np.sqrt(terms) / (1 - gamma) + (1 - gamma) ** -1.5)
    epsilon = np.abs(advantages(mdp, pi_old)).max(axis=(-2, -1))
    return 2 * epsilon * (np.sum(gamma**t * np.sqrt(t)) + rest)  # (14.19)


def value_change_gap(mdp: FiniteMDP, pi_old: Array, pi: Array) -> Array:
    """γ Σ_s ρ_old(s) Σ_s' (P_π - P_old)(s'|s) (V_π - V_old)(s') (...): J - L, exactly.

    Equation (14.20).
    """
    change = np.einsum("...sa,...sat->...st", pi - pi_old, mdp.transitions)
    W = state_values(mdp, pi) - state_values(mdp, pi_old)
    shift = np.einsum("...st,...t->...s", change, W)
    return mdp.gamma * np.sum(visitation(mdp, pi_old) * shift, axis=-1)  # (14.20)


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
    return 2 * gamma / (1 - gamma) * old_mean(mdp, pi_old, tv) * rewards * moved  # (14.21)


def memory(mdp: FiniteMDP, pi: Array) -> Array:
    """τ = ½ max_{s,s'} Σ_j |N(s,j) - N(s',j)| (...), N = (I - γ P_π)^-1: at most 1/(1 - γ).

    How far apart two starts lead, in discounted steps; finite for γ → 1 if the chain forgets.
    """
    N = np.linalg.inv(evolution(mdp, pi))
    return 0.5 * np.abs(N[..., :, None, :] - N[..., None, :, :]).sum(axis=-1).max(axis=(-2, -1))


def mixing_gap_bound(mdp: FiniteMDP, pi_old: Array, pi: Array) -> Array:
    """2γ τ E[TV] max_s |G(s)| / (1 - γ) (...), τ the `memory` under the new policy.

    Equation (14.22), after Dai and Gluzman (2021); never below |J - L|.
    """
    mean_tv = old_mean(mdp, pi_old, state_total_variation(pi_old, pi))
    return memory(mdp, pi) * mean_tv * plain_gap_bound(mdp, pi_old, pi)  # (14.22)
