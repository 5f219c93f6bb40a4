"""Gymnasium's vector environments, and one clear sentence where one cannot be made."""

from difflib import get_close_matches

import gymnasium
import numpy as np
from gymnasium.vector import VectorEnv

from trpo_np.errors import UsageError

#: Which extra of gymnasium an environment's module needs.
_EXTRAS = {"mujoco": "mujoco", "box2d": "box2d", "phys2d": "jax", "tabular": "jax"}


def make_environments(env_id: str, num_envs: int) -> VectorEnv:
    """`num_envs` copies of the environment, stepped together, in next-step autoreset mode.

    The step after an episode's end only resets (its reward is 0 and its action is ignored), so the
    observation at the end is the true final one. Raises UsageError for an environment that does
    not exist or lacks a package.
    """
    return _explained(env_id, lambda: gymnasium.make_vec(env_id, num_envs=num_envs))


def make_environment(env_id: str, **options) -> gymnasium.Env:
    """One environment, with gymnasium's options for it. Raises as `make_environments` does."""
    return _explained(env_id, lambda: gymnasium.make(env_id, **options))


def solved_return(env_id: str) -> float:
    """The mean return at which the environment counts as solved, as its registration says.

    Raises UsageError where it says nothing.
    """
    threshold = _explained(env_id, lambda: gymnasium.spec(env_id)).reward_threshold
    if threshold is None:
        raise UsageError(
            f"{env_id} does not declare the return at which it is solved: "
            "leave --until-solved out, and set --total-steps."
        )
    return threshold


def clipped(actions: np.ndarray, space: gymnasium.Space) -> np.ndarray:
    """The actions as the environment accepts them: a Box's are cut off at its bounds."""
    if isinstance(space, gymnasium.spaces.Box):
        return np.clip(actions, space.low, space.high)
    return actions


def finite(observations: np.ndarray) -> np.ndarray:
    """The observations (E, D) themselves; raises UsageError if an entry is not finite."""
    if not np.isfinite(observations).all():
        e, entry = np.argwhere(~np.isfinite(observations))[0]
        raise UsageError(
            f"Entry {entry} of the observation of environment {e} is {observations[e, entry]}: "
            "mend the environment, or have it clip its observations."
        )
    return observations


def _explained(env_id, make):
    try:
        return make()
    except gymnasium.error.DependencyNotInstalled as error:
        raise UsageError(_missing_package(env_id, error)) from error
    except (gymnasium.error.UnregisteredEnv, gymnasium.error.Error) as error:
        raise UsageError(_unknown(env_id, error)) from error
    except ImportError as error:
        raise UsageError(_missing_package(env_id, error)) from error


def _unknown(env_id, error):
    near = get_close_matches(env_id, gymnasium.registry, n=3, cutoff=0.6)
    reason = f"did you mean {' or '.join(near)}?" if near else error
    return f"There is no environment {env_id!r}: {reason}"


def _missing_package(env_id, error):
    spec = gymnasium.registry.get(env_id)
    module = str(spec.entry_point) if spec else ""
    for part, extra in _EXTRAS.items():
        if f".{part}." in module:
            line = f'pip install "gymnasium[{extra}]=={gymnasium.__version__}"'
            return f"{env_id} needs packages that are not installed: run {line}"
    return f"{env_id} needs a package that is not installed: {error}"
