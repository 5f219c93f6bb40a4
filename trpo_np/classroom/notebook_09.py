"""The checks of notebook 09, advantages."""

import numpy as np

from trpo_np.advantages import generalized_advantages
from trpo_np.classroom import solutions
from trpo_np.classroom.checks import Check, Mistake, recall
from trpo_np.classroom.exercises import episodes
from trpo_np.conjugate_gradient import conjugate_gradient
from trpo_np.fisher import damped
from trpo_np.mlp import MLP

recall_mean = recall(
    "Recall 9.1",
    -4,
    {
        -1: "it is the weighted mean of the advantages that is zero; the weights are not alike",
        4: "the mean is zero, so one of the two is negative",
        -0.25: "each advantage is weighed with the probability of its own action",
        0: "only if the first were zero too: what is their mean under the policy?",
        -0.8: "that is minus the first action's part of the mean; divide by the other weight",
    },
    "Advantages have the mean zero in every state.",
    look="notebook 02, section 1",
)

recall_one_step = recall(
    "Recall 9.2",
    1.4,
    {
        6.4: "that is Q; from it the value of the state is taken",
        2: "the next value comes one step later: it is discounted",
        0.4: "the reward of the step itself is missing",
        1.3: "the reward is paid now, and is not discounted",
        1.9: "V(s) stands at the beginning of the step, and is not discounted",
        -4: "what comes after the step is missing",
    },
    "An expectation over next states, which a sample will have to stand for.",
    look="notebook 02, section 1",
)

recall_passes = recall(
    "Recall 9.3",
    "a",
    {
        "b": "nothing in the two passes divides by the number of samples",
        "c": "forward first, then backward: the order of the factors is the other one",
        "d": "that would be an inner product of jvp(v) with itself, one number; vjp gives a "
        "vector like v",
    },
    "A sum over the samples: who wants the mean divides by N.",
    look="notebook 06, section 2",
)


def adam_errors(
    network: MLP,
    w: np.ndarray,
    obs: np.ndarray,
    y: np.ndarray,
    rate: float,
    epochs: int,
    size: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Half the mean squared errors of a network before the first epoch of Adam and after each.

    Algorithm 1 of Kingma and Ba (2015), with its usual constants, in minibatches of `size`.
    """
    error = lambda x: 0.5 * np.mean((network.linearize(x, obs).outputs[:, 0] - y) ** 2)  # noqa: E731
    first, second, t, path = np.zeros_like(w), np.zeros_like(w), 0, [error(w)]
    for _ in range(epochs):
        for rows in np.array_split(rng.permutation(len(y)), -(-len(y) // size)):
            V, _, vjp = network.linearize(w, obs[rows])
            gradient = vjp(V - y[rows, None]) / len(rows)
            t += 1
            first = 0.9 * first + 0.1 * gradient
            second = 0.999 * second + 0.001 * gradient**2
            w = w - rate * first / (1 - 0.9**t) / (np.sqrt(second / (1 - 0.999**t)) + 1e-8)
        path.append(error(w))
    return np.array(path)


def _best_baseline(pi, Q, score2):
    return np.sum(pi * score2 * Q, axis=1) / np.sum(pi * score2, axis=1)


def _baseline_cases():
    cases = []
    for seed, (S, A) in enumerate(((3, 2), (4, 5))):
        rng = np.random.default_rng(seed)
        cases.append(
            (rng.dirichlet(np.ones(A), S), rng.standard_normal((S, A)), rng.random((S, A)))
        )
    return cases


check_best_baseline = Check(
    "Exercise 9.1",
    _best_baseline,
    _baseline_cases,
    (
        Mistake(
            lambda pi, Q, score2: np.sum(pi * Q, axis=1),
            "this is V, the mean of Q over the policy's actions: a good baseline, but not the "
            "best. The derivative has score2 in it too",
        ),
        Mistake(
            lambda pi, Q, score2: np.sum(score2 * Q, axis=1) / np.sum(score2, axis=1),
            "the weights lack π: an action that is rarely taken counts for little",
        ),
        Mistake(
            lambda pi, Q, score2: np.sum(pi * score2 * Q, axis=1),
            "the weights do not sum to 1 yet: the derivative of (Q - b)² has two terms, and b "
            "stands in one of them",
        ),
        Mistake(
            lambda pi, Q, score2: (
                np.sum(pi * np.sqrt(score2) * Q, axis=1) / np.sum(pi * np.sqrt(score2), axis=1)
            ),
            "you took the lengths of the scores; their squares are in the variance, and score2 "
            "holds squares already",
        ),
        Mistake(
            lambda pi, Q, score2: np.sum(pi * score2 * Q) / np.sum(pi * score2),
            "this is one number for all states; the baseline may differ from state to state",
        ),
        Mistake(
            lambda pi, Q, score2: -_best_baseline(pi, Q, score2),
            "the sign is turned: with b on one side, Q is on the other with the same sign",
        ),
        Mistake(
            lambda pi, Q, score2: Q.mean(axis=1),
            "this is the plain mean over the actions; in (9.3) they come with weights",
        ),
    ),
    "A mean of Q, with the squared scores among the weights.",
)


def _td_errors(rewards, values, next_values, terminated, gamma):
    return rewards + gamma * next_values * ~terminated - values


def _td_cases():
    cases = []
    for seed, (T, E) in enumerate(((4, 2), (3, 5))):
        rng = np.random.default_rng(seed)
        terminated = rng.random((T, E)) < 0.3
        terminated[1, 1] = True
        cases.append((*rng.standard_normal((3, T, E)), terminated, 0.8 + 0.1 * seed))
    return cases


check_td_errors = Check(
    "Exercise 9.2",
    _td_errors,
    _td_cases,
    (
        Mistake(
            lambda r, V, V_next, terminated, gamma: r + gamma * V_next - V,
            "a step that terminates the episode has no state after it: its next value must count "
            "as 0, whatever next_values says there",
        ),
        Mistake(
            lambda r, V, V_next, terminated, gamma: r + gamma * V_next * terminated - V,
            "the mask is the wrong way round: you keep the next value where the episode terminated "
            "and drop it everywhere else",
        ),
        Mistake(
            lambda r, V, V_next, terminated, gamma: r + V_next * ~terminated - V,
            "the next value lies one step ahead: its discount is missing",
        ),
        Mistake(
            lambda r, V, V_next, terminated, gamma: r + (gamma * V_next - V) * ~terminated,
            "where the episode terminated, the value before the step is missing: the reward was "
            "expected, too",
        ),
        Mistake(
            lambda r, V, V_next, terminated, gamma: r + gamma * V_next * ~terminated,
            "this is the value that the step turned out to have; the error is what it has beyond "
            "the value that was expected before",
        ),
        Mistake(
            lambda r, V, V_next, terminated, gamma: -_td_errors(r, V, V_next, terminated, gamma),
            "the sign is turned: a step better than expected has a positive error",
        ),
        Mistake(
            lambda r, V, V_next, terminated, gamma: (r + gamma * V_next - V) * ~terminated,
            "you put the whole error to 0 where the episode terminated; the reward of that step "
            "was paid, and the value before it was expected",
        ),
        Mistake(
            lambda r, V, V_next, terminated, gamma: r + gamma * (V_next * ~terminated - V),
            "V(s) stands at the same time as the reward: only the next value is discounted",
        ),
    ),
    "One number a step: what came, less what was expected.",
)


def _k_step(rewards, values, t, k, gamma):
    return gamma ** np.arange(k) @ rewards[t : t + k] + gamma**k * values[t + k] - values[t]


def _k_step_cases():
    rng = np.random.default_rng(3)
    return [
        (rng.standard_normal(9), rng.standard_normal(10), 2, 3, 0.8),
        (rng.standard_normal(7), rng.standard_normal(8), 1, 4, 0.9),
    ]


check_k_step = Check(
    "Exercise 9.3",
    _k_step,
    _k_step_cases,
    (
        Mistake(
            lambda r, V, t, k, gamma: (
                gamma ** np.arange(k) @ r[t : t + k] + gamma * V[t + k] - V[t]
            ),
            "the last value lies k steps ahead, and so it is discounted k times",
        ),
        Mistake(
            lambda r, V, t, k, gamma: gamma ** np.arange(k) @ r[t : t + k] + V[t + k] - V[t],
            "the last value is not discounted at all",
        ),
        Mistake(
            lambda r, V, t, k, gamma: _k_step(r, V, t, k + 1, gamma),
            "this is the estimator for one step more: A^(k) has k rewards",
        ),
        Mistake(
            lambda r, V, t, k, gamma: _k_step(r, V, t, k - 1, gamma),
            "this is the estimator for one step less: A^(k) has k rewards",
        ),
        Mistake(
            lambda r, V, t, k, gamma: _k_step(r, V, t, k, gamma) + V[t],
            "this is an estimate of Q; the advantage is what remains beyond V(s_t)",
        ),
        Mistake(
            lambda r, V, t, k, gamma: gamma ** np.arange(k) @ r[t : t + k] - V[t],
            "you stop at the k-th reward as if nothing came after it; V stands for the rest",
        ),
        Mistake(
            lambda r, V, t, k, gamma: (
                gamma ** np.arange(t, t + k) @ r[t : t + k] + gamma ** (t + k) * V[t + k] - V[t]
            ),
            "you discount from the start of the trajectory; the advantage at t counts time from t",
        ),
        Mistake(
            lambda r, V, t, k, gamma: np.sum(
                r[t : t + k] + gamma * V[t + 1 : t + k + 1] - V[t : t + k]
            ),
            "you added the TD errors without their discounts; then the values do not cancel",
        ),
        Mistake(
            lambda r, V, t, k, gamma: _k_step(r, V, 0, k, gamma),
            "this is the advantage at time 0: the k rewards start at t, and so do the values",
        ),
        Mistake(
            lambda r, V, t, k, gamma: np.sum(r[t : t + k]) + gamma**k * V[t + k] - V[t],
            "the rewards are added without their discounts: the reward i steps ahead counts γ^i",
        ),
        Mistake(
            lambda r, V, t, k, gamma: (
                gamma ** np.arange(1, k + 1) @ r[t : t + k] + gamma**k * V[t + k] - V[t]
            ),
            "every reward is discounted once too often: the reward at t itself is not discounted",
        ),
    ),
    "k rewards that happened, and V for what did not happen yet.",
)


check_truncation_error = Check(
    "Exercise 9.4",
    lambda: -99 * 0.9405**10,
    lambda: [()],
    (
        Mistake(
            lambda: -99.0,
            "this is the error of the last step itself; on its way back it shrinks by a factor a "
            "step",
        ),
        Mistake(
            lambda: -99 * 0.99**10,
            "you carried the error back with γ alone; the recursion has another factor",
        ),
        Mistake(
            lambda: -99 * 0.95**10,
            "you carried the error back with λ alone; the recursion has another factor",
        ),
        Mistake(
            lambda: -99 * 0.9405**9,
            "one factor too few: the last step has none, the step before it has one",
        ),
        Mistake(
            lambda: -99 * 0.9405**11,
            "one factor too many: the last step has none, the step before it has one",
        ),
        Mistake(
            lambda: -100 * 0.9405**10,
            "what is missing at the last step is not V itself: the next value has a discount",
        ),
        Mistake(lambda: -54.0, "right to two digits; give at least three"),
        Mistake(
            lambda: 99 * 0.9405**10,
            "the sign is turned: to fall dead in a world that pays is worse than expected",
        ),
        Mistake(
            lambda: 0.0,
            "0 is the right advantage; the question is what the mistaken program computes",
        ),
    ),
    "More than half of what the last step was charged, and neither did anything wrong.",
    tolerance=0.0005,
)


def _rollouts():
    cases = []
    for seed, (T, E) in enumerate(((7, 2), (6, 3))):
        rng = np.random.default_rng(90 + seed)
        ended = np.zeros((T, E), dtype=bool)
        ended[2, 0] = ended[3, 1] = ended[4, 0] = True
        terminated = ended.copy()
        terminated[3, 1] = False  # cut off by a time limit
        rewards, V, V_next = rng.standard_normal((3, T, E))
        V_next[:-1] = np.where(ended[:-1], V_next[:-1], V[1:])  # one state, one value
        cases.append((rewards, V, V_next, terminated, ended, 0.9 - 0.2 * seed, 0.6))
    return cases


def _forward(r, V, V_next, terminated, ended, gamma, lam):
    deltas = r + gamma * V_next * ~terminated - V
    advantages, before = np.zeros_like(deltas), 0.0
    for t in range(len(deltas)):
        before = deltas[t] + gamma * lam * ~ended[t] * before
        advantages[t] = before
    return advantages


def _gae_with(r, V, V_next, terminated, ended, gamma, lam, mask=None, cut=None, factor=None):
    """Advantages with another mask of the next value, another cut, or another factor."""
    mask = terminated if mask is None else mask
    cut = ended if cut is None else cut
    factor = gamma * lam if factor is None else factor
    deltas = r + gamma * V_next * ~mask - V
    advantages, following = np.zeros_like(deltas), 0.0
    for t in reversed(range(len(deltas))):
        following = deltas[t] + factor * ~cut[t] * following
        advantages[t] = following
    return advantages


def _last_row_left_out(r, V, V_next, terminated, ended, gamma, lam):
    deltas = r + gamma * V_next * ~terminated - V
    advantages = np.zeros_like(deltas)
    for t in reversed(range(len(deltas) - 1)):
        advantages[t] = deltas[t] + gamma * lam * ~ended[t] * advantages[t + 1]
    return advantages


def _nothing_at_ends(r, V, V_next, terminated, ended, gamma, lam):
    deltas = r + gamma * V_next * ~terminated - V
    advantages, following = np.zeros_like(deltas), 0.0
    for t in reversed(range(len(deltas))):
        following = (deltas[t] + gamma * lam * following) * ~ended[t]
        advantages[t] = following
    return advantages


check_gae = Check(
    "Exercise 9.5",
    generalized_advantages,
    _rollouts,
    (
        Mistake(
            lambda r, V, V_next, terminated, ended, gamma, lam: _gae_with(
                r, V, V_next, terminated, ended, gamma, lam, mask=ended
            ),
            "a truncated episode is treated as a terminated one: look again at which of the two "
            "arrays decides whether the next value counts",
        ),
        Mistake(
            lambda r, V, V_next, terminated, ended, gamma, lam: _gae_with(
                r, V, V_next, terminated, ended, gamma, lam, cut=np.zeros_like(ended)
            ),
            "the sum runs on into the next episode: what is carried back has to be cut where an "
            "episode ended",
        ),
        Mistake(
            lambda r, V, V_next, terminated, ended, gamma, lam: _gae_with(
                r,
                V,
                V_next,
                terminated,
                ended,
                gamma,
                lam,
                cut=np.concatenate([ended[1:], np.zeros_like(ended[:1])]),
            ),
            "the carry is cut one step off. Into step t comes A of t + 1, and ended[t] tells "
            "whether that belongs to another episode: cut before it is added, at t itself",
        ),
        Mistake(
            lambda r, V, V_next, terminated, ended, gamma, lam: _gae_with(
                r, V, V_next, terminated, ended, gamma, lam, cut=terminated
            ),
            "the sum runs on across a truncation: another episode begins there too, so what is "
            "carried back has to be cut",
        ),
        Mistake(
            _forward,
            "your loop goes forward, so each step has collected what came before it; an advantage "
            "collects what comes after",
        ),
        Mistake(
            lambda r, V, V_next, terminated, ended, gamma, lam: _gae_with(
                r, V, V_next, terminated, ended, gamma, lam, factor=lam
            ),
            "what is carried back is multiplied by λ alone; the discount γ is missing",
        ),
        Mistake(
            lambda r, V, V_next, terminated, ended, gamma, lam: _gae_with(
                r, V, V_next, terminated, ended, gamma, lam, factor=gamma
            ),
            "what is carried back is multiplied by γ alone: these are the advantages for λ = 1",
        ),
        Mistake(
            lambda r, V, V_next, terminated, ended, gamma, lam: (
                (1 - lam) * generalized_advantages(r, V, V_next, terminated, ended, gamma, lam)
            ),
            "the factor 1 - λ is still there; follow what becomes of it when the geometric sum is "
            "carried out",
        ),
        Mistake(
            lambda r, V, V_next, terminated, ended, gamma, lam: _gae_with(
                r, V, V_next, terminated, ended, gamma, lam, mask=np.ones_like(ended)
            ),
            "the next values are missing everywhere: every TD error needs the value of the state "
            "that follows",
        ),
        Mistake(
            lambda r, V, V_next, terminated, ended, gamma, lam: _gae_with(
                r, V, V_next, terminated, ended, gamma, lam, mask=np.zeros_like(ended)
            ),
            "the next value counts even where the episode terminated; nothing comes after that",
        ),
        Mistake(
            lambda r, V, V_next, terminated, ended, gamma, lam: _gae_with(
                r, V, V_next, terminated, ended, gamma, lam, factor=0.0
            ),
            "these are the TD errors alone: nothing is carried back. If your loop has a carry, "
            "look at which row it reads, and whether that row is filled by then",
        ),
        Mistake(
            lambda r, V, V_next, terminated, ended, gamma, lam: (
                generalized_advantages(r, V, V_next, terminated, ended, gamma, lam) + V
            ),
            "these are estimates of Q, the targets of the value function; take V(s_t) away",
        ),
        Mistake(
            lambda r, V, V_next, terminated, ended, gamma, lam: _gae_with(
                r, V, np.concatenate([V[1:], V_next[-1:]]), terminated, ended, gamma, lam
            ),
            "you took the next row of `values` for the next value; where an episode ended, that "
            "row belongs to another episode. The argument next_values has the right one",
        ),
        Mistake(
            _last_row_left_out,
            "the last step of the batch has no advantage: its TD error is known too, and only what "
            "would be carried into it is 0",
        ),
        Mistake(
            _nothing_at_ends,
            "where an episode ended, your whole advantage is 0; the step itself still has its TD "
            "error, and only the carry is cut",
        ),
    ),
    "Notebook 10 builds its agent with it.",
    solution=solutions.advantages,
)


def _gauss_newton_step(jvp, vjp, V, y, damping, cg_iterations):
    G = lambda v: vjp(jvp(v)) / len(y)  # noqa: E731
    return conjugate_gradient(damped(G, damping), vjp(y - V) / len(y), cg_iterations).x


def _fits():
    cases = []
    for seed, (N, damping, iterations) in enumerate(((12, 0.1, 4), (9, 0.02, 6))):
        rng = np.random.default_rng(seed)
        network = MLP((2, 3, 1))
        V, jvp, vjp = network.linearize(network.init(rng), rng.standard_normal((N, 2)))
        cases.append((jvp, vjp, V, rng.standard_normal((N, 1)) + 1, damping, iterations))
    return cases


def _step_with(jvp, vjp, right, damping, iterations, share):
    return conjugate_gradient(lambda v: share * vjp(jvp(v)) + damping * v, right, iterations).x


check_gauss_newton_step = Check(
    "Exercise 9.6",
    _gauss_newton_step,
    _fits,
    (
        Mistake(
            lambda jvp, vjp, V, y, damping, k: -_gauss_newton_step(jvp, vjp, V, y, damping, k),
            "the sign is turned: this step leads away from the targets",
        ),
        Mistake(
            lambda jvp, vjp, V, y, damping, k: _gauss_newton_step(
                jvp, vjp, np.zeros_like(V), y, damping, k
            ),
            "you used the targets where the residual y - V belongs; a step from here only has to "
            "make up what is missing",
        ),
        Mistake(
            lambda jvp, vjp, V, y, damping, k: _gauss_newton_step(jvp, vjp, V, y, 0.0, k),
            "the damping is missing in the product",
        ),
        Mistake(
            lambda jvp, vjp, V, y, damping, k: _step_with(
                jvp, vjp, vjp(y - V), damping, k, share=1
            ),
            "the damping has 1/N of its weight: either both sides are sums over the N samples, "
            "where they have to be means, or you divided the damping by N as well",
        ),
        Mistake(
            lambda jvp, vjp, V, y, damping, k: conjugate_gradient(
                lambda v: vjp(jvp(v)) / len(y) + damping * v, vjp(y - V) / len(y), k
            ),
            "conjugate_gradient returns more than the solution; the step is its .x",
        ),
        Mistake(
            lambda jvp, vjp, V, y, damping, k: _step_with(
                jvp, vjp, vjp(y - V), damping, k, share=1 / len(y)
            ),
            "the right side is a sum over the samples, the left side a mean",
        ),
        Mistake(
            lambda jvp, vjp, V, y, damping, k: _step_with(
                jvp, vjp, vjp(y - V) / len(y), damping, k, share=1
            ),
            "the left side is a sum over the samples, the right side a mean",
        ),
        Mistake(
            lambda jvp, vjp, V, y, damping, k: vjp(y - V) / len(y),
            "this is the direction of plain gradient descent, the right side of the normal "
            "equations; they are still to be solved",
        ),
    ),
    "A step with its length in it: no learning rate.",
    tolerance=1e-6,
    solution=solutions.gauss_newton_step,
)

# Checks that stand with others of their topic.

check_weights_of_errors = episodes.check_weights_of_errors
check_valid = episodes.check_valid
check_lambda_returns = episodes.check_lambda_returns
