"""Trust Region Policy Optimization from scratch in NumPy.

The parameters are one flat vector theta, and every function is a pure function of it:

    policy = make_policy(observation_space, action_space)
    theta  = policy.init(rng)
    theta, report = trpo_step(policy, theta, batch)

Glossary (the same letters in code, docstrings and notebooks):

    N, D, K, P   samples in a batch; entries of an observation; entries of eta; parameters
    T, E         time steps and environments of a rollout, N ≤ T·E
    s, a         state and action; in code the policy sees observations `obs` (N, D)
    theta  (P,)  parameters of the policy; w (P',) parameters of the value function
    eta   (N, K) parameters of the action distribution, eta = outputs(theta, obs)
    J     (N, K, P) the Jacobian ∂eta/∂theta; a JVP is J v, a VJP is Jᵀ u
    J(π)         (of a policy) its performance, the expected discounted return
    M     (N, K, K) Fisher matrix of the distribution at eta
    F     (P, P) Fisher matrix of the policy, E_s[Jᵀ M J]
    L            the surrogate objective; g (P,) its gradient at theta_old
    s     (P,)   (in the update) the search direction, (F + λI)⁻¹ g
    delta        radius of the trust region, in nats; λ is the damping
    α, β         step size; backtracking ratio
    V, A         value function; advantages (T, E) or (N,)
    gamma, lam   discount; λ of generalized advantage estimation
    π(a|s), π_θ  the policy; μ start distribution, P(s'|s,a) transitions, r(s,a) rewards
    C, ε         C = 2γε/(1 - γ)², ε the largest |A(s, a)|, in the theorem's bound
    ρ            discounted visitation of states, unnormalised: it sums to 1/(1 - γ)
    KL(p ‖ q)    = E_p[log p - log q], always KL(old ‖ new)

Numbers such as (5.9) are equations of the notebooks; notebooks/equations.md lists them all.
"""

import sys

from trpo_np.browser import stand_in_for_multiprocessing
from trpo_np.launch import before_imports, is_starting

if is_starting():  # and not where the package is only imported
    before_imports()
if sys.platform == "emscripten":  # before gymnasium is imported
    stand_in_for_multiprocessing()

from trpo_np.advantages import generalized_advantages
from trpo_np.batch import Batch
from trpo_np.conjugate_gradient import conjugate_gradient
from trpo_np.distributions import Categorical, DiagonalGaussian
from trpo_np.fisher import explicit_fisher, fisher_vector_product
from trpo_np.joint_distributions import Bernoulli, MultiCategorical
from trpo_np.line_search import backtracking_line_search
from trpo_np.mlp import MLP
from trpo_np.objectives import mean_kl, surrogate
from trpo_np.policy import Policy
from trpo_np.spaces import make_policy
from trpo_np.training.agent import Agent, evaluate
from trpo_np.training.animation import animate
from trpo_np.training.settings import Settings
from trpo_np.training.train import train
from trpo_np.updates.natural_gradient import NaturalGradient
from trpo_np.updates.policy_gradient import PolicyGradient
from trpo_np.updates.ppo import PPO
from trpo_np.updates.trpo import TRPO, trpo_step

__all__ = [
    "MLP",
    "PPO",
    "TRPO",
    "Agent",
    "Batch",
    "Bernoulli",
    "Categorical",
    "DiagonalGaussian",
    "MultiCategorical",
    "NaturalGradient",
    "Policy",
    "PolicyGradient",
    "Settings",
    "animate",
    "backtracking_line_search",
    "conjugate_gradient",
    "evaluate",
    "explicit_fisher",
    "fisher_vector_product",
    "generalized_advantages",
    "make_policy",
    "mean_kl",
    "surrogate",
    "train",
    "trpo_step",
]
