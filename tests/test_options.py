"""Settings: each kind takes what it says it takes, and refuses the rest by a sentence."""

import math
from dataclasses import dataclass, fields, make_dataclass

import numpy as np
import pytest
from sentences import is_a_sentence

from trpo_np import Settings
from trpo_np.errors import UsageError
from trpo_np.updates import options
from trpo_np.updates.options import Options, given_or_default, integer, settings_of, values_of

TINY, EPS = 5e-324, float(np.finfo(float).eps)

#: Kind: its type, what makes it, what it is in words, values on the edge inside, and outside.
KINDS = {
    "positive": (
        float,
        options.positive,
        "finite and above 0",
        (TINY, 1, 1e300),
        (0, -1, math.inf),
    ),
    "non-negative": (float, options.non_negative, "at least 0", (0, 0.5), (-TINY, math.inf)),
    "at least": (
        int,
        lambda default, help: options.at_least(2, default, help),
        "an integer of at least 2",
        (2, 3, 10**20),
        (1, 2.0, True),
    ),
    "fraction": (float, options.fraction, "from 0 to 1", (0, 0.5, 1), (-TINY, 1 + EPS)),
    "share": (float, options.share, "above 0 and at most 1", (TINY, 0.5, 1), (0, 1 + EPS)),
    "switch": (bool, options.switch, "true or false", (True, False), (0, 1.0, None)),
}
NEVER = ("0.5", None, math.nan, (1,), 1j)  #: nothing that any of them can be


def one_setting(kind):
    """An Options class with one setting of this kind, named x."""
    annotation, make, _, inside, _ = KINDS[kind]
    entry = ("x", annotation, make(inside[-1], "what x is for"))
    return make_dataclass("One", [entry], bases=(Options,), frozen=True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_setting_takes_what_it_says_and_nothing_beyond(kind):
    _, _, words, inside, outside = KINDS[kind]
    made = one_setting(kind)
    for value in inside:
        assert made(value).x == value
    for value in (*outside, *NEVER):
        with pytest.raises(UsageError) as error:
            made(value)
        assert str(error.value) == f"x = {value!r} is not possible: it must be {words}."


@pytest.mark.parametrize("kind", KINDS)
def test_a_setting_has_its_default_and_says_what_it_is_for(kind):
    made = one_setting(kind)
    (entry,) = settings_of(made)
    assert entry.metadata["help"] == "what x is for"
    assert made().x == entry.default == KINDS[kind][3][-1]
    assert values_of(made()) == {"x": entry.default}


@pytest.mark.parametrize("kind", ["positive", "at least", "switch"])
def test_numpys_numbers_become_pythons_own(kind):
    annotation = KINDS[kind][0]
    x = one_setting(kind)(np.array([KINDS[kind][3][0]]).astype(annotation)[0]).x
    assert type(x) is annotation


def test_lists_become_tuples_and_other_generics_stay():
    @dataclass(frozen=True)
    class Widths(Options):
        x: tuple = options.setting((1,), "widths", "a tuple", lambda x: isinstance(x, tuple))

    assert Widths([3, 4]).x == (3, 4)
    with pytest.raises(UsageError, match="a tuple"):
        Widths(np.float64(2))


def test_true_is_no_number():
    for kind in ("positive", "fraction", "at least"):
        with pytest.raises(UsageError, match="True is not possible"):
            one_setting(kind)(True)


def test_a_check_that_cannot_be_made_is_a_refusal():
    """One's own settings may be of any kind, and their checks need not think of all."""
    widths = options.setting((1,), "widths", "above 0", lambda x: min(x) > 0)
    kind = make_dataclass("Own", [("widths", tuple, widths)], bases=(Options,), frozen=True)
    with pytest.raises(UsageError, match="widths = None is not possible: it must be above 0"):
        kind(widths=None)


def test_parts_are_functions_that_do_not_count_as_settings():
    @dataclass(frozen=True)
    class Parted(Options):
        step: float = options.positive(0.5, "length")
        solve: object = options.part(sorted, "what sorts")

    assert Parted().solve is sorted
    assert [entry.name for entry in settings_of(Parted)] == ["step"]
    assert Parted(solve=min) == Parted(solve=max) != Parted(step=1.0)
    assert repr(Parted()).endswith("Parted(step=0.5)")
    assert fields(Parted)[1].metadata["help"] == "what sorts"
    with pytest.raises(UsageError) as error:
        Parted(solve=3)
    assert str(error.value) == "solve must be a function: what sorts."


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(7), 10**30])
def test_an_integer_is_one_of_any_type(value):
    assert integer("n", value, 3) == value
    assert type(integer("n", value, 3)) is int


@pytest.mark.parametrize("value", [2, np.int64(-5), True, 3.0, "3", None, np.float64(4)])
def test_what_is_no_such_integer_is_named(value):
    with pytest.raises(UsageError) as error:
        integer("n", value, 3)
    assert f"n = {value!r}" in str(error.value)
    assert is_a_sentence(str(error.value))


def test_what_was_given_stands_for_the_default():
    made = one_setting("share")
    mine = made(0.25)
    assert given_or_default(mine, made, "how") is mine
    assert given_or_default(None, made, "how") == made()
    with pytest.raises(UsageError, match=r"how = 3 .* give a One\(\.\.\.\)"):
        given_or_default(3, made, "how")


@pytest.mark.parametrize("num_envs", [1, 4])
def test_a_batch_has_at_least_two_steps_of_each_environment(num_envs):
    assert Settings(batch_size=2 * num_envs, num_envs=num_envs).steps_per_env == 2
    with pytest.raises(UsageError) as error:
        Settings(batch_size=2 * num_envs - 1, num_envs=num_envs)
    assert str(error.value) == (
        f"batch_size = {2 * num_envs - 1} is not possible: "
        f"it must be at least 2 num_envs = {2 * num_envs}."
    )
