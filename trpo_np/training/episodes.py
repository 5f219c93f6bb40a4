"""The one episode loop: evaluation, animation and notebooks all play by it."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from gymnasium.vector import VectorEnv

from trpo_np.training.asking import begun, closed, stepped
from trpo_np.training.exchange import next_step, rewarded
from trpo_np.training.single import are_single

Array = np.ndarray
LONGEST = 10_000  #: steps after which an episode that has no limit of its own is cut off


class Episodes(NamedTuple):
    """The first episode of each environment."""

    returns: Array  #: (E,), undiscounted
    lengths: Array  #: (E,), in steps
    cut: int  #: how many were cut off


def play(
    act: Callable[[Array], Array],
    envs: VectorEnv,
    seed: int,
    watch: Callable[[VectorEnv], None] | None = None,
    longest: int = LONGEST,
) -> Episodes:
    """The first episode of every environment, acting with act(observations) -> actions.

    What an environment does after its episode is over does not count: one that stands by itself is
    asked for nothing more. `watch` is called with the environments before every step and after the
    last. The environments are closed at the end, also where something raises.
    """
    try:
        observations = begun(next_step(envs), seed)
        returns, lengths = np.zeros(envs.num_envs), np.zeros(envs.num_envs, dtype=int)
        running = np.ones(envs.num_envs, dtype=bool)
        for _ in range(longest):
            if watch:
                watch(envs)
            observations, rewards, terminated, truncated, _ = stepped(envs, act(observations))
            returns += np.where(running, rewarded(np.asarray(rewards), running), 0.0)
            lengths += running
            over = running & (terminated | truncated)
            if are_single(envs):
                for e in np.flatnonzero(over):
                    envs.envs[e].rest()
            running &= ~over
            if not running.any():
                break
            observations = _masked(observations, running)
        if watch:
            watch(envs)
        return Episodes(returns, lengths, int(running.sum()))
    finally:
        closed(envs)


def _masked(observations: Array, running: Array) -> Array:
    """The observations, with one of those under way for environments whose episode is over."""
    if running.all():
        return observations
    keep = running.reshape(-1, *([1] * (observations.ndim - 1)))
    return np.where(keep, observations, observations[np.argmax(running)])
