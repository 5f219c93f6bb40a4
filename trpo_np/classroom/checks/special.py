"""Special arguments for which a wrong answer would be right: γ = 1, no rewards, two arrays equal.

That tells where to look: what is wrong makes no difference there.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from trpo_np.classroom.checks.attempts import attempt
from trpo_np.classroom.checks.cases import is_number
from trpo_np.classroom.checks.compare import agrees, numbers
from trpo_np.classroom.checks.otherwise import alike, at, instead

if TYPE_CHECKING:
    from trpo_np.classroom.checks.diagnosis import Question

MOST = 2  #: so many are told, of different arguments
LIMIT = 0.85  #: of the usual mistakes; where more of them make no difference, nothing is told


@dataclass(frozen=True)
class Probe:
    """A change of the arguments of a case that makes some of them special."""

    places: tuple[int, ...]  #: of these arguments
    when: str
    hint: str
    change: Callable[[tuple], tuple]


def right_where(question: "Question") -> str | None:
    """The most telling special arguments for which the answer is right in all cases."""
    found: dict[tuple[int, ...], tuple[float, Probe]] = {}  # the narrowest of each argument
    for probe in probes(question):
        if not question.has_time():
            break
        share = None if probe.places in found else _share_of_mistakes(question, probe.change)
        if share is not None and share <= LIMIT:
            found[probe.places] = share, probe
    told: list[Probe] = []
    for _, probe in sorted(found.values(), key=lambda pair: pair[0]):
        known = {place for earlier in told for place in earlier.places}
        if len(told) < MOST and known.isdisjoint(probe.places):
            told.append(probe)
    if not told:
        return None
    where = ", and where ".join(probe.when for probe in told)
    hint = told[0].hint if len(told) == 1 else "look at what is made of these together"
    return f"your result is right where {where}: {hint}"


def _share_of_mistakes(question: "Question", change: Callable[[tuple], tuple]) -> float | None:
    """How many of the usual mistakes make no difference in the changed cases: the fewer, the more
    it tells. None where the answer is wrong there, or there is nothing to compare."""
    cases = [change(tuple(case)) for case in question.cases]
    rights = [numbers(attempt(question.check.reference, case)) for case in cases]
    if any(right is None or not np.isfinite(right).all() for right in rights):
        return None
    if np.ptp(np.concatenate([right.ravel() for right in rights])) == 0:
        return None  # one and the same number throughout

    def is_right(function: Callable) -> bool:
        return all(
            (answer := attempt(function, case)) is not None
            and agrees(answer, right, question.tolerance)
            for case, right in zip(cases, rights, strict=True)
        )

    if not is_right(question.student):
        return None
    others = [is_right(mistake.answer) for mistake in question.check.mistakes]
    return sum(others) / max(len(others), 1)


def probes(question: "Question") -> Iterator[Probe]:
    """What may be tried: one argument special in all cases, or two arrays equal."""
    names = question.names
    columns = [[case[i] for case in question.cases] for i in range(len(names))]
    for i, values in enumerate(columns):
        for when, hint, function in of_one(names[i], values):
            yield Probe((i,), when, hint, at(i, function))
    for i, j in combinations(range(len(names)), 2):
        pairs = zip(columns[i], columns[j], strict=True)
        if _are_arrays(columns[i]) and all(alike(a, b) for a, b in pairs):
            yield Probe(
                (i, j),
                f"`{names[i]}` and `{names[j]}` are equal",
                "look at what you make of the two",
                instead(i, j),
            )


Special = tuple[str, str, Callable]


def of_one(name: str, values: list) -> Iterator[Special]:
    """(when, hint, change) for one argument, with its values in all cases."""
    enters = f"look at each place where `{name}` enters"
    if all(is_number(value) for value in values):
        whole = all(isinstance(value, int) for value in values)
        yield f"`{name}` is 1", enters, lambda x: 1 if whole else 1.0
        if not whole:  # no rounds, no steps: nothing would be done at all
            yield f"`{name}` is 0", enters, lambda x: 0.0
    elif all(isinstance(value, list) and _are_arrays(value) for value in values):
        for kept, which in ((-1, "the last"), (0, "the first")):
            when = f"all of `{name}` but {which} are 0"
            yield when, enters, _only(kept)
    elif not _are_arrays(values):
        return
    elif all(value.dtype == bool for value in values):
        for truth in (False, True):
            hint = f"look at what you do where it is {not truth}"
            yield f"`{name}` is {truth} everywhere", hint, _filled(truth)
    elif all(value.dtype.kind == "f" for value in values):
        yield from of_floats(name, values, enters)


def of_floats(name: str, values: list[np.ndarray], enters: str) -> Iterator[Special]:
    """Those of distributions, of square matrices, and of other arrays."""
    if all((v >= 0).all() and np.allclose(v.sum(axis=-1), 1) for v in values):
        weighs = f"look at what `{name}` is the weight of"
        yield f"`{name}` is uniform", weighs, lambda v: np.full_like(v, 1 / v.shape[-1])
    elif all(v.ndim == 2 and v.shape[0] == v.shape[1] for v in values):
        yield f"`{name}` is the identity", enters, lambda v: np.eye(len(v))
    else:
        parts = "rows" if values[0].ndim > 1 else "entries"
        yield f"all {parts} of `{name}` are equal", enters, _all_as_first
        yield f"`{name}` is 1 everywhere", enters, _filled(1)
        yield f"`{name}` is 0 everywhere", enters, _filled(0)


def _are_arrays(values: list) -> bool:
    return len(values) > 0 and all(isinstance(v, np.ndarray) and v.ndim for v in values)


def _all_as_first(array: np.ndarray) -> np.ndarray:
    return np.broadcast_to(array[:1], array.shape).copy()


def _filled(value: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda array: np.full_like(array, value)


def _only(kept: int) -> Callable[[list], list]:
    """Of a list of arrays all but one at 0."""
    return lambda parts: [p if i == kept % len(parts) else 0 * p for i, p in enumerate(parts)]
