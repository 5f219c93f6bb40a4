"""Which policy fits an environment's spaces."""

from collections.abc import Callable

import gymnasium
import numpy as np
from gymnasium import spaces

from trpo_np.distributions import Categorical, DiagonalGaussian, Distribution
from trpo_np.errors import UsageError
from trpo_np.joint_distributions import Bernoulli, MultiCategorical
from trpo_np.mlp import MLP
from trpo_np.policy import Policy

Array = np.ndarray
UNBOUNDED = 1e30  #: half a range of this length is none
#: A line for each distribution that a policy gets by default: the action space, and how it is made.
DISTRIBUTIONS: dict[type[gymnasium.Space], Callable[[gymnasium.Space], Distribution]] = {
    spaces.Discrete: lambda space: Categorical(int(space.n)),
    spaces.MultiDiscrete: lambda space: MultiCategorical(tuple(map(int, space.nvec.ravel()))),
    spaces.MultiBinary: lambda space: Bernoulli(int(np.prod(space.shape))),
    spaces.Box: lambda space: DiagonalGaussian(int(np.prod(space.shape))),
}


def make_policy(
    observation_space: gymnasium.Space,
    action_space: gymnasium.Space,
    hidden: tuple[int, ...] = (64, 64),
    distribution: Distribution | None = None,
) -> Policy:
    """The policy that fits the two spaces, with tanh layers of the widths `hidden`, and with the
    space's own distribution unless another is given.

    Raises UsageError for a space that is not supported, and for impossible widths.
    """
    if not isinstance(hidden, tuple | list | np.ndarray) or np.ndim(hidden) != 1:
        raise UsageError(f"hidden = {hidden!r} is not possible: give the widths, as (64, 64).")
    distribution = distribution or _distribution_for(action_space)
    network_outputs = distribution.num_outputs - distribution.num_free
    sizes = (observation_size(observation_space), *hidden, network_outputs)
    return Policy(MLP(sizes), distribution, action_space)


def observation_size(space: gymnasium.Space) -> int:
    """The length D of one observation once flat: a Box's elements, or a Discrete's one-hot code.

    Raises UsageError for any other space, and for one without elements.
    """
    if isinstance(space, spaces.Box | spaces.Discrete) and spaces.flatdim(space):
        return int(spaces.flatdim(space))
    raise UsageError(
        f"The observation space {space} is not supported: use Box or Discrete, "
        "or wrap the environment (gymnasium.wrappers.FlattenObservation makes a Box of most)."
    )


def noise_by_range(space: spaces.Box) -> Array:
    """Standard deviations (d,) of noise that is as long as half the range of an action, whatever d:
    half of each entry's range, over √d.

    An entry without bounds to speak of, or with a single value, counts as one from -1 to 1. The
    noise lies about the policy's first mean, near 0, and not about the middle of the range.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        half = (space.high.astype(float) - space.low).ravel() / 2
    return np.where((half > 0) & (half < UNBOUNDED), half, 1.0) / np.sqrt(half.size)


def _distribution_for(space: gymnasium.Space) -> Distribution:
    whole_numbers = isinstance(space, spaces.Box) and not np.issubdtype(space.dtype, np.floating)
    for kind, made_for in DISTRIBUTIONS.items():
        if isinstance(space, kind) and not whole_numbers:
            return made_for(space)
    raise UsageError(
        f"The action space {space} is not supported: use Discrete, MultiDiscrete, MultiBinary "
        "or a Box of floats, or wrap the environment to offer one of them."
    )
