"""A Beta and two Gaussians on Pendulum-v1, with two dampings: whole runs, and what they leave.

    python tests/benchmarks/beta_returns.py

Trains with the defaults but for γ = 0.95 and λ, twenty seeds with λ = 0.1 and eight with 0.01, and
writes the JSON file that notebook 16 reads: for every run the mean return of recent episodes after
each update, the return of the most likely actions in 50 new episodes, and the share of 4096 drawn
actions that lie outside the bounds. Two processes, each on one thread; a quarter of an hour.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded

import json
from argparse import ArgumentParser
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from trpo_np import TRPO, Settings, make_policy, train
from trpo_np.classroom.bounded.beta import beta_policy, state_gaussian_policy
from trpo_np.classroom.bounded.clipping import drawn_actions

OUT = Path(__file__).parents[2] / "notebooks" / "measurements" / "beta_returns.json"
POLICIES = {
    "Gaussian": make_policy,
    "Gaussian, σ of the state": state_gaussian_policy,
    "Beta": beta_policy,
}
DAMPINGS = {0.1: 20, 0.01: 8}  #: with their numbers of seeds
STEPS = 100_000


def run(name, damping, seed):
    """One row of the file."""
    update, settings = TRPO(cg_damping=damping), Settings(gamma=0.95)
    result = train("Pendulum-v1", update, STEPS, seed, settings, make_policy=POLICIES[name])
    drawn, bounds = drawn_actions(result, seed), result.policy.action_space
    greedy = result.agent.evaluate(episodes=50, seed=1000 + seed)
    return {
        "policy": name,
        "damping": damping,
        "seed": seed,
        "curve": [round(row.mean_return, 1) for row in result.history if row.episodes],
        "greedy": round(float(np.mean(greedy)), 1),
        "outside": round(float(np.mean((drawn < bounds.low) | (drawn > bounds.high))), 4),
        "kl": round(float(np.mean([row.kl for row in result.history])), 5),
    }


def main():
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    each = [(damping, seed) for damping, seeds in DAMPINGS.items() for seed in range(seeds)]
    jobs = [(name, *one) for one in each for name in POLICIES]
    rows = []
    with ProcessPoolExecutor(max_workers=2) as pool:
        for row in pool.map(run, *zip(*jobs, strict=True)):
            rows.append(row)
            print(*(row[k] for k in ("policy", "damping", "seed", "greedy")), flush=True)
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    options.out.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
