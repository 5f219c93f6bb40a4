"""Solutions as a student would write them, where a check's reference is a function of the package.

The checks change them in one place at a time, to find out what a wrong answer lacks.
"""

import numpy as np

from trpo_np import tabular
from trpo_np.conjugate_gradient import conjugate_gradient as solve


def local_approximation(mdp, pi_old, pi_new):
    """Exercise 2.2."""
    gain = np.sum(pi_new * tabular.advantages(mdp, pi_old), axis=1)
    return tabular.performance(mdp, pi_old) + tabular.visitation(mdp, pi_old) @ gain


def penalty_constant(A_old, gamma):
    """Exercise 3.3."""
    epsilon = np.max(np.abs(A_old))
    return 2 * gamma * epsilon / (1 - gamma) ** 2


def lower_bound(mdp, pi_old, pi):
    """Exercise 3.4."""
    worst_kl = np.max(tabular.state_kl(pi_old, pi))
    C = tabular.penalty_constant(mdp, pi_old)
    return tabular.local_approximation(mdp, pi_old, pi) - C * worst_kl


def categorical_kl(eta_old, eta_new):
    """Exercise 5.1."""
    log_p = eta_old - np.log(np.sum(np.exp(eta_old), axis=1, keepdims=True))
    log_q = eta_new - np.log(np.sum(np.exp(eta_new), axis=1, keepdims=True))
    return np.sum(np.exp(log_p) * (log_p - log_q), axis=1)


def gaussian_kl(mean, log_std, mean_new, log_std_new):
    """Exercise 5.3."""
    spread = np.exp(2 * log_std) + (mean - mean_new) ** 2
    terms = log_std_new - log_std + spread / (2 * np.exp(2 * log_std_new)) - 0.5
    return np.sum(terms, axis=1)


def with_one(h):
    """h with a column of ones behind it."""
    return np.column_stack([h, np.ones(len(h))])


def jvp(Ws, dWs, x):
    """Exercise 6.2."""
    h, dh = x, np.zeros_like(x)
    for W, dW in zip(Ws[:-1], dWs[:-1], strict=True):
        dz = dh @ W[:-1] + with_one(h) @ dW
        h = np.tanh(with_one(h) @ W)
        dh = (1 - h**2) * dz
    return dh @ Ws[-1][:-1] + with_one(h) @ dWs[-1]


def vjp(Ws, x, u):
    """Exercise 6.3."""
    hs = [x]
    for W in Ws[:-1]:
        hs.append(np.tanh(with_one(hs[-1]) @ W))
    z_bar, gradients = u, []
    for W, h in zip(reversed(Ws), reversed(hs), strict=True):
        gradients.insert(0, with_one(h).T @ z_bar)
        z_bar = (1 - h**2) * (z_bar @ W[:-1].T)
    return np.concatenate([G.ravel() for G in gradients])


def conjugate_gradient(matvec, b, iterations):
    """Exercise 7.3."""
    x, r, p = np.zeros_like(b), b, b
    for _ in range(iterations):
        Ap = matvec(p)
        alpha = (r @ r) / (p @ Ap)
        x = x + alpha * p
        r_next = r - alpha * Ap
        p = r_next + (r_next @ r_next) / (r @ r) * p
        r = r_next
    return x


def line_search(L, KL, theta, full_step, delta, backtracks, beta):
    """Exercise 8.3."""
    for k in range(backtracks + 1):
        candidate = theta + beta**k * full_step
        if KL(candidate) <= delta and L(candidate) > L(theta):
            return candidate
    return theta


def advantages(rewards, values, next_values, terminated, ended, gamma, lam):
    """Exercise 9.5."""
    deltas = rewards + gamma * next_values * ~terminated - values
    found = np.zeros_like(deltas)
    following = 0.0
    for t in reversed(range(len(deltas))):
        following = deltas[t] + gamma * lam * ~ended[t] * following
        found[t] = following
    return found


def gauss_newton_step(jvp, vjp, V, y, damping, cg_iterations):
    """Exercise 9.6."""
    N = len(y)
    matvec = lambda v: vjp(jvp(v)) / N + damping * v  # noqa: E731
    return solve(matvec, vjp(y - V) / N, cg_iterations).x
