"""How long a program is: its lines of code, and those that stand behind one call of it."""

import ast
import io
import sys
import tokenize
from collections.abc import Callable
from pathlib import Path
from types import CodeType

import trpo_np

PACKAGE = Path(trpo_np.__file__).parent
#: Tokens that make no line a line of code.
SILENT = (
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT),
    *(tokenize.ENCODING, tokenize.ENDMARKER),
)


def code_lines(text: str) -> set[int]:
    """The numbers of the lines of Python code: no blank lines, comments or docstrings."""
    strings = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for line in range(node.lineno, node.end_lineno + 1)
    }
    found = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in SILENT:
            found |= set(range(token.start[0], token.end[0] + 1))
    return found - strings


def functions_run(call: Callable[[], object], folder: Path = PACKAGE) -> set[CodeType]:
    """The functions in the files of a folder that run while `call()` does."""
    seen = set()

    def note(frame, event, argument):
        if event == "call" and frame.f_code.co_filename.startswith(str(folder)):
            seen.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(before)
    return seen


def lines_run(call: Callable[[], object], folder: Path = PACKAGE) -> set[tuple[str, int]]:
    """(file, line) of all code lines of the functions that run, from their heads to their ends."""
    found, texts = set(), {}
    for code in functions_run(call, folder):
        name = code.co_filename
        if name not in texts:
            texts[name] = code_lines(Path(name).read_text(encoding="utf-8"))
        last = max(line for *_, line in code.co_lines() if line)
        span = range(code.co_firstlineno, last + 1)
        found |= {(name, line) for line in texts[name].intersection(span)}
    return found
