# %% [markdown]
# # 08 Step size and line search
#
# The direction is found: $s \approx (F + \lambda I)^{-1} g$, from the conjugate gradients of
# notebook 07. **How far do we go along it?** The quadratic model of the KL divergence gives an answer,
# $\alpha_\text{max}$, but it is only a model, and so is the linear one of the surrogate. This notebook
# derives the answer, shows where it is wrong, and adds the few lines that make it safe. It also
# takes up two questions that users of TRPO ask again and again: whether the damping belongs in the
# step length, and what the line search is for.
#
# You need: notebook 04 (the trust region), and of notebook 05 that the KL divergence has value 0, slope
# 0 and curvature $F$ at the old policy.

# %%
import matplotlib.pyplot as plt
import numpy as np
from gymnasium import spaces

from trpo_np import (
    TRPO,
    Batch,
    DiagonalGaussian,
    Settings,
    conjugate_gradient,
    fisher_vector_product,
    make_policy,
    mean_kl,
    surrogate,
    trpo_step,
)
from trpo_np.classroom import notebook_08 as nb
from trpo_np.classroom.figures import show
from trpo_np.classroom.training import as_update, training
from trpo_np.experiments.plots import COLORS, LINES, use_style
from trpo_np.fisher import damped
from trpo_np.objectives import policy_gradient

use_style()

# %% [markdown]
# ## 1. The largest step
#
# Walk from $\theta_\text{old}$ along $s$. On this ray there is one variable, $\alpha$, and the
# quadratic model of the divergence is a parabola:
#
# $$\overline{\mathrm{KL}}(\theta_\text{old} + \alpha s) \approx \tfrac12 (\alpha s)^\top F\, (\alpha s)
#   = \tfrac12\, \alpha^2\, s^\top F s . \tag{8.1}$$
#
# Set it equal to δ and solve for $\alpha$:
#
# $$\alpha_\text{max} = \sqrt{\frac{2 \delta}{s^\top F s}} . \tag{8.2}$$
#
# **Exercise 8.1.** Write (8.2). You are given δ, the direction `s`, and the product `Fs` $= F s$, which
# notebook 06 computes without $F$. Keep your function for notebook 10.
#
# <details><summary>Hint 1</summary>
# sᵀFs is a number: an inner product of the two vectors you are given.
# <details><summary>Hint 2</summary>
# np.sqrt of 2δ divided by that number.
# </details></details>


# %%
def my_maximum_step(delta, s, Fs):
    ### BEGIN SOLUTION
    return np.sqrt(2 * delta / (s @ Fs))
    ### END SOLUTION


nb.check_maximum_step(my_maximum_step)

# %% [markdown]
# ## 2. The model and the truth
#
# How wrong can (8.1) be? Take the smallest example there is: one action dimension, a Gaussian with mean
# 0 and standard deviation 1, and move only $x = \log \sigma$. Formula (5.8) of notebook 05, with
# $\sigma = 1$, equal means and $\sigma' = e^x$, is
#
# $$\mathrm{KL}(x) = x + \tfrac12\, e^{-2x} - \tfrac12, \qquad
#   \mathrm{KL}(x) = x^2 - \tfrac23\, x^3 + \dots \tag{8.3}$$
#
# The second form is Taylor's series, $e^{-2x} = 1 - 2x + 2x^2 - \tfrac43 x^3 + \dots$. The quadratic
# term is $\tfrac12 \cdot 2\, x^2$, with the 2 of the metric. The next term has a sign. For a narrower
# policy, $x \lt 0$, the true divergence is larger than the model.
#
# **Exercise 8.2.** Predict, with a pocket calculator: the quadratic model allows $x = -0.2$ for
# δ = 0.04. What is the true divergence there, to four decimals?
#
# <details><summary>Hint 1</summary>
# Use the first, exact form of (8.3).
# <details><summary>Hint 2</summary>
# exp(0.4) = 1.49182.
# </details></details>

# %%
prediction = ...  # replace the dots by a number
### BEGIN SOLUTION
prediction = 0.0459
### END SOLUTION
nb.check_true_divergence(prediction)

# %%
x = np.linspace(-0.4, 0.4, 121)
old = np.zeros((len(x), 2))  # mean 0, log σ 0
exact = DiagonalGaussian(1).kl(old, np.stack([np.zeros_like(x), x], axis=1))
figure, ax = plt.subplots(figsize=(9, 5.5))
ax.plot(x, exact, label="KL, exact")
ax.plot(x, x**2, label="quadratic model")
ax.axhline(0.04, color="black", linestyle=":", label="δ = 0.04")
ax.plot([-0.2, -0.2], [0.04, np.interp(-0.2, x, exact)], "ko-", markersize=7)
ax.set_xlabel(r"$x = \log \sigma'$")
ax.set_ylabel("nats")
ax.set_ylim(0, 0.14)
ax.legend(loc="upper center")
show(
    figure,
    "KL divergence of a Gaussian whose log standard deviation moves by x, and its quadratic model, a "
    "parabola. For negative x the exact curve lies above the parabola, for positive x below. At "
    "x = -0.2 the model is at 0.04 and the exact value clearly above.",
    "At x = −0.2 the model says 0.04 nats. The truth is 15 % more: the step is outside the region.",
)
print(f"exact KL at x = -0.2: {-0.2 + 0.5 * np.exp(0.4) - 0.5:.4f}")

# %% [markdown]
# A step that the model puts exactly on the rim often lies outside the true region, by a little or by a
# lot (section 5 counts). So the true divergence has to be looked at. It costs one forward pass.
#
# ## 3. Two conditions
#
# TRPO accepts a step $\theta_\text{new} = \theta_\text{old} + \alpha s$ if
#
# $$\text{(a)} \;\; \overline{\mathrm{KL}}(\pi_{\theta_\text{old}} \,\|\, \pi_{\theta_\text{new}})
#   \le \delta \qquad \text{and} \qquad
#   \text{(b)} \;\; L(\theta_\text{new}) \gt L(\theta_\text{old}) . \tag{8.4}$$
#
# It tries $\alpha = \alpha_\text{max}\, \beta^k$ for $k = 0, 1, 2, \dots$ with a ratio $\beta$ between 0
# and 1, usually $\tfrac12$, and takes the first that passes. If none of a fixed number does, the
# update is given up and $\theta$ stays as it is.
#
# Along a ray with $g^\top s \gt 0$ the search must succeed for small enough $\alpha$: the divergence
# falls like $\alpha^2$ and the surrogate gains like $\alpha\, g^\top s$. The question is only how small.
#
# **Exercise 8.3.** Write the search. `L` and `KL` are functions of `theta`, `full_step` is
# $\alpha_\text{max} s$; try $k = 0, \dots,$ `backtracks`. Return the accepted parameters, or `theta`
# itself if none passes. Keep your function for notebook 10.
#
# <details><summary>Hint 1</summary>
# A for loop over k; inside, a candidate theta + beta**k * full_step, and one if with both conditions.
# <details><summary>Hint 2</summary>
# return inside the loop ends the search. What stands after the loop is reached only if nothing passed.
# </details></details>


# %%
def my_line_search(L, KL, theta, full_step, delta, backtracks, beta):
    ### BEGIN SOLUTION
    for k in range(backtracks + 1):
        candidate = theta + beta**k * full_step
        if KL(candidate) <= delta and L(candidate) > L(theta):
            return candidate
    return theta
    ### END SOLUTION


nb.check_line_search(my_line_search)

# %% [markdown]
# When does which condition bite? Three policies with three discrete actions, a batch of 40 states each
# and random advantages. So few samples make the surrogate bumpy, and that is what we want to see.


# %%
def problem(seed, damping):
    """A policy, its theta and batch, the direction s, and sᵀFs."""
    rng = np.random.default_rng(seed)
    policy = make_policy(spaces.Box(-1, 1, (3,)), spaces.Discrete(3), hidden=(8,))
    theta = policy.init(rng) + 0.5 * rng.standard_normal(policy.num_parameters)
    obs = rng.standard_normal((40, 3))
    actions = policy.sample(theta, obs, rng)
    A = rng.standard_normal(40)
    batch = Batch(obs, actions, (A - A.mean()) / A.std(), policy.log_prob(theta, obs, actions))
    g = policy_gradient(policy, theta, batch)
    F = fisher_vector_product(policy, theta, obs)
    s = conjugate_gradient(lambda v: F(v) + damping * v, g, 10).x
    return policy, theta, batch, g, s, s @ F(s)


def draw_ray(axes, seed, damping, delta):
    """KL and surrogate along the ray, with the candidates of the line search."""
    policy, theta, batch, g, s, sFs = problem(seed, damping)
    alpha_max = np.sqrt(2 * delta / sFs)
    KL = lambda alpha: mean_kl(policy, theta, theta + alpha * s, batch.observations)
    gain = lambda alpha: (
        surrogate(policy, theta + alpha * s, batch) - surrogate(policy, theta, batch)
    )
    a = np.linspace(0, 1.1, 111)
    axes[0].plot(a, [KL(x * alpha_max) for x in a], label="exact")
    axes[0].plot(a, delta * a**2, label="quadratic model")
    axes[0].axhline(delta, color="black", linestyle=":", label="δ")
    axes[1].plot(a, [gain(x * alpha_max) for x in a], label="exact")
    axes[1].plot(a, a * alpha_max * (g @ s), label="linear model")
    axes[1].axhline(0, color="black", linestyle=":")
    axes[0].set_ylim(-0.1 * delta, 3.3 * delta)
    axes[1].set_ylim(-0.35, 0.55) if delta > 0.01 else None
    for k in range(4):
        alpha = 0.5**k * alpha_max
        reasons = [name for name, bad in (("a", KL(alpha) > delta), ("b", gain(alpha) <= 0)) if bad]
        mark = {"marker": "X" if reasons else "o", "color": "black", "markersize": 12}
        axes[0].plot(0.5**k, min(KL(alpha), 3 * delta), **mark)
        if KL(alpha) > 3 * delta:
            axes[0].annotate(f"{KL(alpha) / delta:.1f} δ ↑", (0.5**k, 2.6 * delta), ha="center")
        axes[1].plot(0.5**k, gain(alpha), **mark)
        verdict = f"refused by ({') and ('.join(reasons)})" if reasons else "accepted"
        print(
            f"  k = {k}: KL / δ = {KL(alpha) / delta:5.2f}, L gained {gain(alpha):7.3f}: {verdict}"
        )
        if not reasons:
            break
    axes[1].set_xlabel(r"$\alpha\, /\, \alpha_{\rm max}$")


figure, axes = plt.subplots(2, 3, figsize=(14, 8), sharex=True)
settings = {
    "at once": (1, 0.1, 0.01),
    "KL refuses": (3, 0.001, 0.1),
    "both refuse": (2, 0.001, 0.5),
}
for column, (name, setting) in zip(axes.T, settings.items(), strict=True):
    print(f"{name}: damping {setting[1]}, δ = {setting[2]}")
    draw_ray(column, *setting)
    column[0].set_title(f"{name} (δ = {setting[2]})")
axes[0, 0].set_ylabel("mean KL, nats")
axes[1, 0].set_ylabel("L gained")
axes[0, 0].legend()
axes[1, 0].legend()
show(
    figure,
    "Three columns; above, the mean KL along the search direction with its parabola and delta, below, "
    "the surrogate with its tangent. Crosses are refused candidates, dots accepted ones. Left: "
    "models and curves agree, the full step is accepted. Middle: the exact KL rises far above the "
    "parabola, the full step is refused and half of it accepted. Right: the surrogate turns down "
    "soon; the full step is refused by both conditions, the half one by the surrogate alone, and a "
    "quarter is accepted.",
    "Crosses: refused. Dots: accepted. The models are tangent to the truth at 0, and that is all.",
    name="line_search",
)

# %% [markdown]
# The middle column is condition (a) at work, and the right one shows why (b) is needed as well. At half
# the full step the divergence is within δ, but the surrogate, estimated from 40 samples, is already
# below its old value. Either condition alone would have let a bad step pass.
#
# And a third thing: with $\beta = \tfrac12$ a refusal by a hair costs half of the step, and a quarter of
# the divergence is all that is used.
#
# ## 4. With the damping or without?
#
# The direction comes from $F + \lambda I$. Which matrix belongs into the step length? Programs differ,
# often without saying so.
#
# $$\alpha_\text{max} = \sqrt{\frac{2 \delta}{s^\top F s}} \qquad \text{or} \qquad
#   \alpha_\text{damped} = \sqrt{\frac{2 \delta}{s^\top (F + \lambda I)\, s}} \tag{8.5}$$
#
# The divergence is measured by $F$, so the first puts the model on the rim. In the second the
# denominator is larger by $\lambda\, s^\top s$, so the step is shorter, and its divergence is, in the
# quadratic model, the fraction
#
# $$\frac{\tfrac12\, \alpha_\text{damped}^2\; s^\top F s}{\delta}
#   = \frac{s^\top F s}{s^\top F s + \lambda\, s^\top s} \tag{8.6}$$
#
# of δ. The first costs nothing extra, although $s^\top F s$ looks like one more product. Conjugate
# gradients end with a residual $r = g - (F + \lambda I)\, s$, which they have computed anyway. Multiply
# by $s^\top$:
#
# $$s^\top F s = s^\top (g - r) - \lambda\, s^\top s . \tag{8.7}$$
#
# **Exercise 8.4.** Write (8.7).
#
# <details><summary>Hint 1</summary>
# Every term is an inner product with s.
# <details><summary>Hint 2</summary>
# damping multiplies the squared length of s.
# </details></details>


# %%
def my_curvature(s, g, r, damping):
    ### BEGIN SOLUTION
    return s @ (g - r) - damping * (s @ s)
    ### END SOLUTION


nb.check_curvature(my_curvature)

# %% [markdown]
# How much of δ is used, over the damping? A batch of 2000 states, the exact divergence at both steps,
# and formula (8.6) beside them. (With hardly any damping the exact divergence lies below its parabola
# here, so both points lie below the formula.)

# %%
rng = np.random.default_rng(0)
policy = make_policy(spaces.Box(-1, 1, (3,)), spaces.Discrete(3), hidden=(16,))
theta = policy.init(rng) + 0.3 * rng.standard_normal(policy.num_parameters)
obs = rng.standard_normal((2000, 3))
actions = policy.sample(theta, obs, rng)
A = obs[:, 0] * (actions == 1) - obs[:, 1] * (actions == 2) + rng.standard_normal(2000)
batch = Batch(obs, actions, (A - A.mean()) / A.std(), policy.log_prob(theta, obs, actions))
g, F = policy_gradient(policy, theta, batch), fisher_vector_product(policy, theta, obs)
delta, dampings = 0.01, np.geomspace(1e-4, 10, 11)
used = {"undamped length": [], "damped length": [], "(8.6)": []}
for damping in dampings:
    search = conjugate_gradient(lambda v: F(v) + damping * v, g, 10)
    s = search.x
    undamped = s @ (g - search.residual) - damping * (s @ s)
    curvatures = {"undamped length": undamped, "damped length": undamped + damping * (s @ s)}
    for name, curvature in curvatures.items():
        step = np.sqrt(2 * delta / curvature) * s
        used[name].append(mean_kl(policy, theta, theta + step, obs) / delta)
    used["(8.6)"].append(undamped / curvatures["damped length"])
figure, ax = plt.subplots(figsize=(9, 5.5))
ax.semilogx(dampings, used["undamped length"], "o-", label=r"exact KL with $s^\top F s$")
ax.semilogx(
    dampings, used["damped length"], "s--", label=r"exact KL with $s^\top (F + \lambda I) s$"
)
ax.semilogx(dampings, used["(8.6)"], ":", color="black", label="formula (8.6)")
ax.axvline(0.1, color="0.5", linestyle="-.", label=r"usual $\lambda = 0.1$")
ax.set_xlabel(r"damping $\lambda$")
ax.set_ylabel("realised KL / δ")
ax.set_ylim(0, 1.4)
ax.legend(loc="lower left")
show(
    figure,
    "Realised divergence as a fraction of delta, against the damping on a log axis. With the undamped "
    "step length it lies between 0.89 and 1.02. With the damped one it follows the formula from a "
    "damping of 0.01 on, and falls towards 0.",
    "With the damping in the step length, part of the trust region goes unused.",
)
i = np.argmin(abs(dampings - 0.1))
print(
    f"λ = 0.1: undamped {used['undamped length'][i]:.3f}, damped {used['damped length'][i]:.3f}, formula {used['(8.6)'][i]:.3f}"
)

# %% [markdown]
# Which is better? The undamped length aims at the rim itself, and is often refused. The damped length falls
# short, and passes more often at the first attempt. The package has both (`TRPO(damped_step_length=True)`), and undamped is its
# default because that is what the derivation says. The README compares the two over many seeds:
# the returns agree to the spread of the seeds.
#
# ## 5. With and without the line search
#
# Now in earnest, on CartPole. First the usual settings: δ = 0.01, λ = 0.1, 2048 steps a batch. We
# train with the line search, with damped length and line search, and with the full step taken
# blindly. Then we make life hard for the models: 512 steps a batch, hardly any damping
# ($\lambda = 10^{-5}$) and δ = 0.02, with eight seeds each. The loop around the step is that of
# notebook 10: `training(update, updates, seed, settings)` gives the KL and the return, update by update.


# %%
def full_step(delta=0.01, damping=0.1):
    """The update theta + α_max s, whatever comes of it."""

    def step(policy, theta, batch):
        g = policy_gradient(policy, theta, batch)
        F = fisher_vector_product(policy, theta, batch.observations)
        s = conjugate_gradient(damped(F, damping), g, 10).x
        return theta + np.sqrt(2 * delta / (s @ F(s))) * s

    return as_update(step)


# %%
usual = {
    "line search": [training(TRPO(), 20)],
    "damped length, line search": [training(TRPO(damped_step_length=True), 20)],
    "full step": [training(full_step(), 20)],
}
hard_updates = {
    "line search": TRPO(cg_damping=1e-5, delta=0.02),
    "full step": full_step(damping=1e-5, delta=0.02),
}
hard = {
    name: [training(update, 60, seed, Settings(batch_size=512)) for seed in range(8)]
    for name, update in hard_updates.items()
}


def draw_runs(column, runs, delta):
    """Realised KL over δ, and return, with a thin line for each seed and a thick one for the mean."""
    look = {"line search": 0, "full step": 1, "damped length, line search": 2}
    for name, seeds in runs.items():
        color, line = COLORS[look[name]], LINES[look[name]]
        for kls, returns in seeds:
            thin = {"color": color, "linestyle": line, "alpha": 1 if len(seeds) == 1 else 0.5}
            column[0].semilogy(kls / delta, linewidth=1.5, label=name, **thin)
            column[1].plot(returns, linewidth=1, **thin)
            name = None
        mean = np.mean([returns for _, returns in seeds], axis=0)
        column[1].plot(mean, color=color, linestyle=line, linewidth=3)
    column[0].axhline(1, color="black", linestyle=":")
    column[1].set_xlabel("updates")
    column[1].xaxis.set_major_locator(plt.MaxNLocator(integer=True))


figure, axes = plt.subplots(2, 2, figsize=(14, 9), sharex="col")
draw_runs(axes[:, 0], usual, 0.01)
draw_runs(axes[:, 1], hard, 0.02)
axes[0, 0].set_title("usual settings")
axes[0, 1].set_title("small batches, hardly any damping")
axes[0, 0].set_ylim(0.1, 10)
axes[0, 0].legend(loc="upper left", fontsize=12)
axes[0, 1].legend(loc="upper center", fontsize=12)
axes[0, 0].set_ylabel("realised KL / δ")
axes[1, 0].set_ylabel("mean return of recent episodes")
show(
    figure,
    "Realised KL over delta on a log axis, above, and return, below, against updates on CartPole. Left, "
    "usual settings: the full step crosses the limit by a little in many updates, and all three "
    "variants reach the top. Right, small batches and hardly any damping: the full step exceeds the "
    "limit, up to two hundred times in the first update and up to five times later, and its mean return stays far below that with line search, which never "
    "exceeds the limit. Single runs overlap.",
    "Where the models are good the line search changes little. Where they are bad it decides. Below right: "
    "thin lines are seeds, thick ones their mean.",
)
for title, runs, delta in (("usual", usual, 0.01), ("hard", hard, 0.02)):
    for name, seeds in runs.items():
        ratio = np.concatenate([kls for kls, _ in seeds]) / delta
        last = np.array([returns[-10:].mean() for _, returns in seeds])
        spread = f" ± {last.std(ddof=1) / np.sqrt(len(last)):.0f}" if len(last) > 1 else ""
        print(
            f"{title:6} {name:27} over δ: {np.mean(ratio > 1):4.0%}   KL / δ: median {np.median(ratio):.2f}, "
            f"largest {ratio.max():6.2f}   return of the last ten updates: {last.mean():.0f}{spread}"
        )

# %% [markdown]
# With the usual settings the blind step breaks the limit in many updates, by a little, and CartPole does
# not mind: a trust region of 0.011 is as good as one of 0.010. (One seed cannot tell
# which of the three variants is faster.) What the line search gives there is the
# certainty that the divergence *is* within δ. With small batches and hardly any damping the quadratic
# model is poor in the directions about which the batch says nothing. The blind step goes too far in most
# updates, up to two hundred δ in the first one and up to five δ later, and the policy pays for it. (± is the standard error of the mean over
# the seeds. Single runs tell little: some with the blind step end above some with line search.)
#
# The line search does not make every δ safe. It keeps the divergence within δ; try
# `TRPO(delta=0.5)` with both steps; notebook 10 draws runs with δ = 1 that collapse although every
# step kept its promise.
#
# The solid curve at the top left also shows the price of halving. A step that misses by one percent is cut
# to a quarter of its divergence: these are the updates with KL / δ near 0.25.
#
# ## 6. When nothing passes
#
# If no candidate is accepted, the update is given up. Then θ must be *exactly* the old one: not the last
# candidate, and not $\theta_\text{old} + 0 \cdot s$, which is not a number where $s$ is infinite or not a
# number itself. We force it
# with an absurdly small δ.

# %%
theta_new, report = trpo_step(policy, theta, batch, TRPO(delta=1e-30))
print("status:", report.status, "  the same array:", theta_new is theta)

# %% [markdown]
# ## 7. What to take along
#
# | | |
# |---|---|
# | largest step | $\alpha_\text{max} = \sqrt{2\delta / s^\top F s}$ |
# | search | $\alpha_\text{max} \beta^k$, $k = 0, 1, 2, \dots$, the first with KL ≤ δ *and* $L$ improved |
# | cost | a forward pass for each candidate |
# | $s^\top F s$ | from the residual: $s^\top (g - r) - \lambda s^\top s$ |
# | damped length | falls short of δ by (8.6) |
# | nothing accepted | θ stays, bit for bit |
#
# **Exercise 8.5** (in words). A program accepts a step if $\mathrm{KL} \le \delta$ **or** $L$ improved.
# Its training curves look fine for a long time. Which of the candidates in the right column of the big
# picture would it have taken, and why is the mistake so hard to see?
#
# <details><summary>Answer</summary>
# In the right column it takes the half step: the KL is within δ, so the fallen surrogate is not looked
# at. In the middle column it takes the full step with four times the allowed divergence, because the
# surrogate improved. It is hard to see because the surrogate nearly always improves along its own
# gradient: the full step is taken almost every time, as if there were no search at all. And section 5
# has shown that with the usual settings the full step learns as well. A test of the acceptance rule
# alone, with made-up functions for L and KL, finds it at once.
# </details>
#
# Next: [09 Advantages](09_advantages.ipynb): where the advantages in $L$ come from.
