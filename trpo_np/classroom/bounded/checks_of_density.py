"""The checks of notebook 16's density, exercises 16.1 to 16.3."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from trpo_np.classroom.bounded import beta
from trpo_np.classroom.bounded.beta import log_normaliser
from trpo_np.classroom.bounded.gamma_functions import digamma, trigamma
from trpo_np.classroom.checks import Check, Mistake, case

Array = np.ndarray

check_executed_mean = Check(
    "Exercise 16.1",
    lambda: 2 - 1 / math.sqrt(2 * math.pi),
    lambda: [()],
    (
        Mistake(
            lambda: 2.0,
            "that is the mean of what is drawn. What is drawn above 2 is executed as 2, and "
            "nothing makes up for it on the other side",
        ),
        Mistake(
            lambda: 2 - math.sqrt(2 / math.pi),
            "that is the mean of the draws below the bound; the other half of them is executed "
            "as 2, and counts as well",
        ),
        Mistake(
            lambda: 1.5,
            "that is half a standard deviation below the bound. What is the mean of the positive "
            "part of a standard normal variable?",
        ),
        Mistake(
            lambda: 2 + 1 / math.sqrt(2 * math.pi),
            "that is above the bound, where nothing is executed: the sign",
        ),
        Mistake(
            lambda: 1 / math.sqrt(2 * math.pi),
            "that is the mean of what clipping takes away; subtract it",
        ),
        Mistake(
            lambda: 1.0,
            "that is a whole standard deviation below the bound; half of the actions stand at the "
            "bound itself",
        ),
    ),
    "An agent that means 2 pushes with 1.6: a Gaussian has to aim outside to push with all its "
    "force.",
    tolerance=0.005,
    look="section 1",
)


# Exercise 16.2


def _series(y: Array) -> Array:
    tail = 1 / y + 1 / (2 * y**2) + 1 / (6 * y**3) - 1 / (30 * y**5)
    return tail + 1 / (42 * y**7) - 1 / (30 * y**9)


def _trigamma(x):
    y = x + 10
    series = 1 / y + 1 / (2 * y**2) + 1 / (6 * y**3) - 1 / (30 * y**5)
    series = series + 1 / (42 * y**7) - 1 / (30 * y**9)
    return series + sum(1 / (x + k) ** 2 for k in range(10))


_FEW_DIGITS = (
    "right to some digits, and ten are wanted: raise the argument further before you use the "
    "series, or take more of its terms"
)


def _trigamma_cases():
    return [
        case("for x from 1 to 3", np.array([1.0, 1.5, 2.0, 3.0])),
        case("for x below 1", np.array([0.3, 0.5, 0.9])),
        case("for large x", np.array([20.0, 150.0, 1e4])),
        case("for an array of two dimensions", 1 + 4 * np.random.default_rng(0).random((3, 2))),
    ]


class CheckOfDigits(Check):
    """A check of ψ' that knows how its two parts can miss each other."""

    def named(self, answers: list, cases: Sequence[tuple]) -> str | None:
        """As that of any check; then two counts that differ, and too few digits."""
        says = super().named(answers, cases)
        pairs = list(zip(answers, self.rights(cases), (x for (x,) in cases), strict=True))
        if says or any(np.shape(a) != np.shape(right) for a, right, _ in pairs):
            return says
        if _near(pairs, lambda x, right: right):
            return _FEW_DIGITS
        if _near(pairs[2:3], lambda x, right: right):
            return "good for large x alone: carry x to where the series is good, by (16.3)"
        if _near(pairs[:2], lambda x, right: right):
            return (
                "right to some digits for small x, and wrong for large ones, where the terms of "
                "the recurrence fall slowly: there the series (16.4) is wanted"
            )
        return _miscounted(pairs)


def _miscounted(pairs: list[tuple]) -> str | None:
    """The sentence for an argument that is raised by another number than there are steps."""
    for steps in range(31):
        gained = lambda x, n=steps: trigamma(x) - trigamma(x + n)  # noqa: E731
        for raised in set(range(31)) - {steps}:
            if _near(pairs, lambda x, right, m=raised, f=gained: f(x) + trigamma(x + m)):
                return (
                    "the argument is not raised by as much as there are steps of (16.3): the two "
                    "numbers have to be the same"
                )
        if _near(pairs, lambda x, right, n=steps, f=gained: f(x + 1) + trigamma(x + n)):
            return "the first step of (16.3), from x itself, is missing, and there is one behind"
    return None


def _near(pairs: list[tuple], wanted: Callable) -> bool:
    """Whether all answers are what is wanted to three digits."""
    return all(np.allclose(a, wanted(x, right), rtol=2e-3, atol=0) for a, right, x in pairs)


check_trigamma = CheckOfDigits(
    "Exercise 16.2",
    trigamma,
    _trigamma_cases,
    (
        Mistake(
            _series,
            "this is the series at x itself, which is good for large x only. Carry x to where it "
            "is good, by (16.3)",
        ),
        Mistake(
            lambda x: _series(x) + sum(1 / (x + k) ** 2 for k in range(10)),
            "the steps of (16.3) are added up, but the series is still taken at x, and not where "
            "they lead to",
        ),
        Mistake(
            lambda x: _series(x + 10),
            "this is ψ' at the raised argument: (16.3) tells what each step towards it costs",
        ),
        Mistake(
            lambda x: _series(x + 10) + sum(1 / (x + k) for k in range(10)),
            "the terms of the recurrence are squares in (16.3); without them they belong to ψ",
        ),
        Mistake(
            lambda x: _series(x + 10) - sum(1 / (x + k) ** 2 for k in range(10)),
            "ψ' falls as x grows: on the way to a larger argument something is lost, and has to be "
            "added to what is found there",
        ),
        Mistake(
            lambda x: _series(x + 10) + sum(1 / (x + k) ** 2 for k in range(1, 10)),
            "the first step of the recurrence, from x itself, is missing",
        ),
        Mistake(
            lambda x: _series(x + 10) + sum(1 / (x + k) ** 2 for k in range(11)),
            "there is one step of the recurrence more than the argument was raised by",
        ),
        Mistake(digamma, "this is ψ, the first derivative of log Γ; its own derivative is wanted"),
        Mistake(
            lambda x: _series(x + 3) + sum(1 / (x + k) ** 2 for k in range(3)),
            _FEW_DIGITS,
        ),
    ),
    "Ten digits and more, without a library of special functions.",
    tolerance=1e-10,
    solution=_trigamma,
    look="(16.3) and (16.4)",
)


# Exercise 16.3


def _boxes(seed: int = 0):
    rng = np.random.default_rng(seed)
    for low, high, N in (([-2.0], [2.0], 4), ([0.0, -1.0], [3.0, 0.5], 3)):
        low, high = np.array(low), np.array(high)
        eta = 1.5 * rng.standard_normal((N, 2 * len(low)))
        yield eta, low + (high - low) * rng.uniform(0.05, 0.95, (N, len(low))), low, high


def _log_prob_cases():
    one, two = _boxes()
    flat = np.full((2, 2), -40.0), np.array([[0.1], [0.7]]), np.zeros(1), 3 * np.ones(1)
    return [
        case("for one dimension", *one),
        case("for two dimensions with different bounds", *two),
        case("where α and β are 1, and the density is flat", *flat),
    ]


def _log_prob(eta, actions, low, high):
    alpha, beta_ = beta.concentrations(eta)
    x = (actions - low) / (high - low)
    log_p = (alpha - 1) * np.log(x) + (beta_ - 1) * np.log(1 - x) - log_normaliser(alpha, beta_)
    return np.sum(log_p - np.log(high - low), axis=1)


def _varied(change):
    """The log-probability, each entry changed to change(α, β, x, log B, log width)."""

    def answer(eta, actions, low, high):
        alpha, beta_ = beta.concentrations(eta)
        x = (actions - low) / (high - low)
        width = np.log(high - low)
        return np.sum(change(alpha, beta_, x, log_normaliser(alpha, beta_), width), axis=1)

    return answer


check_log_prob = Check(
    "Exercise 16.3",
    beta.log_prob,
    _log_prob_cases,
    (
        Mistake(
            lambda eta, actions, low, high: _log_prob(eta, low + (high - low) * actions, low, high),
            "the action itself stands where x belongs, which is between 0 and 1 whatever the "
            "bounds are",
        ),
        Mistake(
            _varied(lambda a, b, x, B, w: (a - 1) * np.log(x) + (b - 1) * np.log(1 - x) - B),
            "this is the density of x between 0 and 1. The action is x stretched to the box: a "
            "density becomes lower by as much as its variable is stretched",
        ),
        Mistake(
            _varied(lambda a, b, x, B, w: (a - 1) * np.log(x) + (b - 1) * np.log(1 - x) - B + w),
            "the logarithm of the width has the wrong sign: in a wide box the density is lower",
        ),
        Mistake(
            _varied(lambda a, b, x, B, w: (a - 1) * np.log(x) + (b - 1) * np.log(1 - x) - w),
            "the normaliser log B is missing: the density does not integrate to 1",
        ),
        Mistake(
            _varied(lambda a, b, x, B, w: (a - 1) * np.log(x) + (b - 1) * np.log(1 - x) + B - w),
            "the density is divided by B, and you multiply by it",
        ),
        Mistake(
            _varied(lambda a, b, x, B, w: a * np.log(x) + b * np.log(1 - x) - B - w),
            "the exponents in (16.1) are α - 1 and β - 1",
        ),
        Mistake(
            _varied(lambda a, b, x, B, w: (b - 1) * np.log(x) + (a - 1) * np.log(1 - x) - B - w),
            "α and β are exchanged: a large α draws the action to the upper bound",
        ),
        Mistake(
            lambda *args: np.exp(_log_prob(*args)),
            "this is the density; its logarithm is wanted",
        ),
        Mistake(
            lambda eta, actions, low, high: np.mean(
                np.stack(
                    [
                        _log_prob(eta[:, i :: len(low)], actions[:, [i]], low[[i]], high[[i]])
                        for i in range(len(low))
                    ]
                ),
                axis=0,
            ),
            "the dimensions of an action are independent: their densities multiply, and you take a "
            "mean of the logarithms",
        ),
    ),
    "A density on the box, which never asks for an action outside of it.",
    solution=_log_prob,
    look="(16.1)",
)
