"""The four programs at the museum's entrance."""

from contextlib import nullcontext
from unittest.mock import patch

import numpy as np

from trpo_np.classroom.museum.conjugate_gradient import aliased_cg
from trpo_np.config import TRPOConfig
from trpo_np.conjugate_gradient import CGResult
from trpo_np.line_search import LineSearchResult
from trpo_np.train import train

#: Their letters, and what they are.
FOUR_PROGRAMS = {
    "A": "exhibit 6, or in place of and",
    "B": "exhibit 1, conjugate gradient with one array",
    "C": "the package as it is",
    "D": "exhibit 10, steps that add up",
}


def four_programs(runs: int = 10, total_steps: int = 20 * 2048) -> dict[str, list[np.ndarray]]:
    """For each letter the mean returns (updates,) of some runs on CartPole."""
    parts = {
        "A": patch("trpo_np.trpo.backtracking_line_search", _search_either),
        "B": patch("trpo_np.trpo.conjugate_gradient", _aliased_result),
        "C": nullcontext(),
        "D": patch("trpo_np.trpo.backtracking_line_search", _search_adding),
    }
    config, curves = TRPOConfig(hidden=(32,)), {}
    for letter, part in parts.items():
        with part:
            results = [train("CartPole-v1", total_steps, seed, config) for seed in range(runs)]
        curves[letter] = [
            np.array([row.mean_return for row in result.history]) for result in results
        ]
    return curves


def _aliased_result(matvec, b, max_iterations):
    x = aliased_cg(matvec, b, max_iterations)
    r = b - matvec(x)
    norms = float(np.linalg.norm(b)), float(np.linalg.norm(r))
    return CGResult(x, r, norms, max_iterations, "iteration_limit")


def _search_either(
    objective, constraint, x, full_step, limit, max_backtracks, ratio, resolution
) -> LineSearchResult:
    start = objective(x)
    for k in range(max_backtracks + 1):
        candidate = x + ratio**k * full_step
        gain, distance = float(objective(candidate) - start), float(constraint(candidate))
        if distance <= limit or gain > resolution:
            return LineSearchResult(candidate, True, k, gain, distance)
    return LineSearchResult(x, False, max_backtracks, 0.0, 0.0)


def _search_adding(
    objective, constraint, x, full_step, limit, max_backtracks, ratio, resolution
) -> LineSearchResult:
    start = best = objective(x)
    at = x
    for k in range(max_backtracks + 1):
        candidate = at + ratio**k * full_step
        if constraint(candidate) <= limit and objective(candidate) > best + resolution:
            at, best = candidate, objective(candidate)
    return LineSearchResult(at, at is not x, 0, float(best - start), float(constraint(at)))
