"""The usual cause of an error, in plain words and without a library's own."""

import re

from trpo_np.classroom.checks.causes_of_arrays import ARRAYS

#: (type, pattern in the error's text) -> what to say; groups of the pattern fill in {0}, {1}.
CAUSES = [
    *ARRAYS,
    ("UnboundLocalError", r"variable '(\w+)'", "`{0}` is used before it has a value"),
    (
        "NameError",
        r"name '(\w+)'",
        "nothing has the name `{0}`: is it spelt otherwise above, or does it stand in a "
        "cell that has not been run?",
    ),
    (
        "IndexError",
        r"out of bounds|out of range",
        "an index goes beyond the last entry; the entries of an axis of size n are 0 to n - 1",
    ),
    ("IndexError", r"too many indices", "more indices than axes: look at the shape"),
    (
        "IndexError",
        r"",
        "this cannot be an index: whole numbers, slices and arrays of truth values can",
    ),
    (
        "AttributeError",
        r"'(function|method|builtin_function_or_method)' object",
        "this is a function: call it first, `f(x).name`",
    ),
    (
        "AttributeError",
        r"'(\w+)' object has no attribute '(\w+)'",
        "a {0} has nothing of the name `{1}`",
    ),
    (
        "AttributeError",
        r"module '([\w.]+)' has no attribute '(\w+)'",
        "{0} has nothing of the name `{1}`",
    ),
    ("KeyError", r"(.*)", "there is no entry {0}"),
    ("ZeroDivisionError", r"", "a division by 0"),
    ("RecursionError", r"", "your function calls itself, and nothing ends that"),
    ("LinAlgError", r"[Ss]ingular", "the matrix is singular: it has no inverse"),
    ("LinAlgError", r"", "linear algebra wants square matrices here: look at the shapes"),
    ("OverflowError", r"", "a number became too large"),
]


def cause_of(error: Exception) -> str:
    """The usual cause of an error; where none is known, the first line of its own text."""
    said = str(error)
    kinds = {kind.__name__ for kind in type(error).__mro__}
    for kind, pattern, says in CAUSES:
        found = re.search(pattern, said)
        if kind in kinds and found:
            return says.format(*found.groups())
    first = said.strip().splitlines()[0] if said.strip() else "without a word"
    return re.sub(r"0x[0-9a-f]+|<[^>]*>", "...", first)[:160]
