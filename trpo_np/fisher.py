"""The Fisher information matrix of the policy, F = E_s E_a[∇ log π ∇ log πᵀ], mean over states.

Three explicit routes build F (P, P) for networks small enough, two products build v -> F v for all
others. They share as little code as they can, so that each checks the rest.
"""

from collections.abc import Callable

import numpy as np
from autograd import grad, hessian, jacobian

from trpo_np.checked import rows, vector
from trpo_np.errors import UsageError
from trpo_np.mlp import Linearization
from trpo_np.objectives import mean_kl
from trpo_np.policy import Policy

Array = np.ndarray
Product = Callable[[Array], Array]


def explicit_fisher(policy: Policy, theta: Array, obs: Array, route: str = "gauss_newton") -> Array:
    """F (P, P) at theta for observations (N, D), undamped, by the named route.

    "scores": the covariance of the scores ∇ log π, exact over the actions, whose number grows like
    3^d with the dimensions of a Gaussian's: (5.4);
    "kl_hessian": the Hessian of the mean KL at theta_new = theta, by autograd: (4.3), (5.4), (5.5);
    "gauss_newton": the mean over states of Jᵀ M J, J = ∂eta/∂theta: (5.9).
    """
    return _named(EXPLICIT_ROUTES, route)(policy, *_checked(policy, theta, obs))


def fisher_vector_product(
    policy: Policy, theta: Array, obs: Array, route: str = "gauss_newton"
) -> Product:
    """The function v (P,) -> F v (P,) at theta for observations (N, D), undamped.

    "gauss_newton": F v = Jᵀ M J v, one JVP and one VJP; the activations are computed here, once:
    (6.2);
    "double_backprop": F v = ∇[(∇ mean KL)ᵀ v] by autograd, as the chapter has it: (6.1).
    """
    return _named(PRODUCT_ROUTES, route)(policy, *_checked(policy, theta, obs))


def _checked(policy: Policy, theta: Array, obs: Array) -> tuple[Array, Array]:
    obs = rows(obs, policy.network.num_inputs, least=1)  # F is a mean over them
    return vector(theta, policy.num_parameters), obs


def damped(product: Product, damping: float) -> Product:
    """The function v -> (F + damping I) v, given v -> F v: equation (5.12)."""
    return lambda v: product(v) + damping * v  # (5.12)


def subsampled(obs: Array, fraction: float, rng: np.random.Generator | None) -> Array:
    """A `fraction` of the observations (N, D), at least one, drawn without replacement.

    F is a mean over states, and so is an estimate of it over some of them; gradient, KL and L keep
    all. Schulman et al. (2015), appendix C. Raises UsageError without a generator.
    """
    if fraction == 1:
        return obs
    if rng is None:
        raise UsageError(f"To draw a fraction of {fraction} of the states, pass a generator rng.")
    rows = rng.choice(len(obs), max(1, round(fraction * len(obs))), replace=False, shuffle=False)
    return obs[rows]


def _scores(policy: Policy, theta: Array, obs: Array) -> Array:
    F = np.zeros((len(theta), len(theta)))
    for actions, weights in zip(
        *policy.distribution.quadrature(policy.outputs(theta, obs)), strict=True
    ):
        log_prob = lambda x: policy.distribution.log_prob(policy.outputs(x, obs), actions)  # noqa: B023, E731
        scores = jacobian(log_prob)(theta)  # (N, P)
        F += scores.T @ (weights[:, None] * scores)  # (5.4)
    return F / len(obs)


def _kl_hessian(policy: Policy, theta: Array, obs: Array) -> Array:
    return hessian(lambda x: mean_kl(policy, theta, x, obs))(theta)  # (4.3), (5.5)


def _gauss_newton(policy: Policy, theta: Array, obs: Array) -> Array:
    eta, jvp, _ = policy.linearize(theta, obs)
    J = [jvp(e) for e in np.eye(len(theta))]  # column by column, each (N, K)
    MJ = [policy.distribution.fisher_product(eta, column) for column in J]
    return np.einsum("pnk,qnk->pq", J, MJ) / len(obs)  # (5.9)


def fisher_product_at(policy: Policy, at: Linearization) -> Product:
    """The function v -> F v where the policy has been linearized already: (6.2), (10.2)."""
    M = policy.distribution.metric(at.outputs)

    def product(v: Array) -> Array:
        Jv = at.jvp(v)
        MJv = M(Jv)
        return at.vjp(MJv) / len(MJv)  # (6.2), (10.2)

    return product


def _gauss_newton_product(policy: Policy, theta: Array, obs: Array) -> Product:
    return fisher_product_at(policy, policy.linearize(theta, obs))


def _double_backprop_product(policy: Policy, theta: Array, obs: Array) -> Product:
    kl_gradient = grad(lambda x: mean_kl(policy, theta, x, obs))
    return lambda v: grad(lambda x: kl_gradient(x) @ v)(theta)  # (6.1)


EXPLICIT_ROUTES = {"scores": _scores, "kl_hessian": _kl_hessian, "gauss_newton": _gauss_newton}
PRODUCT_ROUTES = {
    "gauss_newton": _gauss_newton_product,
    "double_backprop": _double_backprop_product,
}


def _named(routes: dict[str, Callable], route: str) -> Callable:
    if route not in routes:
        raise UsageError(f"There is no route {route!r}: choose one of {', '.join(routes)}.")
    return routes[route]
