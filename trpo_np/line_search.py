"""The largest step inside the trust region, and backtracking from it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Array = np.ndarray


@dataclass(frozen=True)
class LineSearchResult:
    """Where the line search ended; when nothing was accepted, x is the very array it began at."""

    x: Array
    accepted: bool
    backtracks: int  #: how often the step was shortened
    improvement: float  #: L(x) - L at the start; 0 when nothing was accepted
    kl: float  #: KL(x); 0 when nothing was accepted, or nothing constrains


def maximum_step(delta: float, curvature: float) -> float:
    """α_max = √(2δ / sᵀFs): along s, the quadratic model of the KL reaches δ there.

    Raises ValueError unless the curvature sᵀFs is positive. Equations (4.7), (8.2), (10.4),
    (11.8); chapter, "Backtracking Line Search".
    """
    if not curvature > 0:
        raise ValueError(f"The curvature sᵀFs is {curvature}: a trust region needs it positive.")
    return float(np.sqrt(2 * delta / curvature))  # (4.7), (8.2), (10.4), (11.8)


def backtracking_line_search(
    L: Callable[[Array], float],
    KL: Callable[[Array], float] | None,
    theta: Array,
    full_step: Array,
    delta: float = np.inf,
    backtracks: int = 10,
    beta: float = 0.5,
) -> LineSearchResult:
    """The first of θ_new = theta + β^k full_step, k = 0 ... backtracks, with KL(θ_new) ≤ δ and
    L(θ_new) > L(theta).

    Without a KL only L decides. A candidate where either is not finite is refused. Equations (8.4),
    (10.5); chapter, "Backtracking Line Search".
    """
    L_old = L(theta)
    candidates = range(backtracks + 1) if np.isfinite(full_step).all() else ()
    for k in candidates:
        theta_new = theta + beta**k * full_step  # (8.4), (10.5)
        kl = KL(theta_new) if KL else 0.0
        if not (kl <= delta and np.isfinite(kl)):
            continue
        improvement = L(theta_new) - L_old
        if 0 < improvement < np.inf:
            return LineSearchResult(theta_new, True, k, float(improvement), float(kl))
    return LineSearchResult(theta, False, backtracks, 0.0, 0.0)


def remembering(f: Callable, x: Array, fx: object) -> Callable:
    """f, not computed again where it is called with the array of the last time, if nobody has
    written to that since; f(x) = fx.

    A line search asks for L and KL at the same candidate.
    """
    last = (x, x.copy(), fx)

    def remembered(x: Array) -> object:
        nonlocal last
        if last[0] is not x or not np.array_equal(last[1], x):
            last = (x, x.copy(), f(x))
        return last[2]

    return remembered
