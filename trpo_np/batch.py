"""A batch: what an update learns from."""

from dataclasses import dataclass

import numpy as np

from trpo_np.checked import numbers
from trpo_np.errors import UsageError

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Batch:
    """N samples of states and actions under the policy that acted; lists become arrays."""

    observations: Array  #: (N, D), as the policy saw them
    actions: Array  #: (N, ...), as `Policy.sample` gave them
    advantages: Array  #: (N,)
    log_probs: Array  #: (N,), log π_old(a|s)

    def __post_init__(self):
        for name, x in vars(self).items():
            object.__setattr__(self, name, numbers(x, name))

    def __len__(self) -> int:
        return len(self.observations)

    def checked(self) -> "Batch":
        """The batch itself; raises UsageError where it is empty or its shapes do not agree."""
        N = len(self)
        if N == 0:
            raise UsageError("The batch is empty: an update needs at least one sample.")
        shapes = self.log_probs.shape, self.advantages.shape
        if shapes != ((N,), (N,)):
            raise UsageError(
                f"log_probs and advantages must have the shape ({N},), one number for each of the "
                f"{N} observations, but have {shapes[0]} and {shapes[1]}."
            )
        if self.actions.shape[:1] != (N,):
            raise UsageError(
                f"There are {N} observations, and actions of the shape {self.actions.shape}."
            )
        return self

    def rows(self, index: Array) -> "Batch":
        """The samples with these numbers, as a batch."""
        return Batch(*(array[index] for array in vars(self).values()))
