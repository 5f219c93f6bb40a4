"""How environments come back to where they were, without pickle.

Single environments are seeded as they were, given the state that their random generator had when
their episode began, and the episode's actions. Gymnasium's vectorised CartPole keeps all it knows
in three arrays and a generator. Others cannot be restored.
"""

from dataclasses import dataclass, field

import numpy as np
from gymnasium.envs.classic_control.cartpole import CartPoleVectorEnv
from gymnasium.vector import VectorEnv

from trpo_np.training.asking import begun
from trpo_np.training.single import are_single, state_of

Array = np.ndarray
CARTPOLE = ("state", "steps", "prev_done")  #: its arrays, one column or entry an environment


@dataclass(frozen=True, eq=False)
class Trace:
    """What environments have left behind by which others can follow them."""

    seed: int  #: environment e was seeded with seed + e
    #: The generators' states when the episodes under way began, none for those that a seed began.
    start: dict[int, dict | None] = field(default_factory=dict)
    now: list[dict] = field(default_factory=list)  #: their states after the last step
    actions: list[Array] = field(default_factory=list)  #: (E, ...) at each of the newest steps
    arrays: dict[str, Array] = field(default_factory=dict)  #: those of CARTPOLE

    def then(self, envs: VectorEnv, actions: list[Array], longest: int) -> "Trace":
        """The trace after more steps; the longest episode that is under way has so many."""
        if are_single(envs):
            newest = (self.actions + actions)[-longest:] if longest else []
            starts, now = zip(*envs.call("memory"), strict=True)
            start = {e: state for e, state in enumerate(starts) if state is not None}
            return Trace(self.seed, start, list(now), newest)
        if type(envs) is CartPoleVectorEnv:
            arrays = {name: getattr(envs, name).copy() for name in CARTPOLE}
            return Trace(self.seed, now=[state_of(envs)], arrays=arrays)
        return self


def restored(
    envs: VectorEnv, trace: Trace, observed: Array, lengths: Array, resetting: Array
) -> Array:
    """Brings freshly made environments to the end of the trace, where they showed `observed` (E,
    ...) after `lengths` (E,) steps of their episodes, or where the next step resets them.

    Returns which (E,) of them are there; the others must be reset.
    """
    begun(envs, trace.seed)
    E = envs.num_envs
    if are_single(envs) and len(trace.now) == E:
        starts = [trace.start.get(e) for e in range(E)]
        actions = [[step[e] for step in trace.actions] for e in range(E)]
        past = starts, trace.now, actions, observed
        return np.array(envs.call("follow", trace.seed, lengths, resetting, *past))
    if type(envs) is CartPoleVectorEnv and set(CARTPOLE) <= set(trace.arrays):
        for name in CARTPOLE:
            setattr(envs, name, trace.arrays[name].copy())
        envs.np_random.bit_generator.state = trace.now[0]
        return np.ones(E, dtype=bool)
    return np.zeros(E, dtype=bool)


def begun_anew(envs: VectorEnv, seeds: dict[int, int]) -> dict[int, tuple[Array, dict]]:
    """Some of the single environments begin anew, by their seeds: their observations, and the
    states of their generators then."""
    begun = envs.call("anew", seeds)
    return {e: begun[e] for e in seeds}
