import re

import numpy as np
import pytest

from trpo_np import MLP
from trpo_np.errors import UsageError
from trpo_np.value import ValueFunction, explained_variance


def error(value, w, obs, targets):
    return np.mean((value.predict(w, obs) - targets) ** 2)


def test_a_linear_value_function_is_fitted_by_least_squares(rng):
    value = ValueFunction(MLP((3, 1)))
    obs, targets = rng.standard_normal((50, 3)), 100 * rng.standard_normal(50)
    w, _ = value.fit(value.init(rng), obs, targets, iterations=1, damping=1e-12)
    design = np.hstack([obs, np.ones((50, 1))])
    np.testing.assert_allclose(w, np.linalg.lstsq(design, targets, rcond=None)[0], rtol=1e-6)


@pytest.mark.parametrize("damping", [0.01, 2.0])
def test_one_step_solves_the_damped_equations_of_the_linear_model(damping, rng):
    """(E[JᵀJ] + λ I) d = E[Jᵀ(y - V)], J the rows [s, 1]: (9.11)."""
    value = ValueFunction(MLP((3, 1)))
    obs, targets, w = (
        rng.standard_normal((50, 3)),
        rng.standard_normal(50),
        np.array([1, 2, 0, -1.0]),
    )
    J = np.hstack([obs, np.ones((50, 1))])
    d = np.linalg.solve(J.T @ J / 50 + damping * np.eye(4), J.T @ (targets - J @ w) / 50)
    new, report = value.fit(w, obs, targets, 1, 10, damping)
    np.testing.assert_allclose(new - w, d, rtol=1e-9)
    assert (report.status, report.iterations) == ("fitted", 1)
    assert report.error_before == pytest.approx(np.mean((targets - J @ w) ** 2))
    assert report.error_after == pytest.approx(np.mean((targets - J @ new) ** 2))


def test_a_fit_is_of_two_steps_of_five_iterations_unless_told_otherwise(rng):
    value = ValueFunction(MLP((3, 6, 1)))
    w, obs, targets = value.init(rng), rng.standard_normal((40, 3)), rng.standard_normal(40)
    plain, report = value.fit(w, obs, targets)
    said, same = value.fit(w, obs, targets, 2, 5, 0.01, 1.0, None)
    np.testing.assert_array_equal(plain, said)
    assert report == same
    assert report.iterations == 2
    for other in ((1, 5, 0.01), (3, 5, 0.01), (2, 4, 0.01), (2, 6, 0.01), (2, 5, 0.02)):
        assert (value.fit(w, obs, targets, *other)[0] != plain).any()


@pytest.mark.parametrize("iterations", [0, -1])
def test_a_fit_has_at_least_one_step(iterations, rng):
    value = ValueFunction(MLP((3, 1)))
    with pytest.raises(UsageError, match=f"iterations = {iterations} is not possible: it must be "):
        value.fit(value.init(rng), np.ones((2, 3)), np.ones(2), iterations)
    assert value.fit(value.init(rng), np.ones((1, 3)), np.ones(1), 1)[1].status == "fitted"


def test_values_are_of_any_number_of_states_and_near_0_at_first(rng):
    value = ValueFunction(MLP((3, 64, 1)))
    w, obs = value.init(rng), rng.standard_normal((7, 5, 3))
    V = value.predict(w, obs)
    assert V.shape == (7, 5)
    np.testing.assert_allclose(V[2, 3], value.predict(w, obs[2, 3]), rtol=1e-12)
    assert 0 < np.abs(V).max() < 0.2


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_a_fit_stays_in_the_precision_of_w(precision, rng):
    value = ValueFunction(MLP((3, 4, 1)))
    w = value.init(rng).astype(precision)
    obs = rng.standard_normal((20, 3)).astype(precision)
    fitted, report = value.fit(w, obs, rng.standard_normal(20))
    assert fitted.dtype == precision
    assert report.status == "fitted"


def test_an_error_that_overflows_is_a_status_and_no_warning(rng):
    value = ValueFunction(MLP((1, 1)))
    w = np.array([1e200, 0.0])
    same, report = value.fit(w, np.ones((3, 1)), np.zeros(3))
    assert same is w
    assert report.status == "non_finite"
    assert not np.isfinite([report.error_before, report.error_after]).any()


def test_one_pass_over_all_states_serves_each_step(rng):
    """And a second one, over some, where the products are to see fewer."""
    passes = []

    class Counting(MLP):
        def linearize(self, theta, x):
            passes.append(len(x))
            return super().linearize(theta, x)

    value = ValueFunction(Counting((3, 4, 1)))
    w, obs, targets = value.init(rng), rng.standard_normal((40, 3)), rng.standard_normal(40)
    assert value.fit(w, obs, targets, 2)[1].iterations == 2
    assert passes == [40, 40]
    assert value.fit(w, obs, targets, 2, fraction=0.5, rng=rng)[1].iterations == 2
    assert passes[2:] == [40, 20, 40, 20]


def test_the_error_never_grows(rng):
    value = ValueFunction(MLP((2, 8, 1)))
    obs, targets = rng.standard_normal((100, 2)), rng.standard_normal(100)
    w, errors, reported = value.init(rng), [], []
    for _ in range(20):
        errors.append(error(value, w, obs, targets))
        w, report = value.fit(w, obs, targets, iterations=1)
        reported.append((report.error_before, report.error_after))
    assert (np.diff(errors) <= 0).all()
    errors.append(error(value, w, obs, targets))
    np.testing.assert_allclose(reported, np.stack([errors[:-1], errors[1:]], axis=1))


@pytest.mark.parametrize("scale", [0.1, 1.0, 1e3])
def test_returns_of_any_size_are_learned_without_a_learning_rate(scale, rng):
    value = ValueFunction(MLP((2, 32, 32, 1)))
    obs = rng.uniform(-1, 1, (500, 2))
    targets = scale * np.sin(3 * obs[:, 0]) * obs[:, 1]
    w, _ = value.fit(value.init(rng), obs, targets, iterations=30, cg_iterations=20, damping=1e-3)
    assert explained_variance(value.predict(w, obs), targets) > 0.9


def test_perfect_targets_leave_w_alone(rng):
    value = ValueFunction(MLP((2, 4, 1)))
    w, obs = value.init(rng), rng.standard_normal((10, 2))
    same, report = value.fit(w, obs, value.predict(w, obs))
    assert same is w
    assert (report.status, report.iterations) == ("no_better", 0)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_target_that_is_not_finite_is_reported_and_w_stays(bad, rng):
    value = ValueFunction(MLP((2, 4, 1)))
    w, obs, targets = value.init(rng), rng.standard_normal((10, 2)), rng.standard_normal(10)
    targets[3] = bad
    same, report = value.fit(w, obs, targets)
    assert same is w
    assert (report.status, report.iterations) == ("non_finite", 0)


@pytest.mark.parametrize("shape", [(1,), (10, 1), (), (9,), (0,)])
def test_targets_of_another_shape_are_refused(shape, rng):
    value = ValueFunction(MLP((2, 4, 1)))
    obs = rng.standard_normal((shape[0] if shape == (0,) else 10, 2))
    said = rf"shape {re.escape(str(shape))}: \({len(obs)},\) is wanted, "
    with pytest.raises(UsageError, match=said + r"one for each of at least one observation\.$"):
        value.fit(value.init(rng), obs, np.zeros(shape))


def test_a_fraction_of_the_states_gives_nearly_the_same_fit(rng):
    """The products see a tenth; the error that the line search judges is that of all."""
    value = ValueFunction(MLP((2, 16, 1)))
    obs = rng.uniform(-1, 1, (4000, 2))
    targets = np.sin(3 * obs[:, 0]) * obs[:, 1]
    w, how = value.init(rng), {"iterations": 20, "cg_iterations": 10, "damping": 1e-3}
    some, _ = value.fit(w, obs, targets, **how, fraction=0.1, rng=rng)
    whole, _ = value.fit(w, obs, targets, **how)
    assert error(value, some, obs, targets) < 2 * error(value, whole, obs, targets) + 1e-3
    with pytest.raises(UsageError, match="pass a generator"):
        value.fit(w, obs, targets, fraction=0.1)


def test_explained_variance():
    targets = np.array([1.0, 2.0, 3.0])
    assert explained_variance(targets, targets) == 1
    assert explained_variance(np.full(3, 7.0), targets) == 0
    assert explained_variance(-targets, targets) == -3
    assert np.isnan(explained_variance(targets, np.ones(3)))
