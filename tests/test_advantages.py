import numpy as np
import pytest
from checkers import check_advantages

from trpo_np import generalized_advantages


def test_hand_computed_numbers():
    check_advantages(generalized_advantages)


def test_constant_reward_and_the_right_value_have_no_advantage_when_truncated():
    gamma = 0.9
    r = np.ones((20, 2))
    V = np.full((20, 2), 1 / (1 - gamma))
    no, last = np.zeros((20, 2), dtype=bool), np.zeros((20, 2), dtype=bool)
    last[-1] = True
    A = generalized_advantages(r, V, V, no, last, gamma, 0.95)
    np.testing.assert_allclose(A, 0, atol=1e-13)
    # the same episode taken for dead would have lost all that was still to come
    dead = generalized_advantages(r, V, V, last, last, gamma, 0.95)
    assert (dead < -1e-3).all()


def test_equals_the_sum_over_deltas_and_the_mixture_of_k_step_estimators(rng):
    T, gamma, lam = 6, 0.9, 0.8
    r, V, V_next = rng.standard_normal((3, T, 1))
    V_next[:-1] = V[1:]
    no = np.zeros((T, 1), dtype=bool)
    A = generalized_advantages(r, V, V_next, no, no, gamma, lam)[:, 0]
    delta = (r + gamma * V_next - V)[:, 0]
    for t in range(T):
        powers = (gamma * lam) ** np.arange(T - t)
        assert A[t] == pytest.approx(powers @ delta[t:])
    # A^(k) = Σ_{j<k} γ^j r_{t+j} + γ^k V(s_{t+k}) - V(s_t); the last takes all remaining weight
    k_step = [
        gamma ** np.arange(k) @ r[:k, 0] + gamma**k * V_next[k - 1, 0] - V[0, 0]
        for k in range(1, T + 1)
    ]
    weights = (1 - lam) * lam ** np.arange(T)
    weights[-1] = lam ** (T - 1)
    assert A[0] == pytest.approx(weights @ k_step)


def test_lambda_0_is_the_td_error_and_lambda_1_the_return(rng):
    r, V, V_next = rng.standard_normal((3, 5, 3))
    V_next[:-1] = V[1:]
    no = np.zeros((5, 3), dtype=bool)
    td = generalized_advantages(r, V, V_next, no, no, 0.9, 0.0)
    np.testing.assert_allclose(td, r + 0.9 * V_next - V)
    mc = generalized_advantages(r, V, V_next, no, no, 0.9, 1.0)
    discounts = 0.9 ** np.arange(5)
    np.testing.assert_allclose(mc[0], discounts @ r + 0.9**5 * V_next[-1] - V[0])


def test_what_follows_an_end_does_not_reach_back(rng):
    r, V, V_next = rng.standard_normal((3, 6, 1))
    ended = np.array([[0], [0], [1], [0], [0], [0]], dtype=bool)
    for terminated in (ended, np.zeros_like(ended)):
        first = generalized_advantages(r, V, V_next, terminated, ended, 0.99, 0.95)
        other = [x.copy() for x in (r, V, V_next)]
        for x in other:
            x[3:] = rng.standard_normal((3, 1))
        again = generalized_advantages(*other, terminated, ended, 0.99, 0.95)
        np.testing.assert_array_equal(again[:3], first[:3])


def test_inputs_are_checked_and_not_written_to(rng):
    arrays = list(rng.standard_normal((3, 4, 2)))
    flags = [np.zeros((4, 2), dtype=bool)] * 2
    for array in arrays + flags:
        array.flags.writeable = False
    generalized_advantages(*arrays, *flags, 0.9, 0.9)
    with pytest.raises(ValueError, match="one shape"):
        generalized_advantages(arrays[0][:3], *arrays[1:], *flags, 0.9, 0.9)
    with pytest.raises(ValueError, match="ended"):
        generalized_advantages(*arrays, np.ones((4, 2), dtype=bool), flags[1], 0.9, 0.9)


def test_whole_numbers_and_lists_are_numbers_too():
    no = [[False]] * 3
    A = generalized_advantages([[1]] * 3, [[0]] * 3, [[0]] * 3, no, no, 1.0, 0.5)
    np.testing.assert_array_equal(A[:, 0], [1.75, 1.5, 1.0])
