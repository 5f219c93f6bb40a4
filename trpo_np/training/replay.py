"""How environments come back to where they were, without pickle.

Gymnasium's SyncVectorEnv steps single environments: each is seeded as it was, given the state that
its random generator had when its episode began, and the episode's actions. Gymnasium's vectorised
CartPole keeps all it knows in three arrays and a generator. Others cannot be restored.
"""

from dataclasses import dataclass, field

import gymnasium
import numpy as np
from gymnasium.envs.classic_control.cartpole import CartPoleVectorEnv
from gymnasium.utils.seeding import np_random
from gymnasium.vector import SyncVectorEnv, VectorEnv

from trpo_np.training.asking import begun

Array = np.ndarray
CARTPOLE = ("state", "steps", "prev_done")  #: its arrays, one column or entry an environment


@dataclass(frozen=True, eq=False)
class Trace:
    """What environments have left behind by which others can follow them."""

    seed: int  #: environment e was seeded with seed + e
    #: The generators' states when the episodes under way began, None for first ones.
    start: dict[int, dict | None] = field(default_factory=dict)
    now: list[dict] = field(default_factory=list)  #: their states after the last step
    actions: list[Array] = field(default_factory=list)  #: (E, ...) at each of the newest steps
    arrays: dict[str, Array] = field(default_factory=dict)  #: those of CARTPOLE

    def then(
        self, envs: VectorEnv, actions: list[Array], began: dict[int, dict], longest: int
    ) -> "Trace":
        """The trace after more steps, in which the environments of `began` began a new episode;
        the longest that is under way has so many steps."""
        if isinstance(envs, SyncVectorEnv):
            newest = (self.actions + actions)[-longest:] if longest else []
            now = [generator_of(env) for env in envs.envs]
            return Trace(self.seed, self.start | began, now, newest)
        if type(envs) is CartPoleVectorEnv:
            arrays = {name: getattr(envs, name).copy() for name in CARTPOLE}
            return Trace(self.seed, now=[generator_of(envs)], arrays=arrays)
        return self


def generator_of(env: gymnasium.Env | VectorEnv) -> dict:
    """The state of an environment's random generator."""
    return env.unwrapped.np_random.bit_generator.state


def begin_next(envs: VectorEnv, terminated: Array, truncated: Array) -> dict[int, dict]:
    """The generators' states from which the environments whose episode has just ended begin the
    next one."""
    if not isinstance(envs, SyncVectorEnv):
        return {}
    if not np.count_nonzero(terminated) and not np.count_nonzero(truncated):  # faster than any()
        return {}
    return {int(e): generator_of(envs.envs[e]) for e in np.flatnonzero(terminated | truncated)}


def restored(
    envs: VectorEnv, trace: Trace, observed: Array, lengths: Array, resetting: Array
) -> Array:
    """Brings freshly made environments to the end of the trace, where they showed `observed` (E,
    ...) after `lengths` (E,) steps of their episodes, or where the next step resets them.

    Returns which (E,) of them are there; the others must be reset.
    """
    begun(envs, trace.seed)
    E = envs.num_envs
    if isinstance(envs, SyncVectorEnv) and len(trace.now) == E:
        envs._autoreset_envs = resetting.copy()  # what it knows itself, beside its environments
        follow = range(E), observed, lengths, resetting
        return np.array(
            [_followed(envs.envs[e], trace, e, *x) for e, *x in zip(*follow, strict=True)]
        )
    if type(envs) is CartPoleVectorEnv and set(CARTPOLE) <= set(trace.arrays):
        for name in CARTPOLE:
            setattr(envs, name, trace.arrays[name].copy())
        generator_at(envs, trace.now[0])
        return np.ones(E, dtype=bool)
    return np.zeros(E, dtype=bool)


def _followed(
    env: gymnasium.Env, trace: Trace, e: int, observed: Array, length: int, resetting: bool
) -> bool:
    """Whether the environment, seeded already, is where its predecessor e was: it must show the
    same, and have its generator in the same state."""
    try:
        if not resetting:
            start, newest = trace.start.get(e), len(trace.actions) - int(length)
            actions = [step[e] for step in trace.actions[newest:]] if length else []
            seen = _replayed(env, trace.seed + e, start, actions)
            return np.array_equal(seen, observed) and generator_of(env) == trace.now[e]
        generator_at(env, trace.now[e])
    except Exception:  # whatever an environment raises that is not what it was
        return False
    return True


def generator_at(env: gymnasium.Env | VectorEnv, state: dict) -> None:
    """Gives an environment's generator a state that it had."""
    env.unwrapped.np_random.bit_generator.state = state


def reset_one(envs: VectorEnv, e: int, seed: int) -> tuple[Array, dict]:
    """Environment e of a SyncVectorEnv begins anew: its observation, and its generator's start."""
    seen = begun(envs.envs[e], seed)
    envs._autoreset_envs[e] = False
    return seen, np_random(seed)[0].bit_generator.state


def _replayed(
    env: gymnasium.Env, seed: int, start: dict | None, actions: list[Array]
) -> Array | None:
    """What the environment shows after its episode's actions, None where the episode ends."""
    seen, _ = env.reset(seed=seed)
    if start is not None:
        generator_at(env, start)
        seen, _ = env.reset()
    for action in actions:
        seen, _, terminated, truncated, _ = env.step(action.copy())
        if terminated or truncated:
            return None
    return seen
