import numpy as np
import pytest
from checkers import check_derivatives

from trpo_np import MLP


@pytest.mark.parametrize("sizes", [(3, 2), (1, 4, 1), (5, 8, 6, 3), (2, 3, 3, 3, 2)])
@pytest.mark.parametrize("N", [1, 7])
def test_products_match_autograd_along_random_directions(sizes, N, rng):
    network = MLP(sizes)
    theta = rng.standard_normal(network.num_parameters)
    x = rng.standard_normal((N, sizes[0]))
    check_derivatives(
        lambda t: network.apply(t, x),
        lambda v: network.jvp(theta, x, v),
        lambda u: network.vjp(theta, x, u),
        theta,
        rng,
    )
    np.testing.assert_allclose(network.linearize(theta, x).outputs, network.apply(theta, x))
    np.testing.assert_allclose(network.bind(theta)(x), network.apply(theta, x))


def test_jvp_matches_a_finite_difference(rng):
    network = MLP((4, 6, 2))
    theta, v = rng.standard_normal((2, network.num_parameters))
    x = rng.standard_normal((5, 4))
    h = 1e-6
    difference = (network.apply(theta + h * v, x) - network.apply(theta - h * v, x)) / (2 * h)
    np.testing.assert_allclose(network.jvp(theta, x, v), difference, rtol=1e-7, atol=1e-8)


def test_one_layer_is_an_affine_map(rng):
    network = MLP((3, 2))
    W, b = rng.standard_normal((3, 2)), rng.standard_normal(2)
    x = rng.standard_normal((4, 3))
    np.testing.assert_allclose(network.apply(np.append(W.ravel(), b), x), x @ W + b)


def test_weights_cover_theta_once_each():
    network = MLP((3, 4, 2))
    theta = np.arange(network.num_parameters)
    parts = np.concatenate([W.ravel() for W in network.weights(theta)])
    np.testing.assert_array_equal(parts, theta)


def test_linearization_can_be_used_again_and_in_any_order(rng):
    network = MLP((3, 5, 5, 2))
    theta, v, v2 = rng.standard_normal((3, network.num_parameters))
    x, u = rng.standard_normal((6, 3)), rng.standard_normal((6, 2))
    at = network.linearize(theta, x)
    Jv, Ju = at.jvp(v), at.vjp(u)
    kept = Jv.copy(), Ju.copy()
    at.jvp(v2), at.vjp(2 * u)
    np.testing.assert_array_equal(Jv, kept[0])
    np.testing.assert_array_equal(Ju, kept[1])
    np.testing.assert_array_equal(at.jvp(v), Jv)
    np.testing.assert_allclose(at.jvp(v + v2), Jv + at.jvp(v2))


def test_parameters_may_be_whole_numbers():
    network, theta, x = MLP((1, 1)), np.array([2, 5]), np.array([[0.5]])
    assert network.bind(theta)(x) == network.linearize(theta, x).outputs == 6.0


def test_inputs_are_not_written_to(rng):
    network = MLP((3, 5, 2))
    theta, v = rng.standard_normal((2, network.num_parameters))
    x, u = rng.standard_normal((6, 3)), rng.standard_normal((6, 2))
    for array in (theta, v, x, u):
        array.flags.writeable = False
    network.apply(theta, x), network.jvp(theta, x, v), network.vjp(theta, x, u)


def test_init_depends_on_nothing_but_the_generator():
    network = MLP((3, 5, 2))
    first, again = (network.init(np.random.default_rng(1)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert (first != network.init(np.random.default_rng(2))).any()
