"""Tables of sweeps' results in Markdown pages.

A table stands between two comments, the first of which names its files and columns, or two files
whose runs are to stand beside each other, seed by seed:

    <!-- results of classic_control.csv: environment steps gamma learned mean seconds -->
    <!-- end of results -->

    <!-- results of one_preset.csv beside sb3_contrib.csv -->
    <!-- end of results -->
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from trpo_np.classroom.recorded import rows_of
from trpo_np.experiments.compare import Group, groups_of
from trpo_np.experiments.results import read_results
from trpo_np.experiments.statistics import bootstrap_interval, interquartile_mean

TABLE = re.compile(
    r"(?P<head><!-- results of ((?P<files>[^:>]+): (?P<columns>[a-z ]+)|"
    r"(?P<ours>\S+) beside (?P<theirs>\S+)) -->\n)"
    r"(?P<table>.*?)(?P<tail><!-- end of results -->)",
    re.DOTALL,
)
#: Mean return from which on a task counts as learned: gymnasium's where it has one for classic
#: control; RL-Zoo's agents reach all of them.
GOALS = {
    "CartPole-v1": 475,
    "Acrobot-v1": -100,
    "Pendulum-v1": -250,
    "MountainCar-v0": -110,
    "MountainCarContinuous-v0": 90,
    "LunarLander-v3": 200,
}


def number(x: float, form: str = ".1f") -> str:
    """The number with a true minus sign."""
    return format(float(x), form).replace("-", "−")


def over(group: Group, name: str) -> np.ndarray:
    """The column of a group, one entry a seed; NaN where a row has none."""
    return np.array([row.get(name, np.nan) for row in group.rows], dtype=float)


def learned(group: Group) -> str:
    """How many seeds reached the goal."""
    goal = GOALS.get(group.env_id)
    if goal is None:
        return "no goal"
    reached = int((over(group, "mean") >= goal).sum())
    return f"{reached} of {len(group.rows)} (≥ {number(goal, 'g')})"


def mean_and_worst(returns: Iterable[float]) -> str:
    """The mean over seeds, and the worst seed in brackets."""
    x = np.array(list(returns), dtype=float)
    return f"{number(x.mean())} ({number(x.min())})"


def middle(group: Group) -> str:
    """The interquartile mean over seeds, and its 95 % interval."""
    means = over(group, "mean")
    interval = bootstrap_interval([means], interquartile_mean, np.random.default_rng(0))
    low, high = map(number, interval)
    return f"{number(interquartile_mean(means))} ({low} to {high})"


#: name -> (title, the cell of a group)
COLUMNS: dict[str, tuple[str, Callable[[Group], str]]] = {
    "environment": ("environment", lambda g: g.env_id),
    "algorithm": ("algorithm", lambda g: g.algorithm),
    "settings": ("settings", lambda g: ", ".join(f"{n} {x}" for n, x in g.differs.items())),
    "steps": ("steps", lambda g: f"{g.rows[0]['total_steps']:,}"),
    "gamma": ("γ", lambda g: f"{g.rows[0]['gamma']}"),
    "seeds": ("seeds", lambda g: f"{len(g.rows)}"),
    "learned": ("seeds that learned it", learned),
    "mean": ("mean return (worst seed)", lambda g: mean_and_worst(over(g, "mean"))),
    "iqm": ("interquartile mean over seeds (95 % interval)", middle),
    "sampled": ("with sampled actions", lambda g: number(over(g, "sampled_mean").mean())),
    "kl": ("mean KL", lambda g: number(over(g, "mean_kl").mean(), ".4f")),
    "backtracks": ("backtracks", lambda g: number(over(g, "mean_backtracks").mean(), ".2f")),
    "rejected": (
        "rejected",
        lambda g: f"{over(g, 'rejected').sum():.0f} of {over(g, 'iterations').sum():.0f}",
    ),
    "seconds": ("seconds per run", lambda g: number(over(g, "seconds").mean(), ".0f")),
}


def markdown(titles: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    cells = ["".join(f" {cell} |" for cell in row) for row in (titles, *rows)]
    cells.insert(1, "---|" * len(titles))
    return "".join(f"|{line}\n" for line in cells)


def table(groups: list[Group], columns: list[str]) -> str:
    """The groups as a Markdown table, one row a group."""
    rows = [[COLUMNS[name][1](group) for name in columns] for group in groups]
    return markdown([COLUMNS[name][0] for name in columns], rows)


def beside(ours: Path, theirs: Path) -> str:
    """The returns of both on the same tasks and seeds as a Markdown table, one row a task."""
    means = {(row["env_id"], int(row["seed"])): float(row["mean"]) for row in rows_of(theirs)}
    two: dict[str, list[tuple[float, float]]] = {}
    for row in read_results(ours):
        if (task := (row["env_id"], row["seed"])) in means:
            two.setdefault(row["env_id"], []).append((row["mean"], means[task]))
    rows = [
        [env_id, f"{len(pairs)}", *map(mean_and_worst, zip(*pairs, strict=True))]
        for env_id, pairs in two.items()
    ]
    return markdown(["environment", "seeds", "ours (worst seed)", "sb3-contrib (worst seed)"], rows)


def with_tables(page: str, folder: Path) -> str:
    """The page's text, its tables made anew from the results in the folder."""

    def made(match: re.Match) -> str:
        names = (match["files"] or f"{match['ours']} {match['theirs']}").split()
        paths = [folder / name for name in names]
        if not all(path.exists() for path in paths):
            return match[0]
        if match["theirs"]:
            return match["head"] + beside(*paths) + match["tail"]
        groups = groups_of(row for path in paths for row in read_results(path))
        return match["head"] + table(groups, match["columns"].split()) + match["tail"]

    return TABLE.sub(made, page)
