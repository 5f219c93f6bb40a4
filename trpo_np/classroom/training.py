"""The training loop around an update of one's own, before notebook 10 opens it up."""

from collections.abc import Callable

import numpy as np

from trpo_np.batch import make_batch
from trpo_np.config import TRPOConfig
from trpo_np.environments import make_environments
from trpo_np.mlp import MLP
from trpo_np.normalizer import Normalizer
from trpo_np.objectives import mean_kl
from trpo_np.policy import make_policy
from trpo_np.rollout import Sampler
from trpo_np.train import RECENT
from trpo_np.value import ValueFunction


def training(
    step: Callable, config: TRPOConfig, updates: int, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """The mean KL of every update on CartPole-v1, in nats, and the mean return of recent episodes
    after it, both (updates,), where step(policy, theta, batch, config) gives the new theta."""
    rng = np.random.default_rng(seed)
    envs = make_environments("CartPole-v1", config.num_envs)
    policy = make_policy(envs.single_observation_space, envs.single_action_space)
    value = ValueFunction(MLP((*policy.network.sizes[:-1], 1)))
    theta, w = policy.init(rng), value.init(rng)
    normalizer = Normalizer.fresh(envs.single_observation_space)
    sampler, kls, returns = Sampler(envs, seed), [], []
    for _ in range(updates):
        rollout = sampler.collect(policy, theta, normalizer, rng, config.steps_per_env)
        batch, _, targets = make_batch(rollout, value, w, config)
        theta_new = step(policy, theta, batch, config)
        kls.append(mean_kl(policy, theta, theta_new, batch.observations))
        w = value.fit(w, batch.observations, targets)
        normalizer = normalizer.updated(rollout.raw_observations[:-1][rollout.valid])
        theta = theta_new
        returns.append(np.mean([total for total, _ in sampler.finished[-RECENT:]]))
    envs.close()
    return np.array(kls), np.array(returns)
