"""What notebook 10 says of the program and the theorem: directions that are no gradients, and the
gains on fresh samples that it reads from a file."""

import json
from pathlib import Path

import numpy as np
import pytest

from trpo_np.classroom.notebook_10 import asymmetry

MEASURED = Path(__file__).parent.parent / "notebooks" / "measurements" / "details.json"


@pytest.mark.parametrize("seed", range(5))
def test_the_policy_gradient_is_a_gradient_with_discounted_states_and_with_others_it_is_not(seed):
    """The derivative of a gradient is symmetric."""
    assert asymmetry("discounted", seed) < 1e-7
    assert asymmetry("alike", seed) > 1e-3


def test_the_measurements_are_those_of_eight_seeds_and_fresh_samples_keep_less_of_the_gain():
    measured = json.loads(MEASURED.read_text(encoding="utf-8"))
    for pairs in measured["gains"].values():
        own, fresh = np.array(pairs).T
        assert len(own) == 8
        assert fresh.mean() < own.mean()
    assert {len(returns) for returns in measured["returns"].values()} == {8}
