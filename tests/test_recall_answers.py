"""The answers of the recall questions, computed by another way than the one they ask for."""

import numpy as np
import pytest
from test_recalls import RECALLS

from trpo_np import (
    MLP,
    Batch,
    Categorical,
    DiagonalGaussian,
    conjugate_gradient,
    explicit_fisher,
    generalized_advantages,
    make_policy,
    mean_kl,
    surrogate,
    tabular,
)
from trpo_np.line_search import backtracking_line_search

#: Computed name -> answer; of numbers two per cent off are allowed, as in a Taylor series.
ROUTES = {}


def route(name):
    """Enters a function as the second way to an answer."""

    def enter(function):
        ROUTES[name] = function
        return function

    return enter


def closest(right, choices):
    """The letter of the choice that is right, of several different ones."""
    distances = [np.linalg.norm(np.asarray(choice) - right) for choice in choices]
    assert np.sum(np.isclose(distances, 0, atol=1e-9)) == 1
    return "abcd"[int(np.argmin(distances))]


def best_on_the_ellipse(F, g, delta):
    """The step d with ½ dᵀFd = δ and the largest gᵀd, of a million directions of the plane."""
    angle = np.linspace(0, 2 * np.pi, 1_000_001)
    d = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    d *= np.sqrt(2 * delta / np.einsum("ni,ij,nj->n", d, F, d))[:, None]
    return d[np.argmax(d @ g)]


def gaussian_kl(mean, log_std):
    """The KL of independent normal variables from standard ones, to these means and widths."""
    new = np.concatenate([np.atleast_1d(mean), np.atleast_1d(log_std)])[None]
    return DiagonalGaussian(new.size // 2).kl(np.zeros_like(new), new)[0]


@route("Recall 5.1")
def order():
    kl = Categorical(2).kl(np.log([[0.5, 0.5]]), np.log([[0.25, 0.75]]))[0]
    log = np.log
    return closest(
        kl,
        [
            0.25 * log(1 / 2) + 0.75 * log(3 / 2),
            0.5 * log(2) + 0.5 * log(2 / 3),
            0.5 * log(1 / 2) + 0.5 * log(3 / 2),
            log(2) + log(2 / 3),
        ],
    )


@route("Recall 5.2")
def ellipse():
    """Two means, with standard deviations ½ and 1, have this Fisher matrix."""
    old, new = np.log([[1.0, 1.0, 0.5, 1.0]]), np.array([[0.1, 0.2, np.log(0.5), 0.0]])
    return DiagonalGaussian(2).kl(old, new)[0]


F, G = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([1.0, -0.4])


@route("Recall 5.3")
def doubled():
    once, twice = (best_on_the_ellipse(F, c * G, 0.01) for c in (1, 2))
    return twice @ once / (once @ once)


@route("Recall 6.1")
def softmax():
    logits = np.array([0.3, -1.0, 0.7])
    return tabular.softmax_policy(logits + 3)[0] / tabular.softmax_policy(logits)[0]


@route("Recall 6.2")
def quadratic():
    return gaussian_kl([np.sqrt(0.02)], [0.0])  # the Fisher matrix of a standard normal's mean is 1


@route("Recall 6.3")
def direction():
    d = best_on_the_ellipse(np.diag([4.0, 1.0]), np.array([4.0, 2.0]), 0.01)
    return d[1] / d[0]


def spaces(n):
    from gymnasium.spaces import Box, Discrete

    return Box(-1, 1, (3,)), Discrete(n)


@route("Recall 7.1")
def rank():
    rng = np.random.default_rng(0)
    policy = make_policy(*spaces(3), hidden=(16, 20))
    theta = policy.init(rng) + 0.5 * rng.standard_normal(policy.num_parameters)
    matrix = explicit_fisher(policy, theta, rng.standard_normal((20, 3)), "scores")
    return np.linalg.matrix_rank(matrix, tol=1e-10)


@route("Recall 7.2")
def damped():
    B = np.random.default_rng(0).standard_normal((3, 6))
    singular = 5 * B.T @ B / np.linalg.norm(B, 2) ** 2
    return np.linalg.eigvalsh(singular + 0.1 * np.eye(6))[0]


@route("Recall 7.3")
def cost():
    """Per state, in networks of 1, h, h, 2 units: (6.6) and (6.7) go through the weights of the
    first layer once each, through those of the others twice."""
    wide, narrow = (2 * h + 4 * (h * h + 2 * h) for h in (98, 30))
    assert abs((98 + 98**2 + 2 * 98) / (30 + 30**2 + 2 * 30) - 10) < 0.1
    return wide / narrow


@route("Recall 8.1")
def promise():
    once, twice = (G @ best_on_the_ellipse(F, G, delta) for delta in (0.01, 0.04))
    return 0.08 * twice / once


@route("Recall 8.2")
def error():
    gap = lambda x: gaussian_kl([0.0], [x]) - x**2  # noqa: E731  # ½ · 2 x², with the metric 2
    return gap(0.01) / gap(0.001)


@route("Recall 8.3")
def residual():
    rng = np.random.default_rng(0)
    B, g, lam = rng.standard_normal((6, 6)), rng.standard_normal(6), 0.1
    matrix = B @ B.T
    s = conjugate_gradient(lambda v: matrix @ v + lam * v, g, 3).x
    r = g - matrix @ s - lam * s
    return closest(matrix @ s, [g, g - r, g - r - lam * s, g + r - lam * s])


@route("Recall 9.1")
def mean():
    mdp = tabular.random_mdp(np.random.default_rng(0), 4, 2, 0.9)
    A = tabular.advantages(mdp, np.tile([0.8, 0.2], (4, 1)))
    return A[0, 1] / A[0, 0]


@route("Recall 9.2")
def one_step():
    """Behind the action two states that pay 1 and 0.2 for ever; the other action has Q = 3.6."""
    P = np.zeros((4, 2, 4))
    P[0, 0, 1] = P[0, 0, 2] = 0.5
    P[0, 1, 3] = P[1, :, 1] = P[2, :, 2] = P[3, :, 3] = 1
    rewards = np.array([[1, 3.6], [1, 1], [0.2, 0.2], [0, 0]])
    mdp = tabular.FiniteMDP(P, rewards, np.eye(4)[0], 0.9)
    pi = np.full((4, 2), 0.5)
    assert np.allclose(tabular.state_values(mdp, pi), [5, 10, 2, 0])
    return tabular.advantages(mdp, pi)[0, 0]


@route("Recall 9.3")
def passes():
    rng, network = np.random.default_rng(0), MLP((3, 4, 1))
    w, x, v = network.init(rng), rng.standard_normal((5, 3)), rng.standard_normal(21)
    rows = np.array([network.vjp(w, x, u[:, None]) for u in np.eye(5)])  # one J_n each
    there = network.vjp(w, x, network.jvp(w, x, v))
    return closest(
        there,
        [
            rows.T @ rows @ v,
            rows.T @ rows @ v / 5,
            np.sum(rows @ rows.T) * v,
            np.full_like(v, np.sum((rows @ v) ** 2)),
        ],
    )


@route("Recall 10.1")
def truncated():
    """With the true values of a world without chance every δ is 0, and so is every advantage."""
    V, no, yes = np.array([1.0, 3.0, 2.0]), np.zeros((1, 1), bool), np.ones((1, 1), bool)
    first, here, next_ = 0, 1, 2
    reward = np.array([[V[here] - 0.9 * V[next_]]])
    choices = [
        generalized_advantages(reward, V[[[here]]], np.array([[v]]), no, yes, 0.9, 0.95)
        for v in (0, V[first], V[here], V[next_])
    ]
    return closest(0, choices)


@route("Recall 10.2")
def length():
    rng = np.random.default_rng(0)
    for _ in range(100):
        B, s, lam = rng.standard_normal((5, 5)), rng.standard_normal(5), rng.exponential()
        matrix = B @ B.T
        alpha = np.sqrt(2 * 0.01 / (s @ (matrix + lam * np.eye(5)) @ s))
        assert 0.5 * alpha**2 * s @ matrix @ s < 0.01
    return "a"


@route("Recall 10.3")
def accepted():
    k = lambda theta: round(-np.log2(theta[0])) if theta[0] else None  # noqa: E731
    gains = {None: 0.0, 0: 0.05, 1: -0.001, 2: 0.0004, 3: 0.0006}
    kls = {0: 0.03, 1: 0.008, 2: 0.002, 3: 0.0005}
    found = backtracking_line_search(
        lambda x: gains[k(x)], lambda x: kls[k(x)], np.zeros(1), np.ones(1), delta=0.01
    )
    return found.backtracks


@route("Recall 11.1")
def iterations():
    rng = np.random.default_rng(0)
    B, b = rng.standard_normal((6, 6)), rng.standard_normal(6)
    matrix = B @ B.T + np.eye(6)
    off = [
        np.linalg.norm(b - matrix @ conjugate_gradient(lambda v: matrix @ v, b, n).x)
        for n in range(1, 9)
    ]
    return 1 + next(n for n, size in enumerate(off) if size < 1e-8)


@route("Recall 11.2")
def dimensions():
    shift = np.sqrt(2 * 0.004)
    assert np.isclose(gaussian_kl([shift], [0.0]), 0.004)
    return gaussian_kl([shift] * 3, [0.0] * 3)


@route("Recall 11.3")
def ratio():
    rng = np.random.default_rng(0)
    policy = make_policy(*spaces(3), hidden=(4,))
    theta, obs = policy.init(rng), rng.standard_normal((5, 3))
    actions = policy.sample(theta, obs, rng)
    assert mean_kl(policy, theta, theta, obs) == 0
    return np.exp(
        np.mean(policy.log_prob(theta, obs, actions) - policy.log_prob(theta, obs, actions))
    )


def random_world(gamma):
    return tabular.random_mdp(np.random.default_rng(0), 5, 2, gamma), np.full((5, 2), 0.5)


@route("Recall 12.1")
def sure():
    """Of 2,000 worlds and steps, those of the four kinds that lower J: only (b) has none."""
    rng = np.random.default_rng(0)
    mdp = tabular.random_mdp(rng, 4, 3, 0.9, (2000,))
    old, new = rng.dirichlet(np.ones(3) / 2, (2, 2000, 4))
    J_old, J = tabular.performance(mdp, old), tabular.performance(mdp, new)
    L = tabular.local_approximation(mdp, old, new)
    near = (1 - 0.02) * old + 0.02 * new
    bounded = tabular.lower_bound(mdp, old, near) > J_old
    assert np.any((J_old < L) & (J_old - 1e-9 > J))  # (d), and so neither (a) nor (c) is proved
    assert not np.any(bounded & (tabular.performance(mdp, near) < J_old))
    return "b"


@route("Recall 12.2")
def rewards():
    F, g = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([0.3, -0.2])
    steps = [best_on_the_ellipse(F, c * g, 0.01) for c in (1, 1000)]
    return np.linalg.norm(steps[1]) / np.linalg.norm(steps[0])


@route("Recall 12.3")
def halvings():
    L, KL = lambda x: x[0], lambda x: 0.0 if x[0] < 1 / 20 else 1.0
    return backtracking_line_search(L, KL, np.zeros(1), np.ones(1), 0.5).backtracks


@route("Recall 13.1")
def size_of_f():
    """By the sizes of small ones, carried on as a power law."""
    logs = []
    for width in (2, 4):
        policy = make_policy(*spaces(3), hidden=(width,))
        theta = policy.init(np.random.default_rng(0))
        F = explicit_fisher(policy, theta, np.ones((2, 3)))
        logs.append(np.log10([len(theta), F.size]))
    (x, y), (x1, y1) = logs
    return 10 ** (y + (6 - x) * (y1 - y) / (x1 - x))


@route("Recall 13.2")
def first_iteration():
    unit = lambda v: v / np.linalg.norm(v)  # noqa: E731
    top = np.linalg.eigh(F)[1][:, -1]
    choices = [unit(v) for v in (np.linalg.solve(F, G), F @ G, G, top)]
    return closest(unit(conjugate_gradient(lambda v: F @ v, G, 1).x), choices)


@route("Recall 13.3")
def largest_tv():
    """The furthest that a coin can go with 0.02 nats, tried for many coins."""
    p, q = np.meshgrid(np.linspace(0.01, 0.99, 99), np.linspace(0.001, 0.999, 2997))
    kl = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))
    return np.max(np.abs(p - q)[kl <= 0.02])


@route("Recall 14.1")
def visits():
    return np.sum(tabular.visitation(*random_world(0.99)))


@route("Recall 14.2")
def growth_of_c():
    near, far = (
        tabular.penalty_constant(mdp, pi) / np.max(np.abs(tabular.advantages(mdp, pi)))
        for mdp, pi in (random_world(0.9), random_world(0.99))
    )
    return far / near


@route("Recall 14.3")
def coin():
    u = 1e-3
    return tabular.state_kl(np.array([0.5, 0.5]), np.array([0.5 + u, 0.5 - u])) / u**2


@route("Recall 15.1")
def mean_ratio():
    actions = (np.random.default_rng(0).random(200_000) < 0.5).astype(int)
    return np.mean(np.array([0.8, 0.2])[actions] / 0.5)


@route("Recall 15.2")
def multiplier():
    """The multiplier is the slope of the best value over δ."""
    best = lambda delta: G @ best_on_the_ellipse(F, G, delta)  # noqa: E731
    slope = lambda delta: (best(1.001 * delta) - best(delta)) / (0.001 * delta)  # noqa: E731
    return slope(0.0025) / slope(0.01)


@route("Recall 15.3")
def three_steps():
    step = np.sqrt(2 * 0.002)
    assert np.isclose(gaussian_kl([step], [0.0]), 0.002)
    return gaussian_kl([3 * step], [0.0])


@route("Recall 16.1")
def a_gaussian_of_width_one_half():
    """Its metric in the mean is 4, and its KL is quadratic there."""
    old, new = np.array([[0.0, np.log(0.5)]]), np.array([[0.1, np.log(0.5)]])
    return DiagonalGaussian(1).kl(old, new)[0]


@route("Recall 16.2")
def cut_off():
    rewards, V, V_next = np.random.default_rng(0).standard_normal((3, 4, 1))
    never, ended = np.zeros((4, 1), bool), np.array([[False], [True], [False], [True]])
    A = generalized_advantages(rewards, V, V_next, never, ended, 0.9, 0.8)
    alone, value = rewards[1] - V[1], 0.9 * V_next[1]
    behind, so_far = 0.9 * 0.8 * A[2], rewards[0] + 0.9 * rewards[1] - V[1]
    return closest(A[1], [alone, alone + value, alone + value + behind, so_far])


@route("Recall 16.3")
def at_the_old_parameters():
    rng = np.random.default_rng(0)
    policy = make_policy(*spaces(3), hidden=(4,))
    theta, obs = policy.init(rng), rng.standard_normal((50, 3))
    actions, A = policy.sample(theta, obs, rng), rng.standard_normal(50)
    batch = Batch(obs, actions, A - A.mean() + 0.3, policy.log_prob(theta, obs, actions))
    return surrogate(policy, theta, batch)


def test_every_question_has_its_second_way():
    assert set(ROUTES) == set(RECALLS)


@pytest.mark.parametrize("name", ROUTES)
def test_the_second_way_comes_to_the_same_answer(name):
    check, _ = RECALLS[name]
    answer = ROUTES[name]()
    if check.letters:
        assert check.letters.index(answer) + 1 == check.reference()
    else:
        assert answer == pytest.approx(check.reference(), rel=0.02)
        others = [mistake.answer() for mistake in check.mistakes]
        assert answer != pytest.approx(np.array(others), rel=0.02, abs=1e-12)
