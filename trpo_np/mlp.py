"""A multilayer perceptron as pure functions of one flat parameter vector.

With h_0 = x, layer l computes z_l = [h_{l-1}, 1] W_l and h_l = tanh(z_l); the last layer stays
linear. The bias is the last row of W_l, so the parameters of a layer are one matrix, and theta is
those matrices laid end to end. `trpo_np.fast` has the same network for many rows at speed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import autograd.numpy as anp
import numpy as np
from autograd import make_jvp, make_vjp

from trpo_np.checked import is_whole, rows, vector
from trpo_np.errors import UsageError

Array = np.ndarray


class Linearization(NamedTuple):
    """A function's value at a point, and the two products with its Jacobian J there.

    It keeps the point it was made at: what happens to the array of the parameters later does not
    matter to it.
    """

    outputs: Array  #: (N, K)
    jvp: Callable[[Array], Array]  #: v (P,) -> J v (N, K)
    vjp: Callable[[Array], Array]  #: u (N, K) -> Jᵀ u (P,), summed over the N rows


class Network:
    """What a policy asks of its network; the first three are enough for one of your own.

    num_parameters            the length P of theta
    init(rng, output_scale)   a random theta (P,), its outputs near 0 where output_scale is small
    apply(theta, x)           the outputs (N, K) of inputs x (N, D), written for autograd
    bind(theta)               the function x -> apply(theta, x), for many calls at one theta
    linearize(theta, x)       the outputs with the products J v and Jᵀ u, J = ∂outputs/∂theta
    """

    num_inputs: int | None = None  #: D, where the network can say

    def bind(self, theta: Array) -> Callable[[Array], Array]:
        """The function x (N, D) -> apply(theta, x) (N, K)."""
        return lambda x: self.apply(theta, x)

    def linearize(self, theta: Array, x: Array) -> Linearization:
        """The outputs at theta with J v and Jᵀ u, here by autograd."""
        theta, x = theta.copy(), np.array(x)
        along = make_jvp(lambda t: self.apply(t, x))(theta)
        vjp, outputs = make_vjp(lambda t: self.apply(t, x))(theta)
        return Linearization(outputs, lambda v: along(v)[1], vjp)

    def jvp(self, theta: Array, x: Array, v: Array) -> Array:
        """J v (N, K): how the outputs move when theta moves along v (P,). Equation (6.3)."""
        return self.linearize(theta, x).jvp(v)  # (6.3)

    def vjp(self, theta: Array, x: Array, u: Array) -> Array:
        """Jᵀ u (P,): the gradient with respect to theta of the sum of u (N, K) times outputs.
        Equation (6.4)."""
        return self.linearize(theta, x).vjp(u)  # (6.4)


@dataclass(frozen=True)
class MLP(Network):
    """The shape of a tanh network, `sizes` = (inputs, hidden..., outputs); it holds no weights."""

    sizes: tuple[int, ...]

    def __post_init__(self):
        if len(self.sizes) < 2 or not all(is_whole(n, 1) for n in self.sizes):
            raise UsageError(
                f"sizes = {self.sizes} is not possible: give inputs, hidden layers, outputs, "
                "each an integer of at least 1."
            )

    @property
    def num_inputs(self) -> int:
        """D, the entries of one input."""
        return self.sizes[0]

    @property
    def num_parameters(self) -> int:
        """The length P of theta."""
        return sum((n_in + 1) * n_out for n_in, n_out in pairwise(self.sizes))

    def init(self, rng: np.random.Generator, output_scale: float = 1.0) -> Array:
        """A random theta (P,): weights N(0, 1/n_in), the last layer's times `output_scale`,
        biases 0."""
        scales = [1.0] * (len(self.sizes) - 2) + [output_scale]
        layers = []
        for scale, (n_in, n_out) in zip(scales, pairwise(self.sizes), strict=True):
            layers.append(scale / np.sqrt(n_in) * rng.standard_normal((n_in, n_out)))
            layers.append(np.zeros((1, n_out)))
        return np.concatenate([block.ravel() for block in layers])

    def weights(self, theta: Array) -> list[Array]:
        """The matrices W_l (n_in + 1, n_out) as views of theta, each with its bias as last row."""
        theta, matrices, start = vector(theta, self.num_parameters), [], 0
        for n_in, n_out in pairwise(self.sizes):
            stop = start + (n_in + 1) * n_out
            matrices.append(theta[start:stop].reshape(n_in + 1, n_out))
            start = stop
        return matrices

    def layers(self, theta: Array, x: Array) -> list[Array]:
        """The one forward pass: h_0 = x, h_1, ..., and last the outputs (N, K), written for
        autograd. Equation (6.5)."""
        h = [rows(x, self.num_inputs, "inputs")]
        *hidden, last = self.weights(theta)
        for W in hidden:
            h.append(anp.tanh(affine(h[-1], W)))  # (6.5): h_l = tanh([h_{l-1}, 1] W_l)
        return [*h, affine(h[-1], last)]

    def apply(self, theta: Array, x: Array) -> Array:
        """The network's outputs (N, K), equation (6.5), for inputs x (N, D), for autograd to
        differentiate."""
        return self.layers(theta, x)[-1]

    def linearize(self, theta: Array, x: Array) -> Linearization:
        """The outputs at theta with J v, forward (6.6), and Jᵀ u, backward (6.7), which share one
        forward pass. The two satisfy u·(J v) = (Jᵀ u)·v, equation (6.8)."""
        Ws = self.weights(np.array(theta))
        *h, outputs = self.layers(theta, np.array(x))

        def jvp(v: Array) -> Array:
            """J v (N, K)."""
            dh = np.zeros_like(h[0])  # x does not depend on theta
            for i, (W, dW) in enumerate(zip(Ws, self.weights(v), strict=True)):
                dz = dh @ W[:-1] + affine(h[i], dW)  # (6.6): dh_{l-1} W_l + [h_{l-1}, 1] dW_l
                if i + 1 < len(Ws):
                    dh = (1 - h[i + 1] ** 2) * dz  # dh_l = tanh'(z_l) dz_l
            return dz

        def vjp(u: Array) -> Array:
            """Jᵀ u (P,)."""
            dz, dWs = u, []
            for i in reversed(range(len(Ws))):
                dWs.insert(0, np.vstack([h[i].T @ dz, dz.sum(axis=0)]))  # (6.7): [h_{l-1}, 1]ᵀ dz_l
                if i > 0:
                    dz = (1 - h[i] ** 2) * (dz @ Ws[i][:-1].T)  # tanh'(z_{l-1}) (dz_l W_lᵀ)
            return np.concatenate([dW.ravel() for dW in dWs])

        return Linearization(outputs, jvp, vjp)  # (6.8)


def affine(h: Array, W: Array) -> Array:
    """[h, 1] W (N, n_out) for h (N, n_in): the last row of W (n_in + 1, n_out) is the bias."""
    return h @ W[:-1] + W[-1]
