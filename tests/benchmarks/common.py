"""What the benchmarks share: problems of a given size, and ratios of times within one run."""

import csv
import importlib.util
import io
import multiprocessing
import os
import platform
import sys
import time
from pathlib import Path

import numpy as np
from gymnasium import spaces

from trpo_np import Batch, make_policy
from trpo_np.classroom.recorded import rows_of
from trpo_np.fast.memory import keep_freed_memory
from trpo_np.training.files import write

OBSERVATIONS, ACTIONS = 17, 6  # those of HalfCheetah
SHAPES = [(2048, (64, 64)), (20_000, (64, 64)), (8192, (256, 256))]
PRECISIONS = [np.float32, np.float64]


def problem(N, hidden, precision, seed=0):
    """A Gaussian policy, its theta and a batch of N random states, all in one precision."""
    rng = np.random.default_rng(seed)
    policy = make_policy(
        spaces.Box(-np.inf, np.inf, (OBSERVATIONS,)), spaces.Box(-1, 1, (ACTIONS,)), hidden
    )
    theta = policy.init(rng).astype(precision)
    obs = rng.standard_normal((N, OBSERVATIONS)).astype(precision)
    actions = policy.sample(theta, obs, rng)
    advantages = rng.standard_normal(N).astype(precision)
    return policy, theta, Batch(obs, actions, advantages, policy.log_prob(theta, obs, actions))


def seconds(function, repeats):
    """The mean time of one call, over `repeats` calls, once it is warm."""
    for _ in range(1 + repeats // 4):  # wakes its threads
        function()
    started = time.perf_counter()
    for _ in range(repeats):
        function()
    return (time.perf_counter() - started) / repeats


def rate(function):
    """Steps a second of a function that returns how many steps it made."""
    started = time.perf_counter()
    steps = function()
    return steps / (time.perf_counter() - started)


def keeping_memory(build, *args):
    """build(*args), in a process that has the C library keep freed memory, as our command line
    does. Ours are always timed so; the others with --keep-for-all."""
    keep_freed_memory()
    return build(*args)


def save_rows(rows, path):
    """Writes dictionaries with the same keys as a CSV file, complete or not at all, whose first
    line is the command."""
    text = io.StringIO(newline="")
    script, *arguments = sys.argv
    text.write(f"# {' '.join(['python', f'tests/benchmarks/{Path(script).name}', *arguments])}\n")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write(path, lambda file: file.write(text.getvalue().encode()))


def read_rows(path):
    """What save_rows has written; no rows where there is no file."""
    return rows_of(path) if path.exists() else []


def theirs(*job):
    """A job of another library, in a process as it is, or like ours with --keep-for-all."""
    return (keeping_memory, *job) if "--keep-for-all" in sys.argv[1:] else job


class Isolated:
    """The function build(*args) in a process of its own, so that neither the threads of another
    library, which spin for a while after their work, nor its settings touch it."""

    def __init__(self, build, *args):
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        context.Process(target=_serve, args=(theirs, build, args), daemon=True).start()

    def measured(self, measure, *args):
        """measure(function, *args), once all other processes are still."""
        time.sleep(0.2)
        self._pipe.send((measure, args))
        return self._pipe.recv()

    def close(self):
        """Ends the process."""
        self._pipe.send(None)


def _serve(pipe, build, args):
    function = build(*args)
    while message := pipe.recv():
        measure, args = message
        pipe.send(measure(function, *args))


def paired(reference, others, rounds=7, at_least=0.2):
    """The reference's median time, and each other's median ratio to it, given builders.

    Each is a tuple (build, *args), and build(*args) is the function to time, in its own process.
    Every round times all of them one after the other, so that a slow spell hits all alike.
    """
    timed = {name: Isolated(*job) for name, job in {"reference": reference, **others}.items()}
    repeats = {}
    for name, function in timed.items():
        repeats[name] = max(1, round(at_least / function.measured(seconds, 3)))
    rows = [
        {name: function.measured(seconds, repeats[name]) for name, function in timed.items()}
        for _ in range(rounds)
    ]
    for function in timed.values():
        function.close()
    ratios = {name: np.median([row[name] / row["reference"] for row in rows]) for name in others}
    return np.median([row["reference"] for row in rows]), ratios


def have(package):
    """Whether an optional package is installed; says so if not."""
    if importlib.util.find_spec(package):
        return True
    print(f"({package} is not installed: its columns are left out. pip install -e '.[benchmarks]')")
    return False


def machine():
    """One line on what this was measured on."""
    return (
        f"Python {sys.version.split()[0]}, NumPy {np.__version__}, {os.cpu_count()} cores, "
        f"{platform.machine()} {platform.system()}"
    )
