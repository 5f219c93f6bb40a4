"""Training by an update of one's own, before notebook 10 opens the loop up."""

from collections.abc import Callable

import numpy as np

from trpo_np.batch import Batch
from trpo_np.objectives import mean_kl
from trpo_np.policy import Policy
from trpo_np.training.settings import Settings
from trpo_np.training.train import train
from trpo_np.updates import Update
from trpo_np.updates.reports import StepReport

Array = np.ndarray


def as_update(step: Callable[[Policy, Array, Batch], Array]) -> Update:
    """The update of a plain function step(policy, theta, batch) -> the new theta."""

    def update(policy: Policy, theta: Array, batch: Batch, rng: np.random.Generator):
        theta_new = step(policy, theta, batch)
        return theta_new, StepReport(
            kl=float(mean_kl(policy, theta, theta_new, batch.observations))
        )

    return update


def training(
    update: Update, updates: int, seed: int = 0, settings: Settings | None = None
) -> tuple[Array, Array]:
    """The mean KL of every update on CartPole-v1, in nats, and the mean return of recent episodes
    before it, both (updates,)."""
    settings = settings or Settings()
    # A batch can be a few steps short, those that only reset: the limit is for whole ones.
    steps = (updates + 1) * settings.num_envs * settings.steps_per_env
    history = train("CartPole-v1", update, steps, seed, settings).history[:updates]
    return np.array([row.kl for row in history]), np.array([row.mean_return for row in history])
