"""The options of the command `sweep`."""

from argparse import SUPPRESS, ArgumentParser, BooleanOptionalAction, Namespace
from pathlib import Path

from trpo_np.errors import UsageError
from trpo_np.experiments.options import Parser, option_of, reading, whole
from trpo_np.training.settings import Settings
from trpo_np.updates import ALGORITHMS
from trpo_np.updates.options import settings_of

KINDS = (*ALGORITHMS.values(), Settings)


def add_sweep(command: ArgumentParser) -> None:
    """Adds the options; those of settings have no default, so that each algorithm keeps its own."""
    add = command.add_argument
    add("envs", nargs="*", metavar="ENV", help="gymnasium environments, such as CartPole-v1")
    add("--algorithm", nargs="+", choices=ALGORITHMS, default=["trpo"], help="default: trpo")
    add("--seeds", type=whole, default=5, help="so many, counted from 0 (default: 5)")
    add("--total-steps", type=whole, default=SUPPRESS, help="default: 100000")
    many = {"nargs": "+", "action": "append", "default": []}
    told = "values of a setting, each of them tried; given again, each pair (widths as '64 64')"
    add("--vary", **many, metavar=("NAME", "VALUE"), help=told)
    told = "an environment with settings of its own, as total_steps=3e5; may be given again"
    add("--task", **many, metavar=("ENV", "NAME=VALUE"), help=told)
    add("--out", type=Path, default=Path("results.csv"), help="default: results.csv")
    add("--jobs", type=whole, default=1, help="runs made at once (default: 1)")
    add("--scheduler", metavar="ADDRESS", help="make them on the cluster of this Dask scheduler")
    add("--episodes", type=whole, default=100, help="fresh ones that a run is judged by (100)")
    group = command.add_argument_group("settings, of the algorithms that have them")
    for name, kind in _kinds().items():
        group.add_argument(
            option_of(name), **reading(kind, name), default=SUPPRESS, help=_help(name)
        )


def asked_of(options: Namespace) -> dict[str, object]:
    """What the options ask of `sweep`, as its arguments."""
    given = vars(options)
    tasks: dict[str, dict[str, object]] = {}
    for env, *pairs in options.task:
        tasks[env] = tasks.get(env, {}) | dict(map(_pair, pairs))
    vary: dict[str, list] = {}
    for name, *values in options.vary:
        read = [value_of(name, text) for text in values]
        vary[_underscored(name)] = vary.get(_underscored(name), []) + read
    envs = [env for env in options.envs if env not in tasks]
    if not envs and not tasks:
        raise UsageError("Which environments? Name one, as CartPole-v1, or give --task.")
    if any(not values for values in vary.values()):
        raise UsageError("--vary wants a setting and its values, as --vary delta 0.01 0.1.")
    return {
        "envs": envs,
        "algorithms": options.algorithm,
        "seeds": options.seeds,
        "settings": {n: given[n] for n in [*_kinds(), "total_steps"] if n in given},
        "vary": vary,
        "tasks": tasks,
        "out": options.out,
        "jobs": options.jobs,
        "scheduler": options.scheduler,
        "episodes": options.episodes,
    }


def value_of(name: str, text: str) -> object:
    """The value of a setting as its option would read it; raises UsageError for what is none."""
    name = _underscored(name)
    if name == "total_steps":
        how = {"type": whole}
    elif name in _kinds():
        how = reading(_kinds()[name], name)
    else:
        raise UsageError(f"There is no setting {name}: see `python -m trpo_np sweep --help`.")
    if how.get("action") is BooleanOptionalAction:
        if text.lower() not in ("true", "false"):
            raise UsageError(f"{name} = {text!r} is not possible: it must be true or false.")
        return text.lower() == "true"
    parser = Parser(prog="python -m trpo_np sweep")
    parser.add_argument("value", **how)
    value = parser.parse_args(text.split() if "nargs" in how else [text]).value
    return tuple(value) if isinstance(value, list) else value


def _pair(text: str) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"--task ENV {text} is not possible: write NAME=VALUE, as gamma=0.95.")
    return _underscored(name), value_of(name, value)


def _kinds() -> dict[str, type]:
    """The class of every setting by the setting's name."""
    return {name: kind for kind in reversed(KINDS) for name in _names(kind)}


def _help(name: str) -> str:
    """What the setting means to each algorithm that has it."""
    meant: dict[str, list[str]] = {}
    for whose, kind in (*ALGORITHMS.items(), ("all", Settings)):
        for setting in settings_of(kind):
            if setting.name == name:
                meant.setdefault(setting.metadata["help"], []).append(whose)
    return "; ".join(f"{', '.join(whose)}: {what}" for what, whose in meant.items())


def _names(kind: type) -> list[str]:
    return [setting.name for setting in settings_of(kind)]


def _underscored(name: str) -> str:
    return name.replace("-", "_")
