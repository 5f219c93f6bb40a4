"""Programs that differ from a function in one place, made by changing its syntax tree."""

import ast
import copy
import inspect
import linecache
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from trpo_np.classroom.checks.everywhere import of_tree
from trpo_np.classroom.checks.replacements import of_expression, of_statements


@dataclass(frozen=True)
class Variant:
    """A changed function, and the kind of the change in a sentence."""

    kind: str
    function: Callable
    text: str  #: its source, for reports; never shown to a student


def variants_of(function: Callable) -> list[Variant]:
    """All changes of one place that compile; an empty list where the source is not known."""
    tree = tree_of(function)
    if tree is None:
        return []
    made = {}
    for kind, changed in changed_trees(tree):
        text = ast.unparse(changed)
        if text not in made and text != ast.unparse(tree):
            made[text] = (kind, changed)
    return [
        Variant(kind, compiled(changed, function), text) for text, (kind, changed) in made.items()
    ]


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
        if isinstance(node, ast.FunctionDef) and _starts(node) == code.co_firstlineno:
            if node.name == code.co_name:
                return node
        if isinstance(node, ast.Lambda) and code.co_name == "<lambda>":
            if node.lineno == code.co_firstlineno and _names(node) == _own_names(code):
                body = [ast.Return(node.body)]
                made = ast.FunctionDef("variant", node.args, body, [], type_params=[])
                return ast.fix_missing_locations(ast.copy_location(made, node))
    return None


def _starts(node: ast.FunctionDef) -> int:
    return min([node.lineno, *(d.lineno for d in node.decorator_list)])


def _names(node: ast.Lambda) -> list[str]:
    return [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]


def _own_names(code) -> list[str]:
    return list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])


def compiled(tree: ast.FunctionDef, original: Callable) -> Callable:
    """The tree as a function that sees what the original sees."""
    plain = copy.deepcopy(tree)
    plain.decorator_list, plain.returns = [], None
    for argument in ast.walk(plain.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    own = inspect.unwrap(original)
    namespace = dict(own.__globals__)
    for name, cell in zip(own.__code__.co_freevars, own.__closure__ or (), strict=False):
        namespace[name] = cell.cell_contents
    module = ast.fix_missing_locations(ast.Module([plain], type_ignores=[]))
    exec(compile(module, "<variant>", "exec"), namespace)
    function = namespace[plain.name]
    function.__defaults__, function.__kwdefaults__ = own.__defaults__, own.__kwdefaults__
    return function


def changed_trees(tree: ast.FunctionDef) -> Iterator[tuple[str, ast.FunctionDef]]:
    """(kind, tree) for every change of one place."""
    names = sorted({n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and _is_local(n, tree)})
    for path, node in places_in(tree):
        if isinstance(node, ast.expr):
            for kind, new in of_expression(node, names, path):
                yield kind, replaced(tree, path, new)
        elif isinstance(node, list):
            for kind, new in of_statements(node):
                yield kind, replaced(tree, path, new)
    yield from of_tree(tree, names)


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


def replaced(tree: ast.FunctionDef, path: tuple, new: object) -> ast.FunctionDef:
    """A copy of the tree with something else at one path."""
    made = copy.deepcopy(tree)
    node: object = made
    for step in path[:-1]:
        node = node[step] if isinstance(step, int) else getattr(node, step)
    if isinstance(path[-1], int):
        node[path[-1]] = copy.deepcopy(new)
    else:
        setattr(node, path[-1], copy.deepcopy(new))
    return made
