"""The one-place changes of a program that students make without meaning to, with their kinds."""

import ast
from collections.abc import Iterator

SIGN = "look at the signs: a plus stands where a minus belongs, or the other way round"
TERM = "a term is missing: count those of the formula"
FACTOR = "a factor is missing: look at each product of the formula"
POWER = "a power is not the right one: a square or a root is missing, or one too many"
TURNED = "a comparison is turned round"
INCLUDE = "a comparison leaves out equality, which should be included: ≤ or ≥, not < or >"
EXCLUDE = "a comparison includes equality, which should be left out: < or >, not ≤ or ≥"
CONDITION = "one of the conditions is not asked for"
INDEX = "an index, or the number of rounds, is off by one"
CONSTANT = "a constant is not the right one"
LINE = "a line is missing, or has no effect: is each variable renewed that has to be?"
ORDER = "two lines are in the wrong order: is something renewed before its old value was used?"
AXIS = "a sum or mean runs over the wrong axis"
RETURNED = "another of the variables is returned than the one that is asked for"
BRACKET = "a bracket closes too early, or opens too late: what belongs under one root, sum or fraction?"
SLICE = "an index or a slice is not the right one"
ALL_AXES = "a sum or mean runs over all axes, where one of them has to stay"
KEEPDIMS = "a sum or mean loses its axis, which is needed below it (keepdims)"
WEIGHTS = "the weights of a sum are missing: one side of an `@`"
TWICE = "a function is applied twice"
SQUARED = "a square too many, or in the wrong place"
ROOTED = "a root too many, or in the wrong place"
DOUBLED = "a 2 too many, or in the wrong place"
INVERSE = "a product with the matrix stands where its inverse belongs"
ROUNDS = "too few rounds, or too early an end"
NOT = "a truth value is turned round: a not (~) is missing"
DIRECTION = "the loop runs in the wrong direction"
TRANSPOSE = "a transpose is missing"

SWAPS = {
    "mean": [("sum", "a sum stands where a mean belongs")],
    "sum": [("mean", "a mean stands where a sum belongs"), ("max", "a largest entry stands where a sum belongs")],
    "max": [("mean", "a mean stands where the largest belongs"), ("sum", "a sum stands where the largest belongs"),
            ("min", "the smallest stands where the largest belongs")],
    "min": [("max", "the largest stands where the smallest belongs")],
    "zeros_like": [("ones_like", "a start of ones stands where one of zeros belongs")],
    "zeros": [("ones", "a start of ones stands where one of zeros belongs")],
    "abs": [("square", "a square stands where an absolute value belongs")],
    "log": [("log2", "a logarithm has the base 2; the natural one is np.log")],
}  # fmt: skip
DROPS = {
    "abs": "an absolute value is missing",
    "exp": "an exponential is missing",
    "log": "a logarithm is missing",
    "sqrt": "a root is missing",
    "tanh": "the tanh is missing in one place",
    "with_one": "the column of ones is missing in one place",
    "_with_one": "the column of ones is missing in one place",
    "reversed": DIRECTION,
    "zeros_like": "a start is not 0",
    "mean": "a mean is missing",
    "sum": "a sum is missing",
    "max": "the largest is not taken",
}


def of_expression(node: ast.expr, path: tuple) -> Iterator[tuple[str, ast.expr]]:
    """(kind, what stands in the place of the expression)."""
    if isinstance(node, ast.Constant) and "keywords" in path:
        return
    handler = HANDLERS.get(type(node))
    for kind, new in handler(node) if handler else ():
        yield (SLICE if "slice" in path and kind in (TERM, SIGN) else kind), new


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


def other_name(name: str) -> str:
    """The kind for a variable in a wrong place; the braces take the student's name for it."""
    return f"{{{name}}} stands where another belongs"


def _binary(node: ast.BinOp) -> Iterator[tuple[str, ast.expr]]:
    left, right, op = node.left, node.right, node.op
    new = lambda other: ast.BinOp(left, other, right)  # noqa: E731
    if isinstance(left, ast.BinOp):
        yield BRACKET, ast.BinOp(left.left, left.op, ast.BinOp(left.right, op, right))
    if isinstance(right, ast.BinOp):
        yield BRACKET, ast.BinOp(ast.BinOp(left, op, right.left), right.op, right.right)
    if isinstance(op, ast.Add | ast.Sub):
        yield SIGN, new(ast.Sub() if isinstance(op, ast.Add) else ast.Add())
        yield TERM, left
        yield TERM, right
        if isinstance(op, ast.Sub):
            yield TERM, ast.UnaryOp(ast.USub(), right)
        if isinstance(op, ast.Sub):
            yield SIGN, ast.BinOp(right, op, left)
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


def _compare(node: ast.Compare) -> Iterator[tuple[str, ast.expr]]:
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


def _boolean(node: ast.BoolOp) -> Iterator[tuple[str, ast.expr]]:
    other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield "`and` and `or` are exchanged: which conditions must hold together?", ast.BoolOp(other, node.values)
    for k in range(len(node.values)):
        rest = [value for i, value in enumerate(node.values) if i != k]
        yield CONDITION, rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)


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


def _call(node: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    name = getattr(node.func, "attr", getattr(node.func, "id", None))
    for other, kind in SWAPS.get(name, ()):
        func = ast.Attribute(node.func.value, other, ast.Load()) if hasattr(node.func, "attr") else None
        if func:
            yield kind, ast.Call(func, node.args, node.keywords)
    if isinstance(node.func, ast.Name) and len(node.args) == 1:
        yield TWICE, ast.Call(node.func, [node], node.keywords)
    if name in DROPS and node.args:
        yield DROPS[name], node.args[0]
    first = node.args[0] if node.args else None
    if name in ("sqrt", "exp", "log", "abs", "sum", "mean") and isinstance(first, ast.BinOp):
        inner, rest = node.args[0], node.args[1:]
        yield BRACKET, ast.BinOp(ast.Call(node.func, [inner.left, *rest], node.keywords), inner.op, inner.right)
        yield BRACKET, ast.BinOp(inner.left, inner.op, ast.Call(node.func, [inner.right, *rest], node.keywords))
    if name == "solve" and len(node.args) == 2:
        yield INVERSE, ast.BinOp(node.args[0], ast.MatMult(), node.args[1])
        yield "the matrix is left out: its inverse belongs before the vector", node.args[1]
    if name == "range":
        for change in (ast.Add(), ast.Sub()):
            last = ast.BinOp(node.args[-1], change, ast.Constant(1))
            yield INDEX, ast.Call(node.func, [*node.args[:-1], last], [])
    if len(node.args) == 2 and name not in ("zip", "range", "insert"):
        yield "two arguments are exchanged in a call", ast.Call(node.func, node.args[::-1], node.keywords)
    for k, keyword in enumerate(node.keywords):
        if keyword.arg == "axis" and isinstance(keyword.value, ast.Constant):
            others = {0: 1, 1: 0, -1: 0, None: 0}
            axis = ast.keyword("axis", ast.Constant(others.get(keyword.value.value, 0)))
            yield AXIS, ast.Call(node.func, node.args, [*node.keywords[:k], axis, *node.keywords[k + 1 :]])
        if keyword.arg in ("axis", "keepdims"):
            rest = [*node.keywords[:k], *node.keywords[k + 1 :]]
            if keyword.arg == "axis":
                rest = [word for word in rest if word.arg != "keepdims"]
            yield (
                ALL_AXES if keyword.arg == "axis" else KEEPDIMS,
                ast.Call(node.func, node.args, rest),
            )


def _slice(node: ast.Subscript) -> Iterator[tuple[str, ast.expr]]:
    part = node.slice
    if isinstance(part, ast.Slice):
        for field in ("lower", "upper"):
            edge = getattr(part, field)
            edges = {"lower": part.lower, "upper": part.upper, "step": part.step}
            if edge:
                yield SLICE, ast.Subscript(node.value, ast.Slice(**(edges | {field: None})), node.ctx)
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
    ast.BinOp: _binary,
    ast.Compare: _compare,
    ast.BoolOp: _boolean,
    ast.UnaryOp: _unary,
    ast.Constant: _constant,
    ast.Call: _call,
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
