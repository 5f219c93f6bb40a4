"""What the text of the student's function tells, once its numbers are known to be wrong."""

import ast
import inspect
import textwrap
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trpo_np.classroom.checks.diagnosis import Question


def tree_of(student) -> ast.FunctionDef | None:
    """The student's function, parsed; None where its text is not known."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(student)))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError):
        return None
    return tree if isinstance(tree, ast.FunctionDef) else None


def early_return(question: "Question") -> str | None:
    """A return that stands in a loop with no `if` around it: the loop ends in its first round."""
    tree = tree_of(question.student)
    for loop in ast.walk(tree) if tree else []:
        if isinstance(loop, ast.For | ast.While) and isinstance(loop.body[-1], ast.Return):
            return (
                "your return stands inside the loop, so the loop ends in its first round: move it "
                "to the left, below the loop"
            )
    return None


def notebook_variable(question: "Question") -> str | None:
    """A variable of the notebook that the function uses beside its arguments."""
    code = getattr(inspect.unwrap(question.student), "__code__", None)
    names = code.co_names if code else ()
    outside = getattr(inspect.unwrap(question.student), "__globals__", {})
    for name in names:
        value = outside.get(name)
        if value is None or callable(value) or isinstance(value, ModuleType) or name.isupper():
            continue
        if isinstance(value, int | float | list | tuple) or hasattr(value, "shape"):
            return (
                f"your function uses `{name}`, which is none of its arguments but a variable of "
                "the notebook; the check calls it with arguments of its own"
            )
    return None
