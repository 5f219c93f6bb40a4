# %% [markdown]
# # 10 TRPO
#
# Nine notebooks have taken the algorithm apart. This one puts it together. Here is the whole of it,
# as the chapter states it:
#
# ```
# For each iteration:
#     Collect trajectories using π_θ
#     Compute advantages (GAE)
#
#     Compute policy gradient g = ∇_θ L(θ)
#     Compute search direction s = F⁻¹g via conjugate gradient
#     Compute max step size: α_max = sqrt(2δ / sᵀ F s)
#
#     Backtracking line search:
#         For k = 0, 1, 2, ..., K:
#             θ_new = θ + α_max · β^k · s
#             If KL(π_old || π_new) ≤ δ and L(θ_new) > L(θ):
#                 Accept θ_new
#                 Break
#
#     Update value function (separate optimizer)
# ```
#
# **Do the pieces that you wrote, called in this order, learn to act?** You paste them below, one at
# a time, join them to an update, and train two agents with it: one balances a pole, one swings up a
# pendulum. You watch the numbers as they learn, and then the agents.
#
# Where a piece is missing or does not pass its check, the package's own takes its place, so that
# everything below runs in any case.
#
# You need: notebooks 02 and 06 to 09; each piece says which one.
#
# **Letters.** Now that everything comes together, some letters stand for two things. $\delta_t$ with an index is a TD
# error, δ the radius. λ is the damping beside $I$, and the parameter of GAE (`lam` in code) beside γ. $J(\pi)$ is the
# performance, $J_n$ a Jacobian. $r_t$ is a reward, and in section 7 $r$ is conjugate gradient's residual.

# %%
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
from gymnasium import spaces

from trpo_np import MLP, Agent, Batch, make_policy, mean_kl, train
from trpo_np.classroom import notebook_10 as nb
from trpo_np.classroom.figures import show
from trpo_np.classroom.live import LivePlot, beside, episode, show_film
from trpo_np.experiments.plots import use_style
from trpo_np.objectives import policy_gradient
from trpo_np.training.environments import source
from trpo_np.training.normalizer import Normalizer
from trpo_np.training.rollout import Sampler
from trpo_np.value import ValueFunction, explained_variance

use_style()

# %% [markdown]
# ## Before you begin
#
# Three questions about earlier notebooks, a minute each. They are not graded; what they ask is used
# below.
#
# **Recall 10.1** (notebook 09). A time limit cuts an episode off at step $t$. Which value stands
# for the next one in $\delta_t = r_t + \gamma V(\cdot) - V(s_t)$?
#
# - (a) 0
# - (b) that of the first state of the next episode
# - (c) that of $s_t$ once more
# - (d) that of the state in which the episode was cut off

# %%
recall = ...  # replace the dots by a letter, "a" to "d"
### BEGIN SOLUTION
recall = "d"
### END SOLUTION
nb.recall_truncated(recall)

# %% [markdown]
# **Recall 10.2** (notebook 08). A program has a damping $\lambda > 0$ and takes the step length
# from $s^\top (F + \lambda I)\, s$ in place of $s^\top F s$. Which KL does the quadratic model give
# its full step?
#
# - (a) less than δ
# - (b) δ exactly
# - (c) more than δ
# - (d) less or more, as $g^\top s$ is small or large

# %%
recall = ...  # replace the dots by a letter, "a" to "d"
### BEGIN SOLUTION
recall = "a"
### END SOLUTION
nb.recall_length(recall)

# %% [markdown]
# **Recall 10.3** (notebook 08). δ = 0.01. The four candidates $k = 0, 1, 2, 3$ have the mean KLs
# 0.03, 0.008, 0.002 and 0.0005, and improve $L$ by 0.05, −0.001, 0.0004 and 0.0006. Which $k$ does
# the line search accept?

# %%
recall = ...  # replace the dots by a number
### BEGIN SOLUTION
recall = 2
### END SOLUTION
nb.recall_accepted(recall)

# %% [markdown]
# ## 1. Six pieces
#
# **The surrogate objective** (equation (2.10) of [notebook 02](02_surrogate_objective.ipynb)). From
# $N$ samples of states $s_n$ and actions $a_n$ that the old policy visited and chose, with
# advantages $A_n$,
#
# $$L(\theta) = \frac1N \sum_{n=1}^N
#   \frac{\pi_\theta(a_n|s_n)}{\pi_{\theta_\text{old}}(a_n|s_n)}\, A_n . \tag{10.1}$$
#
# It leaves out the constant $J(\pi_{\theta_\text{old}})$ and the factor $1/(1-\gamma)$, neither of
# which moves the best $\theta$.
#
# **Exercise 10.1.** Paste or rewrite your surrogate of exercise 2.4. Arguments: the logarithms of
# the new and of the old probabilities, and the advantages, all of shape `(N,)`. It returns a
# number.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (10.1), and exercise 2.4 in section 6 of notebook 02.
# <details><summary>Hint 2: the idea</summary>
# The ratio of two probabilities is the exponential of the difference of their logarithms.
# <details><summary>Hint 3: a sketch</summary>
# np.exp(...), times the advantages, and a mean over all samples at the end.
# </details></details></details>


# %%
def my_surrogate(log_probs_new, log_probs_old, advantages):
    ### BEGIN SOLUTION
    return np.mean(np.exp(log_probs_new - log_probs_old) * advantages)
    ### END SOLUTION


nb.check_surrogate(my_surrogate)

# %% [markdown]
# **The Fisher-vector product** (equation (6.2) of [notebook 06](06_fisher_vector_products.ipynb)).
# With the Jacobian $J_n = \partial \eta_n / \partial \theta$ of the outputs at the $n$-th state and
# the Fisher matrix $M_n$ of the action distribution there
# ([notebook 05](05_fisher_information.ipynb)),
#
# $$F v = \frac1N \sum_{n=1}^N J_n^\top M_n J_n\, v . \tag{10.2}$$
#
# **Exercise 10.2.** Paste or rewrite your product of exercise 6.4. `jvp` maps `v (P,)` to the rows
# $J_n v$, an array `(N, K)`; `metric` multiplies each row of such an array by its $M_n$; `vjp` maps
# an array `u (N, K)` to the sum of $J_n^\top u_n$ over the rows, `(P,)`.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (10.2). Read it from the right to the left.
# <details><summary>Hint 2: the idea</summary>
# Three functions, each called once. vjp sums over the rows, and F is a mean over them.
# <details><summary>Hint 3: a sketch</summary>
# MJv = metric(...), then vjp(...) / len(...): the length of the array says how many rows.
# </details></details></details>


# %%
def my_fisher_vector_product(jvp, metric, vjp, v):
    ### BEGIN SOLUTION
    MJv = metric(jvp(v))
    return vjp(MJv) / len(MJv)
    ### END SOLUTION


nb.check_fisher_vector_product(my_fisher_vector_product)

# %% [markdown]
# **The search direction** ([notebook 07](07_conjugate_gradient.ipynb)). It solves the damped system
#
# $$(F + \lambda I)\, s = g \tag{10.3}$$
#
# by conjugate gradient, with products alone.
#
# **Exercise 10.3.** Paste or rewrite your conjugate gradient of exercise 7.3. `matvec(v)` returns
# the matrix of the system times `v`; do exactly `iterations` products, start at zero, and return
# $x$.
#
# <details><summary>Hint 1: where to look</summary>
# The system is (10.3), the method (7.7) of notebook 07, line by line.
# <details><summary>Hint 2: the idea</summary>
# At x = 0 the residual is b, and so is the first direction. Make new arrays: no -= on r or p.
# <details><summary>Hint 3: a sketch</summary>
# Before the loop x, r and p. In it, in this order: Ap = matvec(p), alpha, x, r_next, p, r.
# </details></details></details>


# %%
def my_conjugate_gradient(matvec, b, iterations):
    ### BEGIN SOLUTION
    x, r, p = np.zeros_like(b), b, b
    for _ in range(iterations):
        Ap = matvec(p)
        alpha = (r @ r) / (p @ Ap)
        x = x + alpha * p
        r_next = r - alpha * Ap
        p = r_next + (r_next @ r_next) / (r @ r) * p
        r = r_next
    return x
    ### END SOLUTION


nb.check_conjugate_gradient(my_conjugate_gradient)

# %% [markdown]
# **The longest step** (equation (8.2) of [notebook 08](08_line_search.ipynb)). Near the old
# parameters the mean KL is $\tfrac12 d^\top F d$ for a change $d$ of $\theta$. Along $d = \alpha s$
# this reaches the radius δ at
#
# $$\alpha_\text{max} = \sqrt{\frac{2 \delta}{s^\top F s}} . \tag{10.4}$$
#
# **Exercise 10.4.** Paste or rewrite your maximum step of exercise 8.1, from `delta`, `s` and the
# product `Fs`.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (10.4).
# <details><summary>Hint 2: the idea</summary>
# Set ½ α² sᵀFs equal to δ, and solve for α.
# <details><summary>Hint 3: a sketch</summary>
# np.sqrt(...) of a fraction; sᵀFs is the inner product of the last two arguments.
# </details></details></details>


# %%
def my_maximum_step(delta, s, Fs):
    ### BEGIN SOLUTION
    return np.sqrt(2 * delta / (s @ Fs))
    ### END SOLUTION


nb.check_maximum_step(my_maximum_step)

# %% [markdown]
# **The line search** (equation (8.4) of notebook 08). The KL is not exactly quadratic and $L$ is
# not exactly linear, so both are asked. The new parameters are the first of the candidates
#
# $$\theta_k = \theta + \beta^k \alpha_\text{max}\, s, \qquad k = 0, 1, \dots, K, \tag{10.5}$$
#
# with $\overline{\mathrm{KL}}(\pi_\theta \,\|\, \pi_{\theta_k}) \le \delta$ and
# $L(\theta_k) \gt L(\theta)$; and θ itself if there is none.
#
# **Exercise 10.5.** Paste or rewrite your line search of exercise 8.3. `L(x)` and `KL(x)` give the
# two numbers for parameters `x`; `full_step` is $\alpha_\text{max}\, s$; `backtracks` is $K$.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (10.5), and the two conditions of the pseudocode.
# <details><summary>Hint 2: the idea</summary>
# A for loop over k with a return inside, and a return after it: after the loop nothing was
# acceptable.
# <details><summary>Hint 3: a sketch</summary>
# range(backtracks + 1) ends with k = backtracks. In the loop theta_new = theta + ..., and an if
# with KL(...), L(...) and L(theta).
# </details></details></details>


# %%
def my_line_search(L, KL, theta, full_step, delta, backtracks, beta):
    ### BEGIN SOLUTION
    for k in range(backtracks + 1):
        theta_new = theta + beta**k * full_step
        if KL(theta_new) <= delta and L(theta_new) > L(theta):
            return theta_new
    return theta
    ### END SOLUTION


nb.check_line_search(my_line_search)

# %% [markdown]
# **The advantages** (equation (9.9) of [notebook 09](09_advantages.ipynb)). Let $V(s_t)$ be the
# value function's estimate, and $V(s_{t+1})$ that of the true next state, or 0 if the episode
# terminated there. With the TD errors $\delta_t = r_t + \gamma V(s_{t+1}) - V(s_t)$,
#
# $$A_t = \delta_t + \gamma \lambda\, A_{t+1}, \tag{10.6}$$
#
# where $A_{t+1}$ counts as 0 if the episode ended at $t$, by termination or by a time limit.
#
# **Exercise 10.6.** Paste or rewrite your advantages of exercise 9.5. All arrays have the shape
# `(T, E)`: time by environment. `terminated` and `ended` are booleans.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (10.6).
# <details><summary>Hint 2: the idea</summary>
# Go through time backwards and keep the row A of the step after. ~terminated belongs to the next
# value, ~ended to the next advantage.
# <details><summary>Hint 3: a sketch</summary>
# errors = ..., all at once; then for t in reversed(...): following = errors[t] + ..., which is row
# t of the result.
# </details></details></details>


# %%
def my_gae(rewards, values, next_values, terminated, ended, gamma, lam):
    ### BEGIN SOLUTION
    errors = rewards + gamma * next_values * ~terminated - values
    advantages, following = np.zeros_like(errors), 0.0
    for t in reversed(range(len(errors))):
        following = errors[t] + gamma * lam * following * ~ended[t]
        advantages[t] = following
    return advantages
    ### END SOLUTION


nb.check_gae(my_gae)

# %% [markdown]
# Now collect them. `nb.yours` runs the check once more and silently takes the package's piece where
# yours does not pass.

# %%
pieces = SimpleNamespace(
    surrogate=nb.yours(my_surrogate, nb.check_surrogate, nb.package.surrogate),
    fisher_vector_product=nb.yours(
        my_fisher_vector_product,
        nb.check_fisher_vector_product,
        nb.package.fisher_vector_product,
    ),
    conjugate_gradient=nb.yours(
        my_conjugate_gradient, nb.check_conjugate_gradient, nb.package.conjugate_gradient
    ),
    maximum_step=nb.yours(my_maximum_step, nb.check_maximum_step, nb.package.maximum_step),
    line_search=nb.yours(my_line_search, nb.check_line_search, nb.package.line_search),
    gae=nb.yours(my_gae, nb.check_gae, nb.package.gae),
)
nb.print_owners(pieces)

# %% [markdown]
# ## 2. The update
#
# Five more functions connect the pieces with a policy.
#
# | | |
# |---|---|
# | `at = policy.linearize(theta, obs)` | the outputs `at.outputs (N, K)`, and `at.jvp`, `at.vjp` |
# | `policy.distribution.metric(eta)` | the function that multiplies row $n$ by $M_n$ |
# | `policy.log_prob(x, obs, actions)` | $\log \pi_x(a_n \vert s_n)$ at parameters `x`, `(N,)` |
# | `mean_kl(policy, x_old, x_new, obs)` | the mean over the states of KL(old ‖ new) |
# | `policy_gradient(policy, theta, batch)` | $g = \nabla L(\theta)$ at the old parameters, `(P,)` |
#
# A `batch` has `observations`, `actions`, `advantages`, and `log_probs` of the policy that acted.
#
# **Exercise 10.7.** Write the update of the pseudocode, from the gradient to the line search. Call
# your pieces as `pieces.conjugate_gradient(...)` and so on; all but `gae` have a part in it.
# `damping` is λ, `iterations` those of conjugate gradient, `backtracks` is $K$. The linearization and
# the metric are there already. The function returns the new parameters `(P,)`.
#
# <details><summary>Hint 1: where to look</summary>
# The pseudocode at the top, from the gradient on, and (10.2) to (10.5).
# <details><summary>Hint 2: the idea</summary>
# Five names, one line each: F, g, s, alpha_max, and last the line search. F is a function of v; the
# line search wants L and KL as functions of the parameters x. Conjugate gradient gets the product
# with the damping, the maximum step that without. In KL(old ‖ new) the old parameters are theta,
# and x is new.
# <details><summary>Hint 3: a sketch</summary>
# <pre>
# F = lambda v: pieces.fisher_vector_product(...)
# L = lambda x: pieces.surrogate(...)
# KL = lambda x: ...
# g = policy_gradient(...)
# s = pieces.conjugate_gradient(lambda v: ..., g, iterations)
# alpha_max = pieces.maximum_step(...)
# return pieces.line_search(L, KL, theta, ...)
# </pre>
# </details></details></details>


# %%
def my_trpo_step(policy, theta, batch, pieces, delta, damping, iterations, backtracks, beta):
    obs, actions = batch.observations, batch.actions
    at = policy.linearize(theta, obs)
    metric = policy.distribution.metric(at.outputs)
    ### BEGIN SOLUTION
    F = lambda v: pieces.fisher_vector_product(at.jvp, metric, at.vjp, v)
    L = lambda x: pieces.surrogate(
        policy.log_prob(x, obs, actions), batch.log_probs, batch.advantages
    )
    KL = lambda x: mean_kl(policy, theta, x, obs)

    g = policy_gradient(policy, theta, batch)
    s = pieces.conjugate_gradient(lambda v: F(v) + damping * v, g, iterations)
    alpha_max = pieces.maximum_step(delta, s, F(s))
    return pieces.line_search(L, KL, theta, alpha_max * s, delta, backtracks, beta)
    ### END SOLUTION


nb.check_trpo_step(my_trpo_step)

# %%
step = nb.yours(my_trpo_step, nb.check_trpo_step, nb.step_of)
print("the update is", "yours" if step is my_trpo_step else "the package's")

# %% [markdown]
# Is it what it promises to be? One update on a random batch, and three numbers.

# %%
rng = np.random.default_rng(0)
policy = make_policy(spaces.Box(-1, 1, (4,)), spaces.Box(-1, 1, (2,)))
theta = policy.init(rng)
obs = rng.standard_normal((500, 4))
actions = policy.sample(theta, obs, rng)
batch = Batch(obs, actions, rng.standard_normal(500), policy.log_prob(theta, obs, actions))

theta_new = step(policy, theta, batch, pieces, 0.01, 0.1, 10, 10, 0.5)
after, before = (nb.surrogate_of(policy, x, batch, pieces) for x in (theta_new, theta))
print(f"mean KL(old ‖ new): {mean_kl(policy, theta, theta_new, obs):.4f}, radius 0.01")
print(f"gain of the surrogate: {after - before:.4f}")
print("parameters that moved:", np.count_nonzero(theta_new != theta), "of", len(theta))

# %% [markdown]
# The KL is within the radius, $L$ grew, and no parameter was left out. (Why not nearer to the radius?
# Section 3 has the answer.)
#
# ## 3. The loop around it
#
# Two lines of the pseudocode stand before the update and one behind it. The functions for them are
# those of notebook 09: `Sampler` steps sixteen copies of the environment and hands out a rollout,
# arrays of shape `(T, E, ...)`; the value function $V_w$ with parameters `w` is fitted to the targets
# $A_t + V(s_t)$ by Gauss–Newton steps, an optimizer of its own without a learning rate. The
# `Normalizer` is new. It keeps the mean and variance of all observations so far, and shifts and
# scales each observation, so that they have mean 0 and variance 1, before a network sees it; beyond
# ten standard deviations it cuts off.
#
# Your GAE turns a rollout into a batch. `valid` is False for the steps in which an environment only
# started its next episode. The advantages get mean 0 and variance 1 (notebook 09, section 9); their
# scale does not change the step, as $s / \sqrt{s^\top F s}$ does not depend on the length of $g$.


# %%
def batch_of(rollout, value, w, pieces, gamma, lam=0.95):
    """The rollout's valid steps as a batch, their values (N,) and the value targets (N,)."""
    obs = rollout.observations  # (T + 1, E, D): row t + 1 is the true next observation
    V = value.predict(w, obs.reshape(-1, obs.shape[-1])).reshape(obs.shape[:2])
    A = pieces.gae(rollout.rewards, V[:-1], V[1:], rollout.terminated, rollout.ended, gamma, lam)
    valid = rollout.valid
    A, V = A[valid], V[:-1][valid]
    standardised = (A - A.mean()) / (A.std() + 1e-8)
    batch = Batch(obs[:-1][valid], rollout.actions[valid], standardised, rollout.log_probs[valid])
    return batch, V, A + V


# %% [markdown]
# And this is the algorithm. Compare it with the pseudocode at the top; the comments are its lines.


# %%
def trpo(env_id, total_steps, seed=0, gamma=0.99, delta=0.01, watch=lambda row: None):
    """The trained agent, and one row of numbers an iteration."""
    rng = np.random.default_rng(seed)
    envs = source(env_id).many(16)
    policy = make_policy(envs.single_observation_space, envs.single_action_space)
    value = ValueFunction(MLP((*policy.network.sizes[:-1], 1)))
    normalizer = Normalizer.fresh(envs.single_observation_space)
    theta, w, rows = policy.init(rng), value.init(rng), []
    sampler = Sampler(envs, seed=int(rng.integers(2**31)))
    while sampler.steps + 2048 <= total_steps:
        # Collect trajectories using π_θ: 128 steps of 16 environments
        rollout = sampler.collect(policy, theta, normalizer, rng, 128)
        # Compute advantages (GAE)
        batch, V, targets = batch_of(rollout, value, w, pieces, gamma)
        # g, s, α_max, and the backtracking line search
        theta_new = step(policy, theta, batch, pieces, delta, 0.1, 10, 10, 0.5)
        rows.append(measured(sampler, policy, theta, theta_new, batch, V, targets, delta))
        watch(rows[-1])
        # Update value function (separate optimizer)
        w, _ = value.fit(w, batch.observations, targets)
        normalizer = normalizer.updated(rollout.raw_observations[:-1][rollout.valid])
        theta = theta_new
    envs.close()
    return Agent(policy, theta, normalizer, source(env_id)), rows


# %% [markdown]
# The last lines have an order that matters. The normalizer is renewed only after the update: were
# it renewed between acting and updating, the stored `log_probs` would belong to other inputs than
# the ones that the update uses, and the ratio would not be 1 at the old parameters. There is a price:
# the same θ with a renewed normalizer is a slightly different policy, and this change is in no KL that
# we measure. After the first iteration on CartPole it is 0.0035 ± 0.0012 nats (eight seeds), of the size
# of a small step; after each of the next five 0.0003 to 0.002, and it dies out as mean and variance
# settle.
#
# The pseudocode, line by line:
#
# | pseudocode | where | notebook |
# |---|---|---|
# | Collect trajectories using π_θ | `rollout = sampler.collect(...)` | 09 |
# | Compute advantages (GAE) | `pieces.gae(...)` in `batch_of` | 09 |
# | g = ∇_θ L(θ) | `policy_gradient`, in your `my_trpo_step` | 02 |
# | F | `pieces.fisher_vector_product` | 05, 06 |
# | s = F⁻¹g via conjugate gradient | `pieces.conjugate_gradient`, damped | 07 |
# | α_max = sqrt(2δ / sᵀ F s) | `pieces.maximum_step`, undamped | 08 |
# | For k = 0, 1, 2, ..., K: θ_new = θ + α_max · β^k · s | `pieces.line_search`, exercise 10.5 | 08 |
# | If KL ≤ δ and L(θ_new) > L(θ): accept | the same, with the KL and the surrogate that it is given | 04, 08 |
# | Update value function | `w, _ = value.fit(w, batch.observations, targets)` | 09 |
#
# **Exercise 10.10.** Close the pseudocode and write the loop as a function of its parts. `collect(theta, normalizer)`
# gives a rollout; `estimate(rollout, w)` gives two things, a batch and the value targets;
# `update(theta, batch)` gives the new θ, `fit(w, batch, targets)` the new $w$, and
# `renew(normalizer, rollout)` the new normalizer. Do `iterations` rounds, and return `theta, w, normalizer`. What the
# parts do is not your concern; here they handle plain numbers.
#
# <details><summary>Hint 1: where to look</summary>
# The table of section 3, from its first line to its last. Which parameters had the policy that collected, and which
# w made the advantages?
# <details><summary>Hint 2: the idea</summary>
# Whatever is computed from this round's rollout uses what held when the round began. What is renewed serves the
# next round.
# <details><summary>Hint 3: a sketch</summary>
# A loop over the rounds with five lines in it, one for each part, each with a name on its left side, and
# one of them with two names; the return stands after the loop.
# </details></details></details>


# %%
def my_loop(collect, estimate, update, fit, renew, theta, w, normalizer, iterations):
    ### BEGIN SOLUTION
    for _ in range(iterations):
        rollout = collect(theta, normalizer)
        batch, targets = estimate(rollout, w)
        theta = update(theta, batch)
        w = fit(w, batch, targets)
        normalizer = renew(normalizer, rollout)
    return theta, w, normalizer
    ### END SOLUTION


nb.check_loop(my_loop)

# %% [markdown]
# What to measure? The return, the KL of the step, the gain of the surrogate, how much the value
# targets vary and how well the value function predicted them before it saw them, and the number of
# backtracks. The last one need not be recorded by the line search. An accepted step is
# $d = \beta^k \alpha_\text{max} s$, so by (10.4)
#
# $$\tfrac12 d^\top F d = \beta^{2k}\, \tfrac12 \alpha_\text{max}^2\, s^\top F s = \beta^{2k}\, \delta,
#   \tag{10.7}$$
#
# and one product with $F$ at the old parameters tells $k$. (`nb.backtracks_of` does that.)


# %%
def measured(sampler, policy, theta, theta_new, batch, V, targets, delta):
    """One row of numbers about an iteration."""
    recent = [total for total, _ in sampler.finished[-20:]]
    before, after = (nb.surrogate_of(policy, x, batch, pieces) for x in (theta, theta_new))
    return {
        "steps": sampler.steps,
        "mean_return": np.mean(recent) if recent else np.nan,
        "kl": mean_kl(policy, theta, theta_new, batch.observations),
        "gain": after - before,
        "largest_advantage": np.max(np.abs(batch.advantages)),
        "explained_variance": explained_variance(V, targets),
        "spread": np.std(targets),
        "backtracks": nb.backtracks_of(policy, theta, theta_new, batch, pieces, delta),
    }


# %% [markdown]
# How well did the value function predict its targets? The usual measure is the **explained variance**: 1 minus the
# variance of the errors $y - V$, as a share of the variance of the targets $y$. It is 1 if every target is
# predicted, 0 if $V$ knows no more than a constant would, and below 0 if a constant would have been better.
#
# **Exercise 10.11.** Write it for `values` and `targets`, both `(N,)`. The result is one number.
#
# <details><summary>Hint 1: where to look</summary>
# The definition in section 3, just above. np.var is the variance.
# <details><summary>Hint 2: the idea</summary>
# A value function that is off by the same number everywhere has errors, but their variance is 0.
# <details><summary>Hint 3: a sketch</summary>
# One minus a quotient of two variances: of a difference of the arguments, and of one of them.
# </details></details></details>


# %%
def my_explained_variance(values, targets):
    ### BEGIN SOLUTION
    return 1 - np.var(targets - values) / np.var(targets)
    ### END SOLUTION


nb.check_explained_variance(my_explained_variance)

# %% [markdown]
# Before the long run a short one, beside `trpo_np.train` with the same seed. It draws its random
# numbers in the same order, so the two have to agree: first columns yours, last column the
# package's.

# %%
_, rows = trpo("CartPole-v1", 3 * 2048, seed=0)
history = train("CartPole-v1", total_steps=3 * 2048, seed=0).history
print("  steps   mean return   KL of the step   KL by trpo_np.train")
for row, other in zip(rows, history, strict=True):
    print(f"{row['steps']:7d}{row['mean_return']:14.1f}{row['kl']:17.8f}{other.kl:22.8f}")

# %% [markdown]
# **Exercise 10.8.** Predict before you run. The radius is δ = 0.01 and the ratio β = 0.5. The line
# search refuses the full step and accepts the next candidate, $k = 1$. Which mean KL does the
# quadratic model expect of the accepted step?
#
# <details><summary>Hint 1: where to look</summary>
# Equation (10.7).
# <details><summary>Hint 2: the idea</summary>
# What does the model expect of the full step, k = 0? The next candidate is β times as long.
# <details><summary>Hint 3: a sketch</summary>
# δ β²ᵏ with k = 1.
# </details></details></details>

# %%
prediction = ...  # replace the dots by a number
### BEGIN SOLUTION
prediction = 0.0025
### END SOLUTION
nb.check_backtracked_kl(prediction)

# %% [markdown]
# ## 4. CartPole
#
# A cart on a rail, a pole on the cart, two actions: push left, push right. Each step that the pole
# stands gives a reward of 1, and after 500 steps the time is up. The environment counts as solved
# at a mean return of 475. Watch the four panels grow.

# %%
PANELS = {
    "mean_return": "mean return of recent episodes",
    "kl": "mean KL of the step (nats)",
    "gain": "gain of the surrogate",
    "explained_variance": "explained variance of V",
}
live = LivePlot(PANELS, levels={"kl": (0.01, "δ = 0.01")}, every=3)
cartpole, rows = trpo(
    "CartPole-v1", 50_000, seed=0, watch=lambda row: live.add(row["steps"], **row)
)

# %% tags=["hide-input"]
live.finish(
    "Four panels against environment steps. The mean return climbs from about 20 to near 500. The "
    "KL of every step lies below the line at 0.01, in two bands, one just under the line and one "
    "near 0.0025. The gain of the surrogate is positive throughout. The explained variance rises to "
    "above 0.9 and then becomes unsteady.",
    f"CartPole-v1: mean return {rows[0]['mean_return']:.0f} at the start and "
    f"{rows[-1]['mean_return']:.0f} after {rows[-1]['steps']} steps. Every KL is at most δ.",
)

# %% [markdown]
# The upper right panel shows two bands. By (10.7) they are the steps with $k = 0$ and with $k = 1$.
# How good was the quadratic model?


# %%
def print_by_backtracks(rows, delta=0.01):
    """The KL of the steps, model and truth, for each number of backtracks."""
    print("k   steps   model's KL   mean of the true KL")
    for k in sorted({int(row["backtracks"]) for row in rows if row["kl"] > 0}):
        kls = [row["kl"] for row in rows if row["backtracks"] == k]
        print(f"{k}{len(kls):8d}{delta * 0.25**k:13.4f}{np.mean(kls):22.4f}")


print_by_backtracks(rows)

# %% [markdown]
# Where the true KL of the full step came out above δ, the step was halved, and the KL quartered. (The row
# $k = 0$ holds accepted steps only, so its mean has to be below δ: it shows how the steps came out, and
# not how good the model is.) A full step at 1.01 δ is refused just like one at 2 δ: on the rim of
# the region a little too much is too much.
#
# The value function's panel has a lesson too. As long as the pole falls at different times, the
# return still to come differs from state to state, and most of that can be told from the state.
# Once the pole always stays up, there is little left to tell:

# %%
best = max(rows, key=lambda row: row["explained_variance"])
for name, row in (("at its best:", best), ("at the end: ", rows[-1])):
    print(
        f"explained variance {name} {row['explained_variance']:6.2f}, "
        f"standard deviation of the targets {row['spread']:5.1f}"
    )

# %% [markdown]
# How good is the agent? In training it tries things out; now it takes the most likely action, in
# fifty fresh episodes.

# %%
returns = cartpole.evaluate(episodes=50, seed=1)
print(f"mean return {returns.mean():.1f}, worst episode {returns.min():.0f}")

# %% tags=["hide-input"]
untrained = replace(cartpole, theta=cartpole.policy.init(np.random.default_rng(0)))
before, return_before = episode(untrained, seed=3, every=4)
after, return_after = episode(cartpole, seed=3, every=4)
show_film(
    beside(before, after),
    "Animation of two carts with poles, side by side. On the left, before training, the pole falls "
    "over within a moment and the picture stops. On the right, after training, the cart makes small "
    "corrections and the pole stays upright to the end.",
    f"One episode from the same start: on the left before training, return {return_before:.0f}; on "
    f"the right after it, return {return_after:.0f}.",
)

# %% [markdown]
# ## 5. Pendulum
#
# Now an action that is a real number: the torque at the pivot of a pendulum, too weak to lift it in
# one go. The reward of a step is 0 at rest upright and negative elsewhere, down to about -16. Every
# episode lasts 200 steps and none ever terminates; all are cut off by the time limit. So every target
# near the end of an episode depends on the value of the true final state (notebook 09).
#
# Not a line of the update changes. The distribution is a Gaussian in place of a categorical one,
# and its metric $M$ and its KL come from `policy.distribution`. The discount is γ = 0.95.

# %%
live = LivePlot(PANELS, levels={"kl": (0.01, "δ = 0.01")}, every=9)
pendulum, rows_pendulum = trpo(
    "Pendulum-v1", 120_000, seed=0, gamma=0.95, watch=lambda row: live.add(row["steps"], **row)
)

# %% tags=["hide-input"]
start = next(row["mean_return"] for row in rows_pendulum if row["mean_return"] < 0)
live.finish(
    "Four panels against environment steps. The mean return rises from about minus 1200 to about "
    "minus 200 within 90,000 steps and stays there. The KL stays below the line at 0.01: at first "
    "most steps are near 0.0025, later they are in two bands. The gain of the surrogate is positive "
    "throughout. The explained variance rises within a few iterations to about 0.95 and later comes close "
    "to 1, but for single iterations in which it drops.",
    f"Pendulum-v1: mean return {start:.0f} at the start and "
    f"{rows_pendulum[-1]['mean_return']:.0f} after {rows_pendulum[-1]['steps']} steps.",
)

# %%
print_by_backtracks(rows_pendulum)

# %% [markdown]
# Here the full step is refused most of the time: its true KL comes out above δ more often than below.

# %%
returns = pendulum.evaluate(episodes=50, seed=1)
print(f"mean return {returns.mean():.1f}, worst episode {returns.min():.1f}")

# %% [markdown]
# This is one run with one seed. The project's README has more seeds and 300,000 steps.

# %% tags=["hide-input"]
untrained = replace(pendulum, theta=pendulum.policy.init(np.random.default_rng(0)))
before, return_before = episode(untrained, seed=3, every=2)
after, return_after = episode(pendulum, seed=3, every=2)
show_film(
    beside(before, after),
    "Animation of two pendulums, side by side. On the left, before training, the pendulum hangs and "
    "swings about. On the right, after training, it swings up and stands.",
    f"One episode from the same start: on the left before training, return {return_before:.0f}; on "
    f"the right after it, return {return_after:.0f}.",
)

# %% [markdown]
# ## 6. What δ does
#
# The setting with which TRPO's own idea stands and falls is the radius of the trust region. Four radii, eight seeds
# each, on CartPole.

# %%
radii, seeds = (0.001, 0.01, 0.1, 1.0), range(8)
curves = {}  # radius -> (seeds, iterations), the mean returns of recent episodes
for delta in radii:
    runs = [trpo("CartPole-v1", 20_480, seed=seed, delta=delta)[1] for seed in seeds]
    curves[delta] = np.array([[row["mean_return"] for row in run] for run in runs])


def with_error(x):
    return f"{np.mean(x):5.0f} ± {np.std(x, ddof=1) / np.sqrt(len(x)):2.0f}"


print("δ        after 10 updates   worst run   largest fall in one update, mean of the runs")
for delta, runs in curves.items():
    falls = np.maximum(0, -np.diff(runs, axis=1).min(axis=1))
    print(f"{delta:<9g}{with_error(runs[:, -1])}{runs[:, -1].min():15.0f}{with_error(falls):>24}")

# %% tags=["hide-input"]
figure, axes = plt.subplots(1, 4, figsize=(13, 4.5), sharey=True)
for ax, (delta, runs) in zip(axes, curves.items(), strict=True):
    updates = np.arange(1, runs.shape[1] + 1)
    ax.plot(updates, runs.T, "-", color="C0", linewidth=1, alpha=0.6)
    ax.plot(updates, runs.mean(axis=0), "o--", color="C1", linewidth=3, markersize=5)
    ax.set_title(f"δ = {delta:g}")
axes[0].set_ylabel("mean return of recent episodes")
figure.supxlabel("updates")
show(
    figure,
    "Mean return against updates for four radii, eight thin lines and their mean in each panel. With 0.001 "
    "all lines stay below 100. With 0.01 they rise close together to about 330, one of them later. With 0.1 "
    "they rise faster, to about 400, and lie further apart; one falls back by some 80. With 1 they lie far "
    "apart, most fall back by 30 or more, and one or two by more than 100.",
    "Thin lines: eight seeds. Dashed, with dots: their mean. A small radius is slow; with a large one some runs "
    "fall back.",
)

# %% [markdown]
# Every step that was taken satisfied its conditions: $\overline{\mathrm{KL}} \le \delta$ and a larger $L$. A tenth of
# δ = 0.01 is far slower. Ten times δ gives a higher mean, by less than two standard errors of the difference, and
# runs that lie further apart. With δ = 1 the runs end lower than with 0.01, and lose 50 to 80 in their
# worst update (the copies differ, as the next paragraph says): the two conditions are no
# protection there, because $L$ is a good model of the return only near the old policy
# ([notebook 03](03_monotonic_improvement.ipynb)). What happens without the line search is in
# [notebook 08](08_line_search.ipynb).
#
# Large steps also amplify what is small. Compare the table in the solved copy of this notebook with
# the one in the copy with blanks: for δ = 0.001 and 0.01 they agree, for 0.1 and 1 they do not. The
# programs differ only in how they round. (A small radius only puts it off: the Pendulum run of section 5,
# which is longer, differs between the copies too.)
#
# The numbers of the update, and of what feeds it:
#
# | name | value here | what it does | too small | too large | notebook |
# |---|---|---|---|---|---|
# | δ | 0.01 | radius of the trust region, in nats | slow | steps that $L$ does not cover | 03, 04, 08 |
# | CG iterations | 10 | products with $F$ for one direction | direction near the plain gradient | products wasted or, undamped, spent on noise | 07 |
# | CG damping λ | 0.1 | makes $F + \lambda I$ well conditioned, and holds back where the batch tells little | CG is not done in ten iterations | direction near the plain gradient | 05, 07 |
# | line search steps $K$ | 10 | candidates after the full step | updates without a step | no harm | 08 |
# | backtrack ratio β | 0.5 | factor between candidates | shorter steps than needed | more candidates; with $K$ fixed, updates without a step | 08 |
# | γ | 0.99 or 0.95 | how far ahead rewards count | short-sighted | advantages with more variance | 02, 09 |
# | λ of GAE | 0.95 | trust in $V$ against trust in sampled rewards | bias of $V$ | variance | 09 |
# | batch size | 2048 | samples for $L$, $g$ and $F$ | noisy $g$ | fewer updates from the same steps | 09 |
#
# ## 7. What an update costs
#
# Count the calls in one update on the batch of section 2.

# %%
calls = {}


def counted(name, function):
    def wrapper(*arguments):
        calls[name] = calls.get(name, 0) + 1
        return function(*arguments)

    return wrapper


counting = SimpleNamespace(**{name: counted(name, f) for name, f in vars(pieces).items()})
policy = make_policy(spaces.Box(-1, 1, (4,)), spaces.Box(-1, 1, (2,)))
step(policy, theta, batch, counting, 0.01, 0.1, 10, 10, 0.5)
for name, number in calls.items():
    print(f"{name:24}{number}")

# %% [markdown]
# Ten products for conjugate gradient and one for $F s$; each is one pass forward and one backward.
# The line search adds one pass forward for every surrogate and, as written here, two for every KL (the
# package needs one for both, at each candidate; `mean_kl` is no piece, and not counted). A plain gradient step needs a
# single pass forward and backward. (The package saves the eleventh
# product: conjugate gradient's last residual $r$ gives $(F + \lambda I) s = g - r$, hence
# $s^\top F s = s^\top (g - r) - \lambda\, s^\top s$.)
#
# ## 8. Where the guarantee stops
#
# Notebook 03 proved that $J(\pi_\theta) \ge L - C \max_s \mathrm{KL}$ with
# $C = 2 \gamma \epsilon / (1-\gamma)^2$ and $\epsilon = \max |A|$. Did the return of our agents
# rise in every iteration?

# %%
print("iterations in which the mean return of the last 20 episodes fell:")
for name, history in (("CartPole-v1", rows), ("Pendulum-v1", rows_pendulum)):
    changes = np.diff([row["mean_return"] for row in history])
    changes = changes[np.isfinite(changes) & (changes != 0)]  # where an episode has ended
    print(f"{name:12} {np.sum(changes < 0):3d} of {len(changes)} in which it changed")

# %% [markdown]
# Some of these falls are noise: twenty episodes tell the return only roughly, they come from several
# policies, and their return is not discounted, as the theorem's is. But the program and the theorem do differ, in
# these points:
#
# | the theorem | the program |
# |---|---|
# | the maximum of the KL over the states | its mean |
# | finitely many states (notebook 03's proof) | continuous ones: sums become integrals, and the maximum a supremum, which may be infinite |
# | $\epsilon = \max \lvert A\rvert$ is known and finite | the largest estimate in a batch stands for it, in (10.8) below |
# | the advantages are exact | GAE with a fitted $V$: biased, and noisy (notebook 09) |
# | $L$ is an expectation | a mean over one batch, and that batch has also chosen the step |
# | states are weighted by ρ, later ones less | all states of the batch alike |
# | the policy changes by the step alone | the normalizer moves it a little more (section 3) |
# | the best policy within the bound | one direction from ten iterations of CG, and a line search |
# | a radius that the constant $C$ dictates | δ, far larger |
#
# Two of these can be asked in numbers. How much of the gain that the batch shows is there on fresh samples of the
# same policy? And is the direction $g$, with all states weighted alike, the gradient of anything? The first was
# measured on runs of the package, eight seeds, by `python tests/benchmarks/details.py`, which chooses a step on one
# batch and judges it on three others.

# %%
details = json.loads(Path("measurements/details.json").read_text(encoding="utf-8"))
print("gain of the surrogate:         on the batch that chose     on fresh ones     kept")
for name, pairs in details["gains"].items():
    env_id, updates = name.split()
    own, fresh = np.array(pairs).T
    error = np.std([own, fresh], axis=1, ddof=1) / np.sqrt(len(own))
    print(
        f"{env_id:12} after {updates:>2} updates {own.mean():17.4f} ± {error[0]:.4f}"
        f"{fresh.mean():12.4f} ± {error[1]:.4f}{fresh.mean() / own.mean():8.0%}"
    )

# %% [markdown]
# On CartPole fresh samples keep nearly all of the gain at first, and two thirds after ten updates; on Pendulum a
# third at first, and six tenths later. $L$ on the batch that chose the step is an optimist: a gain that is positive
# there is no proof that one was made.
#
# <details><summary>You may ask: how large is this optimism, roughly?</summary>
#
# Write $\hat g = g + n$ for the gradient of a batch, $n$ its noise with mean 0, and take the undamped step
# $d = \alpha F^{-1} \hat g$ with α held fixed. To first order the batch sees the gain $\hat g^\top d$ and fresh samples see $g^\top d$. The mean
# of the difference is
#
# $$\alpha\, \mathbb{E}[\, n^\top F^{-1} n\,] = \alpha\, \mathrm{tr}\big( F^{-1} \mathrm{Cov}(n) \big) .$$
#
# If the advantages were pure noise of variance 1, the covariance would be $F/N$, and the trace the number of
# directions that $F$ sees, over $N$. So many parameters and few samples make an optimist. With damping, $(F + \lambda I)^{-1}$
# in place of $F^{-1}$, the trace is $\frac1N \sum_i \mu_i / (\mu_i + \lambda)$ over the eigenvalues $\mu_i$ of $F$, which is
# smaller: one more thing that damping does.
#
# </details>
#
# <details><summary>You may ask: with the states weighted alike, is g the gradient of any objective?</summary>
#
# No: [Nota and Thomas (2020)](references.md#nota2020) prove that it is the gradient of no function, discounted or not.
# A gradient has a symmetric derivative, $\partial g_i / \partial \theta_j = \partial g_j / \partial \theta_i$. On a random MDP with 4
# states, 3 actions and γ = 0.9 the next cell measures how far it is from symmetric: with the states weighted by ρ to
# rounding, with the states weighted as a long run visits them by seven percent. They say it of most policy
# gradient methods; TRPO as written here is one of them.
#
# </details>
#
# <details><summary>You may ask: does the theorem say anything for Gaussian actions and unbounded ε?</summary>
#
# Its proof uses sums over actions only through expectations and total variations, which densities have as well. What
# it needs is that ε and the supremum of the KL are finite. Where rewards lie between $-R$ and 0, both $Q$ and $V$ lie
# between $-R/(1-\gamma)$ and 0, and so $\epsilon \le R/(1-\gamma)$, whatever the actions are. For Pendulum $R = \pi^2 + 0.1
# \cdot 8^2 + 0.001 \cdot 2^2 = 16.3$ and $\gamma = 0.95$: $\epsilon \le 326$. The means are a linear function of a tanh layer, and so
# bounded; with a σ that does not depend on the state the KL is bounded, too. Where rewards are unbounded it says nothing.
#
# </details>
#
# <details><summary>You may ask: how much is the KL, and how much are the normalizers?</summary>
#
# [Engstrom et al. (2020)](references.md#engstrom2020) took PPO and TRPO apart and report that such details "are responsible for most of
# PPO's gain in cumulative reward over TRPO". Here, with the same script and eight seeds: without the normalizer of the
# observations, which no theorem mentions, CartPole ends after 26,000 steps at 217 ± 8 in place of 431 ± 20, and Pendulum
# after 60,000 at −465 ± 36 in place of −437 ± 37, which is no difference that eight seeds could tell. (The
# normalizer of the advantages changes no more than their mean, notebook 09, section 9.)
#
# </details>

# %%
for weights in ("discounted", "alike"):
    print(
        f"states weighted {weights}: asymmetry of the derivative of g {nb.asymmetry(weights):.0e}"
    )

# %% [markdown]
# And the radius? The program's is far larger than the one the theorem would allow. How much?
#
# Let $\ell$ be the gain of (10.1). In the theorem's units it is $\ell / (1-\gamma)$, because the
# discounted visitation sums to $1/(1-\gamma)$. The theorem promises an improvement if
# $C \max_s \mathrm{KL} \lt \ell / (1-\gamma)$, that is, if
#
# $$\max_s \mathrm{KL} \lt \frac{(1-\gamma)\, \ell}{2 \gamma\, \epsilon} . \tag{10.8}$$


# %%
def right_hand_side(gain, largest_advantage, gamma):
    return (1 - gamma) * gain / (2 * gamma * largest_advantage)


allowed = np.array([right_hand_side(row["gain"], row["largest_advantage"], 0.99) for row in rows])
kls = np.array([row["kl"] for row in rows])
print(f"the right-hand side of (10.8), median over the run: {np.median(allowed):.1e}")
print(f"the KL of our steps is larger, by a factor of:      {np.median(kls / allowed):.0f}")
print(f"the radius at which (10.8) would hold:              {np.median(allowed**2 / kls):.0e}")

# %% [markdown]
# The last line is not the first, because a shorter step gains less. A step $t$ times as long gains
# about $t$ times as much and has $t^2$ of the KL. So (10.8) holds once $t$ is below the right-hand side
# divided by the KL, and there the KL is $t^2$ of ours: hundreds of thousands of times less than our δ.
# (The scale of the advantages drops out of (10.8), and our KL is a mean, not a maximum; read the numbers
# as orders of magnitude; it is one run.) Section 6 shows how slow training is with a tenth of δ, and this is a
# hundred-thousandth and less. TRPO keeps the form of the theorem, a larger $L$ within a small KL, and gives up its
# constant.
#
# And after TRPO? PPO ([Schulman et al. (2017)](references.md#schulman2017), section 3, eq. 7) clips the ratio in $L$ in place of the
# constraint and takes a few epochs of ordinary gradient steps, which is simpler and cheaper; the chapter says that it
# has largely replaced TRPO in practice. What it gives up is the bound on the KL, and a learning rate is back
# among the things to tune.
#
# ## 9. When it does not work
#
# | what people ask | answer | notebook |
# |---|---|---|
# | My KL is always 0 and the ratio is always 1. | Of course, at the old parameters: there the KL has value 0 and slope 0, and only its curvature $F$ counts. Evaluate it after the step. | [05](05_fisher_information.ipynb) |
# | I get NaN. | First suspects: $\sqrt{\cdot}$ of a negative $s^\top F s$, 0/0 in CG at a zero gradient, an overflowing ratio. Give each a status of its own and keep θ. | [07](07_conjugate_gradient.ipynb), [08](08_line_search.ipynb) |
# | The KL exceeds δ. | The quadratic model is no bound; the line search has to test the true KL, and return θ where all candidates fail. | [08](08_line_search.ipynb) |
# | KL(old ‖ new) or KL(new ‖ old)? | Old first. Both have the same $F$, but away from θ they differ, and with them the line search. | [05](05_fisher_information.ipynb), [08](08_line_search.ipynb) |
# | KL summed or averaged over the dimensions of an action? | Summed; averaged only over states. A mean over $d$ dimensions makes the radius $d$ times as large. | [05](05_fisher_information.ipynb) |
# | The time limit ends all my episodes. | Cutting off is not terminating: the value of the true final state stays in the target. | [09](09_advantages.ipynb) |
# | I cannot reproduce a run. | Seed the environments and one generator, use several seeds, save the settings; check that two runs of yours agree before comparing with others. | section 6 |
# | The saved agent plays badly. | Its normalizer was not saved with it. Policy, θ and normalizer are one agent. | section 3 |
# | The ratio is not 1 before the step. | The normalizer moved between acting and updating, or a stored action was clipped after its log-probability was taken. | section 3, [11](11_museum_of_bugs.ipynb) |
# | How does TRPO differ from the natural policy gradient? | The direction is the same. TRPO fixes the length by δ and tests the step with a line search. | [08](08_line_search.ipynb) |
#
# Behind most of these are bugs that real programs had. [Notebook 11](11_museum_of_bugs.ipynb) shows them.
#
# ## 10. What to take along
#
# | | |
# |---|---|
# | sample | trajectories with the old policy; advantages by GAE |
# | direction | $(F + \lambda I)\, s = g$, by ten products with $F$ |
# | length | $\sqrt{2\delta / s^\top F s}$, then halved until KL ≤ δ and $L$ grew |
# | refused | θ stays as it was, and training goes on |
# | δ | one number, in nats, the same for a cart and a pendulum |
# | guarantee | for exact advantages and a far smaller radius; what remains is its form |
#
# **Exercise 10.9** (in words). Your colleague runs the loop of section 3 and renews `theta` before
# the row of numbers is measured, so that `measured` gets `theta_new` twice. Which panels change,
# and what do they show?
#
# <details><summary>Answer</summary>
# The KL and the gain are exactly 0 in every iteration, and the table by k is empty. Return and explained
# variance stay as they were: the training itself is untouched. It is the first row of the table in
# section 9: a KL that is always 0 is often a KL of a policy with itself.
# </details>
#
# To train outside of a notebook, type `python -m trpo_np train CartPole-v1 --until-solved`; the
# code behind that command is this loop, with names for what can go wrong.
#
# ## Sources and further reading
#
# - The algorithm: [Schulman et al. (2015)](references.md#schulman2015), section 6 and appendix C, with the mean KL, CG and the line search;
#   their advantages are sampled returns, GAE came a year later
#   ([Schulman et al. (2016)](references.md#schulman2016), whose section 6 uses both).
# - (10.1) to (10.6) are proved in notebooks 02 and 05 to 09. (10.7) and (10.8) are proved here; that the program's radius
#   is far outside (10.8) is measured, one run.
# - Section 6, and the tables of section 8: measured, eight seeds each. What the theorem needs:
#   [Schulman et al. (2015)](references.md#schulman2015), section 3, theorem 1; notebook 03 proves it for finite MDPs.
# - $g$ is no gradient: quoted from [Nota and Thomas (2020)](references.md#nota2020), one example measured here.
# - Details beside the algorithm: quoted from [Engstrom et al. (2020)](references.md#engstrom2020). How far surrogate, gradients
#   and values are from what theory takes them for: [Ilyas et al. (2020)](references.md#ilyas2020).
#
# Next: [11 A museum of real bugs](11_museum_of_bugs.ipynb).
