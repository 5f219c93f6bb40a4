"""Where the time of a policy update goes.

    python tests/benchmarks/update_profile.py

The parts of `trpo_step` are timed within the same updates: medians of many, in milliseconds. The
batches are those of `policy_updates.py`. What is left over is the report and the checks.
"""

import sys
import time
from collections import defaultdict
from functools import wraps

import numpy as np
from common import PRECISIONS, machine, problem

from trpo_np import trpo_step

CASES = [(N, hidden) for hidden in ((64, 64), (256, 256)) for N in (2048, 8192)]
#: The parts by the names that trpo.py calls them by; conjugate gradient is its ten products.
PARTS = {
    "policy_gradient_at": "gradient",
    "conjugate_gradient": "ten products",
    "backtracking_line_search": "line search",
}


def timed(function, name, times):
    """The function, which adds its time to `times`."""

    @wraps(function)
    def run(*args, **kwargs):
        started = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            times[name].append(1e3 * (time.perf_counter() - started))

    return run


def profile(N, hidden, precision):
    """The median times of an update and its parts, and how often the line search shortened."""
    policy, theta, batch = problem(N, hidden, precision)
    module, times = sys.modules["trpo_np.trpo"], defaultdict(list)
    originals = {name: getattr(module, name) for name in PARTS}
    for name, part in PARTS.items():
        setattr(module, name, timed(originals[name], part, times))
    linearize = timed(lambda: policy.linearize(theta, batch.observations), "linearize", times)
    update = timed(lambda: trpo_step(policy, theta, batch), "update", times)
    try:
        for _ in range(max(5, 200_000 // N)):
            linearize()
            report = update()[1]
    finally:
        for name, function in originals.items():
            setattr(module, name, function)
    return {name: np.median(values) for name, values in times.items()}, report.backtracks


def main():
    names = ["linearize", *PARTS.values()]
    print(machine())
    header = ["N", "hidden", "precision", "update, ms", *names, "steps tried"]
    print("| " + " | ".join(header) + " |")
    print("|---" * len(header) + "|")
    for N, hidden in CASES:
        for precision in PRECISIONS:
            times, backtracks = profile(N, hidden, precision)
            row = [f"{N:,}", "×".join(map(str, hidden)), precision.__name__]
            row += [f"{times[name]:.1f}" for name in ("update", *names)] + [str(backtracks + 1)]
            print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
