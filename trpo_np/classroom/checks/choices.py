"""Answers that are one of several lettered choices, (a) to (d)."""

import numpy as np

from trpo_np.classroom.checks.cases import is_number


def place(value: object, letters: str) -> int | None:
    """The place, from 1, of the choice that a letter or a number stands for; None if of none."""
    if isinstance(value, str):
        letter = value.strip(" ().").lower()
        return letters.index(letter) + 1 if len(letter) == 1 and letter in letters else None
    if is_number(value) and float(value) in range(1, len(letters) + 1):
        return int(value)
    return None


def sentence(value: object, letters: str) -> str:
    """What to say of an answer that is none of the choices."""
    asked = f"one of the letters {letters[0]} to {letters[-1]} is asked for, in quotation marks"
    if value is None or is_number(value):
        return f"{asked}; your answer is {value}"
    if isinstance(value, str):
        return f"{asked}; your answer is “{value[:20]}”"
    if isinstance(value, list | tuple | np.ndarray):
        return f"{asked}, and alone; your answer has the shape {np.shape(value)}"
    return f"{asked}; your answer is of type {type(value).__name__}"
