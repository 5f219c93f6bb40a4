"""What stands around the pseudocode of an update: guards, and what it reports."""

from dataclasses import dataclass

import numpy as np

from trpo_np.fast.local_problem import LocalProblem
from trpo_np.line_search import maximum_step
from trpo_np.updates.reports import StepReport, array_of, column, no_direction

Array = np.ndarray


@dataclass(frozen=True)
class TRPOReport(StepReport):
    """What a step did. The status is "accepted", or the first of these that applied: "non_finite",
    "zero_gradient", "non_positive_curvature", "below_rounding" (rounding alone may move the policy
    by more than δ), "no_acceptable_step"."""

    backtracks: int = column(0, "backtracks", "d")
    cg_residual: float = column(0.0)  #: ‖g - (F + λI)s‖ / ‖g‖


def read_only(array: Array) -> Array:
    """The same numbers, which a part may read and not write to: theta stays as it is."""
    view = array.view()
    view.flags.writeable = False
    return view


def longest_step(delta: float, sFs: float) -> float:
    """α_max, or NaN where s leads nowhere: no search accepts a step of NaN."""
    return maximum_step(delta, sFs) if 0 < sFs < np.inf else np.nan


def reported(
    problem: LocalProblem,
    g: Array,
    s: Array,
    Fs: Array,
    alpha_max: float,
    found: object,
    u: object,
) -> tuple[Array, TRPOReport]:
    """The new theta, or the old one itself where there is no step, and the report; `found` is what
    the search gave, `u` are the settings of the update."""
    theta, theta_new, norm = problem.theta, array_of(found, problem.theta), float(np.linalg.norm(g))
    residual = g - Fs - u.cg_damping * s
    status = _status(g, s @ Fs, theta, theta_new)
    if status == "no_acceptable_step" and not problem.smallest_kl <= u.delta:
        status = "below_rounding"
    known = {
        "status": status,
        "gradient_norm": norm,
        "cg_residual": float(np.linalg.norm(residual)) / norm if norm else 0.0,
    }
    if status != "accepted":
        shortened = u.line_search_steps if status == "no_acceptable_step" else 0
        return theta, TRPOReport(**known, backtracks=shortened)
    backtracks = getattr(found, "backtracks", None)
    if backtracks is None:  # a search that gave theta alone: β^k is the share of the full step
        share = np.linalg.norm(theta_new - theta) / np.linalg.norm(alpha_max * s)
        backtracks = max(0, round(np.log(share) / np.log(u.backtrack_ratio)))
    return theta_new, TRPOReport(
        **known,
        kl=float(problem.KL(theta_new)),
        improvement=float(problem.L(theta_new)),
        backtracks=backtracks,
    )


def _status(g: Array, curvature: float, theta: Array, theta_new: Array) -> str:
    """Whether theta moved, or the first reason why it did not."""
    if reason := no_direction(g, curvature):
        return reason
    if not np.isfinite(theta_new).all():
        return "non_finite"
    return "no_acceptable_step" if np.array_equal(theta_new, theta) else "accepted"
