"""What Python in a browser (Pyodide) lacks."""

import sys
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType


class NoLock:
    """Stands where `_multiprocessing` has its lock between processes; none can be made."""

    SEM_VALUE_MAX = 2**31 - 1

    def __init__(self, *arguments: object, **options: object):
        raise OSError("A browser's Python has no other processes to share a lock with.")


def stand_in_for_multiprocessing() -> None:
    """Gives Python's `multiprocessing` the C module that a browser's Python is built without.

    gymnasium 1.4 imports it for environments in processes of their own, which nothing here makes.
    Where Python has the module, it stays.
    """
    if find_spec("_multiprocessing"):
        return
    absent = ModuleType("_multiprocessing")
    absent.__spec__ = ModuleSpec("_multiprocessing", None)
    absent.SemLock, absent.sem_unlink = NoLock, NoLock
    sys.modules["_multiprocessing"] = absent
