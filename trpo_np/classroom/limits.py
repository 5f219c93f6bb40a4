"""What notebook 13 counts: lines, two states that share a parameter, a bandit of many actions."""

from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from gymnasium import spaces

from trpo_np.batch import Batch
from trpo_np.classroom.source_lines import PACKAGE, code_lines, lines_run
from trpo_np.fast.local_problem import LocalProblem
from trpo_np.policy import Policy
from trpo_np.spaces import make_policy
from trpo_np.tabular import softmax_policy, state_kl
from trpo_np.updates import PPO, TRPO, NaturalGradient, PolicyGradient
from trpo_np.updates.options import settings_of

Array = np.ndarray
UPDATES = {
    "plain gradient": PolicyGradient,
    "natural gradient": NaturalGradient,
    "PPO": PPO,
    "TRPO": TRPO,
}


def random_problem(N: int, width: int, seed: int = 0) -> tuple[Policy, Array, Batch]:
    """A Gaussian policy with two hidden layers, its theta, and a batch of N random states."""
    rng = np.random.default_rng(seed)
    space = spaces.Box(-np.inf, np.inf, (17,))
    policy = make_policy(space, spaces.Box(-1, 1, (6,)), hidden=(width, width))
    theta = policy.init(rng)
    obs = rng.standard_normal((N, 17))
    actions = policy.sample(theta, obs, rng)
    log_probs = policy.log_prob(theta, obs, actions)
    return policy, theta, Batch(obs, actions, rng.standard_normal(N), log_probs)


def mean_score(policy: Policy, theta: Array, batch: Batch, weights: Array) -> Array:
    """The mean of weight times ∇ log π over the batch (P,)."""
    return LocalProblem(policy, theta, batch).mean_score(weights)


# ---- Lines -------------------------------------------------------------------------------------


class Length(NamedTuple):
    """How long an update is, in lines of code, and how many settings it has."""

    file: int  #: of its own file
    runs: int  #: of all functions of the package that one update calls
    beyond: int  #: of those, the ones that the plain gradient does not call
    settings: int


@cache
def _lines(name: str) -> frozenset[tuple[str, int]]:
    policy, theta, batch = random_problem(200, 8)
    update = UPDATES[name]()
    return frozenset(lines_run(lambda: update(policy, theta, batch, np.random.default_rng(0))))


def complexity() -> dict[str, Length]:
    """The lengths of the updates by name."""
    return {
        name: Length(
            len(code_lines(_file_of(kind).read_text(encoding="utf-8"))),
            len(_lines(name)),
            len(_lines(name) - _lines("plain gradient")),
            len(settings_of(kind)),
        )
        for name, kind in UPDATES.items()
    }


def _file_of(kind: type) -> Path:
    return PACKAGE.parent / (kind.__module__.replace(".", "/") + ".py")


def beyond_by_file(name: str) -> dict[str, int]:
    """The lines of an update beyond the plain gradient's, by file, the largest part first."""
    beyond = _lines(name) - _lines("plain gradient")
    return dict(Counter(Path(file).name for file, _ in sorted(beyond)).most_common())


# ---- Two states that share a parameter ---------------------------------------------------------


def ascend_clip(x: float, c: float, rate: float = 2e-4) -> float:
    """Where gradient ascent on (13.6) from θ = 0 comes to rest in the world of section 6."""
    strength, theta = np.array([1.0, x]), 0.0
    while True:
        q = 1 / (1 + np.exp(-strength * theta))
        inside = 2 * q < 1 + c  # both actions of a state reach their walls together
        slope = np.mean(inside * 2 * strength * q * (1 - q))
        if slope == 0:
            return theta
        theta += rate * slope


def two_state_kl(theta: float, x: float) -> float:
    """The mean KL (old ‖ new) of the two states at θ."""
    return float(np.mean(np.log(np.cosh(np.array([1.0, x]) * theta / 2))))


def two_state_limit(x: float, delta: float) -> float:
    """The θ at which the mean KL is delta, by bisection."""
    low, high = 0.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if two_state_kl(middle, x) <= delta else (low, middle)
    return low


# ---- A bandit with many actions ----------------------------------------------------------------


def zipf(n: int) -> Array:
    """Probabilities (n,) that fall like 1 / rank."""
    return 1 / np.arange(1, n + 1) / np.sum(1 / np.arange(1, n + 1))


def changes_of(pi: Array, delta: float, seed: int = 0) -> dict[str, Array]:
    """New policies of several shapes, each at KL(π ‖ new) = delta."""
    rank = np.arange(1, len(pi) + 1)
    shapes = {
        "all logits, at random": np.random.default_rng(seed).standard_normal(len(pi)),
        "the most frequent one, down": np.where(rank == 1, -1.0, 0.0),
        "the rarer half, up": rank > len(pi) / 2,
        "ranks 50 to 59, up": (rank >= 50) & (rank < 60),
        "rank 300, up": rank == 300,
    }
    return {name: _at_kl(pi, np.asarray(shape, float), delta) for name, shape in shapes.items()}


def _at_kl(pi: Array, shape: Array, delta: float) -> Array:
    new = lambda t: softmax_policy(np.log(pi) + t * shape)  # noqa: E731
    low, high = 0.0, 50.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if state_kl(pi, new(middle)) <= delta else (low, middle)
    return new(low)
