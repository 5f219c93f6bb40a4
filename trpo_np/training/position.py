"""Where a sampler stands: its environments, the episodes under way, and those that have ended."""

from dataclasses import dataclass, field, replace

import numpy as np
from gymnasium.vector import VectorEnv

from trpo_np.training.asking import begun
from trpo_np.training.notes import note
from trpo_np.training.replay import Trace, begun_anew, restored
from trpo_np.training.single import are_single

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Position:
    """All that a sampler needs to go on; it never changes: `then` gives a new one."""

    observation: Array  #: (E, ...), the newest
    resetting: Array  #: (E,), the next step only resets
    returns: Array  #: (E,), undiscounted, of the episodes under way
    lengths: Array  #: (E,), of the same
    trace: Trace
    steps: int = 0  #: valid ones so far
    newest_end: int = 0  #: `steps` after the rollout in which an episode ended last
    #: Undiscounted return and length of every episode that ended.
    finished: list[tuple[float, int]] = field(default_factory=list)

    @classmethod
    def first(cls, observation: Array, seed: int) -> "Position":
        """That of environments that were just seeded with `seed`, and reset."""
        E = len(observation)
        zeros = np.zeros(E, dtype=bool), np.zeros(E), np.zeros(E, dtype=int)
        return cls(observation, *zeros, Trace(seed))

    def then(
        self,
        envs: VectorEnv,
        observation: Array,
        rewards: Array,
        ended: Array,
        valid: Array,
        acted: list[Array],
    ) -> "Position":
        """The position after the steps (T, E) of one more rollout."""
        returns, under_way = sums_by_episode(rewards, ended, self.returns)
        lengths, steps_under_way = sums_by_episode(valid, ended, self.lengths)
        steps = self.steps + int(valid.sum())
        return Position(
            observation,
            ended[-1],
            under_way,
            steps_under_way,
            self.trace.then(envs, acted, int(steps_under_way.max())),
            steps,
            steps if len(returns) else self.newest_end,
            self.finished + list(zip(returns.tolist(), lengths.tolist(), strict=True)),
        )


def there(envs: VectorEnv, position: Position) -> Position:
    """Brings freshly made environments to the position.

    Where that cannot be done, an episode begins anew in the position that is returned, and a
    warning says so.
    """
    p, E = position, envs.num_envs
    came = restored(envs, p.trace, p.observation, p.lengths, p.resetting)
    if came.all():
        return p
    note(
        f"{E - int(came.sum())} of {E} environments cannot be brought back to where they were: "
        "their episodes begin anew, and the run is not the one that it would have been."
    )
    seed = int(np.random.default_rng([p.trace.seed, p.steps]).integers(2**31))
    if not are_single(envs):
        anew = Position.first(np.array(begun(envs, seed)), seed)
        return replace(anew, steps=p.steps, newest_end=p.newest_end, finished=p.finished)
    observation, start = p.observation.copy(), dict(p.trace.start)
    seeds = {int(e): seed + int(e) for e in np.flatnonzero(~came)}
    for e, anew in begun_anew(envs, seeds).items():
        observation[e], start[e] = anew
    return replace(
        p,
        observation=observation,
        resetting=p.resetting & came,
        returns=np.where(came, p.returns, 0),
        lengths=np.where(came, p.lengths, 0),
        trace=replace(p.trace, start=start),
    )


def sums_by_episode(x: Array, ended: Array, carried: Array) -> tuple[Array, Array]:
    """The sums of x (T, E) over the episodes that ended, in order of time, and over those that are
    under way (E,); `carried` (E,) is what the first episode of each environment brought along."""
    T, E = ended.shape
    starts = np.flatnonzero(np.concatenate([np.ones((1, E), dtype=bool), ended[:-1]]).T)
    stops = np.append(starts[1:], T * E) - 1  # in x.T.ravel(), one environment after the other
    sums = np.add.reduceat(x.T.ravel(), starts, dtype=carried.dtype)
    sums[starts % T == 0] += carried
    over = ended.T.ravel()[stops]
    under_way = np.zeros_like(carried)
    under_way[stops[~over] // T] = sums[~over]
    return sums[over][np.argsort(stops[over] % T, kind="stable")], under_way
