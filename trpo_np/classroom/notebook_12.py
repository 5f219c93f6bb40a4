"""The checks of notebook 12, properties, and what reads its measurements."""

import csv
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import gymnasium
import numpy as np
from gymnasium import spaces

from trpo_np import Batch, Policy, make_policy, tabular
from trpo_np.classroom.checks import Check, Mistake, case, recall
from trpo_np.classroom.notebook_12_pictures import (
    GOALS,
    draw_changes,
    draw_climbs,
    draw_parts,
    draw_profiles,
    draw_robustness,
)
from trpo_np.updates import ALGORITHMS

__all__ = ["GOALS", "draw_changes", "draw_climbs", "draw_parts", "draw_profiles", "draw_robustness"]
Array = np.ndarray

#: the settings that were swept, by algorithm
SWEPT = {
    "trpo": ("delta", "cg_damping", "cg_iterations", "line_search_steps", "backtrack_ratio"),
    "ppo": ("learning_rate", "clip"),
    "policy-gradient": ("learning_rate",),
}
#: from the defaults to the preset: λ, Gauss-Newton steps of the value function, environments, and
#: whether the step's length is the damped one
CHANGED = ("lam", "value_iterations", "num_envs", "damped_step_length")
STEPS = {
    "package defaults": (0.95, 2, 16, False),
    "better values": (0.97, 10, 16, False),
    "one preset": (0.97, 10, 4, True),
}
SUITES = ("from_defaults", "one_preset")
PARTS_TASKS = ("CartPole-v1", "Pendulum-v1")


# Worlds


class Held(gymnasium.Wrapper):
    """An environment whose actions are held for k steps; the rewards of these are added up."""

    def __init__(self, env: gymnasium.Env, k: int):
        super().__init__(env)
        self.k = k

    def step(self, action: Array) -> tuple:
        """The observation after k steps, or after the episode's end, and the sum of the rewards."""
        total = 0.0
        for _ in range(self.k):
            observation, reward, terminated, truncated, info = self.env.step(action)
            total += float(reward)
            if terminated or truncated:
                break
        return observation, total, terminated, truncated, info


def search(
    mdp: tabular.FiniteMDP,
    features: Array,
    W: Array,
    step: Array,
    accept: Callable[[Array, Array], Array],
    halvings: int = 25,
) -> Array:
    """W (n, D, A) after the first of step, step/2, ... that `accept(old, new)` (n,) takes, in each
    world by itself; W itself where it takes none."""
    old, found = tabular.softmax_policy(features @ W), np.array(W)
    waiting = np.ones(len(W), dtype=bool)
    for k in range(halvings):
        new = W + 0.5**k * step
        good = waiting & accept(old, tabular.softmax_policy(features @ new))
        found[good] = new[good]
        waiting &= ~good
    return found


def a_batch(seed: int) -> tuple[Policy, Array, Batch]:
    """A policy for two actions, its theta and a random batch of 500 states."""
    rng = np.random.default_rng(seed)
    policy = make_policy(spaces.Box(-np.inf, np.inf, (3,)), spaces.Discrete(2), hidden=(8,))
    theta = policy.init(rng)
    obs, advantages = rng.standard_normal((500, 3)), rng.standard_normal(500)
    actions = policy.sample(theta, obs, rng)
    return policy, theta, Batch(obs, actions, advantages, policy.log_prob(theta, obs, actions))


def times(batch: Batch, c: float) -> Batch:
    """The batch with its advantages multiplied by c."""
    return replace(batch, advantages=c * batch.advantages)


# Measurements


def true_returns(path: Path) -> dict[tuple[str, str], dict[str, Array]]:
    """By environment and algorithm: z (n,), the change of the true return in each accepted update,
    in standard errors, and the update's KL."""
    found = defaultdict(lambda: ([], []))
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            change, error = float(row["after"]) - float(row["before"]), float(row["error"])
            z, kl = found[row["env_id"], row["algorithm"]]
            z.append(change / error if error else 0.0)
            kl.append(float(row["kl"]))
    return {key: {"z": np.array(z), "kl": np.array(kl)} for key, (z, kl) in sorted(found.items())}


def robustness(results: Sequence[dict]) -> dict[tuple[str, str, str], tuple[Array, Array]]:
    """By environment, algorithm and setting: the values (k,) and the returns (k, seeds) with
    sampled actions, the algorithm's other settings at their defaults."""
    curves = {}
    for env_id in dict.fromkeys(row["env_id"] for row in results):
        for algorithm, names in SWEPT.items():
            own = [r for r in results if (r["env_id"], r["algorithm"]) == (env_id, algorithm)]
            default = ALGORITHMS[algorithm]()
            for name in names:
                others = [n for n in names if n != name]
                rows = [r for r in own if all(r[n] == getattr(default, n) for n in others)]
                values = sorted({row[name] for row in rows})
                returns = [[r["sampled_mean"] for r in rows if r[name] == v] for v in values]
                curves[env_id, algorithm, name] = np.array(values, float), np.array(returns)
    return curves


def scores(returns: Array, untrained: float) -> Array:
    """Returns as shares of the way from the untrained policy to the best of them."""
    return (returns - untrained) / (np.max(returns) - untrained)


def across(results: Sequence[dict]) -> dict[str, dict[str, list[float]]]:
    """By environment, the mean returns of all seeds for each of `STEPS`."""
    table = {}
    for row in results:
        by_step = table.setdefault(row["env_id"], {name: [] for name in STEPS})
        own = tuple(row[name] for name in CHANGED)
        name = next((name for name, settings in STEPS.items() if settings == own), None)
        if name:
            by_step[name].append(row["mean"])
    return table


def theirs(path: Path) -> dict[str, list[float]]:
    """By environment, the mean returns of sb3-contrib's runs."""
    found = defaultdict(list)
    with path.open(newline="") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            found[row["env_id"]].append(float(row["mean"]))
    return dict(found)


def held(path: Path) -> dict[int, Array]:
    """By the number of steps that an action is held, the mean returns of all seeds."""
    found = defaultdict(list)
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            found[int(row["held"])].append(float(row["mean"]))
    return {k: np.array(returns) for k, returns in found.items()}


def parts(results: Sequence[dict]) -> dict[str, dict[str, list[float]]]:
    """By change and environment, the mean returns of all seeds, sampled actions."""
    table = defaultdict(lambda: defaultdict(list))
    for row in results:
        table[row["algorithm"]][row["env_id"]].append(row["sampled_mean"])
    return {name: dict(by_task) for name, by_task in table.items()}


def summary(returns: Sequence[float], middle: Callable[[Array], float]) -> str:
    """The IQM over seeds, the worst seed and how many there are."""
    if not len(returns):
        return ""
    x = np.array(returns)
    return f"{middle(x):.1f} ({x.min():.1f}; {len(x)})"


# Checks

recall_sure = recall(
    "Recall 12.1",
    "b",
    {
        "a": "L alone bounds nothing: its maximum may be far away, where L and J part",
        "c": "within a constraint L may rise by less than what the bound takes off: at δ = 0.01 "
        "nothing is proved",
        "d": "that says that L has risen, and L is not J away from the old policy",
    },
    "Only where the penalty is taken off is a rise of the bound a rise of J.",
    look="notebook 03, section 6",
)

recall_rewards = recall(
    "Recall 12.2",
    1,
    {
        1000: "g is multiplied by this, and so is F⁻¹g; but the length is chosen by δ",
        0.001: "this is what the length α does; the direction takes the other way",
        31.6: "the root of 1000 stands in the improvement's unit nowhere: write out the length",
        1e6: "g enters the length under a root and below the line: it does not come in twice",
    },
    "The step has no unit of reward.",
    look="notebook 04, section 4",
)

recall_halvings = recall(
    "Recall 12.3",
    5,
    {
        4: "a sixteenth is still longer than a twentieth",
        20: "each try halves the step; it does not take a twentieth of it away",
        6: "a thirty-second passes already; the full step is try number 0",
        10: "this is how often the search may halve at most",
    },
    "2⁵ = 32 is the first power of two above 20.",
    look="notebook 08, section 3",
)


def best_of(n: int) -> float:
    """The mean of the largest of n standard normal numbers, by a sum over a fine grid. (12.1)"""
    z = np.linspace(-9, 9, 20_001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    below = np.cumsum(density) * (z[1] - z[0])
    return float(np.sum(z * n * below ** (n - 1) * density) * (z[1] - z[0]))  # (12.1)


check_best_of_five = Check(
    "Exercise 12.1",
    lambda: best_of(5),
    lambda: [()],
    (
        Mistake(lambda: 0.0, "this is the mean of all; the largest of several lies above it"),
        Mistake(
            lambda: np.sqrt(5), "this is the factor by which a mean of five scatters less, inverted"
        ),
        Mistake(lambda: 1 / np.sqrt(5), "this is the spread of the mean of five runs"),
        Mistake(
            lambda: 0.84, "four of five numbers lie below this; on average the largest is higher"
        ),
        Mistake(lambda: 1.54, "this is the best of ten"),
        Mistake(lambda: 0.5642, "this is the best of two"),
    ),
    "So a paper that shows the best of five runs shows a mean that is better by this much.",
    tolerance=0.09,
)


def _iqm(x):
    k = len(x) // 4
    return np.mean(np.sort(x)[k : len(x) - k])


def _numbers():
    rng = np.random.default_rng(0)
    return [
        case("for eight runs", rng.permutation(np.arange(8.0) ** 2)),
        case("for ten runs", 100 * rng.standard_normal(10)),
        case("for five runs", 10 + rng.standard_normal(5)),
        case("for three runs, where nothing is left out", rng.standard_normal(3)),
    ]


check_interquartile_mean = Check(
    "Exercise 12.2",
    _iqm,
    _numbers,
    (
        Mistake(np.mean, "this is the mean of all: the lowest and the highest quarter still count"),
        Mistake(np.median, "this is the median, which uses the middle one or two only"),
        Mistake(
            lambda x: np.mean(x[len(x) // 4 : len(x) - len(x) // 4]),
            "the numbers are not sorted: you left out the first and the last, wherever they lie",
        ),
        Mistake(
            lambda x: np.mean(np.sort(x)[len(x) // 4 :]),
            "you left out the lowest quarter; the highest quarter still counts",
        ),
        Mistake(
            lambda x: np.mean(np.sort(x)[: len(x) - len(x) // 4]),
            "you left out the highest quarter; the lowest quarter still counts",
        ),
        Mistake(
            lambda x: np.sum(np.sort(x)[len(x) // 4 : len(x) - len(x) // 4]) / len(x),
            "you divide by the number of all runs; only some are in the sum",
        ),
        Mistake(
            lambda x: np.mean(np.sort(x)[len(x) // 4 : 3 * len(x) // 4]),
            "where the number of runs is no multiple of four, more are cut off above than below",
        ),
        Mistake(
            lambda x: (np.quantile(x, 0.25) + np.quantile(x, 0.75)) / 2,
            "this is the middle between the quartiles; the mean of the runs between is asked for",
        ),
    ),
    "Runs that fail wholly do not move it; they are seen in the worst seed beside it.",
)


def _change(x, y):
    return (np.mean(y) - np.mean(x)) / np.sqrt((np.var(x, ddof=1) + np.var(y, ddof=1)) / len(x))


def _returns():
    rng = np.random.default_rng(1)
    return [
        (100 + 20 * rng.standard_normal(16), 110 + 5 * rng.standard_normal(16)),
        (-200 + 90 * rng.standard_normal(7), -260 + 50 * rng.standard_normal(7)),
    ]


check_change = Check(
    "Exercise 12.3",
    _change,
    _returns,
    (
        Mistake(
            lambda x, y: -_change(x, y), "the sign is turned: a rise is positive, y comes after x"
        ),
        Mistake(
            lambda x, y: _change(x, y) / np.sqrt(len(x)),
            "this is in standard deviations of single returns; the mean of m returns scatters less",
        ),
        Mistake(
            lambda x, y: (np.mean(y) - np.mean(x)) / np.sqrt((np.var(x) + np.var(y)) / len(x)),
            "the variances have m below; with m - 1 they are unbiased, and small sets of episodes "
            "make the difference",
        ),
        Mistake(
            lambda x, y: (np.mean(y) - np.mean(x)) / np.sqrt(np.var(x, ddof=1) / len(x)),
            "only the error of the returns before is in it; those after have one as well",
        ),
        Mistake(
            lambda x, y: (
                (np.mean(y) - np.mean(x))
                / (np.std(x, ddof=1) + np.std(y, ddof=1))
                * np.sqrt(len(x))
            ),
            "the standard deviations are added; of independent numbers the variances add up",
        ),
        Mistake(
            lambda x, y: np.mean(y) - np.mean(x), "this is the change itself, not yet in errors"
        ),
        Mistake(
            lambda x, y: (np.mean(y) - np.mean(x)) / np.std(y - x, ddof=1) * np.sqrt(len(x)),
            "this pairs the episodes; they are drawn independently, and the pairs mean nothing",
        ),
    ),
    "Beyond ±2 a change is hardly chance.",
)


def _width(x, scores):
    axis = np.log10(x)
    fine = np.linspace(axis[0], axis[-1], 20_001)
    return np.mean(np.interp(fine, axis, scores) >= 0.9) * (axis[-1] - axis[0])


def _score_curves():
    return [
        case("for one plateau", np.array([1e-3, 1e-2, 1e-1, 1.0]), np.array([0.2, 1.0, 0.95, 0.5])),
        case(
            "for two plateaus",
            np.array([0.01, 0.03, 0.1, 0.5, 2.0]),
            np.array([1.0, 0.7, 0.97, 0.92, 0.1]),
        ),
        case("where every value does", np.array([1.0, 5.0, 10.0]), np.array([0.95, 1.0, 0.93])),
    ]


check_width = Check(
    "Exercise 12.4",
    _width,
    _score_curves,
    (
        Mistake(
            lambda x, s: (
                np.mean(np.interp(np.linspace(x[0], x[-1], 20_001), x, s) >= 0.9) * (x[-1] - x[0])
            ),
            "this measures along x itself; a decade is a step of log₁₀ x",
        ),
        Mistake(
            lambda x, s: np.mean(
                np.interp(np.linspace(np.log10(x[0]), np.log10(x[-1]), 20_001), np.log10(x), s)
                >= 0.9
            ),
            "this is the share of the axis; times its length in decades it is the width",
        ),
        Mistake(
            lambda x, s: _width(x, s) * np.log(10),
            "these are natural logarithms; a decade is log₁₀",
        ),
        Mistake(
            lambda x, s: np.mean(s >= 0.9) * np.log10(x[-1] / x[0]),
            "you count the values that were run; between them the curve is a straight line, which "
            "crosses 0.9 somewhere",
        ),
        Mistake(
            lambda x, s: np.ptp(np.log10(x[s >= 0.9])),
            "this goes from the lowest to the highest value that is good, whatever lies between, "
            "and stops at the values that were run",
        ),
        Mistake(
            lambda x, s: np.log10(x[-1] / x[0]) - _width(x, s),
            "this is the width of what is below 0.9",
        ),
    ),
    "Wide means: the setting may be wrong by that much.",
    tolerance=0.01,
)


def _profile(scores, taus):
    return np.mean(np.asarray(scores)[:, None] > taus, axis=0)


def _score_sets():
    rng = np.random.default_rng(2)
    return [
        (rng.random(7), np.linspace(0, 1, 5)),
        case(
            "where scores equal a threshold",
            np.array([0.0, 0.5, 0.5, 1.0]),
            np.array([0.0, 0.5, 1.0]),
        ),
    ]


check_profile = Check(
    "Exercise 12.5",
    _profile,
    _score_sets,
    (
        Mistake(
            lambda s, t: np.mean(s[:, None] >= t, axis=0),
            "a score that equals τ does not do better than τ",
        ),
        Mistake(
            lambda s, t: np.mean(s[:, None] <= t, axis=0),
            "this is the share of the runs that do not do better; it rises with τ",
        ),
        Mistake(
            lambda s, t: np.sum(s[:, None] > t, axis=0),
            "these are numbers of runs; a share is asked for",
        ),
        Mistake(
            lambda s, t: np.mean(s[:, None] > t, axis=1),
            "the mean goes over the thresholds: you have one number a run, not one a τ",
        ),
        Mistake(
            lambda s, t: np.mean(s[:, None] > t),
            "this is one number, over runs and thresholds alike",
        ),
        Mistake(
            lambda s, t: np.array([np.mean(s[s > x]) if (s > x).any() else 0.0 for x in t]),
            "this is the mean score of the runs above τ; their share is asked for",
        ),
    ),
    "Two profiles that do not cross need no further statistics.",
)

check_quarter = Check(
    "Exercise 12.6",
    lambda: 0.25,
    lambda: [()],
    (
        Mistake(lambda: 0.5, "this is what the step is multiplied by; its KL is quadratic in it"),
        Mistake(lambda: 4.0, "a smaller δ makes a smaller step"),
        Mistake(
            lambda: 1.0, "the full step ends on the ellipse, and the ellipse has become smaller"
        ),
        Mistake(
            lambda: 1 / 16, "the step shrinks by the root of the factor of δ, not by the factor"
        ),
        Mistake(lambda: 2.0, "this is how much longer the step was before"),
    ),
    "δ is the model's KL of the full step, whatever the rewards are.",
    tolerance=1e-6,
)
