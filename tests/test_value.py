import numpy as np
import pytest

from trpo_np import MLP
from trpo_np.value import ValueFunction, explained_variance


def error(value, w, obs, targets):
    return np.mean((value.predict(w, obs) - targets) ** 2)


def test_a_linear_value_function_is_fitted_by_least_squares(rng):
    value = ValueFunction(MLP((3, 1)))
    obs, targets = rng.standard_normal((50, 3)), 100 * rng.standard_normal(50)
    w = value.fit(value.init(rng), obs, targets, iterations=1, damping=1e-12)
    design = np.hstack([obs, np.ones((50, 1))])
    np.testing.assert_allclose(w, np.linalg.lstsq(design, targets)[0], rtol=1e-6)


def test_the_error_never_grows(rng):
    value = ValueFunction(MLP((2, 8, 1)))
    obs, targets = rng.standard_normal((100, 2)), rng.standard_normal(100)
    w, errors = value.init(rng), []
    for _ in range(20):
        errors.append(error(value, w, obs, targets))
        w = value.fit(w, obs, targets, iterations=1)
    assert (np.diff(errors) <= 0).all()


@pytest.mark.parametrize("scale", [0.1, 1.0, 1e3])
def test_returns_of_any_size_are_learned_without_a_learning_rate(scale, rng):
    value = ValueFunction(MLP((2, 32, 32, 1)))
    obs = rng.uniform(-1, 1, (500, 2))
    targets = scale * np.sin(3 * obs[:, 0]) * obs[:, 1]
    w = value.fit(value.init(rng), obs, targets, iterations=30, cg_iterations=20, damping=1e-3)
    assert explained_variance(value.predict(w, obs), targets) > 0.9


def test_perfect_targets_leave_w_alone(rng):
    value = ValueFunction(MLP((2, 4, 1)))
    w, obs = value.init(rng), rng.standard_normal((10, 2))
    assert value.fit(w, obs, value.predict(w, obs)) is w


def test_explained_variance():
    targets = np.array([1.0, 2.0, 3.0])
    assert explained_variance(targets, targets) == 1
    assert explained_variance(np.full(3, 7.0), targets) == 0
    assert explained_variance(-targets, targets) == -3
    assert np.isnan(explained_variance(targets, np.ones(3)))
