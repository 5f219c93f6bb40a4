"""What a problem of the homework is: its numbers, and the words into which they are put."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Case:
    """The numbers of a problem: what is given, the right answers, and how the text shows both."""

    given: dict
    answers: tuple[Array | float, ...]
    shown: dict[str, str] = field(default_factory=dict)
    code: str = ""  #: a cell to run


@dataclass(frozen=True, eq=False)
class Part:
    """One thing that is asked for: the words, what they are worth, and the right numbers."""

    asks: str
    points: int
    value: Array | float


@dataclass(frozen=True, eq=False)
class Problem:
    """A problem in words, with its numbers."""

    title: str
    notebooks: str  #: that it is about
    text: str
    parts: tuple[Part, ...]
    way: str  #: for the teacher: how one gets there
    code: str = ""


def told(words: dict, case: Case) -> Problem:
    """The problem of a table of problems.toml with the numbers of a case; KeyError where the words
    name a number that is not shown."""
    parts = tuple(
        Part(filled(asks, case.shown), points, value)
        for (points, asks), value in zip(words["parts"], case.answers, strict=True)
    )
    text, way = (filled(words[name], case.shown) for name in ("text", "way"))
    return Problem(words["title"], words["notebooks"], text, parts, way, case.code)


def filled(text: str, shown: dict[str, str]) -> str:
    """The text with each «name» replaced."""
    return re.sub(r"«(\w+)»", lambda match: shown[match[1]], text.strip())


def drawn(
    rng: np.random.Generator,
    propose: Callable[[np.random.Generator], dict],
    fits: Callable[[dict], bool],
) -> dict:
    """The first proposal that fits: one whose right answer is not that of a usual mistake."""
    while not fits(given := propose(rng)):
        pass
    return given


def apart(*numbers: float, by: float = 0.03) -> bool:
    """Whether every two of these differ by more than a share of the larger."""
    return all(
        abs(a - b) > by * max(abs(a), abs(b)) for k, a in enumerate(numbers) for b in numbers[:k]
    )


def shown(given: dict) -> dict[str, str]:
    """Every number and row as a text has it; a row's entries also as name0, name1, ..."""
    texts = {}
    for name, x in given.items():
        if np.ndim(x) == 0:
            texts[name] = plain(x)
        elif np.ndim(x) == 1:
            texts[name] = "(" + ", ".join(map(plain, x)) + ")"
            texts |= {f"{name}{k}": plain(entry) for k, entry in enumerate(x)}
    return texts


def plain(x: float) -> str:
    """A number of four digits, without needless ones, with a true minus sign."""
    return f"{x:.4g}".replace("-", "−")


def matrix(rows: Array) -> str:
    """The TeX of a matrix."""
    lines = (" & ".join(f"{x:.4g}" for x in line) for line in rows)
    return r"\begin{pmatrix} " + r" \\ ".join(lines) + r" \end{pmatrix}"


def table(head: list[str], rows: list[list]) -> str:
    """A table of Markdown, its numbers as `plain` has them."""
    lines = [head, ["---"] * len(head), *rows]
    cells = ([x if isinstance(x, str) else plain(x) for x in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)
