import numpy as np
import pytest

from trpo_np import backtracking_line_search
from trpo_np.line_search import maximum_step


def search(L=lambda x: x[0], KL=lambda x: x[0] ** 2, **options):
    x, step = np.zeros(1), np.ones(1)
    return x, backtracking_line_search(L, KL, x, step, **{"delta": 1.0, **options})


def test_the_full_step_is_taken_where_it_satisfies_both():
    _, result = search()
    assert (result.accepted, result.backtracks, result.x[0]) == (True, 0, 1.0)
    assert (result.improvement, result.kl) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("constraint_holds", "objective_improves", "accepted"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, False)],
)
def test_truth_table(constraint_holds, objective_improves, accepted):
    x, result = search(
        L=lambda x: x[0] if objective_improves else -x[0],
        KL=lambda x: 0.0 if constraint_holds else 2.0,
    )
    assert result.accepted == accepted
    assert (result.x is x) == (not accepted)


def test_the_constraint_alone_shortens_the_step():
    _, result = search(KL=lambda x: 30 * x[0] ** 2)  # holds from 1/8 on
    assert (result.backtracks, result.x[0]) == (3, 1 / 8)


def test_the_objective_alone_shortens_the_step():
    _, result = search(L=lambda x: x[0] - 3 * x[0] ** 2)  # improves below 1/3
    assert (result.backtracks, result.x[0]) == (2, 1 / 4)


def test_steps_shrink_towards_the_start_and_do_not_add_up():
    tried = []
    search(L=lambda x: tried.append(x[0]) or 0.0, backtracks=3, beta=0.1)
    np.testing.assert_allclose(tried, [0, 1, 0.1, 0.01, 0.001])


def test_an_equal_objective_is_no_improvement():
    assert not search(L=lambda x: 0.0)[1].accepted


def test_without_a_constraint_the_objective_alone_decides():
    _, result = search(KL=None, L=lambda x: x[0] - 3 * x[0] ** 2)
    assert (result.backtracks, result.x[0], result.kl) == (2, 1 / 4, 0)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_non_finite_numbers_are_refused(bad):
    assert not search(L=lambda x: bad if x[0] else 0.0)[1].accepted
    assert not search(KL=lambda x: bad)[1].accepted


def test_a_failed_search_gives_back_the_array_it_was_given():
    x, result = search(delta=-1.0)
    assert result.x is x
    assert x[0] == 0
    assert (result.improvement, result.kl, result.backtracks) == (0, 0, 10)


def test_a_step_of_nan_leaves_the_start_as_it_was():
    start = np.array([1.0, 2.0])
    result = backtracking_line_search(lambda x: x[0], lambda x: 0.0, start, start * np.nan, 1.0)
    assert not result.accepted
    np.testing.assert_array_equal(result.x, [1.0, 2.0])


def test_maximum_step_reaches_delta_in_the_quadratic_model(rng):
    B, s = rng.standard_normal((4, 4)), rng.standard_normal(4)
    F = B @ B.T
    alpha = maximum_step(0.01, s @ F @ s)
    assert 0.5 * (alpha * s) @ F @ (alpha * s) == pytest.approx(0.01)


@pytest.mark.parametrize("curvature", [0.0, -1.0, np.nan])
def test_maximum_step_needs_positive_curvature(curvature):
    with pytest.raises(ValueError, match="positive"):
        maximum_step(0.01, curvature)
