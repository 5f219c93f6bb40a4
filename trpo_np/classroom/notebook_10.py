"""The checks of notebook 10, TRPO, and the package's pieces with the student's signatures."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
from gymnasium import spaces

from trpo_np import tabular
from trpo_np.advantages import generalized_advantages
from trpo_np.batch import Batch
from trpo_np.classroom import notebook_02, notebook_06, notebook_07, notebook_08, notebook_09
from trpo_np.classroom.checks import Check, Mistake, case, recall, uses, with_arrays
from trpo_np.classroom.exercises import training
from trpo_np.conjugate_gradient import conjugate_gradient
from trpo_np.line_search import backtracking_line_search, maximum_step
from trpo_np.objectives import mean_kl, policy_gradient
from trpo_np.policy import Policy
from trpo_np.spaces import make_policy

recall_truncated = recall(
    "Recall 10.1",
    "d",
    {
        "a": "that holds where an episode terminates; here the world would have gone on",
        "b": "the next episode has nothing to do with this one",
        "c": "a step was taken, and it led somewhere",
    },
    "And the carry is cut all the same, since the next row belongs to another episode.",
    look="notebook 09, section 7",
)

recall_length = recall(
    "Recall 10.2",
    "a",
    {
        "b": "δ is reached where the length is made with the matrix that measures the divergence",
        "c": "what stands under the fraction is larger, so is the step longer or shorter?",
        "d": "g does not enter: compare the two denominators",
    },
    "The fraction sᵀFs / (sᵀFs + λ sᵀs) of it.",
    look="notebook 08, section 4",
)

recall_accepted = recall(
    "Recall 10.3",
    2,
    {
        0: "the largest improvement, but outside of the region",
        1: "inside of the region, but worse than where it started",
        3: "it passes, but another candidate that passes is tried before it",
        4: "at least one of the four passes both tests",
    },
    "The first that passes both conditions, not the best one.",
    look="notebook 08, section 3",
)

Array = np.ndarray


# ---- The pieces: what the package has, under the names and arguments of the exercises ----------


def surrogate(log_probs_new: Array, log_probs_old: Array, advantages: Array) -> float:
    """The mean of probability ratio times advantage."""
    return float(np.mean(np.exp(log_probs_new - log_probs_old) * advantages))


def fisher_vector_product(jvp: Callable, metric: Callable, vjp: Callable, v: Array) -> Array:
    """F v = Jᵀ M J v, the mean over the rows."""
    u = metric(jvp(v))
    return vjp(u) / len(u)


def full_step(delta: float, s: Array, Fs: Array) -> float:
    """√(2δ / sᵀFs)."""
    return maximum_step(delta, s @ Fs)


def line_search(
    L: Callable,
    KL: Callable,
    theta: Array,
    full_step: Array,
    delta: float,
    backtracks: int,
    beta: float,
) -> Array:
    """The first acceptable one of theta + beta^k full_step, or theta."""
    return backtracking_line_search(L, KL, theta, full_step, delta, backtracks, beta).x


#: The package's pieces, each with the signature of the exercise that asks for it.
package = SimpleNamespace(
    surrogate=surrogate,
    fisher_vector_product=fisher_vector_product,
    conjugate_gradient=lambda matvec, b, iterations: conjugate_gradient(matvec, b, iterations).x,
    maximum_step=full_step,
    line_search=line_search,
    gae=generalized_advantages,
)


def step_of(
    policy: Policy,
    theta: Array,
    batch: Batch,
    pieces: SimpleNamespace,
    delta: float,
    damping: float,
    iterations: int,
    backtracks: int,
    beta: float,
) -> Array:
    """theta (P,) after one TRPO update that is made of the given pieces."""
    obs = batch.observations
    at = policy.linearize(theta, obs)
    metric = policy.distribution.metric(at.outputs)
    F = lambda v: pieces.fisher_vector_product(at.jvp, metric, at.vjp, v)  # noqa: E731
    L = lambda x: pieces.surrogate(  # noqa: E731
        policy.log_prob(x, obs, batch.actions), batch.log_probs, batch.advantages
    )
    KL = lambda x: mean_kl(policy, theta, x, obs)  # noqa: E731
    g = policy_gradient(policy, theta, batch)
    s = pieces.conjugate_gradient(lambda v: F(v) + damping * v, g, iterations)
    alpha_max = pieces.maximum_step(delta, s, F(s))
    return pieces.line_search(L, KL, theta, alpha_max * s, delta, backtracks, beta)


def surrogate_of(policy: Policy, theta: Array, batch: Batch, pieces: SimpleNamespace) -> float:
    """The surrogate at theta, by the given pieces."""
    log_probs = policy.log_prob(theta, batch.observations, batch.actions)
    return pieces.surrogate(log_probs, batch.log_probs, batch.advantages)


def backtracks_of(
    policy: Policy,
    theta: Array,
    theta_new: Array,
    batch: Batch,
    pieces: SimpleNamespace,
    delta: float,
    beta: float = 0.5,
) -> float:
    """k of an accepted step by (10.7), or NaN where theta did not move."""
    at, d = policy.linearize(theta, batch.observations), theta_new - theta
    Fd = pieces.fisher_vector_product(at.jvp, policy.distribution.metric(at.outputs), at.vjp, d)
    return np.round(np.log(0.5 * d @ Fd / delta) / np.log(beta**2)) if d.any() else np.nan


def asymmetry(weights: str, seed: int = 0, h: float = 1e-5) -> float:
    """How far the derivative of the policy gradient is from symmetric, relative to its size.

    On a random MDP, with the states weighted by ρ ("discounted"), or as a long run visits them
    ("alike").
    """
    rng = np.random.default_rng(seed)
    mdp = tabular.random_mdp(rng, S=4, A=3, gamma=0.9)

    def g(theta):
        pi = tabular.softmax_policy(theta.reshape(4, 3))
        d = tabular.visitation(mdp, pi) if weights == "discounted" else _long_run(mdp, pi)
        return (d[:, None] * pi * tabular.advantages(mdp, pi)).ravel()

    theta = rng.standard_normal(12)
    derivative = np.array([(g(theta + h * e) - g(theta - h * e)) / (2 * h) for e in np.eye(12)])
    return float(np.linalg.norm(derivative - derivative.T) / np.linalg.norm(derivative))


def _long_run(mdp: tabular.FiniteMDP, pi: Array) -> Array:
    """The stationary distribution of the states: d = Pᵀ d with sum 1."""
    P = np.einsum("sa,sat->st", pi, mdp.transitions)
    S = len(P)
    return np.linalg.lstsq(np.vstack([P.T - np.eye(S), np.ones(S)]), np.eye(S + 1)[S])[0]


def yours(student: Callable, check: Check, otherwise: Callable) -> Callable:
    """The student's function where it passes the check, and else the other one."""
    return with_arrays(student, check) if check.verdict(student) is None else otherwise


def print_owners(pieces: SimpleNamespace) -> None:
    """Says for every piece whose it is."""
    for name, piece in vars(pieces).items():
        owner = "the package's" if piece is vars(package)[name] else "yours"
        print(f"{name:24}{owner}")


# ---- Exercises 10.1 to 10.6: the pieces --------------------------------------------------------

KEEP = "One piece more that is your own."


def _again(number: int, check: Check) -> Check:
    """The check of an earlier notebook under its number in this one."""
    return replace(check, name=f"Exercise 10.{number}", praise=KEEP)


check_surrogate = _again(1, notebook_02.check_surrogate)
check_fisher_vector_product = _again(2, notebook_06.check_fisher_vector_product)
check_conjugate_gradient = _again(3, notebook_07.check_conjugate_gradient)
check_maximum_step = _again(4, notebook_08.check_maximum_step)
check_line_search = _again(5, notebook_08.check_line_search)
check_gae = _again(6, notebook_09.check_gae)


# ---- Exercise 10.7: the update ----------------------------------------------------------------


def _update_problem(space: spaces.Space, seed: int, delta: float, backtracks: int, beta: float):
    rng = np.random.default_rng(seed)
    policy = make_policy(spaces.Box(-1, 1, (3,)), space, hidden=(6,))
    theta = policy.init(rng) + 0.4 * rng.standard_normal(policy.num_parameters)
    obs = rng.standard_normal((40, 3))
    actions = policy.sample(theta, obs, rng)
    log_probs = policy.log_prob(theta, obs, actions)
    batch = Batch(obs, actions, rng.standard_normal(40), log_probs)
    return policy, theta, batch, package, delta, 0.1, 6, backtracks, beta


def _updates():
    return [
        case("for discrete actions", *_update_problem(spaces.Discrete(3), 3, 0.01, 10, 0.5)),
        case("for a β near to 1", *_update_problem(spaces.Box(-1, 1, (2,)), 5, 0.3, 40, 0.97)),
        case("for a Gaussian", *_update_problem(spaces.Box(-1, 1, (2,)), 2, 0.05, 8, 0.8)),
        case(
            "where no candidate is acceptable",
            *_update_problem(spaces.Box(-1, 1, (2,)), 0, 0.05, 0, 0.5),
        ),
        case(
            "where the surrogate refuses a step that the KL accepts",
            *_update_problem(spaces.Box(-1, 1, (2,)), 8, 4.0, 8, 0.6),
        ),
    ]


def _with(**changes):
    """The update with some of its pieces replaced."""

    def update(policy, theta, batch, pieces, *settings):
        return step_of(policy, theta, batch, SimpleNamespace(**(vars(pieces) | changes)), *settings)

    return update


def _last_candidate(L, KL, theta, full_step, delta, backtracks, beta):
    for k in range(backtracks + 1):
        candidate = theta + beta**k * full_step
        if KL(candidate) <= delta and L(candidate) > L(theta):
            break
    return candidate


def _reversed_kl(policy, theta, batch, pieces, *settings):
    KL = lambda x: mean_kl(policy, x, theta, batch.observations)  # noqa: E731
    search = lambda L, _, *rest: pieces.line_search(L, KL, *rest)  # noqa: E731
    return _with(line_search=search)(policy, theta, batch, pieces, *settings)


def _quadratic_kl(policy, theta, batch, pieces, delta, *rest):
    """The line search asks the model, which gives δ for the full step and less for the others."""
    at = policy.linearize(theta, batch.observations)
    metric = policy.distribution.metric(at.outputs)
    F = lambda v: pieces.fisher_vector_product(at.jvp, metric, at.vjp, v)  # noqa: E731
    KL = lambda x: 0.5 * (x - theta) @ F(x - theta) * (1 - 1e-9)  # noqa: E731
    search = lambda L, _, *rest: pieces.line_search(L, KL, *rest)  # noqa: E731
    return _with(line_search=search)(policy, theta, batch, pieces, delta, *rest)


def _mean_log_prob(policy, theta, batch, pieces, *settings):
    L = lambda x: np.mean(  # noqa: E731
        policy.log_prob(x, batch.observations, batch.actions) * batch.advantages
    )
    search = lambda _, KL, *rest: pieces.line_search(L, KL, *rest)  # noqa: E731
    return _with(line_search=search)(policy, theta, batch, pieces, *settings)


def _damped_length(policy, theta, batch, pieces, delta, damping, *rest):
    step = lambda delta, s, Fs: full_step(delta, s, Fs + damping * s)  # noqa: E731
    return _with(maximum_step=step)(policy, theta, batch, pieces, delta, damping, *rest)


def _damped_twice(policy, theta, batch, pieces, delta, damping, *rest):
    step = lambda delta, s, Fs: full_step(delta, s, Fs + damping * s)  # noqa: E731
    update = _with(maximum_step=step)
    return update(policy, theta, batch, pieces, delta, 2 * damping, *rest)


def _undamped_solve(policy, theta, batch, pieces, delta, damping, *rest):
    return step_of(policy, theta, batch, pieces, delta, 0.0, *rest)


check_trpo_step = Check(
    "Exercise 10.7",
    step_of,
    _updates,
    (
        Mistake(
            lambda policy, theta, *rest: theta,
            "theta comes back as it was, every time: the line search refuses all candidates. Usual "
            "causes: the sign of g or of the step; an L that does not depend on x, or has the two "
            "log-probabilities exchanged; a full step that contains theta already",
        ),
        Mistake(
            _damped_length,
            "you kept the damping in the step length, sᵀ(F + λI)s (sᵀg is the same number). "
            "That is a variant that some programs use (damped_step_length in trpo_np), and its "
            "steps are shorter; the chapter's α_max has sᵀFs, so give maximum_step the product "
            "F(s) without λ",
        ),
        Mistake(
            _quadratic_kl,
            "your constraint refuses nothing: it is the quadratic model ½ dᵀFd, which gives δ for "
            "the full step by construction, or a KL that does not depend on x. The line search is "
            "there to ask the true one: mean_kl between theta and x",
        ),
        Mistake(
            _mean_log_prob,
            "your L is the mean of log π A. It has the slope of the surrogate at theta, but is "
            "another function; the surrogate has the ratio of the probabilities",
        ),
        Mistake(
            _reversed_kl,
            "your constraint is KL(new ‖ old): the old parameters are the first of the two that "
            "mean_kl takes",
        ),
        Mistake(
            _with(line_search=_last_candidate),
            "where no candidate is acceptable, you return the last one that was refused; theta "
            "itself is the answer then",
        ),
        Mistake(
            _with(line_search=lambda L, KL, theta, full_step, *rest: theta + full_step),
            "the full step is taken every time, and nothing stops it. Is it handed over to "
            "line_search? And does your KL depend on x, or is it that of theta with itself?",
        ),
        Mistake(
            _damped_twice,
            "the damping is in twice: F holds it already when conjugate gradient adds it again. "
            "Keep F as it is, and add λ v in one place",
        ),
        Mistake(
            _undamped_solve,
            "your direction solves F s = g: the damping is missing in the product that you give "
            "to conjugate gradient",
        ),
        Mistake(
            _with(maximum_step=lambda delta, s, Fs: full_step(delta, s, s)),
            "the length of s is measured without F: maximum_step wants s and the product F(s)",
        ),
        Mistake(
            _with(maximum_step=lambda delta, s, Fs: 1.0),
            "the step is not scaled to the trust region: the line search begins at s in place of "
            "α_max s",
        ),
        Mistake(
            _with(conjugate_gradient=lambda matvec, b, iterations: b),
            "you step along the gradient g itself; the direction is s, from conjugate gradient",
        ),
    ),
    "That is TRPO: every line of its update is yours.",
    tolerance=1e-6,
    conditions=(
        uses(
            "surrogate",
            "fisher_vector_product",
            "conjugate_gradient",
            "maximum_step",
            "line_search",
        ),
    ),
)


check_backtracked_kl = Check(
    "Exercise 10.8",
    lambda: 0.0025,
    lambda: [()],
    (
        Mistake(
            lambda: 0.005,
            "0.005 would be right if the KL grew in proportion to the step; near theta_old it has "
            "no slope, only a curvature",
        ),
        Mistake(
            lambda: 0.01,
            "0.01 is δ, where the model sees the full step; this one was shortened",
        ),
        Mistake(
            lambda: 0.00125,
            "the ½ of ½ dᵀFd is already in δ: the full step has ½ dᵀFd = δ",
        ),
        Mistake(
            lambda: 0.04,
            "0.04 is more than δ, but the step became shorter, not longer",
        ),
    ),
    "Half the step, a quarter of the KL.",
)

# Checks that stand with others of their topic.

check_loop = training.check_loop
check_explained_variance = training.check_explained_variance
