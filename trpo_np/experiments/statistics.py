"""What several runs say together: interquartile mean, bootstrap interval, performance profile.

The definitions are those of Agarwal et al. (2021), "Deep reinforcement learning at the edge of the
statistical precipice", and of its library rliable.
"""

from collections.abc import Callable, Sequence

import numpy as np

Array = np.ndarray
#: What a statistic does: it takes scores and the axis over which it goes, which goes away.
Statistic = Callable[[Array, int], Array]


def interquartile_mean(scores: Array, axis: int | None = None) -> Array:
    """The mean over an axis (all, if None) without the lowest and the highest quarter of the
    entries, both rounded down: fewer than four entries are all kept. Equation (12.2)."""
    x = np.sort(np.asarray(scores, dtype=float), axis=axis)
    axis = 0 if axis is None else axis
    n = x.shape[axis]
    return np.take(x, np.arange(n // 4, n - n // 4), axis=axis).mean(axis=axis)  # (12.2)


def bootstrap_interval(
    scores: Sequence[Array],
    statistic: Statistic,
    rng: np.random.Generator,
    repetitions: int = 2000,
    confidence: float = 0.95,
) -> tuple[Array, Array]:
    """The lower and the upper end of the interval that holds the statistic of so many resamples,
    but for (1 - confidence)/2 of them on either side.

    `scores` has the runs of each task (R, ...); a resample draws, for each task by itself, as many
    of its runs with replacement, so that no task comes to count for more.
    """
    drawn = [x[rng.integers(len(x), size=(repetitions, len(x)))] for x in map(np.asarray, scores)]
    values = statistic(np.concatenate(drawn, axis=1), 1)
    tail = 50 * (1 - confidence)
    low, high = np.percentile(values, [tail, 100 - tail], axis=0)
    return low, high


def performance_profile(thresholds: Array) -> Statistic:
    """The statistic that gives, for each threshold (T,), the share of scores above it; on `scores`
    (runs, ...) over axis 0 it is (..., T). Equation (12.6)."""
    thresholds = np.asarray(thresholds, dtype=float)

    def above(scores: Array, axis: int = 0) -> Array:
        return np.mean(np.asarray(scores)[..., None] > thresholds, axis=axis)  # (12.6)

    return above
