"""Answers of a wrong kind or shape."""

from typing import TYPE_CHECKING

import numpy as np

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
