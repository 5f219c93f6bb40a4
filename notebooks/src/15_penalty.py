# %% [markdown]
# # 15 Penalty instead of constraint
#
# The theorem of notebook 03 subtracts a penalty, $C \max_s \mathrm{KL}$. TRPO puts a constraint in
# its place, $\overline{\mathrm{KL}} \le \delta$. Much that came after TRPO subtracts again: the
# second variant of PPO, mirror descent, and the training of language models by rewards, where a KL to
# a fixed model is taken from the reward. So here is the question. **What does "minus β times KL" do
# that "KL at most δ" does not, which β belongs to which δ, and of which KL are we talking?**
#
# On finite policies all of it can be solved. Sections 2 to 6 do that for the KL between two updates:
# one step, many steps, and the search for β. Sections 7 to 12 are about the other KL: what it is for,
# what happens when it is estimated from samples, and a small language of four letters, trained with
# and without a trust region. Each half is one sitting.
#
# You need: [notebook 02](02_surrogate_objective.ipynb) (advantages, visitation, the performance
# difference), [04](04_trust_region.ipynb) (the multiplier), [05](05_fisher_information.ipynb) (the KL
# of categorical distributions, scores); for sections 11 and 12 also [10](10_trpo.ipynb) (the whole
# update). [Notebook 14](14_sharper_bound.ipynb) is not needed.
#
# Some letters are used in a way of their own: $\beta$ is the weight of a penalty (not the ratio by
# which a step is shortened), $d(s)$ is a share of time, $n$ the number of actions, and $k$ counts
# updates (in sections 8 and 9, $k_1$, $k_2$, $k_3$ are estimates). $S$ is the number of states in
# exercise 15.4 and a score from section 9 on; $G$ is a gain in sections 4 and 5 and the size of a group
# from section 10 on.

# %%
import numpy as np

from trpo_np import TRPO, tabular, trpo_step
from trpo_np.classroom import notebook_15 as nb
from trpo_np.classroom import sequences
from trpo_np.classroom.checks import yours
from trpo_np.classroom.figures import show
from trpo_np.experiments.plots import use_style
from trpo_np.objectives import policy_gradient
from trpo_np.penalty import (
    adapted_beta,
    best_coefficient,
    estimate_moments,
    exponential_step,
    gradients_as_loss,
    gradients_in_reward,
    hyperbolic_step,
    kl_estimates,
    multiplier,
    two_penalty_step,
)
from trpo_np.tabular import state_kl

use_style()

# %% [markdown]
# ## 1. Before you begin
#
# Three questions about earlier notebooks, a minute each. They are not graded; what they ask is used
# below.
#
# **Recall 15.1** (notebook 02). The old policy takes two actions with probabilities 0.5 and 0.5,
# the new one with 0.8 and 0.2. What is the mean of the ratio $\pi(a) / \pi_\text{old}(a)$ over the
# actions of the **old** policy?

# %%
recall = ...  # replace the dots by a number
### BEGIN SOLUTION
recall = 1
### END SOLUTION
nb.recall_ratio(recall)

# %% [markdown]
# **Recall 15.2** (notebook 04). The Lagrange multiplier of the trust region was
# $\nu = \sqrt{g^\top F^{-1} g \,/\, (2 \delta)}$. The radius δ becomes four times smaller. By which
# factor does the multiplier grow?

# %%
recall = ...  # replace the dots by a number
### BEGIN SOLUTION
recall = 2
### END SOLUTION
nb.recall_multiplier(recall)

# %% [markdown]
# **Recall 15.3** (notebook 05). A small step $d$ in parameters costs 0.002 nats,
# $\mathrm{KL}(\text{old} \,\|\, \text{new}) = 0.002$. About how many nats does the step $3 d$ cost?

# %%
recall = ...  # replace the dots by a number
### BEGIN SOLUTION
recall = 0.018
### END SOLUTION
nb.recall_kl(recall)

# %% [markdown]
# ## 2. One penalised step, solved
#
# Divide the surrogate (2.7) by the constant that its weights add up to. With
# $d(s) = (1 - \gamma)\, \rho_\text{old}(s)$, the share of time that the old policy spends in $s$, and
# without the constant $J(\pi_\text{old})$, it is
#
# $$\bar L(\pi) = \sum_s d(s) \sum_a \pi(a|s)\, A_\text{old}(s, a) .$$
#
# Take from it $\beta$ times the mean divergence, $\sum_s d(s)\, \mathrm{KL}_s$, where $\mathrm{KL}_s$
# is the divergence between the two policies in state $s$. Each state has a term of its own, with a
# weight $d(s) \ge 0$ and **the same β**. In a table each term can be made as large as possible alone.
# So look at one state and leave out the $s$: of all distributions $\pi$, which one maximises
#
# $$\sum_a \pi(a)\, A(a) - \beta\, \mathrm{KL}(\pi \,\|\, \pi_\text{old}) \; ? \tag{15.1}$$
#
# This is KL(new ‖ old), not the order of this course. We begin with it because its answer is one
# line, and because it is the one that mirror descent and language models use. Here is the answer:
#
# $$\pi_\beta(a) = \frac{1}{Z}\, \pi_\text{old}(a)\, e^{A(a)/\beta}, \qquad
#   Z = \sum_b \pi_\text{old}(b)\, e^{A(b)/\beta} . \tag{15.2}$$
#
# Old probabilities, tilted by the advantages. To prove it, take logarithms and solve for $A$,
#
# $$A(a) = \beta \log \frac{\pi_\beta(a)}{\pi_\text{old}(a)} + \beta \log Z ,$$
#
# and put that into (15.1), for **any** $\pi$. The constant $\beta \log Z$ comes out of the sum,
# $\log \pi_\text{old}$ cancels, and a divergence between $\pi$ and $\pi_\beta$ is left:
#
# $$\sum_a \pi(a) A(a) - \beta\, \mathrm{KL}(\pi \,\|\, \pi_\text{old})
#   = \beta \log Z + \beta \sum_a \pi(a) \left[ \log \frac{\pi_\beta(a)}{\pi_\text{old}(a)}
#   - \log \frac{\pi(a)}{\pi_\text{old}(a)} \right]
#   = \beta \log Z - \beta\, \mathrm{KL}(\pi \,\|\, \pi_\beta) . \tag{15.3}$$
#
# A divergence is at least 0, and 0 only between equal distributions. So $\pi_\beta$ is the maximum,
# it is the only one, and the largest value is $\beta \log Z$. No derivative was needed. (Where
# $\pi_\text{old}(a) = 0$, the divergence in (15.1) is infinite unless $\pi(a) = 0$.)
#
# **Exercise 15.4.** Write (15.2) for a table: `pi_old` and `A` are `(S, n)`, one row for each of `S`
# states, and `beta` is a number. It must also work for β = 0.001, where $e^{A/\beta}$ is more than a
# computer can hold.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (15.2).
# <details><summary>Hint 2: the idea</summary>
# Z belongs to one state. A constant subtracted from all A of a state cancels with Z: subtract the
# largest one.
# <details><summary>Hint 3: a sketch</summary>
# weights = pi_old * np.exp(... / beta), then weights divided by their sums over axis 1; both times
# with keepdims=True.
# </details></details></details>


# %%
def my_exponential_step(pi_old, A, beta):
    ### BEGIN SOLUTION
    weights = pi_old * np.exp((A - np.max(A, axis=1, keepdims=True)) / beta)
    return weights / np.sum(weights, axis=1, keepdims=True)
    ### END SOLUTION


nb.check_exponential_step(my_exponential_step)

# %%
tilt = yours(my_exponential_step, nb.check_exponential_step)
rng = np.random.default_rng(0)
pi_old = np.array([0.1, 0.2, 0.3, 0.4])
A = np.array([2.0, 1.0, -0.5, 0.0])
A = A - pi_old @ A  # advantages average to 0 over the old policy, (2.4)
rivals = rng.dirichlet(np.ones(4), 100_000)
for beta in (0.1, 1.0, 10.0):
    pi = tilt(pi_old[None], A[None], beta)[0]
    objective = lambda p: p @ A - beta * state_kl(p, pi_old)
    log_z = np.log(np.sum(pi_old * np.exp(A / beta)))
    print(
        f"β = {beta:4}: π = {np.round(pi, 3)}  value {objective(pi):.6f}"
        f"  β log Z {beta * log_z:.6f}  best of 100,000 rivals {objective(rivals).max():.6f}"
    )

# %% [markdown]
# How much does the step gain? Exactly so much: β times the divergence there, plus the divergence
# back,
#
# $$\sum_a \pi_\beta(a)\, A(a) = \beta \left[ \mathrm{KL}(\pi_\beta \,\|\, \pi_\text{old})
#   + \mathrm{KL}(\pi_\text{old} \,\|\, \pi_\beta) \right] . \tag{15.4}$$
#
# Two lines prove it. Put $\pi = \pi_\beta$ into (15.3), whose last term then is 0:
#
# $$\sum_a \pi_\beta(a) A(a) - \beta\, \mathrm{KL}(\pi_\beta \,\|\, \pi_\text{old}) = \beta \log Z . $$
#
# The other line says what $\log Z$ is, and it is missing here.
#
# **Exercise 15.5** (a derivation). Start from
# $A(a) = \beta \log (\pi_\beta(a) / \pi_\text{old}(a)) + \beta \log Z$, weigh both sides with
# $\pi_\text{old}(a)$ and sum, with (2.4), $\sum_a \pi_\text{old}(a) A(a) = 0$. Which function of the
# two policies alone is $\log Z$? Write it, for two vectors `pi_old` and `pi_beta`.
#
# <details><summary>Hint 1: where to look</summary>
# The equation in the exercise, which is (15.2) solved for A.
# <details><summary>Hint 2: the idea</summary>
# The left side becomes 0, and the weights of log Z add up to 1.
# <details><summary>Hint 3: a sketch</summary>
# 0 = Σ π_old log(π_β / π_old) + log Z. The sum is minus a divergence; mind which way round.
# </details></details></details>


# %%
def my_log_Z(pi_old, pi_beta):
    ### BEGIN SOLUTION
    return np.sum(pi_old * np.log(pi_old / pi_beta))
    ### END SOLUTION


nb.check_log_Z(my_log_Z)

# %% [markdown]
# ## 3. The other way round
#
# In this course the divergence is KL(old ‖ new). Solve that one, too:
#
# $$\max_\pi \;\; \sum_a \pi(a)\, A(a) - \beta\, \mathrm{KL}(\pi_\text{old} \,\|\, \pi) . \tag{15.5}$$
#
# We assume $\pi_\text{old}(a) \gt 0$ for all actions. As a function of $\pi$ the objective is
# concave: a linear part, the terms $\beta\, \pi_\text{old}(a) \log \pi(a)$, and a constant. So a
# point where the derivative vanishes is the maximum. With a multiplier $\nu$ for $\sum_a \pi(a) = 1$
# the derivative with respect to $\pi(a)$ must be 0:
#
# $$A(a) + \beta\, \frac{\pi_\text{old}(a)}{\pi(a)} - \nu = 0
#   \quad \Longrightarrow \quad
#   \pi_\beta(a) = \frac{\beta\, \pi_\text{old}(a)}{\nu - A(a)}, \qquad \nu \gt \max_a A(a) . \tag{15.6}$$
#
# (All $\nu - A(a)$ have to be positive, as the probabilities are.) This is (3.10) once more, but
# there the radius was given and here β is. The one unknown is the **normaliser** $\nu$. As it grows
# from $\max A$ to infinity, the sum of the probabilities falls from infinity to 0, so exactly one
# $\nu$ makes it 1. Where to look for it? Multiply (15.6) by $\nu - A(a)$ and sum over the actions:
# $\nu - \sum_a \pi_\beta(a) A(a) = \beta$, or
#
# $$\nu = \beta + \sum_a \pi_\beta(a)\, A(a), \qquad \text{hence} \qquad
#   \max_a A(a) \lt \nu \le \max_a A(a) + \beta . \tag{15.7}$$
#
# The upper limit holds because a mean of $A$ is at most its largest value.
#
# **Exercise 15.6.** Write (15.6) for one state, `pi_old` and `A` of shape `(n,)`. Find $\nu$ by
# bisection between the limits of (15.7): halve the interval 60 times.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (15.6), and (15.7) for the limits.
# <details><summary>Hint 2: the idea</summary>
# Is the sum of the probabilities at the middle more than 1? Then ν is too small. In each round
# replace one of the limits by the middle. Never divide by ν - A at ν = max A itself.
# <details><summary>Hint 3: a sketch</summary>
# <pre>
# low, high = ...
# repeat 60 times:
#     nu = ...
#     if np.sum(...) &gt; 1:
#         low = nu
#     else:
#         high = nu
# return ...            # (15.6), with high for ν
# </pre>
# </details></details></details>


# %%
def my_hyperbolic_step(pi_old, A, beta):
    ### BEGIN SOLUTION
    low, high = np.max(A), np.max(A) + beta
    for _ in range(60):
        nu = (low + high) / 2
        if np.sum(beta * pi_old / (nu - A)) > 1:
            low = nu
        else:
            high = nu
    return beta * pi_old / (high - A)
    ### END SOLUTION


nb.check_hyperbolic_step(my_hyperbolic_step)

# %%
hyperbola = yours(my_hyperbolic_step, nb.check_hyperbolic_step)
for beta in (0.1, 1.0, 10.0):
    pi = hyperbola(pi_old, A, beta)
    objective = lambda p: p @ A - beta * state_kl(pi_old, p)
    print(
        f"β = {beta:4}: π = {np.round(pi, 3)}  sum {pi.sum():.12f}  value {objective(pi):.6f}"
        f"  best of 100,000 rivals {objective(rivals).max():.6f}"
    )

# %% [markdown]
# What changes with the direction? Look at the factor $\pi_\beta(a) / \pi_\text{old}(a)$ by which an
# action becomes more or less likely. KL(new ‖ old) gives an exponential function of $A$, and KL(old ‖
# new) a hyperbola:

# %% tags=["hide-input"]
figure = nb.draw_directions(pi_old, A)
show(
    figure,
    "The factor by which each action's probability changes, on a log axis, against its advantage, "
    "for beta 2 in the left panel and 0.2 in the right. For beta 2 the straight line of KL(new, old) and "
    "the curve of KL(old, new) lie close together. For beta 0.2 the line falls to 0.00004 at the "
    "worst action, the curve only to 0.08, and both meet near 10 at the best action.",
    "Far from the old policy the directions differ most for bad actions: KL(new ‖ old) all but drops "
    "them, KL(old ‖ new) keeps a share.",
)

# %% [markdown]
# | | KL(new ‖ old) | KL(old ‖ new) |
# |---|---|---|
# | factor $\pi_\beta / \pi_\text{old}$ | $e^{A/\beta} / Z$ | $\beta / (\nu - A)$ |
# | a bad action | falls exponentially in $-A/\beta$ | at least $\beta / (\beta + \max A - A)$, by (15.7) |
# | β → 0 | all on the best actions, at a finite divergence, $-\log \pi_\text{old}(\text{best})$ | all on the best actions, and the divergence grows without limit |
# | β → ∞ | $1 + A/\beta$, to first order | $1 + A/\beta$, to first order |
#
# The last row. On the left, $Z = 1 + O(1/\beta^2)$, because the advantages average to 0. On the
# right, the gain $\nu - \beta$ lies between 0 (that of $\pi_\text{old}$) and $\max A$, so the factor is $1 + O(1/\beta)$; then the gain,
# a sum of $(\pi_\beta - \pi_\text{old})\, A$, is itself $O(1/\beta)$, and the factor is
# $1 / (1 - A/\beta + O(1/\beta^2))$. Near the old policy the two penalties make the same step.
#
# ## 4. Which β for which δ
#
# Write $G(\beta)$ for the gain $\sum_a \pi_\beta(a) A(a)$ of the solution and $K(\beta)$ for its
# divergence, in either direction, or their means over states with the weights $d(s)$. Take two
# weights $\beta_1 \lt \beta_2$. Each solution is at least as good for its own weight as the other:
#
# $$G(\beta_1) - \beta_1 K(\beta_1) \ge G(\beta_2) - \beta_1 K(\beta_2), \qquad
#   G(\beta_2) - \beta_2 K(\beta_2) \ge G(\beta_1) - \beta_2 K(\beta_1) .$$
#
# Add the two. $G$ cancels, and $(\beta_2 - \beta_1) (K(\beta_1) - K(\beta_2)) \ge 0$ is left:
#
# $$\beta_1 \lt \beta_2 \quad \Longrightarrow \quad K(\beta_1) \ge K(\beta_2), \quad
#   G(\beta_1) \ge G(\beta_2) . \tag{15.8}$$
#
# (The second follows from the first one and the inequality on the left above.) A heavier penalty
# gives a smaller step and a smaller gain, or the same. That used nothing of the form of the KL or of
# the policy.
#
# And each penalised solution solves a constrained problem. If $\pi$ has a divergence $K \le K(\beta)$
# and the gain $G$, then $G - \beta K \le G(\beta) - \beta K(\beta)$, so $G \le G(\beta)$:
#
# $$\pi_\beta \;\text{ maximises }\; \bar L \;\text{ among all } \pi \text{ with }\; \mathrm{KL} \le \delta,
#   \qquad \delta = K(\beta) . \tag{15.9}$$
#
# β is the Lagrange multiplier of that constraint. For a table $K$ is also continuous, since
# $\pi_\beta$ is a smooth function of β; so every δ below the limit at β → 0 has its β, and bisection
# finds it: `multiplier` does that. (With a network two maxima may tie; then $K$ jumps over some δ,
# and no β belongs to them.) As a test take six states, one β for all, the mean divergence
# $\delta = 0.05$, and a hundred thousand rivals near the solution, of which those inside the region
# count.

# %%
mdp = tabular.random_mdp(np.random.default_rng(3), S=6, A=4, gamma=0.9)
pi_0 = tabular.softmax_policy(0.5 * np.random.default_rng(1).standard_normal((6, 4)))
A_0, d_0 = tabular.advantages(mdp, pi_0), (1 - mdp.gamma) * tabular.visitation(mdp, pi_0)
divergence = lambda beta: d_0 @ state_kl(pi_0, hyperbolic_step(pi_0, A_0, beta))
beta = multiplier(divergence, 0.05)
solution = hyperbolic_step(pi_0, A_0, beta)
rivals = tabular.softmax_policy(np.log(solution) + 0.1 * rng.standard_normal((100_000, 6, 4)))
inside = state_kl(pi_0, rivals) @ d_0 <= 0.05
gain = lambda pi: np.sum(pi * A_0, axis=-1) @ d_0
print(f"β = {beta:.4f},  mean KL {divergence(beta):.6f},  gain {gain(solution):.6f}")
print(f"best gain of {inside.sum()} rivals inside the region: {gain(rivals[inside]).max():.6f}")
print("KL in each state:", np.round(state_kl(pi_0, solution), 4))

# %% [markdown]
# The states do not share alike: where the advantages differ much, the policy may move far. (The
# theorem's maximum over states, in notebook 03, gave each state the same radius.)
#
# How fast does $K(\beta)$ fall? For KL(new ‖ old) there is a formula. By (15.2) and (15.3),
# $K(\beta) = \mathbb{E}[A] / \beta - \log Z$, with the mean over $\pi_\beta$, and two derivatives are
# known:
#
# $$\frac{d}{d\beta} \log Z = -\frac{\mathbb{E}[A]}{\beta^2}, \qquad
#   \frac{d}{d\beta}\, \mathbb{E}[A] = -\frac{\mathrm{Var}[A]}{\beta^2} . \tag{15.10}$$
#
# (For the first, differentiate $Z$ under its sum,
# $-\tfrac{1}{\beta^2} \sum_a \pi_\text{old}(a) A(a)\, e^{A(a)/\beta}$, and divide by $Z$. For the
# second, (15.2) and the first give
# $\frac{d}{d\beta} \log \pi_\beta(a) = -(A(a) - \mathbb{E}[A]) / \beta^2$; weigh this with
# $\pi_\beta(a) A(a)$ and sum.)
#
# **Exercise 15.7** (a derivation). Differentiate $K(\beta) = \mathbb{E}[A]/\beta - \log Z$ with
# (15.10), and write the slope $dK/d\beta$ as a function of `pi_old`, `A` (vectors) and `beta`. Two of
# the three terms cancel.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (15.10).
# <details><summary>Hint 2: the idea</summary>
# The product rule on E[A] · (1/β) gives two terms, log Z the third. What remains is one derivative
# of (15.10), divided by β.
# <details><summary>Hint 3: a sketch</summary>
# First pi by (15.2), as in exercise 15.4; then variance = pi @ (...) ** 2, that of A under pi; then
# minus a fraction.
# </details></details></details>


# %%
def my_slope(pi_old, A, beta):
    ### BEGIN SOLUTION
    weights = pi_old * np.exp((A - np.max(A)) / beta)
    pi = weights / np.sum(weights)
    variance = pi @ (A - pi @ A) ** 2
    return -variance / beta**3
    ### END SOLUTION


nb.check_slope(my_slope)

# %% [markdown]
# For a heavy penalty everything becomes simple, in both directions. Write
# $\pi / \pi_\text{old} = 1 + x$. The mean of $x$ over the old policy is 0 (recall 15.1), and to
# second order
#
# $$\mathrm{KL}(\text{old} \,\|\, \text{new}) = -\mathbb{E}_\text{old}[\log (1 + x)] \approx \tfrac12 \mathbb{E}_\text{old}[x^2], \qquad
#   \mathrm{KL}(\text{new} \,\|\, \text{old}) = \mathbb{E}_\text{old}[(1 + x) \log (1 + x)] \approx \tfrac12 \mathbb{E}_\text{old}[x^2] .$$
#
# By the table of section 3, $x \approx A/\beta$ in both. With the mean over states as well,
#
# $$K(\beta) \approx \frac{\mathbb{E}_\text{old}[A^2]}{2 \beta^2}, \qquad
#   \beta \approx \sqrt{\frac{\mathbb{E}_\text{old}[A^2]}{2 \delta}} . \tag{15.11}$$
#
# You have seen this root: $\nu = \sqrt{g^\top F^{-1} g / 2\delta}$ in notebook 04. It is the same
# number. Let θ be the table of logits itself. For the softmax
# $\partial \pi(b|s) / \partial \theta_{sa}$ is $\pi(a|s)\, (1 - \pi(a|s))$ for $b = a$ and
# $-\pi(a|s)\, \pi(b|s)$ else. So the gradient of $\bar L$ at the old policy has the entries
# $d(s)\, \pi(a|s)\, (A(s,a) - \sum_b \pi(b|s) A(s,b))$, and by (2.4)
# $g_{sa} = d(s)\, \pi(a|s)\, A(s,a)$. The Fisher matrix has one block a state,
# $d(s)\, (\mathrm{diag}(\pi) - \pi \pi^\top)$ by (5.6). Times the advantages it is
# $d(s)\, (\pi A - \pi \sum_b \pi(b|s) A(s, b))$ row by row: the same. So
#
# $$F A = g: \quad \text{the natural direction is } A \text{ itself, and }\;
#   \theta_\text{old} + \alpha A \;\text{ is the policy (15.2) with }\; \beta = 1/\alpha . \tag{15.12}$$
#
# ($F$ is singular, but all solutions of $F s = g$ give the same policy wherever $d(s) \gt 0$: they
# differ by a constant in each such state.) In a table, the natural gradient of notebook 04 **is** the penalised step with KL(new ‖
# old), and its step size is $1/\beta$. And with $A$ for $F^{-1} g$, the number under the root is
# $g^\top A = \mathbb{E}_\text{old}[A^2]$.

# %% tags=["hide-input"]
figure = nb.draw_twins(pi_old, A)
show(
    figure,
    "Divergence against beta on log axes, for both directions and the model one over beta squared. "
    "From beta about 10 on all three are one line of slope minus two. Towards small beta "
    "KL(new, old) levels off at 2.3 nats, minus the logarithm of the best action's old probability "
    "0.1; KL(old, new) goes on rising slowly; the model rises far above both.",
    "To every δ that can be reached a β, and for small δ it is the root in (15.11).",
)

# %% [markdown]
# <details><summary>You may ask: why a δ, if it is the same?</summary>
# One reason can be seen here: β has the unit of the rewards, and δ is in nats. Multiply all rewards by 10: for the same
# policy β must become ten times as large (in (15.2) only A/β enters), and δ stays. And when the
# advantages become small near the end of training, a fixed β takes smaller steps; a fixed δ does not.
# </details>
#
# <details><summary>You may ask: which β does the theorem ask for?</summary>
# C of notebook 03 stands with L, and before the largest divergence. For the mean L̄ it is (1 - γ) C =
# 2γε/(1 - γ), with ε = max |A_old|: 198 ε at γ = 0.99. The β that belongs to δ = 0.01 is by (15.11),
# where E[A²] ≤ ε², about ε/√0.02 = 7.1 ε or less.
# </details>
#
# ## 5. Many steps: mirror descent
#
# Gradient ascent on a function $f$ can be written as a penalised problem: $x_{k+1}$ maximises
# $\nabla f(x_k)^\top x - \frac{1}{2 \alpha} \|x - x_k\|^2$. **Mirror descent** puts another distance
# in the place of the square. Take for the linear part $\bar L$ of section 2, which has the gradient of
# $(1 - \gamma) J$ at $\pi_k$ by (2.8), and for the distance $\beta \sum_s d_k(s)\, \mathrm{KL}_s$, new
# to old, with $d_k(s)$ the share of time under $\pi_k$. The weight $d_k(s)$ is common to both terms of a
# state, and in each state the update is (15.2), over and over: $\pi_{k+1} \propto \pi_k\, e^{A_k / \beta}$, with the advantages $A_k$ of $\pi_k$. What does
# that do to $J$? By the performance difference (2.6), $J(\pi_{k+1}) - J(\pi_k)$ is the sum over $s$
# of $\rho_{k+1}(s)$, the visitation of $\pi_{k+1}$, times the gain in $s$; and the gain is (15.4):
#
# $$J(\pi_{k+1}) - J(\pi_k) = \beta \sum_s \rho_{k+1}(s) \left[ \mathrm{KL}(\pi_{k+1} \,\|\, \pi_k)
#   + \mathrm{KL}(\pi_k \,\|\, \pi_{k+1}) \right] \ge 0 . \tag{15.13}$$
#
# An equation, not a bound. With exact advantages and a table, the performance never falls, for any β
# and any MDP. (At the end of notebook 03 we saw why no constant $C$ is needed here.) And it reaches
# the top, at a known rate. Start from the uniform policy $\pi_0$; let $\pi_\star$ be a best policy,
# $J_\star$ its performance, $V_\star$ its values, and $V_k$ those of $\pi_k$. Then
#
# $$J_\star - J(\pi_k) \le \frac{\beta \log n + \max_s \left( V_\star(s) - V_0(s) \right)}{(1 - \gamma)\, k} . \tag{15.14}$$
#
# The proof takes four lines. Write $\rho_\star$ for the visitation of $\pi_\star$ and
# $d_\star(s) = (1 - \gamma)\, \rho_\star(s)$ for its share of time, $G_j(s)$ for the gain of update
# $j$ in $s$, $Z_j(s)$ for its normaliser, and
# $D_j = \sum_s d_\star(s)\, \mathrm{KL}(\pi_\star \,\|\, \pi_j)$ for the distance that is left.
#
# 1. In each state,
#    $\beta\, [\mathrm{KL}(\pi_\star \| \pi_j) - \mathrm{KL}(\pi_\star \| \pi_{j+1})] = \beta \sum_a \pi_\star \log (\pi_{j+1} / \pi_j) = \sum_a \pi_\star A_j - \beta \log Z_j$,
#    by (15.2).
# 2. The mean of $\sum_a \pi_\star A_j$ over $d_\star$ is $(1 - \gamma) (J_\star - J(\pi_j))$, by
#    (2.6).
# 3. $\beta \log Z_j(s) = G_j(s) - \beta\, \mathrm{KL}(\pi_{j+1} \| \pi_j) \le G_j(s) \le V_{j+1}(s) - V_j(s)$.
#    The equality is (15.3) at $\pi = \pi_{j+1}$. The last step is (2.6) for a run that starts in $s$:
#    no gain is negative, by (15.4), and $s$ itself is visited at least once.
# 4. Together
#    $(1 - \gamma) (J_\star - J(\pi_j)) \le \beta (D_j - D_{j+1}) + \sum_s d_\star(s) (V_{j+1}(s) - V_j(s))$.
#    Sum over $j = 0, \dots, k - 1$. On the right both telescope, to at most $\beta D_0$ and
#    $\max_s (V_\star - V_0)$, and $D_0 \le \log n$ since $\pi_0$ is uniform. On the left each of the
#    $k$ gaps is at least $J_\star - J(\pi_k)$, since $J$ never falls. $\square$

# %%
V_0 = tabular.state_values(mdp, np.full((6, 4), 0.25))
J_best, V_best = nb.best_values(mdp)
runs = {}
for beta in (0.1, 1.0, 10.0):
    pi, J = np.full((6, 4), 0.25), []
    for _ in range(101):
        J.append(tabular.performance(mdp, pi))
        pi = exponential_step(pi, tabular.advantages(mdp, pi), beta)
    bound = (beta * np.log(4) + np.max(V_best - V_0)) / ((1 - mdp.gamma) * np.arange(1, 101))
    runs[beta] = np.array(J), bound
    gap = J_best - np.array(J[1:])
    print(
        f"β = {beta:4}: smallest rise {np.diff(J).min():.1e}, gap after 10 and 100 updates", end=" "
    )
    print(f"{gap[9]:.4f} {gap[99]:.1e}, largest gap / bound {np.max(gap / bound):.3f}")

# %% tags=["hide-input"]
figure = nb.draw_mirror_descent(runs, J_best)
show(
    figure,
    "The gap to the best performance against the number of updates, on log axes, for beta 0.1, 1 and "
    "10, each with its bound as a thin line of slope minus one. The gaps lie below their bounds "
    "by a factor of five or more; the smaller beta is, the sooner the gap falls away.",
    "Mirror descent with exact advantages: no update loses, and the bound (15.14) holds.",
)

# %% [markdown]
# Here the smallest β is the fastest. As β → 0 the step puts all probability on the best actions, and
# that is policy iteration. The penalty is for the case that the advantages are estimates, or that the
# states share parameters, as in sections 11 and 12.
#
# ## 6. An adaptive β against a line search
#
# Who trains with a penalty has to find β. The PPO paper, in its second variant, lets the last update
# decide ([Schulman et al. (2017)](references.md#schulman2017), section 4): with a target $\delta$ and
# the mean KL of the update just made,
#
# $$\beta \leftarrow 2 \beta \;\text{ if }\; \mathrm{KL} \gt 1.5\, \delta, \qquad
#   \beta \leftarrow \beta / 2 \;\text{ if }\; \mathrm{KL} \lt \delta / 1.5 . \tag{15.15}$$
#
# **Exercise 15.8.** Write (15.15).
#
# <details><summary>Hint 1: where to look</summary>
# Equation (15.15).
# <details><summary>Hint 2: the idea</summary>
# Three cases: too far, too near, neither. Too far means that the penalty was too light.
# <details><summary>Hint 3: a sketch</summary>
# <pre>
# if kl &gt; ...:
#     return ...
# if kl &lt; ...:
#     return ...
# return ...
# </pre>
# </details></details></details>


# %%
def my_adapted_beta(beta, kl, target):
    ### BEGIN SOLUTION
    if kl > 1.5 * target:
        return 2 * beta
    if kl < target / 1.5:
        return beta / 2
    return beta
    ### END SOLUTION


nb.check_adapted_beta(my_adapted_beta)

# %%
adapt = yours(my_adapted_beta, nb.check_adapted_beta, adapted_beta)

# %% [markdown]
# By (15.12), in a table, TRPO's update has a β as well: its step size is $1/\beta$. The longest step of
# the quadratic model, (8.2) with $s = A$, is (15.11) for the advantages of this update, and each halving
# in the line search doubles β. The difference is the moment. **TRPO sets β anew before each step, and
# doubles it as often as the exact KL asks for; the adaptive rule doubles or halves the last one once,
# after the step.** Here both train the six states, with the exact KL(old ‖ new)
# and $\delta = 0.0005$. The adaptive rule begins with a tenth, and with ten times, of the β of
# (15.11). After 20 updates somebody multiplies the rewards by 10.

# %%
delta, updates, change, factor = 0.0005, 40, 20, 10


def adaptive(beta, pi, A, d):
    """The next β, and the policy that maximises the penalised objective."""
    new = hyperbolic_step(pi, A, beta)
    return adapt(beta, d @ state_kl(pi, new), delta), new


def line_search(_, pi, A, d):
    """The longest natural step of the quadratic model, halved until the exact KL is at most δ."""
    alpha = np.sqrt(2 * delta / (d @ np.sum(pi * A**2, axis=1)))
    while d @ state_kl(pi, exponential_step(pi, A, 1 / alpha)) > delta:
        alpha = alpha / 2
    return None, exponential_step(pi, A, 1 / alpha)


def kl_of_updates(rule, state):
    """The mean KL(old ‖ new) of each update."""
    pi, kls = np.full((6, 4), 0.25), []
    for k in range(updates):
        A = tabular.advantages(mdp, pi) * (factor if k >= change else 1)
        d = (1 - mdp.gamma) * tabular.visitation(mdp, pi)
        state, new = rule(state, pi, A, d)
        kls.append(d @ state_kl(pi, new))
        pi = new
    return np.array(kls)


# %%
uniform = np.full((6, 4), 0.25)
d = (1 - mdp.gamma) * tabular.visitation(mdp, uniform)
beta = np.sqrt(d @ np.mean(tabular.advantages(mdp, uniform) ** 2, axis=1) / (2 * delta))  # (15.11)
kls = {
    "adaptive, from β / 10": kl_of_updates(adaptive, beta / 10),
    "adaptive, from 10 β": kl_of_updates(adaptive, 10 * beta),
    "line search": kl_of_updates(line_search, None),
}
print(f"{'KL / δ of an update':24}{'largest':>10}{'after the change':>18}{'within 1.5 of δ':>18}")
for name, kl in kls.items():
    landed = np.sum((kl >= delta / 1.5) & (kl <= 1.5 * delta))
    row = f"{name:24}{kl.max() / delta:10.2f}{kl[change:].max() / delta:18.2f}"
    print(f"{row}{landed:12} of {updates}")

# %% tags=["hide-input"]
figure = nb.draw_adaptive(kls, delta, change, factor)
show(
    figure,
    "The mean KL of each update, on a log axis, for two runs with adaptive beta and one with a line "
    "search, with a band from two thirds to three halves of delta. The adaptive runs begin a factor "
    "100 above and below delta. The one from above reaches the band after three updates; the one from "
    "below jumps over it and alternates between both sides until the change. At update 21, after the "
    "change, both jump up by a factor 100, and after three more are in the band; later they drift "
    "through it or alternate. The line search stays just below delta throughout.",
    "From above the adaptive rule needs three updates to find its β, from below it misses the band for "
    "twenty; after the change of unit both need three again. The update with the line search does not "
    "notice the change: its β is set from each update's advantages.",
)

# %% [markdown]
# Does the rule settle at least when nothing changes? By (15.11) the KL goes like $1/\beta^2$: one
# doubling of β divides it by **4**. But the band that the rule accepts, from $\delta/1.5$ to
# $1.5\,\delta$, is only a factor of $1.5^2 = 2.25$ wide. A step by a factor of 4 can jump over it,
# and back, and over it again, for ever.
#
# **Exercise 15.9** (a derivation). On the axis of $\log \mathrm{KL}$ the rule walks in steps of
# $\log 4$. Where the walk passes the band depends on the first β; let that be spread evenly on the
# log axis. Which share of all starts **never** lands in the band? Two decimals are enough.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (15.15) for the band, and (15.11) for the step.
# <details><summary>Hint 2: the idea</summary>
# How wide is the band on the axis of log KL, and how wide is a step?
# <details><summary>Hint 3: a sketch</summary>
# A grid of spacing log 4 has a point in an interval of width log 2.25 with probability log 2.25 /
# log 4. And what is asked for is the other case.
# </details></details></details>

# %%
prediction = ...  # replace the dots by a number
### BEGIN SOLUTION
prediction = 0.415
### END SOLUTION
nb.check_share(prediction)

# %% [markdown]
# In symbols, with $x$ the KL in units of δ: a walk that never lands alternates between $x$ and $x/4$,
# where
#
# $$x \gt 1.5 \;\text{ and }\; \frac{x}{4} \lt \frac{1}{1.5}, \qquad \text{so} \qquad
#   1.5 \lt x \lt \tfrac83, \quad \tfrac38 \lt \tfrac{x}{4} \lt \tfrac23 . \tag{15.16}$$
#
# So once it is there, and while nothing but β changes, the rule keeps a small KL within a factor
# $\tfrac83$ of δ. It does not keep it below δ, as the line search does. One fixed state, 200 first
# values of β, twelve updates each, with the exact solution, for which the KL goes only nearly like
# $1/\beta^2$:


# %%
def walk(beta, target=1e-4, updates=12):
    """KL / target of each update of one state, where nothing but β changes."""
    kls = []
    for _ in range(updates):
        kls.append(state_kl(pi_old, hyperbolic_step(pi_old, A, beta)) / target)
        beta = adapt(beta, kls[-1], 1.0)
    return kls


starts = 2 ** np.linspace(0, 1, 200, endpoint=False) * np.sqrt(pi_old @ A**2 / 2e-4)
ends = np.array([walk(beta)[-2:] for beta in starts])
lost = (ends[:, 1] > 1.5) | (ends[:, 1] < 1 / 1.5)
print(f"never lands: {lost.mean():.3f} of the starts")
print(f"of these, the larger KL / δ: {ends[lost].max(axis=1).min():.3f} to {ends[lost].max():.3f}")
print(f"and the smaller:             {ends[lost].min():.3f} to {ends[lost].min(axis=1).max():.3f}")

# %% [markdown]
# ---
#
# **Half-way.** Sections 1 to 6 were about the penalty that keeps a step short. Those that follow are about
# another one, the KL to a fixed reference.
#
# ---
#
# ## 7. The second KL: to a fixed reference
#
# In the training of language models there is another KL, and the two are easily confused. A model
# $\pi_\text{ref}$ has been trained on text. Now a reward $r$ is to be maximised without forgetting
# the text. So one maximises ([Ouyang et al. (2022)](references.md#ouyang2022), section 3.5, eq. 2,
# where one more term is added)
#
# $$J_\text{ref}(\pi) = \mathbb{E}_{a \sim \pi}[\, r(a) \,]
#   - \beta_\text{ref}\, \mathrm{KL}(\pi \,\|\, \pi_\text{ref}) . \tag{15.17}$$
#
# It has the form of (15.1), but the policy on the right **stays**. The trust region says how far one
# update may go; it moves along, and after many updates one may be anywhere. The reference says where
# to go. By (15.2) and (15.3), with $r$ for $A$ and the weight $\beta_\text{ref}$,
#
# $$\pi_\star(a) = \frac1Z\, \pi_\text{ref}(a)\, e^{r(a) / \beta_\text{ref}}, \qquad
#   J_\text{ref}(\pi) = \beta_\text{ref} \log Z - \beta_\text{ref}\, \mathrm{KL}(\pi \,\|\, \pi_\star) .
#   \tag{15.18}$$
#
# (In this and the following sections $\pi_\star$ is this optimum.) To maximise $J_\text{ref}$ is to
# come near to $\pi_\star$ in KL: to fit a distribution, with the reference as a prior and
# $e^{r/\beta_\text{ref}}$ as a likelihood. So [Korbak et al. (2022)](references.md#korbak2022) read
# it. Without the second KL the optimum puts all probability on the best answer (or answers); they
# call it distribution collapse.
#
# Both together, one update with a trust region and a reference:
#
# $$\pi_{k+1} = \arg\max_\pi\; \sum_a \pi(a)\, r(a)
#   - \beta_\text{ref}\, \mathrm{KL}(\pi \,\|\, \pi_\text{ref})
#   - \beta\, \mathrm{KL}(\pi \,\|\, \pi_k) . \tag{15.19}$$
#
# **Exercise 15.10** (a derivation). The two penalties add up to
# $\sum_a \pi \left[ (\beta + \beta_\text{ref}) \log \pi - \beta \log \pi_k - \beta_\text{ref} \log \pi_\text{ref} \right]$.
# Write the bracket as $(\beta + \beta_\text{ref}) \left[ \log \pi - \log m \right]$ and find $m$.
# Then (15.19) is (15.1) with the weight $\beta + \beta_\text{ref}$, and with $m$, up to a factor, in
# the place of the old policy. Its solution is (15.2). Write it for vectors of shape `(n,)`.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (15.19), with (15.2) for the solution.
# <details><summary>Hint 2: the idea</summary>
# log m is a weighted mean of two logarithms, so m is a weighted geometric mean. The exponent is r /
# (β + β_ref).
# <details><summary>Hint 3: a sketch</summary>
# total = ..., log_m = (... + ...) / total, and then a softmax of log_m + ....
# </details></details></details>


# %%
def my_two_penalty_step(pi_k, pi_ref, r, beta, beta_ref):
    ### BEGIN SOLUTION
    total = beta + beta_ref
    log_m = (beta * np.log(pi_k) + beta_ref * np.log(pi_ref)) / total
    logits = log_m + r / total
    weights = np.exp(logits - np.max(logits))
    return weights / np.sum(weights)
    ### END SOLUTION


nb.check_two_penalty_step(my_two_penalty_step)

# %% [markdown]
# Where does it lead? Take the logarithm of the solution, and replace $r$ by
# $\beta_\text{ref} \log (\pi_\star / \pi_\text{ref})$ plus a constant, which is (15.18) solved for
# $r$:
#
# $$(\beta + \beta_\text{ref}) \log \pi_{k+1} = \beta \log \pi_k + \beta_\text{ref} \log \pi_\text{ref}
#   + r + \text{const} = \beta \log \pi_k + \beta_\text{ref} \log \pi_\star + \text{const} .$$
#
# Subtract $(\beta + \beta_\text{ref}) \log \pi_\star$. What is left to go shrinks by the same factor
# in each update:
#
# $$\log \frac{\pi_{k+1}(a)}{\pi_\star(a)} = \frac{\beta}{\beta + \beta_\text{ref}}\,
#   \log \frac{\pi_k(a)}{\pi_\star(a)} + \text{const} , \tag{15.20}$$
#
# with a constant that does not depend on the action and makes the probabilities sum to 1. The first
# KL sets the speed, the second the goal. With $\beta_\text{ref} = 0$ and no $\pi_\star$ the policy
# goes on towards the best action.

# %%
pi_ref, r = np.array([0.15, 0.25, 0.6]), np.array([1.0, 0.7, 0.0])
first, paths = np.array([0.1, 0.1, 0.8]), {}
for beta_ref in (0.0, 0.5):
    path = [first]
    for _ in range(40):
        path.append(two_penalty_step(path[-1], pi_ref, r, 2.0, beta_ref))
    paths[beta_ref] = np.array(path)
pi_star = exponential_step(pi_ref, r, 0.5)
left = np.log(paths[0.5] / pi_star)
left = left - left.mean(axis=1, keepdims=True)  # the constant of (15.20) does not count
print("π_* =", np.round(pi_star, 4), "  after 40 updates:", np.round(paths[0.5][-1], 4))
print("without the reference, after 40 updates:", np.round(paths[0.0][-1], 6))
print(
    f"what is left, factor per update: {left[1, 0] / left[0, 0]:.6f} and {left[9, 0] / left[8, 0]:.6f}"
)
print(f"β / (β + β_ref) = {2.0 / 2.5}")

# %% tags=["hide-input"]
figure = nb.draw_simplex(paths, pi_ref, pi_star, r)
show(
    figure,
    "A triangle of all distributions over three actions with contours of the goal (15.17). Two "
    "paths of dots begin at one point near the corner of action 2. With the trust region alone the "
    "dots run into the corner of action 0. With the reference too, they end at a star inside the "
    "triangle, the optimum.",
    "Two KLs, two jobs: the KL to the last policy says how fast, the KL to the reference where to.",
)

# %% [markdown]
# ## 8. Estimating the KL from samples
#
# For language a sum over all answers is out of reach, and the KL is estimated from the answers that
# were drawn. Let $a$ be drawn from $p$, and let $w(a) = q(a) / p(a)$ be the ratio of the other
# distribution to the one that acts. Three estimates of $\mathrm{KL}(p \,\|\, q)$ from one sample are
# in use ([Schulman (2020)](references.md#schulman2020kl)):
#
# $$k_1 = -\log w, \qquad k_2 = \tfrac12 (\log w)^2, \qquad k_3 = w - 1 - \log w . \tag{15.21}$$
#
# For the trust region $p$ is the old policy and $q$ the new one; for the reference $p$ is the policy
# and $q = \pi_\text{ref}$. Two of them are never negative: $k_2$ is a square, and $\log w \le w - 1$,
# as in notebook 05.
#
# **Exercise 15.11.** Write the three estimates from `log_p` and `log_q`, the log-probabilities of the
# drawn actions, both `(N,)`. The result has shape `(3, N)`.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (15.21).
# <details><summary>Hint 2: the idea</summary>
# First log w. Which logarithm is subtracted from which?
# <details><summary>Hint 3: a sketch</summary>
# log_w = ... - ...; then np.stack([..., ..., ...]), which makes of three arrays (N,) one of shape
# (3, N).
# </details></details></details>


# %%
def my_kl_estimates(log_p, log_q):
    ### BEGIN SOLUTION
    log_w = log_q - log_p
    return np.stack([-log_w, log_w**2 / 2, np.exp(log_w) - 1 - log_w])
    ### END SOLUTION


nb.check_kl_estimates(my_kl_estimates)

# %% [markdown]
# **Bias.** The mean of $k_1$ is the KL by definition. The mean of $w$ is
# $\sum_a p(a)\, q(a)/p(a) = 1$, so $k_3$ adds something of mean 0 and has the same mean. (If $p$
# takes every action that $q$ takes; else that sum is less than 1.) And $\mathbb{E}[(\log w)^2]$ is
# the variance of $k_1$ plus its squared mean:
#
# $$\mathbb{E}[k_1] = \mathbb{E}[k_3] = \mathrm{KL}(p \,\|\, q), \qquad
#   \mathbb{E}[k_2] = \tfrac12 \left( \mathrm{Var}[k_1] + \mathrm{KL}(p \,\|\, q)^2 \right) . \tag{15.22}$$
#
# **Variance.** $w - 1$ has a known mean, 0, and is correlated with $\log w$: a control variate. Take
# any multiple $\lambda$ of it (no damping here), $-\log w + \lambda (w - 1)$: $\lambda = 0$ is $k_1$
# and $\lambda = 1$ is $k_3$. The covariance of $w$ and $\log w$ is
# $\mathbb{E}[w \log w] - \mathbb{E}[w]\, \mathbb{E}[\log w] = \sum_a q \log \frac{q}{p} + \sum_a p \log \frac{p}{q}$,
# the divergences both ways. With $\chi^2 = \mathrm{Var}[w] = \sum_a (q(a) - p(a))^2 / p(a)$,
#
# $$\mathrm{Var}\left[ -\log w + \lambda (w - 1) \right] = \mathrm{Var}[\log w]
#   - 2 \lambda \left[ \mathrm{KL}(p \,\|\, q) + \mathrm{KL}(q \,\|\, p) \right] + \lambda^2 \chi^2 ,
#   \tag{15.23}$$
#
# a parabola in λ with its lowest point at
#
# $$\lambda_\star = \frac{\mathrm{KL}(p \,\|\, q) + \mathrm{KL}(q \,\|\, p)}{\chi^2} . \tag{15.24}$$
#
# A parabola is symmetric about its lowest point. So $k_3$ has the smaller variance if
# $\lambda_\star \gt \tfrac12$, and $k_1$ if $\lambda_\star \lt \tfrac12$.
#
# **Near by.** Let $w = 1 + x$ with a small $x$ of mean 0. With $\log w = x - x^2/2 + x^3/3 - \dots$
# one finds $k_2 = \tfrac12 x^2 - \tfrac12 x^3 + \dots$ and
# $k_3 = \tfrac12 x^2 - \tfrac13 x^3 + \dots$, and so, to leading order,
#
# $$\mathrm{KL} \approx \tfrac12 \mathbb{E}[x^2], \quad
#   \mathrm{Var}[k_1] \approx \mathbb{E}[x^2] \approx 2\, \mathrm{KL}, \quad
#   \mathrm{Var}[k_3] \approx \tfrac14 \mathrm{Var}[x^2], \quad
#   \mathbb{E}[k_2] - \mathrm{KL} \approx -\tfrac16 \mathbb{E}[x^3] . \tag{15.25}$$
#
# The standard deviation of $k_1$ is of the order of the **root** of the KL, that of $k_3$ of the
# order of the KL itself. Now exactly, and beside it from 20,000 samples:

# %%
estimates = yours(my_kl_estimates, nb.check_kl_estimates, kl_estimates)
p = np.array([0.3, 0.25, 0.2, 0.15, 0.1])
tilted = lambda t: tabular.softmax_policy(np.log(p) + t * np.array([1.0, -1.0, 0.5, -0.5, 1.5]))
worst = 0.0
print("     KL   mean of k1, k2, k3             standard deviation             λ_*")
for t in (0.05, 0.15, 0.5, 1.5):
    q = tilted(t)
    mean, variance = estimate_moments(p, q)
    a = rng.choice(5, size=20_000, p=p)
    k = estimates(np.log(p[a]), np.log(q[a]))
    worst = max(worst, nb.largest_deviation(k, mean, variance))
    row = f"{np.round(mean, 5)!s:30} {np.round(variance**0.5, 5)!s:30}"
    print(f"{mean[0]:.5f}   {row} {best_coefficient(p, q):.2f}")
print(f"24 sampled means and variances; the worst is off by {worst:.1f} of its standard errors")

# %% tags=["hide-input"]
figure = nb.draw_estimators(p, tilted, rng)
show(
    figure,
    "Left: standard deviation of one sample's estimate, in units of the KL, against the KL, on log "
    "axes, lines exact and markers from samples. k1 falls from 45 at a KL of 0.001 to 2 at 0.8; k3 "
    "stays between 0.7 and 1, and k2 rises from 0.7 to 2. Right: bias in units of the KL. Those of k1 "
    "and k3 are 0; that of k2 grows with the KL, to 0.24 at a KL of 0.24.",
    "Close by, k1 is many times as noisy as k3. k2 is as quiet as k3, and biased. Lines: exact sums; "
    "markers: 20,000 samples each.",
)

# %% [markdown]
# To know a KL of 0.01 to 10 % takes $\mathrm{Var} / (0.1\, \mathrm{KL})^2$ samples: with $k_1$ about
# $2 \cdot 0.01 / 0.001^2 = 20{,}000$. With $k_3$ and the pair above, whose standard deviation is 0.73
# of the KL there, $7.3^2 = 53$. But here is a pair for which $k_3$ is the worse one. The actions that
# $q$ likes are rare under $p$, and $w$ is large when they come:

# %%
p_rare, q_rare = np.array([0.97, 0.02, 0.01]), np.array([0.4, 0.3, 0.3])
mean, variance = estimate_moments(p_rare, q_rare)
print(
    f"KL {mean[0]:.3f}; standard deviation of k1 {variance[0] ** 0.5:.2f}, of k3 {variance[2] ** 0.5:.2f}"
)
print(f"λ_* = {best_coefficient(p_rare, q_rare):.3f}, below one half")

# %% [markdown]
# ## 9. The gradient of an estimate
#
# Training needs the gradient. Let the parameters be those of the distribution $p$ that acts, as for
# the reference, and let $S(a) = \nabla \log p(a)$ be the score. The gradient that we want is
#
# $$\nabla\, \mathrm{KL}(p \,\|\, q) = \sum_a \nabla p(a) \log \frac{p(a)}{q(a)}
#   + \sum_a p(a)\, S(a) = \mathbb{E}_p\left[ S \log \frac{p}{q} \right] , \tag{15.26}$$
#
# with $\nabla p = p\, S$, and since the mean score is 0, (5.3). Now the trap. For any $k(a)$ that
# itself depends on $p$, the product rule gives **two** terms:
#
# $$\nabla\, \mathbb{E}_p[k] = \sum_a \nabla \left( p(a)\, k(a) \right)
#   = \mathbb{E}_p[\nabla k] + \mathbb{E}_p[S\, k] . \tag{15.27}$$
#
# A program that draws $a$, computes $k(a)$ and lets automatic differentiation take its gradient gets
# the first term: **k as a loss**. A program that subtracts $k(a)$ from the reward of $a$ and follows
# the policy gradient descends the second: **k in the reward**. What are they? $q$ is fixed, so
# $\nabla \log w = -S$ and $\nabla w = -w S$:
#
# $$\nabla k_1 = S, \qquad \nabla k_2 = -\log w \; S, \qquad \nabla k_3 = (1 - w)\, S . \tag{15.28}$$
#
# The mean of the first is 0: **k₁ as a loss does nothing**, on average; it adds noise. The mean of
# the second is (15.26): $k_2$, the biased estimate, has the right gradient. And $k_3$?
#
# **Exercise 15.12** (a derivation). Compute the mean over $p$ of $\nabla k_3 = (1 - w)\, S$ with
# respect to the logits of $p$, where $S(a) = e_a - p$ as in notebook 05. Write it for vectors `p` and
# `q`. The result is simpler than the way there.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (15.28), its third part; and (5.3) of notebook 05.
# <details><summary>Hint 2: the idea</summary>
# The 1 contributes the mean score, 0. In the other term, p w = q.
# <details><summary>Hint 3: a sketch</summary>
# What remains is -Σ q(a) (e_a - p), and Σ q(a) e_a is the vector q.
# </details></details></details>


# %%
def my_gradient_of_k3(p, q):
    ### BEGIN SOLUTION
    return p - q
    ### END SOLUTION


nb.check_gradient_of_k3(my_gradient_of_k3)

# %% [markdown]
# It is minus the score averaged over $q$, the gradient of $-\sum_a q(a) \log p(a)$, and so that of
# **KL(q ‖ p)**: $k_3$, unbiased as an estimate of $\mathrm{KL}(p \,\|\, q)$, minimises as a loss the
# divergence the other way round. In the reward it gives the rest, by (15.27) and (15.22):
#
# $$\mathbb{E}_p[S\, k_1] = \nabla\, \mathrm{KL}(p \,\|\, q), \qquad
#   \mathbb{E}_p[S\, k_3] = \nabla\, \mathrm{KL}(p \,\|\, q) - \nabla\, \mathrm{KL}(q \,\|\, p) .
#   \tag{15.29}$$
#
# Near $q$ the two gradients on the right agree to first order: to that order, $k_3$ in the reward
# does not pull towards $q$ at all. That these gradients differ, and how, is shown by
# [Tang and Munos (2025)](references.md#tang2025) and [Shah et al. (2025)](references.md#shah2025).
# Exact sums, and 200,000 samples:

# %%
p, q = tabular.softmax_policy(np.array([[1.5, 0.0, -0.5, -1.0], [-0.5, 0.5, 0.0, 0.5]]))
S = np.eye(4) - p  # row a is the score of action a
right = (p * np.log(p / q)) @ S
a = rng.choice(4, size=200_000, p=p)
w, k = (q / p)[a], kl_estimates(np.log(p[a]), np.log(q[a]))
slopes = np.stack([np.ones_like(w), -np.log(w), 1 - w])  # (15.28) without its S
uses = {"as a loss": (slopes, gradients_as_loss), "in the reward": (k, gradients_in_reward)}
moved = lambda e: state_kl(q, tabular.softmax_policy(np.log(p) + e))
other = np.array([moved(e) - moved(-e) for e in 1e-5 * np.eye(4)]) / 2e-5
print("∇KL(p‖q) =", np.round(right, 4), "  ∇KL(q‖p), by differences =", np.round(other, 4))
for use, (factors, function) in uses.items():
    for i, exact in enumerate(function(p, q)):
        samples = factors[i][:, None] * S[a]
        z = np.abs(samples.mean(axis=0) - exact) / (samples.std(axis=0) / np.sqrt(len(a)))
        off = np.linalg.norm(exact - right) / np.linalg.norm(right)
        row = f"k{i + 1} {use:14} {np.round(exact + 0.0, 4)!s:36} off by {off:4.0%}"
        print(f"{row};  samples within {z.max():.1f} standard errors")

# %% [markdown]
# What do these gradients do? Descend along their exact means, from this $p$ towards this $q$.

# %% tags=["hide-input"]
figure = nb.draw_descents(p, q)
show(
    figure,
    "KL(p, q) against steps of gradient descent, on a log axis, for five gradients. k1 in the "
    "reward and k2 as a loss fall together, to below one millionth after 200 steps. k3 as a loss falls "
    "as well, at a similar rate. k1 as a loss stays where it is. k3 in the reward falls to 0.6 at "
    "first and then rises above its first value.",
    "Right: k1 in the reward, k2 as a loss. k3 as a loss descends KL(q ‖ p), and gets there as well. "
    "k1 as a loss does nothing, and k3 in the reward leads astray.",
)

# %% [markdown]
# **And the trust region?** There the samples come from the **old** policy, which does not depend on
# the parameters; the gradient goes through $q = \pi_\theta$ alone. Write $S_q = \nabla \log q$. The
# second term of (15.27) is gone, and
#
# $$\nabla k_1 = -S_q, \qquad \nabla k_2 = \log w \; S_q, \qquad \nabla k_3 = (w - 1)\, S_q .
#   \tag{15.30}$$
#
# The first has the mean $-\mathbb{E}_p[S_q] = \nabla\, \mathrm{KL}(p \,\|\, q)$. So has the third,
# since $\mathbb{E}_p[w\, S_q] = \mathbb{E}_q[S_q] = 0$. Now $k_1$ and $k_3$ are right and $k_2$ in
# general is not: the reverse of before. At $q = p$, where an update begins, $k_3$ has the gradient 0
# **for every sample**, and its Hessian is $S_q S_q^\top$, a sampled Fisher matrix (differentiate
# $(w - 1) S_q$ once more, with $\nabla w = w S_q$, and put $w = 1$). Value 0, slope 0, curvature $F$:
# notebook 05, sample by sample.
#
# <details><summary>You may ask: why is k₃ used as a loss all the same, and how is it mended?</summary>
# Close to the reference it makes little difference: the gradients of KL(p ‖ q) and KL(q ‖ p) agree
# there to first order, because both divergences have the curvature F. Further away they are two
# different wishes. Of an action that p has nearly dropped, ∇KL(p ‖ q) has the entry p(a)
# (log(p(a)/q(a)) - KL), which fades with p(a); ∇KL(q ‖ p) has p(a) - q(a), and goes on pulling.
# Section 11 measures what becomes of it. The repair is to multiply k₃ by the ratio π/π_old and to
# differentiate that as well. At π = π_old it gives both terms of (15.27), (k₃ + 1 - w) S = -log w S:
# for a single action that is k₁ in the reward and k₂ as a loss at once, sample by sample. (The library
# trl does it letter by letter since its pull request 4638, and by default since 6503. There it is k₂
# as a loss: the terms u = t of (15.32) alone.)
# </details>
#
# ## 10. Sequences
#
# A language model acts letter by letter. For a prompt $x$ the answer $y = (y_1, \dots, y_T)$ has the
# probability $\pi(y|x) = \prod_t \pi(y_t | x, y_{\lt t})$, with $y_{\lt t}$ for the letters before
# the $t$-th. Our language has the letters a, b, c, d; a prompt is one letter, an answer $T = 4$ more.
# That makes 4 prompts with 256 answers each, and all can be listed. The policy is a network with one
# hidden layer, which sees the place $t$ and the letters so far. The **reward is for the whole
# answer**: a third each if it begins with the prompt, if its outer letters agree, and if its inner
# letters agree. The reference is such a network with random weights; it has habits of its own. All
# four prompts are equally likely, and all means below are over prompts as well. `goal.of_answers`
# gives mean reward, KL and the goal $J_\text{ref}$ of (15.17), from the log-probabilities of all
# answers.

# %%
lang = sequences.language()
theta_ref = sequences.reference(lang)
goal = sequences.Goal(lang, theta_ref, beta_ref=0.05)
r, log_ref = sequences.reward(lang.sequences), goal.log_ref.sum(axis=1)
for row in (0, 27, 300, 900):
    x, *y = ("abcd"[i] for i in lang.sequences[row])
    print(
        f"prompt {x}, answer {' '.join(y)}:  reward {r[row]:.2f},  π_ref(y|x) = {np.exp(log_ref[row]):.5f}"
    )
print(
    f"{lang.policy.num_parameters} parameters; mean reward of the reference {goal.of_answers(log_ref)[0]:.3f}"
)
best = exponential_step(np.exp(log_ref).reshape(4, 256), r.reshape(4, 256), goal.beta_ref)
optimum = goal.of_answers(np.log(best).ravel())
print("the optimum (15.18): reward {:.3f}, KL {:.3f}, goal {:.4f}".format(*optimum))
log_z = np.log(np.sum(np.exp(log_ref + r / goal.beta_ref).reshape(4, 256), axis=1))
print(f"β_ref log Z, mean over the prompts: {goal.beta_ref * log_z.mean():.4f}")

# %% [markdown]
# Let $\ell_t = \log \pi(y_t|x, y_{\lt t}) - \log \pi_\text{ref}(y_t|x, y_{\lt t})$. The logarithm of
# a product is a sum, so
#
# $$\mathrm{KL}(\pi \,\|\, \pi_\text{ref}) = \mathbb{E}_{y \sim \pi} \Big[ \sum_t \ell_t \Big] .
#   \tag{15.31}$$
#
# For its gradient take (15.26) with the whole answer as the action. The score of the answer is
# $\sum_t S_t$ with $S_t = \nabla \log \pi(y_t|x, y_{\lt t})$. In the product of the two sums the
# terms $S_t\, \ell_u$ with $u \lt t$ vanish: once the letters before $t$ are given, $\ell_u$ is fixed
# and $S_t$ has the mean 0. So
#
# $$\nabla\, \mathrm{KL}(\pi \,\|\, \pi_\text{ref})
#   = \mathbb{E}\Big[ \sum_t S_t \sum_{u \ge t} \ell_u \Big] . \tag{15.32}$$
#
# A letter answers for **all** that follows. A loss that adds up $k_2$ letter by letter and is
# differentiated has only the terms with $u = t$. It forgets that an early letter leads to prefixes at
# which the two policies differ more, or less. Every use of section 9 gives some weight $c_t$ to the
# score of the $t$-th letter: 1 for $k_1$ as a loss, $\ell_t$ for $k_2$, $1 - e^{-\ell_t}$ for $k_3$,
# and $\sum_u \ell_u$ for $k_1$ in the reward. Here are the means of $\sum_t c_t S_t$ at some
# parameters, summed exactly.

# %%
theta = theta_ref + 0.5 * np.random.default_rng(2).standard_normal(len(theta_ref))
ell = lang.log_probs(theta) - goal.log_ref  # (1024, 4)
KL = lambda theta: goal.of(lang.log_probs(theta))[1]
full = lang.mean_score(theta, np.cumsum(ell[:, ::-1], axis=1)[:, ::-1])  # (15.32)
v, h = rng.standard_normal(len(theta)), 1e-5
slope = (KL(theta + h * v) - KL(theta - h * v)) / (2 * h)
print(
    f"KL {KL(theta):.3f}; its slope along a random v: (15.32) {full @ v:.6f}, difference {slope:.6f}"
)
for name, weights in sequences.PENALTIES.items():
    g = lang.mean_score(theta, weights(ell))
    length, off = np.linalg.norm([g, g - full], axis=1) / np.linalg.norm(full)
    print(f"{name:13} length {length:4.2f} of the gradient's, off by {off:4.0%}")

# %% [markdown]
# **Group-relative advantages.** Where do the advantages come from without a value function? Draw a
# group of $G$ answers ($G$ is no gain here) to the same prompt, with the rewards $R_1, \dots, R_G$,
# and compare them with each other ([Shao et al. (2024)](references.md#shao2024), section 4.1.2):
#
# $$A_i = \frac{R_i - \bar R}{\mathrm{std}(R_1, \dots, R_G)}, \qquad
#   \bar R = \frac1G \sum_{j=1}^G R_j , \tag{15.33}$$
#
# the same for all letters of answer $i$.
#
# **Exercise 15.13.** Write (15.33) for an array `R` of shape `(X, G)`, one group in each of its `X`
# rows, with `np.std` as it is. Where all rewards of a group are alike, its advantages are 0.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (15.33).
# <details><summary>Hint 2: the idea</summary>
# Mean and standard deviation over axis 1, with keepdims=True. Where the standard deviation is 0,
# the numerator is too, so any other divisor will do.
# <details><summary>Hint 3: a sketch</summary>
# std = np.std(...), then (R - ...) / np.where(..., std, ...).
# </details></details></details>


# %%
def my_group_advantages(R):
    ### BEGIN SOLUTION
    std = np.std(R, axis=1, keepdims=True)
    return (R - np.mean(R, axis=1, keepdims=True)) / np.where(std > 0, std, 1.0)
    ### END SOLUTION


nb.check_group_advantages(my_group_advantages)

# %% [markdown]
# Is the mean of the group an honest baseline? It contains $R_i$ itself, so it is not independent of
# answer $i$. Take the numerator alone. Let $S_i$ be the score of the whole answer $i$; the answers of
# a group are independent, and a score has the mean 0.
#
# $$\mathbb{E}\left[ S_i\, (R_i - \bar R) \right]
#   = \mathbb{E}[S_i R_i] - \frac1G \sum_{j=1}^G \mathbb{E}[S_i R_j]
#   = c_G\, \nabla\, \mathbb{E}[R] . \tag{15.34}$$
#
# **Exercise 15.14** (a derivation). All but one of the terms of the last sum vanish. Which number is
# $c_G$ for $G = 16$?
#
# <details><summary>Hint 1: where to look</summary>
# Equation (15.34).
# <details><summary>Hint 2: the idea</summary>
# For j ≠ i the mean of S_i R_j is the product of two means. E[S_i R_i] is the gradient of the mean
# reward.
# <details><summary>Hint 3: a sketch</summary>
# E[S_i R_i] - (1/G) E[S_i R_i], with G = 16.
# </details></details></details>

# %%
prediction = ...  # replace the dots by a number
### BEGIN SOLUTION
prediction = 0.9375
### END SOLUTION
nb.check_group_factor(prediction)

# %% [markdown]
# This baseline shortens the gradient a little and does not turn it. The division by the standard
# deviation is another matter: it weighs each prompt by the inverse of its spread. TRPO's step does
# not depend on a common scale, so below we leave the division out. Where the penalty is compared within
# the group together with the reward, the goal stays (15.17).
#
# ## 11. A small language, trained
#
# To first order every penalty is something taken from the advantage of each letter,
# $\beta_\text{ref}\, c_t$ with the weights $c_t$ of section 10: then the policy gradient is that of
# the reward, times $1 - 1/G$ by (15.34), less $\beta_\text{ref}$ times the mean of $\sum_t c_t S_t$.
# (With $k_3$ that is the penalty in the loss of Shao et al., eqs. 3 and 4. For $k_1$ in the reward,
# $R_i - \beta_\text{ref} \sum_u \ell_u$ is compared within its group, and both parts have the factor.
# For the losses the weight is in effect $\tfrac{16}{15} \beta_\text{ref}$.) Then letters are actions, prefixes are states, and one update is **the
# TRPO step of notebook 10**, unchanged: 4 prompts with $G = 16$ answers each, $\delta = 0.01$ nats a
# letter. There are 100 updates, beginning at the reference. Reward, KL and goal are sums over all
# answers, no estimates.


# %%
def trust_region(delta):
    """The update of notebook 10."""
    settings = TRPO(delta=delta)
    return lambda policy, theta, batch: trpo_step(policy, theta, batch, settings)[0]


def trained(update, penalty, seeds=12, updates=100):
    """Reward, KL to the reference, goal, largest KL of an update: (seeds, 1 + updates / 10, 4)."""
    runs = [sequences.training(goal, update, penalty, updates, seed) for seed in range(seeds)]
    return np.array(runs)


def line(name, ends):
    """The means over the seeds, with their standard errors."""
    mean, error = ends.mean(axis=0), ends.std(axis=0, ddof=1) / np.sqrt(len(ends))
    cells = "   ".join(f"{m:.3f} ± {e:.3f}" for m, e in zip(mean, error, strict=True))
    return f"{name:36}{cells}"


# %%
curves = {penalty: trained(trust_region(0.01), penalty) for penalty in sequences.PENALTIES}
print(f"{'12 seeds, ± standard error':36}{'reward':16}{'KL to the ref.':16}goal")
for penalty, curve in curves.items():
    print(line(penalty, curve[:, -1, :3]))
print(f"{'optimum (15.18)':36}" + "           ".join(f"{x:.3f}" for x in optimum))

# %% tags=["hide-input"]
figure = nb.draw_training(curves, optimum)
show(
    figure,
    "Left: the goal against updates, means of twelve seeds with bands of two standard errors. k1 in "
    "the reward comes nearest to the dotted line of the optimum, then k2 as a loss; no penalty, k1 as "
    "a loss and k3 as a loss end lower. Right: reward against KL to the reference. No penalty and k1 "
    "as a loss go furthest out, k3 as a loss stops early, k1 in the reward ends near the optimum.",
    "Which estimate, and where it stands, decides what is trained. k1 as a loss trains as if there "
    "were no penalty.",
)

# %% [markdown]
# Read the table against section 9. **k₁ as a loss** ends where no penalty ends, but for its noise:
# the reward is learned, and a KL of 5 with it. **k₁ in the reward** comes to 0.800 of the 0.812 that
# are possible. **k₂ as a loss** has the right gradient for a single action; letter by letter it has
# only the terms $u = t$ of (15.32), and ends a little lower. **k₃ as a loss** descends the other
# divergence, which asks the policy to keep whatever the reference does: the reward stops at 0.88,
# with the smallest KL, and the goal is about that of no penalty at all. All this is one language, one
# reference and one $\beta_\text{ref}$; elsewhere the order can be another.
#
# ## 12. With the trust region, and without
#
# What did the **first** KL do in these runs? Keep the second as it is, with $k_1$ in the reward, and
# change only the update:
#
# - **plain gradient**: $\theta + \alpha g$, with nothing that looks at the KL;
# - **plain gradient within δ**: along $g$, as far as the quadratic model allows, and halved until the
#   exact mean KL(old ‖ new) is at most δ and the surrogate has grown;
# - **TRPO**: the same along $s \approx F^{-1} g$.
#
# Each has seven sizes over three decades, and each size eight seeds.


# %%
def plain(alpha):
    """Gradient ascent."""
    return lambda policy, theta, batch: theta + alpha * policy_gradient(policy, theta, batch)


def within(delta):
    """The gradient's direction inside the trust region."""
    return lambda policy, theta, batch: sequences.gradient_within(policy, theta, batch, delta)


families = {
    "plain gradient": (plain, 10.0 ** np.arange(-0.5, 2.6, 0.5)),
    "plain gradient within δ": (within, 10.0 ** np.arange(-3, 0.1, 0.5)),
    "TRPO": (trust_region, 10.0 ** np.arange(-3, 0.1, 0.5)),
}
results = {}
for name, (update, sizes) in families.items():
    ends = np.array([trained(update(x), "k1 in reward", seeds=8)[:, -1] for x in sizes])
    results[name] = sizes, ends

# %%
print(
    f"{'8 seeds, ± standard error':36}{'reward':16}{'KL to the ref.':16}{'goal':16}largest KL of an update"
)
for name, (sizes, ends) in results.items():
    goals = ends[:, :, 2].mean(axis=1)
    i = goals.argmax()
    print(line(f"{name}, best {sizes[i]:.2g}", ends[i]))
    print("    goals of all sizes:", np.round(goals, 3))
longer = trained(plain(10.0), "k1 in reward", seeds=8, updates=300)[:, -1]
print(line("plain gradient, 10, 300 updates", longer))

# %% tags=["hide-input"]
figure = nb.draw_step_sizes(results, optimum[2])
show(
    figure,
    "Two panels of the goal after 100 updates against the size of the step on a log axis, means of "
    "eight seeds with bars of two standard errors, and the optimum as a dotted line. Left, the plain "
    "gradient: a hill with its top at 0.76. Right, against delta: TRPO is a plateau near 0.8 from 0.001 "
    "to 0.1 and falls off at 0.3 and 1; the plain gradient within delta has the same shape, lower.",
    "The direction makes the top high. The limit puts it on an axis that does not depend on the rewards.",
)

# %% [markdown]
# What is the trust region's part in this?
#
# **Not the width of the hill.** It looks wider on the right, but for a given gradient the KL grows
# with the square of α, so one decade of α is worth two of δ. With a well-chosen α the plain gradient
# ends at 0.757 ± 0.012, and within δ at 0.768 ± 0.010: no difference beyond the errors.
#
# **Where the hill is.** Multiply the rewards and $\beta_\text{ref}$ by 10. The gradient becomes ten
# times as long, and the left hill moves by a decade: the α that was best, 10, now does what 100 did
# before, 0.53. The right panel does not move at all (11.8). That a policy may move by a hundredth of
# a nat can be said before the rewards are known; the right α depends on their unit. And no update
# went further than δ, where the plain gradient at its best α had updates of 0.10 nats.
#
# **The direction.** $F^{-1} g$ raises the top to 0.799 ± 0.002. An update of TRPO takes here between
# two and three times as long as a plain one; but three times the updates do not bring the plain
# gradient with α = 10 there (last line of the table). It is what the metric of the trust region, $F$,
# says about the way, not about the length.
#
# A radius can also be too large: at δ = 1 nat a letter the goal is 0.52. And it is one small
# language; a real model has thousands of letters an answer and a reward that is itself learned.
#
# ## 13. What to take along
#
# | | |
# |---|---|
# | max $\bar L - \beta$ KL(new ‖ old) | $\pi_\text{old}\, e^{A/\beta} / Z$: mirror descent; in a table the natural gradient with $\alpha = 1/\beta$ |
# | max $\bar L - \beta$ KL(old ‖ new) | $\beta\, \pi_\text{old} / (\nu - A)$, one normaliser ν |
# | penalty and constraint | β is the multiplier of δ; $\beta \approx \sqrt{\mathbb{E}[A^2] / 2\delta}$ for small δ; β has the unit of the rewards |
# | adaptive β | changes after the step, TRPO's before it; with nothing else changing it settles, or alternates within a factor 8/3 of δ |
# | two KLs | to the last policy: how fast; to the reference: where to, $\pi_\text{ref}\, e^{r/\beta_\text{ref}} / Z$ |
# | estimates | $k_1$, $k_3$ unbiased, $k_2$ not; near by $k_1$ is much the noisiest |
# | gradients, samples of $p$ | $k_1$ in the reward and $k_2$ as a loss are right; $k_1$ as a loss is 0; $k_3$ as a loss is that of KL(q ‖ p) |
# | sequences | a letter answers for all that follows |
#
# ## Sources and further reading
#
# Proved here: (15.1) to (15.14), (15.16), (15.18) to (15.20), (15.22) to (15.32), (15.34). Measured
# here: the tables of sections 6, 11 and 12, with their seeds.
#
# - [Peters et al. (2010)](references.md#peters2010): relative entropy policy search bounds KL(new ‖
#   old) of the states and actions together; its update is the exponential one, with the multiplier
#   found from the bound. For (15.2) and (15.9).
# - [Schulman et al. (2017)](references.md#schulman2017), section 4: the penalised surrogate (eq. 8)
#   and the rule (15.15). In their comparison, section 6.1, clipping with ε = 0.2 did better than the
#   penalties.
# - [Beck and Teboulle (2003)](references.md#beck2003): mirror descent as a penalised linear problem.
#   [Tomar et al. (2022)](references.md#tomar2022) make a policy update of it, compare it with TRPO
#   and PPO, and find that an explicit constraint was not needed in their control tasks.
#   [Agarwal et al. (2021)](references.md#agarwal2021) have a bound of the kind of (15.14) for natural
#   gradients of tables.
# - [Ouyang et al. (2022)](references.md#ouyang2022), section 3.5: the KL to a reference in the
#   reward. [Korbak et al. (2022)](references.md#korbak2022): (15.18) as Bayesian inference, and the
#   collapse without it.
# - [Schulman (2020)](references.md#schulman2020kl): $k_1$, $k_2$, $k_3$.
# - [Tang and Munos (2025)](references.md#tang2025) and [Shah et al. (2025)](references.md#shah2025):
#   the gradients of the estimates, as a loss and in the reward, and of sequences.
#   [Liu et al. (2025)](references.md#liu2025): $k_2$ as a loss is $k_1$ in the reward.
# - [Shao et al. (2024)](references.md#shao2024), section 4.1: group-relative advantages, with $k_3$
#   as a loss (eqs. 3, 4).
#
# Back to [00 Start here](00_start_here.ipynb).
