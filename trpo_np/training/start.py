"""How a run begins: from nothing, or from where another stopped."""

from collections.abc import Callable
from dataclasses import replace
from os import PathLike
from pathlib import Path

import numpy as np
from gymnasium import spaces

from trpo_np.checked import is_whole
from trpo_np.distributions import DiagonalGaussian
from trpo_np.errors import UsageError, shown
from trpo_np.fast import fast_network
from trpo_np.mlp import MLP
from trpo_np.policy import Policy
from trpo_np.spaces import noise_by_range, observation_size
from trpo_np.training.agent_file import MakePolicy, file_of
from trpo_np.training.checkpoint import load_checkpoint
from trpo_np.training.config import about_update, checked_seed, plain_arguments
from trpo_np.training.environments import Source, source
from trpo_np.training.normalizer import Normalizer
from trpo_np.training.result import TrainResult
from trpo_np.training.settings import Settings
from trpo_np.updates import TRPO, Update
from trpo_np.updates.options import given_or_default, integer
from trpo_np.value import ValueFunction


def new_run(
    made_from: Source,
    update: Update | None,
    total_steps: int,
    seed: int,
    settings: Settings | None,
    make_policy: MakePolicy,
    until_solved: bool,
) -> TrainResult:
    """A run before its first iteration; raises UsageError for input that cannot work."""
    update = TRPO() if update is None else update
    c = given_or_default(settings, Settings, "settings")
    if isinstance(update, type) or not callable(update):
        raise UsageError(f"update = {update!r} is not possible: give an object of it, as TRPO().")
    batch = c.num_envs * c.steps_per_env
    if not is_whole(total_steps, batch):
        raise UsageError(
            f"total_steps = {shown(total_steps)} is not possible: "
            f"it must be an integer of at least one batch, {batch}."
        )
    rng = np.random.default_rng(checked_seed(seed))
    observations, actions = made_from.spaces()
    policy = make_policy(observations, actions, c.hidden)
    if not isinstance(policy, Policy):
        raise UsageError(f"make_policy gave {policy!r}: it must give a Policy.")
    _checked_noise(policy, c)
    value = ValueFunction(fast_network(MLP((observation_size(observations), *c.hidden, 1))))
    return TrainResult(
        env=made_from,
        seed=int(seed),
        update=update,
        settings=c,
        policy=policy,
        theta=policy.init(rng, _first_std(policy, c)).astype(c.precision),
        normalizer=Normalizer.fresh(observations, c.normalize_observations, c.precision),
        value=value,
        w=value.init(rng).astype(c.precision),
        env_seed=int(rng.integers(2**31)),
        rng=rng.bit_generator.state,
        total_steps=int(total_steps),
        until_solved=until_solved,
    )


def _checked_noise(policy: Policy, c: Settings) -> None:
    kind = type(policy.distribution)
    box = isinstance(policy.action_space, spaces.Box)
    if c.noise_correlation and box and not issubclass(kind, DiagonalGaussian):
        raise UsageError(
            f"noise_correlation = {c.noise_correlation} is not possible: it needs a Gaussian's "
            f"noise, and the policy has a {kind.__name__}."
        )


def _first_std(policy: Policy, c: Settings) -> float | np.ndarray:
    d, space = policy.distribution.num_free, policy.action_space
    if not (c.std_by_range and d):
        return c.initial_std
    if not isinstance(space, spaces.Box) or d != np.prod(space.shape):
        raise UsageError(
            "std_by_range = True is not possible: it needs a Box of actions, and a policy with a "
            "free standard deviation for each of its entries."
        )
    return c.initial_std * noise_by_range(space)


def resumed_run(
    run: TrainResult | Path | str,
    env: str | Callable | Source | None,
    update: Update | None,
    total_steps: int | None,
    given: dict,
    make_policy: MakePolicy,
    until_solved: bool | None,
    trust: bool = False,
    step_seconds: float | None = None,
) -> TrainResult:
    """The run, its folder or its file, to go on with; what is `given` beside must be its own.

    Raises UsageError where it is not, or where the run cannot be loaded.
    """
    if isinstance(run, TrainResult):
        new_update = update or run.update
        if about_update(new_update) != about_update(run.update):
            raise UsageError("A run goes on with its own update: leave update out.")
        made_from = source(run.env if env is None else env, run.env.arguments, step_seconds)
        run = replace(run, env=made_from, update=new_update, history=list(run.history))
        run.speeds = list(run.speeds)
    else:
        if not isinstance(run, str | PathLike):
            raise UsageError(
                f"resume = {shown(run)} is not possible: give a run, its folder or its file."
            )
        run = load_checkpoint(file_of(Path(run)), env, update, make_policy, trust, step_seconds)
    own = {"seed": run.seed, "settings": run.settings, "env_arguments": plain_arguments(run.env)}
    if given["env_arguments"] is not None:
        again = plain_arguments(source(run.env.env, given["env_arguments"]))
        given = given | {"env_arguments": again}
    for name, value in given.items():
        if value is not None and value != own[name]:
            raise UsageError(
                f"{name} = {value!r} is not possible: the run to resume has {own[name]!r}."
            )
    if total_steps is not None:
        run.total_steps = integer("total_steps", total_steps, 1)
    if until_solved is not None:
        run.until_solved, run.solved = bool(until_solved), run.solved and bool(until_solved)
    return run
