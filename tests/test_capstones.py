"""Notebook 16: the Beta keeps what a distribution keeps, and the hunt finds its bugs."""

import ast
import json
import math
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from autograd import elementwise_grad, hessian
from gymnasium import spaces

from trpo_np import TRPO, Settings, explicit_fisher, fisher_vector_product, make_policy, train
from trpo_np.classroom import notebook_16 as nb
from trpo_np.classroom.bounded import beta as module
from trpo_np.classroom.bounded.beta import Beta, StateGaussian, concentrations
from trpo_np.classroom.bounded.clipping import clipped_kl, gaussian_kl
from trpo_np.classroom.bounded.gamma_functions import digamma, log_gamma, trigamma
from trpo_np.classroom.hunt import program as hunt
from trpo_np.classroom.hunt import tests as hunting
from trpo_np.classroom.hunt.tests import check_my_tests, course_tests
from trpo_np.errors import UsageError

ROOT = Path(__file__).parents[1] / "notebooks"
EULER = 0.5772156649015329
BOX = Beta((-2.0,), (2.0,))
WIDE = Beta((0.0, -1.0), (3.0, 0.5))
each = pytest.mark.parametrize("d", [BOX, WIDE], ids=["1 dimension", "2 dimensions"])


def random_eta(d, rng, N=5):
    return 1.5 * rng.standard_normal((N, d.num_outputs))


# ---- log Γ, ψ and ψ' --------------------------------------------------------------------------


def test_gamma_functions_keep_their_recurrences():
    """(16.3)"""
    x = np.geomspace(1e-2, 1e4, 300)
    size = np.maximum(1, np.abs(log_gamma(x)))
    np.testing.assert_allclose((log_gamma(x + 1) - log_gamma(x) - np.log(x)) / size, 0, atol=1e-12)
    np.testing.assert_allclose(digamma(x + 1) - digamma(x), 1 / x, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(trigamma(x + 1), trigamma(x) - 1 / x**2, rtol=1e-9, atol=1e-12)


def test_gamma_functions_at_closed_forms():
    """At whole numbers and halves, to ten digits: the series (16.4) with the recurrence."""
    n = np.arange(1, 30)
    factorials = [math.log(math.factorial(k - 1)) for k in n]
    harmonic = np.concatenate([[0], np.cumsum(1 / n)])[:-1]
    squares = np.concatenate([[0], np.cumsum(1 / n**2)])[:-1]
    np.testing.assert_allclose(log_gamma(n), factorials, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(digamma(n), harmonic - EULER, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(trigamma(n), np.pi**2 / 6 - squares, rtol=1e-11)
    half = np.array(0.5)
    assert log_gamma(half) == pytest.approx(0.5 * math.log(math.pi), abs=1e-13)
    assert digamma(half) == pytest.approx(-EULER - 2 * math.log(2), abs=1e-12)
    assert trigamma(half) == pytest.approx(np.pi**2 / 2, rel=1e-12)


def test_the_series_errs_by_less_than_the_first_term_left_out():
    """(16.4), for x from 1 to 6, from two terms on."""
    x = np.linspace(1, 6, 11)
    terms = [1 / x, 1 / (2 * x**2), 1 / (6 * x**3), -1 / (30 * x**5), 1 / (42 * x**7)]
    terms += [-1 / (30 * x**9), 5 / (66 * x**11)]
    for n in range(2, len(terms)):
        assert (np.abs(trigamma(x) - sum(terms[:n])) < np.abs(terms[n])).all()


def test_log_gamma_against_the_library_of_c_and_its_derivatives_against_autograd(rng):
    x = rng.uniform(0.05, 400, 500)
    wanted = np.array([math.lgamma(v) for v in x])
    np.testing.assert_allclose(log_gamma(x), wanted, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(elementwise_grad(log_gamma)(x), digamma(x), rtol=1e-10, atol=1e-11)
    np.testing.assert_allclose(elementwise_grad(digamma)(x), trigamma(x), rtol=1e-10)


# ---- The Beta ---------------------------------------------------------------------------------


@each
def test_the_density_is_normalised(d, rng):
    """(16.1), by a rule for the whole box that shares nothing with `quadrature`: Gauss-Legendre in
    t where x = (1 + sin t) / 2."""
    nodes, weights = np.polynomial.legendre.leggauss(120)
    t = np.pi / 2 * nodes
    x, slope = (1 + np.sin(t)) / 2, np.pi / 4 * np.cos(t) * weights
    low, high = d.box
    for eta in random_eta(d, rng):
        one = [Beta((lo,), (hi,)) for lo, hi in zip(low, high, strict=True)]
        for i, part in enumerate(one):
            actions = low[i] + (high[i] - low[i]) * x[:, None]
            column = np.repeat(eta[[i, i + len(low)]][None], len(x), axis=0)
            p = np.exp(part.log_prob(column, actions))
            assert p @ slope * (high[i] - low[i]) == pytest.approx(1, abs=1e-8)
    if len(low) == 2:  # and the joint density is the product
        actions = d.sample(random_eta(d, rng), rng)
        eta = random_eta(d, rng)
        parts = [p.log_prob(eta[:, [i, i + 2]], actions[:, [i]]) for i, p in enumerate(one)]
        np.testing.assert_allclose(d.log_prob(eta, actions), sum(parts))


def test_concentrations_are_above_one_and_the_density_has_one_maximum(rng):
    """(16.2)"""
    eta = np.linspace(-30, 30, 61).reshape(-1, 1) * np.ones((1, 2))
    for c in concentrations(eta):
        assert (c > 1).all()
        assert (np.diff(c[:, 0]) > 0).all()
    a = np.linspace(-1.999, 1.999, 2001)[:, None]
    for eta in random_eta(BOX, rng):
        p = BOX.log_prob(np.repeat(eta[None], len(a), axis=0), a)
        turns = np.flatnonzero(np.diff(np.sign(np.diff(p))))
        assert len(turns) == 1
        assert a[turns[0] + 1, 0] == pytest.approx(BOX.mode(eta[None])[0, 0], abs=0.01)


def test_mean_of_log_x_by_quadrature(rng):
    """(16.5)"""
    eta = random_eta(BOX, rng)
    actions, weights = BOX.quadrature(eta)
    x = (actions[..., 0] + 2) / 4
    alpha, beta = (c[:, 0] for c in concentrations(eta))
    wanted = digamma(alpha) - digamma(alpha + beta)
    np.testing.assert_allclose(np.sum(weights * np.log(x), axis=0), wanted, rtol=1e-11)
    scores = [w[:, None] * BOX.score(eta, a) for a, w in zip(actions, weights, strict=True)]
    np.testing.assert_allclose(np.sum(scores, axis=0), 0, atol=1e-11)


def matrices(d, eta):
    """The metric (N, K, K) at every row of eta."""
    columns = [d.fisher_product(eta, np.tile(e, (len(eta), 1))) for e in np.eye(d.num_outputs)]
    return np.stack(columns, axis=2)


def test_metric_is_the_covariance_of_the_logarithms(rng):
    """(16.6): with the chain rule taken off, by quadrature."""
    eta = random_eta(BOX, rng)
    actions, weights = BOX.quadrature(eta)
    x = (actions[..., 0] + 2) / 4
    logs = np.stack([np.log(x), np.log(1 - x)], axis=-1)
    centred = logs - np.sum(weights[..., None] * logs, axis=0)
    wanted = np.einsum("qn,qni,qnj->nij", weights, centred, centred)
    D = 1 / (1 + np.exp(-eta))
    np.testing.assert_allclose(
        matrices(BOX, eta) / (D[:, :, None] * D[:, None, :]), wanted, rtol=1e-9
    )


@each
def test_metric_by_the_chain_rule_and_by_finite_differences(d, rng):
    """(16.7): the Hessian of the KL in η by autograd, and central differences of the KL."""
    eta = random_eta(d, rng, 3)
    for row, M in zip(eta, matrices(d, eta), strict=True):
        kl = lambda x, row=row: d.kl(row[None], x[None])[0]  # noqa: E731
        np.testing.assert_allclose(hessian(kl)(row), M, rtol=1e-8, atol=1e-10)
        u, h = rng.standard_normal(len(row)), 1e-3
        assert (kl(row + h * u) + kl(row - h * u)) / h**2 == pytest.approx(u @ M @ u, rel=1e-4)
        assert (np.linalg.eigvalsh(M) > 0).all()


@each
def test_kl_is_zero_at_itself_positive_elsewhere_and_that_of_the_draws(d, rng):
    p, q = random_eta(d, rng, 200), random_eta(d, rng, 200)
    np.testing.assert_array_equal(d.kl(p, p), 0)
    assert (d.kl(p, q) > 0).all()
    many = np.repeat(p[:1], 100_000, axis=0)
    actions = d.sample(many, rng)
    gap = d.log_prob(many, actions) - d.log_prob(np.repeat(q[:1], len(many), axis=0), actions)
    assert gap.mean() == pytest.approx(d.kl(p, q)[0], abs=4 * gap.std() / np.sqrt(len(gap)))
    own = -d.log_prob(many, actions)
    assert own.mean() == pytest.approx(d.entropy(p)[0], abs=4 * own.std() / np.sqrt(len(own)))


@each
def test_draws_have_the_moments_of_a_beta_and_stay_off_the_ends(d, rng):
    eta = random_eta(d, rng, 1)
    low, high = d.box
    x = (d.sample(np.repeat(eta, 100_000, axis=0), rng) - low) / (high - low)
    alpha, beta = (c[0] for c in concentrations(eta))
    mean = alpha / (alpha + beta)
    variance = mean * (1 - mean) / (alpha + beta + 1)
    error = np.sqrt(variance / len(x))
    assert (np.abs(x.mean(axis=0) - mean) < 4 * error).all()
    spread = (x - mean) ** 2
    error = spread.std(axis=0) / np.sqrt(len(x))
    assert (np.abs(spread.mean(axis=0) - variance) < 4 * error).all()
    for extreme in ([0.0, 1e9], [1e9, 0.0]):
        drawn = BOX.sample(np.repeat([extreme], 100, axis=0), rng).astype(np.float32)
        assert ((drawn > -2) & (drawn < 2)).all()
        assert np.isfinite(BOX.log_prob(np.repeat([extreme], 100, axis=0), drawn)).all()


def test_quadrature_is_exact_for_products_of_scores(rng):
    eta = random_eta(BOX, rng, 2)
    actions, weights = BOX.quadrature(eta)
    np.testing.assert_allclose(weights.sum(axis=0), 1, rtol=1e-11)
    scores = np.stack([BOX.score(eta, a) for a in actions])
    M = np.einsum("qn,qni,qnj->nij", weights, scores, scores)
    np.testing.assert_allclose(M, matrices(BOX, eta), rtol=1e-9, atol=1e-12)


@each
def test_the_score_is_the_gradient_of_log_prob(d, rng):
    eta = random_eta(d, rng)
    drawn = d.sample(eta, rng)
    by_autograd = super(Beta, d).score(eta, drawn)
    np.testing.assert_allclose(d.score(eta, drawn), by_autograd, rtol=1e-9, atol=1e-11)


def test_in_a_policy_the_two_products_agree_with_the_explicit_matrix(rng):
    box = spaces.Box(-2, 2, (1,))
    policy = make_policy(spaces.Box(-9, 9, (3,)), box, (5,), Beta.of(box))
    theta = policy.init(rng) + 0.3 * rng.standard_normal(policy.num_parameters)
    obs, v = rng.standard_normal((6, 3)), rng.standard_normal(policy.num_parameters)
    F = explicit_fisher(policy, theta, obs)
    for route in ("gauss_newton", "double_backprop"):
        got = fisher_vector_product(policy, theta, obs, route=route)(v)
        np.testing.assert_allclose(got, F @ v, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(explicit_fisher(policy, theta, obs, route="scores"), F, atol=1e-10)


@pytest.mark.parametrize(
    "space", [spaces.Box(-np.inf, np.inf, (2,)), spaces.Discrete(3)], ids=["no bounds", "Discrete"]
)
def test_a_space_without_bounds_is_refused(space):
    with pytest.raises(UsageError, match="finite bounds"):
        Beta.of(space)


def test_it_trains_and_no_action_is_ever_outside(rng):
    result = train(
        "Pendulum-v1", TRPO(), 3000, 0, Settings(hidden=(8,)), make_policy=nb.beta_policy
    )
    drawn = nb.drawn_actions(result, steps=8)
    assert (np.abs(drawn) < 2).all()
    assert all(row.kl <= 0.01 for row in result.history)


def test_the_gaussian_of_the_state_is_a_gaussian_with_nothing_free(rng):
    policy = nb.state_gaussian_policy(spaces.Box(-1, 1, (3,)), spaces.Box(-2, 2, (2,)), (4,))
    assert policy.num_parameters == policy.network.num_parameters
    theta = policy.init(rng) + 0.5 * rng.standard_normal(policy.num_parameters)
    widths = policy.outputs(theta, rng.standard_normal((6, 3)))[:, 2:]
    assert widths.std(axis=0).min() > 0
    assert isinstance(policy.distribution, StateGaussian)


# ---- Clipping ---------------------------------------------------------------------------------


def test_the_mean_of_a_clipped_gaussian_by_quadrature():
    """Exercise 16.1: min(max(a, -2), 2) for a ~ N(2, 1), over a fine grid."""
    a = np.linspace(-8, 12, 400_001)
    p = np.exp(-0.5 * (a - 2) ** 2) / np.sqrt(2 * np.pi)
    executed = np.sum(np.clip(a, -2, 2) * p) * (a[1] - a[0])
    assert executed == pytest.approx(nb.check_executed_mean.reference(), abs=1e-4)


@pytest.mark.parametrize("mean", [0.0, 1.9, 3.0])
def test_the_kl_after_clipping_is_never_larger_and_by_monte_carlo(mean, rng):
    arguments = (mean, 0.5, mean + 0.2, 0.6)
    executed = clipped_kl(*arguments, -2.0, 2.0)
    assert 0 < executed <= gaussian_kl(*arguments) + 1e-9
    assert clipped_kl(*arguments, -9.0, 9.0) == pytest.approx(gaussian_kl(*arguments))
    a = np.clip(mean + 0.5 * rng.standard_normal(400_000), -2, 2)

    def log_density(m, s):
        tails = [0.5 * math.erfc(z / s / math.sqrt(2)) for z in (m + 2, 2 - m)]
        inside = -0.5 * ((a - m) / s) ** 2 - np.log(s * np.sqrt(2 * np.pi))
        return np.where(a <= -2, np.log(tails[0]), np.where(a >= 2, np.log(tails[1]), inside))

    gap = log_density(mean, 0.5) - log_density(mean + 0.2, 0.6)
    assert gap.mean() == pytest.approx(executed, abs=4 * gap.std() / np.sqrt(len(gap)))


# ---- The table of properties ------------------------------------------------------------------


def test_the_properties_are_kept_by_the_beta_and_each_relative_breaks_one():
    assert all(p.kept for p in nb.properties(BOX))
    for what, wrong in nb.broken(Beta).items():
        kept = {p.name: p.kept for p in nb.properties(wrong((-2.0,), (2.0,)))}
        assert not all(kept.values()), what
        if what == "KL(new ‖ old)":
            assert [name for name, good in kept.items() if not good] == [
                "mean of log p - log q - KL, in s.e."
            ]


def test_nan_keeps_no_property():
    class Nan(Beta):
        def kl(self, eta, eta_new):
            return np.nan * super().kl(eta, eta_new)

    assert sum(not p.kept for p in nb.properties(Nan((-2.0,), (2.0,)))) >= 3


# ---- The hunt ---------------------------------------------------------------------------------


def functions(text):
    """name -> the function as text, without docstring and comments."""
    tree = ast.parse(text)
    return {n.name: ast.unparse(n) for n in tree.body if isinstance(n, ast.FunctionDef)}


def test_the_notebook_shows_the_program_that_is_planted():
    source = functions((ROOT / "src" / "16_capstones.py").read_text("utf-8"))
    planted = functions(Path(hunt.__file__).read_text("utf-8"))
    for piece in vars(hunt.AUTHORS):
        assert source[piece] == planted[piece], piece


def test_each_test_of_the_course_finds_its_bug_and_no_other():
    """(16.8), (16.9) and (16.10): 0 for the two right programs, and one finding for each bug."""
    for program in (hunt.RIGHT, hunt.OTHER):
        assert max(course_tests(program).values()) < 1e-12
    for k, planted in enumerate(hunt.PLANTED.values()):
        numbers = list(course_tests(planted).values())
        assert [x > 1e-3 for x in numbers] == [j == k for j in range(3)]
    assert min(course_tests(hunt.AUTHORS).values()) > 1e-3


def test_the_two_right_programs_agree_and_the_other_pieces_of_the_author_are_right(rng):
    T, E = 12, 3
    rewards, V, V_next = rng.standard_normal((3, T, E))
    terminated = rng.random((T, E)) < 0.2
    ended = terminated | (rng.random((T, E)) < 0.2)
    arguments = rewards, V, V_next, terminated, ended, 0.9, 0.7
    np.testing.assert_allclose(hunt.RIGHT.advantages(*arguments), hunt.OTHER.advantages(*arguments))
    A = 3 + 5 * rng.standard_normal(40)
    np.testing.assert_allclose(hunt.RIGHT.standardise(A), hunt.OTHER.standardise(A), atol=1e-6)
    B = rng.standard_normal((5, 5))
    B, b = B @ B.T + np.eye(5), rng.standard_normal(5)
    for program in (hunt.AUTHORS, hunt.OTHER):
        np.testing.assert_allclose(B @ program.solve(lambda v: B @ v, b, 5), b, atol=1e-9)
        assert program.length(0.02, 1.0) == pytest.approx(0.2)
        assert program.length(0.02, -1.0) == 0
        assert not program.solve(lambda v: B @ v, 0 * b, 5).any()


@pytest.mark.parametrize("left", [c for n in (1, 2) for c in combinations(hunt.WRONG, n)])
def test_what_is_still_at_large_is_named_by_its_piece_alone(left):
    names = dict(zip(hunt.WRONG, course_tests(hunt.RIGHT), strict=True))

    def student(program):
        found = course_tests(program)
        return {names[piece]: found[names[piece]] for piece in hunt.WRONG if piece not in left}

    first, *table = check_my_tests.verdict(student).splitlines()
    assert [piece for piece in vars(hunt.RIGHT) if f"`{piece}`" in first] == list(left)
    assert len(table) == 1 + 3 - len(left)
    assert not any(word in first for word in ("size", "end", "> 0", "mean", "constant"))


def test_each_of_a_students_tests_is_told_what_it_finds():
    def student(program):
        theirs = hunt.AUTHORS.product(lambda v: np.ones((2, 3)), lambda u: u, np.sum, 1.0)
        mine = program.product(lambda v: np.ones((2, 3)), lambda u: u, np.sum, 1.0)
        return {"golden": mine - theirs, "kind": program.length(0.02, 1.0) - 0.2}

    says = check_my_tests.verdict(student).splitlines()
    assert says[0] == hunting.FAULTS
    assert [line.split("   ")[-1].strip() for line in says[1:]] == [
        "finds",
        "fault with a right program",
        "nothing",
    ]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"a": np.zeros(3)}, "your test “a” gives an array of shape (3,)"),
        ({"a": "0"}, "your test “a” gives str"),
        (np.zeros((2, 2)), "an array of shape (2, 2)"),
        ("none", "your tests give str"),
    ],
)
def test_what_is_no_number_is_said(answer, says):
    assert says in check_my_tests.verdict(lambda program: answer)


def test_a_test_that_gives_a_number_for_some_programs_only_finds_fault():
    def student(program):
        numbers = course_tests(program)
        return numbers if program == hunt.RIGHT else dict(list(numbers.items())[:2])

    assert check_my_tests.verdict(student).startswith(hunting.FAULTS)


def test_a_crash_is_told_and_a_blank_is_a_blank():
    assert "ZeroDivisionError" in check_my_tests.verdict(lambda program: {"a": 1 / 0})
    assert check_my_tests.verdict(lambda program: {"a": ...}) == "not attempted yet"


def test_the_search_for_a_positive_surrogate_trains_as_the_right_one_does():
    """L is 0 at the old parameters where the advantages are standardised: the same run."""
    planted = replace(hunt.RIGHT, search=hunt.AUTHORS.search)
    curves = [nb.learning_curve(p, "CartPole-v1", 4, 0) for p in (hunt.RIGHT, planted)]
    np.testing.assert_array_equal(*curves)


# ---- What was measured ------------------------------------------------------------------------


def test_the_measurements_are_whole():
    returns = json.loads((ROOT / "measurements" / "beta_returns.json").read_text("utf-8"))
    seeds = {}
    for row in returns:
        seeds.setdefault((row["damping"], row["policy"]), []).append(row["seed"])
    assert len(seeds) == 6
    for damping in (0.1, 0.01):
        of_each = [s for (other, _), s in seeds.items() if other == damping]
        assert of_each == [list(range(len(of_each[0])))] * 3
    assert all(row["outside"] == 0 for row in returns if row["policy"] == "Beta")
    bugs = json.loads((ROOT / "measurements" / "three_bugs.json").read_text("utf-8"))
    assert {row["program"] for row in bugs} == {"right", *hunt.WRONG, "all three"}


def test_the_module_of_the_notebook_has_its_own_limits():
    assert module.EDGE == nb.EDGE == 1e-6
