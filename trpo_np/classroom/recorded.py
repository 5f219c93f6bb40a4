"""What notebook 12 reads of runs that were made beforehand, by task and setting."""

import csv
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from trpo_np.updates import ALGORITHMS

Array = np.ndarray


#: the table of the chapter, and what sets the size of a step elsewhere; all of them were swept
TABLE = tuple(
    ("trpo", name)
    for name in ("delta", "cg_iterations", "cg_damping", "line_search_steps", "backtrack_ratio")
)
STEP_SIZES = (
    *(("trpo", "delta"), ("ppo", "learning_rate"), ("ppo", "clip")),
    ("policy-gradient", "learning_rate"),
)
#: from the defaults to the preset: λ, Gauss-Newton steps of the value function, environments,
#: whether the step's length is the damped one, whether the range of actions sets the noise, and how
#: much of it lasts
CHANGED = (
    *("lam", "value_iterations", "num_envs", "damped_step_length", "std_by_range"),
    "noise_correlation",
)
STEPS = {
    "package defaults": (0.95, 2, 16, False, False, 0.0),
    "better values": (0.97, 10, 16, False, False, 0.0),
    "one preset": (0.97, 10, 4, True, True, 0.5),
}
SUITES = ("from_defaults", "one_preset")
PARTS_TASKS = ("CartPole-v1", "Pendulum-v1")


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, without the comments before them."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def true_returns(path: Path) -> dict[tuple[str, str], dict[str, Array]]:
    """By environment and algorithm: z (n,), the change of the true return in each accepted update,
    in standard errors, and the update's KL."""
    found = defaultdict(lambda: ([], []))
    for row in rows_of(path):
        change, error = float(row["after"]) - float(row["before"]), float(row["error"])
        z, kl = found[row["env_id"], row["algorithm"]]
        z.append(change / error if error else 0.0)
        kl.append(float(row["kl"]))
    return {key: {"z": np.array(z), "kl": np.array(kl)} for key, (z, kl) in sorted(found.items())}


def robustness(results: Sequence[dict]) -> dict[tuple[str, str, str], tuple[Array, Array]]:
    """By environment, algorithm and setting: the values (k,) and the returns (k, seeds) with
    sampled actions, the algorithm's other settings as usual."""
    curves = {}
    swept = dict.fromkeys((*TABLE, *STEP_SIZES))
    for env_id in dict.fromkeys(row["env_id"] for row in results):
        for algorithm, name in swept:
            own = [r for r in results if (r["env_id"], r["algorithm"]) == (env_id, algorithm)]
            others = [other for a, other in swept if a == algorithm and other != name]
            rows = [r for r in own if all(r[n] == usual(algorithm, n) for n in others)]
            values = sorted({row[name] for row in rows})
            returns = [[r["sampled_mean"] for r in rows if r[name] == v] for v in values]
            curves[env_id, algorithm, name] = np.array(values, float), np.array(returns)
    return curves


def usual(algorithm: str, setting: str) -> float:
    """The default of a setting; for TRPO's five it is the chapter's."""
    return getattr(ALGORITHMS[algorithm](), setting)


def scores(returns: Array, untrained: float) -> Array:
    """Returns as shares of the way from the untrained policy to the best of them."""
    return (returns - untrained) / (np.max(returns) - untrained)


def step_of(row: Mapping) -> str | None:
    """Which of `STEPS` has the settings of this run, if any."""
    own = tuple(row.get(name, 0) for name in CHANGED)
    return next((name for name, settings in STEPS.items() if settings == own), None)


def across(results: Sequence[dict]) -> dict[str, dict[str, list[float]]]:
    """By environment, the mean returns of all seeds for each of `STEPS`."""
    table = {}
    for row in results:
        by_step = table.setdefault(row["env_id"], {name: [] for name in STEPS})
        if name := step_of(row):
            by_step[name].append(row["mean"])
    return table


def means(results: Sequence[dict]) -> dict[str, list[float]]:
    """By environment, the mean returns of all seeds."""
    found = defaultdict(list)
    for row in results:
        found[row["env_id"]].append(float(row["mean"]))
    return dict(found)


def theirs(path: Path) -> dict[str, list[float]]:
    """By environment, the mean returns of sb3-contrib's runs."""
    return means(rows_of(path))


def held(path: Path) -> dict[int, Array]:
    """By the number of steps that an action is held, the mean returns of all seeds."""
    found = defaultdict(list)
    for row in rows_of(path):
        found[int(row["held"])].append(float(row["mean"]))
    return {k: np.array(returns) for k, returns in found.items()}


def priced(path: Path) -> dict[float, tuple[Array, Array]]:
    """By the price of Ant's torques, the mean returns and lengths of episodes, of a seed each."""
    found = defaultdict(list)
    for row in rows_of(path):
        found[float(row["price"])].append((float(row["mean"]), float(row["length"])))
    return {price: tuple(np.transpose(runs)) for price, runs in found.items()}


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
