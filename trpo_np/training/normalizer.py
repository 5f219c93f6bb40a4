"""Observations as the networks want them: flat, and with running mean 0 and variance 1."""

from dataclasses import dataclass, replace
from functools import cached_property

import gymnasium
import numpy as np
from gymnasium import spaces

from trpo_np.checked import stacked
from trpo_np.errors import UsageError
from trpo_np.spaces import observation_size

Array = np.ndarray
LARGEST_SINGLE = float(np.finfo(np.float32).max)
CLIP = 10.0  #: a normalised observation is cut off this many standard deviations out


@dataclass(frozen=True, eq=False)
class Normalizer:
    """A function from a batch of the space's observations to an array (N, D).

    Box observations are made flat and, if `running`, normalised by the mean and variance of those
    it has been updated with; Discrete ones become one-hot rows. It never changes: `updated` gives a
    new one.
    """

    space: gymnasium.Space
    mean: Array  #: (D,)
    variance: Array  #: (D,)
    count: float  #: observations seen
    running: bool
    precision: str = "float64"  #: of what the networks are given

    @classmethod
    def fresh(
        cls, space: gymnasium.Space, running: bool = True, precision: str = "float64"
    ) -> "Normalizer":
        """The normalizer that has seen nothing yet: mean 0 and variance 1."""
        D, running = observation_size(space), running and isinstance(space, spaces.Box)
        return cls(space, np.zeros(D), np.ones(D), 0.0, running, precision)

    def __call__(self, observations: Array) -> Array:
        return self.scaled(self.flat(observations))

    def flat(self, observations: Array) -> Array:
        """The observations as rows (N, D) of floats, not normalised, in an array of their own.

        Raises UsageError where they are none of the space's.
        """
        as_usual = isinstance(observations, np.ndarray) and observations.dtype.kind == "f"
        if not as_usual or observations.ndim == 0 or observations.shape[1:] != self.space.shape:
            observations = stacked(observations, self.space.shape, "observations")
        if isinstance(self.space, spaces.Discrete):
            numbers = observations - self.space.start
            rows = (numbers[:, None] == np.arange(self.space.n)).astype(float)
            if not rows.any(axis=1).all():
                e = int(np.argmin(rows.any(axis=1)))
                raise UsageError(
                    f"The observation of environment {e} is {observations[e]}, none of the space's "
                    f"{self.space.n}: mend the environment, or its observation_space."
                )
            return rows
        return np.array(observations, dtype=float).reshape(len(observations), len(self.mean))

    def scaled(self, flat: Array) -> Array:
        """The rows `flat` (N, D), normalised, in the networks' precision; raises UsageError where
        they are not normalised, and that precision has no such numbers."""
        if self.running:
            z = (flat - self.mean) * self._factor
            flat = np.minimum(np.maximum(z, -CLIP), CLIP)  # np.clip takes twice as long
        elif self.precision == "float32" and (np.abs(flat) > LARGEST_SINGLE).any():
            raise UsageError(
                f"An observation has the entry {flat[np.abs(flat) > LARGEST_SINGLE][0]:g}, which "
                "float32 cannot hold: have observations normalised, or take the precision float64."
            )
        return flat.astype(self.precision, copy=False)

    @cached_property
    def _factor(self) -> Array:
        return 1 / np.sqrt(self.variance + 1e-8)

    def updated(self, flat: Array) -> "Normalizer":
        """The normalizer that has also seen the rows `flat` (N, D)."""
        if not self.running or len(flat) == 0:
            return self
        n, total = len(flat), self.count + len(flat)
        shift = flat.mean(axis=0) - self.mean
        squares = self.variance * self.count + flat.var(axis=0) * n
        return replace(
            self,
            mean=self.mean + shift * n / total,
            variance=(squares + shift**2 * self.count * n / total) / total,
            count=total,
        )
