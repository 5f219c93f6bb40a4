"""What a training run gives: the agent, and a record of every iteration."""

from dataclasses import dataclass, field

import numpy as np

from trpo_np.config import TRPOConfig
from trpo_np.normalizer import Normalizer
from trpo_np.policy import Policy
from trpo_np.value import ValueFunction


@dataclass(frozen=True)
class Iteration:
    """What one iteration of the training loop did."""

    iteration: int  #: counted from 1
    steps: int  #: environment steps so far
    episodes: int  #: finished so far
    mean_return: float  #: undiscounted, over the newest episodes; NaN before the first has ended
    mean_length: float  #: in steps, over the same
    status: str  #: of the TRPO step: "accepted", or why not
    accepted: bool
    kl: float  #: mean KL(old ‖ new), nats
    improvement: float  #: of the surrogate
    backtracks: int
    gradient_norm: float
    cg_residual: float  #: relative to the gradient
    entropy: float  #: of the policy that acted, nats, mean over the batch
    explained_variance: float  #: of the value function, before it was fitted to this batch


@dataclass(frozen=True)
class Speed:
    """Environment steps a second, in one iteration."""

    sampling: float
    updating: float


@dataclass
class TrainResult:
    """A trained agent and how it came about. It acts by policy.mode(theta, normalizer(obs))."""

    env_id: str
    seed: int
    config: TRPOConfig
    policy: Policy
    theta: np.ndarray
    normalizer: Normalizer
    value: ValueFunction
    w: np.ndarray  #: parameters of the value function
    history: list[Iteration] = field(default_factory=list)
    speeds: list[Speed] = field(default_factory=list)  #: one for each entry of `history`
    solved: bool = False  #: set only where the run was asked to stop once solved
