"""What the exercises 14.20 to 14.24 ask for, by a second way that they do not take."""

from itertools import product

import numpy as np
import pytest

from trpo_np import bounds, tabular
from trpo_np.classroom import notebook_14 as nb


def paths(mdp, old, new, start, steps):
    """(probabilities under both policies, last states, last rewards) of all paths s_0, a_0, ...,
    a_{steps - 1}, s_steps, with the reward of the action before the last state."""
    S, A = mdp.rewards.shape
    rows = []
    for path in product(range(S), *[range(A), range(S)] * steps):
        states, actions = path[::2], path[1::2]
        p = np.array([start[states[0]]] * 2)
        for s, a, following in zip(states, actions, states[1:], strict=False):
            p = p * mdp.transitions[s, a, following] * [old[s, a], new[s, a]]
        rows.append((*p, states[-1], mdp.rewards[states[-2], actions[-1]]))
    p, p_new, last, rewards = np.transpose(rows)
    return p, p_new, last.astype(int), rewards


def test_what_is_forgotten_is_what_the_paths_of_a_chain_lose(rng):
    mdp = tabular.random_mdp(rng, 3, 2, 0.9)
    old, new = tabular.softmax_policy(rng.standard_normal((2, 3, 2)))
    for t in (1, 2, 3):
        p, p_new, last, _ = paths(mdp, old, new, mdp.start, t)
        kept = tabular.state_kl(
            *(tabular.state_distributions(mdp, pi, t + 1)[t] for pi in (old, new))
        )
        lost = bounds.path_kl(mdp, old, new, t + 1)[t] - kept
        assert nb.check_forgotten.reference(p, p_new, last) == pytest.approx(lost)
        assert lost > 1e-3


def test_what_is_forgotten_is_nothing_where_the_quotient_is_the_same_in_each_state(rng):
    p, last = rng.dirichlet(np.ones(6)), np.array([0, 0, 1, 1, 1, 2])
    p_new = p * np.array([0.5, 1.5, 2.0])[last]
    assert nb.check_forgotten.reference(p, p_new / p_new.sum(), last) == pytest.approx(0, abs=1e-12)


def test_how_often_a_single_divergence_counts():
    kappa = np.zeros(500)
    kappa[3] = 1.0
    K = np.cumsum(kappa) - kappa
    mean = 0.1 * 0.9 ** np.arange(500) @ K
    assert nb.check_count_of_one.reference() == pytest.approx(mean)


def test_policies_that_part_at_time_20_move_the_visitation_so_far_and_no_further():
    """A corridor of 20 places, a fork at its end, and two policies that take different ways."""
    P = np.zeros((23, 2, 23))
    P[np.arange(20), :, np.arange(1, 21)] = 1.0
    P[20, 0, 21] = P[20, 1, 22] = P[21, :, 21] = P[22, :, 22] = 1.0
    mdp = tabular.FiniteMDP(P, np.zeros((23, 2)), np.eye(23)[0], 0.99)
    old, new = np.full((2, 23, 2), 0.5)
    old[20], new[20] = (1, 0), (0, 1)
    moved = np.abs(tabular.visitation(mdp, new) - tabular.visitation(mdp, old)).sum()
    assert nb.check_later.reference() == pytest.approx(moved)


@pytest.mark.parametrize("gamma", [0.99, 0.999])
def test_the_constant_without_jensen_near_the_discount_1(gamma, rng):
    mdp = tabular.random_mdp(rng, 3, 2, gamma)
    pi = np.full((3, 2), 0.5)
    epsilon = np.abs(tabular.advantages(mdp, pi)).max()
    number = bounds.marginal_constant(mdp, pi) * (1 - gamma) ** 1.5 / epsilon
    assert nb.check_without_jensen.reference() == pytest.approx(number, rel=1 - gamma)


def lines(mdp, old, new, steps):
    """|J - L| and the numbers of the lines of exercise 14.24, with the rest of each sum above."""
    gamma, rewards = mdp.gamma, mdp.rewards
    P_old, P_new = (np.einsum("sa,sat->st", pi, mdp.transitions) for pi in (old, new))
    W = np.abs(tabular.state_values(mdp, new) - tabular.state_values(mdp, old))
    tv = tabular.old_mean(mdp, old, tabular.state_total_variation(old, new))
    k, R = tabular.state_kl(old, new).max(), np.ptp(rewards)
    front, times = 2 * gamma / (1 - gamma) * tv, np.arange(steps)
    apart = np.zeros((2, steps, len(W)))  # of the mean rewards, and of the paths before them
    for t in times:
        for s in range(len(W)):
            p, p_new, _, r = paths(mdp, old, new, np.eye(len(W))[s], t + 1)
            apart[:, t, s] = abs((p_new - p) @ r), np.abs(p_new - p).sum()
    of_rewards, of_paths = np.einsum("t,kts->ks", gamma**times, apart).max(axis=1)
    rest = gamma**steps / (1 - gamma)
    return {
        0: abs(tabular.surrogate_gap(mdp, old, new)),
        4: gamma * tabular.visitation(mdp, old) @ np.abs(P_new - P_old) @ W,
        2: front * W.max(),
        6: front * (of_rewards + rest * R),
        1: front * R / 2 * (of_paths + rest * 2),
        5: front * R / 2 * (gamma**times @ np.sqrt(2 * (times + 1) * k) + rest * 2),
        3: front * R / 2 * (gamma**times @ np.sqrt(2 * times * k) + rest * 2),
    }


def test_the_lines_to_the_adaptive_bound_rise_and_the_false_one_does_not(rng):
    broken = 0
    for gamma in (0.05, 0.1, 0.2):
        mdp = tabular.random_mdp(rng, 2, 2, gamma)
        logits, change = rng.standard_normal((2, 2, 2))
        pair = tabular.softmax_policy(logits), tabular.softmax_policy(logits + 0.5 * change)
        of = lines(mdp, *pair, steps=4)
        rising = [of[k] for k in (0, *nb.check_future_order.reference())]
        assert (np.diff(rising) >= -1e-12).all()
        broken += of[3] < of[2]
    assert broken
