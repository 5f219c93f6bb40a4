"""The checks and the pictures of notebook 02, the surrogate objective."""

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np

from trpo_np import tabular
from trpo_np.classroom import solutions
from trpo_np.classroom.checks import Check, Mistake
from trpo_np.classroom.exercises import gradients, proofs
from trpo_np.classroom.figures import show
from trpo_np.experiments.plots import COLORS


def _tables():
    """(rho, pi, A) of random MDPs, whose sizes differ."""
    cases = []
    for seed, S, A, gamma in ((21, 4, 3, 0.8), (22, 3, 5, 0.6)):
        rng = np.random.default_rng(seed)
        mdp = tabular.random_mdp(rng, S, A, gamma)
        pi_old, pi_new = tabular.softmax_policy(rng.standard_normal((2, S, A)))
        advantages = tabular.advantages(mdp, pi_old)
        cases.append((tabular.visitation(mdp, pi_new), pi_new, advantages))
    return cases


def _gain(rho, pi, A):
    return np.sum(rho * np.sum(pi * A, axis=1))


check_performance_gain = Check(
    "Exercise 2.1",
    _gain,
    _tables,
    (
        Mistake(
            lambda rho, pi, A: np.sum(pi * A),
            "every state counts alike here: the outer sum of (2.6) has the weights ρ",
        ),
        Mistake(
            lambda rho, pi, A: np.sum(rho[:, None] * A),
            "every action counts alike here: the inner sum of (2.6) has the weights π(a|s)",
        ),
        Mistake(
            lambda rho, pi, A: _gain(rho / rho.sum(), pi, A),
            "you made ρ sum to 1; in (2.6) it is unnormalised and sums to 1/(1-γ)",
        ),
        Mistake(
            lambda rho, pi, A: rho * np.sum(pi * A, axis=1),
            "this is one number for each state; the last sum, over the states, is still to do",
        ),
        Mistake(
            lambda rho, pi, A: np.mean(rho * np.sum(pi * A, axis=1)),
            "this is a mean over the states where a sum belongs: the weights are already in ρ",
        ),
        Mistake(
            lambda rho, pi, A: _gain(rho, 1 / A.shape[1], A),
            "this is a mean over the actions; the policy weighs them by π(a|s)",
        ),
    ),
    "What the new policy gains, exactly.",
)


def _pairs():
    """(mdp, pi_old, pi_new), whose sizes differ."""
    cases = []
    for seed, S, A, gamma in ((23, 4, 3, 0.8), (24, 3, 5, 0.6)):
        rng = np.random.default_rng(seed)
        mdp = tabular.random_mdp(rng, S, A, gamma)
        cases.append((mdp, *tabular.softmax_policy(rng.standard_normal((2, S, A)))))
    return cases


def _old_gain(mdp, pi_old, pi_new):
    return _gain(tabular.visitation(mdp, pi_old), pi_new, tabular.advantages(mdp, pi_old))


check_local_approximation = Check(
    "Exercise 2.2",
    tabular.local_approximation,
    _pairs,
    (
        Mistake(
            lambda mdp, old, new: tabular.performance(mdp, new),
            "this is J(π) itself, which we do not have: something belongs to the new policy that "
            "should belong to the old one (the visitation, or the advantages and the first term)",
        ),
        Mistake(
            _old_gain,
            "J(π_old) is missing: this is only what the new policy seems to gain",
        ),
        Mistake(
            lambda mdp, old, new: tabular.performance(mdp, old),
            "this is J(π_old) alone: the sum is missing, or it is zero because it averages the "
            "advantages of a policy over the actions of the same policy",
        ),
        Mistake(
            lambda mdp, old, new: (
                tabular.performance(mdp, old) + (1 - mdp.gamma) * _old_gain(mdp, old, new)
            ),
            "you made ρ sum to 1; in (2.7) it is unnormalised and sums to 1/(1-γ)",
        ),
        Mistake(
            lambda mdp, old, new: tabular.performance(mdp, new) + _old_gain(mdp, old, new),
            "the first term is the performance of the new policy, which is what we want to know; "
            "start from that of the old one",
        ),
        Mistake(
            lambda mdp, old, new: tabular.performance(mdp, old) - _old_gain(mdp, old, new),
            "the sign of the sum is turned: a better action has a positive advantage",
        ),
        Mistake(
            lambda mdp, old, new: (
                tabular.performance(mdp, old)
                + _gain(tabular.visitation(mdp, old), new / old, tabular.advantages(mdp, old))
            ),
            "you divided by π_old: the ratio belongs to samples of old actions; this is a sum over "
            "all actions, with the weights π(a|s)",
        ),
    ),
    "Everything in it but π belongs to the old policy.",
    solution=solutions.local_approximation,
)


check_gap_factor = Check(
    "Exercise 2.3",
    lambda: 4,
    lambda: [()],
    (
        Mistake(
            lambda: 2,
            "2 would be right if the gap had a slope at the old policy; value and slope of L and J "
            "agree there",
        ),
        Mistake(
            lambda: 8,
            "8 would be right if the curvatures agreed too; only value and slope do",
        ),
        Mistake(
            lambda: 0.5,
            "0.5 is what is left of a gap that has a slope; value and slope of L and J agree there",
        ),
        Mistake(
            lambda: 0.25,
            "0.25 is what is left of the gap; how many times smaller is that?",
        ),
        Mistake(
            lambda: 1,
            "1 would mean that the gap stays as it is, but it vanishes at the old policy",
        ),
    ),
    "Half as far, a quarter of the gap.",
)


def _surrogate(log_probs_new, log_probs_old, advantages):
    return np.mean(np.exp(log_probs_new - log_probs_old) * advantages)


def _samples():
    cases = []
    for seed, N in ((25, 7), (26, 12)):
        rng = np.random.default_rng(seed)
        log_probs_old = -1 + 0.5 * rng.standard_normal(N)
        log_probs_new = log_probs_old + 0.4 * rng.standard_normal(N)
        cases.append((log_probs_new, log_probs_old, 0.3 + 2 * rng.standard_normal(N)))
    return cases


check_surrogate = Check(
    "Exercise 2.4",
    _surrogate,
    _samples,
    (
        Mistake(
            lambda new, old, A: np.mean((new - old) * A),
            "you multiplied by the difference of the log-probabilities; that is the logarithm of "
            "the ratio, not the ratio",
        ),
        Mistake(
            lambda new, old, A: np.mean((np.exp(new - old) - 1) * A),
            "you subtract 1 from the ratio: the gradient stays, but (2.10) has the ratio alone",
        ),
        Mistake(
            lambda new, old, A: np.average(A, weights=np.exp(new - old)),
            "you divide by the sum of the ratios: another estimator; (2.10) divides by N",
        ),
        Mistake(
            lambda new, old, A: np.mean(np.exp(old - new) * A),
            "the ratio is upside down: the new policy is on top",
        ),
        Mistake(
            lambda new, old, A: np.sum(np.exp(new - old) * A),
            "this is the sum over the samples; the expectation is their mean",
        ),
        Mistake(
            lambda new, old, A: np.mean(new * A),
            "this is the mean of log-probability times advantage: it has the right gradient at "
            "theta_old, but it is another function; the ratio is missing",
        ),
        Mistake(
            lambda new, old, A: np.mean(new / old * A),
            "you divided the log-probabilities; the ratio is one of probabilities",
        ),
        Mistake(
            lambda new, old, A: np.mean(np.exp(new) * A),
            "the old policy's probability is missing: you multiplied by π, not by a ratio",
        ),
        Mistake(
            lambda new, old, A: np.mean(A),
            "this is the plain mean of the advantages, which does not depend on the new policy",
        ),
        Mistake(
            lambda new, old, A: np.exp(new - old) * A,
            "this is one number for each sample; their mean is still to be taken",
        ),
        Mistake(
            lambda new, old, A: np.mean(np.exp(new - old)) * np.mean(A),
            "you multiplied two means; the mean of a product is not the product of the means",
        ),
        Mistake(
            lambda new, old, A: -_surrogate(new, old, A),
            "the sign is turned: this is a loss to be minimised, and L is to be maximised",
        ),
    ),
    "One line, and the whole objective of TRPO.",
    tolerance=1e-6,  # float32 will do
)


check_effective_samples = Check(
    "Exercise 2.5",
    lambda: 1000 * np.exp(-(1.5**2)),
    lambda: [()],
    (
        Mistake(
            lambda: 1000 * np.exp(-1.5),
            "you put the distance itself into the exponent; look again what (2.11) has there",
        ),
        Mistake(
            lambda: 1000 * np.exp(-(1.5**2) / 2),
            "this is 1000 e^(-KL); the second moment of the ratio is e to twice the KL",
        ),
        Mistake(
            lambda: 1000 * np.exp(1.5**2),
            "this is more than were drawn: you multiplied by the second moment",
        ),
        Mistake(
            lambda: 1000 / 1.5**2,
            "you divided by the square of the distance; the second moment is its exponential",
        ),
        Mistake(
            lambda: 1000,
            "all 1000 count in full only where the two policies are the same",
        ),
    ),
    "About a tenth is left.",
    tolerance=0.01,
)


def show_visitations(rho_old: np.ndarray, rho_new: np.ndarray) -> None:
    """Draws two visitations of the corridor as bars."""
    cells = np.arange(len(rho_old))
    figure, ax = plt.subplots(figsize=(10, 5))
    ax.bar(cells - 0.2, rho_old, 0.4, label="old: right with 0.4", edgecolor="black")
    ax.bar(cells + 0.2, rho_new, 0.4, label="new: right with 0.9", edgecolor="black", hatch="//")
    ax.set_xlabel("cell (the treasure is in cell 3)")
    ax.set_ylabel(r"visitation $\rho$ (discounted steps)")
    ax.legend()
    show(
        figure,
        "Bars of the discounted visitation of six cells. The old policy spends most of its time in "
        "cells 0 to 2, the new one in cells 4 and 5, behind the treasure.",
        "Two policies, two visitations. Each sums to 10.",
    )


def show_lines(worlds: dict[str, tuple], along_line: Callable) -> None:
    """Draws J and L along a line through the old policy of each world (mdp, old, new)."""
    figure, axes = plt.subplots(1, 3, figsize=(13, 5))
    for ax, (name, (world, old, new)) in zip(axes, worlds.items(), strict=True):
        xs = np.linspace(-2 / 3 if name == "corridor" else -1, 1, 101)
        J, L = along_line(world, old, new, xs)
        ax.plot(xs, J, linewidth=3, label="J")
        ax.plot(xs, L, label="L")
        ax.plot(0, tabular.performance(world, old), "k*", markersize=16, label="old policy")
        ax.set_title(name)
        ax.set_xlabel("$x$, the place on the line")
    axes[0].set_ylabel("discounted reward")
    axes[0].legend()
    show(
        figure,
        "Three panels, each with the curve of the performance J and the straight line of the "
        "surrogate L along a line through policy space. In each the line touches the curve at the "
        "old policy and leaves it on both sides. In the corridor J rises, has a maximum and falls "
        "below its value at the old policy, while L keeps rising. In the random MDP with uniform "
        "transitions curve and line can hardly be told apart.",
        "L is the tangent of J at the old policy.",
    )


def show_gaps(xs: np.ndarray, gaps: dict[str, np.ndarray]) -> None:
    """Draws |L - J| of several worlds against the length of the step, on log axes."""
    figure, ax = plt.subplots(figsize=(10, 5.5))
    for (name, gap), marker in zip(gaps.items(), "osD", strict=True):
        ax.loglog(xs, gap, marker=marker, label=name)
    ax.loglog(xs, 0.1 * xs**2, color="0.4", linestyle=":", label="slope 2")
    ax.set_xlabel("$x$, the share of the way to the other policy")
    ax.set_ylabel(r"$|L - J|$")
    ax.legend()
    show(
        figure,
        "The gap between L and J against the length of the step, on log axes, for the corridor and "
        "two random MDPs. All three are nearly straight and parallel to a line of slope 2.",
        "Near the old policy the gap is of second order.",
    )


def shifted_estimates(
    distances: np.ndarray, N: int, repetitions: int, rng: np.random.Generator
) -> np.ndarray:
    """Estimates of E[w z] from N standard normal z, for the mean shifted by each of the
    distances: (len(distances), repetitions)."""
    z = rng.standard_normal((repetitions, N))
    shifted = (z * np.exp(kappa * z - kappa**2 / 2) for kappa in distances)
    return np.array([terms.mean(axis=1) for terms in shifted])


def show_estimates(distances: np.ndarray, estimates: np.ndarray, spread: np.ndarray) -> None:
    """Draws the estimates of the surrogate and their spread against the distance."""
    low, middle, high = np.percentile(estimates, [5, 50, 95], axis=1)
    figure, axes = plt.subplots(1, 2, figsize=(13, 5.5))
    axes[0].fill_between(distances, low, high, color="#BFD9EA", label="90 % of estimates")
    axes[0].plot(distances, middle, "o-", markersize=5, color=COLORS[0], label="median estimate")
    axes[0].plot(distances, distances, "k--", label="true value")
    axes[0].set_ylabel(r"estimate of $\mathbb{E}[wA]$ from 100 actions")
    axes[1].semilogy(distances, estimates.std(axis=1), "o", markersize=6, label="measured")
    axes[1].semilogy(distances, spread, "k--", label="closed form")
    axes[1].set_ylabel("standard deviation of the estimate")
    for ax in axes:
        ax.set_xlabel(r"distance $\kappa$ of the new policy (old standard deviations)")
        ax.legend(loc="upper left")
    show(
        figure,
        "Left: estimates of the surrogate from 100 actions against the distance of the new policy. "
        "Up to a distance of about one they lie in a narrow band around the true value; further "
        "out the band widens, and the median falls far below the true value. Right: their standard "
        "deviation on a log axis follows the closed form up to about 1, and then stays below it.",
        "Near the old policy the estimate is good. Far from it the estimate is usually too low.",
    )


# Checks that stand with others of their topic.

check_score = gradients.check_score
check_policy_gradient = gradients.check_policy_gradient
check_lemma_order = proofs.check_lemma_order
