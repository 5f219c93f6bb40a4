"""Points for a notebook that was handed in: it is run, and its answers are compared."""

import json

import nbformat
import numpy as np
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from homework_problems.problem import Part

TOLERANCE = 0.01  #: of the largest number of the right answer
SECONDS = 60  #: that one cell may take
READ = """
import json
import numpy as np

def _numbers(answer):
    try:
        return np.asarray(answer, dtype=float).tolist()
    except (TypeError, ValueError):
        return None

print(json.dumps({str(name): _numbers(answer) for name, answer in answers.items()}))
"""


def answers_in(notebook: nbformat.NotebookNode) -> dict[str, list | float | None]:
    """What `answers` holds once all cells were run, None where that is no number; empty where there
    is no such dictionary. A cell that fails or takes too long does not stop those below it."""
    last = nbformat.v4.new_code_cell(READ, id="read-answers")
    copy = nbformat.from_dict(notebook | {"cells": [*notebook.cells, last]})
    try:
        NotebookClient(
            copy,
            timeout=SECONDS,
            allow_errors=True,
            interrupt_on_timeout=True,
            kernel_name="python3",
        ).execute()
    except DeadKernelError:
        return {}
    printed = "".join(out.get("text", "") for out in copy.cells[-1].outputs)
    return json.loads(printed) if printed else {}


def right(answer: list | float | None, value: np.ndarray | float) -> bool:
    """Whether an answer has the numbers of the right one, each within the tolerance."""
    if answer is None:
        return False
    answer, value = np.squeeze(answer), np.squeeze(value)
    if answer.shape != value.shape:
        return False
    return bool(np.all(np.abs(answer - value) <= TOLERANCE * np.abs(value).max() + 1e-9))


def marked(answers: dict[str, list | float | None], parts: dict[str, Part]) -> str:
    """ "31 of 50 points; wrong: 2d, 5b; open: 9a", where open is also what is no number."""
    opened = [name for name in parts if answers.get(name) is None]
    wrong = [n for n in parts if n not in opened and not right(answers[n], parts[n].value)]
    lost = {*opened, *wrong}
    points = sum(part.points for name, part in parts.items() if name not in lost)
    says = [f"{points} of {sum(part.points for part in parts.values())} points"]
    says += [f"wrong: {', '.join(wrong)}"] * bool(wrong)
    says += [f"open: {', '.join(opened)}"] * bool(opened)
    return "; ".join(says)
