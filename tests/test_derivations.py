"""Equations of the notebooks that no function of the package computes, each checked by another way
of working it out. notebooks/equations.md says which test belongs to which equation."""

from math import erf

import numpy as np
import pytest
from autograd import hessian
from gymnasium import spaces
from problems import random_problem

from trpo_np import (
    Categorical,
    DiagonalGaussian,
    conjugate_gradient,
    explicit_fisher,
    generalized_advantages,
    make_policy,
    mean_kl,
    tabular,
)
from trpo_np.fisher import damped
from trpo_np.line_search import maximum_step

Phi = np.vectorize(lambda x: 0.5 * (1 + erf(x / np.sqrt(2))))


def positive_definite(n, rng):
    B = rng.standard_normal((n, n))
    return B @ B.T / n + 0.1 * np.eye(n)


# 01


@pytest.mark.parametrize(("m", "sigma"), [(-1.0, 0.5), (0.8, 0.1), (1.5, 0.3)])
def test_performance_at_the_cliff(m, sigma, rng):
    """(1.2)"""
    b = (1 - m) / sigma
    phi = np.exp(-(b**2) / 2) / np.sqrt(2 * np.pi)
    J = m * Phi(b) - sigma * phi - 3 * (1 - Phi(b))
    actions = m + sigma * rng.standard_normal(200_000)
    rewards = np.where(actions <= 1, actions, -3.0)
    assert abs(rewards.mean() - J) < 4 * rewards.std() / np.sqrt(len(rewards))


def test_kl_of_a_shifted_gaussian_is_half_the_squared_shift_in_standard_deviations(rng):
    """(1.4)"""
    m, log_std, shift = rng.standard_normal((3, 7, 1))
    old, new = np.hstack([m, log_std]), np.hstack([m + shift, log_std])
    expected = 0.5 * (shift / np.exp(log_std)) ** 2
    np.testing.assert_allclose(DiagonalGaussian(1).kl(old, new), expected[:, 0])


# 02


def long_run_share(mdp, pi):
    """The stationary distribution of the chain, without a discount."""
    P = np.einsum("sa,sat->st", pi, mdp.transitions)
    return np.linalg.matrix_power(P, 10_000)[0]


@pytest.mark.parametrize("seed", range(40))
def test_with_states_weighted_alike_the_policy_gradient_is_the_gradient_of_nothing(seed):
    """The derivative of a gradient is symmetric: with ρ it is, without a discount it is not."""
    rng = np.random.default_rng(seed)
    mdp, theta = tabular.random_mdp(rng, 3, 3, 0.9), rng.standard_normal(9)

    def asymmetry(weights):
        def direction(theta):
            pi = tabular.softmax_policy(theta.reshape(3, 3))
            return (weights(mdp, pi)[:, None] * pi * tabular.advantages(mdp, pi)).ravel()

        steps = 1e-5 * np.eye(9)
        H = np.array([(direction(theta + e) - direction(theta - e)) / 2e-5 for e in steps])
        return np.linalg.norm(H - H.T) / np.linalg.norm(H + H.T)

    assert asymmetry(tabular.visitation) < 1e-8
    assert 0.004 < asymmetry(long_run_share) < 0.05


def test_no_bound_on_the_kl_bounds_the_second_moment_of_the_ratio():
    """Two outcomes, the first from 1e-6 to 0.01; and a Gaussian widened by x."""
    p, q = np.array([1e-6, 1 - 1e-6]), np.array([0.01, 0.99])
    assert 0.01 < tabular.state_kl(p, q) < 0.0101
    assert p @ (q / p) ** 2 > 100
    z, dz = np.linspace(-40, 40, 400_001, retstep=True)
    for x in (1.1, 1.3, 1.4):
        second_moment = np.sum(np.exp(-(z**2) / x**2 + z**2 / 2)) * dz / (x**2 * np.sqrt(2 * np.pi))
        assert second_moment == pytest.approx(1 / (x * np.sqrt(2 - x**2)), rel=1e-6)


# 04


def test_the_natural_gradient_step_is_the_furthest_point_of_the_ellipse(rng):
    """(4.4), (4.5), (4.6): no point with ½ dᵀFd ≤ δ lies further along g."""
    F, g, delta = positive_definite(3, rng), rng.standard_normal(3), 0.02
    s = np.linalg.solve(F, g)
    d = np.sqrt(2 * delta / (g @ s)) * s
    assert 0.5 * d @ F @ d == pytest.approx(delta)
    assert g @ d == pytest.approx(np.sqrt(2 * delta * g @ s))
    others = rng.standard_normal((20_000, 3))
    length = np.sqrt(2 * delta / np.einsum("ni,ij,nj->n", others, F, others))
    gains = (length[:, None] * others) @ g
    assert 0.98 * (g @ d) < gains.max() <= g @ d


def test_for_the_exact_direction_both_step_lengths_are_one(rng):
    """(4.7): sᵀFs = gᵀF⁻¹g for s = F⁻¹g."""
    F, g = positive_definite(4, rng), rng.standard_normal(4)
    s = np.linalg.solve(F, g)
    assert maximum_step(0.01, s @ F @ s) == pytest.approx(np.sqrt(0.02 / (g @ s)))


def test_the_natural_direction_does_not_depend_on_coordinates(rng):
    """(4.8), and the plain gradient does."""
    F, g, B = positive_definite(4, rng), rng.standard_normal(4), rng.standard_normal((4, 4))
    through_phi = B @ np.linalg.solve(B.T @ F @ B, B.T @ g)
    np.testing.assert_allclose(through_phi, np.linalg.solve(F, g), rtol=1e-6)
    assert np.linalg.norm(B @ B.T @ g - g) > 0.1 * np.linalg.norm(g)


def test_a_damped_direction_does_depend_on_coordinates(rng):
    """It is (F + λ (B Bᵀ)⁻¹)⁻¹ g in the old ones."""
    F, g, B = positive_definite(4, rng), rng.standard_normal(4), rng.standard_normal((4, 4))
    through_psi = B @ np.linalg.solve(B.T @ F @ B + 0.3 * np.eye(4), B.T @ g)
    expected = np.linalg.solve(F + 0.3 * np.linalg.inv(B @ B.T), g)
    np.testing.assert_allclose(through_psi, expected, rtol=1e-6)
    here = np.linalg.solve(F + 0.3 * np.eye(4), g)
    assert here @ through_psi < 0.999 * np.linalg.norm(here) * np.linalg.norm(through_psi)


def leaving(gamma, u, v):
    """Notebook 03's MDP: X is left for good with a small probability q, in Y a coin is thrown; the
    new policy leaves with q + u and throws the coin worse by v."""
    q = (1 - gamma) / 2
    P = np.zeros((2, 2, 2))
    P[0, 0, 0] = P[0, 1, 1] = P[1, :, 1] = 1.0
    mdp = tabular.FiniteMDP(P, np.array([[0.0, 0.0], [1.0, -1.0]]), np.array([1.0, 0.0]), gamma)
    old = np.array([[1 - q, q], [0.5, 0.5]])
    return mdp, old, old + np.array([[-u, u], [-v, v]])


@pytest.mark.parametrize("gamma", [0.9, 0.99, 0.999])
def test_bounds_of_the_gap_with_the_mean_kl_hold_and_a_third_of_the_sharper_does_not(gamma):
    """Notebook 04, section 5."""
    mdp, old, new = leaving(gamma, 1e-3 * (1 - gamma), 1e-6)
    gap = abs(tabular.performance(mdp, new) - tabular.local_approximation(mdp, old, new))
    G = np.abs(np.sum(new * tabular.advantages(mdp, old), axis=-1)).max()
    mean = (1 - gamma) * tabular.visitation(mdp, old) @ tabular.state_kl(old, new)
    sharper = gamma * np.sqrt(2 * mean) / (1 - gamma) ** 1.5 * G
    assert sharper / 3 < gap <= sharper
    assert gap <= gamma * np.sqrt(2 * mean) / (1 - gamma) ** 2 * G
    assert gap <= 2 / (1 - gamma) * G


# 05


@pytest.mark.parametrize("distribution", [Categorical(4), DiagonalGaussian(2)])
def test_the_mean_score_is_zero(distribution, rng):
    """(5.3), with the exact expectation over actions."""
    eta = rng.standard_normal((3, distribution.num_outputs))
    mean_score = np.zeros_like(eta)
    h = 1e-6
    for actions, weights in zip(*distribution.quadrature(eta), strict=True):
        for k, e in enumerate(np.eye(eta.shape[1])):
            up = distribution.log_prob(eta + h * e, actions)
            down = distribution.log_prob(eta - h * e, actions)
            mean_score[:, k] += weights * (up - down) / (2 * h)
    np.testing.assert_allclose(mean_score, 0, atol=1e-8)


@pytest.mark.parametrize("kind", ["Discrete", "Box"])
def test_the_quadratic_model_of_the_kl_is_right_to_third_order(kind, rng):
    """(4.3), (5.5), (8.1)"""
    policy, theta, obs = random_problem(kind, rng, N=4, hidden=(3,), D=2)
    F, d = explicit_fisher(policy, theta, obs), rng.standard_normal(len(theta))
    gaps = [
        abs(mean_kl(policy, theta, theta + h * d, obs) - 0.5 * h**2 * d @ F @ d)
        for h in (1e-2, 5e-3)
    ]
    assert gaps[0] / gaps[1] == pytest.approx(8, rel=0.1)


def test_hessian_of_the_kl_is_metric_plus_curvature_of_the_network(rng):
    """(5.10), away from theta_old, where both terms count."""
    policy = make_policy(spaces.Box(-1, 1, (2,)), spaces.Discrete(3), hidden=(3,))
    theta_old, theta = rng.standard_normal((2, policy.num_parameters))
    obs = rng.standard_normal((1, 2))
    eta_old, (eta, jvp, _) = policy.outputs(theta_old, obs), policy.linearize(theta, obs)
    p_old = np.exp(policy.distribution.log_prob(eta_old.repeat(3, 0), np.arange(3)))
    p = np.exp(policy.distribution.log_prob(eta.repeat(3, 0), np.arange(3)))
    J = np.stack([jvp(e)[0] for e in np.eye(len(theta))], axis=1)  # (K, P)
    metric_term = J.T @ (np.diag(p) - np.outer(p, p)) @ J
    slope = p - p_old  # of the KL, with respect to eta
    curvature = sum(
        slope[i] * hessian(lambda x, i=i: policy.outputs(x, obs)[0, i])(theta) for i in range(3)
    )
    H = hessian(lambda x: mean_kl(policy, theta_old, x, obs))(theta)
    np.testing.assert_allclose(H, metric_term + curvature, atol=1e-12)
    assert np.abs(curvature).max() > 0.01


@pytest.mark.parametrize("N", [1, 3, 5])
def test_rank_of_the_fisher_is_at_most_states_times_rank_of_the_metric(N, rng):
    """(5.11): with 4 actions, 3 for each state."""
    policy = make_policy(spaces.Box(-1, 1, (2,)), spaces.Discrete(4), hidden=(6,))
    theta = rng.standard_normal(policy.num_parameters)
    F = explicit_fisher(policy, theta, rng.standard_normal((N, 2)))
    assert np.linalg.matrix_rank(F, tol=1e-12 * np.abs(F).max()) == 3 * N


# 06


def test_jvp_and_vjp_are_adjoint(rng):
    """(6.8)"""
    policy, theta, obs = random_problem("Box", rng, N=5, hidden=(4, 3), D=2)
    eta, jvp, vjp = policy.linearize(theta, obs)
    u, v = rng.standard_normal(eta.shape), rng.standard_normal(theta.shape)
    assert np.sum(u * jvp(v)) == pytest.approx(vjp(u) @ v)


# 07


def test_the_residual_is_minus_the_gradient_of_the_bowl(rng):
    """(7.1), (7.2), (7.3)"""
    F, g, x = positive_definite(4, rng), rng.standard_normal(4), rng.standard_normal(4)
    q = lambda y: 0.5 * y @ F @ y - g @ y  # noqa: E731
    slopes = [(q(x + 1e-6 * e) - q(x - 1e-6 * e)) / 2e-6 for e in np.eye(4)]
    np.testing.assert_allclose(slopes, F @ x - g, atol=1e-8)


def test_coefficients_along_conjugate_directions_add_up_to_the_solution(rng):
    """(7.4), (7.5): Gram-Schmidt in the inner product of F."""
    F, g = positive_definite(4, rng), rng.standard_normal(4)
    directions = []
    for p in rng.standard_normal((4, 4)):
        for other in directions:
            p = p - (other @ F @ p) / (other @ F @ other) * other
        directions.append(p)
    x = sum((p @ g) / (p @ F @ p) * p for p in directions)
    np.testing.assert_allclose(x, np.linalg.solve(F, g))


@pytest.mark.parametrize("kappa", [10.0, 1000.0])
def test_the_error_stays_below_chebyshevs_bound_and_the_best_polynomial(kappa, rng):
    """(7.8), (7.9): the polynomials are Chebyshev's, scaled to the spectrum."""
    n = 30
    mu = np.linspace(1, kappa, n)
    Q, _ = np.linalg.qr(rng.standard_normal((n, n)))
    F, b = Q @ np.diag(mu) @ Q.T, rng.standard_normal(n)
    x_star = np.linalg.solve(F, b)
    norm = lambda e: np.sqrt(e @ F @ e)  # noqa: E731
    for k in range(1, 15):
        error = norm(conjugate_gradient(lambda v: F @ v, b, k, 0.0).x - x_star) / norm(x_star)
        chebyshev = np.polynomial.chebyshev.Chebyshev.basis(k, domain=[1, kappa])
        best = np.abs(chebyshev(mu) / chebyshev(0.0)).max()
        root = np.sqrt(kappa)
        assert error <= best * (1 + 1e-9)
        assert best <= 2 * ((root - 1) / (root + 1)) ** k * (1 + 1e-9)


# 08


def test_a_narrower_gaussian_is_further_away_than_the_quadratic_model_says():
    """(8.3)"""
    x = np.linspace(-0.3, 0.3, 13)
    exact = DiagonalGaussian(1).kl(np.zeros((13, 2)), np.stack([np.zeros(13), x], axis=1))
    np.testing.assert_allclose(exact, x + 0.5 * np.exp(-2 * x) - 0.5, atol=1e-15)
    np.testing.assert_allclose(exact, x**2 - 2 / 3 * x**3, atol=0.4 * 0.3**4)
    assert (exact[x < -0.01] > x[x < -0.01] ** 2).all()


def test_damped_length_uses_a_known_fraction_of_delta(rng):
    """(8.5), (8.6), (8.7)"""
    F, g, damping, delta = positive_definite(6, rng), rng.standard_normal(6), 0.3, 0.01
    search = conjugate_gradient(damped(lambda v: F @ v, damping), g, 4)
    s = search.x
    sFs = s @ (g - search.residual) - damping * (s @ s)
    assert sFs == pytest.approx(s @ F @ s)
    step = maximum_step(delta, sFs + damping * (s @ s)) * s
    assert 0.5 * step @ F @ step / delta == pytest.approx(sFs / (sFs + damping * (s @ s)))


# 02 and 03: exact finite MDPs


def pairs(rng, gamma=0.9, spread=1.0, shape=(300,)):
    """Random MDPs, each with an old and a new policy."""
    mdp = tabular.random_mdp(rng, S=4, A=3, gamma=gamma, shape=shape)
    old, new = tabular.softmax_policy(spread * rng.standard_normal((2, *shape, 4, 3)))
    return mdp, old, new


def test_second_moment_of_the_ratio_of_shifted_gaussians(rng):
    """(2.11), (2.12)"""
    N, kappa = 400_000, 0.8
    z = rng.standard_normal(N)
    w = np.exp(kappa * z - kappa**2 / 2)
    assert abs(np.mean(w**2) - np.exp(kappa**2)) < 4 * np.std(w**2) / np.sqrt(N)
    X = rng.standard_normal((4000, 100))  # means of 100 weighted terms, against N_eff plain ones
    w = np.exp(kappa * rng.standard_normal(X.shape) - kappa**2 / 2)
    N_eff = 100 / np.exp(kappa**2)
    assert np.var(np.mean(w * X, axis=1)) == pytest.approx(1 / N_eff, rel=0.1)


def total_variation(p, q):
    return 0.5 * np.abs(p - q).sum(axis=-1)


def test_every_inequality_of_the_proof_holds(rng):
    """(3.2), (3.3), (3.5), (3.6), one after the other."""
    mdp, old, new = pairs(rng)
    alpha = total_variation(old, new).max(axis=-1)
    A = tabular.advantages(mdp, old)
    epsilon = np.abs(A).max(axis=(-2, -1))
    gain = np.abs((new * A).sum(axis=-1)).max(axis=-1)
    assert (gain <= 2 * alpha * epsilon).all()
    moved = np.abs(tabular.visitation(mdp, new) - tabular.visitation(mdp, old)).sum(axis=-1)
    assert (moved <= 2 * 0.9 * alpha / 0.1**2).all()
    gap = np.abs(tabular.performance(mdp, new) - tabular.local_approximation(mdp, old, new))
    assert (gap <= moved * gain * (1 + 1e-9)).all()
    assert (gap <= 4 * 0.9 * epsilon / 0.1**2 * alpha**2).all()
    assert np.median(gap) > 0.05  # no inequality between zeros


def test_difference_of_two_visitations(rng):
    """(3.4)"""
    mdp, old, new = pairs(rng)
    P_old, P_new = (np.einsum("nsa,nsat->nst", pi, mdp.transitions) for pi in (old, new))
    right = np.einsum("nst,ns->nt", P_new - P_old, tabular.visitation(mdp, old))
    inverse = np.linalg.inv(np.eye(4) - 0.9 * np.swapaxes(P_new, 1, 2))
    difference = tabular.visitation(mdp, new) - tabular.visitation(mdp, old)
    np.testing.assert_allclose(
        0.9 * np.einsum("nts,ns->nt", inverse, right), difference, atol=1e-10
    )


def needed(mdp, old, new):
    """(L - J) / (ε max KL), the constant that this pair of policies needs."""
    gap = tabular.local_approximation(mdp, old, new) - tabular.performance(mdp, new)
    epsilon = np.abs(tabular.advantages(mdp, old)).max()
    return gap / (epsilon * tabular.state_kl(old, new).max())


def test_where_the_action_decides_the_next_state_one_factor_is_saved_if_the_policy_is_the_same(rng):
    """Notebook 03, section 8: then |J - L| ≤ 4γεα²/(1-γ); else 2γ/(1-γ) does not suffice."""
    n, gamma = 300, 0.9
    P = np.broadcast_to(rng.dirichlet(np.ones(4), size=(n, 1, 3)), (n, 4, 3, 4))
    mdps = tabular.FiniteMDP(P, rng.standard_normal((n, 4, 3)), np.full((n, 4), 0.25), gamma)
    one_row = tabular.softmax_policy(rng.standard_normal((2, n, 1, 3)))
    old, new = np.broadcast_to(one_row, (2, n, 4, 3))
    moved = np.abs(tabular.visitation(mdps, new) - tabular.visitation(mdps, old)).sum(axis=-1)
    alpha = total_variation(old, new).max(axis=-1)
    assert (moved <= 2 * gamma / (1 - gamma) * alpha * (1 + 1e-9)).all()
    assert (moved / (2 * gamma / (1 - gamma) * alpha)).max() > 0.7

    q = (1 - 0.99) / 3  # leaving(), with three actions of which one leads to X and two to Y
    u, v = np.sqrt(2e-6 * q * (1 - q)), np.sqrt(5e-7)
    P = np.zeros((2, 3, 2))
    P[:, 0, 0] = P[:, 1, 1] = P[:, 2, 1] = 1.0
    rewards = np.array([[0.0, 0.0, 0.0], [0.0, 1.0, -1.0]])
    mdp = tabular.FiniteMDP(P, rewards, np.array([1.0, 0.0]), 0.99)
    old = np.array([[1 - q, q, 0], [0, 0.5, 0.5]])
    new = old + np.array([[-u, u, 0], [0, -v, v]])
    assert needed(mdp, old, new) == pytest.approx(641, abs=1)


def test_pinskers_inequality_is_sharp_and_half_of_it_is_false(rng):
    """(3.7)"""
    old, new = tabular.softmax_policy(2 * rng.standard_normal((2, 5000, 3)))
    assert (total_variation(old, new) ** 2 <= 0.5 * tabular.state_kl(old, new)).all()
    p, q = np.array([0.5, 0.5]), np.array([0.501, 0.499])
    ratio = total_variation(p, q) ** 2 / tabular.state_kl(p, q)
    assert 0.4999 < ratio <= 0.5


def test_maximising_the_bound_never_lowers_performance(rng):
    """(3.9): ascent on the bound alone, and J goes up each time."""
    mdp, pi, _ = pairs(rng, gamma=0.5, shape=())
    before = tabular.performance(mdp, pi)
    for _ in range(5):
        J = tabular.performance(mdp, pi)
        step = 0.02 * rng.standard_normal((500, 4, 3))
        candidates = tabular.softmax_policy(np.log(pi) + step)
        bounds = tabular.lower_bound(mdp, pi, candidates)
        assert bounds.max() > J
        pi = candidates[bounds.argmax()]
        assert tabular.performance(mdp, pi) >= bounds.max()
    assert tabular.performance(mdp, pi) > before


def test_the_policy_of_largest_gain_within_a_kl(rng):
    """(3.10): no policy of a fine grid does better at its divergence."""
    old, A = np.array([0.2, 0.5, 0.3]), np.array([1.0, -0.4, 0.2])
    best = old / (1.5 - A)
    best /= best.sum()
    radius = tabular.state_kl(old, best)
    a, b = np.meshgrid(*2 * [np.linspace(1e-3, 1, 400)])
    grid = np.stack([a, b, 1 - a - b], axis=-1)[a + b < 1]
    inside = grid[tabular.state_kl(old, grid) <= radius]
    assert len(inside) > 100
    assert best @ A >= (inside @ A).max() > best @ A - 0.01


# 09


def episode_world(rng):
    """A finite MDP with its exact V, A and visitation, and an error e of the value function."""
    mdp = tabular.random_mdp(rng, S=4, A=2, gamma=0.8)
    pi = tabular.softmax_policy(rng.standard_normal((4, 2)))
    return mdp, pi, tabular.state_values(mdp, pi), tabular.advantages(mdp, pi), rng.normal(size=4)


def walk(mdp, pi, s, steps, rng):
    """States (steps + 1, N), actions and rewards of N trajectories that begin in s (N,)."""
    states, actions, rewards = [s], [], []
    for _ in range(steps):
        a = (rng.random(len(s)) > pi[s, 0]).astype(int)
        rewards.append(mdp.rewards[s, a])
        s = (rng.random((len(s), 1)) > mdp.transitions[s, a].cumsum(axis=1)).sum(axis=1)
        states.append(s)
        actions.append(a)
    return np.array(states), np.array(actions), np.array(rewards)


def test_returns_and_td_errors_are_right_on_average(rng):
    """(9.1), (9.4): E[G | s, a] = Q and E[δ | s, a] = A."""
    mdp, pi, V, A, _ = episode_world(rng)
    s, a, r = walk(mdp, pi, rng.integers(4, size=40_000), 60, rng)
    G, delta = 0.8 ** np.arange(60) @ r, r[0] + 0.8 * V[s[1]] - V[s[0]]
    for state in range(4):
        for action in range(2):
            here = (s[0] == state) & (a[0] == action)
            n = np.sqrt(here.sum())
            Q = A[state, action] + V[state]
            assert abs(G[here].mean() - Q) < 4 * G[here].std() / n
            assert abs(delta[here].mean() - A[state, action]) < 4 * delta[here].std() / n


def test_a_baseline_adds_nothing_on_average_and_enters_the_variance_as_derived(rng):
    """(9.2), (9.3), for one state with a softmax policy."""
    pi, Q, b = np.array([0.2, 0.5, 0.3]), np.array([2.0, -1.0, 4.0]), 1.3
    scores = np.eye(3) - pi
    np.testing.assert_allclose(pi @ scores * b, 0, atol=1e-15)
    a = rng.choice(3, size=400_000, p=pi)
    G = Q[a] + 0.7 * rng.standard_normal(len(a))
    squares = np.sum((scores[a] * (G - b)[:, None]) ** 2, axis=1)
    expected = pi @ (np.sum(scores**2, axis=1) * (0.7**2 + (Q - b) ** 2))
    assert abs(squares.mean() - expected) < 4 * squares.std() / np.sqrt(len(a))


@pytest.mark.parametrize("lam", [0.0, 0.6, 1.0])
def test_bias_of_gae_with_a_wrong_value_function(lam, rng):
    """(9.8)"""
    mdp, pi, V, A, e = episode_world(rng)
    P_pi = np.einsum("sa,sat->st", pi, mdp.transitions)
    future = np.linalg.solve(np.eye(4) - 0.8 * lam * P_pi, e)
    bias = -e[:, None] + 0.8 * (1 - lam) * mdp.transitions @ future
    s, a, r = walk(mdp, pi, np.full(60_000, 1), 60, rng)
    wrong = (V + e)[s]
    A_hat = (0.8 * lam) ** np.arange(60) @ (r + 0.8 * wrong[1:] - wrong[:-1])
    for action in range(2):
        here = A_hat[a[0] == action]
        error = here.std() / np.sqrt(len(here))
        assert abs(here.mean() - A[1, action] - bias[1, action]) < 4 * error


def test_error_of_taking_a_truncation_for_a_termination():
    """(9.10)"""
    T, gamma, lam = 20, 0.9, 0.7
    rng = np.random.default_rng(0)
    r, V, V_next = rng.standard_normal((3, T, 1))
    never, last = np.zeros((T, 1), bool), (np.arange(T) == T - 1)[:, None]
    right = generalized_advantages(r, V, V_next, never, last, gamma, lam)
    wrong = generalized_advantages(r, V, V_next, last, last, gamma, lam)
    k = np.arange(T)[::-1]
    np.testing.assert_allclose((wrong - right)[:, 0], -((gamma * lam) ** k) * gamma * V_next[-1, 0])


# 10 and 11


def test_half_the_quadratic_form_of_an_accepted_step_tells_its_backtracks(rng):
    """(10.7)"""
    F, s, delta = positive_definite(5, rng), rng.standard_normal(5), 0.01
    for k in range(4):
        d = 0.5**k * maximum_step(delta, s @ F @ s) * s
        assert 0.5 * d @ F @ d == pytest.approx(0.5 ** (2 * k) * delta)


def test_within_the_guaranteed_radius_performance_rises(rng):
    """(10.8): small steps that raise L within the radius raise J."""
    mdp, old, _ = pairs(rng, spread=0.5)
    A = tabular.advantages(mdp, old)
    new = tabular.softmax_policy(np.log(old) + 1e-5 * A)
    time_share = 0.1 * tabular.visitation(mdp, old)
    gain = np.sum(time_share * np.sum(new * A, axis=-1), axis=-1)  # (10.1) with exact expectations
    radius = 0.1 * gain / (2 * 0.9 * np.abs(A).max(axis=(-2, -1)))
    inside = tabular.state_kl(old, new).max(axis=-1) <= radius
    assert inside.mean() > 0.5
    assert (tabular.performance(mdp, new) > tabular.performance(mdp, old))[inside].all()
