"""What the three bugs of notebook 16 cost, one by one and together.

    python tests/benchmarks/three_bugs.py

Trains the right program, the one with three bugs, and those with one each, twenty seeds, and writes
the JSON file that notebook 16 reads: the mean return of recent episodes after each update. Two
processes, each on one thread; some three minutes.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded

import json
from argparse import ArgumentParser
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from trpo_np.classroom.hunt.program import AUTHORS, PLANTED, RIGHT
from trpo_np.classroom.hunt.training import learning_curve

OUT = Path(__file__).parents[2] / "notebooks" / "measurements" / "three_bugs.json"
#: environment: (updates, discount)
TASKS = {"CartPole-v1": (20, 0.99), "Pendulum-v1": (40, 0.95)}
PROGRAMS = {"right": RIGHT, **PLANTED, "all three": AUTHORS}
SEEDS = 20


def run(env_id, name, seed):
    """One row of the file."""
    updates, gamma = TASKS[env_id]
    curve = learning_curve(PROGRAMS[name], env_id, updates, seed, gamma)
    curve = [round(float(x), 1) for x in curve if np.isfinite(x)]
    return {"env_id": env_id, "program": name, "seed": seed, "curve": curve}


def main():
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    options = parser.parse_args()
    jobs = [
        (env, name, seed) for env in TASKS for name in PROGRAMS for seed in range(options.seeds)
    ]
    with ProcessPoolExecutor(max_workers=2) as pool:
        rows = list(pool.map(run, *zip(*jobs, strict=True)))
    lines = ",\n".join(json.dumps(row) for row in rows)
    options.out.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
