"""How often the true return falls after an accepted step, by algorithm.

    python tests/benchmarks/true_returns.py --out notebooks/measurements/true_returns.csv

After each update the policy before it and the policy after it play the same number of fresh
episodes, each its own, with sampled actions and under the same normalizer. One row an update: both
mean returns, the standard error of their difference, the KL, and the change of L that the update
saw. Runs that are in the file already are not made again.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded

from argparse import ArgumentParser
from pathlib import Path

import numpy as np
from common import read_rows, save_rows
from joblib import Parallel, delayed

from trpo_np import PPO, TRPO, Agent, NaturalGradient, PolicyGradient, Settings, train

EPISODES = 128
#: environment: (steps, discount)
TASKS = {"CartPole-v1": (49_152, 0.99), "Pendulum-v1": (102_400, 0.95)}
UPDATES = {
    "TRPO": TRPO(),
    "natural gradient": NaturalGradient(),
    "PPO": PPO(),
    "policy gradient": PolicyGradient(),
}


def rows_of(env_id: str, name: str, seed: int) -> list[dict]:
    """One row for each update of a run that was accepted."""
    steps, gamma = TASKS[env_id]
    rows, before = [], {}

    def on_iteration(result):
        row, seed_of_first = result.history[-1], 1_000_000 + 2 * EPISODES * len(result.history)
        if before and row.accepted:
            old, new = (
                Agent(result.policy, theta, before["normalizer"], result.env).evaluate(
                    EPISODES, seed_of_first + i * EPISODES, stochastic=True
                )
                for i, theta in enumerate((before["theta"], result.theta))
            )
            error = np.sqrt((old.var(ddof=1) + new.var(ddof=1)) / EPISODES)
            rows.append(
                {
                    "env_id": env_id,
                    "algorithm": name,
                    "seed": seed,
                    "iteration": row.iteration,
                    "before": f"{old.mean():.6g}",
                    "after": f"{new.mean():.6g}",
                    "error": f"{error:.4g}",
                    "kl": f"{row.kl:.4g}",
                    "improvement": f"{row.improvement:.4g}",
                }
            )
        before.update(theta=result.theta, normalizer=result.normalizer)

    settings = Settings(gamma=gamma, precision="float32")
    train(env_id, UPDATES[name], steps, seed, settings, on_iteration=on_iteration)
    return rows


def main():
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    done = read_rows(options.out)
    made = {(row["env_id"], row["algorithm"], int(row["seed"])) for row in done}
    jobs = [(e, u, s) for s in range(options.seeds) for e in TASKS for u in UPDATES]
    runs = Parallel(n_jobs=options.jobs, return_as="generator")(
        delayed(rows_of)(*job) for job in jobs if job not in made
    )
    for rows in runs:
        done += rows
        print(rows[-1], flush=True)
        save_rows(done, options.out)


if __name__ == "__main__":
    main()
