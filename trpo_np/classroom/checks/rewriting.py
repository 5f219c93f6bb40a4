"""Programs that differ from a function in one place, made by changing its syntax tree."""

import ast
import copy
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain

from trpo_np.classroom.checks.everywhere import of_tree
from trpo_np.classroom.checks.replacements import (
    of_expression,
    of_function,
    of_name,
    of_statements,
)
from trpo_np.classroom.checks.trees import tree_of


@dataclass(frozen=True)
class Variant:
    """A changed function, and the kind of the change in a sentence."""

    kind: str
    function: Callable
    text: str  #: its source, for reports; never shown to a student


def variants_of(
    function: Callable, whole: frozenset[str] = frozenset(), everywhere: bool = True
) -> Iterator[Variant]:
    """All changes of one place, and some of several; none where the source is not known.

    `whole` are the arguments that are whole numbers.
    """
    tree = tree_of(function)
    if tree is None:
        return
    seen = {ast.unparse(tree)}
    changes = changed_trees(tree, whole)
    for kind, changed in chain(changes, of_tree(tree, local_names(tree)) if everywhere else ()):
        text = ast.unparse(changed)
        if text not in seen:
            seen.add(text)
            yield Variant(kind, compiled(changed, function), text)


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


def changed_trees(
    tree: ast.FunctionDef, whole: frozenset[str]
) -> Iterator[tuple[str, ast.FunctionDef]]:
    """(kind, tree) for every change of one place."""
    names = local_names(tree)
    places = list(places_in(tree))
    for maker in (of_expression, partial(of_function, whole=whole)):
        for path, node in places:
            for kind, new in maker(node, path) if isinstance(node, ast.expr) else ():
                yield kind, replaced(tree, path, new)
    for path, node in places:
        for kind, new in of_statements(node) if isinstance(node, list) else ():
            yield kind, replaced(tree, path, new)
    returned = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Return)}
    for path, node in places:
        if isinstance(node, ast.Name) and node.id in names:
            others = whole if node.id in whole else names
            for kind, new in of_name(node, others, path, id(node) in returned):
                yield kind, replaced(tree, path, new)


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
