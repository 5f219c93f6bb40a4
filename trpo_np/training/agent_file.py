"""An agent as one npz file, read without pickle: arrays, and JSON for what they belong to."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import gymnasium
import numpy as np

from trpo_np.errors import UsageError
from trpo_np.policy import Policy
from trpo_np.spaces import make_policy
from trpo_np.training.environments import Makes, Source, source
from trpo_np.training.files import write
from trpo_np.training.normalizer import Normalizer

Array = np.ndarray
#: How a policy is made for two spaces and the widths of the hidden layers.
MakePolicy = Callable[[gymnasium.Space, gymnasium.Space, tuple[int, ...]], Policy]


def write_agent(
    path: Path, policy: Policy, theta: Array, normalizer: Normalizer, env: Source
) -> None:
    """Writes the parts of an agent, complete or not at all."""
    about = {
        "env": env.id,
        "arguments": env.arguments,
        "made_of": _made_of(policy),
        "hidden": getattr(policy.network, "sizes", ())[1:-1],
        "running": normalizer.running,
        "precision": normalizer.precision,
    }
    arrays = {
        "about": np.array(json.dumps(about)),
        "theta": theta,
        "mean": normalizer.mean,
        "variance": normalizer.variance,
        "count": np.array(normalizer.count),
    }
    write(path, lambda file: np.savez(file, **arrays))


def read_agent(
    path: Path, env: Makes | None = None, make_policy: MakePolicy = make_policy
) -> tuple[Policy, Array, Normalizer, Source]:
    """The parts of an agent; raises UsageError where the file is missing or damaged, or where the
    environment is needed and not given."""
    if not path.exists():
        raise UsageError(f"There is no agent {path}: check the path, or train one first.")
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in ("theta", "mean", "variance", "count")}
            about = json.loads(str(file["about"]))
        hidden, precision = tuple(about["hidden"]), str(about["precision"])
        made_of = str(about["made_of"])
        running, arguments, env_id = bool(about["running"]), about["arguments"], about["env"]
    except Exception as error:  # whatever a damaged file makes its reader raise
        raise UsageError(
            f"The agent in {path} is damaged ({error}): train again, or restore the file."
        ) from error
    if env is None and env_id is None:
        raise UsageError(
            f"The agent in {path} was made for an environment that a function makes: "
            "give that function, as Agent.load(path, env=...)."
        )
    made_for = source(env_id, arguments) if env is None else source(env)
    observations, actions = made_for.spaces()
    policy = make_policy(observations, actions, hidden)
    P = arrays["theta"].size
    if env is not None and policy.num_parameters != P:
        raise UsageError(
            f"The agent in {path} does not fit {made_for.name}: it has {P} parameters, and "
            f"{policy.num_parameters} would be needed there."
        )
    if _made_of(policy) != made_of:
        raise UsageError(
            f"The agent in {path} was made of {made_of}, and this policy is of {_made_of(policy)}: "
            "give the function that made it, as Agent.load(path, make_policy=...)."
        )
    fresh = Normalizer.fresh(observations, running, precision)
    _check(path, arrays, policy.num_parameters, len(fresh.mean))
    known = {"mean": arrays["mean"], "variance": arrays["variance"]}
    return policy, arrays["theta"], replace(fresh, **known, count=float(arrays["count"])), made_for


def _made_of(policy: Policy) -> str:
    """The kinds of its network and of its distribution."""
    return f"{type(policy.network).__name__} and {type(policy.distribution).__name__}"


def _check(path: Path, arrays: dict[str, Array], P: int, D: int) -> None:
    shapes = {"theta": (P,), "mean": (D,), "variance": (D,), "count": ()}
    least = {"theta": -np.inf, "mean": -np.inf, "variance": 0.0, "count": 0.0}
    for name, shape in shapes.items():
        array = arrays[name]
        numbers = array.shape == shape and np.issubdtype(array.dtype, np.floating)
        if not numbers or not np.isfinite(array).all() or (array < least[name]).any():
            raise UsageError(
                f"The agent in {path} is damaged: {name} should be finite numbers of the shape "
                f"{shape}. Train again, or restore the file."
            )
