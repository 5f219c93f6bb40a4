# %% [markdown]
# # 14 A sharper bound
#
# Notebook 03 proved $J(\pi) \ge L(\pi) - C \max_s \mathrm{KL}$ with a constant that grows like
# $1/(1-\gamma)^2$, found an MDP that needs $(1-\gamma)^{-3/2}$, and left a gap. Notebook 04 then took
# the mean of the divergence for its maximum, and a constraint for the penalty. So here are the
# questions of this notebook. **How small can the constant be made? And what does a constraint on the
# mean divergence still guarantee?**
#
# The answer to both is one inequality. With the mean divergence $\bar K$ over the states that the old
# policy visits,
#
# $$|J(\pi) - L(\pi)| \le \frac{\gamma \sqrt{2 \bar K}}{(1-\gamma)^{3/2}}\; \max_s |G(s)|, \qquad
#   G(s) = \sum_a \pi(a|s)\, A_\text{old}(s,a),$$
#
# and with the largest divergence $C = 2\gamma\epsilon / (1-\gamma)^{3/2}$. We prove it, see that neither
# the power nor, in the form with the mean, the factor in front can be lowered, and compare it with its
# relatives in the literature.
#
# You need: [notebook 02](02_surrogate_objective.ipynb), [notebook 03](03_monotonic_improvement.ipynb)
# with its proof, and from [notebook 04](04_trust_region.ipynb) the constraint (4.1).

# %%
import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from trpo_np import bounds, tabular
from trpo_np.classroom import notebook_14 as nb
from trpo_np.classroom.checks import yours
from trpo_np.classroom.figures import show
from trpo_np.experiments.plots import COLORS, QUIET, use_style

use_style()

# %% [markdown]
# ## 1. Before you begin
#
# Three questions about earlier notebooks, a minute each. They are not graded; what they ask is used
# below.
#
# **Recall 14.1** (notebook 02). What do the entries of the visitation $\rho$ add up to for
# $\gamma = 0.99$?

# %%
recall = ...  # replace the dots by a number
### BEGIN SOLUTION
recall = 100
### END SOLUTION
nb.recall_visits(recall)

# %% [markdown]
# **Recall 14.2** (notebook 03). By which factor does the constant $C$ of the theorem (3.1) grow when
# $\gamma$ goes from 0.9 to 0.99, with $\epsilon$ held fixed? (Within a tenth will do.)

# %%
recall = ...  # replace the dots by a number
### BEGIN SOLUTION
recall = 110
### END SOLUTION
nb.recall_growth_of_c(recall)

# %% [markdown]
# **Recall 14.3** (notebook 05). The old policy tosses a fair coin, $(\tfrac12, \tfrac12)$, the new one
# a coin with $(\tfrac12 + u, \tfrac12 - u)$. For small $u$ the divergence $\mathrm{KL}(\text{old} \,\|\,
# \text{new})$ is $c\, u^2$. What is $c$?

# %%
recall = ...  # replace the dots by a number
### BEGIN SOLUTION
recall = 2
### END SOLUTION
nb.recall_coin(recall)

# %% [markdown]
# ## 2. Divergences add up where distances do not
#
# Section 4 of notebook 03 wrote the gap as $J - L = \sum_s (\rho(s) - \rho_\text{old}(s))\, G(s)$, so
#
# $$|J(\pi) - L(\pi)| \le \|\rho - \rho_\text{old}\|_1\, \max_s |G(s)|, \qquad
#   \|x\|_1 = \sum_s |x(s)|,$$
#
# and the first factor is what we must bound. The bound (3.5) on it is what comes out if every step of the
# chain may add $2\alpha$ to the distance $\|\cdot\|_1$ between the two state distributions, with $\alpha$ the largest
# total variation between the two policies in any state, so that after $t$
# steps it is up to $2\alpha t$: the sum of $\gamma^t\, 2\alpha t$ is $2\gamma\alpha/(1-\gamma)^2$. That is too
# careful. A coin that is off by $u$ and is thrown $t$ times shifts the number of
# heads by $t u$, but the number scatters by $\tfrac12 \sqrt t$ anyway. The shift is $2 \sqrt t\, u$ times the
# scatter: what can be told apart grows like $\sqrt t\, u$, not like $t\, u$. The divergence knows this. It is quadratic in $u$ and adds up over
# time, to a multiple of $t\, u^2$, and the root of that is $\sqrt t\, u$. So we follow the divergence
# along the path, and go over to total variation only at the end.
#
# **Letters.** $k(s) = \mathrm{KL}(\pi_\text{old}(\cdot|s) \,\|\, \pi(\cdot|s))$ is the divergence in
# state $s$, a number of nats. $p_t$ is the distribution of the state $s_t$ under the old policy,
# $\tilde p_t$ under the new one; both begin with $p_0 = \tilde p_0 = \mu$. $\kappa_t$, in this notebook,
# is the mean divergence of step $t$, and $K_t$ the sum of those before it:
#
# $$\kappa_t = \sum_s p_t(s)\, k(s), \qquad K_t = \sum_{i \lt t} \kappa_i .$$
#
# The **mean divergence** $\bar K$ averages over the old policy's discounted time, with the weights
# $d_\text{old}(s) = (1-\gamma)\, \rho_\text{old}(s)$ of notebook 02. Put in (2.5), and it is also the mean
# of the $\kappa_t$:
#
# $$\bar K = (1-\gamma) \sum_s \rho_\text{old}(s)\, k(s) = (1-\gamma) \sum_{t=0}^\infty \gamma^t \kappa_t .
#   \tag{14.1}$$
#
# $\mathrm{TV}(s) = \mathrm{TV}(\pi_\text{old}(\cdot|s), \pi(\cdot|s))$ is the total variation (3.2) in
# state $s$. Here is what we are going to prove:
#
# $$|J(\pi) - L(\pi)| \le \frac{\gamma \sqrt{2 \bar K}}{(1-\gamma)^{3/2}}\; \max_s |G(s)| . \tag{14.2}$$
#
# ## 3. The proof
#
# **The divergence of paths.** Look at the whole path up to time $t$, states and actions,
# $s_0, a_0, s_1, \dots, a_{t-1}, s_t$. Under the old policy it has the probability
#
# $$\mu(s_0) \prod_{i \lt t} \pi_\text{old}(a_i|s_i)\, P(s_{i+1}|s_i, a_i),$$
#
# and under the new one the same with $\pi$. In the quotient $\mu$ and $P$ cancel. The logarithm turns
# the product into a sum, and the divergence of the two path distributions is
#
# $$\mathbb{E}_\text{old}\left[ \log \prod_{i \lt t} \frac{\pi_\text{old}(a_i|s_i)}{\pi(a_i|s_i)} \right]
#   = \sum_{i \lt t} \mathbb{E}_\text{old}\left[ \log
#   \frac{\pi_\text{old}(a_i|s_i)}{\pi(a_i|s_i)} \right] = \sum_{i \lt t} \sum_s p_i(s)\, k(s) = K_t .$$
#
# In the last step but one the expectation over $a_i$ was taken first, for given $s_i = s$: that is
# $k(s)$. This is the **chain rule** of the divergence. (If the new policy misses an action of the old one
# in a state that the old one visits, $K_t$ is infinite from the next step on, and there is nothing to
# prove. States that it never visits are left out of the sums.)
#
# **The divergence of states.** The state $s_t$ is the last entry of the path. Forget the others. All
# paths that end in $s$ form one bin, with probability $p_t(s)$ under the old policy and $\tilde p_t(s)$
# under the new one. Notebook 03, section 5, showed for two bins that the terms of a bin add up to at
# least the term that the bin would have as a whole. Nothing in that argument needs the bins to be two:
# let $p(x)$ and $\tilde p(x)$ be the probabilities of a path $x$, and let the sum run over the paths that
# end in $s$. The logarithm is concave, so
#
# $$\sum_x p(x) \log \frac{\tilde p(x)}{p(x)} = p_t(s) \sum_x \frac{p(x)}{p_t(s)}
#   \log \frac{\tilde p(x)}{p(x)} \le p_t(s) \log \sum_x \frac{\tilde p(x)}{p_t(s)}
#   \le p_t(s) \log \frac{\tilde p_t(s)}{p_t(s)} .$$
#
# (Sum over the paths with $p(x) \gt 0$ only; that is why the last step is $\le$.) Turn the sign and add up
# the bins:
#
# $$\mathrm{KL}(p_t \,\|\, \tilde p_t) \le K_t . \tag{14.3}$$
#
# This is **data processing**: who knows less can tell the two policies apart less well.
#
# **Exercise 14.4.** Write $K_t$ for $t = 0, \dots, \mathtt{steps} - 1$, as an array or a list. Arguments: the matrix
# `P_old`, shape `(S, S)`, with the entries $P_\text{old}(s'|s)$ in row $s$; the distribution `start` of
# $s_0$; the divergences `k`, shape `(S,)`; and `steps`.
#
# <details><summary>Hint 1: where to look</summary>
# Section 3: K_t is the sum of the κ_i before t, (14.1), and κ_i is the mean of k under p_i.
# <details><summary>Hint 2: the idea</summary>
# Walk through time with two things in hand: the distribution p_t and the sum so far. Which of K_t
# and κ_t has to be stored first, so that K_0 is 0?
# <details><summary>Hint 3: a sketch</summary>
# <pre>
# p, K = ..., ...
# for _ in ...:
#     K.append(...)   # the last one, and κ_t
#     p = ...         # the distribution one step on
# return ...
# </pre>
# </details></details></details>


# %%
def my_path_kl(P_old, start, k, steps):
    ### BEGIN SOLUTION
    p, K = start, [0.0]
    for _ in range(steps - 1):
        K.append(K[-1] + p @ k)
        p = p @ P_old
    return np.array(K)
    ### END SOLUTION


nb.check_path_kl(my_path_kl)

# %%
path_kl = yours(my_path_kl, nb.check_path_kl)

# %% [markdown]
# Two worlds to look at. The **walk**: a line of places, one step left or right by a fair coin, and a new
# coin that falls right a little more often; it starts in the middle. And a random MDP with four states
# whose transitions are nearly deterministic.

# %%
steps, gamma = 60, 0.99
worlds = {"walk": nb.walk(gamma, u=0.05)}
rng = np.random.default_rng(2)
sharp = nb.sharp_mdps(rng, 4, 3, gamma, 1)
sharp = tabular.FiniteMDP(sharp.transitions[0], sharp.rewards[0], sharp.start[0], gamma)
logits, change = rng.standard_normal((2, 4, 3))
sharp_pair = tabular.softmax_policy(logits), tabular.softmax_policy(logits + 0.3 * change)
worlds["random MDP"] = (sharp, *sharp_pair)

followed = {}
for name, (mdp, old, new) in worlds.items():
    p, p_new = (tabular.state_distributions(mdp, pi, steps) for pi in (old, new))
    P_old = np.einsum("sa,sat->st", old, mdp.transitions)
    K = path_kl(P_old, mdp.start, tabular.state_kl(old, new), steps)
    steps_tv = p @ tabular.state_total_variation(old, new)
    coupled = 2 * (np.cumsum(steps_tv) - steps_tv)
    followed[name] = tabular.state_kl(p, p_new), K, np.abs(p - p_new).sum(axis=1), coupled
    print(f"{name:11} largest KL(p_t ‖ p̃_t) / K_t: {(followed[name][0][1:] / K[1:]).max():.3f}")

# %% tags=["hide-input"]
figure, axes = plt.subplots(1, 2, figsize=(13, 5.5))
for ax, (name, (_, K, shift, coupled)) in zip(axes, followed.items(), strict=True):
    ax.loglog(range(1, steps), coupled[1:], label="adding up 2 TV, as in notebook 03")
    ax.loglog(range(1, steps), np.sqrt(2 * K[1:]), label=r"$\sqrt{2 K_t}$")
    ax.loglog(range(1, steps), shift[1:], label=r"$\|\tilde p_t - p_t\|_1$", color=COLORS[2])
    ax.axhline(2, color="black", linestyle=":", label="never more than 2")
    ax.set_title(name)
    ax.set_xlabel("time t")
axes[0].set_ylabel("distance of the state distributions")
axes[0].legend(fontsize=11)
show(
    figure,
    "Distance of the two state distributions against time on log axes, for the walk and for a "
    "random MDP, with two bounds. In the walk the distance and the root of two K_t are parallel, "
    "with slope one half, and the sum of total variations rises twice as steeply. In the random "
    "MDP the distance soon stops growing, and both bounds go on to rise.",
    "Total variations add up like t, the root of the divergence like √t. In the walk √t is the truth; "
    "in a world that forgets, both are too careful.",
)

# %% [markdown]
# In the random MDP the state forgets most of what the path knows about the policy: of $K_t$ at most the share
# 0.102 is left. The rest, $K_t - \mathrm{KL}(p_t \,\|\, \tilde p_t)$, is forgotten, and that is exactly what (14.3) gives away.
#
# **Exercise 14.20** (a derivation). How much is that? Write $K_t - \mathrm{KL}(p_t \,\|\, \tilde p_t)$ for
# paths that are given one by one. Arguments: `p` and `p_new`, both `(n,)`, the probabilities of all $n$ *paths* up to
# time $t$ under the old and the new policy, so that each adds up to 1; and `last`, also `(n,)`, the number of the state in which each path ends, from
# 0 on. You may use `tabular.state_kl(p, q)`, which is $\mathrm{KL}(p \,\|\, q)$ for any two distributions; terms with $p = 0$ are 0 in
# it. The result is one number.
#
# <details><summary>Hint 1: where to look</summary>
# (14.3) and what stands above it: the paths that end in s form one bin.
# <details><summary>Hint 2: the idea</summary>
# Two divergences: of the paths, each for itself, and of the bins. The probability of a bin is the sum over
# its paths, also those that only the new policy takes.
# <details><summary>Hint 3: a sketch</summary>
# np.bincount with last and, as weights, the probabilities adds them up bin by bin: once for the old policy, once
# for the new. Then a difference.
# </details></details></details>


# %%
def my_forgotten(p, p_new, last):
    ### BEGIN SOLUTION
    states, states_new = np.bincount(last, weights=p), np.bincount(last, weights=p_new)
    return tabular.state_kl(p, p_new) - tabular.state_kl(states, states_new)
    ### END SOLUTION


nb.check_forgotten(my_forgotten)

# %% [markdown]
# It is never negative, and 0 where the quotient of the two probabilities is the same for all paths that end in the
# same state: then the state says all that the path says about the policy. So it is in the walk, whose place tells how
# often the coin has fallen right, as long as it has not reached an end.
#
# **From divergence to distance.** Pinsker's inequality (3.7) for the two distributions of $s_t$, with (14.3), says
# $\mathrm{TV}^2 \le \tfrac12 K_t$. Since $\|\tilde p_t - p_t\|_1$ is twice the total variation,
#
# $$\|\tilde p_t - p_t\|_1 \le \sqrt{2 K_t}, \qquad
#   \|\rho - \rho_\text{old}\|_1 \le \sum_{t=0}^\infty \gamma^t\, \|\tilde p_t - p_t\|_1
#   \le \sum_{t=0}^\infty \gamma^t \sqrt{2 K_t} .$$
#
# **From roots to the root of a mean.** The root is concave, so the mean of roots is at most the root of
# the mean (Jensen's inequality). We need weights that sum to 1, and $(1-\gamma)\, \gamma^t$ do. So what is
# the mean of the $K_t$ with these weights?
#
# **Exercise 14.21** (a derivation). Write $(1-\gamma) \sum_{t=0}^\infty \gamma^t K_t$ as a sum over the $\kappa_i$, each
# with a number in front. Which number stands in front of $\kappa_3$ for $\gamma = 0.9$? Three digits, or an
# expression.
#
# <details><summary>Hint 1: where to look</summary>
# Section 2: K_t is the sum of the κ_i with i &lt; t. Write out K_2, K_3, K_4 and K_5.
# <details><summary>Hint 2: the idea</summary>
# In which of the K_t does κ_3 stand? It gets the weights of all of them.
# <details><summary>Hint 3: a sketch</summary>
# (1 - γ) times a geometric series that does not begin at t = 0. Put its first term in front of a
# bracket, as a factor: what is left in the bracket is 1 + γ + γ² + … = 1/(1 - γ).
# </details></details></details>

# %%
prediction = ...  # replace the dots by a number or an expression
### BEGIN SOLUTION
prediction = 0.9**4
### END SOLUTION
nb.check_count_of_one(prediction)

# %% [markdown]
# In the same way every $\kappa_i$ gets the number $\gamma^{i+1}$. With the order of the two sums exchanged,
#
# $$(1-\gamma) \sum_{t=0}^\infty \gamma^t K_t = (1-\gamma) \sum_{i=0}^\infty \kappa_i \sum_{t \gt i} \gamma^t
#   = \sum_{i=0}^\infty \gamma^{i+1} \kappa_i = \frac{\gamma}{1-\gamma}\, \bar K, \tag{14.4}$$
#
# and therefore
#
# $$\|\rho - \rho_\text{old}\|_1 \le \frac{1}{1-\gamma} \sum_{t=0}^\infty (1-\gamma) \gamma^t \sqrt{2 K_t}
#   \le \frac{1}{1-\gamma} \sqrt{\frac{2 \gamma \bar K}{1-\gamma}}
#   = \frac{\sqrt{2 \gamma \bar K}}{(1-\gamma)^{3/2}} . \tag{14.5}$$
#
# Times $\max_s |G(s)|$ this bounds $|J - L|$. And if only the largest divergence $\max_s k(s)$ is known:
# $\bar K$ is at most that, and by (3.3) and Pinsker $|G(s)| \le 2\, \mathrm{TV}(s)\, \epsilon \le
# \epsilon \sqrt{2 k(s)}$, so
#
# $$|J - L| \le \frac{\sqrt{2 \gamma \max k}}{(1-\gamma)^{3/2}} \cdot \epsilon \sqrt{2 \max k}
#   = \frac{2 \sqrt\gamma\, \epsilon}{(1-\gamma)^{3/2}}\, \max_s k(s) .$$
#
# The theorem of notebook 03 has $2\gamma\epsilon/(1-\gamma)^2$ in this place. Ours is smaller by the factor
# $\sqrt{(1-\gamma)/\gamma}$, where that is less than 1: for $\gamma \gt \tfrac12$. Below, the old one is
# the better. That is odd, and a sign that something was given away.
#
# **Exercise 14.5.** It was given away at $t = 0$. There $K_0 = 0$, but the mean in (14.4) counts that term
# like the others. We want to write $\sum_{t \ge 1} \gamma^t \sqrt{2 K_t}$ as a number times a *mean* of
# the roots, without the term $t = 0$. Which weights $w_t$ do that? Answer with the number of a line.
#
# 1. $w_t = (1-\gamma)\, \gamma^t$ for $t = 0, 1, 2, \dots$
# 2. $w_t = (1-\gamma)\, \gamma^t$ for $t = 1, 2, 3, \dots$
# 3. $w_t = (1-\gamma)\, \gamma^{t-1}$ for $t = 1, 2, 3, \dots$
# 4. $w_t = \gamma^t$ for $t = 1, 2, 3, \dots$
# 5. $w_t = 1$ for $t = 1, 2, 3, \dots$
#
# <details><summary>Hint 1: where to look</summary>
# Equation (14.4), and what Jensen's inequality asks of the weights.
# <details><summary>Hint 2: the idea</summary>
# A mean has weights that sum to 1. Add up each line.
# <details><summary>Hint 3: a sketch</summary>
# γ + γ² + γ³ + ... = γ/(1 - γ), so (1 - γ) times that is γ. What must be divided out?
# </details></details></details>

# %%
prediction = ...  # replace the dots by the number of a line
### BEGIN SOLUTION
prediction = 3
### END SOLUTION
nb.check_weights(prediction)

# %% [markdown]
# With these weights the sum in front of Jensen's inequality is $\gamma/(1-\gamma)$ times a mean, and the
# mean of the $K_t$ is (14.4) without its factor $\gamma$, because the term $t = 0$ adds nothing to it:
#
# $$\|\rho - \rho_\text{old}\|_1 \le \frac{\gamma}{1-\gamma} \sqrt{\frac{2 \bar K}{1-\gamma}}
#   = \frac{\gamma \sqrt{2 \bar K}}{(1-\gamma)^{3/2}} . \tag{14.6}$$
#
# Where (14.5) has $\sqrt\gamma$, this has $\gamma$. Times $\max_s |G(s)|$ it is (14.2). $\square$ And as
# before it gives a theorem in the form of (3.1):
#
# $$J(\pi) \ge L(\pi) - C \max_s k(s), \qquad C = \frac{2 \gamma\, \epsilon}{(1-\gamma)^{3/2}} . \tag{14.7}$$
#
# It is the constant of (3.1), from here on "the chapter's", times $\sqrt{1-\gamma}$: smaller for every
# $\gamma$ between 0 and 1.
#
# The whole proof is a chain of lines now. Write it down without looking, and then:
#
# **Exercise 14.12** (a derivation). Here are its six lines in a wrong order, and among them a seventh that does not
# hold for every γ.
# Write the order of the six true ones. $\|G\|$ stands for $\max_s |G(s)|$.
#
# 1. $\displaystyle \le \|G\| \sum_{t \ge 1} \gamma^t \sqrt{2\, \mathrm{KL}(p_t \,\|\, \tilde p_t)}$
# 2. $\displaystyle = \frac{\gamma}{1-\gamma}\, \|G\| \sqrt{\frac{2 \bar K}{1-\gamma}}$
# 3. $\displaystyle \le \|G\| \sqrt{2 \sum_{t \ge 1} \gamma^t K_t}$, because the root is concave
# 4. $\displaystyle |J(\pi) - L(\pi)| \le \|G\|\; \|\rho - \rho_\text{old}\|_1$
# 5. $\displaystyle \le \frac{\gamma}{1-\gamma}\, \|G\| \sqrt{2\, (1-\gamma) \sum_{t \ge 1} \gamma^{t-1} K_t}$
# 6. $\displaystyle \le \|G\| \sum_{t \ge 1} \gamma^t \sqrt{2 K_t}$
# 7. $\displaystyle \le \|G\| \sum_{t \ge 1} \gamma^t\, \|\tilde p_t - p_t\|_1$
#
# <details><summary>Hint 1: where to look</summary>
# Section 3, from its beginning: from visits to times, from distances to divergences, from the states to the paths,
# from roots to one root.
# <details><summary>Hint 2: the idea</summary>
# Which lines belong to Pinsker, to chain rule and data processing, to Jensen, and to (14.4)?
# <details><summary>Hint 3: a sketch</summary>
# Two lines put one root in the place of a sum of roots. Jensen speaks of a mean: in which of the two do the weights
# under the root add up to 1?
# </details></details></details>

# %%
prediction = ...  # replace the dots by a list of six numbers
### BEGIN SOLUTION
prediction = [4, 7, 1, 6, 5, 2]
### END SOLUTION
nb.check_proof_order(prediction)

# %% [markdown]
# **Exercise 14.6.** Write the right-hand side of (14.2). You may use `tabular.visitation(mdp, pi)`,
# `tabular.advantages(mdp, pi)`, `tabular.state_kl(pi_old, pi)`, one number for each state, and
# `mdp.gamma`.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (14.2), with (14.1) for the mean divergence.
# <details><summary>Hint 2: the idea</summary>
# Two numbers: K̄, which is a mean over the old policy's visits, and the largest |G|. ρ sums to 1/(1
# - γ), and a mean needs weights that sum to 1.
# <details><summary>Hint 3: a sketch</summary>
# <pre>
# share = ...                    # of time
# mean_kl = np.sum(share * ...)
# G = np.sum(..., axis=1)
# </pre>
# and then (14.2) from them.
# </details></details></details>


# %%
def my_gap_bound(mdp, pi_old, pi):
    ### BEGIN SOLUTION
    gamma = mdp.gamma
    share = (1 - gamma) * tabular.visitation(mdp, pi_old)
    mean_kl = np.sum(share * tabular.state_kl(pi_old, pi))
    G = np.sum(pi * tabular.advantages(mdp, pi_old), axis=1)
    return gamma * np.sqrt(2 * mean_kl) * (1 - gamma) ** -1.5 * np.max(np.abs(G))
    ### END SOLUTION


nb.check_gap_bound(my_gap_bound)

# %%
gap_bound = yours(my_gap_bound, nb.check_gap_bound)
for name, (mdp, old, new) in worlds.items():
    gap = tabular.performance(mdp, new) - tabular.local_approximation(mdp, old, new)
    print(f"{name:11} J - L = {gap:8.4f}   bound (14.2) {gap_bound(mdp, old, new):8.4f}")

# %% [markdown]
# <details><summary>You may ask: why KL(old ‖ new), and not the other order, or total variation?</summary>
# The chain rule takes the expectation over the first of the two policies, and the old policy's states are
# those we have. With KL(new ‖ old) the same proof holds, but K̄ would be a mean over the states that the
# new policy visits. Total variation adds up over time as well (section 4), and what adds up is the
# distance itself: t times TV, where the root of the divergence gives √t times.
# </details>
#
# <details><summary>You may ask: does this say anything for Gaussian actions, where A is unbounded?</summary>
# The form (14.7) needs ε, and is empty where the advantages are unbounded. The form (14.2) needs only the
# largest G(s), a mean over actions, which can be finite where ε is not. The proof uses no property of the
# actions but that the divergence exists.
# </details>
#
# Now 120,000 random MDPs, with four states and three actions, 20,000 of each of two kinds for each of
# three discounts: transition rows drawn uniformly (`tabular.random_mdp`), and nearly deterministic ones
# (softmax of 4 times normal numbers). The logits of the new policies differ from the old by normal numbers
# times a factor between 0.01 and 3.2, all orders of magnitude alike. For each we ask for the
# ratio of the left to the right side, which must not exceed 1.

# %%
print(f"{'γ':5}{'transitions':22}{'(14.6)':>8}{'(14.2)':>8}{'(14.7)':>8}{'violations':>12}")
for gamma in (0.5, 0.9, 0.99):
    for name, mdps, old, new in nb.many_worlds(gamma, n=20_000):
        rho_old, rho_new = tabular.visitation(mdps, old), tabular.visitation(mdps, new)
        moved = np.abs(rho_new - rho_old).sum(axis=-1)
        ratios = [
            moved / bounds.visitation_bound(mdps, old, new),
            nb.mean_ratio(mdps, old, new),
            nb.max_ratio(mdps, old, new),
        ]
        row = "".join(f"{ratio.max():8.3f}" for ratio in ratios)
        print(f"{gamma:<5}{name:22}{row}{np.sum(np.array(ratios) > 1):12d}")

# %% [markdown]
# No violation. The largest ratio is 0.79 at $\gamma = 0.5$ and 0.22 at 0.99. As in notebook 03 that
# proves nothing about sharpness, and it depends on
# how the MDPs are drawn.
#
# ## 4. Beside the others
#
# **With no divergence at all.** At $t = 0$ the two distributions agree, and later they can be apart by at
# most 2. So, whatever the two policies are,
#
# $$|J - L| \le \max_s |G(s)| \sum_{t=1}^\infty 2 \gamma^t = \frac{2\gamma}{1-\gamma}\, \max_s |G(s)| .
#   \tag{14.8}$$
#
# A bound above that says nothing. (14.2) is no longer below it as soon as $\sqrt{2 \bar K} \ge 2
# \sqrt{1-\gamma}$, that is, from $\bar K = 2 (1-\gamma)$ on. (For the first form (14.5), beside the
# rounder $2/(1-\gamma)$, the limit is $\gamma \bar K = 2(1-\gamma)$, nearly the same.)
#
# **Exercise 14.22** (a derivation). Let $\gamma = 0.99$, and let the policies agree in every state that a run can be in
# at the times 0 to 19: the action at time 20 is the first in whose probabilities they may differ. Which number stands in front of
# $\max_s |G(s)|$ then, in the place of $2\gamma/(1-\gamma) = 198$ in (14.8)? Three digits, or an expression.
#
# <details><summary>Hint 1: where to look</summary>
# (14.8) and the sentence above it. Which distributions agree now, beside that at t = 0?
# <details><summary>Hint 2: the idea</summary>
# The state at a time comes from the actions before it. If the action at time 20 is the first to differ, which is the first
# state whose distribution can?
# <details><summary>Hint 3: a sketch</summary>
# The sum of (14.8), begun later: 2, a power of γ for the first time that counts, and 1/(1 - γ).
# </details></details></details>

# %%
prediction = ...  # replace the dots by a number or an expression
### BEGIN SOLUTION
prediction = 2 * 0.99**21 / (1 - 0.99)
### END SOLUTION
nb.check_later(prediction)

# %% [markdown]
# **With the mean of the total variation.** [Achiam et al. (2017)](references.md#achiam2017), corollary 1,
# put a mean over the old policy's states in the place of the maximum. In our letters
#
# $$|J - L| \le \frac{2\gamma}{(1-\gamma)^2}\, \mathbb{E}_{s \sim d_\text{old}}[\mathrm{TV}(s)]\;
#   \max_s |G(s)| . \tag{14.9}$$
#
# With Pinsker and Jensen, $\mathbb{E}[\mathrm{TV}] \le \mathbb{E}[\sqrt{k/2}] \le \sqrt{\bar K / 2}$,
# it becomes $\gamma \sqrt{2 \bar K}\, (1-\gamma)^{-2} \max_s |G(s)|$: with $\bar K \le \delta$ it is
# what their proposition 1 says of a step within a trust region. Ours is that times $\sqrt{1-\gamma}$.
#
# **Exercise 14.7.** Here is the proof of (14.9), line by line, in a wrong order. Write the right order, a
# list of six numbers such as `[1, 2, 3, 4, 5, 6]`.
#
# 1. $\displaystyle \sum_t \gamma^t \|\tilde p_t - p_t\|_1 \le 2 \sum_i \mathbb{E}_{s \sim p_i}[\mathrm{TV}(s)]
#    \sum_{t \gt i} \gamma^t$
# 2. $\displaystyle \|\tilde p_{t+1} - p_{t+1}\|_1 \le \|\tilde p_t - p_t\|_1 +
#    2\, \mathbb{E}_{s \sim p_t}[\mathrm{TV}(s)]$, because a step of a chain makes no vector longer
# 3. $\displaystyle = \frac{2\gamma}{(1-\gamma)^2}\, \mathbb{E}_{s \sim d_\text{old}}[\mathrm{TV}(s)]$, and
#    times $\max_s |G(s)|$ this bounds the gap
# 4. $\displaystyle \tilde p_{t+1} - p_{t+1} = P_\pi^\top (\tilde p_t - p_t) + (P_\pi - P_\text{old})^\top p_t$
# 5. $\displaystyle = \frac{2\gamma}{1-\gamma} \sum_i \gamma^i\, \mathbb{E}_{s \sim p_i}[\mathrm{TV}(s)]$
# 6. $\displaystyle \|\tilde p_t - p_t\|_1 \le 2 \sum_{i \lt t} \mathbb{E}_{s \sim p_i}[\mathrm{TV}(s)]$,
#    since the two begin alike
#
# <details><summary>Hint 1: where to look</summary>
# Equation (14.9) is where it ends. The first paragraph of section 2 says what every step of the
# chain may add.
# <details><summary>Hint 2: the idea</summary>
# From one step to t steps, from t steps to the sum over all t, and at last from the sum to a mean.
# <details><summary>Hint 3: a sketch</summary>
# Which line is an equation, and speaks of one step of the chain? It needs none of the others. Then
# an inequality for one step, then for t steps.
# </details></details></details>

# %%
prediction = ...  # replace the dots by a list of six numbers
### BEGIN SOLUTION
prediction = [4, 2, 6, 1, 5, 3]
### END SOLUTION
nb.check_order(prediction)

# %% [markdown]
# These bounds for $\gamma = 0.99$, over the mean divergence. TRPO's usual radius is $\delta = 0.01$.

# %%
gamma, delta = 0.99, 0.01
root = gamma * np.sqrt(2 * delta)
print("in units of max |G|, for a mean divergence of 0.01 and γ = 0.99:")
print(f"  with no divergence (14.8)              {2 * gamma / (1 - gamma):7.1f}")
print(f"  Achiam et al., with the mean KL        {root * (1 - gamma) ** -2:7.1f}")
print(f"  first form (14.5)                      {root / gamma**0.5 * (1 - gamma) ** -1.5:7.1f}")
print(f"  sharper bound (14.2)                   {root * (1 - gamma) ** -1.5:7.1f}")

# %% tags=["hide-input"]
K_bar = np.geomspace(1e-6, 1, 200)
figure, ax = plt.subplots(figsize=(10, 5.5))
for power, label in ((2.0, "Achiam et al., with the mean KL"), (1.5, "sharper bound (14.2)")):
    ax.loglog(K_bar, 0.99 * np.sqrt(2 * K_bar) * 0.01**-power, label=label)
ax.axhline(198, color="black", linestyle=":", label="with no divergence (14.8)")
ax.axvline(0.01, color="0.5", linestyle="-.", label="δ = 0.01")
ax.set_xlabel(r"mean divergence $\bar K$ (nats)")
ax.set_ylabel(r"bound on $|J - L|$ in units of $\max |G|$")
ax.legend(loc="upper left")
show(
    figure,
    "Bounds on the gap between J and L against the mean divergence, on log axes, for gamma 0.99. "
    "The line of Achiam et al. crosses the constant that needs no divergence at 0.0002 nats, the "
    "sharper bound crosses it at 0.02 nats, twice the usual radius of 0.01.",
    "Where a line is above the dotted one, it says nothing. At δ = 0.01 the sharper bound still says "
    "a little.",
)

# %% [markdown]
# ## 5. Looking for the worst
#
# Is the bound too careful? We let evolution look for the MDP with the largest ratio $|J - L|$ to bound,
# as in notebook 03: keep the 40 worst, make five changed copies of each, keep the 40 worst again. First
# with the mean divergence, (14.2), for MDPs of two states and two actions, each described by 24 numbers
# (transitions and policies are softmaxes of them, rewards $\sinh$ of twice a number, so that a few are high).
# Then with the largest, (14.7), in a family of its own: walks on a line of 31 places, where the coin, its
# change and the two rewards may differ left of the middle, in the middle and right of it, 12 numbers.
#
# Take a smaller power, $(1-\gamma)^{-1.4}$, in the place of $(1-\gamma)^{-3/2}$, and the right-hand
# side shrinks by the factor $(1-\gamma)^{0.1}$, 0.631 for $\gamma = 0.99$. So one search serves both: a
# ratio above 1 would break the bound, and a ratio above 0.631 breaks the one with the power 1.4.

# %%
gamma = 0.99
searches = {"mean": [], "max": []}
for seed in range(6):
    rng = np.random.default_rng(seed)
    searches["mean"].append(nb.evolve(rng, nb.any_world(2), nb.mean_ratio, gamma, 200)[0])
    searches["max"].append(nb.evolve(rng, nb.any_walk(31), nb.max_ratio, gamma, 120)[0])
limit = (1 - gamma) ** 0.1
for form, histories in searches.items():
    ends = np.array([history[-1] for history in histories])
    print(
        f"{form:5} ends: {np.round(ends, 3)}  with the power 1.5 broken in {np.sum(ends > 1)} of 6,"
    )
    print(f"      with the power 1.4 (a ratio above {limit:.3f}) in {np.sum(ends > limit)} of 6")

# %% tags=["hide-input"]
figure, axes = plt.subplots(1, 2, figsize=(13, 5.5), sharey=True)
for ax, (form, histories) in zip(axes, searches.items(), strict=True):
    for history in histories:
        ax.plot(history, color=COLORS[0], linestyle="-", linewidth=1.5)
    ax.plot([], [], color=COLORS[0], linestyle="-", label="six searches")
    ax.axhline(1, color="black", linestyle=":", label="above: the power 3/2 is broken")
    ax.axhline(0.01**0.1, color=COLORS[1], linestyle="--", label="above: the power 1.4 is broken")
    ax.set_title("mean KL, (14.2)" if form == "mean" else "largest KL, (14.7), among walks")
    ax.set_xlabel("generation")
axes[0].set_ylabel(r"$|J - L|$ / bound, $\gamma = 0.99$")
axes[0].set_ylim(0, 1.1)
axes[1].legend(loc="lower right")
show(
    figure,
    "The ratio of the gap to the bound for the worst MDP of each generation, six searches in each "
    "of two panels, at gamma 0.99. Left, with the mean divergence, all six rise to about 0.77, "
    "above the line at 0.63 where the power 1.4 is broken. Right, among walks, some pass that "
    "line. None reaches 1.",
    "The search breaks the power 1.4, and does not break 3/2.",
)

# %% [markdown]
# The longer searches were run once: 2,000 generations (walks, of 15 places at $\gamma = 0.9$ and of 41 at
# 0.99: 500), from eight random starts each. They
# take some six minutes, so the next cell reads what was measured. Set `MEASURE = True` to repeat them,
# or run in the folder of the notebooks `python -c "from trpo_np.classroom import notebook_14 as nb;
# nb.measure('measurements/worst_cases.json')"`.

# %%
MEASURE = False
FILE = Path("measurements/worst_cases.json")
if MEASURE:
    nb.measure(FILE)
measured = json.loads(FILE.read_text(encoding="utf-8"))
print(f"{'γ':7}{'form':6}{'searched':10}{'largest':>9}{'median':>9}{'with power 1.4':>16}")
for row in measured:
    ends = np.array(row["ends"])
    line = (
        f"{row['gamma']:<7}{row['form']:6}{row['family']:10}{ends.max():9.3f}{np.median(ends):9.3f}"
    )
    print(f"{line}{ends.max() * (1 - row['gamma']) ** -0.1:16.3f}")

# %% [markdown]
# No ratio exceeds 1 anywhere. With the mean divergence almost every search ends near 0.77, for every
# $\gamma$ near 1, and a few with three or five states come close to 1. In the last column anything
# above 1 breaks the power 1.4. With the largest divergence the searches among small MDPs find little from
# $\gamma = 0.9$ on,
# and those among walks about 0.7. What have they found?
#
# ## 6. Three worlds that need the power 3/2
#
# **Leaving.** Notebook 03, section 9, has an MDP made by hand: the run starts in X, a rare action
# (probability $q$ under the old policy, $q + u$ under the new) leads to Y, and there one stays and tosses a
# coin for $\pm 1$. The old coin is fair, the new one wins with $\tfrac12 - v$, so $G(\text{Y}) = -2v$. In X
# nothing is earned, $G(\text{X}) = 0$, and
# $\rho_\text{old}(\text{X}) = \sum_t \gamma^t (1-q)^t = 1 / (1 - \gamma + \gamma q)$; for the new policy $q + u$
# stands in place of $q$. What X loses Y gains, so to leading order in $u$
#
# $$|J - L| = |G(\text{Y})|\, \big( \rho_\text{old}(\text{X}) - \rho(\text{X}) \big) \approx
#   \frac{2 v\, \gamma u}{(1 - \gamma + \gamma q)^2} .$$
#
# The divergence of a coin that falls with $q$ and is changed by $u$ is, to leading order, $u^2 / (2 q (1-q))$; recall
# 14.3 is the case $q = \tfrac12$.
# In the form with the largest divergence let both states have the same, $u^2 / (2 q (1-q)) = 2 v^2 = \max k$.
# Then $u v = \max k\, \sqrt{q (1-q)}$, and with $\epsilon = 1$ the gap is the fraction
# $\sqrt{q (1-q)}\, (1-\gamma)^{3/2} / (1 - \gamma + \gamma q)^2$ of (14.7). Put $q = x (1-\gamma)$ and let
# $\gamma \to 1$: it becomes $\sqrt x\, (1 + x)^{-2}$, for $x = \tfrac13$ that is 0.325, and does not fall to 0.
# With a smaller power in (14.7) it would be multiplied by a positive power of $1/(1-\gamma)$ and exceed every
# limit.
#
# It serves the form with the mean as well. There only $|G|$ counts and not $\epsilon$, so play in Y for high
# stakes and change the coin so little that $k(\text{Y})$ is negligible: $G(\text{Y})$ can stay what it is, and
# all of the divergence is in X. The share of time in X is
# $(1-\gamma)\, \rho_\text{old}(\text{X}) = (1-\gamma) / (1 - \gamma + \gamma q)$, so
#
# $$\bar K \approx \frac{1-\gamma}{1 - \gamma + \gamma q} \cdot \frac{u^2}{2 q (1-q)}, \qquad
#   \frac{|J - L|}{\text{bound}} \approx
#   \frac{\gamma u}{(1 - \gamma + \gamma q)^2} \cdot \frac{(1-\gamma)^{3/2}}{\gamma \sqrt{2 \bar K}}
#   = \frac{(1-\gamma) \sqrt{q (1-q)}}{(1 - \gamma + \gamma q)^{3/2}} . \tag{14.10}$$
#
# Again with $q = x (1-\gamma)$ and $\gamma \to 1$ the ratio becomes $\sqrt x\, (1 + x)^{-3/2}$, which does not
# fall to 0. So **no power below 3/2 will do, in either form**.
#
# **Exercise 14.8.** Which $x$ makes $\sqrt x\, (1 + x)^{-3/2}$ largest?
#
# <details><summary>Hint 1: where to look</summary>
# Section 6: the ratio below (14.10), as a function of x.
# <details><summary>Hint 2: the idea</summary>
# The logarithm has its maximum at the same place, and is easier to differentiate.
# <details><summary>Hint 3: a sketch</summary>
# The root contributes 1/(2x) to the derivative, the power of 1 + x takes 3/(2(1 + x)) away. Where
# are they equal?
# </details></details></details>

# %%
prediction = ...  # replace the dots by a number
### BEGIN SOLUTION
prediction = 0.5
### END SOLUTION
nb.check_best_share(prediction)

# %% [markdown]
# The largest value is $2 / \sqrt{27} = 0.385$. And a reward for leaving can make $G(\text{X})$ as large as
# $G(\text{Y})$, with the other sign. What is lost in X then counts like what is gained in Y, and the ratio
# doubles, to $4/\sqrt{27} = 0.770$. That is what the searches found: most end in this world.
#
# **The fork.** A search that has found something good seldom leaves it. So read the proof instead, and
# ask where it gives nothing away. Jensen's inequality is an equality if $K_t$ is the same for all $t
# \ge 1$: the two policies differ in the first step only. Data processing loses nothing if the state
# remembers the action. And Pinsker is sharp for a fair coin. So let the first action decide between two
# states, from which no way leads back: the old policy's coin is fair, the new one's has $\tfrac12 + u$.
# Then $\rho$ and $\rho_\text{old}$ differ by $\pm u\, \gamma/(1-\gamma)$ in the two states, the start
# has the share $1-\gamma$ of the time, and with $k \approx 2u^2$ from recall 14.3
#
# $$\|\rho - \rho_\text{old}\|_1 = \frac{2 \gamma u}{1-\gamma}, \qquad
#   \frac{\gamma \sqrt{2 \bar K}}{(1-\gamma)^{3/2}} \approx
#   \frac{\gamma \sqrt{2\, (1-\gamma)\, 2 u^2}}{(1-\gamma)^{3/2}} = \frac{2 \gamma u}{1-\gamma} .
#   \tag{14.11}$$
#
# The same, to leading order, for every $\gamma$. Let a coin with high stakes that hardly changes give
# $G = +g$ in the one state and $-g$ in the other, and $|J - L|$ is $\|\rho - \rho_\text{old}\|_1\, g$.
# So in (14.2) **not even the factor can be lowered**, at any discount: whoever wrote 0.99 in front
# would be refuted by this fork with a small enough $u$.
#
# **Exercise 14.13** (a derivation). "To leading order" can be done without. Find the exact divergence $k$ of the coins
# $(\tfrac12, \tfrac12)$ and $(\tfrac12 + u, \tfrac12 - u)$, and with it the exact ratio of
# $\|\rho - \rho_\text{old}\|_1$ to the bound (14.6) in the fork. Write it as a function of `u` alone. (Which letter has gone?)
#
# <details><summary>Hint 1: where to look</summary>
# (14.11), in which only k ≈ 2u² was no equation. The sum of KL has two terms, each with the weight ½.
# <details><summary>Hint 2: the idea</summary>
# ½ log(½ / (½ + u)) + ½ log(½ / (½ - u)) is minus half the logarithm of a product. And in the ratio the powers of
# 1 - γ cancel.
# <details><summary>Hint 3: a sketch</summary>
# Two lines: k from u, and the distance over the bound, both without their common factor γ/(1 - γ). The distance
# leaves 2u.
# </details></details></details>


# %%
def my_fork_ratio(u):
    ### BEGIN SOLUTION
    k = -0.5 * np.log(1 - 4 * u**2)
    return 2 * u / np.sqrt(2 * k)
    ### END SOLUTION


nb.check_fork_ratio(my_fork_ratio)

# %% [markdown]
# **The walk.** With the largest divergence the fork is no use, since it changes the policy in one state
# only. Let it differ alike in all of them: on a line, $x = \dots, -1, 0, 1, \dots$, start at 0, step by
# a fair coin, and change the coin to $\tfrac12 \pm u$ everywhere. A step
# away from 0 earns $\epsilon$, a step towards 0 earns $-\epsilon$, a step from 0 itself nothing. With the fair coin
# all values are then 0, the rewards are the advantages, and $G(x) = 2u\epsilon$ to the right of 0 and
# $-2u\epsilon$ to the left. Hence $J - L = 2u\epsilon\, D$, where $D$ is the new policy's discounted time
# on the right minus that on the left (the old policy's is 0, by symmetry).
#
# To find $D$, solve the equation of the visitation, $\rho(x) = \gamma\, (\tfrac12 + u)\, \rho(x-1) +
# \gamma\, (\tfrac12 - u)\, \rho(x+1)$ for $x \ne 0$. To the right $\rho(x) = \rho(0)\, r^x$ with $r \lt
# 1$ and $r = \gamma (\tfrac12 + u) + \gamma (\tfrac12 - u)\, r^2$; to the left the same with $-u$ for
# $u$. With $\omega = \sqrt{1 - \gamma^2 (1 - 4u^2)}$ the solution is $r = (1 - \omega) /
# (2\gamma(\tfrac12 - u))$, and $\omega = \sqrt{1-\gamma^2}$ to first order in $u$. So the two $r$ are
# $r_0 (1 \pm 2u)$ to first order, where $r_0 = (1-\omega)/\gamma$ is that of the fair coin. The sum of
# $\rho$ over the right side is $\rho(0)\, (r + r^2 + \dots) = \rho(0)\, r/(1-r)$, and the derivative of
# $r/(1-r)$ is $1/(1-r)^2$. The two $r$ are $4 u r_0$ apart, so
#
# $$D \approx \rho(0)\, \frac{4 u\, r_0}{(1-r_0)^2} = \rho(0)\, \frac{2 u \gamma}{1-\gamma},
#   \qquad \rho(0) = \frac{1}{\sqrt{1-\gamma^2}} .$$
#
# (From $r_0 = \tfrac\gamma2 (1 + r_0^2)$ follows $(1-r_0)^2 = 1 + r_0^2 - 2 r_0 = 2 r_0
# (1-\gamma)/\gamma$. And all of $\rho$ adds up to $1/(1-\gamma) = \rho(0)\, (1 + 2 r_0/(1-r_0)) =
# \rho(0)\, (1 + r_0)/(1-r_0)$; by the same equation $(1+r_0)^2 = 2 r_0 (1+\gamma)/\gamma$, so the last
# fraction is $\sqrt{(1+\gamma)/(1-\gamma)}$. A change of $\rho(0)$ of first order in $u$ would not
# enter, as it multiplies the difference of the two sides, which is itself of first order.) With $\max k
# = 2u^2$ this is
#
# $$J - L \approx \frac{4 u^2 \gamma\, \epsilon}{(1-\gamma) \sqrt{1-\gamma^2}}
#   = \frac{1}{\sqrt{1+\gamma}} \cdot \frac{2 \gamma\, \epsilon}{(1-\gamma)^{3/2}}\, \max_s k(s) : \tag{14.12}$$
#
# $1/\sqrt{1+\gamma}$ of the bound (14.7), more than 0.707 for every discount. (In the code the line ends, so far
# out that it hardly counts.) The power is the right
# one, and the factor 2 cannot be lowered below $\sqrt2$.

# %% [markdown]
# **Exercise 14.14** (a derivation). Here too one can do without "to first order". With the two exact $r$, the sum of $\rho$
# over each side is $\rho(0)\, r/(1-r)$, and all of $\rho$ adds up to $1/(1-\gamma)$: that gives $\rho(0)$, and then $D$.
# Write the exact ratio of $J - L = 2u\epsilon\, D$ to the bound (14.7), with the exact divergence $k$ of the coins, as a
# function of `gamma` and `u`. (ε cancels. For small $u$ it must be near $1/\sqrt{1+\gamma}$.)
#
# <details><summary>Hint 1: where to look</summary>
# The text above (14.12). The r to the right stands there, and that to the left is the same with -u for u; ω is the
# same in both.
# <details><summary>Hint 2: the idea</summary>
# ρ(0) (1 + a + b) = 1/(1 - γ), with a and b for r/(1 - r) on the two sides; and D = ρ(0) (a - b). k is that of
# exercise 14.13.
# <details><summary>Hint 3: a sketch</summary>
# ω; the two r; from each r the share r/(1 - r); D, where 1 - γ and 1 + a + b stand below the line; k; and one line
# for the ratio, in which the 2 of 2u D and that of C cancel.
# </details></details></details>


# %%
def my_walk_ratio(gamma, u):
    ### BEGIN SOLUTION
    omega = np.sqrt(1 - gamma**2 * (1 - 4 * u**2))
    right = (1 - omega) / (2 * gamma * (0.5 - u))
    left = (1 - omega) / (2 * gamma * (0.5 + u))
    to_right, to_left = right / (1 - right), left / (1 - left)
    D = (to_right - to_left) / (1 + to_right + to_left) / (1 - gamma)
    k = -0.5 * np.log(1 - 4 * u**2)
    return u * D * (1 - gamma) ** 1.5 / (gamma * k)
    ### END SOLUTION


nb.check_walk_ratio(my_walk_ratio)

# %%
print(f"{'γ':7}{'leaving':>18}{'and gains':>18}{'fork':>9}{'walk':>16}")
for gamma in (0.5, 0.9, 0.99, 0.999):
    q = 0.5 * (1 - gamma)
    formula = 2 * (1 - gamma) * np.sqrt(q * (1 - q)) / (1 - gamma + gamma * q) ** 1.5
    row = f"{nb.max_ratio(*nb.leaving(gamma)):18.4f}"
    row += f"{nb.mean_ratio(*nb.leaving_by_gains(gamma)):9.4f} ({formula:.4f})"
    row += f"{nb.mean_ratio(*nb.fork(gamma)):9.4f}"
    row += f"{nb.max_ratio(*nb.walk(gamma)):8.4f} ({(1 + gamma) ** -0.5:.4f})"
    print(f"{gamma:<7}{row}")
print("|J - L| / bound; in brackets the formulas. Leaving and walk with the largest KL (14.7),")
print("leaving by gains and fork with the mean KL (14.2).")

# %% [markdown]
# All of it in one picture, over the horizon $1/(1-\gamma)$. Left, the form with the largest divergence:
# the constants $C/\epsilon$ that four theorems allow, and what worlds need. Right, the form with the
# mean: the factor in front of $\sqrt{\bar K} \max|G|$. (The paper of TRPO has
# $4\gamma\epsilon/(1-\gamma)^2$, notebook 03, section 6.)

# %%
horizons = np.geomspace(2, 1000, 15)
needed = {"leaving": [], "walk": [], "leaving, by gains": [], "fork": []}
for gamma in 1 - 1 / horizons:
    allowed = 2 * gamma * (1 - gamma) ** -1.5
    needed["leaving"].append(nb.max_ratio(*nb.leaving(gamma)) * allowed)
    needed["walk"].append(nb.max_ratio(*nb.walk(gamma)) * allowed)
    by_mean = allowed / np.sqrt(2)
    needed["leaving, by gains"].append(nb.mean_ratio(*nb.leaving_by_gains(gamma)) * by_mean)
    needed["fork"].append(nb.mean_ratio(*nb.fork(gamma)) * by_mean)
g = 1 - 1 / horizons
left = {"paper of TRPO": 4 * g * horizons**2, "chapter": 2 * g * horizons**2}
left |= {r"first form, $2\sqrt{\gamma}$": 2 * np.sqrt(g) * horizons**1.5}
left |= {"sharper (14.7)": 2 * g * horizons**1.5}
right = {"Achiam et al.": np.sqrt(2) * g * horizons**2}
right |= {"sharper (14.2)": np.sqrt(2) * g * horizons**1.5}

# %%
found = {"mean": {}, "max": {}}
for row in measured:
    best = found[row["form"]].get(row["gamma"], 0.0)
    found[row["form"]][row["gamma"]] = max(best, *row["ends"])

# %% tags=["hide-input"]
figure, axes = plt.subplots(1, 2, figsize=(12.5, 6.2))
for ax, lines, worlds_shown in (
    (axes[0], left, ("walk", "leaving")),
    (axes[1], right, ("fork", "leaving, by gains")),
):
    for label, values in lines.items():
        ax.loglog(horizons, values, label=label)
    for name, marker in zip(worlds_shown, "os", strict=True):
        how = {"color": QUIET, "markersize": 7, "label": f"needed: {name}"}
        ax.loglog(horizons, needed[name], marker, **how)
    ax.set_xlabel(r"horizon $1/(1-\gamma)$ (steps)")
for ax, form, factor in ((axes[0], "max", 2), (axes[1], "mean", np.sqrt(2))):
    ends = [(1 / (1 - x), factor * x * (1 - x) ** -1.5 * r) for x, r in found[form].items()]
    ax.loglog(*np.transpose(ends), "k*", markersize=13, linestyle="none", label="needed: search")
    ax.legend(fontsize=12.5)
axes[0].set_ylabel(r"constant $C / \epsilon$, largest KL")
axes[1].set_ylabel(r"factor of $\sqrt{\bar K}\, \max|G|$, mean KL")
show(
    figure,
    "Two panels on log axes against the horizon. Left: the constants of the TRPO paper and of the "
    "chapter rise with slope two, those of the first form and of the sharper bound with slope three halves; the walk runs "
    "parallel to the sharper bound, a little below it, leaving further below. Right: the factor of "
    "Achiam et al. with slope two, the sharper one with slope three halves, and the fork exactly on it.",
    "Theorems (lines) and what worlds need (symbols). The slope 3/2 is right in both forms; with the "
    "mean KL the fork needs the whole bound.",
    name="sharper_bound",
)

# %% [markdown]
# ## 7. How many nats are certified?
#
# A step is certified to improve the policy if $L(\pi) - J(\pi_\text{old})$ exceeds the bound on the
# gap. How far can it go, at best? The gain is $L - J(\pi_\text{old}) = \sum_s \rho_\text{old}(s)\, G(s)
# = \frac{1}{1-\gamma} \mathbb{E}_{s \sim d_\text{old}}[G(s)]$, and a mean is at most the maximum of
# $|G|$. So a step is certified by (14.2) only if
#
# $$\frac{1}{1-\gamma} \max_s |G(s)| \gt \frac{\gamma \sqrt{2 \bar K}}{(1-\gamma)^{3/2}} \max_s |G(s)|,
#   \qquad \text{that is} \qquad \bar K \lt \frac{1-\gamma}{2\gamma^2} . \tag{14.13}$$
#
# No MDP and no policy can do better; a single state, where the gain is the same everywhere, does as
# well. For (14.7), $\mathbb{E}[G] \le \epsilon \sqrt{2 \max k}$ leads to the same limit for $\max_s k$.
# With the power 2, the chapter's constant or the bound of Achiam et al., it is $(1-\gamma)^2 /
# (2\gamma^2)$, and with the paper's twice as large constant a quarter of that.

# %%
gamma = 0.99
ceilings = {"paper of TRPO": (1 - gamma) ** 2 / (8 * gamma**2)}
ceilings["chapter, Achiam et al."] = (1 - gamma) ** 2 / (2 * gamma**2)
ceilings["sharper, both forms"] = (1 - gamma) / (2 * gamma**2)
for name, ceiling in ceilings.items():
    print(f"{name:24} at most {ceiling:.1e} nats;  δ = 0.01 is {0.01 / ceiling:6.1f} times that")

# %% [markdown]
# So at $\gamma = 0.99$ a radius of 0.01 is nearly twice what (14.2) or (14.7) can certify in any MDP.
# (Section 9 makes (14.2) smaller, with half the span of $G$ in the place of $\max |G|$; then
# there is no such limit: where the gain is the same in every state, $J$ and $L$ agree.)
#
# **Exercise 14.9.** For which $\gamma$ is the limit (14.13) exactly $0.01$ nats? Three digits, please.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (14.13).
# <details><summary>Hint 2: the idea</summary>
# Write (14.13) with an equals sign and multiply by the denominator: a quadratic equation for γ.
# <details><summary>Hint 3: a sketch</summary>
# 0.02 γ² + γ - 1 = 0.
# </details></details></details>

# %%
prediction = ...  # replace the dots by a number
### BEGIN SOLUTION
prediction = (np.sqrt(1.08) - 1) / 0.04
### END SOLUTION
nb.check_ceiling(prediction)

# %% [markdown]
# And in an MDP that was not made for the purpose? We take the one of notebook 03, section 10 (four
# states, three actions, $\gamma = 0.99$, the first policy uniform) and the policies of largest gain
# with the divergence $k$ in every state, (3.10). What does each bound certify, as a function of $k$?
# Two more lines belong to section 9: the same bound with half the span of $G$, (14.16), and one that
# knows how fast the chain forgets, (14.22).

# %%
mdp = tabular.random_mdp(np.random.default_rng(3), S=4, A=3, gamma=0.99)
uniform = np.full((4, 3), 1 / 3)
radii = np.geomspace(1e-8, 0.3, 1500)
steps_of_largest_gain = nb.best_within(uniform, tabular.advantages(mdp, uniform), radii)
pair = uniform, steps_of_largest_gain
L_gain = tabular.local_approximation(mdp, *pair) - tabular.performance(mdp, uniform)
J_gain = tabular.performance(mdp, steps_of_largest_gain) - tabular.performance(mdp, uniform)
G = tabular.gains(mdp, *pair)
chapter = tabular.penalty_constant(mdp, uniform) * tabular.state_kl(*pair).max(axis=-1)
gaps = {
    "paper of TRPO": 2 * chapter,
    "chapter": chapter,
    "Achiam et al. (mean KL)": bounds.gap_bound(mdp, *pair, power=2),
    "sharper, largest KL": np.sqrt(1 - mdp.gamma) * chapter,
    "sharper, mean KL": bounds.gap_bound(mdp, *pair),
    "sharper, half the span": bounds.visitation_bound(mdp, *pair) * bounds.half_span(G),
    "with the chain's memory": bounds.mixing_gap_bound(mdp, *pair),
}
print(f"{'':26}{'certified up to':>16}{'best step':>12}{'promised':>10}{'true':>8}")
for name, gap in gaps.items():
    certain = L_gain - gap
    best = certain.argmax()
    row = f"{radii[certain >= 0].max():16.1e}{radii[best]:12.1e}{certain[best]:10.3f}"
    print(f"{name:26}{row}{J_gain[best]:8.3f}")

# %% tags=["hide-input"]
figure, ax = plt.subplots(figsize=(11, 6.5))
ax.semilogx(radii, J_gain, color="black", linestyle="-", label=r"$J$ gained")
for (name, gap), style in zip(
    list(gaps.items())[1:], ("-", "--", "-.", ":", "--", "-."), strict=True
):
    ax.semilogx(radii, L_gain - gap, linestyle=style, label=f"certified: {name}")
ax.axhline(0, color="0.5", linewidth=1, linestyle="-")
ax.axvline(0.01, color="0.5", linestyle=":", label="δ = 0.01")
ax.set_ylim(-1.5, 9)
ax.set_xlim(1e-7, 0.3)
ax.set_xlabel("divergence in every state (nats)")
ax.set_ylabel("improvement of the performance")
ax.legend(loc="upper left", fontsize=11)
show(
    figure,
    "The improvement that each bound certifies against the divergence of the step, on a log axis, "
    "below the true improvement. Each curve is an arch: that of the chapter ends near seven "
    "millionths of a nat, the sharper ones near a thousandth, with half the span near 0.009, just "
    "left of the line at 0.01, and with the chain's memory at 0.1.",
    "Where an arch is above 0, the step is sure to improve. δ = 0.01 lies beyond all that know "
    "nothing but divergences, and within the one that knows how fast this chain forgets.",
)

# %% [markdown]
# The radius certified grows from 7 millionths to 14 ten-thousandths of a nat, two hundredfold, and with
# half the span to 0.0087, still below $\delta = 0.01$. What is promised on the best step grows too,
# from 0.07 to 0.9 and 2.3. The truth is about twice the promise in each row: at the top of an arch the
# promise is half of the gain of $L$, because $L$ grows like $\sqrt k$ here and the bound like $k$.
#
# ## 8. What the constraint still guarantees
#
# **A step within $\delta$.** Notebook 04 said that the two changes cost the certificate of improvement.
# They leave another one. A line search accepts only steps with $L(\pi) \gt L(\pi_\text{old}) =
# J(\pi_\text{old})$. If in addition $\max_s k(s) \le \delta$, or $\bar K \le \delta$, then (14.7) and
# (14.2) say
#
# $$J(\pi) \ge J(\pi_\text{old}) - C \delta, \qquad
#   J(\pi) \ge J(\pi_\text{old}) - \frac{\gamma \sqrt{2\delta}}{(1-\gamma)^{3/2}}\, \max_s |G(s)| . \tag{14.14}$$
#
# An accepted step may make things worse, but by no more than that. In both cases the gain $L(\pi) -
# J(\pi_\text{old})$ may be added on the right, if it is known. The two differ in kind. With the maximum
# both factors of the gap, how far $\rho$ moves and how large $G$ is, are of the order $\sqrt\delta$, and the loss is at most a multiple of $\delta$. With the
# mean, the factor $\max_s |G(s)|$ is not bound to be small: a state with a small share of the time may
# change completely, and its $G$ is then of the size of $\epsilon$. So the mean gives $\sqrt\delta$
# where the maximum gives $\delta$. That is the price of the mean.

# %% [markdown]
# **Exercise 14.15** (a derivation). Let $\gamma = 0.99$, and let no advantage be larger than $\epsilon = 1$. How small must
# δ be, so that by (14.14) an accepted step with $\max_s k(s) \le \delta$ loses at most 1? Three digits, or an
# expression.
#
# <details><summary>Hint 1: where to look</summary>
# (14.14), the left one of its two bounds, and C from (14.7).
# <details><summary>Hint 2: the idea</summary>
# The most that can be lost is C δ. Set it to 1 and solve for δ.
# <details><summary>Hint 3: a sketch</summary>
# An expression with one power of 1 - γ above and 2 γ ε below the line.
# </details></details></details>

# %%
prediction = ...  # replace the dots by a number or an expression
### BEGIN SOLUTION
prediction = 0.01**1.5 / (2 * 0.99)
### END SOLUTION
nb.check_small_enough(prediction)

# %%
mdp = tabular.random_mdp(np.random.default_rng(3), S=4, A=3, gamma=0.99)
print("the step of largest gain, γ = 0.99, the MDP of section 7:")
print(f"{'δ':>8}{'L gained':>10}{'J gained':>10}{'at least, max KL':>18}{'at least, mean KL':>19}")
for delta in (1e-5, 1e-4, 1e-3, 1e-2):
    new = nb.best_within(uniform, tabular.advantages(mdp, uniform), delta)
    J_old = tabular.performance(mdp, uniform)
    gained = tabular.local_approximation(mdp, uniform, new) - J_old
    lost = bounds.sharper_constant(mdp, uniform) * delta, bounds.gap_bound(mdp, uniform, new)
    row = f"{gained:10.3f}{tabular.performance(mdp, new) - J_old:10.3f}"
    print(f"{delta:8.0e}{row}{gained - lost[0]:18.3f}{gained - lost[1]:19.3f}")

# %% [markdown]
# **The sampled constraint.** What a program keeps below $\delta$ is yet another number, the mean of
# $k(s)$ over the states of a batch. Three things stand between it and (14.2).
#
# First, it is an estimate; its standard error can be estimated from run to run, and it sees nothing of a
# state that is not in
# the batch. Second, the factor $\max_s |G(s)|$ is a maximum over all states, and the advantages in it
# are estimates too; (14.2) is a guarantee for someone who knows both. Third, a batch weighs all time
# steps alike, and $\bar K$ discounts the later ones. For runs of $T$ steps let $\hat\kappa = \frac1T
# \sum_{t \lt T} \kappa_t$, which is what the mean over the batch estimates. In (14.1) the first $T$
# weights are at most $1-\gamma$, and the others add up to $\gamma^T$:
#
# $$\bar K \le (1-\gamma)\, T\, \hat\kappa + \gamma^T \max_s k(s) . \tag{14.15}$$
#
# **Exercise 14.16** (a derivation). Let all of the divergence be in one time step: $\kappa_{t_0} \gt 0$ for one
# $t_0 \lt T$, and every other $\kappa_t = 0$. By which factor is $\bar K$ larger than the $\hat\kappa$ that the batch
# estimates? Write it as a function of `t0`, `T` and `gamma`.
#
# <details><summary>Hint 1: where to look</summary>
# (14.1) and the definition of κ̂ above (14.15). One term is left of each sum.
# <details><summary>Hint 2: the idea</summary>
# K̄ weighs step t₀ with (1-γ) γ^t₀, κ̂ with 1/T.
# <details><summary>Hint 3: a sketch</summary>
# A product of three factors; κ itself cancels. For t₀ = 0 it is the first factor in (14.15).
# </details></details></details>


# %%
def my_hidden_factor(t0, T, gamma):
    ### BEGIN SOLUTION
    return (1 - gamma) * gamma**t0 * T
    ### END SOLUTION


nb.check_hidden_factor(my_hidden_factor)

# %% [markdown]
# For $T = 1000$ and $\gamma = 0.99$ the right-hand side of (14.15) is ten times $\hat\kappa$ (and $0.00004 \max_s k(s)$): a batch with a mean of 0.01 may
# hide a $\bar K$ of 0.1, for which (14.2) says nothing. The factor is reached if all of the divergence
# is in the first state of a run. The remedy is one line: weigh a state by $\gamma^t$. We try both in
# the leaving world of section 6, where the policies differ in X, which is left after some 33 steps on
# average.

# %%
world, old, new = nb.leaving_by_gains(0.99, x=3.0, u=0.14)
k = tabular.state_kl(old, new)
T, weights = 1000, 0.99 ** np.arange(1000)
alike, discounted = [], []
for seed in range(20):
    states = nb.simulate(world, old, episodes=8, steps=T, rng=np.random.default_rng(seed))
    alike.append(k[states].mean())
    discounted.append((0.01 * k[states] @ weights).mean())
for name, values in (("all steps alike", alike), ("weighed by γ^t", discounted)):
    error = np.std(values, ddof=1) / np.sqrt(len(values))
    print(f"{name:16} {np.mean(values):.6f} ± {error:.6f}, twenty batches of 8 runs of 1000 steps")
print(f"K̄, exactly       {tabular.mean_state_kl(world, old, new):.6f}")

# %% [markdown]
# The discounted mean estimates $\bar K$; the usual one is between seven and eight times too small here. Where the
# chain
# forgets its start quickly, as in our random MDPs, the two means are close (in 300 of each kind at
# $\gamma = 0.99$ within eight per cent), and nothing of this is seen.
#
# ## 9. Relatives
#
# **Half the span.** Both visitations add up to $1/(1-\gamma)$, so $\sum_s (\rho(s) -
# \rho_\text{old}(s))\, c = 0$ for every constant $c$, and in $J - L = \sum_s (\rho - \rho_\text{old})\,
# G$ we may subtract $c$ from $G$. All bounds above that contain $\max_s |G(s)|$ hold with $\max_s |G(s) -
# c|$ in the place of
# $\max_s |G(s)|$, for the best $c$:
#
# $$\min_c \max_s |G(s) - c| = \tfrac12 \left( \max_s G(s) - \min_s G(s) \right) . \tag{14.16}$$
#
# (Every $c$ is at least that far from one of the two extremes, and half-way between them it is that far
# from both.)
#
# **Exercise 14.10.** Write (14.16) for an array `G` of shape `(S,)`.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (14.16).
# <details><summary>Hint 2: the idea</summary>
# The best c lies half-way between the extremes. How far is it from them?
# <details><summary>Hint 3: a sketch</summary>
# np.max(...) and np.min(...), with the signs that the gains have; and a factor in front.
# </details></details></details>


# %%
def my_half_span(G):
    ### BEGIN SOLUTION
    return 0.5 * (np.max(G) - np.min(G))
    ### END SOLUTION


nb.check_half_span(my_half_span)

# %% [markdown]
# It is never more than $\max |G|$, since $c = 0$ is one of the choices. In the fork and the walk it
# is the same, in leaving, where $G(\text{X}) = 0$, the half. In the MDP of section 7 it is at most the
# half, because a step of largest gain has $G(s) \ge 0$ in every state.
#
# **At every time the best.** Why sum up first and compare then? At time $t$ we know three bounds on
# $\|\tilde p_t - p_t\|_1$: 2, the sum of total variations (line 6 of exercise 14.7), and $\sqrt{2K_t}$.
# Take the smallest at each time:
#
# $$|J - L| \le \max_s |G(s)| \sum_{t=1}^\infty \gamma^t \min\Big( 2,\; 2 \sum_{i \lt t}
#   \mathbb{E}_{s \sim p_i}[\mathrm{TV}(s)],\; \sqrt{2 K_t} \Big) . \tag{14.17}$$
#
# It is never above (14.2), (14.8) and (14.9), because each of these takes the same one of the three at
# every time. The price: one must know $\kappa_t$ and the mean of $\mathrm{TV}$ for every $t$, not only
# their means over time.
#
# **Exercise 14.17.** Write the sum in (14.17), without the factor $\max_s |G(s)|$, over the times that are given.
# Arguments: `kappa` and `tv`, both `(n,)`, the means $\kappa_t$ and $\mathbb{E}_{s \sim p_t}[\mathrm{TV}(s)]$ for
# $t = 0, \dots, n-1$, and `gamma`. The result is one number.
#
# <details><summary>Hint 1: where to look</summary>
# (14.17): at each time three numbers, of which two need sums over what was before. At t = 0 there is nothing yet.
# <details><summary>Hint 2: the idea</summary>
# np.cumsum adds up the terms to t itself. The sums here run over i < t.
# <details><summary>Hint 3: a sketch</summary>
# Three arrays of length n: the sum of the κ before t, twice the sum of the TV before t, and γ^t. np.minimum takes
# the smaller one entry by entry; it can be used twice.
# </details></details></details>


# %%
def my_best_at_every_time(kappa, tv, gamma):
    ### BEGIN SOLUTION
    t = np.arange(len(kappa))
    K = np.cumsum(kappa) - kappa
    coupled = 2 * (np.cumsum(tv) - tv)
    shift = np.minimum(2, np.minimum(coupled, np.sqrt(2 * K)))
    return np.sum(gamma**t * shift)
    ### END SOLUTION


nb.check_best_at_every_time(my_best_at_every_time)

# %% [markdown]
# **A finite horizon.** The idea to apply Pinsker to the distribution of the state is not new.
# [Li et al. (2025)](references.md#li2025) have it for language models, where a run is a sequence of $T$
# tokens, a state is the text so far, nothing is discounted, and one reward between 0 and 1 comes at the
# end. ($V$, $A$ and $G$ then depend on the time as well, and $L = J(\pi_\text{old}) + \sum_{t=1}^T
# \sum_s p_t(s)\, G_t(s)$.) Their **Pinsker-marginal** bound is $|J - L| \le c\, T^{3/2} \max k$ with a
# number $c$,
# where the older proof gives $T (T-1) \max k$.
#
# **Exercise 14.11.** Derive the factor $c$. Here $|A| \le 1$, so $|G| \le \sqrt{2 \max k}$, and
# $K_t \le (t-1) \max k$ for $t = 1, \dots, T$ (tokens are counted from 1). So $|J - L| \le \sum_{t=1}^T
# \sqrt{2 \max k}\, \sqrt{2 (t-1) \max k}$. Compare the sum with the integral of $\sqrt x$ from 0 to
# $T$. What stands before $T^{3/2} \max k$?
#
# <details><summary>Hint 1: where to look</summary>
# Section 9: the sum in the exercise, with (14.3) and Pinsker's inequality behind it.
# <details><summary>Hint 2: the idea</summary>
# Take the numbers and max k out of the sum. What stays is Σ √(t-1), and √(t-1) is at most the
# integral of √x from t-1 to t, because the root rises.
# <details><summary>Hint 3: a sketch</summary>
# √2 · √2 · ∫ √x dx from 0 to T, and the integral is ⅔ T^(3/2).
# </details></details></details>

# %%
prediction = ...  # replace the dots by a number
### BEGIN SOLUTION
prediction = 4 / 3
### END SOLUTION
nb.check_stopped(prediction)

# %% [markdown]
# Their **mixed** bound uses that a state knows no more than the whole sequence, $K_t \le K_{T+1}$ for
# all $t \le T$, where $K_{T+1} = \sum_{t \le T} \kappa_t$ is the divergence of the sequences: the sum
# becomes $2\, T \sqrt{\max k \cdot K_{T+1}}$. It grows like $T$ if the policies differ in a few places
# only. And their **adaptive** bound (added in the second version of the paper) splits the gap by the
# place where the policies differ, with the mean total variation $\bar D_t = \mathbb{E}_{s \sim
# p_t}[\mathrm{TV}(s)]$ at that place, and with how far the choices that follow can lead apart:
#
# $$|J - L| \le 4 \sum_{t=1}^T \bar D_t\, \min\Big( 1,\; (T-t) \max \mathrm{TV},\;
#   \sqrt{\tfrac{T-t}{2} \max k} \Big). \tag{14.18}$$
#
# We state it here and derive its discounted form below, by a way that would give 2 for the 4. A world to
# compare them in: a walk that is stopped after
# $T$ steps and paid 1 if it is then further than $\sqrt T$ from its middle. The new coin falls outwards
# with $0.51$, once at all times, once at two times only, half-way and at the last step but one.

# %%
lengths = 2 ** np.arange(3, 10)
everywhere = [nb.stopped_walk(T, 0.01, np.ones(T)) for T in lengths]
twice = [nb.stopped_walk(T, 0.01, np.isin(np.arange(T), (T // 2, T - 2))) for T in lengths]
for name, rows in (("all steps", everywhere), ("two steps", twice)):
    last = {key: f"{abs(value):.1e}" for key, value in rows[-1].items()}
    print(f"T = {lengths[-1]}, the coin differs at {name}:", last)

# %% tags=["hide-input"]
figure, axes = plt.subplots(1, 2, figsize=(14, 5.5), sharey=True)
for ax, rows, title in (
    (axes[0], everywhere, "all steps differ"),
    (axes[1], twice, "two steps differ"),
):
    for key in ("classical", "mixed", "Pinsker-marginal", "adaptive"):
        ax.loglog(lengths, [row[key] for row in rows], label=key)
    error = np.array([abs(row["error"]) for row in rows])
    ax.loglog(
        lengths[error > 1e-12], error[error > 1e-12], "ko", linestyle="none", label=r"$|J - L|$"
    )
    ax.axhline(1, color="0.5", linestyle=":", label="more than can be earned")
    ax.set_title(title)
    ax.set_xlabel("length T")
axes[0].set_ylabel(r"$|J - L|$ and its bounds")
axes[0].set_ylim(1e-8, 1e2)
axes[1].legend(fontsize=12, loc="upper left", bbox_to_anchor=(1.0, 1.0))
show(
    figure,
    "Four bounds for a finite horizon and the true gap, against the length T on log axes. Where all "
    "steps differ, the classical bound has slope two and the others three halves; the adaptive one "
    "is lowest, by a factor of 1.7 at T = 8 and of 1.04 at T = 512. Where two steps differ, the mixed bound has slope one, the adaptive "
    "slope one half, and both are far below the others, which do not notice.",
    "Finite horizon: which bound is the smallest depends on where the policies differ. On this walk the "
    "adaptive one is, in both cases.",
)

# %% [markdown]
# **Their discounted twins.** Pinsker-marginal: with only $\max k$ known, $K_t \le t \max k$ and $|G(s)|
# \le \epsilon \sqrt{2 \max k}$ (section 3). Put both into (14.17) without the other two of its three.
#
# **Exercise 14.23** (a derivation). What comes out is a number times $\epsilon \max k \sum_t \gamma^t \sqrt t$. For
# $\gamma$ near 1, where $\log \gamma \approx -(1-\gamma)$, this sum is nearly an integral,
# $\int_0^\infty e^{-(1-\gamma)\, t} \sqrt t\, dt$. Which number stands in front of $\epsilon\, (1-\gamma)^{-3/2} \max k$ then? Three digits, or an expression.
#
# <details><summary>Hint 1: where to look</summary>
# (14.17), with √(2 K_t) alone. There are two roots of 2, one from |G| and
# one from √(2 K_t), as in exercise 14.11; its answer is for a finite horizon, though.
# <details><summary>Hint 2: the idea</summary>
# Put t = x²/(1 - γ), so that dt = 2x dx/(1 - γ). The powers of 1 - γ come out of the integral, and under it stands
# 2x² exp(-x²).
# <details><summary>Hint 3: a sketch</summary>
# By parts, ∫ x · x exp(-x²) dx from 0 on is half of ∫ exp(-x²) dx from 0 on. And how large that is you know from the
# normal density, whose integral over the whole line is 1.
# </details></details></details>

# %%
prediction = ...  # replace the dots by a number or an expression
### BEGIN SOLUTION
prediction = np.sqrt(np.pi)
### END SOLUTION
nb.check_without_jensen(prediction)

# %% [markdown]
# For every $\gamma$, with the sum as it is,
#
# $$J \ge L - C \max_s k(s), \qquad C = 2 \epsilon \sum_{t=1}^\infty \gamma^t \sqrt t . \tag{14.19}$$
#
# Jensen was not needed, so this $C$ is smaller than (14.7), for $\gamma$ near 1 by the factor $\tfrac12
# \sqrt\pi = 0.886$ (here $\pi$ is the number). Together with the walk: the best constant lies between
# 1.41 and 1.77 times $\epsilon (1-\gamma)^{-3/2}$ for $\gamma$ near 1. Mixed: $K_t \le K_\infty =
# \sum_i \kappa_i$, so $|J - L| \le \frac{\gamma}{1-\gamma} \sqrt{2 K_\infty} \max |G|$, which is good
# for the fork, but $K_\infty$ is infinite where the policies go on to differ. It is never below
# (14.17).
#
# For the adaptive one we need another form of the gap. Each value is a performance with another start,
# so the performance difference lemma (2.6) holds for all of them at once: $V_\pi - V_\text{old} = (I -
# \gamma P_\pi)^{-1} G$, where row $s$ of the inverse is the visitation from the start $s$. And (3.4) has $\rho - \rho_\text{old} = \gamma\, (I - \gamma P_\pi^\top)^{-1}
# (P_\pi - P_\text{old})^\top \rho_\text{old}$. Multiply by $G$, and move the inverse from the one
# factor to the other:
#
# $$J - L = \gamma \sum_s \rho_\text{old}(s) \sum_{s'} \big( P_\pi(s'|s) - P_\text{old}(s'|s) \big)\,
#   \big( V_\pi(s') - V_\text{old}(s') \big) . \tag{14.20}$$
#
# **Exercise 14.18** (a derivation). The bracket in (14.20) needs the values of the new policy. But both differences are
# small for a small step, so the gap is of second order, and to that order one may take the old matrix in
# $V_\pi - V_\text{old} = (I - \gamma P_\pi)^{-1} G$. Write the gap to second order, with nothing of the new policy but
# the difference of the matrices and $G$. Arguments: `P_old` and `P_new`, both `(S, S)`, with the next state along the row;
# `rho_old` and `G`, both `(S,)`; and `gamma`.
#
# <details><summary>Hint 1: where to look</summary>
# (14.20), with another vector in the place of its last bracket.
# <details><summary>Hint 2: the idea</summary>
# (I - γ P_old)⁻¹ G is a linear system, not a division.
# <details><summary>Hint 3: a sketch</summary>
# The vector first, with np.linalg.solve; then γ times a product of a row, a matrix and that vector, from left to right.
# </details></details></details>


# %%
def my_second_order_gap(P_old, P_new, rho_old, G, gamma):
    ### BEGIN SOLUTION
    change = np.linalg.solve(np.eye(len(G)) - gamma * P_old, G)
    return gamma * rho_old @ (P_new - P_old) @ change
    ### END SOLUTION


nb.check_second_order_gap(my_second_order_gap)

# %% [markdown]
# In words: $L$ weighs every changed action by the *old* policy's later values. What it misses is that these values change as well.
# The absolute differences of $P_\pi$ and $P_\text{old}$ in row $s$ add up to at most $2\, \mathrm{TV}(s)$.
# So everything depends on how large the last bracket can be, and there are three answers.
#
# The first: $|V_\pi - V_\text{old}| \le \max |G| / (1-\gamma)$, since the rows of $(I - \gamma P_\pi)^{-1}$ sum to
# $1/(1-\gamma)$. That is (14.9) once more.
#
# The second: the two values are expectations of the same rewards over two distributions of paths. A reward that
# lies in an interval of length $R = \max r - \min r$, over all states and actions, changes its expectation by at most $\tfrac12 R$
# times the $\|\cdot\|_1$ distance: subtract the middle of the interval, which changes no difference of expectations, and
# what is left is at most $R/2$. The paths up to the action at time $t$ hold $t+1$ choices, so their distance is at most
# $2 (t+1) \max \mathrm{TV}$, and by the chain rule and Pinsker at most $\sqrt{2 (t+1) \max k}$. So
#
# $$|J - L| \le \frac{2\gamma}{1-\gamma}\, \mathbb{E}_{s \sim d_\text{old}}[\mathrm{TV}(s)] \cdot \frac{R}{2} \sum_{t=0}^\infty
#   \gamma^t \min\Big( 2,\; 2 (t+1) \max \mathrm{TV},\; \sqrt{2 (t+1) \max k} \Big). \tag{14.21}$$
#
# **Exercise 14.24** (a derivation). These are the steps to (14.21), in a wrong order, and among them a sixth line that
# does not follow from any of them. Write the order of the five true ones. $W = V_\pi - V_\text{old}$, and $\overline{\mathrm{TV}}$ is the mean
# $\mathbb{E}_{s \sim d_\text{old}}[\mathrm{TV}(s)]$. Two runs begin in the same state $s'$, one with the new policy and one
# with the old: $\tilde r_t$ and $r_t$ are their rewards at time $t$, $\tilde q_t$ and $q_t$ the distributions of what
# led to that reward, $s', a_0, s_1, \dots, s_t, a_t$. Of the three terms of the minimum only the last is followed.
#
# 1. $\displaystyle \le \frac{2\gamma}{1-\gamma}\, \overline{\mathrm{TV}} \cdot \frac R2\,
#    \max_{s'} \sum_t \gamma^t\, \|\tilde q_t - q_t\|_1$
# 2. $\displaystyle \le \frac{2\gamma}{1-\gamma}\, \overline{\mathrm{TV}}\, \max_{s'} |W(s')|$
# 3. $\displaystyle \le \frac{2\gamma}{1-\gamma}\, \overline{\mathrm{TV}} \cdot \frac R2\,
#    \sum_t \gamma^t \sqrt{2\, t\, \max k}$
# 4. $\displaystyle |J - L| \le \gamma \sum_s \rho_\text{old}(s) \sum_{s'} \big| P_\pi(s'|s) - P_\text{old}(s'|s) \big|\,
#    |W(s')|$
# 5. $\displaystyle \le \frac{2\gamma}{1-\gamma}\, \overline{\mathrm{TV}} \cdot \frac R2\,
#    \sum_t \gamma^t \sqrt{2\, (t+1)\, \max k}$
# 6. $\displaystyle \le \frac{2\gamma}{1-\gamma}\, \overline{\mathrm{TV}}\,
#    \max_{s'} \sum_t \gamma^t\, \big| \mathbb{E}[\tilde r_t] - \mathbb{E}[r_t] \big|$
#
# <details><summary>Hint 1: where to look</summary>
# (14.20) is where it begins, and (14.21) where it ends. What stands between them names the steps.
# <details><summary>Hint 2: the idea</summary>
# From the gap to the change of a value, from a value to its rewards, from a reward to the path that led to it, the
# last action included, from paths to divergences.
# <details><summary>Hint 3: a sketch</summary>
# Two lines differ in one count only. Try t = 0: do the two first rewards have the same mean, where both runs begin in
# the same state?
# </details></details></details>

# %%
prediction = ...  # replace the dots by a list of five numbers
### BEGIN SOLUTION
prediction = [4, 2, 6, 1, 5]
### END SOLUTION
nb.check_future_order(prediction)

# %% [markdown]
# The third answer: the differences of $P_\pi$ and $P_\text{old}$ in a row sum to 0. So only differences of $V_\pi -
# V_\text{old}$ between states count, and these are small if the chain forgets where it came from.
# With the matrix $N = (I - \gamma P_\pi)^{-1}$, whose row $s$ is the visitation from the start $s$,
# let $\tau = \tfrac12 \max_{s,s'} \sum_j |N(s,j) - N(s',j)|$ be the **memory** of the chain, in
# discounted steps. Then $V_\pi - V_\text{old} = N G$ differs between two states by at most $2 \tau
# \max|G|$. Half the span may stand for the largest entry here too, and that, times $2\, \mathrm{TV}(s)$, gives
#
# $$|J - L| \le \frac{2\gamma}{1-\gamma}\, \tau\, \mathbb{E}_{s \sim d_\text{old}}[\mathrm{TV}(s)]\, \max_s |G(s)| . \tag{14.22}$$
#
# **Exercise 14.19.** Write the memory τ of a chain, from its matrix `P`, shape `(S, S)`, with the entries
# $P(s'|s)$ in row $s$, and `gamma`. The result is one number.
#
# <details><summary>Hint 1: where to look</summary>
# Section 9, the text above (14.22). Row s of N says how often each state is visited, discounted, from the start s.
# <details><summary>Hint 2: the idea</summary>
# For each pair of rows: the absolute differences, added up over the states j. Then the largest of all pairs.
# <details><summary>Hint 3: a sketch</summary>
# np.linalg.inv for N; a loop over pairs of rows, or N[:, None, :] beside N[None, :, :]; a sum over the last axis; a
# maximum; and the ½.
# </details></details></details>


# %%
def my_memory(P, gamma):
    ### BEGIN SOLUTION
    N = np.linalg.inv(np.eye(len(P)) - gamma * P)
    apart = np.abs(N[:, None, :] - N[None, :, :]).sum(axis=2)
    return 0.5 * np.max(apart)
    ### END SOLUTION


nb.check_memory(my_memory)

# %% [markdown]
# The rows of $N$ sum to $1/(1-\gamma)$, so $\tau \le 1/(1-\gamma)$, and (14.22) is never above (14.9).
# If the chain forgets under the new policy, $\tau$ stays finite for $\gamma \to 1$. If it forgets under
# the old one too, the differences of $V_\text{old}$ between states stay finite, hence $A_\text{old}$ and
# $G$, and so does $(1-\gamma)\, |J - L|$, the gap in reward per step. That is the point of [Dai and
# Gluzman (2021)](references.md#dai2021), whose
# bound has such a coefficient of the chain in the place of $1/(1-\gamma)$ and holds for the average
# reward as well. The price: $\tau$ belongs to the new policy, and one must know the transitions to
# compute it.
#
# All of them on the same worlds, for $\gamma = 0.99$: the three of section 6, a **gamble** (a state
# that is seldom met, where one choice decides for long, and the only one where the policies differ),
# and the medians over 1,000 random MDPs of either kind.

# %%
relatives = {
    "chapter": lambda *w: tabular.penalty_constant(*w[:2]) * tabular.state_kl(*w[1:]).max(axis=-1),
    "sharper, largest KL (14.7)": lambda *w: (
        bounds.sharper_constant(*w[:2]) * tabular.state_kl(*w[1:]).max(axis=-1)
    ),
    "Pinsker-marginal (14.19)": lambda *w: (
        bounds.marginal_constant(*w[:2]) * tabular.state_kl(*w[1:]).max(axis=-1)
    ),
    "Achiam et al., TV (14.9)": bounds.tv_gap_bound,
    "sharper, mean KL (14.2)": bounds.gap_bound,
    "best at every time (14.17)": bounds.path_gap_bound,
    "adaptive (14.21)": bounds.future_gap_bound,
    "memory (14.22)": bounds.mixing_gap_bound,
}
# %%
gamma = 0.99
places = {"fork": nb.fork(gamma, 1e-2, 1e-6), "walk": nb.walk(gamma, 1e-2)}
places |= {"leaving": nb.leaving(gamma, k=1e-4), "gamble": nb.gamble(gamma, 1e-2)}
rng = np.random.default_rng(0)
logits, change = rng.standard_normal((2, 1000, 4, 3))
near = tabular.softmax_policy(logits), tabular.softmax_policy(logits + 0.1 * change)
places["uniform"] = (tabular.random_mdp(rng, 4, 3, gamma, (1000,)), *near)
places["deterministic"] = (nb.sharp_mdps(rng, 4, 3, gamma, 1000), *near)
times = {name: [] for name in relatives}
for world in places.values():
    gap = np.abs(tabular.surrogate_gap(*world))
    for name, bound in relatives.items():
        times[name].append(np.median(bound(*world) / gap))
print(f"{'bound / |J - L|':28}" + "".join(f"{name:>14}" for name in places))
for name, row in times.items():
    print(f"{name:28}" + "".join(f"{value:14.3g}" for value in row))
for place, column in zip(places, zip(*times.values(), strict=True), strict=True):
    smallest = [
        name for name, value in zip(times, column, strict=True) if value < 1.01 * min(column)
    ]
    print(f"smallest, to one per cent, in {place}: {'; '.join(smallest)}")

# %% tags=["hide-input"]
figure, ax = plt.subplots(figsize=(12, 6.5))
markers = "xov^sD*P"
for number, ((name, row), marker) in enumerate(zip(times.items(), markers, strict=True)):
    x = np.arange(len(row)) + 0.07 * (number - 3.5)
    ax.semilogy(
        x, row, marker, color=COLORS[number % 7], linestyle="none", markersize=11, label=name
    )
ax.axhline(1, color="black", linestyle=":", linewidth=1.5)
ax.set_xticks(range(len(places)), list(places))
ax.set_ylabel(r"bound / $|J - L|$, $\gamma = 0.99$")
ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=12)
show(
    figure,
    "Eight bounds divided by the true gap on a log axis, in six worlds. In the fork four of them "
    "lie at 1 or just above; in the walk and in leaving the two that follow the path are lowest; "
    "in the gamble the adaptive one; in both kinds of random MDP the one with the memory of the "
    "chain, by factors of eight and six. The chapter's bound is highest or next to it in all.",
    "How many times too large each bound is. None is the smallest everywhere.",
)

# %% [markdown]
# So there is no best one. Where the chain forgets, its memory is what counts, and of the others even the
# nearest, (14.17), is about 190 and 94 times too large. Where it does not forget and the change is spread
# out, (14.17) and with it Pinsker's root are nearest. Where the change is confined to a state that is
# seldom met, the bounds with a mean are near and those with a maximum are not; if a choice there decides for long, the
# adaptive bound is the nearest. A minimum of bounds is a bound: whoever has all the numbers takes the smallest.
#
# ## 10. What to take along
#
# | | |
# |---|---|
# | proof | divergences add up along the path; forget all but the state; Pinsker at each time; Jensen over $\gamma^t$ |
# | with the mean KL | $\lvert J - L\rvert \le \gamma \sqrt{2\bar K}\,(1-\gamma)^{-3/2} \max\lvert G\rvert$; power and factor cannot be lowered |
# | with the largest KL | $C = 2\gamma\epsilon (1-\gamma)^{-3/2}$, the chapter's times $\sqrt{1-\gamma}$; the power cannot be lowered |
# | says nothing | from $\bar K = 2(1-\gamma)$ on |
# | certified at $\gamma = 0.99$ | by (14.2) and (14.7) at most 0.0051 nats in any MDP, by the chapter's constant 0.000051 |
# | a step with $\mathrm{KL} \le \delta$ | may lose, but at most (14.14) |
# | the batch's mean | is not $\bar K$, unless the states are weighed by $\gamma^t$ |
# | relatives | half the span may stand for $\max\lvert G\rvert$; best at every time, adaptive, memory: each the smallest somewhere |
#
# ## Sources and further reading
#
# - The theorem that is sharpened: [Schulman et al. (2015)](references.md#schulman2015), theorem 1, after
#   [Kakade and Langford (2002)](references.md#kakade2002); notebook 03 proves it.
# - Chain rule, data processing and Pinsker's inequality:
#   [Cover and Thomas (2006)](references.md#cover2006), the chapters on entropy and on information theory
#   and statistics. Proved here and in notebook 03.
# - Pinsker at each time, for a finite horizon: [Li et al. (2025)](references.md#li2025), their
#   Pinsker-marginal and mixed bounds, and from the second version on the adaptive one. (14.18) is
#   quoted; the factor before $T^{3/2}$ and the mixed bound are derived here. The discounted forms (14.2)
#   with the mean divergence, (14.19) and (14.21) are derived here, and so are fork and walk.
# - The mean over the old policy's states: [Achiam et al. (2017)](references.md#achiam2017), corollary
#   1, and proposition 1 for a step within a trust region. Proved here (exercise 14.7).
# - A bound that stays finite for $\gamma \to 1$: [Dai and Gluzman (2021)](references.md#dai2021). Their
#   idea; (14.22) is our form of it, proved here.
# - Measured: the ratios on random MDPs and by search (sections 3 and 5), the table of section 7, the
#   batches of section 8, the table of section 9.
#
# Before: [03 Monotonic improvement](03_monotonic_improvement.ipynb) and
# [04 The trust region](04_trust_region.ipynb).
