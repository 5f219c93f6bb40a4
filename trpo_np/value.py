"""The value function V_w(s) and its own optimizer: Gauss-Newton, with no learning rate.

V is linear in w to first order, V(w + d) ≈ V + J d, so the squared error has the model
½ E[(V + J d - y)²], minimal where (E[JᵀJ]) d = E[Jᵀ(y - V)]: the same JVP, VJP and conjugate
gradient that serve the policy. E[JᵀJ] is the Fisher matrix of a Gaussian with mean V and std 1.
"""

from dataclasses import dataclass

import numpy as np

from trpo_np.conjugate_gradient import conjugate_gradient
from trpo_np.fisher import damped
from trpo_np.line_search import backtracking_line_search, remembering
from trpo_np.mlp import MLP

Array = np.ndarray


@dataclass(frozen=True)
class ValueFunction:
    """V_w(s), a pure function of the flat vector w (P',)."""

    network: MLP  #: with one output

    def init(self, rng: np.random.Generator) -> Array:
        """A random w (P',) with values near 0."""
        return self.network.init(rng, output_scale=0.01)

    def predict(self, w: Array, obs: Array) -> Array:
        """V_w (N,) of observations (N, D), in units of reward."""
        return self.network.bind(w)(obs)[:, 0]

    def fit(
        self,
        w: Array,
        obs: Array,
        targets: Array,
        iterations: int = 2,
        cg_iterations: int = 5,
        damping: float = 0.01,
    ) -> Array:
        """w (P',) after damped Gauss-Newton steps on ½ mean (V_w - targets)², each with a
        backtracking line search: the error never grows. Equation (9.11)."""
        y = targets[:, None].astype(w.dtype, copy=False)
        for _ in range(iterations):
            V, jvp, vjp = self.network.linearize(w, obs)
            outputs = remembering(lambda x: self.network.bind(x)(obs), w, V)
            minus_error = lambda x: -0.5 * np.mean((y - outputs(x)) ** 2)  # noqa: B023, E731
            G = lambda v: vjp(jvp(v)) / len(obs)  # noqa: B023, E731
            descent = vjp(y - V) / len(obs)
            step = conjugate_gradient(damped(G, damping), descent, cg_iterations).x
            search = backtracking_line_search(minus_error, lambda x: 0.0, w, step, limit=0.0)
            if not search.accepted:
                return w
            w = search.x
        return w


def explained_variance(values: Array, targets: Array) -> float:
    """1 - Var(targets - values) / Var(targets): 1 is perfect, 0 is no better than a constant.

    NaN where the targets do not vary.
    """
    variance = np.var(targets)
    return float(1 - np.var(targets - values) / variance) if variance > 0 else float("nan")
