"""MountainCarContinuous with each action held for k steps: on how many seeds is the goal found?

    python tests/benchmarks/held_actions.py --out notebooks/measurements/held_actions.csv

50,000 steps of the environment in all, 2,048 in a batch, whatever k is; the settings are those that
notebook 12 calls one preset, but for the discount γᵏ and with independent noise.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded

from argparse import ArgumentParser
from functools import partial
from pathlib import Path

import gymnasium
import numpy as np
from common import save_rows

from trpo_np import TRPO, Settings, train
from trpo_np.classroom.notebook_12 import Held

ENV, STEPS, SEEDS = "MountainCarContinuous-v0", 50_000, 10


def made(k: int) -> gymnasium.Env:
    """The environment with each action held for k steps."""
    return Held(gymnasium.make(ENV), k)


def main():
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    rows = []
    for k in (1, 4, 8, 16):
        settings = Settings(
            gamma=0.999**k,
            lam=0.97,
            value_iterations=10,
            num_envs=4,
            batch_size=2048 // k,
            precision="float32",
        )
        for seed in range(SEEDS):
            update = TRPO(damped_step_length=True)
            result = train(partial(made, k), update, STEPS // k, seed, settings)
            returns = result.agent.evaluate(100, seed=1_000_000)
            rows.append({"held": k, "seed": seed, "mean": f"{np.mean(returns):.6g}"})
            save_rows(rows, options.out)


if __name__ == "__main__":
    main()
