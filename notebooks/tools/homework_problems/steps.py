"""How long a step may be, and what a radius is worth: notebooks 04, 08, 14 and 15."""

import numpy as np

from homework_problems.problem import Case, apart, drawn, matrix, shown
from trpo_np import backtracking_line_search, tabular
from trpo_np.line_search import LineSearchResult, maximum_step
from trpo_np.penalty import exponential_step

POLICIES = np.array([[2, 1, 1], [1, 1, 2], [1, 2, 1]]) / 4


def as_far_as_delta(rng: np.random.Generator) -> Case:
    """The direction, the longest step, what it promises, and where the line search stops."""
    given = drawn(rng, _model_and_truth, _one_condition_decides)
    F, g, delta = (given[name] for name in ("F", "g", "delta"))
    s = np.linalg.solve(F, g)
    alpha = maximum_step(delta, s @ F @ s)
    found = _searched(given)
    texts = shown(given) | shown({"sFs": g @ s, "x": found.x[0]})
    texts |= {"F": matrix(F), "cubic": f"{given['cubic']:+g}"}
    return Case(given, (s, alpha, alpha * g @ s, float(found.backtracks), found.kl), texts)


def _model_and_truth(rng):
    a, c = rng.choice([1.0, 2, 3, 4, 5], 2, replace=False)
    b = rng.choice([-1.0, 1])
    return {
        "F": np.array([[a, b], [b, c]]),
        "g": rng.choice([-2.0, -1, 1, 2, 3], 2),
        "delta": rng.choice([0.005, 0.01, 0.02, 0.05]),
        "cubic": rng.choice([-0.5, 0.5, 2.0, 3.0]),
        "bend": rng.choice([0.5, 1.5, 3.0, 5.0, 6.0, 11.0]),
    }


def _searched(given) -> LineSearchResult:
    """Where the search along the true functions ends; x is the fraction of the full step."""
    delta, cubic, bend = (given[name] for name in ("delta", "cubic", "bend"))
    return backtracking_line_search(
        lambda x: float(x[0] - bend * x[0] ** 2),  # in units of G
        lambda x: float(delta * (x[0] ** 2 + cubic * x[0] ** 3)),
        np.zeros(1),
        np.ones(1),
        delta,
    )


def _one_condition_decides(given):
    g, F = given["g"], given["F"]
    kl_alone, gain_alone = _searched(given | {"bend": 0.0}), _searched(given | {"cubic": -0.5})
    decides = kl_alone.backtracks != gain_alone.backtracks
    return decides and np.linalg.det(F) > 0.5 and apart(g @ np.linalg.solve(F, g), g @ g, 1.0)


def which_delta(rng: np.random.Generator) -> Case:
    """The δ behind a learning rate, behind a certificate, and behind a penalty."""
    given = drawn(rng, _rates_and_penalties, _ways_differ)
    rate, curvature, scale, gamma = list(given.values())[:4]
    delta = 0.5 * rate**2 * curvature
    certified = (1 - gamma) / (2 * gamma**2)  # (14.13)
    exact, close_by, _ = _divergences(given)
    pi_old, A, beta = given["pi_old"], given["A"], given["beta"]
    found = {"pi": exponential_step(pi_old, A, beta), "A2": pi_old @ A**2}
    answers = delta, delta * scale**2, certified, exact, close_by
    return Case(given, answers, shown(given) | shown(found))


def _rates_and_penalties(rng):
    pi_old, x = rng.choice(POLICIES), rng.choice([-2.0, -1, 1, 2, 3])
    y = rng.choice([v for v in (-2.0, -1, 0, 1, 2) if v != x])
    rest = -(pi_old[0] * x + pi_old[1] * y) / pi_old[2]  # the mean of advantages is 0
    return {
        "rate": rng.choice([0.05, 0.1, 0.2]),
        "curvature": rng.choice([0.5, 2.0, 3.0, 8.0]),
        "scale": rng.choice([3.0, 5.0, 10.0]),
        "gamma": rng.choice([0.9, 0.95, 0.98, 0.995]),
        "pi_old": pi_old,
        "A": np.array([x, y, rest]),
        "beta": rng.choice([1.0, 2.0, 4.0]),
    }


def _ways_differ(given):
    divergences = _divergences(given)
    return apart(*divergences) and max(divergences) < 1


def _divergences(given):
    """KL(π ‖ π_old) of the exponential step, the same for small steps, and the other way round."""
    pi_old, A, beta = given["pi_old"], given["A"], given["beta"]
    pi = exponential_step(pi_old, A, beta)
    forward, backward = tabular.state_kl(pi, pi_old), tabular.state_kl(pi_old, pi)
    return float(forward), pi_old @ A**2 / (2 * beta**2), float(backward)
