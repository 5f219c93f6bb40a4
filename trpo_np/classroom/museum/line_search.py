"""Room 2 of the museum: step length and line search."""

from collections.abc import Callable

import numpy as np

from trpo_np.classroom.checks import Check, Mistake, case
from trpo_np.classroom.museum.testing import QuietCheck, check_of_a_test

# Exercise 11.3, the root of a negative number


def _safe_length(delta, sFs):
    return np.sqrt(2 * delta / sFs) if sFs > 0 else 0.0


def _length_cases():
    curvatures = (
        ("for an ordinary sᵀFs", 0.5),
        ("where sᵀFs is negative", -0.3),
        ("where sᵀFs is 0", 0.0),
        ("where sᵀFs is NaN", np.nan),
        ("where sᵀFs is small and positive", 1e-12),
    )
    return [case(name, 0.01 * (k + 1), np.float64(sFs)) for k, (name, sFs) in enumerate(curvatures)]


def _length(change: Callable) -> Callable:
    """The step length with the curvature changed before the root."""
    return lambda delta, sFs: np.sqrt(2 * delta / change(sFs))


check_safe_length = QuietCheck(
    "Exercise 11.3",
    _safe_length,
    _length_cases,
    (
        Mistake(_length(lambda x: x), "nothing has changed: where sᵀFs is negative you return NaN"),
        Mistake(
            _length(np.abs),
            "the absolute value makes a number of it, but not a right one: where the model says "
            "that the KL falls below 0 it has no rim, and you walk to one",
        ),
        Mistake(
            lambda delta, sFs: np.sqrt(2 * delta / abs(sFs)) if sFs != 0 else 0.0,
            "0 gives no step now, but the absolute value makes one of a negative curvature: where "
            "the model says that the KL falls below 0 it has no rim, and you walk to one",
        ),
        Mistake(
            lambda delta, sFs: np.sqrt(2 * delta / sFs) if sFs > 1e-8 else 0.0,
            "1e-12 is a small curvature, and a right one: the step is long, and it exists. Ask "
            "whether sᵀFs is positive, not whether it is large",
        ),
        Mistake(
            _length(lambda x: x if np.isnan(x) else max(x, 1e-8)),
            "with a floor under sᵀFs a direction without curvature gets the longest step of all. "
            "(And a curvature that is small and right is changed)",
        ),
        Mistake(
            _length(lambda x: x + 1e-8),
            "the ε helps at 0 alone, where it makes a huge step; −0.3 + ε is still negative",
        ),
        Mistake(
            lambda delta, sFs: 0.0 if sFs < 0 else np.sqrt(2 * delta / sFs),
            "negative curvature is safe now; 0 gives an infinite step, and NaN a NaN. Which "
            "comparison does NaN fail?",
        ),
        Mistake(
            lambda delta, sFs: 0.0 if sFs <= 0 else np.sqrt(2 * delta / sFs),
            "one case is left: NaN <= 0 is False, so NaN goes on to the root",
        ),
        Mistake(
            lambda delta, sFs: np.nan_to_num(np.sqrt(2 * delta / sFs)),
            "nan_to_num makes the largest number there is of an infinite step, at sFs = 0",
        ),
    ),
    "No curvature, no rim, no step.",
)


# Exercise 11.4, two conditions


def _both(kl, delta, gain):
    """the two conditions joined by and: a right one"""
    return kl <= delta and gain > 0


def _nested(kl, delta, gain):
    """which asks for one condition after the other: a right one"""
    if kl <= delta:
        return gain > 0
    return False


def _either(kl, delta, gain):
    """the exhibit itself"""
    return kl <= delta or gain > 0


def _only_kl(kl, delta, gain):
    """which looks at the KL alone"""
    return kl <= delta


def _only_gain(kl, delta, gain):
    """which looks at the gain alone"""
    return gain > 0


def _turned(kl, delta, gain):
    """which takes a loss for a gain"""
    return kl <= delta and gain < 0


def _never(kl, delta, gain):
    """which refuses every step"""
    return False


_TRUTH = {(0.5, 1.0): True, (0.5, -1.0): False, (2.0, 1.0): False, (2.0, -1.0): False}


def _rows_wrong(*rows):
    """The test that counts the wrong rows among some of the truth table."""
    return lambda accept: sum(accept(kl, 1.0, gain) != _TRUTH[kl, gain] for kl, gain in rows)


def test_of_acceptance(accept: Callable) -> int:
    """How many rows of the truth table are wrong."""
    return _rows_wrong(*_TRUTH)(accept)


check_test_of_acceptance = check_of_a_test(
    "Exercise 11.4",
    [
        (_both, False),
        (_either, True),
        (_only_kl, True),
        (_only_gain, True),
        (_nested, False),
        (_never, True),
        (_turned, True),
    ],
    [
        (
            _rows_wrong((0.5, 1.0), (2.0, -1.0)),
            "your test lets the exhibit through. Where both conditions agree, and and or agree as "
            "well. Which rows of the truth table are left?",
        ),
        (
            _rows_wrong((0.5, 1.0), (0.5, -1.0)),
            "a rule that looks at the gain alone passes your test. In which row would it be wrong?",
        ),
        (
            _rows_wrong((0.5, 1.0), (2.0, 1.0)),
            "a rule that looks at the KL alone passes your test. In which row would it be wrong? "
            "(The arguments come in the order kl, delta, gain.)",
        ),
        (
            _rows_wrong((0.5, -1.0), (2.0, 1.0), (2.0, -1.0)),
            "a rule that refuses every step passes your test. A good step has to be accepted",
        ),
        (
            lambda accept: sum(
                accept(kl, 1.0, gain) != (kl <= 1.0 or gain > 0) for kl, gain in _TRUTH
            ),
            "your test passes the exhibit and finds fault with the right rule: a step must satisfy "
            "both conditions",
        ),
        (
            lambda accept: sum(accept(*row[:1], 1.0, *row[1:]) == _TRUTH[row] for row in _TRUTH),
            "your test finds fault with the right rules as well. Do you count the rows that are "
            "right? Or is one of your expected answers wrong? (KL = δ is allowed; no gain is no "
            "improvement.)",
        ),
    ],
    "Four calls, and no way left to be wrong.",
)


# Exercise 11.5, after a search that fails


def _searching(after: Callable) -> Callable:
    """A line search that returns after(theta, full_step, last candidate) where nothing passed."""

    def search(L, KL, theta, full_step, delta):
        for k in range(11):
            candidate = theta + 0.5**k * full_step
            if KL(candidate) <= delta and L(candidate) > L(theta):
                return candidate
        return after(theta, full_step, candidate)

    return search


def _described(search: Callable, doc: str) -> Callable:
    search.__doc__ = doc
    return search


_SEARCHES = [
    (_described(_searching(lambda theta, step, last: theta), "a right one"), False),
    (_described(_searching(lambda theta, step, last: last), "Exhibit 7 itself"), True),
    (_described(_searching(lambda theta, step, last: theta + 0 * step), "Exhibit 8 itself"), True),
    (
        _described(
            _searching(lambda theta, step, last: theta.copy()),
            "which gives back a copy of theta, equal in every bit: a right one",
        ),
        False,
    ),
    (
        _described(
            _searching(lambda theta, step, last: theta + step),
            "which takes the full step where nothing passed",
        ),
        True,
    ),
]
_THETA, _STEP = np.array([0.3, -0.7]), np.array([2e-4, 1e-4])


def _moved(step=_STEP, kl=1.0, gain=1.0, size=lambda d: np.any(d != 0)):
    """The test that measures how far theta is moved."""
    return lambda search: size(
        search(
            lambda x: 0.0 if np.array_equal(x, _THETA) else gain,
            lambda x: kl,
            _THETA.copy(),
            step,
            1e-30,
        )
        - _THETA
    )


def _not_the_same(search):
    theta = _THETA.copy()
    return search(lambda x: 0.0, lambda x: 1.0, theta, _STEP * np.nan, 1e-30) is not theta


def test_of_keeping(search: Callable) -> float:
    """1 if a search that can find nothing changes a bit of theta, given a step of NaN; else 0."""
    theta = search(lambda x: x[0], lambda x: 1.0, _THETA.copy(), np.full(2, np.nan), 1e-30)
    return float(not np.array_equal(theta, _THETA))


def _succeeds(calls, wanted):
    """Of a search that moves theta in a right program: nothing can be asked of its failure."""
    for made, wrong in zip(calls, wanted, strict=True):
        for (_, _, theta, *_), new in made:
            if not wrong and not np.array_equal(new, theta, equal_nan=True):
                return (
                    "in your test a right program finds an acceptable step, and theta has to move. "
                    "Choose KL, δ and L so that every candidate is refused"
                )
    return None


check_test_of_keeping = check_of_a_test(
    "Exercise 11.5",
    _SEARCHES,
    [
        (
            _moved(),
            "Exhibit 8 passes your test: with a step of ordinary numbers, 0 times the step is 0. "
            "Which step makes it wrong?",
        ),
        (
            _moved(size=lambda d: np.abs(d).max() > 1e-5),
            "after ten halvings the last candidate is close to theta, and your comparison does not "
            "see the difference. Not nearly the old parameters: exactly the old ones",
        ),
        (
            _moved(step=np.full(2, np.nan), size=lambda d: np.abs(d).max() > 0),
            "your test lets every program through. If NaN is in your numbers: NaN > 0 is False, "
            "and so is every comparison with NaN but !=",
        ),
        (
            _not_the_same,
            "your test asks for the very same array; a copy with the same numbers is right too",
        ),
        (
            lambda search: search(
                lambda x: 0.0, lambda x: 1.0, _THETA.copy(), _STEP * np.nan, 1e-30
            )[0],
            "your test finds fault with right programs as well. Do you compare with the theta that "
            "you gave it? Is there NaN in theta itself, which is not equal to NaN?",
        ),
    ],
    "One line for both exhibits: a step of NaN, and theta to the last bit.",
    looks=_succeeds,
)


# Exercise 11.6, a prediction

check_accumulated = Check(
    "Exercise 11.6",
    lambda: 0.2,
    lambda: [()],
    (
        Mistake(
            lambda: 0.1,
            "0.1 is what a right search moves. Read on where the first candidate has passed: does "
            "the loop end?",
        ),
        Mistake(
            lambda: 0.15,
            "you let it pass twice; nothing stops the third candidate, nor the others",
        ),
        Mistake(
            lambda: 0.175,
            "you let it pass three times; nothing stops the fourth candidate, nor the others",
        ),
        Mistake(
            lambda: 1.0,
            "1 is the rim: there the KL condition would stop it. The steps get shorter faster than "
            "that: add up 1 + 1/2 + 1/4 + ...",
        ),
        Mistake(
            lambda: 1.1,
            "you added eleven full steps; from one round to the next the step is halved",
        ),
    ),
    "The geometric series: at most twice the step.",
    tolerance=0.01,
)
