"""Turns the answers of this folder into students' functions, and judges what a check says of them.

An answer is an expression, a body of a function, or a change of the notebook's solution:

    "v @ v"                     the function returns this
    "x = v\\nreturn x @ x"       the function's body
    "a => b"                    the solution with b in the place of the first a
    "a =>> b"                   in the place of every a

In an exercise that asks for a number it is the number, as an expression.
"""

import ast
import builtins
import linecache
import re
import textwrap
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from itertools import count
from pathlib import Path

import numpy as np

from trpo_np.classroom.checks import Check, diagnosis

SOURCES = Path(__file__).parents[2] / "notebooks" / "src"
SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)^ *### END SOLUTION", re.DOTALL | re.MULTILINE)
#: Verdicts that tell no cause and no place.
VAGUE = re.compile(r"^the result is off by|should be 0 in one|^too (small|large|near|far)")
#: Endless loops of the net are stopped sooner than a student's; on a busy machine others are not.
SECONDS = 3.0
#: Seconds for what is tried on one answer: so many that the rates are the same on slow machines.
PATIENCE = 4.0


@dataclass(frozen=True)
class Exercise:
    """An exercise of a notebook: its check, and its solution with what stands around it."""

    number: str
    check: Check
    head: str  #: "def my_kl(p, q):", empty where a number is predicted
    given: str  #: the lines that the exercise gives above the solution
    solution: str
    code: tuple[ast.stmt, ...]  #: of all the notebook's other cells
    before: int  #: how many of them stand above the exercise

    @property
    def predicts(self) -> bool:
        """Whether a number is predicted."""
        return not self.head


@cache
def exercises() -> dict[str, Exercise]:
    """number -> exercise, of all notebooks."""
    found = {}
    for path in sorted(SOURCES.glob("*.py")):
        checks = import_module(f"trpo_np.classroom.notebook_{path.stem[:2]}")
        code: list[ast.stmt] = []
        here = {}
        for cell in re.split(r"(?m)^# %%.*\n", path.read_text("utf-8")):
            if re.search(r"^nb\.check_", cell, re.MULTILINE):
                exercise = _exercise(cell, checks, len(code))
                here[exercise.number] = exercise
            elif not cell.lstrip().startswith("#") or re.search(r"(?m)^[^#\s]", cell):
                code.extend(ast.parse(cell).body)
        found |= {number: replace(exercise, code=tuple(code)) for number, exercise in here.items()}
    return found


def _exercise(cell: str, checks: object, before: int) -> Exercise:
    name = re.search(r"^nb\.(check_\w+)\(", cell, re.MULTILINE)[1]
    check = getattr(checks, name)
    solution = textwrap.dedent(SOLUTION.search(cell)[1])
    head = re.search(r"^def .*?:\n(?=    )", cell, re.DOTALL | re.MULTILINE)
    given = cell[head.end() : cell.index("### BEGIN")] if head else ""
    number = check.name.removeprefix("Exercise ")
    check = replace(check, seconds=SECONDS)
    return Exercise(
        number, check, head[0] if head else "", textwrap.dedent(given), solution, (), before
    )


_NUMBER = count()


def answer(exercise: Exercise, code: str) -> object:
    """The student's function, or number, that the code stands for."""
    if exercise.predicts:
        return eval(code, {"np": np})
    return student(exercise, body(exercise, code))


def body(exercise: Exercise, code: str) -> str:
    """The lines that stand in the place of the solution."""
    for mark, times in ((" =>> ", -1), (" => ", 1)):
        if mark in code:
            old, new = code.split(mark, 1)
            if old not in exercise.solution:
                raise ValueError(f"{exercise.number}: the solution has no {old!r}")
            return exercise.solution.replace(old, new, times)
    try:
        expression = ast.parse(code, mode="eval").body
    except SyntaxError:
        return code
    prints = isinstance(expression, ast.Call) and getattr(expression.func, "id", "") == "print"
    return code if prints else f"return {code}"


def student(exercise: Exercise, lines: str) -> Callable:
    """The function of the exercise with these lines, in a cell of its own."""
    text = exercise.head + textwrap.indent(exercise.given + lines, "    ") + "\n"
    filename = f"answers/{exercise.number}/{next(_NUMBER)}.py"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    namespace = dict(namespace_of(exercise.number, names_in(text)))
    exec(compile(text, filename, "exec"), namespace)
    return namespace[re.match(r"def (\w+)", exercise.head)[1]]


def names_in(text: str) -> frozenset[str]:
    """The names that a function reads and does not make."""
    tree = ast.parse(text)
    names = [n for n in ast.walk(tree) if isinstance(n, ast.Name)]
    made = {n.id for n in names if not isinstance(n.ctx, ast.Load)}
    made |= {a.arg for a in ast.walk(tree) if isinstance(a, ast.arg)}
    return frozenset({n.id for n in names} - made - set(dir(builtins)))


@cache
def namespace_of(number: str, names: frozenset[str], whole: bool = False) -> dict[str, object]:
    """What the cells above the exercise, or all cells, make of these names."""
    wanted, kept = set(names), []
    exercise = exercises()[number]
    for statement in reversed(exercise.code if whole else exercise.code[: exercise.before]):
        made = _made_by(statement)
        if made & wanted:
            wanted |= {n.id for n in ast.walk(statement) if isinstance(n, ast.Name)}
            kept.append(statement)
    namespace = {"__name__": "answers"}
    for statement in kept[::-1]:
        code = compile(ast.Module([statement], type_ignores=[]), f"cells of {number}", "exec")
        with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
            try:
                exec(code, namespace)
            except NameError:  # of what the student writes
                namespace |= _taken_over(statement, namespace)
    return namespace


def _taken_over(statement: ast.stmt, namespace: dict[str, object]) -> dict[str, object]:
    """The reference, where a cell takes over a function of the student that is not there."""
    call = statement.value if isinstance(statement, ast.Assign) else None
    if not isinstance(call, ast.Call) or not ast.unparse(call.func).endswith("yours"):
        return {}
    check = eval(ast.unparse(call.args[1]), namespace)
    return {name: check.reference for name in _made_by(statement) if name not in namespace}


def _made_by(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.FunctionDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(a.asname or a.name).split(".")[0] for a in statement.names}
    if isinstance(statement, ast.Assign):
        stored = (n for target in statement.targets for n in ast.walk(target))
        return {n.id for n in stored if isinstance(n, ast.Name)}
    return set()


def verdict(exercise: Exercise, given: object) -> str | None:
    """What the check says, without the warnings of the student's own code."""
    function = given if callable(given) else lambda *args: given
    with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
        before, diagnosis.BUDGET = diagnosis.BUDGET, PATIENCE
        try:
            return exercise.check.verdict(function)
        finally:
            diagnosis.BUDGET = before
