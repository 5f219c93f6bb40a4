"""The natural policy gradient: TRPO's direction and longest step, taken without a look.

Kakade (2001); with conjugate gradient, the truncated natural policy gradient of Duan et al. (2016).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from trpo_np.batch import Batch
from trpo_np.conjugate_gradient import conjugate_gradient
from trpo_np.fast.local_problem import LocalProblem
from trpo_np.line_search import maximum_step
from trpo_np.policy import Policy
from trpo_np.updates.direction import direction
from trpo_np.updates.options import Options, at_least, non_negative, part, positive, share
from trpo_np.updates.reports import StepReport, no_direction, outcome

Array = np.ndarray


@dataclass(frozen=True)
class NaturalGradient(Options):
    """theta + √(2δ / sᵀFs) s with (F + λI) s = g. Nothing checks the KL afterwards."""

    delta: float = positive(0.01, "KL of a step in the quadratic model, in nats")
    cg_iterations: int = at_least(1, 10, "conjugate gradient iterations")
    cg_damping: float = non_negative(0.1, "damping λ: the direction solves (F + λI) s = g")
    fisher_fraction: float = share(1.0, "share of the states that the products F v use")
    solve: Callable = part(conjugate_gradient, "what solves (F + λI) s = g")

    def __call__(
        self,
        policy: Policy,
        theta: Array,
        batch: Batch,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, StepReport]:
        """theta (P,) after one step on the batch, and a report; theta itself if there is none."""
        with np.errstate(over="ignore", invalid="ignore"):
            problem = LocalProblem(policy, theta, batch, self.fisher_fraction, rng)
            g = problem.gradient()
            s, Fs = direction(problem.F, g, self.solve, self.cg_iterations, self.cg_damping)
            if status := no_direction(g, s @ Fs):
                return problem.theta, StepReport(status, gradient_norm=float(np.linalg.norm(g)))
            step = maximum_step(self.delta, s @ Fs) * s
            theta_new, common = outcome(problem, problem.theta + step, g)
            return theta_new, StepReport(**common)
