# %% [markdown]
# # 04 The trust region
#
# Notebook 03 ended with a promise that is true and useless. The bound
# $J(\pi) \ge L(\pi) - C \max_s \mathrm{KL}$ holds, and whoever maximises its right-hand side climbs
# forever, in steps so small that nobody can wait. This notebook takes the step from the theorem to the
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
# You need: gradients, Lagrange multipliers, and from notebooks 02 and 03 the surrogate $L$ and the
# finite MDP on which $J$ can be computed exactly.

# %%
import matplotlib.pyplot as plt
import numpy as np

from trpo_np import tabular
from trpo_np.classroom import notebook_04 as nb
from trpo_np.classroom.figures import picture, show
from trpo_np.classroom.sliders import explore
from trpo_np.experiments.plots import COLORS, use_style

use_style()

# %% [markdown]
# ## 1. From a penalty to a constraint
#
# The theorem suggests
#
# $$\max_\theta \;\; L(\theta) - C \max_s \mathrm{KL}\left( \pi_{\theta_\text{old}}(\cdot|s) \,\|\,
#   \pi_\theta(\cdot|s) \right) .$$
#
# TRPO changes it in two places:
#
# $$\max_\theta \;\; L(\theta) \quad \text{subject to} \quad
#   \overline{\mathrm{KL}}(\pi_{\theta_\text{old}} \,\|\, \pi_\theta) \le \delta . \tag{4.1}$$
#
# **A constraint for the penalty.** The constant $C$ of the theorem is far too careful, and any other
# choice depends on the size of the rewards: multiply all rewards by 10, and $L$ grows tenfold while the
# divergence stays what it is. A radius δ is measured in nats, and a nat is a nat in every problem.
#
# **The mean over states for the maximum.** The maximum over all states cannot be measured from samples,
# and one state that is hardly ever visited could block the step. The mean
# $\overline{\mathrm{KL}} = \mathbb{E}_s[\mathrm{KL}]$ is taken over the states that the old policy
# visits.
#
# Both changes cost the guarantee. What is left of the theorem is the reason: as long as the policies
# are close, $L$ tells the truth about $J$. What we get is a step of useful size. The line search of
# notebook 08 will check afterwards what the theorem no longer promises.
#
# ## 2. A policy with two parameters
#
# Three states, two actions, and a policy that takes action 1 in state $s$ with the probability
#
# $$\pi_\theta(1|s) = \frac{1}{1 + e^{-\varphi(s)^\top \theta}}, \qquad \theta = (\theta_1, \theta_2) .$$
#
# The vectors $\varphi(s)$ are fixed features of the states. All quantities of (4.1) can be computed
# exactly: $J$ and $L$ with the functions of notebook 02, the mean divergence with the weights
# $(1 - \gamma)\,\rho_\text{old}(s)$, the share of (discounted) time that the old policy spends in $s$.

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
axis_1, axis_2 = np.linspace(-1.5, 1.5, 121), np.linspace(-3.2, 2.6, 121)
plane = np.stack(np.meshgrid(axis_1, axis_2), axis=-1)  # (121, 121, 2)
figure, axes = plt.subplots(1, 3, figsize=(14, 6), sharey=True)
levels = np.linspace(-11, 3, 15)
for ax, f, title in ((axes[0], J, "performance J"), (axes[1], L, "surrogate L")):
    lines = ax.contour(*np.moveaxis(plane, -1, 0), f(plane), levels=levels, cmap="viridis")
    ax.clabel(lines, fontsize=11)
    ax.set_title(title)
lines = axes[2].contour(
    *np.moveaxis(plane, -1, 0), KL(plane), levels=[0.01, 0.1, 0.5, 1, 2], colors=COLORS[1]
)
axes[2].clabel(lines, fontsize=11)
axes[2].set_title("mean KL from the old policy, nats")
for ax in axes:
    ax.plot(*theta_old, "k*", markersize=15, linestyle="none")
    ax.set_xlabel(r"$\theta_1$")
axes[0].set_ylabel(r"$\theta_2$")
show(
    figure,
    "Three contour maps over the two parameters, with a star at the old policy. Performance and "
    "surrogate look alike near the star and differ further away. The contours of the mean KL are "
    "long narrow ovals around the star, nearly ellipses when small.",
    "Near the old policy (star) the surrogate L is a good map of J. The KL says how near.",
)

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
# $F$ is the Fisher information matrix. Notebook 05 is about it; here it is enough that it is symmetric
# and positive definite. Notebook 05 shows that it is the covariance of the score, the gradient of
# $\log \pi_\theta(a|s)$, averaged over the states. For our policy the score of action 1 is
# $(1 - \pi(1|s))\, \varphi(s)$ and that of action 0 is $-\pi(1|s)\, \varphi(s)$, with mean 0 and
# covariance $\pi(1|s)\, \pi(0|s)\, \varphi(s) \varphi(s)^\top$. We check the result against finite
# differences of the divergence, which know nothing of scores.

# %%
F = np.einsum("s,si,sj->ij", time_share * pi_old[:, 0] * pi_old[:, 1], features, features)
h = 1e-4
steps = h * np.eye(2)
g = np.array([L(theta_old + e) - L(theta_old - e) for e in steps]) / (2 * h)
second = [
    [
        KL(theta_old + a + b)
        - KL(theta_old + a - b)
        - KL(theta_old - a + b)
        + KL(theta_old - a - b)
        for a in steps
    ]
    for b in steps
]
print("g =", np.round(g, 3))
print(
    "F =",
    np.round(F, 4),
    "finite differences:",
    np.round(np.array(second) / (4 * h**2), 4),
    sep="\n",
)
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
# At the solution the constraint is tight: from a point inside the ellipse one could go on a little
# along $g$ and gain. So we have an equation, $\tfrac12 d^\top F d = \delta$, and use a Lagrange
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
# **Exercise 4.1.** Write (4.5). Use `np.linalg.solve(F, g)` for $F^{-1} g$; the inverse itself is never
# needed.
#
# <details><summary>Hint 1</summary>
# Give F⁻¹g a name; it occurs twice.
# <details><summary>Hint 2</summary>
# With s = F⁻¹g the number under the root is 2 * delta / (g @ s).
# </details></details>


# %%
def my_natural_step(F, g, delta):
    ### BEGIN SOLUTION
    s = np.linalg.solve(F, g)
    return np.sqrt(2 * delta / (g @ s)) * s
    ### END SOLUTION


nb.check_natural_step(my_natural_step)

# %% [markdown]
# Is it really the maximum, and not just a point where the derivative vanishes? For any $d$ on the
# ellipse, write $g = F s$ with $s = F^{-1} g$. Then $g^\top d = s^\top F d$, an inner product of $s$
# and $d$ with the weights $F$, and the Cauchy–Schwarz inequality for it says
#
# $$g^\top d = s^\top F d \le \sqrt{s^\top F s}\, \sqrt{d^\top F d} = \sqrt{g^\top F^{-1} g}\,
#   \sqrt{2 \delta} . \tag{4.6}$$
#
# Equality holds where $d$ is a positive multiple of $s$: only at (4.5). The right-hand side is the
# improvement that the linear model promises,
# $g^\top d = \sqrt{2 \delta\; g^\top F^{-1} g}$.
#
# **Exercise 4.2.** Predict before you run: δ is raised from 0.01 to 0.04. By which factor does the
# length of the step (4.5) grow?
#
# <details><summary>Hint 1</summary>
# Where does δ stand in (4.5)?
# <details><summary>Hint 2</summary>
# The divergence is quadratic in the step.
# </details></details>

# %%
prediction = ...  # replace the dots by a number
### BEGIN SOLUTION
prediction = 2
### END SOLUTION
nb.check_step_growth(prediction)

# %% [markdown]
# Trust, but check. Every point of the ellipse $\tfrac12 d^\top F d = \delta$ can be written as
# $d = \sqrt{2\delta}\, B\, (\cos t, \sin t)$ with a matrix $B$ for which $B^\top F B = I$. Walk around
# and watch $g^\top d$.


# %%
def natural_step(F, g, delta):
    """(4.5), the reference for the rest of this notebook."""
    s = np.linalg.solve(F, g)
    return np.sqrt(2 * delta / (g @ s)) * s


def ellipse(delta, t):
    """The points d (2, len(t)) with ½ dᵀFd = delta."""
    B = np.linalg.inv(np.linalg.cholesky(F)).T  # F = C Cᵀ, and B = C⁻ᵀ
    return np.sqrt(2 * delta) * B @ np.stack([np.cos(t), np.sin(t)])


def to_boundary(direction, delta):
    """The direction, scaled to ½ dᵀFd = delta."""
    return np.sqrt(2 * delta / (direction @ F @ direction)) * direction


t = np.linspace(-np.pi, np.pi, 721)
around = ellipse(0.5, t)
gain = g @ around
best, plain = natural_step(F, g, 0.5), to_boundary(g, 0.5)
where = lambda d: t[np.argmin(np.sum((around - d[:, None]) ** 2, axis=0))]
figure, ax = plt.subplots(figsize=(10, 5))
ax.plot(t, gain, color="black")
ax.plot(where(best), g @ best, "o", markersize=13, label="natural gradient step (4.5)")
ax.plot(where(plain), g @ plain, "s", markersize=13, label="plain gradient, same KL")
ax.axhline(
    np.sqrt(2 * 0.5 * g @ np.linalg.solve(F, g)), linestyle=":", color="0.3", label="bound (4.6)"
)
ax.set_xlabel("position $t$ on the ellipse")
ax.set_ylabel(r"promised improvement $g^\top d$")
ax.legend(loc="lower right")
show(
    figure,
    "The improvement promised by the linear model, for all points around the ellipse: one period of "
    "a cosine. The natural gradient step sits on its maximum, at the height of the bound. The plain "
    "gradient, scaled to the same divergence, reaches less than half of it.",
    "Of all steps with the same KL, the natural gradient promises most.",
)
print(
    f"largest of {len(t)} points: {gain.max():.4f}   formula (4.5): {g @ best:.4f}   plain gradient: {g @ plain:.4f}"
)

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
# most δ and the surrogate has grown. Here is all of it for our policy. We also add the **damping** of
# notebook 05: the direction $(F + \lambda I)^{-1} g$ in place of $F^{-1} g$.


# %%
def accepted_step(s, delta, ratio=0.5, backtracks=10):
    """The first of the steps ratio^k α_max s that keeps KL ≤ delta and improves L, or zero."""
    full = to_boundary(s, delta)
    for k in range(backtracks + 1):
        d = ratio**k * full
        if KL(theta_old + d) <= delta and L(theta_old + d) > L(theta_old):
            return d
    return np.zeros(2)


def draw_trust_region(ax, delta, damping, legend=True):
    """J, L, the KL and its ellipse, and the three steps, in the plane of the two parameters."""
    ax.contourf(axis_1, axis_2, J(plane), levels=levels, cmap="cividis", alpha=0.85)
    ax.contour(
        axis_1, axis_2, L(plane), levels=levels, colors="white", linewidths=1.5, linestyles=":"
    )
    ax.contour(axis_1, axis_2, KL(plane), levels=[delta], colors=COLORS[1], linewidths=3)
    rim = theta_old[:, None] + ellipse(delta, t)
    ax.plot(*rim, "--", color="white", label="ellipse, quadratic model")
    ax.plot([], [], "-", color=COLORS[1], linewidth=3, label="KL = δ, exact")
    s = np.linalg.solve(F + damping * np.eye(2), g)
    steps = {
        "gradient": (to_boundary(g, delta), "s", "white"),
        "natural gradient": (to_boundary(s, delta), "o", COLORS[5]),
        "accepted": (accepted_step(s, delta), "D", COLORS[4]),
    }
    for label, (d, marker, color) in steps.items():
        end = theta_old + d
        ax.plot(*zip(theta_old, end, strict=True), color=color, linestyle="-", linewidth=2)
        ax.plot(*end, marker, color=color, markeredgecolor="black", markersize=11, label=label)
    ax.plot(
        *theta_old,
        "*",
        color="white",
        markeredgecolor="black",
        markersize=18,
        label="old policy",
        linestyle="none",
    )
    ax.plot([], [], ":", color="white", linewidth=2, label="surrogate L")
    ax.set_xlim(axis_1[[0, -1]])
    ax.set_ylim(axis_2[[0, -1]])
    ax.set_xlabel(r"$\theta_1$")
    ax.set_ylabel(r"$\theta_2$")
    if legend:
        ax.legend(loc="upper left", bbox_to_anchor=(1.02, 1), frameon=True, facecolor="0.7")
    return {label: d for label, (d, _, _) in steps.items()}


figure, ax = plt.subplots(figsize=(10.5, 8))
drawn = draw_trust_region(ax, delta=0.5, damping=0.0)
show(
    figure,
    "Performance as a colour map, brighter is better, over the two parameters, with the surrogate as "
    "dotted lines. Around the old policy, a star, lie the dashed ellipse of the quadratic model and "
    "the solid exact contour of the KL at 0.5, which is shorter at the top. The plain gradient "
    "points to the right. The natural gradient step goes up along the long axis to the rim of the "
    "ellipse, outside the exact contour. The accepted step is half as long and inside.",
    "One TRPO update with δ = 0.5: the natural gradient goes to the rim of the ellipse, the line "
    "search brings it back inside the exact KL.",
    name="trust_region",
)

# %%
drawn["gradient, accepted"] = accepted_step(g, 0.5)
print(f"{'step':18} {'KL':>6} {'L gained':>9} {'J gained':>9}")
for label, d in drawn.items():
    end = theta_old + d
    print(f"{label:18} {KL(end):6.3f} {L(end) - L(theta_old):9.3f} {J(end) - J(theta_old):9.3f}")

# %% [markdown]
# Read the table with the picture. The natural gradient step gains most, but its exact divergence is
# 0.6 where 0.5 was allowed, so it is refused; half of it is accepted. The plain gradient's step at the
# rim breaks the limit as well. Put to the same search, it ends with much less than the natural gradient,
# at nearly the same divergence.
#
# ## 6. Turn the knobs
#
# Two numbers shape the step, the radius δ and the damping λ. Where widgets run (JupyterLab does), the
# next cell shows two sliders. On a page without them, the grid of panels below it shows nine settings.


# %%
def with_knobs(log10_delta, damping):
    """The trust region for the positions of two sliders."""
    delta = 10**log10_delta
    figure, ax = plt.subplots(figsize=(10.5, 8))
    draw_trust_region(ax, delta, damping)
    ax.set_title(f"δ = {delta:.3g} nats, damping λ = {damping:.2g}")
    return picture(
        figure,
        f"The trust region, its steps and the performance, for delta {delta:.3g} and damping {damping:.2g}.",
        "Move a slider, and the picture is drawn anew.",
    )


explore(with_knobs, log10_delta=(-2.5, 0.0, 0.1, -1.0), damping=(0.0, 2.0, 0.1, 0.0))

# %%
figure, axes = plt.subplots(3, 3, figsize=(13, 15), sharex=True, sharey=True)
for row, delta in zip(axes, (0.02, 0.1, 0.5), strict=True):
    for ax, damping in zip(row, (0.0, 0.1, 2.0), strict=True):
        draw_trust_region(ax, delta, damping, legend=False)
        ax.set_title(f"δ = {delta}, λ = {damping}")
        ax.label_outer()
show(
    figure,
    "Nine panels of the same picture: delta 0.02, 0.1 and 0.5 from top to bottom, damping 0, 0.1 and "
    "2 from left to right. Larger delta makes the ellipse larger and the exact contour less like "
    "it. More damping turns the natural gradient step from the long axis of the ellipse towards "
    "the plain gradient.",
    "δ sets the size of the region, damping turns the direction from the natural gradient (left) "
    "towards the plain one (right). Symbols as in the large picture.",
)

# %% [markdown]
# What to look for:
#
# - With small δ the ellipse and the exact contour agree. That is (4.3), and TRPO's usual δ is 0.01.
# - The accepted step is half of the full one in all nine panels: here the exact divergence at the rim
#   is above δ, by 5 to 23 percent, and any excess is refused. Notebook 08 comes back to this.
# - Damping bends the step towards $g$: for $\lambda \to \infty$ the matrix $F + \lambda I$ is a multiple
#   of the identity, and $(F + \lambda I)^{-1} g$ has the direction of $g$. Whether a λ is small
#   depends on the eigenvalues of $F$, here 0.09 and 2.3: $\lambda = 0.1$ turns the step visibly, and
#   $\lambda = 2$ leaves almost nothing of the natural gradient.
#
# ## 7. The same step in other coordinates
#
# Measure $\theta_1$ in other units, and nothing real has changed: the same policies are there, under
# other names. A good step should not depend on the names. In general let $\theta = B \psi$ with an
# invertible matrix $B$. By the chain rule the gradient with respect to $\psi$ is $B^\top g$, and a step
# $d_\psi$ means $d_\theta = B\, d_\psi$. The divergence of a step is what it is, so
# $\tfrac12 d_\psi^\top F_\psi d_\psi = \tfrac12 (B d_\psi)^\top F\, (B d_\psi)$ for all $d_\psi$.
#
# **Exercise 4.3.** Read off the Fisher matrix $F_\psi$ in the new coordinates, and write it.
#
# <details><summary>Hint 1</summary>
# The equation must hold for every d_φ. What stands between d_φᵀ and d_φ on its right?
# <details><summary>Hint 2</summary>
# (B d)ᵀ = dᵀ Bᵀ.
# </details></details>


# %%
def my_transformed_fisher(F, B):
    ### BEGIN SOLUTION
    return B.T @ F @ B
    ### END SOLUTION


nb.check_transformed_fisher(my_transformed_fisher)

# %% [markdown]
# Then the natural direction in the new coordinates, seen in the old ones, is
#
# $$B\, F_\psi^{-1}\, (B^\top g) = B \left( B^{-1} F^{-1} B^{-\top} \right) B^\top g = F^{-1} g :
#   \tag{4.8}$$
#
# the same. The plain gradient, seen in the old coordinates, is $B B^\top g$: it depends on $B$, so on
# how the policy happens to be written down.

# %%
for name, B in {"as before": np.eye(2), "θ₁ in other units": np.diag([0.2, 1.0])}.items():
    natural = B @ natural_step(B.T @ F @ B, B.T @ g, 0.1)
    plain = to_boundary(B @ B.T @ g, 0.1)
    print(
        f"{name:20} natural step {np.round(natural, 4)}   plain gradient step {np.round(plain, 4)}"
    )

# %% [markdown]
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
        s = np.linalg.solve(F_here, g_here) if natural else g_here
        path.append(path[-1] + np.sqrt(2 * delta / (s @ F_here @ s)) * s)
    return np.array(path)


paths = {
    "natural gradient": (follow(True), "o-", COLORS[5]),
    "gradient": (follow(False), "s--", "white"),
}
figure, axes = plt.subplots(1, 2, figsize=(13, 6))
wide = np.meshgrid(np.linspace(-1.5, 6, 151), np.linspace(-3.2, 6, 151))
axes[0].contourf(*wide, J(np.stack(wide, axis=-1)), levels=levels, cmap="cividis", alpha=0.85)
for label, (path, style, color) in paths.items():
    axes[0].plot(*path.T, style, color=color, markeredgecolor="black", label=label)
    shown = COLORS[0] if color == "white" else COLORS[1]
    axes[1].plot(J(path), style, color=shown, label=label)
axes[0].set_xlabel(r"$\theta_1$")
axes[0].set_ylabel(r"$\theta_2$")
axes[0].set_ylim(-3.2, 6.2)
axes[0].legend(facecolor="0.5", frameon=True)
axes[1].set_xlabel("updates")
axes[1].set_ylabel("performance J")
axes[1].legend()
show(
    figure,
    "Left: over the map of performance, the path of natural gradient steps goes straight up the "
    "ridge and leaves the map at its top, while the path of plain gradient steps drifts away sideways. Right: performance against "
    "updates; the natural gradient climbs faster throughout, and the plain gradient comes to rest "
    "far below it.",
    "Equal ½ dᵀFd at every step: the natural gradient climbs faster, and further.",
)
print(
    {label: round(float(J(path[-1])), 3) for label, (path, _, _) in paths.items()},
    "after 12 updates",
)

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
# | coordinates | the natural step does not depend on them, the plain gradient does |
#
# **Exercise 4.4** (in words). All rewards of a problem are multiplied by 1000. What happens to $g$, to
# $F$, to the step (4.5), and to the step of plain gradient ascent with a fixed learning rate?
#
# <details><summary>Answer</summary>
# Advantages grow a thousandfold, and so does g. F knows nothing of rewards and stays. In (4.5) the
# factor cancels: F⁻¹g grows by 1000, and the root shrinks by 1000. The step is the same. Gradient
# ascent with a fixed learning rate takes a step a thousand times as long. That is why TRPO has δ and
# no learning rate, and why a δ that works for one task often works for the next.
# </details>
#
# **Exercise 4.5.** Some programs use a natural gradient step of fixed learning rate instead,
# $d = \alpha F^{-1} g$. Write the divergence $\tfrac12 d^\top F d$ that the quadratic model gives for it.
# (It is not a constant: it grows with the square of the gradient.)
#
# <details><summary>Hint 1</summary>
# Put d into ½ dᵀFd; one F and one F⁻¹ cancel.
# <details><summary>Hint 2</summary>
# What is left is α² times half of a quantity that stands under the root in (4.5).
# </details></details>


# %%
def my_divergence_of_fixed_rate(F, g, alpha):
    ### BEGIN SOLUTION
    return 0.5 * alpha**2 * g @ np.linalg.solve(F, g)
    ### END SOLUTION


nb.check_divergence_of_fixed_rate(my_divergence_of_fixed_rate)

# %% [markdown]
# Next: [05 The Fisher information](05_fisher_information.ipynb): where $F$ comes from.
