"""Answers of a wrong kind or shape."""

from typing import TYPE_CHECKING

import numpy as np

from trpo_np.classroom.checks.compare import all_agree

if TYPE_CHECKING:
    from trpo_np.classroom.checks.diagnosis import Question


def no_numbers(question: "Question") -> str | None:
    """Text, objects, truth values of a kind that no number can be taken from."""
    for answer, got in zip(question.answers, question.got, strict=True):
        if got is None:
            kind = type(answer).__name__
            if isinstance(answer, str):
                return (
                    "the result is of type str, a text: return the number or array itself, without "
                    "quotation marks or str(...)"
                )
            if hasattr(answer, "x"):
                return (
                    f"the result is of type {kind}, which holds more than the solution: that is "
                    "its .x"
                )
            return f"the result is of type {kind}, but it should be a number or array"
    return None


def several(question: "Question") -> str | None:
    """Several things, as `return a, b` gives, where one is wanted."""
    if not all(isinstance(answer, tuple) for answer in question.answers):
        return None
    if any(got.shape == want.shape for got, want in zip(question.got, question.want, strict=True)):
        return None
    says = f"your function returns {len(question.answers[0])} things"
    for k, which in ((0, "first"), (-1, "last")):
        parts = [answer[k] for answer in question.answers if answer]
        if all_agree(parts, question.rights, question.tolerance):
            return f"{says}, and the {which} is right: return it alone"
    return f"{says}, separated by a comma; one is wanted"


def no_truths(question: "Question") -> str | None:
    """Numbers where an array of truth values is wanted."""
    return for_truths(question.answers, question.rights)


def for_truths(answers: list, rights: list) -> str | None:
    """What to say of numbers where truth values are wanted; lists of True and False will do."""
    for answer, right in zip(answers, rights, strict=True):
        got, right = np.asarray(answer), np.asarray(right)
        if right.dtype == bool != got.dtype and right.ndim and got.shape == right.shape:
            return NO_TRUTHS
    return None


NO_TRUTHS = (
    "your result holds numbers where truth values are wanted: as an index, 0 and 1 are the rows "
    "0 and 1, and `~` makes −1 and −2 of them. Write ~, &, | or a comparison, or .astype(bool)"
)


def other_shape(question: "Question") -> str | None:
    """A shape that is not the wanted one, with what often makes it."""
    for got, want in zip(question.got, question.want, strict=True):
        if got.shape == want.shape:
            continue
        says = f"the result has shape {got.shape}, but it should have {want.shape}"
        if want.ndim == 0:
            return f"{says}, one number: is a product `@`, a sum or a mean missing?"
        if got.ndim == 0:
            return f"{says}: is a sum or mean taken over all axes, where one of them has to stay?"
        if got.ndim == want.ndim + 1 and got.shape[0] != want.shape[0]:
            return f"{says}: do several arrays come back, or a column (N, 1) times a row (P,)?"
        return f"{says}: over which axis is summed, and which stays?"
    return None


def shape_words(array: np.ndarray) -> str:
    """How to speak of the wanted shape."""
    return "one number, of shape ()," if array.ndim == 0 else str(array.shape)
