"""Which equation each exercise is about, read from the notebooks.

    python -m tests.net.where            # the table of trpo_np/classroom/checks/look.py

It is the first equation that the exercise's own text names, or else the last one of its cell.
"""

import re

from .harness import SOURCES

EXERCISE = re.compile(r"\*\*Exercise (\d+\.\d+)\.\*\*(.*?)(?=\n#\n|\n\n|<details)", re.DOTALL)
#: Exercises that the last equation of their cell does not answer.
ELSEWHERE = ("2.3", "7.4", "11.11")


def equations() -> dict[str, str]:
    """ "Exercise 1.3" -> "(1.3)"."""
    found = {}
    for path in sorted(SOURCES.glob("[01]*.py")):
        text = path.read_text("utf-8")
        for exercise in EXERCISE.finditer(text):
            own = re.search(r"\((\d+\.\d+)\)", exercise[2])
            cell = text[: exercise.start()].rpartition("\n# %%")[2]
            above = re.findall(r"\\tag\{(\d+\.\d+)\}", cell)
            if (own or above) and exercise[1] not in ELSEWHERE:
                found[f"Exercise {exercise[1]}"] = f"({own[1] if own else above[-1]})"
    return found


if __name__ == "__main__":
    for name, equation in equations().items():
        print(f'    "{name}": "{equation}",')
