# %% [markdown]
# # 01 How large a step?
#
# A policy gradient method improves a policy by steps in its parameters,
#
# $$\theta_\text{new} = \theta + \alpha\, \nabla J(\theta), \tag{1.1}$$
#
# where $J(\theta)$ is the performance, the expected return of the policy $\pi_\theta$. The gradient
# says in which direction $J$ grows. It does not say how far to go. The learning rate $\alpha$ is chosen
# by trial, and this notebook is about what happens when it is wrong.
#
# **Why is it so hard to choose one number?** You will choose it, watch the policy climb, and watch it
# fall off a cliff. Then we measure what went wrong, in the right unit, and meet the idea that TRPO is
# built on.
#
# You need: gradients, the normal distribution, and what a policy and its return are.

# %%
from itertools import pairwise
from math import erf

import matplotlib.pyplot as plt
import numpy as np

from trpo_np import Settings
from trpo_np.classroom import notebook_01 as nb
from trpo_np.classroom.figures import show
from trpo_np.classroom.training import as_update, training
from trpo_np.experiments.plots import use_style
from trpo_np.objectives import policy_gradient

use_style()

# %% [markdown]
# ## 1. A walk to the edge
#
# The smallest problem with a cliff has one state and one decision. The action is a number $a$: how far
# to walk. The reward is $a$ itself, as long as we stay on the ground. The ground ends at 1, and whoever
# goes further falls and gets −3:
#
# $$r(a) = \begin{cases} a & \text{if } a \le 1, \\ -3 & \text{if } a \gt 1 . \end{cases}$$
#
# The policy draws $a$ from a normal distribution with mean $m$ and standard deviation $\sigma$. Its
# parameters are $\theta = (m, \log \sigma)$; the logarithm lets every number be allowed. The performance
# is the expected reward. With the distribution function $\Phi$ of the standard normal, its density
# $\phi$, and $b = (1 - m) / \sigma$, the distance to the edge in standard deviations,
#
# $$J(\theta) = \mathbb{E}[a \cdot 1(a \le 1)] - 3\, P(a \gt 1)
#   = m\, \Phi(b) - \sigma\, \phi(b) - 3\, (1 - \Phi(b)) . \tag{1.2}$$
#
# Here $1(a \le 1)$ is 1 on the ground and 0 elsewhere. The first two terms are the mean of $a$ over the
# part of the distribution that is on the ground: write $a = m + \sigma z$ with a standard normal $z$,
# and integrate $z\, \phi(z)$, whose antiderivative is $-\phi(z)$. So there is no
# randomness in what follows. We have $J$ and its gradient exactly, as no real problem would give them.


# %%
def J(theta):
    """The performance (1.2) of the policy theta = (mean, log σ)."""
    m, sigma = theta[0], np.exp(theta[1])
    b = (1 - m) / sigma
    Phi, phi = 0.5 * (1 + erf(b / np.sqrt(2))), np.exp(-(b**2) / 2) / np.sqrt(2 * np.pi)
    return m * Phi - sigma * phi - 3 * (1 - Phi)


def gradient(theta, h=1e-6):
    """∇J by central differences."""
    return np.array([(J(theta + h * e) - J(theta - h * e)) / (2 * h) for e in np.eye(2)])


theta_start = np.array([-1.0, np.log(0.5)])
actions = theta_start[0] + 0.5 * np.random.default_rng(0).standard_normal(100_000)
rewards = np.where(actions <= 1, actions, -3.0)
error = rewards.std() / np.sqrt(len(rewards))
print(
    f"J at the start: {J(theta_start):.4f}   from 100,000 samples: {rewards.mean():.4f} ± {error:.4f}"
)
print("gradient at the start:", np.round(gradient(theta_start), 4))

# %% [markdown]
# **Exercise 1.1.** Write gradient ascent: start at `theta`, take `steps` steps (1.1) with the learning
# rate `alpha`, and return the last parameters. `gradient` is a function of `theta`.
#
# <details><summary>Hint 1</summary>
# A loop with one line in it.
# <details><summary>Hint 2</summary>
# The gradient is taken anew at every new theta. Write theta = theta + ..., which makes a new array;
# theta += ... would change the caller's.
# </details></details>


# %%
def my_gradient_ascent(gradient, theta, alpha, steps):
    ### BEGIN SOLUTION
    for _ in range(steps):
        theta = theta + alpha * gradient(theta)
    return theta
    ### END SOLUTION


nb.check_gradient_ascent(my_gradient_ascent)

# %% [markdown]
# ## 2. Choose a learning rate
#
# The best that can be had is nearly 1: stand close to the edge, and be sure of your step. Choose
# `alpha` in the next cell so that $J$ climbs past 0.7 in as few steps as you can, and stays above 0.7
# to the last of 150 steps. Try 0.005 first, then go up. Try for a few minutes before you read on.

# %%
alpha = 0.005  # your choice


def climb(alpha, steps=150):
    """All thetas of gradient ascent from theta_start, one after the other."""
    path = [theta_start]
    for _ in range(steps):
        path.append(path[-1] + alpha * gradient(path[-1]))
    return np.array(path)


performances = np.array([J(theta) for theta in climb(alpha)])
print(
    f"alpha = {alpha}: J after 150 steps {performances[-1]:.2f}, best on the way {performances.max():.2f}"
)
if performances.max() > 0.7:
    first = int(np.argmax(performances > 0.7))
    print(f"past 0.7 after {first} steps, lowest after that {performances[first:].min():.2f}")

# %% [markdown]
# Here is what you will have seen.

# %%
alphas = (0.02, 0.05, 0.2)
figure, ax = plt.subplots(figsize=(10, 5.5))
for rate in alphas:
    ax.plot([J(theta) for theta in climb(rate)], label=f"α = {rate}")
ax.axhline(1, color="0.5", linestyle=":", linewidth=1.5, label="the edge")
ax.set_xlabel("gradient steps")
ax.set_ylabel("performance J")
ax.legend(loc="lower left")
show(
    figure,
    "Performance against gradient steps for three learning rates. With 0.02 it climbs slowly and "
    "reaches one half. With 0.05 it climbs to 0.8 and is slowing down. With 0.2 it climbs fastest, to "
    "0.7 within 30 steps, and then falls below minus one half, recovers, and falls again and again, "
    "down to minus five.",
    "A policy gradient run that climbs to the edge of a cliff, and is flung back, again and again.",
    name="cliff",
)

# %% [markdown]
# With $\alpha = 0.2$ all goes well for 28 steps. Then the performance drops from 0.7 to below −0.5 within
# three steps, and the run never finds rest again. There was no noise and no bad luck: every gradient
# was exact.
#
# With a smaller α the fall comes later. The steps are also slower from the start, and slower still near
# the end. No fixed number is right for the whole way.

# %%
for rate in (0.2, 0.1, 0.05):
    values = np.array([J(theta) for theta in climb(rate, 400)])
    print(
        f"α = {rate}: the first step that loses more than 0.2 is number {np.argmax(np.diff(values) < -0.2)}"
    )

# %% [markdown]
# ## 3. What went wrong
#
# Look at the run with $\alpha = 0.2$ around its first fall, step by step.

# %%
path = climb(0.2, 60)
J_path = np.array([J(theta) for theta in path])
length = np.linalg.norm(np.diff(path, axis=0), axis=1)
fall = int(np.argmax(np.diff(J_path) < -0.5))  # the step that falls
print("step    J before   mean      σ     length of the step in θ")
for k in (0, *range(fall - 5, fall + 4)):
    print(f"{k:4d} {J_path[k]:10.2f} {path[k, 0]:8.2f} {np.exp(path[k, 1]):7.3f} {length[k]:10.3f}")

# %% [markdown]
# The policy had learned to be sure of itself: $\sigma$ shrank from 0.5 to less than 0.1. For such a policy
# the edge is a wall. Look at step 30: the mean is 0.89, and a tenth of the actions fall. There the
# gradient is huge, because a small change of the mean changes everything, and it points away from the
# edge. The next step is 1.4 long and flings the policy far back, to −0.52, away from all that it had
# learned. (Once $J$ is below −3 this is always what happened: whoever falls gets no less than −3.)
#
# Now compare the first line with the last ones. All these steps are 0.2 long. At the start, with
# $\sigma = 0.5$, such a step was harmless. After the fall, with $\sigma = 0.07$, it takes the policy
# nearly three standard deviations away, where it has hardly ever been.
#
# What counts is not how far the *parameters* move. It is how far the *distribution of actions* moves.
# The picture shows the same step in $\theta$ for two policies.

# %%
a = np.linspace(-2, 3, 1001)


def density(a, m, sigma):
    return np.exp(-((a - m) ** 2) / (2 * sigma**2)) / (sigma * np.sqrt(2 * np.pi))


figure, axes = plt.subplots(1, 2, figsize=(13, 5))
for ax, sigma in zip(axes, (0.5, 0.05), strict=True):
    ax.plot(a, density(a, 0.5, sigma), label="old policy, $m = 0.5$")
    ax.plot(a, density(a, 0.7, sigma), label="new policy, $m = 0.7$")
    ax.fill_between(a, np.minimum(density(a, 0.5, sigma), density(a, 0.7, sigma)), color="0.8")
    ax.set_title(f"σ = {sigma}")
    ax.set_xlabel("action $a$")
    ax.set_ylim(0, density(0, 0, sigma) * 1.45)
    ax.legend(loc="upper left", fontsize=12)
axes[1].set_xlim(0, 1.2)
axes[0].set_ylabel("probability density")
show(
    figure,
    "Two pairs of normal densities, each pair shifted by 0.2. Left, with standard deviation 0.5, old "
    "and new nearly cover each other. Right, with standard deviation 0.05, they hardly overlap.",
    "The same step in θ. Left a small change of the policy, right another policy. Grey: the overlap.",
)

# %% [markdown]
# ## 4. The right unit
#
# We want a distance between the distributions themselves. The one that fits is the **Kullback–Leibler
# divergence**, the mean logarithm of the ratio of old to new probability, over actions of the old
# policy:
#
# $$\mathrm{KL}(\text{old} \,\|\, \text{new})
#   = \mathbb{E}_{a \sim \text{old}}\left[ \log \frac{p_\text{old}(a)}{p_\text{new}(a)} \right] .
#   \tag{1.3}$$
#
# It is 0 if the two are equal, and positive if not. Its unit is the nat. Roughly: $n$ actions give $n$
# times the divergence as evidence for the old policy against the new one, and 3 nats are odds of 20 to
# 1. So at 0.01 nats it takes hundreds of actions to tell the two policies apart, at 10 nats one.
#
# For two normal distributions with the same $\sigma$ and means that are $\Delta$ apart it is quickly
# worked out. The logarithm of the ratio is
# $\left[ (a - m - \Delta)^2 - (a - m)^2 \right] / 2 \sigma^2
# = \left[ \Delta^2 - 2 \Delta\, (a - m) \right] / 2 \sigma^2$, and the mean of $a - m$ under the old
# policy is 0. So
#
# $$\mathrm{KL} = \frac{\Delta^2}{2 \sigma^2} : \tag{1.4}$$
#
# half the square of the shift, in standard deviations.
#
# **Exercise 1.2.** Predict before you run: the shift in the picture is 0.2 on both sides, with
# $\sigma = 0.5$ on the left and $\sigma = 0.05$ on the right. By which factor is the divergence on the
# right larger?
#
# <details><summary>Hint 1</summary>
# Only σ differs between the two sides. Where does it stand in (1.4)?
# <details><summary>Hint 2</summary>
# σ is ten times smaller, and it is squared.
# </details></details>

# %%
prediction = ...  # replace the dots by a number
### BEGIN SOLUTION
prediction = 100
### END SOLUTION
nb.check_factor(prediction)

# %% [markdown]
# For policies with discrete actions the expectation (1.3) is a sum over the actions. The phenomenon is
# the same.
#
# **Exercise 1.3.** A policy chooses between two actions, the first with probability `p_old` before a
# step and `p_new` after it. Write the divergence (1.3). The arguments may be arrays.
#
# <details><summary>Hint 1</summary>
# Two terms, one for each action. The second action has the probabilities 1 - p_old and 1 - p_new.
# <details><summary>Hint 2</summary>
# Each term is an old probability times the logarithm of old over new.
# </details></details>


# %%
def my_two_action_kl(p_old, p_new):
    ### BEGIN SOLUTION
    first = p_old * np.log(p_old / p_new)
    second = (1 - p_old) * np.log((1 - p_old) / (1 - p_new))
    return first + second
    ### END SOLUTION


nb.check_two_action_kl(my_two_action_kl)

# %% [markdown]
# Now the run that fell, with both rulers. The exact divergence of two normal distributions
# with different $\sigma$ is derived in notebook 05; here it is one line.


# %%
def KL(old, new):
    """KL(old ‖ new) for theta = (mean, log σ), in nats."""
    ratio = np.exp(2 * (old[1] - new[1]))
    return new[1] - old[1] + 0.5 * (ratio + (old[0] - new[0]) ** 2 * np.exp(-2 * new[1]) - 1)


kl = np.array([KL(old, new) for old, new in pairwise(path)])
figure, axes = plt.subplots(3, 1, figsize=(10, 10), sharex=True)
axes[0].plot(J_path[:-1], "o-", markersize=5, color="black")
axes[0].set_ylabel("performance J")
axes[1].semilogy(length, "s-", markersize=5)
axes[1].set_ylabel(r"length in $\theta$")
axes[2].semilogy(kl, "D-", markersize=5)
axes[2].set_ylabel("KL, nats")
axes[2].set_xlabel("gradient steps")
for ax in axes:
    ax.axvline(fall, color="0.4", linestyle=":")
show(
    figure,
    "Three panels over 60 gradient steps, a dotted line at the step that falls. Performance climbs and "
    "drops at the line. The length of the steps in theta shrinks from 0.2 to 0.05, jumps to 1.4 at the "
    "line, and is 0.2 again for most steps after it. The KL divergence, on a log axis, shrinks too, then "
    "rises by several powers of ten within five steps, and after the fall lies far above its value at "
    "the start.",
    "The same steps with two rulers: the parameters (middle) and the policy (below).",
)
for k in (0, fall - 4, fall - 3, fall - 2, fall - 1, fall, fall + 2):
    print(
        f"step {k:2d}: length {length[k]:.3f}, KL {kl[k]:8.3f} nats, J afterwards {J_path[k + 1]:5.2f}"
    )

# %% [markdown]
# Two things can be read from the lower panel. Steps of the same length in $\theta$, the first and those
# after the fall, are 0.08 nats at one time and 3.7 at the other. And the divergence gave a clear warning.
# In the four steps before the fall it grew from a few thousandths to more than 1, far above anything
# before, while the lengths were still no larger than those of the first steps.
#
# ## 5. Walk in nats
#
# The remedy suggests itself. Keep the direction of the gradient, but choose the length of *every* step
# so that its divergence is a fixed small number δ:
#
# $$\theta_\text{new} = \theta + \alpha\, \nabla J(\theta) \quad \text{with } \alpha \gt 0
#   \text{ such that} \quad \mathrm{KL}(\pi_\theta \,\|\, \pi_{\theta_\text{new}}) = \delta .
#   \tag{1.5}$$
#
# **Exercise 1.4.** Write a function that finds this α. You are given `kl`, a function of α that starts
# at `kl(0) = 0` and increases, and δ. First double an upper limit until its divergence exceeds δ, then
# halve the interval 60 times.
#
# <details><summary>Hint 1</summary>
# low, high = 0.0, 1.0; while kl(high) is below delta: high = 2 * high. Then look at the middle of the
# interval.
# <details><summary>Hint 2</summary>
# If the divergence at the middle is below delta, the solution lies above: the middle becomes the new
# low. Otherwise it becomes the new high.
# </details></details>


# %%
def my_step_for_kl(kl, delta):
    ### BEGIN SOLUTION
    low, high = 0.0, 1.0
    while kl(high) < delta:
        high = 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        if kl(middle) < delta:
            low = middle
        else:
            high = middle
    return high
    ### END SOLUTION


nb.check_step_for_kl(my_step_for_kl)


# %%
def walk_in_nats(delta, steps=150):
    """All thetas of gradient ascent whose every step has the divergence delta."""
    path = [theta_start]
    for _ in range(steps):
        theta, direction = path[-1], gradient(path[-1])
        alpha = nb.step_for_kl(lambda x: KL(theta, theta + x * direction), delta)
        path.append(theta + alpha * direction)
    return np.array(path)


figure, ax = plt.subplots(figsize=(10, 5.5))
ax.plot([J(theta) for theta in climb(0.2)], label="α = 0.2")
for delta in (0.001, 0.01):
    ax.plot([J(theta) for theta in walk_in_nats(delta)], label=f"δ = {delta} nats a step")
ax.axhline(1, color="0.5", linestyle=":", linewidth=1.5, label="the edge")
ax.set_xlabel("gradient steps")
ax.set_ylabel("performance J")
ax.legend(loc="lower right")
show(
    figure,
    "Performance against steps. The run with fixed learning rate 0.2 climbs and falls. The two runs with a "
    "fixed divergence a step climb smoothly; with delta 0.01 performance reaches 0.9.",
    "Steps of equal KL: no cliff, and no learning rate.",
)
for delta in (0.001, 0.01):
    values = [J(theta) for theta in walk_in_nats(delta)]
    print(
        f"δ = {delta}: J after 150 steps {values[-1]:.3f}, largest drop in a step {max(0, -min(np.diff(values))):.3f}"
    )

# %% [markdown]
# One number for the whole way, and it has a meaning that does not change on the way. Multiply the rewards
# by 1000, and the walk stays the same.
#
# Two things are left to be desired, and the next notebooks are about them. The *direction* can be
# improved as well: the gradient itself still belongs to the parameters, not to the policy (notebook 04).
# And in a real problem there is no exact $J$, only samples of one policy (notebook 02).
#
# ## 6. A real one
#
# CartPole, a policy network, and gradients estimated from samples: plain policy gradient steps with three
# fixed learning rates, 60 updates of 1024 environment steps each. The machinery around the step is the
# package's, and notebooks 09 and 10 open it up.


# %%
def plain_step(alpha):
    """The update (1.1) with this learning rate."""
    return lambda policy, theta, batch: theta + alpha * policy_gradient(policy, theta, batch)


figure, axes = plt.subplots(1, 2, figsize=(13, 5.5))
for alpha in (0.02, 1, 20):
    settings = Settings(batch_size=1024)
    kls, returns = training(as_update(plain_step(alpha)), updates=60, seed=1, settings=settings)
    axes[0].plot(returns, label=f"α = {alpha}")
    axes[1].semilogy(kls, label=f"α = {alpha}")
    print(
        f"α = {alpha:4}: best return {returns.max():3.0f}, last {returns[-1]:3.0f}, KL of an update from {kls.min():.0e} to {kls.max():.0e}"
    )
line = axes[1].axhline(0.01, color="black", linestyle=":", label="0.01 nats")
axes[0].set_ylabel("mean return of recent episodes")
axes[1].set_ylabel("KL of the update, nats")
axes[0].legend()
for ax in axes:
    ax.set_xlabel("updates")
axes[1].legend(handles=[line], loc="lower left", bbox_to_anchor=(0, 0.3))
show(
    figure,
    "Left: return on CartPole against updates for learning rates 0.02, 1 and 20. The smallest climbs "
    "slowly, the middle one reaches the top and stays, the largest climbs as fast, and falls. Right: the KL "
    "divergence of the updates on a log axis. For each learning rate it varies over one to three powers "
    "of ten in the course of one run.",
    "The same learning rate means very different steps in the course of a run.",
)

# %% [markdown]
# The right picture is the point. Within one run, at one learning rate, the divergence of the updates
# varies by factors of ten to a thousand. Nothing in α says which divergence you get. CartPole forgives
# much: a wide range of rates works. Other problems forgive less, and no problem says in advance.
#
# TRPO turns it around. It fixes the divergence, at 0.01 nats or so, and lets the rest follow.
#
# ## 7. What to take along
#
# | | |
# |---|---|
# | plain policy gradient | fixed α, and steps in the policy of any size |
# | right unit | $\mathrm{KL}(\text{old} \,\Vert\, \text{new})$, in nats |
# | normal, equal σ | $\Delta^2 / 2\sigma^2$: the surer the policy, the larger the same step |
# | idea of TRPO | fix the divergence δ of a step, not its length in $\theta$ |
#
# **Exercise 1.5** (in words). A colleague says: "My policy gradient run collapsed, so I lowered the learning
# rate by ten, and now it works." What has the colleague paid for it, and why may the run still collapse
# later?
#
# <details><summary>Answer</summary>
# All steps became ten times shorter in θ and, by (1.4), a hundred times smaller in divergence, also the
# early ones, when the policy was broad and could have moved fast. So the whole climb takes about ten
# times as many samples. And the policy goes on becoming surer of itself: σ shrinks, the same step in
# θ grows in divergence as 1/σ², and the gradient with respect to the mean grows as well. At some σ the
# lower rate is too high again.
# </details>
#
# Next: [02 The surrogate objective](02_surrogate_objective.ipynb): how to judge a new policy with the
# data of the old one.
