"""Proximal Policy Optimization: many small steps on a surrogate that stops paying for large ratios.

Schulman et al. (2017), section 3; Adam is that of Kingma and Ba (2015), algorithm 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import autograd.numpy as anp
import numpy as np

from trpo_np.batch import Batch
from trpo_np.fast.local_problem import LocalProblem
from trpo_np.objectives import probability_ratios
from trpo_np.policy import Policy
from trpo_np.updates.options import Options, at_least, positive
from trpo_np.updates.reports import StepReport, column, outcome

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Adam:
    """The moments that Adam carries from step to step."""

    m: Array  #: (P,) running mean of the gradient
    v: Array  #: (P,) of its square
    t: int = 0  #: steps so far

    def step(self, g: Array, learning_rate: float) -> tuple[Array, "Adam"]:
        """The step (P,) along the gradient g to be made, and the moments after it."""
        m, v, t = 0.9 * self.m + 0.1 * g, 0.999 * self.v + 0.001 * g**2, self.t + 1
        m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
        return learning_rate * m_hat / (np.sqrt(v_hat) + 1e-8), Adam(m, v, t)


@dataclass(frozen=True)
class PPOReport(StepReport):
    """What the epochs on a batch came to."""

    clipped: float = column(0.0, "clipped", ".3f")  #: share of ratios outside [1 - clip, 1 + clip]
    state: Adam | None = field(default=None, repr=False, compare=False)  #: for the next batch


@dataclass(frozen=True)
class PPO(Options):
    """Ascent on the clipped surrogate by Adam, some epochs of minibatches."""

    clip: float = positive(0.2, "ratios count only up to 1 ± this")
    learning_rate: float = positive(3e-4, "of Adam")
    epochs: int = at_least(1, 10, "passes over the batch")
    minibatch_size: int = at_least(1, 64, "samples in one step of Adam")

    def __call__(
        self,
        policy: Policy,
        theta: Array,
        batch: Batch,
        rng: np.random.Generator,
        state: Adam | None = None,
    ) -> tuple[Array, PPOReport]:
        """theta (P,) after the epochs on the batch, and a report with Adam's moments; theta itself
        if not finite."""
        with np.errstate(over="ignore", invalid="ignore"):
            problem = LocalProblem(policy, theta, batch)
            theta, batch = problem.theta, problem.batch
            new, adam = theta, state or Adam(np.zeros_like(theta), np.zeros_like(theta))
            for rows in self._minibatches(len(batch), rng):
                g = clipped_gradient(policy, new, batch.rows(rows), self.clip)
                step, adam = adam.step(g, self.learning_rate)
                new = new + step
            theta_new, common = outcome(problem, new, problem.gradient())
            if theta_new is theta:
                return theta, PPOReport(**common, state=state)
            outside = np.abs(problem.ratios(theta_new) - 1) > self.clip
            return theta_new, PPOReport(**common, clipped=float(outside.mean()), state=adam)

    def _minibatches(self, N: int, rng: np.random.Generator) -> Iterator[Array]:
        """The numbers 0 ... N - 1 in random order, a minibatch at a time, anew in each epoch."""
        for _ in range(self.epochs):
            order = rng.permutation(N)
            for start in range(0, N, self.minibatch_size):
                yield order[start : start + self.minibatch_size]


def clipped_surrogate(policy: Policy, theta: Array, batch: Batch, clip: float) -> float:
    """E[min(w A, clip(w, 1 - c, 1 + c) A)], w the probability ratio: (13.6).

    Schulman et al. (2017), eq. 7. Written for autograd; `clipped_gradient` is its gradient in
    closed form.
    """
    w, A = probability_ratios(policy, theta, batch), batch.advantages
    return anp.mean(anp.minimum(w * A, anp.clip(w, 1 - clip, 1 + clip) * A))  # (13.6)


def clipped_gradient(policy: Policy, theta: Array, batch: Batch, clip: float) -> Array:
    """∇ clipped_surrogate (P,): a sample counts unless its ratio is past the clip on the side to
    which its advantage pushes. Equation (13.7)."""
    problem = LocalProblem(policy, theta, batch)
    w, A = problem.ratios_at_theta, batch.advantages
    counts = np.where(A > 0, w < 1 + clip, w > 1 - clip)
    return problem.mean_score(counts * w * A)  # (13.7)
