"""Updates: how theta moves on a batch, one file an algorithm, one interface for all.

To add one: a frozen dataclass of its settings that can be called as `Update` says, in a file of its
own, and a line in ALGORITHMS. `train`, the command line, run folders and tables learn its options
and its report's columns from the dataclasses; tests/test_updates.py and tests/test_train.py test
whatever stands here. Step by step: notebooks/README.md, "How to add".
"""

from typing import Protocol

import numpy as np

from trpo_np.batch import Batch
from trpo_np.policy import Policy
from trpo_np.updates.natural_gradient import NaturalGradient
from trpo_np.updates.policy_gradient import PolicyGradient
from trpo_np.updates.ppo import PPO
from trpo_np.updates.trpo import TRPO


class Update(Protocol):
    """What `train` calls once an iteration.

    The report is a dataclass; its numbers and words become columns. A report with an attribute
    `state` that is not None has it handed on to the next call, as the keyword `state`: that is how
    an optimizer carries its moments from batch to batch.
    """

    def __call__(
        self, policy: Policy, theta: np.ndarray, batch: Batch, rng: np.random.Generator
    ) -> tuple[np.ndarray, object]:
        """The new theta (P,), in an array of its own or the old one itself, and a report."""


ALGORITHMS: dict[str, type] = {
    "trpo": TRPO,
    "natural-gradient": NaturalGradient,
    "policy-gradient": PolicyGradient,
    "ppo": PPO,
}
