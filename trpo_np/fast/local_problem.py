"""All that an update asks at one theta on one batch, each thing computed once."""

from collections.abc import Callable
from functools import cached_property

import numpy as np

from trpo_np.batch import Batch
from trpo_np.checked import vector
from trpo_np.errors import UsageError
from trpo_np.fast import fast
from trpo_np.fast.rounding import Rounding
from trpo_np.fisher import fisher_product_at, subsampled
from trpo_np.line_search import remembering
from trpo_np.objectives import mean_kl_between
from trpo_np.policy import Policy

Array = np.ndarray


class LocalProblem:
    """Maximise L subject to KL ≤ δ near theta: L and KL, gradient g and Fisher matrix F; (10.3).

    One linearization serves them all. Given a `fisher_fraction` below 1, the products F v use as
    many of the states, drawn by `rng`; all else sees the whole batch.
    Raises UsageError where the batch is none or empty, or shapes do not agree; F raises it where
    a fraction below 1 has no rng.
    """

    def __init__(
        self,
        policy: Policy,
        theta: Array,
        batch: Batch,
        fisher_fraction: float = 1.0,
        rng: np.random.Generator | None = None,
    ):
        if not isinstance(batch, Batch):
            raise UsageError(f"The batch must be a Batch(...), but is of {type(batch)}.")
        self.policy, self.batch = fast(policy), batch.checked()
        self.theta = theta = vector(theta, policy.num_parameters)
        self._distribution, self._events = policy.distribution, policy.as_events(batch.actions)
        self._states_of_F = fisher_fraction, rng
        self._at = self.policy.linearize(theta, batch.observations)  # eta and J at theta
        # Functions without self: a problem in no cycle is freed at once, with its activations.
        outputs, self._rounding_of = _functions_on(self.policy, batch.observations)
        self._eta = remembering(outputs, theta, self._at.outputs)
        self.ratios_at_theta = self.ratios(theta)

    def ratios(self, x: Array) -> Array:
        """π_x(a|s) / π_old(a|s) (N,)."""
        log_probs = self._distribution.log_prob(self._eta(x), self._events)
        return np.exp(log_probs - self.batch.log_probs)

    @cached_property
    def _L_at_theta(self) -> float:
        return np.mean(self.ratios_at_theta * self.batch.advantages)

    @cached_property
    def _rounding_of_L(self) -> float:
        """How much L can change by rounding alone."""
        return 10 * np.finfo(self._at.outputs.dtype).eps * np.mean(np.abs(self.batch.advantages))

    def L(self, x: Array) -> float:
        """The surrogate (10.1) at x less that at theta; 0 where rounding could have made it."""
        gain = np.mean(self.ratios(x) * self.batch.advantages) - self._L_at_theta  # (10.1)
        return 0.0 if abs(gain) <= self._rounding_of_L else gain

    def KL(self, x: Array) -> float:
        """The mean KL(theta ‖ x), in nats, as large as rounding could hide it to be; 0 at theta."""
        if np.array_equal(x, self.theta):
            return 0.0
        eta, eta_new = (y.astype(np.float64, copy=False) for y in (self._at.outputs, self._eta(x)))
        kl = mean_kl_between(self._distribution, eta, eta_new)
        return self._rounding.up(kl, self._rounding_at(x))

    @cached_property
    def _rounding(self) -> Rounding:
        return self._rounding_of(self.theta)

    @cached_property
    def _rounding_at(self) -> Callable[[Array], Rounding]:
        return remembering(self._rounding_of, self.theta, self._rounding)

    @cached_property
    def smallest_kl(self) -> float:
        """The mean KL to which rounding alone may come: no δ below it has a step."""
        return self._rounding.up(0.0, self._rounding)

    @cached_property
    def F(self) -> Callable[[Array], Array]:
        """The function v (P,) -> F v (P,), undamped: (10.2)."""
        fraction, rng = self._states_of_F
        if fraction == 1:
            return fisher_product_at(self.policy, self._at)
        some = subsampled(self.batch.observations, fraction, rng)
        return fisher_product_at(self.policy, self.policy.linearize(self.theta, some))

    def gradient(self) -> Array:
        """g = ∇L(theta) (P,): the scores in closed form, then Jᵀ. Equations (2.9), (4.2)."""
        return self.mean_score(self.ratios_at_theta * self.batch.advantages)  # (2.9)

    def mean_score(self, weights: Array) -> Array:
        """E[weight ∇ log π_theta(a|s)] (P,), the mean over the batch, for weights (N,)."""
        eta = self._at.outputs
        slope = (weights / len(eta))[:, None] * self._distribution.score(eta, self._events)
        return self._at.vjp(slope.astype(eta.dtype, copy=False))


def _functions_on(policy: Policy, obs: Array) -> tuple[Callable, Callable]:
    return lambda x: policy.bind(x)(obs), lambda x: Rounding.of(policy, x, obs)
