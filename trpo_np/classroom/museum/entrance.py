"""The four programs at the museum's entrance."""

from collections.abc import Callable

import numpy as np

from trpo_np import TRPO, Settings, train
from trpo_np.classroom.museum.conjugate_gradient import aliased_cg

Array = np.ndarray

#: Their letters, and what they are.
FOUR_PROGRAMS = {
    "A": "exhibit 6, or in place of and",
    "B": "exhibit 1, conjugate gradient with one array",
    "C": "the package as it is",
    "D": "exhibit 10, steps that add up",
}


def four_programs(runs: int = 10, total_steps: int = 20 * 2048) -> dict[str, list[Array]]:
    """For each letter the mean returns (updates,) of some runs on CartPole."""
    updates = {
        "A": TRPO(search=_search_either),
        "B": TRPO(solve=aliased_cg),
        "C": TRPO(),
        "D": TRPO(search=_search_adding),
    }
    curves = {}
    for letter, update in updates.items():
        results = [
            train("CartPole-v1", update, total_steps, seed, Settings(hidden=(32,)))
            for seed in range(runs)
        ]
        curves[letter] = [
            np.array([row.mean_return for row in result.history]) for result in results
        ]
    return curves


def _search_either(
    L: Callable, KL: Callable, theta: Array, full_step: Array, delta: float, K: int, beta: float
) -> Array:
    for k in range(K + 1):
        theta_new = theta + beta**k * full_step
        if KL(theta_new) <= delta or L(theta_new) > L(theta):
            return theta_new
    return theta


def _search_adding(
    L: Callable, KL: Callable, theta: Array, full_step: Array, delta: float, K: int, beta: float
) -> Array:
    at = theta
    for k in range(K + 1):
        theta_new = at + beta**k * full_step
        if KL(theta_new) <= delta and L(theta_new) > L(at):
            at = theta_new
    return at
