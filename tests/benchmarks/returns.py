"""Trains on three environments over many seeds and evaluates each agent in 100 fresh episodes.

    python tests/benchmarks/returns.py --figure figures/learning_curves.png
    python tests/benchmarks/returns.py --damped-step-length  # the same with one thing changed

Two runs go at a time, each on one thread. Prints one line a run and a table; --out saves the
numbers as JSON. The settings are the defaults for all three, unless an option changes them; steps
and discount belong to the task.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded

import json
import time
from argparse import ArgumentParser
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import EngFormatter
from trpo_np.plotting import STYLE, learning_curve

from trpo_np import evaluate, train
from trpo_np.__main__ import add_settings, config_from

#: environment: (steps, discount, seeds, mean return that counts as learned)
TASKS = {
    "CartPole-v1": (100_000, 0.99, 10, 475),
    "Pendulum-v1": (300_000, 0.95, 5, -250),
    "Acrobot-v1": (100_000, 0.99, 5, -100),
}


def run(env_id, seed, config):
    """What one run reached, with the most likely and with sampled actions; and its history."""
    steps, gamma, _, goal = TASKS[env_id]
    started = time.perf_counter()
    result = train(env_id, steps, seed, replace(config, gamma=gamma))
    seconds = time.perf_counter() - started
    agent = result.policy, result.theta, result.normalizer, env_id
    returns = evaluate(*agent, episodes=100, seed=1_000_000)
    sampled = evaluate(*agent, episodes=100, seed=1_000_000, stochastic=True)
    history = result.history
    numbers = {
        "env_id": env_id,
        "seed": seed,
        "mean": float(np.mean(returns)),
        "std": float(np.std(returns)),
        "sampled_mean": float(np.mean(sampled)),
        "learned": bool(np.mean(returns) >= goal),
        "steps": history[-1].steps,
        "seconds": round(seconds, 1),
        "mean_kl": float(np.mean([row.kl for row in history])),
        "mean_backtracks": float(np.mean([row.backtracks for row in history])),
        "rejected": sum(not row.accepted for row in history),
        "iterations": len(history),
    }
    return numbers, history


def main():
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--env", choices=TASKS, action="append", help="default: all three")
    parser.add_argument("--out", type=Path, help="JSON file for the numbers")
    parser.add_argument("--figure", type=Path, help="PNG file for the learning curves")
    add_settings(parser)
    options = parser.parse_args()
    config = config_from(options)
    jobs = [(env, seed) for env in options.env or TASKS for seed in range(TASKS[env][2])]
    runs, histories = [], defaultdict(list)
    with ProcessPoolExecutor(max_workers=2) as pool:
        for numbers, history in pool.map(run, *zip(*jobs, strict=True), [config] * len(jobs)):
            runs.append(numbers)
            histories[numbers["env_id"]].append(history)
            print(
                "{env_id:12} seed {seed}: {mean:8.1f} ± {std:5.1f}".format(**runs[-1]), flush=True
            )
            if options.out:
                options.out.write_text(json.dumps(runs, indent=1) + "\n")
    print(f"\n{table(runs)}")
    if options.figure:
        draw(histories, options.figure)


def table(runs):
    """The runs as a Markdown table, one row an environment."""
    lines = [
        "| environment | steps | γ | learned | mean return over seeds (worst) "
        "| with sampled actions | mean KL | backtracks | rejected | s a run |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for env_id, (steps, gamma, _, goal) in TASKS.items():
        own = [r for r in runs if r["env_id"] == env_id]
        if not own:
            continue
        mean = {key: np.mean([r[key] for r in own]) for key in own[0] if key != "env_id"}
        lines.append(
            f"| {env_id} | {steps:,} | {gamma} | ≥ {goal}: {sum(r['learned'] for r in own)} of "
            f"{len(own)} | {mean['mean']:.1f} ({min(r['mean'] for r in own):.1f}) "
            f"| {mean['sampled_mean']:.1f} | {mean['mean_kl']:.4f} | {mean['mean_backtracks']:.2f} "
            f"| {sum(r['rejected'] for r in own)} of {sum(r['iterations'] for r in own)} "
            f"| {mean['seconds']:.0f} |"
        )
    return "\n".join(lines)


def draw(histories, path):
    """Saves the learning curves, one panel an environment, all seeds as a band."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(1, len(histories), figsize=(5.5 * len(histories), 4.5))
        for ax, (env_id, own) in zip(np.atleast_1d(axes), histories.items(), strict=True):
            learning_curve(ax, own, "TRPO")
            ax.axhline(TASKS[env_id][3], color="black", linestyle=":", label="learned")
            ax.set_title(env_id)
            ax.xaxis.set_major_formatter(EngFormatter())
            ax.legend(loc="lower right")
        figure.savefig(path)


if __name__ == "__main__":
    main()
