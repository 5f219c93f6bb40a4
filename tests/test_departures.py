"""What notebook 10 says of the program and the theorem: directions that are no gradients, and the
gains on fresh samples that it reads from a file."""

import json
from pathlib import Path

import numpy as np
import pytest
from gymnasium import spaces

from trpo_np import explicit_fisher, make_policy
from trpo_np.classroom.notebook_10 import asymmetry

MEASURED = Path(__file__).parent.parent / "notebooks" / "measurements" / "details.json"


@pytest.mark.parametrize("seed", range(5))
def test_the_policy_gradient_is_a_gradient_with_discounted_states_and_with_others_it_is_not(seed):
    """The derivative of a gradient is symmetric."""
    assert asymmetry("discounted", seed) < 1e-7
    assert asymmetry("alike", seed) > 1e-3


def test_a_batch_of_noise_promises_itself_the_rank_of_the_fisher_matrix_over_n(rng):
    """With advantages that are pure noise the mean of nᵀ F⁻¹ n is rank F / N."""
    N = 60
    policy = make_policy(spaces.Box(-1, 1, (2,)), spaces.Discrete(3), hidden=(3,))
    theta = policy.init(rng) + rng.standard_normal(policy.num_parameters)
    obs = rng.standard_normal((N, 2))
    F = explicit_fisher(policy, theta, obs)
    inverse, promised = np.linalg.pinv(F, rcond=1e-9), []
    for _ in range(4000):
        actions = policy.sample(theta, obs, rng)
        at = policy.linearize(theta, obs)
        p = np.exp(at.outputs) / np.exp(at.outputs).sum(axis=1, keepdims=True)
        noise = at.vjp((np.eye(3)[actions] - p) * rng.standard_normal((N, 1))) / N
        promised.append(noise @ inverse @ noise)
    error = np.std(promised) / np.sqrt(len(promised))
    assert abs(np.mean(promised) - np.linalg.matrix_rank(F, tol=1e-9) / N) < 4 * error


def test_the_measurements_are_those_of_eight_seeds_and_fresh_samples_keep_less_of_the_gain():
    measured = json.loads(MEASURED.read_text(encoding="utf-8"))
    for pairs in measured["gains"].values():
        own, fresh = np.array(pairs).T
        assert len(own) == 8
        assert fresh.mean() < own.mean()
    assert {len(returns) for returns in measured["returns"].values()} == {8}
