"""A sweep's results: two small CSV files, each complete or absent.

results.csv         one row a run; comments before tell the commands that made it, and what an
                    empty cell of a setting means: the default of that time
results_curves.csv  the learning curves: run, steps, mean_return
"""

import csv
import io
import json
from pathlib import Path

import numpy as np

from trpo_np.errors import UsageError
from trpo_np.experiments.rows import FIRST, MEASURES, Results, told
from trpo_np.training.files import regular, write
from trpo_np.training.result import Points

MADE_BY, DEFAULTS = "# made by: ", "# defaults of "
LARGEST = 2**28  #: bytes of a file that is looked at at all
CURVE = ("run", "steps", "mean_return")


def load(path: Path) -> Results:
    """The results so far, empty ones where there is no file; raises UsageError where the file is
    none of a sweep."""
    if not path.exists():
        return Results()
    comments, table = [], []
    try:
        for line in _lines(path):
            (comments if line.startswith("#") else table).append(line)
        commands = [c[len(MADE_BY) :].strip() for c in comments if c.startswith(MADE_BY)]
        defaults = (c[len(DEFAULTS) :].split(": ", 1) for c in comments if c.startswith(DEFAULTS))
        reader = csv.DictReader(table)
        rows = {int(row["run"]): told(row) for row in reader}
        whole = {*FIRST, *MEASURES} <= set(reader.fieldnames)
        results = Results(commands, {name: json.loads(text) for name, text in defaults}, rows)
        if not whole or {row["algorithm"] for row in rows.values()} - set(results.defaults):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, csv.Error):
        raise UsageError(f"{path} holds no results of a sweep: name another file.") from None
    for number, *point in _curve_rows(curves_path(path)):
        if number in rows:  # and not one of a run whose row was not written any more
            results.curves.setdefault(number, []).append(tuple(point))
    return results


def save(results: Results, path: Path) -> None:
    """Writes both files."""
    numbers = sorted(results.rows)
    points = [(n, *point) for n in numbers for point in results.curves.get(n, [])]
    _write(curves_path(path), "", CURVE, points)
    used = {name for row in results.rows.values() for name, text in row.items() if text}
    known = (name for defaults in results.defaults.values() for name in defaults)
    columns = [*FIRST, *(n for n in dict.fromkeys(known) if n in used), *MEASURES]
    told = [MADE_BY + command for command in results.commands]
    told += [f"{DEFAULTS}{name}: {json.dumps(x)}" for name, x in results.defaults.items()]
    rows = [[results.rows[n].get(name, "") for name in columns] for n in numbers]
    _write(path, "".join(f"{line}\n" for line in told), columns, rows)


def curves_path(path: Path) -> Path:
    """The file of the learning curves beside that of the rows."""
    return path.with_name(f"{path.stem}_curves{path.suffix}")


def read_results(path: Path) -> list[dict[str, object]]:
    """The rows of runs that did not fail, all settings filled in, numbers as numbers."""
    results = load(path)
    return [
        {name: _value(x) for name, x in (results.defaults[row["algorithm"]] | row).items()}
        for number, row in results.rows.items()
        if results.done(number)
    ]


def read_curves(path: Path) -> dict[int, Points]:
    """The learning curves that go with the file of rows `path`, by the run's number."""
    return {n: [(int(x), float(y)) for x, y in c] for n, c in load(path).curves.items()}


def _value(text: str) -> object:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return {"True": True, "False": False}.get(text, text)


def _curve_rows(path: Path) -> list[tuple[int, str, str]]:
    if not path.exists():
        return []
    try:
        rows = [line.rstrip().split(",") for line in _lines(path)[1:]]
        if not all(np.isfinite(float(y)) and int(steps) >= 0 for _, steps, y in rows):
            raise ValueError
        return [(int(number), steps, y) for number, steps, y in rows]
    except ValueError:
        raise UsageError(
            f"{path} holds no learning curves of a sweep: restore it, or remove it."
        ) from None


def _lines(path: Path) -> list[str]:
    """The lines of a text with their ends; raises ValueError where it is none, or a huge one."""
    with regular(path, LARGEST) as file:
        return file.read().decode().splitlines(keepends=True)


def _write(path: Path, head: str, columns: tuple | list, rows: list) -> None:
    text = io.StringIO(newline="")
    text.write(head)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    write(path, lambda file: file.write(text.getvalue().encode()))
