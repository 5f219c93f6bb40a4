"""What any distribution must keep, as numbers: the table of notebook 16."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from autograd import hessian

from trpo_np.classroom.bounded.beta import Beta, concentrations
from trpo_np.distributions import Distribution

Array = np.ndarray
DRAWS = 40_000
ERRORS = 4.0  #: how many standard errors a Monte Carlo estimate may be off


@dataclass(frozen=True)
class Property:
    """A number, and up to where the property is kept."""

    name: str
    number: float
    limit: float

    @property
    def kept(self) -> bool:
        """Whether it is: NaN is not."""
        return bool(self.number <= self.limit)


def properties(d: Beta, seed: int = 0) -> Iterator[Property]:
    """Eight properties of a distribution in a box of one dimension, at random eta."""
    rng = np.random.default_rng(seed)
    eta = 1.5 * rng.standard_normal((6, 2))
    far = 1.5 * rng.standard_normal(eta.shape)
    yield Property("∫ p da - 1, by quadrature", _normalisation(d, eta), 1e-9)
    yield Property("KL(p ‖ p)", float(np.abs(d.kl(eta, eta)).max()), 1e-12)
    yield Property("-KL(p ‖ q), the largest", float(-d.kl(eta, far).min()), 0.0)
    yield Property("Hessian of the KL - M", _curvature(d, eta[:2]), 1e-8)
    many, actions = _draws(d, eta[:1], rng)
    score = d.score(many, actions)
    yield Property("mean of the score, in standard errors", _errors(score), ERRORS)
    M = _matrix(d, eta[:1])
    squares = score[:, :, None] * score[:, None, :] - M
    yield Property("mean of score scoreᵀ - M, in s.e.", _errors(squares), ERRORS)
    gap = d.log_prob(many, actions) - d.log_prob(np.repeat(far[:1], DRAWS, 0), actions)
    yield Property("mean of log p - log q - KL, in s.e.", _errors(gap - d.kl(eta, far)[0]), ERRORS)
    yield Property("mean and variance of draws, in s.e.", _moments(d, eta[:1], actions), ERRORS)


def print_properties(d: Beta) -> None:
    """Prints the table, and whether each line is kept."""
    for p in properties(d):
        print(
            f"{p.name:38}{p.number:10.1e}   up to {p.limit:7.0e}   {'kept' if p.kept else 'BROKEN'}"
        )


def _normalisation(d: Beta, eta: Array, n: int = 400) -> float:
    """The largest error of ∫ p da, by Gauss and Legendre for t in x = (1 + sin t) / 2."""
    nodes, weights = np.polynomial.legendre.leggauss(n)
    t = 0.5 * np.pi * nodes
    low, high = d.low[0], d.high[0]
    actions = low + (high - low) * (1 + np.sin(t)) / 2
    slope = 0.5 * (high - low) * np.cos(t) * 0.5 * np.pi * weights
    p = np.exp([d.log_prob(eta, np.full((len(eta), 1), a)) for a in actions])
    return float(np.abs(slope @ p - 1).max())


def _matrix(d: Distribution, eta: Array) -> Array:
    """M at one eta, column by column."""
    return np.stack([d.fisher_product(eta, e[None])[0] for e in np.eye(eta.shape[1])], axis=1)


def _curvature(d: Distribution, eta: Array) -> float:
    worst = [
        np.abs(hessian(lambda x, e=e: d.kl(e[None], x[None])[0])(e) - _matrix(d, e[None])).max()
        for e in eta
    ]
    return float(np.max(worst))


def _draws(d: Distribution, eta: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    many = np.repeat(eta, DRAWS, axis=0)
    return many, d.sample(many, rng)


def _errors(samples: Array) -> float:
    """The largest mean over the draws, in standard errors."""
    error = samples.std(axis=0) / np.sqrt(len(samples))
    return float(np.max(np.abs(samples.mean(axis=0)) / error))


def _moments(d: Beta, eta: Array, actions: Array) -> float:
    """Mean and variance of draws, against α / (α + β) and the Beta's variance."""
    alpha, beta = (float(c[0, 0]) for c in concentrations(eta))
    mean = alpha / (alpha + beta)
    variance = mean * (1 - mean) / (alpha + beta + 1)
    x = (actions - d.low[0]) / (d.high[0] - d.low[0])
    return _errors(np.hstack([x - mean, (x - mean) ** 2 - variance]))


def broken(d: type[Beta]) -> dict[str, type[Beta]]:
    """Four wrong relatives of a distribution, each by what is wrong with it."""

    class Reversed(d):
        def kl(self, eta, eta_new):
            return super().kl(eta_new, eta)

    class Unchained(d):
        def metric(self, eta):
            slope = 1 / (1 + np.exp(-eta))
            return lambda u: super(Unchained, self).metric(eta)(u / slope) / slope

    class Narrow(d):
        def log_prob(self, eta, actions):
            return super().log_prob(eta, actions) + np.log(self.high[0] - self.low[0])

    class Turned(d):
        def sample(self, eta, rng):
            return super().sample(eta[:, ::-1], rng)

    return {
        "KL(new ‖ old)": Reversed,
        "the metric in α and β": Unchained,
        "the width of the box forgotten": Narrow,
        "α and β exchanged in the draws": Turned,
    }
