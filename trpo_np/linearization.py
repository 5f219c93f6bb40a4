"""A tanh network at one theta: its outputs, and the products with its Jacobian J = ∂outputs/∂theta.

The layers are matrices W_l with the bias as last row: z_l = [h_{l-1}, 1] W_l, h_l = tanh(z_l),
h_0 = x, and the last z is the output. One forward pass is kept, and every product is one more pass,
forward for J v and backward for Jᵀ u. The rows of x go through in chunks, so memory is bounded.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

Array = np.ndarray
CHUNK_ROWS = 2048  #: rows that go through the network at once
KEPT_BYTES = 2**29  #: inputs of the layers kept from one product to the next; slopes take as much


class Linearization(NamedTuple):
    """A function's value at a point and the two products with its Jacobian J there."""

    outputs: Array  #: (N, K)
    jvp: Callable[[Array], Array]  #: v (P,) -> J v (N, K)
    vjp: Callable[[Array], Array]  #: u (N, K) -> Jᵀ u (P,), summed over the N rows


def linearize(weights: Callable[[Array], list[Array]], theta: Array, x: Array) -> Linearization:
    """The network at theta for inputs x (N, D); `weights` cuts a vector (P,) into the matrices W_l.

    Where the activations of all chunks exceed KEPT_BYTES, each product computes them anew. The two
    products satisfy u·(J v) = (Jᵀ u)·v, equation (6.8).
    """
    x = np.asarray(x, dtype=np.result_type(theta, np.float32))
    Ws, chunks = weights(theta), row_chunks(len(x))
    scratch = _Scratch(min(len(x), CHUNK_ROWS), max(W.shape[1] for W in Ws), x.dtype)
    at = lambda rows: _activations(Ws, x[rows])  # noqa: E731
    if len(x) * sum(len(W) for W in Ws) * x.itemsize <= KEPT_BYTES:
        kept = {rows.start: at(rows) for rows in chunks}
        at = lambda rows: kept[rows.start]  # noqa: E731

    def jvp(v: Array) -> Array:
        dWs = weights(v)
        return stacked([_jvp(Ws, dWs, at(rows), scratch) for rows in chunks])

    def vjp(u: Array) -> Array:
        return sum(_vjp(Ws, u[rows], at(rows), scratch) for rows in chunks)

    return Linearization(stacked([at(rows).inputs[-1] @ Ws[-1] for rows in chunks]), jvp, vjp)


def forward(Ws: list[Array]) -> Callable[[Array], Array]:
    """The function x (N, D) -> the network's outputs (N, K), in plain NumPy."""
    dtype = np.result_type(Ws[0], np.float32)
    layers = [(W[:-1], W[-1]) for W in Ws]  # cut once: for few rows that takes as long as tanh

    def outputs(x: Array) -> Array:
        x = np.asarray(x, dtype)
        if len(x) <= CHUNK_ROWS:
            return _forward(layers, x)
        return np.concatenate([_forward(layers, x[rows]) for rows in row_chunks(len(x))])

    return outputs


class _Activations(NamedTuple):
    """What one forward pass leaves for the products."""

    inputs: list[Array]  #: [h_{l-1}, 1] for every layer l
    slopes: list[Array]  #: tanh'(z_l) = 1 - h_l² for every hidden layer l


def _activations(Ws: list[Array], x: Array) -> _Activations:
    inputs, slopes = [np.column_stack([x, np.ones(len(x), x.dtype)])], []
    for W in Ws[:-1]:
        h_one = np.empty((len(x), W.shape[1] + 1), x.dtype)
        h, h_one[:, -1] = h_one[:, :-1], 1
        np.tanh(np.matmul(inputs[-1], W, out=h), out=h)
        slope = np.square(h)
        np.subtract(1, slope, out=slope)
        inputs.append(h_one)
        slopes.append(slope)
    return _Activations(inputs, slopes)


def _jvp(Ws: list[Array], dWs: list[Array], at: _Activations, scratch: "_Scratch") -> Array:
    """J v, forward: dz_l = dh_{l-1} W_l + [h_{l-1}, 1] dW_l with dh_l = tanh'(z_l) dz_l. (6.6)"""
    dz = scratch.matmul(at.inputs[0], dWs[0])  # dh_0 = 0: x does not depend on theta
    for W, dW, h, slope in zip(Ws[1:], dWs[1:], at.inputs[1:], at.slopes, strict=True):
        dh = np.multiply(dz, slope, out=dz)
        dz = scratch.matmul(dh, W[:-1])
        dz += scratch.matmul(h, dW)
    return dz.copy()


def _vjp(Ws: list[Array], u: Array, at: _Activations, scratch: "_Scratch") -> Array:
    """Jᵀ u, backward, (6.7): dW_l = [h_{l-1}, 1]ᵀ dz_l, dz_{l-1} = tanh'(z_{l-1}) (dz_l W_lᵀ)."""
    dz, dWs = u, [at.inputs[-1].T @ u]
    for W, h, slope in zip(Ws[:0:-1], at.inputs[-2::-1], at.slopes[::-1], strict=True):
        dh = scratch.matmul(dz, W[:-1].T)
        dz = np.multiply(dh, slope, out=dh)
        dWs.append(h.T @ dz)
    return np.concatenate([dW.ravel() for dW in reversed(dWs)])


def _forward(layers: list[tuple[Array, Array]], x: Array) -> Array:
    h = x
    for W, b in layers[:-1]:
        h = h @ W
        h += b
        np.tanh(h, out=h)
    W, b = layers[-1]
    return h @ W + b


class _Scratch:
    """Memory for intermediate products, used over and over: new memory costs more than the sums.

    Three buffers take turns, so a result lasts through the next two calls.
    """

    def __init__(self, rows: int, columns: int, dtype: np.dtype):
        self._buffers = [np.empty(rows * columns, dtype) for _ in range(3)]

    def matmul(self, a: Array, b: Array) -> Array:
        """a @ b."""
        self._buffers.append(self._buffers.pop(0))
        shape = len(a), b.shape[1]
        out = self._buffers[0][: shape[0] * shape[1]].reshape(shape)
        if len(b) == 1:  # a column times a row: matmul takes five times as long as einsum
            return np.einsum("ni,ij->nj", a, b, out=out)
        return np.matmul(a, b, out=out)


def row_chunks(N: int) -> list[slice]:
    """The rows 0 ... N - 1 in slices of at most CHUNK_ROWS."""
    return [slice(start, start + CHUNK_ROWS) for start in range(0, N, CHUNK_ROWS)]


def stacked(parts: list[Array]) -> Array:
    """The parts one below the other."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _keep_freed_memory() -> None:
    """Has the C library keep the memory of large arrays for the next ones.

    It gives each array above some size back to the system, and a new one starts with a page fault
    every 4 kB, which takes longer than a matrix product. glibc raises that size to the largest it
    has seen freed, up to 32 MB: one array that is never touched will do. Others may ignore it.
    """
    np.empty(2**25 - 2**16, np.uint8)


_keep_freed_memory()
