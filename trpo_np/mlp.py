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
CHUNK_ROWS = 2048  #: rows that go through the network at once
KEPT_BYTES = 2**29  #: activations kept from one product to the next take about twice as much


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
        return self.bind(theta)(x)

    def bind(self, theta: Array) -> Callable[[Array], Array]:
        """The function x -> apply(theta, x), for many calls at one theta."""
        Ws = self.weights(theta)
        return lambda x: _stacked([_forward(Ws, x[rows]) for rows in row_chunks(len(x))])

    def linearize(self, theta: Array, x: Array) -> Linearization:
        """The outputs at theta with their JVP and VJP, which share one set of activations.

        The rows go through in chunks, so that memory is bounded: where the activations of all
        chunks would not fit into KEPT_BYTES, each product computes them anew.
        """
        Ws = self.weights(theta)
        chunks = row_chunks(len(x))
        most = min(len(x), CHUNK_ROWS)
        scratch = [tuple(numpy.empty((2, most, n), x.dtype)) for n in self.sizes[1:-1]]
        at = lambda rows: _activations(Ws, x[rows], scratch)  # noqa: E731
        if len(x) * sum(self.sizes[:-1]) * x.itemsize <= KEPT_BYTES:
            kept = {rows.start: at(rows) for rows in chunks}
            at = lambda rows: kept[rows.start]  # noqa: E731

        def jvp(v: Array) -> Array:
            dWs = self.weights(v)
            return _stacked([_jvp(Ws, dWs, at(rows)) for rows in chunks])

        def vjp(u: Array) -> Array:
            return sum(_vjp(Ws, u[rows], at(rows)) for rows in chunks)

        outputs = _stacked([at(rows).inputs[-1] @ Ws[-1] for rows in chunks])
        return Linearization(outputs, jvp, vjp)

    def jvp(self, theta: Array, x: Array, v: Array) -> Array:
        """J v (N, K): how the outputs move when theta moves along v (P,)."""
        return self.linearize(theta, x).jvp(v)

    def vjp(self, theta: Array, x: Array, u: Array) -> Array:
        """Jᵀ u (P,): the gradient with respect to theta of the sum of u (N, K) times outputs."""
        return self.linearize(theta, x).vjp(u)


def row_chunks(N: int) -> list[slice]:
    """The rows 0 ... N - 1 in slices of at most CHUNK_ROWS."""
    return [slice(start, start + CHUNK_ROWS) for start in range(0, N, CHUNK_ROWS)]


def _stacked(parts: list[Array]) -> Array:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _forward(Ws: list[Array], x: Array) -> Array:
    h = x
    for W in Ws[:-1]:
        h = np.tanh(h @ W[:-1] + W[-1])
    return h @ Ws[-1][:-1] + Ws[-1][-1]


class _Activations(NamedTuple):
    """What one forward pass leaves for the products with the Jacobian."""

    inputs: list[Array]  #: [h_{l-1}, 1] for every layer l
    slopes: list[Array]  #: tanh'(z_l) = 1 - h_l² for every hidden layer l
    scratch: list[tuple[Array, Array]]  #: two arrays of every slope's shape, to be overwritten


def _activations(Ws: list[Array], x: Array, scratch: list[tuple[Array, Array]]) -> _Activations:
    inputs, slopes = [_append_one(x)], []
    for W in Ws[:-1]:
        h = numpy.tanh(inputs[-1] @ W)
        inputs.append(_append_one(h))
        slopes.append(1 - h**2)
    return _Activations(inputs, slopes, [(a[: len(x)], b[: len(x)]) for a, b in scratch])


def _jvp(Ws: list[Array], dWs: list[Array], at: _Activations) -> Array:
    """J v, forward: dz_l = dh_{l-1} W_l + [h_{l-1}, 1] dW_l with dh_l = tanh'(z_l) dz_l."""
    outs = [*at.scratch, (None, None)]  # the last result is given away, so it has its own memory
    dz = numpy.matmul(at.inputs[0], dWs[0], out=outs[0][0])  # dh_0 = 0: x depends on no parameter
    for W, dW, h, slope, (a, b) in zip(
        Ws[1:], dWs[1:], at.inputs[1:], at.slopes, outs[1:], strict=True
    ):
        dz *= slope
        dz = numpy.matmul(dz, W[:-1], out=a)
        dz += numpy.matmul(h, dW, out=b)
    return dz


def _vjp(Ws: list[Array], u: Array, at: _Activations) -> Array:
    """Jᵀ u, backward: dW_l = [h_{l-1}, 1]ᵀ dz_l with dz_{l-1} = tanh'(z_{l-1}) (dz_l W_lᵀ)."""
    dz, blocks = u, [at.inputs[-1].T @ u]
    for W, h, slope, (a, _) in zip(
        Ws[:0:-1], at.inputs[-2::-1], at.slopes[::-1], at.scratch[::-1], strict=True
    ):
        dz = numpy.matmul(dz, W[:-1].T, out=a)
        dz *= slope
        blocks.append(h.T @ dz)
    return numpy.concatenate([block.ravel() for block in reversed(blocks)])


def _append_one(h: Array) -> Array:
    return numpy.concatenate([h, numpy.ones((len(h), 1), dtype=h.dtype)], axis=1)
