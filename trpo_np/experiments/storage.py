"""A run's folder: one file that is the run, and others that show it to people.

training.npz        the run: agent, history, and all that training goes on from
config.json         what was asked for
progress.csv        one row an iteration; nothing in it depends on the clock
learning_curve.png

Only training.npz is ever read. Each file is complete or absent.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from trpo_np.errors import UsageError
from trpo_np.experiments.plots import save_learning_curves
from trpo_np.training.agent_file import CHECKPOINT, reading
from trpo_np.training.checkpoint import save_checkpoint
from trpo_np.training.config import Config, config_from, config_of
from trpo_np.training.files import write
from trpo_np.training.history import csv_of, history_in
from trpo_np.training.result import Row, TrainResult, points_of


@dataclass(frozen=True, eq=False)
class Run(Config):
    """A run as its folder tells it; the agent is loaded apart, by Agent.load(folder)."""

    history: list[Row]


def save_run(result: TrainResult, folder: Path) -> None:
    """Writes all of the run's files."""
    folder.mkdir(parents=True, exist_ok=True)
    save_progress(result, folder)
    curve = {result.env.name: [points_of(result.history)]}
    write(folder / "learning_curve.png", lambda f: save_learning_curves(f, curve))


def save_progress(result: TrainResult, folder: Path) -> None:
    """Writes all but the picture: what training brings up to date on its way."""
    r = result
    save_checkpoint(r, folder / CHECKPOINT)
    config = config_of(r.env, r.seed, r.total_steps, r.until_solved, r.update, r.settings)
    write(folder / "config.json", lambda f: f.write(json.dumps(config, indent=2).encode()))
    write(folder / "progress.csv", lambda f: f.write(csv_of(r.history).encode()))


def load_run(folder: Path) -> Run:
    """The run as it was saved; raises UsageError if the folder is missing or damaged."""
    if not folder.is_dir():
        raise UsageError(f"There is no run folder {folder}: check the path, or train one first.")
    with reading(folder / CHECKPOINT) as archive:
        return Run(**vars(config_from(archive.about)), history=history_in(archive))
