"""Programs that differ from a function in one place, made by changing its syntax tree."""

import ast
import contextlib
import copy
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial

from trpo_np.classroom.checks.everywhere import of_tree
from trpo_np.classroom.checks.replacements import (
    of_expression,
    of_function,
    of_name,
    of_statements,
)
from trpo_np.classroom.checks.trees import local_names, places_in, tree_of


@dataclass(frozen=True)
class Variant:
    """A function with one place of its tree changed, and the kind of the change in a sentence."""

    kind: str
    tree: ast.FunctionDef
    path: tuple  #: where the tree is changed; empty where the tree itself is the changed one
    new: object  #: what stands there
    original: Callable

    @cached_property
    def function(self) -> Callable:
        """The changed function."""
        with self._in_place():
            return compiled(self.tree, self.original)

    @property
    def text(self) -> str:
        """Its source, for reports; it is never shown to a student."""
        with self._in_place():
            return ast.unparse(self.tree)

    @contextlib.contextmanager
    def _in_place(self) -> Iterator[None]:
        if not self.path:
            yield
            return
        holder, key = _holder(self.tree, self.path)
        old = _get(holder, key)
        _set(holder, key, self.new)
        try:
            yield
        finally:
            _set(holder, key, old)


def _holder(tree: ast.AST, path: tuple) -> tuple[object, object]:
    """The node or list that holds what is at the path, and its key there."""
    node: object = tree
    for step in path[:-1]:
        node = _get(node, step)
    return node, path[-1]


def _get(holder: object, key: object) -> object:
    return holder[key] if isinstance(key, int) else getattr(holder, key)


def _set(holder: object, key: object, value: object) -> None:
    if isinstance(key, int):
        holder[key] = value
    else:
        setattr(holder, key, value)


def variants_of(
    function: Callable, whole: frozenset[str] = frozenset(), everywhere: bool = True
) -> Iterator[Variant]:
    """All changes of one place, and some of several; none where the source is not known.

    `whole` are the arguments that are whole numbers.
    """
    found = tree_of(function)
    if found is None:
        return
    tree = plain(found)
    for kind, path, new in changes(tree, whole):
        yield Variant(kind, tree, path, new, function)
    for kind, changed in of_tree(tree, local_names(tree)) if everywhere else ():
        yield Variant(kind, changed, (), None, function)


def plain(tree: ast.FunctionDef) -> ast.FunctionDef:
    """A copy of the tree without decorators and type hints."""
    made = copy.deepcopy(tree)
    made.decorator_list, made.returns = [], None
    for argument in ast.walk(made.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    return made


def compiled(tree: ast.FunctionDef, original: Callable) -> Callable:
    """The tree as a function that sees what the original sees."""
    own = inspect.unwrap(original)
    namespace = dict(own.__globals__)
    for name, cell in zip(own.__code__.co_freevars, own.__closure__ or (), strict=False):
        namespace[name] = cell.cell_contents
    module = ast.fix_missing_locations(ast.Module([tree], type_ignores=[]))
    exec(compile(module, "<variant>", "exec"), namespace)
    function = namespace[tree.name]
    function.__defaults__, function.__kwdefaults__ = own.__defaults__, own.__kwdefaults__
    return function


def changes(tree: ast.FunctionDef, whole: frozenset[str]) -> Iterator[tuple[str, tuple, object]]:
    """(kind, path, what stands there) for every change of one place."""
    names = local_names(tree)
    places = list(places_in(tree))
    for maker in (of_expression, partial(of_function, whole=whole)):
        for path, node in places:
            for kind, new in maker(node, path) if isinstance(node, ast.expr) else ():
                yield kind, path, new
    for path, node in places:
        for kind, new in of_statements(node) if isinstance(node, list) else ():
            yield kind, path, new
    returned = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Return)}
    for path, node in places:
        if isinstance(node, ast.Name) and node.id in names:
            others = whole if node.id in whole else names
            for kind, new in of_name(node, others, path, id(node) in returned):
                yield kind, path, new
