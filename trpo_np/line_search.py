"""The largest step inside the trust region, and backtracking from it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

T = TypeVar("T")


@dataclass(frozen=True)
class LineSearchResult:
    """Where the line search ended; when nothing was accepted, x is the very array it began at."""

    x: np.ndarray
    accepted: bool
    backtracks: int  #: how often the step was shortened
    improvement: float  #: objective(x) - objective at the start; 0 when nothing was accepted
    constraint: float  #: constraint(x); 0 when nothing was accepted


def maximum_step(delta: float, curvature: float) -> float:
    """α_max = √(2δ / sᵀFs): along s, the quadratic model of the KL reaches δ there.

    Raises ValueError unless the curvature sᵀFs is positive. Equations (4.7), (8.2), (10.4),
    (11.8); chapter, "Backtracking Line Search".
    """
    if not curvature > 0:
        raise ValueError(f"The curvature sᵀFs is {curvature}: a trust region needs it positive.")
    return float(np.sqrt(2 * delta / curvature))


def backtracking_line_search(
    objective: Callable[[np.ndarray], float],
    constraint: Callable[[np.ndarray], float],
    x: np.ndarray,
    full_step: np.ndarray,
    limit: float,
    max_backtracks: int = 10,
    ratio: float = 0.5,
    resolution: float = 0.0,
) -> LineSearchResult:
    """The first of x + ratio^k full_step, k = 0 ... max_backtracks, that satisfies both conditions:
    constraint ≤ limit, and an objective above that at x by more than its `resolution`, the
    rounding error of a difference of two objectives.

    A candidate where either is not finite is refused. Equations (8.4), (10.5); chapter,
    "Backtracking Line Search".
    """
    start = objective(x)
    for k in range(max_backtracks + 1):
        candidate = x + ratio**k * full_step
        distance = constraint(candidate)
        if not (distance <= limit and np.isfinite(distance)):
            continue
        improvement = objective(candidate) - start
        if resolution < improvement < np.inf:
            return LineSearchResult(candidate, True, k, float(improvement), float(distance))
    return LineSearchResult(x, False, max_backtracks, 0.0, 0.0)


def remembering(f: Callable[[np.ndarray], T], x: np.ndarray, fx: T) -> Callable[[np.ndarray], T]:
    """f, not computed again where it is called with the same array as the last time; f(x) = fx.

    A line search asks for its objective and its constraint at the same candidate.
    """
    last = (x, fx)

    def remembered(x: np.ndarray) -> T:
        nonlocal last
        if last[0] is not x:
            last = (x, f(x))
        return last[1]

    return remembered
