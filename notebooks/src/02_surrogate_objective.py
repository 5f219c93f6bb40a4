# %% [markdown]
# # 02 The surrogate objective
#
# An agent has acted for a while with a policy $\pi_\text{old}$, and we have the record: states,
# actions, rewards. Now somebody proposes another policy $\pi$. Trying it out costs time, and in the
# world it may cost more than time. So here is the question of this notebook. **From the data of the
# old policy alone, how good would a new policy be?**
#
# The answer is a function $L$, the surrogate, that can be computed from old data, and that agrees
# with the true performance $J$ as long as the new policy stays near the old one. We derive it, see
# how far it can be trusted, and what it costs to go further.
#
# You need: Markov decision processes ([notebook 00](00_start_here.ipynb), section 5), expectations, the
# gradient of a sum.

# %%
import numpy as np

from trpo_np import tabular
from trpo_np.classroom import notebook_02 as nb
from trpo_np.classroom.checks import yours
from trpo_np.experiments.plots import use_style

use_style()

# %% [markdown]
# ## 1. A small world, computed exactly
#
# A finite Markov decision process has states $s$, actions $a$, transition probabilities
# $P(s'|s,a)$, rewards $r(s,a)$, a distribution $\mu$ of the first state and a discount
# $0 \le \gamma \lt 1$. A policy $\pi(a|s)$ is a table with one distribution over actions in each
# row. Its **performance** is the expected discounted sum of rewards,
#
# $$J(\pi) = \mathbb{E}\left[ \sum_{t=0}^{\infty} \gamma^t\, r(s_t, a_t) \right],
#   \qquad s_0 \sim \mu, \quad a_t \sim \pi(\cdot|s_t), \quad s_{t+1} \sim P(\cdot|s_t, a_t).
#   \tag{2.1}$$
#
# In code a policy has the shape `(S, A)`, where `S` and `A` are the numbers of states and actions.
# (In formulas $A(s,a)$ is the advantage, (2.3) below.)
#
# Our example is a corridor of six cells, numbered 0 to 5. There are two actions, left and right. A
# step goes the wrong way with probability 0.1, and a step against the wall stays where it is. In
# cell 3 lies a treasure: every step taken from there earns 1, every other step 0. The agent starts
# in cell 2, and $\gamma = 0.9$.


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


def go_right(p, cells=6):
    """The policy that goes right with probability p, in every cell alike."""
    return np.tile([1 - p, p], (cells, 1))


mdp, gamma = corridor(), 0.9
pi_old = go_right(0.4)

# %% [markdown]
# The **value** $V(s)$ is the expected discounted sum from state $s$ on. What is earned from $s$
# on is the first reward plus $\gamma$ times what is earned from the next state on, so
#
# $$V(s) = \sum_a \pi(a|s) \Big[ r(s,a) + \gamma \sum_{s'} P(s'|s,a)\, V(s') \Big].$$
#
# With $r_\pi(s) = \sum_a \pi(a|s)\, r(s,a)$ and the matrix
# $P_\pi(s'|s) = \sum_a \pi(a|s) P(s'|s,a)$ these are as many linear equations as there are states,
# $V = r_\pi + \gamma P_\pi V$, and
#
# $$V = (I - \gamma P_\pi)^{-1} r_\pi, \qquad J(\pi) = \sum_s \mu(s)\, V(s). \tag{2.2}$$
#
# $Q(s,a)$ is the value of taking action $a$ once and following $\pi$ after that. The
# **advantage** is what this action is worth beyond the average:
#
# $$Q(s,a) = r(s,a) + \gamma \sum_{s'} P(s'|s,a)\, V(s'), \qquad A(s,a) = Q(s,a) - V(s). \tag{2.3}$$
#
# Both belong to a policy; $V_\text{old}$ and $A_\text{old}$ are those of $\pi_\text{old}$.
# Since $V(s) = \sum_a \pi(a|s)\, Q(s,a)$, the advantages of a policy average to zero over its own
# actions:
#
# $$\sum_a \pi(a|s)\, A(s,a) = 0 \quad \text{in every state.} \tag{2.4}$$
#
# Equation (2.4) looks harmless. It will do most of the work in this notebook.

# %%
P_old = np.einsum("sa,sat->st", pi_old, mdp.transitions)
r_old = np.sum(pi_old * mdp.rewards, axis=1)
V_old = np.linalg.solve(np.eye(6) - gamma * P_old, r_old)
Q_old = mdp.rewards + gamma * mdp.transitions @ V_old
A_old = Q_old - V_old[:, None]
J_old = mdp.start @ V_old
print("V:", np.round(V_old, 3))
print("A of left: ", np.round(A_old[:, 0], 3))
print("A of right:", np.round(A_old[:, 1], 3))
print("largest |Σ π A|:", f"{np.abs(np.sum(pi_old * A_old, axis=1)).max():.0e}")
print("J:", J_old, "  from the package:", tabular.performance(mdp, pi_old))

# %% [markdown]
# Up to the treasure the advantage of right is positive, behind it negative. (In cell 3 itself
# right is the better side to leave by, because the old policy, which drifts to the left, will
# soon be back.) From here on `tabular.state_values`, `tabular.advantages` and
# `tabular.performance` do this for us, for one MDP or for thousands at once.
#
# ## 2. Where a policy spends its time
#
# The **visitation** counts how often a state is met, each time step weighted by its discount:
#
# $$\rho_\pi(s) = \sum_{t=0}^{\infty} \gamma^t\, \Pr(s_t = s \mid \pi). \tag{2.5}$$
#
# Three facts about it. It is not a probability distribution: summed over the states each term of
# (2.5) gives $\gamma^t$, so $\rho_\pi$ sums to $1/(1-\gamma)$, here 10. Divided by that it is one,
# and we write $d_\pi = (1-\gamma)\, \rho_\pi$.
#
# It solves a linear system. The distribution of $s_t$ is $(P_\pi^\top)^t \mu$, and
# $\sum_t (\gamma P_\pi^\top)^t$ is a geometric series, hence
# $\rho_\pi = (I - \gamma P_\pi^\top)^{-1} \mu$.
#
# And it gives $J$ once more. Write (2.1) as a sum over time steps and states, and collect the terms
# of each state:
#
# $$J(\pi) = \sum_t \gamma^t \sum_s \Pr(s_t = s)\, r_\pi(s) = \sum_s \rho_\pi(s)\, r_\pi(s).$$

# %%
rho_old = np.linalg.solve(np.eye(6) - gamma * P_old.T, mdp.start)
print("sum of ρ:", rho_old.sum(), "  Σ ρ r:", rho_old @ r_old, "  J:", J_old)

pi_new = go_right(0.9)
rho_new = tabular.visitation(mdp, pi_new)
print("ρ of the old policy:", np.round(rho_old, 2))
print("ρ of the new policy:", np.round(rho_new, 2))

# %% tags=["hide-input"]
nb.show_visitations(rho_old, rho_new)

# %% [markdown]
# ## 3. The performance difference lemma
#
# How much better is $\pi$ than $\pi_\text{old}$? There is an exact answer in terms of the *old*
# advantages ([Kakade and Langford (2002)](references.md#kakade2002), lemma 6.1):
#
# $$J(\pi) = J(\pi_\text{old}) + \sum_s \rho_\pi(s) \sum_a \pi(a|s)\, A_\text{old}(s,a). \tag{2.6}$$
#
# **Proof.** Follow the new policy, and add up the old advantages on the way. The expectation over
# $s_{t+1}$ in (2.3) may be taken together with that over the rest of the path, so
#
# $$\mathbb{E}_{\pi}\left[ \sum_t \gamma^t A_\text{old}(s_t, a_t) \right]
#   = \mathbb{E}_{\pi}\left[ \sum_t \gamma^t \big( r(s_t,a_t) + \gamma V_\text{old}(s_{t+1})
#   - V_\text{old}(s_t) \big) \right].$$
#
# The rewards add up to $J(\pi)$, since the actions are those of $\pi$. The other two terms cancel
# along the path:
#
# $$\sum_{t=0}^{T} \big( \gamma^{t+1} V_\text{old}(s_{t+1}) - \gamma^t V_\text{old}(s_t) \big)
#   = \gamma^{T+1} V_\text{old}(s_{T+1}) - V_\text{old}(s_0).$$
#
# Each term appears twice, with opposite signs, except the first and the last. As $T \to \infty$ the
# last goes to zero, because $V_\text{old}$ is bounded. What stays is
# $-\mathbb{E}[V_\text{old}(s_0)] = -J(\pi_\text{old})$, whatever the policy, since the first state
# comes from $\mu$. Therefore
#
# $$\mathbb{E}_{\pi}\left[ \sum_t \gamma^t A_\text{old}(s_t, a_t) \right]
#   = J(\pi) - J(\pi_\text{old}).$$
#
# On the left collect the terms of each state as in section 2, and (2.6) is there. $\square$
#
# **Exercise 2.1.** Write the sum in (2.6) as a function of `rho_new`, shape `(S,)`, `pi_new` and
# `A_old`, both `(S, A)`. The result is one number.
#
# <details><summary>Hint 1: where to look</summary>
# The sum on the right of (2.6).
# <details><summary>Hint 2: the idea</summary>
# The inner sum runs over the actions, axis 1, and leaves one number for each state. The outer one
# is an inner product of two vectors of shape (S,).
# <details><summary>Hint 3: a sketch</summary>
# gain = np.sum(..., axis=1), with a product of two tables in it; then rho_new @ gain.
# </details></details></details>


# %%
def performance_gain(rho_new, pi_new, A_old):
    ### BEGIN SOLUTION
    return rho_new @ np.sum(pi_new * A_old, axis=1)
    ### END SOLUTION


nb.check_performance_gain(performance_gain)

# %% [markdown]
# (2.6) has a second proof, without paths. Write $G(s) = \sum_a \pi(a|s)\, A_\text{old}(s,a)$, and read $G$,
# $r_\pi$, $V_\pi$ and $V_\text{old}$ as vectors with one entry for each state. Take (2.3), average it over the
# actions of $\pi$, and see how far you come on paper.
#
# **Exercise 2.6** (a derivation). Here are the six lines of that proof in a wrong order, and among them a seventh
# that is false. Write the order of the six true ones, a list such as `[1, 2, 3, 4, 5, 6]`.
#
# 1. $\displaystyle = (I - \gamma P_\pi)\, (V_\pi - V_\text{old})$
# 2. $\displaystyle = \rho_\pi^\top G = \sum_s \rho_\pi(s) \sum_a \pi(a|s)\, A_\text{old}(s,a)$, because
#    $\rho_\pi = (I - \gamma P_\pi^\top)^{-1} \mu$
# 3. $\displaystyle G = r_\pi + \gamma P_\pi V_\text{old} - V_\text{old}$, by (2.3)
# 4. $\displaystyle = \rho_\text{old}^\top G$, because $\rho_\text{old} = (I - \gamma P_\pi^\top)^{-1} \mu$
# 5. $\displaystyle J(\pi) - J(\pi_\text{old}) = \mu^\top (V_\pi - V_\text{old}) = \mu^\top (I - \gamma P_\pi)^{-1} G$
# 6. $\displaystyle = V_\pi - \gamma P_\pi V_\pi + \gamma P_\pi V_\text{old} - V_\text{old}$, because
#    $V_\pi = r_\pi + \gamma P_\pi V_\pi$
# 7. $\displaystyle$ so $V_\pi - V_\text{old} = (I - \gamma P_\pi)^{-1} G$
#
# <details><summary>Hint 1: where to look</summary>
# (2.3) for the advantage, (2.2) for the values, and section 2 for ρ. Which line needs no other?
# <details><summary>Hint 2: the idea</summary>
# First an equation for G with one matrix in it, then solve it for the difference of the values, and last
# take the mean over the first state.
# <details><summary>Hint 3: a sketch</summary>
# Two lines begin with a new left side after the first one; each line that begins with = goes on with the
# one before it. Of the two lines about ρ, one has the wrong matrix for its policy.
# </details></details></details>

# %%
prediction = ...  # replace the dots by a list of six numbers
### BEGIN SOLUTION
prediction = [3, 6, 1, 7, 5, 2]
### END SOLUTION
nb.check_lemma_order(prediction)

# %% [markdown]
# Now the corridor, and then 500 random MDPs: all functions of `tabular` accept arrays with a leading
# dimension, and solve them in one call.

# %%
gain = yours(performance_gain, nb.check_performance_gain)
print("J(π):              ", tabular.performance(mdp, pi_new))
print("J(π_old) + the sum:", J_old + gain(rho_new, pi_new, A_old))

rng = np.random.default_rng(0)
many = tabular.random_mdp(rng, S=5, A=3, gamma=0.9, shape=(500,))
many_old, many_new = tabular.softmax_policy(rng.standard_normal((2, 500, 5, 3)))
tables = tabular.visitation(many, many_new), many_new, tabular.advantages(many, many_old)
sums = np.array([gain(*each) for each in zip(*tables, strict=True)])
error = tabular.performance(many, many_old) + sums - tabular.performance(many, many_new)
print("largest error of (2.6) on 500 random MDPs:", f"{np.abs(error).max():.0e}")

# %% [markdown]
# ## 4. One letter changed
#
# Equation (2.6) is exact, and of no use to us. The advantages are those of the old policy, which
# can be estimated from old data. The probabilities $\pi(a|s)$ can be computed for any policy that
# we write down. But $\rho_\pi$ is where the *new* policy would go, and to know that we would have
# to run it.
#
# So replace $\rho_\pi$ by $\rho_\text{old}$, and give the result a name:
#
# $$L(\pi) = J(\pi_\text{old}) + \sum_s \rho_\text{old}(s) \sum_a \pi(a|s)\, A_\text{old}(s,a).
#   \tag{2.7}$$
#
# This is the **local approximation** of $J$, or the surrogate objective. It sees that the new
# policy chooses other actions. It does not see that it then gets to other states.
#
# **Exercise 2.2.** Write (2.7) as a function of an MDP and two policies. You may use
# `tabular.performance(mdp, pi)`, `tabular.visitation(mdp, pi)` and `tabular.advantages(mdp, pi)`.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (2.7). Three of the four things in it belong to the old policy.
# <details><summary>Hint 2: the idea</summary>
# Only π(a|s) is that of the new policy. The sum is that of exercise 2.1 with another visitation.
# <details><summary>Hint 3: a sketch</summary>
# A performance, plus a visitation @ np.sum(... * ..., axis=1): three calls of tabular, each with
# mdp and a policy.
# </details></details></details>


# %%
def my_local_approximation(mdp, pi_old, pi_new):
    ### BEGIN SOLUTION
    gain = np.sum(pi_new * tabular.advantages(mdp, pi_old), axis=1)
    return tabular.performance(mdp, pi_old) + tabular.visitation(mdp, pi_old) @ gain
    ### END SOLUTION


nb.check_local_approximation(my_local_approximation)

# %% [markdown]
# The package has it as `tabular.local_approximation`. Let us walk along straight lines through
# the space of policies, $\pi_x = (1 - x)\, \pi_\text{old} + x\, \pi_\text{new}$, and draw $J$ and
# $L$. In (2.7) $\pi$ enters linearly, so $L$ along such a line is a straight line. $J$ is not,
# because $\rho_\pi$ changes on the way. First the corridor, where the line goes from "right with
# probability 0" to "right with probability 1". Then two random MDPs: in the first the transition
# probabilities are drawn uniformly, in the second they are nearly 0 or 1.


# %%
local_approximation = yours(my_local_approximation, nb.check_local_approximation)


def along_line(mdp, pi_old, pi_new, xs):
    """J and L at the policies (1 - x) pi_old + x pi_new."""
    policies = [(1 - x) * pi_old + x * pi_new for x in xs]
    J = [tabular.performance(mdp, pi) for pi in policies]
    L = [local_approximation(mdp, pi_old, pi) for pi in policies]
    return np.array(J), np.array(L)


worlds = {"corridor": (mdp, pi_old, go_right(1.0))}
rng = np.random.default_rng(12)
P_sharp = tabular.softmax_policy(4 * rng.standard_normal((4, 2, 4)))
sharp = tabular.FiniteMDP(P_sharp, rng.standard_normal((4, 2)), np.full(4, 0.25), 0.9)
plain = tabular.random_mdp(rng, S=4, A=2, gamma=0.9)
ends = tabular.softmax_policy(3 * rng.standard_normal((2, 4, 2)))
middle = ends.mean(axis=0)
worlds["random, uniform"] = (plain, middle, ends[1])
worlds["random, nearly deterministic"] = (sharp, middle, ends[1])

# %% tags=["hide-input"]
nb.show_lines(worlds, along_line)

# %%
J, L = along_line(mdp, pi_old, go_right(1.0), np.linspace(0, 1, 101))
print(f"corridor: J(π_old) = {J[0]:.2f}; always right: L = {L[-1]:.2f}, but J = {J[-1]:.2f}")
print(f"best along the line: right with probability {0.4 + 0.6 * J.argmax() / 100:.2f}")

# %% [markdown]
# In the two random worlds the old policy is half-way between two others, so that $x$ may run from $-1$
# to 1. In the second panel the two can hardly be told apart. With uniformly drawn transitions the next
# state depends little on the action, so $\rho_\pi$ hardly changes. Such MDPs are a weak test of what
# is said about the gap between $L$ and $J$; notebook 03, section 8, measures how weak.
#
# In the corridor $L$ says: the more right the better. At the old policy that is true. But an agent
# that always goes right runs past the treasure and stands at the far wall, in states where the old
# policy seldom was. In all it earns less than before. Whoever may choose only the one number $p$,
# and maximises $L$ without looking at $J$, ends with a worse policy. (If every cell could be chosen by
# itself, that would not happen; the end of notebook 03, section 10, says why.)
#
# ## 5. Value and slope agree
#
# In the picture the straight line is the tangent. Let us prove it, for a policy $\pi_\theta$ with
# parameters $\theta$, at $\pi_{\theta_\text{old}} = \pi_\text{old}$.
#
# **Value.** By (2.4) the sum in (2.7) is zero for $\pi = \pi_\text{old}$, and
# $L(\pi_\text{old}) = J(\pi_\text{old})$.
#
# **Slope.** Differentiate the exact equation (2.6). The product rule gives two terms:
#
# $$\nabla_\theta J = \sum_s \nabla_\theta \rho_{\pi_\theta}(s) \sum_a \pi_\theta(a|s)\,
#   A_\text{old}(s,a) \;+\; \sum_s \rho_{\pi_\theta}(s) \sum_a \nabla_\theta \pi_\theta(a|s)\,
#   A_\text{old}(s,a).$$
#
# The gradient of $\rho$ is a complicated thing. But look at what it is multiplied by: at
# $\theta = \theta_\text{old}$ the inner sum of the first term is (2.4) again, zero in every state.
# So the first term drops out, and the second is the gradient of (2.7):
#
# $$\nabla J = \nabla L = \sum_s \rho_\text{old}(s) \sum_a \nabla_\theta \pi_\theta(a|s)\,
#   A_\text{old}(s,a) \qquad \text{at } \theta = \theta_\text{old}. \tag{2.8}$$
#
# A new policy changes $J$ in two ways, by what it does and by where it then is. To first order only
# what it does counts. Where it then is, is a matter of second order.
#
# For a table of logits, $\pi_\theta(a|s) = e^{\theta_{s,a}} / \sum_b e^{\theta_{s,b}}$ (the softmax of
# row $s$), the
# derivative is $\partial \pi(b|s) / \partial \theta_{s,a} = \pi(b|s)\,(1 - \pi(a|s))$ for $b = a$
# and $-\pi(b|s)\, \pi(a|s)$ otherwise. Put this into (2.8), at $\pi = \pi_\text{old}$, where the sum in
# the bracket is zero by (2.4):
#
# $$\frac{\partial L}{\partial \theta_{s,a}} = \rho_\text{old}(s)\, \pi_\text{old}(a|s) \Big[ A_\text{old}(s,a)
#   - \sum_b \pi_\text{old}(b|s) A_\text{old}(s,b) \Big]
#   = \rho_\text{old}(s)\, \pi_\text{old}(a|s)\, A_\text{old}(s,a).$$
#
# The finite differences of $J$ must give the same numbers, although $J$ knows of no surrogate.

# %%
rng = np.random.default_rng(5)
world = tabular.random_mdp(rng, S=3, A=3, gamma=0.9)
theta_old = rng.standard_normal((3, 3))
old = tabular.softmax_policy(theta_old)


def finite_differences(f, theta, h=1e-5):
    steps = h * np.eye(theta.size).reshape(-1, *theta.shape)
    slopes = [(f(theta + step) - f(theta - step)) / (2 * h) for step in steps]
    return np.array(slopes).reshape(theta.shape)


J_of = lambda theta: tabular.performance(world, tabular.softmax_policy(theta))
L_of = lambda theta: tabular.local_approximation(world, old, tabular.softmax_policy(theta))
formula = tabular.visitation(world, old)[:, None] * old * tabular.advantages(world, old)
for name, f in {"J": J_of, "L": L_of}.items():
    print(f"gradient of {name}, finite differences:")
    print(np.round(finite_differences(f, theta_old), 6))
print("ρ π A:", np.round(formula, 6), sep="\n")

# %% [markdown]
# Equation (2.8) is the **policy gradient theorem**
# ([Sutton et al. (2000)](references.md#sutton2000), theorem 1). Its usual form follows with
# $\nabla \pi = \pi\, \nabla \log \pi$, which makes the inner sum an expectation over actions:
#
# $$\nabla J = \sum_s \rho_\text{old}(s) \sum_a \pi_\text{old}(a|s)\, \nabla_\theta \log
#   \pi_\theta(a|s)\, A_\text{old}(s,a)
#   = \frac{1}{1-\gamma}\; \mathbb{E}_{s \sim d_\text{old},\, a \sim \pi_\text{old}}
#   \left[ \nabla_\theta \log \pi_\theta(a|s)\, A_\text{old}(s,a) \right]. \tag{2.9}$$
#
# The plain policy gradient is this slope at $\theta_\text{old}$. $L$ has the same slope there, and it
# is a function that can be evaluated away from $\theta_\text{old}$ too.
#
# A table has a row of its own for each state; a network shares its parameters between them. The smallest
# policy that does so has features, $P$ numbers $\varphi(s,a)$ for each pair, and the logits
# $\theta^\top \varphi(s,a)$:
#
# $$\pi_\theta(a|s) = \frac{e^{\theta^\top \varphi(s,a)}}{\sum_b e^{\theta^\top \varphi(s,b)}} .$$
#
# The gradient $\nabla_\theta \log \pi_\theta(a|s)$ of a log-probability is called the **score** of the action.
#
# **Exercise 2.7** (a derivation). Take the logarithm, differentiate with respect to θ on paper, and write the
# scores of all pairs. Arguments: `theta`, shape `(P,)`, and `features`, shape `(S, A, P)`. The result has
# the shape `(S, A, P)`.
#
# <details><summary>Hint 1: where to look</summary>
# The policy above; its logarithm is a difference of two terms, of which the first is linear in θ. For the
# softmax of a table section 5 has the derivative.
# <details><summary>Hint 2: the idea</summary>
# The derivative of log Σ_b exp(θᵀφ(s,b)) is a mean of the φ(s,b) over b. With which weights?
# <details><summary>Hint 3: a sketch</summary>
# logits (S, A), from them pi (S, A), row by row; then the weighted mean of the features of each state, with
# keepdims=True so that it can be subtracted from all actions.
# </details></details></details>


# %%
def my_score(theta, features):
    ### BEGIN SOLUTION
    logits = features @ theta
    pi = np.exp(logits) / np.sum(np.exp(logits), axis=1, keepdims=True)
    mean = np.sum(pi[:, :, None] * features, axis=1, keepdims=True)
    return features - mean
    ### END SOLUTION


nb.check_score(my_score)

# %% [markdown]
# **Exercise 2.8.** Write the policy gradient, the first form in (2.9). Arguments: `rho`, shape `(S,)`; `pi` and
# `A_old`, both `(S, A)`; and `score`, shape `(S, A, P)`. The result has the shape `(P,)`, as θ has.
#
# <details><summary>Hint 1: where to look</summary>
# The first form in (2.9): two sums, one over states and one over actions. What is summed is a vector of P numbers.
# <details><summary>Hint 2: the idea</summary>
# Each pair has one weight, a product of three numbers. It multiplies the score of the pair.
# <details><summary>Hint 3: a sketch</summary>
# A loop over s and a that adds up vectors will do; or np.einsum with the letters s, a and p, of which only
# p stays.
# </details></details></details>


# %%
def my_policy_gradient(rho, pi, A_old, score):
    ### BEGIN SOLUTION
    return np.einsum("s,sa,sap->p", rho, pi * A_old, score)
    ### END SOLUTION


nb.check_policy_gradient(my_policy_gradient)

# %% [markdown]
# Two parameters for three states and three actions, and $J$ by finite differences once more:

# %%
score_of = yours(my_score, nb.check_score)
gradient_of = yours(my_policy_gradient, nb.check_policy_gradient)
phi, weights = np.random.default_rng(6).standard_normal((3, 3, 2)), np.array([0.5, -1.0])
shared = lambda theta: tabular.softmax_policy(phi @ theta)
J_shared = lambda theta: tabular.performance(world, shared(theta))
parts = tabular.visitation(world, shared(weights)), shared(weights)
A_shared = tabular.advantages(world, shared(weights))
print("finite differences of J:", np.round(finite_differences(J_shared, weights), 6))
print(
    "(2.9) with the scores:  ", np.round(gradient_of(*parts, A_shared, score_of(weights, phi)), 6)
)

# %% [markdown]
# **Exercise 2.3.** Predict before you run: near the old policy we take half as long a step in the
# same direction. By what factor does the gap $|L - J|$ become smaller?
#
# <details><summary>Hint 1: where to look</summary>
# Section 5, (2.8): which two things do L and J have in common at the old policy?
# <details><summary>Hint 2: the idea</summary>
# Write L - J as a Taylor series in the length of the step. The terms in which they agree vanish.
# <details><summary>Hint 3: a sketch</summary>
# The first term that stays is c t², for a step of length t. Put t/2 for t, and divide the one by
# the other.
# </details></details></details>

# %%
prediction = ...  # replace the dots by a number
### BEGIN SOLUTION
prediction = 4
### END SOLUTION
nb.check_gap_factor(prediction)

# %%
xs = np.geomspace(1e-3, 1, 13)
gaps, slopes = {}, {}
for name, (world, old, new) in worlds.items():
    J, L = along_line(world, old, new, xs)
    gaps[name] = np.abs(L - J)
    slopes[name] = np.log(gaps[name][4] / gaps[name][0]) / np.log(xs[4] / xs[0])

# %% tags=["hide-input"]
nb.show_gaps(xs, gaps)

# %%
print("slopes on log axes:", {name: f"{slope:.3f}" for name, slope in slopes.items()})

# %% [markdown]
# ## 6. From sums to samples
#
# (2.7) still has sums over all states and actions. Data give us expectations. The outer sum is one,
# up to a factor: with $d_\text{old} = (1-\gamma)\, \rho_\text{old}$, for any function $f$ of the state,
#
# $$\sum_s \rho_\text{old}(s)\, f(s) = \frac{1}{1-\gamma}\; \mathbb{E}_{s \sim d_\text{old}}[f(s)].$$
#
# The inner sum is an expectation over the actions of the *new* policy, and the actions in our
# data are those of the old one. Multiply and divide by $\pi_\text{old}(a|s)$, which must not be
# zero where $\pi(a|s)$ is not:
#
# $$\sum_a \pi(a|s)\, A_\text{old}(s,a) = \sum_a \pi_\text{old}(a|s)\,
#   \frac{\pi(a|s)}{\pi_\text{old}(a|s)}\, A_\text{old}(s,a)
#   = \mathbb{E}_{a \sim \pi_\text{old}} \left[ \frac{\pi(a|s)}{\pi_\text{old}(a|s)}\,
#   A_\text{old}(s,a) \right].$$
#
# This is **importance sampling**
# ([Schulman et al. (2015)](references.md#schulman2015), section 5, eqs. 13 and 14). An
# action that the new policy takes twice as often counts twice. What we can estimate from old data is then
#
# $$\bar L(\theta) = \mathbb{E}_{s \sim d_\text{old},\, a \sim \pi_\text{old}} \left[
#   \frac{\pi_\theta(a|s)}{\pi_\text{old}(a|s)}\, A_\text{old}(s,a) \right]
#   \approx \frac1N \sum_{n=1}^N \frac{\pi_\theta(a_n|s_n)}{\pi_\text{old}(a_n|s_n)}\, A_n.
#   \tag{2.10}$$
#
# Here the states $s_n$ are drawn from $d_\text{old}$ and the actions $a_n$ from the old policy, and
# $A_n = A_\text{old}(s_n, a_n)$. This is the function that the textbook chapter which this package follows
# (the README names it) calls $L$, and so does the package, where it is `surrogate`. Programs keep
# logarithms of probabilities, since a product of many small probabilities underflows, and form the ratio
# as the exponential of a difference.
#
# **Exercise 2.4.** Write the sample mean in (2.10). Arguments: `log_probs_new`, `log_probs_old` and
# `advantages`, all of shape `(N,)`. The result is one number. Notebook 10 builds its agent with it.
#
# <details><summary>Hint 1: where to look</summary>
# The sample mean on the right of (2.10).
# <details><summary>Hint 2: the idea</summary>
# The logarithm of a quotient is a difference of logarithms; how do you get back to the quotient?
# Then multiply sample by sample.
# <details><summary>Hint 3: a sketch</summary>
# ratio = np.exp(...), and np.mean(...) of a product.
# </details></details></details>


# %%
def my_surrogate(log_probs_new, log_probs_old, advantages):
    ### BEGIN SOLUTION
    ratio = np.exp(log_probs_new - log_probs_old)
    return np.mean(ratio * advantages)
    ### END SOLUTION


nb.check_surrogate(my_surrogate)

# %% [markdown]
# Now draw data from the old policy in the corridor. To draw a state from $d_\text{old}$, stop a run
# at a random time $\tau$ with $\Pr(\tau = t) = (1-\gamma)\, \gamma^t$: the state $s_\tau$ has exactly the
# distribution $d_\text{old}$, as (2.5) shows. (Training programs, ours too, do not bother: they use
# all states of a run alike. The early states then count less than in (2.10).)
#
# <details><summary>You may ask: with all states weighted alike, is the direction still a gradient?</summary>
#
# In general not. The derivative of a gradient is a Hessian, a symmetric matrix. Take the direction
# $\sum_s d(s) \sum_a \nabla_\theta \pi_\theta(a|s)\, A(s,a)$ with the discounted advantages and, for $d$, the
# long-run share of time in each state without a discount. In 40 random MDPs with three states, three
# actions and γ = 0.9 its derivative is a matrix $H$ for which $\|H - H^\top\| / \|H + H^\top\|$ lies
# between 0.0045 and 0.042; with the weights $\rho$ it is below $10^{-9}$, the error of the finite
# differences. So
# there the direction is not the gradient of any function. [Nota and Thomas (2020)](references.md#nota2020) prove
# that this holds of the direction which most programs estimate, and construct a problem in which it leads
# to the worst policy. What this notebook says of the gradient holds for the weights $d_\text{old}$.
# </details>


# %%
def draw(rng, probabilities):
    """One index for each row of probabilities."""
    return (rng.random((len(probabilities), 1)) > probabilities.cumsum(axis=1)).sum(axis=1)


def old_data(mdp, pi, N, rng):
    """N states from d_π, each with an action from π."""
    stop = rng.geometric(1 - mdp.gamma, N) - 1
    s = draw(rng, np.tile(mdp.start, (N, 1)))
    for t in range(stop.max()):
        a = draw(rng, pi[s])
        s = np.where(t < stop, draw(rng, mdp.transitions[s, a]), s)
    return s, draw(rng, pi[s])


# %%
surrogate = yours(my_surrogate, nb.check_surrogate)
pi_new = go_right(0.5)
estimates = []
for seed in range(20):
    s, a = old_data(mdp, pi_old, 1000, np.random.default_rng(seed))
    new, old = np.log(pi_new[s, a]), np.log(pi_old[s, a])
    estimates.append(surrogate(new, old, A_old[s, a]))
error = np.std(estimates, ddof=1) / np.sqrt(20)
exact = (1 - gamma) * (local_approximation(mdp, pi_old, pi_new) - J_old)
print(f"mean of 20 estimates from 1000 samples each: {np.mean(estimates):.4f} ± {error:.4f}")
print(f"exact:                                       {exact:.4f}")

# %% [markdown]
# ### What the short form leaves out
#
# Compare (2.10) with (2.7). The sample form has lost the constant $J(\pi_\text{old})$ and the
# factor $1/(1-\gamma)$:
#
# $$L(\pi_\theta) = J(\pi_\text{old}) + \frac{1}{1-\gamma}\, \bar L(\theta).$$
#
# Is that a mistake? For finding the best $\theta$ it is none. A constant moves no maximiser, and
# neither does a positive factor. The gradient keeps its direction, and TRPO sets the length of the
# step by other means. So programs leave them out; $J(\pi_\text{old})$ they could only estimate.
#
# It does matter as soon as $L$ is compared with $J$. "$J(\pi) \approx L(\pi)$", "the improvement
# is at least $L$ minus something": such sentences are about (2.7), and become false when (2.10)
# is put in their place. At the old policy itself $\bar L$ is 0, whatever $J$ is. Notebook 03 has
# an inequality of this kind, and looks at what happens to it.

# %%
for p in (0.4, 0.45, 0.5, 0.6):
    new = go_right(p)
    J, L = tabular.performance(mdp, new), local_approximation(mdp, pi_old, new)
    L_bar = np.round((1 - gamma) * (L - J_old), 3) + 0.0  # rounded: no minus in front of 0
    print(f"right with {p:.2f}:  J = {J:.3f}   L (2.7) = {L:.3f}   (2.10) = {L_bar:.3f}")

# %% [markdown]
# ## 7. What the ratio costs
#
# The estimate (2.10) is right on average, for every new policy whose actions the old one takes too. How
# much does it scatter? Call the ratio $w = \pi(a|s) / \pi_\text{old}(a|s)$. Its mean over old actions is always 1:
#
# $$\mathbb{E}_{a \sim \pi_\text{old}}[w] = \sum_a \pi_\text{old}(a|s)\,
#   \frac{\pi(a|s)}{\pi_\text{old}(a|s)} = \sum_a \pi(a|s) = 1.$$
#
# Its variance is $\mathbb{E}[w^2] - 1$, which can be any number from 0 up, or infinite. Take a
# continuous action, an old policy $\mathcal N(m, \sigma^2)$ and a new one $\mathcal N(m + \Delta, \sigma^2)$. Measure in
# standard deviations: $z = (a - m)/\sigma$ is a standard normal variable, and
# $\kappa = \Delta / \sigma$. The ratio of the two densities is
#
# $$w = \exp\left( -\tfrac12 (z - \kappa)^2 + \tfrac12 z^2 \right)
#   = \exp\left( \kappa z - \tfrac12 \kappa^2 \right).$$
#
# For the mean of $w^2$, complete the square in the exponent:
#
# $$-\tfrac12 z^2 + 2 \kappa z - \kappa^2 = -\tfrac12 (z - 2\kappa)^2 + \kappa^2,$$
#
# so that $w^2$ times the standard normal density is $e^{\kappa^2}$ times the normal density around
# $2\kappa$, and this density integrates to 1:
#
# $$\mathbb{E}[w^2] = \int \frac{1}{\sqrt{2\pi}}\, e^{-\frac12 z^2}\, e^{2\kappa z - \kappa^2}\, dz
#   = e^{\kappa^2} = e^{\Delta^2 / \sigma^2}. \tag{2.11}$$
#
# (In this section $\pi$ in $\sqrt{2\pi}$ is the number, and κ the distance of the policies.) To see what it
# means, let $X$ be a quantity with mean 0 that does not depend on $w$. The variance of the mean of $N$ terms $w X$ is
# $\mathbb{E}[w^2]\, \mathbb{E}[X^2] / N$. Without weights we would reach this with only
#
# $$N_\text{eff} = \frac{N}{\mathbb{E}[w^2]} \tag{2.12}$$
#
# samples. It is called the **effective sample size**.
#
# **Exercise 2.5.** Predict before you run: $N = 1000$ actions were drawn, and the new mean is 1.5
# old standard deviations away. What is the effective sample size? (Within one per cent will do.)
#
# <details><summary>Hint 1: where to look</summary>
# Equation (2.12), and (2.11) for the second moment in it.
# <details><summary>Hint 2: the idea</summary>
# First find κ = Δ/σ. Then the second moment (2.11). np.exp is allowed in a prediction.
# <details><summary>Hint 3: a sketch</summary>
# 1000 / E[w²], with κ = 1.5 in the exponent of (2.11).
# </details></details></details>

# %%
prediction = ...  # replace the dots by a number
### BEGIN SOLUTION
prediction = 1000 * np.exp(-(1.5**2))
### END SOLUTION
nb.check_effective_samples(prediction)

# %%
rng = np.random.default_rng(7)
z = rng.standard_normal(200_000)
print("distance   mean of w   mean of w²   exp(κ²)   effective samples of 1000")
for kappa in (0.1, 0.5, 1.0, 2.0, 3.0):
    w = np.exp(kappa * z - kappa**2 / 2)
    closed = np.exp(kappa**2)
    row = f"{kappa:8.1f}   {w.mean():9.3f}   {np.mean(w**2):10.3f}   {closed:7.3f}"
    print(f"{row}   {1000 / closed:10.1f}")

# %% [markdown]
# The measured mean of $w^2$ agrees with the closed form at the first three distances. At 2 a third of it
# is missing, and at 3 nine tenths, even with 200,000 samples. The integral has
# its weight around $z = 2\kappa = 6$, and a standard normal variable beyond 6 comes about once in
# a thousand million draws. The sample does not contain what matters, and does not tell us so.
#
# The same happens to the estimate of the surrogate. Take the advantage $A(a) = z$, a preference for
# larger actions. By the same completed square
#
# $$\mathbb{E}[w z] = \kappa, \qquad \mathrm{Var}[w z] = e^{\kappa^2} (1 + 4 \kappa^2) - \kappa^2 .$$
#
# (The density of $z$ after weighting with $w$ is normal around $\kappa$; after weighting with $w^2$
# it is $e^{\kappa^2}$ times the one around $2\kappa$, whose second moment is $1 + 4\kappa^2$.) We
# repeat the estimate from $N = 100$ actions two thousand times.

# %%
distances = np.linspace(0, 3, 25)
estimates = nb.shifted_estimates(distances, N=100, repetitions=2000, rng=rng)  # (25, 2000)
spread = np.sqrt((np.exp(distances**2) * (1 + 4 * distances**2) - distances**2) / 100)

# %% tags=["hide-input"]
nb.show_estimates(distances, estimates, spread)

# %%
print("distance   spread   closed form   share of the estimates that are too low")
for k in (4, 8, 16, 24):
    low = np.mean(estimates[k] < distances[k])
    print(f"{distances[k]:8.1f} {estimates[k].std():8.3f} {spread[k]:13.3f} {low:12.2f}")

# %% [markdown]
# (Even two thousand repetitions do not meet the rare large weights, so far out the measured spread is
# itself too small.)
#
# ### How this looks in nats
#
# TRPO's measure of distance is the Kullback–Leibler divergence,
# $\mathrm{KL}(\text{old} \,\|\, \text{new}) = \mathbb{E}_\text{old}[-\log w]$. For our two normal
# distributions $-\log w = \tfrac12 \kappa^2 - \kappa z$, and the mean of $z$ is 0, so the
# divergence is $\tfrac12 \kappa^2$. Hence $\mathbb{E}[w^2] = e^{2\, \mathrm{KL}}$: with the usual
# $\mathrm{KL} \le 0.01$ we have $N_\text{eff} \ge 0.98\, N$.
#
# For other small changes it is the same to leading order. Write $w = 1 + v$, where $v$ has the mean 0.
# If $v$ is small for every action, $-\log w = -v + \tfrac12 v^2 + \dots$, so
#
# $$\mathrm{KL} \approx \tfrac12\, \mathbb{E}[v^2], \qquad
#   \mathbb{E}[w^2] = 1 + \mathbb{E}[v^2] \approx 1 + 2\, \mathrm{KL} .$$
#
# A small divergence does not *make* $v$ small, though, and no bound on $\mathrm{KL}(\text{old} \,\|\,
# \text{new})$ bounds $\mathbb{E}[w^2]$. An action that the old policy takes once in a million times, and the
# new one once in a hundred, takes $10^{-5}$ from the mean of $-\log w$, and makes 100 of the 101 in that of
# $w^2$.

# %%
old, new = np.array([1e-6, 1 - 1e-6]), np.array([0.01, 0.99])
KL, second_moment = old @ np.log(old / new), old @ (new / old) ** 2
print(f"a rare action becomes likely: KL = {KL:.4f}, N_eff / N = {1 / second_moment:.4f}")

print("a wider Gaussian, with c σ in place of σ:")
for c in (1.1, 1.2, 1.4, 1.41, np.sqrt(2)):
    KL = np.log(c) + 1 / (2 * c**2) - 0.5
    share = c * np.sqrt(max(2 - c**2, 0))
    print(f"c = {c:.3f}: KL = {KL:.4f}, N_eff / N = {share:.3f}")

# %% [markdown]
# (For the wider Gaussian the same kind of integral gives $\mathbb{E}[w^2] = 1 / (c \sqrt{2 - c^2})$ for
# $c \lt \sqrt 2$; from there on it is infinite, at 0.097 nats, outside the usual trust region. But a policy
# that widens by $\sqrt 2$ in one state out of ten is within it: its mean divergence is 0.0097 nats.)
#
# So near the old policy, and for a family that changes smoothly, the ratio costs about two per cent of
# the samples at 0.01 nats. It is a matter of the family, not a promise of the trust region.
#
# <details><summary>You may ask: how optimistic is L on the very batch that chose the step?</summary>
#
# The estimate (2.10) is right on average for a policy that was fixed beforehand. The maximum of many
# estimates is too high on average, since $\mathbb{E}[\max] \ge \max \mathbb{E}$. Let the advantages be
# nothing but noise with standard deviation 1, and choose the best mean with $\mathrm{KL} \le \delta$, that
# is $|\kappa| \le \sqrt{2\delta}$. For small κ the estimate is about κ times the mean of noise times $z$,
# which has the standard deviation $1/\sqrt N$. So the promise is
# $\sqrt{2\delta} \cdot \sqrt{2 / (\pi N)}$ on average, 0.011 for δ = 0.01 and $N = 100$, where there is
# nothing to gain. With many parameters there are more ways to fit the noise.
# </details>
#
# There are two reasons, then, to stay near the old policy. $L$ differs from $J$, because the states
# would be others. And the estimate of $L$ differs from $L$, because the actions would be others.
#
# ## 8. What to take along
#
# | | |
# |---|---|
# | exact | $J(\pi) = J(\pi_\text{old}) + \sum_s \rho_\pi(s) \sum_a \pi(a\vert s)\, A_\text{old}(s,a)$ |
# | surrogate | the same with $\rho_\text{old}$: $L(\pi)$, equation (2.7) |
# | near $\pi_\text{old}$ | $L$ and $J$ agree in value and slope; the gap is of second order |
# | from samples | mean of ratio times advantage, equation (2.10) |
# | the short form | lacks $J(\pi_\text{old})$ and $1/(1-\gamma)$: same maximiser, other values |
# | the ratio | mean 1; second moment $e^{\Delta^2/\sigma^2}$ for a shifted Gaussian, and without a bound in general |
#
# ## Sources and further reading
#
# - The performance difference lemma (2.6): [Kakade and Langford (2002)](references.md#kakade2002),
#   lemma 6.1; in the notation of TRPO [Schulman et al. (2015)](references.md#schulman2015), section 2,
#   eqs. 1 and 2. Proved here.
# - The surrogate (2.7) and that its value and slope agree with those of $J$:
#   [Schulman et al. (2015)](references.md#schulman2015), section 2, eqs. 3 and 4. Their $\eta$ is our $J$.
#   Proved here.
# - The policy gradient theorem (2.8), (2.9): [Sutton et al. (2000)](references.md#sutton2000), theorem 1.
#   Proved here, by another way.
# - The form with samples (2.10): [Schulman et al. (2015)](references.md#schulman2015), section 5, eqs. 13
#   and 14. Proved here.
# - That the direction with undiscounted states is no gradient:
#   [Nota and Thomas (2020)](references.md#nota2020). Quoted; the numbers are measured, and
#   `tests/test_derivations.py` repeats them.
# - Values, visitations and linear systems of finite MDPs: [Puterman (1994)](references.md#puterman1994),
#   the chapter on discounted problems.
# - Second moment and effective sample size (2.11), (2.12): derived here; what is said about the far tail
#   is measured.
#
# Before: [01 How large a step?](01_how_large_a_step.ipynb). Next:
# [03 Monotonic improvement](03_monotonic_improvement.ipynb). $L$ can promise too much. How much too much, at
# most?
