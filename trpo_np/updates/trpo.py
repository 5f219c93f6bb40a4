"""Trust Region Policy Optimization: the chapter's pseudocode, line for line.

Schulman et al. (2015), section 6 and appendix C; chapter, "TRPO Pseudocode".
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from trpo_np.batch import Batch
from trpo_np.conjugate_gradient import conjugate_gradient
from trpo_np.fast.local_problem import LocalProblem
from trpo_np.line_search import backtracking_line_search
from trpo_np.policy import Policy
from trpo_np.updates.direction import direction
from trpo_np.updates.options import (
    Options,
    at_least,
    given_or_default,
    non_negative,
    part,
    positive,
    setting,
    share,
    switch,
)
from trpo_np.updates.trpo_report import TRPOReport, longest_step, read_only, reported

Array = np.ndarray


@dataclass(frozen=True)
class TRPO(Options):
    """The settings of the update; the first five are the chapter's table. Called, it is the update.

    The parts may be your own: `solve(matvec, b, iterations)` gives the solution of A x = b, and
    `search(L, KL, theta, full_step, delta, backtracks, beta)` the new theta, each as an array or
    as a result that holds it as `x`.
    """

    delta: float = positive(0.01, "trust region radius δ: the bound on the mean KL, in nats")
    cg_iterations: int = at_least(1, 10, "conjugate gradient iterations")
    cg_damping: float = non_negative(0.1, "damping λ: the direction solves (F + λI) s = g")
    line_search_steps: int = at_least(0, 10, "K: how often the step may be shortened")
    backtrack_ratio: float = setting(
        0.5, "factor β by which a step is shortened", "between 0 and 1", lambda x: 0 < x < 1
    )
    damped_step_length: bool = switch(
        False, "take sᵀ(F + λI)s instead of sᵀFs for the maximum step"
    )
    fisher_fraction: float = share(1.0, "share of the states that the products F v use")
    solve: Callable = part(conjugate_gradient, "what solves (F + λI) s = g")
    search: Callable = part(backtracking_line_search, "what chooses the step along s")

    def __call__(
        self,
        policy: Policy,
        theta: Array,
        batch: Batch,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, TRPOReport]:
        """theta (P,) after one update on the batch, and a report."""
        return trpo_step(policy, theta, batch, self, rng)


def trpo_step(
    policy: Policy,
    theta: Array,
    batch: Batch,
    update: TRPO | None = None,
    rng: np.random.Generator | None = None,
) -> tuple[Array, TRPOReport]:
    """theta (P,) after one update on the batch, and a report; theta itself if the step failed.

    It solves (4.1), as (10.3) says, with the length (8.5). `batch` needs observations, actions,
    advantages and log_probs; `rng` draws the states of F where `fisher_fraction` is below 1. Raises
    UsageError where shapes do not agree.

    An accepted step has KL ≤ δ also where that is computed in extended precision, by test: in
    float32 and float64, for δ from 1e-14 to 10, log_std from -25 to 10, one state or more, and
    entries of theta up to 100. Where rounding alone could move the policy by more than δ there is
    no step, and the status is "below_rounding": more precision, a larger δ, or a wider Gaussian.
    """
    u = given_or_default(update, TRPO, "update")
    with np.errstate(over="ignore", invalid="ignore"):  # non-finite numbers have their own status
        problem = LocalProblem(policy, theta, batch, u.fisher_fraction, rng)  # (4.1)
        L, KL, F = problem.L, problem.KL, problem.F

        # Compute policy gradient g = ∇_θ L(θ)
        g = problem.gradient()  # (4.2)

        # Compute search direction s = F⁻¹g via conjugate gradient
        s, Fs = direction(F, g, u.solve, u.cg_iterations, u.cg_damping)  # (10.3)

        # Compute max step size: α_max = sqrt(2δ / s^T F s)
        sFs = s @ Fs + (u.cg_damping * s @ s if u.damped_step_length else 0)  # (8.5)
        alpha_max = longest_step(u.delta, sFs)  # (10.4)

        # Backtracking line search:
        #     For k = 0, 1, 2, ..., K:
        #         θ_new = θ + α_max · β^k · s
        #         If KL(π_old || π_new) ≤ δ and L(θ_new) > L(θ):
        #             Accept θ_new
        #             Break
        K, beta = u.line_search_steps, u.backtrack_ratio
        found = u.search(L, KL, read_only(problem.theta), alpha_max * s, u.delta, K, beta)  # (10.5)

        return reported(problem, g, s, Fs, alpha_max, found, u)
