"""The pictures of notebook 13."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from trpo_np.classroom.recorded_costs import by_stop
from trpo_np.classroom.regions import binary_kl_limits
from trpo_np.experiments.plots import COLORS

Array = np.ndarray


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
        for (env_id, update), gains in by_stop(second, where).items():
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


def draw_solved(runs: dict[str, tuple[Array, Array]], at_most: float) -> Figure:
    """Steps and seconds until the task was solved, a row a program, a dot a run; a run that was
    not done after at_most steps is an open triangle."""
    figure, axes = plt.subplots(1, 2, figsize=(14, 4.6), sharey=True)
    for y, (color, (steps, seconds)) in enumerate(zip(COLORS, runs.values(), strict=False)):
        done = ~np.isnan(steps)
        height = y + np.linspace(-0.25, 0.25, len(steps))
        for ax, x in zip(axes, (np.where(done, steps, at_most), seconds), strict=True):
            ax.plot(x[done], height[done], "o", color=color, markersize=7)
            ax.plot(x[~done], height[~done], ">", color=color, markersize=8, fillstyle="none")
    axes[0].set(xlabel="environment steps", xlim=(0, 1.06 * at_most))
    axes[1].set(xlabel="seconds", xscale="log")
    axes[1].set_xticks([0.5, 1, 2, 5, 10, 20], ["0.5", "1", "2", "5", "10", "20"])
    axes[1].minorticks_off()
    axes[0].set_yticks(range(len(runs)), runs)
    axes[0].invert_yaxis()
    return figure
