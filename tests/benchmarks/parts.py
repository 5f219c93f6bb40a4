"""TRPO with one part taken out or changed at a time: what carries its success?

python tests/benchmarks/parts.py --out notebooks/measurements/parts.csv
"""

from argparse import ArgumentParser
from functools import partial
from pathlib import Path

from trpo_np import TRPO
from trpo_np.experiments.sweep import sweep
from trpo_np.line_search import LineSearchResult

TASKS = {
    "CartPole-v1": {"total_steps": 30_720},
    "Pendulum-v1": {"total_steps": 102_400, "gamma": 0.95},
}


def full_step(L, KL, theta, step, delta, backtracks, beta):
    """What takes the full step, whatever L and KL say."""
    new = theta + step
    return LineSearchResult(new, True, 0, float(L(new)), float(KL(new)))


UPDATES = {
    "TRPO": TRPO,
    "no line search": partial(TRPO, search=full_step),
    "no damping": partial(TRPO, cg_damping=0.0),
    "1 CG iteration": partial(TRPO, cg_iterations=1),
    "3 CG iterations": partial(TRPO, cg_iterations=3),
    "30 CG iterations": partial(TRPO, cg_iterations=30),
    "damped length": partial(TRPO, damped_step_length=True),
    "F on a tenth": partial(TRPO, fisher_fraction=0.1),
}
#: what is not the update's: its name, and the settings in place of the defaults
SETTINGS = {
    "observations as they are": {"normalize_observations": False},
    "advantages as they are": {"normalize_advantages": False},
}


def main():
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    o = parser.parse_args()
    command = f"python tests/benchmarks/parts.py --seeds {o.seeds} --out {o.out}"
    for makers, settings in [
        (UPDATES, {}),
        *(({name: TRPO}, changed) for name, changed in SETTINGS.items()),
    ]:
        settings = settings | {"precision": "float32"}
        sweep(
            list(TASKS), makers, o.seeds, settings, tasks=TASKS, out=o.out, jobs=o.jobs,
            command=command, say=print,
        )  # fmt: skip


if __name__ == "__main__":
    main()
