"""What notebook 13 reads of measurements: gains at equal KL, and how long it is to a goal."""

import itertools
from collections import defaultdict
from pathlib import Path

import numpy as np

from trpo_np.classroom.recorded import rows_of

Array = np.ndarray

# ---- What the second order buys ----------------------------------------------------------------


def bought(second: dict, where: str) -> dict[tuple[str, int], list[str]]:
    """The mean gains with their standard errors by environment and update, and how much more ten
    iterations gain than one, all in thousandths."""
    found = {}
    for key, gains in by_stop(second, where).items():
        more = gains[:, 2] - gains[:, 0]
        found[key] = [_with_error(column) for column in (*gains.T, more)]
    return found


def by_stop(second: dict, where: str) -> dict[tuple[str, int], Array]:
    """By environment and update, the gains (seeds, k) in thousandths."""
    key = lambda row: (row["env_id"], row["update"])  # noqa: E731
    rows = sorted(second["rows"], key=key)
    groups = itertools.groupby(rows, key)
    return {k: 1000 * np.array([row[where] for row in group]) for k, group in groups}


def _with_error(x: Array) -> str:
    return f"{x.mean():6.1f} ± {x.std(ddof=1) / np.sqrt(len(x)):4.1f}"


# ---- How long it is to a goal ------------------------------------------------------------------


def solved(path: Path) -> dict[str, tuple[Array, Array]]:
    """By program, the steps and the seconds (runs,) until CartPole-v1 was solved; nan steps where
    it was not, and the seconds that the whole run took."""
    found = defaultdict(list)
    for row in rows_of(path):
        found[row["who"]].append((float(row["steps"]), float(row["seconds"])))
    return {who: tuple(np.array(runs).T) for who, runs in found.items()}


def middle(x: Array) -> float:
    """The median, nan counted as later than all else: nan where half of x or more is nan."""
    m = np.median(np.where(np.isnan(x), np.inf, x))
    return float(m) if np.isfinite(m) else float("nan")


def spread(x: Array, form: str) -> str:
    """The median of x, and the smallest to the largest that is there, written as `form` says."""
    m, there = middle(x), x[~np.isnan(x)]
    return f"{m:{form}} ({there.min():{form}} to {there.max():{form}})"


def effort(path: Path, goals: dict[str, float]) -> dict[tuple[str, str], Array]:
    """By environment and algorithm, after how many updates (seeds,) the true return was first at
    the environment's goal; nan where it never was."""
    first: dict = defaultdict(lambda: defaultdict(lambda: np.nan))
    for row in rows_of(path):
        runs, update = first[row["env_id"], row["algorithm"]], int(row["iteration"])
        there = float(row["after"]) >= goals[row["env_id"]]
        runs[row["seed"]] = np.fmin(runs[row["seed"]], update if there else np.nan)
    return {key: np.array(list(runs.values())) for key, runs in first.items()}
