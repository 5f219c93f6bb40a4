"""The order of the lines of a proof: its checks, and what is wrong with a wrong order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from trpo_np.classroom.checks.check import Check, Mistake

BACK = "this is the way back, from the result to its reasons: begin at the other end"
FROM_0 = "the lines are numbered from 1, and your numbers begin with 0"
ON_THE_PAGE = "this is the order on the page: which line needs none of the others?"


@dataclass(frozen=True)
class Order(Check):
    """A check of the order of lines, of which some may be false and belong nowhere."""

    false: Mapping[int, str] = field(default_factory=dict)  #: number of a line -> what is false

    def of_several(self, got: np.ndarray, want: np.ndarray) -> str:
        """What is wrong with a list of lines, without the place of any line."""
        numbers = got.ravel().tolist()
        right = want.tolist()
        return unusual(numbers, right, self.false) or misplaced(numbers, right)


def unusual(got: Sequence[float], right: Sequence[float], false: Mapping[int, str]) -> str | None:
    """What is wrong with a list in which not just the right lines stand, each of them once."""
    lines = len(right) + len(false)
    stray = [number for number in got if number not in range(1, lines + 1)]
    if stray:
        return f"no line has the number {stray[0]:g}: they have the numbers 1 to {lines}"
    for number, why in false.items():
        if number in got:
            return f"line {number} does not follow: {why}"
    twice = [number for number in got if list(got).count(number) > 1]
    if twice:
        return f"line {twice[0]:g} stands there twice; write each line once"
    if len(got) != len(right):
        return f"{len(right)} lines belong to the proof, and your list has {len(got)}"
    return None


def misplaced(got: Sequence[float], right: Sequence[float]) -> str:
    """What is wrong with the right lines in a wrong order."""
    if [right[int(number) - 1] for number in got if number <= len(right)] == sorted(right):
        return (
            "your list says at which place each line stands; write which line stands at each "
            "place: first the number of the line that comes first"
        )
    alone = [n for n in got if _without(n, got) == _without(n, right)]
    if len(alone) == 1:
        return f"only line {alone[0]:g} stands in a wrong place, the others follow one another"
    if len(alone) == 2:
        return "all is right but two lines that follow one another: which of them needs the other?"
    first = next(k for k, (a, b) in enumerate(zip(got, right, strict=True)) if a != b)
    if first == 0:
        return f"line {got[0]:g} cannot be the first: what does it rest on?"
    so_far = "the first is right" if first == 1 else f"the first {first} are right"
    return f"{so_far}; line {got[first]:g} does not follow from line {got[first - 1]:g}"


def _without(number: float, numbers: Sequence[float]) -> list[float]:
    return [n for n in numbers if n != number]


def order(
    name: str,
    right: Sequence[int],
    wrong: Mapping[tuple[int, ...], str],
    praise: str,
    false: Mapping[int, str] | None = None,
    look: str = "",
) -> Order:
    """The check of a proof's lines, in the order `right`; `wrong` has orders with their sentence,
    `false` the lines that belong nowhere with what is false."""
    usual = {
        tuple(right[::-1]): BACK,
        tuple(number - 1 for number in right): FROM_0,
        tuple(range(1, len(right) + 1)): ON_THE_PAGE,
    }
    return Order(
        name,
        lambda: list(right),
        lambda: [()],
        tuple(
            Mistake(lambda lines=lines: list(lines), says)
            for lines, says in (usual | dict(wrong)).items()
        ),
        praise,
        look=look,
        false=false or {},
    )
