# %% [markdown]
# # 09 Advantages
#
# The surrogate $L$ and its gradient $g$ want a number $A(s,a)$ for every state and action in the
# batch: how much better is this action than what the policy does on average? In a small world we
# computed $A$ from the transition probabilities. A real environment does not tell them. It hands
# out rewards, one a step.
#
# So here is the question of this notebook. **How do we get advantages from trajectories?**
#
# There will be two answers at first. One is right on average and very noisy, the other has little
# noise and is wrong. The third, which TRPO uses, lies between them, with a parameter λ that says
# where. At the end stands the value function, which all but the first of them need, and its own
# optimizer.
#
# You need: the value, the advantage and the policy gradient, (2.2) to (2.9) of
# [notebook 02](02_surrogate_objective.ipynb); for section 8 also products with a Jacobian from
# [notebook 06](06_fisher_vector_products.ipynb), and conjugate gradient from
# [notebook 07](07_conjugate_gradient.ipynb).
#
# **Letters.** Three letters have two meanings each, the first two in the literature as well. $\delta_t$,
# with a time step, is the
# TD error of section 3 and not the radius of the trust region. And λ is the parameter of this
# notebook's advantages (`lam` in code); it is the damping only in $F + \lambda I$. $d$ is a
# distribution over states up to section 7, and a change of parameters in section 8.
#
# **In two slots.** Sections 1 to 5 are one: from returns to GAE. Sections 6 to 9 are the other: what λ does, where
# episodes end, and the value function. The mark *Half-way* stands between them.

# %%
import gymnasium
import matplotlib.pyplot as plt
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from trpo_np import (
    MLP,
    Batch,
    Settings,
    conjugate_gradient,
    generalized_advantages,
    make_policy,
    tabular,
    trpo_step,
)
from trpo_np.classroom import notebook_09 as nb
from trpo_np.classroom.checks import yours
from trpo_np.classroom.figures import show
from trpo_np.experiments.plots import use_style
from trpo_np.line_search import backtracking_line_search
from trpo_np.training.environments import source
from trpo_np.training.estimates import make_batch
from trpo_np.training.normalizer import Normalizer
from trpo_np.training.rollout import Sampler
from trpo_np.value import ValueFunction

use_style()

# %% [markdown]
# ## Before you begin
#
# Three questions about earlier notebooks, a minute each. They are not graded; what they ask is used
# below.
#
# **Recall 9.1** (notebook 02). In one state a policy takes two actions with the probabilities 0.8
# and 0.2. The advantage of the first is 1. What is the advantage of the second?

# %%
recall = ...  # replace the dots by a number
### BEGIN SOLUTION
recall = -4
### END SOLUTION
nb.recall_mean(recall)

# %% [markdown]
# **Recall 9.2** (notebook 02). An action earns 1 and leads to a state of value 10 or to one of
# value 2, each with probability ½. The value of the state it was taken in is 5, and $\gamma = 0.9$.
# What is the action's advantage?

# %%
recall = ...  # replace the dots by a number
### BEGIN SOLUTION
recall = 1.4
### END SOLUTION
nb.recall_one_step(recall)

# %% [markdown]
# **Recall 9.3** (notebook 06). For a network with the Jacobian $J_n$ at sample $n$ of $N$, `jvp(v)`
# gives the rows $J_n v$, and `vjp(u)` collects the rows of `u` back into the parameters. What is
# `vjp(jvp(v))`?
#
# - (a) $\sum_n J_n^\top J_n\, v$
# - (b) $\frac1N \sum_n J_n^\top J_n\, v$
# - (c) $\sum_n J_n J_n^\top\, v$
# - (d) $\sum_n \|J_n v\|^2$

# %%
recall = ...  # replace the dots by a letter, "a" to "d"
### BEGIN SOLUTION
recall = "a"
### END SOLUTION
nb.recall_passes(recall)

# %% [markdown]
# ## 1. Returns in place of advantages
#
# Our world is the corridor of notebook 02: six cells, actions left and right, a step goes the wrong
# way with probability 0.1, every step taken from cell 3 earns 1, and $\gamma = 0.9$. The policy
# goes right with probability 0.4. Here we know everything exactly, and can compare.


# %%
def corridor(cells=6, treasure=3, first=2, slip=0.1, gamma=0.9):
    """The corridor as a finite MDP; action 0 is left, action 1 is right."""
    P = np.zeros((cells, 2, cells))
    for s in range(cells):
        left, right = max(s - 1, 0), min(s + 1, cells - 1)
        P[s, 0, left] += 1 - slip
        P[s, 0, right] += slip
        P[s, 1, right] += 1 - slip
        P[s, 1, left] += slip
    r = np.zeros((cells, 2))
    r[treasure] = 1.0
    return tabular.FiniteMDP(P, r, np.eye(cells)[first], gamma)


mdp, gamma = corridor(), 0.9
pi = np.tile([0.6, 0.4], (6, 1))
V = tabular.state_values(mdp, pi)
A = tabular.advantages(mdp, pi)
Q = A + V[:, None]
d = (1 - gamma) * tabular.visitation(mdp, pi)  # sums to 1
print("V:         ", np.round(V, 2))
print("A of right:", np.round(A[:, 1], 2))

# %% [markdown]
# Let $d = (1-\gamma)\, \rho$ be the discounted visitation, scaled so that it sums to 1. Up to the
# factor $1/(1-\gamma)$, which TRPO leaves out, the policy gradient (2.9) is
#
# $$g = \mathbb{E}_{s \sim d,\, a \sim \pi} \left[ \nabla_\theta \log \pi_\theta(a|s)\, A(s,a)
#   \right].$$
#
# What can be had from a trajectory $s_0, a_0, r_0, s_1, a_1, r_1, \dots$ is the **return**, the
# discounted sum of the rewards from time $t$ on. By definition its mean is $Q$:
#
# $$G_t = \sum_{k=0}^{\infty} \gamma^k r_{t+k}, \qquad
#   \mathbb{E}[\, G_t \mid s_t = s, a_t = a \,] = Q(s,a). \tag{9.1}$$
#
# That is $Q = A + V$, and not $A$. Does it matter for the gradient? Take any function $b(s)$ of the
# state alone. For one state, use $\pi\, \nabla \log \pi = \nabla \pi$, and that probabilities sum
# to 1:
#
# $$\sum_a \pi_\theta(a|s)\, \nabla_\theta \log \pi_\theta(a|s)\, b(s)
#   = b(s)\, \nabla_\theta \sum_a \pi_\theta(a|s) = b(s)\, \nabla_\theta 1 = 0. \tag{9.2}$$
#
# So the $V(s)$ in $Q = A + V$ adds nothing to $g$ on average. Put $Q$ in place of $A$, then the
# return in place of $Q$:
#
# $$g = \mathbb{E}\left[ \nabla_\theta \log \pi_\theta(a_t|s_t)\, G_t \right].$$
#
# The second replacement needs one line. Given $s_t$ and $a_t$ the score is fixed, so the mean over
# what comes later touches $G_t$ alone, and (9.1) holds. No model of the world, no value function,
# and no bias.
#
# Let us try. We draw 40,000 starts from $d$ (section 6 of notebook 02 shows how a run that is
# stopped at random does that) and follow each for 100 steps. What comes later is multiplied by
# $0.9^{100} \approx 3 \cdot 10^{-5}$ or less, and we drop it.


# %%
def draw(rng, probabilities):
    """One index for each row of probabilities."""
    return (rng.random((len(probabilities), 1)) > probabilities.cumsum(axis=1)).sum(axis=1)


def trajectories(mdp, pi, s, steps, rng):
    """States (T + 1, E), actions (T, E) and rewards (T, E), from the states s (E,) on."""
    states, actions = [s], []
    for _ in range(steps):
        actions.append(draw(rng, pi[states[-1]]))
        states.append(draw(rng, mdp.transitions[states[-1], actions[-1]]))
    states, actions = np.array(states), np.array(actions)
    return states, actions, mdp.rewards[states[:-1], actions]


T, E = 100, 40_000
rng = np.random.default_rng(1)
s, a, r = trajectories(mdp, pi, draw(rng, np.tile(d, (E, 1))), T, rng)
s0, a0 = s[0], a[0]
G = gamma ** np.arange(T) @ r
after = G[(s0 == 2) & (a0 == 1)]
print(
    f"mean return after cell 2, right: {after.mean():.3f} ± {after.std() / len(after) ** 0.5:.3f}"
)
print(f"Q(2, right):                     {Q[2, 1]:.3f}")

# %% [markdown]
# The policy is a table of logits, so its score has a simple form: in the row of the state it is
# $\partial \log \pi(a|s) / \partial \theta_{s,c} = \mathbb{1}[a = c] - \pi(c|s)$, and 0 in all
# other rows. Each trajectory gives one estimate $\nabla \log \pi\, (G_0 - b)$ of $g$, a table of
# $6 \times 2$ numbers. The exact one is $d(s)\, \pi(a|s)\, A(s,a)$, as at the end of section 5 of
# notebook 02.

# %%
score = np.zeros((E, 6, 2))
score[np.arange(E), s0] = np.eye(2)[a0] - pi[s0]
g_exact = d[:, None] * pi * A
estimates = score * G[:, None, None]
variance = estimates.var(axis=0).sum()
entry = estimates[:, 2, 1]
print(f"cell 2, right: {entry.mean():.4f} ± {entry.std() / np.sqrt(E):.4f}")
print(f"exact:         {g_exact[2, 1]:.4f}")
print(f"variance of one estimate, all entries together: {variance:.4f}")
print(f"length² of g itself:                            {np.sum(g_exact**2):.4f}")

# %% [markdown]
# Right on average. But the variance of one estimate is more than a hundred times the squared length
# of $g$, so it takes more than a hundred samples until the noise is as small as the signal.
#
# ## 2. A baseline costs nothing
#
# (9.2) can be turned round. A function of the state adds nothing on average, so we may *subtract*
# any such function from the return. It is called a **baseline**. The mean of the estimate stays as
# it is; what about its variance?
#
# The variance of an estimate, all entries together, is $\mathbb{E}\|\nabla \log \pi\, (G - b)\|^2 -
# \|g\|^2$. The second term does not depend on $b$. In the first, split $G - b$ into what the future
# brings, $G - Q$, which has mean 0 given $s$ and $a$, and $Q - b$:
#
# $$\mathbb{E}\left\| \nabla \log \pi\, (G - b) \right\|^2 = \sum_s d(s) \sum_a \pi(a|s)\,
#   \|\nabla \log \pi(a|s)\|^2 \Big[ \mathrm{Var}(G \mid s,a) + \big( Q(s,a) - b(s) \big)^2 \Big].
#   \tag{9.3}$$
#
# The mixed term has dropped out, because $\mathbb{E}[G - Q \mid s,a] = 0$. The baseline has power
# over the last term in the bracket only: it should be near $Q(s,a)$ for all actions at once. Without a baseline
# $Q^2$ stands there.
#
# **Exercise 9.1.** Which $b(s)$ makes (9.3) smallest? Set the derivative with respect to $b(s)$ to
# zero in each state. Arguments, all of shape `(S, A)`: `pi`, `Q`, and `score2`, the squared lengths
# $\|\nabla \log \pi(a|s)\|^2$. The result has shape `(S,)`.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (9.3). Which part of it depends on b?
# <details><summary>Hint 2: the idea</summary>
# In one state, only Σ π score2 (Q - b)². Its derivative is a sum over actions too. b does not
# depend on the action, so it can be taken out of its sum: you get a weighted mean of Q.
# <details><summary>Hint 3: a sketch</summary>
# weights = ..., then np.sum(weights * ..., axis=1) / np.sum(...).
# </details></details></details>


# %%
def best_baseline(pi, Q, score2):
    ### BEGIN SOLUTION
    weights = pi * score2
    return np.sum(weights * Q, axis=1) / np.sum(weights, axis=1)
    ### END SOLUTION


nb.check_best_baseline(best_baseline)

# %%
best_baseline = yours(best_baseline, nb.check_best_baseline)

# %% [markdown]
# $V(s) = \sum_a \pi(a|s)\, Q(s,a)$ is also a mean of $Q$ over the actions, with other weights. It is
# not the best baseline, but it has a meaning, and it needs no score. Four baselines side
# by side, with what they save: measured, and exactly from (9.3).

# %%
score2 = np.sum((np.eye(2) - pi[:, None, :]) ** 2, axis=-1)  # ‖∇ log π(a|s)‖², (S, A)
baselines = {
    "none": np.zeros(6),
    "constant": np.full(6, d @ V),
    "V(s)": V,
    "best": best_baseline(pi, Q, score2),
}
print("baseline    variance   saved: measured   from (9.3)   error of the mean")
for name, b in baselines.items():
    estimates = score * (G - b[s0])[:, None, None]
    v = estimates.var(axis=0).sum()
    saved = np.sum(d[:, None] * pi * score2 * (Q**2 - (Q - b[:, None]) ** 2))
    error = np.linalg.norm(estimates.mean(axis=0) - g_exact)
    print(f"{name:10}{v:10.3f}{variance - v:18.3f}{saved:13.3f}{error:20.4f}")

# %% tags=["hide-input"]
direction = g_exact / np.linalg.norm(g_exact)
score_along_g = np.sum(score * direction, axis=(1, 2))  # (E,)
figure, axes = plt.subplots(3, 1, figsize=(10, 7), sharex=True, sharey=True)
for ax, name in zip(axes, ("none", "constant", "V(s)"), strict=True):
    along_g = (score_along_g * (G - baselines[name][s0])).reshape(-1, 50).mean(axis=1)
    ax.hist(along_g, np.linspace(-0.2, 0.4, 61), color="0.75")
    ax.axvline(np.linalg.norm(g_exact), color="black", label="exact")
    ax.axvline(0, color="black", linestyle=":", label="zero")
    ax.set_title(f"baseline: {name} (standard deviation {along_g.std():.3f})", loc="left")
axes[1].set_ylabel("number of batches")
axes[0].legend()
axes[2].set_xlabel("component of the estimate along the exact g, batches of 50 trajectories")
show(
    figure,
    "Three histograms of 800 estimates of the gradient, measured along the exact gradient, around "
    "the same exact value. Without a baseline they are widely spread and many are negative. With a "
    "constant baseline the spread is about half as large, with the value function a little smaller "
    "still, and few estimates are negative.",
    "The same mean, three spreads. Left of the dotted line the estimate points downhill.",
)

# %% [markdown]
# Here a constant already takes away most of what a baseline can take away, $V$ takes more, and the best baseline
# saves hardly more than $V$ (third column). That is one reason for subtracting $V$, and the reason why
# advantages, which average to zero in every state, are the natural thing to multiply scores with.
# (The last column is chance, of the size of $\sqrt{\text{variance}/40\,000}$. And how good $V$ is depends
# on the policy. With two actions and a softmax the best baseline has the weights $1 - \pi$ where $V$
# has $\pi$. With 0.6 and 0.4 that makes little difference; with 0.95 and 0.05 it makes much.)
#
# But look at what stays. With $b = V$ the second term in the bracket of (9.3) is $A^2$, and of the
# whole it is this much:

# %%
left_over = np.sum(d[:, None] * pi * score2 * A**2)
second_moment = np.mean(np.sum((score * (G - V[s0])[:, None, None]) ** 2, axis=(1, 2)))
print(f"share of the term with A² in (9.3): {left_over / second_moment:.0%}")

# %% [markdown]
# The rest is $\mathrm{Var}(G \mid s,a)$, the noise of everything that happens *after* the action,
# over the next ten or twenty steps. No baseline can touch it. We must look less far into the future.
#
# ## 3. One step: the TD error
#
# The shortest look is one step. Suppose that we know $V$. Before step $t$ we expected $V(s_t)$.
# After it we have $r_t$, stand in $s_{t+1}$, and expect $V(s_{t+1})$, one step later. The
# difference is the **TD error** (temporal difference):
#
# $$\delta_t = r_t + \gamma V(s_{t+1}) - V(s_t). \tag{9.4}$$
#
# Its mean, given the state and the action, is the advantage. With $s'$ for the next state:
#
# $$\mathbb{E}[\,\delta_t \mid s, a\,] = r(s,a) + \gamma \sum_{s'} P(s'|s,a)\, V(s') - V(s)
#   = Q(s,a) - V(s) = A(s,a).$$
#
# One random step in place of a hundred. For the true $V$ this is unbiased, and it has far less
# noise than $G_t - V(s_t)$.
#
# If the episode **terminates** at step $t$, because the pole fell or the goal was reached, then no
# reward follows, and the value of what comes after is 0. An estimate of $V$ does not know that: it
# gives some number for the last observation too. So the 0 must be put in by hand.
#
# **Exercise 9.2.** Write (9.4) for a whole rollout. `rewards`, `values` ($V(s_t)$), `next_values`
# ($V(s_{t+1})$) and the booleans `terminated` have the shape `(T, E)`: time by environment. So has
# the result.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (9.4), and the paragraph on termination below it in section 3.
# <details><summary>Hint 2: the idea</summary>
# No loop is needed: each entry depends on entries at the same place only. Where the episode
# terminated, the next value counts as 0.
# <details><summary>Hint 3: a sketch</summary>
# Three terms, as in (9.4), the middle one times ~terminated, which is True, and counts as 1, where
# the episode goes on.
# </details></details></details>


# %%
def td_errors(rewards, values, next_values, terminated, gamma):
    ### BEGIN SOLUTION
    return rewards + gamma * next_values * ~terminated - values
    ### END SOLUTION


nb.check_td_errors(td_errors)

# %%
td_errors = yours(td_errors, nb.check_td_errors)
never = np.zeros((T, E), dtype=bool)  # nothing terminates in the corridor
deltas = td_errors(r, V[s[:-1]], V[s[1:]], never, gamma)
print("cell  action   mean of δ₀        A     std of δ₀   std of G - V")
for cell, action in ((1, 0), (1, 1), (2, 0), (2, 1), (4, 1)):
    here = (s0 == cell) & (a0 == action)
    x, y = deltas[0, here], G[here] - V[cell]
    print(
        f"{cell:4}  {('left', 'right')[action]:6}{x.mean():12.3f}{A[cell, action]:9.3f}"
        f"{x.std():14.2f}{y.std():15.2f}"
    )

# %% [markdown]
# The catch is the word *true*. We do not know $V$; we have an estimate of it, a network $V_w$ with
# errors. Write $\hat V(s) = V(s) + e(s)$. The TD errors made with $\hat V$ are
#
# $$\hat\delta_t = \delta_t + \gamma\, e(s_{t+1}) - e(s_t), \qquad
#   \mathbb{E}[\,\hat\delta_t \mid s, a\,] = A(s,a) + \gamma \sum_{s'} P(s'|s,a)\, e(s') - e(s).$$
#
# The term $-e(s)$ is harmless. It depends on the state alone, and is a baseline by (9.2). The term
# with $e(s')$ is not: which state comes next depends on the action. If $\hat V$ overrates a state,
# the actions that lead there are overrated too. That is a **bias**, and no number of samples
# removes it.
#
# ## 4. k steps
#
# Between one step and all steps lie $k$ steps. Take $k$ rewards as they happened, and then the
# value:
#
# $$A^{(k)}_t = \sum_{j=0}^{k-1} \gamma^j r_{t+j} + \gamma^k V(s_{t+k}) - V(s_t)
#   = \sum_{j=0}^{k-1} \gamma^j \delta_{t+j}. \tag{9.5}$$
#
# The second equality is a telescope. Write the TD errors out:
#
# $$\sum_{j=0}^{k-1} \gamma^j \delta_{t+j} = \sum_{j=0}^{k-1} \gamma^j r_{t+j}
#   + \sum_{j=0}^{k-1} \left( \gamma^{j+1} V(s_{t+j+1}) - \gamma^j V(s_{t+j}) \right).$$
#
# In the last sum each value occurs twice with opposite signs, except the last one,
# $\gamma^k V(s_{t+k})$, and the first, $-V(s_t)$. That is (9.5).
#
# $A^{(1)}$ is the TD error. $A^{(\infty)}$ is $G_t - V(s_t)$, the return with a baseline, because
# $\gamma^k V(s_{t+k}) \to 0$. The larger $k$ is, the less the error of $\hat V$ matters, since
# $e(s_{t+k})$ is discounted by $\gamma^k$ (the other term, $-e(s_t)$, is a baseline); and the more
# random rewards are in the sum.
#
# **Exercise 9.3.** Write the first form in (9.5). `rewards` has shape `(T,)`, `values` has shape
# `(T + 1,)`, and $t + k \le T$. The result is one number.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (9.5), its first form.
# <details><summary>Hint 2: the idea</summary>
# k rewards, each with its discount; the value k steps on, discounted k times; less the value at t.
# The k rewards are rewards[t : t + k].
# <details><summary>Hint 3: a sketch</summary>
# discounts = gamma ** ..., with np.arange for the exponents; then discounts @ ... + ... - ....
# </details></details></details>


# %%
def k_step_advantage(rewards, values, t, k, gamma):
    ### BEGIN SOLUTION
    discounts = gamma ** np.arange(k)
    return discounts @ rewards[t : t + k] + gamma**k * values[t + k] - values[t]
    ### END SOLUTION


nb.check_k_step(k_step_advantage)

# %%
k_step_advantage = yours(k_step_advantage, nb.check_k_step)
path, k = 0, 8
rewards, values, errors = r[:, path], V[s[:, path]], deltas[:, path]
print("A^(8) from rewards:  ", k_step_advantage(rewards, values, 0, k, gamma))
print("A^(8) from TD errors:", gamma ** np.arange(k) @ errors[:k])

# %% [markdown]
# ## 5. All k at once
#
# Which $k$? Generalized advantage estimation, **GAE**
# ([Schulman et al. (2016)](references.md#schulman2016), section 3), takes all of them,
# with weights that fall by a factor $\lambda$ from each to the next, $0 \le \lambda \lt 1$. The
# weights $\lambda^{k-1}$ sum to $1/(1-\lambda)$, so multiply by $1-\lambda$:
#
# $$A_t = (1-\lambda) \sum_{k=1}^{\infty} \lambda^{k-1} A^{(k)}_t
#   = \sum_{j=0}^{\infty} (\gamma\lambda)^j\, \delta_{t+j}. \tag{9.6}$$
#
# For the second equality put in (9.5), then change the order of the two sums. The error
# $\delta_{t+j}$ occurs in $A^{(k)}$ for all $k \gt j$, that is from $k = j+1$ on:
#
# $$(1-\lambda) \sum_{k=1}^{\infty} \lambda^{k-1} \sum_{j=0}^{k-1} \gamma^j \delta_{t+j}
#   = (1-\lambda) \sum_{j=0}^{\infty} \gamma^j \delta_{t+j} \sum_{k=j+1}^{\infty} \lambda^{k-1}.$$
#
# The inner sum is geometric. Take out its first term and count from 0, with $i = k - 1 - j$:
#
# $$\sum_{k=j+1}^{\infty} \lambda^{k-1} = \lambda^j + \lambda^{j+1} + \dots
#   = \lambda^j \sum_{i=0}^{\infty} \lambda^i = \frac{\lambda^j}{1-\lambda}.$$
#
# The factor $1-\lambda$ cancels, and $\gamma^j \lambda^j$ remains.
#
# The ends are what we had: $\lambda = 0$ leaves the TD error $\delta_t$ alone, and for
# $\lambda = 1$ the right-hand side is $A^{(\infty)}_t = G_t - V(s_t)$.

# %% tags=["hide-input"]
figure, (left, right) = plt.subplots(1, 2, figsize=(12, 5.5))
k, j = np.arange(1, 31), np.arange(30)
for lam, marker in ((0.0, "o"), (0.5, "s"), (0.9, "D"), (0.95, "^")):
    left.plot(k, (1 - lam) * lam ** (k - 1), marker, linestyle="-", markersize=5, label=f"{lam:g}")
    right.plot(j, (gamma * lam) ** j, marker, linestyle="-", markersize=5, label=f"{lam:g}")
left.set_xlabel("k")
left.set_ylabel(r"weight of $A^{(k)}$")
left.legend(title="λ")
right.set_xlabel("j, steps ahead")
right.set_ylabel(r"weight of $\delta_{t+j}$")
show(
    figure,
    "Two panels of weights that fall geometrically, for four values of lambda. On the left the "
    "weights of the k-step estimators: for lambda 0 all weight is at k = 1, for lambda 0.95 it is "
    "spread thinly over dozens of k. On the right the weights of the TD errors, which start at 1 "
    "for every lambda and fall the slower the larger lambda is.",
    "The same mixture, seen as weights of k-step estimators and as weights of TD errors.",
)

# %% [markdown]
# A sum over all later steps for every step looks like much work. It is not. Take the first term out
# of (9.6): what remains is $\gamma\lambda$ times the same sum, one step later.
#
# $$A_t = \delta_t + \gamma\lambda \sum_{j=0}^{\infty} (\gamma\lambda)^{j} \delta_{t+1+j}
#   = \delta_t + \gamma\lambda\, A_{t+1}. \tag{9.7}$$
#
# Go through the trajectory backwards, and each step costs one multiplication.
#
# A trajectory that we have recorded is finite. After its last step, the $n$-th from $t$ on, there are no
# more TD errors, and the sum just stops. In terms of the $A^{(k)}$ this is still a mixture with weights
# that sum to 1. With all later errors 0, (9.5) gives $A^{(k)} = A^{(n)}$ for every $k \ge n$, and
# together these have the weight $(1-\lambda) \sum_{k \ge n} \lambda^{k-1} = \lambda^{n-1}$. So the
# longest estimator that can be had takes the weight of all longer ones.

# %%
lam, n = 0.8, T
by_recursion = 0.0
for error in errors[::-1]:
    by_recursion = error + gamma * lam * by_recursion
A_k = np.cumsum(gamma ** np.arange(n) * errors)  # A^(1), ..., A^(n)
weights = (1 - lam) * lam ** np.arange(n)
weights[-1] = lam ** (n - 1)
print("recursion (9.7):      ", by_recursion)
print("sum over TD errors:   ", (gamma * lam) ** np.arange(n) @ errors)
print("mixture of the A^(k): ", weights @ A_k, "  weights sum to", weights.sum())

# %% [markdown]
# **Half-way.** We have the estimator, and its program is three lines. What is left: which λ, what happens where an
# episode ends, and where $V$ comes from. In a second slot start here, with *Run → Run All Above Selected Cell*.
#
# ## 6. Bias against variance
#
# Now make $\hat V$ wrong, and see what λ does. Suppose the value function has just begun to learn,
# and has found the mean of $V$ and nothing else: $\hat V(s) = \bar V$ in every state, so
# $e(s) = \bar V - V(s)$.

# %%
V_hat = np.full(6, d @ V)
e = V_hat - V
print("V:", np.round(V, 2), "  its estimate:", round(V_hat[0], 2), "in every state")
print(f"root mean square of the error e: {np.sqrt(d @ e**2):.2f}")

# %% [markdown]
# How wrong are the advantages then? In a finite world this has an exact answer, for every λ. By
# section 3 the estimate consists of two sums,
#
# $$\hat A_t = \sum_{k=0}^\infty (\gamma\lambda)^k \hat\delta_{t+k}
#   = \sum_{k=0}^\infty (\gamma\lambda)^k \delta_{t+k}
#   + \sum_{k=0}^\infty (\gamma\lambda)^k \big[ \gamma\, e(s_{t+k+1}) - e(s_{t+k}) \big].$$
#
# **The first sum has the mean $A(s,a)$, whatever λ is.** The term $k = 0$ has it by section 3. For
# $k \ge 1$ the action $a_{t+k}$ is drawn from the policy, so given $s_{t+k}$ the mean of
# $\delta_{t+k}$ is $\sum_a \pi(a|s)\, A(s,a) = 0$, equation (2.4).
#
# **The second sum.** Let $P_{sa}$ be the row of probabilities $P(\cdot|s,a)$, and $P_\pi$ the matrix of
# transitions under $\pi$. After the first step the policy decides, so $s_{t+1}$ has the distribution $P_{sa}$,
# $s_{t+2}$ has $P_{sa} P_\pi$, and so on:
#
# $$\mathbb{E}\, e(s_{t+1+k}) = P_{sa} P_\pi^k\, e \qquad \text{for } k = 0, 1, 2, \dots$$
#
# For the terms with the plus sign this is all that is needed:
#
# $$\sum_{k=0}^\infty (\gamma\lambda)^k\, \gamma\, \mathbb{E}\, e(s_{t+k+1})
#   = \sum_{k=0}^\infty (\gamma\lambda)^k\, \gamma\, P_{sa} P_\pi^k\, e .$$
#
# In the terms with the minus sign the state is $s_{t+k}$, one step earlier. Its term $k = 0$ is $e(s)$, which we
# know. For the others write $k = i + 1$, so that $s_{t+k} = s_{t+1+i}$, and count $i$ from 0:
#
# $$\sum_{k=0}^\infty (\gamma\lambda)^k\, \mathbb{E}\, e(s_{t+k})
#   = e(s) + \sum_{i=0}^\infty (\gamma\lambda)^{i+1}\, \mathbb{E}\, e(s_{t+1+i})
#   = e(s) + \sum_{i=0}^\infty (\gamma\lambda)\, (\gamma\lambda)^i\, P_{sa} P_\pi^i\, e .$$
#
# Now both sums run over the same powers, and it does not matter that one counts with $k$ and the other with $i$.
# They differ by their factors $\gamma$ and $\gamma\lambda$ only, and
# $\sum_k (\gamma\lambda P_\pi)^k = (I - \gamma\lambda P_\pi)^{-1}$. First sum minus second, with the factor
# $\gamma - \gamma\lambda = \gamma(1-\lambda)$:
#
# $$\mathbb{E}[\hat A \mid s,a] - A(s,a)
#   = -e(s) + \gamma (1-\lambda)\, P_{sa}\, (I - \gamma\lambda P_\pi)^{-1} e . \tag{9.8}$$
#
# For $\lambda = 0$ this is $\gamma P_{sa} e - e(s)$, as in section 3. For $\lambda = 1$ it is
# $-e(s)$: the value function is a mere baseline then.


# %%
def bias(lam, e):
    """Equation (9.8), (S, A)."""
    P_pi = np.einsum("sa,sat->st", pi, mdp.transitions)
    future = np.linalg.solve(np.eye(6) - gamma * lam * P_pi, e)
    return -e[:, None] + gamma * (1 - lam) * mdp.transitions @ future


wrong_deltas = td_errors(r, V_hat[s[:-1]], V_hat[s[1:]], never, gamma)
lams = np.array([0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1])
A_hat = np.array([(gamma * lam) ** np.arange(T) @ wrong_deltas for lam in lams])  # at t = 0
fine = np.linspace(0, 1, 101)
exact_bias = np.array([bias(lam, e) for lam in fine])

# %% tags=["hide-input"]
figure, ax = plt.subplots(figsize=(10, 5.5))
cases = {(1, 1): "o", (2, 0): "s", (2, 1): "D", (3, 1): "^"}
for number, ((cell, action), marker) in enumerate(cases.items()):
    here = A_hat[:, (s0 == cell) & (a0 == action)] - A[cell, action]
    margin = 2 * here.std(axis=1) / np.sqrt(here.shape[1])
    label = f"cell {cell}, {('left', 'right')[action]}"
    ax.plot(fine, exact_bias[:, cell, action], color=f"C{number}", label=label)
    points = (lams, here.mean(axis=1), margin)
    ax.errorbar(*points, fmt=marker, color=f"C{number}", capsize=4, linestyle="none")
ax.set_xlabel("λ")
ax.set_ylabel("bias of the advantage")
ax.legend(ncol=2)
show(
    figure,
    "The bias of the advantage of four pairs of cell and action against lambda, as lines from the "
    "formula and as points with error bars from simulation; they agree. The lines of the two "
    "actions in cell 2 differ for small lambda and meet at lambda 1.",
    "Lines: equation (9.8). Points: 40,000 trajectories, with two standard errors.",
)

# %% [markdown]
# The bias does not go to zero. In cell 3 it even grows. But what is left at $\lambda = 1$ is
# $-e(s)$, the same for both actions of a cell, and by (9.2) such a bias does not reach the
# gradient. What does is the *difference* between the actions, and it shrinks.
#
# So judge the advantages by what they are for, the estimate of $g$. Its bias is exact, from (9.8);
# its standard deviation falls like $1/\sqrt N$ with the number $N$ of samples. Together they make
# the root mean square error, $\text{RMS}^2 = \text{bias}^2 + \text{std}^2$. The points in the
# picture are measured with no formula: the trajectories are cut into batches of $N$, and the
# distance of each batch's estimate from the exact $g$ is squared and averaged. Everything is in
# units of the length of $g$.

# %%
size = np.linalg.norm(g_exact)
centred = exact_bias - np.sum(pi * exact_bias, axis=2, keepdims=True)  # less the baseline part
g_bias = np.linalg.norm(d[:, None] * pi * centred, axis=(1, 2)) / size
estimates = [score.reshape(E, 12) * x[:, None] for x in A_hat]
one_std = np.array([np.sqrt(x.var(axis=0).sum()) for x in estimates]) / size
rms = {}
for N in (50, 1000):
    means = [x.reshape(-1, N, 12).mean(axis=1) for x in estimates]
    squares = [np.mean(np.sum((x - g_exact.ravel()) ** 2, axis=1)) for x in means]
    rms[N] = np.sqrt(squares) / size
print("best of the λ that were tried:", {N: float(lams[x.argmin()]) for N, x in rms.items()})

# %% tags=["hide-input"]
figure, axes = plt.subplots(1, 2, figsize=(13, 5.5), sharey=True)
for ax, (N, measured) in zip(axes, rms.items(), strict=True):
    std = np.interp(fine, lams, one_std / np.sqrt(N))
    ax.plot(fine, g_bias, label="bias, exact")
    ax.plot(fine, std, label="standard deviation, measured")
    ax.plot(fine, np.hypot(g_bias, std), label="both")
    ax.plot(lams, measured, "ko", label="RMS error, measured")
    ax.set_title(f"batches of N = {N}")
    ax.set_xlabel("λ")
axes[0].set_ylabel("relative to the length of g")
axes[1].legend()
show(
    figure,
    "Two panels with the error of the gradient estimate against lambda, for batches of 50 and of "
    "1000. The bias falls from 1 to 0 as lambda grows, the standard deviation rises. Their sum in "
    "squares has a minimum near lambda 0.8 for the small batches, and nearer to 1 for the large "
    "ones. Measured points lie on it.",
    "Bias falls, noise rises, and the best λ lies between. More data move it towards 1.",
)

# %% [markdown]
# At $\lambda = 0$ the bias is as large as $g$ itself. No wonder: with a constant $\hat V$ the TD
# error is the reward of the step plus a constant, and in the corridor that reward does not depend
# on the action. Nothing is learned about what an action leads to.
#
# Larger batches have less noise, so they can afford a larger λ. And the better the value function
# is, the smaller λ may be. That is one world and one wrong $\hat V$; on cart-pole, with a learned one and
# $\gamma = 0.99$, [Schulman et al. (2016)](references.md#schulman2016) find the fastest improvement for λ from 0.92 to
# 0.98 (their figure 2), and $\lambda = 0.95$ is a usual choice.
#
# ## 7. Where episodes end
#
# A recorded trajectory stops for one of three reasons, and they are not alike.
#
# | | the world goes on? | $V(s_{t+1})$ in $\delta_t$ | carry $A_{t+1}$ into $A_t$ |
# |---|---|---|---|
# | the episode **terminated** at $t$ | no | counts as 0 | no |
# | the episode was **truncated** at $t$, by a time limit | yes, we stopped looking | counts | no |
# | the **batch** ends at $t$ | yes, we stop recording | counts | counts as 0 |
#
# In the second row, step $t+1$ of the record belongs to a new episode, and so its advantage has
# nothing to do with this one. But $s_{t+1}$, the state in which the old episode was cut off, has a
# value like any other. With `ended` for "terminated or truncated", (9.4) and (9.7) become
#
# $$\delta_t = r_t + \gamma V(s_{t+1})\, [\text{not terminated}_t] - V(s_t), \qquad
#   A_t = \delta_t + \gamma\lambda\, [\text{not ended}_t]\, A_{t+1}, \tag{9.9}$$
#
# where a bracket is 1 if what it says is true, and 0 otherwise. After the last step of the batch
# $A$ counts as 0.
#
# **Exercise 9.7** (a derivation). Unroll the recursion for $A_t$ in (9.9): put in $A_{t+1}$, then $A_{t+2}$, and so on.
# What comes out is $A_t = \sum_i W_{ti}\, \delta_i$. Find the weights $W_{ti}$ on paper, and write the matrix for
# one environment. Arguments: the booleans `ended`, shape `(T,)`, and `gamma`, `lam`. The result has the shape
# `(T, T)`.
#
# <details><summary>Hint 1: where to look</summary>
# (9.6) has the weights for an episode that never ends. Which of them does an end at step t + 2 leave, by (9.9)?
# <details><summary>Hint 2: the idea</summary>
# Each step from t to i brings a factor γλ and a bracket, of the step that is left. Before t there is nothing.
# <details><summary>Hint 3: a sketch</summary>
# Two loops, t and i from t on, and a number that starts at 1: store it, then multiply it by γλ and by the
# bracket of step i.
# </details></details></details>


# %%
def my_weights(ended, gamma, lam):
    ### BEGIN SOLUTION
    T = len(ended)
    W = np.zeros((T, T))
    for t in range(T):
        weight = 1.0
        for i in range(t, T):
            W[t, i] = weight
            weight = weight * gamma * lam * (not ended[i])
    return W
    ### END SOLUTION


nb.check_weights_of_errors(my_weights)

# %% [markdown]
# **What if truncation is taken for termination?** Well-known programs did it
# ([exhibit 16](11_museum_of_bugs.ipynb) names three), and
# [Pardo et al. (2018)](references.md#pardo2018) show what it costs.
# At the truncated step $t$ the term $\gamma V(s_{t+1})$ is missing from $\delta_t$, and the
# recursion carries that error back, shrinking by $\gamma\lambda$ a step. $k$ steps before the
# truncated one the error is
#
# $$A^\text{wrong}_{t-k} - A_{t-k} = -(\gamma\lambda)^k\, \gamma V(s_{t+1}). \tag{9.10}$$
#
# **Exercise 9.4.** Predict before you run: an environment pays 1 each step, for ever, and a time
# limit cuts its episodes off. $\gamma = 0.99$, $\lambda = 0.95$. The value function is exactly
# right. A program takes the truncation for termination. Which advantage does it compute for the
# step ten steps before the truncated one? (An expression is welcome; three digits are enough.)
#
# <details><summary>Hint 1: where to look</summary>
# Equation (9.10).
# <details><summary>Hint 2: the idea</summary>
# First: what is the right V in this world, from V = 1 + γ V? Then what are the right TD errors, and
# the right advantages? The program's is the right one plus the error (9.10).
# <details><summary>Hint 3: a sketch</summary>
# -(γλ)ᵏ γ V with k = 10 and γλ = 0.99 · 0.95.
# </details></details></details>

# %%
prediction = ...  # replace the dots by a number or an expression
### BEGIN SOLUTION
prediction = -0.99 * 100 * (0.99 * 0.95) ** 10
### END SOLUTION
nb.check_truncation_error(prediction)

# %% [markdown]
# The same world in a picture, with $\gamma = 0.9$: 60 steps, a truncation at step 29, and the end
# of the batch at step 59. $V = 1/(1-\gamma) = 10$ everywhere, so all TD errors are
# $1 + 0.9 \cdot 10 - 10 = 0$, and the right advantages are 0: whatever the agent does, it is paid
# the same.

# %%
steps = np.arange(60)
ones, tens = np.ones((60, 1)), np.full((60, 1), 10.0)
no_end, ended = np.zeros((60, 1), dtype=bool), (steps == 29)[:, None]
true_advantages = generalized_advantages(ones, tens, tens, no_end, ended, 0.9, 0.95)
confused = {
    lam: generalized_advantages(ones, tens, tens, ended, ended, 0.9, lam) for lam in (0.95, 0.5)
}
print("largest right advantage:", np.abs(true_advantages).max())

# %% tags=["hide-input"]
figure, ax = plt.subplots(figsize=(10, 5.5))
ax.plot(steps, true_advantages, label="right, any λ")
for (lam, wrong), marker in zip(confused.items(), "os", strict=True):
    ax.plot(steps, wrong, label=f"taken for termination, λ = {lam:g}")
    k = np.arange(0, 30, 3)
    formula = -((0.9 * lam) ** k) * 0.9 * 10
    ax.plot(29 - k, formula, marker, color="black", label=f"(9.10), λ = {lam:g}", linestyle="none")
ax.axvline(29, color="0.5", linestyle=":")
ax.annotate("truncated at step 29", (30.5, -4))
ax.set_xlabel("environment steps")
ax.set_ylabel("advantage")
ax.legend(loc="lower right")
show(
    figure,
    "Advantages over 60 steps of a world that pays 1 each step, truncated at step 29. Done right "
    "they are 0 throughout. With truncation taken for termination they fall to -9 at step 29, and "
    "the error decays backwards, slowly for lambda 0.95 and fast for 0.5; points from the formula "
    "lie on these curves. Steps after the truncation are not touched.",
    "One confused bit spoils many advantages before it.",
)

# %% [markdown]
# What does an agent learn from such advantages? That everything it did before the time limit was
# bad, although it did nothing wrong. Since the limit is not visible in the observation, the value
# function learns an average over near and far ends, and the whole estimate becomes noisy. An agent may
# learn all the same, and so the bug can live long.
#
# ### The true final observation
#
# There is a trap in front of (9.9). $V(s_{t+1})$ must be the value of the state in which the
# episode was cut off. Many environments at once are stepped together, and one whose episode ended
# is reset automatically. Which observation do we then get to see? Here is an environment that shows
# nothing but a clock, and is truncated when the clock says 3.


# %%
class Clock(gymnasium.Env):
    """The observation is the number of steps since the reset; truncated at 3."""

    observation_space, action_space = spaces.Box(0, 3, (1,)), spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        self.time = 0
        return np.zeros(1, np.float32), {}

    def step(self, action):
        self.time += 1
        return np.full(1, self.time, np.float32), 1.0, False, self.time == 3, {}


for mode in (AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP):
    envs = SyncVectorEnv([Clock], autoreset_mode=mode)
    observation, _ = envs.reset()
    record = [f"{observation[0, 0]:.0f}"]
    for _ in range(8):
        observation, reward, terminated, truncated, info = envs.step(np.zeros(1, dtype=int))
        record.append(f"{observation[0, 0]:.0f}" + (" (truncated)" if truncated[0] else ""))
    print(f"{mode.name}:  ", ", ".join(record))

# %% [markdown]
# In the first mode the 3 never appears: the step that ends the episode already returns the first
# observation of the next one (the true one is hidden in `info`). Bootstrapping with that is wrong
# by $\gamma\, (V(s_\text{first}) - V(s_\text{final}))$, carried backwards like (9.10). In the
# second mode the true final observation is there, at the price of one step that does nothing but
# reset: its action is ignored, its reward is 0, and it must not enter the batch.
#
# `trpo_np.training.rollout` uses the second mode. A rollout has $T + 1$ rows of observations, so that row
# $t + 1$ is the true next observation of step $t$ always, and a mask `valid` that is False for the
# steps that only reset.
#
# **Exercise 9.8.** Write that mask. Arguments: the booleans `ended`, shape `(T, E)`, and `ended_before`, shape `(E,)`,
# which says whether the step before this rollout, the last one of the rollout before, ended an episode. The
# result is boolean, shape `(T, E)`: True for the steps that belong in the batch. (A step that only resets ends nothing;
# its `ended` is False.)
#
# <details><summary>Hint 1: where to look</summary>
# The output of the clock in section 7, its second line. Which step is the one that does nothing but reset?
# <details><summary>Hint 2: the idea</summary>
# It is the step after the one that ended. So the mask looks one step back, and at the first step into the rollout
# before.
# <details><summary>Hint 3: a sketch</summary>
# Put the row ended_before above ended, leave out a row so that the shape is (T, E) again, and turn the truth
# values round with ~.
# </details></details></details>


# %%
def my_valid(ended, ended_before):
    ### BEGIN SOLUTION
    return ~np.concatenate([ended_before[None], ended[:-1]])
    ### END SOLUTION


nb.check_valid(my_valid)

# %% [markdown]
# **Exercise 9.5.** Write GAE, equation (9.9). All arrays have the shape `(T, E)`, and so has the
# result. `values` are $V(s_t)$, `next_values` are $V(s_{t+1})$ of the true next observations, also
# where an episode ended; `terminated` and `ended` are booleans. The columns are independent
# environments. After the last row $A$ counts as 0. A row that only resets is treated like any other: the row before
# it has ended, so nothing of it is carried back, and the mask of exercise 9.8 leaves it out later.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (9.9), and exercise 9.2 for the TD errors.
# <details><summary>Hint 2: the idea</summary>
# First all TD errors without a loop; then one loop backwards in time, over all environments at
# once. Keep the advantages of step t + 1 in a variable that starts at 0.
# <details><summary>Hint 3: a sketch</summary>
# <pre>
# deltas = ...
# following = 0.0
# for t in reversed(...):
#     following = ...       # (9.9), with following on its right side
#     # and store it in row t
# </pre>
# </details></details></details>


# %%
def my_gae(rewards, values, next_values, terminated, ended, gamma, lam):
    ### BEGIN SOLUTION
    deltas = rewards + gamma * next_values * ~terminated - values
    advantages = np.zeros_like(deltas)
    following = 0.0
    for t in reversed(range(len(deltas))):
        following = deltas[t] + gamma * lam * ~ended[t] * following
        advantages[t] = following
    return advantages
    ### END SOLUTION


nb.check_gae(my_gae)

# %% [markdown]
# The package has it as `trpo_np.generalized_advantages`. On the trajectories of the corridor both
# give the same as the weighted sums of section 6:

# %%
my_gae = yours(my_gae, nb.check_gae)
for gae in (my_gae, generalized_advantages):
    recursion = gae(r, V_hat[s[:-1]], V_hat[s[1:]], never, never, gamma, 0.8)
    print("largest difference:", np.abs(recursion[0] - A_hat[lams == 0.8][0]).max())

# %% [markdown]
# ## 8. The value function's own optimizer
#
# All this needs $V$. The chapter's last line says "update value function (separate optimizer)". Let
# us build that optimizer.
#
# **The targets.** Turn the estimates round: $y_t = A_t + V_w(s_t)$ with $A_t$ from GAE is an
# estimate of $Q(s_t, a_t)$, called the **λ-return**. For $\lambda = 1$ it is $G_t$ (with
# $V_w$ in place of what was not recorded), for $\lambda = 0$ it is $r_t + \gamma V_w(s_{t+1})$. Its mean over the
# actions of the policy estimates $\sum_a \pi(a|s)\, Q(s,a) = V(s)$, and a least-squares fit finds means. So we fit
# $V_w(s_t)$ to $y_t$ by least squares,
#
# $$\min_w\; \frac{1}{2N} \sum_{n=1}^N \big( V_w(s_n) - y_n \big)^2 ,$$
#
# with the targets held fixed during the fit.
#
# **Exercise 9.9** (a derivation). The λ-returns have a recursion of their own. Put $A_t = y_t - V(s_t)$ into (9.9) and
# solve for $y_t$: inside an episode it comes out as the reward plus γ times a *mixture* of $V(s_{t+1})$ and
# $y_{t+1}$. Find the weights, and what a termination, a truncation and the end of the batch do to it. Then write
# it: all arrays have the shape `(T, E)`, as in exercise 9.5. `values` is not needed: inside an episode $V(s_{t+1})$ is
# `next_values` at $t$.
#
# <details><summary>Hint 1: where to look</summary>
# (9.9), for A_t and for δ_t: y_t = δ_t + V(s_t) + γλ [not ended] A_{t+1}. In δ_t + V(s_t) something cancels.
# <details><summary>Hint 2: the idea</summary>
# Inside an episode A_{t+1} = y_{t+1} - V(s_{t+1}), so V(s_{t+1}) occurs with γ and with -γλ. Where nothing is
# carried back, the mixture is V(s_{t+1}) alone; where the world has ended, 0.
# <details><summary>Hint 3: a sketch</summary>
# One loop backwards over t, for all environments at once, with the y of the step after in a variable. What must
# it hold before the last step? np.where(ended[t], ..., ...) chooses.
# </details></details></details>


# %%
def my_lambda_returns(rewards, next_values, terminated, ended, gamma, lam):
    ### BEGIN SOLUTION
    targets = np.zeros_like(rewards)
    following = next_values[-1]
    for t in reversed(range(len(rewards))):
        mixed = (1 - lam) * next_values[t] + lam * np.where(ended[t], next_values[t], following)
        targets[t] = rewards[t] + gamma * mixed * ~terminated[t]
        following = targets[t]
    return targets
    ### END SOLUTION


nb.check_lambda_returns(my_lambda_returns)

# %% [markdown]
# <details><summary>You may ask: the targets contain V_w itself. Does the fit not chase its own tail?</summary>
#
# It does, and catches it. Take an exact fit in a finite world, and two value functions that differ by $x$. By (9.6)
# the mean of $A_t + V$ differs by
#
# $$x - (I - \gamma\lambda P_\pi)^{-1} (I - \gamma P_\pi)\, x
#   = \gamma (1-\lambda)\, (I - \gamma\lambda P_\pi)^{-1} P_\pi\, x ,$$
#
# because $(I - \gamma\lambda P_\pi) - (I - \gamma P_\pi) = \gamma(1-\lambda) P_\pi$. The rows of
# $(I - \gamma\lambda P_\pi)^{-1} P_\pi$ are not negative and sum to $1/(1-\gamma\lambda)$, so the largest entry shrinks
# by the factor $\gamma(1-\lambda)/(1-\gamma\lambda) \lt 1$ in each fit: 0.83 for $\gamma = 0.99$, $\lambda = 0.95$. The true
# $V$, whose mean TD errors are 0, is what stays. (With a network, whose fit is not exact, there is no such
# promise.)
#
# </details>
#
# **The step.** If $V_w$ were linear in $w$, this would be an ordinary least-squares problem, solved
# at once. So make it linear. With the Jacobian $J = \partial V_w / \partial w$, one row a sample,
# and the vectors $V$ and $y$ of all $N$ values and targets,
#
# $$V_{w+d} \approx V + J d, \qquad
#   q(d) = \frac{1}{2N}\, \| V + J d - y \|^2 + \frac{\kappa}{2}\, \|d\|^2 .$$
#
# ($d$ is a change of $w$ from here on, no longer the visitation.) The last term keeps $d$ small, where the
# linear model can be trusted; $\kappa \gt 0$ is a damping.
# Differentiate $q$ with respect to $d$ and set the gradient to zero:
#
# $$\frac1N J^\top (V + J d - y) + \kappa d = 0 \quad\Longleftrightarrow\quad
#   \Big( \frac1N J^\top J + \kappa I \Big)\, d = \frac1N J^\top (y - V) . \tag{9.11}$$
#
# These are the **normal equations**, and the method is called Gauss–Newton. Compare with TRPO's
# $(F + \lambda I)\, s = g$, where λ is the damping: on the right stands minus the gradient of the error
# that we minimise, on the left the Fisher matrix $\frac1N J^\top M J$ of a Gaussian with mean $V_w(s)$
# and standard deviation 1, whose metric is $M = 1$, and κ in place of λ. So the same three tools solve it,
# `jvp`, `vjp` and conjugate gradient. [Schulman et al. (2016)](references.md#schulman2016), section 5, go the whole
# way: they fit $V$ by a trust region, which bounds the mean KL of such Gaussians, the standard deviation
# being that of the errors, and solve it by conjugate gradient with the same $J^\top J$. We have κ in the place of
# their radius.
#
# **Exercise 9.6.** Write the step $d$ of (9.11). `V` and `y` have shape `(N, 1)`; `jvp(v)` returns
# $J v$ and `vjp(u)` returns $J^\top u$, summed over the samples. Use `conjugate_gradient(matvec, b,
# cg_iterations).x`, whose `matvec(v)` is the left-hand side of (9.11) with `v` in place of $d$.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (9.11): what is its left-hand side as a function of d, and what its right-hand side?
# <details><summary>Hint 2: the idea</summary>
# JᵀJ v = vjp(jvp(v)). What is N in code, and where does it stand in (9.11)? The right side has y -
# V in it, in this order, because d is to make up what is missing.
# <details><summary>Hint 3: a sketch</summary>
# matvec = lambda v: ... / N + damping * ..., and b = vjp(...) / N.
# </details></details></details>


# %%
def gauss_newton_step(jvp, vjp, V, y, damping, cg_iterations):
    ### BEGIN SOLUTION
    N = len(y)
    matvec = lambda v: vjp(jvp(v)) / N + damping * v
    return conjugate_gradient(matvec, vjp(y - V) / N, cg_iterations).x
    ### END SOLUTION


nb.check_gauss_newton_step(gauss_newton_step)

# %%
gauss_newton_step = yours(gauss_newton_step, nb.check_gauss_newton_step)

# %% [markdown]
# For data, 16 CartPoles, 128 steps each, with an untrained policy; `make_batch` returns the batch,
# the values and the targets $y$. A linear model may be bad far away, so each step is followed by
# the backtracking of notebook 08, here without a constraint: shorten the step until the error is
# less than before. Then the whole optimizer is this:

# %%
envs = source("CartPole-v1").many(16)
rng = np.random.default_rng(0)
policy = make_policy(envs.single_observation_space, envs.single_action_space, hidden=(32, 32))
theta = policy.init(rng)
network = MLP((4, 32, 32, 1))
value = ValueFunction(network)
w_start = value.init(rng)
normalizer = Normalizer.fresh(envs.single_observation_space, running=False)
rollout = Sampler(envs, seed=0).collect(policy, theta, normalizer, rng, 128)
raw = Settings(normalize_advantages=False)
batch, V_now, y = make_batch(rollout, value, w_start, raw)
obs, N = batch.observations, len(y)
print(f"{N} samples; targets: mean {y.mean():.1f}, standard deviation {y.std():.1f}")


# %%
def fit(w, obs, y, iterations, cg_iterations=5, damping=0.01):
    """w after Gauss-Newton steps; the errors, and passes so far, before and after each of them."""
    minus_error = lambda x: -0.5 * np.mean((y[:, None] - network.linearize(x, obs).outputs) ** 2)
    path, passes = [-minus_error(w)], [0]
    for _ in range(iterations):
        V, jvp, vjp = network.linearize(w, obs)
        d = gauss_newton_step(jvp, vjp, V, y[:, None], damping, cg_iterations)
        search = backtracking_line_search(minus_error, None, w, d)
        w = search.x
        path.append(-minus_error(w))
        passes.append(passes[-1] + 2 * cg_iterations + 4 + search.backtracks)
    return w, np.array(path), passes


w, path, _ = fit(w_start, obs, y, iterations=20)
w_package, _ = value.fit(w_start, obs, y, iterations=20)
print("largest difference from ValueFunction.fit:", np.abs(w - w_package).max())
print(f"half the mean squared error: {path[0]:.2f} before, {path[-1]:.2f} after")

# %% [markdown]
# Against what others use, on the same targets: plain gradient descent,
# $w \leftarrow w + \text{rate} \cdot \frac1N J^\top (y - V)$, and **Adam**
# ([Kingma and Ba (2015)](references.md#kingma2015), algorithm 1), in minibatches of 64, as it is mostly run. Adam divides each
# entry of the gradient by the root of its recent mean square, so that a step moves each entry of $w$ by about
# the learning rate, whatever the size of the error.
#
# To be fair we count passes over the data. A gradient step takes two, forward and back, and so does an epoch of Adam; a
# Gauss–Newton step takes 14: one forward, two for each of five iterations of CG, one for the right-hand side, two for
# the line search; and one more each time the line search has to shorten the step. We give each about 110
# passes, from eight starting points $w$. In the second column of the table all rewards, and so all targets,
# are twenty times as large, as if somebody had changed the currency.


# %%
def descend(w, obs, y, rate, iterations):
    """The errors of gradient descent, before the first step and after each."""
    path = []
    for _ in range(iterations + 1):
        V, _, vjp = network.linearize(w, obs)
        path.append(0.5 * np.mean((y[:, None] - V) ** 2))
        w = w + rate * vjp(y[:, None] - V) / len(y)
    return np.array(path)


def adam(w, obs, y, rate, epochs, seed):
    """The errors of Adam in minibatches of 64, before the first epoch and after each."""
    return nb.adam_errors(network, w, obs, y, rate, epochs, 64, np.random.default_rng(seed))


methods = {
    "Gauss-Newton, κ = 0.01": lambda w, y, seed: fit(w, obs, y, 8)[1],
    "Gauss-Newton, κ = 0.1": lambda w, y, seed: fit(w, obs, y, 8, damping=0.1)[1],
    "gradient descent, 0.01": lambda w, y, seed: descend(w, obs, y, 0.01, 56),
    "gradient descent, 0.1": lambda w, y, seed: descend(w, obs, y, 0.1, 56),
    "Adam, rate 0.001": lambda w, y, seed: adam(w, obs, y, 0.001, 56, seed),
    "Adam, rate 0.01": lambda w, y, seed: adam(w, obs, y, 0.01, 56, seed),
}
starts = [value.init(np.random.default_rng(seed)) for seed in range(8)]
errors = {}  # (method, scale) -> (seeds, path), in units of the variance of the targets
with np.errstate(over="ignore", invalid="ignore"):
    for name, method in methods.items():
        for scale in (1, 20):
            paths = [method(w, scale * y, seed) for seed, w in enumerate(starts)]
            errors[name, scale] = np.array(paths) / (0.5 * scale**2 * y.var())

# %%
print("squared error / variance of the targets, at the end:  targets as they are     times 20")
for name in methods:
    ends = [errors[name, scale][:, -1] for scale in (1, 20)]
    spread = [
        f"{x.mean():6.3f} ± {x.std(ddof=1) / 8**0.5:.3f}" if np.all(x < 10) else "diverges      "
        for x in ends
    ]
    print(f"{name:54}{spread[0]:24}{spread[1]}")

# %% tags=["hide-input"]
figure, axes = plt.subplots(1, 2, figsize=(13, 5.5), sharey=True)
shown = {
    "Gauss-Newton, κ = 0.01": ("o-", 14),
    "gradient descent, 0.1": ("--", 2),
    "Adam, rate 0.001": ("-.", 2),
    "Adam, rate 0.01": (":", 2),
}
for ax, scale in zip(axes, (1, 20), strict=True):
    for name, (line, passes) in shown.items():
        mean = errors[name, scale].mean(axis=0)
        ax.semilogy(passes * np.arange(len(mean)), mean, line, label=name)
    ax.axhline(1, color="black", linewidth=1, linestyle="-")
    ax.set_ylim(0.3, 30)
    ax.set_xlabel("passes over the data")
    ax.set_title("targets as they are" if scale == 1 else f"targets times {scale}")
axes[0].set_ylabel("squared error / variance of the targets")
axes[1].legend(loc="upper right")
show(
    figure,
    "Squared error against passes over the data in two panels, means over eight starting points. On the "
    "left all four methods are below the variance of the targets within 20 passes; Adam with rate 0.01 is "
    "fastest and ends lowest, Gauss-Newton and Adam with 0.001 end close above it, gradient descent highest. "
    "On the right, with targets twenty times as large, gradient descent leaves the picture at once, Adam "
    "with 0.001 is still at 2.5 after 112 passes, Gauss-Newton ends at 0.7 and Adam with rate 0.01 at 0.46.",
    "Below the thin line a method knows more than the mean of the targets. A rate that is good on the left "
    "may be useless on the right.",
)

# %% [markdown]
# With a rate of 0.01 Adam ends lowest, in both columns. With 0.001 it still ends a little below Gauss–Newton on the left,
# and on the right it has hardly begun: larger outputs need larger weights, and each entry of $w$ moves by about 0.001 a step. The
# step of gradient descent grows with the targets instead, so that a rate that works on the left diverges on the
# right. (In a linear model it would not; in a network larger weights make $J$ larger, too.) So the trouble is to know the
# rate: it depends on the size of the rewards, on $\gamma$ and on the network, and the returns of an agent that learns may
# grow tenfold and more on the way.
#
# Gauss–Newton has no rate. It has κ and the number of CG iterations in its place; ten times the κ changes its errors
# by 0.006 and 0.07 here. The length of the step comes from (9.11), and the line search sees to it that the error
# does not grow. That is what we take it for, and not that it gets lower. The package makes two such steps an
# update, from the $w$ of the last one.
#
# ## 9. Standardised advantages
#
# Many programs, ours too, replace the advantages of a batch by $(A - \text{mean}) /
# \text{standard deviation}$. What does that change?
#
# **The mean.** A constant is a baseline, and adds nothing on average. In a batch it does change
# $g$, by minus the constant times the batch's mean score, which is near zero and not zero. (The
# mean is made from the same samples, so strictly it is no function of the state alone; the bias
# from that is of order $1/N$.)
#
# **The scale.** Multiply all advantages by $c \gt 0$. Then $g$ becomes $c g$, and the direction
# $s = (F + \lambda I)^{-1} g$ becomes $c s$ (after ten iterations of CG too: each is
# linear in the scale of $g$). The length of the step takes the factor out again:
#
# $$\sqrt{\frac{2\delta}{(c s)^\top F\, (c s)}}\; c s = \sqrt{\frac{2\delta}{s^\top F s}}\; s .$$
#
# ($\delta$ is the radius of the trust region here, and λ the damping.) The line search asks whether the
# surrogate improves, which $c \gt 0$ does not change, and for the KL, which has no $A$ in it. So the division by the standard deviation
# changes in TRPO nothing but the size of the numbers in the log, and rounding.


# %%
def step_with(A):
    variant = Batch(batch.observations, batch.actions, A, batch.log_probs)
    return trpo_step(policy, theta, variant)[0] - theta


A_batch = batch.advantages
step = step_with(A_batch)
for name, variant in {
    "times 7": 7 * A_batch,
    "divided by the standard deviation": A_batch / A_batch.std(),
    "minus the mean": A_batch - A_batch.mean(),
    "standardised": (A_batch - A_batch.mean()) / A_batch.std(),
}.items():
    change = np.linalg.norm(step_with(variant) - step) / np.linalg.norm(step)
    print(f"{name:35} changes the step by {change:.1e} of its length")
print(f"mean of the advantages: {A_batch.mean():.2f}, standard deviation {A_batch.std():.2f}")

# %% [markdown]
# Here the mean is far from zero, because the value function has not learned anything yet, and to
# subtract it is worth while: it is the constant baseline of section 2. Once $V$ is good, the mean
# is near zero anyway.
#
# ## 10. What to take along
#
# | | |
# |---|---|
# | baseline | any $b(s)$ leaves the mean of $g$ alone; $V$ is a good one, and has a meaning |
# | TD error | $\delta_t = r_t + \gamma V(s_{t+1}) - V(s_t)$, mean $A$ if $V$ is right |
# | GAE | $A_t = \delta_t + \gamma\lambda A_{t+1}$, backwards; the mixture of all $A^{(k)}$ |
# | λ | 0: bias of $V$; 1: noise of the return; in section 6 the best lies between, nearer 1 for more data |
# | terminated | $V(s_{t+1})$ counts as 0 |
# | truncated, or the batch ends | $V$ of the true final observation counts |
# | any end of an episode | nothing is carried back across it |
# | value function | Gauss–Newton on $A + V$: the same JVP, VJP and CG; κ in place of a learning rate |
# | scale of $A$ | does not change TRPO's step |
#
# ## Sources and further reading
#
# - (9.2), a baseline adds nothing on average: proved here; [Sutton et al. (2000)](references.md#sutton2000), in the proof
#   of their theorem on function approximation. (9.3) and the best baseline: proved here (exercise 9.1);
#   [Greensmith et al. (2004)](references.md#greensmith2004), their part on baselines.
# - (9.5) to (9.7), and the two ends of λ: proved here; [Schulman et al. (2016)](references.md#schulman2016), section 3, who
#   define GAE. (9.8), its bias with a wrong $V$, is proved here, for finite worlds, and checked by simulation.
# - (9.9) and (9.10), time limits: proved here; [Pardo et al. (2018)](references.md#pardo2018), whose part on
#   partial-episode bootstrapping measures what the confusion costs.
# - (9.11): Gauss–Newton is a textbook method, derived here; [Schulman et al. (2016)](references.md#schulman2016), section 5,
#   fit $V$ by a trust region with conjugate gradient; [Kingma and Ba (2015)](references.md#kingma2015), algorithm 1, for Adam.
#   The comparison is measured: one batch, eight starting points.
# - How well value functions and gradients are estimated in practice: [Ilyas et al. (2020)](references.md#ilyas2020), measured.
#
# Next: [10 TRPO](10_trpo.ipynb), where your `my_gae` becomes a part of the agent.
