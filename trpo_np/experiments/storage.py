"""A run's folder: what was asked, what happened, and the agent, each file complete or absent.

config.json         environment, seed, algorithm, and every setting
progress.csv        one row an iteration; nothing in it depends on the clock
agent.npz           the agent: parameters and normalizer, read without pickle
training.npz        what training would go on from: the value function and the update's state
learning_curve.png
"""

import json
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path

import numpy as np

from trpo_np.errors import UsageError
from trpo_np.experiments.plots import save_learning_curves
from trpo_np.experiments.progress import csv_of, history_of
from trpo_np.training.files import write
from trpo_np.training.result import Row, TrainResult
from trpo_np.training.settings import Settings
from trpo_np.updates import ALGORITHMS, Update
from trpo_np.updates.options import Options, values_of


@dataclass(frozen=True, eq=False)
class Run:
    """A run as its folder tells it; the agent is loaded apart, by Agent.load(folder)."""

    env_id: str | None  #: None where a function made the environment
    env_arguments: dict
    seed: int
    algorithm: str
    update: Update | None  #: None where the algorithm is none of the package's
    settings: Settings
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
    """Writes the run's files, each at once: a reader never sees half a file."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "env": result.env.id,
        "arguments": result.env.arguments,
        "seed": result.seed,
        "algorithm": algorithm_name(type(result.update)),
        "update": settings_in(result.update),
        "parts": parts_of(result.update),
        "settings": values_of(result.settings),
    }
    write(folder / "config.json", lambda f: f.write(json.dumps(config, indent=2).encode()))
    write(folder / "progress.csv", lambda f: f.write(csv_of(result.history).encode()))
    result.agent.save(folder / "agent.npz")
    carried = {"w": result.w, **_arrays_of(result.state)}
    write(folder / "training.npz", lambda f: np.savez(f, **carried))
    curve = {result.env.name: [result.history]}
    write(folder / "learning_curve.png", lambda f: save_learning_curves(f, curve))


def load_run(folder: Path) -> Run:
    """The run as it was saved; raises UsageError if the folder is missing or damaged."""
    if not folder.is_dir():
        raise UsageError(f"There is no run folder {folder}: check the path, or train one first.")
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        algorithm = config["algorithm"]
        known = ALGORITHMS.get(algorithm)
        return Run(
            env_id=config["env"],
            env_arguments=dict(config["arguments"]),
            seed=int(config["seed"]),
            algorithm=algorithm,
            update=known(**config["update"]) if known else None,
            settings=Settings(**config["settings"]),
            history=history_of((folder / "progress.csv").read_text(encoding="utf-8")),
        )
    except FileNotFoundError as error:
        raise UsageError(
            f"{folder} is not a whole run: {Path(error.filename).name} is missing. "
            "Train again, or restore the file."
        ) from error
    except Exception as error:  # whatever a damaged file makes its reader raise
        raise UsageError(
            f"The run in {folder} is damaged ({error}): train again, or restore the files."
        ) from error


def algorithm_name(kind: type) -> str:
    """The name of an update on the command line, or that of its class where it is none of the
    package's."""
    names = {update: name for name, update in ALGORITHMS.items()}
    return names.get(kind, kind.__name__)


def settings_in(update: Update) -> dict:
    """The settings of an update by name; of a dataclass that is no Options, what JSON can hold."""
    if isinstance(update, Options):
        return values_of(update)
    own = fields(update) if is_dataclass(update) else ()
    values = {entry.name: getattr(update, entry.name) for entry in own}
    return {name: x for name, x in values.items() if isinstance(x, bool | int | float | str)}


def parts_of(update: Update) -> dict[str, str]:
    """The names of the functions that were handed to the update in place of its own."""
    if not is_dataclass(update):
        return {}
    own = [entry for entry in fields(update) if "part" in entry.metadata]
    given = {entry.name: getattr(update, entry.name) for entry in own}
    return {
        entry.name: getattr(given[entry.name], "__name__", "a function")
        for entry in own
        if given[entry.name] is not entry.default
    }


def _arrays_of(state: object) -> dict[str, np.ndarray]:
    """The arrays and numbers of what an update carries, where it is a dataclass of such."""
    own = fields(state) if is_dataclass(state) else ()
    return {f"state_{entry.name}": np.asarray(getattr(state, entry.name)) for entry in own}
