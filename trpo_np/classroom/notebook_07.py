"""The checks of notebook 07, conjugate gradient, and what its cells call: matrices with a given
spectrum, batches out of a training run, the measured scores of search directions, pictures."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache

import numpy as np
from matplotlib.axes import Axes

from trpo_np.batch import Batch
from trpo_np.classroom import solutions
from trpo_np.classroom.checks import Check, Mistake, calls, recall
from trpo_np.classroom.exercises import geometry
from trpo_np.classroom.measurements import stored
from trpo_np.conjugate_gradient import conjugate_gradient
from trpo_np.experiments.plots import INK, QUIET
from trpo_np.mlp import MLP
from trpo_np.policy import Policy
from trpo_np.spaces import make_policy
from trpo_np.training.environments import source
from trpo_np.training.estimates import make_batch
from trpo_np.training.normalizer import Normalizer
from trpo_np.training.rollout import Sampler
from trpo_np.training.settings import Settings
from trpo_np.updates.trpo import trpo_step
from trpo_np.value import ValueFunction

recall_rank = recall(
    "Recall 7.1",
    40,
    {
        60: (
            "three logits, but one direction of them changes no probability: what is the rank of M?"
        ),
        500: "F has that many rows; but each state adds a matrix of small rank",
        20: "each state may add more than one direction: what is the rank of M?",
        480: "it is not P less N: the ranks of the N terms add up",
        3: "that is the number of logits in one state",
    },
    "So 460 directions or more cost nothing in the quadratic model, and F has no inverse.",
    look="notebook 05, section 7",
)

recall_damped = recall(
    "Recall 7.2",
    0.1,
    {
        0: "that is the smallest one of F itself; the damping changes it",
        5.1: "that is the largest",
        0.02: "λ is added to the eigenvalues, not divided by the largest",
        0.5: "λ is added to the eigenvalues; it does not multiply them",
    },
    "Every eigenvalue grows by λ, so the damped matrix is positive definite.",
    look="notebook 05, section 7",
)

recall_cost = recall(
    "Recall 7.3",
    10,
    {
        100: "that is how the entries of F grow; the product never makes them",
        1: "the passes go through all the weights",
        1000: "that is how a solution by elimination grows; this is one product",
        4: "4 NP is what one product costs; how does that grow with P?",
        40: "the 4 of 4 NP stands on both sides of the comparison",
    },
    "A product costs like P, and the matrix like P².",
    look="notebook 06, section 7",
)


def _system(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    B = rng.standard_normal((n, n))
    return B @ B.T / n + 0.1 * np.eye(n), rng.standard_normal(n)


def _steps():
    return [(*_system(n, n), np.random.default_rng(n).standard_normal(n)) for n in (2, 5)]


def _steepest_step(F, g, x):
    r = g - F @ x
    return (r @ r) / (r @ F @ r)


check_steepest_step = Check(
    "Exercise 7.1",
    _steepest_step,
    _steps,
    (
        Mistake(
            lambda F, g, x: (g @ g) / (g @ F @ g),
            "you used g where the residual r = g - F x belongs; they agree only at x = 0",
        ),
        Mistake(
            lambda F, g, x: 1 / _steepest_step(F, g, x),
            "this is the fraction upside down: rᵀr is on top",
        ),
        Mistake(
            lambda F, g, x: 1 / ((g - F @ x) @ F @ (g - F @ x)),
            "the numerator rᵀr is missing; it is 1 only for a residual of length 1",
        ),
        Mistake(
            lambda F, g, x: 0.5 * _steepest_step(F, g, x),
            "this is half the step: the ½ of q is gone once you differentiate",
        ),
        Mistake(
            lambda F, g, x: -_steepest_step(F, g, x),
            "the sign is turned: the step goes along r, which already points downhill",
        ),
    ),
    "Along r, no other step takes q lower.",
)


def _beta_cases():
    """Residuals that are orthogonal, as in the method, to the last bit."""
    return [
        (np.array([3.0, 1.0, 2.0]), np.array([1.0, -1.0, -1.0])),
        (np.array([2.0, -1.0, 1.0, 3.0, 1.0, -2.0]), np.array([1.0, 1.0, 2.0, -1.0, 0.0, 0.0])),
    ]


check_beta = Check(
    "Exercise 7.2",
    lambda r, r_next: (r_next @ r_next) / (r @ r),
    _beta_cases,
    (
        Mistake(
            lambda r, r_next: (r @ r) / (r_next @ r_next),
            "this is β upside down: the new residual is on top, so that β is small when the "
            "residual shrank",
        ),
        Mistake(
            lambda r, r_next: np.sqrt((r_next @ r_next) / (r @ r)),
            "this is the ratio of the lengths; β is that of the squared lengths",
        ),
        Mistake(
            lambda r, r_next: -(r_next @ r_next) / (r @ r),
            "the sign is turned: follow the two minus signs in the derivation once more",
        ),
        Mistake(
            lambda r, r_next: (r_next @ r_next) / (r @ r_next),
            "you divide by the product of the old residual and the new one; by (b) these are "
            "orthogonal, and it is 0",
        ),
        Mistake(
            lambda r, r_next: (r_next @ r) / (r @ r),
            "you multiplied the new residual with the old one; by (b) these are orthogonal, and β "
            "is 0",
        ),
    ),
)


def _solve(matvec, b, iterations):
    return conjugate_gradient(matvec, b, iterations, tolerance=0.0).x


def _loop(update):
    """Conjugate gradient whose (r, p, β) come from `update`."""

    def solve(matvec, b, iterations):
        x, r, p = np.zeros_like(b), b.copy(), b.copy()
        for _ in range(iterations):
            x, r, p = update(matvec, x, r, p)
        return x

    return solve


def _steepest(matvec, x, r, p):
    alpha = (r @ r) / (r @ matvec(r))
    return x + alpha * r, r - alpha * matvec(r), r


def _upside_down(matvec, x, r, p):
    alpha = (r @ r) / (p @ matvec(p))
    r_next = r - alpha * matvec(p)
    return x + alpha * p, r_next, r_next + (r @ r) / (r_next @ r_next) * p


def _beta_one(matvec, x, r, p):
    alpha = (r @ r) / (p @ matvec(p))
    r_next = r - alpha * matvec(p)
    return x + alpha * p, r_next, r_next + p


def _stale_residual(matvec, x, r, p):
    alpha = (r @ r) / (p @ matvec(p))
    r_next = r - alpha * matvec(p)
    return x + alpha * p, r_next, r + (r_next @ r_next) / (r @ r) * p


def _aliased(matvec, b, iterations):
    x, r = np.zeros_like(b), b.copy()
    p = r
    for _ in range(iterations):
        Ap, rr = matvec(p), r @ r
        alpha = rr / (p @ Ap)
        x = x + alpha * p
        r -= alpha * Ap
        p = r + (r @ r) / rr * p
    return x


def _systems():
    cases = []
    for n, iterations in ((4, 2), (6, 5)):
        F, g = _system(n, 10 + n)
        cases.append((lambda v, F=F: F @ v, g, iterations))
    return cases


check_conjugate_gradient = Check(
    "Exercise 7.3",
    _solve,
    _systems,
    (
        Mistake(
            _loop(_steepest),
            "this is steepest descent: p never gets its β p, so directions undo each other",
        ),
        Mistake(
            _aliased,
            "p and r share memory: `p = r` makes two names for one array, and `r -= ...` then "
            "changes both. Make new arrays, r = r - ...",
        ),
        Mistake(_loop(_upside_down), "β is upside down: the new rᵀr is on top"),
        Mistake(
            _loop(_beta_one),
            "your β is always 1: r was renewed before the old rᵀr was used. Keep both",
        ),
        Mistake(
            lambda matvec, b, k: _solve(matvec, b, k) + b,
            "you start at x = b; the start is x = 0, where the residual is b",
        ),
        Mistake(
            _loop(_stale_residual),
            "the new direction is built from the old residual; r has to be renewed before p",
        ),
        Mistake(
            lambda matvec, b, k: _solve(matvec, b, k - 1),
            "this is one iteration short; do `iterations` products",
        ),
        Mistake(
            lambda matvec, b, k: _solve(matvec, b, k + 1),
            "this is one iteration too many; do `iterations` products",
        ),
    ),
    "Your own conjugate gradient. Keep it for notebook 10.",
    tolerance=1e-6,
    conditions=(
        calls(0, lambda case: case[2], "F p stands in α and in the residual, and is computed once"),
    ),
    solution=solutions.conjugate_gradient,
)


check_distinct_eigenvalues = Check(
    "Exercise 7.4",
    lambda: 3,
    lambda: [()],
    (
        Mistake(
            lambda: 40,
            "40 is the number of unknowns: enough in any case, but here far fewer will do",
        ),
        Mistake(
            lambda: 2,
            "a polynomial of degree 2 with value 1 at 0 has two zeros; at how many places has it "
            "to be zero?",
        ),
        Mistake(
            lambda: 20,
            "20 is how often the most frequent eigenvalue occurs; one zero at it serves all twenty",
        ),
        Mistake(
            lambda: 10,
            "10 is TRPO's usual number; the answer follows from the spectrum alone",
        ),
    ),
    "One zero of the polynomial for each eigenvalue, however often it occurs.",
)


# Sections 2 to 6


def matrix_with(eigenvalues: np.ndarray, seed: int = 0) -> np.ndarray:
    """A symmetric matrix with these eigenvalues and random eigenvectors."""
    rng = np.random.default_rng(seed)
    Q, _ = np.linalg.qr(rng.standard_normal((len(eigenvalues), len(eigenvalues))))
    return Q @ np.diag(eigenvalues) @ Q.T


def relative_errors(A: np.ndarray, b: np.ndarray, iterations: Sequence[int]) -> np.ndarray:
    """The error of conjugate gradient in the A-norm, relative to that at the start, after 0 and
    after each of the numbers of iterations."""
    x_star = np.linalg.solve(A, b)
    solutions = [np.zeros_like(b)]
    solutions += [conjugate_gradient(lambda v: A @ v, b, k, tolerance=0.0).x for k in iterations]
    norms = [np.sqrt(e @ A @ e) for e in (x_star - x for x in solutions)]
    return np.array(norms) / norms[0]


# Sections 7 and 8


def stops_in_training(
    env_id: str, updates: Sequence[int], seed: int, settings: Settings, fresh: int = 4
) -> Iterator[tuple[int, Policy, np.ndarray, Batch, Batch]]:
    """Trains with TRPO and stops before each update whose number, from 1, is in `updates`: its
    number, the policy, theta, the batch at hand, and `fresh` times as much that the same theta
    sampled afterwards and that no update sees."""
    rng = np.random.default_rng(seed)
    envs, hidden = source(env_id).many(settings.num_envs), settings.hidden
    policy = make_policy(envs.single_observation_space, envs.single_action_space, hidden)
    value = ValueFunction(MLP((*policy.network.sizes[:-1], 1)))
    theta, w = policy.init(rng), value.init(rng)
    normalizer = Normalizer.fresh(envs.single_observation_space)
    sampler, T = Sampler(envs, seed), settings.steps_per_env
    for update in range(1, max(updates) + 1):
        rollout = sampler.collect(policy, theta, normalizer, rng, T)
        batch, _, targets = make_batch(rollout, value, w, settings)
        if update in updates:
            more = sampler.collect(policy, theta, normalizer, rng, fresh * T)
            yield update, policy, theta, batch, make_batch(more, value, w, settings)[0]
        theta, _ = trpo_step(policy, theta, batch)
        w, _ = value.fit(w, batch.observations, targets)
        normalizer = normalizer.updated(rollout.raw_observations[:-1][rollout.valid])
    envs.close()


def promise(g: np.ndarray, product: Callable, s: np.ndarray) -> float:
    """gᵀs / √(sᵀFs): the improvement that the linear model promises for a step along s to the rim
    of the quadratic model, divided by √(2δ)."""
    return float(g @ s / np.sqrt(s @ product(s)))


UPDATES = 1, 5, 20, 50, 100  #: before which the measured runs stopped
#: damping λ and iterations k of the directions that the notebook's table shows
SHOWN = "0 10", "0 100", "0 exact", "0.001 10", "0.01 10", "0.1 3", "0.1 10", "0.1 exact", "1 10"


@cache
def _measurements() -> dict:
    return json.loads(stored("search_directions.json").read_text())


def measured(env_id: str, update: int, key: str) -> dict[str, np.ndarray]:
    """What tests/benchmarks/search_directions.py measured before that update: one number a seed for
    each direction by name, such as "0.1 10" for λ = 0.1 and ten iterations. The key is "sample" or
    "fresh" for the promise, "gain" for what L gained, "kl" for the KL of the full step over δ,
    "halved" for how often the line search halved it, or -1 where it accepted none."""
    found = _measurements()
    rows = [row for row in found["rows"] if (row["env_id"], row["update"]) == (env_id, update)]
    return dict(zip(found["names"], np.array([row[key] for row in rows]).T, strict=True))


def measured_everywhere(key: str) -> dict[str, np.ndarray]:
    """The same for all batches: 2 environments, 5 updates, 16 seeds."""
    found = _measurements()
    columns = np.array([row[key] for row in found["rows"]]).T
    return dict(zip(found["names"], columns, strict=True))


def measured_returns(env_id: str, key: str) -> dict[str, np.ndarray]:
    """What tests/benchmarks/damping_returns.py measured: one number a seed for each setting "λ k".
    The key is "mean" for the return averaged over the updates, "last" for the last five."""
    rows = json.loads(stored("damping_returns.json").read_text())
    rows = [row for row in rows if row["env_id"] == env_id]
    settings = dict.fromkeys(row["setting"] for row in rows)
    return {s: np.array([row[key] for row in rows if row["setting"] == s]) for s in settings}


def plus_minus(values: np.ndarray, digits: int = 3) -> str:
    """Mean ± standard error."""
    error = values.std(ddof=1) / np.sqrt(len(values))
    return f"{values.mean():.{digits}f} ± {error:.{digits}f}"


def draw_promises(ax: Axes, env_id: str, update: int) -> None:
    """Promise against iterations, measured: in the sample without damping, and on fresh data for
    three dampings with standard errors over the seeds."""
    ks = [1, 3, 10, 30, 100]
    sample, fresh = (measured(env_id, update, key) for key in ("sample", "fresh"))
    in_sample = [sample[f"0 {k}"].mean() for k in ks]
    ax.semilogx(ks, in_sample, ":", color=QUIET, label="in the sample, λ = 0")
    for damping, style in (("0", "o-"), ("0.001", "s--"), ("0.1", "D-.")):
        values = np.array([fresh[f"{damping} {k}"] for k in ks])
        error = values.std(axis=1, ddof=1) / np.sqrt(values.shape[1])
        ax.errorbar(
            ks, values.mean(axis=1), error, fmt=style, capsize=4, label=f"fresh, λ = {damping}"
        )
    ax.axhline(0, color=INK, linewidth=1, linestyle="-")
    ax.set_ylim(-0.06, 0.6)
    ax.set_xticks(ks, [str(k) for k in ks])
    ax.minorticks_off()


# Checks that stand with others of their topic.

check_plane_step = geometry.check_plane_step
