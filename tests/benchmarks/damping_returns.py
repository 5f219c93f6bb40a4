"""What damping and conjugate gradient iterations do to the returns of whole runs.

    python tests/benchmarks/damping_returns.py

Trains with the defaults but for λ and k, eight seeds each, and writes the JSON file that notebook
07 reads: for every run the mean return over its updates, the mean of the last five, the mean KL of
a step, halvings a step, and steps refused. Two processes, each on one thread; a quarter of an hour.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded

import json
from argparse import ArgumentParser
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from trpo_np import TRPO, Settings, train

OUT = Path(__file__).parents[2] / "notebooks" / "measurements" / "damping_returns.json"
#: environment: (steps, discount)
TASKS = {"CartPole-v1": (50_000, 0.99), "Pendulum-v1": (100_000, 0.95)}
SETTINGS = (0.1, 10), (0.01, 10), (0.001, 10), (0.0, 10)  #: (λ, k)
SEEDS = 8


def run(env_id, seed, damping, iterations):
    """One row of the file."""
    steps, gamma = TASKS[env_id]
    update = TRPO(cg_damping=damping, cg_iterations=iterations)
    history = train(env_id, update, steps, seed, Settings(gamma=gamma)).history
    returns = np.array([row.mean_return for row in history])
    returns = returns[np.isfinite(returns)]
    return {
        "env_id": env_id,
        "seed": seed,
        "setting": f"{damping:g} {iterations}",
        "mean": round(float(returns.mean()), 2),
        "last": round(float(returns[-5:].mean()), 2),
        "kl": round(float(np.mean([row.kl for row in history])), 5),
        "halved": round(float(np.mean([row.backtracks for row in history])), 3),
        "refused": sum(not row.accepted for row in history),
    }


def main():
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    options = parser.parse_args()
    seeds = range(options.seeds)
    jobs = [(env_id, seed, *setting) for seed in seeds for env_id in TASKS for setting in SETTINGS]
    rows = []
    with ProcessPoolExecutor(max_workers=2) as pool:
        for row in pool.map(run, *zip(*jobs, strict=True)):
            rows.append(row)
            print(*row.values(), flush=True)
            lines = ",\n".join(json.dumps(row) for row in rows)
            options.out.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
