"""An agent as one file, or as a part of a run's checkpoint, which has the same names."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import gymnasium
import numpy as np

from trpo_np.errors import UsageError
from trpo_np.policy import Policy
from trpo_np.spaces import make_policy
from trpo_np.training.archive import Archive, opened, write_archive
from trpo_np.training.config import plain_arguments
from trpo_np.training.environments import Makes, Source, source
from trpo_np.training.normalizer import Normalizer

Array = np.ndarray
CHECKPOINT = "training.npz"  #: the file of a run's folder that holds all of the run
#: How a policy is made for two spaces and the widths of the hidden layers.
MakePolicy = Callable[[gymnasium.Space, gymnasium.Space, tuple[int, ...]], Policy]


def file_of(path: Path) -> Path:
    """The file itself, or the checkpoint of a run's folder."""
    return path / CHECKPOINT if path.is_dir() else path


def write_agent(
    path: Path, policy: Policy, theta: Array, normalizer: Normalizer, env: Source
) -> None:
    """Writes the parts of an agent, complete or not at all."""
    write_archive(path, about_agent(policy, normalizer, env), agent_arrays(theta, normalizer))


def about_agent(policy: Policy, normalizer: Normalizer, env: Source) -> dict:
    """What an agent's arrays belong to, as JSON can hold it."""
    return {
        "env": env.id,
        "arguments": plain_arguments(env),
        "made_of": _made_of(policy),
        "hidden": getattr(policy.network, "sizes", ())[1:-1],
        "running": normalizer.running,
        "precision": normalizer.precision,
    }


def agent_arrays(theta: Array, normalizer: Normalizer) -> dict[str, Array]:
    """An agent's arrays by name."""
    mean, variance = normalizer.mean, normalizer.variance
    return {
        "theta": theta,
        "mean": mean,
        "variance": variance,
        "count": np.array(float(normalizer.count)),
    }


def read_agent(
    path: Path,
    env: Makes | None = None,
    make_policy: MakePolicy = make_policy,
    trust: bool = False,
    step_seconds: float | None = None,
) -> tuple[Policy, Array, Normalizer, Source]:
    """The parts of an agent; raises UsageError where the file is missing or damaged, or where the
    environment is needed and not given, or not to be trusted."""
    with reading(path) as archive:
        return agent_in(archive, path, env, make_policy, trust, step_seconds)


@contextmanager
def reading(path: Path) -> Iterator[Archive]:
    """The file, open for reading; raises UsageError, with the reason, where that goes wrong."""
    try:
        with opened(path) as archive:
            yield archive
    except UsageError:
        raise
    except FileNotFoundError:
        raise UsageError(f"There is no agent {path}: check the path, or train one first.") from None
    except Exception as error:  # whatever a damaged file makes its reader raise
        raise UsageError(
            f"{path} is damaged ({error}): train again, or restore the file."
        ) from error


def agent_in(
    archive: Archive,
    path: Path,
    env: object,
    make_policy: MakePolicy,
    trust: bool,
    step_seconds: float | None,
) -> tuple[Policy, Array, Normalizer, Source]:
    """The parts of the agent in an open file."""
    about = archive.about
    hidden, running, precision = about["hidden"], about["running"], about["precision"]
    widths = all(type(n) is int and n >= 1 for n in hidden)
    if not widths or type(running) is not bool or precision not in ("float32", "float64"):
        raise ValueError("hidden, running or precision is not possible")
    if env is None:
        made_for = _named(about, path, trust)
    else:  # a function that is given again takes the arguments that it took
        made_for = source(env, about["arguments"] if about["env"] is None else None)
    made_for = source(made_for, step_seconds=step_seconds)
    observations, actions = made_for.spaces()
    policy = make_policy(observations, actions, tuple(hidden))
    P = policy.num_parameters
    if env is not None and archive.shape("theta") != (P,):
        raise UsageError(
            f"The agent in {path} does not fit {made_for.name}: it has parameters of the shape "
            f"{archive.shape('theta')}, and ({P},) would be needed there."
        )
    if _made_of(policy) != about["made_of"]:
        raise UsageError(
            f"The agent in {path} was made of {about['made_of']}, and this policy is of "
            f"{_made_of(policy)}: give the function that made it, as "
            "Agent.load(path, make_policy=...)."
        )
    fresh = Normalizer.fresh(observations, running, precision)
    D = len(fresh.mean)
    theta = archive.array("theta", (policy.num_parameters,))
    mean, variance = archive.array("mean", (D,)), archive.array("variance", (D,))
    count = float(archive.array("count", ()))
    if (variance < 0).any() or count < 0:
        raise ValueError("variance or count is below 0")
    return policy, theta, replace(fresh, mean=mean, variance=variance, count=count), made_for


def _named(about: dict, path: Path, trust: bool) -> Source:
    """The environment that a file names. The module of an id such as module:Name-v0 is imported
    only where the file is trusted: it may be any code, also one that came with the file."""
    env_id, arguments = about["env"], about["arguments"]
    if env_id is None:
        raise UsageError(
            f"The agent in {path} was made for an environment that a function makes: "
            "give that function, as Agent.load(path, env=...)."
        )
    if not isinstance(env_id, str) or not isinstance(arguments, dict):
        raise ValueError("env or its arguments are not possible")
    if ":" in env_id and not trust:
        raise UsageError(
            f"{path} names the environment {env_id}, whose module would be imported, and so run: "
            "if you trust whoever made this file, say so by --trust, in Python by trust=True."
        )
    return source(env_id, arguments)


def _made_of(policy: Policy) -> str:
    """The kinds of its network and of its distribution."""
    return f"{type(policy.network).__name__} and {type(policy.distribution).__name__}"
