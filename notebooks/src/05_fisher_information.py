# %% [markdown]
# # 05 The Fisher information
#
# TRPO keeps the new policy near the old one, and near means a small Kullback–Leibler divergence. In
# notebook 04 that divergence was replaced by a quadratic form, $\tfrac12 d^\top F d$ for a small
# change $d$ of the parameters. Where does the matrix $F$ come from? And why do so many people who
# print the KL divergence of their own program find that **it is always 0**, and ask what they did
# wrong?
#
# They did nothing wrong. At the old policy the KL divergence has the value 0 and the slope 0. What
# it has is a curvature, and that curvature is $F$, the Fisher information matrix. This notebook
# derives it in three ways, by hand for two distributions, the categorical and the normal one, and then
# for a policy with a network inside. At the end it meets a matrix of nearly the same name that is a
# different one.
#
# You need: gradients and Hessians, eigenvalues, expectations of discrete and normal variables.

# %%
import autograd.numpy as anp
import matplotlib.pyplot as plt
import numpy as np
from autograd import grad, hessian, jacobian
from gymnasium import spaces

from trpo_np import Batch, Categorical, explicit_fisher, make_policy, mean_kl, surrogate
from trpo_np.classroom import notebook_05 as nb
from trpo_np.classroom.checks import yours
from trpo_np.classroom.figures import show
from trpo_np.experiments.plots import use_style

use_style()

# %% [markdown]
# ## Before you begin
#
# Three questions about earlier notebooks, a minute each. They are not graded; what they ask is used
# below.
#
# **Recall 5.1** (notebook 01). The old policy takes two actions with the probabilities $\tfrac12$
# and $\tfrac12$, the new one with $\tfrac14$ and $\tfrac34$. What is
# $\mathrm{KL}(\text{old} \,\|\, \text{new})$?
#
# - (a) $\tfrac14 \log \tfrac12 + \tfrac34 \log \tfrac32$
# - (b) $\tfrac12 \log 2 + \tfrac12 \log \tfrac23$
# - (c) $\tfrac12 \log \tfrac12 + \tfrac12 \log \tfrac32$
# - (d) $\log 2 + \log \tfrac23$

# %%
recall = ...  # replace the dots by a letter, "a" to "d"
### BEGIN SOLUTION
recall = "b"
### END SOLUTION
nb.recall_order(recall)

# %% [markdown]
# **Recall 5.2** (notebook 04). A policy has two parameters, and its Fisher matrix has the entries 4
# and 1 on the diagonal and 0 elsewhere. How many nats does the quadratic model give for the step
# $d = (0.1, 0.2)$?

# %%
recall = ...  # replace the dots by a number
### BEGIN SOLUTION
recall = 0.04
### END SOLUTION
nb.recall_ellipse(recall)

# %% [markdown]
# **Recall 5.3** (notebook 04). All advantages are doubled, and so $g$ is. By which number is the
# natural gradient step (4.5) within δ multiplied?

# %%
recall = ...  # replace the dots by a number
### BEGIN SOLUTION
recall = 1
### END SOLUTION
nb.recall_doubled(recall)

# %% [markdown]
# ## 1. A distance between distributions
#
# The **Kullback–Leibler divergence** of two distributions $p$ and $q$ over the same actions is
#
# $$\mathrm{KL}(p \,\|\, q) = \mathbb{E}_{a \sim p}\left[ \log p(a) - \log q(a) \right].
#   \tag{5.1}$$
#
# Its unit is the nat, because the logarithm is the natural one. It is never negative. To see it, use
# $\log x \le x - 1$ (the tangent of the logarithm at 1 lies above it). Let $S$ be the set of the
# actions with $p(a) > 0$, the only ones that an expectation over $p$ sees:
#
# $$-\mathrm{KL}(p \,\|\, q) = \mathbb{E}_p\left[ \log \frac{q(a)}{p(a)} \right]
#   \le \mathbb{E}_p\left[ \frac{q(a)}{p(a)} - 1 \right]
#   = \sum_{a \in S} q(a) - \sum_{a \in S} p(a) \le 1 - 1 = 0 .$$
#
# All of $p$ lies in $S$, so its sum is 1. Some of $q$ may lie outside, so its sum is at most 1. (For a
# density read $\int$ for $\sum$.) Equality needs $q(a) / p(a) = 1$ on all of $S$: the divergence is
# 0 only between equal distributions. It is not symmetric, so the order
# matters, and in this course it is always $\mathrm{KL}(\text{old} \,\|\, \text{new})$.
#
# <details><summary>You may ask: why KL, and why old ‖ new?</summary>
#
# *Why not the total variation,* half the sum of $|p(a) - q(a)|$, which the proof in notebook 03 uses? It
# has a kink where the KL has its minimum: along a line of parameters it is $c\,|t|$ to first order in
# $t$, so where $c \gt 0$ there is no quadratic model, and no $F$. By Pinsker's inequality (notebook 03) a
# small KL makes it
# small too.
#
# *Why not new ‖ old?* For the direction of the step it makes no difference: section 2 finds the
# curvature $F$ for the one, and the same two lines find it for the other, since with $\theta_\text{old}$
# fixed
# $\nabla^2 \sum_a p_\theta \log (p_\theta / p_\text{old}) = \sum_a \nabla p_\theta \nabla p_\theta^\top / p_\theta = F$
# at $\theta_\text{old}$. For the check after the step it does: a normal distribution made narrower by
# the factor $e^{0.2}$ is 0.0459 nats away in the one order and 0.0352 in the other. Old ‖ new is the
# order of the theorem in notebook 03, and it is a mean over actions of the *old* policy, which are in
# the batch.
#
# *Why not a Wasserstein distance?* It needs a distance between actions, and actions like left and right
# bring none along. Where they do, its curvature is another matrix: between two normal distributions the
# square of the most common one is $(m - m')^2 + (\sigma - \sigma')^2$, so that a shift of the mean
# counts the same however sure of itself the policy is. Section 4 finds that for the KL it does not.
# </details>
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
# <details><summary>Hint 1: where to look</summary>
# Equation (5.1), with the logarithms of (5.2).
# <details><summary>Hint 2: the idea</summary>
# First make log p and log q, row by row. The expectation is over p, the old distribution: a sum
# over the actions with the probabilities p for weights.
# <details><summary>Hint 3: a sketch</summary>
# <pre>
# log_p = eta_old - np.log(...)   # a sum over each row, keepdims=True
# log_q = ...
# return np.sum(... * (...), axis=1)
# </pre>
# </details></details></details>


# %%
def my_categorical_kl(eta_old, eta_new):
    ### BEGIN SOLUTION
    log_p = eta_old - np.log(np.sum(np.exp(eta_old), axis=1, keepdims=True))
    log_q = eta_new - np.log(np.sum(np.exp(eta_new), axis=1, keepdims=True))
    return np.sum(np.exp(log_p) * (log_p - log_q), axis=1)
    ### END SOLUTION


nb.check_categorical_kl(my_categorical_kl)

# %%
categorical_kl = yours(my_categorical_kl, nb.check_categorical_kl)

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
# $\nabla_\theta \log p_\theta(a)$, has a name: the **score** of action $a$. In terms of it,
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
# The middle part of this derivation has a shorter form. (5.3) holds for *every* θ, so it may be differentiated as
# it stands. Try it on paper.
#
# **Exercise 5.7** (a derivation). Here are the five lines of that proof of (5.4) in a wrong order, and among them a
# sixth that is false. Write the order of the five true ones as a list, such as `[1, 2, 3, 4, 5]`. All sums run over
# the actions.
#
# 1. $\displaystyle$ so $\mathbb{E}_{a \sim p_\theta}[\nabla \log p_\theta\, \nabla \log p_\theta^\top]
#    = -\mathbb{E}_{a \sim p_\theta}[\nabla^2 \log p_\theta]$
# 2. and for every θ the right-hand side of that is $\nabla^2 k(\theta)$, which is minus a mean of
#    $\nabla^2 \log p_\theta$
# 3. $\displaystyle \sum_a \nabla p_\theta\, \nabla \log p_\theta^\top + \sum_a p_\theta\, \nabla^2 \log p_\theta = 0$,
#    the derivative of that
# 4. and at $\theta_\text{old}$ the right-hand side of that is $\nabla^2 k(\theta_\text{old})$, because
#    $\nabla^2 k(\theta) = -\sum_a p_{\theta_\text{old}} \nabla^2 \log p_\theta$
# 5. $\displaystyle \sum_a p_\theta\, \nabla \log p_\theta = 0$ for every θ, (5.3)
# 6. $\displaystyle \sum_a p_\theta\, \nabla \log p_\theta\, \nabla \log p_\theta^\top +
#    \sum_a p_\theta\, \nabla^2 \log p_\theta = 0$, because $\nabla p = p\, \nabla \log p$
#
# <details><summary>Hint 1: where to look</summary>
# (5.3), which is known before the proof begins, and (5.4), with which it ends. Two lines say nearly the same.
# <details><summary>Hint 2: the idea</summary>
# Differentiate, replace, solve for one of the two terms, and at last say which matrix the other one is.
# <details><summary>Hint 3: a sketch</summary>
# Of the two lines that end in ∇²k one has the wrong weights: over which distribution is the mean in ∇²k, and
# where do the two distributions agree?
# </details></details></details>

# %%
prediction = ...  # replace the dots by a list of five numbers
### BEGIN SOLUTION
prediction = [5, 3, 6, 1, 4]
### END SOLUTION
nb.check_fisher_order(prediction)

# %% [markdown]
# The parameters may be the logits themselves. Four actions, a random direction $d$, and autograd for
# the derivatives: `grad(k)` and `hessian(k)` are the functions that compute the gradient and the
# Hessian of `k`, not by finite differences but by the chain rule, up to rounding. Autograd can do so
# where a function is written with its own NumPy, as the package's `kl` is; the values along the line
# come from `categorical_kl`, which needs no derivative.

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
def along(x):
    """The KL divergence at eta_old + x d, for one number x."""
    return categorical_kl(eta_old[None], (eta_old + x * d)[None])[0]


def model(x):
    return 0.5 * x**2 * (d @ F_eta @ d)


small = np.geomspace(1e-3, 1, 13)
kls, gaps = (np.array([f(x) for x in small]) for f in (along, lambda x: abs(along(x) - model(x))))
slopes = [np.log(y[4] / y[0]) / np.log(small[4] / small[0]) for y in (kls, gaps)]
print(f"KL, on log axes:         slope {slopes[0]:.3f}")
print(f"KL - model, on log axes: slope {slopes[1]:.3f}")

# %% tags=["hide-input"]
t = np.linspace(-1.5, 1.5, 121)
figure, axes = plt.subplots(1, 2, figsize=(12, 5))
axes[0].plot(t, [along(x) for x in t], label=r"KL(old $\|$ new)")
axes[0].plot(t, model(t), label=r"$\frac{1}{2} t^2 d^\top F d$")
axes[0].plot(0, 0, "k*", markersize=14, label="old distribution")
axes[0].set_xlabel(r"$t$, for the logits $\eta_{\rm old} + t d$")
axes[1].loglog(small, kls, "o-", label="KL")
axes[1].loglog(small, gaps, "s--", label=r"$|$KL $-$ model$|$")
axes[1].set_xlabel("$t$")
for ax in axes:
    ax.set_ylabel("nats")
    ax.legend()
show(
    figure,
    "Left: the KL divergence along a line through the old logits is a bowl with value and slope "
    "zero at the old point; the parabola of its curvature lies on it near the point and leaves it "
    "further out. Right: on log axes the divergence falls with slope 2, its difference from the "
    "parabola with slope 3.",
    "At the old policy the KL divergence has value 0 and slope 0. What it has is a curvature.",
    name="kl_curvature",
)

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
# $p_i = e^{\eta_i} / \sum_b e^{\eta_b}$ with respect to $\eta_j$ is $p_i (1 - p_i)$ for $i = j$ and
# $-p_i\, p_j$ else. That is (5.6) again. (Whatever the action: section 6 comes back to this.)
#
# **Exercise 5.2.** Write the product $M u$ for one row each of `p` and `u`, both `(N, n)`, without
# ever making an $n \times n$ matrix.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (5.6).
# <details><summary>Hint 2: the idea</summary>
# Multiply it by u: diag(p) u is p * u, entry by entry, and (p pᵀ) u is p times the number pᵀ u.
# <details><summary>Hint 3: a sketch</summary>
# The number is np.sum(..., axis=1, keepdims=True), one a row. Then p * (... - ...).
# </details></details></details>


# %%
def my_categorical_metric(p, u):
    ### BEGIN SOLUTION
    return p * (u - np.sum(p * u, axis=1, keepdims=True))
    ### END SOLUTION


nb.check_categorical_metric(my_categorical_metric)

# %%
categorical_metric = yours(my_categorical_metric, nb.check_categorical_metric)

# %% [markdown]
# The Hessian that autograd computed above must be this $M$: its columns are the products with the four
# unit vectors. And one direction is special: add the
# same constant to all logits, and the softmax does not change. Along $u = (1, \dots, 1)$ the
# divergence stays 0, so $M u = 0$.

# %%
p = np.exp(eta_old) / np.exp(eta_old).sum()
M = categorical_metric(np.tile(p, (4, 1)), np.eye(4))
print("largest difference from autograd's Hessian:", f"{np.abs(M - F_eta).max():.1e}")
print("M (1, 1, 1, 1) =", np.round(categorical_metric(p[None], np.ones((1, 4)))[0], 15) + 0.0)
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
# **Exercise 5.8.** Write the log-probability of actions with several dimensions, which are independent of each other.
# `mean`, `log_std` and `actions` are all `(N, d)`: one action in each row. The result has shape `(N,)`.
#
# <details><summary>Hint 1: where to look</summary>
# The formula at the head of section 4, for every entry. What happens to the probabilities of independent events,
# and to their logarithms?
# <details><summary>Hint 2: the idea</summary>
# A density of d independent dimensions is a product, so its logarithm is a sum. Each dimension brings all
# three terms.
# <details><summary>Hint 3: a sketch</summary>
# First z, with np.exp(log_std) for σ; then the three terms for all entries at once; then one sum over axis 1.
# </details></details></details>


# %%
def my_log_prob(mean, log_std, actions):
    ### BEGIN SOLUTION
    z = (actions - mean) / np.exp(log_std)
    return np.sum(-0.5 * z**2 - log_std - 0.5 * np.log(2 * np.pi), axis=1)
    ### END SOLUTION


nb.check_log_prob(my_log_prob)

# %% [markdown]
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
# are arrays of one shape: `N` rows, and a column for each action dimension. The dimensions are
# independent, and then the divergence is the *sum* of theirs, so the result has shape `(N,)`.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (5.8).
# <details><summary>Hint 2: the idea</summary>
# log(σ'/σ) is a difference of two arguments, and σ² = np.exp(2 * log_std). The ½ belongs to every
# dimension.
# <details><summary>Hint 3: a sketch</summary>
# First all terms of (5.8), an array of the shape of the arguments: ... - ... + ... / (...) - ½. The
# sum over axis 1 comes at the very end.
# </details></details></details>


# %%
def my_gaussian_kl(mean, log_std, mean_new, log_std_new):
    ### BEGIN SOLUTION
    spread = np.exp(2 * log_std) + (mean - mean_new) ** 2
    terms = log_std_new - log_std + spread / (2 * np.exp(2 * log_std_new)) - 0.5
    return np.sum(terms, axis=1)
    ### END SOLUTION


nb.check_gaussian_kl(my_gaussian_kl)

# %%
gaussian_kl = yours(my_gaussian_kl, nb.check_gaussian_kl)

# %% [markdown]
# Now its second derivatives with respect to the new parameters, taken where new and old agree. With
# respect to $m'$: $1 / \sigma'^2$. With respect to $x = \log \sigma'$: the terms are
# $x + \tfrac12 (\sigma^2 + (m - m')^2)\, e^{-2x}$, with second derivative
# $2 (\sigma^2 + (m - m')^2)\, e^{-2x} = 2$. The mixed one is
# $2 (m - m') / \sigma'^2 = 0$. That is (5.7).
#
# Two things can be read off. The information about the mean is $1/\sigma^2$: for a policy that has
# become sure of itself (small $\sigma$), the same shift of the mean is a large change. That is the
# cliff of notebook 01. And the 2 for $\log \sigma$ does not depend on $m$ or $\sigma$: in
# $\log \sigma$, all spreads are alike.
#
# **Exercise 5.9.** Write the product $M u$ for actions with $d$ independent dimensions, whose outputs are
# $\eta = (m_1, \dots, m_d, \log \sigma_1, \dots, \log \sigma_d)$. Arguments: `log_std`, shape `(N, d)`, and `u`,
# shape `(N, 2 d)`, a row for each state. The result has the shape of `u`; no matrix is needed.
#
# <details><summary>Hint 1: where to look</summary>
# (5.7), for every dimension. Is any entry of M between two dimensions, or between a mean and a log σ, not 0?
# <details><summary>Hint 2: the idea</summary>
# M is diagonal, so each entry of u is multiplied by one number: the first d columns by one kind of number, the
# last d by another.
# <details><summary>Hint 3: a sketch</summary>
# np.concatenate([first, second], axis=1), with u[:, :d] in the first and u[:, d:] in the second. σ² is
# np.exp(2 * log_std).
# </details></details></details>


# %%
def my_gaussian_metric(log_std, u):
    ### BEGIN SOLUTION
    d = log_std.shape[1]
    return np.concatenate([u[:, :d] / np.exp(2 * log_std), 2 * u[:, d:]], axis=1)
    ### END SOLUTION


nb.check_gaussian_metric(my_gaussian_metric)

# %% [markdown]
# Two checks without any derivation. The second differences of the divergence, over a small $h$:

# %%
sigma, h = 0.5, 1e-3
old = np.array([[0.3]]), np.array([[np.log(sigma)]])
for name, shift in (("m", (h, 0.0)), ("log σ", (0.0, h))):
    up, down = (
        gaussian_kl(*old, old[0] + sign * shift[0], old[1] + sign * shift[1])[0] for sign in (1, -1)
    )
    print(f"second difference along {name}: {(up + down) / h**2:.4f}")

# %% [markdown]
# And draw actions, make their scores, and take the covariance. The
# error that sampling makes is known, too; it is the standard deviation of the products divided by
# the square root of their number.

# %%
samples = 200_000
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
# The smallest example: a mean that is linear in the state, $m = W s$ with a matrix $W$ of shape `(d, D)`, and
# $\log \sigma$ as $d$ parameters of its own. So θ is $W$, row by row, and then $\log \sigma$.
#
# **Exercise 5.10** (a derivation). Find the score $\nabla_\theta \log \pi_\theta(a|s)$ of this policy on paper, and
# write it for one state `obs`, shape `(D,)`, and one `action`, shape `(d,)`: a vector of
# $d D + d$ numbers, in the order of θ. Arguments: `W`, `log_std` `(d,)`, `obs`, `action`.
#
# <details><summary>Hint 1: where to look</summary>
# ∇_η log p for one dimension is in section 4; the chain rule is the line above. How does m_i depend on W_ij?
# <details><summary>Hint 2: the idea</summary>
# By the chain rule ∂ log π / ∂W_ij is ∂ log p / ∂m_i times s_j: an outer product of two vectors. log σ is passed
# on as it is.
# <details><summary>Hint 3: a sketch</summary>
# z, shape (d,); np.outer(..., obs).ravel() for the first d D numbers, row by row; np.concatenate with the other
# d behind them.
# </details></details></details>


# %%
def my_policy_score(W, log_std, obs, action):
    ### BEGIN SOLUTION
    z = (action - W @ obs) / np.exp(log_std)
    return np.concatenate([np.outer(z / np.exp(log_std), obs).ravel(), z**2 - 1])
    ### END SOLUTION


nb.check_policy_score(my_policy_score)

# %% [markdown]
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
# <details><summary>Hint 1: where to look</summary>
# Equation (5.9).
# <details><summary>Hint 2: the idea</summary>
# For a single state it is J[n].T @ M[n] @ J[n]. Add them up in a loop, or let np.einsum do it. A
# mean is still to be made of it.
# <details><summary>Hint 3: a sketch</summary>
# np.einsum("...,...,...->...", J, M, J): give the states one letter that all three share and the
# result has not, so that it is summed over; and divide by how many there are.
# </details></details></details>


# %%
def my_fisher(J, M):
    ### BEGIN SOLUTION
    return np.einsum("nkp,nkl,nlq->pq", J, M, J) / len(J)
    ### END SOLUTION


nb.check_fisher(my_fisher)

# %%
fisher = yours(my_fisher, nb.check_fisher)

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
# little code, so that each is a check of the others. (One row more: `fisher`, from Jacobians that
# autograd's `jacobian` makes and metrics by (5.6) and (5.7).)

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
    J = jacobian(lambda x: policy.outputs(x, obs))(theta)  # (N, K, P)
    by_hand = fisher(J, nb.metrics(policy, theta, obs))
    difference = np.abs(by_hand - F["scores"]).max() / largest
    print(f"{name}, P = {len(theta)}: fisher - scores, relative: {difference:.0e}")

# %% [markdown]
# ## 6. Away from the old policy
#
# Two facts made the Hessian simple: the mean score is 0, and the slope of the KL is 0. Both were used
# with the old policy at $\theta_\text{old}$. Elsewhere the slope is not 0, and the Hessian of
# the divergence is in general not the Fisher matrix there. (5.10) names the two places where they part.
#
# - The second term holds the curvature of the network, times a slope that is not 0 now.
# - In the first, $\nabla_\eta^2 k$ need not be the metric $M$ at the new $\eta$. For the Gaussian it is
#   not: with respect to $x = \log \sigma'$ it was $2 (\sigma^2 + (m - m')^2)\, e^{-2x}$, which is 2 at
#   the old policy and anything above 0 elsewhere.
#
# Where neither happens, the two matrices agree everywhere. The categorical is such a case in its
# logits: by section 3 the Hessian of $-\log p(a)$ is $M$ *whatever the action*, so its mean over the old
# actions is $M$ too. If the logits are linear in $\theta$, as in notebook 04, the second term is gone as
# well. (Such outputs have a name, natural parameters.) With a tanh network between, it is not.
#
# Three policies, each moved away from $\theta_\text{old}$ along a random direction $d$ of length 1:

# %%
obs = rng.standard_normal((20, 3))
discrete, continuous = action_spaces.values()
cases = {
    "categorical, linear": (discrete, ()),
    "categorical, tanh": (discrete, (6,)),
    "Gaussian, tanh": (continuous, (6,)),
}
distances, apart, smallest = np.linspace(0, 3, 16), {}, {}
for name, (action_space, hidden) in cases.items():
    policy = make_policy(spaces.Box(-1, 1, (3,)), action_space, hidden)
    theta = policy.init(rng) + 0.5 * rng.standard_normal(policy.num_parameters)
    d = rng.standard_normal(len(theta))
    d /= np.linalg.norm(d)
    apart[name], smallest[name] = [], []
    for t in distances:
        there = theta + t * d
        H = hessian(lambda x: mean_kl(policy, theta, x, obs))(there)
        F_there = explicit_fisher(policy, there, obs, "gauss_newton")
        apart[name].append(np.linalg.norm(H - F_there) / np.linalg.norm(F_there))
        smallest[name].append([np.linalg.eigvalsh(A)[0] for A in (H, F_there)])
    lowest = np.min(smallest[name], axis=0)
    print(
        f"{name:20} relative difference at t = 0: {apart[name][0]:.0e}, at 3: {apart[name][-1]:.0e}"
    )
    print(f"{'':20} smallest eigenvalue met: Hessian {lowest[0]:.0e}, Fisher {lowest[1]:.0e}")

# %% tags=["hide-input"]
figure, axes = plt.subplots(1, 2, figsize=(13, 5.5))
for (name, values), marker in zip(apart.items(), "osD", strict=True):
    axes[0].semilogy(distances[1:], values[1:], marker=marker, label=name)
axes[0].set_ylabel("relative difference of the two")
axes[0].set_ylim(1e-18, 100)
axes[0].legend(loc="center right")
for column, (label, style) in enumerate(
    (("Hessian of the mean KL", "D-."), ("Fisher matrix there", "s--"))
):
    values = np.array(smallest["Gaussian, tanh"])[:, column]
    axes[1].plot(distances, values, style, color=f"C{2 - column}", label=label)
axes[1].set_title("Gaussian, tanh")
axes[1].set_ylabel("smallest eigenvalue")
axes[1].legend()
for ax in axes:
    ax.set_xlabel(r"distance $t$ from $\theta_{\rm old}$")
show(
    figure,
    "Left, on a log axis against the distance from the old parameters: the relative difference of the "
    "Hessian of the KL and the Fisher matrix stays at rounding error for a categorical policy whose "
    "logits are linear in the parameters; with a tanh network it rises to about one for the "
    "categorical and three for the Gaussian. Right: for the Gaussian policy the smallest eigenvalue of the "
    "Hessian falls below zero, that of the Fisher matrix stays at zero.",
    "Away from the old policy the Hessian of the KL is in general not the Fisher matrix. Where the logits "
    "are linear in θ it is.",
)

# %% [markdown]
# The Fisher matrix is positive semidefinite wherever it is taken, being a covariance. The Hessian
# need not be. A method that needs a positive (semi)definite matrix, like the conjugate gradients of
# notebook 07, is safe at $\theta_\text{old}$. That is where TRPO takes it: once an update, before the
# step.
#
# <details><summary>You may ask: why F, and not the Hessian of J or of L, as in Newton's method?</summary>
#
# The two matrices answer different questions. $F$ says how fast the *policy* changes, and draws the
# region in which we trust the linear model of $L$. A Hessian of the objective would say how the model
# bends. With $\nabla^2 \pi / \pi = \nabla^2 \log \pi + \nabla \log \pi\, \nabla \log \pi^\top$, that of
# $L$ at $\theta_\text{old}$ is
# $\mathbb{E}[ A\, ( \nabla^2 \log \pi + \nabla \log \pi\, \nabla \log \pi^\top ) ]$, with the advantages
# $A$ inside. Three things speak against it. It has in general both signs, since $A$ has, and a Newton
# step from there may lead to a saddle or a minimum (the next cell counts the signs for the Gaussian
# policy above). It is estimated from the advantages' noise, while $F$ needs no reward, and its mean over
# the actions is exact. And it is the Hessian of $L$, not of $J$: the two agree in value and slope at
# $\theta_\text{old}$ (notebook 02), but $L$ leaves out that other actions lead to other states, and that
# shows in the curvature.
# </details>

# %%
actions = policy.sample(theta, obs, rng)
batch = Batch(obs, actions, rng.standard_normal(20), policy.log_prob(theta, obs, actions))
signs = np.linalg.eigvalsh(hessian(lambda x: surrogate(policy, x, batch))(theta))
print(
    "Hessian of L: positive eigenvalues", np.sum(signs > 1e-10), " negative", np.sum(signs < -1e-10)
)

# %% [markdown]
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
# order: $d^\top F d = 0$. The quadratic model of the trust region is unbounded in that direction, and
# $F s = g$ has no unique solution. (That it has solutions, (7.10) shows.)
#
# **Exercise 5.5.** Predict before you run: a policy with 4 discrete actions and $P = 200$ parameters,
# and $N = 10$ different states. What is the largest rank that $F$ can have?
#
# <details><summary>Hint 1: where to look</summary>
# Equation (5.11).
# <details><summary>Hint 2: the idea</summary>
# What is the rank of M for 4 actions? Look at the eigenvalues printed in section 3: one direction
# of the four logits does nothing.
# <details><summary>Hint 3: a sketch</summary>
# min(200, 10 · rank M).
# </details></details></details>

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
spectra = {
    N: np.linalg.eigvalsh(explicit_fisher(policy, theta, all_obs[:N], "gauss_newton"))[::-1]
    for N in (5, 20, 100, 2000)
}
ranks = {N: int(np.sum(spectrum > 1e-12 * spectrum[0])) for N, spectrum in spectra.items()}
print("rank:", ranks, f" of P = {P};  above 0.1:", np.sum(spectra[2000] > 0.1))
print(
    "2000 states over 100, eigenvalues 1 and 183:",
    np.round(spectra[2000][[0, 182]] / spectra[100][[0, 182]], 2),
)

# %% tags=["hide-input"]
figure, ax = plt.subplots(figsize=(10, 5.5))
for (N, spectrum), marker in zip(spectra.items(), "osD^", strict=True):
    label = f"N = {N}, rank {ranks[N]}"
    ax.semilogy(np.maximum(spectrum, 1e-18), marker, markersize=4, linestyle="none", label=label)
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
# the bias make eleven directions that no state can see. The other eigenvalues fall over seven powers of
# ten and more. The largest is near 1, and 182 of the 194 are below 0.1: most directions change what this
# policy does by little. Estimated from finitely many states, the smallest eigenvalues are also the least
# certain: the 183rd from 100 states is a thirty-third of that from 2000, the first is 17 % above it.
# (Points near $10^{-15}$ and below are rounding error.)
#
# That is what **damping** is for. Replace $F$ by
#
# $$F + \lambda I \tag{5.12}$$
#
# with a small $\lambda$; the package's default, after the textbook chapter that it follows, is 0.1. Every
# eigenvalue grows by $\lambda$, the inverse
# exists, and a direction about which the states say nothing costs $\tfrac12 \lambda \|d\|^2$ instead
# of nothing. Seen as a trust region: a little of the plain distance in $\theta$ is mixed into the KL.
#
# Note the size of it. In this picture 0.1 lies above all but a dozen of the 194 eigenvalues, so it does
# more than mend a few zeros: along the other 182 eigenvectors the solution of $(F + \lambda I)\, s = g$
# has $\mu / (\mu + \lambda) < \tfrac12$ of what that of $F s = g$ has ($\mu$ the eigenvalue); (4.7) then
# scales the whole of $s$ to δ. Whether that
# is good is a question for measurement. Notebook 07 measures it: λ = 0.1 learned faster than less
# damping on CartPole, and more slowly than λ = 0.01 on Pendulum. It also shows what damping does for the
# solver; notebook 08 shows what it does to the length of the step.
#
# **Exercise 5.11** (a derivation). Let $F = U\, \mathrm{diag}(\mu)\, U^\top$, with the eigenvectors as the columns of
# the orthogonal matrix $U$ and the eigenvalues $\mu_i \ge 0$. Write $g = U c$ and $s = U x$, put both into
# $(F + \lambda I)\, s = g$, find $x$ on paper, and write $s$. Arguments: `mu`, shape `(P,)`, `U`, shape `(P, P)`, `g`
# and `lam`. Neither $F$ nor an inverse is needed, and some of the `mu` are 0.
#
# <details><summary>Hint 1: where to look</summary>
# (5.12), and U Uᵀ = I, so that λI is U diag(λ) Uᵀ. Which c belongs to a given g?
# <details><summary>Hint 2: the idea</summary>
# In the eigenvectors the system falls apart into P equations with one unknown each.
# <details><summary>Hint 3: a sketch</summary>
# Three things in a row: into the eigenvectors, one division of vectors, and back. Two products with U or
# its transpose.
# </details></details></details>


# %%
def my_damped_direction(mu, U, g, lam):
    ### BEGIN SOLUTION
    return U @ ((U.T @ g) / (mu + lam))
    ### END SOLUTION


nb.check_damped_direction(my_damped_direction)

# %% [markdown]
# ## 8. Exact, sampled, and a matrix that only has the name
#
# In (5.9) the expectation over actions was done exactly, in $M$. One could also take the actions that
# happen to be in the batch, one for each state, and average the products of their scores with
# themselves. Write $\psi_n = \nabla_\theta \log \pi_\theta(a_n|s_n)$ for the score of sample $n$. The
# **sampled Fisher matrix** is
#
# $$\hat F = \frac1N \sum_{n=1}^N \psi_n\, \psi_n^\top, \qquad a_n \sim \pi_\theta(\cdot|s_n) .
#   \tag{5.13}$$
#
# Its expectation is $F$, because the actions were drawn from the policy itself: (5.4) again. It is
# noisier than (5.9), since it leaves to chance what is known, the policy's probabilities.
#
# Now look at the gradient that a program has at hand. The policy gradient $g$ is the mean of
# $A_n \psi_n$, with $A_n$ the advantage of the action, and a program that keeps these per-sample
# gradients is tempted to take *their* products:
#
# $$\tilde F = \frac1N \sum_{n=1}^N (A_n \psi_n)(A_n \psi_n)^\top
#   = \frac1N \sum_{n=1}^N A_n^2\; \psi_n\, \psi_n^\top . \tag{5.14}$$
#
# This is the "empirical Fisher matrix" of the optimization literature: products of the gradients of the
# loss itself. Despite its name it estimates another matrix, $\mathbb{E}[A^2\, \psi \psi^\top]$, the
# second moment of the per-sample gradients: their covariance plus $g g^\top$. In general no number of
# samples makes it $F$. It is a multiple of $F$ on average where $\mathbb{E}[A^2\,|\,s, a]$ is the same
# for all states and actions; then that number comes out of the mean. It does not even have the unit of
# $F$: it has rewards squared in it. ([Kunstner et al. (2019)](references.md#kunstner2019) show how far
# it misleads in supervised learning, where the labels play the part of our actions.)
#
# **What it does to a step.** Two states, 1 and 2, each seen half of the time; two actions in each, *up*
# and *down*, of probability ½; two parameters, the logits of *up* in the two states. In state 1 *up* has
# the advantage $a_1 > 0$ and *down* the advantage $-a_1$; in state 2 likewise with $a_2$. The score of
# *up* in state 1 is $(\tfrac12, 0)$, that of *down* $(-\tfrac12, 0)$. So
#
# $$g = \tfrac14 (a_1, a_2), \qquad F = \tfrac18\, I, \qquad
#   \tilde F = \tfrac18 \begin{pmatrix} a_1^2 & 0 \\ 0 & a_2^2 \end{pmatrix}, \qquad
#   F^{-1} g = 2\, (a_1, a_2), \qquad \tilde F^{-1} g = 2\, (1/a_1, 1/a_2) .$$
#
# The natural step changes the policy most where most is to be gained. The other one does the reverse:
# the state whose advantages are small is moved most. Scale both to the same KL, and the second promises,
# with $r = a_1 / a_2$, only the share
#
# $$\frac{\text{promise of } \tilde F^{-1} g}{\text{promise of } F^{-1} g} = \frac{2}{r + 1/r}
#   \tag{5.15}$$
#
# of the improvement, the cosine of the angle between the two (here $F$ is a multiple of $I$).
#
# **Exercise 5.6.** Predict: all rewards, and with them all advantages, are doubled. $g$ doubles.
# By which number is $\tilde F^{-1} g$ multiplied?
#
# <details><summary>Hint 1: where to look</summary>
# Equation (5.14).
# <details><summary>Hint 2: the idea</summary>
# By which number is it multiplied? And its inverse? And g?
# <details><summary>Hint 3: a sketch</summary>
# The inverse is divided by c², and g multiplied by c, where c is the factor of the advantages. Or
# read it off the two states: replace both advantages by c times as much in the last formula.
# </details></details></details>

# %%
prediction = ...  # replace the dots by a number
### BEGIN SOLUTION
prediction = 0.5
### END SOLUTION
nb.check_doubled_rewards(prediction)

# %% [markdown]
# The picture has both. Left, the two-state example with $a_1 = 2$ and $a_2 = \tfrac12$. Right, a policy
# with a network, 50 states and 4 actions: how near the sampled matrices come to the exact one with more
# and more actions a state, up to the factor that suits them best. The advantages of the empirical one
# are of two kinds: noise that knows neither state nor action, and a table $A(s, a)$ whose size differs
# from state to state.

# %%
policy = make_policy(spaces.Box(-1, 1, (3,)), spaces.Discrete(4), hidden=(4,))
theta = policy.init(rng) + 0.5 * rng.standard_normal(policy.num_parameters)
obs = rng.standard_normal((50, 3))
F_exact = explicit_fisher(policy, theta, obs, "gauss_newton")
J = jacobian(lambda x: policy.outputs(x, obs))(theta)  # (N, K, P)
eta = policy.outputs(theta, obs)
p = np.exp(eta) / np.exp(eta).sum(axis=1, keepdims=True)
A_table = np.exp(rng.standard_normal((50, 1))) * rng.standard_normal((50, 4))
A_table -= np.sum(p * A_table, axis=1, keepdims=True)  # mean 0 in every state


def relative_error(estimate):
    """‖c·estimate - F‖ / ‖F‖ for the number c that makes it least."""
    c = np.sum(estimate * F_exact) / np.sum(estimate**2)
    return np.linalg.norm(c * estimate - F_exact) / np.linalg.norm(F_exact)


counts, errors = [1, 4, 16, 64, 256, 1024], {"sampled": [], "noise": [], "table": []}
for count in counts:
    actions = np.array([Categorical(4).sample(eta, rng) for _ in range(count)])  # (count, N)
    psi = np.einsum("nkp,cnk->cnp", J, np.eye(4)[actions] - p).reshape(-1, len(theta))
    A = {"sampled": np.ones(len(psi)), "noise": rng.standard_normal(len(psi))}
    A["table"] = A_table[np.arange(50), actions].ravel()
    for name in errors:
        errors[name].append(relative_error((A[name][:, None] ** 2 * psi).T @ psi))
print("actions a state:", counts)
for name, values in errors.items():
    print(f"{name:8}", np.round(values, 3))

# %% tags=["hide-input"]
figure, axes = plt.subplots(1, 2, figsize=(13.5, 6))
nb.draw_two_states(axes[0], 2.0, 0.5)
looks = {
    "sampled": ("sampled Fisher (5.13)", "o-"),
    "noise": ("empirical (5.14), advantages are noise", "^-."),
    "table": (r"empirical (5.14), advantages $A(s, a)$", "s--"),
}
for name, (label, style) in looks.items():
    axes[1].loglog(counts, errors[name], style, label=label)
axes[1].set_xlabel("sampled actions in each of 50 states")
axes[1].set_ylabel("relative distance from F")
axes[1].set_ylim(0.008, 20)
axes[1].legend(loc="upper right")
show(
    figure,
    "Left: the plane of two parameters with a circle, the trust region of the Fisher matrix, and a long "
    "ellipse, that of the empirical one, and the level lines of the linear model. The natural step points "
    "to the right along the gradient; the other step points almost straight up, across it. Right, on "
    "log axes: with more sampled actions the sampled Fisher matrix nears the exact one along a "
    "line of slope minus one half; the empirical one does so too where the advantages are noise, and "
    "levels off where they depend on the state and the action.",
    "Left: scaled to the same KL, the step of the empirical matrix has 0.47 of the natural step's promise. "
    "Right: more samples do not turn the empirical matrix into F.",
    name="empirical_fisher",
)

# %% [markdown]
# In this draw, one action a state leaves $\hat F$ a relative distance of 0.37 from $F$. The metric $M$
# leaves
# no error from the actions at all, at less cost; the error from having finitely many states it has as
# well. The table's $\tilde F$ ends 0.8 away from $F$.
#
# How bad is $\tilde F$ in practice? Where the advantages are mostly noise of one size, it is close to a
# multiple of $F$ and does little harm. Notebook 07, section 8, scores directions on real batches by the
# improvement that they promise on fresh data: CartPole and Pendulum, five updates each, 16 seeds. There
# $\tilde F$ in the place of $F$ cost $0.013 \pm 0.003$ of 0.209 in CartPole's fifth update and
# $0.032 \pm 0.004$ of 0.202 in Pendulum's twentieth, it gained $0.002 \pm 0.001$ in CartPole's first,
# and in the other seven cases the difference is within two standard errors of 0. The sampled matrix
# $\hat F$ stayed within 0.002 of the exact one in all ten. (These directions are in
# `measurements/search_directions.json`, not in the table of notebook 07.)
#
# ## 9. What to take along
#
# | | |
# |---|---|
# | KL at the old policy | value 0, slope 0, curvature $F$ |
# | $F$ | covariance of the scores = Hessian of the mean KL = $\mathbb{E}_s[J^\top M J]$ |
# | categorical | $M = \mathrm{diag}(p) - p p^\top$, one null direction |
# | Gaussian, $\eta = (m, \log \sigma)$ | $M = \mathrm{diag}(1/\sigma^2, 2)$ |
# | elsewhere | the Hessian of the KL is in general another matrix, perhaps indefinite |
# | rank | at most $N \cdot \mathrm{rank}\, M$: damp with $\lambda I$ |
# | sampled | $\psi \psi^\top$ with actions of the policy: right on average |
# | "empirical" | $A^2\, \psi \psi^\top$: another matrix, however many samples |
#
# ## Sources and further reading
#
# Proved here: (5.3) to (5.11), (5.15), and that the sampled matrix is right on average. Measured here, on
# random policies of this notebook: the pictures of sections 6 to 8. Quoted: what the papers below say.
#
# - [Amari (1998)](references.md#amari1998): the Fisher matrix as the metric of a family of
#   distributions, and the natural gradient $F^{-1} g$; theorem 1 is the step of notebook 04.
# - [Kakade (2001)](references.md#kakade2001): the natural gradient for policies, with $F$ as the mean
#   over the states that the policy visits, as in (5.9).
# - [Schulman et al. (2015)](references.md#schulman2015), appendix C: the Hessian of the mean KL as
#   $J^\top M J$, with the argument of (5.10) that the curvature of the network drops out.
# - [Martens (2020)](references.md#martens2020): a long survey of the Fisher matrix, the Gauss–Newton
#   matrix, damping, and the empirical Fisher.
# - [Kunstner et al. (2019)](references.md#kunstner2019): what the empirical Fisher matrix estimates, and
#   examples in which it misleads.
#
# Next: [06 Fisher-vector products](06_fisher_vector_products.ipynb), where $F$ is used without ever
# being made.
