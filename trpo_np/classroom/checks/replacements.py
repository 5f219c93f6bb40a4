"""The one-place changes of a program that students make without meaning to, with their kinds."""

import ast
from collections.abc import Iterator

from trpo_np.classroom.checks.calls import of_call
from trpo_np.classroom.checks.kinds import (
    CONDITION,
    CONSTANT,
    DOUBLED,
    INDEX,
    LINE,
    NOT,
    ORDER,
    REPEATED,
    RETURNED,
    ROOTED,
    ROUNDS,
    SIGN,
    SLICE,
    SQUARED,
    TERM,
    TRANSPOSE,
    other_name,
)
from trpo_np.classroom.checks.operators import of_binary, of_boolean, of_compare


def of_expression(node: ast.expr, path: tuple) -> Iterator[tuple[str, ast.expr]]:
    """(kind, what stands in the place of the expression)."""
    if isinstance(node, ast.Constant) and "keywords" in path:
        return
    handler = HANDLERS.get(type(node))
    for kind, new in handler(node) if handler else ():
        if "slice" in path and kind in (TERM, SIGN):
            kind = SLICE
        if "comparators" in path and kind == INDEX:
            kind = CONSTANT
        yield kind, new


def of_function(
    node: ast.expr, path: tuple, whole: frozenset[str]
) -> Iterator[tuple[str, ast.expr]]:
    """A square, a root, a 2 or a minus that the expression has not; none of whole numbers."""
    if any(isinstance(part, ast.Name) and part.id in whole for part in ast.walk(node)):
        return
    if "slice" not in path and isinstance(node, ast.Name | ast.BinOp | ast.Call | ast.Subscript):
        yield SQUARED, ast.BinOp(node, ast.Pow(), ast.Constant(2))
        yield ROOTED, ast.BinOp(node, ast.Pow(), ast.Constant(0.5))
        yield DOUBLED, ast.BinOp(ast.Constant(2), ast.Mult(), node)
        yield SIGN, ast.UnaryOp(ast.USub(), node)


def of_name(
    node: ast.Name, names: list[str], path: tuple, returned: bool
) -> Iterator[tuple[str, ast.expr]]:
    """Each other variable in the place of this one."""
    for name in names:
        if name != node.id:
            kind = RETURNED if returned else SLICE if "slice" in path else other_name(name)
            yield kind, ast.Name(name, ast.Load())


def _unary(node: ast.UnaryOp) -> Iterator[tuple[str, ast.expr]]:
    yield (SIGN if isinstance(node.op, ast.USub) else NOT), node.operand


def _constant(node: ast.Constant) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node.value, bool) or not isinstance(node.value, int | float):
        return
    kind = INDEX if isinstance(node.value, int) else CONSTANT
    yield kind, ast.Constant(node.value + 1)
    yield kind, ast.Constant(node.value - 1)
    yield CONSTANT, ast.Constant(2 * node.value)
    yield CONSTANT, ast.Constant(0.5 * node.value)
    if isinstance(node.value, int) and node.value >= 10:
        yield ROUNDS, ast.Constant(node.value // 10)
        yield ROUNDS, ast.Constant(node.value // 2)


def _slice(node: ast.Subscript) -> Iterator[tuple[str, ast.expr]]:
    part = node.slice
    if isinstance(part, ast.Slice):
        for field in ("lower", "upper"):
            edge = getattr(part, field)
            edges = {"lower": part.lower, "upper": part.upper, "step": part.step}
            if edge:
                yield (
                    SLICE,
                    ast.Subscript(node.value, ast.Slice(**(edges | {field: None})), node.ctx),
                )
            for change in (ast.Add(), ast.Sub()) if edge else ():
                edges[field] = ast.BinOp(edge, change, ast.Constant(1))
                yield INDEX, ast.Subscript(node.value, ast.Slice(**edges), node.ctx)
        if isinstance(part.upper, ast.UnaryOp) and part.lower is None:
            yield INDEX, ast.Subscript(node.value, ast.Slice(lower=ast.Constant(1)), node.ctx)
    elif isinstance(part, ast.Name | ast.BinOp) and isinstance(node.ctx, ast.Load):
        for change in (ast.Add(), ast.Sub()):
            index = ast.BinOp(part, change, ast.Constant(1))
            yield INDEX, ast.Subscript(node.value, index, node.ctx)


def _attribute(node: ast.Attribute) -> Iterator[tuple[str, ast.expr]]:
    if node.attr == "T":
        yield TRANSPOSE, node.value


def _conditional(node: ast.IfExp) -> Iterator[tuple[str, ast.expr]]:
    yield CONDITION, node.body
    yield CONDITION, node.orelse


HANDLERS = {
    ast.BinOp: of_binary,
    ast.Compare: of_compare,
    ast.BoolOp: of_boolean,
    ast.UnaryOp: _unary,
    ast.Constant: _constant,
    ast.Call: of_call,
    ast.Subscript: _slice,
    ast.Attribute: _attribute,
    ast.IfExp: _conditional,
}


def of_statements(body: list[ast.stmt]) -> Iterator[tuple[str, list[ast.stmt]]]:
    """(kind, what stands in the place of the statements)."""
    for k, statement in enumerate(body):
        if isinstance(statement, ast.Assign | ast.AugAssign | ast.Expr | ast.If | ast.While):
            yield LINE, [*body[:k], *body[k + 1 :]] or [ast.Pass()]
        if k and not isinstance(statement, ast.Return):
            yield ORDER, [*body[: k - 1], statement, body[k - 1], *body[k + 1 :]]
        if _renews(statement):
            for j in range(len(body)):
                yield REPEATED, [*body[:j], statement, *body[j:]]


def _renews(statement: ast.stmt) -> bool:
    """Whether it gives a variable a value, by a call, that its old one enters."""
    if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Call):
        return False
    names = {target.id for target in statement.targets if isinstance(target, ast.Name)}
    read = {n.id for n in ast.walk(statement.value) if isinstance(n, ast.Name)}
    return bool(names & read)
