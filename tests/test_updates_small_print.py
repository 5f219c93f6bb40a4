"""What updates promise beside their steps: what they report where there is none, what they cost,
and that numbers too large for a float are no reason to warn."""

from dataclasses import dataclass, field, replace

import autograd.numpy as anp
import numpy as np
import pytest
from problems import ACTION_SPACES, random_batch, random_problem
from sentences import is_a_sentence

from trpo_np import (
    MLP,
    PPO,
    TRPO,
    NaturalGradient,
    PolicyGradient,
    bounds,
    conjugate_gradient,
    explicit_fisher,
    fisher_vector_product,
    tabular,
    trpo_step,
)
from trpo_np.errors import UsageError
from trpo_np.fast import fast_network
from trpo_np.fast import mlp as fast_mlp
from trpo_np.fast.local_problem import LocalProblem
from trpo_np.line_search import backtracking_line_search
from trpo_np.mlp import Network
from trpo_np.objectives import policy_gradient
from trpo_np.updates import ALGORITHMS
from trpo_np.updates.direction import direction
from trpo_np.updates.ppo import Adam
from trpo_np.updates.reports import StepReport, array_of, column, columns, no_direction
from trpo_np.updates.trpo_report import longest_step

each_update = pytest.mark.parametrize("update", ALGORITHMS.values(), ids=ALGORITHMS)


@pytest.fixture
def problem(rng):
    policy, theta, obs = random_problem("Box", rng, N=60, hidden=(4,), D=3)
    return policy, theta, random_batch(policy, theta, obs, rng)


# Where there is no step


@each_update
def test_ratios_too_large_for_a_float_are_not_finite_and_nothing_to_warn_of(update, problem, rng):
    """exp overflows, and infinity times an advantage of 0 is none; warnings are errors here."""
    policy, theta, batch = problem
    advantages = np.where(np.arange(60) < 30, 0, batch.advantages)
    huge = replace(batch, advantages=advantages, log_probs=batch.log_probs - 2000)
    new, report = update()(policy, theta, huge, rng)
    assert new is theta
    assert (report.status, report.accepted) == ("non_finite", False)


@pytest.mark.parametrize("update", [TRPO(), NaturalGradient(), PolicyGradient()])
def test_without_a_gradient_there_is_no_step_and_nothing_else_to_report(update, problem):
    policy, theta, batch = problem
    new, report = update(policy, theta, replace(batch, advantages=np.zeros(60)))
    assert new is theta
    numbers = {name: x for name, x in vars(report).items() if name != "status"}
    assert report.status == "zero_gradient"
    assert not any(numbers.values())


@pytest.mark.parametrize("update", [TRPO, NaturalGradient])
def test_the_gradient_is_reported_also_where_it_leads_nowhere(update, problem):
    policy, theta, batch = problem
    _, report = update(solve=lambda matvec, b, n: 0 * b)(policy, theta, batch)
    norm = np.linalg.norm(policy_gradient(policy, theta, batch))
    assert report.status == "non_positive_curvature"
    assert report.gradient_norm == pytest.approx(norm)
    assert getattr(report, "backtracks", 0) == 0


def test_a_search_that_finds_nothing_has_shortened_as_often_as_it_may(problem, monkeypatch):
    policy, theta, batch = problem
    monkeypatch.setattr(LocalProblem, "KL", lambda self, x: 1.0)
    _, report = trpo_step(policy, theta, batch, TRPO(line_search_steps=3))
    assert (report.status, report.backtracks) == ("no_acceptable_step", 3)


def test_ppo_that_went_nowhere_carries_on_the_moments_that_it_had(problem, rng):
    policy, theta, batch = problem
    state = Adam(np.zeros_like(theta), np.ones_like(theta), 5)
    broken = replace(batch, advantages=batch.advantages * np.nan)
    new, report = PPO(epochs=1)(policy, theta, broken, rng, state=state)
    assert new is theta
    assert report.state is state


@pytest.mark.parametrize(
    ("g", "curvature", "why"),
    [
        ([1.0, 0], 1.0, None),
        ([1.0, 0], 0.0, "non_positive_curvature"),
        ([1.0, 0], -1e-300, "non_positive_curvature"),
        ([0.0, 0], 0.0, "zero_gradient"),
        ([np.nan, 0], 1.0, "non_finite"),
        ([1.0, 0], np.inf, "non_finite"),
        ([0.0, 0], np.nan, "non_finite"),
    ],
)
def test_why_there_is_no_direction(g, curvature, why):
    assert no_direction(np.array(g), curvature) == why


@pytest.mark.parametrize("sFs", [0.0, -1.0, np.inf, np.nan])
def test_where_a_direction_leads_nowhere_no_step_has_a_length(sFs):
    assert np.isnan(longest_step(0.01, sFs))
    assert longest_step(0.01, 0.5) == pytest.approx(0.2)


def test_from_the_rounding_on_there_may_be_a_step(problem):
    """A search that finds none: for the δ to which rounding comes it is said to be its own fault,
    for the next smaller one the rounding's."""
    policy, theta, batch = problem
    least = LocalProblem(policy, theta, batch).smallest_kl
    lazy = lambda L, KL, theta, *rest: theta  # noqa: E731
    for delta, why in ((least, "no_acceptable_step"), (np.nextafter(least, 0), "below_rounding")):
        assert TRPO(delta=delta, search=lazy)(policy, theta, batch)[1].status == why


def test_a_step_that_is_not_finite_is_not_tried():
    def never(x):
        assert np.isfinite(x).all()
        return 0.0

    x = np.zeros(2)
    for bad in (np.nan, np.inf):
        result = backtracking_line_search(never, never, x, np.array([1.0, bad]), 1.0)
        assert result.x is x


# What a step costs, and what it reports


@pytest.mark.parametrize("n", [1, 4])
def test_the_direction_takes_one_product_an_iteration_and_one_more_for_parts_that_give_s_alone(
    n, problem
):
    policy, theta, batch = problem
    F, g = LocalProblem(policy, theta, batch).F, policy_gradient(policy, theta, batch)
    products = []

    def counted(v):
        products.append(v)
        return F(v)

    s, Fs = direction(counted, g, conjugate_gradient, n, 0.1)
    assert len(products) == n
    np.testing.assert_allclose(Fs, F(s), rtol=1e-9, atol=1e-12)
    alone, F_alone = direction(counted, g, lambda *a: conjugate_gradient(*a).x, n, 0.1)
    assert len(products) == 2 * n + 1
    np.testing.assert_array_equal(alone, s)
    np.testing.assert_allclose(F_alone, Fs, rtol=1e-9, atol=1e-12)


def test_the_residual_is_that_of_the_damped_system(problem):
    policy, theta, batch = problem
    g = policy_gradient(policy, theta, batch)
    A = explicit_fisher(policy, theta, batch.observations) + 0.3 * np.eye(len(theta))
    for n in (1, 3):
        _, report = trpo_step(policy, theta, batch, TRPO(cg_iterations=n, cg_damping=0.3))
        s = conjugate_gradient(lambda v: A @ v, g, n).x
        left = np.linalg.norm(g - A @ s) / np.linalg.norm(g)
        assert report.cg_residual == pytest.approx(left, rel=1e-6)
        assert left > 1e-3


@pytest.mark.parametrize(("factor", "backtracks"), [(1, 0), (0.5, 1), (0.125, 3), (3, 0)])
def test_a_search_of_ones_own_is_told_by_how_far_it_went(factor, backtracks, problem):
    policy, theta, batch = problem
    search = lambda L, KL, theta, full_step, *rest: theta + factor * full_step  # noqa: E731
    _, report = TRPO(delta=1e-4, search=search)(policy, theta, batch)
    assert (report.status, report.backtracks) == ("accepted", backtracks)


def test_a_search_that_says_how_often_it_shortened_is_believed(problem):
    policy, theta, batch = problem

    @dataclass
    class Found:
        x: np.ndarray
        backtracks: int = 7

    search = lambda L, KL, theta, full_step, *rest: Found(theta + 0.25 * full_step)  # noqa: E731
    _, report = TRPO(delta=1e-4, search=search)(policy, theta, batch)
    assert (report.status, report.backtracks) == ("accepted", 7)


def test_a_search_may_not_write_to_theta(problem):
    policy, theta, batch = problem

    def writes(L, KL, theta, full_step, *rest):
        theta += full_step
        return theta

    with pytest.raises(ValueError, match="read-only"):
        TRPO(search=writes)(policy, theta, batch)
    assert theta.flags.writeable


@pytest.mark.parametrize("update", [TRPO, NaturalGradient])
def test_a_fraction_of_the_states_is_drawn_by_the_generator(update, problem):
    policy, theta, batch = problem
    some = update(fisher_fraction=0.2)
    first, again = (some(policy, theta, batch, np.random.default_rng(1))[0] for _ in "ab")
    np.testing.assert_array_equal(first, again)
    assert (first != update()(policy, theta, batch)[0]).any()
    with pytest.raises(UsageError, match="pass a generator"):
        some(policy, theta, batch)


# Reports


@dataclass(frozen=True)
class Mixed:
    """All kinds of entries."""

    whole: object = field(default_factory=lambda: np.int64(3))
    real: object = field(default_factory=lambda: np.float32(0.5))
    yes: object = field(default_factory=lambda: np.bool_(True))
    word: str = "fine"
    none: object = None
    array: object = field(default_factory=lambda: np.zeros(2))


def test_columns_are_the_numbers_and_words_of_a_report_as_pythons_own():
    found = columns(Mixed())
    assert found == {"whole": 3, "real": 0.5, "yes": True, "word": "fine"}
    assert [type(x) for x in found.values()] == [int, float, bool, str]


def test_a_column_has_its_default_and_may_have_a_title():
    named, plain = column(3, "KL", ".4f"), column("fine")
    assert (named.default, plain.default) == (3, "fine")
    assert named.metadata == {"title": "KL", "form": ".4f"}
    assert plain.metadata == {"title": "", "form": ""}


@pytest.mark.parametrize("report", [None, 1.0, {"kl": 1}])
def test_what_is_no_report_is_told(report):
    with pytest.raises(UsageError, match="must be a dataclass, but is") as error:
        columns(report)
    assert is_a_sentence(str(error.value))


def test_a_report_was_accepted_unless_it_says_otherwise():
    assert StepReport().accepted
    assert not StepReport("non_finite").accepted
    numbers = {name: x for name, x in columns(StepReport()).items() if name != "status"}
    assert numbers == {"kl": 0, "improvement": 0, "gradient_norm": 0}


def test_a_part_gives_an_array_or_a_result_that_holds_it():
    like, given = np.zeros(3), np.arange(3)
    assert array_of(given, like) is given
    assert array_of(conjugate_gradient(lambda v: v, np.ones(3)), like).shape == (3,)
    np.testing.assert_array_equal(array_of([0, 1, 2], like), given)
    wrong = {
        "gave nothing:": None,
        r"gave float64 of the shape \(2,\): an array of numbers \(3,\)": np.ones(2),
        "gave complex128 of": np.ones(3, complex),
        "gave bool of": np.ones(3, bool),
        "gave <U1|gave str": np.array(list("abc")),
    }
    for words, answer in wrong.items():
        with pytest.raises(UsageError, match=words) as error:
            array_of(answer, like)
        assert is_a_sentence(str(error.value).replace("<U1", "words"))


# The fast room


def test_what_is_kept_between_products_is_kept_up_to_a_size_and_computed_anew_beyond(
    rng, monkeypatch
):
    network = fast_network(MLP((3, 5, 2)))
    theta, x = rng.standard_normal(network.num_parameters), rng.standard_normal((7, 3))
    passes, activations = [], fast_mlp._activations
    monkeypatch.setattr(fast_mlp, "_activations", lambda *a: passes.append(a) or activations(*a))
    monkeypatch.setattr(fast_mlp, "CHUNK_ROWS", 4)  # 7 rows are two chunks
    size = 7 * ((3 + 1) + (5 + 1)) * 8  # [h, 1] of both layers in bytes
    for kept, of_products in ((size, 0), (size - 1, 2 * 2)):
        passes.clear()
        monkeypatch.setattr(fast_mlp, "KEPT_BYTES", kept)
        at = network.linearize(theta, x)
        assert len(passes) == 2
        at.jvp(theta), at.vjp(at.outputs)
        assert len(passes) == 2 + of_products


@pytest.mark.parametrize("N", [0, 1, 3, 4, 5, 9])
@pytest.mark.parametrize("most", [1, 2])
def test_chunks_have_every_row_once_and_are_not_empty_where_there_are_rows(N, most, monkeypatch):
    monkeypatch.setattr(fast_mlp, "CHUNK_ROWS", most)
    chunks = [range(N)[rows] for rows in fast_mlp.row_chunks(N)]
    assert [n for chunk in chunks for n in chunk] == list(range(N))
    assert len(chunks) == max(1, -(-N // most))


def test_no_rows_have_no_outputs(rng):
    network = fast_network(MLP((3, 5, 2)))
    theta = rng.standard_normal(network.num_parameters)
    assert network.bind(theta)(np.zeros((0, 3))).shape == (0, 2)
    assert network.linearize(theta, np.zeros((0, 3))).outputs.shape == (0, 2)


@pytest.mark.parametrize("kind", [int, np.float32, np.float64])
def test_the_precision_is_that_of_theta_and_not_of_the_observations(kind, rng):
    network = fast_network(MLP((3, 2)))
    theta = (4 * rng.standard_normal(network.num_parameters)).astype(kind)
    x = rng.standard_normal((5, 3))
    at = network.linearize(theta, x)
    wanted = np.float32 if kind is np.float32 else np.float64
    for outputs in (network.bind(theta)(x), at.outputs):
        assert outputs.dtype == wanted
        np.testing.assert_allclose(outputs, MLP((3, 2)).apply(theta, x), rtol=1e-5, atol=1e-5)


class Squares(Network):
    """Only what a network has to have."""

    num_parameters = 2

    def init(self, rng, output_scale=1.0):
        return output_scale * rng.standard_normal(2)

    def apply(self, theta, x):
        return anp.stack([anp.sum(x * theta, axis=1), anp.sum(x * theta**2, axis=1)], axis=1)


def test_a_linearization_by_autograd_has_the_outputs_and_keeps_its_point(rng):
    network = Squares()
    theta, v, x = network.init(rng), rng.standard_normal(2), rng.standard_normal((4, 2))
    at, expected, kept = network.linearize(theta, x), network.apply(theta, x), theta.copy()
    Jv = at.jvp(v)
    np.testing.assert_array_equal(at.outputs, expected)
    np.testing.assert_allclose(Jv, np.stack([x @ v, x @ (2 * kept * v)], axis=1))
    theta += 1
    x *= 3
    np.testing.assert_array_equal(at.jvp(v), Jv)
    np.testing.assert_array_equal(at.outputs, expected)


def test_widths_may_be_numpys_integers():
    assert MLP((np.int64(3), np.int32(2))).num_parameters == 8


@pytest.mark.parametrize("kind", ACTION_SPACES)
def test_products_are_means_over_the_states(kind, rng):
    policy, theta, obs = random_problem(kind, rng, N=6)
    v = rng.standard_normal(len(theta))
    alone = [fisher_vector_product(policy, theta, obs[i : i + 1])(v) for i in range(6)]
    np.testing.assert_allclose(
        fisher_vector_product(policy, theta, obs)(v), np.mean(alone, axis=0), rtol=1e-9, atol=1e-12
    )


# Bounds with a tail


@pytest.mark.parametrize("gamma", [0.5, 0.9])
def test_what_a_bound_cuts_off_it_counts_in_full(gamma, rng):
    """A shorter sum is a larger bound, and not much larger."""
    mdp = tabular.random_mdp(rng, S=4, A=3, gamma=gamma, shape=(50,))
    old, new = (tabular.softmax_policy(rng.standard_normal((50, 4, 3))) for _ in "ab")
    for bound in (bounds.path_gap_bound, bounds.future_gap_bound):
        exact = bound(mdp, old, new, tail=1e-14)
        np.testing.assert_allclose(bound(mdp, old, new), exact, rtol=1e-7)
        for tail in (1e-3, 0.3, 1.0):
            short = bound(mdp, old, new, tail=tail)
            assert (short >= exact * (1 - 1e-12)).all()
            assert (short > exact).any()
            moved = (
                2
                * tail
                / (1 - gamma)
                * (
                    np.abs(tabular.gains(mdp, old, new)).max(axis=-1)
                    if bound is bounds.path_gap_bound
                    else 2
                    * gamma
                    / (1 - gamma)
                    * tabular.old_mean(mdp, old, tabular.state_total_variation(old, new))
                    * bounds.half_span(mdp.rewards.reshape(50, -1))
                )
            )
            assert (short <= exact + moved * (1 + 1e-9)).all()


@pytest.mark.parametrize("gamma", [0.5, 0.9])
@pytest.mark.parametrize("bound", [bounds.path_gap_bound, bounds.future_gap_bound])
def test_where_all_that_is_cut_off_counts_in_full_anyhow_the_bound_is_the_same(bound, gamma, rng):
    """Policies so far apart that from the third step on the divergence is as large as it can be."""
    mdp = tabular.random_mdp(rng, S=3, A=2, gamma=gamma)
    old, new = np.full((3, 2), [0.95, 0.05]), np.full((3, 2), [0.05, 0.95])
    short = bound(mdp, old, new, tail=1.0)
    assert short == pytest.approx(bound(mdp, old, new, tail=1e-14), rel=1e-9)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 0.9])
def test_the_rest_of_the_marginal_constant_is_bounded_from_above(gamma, rng):
    mdp = tabular.random_mdp(rng, S=3, A=2, gamma=gamma)
    old = tabular.softmax_policy(rng.standard_normal((3, 2)))
    epsilon = np.abs(tabular.advantages(mdp, old)).max()
    t = np.arange(3000)
    exact = 2 * epsilon * np.sum(gamma**t * np.sqrt(t))
    assert bounds.marginal_constant(mdp, old) == pytest.approx(exact, rel=1e-9)
    for terms in (1, 2, 5, 20):
        short = bounds.marginal_constant(mdp, old, terms)
        rest = gamma**terms * (np.sqrt(terms) / (1 - gamma) + (1 - gamma) ** -1.5)
        assert exact * (1 - 1e-12) <= short <= exact + 2 * epsilon * rest + 1e-12


def test_where_nothing_follows_nothing_is_lost(rng):
    """γ = 0: J and L are one, and every bound on their gap is 0 or more."""
    mdp = tabular.random_mdp(rng, S=3, A=2, gamma=0.0)
    old, new = (tabular.softmax_policy(rng.standard_normal((3, 2))) for _ in "ab")
    assert tabular.surrogate_gap(mdp, old, new) == pytest.approx(0, abs=1e-15)
    assert bounds.path_gap_bound(mdp, old, new) == pytest.approx(0, abs=1e-12)
    assert bounds.future_gap_bound(mdp, old, new) == 0
    assert bounds.memory(mdp, new) == pytest.approx(1)


def test_states_that_the_old_policy_never_sees_do_not_count():
    """f may be infinite there."""
    P = np.zeros((2, 1, 2))
    P[:, 0, 0] = 1
    mdp = tabular.FiniteMDP(P, np.zeros((2, 1)), np.array([1.0, 0.0]), 0.9)
    pi, f = np.ones((2, 1)), np.tile([2.0, np.inf], (50, 1))
    np.full(f.shape, np.nan)  # what the memory held before does not matter either
    np.testing.assert_allclose(tabular.old_mean(mdp, pi, f), np.full(50, 2))


# The local problem


def test_one_linearization_serves_all_that_an_update_asks(problem, rng):
    """And a second one, over some states, where the products are to see fewer."""
    policy, theta, batch = problem
    passes = []

    class Counting(MLP):
        def linearize(self, theta, x):
            passes.append(len(x))
            return super().linearize(theta, x)

    counting = replace(policy, network=Counting(policy.network.sizes))
    for update, states in ((TRPO(), []), (TRPO(fisher_fraction=0.5), [30])):
        passes.clear()
        report = update(counting, theta, batch, rng)[1]
        assert report.accepted
        rounding = [60] * (2 + report.backtracks)  # at theta and the candidates: of a few states
        assert sorted(passes) == sorted([60, *states, *rounding])


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_a_local_problem_is_0_at_theta_and_answers_in_its_precision(precision, problem):
    policy, theta, batch = problem
    theta = theta.astype(precision)
    local = LocalProblem(policy, theta, batch)
    assert (local.L(theta), local.KL(theta)) == (0.0, 0.0)  # before anything else was asked
    assert local.gradient().dtype == local.F(theta).dtype == precision
    assert isinstance(local.policy.network, fast_mlp.FastMLP)
    for wrong in ((1, 2), None):
        with pytest.raises(UsageError, match=f"but is of {type(wrong)}"):
            LocalProblem(policy, theta, wrong)
