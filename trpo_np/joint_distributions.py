"""Several discrete actions at once: independent Categoricals, and independent coins."""

from dataclasses import dataclass
from itertools import pairwise, product

import autograd.numpy as anp
import numpy as np

from trpo_np.checked import sizes
from trpo_np.distributions import Array, Categorical, Distribution, Product


def _log_sigmoid(logits):
    return -anp.logaddexp(0.0, -logits)


@dataclass(frozen=True)
class MultiCategorical(Distribution):
    """Independent Categoricals; eta are their logits side by side. For MultiDiscrete spaces."""

    sizes: tuple[int, ...]

    def __post_init__(self):
        sizes(self, *self.sizes)

    @property
    def num_outputs(self) -> int:
        return sum(self.sizes)

    @property
    def event_shape(self) -> tuple[int, ...]:
        return (len(self.sizes),)

    def _parts(self, eta: Array) -> list[tuple[Categorical, Array]]:
        edges = pairwise(np.cumsum((0, *self.sizes)))
        return [
            (Categorical(n), eta[:, start:stop])
            for n, (start, stop) in zip(self.sizes, edges, strict=True)
        ]

    def sample(self, eta: Array, rng: np.random.Generator) -> Array:
        return np.stack([part.sample(x, rng) for part, x in self._parts(eta)], axis=1)

    def mode(self, eta: Array) -> Array:
        return np.stack([part.mode(x) for part, x in self._parts(eta)], axis=1)

    def log_prob(self, eta: Array, actions: Array) -> Array:
        parts = zip(self._parts(eta), actions.T, strict=True)
        return sum(part.log_prob(x, column) for (part, x), column in parts)

    def score(self, eta: Array, actions: Array) -> Array:
        parts = zip(self._parts(eta), actions.T, strict=True)
        return np.concatenate([part.score(x, column) for (part, x), column in parts], axis=1)

    def kl(self, eta: Array, eta_new: Array) -> Array:
        parts = zip(self._parts(eta), self._parts(eta_new), strict=True)
        return sum(part.kl(x, y) for (part, x), (_, y) in parts)

    def entropy(self, eta: Array) -> Array:
        return sum(part.entropy(x) for part, x in self._parts(eta))

    def metric(self, eta: Array) -> Product:
        """M is block diagonal, one block for each Categorical."""
        blocks = [part.metric(x) for part, x in self._parts(eta)]
        return lambda u: np.concatenate(
            [block(x) for block, (_, x) in zip(blocks, self._parts(u), strict=True)], axis=1
        )

    def quadrature(self, eta: Array) -> tuple[Array, Array]:
        """All combinations of actions with their probabilities."""
        combinations = np.array(list(product(*map(range, self.sizes))))
        actions = np.repeat(combinations[:, None, :], len(eta), axis=1)
        return actions, np.exp(np.stack([self.log_prob(eta, a) for a in actions]))


@dataclass(frozen=True)
class Bernoulli(Distribution):
    """d independent coins, 1 with probability sigmoid(eta); eta (N, d). For MultiBinary spaces."""

    d: int

    @property
    def num_outputs(self) -> int:
        return self.d

    @property
    def event_shape(self) -> tuple[int, ...]:
        return (self.d,)

    def sample(self, eta: Array, rng: np.random.Generator) -> Array:
        return (rng.random(eta.shape) < np.exp(_log_sigmoid(eta))).astype(int)

    def mode(self, eta: Array) -> Array:
        return (eta > 0).astype(int)

    def log_prob(self, eta: Array, actions: Array) -> Array:
        if not np.isin(actions, (0, 1)).all():
            raise ValueError("An action here is 0 or 1 in each entry.")
        signs = np.where(actions == 1, 1.0, -1.0).astype(eta.dtype)  # 1 - sigmoid(x) = sigmoid(-x)
        return anp.sum(_log_sigmoid(signs * eta), axis=1)

    def score(self, eta: Array, actions: Array) -> Array:
        return (actions == 1) - np.exp(_log_sigmoid(eta))

    def kl(self, eta: Array, eta_new: Array) -> Array:
        log_p, log_not_p = _log_sigmoid(eta), _log_sigmoid(-eta)
        log_q, log_not_q = _log_sigmoid(eta_new), _log_sigmoid(-eta_new)
        p, not_p = anp.exp(log_p), anp.exp(log_not_p)
        return anp.sum(p * (log_p - log_q) + not_p * (log_not_p - log_not_q), axis=1)

    def entropy(self, eta: Array) -> Array:
        log_p, log_not_p = _log_sigmoid(eta), _log_sigmoid(-eta)
        return -anp.sum(anp.exp(log_p) * log_p + anp.exp(log_not_p) * log_not_p, axis=1)

    def metric(self, eta: Array) -> Product:
        """M = diag(p (1 - p))."""
        variance = np.exp(_log_sigmoid(eta) + _log_sigmoid(-eta))
        return lambda u: variance * u

    def quadrature(self, eta: Array) -> tuple[Array, Array]:
        """All 2^d outcomes with their probabilities."""
        outcomes = np.array(list(product((0, 1), repeat=self.d)))
        actions = np.repeat(outcomes[:, None, :], len(eta), axis=1)
        return actions, np.exp(np.stack([self.log_prob(eta, a) for a in actions]))
