"""Statements and hand-computed numbers of notebooks 05 to 08, each worked out in another way.
notebooks/equations.md says which test belongs to which equation."""

from itertools import combinations

import numpy as np
import pytest
from autograd import hessian, jacobian
from gymnasium import spaces
from problems import random_batch, random_problem

from trpo_np import (
    MLP,
    Categorical,
    DiagonalGaussian,
    Settings,
    conjugate_gradient,
    explicit_fisher,
    fisher_vector_product,
    make_policy,
    mean_kl,
)
from trpo_np.classroom.measurements import stored
from trpo_np.classroom.notebook_05 import metrics
from trpo_np.classroom.notebook_07 import (
    SHOWN,
    UPDATES,
    measured,
    measured_everywhere,
    measured_returns,
    promise,
    stops_in_training,
)
from trpo_np.fisher import damped
from trpo_np.objectives import policy_gradient

# 05


def scores_of(policy, theta, batch):
    """∇ log π (N, P) of the batch's actions, by autograd."""
    return jacobian(lambda x: policy.log_prob(x, batch.observations, batch.actions))(theta)


def test_both_orders_of_the_kl_have_the_same_curvature_and_other_values(rng):
    eta = rng.standard_normal((1, 4))
    old_new = hessian(lambda x: Categorical(4).kl(eta, x[None])[0])(eta[0])
    new_old = hessian(lambda x: Categorical(4).kl(x[None], eta)[0])(eta[0])
    np.testing.assert_allclose(old_new, new_old, atol=1e-12)
    wide, narrow = np.array([[0.0, 0.0]]), np.array([[0.0, -0.2]])
    assert DiagonalGaussian(1).kl(wide, narrow)[0] == pytest.approx(0.0459, abs=5e-5)
    assert DiagonalGaussian(1).kl(narrow, wide)[0] == pytest.approx(0.0352, abs=5e-5)


@pytest.mark.parametrize(("hidden", "agree"), [((), True), ((3,), False)])
def test_the_kl_hessian_is_the_fisher_matrix_everywhere_if_logits_are_linear(hidden, agree, rng):
    policy = make_policy(spaces.Box(-1, 1, (2,)), spaces.Discrete(3), hidden)
    theta_old, theta = rng.standard_normal((2, policy.num_parameters))
    obs = rng.standard_normal((4, 2))
    H = hessian(lambda x: mean_kl(policy, theta_old, x, obs))(theta)
    F = explicit_fisher(policy, theta, obs)
    assert (np.linalg.norm(H - F) < 1e-12 * np.linalg.norm(F)) == agree


@pytest.mark.parametrize("kind", ["Discrete", "Box"])
def test_metrics_are_those_of_the_distribution(kind, rng):
    policy, theta, obs = random_problem(kind, rng, N=3)
    M, u = metrics(policy, theta, obs), rng.standard_normal((3, policy.distribution.num_outputs))
    expected = policy.distribution.fisher_product(policy.outputs(theta, obs), u)
    np.testing.assert_allclose(np.einsum("nkl,nl->nk", M, u), expected)


def test_the_sampled_fisher_is_right_on_average_and_the_empirical_one_is_not(rng):
    """(5.13), (5.14): expectations over all actions of one state, not samples."""
    p = np.array([0.5, 0.3, 0.2])
    psi, F = np.eye(3) - p, np.diag(p) - np.outer(p, p)
    np.testing.assert_allclose(np.einsum("a,ai,aj->ij", p, psi, psi), F, atol=1e-15)
    for A, multiple in ((np.array([1.0, -1.0, -1.0]), True), (np.array([1.0, -0.4, -1.9]), False)):
        empirical = np.einsum("a,ai,aj->ij", p * A**2, psi, psi)
        c = np.sum(empirical * F) / np.sum(empirical**2)
        assert (np.linalg.norm(c * empirical - F) < 1e-12) == multiple


def test_doubled_rewards_halve_the_empirical_step(rng):
    """Exercise 5.6, and F⁻¹g doubles."""
    policy, theta, obs = random_problem("Discrete", rng, N=40, hidden=(), D=2)
    batch = random_batch(policy, theta, obs, rng)
    psi, A = scores_of(policy, theta, batch), batch.advantages
    step = lambda A: np.linalg.pinv((A[:, None] ** 2 * psi).T @ psi / 40) @ (A @ psi / 40)  # noqa: E731
    np.testing.assert_allclose(step(2 * A), 0.5 * step(A), atol=1e-10)


@pytest.mark.parametrize(("a_x", "a_y"), [(2.0, 0.5), (1.0, 3.0), (0.7, 0.7)])
def test_share_of_the_promise_in_the_example_of_two_states(a_x, a_y):
    """(5.15), from the scores of the two states and two actions."""
    psi = np.array([[0.5, 0], [-0.5, 0], [0, 0.5], [0, -0.5]])  # each with probability 1/4
    A = np.array([a_x, -a_x, a_y, -a_y])
    g, F = A @ psi / 4, psi.T @ psi / 4
    empirical = (A[:, None] ** 2 * psi).T @ psi / 4
    np.testing.assert_allclose(g, [a_x / 4, a_y / 4])
    np.testing.assert_allclose(F, np.eye(2) / 8)
    natural, other = np.linalg.solve(F, g), np.linalg.solve(empirical, g)
    np.testing.assert_allclose(other, [2 / a_x, 2 / a_y])
    r = a_x / a_y
    share = promise(g, lambda v: F @ v, other) / promise(g, lambda v: F @ v, natural)
    assert share == pytest.approx(2 / (r + 1 / r))
    if (a_x, a_y) == (2.0, 0.5):
        assert share == pytest.approx(0.47, abs=0.005)


# 06


def test_the_worked_layer_of_notebook_06(rng):
    """The numbers of its sections 4 and 5, with a layer below that yields these inputs."""
    h, W = np.array([[0.5, -0.6]]), np.array([[1, 0], [2, -1], [0.5, 0]])
    below = np.vstack([np.zeros((1, 2)), np.arctanh(h)])  # x = 0: the bias alone makes h
    network = MLP((1, 2, 2))
    theta = np.concatenate([below.ravel(), W.ravel()])
    z, jvp, vjp = network.linearize(theta, np.zeros((1, 1)))
    np.testing.assert_allclose(z, [[-0.2, 0.6]])
    dW = np.zeros((3, 2))
    dW[1, 0] = 0.2
    db = np.array([0.1, 0]) / (1 - h[0] ** 2)  # so that dh = (0.1, 0)
    v = np.concatenate([[0, 0], db, dW.ravel()])
    np.testing.assert_allclose(jvp(v), [[-0.02, 0]], atol=1e-15)
    gradient = vjp(np.array([[1.0, -2.0]]))
    np.testing.assert_allclose(gradient[4:].reshape(3, 2), [[0.5, -1], [-0.6, 1.2], [1, -2]])
    np.testing.assert_allclose(gradient[2:4], [0.75, 2.56])
    assert gradient @ v == pytest.approx(-0.02)


def test_a_subsample_of_the_states_estimates_the_fisher_matrix_without_bias(rng):
    """The mean over all choices of m of the N states."""
    policy, theta, obs = random_problem("Discrete", rng, N=5, hidden=(2,), D=2)
    parts = [explicit_fisher(policy, theta, obs[list(c)]) for c in combinations(range(5), 2)]
    np.testing.assert_allclose(np.mean(parts, axis=0), explicit_fisher(policy, theta, obs))


# 07


@pytest.mark.parametrize("kind", ["Discrete", "Box"])
def test_the_gradient_has_no_part_where_the_fisher_matrix_of_its_states_is_zero(kind, rng):
    """(7.10), and it has one where F is made of fewer states."""
    policy, theta, obs = random_problem(kind, rng, N=6, hidden=(8,), D=3)
    g = policy_gradient(policy, theta, random_batch(policy, theta, obs, rng))

    def share_outside(states):
        mu, V = np.linalg.eigh(explicit_fisher(policy, theta, states))
        return np.linalg.norm(V[:, mu < 1e-12 * mu[-1]].T @ g) / np.linalg.norm(g)

    assert share_outside(obs) < 1e-6
    assert share_outside(obs[:3]) > 1e-2


def test_cg_solves_a_singular_system_within_its_rank_and_fails_outside_the_range(rng):
    policy = make_policy(spaces.Box(-1, 1, (3,)), spaces.Discrete(2), hidden=(8,))
    theta = 0.7 * rng.standard_normal(policy.num_parameters)
    obs = rng.standard_normal((4, 3))
    g = policy_gradient(policy, theta, random_batch(policy, theta, obs, rng))
    F = fisher_vector_product(policy, theta, obs)
    shortest = np.linalg.pinv(explicit_fisher(policy, theta, obs), rcond=1e-12) @ g
    x = conjugate_gradient(F, g, 4).x
    np.testing.assert_allclose(x, shortest, atol=1e-6 * np.linalg.norm(shortest))
    part = fisher_vector_product(policy, theta, obs[:2])
    residuals = conjugate_gradient(part, g, 10).residual_norms
    mu, V = np.linalg.eigh(explicit_fisher(policy, theta, obs[:2]))
    outside = np.linalg.norm(V[:, mu < 1e-12 * mu[-1]].T @ g)
    assert min(residuals) >= 0.999 * outside
    assert conjugate_gradient(damped(part, 0.1), g, 10).residual_norms[-1] < 1e-8


def test_the_promise_is_the_correlation_of_advantages_and_changes_of_log_probability(rng):
    """(7.11), with the exact mean of f² over the actions."""
    policy, theta, obs = random_problem("Discrete", rng, N=200, hidden=(4,), D=2)
    batch = random_batch(policy, theta, obs, rng)
    psi, s = scores_of(policy, theta, batch), rng.standard_normal(len(theta))
    squares = 0
    for actions, weights in zip(
        *policy.distribution.quadrature(policy.outputs(theta, obs)), strict=True
    ):
        log_prob = lambda x: policy.distribution.log_prob(policy.outputs(x, obs), actions)  # noqa: B023, E731
        squares = squares + weights * (jacobian(log_prob)(theta) @ s) ** 2
    expected = np.mean(batch.advantages * (psi @ s)) / np.sqrt(np.mean(squares))
    g, F = policy_gradient(policy, theta, batch), fisher_vector_product(policy, theta, obs)
    assert promise(g, F, s) == pytest.approx(expected)


def test_the_sampled_fisher_solves_a_least_squares_fit_of_the_advantages(rng):
    """(7.12): its promise in the sample is the multiple correlation, even of pure noise."""
    policy, theta, obs = random_problem("Discrete", rng, N=60, hidden=(3,), D=2)
    batch = random_batch(policy, theta, obs, rng)
    psi, A = scores_of(policy, theta, batch), batch.advantages
    g, F = A @ psi / 60, psi.T @ psi / 60
    s, *_ = np.linalg.lstsq(psi, A, rcond=1e-12)
    np.testing.assert_allclose(F @ s, g, atol=1e-10)
    explained = 1 - np.mean((A - psi @ s) ** 2) / np.mean(A**2)
    assert promise(g, lambda v: F @ v, s) / np.sqrt(np.mean(A**2)) == pytest.approx(
        np.sqrt(explained)
    )
    assert explained > 0.1  # though A was drawn without looking at the actions


def test_training_stops_before_the_updates_asked_for_with_fresh_data(rng):
    settings = Settings(batch_size=128, num_envs=4, hidden=(4,))
    stops = list(stops_in_training("CartPole-v1", (1, 3), seed=0, settings=settings, fresh=4))
    assert [number for number, *_ in stops] == [1, 3]
    for _, policy, theta, batch, fresh in stops:
        assert len(fresh.observations) > 3 * len(batch.observations)
        for part in (batch, fresh):  # both come from this theta
            log_probs = policy.log_prob(theta, part.observations, part.actions)
            np.testing.assert_allclose(log_probs, part.log_probs, atol=1e-12)
    assert np.any(stops[0][2] != stops[1][2])


def test_a_measurement_is_found_from_any_folder_and_a_missing_one_is_named(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert stored("fisher_products.json").exists()
    with pytest.raises(FileNotFoundError, match=r"no measurements/nothing\.json: put"):
        stored("nothing.json")
    (tmp_path / "measurements").mkdir()
    (tmp_path / "measurements" / "fisher_products.json").write_text("[]")
    assert stored("fisher_products.json").read_text() == "[]"


CASES = [(env_id, update) for env_id in ("CartPole-v1", "Pendulum-v1") for update in UPDATES]
WITH_SIGNAL = CASES[0], CASES[1], CASES[6], CASES[7]


def paired(case, name, other, key="fresh"):
    """Mean and standard error of the difference of two directions, and how often it is above 0."""
    found = measured(*case, key)
    difference = found[name] - found[other]
    return difference.mean(), difference.std(ddof=1) / 4, np.sum(difference > 0)


def test_what_notebook_07_says_of_its_measurement():
    for case in CASES:
        assert len(measured(*case, "fresh")["0.1 10"]) == 16
        assert abs(paired(case, "0.1 exact", "0.1 10")[0]) < 0.001  # ten iterations solve it
        if case not in WITH_SIGNAL:
            assert max(measured(*case, "fresh")[name].mean() for name in SHOWN) < 0.04
            mean, error, _ = paired(case, "0.001 10", "0.1 10")
            assert abs(mean) < 2 * error
    found = np.array([paired(case, "0.001 10", "0.1 10") for case in WITH_SIGNAL])
    np.testing.assert_allclose(found[:, 0], [0.025, -0.017, 0.058, 0.027], atol=5e-4)
    np.testing.assert_allclose(found[:, 1], [0.002, 0.004, 0.005, 0.003], atol=5e-4)
    np.testing.assert_array_equal(found[:, 2], [16, 1, 16, 15])
    for name, sign in (("1 10", -1), ("0.01 10", 1)):
        for case in WITH_SIGNAL:
            mean, error, _ = paired(case, name, "0.1 10")
            assert sign * mean > -error
    assert measured_everywhere("kl")["0.1 10"].max() == pytest.approx(1.47)
    assert np.sum(measured_everywhere("halved")["0 exact"] < 0) == 91


def test_what_notebook_07_says_of_whole_runs():
    said = {
        "CartPole-v1": {
            "0.01 10": (-13.5, 4.0, 0),
            "0.001 10": (-60.5, 8.7, 0),
            "0 10": (-93.3, 23.8, 0),
        },
        "Pendulum-v1": {
            "0.01 10": (95.5, 18.5, 8),
            "0.001 10": (67.4, 20.7, 8),
            "0 10": (23.7, 27.7, 5),
        },
    }
    for env_id, settings in said.items():
        returns = measured_returns(env_id, "mean")
        for setting, (mean, error, higher) in settings.items():
            gained = returns[setting] - returns["0.1 10"]
            assert len(gained) == 8
            assert gained.mean() == pytest.approx(mean, abs=0.051)
            assert gained.std(ddof=1) / np.sqrt(8) == pytest.approx(error, abs=0.051)
            assert np.sum(gained > 0) == higher


def test_what_notebooks_05_and_06_say_of_the_measurement():
    said = {
        "empirical Fisher": {CASES[0]: 0.002, CASES[1]: -0.013, CASES[7]: -0.032},
        "a tenth of the states": {CASES[1]: -0.0026, CASES[6]: -0.0015, CASES[7]: -0.0045},
    }
    for name, numbers in said.items():
        for case in CASES:
            mean, error, _ = paired(case, name, "0.1 10")
            if case in numbers:
                assert mean == pytest.approx(numbers[case], abs=6e-4)
            else:
                assert abs(mean) < 2 * error
    for case in CASES:
        assert abs(paired(case, "sampled Fisher", "0.1 10")[0]) < 0.002
