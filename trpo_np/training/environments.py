"""Where environments come from, and one clear sentence where one cannot be made."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module

import gymnasium
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import SyncVectorEnv, VectorEnv

from trpo_np.errors import UsageError
from trpo_np.limits import has_alarm
from trpo_np.training.asking import checked_seconds, closed, in_time, limited
from trpo_np.training.missing import check_form, made
from trpo_np.training.single import Apart, Single

#: What makes an environment: gymnasium's id of it, or a function.
Makes = str | Callable[..., gymnasium.Env]


@dataclass(frozen=True)
class Source:
    """An environment by gymnasium's id with keyword arguments, or by a function that makes one."""

    env: Makes
    arguments: dict = field(default_factory=dict)
    step_seconds: float | None = None  #: how long each may take to be made, reset or stepped

    @property
    def name(self) -> str:
        """The id, or the function's name."""
        return self.env if isinstance(self.env, str) else getattr(self.env, "__name__", "function")

    @property
    def id(self) -> str | None:
        """The id; None where a function makes the environment."""
        return self.env if isinstance(self.env, str) else None

    @property
    def _limit(self) -> float | None:
        """`step_seconds`, None in a thread where they cannot be kept."""
        return self.step_seconds if has_alarm() else None

    def _limited(self, envs: VectorEnv) -> VectorEnv:
        return limited(envs, self._limit) if self._limit else envs

    def many(self, number: int, vectorization: str = "sync", **options: object) -> VectorEnv:
        """So many copies, stepped together, in next-step autoreset mode.

        The step after an episode's end only resets (its reward is 0 and its action is ignored), so
        the observation at the end is the true final one. The `vectorization` "async" steps each
        copy in its own process; an environment that has a vectorised form of its own keeps that.
        Raises UsageError for an environment that does not exist, lacks a package, or does not know
        its arguments, and later where one of them takes longer than `step_seconds`.
        """
        options = self.arguments | options
        if checked_vectorization(vectorization) == "async" and not self._has_own_form():
            one = partial(self._one, options)
            return self._limited(self._made(lambda: Apart([one] * number), number))
        if isinstance(self.env, str):
            check_form(self.env)
            envs = self._made(
                lambda: gymnasium.make_vec(self.env, num_envs=number, **options), number
            )
        else:
            one = partial(self._one, options)
            envs = self._distinct(self._made(lambda: SyncVectorEnv([one] * number), number))
        if envs.num_envs != number:
            raise UsageError(f"{self.name} made {envs.num_envs} environments in place of {number}.")
        if isinstance(envs, SyncVectorEnv):
            envs.envs = [Single(env, e) for e, env in enumerate(envs.envs)]
        return self._limited(envs)

    def within(self, step_seconds: float) -> "Source":
        """The same source with this limit of time; raises UsageError where it is none."""
        return replace(self, step_seconds=checked_seconds(step_seconds))

    def spaces(self) -> tuple[gymnasium.Space, gymnasium.Space]:
        """The spaces of one observation and of one action."""
        envs = self.many(1)
        closed(envs)
        return envs.single_observation_space, envs.single_action_space

    def solved_return(self) -> float:
        """The mean return at which the environment counts as solved, as its registration says.

        Raises UsageError where it says nothing.
        """
        spec = self._made(self._spec) if self.id else None
        if spec is None or spec.reward_threshold is None:
            raise UsageError(
                f"{self.name} does not declare the return at which it is solved: "
                "leave --until-solved out, and set --total-steps."
            )
        return spec.reward_threshold

    def _spec(self) -> EnvSpec:
        module, _, name = self.env.rpartition(":")
        if module:
            import_module(module)
        return gymnasium.spec(name)

    def _has_own_form(self) -> bool:
        """Whether gymnasium knows a vectorised form of it."""
        if self.id is None:
            return False
        check_form(self.id)
        return self._made(self._spec).vector_entry_point is not None

    def _one(self, options: dict) -> gymnasium.Env:
        if self.id is not None:
            return gymnasium.make(self.id, **options)
        env = self.env(**options)
        if not isinstance(env, gymnasium.Env):
            raise UsageError(
                f"{self.name} returned {type(env).__name__} and no gymnasium environment: "
                "give train a function that makes a gymnasium.Env, or the id of one."
            )
        return env

    def _distinct(self, envs: SyncVectorEnv) -> SyncVectorEnv:
        if len({id(env) for env in envs.envs}) < envs.num_envs:
            raise UsageError(
                f"{self.name} returned the same environment twice: have it make a new one each "
                "time that it is called."
            )
        return envs

    def _made(self, make: Callable[[], object], number: int = 1):
        """What `make` gives, `number` environments in number times the time of one."""
        if self._limit:
            making, seconds = f"The making of {self.name}", number * self._limit
            return made(lambda: in_time(making, seconds, make), self.name, self.id, self.arguments)
        return made(make, self.name, self.id, self.arguments)


def source(
    env: Makes | Source, arguments: dict | None = None, step_seconds: float | None = None
) -> Source:
    """The source of what `train` is given: an id, or a function that makes an environment (a class
    is one, too). Raises UsageError for anything else."""
    if isinstance(env, Source):
        return env if step_seconds is None else env.within(step_seconds)
    if not isinstance(env, str) and not callable(env):
        raise UsageError(
            f"{env!r} is no environment to train in: give the id of one, as 'CartPole-v1', or a "
            "function that makes one, as lambda: MyEnv()."
        )
    if not isinstance(arguments, dict | None):
        raise UsageError(f"env_arguments = {arguments!r} is not possible: give a dictionary.")
    return Source(env, dict(arguments or {}), checked_seconds(step_seconds))


def checked_vectorization(name: str) -> str:
    """The name itself; raises UsageError unless it is sync or async."""
    if name not in ("sync", "async"):
        raise UsageError(f"vectorization = {name!r} is not possible: it must be sync or async.")
    return name
