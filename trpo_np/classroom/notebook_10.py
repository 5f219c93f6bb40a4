"""The checks of notebook 10, TRPO, and the package's pieces with the student's signatures."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
from gymnasium import spaces

from trpo_np.advantages import generalized_advantages
from trpo_np.classroom import notebook_06, notebook_07
from trpo_np.classroom.checks import Check, Mistake
from trpo_np.config import TRPOConfig
from trpo_np.conjugate_gradient import conjugate_gradient
from trpo_np.line_search import backtracking_line_search, maximum_step
from trpo_np.objectives import Batch, mean_kl, policy_gradient
from trpo_np.policy import Policy, make_policy
from trpo_np.trpo import trpo_step

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


def yours(student: Callable, check: Check, otherwise: Callable) -> Callable:
    """The student's function where it passes the check, and else the other one."""
    return student if check.verdict(student) is None else otherwise


def print_owners(pieces: SimpleNamespace) -> None:
    """Says for every piece whose it is."""
    for name, piece in vars(pieces).items():
        owner = "the package's" if piece is vars(package)[name] else "yours"
        print(f"{name:24}{owner}")


# ---- Exercises 10.1 to 10.6: the pieces --------------------------------------------------------

KEEP = "One piece more that is your own."


def _samples():
    rng = np.random.default_rng(101)
    return [tuple(rng.standard_normal((3, n))) for n in (5, 8)]


check_surrogate = Check(
    "Exercise 10.1",
    surrogate,
    _samples,
    (
        Mistake(
            lambda new, old, A: surrogate(old, new, A),
            "the ratio is upside down: the new policy's probability is on top",
        ),
        Mistake(
            lambda new, old, A: np.sum(np.exp(new - old) * A),
            "this is the sum over the samples; an expectation is estimated by their mean",
        ),
        Mistake(
            lambda new, old, A: np.mean((new - old) * A),
            "you used the logarithm of the ratio in place of the ratio",
        ),
        Mistake(
            lambda new, old, A: np.mean(np.exp(new - old)) * np.mean(A),
            "you took two means and multiplied them; each ratio weighs its own advantage",
        ),
        Mistake(
            lambda new, old, A: np.mean(new / old * A),
            "the arguments are logarithms: a ratio of probabilities is not a ratio of logarithms",
        ),
    ),
    KEEP,
)

check_fisher_vector_product = replace(
    notebook_06.check_fisher_vector_product, name="Exercise 10.2", praise=KEEP
)
check_conjugate_gradient = replace(
    notebook_07.check_conjugate_gradient, name="Exercise 10.3", praise=KEEP
)


def _directions():
    rng = np.random.default_rng(104)
    cases = []
    for n, delta in ((3, 0.01), (5, 0.3)):
        B, s = rng.standard_normal((n, n)), rng.standard_normal(n)
        cases.append((delta, s, B @ B.T @ s))
    return cases


check_maximum_step = Check(
    "Exercise 10.4",
    full_step,
    _directions,
    (
        Mistake(
            lambda delta, s, Fs: np.sqrt(delta / (s @ Fs)),
            "the 2 is missing: the model of the KL has a factor ½",
        ),
        Mistake(
            lambda delta, s, Fs: 2 * delta / (s @ Fs),
            "this is α², not yet α",
        ),
        Mistake(
            lambda delta, s, Fs: np.sqrt(2 * delta / (s @ s)),
            "you measured the length of s without F; the trust region is round in the KL, not in "
            "the parameters",
        ),
        Mistake(
            lambda delta, s, Fs: np.sqrt(2 * delta / (Fs @ Fs)),
            "this has the square of Fs; the curvature along s is the product of s with Fs",
        ),
        Mistake(
            lambda delta, s, Fs: np.sqrt(s @ Fs / (2 * delta)),
            "the fraction is upside down: a larger δ allows a longer step",
        ),
    ),
    KEEP,
)


def _searches():
    L = lambda x: float(np.sum(x) - 0.2 * np.sum(x**2))  # noqa: E731
    KL = lambda x: float(0.5 * np.sum(x**2))  # noqa: E731
    zero, ones = np.zeros(3), np.ones(3)
    return [
        (L, KL, zero, 2.0 * ones, 0.3, 5, 0.7),  # shortened until the KL allows it
        (L, KL, zero, 5.0 * ones, 100.0, 5, 0.5),  # shortened until L grows
        (L, KL, zero, 8.0 * ones, 0.3, 2, 0.5),  # nothing is acceptable
        (L, KL, zero, -1.0 * ones, 0.3, 4, 0.5),  # nor downhill
        (L, KL, zero, 4.0 * ones, 0.4, 3, 0.5),  # the last one
        (L, KL, zero, 0.3 * ones, 0.4, 3, 0.5),  # the first one
    ]


def _search(accept, fail=lambda theta, candidate: theta, first=0, last=0):
    def search(L, KL, theta, full_step, delta, backtracks, beta):
        for k in range(first, backtracks + 1 + last):
            candidate = theta + beta**k * full_step
            if accept(KL(candidate) <= delta, L(candidate) > L(theta)):
                return candidate
        return fail(theta, candidate)

    return search


check_line_search = Check(
    "Exercise 10.5",
    line_search,
    _searches,
    (
        Mistake(
            _search(lambda near, better: near or better),
            "one condition alone is enough for your code; both must hold, so the word is `and`",
        ),
        Mistake(
            _search(lambda near, better: better),
            "the KL is not asked: a candidate must also satisfy KL ≤ δ",
        ),
        Mistake(
            _search(lambda near, better: near),
            "the surrogate is not asked: a candidate must also have L above that at theta",
        ),
        Mistake(
            _search(lambda near, better: near and better, fail=lambda theta, candidate: candidate),
            "where nothing is acceptable, you return the last candidate; theta itself is the "
            "answer then",
        ),
        Mistake(
            _search(lambda near, better: near and better, last=-1),
            "you stop one candidate too early: k runs from 0 to backtracks, both included",
        ),
        Mistake(
            _search(lambda near, better: near and better, first=1),
            "the full step is never tried: the first k is 0",
        ),
    ),
    KEEP,
)


def _rollouts():
    rng = np.random.default_rng(106)
    cases = []
    for T, E in ((6, 2), (5, 3)):
        ended = np.zeros((T, E), dtype=bool)
        ended[2, 0] = ended[1, 1] = True
        terminated = ended.copy()
        terminated[1, 1] = False  # cut off by the time limit
        cases.append((*rng.standard_normal((3, T, E)), terminated, ended, 0.9, 0.7))
    return cases


check_gae = Check(
    "Exercise 10.6",
    generalized_advantages,
    _rollouts,
    (
        Mistake(
            lambda r, V, V_next, terminated, ended, gamma, lam: generalized_advantages(
                r, V, V_next, ended, ended, gamma, lam
            ),
            "a step where the time limit cut the episode off is treated like a terminal one; its "
            "next state has a value, so only `terminated` sets it to 0",
        ),
        Mistake(
            lambda r, V, V_next, terminated, ended, gamma, lam: generalized_advantages(
                r, V, V_next, terminated, terminated, gamma, lam
            ),
            "the sum runs on across the time limit, into the next episode: `ended` stops it",
        ),
        Mistake(
            lambda r, V, V_next, terminated, ended, gamma, lam: generalized_advantages(
                r, V, V_next, np.zeros_like(ended), ended, gamma, lam
            ),
            "a terminal state has no future: its value counts as 0",
        ),
        Mistake(
            lambda r, V, V_next, terminated, ended, gamma, lam: generalized_advantages(
                r, V, V_next, terminated, ended, gamma, lam / gamma
            ),
            "the errors are weighed by λ alone; the weight of one step further is γλ",
        ),
        Mistake(
            lambda r, V, V_next, terminated, ended, gamma, lam: (
                generalized_advantages(r, V, V_next, terminated, ended, gamma, lam) + V
            ),
            "these are the targets of the value function, A + V; the question is A",
        ),
        Mistake(
            lambda r, V, V_next, terminated, ended, gamma, lam: generalized_advantages(
                r, V, V_next, terminated, ended, gamma, 0.0
            ),
            "these are the errors of single steps, as with λ = 0: later ones are not added",
        ),
    ),
    KEEP,
)


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
        _update_problem(spaces.Discrete(3), 3, 0.01, 10, 0.5),
        _update_problem(spaces.Box(-1, 1, (2,)), 2, 0.05, 8, 0.8),
        _update_problem(spaces.Box(-1, 1, (2,)), 0, 0.05, 0, 0.5),  # no candidate is acceptable
    ]


def _update(policy, theta, batch, *settings):
    """The package's own update, for the settings as the exercise has them."""
    _, delta, damping, iterations, backtracks, beta = settings
    config = TRPOConfig(
        delta=delta,
        cg_damping=damping,
        cg_iterations=iterations,
        line_search_steps=backtracks,
        backtrack_ratio=beta,
    )
    return trpo_step(policy, theta, batch, config)[0]


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


def _damped_length(policy, theta, batch, pieces, delta, damping, *rest):
    step = lambda delta, s, Fs: full_step(delta, s, Fs + damping * s)  # noqa: E731
    return _with(maximum_step=step)(policy, theta, batch, pieces, delta, damping, *rest)


def _undamped_solve(policy, theta, batch, pieces, delta, damping, *rest):
    return step_of(policy, theta, batch, pieces, delta, 0.0, *rest)


check_trpo_step = Check(
    "Exercise 10.7",
    _update,
    _updates,
    (
        Mistake(
            lambda policy, theta, *rest: theta,
            "theta comes back as it was, every time: the line search refuses all candidates. "
            "Either the step goes downhill (look at the sign of g), or the two log-probabilities "
            "in L have changed places",
        ),
        Mistake(
            _damped_length,
            "you kept the damping in the step length, sᵀ(F + λI)s. That is a variant that some "
            "programs use (damped_step_length in trpo_np), and its steps are shorter; the "
            "chapter's α_max has sᵀFs, so give maximum_step the product F(s) without λ",
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
            "you always take the full step: nothing asks whether KL ≤ δ and L grew. Hand the step "
            "over to line_search",
        ),
        Mistake(
            _undamped_solve,
            "your direction solves F s = g: the damping is missing in the product that you give "
            "to conjugate gradient",
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
