"""The training loop: sample, estimate advantages, update the policy, fit the value function."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np

from trpo_np.errors import UsageError
from trpo_np.spaces import make_policy
from trpo_np.training.agent_file import MakePolicy
from trpo_np.training.environments import Makes
from trpo_np.training.estimates import make_batch
from trpo_np.training.exchange import note_clipping
from trpo_np.training.result import Row, Speed, TrainResult
from trpo_np.training.rollout import Sampler
from trpo_np.training.settings import Settings
from trpo_np.training.start import new_run, resumed_run
from trpo_np.updates import Update
from trpo_np.updates.reports import array_of, columns
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
    `Agent.load`. Raises UsageError for input that cannot work.
    """
    if resume is None:
        steps, solve = 100_000 if total_steps is None else total_steps, bool(until_solved)
        seed = 0 if seed is None else seed
        result = new_run(env, update, steps, seed, settings, env_arguments, make_policy, solve)
    else:
        given = {"seed": seed, "settings": settings, "env_arguments": env_arguments}
        result = resumed_run(
            resume, env, update, total_steps, given, make_policy, until_solved, trust
        )
    _go_on(result, vectorization, on_iteration)
    return result


def _go_on(
    result: TrainResult,
    vectorization: str,
    on_iteration: Callable[[TrainResult], None] | None,
) -> None:
    """Iterates to the run's end."""
    c, position = result.settings, result.position
    goal = result.env.solved_return() if result.until_solved else np.inf
    envs = result.env.many(c.num_envs, vectorization)
    try:
        sampler = Sampler.at(envs, position) if position else Sampler(envs, result.env_seed)
        while sampler.steps + c.num_envs * c.steps_per_env <= result.total_steps:
            if result.solved:
                break
            _iterate(result, sampler)
            if result.until_solved and result.history[-1].mean_return >= goal:
                result.solved = _reaches(goal, result)
            if on_iteration:
                on_iteration(result)
    finally:
        envs.close()


def _iterate(result: TrainResult, sampler: Sampler) -> None:
    """One turn of the pseudocode's loop; `result` is brought up to date."""
    c, policy, theta, value = result.settings, result.policy, result.theta, result.value
    rng = np.random.default_rng()
    rng.bit_generator.state = result.rng
    started = perf_counter()

    # Collect trajectories using π_θ
    rollout = sampler.collect(policy, theta, result.normalizer, rng, c.steps_per_env)
    sampled = perf_counter()

    if not result.history:
        note_clipping(rollout.actions, policy.action_space)

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
    return bool(np.mean(result.agent.episodes(SOLVED_EPISODES, seed).returns) >= goal)
