"""What a training run gives: the agent, and a record of every iteration."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from trpo_np.policy import Policy
from trpo_np.training.agent import Agent
from trpo_np.training.environments import Source
from trpo_np.training.normalizer import Normalizer
from trpo_np.training.position import Position
from trpo_np.training.settings import Settings
from trpo_np.updates import Update
from trpo_np.value import ValueFunction

#: What one iteration did, read as row.steps, row.kl and so on. Every row has
#:   iteration            counted from 1
#:   steps, episodes      environment steps so far, episodes finished so far
#:   mean_return          undiscounted, over the newest episodes; NaN before the first has ended
#:   mean_length          in steps, over the same
#:   return_age           steps since the batch in which the newest of them ended; 0 in that batch
#:   entropy              of the policy that acted, nats, mean over the batch
#:   explained_variance   of the value function, before it was fitted to this batch
#:   value_status, value_error_before, value_error_after, value_iterations   of its fit
#: and the columns of the update's own report: status, accepted, kl, improvement, ...
Row = SimpleNamespace
#: A learning curve: environment steps and mean return of the episodes that were the newest then.
Points = list[tuple[int, float]]


def points_of(history: Sequence[Row]) -> Points:
    """A run's learning curve, from the first finished episode on."""
    return [(row.steps, row.mean_return) for row in history if np.isfinite(row.mean_return)]


class Speed(NamedTuple):
    """Environment steps a second, in one iteration."""

    sampling: float
    updating: float


@dataclass(eq=False)
class TrainResult:
    """A trained agent and how it came about; `agent` acts, is evaluated and saved."""

    env: Source
    seed: int
    update: Update
    settings: Settings
    policy: Policy
    theta: np.ndarray
    normalizer: Normalizer
    value: ValueFunction
    w: np.ndarray  #: parameters of the value function
    rng: dict  #: the state of training's random generator
    env_seed: int  #: environment e was first reset with env_seed + e
    total_steps: int  #: after which training ends
    until_solved: bool = False  #: or once the environment counts as solved
    position: Position | None = None  #: where the environments stand, once they have been stepped
    state: object = None  #: what the update carries from batch to batch
    report: object = None  #: the update's last one
    history: list[Row] = field(default_factory=list)
    speeds: list[Speed] = field(default_factory=list)  #: one for each entry of `history`
    solved: bool = False  #: set only where the run was asked to stop once solved

    @property
    def agent(self) -> Agent:
        """The agent as it is now."""
        return Agent(self.policy, self.theta, self.normalizer, self.env)
