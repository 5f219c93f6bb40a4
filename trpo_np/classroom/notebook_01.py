"""The checks of notebook 01, how large a step."""

import numpy as np

from trpo_np.classroom.checks import Check, Mistake


def _ascent(gradient, theta, alpha, steps):
    for _ in range(steps):
        theta = theta + alpha * gradient(theta)
    return theta


def _hills():
    """Gradients of concave functions, with a start, a rate and a number of steps."""
    bowl = lambda x: np.array([1.0, -2.0]) - np.array([3.0, 0.5]) * x  # noqa: E731
    wave = lambda x: np.cos(x) - 0.1 * x  # noqa: E731
    return [
        (bowl, np.array([0.3, -0.7]), 0.1, 5),
        (wave, np.array([1.0, 0.2, -0.4]), 0.3, 7),
    ]


check_gradient_ascent = Check(
    "Exercise 1.1",
    _ascent,
    _hills,
    (
        Mistake(
            lambda gradient, theta, alpha, steps: _ascent(gradient, theta, -alpha, steps),
            "this is descent: the step is along the gradient, with a plus",
        ),
        Mistake(
            lambda gradient, theta, alpha, steps: theta + steps * alpha * gradient(theta),
            "the gradient is taken once, at the start; take it anew at every new theta",
        ),
        Mistake(
            lambda gradient, theta, alpha, steps: theta + alpha * gradient(theta),
            "this is a single step; repeat it `steps` times",
        ),
        Mistake(
            lambda gradient, theta, alpha, steps: _ascent(gradient, theta, alpha, steps - 1),
            "this is one step short",
        ),
        Mistake(
            lambda gradient, theta, alpha, steps: _ascent(gradient, theta, 1.0, steps),
            "alpha does not enter",
        ),
    ),
    "Now choose a learning rate.",
)


check_factor = Check(
    "Exercise 1.2",
    lambda: 100,
    lambda: [()],
    (
        Mistake(lambda: 10, "10 is the ratio of the standard deviations; it enters squared"),
        Mistake(lambda: 0.01, "this is the factor by which it is smaller on the left"),
        Mistake(lambda: 1, "Δ is the same on both sides, but it is measured in units of σ"),
        Mistake(lambda: 20, "the 2 in the denominator is the same on both sides and cancels"),
    ),
    "The surer the policy, the larger the same step.",
)


def _two_action_kl(p, q):
    return p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))


def _probabilities():
    rng = np.random.default_rng(13)
    return [(0.3, 0.8), tuple(rng.uniform(0.05, 0.95, size=(2, 4)))]


check_two_action_kl = Check(
    "Exercise 1.3",
    _two_action_kl,
    _probabilities,
    (
        Mistake(
            lambda p, q: _two_action_kl(q, p),
            "this is KL(new ‖ old): the weights and the numerators are the old probabilities",
        ),
        Mistake(
            lambda p, q: p * np.log(p / q),
            "the second action is missing: it has the probability 1 - p",
        ),
        Mistake(
            lambda p, q: -_two_action_kl(p, q),
            "the sign is turned: old over new under the logarithm; the result is never negative",
        ),
        Mistake(
            lambda p, q: np.log(p / q) + np.log((1 - p) / (1 - q)),
            "the weights are missing: an expectation weighs every action by its old probability",
        ),
        Mistake(
            lambda p, q: _two_action_kl(p, q) / np.log(2),
            "this is in bits; use the natural logarithm, np.log",
        ),
    ),
    "Zero for equal policies, and never negative.",
)


def step_for_kl(kl, delta: float) -> float:
    """The α > 0 with kl(α) = delta, for an increasing function with kl(0) = 0, by bisection."""
    low, high = 0.0, 1.0
    while kl(high) < delta:
        high = 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if kl(middle) < delta else (low, middle)
    return high


def _divergences():
    return [
        (lambda alpha: 3.0 * alpha**2 + 0.4 * alpha**3, 0.01),
        (lambda alpha: alpha - np.log1p(alpha), 7.5),
        (lambda alpha: 0.01 * alpha**2, 2.0),
        (lambda alpha: 0.001 * alpha**2, 0.01),
    ]


def _without_doubling(kl, delta):
    return min(1.0, step_for_kl(kl, delta))


def _only_doubling(kl, delta):
    high = 1.0
    while kl(high) < delta:
        high = 2 * high
    return high


def _wrong_half(kl, delta):
    low, high = 0.0, 1.0
    while kl(high) < delta:
        high = 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if kl(middle) < delta else (middle, high)
    return high


check_step_for_kl = Check(
    "Exercise 1.4",
    step_for_kl,
    _divergences,
    (
        Mistake(
            _without_doubling,
            "your search never goes beyond 1: double the limit while its divergence is below δ",
        ),
        Mistake(
            _wrong_half,
            "you go on in the wrong half: where the divergence at the middle is below δ, the "
            "solution lies above",
        ),
        Mistake(
            _only_doubling,
            "you stop after the doubling: now halve the interval between the two limits, 60 times",
        ),
        Mistake(
            lambda kl, delta: kl(delta),
            "this is the divergence of the step δ; the step with the divergence δ is wanted",
        ),
        Mistake(
            lambda kl, delta: np.sqrt(delta / kl(1.0)),
            "this takes the divergence as exactly quadratic in α; it is so only for small steps",
        ),
        Mistake(
            lambda kl, delta: delta / kl(1.0),
            "this takes the divergence as linear in α; search for the step",
        ),
    ),
    "From here on the step is measured in nats.",
    tolerance=1e-6,
)
