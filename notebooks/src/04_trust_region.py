# %% [markdown]
# # 04 The trust region
#
# Notebook 03 ended with a promise that is true and of little use. The bound
# $J(\pi) \ge L(\pi) - C \max_s \mathrm{KL}$ holds, and whoever maximises its right-hand side again and
# again climbs, in steps of a millionth of a nat. This notebook takes the step from the theorem to the
# algorithm. **If the policy may move by a fixed small divergence δ, which way should it go, and how
# far in θ is that?**
#
# The answer is one formula,
#
# $$d = \sqrt{\frac{2 \delta}{g^\top F^{-1} g}}\; F^{-1} g ,$$
#
# with the slope $g$ of the surrogate and the curvature $F$ of the KL divergence,
# and we derive every part of it, on a policy with two parameters, so that everything can be drawn.
#
# You need: gradients, Lagrange multipliers, and from notebooks [02](02_surrogate_objective.ipynb) and
# [03](03_monotonic_improvement.ipynb) the surrogate $L$ and the finite MDP on which $J$ can be computed
# exactly.

# %%
import matplotlib.pyplot as plt
import numpy as np

from trpo_np import tabular
from trpo_np.classroom import notebook_04 as nb
from trpo_np.classroom.checks import yours
from trpo_np.classroom.figures import picture, show
from trpo_np.classroom.films import run
from trpo_np.classroom.sliders import explore
from trpo_np.experiments.plots import use_style

use_style()

# %% [markdown]
# ## 1. From a penalty to a constraint
#
# The theorem suggests
#
# $$\max_\theta \;\; L(\theta) - C \max_s \mathrm{KL}\left( \pi_{\theta_\text{old}}(\cdot|s) \,\|\,
#   \pi_\theta(\cdot|s) \right) .$$
#
# TRPO changes it in two places ([Schulman et al. (2015)](references.md#schulman2015), section 4, eqs. 11
# and 12):
#
# $$\max_\theta \;\; L(\theta) \quad \text{subject to} \quad
#   \overline{\mathrm{KL}}(\pi_{\theta_\text{old}} \,\|\, \pi_\theta) \le \delta . \tag{4.1}$$
#
# **A constraint for the penalty.** The constant $C$ of the theorem is too careful by far (notebook 03), and
# any other choice depends on the size of the rewards: multiply all rewards by 10, and $L$ grows tenfold
# while the divergence stays what it is. A radius δ is measured in nats, and a nat is a nat in every problem.
#
# **The mean over states for the maximum.** The maximum over all states cannot be measured from samples,
# and one state that is hardly ever visited could block the step. The mean
# $\overline{\mathrm{KL}} = \mathbb{E}_s[\mathrm{KL}]$ is taken over the states that the old policy
# visits.
#
# Neither change keeps what the penalty had: its maximiser is *never* worse than the old policy. But a
# constraint does not leave us without any guarantee. If the *largest* divergence is at most δ, (3.1) still
# says that $J(\pi) \ge L(\pi) - C \delta$, so a step for which $L$ gains more than $C \delta$ improves $J$.
# For the *mean* there are bounds as well, and section 5 puts numbers to them. They certify a step after it
# is known; they do not promise that there is one worth taking. The line search of notebook 08 checks
# what can be checked from samples.
#
# <details><summary>You may ask: why KL(old ‖ new), and not the reverse, or another distance?</summary>
#
# *The total variation* would do in the theorem, (3.6). But it is a sum of absolute values: near the old
# policy it grows like $|d|$, not like $d^2$. Its regions have corners, and there is no quadratic form to
# compute with.
#
# *The reverse*, KL(new ‖ old), would do too: Pinsker's inequality holds in both directions, and near the
# old policy both have the same curvature $F$ (notebook 05). Far away they differ in what they forbid. From
# (0.5, 0.5) to (0.99, 0.01) it is 1.61 nats for old ‖ new and 0.64 for new ‖ old, and to (1, 0) infinity
# against 0.69: old ‖ new does not let an action die that the old policy takes.
#
# *The Wasserstein distance* measures how far the actions move, in the units of the action. For two normal
# distributions with equal σ it is the shift of the mean, whatever σ is: the ruler that gave no warning
# in notebook 01. And it bounds no difference of $J$ unless transitions and rewards change smoothly with
# the action.
# </details>
#
# ## 2. A policy with two parameters
#
# Three states, two actions, and a policy that takes action 1 in state $s$ with the probability
#
# $$\pi_\theta(1|s) = \frac{1}{1 + e^{-\varphi(s)^\top \theta}}, \qquad \theta = (\theta_1, \theta_2) .$$
#
# The vectors $\varphi(s)$ are fixed features of the states. All quantities of (4.1) can be computed
# exactly: $J$ and $L$ with the functions of notebook 02, the mean divergence with the weights
# $d_\text{old}(s) = (1 - \gamma)\,\rho_\text{old}(s)$, the share of (discounted) time that the old policy
# spends in $s$. (The letter $d$ has two meanings here: with an argument,
# $d_\text{old}(s)$ is this share; alone, $d$ will be a step in θ.)

# %%
mdp = tabular.random_mdp(np.random.default_rng(7), S=3, A=2, gamma=0.9)
features = np.array([[-4.6, -0.5], [-2.9, -0.8], [3.2, -0.8]])
theta_old = np.array([0.0, -1.5])


def table(theta):
    """The policy pi (..., S, A) for theta (..., 2)."""
    logits = theta @ features.T
    return np.stack([1 / (1 + np.exp(logits)), 1 / (1 + np.exp(-logits))], axis=-1)


pi_old = table(theta_old)
time_share = (1 - mdp.gamma) * tabular.visitation(mdp, pi_old)


def J(theta):
    return tabular.performance(mdp, table(theta))


def L(theta):
    return tabular.local_approximation(mdp, pi_old, table(theta))


def KL(theta):
    return np.sum(time_share * tabular.state_kl(pi_old, table(theta)), axis=-1)


print("time in each state:", np.round(time_share, 3))
print("π(1|s):            ", np.round(pi_old[:, 1], 3))
print("J, L and KL at theta_old:", J(theta_old), L(theta_old), KL(theta_old))

# %%
plane = nb.Plane(theta_old, J, L, KL)  # the three functions on a grid, for the pictures

# %% tags=["hide-input"]
nb.show_maps(plane)

# %% [markdown]
# ## 3. A linear and a quadratic model
#
# For a small step $d = \theta - \theta_\text{old}$ replace both functions of (4.1) by the first term of
# their Taylor series that depends on $d$. For the surrogate that is the linear one,
#
# $$L(\theta_\text{old} + d) \approx L(\theta_\text{old}) + g^\top d, \qquad
#   g = \nabla L(\theta_\text{old}) . \tag{4.2}$$
#
# For the divergence the value is 0 and, since it is never negative, the slope at $\theta_\text{old}$ is
# 0 too. The first term is the quadratic one,
#
# $$\overline{\mathrm{KL}}(\theta_\text{old} + d) \approx \tfrac12\, d^\top F d, \qquad
#   F = \nabla^2\, \overline{\mathrm{KL}}(\theta_\text{old}) . \tag{4.3}$$
#
# $F$ is called the **Fisher information matrix**; notebook 05 is about it. For our policy it is quickly
# found. In one state write $z = \varphi(s)^\top \theta$. Then $\log \pi_\theta(1|s) = z - \log(1 + e^z)$ and
# $\log \pi_\theta(0|s) = -\log(1 + e^z)$, so that
#
# $$\mathrm{KL}\left( \pi_\text{old}(\cdot|s) \,\|\, \pi_\theta(\cdot|s) \right)
#   = \text{const} - \pi_\text{old}(1|s)\, z + \log(1 + e^z) .$$
#
# Its derivative with respect to $z$ is $\pi_\theta(1|s) - \pi_\text{old}(1|s)$, which is 0 at the old policy,
# and its second derivative $\pi_\theta(1|s)\, \pi_\theta(0|s)$. Since $z$ is linear in θ, the chain rule puts a
# $\varphi(s)$ on each side, and with the mean over the states
#
# $$F = \sum_s d_\text{old}(s)\; \pi_\text{old}(1|s)\, \pi_\text{old}(0|s)\; \varphi(s)\, \varphi(s)^\top .$$
#
# Such a sum is symmetric and positive semidefinite. In this notebook it is positive *definite*, because
# the features of the three states span the plane and every weight is positive; then $F^{-1}$ exists.
# (With fewer states than parameters it does not. Notebook 05 says what is done then.) We check the result
# against finite differences of the divergence, and $g$ is made of finite differences of $L$.

# %%
F = np.einsum("s,si,sj->ij", time_share * pi_old[:, 0] * pi_old[:, 1], features, features)
h = 1e-4
steps = h * np.eye(2)
g = np.array([L(theta_old + e) - L(theta_old - e) for e in steps]) / (2 * h)
print("g =", np.round(g, 3))
print("F =", np.round(F, 4), sep="\n")
print("finite differences:", np.round(nb.second_differences(KL, theta_old), 4), sep="\n")
print("eigenvalues of F:", np.round(np.linalg.eigvalsh(F), 3))

# %% [markdown]
# The eigenvalues say why the plain gradient is a poor guide: along one direction of the plane the same
# distance in $\theta$ is worth more than twenty times the divergence it is worth along the other.
#
# With the two models, problem (4.1) becomes
#
# $$\max_d \;\; g^\top d \quad \text{subject to} \quad \tfrac12\, d^\top F d \le \delta . \tag{4.4}$$
#
# The set of allowed steps is an ellipse, and we look for its point that lies furthest in the direction
# $g$.
#
# ## 4. The solution, each step
#
# Let $g \ne 0$. At the solution the constraint is tight: from a point inside the ellipse one could go on a
# little along $g$ and gain. So we have an equation, $\tfrac12 d^\top F d = \delta$, and use a Lagrange
# multiplier $\nu$:
#
# $$\Lambda(d, \nu) = g^\top d - \nu \left( \tfrac12\, d^\top F d - \delta \right) .$$
#
# Set the derivative with respect to $d$ to zero. The gradient of $\tfrac12 d^\top F d$ is $F d$,
# because $F$ is symmetric:
#
# $$g - \nu F d = 0 \quad \Longrightarrow \quad d = \frac1\nu\, F^{-1} g .$$
#
# The direction is $F^{-1} g$, whatever δ is. The multiplier follows from the constraint:
#
# $$\delta = \tfrac12\, d^\top F d = \frac{1}{2 \nu^2}\, g^\top F^{-1} F\, F^{-1} g
#   = \frac{g^\top F^{-1} g}{2 \nu^2} \quad \Longrightarrow \quad
#   \nu = \sqrt{\frac{g^\top F^{-1} g}{2 \delta}} .$$
#
# (The negative root gives the minimum.) Put $\nu$ back in:
#
# $$d = \sqrt{\frac{2 \delta}{g^\top F^{-1} g}}\; F^{-1} g . \tag{4.5}$$
#
# $F^{-1} g$ is called the **natural gradient** ([Amari (1998)](references.md#amari1998); for policies
# [Kakade (2001)](references.md#kakade2001)), and (4.5) is the natural gradient step within δ.
#
# **Exercise 4.1.** Write (4.5). Use `np.linalg.solve(F, g)` for $F^{-1} g$; the inverse itself is never
# needed.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (4.5).
# <details><summary>Hint 2: the idea</summary>
# Give F⁻¹g a name, s; it occurs twice, the first time under the root.
# <details><summary>Hint 3: a sketch</summary>
# s = np.linalg.solve(...), then np.sqrt(...) * s. Under the root stands a fraction, with an inner
# product below.
# </details></details></details>


# %%
def my_natural_step(F, g, delta):
    ### BEGIN SOLUTION
    s = np.linalg.solve(F, g)
    return np.sqrt(2 * delta / (g @ s)) * s
    ### END SOLUTION


nb.check_natural_step(my_natural_step)

# %% [markdown]
# There is a second way to (4.5), without a multiplier. Write $F = C C^\top$ with a lower triangular matrix $C$
# (the Cholesky factor; it exists because $F$ is positive definite), and measure a step by
# $u = C^\top d$. Then $\tfrac12 d^\top F d = \tfrac12 \|u\|^2$: the ellipse has become a ball, and of a ball
# one knows which point lies furthest in a given direction.
#
# **Exercise 4.6** (a derivation). Three right-hand sides are missing. Find them on paper.
#
# $$g^\top d = \hat g^\top u \;\text{ with }\; \hat g = \;? \qquad
#   u = \;? \;\text{ maximises }\; \hat g^\top u \;\text{ in }\; \tfrac12 \|u\|^2 \le \delta \qquad
#   d = \;?$$
#
# Write them as the three rows of an array of shape `(3, P)`: $\hat g$, the best $u$, and the step $d$ that belongs
# to it. Arguments: `C`, the Cholesky factor of $F$, shape `(P, P)`, `g`, shape `(P,)`, and `delta`. $F$ itself need
# not be made.
#
# <details><summary>Hint 1: where to look</summary>
# (4.4), with u = Cᵀ d put into both of its parts; and (4.5) tells what must come out.
# <details><summary>Hint 2: the idea</summary>
# gᵀ C⁻ᵀ u = (C⁻¹ g)ᵀ u. And the best u points along ĝ; its length is the radius of the ball.
# <details><summary>Hint 3: a sketch</summary>
# Two calls of np.linalg.solve, one with C and one with C.T, and between them ĝ scaled to the length that
# ½ ‖u‖² = δ allows. np.array([first, second, third]) has the rows.
# </details></details></details>


# %%
def by_substitution(C, g, delta):
    ### BEGIN SOLUTION
    g_u = np.linalg.solve(C, g)
    u = np.sqrt(2 * delta) * g_u / np.linalg.norm(g_u)
    d = np.linalg.solve(C.T, u)
    return np.array([g_u, u, d])
    ### END SOLUTION


nb.check_substitution(by_substitution)

# %% [markdown]
# Is it really the maximum, and not just a point where the derivative vanishes? For any $d$ on the
# ellipse, write $g = F s$ with $s = F^{-1} g$. Then $g^\top d = s^\top F d$, an inner product of $s$
# and $d$ with the weights $F$, and the Cauchy–Schwarz inequality for it says
#
# $$g^\top d = s^\top F d \le \sqrt{s^\top F s}\, \sqrt{d^\top F d} = \sqrt{g^\top F^{-1} g}\,
#   \sqrt{2 \delta} . \tag{4.6}$$
#
# Equality holds only where $d$ is a positive multiple of $s$, and on the ellipse that is (4.5). The
# right-hand side is the improvement that the linear model promises,
# $g^\top d = \sqrt{2 \delta\; g^\top F^{-1} g}$. ($s$ as a vector is a direction; as an argument or an index it
# is a state.)
#
# <details><summary>You may ask: why F, and not the Hessian of J, as in Newton's method?</summary>
#
# The two matrices belong to different functions. $F$ is the curvature of the *constraint*, the Hessian
# that of the *objective*. Newton's step $-(\nabla^2 J)^{-1} g$ goes where the gradient of the quadratic model
# of $J$ is zero, and that is a maximum only if the Hessian is negative definite. At our old policy its
# eigenvalues are 0.5 and 17.1, so Newton's step leads downhill. $F$ has no negative eigenvalue, it knows
# nothing of rewards, and it is computed from the policy alone, without the noise of returns.
# </details>
#
# **Exercise 4.2.** Predict before you run: δ is raised from 0.01 to 0.04. By which factor does the
# length of the step (4.5) grow?
#
# <details><summary>Hint 1: where to look</summary>
# Equation (4.5). Where does δ stand in it?
# <details><summary>Hint 2: the idea</summary>
# The divergence is quadratic in the step. To make it so many times larger, how much longer must the
# step be?
# <details><summary>Hint 3: a sketch</summary>
# The length goes like √δ: divide √0.04 by √0.01.
# </details></details></details>

# %%
prediction = ...  # replace the dots by a number
### BEGIN SOLUTION
prediction = 2
### END SOLUTION
nb.check_step_growth(prediction)

# %% [markdown]
# Trust, but check. Every point of the ellipse $\tfrac12 d^\top F d = \delta$ can be written as
# $d = \sqrt{2\delta}\, B\, (\cos t, \sin t)$ with a matrix $B$ for which $B^\top F B = I$. Walk around
# and watch $g^\top d$. (`nb.to_boundary(v, F, delta)` scales a vector $v$ to the ellipse.)


# %%
natural_step = yours(my_natural_step, nb.check_natural_step)


def ellipse(delta, t):
    """The points d (2, len(t)) with ½ dᵀFd = delta."""
    B = np.linalg.inv(np.linalg.cholesky(F)).T  # F = C Cᵀ, and B = C⁻ᵀ
    return np.sqrt(2 * delta) * B @ np.stack([np.cos(t), np.sin(t)])


t = np.linspace(-np.pi, np.pi, 721)
around = ellipse(0.5, t)
natural, plain = natural_step(F, g, 0.5), nb.to_boundary(g, F, 0.5)
print(f"largest gᵀd of {len(t)} points: {(g @ around).max():.4f}")
print(f"natural gradient step (4.5):  {g @ natural:.4f}")
print(f"plain gradient, same ½ dᵀFd:  {g @ plain:.4f}")

# %% tags=["hide-input"]
nb.show_walk_around(t, around, g, {"natural gradient": natural, "plain gradient": plain})

# %% [markdown]
# ## 5. The whole picture
#
# For networks $F^{-1} g$ is not computed with `solve`. It is a vector $s$, found by the conjugate
# gradients of notebook 07, and only approximately. For any direction $s$, exact or not, the step that
# ends on the ellipse is
#
# $$\alpha_\text{max}\, s, \qquad \alpha_\text{max} = \sqrt{\frac{2 \delta}{s^\top F s}} . \tag{4.7}$$
#
# With $s = F^{-1} g$ it is (4.5), since then $s^\top F s = g^\top F^{-1} g$. This is how programs and
# papers write it.
#
# And the ellipse is only a model. The exact divergence at its rim may be more than δ. So TRPO tries
# $\alpha_\text{max} s$, and then shorter steps, each half of the last, until the exact divergence is at
# most δ and the surrogate has grown. Here is all of it for our policy. We also add **damping**: the
# direction $(F + \lambda I)^{-1} g$ with a number $\lambda \ge 0$, in place of $F^{-1} g$. Notebook 05 says
# what it is for; here you can see what it does.


# %%
def accepted_step(s, delta, ratio=0.5, backtracks=10):
    """The first of the steps ratio^k α_max s that keeps KL ≤ delta and improves L, or zero."""
    full = nb.to_boundary(s, F, delta)
    for k in range(backtracks + 1):
        d = ratio**k * full
        if KL(theta_old + d) <= delta and L(theta_old + d) > L(theta_old):
            return d
    return np.zeros(2)


def three_steps(delta, damping=0.0):
    """The plain and the natural gradient on the rim of the ellipse, and the accepted step."""
    s = np.linalg.solve(F + damping * np.eye(2), g)
    return {
        "plain gradient": nb.to_boundary(g, F, delta),
        "natural gradient": nb.to_boundary(s, F, delta),
        "accepted step": accepted_step(s, delta),
    }


# %% tags=["hide-input"]
nb.show_trust_region(plane, 0.5, three_steps(0.5), ellipse(0.5, t))

# %%
table_of_steps = three_steps(0.5) | {"gradient, accepted": accepted_step(g, 0.5)}
print(f"{'step':18} {'KL':>6} {'L gained':>9} {'J gained':>9}")
for label, d in table_of_steps.items():
    end = theta_old + d
    print(f"{label:18} {KL(end):6.3f} {L(end) - L(theta_old):9.3f} {J(end) - J(theta_old):9.3f}")

# %% [markdown]
# Read the table with the picture. The natural gradient step gains most, but its exact divergence is
# 0.6 where 0.5 was allowed, so it is refused; half of it is accepted. The plain gradient's step at the
# rim breaks the limit as well. Put to the same search, it gains about half as much in $L$ as the natural
# gradient, at 0.135 nats against 0.147.
#
# ### What the constraint still guarantees
#
# Let $G(s) = \sum_a \pi(a|s)\, A_\text{old}(s,a)$, as in notebook 03, and let $\overline{\mathrm{KL}}$ be the
# mean with the weights $d_\text{old}$. The gap between $J$ and $L$ is at most
#
# $$|J(\pi) - L(\pi)| \;\le\; \max_s |G(s)| \cdot \min \left\{
#   \frac{\gamma \sqrt{2\, \overline{\mathrm{KL}}}}{(1-\gamma)^2}, \;\;
#   \frac{\gamma \sqrt{2\, \overline{\mathrm{KL}}}}{(1-\gamma)^{3/2}}, \;\;
#   \frac{2}{1-\gamma} \right\} .$$
#
# The first is [Achiam et al. (2017)](references.md#achiam2017), corollaries 1 and 3, the second, smaller
# than the first for every γ between 0 and 1, is (14.2) of [notebook 14](14_sharper_bound.ipynb), and the
# third holds of any two policies, because each visitation
# sums to $1/(1-\gamma)$. We put them, and the theorem (3.1), beside the true gap of the accepted steps. A
# step is *certified* to improve $J$ if $L$ gains more than the bound on the gap.


# %%
def bounds_on_the_gap(pi):
    """Four upper bounds of |J - L|, by name."""
    A, gamma = tabular.advantages(mdp, pi_old), mdp.gamma
    G = np.abs(np.sum(pi * A, axis=-1)).max()
    divergences = tabular.state_kl(pi_old, pi)
    mean = time_share @ divergences
    return {
        "theorem (3.1)": tabular.penalty_constant(mdp, pi_old) * divergences.max(),
        "Achiam et al.": gamma * np.sqrt(2 * mean) / (1 - gamma) ** 2 * G,
        "notebook 14": gamma * np.sqrt(2 * mean) / (1 - gamma) ** 1.5 * G,
        "any two policies": 2 / (1 - gamma) * G,
    }


print(f"{'δ':5} {'L gains':>8} {'gap':>7}", *(f"{name:>17}" for name in bounds_on_the_gap(pi_old)))
for delta in (0.01, 0.02, 0.1, 0.5):
    end = theta_old + three_steps(delta)["accepted step"]
    gain, gap = L(end) - L(theta_old), abs(J(end) - L(end))
    bounds = bounds_on_the_gap(table(end)).values()
    row = " ".join(f"{bound:16.3f}{'*' if bound < gain else ' '}" for bound in bounds)
    print(f"{delta:<5} {gain:8.3f} {gap:7.3f} {row}")
print("* certifies the step: L gains more than the bound on the gap")

# %% [markdown]
# The theorem certifies none of the four steps, the bound of Achiam et al. the shortest, that of notebook
# 14 the first three. The true gap is smaller still, by a factor of 100 to 125. All this is for
# $\gamma = 0.9$ and exact quantities; a program knows neither $\max_s |G(s)|$ nor the exact mean, and its
# batch weights the states otherwise than $d_\text{old}$. At $\gamma = 0.99$ and a mean of 0.01 nats the three
# factors in the bracket are 1,400, 140 and 200.
#
# ## 6. Turn the knobs
#
# Two numbers shape the step, the radius δ and the damping λ. Where widgets run (JupyterLab does), the
# next cell shows two sliders. On a page without them, the grid of panels below it shows nine settings.


# %%
def with_knobs(log10_delta, damping):
    """The trust region for the positions of two sliders."""
    delta = 10**log10_delta
    figure, ax = plt.subplots(figsize=(11, 5.4))
    nb.draw_trust_region(ax, plane, delta, three_steps(delta, damping), ellipse(delta, t))
    name = f"δ = {delta:.3g} nats, damping λ = {damping:.2g}"
    ax.set_title(name)
    alt = f"The trust region, its steps and the performance, for {name}."
    return picture(figure, alt, "Move a slider, and the picture is drawn anew.")


# %%
explore(
    with_knobs,
    labels={"log10_delta": "radius, log₁₀ δ", "damping": "damping λ"},
    log10_delta=(-2.5, 0.0, 0.1, -1.0),
    damping=(0.0, 2.0, 0.1, 0.0),
)

# %% tags=["hide-input"]
nb.show_nine(plane, three_steps, lambda delta: ellipse(delta, t))

# %% [markdown]
# What to look for:
#
# - The smaller δ, the better the ellipse and the exact contour agree. That is (4.3), and TRPO's usual δ is
#   0.01.
# - The accepted step is half of the full one in all nine panels: here the exact divergence at the rim
#   is above δ, by 6 to 23 per cent, and any excess is refused. Notebook 08 comes back to this.
# - Damping bends the step towards $g$: for large $\lambda$ the matrix $F + \lambda I$ is nearly $\lambda I$,
#   and $(F + \lambda I)^{-1} g$ nearly $g / \lambda$. Whether a λ is large depends on the eigenvalues of $F$,
#   here 0.09 and 2.3. Of the improvement that (4.6) promises for a given $\tfrac12 d^\top F d$, the direction
#   with $\lambda = 0.1$ has 95 per cent, with $\lambda = 2$ 57, and the plain gradient 50.
#
# ## 7. The same step in other coordinates
#
# Measure $\theta_1$ in other units, and nothing real has changed: the same policies are there, under
# other names. A good step should not depend on the names. In general let $\theta = f(\psi)$ with a smooth
# and invertible $f$, and let $B$ be its Jacobian at the old policy, the matrix of
# $\partial \theta_i / \partial \psi_j$. If $f$ is linear, it is $\theta = B \psi$. By the chain rule the gradient
# with respect to $\psi$ is $B^\top g$, and a small step $d_\psi$ means $d_\theta = B\, d_\psi$. The divergence of
# a step is what it is, so
# $\tfrac12 d_\psi^\top F_\psi d_\psi = \tfrac12 (B d_\psi)^\top F\, (B d_\psi)$ for all $d_\psi$. (The $B$ of
# section 4 is such a matrix too: the one in whose coordinates $F_\psi$ is $I$.)
#
# **Exercise 4.3.** Read off the Fisher matrix $F_\psi$ in the new coordinates, and write it.
#
# <details><summary>Hint 1: where to look</summary>
# Section 7: the equation of the two quadratic forms, above the exercise.
# <details><summary>Hint 2: the idea</summary>
# The equation must hold for every d_ψ. What stands between d_ψᵀ and d_ψ on its right?
# <details><summary>Hint 3: a sketch</summary>
# (B d)ᵀ = dᵀ Bᵀ. So it is a product of three matrices, with F in the middle.
# </details></details></details>


# %%
def my_transformed_fisher(F, B):
    ### BEGIN SOLUTION
    return B.T @ F @ B
    ### END SOLUTION


nb.check_transformed_fisher(my_transformed_fisher)

# %% [markdown]
# Then the natural direction in the new coordinates, seen in the old ones, is
#
# $$B\, F_\psi^{-1}\, (B^\top g) = F^{-1} g : \tag{4.8}$$
#
# the same. The plain gradient, seen in the old coordinates, is $B B^\top g$: it depends on $B$, so on
# how the policy happens to be written down.
#
# <details><summary>The proof of (4.8), after you have solved the exercise</summary>
#
# $F_\psi^{-1} = (B^\top F B)^{-1} = B^{-1} F^{-1} B^{-\top}$. Put a $B$ on the left and a $B^\top g$ on the right,
# and every $B$ cancels.
# </details>
#
# How much of this is left for a step that is not small?
#
# - The *direction* does not depend on the coordinates, under any smooth change of them.
# - The *finite step* does not under a linear change. Under a curved one it goes along a straight line in
#   $\psi$, which is a curve in $\theta$. It starts in the same direction and ends elsewhere.
# - With *damping* neither is left. By the algebra of the proof the damped direction is
#   $(F + \lambda\, (B B^\top)^{-1})^{-1} g$ in the old coordinates, and the second matrix is $\lambda I$ only if
#   $B B^\top = I$.
#
# The cell shows all three, for $\theta_1$ in units of 0.2, and for the curved
# $\theta = (\sinh \psi_1, -e^{\psi_2})$, whose Jacobian at our $\theta_\text{old} = (0, -1.5)$ is
# $\mathrm{diag}(1, -1.5)$.

# %%
transformed = yours(my_transformed_fisher, nb.check_transformed_fisher)
other_units, bent = np.diag([0.2, 1.0]), np.diag([1.0, -1.5])


def curved(d):
    """The step d in ψ as one in θ, for θ = (sinh ψ₁, -exp ψ₂) at θ = (0, -1.5)."""
    return np.array([np.sinh(d[0]), -1.5 * np.exp(d[1])]) - theta_old


print(f"{'δ':6} {'θ':>19} {'other units':>19} {'curved':>19}    plain, other units")
for delta in (0.1, 0.01, 0.001):
    in_units = other_units @ natural_step(transformed(F, other_units), other_units.T @ g, delta)
    in_curved = curved(natural_step(transformed(F, bent), bent.T @ g, delta))
    plain = nb.to_boundary(other_units @ other_units.T @ g, F, delta)
    row = [str(np.round(d, 4)) for d in (natural_step(F, g, delta), in_units, in_curved, plain)]
    print(f"{delta:<6}", " ".join(f"{text:>19}" for text in row))
for name, B in {"θ": np.eye(2), "other units": other_units}.items():
    s = B @ np.linalg.solve(transformed(F, B) + 0.1 * np.eye(2), B.T @ g)
    print(f"with λ = 0.1, {name:12} direction {np.round(s / np.linalg.norm(s), 3)}")

# %% [markdown]
# The first two columns agree. The third ends elsewhere, and the more so the longer the step is: by 34 per
# cent of the length for δ = 0.1, by 13 for 0.01, by 4 for 0.001. For small δ that falls like the length
# itself. The damped directions differ.
#
# ## 8. A step, and another
#
# One update is done. Then the new policy is the old one, with a new gradient, a new Fisher matrix and
# a new trust region around it. Twelve updates with δ = 0.02, and beside them twelve plain gradient
# steps with the same $\tfrac12 d^\top F d$ each. The surrogate of every update is that of its own old policy.


# %%
def follow(natural, delta=0.02, updates=12):
    """The thetas of repeated updates with exact models, each scaled to ½ dᵀFd = delta."""
    path = [theta_old]
    for _ in range(updates):
        pi = table(path[-1])
        share = (1 - mdp.gamma) * tabular.visitation(mdp, pi)
        F_here = np.einsum("s,si,sj->ij", share * pi[:, 0] * pi[:, 1], features, features)
        surrogate = lambda x, pi=pi: tabular.local_approximation(mdp, pi, table(x))
        g_here = np.array([surrogate(path[-1] + e) - surrogate(path[-1] - e) for e in steps]) / (
            2 * h
        )
        step = natural_step if natural else lambda F, g, delta: nb.to_boundary(g, F, delta)
        path.append(path[-1] + step(F_here, g_here, delta))
    return np.array(path)


paths = {"natural gradient": follow(True), "plain gradient": follow(False)}
for label, path in paths.items():
    print(f"{label:17} J after 1 update {J(path[1]):6.3f}, after 12 {J(path[-1]):6.3f}")

# %% tags=["hide-input"]
nb.show_paths(paths, J)

# %% [markdown]
# With the line search, this is TRPO. From a start where the way bends, with δ = 0.05, the region turns and
# changes its size with the policy that it surrounds; four of the six full steps left it and were halved.

# %% tags=["hide-input"]
show(
    run.film().still(),
    "Left: six accepted steps over the map of performance, bending from the lower right upwards to where "
    "the blue is strong. Around the last policy lie its dashed ellipse and the exact contour of the KL, "
    "which leaves the picture above. Right: performance rises with every update, from -3.5 to -0.1.",
    "Six updates of TRPO, and the region around the last policy. (In the book the picture moves.)",
    name="trust_region_run",
)

# %% [markdown]
# In this ravine the natural gradient climbs faster, and further. It is one example, chosen so that it can
# be drawn. Is it the rule? Draw random cases: MDPs with five states and two actions (uniform transition
# probabilities, normal rewards, γ = 0.9), normal features, and a normal starting point; and the same with
# the second feature five times as large, which makes more of a ravine.

# %%
for name, stretch in {"plain features": 1.0, "second feature × 5": 5.0}.items():
    for delta, updates in ((1e-8, 1), (0.02, 1), (0.02, 12)):
        natural, plain = nb.random_climbs(np.random.default_rng(0), 2000, stretch, delta, updates)
        row = f"{name:19} δ = {delta:<6} {updates:2} updates: plain ahead in {np.mean(plain > natural):4.0%}"
        much = np.mean(plain - natural > 0.01 * np.maximum(natural, plain))
        difference = natural - plain
        error = difference.std() / np.sqrt(2000)
        row += f", by more than 1 % in {much:4.0%}; natural gains more by"
        print(f"{row} {difference.mean():.2g} ± {error:.1g}")

# %% tags=["hide-input"]
nb.show_random_climbs(*nb.random_climbs(np.random.default_rng(0), 2000, 5.0, 0.02, 12))

# %% [markdown]
# For one tiny step the plain gradient is ahead in none of the 4000 cases: that is (4.6). For a step of 0.02
# nats the linear and the quadratic model are no longer exact, and it is ahead in 18 and 19 per cent. After
# twelve steps it is ahead in 31 per cent, because the way that is steepest now need not be the one that is
# best in the end. On average the natural gradient gains more, in both kinds and at each of these
# lengths; the single case can go either way. (A share of 2000 cases has a standard error of about 1 per
# cent.)
#
# %% [markdown]
# ## 9. What to take along
#
# | | |
# |---|---|
# | problem | $\max L$ subject to $\overline{\mathrm{KL}} \le \delta$ |
# | models | $L$ linear with slope $g$, KL quadratic with curvature $F$ |
# | solution | $d = \sqrt{2\delta / g^\top F^{-1} g}\; F^{-1} g$ |
# | for any direction $s$ | $\alpha_\text{max} = \sqrt{2\delta / s^\top F s}$ |
# | promise | $g^\top d = \sqrt{2\delta\, g^\top F^{-1} g}$ |
# | guarantee | none that the step improves $J$; for a known step a bound on $\lvert J - L \rvert$ |
# | coordinates | the natural *direction* does not depend on them; a finite step does not under linear changes; a damped one does |
#
# **Exercise 4.4** (in words). All rewards of a problem are multiplied by 1000. What happens to $g$, to
# $F$, to the step (4.5), and to the step of plain gradient ascent with a fixed learning rate?
#
# <details><summary>Answer</summary>
#
# Advantages grow a thousandfold, and so does g. F knows nothing of rewards and stays. In (4.5) the
# factor cancels: F⁻¹g grows by 1000, and the root shrinks by 1000. The step is the same. Gradient
# ascent with a fixed learning rate takes a step a thousand times as long. That is why TRPO has δ and
# no learning rate.
# </details>
#
# **Exercise 4.5.** Some programs use a natural gradient step of fixed learning rate instead,
# $d = \alpha F^{-1} g$. Write the divergence $\tfrac12 d^\top F d$ that the quadratic model gives for it.
# (It is not a constant: it grows with the square of the gradient.)
#
# <details><summary>Hint 1: where to look</summary>
# The divergence is that of (4.3), the step is the one in the exercise.
# <details><summary>Hint 2: the idea</summary>
# Put d into ½ dᵀFd; one F and one F⁻¹ cancel.
# <details><summary>Hint 3: a sketch</summary>
# What is left is α² times half of a quantity that stands under the root in (4.5): an inner product
# of g with np.linalg.solve(...).
# </details></details></details>


# %%
def my_divergence_of_fixed_rate(F, g, alpha):
    ### BEGIN SOLUTION
    return 0.5 * alpha**2 * g @ np.linalg.solve(F, g)
    ### END SOLUTION


nb.check_divergence_of_fixed_rate(my_divergence_of_fixed_rate)

# %% [markdown]
# ## Sources and further reading
#
# - The constrained problem (4.1): [Schulman et al. (2015)](references.md#schulman2015), section 4, eqs. 11
#   and 12. The step (4.5) and (4.7), and the search along it: their section 7, where the natural policy
#   gradient is named as the same direction with another length, and appendix C. Proved here.
# - The natural gradient: [Amari (1998)](references.md#amari1998); for policies
#   [Kakade (2001)](references.md#kakade2001). That it does not depend on the coordinates, and what a finite
#   step keeps of that: [Martens (2020)](references.md#martens2020), the section on parameterization
#   invariance. Proved here, and measured for the finite and the damped step.
# - Bounds with the mean divergence: [Achiam et al. (2017)](references.md#achiam2017), corollaries 1 and 3,
#   and proposition 1 for the worst case of a TRPO update. Quoted; the bound with the power 3/2 is derived
#   in [notebook 14](14_sharper_bound.ipynb).
# - An information bound on every update: [Peters et al. (2010)](references.md#peters2010).
# - Measured here: the table of the four bounds (one policy), and the comparison with the plain gradient
#   (2000 random cases of two kinds).
#
# Before: [03 Monotonic improvement](03_monotonic_improvement.ipynb). Next:
# [05 The Fisher information](05_fisher_information.ipynb): where $F$ comes from.
