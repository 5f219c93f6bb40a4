"""The training loop: sample, estimate advantages, update the policy, fit the value function."""

from collections.abc import Callable
from time import perf_counter

import numpy as np
from gymnasium.vector import VectorEnv

from trpo_np.errors import UsageError
from trpo_np.fast import fast_network
from trpo_np.mlp import MLP
from trpo_np.policy import Policy
from trpo_np.spaces import make_policy, observation_size
from trpo_np.training.agent_file import MakePolicy
from trpo_np.training.environments import Makes, Source, source
from trpo_np.training.estimates import make_batch
from trpo_np.training.normalizer import Normalizer
from trpo_np.training.result import Row, Speed, TrainResult
from trpo_np.training.rollout import Sampler
from trpo_np.training.settings import Settings
from trpo_np.updates import TRPO, Update
from trpo_np.updates.options import given_or_default, integer
from trpo_np.updates.reports import array_of, columns
from trpo_np.value import ValueFunction, explained_variance

RECENT = 20  #: the reported mean return is over as many of the newest episodes,
SOLVED_EPISODES = 100  #: and "solved" is judged on as many fresh ones


def train(
    env: Makes,
    update: Update | None = None,
    total_steps: int = 100_000,
    seed: int = 0,
    settings: Settings | None = None,
    *,
    env_arguments: dict | None = None,
    make_policy: MakePolicy = make_policy,
    until_solved: bool = False,
    on_iteration: Callable[[TrainResult], None] | None = None,
) -> TrainResult:
    """What training came to, its agent among it, after at most `total_steps` environment steps, by
    TRPO unless another update is given. Chapter, "TRPO Pseudocode".

    `env` is gymnasium's id of an environment or a function that makes one, called with
    `env_arguments`. With `until_solved` it stops as soon as the mean return of 100 fresh episodes
    is what the environment calls solved. `on_iteration` is called after every iteration with the
    result so far, which is one object, brought up to date each time.
    Raises UsageError for input that cannot work.
    """
    made_from, update = source(env, env_arguments), TRPO() if update is None else update
    settings = given_or_default(settings, Settings, "settings")
    if isinstance(update, type) or not callable(update):
        raise UsageError(f"update = {update!r} is not possible: give an object of it, as TRPO().")
    goal = made_from.solved_return() if until_solved else np.inf
    steps_a_batch = settings.num_envs * settings.steps_per_env
    total_steps = integer("total_steps", total_steps, steps_a_batch)  # at least one batch
    seed = integer("seed", seed, 0)
    rng = np.random.default_rng(seed)
    envs = made_from.many(settings.num_envs)
    try:
        result = _untrained(made_from, seed, update, settings, make_policy, envs, rng)
        sampler = Sampler(envs, seed=int(rng.integers(2**31)))
        while sampler.steps + steps_a_batch <= total_steps and not result.solved:
            _iterate(result, sampler, rng)
            result.solved = result.history[-1].mean_return >= goal and _reaches(goal, result)
            if on_iteration:
                on_iteration(result)
    finally:
        envs.close()
    return result


def _untrained(
    env: Source,
    seed: int,
    update: Update,
    settings: Settings,
    make_policy: MakePolicy,
    envs: VectorEnv,
    rng: np.random.Generator,
) -> TrainResult:
    observations, actions = envs.single_observation_space, envs.single_action_space
    policy = make_policy(observations, actions, settings.hidden)
    if not isinstance(policy, Policy):
        raise UsageError(f"make_policy gave {policy!r}: it must give a Policy.")
    sizes = (observation_size(observations), *settings.hidden, 1)
    value = ValueFunction(fast_network(MLP(sizes)))
    return TrainResult(
        env=env,
        seed=seed,
        update=update,
        settings=settings,
        policy=policy,
        theta=policy.init(rng).astype(settings.precision),
        normalizer=Normalizer.fresh(
            observations, settings.normalize_observations, settings.precision
        ),
        value=value,
        w=value.init(rng).astype(settings.precision),
    )


def _iterate(result: TrainResult, sampler: Sampler, rng: np.random.Generator) -> None:
    """One turn of the pseudocode's loop; `result` is brought up to date."""
    c, policy, theta, value = result.settings, result.policy, result.theta, result.value
    started = perf_counter()

    # Collect trajectories using π_θ
    rollout = sampler.collect(policy, theta, result.normalizer, rng, c.steps_per_env)
    sampled = perf_counter()

    # Compute advantages (GAE)
    batch, values, targets = make_batch(rollout, value, result.w, c)

    # Compute policy gradient, search direction, max step size; backtracking line search
    carried = {} if result.state is None else {"state": result.state}
    theta_new, report = _answer(result.update(policy, theta, batch, rng, **carried), theta)

    # Update value function (separate optimizer)
    how = c.value_iterations, c.value_cg_iterations, c.value_damping, c.value_fraction
    w_new, fit = value.fit(result.w, batch.observations, targets, *how, rng)

    normalizer = result.normalizer.updated(rollout.raw_observations[:-1][rollout.valid])
    updated = perf_counter()

    # All changes at once and only here: the normalizer stays within a batch, and a run that is
    # interrupted before has the state that its last row describes.
    result.theta, result.w, result.normalizer = theta_new, w_new, normalizer
    result.report, result.state = report, getattr(report, "state", None)
    result.speeds.append(Speed(len(batch) / (sampled - started), len(batch) / (updated - sampled)))
    returns, lengths = np.array(sampler.finished[-RECENT:] or [(np.nan, np.nan)]).T
    before = {
        "iteration": len(result.history) + 1,
        "steps": sampler.steps,
        "episodes": len(sampler.finished),
        "mean_return": float(returns.mean()),
        "mean_length": float(lengths.mean()),
    }
    behind = {
        "accepted": bool(getattr(report, "accepted", True)),
        "entropy": float(np.mean(rollout.entropies[rollout.valid])),
        "explained_variance": explained_variance(values, targets),
        **{f"value_{name}": x for name, x in columns(fit).items()},
    }
    result.history.append(_row(before, columns(report), behind))


def _answer(answer: object, theta: np.ndarray) -> tuple[np.ndarray, object]:
    """What an update returned; raises UsageError unless it is a new theta and a report."""
    if not isinstance(answer, tuple) or len(answer) != 2:
        raise UsageError(
            f"The update returned {type(answer).__name__}: the new theta and a report are wanted."
        )
    return array_of(answer[0], theta), answer[1]


def _row(before: dict, own: dict, behind: dict) -> Row:
    """One row of the table; raises UsageError where the update's own columns take its names."""
    taken = set(own) & (set(before) | set(behind)) - {"accepted"}
    if taken:
        raise UsageError(
            f"The update's report has the column {min(taken)}, which every row of a run has: "
            "give it another name."
        )
    return Row(**(before | own | behind))


def _reaches(goal: float, result: TrainResult) -> bool:
    """Whether the agent's mean return over fresh episodes is at least the goal."""
    seed = int(np.random.default_rng([result.seed, len(result.history)]).integers(2**31))
    return bool(np.mean(result.agent.evaluate(SOLVED_EPISODES, seed)) >= goal)
