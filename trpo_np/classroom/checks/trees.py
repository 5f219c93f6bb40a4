"""The syntax tree of a function that is there, and the places in it."""

import ast
import inspect
import linecache
from collections.abc import Callable, Iterator
from functools import lru_cache
from types import CodeType


@lru_cache(maxsize=64)
def _parsed(filename: str, text: str) -> ast.Module:
    return ast.parse(text)


def tree_of(function: Callable) -> ast.FunctionDef | None:
    """The function's definition, a lambda's as one that returns; None if the source is unknown."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return None
    text = "".join(linecache.getlines(code.co_filename))
    try:
        module = _parsed(code.co_filename, text)
    except SyntaxError:
        return None
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and _is_defined(node, code):
            return node
        if isinstance(node, ast.Lambda) and _is_made(node, code):
            body = [ast.Return(node.body)]
            made = ast.FunctionDef("variant", node.args, body, [], type_params=[])
            return ast.fix_missing_locations(ast.copy_location(made, node))
    return None


def _is_defined(node: ast.FunctionDef, code: CodeType) -> bool:
    return _starts(node) == code.co_firstlineno and node.name == code.co_name


def _is_made(node: ast.Lambda, code: CodeType) -> bool:
    here = code.co_name == "<lambda>" and node.lineno == code.co_firstlineno
    return here and _names(node) == _own_names(code)


def _starts(node: ast.FunctionDef) -> int:
    return min([node.lineno, *(d.lineno for d in node.decorator_list)])


def _names(node: ast.Lambda) -> list[str]:
    return [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]


def _own_names(code: CodeType) -> list[str]:
    return list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])


def local_names(tree: ast.FunctionDef) -> list[str]:
    """The arguments and variables of the function that are read in it."""
    return sorted({n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and _is_local(n, tree)})


def _is_local(node: ast.Name, tree: ast.FunctionDef) -> bool:
    arguments = {a.arg for a in tree.args.args}
    stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not _loads(n)}
    return node.id in arguments | stored


def _loads(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)


def places_in(tree: ast.AST, path: tuple = ()) -> Iterator[tuple[tuple, object]]:
    """(path, node) of every expression that is read, and of every list of statements."""
    for name, value in ast.iter_fields(tree):
        if name in ("args", "decorator_list", "returns", "targets", "target") and not isinstance(
            tree, ast.Call
        ):
            continue
        if name == "body" and isinstance(value, list):
            yield (*path, name), value
        parts = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, part in parts:
            if isinstance(part, ast.AST):
                here = (*path, name) if index is None else (*path, name, index)
                yield here, part
                yield from places_in(part, here)
