"""What `python -m trpo_np` does first of all: importing the rest takes a second, and may fail."""

import os
import signal
import sys


def is_starting() -> bool:
    """Whether Python is looking for a program by its option -m at this moment."""
    return getattr(sys, "argv", [])[:1] == ["-m"]


def before_imports() -> None:
    """From here on Ctrl-C ends the process without a traceback: there is nothing to save yet. And
    matplotlib, which only draws into files, is not told of a window system that may not exist."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # and is not ignored
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.environ.pop("MPLBACKEND", None)


def after_imports() -> None:
    """From here on Ctrl-C raises KeyboardInterrupt again, as Python has it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
