"""For which other arguments the answer would be right, and which do not enter it."""

import copy
from collections.abc import Callable, Iterator

import numpy as np

from trpo_np.classroom.checks.attempts import attempt
from trpo_np.classroom.checks.cases import is_number
from trpo_np.classroom.checks.compare import agrees, all_agree, numbers


def none_enters(question) -> str | None:
    """A result that is the same whatever the arguments are."""
    if len(question.free) < len(question.cases[0]):
        return None
    return f"no argument enters: the result is the same whatever they are{_shape(question)}"


def not_entering(question) -> str | None:
    """Arguments that the answer does not depend on, though the right one does."""
    if not question.free:
        return None
    names = " and ".join(f"`{name}`" for name in question.free)
    verb, them = ("does", "it is") if len(question.free) == 1 else ("do", "they are")
    return f"{names} {verb} not enter: the result is the same whatever {them}{_shape(question)}"


def one_not_entering(question) -> str | None:
    """A single argument, no count, that does not enter: said before anything is guessed."""
    if len(question.free) != 1:
        return None
    value = question.cases[0][question.names.index(question.free[0])]
    return None if isinstance(value, int) else not_entering(question)


def _shape(question) -> str:
    k = question.wrong[0]
    got, want = question.got[k].shape, question.want[k].shape
    return "" if got == want else f"; and it has shape {got} where {want} is wanted"


def given_back(question) -> str | None:
    """A result that is one of the arguments, as it came in."""
    for i, name in enumerate(question.names):
        parts = [case[i] for case in question.cases]
        if all(numbers(part) is not None for part in parts) and all_agree(question.answers, parts, 0):
            return f"the result is `{name}` as it came in, in every case: nothing has changed it"
    return None


def free(question) -> list[str]:
    """The arguments that change the right answer in some case, and the student's in none."""
    if not all(np.isfinite(got).all() for got in question.got):
        return []
    count = len(question.cases[0])
    return [name for i, name in enumerate(question.names[:count]) if _is_free(question, i)]


def _is_free(question, i: int) -> bool:
    """Whether the i-th argument changes the right answer in some case, and the student's in none."""
    matters = False
    for k, case in enumerate(question.cases):
        for other in perturbed(case[i]):
            moved = (*case[:i], other, *case[i + 1 :])
            answer = attempt(question.student, moved, 1.0)
            if answer is None or not agrees(answer, question.answers[k], 1e-12):
                return False
            right = attempt(question.check.reference, moved)
            matters |= right is not None and not agrees(right, question.rights[k], 1e-6)
    return matters


def perturbed(value: object) -> Iterator[object]:
    """Other values for an argument, none for one that is no number, array or function."""
    if isinstance(value, bool | np.bool_):
        yield not value
    elif isinstance(value, int | np.integer):
        yield value + 1
        yield value - 1
    elif is_number(value):
        yield 0.83 * value + 0.01
        yield 4.7 * value + 0.3
    elif isinstance(value, np.ndarray) and value.dtype == bool:
        yield ~value
    elif isinstance(value, np.ndarray):
        waves = np.cos(np.arange(value.size).reshape(value.shape))
        yield value * (1 + 0.1 * waves) + 0.01
        yield value * (3 + waves) + 0.3
    elif isinstance(value, list) and value and isinstance(value[0], np.ndarray):
        yield [next(perturbed(part)) for part in value]
    elif callable(value):
        yield lambda *args: 0.7 * value(*args) + 0.01
        yield lambda *args: 6.0 * value(*args)


def changed(question) -> str | None:
    """A change of one argument, or an exchange of two, with which the answer is right."""
    if not question.some_finite:
        return None
    count = len(question.cases[0])
    for says, change in changes(question, count):

        def elsewhere(*case, change=change):
            return question.check.reference(*change(copy.deepcopy(case)))

        if not question.has_time():
            return None
        if question.is_that_of(elsewhere):
            return says
    return None


def changes(question, count: int) -> Iterator[tuple[str, Callable]]:
    """Sentences with the change of the arguments that they are true of."""
    names, case = question.names, question.cases[0]
    for i in range(count):
        for says, function in CHANGES:
            if applies(function, case[i]):
                yield says.format(names[i]), at(i, function)
    yield from row_changes(case)
    for i in range(count):
        for j in range(count):
            if not alike(case[i], case[j]):
                continue
            a, b = names[i], names[j]
            if i < j:
                yield (
                    f"`{a}` and `{b}` are exchanged: each stands where the other belongs",
                    lambda case, i=i, j=j: tuple(
                        case[{i: j, j: i}.get(k, k)] for k in range(len(case))
                    ),
                )
            if i != j:
                yield (
                    f"`{a}` stands where `{b}` belongs",
                    lambda case, i=i, j=j: (*case[:j], case[i], *case[j + 1 :]),
                )


def row_changes(case: tuple) -> Iterator[tuple[str, Callable]]:
    """Rows that are left out of all arrays that have as many."""
    lengths = [len(value) for value in case if isinstance(value, np.ndarray) and value.ndim]
    if len(lengths) < 1 or len(set(lengths)) > 1:
        return
    for says, part in ROWS:
        yield (
            says,
            lambda case, part=part: tuple(
                value[part] if isinstance(value, np.ndarray) and value.ndim else value
                for value in case
            ),
        )


ROWS = [
    ("your result is that of the first row, or entry, alone", slice(0, 1)),
    ("your result is that of the last row, or entry, alone", slice(-1, None)),
    ("the last row, or entry, of the arguments is left out", slice(0, -1)),
    ("the first row, or entry, of the arguments is left out", slice(1, None)),
]


def alike(a: object, b: object) -> bool:
    """Whether two arguments could be mistaken for one another."""
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.shape == b.shape and a.dtype == b.dtype
    return (is_number(a) and is_number(b)) or (callable(a) and callable(b))


def at(i: int, function: Callable) -> Callable:
    """The function of all arguments that changes the i-th."""
    return lambda case: (*case[:i], function(case[i]), *case[i + 1 :])


def applies(function: Callable, value: object) -> bool:
    """Whether a change is one for values of this kind, and changes it."""
    if not (is_number(value) or isinstance(value, np.ndarray)):
        return False
    with np.errstate(all="ignore"):
        try:
            new = function(value)
        except (TypeError, ValueError):
            return False
    return new is not None and not np.array_equal(new, value)


def _whole(function):
    return lambda x: function(x) if isinstance(x, int) and not isinstance(x, bool) else None


def _real(function):
    """For numbers that are no whole ones, and arrays of them."""
    return lambda x: function(x) if np.asarray(x).dtype.kind == "f" else None


def _rows(function):
    return lambda x: function(x) if np.ndim(x) else None


CHANGES = [
    ("your result is the right one for `{}` − 1: one too few", _whole(lambda x: x - 1)),
    ("your result is the right one for `{}` + 1: one too many", _whole(lambda x: x + 1)),
    ("your result is the right one for `{0}` = 0, as if `{0}` were left out", _real(lambda x: 0.0 * x)),
    ("your result is the right one for `{0}` = 1, as if a factor `{0}` were missing", _real(lambda x: 0.0 * x + 1)),
    ("your result is the right one for −`{0}`: look at the signs of the terms in which `{0}` stands", _real(lambda x: -x)),
    ("your result is the right one for 1 − `{0}` in place of `{0}`", _real(lambda x: 1 - x)),
    ("your result is the right one for the square of `{}`: a power too many, or a root missing", _real(np.square)),
    ("your result is the right one for the root of `{}`: a root too many, or a square missing", _real(np.sqrt)),
    ("your result is the right one for 2 `{}`: a factor 2 too many, or a ½ missing", _real(lambda x: 2 * x)),
    ("your result is the right one for ½ `{}`: a factor 2 is missing, or a ½ too many", _real(lambda x: 0.5 * x)),
    ("your result is the right one for 1/`{0}` in place of `{0}`", _real(lambda x: 1 / x)),
    ("your result is the right one for the absolute value of `{}`", _real(np.abs)),
    ("your result is the right one for the exponential of `{0}` in place of `{0}`", _real(np.exp)),
    ("your result is the right one for the logarithm of `{0}` in place of `{0}`", _real(np.log)),
    ("`{}` has its truth values turned round: a `~` is missing or too many", lambda x: ~x if np.asarray(x).dtype == bool else None),
    ("your result is the right one where `{}` is False everywhere: it is not looked at", lambda x: x & False if np.asarray(x).dtype == bool else None),
    ("your result is the right one where `{}` is True everywhere", lambda x: x | True if np.asarray(x).dtype == bool else None),
    ("your result is the right one for the transpose of `{}`", lambda x: x.T if np.ndim(x) > 1 else None),
    ("your result is the right one for `{}` in the reverse order", _rows(lambda x: x[::-1])),
    ("your result is the right one for `{}` shifted by one place", _rows(lambda x: np.roll(x, 1, axis=0))),
    ("your result is the right one for `{}` shifted by one place", _rows(lambda x: np.roll(x, -1, axis=0))),
    ("your result is the right one for `{}` divided by its sum", _rows(lambda x: x / np.sum(x))),
    ("your result is the right one for `{}` less its mean", _rows(lambda x: x - np.mean(x))),
]  # fmt: skip
