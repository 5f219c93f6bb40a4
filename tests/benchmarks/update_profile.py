"""Where the time of a policy update goes.

    python tests/benchmarks/update_profile.py

An update makes a local problem (the forward pass, kept for the products, and L at theta), takes its
gradient, solves by ten products, and searches along the line. The solver and the search are timed
within whole updates, the other two beside them, in turn: medians of many, in milliseconds. The rest
is what an update takes beyond these four: its checks and the report. The batches are those of
`policy_updates.py`.
"""

import time
from collections import defaultdict
from functools import wraps

import numpy as np
from common import PRECISIONS, machine, problem

from trpo_np import TRPO, backtracking_line_search, conjugate_gradient, trpo_step
from trpo_np.fast.local_problem import LocalProblem
from trpo_np.fast.memory import keep_freed_memory

CASES = [(N, hidden) for hidden in ((64, 64), (256, 256)) for N in (2048, 8192)]
PARTS = ("local problem", "gradient", "ten products", "line search")


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


def profile(N, hidden, precision, fraction=1.0):
    """The median times of an update and its parts, and how often the line search shortened."""
    policy, theta, batch = problem(N, hidden, precision)
    rng, times = np.random.default_rng(0), defaultdict(list)
    update = TRPO(
        fisher_fraction=fraction,
        solve=timed(conjugate_gradient, "ten products", times),
        search=timed(backtracking_line_search, "line search", times),
    )
    make_problem = timed(LocalProblem, "local problem", times)
    step = timed(trpo_step, "update", times)
    for _ in range(max(5, 200_000 // N)):
        at_theta = make_problem(policy, theta, batch)
        timed(at_theta.gradient, "gradient", times)()
        _, report = step(policy, theta, batch, update, rng)
    return {name: np.median(values) for name, values in times.items()}, report.backtracks


def main():
    keep_freed_memory()
    print(machine())
    header = [
        "N",
        "hidden",
        "precision",
        "states of F",
        "update, ms",
        *PARTS,
        "rest",
        "steps tried",
    ]
    print("| " + " | ".join(header) + " |")
    print("|---" * len(header) + "|")
    for N, hidden in CASES:
        for precision in PRECISIONS:
            for fraction in (1.0, 0.1):
                times, backtracks = profile(N, hidden, precision, fraction)
                times["rest"] = times["update"] - sum(times[name] for name in PARTS)
                row = [f"{N:,}", "×".join(map(str, hidden)), precision.__name__, f"{fraction:g}"]
                row += [f"{times[name]:.1f}" for name in ("update", *PARTS, "rest")]
                print("| " + " | ".join([*row, str(backtracks + 1)]) + " |", flush=True)


if __name__ == "__main__":
    main()
