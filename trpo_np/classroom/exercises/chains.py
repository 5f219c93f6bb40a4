"""Checks of notebook 14 on the gap through the chain's matrices, and on the chain's memory."""

import numpy as np

from trpo_np import tabular
from trpo_np.classroom.checks import Check, Mistake

# ---- Exercise 14.18: the gap to second order ---------------------------------------------------


def _second_order_gap(P_old, P_new, rho_old, G, gamma):
    change = np.linalg.solve(np.eye(len(G)) - gamma * P_old, G)
    return gamma * rho_old @ (P_new - P_old) @ change


def _chains():
    cases = []
    for seed, S, gamma in ((117, 3, 0.8), (118, 5, 0.6)):
        rng = np.random.default_rng(seed)
        mdp = tabular.random_mdp(rng, S, 3, gamma)
        old, new = tabular.softmax_policy(rng.standard_normal((2, S, 3)))
        P_old, P_new = (np.einsum("sa,sat->st", pi, mdp.transitions) for pi in (old, new))
        G = np.sum(new * tabular.advantages(mdp, old), axis=1)
        cases.append((P_old, P_new, tabular.visitation(mdp, old), G, gamma))
    return cases


check_second_order_gap = Check(
    "Exercise 14.18",
    _second_order_gap,
    _chains,
    (
        Mistake(
            lambda P_old, P_new, rho, G, gamma: (
                gamma * rho @ (P_new - P_old) @ np.linalg.solve(np.eye(len(G)) - gamma * P_new, G)
            ),
            "this is the gap itself, (14.20), with the new policy's matrix in the inverse; the old "
            "one is to stand there",
        ),
        Mistake(
            lambda P_old, P_new, rho, G, gamma: gamma * rho @ (P_new - P_old) @ G,
            "G is what the new policy gains in one step; the values change by what is gained in "
            "all later ones, (I - γP_old)⁻¹G",
        ),
        Mistake(
            lambda P_old, P_new, rho, G, gamma: (
                _second_order_gap(P_old, P_new, rho, G, gamma) / gamma
            ),
            "the γ in front is missing: the changed action shows one step later",
        ),
        Mistake(
            lambda P_old, P_new, rho, G, gamma: (
                rho @ np.linalg.solve(np.eye(len(G)) - gamma * P_old, G)
            ),
            "the difference of the two matrices is missing: the gap comes from other next states",
        ),
        Mistake(
            lambda P_old, P_new, rho, G, gamma: (
                gamma * rho @ (P_new - P_old) @ np.linalg.solve(np.eye(len(G)) - gamma * P_old.T, G)
            ),
            "the matrix in the inverse is transposed: values follow the rows, visits the columns",
        ),
        Mistake(
            lambda P_old, P_new, rho, G, gamma: (
                gamma * rho @ (P_new - P_old) @ ((np.eye(len(G)) - gamma * P_old) @ G)
            ),
            "you multiply with I - γP_old; its inverse belongs there",
        ),
        Mistake(
            lambda P_old, P_new, rho, G, gamma: gamma * rho @ (P_new - P_old) @ G / (1 - gamma),
            "1/(1-γ) in the place of the inverse holds if every state gains alike; G differs from "
            "state to state",
        ),
        Mistake(
            lambda P_old, P_new, rho, G, gamma: _second_order_gap(
                P_old, P_old + (P_new - P_old).T, rho, G, gamma
            ),
            "the difference of the matrices is transposed: its rows are states, as ρ meets them, "
            "its columns next states",
        ),
    ),
    "Both factors are small: L misses the gap in second order only.",
    look="(14.20)",
)

# ---- Exercise 14.19: the memory of a chain -----------------------------------------------------


def _memory(P, gamma):
    N = np.linalg.inv(np.eye(len(P)) - gamma * P)
    apart = np.abs(N[:, None, :] - N[None, :, :]).sum(axis=2)
    return 0.5 * np.max(apart)


def _matrices():
    cases = []
    for seed, S, gamma in ((121, 3, 0.9), (122, 5, 0.7)):
        rng = np.random.default_rng(seed)
        cases.append((rng.dirichlet(np.full(S, 0.6), size=S), gamma))
    return cases


def _distances(N):
    return np.abs(N[:, None, :] - N[None, :, :])


def _visits(P, gamma):
    return np.linalg.inv(np.eye(len(P)) - gamma * P)


check_memory = Check(
    "Exercise 14.19",
    _memory,
    _matrices,
    (
        Mistake(
            lambda P, gamma: 2 * _memory(P, gamma),
            "the ½ is missing",
        ),
        Mistake(
            lambda P, gamma: 0.5 * _distances(P).sum(axis=2).max(),
            "this looks one step ahead, at the rows of P; N counts all the visits that follow",
        ),
        Mistake(
            lambda P, gamma: _memory(P.T, gamma),
            "the matrix is transposed, or columns are compared: row s of N belongs to the start s",
        ),
        Mistake(
            lambda P, gamma: 0.5 * _distances(_visits(P, gamma)).max(),
            "you took the largest entry of a difference of rows; add its absolute values up",
        ),
        Mistake(
            lambda P, gamma: 0.5 * _distances(_visits(P, gamma)).sum(axis=2).mean(),
            "this is the mean over all pairs of states; τ is the largest",
        ),
        Mistake(
            lambda P, gamma: 0.5 * np.sqrt((_distances(_visits(P, gamma)) ** 2).sum(axis=2)).max(),
            "this is the Euclidean distance of two rows; add up absolute values",
        ),
        Mistake(
            lambda P, gamma: (1 - gamma) * _memory(P, gamma),
            "the factor 1 - γ is too much: τ is in discounted steps, up to 1/(1-γ) of them",
        ),
    ),
    "How long the chain remembers where it began, in discounted steps.",
    look="(14.22)",
)
