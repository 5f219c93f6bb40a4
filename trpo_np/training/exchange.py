"""What goes to environments and comes from them, and one clear sentence where it cannot be so."""

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv

from trpo_np.errors import UsageError, shown

Array = np.ndarray
#: A number beyond has no variance that a computer could hold. No Python float, which NumPy would
#: round to the other's precision in comparisons.
LARGEST = np.float64(1e100)


def checked_step(step: object, e: int, space: gymnasium.Space) -> tuple:
    """What environment number e answered to a step; raises UsageError unless it is five values, its
    observation one of the space's shape, its reward one number, and its ends true or false."""
    if not isinstance(step, tuple | list) or len(step) != 5:
        raise UsageError(
            f"The step of environment {e} gave {shown(step)}: it must give observation, "
            "reward, terminated, truncated and info."
        )
    checked_observation(step[0], e, space)
    if not isinstance(step[1], float) and not _is_number(step[1]):
        raise UsageError(
            f"The reward of environment {e} is {shown(step[1])}: it must be one number, "
            "as float(reward) is."
        )
    for name, over in zip(("terminated", "truncated"), step[2:4], strict=True):
        if not isinstance(over, bool) and not (_is_number(over) and over in (0, 1)):
            raise UsageError(
                f"{name} of environment {e} is {shown(over)}: it must be true or false."
            )
    return step


def checked_observation(seen: object, e: int, space: gymnasium.Space) -> object:
    """What environment number e showed; raises UsageError unless it is numbers in the shape of a
    Box or of a Discrete space. What other spaces hold is not looked at."""
    if not isinstance(space, gymnasium.spaces.Box | gymnasium.spaces.Discrete):
        return seen
    if isinstance(seen, np.ndarray) and seen.shape == space.shape and seen.dtype.kind in "fiub":
        return seen  # the usual case
    try:
        array = np.asarray(seen)
    except ValueError:  # rows that differ in length
        array = np.array(None)
    if array.shape != space.shape or array.dtype.kind not in "fiub":
        raise UsageError(
            f"The observation of environment {e} is {shown(seen)}, none of its space {space}: mend "
            "the environment, or its observation_space."
        )
    return seen


def _is_number(x: object) -> bool:
    return np.ndim(x) == 0 and np.asarray(x).dtype.kind in "fiub"


def next_step(envs: VectorEnv) -> VectorEnv:
    """The environments themselves; raises UsageError if they do not reset in a step of its own."""
    mode = envs.metadata.get("autoreset_mode")
    if mode is not AutoresetMode.NEXT_STEP:
        raise UsageError(f"The environments' autoreset mode is {mode}: it must be NEXT_STEP.")
    return envs


def clipped(actions: Array, space: gymnasium.Space) -> Array:
    """The actions as the environment accepts them: a Box's are cut off at its bounds. Raises
    UsageError where they are no finite numbers even so."""
    if not isinstance(space, gymnasium.spaces.Box):
        return actions
    cut = np.clip(actions, space.low, space.high)
    if not np.isfinite(cut).all():
        raise UsageError(
            f"The policy drew the action {cut[~np.isfinite(cut)][0]}: its parameters have grown "
            "too large; begin anew with smaller steps, or with smaller rewards."
        )
    return cut


def finite(observations: Array) -> Array:
    """The observations (E, D) themselves; raises UsageError if an entry is not finite, or too
    large to reckon with."""
    if np.vdot(observations, observations) <= LARGEST:  # the usual case, by one fast product
        return observations
    usable = np.abs(observations) <= LARGEST  # also false where it is no number
    if not usable.all():
        e, entry = np.argwhere(~usable)[0]
        raise UsageError(
            f"Entry {entry} of the observation of environment {e} is {observations[e, entry]}: "
            "mend the environment, or have it clip its observations."
        )
    return observations


def rewarded(rewards: Array, counts: Array) -> Array:
    """The rewards (..., E) themselves; raises UsageError if one that counts is not finite, or too
    large to reckon with."""
    if rewards.shape != counts.shape or rewards.dtype.kind not in "fiub":
        raise UsageError(
            f"The environments' rewards have the shape {rewards.shape} and the type "
            f"{rewards.dtype}: {counts.shape} is wanted, one number for each environment."
        )
    wrong = counts & ~(np.abs(rewards) <= LARGEST)
    if wrong.any():
        place = tuple(np.argwhere(wrong)[0])
        raise UsageError(
            f"The reward of environment {place[-1]} is {rewards[place]}: mend the environment, "
            "or have it clip its rewards."
        )
    return rewards
