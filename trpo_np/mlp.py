"""A multilayer perceptron as pure functions of one flat parameter vector.

With h₀ = x, layer l computes z_l = [h_{l-1}, 1] W_l and h_l = tanh(z_l); the last layer stays
linear. The bias is the last row of W_l, so the parameters of a layer are one matrix, and theta is
those matrices laid end to end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import autograd.numpy as np
import numpy

from trpo_np.linearization import Linearization, forward, linearize, row_chunks

Array = numpy.ndarray


@dataclass(frozen=True)
class MLP:
    """The shape of a tanh network, `sizes` = (inputs, hidden..., outputs); it holds no weights."""

    sizes: tuple[int, ...]

    @property
    def num_parameters(self) -> int:
        """The length P of theta."""
        return sum((n_in + 1) * n_out for n_in, n_out in pairwise(self.sizes))

    def init(self, rng: numpy.random.Generator, output_scale: float = 1.0) -> Array:
        """A random theta (P,): weights N(0, 1/n_in), the last layer's times `output_scale`,
        biases 0."""
        last = len(self.sizes) - 2
        layers = []
        for layer, (n_in, n_out) in enumerate(pairwise(self.sizes)):
            scale = (output_scale if layer == last else 1.0) / numpy.sqrt(n_in)
            layers.append(scale * rng.standard_normal((n_in, n_out)))
            layers.append(numpy.zeros((1, n_out)))
        return numpy.concatenate([block.ravel() for block in layers])

    def weights(self, theta: Array) -> list[Array]:
        """The matrices W_l (n_in + 1, n_out) as views of theta, each with its bias as last row."""
        matrices, start = [], 0
        for n_in, n_out in pairwise(self.sizes):
            stop = start + (n_in + 1) * n_out
            matrices.append(theta[start:stop].reshape(n_in + 1, n_out))
            start = stop
        return matrices

    def apply(self, theta: Array, x: Array) -> Array:
        """The network's outputs (N, K), equation (6.5), for inputs x (N, D), for autograd to
        differentiate."""
        Ws = self.weights(theta)
        parts = [_outputs(Ws, x[rows]) for rows in row_chunks(len(x))]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def bind(self, theta: Array) -> Callable[[Array], Array]:
        """The function x -> apply(theta, x) in plain NumPy, for many or large calls."""
        return forward(self.weights(theta))

    def linearize(self, theta: Array, x: Array) -> Linearization:
        """The outputs at theta with their JVP and VJP, which share one forward pass."""
        return linearize(self.weights, theta, x)

    def jvp(self, theta: Array, x: Array, v: Array) -> Array:
        """J v (N, K): how the outputs move when theta moves along v (P,). Equation (6.3)."""
        return self.linearize(theta, x).jvp(v)

    def vjp(self, theta: Array, x: Array, u: Array) -> Array:
        """Jᵀ u (P,): the gradient with respect to theta of the sum of u (N, K) times outputs.
        Equation (6.4)."""
        return self.linearize(theta, x).vjp(u)


def _outputs(Ws: list[Array], x: Array) -> Array:
    h = x
    for W in Ws[:-1]:
        h = np.tanh(h @ W[:-1] + W[-1])
    return h @ Ws[-1][:-1] + Ws[-1][-1]
