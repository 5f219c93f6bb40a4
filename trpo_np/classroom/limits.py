"""What notebook 13 counts and draws: lines, costs, gains, PPO's epochs, and three regions."""

import itertools
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from gymnasium import spaces
from matplotlib.figure import Figure

from trpo_np.batch import Batch
from trpo_np.classroom.regions import binary_kl_limits
from trpo_np.classroom.source_lines import PACKAGE, code_lines, lines_run
from trpo_np.experiments.plots import COLORS
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


# ---- Measurements and pictures -----------------------------------------------------------------


def bought(second: dict, where: str) -> dict[tuple[str, int], list[str]]:
    """The mean gains with their standard errors by environment and update, and how much more ten
    iterations gain than one, all in thousandths."""
    found = {}
    for key, gains in _by_stop(second, where).items():
        more = gains[:, 2] - gains[:, 0]
        found[key] = [_with_error(column) for column in (*gains.T, more)]
    return found


def _by_stop(second: dict, where: str) -> dict[tuple[str, int], Array]:
    """(environment, update) -> gains (seeds, k) in thousandths."""
    key = lambda row: (row["env_id"], row["update"])  # noqa: E731
    rows = sorted(second["rows"], key=key)
    groups = itertools.groupby(rows, key)
    return {k: 1000 * np.array([row[where] for row in group]) for k, group in groups}


def _with_error(x: Array) -> str:
    return f"{x.mean():6.1f} ± {x.std(ddof=1) / np.sqrt(len(x)):4.1f}"


def draw_costs(rows: list[dict]) -> Figure:
    """Times in gradient steps, and peaks of memory, against the number of parameters."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(13, 5.5))
    P = np.array([row["P"] for row in rows], dtype=float)
    names = "TRPO", "TRPO, a tenth", "PPO", "product F v"
    for number, (name, marker) in enumerate(zip(names, "osD^", strict=True)):
        middle, low, high = np.array([row["ratios"][name] for row in rows]).T
        bars = np.array([middle - low, high - middle])
        left.errorbar(P, middle, bars, fmt=marker, color=COLORS[number], capsize=4, linestyle="-")
        left.plot([], [], marker, color=COLORS[number], linestyle="-", label=name)
    left.set(xscale="log", yscale="log", xlabel="parameters P", ylabel="time in gradient steps")
    left.set_yticks([0.1, 1, 10, 100], ["0.1", "1", "10", "100"])
    left.legend()
    for number, (name, marker) in enumerate((("TRPO", "o"), ("PPO", "D"), ("gradient step", "x"))):
        peaks = [row["peaks"][name] / 1e6 for row in rows]
        right.loglog(P, peaks, marker, linestyle="-", color=COLORS[2 * number], label=name)
    right.loglog(P, 4 * P**2 / 1e6, "--", color="black", label="explicit F")
    right.set(ylim=(0.5, 3e3), xlabel="parameters P", ylabel="peak memory, MB")
    right.legend()
    return figure


def draw_bought(second: dict) -> Figure:
    """Gains at equal KL against iterations, on the batch and on fresh samples."""
    figure, axes = plt.subplots(1, 2, figsize=(13, 5.5))
    k = np.array(second["iterations"])
    for where, line in (("batch", "-"), ("fresh", "--")):
        for (env_id, update), gains in _by_stop(second, where).items():
            ax = axes[int(env_id.startswith("Pendulum"))]
            number = (5, 20, 50).index(update)
            error = gains.std(axis=0, ddof=1) / np.sqrt(len(gains))
            x = k * 1.05 ** (number - 1)
            style = {"color": COLORS[number], "linestyle": line, "marker": "osD"[number]}
            words = "its batch" if where == "batch" else "fresh samples"
            ax.errorbar(
                x, gains.mean(axis=0), error, capsize=4, label=f"update {update}, {words}", **style
            )
            ax.set(title=env_id, xscale="log", xlabel="iterations of conjugate gradient")
            ax.set_xticks(k, [str(n) for n in k])
    for ax in axes:
        ax.axhline(0, color="black", linewidth=1, linestyle="-")
        ax.minorticks_off()
    axes[0].set_ylabel("gain of L at 0.01 nats, thousandths")
    axes[1].legend(fontsize=11, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def draw_epochs(epochs: dict[tuple[str, float], dict[str, Array]]) -> Figure:
    """The mean KL after each epoch of PPO, one panel an environment, one line a learning rate."""
    names = list(dict.fromkeys(env_id for env_id, _ in epochs))
    figure, axes = plt.subplots(1, len(names), figsize=(13, 5), sharey=True)
    for ax, name in zip(axes, names, strict=True):
        rates = [rate for env_id, rate in epochs if env_id == name]
        for rate, marker in zip(rates, "osD^", strict=False):
            kl = epochs[name, rate]["mean KL"][1:]
            ax.semilogy(np.arange(1, len(kl) + 1), kl, marker, linestyle="-", label=f"{rate:g}")
        ax.axhline(0.02, color="black", linestyle=":", linewidth=2)
        ax.set(title=name, xlabel="epochs on the batch")
    axes[0].set_ylabel("mean KL, nats")
    axes[1].legend(title="learning rate", loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def draw_bands(tau: float) -> Figure:
    """Which new probability of an action each region allows, given the old one."""
    odds = lambda p: np.log10(p / (1 - p))  # noqa: E731
    p = 1 / (1 + 10.0 ** -np.linspace(-5, 3, 400))
    ends = binary_kl_limits(p, 2 * tau**2)
    bands = {
        f"ratio within 1 ± {2 * tau:g}": ((1 - 2 * tau) * p, (1 + 2 * tau) * p),
        f"|p - q| ≤ {tau:g}": (p - tau, p + tau),
        f"KL of the coins ≤ {2 * tau**2:g}": ends,
    }
    figure, axes = plt.subplots(1, 3, figsize=(14, 5.2), sharex=True, sharey=True)
    ticks = np.array([1e-5, 1e-3, 0.1, 0.5, 0.9, 0.99, 0.999])
    for number, (ax, (name, band)) in enumerate(zip(axes, bands.items(), strict=True)):
        low, high = (odds(np.clip(q, 1e-9, 1 - 1e-9)) for q in band)
        ax.fill_between(odds(p), low, high, color=COLORS[number], alpha=0.35, linewidth=0)
        ax.plot(odds(p), odds(p), color="black", linewidth=1, linestyle="-")
        for (old, new), marker in (((1e-4, 1.5e-4), "o"), ((0.99, 0.80), "s")):
            ax.plot(odds(old), odds(new), marker, color="black", linestyle="none", markersize=9)
        ax.set(title=name, xlabel="old probability p", ylim=(-6, 4))
        ax.set_xticks(odds(ticks), [f"{x:g}" for x in ticks], rotation=60)
        ax.set_yticks(odds(ticks), [f"{x:g}" for x in ticks])
    axes[0].set_ylabel("new probability q")
    return figure
