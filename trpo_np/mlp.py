"""A multilayer perceptron as pure functions of one flat parameter vector.

With h₀ = x, layer l computes z_l = [h_{l-1}, 1] W_l and h_l = tanh(z_l); the last layer stays
linear. The bias is the last row of W_l, so the parameters of a layer are one matrix, and theta is
those matrices laid end to end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import autograd.numpy as np
import numpy

Array = numpy.ndarray


class Linearization(NamedTuple):
    """A function's value at a point and the two products with its Jacobian J there."""

    outputs: Array  #: (N, K)
    jvp: Callable[[Array], Array]  #: v (P,) -> J v (N, K)
    vjp: Callable[[Array], Array]  #: u (N, K) -> Jᵀ u (P,), summed over the N rows


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
        """The network's outputs (N, K) for inputs x (N, D); autograd differentiates it."""
        *hidden, last = self.weights(theta)
        h = x
        for W in hidden:
            h = np.tanh(h @ W[:-1] + W[-1])
        return h @ last[:-1] + last[-1]

    def linearize(self, theta: Array, x: Array) -> Linearization:
        """The outputs at theta with their JVP and VJP, which share one set of activations."""
        Ws = self.weights(theta)
        hs = [_append_one(x)]  # [h_l, 1], the input of layer l + 1
        for W in Ws[:-1]:
            hs.append(_append_one(numpy.tanh(hs[-1] @ W)))
        slopes = [1 - h[:, :-1] ** 2 for h in hs[1:]]  # tanh' = 1 - tanh²

        def jvp(v: Array) -> Array:
            """J v, forward through the layers: dz = dh W + h dW, dh = tanh' dz."""
            dWs = self.weights(v)
            dz = hs[0] @ dWs[0]  # the inputs do not depend on theta
            for h, W, dW, slope in zip(hs[1:], Ws[1:], dWs[1:], slopes, strict=True):
                dz = (slope * dz) @ W[:-1] + h @ dW
            return dz

        def vjp(u: Array) -> Array:
            """Jᵀ u, backward through the layers: dW = hᵀ dz, dz_below = tanh' (dz Wᵀ)."""
            dz, blocks = u, [hs[-1].T @ u]
            for h, W, slope in zip(hs[-2::-1], Ws[:0:-1], slopes[::-1], strict=True):
                dz = slope * (dz @ W[:-1].T)
                blocks.append(h.T @ dz)
            return numpy.concatenate([block.ravel() for block in reversed(blocks)])

        return Linearization(hs[-1] @ Ws[-1], jvp, vjp)

    def jvp(self, theta: Array, x: Array, v: Array) -> Array:
        """J v (N, K): how the outputs move when theta moves along v (P,)."""
        return self.linearize(theta, x).jvp(v)

    def vjp(self, theta: Array, x: Array, u: Array) -> Array:
        """Jᵀ u (P,): the gradient with respect to theta of the sum of u (N, K) times outputs."""
        return self.linearize(theta, x).vjp(u)


def _append_one(h: Array) -> Array:
    return numpy.concatenate([h, numpy.ones((len(h), 1), dtype=h.dtype)], axis=1)
