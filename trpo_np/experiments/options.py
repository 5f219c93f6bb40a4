"""The command line's options, made from dataclasses of settings."""

import ast
import re
from argparse import (
    ArgumentParser,
    ArgumentTypeError,
    BooleanOptionalAction,
    Namespace,
    _ActionsContainer,
)
from typing import get_type_hints

from trpo_np.errors import UsageError, shown
from trpo_np.updates.options import Options, settings_of


class Parser(ArgumentParser):
    """An argument parser that takes no abbreviations, says what is wrong in one sentence, and takes
    -1e-3 for a number."""

    def __init__(self, **how: object):
        super().__init__(**how, allow_abbrev=False)
        self._negative_number_matcher = re.compile(r"^-(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$", re.I)

    def error(self, message: str) -> None:
        """Raises UsageError in place of argparse's page of usage."""
        raise UsageError(f"{message}. See `{self.prog} --help`.")


def add_settings(parser: _ActionsContainer, kind: type[Options]) -> None:
    """Adds one option for each setting of the dataclass, under the setting's own name."""
    for setting in settings_of(kind):
        default = setting.default
        told = {"default": default, "help": f"{setting.metadata['help']} (default: {default})"}
        parser.add_argument(option_of(setting.name), **reading(kind, setting.name), **told)


def reading(kind: type[Options], name: str) -> dict[str, object]:
    """How the option of a setting is read, as arguments of argparse's `add_argument`."""
    kind_of_value = get_type_hints(kind)[name]
    if kind_of_value is bool:
        return {"action": BooleanOptionalAction}
    if kind_of_value is int:
        return {"type": whole}
    if kind_of_value is float:
        return {"type": number}
    if kind_of_value is str:
        return {"type": str}
    return {"type": whole, "nargs": "*", "metavar": "WIDTH"}


def option_of(name: str) -> str:
    """The option of a setting: --cg-damping for cg_damping."""
    return f"--{name.replace('_', '-')}"


def settings_from(options: Namespace, kind: type[Options]) -> Options:
    """The settings that the options of `add_settings` ask for."""
    return kind(**{setting.name: getattr(options, setting.name) for setting in settings_of(kind)})


def number(text: str) -> float:
    """A number."""
    try:
        return float(text)
    except ValueError:
        raise ArgumentTypeError(f"{shown(text)} is no number: write it as 0.01 or 1e-2") from None


def whole(text: str) -> int:
    """An integer, also where it is written as 1e5 or 100_000."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        if float(text).is_integer():
            return int(float(text))
    except ValueError:
        pass
    raise ArgumentTypeError(f"{shown(text)} is no whole number")


def keyword(text: str) -> tuple[str, object]:
    """key=value as a pair, the value read as Python's where it is a number, True, None, a list;
    true and false are taken for True and False."""
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise ArgumentTypeError(f"{text} is not possible: write --env-arg NAME=VALUE")
    try:
        return name, ast.literal_eval({"true": "True", "false": "False"}.get(value, value))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return name, value
