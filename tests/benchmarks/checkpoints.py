"""What saving costs: the share of a run's time that goes into its checkpoints.

    python tests/benchmarks/checkpoints.py

Trains as the command line does, saving now and then, and once more at the end, and adds up the
seconds inside the saves. The picture of the learning curve, drawn once at the end, is apart.
"""

import tempfile
from pathlib import Path
from time import perf_counter

from trpo_np import TRPO, Settings, train
from trpo_np.experiments import saving, storage
from trpo_np.experiments.saving import Saver

RUNS = {
    "CartPole-v1": (100_000, Settings()),
    "Pendulum-v1": (100_000, Settings(gamma=0.95)),
    "Acrobot-v1": (100_000, Settings(precision="float32")),
}


def measured(env_id, steps, settings, folder):
    """Seconds of the whole run, inside its saves, and of its picture; how many saves there were."""
    spent, save = [], storage.save_progress

    def timed(result, folder):
        started = perf_counter()
        save(result, folder)
        spent.append(perf_counter() - started)

    saving.save_progress = timed
    saver, started = Saver(folder, print), perf_counter()
    result = train(env_id, TRPO(), steps, 0, settings, on_iteration=saver)
    timed(result, folder)
    seconds = perf_counter() - started
    started = perf_counter()
    saver.finish()
    return seconds, sum(spent), perf_counter() - started, len(spent)


def main():
    """Prints one line a run."""
    for env_id, (steps, settings) in RUNS.items():
        with tempfile.TemporaryDirectory() as folder:
            seconds, inside, picture, saves = measured(env_id, steps, settings, Path(folder))
        print(
            f"{env_id}: {seconds:.1f} s, {saves} saves, {1000 * inside:.0f} ms in them, "
            f"{100 * inside / seconds:.2f} % of the run; the end with its picture {picture:.2f} s"
        )


if __name__ == "__main__":
    main()
