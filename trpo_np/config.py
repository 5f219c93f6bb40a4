"""All settings of a run, with what each may be. The first five are the chapter's table."""

import math
from dataclasses import dataclass, field, fields

import numpy as np

from trpo_np.errors import UsageError


def _setting(default, help, allowed, check):
    return field(default=default, metadata={"help": help, "allowed": allowed, "check": check})


def _positive(default, help):
    return _setting(default, help, "finite and above 0", lambda x: 0 < x < math.inf)


def _non_negative(default, help):
    return _setting(default, help, "at least 0", lambda x: 0 <= x < math.inf)


def _at_least_one(default, help):
    return _setting(default, help, "an integer of at least 1", lambda x: x >= 1)


def _fraction(default, help):
    return _setting(default, help, "from 0 to 1", lambda x: 0 <= x <= 1)


def _switch(default, help):
    return _setting(default, help, "true or false", lambda x: isinstance(x, bool))


@dataclass(frozen=True)
class TRPOConfig:
    """The settings of TRPO; raises UsageError, naming the setting, for an impossible value."""

    delta: float = _positive(0.01, "trust region radius δ: the bound on the mean KL, in nats")
    cg_iterations: int = _at_least_one(10, "conjugate gradient iterations")
    cg_damping: float = _non_negative(0.1, "damping λ: the search direction solves (F + λI) s = g")
    line_search_steps: int = _setting(
        10, "how often the step may be shortened", "an integer of at least 0", lambda x: x >= 0
    )
    backtrack_ratio: float = _setting(
        0.5, "factor β by which a step is shortened", "between 0 and 1", lambda x: 0 < x < 1
    )
    damped_step_length: bool = _switch(
        False, "take sᵀ(F + λI)s instead of sᵀFs for the maximum step"
    )
    gamma: float = _fraction(0.99, "discount γ")
    lam: float = _fraction(0.95, "λ of generalized advantage estimation")
    normalize_advantages: bool = _switch(True, "give advantages mean 0 and variance 1 in a batch")
    normalize_observations: bool = _switch(True, "running mean and variance of observations")
    batch_size: int = _at_least_one(
        2048,
        "environment steps a batch, over all environments (rounded down to whole steps of them)",
    )
    num_envs: int = _at_least_one(16, "environments stepped at once")
    hidden: tuple[int, ...] = _setting(
        (64, 64),
        "widths of the hidden layers, of policy and value function alike",
        "integers of at least 1",
        lambda x: all(isinstance(n, int) and n >= 1 for n in x),
    )
    precision: str = _setting(
        "float64",
        "floating point numbers of networks and updates; float32 is faster",
        "float32 or float64",
        lambda x: x in ("float32", "float64"),
    )
    value_iterations: int = _at_least_one(2, "Gauss-Newton steps of the value function a batch")
    value_cg_iterations: int = _at_least_one(5, "conjugate gradient iterations in each of them")
    value_damping: float = _positive(0.01, "their damping")

    def __post_init__(self):
        for setting in fields(self):
            value = _plain(setting.type, getattr(self, setting.name))
            object.__setattr__(self, setting.name, value)
            if not _possible(setting, value):
                raise UsageError(
                    f"{setting.name} = {value!r} is not possible: "
                    f"it must be {setting.metadata['allowed']}."
                )
        if self.batch_size < 2 * self.num_envs:  # of two steps, at most one only resets
            raise UsageError(
                f"batch_size = {self.batch_size} is not possible: "
                f"it must be at least 2 num_envs = {2 * self.num_envs}."
            )

    @property
    def steps_per_env(self) -> int:
        """T, the steps that each environment takes for one batch."""
        return self.batch_size // self.num_envs


def _plain(kind, value):
    """The value as Python's own int or float where it is a NumPy number, else as it is."""
    return value.item() if kind in (int, float) and isinstance(value, np.generic) else value


def _possible(setting, value) -> bool:
    if setting.type is int and (isinstance(value, bool) or not isinstance(value, int)):
        return False
    try:
        return bool(setting.metadata["check"](value))
    except TypeError:  # not even a number
        return False
