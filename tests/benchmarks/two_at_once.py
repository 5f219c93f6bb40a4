"""Times two runs of a sweep that go at once beside one that goes alone.

    python tests/benchmarks/two_at_once.py

The same run once, and twice in two processes, as `sweep --jobs 2` makes them. The ratio means
something only on a machine with two cores and no other work.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded

import time

import numpy as np

from trpo_np.experiments.pool import results_of
from trpo_np.experiments.trial import Trial, failed, measured
from trpo_np.training.environments import source
from trpo_np.training.settings import Settings
from trpo_np.updates import TRPO

TURNS = 5


def seconds(runs):
    """The time of so many runs that go at once, in processes that are there already."""
    trial = (source("CartPole-v1"), "trpo", TRPO(), Settings(), 60_000)
    trials = [Trial(*trial, seed=0, episodes=1)] * runs
    started = time.perf_counter()
    outcomes = dict(results_of(measured, trials, 2, failed))
    assert not [x for x in outcomes.values() if "error" in x.numbers]
    return time.perf_counter() - started


def main():
    """Prints the ratio of each turn, and the median."""
    seconds(2)  # starts the processes
    ratios = []
    for _ in range(TURNS):
        one, two = seconds(1), seconds(2)
        ratios.append(two / one)
        print(f"one {one:.1f} s, two at once {two:.1f} s: {ratios[-1]:.2f}", flush=True)
    print(f"load of the machine: {os.getloadavg()[0]:.1f}; median ratio {np.median(ratios):.2f}")


if __name__ == "__main__":
    main()
