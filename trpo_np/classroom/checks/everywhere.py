"""Changes of a program in several places at once: a name, a product, a logarithm, an axis."""

import ast
import copy
from collections.abc import Callable, Iterator
from itertools import combinations

from trpo_np.classroom.checks.kinds import AXIS, other_name

MOST = 6  #: occurrences of a name of which pairs are tried


def of_tree(tree: ast.FunctionDef, names: list[str]) -> Iterator[tuple[str, ast.FunctionDef]]:
    """(kind, tree) for the changes that are made in several places."""
    for kind, change in CHANGES:
        made = changed(tree, change)
        if made:
            yield kind, made
    for k in range(len(_pairs_made(tree))):
        yield "two results of one call are exchanged", _exchanged(tree, k)
    for old in names:
        count = len(loads(tree, old))
        for new in names if count > 1 else ():
            if new != old:
                for chosen in chosen_places(count):
                    yield other_name(new), renamed(tree, old, new, chosen)


def chosen_places(count: int) -> Iterator[tuple[int, ...]]:
    """All of so many places, and pairs of them where they are few."""
    yield tuple(range(count))
    if 2 < count <= MOST:
        yield from combinations(range(count), 2)


def loads(tree: ast.AST, name: str) -> list[ast.Name]:
    """Where a name is read, in the order of the text."""
    found = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == name]
    return [n for n in found if isinstance(n.ctx, ast.Load)]


def renamed(tree: ast.FunctionDef, old: str, new: str, chosen: tuple[int, ...]) -> ast.FunctionDef:
    """A copy of the tree that reads another name at the chosen places."""
    made = copy.deepcopy(tree)
    places = loads(made, old)
    for k in chosen:
        places[k].id = new
    return made


def changed(tree: ast.FunctionDef, change: Callable[[ast.AST], bool]) -> ast.FunctionDef | None:
    """A copy of the tree with the change made wherever it applies; None where it does nowhere."""
    made = copy.deepcopy(tree)
    return made if sum([change(node) for node in ast.walk(made)]) > 1 else None


def _pairs_made(tree: ast.AST) -> list[ast.Tuple]:
    """The two names on the left of each `a, b = f(x)`."""
    made = [n for n in ast.walk(tree) if isinstance(n, ast.Assign)]
    left = [n.targets[0] for n in made if isinstance(n.value, ast.Call)]
    return [t for t in left if isinstance(t, ast.Tuple) and len(t.elts) == 2]


def _exchanged(tree: ast.FunctionDef, k: int) -> ast.FunctionDef:
    made = copy.deepcopy(tree)
    _pairs_made(made)[k].elts.reverse()
    return made


def _entrywise(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        node.op = ast.Mult()
        return True
    return False


def _called(old: str, new: str) -> Callable[[ast.AST], bool]:
    def change(node: ast.AST) -> bool:
        found = isinstance(node, ast.Attribute) and node.attr == old
        if found:
            node.attr = new
        return found

    return change


def _axis(node: ast.AST) -> bool:
    if (
        isinstance(node, ast.keyword)
        and node.arg == "axis"
        and isinstance(node.value, ast.Constant)
    ):
        node.value = ast.Constant(1 if node.value.value == 0 else 0)
        return True
    return False


def _axis_that_stays(node: ast.AST) -> bool:
    words = node.keywords if isinstance(node, ast.Call) else ()
    if any(word.arg == "keepdims" for word in words):
        return any(_axis(word) for word in words)
    return False


def _keepdims(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and any(word.arg == "keepdims" for word in node.keywords):
        node.keywords = [word for word in node.keywords if word.arg != "keepdims"]
        return True
    return False


CHANGES = [
    ("a product entry by entry, `*`, stands where `@` belongs", _entrywise),
    ("the logarithms have the base 2; the natural one is np.log", _called("log", "log2")),
    ("the logarithms have the base 10; the natural one is np.log", _called("log", "log10")),
    ("the larger stands where the smaller belongs", _called("minimum", "maximum")),
    ("standard deviations stand where variances belong", _called("var", "std")),
    (AXIS, _axis),
    (AXIS, _axis_that_stays),
    ("a sum loses its axis, which is needed below it (keepdims)", _keepdims),
]
