"""Where environments come from, and one clear sentence where one cannot be made."""

from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from importlib import import_module

import gymnasium
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import SyncVectorEnv, VectorEnv

from trpo_np.errors import UsageError
from trpo_np.training.exchange import OneReward

#: Which extra of gymnasium an environment's module needs, to run or to draw.
_EXTRAS = {
    "classic_control": "classic-control",
    "toy_text": "toy-text",
    "mujoco": "mujoco",
    "box2d": "box2d",
    "phys2d": "jax",
    "tabular": "jax",
}


#: What makes an environment: gymnasium's id of it, or a function.
Makes = str | Callable[..., gymnasium.Env]


@dataclass(frozen=True)
class Source:
    """An environment by gymnasium's id with keyword arguments, or by a function that makes one."""

    env: Makes
    arguments: dict = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The id, or the function's name."""
        return self.env if isinstance(self.env, str) else getattr(self.env, "__name__", "function")

    @property
    def id(self) -> str | None:
        """The id; None where a function makes the environment."""
        return self.env if isinstance(self.env, str) else None

    def many(self, number: int, **options: object) -> VectorEnv:
        """So many copies, stepped together, in next-step autoreset mode.

        The step after an episode's end only resets (its reward is 0 and its action is ignored), so
        the observation at the end is the true final one. Raises UsageError for an environment that
        does not exist, lacks a package, or does not know its arguments.
        """
        options = self.arguments | options
        if isinstance(self.env, str):
            _well_formed(self.env)
            envs = self._made(lambda: gymnasium.make_vec(self.env, num_envs=number, **options))
        else:
            one = partial(self._from_function, options)
            envs = self._distinct(self._made(lambda: SyncVectorEnv([one] * number)))
        if envs.num_envs != number:
            raise UsageError(f"{self.name} made {envs.num_envs} environments in place of {number}.")
        if isinstance(envs, SyncVectorEnv):
            envs.envs = [OneReward(env, e) for e, env in enumerate(envs.envs)]
        return envs

    def spaces(self) -> tuple[gymnasium.Space, gymnasium.Space]:
        """The spaces of one observation and of one action."""
        envs = self.many(1)
        envs.close()
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

    def _from_function(self, options: dict) -> gymnasium.Env:
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

    def _made(self, make: Callable[[], object]):
        try:
            return make()
        except gymnasium.error.DependencyNotInstalled as error:
            raise UsageError(missing_package(self.name, error)) from error
        except gymnasium.error.Error as error:
            raise UsageError(_unknown(self.name, error)) from error
        except ImportError as error:
            raise UsageError(missing_package(self.name, error)) from error
        except TypeError as error:
            if "argument" not in str(error):
                raise
            raise UsageError(f"{self.name} does not take these arguments: {error}.") from error
        except (KeyError, ValueError) as error:
            if not self.arguments or isinstance(error, UsageError):
                raise
            raise UsageError(
                f"{self.name} cannot be made with the arguments {self.arguments}: "
                f"{type(error).__name__}: {error}."
            ) from error


def source(env: Makes | Source, arguments: dict | None = None) -> Source:
    """The source of what `train` is given: an id, or a function that makes an environment (a class
    is one, too). Raises UsageError for anything else."""
    if isinstance(env, Source):
        return env
    if not isinstance(env, str) and not callable(env):
        raise UsageError(
            f"{env!r} is no environment to train in: give the id of one, as 'CartPole-v1', or a "
            "function that makes one, as lambda: MyEnv()."
        )
    if not isinstance(arguments, dict | None):
        raise UsageError(f"env_arguments = {arguments!r} is not possible: give a dictionary.")
    return Source(env, dict(arguments or {}))


def _well_formed(env_id: str) -> None:
    module, colon, name = env_id.rpartition(":")
    if not name or ":" in module or (colon and not module):
        raise UsageError(
            f"There is no environment {env_id!r}: write an id as CartPole-v1, "
            "with the module that registers it in front where it needs one, as module:Name-v0."
        )


def missing_package(name: str, error: Exception) -> str:
    """What to say, and to install, where the environment `name` lacks a package."""
    spec = gymnasium.registry.get(name)
    module = str(spec.entry_point) if spec else ""
    for part, extra in _EXTRAS.items():
        if f".{part}." in module:
            line = f'pip install "gymnasium[{extra}]=={gymnasium.__version__}"'
            return f"{name} needs packages that are not installed: run {line}"
    return f"{name} needs a package that is not installed: {error}"


def _unknown(name: str, error: Exception) -> str:
    near = get_close_matches(name, gymnasium.registry, n=3, cutoff=0.6)
    reason = f"did you mean {' or '.join(near)}?" if near else error
    return f"There is no environment {name!r}: {reason}"
