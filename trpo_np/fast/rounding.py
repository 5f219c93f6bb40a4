"""How far rounding alone may move a policy, so that a KL can be rounded up to a true bound."""

from dataclasses import dataclass

import numpy as np

from trpo_np.distributions import Distribution
from trpo_np.policy import Policy

Array = np.ndarray
SOME = 128  #: at most so many states are looked at; of a larger batch every n-th
ENOUGH = 32  #: errors over which their size is averaged
PERIOD = 4099  #: after which signs repeat: a prime, so no layer's width divides it


@dataclass(frozen=True, eq=False)
class Rounding:
    """How far the rounding of its outputs may move a policy, in √KL.

    Rounding acts on the outputs as a relative error ε of random sign on every parameter does: with
    v = ± ε theta the outputs are off by e = J v, and √KL by √(½ E[eᵀ M e]). `factor` covers what
    that leaves out, the sums of a layer, tanh, and errors that do not average over few states.
    """

    distribution: Distribution
    errors: tuple[Array, ...]  #: e of the states that are looked at, some draws, each (n, K)
    factor: float
    eta: Array  #: the outputs of those states (n, K)
    eps: float  #: the spacing of the networks' numbers at 1

    @classmethod
    def of(cls, policy: Policy, theta: Array, obs: Array) -> "Rounding":
        """That of the policy with parameters theta on observations (N, D)."""
        N = len(obs)
        at = policy.linearize(theta, obs[:: -(-N // SOME)])
        eps = float(np.finfo(at.outputs.dtype).eps)
        v, draws = theta * np.array(eps, theta.dtype), range(-(-ENOUGH // N))
        errors = [at.jvp(v * random_signs(len(v), i).astype(v.dtype)) for i in draws]
        factor = 4 + 32 / np.sqrt(N)
        return cls(policy.distribution, tuple(errors), factor, at.outputs, eps)

    def up(self, kl: float, new: "Rounding") -> float:
        """The mean KL to a new policy on the same states, computed in float64, as large as it can
        be: lengths √KL add at most, and the sum over the outputs is rounded too. Far away the KL
        has a slope, so that an error of the outputs enters in first order."""
        both = self, new
        length = max(one.length(there.eta) for one in both for there in both)
        sum_is_off = 8 * new.eta.shape[1] * np.finfo(np.float64).eps
        far = 1 + 4 * self.eps * (1 + np.abs(new.eta).max())
        return float(far * (np.sqrt(np.maximum(kl, 0)) + length) ** 2 + sum_is_off)

    def length(self, eta: Array) -> float:
        """√KL that these errors come to at outputs eta (n, K)."""
        M = self.distribution.metric(eta.astype(np.float64, copy=False))
        squares = [np.vdot(e, M(e)) / len(e) for e in self.errors]
        return self.factor * float(np.sqrt(0.5 * np.abs(np.mean(squares))))


def random_signs(P: int, draw: int = 0) -> Array:
    """±1 (P,) without a pattern that a layer could have, the same ones at every call."""
    n = min(P, PERIOD)
    return np.resize(np.sign(np.cos(np.arange(draw * n, (draw + 1) * n, dtype=float) ** 2)), P)
