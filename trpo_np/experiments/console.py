"""What a person sees while an agent trains: a table, and a progress bar below it."""

import re
import shlex
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TextIO

from tqdm import tqdm

from trpo_np.training.notes import Note
from trpo_np.training.result import TrainResult

# A warning of gymnasium's, which it may colour.
_GYMNASIUMS = re.compile(r"(?:\x1b\[\d+m)?WARN: (.*?)(?:\x1b\[0m)?", re.DOTALL)
ROWS = 40  #: about as many rows are printed in a whole run

#: (title, name of the column, how it is printed), before and behind those of the update's report.
_BEFORE = (
    ("steps", "steps", ",d"),
    ("return", "mean_return", ".1f"),
    ("steps ago", "return_age", ",d"),
)
_BEHIND = (
    ("entropy", "entropy", ".3f"),
    ("value error", "value_error_after", ".3g"),
    ("expl. var.", "explained_variance", ".3f"),
)


def report_columns(report_type: type) -> tuple[tuple[str, str, str], ...]:
    """The columns (title, name, form) of a report that has titles for them."""
    known = [(entry.metadata, entry.name) for entry in fields(report_type)]
    return tuple((m["title"], name, m["form"]) for m, name in known if m.get("title"))


class ProgressTable:
    """Called with the result so far, it prints a row now and then and moves the bar.

    A step that was not accepted always has its row.
    """

    def __init__(self):
        self._total_steps = 0  # known once there is a result
        self._columns: tuple[tuple[str, str, str], ...] = ()  # known once there is a report
        self._next_row = 0.0
        self._bar = None

    def __call__(self, result: TrainResult) -> None:
        if self._bar is None:
            self._total_steps = result.total_steps
            self._bar = tqdm(
                total=self._total_steps, unit="step", unit_scale=True, leave=False, disable=None
            )
            self._columns = (*_BEFORE, *report_columns(type(result.report)), *_BEHIND)
            titles = [title for title, *_ in self._columns]
            self._print([*titles, "sampling/s", "updating/s"])
        row, speed = result.history[-1], result.speeds[-1]
        if row.steps >= self._next_row or not row.accepted or result.solved:
            self._next_row = row.steps + self._total_steps / ROWS
            cells = [_text(getattr(row, name), form) for _, name, form in self._columns]
            self._print([*cells, *(f"{rate:,.0f}" for rate in speed)])
        self._bar.update(row.steps - self._bar.n)

    def say(self, sentence: str) -> None:
        """Prints a sentence on stderr, above the bar."""
        with though_full():
            tqdm.write(sentence, file=sys.stderr)

    def close(self) -> None:
        """Takes the bar off the screen; the table stays."""
        if self._bar is not None:
            self._bar.close()

    def _print(self, cells: list[str]) -> None:
        forms = ["", "", *(form for *_, form in self._columns[2:]), "", ""]
        widths = [22 if form == "s" else 11 for form in forms]
        with though_full():
            tqdm.write(" ".join(f"{x:>{width}}" for x, width in zip(cells, widths, strict=True)))


def _text(value: object, form: str) -> str:
    return value.replace("_", " ") if isinstance(value, str) else format(value, form)


def summarise(result: TrainResult | None, folder: Path, seconds: float, signal: int | None) -> None:
    """Prints what a run came to, and what can be done next."""
    if result is None:
        print("Stopped before the first iteration: nothing to save.")
        return
    row = result.history[-1]
    verdict = "Solved" if result.solved else "Not solved yet" if result.until_solved else "Trained"
    age = f", the newest {row.return_age:,} steps ago" if row.return_age and row.episodes else ""
    print(
        f"{'Stopped' if signal else verdict}: {result.env.name} after {row.steps:,} steps, "
        f"{seconds:.1f} s, mean return of recent episodes {row.mean_return:.1f}{age}."
    )
    if signal:
        say_where(result, folder)
    else:
        run = shlex.quote(str(folder))
        print(f"Saved in {folder}. To test it:  python -m trpo_np evaluate {run}")


def say_where(result: TrainResult | None, folder: Path) -> None:
    """Prints where a run is saved that can go on, if there is one."""
    if result is not None:
        run = shlex.quote(str(folder))
        print(f"Saved in {folder}. To go on:  python -m trpo_np train --resume {run}")


@contextmanager
def though_full() -> Iterator[None]:
    """What is printed meanwhile may be lost, to a log on a full disk: a run is worth more. Not to a
    reader that has gone."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError:
        pass


@contextmanager
def notes_on(stream: TextIO) -> Iterator[None]:
    """Meanwhile this package's and gymnasium's warnings are printed there as sentences, others as
    they are."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", Note)
        others = warnings.showwarning

        def show(message: Warning, category: type, *where: object, **more: object) -> None:
            if issubclass(category, Note):
                tqdm.write(f"warning: {message}", file=stream)
            elif told := _GYMNASIUMS.fullmatch(str(message)):
                tqdm.write(f"warning: gymnasium says: {told[1]}", file=stream)
            else:
                others(message, category, *where, **more)

        warnings.showwarning = show
        yield
