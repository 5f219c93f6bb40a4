"""What a student's tests of the program find: the check of the hunt."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from trpo_np.classroom.checks.cases import listed
from trpo_np.classroom.checks.check import Mistake
from trpo_np.classroom.checks.compare import numbers
from trpo_np.classroom.checks.run import NOT_ATTEMPTED, run
from trpo_np.classroom.hunt.program import OTHER, PLANTED, RIGHT, Program
from trpo_np.classroom.museum.testing import QuietCheck, is_finding

Found = dict[
    str, tuple[list[str], bool]
]  #: test -> (whose bugs it finds, does it fault right ones)


def named_numbers(answer: object) -> dict[str, float] | str:
    """The numbers of a student's tests by name, or the sentence for why there are none.

    A list is numbered from 1, and a number alone is one test.
    """
    if not isinstance(answer, Mapping):
        got = numbers(answer)
        if got is None or got.ndim > 1:
            kind = f"an array of shape {got.shape}" if got is not None else type(answer).__name__
            return f"your tests give {kind}: a dictionary is wanted, {{name: number}}"
        answer = {f"test {k + 1}": x for k, x in enumerate(np.atleast_1d(got))}
    for name, value in answer.items():
        number = numbers(value)
        if value is not Ellipsis and (number is None or number.size != 1):
            what = type(value).__name__ if number is None else f"an array of shape {number.shape}"
            return f"your test “{name}” gives {what}, and one number is wanted"
    done = {str(k): float(np.ravel(v)[0]) for k, v in answer.items() if v is not Ellipsis}
    return done or NOT_ATTEMPTED


def found_by(results: list[dict[str, float]]) -> Found:
    """What each test finds, from its numbers for the right programs and those with one bug."""
    right, planted = results[:2], dict(zip(PLANTED, results[2:], strict=True))
    names = {name: None for result in results for name in result}
    missing = float("nan")  # a test that gives no number for some program
    return {
        name: (
            [piece for piece, got in planted.items() if is_finding(got.get(name, missing))],
            any(is_finding(got.get(name, missing)) for got in right),
        )
        for name in names
    }


def at_large(found: Found) -> list[str]:
    """The pieces whose bugs no test finds that lets the right programs pass."""
    seen = {piece for pieces, faults in found.values() for piece in pieces if not faults}
    return [piece for piece in PLANTED if piece not in seen]


def sentence(left: list[str]) -> str:
    """What is still to be found."""
    if len(left) == len(PLANTED):
        return (
            "none of the three bugs is found yet. Take one piece after the other: which equation "
            "does it keep for all inputs, and which of its arguments should make no difference?"
        )
    places = " and ".join(f"`{piece}`" for piece in left)
    count, verb = ("one bug", "is") if len(left) == 1 else ("two bugs", "are")
    return (
        f"{count} {verb} still at large, in {places}. Choose inputs on which a wrong piece could "
        "not look right"
    )


FAULTS = (
    "your tests find fault with programs that are right: their number must be 0 for these. Is the "
    "verdict turned round? Is it a comparison to the last bit, or with what the author's own "
    "program gives?"
)
UNUSED = "your tests never use `program`: ask its pieces, as in program.search(...)"


@dataclass(frozen=True)
class CheckOfTests(QuietCheck):
    """A check whose cases are two right programs, and three with one bug each: which of the bugs
    do the student's tests find, and do they let the right programs pass?"""

    def verdict(self, student: Callable) -> str | None:
        """None where every bug is found by a test that finds no fault with a right program."""
        with np.errstate(all="ignore"):
            result = run(student, listed(self.cases()), ["program"], self.seconds)
            if result.problem:
                return result.problem
            results = [named_numbers(answer) for answer in result.answers]
            for got in results:
                if isinstance(got, str):
                    return got
            found = found_by(results)
            says = self._says(student, found)
            return says and says + table(found)

    def _says(self, student: Callable, found: Found) -> str | None:
        if any(faults for _, faults in found.values()):
            return FAULTS
        left = at_large(found)
        if len(left) == len(PLANTED) and not _uses(student):
            return UNUSED
        return sentence(left) if left else None


def _uses(student: Callable) -> bool:
    """Whether a piece of the program is called."""
    called = []

    def spy(piece: Callable) -> Callable:
        return lambda *args: called.append(piece) or piece(*args)

    student(Program(**{name: spy(piece) for name, piece in vars(RIGHT).items()}))
    return bool(called)


def table(found: Found) -> str:
    """What each test finds, line by line."""
    width = max(len("your test"), *(len(name) for name in found))
    lines = ["", f"    {'your test':{width}}   finds"]
    for name, (pieces, faults) in found.items():
        what = " and ".join(f"the bug in `{piece}`" for piece in pieces) or "nothing"
        what = "fault with a right program" if faults else what
        lines.append(f"  {'✗' if faults else ' '} {name:{width}}   {what}")
    return "\n".join(lines)


def report(tests: Callable) -> None:
    """Prints which of the planted bugs each test finds."""
    with np.errstate(all="ignore"):
        results = [named_numbers(tests(program)) for (program,) in programs()]
    print(table(found_by(results)).lstrip("\n"))


def programs() -> list[tuple[Program]]:
    """Two right ones, and three with one bug each."""
    return [(RIGHT,), (OTHER,), *((program,) for program in PLANTED.values())]


# The course's own tests


def carries_over(advantages: Callable) -> float:
    """By how much an advantage changes when the episode after it is rewarded otherwise."""
    rng, T, E = np.random.default_rng(0), 6, 2
    rewards, V, V_next = rng.standard_normal((3, T, E))
    ended = np.zeros((T, E), dtype=bool)
    ended[2] = True  # cut off by a time limit
    later = rewards + 1.0 * (np.arange(T)[:, None] > 2)
    one, two = (advantages(r, V, V_next, ended & False, ended, 0.9, 0.8) for r in (rewards, later))
    return float(np.abs(one - two)[:3].max())


def differs_from_explicit(product: Callable) -> float:
    """How far a product with identity Jacobians is from the mean of the metrics times v."""
    rng, N, K = np.random.default_rng(1), 5, 3
    scales, v = rng.random((N, K)), rng.standard_normal(K)
    Fv = product(lambda v: np.tile(v, (N, 1)), lambda u: scales * u, lambda u: u.sum(axis=0), v)
    return float(np.abs(Fv - scales.mean(axis=0) * v).max())


def depends_on_a_constant(search: Callable) -> float:
    """How far the new parameters move when a constant is added to L."""
    x, step = np.array([0.3, -0.7]), np.array([0.2, 0.1])
    ends = [
        search(lambda y, c=c: c + y[0], lambda y: np.sum((y - x) ** 2), x, step, 0.1)
        for c in (-9.0, 0.0, 9.0)
    ]
    worse = search(lambda y: 9.0 - y[0], lambda y: 0.0, x, step, 0.1)
    return float(np.ptp(ends, axis=0).max() + np.abs(worse - x).max())


def course_tests(program: Program) -> dict[str, float]:
    """Three numbers, 0 up to rounding for a right program; their names tell nothing."""
    return {
        "test 1": carries_over(program.advantages),
        "test 2": differs_from_explicit(program.product),
        "test 3": depends_on_a_constant(program.search),
    }


def _only(*names: str) -> Callable:
    """The course's tests of some pieces."""
    tests = dict(zip(PLANTED, course_tests(RIGHT), strict=True))
    return lambda program: {name: course_tests(program)[tests[name]] for name in names}


def _left(*names: str) -> str:
    return sentence([piece for piece in PLANTED if piece not in names])


check_my_tests = CheckOfTests(
    "Exercise 16.7",
    course_tests,
    programs,
    (
        Mistake(lambda program: {"a": 0.0, "b": 0.0}, UNUSED),
        Mistake(lambda program: {"a": program.length(0.01, 2.0) - 0.1}, sentence(list(PLANTED))),
        Mistake(
            lambda program: {name: float(x == 0) for name, x in course_tests(program).items()},
            FAULTS,
        ),
        Mistake(_only("advantages"), _left("advantages")),
        Mistake(_only("product"), _left("product")),
        Mistake(_only("search"), _left("search")),
        Mistake(_only("product", "search"), _left("product", "search")),
        Mistake(_only("advantages", "search"), _left("advantages", "search")),
        Mistake(_only("advantages", "product"), _left("advantages", "product")),
    ),
    "All three found, and nothing said against a right program.",
    look="the table of pieces",
)
