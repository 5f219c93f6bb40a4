import numpy as np
import pytest
from checkers import check_conjugate_gradient

from trpo_np import conjugate_gradient


def test_properties(rng):
    check_conjugate_gradient(lambda A, b, k: conjugate_gradient(A, b, k, 0.0).x, rng)


def test_as_many_iterations_as_distinct_eigenvalues(rng):
    Q, _ = np.linalg.qr(rng.standard_normal((12, 12)))
    A = Q @ np.diag([1.0] * 5 + [4.0] * 4 + [50.0] * 3) @ Q.T
    result = conjugate_gradient(lambda v: A @ v, rng.standard_normal(12), 12)
    assert (result.status, result.iterations) == ("converged", 3)


def test_error_in_the_a_norm_never_grows_and_residual_is_the_true_one(rng):
    B = rng.standard_normal((20, 20))
    A = B @ B.T + 0.1 * np.eye(20)
    b = rng.standard_normal(20)
    solution = np.linalg.solve(A, b)
    errors = []
    for k in range(1, 15):
        result = conjugate_gradient(lambda v: A @ v, b, k)
        e = result.x - solution
        errors.append(e @ A @ e)
        np.testing.assert_allclose(result.residual, b - A @ result.x, atol=1e-9)
        assert result.residual_norms[-1] == pytest.approx(np.linalg.norm(b - A @ result.x))
        assert len(result.residual_norms) == k + 1 == result.iterations + 1
    assert (np.diff(errors) <= 0).all()


def test_zero_right_hand_side_gives_zero_without_a_product():
    def never(v):
        raise AssertionError("no product is needed")

    result = conjugate_gradient(never, np.zeros(3))
    np.testing.assert_array_equal(result.x, np.zeros(3))
    assert (result.status, result.iterations) == ("converged", 0)


@pytest.mark.parametrize("c", [1e-200, 1e-6, 1e200])
def test_scale_of_b_does_not_matter(c, rng):
    A = np.diag([1.0, 2.0, 3.0, 4.0])
    b = rng.standard_normal(4)
    plain, scaled = (conjugate_gradient(lambda v: A @ v, k * b, 2) for k in (1, c))
    np.testing.assert_allclose(scaled.x / c, plain.x, rtol=1e-12)


@pytest.mark.parametrize(
    ("A", "status"),
    [
        (np.diag([1.0, -1.0]), "non_positive_curvature"),
        (np.zeros((2, 2)), "non_positive_curvature"),
        (np.full((2, 2), np.nan), "non_finite"),
        (np.full((2, 2), np.inf), "non_finite"),
        (1e-320 * np.eye(2), "non_finite"),
    ],
)
def test_bad_matrices_end_with_their_status_and_a_finite_x(A, status):
    with np.errstate(over="ignore", invalid="ignore"):
        result = conjugate_gradient(lambda v: A @ v, np.array([1.0, 3.0]))
    assert result.status == status
    assert np.isfinite(result.x).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_non_finite_right_hand_side(bad):
    result = conjugate_gradient(lambda v: v, np.array([1.0, bad]))
    assert result.status == "non_finite"
    np.testing.assert_array_equal(result.x, np.zeros(2))
