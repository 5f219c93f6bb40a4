"""The checks of notebook 04, the trust region."""

import numpy as np

from trpo_np.classroom.checks import Check, Mistake


def _positive_definite(n: int, seed: int) -> tuple[np.ndarray, np.random.Generator]:
    rng = np.random.default_rng(seed)
    B = rng.standard_normal((n, n))
    return B @ B.T + 0.3 * np.eye(n), rng


def _models():
    cases = []
    for n, delta, seed in ((2, 0.03, 41), (4, 0.5, 42)):
        F, rng = _positive_definite(n, seed)
        cases.append((F, rng.standard_normal(n), delta))
    return cases


def _natural_step(F, g, delta):
    s = np.linalg.solve(F, g)
    return np.sqrt(2 * delta / (g @ s)) * s


check_natural_step = Check(
    "Exercise 4.1",
    _natural_step,
    _models,
    (
        Mistake(
            lambda F, g, delta: np.linalg.solve(F, g),
            "this is F⁻¹g without the factor in front: δ does not enter yet",
        ),
        Mistake(
            lambda F, g, delta: np.sqrt(2 * delta / (g @ F @ g)) * g,
            "this is the plain gradient, scaled to the ellipse; the direction has to be F⁻¹g",
        ),
        Mistake(
            lambda F, g, delta: np.sqrt(2 * delta / (g @ F @ g)) * np.linalg.solve(F, g),
            "under the root stands gᵀF⁻¹g, and you have gᵀF g",
        ),
        Mistake(
            lambda F, g, delta: _natural_step(F, g, delta / 2),
            "the 2 is missing: with ½ dᵀFd the root holds 2δ",
        ),
        Mistake(
            lambda F, g, delta: 2 * delta / (g @ np.linalg.solve(F, g)) * np.linalg.solve(F, g),
            "the square root is missing",
        ),
        Mistake(
            lambda F, g, delta: (
                np.sqrt(2 * delta) / np.linalg.norm(np.linalg.solve(F, g)) * np.linalg.solve(F, g)
            ),
            "you scaled to a length in θ; the radius δ is one of the divergence, ½ dᵀFd",
        ),
    ),
    "It ends on the ellipse, at the point furthest along g.",
)


check_step_growth = Check(
    "Exercise 4.2",
    lambda: 2,
    lambda: [()],
    (
        Mistake(lambda: 4, "4 is the growth of δ, and δ stands under a square root"),
        Mistake(lambda: 16, "16 would be δ squared; δ stands under a square root"),
        Mistake(
            lambda: 1,
            "the direction does not depend on δ, but the length does",
        ),
        Mistake(lambda: 0.5, "the step grows when the region grows"),
    ),
    "The radius in nats is quadratic in the step.",
)


def _changes():
    cases = []
    for n, seed in ((2, 43), (3, 44)):
        F, rng = _positive_definite(n, seed)
        cases.append((F, rng.standard_normal((n, n)) + 2 * np.eye(n)))
    return cases


check_transformed_fisher = Check(
    "Exercise 4.3",
    lambda F, B: B.T @ F @ B,
    _changes,
    (
        Mistake(
            lambda F, B: B @ F @ B.T,
            "the transpose is on the wrong side: (B d)ᵀ = dᵀBᵀ comes first",
        ),
        Mistake(
            lambda F, B: np.linalg.inv(B) @ F @ B,
            "this is how a linear map changes coordinates; F is a quadratic form, dᵀFd, and both "
            "its sides take a B",
        ),
        Mistake(
            lambda F, B: F @ B,
            "only one of the two d's was replaced by B d",
        ),
        Mistake(
            lambda F, B: np.linalg.inv(B).T @ F @ np.linalg.inv(B),
            "this is the way back: with θ = Bψ, a step d in ψ is B d in θ, without an inverse",
        ),
    ),
    "Both sides take a B.",
)


def _fixed_rates():
    cases = []
    for n, alpha, seed in ((2, 0.3, 45), (4, 1.7, 46)):
        F, rng = _positive_definite(n, seed)
        cases.append((F, rng.standard_normal(n), alpha))
    return cases


def _divergence(F, g, alpha):
    return 0.5 * alpha**2 * g @ np.linalg.solve(F, g)


check_divergence_of_fixed_rate = Check(
    "Exercise 4.5",
    _divergence,
    _fixed_rates,
    (
        Mistake(
            lambda F, g, alpha: 2 * _divergence(F, g, alpha),
            "the ½ of ½ dᵀFd is missing",
        ),
        Mistake(
            lambda F, g, alpha: _divergence(F, g, 1) * alpha,
            "d occurs twice in ½ dᵀFd, and so does α",
        ),
        Mistake(
            lambda F, g, alpha: 0.5 * alpha**2 * g @ F @ g,
            "this is the divergence of α g, the plain gradient; the step is α F⁻¹g",
        ),
        Mistake(
            lambda F, g, alpha: 0.5 * alpha**2 * g @ g,
            "F and F⁻¹ cancel once, but dᵀFd has F⁻¹ twice: one is left between the two g",
        ),
    ),
    "Double the gradient, and the divergence is four times as large.",
)
