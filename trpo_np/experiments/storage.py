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
from trpo_np.training.result import Row, TrainResult


@dataclass(frozen=True, eq=False)
class Run(Config):
    """A run as its folder tells it; the agent is loaded apart, by Agent.load(folder)."""

    history: list[Row]


def new_folder(parent: Path, env_id: str, seed: int) -> Path:
    """The first of parent/ENV-seedN, parent/ENV-seedN-2, ... that does not exist yet."""
    name = f"{env_id.replace('/', '-').replace(':', '-')}-seed{seed}"
    folder, number = parent / name, 1
    while folder.exists():
        number += 1
        folder = parent / f"{name}-{number}"
    return folder


def save_run(result: TrainResult, folder: Path) -> None:
    """Writes all of the run's files."""
    folder.mkdir(parents=True, exist_ok=True)
    save_progress(result, folder)
    r = result
    config = config_of(r.env, r.seed, r.total_steps, r.until_solved, r.update, r.settings)
    write(folder / "config.json", lambda f: f.write(json.dumps(config, indent=2).encode()))
    curve = {r.env.name: [r.history]}
    write(folder / "learning_curve.png", lambda f: save_learning_curves(f, curve))


def save_progress(result: TrainResult, folder: Path) -> None:
    """Writes the files that training brings up to date on its way."""
    save_checkpoint(result, folder / CHECKPOINT)
    write(folder / "progress.csv", lambda f: f.write(csv_of(result.history).encode()))


def load_run(folder: Path) -> Run:
    """The run as it was saved; raises UsageError if the folder is missing or damaged."""
    if not folder.is_dir():
        raise UsageError(f"There is no run folder {folder}: check the path, or train one first.")
    with reading(folder / CHECKPOINT) as archive:
        return Run(**vars(config_from(archive.about)), history=history_in(archive))
