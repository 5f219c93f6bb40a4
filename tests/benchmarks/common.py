"""What the benchmarks share: problems of a given size, and ratios of times within one run."""

import importlib.util
import os
import platform
import sys
import time

import numpy as np
from gymnasium import spaces

from trpo_np import Batch, make_policy

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
    """The mean time of one call, over `repeats` calls."""
    started = time.perf_counter()
    for _ in range(repeats):
        function()
    return (time.perf_counter() - started) / repeats


def paired(reference, others, rounds=11, at_least=0.05):
    """The reference's median time, and each other's median ratio to it.

    Every round times all of them one after the other, so that a slow spell hits all alike.
    """
    functions = {"reference": reference, **others}
    repeats = {}
    for name, function in functions.items():
        function()  # warm up
        repeats[name] = max(1, round(at_least / seconds(function, 1)))
    times = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            times[name].append(seconds(function, repeats[name]))
    base = np.array(times.pop("reference"))
    return np.median(base), {name: np.median(np.array(t) / base) for name, t in times.items()}


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
