"""The value function V_w(s) and its own optimizer: Gauss-Newton, with no learning rate.

V is linear in w to first order, V(w + d) ≈ V + J d, so the squared error has the model
½ E[(V + J d - y)²], minimal where (E[JᵀJ]) d = E[Jᵀ(y - V)]: the same JVP, VJP and conjugate
gradient that serve the policy. E[JᵀJ] is the Fisher matrix of a Gaussian with mean V and std 1.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from trpo_np.checked import numbers, rows, vector
from trpo_np.conjugate_gradient import conjugate_gradient
from trpo_np.errors import UsageError
from trpo_np.fisher import damped, subsampled
from trpo_np.line_search import backtracking_line_search, remembering
from trpo_np.mlp import Linearization, Network

Array = np.ndarray


@dataclass(frozen=True)
class FitReport:
    """What a fit did; w is as it was unless some step was accepted."""

    status: str  #: "fitted"; "no_better" if no step made the error smaller; "non_finite"
    error_before: float  #: mean squared error, in units of reward squared
    error_after: float
    iterations: int  #: Gauss-Newton steps that were accepted


@dataclass(frozen=True)
class ValueFunction:
    """V_w(s), a pure function of the flat vector w (P',)."""

    network: Network  #: with one output

    def init(self, rng: np.random.Generator) -> Array:
        """A random w (P',) with values near 0."""
        return self.network.init(rng, output_scale=0.01)

    def predict(self, w: Array, obs: Array) -> Array:
        """V_w (...) of observations (..., D), in units of reward."""
        obs = numbers(obs, "observations")
        flat = rows(obs.reshape(-1, *obs.shape[-1:]), self.network.num_inputs)
        V = self.network.bind(vector(w, self.network.num_parameters, "w"))(flat)
        return V.reshape(obs.shape[:-1])

    def fit(
        self,
        w: Array,
        obs: Array,
        targets: Array,
        iterations: int = 2,
        cg_iterations: int = 5,
        damping: float = 0.01,
        fraction: float = 1.0,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, FitReport]:
        """w (P',) after damped Gauss-Newton steps on ½ mean (V_w - targets)², each with a
        backtracking line search, so that the error never grows; and a report.

        The products of conjugate gradient use a `fraction` of the states, drawn by `rng`. Raises
        UsageError unless targets are (N,) for observations (N, D). Equation (9.11).
        """
        obs, w = rows(obs, self.network.num_inputs), vector(w, self.network.num_parameters, "w")
        targets = numbers(targets, "targets")
        if targets.shape != (len(obs),) or len(obs) == 0:
            raise UsageError(
                f"The targets have the shape {targets.shape}: ({len(obs)},) is wanted, "
                "one for each of at least one observation."
            )
        y = targets[:, None].astype(w.dtype, copy=False)
        accepted, errors = 0, []
        for _ in range(iterations):
            at = self.network.linearize(w, obs)
            V = remembering(self._outputs_on(obs), w, at.outputs)
            minus_error = lambda x: -0.5 * np.mean((y - V(x)) ** 2)  # noqa: B023, E731
            errors = errors or [-2 * minus_error(w)]
            if not np.isfinite(errors[-1]):
                return w, FitReport("non_finite", errors[0], errors[-1], accepted)
            G = self._product(w, obs, at, fraction, rng)
            descent = at.vjp(y - at.outputs) / len(obs)
            step = conjugate_gradient(damped(G, damping), descent, cg_iterations).x  # (9.11)
            search = backtracking_line_search(minus_error, None, w, step)
            if not search.accepted:
                break
            w, accepted = search.x, accepted + 1
            errors.append(-2 * minus_error(w))
        status = "fitted" if accepted else "no_better"
        return w, FitReport(status, float(errors[0]), float(errors[-1]), accepted)

    def _outputs_on(self, obs: Array) -> Callable[[Array], Array]:
        return lambda w: self.network.bind(w)(obs)

    def _product(
        self,
        w: Array,
        obs: Array,
        at: Linearization,
        fraction: float,
        rng: np.random.Generator | None,
    ) -> Callable[[Array], Array]:
        """The function v -> E[JᵀJ] v, over a fraction of the states."""
        if fraction < 1:
            at = self.network.linearize(w, subsampled(obs, fraction, rng))
        return lambda v: at.vjp(at.jvp(v)) / len(at.outputs)


def explained_variance(values: Array, targets: Array) -> float:
    """1 - Var(targets - values) / Var(targets): 1 is perfect, 0 is no better than a constant.

    NaN where the targets do not vary.
    """
    variance = np.var(targets)
    return float(1 - np.var(targets - values) / variance) if variance > 0 else float("nan")
