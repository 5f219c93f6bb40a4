"""Small things that had no name: each has one now."""

from dataclasses import replace

import numpy as np
import pytest
from problems import random_batch, random_problem

from trpo_np import (
    TRPO,
    Bernoulli,
    Categorical,
    DiagonalGaussian,
    MultiCategorical,
    NaturalGradient,
    Settings,
    train,
)
from trpo_np.checked import is_whole
from trpo_np.errors import UsageError
from trpo_np.experiments.storage import load_run, save_progress

SMALL = Settings(batch_size=64, num_envs=4, hidden=(4,))


@pytest.mark.parametrize("size", [0, -1, 2.5, "2"])
def test_a_distribution_has_a_size(size):
    for make in (Categorical, DiagonalGaussian, Bernoulli, lambda n: MultiCategorical((2, n))):
        with pytest.raises(UsageError, match="is not possible: its size"):
            make(size)
    with pytest.raises(UsageError, match="is not possible: its size"):
        MultiCategorical(())


@pytest.mark.parametrize("x", [3, np.int64(3), np.uint8(3)])
def test_whole_numbers(x):
    assert is_whole(x)
    assert is_whole(x, 3)
    assert not is_whole(x, 4)
    assert not any(map(is_whole, (3.0, True, np.True_, "3", None, np.float64(3))))


@pytest.mark.parametrize("update", [TRPO(), NaturalGradient()])
@pytest.mark.parametrize(("size", "precision"), [(1e-300, "float64"), (1e-30, "float32")])
def test_a_gradient_whose_squares_are_lost_is_none(size, precision, update, rng):
    policy, theta, obs = random_problem("Discrete", rng, N=50, hidden=(5,), D=3)
    batch = random_batch(policy, theta, obs, rng)
    tiny = (size * batch.advantages).astype(precision)
    batch = replace(batch, observations=obs.astype(precision), advantages=tiny)
    theta = theta.astype(precision)
    new, report = update(policy, theta, batch)
    assert report.status == "zero_gradient"
    assert new is theta


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_theta_of_ones_own_update_that_is_not_finite_ends_a_run_that_can_go_on(bad, tmp_path):
    def update(policy, theta, batch, rng, fails=True):
        new, report = TRPO()(policy, theta, batch, rng)
        calls.append(1)
        if fails and len(calls) == 4:
            new = new.copy()
            new[3] = bad
        return new, report

    calls = []
    with pytest.raises(UsageError, match=f"theta whose entry 3 is {bad}: .* have it return"):
        train("CartPole-v1", update, 600, 0, SMALL, on_iteration=lambda r: save(r, tmp_path))
    assert len(load_run(tmp_path).history) == 3
    resumed = train(resume=tmp_path, update=update)
    assert np.isfinite(resumed.theta).all()
    assert resumed.history[-1].steps > 500


def save(result, folder):
    save_progress(result, folder)
