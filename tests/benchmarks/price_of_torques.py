"""Ant, and a first standard deviation of 1: does the price of the torques keep it from learning?

    python tests/benchmarks/price_of_torques.py --out notebooks/measurements/price_of_torques.csv

300,000 steps with the settings that notebook 12 calls one preset, but for the noise, with
Ant's usual price and without one. One row a run: the mean return, of which the price is a part, and
the mean length of 100 fresh episodes with the most likely actions.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded

from argparse import ArgumentParser
from pathlib import Path

import numpy as np
from common import save_rows

from trpo_np import TRPO, Settings, train

ENV, STEPS, SEEDS = "Ant-v5", 300_000, 3
SETTINGS = Settings(lam=0.97, value_iterations=10, num_envs=4, precision="float32")


def main():
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    rows = []
    for price in (0.5, 0.0):  # times the squared length of the action
        for seed in range(SEEDS):
            update, arguments = TRPO(damped_step_length=True), {"ctrl_cost_weight": price}
            result = train(ENV, update, STEPS, seed, SETTINGS, env_arguments=arguments)
            episodes = result.agent.episodes(100, seed=1_000_000)
            mean, length = np.mean(episodes.returns), np.mean(episodes.lengths)
            row = {"price": price, "seed": seed, "mean": f"{mean:.6g}", "length": f"{length:.6g}"}
            rows.append(row)
            save_rows(rows, options.out)


if __name__ == "__main__":
    main()
