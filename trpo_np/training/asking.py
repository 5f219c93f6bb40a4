"""What environments are asked to do: it comes back with an answer, or with one clear sentence."""

from collections.abc import Callable
from functools import partial

import gymnasium
import numpy as np
from gymnasium.vector import VectorEnv

from trpo_np.errors import UsageError
from trpo_np.limits import TimeIsUp, by_alarm, has_alarm
from trpo_np.training.notes import note

Array = np.ndarray
_ASKED = ("reset", "step", "render", "close", "call")


def stepped(envs: VectorEnv, actions: Array) -> tuple:
    """The environments' step; raises UsageError where it raises anything."""
    try:
        return envs.step(actions)
    except (Exception, SystemExit) as error:
        raise _told("step", error) from error


def begun(env: gymnasium.Env | VectorEnv, seed: int) -> Array:
    """The observation of a reset with this seed; raises UsageError where it raises anything."""
    try:
        return env.reset(seed=seed)[0]
    except (Exception, SystemExit) as error:
        raise _told("reset", error) from error


def closed(envs: VectorEnv) -> None:
    """Closes the environments; warns where that raises: all that counts is over by then."""
    try:
        envs.close()
    except (Exception, SystemExit) as error:
        note(f"{_told('close', error)} What was done before is not touched by it.")


def _told(what: str, error: Exception) -> UsageError:
    if isinstance(error, UsageError):
        return error
    return UsageError(
        f"The environment's {what} raised {type(error).__name__}: {error}. Mend the environment; "
        "in Python the traceback shows where."
    )


def limited(envs: VectorEnv, seconds: float) -> VectorEnv:
    """The environments themselves; from now on whatever one of them is asked to do raises
    UsageError where it has not come back after so many seconds."""
    for env in getattr(envs, "envs", [envs]):
        for name in (name for name in _ASKED if hasattr(type(env), name)):
            what = f"The environment's {name}"
            setattr(env, name, partial(in_time, what, seconds, getattr(env, name)))
    return envs


def in_time(what: str, seconds: float, call: Callable, *arguments: object, **named: object):
    """What the call gives; raises UsageError, naming `what`, where it has not come back in time."""
    try:
        return by_alarm(seconds, lambda: call(*arguments, **named))
    except TimeIsUp as error:
        raise UsageError(
            f"{what} has not come back after {seconds:g} s: mend the environment, or give it "
            "longer by --step-seconds, in Python by step_seconds."
        ) from error


def checked_seconds(seconds: object) -> float | None:
    """The limit itself, or None where there is none, or where none can be kept, which a warning
    says; raises UsageError where it is no number of seconds."""
    if seconds is None:
        return None
    number = isinstance(seconds, int | float | np.number) and not isinstance(seconds, bool)
    if not number or not 0 < seconds < np.inf:
        raise UsageError(
            f"step_seconds = {seconds!r} is not possible: it must be finite and above 0, or None."
        )
    if not has_alarm():
        note(
            "No limit of time is kept for the environment here: that takes the main thread of a "
            "system with alarms (SIGALRM), such as Linux or macOS."
        )
        return None
    return float(seconds)
