"""A run as one file: all that training goes on from, and all that happened so far.

Nothing in it depends on the clock. Its agent is read like any agent's file.
"""

from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import get_args, get_type_hints

import numpy as np

from trpo_np.errors import UsageError
from trpo_np.fast import fast_network
from trpo_np.mlp import MLP
from trpo_np.spaces import make_policy
from trpo_np.training.agent_file import MakePolicy, about_agent, agent_arrays, agent_in, reading
from trpo_np.training.archive import Archive, write_archive
from trpo_np.training.config import Config, about_update, config_from, config_of
from trpo_np.training.history import about_history, history_arrays, history_in
from trpo_np.training.position_file import about_position, position_arrays, position_in
from trpo_np.training.result import Speed, TrainResult
from trpo_np.updates import ALGORITHMS, Update
from trpo_np.value import ValueFunction

Array = np.ndarray


def save_checkpoint(result: TrainResult, path: Path) -> None:
    """Writes the run as it is after its last iteration, complete or not at all."""
    r = result
    state = state_arrays(r.state)
    about = {
        **config_of(r.env, r.seed, r.total_steps, r.until_solved, r.update, r.settings),
        **about_agent(r.policy, r.normalizer, r.env),
        "solved": r.solved,
        "rng": r.rng,
        "carried": None if state is None else sorted(state),
        "history": about_history(r.history),
        "position": about_position(r.position),
    }
    arrays = {
        **agent_arrays(r.theta, r.normalizer),
        "w": r.w,
        **(state or {}),
        **history_arrays(r.history),
        **position_arrays(r.position),
    }
    write_archive(path, about, arrays)


def load_checkpoint(
    path: Path,
    env: object = None,
    update: Update | None = None,
    make_policy: MakePolicy = make_policy,
    trust: bool = False,
    step_seconds: float | None = None,
) -> TrainResult:
    """The run of a file. `env`, `update` and `make_policy` take the place of those that the file
    names, and are needed where they were of one's own.

    Raises UsageError, with the reason, where the file is missing, damaged or not enough.
    """
    with reading(path) as archive:
        config, about = config_from(archive.about), archive.about
        policy, theta, normalizer, made_for = agent_in(
            archive, path, env, make_policy, trust, step_seconds
        )
        update = _update_of(config, update)
        value = ValueFunction(fast_network(MLP((len(normalizer.mean), *config.settings.hidden, 1))))
        history = history_in(archive)
        if type(about["solved"]) is not bool:
            raise ValueError("solved is neither true nor false")
        position = position_in(archive, made_for, config.settings.num_envs)
        rng = np.random.default_rng()
        rng.bit_generator.state = about["rng"]  # raises where it is none
        return TrainResult(
            env=made_for,
            seed=config.seed,
            total_steps=config.total_steps,
            until_solved=config.until_solved,
            update=update,
            settings=config.settings,
            policy=policy,
            theta=theta,
            normalizer=normalizer,
            value=value,
            w=archive.array("w", (value.network.num_parameters,)),
            rng=rng.bit_generator.state,
            env_seed=position.trace.seed,
            position=position,
            state=_state_in(archive, update, len(theta)),
            history=history,
            speeds=[Speed(np.nan, np.nan)] * len(history),
            solved=about["solved"],
        )


def _update_of(config: Config, given: Update | None) -> Update:
    """The update of a run: the one that is given, if it is the same, or the file's."""
    if given is not None and about_update(given) != config.asked:
        raise UsageError(f"The run was made by {config.asked}, not by {about_update(given)}.")
    if given is None and config.update is None:
        raise UsageError(
            f"The run's update is {config.algorithm}, of your own or with parts of your own: "
            "give it, as train(resume=..., update=...)."
        )
    return given or config.update


def state_arrays(state: object) -> dict[str, Array] | None:
    """What an update carries, a number, an array or a dataclass of such, as arrays by name; None
    where it is something else."""
    if state is None:
        return {}
    own = {"": state}
    if is_dataclass(state):
        own = {entry.name: getattr(state, entry.name) for entry in fields(state)}
    arrays = {f"state_{name}": np.asarray(x) for name, x in own.items()}
    return arrays if all(array.dtype.kind in "fiub" for array in arrays.values()) else None


def _state_in(archive: Archive, update: Update, P: int) -> object:
    names = archive.about["carried"]
    if names is None:
        raise UsageError("What the update carries from batch to batch could not be saved.")
    arrays = {name: archive.array(name, archive.shape(name), "fiub") for name in names}
    if type(update) in ALGORITHMS.values() and {a.shape for a in arrays.values()} - {(), (P,)}:
        raise ValueError("what the update carries has another shape than theta")
    values = {n.removeprefix("state_"): a if a.ndim else a.item() for n, a in arrays.items()}
    if not values or "" in values:
        return values.get("")
    return _state_kind(update)(**values)


def _state_kind(update: Update) -> type:
    """The dataclass that an update's `state` is annotated with."""
    hint = get_type_hints(type(update).__call__).get("state")
    kinds = [kind for kind in (hint, *get_args(hint)) if is_dataclass(kind)]
    if not kinds:
        raise UsageError(
            f"{type(update).__name__} does not say of what class its state is: "
            "annotate it, as __call__(..., state: MyState | None = None)."
        )
    return kinds[0]
