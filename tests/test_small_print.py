"""What the docstrings of the mathematics promise beside the formulas: types, copies, defaults, and
what happens at an edge."""

import re
from dataclasses import replace

import numpy as np
import pytest
from gymnasium import spaces
from problems import ACTION_SPACES, random_batch, random_problem
from sentences import is_a_sentence

from trpo_np import (
    MLP,
    TRPO,
    Batch,
    Bernoulli,
    Categorical,
    DiagonalGaussian,
    MultiCategorical,
    backtracking_line_search,
    conjugate_gradient,
    explicit_fisher,
    fisher_vector_product,
    generalized_advantages,
    make_policy,
)
from trpo_np.checked import numbers, rows, stacked, vector
from trpo_np.distributions import Distribution
from trpo_np.errors import UsageError
from trpo_np.fisher import PRODUCT_ROUTES, subsampled
from trpo_np.line_search import maximum_step, remembering

each_kind = pytest.mark.parametrize("kind", ACTION_SPACES)
FAMILIES = [Categorical(4), MultiCategorical((2, 3)), Bernoulli(3), DiagonalGaussian(2)]
each_family = pytest.mark.parametrize("d", FAMILIES, ids=lambda d: type(d).__name__)


# Advantages


@pytest.mark.parametrize("kind", [bool, int, float, np.uint8])
def test_flags_may_be_numbers(kind, rng):
    r, V, V_next = rng.standard_normal((3, 6, 2))
    ended = rng.random((6, 2)) < 0.4
    terminated = ended & (rng.random((6, 2)) < 0.5)
    A = generalized_advantages(r, V, V_next, terminated, ended, 0.9, 0.8)
    as_numbers = (flags.astype(kind) for flags in (terminated, ended))
    np.testing.assert_array_equal(generalized_advantages(r, V, V_next, *as_numbers, 0.9, 0.8), A)


def test_advantages_are_in_double_precision_whatever_comes_in(rng):
    r, V, V_next = rng.standard_normal((3, 50, 1)).astype(np.float32)
    no = np.zeros((50, 1), dtype=bool)
    A = generalized_advantages(r, V, V_next, no, no, 0.99, 0.95)
    exact = generalized_advantages(*(x.astype(float) for x in (r, V, V_next)), no, no, 0.99, 0.95)
    assert A.dtype == float
    np.testing.assert_array_equal(A, exact)


def test_one_environment_needs_no_axis_of_its_own(rng):
    r, V, V_next = rng.standard_normal((3, 6))
    ended = np.array([0, 0, 1, 0, 0, 1], dtype=bool)
    A = generalized_advantages(r, V, V_next, ended, ended, 0.9, 0.8)
    columns = (x[:, None] for x in (r, V, V_next, ended, ended))
    np.testing.assert_array_equal(A, generalized_advantages(*columns, 0.9, 0.8)[:, 0])


@pytest.mark.parametrize(
    "work",
    [
        lambda: generalized_advantages([1.0], [0.0], [0.0], [True], [False], 0.9, 0.9),
        lambda: generalized_advantages([1.0], [0.0], [0.0, 1.0], [False], [False], 0.9, 0.9),
        lambda: maximum_step(0.01, -1.0),
        lambda: Bernoulli(1).log_prob(np.zeros((1, 1)), np.array([[2]])),
        lambda: Categorical(2).log_prob(np.zeros((1, 2)), np.array([2])),
    ],
)
def test_what_the_mathematics_refuses_it_refuses_by_a_sentence(work):
    with pytest.raises(ValueError, match=r"\.$") as error:
        work()
    assert is_a_sentence(str(error.value))


# Line search


def test_it_shortens_ten_times_by_half_unless_told_otherwise():
    tried = []
    result = backtracking_line_search(
        lambda x: tried.append(x[0]) or 0.0, None, np.zeros(1), np.ones(1)
    )
    assert (result.accepted, result.backtracks) == (False, 10)
    np.testing.assert_array_equal(tried[1:], 0.5 ** np.arange(11))


def test_candidates_are_shares_of_the_full_step_and_gains_are_counted_from_the_start():
    """The start is not at 0, nor is L there."""
    start, step = np.array([1.0, -2.0]), np.array([4.0, 0.25])
    L = lambda x: 7 + x[0] - 0.5 * (x[0] - 1) ** 2  # noqa: E731
    result = backtracking_line_search(L, lambda x: 0.25, start, step, 0.3)
    np.testing.assert_array_equal(result.x, start + 0.25 * step)  # the first with a gain
    assert (result.backtracks, result.kl) == (2, 0.25)
    assert result.improvement == pytest.approx(1 - 0.5)


def test_a_function_that_remembers_is_asked_once_and_gives_what_the_function_gives():
    asked = []

    def f(x):
        asked.append(x.copy())
        return x.sum()

    x = np.array([1.0, 2.0])
    known = remembering(f, x, 3.0)
    assert known(np.array([1.0, 2.0])) == 3.0
    x += 5  # what happens to the array later does not matter
    assert known(np.array([1.0, 2.0])) == 3.0
    assert asked == []
    y = np.array([4.0, 4.0])
    assert known(y) == known(y.copy()) == 8.0
    assert len(asked) == 1
    y += 1
    assert known(y) == 10.0
    assert known(np.array([4.0, 4.0])) == 8.0
    assert len(asked) == 3


# Conjugate gradient


def test_it_takes_ten_iterations_to_1e_10_unless_told_otherwise(rng):
    A = np.diag(np.linspace(1, 1000, 40))
    b = rng.standard_normal(40)
    result = conjugate_gradient(lambda v: A @ v, b)
    assert (result.status, result.iterations) == ("iteration_limit", 10)
    easy = conjugate_gradient(lambda v: (1 + 1e-8 * np.arange(40)) * v, b, 40)
    assert easy.status == "converged"
    assert easy.residual_norms[-1] <= 1e-10 * easy.residual_norms[0] < easy.residual_norms[-2]


def test_the_tolerance_is_relative_and_never_below_the_precision():
    A = np.diag(np.arange(1.0, 9.0))
    for scale in (1e-3, 1.0, 1e5):
        result = conjugate_gradient(lambda v: A @ v, scale * np.ones(8), 8, tolerance=1e-2)
        norms = np.array(result.residual_norms)
        assert result.status == "converged"
        assert norms[-1] <= 1e-2 * norms[0] < norms[-2]
    low = conjugate_gradient(lambda v: (A @ v).astype("f4"), np.ones(8, "f4"), 50, tolerance=0.0)
    assert low.status == "converged"
    least = np.finfo("f4").eps * low.residual_norms[0]
    assert low.residual_norms[-1] <= least < low.residual_norms[-2]
    assert low.x.dtype == np.float32


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_told_of_a_right_hand_side_that_is_not_finite(bad):
    b = np.array([1.0, bad])
    result = conjugate_gradient(lambda v: v, b)
    assert (result.iterations, len(result.residual_norms)) == (0, 1)
    assert np.isnan(result.residual_norms[0])
    np.testing.assert_array_equal(result.residual, b)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e5])
def test_the_first_residual_is_the_right_hand_side(scale, rng):
    b = scale * rng.standard_normal(5)
    result = conjugate_gradient(lambda v: np.arange(1, 6) * v, b, 2)
    assert result.residual_norms[0] == pytest.approx(np.linalg.norm(b), rel=1e-12)


def test_what_is_told_of_a_right_hand_side_of_zero():
    b = np.zeros(3)
    result = conjugate_gradient(lambda v: v, b)
    assert result.residual_norms == (0.0,)
    np.testing.assert_array_equal(result.residual, b)
    assert result.residual is not b
    empty = conjugate_gradient(lambda v: v, np.zeros(0))
    assert (empty.status, empty.x.shape) == ("converged", (0,))


def test_where_a_direction_curves_down_the_last_good_x_is_kept():
    """A = diag(1, 2, -10): the first direction curves up, a later one down."""
    A = np.diag([1.0, 2.0, -10.0])
    b = np.array([1.0, 1.0, 0.1])
    result = conjugate_gradient(lambda v: A @ v, b)
    assert result.status == "non_positive_curvature"
    assert result.iterations >= 1
    assert len(result.residual_norms) == result.iterations + 1
    np.testing.assert_allclose(result.residual, b - A @ result.x, atol=1e-12)


# Distributions


@each_family
def test_the_score_by_autograd_is_the_one_in_closed_form(d, rng):
    eta = rng.standard_normal((6, d.num_outputs))
    actions = d.sample(eta, rng)
    np.testing.assert_allclose(
        Distribution.score(d, eta, actions), d.score(eta, actions), rtol=1e-9
    )


@each_family
def test_discrete_actions_are_whole_numbers(d, rng):
    eta = rng.standard_normal((6, d.num_outputs))
    whole = not isinstance(d, DiagonalGaussian)
    for actions in (d.sample(eta, rng), d.mode(eta), d.quadrature(eta)[0]):
        assert np.issubdtype(actions.dtype, np.integer) == whole
    assert d.mode(eta).shape == d.sample(eta, rng).shape == (6, *d.event_shape)


@each_family
def test_the_mode_is_at_least_as_likely_as_any_action(d, rng):
    eta = rng.standard_normal((40, d.num_outputs))
    best = d.log_prob(eta, d.mode(eta))
    for actions in (*d.quadrature(eta)[0], d.sample(eta, rng)):
        assert (best >= d.log_prob(eta, actions) - 1e-12).all()


@each_family
def test_float32_stays_float32(d, rng):
    eta = rng.standard_normal((6, d.num_outputs)).astype(np.float32)
    actions = d.mode(eta)
    answers = {
        "log_prob": d.log_prob(eta, actions),
        "kl": d.kl(eta, eta),
        "entropy": d.entropy(eta),
        "metric": d.fisher_product(eta, eta),
    }
    for name, answer in answers.items():
        assert answer.dtype == np.float32, name


# Fisher


@each_kind
@pytest.mark.parametrize("route", PRODUCT_ROUTES)
def test_a_product_keeps_the_point_that_it_was_made_at(kind, route, rng):
    policy, theta, obs = random_problem(kind, rng, N=4)
    product, v = fisher_vector_product(policy, theta, obs, route), rng.standard_normal(len(theta))
    before = product(v)
    theta += 1
    obs *= 2
    np.testing.assert_array_equal(product(v), before)


def test_the_route_is_gauss_newton_unless_another_is_named(rng):
    policy, theta, obs = random_problem("Box", rng)
    F = explicit_fisher(policy, theta, obs)
    np.testing.assert_array_equal(F, explicit_fisher(policy, theta, obs, route="gauss_newton"))
    v = rng.standard_normal(len(theta))
    named = fisher_vector_product(policy, theta, obs, route="gauss_newton")(v)
    np.testing.assert_array_equal(fisher_vector_product(policy, theta, obs)(v), named)


@pytest.mark.parametrize(("fraction", "rows"), [(0.5, 10), (0.24, 5), (0.001, 1), (0.99, 20)])
def test_a_subsample_is_of_different_rows_and_of_the_nearest_number(fraction, rows, rng):
    obs = rng.standard_normal((20, 2))
    some = subsampled(obs, fraction, rng)
    assert some.shape == (rows, 2)
    assert len(np.unique(some, axis=0)) == rows
    assert {tuple(row) for row in some} <= {tuple(row) for row in obs}
    assert subsampled(obs, 1, None) is obs
    with pytest.raises(UsageError, match=f"a fraction of {fraction} ") as error:
        subsampled(obs, fraction, None)
    assert is_a_sentence(str(error.value))


# Networks and policies


def test_the_last_layer_starts_small_and_biases_at_zero(rng):
    """Weights of variance 1/n_in, those of the last layer times output_scale."""
    network = MLP((400, 300, 200))
    W, last = network.weights(network.init(rng, output_scale=0.01))
    assert W[:-1].std() * np.sqrt(400) == pytest.approx(1, rel=0.02)
    assert last[:-1].std() * np.sqrt(300) == pytest.approx(0.01, rel=0.02)
    assert not W[-1].any()
    assert not last[-1].any()
    plain = network.weights(network.init(rng))[-1]
    assert plain[:-1].std() * np.sqrt(300) == pytest.approx(1, rel=0.02)


@each_kind
def test_a_fresh_policy_prefers_nothing(kind, rng):
    """Outputs near 0, and those of a Gaussian's log_std at 0."""
    policy, _, obs = random_problem(kind, rng, hidden=(64,), N=50)
    theta = policy.init(rng)
    assert theta.shape == (policy.num_parameters,)
    eta = policy.outputs(theta, obs)
    assert 0 < np.abs(eta).max() < 0.2
    free = policy.distribution.num_free
    assert not eta[:, eta.shape[1] - free :].any()


@each_kind
def test_a_policy_answers_in_the_precision_of_theta(kind, rng):
    policy, theta, obs = random_problem(kind, rng)
    theta, obs = theta.astype(np.float32), obs.astype(np.float32)
    at = policy.linearize(theta, obs)
    u = np.ones_like(at.outputs)
    for answer in (policy.outputs(theta, obs), policy.bind(theta)(obs), at.outputs, at.jvp(theta)):
        assert answer.dtype == np.float32
    assert at.vjp(u).dtype == np.float32


def test_hidden_layers_are_two_of_64_unless_told_otherwise():
    box = spaces.Box(-1, 1, (3,))
    assert make_policy(box, spaces.Discrete(2)).network.sizes == (3, 64, 64, 2)
    assert make_policy(box, spaces.Discrete(2), [5]).network.sizes == (3, 5, 2)
    coins = make_policy(box, spaces.Discrete(2), (5,), Bernoulli(1))
    assert coins.distribution == Bernoulli(1)
    assert coins.network.sizes == (3, 5, 1)


# Batches


@each_kind
def test_rows_of_a_batch_are_a_batch(kind, rng):
    policy, theta, obs = random_problem(kind, rng, N=6)
    batch = random_batch(policy, theta, obs, rng)
    some = batch.rows(np.array([4, 1]))
    assert len(some) == 2
    for name, array in vars(batch).items():
        np.testing.assert_array_equal(getattr(some, name), array[[4, 1]])
    assert some.checked() is some


@pytest.mark.parametrize("name", ["advantages", "log_probs", "actions"])
def test_what_does_not_agree_in_a_batch_is_refused_by_a_sentence(name, rng):
    policy, theta, obs = random_problem("Discrete", rng, N=6)
    batch = random_batch(policy, theta, obs, rng)
    for wrong in (getattr(batch, name)[:5], np.append(getattr(batch, name), 0)):
        with pytest.raises(UsageError, match=r"6 observations") as error:
            replace(batch, **{name: wrong}).checked()
        assert is_a_sentence(str(error.value))
    short = replace(batch, log_probs=batch.log_probs[:5])
    with pytest.raises(UsageError, match=r"but have \(5,\) and \(6,\)\."):
        short.checked()
    with pytest.raises(UsageError, match="empty") as error:
        Batch(obs[:0], [], [], []).checked()
    assert is_a_sentence(str(error.value))


def test_a_step_may_be_called_without_settings(rng):
    policy, theta, obs = random_problem("Discrete", rng, N=50)
    batch = random_batch(policy, theta, obs, rng)
    first, again = (
        update(policy, theta, batch)[0] for update in (TRPO(), TRPO(0.01, 10, 0.1, 10, 0.5))
    )
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("kind", [int, np.float32])
def test_right_hand_sides_of_any_kind_are_solved(kind):
    b = np.array([2, 4]).astype(kind)
    result = conjugate_gradient(lambda v: 2 * v, b)
    np.testing.assert_array_equal(result.x, [1, 2])
    assert result.status == "converged"


def test_a_residual_that_is_just_the_tolerance_will_do():
    """A = diag(1, 3), b = (1, 1): one step leaves (½, -½), half of ‖b‖ to the last digit."""
    A = np.diag([1.0, 3.0])
    result = conjugate_gradient(lambda v: A @ v, np.ones(2), 5, tolerance=0.5)
    assert (result.iterations, result.status) == (1, "converged")
    assert result.residual_norms[1] == 0.5 * result.residual_norms[0]


# What people hand in


def test_rows_of_a_width_that_nobody_knows_are_still_rows():
    x = np.ones((4, 2))
    assert rows(x, None) is rows(x, 2) is x
    for wrong in (np.ones(4), np.ones((4, 2, 1)), np.ones(())):
        with pytest.raises(UsageError, match=r": \(N, D\) is wanted, one for each state") as error:
            rows(wrong, None)
        assert is_a_sentence(str(error.value))


@pytest.mark.parametrize("least", [0, 1, 3])
def test_there_may_be_a_least_number_of_rows(least):
    assert len(rows(np.ones((least, 2)), 2, least=least)) == least
    assert len(rows(np.ones((0, 2)), 2)) == 0  # but for which there need be none
    if least:
        with pytest.raises(
            UsageError, match=f"There are {least - 1} observations: at least {least}"
        ):
            rows(np.ones((least - 1, 2)), 2, least=least)


@pytest.mark.parametrize("shape", [(), (2,), (2, 3)])
def test_what_is_stacked_has_one_for_each_state(shape):
    x = np.ones((5, *shape))
    assert stacked(x, shape, "things") is x
    wanted = ", ".join(["N", *map(str, shape)]) if shape else "N,"
    for wrong in (np.ones((5, *shape, 1)), np.ones(())):
        with pytest.raises(UsageError) as error:
            stacked(wrong, shape, "things")
        said = f"The things have the shape {wrong.shape}: ({wanted}) is wanted, one for each state."
        assert str(error.value) == said


@pytest.mark.parametrize("kind", [bool, np.uint8, int, np.float32, float])
def test_numbers_of_every_kind_are_numbers(kind):
    x = np.ones(3, kind)
    assert numbers(x, "things") is x
    assert numbers(x.tolist(), "things").shape == (3,)


@pytest.mark.parametrize("x", ["a", ["a"], [None], [1j], np.array(["2020-01-01"], "M8[D]")])
def test_other_things_are_no_numbers(x):
    with pytest.raises(
        UsageError, match="The things must be numbers, but are of the type "
    ) as error:
        numbers(x, "things")
    assert is_a_sentence(re.sub("<U1|datetime64.D.", "words", str(error.value)))


def test_a_vector_has_its_length_and_its_name():
    x = np.ones(3)
    assert vector(x, 3) is x
    for name, given in (("theta", ()), ("v", ("v",))):
        with pytest.raises(UsageError, match=rf"^{name} has the shape \(3,\): \(4,\) is wanted"):
            vector(x, 4, *given)
        with pytest.raises(UsageError, match=f"entries of {name} must be numbers"):
            vector(["a"], 1, *given)
