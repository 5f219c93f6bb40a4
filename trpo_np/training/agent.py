"""An agent: what a run leaves, and all that acting takes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trpo_np.errors import UsageError
from trpo_np.fast import fast
from trpo_np.policy import Policy
from trpo_np.spaces import make_policy
from trpo_np.training.agent_file import MakePolicy, file_of, read_agent, write_agent
from trpo_np.training.config import checked_seed
from trpo_np.training.environments import Makes, Source
from trpo_np.training.episodes import LONGEST, Episodes, play
from trpo_np.training.exchange import clipped, finite
from trpo_np.training.normalizer import Normalizer
from trpo_np.training.notes import note
from trpo_np.updates.options import integer

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Agent:
    """A policy at its parameters, its normalizer, and the environment that it was made for."""

    policy: Policy
    theta: Array
    normalizer: Normalizer
    env: Source

    def act(self, observations: Array, rng: np.random.Generator | None = None) -> Array:
        """The most likely action for each observation (E, ...), or random ones where a generator
        is given, as the environment accepts them: a Box's are clipped."""
        obs = self.normalizer.scaled(finite(self.normalizer.flat(observations)))
        distribution = self.policy.distribution
        with np.errstate(over="ignore", invalid="ignore"):  # an action that is none is told
            eta = fast(self.policy).bind(self.theta)(obs)
            events = distribution.sample(eta, rng) if rng else distribution.mode(eta)
        return clipped(self.policy.as_actions(events), self.policy.action_space)

    def episodes(self, number: int = 100, seed: int = 0, stochastic: bool = False) -> Episodes:
        """Whole episodes, each in an environment of its own, so that short ones do not crowd out
        long ones; with the most likely actions, or sampled ones if `stochastic`.

        Raises UsageError for an impossible number or seed.
        """
        number, seed = integer("episodes", number, 1), checked_seed(seed)
        rng = np.random.default_rng(seed) if stochastic else None
        return play(lambda obs: self.act(obs, rng), self.env.many(int(number)), seed)

    def evaluate(self, episodes: int = 100, seed: int = 0, stochastic: bool = False) -> Array:
        """The undiscounted returns (episodes,) of whole episodes, with a warning where some had to
        be cut off; see `episodes`."""
        played = self.episodes(episodes, seed, stochastic)
        if played.cut:
            note(
                f"{played.cut} of {episodes} episodes were cut off after {LONGEST:,} steps: their "
                "returns are those so far."
            )
        return played.returns

    def save(self, path: Path | str) -> None:
        """Writes the agent to one file, complete or not at all."""
        write_agent(Path(path), self.policy, self.theta, self.normalizer, self.env)

    @classmethod
    def load(
        cls,
        path: Path | str,
        env: Makes | None = None,
        make_policy: MakePolicy = make_policy,
        trust: bool = False,
        step_seconds: float | None = None,
    ) -> "Agent":
        """The agent of a file, or of a run's folder.

        `env` takes the place of the environment that the file names; where a function made that, it
        is needed, as is `make_policy` where the policy was made by one of your own. A module that
        the file names (module:Name-v0) is imported only with `trust`. The environment may take
        `step_seconds` to be made, reset or stepped. Raises UsageError where the file is missing or
        damaged.
        """
        return cls(*read_agent(file_of(Path(path)), env, make_policy, trust, step_seconds))


def evaluate(agent: Agent, episodes: int = 100, seed: int = 0, stochastic: bool = False) -> Array:
    """The undiscounted returns (episodes,) of whole episodes, as `Agent.evaluate` has it."""
    if not isinstance(agent, Agent):
        raise UsageError(f"evaluate takes an agent, as train(...).agent, and no {type(agent)}.")
    return agent.evaluate(episodes, seed, stochastic)
