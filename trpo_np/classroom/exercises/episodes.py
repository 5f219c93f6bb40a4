"""Checks of what the ends of episodes do to advantages, to the batch, and to the value targets."""

import numpy as np

from trpo_np.classroom.checks import Check, Mistake, case

# ---- Exercise 9.7: the weights of the TD errors ------------------------------------------------


def _weights(ended, gamma, lam):
    T = len(ended)
    W = np.zeros((T, T))
    for t in range(T):
        weight = 1.0
        for i in range(t, T):
            W[t, i] = weight
            weight = weight * gamma * lam * (not ended[i])
    return W


def _ends():
    ended = np.zeros(8, dtype=bool)
    ended[[2, 5]] = True
    last = np.zeros(5, dtype=bool)
    last[[0, 4]] = True
    return [
        case("where episodes end on the way", ended, 0.9, 0.6),
        case("where no episode ends", np.zeros(4, dtype=bool), 0.8, 0.7),
        case("where the last step ends one", last, 0.7, 0.9),
    ]


def _powers(T, factor):
    j = np.arange(T)[None, :] - np.arange(T)[:, None]
    return np.where(j >= 0, factor ** np.maximum(j, 0), 0.0)


check_weights_of_errors = Check(
    "Exercise 9.7",
    _weights,
    _ends,
    (
        Mistake(
            lambda ended, gamma, lam: _powers(len(ended), gamma * lam),
            "these are the weights of (9.6): where an episode ends, nothing of what comes after it "
            "is carried back",
        ),
        Mistake(
            lambda ended, gamma, lam: _weights(np.append(ended[1:], False), gamma, lam),
            "the bracket is one step off: δ of the step that ends the episode still counts, and "
            "the one after it does not",
        ),
        Mistake(
            lambda ended, gamma, lam: _weights(ended, 1.0, lam),
            "the discount is missing: each step brings γλ",
        ),
        Mistake(
            lambda ended, gamma, lam: _weights(ended, gamma, 1.0),
            "these are the weights for λ = 1: each step brings γλ",
        ),
        Mistake(
            lambda ended, gamma, lam: gamma * lam * _weights(ended, gamma, lam),
            "every weight has one factor γλ too many: A_t begins with δ_t itself",
        ),
        Mistake(
            lambda ended, gamma, lam: _weights(ended, gamma, lam).T,
            "this is the transpose: row t holds the weights of A_t, on the errors from t on",
        ),
        Mistake(
            lambda ended, gamma, lam: _weights(ended, gamma, lam) - np.eye(len(ended)),
            "the diagonal is missing: A_t has δ_t in it",
        ),
    ),
    "A = W δ: powers of γλ, cut off where an episode ends.",
    look="(9.9)",
)

# ---- Exercise 9.8: the steps that count --------------------------------------------------------


def _valid(ended, ended_before):
    return ~np.concatenate([ended_before[None], ended[:-1]])


def _records():
    cases = []
    for seed, T, E in ((98, 6, 3), (99, 5, 2)):
        rng = np.random.default_rng(seed)
        before = np.arange(E) % 2 == 0
        ended, resets = np.zeros((T, E), dtype=bool), before
        for t in range(T):
            ended[t] = ~resets & (rng.random(E) < 0.5)
            resets = ended[t]
        ended[-1, 0] = not ended[-2, 0]
        cases.append((ended, before))
    quiet = np.zeros((4, 2), dtype=bool)
    return [
        *(case("where episodes end", *x) for x in cases),
        case("where only the rollout before ended one", quiet, np.array([True, False])),
    ]


check_valid = Check(
    "Exercise 9.8",
    _valid,
    _records,
    (
        Mistake(
            lambda ended, before: ~ended,
            "you leave out the steps that end an episode; those are real. The step after each of "
            "them is the one that only resets",
        ),
        Mistake(
            lambda ended, before: ~_valid(ended, before),
            "the truth values are turned round: True is for the steps that count",
        ),
        Mistake(
            lambda ended, before: _valid(ended, np.zeros_like(before)),
            "the first row is always True; where the rollout before ended an episode, its first "
            "step only resets",
        ),
        Mistake(
            lambda ended, before: _valid(ended, ended[-1]),
            "the first row looks at the last step of this rollout; it is the last step of the one "
            "before, ended_before, that it comes after",
        ),
        Mistake(
            lambda ended, before: ~ended & _valid(ended, before),
            "you leave out the steps that end an episode as well; those are real",
        ),
        Mistake(
            lambda ended, before: (
                ~np.logical_or.accumulate(np.concatenate([before[None], ended[:-1]]))
            ),
            "you leave out all that comes after an end; after the one step that resets, a new "
            "episode runs",
        ),
    ),
    "One step after each end, also across the seam between two rollouts.",
    look="section 7",
)

# ---- Exercise 9.9: the λ-returns ---------------------------------------------------------------


def _lambda_returns(rewards, next_values, terminated, ended, gamma, lam):
    targets = np.zeros_like(rewards)
    following = next_values[-1]
    for t in reversed(range(len(rewards))):
        mixed = (1 - lam) * next_values[t] + lam * np.where(ended[t], next_values[t], following)
        targets[t] = rewards[t] + gamma * mixed * ~terminated[t]
        following = targets[t]
    return targets


def _rollout(seed, T, E, terminations, truncations, gamma, lam):
    rng = np.random.default_rng(seed)
    terminated, ended = np.zeros((2, T, E), dtype=bool)
    for place in terminations:
        terminated[place] = True
    for place in (*terminations, *truncations):
        ended[place] = True
    return *rng.standard_normal((2, T, E)), terminated, ended, gamma, lam


def _returned():
    return [
        case("where episodes end both ways", *_rollout(91, 6, 2, [(1, 0)], [(3, 1)], 0.9, 0.7)),
        case("where one is truncated", *_rollout(92, 5, 2, [], [(2, 0)], 0.8, 0.6)),
        case("where one terminates", *_rollout(93, 5, 3, [(2, 1), (4, 2)], [], 0.7, 0.8)),
        case("where none ends", *_rollout(94, 4, 1, [], [], 0.9, 0.5)),
    ]


def _nothing_after_the_batch(r, V_next, terminated, ended, gamma, lam):
    targets, following = np.zeros_like(r), np.zeros_like(r[0])
    for t in reversed(range(len(r))):
        mixed = (1 - lam) * V_next[t] + lam * np.where(ended[t], V_next[t], following)
        targets[t] = following = r[t] + gamma * mixed * ~terminated[t]
    return targets


def _zero_where_cut(r, V_next, terminated, ended, gamma, lam):
    targets, following = np.zeros_like(r), V_next[-1]
    for t in reversed(range(len(r))):
        mixed = (1 - lam) * V_next[t] + lam * following * ~ended[t]
        targets[t] = following = r[t] + gamma * mixed * ~terminated[t]
    return targets


check_lambda_returns = Check(
    "Exercise 9.9",
    _lambda_returns,
    _returned,
    (
        Mistake(
            lambda r, V, terminated, ended, gamma, lam: _lambda_returns(
                r, V, ended, ended, gamma, lam
            ),
            "a truncated episode is treated as a terminated one: there the value of the final "
            "state counts",
        ),
        Mistake(
            _nothing_after_the_batch,
            "before the last row nothing is in hand, and you take 0 for it; the batch ends, the "
            "world goes on: V(s_{t+1}) counts in the place of y_{t+1}",
        ),
        Mistake(
            _zero_where_cut,
            "where an episode is cut off, λ times 0 stands in the place of λ V(s_{t+1}): then the "
            "mixture is V(s_{t+1}) alone",
        ),
        Mistake(
            lambda r, V, terminated, ended, gamma, lam: _lambda_returns(
                r, V, terminated, terminated, gamma, lam
            ),
            "after a truncation the y of another episode is carried back: `ended` says where to "
            "cut",
        ),
        Mistake(
            lambda r, V, terminated, ended, gamma, lam: _lambda_returns(
                r, V, np.zeros_like(terminated), ended, gamma, lam
            ),
            "where an episode terminated, nothing comes after: y is the reward alone",
        ),
        Mistake(
            lambda r, V, terminated, ended, gamma, lam: _lambda_returns(
                r, V, terminated, ended, gamma, 1 - lam
            ),
            "the two weights are exchanged: λ belongs to what is carried back, 1 - λ to the value",
        ),
        Mistake(
            lambda r, V, terminated, ended, gamma, lam: r + gamma * V * ~terminated,
            "this is one step, the target for λ = 0: y_{t+1} is not in it",
        ),
    ),
    "Reward, and a mixture of what was expected next and what came of it.",
    look="(9.9)",
)
