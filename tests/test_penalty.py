"""A KL penalty in place of the constraint: exact steps, estimators, gradients, sequences."""

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad, hessian

from trpo_np import TRPO, fisher_vector_product, mean_kl, tabular, trpo_step
from trpo_np.classroom import notebook_15 as nb
from trpo_np.classroom import sequences
from trpo_np.objectives import policy_gradient
from trpo_np.penalty import (
    adapted_beta,
    best_coefficient,
    estimate_moments,
    exponential_step,
    gradients_as_loss,
    gradients_in_reward,
    group_advantages,
    hyperbolic_step,
    kl_estimates,
    multiplier,
    two_penalty_step,
)

KL = tabular.state_kl
BETAS = (0.05, 0.7, 20.0)


def problem(rng, n=4):
    """An old policy and advantages that average to 0 over it."""
    pi = rng.dirichlet(np.ones(n)) * 0.96 + 0.04 / n
    A = rng.standard_normal(n)
    return pi, A - pi @ A


# One step


@pytest.mark.parametrize("beta", BETAS)
def test_what_another_policy_loses_against_the_exponential_step_is_a_divergence(beta, rng):
    """(15.1), (15.2), (15.3), and that the largest value is β log Z."""
    old, A = problem(rng)
    best = exponential_step(old, A, beta)
    top = beta * np.log(old @ np.exp(A / beta))
    rivals = rng.dirichlet(np.ones(4), 1000)
    value = lambda pi: pi @ A - beta * KL(pi, old)  # noqa: E731
    assert value(best) == pytest.approx(top)
    np.testing.assert_allclose(value(rivals), top - beta * KL(rivals, best), rtol=1e-9, atol=1e-9)


def test_the_exponential_step_is_stable_and_leaves_out_what_the_old_policy_does():
    step = exponential_step(np.array([[0.5, 0.5, 0.0]]), np.array([[1.0, -1.0, 9.0]]), 1e-4)
    np.testing.assert_array_equal(step, [[1.0, 0.0, 0.0]])


@pytest.mark.parametrize("beta", BETAS)
def test_the_gain_is_beta_times_the_divergences_both_ways(beta, rng):
    """(15.4), and the missing line of exercise 15.5."""
    old, A = problem(rng)
    new = exponential_step(old, A, beta)
    assert new @ A == pytest.approx(beta * (KL(new, old) + KL(old, new)))
    assert nb.check_log_Z.reference(old, new) == pytest.approx(np.log(old @ np.exp(A / beta)))


@pytest.mark.parametrize("beta", BETAS)
def test_the_hyperbolic_step_is_the_maximum(beta, rng):
    """(15.5), (15.6), (15.7): it sums to 1, no rival is better, and ν = β + gain is between the
    two limits."""
    old, A = problem(rng)
    best = hyperbolic_step(old, A, beta)
    nu = A + beta * old / best  # the derivative, which must be one number
    assert best.sum() == pytest.approx(1)
    np.testing.assert_allclose(nu, beta + best @ A, rtol=1e-6)
    assert A.max() < nu[0] <= A.max() + beta
    near = tabular.softmax_policy(np.log(best) + 0.05 * rng.standard_normal((20_000, 4)))
    rivals = np.concatenate([rng.dirichlet(np.ones(4), 20_000), near])
    value = lambda pi: pi @ A - beta * KL(old, pi)  # noqa: E731
    assert value(rivals).max() <= value(best) < value(rivals).max() + 0.01


def test_both_steps_solve_many_states_at_once(rng):
    old, A = (np.stack(x) for x in zip(*(problem(rng) for _ in range(5)), strict=True))
    for step in (exponential_step, hyperbolic_step):
        rows = [step(*row, 0.3) for row in zip(old, A, strict=True)]
        np.testing.assert_allclose(step(old, A, 0.3), rows, rtol=1e-12)
        apart = A + 1000 * np.arange(5)[:, None]  # a state's constant changes nothing
        np.testing.assert_allclose(step(old, apart, 0.3), rows, rtol=1e-9)


DIRECTIONS = {
    "new, old": (exponential_step, lambda old, new: KL(new, old)),
    "old, new": (hyperbolic_step, KL),
}
both = pytest.mark.parametrize("direction", DIRECTIONS)


@both
def test_a_heavier_penalty_gives_a_smaller_step_and_a_smaller_gain(direction, rng):
    """(15.8); and of any finite set of policies, whatever their gains and divergences are."""
    step, divergence = DIRECTIONS[direction]
    old, A = problem(rng)
    steps = [step(old, A, beta) for beta in np.geomspace(0.01, 100, 40)]
    assert (np.diff([divergence(old, pi) for pi in steps]) <= 0).all()
    assert (np.diff([pi @ A for pi in steps]) <= 0).all()
    K = rng.exponential(size=500)
    G = np.sqrt(K) + 0.05 * rng.standard_normal(500)
    chosen = [np.argmax(G - beta * K) for beta in np.geomspace(0.01, 100, 40)]
    assert (np.diff(K[chosen]) <= 0).all()
    assert (np.diff(G[chosen]) <= 0).all()
    assert len(set(chosen)) > 3


@both
def test_the_penalised_policy_solves_the_constrained_problem(direction, rng):
    """(15.9), for three actions on a fine grid of all policies."""
    step, divergence = DIRECTIONS[direction]
    old, A = problem(rng, n=3)
    delta = 0.05
    beta = multiplier(lambda b: divergence(old, step(old, A, b)), delta)
    best = step(old, A, beta)
    assert divergence(old, best) == pytest.approx(delta, rel=1e-6)
    a, b = np.meshgrid(*2 * [np.linspace(1e-3, 1, 700)])
    grid = np.stack([a, b, 1 - a - b], axis=-1)[a + b < 1 - 1e-3]
    inside = grid[divergence(old, grid) <= delta]
    assert len(inside) > 1000
    assert (inside @ A).max() <= best @ A < (inside @ A).max() + 0.01


def test_one_multiplier_serves_all_states(rng):
    """(15.9) with the mean over states: moving divergence from one state to another loses."""
    old, A = (np.stack(x) for x in zip(*(problem(rng) for _ in range(2)), strict=True))
    d = np.array([0.7, 0.3])
    step = lambda betas: np.stack([hyperbolic_step(*x, b) for *x, b in zip(old, A, betas)])  # noqa: B905, E731
    mean_kl_of = lambda pi: d @ KL(old, pi)  # noqa: E731
    gain = lambda pi: d @ np.sum(pi * A, axis=1)  # noqa: E731
    best = step([0.8, 0.8])
    for factor in (0.7, 0.95, 1.05, 1.5):
        c = multiplier(lambda b, factor=factor: mean_kl_of(step([b, factor * b])), mean_kl_of(best))
        other = step([c, factor * c])
        assert mean_kl_of(other) == pytest.approx(mean_kl_of(best), rel=1e-6)
        assert gain(other) < gain(best)


@pytest.mark.parametrize("beta", [0.3, 2.0])
def test_slopes_along_beta_by_finite_differences(beta, rng):
    """(15.10), and the slope of exercise 15.7."""
    old, A = problem(rng)
    h = 1e-5
    slope = lambda f: (f(beta + h) - f(beta - h)) / (2 * h)  # noqa: E731
    pi = exponential_step(old, A, beta)
    variance = pi @ (A - pi @ A) ** 2
    log_z = lambda b: np.log(old @ np.exp(A / b))  # noqa: E731
    assert slope(log_z) == pytest.approx(-(pi @ A) / beta**2, rel=1e-6)
    assert slope(lambda b: exponential_step(old, A, b) @ A) == pytest.approx(
        -variance / beta**2, rel=1e-6
    )
    K = lambda b: KL(exponential_step(old, A, b), old)  # noqa: E731
    assert slope(K) == pytest.approx(nb.check_slope.reference(old, A, beta), rel=1e-6)


@both
def test_a_heavy_penalty_is_quadratic(direction, rng):
    """(15.11): the relative error falls like 1/β."""
    step, divergence = DIRECTIONS[direction]
    old, A = problem(rng)
    errors = [
        abs(divergence(old, step(old, A, beta)) * 2 * beta**2 / (old @ A**2) - 1)
        for beta in (50.0, 100.0)
    ]
    assert errors[0] < 0.1
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.1)


def test_in_a_table_the_natural_direction_is_the_advantage(rng):
    """(15.12), with g and F by autograd."""
    old, A = (np.stack(x) for x in zip(*(problem(rng) for _ in range(3)), strict=True))
    d, logits = rng.dirichlet(np.ones(3)), np.log(old)

    def log_policy(theta):
        theta = anp.reshape(theta, (3, 4))
        return theta - anp.log(anp.sum(anp.exp(theta), axis=1, keepdims=True))

    L = lambda theta: anp.sum(d[:, None] * anp.exp(log_policy(theta)) * A)  # noqa: E731
    mean = lambda theta: anp.sum(d[:, None] * old * (logits - log_policy(theta)))  # noqa: E731
    theta = logits.ravel()
    g, F = grad(L)(theta), hessian(mean)(theta)
    np.testing.assert_allclose(F @ A.ravel(), g, atol=1e-12)
    np.testing.assert_allclose(g, (d[:, None] * old * A).ravel(), atol=1e-12)
    assert g @ A.ravel() == pytest.approx(d @ np.sum(old * A**2, axis=1))
    np.testing.assert_allclose(
        tabular.softmax_policy(logits + 0.4 * A), exponential_step(old, A, 1 / 0.4), rtol=1e-12
    )


# Many steps


@pytest.mark.parametrize("beta", [0.1, 3.0])
def test_mirror_descent_rises_by_the_divergences(beta, rng):
    """(15.13)"""
    mdp = tabular.random_mdp(rng, S=4, A=3, gamma=0.9, shape=(50,))
    old = tabular.softmax_policy(rng.standard_normal((50, 4, 3)))
    new = exponential_step(old, tabular.advantages(mdp, old), beta)
    rise = tabular.performance(mdp, new) - tabular.performance(mdp, old)
    both_ways = KL(new, old) + KL(old, new)
    expected = beta * np.sum(tabular.visitation(mdp, new) * both_ways, axis=-1)
    np.testing.assert_allclose(rise, expected, rtol=1e-6, atol=1e-9)
    assert rise.min() > 0


@pytest.mark.parametrize("beta", [0.01, 1.0, 30.0])
def test_the_gap_of_mirror_descent_stays_below_its_bound(beta, rng):
    """(15.14), and a bound a hundred times smaller is broken."""
    worst = 0.0
    for _ in range(20):
        mdp = tabular.random_mdp(rng, S=4, A=3, gamma=0.8)
        J_best, V_best = nb.best_values(mdp)
        pi = np.full((4, 3), 1 / 3)
        V = tabular.state_values(mdp, pi)
        top = (beta * np.log(3) + np.max(V_best - V)) / (1 - mdp.gamma)
        for k in range(1, 40):
            pi = exponential_step(pi, tabular.advantages(mdp, pi), beta)
            worst = max(worst, (J_best - tabular.performance(mdp, pi)) * k / top)
    assert 0.01 < worst <= 1


def test_policy_iteration_finds_the_fixed_point_of_value_iteration(rng):
    mdp = tabular.random_mdp(rng, S=5, A=3, gamma=0.9)
    J, V = nb.best_values(mdp)
    np.testing.assert_allclose(np.max(mdp.rewards + 0.9 * mdp.transitions @ V, axis=1), V)
    assert pytest.approx(mdp.start @ V) == J


def test_beta_is_doubled_halved_or_kept():
    """(15.15)"""
    assert adapted_beta(3.0, 0.0151, 0.01) == 6.0
    assert adapted_beta(3.0, 0.0066, 0.01) == 1.5
    assert adapted_beta(3.0, 0.0149, 0.01) == adapted_beta(3.0, 0.0067, 0.01) == 3.0
    assert adapted_beta(3.0, 1.5, 1.0) == adapted_beta(3.0, 1.0, 1.5) == 3.0  # just on the edges


def test_a_walk_that_misses_the_band_alternates_across_it():
    """(15.16), for a KL of exactly 1/β²: the share of starts, and the two intervals."""
    ends = []
    for beta in 2 ** np.linspace(0, 1, 2000, endpoint=False):
        kls = []
        for _ in range(12):
            kls.append(1 / beta**2)
            beta = adapted_beta(beta, kls[-1], 1.0)
        ends.append(sorted(kls[-2:]))
    low, high = np.array(ends).T
    lost = high > low
    assert lost.mean() == pytest.approx(1 - np.log(2.25) / np.log(4), abs=0.002)
    assert low[lost].min() >= 3 / 8
    assert low[lost].max() < 2 / 3
    assert high[lost].min() > 3 / 2
    assert high[lost].max() <= 8 / 3
    assert nb.check_share.verdict(lambda: 0.42) is None


# A reference


def test_the_goal_with_a_reference_is_a_distance_from_its_optimum(rng):
    """(15.17), (15.18)"""
    ref, r = rng.dirichlet(np.ones(5)), rng.standard_normal(5)
    best = exponential_step(ref, r, 0.3)
    top = 0.3 * np.log(ref @ np.exp(r / 0.3))
    rivals = rng.dirichlet(np.ones(5), 1000)
    goal = rivals @ r - 0.3 * KL(rivals, ref)
    np.testing.assert_allclose(goal, top - 0.3 * KL(rivals, best), atol=1e-9)


def test_two_penalties_have_one_maximum(rng):
    """(15.19): the derivative is one number, and no rival is better."""
    pi, ref = rng.dirichlet(np.ones(4), 2)
    r, beta, beta_ref = rng.standard_normal(4), 1.3, 0.4
    best = two_penalty_step(pi, ref, r, beta, beta_ref)
    value = lambda x: x @ r - beta_ref * KL(x, ref) - beta * KL(x, pi)  # noqa: E731
    slope = r - beta_ref * np.log(best / ref) - beta * np.log(best / pi)
    np.testing.assert_allclose(slope, slope[0], rtol=1e-9)
    assert value(rng.dirichlet(np.ones(4), 20_000)).max() <= value(best)


def test_what_is_left_to_the_optimum_shrinks_by_one_factor(rng):
    """(15.20)"""
    pi, ref = rng.dirichlet(np.ones(4), 2)
    r, beta, beta_ref = rng.standard_normal(4), 1.3, 0.4
    best = exponential_step(ref, r, beta_ref)
    new = two_penalty_step(pi, ref, r, beta, beta_ref)
    constant = np.log(new / best) - beta / (beta + beta_ref) * np.log(pi / best)
    np.testing.assert_allclose(constant, constant[0], rtol=1e-9)


# Estimators


def near_and_far(rng, n=5):
    """Pairs (p, q) from near to far."""
    p = rng.dirichlet(2 * np.ones(n))
    direction = rng.standard_normal(n)
    return [(p, tabular.softmax_policy(np.log(p) + t * direction)) for t in (0.05, 0.3, 1.0)]


def test_estimates_one_by_one(rng):
    """(15.21)"""
    log_p, log_q = np.log(rng.uniform(0.1, 0.9, (2, 50)))
    w = np.exp(log_q - log_p)
    k1, k2, k3 = kl_estimates(log_p, log_q)
    np.testing.assert_allclose(k1, -np.log(w))
    np.testing.assert_allclose(k2, 0.5 * np.log(w) ** 2)
    np.testing.assert_allclose(k3, w - 1 - np.log(w), atol=1e-14)
    assert (k2 >= 0).all()
    assert (k3 >= 0).all()
    assert (k1 < 0).any()


def test_bias_and_variance_by_sums_and_by_samples(rng):
    """(15.22), against 200,000 samples of each pair."""
    for p, q in near_and_far(rng):
        mean, variance = estimate_moments(p, q)
        assert mean[0] == pytest.approx(KL(p, q))
        assert mean[2] == pytest.approx(KL(p, q))
        assert mean[1] == pytest.approx(0.5 * (variance[0] + KL(p, q) ** 2))
        a = rng.choice(len(p), size=200_000, p=p)
        samples = kl_estimates(np.log(p[a]), np.log(q[a]))
        assert nb.largest_deviation(samples, mean, variance) < 4.5
        assert nb.largest_deviation(samples, 1.02 * mean + 0.02, variance) > 4.5
        assert nb.largest_deviation(samples, mean, 1.1 * variance) > 4.5


def test_where_p_misses_an_action_of_q_k3_is_too_small():
    p, q = np.array([0.6, 0.4, 0.0]), np.array([0.3, 0.3, 0.4])
    taken = p > 0
    mean, _ = estimate_moments(p[taken], q[taken])
    assert mean[2] == pytest.approx(KL(p, q) - 0.4)


def test_variance_with_any_multiple_of_the_control_variate(rng):
    """(15.23), (15.24): the formula, its lowest point, and which of k1 and k3 is quieter."""
    quieter = set()
    pairs = [*near_and_far(rng), (np.array([0.97, 0.02, 0.01]), np.array([0.4, 0.3, 0.3]))]
    for p, q in pairs:
        w = q / p
        V = lambda x: p @ x**2 - (p @ x) ** 2  # noqa: B023, E731
        of = lambda lam: V(-np.log(w) + lam * (w - 1))  # noqa: B023, E731
        for lam in (0.0, 0.4, 1.0, 2.0):
            formula = V(np.log(w)) - 2 * lam * (KL(p, q) + KL(q, p)) + lam**2 * V(w)
            assert of(lam) == pytest.approx(formula)
        best = best_coefficient(p, q)
        assert best == pytest.approx((KL(p, q) + KL(q, p)) / V(w))
        assert of(best) < min(of(best - 0.1), of(best + 0.1))
        _, variance = estimate_moments(p, q)
        assert variance[0] == pytest.approx(of(0.0))
        assert variance[2] == pytest.approx(of(1.0))
        assert (variance[2] < variance[0]) == (best > 0.5)
        quieter.add(bool(best > 0.5))
    assert quieter == {True, False}


def test_moments_close_by(rng):
    """(15.25): each ratio of the two sides tends to 1, its distance in proportion to the step."""
    p, direction = rng.dirichlet(2 * np.ones(5)), rng.standard_normal(5)
    errors = []
    for t in (1e-3, 5e-4):
        q = tabular.softmax_policy(np.log(p) + t * direction)
        x = q / p - 1
        x4, x3, x2 = p @ x**4, p @ x**3, p @ x**2
        mean, variance = estimate_moments(p, q)
        ratios = [
            mean[0] / (x2 / 2),
            variance[0] / x2,
            variance[2] / ((x4 - x2**2) / 4),
            (mean[1] - mean[0]) / (-x3 / 6),
        ]
        errors.append(np.abs(np.array(ratios) - 1))
    assert (errors[0] < 0.02).all()
    np.testing.assert_allclose(errors[0] / errors[1], 2, rtol=0.2)


# Gradients


def softmax(logits):
    return anp.exp(logits) / anp.sum(anp.exp(logits))


def estimates_of(log_w):
    return -log_w, 0.5 * log_w**2, anp.exp(log_w) - 1 - log_w


def test_gradients_of_the_estimates_by_autograd(rng):
    """(15.26), (15.27), (15.28), (15.29): each action's gradient by autograd, then the mean."""
    for p, q in near_and_far(rng, n=4):
        eta = np.log(p)
        both_ways = [
            grad(lambda x: anp.sum(softmax(x) * anp.log(softmax(x) / q)))(eta),  # noqa: B023
            grad(lambda x: anp.sum(q * anp.log(q / softmax(x))))(eta),  # noqa: B023
        ]
        score = np.eye(4) - p
        np.testing.assert_allclose((p * np.log(p / q)) @ score, both_ways[0], atol=1e-12)
        as_loss, in_reward = gradients_as_loss(p, q), gradients_in_reward(p, q)
        for i in range(3):
            estimate = lambda x, a: estimates_of(anp.log(q[a] / softmax(x)[a]))[i]  # noqa: B023, E731
            mean = sum(p[a] * grad(estimate)(eta, a) for a in range(4))
            np.testing.assert_allclose(as_loss[i], mean, atol=1e-12)
            total = grad(lambda x: anp.sum(softmax(x) * estimates_of(anp.log(q / softmax(x)))[i]))(  # noqa: B023
                eta
            )
            np.testing.assert_allclose(as_loss[i] + in_reward[i], total, atol=1e-12)
        np.testing.assert_allclose(as_loss, [0 * p, both_ways[0], both_ways[1]], atol=1e-12)
        np.testing.assert_allclose(in_reward[0], both_ways[0], atol=1e-12)
        np.testing.assert_allclose(in_reward[2], both_ways[0] - both_ways[1], atol=1e-12)
        np.testing.assert_allclose(nb.check_gradient_of_k3.reference(p, q), both_ways[1], atol=1e-9)


@pytest.mark.parametrize(
    ("factors", "exact"),
    [
        (lambda w: np.stack([np.ones_like(w), -np.log(w), 1 - w]), gradients_as_loss),
        (lambda w: np.stack(estimates_of(np.log(w))), gradients_in_reward),
    ],
)
def test_sampled_gradients_are_those_sums(factors, exact, rng):
    """(15.28), (15.29) from 200,000 samples."""
    p, q = near_and_far(rng, n=4)[2]
    a = rng.choice(4, size=200_000, p=p)
    samples = factors((q / p)[a])[:, :, None] * (np.eye(4) - p)[a]
    error = samples.std(axis=1) / np.sqrt(len(a))
    assert (np.abs(samples.mean(axis=1) - exact(p, q)) < 4.5 * error).all()


def test_for_the_trust_region_k1_and_k3_have_the_right_gradient(rng):
    """(15.30): samples of a fixed p, the gradient through q; and at q = p slope 0 and curvature
    S Sᵀ of k3 for every single sample."""
    p, q = near_and_far(rng, n=4)[2]
    eta = np.log(q)
    right = grad(lambda x: anp.sum(p * anp.log(p / softmax(x))))(eta)
    means = []
    for i in range(3):
        estimate = lambda x, a: estimates_of(anp.log(softmax(x)[a] / p[a]))[i]  # noqa: B023, E731
        means.append(sum(p[a] * grad(estimate)(eta, a) for a in range(4)))
        S = np.eye(4) - q
        slope = [-np.ones(4), np.log(q / p), q / p - 1][i]
        np.testing.assert_allclose(means[-1], (p * slope) @ S, atol=1e-12)
    np.testing.assert_allclose(means[0], right, atol=1e-12)
    np.testing.assert_allclose(means[2], right, atol=1e-12)
    assert np.linalg.norm(means[1] - right) > 0.05 * np.linalg.norm(right)
    for a in range(4):
        k3 = lambda x, a=a: estimates_of(anp.log(softmax(x)[a] / p[a]))[2]  # noqa: E731
        S = np.eye(4)[a] - p
        np.testing.assert_allclose(grad(k3)(np.log(p)), 0, atol=1e-12)
        np.testing.assert_allclose(hessian(k3)(np.log(p)), np.outer(S, S), atol=1e-12)


def test_descents_end_where_the_notebook_says():
    p, q = tabular.softmax_policy(np.array([[1.5, 0.0, -0.5, -1.0], [-0.5, 0.5, 0.0, 0.5]]))
    curves = nb.descents(p, q)
    np.testing.assert_allclose(curves["k1 in the reward"], curves["k2 as a loss"], rtol=1e-6)
    assert curves["k2 as a loss"][-1] < 1e-6
    assert curves["k3 as a loss"][-1] < 1e-5
    np.testing.assert_allclose(curves["k1 as a loss"], KL(p, q), rtol=1e-9)
    assert curves["k3 in the reward"][-1] > KL(p, q)


# Sequences


LANG = sequences.language(hidden=5)


@pytest.fixture
def goal():
    return sequences.Goal(LANG, sequences.reference(LANG), 0.1)


def test_a_letter_is_seen_only_by_those_after_it(rng):
    drawn = rng.integers(4, size=(30, 5))
    seen = sequences.observations(drawn)
    for t in range(4):
        changed = drawn.copy()
        changed[:, t + 1 :] = rng.integers(4, size=changed[:, t + 1 :].shape)
        np.testing.assert_array_equal(sequences.observations(changed)[:, t], seen[:, t])
    assert len(np.unique(seen.reshape(-1, sequences.WIDTH), axis=0)) == len(
        {(t, *row[: t + 1]) for row in drawn for t in range(4)}
    )


def test_answers_are_drawn_with_their_probabilities(goal, rng):
    log_pi = LANG.log_probs(goal.theta_ref).sum(axis=1)
    np.testing.assert_allclose(np.exp(log_pi).reshape(4, 256).sum(axis=1), 1)
    drawn = LANG.sample(goal.theta_ref, np.full(200_000, 2), rng)
    counts = np.bincount(drawn[:, 1:] @ [64, 16, 4, 1], minlength=256)
    expected = 200_000 * np.exp(log_pi.reshape(4, 256)[2])
    chi_square = np.sum((counts - expected) ** 2 / expected)
    assert abs(chi_square - 255) < 5 * np.sqrt(2 * 255)
    obs = sequences.observations(LANG.sequences).reshape(-1, sequences.WIDTH)
    letters = LANG.sequences[:, 1:].ravel()
    each = LANG.policy.log_prob(goal.theta_ref, obs, letters).reshape(-1, 4)
    np.testing.assert_allclose(LANG.log_probs(goal.theta_ref), each, atol=1e-12)


def test_reward_of_the_whole_answer():
    rows = np.array([[0, 0, 1, 1, 0], [0, 1, 2, 2, 3], [2, 2, 0, 1, 3], [1, 0, 2, 3, 1]])
    np.testing.assert_allclose(sequences.reward(rows), [1, 1 / 3, 1 / 3, 0])


def test_kl_of_sequences_and_its_gradient(goal, rng):
    """(15.31), (15.32): the sum over letters is the KL of answers, its gradient is that of finite
    differences, and the terms u < t add nothing."""
    theta = goal.theta_ref + 0.3 * rng.standard_normal(len(goal.theta_ref))
    ell = LANG.log_probs(theta) - goal.log_ref
    answers = np.exp(LANG.log_probs(theta).sum(axis=1)).reshape(4, 256)
    ref = np.exp(goal.log_ref.sum(axis=1)).reshape(4, 256)
    kl = lambda x: goal.of(LANG.log_probs(x))[1]  # noqa: E731
    assert kl(theta) == pytest.approx(KL(answers, ref).mean())
    later = LANG.mean_score(theta, np.cumsum(ell[:, ::-1], axis=1)[:, ::-1])
    whole = LANG.mean_score(theta, sequences.PENALTIES["k1 in reward"](ell))
    np.testing.assert_allclose(later, whole, atol=1e-10)
    for v in rng.standard_normal((3, len(theta))):
        difference = (kl(theta + 1e-5 * v) - kl(theta - 1e-5 * v)) / 2e-5
        assert later @ v == pytest.approx(difference, rel=1e-5, abs=1e-8)
    for name in ("k2 as loss", "k3 as loss"):
        partial = LANG.mean_score(theta, sequences.PENALTIES[name](ell))
        assert np.linalg.norm(partial - whole) > 0.05 * np.linalg.norm(whole)
    none = LANG.mean_score(theta, sequences.PENALTIES["k1 as loss"](ell))
    np.testing.assert_allclose(none, 0, atol=1e-12)


def test_group_advantages_have_mean_0_and_variance_1(rng):
    """(15.33)"""
    R = np.concatenate([rng.standard_normal((5, 7)), np.full((1, 7), 0.3)])
    A = group_advantages(R)
    np.testing.assert_allclose(A.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(A.std(axis=1), [1, 1, 1, 1, 1, 0])
    np.testing.assert_allclose(group_advantages(3 * R[:5] + 2), A[:5])
    np.testing.assert_allclose(group_advantages(R, normalize=False), R - R.mean(1, keepdims=True))


@pytest.mark.parametrize("G", [2, 3, 4])
def test_the_groups_mean_shortens_the_gradient_by_1_over_g(G, rng):
    """(15.34), over all groups of answers of a policy with three."""
    p, R = rng.dirichlet(np.ones(3)), rng.standard_normal(3)
    score = np.eye(3) - p
    groups = np.array(np.meshgrid(*G * [range(3)])).reshape(G, -1).T
    weight = p[groups].prod(axis=1)
    A = group_advantages(R[groups], normalize=False)
    mean = np.sum(weight[:, None] * score[groups[:, 0]] * A[:, :1], axis=0)
    np.testing.assert_allclose(mean, (1 - 1 / G) * (p * R) @ score, atol=1e-12)


@pytest.mark.parametrize("penalty", list(sequences.PENALTIES))
def test_a_batch_has_the_mean_gradient_that_its_penalty_promises(penalty, goal, rng):
    """The policy gradient of 1,500 batches, against exact sums: reward and penalty in the reward
    with the factor 1 - 1/G, penalty as a loss without."""
    theta = goal.theta_ref + 0.3 * rng.standard_normal(len(goal.theta_ref))
    G, policy = 4, LANG.policy
    g = np.array(
        [
            policy_gradient(policy, theta, sequences.letters_batch(goal, theta, penalty, G, rng))
            for _ in range(1500)
        ]
    )
    ell = LANG.log_probs(theta) - goal.log_ref
    R = np.repeat(sequences.reward(LANG.sequences)[:, None], 4, axis=1)
    factor = 1 - 1 / G
    in_penalty = factor if penalty == "k1 in reward" else 1.0
    c = factor * R - in_penalty * goal.beta_ref * sequences.PENALTIES[penalty](ell)
    exact = LANG.mean_score(theta, c) / sequences.LENGTH
    error = g.std(axis=0) / np.sqrt(len(g))
    z = (g.mean(axis=0) - exact) / np.where(error > 0, error, 1.0)
    assert np.abs(z).max() < 5
    assert np.mean(z**2) < 1.6


def test_weights_of_the_letters_are_the_slopes_of_the_estimates():
    """(15.28): with x = log π - log π_ref, w = exp(-x), by finite differences along log π."""
    x, h = np.linspace(-1, 1, 9)[:, None], 1e-6
    slopes = (kl_estimates(x + h, 0 * x) - kl_estimates(x - h, 0 * x)) / (2 * h)
    for i in range(3):
        weights = sequences.PENALTIES[f"k{i + 1} as loss"](x)
        np.testing.assert_allclose(weights, slopes[i], atol=1e-8)


def test_the_gradient_step_is_the_longest_of_the_model_halved_until_it_is_inside(goal):
    shortened = set()
    for seed in range(6):
        rng = np.random.default_rng(seed)
        batch = sequences.letters_batch(goal, goal.theta_ref, "k1 in reward", 8, rng)
        for delta in (0.02, 1.0):
            new = sequences.gradient_within(LANG.policy, goal.theta_ref, batch, delta)
            assert mean_kl(LANG.policy, goal.theta_ref, new, batch.observations) <= delta
            g = policy_gradient(LANG.policy, goal.theta_ref, batch)
            F = fisher_vector_product(LANG.policy, goal.theta_ref, batch.observations)
            longest = np.sqrt(2 * delta / (g @ F(g))) * g
            halvings = np.log2((longest @ longest) / ((new - goal.theta_ref) @ longest))
            np.testing.assert_allclose(new - goal.theta_ref, 0.5 ** round(halvings) * longest)
            shortened.add(round(halvings) > 0)
    assert shortened == {True, False}


def test_updates_keep_to_the_trust_region_and_runs_repeat(goal):
    settings = TRPO(delta=0.02)
    update = lambda policy, theta, batch: trpo_step(policy, theta, batch, settings)[0]  # noqa: E731
    runs = [sequences.training(goal, update, "k1 in reward", 20, seed) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])
    assert (runs[0][:, 3] <= 0.02).all()
    assert runs[0][-1, 2] > runs[0][0, 2] + 0.1


def test_without_advantages_the_gradient_step_stays_where_it_is(goal):
    rng = np.random.default_rng(0)
    batch = sequences.letters_batch(goal, goal.theta_ref, "no penalty", 1, rng)
    assert sequences.gradient_within(LANG.policy, goal.theta_ref, batch, 0.02) is goal.theta_ref
