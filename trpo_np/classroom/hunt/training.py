"""Does it learn? The loop of notebook 10 around a program's update."""

from collections.abc import Callable

import numpy as np

from trpo_np.batch import Batch
from trpo_np.classroom.hunt.program import Program
from trpo_np.mlp import MLP
from trpo_np.objectives import mean_kl, policy_gradient, surrogate
from trpo_np.policy import Policy
from trpo_np.spaces import make_policy
from trpo_np.training.environments import source
from trpo_np.training.normalizer import Normalizer
from trpo_np.training.rollout import Sampler
from trpo_np.value import ValueFunction

Array = np.ndarray
DELTA, DAMPING, ITERATIONS = 0.01, 0.1, 10


def update(program: Program, policy: Policy, theta: Array, batch: Batch) -> Array:
    """The parameters after one update by a program's pieces."""
    obs = batch.observations
    at = policy.linearize(theta, obs)
    metric = policy.distribution.metric(at.outputs)
    F = lambda v: program.product(at.jvp, metric, at.vjp, v)  # noqa: E731
    g = policy_gradient(policy, theta, batch)
    s = program.solve(lambda v: F(v) + DAMPING * v, g, ITERATIONS)
    alpha_max = program.length(DELTA, s @ F(s))
    L = lambda x: surrogate(policy, x, batch)  # noqa: E731
    KL = lambda x: mean_kl(policy, theta, x, obs)  # noqa: E731
    return program.search(L, KL, theta, alpha_max * s, DELTA)


def learning_curve(
    program: Program,
    env_id: str,
    updates: int,
    seed: int,
    gamma: float = 0.99,
    step: Callable = update,
    hidden: tuple[int, ...] = (32,),
) -> Array:
    """The mean return of the last 20 episodes after each batch (updates,); NaN before the first."""
    rng, envs = np.random.default_rng(seed), source(env_id).many(16)
    policy = make_policy(envs.single_observation_space, envs.single_action_space, hidden)
    value = ValueFunction(MLP((*policy.network.sizes[:-1], 1)))
    normalizer = Normalizer.fresh(envs.single_observation_space)
    theta, w, returns = policy.init(rng), value.init(rng), []
    sampler = Sampler(envs, seed=int(rng.integers(2**31)))
    for _ in range(updates):
        rollout = sampler.collect(policy, theta, normalizer, rng, 128)
        batch, targets = _batch(program, rollout, value, w, gamma)
        theta = step(program, policy, theta, batch)
        w, _ = value.fit(w, batch.observations, targets)
        normalizer = normalizer.updated(rollout.raw_observations[:-1][rollout.valid])
        recent = [total for total, _ in sampler.finished[-20:]]
        returns.append(np.mean(recent) if recent else np.nan)
    envs.close()
    return np.array(returns)


def _batch(program, rollout, value, w, gamma, lam=0.95) -> tuple[Batch, Array]:
    obs, valid = rollout.observations, rollout.valid
    V = value.predict(w, obs.reshape(-1, obs.shape[-1])).reshape(obs.shape[:2])
    ends = rollout.terminated, rollout.ended
    A = program.advantages(rollout.rewards, V[:-1], V[1:], *ends, gamma, lam)[valid]
    batch = Batch(
        obs[:-1][valid],
        rollout.actions[valid],
        program.standardise(A),
        rollout.log_probs[valid],
    )
    return batch, A + V[:-1][valid]
