"""Trains on three environments over many seeds and evaluates each agent in 100 fresh episodes.

    python tests/benchmarks/returns.py --figure figures/learning_curves.png
    python tests/benchmarks/returns.py --damped-step-length  # the same with one thing changed
    python tests/benchmarks/returns.py --algorithm ppo --clip 0.3 --env CartPole-v1

Two runs go at a time, each on one thread. Prints one line a run and a table; --out saves the
numbers, as CSV where the file's name ends so and as JSON otherwise. Options are those of the
algorithm and of training, under their own names; what is not given is the default, but for steps
and discount, which belong to the task.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded

import csv
import json
import sys
import time
from argparse import ArgumentParser, Namespace
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import EngFormatter

from trpo_np import Settings, train
from trpo_np.experiments.options import add_settings, settings_from
from trpo_np.experiments.plots import STYLE, learning_curve
from trpo_np.fast.memory import keep_freed_memory
from trpo_np.updates import ALGORITHMS

#: environment: (steps, discount, seeds, mean return that counts as learned)
TASKS = {
    "CartPole-v1": (100_000, 0.99, 10, 475),
    "Pendulum-v1": (300_000, 0.95, 5, -250),
    "Acrobot-v1": (100_000, 0.99, 5, -100),
}


def run(env_id, seed, update, settings):
    """What one run reached, with the most likely and with sampled actions; and its history."""
    steps, _, _, goal = TASKS[env_id]
    started = time.perf_counter()
    result = train(env_id, update, steps, seed, settings)
    seconds = time.perf_counter() - started
    returns = result.agent.evaluate(episodes=100, seed=1_000_000)
    sampled = result.agent.evaluate(episodes=100, seed=1_000_000, stochastic=True)
    history = result.history
    numbers = {
        "env_id": env_id,
        "seed": seed,
        "mean": float(np.mean(returns)),
        "std": float(np.std(returns)),
        "sampled_mean": float(np.mean(sampled)),
        "learned": bool(np.mean(returns) >= goal),
        "gamma": settings.gamma,
        "steps": history[-1].steps,
        "seconds": round(seconds, 1),
        "mean_kl": float(np.mean([row.kl for row in history])),
        "rejected": sum(not row.accepted for row in history),
        "iterations": len(history),
    }
    if hasattr(history[0], "backtracks"):  # not every algorithm searches
        numbers["mean_backtracks"] = float(np.mean([row.backtracks for row in history]))
    return numbers, history


def main():
    options = parsed(sys.argv[1:])
    update, jobs = settings_from(options, ALGORITHMS[options.algorithm]), []
    for env_id in options.env or TASKS:
        _, gamma, seeds, _ = TASKS[env_id]
        own = vars(options) | ({"gamma": gamma} if options.gamma is None else {})
        settings = settings_from(Namespace(**own), Settings)
        jobs += [(env_id, seed, update, settings) for seed in range(options.seeds or seeds)]
    runs, histories = [], defaultdict(list)
    with ProcessPoolExecutor(max_workers=2, initializer=keep_freed_memory) as pool:
        for numbers, history in pool.map(run, *zip(*jobs, strict=True)):
            runs.append(numbers)
            histories[numbers["env_id"]].append(history)
            print("{env_id:12} seed {seed}: {mean:8.1f} ± {std:5.1f}".format(**numbers), flush=True)
            if options.out:
                save(runs, options.out)
    print(f"\n{update}\n\n{table(runs)}")
    if options.figure:
        draw(histories, options.figure, type(update).__name__)


def parsed(arguments):
    """The options; those of the algorithm are known once it is."""
    first = ArgumentParser(add_help=False, allow_abbrev=False)
    first.add_argument("--algorithm", choices=ALGORITHMS, default="trpo", help="default: trpo")
    algorithm = first.parse_known_args(arguments)[0].algorithm
    parser = ArgumentParser(description=__doc__.splitlines()[0], parents=[first])
    parser.add_argument("--env", choices=TASKS, action="append", help="default: all three")
    parser.add_argument("--seeds", type=int, help="default: 10, 5 and 5")
    parser.add_argument("--out", type=Path, help="JSON or CSV file for the numbers")
    parser.add_argument("--figure", type=Path, help="PNG file for the learning curves")
    add_settings(parser.add_argument_group(f"settings of {algorithm}"), ALGORITHMS[algorithm])
    add_settings(parser.add_argument_group("settings of all algorithms"), Settings)
    parser.set_defaults(gamma=None)  # the task's
    return parser.parse_args(arguments)


def save(runs, path):
    """Writes the runs as CSV or JSON, as the file's name says."""
    if path.suffix != ".csv":
        path.write_text(json.dumps(runs, indent=1) + "\n")
        return
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(runs[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(runs)


def table(runs):
    """The runs as a Markdown table, one row an environment."""
    lines = [
        "| environment | steps | γ | learned | mean return over seeds (worst) "
        "| with sampled actions | mean KL | backtracks | rejected | s a run |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for env_id, (_, _, _, goal) in TASKS.items():
        own = [r for r in runs if r["env_id"] == env_id]
        if not own:
            continue
        mean = {key: np.mean([r[key] for r in own]) for key in own[0] if key != "env_id"}
        backtracks = f"{mean['mean_backtracks']:.2f}" if "mean_backtracks" in mean else ""
        lines.append(
            f"| {env_id} | {own[0]['steps']:,} | {own[0]['gamma']} | ≥ {goal}: "
            f"{sum(r['learned'] for r in own)} of {len(own)} | {mean['mean']:.1f} "
            f"({min(r['mean'] for r in own):.1f}) | {mean['sampled_mean']:.1f} "
            f"| {mean['mean_kl']:.4f} | {backtracks} | {sum(r['rejected'] for r in own)} of "
            f"{sum(r['iterations'] for r in own)} | {mean['seconds']:.0f} |"
        )
    return "\n".join(lines)


def draw(histories, path, label):
    """Saves the learning curves, one panel an environment, all seeds as a band."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(1, len(histories), figsize=(5.5 * len(histories), 4.5))
        for ax, (env_id, own) in zip(np.atleast_1d(axes), histories.items(), strict=True):
            learning_curve(ax, own, label)
            ax.axhline(TASKS[env_id][3], color="black", linestyle=":", label="learned")
            ax.set_title(env_id)
            ax.xaxis.set_major_formatter(EngFormatter())
            ax.legend(loc="lower right")
        figure.savefig(path)


if __name__ == "__main__":
    main()
