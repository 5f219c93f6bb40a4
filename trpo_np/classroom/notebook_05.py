"""The checks of notebook 05, the Fisher information, and what its cells call."""

import numpy as np
from matplotlib.axes import Axes

from trpo_np.classroom import solutions
from trpo_np.classroom.checks import Check, Mistake, recall, small_arrays
from trpo_np.classroom.exercises import geometry, gradients, proofs
from trpo_np.distributions import Categorical, DiagonalGaussian
from trpo_np.policy import Policy

recall_order = recall(
    "Recall 5.1",
    "b",
    {
        "a": "that is KL(new ‖ old): the actions are the old policy's, and so are the weights",
        "c": "that is the negative: in the fraction the old probability stands above",
        "d": "the logarithms are averaged, with the old policy's probabilities for weights",
    },
    "0.144 nats. In the other order it would be 0.131.",
    look="notebook 01, section 4",
)

recall_ellipse = recall(
    "Recall 5.2",
    0.04,
    {
        0.08: "the model is half of the quadratic form",
        0.025: "that is half the squared length of d: F does not enter",
        0.05: "that is the squared length of d; F and the half are missing",
        0.3: "the entries of d are squared",
    },
    "A step of 0.2 along the second parameter costs what one of 0.1 costs along the first.",
    look="notebook 04, section 3",
)

recall_doubled = recall(
    "Recall 5.3",
    1,
    {
        2: "F⁻¹g doubles, but the root in front of it changes too",
        4: "g stands in (4.5) twice: once above, and once under a root below",
        0.5: "you have the root in front; F⁻¹g changes as well",
        np.sqrt(2): "under the root g stands twice, on both sides of F⁻¹",
    },
    "The length is set by δ, and the direction does not change. Section 8 has a matrix with "
    "which it is otherwise.",
    look="notebook 04, section 4",
)


def _categorical_kl(eta_old, eta_new):
    return Categorical(eta_old.shape[1]).kl(eta_old, eta_new)


def _softmax(eta):
    return np.exp(eta) / np.exp(eta).sum(axis=1, keepdims=True)


def _logit_pairs():
    rng = np.random.default_rng(51)
    return [tuple(rng.standard_normal((2, N, n))) for N, n in ((3, 4), (5, 2))]


check_categorical_kl = Check(
    "Exercise 5.1",
    _categorical_kl,
    _logit_pairs,
    (
        Mistake(
            lambda old, new: _categorical_kl(new, old),
            "this is KL(new ‖ old): the expectation is taken over the old distribution",
        ),
        Mistake(
            lambda old, new: np.sum(_softmax(old) * (old - new), axis=1),
            "you used the logits as if they were logarithms of probabilities; subtract "
            "log Σ exp from them first",
        ),
        Mistake(
            lambda old, new: np.sum(np.exp(old) * (old - new), axis=1),
            "exp(η) is not yet a probability: divide it by its sum over the actions, and subtract "
            "the logarithm of that sum under the logarithm",
        ),
        Mistake(
            lambda old, new: np.sum(
                np.exp(old) * (np.log(_softmax(old)) - np.log(_softmax(new))), axis=1
            ),
            "the weights exp(η) do not add up to 1: divide them by their sum over the actions",
        ),
        Mistake(
            lambda old, new: np.sum(np.log(_softmax(old)) - np.log(_softmax(new)), axis=1),
            "the weights are missing: an expectation over p weighs every action by p(a)",
        ),
        Mistake(
            lambda old, new: np.mean(_softmax(old) * np.log(_softmax(old) / _softmax(new)), axis=1),
            "this is a mean over the actions where a sum belongs: the weights p(a) already add "
            "up to 1",
        ),
        Mistake(
            lambda old, new: -_categorical_kl(old, new),
            "the sign is turned: log p - log q, and the result is never negative",
        ),
        Mistake(
            lambda old, new: np.mean(_categorical_kl(old, new)),
            "you averaged over the rows; keep one divergence for each row, shape (N,)",
        ),
    ),
    "Old first, new second.",
    solution=solutions.categorical_kl,
)


def _metric_cases():
    rng = np.random.default_rng(52)
    return [
        (_softmax(rng.standard_normal((N, n))), rng.standard_normal((N, n)))
        for N, n in ((3, 4), (5, 2))
    ]


check_categorical_metric = Check(
    "Exercise 5.2",
    lambda p, u: p * (u - np.sum(p * u, axis=1, keepdims=True)),
    _metric_cases,
    (
        Mistake(
            lambda p, u: p * u,
            "the second term is missing: this is diag(p) u without p (pᵀ u)",
        ),
        Mistake(
            lambda p, u: p * u - np.sum(p * u, axis=1, keepdims=True),
            "pᵀ u has to be multiplied by the vector p before it is subtracted",
        ),
        Mistake(
            lambda p, u: p * (u - np.mean(u, axis=1, keepdims=True)),
            "you subtracted the plain mean of u; the mean has to be weighted by p",
        ),
        Mistake(
            lambda p, u: p * (u - np.sum(p * u)),
            "the sum runs over all rows; every row has its own pᵀ u (axis=1, keepdims=True)",
        ),
        Mistake(
            lambda p, u: p * (1 - p) * u,
            "this keeps only the diagonal of M; the entries -pᵢ pⱼ beside it count too",
        ),
    ),
    "No n × n matrix was made.",
    conditions=(
        small_arrays(
            lambda: (np.full((2, 500), 0.002), np.ones((2, 500))),
            500 * 500 * 8,
            "the numbers are right, but for rows of 500 your code holds an array of 500 × 500: "
            "(5.6) times u is two terms, and neither needs the matrix",
        ),
    ),
)


def _gaussian_kl(mean, log_std, mean_new, log_std_new):
    eta = np.concatenate([mean, log_std], axis=1)
    eta_new = np.concatenate([mean_new, log_std_new], axis=1)
    return DiagonalGaussian(mean.shape[1]).kl(eta, eta_new)


def _gaussian_cases():
    rng = np.random.default_rng(53)
    return [tuple(0.7 * rng.standard_normal((4, N, d))) for N, d in ((3, 2), (4, 3))]


def _terms(mean, log_std, mean_new, log_std_new):
    spread = np.exp(2 * log_std) + (mean - mean_new) ** 2
    return log_std_new - log_std + spread / (2 * np.exp(2 * log_std_new)) - 0.5


check_gaussian_kl = Check(
    "Exercise 5.3",
    _gaussian_kl,
    _gaussian_cases,
    (
        Mistake(
            lambda m, s, m_new, s_new: _gaussian_kl(m_new, s_new, m, s),
            "this is KL(new ‖ old): the variance in the numerator is the old one",
        ),
        Mistake(
            lambda *arguments: _terms(*arguments).mean(axis=1),
            "this is the mean over the action dimensions: independent dimensions add up, and a "
            "mean makes the trust region too wide, by as many times as there are dimensions",
        ),
        Mistake(
            lambda m, s, m_new, s_new: np.sum(
                s_new - s + (np.exp(s) + (m - m_new) ** 2) / (2 * np.exp(s_new)) - 0.5, axis=1
            ),
            "np.exp(log_std) is the standard deviation; (5.8) has variances, np.exp(2 * log_std)",
        ),
        Mistake(
            lambda *arguments: np.sum(_terms(*arguments) + 0.5, axis=1) - 0.5,
            "the -½ belongs to every dimension: subtract it before you sum",
        ),
        Mistake(
            lambda m, s, m_new, s_new: np.sum(
                s_new - s + (np.exp(2 * s) + (m - m_new) ** 2) / np.exp(2 * s_new) - 0.5, axis=1
            ),
            "the 2 in the denominator 2σ'² is missing",
        ),
        Mistake(
            lambda m, s, m_new, s_new: np.sum(
                s - s_new + (np.exp(2 * s) + (m - m_new) ** 2) / (2 * np.exp(2 * s_new)) - 0.5,
                axis=1,
            ),
            "the logarithm is upside down: it is log σ' - log σ, new minus old",
        ),
    ),
    "Dimensions add up.",
    solution=solutions.gaussian_kl,
)


def _jacobians_and_metrics():
    rng = np.random.default_rng(54)
    cases = []
    for N, K, P in ((4, 3, 5), (2, 2, 6)):
        B = rng.standard_normal((N, K, K))
        cases.append((rng.standard_normal((N, K, P)), B @ np.swapaxes(B, 1, 2)))
    return cases


def _fisher(J, M):
    return np.einsum("nkp,nkl,nlq->pq", J, M, J) / len(J)


check_fisher = Check(
    "Exercise 5.4",
    _fisher,
    _jacobians_and_metrics,
    (
        Mistake(
            lambda J, M: _fisher(J, M) * len(J),
            "this is the sum over the states; the expectation is their mean",
        ),
        Mistake(
            lambda J, M: np.einsum("nkp,nkq->pq", J, J) / len(J),
            "this is JᵀJ: the metric M between the two Jacobians is missing",
        ),
        Mistake(
            lambda J, M: np.mean(J, axis=0).T @ np.mean(M, axis=0) @ np.mean(J, axis=0),
            "you averaged J and M over the states before multiplying; the mean of a product is "
            "not the product of the means",
        ),
        Mistake(
            lambda J, M: np.einsum("nkp,nkk,nkq->pq", J, M, J) / len(J),
            "only the diagonal of M is used; the outputs of one state are correlated",
        ),
        Mistake(
            lambda J, M: np.einsum("nkp,nkl,nlq->npq", J, M, J),
            "this is one matrix for each state; F is their mean, of shape (P, P)",
        ),
    ),
    "One matrix, of shape (P, P).",
)


check_rank = Check(
    "Exercise 5.5",
    lambda: 30,
    lambda: [()],
    (
        Mistake(
            lambda: 40,
            "40 counts four directions a state; but a constant added to all logits changes nothing",
        ),
        Mistake(
            lambda: 10,
            "10 would be one direction a state, as a single sampled action gives; the exact "
            "expectation over the actions has more",
        ),
        Mistake(
            lambda: 200,
            "200 is the number of parameters: an upper limit too, but the states give a lower one",
        ),
        Mistake(
            lambda: 4,
            "the rank for one state adds up over the ten states, whose Jacobians differ",
        ),
    ),
    "Ten states, three directions each.",
)


# Section 5


def metrics(policy: Policy, theta: np.ndarray, obs: np.ndarray) -> np.ndarray:
    """The metric M (N, K, K) of the policy's distribution at each of the observations (N, D)."""
    eta = policy.outputs(theta, obs)
    M = policy.distribution.metric(eta)
    columns = [M(np.tile(e, (len(eta), 1))) for e in np.eye(eta.shape[1])]
    return np.stack(columns, axis=2)


# Section 8


check_doubled_rewards = Check(
    "Exercise 5.6",
    lambda: 0.5,
    lambda: [()],
    (
        Mistake(
            lambda: 8,
            "2 and 4 are multiplied here; the matrix enters by its inverse",
        ),
        Mistake(
            lambda: 0.125,
            "you divide by 2 and by 4; g doubles, so it multiplies",
        ),
        Mistake(
            lambda: 0.707,
            "a root belongs to the length in a trust region; the question is for the vector itself",
        ),
        Mistake(
            lambda: 1,
            "1 would be a step that does not depend on the unit of the rewards; F⁻¹g is not so "
            "either, it doubles",
        ),
        Mistake(
            lambda: 2,
            "2 is what F⁻¹g does: F has no reward in it. The empirical matrix has",
        ),
        Mistake(
            lambda: 0.25,
            "0.25 is what the inverse matrix does; g itself doubles, too",
        ),
        Mistake(
            lambda: 4,
            "4 is what the matrix does: the advantages are squared in it; now take its inverse",
        ),
    ),
    "The better everything pays, the less it moves.",
    look="(5.14)",
)


def draw_two_states(ax: Axes, a_1: float, a_2: float) -> None:
    """The trust regions of the Fisher matrix and of the empirical one in the example of two states,
    with the steps that both lead to, scaled to the same KL."""
    turn = np.linspace(0, 2 * np.pi, 200)
    circle = np.stack([np.cos(turn), np.sin(turn)])  # the KL's rim, in units of its radius
    ellipse = circle / np.array([[a_1], [a_2]])
    g = np.array([a_1, a_2]) / np.hypot(a_1, a_2)
    grid = np.stack(np.meshgrid(*2 * [np.linspace(-2.4, 2.4, 40)]), axis=-1)
    ax.contour(*np.moveaxis(grid, -1, 0), grid @ g, levels=np.arange(-3, 3.1, 0.5), colors="0.85")
    ax.plot(*circle, "-", color="C0", label="region of F: equal KL")
    ax.plot(*ellipse, "--", color="C1", label=r"region of $\tilde F$")
    other = np.array([1 / a_1, 1 / a_2])
    for step, color, text, side in (
        (g, "C0", r"$F^{-1} g$", "left"),
        (other / np.linalg.norm(other), "C1", r"$\tilde F^{-1} g$", "right"),
    ):
        arrow = {"arrowstyle": "-|>", "linewidth": 3, "color": color, "mutation_scale": 22}
        ax.annotate("", step, (0, 0), arrowprops=arrow)
        ax.annotate(text, 1.12 * step, ha=side, va="bottom", color=color, fontsize=16)
    ax.set_aspect("equal")
    ax.set_xlim(-2.4, 2.4)
    ax.set_ylim(-2.4, 2.4)
    ax.set_xlabel("logit of up in state 1")
    ax.set_ylabel("logit of up in state 2")
    card = {"frameon": True, "framealpha": 1, "edgecolor": "white"}  # lifts it off the lines
    ax.legend(loc="lower right", fontsize=12, **card)


# Checks that stand with others of their topic.

check_fisher_order = proofs.check_fisher_order
check_log_prob = gradients.check_log_prob
check_policy_score = gradients.check_policy_score
check_gaussian_metric = geometry.check_gaussian_metric
check_damped_direction = geometry.check_damped_direction
