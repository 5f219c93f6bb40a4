"""The checks of notebook 16's KL, metric and draws, exercises 16.4 to 16.6."""

import numpy as np

from trpo_np.classroom.bounded import beta
from trpo_np.classroom.bounded.beta import log_normaliser
from trpo_np.classroom.bounded.gamma_functions import digamma, trigamma
from trpo_np.classroom.bounded.sampling import CheckOfSampling, keeps_off_the_ends
from trpo_np.classroom.checks import Check, Mistake, case

Array = np.ndarray


# Exercise 16.4


def _kl(eta, eta_new):
    (a, b), (a_new, b_new) = beta.concentrations(eta), beta.concentrations(eta_new)
    log_x = digamma(a) - digamma(a + b)
    log_rest = digamma(b) - digamma(a + b)
    terms = (
        (a - a_new) * log_x
        + (b - b_new) * log_rest
        + log_normaliser(a_new, b_new)
        - log_normaliser(a, b)
    )
    return np.sum(terms, axis=1)


def _kl_cases():
    rng = np.random.default_rng(3)
    one, other = 1.5 * rng.standard_normal((2, 4, 2))
    several, others = 1.5 * rng.standard_normal((2, 3, 6))
    return [
        case("for one dimension", one, other),
        case("for three dimensions", several, others),
        case("where half of the rows are the same", one, np.vstack([one[:2], other[2:]])),
        case("where α alone differs", one, one + np.array([0.7, 0.0])),
    ]


def _kl_varied(change):
    """The KL with its parts changed: change(old, new, E log x, E log(1 - x)) is one entry."""

    def answer(eta, eta_new):
        old, new = beta.concentrations(eta), beta.concentrations(eta_new)
        both = digamma(sum(old))
        return np.sum(change(old, new, digamma(old[0]) - both, digamma(old[1]) - both), axis=1)

    return answer


def _normalisers(old, new):
    return log_normaliser(*new) - log_normaliser(*old)


def _slopes(old, new, x, rest):
    return (old[0] - new[0]) * x + (old[1] - new[1]) * rest


check_kl = Check(
    "Exercise 16.4",
    beta.kl,
    _kl_cases,
    (
        Mistake(
            lambda eta, eta_new: _kl(eta_new, eta),
            "this is KL(new ‖ old): the expectation is over the old policy",
        ),
        Mistake(
            _kl_varied(_slopes),
            "the normalisers are missing: log p and log q each have their own log B",
        ),
        Mistake(
            _kl_varied(lambda p, q, x, y: -_normalisers(p, q) + _slopes(p, q, x, y)),
            "the normalisers have the wrong sign: log p has -log B of its own",
        ),
        Mistake(
            _kl_varied(lambda p, q, x, y: _normalisers(p, q) - _slopes(p, q, x, y)),
            "the means of log x and log(1 - x) come with the wrong sign: in log p they are times "
            "the old α - 1, in log q times the new one",
        ),
        Mistake(
            _kl_varied(
                lambda p, q, x, y: (
                    log_normaliser(*q)
                    - log_normaliser(*p)
                    + _slopes(p, q, digamma(p[0]), digamma(p[1]))
                )
            ),
            "the mean of log x is ψ(α) less a term that belongs to α + β: (16.5)",
        ),
        Mistake(
            lambda eta, eta_new: _kl(eta, eta_new) / (eta.shape[1] // 2),
            "this is the mean over the dimensions of an action; the KL of independent ones is "
            "the sum",
        ),
        Mistake(
            _kl_varied(
                lambda p, q, x, y: (
                    log_normaliser(*q)
                    - log_normaliser(*p)
                    + _slopes(p, q, np.log(p[0] / sum(p)), np.log(p[1] / sum(p)))
                )
            ),
            "you took the logarithm of the mean of x; the mean of its logarithm is wanted, (16.5)",
        ),
    ),
    "0 for equal policies and nowhere else, and the same in every box.",
    solution=_kl,
    look="(16.5)",
)


# Exercise 16.5


def _metric(eta, u):
    alpha, beta_ = beta.concentrations(eta)
    slope = 1 / (1 + np.exp(-eta))
    du_alpha, du_beta = np.split(slope * u, 2, axis=1)
    shared = trigamma(alpha + beta_) * (du_alpha + du_beta)
    Mu = [trigamma(alpha) * du_alpha - shared, trigamma(beta_) * du_beta - shared]
    return slope * np.concatenate(Mu, axis=1)


def _metric_cases():
    rng = np.random.default_rng(4)
    return [
        case("for one dimension", rng.standard_normal((4, 2)), rng.standard_normal((4, 2))),
        case("for two dimensions", rng.standard_normal((3, 4)), rng.standard_normal((3, 4))),
        case(
            "where only the entry of α is not 0",
            rng.standard_normal((3, 2)),
            np.array([1.0, 0.0]) * np.ones((3, 1)),
        ),
    ]


def _metric_varied(before, after, shared=1.0, own=trigamma, coupling=trigamma):
    """The product with other slopes before and after, and another shared term."""

    def answer(eta, u):
        (alpha, beta_), slope = beta.concentrations(eta), 1 / (1 + np.exp(-eta))
        left, right = np.split(slope**before * u, 2, axis=1)
        term = shared * coupling(alpha + beta_) * (left + right)
        return slope**after * np.concatenate(
            [own(alpha) * left - term, own(beta_) * right - term], 1
        )

    return answer


def _by_exp(eta, u):
    """The slope is that of an exponential."""
    (alpha, beta_), slope = beta.concentrations(eta), np.exp(eta)
    left, right = np.split(slope * u, 2, axis=1)
    term = trigamma(alpha + beta_) * (left + right)
    return slope * np.concatenate(
        [trigamma(alpha) * left - term, trigamma(beta_) * right - term], 1
    )


check_metric = Check(
    "Exercise 16.5",
    beta.metric_product,
    _metric_cases,
    (
        Mistake(
            _metric_varied(0, 0),
            "this is the metric in α and β. The network puts out η: each score is multiplied by a "
            "derivative, and the metric has two scores",
        ),
        Mistake(
            _metric_varied(1, 0),
            "the derivative of (16.2) stands on one side only; in (16.7) D stands on both",
        ),
        Mistake(
            _metric_varied(0, 1),
            "the derivative of (16.2) stands on the left side only; in (16.7) D stands on both",
        ),
        Mistake(
            _metric_varied(1, 1, shared=0.0),
            "this is diagonal, as if log x and log(1 - x) were independent. Where one is large the "
            "other is small: ψ'(α + β) couples them",
        ),
        Mistake(
            _metric_varied(1, 1, shared=-1.0),
            "ψ'(α + β) has the wrong sign: it comes from -log Γ(α + β) in the normaliser",
        ),
        Mistake(
            _metric_varied(1, 1, own=digamma),
            "the second derivatives of log Γ are wanted, ψ', and you have the first",
        ),
        Mistake(
            lambda eta, u: np.roll(_metric(eta, u), u.shape[1] // 2, axis=1),
            "the halves of the result are exchanged: the entries for α come first",
        ),
        Mistake(
            _metric_varied(1, 1, own=digamma, coupling=digamma),
            "the first derivatives of log Γ stand in all places; the second ones are wanted, ψ'",
        ),
        Mistake(
            _by_exp,
            "the derivative of log(1 + exp(η)) is not exp(η): the chain rule divides by what "
            "stands in the logarithm",
        ),
        Mistake(
            lambda eta, u: -_metric(eta, u),
            "the sign is turned: a metric is positive, being the mean of squares",
        ),
    ),
    "Two trigamma functions, one that couples them, and the chain rule on both sides.",
    solution=_metric,
    look="(16.6) and (16.7)",
)


# Exercise 16.6


def _sampling_cases():
    rng = np.random.default_rng(5)
    one = np.repeat(np.array([[0.5, 2.0]]), 4_000, axis=0)
    two = np.repeat(np.array([[1.5, -0.5, -1.0, 3.0]]), 4_000, axis=0)
    bounds = [np.array(bound) for bound in ([-2.0], [2.0], [0.0, -1.0], [3.0, 0.5])]
    each = 1.5 * rng.standard_normal((4_000, 2))
    return [
        case("for 4,000 equal rows", one, *bounds[:2], np.random.default_rng(1)),
        case("for two dimensions", two, *bounds[2:], np.random.default_rng(2)),
        case("where the rows differ", each, *bounds[:2], np.random.default_rng(3)),
    ]


def _drawn(draw):
    """Actions from draw(α, β, rng), numbers between 0 and 1."""

    def answer(eta, low, high, rng):
        x = draw(*beta.concentrations(eta), rng)
        return low + (high - low) * np.clip(x, beta.EDGE, 1 - beta.EDGE)

    return answer


def _clipped_gaussian(a, b, rng):
    deviation = np.sqrt(a * b / (a + b + 1)) / (a + b)
    return a / (a + b) + deviation * rng.standard_normal(a.shape)


check_sample = CheckOfSampling(
    "Exercise 16.6",
    beta.sample,
    _sampling_cases,
    (
        Mistake(
            _drawn(lambda a, b, rng: rng.beta(b, a)),
            "α and β are exchanged: a large α draws the action to the upper bound",
        ),
        Mistake(
            _drawn(lambda a, b, rng: rng.beta(a - 1, b - 1)),
            "α - 1 and β - 1 are the exponents in (16.1); the distribution is named by α and β",
        ),
        Mistake(
            _drawn(lambda a, b, rng: rng.uniform(size=a.shape)),
            "these actions are spread evenly over the box: α and β do not enter",
        ),
        Mistake(
            _drawn(_clipped_gaussian),
            "mean and variance are right, and the shape is not: these are Gaussian draws, clipped",
        ),
        Mistake(
            _drawn(lambda a, b, rng: np.repeat(rng.beta(a[:1], b[:1]), len(a), axis=0)),
            "every row has the same draw: draw anew for each state",
        ),
        Mistake(
            _drawn(lambda a, b, rng: rng.gamma(a) / (rng.gamma(a) + rng.gamma(b))),
            "the variable above stands in the sum below as well: X / (X + Y) needs the same X "
            "twice",
        ),
        Mistake(
            _drawn(lambda a, b, rng: a / (a + b)),
            "this is the mean, the same each time: draw",
        ),
    ),
    "Its moments are those of a Beta, to what 4,000 draws can tell, and it keeps off the ends.",
    conditions=(keeps_off_the_ends,),
    look="(16.1) and (16.2)",
)
