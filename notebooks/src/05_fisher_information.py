# %% [markdown]
# # 05 The Fisher information
#
# TRPO keeps the new policy near the old one, and near means a small Kullback–Leibler divergence. In
# notebook 04 that divergence was replaced by a quadratic form, $\tfrac12 d^\top F d$ for a small
# change $d$ of the parameters. Where does the matrix $F$ come from? And why do so many people who
# print the KL divergence of their own program find that **it is always 0**, and ask what they did
# wrong?
#
# They did nothing wrong. At the old policy the KL divergence has the value 0 and the slope 0. All
# it has is a curvature, and that curvature is $F$, the Fisher information matrix. This notebook
# derives it in three ways, by hand for the two most common distributions, and then for a policy
# with a network inside.
#
# You need: gradients and Hessians, eigenvalues, expectations of discrete and normal variables.

# %%
import autograd.numpy as anp
import matplotlib.pyplot as plt
import numpy as np
from autograd import grad, hessian
from gymnasium import spaces

from trpo_np import Categorical, explicit_fisher, make_policy, mean_kl
from trpo_np.classroom import notebook_05 as nb
from trpo_np.classroom.figures import show
from trpo_np.experiments.plots import use_style

use_style()

# %% [markdown]
# ## 1. A distance between distributions
#
# The **Kullback–Leibler divergence** of two distributions $p$ and $q$ over the same actions is
#
# $$\mathrm{KL}(p \,\|\, q) = \mathbb{E}_{a \sim p}\left[ \log p(a) - \log q(a) \right].
#   \tag{5.1}$$
#
# Its unit is the nat, because the logarithm is the natural one. It is never negative. To see it, use
# $\log x \le x - 1$ (the tangent of the logarithm at 1 lies above it):
#
# $$-\mathrm{KL}(p \,\|\, q) = \mathbb{E}_p\left[ \log \frac{q(a)}{p(a)} \right]
#   \le \mathbb{E}_p\left[ \frac{q(a)}{p(a)} - 1 \right] = \sum_a q(a) - \sum_a p(a) \le 0 .$$
#
# (The sums run over the actions that $p$ takes, where the first of them may be less than 1. For a density
# read $\int$ for $\sum$.) Equality needs $q(a) / p(a) = 1$ for every action that $p$
# takes: the divergence is 0 only between equal distributions. It is not symmetric, so the order
# matters, and in this course it is always $\mathrm{KL}(\text{old} \,\|\, \text{new})$.
#
# A **categorical** distribution over $n$ actions is given by $n$ numbers
# $\eta = (\eta_1, \dots, \eta_n)$, the logits, through the softmax:
#
# $$p(a) = \frac{e^{\eta_a}}{\sum_b e^{\eta_b}}, \qquad
#   \log p(a) = \eta_a - \log \sum_b e^{\eta_b} . \tag{5.2}$$
#
# **Exercise 5.1.** Write the divergence (5.1) of two categorical distributions, given as logits
# `eta_old` and `eta_new`, both of shape `(N, n)`: one distribution in each of `N` rows. The result
# has shape `(N,)`.
#
# <details><summary>Hint 1</summary>
# First make log p and log q with (5.2), row by row: np.log(np.sum(np.exp(eta), axis=1,
# keepdims=True)).
# <details><summary>Hint 2</summary>
# The expectation is over p, the old distribution: a sum over the actions with the weights np.exp(log p).
# </details></details>


# %%
def my_categorical_kl(eta_old, eta_new):
    ### BEGIN SOLUTION
    log_p = eta_old - np.log(np.sum(np.exp(eta_old), axis=1, keepdims=True))
    log_q = eta_new - np.log(np.sum(np.exp(eta_new), axis=1, keepdims=True))
    return np.sum(np.exp(log_p) * (log_p - log_q), axis=1)
    ### END SOLUTION


nb.check_categorical_kl(my_categorical_kl)

# %% [markdown]
# ## 2. Value 0, slope 0, curvature F
#
# Let the distribution depend on parameters $\theta$, write $p_\theta$, and hold
# $\theta_\text{old}$ fixed. As a function of $\theta$,
#
# $$k(\theta) = \mathrm{KL}(p_{\theta_\text{old}} \,\|\, p_\theta)
#   = \sum_a p_{\theta_\text{old}}(a) \left[ \log p_{\theta_\text{old}}(a) - \log p_\theta(a) \right] .$$
#
# **Value.** At $\theta = \theta_\text{old}$ every bracket is 0, so $k(\theta_\text{old}) = 0$.
#
# **Slope.** Only the last term depends on $\theta$. The gradient of the log-probability,
# $\nabla_\theta \log p_\theta(a)$, has a name: the **score** of action $a$.
#
# $$\nabla k(\theta) = - \sum_a p_{\theta_\text{old}}(a)\, \nabla \log p_\theta(a) .$$
#
# Now put $\theta = \theta_\text{old}$. Since $\nabla \log p = \nabla p / p$,
#
# $$\mathbb{E}_{a \sim p_\theta}\left[ \nabla \log p_\theta(a) \right]
#   = \sum_a p_\theta(a) \frac{\nabla p_\theta(a)}{p_\theta(a)}
#   = \nabla \sum_a p_\theta(a) = \nabla 1 = 0 . \tag{5.3}$$
#
# The mean score is zero, and so is the slope. It had to be: $k$ is never negative and is 0 at
# $\theta_\text{old}$, so that point is a minimum.
#
# **Curvature.** Differentiate once more:
#
# $$\nabla^2 k(\theta) = - \sum_a p_{\theta_\text{old}}(a)\, \nabla^2 \log p_\theta(a) .$$
#
# The quotient rule for $\nabla \log p = \nabla p / p$ gives
#
# $$\nabla^2 \log p = \frac{\nabla^2 p}{p} - \frac{\nabla p\, \nabla p^\top}{p^2}
#   = \frac{\nabla^2 p}{p} - \nabla \log p\, \nabla \log p^\top .$$
#
# At $\theta = \theta_\text{old}$ the first term has the sum
# $\sum_a p\, \nabla^2 p / p = \nabla^2 \sum_a p = 0$, as in (5.3). What is left is
#
# $$F = \nabla^2 k(\theta_\text{old})
#   = \mathbb{E}_{a \sim p_\theta}\left[ \nabla \log p_\theta(a)\; \nabla \log p_\theta(a)^\top \right]
#   \quad \text{at } \theta = \theta_\text{old} . \tag{5.4}$$
#
# This is the **Fisher information matrix**: the Hessian of the KL divergence at the old parameters,
# and at the same time the covariance matrix of the score. As a covariance it is symmetric and
# positive semidefinite. Taylor's formula with value 0 and slope 0 leaves, for
# $\theta = \theta_\text{old} + d$,
#
# $$\mathrm{KL}(p_{\theta_\text{old}} \,\|\, p_\theta) = \tfrac12\, d^\top F d + O(\|d\|^3) .
#   \tag{5.5}$$
#
# The parameters may be the logits themselves. Four actions, a random direction $d$, and autograd for
# the derivatives: `grad(k)` and `hessian(k)` are the functions that compute the gradient and the
# Hessian of `k`, exactly, not by finite differences.

# %%
rng = np.random.default_rng(0)
eta_old = np.array([1.0, 0.0, -0.5, -1.0])
d = rng.standard_normal(4)


def k(eta):
    """KL(old ‖ eta) of two categorical distributions, eta (4,)."""
    return Categorical(4).kl(eta_old[None], eta[None])[0]


slope, F_eta = grad(k)(eta_old), hessian(k)(eta_old)
print("value:    ", k(eta_old))
print("slope:    ", np.round(slope, 12) + 0.0)
print("curvature:", np.round(F_eta, 3), sep="\n")

# %%
t = np.linspace(-1.5, 1.5, 121)
exact = np.array([k(eta_old + x * d) for x in t])
model = 0.5 * t**2 * (d @ F_eta @ d)
figure, axes = plt.subplots(1, 2, figsize=(12, 5))
axes[0].plot(t, exact, label=r"KL(old $\|$ new)")
axes[0].plot(t, model, label=r"$\frac{1}{2} t^2 d^\top F d$")
axes[0].plot(0, 0, "k*", markersize=14, label="old distribution")
axes[0].set_xlabel(r"$t$, for the logits $\eta_{\rm old} + t d$")
axes[0].set_ylabel("nats")
axes[0].legend()
small = np.geomspace(1e-3, 1, 13)
gap = [abs(k(eta_old + x * d) - 0.5 * x**2 * (d @ F_eta @ d)) for x in small]
axes[1].loglog(small, [k(eta_old + x * d) for x in small], "o-", label="KL")
axes[1].loglog(small, gap, "s--", label=r"$|$KL $-$ model$|$")
axes[1].set_xlabel("$t$")
axes[1].set_ylabel("nats")
axes[1].legend()
show(
    figure,
    "Left: the KL divergence along a line through the old logits is a bowl with value and slope "
    "zero at the old point; the parabola of its curvature lies on it near the point and leaves it "
    "further out. Right: on log axes the divergence falls with slope 2, its difference from the "
    "parabola with slope 3.",
    "At the old policy the KL divergence has value 0 and slope 0. All it has is a curvature.",
    name="kl_curvature",
)
print(
    "slope of the KL on log axes: ",
    np.log(k(eta_old + 1e-2 * d) / k(eta_old + 1e-3 * d)) / np.log(10),
)
print("slope of the gap on log axes:", np.log(gap[4] / gap[0]) / np.log(small[4] / small[0]))

# %% [markdown]
# So a training program that prints the KL divergence *before* it has moved prints 0, and the ratio
# $\pi_\theta / \pi_\text{old}$ is 1 for every sample. The loss looks constant. Its derivatives are
# what the step is made of, and they are not zero: the surrogate has a slope, the divergence has a
# curvature.
#
# ## 3. The categorical distribution by hand
#
# We call the Fisher matrix with respect to the outputs $\eta$ of the network **M**, the metric of
# the distribution, and keep $F$ for the one with respect to $\theta$. Two routes lead to $M$ for the
# softmax (5.2).
#
# **Through the scores.** Let $e_a$ be the unit vector with its 1 at position $a$. The gradient of
# $\log \sum_b e^{\eta_b}$ is $e^{\eta} / \sum_b e^{\eta_b} = p$, the vector of probabilities, hence
#
# $$\nabla_\eta \log p(a) = e_a - p .$$
#
# The mean of $e_a$ is $p$, and the mean of $e_a e_a^\top$ is $\mathrm{diag}(p)$. So the covariance is
#
# $$M = \mathbb{E}\left[ (e_a - p)(e_a - p)^\top \right]
#   = \mathrm{diag}(p) - p p^\top - p p^\top + p p^\top = \mathrm{diag}(p) - p\, p^\top .
#   \tag{5.6}$$
#
# **Through the Hessian.** $-\log p(a) = \log \sum_b e^{\eta_b} - \eta_a$. The second term is linear,
# so the Hessian is that of the first, whatever the action: the derivative of
# $p_i = e^{\eta_i} / \sum_b e^{\eta_b}$ with respect to $\eta_j$ is $p_i (\delta_{ij} - p_j)$, with
# $\delta_{ij} = 1$ for $i = j$ and 0 otherwise. That is (5.6) again.
#
# **Exercise 5.2.** Write the product $M u$ for one row each of `p` and `u`, both `(N, n)`, without
# ever making an $n \times n$ matrix.
#
# <details><summary>Hint 1</summary>
# Multiply (5.6) by u: diag(p) u is p * u, and (p pᵀ) u = p (pᵀ u).
# <details><summary>Hint 2</summary>
# pᵀ u is one number a row: np.sum(p * u, axis=1, keepdims=True).
# </details></details>


# %%
def my_categorical_metric(p, u):
    ### BEGIN SOLUTION
    return p * (u - np.sum(p * u, axis=1, keepdims=True))
    ### END SOLUTION


nb.check_categorical_metric(my_categorical_metric)

# %% [markdown]
# The Hessian that autograd computed above must be this $M$. And one direction is special: add the
# same constant to all logits, and the softmax does not change. Along $u = (1, \dots, 1)$ the
# divergence stays 0, so $M u = 0$.

# %%
p = np.exp(eta_old) / np.exp(eta_old).sum()
M = np.diag(p) - np.outer(p, p)
print("largest difference from autograd's Hessian:", f"{np.abs(M - F_eta).max():.1e}")
print("M (1, 1, 1, 1) =", np.round(M @ np.ones(4), 15) + 0.0)
print("eigenvalues of M:", np.round(np.linalg.eigvalsh(M), 4) + 0.0)

# %% [markdown]
# ## 4. The Gaussian by hand
#
# For a continuous action take a normal distribution with mean $m$ and standard deviation $\sigma$.
# We use $\log \sigma$ as parameter, so that any number is allowed: $\eta = (m, \log \sigma)$. With
# $z = (a - m) / \sigma$, which is a standard normal variable,
#
# $$\log p(a) = -\tfrac12 z^2 - \log \sigma - \tfrac12 \log 2\pi .$$
#
# **Through the scores.** $\partial z / \partial m = -1/\sigma$ and
# $\partial z / \partial \log \sigma = -z$ (write $z = (a - m)\, e^{-\log \sigma}$), so
#
# $$\nabla_\eta \log p(a) = \left( \frac{z}{\sigma},\; z^2 - 1 \right) .$$
#
# The moments of a standard normal are $\mathbb{E}[z] = 0$, $\mathbb{E}[z^2] = 1$, $\mathbb{E}[z^3] = 0$,
# $\mathbb{E}[z^4] = 3$. The three entries of the covariance are
# $\mathbb{E}[z^2] / \sigma^2 = 1 / \sigma^2$, $\;\mathbb{E}[z\,(z^2 - 1)] / \sigma = 0$ and
# $\mathbb{E}[(z^2 - 1)^2] = 3 - 2 + 1 = 2$:
#
# $$M = \begin{pmatrix} 1/\sigma^2 & 0 \\ 0 & 2 \end{pmatrix} . \tag{5.7}$$
#
# **Through the Hessian.** First the divergence itself. Let $a$ be drawn from the old distribution
# $(m, \sigma)$, and let the new one have $(m', \sigma')$.
#
# $$\mathbb{E}[\log p_\text{old}(a)] = -\tfrac12 - \log \sigma - \tfrac12 \log 2\pi, \qquad
#   \mathbb{E}[\log p_\text{new}(a)] = -\frac{\mathbb{E}[(a - m')^2]}{2 \sigma'^2}
#   - \log \sigma' - \tfrac12 \log 2\pi .$$
#
# The mean square in the second is variance plus squared bias, $\sigma^2 + (m - m')^2$. Subtract:
#
# $$\mathrm{KL}(\text{old} \,\|\, \text{new}) = \log \frac{\sigma'}{\sigma}
#   + \frac{\sigma^2 + (m - m')^2}{2 \sigma'^2} - \frac12 . \tag{5.8}$$
#
# **Exercise 5.3.** Write (5.8) with the logarithms of the standard deviations as arguments. All four
# are arrays of one shape `(N, d)`: `d` independent action dimensions. The divergence of independent
# dimensions is the *sum* of theirs, so the result has shape `(N,)`.
#
# <details><summary>Hint 1</summary>
# log(σ'/σ) = log_std_new - log_std, and σ² = np.exp(2 * log_std).
# <details><summary>Hint 2</summary>
# Sum over axis 1 at the very end. The ½ belongs to every dimension.
# </details></details>


# %%
def my_gaussian_kl(mean, log_std, mean_new, log_std_new):
    ### BEGIN SOLUTION
    spread = np.exp(2 * log_std) + (mean - mean_new) ** 2
    terms = log_std_new - log_std + spread / (2 * np.exp(2 * log_std_new)) - 0.5
    return np.sum(terms, axis=1)
    ### END SOLUTION


nb.check_gaussian_kl(my_gaussian_kl)

# %% [markdown]
# Now its second derivatives with respect to the new parameters, taken where new and old agree. With
# respect to $m'$: $1 / \sigma'^2$. With respect to $x = \log \sigma'$: the terms are
# $x + \tfrac12 (\sigma^2 + (m - m')^2)\, e^{-2x}$, with second derivative
# $2 (\sigma^2 + (m - m')^2)\, e^{-2x} = 2$. The mixed one is
# $2 (m - m') / \sigma'^2 = 0$. That is (5.7).
#
# Two things can be read off. The information about the mean is $1/\sigma^2$: for a policy that has
# become sure of itself (small $\sigma$), the same shift of the mean is a large change. That is the
# cliff of notebook 01. And the 2 for $\log \sigma$ does not depend on anything: in $\log \sigma$,
# all spreads are alike.
#
# As a check without any derivation: draw actions, make their scores, and take the covariance. The
# error that sampling makes is known, too; it is the standard deviation of the products divided by
# the square root of their number.

# %%
sigma, samples = 0.5, 200_000
z = np.random.default_rng(1).standard_normal(samples)
scores = np.stack([z / sigma, z**2 - 1], axis=1)  # (samples, 2)
products = scores[:, :, None] * scores[:, None, :]
estimate, error = products.mean(axis=0), products.std(axis=0) / np.sqrt(samples)
M_gauss = np.diag([1 / sigma**2, 2.0])
print("M:", M_gauss, "covariance of sampled scores:", np.round(estimate, 3), sep="\n")
print("difference in standard errors:", np.round((estimate - M_gauss) / error, 1), sep="\n")

# %% [markdown]
# ## 5. From the distribution to the policy
#
# In a policy the outputs $\eta$ are made by a network, from the parameters $\theta$ and the state (for a
# Gaussian, $\log \sigma$ is usually a parameter of its own, the same in all states, and passed on):
# $\eta_s(\theta)$, a vector of $K$ numbers for every state $s$. Let $J_s$ be its Jacobian, the
# $K \times P$ matrix of $\partial \eta_s / \partial \theta$. By the chain rule the score of the
# policy is
#
# $$\nabla_\theta \log \pi_\theta(a|s) = J_s^\top\, \nabla_\eta \log p_\eta(a) .$$
#
# The Fisher matrix of the policy is the mean over states of (5.4). The Jacobian does not depend on
# the action and leaves the inner expectation:
#
# $$F = \mathbb{E}_s\, \mathbb{E}_{a}\left[ J_s^\top\, \nabla_\eta \log p\; \nabla_\eta \log p^\top J_s \right]
#   = \mathbb{E}_s\left[ J_s^\top M_s\, J_s \right] . \tag{5.9}$$
#
# **Exercise 5.4.** Assemble $F$ from the Jacobians `J` of shape `(N, K, P)` and the metrics `M` of
# shape `(N, K, K)`, one of each for every one of `N` states. The expectation over states is the mean
# over them.
#
# <details><summary>Hint 1</summary>
# For a single state it is J[n].T @ M[n] @ J[n]. Add them up in a loop, or let np.einsum do it.
# <details><summary>Hint 2</summary>
# np.einsum("nkp,nkl,nlq->pq", J, M, J) sums over the states n; a mean is still to be made of it.
# </details></details>


# %%
def my_fisher(J, M):
    ### BEGIN SOLUTION
    return np.einsum("nkp,nkl,nlq->pq", J, M, J) / len(J)
    ### END SOLUTION


nb.check_fisher(my_fisher)

# %% [markdown]
# The Hessian of the mean KL must give the same matrix. It is worth a look why, because a network is
# curved too. For one state write $k(\eta)$ for the divergence as a function of the outputs. Then
#
# $$\nabla_\theta^2\, k(\eta_s(\theta)) = J_s^\top\, \nabla_\eta^2 k\; J_s
#   + \sum_{i=1}^{K} \frac{\partial k}{\partial \eta_i}\, \nabla_\theta^2\, \eta_{s,i}(\theta) .
#   \tag{5.10}$$
#
# The second term holds the curvature of the network. At $\theta_\text{old}$ it is multiplied by the
# slope of the divergence, and the slope is 0. Only the first term stays, with
# $\nabla_\eta^2 k = M_s$.
#
# So there are three routes to one matrix: the covariance of the scores, the Hessian of the mean KL,
# and $J^\top M J$, which is called the Gauss–Newton route. The package has all three. They share
# little code, so that each is a check of the others.

# %%
rng = np.random.default_rng(2)
action_spaces = {"3 discrete actions": spaces.Discrete(3), "2 continuous": spaces.Box(-1, 1, (2,))}
for name, action_space in action_spaces.items():
    policy = make_policy(spaces.Box(-1, 1, (3,)), action_space, hidden=(6,))
    theta = policy.init(rng) + 0.5 * rng.standard_normal(policy.num_parameters)
    obs = rng.standard_normal((20, 3))
    F = {
        route: explicit_fisher(policy, theta, obs, route)
        for route in ("scores", "kl_hessian", "gauss_newton")
    }
    largest = np.abs(F["scores"]).max()
    for route in ("kl_hessian", "gauss_newton"):
        difference = np.abs(F[route] - F["scores"]).max() / largest
        print(f"{name}, P = {len(theta)}: {route} - scores, relative: {difference:.0e}")

# %% [markdown]
# ## 6. Away from the old policy
#
# Both facts that made the Hessian simple, the mean score 0 and the slope 0, hold at
# $\theta_\text{old}$ alone. Anywhere else the Hessian of the divergence and the Fisher matrix are two
# different matrices. The Fisher matrix stays positive semidefinite everywhere, being a covariance.
# The Hessian need not: in (5.10) the curvature of the network enters with either sign, and for a
# Gaussian $\nabla_\eta^2 k$ itself is not $M$ any more.
#
# We take the Gaussian policy of the last cell, walk away from $\theta_\text{old}$ along a random direction
# $d$ of length 1, and watch the smallest eigenvalue of both.

# %%
d = rng.standard_normal(len(theta))
d /= np.linalg.norm(d)
distances = np.linspace(0, 3, 25)
smallest_hessian, smallest_fisher, apart = [], [], []
for t in distances:
    there = theta + t * d
    H = hessian(lambda x: mean_kl(policy, theta, x, obs))(there)
    F_there = explicit_fisher(policy, there, obs, "gauss_newton")
    smallest_hessian.append(np.linalg.eigvalsh(H)[0])
    smallest_fisher.append(np.linalg.eigvalsh(F_there)[0])
    apart.append(np.linalg.norm(H - F_there) / np.linalg.norm(F_there))

figure, axes = plt.subplots(1, 2, figsize=(12, 5))
axes[0].plot(distances, smallest_hessian, "o-", label="Hessian of the mean KL")
axes[0].plot(distances, smallest_fisher, "s--", label="Fisher matrix there")
axes[0].set_ylabel("smallest eigenvalue")
axes[0].legend()
axes[1].plot(distances, apart, "D-", color="black")
axes[1].set_ylabel("relative difference of the two")
for ax in axes:
    ax.set_xlabel(r"distance $t$ from $\theta_{\rm old}$")
show(
    figure,
    "Left: with growing distance from the old parameters the smallest eigenvalue of the Hessian of "
    "the KL divergence falls clearly below zero, while that of the Fisher matrix stays at zero. "
    "Right: the relative difference of the two matrices is zero at the old parameters and grows.",
    "The Hessian of the KL is the Fisher matrix at the old policy, and nowhere else.",
)
print(
    "at the old policy: relative difference",
    f"{apart[0]:.0e}",
    " smallest eigenvalues",
    f"{smallest_hessian[0]:.0e}",
    f"{smallest_fisher[0]:.0e}",
)
print(
    f"at distance 3:     relative difference {apart[-1]:.2f}   smallest eigenvalues {smallest_hessian[-1]:.2f} {smallest_fisher[-1]:.0e}"
)

# %% [markdown]
# A method that needs a positive definite matrix, like the conjugate gradients of notebook 07, must
# therefore compute it at $\theta_\text{old}$. TRPO does: once an update, before the step.
#
# One more trap is near. Differentiate $\mathrm{KL}(p_\theta \,\|\, p_\theta)$, forgetting to hold the
# old distribution constant, and the function is 0 for *every* $\theta$. So is its Hessian.

# %%
moving_old = lambda x: anp.mean(
    policy.distribution.kl(policy.outputs(x, obs), policy.outputs(x, obs))
)
print(
    "largest entry of the Hessian, old distribution not held constant:",
    f"{np.abs(hessian(moving_old)(theta)).max():.0e}",
)

# %% [markdown]
# ## 7. Rank, and why damping
#
# How many independent directions does $F$ see? From $N$ states, (5.9) is a sum of $N$ matrices
# $J_s^\top M_s J_s$, each of rank at most the rank of $M_s$, and the rank of a sum is at most the sum
# of the ranks:
#
# $$\mathrm{rank}\, F \le \min\left( P,\; N \cdot \mathrm{rank}\, M \right) . \tag{5.11}$$
#
# A direction $d$ in the null space changes no action probability in any of these states to first
# order: $d^\top F d = 0$. The trust region is then unbounded in that direction, and
# $F s = g$ has no unique solution.
#
# **Exercise 5.5.** Predict before you run: a policy with 4 discrete actions and $P = 200$ parameters,
# and $N = 10$ different states. What is the largest rank that $F$ can have?
#
# <details><summary>Hint 1</summary>
# What is the rank of M for 4 actions? Look at the eigenvalues printed in section 3.
# <details><summary>Hint 2</summary>
# One direction of the four logits does nothing.
# </details></details>

# %%
prediction = ...  # replace the dots by a number
### BEGIN SOLUTION
prediction = 30
### END SOLUTION
nb.check_rank(prediction)

# %%
rng = np.random.default_rng(3)
policy = make_policy(spaces.Box(-1, 1, (3,)), spaces.Discrete(4), hidden=(10, 10))
theta = policy.init(rng) + 0.3 * rng.standard_normal(policy.num_parameters)
P = len(theta)
all_obs = rng.standard_normal((2000, 3))
figure, ax = plt.subplots(figsize=(10, 5.5))
for N, marker in ((5, "o"), (20, "s"), (100, "D"), (2000, "^")):
    spectrum = np.linalg.eigvalsh(explicit_fisher(policy, theta, all_obs[:N], "gauss_newton"))[::-1]
    rank = int(np.sum(spectrum > 1e-12 * spectrum[0]))
    ax.semilogy(np.maximum(spectrum, 1e-18), marker, markersize=4, label=f"N = {N}, rank {rank}")
ax.axhline(0.1, color="black", linestyle=":", label=r"damping $\lambda = 0.1$")
ax.set_xlabel(f"number of the eigenvalue, from the largest down (P = {P})")
ax.set_ylabel("eigenvalue of F")
ax.set_ylim(1e-18, 10)
ax.legend(loc="center", bbox_to_anchor=(0.6, 0.34))
show(
    figure,
    "Eigenvalues of the Fisher matrix on a log axis, for 5, 20, 100 and 2000 states. With 5 states "
    "15 eigenvalues stand above rounding error, with 20 states 60, with 100 and with 2000 states "
    "183 of 194. Those fall over seven to nine powers of ten, and all but a dozen are below the usual "
    "damping of 0.1.",
    "Few states: most eigenvalues are zero. Many states: most are small.",
    name="fisher_spectrum",
)

# %% [markdown]
# With 5 states the rank is $5 \cdot 3 = 15$, with 20 states 60, as (5.11) allows. With 100 states and
# with 2000 it is 183, eleven short of $P$: add the same number to the four weights that lead from one
# hidden unit to the four logits, and all logits change alike, whatever the state. Ten hidden units and
# the bias make eleven directions that no state can see. The other eigenvalues fall over seven powers
# of ten and more: most directions in the space of parameters hardly change what the policy does.
# Estimated from finitely many states, the smallest are also the least certain: those from 100 states are
# off by a factor of 30 from those of 2000. (Points near $10^{-15}$ and below are rounding error.)
#
# That is what **damping** is for. Replace $F$ by
#
# $$F + \lambda I \tag{5.12}$$
#
# with a small $\lambda$, typically 0.1. Every eigenvalue grows by $\lambda$, the inverse exists, and
# a direction about which the states say nothing costs $\tfrac12 \lambda \|d\|^2$ instead of nothing.
# Seen as a trust region: a little of the plain distance in $\theta$ is mixed into the KL. Notebook 07
# shows what it does for the speed of the solver, notebook 08 what it does to the length of the step.
#
# ## 8. Exact and sampled expectations
#
# In (5.9) the expectation over actions was done exactly, in $M$. One could also take the actions that
# happen to be in the batch, one for each state, and average the products of their scores with
# themselves. This is the same in
# expectation, but noisier, and it throws away what is known: the policy's probabilities. With many
# samples it converges, like one over the square root of their number.

# %%
policy = make_policy(spaces.Box(-1, 1, (3,)), spaces.Discrete(4), hidden=(4,))
theta = policy.init(rng) + 0.5 * rng.standard_normal(policy.num_parameters)
obs = rng.standard_normal((50, 3))
F_exact = explicit_fisher(policy, theta, obs, "gauss_newton")
eta = policy.outputs(theta, obs)
J = np.stack(
    [[policy.linearize(theta, obs[n : n + 1]).vjp(e[None]) for e in np.eye(4)] for n in range(50)]
)
p = np.exp(eta) / np.exp(eta).sum(axis=1, keepdims=True)
counts, errors = [1, 4, 16, 64, 256, 1024], []
for count in counts:
    F_sampled = np.zeros_like(F_exact)
    for _ in range(count):
        actions = Categorical(4).sample(eta, rng)
        scores = np.einsum("nkp,nk->np", J, np.eye(4)[actions] - p)
        F_sampled += scores.T @ scores / (50 * count)
    errors.append(np.linalg.norm(F_sampled - F_exact) / np.linalg.norm(F_exact))
figure, ax = plt.subplots(figsize=(9, 5))
ax.loglog(counts, errors, "o-", label="sampled actions")
ax.loglog(counts, errors[0] / np.sqrt(counts), "--", label=r"$1/\sqrt{\rm actions}$")
ax.set_xlabel("sampled actions in each of 50 states")
ax.set_ylabel("relative error of F")
ax.legend()
show(
    figure,
    "The relative error of the Fisher matrix made from sampled actions, against the number of "
    "actions a state, on log axes. It starts near a half for one action and falls along the line "
    "of slope minus one half.",
    "One action a state gives F with a large error; the metric M gives it with none, at less cost.",
)
print(
    "relative error with one action a state:",
    f"{errors[0]:.2f}",
    "  with 1024:",
    f"{errors[-1]:.3f}",
)

# %% [markdown]
# Do not mix up this sampled Fisher matrix with a third thing of a similar name: the "empirical Fisher
# matrix" of supervised learning, made from scores at given labels. Here the actions were drawn from
# the policy itself, and only then is the mean score zero and (5.4) true.
#
# ## 9. What to take along
#
# | | |
# |---|---|
# | KL at the old policy | value 0, slope 0, curvature $F$ |
# | $F$ | covariance of the scores = Hessian of the mean KL = $\mathbb{E}_s[J^\top M J]$ |
# | categorical | $M = \mathrm{diag}(p) - p p^\top$, one null direction |
# | Gaussian, $\eta = (m, \log \sigma)$ | $M = \mathrm{diag}(1/\sigma^2, 2)$ |
# | elsewhere | the Hessian of the KL is another matrix, perhaps indefinite |
# | rank | at most $N \cdot \mathrm{rank}\, M$: damp with $\lambda I$ |
#
# Next: [06 Fisher-vector products](06_fisher_vector_products.ipynb), where $F$ is used without ever
# being made.
