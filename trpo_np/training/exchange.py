"""What goes to environments and comes from them, and one clear sentence where it cannot be so."""

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv

from trpo_np.errors import UsageError

Array = np.ndarray
#: A number beyond has no variance that a computer could hold. No Python float, which NumPy would
#: round to the other's precision in comparisons.
LARGEST = np.float64(1e100)


def next_step(envs: VectorEnv) -> VectorEnv:
    """The environments themselves; raises UsageError if they do not reset in a step of its own."""
    mode = envs.metadata.get("autoreset_mode")
    if mode is not AutoresetMode.NEXT_STEP:
        raise UsageError(f"The environments' autoreset mode is {mode}: it must be NEXT_STEP.")
    return envs


def clipped(actions: Array, space: gymnasium.Space) -> Array:
    """The actions as the environment accepts them: a Box's are cut off at its bounds."""
    if isinstance(space, gymnasium.spaces.Box):
        return np.clip(actions, space.low, space.high)
    return actions


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
