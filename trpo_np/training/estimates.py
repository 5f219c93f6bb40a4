"""From a rollout to a batch: values, advantages, targets."""

import numpy as np

from trpo_np.advantages import generalized_advantages
from trpo_np.batch import Batch
from trpo_np.training.rollout import Rollout
from trpo_np.training.settings import Settings
from trpo_np.value import ValueFunction

Array = np.ndarray


def make_batch(
    rollout: Rollout, value: ValueFunction, w: Array, settings: Settings
) -> tuple[Batch, Array, Array]:
    """The rollout's valid steps with their advantages, their values (N,), and the value function's
    targets (N,): the λ-returns A + V, in units of reward."""
    values = value.predict(w, rollout.observations)  # (T + 1, E)
    advantages = generalized_advantages(
        rollout.rewards,
        values[:-1],
        values[1:],  # row t + 1 is the true next observation, also where the episode ended
        rollout.terminated,
        rollout.ended,
        settings.gamma,
        settings.lam,
    )
    valid = rollout.valid
    A, V = advantages[valid], values[:-1][valid]
    targets = A + V
    if settings.normalize_advantages:
        A = (A - A.mean()) / (A.std() + 1e-8)
    with np.errstate(over="ignore"):  # what float32 cannot hold is infinite: no step is made of it
        A = A.astype(settings.precision, copy=False)
    batch = Batch(
        rollout.observations[:-1][valid],
        rollout.actions[valid],
        A,
        rollout.log_probs[valid],
    )
    return batch, V, targets
