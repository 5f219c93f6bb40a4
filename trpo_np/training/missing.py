"""One clear sentence where an environment cannot be made."""

from collections.abc import Callable
from difflib import get_close_matches

import gymnasium

from trpo_np.errors import UsageError

#: Which extra of gymnasium an environment's module needs, to run or to draw.
_EXTRAS = {
    "classic_control": "classic-control",
    "toy_text": "toy-text",
    "mujoco": "mujoco",
    "box2d": "box2d",
    "phys2d": "jax",
    "tabular": "jax",
}


def made(make: Callable[[], object], name: str, env_id: str | None, arguments: dict):
    """What `make` gives; raises UsageError where gymnasium or the environment `name` cannot make it
    of these arguments. What a function of one's own raises (no id) is shown as it is."""
    try:
        return make()
    except UsageError:
        raise
    except (gymnasium.error.DependencyNotInstalled, ImportError) as error:
        raise UsageError(missing_package(name, error)) from error
    except gymnasium.error.Error as error:
        raise UsageError(unknown(name, error)) from error
    except MemoryError as error:
        raise UsageError(
            f"There is not enough memory to make {name} so often ({error}): take fewer "
            "environments, by num_envs or episodes."
        ) from error
    except (Exception, SystemExit) as error:
        said = f"{type(error).__name__}: {error}"
        if isinstance(error, TypeError) and "argument" in said:
            raise UsageError(f"{name} does not take these arguments: {error}.") from error
        if isinstance(error, KeyError | ValueError | TypeError) and arguments:
            raise UsageError(
                f"{name} cannot be made with the arguments {arguments}: {said}."
            ) from error
        if env_id is None:
            raise
        raise UsageError(f"{name} cannot be made ({said}): mend the environment.") from error


def check_form(env_id: str) -> None:
    """Raises UsageError where the id has not the form of one."""
    module, colon, name = env_id.rpartition(":")
    importable = all(part.isidentifier() for part in module.split("."))
    if not name.strip() or (colon and not importable):
        raise UsageError(
            f"There is no environment {env_id!r}: write an id as CartPole-v1, "
            "with the module that registers it in front where it needs one, as module:Name-v0."
        )


def missing_package(name: str, error: Exception) -> str:
    """What to say, and to install, where the environment `name` lacks a package."""
    spec = gymnasium.registry.get(name)
    module = str(spec.entry_point) if spec else ""
    for part, extra in _EXTRAS.items():
        if f".{part}." in module:
            line = f'pip install "gymnasium[{extra}]=={gymnasium.__version__}"'
            return f"{name} needs packages that are not installed: run {line}"
    return f"{name} needs a package that is not installed: {error}"


def unknown(name: str, error: Exception) -> str:
    """What to say where gymnasium knows no environment of this name."""
    near = get_close_matches(name, gymnasium.registry, n=3, cutoff=0.6)
    reason = f"did you mean {' or '.join(near)}?" if near else error
    return f"There is no environment {name!r}: {reason}"
