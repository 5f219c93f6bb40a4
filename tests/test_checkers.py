"""The checkers, checked: each planted mistake must be caught."""

import numpy as np
import pytest
from checkers import check_advantages, check_conjugate_gradient, check_derivatives, check_fisher
from problems import random_problem

from trpo_np import MLP, explicit_fisher, fisher_vector_product, generalized_advantages

caught = pytest.raises(AssertionError)


def conjugate_gradient_as(step):
    """A conjugate gradient solver whose update of r and p is `step`."""

    def solve(matvec, b, iterations):
        x, r, p = np.zeros_like(b), b.copy(), b.copy()
        for _ in range(iterations):
            Ap = matvec(p)
            alpha = (r @ r) / (p @ Ap)
            x = x + alpha * p
            r, p = step(r, p, alpha, Ap)
        return x

    return solve


def right_step(r, p, alpha, Ap):
    new = r - alpha * Ap
    return new, new + (new @ new) / (r @ r) * p


def steepest_descent(r, p, alpha, Ap):
    new = r - alpha * Ap
    return new, new


def aliased_solver(matvec, b, iterations):
    """p and r share memory, so that `r -= ...` changes both."""
    x, r = np.zeros_like(b), b.copy()
    p = r
    for _ in range(iterations):
        Ap, rr = matvec(p), r @ r
        alpha = rr / (p @ Ap)
        x = x + alpha * p
        r -= alpha * Ap
        p = r + (r @ r) / rr * p
    return x


def writes_to_b(matvec, b, iterations):
    x = conjugate_gradient_as(right_step)(matvec, b, iterations)
    b *= 0.5
    return x


def absolute_tolerance(matvec, b, iterations):
    x, r, p = np.zeros_like(b), b.copy(), b.copy()
    for _ in range(iterations):
        Ap = matvec(p)
        alpha = (r @ r) / (p @ Ap)
        x = x + alpha * p
        r, p = right_step(r, p, alpha, Ap)
        if r @ r < 1e-10:
            break
    return x


def test_conjugate_gradient(rng):
    check_conjugate_gradient(conjugate_gradient_as(right_step), rng)


@pytest.mark.parametrize(
    "wrong",
    [conjugate_gradient_as(steepest_descent), aliased_solver, writes_to_b, absolute_tolerance],
    ids=["steepest descent", "aliased", "writes to b", "absolute tolerance"],
)
def test_wrong_conjugate_gradients(wrong, rng):
    with caught:
        check_conjugate_gradient(wrong, rng)


@pytest.mark.parametrize("wrong", ["jvp", "vjp", "tanh slope", "bias"])
def test_wrong_derivatives(wrong, rng):
    network = MLP((3, 4, 2))
    theta, x = rng.standard_normal(network.num_parameters), rng.standard_normal((5, 3))
    at = network.linearize(theta, x)

    def jvp(v):
        Jv = at.jvp(v)
        return {"jvp": 1.001 * Jv, "bias": Jv - v[-2:]}.get(wrong, Jv)

    def vjp(u):
        Ju = at.vjp(u)
        if wrong == "tanh slope":  # 1 - tanh instead of 1 - tanh²
            h = np.tanh(x @ theta[:12].reshape(3, 4) + theta[12:16])
            dz = (1 - h) * (u @ theta[16:24].reshape(4, 2).T)
            Ju = np.concatenate([(x.T @ dz).ravel(), dz.sum(axis=0), Ju[16:]])
        return Ju / 5 if wrong == "vjp" else Ju

    with caught:
        check_derivatives(lambda t: network.apply(t, x), jvp, vjp, theta, rng)


@pytest.mark.parametrize("wrong", ["half", "damped", "one entry", "asymmetric", "indefinite"])
def test_wrong_fishers(wrong, rng):
    policy, theta, obs = random_problem("Discrete", rng, N=4, hidden=(3,))
    F = explicit_fisher(policy, theta, obs)
    check_fisher(F, [F], [lambda v: F @ v], rng)

    bad = F.copy()
    if wrong == "one entry":
        bad[0, 0] *= 1 + 1e-6
    if wrong == "asymmetric":
        bad[0, 1] += 1e-6
    if wrong == "indefinite":
        bad -= 1e-6 * np.eye(len(F))
    if wrong in ("asymmetric", "indefinite"):
        with caught:
            check_fisher(bad, [], [], rng)
    if wrong == "half":
        bad = 0.5 * F
    if wrong == "damped":
        bad = F + 1e-6 * np.eye(len(F))
    with caught:
        check_fisher(F, [bad], [], rng)
    with caught:
        check_fisher(F, [], [lambda v: bad @ v], rng)


def test_a_summed_fisher_product_is_caught(rng):
    policy, theta, obs = random_problem("Box", rng, N=4)
    F, product = explicit_fisher(policy, theta, obs), fisher_vector_product(policy, theta, obs)
    with caught:
        check_fisher(F, [], [lambda v: 4 * product(v)], rng)


def dead_at_time_limit(r, V, V_next, terminated, ended, gamma, lam):
    return generalized_advantages(r, V, V_next, ended, ended, gamma, lam)


def leaks_over_ends(r, V, V_next, terminated, ended, gamma, lam):
    V_next = np.where(terminated, 0, V_next)
    return generalized_advantages(r, V, V_next, ended & False, ended & False, gamma, lam)


def never_terminates(r, V, V_next, terminated, ended, gamma, lam):
    return generalized_advantages(r, V, V_next, ended & False, ended, gamma, lam)


def forgets_lambda(r, V, V_next, terminated, ended, gamma, lam):
    return generalized_advantages(r, V, V_next, terminated, ended, gamma, 1.0)


def forgets_the_bootstrap_at_the_cut(r, V, V_next, terminated, ended, gamma, lam):
    V_next = V_next.copy()
    V_next[-1] = 0
    return generalized_advantages(r, V, V_next, terminated, ended, gamma, lam)


@pytest.mark.parametrize(
    "wrong",
    [
        dead_at_time_limit,
        leaks_over_ends,
        never_terminates,
        forgets_lambda,
        forgets_the_bootstrap_at_the_cut,
    ],
)
def test_wrong_advantages(wrong):
    with caught:
        check_advantages(wrong)
