"""The Fisher matrix, its product with a vector, and what CG makes of it: notebooks 05 to 07."""

import numpy as np

from homework_problems.problem import Case, apart, drawn, matrix, plain, shown
from trpo_np import Categorical, DiagonalGaussian, conjugate_gradient

Array = np.ndarray
FEATURES = np.array([[1.0, 0], [0, 1], [1, 1], [1, -1], [2, 1], [1, 2], [-1, 2]])


def fisher_by_hand(rng: np.random.Generator) -> Case:
    """F of a policy with two parameters and two actions, the model of the KL, and the KL."""
    given = drawn(
        rng, _linear_policy, lambda g: apart(*_model_and_kl(g)) and _model_and_kl(g)[1] > 0.005
    )
    features = {f"phi{k}": phi for k, phi in enumerate(given["features"])}
    p = np.exp(Categorical(2).log_prob(_logits(given), np.zeros(3, dtype=int)))
    return Case(given, (p, _fisher(given), *_model_and_kl(given)), shown(given) | shown(features))


def _linear_policy(rng):
    return {
        "odds": rng.choice([2.0, 3, 4, 5], 2, replace=False),
        "features": rng.choice(FEATURES, 3, replace=False),
        "d": rng.choice([-1.0, -0.5, 0.5, 1], 2),
    }


def _logits(given, d=0.0):
    first = given["features"] @ (np.log(given["odds"]) + d)
    return np.stack([first, np.zeros(3)], axis=1)


def _fisher(given):
    phi, logits = given["features"], _logits(given)
    J = np.stack([phi, np.zeros((3, 2))], axis=1)  # of both logits: (states, outputs, parameters)
    MJ = np.stack([Categorical(2).fisher_product(logits, J[..., i]) for i in (0, 1)], axis=-1)
    return np.einsum("skp,skq->pq", J, MJ) / 3


def _model_and_kl(given):
    d = given["d"]
    exact = Categorical(2).kl(_logits(given), _logits(given, d)).mean()
    return 0.5 * d @ _fisher(given) @ d, exact


def product_without_f(rng: np.random.Generator) -> Case:
    """J v, M J v, F v and vᵀ F v for two states of a Gaussian policy."""
    given = drawn(rng, _jacobians, lambda g: bool(np.all(g["J"] @ g["v"])))
    J, std, v = given.values()
    Jv = J @ v
    MJv = DiagonalGaussian(1).fisher_product(np.stack([np.zeros(2), np.log(std)], axis=1), Jv)
    Fv = np.einsum("skp,sk->p", J, MJv) / 2
    texts = shown(given) | {"J0": matrix(J[0]), "J1": matrix(J[1])}
    return Case(given, (Jv, MJv, Fv, v @ Fv), texts)


def _jacobians(rng):
    return {
        "J": rng.integers(-2, 3, (2, 2, 3)).astype(float),
        "std": rng.choice([0.5, 1.0, 2.0], 2, replace=False),
        "v": rng.choice([-1.0, 1.0, 2.0], 3),
    }


def two_iterations(rng: np.random.Generator) -> Case:
    """x after one and two iterations of CG, β₀ between them, and how many a spectrum wants."""
    given = drawn(rng, _system, _not_done_after_two)
    F, g, spectrum = given.values()
    one, two = (conjugate_gradient(lambda v: F @ v, g, k) for k in (1, 2))
    beta = (one.residual_norms[1] / one.residual_norms[0]) ** 2
    damped = conjugate_gradient(lambda v: (spectrum + 0.1) * v, np.ones(len(spectrum)))
    texts = shown(given) | shown({"r1": one.residual, "r2": two.residual}) | {"F": matrix(F)}
    texts["spectrum"] = ", ".join(map(plain, spectrum))
    return Case(given, (one.x, beta, two.x, float(damped.iterations)), texts)


def _system(rng):
    a, b, c = rng.choice([2.0, 3, 4, 5, 6], 3, replace=False)
    u, w = rng.choice([-1.0, 1.0], 2)
    values = rng.choice([1.0, 2, 3, 5, 8, 12, 20], rng.integers(2, 6), replace=False)
    return {
        "F": np.array([[a, u, 0], [u, b, w], [0, w, c]]),
        "g": rng.choice([-1.0, 1, 2], 3),
        "spectrum": np.sort(np.concatenate([values, rng.choice(values, 9 - len(values))])),
    }


def _not_done_after_two(given):
    F, g = given["F"], given["g"]
    norms = conjugate_gradient(lambda v: F @ v, g, 2).residual_norms
    if len(norms) < 3:  # g is an eigenvector, and one iteration was enough
        return False
    beta = (norms[1] / norms[0]) ** 2
    return norms[2] > 0.05 * norms[0] and apart(beta, np.sqrt(beta), 1 / beta)
