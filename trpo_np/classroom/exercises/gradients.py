"""Checks of log-probabilities, scores and the policy gradient."""

import numpy as np

from trpo_np import tabular
from trpo_np.classroom.checks import Check, Mistake

# ---- Exercises 2.7 and 2.8: a policy with features ---------------------------------------------


def _score(theta, features):
    logits = features @ theta
    pi = np.exp(logits) / np.sum(np.exp(logits), axis=1, keepdims=True)
    mean = np.sum(pi[:, :, None] * features, axis=1, keepdims=True)
    return features - mean


def _probabilities(theta, features):
    return tabular.softmax_policy(features @ theta)


def _featured():
    cases = []
    for seed, shape in ((27, (4, 3, 2)), (28, (3, 5, 4))):
        rng = np.random.default_rng(seed)
        cases.append((rng.standard_normal(shape[2]), rng.standard_normal(shape)))
    return cases


check_score = Check(
    "Exercise 2.7",
    _score,
    _featured,
    (
        Mistake(
            lambda theta, features: features,
            "this is the derivative of θᵀφ alone; log Σ exp(θᵀφ), the second term of the "
            "logarithm, depends on θ too",
        ),
        Mistake(
            lambda theta, features: features - features.mean(axis=1, keepdims=True),
            "you subtract the plain mean of the features; the derivative of log Σ exp weighs them "
            "with the policy's probabilities",
        ),
        Mistake(
            lambda theta, features: (
                _probabilities(theta, features)[:, :, None] * _score(theta, features)
            ),
            "this is the gradient of π, which is π times that of log π",
        ),
        Mistake(
            lambda theta, features: -_score(theta, features),
            "the sign is turned: the features of the action itself have a plus",
        ),
        Mistake(
            lambda theta, features: (
                features
                - np.einsum(
                    "sa,sap->p",
                    np.exp(features @ theta) / np.sum(np.exp(features @ theta)),
                    features,
                )
            ),
            "your probabilities add up to 1 over all states together; each state has a softmax of "
            "its own, over axis 1",
        ),
    ),
    "What the action has, less what the policy has on average.",
    look="(2.9)",
)


def _policy_gradient(rho, pi, A_old, score):
    return np.einsum("s,sa,sap->p", rho, pi * A_old, score)


def _scored():
    cases = []
    for seed, (S, A, P), gamma in ((29, (4, 3, 2), 0.8), (30, (3, 5, 4), 0.6)):
        rng = np.random.default_rng(seed)
        mdp = tabular.random_mdp(rng, S, A, gamma)
        theta, features = rng.standard_normal(P), rng.standard_normal((S, A, P))
        pi = _probabilities(theta, features)
        world = tabular.visitation(mdp, pi), pi, tabular.advantages(mdp, pi)
        cases.append((*world, _score(theta, features)))
    return cases


check_policy_gradient = Check(
    "Exercise 2.8",
    _policy_gradient,
    _scored,
    (
        Mistake(
            lambda rho, pi, A, score: np.einsum("s,sa,sap->p", rho, A, score),
            "every action counts alike here: the inner sum of (2.9) has the weights π(a|s)",
        ),
        Mistake(
            lambda rho, pi, A, score: np.einsum("sa,sap->p", pi * A, score),
            "every state counts alike here: the outer sum of (2.9) has the weights ρ",
        ),
        Mistake(
            lambda rho, pi, A, score: np.einsum("s,sa,sap->p", rho, pi, score),
            "the advantages are missing; without them it is the mean score, which is 0",
        ),
        Mistake(
            lambda rho, pi, A, score: _policy_gradient(rho / rho.sum(), pi, A, score),
            "you made ρ sum to 1: that is the mean in the last form of (2.9), without its factor "
            "1/(1-γ); here the first form is asked for",
        ),
        Mistake(
            lambda rho, pi, A, score: np.einsum("s,sa,sap->p", rho, np.log(pi) * A, score),
            "log π stands where π belongs: the logarithm is in the score already",
        ),
        Mistake(
            lambda rho, pi, A, score: np.einsum("s,sa,sap->sp", rho, pi * A, score),
            "this is one vector for each state; the sum over the states is still to do",
        ),
    ),
    "Each action's score, weighed by how often it is taken and how good it is.",
    look="(2.9)",
)

# ---- Exercises 5.8 and 5.10: the normal distribution -------------------------------------------


def _log_prob(mean, log_std, actions):
    z = (actions - mean) / np.exp(log_std)
    return np.sum(-0.5 * z**2 - log_std - 0.5 * np.log(2 * np.pi), axis=1)


def _actions():
    cases = []
    for seed, shape in ((58, (4, 3)), (59, (5, 1)), (60, (3, 2))):
        rng = np.random.default_rng(seed)
        mean, z = rng.standard_normal((2, *shape))
        log_std = 0.6 * rng.standard_normal(shape) - 0.4
        cases.append((mean, log_std, mean + 1.3 * np.exp(log_std) * z))
    return cases


check_log_prob = Check(
    "Exercise 5.8",
    _log_prob,
    _actions,
    (
        Mistake(
            lambda mean, log_std, a: _log_prob(mean, log_std, a) + np.sum(log_std, axis=1),
            "-log σ is missing: a narrow density is a high one",
        ),
        Mistake(
            lambda mean, log_std, a: (
                _log_prob(mean, log_std, a) + 0.5 * mean.shape[1] * np.log(2 * np.pi)
            ),
            "the constant -½ log 2π is missing, one for each dimension. It cancels in a ratio, but "
            "a density has it",
        ),
        Mistake(
            lambda mean, log_std, a: (
                _log_prob(mean, log_std, a) + 0.5 * (mean.shape[1] - 1) * np.log(2 * np.pi)
            ),
            "the constant -½ log 2π is there once; each dimension brings one",
        ),
        Mistake(
            lambda mean, log_std, a: np.exp(_log_prob(mean, log_std, a)),
            "this is the density itself; its logarithm is asked for",
        ),
        Mistake(
            lambda mean, log_std, a: _log_prob(mean, log_std, a) / mean.shape[1],
            "this is a mean over the dimensions; the logarithm of a product is a sum",
        ),
        Mistake(
            lambda mean, log_std, a: _log_prob(mean, 0.5 * log_std, a),
            "σ is too wide: you take exp(½ log σ), as if the argument were log σ²",
        ),
    ),
    "Independent dimensions: densities multiply, logarithms add up.",
    look="section 4",
)


def _policy_score(W, log_std, obs, action):
    z = (action - W @ obs) / np.exp(log_std)
    return np.concatenate([np.outer(z / np.exp(log_std), obs).ravel(), z**2 - 1])


def _linear_policies():
    cases = []
    for seed, d, D in ((61, 2, 3), (62, 3, 2), (63, 1, 4)):
        rng = np.random.default_rng(seed)
        W, obs = rng.standard_normal((d, D)), rng.standard_normal(D)
        log_std = 0.5 * rng.standard_normal(d) - 0.5
        cases.append((W, log_std, obs, W @ obs + 1.4 * np.exp(log_std) * rng.standard_normal(d)))
    return cases


def _with_parts(W, log_std, obs, action, first=None, second=None):
    """The score with another first part, for W, or another second one, for log σ."""
    right = _policy_score(W, log_std, obs, action)
    first = right[: W.size] if first is None else first
    return np.concatenate([first, right[W.size :] if second is None else second])


def _z(W, log_std, obs, action):
    return (action - W @ obs) / np.exp(log_std)


check_policy_score = Check(
    "Exercise 5.10",
    _policy_score,
    _linear_policies,
    (
        Mistake(
            lambda *x: _with_parts(*x, first=np.outer(_z(*x), x[2]).ravel()),
            "in the part of W a σ is missing: ∂ log p / ∂m is z/σ, since z itself has σ below it",
        ),
        Mistake(
            lambda *x: _with_parts(*x, second=_z(*x) ** 2),
            "in the part of log σ the -1 is missing: -log σ stands in log p, too",
        ),
        Mistake(
            lambda *x: _with_parts(*x, second=(_z(*x) ** 2 - 1) / np.exp(x[1])),
            "the last entries are the derivatives with respect to σ; the parameter is log σ",
        ),
        Mistake(
            lambda *x: _with_parts(*x, first=np.outer(x[2], _z(*x) / np.exp(x[1])).ravel()),
            "the entries of W come column by column; θ has them row by row, a row for each "
            "dimension of the action",
        ),
        Mistake(
            lambda *x: np.concatenate([_z(*x) / np.exp(x[1]), _z(*x) ** 2 - 1]),
            "this is the score with respect to η = (m, log σ); with the chain rule it goes on to W",
        ),
        Mistake(
            lambda *x: np.roll(_policy_score(*x), len(x[1])),
            "the two parts stand in the wrong order: θ has W first and log σ after it",
        ),
    ),
    "Jᵀ times the score of the distribution: what F is made of.",
    look="section 5",
)
