"""The pictures of notebook 12."""

from collections.abc import Iterable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from trpo_np.classroom.recorded import step_of
from trpo_np.experiments.plots import COLORS, INK, LINES, QUIET
from trpo_np.experiments.statistics import interquartile_mean, performance_profile

Array = np.ndarray

#: Names as a reader knows them.
ALGORITHMS = {"trpo": "TRPO", "ppo": "PPO", "policy-gradient": "Policy gradient"}
SETTINGS = {
    "delta": "radius δ",
    "cg_damping": "CG damping",
    "cg_iterations": "CG iterations",
    "backtrack_ratio": "backtrack ratio β",
}
#: The mean return of the untrained policy (five random thetas, 100 episodes each, sampled actions),
#: and that of the tuned TRPO of github.com/DLR-RM/rl-baselines3-zoo, in its benchmark.md.
GOALS = {
    "CartPole-v1": (22, 500),
    "Acrobot-v1": (-499, -83),
    "MountainCar-v0": (-200, -107),
    "Pendulum-v1": (-1207, -175),
    "MountainCarContinuous-v0": (-50, 92.5),
}


def draw_climbs(climbs: Mapping[str, Array]) -> Figure:
    """The mean gain of J over the worlds, and how often J fell by how much, by rule."""
    figure, (gain, fall) = plt.subplots(1, 2, figsize=(15, 7))
    styles = [(c, line) for line in LINES[:2] for c in COLORS[:4]]
    depths = np.geomspace(1e-6, 10, 300)
    for (name, J), (color, line) in zip(climbs.items(), styles, strict=True):
        gain.plot((J - J[0]).mean(axis=1), color=color, linestyle=line, label=name)
        falls = -np.diff(J, axis=0).ravel()
        shares = np.mean(falls > depths[:, None], axis=1)
        if shares.any():
            fall.semilogx(depths, 100 * shares, color=color, linestyle=line)
    gain.set(xlabel="updates", ylabel="gain of J, mean of all worlds", xticks=range(0, len(J), 5))
    fall.set(xlabel="depth of a fall of J", ylabel="updates with a deeper fall, %")
    figure.legend(loc="outside lower center", ncols=4)
    return figure


def draw_changes(updates: Mapping[tuple[str, str], Mapping[str, Array]]) -> Figure:
    """Histograms of the changes of the true return, in standard errors, one panel a run's kind."""
    tasks = list(dict.fromkeys(env_id for env_id, _ in updates))
    algorithms = list(dict.fromkeys(algorithm for _, algorithm in updates))
    figure, axes = plt.subplots(
        len(tasks), len(algorithms), figsize=(15, 3.2 * len(tasks)), sharex=True, sharey=True
    )
    bins, fine = np.arange(-6, 6.5, 0.5), np.linspace(-6, 6, 200)
    for row, env_id in zip(np.atleast_2d(axes), tasks, strict=True):
        for ax, algorithm, color in zip(row, algorithms, COLORS, strict=False):
            z = np.clip(updates[env_id, algorithm]["z"], -5.9, 5.9)
            ax.hist(z, bins, density=True, color=color, alpha=0.6)
            ax.plot(fine, np.exp(-(fine**2) / 2) / np.sqrt(2 * np.pi), "k-", linewidth=1)
            ax.axvline(-2, color="0.4", linestyle="--", linewidth=1.5)
            ax.set_title(f"{algorithm}\n{env_id}", fontsize=13)
    figure.supxlabel("change of the true return in one update, in standard errors")
    figure.supylabel("density")
    return figure


def draw_robustness(
    curves: Mapping[tuple[str, str, str], tuple[Array, Array]],
    panels: Mapping[tuple[str, str], float],
) -> Figure:
    """The score over each setting, one panel a setting, one curve a task, a dot a seed; `panels`
    are (algorithm, setting) -> its usual value, at the dotted line."""
    figure, axes = plt.subplots(2, -(-len(panels) // 2), figsize=(12.5, 7.6), sharey=True)
    for ax in axes.flat[len(panels) :]:
        ax.set_axis_off()
    for ax, (panel, usual) in zip(axes.flat, panels.items(), strict=False):
        tasks = [key[0] for key in curves if key[1:] == panel]
        for env_id, color, line, marker in zip(tasks, COLORS, LINES, "os", strict=False):
            values, returns = curves[(env_id, *panel)]
            low, best = GOALS[env_id][0], returns.mean(axis=1).max()
            score = (returns - low) / (best - low)
            ax.plot(values, score.mean(axis=1), color=color, linestyle=line, label=env_id)
            at = np.repeat(values, returns.shape[1])
            ax.plot(at, score.ravel(), marker, color=color, markersize=5, alpha=0.45)
        ax.axhline(0.9, color=QUIET, linestyle="--", linewidth=1.5)
        ax.axvline(usual, color=INK, linestyle=":", linewidth=2)
        algorithm, setting = panel
        if setting not in ("line_search_steps", "backtrack_ratio"):
            ax.set_xscale("log")
        elif setting == "line_search_steps":
            ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set(ylim=(-0.15, 1.15), xlabel=SETTINGS.get(setting, setting.replace("_", " ")))
        ax.set_title(ALGORITHMS.get(algorithm, algorithm), loc="left", fontweight="bold")
    for ax in axes[:, 0]:
        ax.set_ylabel("score")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=2)
    return figure


def draw_live(
    curves: Mapping[tuple[str, str, str], tuple[Array, Array]],
    live: Mapping[tuple[str, str], Mapping[float, Sequence[float]]],
    env_id: str,
) -> Figure:
    """Returns of one task over some settings: those that are stored, and the new ones on top."""
    figure, axes = plt.subplots(1, len(live), figsize=(14, 5.5), sharey=True)
    for ax, (panel, by_value) in zip(axes, live.items(), strict=True):
        values, returns = curves[(env_id, *panel)]
        ax.semilogx(values, returns.mean(axis=1), color=COLORS[0], linestyle="-")
        at = np.repeat(values, returns.shape[1])
        ax.plot(at, returns.ravel(), "o", color=COLORS[0], alpha=0.5, label="stored sweep")
        for value, new in by_value.items():
            at = value * np.geomspace(0.9, 1.1, len(new))
            label = "live" if value == min(by_value) else None
            ax.plot(at, new, "^", color="black", markersize=10, fillstyle="none", label=label)
        ax.set(title=f"{env_id}, {panel[0]}", xlabel=panel[1].replace("_", " "))
    axes[0].set_ylabel("mean return, sampled actions")
    axes[0].legend(loc="lower right")
    return figure


def draw_parts(parts: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """All seeds of TRPO and of each change, one panel a task."""
    tasks = list(next(iter(parts.values())))
    figure, axes = plt.subplots(1, len(tasks), figsize=(13, 5.8), sharey=True)
    for ax, env_id in zip(axes, tasks, strict=True):
        for y, by_task in enumerate(parts.values()):
            returns = by_task[env_id]
            color = COLORS[0] if y == 0 else COLORS[1]
            ax.plot(returns, np.full(len(returns), y), "o", color=color, alpha=0.55, markersize=9)
            middle = interquartile_mean(returns)
            ax.plot([middle, middle], [y - 0.3, y + 0.3], "-", color=INK, linewidth=3)
        ax.set_title(env_id, loc="left", fontweight="bold")
        ax.set_xlabel("mean return")
    axes[0].set_yticks(range(len(parts)), parts)
    axes[0].invert_yaxis()
    return figure


def draw_profiles(results: Sequence[Mapping], steps: Iterable[str]) -> Figure:
    """The share of runs above each score, over all tasks, for each of these steps."""
    figure, ax = plt.subplots()
    taus = np.linspace(-0.1, 1.15, 500)
    for label in steps:
        rows = [row for row in results if step_of(row) == label and row["env_id"] in GOALS]
        if rows:
            _profile(ax, rows, taus, f"{label}, {len(rows)} runs")
    ax.set(xlabel="score τ", ylabel="share of runs with a score above τ")
    ax.legend(loc="lower left")
    return figure


def _profile(ax: Axes, rows: Sequence[Mapping], taus: Array, label: str) -> None:
    bounds = np.array([GOALS[row["env_id"]] for row in rows], float)
    low, high = bounds.T
    score = (np.array([row["mean"] for row in rows]) - low) / (high - low)
    ax.plot(taus, performance_profile(taus)(score), label=label)
