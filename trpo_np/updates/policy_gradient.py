"""The plain policy gradient: one step of gradient ascent, as long as its learning rate says.

Williams (1992), Sutton et al. (2000); chapter, "Motivation".
"""

from dataclasses import dataclass

import numpy as np

from trpo_np.batch import Batch
from trpo_np.fast.local_problem import LocalProblem
from trpo_np.policy import Policy
from trpo_np.updates.options import Options, positive
from trpo_np.updates.reports import StepReport, outcome

Array = np.ndarray


@dataclass(frozen=True)
class PolicyGradient(Options):
    """theta + α g, equation (1.1)."""

    learning_rate: float = positive(0.1, "step size α of gradient ascent")

    def __call__(
        self,
        policy: Policy,
        theta: Array,
        batch: Batch,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, StepReport]:
        """theta (P,) after one step on the batch, and a report; theta itself if there is none."""
        with np.errstate(over="ignore", invalid="ignore"):
            problem = LocalProblem(policy, theta, batch)
            g = problem.gradient()
            if not g.any():
                return problem.theta, StepReport("zero_gradient")
            theta_new, common = outcome(problem, problem.theta + self.learning_rate * g, g)
            return theta_new, StepReport(**common)
