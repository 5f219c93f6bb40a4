"""One TRPO update: the chapter's pseudocode, line for line."""

from dataclasses import dataclass

import numpy as np

from trpo_np.config import TRPOConfig
from trpo_np.conjugate_gradient import CGResult, conjugate_gradient
from trpo_np.fisher import damped, fisher_product_at
from trpo_np.line_search import (
    LineSearchResult,
    backtracking_line_search,
    maximum_step,
    remembering,
)
from trpo_np.objectives import Batch, mean_kl_at, policy_gradient_at, surrogate_at
from trpo_np.policy import Policy


@dataclass(frozen=True)
class StepReport:
    """What an update did. A step that is not accepted leaves theta, and so the KL, as it was."""

    status: str  #: "accepted", or the first of the outcomes below that applied
    kl: float = 0.0  #: mean KL(old ‖ new), nats
    improvement: float = 0.0  #: of the surrogate
    backtracks: int = 0
    gradient_norm: float = 0.0
    cg_residual: float = 0.0  #: ‖g - (F + λI)s‖ / ‖g‖

    @property
    def accepted(self) -> bool:
        """Whether theta moved."""
        return self.status == "accepted"


#: The ways in which an update can end without a step; all but the last before the line search.
FAILURES = ("non_finite", "zero_gradient", "non_positive_curvature", "no_acceptable_step")


def trpo_step(
    policy: Policy, theta: np.ndarray, batch: Batch, config: TRPOConfig | None = None
) -> tuple[np.ndarray, StepReport]:
    """theta (P,) after one update on the batch, and a report; theta itself if the step failed.

    It solves (4.1), as (10.3) says; chapter, "TRPO Pseudocode". `batch` needs observations,
    actions, advantages and log_probs.
    """
    config = config or TRPOConfig()
    with np.errstate(over="ignore", invalid="ignore"):  # non-finite numbers have their own status
        at = policy.linearize(theta, batch.observations)  # eta and J at theta, for all below
        outputs = remembering(lambda x: policy.bind(x)(batch.observations), theta, at.outputs)
        L = lambda x: surrogate_at(policy, outputs(x), batch)  # noqa: E731
        KL = lambda x: mean_kl_at(policy, at.outputs, outputs(x))  # noqa: E731

        g = policy_gradient_at(policy, at, batch)
        F = fisher_product_at(policy, at)
        search = conjugate_gradient(damped(F, config.cg_damping), g, config.cg_iterations)
        s = search.x
        curvature = _curvature(s, g, search, config)
        status = _status(g, search, curvature)
        if status is not None:
            return theta, _report(status, g, search)

        alpha_max = maximum_step(config.delta, curvature)
        step = backtracking_line_search(
            objective=L,
            constraint=KL,
            x=theta,
            full_step=alpha_max * s,
            limit=config.delta,
            max_backtracks=config.line_search_steps,
            ratio=config.backtrack_ratio,
            resolution=_resolution(theta, batch),
        )
    return step.x, _report("accepted" if step.accepted else "no_acceptable_step", g, search, step)


def _curvature(s: np.ndarray, g: np.ndarray, search: CGResult, config: TRPOConfig) -> float:
    """sᵀFs, or sᵀ(F + λI)s, from the residual of CG: it costs no further product. (8.5), (8.7)"""
    damped_curvature = s @ (g - search.residual)
    if config.damped_step_length:
        return damped_curvature
    return damped_curvature - config.cg_damping * (s @ s)


def _resolution(theta: np.ndarray, batch: Batch) -> float:
    """The size of a change of the surrogate that rounding alone can make."""
    return float(10 * np.finfo(theta.dtype).eps * np.mean(np.abs(batch.advantages)))


def _status(g: np.ndarray, search: CGResult, curvature: float) -> str | None:
    """The reason why there is no direction to search along, or None if there is one."""
    if search.status == "non_finite" or not np.isfinite(curvature):
        return "non_finite"
    if not g.any():
        return "zero_gradient"
    if search.status == "non_positive_curvature" or curvature <= 0:
        return "non_positive_curvature"
    return None


def _report(
    status: str, g: np.ndarray, search: CGResult, step: LineSearchResult | None = None
) -> StepReport:
    gradient_norm = float(np.linalg.norm(g))
    return StepReport(
        status=status,
        kl=step.constraint if step else 0.0,
        improvement=step.improvement if step else 0.0,
        backtracks=step.backtracks if step else 0,
        gradient_norm=gradient_norm,
        cg_residual=search.residual_norms[-1] / gradient_norm if gradient_norm else 0.0,
    )
