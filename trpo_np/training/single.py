"""One environment among several that are stepped together, in this process or in one of its own."""

import os
import signal
import warnings
from collections.abc import Callable, Sequence
from functools import partial

import gymnasium
import numpy as np
from gymnasium.utils.seeding import np_random
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv, VectorEnv

from trpo_np.limits import TimeIsUp
from trpo_np.training.exchange import checked_observation, checked_step

Array = np.ndarray


class Single(gymnasium.Wrapper):
    """Environment number e of several: raises UsageError where its answers are not what they should
    be; remembers how its episode began, and can follow another to where that one was."""

    def __init__(self, env: gymnasium.Env, e: int):
        super().__init__(env)
        self.e = e
        self._began: dict | None = None
        self._resetting = False
        self._space = env.observation_space
        self._seen: object = None
        self._resting = False

    def reset(self, *, seed: int | None = None, options: dict | None = None) -> tuple:
        """The environment's reset."""
        if self._resting:
            return self._seen, {}
        self._began = state_of(self) if seed is None else None
        self._resetting = False
        self._seen, info = self.env.reset(seed=seed, options=options)
        return checked_observation(self._seen, self.e, self._space), info

    def step(self, action: object) -> tuple:
        """The environment's step; its reset where it followed another to an episode's end."""
        if self._resetting:
            seen, info = self.reset()
            return seen, 0.0, False, False, info
        if self._resting:
            return self._seen, 0.0, False, False, {}
        step = checked_step(self.env.step(action), self.e, self._space)
        self._seen = step[0]
        return step

    def rest(self) -> None:
        """From now on the environment is asked for nothing, and what it showed last is shown."""
        self._resting = True

    def memory(self) -> tuple[dict | None, dict]:
        """The generator's states when the episode under way began, None where a seed began it, and
        now."""
        return self._began, state_of(self)

    def follow(self, seed: int, lengths: Array, resetting: Array, *past: Sequence) -> bool:
        """Whether it has come to where its predecessor was, `lengths` (E,) steps into an episode or
        where the next step resets; `past` has an entry for each environment. Then it shows the
        same, and its generator is in the same state."""
        starts, nows, actions, observed = (entries[self.e] for entries in past)
        try:
            if not resetting[self.e]:
                actions = actions[len(actions) - int(lengths[self.e]) :]
                seen = self._replayed(seed + self.e, starts, actions)
                return np.array_equal(seen, observed) and state_of(self) == nows
            _set_state(self, nows)
            self._resetting = True
        except Exception:  # whatever an environment raises that is not what it was
            return False
        return True

    def anew(self, seeds: dict[int, int]) -> tuple[Array, dict] | None:
        """Begins a new episode by its seed of these, if it has one: the observation, and the state
        of the generator when it began."""
        if self.e not in seeds:
            return None
        seen, _ = self.reset(seed=seeds[self.e])
        self._began = np_random(seeds[self.e])[0].bit_generator.state
        return seen, self._began

    def _replayed(self, seed: int, start: dict | None, actions: Sequence[Array]) -> Array | None:
        """What it shows after its episode's actions, None where the episode ends."""
        seen, _ = self.reset(seed=seed)
        if start is not None:
            _set_state(self, start)
            seen, _ = self.reset()
        for action in actions:
            seen, _, terminated, truncated, _ = self.step(action.copy())
            if terminated or truncated:
                return None
        return seen


class Apart(AsyncVectorEnv):
    """Environments, each a `Single` in a process of its own."""

    def __init__(self, makes: Sequence[Callable[[], gymnasium.Env]]):
        with warnings.catch_warnings():  # what is forked here uses no threads
            warnings.simplefilter("ignore", DeprecationWarning)
            super().__init__([partial(_made, make, e, os.getpid()) for e, make in enumerate(makes)])

    def close_extras(self, **how: object) -> None:
        """Ends the processes, also where one of them was killed, or hangs."""
        try:
            with warnings.catch_warnings():  # of a step that has not come back
                warnings.simplefilter("ignore", UserWarning)
                super().close_extras(**how)
        except (EOFError, OSError, TimeIsUp):
            for process in self.processes:
                process.terminate()
            for process in self.processes:
                process.join()


def are_single(envs: VectorEnv) -> bool:
    """Whether each of the environments is a `Single`."""
    if isinstance(envs, SyncVectorEnv):
        return all(isinstance(env, Single) for env in envs.envs)
    return isinstance(envs, Apart)


def state_of(env: gymnasium.Env | VectorEnv) -> dict:
    """The state of an environment's random generator."""
    return env.unwrapped.np_random.bit_generator.state


def _set_state(env: gymnasium.Env, state: dict) -> None:
    env.unwrapped.np_random.bit_generator.state = state


def _made(make: Callable[[], gymnasium.Env], e: int, parent: int) -> Single:
    """The environment; a process that is its own hears no Ctrl-C, which ends the run after an
    iteration, and ends with SIGTERM as any other."""
    if os.getpid() != parent:
        for name, how in (("SIGINT", "SIG_IGN"), ("SIGHUP", "SIG_IGN"), ("SIGTERM", "SIG_DFL")):
            if hasattr(signal, name):  # Windows has no SIGHUP
                signal.signal(getattr(signal, name), getattr(signal, how))
    return Single(make(), e)
