"""A run's folder: what was asked, what happened, and the agent, each file complete or absent.

config.json         environment, seed and every setting
progress.csv        one row an iteration; nothing in it depends on the clock
agent.npz           parameters and normalizer, read without pickle
learning_curve.png
"""

import csv
import json
import os
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from trpo_np.config import TRPOConfig
from trpo_np.environments import make_environment
from trpo_np.errors import UsageError
from trpo_np.mlp import MLP
from trpo_np.normalizer import Normalizer
from trpo_np.plotting import save_learning_curves
from trpo_np.policy import make_policy
from trpo_np.result import Iteration, TrainResult
from trpo_np.value import ValueFunction


def new_folder(parent: Path, env_id: str, seed: int) -> Path:
    """The first of parent/ENV-seedN, parent/ENV-seedN-2, ... that does not exist yet."""
    name = f"{env_id.replace('/', '-').replace(':', '-')}-seed{seed}"
    folder, number = parent / name, 1
    while folder.exists():
        number += 1
        folder = parent / f"{name}-{number}"
    return folder


def save_run(result: TrainResult, folder: Path) -> None:
    """Writes the run's four files, each at once: a reader never sees half a file."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"env_id": result.env_id, "seed": result.seed, "config": asdict(result.config)}
    _write(folder / "config.json", lambda f: f.write(json.dumps(settings, indent=2).encode()))
    _write(folder / "progress.csv", lambda f: f.write(_csv(result.history).encode()))
    arrays = {
        "theta": result.theta,
        "w": result.w,
        "mean": result.normalizer.mean,
        "variance": result.normalizer.variance,
        "count": np.array(result.normalizer.count),
    }
    _write(folder / "agent.npz", lambda f: np.savez(f, **arrays))
    curve = {result.env_id: [result.history]}
    _write(folder / "learning_curve.png", lambda f: save_learning_curves(f, curve))


def load_run(folder: Path) -> TrainResult:
    """The run as it was saved; raises UsageError if the folder is missing or damaged."""
    if not folder.is_dir():
        raise UsageError(f"There is no run folder {folder}: check the path, or train one first.")
    try:
        settings = json.loads((folder / "config.json").read_text())
        settings["config"]["hidden"] = tuple(settings["config"]["hidden"])
        config = TRPOConfig(**settings["config"])
        env_id, seed = str(settings["env_id"]), int(settings["seed"])
        history = _history((folder / "progress.csv").read_text())
        with np.load(folder / "agent.npz", allow_pickle=False) as file:
            arrays = {name: file[name] for name in ("theta", "w", "mean", "variance")}
            count = float(file["count"])
    except FileNotFoundError as error:
        raise UsageError(
            f"{folder} is not a whole run: {Path(error.filename).name} is missing. "
            "Train again, or restore the file."
        ) from error
    except Exception as error:  # whatever a damaged file makes its reader raise
        raise UsageError(
            f"The run in {folder} is damaged ({error}): train again, or restore the files."
        ) from error
    return _rebuilt(folder, env_id, seed, config, history, arrays, count)


def _rebuilt(folder, env_id, seed, config, history, arrays, count) -> TrainResult:
    env = make_environment(env_id)
    policy = make_policy(env.observation_space, env.action_space, config.hidden)
    value = ValueFunction(MLP((*policy.network.sizes[:-1], 1)))
    normalizer = Normalizer.fresh(
        env.observation_space, config.normalize_observations, config.precision
    )
    env.close()
    expected = {
        "theta": policy.num_parameters,
        "w": value.network.num_parameters,
        "mean": len(normalizer.mean),
        "variance": len(normalizer.mean),
    }
    for name, size in expected.items():
        array = arrays[name]
        numbers = array.shape == (size,) and np.issubdtype(array.dtype, np.floating)
        if not numbers or not np.isfinite(array).all() or (name == "variance" and array.min() < 0):
            raise UsageError(
                f"The run in {folder} is damaged: {name} should be {size} finite numbers. "
                "Train again, or restore agent.npz."
            )
    normalizer = replace(
        normalizer,
        mean=arrays["mean"],
        variance=arrays["variance"],
        count=count,
    )
    theta, w = arrays["theta"], arrays["w"]
    return TrainResult(env_id, seed, config, policy, theta, normalizer, value, w, history)


def _write(path: Path, write: Callable[[BinaryIO], object]) -> None:
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("wb") as file:
            write(file)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _csv(history: list[Iteration]) -> str:
    lines = [",".join(field.name for field in fields(Iteration))]
    lines += [",".join(str(value) for value in asdict(row).values()) for row in history]
    return "\n".join(lines) + "\n"


def _history(text: str) -> list[Iteration]:
    read = {field.name: _READERS[field.type] for field in fields(Iteration)}
    rows = csv.DictReader(text.splitlines())
    if rows.fieldnames != list(read):
        raise ValueError("progress.csv does not begin with its header")
    return [Iteration(**{name: read[name](row[name]) for name in read}) for row in rows]


_READERS = {int: int, float: float, str: str, bool: lambda text: text == "True"}
