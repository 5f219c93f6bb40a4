"""Action distributions: the interface, Categorical and Gaussian.

Each is a function of eta (N, K), the outputs of the network, and holds no parameters, only its
size. To add one: a class with the methods of `Distribution` in a file of its own, a line in
DISTRIBUTIONS of spaces.py if an action space should get it by default, and a line in FAMILIES of
tests/test_distributions.py, which tests all of them for the same properties. Step by step:
notebooks/README.md, "How to add"; a whole one: notebooks/borrow.md.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import autograd.numpy as anp
import numpy as np
from autograd import grad

from trpo_np.checked import sizes
from trpo_np.errors import UsageError

Array = np.ndarray
Product = Callable[[Array], Array]
HALF_LOG_2PI = 0.5 * float(np.log(2 * np.pi))


def _log_softmax(logits):
    shifted = logits - anp.max(logits, axis=-1, keepdims=True)  # exp cannot overflow
    return shifted - anp.log(anp.sum(anp.exp(shifted), axis=-1, keepdims=True))


class Distribution(ABC):
    """What every distribution answers. `log_prob`, `kl` and `entropy` are written for autograd."""

    num_outputs: int  #: K
    num_free: int = 0  #: how many of the last columns of eta do not depend on the state
    event_shape: tuple[int, ...] = ()  #: of one action

    def __post_init__(self):
        sizes(self, self.num_outputs)

    @abstractmethod
    def sample(self, eta: Array, rng: np.random.Generator) -> Array:
        """Random actions (N, ...), one for each row of eta."""

    @abstractmethod
    def mode(self, eta: Array) -> Array:
        """The most likely actions (N, ...)."""

    @abstractmethod
    def log_prob(self, eta: Array, actions: Array) -> Array:
        """The natural logarithm (N,) of the actions' probability, or of its density."""

    @abstractmethod
    def kl(self, eta: Array, eta_new: Array) -> Array:
        """KL(eta ‖ eta_new) (N,) in nats, summed over the dimensions of an action."""

    @abstractmethod
    def entropy(self, eta: Array) -> Array:
        """The entropy (N,) in nats."""

    @abstractmethod
    def metric(self, eta: Array) -> Product:
        """The function u (N, K) -> M u (N, K), row by row; M = E[∇_eta log p ∇_eta log pᵀ] is the
        Fisher matrix of the distribution at eta."""

    @abstractmethod
    def quadrature(self, eta: Array) -> tuple[Array, Array]:
        """Actions (Q, N, ...) and weights (Q, N) with Σ_q w f(a) = E f(a), exact for f a product
        of two scores."""

    def score(self, eta: Array, actions: Array) -> Array:
        """∇_eta log_prob (N, K); here by autograd, in closed form where that is known."""
        return grad(lambda x: anp.sum(self.log_prob(x, actions)))(eta)

    def fisher_product(self, eta: Array, u: Array) -> Array:
        """M u (N, K), row by row, for u (N, K)."""
        return self.metric(eta)(u)


@dataclass(frozen=True)
class Categorical(Distribution):
    """One of n actions, numbered from 0; eta are logits (N, n). For Discrete spaces."""

    n: int

    @property
    def num_outputs(self) -> int:
        return self.n

    def sample(self, eta: Array, rng: np.random.Generator) -> Array:
        # Gumbel's trick: the largest of logits plus Gumbel noise is a draw from the softmax.
        return np.argmax(eta + rng.gumbel(size=eta.shape), axis=1)

    def mode(self, eta: Array) -> Array:
        return np.argmax(eta, axis=1)

    def log_prob(self, eta: Array, actions: Array) -> Array:
        """The log-softmax of the chosen actions: equation (5.2)."""
        chosen = actions[:, None] == np.arange(self.n)
        if not chosen.any(axis=1).all():
            outside = actions[~chosen.any(axis=1)][0]
            raise UsageError(f"There is no action {outside}: they are 0 ... {self.n - 1}.")
        return anp.sum(_log_softmax(eta) * chosen, axis=1)  # (5.2)

    def score(self, eta: Array, actions: Array) -> Array:
        """1 for the chosen action and 0 for the others, less p."""
        return (actions[:, None] == np.arange(self.n)) - np.exp(_log_softmax(eta))

    def kl(self, eta: Array, eta_new: Array) -> Array:
        """Σ_a p (log p - log q): equations (1.3), (5.1)."""
        log_p, log_q = _log_softmax(eta), _log_softmax(eta_new)
        return anp.sum(anp.exp(log_p) * (log_p - log_q), axis=1)  # (1.3), (5.1)

    def entropy(self, eta: Array) -> Array:
        log_p = _log_softmax(eta)
        return -anp.sum(anp.exp(log_p) * log_p, axis=1)

    def metric(self, eta: Array) -> Product:
        """M = diag(p) - p pᵀ, so M u = p (u - p·u): equation (5.6)."""
        p = np.exp(_log_softmax(eta))
        return lambda u: p * (u - np.sum(p * u, axis=1, keepdims=True))  # (5.6)

    def quadrature(self, eta: Array) -> tuple[Array, Array]:
        """All n actions with their probabilities."""
        actions = np.repeat(np.arange(self.n)[:, None], len(eta), axis=1)
        return actions, np.exp(_log_softmax(eta)).T


@dataclass(frozen=True)
class DiagonalGaussian(Distribution):
    """d independent normals; eta = [mean, log_std] (N, 2d). For Box spaces. The d columns of
    log_std are free: they do not depend on the state."""

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

    def sample(self, eta: Array, rng: np.random.Generator) -> Array:
        mean, log_std = eta[:, : self.d], eta[:, self.d :]
        return mean + np.exp(log_std) * rng.standard_normal(mean.shape)

    def mode(self, eta: Array) -> Array:
        return eta[:, : self.d]

    def log_prob(self, eta: Array, actions: Array) -> Array:
        mean, log_std = anp.split(eta, 2, axis=1)
        z = (actions - mean) * anp.exp(-log_std)
        return anp.sum(-0.5 * z**2 - log_std - HALF_LOG_2PI, axis=1)

    def score(self, eta: Array, actions: Array) -> Array:
        """(a - mean) / std² and z² - 1, where z = (a - mean) / std."""
        inverse_std = np.exp(-eta[:, self.d :])
        z = (actions - eta[:, : self.d]) * inverse_std
        return np.concatenate([z * inverse_std, z**2 - 1], axis=1)

    def kl(self, eta: Array, eta_new: Array) -> Array:
        """Summed over the d dimensions: equations (1.4), (5.8)."""
        mean, log_std = anp.split(eta, 2, axis=1)
        mean_new, log_std_new = anp.split(eta_new, 2, axis=1)
        ratio = anp.exp(2 * (log_std - log_std_new))  # of the variances
        shift = (mean - mean_new) * anp.exp(-log_std_new)
        return anp.sum(log_std_new - log_std + 0.5 * (ratio + shift**2 - 1), axis=1)  # (1.4), (5.8)

    def entropy(self, eta: Array) -> Array:
        return anp.sum(eta[:, self.d :] + HALF_LOG_2PI + 0.5, axis=1)

    def metric(self, eta: Array) -> Product:
        """M = diag(1 / std², 2): the first for the mean, the second for log_std. Equation (5.7)."""
        precision = np.exp(-2 * eta[:, self.d :])
        diagonal = np.concatenate([precision, np.full_like(precision, 2)], axis=1)
        return lambda u: diagonal * u  # (5.7)

    def quadrature(self, eta: Array) -> tuple[Array, Array]:
        """Gauss-Hermite nodes, 3 a dimension: exact for polynomials of degree 5 in each."""
        mean, log_std = anp.split(eta, 2, axis=1)
        z = np.array(list(product((-np.sqrt(3), 0.0, np.sqrt(3)), repeat=self.d)))
        weights = np.prod(list(product((1 / 6, 2 / 3, 1 / 6), repeat=self.d)), axis=1)
        actions = mean + np.exp(log_std) * z[:, None, :]
        return actions, np.repeat(weights[:, None], len(eta), axis=1)
