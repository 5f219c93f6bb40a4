"""Where a wrong answer is wrong: in which cases, rows, entries."""

from typing import TYPE_CHECKING

import numpy as np

from trpo_np.classroom.checks.cases import Case, described

if TYPE_CHECKING:
    from trpo_np.classroom.checks.diagnosis import Question

COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def only_in(question: "Question") -> str:
    """ "right in 5 of 6 cases; wrong where ...": empty where it is wrong in all of them."""
    count, wrong = len(question.cases), question.wrong
    if len(wrong) == count:
        return ""
    words = [described(question.cases[k], question.names) for k in wrong]
    words = [word for word in dict.fromkeys(words) if word]
    where = f"; wrong {', and '.join(words[:2])}" if words else ""
    return f"right in {count - len(wrong)} of {count} cases{where}"


def named_only_in(question: "Question") -> str:
    """The same as a remark, for cases that have names."""
    if not all(isinstance(question.cases[k], Case) for k in question.wrong):
        return ""
    words = only_in(question)
    return f" ({words[0].upper()}{words[1:]}.)" if words else ""


def not_finite(question: "Question") -> str | None:
    """Which entries are not finite, and what NumPy said of it."""
    for k in question.wrong:
        got, want = question.got[k], question.want[k]
        bad = ~np.isfinite(got)
        if not bad.any() or not np.isfinite(want).all():
            continue
        what = "NaN" if np.isnan(got).any() else "infinite"
        where = "" if bad.all() or not got.ndim else f" in {entries(bad)}"
        cause = "; ".join(dict.fromkeys(question.run.warned))
        cause = (
            f": NumPy met {cause}"
            if cause
            else ": look for a division by 0, the log of a number ≤ 0, or the root of a "
            "negative one"
        )
        cases = only_in(question)
        return f"the result is not finite, it is {what}{where}{cause}" + (
            f" ({cases})" if cases else ""
        )
    return None


def only_there(question: "Question") -> str | None:
    """Cases, rows, columns or entries that are wrong while the others are right."""
    spots = located(question)
    here_and_there = spots.startswith("some entries") or " of " in spots
    return None if here_and_there else _there(only_in(question), spots)


def scattered(question: "Question") -> str | None:
    """The same where the wrong entries lie here and there."""
    return _there(only_in(question), located(question))


def _there(cases: str, spots: str) -> str | None:
    if cases and spots:
        return f"{cases}, and there only in {spots}"
    if cases:
        return f"the result is {cases}"
    if spots:
        return f"the result is wrong only in {spots}"
    return None


def located(question: "Question") -> str:
    """Which entries of the array are wrong, in words that hold in every wrong case; or nothing."""
    found = []
    for k in question.wrong:
        got, want = question.got[k], question.want[k]
        size = np.max(np.abs(want), initial=0.0)
        bad = ~np.isclose(got, want, rtol=0, atol=max(question.tolerance, 1e-12) * size)
        if want.ndim == 0 or bad.all() or not bad.any():
            return ""
        found.append((bad, _where_true(question, k, bad)))
    masks = {words for _, words in found}
    if len(masks) == 1 and "" not in masks:
        return f"the entries {masks.pop()}"
    return entries(found[0][0])


def _where_true(question: "Question", k: int, bad: np.ndarray) -> str:
    """The argument of truth values that tells where it is wrong."""
    for name, value in zip(question.names, question.cases[k], strict=False):
        if isinstance(value, np.ndarray) and value.dtype == bool and value.shape == bad.shape:
            for truth in (True, False):
                if np.array_equal(bad, value == truth):
                    return f"where `{name}` is {truth}"
    return ""


def entries(bad: np.ndarray) -> str:
    """Words for the marked entries of an array."""
    if bad.ndim == 1:
        return _listed("entry", "entries", bad)
    if bad.ndim == 2 and bad.shape[0] == bad.shape[1]:
        off = ~np.eye(len(bad), dtype=bool)
        if not bad[off].any():
            return "the diagonal"
        if not np.diagonal(bad).any():
            return "the entries beside the diagonal"
    rows = bad.reshape(len(bad), -1)
    if np.array_equal(rows, np.broadcast_to(rows.any(1)[:, None], rows.shape)):
        return _listed("row", "rows", rows.any(1))
    if bad.ndim == 2 and np.array_equal(bad, np.broadcast_to(bad.any(0), bad.shape)):
        return _listed("column", "columns", bad.any(0))
    if rows.any(1).sum() < len(rows):
        return "some entries of " + _listed("row", "rows", rows.any(1))
    return f"{int(bad.sum())} of {bad.size} entries"


def _listed(one: str, many: str, bad: np.ndarray) -> str:
    places = np.flatnonzero(bad)
    if len(places) == 1:
        k = int(places[0])
        last = ", the last" if k == len(bad) - 1 else ", the first" if k == 0 else ""
        return f"{one} {k}{last}"
    if len(places) > 3 and np.array_equal(places, np.arange(places[0], places[-1] + 1)):
        return f"{many} {places[0]} to {places[-1]}"
    return f"{many} " + ", ".join(str(k) for k in places[:6])
