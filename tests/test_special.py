"""What the checks say where nothing in the answer is like the right one: special arguments, near
misses, functions called too often, and answers of a wrong kind."""

import re

import numpy as np
import pytest

from trpo_np.classroom.checks import Check, Mistake, case


def discounted(rewards, value, gamma):
    return gamma ** np.arange(len(rewards)) @ rewards + gamma ** len(rewards) * value


def check(reference, cases, *mistakes, **other):
    return Check("Exercise", reference, lambda: cases, mistakes, **other)


RNG = np.random.default_rng(0)
DISCOUNTED = check(discounted, [(RNG.standard_normal(n), 2.0, 0.8) for n in (3, 5)])


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda r, v, gamma: r.sum() * np.cos(1 - gamma) + v * gamma ** len(r), "`r` is 0"),
        (
            lambda r, v, gamma: gamma ** np.arange(len(r)) @ r + v * np.cos(gamma - 1),
            "`gamma` is 1",
        ),
        (lambda r, v, gamma: discounted(r[::-1], v, gamma), "reverse|entries of `r`"),
    ],
)
def test_a_wrong_answer_is_told_where_it_would_be_right(answer, says):
    """Named by the arguments for which the mistake makes no difference."""
    told = DISCOUNTED.verdict(answer)
    assert re.search(says, told), told


def test_nothing_is_told_where_the_usual_mistakes_make_no_difference_either():
    """The mean of equal numbers is right by whatever rule."""
    usual = tuple(Mistake(f, "another") for f in (np.median, np.max, np.min))
    cases = [(RNG.random(5),), (RNG.random(6),)]
    means = check(np.mean, cases, *usual)
    assert "is right where" not in means.verdict(lambda x: np.sort(x)[1:-2].mean())
    without = check(np.mean, cases)
    assert "all entries of `x` are equal" in without.verdict(lambda x: np.sort(x)[1:-2].mean())


def test_arguments_for_which_the_reference_has_no_value_are_not_spoken_of():
    """At γ = 1 this limit is infinite, so that nobody is right there."""
    forever = check(lambda r, gamma: r / (1 - gamma), [(2.0, 0.9), (3.0, 0.8)])
    says = forever.verdict(lambda r, gamma: r * (1 + gamma + np.sin(gamma)))
    assert "`gamma` is 1" not in says


def test_a_difference_quotient_is_called_near_and_a_large_error_told_in_words():
    """Off by a little is no matter of per cent, and neither is off by far."""
    slope = check(lambda x: np.cos(x), [(np.linspace(0, 1, 4),), (np.linspace(1, 2, 5),)])
    assert slope.verdict(lambda x: (np.sin(x + 0.01) - np.sin(x)) / 0.01).startswith("near")
    assert "million times too large" in slope.verdict(lambda x: 3e6 * np.exp(x))


def test_several_things_in_the_place_of_one():
    """The right one of them is named, by its place."""
    square = check(lambda x: x**2, [(np.arange(3.0),), (np.arange(4.0),)])
    assert "2 things, and the last is right" in square.verdict(lambda x: (x, x**2))
    assert "2 things" in square.verdict(lambda x: (x, x))


def test_numbers_are_no_mask_and_lists_of_truth_values_are():
    """As an index, 0 and 1 are rows."""
    masks = check(lambda ended: ~ended, [(np.array([True, False, False]),)])
    assert "truth values" in masks.verdict(lambda ended: 1 - ended)
    assert "truth values" in masks.verdict(lambda ended: (~ended).astype(float))
    assert masks.verdict(lambda ended: [not end for end in ended]) is None


def test_how_often_a_function_is_called_is_compared_with_the_solution():
    """Only where the numbers are wrong, and nothing surer is known."""
    draws = check(
        lambda f, x: f(x) + f(2 * x),
        [case("here", np.sin, 0.7), case("there", np.cos, 0.4)],
    )
    says = draws.verdict(lambda f, x: f(x) + f(f(2 * x)) * 0.913 + 0.2)
    assert re.search(r"calls `f` 3 times where the solution calls it twice", says), says
