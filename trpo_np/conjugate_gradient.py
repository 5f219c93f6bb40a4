"""The conjugate gradient method for A x = b, A symmetric positive definite, given as a product."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class CGResult:
    """The approximate solution of A x = b and how it came about; the residual is (7.3)."""

    x: np.ndarray  #: (n,)
    residual: np.ndarray  #: b - A x (n,), so that xᵀAx = xᵀ(b - residual) costs no product
    residual_norms: tuple[float, ...]  #: ‖b - A x‖ before the first and after every iteration
    iterations: int
    status: str  #: "converged", "iteration_limit", "non_positive_curvature" or "non_finite"


def conjugate_gradient(
    matvec: Callable[[np.ndarray], np.ndarray],
    b: np.ndarray,
    max_iterations: int = 10,
    tolerance: float = 1e-10,
) -> CGResult:
    """The solution of A x = b (n,) after at most `max_iterations` products matvec(v) = A v.

    Starts from x = 0 and stops early once ‖b - A x‖ ≤ tolerance ‖b‖, or once it is as small as the
    rounding of b's precision. Where a direction shows pᵀAp ≤ 0, or a number is not finite, it ends
    with the last good x. Equations (7.1), (7.4), (7.6), (7.7), (11.1), (11.2); Hestenes and Stiefel
    (1952).
    """
    b = np.asarray(b)
    x = np.zeros_like(b)
    scale = np.max(np.abs(b), initial=0.0)
    if scale == 0:
        return CGResult(x, b.copy(), (0.0,), 0, "converged")
    if not np.isfinite(scale):
        return CGResult(x, b.copy(), (float("nan"),), 0, "non_finite")

    tolerance = max(tolerance, np.finfo(np.result_type(b, np.float32)).eps)
    r = b / scale  # solves for b of order 1: the squares below neither overflow nor underflow
    p = r  # never written to, and neither is r: both names may share one array
    rr = r @ r
    norms = [float(scale * np.sqrt(rr))]
    status = "iteration_limit"
    for _ in range(max_iterations):
        Ap = matvec(p)
        pAp = p @ Ap
        if not np.isfinite(pAp):
            status = "non_finite"
            break
        if pAp <= 0:
            status = "non_positive_curvature"
            break
        alpha = rr / pAp  # (7.4)
        r_next = r - alpha * Ap  # (7.3), (7.7)
        rr_next = r_next @ r_next
        if not np.isfinite(rr_next):
            status = "non_finite"
            break
        x, r = x + alpha * p, r_next
        rr, rr_before = rr_next, rr
        norms.append(float(scale * np.sqrt(rr)))
        if norms[-1] <= tolerance * norms[0]:
            status = "converged"
            break  # (7.1), (11.1)
        p = r + (rr / rr_before) * p  # (7.6)
    # (11.2): x scales with b
    return CGResult(scale * x, scale * r, tuple(norms), len(norms) - 1, status)
