# %% [markdown]
# # 08 Step size and line search
#
# The direction is found: $s \approx (F + \lambda I)^{-1} g$, from the conjugate gradients of notebook
# 07, with $g$ the gradient of the surrogate $L$ and $F$ the Fisher matrix, the curvature of the mean KL
# divergence, both at $\theta_\text{old}$, and $\lambda$ the damping. **How far do we go along it?** The
# quadratic model of the KL divergence gives an answer, $\alpha_\text{max}$, but it is only a model, and
# so is the linear one of the surrogate. This notebook derives the answer, shows where it is wrong, and
# adds the few lines that make it safe. It also takes up two questions that users of TRPO ask again and
# again: whether the damping belongs in the step length, and what the line search is for.
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
from trpo_np.classroom.checks import yours
from trpo_np.classroom.figures import show
from trpo_np.classroom.films import search
from trpo_np.classroom.training import as_update, training
from trpo_np.experiments.plots import use_style
from trpo_np.fisher import damped
from trpo_np.objectives import policy_gradient

use_style()

# %% [markdown]
# ## Before you begin
#
# Three questions about earlier notebooks, a minute each. They are not graded; what they ask is used
# below.
#
# **Recall 8.1** (notebook 04). With δ = 0.01 the natural gradient step promises, by the linear
# model, an improvement $g^\top d = 0.08$. What does it promise with δ = 0.04?

# %%
recall = ...  # replace the dots by a number
### BEGIN SOLUTION
recall = 0.16
### END SOLUTION
nb.recall_promise(recall)

# %% [markdown]
# **Recall 8.2** (notebook 05). A step becomes ten times shorter. By which factor, about, does the
# error of the quadratic model shrink, $\left| \mathrm{KL} - \tfrac12 d^\top F d \right|$, where the
# Taylor series of the KL has a term of every order from the second on?

# %%
recall = ...  # replace the dots by a number
### BEGIN SOLUTION
recall = 1000
### END SOLUTION
nb.recall_error(recall)

# %% [markdown]
# **Recall 8.3** (notebook 07). Conjugate gradient was to solve $(F + \lambda I)\, s = g$ and was
# stopped at some $s$, with the residual $r$. What is $F s$?
#
# - (a) $g$
# - (b) $g - r$
# - (c) $g - r - \lambda s$
# - (d) $g + r - \lambda s$

# %%
recall = ...  # replace the dots by a letter, "a" to "d"
### BEGIN SOLUTION
recall = "c"
### END SOLUTION
nb.recall_residual(recall)

# %% [markdown]
# ## 1. The largest step
#
# Walk from $\theta_\text{old}$ along $s$. On this ray there is one variable, $\alpha$, and the
# quadratic model of the divergence is a parabola:
#
# $$\overline{\mathrm{KL}}(\theta_\text{old} + \alpha s) \approx \tfrac12 (\alpha s)^\top F\, (\alpha s)
#   = \tfrac12\, \alpha^2\, s^\top F s . \tag{8.1}$$
#
# Set it equal to δ, the radius of the trust region, and solve for $\alpha$:
#
# $$\alpha_\text{max} = \sqrt{\frac{2 \delta}{s^\top F s}} . \tag{8.2}$$
#
# **Exercise 8.1.** Write (8.2). You are given δ, the direction `s`, and the product `Fs` $= F s$, which
# notebook 06 computes without $F$. Keep your function for notebook 10.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (8.2).
# <details><summary>Hint 2: the idea</summary>
# sᵀFs is a number: an inner product of the two vectors you are given.
# <details><summary>Hint 3: a sketch</summary>
# np.sqrt(...) of a fraction: twice the radius above, that number below.
# </details></details></details>


# %%
def my_maximum_step(delta, s, Fs):
    ### BEGIN SOLUTION
    return np.sqrt(2 * delta / (s @ Fs))
    ### END SOLUTION


nb.check_maximum_step(my_maximum_step)

# %%
maximum_step = yours(my_maximum_step, nb.check_maximum_step)

# %% [markdown]
# ## 2. The model and the truth
#
# How wrong can (8.1) be? Take the smallest example there is: one action dimension, a Gaussian with mean
# 0 and standard deviation 1, and move only $\log \sigma$, from 0 to $x$. Formula (5.8) of notebook 05,
# with $\sigma = 1$, equal means and $\sigma' = e^x$, is
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
# <details><summary>Hint 1: where to look</summary>
# Equation (8.3), in its first, exact form.
# <details><summary>Hint 2: the idea</summary>
# Put x in, with its sign. The exponent becomes positive.
# <details><summary>Hint 3: a sketch</summary>
# -0.2 + ½ exp(0.4) - ½, and exp(0.4) = 1.49182.
# </details></details></details>

# %%
prediction = ...  # replace the dots by a number
### BEGIN SOLUTION
prediction = 0.0459
### END SOLUTION
nb.check_true_divergence(prediction)

# %% tags=["hide-input"]
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
    "At x = −0.2 the model says 0.04 nats. The truth is more: the step is outside the region.",
)

# %% [markdown]
# A step that the model puts exactly on the rim often lies outside the true region, by a little or by a
# lot (section 5 counts). So the true divergence has to be looked at. It costs one forward pass, from
# which $L$ comes as well.
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
# and 1, in the chapter $\tfrac12$, and takes the first that passes. If none of a fixed number does, the
# update is given up and $\theta$ stays as it is.
#
# Along a ray with $g^\top s \gt 0$ every $\alpha \gt 0$ below some threshold passes: the divergence
# falls like $\alpha^2$ and the surrogate gains like $\alpha\, g^\top s$. But where the threshold is,
# these two do not say. Ten halvings end at $\alpha_\text{max} / 1024$, and that may still be too far. In
# the 160 batches that notebook 07, section 8, measures, the direction solved exactly and without damping
# had a full step of 59,000 δ in the median, and in 91 batches none of the eleven candidates passed.
#
# **Exercise 8.3.** Write the search. `L` and `KL` are functions of `theta`, `full_step` is
# $\alpha_\text{max} s$; try $k = 0, \dots,$ `backtracks`. Return the accepted parameters, or `theta`
# itself if none passes. Keep your function for notebook 10.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (8.4), and the paragraph below it.
# <details><summary>Hint 2: the idea</summary>
# A loop over k; inside, a candidate and one if with both conditions. A return inside the loop ends
# the search. What stands after the loop is reached only if nothing passed.
# <details><summary>Hint 3: a sketch</summary>
# <pre>
# for k in ...:             # how many candidates are 0 to backtracks?
#     candidate = theta + ...
#     if ... and ...:
#         return ...
# return ...
# </pre>
# </details></details></details>


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

# %%
line_search = yours(my_line_search, nb.check_line_search)

# %% [markdown]
# When does which condition bite? Three policies with three discrete actions, a batch of 40 states each
# and random advantages. So few samples make the surrogate bumpy, and that is what we want to see.
#
# The gradient is autograd's, straight from the definition of $L$, here and in section 5. `trpo_step` gets
# the same numbers in less time, from the distribution's score in closed form and the VJP of notebook 06
# (`LocalProblem(policy, theta, batch).gradient()`, as in notebook 07).


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
    s = conjugate_gradient(damped(F, damping), g, 10).x
    return policy, theta, batch, g, s, F(s)


# %%
def along(seed, damping, delta):
    """KL and gain of L as functions of α / α_max, and the slope of the gain there."""
    policy, theta, batch, g, s, Fs = problem(seed, damping)
    step = maximum_step(delta, s, Fs) * s
    KL = lambda a: mean_kl(policy, theta, theta + a * step, batch.observations)
    start = surrogate(policy, theta, batch)
    gain = lambda a: surrogate(policy, theta + a * step, batch) - start
    return KL, gain, g @ step


settings = {
    "at once": (1, 0.1, 0.01),
    "KL refuses": (3, 0.001, 0.1),
    "both refuse": (2, 0.001, 0.5),
}
for name, (seed, damping, delta) in settings.items():
    print(f"{name}: damping {damping}, δ = {delta}")
    KL, gain, _ = along(seed, damping, delta)
    for k, (kl, gained, verdict) in enumerate(nb.candidates(KL, gain, delta)):
        print(f"  k = {k}: KL / δ = {kl / delta:5.2f}, L gained {gained:7.3f}: {verdict}")

# %% tags=["hide-input"]
figure, axes = plt.subplots(2, 3, figsize=(12, 7.4), sharex=True)
for column, (name, setting) in zip(axes.T, settings.items(), strict=True):
    nb.draw_ray(column, *along(*setting), delta=setting[2])
    column[0].set_title(f"{name}, δ = {setting[2]}", loc="left", fontweight="bold")
axes[0, 0].set_ylabel("mean KL / δ")
axes[1, 0].set_ylabel("L gained")
axes[0, 0].legend(loc="upper left")
axes[1, 0].legend(loc="upper left")
show(
    figure,
    "Three columns; above, the mean KL in units of delta along the search direction with its parabola, below, "
    "the surrogate with its tangent; bands where each condition holds. Crosses are refused candidates, dots accepted ones. Left: "
    "models and curves agree, the full step is accepted. Middle: the exact KL rises far above the "
    "parabola, the full step is refused and half of it accepted. Right: the surrogate turns down "
    "soon; the full step is refused by both conditions, the half one by the surrogate alone, and a "
    "quarter is accepted.",
    "Crosses: refused. Dots: accepted. Bands: where a condition holds. The models are tangent to the truth at 0; further out they part.",
    name="line_search",
)

# %% [markdown]
# The middle column is condition (a) at work, and the right one shows why (b) is needed as well. At half
# the full step the divergence is within δ, but the surrogate, estimated from 40 samples, is already
# below its old value. Either condition alone would have let a bad step pass.
#
# And a third thing: with $\beta = \tfrac12$ a refusal by a hair costs half of the step, and about a
# quarter of the divergence is used.
#
# Here is the right column once more, as the search goes through it:

# %% tags=["hide-input"]
show(
    search.film().still(),
    "Two panels over the fraction of the full step, with bands where each condition holds. Above, the "
    "mean KL over delta: 3.6 at the full step, 0.9 at the half, 0.1 at a quarter. Below, the gain of the "
    "surrogate: negative at the full step and at the half, a little positive at a quarter. The first "
    "two candidates are crossed out, the third is a dot in both bands.",
    "Full step, half, a quarter: the first candidate in both bands is taken. (In the book the picture moves.)",
    name="backtracking",
)

# %% [markdown]
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
# of δ. The first costs no further product, although $s^\top F s$ looks like one more product. Conjugate
# gradients end with a residual $r = g - (F + \lambda I)\, s$, which they have computed anyway. Multiply
# by $s^\top$:
#
# $$s^\top F s = s^\top (g - r) - \lambda\, s^\top s . \tag{8.7}$$
#
# **Exercise 8.4.** Write (8.7): the result is the number $s^\top F s$, λ is `damping`, and `r` the residual of the
# damped system.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (8.7).
# <details><summary>Hint 2: the idea</summary>
# Every term is an inner product with s. damping multiplies the squared length of s.
# <details><summary>Hint 3: a sketch</summary>
# s @ (...) - damping * (...).
# </details></details></details>


# %%
def my_curvature(s, g, r, damping):
    ### BEGIN SOLUTION
    return s @ (g - r) - damping * (s @ s)
    ### END SOLUTION


nb.check_curvature(my_curvature)

# %%
curvature = yours(my_curvature, nb.check_curvature)

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
delta, dampings, gaps = 0.01, np.geomspace(1e-4, 10, 11), []
used = {"undamped length": [], "damped length": [], "(8.6)": []}
for damping in dampings:
    search = conjugate_gradient(damped(F, damping), g, 10)
    s = search.x
    for name, product in (("undamped length", F), ("damped length", damped(F, damping))):
        step = maximum_step(delta, s, product(s)) * s
        used[name].append(mean_kl(policy, theta, theta + step, obs) / delta)
    from_residual = curvature(s, g, search.residual, damping)
    gaps.append(abs(from_residual / (s @ F(s)) - 1))
    used["(8.6)"].append(from_residual / (from_residual + damping * (s @ s)))
print(f"(8.7) against a product with F: relative difference at most {max(gaps):.0e}")
i = np.argmin(abs(dampings - 0.1))
print("KL / δ at λ = 0.1:", ", ".join(f"{name} {v[i]:.3f}" for name, v in used.items()))

# %% tags=["hide-input"]
figure, ax = plt.subplots(figsize=(9, 5.5))
ax.semilogx(dampings, used["undamped length"], "o-", label=r"exact KL with $s^\top F s$")
ax.semilogx(
    dampings, used["damped length"], "s--", label=r"exact KL with $s^\top (F + \lambda I) s$"
)
ax.semilogx(dampings, used["(8.6)"], ":", color="black", label="formula (8.6)")
ax.axvline(0.1, color="0.5", linestyle="-.", label=r"the default $\lambda = 0.1$")
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

# %% [markdown]
# Which is better? The undamped length aims at the rim itself, and is often refused. The damped length
# falls short, and passes more often at the first attempt. The package has both
# (`TRPO(damped_step_length=True)`), and undamped is its default because that is what the
# derivation says. The README compares the two on three environments, over 10, 5 and 5 seeds: with the
# damped length the mean KL of a step is 0.0069, 0.0077 and 0.0051, with the undamped one 0.0058, 0.0053
# and 0.0071, and the returns agree to the spread of the seeds.
#
# <details><summary>You may ask: if the damping bends the direction and shortens the step, why have it?</summary>
#
# Because a promise in the sample is cheap. The exact undamped direction is a least squares fit to noisy
# advantages (7.12), and on fresh data little of it may be left: in CartPole's fifth update
# $0.021 \pm 0.008$ of $0.834 \pm 0.015$, where λ = 0.1 keeps $0.209 \pm 0.009$ of $0.241 \pm 0.009$. And
# the quadratic model needs it: with λ = 0.1 the largest divergence of a full step in the 160 batches was
# 1.47 δ, without damping it was 421 δ after ten iterations and twenty million δ for the exact solution.
# It has a price too: in Pendulum's fifth update λ = 0.001 kept nearly twice as much as λ = 0.1
# ($0.124 \pm 0.006$ against $0.066 \pm 0.005$). Over whole runs it is the same: λ = 0.1 learned faster
# than 0.01 on CartPole, and more slowly on Pendulum. All of this is measured in notebook 07, section 8.
# </details>
#
# ## 5. With and without the line search
#
# Now in earnest, on CartPole. First the defaults: δ = 0.01, λ = 0.1, 2048 steps a batch. We
# train with the line search, with damped length and line search, and with the full step taken
# blindly, one run each. Then we make life hard for the models: 512 steps a batch, hardly any damping
# ($\lambda = 10^{-5}$) and δ = 0.02, with eight seeds each. The loop around the step is that of
# notebook 10: `training(update, updates, seed, settings)` gives the KL and the return, update by update,
# and `as_update` makes an update of a plain step. `TRPO(...)` holds the settings of one.


# %%
def full_step(policy, theta, batch, u):
    """α_max s, with F or with F + λI in the length, as the settings u of the update say."""
    g = policy_gradient(policy, theta, batch)
    F = fisher_vector_product(policy, theta, batch.observations)
    F_damped = damped(F, u.cg_damping)
    s = conjugate_gradient(F_damped, g, u.cg_iterations).x
    return maximum_step(u.delta, s, (F_damped if u.damped_step_length else F)(s)) * s


def blind_step(policy, theta, batch, u):
    """The full step, whatever comes of it."""
    return theta + full_step(policy, theta, batch, u)


def searched_step(policy, theta, batch, u):
    """The first of the candidates that satisfies both conditions."""
    L = lambda x: surrogate(policy, x, batch)
    KL = lambda x: mean_kl(policy, theta, x, batch.observations)
    step = full_step(policy, theta, batch, u)
    return line_search(L, KL, theta, step, u.delta, u.line_search_steps, u.backtrack_ratio)


def run(step, u, updates, seed=0, batch_size=2048):
    """The KL and the return, update by update, of a run with this step and these settings."""
    update = as_update(lambda policy, theta, batch: step(policy, theta, batch, u))
    return training(update, updates, seed, Settings(batch_size=batch_size))


# %%
usual = {
    "line search": [run(searched_step, TRPO(), 20)],
    "damped length, line search": [run(searched_step, TRPO(damped_step_length=True), 20)],
    "full step": [run(blind_step, TRPO(), 20)],
}
hard_settings = TRPO(cg_damping=1e-5, delta=0.02)
hard = {
    name: [run(step, hard_settings, 60, seed, batch_size=512) for seed in range(8)]
    for name, step in (("line search", searched_step), ("full step", blind_step))
}
for title, runs, delta in (("the defaults", usual, 0.01), ("hard settings", hard, 0.02)):
    print(f"{title:27} over δ   KL / δ: median, largest   last ten returns")
    for name, seeds in runs.items():
        ratio = np.concatenate([kls for kls, _ in seeds]) / delta
        last = np.array([returns[-10:].mean() for _, returns in seeds])
        spread = f" ± {last.std(ddof=1) / np.sqrt(len(last)):.0f}" if len(last) > 1 else ""
        print(
            f"{name:27} {np.mean(ratio > 1):6.0%}   {np.median(ratio):14.2f}, {ratio.max():7.2f}"
            f"   {last.mean():16.0f}{spread}"
        )

# %% tags=["hide-input"]
figure, axes = plt.subplots(2, 2, figsize=(14, 9), sharex="col")
nb.draw_runs(axes[:, 0], usual, 0.01)
nb.draw_runs(axes[:, 1], hard, 0.02)
axes[0, 0].set_title("the defaults")
axes[0, 1].set_title("small batches, hardly any damping")
axes[0, 0].set_ylim(0.1, 10)
axes[0, 0].legend(loc="upper left", fontsize=12)
axes[0, 1].legend(loc="upper center", fontsize=12)
axes[0, 0].set_ylabel("realised KL / δ")
axes[1, 0].set_ylabel("mean return of recent episodes")
show(
    figure,
    "Realised KL over delta on a log axis, above, and return, below, against updates on CartPole. Left, "
    "the defaults: the full step crosses the limit by a little in many updates, and all three "
    "variants reach the top. Right, small batches and hardly any damping: the full step exceeds the "
    "limit, by tens of times in the first update of most seeds and often by less later, and its mean return "
    "stays far below that with line search, whose divergences all lie below the limit. Single runs "
    "overlap for a time.",
    "Where the models are good the line search changes little. Where they are bad it decides. Below right: "
    "thin lines are seeds, thick ones their mean.",
)

# %% [markdown]
# With the defaults the blind step breaks the limit in many updates, by a little, and in this run
# CartPole does not mind. (One run cannot tell which of the three variants is faster.) What the line
# search gives there is the certainty that the divergence *is* within δ on the batch. (In the 160 batches
# of notebook 07 the full step at the defaults was beyond δ in 53 %; its divergence was 1.02 δ in the
# median and 1.47 δ at most.)
#
# With small batches and hardly any damping the quadratic model is poor in the directions about which the
# batch says little. The blind step goes too far in more than half of the updates, in the first one by
# tens of δ for most seeds, and for one by more than a hundred, and the policy pays for it. (± is the
# standard error of the
# mean over the seeds. Such runs magnify rounding, and another machine prints other numbers; here the gap
# between the two means is a little more than three of its standard errors wide.) The paper reports the
# same: without the line
# search the algorithm now and then takes a large step that ruins the policy
# ([Schulman et al. (2015)](references.md#schulman2015), appendix C).
#
# The line search does not make every δ safe. It keeps the divergence within δ; try
# `TRPO(delta=0.5)` with both steps; notebook 10 draws runs with δ = 1 of which several fall back by a
# return of 100 and more, although every step kept its promise.
#
# The solid curve at the top left also shows the price of halving. A step that misses by one percent is
# cut to a quarter of its divergence: these are the updates with KL / δ near 0.25.
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
# surrogate improved. It is hard to see because the surrogate improves along its own gradient wherever
# the linear model holds: there the full step is taken whatever its KL, as if there were no search at
# all. And section 5 has shown a run with the defaults in which the full step learns as well. A test of
# the acceptance rule alone, with made-up functions for L and KL, finds it at once.
# </details>
#
# ## Sources and further reading
#
# Proved here: (8.1) to (8.3), (8.6), (8.7), and that some step along an ascent direction passes.
# Measured here: section 5, one run with the defaults and eight seeds with small batches. Measured
# elsewhere: damped and undamped length, by `python -m trpo_np sweep`; the numbers of notebook 07.
#
# - [Schulman et al. (2015)](references.md#schulman2015), appendix C: the step length (8.2) and the line
#   search, written as one objective that is minus infinity where KL > δ.
# - [Martens (2020)](references.md#martens2020): damping and step length, and why the quadratic model
#   needs help.
#
# Next: [09 Advantages](09_advantages.ipynb): where the advantages in $L$ come from.
