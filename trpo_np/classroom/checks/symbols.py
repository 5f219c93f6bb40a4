"""The sizes and numbers of a case that a wrong factor may be."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from trpo_np.classroom.checks.attempts import attempt
from trpo_np.classroom.checks.cases import is_number

if TYPE_CHECKING:
    from trpo_np.classroom.checks.diagnosis import Question


def symbols(question: "Question") -> Iterator[tuple[str, np.ndarray, bool]]:
    """Sizes and numbers among the arguments: words, the value in each case, whether a size."""
    for i, name in enumerate(question.names):
        parts = [case[i] for case in question.cases]
        if all(is_number(part) for part in parts):
            yield f"`{name}`", np.array(parts, dtype=float), False
            yield f"1 − `{name}`", 1 - np.array(parts, dtype=float), False
        elif all(isinstance(part, np.ndarray) for part in parts):
            for axis in range(min(part.ndim for part in parts)):
                sizes = np.array([part.shape[axis] for part in parts], dtype=float)
                which = "length" if parts[0].ndim == 1 else f"size of axis {axis}"
                yield f"the {which} of `{name}`", sizes, True
                yield f"(the {which} of `{name}`, less 1)", sizes - 1, True
            yield (
                f"the number of entries of `{name}`",
                np.array([p.size for p in parts], float),
                True,
            )
        elif all(callable(part) for part in parts):
            yield from _sizes_of_results(question, i, name)


def _sizes_of_results(
    question: "Question", i: int, name: str
) -> Iterator[tuple[str, np.ndarray, bool]]:
    """The sizes of what a function among the arguments returns to the reference."""
    shapes = []
    for case in question.cases:
        seen: list[tuple] = []

        def spy(*args, function=case[i], seen=seen):
            result = function(*args)
            seen.append(np.shape(result))
            return result

        attempt(question.check.reference, (*case[:i], spy, *case[i + 1 :]))
        shapes.append(seen[0] if seen else ())
    for axis in range(min(map(len, shapes))):
        which = "length" if len(shapes[0]) == 1 else f"size of axis {axis}"
        sizes = np.array([shape[axis] for shape in shapes], dtype=float)
        yield f"the {which} of what `{name}` returns", sizes, True
