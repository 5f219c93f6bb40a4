"""The training loop: sample, estimate advantages, update the policy, fit the value function."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np

from trpo_np.spaces import make_policy
from trpo_np.training.agent_file import MakePolicy
from trpo_np.training.answers import answered, row_of
from trpo_np.training.asking import closed
from trpo_np.training.environments import Makes, source
from trpo_np.training.estimates import make_batch
from trpo_np.training.result import Speed, TrainResult
from trpo_np.training.rollout import Rollout, Sampler
from trpo_np.training.settings import Settings
from trpo_np.training.start import new_run, resumed_run
from trpo_np.training.watch import Watch
from trpo_np.updates import Update
from trpo_np.updates.reports import columns
from trpo_np.value import explained_variance

RECENT = 20  #: the reported mean return is over as many of the newest episodes,
SOLVED_EPISODES = 100  #: and "solved" is judged on as many fresh ones


def train(
    env: Makes | None = None,
    update: Update | None = None,
    total_steps: int | None = None,
    seed: int | None = None,
    settings: Settings | None = None,
    *,
    env_arguments: dict | None = None,
    make_policy: MakePolicy = make_policy,
    until_solved: bool | None = None,
    vectorization: str = "sync",
    on_iteration: Callable[[TrainResult], None] | None = None,
    resume: TrainResult | Path | str | None = None,
    trust: bool = False,
    step_seconds: float | None = None,
) -> TrainResult:
    """What training came to, its agent among it, after at most `total_steps` environment steps
    (100,000 unless given), by TRPO unless another update is given. Chapter, "TRPO Pseudocode".

    `env` is gymnasium's id of an environment or a function that makes one, called with
    `env_arguments`. With `until_solved` it stops as soon as the mean return of 100 fresh episodes
    is what the environment calls solved. With the `vectorization` "async" each environment is
    stepped in a process of its own: the same run, faster where steps are dear. `on_iteration` is
    called after every iteration with the result so far, which is one object, brought up to date
    each time.

    `resume` is a run, its folder or its file: training goes on as if it had never stopped, to as
    many `total_steps` as are given now. What a file cannot hold, a function that makes the
    environment, an update or a policy of your own, is to be given again; `trust` is that of
    `Agent.load`.

    With `step_seconds`, an environment that takes longer to be made, reset or stepped ends the run,
    and so does a later evaluation; no file keeps that limit, and without it there is none, since a
    debugger or a suspended process looks like an environment that hangs. Raises UsageError for
    input that cannot work, and for environments that do not.
    """
    if resume is None:
        steps, solve = 100_000 if total_steps is None else total_steps, bool(until_solved)
        seed = 0 if seed is None else seed
        made_from = source(env, env_arguments, step_seconds)
        result = new_run(made_from, update, steps, seed, settings, make_policy, solve)
    else:
        given = {"seed": seed, "settings": settings, "env_arguments": env_arguments}
        how = make_policy, until_solved, trust, step_seconds
        result = resumed_run(resume, env, update, total_steps, given, *how)
    _go_on(result, vectorization, on_iteration)
    return result


def _go_on(
    result: TrainResult,
    vectorization: str,
    on_iteration: Callable[[TrainResult], None] | None,
) -> None:
    """Iterates to the run's end."""
    c, position, watch = result.settings, result.position, Watch()
    goal = result.env.solved_return() if result.until_solved else np.inf
    envs = result.env.many(c.num_envs, vectorization)
    try:
        sampler = Sampler.at(envs, position) if position else Sampler(envs, result.env_seed)
        while sampler.steps + c.num_envs * c.steps_per_env <= result.total_steps:
            if result.solved:
                break
            watch(result, _iterate(result, sampler))
            if result.until_solved and result.history[-1].mean_return >= goal:
                result.solved = _reaches(goal, result)
            if on_iteration:
                on_iteration(result)
    finally:
        closed(envs)


def _iterate(result: TrainResult, sampler: Sampler) -> Rollout:
    """One turn of the pseudocode's loop; `result` is brought up to date, and what was sampled
    returned."""
    c, policy, theta, value = result.settings, result.policy, result.theta, result.value
    rng = np.random.default_rng()
    rng.bit_generator.state = result.rng
    started = perf_counter()

    # Collect trajectories using π_θ
    correlation = c.noise_correlation if len(result.history) < c.noise_batches else 0.0
    rollout = sampler.collect(policy, theta, result.normalizer, rng, c.steps_per_env, correlation)
    sampled = perf_counter()

    # Compute advantages (GAE)
    batch, values, targets = make_batch(rollout, value, result.w, c)

    # Compute policy gradient, search direction, max step size; backtracking line search
    carried = {} if result.state is None else {"state": result.state}
    theta_new, report = answered(result.update(policy, theta, batch, rng, **carried), theta)

    # Update value function (separate optimizer)
    how = c.value_iterations, c.value_cg_iterations, c.value_damping, c.value_fraction
    w_new, fit = value.fit(result.w, batch.observations, targets, *how, rng)

    normalizer = result.normalizer.updated(rollout.raw_observations[:-1][rollout.valid])
    updated = perf_counter()

    # All changes at once and only here: the normalizer stays within a batch, and a run that is
    # interrupted before has the state that its last row describes.
    result.theta, result.w, result.normalizer = theta_new, w_new, normalizer
    result.report, result.state = report, getattr(report, "state", None)
    result.rng, result.position = rng.bit_generator.state, sampler.position
    result.speeds.append(Speed(len(batch) / (sampled - started), len(batch) / (updated - sampled)))
    returns, lengths = np.array(sampler.finished[-RECENT:] or [(np.nan, np.nan)]).T
    before = {
        "iteration": len(result.history) + 1,
        "steps": sampler.steps,
        "episodes": len(sampler.finished),
        "mean_return": float(returns.mean()),
        "mean_length": float(lengths.mean()),
        "return_age": sampler.steps - sampler.position.newest_end,
    }
    behind = {
        "accepted": bool(getattr(report, "accepted", True)),
        "entropy": float(np.mean(rollout.entropies[rollout.valid])),
        "explained_variance": explained_variance(values, targets),
        **{f"value_{name}": x for name, x in columns(fit).items()},
    }
    result.history.append(row_of(before, columns(report), behind))
    return rollout


def _reaches(goal: float, result: TrainResult) -> bool:
    """Whether the agent's mean return over fresh episodes is at least the goal."""
    seed = int(np.random.default_rng([result.seed, len(result.history)]).integers(2**31))
    return bool(np.mean(result.agent.episodes(SOLVED_EPISODES, seed).returns) >= goal)
