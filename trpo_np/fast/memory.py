"""What the operating system is asked for speed, by programs that own their process."""

import numpy as np


def keep_freed_memory() -> None:
    """Has the C library keep the memory of large arrays for the next ones, in the whole process.

    It gives each array above some size back to the system, and a new one starts with a page fault
    every 4 kB, which takes longer than a matrix product: updates run at 0.75 to 0.9 of the time
    with it (tests/benchmarks/README.md). glibc raises that size to the largest it has seen freed,
    up to 32 MB: one array that is never touched will do. Others may ignore it. The command line
    calls it; a program of your own may.
    """
    np.empty(2**25 - 2**16, np.uint8)
