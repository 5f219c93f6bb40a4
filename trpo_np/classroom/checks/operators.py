"""Changes of operators: signs, terms, factors, powers, comparisons, conditions."""

import ast
from collections.abc import Iterator

from trpo_np.classroom.checks.kinds import (
    AND_OR,
    BRACKET,
    CONDITION,
    EXCLUDE,
    FACTOR,
    INCLUDE,
    POWER,
    SIGN,
    TERM,
    TURNED,
    WEIGHTS,
)


def of_binary(node: ast.BinOp) -> Iterator[tuple[str, ast.expr]]:
    """(kind, what stands in the place of an arithmetic expression)."""
    left, right, op = node.left, node.right, node.op
    new = lambda other: ast.BinOp(left, other, right)  # noqa: E731
    if isinstance(left, ast.BinOp):
        yield BRACKET, ast.BinOp(left.left, left.op, ast.BinOp(left.right, op, right))
    opened = _opened(node)
    if opened:
        yield BRACKET, opened
    if isinstance(right, ast.BinOp):
        yield BRACKET, ast.BinOp(ast.BinOp(left, op, right.left), right.op, right.right)
    if isinstance(op, ast.Add | ast.Sub):
        yield SIGN, new(ast.Sub() if isinstance(op, ast.Add) else ast.Add())
        yield TERM, left
        yield TERM, right
        if isinstance(op, ast.Sub):
            yield TERM, ast.UnaryOp(ast.USub(), right)
            yield SIGN, ast.BinOp(right, op, left)
            yield "a quotient stands where a difference belongs", new(ast.Div())
        else:
            yield "a product stands where a sum belongs", new(ast.Mult())
    elif isinstance(op, ast.Mult):
        yield "a quotient stands where a product belongs", new(ast.Div())
        yield "a sum stands where a product belongs", new(ast.Add())
        yield FACTOR, left
        yield FACTOR, right
    elif isinstance(op, ast.Div):
        yield "a product stands where a quotient belongs", new(ast.Mult())
        yield "a fraction is upside down", ast.BinOp(right, op, left)
        yield "a denominator is missing", left
        yield "a numerator is missing", ast.BinOp(ast.Constant(1.0), op, right)
    elif isinstance(op, ast.MatMult):
        yield "a product entry by entry stands where `@` belongs", new(ast.Mult())
        yield FACTOR, left
        yield FACTOR, right
        for part in (left, right):
            yield WEIGHTS, ast.Call(ast.Attribute(part, "sum", ast.Load()), [], [])
    elif isinstance(op, ast.Pow):
        yield POWER, left
        yield POWER, ast.BinOp(left, op, ast.BinOp(right, ast.Add(), ast.Constant(1)))
        yield "a product stands where a power belongs", new(ast.Mult())


def _opened(node: ast.BinOp) -> ast.BinOp | None:
    """(a - b) * c * d without its brackets, a - b * c * d; None for other expressions."""
    factors, first = [], node
    while isinstance(first, ast.BinOp) and isinstance(first.op, ast.Mult | ast.Div):
        factors.append((first.op, first.right))
        first = first.left
    if len(factors) < 2 or not isinstance(first, ast.BinOp):
        return None
    if not isinstance(first.op, ast.Add | ast.Sub):
        return None
    product = first.right
    for op, right in factors[::-1]:
        product = ast.BinOp(product, op, right)
    return ast.BinOp(first.left, first.op, product)


def of_compare(node: ast.Compare) -> Iterator[tuple[str, ast.expr]]:
    """(kind, what stands in the place of a comparison)."""
    if len(node.ops) != 1:
        return
    for kind, other in COMPARISONS.get(type(node.ops[0]), ()):
        yield kind, ast.Compare(node.left, [other()], node.comparators)


COMPARISONS = {
    ast.LtE: [(INCLUDE, ast.Lt), (TURNED, ast.GtE)],
    ast.GtE: [(INCLUDE, ast.Gt), (TURNED, ast.LtE)],
    ast.Lt: [(EXCLUDE, ast.LtE), (TURNED, ast.Gt)],
    ast.Gt: [(EXCLUDE, ast.GtE), (TURNED, ast.Lt)],
    ast.Eq: [(TURNED, ast.NotEq)],
    ast.NotEq: [(TURNED, ast.Eq)],
}


def of_boolean(node: ast.BoolOp) -> Iterator[tuple[str, ast.expr]]:
    """(kind, what stands in the place of `and` and `or`)."""
    other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield (
        AND_OR,
        ast.BoolOp(other, node.values),
    )
    for k in range(len(node.values)):
        rest = [value for i, value in enumerate(node.values) if i != k]
        yield CONDITION, rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
