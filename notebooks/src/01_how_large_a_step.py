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
# You need: gradients, the normal distribution, and what a policy and its return are
# ([notebook 00](00_start_here.ipynb), section 5).

# %%
import json
from itertools import pairwise
from math import erf
from pathlib import Path

import numpy as np

from trpo_np.classroom import notebook_01 as nb
from trpo_np.classroom.checks import yours
from trpo_np.experiments.plots import use_style

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
# is the expected reward. Let $\Phi$ be the distribution function of the standard normal, $\phi$ its
# density, and $b = (1 - m) / \sigma$ the distance of the mean from the edge, in standard deviations. Then
#
# $$J(\theta) = \mathbb{E}[a \cdot 1(a \le 1)] - 3\, P(a \gt 1)
#   = m\, \Phi(b) - \sigma\, \phi(b) - 3\, (1 - \Phi(b)) . \tag{1.2}$$
#
# Here $1(a \le 1)$ is 1 on the ground and 0 elsewhere. The first two terms are the mean of $a$ over the
# part of the distribution that is on the ground: write $a = m + \sigma z$ with a standard normal $z$,
# and integrate $z\, \phi(z)$, whose antiderivative is $-\phi(z)$.
#
# The gradient follows by the chain rule. With $\phi'(b) = -b\, \phi(b)$ and $m + \sigma b = 1$, the
# derivative of (1.2) with respect to $b$ alone is
# $m\, \phi(b) + \sigma b\, \phi(b) + 3\, \phi(b) = 4\, \phi(b)$. Since $\partial b / \partial m = -1/\sigma$
# and $\partial b / \partial \log \sigma = -b$,
#
# $$\frac{\partial J}{\partial m} = \Phi(b) - \frac{4\, \phi(b)}{\sigma}, \qquad
#   \frac{\partial J}{\partial \log \sigma} = - \left( \sigma + 4 b \right) \phi(b) .$$
#
# The 4 is the height of the cliff, from 1 down to −3. It is multiplied by $\phi(b) / \sigma$, the
# density of the policy at the edge. So our ascent has no randomness: we have $J$ and its gradient exactly,
# which an agent that learns from samples has not.


# %%
def at_the_edge(theta):
    """Φ(b), φ(b) and b, the distance from the edge in standard deviations."""
    b = (1 - theta[0]) / np.exp(theta[1])
    return 0.5 * (1 + erf(b / np.sqrt(2))), np.exp(-(b**2) / 2) / np.sqrt(2 * np.pi), b


def J(theta):
    """The performance (1.2) of the policy theta = (m, log σ)."""
    Phi, phi, _ = at_the_edge(theta)
    return theta[0] * Phi - np.exp(theta[1]) * phi - 3 * (1 - Phi)


def gradient(theta):
    """∇J, shape (2,)."""
    sigma, (Phi, phi, b) = np.exp(theta[1]), at_the_edge(theta)
    return np.array([Phi - 4 * phi / sigma, -(sigma + 4 * b) * phi])


theta_start = np.array([-1.0, np.log(0.5)])

# %% [markdown]
# Two numbers that must agree: $J$ with the mean reward of sampled actions, and the gradient with
# finite differences of $J$.

# %%
actions = theta_start[0] + 0.5 * np.random.default_rng(0).standard_normal(100_000)
rewards = np.where(actions <= 1, actions, -3.0)
error = rewards.std() / np.sqrt(len(rewards))
print(f"J at the start: {J(theta_start):.4f}")
print(f"from 100,000 samples: {rewards.mean():.4f} ± {error:.4f}")
theta, h = np.array([0.8, -2.0]), 1e-6
differences = [(J(theta + e) - J(theta - e)) / (2 * h) for e in h * np.eye(2)]
print(f"∇J near the edge: {gradient(theta)}, finite differences: {np.array(differences)}")

# %% [markdown]
# **Exercise 1.1.** Write gradient ascent: start at `theta`, take `steps` steps (1.1) with the learning
# rate `alpha`, and return the last parameters. `gradient` is a function of `theta`.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (1.1) is one step.
# <details><summary>Hint 2: the idea</summary>
# Take that step again and again. The gradient is taken anew at every new theta. Make a new array in
# each step: += on an array would change the caller's.
# <details><summary>Hint 3: a sketch</summary>
# <pre>
# repeat it steps times:
#     theta = theta + ...   # the step, at the theta of now
# return theta
# </pre>
# </details></details></details>


# %%
def my_gradient_ascent(gradient, theta, alpha, steps):
    ### BEGIN SOLUTION
    for _ in range(steps):
        theta = theta + alpha * gradient(theta)
    return theta
    ### END SOLUTION


nb.check_gradient_ascent(my_gradient_ascent)

# %%
gradient_ascent = yours(my_gradient_ascent, nb.check_gradient_ascent)


def climb(alpha, steps=150):
    """All thetas of gradient ascent from theta_start, one after the other."""
    return nb.every_theta(gradient_ascent, gradient, theta_start, alpha, steps)


def performances(path):
    """J of each theta of a path."""
    return np.array([J(theta) for theta in path])


# %% [markdown]
# ## 2. A game: choose a learning rate
#
# No reward is above 1, so $J$ stays below 1, and it comes as near to 1 as one likes: stand close to the
# edge, and be sure of your step (a small $\sigma$).
#
# Choose `alpha` in the second cell below so that $J$ climbs past 0.7 in as few steps as you can, and then
# stays above 0.7 to the last of 150 steps. Run the cell again for each new choice; your earlier tries stay
# in the picture. Start with the 0.005 that stands there, and go up.

# %%
tries = {}

# %%
alpha = 0.005  # your choice
tries[alpha] = performances(climb(alpha))
nb.show_tries(tries)

# %% [markdown]
# Play for a few minutes. Then unfold what three of our own tries did.

# %% tags=["hide-input"]
nb.show_three_rates({rate: performances(climb(rate)) for rate in (0.02, 0.05, 0.2)})

# %% [markdown]
# With $\alpha = 0.2$ all goes well for 28 steps. Then the performance drops from 0.74 to −0.52 within
# three steps, and in the rest of the 150 the run does not come to rest again. There was no noise and no
# bad luck: every gradient was exact.
#
# With a smaller α the fall comes later, and the way up takes longer. Here is where it comes. Of these
# five rates none is right for the whole way.

# %%
print("α      first step past 0.7    first step that loses more than 0.2")
for rate in (0.2, 0.1, 0.05, 0.02, 0.01):
    J_path = performances(climb(rate, 8000))
    past, falls = J_path > 0.7, np.diff(J_path) < -0.2
    print(f"{rate:<6} {np.argmax(past):>19} {np.argmax(falls):>38}")

# %% [markdown]
# ## 3. What went wrong
#
# Look at the run with $\alpha = 0.2$ around its first fall, step by step.

# %%
path = climb(0.2, 60)
J_path = performances(path)
length = np.linalg.norm(np.diff(path, axis=0), axis=1)
fall = int(np.argmax(np.diff(J_path) < -0.5))  # the step that falls
print("step    J before   mean      σ     length of the step in θ")
for k in (0, *range(fall - 5, fall + 4)):
    print(f"{k:4d} {J_path[k]:10.2f} {path[k, 0]:8.2f} {np.exp(path[k, 1]):7.3f} {length[k]:10.3f}")

# %% [markdown]
# The policy had learned to be sure of itself: $\sigma$ shrank from 0.5 to less than 0.1. For such a policy
# the edge is a wall. Look at step 30: the mean is 0.89, and a tenth of the actions fall. There the
# gradient is large, because the density at the edge is large, and it points away from the edge. This
# step is 1.4 long and flings the policy back to a mean of −0.52, away from all that it had learned.
#
# Now compare the first line with the last ones. These steps are all 0.2 long. At the start, with
# $\sigma = 0.5$, such a step was harmless. After the fall, with $\sigma = 0.07$, it takes the policy
# nearly three standard deviations away, where it has hardly ever been.
#
# What counts is not how far the *parameters* move. It is how far the *distribution of actions* moves.
# The picture shows the same step in $\theta$ for two policies.
#
# <details><summary>You may ask: why does J fall below −3, if falling costs only −3?</summary>
#
# Later in this run $J$ goes down to −5.3. That is not the cliff but the ground far to the left. The step
# from the edge threw the mean to −5.3, and there $r(a) = a$.
# </details>

# %% tags=["hide-input"]
nb.show_same_step()

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
# Here $p_\text{old}$ and $p_\text{new}$ are the probabilities, or for a continuous action the densities,
# of the two policies. The divergence is 0 if the two are equal, and positive if not (notebook 05 proves
# it). Its unit is the nat. Roughly: $n$ actions give $n$ times the divergence as evidence for the old
# policy against the new one, and 3 nats are odds of $e^3 \approx 20$ to 1
# ([Cover and Thomas (2006)](references.md#cover2006), sections 2.3 and 11.8). So at 0.01 nats it takes
# hundreds of actions to tell the two policies apart, at 10 nats one.
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
# <details><summary>You may ask: why this divergence, and not another distance?</summary>
#
# Because the theorem of notebook 03 holds with it, because it can be computed or estimated from the old
# policy's data, and because near the old policy it is a quadratic form, which makes the step easy to
# find. Notebook 04, section 1, compares it with the total variation, with the reverse order and with the
# Wasserstein distance.
# </details>
#
# **Exercise 1.2.** Predict before you run: the shift in the picture is 0.2 on both sides, with
# $\sigma = 0.5$ on the left and $\sigma = 0.05$ on the right. By which factor is the divergence on the
# right larger?
#
# <details><summary>Hint 1: where to look</summary>
# Equation (1.4). Which of its letters differ between the two sides of the picture?
# <details><summary>Hint 2: the idea</summary>
# Δ is the same on both sides. σ stands in the denominator, and it is squared.
# <details><summary>Hint 3: a sketch</summary>
# Divide the divergence on the right by that on the left. Δ² cancels, and what is left is (0.5 /
# 0.05)².
# </details></details></details>

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
# <details><summary>Hint 1: where to look</summary>
# Equation (1.3). With two actions the expectation is a sum of two terms.
# <details><summary>Hint 2: the idea</summary>
# The second action has the probabilities 1 - p_old and 1 - p_new. Each term is an old probability
# times the logarithm of old over new.
# <details><summary>Hint 3: a sketch</summary>
# <pre>
# first = p_old * np.log(...)
# second = (1 - p_old) * np.log(...)
# </pre>
# and their sum.
# </details></details></details>


# %%
def my_two_action_kl(p_old, p_new):
    ### BEGIN SOLUTION
    first = p_old * np.log(p_old / p_new)
    second = (1 - p_old) * np.log((1 - p_old) / (1 - p_new))
    return first + second
    ### END SOLUTION


nb.check_two_action_kl(my_two_action_kl)

# %% [markdown]
# The same step again: the first action becomes more probable by 0.04. How much that is depends on where
# it starts.

# %%
two_action_kl = yours(my_two_action_kl, nb.check_two_action_kl)
for p_old in (0.5, 0.9, 0.95):
    print(f"from {p_old} to {p_old + 0.04:.2f}: {two_action_kl(p_old, p_old + 0.04):.4f} nats")

# %% [markdown]
# Now the run that fell, with both rulers. The exact divergence of two normal distributions
# with different $\sigma$ is derived in notebook 05; here it is two lines.


# %%
def KL(old, new):
    """KL(old ‖ new) for theta = (mean, log σ), in nats."""
    ratio = np.exp(2 * (old[1] - new[1]))
    return new[1] - old[1] + 0.5 * (ratio + (old[0] - new[0]) ** 2 * np.exp(-2 * new[1]) - 1)


kl = np.array([KL(old, new) for old, new in pairwise(path)])

# %% tags=["hide-input"]
nb.show_two_rulers(J_path, length, kl, fall)

# %%
for k in (0, fall - 4, fall - 3, fall - 2, fall - 1, fall, fall + 2):
    row = f"step {k:2d}: length {length[k]:.3f}, KL {kl[k]:8.3f} nats"
    print(f"{row}, J afterwards {J_path[k + 1]:5.2f}")

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
# **Exercise 1.4.** Write a function that finds this α. You are given δ and `kl`, a continuous function
# of α that starts at `kl(0) = 0` and, in the cases of this exercise, increases until it is above δ. The interval
# begins as 0 to 1. First double its upper end until the divergence there is at least δ, then halve it 60 times.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (1.5) says what α has to do, and the exercise how to find it: double, then halve.
# <details><summary>Hint 2: the idea</summary>
# Begin with the interval from 0 to 1. Double its upper end while the divergence there is below
# delta. Then look at the middle: if the divergence there is below delta, the solution lies above,
# and the middle becomes the new lower end. Otherwise it becomes the new upper end.
# <details><summary>Hint 3: a sketch</summary>
# <pre>
# low, high = ...
# while ...:
#     high = ...
# repeat 60 times:
#     middle = ...
#     if ...:
#         low = middle
#     else:
#         high = middle
# return high
# </pre>
# </details></details></details>


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

# %% [markdown]
# <details><summary>You may ask: does the divergence always grow along a ray?</summary>
#
# No. If σ grows on the way, the new policy can become so broad that it comes nearer to the old one again.
# Take a step in which the mean moves by 10 σ and log σ by 1. At α times this step the divergence is
# $\alpha + \tfrac12 \left[ (1 + 100\, \alpha^2)\, e^{-2\alpha} - 1 \right]$: 7.3 nats at α = 1, 5.2 at 2,
# 3.6 at 3, and 5.5 at 6. There are then several α with the same divergence. The search still ends at one
# of them, because at the lower end the divergence is below δ and at the upper end it is not, after every
# halving. In the walks below σ shrinks in every step, and then the divergence does grow all the way; the
# cell checks it at twenty points of each step.
# </details>


# %%
step_for_kl = yours(my_step_for_kl, nb.check_step_for_kl)


def walk_in_nats(delta, steps=150):
    """All thetas of gradient ascent whose every step has the divergence delta."""
    path = [theta_start]
    for _ in range(steps):
        theta, direction = path[-1], gradient(path[-1])
        ray = lambda x, theta=theta, direction=direction: KL(theta, theta + x * direction)
        alpha = step_for_kl(ray, delta)
        assert np.all(np.diff([ray(x) for x in np.linspace(0, alpha, 20)]) > 0)
        path.append(theta + alpha * direction)
    return np.array(path)


walks = {delta: performances(walk_in_nats(delta)) for delta in (0.001, 0.01, 0.1, 1.0)}
for delta, values in walks.items():
    row = f"δ = {delta}: J after 150 steps {values[-1]:.3f}"
    print(f"{row}, largest drop in a step {max(0, -min(np.diff(values))):.4f}")

# %% tags=["hide-input"]
nb.show_walks(performances(climb(0.2)), {delta: walks[delta] for delta in (0.001, 0.01)})

# %% [markdown]
# One number for the whole way, and it has a meaning that does not change on the way. Multiply the rewards
# by 1000, and the gradient is 1000 times as long, the α that is found 1000 times as small, and the walk
# the same. (In exact arithmetic. At the edge the walk zigzags, and rounding errors grow.)
#
# δ can be too large as well, as the table says: at δ = 1 a single step loses 0.24. But over these three
# powers of ten that is the largest loss, and all four walks are above 0.79 at the end. Of the learning rates
# from 0.005 to 0.2, less than two powers of ten, some were too slow and some fell.
#
# Two things are left to be desired, and the next notebooks are about them. The *direction* can be
# improved as well: the gradient itself still belongs to the parameters, not to the policy (notebook 04).
# And an agent that learns has no exact $J$, but samples of one policy (notebook 02).
#
# ## 6. A real one
#
# CartPole, a policy network, and gradients estimated from samples: plain policy gradient steps with three
# fixed learning rates, 60 updates of 1024 environment steps each, with eight seeds. The runs were made
# beforehand by `tests/benchmarks/fixed_rates.py`; the machinery around the step is the package's, and
# notebooks 09 and 10 open it up.

# %%
FILE = Path("measurements/fixed_rates.json")
runs = json.loads(FILE.read_text(encoding="utf-8"))
print("α      best return    last return    KL of an update: largest / smallest in a run")
for alpha in (0.02, 1, 20):
    these = [run for run in runs if run["alpha"] == alpha]
    best = np.array([max(run["return"]) for run in these])
    last = np.array([run["return"][-1] for run in these])
    kls = [np.maximum(run["kl"], 1e-12) for run in these]
    spread = [kl.max() / kl.min() for kl in kls]
    texts = [f"{x.mean():.0f} ± {x.std(ddof=1) / np.sqrt(len(x)):.0f}" for x in (best, last)]
    ratios = f"from {min(spread):.0f} to {max(spread):.1e}"
    print(f"{alpha:<6} {texts[0]:<14} {texts[1]:<14} {ratios}")

# %% tags=["hide-input"]
nb.show_cartpole(runs)

# %% [markdown]
# The right picture is the point. The rate α does not say which divergence you get. With α = 0.02 the largest
# divergence of a run is 18 to 79 times its smallest, with α = 1 it is 530 to 2,600 times. CartPole forgives
# α = 1: all eight runs reach 500. Twenty times more, and one of eight reaches 500 and loses it again: they
# end between 68 and 466. Fifty times less, and one comes past 220 in this time. Which rate is right the
# problem does not say in advance.
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
#
# All steps became ten times shorter in θ and, by (1.4), about a hundred times smaller in divergence, also
# the early ones, when the policy was broad and could have moved fast. So the climb takes about ten times as
# many samples: in the table of section 2 the rate 0.2 is past 0.7 after 25 steps, the rate 0.02 after 248.
# And the policy goes on becoming surer of itself: σ shrinks, the same step in θ grows in divergence as 1/σ²,
# and the density at the edge, which multiplies the gradient, can grow as 1/σ. At some σ the lower rate is
# too high again: in the table 0.02 falls at step 1833.
# </details>
#
# ## Sources and further reading
#
# - Gradient ascent on the expected return, (1.1):
#   [Sutton et al. (2000)](references.md#sutton2000), whose theorem 1 is derived in notebook 02.
# - The divergence (1.3) and what it says about telling two distributions apart:
#   [Cover and Thomas (2006)](references.md#cover2006), sections 2.3 and 11.8. Quoted here; that it is
#   never negative is proved in notebook 05.
# - Steps of a fixed divergence: [Peters et al. (2010)](references.md#peters2010) bound the loss of
#   information of every update, [Schulman et al. (2015)](references.md#schulman2015), section 4, replace a
#   penalty by a bound on the KL. That the length of a step should be measured in the policies and not in
#   the parameters is the starting point of [Kakade (2001)](references.md#kakade2001).
# - Proved here: (1.2), its gradient and (1.4). Measured here: all that is said about the cliff, which is
#   one deterministic problem, and about CartPole, with eight seeds.
#
# Before: [00 Start here](00_start_here.ipynb). Next:
# [02 The surrogate objective](02_surrogate_objective.ipynb): how to judge a new policy with the data of
# the old one.
