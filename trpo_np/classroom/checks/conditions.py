"""What a right answer must keep beside its numbers: calls counted, arrays and pieces watched.

A condition is called with the student's function, the cases and the arguments' names, and returns
the sentence for what is not kept, or None. So praise can claim what was verified.
"""

import copy
import tracemalloc
from collections.abc import Callable, Sequence
from functools import wraps
from types import SimpleNamespace

import numpy as np

Condition = Callable[[Callable, Sequence[tuple], Sequence[str]], str | None]


def counted(function: Callable, log: list) -> Callable:
    """The function, which keeps the arguments of each of its calls in the log."""

    @wraps(function)
    def spy(*args, **kwargs):
        log.append(args)
        return function(*args, **kwargs)

    return spy


def watched(student: Callable, case: tuple, names: Sequence[str]) -> dict[str, list[tuple]]:
    """name -> the calls of each function among the arguments, and of each piece of a namespace."""
    logs: dict[str, list[tuple]] = {}
    given = []
    for name, value in zip(names, copy.deepcopy(case), strict=True):
        if isinstance(value, SimpleNamespace):
            spies = {
                key: counted(piece, logs.setdefault(key, [])) if callable(piece) else piece
                for key, piece in vars(value).items()
            }
            value = SimpleNamespace(**spies)
        elif callable(value):
            value = counted(value, logs.setdefault(name, []))
        given.append(value)
    student(*given)
    return logs


def calls(place: int, times: Callable[[tuple], int], what: str) -> Condition:
    """The function at a place among the arguments is called so often in each case."""

    def condition(student, cases, names):
        for case in cases:
            made = len(watched(student, case, names)[names[place]])
            asked = times(case)
            if made != asked:
                return (
                    f"the numbers are right, but your code calls `{names[place]}` {made} times "
                    f"where {asked} are enough: {what}"
                )
        return None

    return condition


def uses(*pieces: str) -> Condition:
    """Each of these pieces is called in at least one of the cases."""

    def condition(student, cases, names):
        called = set()
        for case in cases:
            called.update(name for name, log in watched(student, case, names).items() if log)
        missing = [piece for piece in pieces if piece not in called]
        if missing:
            listed = " and ".join(f"pieces.{piece}" for piece in missing)
            return (
                f"the numbers are right, but {listed} {'is' if len(missing) == 1 else 'are'} never "
                "called: the update is to be made of your own pieces"
            )
        return None

    return condition


def only_at(place: int, where: int, says: str) -> Condition:
    """The function at a place is called at no other point than the argument `where`."""

    def condition(student, cases, names):
        for case in cases:
            for point, *_ in watched(student, case, names)[names[place]]:
                if not np.array_equal(_value(point), case[where]):
                    return says
        return None

    return condition


def _value(point: object) -> object:
    """The numbers in what autograd hands to a function that it differentiates."""
    while hasattr(point, "_value"):
        point = point._value
    return point


def small_arrays(arguments: Callable[[], tuple], limit: int, says: str) -> Condition:
    """The function needs no more than so many bytes for a large case."""

    def condition(student, cases, names):
        return says if peak_memory(student, arguments()) > limit else None

    return condition


def peak_memory(function: Callable, case: tuple) -> int:
    """How many bytes the function holds at most while it runs, beside its arguments."""
    running = tracemalloc.is_tracing()
    if not running:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        function(*case)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        if not running:
            tracemalloc.stop()
