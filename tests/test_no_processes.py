"""What a browser's Python lacks, played here: no processes, no threads, no alarm."""

import signal
import subprocess
import sys
import threading

import pytest

from trpo_np.browser import NoLock, stand_in_for_multiprocessing
from trpo_np.limits import within

WITHOUT = """
import sys
from importlib import machinery
find = machinery.PathFinder.find_spec
machinery.PathFinder.find_spec = lambda name, *more: (
    None if name == "_multiprocessing" else find(name, *more))
sys.builtin_module_names = tuple(set(sys.builtin_module_names) - {"_multiprocessing"})
"""


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def test_the_package_is_imported_in_a_browser_without_the_module_of_processes():
    code, _, said = run(WITHOUT + "import gymnasium")
    if code == 0:
        pytest.skip("this gymnasium does without processes")
    assert "No module named '_multiprocessing'" in said
    browser = 'sys.platform = "emscripten"\n'
    show = 'import trpo_np; print(sys.modules["_multiprocessing"].SemLock.__name__)'
    assert run(WITHOUT + browser + show)[:2] == (0, "NoLock\n")
    assert run(WITHOUT + show)[0] != 0  # elsewhere nothing stands in


def test_a_module_that_is_there_stays():
    before = sys.modules.get("_multiprocessing")
    stand_in_for_multiprocessing()
    assert sys.modules.get("_multiprocessing") is before


def test_no_lock_is_made():
    with pytest.raises(OSError, match="no other processes"):
        NoLock(1, 1, 1, "name", False)


def test_without_alarm_and_threads_a_limited_function_runs_to_its_end(monkeypatch):
    def start(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.delattr(signal, "setitimer", raising=False)
    monkeypatch.setattr(threading.Thread, "start", start)
    assert within(1e-9, lambda: 3) == 3
    with pytest.raises(ZeroDivisionError):
        within(1, lambda: 1 / 0)
