"""What a run was asked for, as JSON, and back."""

import json
from dataclasses import dataclass, fields, is_dataclass

import numpy as np

from trpo_np.checked import is_whole
from trpo_np.errors import UsageError, shown
from trpo_np.training.environments import Source
from trpo_np.training.settings import Settings
from trpo_np.updates import ALGORITHMS, Update
from trpo_np.updates.options import Options, settings_of, values_of

#: A seed is at least 0 and below this.
SEEDS = 2**64


@dataclass(frozen=True)
class Config:
    """What `train` was given, as far as a file can hold it."""

    env_id: str | None  #: None where a function made the environment
    env_arguments: dict
    seed: int
    total_steps: int
    until_solved: bool
    algorithm: str
    update: Update | None  #: None where the file cannot say all of it
    asked: dict  #: of the update: its settings, and the names of the parts handed in
    settings: Settings


def config_of(
    env: Source, seed: int, total_steps: int, until_solved: bool, update: Update, settings: Settings
) -> dict:
    """What was asked for, as JSON can hold it."""
    return {
        "env": env.id,
        "arguments": plain_arguments(env),
        "seed": seed,
        "total_steps": total_steps,
        "until_solved": until_solved,
        **about_update(update),
        "settings": values_of(settings),
    }


def about_update(update: Update) -> dict:
    """An update's name on the command line (that of its class where it is none of the package's),
    its settings, and the parts that were handed in."""
    names = {kind: name for name, kind in ALGORITHMS.items()}
    name = names.get(type(update), getattr(type(update), "__name__", "update"))
    return {"algorithm": name, "update": settings_in(update), "parts": parts_of(update)}


def config_from(about: dict) -> Config:
    """What `config_of` wrote; raises ValueError for anything else, naming it."""
    env, arguments = _kind(about, "env", str | None), _kind(about, "arguments", dict)
    algorithm, asked = _kind(about, "algorithm", str), _kind(about, "update", dict)
    parts = _kind(about, "parts", dict)
    known, steps = ALGORITHMS.get(algorithm), _kind(about, "total_steps", int)
    if steps < 1:
        raise ValueError(f"total_steps = {steps} is not possible")
    return Config(
        env_id=env,
        env_arguments=arguments,
        seed=checked_seed(_kind(about, "seed", int)),
        total_steps=steps,
        until_solved=_kind(about, "until_solved", bool),
        algorithm=algorithm,
        update=_options(known, asked) if known and not parts else None,
        asked={"algorithm": algorithm, "update": asked, "parts": parts},
        settings=_options(Settings, _kind(about, "settings", dict)),
    )


def plain_arguments(env: Source) -> dict:
    """The environment's arguments as JSON gives them back; raises UsageError where it has no place
    for one of them."""

    def plain(x: np.ndarray | np.generic) -> object:
        if x.dtype.kind not in "fiubU":
            raise TypeError
        return x.tolist()

    try:
        return json.loads(json.dumps(env.arguments, default=plain))
    except (AttributeError, TypeError, ValueError, RecursionError):
        raise UsageError(
            f"The environment's arguments {shown(env.arguments)} cannot be saved: give numbers, "
            "words, True, False, None, and lists of them."
        ) from None


def checked_seed(seed: object) -> int:
    """The seed as an integer; raises UsageError where it is none from 0 to 2**64 - 1."""
    if is_whole(seed, 0) and int(seed) < SEEDS:
        return int(seed)
    raise UsageError(
        f"seed = {shown(seed)} is not possible: it must be an integer from 0 to 2**64 - 1."
    )


def _kind(about: dict, name: str, kind: type) -> object:
    """The entry, which must be there and of this kind; true is no integer."""
    if name not in about:
        raise ValueError(f"{name} is missing")
    value = about[name]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ValueError(f"{name} = {str(value)[:50]} is not possible")
    return value


def _options(kind: type[Options], values: dict) -> Options:
    """The settings, all of which must be there."""
    names = {setting.name for setting in settings_of(kind)}
    if names != set(values):
        odd = sorted(names ^ set(values))
        raise ValueError(f"settings are missing or unknown, as in another version's run: {odd}")
    return kind(**values)


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
