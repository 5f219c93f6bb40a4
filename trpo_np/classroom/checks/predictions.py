"""What to say of a predicted number that is not the right one, without giving that away."""

import inspect
from collections.abc import Callable

import numpy as np

from trpo_np.classroom.checks import choices, errors
from trpo_np.classroom.checks.cases import is_number
from trpo_np.classroom.checks.compare import agrees, numbers
from trpo_np.classroom.checks.run import NOT_ATTEMPTED


def verdict(check, student: Callable) -> str | None:
    """None if the function returns the right number; otherwise the sentence for what it returns."""
    try:
        value = student()
    except Exception as error:
        given = errors.last_own(error, student) is None
        return no_number(student) if given else errors.sentence(error, student, 0)
    if value is Ellipsis or (value is None and "..." in _text_of(student)):
        return NOT_ATTEMPTED
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if check.letters:
        given, value = value, choices.place(value, check.letters)
        if value is None:
            return choices.sentence(given, check.letters)
    want = check.reference()
    if np.ndim(want):
        return _of_several(check, value, numbers(want))
    if not is_number(value):
        return no_number(value)
    if agrees(value, want, check.tolerance):
        return None
    for mistake in check.mistakes:
        if agrees(value, mistake.answer(), check.tolerance):
            return mistake.says
    lines = numbered_lines(check)
    if lines and float(value) not in range(1, lines + 1):
        return f"the number of a line is asked for, one of 1 to {lines}"
    return _with_look(check, wrong_number(float(value), float(want), check))


def numbered_lines(check) -> int:
    """How many numbered lines there are to choose from: the right one and those of the mistakes.
    0 where something else is asked for than one of at least four."""
    choices = {float(check.reference()), *(float(mistake.answer()) for mistake in check.mistakes)}
    return len(choices) if choices == set(range(1, len(choices) + 1)) and len(choices) > 3 else 0


def _of_several(check, value: object, want: np.ndarray) -> str | None:
    """The same where several numbers are asked for, as an order of lines is."""
    got = numbers(value)
    if got is None or got.ndim != 1 or not got.size:
        return f"a list of {want.size} numbers is asked for" + (
            "" if got is None else f", and your answer has the shape {got.shape}"
        )
    if got.shape == want.shape:
        if agrees(value, want, check.tolerance):
            return None
        for mistake in check.mistakes:
            if agrees(value, mistake.answer(), check.tolerance):
                return mistake.says
    return _with_look(check, check.of_several(got, want))


def of_several(got: np.ndarray, want: np.ndarray, tolerance: float) -> str:
    """How many of several predicted numbers are in their place."""
    if got.shape != want.shape:
        asked = f"a list of {want.size} numbers is asked for"
        return f"{asked}, and your answer has the shape {got.shape}"
    right = int(np.sum(np.isclose(got, want, rtol=0, atol=tolerance * np.max(np.abs(want)))))
    return f"{right} of the {want.size} numbers are in their place"


def _text_of(student: Callable) -> str:
    try:
        return inspect.getsource(student)
    except (OSError, TypeError):
        return ""


def _with_look(check, says: str) -> str:
    place = f"look again at {check.place}" if check.place else "work it out once more"
    return f"{says} {place.capitalize()}" if says.endswith("?") else f"{says}; {place}"


def no_number(value: object) -> str:
    """What to say of a prediction that is no number at all."""
    if value is None:
        return "your answer is None: write a number in the place of the dots (print gives None)"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool | np.bool_):
        return f"your answer is {value}, a truth value; a number is asked for"
    if callable(value):
        return "your answer is a function; a number is asked for: call it, or work it out"
    if isinstance(value, complex):
        return "your answer is a complex number; a real one is asked for"
    if isinstance(value, list | tuple | set | dict | np.ndarray):
        count = np.size(value) if isinstance(value, np.ndarray) else len(value)
        if count == 1:
            return "your number stands in brackets, as a list; write the number alone"
        return (
            f"one number is asked for, and your answer has {count}, in the shape "
            f"{np.shape(value) if numbers(value) is not None else (count,)}"
        )
    return f"your answer is of type {type(value).__name__}; a number is asked for"


def _text(value: str) -> str:
    words = value.strip().split()
    first = words[0].replace(",", ".") if words else ""
    try:
        float(first)
    except ValueError:
        return "your answer is a text; write a number, without quotation marks"
    if len(words) > 1:
        return (
            f"your answer is a text, with the unit “{' '.join(words[1:])}”; write the number "
            "alone, without unit and quotation marks"
        )
    return "your answer is a text; write the number without quotation marks"


def wrong_number(value: float, want: float, check) -> str:
    """In which direction a number is wrong; of what it is the right one."""
    if not np.isfinite(value):
        return "your answer is not a finite number"
    if value and want and agrees(-value, want, check.tolerance):
        return "the size is right, and the sign is not"
    if value and want:
        power = np.log10(abs(value / want))
        near = max(check.tolerance, 1e-9)
        if value * want > 0 and abs(power) > 0.5 and abs(power - round(power)) < near:
            return "the digits are right, and the power of ten is not"
        if abs(value * want - 1) < near:
            return "that is the factor the other way round"
        if any(value == float(f"{want:.{digits}g}") for digits in (2, 3, 4)):
            return "as far as it goes that is right, but rounded: give more digits"
        if value * want < 0:
            return f"your number is {'negative' if value < 0 else 'positive'}: can that be?"
    small, large = ("far below 0", "near to 0") if want < 0 else ("small", "large")
    return f"too {small if value < want else large}"
