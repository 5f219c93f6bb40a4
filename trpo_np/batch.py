"""From a rollout to a batch: values, advantages, targets."""

import numpy as np

from trpo_np.advantages import generalized_advantages
from trpo_np.config import TRPOConfig
from trpo_np.objectives import Batch
from trpo_np.rollout import Rollout
from trpo_np.value import ValueFunction

Array = np.ndarray


def make_batch(
    rollout: Rollout, value: ValueFunction, w: Array, config: TRPOConfig
) -> tuple[Batch, Array, Array]:
    """The rollout's valid steps with their advantages, their values (N,), and the value function's
    targets (N,): the λ-returns A + V, in units of reward."""
    observations = rollout.observations
    values = value.predict(w, observations.reshape(-1, observations.shape[-1]))
    values = values.reshape(observations.shape[:2])  # (T + 1, E)
    advantages = generalized_advantages(
        rollout.rewards,
        values[:-1],
        values[1:],  # row t + 1 is the true next observation, also where the episode ended
        rollout.terminated,
        rollout.ended,
        config.gamma,
        config.lam,
    )
    valid = rollout.valid
    A, V = advantages[valid], values[:-1][valid]
    targets = A + V
    if config.normalize_advantages:
        A = (A - A.mean()) / (A.std() + 1e-8)
    batch = Batch(
        observations[:-1][valid],
        rollout.actions[valid],
        A.astype(config.precision, copy=False),
        rollout.log_probs[valid],
    )
    return batch, V, targets
