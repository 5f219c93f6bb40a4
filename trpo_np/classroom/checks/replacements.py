"""The one-place changes of a program that students make without meaning to, with their kinds."""

import ast
from collections.abc import Iterator

SIGN = "look at the signs: a plus stands where a minus belongs, or the other way round"
TERM = "a term is missing"
FACTOR = "a factor is missing"
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
OTHER_NAME = "one variable stands where another belongs"
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
    "mean": "a mean is missing",
    "sum": "a sum is missing",
    "max": "the largest is not taken",
}


def of_expression(node: ast.expr, names: list[str], path: tuple) -> Iterator[tuple[str, ast.expr]]:
    """(kind, what stands in the place of the expression)."""
    handler = HANDLERS.get(type(node))
    if handler:
        yield from handler(node)
    if isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load):
        yield from ((OTHER_NAME, ast.Name(name, ast.Load())) for name in names if name != node.id)


def _binary(node: ast.BinOp) -> Iterator[tuple[str, ast.expr]]:
    left, right, op = node.left, node.right, node.op
    new = lambda other: ast.BinOp(left, other, right)  # noqa: E731
    if isinstance(op, ast.Add | ast.Sub):
        yield SIGN, new(ast.Sub() if isinstance(op, ast.Add) else ast.Add())
        yield TERM, left
        yield TERM, right if isinstance(op, ast.Add) else ast.UnaryOp(ast.USub(), right)
        if isinstance(op, ast.Sub):
            yield SIGN, ast.BinOp(right, op, left)
    elif isinstance(op, ast.Mult):
        yield "a quotient stands where a product belongs", new(ast.Div())
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


def _call(node: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    name = getattr(node.func, "attr", getattr(node.func, "id", None))
    for other, kind in SWAPS.get(name, ()):
        func = ast.Attribute(node.func.value, other, ast.Load()) if hasattr(node.func, "attr") else None
        if func:
            yield kind, ast.Call(func, node.args, node.keywords)
    if name in DROPS and node.args:
        yield DROPS[name], node.args[0]
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
            yield AXIS, ast.Call(node.func, node.args, rest)


def _slice(node: ast.Subscript) -> Iterator[tuple[str, ast.expr]]:
    part = node.slice
    if isinstance(part, ast.Slice):
        for field in ("lower", "upper"):
            edge = getattr(part, field)
            for change in (ast.Add(), ast.Sub()) if edge else ():
                edges = {"lower": part.lower, "upper": part.upper, "step": part.step}
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
