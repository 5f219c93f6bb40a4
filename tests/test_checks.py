"""What a check finds out of itself, and what it says to code that stops, hangs or is no number."""

import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
from net import where

from trpo_np.classroom.checks import (
    NOT_ATTEMPTED,
    Check,
    CheckError,
    Mistake,
    calls,
    case,
    only_at,
    small_arrays,
    uses,
    yours,
)
from trpo_np.classroom.checks.look import LOOK
from trpo_np.classroom.checks.rewriting import variants_of
from trpo_np.limits import TimeIsUp, within


def weighted(x, w, gamma):
    """The reference of most of these tests."""
    terms = w * x**2 - gamma * x
    return np.sum(terms, axis=1)


def tables():
    rng = np.random.default_rng(3)
    return [
        (*rng.uniform(0.5, 2, (2, 4, 3)), 1.4),
        (*rng.uniform(0.5, 2, (2, 5, 2)), 1.7),
    ]


CHECK = Check("Exercise X", weighted, tables, ())

RELATIONS = [
    (lambda x, w, gamma: 2 * weighted(x, w, gamma), "twice the right one"),
    (lambda x, w, gamma: weighted(x, w, gamma) / 3, "0.3333 times the right one"),
    (lambda x, w, gamma: -weighted(x, w, gamma), "minus the right result"),
    (lambda x, w, gamma: weighted(x, w, gamma) ** 2, "square of the right one"),
    (lambda x, w, gamma: 1 / weighted(x, w, gamma), "1 over the right one"),
    (lambda x, w, gamma: np.abs(weighted(x, w, gamma)), "a sign is lost"),
    (lambda x, w, gamma: weighted(x, w, gamma)[::-1], "in the reverse order"),
    (lambda x, w, gamma: np.roll(weighted(x, w, gamma), 1), "shifted by one"),
    (lambda x, w, gamma: np.sort(weighted(x, w, gamma)), "in another order"),
    (lambda x, w, gamma: weighted(x, w, gamma)[:, None], "an axis of size 1 too many"),
    (lambda x, w, gamma: w * x**2 - gamma * x, "their sum over the second axis"),
    (lambda x, w, gamma: np.sum(weighted(x, w, gamma)), "one sum too many"),
    (lambda x, w, gamma: np.mean(w * x**2 - gamma * x, axis=1), "size of axis 1 of `x`: a mean"),
    (lambda x, w, gamma: weighted(x, w, gamma) + 0.5, "0.5 more than the right one everywhere"),
    (lambda x, w, gamma: weighted(x, w, gamma) * gamma, "a factor `gamma` too many"),
    (lambda x, w, gamma: weighted(x, w, gamma) / len(x), "too small by the factor"),
    (lambda x, w, gamma: 3 * weighted(x, w, gamma) + len(x), "shifted and scaled"),
    (lambda x, w, gamma: weighted(w, x, gamma), "`x` and `w` are exchanged"),
    (lambda x, w, gamma: weighted(x, x, gamma), "`x` stands where `w` belongs"),
    (lambda x, w, gamma: weighted(x, w, 0.0), "the right one for `gamma` = 0"),
    (
        lambda x, w, gamma: weighted(x, w, -gamma),
        "the signs of the terms in which `",
    ),
    (lambda x, w, gamma: weighted(x, w, 0.3), "`gamma` does not enter"),
    (lambda x, w, gamma: np.ones(len(x)), "`x` and `w` and `gamma`|no argument enters"),
    (lambda x, w, gamma: np.sum(w * x - gamma * x, axis=1), "a power is not the right one"),
    (lambda x, w, gamma: np.sum(x**2 - gamma * x, axis=1), "the right one for `w` = 1"),
    (lambda x, w, gamma: np.sum((w * x**2) ** 0.5 - gamma * x, axis=1), "a root too many"),
    (lambda x, w, gamma: str(weighted(x, w, gamma)), "type str, a text"),
    (lambda x, w, gamma: SimpleNamespace(x=weighted(x, w, gamma)), "that is its .x"),
    (lambda x, w, gamma: np.log(-np.abs(weighted(x, w, gamma))), "it is NaN: NumPy met the log"),
    (lambda x, w, gamma: (weighted(x, w, gamma), 1.0), "a tuple of 2 things"),
]


@pytest.mark.parametrize(("answer", "says"), RELATIONS, ids=[says for _, says in RELATIONS])
def test_relations_and_changes_are_named(answer, says):
    verdict = CHECK.verdict(answer)
    assert any(part in verdict for part in says.split("|")), verdict


@pytest.mark.parametrize(
    "answer",
    [
        lambda x, w, gamma: weighted(x, w, gamma).tolist(),
        lambda x, w, gamma: tuple(weighted(x, w, gamma)),
        lambda x, w, gamma: weighted(x, w, gamma).astype(np.float32),
        lambda x, w, gamma: weighted(np.float32(x), np.float32(w), np.float32(gamma)),
    ],
    ids=["list", "tuple", "rounded", "single precision"],
)
def test_lists_and_single_precision_will_do(answer):
    assert CHECK.verdict(answer) is None


def test_the_tolerance_is_stated():
    near = lambda x, w, gamma: weighted(x, w, gamma) * (1 + 1e-6 * np.arange(len(x)))  # noqa: E731
    assert "the check allows 1e-08 of its size" in CHECK.verdict(near)


def test_a_place_is_told_where_only_that_is_wrong():
    def one_row(x, w, gamma):
        result = weighted(x, w, gamma)
        result[1] += np.log(len(x))
        return result

    assert CHECK.verdict(one_row) == "the result is wrong only in entry 1"

    def nan(x, w, gamma):
        result = weighted(x, w, gamma)
        result[-1] = np.nan
        return result

    assert "it is NaN in entry 3, the last" in CHECK.verdict(nan)


def named_cases():
    for name, level in (("where the level is high", 3.0), ("where it is 0", 0.0)):
        yield case(name, np.array([1.0, -2.0, 0.0]), level)
    yield (np.array([4.0, 5.0]), 4.5)


def test_cases_with_names_may_come_from_a_generator():
    check = Check("X", lambda a, level: a[a >= level].sum(), named_cases, ())
    says = check.verdict(lambda a, level: a[a > level].sum() + (level == 0) * np.pi)
    assert says == "the result is right in 2 of 3 cases; wrong where it is 0"
    assert check.verdict(check.reference) is None


def test_a_comparison_is_told_with_the_case_in_which_it_matters():
    def count(a, level):
        return np.sum(a) if level <= 3.0 else 0.0

    def cases():
        return [
            case("where the level is the limit", np.ones(3), 3.0),
            case("where it is above", np.ones(2), 5.0),
            case("where it is below", np.arange(4.0), 1.0),
        ]

    check = Check("X", count, cases, ())
    says = check.verdict(lambda a, level: np.sum(a) if level < 3.0 else 0.0)
    assert says.startswith("a comparison leaves out equality")
    assert says.endswith("(Right in 2 of 3 cases; wrong where the level is the limit.)")


def test_the_code_of_the_solution_is_never_shown():
    for answer, _ in RELATIONS:
        assert "np.sum(terms" not in CHECK.verdict(answer), answer
    assert len({variant.kind for variant in variants_of(weighted)}) >= 10


# ---- The student's own errors


def my_product(A, v):
    total = np.zeros(2)
    total = total + A @ v[:-1]
    return total


def my_condition(A, v):
    if v > 0:
        return A @ v
    return A @ v


def my_name(A, v):
    return A @ vv  # noqa: F821


def my_call(A, v):
    return A @ np.sum


def my_dots(A, v):
    return A @ v + ...


def my_loop(A, v):
    n = 0
    while n >= 0:
        n = n + 1
    return A @ v


MATRIX = Check(
    "X", lambda A, v: A @ v, lambda: [(np.arange(6.0).reshape(2, 3), np.ones(3))], (), seconds=0.3
)
ERRORS = [
    (my_product, ["ValueError in line 3, `total = total + A @ v[:-1]`", "`a @ b`"]),
    (my_product, ["`A` has shape (2, 3)", "`v[:-1]` has shape (2,)"]),
    (my_condition, ["ValueError in line 2, `if v > 0:`", "one truth value", "np.where"]),
    (my_name, ["NameError in line 2", "nothing has the name `vv`"]),
    (my_call, ["line 2, `return A @ np.sum`"]),
    (my_dots, ["TypeError", "the dots of the exercise are still in your code"]),
    (my_loop, ["has not ended after 0.3 seconds", "It was stopped in line"]),
    (lambda A: A, ["with the 2 arguments of the exercise"]),
]  # fmt: skip


@pytest.mark.parametrize(("student", "says"), ERRORS, ids=[s.__name__ for s, _ in ERRORS])
def test_an_error_comes_with_its_line_its_shapes_and_a_cause(student, says):
    verdict = MATRIX.verdict(student)
    for part in says:
        assert part in verdict
    for internal in ("gufunc", "ufunc", "core dimension", "Traceback"):
        assert internal not in verdict


def endless():
    while True:
        pass


def test_a_time_limit_stops_code_in_the_main_thread_and_in_another():
    with pytest.raises(TimeIsUp):
        within(0.1, endless)
    outcome = []

    def work():
        try:
            within(0.1, endless)
        except TimeIsUp:
            outcome.append("stopped")
        outcome.append(within(1.0, lambda: "done"))

    worker = threading.Thread(target=work)
    worker.start()
    worker.join(20)
    assert outcome == ["stopped", "done"]


def test_a_limit_within_a_limit_ends_with_the_outer_one():
    begun = time.monotonic()
    with pytest.raises(TimeIsUp):
        within(0.1, lambda: within(30.0, endless))
    assert time.monotonic() - begun < 10


# ---- Not attempted, begun, and without return


def begun(A, v):
    A = 2 * A
    ...  # your code here


def documented(A, v):
    """With words, and nothing else."""
    ...


def test_only_a_blank_is_not_attempted(capsys):
    assert MATRIX.verdict(documented) == NOT_ATTEMPTED
    assert MATRIX.verdict(begun).startswith(f"{NOT_ATTEMPTED}, or not to the end")
    MATRIX(begun)
    assert "✗" not in capsys.readouterr().out
    with pytest.raises(CheckError, match="not to the end"):
        MATRIX(begun, strict=True)


def test_a_return_inside_the_loop_is_seen_before_the_list():
    def first_only(A, v):
        total = 0
        for a, x in zip(A.T, v, strict=True):
            total = total + a * x
            return total

    check = Check(
        "X", MATRIX.reference, MATRIX.cases, (Mistake(lambda A, v: A[:, 0] * v[0], "one column"),)
    )
    assert check.verdict(lambda A, v: A[:, 0] * v[0]) == "one column"
    assert "inside the loop" in check.verdict(first_only)


# ---- Predictions

NUMBER = Check("X", lambda: 80, lambda: [()], (Mistake(lambda: 10, "count bytes"),))


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, "your answer is None"),
        ("80", "a text; write the number without quotation marks"),
        ("80 GB", "the unit “GB”"),
        ("eighty", "your answer is a text"),
        ([80], "in brackets"),
        ((80, 90), "has 2"),
        (np.ones((2, 2)), "has 4, in the shape (2, 2)"),
        (True, "a truth value"),
        (80j, "a complex number"),
        (np.nan, "not a finite number"),
        (10, "count bytes"),
        (-80, "the sign is not"),
        (0.8, "the power of ten is not"),
        (90, "too large; work it out once more"),
        (np.sum, "is a function"),
    ],
)
def test_every_kind_of_prediction_has_its_sentence(value, says):
    student = (lambda: value) if not callable(value) else value
    assert says in NUMBER.verdict(student)


@pytest.mark.parametrize("value", [80, 80.0, np.float32(80), np.int64(80), np.array(80)])
def test_any_right_number_is_right(value):
    assert NUMBER.verdict(lambda: value) is None


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([2, 1, 3], "this is the order on the page"),
        ([3, 2, 1], "1 of the 3 numbers are in their place; work it out once more"),
        ([1, 2], "a list of 3 numbers is asked for, and your answer has the shape (2,)"),
        (None, "a list of 3 numbers is asked for"),
        (7, "a list of 3 numbers is asked for"),
    ],
)
def test_an_order_may_be_predicted(value, says):
    check = Check(
        "X",
        lambda: [3, 1, 2],
        lambda: [()],
        (Mistake(lambda: [2, 1, 3], "this is the order on the page"),),
    )
    assert says in check.verdict(lambda: value)
    assert check.verdict(lambda: [3, 1, 2]) is None
    assert check.verdict(lambda: np.array([3.0, 1.0, 2.0])) is None


# ---- Conditions


def power_cases():
    A = np.diag([1.0, 2.0])
    return [(lambda v: A @ v, np.ones(2), k) for k in (2, 3)]


def power(matvec, v, times):
    for _ in range(times):
        v = matvec(v)
    return v


def wasteful(matvec, v, times):
    matvec(v)
    return power(matvec, v, times)


def test_calls_are_counted():
    once = calls(0, lambda arguments: arguments[2], "one product a round")
    check = Check("X", power, power_cases, (), conditions=(once,))
    assert check.verdict(power) is None
    says = "your code calls `matvec` 3 times where 2 are enough: one product a round"
    assert says in check.verdict(wasteful)


def test_pieces_that_are_not_used_are_named():
    pieces = SimpleNamespace(half=lambda x: x / 2, double=lambda x: 2 * x, two=2)
    check = Check(
        "X", lambda p, x: p.double(x), lambda: [(pieces, 3.0)], (), conditions=(uses("double"),)
    )
    assert check.verdict(lambda p, x: p.double(x)) is None
    assert "pieces.double is never called" in check.verdict(lambda p, x: x + x)


def test_large_arrays_are_noticed():
    small = small_arrays(lambda: (np.ones(500),), 500 * 500 * 8, "too large an array")
    check = Check("X", lambda v: v.sum() * v, lambda: [(np.ones(3),)], (), conditions=(small,))
    assert check.verdict(lambda v: v.sum() * v) is None
    assert check.verdict(lambda v: np.outer(v, np.ones(len(v))) @ np.ones(len(v))) is not None
    assert check.verdict(lambda v: np.outer(v, v) @ np.ones(len(v))) == "too large an array"


def test_points_are_watched():
    here = only_at(0, 1, "asked elsewhere")
    check = Check("X", lambda f, x: f(x), lambda: [(np.sin, np.array(0.3))], (), conditions=(here,))
    assert check.verdict(lambda f, x: f(x)) is None
    assert check.verdict(lambda f, x: f(x) + 0 * f(x + 1)) == "asked elsewhere"


# ---- What is around


def test_a_student_who_returns_lists_runs_on_with_arrays(capsys):
    mine = yours(lambda x, w, gamma: weighted(x, w, gamma).tolist(), CHECK)
    assert isinstance(mine(*tables()[0]), np.ndarray)
    assert "your own" in capsys.readouterr().out
    assert yours(lambda x, w, gamma: x, CHECK) is weighted


def test_where_to_look_is_what_the_notebooks_say():
    """`python -m tests.net.where` prints the table."""
    known = where.equations()
    assert {name: known[name] for name in LOOK} == LOOK


def test_the_equation_is_named():
    check = Check("Exercise 8.1", weighted, tables, ())
    assert check.verdict(lambda x, w, gamma: -weighted(x, w, gamma)).endswith("at (8.2)")


def test_a_check_takes_less_than_two_seconds():
    begun = time.monotonic()
    CHECK.verdict(lambda x, w, gamma: np.sum(np.cosh(w * x), axis=1) - gamma)
    assert time.monotonic() - begun < 2
