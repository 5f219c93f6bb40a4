"""The training loop: sample, estimate advantages, take a TRPO step, fit the value function."""

from collections.abc import Callable
from dataclasses import asdict
from time import perf_counter

import numpy as np
from gymnasium.vector import VectorEnv

from trpo_np.batch import make_batch
from trpo_np.config import TRPOConfig
from trpo_np.environments import make_environments, solved_return
from trpo_np.errors import UsageError
from trpo_np.evaluation import evaluate
from trpo_np.mlp import MLP
from trpo_np.normalizer import Normalizer
from trpo_np.policy import make_policy
from trpo_np.result import Iteration, Speed, TrainResult
from trpo_np.rollout import Sampler
from trpo_np.trpo import trpo_step
from trpo_np.value import ValueFunction, explained_variance

RECENT = 20  #: the reported mean return is over as many of the newest episodes,
SOLVED_EPISODES = 100  #: and "solved" is judged on as many fresh ones


def train(
    env_id: str,
    total_steps: int = 100_000,
    seed: int = 0,
    config: TRPOConfig | None = None,
    until_solved: bool = False,
    on_iteration: Callable[[TrainResult], None] | None = None,
) -> TrainResult:
    """The agent after at most `total_steps` environment steps of TRPO. Chapter, "TRPO Pseudocode".

    With `until_solved` it stops as soon as the mean return of 100 fresh episodes is what the
    environment calls solved. `on_iteration` is called after every iteration with the result so far,
    which is one object, brought up to date each time.
    Raises UsageError for input that cannot work.
    """
    config = config or TRPOConfig()
    goal = solved_return(env_id) if until_solved else np.inf
    steps_a_batch = config.num_envs * config.steps_per_env
    if total_steps < steps_a_batch:
        raise UsageError(
            f"total_steps = {total_steps} is not possible: "
            f"it must be at least one batch, {steps_a_batch}."
        )
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise UsageError(f"seed = {seed!r} is not possible: it must be an integer of at least 0.")
    seed = int(seed)
    rng = np.random.default_rng(seed)
    envs = make_environments(env_id, config.num_envs)
    try:
        result = _untrained(env_id, seed, config, envs, rng)
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
    env_id: str, seed: int, config: TRPOConfig, envs: VectorEnv, rng: np.random.Generator
) -> TrainResult:
    policy = make_policy(envs.single_observation_space, envs.single_action_space, config.hidden)
    value = ValueFunction(MLP((*policy.network.sizes[:-1], 1)))
    return TrainResult(
        env_id=env_id,
        seed=seed,
        config=config,
        policy=policy,
        theta=policy.init(rng).astype(config.precision),
        normalizer=Normalizer.fresh(
            envs.single_observation_space, config.normalize_observations, config.precision
        ),
        value=value,
        w=value.init(rng).astype(config.precision),
    )


def _iterate(result: TrainResult, sampler: Sampler, rng: np.random.Generator) -> None:
    """One turn of the pseudocode's loop; `result` is brought up to date."""
    config, policy, theta = result.config, result.policy, result.theta
    started = perf_counter()
    # Collect trajectories using π_θ
    rollout = sampler.collect(policy, theta, result.normalizer, rng, config.steps_per_env)
    sampled = perf_counter()
    # Compute advantages (GAE)
    batch, values, targets = make_batch(rollout, result.value, result.w, config)
    # g, s, α_max and the backtracking line search
    theta_new, step = trpo_step(policy, theta, batch, config)
    # Update value function (separate optimizer)
    w_new = result.value.fit(
        result.w,
        batch.observations,
        targets,
        config.value_iterations,
        config.value_cg_iterations,
        config.value_damping,
    )
    normalizer = result.normalizer.updated(rollout.raw_observations[:-1][rollout.valid])
    updated = perf_counter()

    N = len(targets)
    # All changes at once and only here: the normalizer stays within a batch, and a run that is
    # interrupted before has the state that its last row describes.
    result.theta, result.w, result.normalizer = theta_new, w_new, normalizer
    entropies = policy.distribution.entropy(policy.bind(theta)(batch.observations))
    returns, lengths = np.array(sampler.finished[-RECENT:] or [(np.nan, np.nan)]).T
    result.speeds.append(Speed(N / (sampled - started), N / (updated - sampled)))
    result.history.append(
        Iteration(
            iteration=len(result.history) + 1,
            steps=sampler.steps,
            episodes=len(sampler.finished),
            mean_return=float(returns.mean()),
            mean_length=float(lengths.mean()),
            accepted=step.accepted,
            entropy=float(np.mean(entropies)),
            explained_variance=explained_variance(values, targets),
            **asdict(step),
        )
    )


def _reaches(goal: float, result: TrainResult) -> bool:
    """Whether the agent's mean return over fresh episodes is at least the goal."""
    agent = result.policy, result.theta, result.normalizer, result.env_id
    seed = int(np.random.default_rng([result.seed, len(result.history)]).integers(2**31))
    return bool(np.mean(evaluate(*agent, SOLVED_EPISODES, seed)) >= goal)
