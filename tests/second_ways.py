"""The answers of the homework computed a second way, from what its problems give."""

import math
from itertools import combinations, pairwise

import numpy as np


def two_policies(given):
    """Sums; total variation as the most by which an event differs; Gaussians by quadrature."""
    p, q, mean, std, mean_new, std_new = given.values()
    forward, backward = kl(p, q), kl(q, p)
    events = [list(e) for size in (1, 2) for e in combinations(range(3), size)]
    variation = max(abs(sum(p[e]) - sum(q[e])) for e in events)
    x = np.linspace(-40, 40, 400_001)
    gaussian = 0.0
    for m, s, m_new, s_new in zip(mean, std, mean_new, std_new, strict=True):
        log_p, log_q = (-0.5 * ((x - a) / b) ** 2 - np.log(b) for a, b in ((m, s), (m_new, s_new)))
        density = np.exp(log_p) / np.sqrt(2 * np.pi)
        gaussian += np.sum(density * (log_p - log_q)) * (x[1] - x[0])
    return forward, backward, [variation, math.sqrt(forward / 2)], gaussian


def kl(p, q):
    return sum(a * math.log(a / b) for a, b in zip(p, q, strict=True))


def a_world_of_two_states(given):
    """By following the world for 300 steps."""
    gamma, arrives = given["gamma"], given["arrives"]
    rewards = [[given["stay"][s], given["go"][s]] for s in (0, 1)]

    def ahead(V, s, a):
        moves = arrives * a
        return rewards[s][a] + gamma * (moves * V[1 - s] + (1 - moves) * V[s])

    def values(go):
        V = [0.0, 0.0]
        for _ in range(300):
            V = [(1 - go[s]) * ahead(V, s, 0) + go[s] * ahead(V, s, 1) for s in (0, 1)]
        return V

    old, new = given["old"], given["new"]
    V = values(old)
    A = [[ahead(V, s, a) - V[s] for a in (0, 1)] for s in (0, 1)]
    visits, present = [0.0, 0.0], [1.0, 0.0]
    for t in range(300):
        visits = [visits[s] + gamma**t * present[s] for s in (0, 1)]
        leave = [present[s] * old[s] * arrives for s in (0, 1)]
        present = [present[s] - leave[s] + leave[1 - s] for s in (0, 1)]
    gains = [(1 - new[s]) * A[s][0] + new[s] * A[s][1] for s in (0, 1)]
    L = V[0] + visits[0] * gains[0] + visits[1] * gains[1]
    worst = max(kl((1 - old[s], old[s]), (1 - new[s], new[s])) for s in (0, 1))
    C = 2 * gamma * max(abs(a) for row in A for a in row) / (1 - gamma) ** 2
    return V, L, values(new)[0], L - C * worst


def fisher_by_hand(given):
    """F as the second differences of the exact KL."""
    odds, features, d = given.values()

    def p(step):
        return 1 / (1 + np.exp(-features @ (np.log(odds) + step)))

    def mean_kl(step):
        a, b = p(np.zeros(2)), p(step)
        return np.mean(a * np.log(a / b) + (1 - a) * np.log((1 - a) / (1 - b)))

    h, e = 1e-3, np.eye(2)
    F = [
        [
            sum(i * j * mean_kl(h * (i * e[k] + j * e[m])) for i in (1, -1) for j in (1, -1))
            / (4 * h**2)
            for m in (0, 1)
        ]
        for k in (0, 1)
    ]
    return p(np.zeros(2)), F, 0.5 * d @ np.array(F) @ d, mean_kl(d)


def product_without_f(given):
    """F itself, from its Jacobians."""
    J, std, v = given.values()
    M = [np.diag([1 / s**2, 2]) for s in std]
    F = sum(j.T @ m @ j for j, m in zip(J, M, strict=True)) / 2
    return [j @ v for j in J], [m @ j @ v for j, m in zip(J, M, strict=True)], F @ v, v @ F @ v


def two_iterations(given):
    """CG's x is where ½ xᵀFx - gᵀx is smallest in the span of g, Fg, ...; β makes p₁ conjugate."""
    F, g, spectrum = given.values()

    def lowest(basis):
        return basis @ np.linalg.solve(basis.T @ F @ basis, basis.T @ g)

    one, two = lowest(g[:, None]), lowest(np.stack([g, F @ g], axis=1))
    beta = -((g - F @ one) @ F @ g) / (g @ F @ g)
    return one, beta, two, len(set(spectrum))


def as_far_as_delta(given):
    """Cramer's rule, a bisection for the rim, and every candidate tried."""
    F, g, delta, cubic, bend = given.values()
    determinant = F[0, 0] * F[1, 1] - F[0, 1] * F[1, 0]
    s = np.array([g[0] * F[1, 1] - g[1] * F[0, 1], g[1] * F[0, 0] - g[0] * F[1, 0]]) / determinant
    alpha = root(lambda a: 0.5 * (a * s) @ F @ (a * s) - delta, 0, 10)
    fits = [k for k in range(20) if 0.5**k * (0.5**k + cubic * 0.25**k) <= 1]
    rises = [k for k in range(20) if 0.5**k > bend * 0.25**k]
    k = min({*fits} & {*rises})
    return s, alpha, alpha * (g @ s), k, delta * (0.25**k + cubic * 0.125**k)


def root(f, low, high):
    """Where a rising function is 0."""
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (low, middle) if f(middle) > 0 else (middle, high)
    return low


def where_an_episode_ends(given):
    """Sums over the rest of each episode, the episodes taken one by one."""
    r, V, V_next, over, cut, gamma, lam = given.values()
    deltas = [r[t] + gamma * (0 if t == over else V_next[t]) - V[t] for t in range(6)]
    A = []
    for begin, end in pairwise([0, *sorted([over + 1, cut + 1]), 6]):
        for t in range(begin, end):
            A.append(sum((gamma * lam) ** (k - t) * deltas[k] for k in range(t, end)))
    return deltas, A, r[cut] - V[cut]


def which_delta(given):
    """Every δ as where something reaches something; the penalised policy by search."""
    rate, curvature, scale, gamma, pi_old, A, beta = given.values()
    same, scaled = (
        root(lambda delta, c=c: math.sqrt(2 * delta / c) * c - rate * c, 0, 100)
        for c in (curvature, curvature * scale**2)
    )
    gap = root(lambda K: gamma * math.sqrt(2 * K) / (1 - gamma) ** 1.5 - 1 / (1 - gamma), 0, 100)
    far = 1e4
    small = far**2 * kl(penalised(pi_old, A, beta * far), pi_old)
    return same, scaled, gap, kl(penalised(pi_old, A, beta), pi_old), small


def penalised(pi_old, A, beta):
    """The maximum of Σ π A - β KL(π ‖ π_old), by Newton's method in two of the probabilities."""
    free = pi_old[:2].copy()
    for _ in range(200):
        pi = np.array([*free, 1 - free.sum()])
        slope = A - beta * np.log(pi / pi_old)
        gradient = slope[:2] - slope[2]
        hessian = -beta * (np.diag(1 / pi[:2]) + 1 / pi[2])
        step, length = -np.linalg.solve(hessian, gradient), 1.0
        while min([*(free + length * step), 1 - (free + length * step).sum()]) <= 0:
            length /= 2
        free = free + length * step
    return np.array([*free, 1 - free.sum()])


def a_program_with_a_bug(given):
    """The program run as it should be."""
    return given["bug"], given["program"].run(given["arguments"])


def the_clip(given):
    """Sample by sample; a gradient is a difference."""
    old, new, A, clip = given.values()
    ratios = [b / a for a, b in zip(old, new, strict=True)]

    def term(w, a):
        return min(w * a, min(max(w, 1 - clip), 1 + clip) * a)

    pulls = [float(term(w + 1e-6, a) != term(w - 1e-6, a)) for w, a in zip(ratios, A, strict=True)]
    clipped = sum(term(w, a) for w, a in zip(ratios, A, strict=True)) / 5
    return ratios, clipped, pulls, sum(w - 1 - math.log(w) for w in ratios) / 5
