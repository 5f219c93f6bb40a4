"""Changes of a call: another function, another axis, other brackets, the function left out."""

import ast
from collections.abc import Iterator

from trpo_np.classroom.checks.kinds import (
    ALL_AXES,
    AXIS,
    BRACKET,
    DIRECTION,
    INDEX,
    INVERSE,
    KEEPDIMS,
    TWICE,
)

SWAPS = {
    "mean": [
        ("sum", "a sum stands where a mean belongs"),
        ("max", "the largest stands where a mean belongs"),
        ("median", "a median stands where a mean belongs"),
    ],
    "sum": [
        ("mean", "a mean stands where a sum belongs"),
        ("max", "a largest entry stands where a sum belongs"),
    ],
    "max": [
        ("mean", "a mean stands where the largest belongs"),
        ("sum", "a sum stands where the largest belongs"),
        ("min", "the smallest stands where the largest belongs"),
    ],
    "min": [("max", "the largest stands where the smallest belongs")],
    "minimum": [("maximum", "the larger stands where the smaller belongs")],
    "maximum": [("minimum", "the smaller stands where the larger belongs")],
    "var": [("std", "a standard deviation stands where a variance belongs")],
    "std": [("var", "a variance stands where a standard deviation belongs")],
    "zeros_like": [("ones_like", "a start of ones stands where one of zeros belongs")],
    "zeros": [("ones", "a start of ones stands where one of zeros belongs")],
    "abs": [("square", "a square stands where an absolute value belongs")],
    "log": [("log2", "a logarithm has the base 2; the natural one is np.log")],
}
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
    "inv": "an inverse is missing",
    "mean": "a mean is missing",
    "sum": "a sum is missing",
    "max": "the largest is not taken",
}


def of_call(node: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """(kind, what stands in the place of a call)."""
    name = getattr(node.func, "attr", getattr(node.func, "id", None))
    for other, kind in SWAPS.get(name, ()):
        func = (
            ast.Attribute(node.func.value, other, ast.Load())
            if hasattr(node.func, "attr")
            else None
        )
        if func:
            yield kind, ast.Call(func, node.args, node.keywords)
    if isinstance(node.func, ast.Name) and node.args and name not in ("range", "len", "zip"):
        yield TWICE, ast.Call(node.func, [node, *node.args[1:]], node.keywords)
    if name in DROPS and node.args:
        yield DROPS[name], node.args[0]
    first = node.args[0] if node.args else None
    if name in ("sqrt", "exp", "log", "abs", "sum", "mean") and isinstance(first, ast.BinOp):
        inner, rest = node.args[0], node.args[1:]
        yield (
            BRACKET,
            ast.BinOp(
                ast.Call(node.func, [inner.left, *rest], node.keywords), inner.op, inner.right
            ),
        )
        yield (
            BRACKET,
            ast.BinOp(
                inner.left, inner.op, ast.Call(node.func, [inner.right, *rest], node.keywords)
            ),
        )
    if name == "solve" and len(node.args) == 2:
        yield INVERSE, ast.BinOp(node.args[0], ast.MatMult(), node.args[1])
        yield "the matrix is left out: its inverse belongs before the vector", node.args[1]
    if name == "range":
        for change in (ast.Add(), ast.Sub()):
            last = ast.BinOp(node.args[-1], change, ast.Constant(1))
            yield INDEX, ast.Call(node.func, [*node.args[:-1], last], [])
    if len(node.args) in (2, 3) and name not in ("zip", "range", "insert"):
        for k in range(len(node.args) - 1):
            args = [*node.args[:k], node.args[k + 1], node.args[k], *node.args[k + 2 :]]
            yield (
                "two arguments are exchanged in a call",
                ast.Call(node.func, args, node.keywords),
            )
    for k, keyword in enumerate(node.keywords):
        if keyword.arg == "axis" and isinstance(keyword.value, ast.Constant):
            others = {0: 1, 1: 0, -1: 0, None: 0}
            axis = ast.keyword("axis", ast.Constant(others.get(keyword.value.value, 0)))
            yield (
                AXIS,
                ast.Call(node.func, node.args, [*node.keywords[:k], axis, *node.keywords[k + 1 :]]),
            )
        if keyword.arg in ("axis", "keepdims"):
            rest = [*node.keywords[:k], *node.keywords[k + 1 :]]
            if keyword.arg == "axis":
                rest = [word for word in rest if word.arg != "keepdims"]
            yield (
                ALL_AXES if keyword.arg == "axis" else KEEPDIMS,
                ast.Call(node.func, node.args, rest),
            )
