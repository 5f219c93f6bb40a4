"""Time and peak memory of a policy update as the batch (N) and the network (P) grow.

    python tests/benchmarks/growth.py --figure figures/growth.png

Each update runs in a fresh process that has the C library keep freed memory, in float32, with 10 CG
iterations; memory is the process's peak
resident size less what it had before the problem was made. Beside it stands the explicit Fisher
matrix in float32: P² numbers, measured (JᵀMJ) as far as it is quick and counted beyond.
"""

import json
import multiprocessing
import resource
import time
from argparse import ArgumentParser
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from common import machine, problem

from trpo_np import explicit_fisher, trpo_step
from trpo_np.experiments.plots import COLORS, STYLE
from trpo_np.fast.memory import keep_freed_memory

BATCHES = [10**3, 10**4, 10**5, 10**6]  # at 64×64
WIDTHS = [4, 16, 64, 230, 700, 990]  # two hidden layers; 990 has 10⁶ parameters
EXPLICIT_WIDTHS = [4, 8, 16, 32]
MEMORY = 24e9  #: bytes of the machine that the figure marks


def peak_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def update(N, width):
    """P, the seconds and the peak bytes of one update."""
    keep_freed_memory()
    before = peak_bytes()
    policy, theta, batch = problem(N, (width, width), np.float32)

    def run():
        _, report = trpo_step(policy, theta, batch)
        assert report.accepted

    return len(theta), median_seconds(run), peak_bytes() - before


def explicit(N, width):
    """P, the seconds and the peak bytes of the explicit Fisher matrix."""
    keep_freed_memory()
    before = peak_bytes()
    policy, theta, batch = problem(N, (width, width), np.float32)

    def run():
        F = explicit_fisher(policy, theta, batch.observations, route="gauss_newton")
        assert F.shape == (len(theta), len(theta))

    return len(theta), median_seconds(run), peak_bytes() - before


def median_seconds(function):
    """The median time of a call: of one where it is long, of up to nine where they are short."""
    times = []
    while len(times) < 9 and sum(times) < 2:
        started = time.perf_counter()
        function()
        times.append(time.perf_counter() - started)
    return np.median(times)


def fresh(function, *args):
    """function(*args) in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, args)


def measure():
    rows = []
    jobs = [("update", update, N, 64) for N in BATCHES]
    jobs += [("update", update, 2048, width) for width in WIDTHS]
    jobs += [("update", update, 10**6, 990)]
    jobs += [("explicit", explicit, 2048, width) for width in EXPLICIT_WIDTHS]
    for kind, function, N, width in jobs:
        P, seconds, size = fresh(function, N, width)
        rows.append({"kind": kind, "N": N, "P": P, "seconds": seconds, "bytes": size})
        ns = 1e9 * seconds / (N * P)
        print(
            f"| {kind} | {N:,} | {P:,} | {seconds:.3f} | {ns:.2f} | {size / 1e6:,.0f} |", flush=True
        )
    return rows


def draw(rows, path):
    """Saves time over N·P and memory over P, both on log axes, with the explicit Fisher beside."""
    own = [r for r in rows if r["kind"] == "update"]
    by_size = sorted((r for r in own if r["N"] == 2048), key=lambda r: r["P"])
    full = [r for r in rows if r["kind"] == "explicit"]
    with plt.rc_context(STYLE):
        figure, (left, right) = plt.subplots(1, 2, figsize=(13, 5))
        products = np.array(sorted(r["N"] * r["P"] for r in own), dtype=float)
        left.loglog(
            [r["N"] * r["P"] for r in own], [r["seconds"] for r in own], "o", label="update"
        )
        largest = max(own, key=lambda r: r["N"] * r["P"])
        slope = largest["seconds"] / (largest["N"] * largest["P"])
        left.loglog(products, slope * products, "--", color="black", label="proportional to N·P")
        left.set_xlabel("samples × parameters, N·P")
        left.set_ylabel("seconds an update")
        left.legend()

        P = np.array([r["P"] for r in by_size], dtype=float)
        right.loglog(P, [r["bytes"] for r in by_size], "o-", label="update, N = 2048")
        measured = [r["P"] for r in full], [r["bytes"] for r in full]
        right.loglog(
            *measured, "s", color=COLORS[1], linestyle="none", label="explicit F, measured"
        )
        right.loglog(P, 4 * P**2, "--", color=COLORS[1], label="explicit F, 4 P² bytes")
        right.axhline(MEMORY, color="black", linestyle=":")
        right.plot(np.sqrt(MEMORY / 4), MEMORY, "kX", markersize=13)
        right.annotate(
            f"24 GB: F stops fitting\nat P ≈ {np.sqrt(MEMORY / 4):,.0f}",
            (np.sqrt(MEMORY / 4), MEMORY),
            xytext=(0.03, 0.72),
            textcoords="axes fraction",
            arrowprops={"arrowstyle": "->"},
        )
        right.set_xlabel("parameters, P")
        right.set_ylabel("peak memory, bytes")
        right.legend(loc="lower right")
        figure.savefig(path)


def main():
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--figure", type=Path, help="PNG file")
    parser.add_argument("--out", type=Path, help="JSON file for the numbers")
    options = parser.parse_args()
    print(machine())
    print("| what | N | P | seconds | ns for each N·P | peak memory, MB |")
    print("|---|---|---|---|---|---|")
    rows = measure()
    if options.out:
        options.out.write_text(json.dumps(rows, indent=1) + "\n")
    if options.figure:
        draw(rows, options.figure)


if __name__ == "__main__":
    main()
