"""Tries mutants, each in a fork of one process that has collected and run the tests already.

Run by run.py in its own folder: `mutmut run` begins pytest anew for each mutant, which takes ten
times as long as most of our tests do.
"""

import gc
import json
import os
import resource
import signal
import sys
from collections import defaultdict
from pathlib import Path
from time import process_time

import pytest
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state
from mutmut.utils.format_utils import mangled_name_from_mutant_name

LONGER = 20  #: a mutant may take so many times as long as the tests took, and 5 s of CPU
EVERY = 10  #: after so many mutants what is known is written down


class Trying:
    """In the place of pytest's own loop: all tests once, then each mutant against those of them
    that run through its function, until one fails; first the one that saw the function's mutant
    before, then the quick ones."""

    def __init__(self, todo: list[str], results: Path):
        self.todo, self.results, self.failed = todo, results, False
        self.saw: dict[str, pytest.Item] = {}  # by function

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Whether any test has failed."""
        self.failed |= report.failed

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Runs everything."""
        seconds, through = {}, defaultdict(list)
        for item in session.items:
            before = process_time()
            self._run(item)
            seconds[item] = process_time() - before
            for function in state()._stats:
                through[function].append(item)
            state()._stats.clear()
            if self.failed:
                raise pytest.UsageError(f"{item.nodeid} fails without a mutant.")
        gc.freeze()
        ends = json.loads(self.results.read_text()) if self.results.exists() else {}
        for number, name in enumerate(self.todo, 1):
            function = mangled_name_from_mutant_name(name)
            saw = self.saw.get(function)
            items = sorted(through[function], key=lambda x: (x is not saw, seconds[x]))
            most = 5 + LONGER * sum(map(seconds.get, items))
            ends[name] = self._ended(name, items, int(most)) if items else "no test"
            if number % EVERY == 0 or number == len(self.todo):
                self.results.write_text(json.dumps(ends))
                print(f"{number} of {len(self.todo)}", file=sys.stderr, flush=True)
        return True

    def _ended(self, name: str, items: list[pytest.Item], most: int) -> str:
        child = os.fork()
        if child == 0:
            try:
                self._try(name, items, most)
            finally:
                os._exit(255)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if 0 < status < 255:
            self.saw[mangled_name_from_mutant_name(name)] = items[status - 1]
        return {0: "survived", -signal.SIGXCPU: "too long"}.get(status, "killed")

    def _try(self, name: str, items: list[pytest.Item], most: int) -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (most, most + 1))
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        set_mutant_under_test(name)
        for number, item in enumerate(items, 1):
            self._run(item)
            if self.failed:
                os._exit(min(number, 255))
        os._exit(0)

    def _run(self, item: pytest.Item) -> None:
        item.ihook.pytest_runtest_protocol(item=item, nextitem=None)


if __name__ == "__main__":
    loop = Trying(json.loads(Path("todo.json").read_text()), Path("results.json"))
    quiet = ["-q", "-s", "-n", "0", "--tb=no", "-p", "no:cacheprovider", "-p", "no:faulthandler"]
    sys.exit(pytest.main([*quiet, *sys.argv[1:]], plugins=[loop]))
