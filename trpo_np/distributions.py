"""Action distributions: the interface, Categorical and Gaussian. Each is a function of eta (N, K),
the outputs of the network.

A distribution holds no parameters, only its size. All share one interface:

    sample(eta, rng)         actions, one for each row of eta
    mode(eta)                the most likely actions
    log_prob(eta, actions)   (N,) natural logarithm of the probability, or of the density
    score(eta, actions)      (N, K) ∇_eta log_prob, in closed form
    kl(eta, eta_new)         (N,) KL(eta ‖ eta_new), summed over the dimensions of an action
    entropy(eta)             (N,) in nats
    fisher_product(eta, u)   (N, K) M u row by row, M = E[∇_eta log p ∇_eta log pᵀ]
    metric(eta)              the function u -> M u, for many products at one eta
    quadrature(eta)          actions (Q, N, ...) and weights (Q, N) with Σ_q w f(a) = E f(a),
                             exact for f a product of two scores

`num_outputs` is K, of which the last `num_free` columns do not depend on the state;
`event_shape` is the shape of one action. `log_prob`, `kl` and `entropy` are written for autograd.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import autograd.numpy as np
import numpy

Array = numpy.ndarray
Product = Callable[[Array], Array]
HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)


def _log_softmax(logits):
    shifted = logits - np.max(logits, axis=-1, keepdims=True)  # exp cannot overflow
    return shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))


class Distribution:
    """What all distributions share."""

    def fisher_product(self, eta: Array, u: Array) -> Array:
        """M u (N, K), row by row, for u (N, K)."""
        return self.metric(eta)(u)


@dataclass(frozen=True)
class Categorical(Distribution):
    """One of n actions, numbered from 0; eta are logits (N, n). For Discrete spaces."""

    n: int
    num_free = 0
    event_shape = ()

    @property
    def num_outputs(self) -> int:
        return self.n

    def sample(self, eta: Array, rng: numpy.random.Generator) -> Array:
        # Gumbel's trick: the largest of logits plus Gumbel noise is a draw from the softmax.
        return numpy.argmax(eta + rng.gumbel(size=eta.shape), axis=1)

    def mode(self, eta: Array) -> Array:
        return numpy.argmax(eta, axis=1)

    def log_prob(self, eta: Array, actions: Array) -> Array:
        """The log-softmax of the chosen actions: equation (5.2)."""
        chosen = actions[:, None] == numpy.arange(self.n)
        if not chosen.any(axis=1).all():
            outside = actions[~chosen.any(axis=1)][0]
            raise ValueError(f"There is no action {outside}: they are 0 ... {self.n - 1}.")
        return np.sum(_log_softmax(eta) * chosen, axis=1)

    def score(self, eta: Array, actions: Array) -> Array:
        """1 for the chosen action and 0 for the others, less p."""
        return (actions[:, None] == numpy.arange(self.n)) - numpy.exp(_log_softmax(eta))

    def kl(self, eta: Array, eta_new: Array) -> Array:
        """Σ_a p (log p - log q): equations (1.3), (5.1)."""
        log_p, log_q = _log_softmax(eta), _log_softmax(eta_new)
        return np.sum(np.exp(log_p) * (log_p - log_q), axis=1)

    def entropy(self, eta: Array) -> Array:
        log_p = _log_softmax(eta)
        return -np.sum(np.exp(log_p) * log_p, axis=1)

    def metric(self, eta: Array) -> Product:
        """M = diag(p) - p pᵀ, so M u = p (u - p·u): equation (5.6)."""
        p = numpy.exp(_log_softmax(eta))
        return lambda u: p * (u - numpy.sum(p * u, axis=1, keepdims=True))

    def quadrature(self, eta: Array) -> tuple[Array, Array]:
        """All n actions with their probabilities."""
        actions = numpy.repeat(numpy.arange(self.n)[:, None], len(eta), axis=1)
        return actions, numpy.exp(_log_softmax(eta)).T


@dataclass(frozen=True)
class DiagonalGaussian(Distribution):
    """d independent normals; eta = [mean, log_std] (N, 2d). For Box spaces.

    The d columns of log_std are free: they do not depend on the state.
    """

    d: int

    @property
    def num_outputs(self) -> int:
        return 2 * self.d

    @property
    def num_free(self) -> int:
        return self.d

    @property
    def event_shape(self) -> tuple[int, ...]:
        return (self.d,)

    def sample(self, eta: Array, rng: numpy.random.Generator) -> Array:
        mean, log_std = eta[:, : self.d], eta[:, self.d :]
        return mean + numpy.exp(log_std) * rng.standard_normal(mean.shape)

    def mode(self, eta: Array) -> Array:
        return eta[:, : self.d]

    def log_prob(self, eta: Array, actions: Array) -> Array:
        mean, log_std = np.split(eta, 2, axis=1)
        z = (actions - mean) * np.exp(-log_std)
        return np.sum(-0.5 * z**2 - log_std - HALF_LOG_2PI, axis=1)

    def score(self, eta: Array, actions: Array) -> Array:
        """(a - mean) / std² and z² - 1, where z = (a - mean) / std."""
        inverse_std = numpy.exp(-eta[:, self.d :])
        z = (actions - eta[:, : self.d]) * inverse_std
        return numpy.concatenate([z * inverse_std, z**2 - 1], axis=1)

    def kl(self, eta: Array, eta_new: Array) -> Array:
        """Summed over the d dimensions: equations (1.4), (5.8)."""
        mean, log_std = np.split(eta, 2, axis=1)
        mean_new, log_std_new = np.split(eta_new, 2, axis=1)
        ratio = np.exp(2 * (log_std - log_std_new))  # of the variances
        shift = (mean - mean_new) * np.exp(-log_std_new)
        return np.sum(log_std_new - log_std + 0.5 * (ratio + shift**2 - 1), axis=1)

    def entropy(self, eta: Array) -> Array:
        return np.sum(eta[:, self.d :] + HALF_LOG_2PI + 0.5, axis=1)

    def metric(self, eta: Array) -> Product:
        """M = diag(1 / std², 2): the first for the mean, the second for log_std. Equation (5.7)."""
        precision = numpy.exp(-2 * eta[:, self.d :])
        diagonal = numpy.concatenate([precision, numpy.full_like(precision, 2)], axis=1)
        return lambda u: diagonal * u

    def quadrature(self, eta: Array) -> tuple[Array, Array]:
        """Gauss-Hermite nodes, 3 a dimension: exact for polynomials of degree 5 in each."""
        mean, log_std = np.split(eta, 2, axis=1)
        z = numpy.array(list(product((-numpy.sqrt(3), 0.0, numpy.sqrt(3)), repeat=self.d)))
        weights = numpy.prod(list(product((1 / 6, 2 / 3, 1 / 6), repeat=self.d)), axis=1)
        actions = mean + numpy.exp(log_std) * z[:, None, :]
        return actions, numpy.repeat(weights[:, None], len(eta), axis=1)
