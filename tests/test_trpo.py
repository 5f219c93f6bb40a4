from dataclasses import replace

import numpy as np
import pytest
from autograd import grad
from problems import ACTION_SPACES, random_batch, random_problem

from trpo_np import TRPO, explicit_fisher, mean_kl, surrogate, trpo_step
from trpo_np.fast.local_problem import LocalProblem

each_kind = pytest.mark.parametrize("kind", ACTION_SPACES)


def problem(kind, rng, N=200):
    policy, theta, obs = random_problem(kind, rng, N=N, hidden=(5,), D=3)
    return policy, theta, random_batch(policy, theta, obs, rng)


@each_kind
def test_an_accepted_step_keeps_both_promises(kind, rng):
    for delta in (1e-4, 1e-2, 0.1):
        policy, theta, batch = problem(kind, rng)
        new, report = trpo_step(policy, theta, batch, TRPO(delta=delta))
        assert report.accepted
        kl = mean_kl(policy, theta, new, batch.observations)
        improvement = surrogate(policy, new, batch) - surrogate(policy, theta, batch)
        assert 0 < kl <= delta
        assert improvement > 0
        assert (report.kl, report.improvement) == pytest.approx((kl, improvement))


@each_kind
def test_direction_and_length_are_those_of_the_explicit_solution(kind, rng):
    """theta + β^k √(2δ / sᵀFs) s, with s solved from the explicit F + λI."""
    policy, theta, batch = problem(kind, rng)
    config = TRPO(delta=1e-3, cg_iterations=len(theta) + 10)
    new, report = trpo_step(policy, theta, batch, config)
    g = grad(lambda x: surrogate(policy, x, batch))(theta)
    F = explicit_fisher(policy, theta, batch.observations)
    damped = F + config.cg_damping * np.eye(len(F))
    s = np.linalg.solve(damped, g)
    alpha = np.sqrt(2 * config.delta / (s @ F @ s)) * 0.5**report.backtracks
    np.testing.assert_allclose(new - theta, alpha * s, rtol=1e-6, atol=1e-10)

    config = replace(config, damped_step_length=True)
    new, report = trpo_step(policy, theta, batch, config)
    alpha = np.sqrt(2 * config.delta / (s @ damped @ s)) * 0.5**report.backtracks
    np.testing.assert_allclose(new - theta, alpha * s, rtol=1e-6, atol=1e-10)


def test_a_small_step_has_the_kl_of_the_quadratic_model(rng):
    policy, theta, batch = problem("Box", rng)
    delta = 1e-8
    _, report = trpo_step(policy, theta, batch, TRPO(delta=delta))
    assert report.kl == pytest.approx(delta * 0.25**report.backtracks, rel=1e-2)


def test_the_step_does_not_depend_on_the_scale_of_the_advantages(rng):
    policy, theta, batch = problem("Discrete", rng)
    scaled = replace(batch, advantages=1024 * batch.advantages)
    new, _ = trpo_step(policy, theta, batch)
    np.testing.assert_allclose(trpo_step(policy, theta, scaled)[0], new, rtol=1e-12)


@each_kind
def test_float32_takes_the_same_step(kind, rng):
    policy, theta, batch = problem(kind, rng)
    new, report = trpo_step(policy, theta, batch)
    low = {name: array.astype(np.float32) for name, array in vars(batch).items()}
    low["actions"] = batch.actions
    new_low, report_low = trpo_step(policy, theta.astype(np.float32), replace(batch, **low))
    assert new_low.dtype == np.float32
    assert np.linalg.norm(new_low - new) < 1e-2 * np.linalg.norm(new - theta)
    assert report_low.kl == pytest.approx(report.kl, rel=1e-3)


@each_kind
def test_nothing_is_written_to(kind, rng):
    policy, theta, batch = problem(kind, rng)
    for array in (theta, *vars(batch).values()):
        array.flags.writeable = False
    trpo_step(policy, theta, batch)


def fails_with(status, policy, theta, batch, config=None):
    """The step ends with this status and the very same theta, and reports no movement."""
    before = theta.copy()
    new, report = trpo_step(policy, theta, batch, config or TRPO())
    assert report.status == status
    assert new is theta
    np.testing.assert_array_equal(theta, before)
    assert not report.accepted
    assert (report.kl, report.improvement) == (0, 0)


def test_zero_gradient(rng):
    policy, theta, batch = problem("Discrete", rng)
    zero = replace(batch, advantages=np.zeros(len(batch.advantages)))
    fails_with("zero_gradient", policy, theta, zero)


@each_kind
@pytest.mark.parametrize("draw", range(5))
def test_no_acceptable_step(kind, draw, rng):
    """With such a δ the KL and the improvement are rounding errors, of either sign."""
    policy, theta, batch = problem(kind, rng)
    fails_with("below_rounding", policy, theta, batch, TRPO(delta=1e-30))


@each_kind
def test_no_step_that_improves(kind, rng, monkeypatch):
    policy, theta, batch = problem(kind, rng)
    monkeypatch.setattr(LocalProblem, "L", lambda self, x: -1.0)
    fails_with("no_acceptable_step", policy, theta, batch)


@pytest.mark.parametrize("where", ["advantages", "observations", "log_probs"])
def test_non_finite(where, rng):
    policy, theta, batch = problem("Box", rng)
    broken = getattr(batch, where).copy()
    broken[3] = np.nan
    fails_with("non_finite", policy, theta, replace(batch, **{where: broken}))


@each_kind
@pytest.mark.parametrize("damping", [0.0, 0.1, 0.7])
@pytest.mark.parametrize("factor", [-1.0, 0.0])
def test_non_positive_curvature(factor, damping, kind, rng, monkeypatch):
    """Also where F = 0 and the damping is not: sᵀFs is then a rounding error, of either sign."""
    policy, theta, batch = problem(kind, rng)
    monkeypatch.setattr(LocalProblem, "F", lambda self, v: factor * v)
    fails_with("non_positive_curvature", policy, theta, batch, TRPO(cg_damping=damping))


def test_the_last_backtrack_is_the_tables(rng, monkeypatch):
    """k runs from 0 to K, as in the pseudocode: K + 1 candidates."""
    policy, theta, batch = problem("Discrete", rng)
    tried = []
    monkeypatch.setattr(LocalProblem, "KL", lambda *args: tried.append(args) or 1.0)
    trpo_step(policy, theta, batch, TRPO(line_search_steps=4))
    assert len(tried) == 5


@each_kind
def test_observations_of_another_dtype_lose_no_precision(kind, rng):
    policy, theta, batch = problem(kind, rng)
    for obs in (np.round(3 * batch.observations).astype(int), batch.observations.astype("f4")):
        as_floats = replace(batch, observations=obs.astype(float))
        new, _ = trpo_step(policy, theta, replace(batch, observations=obs))
        np.testing.assert_array_equal(new, trpo_step(policy, theta, as_floats)[0])


def test_columns_in_place_of_vectors_are_refused(rng):
    policy, theta, batch = problem("Discrete", rng)
    for name in ("advantages", "log_probs"):
        column = replace(batch, **{name: getattr(batch, name)[:, None]})
        with pytest.raises(ValueError, match="must have the shape"):
            trpo_step(policy, theta, column)
