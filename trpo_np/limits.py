"""A time limit for code that may never end."""

import ctypes
import signal
import threading
import time
from collections.abc import Callable

LONGEST = 1e8  #: seconds, three years: systems refuse alarms that are much later


class TimeIsUp(BaseException):
    """Raised in the code that took too long; no `except Exception` of its own stops it."""


def within(seconds: float, function: Callable[[], object]) -> object:
    """The function's result; TimeIsUp where it has not ended after so many seconds.

    In the main thread of a system with alarms by an alarm, elsewhere in a thread of its own, and
    where there are neither, without a limit.
    """
    if has_alarm():
        return by_alarm(seconds, function)
    try:
        return _in_a_worker(seconds, function)
    except RuntimeError as error:
        if "start new thread" not in str(error):
            raise
        return function()


def has_alarm() -> bool:
    """Whether `by_alarm` can be used: in the main thread of a system that has alarms."""
    return threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")


def by_alarm(seconds: float, function: Callable[[], object]) -> object:
    """The function's result; TimeIsUp where it has not ended after so many seconds.

    Python hears the alarm between two of its own lines, and in most waits: code of another language
    that never comes back is not stopped.
    """

    def stop(number, frame):
        raise TimeIsUp

    before = signal.signal(signal.SIGALRM, stop)
    begun = time.monotonic()
    first = min(seconds, LONGEST, _running_alarm() or seconds)
    left, _ = signal.setitimer(signal.ITIMER_REAL, first)
    try:
        return function()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if left:  # somebody's alarm was running before: it goes on
            rest = left - (time.monotonic() - begun)
            signal.setitimer(signal.ITIMER_REAL, max(rest, 1e-3))


def _running_alarm() -> float:
    return signal.getitimer(signal.ITIMER_REAL)[0]


def _in_a_worker(seconds: float, function: Callable[[], object]) -> object:
    results: list[tuple[str, object]] = []

    def work() -> None:
        try:
            results.append(("value", function()))
        except BaseException as error:
            results.append(("error", error))

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    worker.join(seconds)
    if worker.is_alive():  # Python lets an exception in between two lines
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(worker.ident), ctypes.py_object(TimeIsUp)
        )
        worker.join(1.0)  # one that hangs within a line is left alone
    if not results:
        raise TimeIsUp
    kind, value = results[0]
    if kind == "error":
        raise value
    return value
