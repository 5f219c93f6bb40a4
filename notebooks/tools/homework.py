"""Writes homework whose numbers follow from the teacher's seed, and marks what comes back.

    pip install -e '.[classroom]'
    python notebooks/tools/homework.py --seed 7 --out homework
    python notebooks/tools/homework.py --seed 7 --grade submitted/*.ipynb

The first writes homework.ipynb for students, without the answers and the seed, and solution.ipynb
for the teacher. The second runs the notebooks that were handed in, as nbgrader would, and compares
what they hold in `answers`. Who knows the seed has the answers: take a long one. With another
version of NumPy a seed may mean other numbers.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from string import ascii_lowercase

import nbformat
import numpy as np
from homework_problems import problems
from homework_problems.marks import TOLERANCE, answers_in, marked
from homework_problems.problem import Part, Problem
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
INTRODUCTION = """\
# Homework

{count} problems over the whole course, {points} points. Numbers in brackets are equations of the
notebooks. Where it says *on paper*, paper and a pocket calculator are enough; use what you like.

Put each answer in the place of its dots: a number, or numbers in (nested) lists. An expression such
as `np.log(2)` will do. It counts in full or not at all; each of its numbers may be off by
{tolerance:.0%} of the largest in that answer, by absolute value, so three significant digits do. At
the end run all cells, see what the last one prints, and hand this in."""
FOR_THE_TEACHER = """\
# Homework: the solution

Not to be handed out. The seed is {seed}; points for what comes back:

```sh
python notebooks/tools/homework.py --seed {seed} --grade submitted/*.ipynb
```

This notebook is itself an answer that gets all {points} points."""
BEGIN = "import numpy as np\n\nanswers = {}"
END = """\
for name, answer in answers.items():
    print(name, "is open" if answer is ... else answer)"""


def notebook(chosen: list[Problem], seed: int | None = None) -> nbformat.NotebookNode:
    """The students' notebook; with a seed the teacher's, which has answers and explanations."""
    points = sum(part.points for problem in chosen for part in problem.parts)
    head = (INTRODUCTION if seed is None else FOR_THE_TEACHER).format(
        count=len(chosen), points=points, tolerance=TOLERANCE, seed=seed
    )
    cells = [new_markdown_cell(head), new_code_cell(BEGIN)]
    for number, problem in enumerate(chosen, 1):
        cells.append(new_markdown_cell(text(number, problem)))
        if problem.code:
            cells.append(new_code_cell(problem.code))
        cells.append(new_code_cell(answer_cell(number, problem, solved=seed is not None)))
        if seed is not None:
            cells.append(new_markdown_cell(f"**The way.** {problem.way}"))
    cells.append(new_code_cell(END))
    for place, cell in enumerate(cells):
        cell.id = f"homework-{place:02d}"
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


def named(number: int, problem: Problem) -> Iterator[tuple[str, Part]]:
    """("3a", the part), ("3b", the part), ... of a problem."""
    return (
        (f"{number}{letter}", part)
        for letter, part in zip(ascii_lowercase, problem.parts, strict=False)
    )


def text(number: int, problem: Problem) -> str:
    """The problem as students read it: title, points, what is given and what is asked for."""
    asked = [
        f"- **({name[-1]})** {part.asks} *({part.points} point{'s' * (part.points > 1)})*"
        for name, part in named(number, problem)
    ]
    points = sum(part.points for part in problem.parts)
    about = f"*Notebook{'s' * (len(problem.notebooks) > 2)} {problem.notebooks}; {points} points.*"
    title = f"## {number}. {problem.title}"
    return "\n\n".join([title, about, problem.text, "\n".join(asked)])


def answer_cell(number: int, problem: Problem, solved: bool) -> str:
    """A line for each answer, with its shape; the answers themselves where it is solved."""
    return "\n".join(
        f'answers["{name}"] = {written(part.value) if solved else "..."}  # {shape(part.value)}'
        for name, part in named(number, problem)
    )


def written(value: np.ndarray | float) -> str:
    """A number, or nested lists, of six significant digits."""
    return str(np.vectorize(lambda x: float(f"{x:.6g}"))(value).tolist())


def shape(value: np.ndarray | float) -> str:
    """What an answer is made of: "one number", "3 numbers", "2 × 2 numbers"."""
    return f"{' × '.join(map(str, np.shape(value)))} numbers" if np.ndim(value) else "one number"


def write(seed: int, folder: Path) -> list[Path]:
    """Writes the students' notebook and the teacher's; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = problems(seed)
    made = {"homework": notebook(chosen), "solution": notebook(chosen, seed)}
    for name, content in made.items():
        text = nbformat.writes(content) + "\n"
        (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")
    return [folder / f"{name}.ipynb" for name in made]


def grade(seed: int, paths: list[Path]) -> Iterator[str]:
    """A line for each notebook that was handed in: its points, what is wrong, and what is open."""
    wanted = {n: part for k, p in enumerate(problems(seed), 1) for n, part in named(k, p)}
    for path in paths:
        try:
            handed_in = nbformat.read(path, as_version=4)
        except (OSError, ValueError) as error:
            yield f"{path}: no notebook ({error})"
        else:
            yield f"{path}: {marked(answers_in(handed_in), wanted)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--seed", type=int, required=True, help="a whole number, the longer the better"
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--out", type=Path, metavar="FOLDER", help="where to write both notebooks")
    what.add_argument("--grade", type=Path, nargs="+", metavar="NOTEBOOK", help="handed in")
    asked = parser.parse_args()
    if asked.seed < 0:
        parser.error(f"the seed is {asked.seed}: a whole number of at least 0 is wanted")
    lines = write(asked.seed, asked.out) if asked.out else grade(asked.seed, asked.grade)
    for line in lines:
        print(line)


if __name__ == "__main__":
    main()
