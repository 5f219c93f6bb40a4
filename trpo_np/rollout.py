"""Trajectories from many environments at once."""

from dataclasses import dataclass

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv

from trpo_np.environments import clipped
from trpo_np.errors import UsageError
from trpo_np.normalizer import Normalizer
from trpo_np.policy import Policy

Array = np.ndarray


@dataclass(frozen=True)
class Rollout:
    """T steps of E environments.

    The observation after step t is row t + 1, also where the episode ended at t: then row t + 1 is
    the true final observation, step t + 1 only resets, and `valid` is False there.
    """

    observations: Array  #: (T + 1, E, D), as the policy saw them
    raw_observations: Array  #: (T + 1, E, D), flat but not normalised
    actions: Array  #: (T, E, ...), as the policy drew them
    log_probs: Array  #: (T, E), of those actions when they were drawn
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
        mode = envs.metadata.get("autoreset_mode")
        if mode is not AutoresetMode.NEXT_STEP:
            raise UsageError(f"The environments' autoreset mode is {mode}: it must be NEXT_STEP.")
        self.envs = envs
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
        raw, seen, etas, actions, outcomes = ([] for _ in range(5))
        for _ in range(steps):
            raw.append(self._finite(normalizer.flat(self.observation)))
            seen.append(normalizer.scaled(raw[-1]))
            etas.append(policy.outputs(theta, seen[-1]))
            actions.append(policy.as_actions(policy.distribution.sample(etas[-1], rng)))
            outcomes.append(self._step(clipped(actions[-1], policy.action_space)))
        raw.append(self._finite(normalizer.flat(self.observation)))
        seen.append(normalizer.scaled(raw[-1]))

        actions = np.stack(actions)
        events = policy.as_events(actions.reshape(-1, *actions.shape[2:]))
        log_probs = policy.distribution.log_prob(np.concatenate(etas), events)
        return Rollout(
            np.stack(seen),
            np.stack(raw),
            actions,
            log_probs.reshape(actions.shape[:2]),
            *map(np.stack, zip(*outcomes, strict=True)),
        )

    def _step(self, actions: Array) -> tuple[Array, Array, Array, Array]:
        """Rewards, terminated, ended and valid (E,) of one step."""
        self.observation, rewards, terminated, truncated, _ = self.envs.step(actions)
        ended, valid = terminated | truncated, ~self.resetting
        self.steps += int(valid.sum())
        self._returns += rewards
        self._lengths += valid
        if ended.any():
            lengths = self._lengths[ended].tolist()
            self.finished.extend(zip(self._returns[ended].tolist(), lengths, strict=True))
            self._returns[ended] = 0
            self._lengths[ended] = 0
        self.resetting = ended
        return rewards, terminated, ended, valid

    def _finite(self, observations: Array) -> Array:
        if not np.isfinite(observations).all():
            raise UsageError(
                f"The environment returned an observation that is not finite, {observations}: "
                "training cannot go on from it. Mend the environment, or clip its observations."
            )
        return observations
