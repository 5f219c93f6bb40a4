"""The Beta distribution for actions with bounds, as notebook 16 derives it."""

from dataclasses import dataclass
from itertools import product

import autograd.numpy as anp
import gymnasium
import numpy as np
from gymnasium import spaces

from trpo_np.classroom.bounded.gamma_functions import digamma, log_gamma, trigamma
from trpo_np.distributions import DiagonalGaussian, Distribution, Product
from trpo_np.errors import UsageError
from trpo_np.policy import Policy
from trpo_np.spaces import make_policy

Array = np.ndarray
#: How near to a bound a drawn action may come, in units of the box: nearer, it could be rounded, in
#: the space's float32, to the bound itself, where the density is 0.
EDGE = 1e-6


def concentrations(eta: Array) -> tuple[Array, Array]:
    """α and β (N, d) of eta (N, 2d), both above 1, so that the density has one maximum: (16.2)."""
    return tuple(anp.split(1 + anp.logaddexp(0.0, eta), 2, axis=1))


def log_normaliser(alpha: Array, beta: Array) -> Array:
    """log B(α, β), the logarithm of what the density is divided by, elementwise."""
    return log_gamma(alpha) + log_gamma(beta) - log_gamma(alpha + beta)


def log_prob(eta: Array, actions: Array, low: Array, high: Array) -> Array:
    """log of the density (N,) of actions (N, d) in a box with bounds (d,): equation (16.1)."""
    alpha, beta = concentrations(eta)
    x = (actions - low) / (high - low)
    terms = (alpha - 1) * anp.log(x) + (beta - 1) * anp.log(1 - x) - log_normaliser(alpha, beta)
    return anp.sum(terms - anp.log(high - low), axis=1)


def kl(eta: Array, eta_new: Array) -> Array:
    """KL(eta ‖ eta_new) (N,) in nats, whatever the box: log p - log q by the means of (16.5)."""
    (a, b), (a_new, b_new) = concentrations(eta), concentrations(eta_new)
    both = digamma(a + b)
    terms = (
        log_normaliser(a_new, b_new)
        - log_normaliser(a, b)
        + (a - a_new) * (digamma(a) - both)
        + (b - b_new) * (digamma(b) - both)
    )
    return anp.sum(terms, axis=1)


def metric_product(eta: Array, u: Array) -> Array:
    """M u (N, 2d) for u (N, 2d), the metric in eta: equations (16.6) and (16.7)."""
    alpha, beta = concentrations(eta)
    slope = 1 / (1 + np.exp(-eta))
    du_alpha, du_beta = np.split(slope * u, 2, axis=1)
    shared = trigamma(alpha + beta) * (du_alpha + du_beta)
    parts = trigamma(alpha) * du_alpha - shared, trigamma(beta) * du_beta - shared
    return slope * np.concatenate(parts, axis=1)


def sample(eta: Array, low: Array, high: Array, rng: np.random.Generator) -> Array:
    """Random actions (N, d) in the box."""
    alpha, beta = concentrations(eta)
    x = np.clip(rng.beta(alpha, beta), EDGE, 1 - EDGE)
    return low + (high - low) * x


@dataclass(frozen=True)
class Beta(Distribution):
    """d independent Beta variables, each between its two bounds; eta = [for α, for β] (N, 2d)."""

    low: tuple[float, ...]
    high: tuple[float, ...]

    @classmethod
    def of(cls, space: gymnasium.Space) -> "Beta":
        """That of a Box; UsageError where it has no bounds, or is no Box."""
        if not (isinstance(space, spaces.Box) and space.is_bounded()):
            raise UsageError(
                f"{space} is not possible here: a Beta needs a Box with finite bounds."
            )
        return cls(*(tuple(map(float, bound.ravel())) for bound in (space.low, space.high)))

    @property
    def box(self) -> tuple[Array, Array]:
        """The bounds, two arrays (d,)."""
        return np.array(self.low), np.array(self.high)

    @property
    def num_outputs(self) -> int:
        return 2 * len(self.low)

    @property
    def event_shape(self) -> tuple[int, ...]:
        return (len(self.low),)

    def sample(self, eta: Array, rng: np.random.Generator) -> Array:
        return sample(eta, *self.box, rng)

    def mode(self, eta: Array) -> Array:
        """Where the density is largest: (α - 1) / (α + β - 2) of the way from low to high."""
        low, high = self.box
        alpha, beta = concentrations(eta)
        return low + (high - low) * (alpha - 1) / (alpha + beta - 2)

    def log_prob(self, eta: Array, actions: Array) -> Array:
        return log_prob(eta, actions, *self.box)

    def score(self, eta: Array, actions: Array) -> Array:
        """log x and log(1 - x) less their means, times dα/dη and dβ/dη: equation (16.5)."""
        low, high = self.box
        alpha, beta = concentrations(eta)
        x, both = (actions - low) / (high - low), digamma(alpha + beta)
        parts = np.log(x) - digamma(alpha) + both, np.log(1 - x) - digamma(beta) + both
        return np.concatenate(parts, axis=1) / (1 + np.exp(-eta))

    def kl(self, eta: Array, eta_new: Array) -> Array:
        return kl(eta, eta_new)

    def entropy(self, eta: Array) -> Array:
        """-E log p, from the means of log x and log(1 - x)."""
        low, high = self.box
        alpha, beta = concentrations(eta)
        both = digamma(alpha + beta)
        terms = log_normaliser(alpha, beta) + anp.log(high - low)
        terms = terms - (alpha - 1) * (digamma(alpha) - both) - (beta - 1) * (digamma(beta) - both)
        return anp.sum(terms, axis=1)

    def metric(self, eta: Array) -> Product:
        return lambda u: metric_product(eta, u)

    def quadrature(self, eta: Array) -> tuple[Array, Array]:
        """The trapezium rule for log(x / (1 - x)) in units of its width: for smooth functions that
        fall off at both ends it is as good as exact."""
        low, high = self.box
        alpha, beta = concentrations(eta)
        width = np.sqrt(1 / alpha + 1 / beta)
        z = np.arange(-36.0, 36.2, 0.4)
        t = np.log(alpha / beta) + width * z[:, None, None]  # (Q, N, d)
        log_x, log_rest = -np.logaddexp(0, -t), -np.logaddexp(0, t)
        weights = (
            np.exp(alpha * log_x + beta * log_rest - log_normaliser(alpha, beta)) * 0.4 * width
        )
        grid = list(product(range(len(z)), repeat=len(low)))
        pick = lambda rows: np.stack([rows[list(k), :, range(len(low))].T for k in grid])  # noqa: E731
        x = np.clip(np.exp(pick(log_x)), 1e-14, 1 - 1e-14)  # off the ends, where log p is infinite
        return low + (high - low) * x, np.prod(pick(weights), axis=2)


@dataclass(frozen=True)
class StateGaussian(DiagonalGaussian):
    """The Gaussian whose log σ, as its mean, is an output of the network."""

    num_free = 0


def beta_policy(
    observation_space: gymnasium.Space, action_space: gymnasium.Space, hidden
) -> Policy:
    """As `make_policy`, with a Beta for its Box."""
    return make_policy(observation_space, action_space, hidden, Beta.of(action_space))


def state_gaussian_policy(
    observation_space: gymnasium.Space, action_space: gymnasium.Space, hidden
) -> Policy:
    """As `make_policy`, with a Gaussian whose width depends on the state."""
    size = int(np.prod(action_space.shape))
    return make_policy(observation_space, action_space, hidden, StateGaussian(size))
