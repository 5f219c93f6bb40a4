"""What an update costs in units of a gradient step, as the network grows to a million parameters.

    python tests/benchmarks/update_costs.py

Writes notebooks/measurements/update_costs.json, which notebook 13 draws: for every width of two
hidden layers, the time of an update of each algorithm and of one Fisher-vector product, divided by
the time of a plain gradient step on the same batch (float32, 2,048 random states), and the peak of
the memory that one call allocates, in bytes. In every round all are timed one after the other, so
that a slow spell hits all alike; the ratios are medians over the rounds, with the smallest and the
largest beside them. There is one thread, and what counts is its processor's time, in which a busy
neighbour has no part.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy is loaded

import json
import time
import tracemalloc
from pathlib import Path

import numpy as np
from common import machine, problem

from trpo_np import PPO, TRPO, NaturalGradient, PolicyGradient
from trpo_np.fast.local_problem import LocalProblem
from trpo_np.fast.memory import keep_freed_memory

N, WIDTHS, ROUNDS, AT_LEAST = 2048, (4, 16, 64, 230, 512, 990), 7, 0.1
UPDATES = {
    "gradient step": PolicyGradient(learning_rate=1e-3),
    "natural gradient": NaturalGradient(),
    "TRPO": TRPO(),
    "TRPO, a tenth": TRPO(fisher_fraction=0.1),
    "PPO": PPO(),
}
FILE = Path(__file__).parents[2] / "notebooks" / "measurements" / "update_costs.json"


def jobs(width):
    """P, and the functions to be timed, by name."""
    policy, theta, batch = problem(N, (width, width), np.float32)
    local, v = LocalProblem(policy, theta, batch), theta[::-1].copy()
    functions = {
        name: lambda update=update: update(policy, theta, batch, np.random.default_rng(0))
        for name, update in UPDATES.items()
    }
    return len(theta), functions | {"product F v": lambda: local.F(v)}


def seconds(function, repeats):
    """The mean processor time of one of `repeats` calls."""
    started = time.process_time()
    for _ in range(repeats):
        function()
    return (time.process_time() - started) / repeats


def peak(function):
    """The most that one call has allocated at any time, in bytes."""
    tracemalloc.start()
    function()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def measured(width):
    """One row: ratios (median, smallest, largest) and peaks by name."""
    P, functions = jobs(width)
    repeats = {name: max(1, round(AT_LEAST / seconds(f, 2))) for name, f in functions.items()}
    rounds = [
        {name: seconds(f, repeats[name]) for name, f in functions.items()} for _ in range(ROUNDS)
    ]
    ratios = {}
    for name in functions:
        of_rounds = [times[name] / times["gradient step"] for times in rounds]
        ratios[name] = [float(f"{f(of_rounds):.3g}") for f in (np.median, np.min, np.max)]
    return {
        "width": width,
        "P": P,
        "ratios": ratios,
        "peaks": {name: peak(function) for name, function in functions.items()},
    }


def main():
    print(machine())
    keep_freed_memory()
    rows = []
    for width in WIDTHS:
        rows.append(measured(width))
        print(rows[-1], flush=True)
    FILE.write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
