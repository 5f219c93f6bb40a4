"""The settings of training that all algorithms share, with what each may be."""

from dataclasses import dataclass

from trpo_np.errors import UsageError
from trpo_np.updates.options import Options, at_least, fraction, positive, setting, share, switch


@dataclass(frozen=True)
class Settings(Options):
    """How to sample, to estimate advantages and to fit the value function; raises UsageError,
    naming the setting, for an impossible value."""

    gamma: float = fraction(0.99, "discount γ")
    lam: float = fraction(0.95, "λ of generalized advantage estimation")
    normalize_advantages: bool = switch(True, "give advantages mean 0 and variance 1 in a batch")
    normalize_observations: bool = switch(True, "running mean and variance of observations")
    batch_size: int = at_least(
        1,
        2048,
        "environment steps a batch, over all environments (rounded down to whole steps of them)",
    )
    num_envs: int = at_least(1, 16, "environments stepped at once")
    hidden: tuple[int, ...] = setting(
        (64, 64),
        "widths of the hidden layers, of policy and value function alike",
        "integers of at least 1",
        lambda x: (
            isinstance(x, tuple)
            and all(isinstance(n, int) and not isinstance(n, bool) and n >= 1 for n in x)
        ),
    )
    initial_std: float = positive(1.0, "standard deviation σ of a Gaussian policy's first actions")
    std_by_range: bool = switch(
        False, "σ in units of half the range of each of the d actions, over √d"
    )
    noise_correlation: float = setting(
        0.0,
        "share ρ of a Gaussian's noise in one step that lasts in what is done in the next",
        "at least 0 and below 1",
        lambda x: 0 <= x < 1,
    )
    noise_batches: int = at_least(1, 5, "batches of a run, the first ones, in which it lasts")
    precision: str = setting(
        "float64",
        "floating point numbers of networks and updates; float32 is faster",
        "float32 or float64",
        lambda x: x in ("float32", "float64"),
    )
    value_iterations: int = at_least(1, 2, "Gauss-Newton steps of the value function a batch")
    value_cg_iterations: int = at_least(1, 5, "conjugate gradient iterations in each of them")
    value_damping: float = positive(0.01, "their damping")
    value_fraction: float = share(1.0, "share of the states that their products use")

    def __post_init__(self):
        super().__post_init__()
        if self.batch_size < 2 * self.num_envs:  # of two steps, at most one only resets
            raise UsageError(
                f"batch_size = {self.batch_size} is not possible: "
                f"it must be at least 2 num_envs = {2 * self.num_envs}."
            )

    @property
    def steps_per_env(self) -> int:
        """T, the steps that each environment takes for one batch."""
        return self.batch_size // self.num_envs
