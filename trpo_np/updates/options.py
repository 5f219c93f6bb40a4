"""Settings as dataclasses that know what each value may be: help, range and check in one place.

    @dataclass(frozen=True)
    class Mine(Options):
        step: float = positive(0.1, "length of a step")

`Mine(step=-1)` raises UsageError; the command line makes an option --step of it, and a run's folder
keeps it.
"""

import math
from collections.abc import Callable
from dataclasses import Field, dataclass, field, fields
from typing import get_type_hints

import numpy as np

from trpo_np.checked import alone, is_whole
from trpo_np.errors import UsageError, shown


def setting(default: object, help: str, allowed: str, check: Callable) -> Field:
    """A setting with its default, what it means, and what it may be, in words and as a test."""
    return field(default=default, metadata={"help": help, "allowed": allowed, "check": check})


def positive(default: float, help: str) -> Field:
    """A finite number above 0."""
    return setting(default, help, "finite and above 0", lambda x: 0 < x < math.inf)


def non_negative(default: float, help: str) -> Field:
    """A finite number of at least 0."""
    return setting(default, help, "at least 0", lambda x: 0 <= x < math.inf)


def at_least(least: int, default: int, help: str) -> Field:
    """An integer of at least `least`."""
    return setting(default, help, f"an integer of at least {least}", lambda x: x >= least)


def fraction(default: float, help: str) -> Field:
    """A number from 0 to 1."""
    return setting(default, help, "from 0 to 1", lambda x: 0 <= x <= 1)


def share(default: float, help: str) -> Field:
    """A number above 0, and at most 1."""
    return setting(default, help, "above 0 and at most 1", lambda x: 0 < x <= 1)


def switch(default: bool, help: str) -> Field:
    """True or false."""
    return setting(default, help, "true or false", lambda x: isinstance(x, bool))


def part(default: Callable, help: str) -> Field:
    """A function that an algorithm is made of; it is handed in from Python and saved by name."""
    return field(default=default, metadata={"help": help, "part": True}, compare=False, repr=False)


@dataclass(frozen=True)
class Options:
    """A dataclass of settings; raises UsageError, naming the setting, for an impossible value."""

    def __post_init__(self):
        for option in fields(self):
            if "part" in option.metadata and not callable(getattr(self, option.name)):
                raise UsageError(f"{option.name} must be a function: {option.metadata['help']}.")
        types = get_type_hints(type(self))
        for option in settings_of(type(self)):
            kind, given = types[option.name], getattr(self, option.name)
            value = _plain(kind, given)
            object.__setattr__(self, option.name, value)
            if not _possible(option, kind, value):
                raise UsageError(
                    f"{option.name} = {shown(given)} is not possible: "
                    f"it must be {option.metadata['allowed']}."
                )


def integer(name: str, value: object, least: int) -> int:
    """The value as an int; raises UsageError unless it is an integer of at least `least`."""
    if not is_whole(value, least):
        raise UsageError(
            f"{name} = {shown(value)} is not possible: it must be an integer of at least {least}."
        )
    return int(value)


def settings_of(kind: type) -> list[Field]:
    """The fields of an Options class that a command line or a file can hold: all but the parts."""
    return [option for option in fields(kind) if "check" in option.metadata]


def values_of(options: object) -> dict:
    """The settings of an Options object by name."""
    return {option.name: getattr(options, option.name) for option in settings_of(type(options))}


def given_or_default(given: object, kind: type, name: str) -> Options:
    """The settings that were given, or their kind's defaults where none were; raises UsageError
    where they are of another kind."""
    if given is not None and not isinstance(given, kind):
        raise UsageError(f"{name} = {given!r} is not possible: give a {kind.__name__}(...).")
    return kind() if given is None else given


def _plain(kind: type, value: object) -> object:
    """A number as Python's own of this kind, and a list or an array as a tuple of such."""
    value = alone(value)
    if isinstance(value, list) or (isinstance(value, np.ndarray) and value.ndim == 1):
        value = tuple(value)
    if isinstance(value, tuple):
        return tuple(_plain(int, x) for x in value)
    if kind is float and isinstance(value, int | np.integer | np.floating):
        try:
            return value if isinstance(value, bool) else float(value)
        except OverflowError:  # an integer beyond all of them, which is refused
            return value
    return value.item() if kind in (int, bool) and isinstance(value, np.generic) else value


def _possible(option: Field, kind: type, value: object) -> bool:
    if kind in (int, float) and isinstance(value, bool):
        return False
    if kind in (int, float, str) and not isinstance(value, kind):
        return False
    try:
        return bool(option.metadata["check"](value))
    except (TypeError, OverflowError):  # not even a number
        return False
