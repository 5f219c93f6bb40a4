"""Trajectories from many environments at once."""

from dataclasses import dataclass

import numpy as np
from gymnasium.vector import VectorEnv

from trpo_np.fast import fast
from trpo_np.policy import Policy
from trpo_np.training.environments import clipped, finite, next_step
from trpo_np.training.normalizer import Normalizer

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Rollout:
    """T steps of E environments.

    The observation after step t is row t + 1, also where the episode ended at t: then row t + 1 is
    the true final observation, step t + 1 only resets, and `valid` is False there.
    """

    observations: Array  #: (T + 1, E, D), as the policy saw them
    raw_observations: Array  #: (T + 1, E, D), flat but not normalised
    actions: Array  #: (T, E, ...), as the policy drew them
    log_probs: Array  #: (T, E), of those actions when they were drawn
    entropies: Array  #: (T, E), of the policy in those states, nats
    rewards: Array  #: (T, E)
    terminated: Array  #: (T, E), the episode reached a terminal state
    ended: Array  #: (T, E), terminated or truncated
    valid: Array  #: (T, E), False where the environment only reset


class Sampler:
    """Steps the environments and remembers where they stand between two rollouts.

    `steps` counts the valid ones so far; `finished` lists the undiscounted return and the length of
    every episode that ended.
    """

    def __init__(self, envs: VectorEnv, seed: int):
        self.envs = next_step(envs)
        self.observation, _ = envs.reset(seed=seed)
        self.resetting = np.zeros(envs.num_envs, dtype=bool)
        self.steps = 0
        self.finished: list[tuple[float, int]] = []
        self._returns = np.zeros(envs.num_envs)  # of the episodes under way
        self._lengths = np.zeros(envs.num_envs, dtype=int)

    def collect(
        self,
        policy: Policy,
        theta: Array,
        normalizer: Normalizer,
        rng: np.random.Generator,
        steps: int,
    ) -> Rollout:
        """The next `steps` steps of every environment, acting with the policy at theta.

        Raises UsageError if an observation is not finite.
        """
        outputs, distribution = fast(policy).bind(theta), policy.distribution
        raw, seen, etas, actions, outcomes = ([] for _ in range(5))
        for _ in range(steps):
            raw.append(finite(normalizer.flat(self.observation)))
            seen.append(normalizer.scaled(raw[-1]))
            etas.append(outputs(seen[-1]))
            actions.append(policy.as_actions(distribution.sample(etas[-1], rng)))
            self.observation, *outcome, _ = self.envs.step(
                clipped(actions[-1], policy.action_space)
            )
            outcomes.append(outcome)
        raw.append(finite(normalizer.flat(self.observation)))
        seen.append(normalizer.scaled(raw[-1]))

        etas, shape = np.concatenate(etas), (steps, -1)
        events = policy.as_events(np.concatenate(actions))  # as rounded to the space's dtype
        rewards, terminated, truncated = map(_stacked, zip(*outcomes, strict=True))
        ended = terminated | truncated
        valid = ~np.concatenate([self.resetting[None], ended[:-1]])  # after an end comes a reset
        self._count(rewards, ended, valid)
        return Rollout(
            observations=_stacked(seen),
            raw_observations=_stacked(raw),
            actions=_stacked(actions),
            log_probs=distribution.log_prob(etas, events).reshape(shape),
            entropies=distribution.entropy(etas).reshape(shape),
            rewards=rewards,
            terminated=terminated,
            ended=ended,
            valid=valid,
        )

    def _count(self, rewards: Array, ended: Array, valid: Array) -> None:
        """Brings steps, finished episodes and those under way up to date."""
        self.steps += int(valid.sum())
        self.resetting = ended[-1]
        returns, self._returns = sums_by_episode(rewards, ended, self._returns)
        lengths, self._lengths = sums_by_episode(valid, ended, self._lengths)
        self.finished.extend(zip(returns.tolist(), lengths.tolist(), strict=True))


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


def _stacked(arrays: list[Array]) -> Array:
    """np.stack, several times faster for many small arrays."""
    return np.concatenate(arrays).reshape(len(arrays), *arrays[0].shape)
