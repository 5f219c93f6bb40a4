"""The policy: a network and a distribution joined, every method a pure function of theta.

theta (P,) is the network's parameters followed by the distribution's free parameters (log_std of a
Gaussian), which enter eta unchanged in every state.
"""

from collections.abc import Callable
from dataclasses import dataclass

import autograd.numpy as anp
import gymnasium
import numpy as np

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

    def init(self, rng: np.random.Generator) -> Array:
        """A random theta (P,) whose outputs are near 0: all actions likely, std of a Gaussian 1."""
        network = self.network.init(rng, output_scale=0.01)
        return np.concatenate([network, np.zeros(self.distribution.num_free)])

    def _split(self, theta: Array) -> tuple[Array, Array]:
        P, P_network = self.num_parameters, self.network.num_parameters
        if not hasattr(theta, "shape"):
            raise UsageError(
                f"theta is a {type(theta).__name__}: this policy needs an array ({P},)."
            )
        if theta.shape != (P,):
            raise UsageError(
                f"theta has the shape {theta.shape}: this policy needs ({P},), as init gives."
            )
        return theta[:P_network], theta[P_network:]

    def outputs(self, theta: Array, obs: Array) -> Array:
        """The distribution's parameters eta (N, K) for observations (N, D), for autograd to
        differentiate."""
        network, free = self._split(theta)
        return _beside(self.network.apply(network, _rows(obs, self.network)), free)

    def bind(self, theta: Array) -> Callable[[Array], Array]:
        """The function obs (N, D) -> outputs(theta, obs) (N, K), for many calls at one theta."""
        network, free = self._split(theta)
        outputs = self.network.bind(network)
        return lambda obs: _filled(outputs(obs), free)

    def linearize(self, theta: Array, obs: Array) -> Linearization:
        """eta at theta with the products J v and Jᵀ u, J = ∂eta/∂theta."""
        network, free = self._split(theta)
        obs = _rows(obs, self.network)
        outputs, network_jvp, network_vjp = self.network.linearize(network, obs)
        N, width = outputs.shape
        ones = np.ones(N, outputs.dtype)

        def jvp(v: Array) -> Array:
            v_network, v_free = self._split(v)
            return _filled(network_jvp(v_network), v_free)

        def vjp(u: Array) -> Array:
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
        """log π(a|s) (N,) of actions as `sample` gives them, one for each observation."""
        if len(actions) != len(obs):
            raise UsageError(f"There are {len(obs)} observations and {len(actions)} actions.")
        return self.distribution.log_prob(self.outputs(theta, obs), self.as_events(actions))

    def entropy(self, theta: Array, obs: Array) -> Array:
        """The entropy of π(·|s) (N,), in nats."""
        return self.distribution.entropy(self.outputs(theta, obs))

    def as_actions(self, events: Array) -> Array:
        """The distribution's events as actions of the space: reshaped, counted from its start."""
        space = self.action_space
        return (events.reshape(len(events), *space.shape) + _start(space)).astype(space.dtype)

    def as_events(self, actions: Array) -> Array:
        """The inverse of `as_actions`; raises UsageError where an action has another shape."""
        actions, space = np.asarray(actions), self.action_space
        wanted = (len(actions), *self.distribution.event_shape)
        if actions.size != np.prod(wanted):
            raise UsageError(
                f"The actions have the shape {actions.shape}, which does not fit the space {space}."
            )
        return (actions - _start(space)).reshape(wanted)


def _start(space: gymnasium.Space) -> Array | int:
    """The number of the first action: not all Discrete and MultiDiscrete spaces count from 0."""
    return getattr(space, "start", 0)


def _rows(obs: Array, network: Network) -> Array:
    """The observations as an array (N, D), as the network wants them, or a UsageError."""
    obs = np.asarray(obs)
    D = network.num_inputs
    if obs.ndim != 2 or D not in (None, obs.shape[1]):
        raise UsageError(
            f"The observations have the shape {obs.shape}: (N, {D or 'D'}) is wanted, "
            "a row for each state."
        )
    return obs


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
