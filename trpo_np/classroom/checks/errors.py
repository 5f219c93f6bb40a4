"""What to tell a student whose code stopped: the line, the shapes in it, the usual cause."""

import ast
import inspect
import linecache
import re
import traceback
import warnings
from collections.abc import Callable
from types import FrameType, TracebackType

import numpy as np

from trpo_np.classroom.checks.causes import cause_of


def file_of(student: Callable) -> str:
    """The file, or the notebook's cell, in which the function stands."""
    code = getattr(inspect.unwrap(student), "__code__", None)
    return code.co_filename if code else ""


def last_own(error: BaseException, student: Callable) -> TracebackType | None:
    """The innermost place in the student's own code that the error passed through."""
    found, place = None, error.__traceback__
    while place:
        if place.tb_frame.f_code.co_filename == file_of(student):
            found = place
        place = place.tb_next
    return found


def sentence(error: Exception, student: Callable, count: int) -> str:
    """The whole sentence for an error."""
    place = last_own(error, student)
    if place is None:
        return _calling(error, student, count)
    kind = type(error).__name__
    shapes = shapes_in(place)
    where = f" ({shapes})" if shapes else ""
    return f"your code stops with {kind}{line_of(place, student)}{where}: {cause_of(error)}"


def _calling(error: Exception, student: Callable, count: int) -> str:
    if isinstance(error, TypeError) and "argument" in str(error):
        return (
            f"your function cannot be called with the {count} arguments of the exercise: leave its "
            "first line as it stands there"
        )
    return f"your code stops with {type(error).__name__}: {cause_of(error)}"


def endless(error: BaseException, student: Callable, seconds: float) -> str:
    """The sentence for code that did not end."""
    place = last_own(error, student)
    where = f" It was stopped{line_of(place, student)}." if place else ""
    return (
        f"your code has not ended after {seconds:g} seconds, so it was stopped: is there a loop "
        f"whose condition never becomes false, or one that doubles for ever?{where}"
    )


def line_of(place: TracebackType, student: Callable) -> str:
    """ " in line 3, `x = x + 1`", the line counted from that of the def."""
    text = linecache.getline(place.tb_frame.f_code.co_filename, place.tb_lineno).strip()
    number = place.tb_lineno - inspect.unwrap(student).__code__.co_firstlineno + 1
    return f" in line {number}, `{text}`" if text else ""


def shapes_in(place: TracebackType) -> str:
    """The shapes of what the failing expression is made of: "`dh` has shape (5, 2), ..."."""
    frame, text = place.tb_frame, failing_text(place)
    parts = {}
    for node in _operands(text):
        source = ast.unparse(node)
        value = _value(node, frame)
        if isinstance(value, np.ndarray):
            parts[source] = f"`{source}` has shape {value.shape}"
        elif callable(value) and not inspect.ismodule(value) and source in frame.f_locals:
            parts[source] = f"`{source}` is a function"
    return ", ".join(list(parts.values())[:4])


def failing_text(place: TracebackType) -> str:
    """The text of the expression that failed, as far as Python knows it, else of the line."""
    summary = traceback.extract_tb(place, limit=1)[0]
    line = linecache.getline(summary.filename, place.tb_lineno)
    if summary.colno is not None and summary.end_lineno == summary.lineno:
        inner = line.encode()[summary.colno : summary.end_colno].decode(errors="ignore")
        if _parsed(inner) is not None:
            return inner
    return line.strip()


def _parsed(text: str) -> ast.AST | None:
    try:
        return ast.parse(re.sub(r":$", ": pass", text.strip()))
    except SyntaxError:
        return None


def _operands(text: str) -> list[ast.expr]:
    """The names, indexed names and transposes in the text, the longest of each kind."""
    tree, found, inside = _parsed(text), [], set()
    for node in ast.walk(tree) if tree else []:
        if id(node) in inside:
            continue
        if isinstance(node, ast.Subscript | ast.Attribute | ast.Name) and _is_plain(node):
            found.append(node)
            inside.update(id(child) for child in ast.walk(node))
    return found


def _is_plain(node: ast.expr) -> bool:
    """Whether evaluating the expression calls nothing."""
    return not any(isinstance(n, ast.Call | ast.NamedExpr | ast.Await) for n in ast.walk(node))


def _value(node: ast.expr, frame: FrameType) -> object:
    try:
        code = compile(ast.Expression(node), "<shape>", "eval")
        with warnings.catch_warnings(action="ignore"):
            return eval(code, frame.f_globals, frame.f_locals)
    except Exception:
        return None


def is_of(warning: warnings.WarningMessage, student: Callable) -> bool:
    """Whether NumPy warned of something in the student's own code."""
    return issubclass(warning.category, RuntimeWarning) and warning.filename == file_of(student)


def warned(warning: warnings.WarningMessage, student: Callable) -> str:
    """ "a division by 0 in `x / y`", of a warning."""
    text = linecache.getline(warning.filename, warning.lineno).strip()
    said = str(warning.message)
    what = next((w for key, w in WARNINGS.items() if key in said), "a number that is too large")
    return f"{what} in `{text}`" if text else what


WARNINGS = {
    "divide by zero encountered in log": "the logarithm of 0",
    "divide by zero": "a division by 0",
    "invalid value encountered in log": "the logarithm of a negative number",
    "invalid value encountered in sqrt": "the root of a negative number",
    "invalid value": "0/0, or ∞ − ∞",
}
