"""When a run is saved on its way, and how it is told to stop."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import perf_counter

from trpo_np.experiments.storage import save_progress, save_run
from trpo_np.training.result import TrainResult

SHARE = 0.01  #: of a run's time that saving may take
AGAIN = 10.0  #: seconds after which a save that failed is tried again


class Saver:
    """Called with the result so far, it saves the run now and then.

    Saves come so far apart that they take about one hundredth of the time; the first one comes at
    once. One that fails is said to have failed, by `say`, and training goes on.
    """

    def __init__(self, folder: Path, say: Callable[[str], None]):
        self.folder, self.say = folder, say
        self.latest: TrainResult | None = None
        self._due = 0.0
        self._saved = False

    def __call__(self, result: TrainResult) -> None:
        self.latest = result
        started = perf_counter()
        if started < self._due:
            return
        try:
            save_progress(result, self.folder)
            self._saved = True
        except OSError as error:
            self.say(
                f"warning: {error.filename or self.folder} could not be written "
                f"({error.strerror or error}): training goes on, and this is tried again."
            )
            self._due = started + AGAIN
            return
        now = perf_counter()
        self._due = now + (now - started) * (1 / SHARE - 1)

    def finish(self) -> None:
        """Saves all of the run, if there is anything to save; where that fails, says what the
        folder holds."""
        if self.latest is None:
            return
        try:
            save_run(self.latest, self.folder)
        except OSError:
            if self._saved:
                self.say(f"warning: {self.folder} holds the run as it was when it was saved last.")
            raise


class Stopped(Exception):  # noqa: N818
    """Ends a run at a safe point, after a whole iteration."""


class Stop:
    """While it is entered, Ctrl-C, SIGTERM and SIGHUP are heard, and `check` raises Stopped; one
    more Ctrl-C interrupts at once. What the process was started to ignore, it still ignores."""

    def __init__(self):
        self.signal: int | None = None
        self._before: dict[int, object] = {}

    def check(self) -> None:
        """Raises Stopped once a signal was heard."""
        if self.signal is not None:
            raise Stopped

    def __enter__(self) -> "Stop":
        if threading.current_thread() is threading.main_thread():
            for name in ("SIGINT", "SIGTERM", "SIGHUP"):
                number = getattr(signal, name, None)  # Windows has no SIGHUP
                if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _hear(self, number: int, frame: object) -> None:
        if number == signal.SIGINT:
            if self.signal is not None:
                raise KeyboardInterrupt
            with suppress(OSError):  # print is not safe here
                os.write(2, b"\nStopping after this iteration; Ctrl-C again stops at once.\n")
        self.signal = self.signal or number


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """While it is entered, SIGTERM and SIGHUP raise SystemExit, so that processes that were begun
    are ended as well; what the process was started to ignore, it still ignores."""

    def leave(number: int, frame: object) -> None:
        sys.exit(128 + number)

    numbers = [getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP")]
    heard = [n for n in numbers if n is not None and signal.getsignal(n) is not signal.SIG_IGN]
    before = {number: signal.signal(number, leave) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
