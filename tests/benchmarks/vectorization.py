"""Times environments that step in processes of their own beside ones that step in one.

    python tests/benchmarks/vectorization.py HalfCheetah-v5 Hopper-v5 Pendulum-v1

Random actions, 16 environments; the two ways take turns. Prints for each environment its steps a
second, the ratio of the times (median and quartiles of the turns), the processor time of a step and
its ratio, which other work on the machine hardly changes, and sampling's share of a run. `dear` is
an environment whose step takes 2 ms.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded

import sys
import time
from pathlib import Path

import gymnasium
import numpy as np

from trpo_np import TRPO, Settings, train
from trpo_np.training.environments import source

ENVS, STEPS, TURNS = 16, 200, 5
TITLES = (
    *("environment", "sync, steps/s", "async, steps/s", "time, async / sync"),
    *("µs of processor time a step, sync", "async", "async / sync", "sampling's share of a run"),
)


class Dear(gymnasium.Env):
    """An environment whose step takes 2 ms of processor time."""

    observation_space = gymnasium.spaces.Box(-1, 1, (3,))
    action_space = gymnasium.spaces.Box(-1, 1, (1,))

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.zeros(3, dtype=np.float32), {}

    def step(self, action):
        until = time.process_time() + 2e-3
        while time.process_time() < until:
            pass
        return np.zeros(3, dtype=np.float32), 1.0, False, False, {}


NAMED = {"dear": Dear}


def processor(envs):
    """Seconds of processor time so far, of this process and of the environments' (Linux)."""
    of_theirs = 0
    for process in getattr(envs, "processes", []):
        stat = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        of_theirs += int(stat[11]) + int(stat[12])
    return time.process_time() + of_theirs / os.sysconf("SC_CLK_TCK")


def times(envs, actions):
    """Seconds by the clock and of processor time, for all the steps."""
    started, worked = time.perf_counter(), processor(envs)
    for action in actions:
        envs.step(action)
    return time.perf_counter() - started, processor(envs) - worked


def compared(env_id):
    """The two times of both ways, turn by turn: (TURNS, 2, 2)."""
    both = [source(NAMED.get(env_id, env_id)).many(ENVS, how) for how in ("sync", "async")]
    both[0].action_space.seed(0)
    actions = [both[0].action_space.sample() for _ in range(STEPS)]
    try:
        for envs in both:
            envs.reset(seed=0)
            times(envs, actions[:50])
        return np.array([[times(envs, actions) for envs in both] for _ in range(TURNS)])
    finally:
        for envs in both:
            envs.close()


def share(env_id):
    """What part of a run's time sampling takes, with environments in one process."""
    result = train(NAMED.get(env_id, env_id), TRPO(), 8 * 2048, 0, Settings(precision="float32"))
    seconds = 1 / np.array(result.speeds)[1:]
    return np.median(seconds[:, 0] / seconds.sum(axis=1))


def main():
    """Prints a row for each environment."""
    print(f"| {' | '.join(TITLES)} |\n|{'---|' * len(TITLES)}")
    for env_id in sys.argv[1:] or ["Pendulum-v1", "Acrobot-v1"]:
        found = compared(env_id)
        rates = ENVS * STEPS / np.median(found[:, :, 0], axis=0)
        ratios = np.quantile(found[:, 1] / found[:, 0], [0.25, 0.5, 0.75], axis=0)
        low, middle, high = ratios[:, 0]
        worked = 1e6 * np.median(found[:, :, 1], axis=0) / (ENVS * STEPS)
        cells = [env_id, *(f"{rate:,.0f}" for rate in rates)]
        cells += [f"{middle:.2f} ({low:.2f}–{high:.2f})", *(f"{x:.0f}" for x in worked)]
        cells.append(f"{ratios[1, 1]:.2f}")
        print(f"| {' | '.join(cells)} | {share(env_id):.2f} |", flush=True)
    print(f"\nload of the machine: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
