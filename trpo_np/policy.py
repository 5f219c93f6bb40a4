"""The policy: a network and a distribution joined, every method a pure function of theta.

theta (P,) is the network's parameters followed by the distribution's free parameters (log_std of a
Gaussian), which enter eta unchanged in every state.
"""

from collections.abc import Callable
from dataclasses import dataclass

import autograd.numpy as anp
import gymnasium
import numpy as np

from trpo_np.checked import rows, stacked, vector
from trpo_np.distributions import Distribution
from trpo_np.errors import UsageError
from trpo_np.mlp import Linearization, Network

Array = np.ndarray


@dataclass(frozen=True)
class Policy:
    """π(a|s) = distribution(eta), eta = outputs(theta, s); it holds no parameters."""

    network: Network
    distribution: Distribution
    action_space: gymnasium.Space

    @property
    def num_parameters(self) -> int:
        """The length P of theta."""
        return self.network.num_parameters + self.distribution.num_free

    def init(self, rng: np.random.Generator, std: float | Array = 1.0) -> Array:
        """A random theta (P,) whose outputs are near 0: all actions likely, a Gaussian's with this
        standard deviation, one for all or one each (d,)."""
        network = self.network.init(rng, output_scale=0.01)
        log_std = np.broadcast_to(np.log(std), self.distribution.num_free)
        return np.concatenate([network, log_std])

    def _split(self, theta: Array, name: str = "theta") -> tuple[Array, Array]:
        theta, P_network = vector(theta, self.num_parameters, name), self.network.num_parameters
        return theta[:P_network], theta[P_network:]

    def outputs(self, theta: Array, obs: Array) -> Array:
        """The distribution's parameters eta (N, K) for observations (N, D), for autograd to
        differentiate."""
        network, free = self._split(theta)
        return _beside(self.network.apply(network, rows(obs, self.network.num_inputs)), free)

    def bind(self, theta: Array) -> Callable[[Array], Array]:
        """The function obs (N, D) -> outputs(theta, obs) (N, K), for many calls at one theta."""
        network, free = self._split(theta)
        outputs, D = self.network.bind(network), self.network.num_inputs
        return lambda obs: _filled(outputs(rows(obs, D)), free)

    def linearize(self, theta: Array, obs: Array) -> Linearization:
        """eta at theta with the products J v and Jᵀ u, J = ∂eta/∂theta."""
        network, free = self._split(theta)
        obs = rows(obs, self.network.num_inputs)
        outputs, network_jvp, network_vjp = self.network.linearize(network, obs)
        N, width = outputs.shape
        ones = np.ones(N, outputs.dtype)

        def jvp(v: Array) -> Array:
            v_network, v_free = self._split(v, "v")
            return _filled(network_jvp(v_network), v_free)

        def vjp(u: Array) -> Array:
            if np.shape(u) != (N, self.distribution.num_outputs):
                wanted = N, self.distribution.num_outputs
                raise UsageError(f"u has the shape {np.shape(u)}: {wanted} is wanted, as eta has.")
            return np.concatenate([network_vjp(u[:, :width]), ones @ u[:, width:]])

        return Linearization(_filled(outputs, free), jvp, vjp)

    def sample(self, theta: Array, obs: Array, rng: np.random.Generator) -> Array:
        """One random action for each observation, in the action space's shape and dtype.

        A Box's actions are not clipped here: log_prob is that of the action drawn.
        """
        return self.as_actions(self.distribution.sample(self.outputs(theta, obs), rng))

    def mode(self, theta: Array, obs: Array) -> Array:
        """The most likely action for each observation, as `sample` gives them."""
        return self.as_actions(self.distribution.mode(self.outputs(theta, obs)))

    def log_prob(self, theta: Array, obs: Array, actions: Array) -> Array:
        """log π(a|s) (N,) of actions as `sample` gives them."""
        eta, events = self.outputs(theta, obs), self.as_events(actions)
        if len(eta) != len(events):
            raise UsageError(f"There are {len(eta)} observations and {len(events)} actions.")
        return self.distribution.log_prob(eta, events)

    def entropy(self, theta: Array, obs: Array) -> Array:
        """The entropy of π(·|s) (N,), in nats."""
        return self.distribution.entropy(self.outputs(theta, obs))

    def as_actions(self, events: Array) -> Array:
        """The distribution's events as actions of the space: reshaped, counted from its start."""
        space = self.action_space
        with np.errstate(over="ignore"):  # an exploded Gaussian's are infinite, and cut off
            return (events.reshape(len(events), *space.shape) + _start(space)).astype(space.dtype)

    def as_events(self, actions: Array) -> Array:
        """The inverse of `as_actions`; raises UsageError where they have another shape."""
        actions = stacked(actions, self.action_space.shape, "actions")
        events = actions - _start(self.action_space)
        return events.reshape(len(actions), *self.distribution.event_shape)


def _start(space: gymnasium.Space) -> Array | int:
    """The number of the first action: not all Discrete and MultiDiscrete spaces count from 0."""
    return getattr(space, "start", 0)


def _beside(outputs: Array, free: Array) -> Array:
    """The network's columns (N, width), and beside them the free ones, the same in every row; for
    autograd to differentiate."""
    if len(free) == 0:
        return outputs
    return anp.concatenate([outputs, anp.ones((len(outputs), 1), outputs.dtype) * free], axis=1)


def _filled(outputs: Array, free: Array) -> Array:
    """The same in plain NumPy, several times faster for few rows."""
    if len(free) == 0:
        return outputs
    width = outputs.shape[1]
    eta = np.empty((len(outputs), width + len(free)), outputs.dtype)
    eta[:, :width], eta[:, width:] = outputs, free
    return eta
