"""Checkers that the tests share; test_checkers.py plants wrong answers to see each one bite."""

import numpy as np
from autograd import grad, jacobian


def check_derivatives(apply, jvp, vjp, theta, rng, directions=3):
    """jvp(v) and vjp(u) are the products with the Jacobian of apply at theta, by autograd."""
    shape = apply(theta).shape
    for _ in range(directions):
        v, u = rng.standard_normal(theta.shape), rng.standard_normal(shape)
        along_v = jacobian(lambda t, v=v: apply(theta + t * v))(0.0)
        weighted = grad(lambda x, u=u: (u * apply(x)).sum())(theta)
        np.testing.assert_allclose(jvp(v), along_v, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(vjp(u), weighted, rtol=1e-9, atol=1e-12)


def relative_difference(a, b):
    """‖a - b‖ / ‖b‖, in the Frobenius norm."""
    return np.linalg.norm(a - b) / np.linalg.norm(b)


def check_fisher(F, others, products, rng, tolerance=1e-10):
    """F is symmetric, positive semi-definite, equal to all others, and each product is F v."""
    size = np.abs(F).max()
    assert np.abs(F - F.T).max() <= tolerance * size, "not symmetric"
    assert np.linalg.eigvalsh(F).min() >= -tolerance * size, "not positive semi-definite"
    for other in others:
        assert relative_difference(other, F) <= tolerance, "two routes disagree"
    for product in products:
        v = rng.standard_normal(len(F))
        assert relative_difference(product(v), F @ v) <= tolerance, "the product is not F v"


def check_conjugate_gradient(solve, rng, n=8):
    """solve(matvec, b, iterations) -> x solves an n x n system in n steps, leaves b alone, scales
    with b, and goes along conjugate directions."""
    B = rng.standard_normal((n, n))
    A = B @ B.T + n * np.eye(n)
    b = rng.standard_normal(n)
    b_before = b.copy()
    x = solve(lambda v: A @ v, b, n)
    np.testing.assert_array_equal(b, b_before, err_msg="b was written to")
    np.testing.assert_allclose(x, np.linalg.solve(A, b), rtol=1e-8, err_msg="A x is not b")

    c = 1e-6
    x_few, x_scaled = solve(lambda v: A @ v, b, 3), solve(lambda v: A @ v, c * b, 3)
    np.testing.assert_allclose(x_scaled, c * x_few, rtol=1e-10, err_msg="x(cb) is not c x(b)")

    iterates = [np.zeros(n)] + [solve(lambda v: A @ v, b, k) for k in range(1, n + 1)]
    directions = np.diff(iterates, axis=0)
    directions /= np.sqrt(np.einsum("ki,ij,kj->k", directions, A, directions))[:, None]
    products = directions @ A @ directions.T
    np.testing.assert_allclose(products, np.eye(n), atol=1e-6, err_msg="directions not conjugate")


def check_advantages(gae):
    """gae has generalized_advantages' interface; the numbers are worked out by hand.

    γ = 1/2, λ = 1/2, so γλ = 1/4; rewards 1, 2, 3; V = 4, 4, 4 with 8 at the end.
    """
    r = np.array([[1.0], [2.0], [3.0]])
    V = np.full((3, 1), 4.0)
    V_next = np.array([[4.0], [4.0], [8.0]])
    no = np.zeros((3, 1), dtype=bool)
    last = np.array([[False], [False], [True]])
    middle = np.array([[False], [True], [False]])

    def column(terminated, ended):
        return gae(r, V, V_next, terminated, ended, 0.5, 0.5)[:, 0]

    # δ = 1 + 2 - 4, 2 + 2 - 4, 3 + 4 - 4 = -1, 0, 3
    np.testing.assert_allclose(column(no, no), [-1 + 0 + 3 / 16, 3 / 4, 3], err_msg="batch cut")
    np.testing.assert_allclose(column(no, last), [-1 + 3 / 16, 3 / 4, 3], err_msg="truncated last")
    # terminated: δ_2 = 3 - 4
    np.testing.assert_allclose(column(last, last), [-17 / 16, -1 / 4, -1], err_msg="terminated")
    # ended in the middle: A_1 = δ_1, and A_0 sees no further
    np.testing.assert_allclose(column(no, middle), [-1, 0, 3], err_msg="truncated in the middle")
    np.testing.assert_allclose(column(middle, middle), [-1.5, -2, 3], err_msg="died in the middle")
