# %% [markdown]
# # 11 A museum of real bugs
#
# **How does one find a mistake in a program that runs, and even learns?** The exhibits of this
# museum are eighteen small programs, each a piece of TRPO as its author might have written it.
# Seventeen are rebuilt from what public programs had, or have; below each stands where: project, file
# and thread. One is made up.
#
# One test each is enough, and the test is one number. Every piece of TRPO computes a formula, and
# a formula implies equations that hold for *all* inputs: a product equals another product, a sum
# its parts, a step of nothing leaves everything as it was. A wrong piece breaks such an equation
# in the first digits, a right one in the fifteenth. No luck is needed, and no second run. A
# learning curve is the opposite: many pieces at once, with noise on top.
#
# Each exhibit has the same shape. You see the code, run it, and look for a symptom; then it is
# your turn, to guess or to write a test; then unfold the diagnosis; then the test is run on the exhibit
# and on the program put right. **One of the exhibits is not a bug.** Its code is right, and so is
# what it prints. You will find out by a test, like all the rest.
#
# You need: notebooks [05](05_fisher_information.ipynb) (KL and Fisher),
# [07](07_conjugate_gradient.ipynb) (conjugate gradient), [08](08_line_search.ipynb) (line search)
# and [09](09_advantages.ipynb) (advantages).
#
# **In two slots.** Rooms 1 and 2, exhibits 1 to 10, fill one slot of an hour or a little more; the mark
# *Half-way* says where
# to stop. Rooms 3 and 4 and the exit fill another. They need nothing from the first two but the cells
# up to *At the entrance*: run those, and go on at room 3.
#
# %%
from dataclasses import replace

import autograd.numpy as anp
import matplotlib.pyplot as plt
import numpy as np
from autograd import grad, hessian
from gymnasium import spaces

from trpo_np import Batch, explicit_fisher, make_policy, trpo_step
from trpo_np.classroom import notebook_11 as nb
from trpo_np.classroom.figures import show
from trpo_np.classroom.museum import fixed
from trpo_np.experiments.plots import COLORS, use_style
from trpo_np.objectives import policy_gradient

use_style()
_ = np.seterr(all="ignore")  # a museum is quiet: here tests find NaN, not warnings

# %% [markdown]
# ## Before you begin
#
# Three questions about earlier notebooks, a minute each. They are not graded; what they ask is used
# below.
#
# **Recall 11.1** (notebook 07). Conjugate gradient is to solve a positive definite system of 6
# equations with 6 unknowns. How many iterations does it need at most, but for rounding?

# %%
recall = ...  # replace the dots by a number
### BEGIN SOLUTION
recall = 6
### END SOLUTION
nb.recall_iterations(recall)

# %% [markdown]
# **Recall 11.2** (notebook 05). An action has three independent components, and in each of them the
# KL between old and new policy is 0.004. How many nats is it for the whole action?

# %%
recall = ...  # replace the dots by a number
### BEGIN SOLUTION
recall = 0.012
### END SOLUTION
nb.recall_dimensions(recall)

# %% [markdown]
# **Recall 11.3** (notebook 05). An update begins: $\theta$ is still $\theta_\text{old}$. What is
# $\pi_\theta(a|s) / \pi_\text{old}(a|s)$, for every sample of the batch?

# %%
recall = ...  # replace the dots by a number
### BEGIN SOLUTION
recall = 1
### END SOLUTION
nb.recall_ratio(recall)

# %% [markdown]
# ## At the entrance: four learning curves
#
# Four programs train CartPole, ten runs each. One is the package as it is. In each of the other
# three one piece has been replaced by an exhibit that you will meet below. Which three are wrong?

# %%
curves = nb.four_programs()

# %% tags=["hide-input"]
figure, axes = plt.subplots(1, 4, figsize=(14, 4.2), sharey=True)
for ax, (name, runs), color in zip(axes, curves.items(), COLORS, strict=False):
    ax.plot(np.transpose(runs), color=color, linestyle="-", linewidth=1, alpha=0.6)
    ax.plot(np.mean(runs, axis=0), color=color, linestyle="-", linewidth=3.5)
    ax.set_title(f"program {name}")
    ax.set_xlabel("updates")
    ax.xaxis.set_major_locator(plt.MaxNLocator(integer=True))
axes[0].set_ylabel("mean return of recent episodes")
show(
    figure,
    "Four panels with learning curves of the programs A to D on CartPole, thin lines for ten "
    "runs and a thick one for their mean. All four climb from about 23 to between 460 and 500 "
    "within twenty updates; in each panel at least one run falls back on the way.",
    "Four programs, three of them wrong. All learn.",
)

# %% [markdown]
# Write your guess down; the answer hangs at the exit.
#
# The museum has two tools. A test is a function `test(program)` that returns one number, 0 up to
# rounding if the program is right. The other, `nb.examine(test, name=program, ...)`, prints what a test
# says: up to $10^{-6}$ a program passes. Your own tests are run wherever they pass their checks. The
# programs put right are in `fixed`; `fixed.cg??` in a cell of its own shows the code of one, so do
# not look before you have guessed.

# %% [markdown]
# ## Room 1: conjugate gradient
#
# ### Exhibit 1. A solver that arrives
#
# The method of (7.7), with updates in place to save memory. Here is a system of six equations, and
# the residual over the iterations.


# %%
def cg_1(matvec, b, iterations):
    x, r = np.zeros_like(b), b.copy()
    p, rr = r, r @ r
    for _ in range(iterations):
        Ap = matvec(p)
        alpha = rr / (p @ Ap)
        x += alpha * p
        r -= alpha * Ap
        rr_next = r @ r
        p = r + rr_next / rr * p
        rr = rr_next
    return x


rng = np.random.default_rng(0)
n = 6
B = rng.standard_normal((n, n))
A, b = B @ B.T + np.eye(n), rng.standard_normal(n)
for k in (1, 2, 5, 10, 20, 40):
    print(f"{k:3} iterations: residual {np.linalg.norm(b - A @ cg_1(lambda v: A @ v, b, k)):.1e}")

# %% [markdown]
# It converges. And TRPO forgives a direction that is a little off: a short step in any direction
# uphill improves the surrogate, and the length is made to fit whatever direction comes. What is
# wrong?
#
# **Exercise 11.1.** Write the test that finds it. `solve` is a program like `cg_1`: `solve(matvec,
# b, iterations)` returns $x$. Return one number that is 0, up to rounding, if the program is a
# right conjugate gradient method, and not 0 if it is wrong. `A`, `b` and `n` of the cell above are
# there to be used. The check lets your test judge five programs, right and wrong ones.
#
# <details><summary>Hint 1: where to look</summary>
# Section 3 of notebook 07: how many iterations does conjugate gradient need at most for n
# equations?
# <details><summary>Hint 2: the idea</summary>
# np.linalg.solve(A, b) gives the solution in a way that shares no code with the program. After that
# many iterations the two agree.
# <details><summary>Hint 3: a sketch</summary>
# x = solve(a product with A, b, ...); then np.abs(...).max() of a difference.
# </details></details></details>


# %%
def my_test_of_cg(solve):
    ### BEGIN SOLUTION
    return np.abs(solve(lambda v: A @ v, b, n) - np.linalg.solve(A, b)).max()
    ### END SOLUTION


nb.check_test_of_cg(my_test_of_cg)

# %% [markdown]
# <details><summary>Diagnosis</summary>
# The line p, rr = r, r @ r gives one array two names. The line r -= alpha * Ap writes into that
# array, and so p is changed as well: when the new direction is made, "the old p" is the new
# residual. The first β multiplies the wrong vector, the directions are not conjugate, and n steps
# do not end at the solution. The fix is one word, r.copy(). The test compares with a solver that has
# nothing in common with the program, after as many iterations as there are unknowns:
#
# $$x_n = A^{-1} b . \tag{11.1}$$
#
# </details>

# %%
test_of_cg = nb.yours(my_test_of_cg, nb.check_test_of_cg, nb.test_of_cg)
nb.examine(test_of_cg, exhibit=cg_1, fixed=fixed.cg)

# %% tags=["hide-input"]
x_star = np.linalg.solve(A, b)
figure, ax = plt.subplots(figsize=(10, 5))
for name, solve, last, marker in (("exhibit 1", cg_1, 24, "o-"), ("fixed", fixed.cg, n, "s--")):
    found = [solve(lambda v: A @ v, b, k) for k in range(last + 1)]
    ax.semilogy([np.linalg.norm(x - x_star) for x in found], marker, label=name)
ax.axvline(n, color="black", linestyle=":", label="n = 6 iterations")
ax.set_xlabel("iterations k")
ax.set_ylabel("error")
ax.legend()
show(
    figure,
    "Error against iterations on a log axis. The exhibit's error falls slowly and is still far from "
    "rounding after 24 iterations; the fixed method falls to rounding error at iteration six.",
    "Look at the dotted line: there the right method is done, and the exhibit has hardly begun.",
)

# %% [markdown]
# Source: mushroom-rl, `actor_critic/deep_actor_critic/trpo.py`, where `p = b.detach()` and
# `r = b.detach()` share the memory of `b`. Reported as
# [issue 79](https://github.com/MushroomRL/mushroom-rl/issues/79), whose author sees a residual that
# hardly falls; closed. A test with golden weights protects it: numbers that the program itself once gave,
# and with which it will always agree. *A test needs a number from somewhere else.*
#
# ### Exhibit 2. Nothing left to do
#
# `fixed.cg` is right, for the systems that we tried. Now let every advantage of a batch be the same:
# then they are all 0 once the mean is subtracted, and so is the gradient.

# %%
cg_2 = fixed.cg
print("b = 0:              ", cg_2(lambda v: A @ v, np.zeros(n), 10))
print("the matrix 2I:      ", cg_2(lambda v: 2 * v, np.array([1.0, -2.0, 4.0]), 3))
print("theta after the step:", np.zeros(n) + cg_2(lambda v: A @ v, np.zeros(n), 10))

# %% [markdown]
# From this update on every parameter is NaN, and nothing ever changes again.
#
# **Exercise 11.2.** Write conjugate gradient so that it survives. Where nothing is left to do,
# return what was found so far. For all other systems the answer must not change, however small `b`
# is (down to about 1e-150, where the squares underflow).
#
# <details><summary>Hint 1: where to look</summary>
# Equation (7.7) of notebook 07: two fractions.
# <details><summary>Hint 2: the idea</summary>
# When is each of them 0/0? The second example above says that it is not enough to look at b.
# <details><summary>Hint 3: a sketch</summary>
# Your loop of exercise 7.3, and at its top a question: is the square of the residual, r @ r, exactly 0? Then break.
# </details></details></details>


# %%
def my_safe_cg(matvec, b, iterations):
    ### BEGIN SOLUTION
    x, r, p = np.zeros_like(b), b, b
    for _ in range(iterations):
        if r @ r == 0:
            break
        Ap = matvec(p)
        alpha = (r @ r) / (p @ Ap)
        x = x + alpha * p
        r_next = r - alpha * Ap
        p = r_next + (r_next @ r_next) / (r @ r) * p
        r = r_next
    return x
    ### END SOLUTION


nb.check_safe_cg(my_safe_cg)

# %% [markdown]
# <details><summary>Diagnosis</summary>
# With r = 0 both fractions, rᵀr / pᵀAp and β, are 0/0. It happens for b = 0, and also where the
# method is done exactly before its iterations are used up. A small ε in the denominators hides the
# NaN and changes every other answer.
# </details>

# %%
safe_cg = nb.yours(my_safe_cg, nb.check_safe_cg, fixed.safe_cg)


def nothing_gives_nothing(solve):
    return np.abs(solve(lambda v: A @ v, np.zeros(n), 10)).max()


def done_early(solve):
    return np.abs(solve(lambda v: 2 * v, b, 10) - b / 2).max()


nb.examine(nothing_gives_nothing, exhibit=cg_2, fixed=safe_cg)
nb.examine(done_early, exhibit=cg_2, fixed=safe_cg)

# %% [markdown]
# Source: Hands-on-RL, chapter 11, `conjugate_gradient`;
# [issue 108](https://github.com/boyu-ai/Hands-on-RL/issues/108) proposes the ε that the diagnosis warns of.
#
# ### Exhibit 3. A sensible stopping rule
#
# Ten iterations are wasted if five are enough. So this version stops when the residual is small.


# %%
def cg_3(matvec, b, iterations):
    x, r = np.zeros_like(b), b.copy()
    p, rr = r.copy(), r @ r
    for _ in range(iterations):
        Ap = matvec(p)
        alpha = rr / (p @ Ap)
        x += alpha * p
        r -= alpha * Ap
        rr_next = r @ r
        if rr_next < 1e-10:
            break
        p = r + rr_next / rr * p
        rr = rr_next
    return x


nb.examine(test_of_cg, exhibit=cg_3)
nb.examine(done_early, exhibit=cg_3)

# %% [markdown]
# It passes these two tests. Guess before you run the next cell: for which `b` does it go wrong?
# The picture shows how much of the best possible improvement the direction $x$ offers, for right-hand
# sides $c\,b$ of different size $c$: $b^\top x / \sqrt{x^\top A x}$, the gain of the linear model by the
# step in that direction that reaches the rim of the quadratic one, as a share of the exact solution's.

# %%
Q, _ = np.linalg.qr(rng.standard_normal((30, 30)))
wide = Q @ np.diag(np.geomspace(1e-2, 10, 30)) @ Q.T  # eigenvalues over three powers of ten
b_wide = rng.standard_normal(30)


def worth(solve, c):
    """bᵀx / √(xᵀAx), relative to that of the exact solution; it does not depend on x's length."""
    x = solve(lambda v: wide @ v, c * b_wide, 10)
    best = np.sqrt(b_wide @ np.linalg.solve(wide, b_wide))
    return b_wide @ x / np.sqrt(x @ wide @ x) / best


# %% tags=["hide-input"]
scales = np.geomspace(1e-8, 1, 17)
figure, ax = plt.subplots(figsize=(10, 5))
ax.semilogx(
    scales, [worth(cg_3, c) for c in scales], "o-", label="exhibit 3, at most ten iterations"
)
ax.semilogx(scales, [worth(safe_cg, c) for c in scales], "s--", label="no stopping rule")
ax.axhline(worth(lambda m, b, k: b, 1.0), color="black", linestyle=":", label="plain gradient")
ax.set_xlabel("scale c of the right-hand side")
ax.set_ylabel("share of the best improvement")
ax.set_ylim(0, 1.05)
ax.legend(loc="center left")
show(
    figure,
    "Share of the best improvement against the scale of the right-hand side. Without a stopping rule it "
    "stays the same at every scale. The exhibit agrees for large scales, and from 1e-6 down it "
    "falls to that of the plain gradient.",
    "Where b is small, the exhibit has silently become plain gradient ascent.",
)

# %% [markdown]
# <details><summary>Diagnosis</summary>
# The bound 1e-10 is a length (squared), and b has a length of its own. If ‖b‖ is 1e-6, the
# residual is below the bound from the start: one iteration is done, and its x is a multiple of b.
# TRPO rescales the step to the trust region anyway, so the log shows nothing. The fix compares the residual
# with its own start: rr <= 1e-20 * (b @ b).
# </details>
#
# The system is linear, so the answer must scale with the question:
#
# $$x(c\, b) = c\; x(b) \quad \text{for every } c \ne 0 . \tag{11.2}$$


# %%
def scales_with_b(solve, c=1e-6):
    matvec = lambda v: A @ v
    return np.abs(solve(matvec, c * b, 3) / c - solve(matvec, b, 3)).max()


nb.examine(scales_with_b, exhibit=cg_3, fixed=fixed.relative_cg)
nb.examine(test_of_cg, fixed=fixed.relative_cg)

# %% [markdown]
# (The package also divides b by its largest entry first, so that no square underflows.)
#
# Sources: a bound of 1e-10 on $r^\top r$ stands in Hands-on-RL (see
# [issue 108](https://github.com/boyu-ai/Hands-on-RL/issues/108)), in pytorch-trpo, `trpo.py`, and in mushroom-rl,
# `trpo.py`.
#
# ## Room 2: step length and line search
#
# ### Exhibit 4. The largest step
#
# Formula (8.2), $\alpha_\text{max} = \sqrt{2\delta / s^\top F s}$, as it stands. A softmax policy
# with one state and five actions; the parameters are the five logits themselves, so $F = M =
# \mathrm{diag}(p) - p p^\top$, equation (5.6). The direction raises all logits alike. Three
# policies:


# %%
def step_length_4(delta, sFs):
    return np.sqrt(2 * delta / sFs)


s = np.ones(5)
for seed in (0, 1, 2):
    p = np.random.default_rng(seed).dirichlet(np.ones(5))
    curvature = s @ (p * (s - p @ s))
    length = step_length_4(0.01, curvature)
    print(f"policy {seed}: sᵀFs = {curvature:9.1e}, step length {length}")

# %% [markdown]
# **Exercise 11.3.** Write `my_step_length(delta, sFs)` for every number that `sFs` may be: the
# step length (8.2) where there is one, and 0.0, no step, where there is none.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (8.2) of notebook 08.
# <details><summary>Hint 2: the idea</summary>
# The model of the KL along s is ½ α² sᵀFs. For which sᵀFs does it reach δ at all?
# <details><summary>Hint 3: a sketch</summary>
# ... if ... else 0.0. The comparison sFs > 0 is False for negative numbers, for 0, and for NaN.
# </details></details></details>


# %%
def my_step_length(delta, sFs):
    ### BEGIN SOLUTION
    return np.sqrt(2 * delta / sFs) if sFs > 0 else 0.0
    ### END SOLUTION


nb.check_safe_length(my_step_length)

# %% [markdown]
# <details><summary>Diagnosis</summary>
# Raising all logits alike changes no probability, so along s the KL stays 0, and sᵀFs = 0. (Exactly, CG
# never goes there; its rounding errors can.) In floating point it may come out as 0, with an infinite
# step, as −2e-16, whose root is NaN, or as +2e-16, with a huge step: rounding decides. None of them is a
# right step length. The fix catches 0 and negative numbers. To catch a positive one that is only
# rounding, sᵀFs would have to be compared
# with the size of the terms that it is a difference of. Negative curvature comes by other ways as
# well: a Hessian of the KL taken away from θ_old is in general not a Fisher matrix (notebook 05, section 6),
# and single precision has larger rounding errors.
# </details>

# %%
step_length = nb.yours(my_step_length, nb.check_safe_length, fixed.step_length)


def steps_without_curvature(length):
    """For how many of three curvatures that allow no step there is one, or NaN."""
    return sum(length(0.01, np.float64(x)) != 0 for x in (0.0, -1e-16, np.nan))


nb.examine(steps_without_curvature, exhibit=step_length_4, fixed=step_length)
print("at 0.5 both agree:", np.isclose(step_length_4(0.01, 0.5), step_length(0.01, 0.5)))

# %% [markdown]
# In the package this outcome has a name, `non_positive_curvature`: θ stays, the log says so, and
# training goes on.
#
# Sources: rllab, `optimizers/conjugate_gradient_optimizer.py`,
# [issue 24](https://github.com/rll/rllab/issues/24); tensorforce, `models/trpo_model.py`,
# [issue 26](https://github.com/tensorforce/tensorforce/issues/26); sb3-contrib, `trpo/trpo.py` as it was
# written, [issue 38](https://github.com/Stable-Baselines-Team/stable-baselines3-contrib/issues/38).
#
# ### Exhibit 5. A search for improvement
#
# The step is shortened until the surrogate has improved. `L` and `KL` are functions of `theta`.


# %%
def search_5(L, KL, theta, full_step, delta):
    for k in range(11):
        candidate = theta + 0.5**k * full_step
        if L(candidate) > L(theta):
            return candidate
    return theta


def gauss_KL(x):
    """KL of a Gaussian whose log σ moves from 0 to x: equation (8.3)."""
    return x + 0.5 * np.exp(-2 * x) - 0.5


def gauss_L(x):
    return -x  # the narrower the better


delta = 0.04
full_step = -np.sqrt(delta)  # the quadratic model of the KL is x²: the full step is on its rim
x = search_5(gauss_L, gauss_KL, 0.0, full_step, delta)
print(
    f"moved log σ to {x:.2f}; L improved by {gauss_L(x):.2f}; quadratic model of the KL {x**2:.4f}"
)

# %% [markdown]
# Everything is as ordered: $L$ has improved, and the model says δ. Guess what is missing, and by
# how much it matters here.
#
# <details><summary>Diagnosis</summary>
# KL is an argument that nobody calls. The full step is on the rim of the quadratic model, and the
# true divergence there is 0.0459 and not 0.0400 (exercise 8.2), 15 percent too much; the larger δ,
# the worse. The fix is the second condition: if KL(candidate) <= delta and L(candidate) > L(theta).
# </details>


# %%
def excess_divergence(search):
    return max(gauss_KL(search(gauss_L, gauss_KL, 0.0, full_step, delta)) - delta, 0.0)


print(f"true KL: {gauss_KL(-0.2):.4f}")
nb.examine(excess_divergence, exhibit=search_5, fixed=fixed.search)

# %% tags=["hide-input"]
deltas = np.geomspace(1e-3, 1, 200)
figure, ax = plt.subplots(figsize=(10, 5))
for name, program in (("exhibit 5", search_5), ("fixed", fixed.search)):
    moved = [program(gauss_L, gauss_KL, 0.0, -np.sqrt(d), d) for d in deltas]
    ax.semilogx(deltas, gauss_KL(np.array(moved)) / deltas, label=name)
ax.axhline(1, color="black", linestyle=":", label="what δ promises")
ax.set_xlabel("δ, nats")
ax.set_ylabel("realised KL / δ")
ax.set_ylim(0, 2.5)
ax.legend()
show(
    figure,
    "Realised KL over delta against delta on a log axis. The exhibit starts a little above 1 and rises "
    "beyond 2 at delta 1. The fixed search stays below 1 throughout, between 0.25 and 0.4.",
    "Without the condition δ is a wish. With it, a narrowing Gaussian pays with a halved step.",
)

# %% [markdown]
# Sources: modular_rl, `trpo.py`, [issue 29](https://github.com/joschu/modular_rl/issues/29); pytorch-trpo,
# `linesearch` in `trpo.py`.
#
# ### Exhibit 6. Both conditions
#
# This author knows both conditions and has put the decision into a function of its own.


# %%
def accept_6(kl, delta, gain):
    return kl <= delta or gain > 0


print("small KL, gain:", accept_6(0.005, 0.01, 0.02))
print("large KL, loss:", accept_6(0.400, 0.01, -0.1))

# %% [markdown]
# Both decisions are right. Is the rule?
#
# **Exercise 11.4.** Write the test of an acceptance rule `accept(kl, delta, gain)`, which returns
# True or False. Return the number of calls in which it decides wrongly. The edges, a KL of just δ and a gain of just
# 0, may be left out.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (8.4) of notebook 08: two conditions.
# <details><summary>Hint 2: the idea</summary>
# Each of the two conditions may hold or not. How many different calls are there, and what is right
# for each?
# <details><summary>Hint 3: a sketch</summary>
# Add up comparisons of accept(kl, 1.0, gain) with what it should be; each != is worth 0 or 1.
# </details></details></details>


# %%
def my_test_of_acceptance(accept):
    ### BEGIN SOLUTION
    calls = {(0.5, 1.0): True, (0.5, -1.0): False, (2.0, 1.0): False, (2.0, -1.0): False}
    return sum(accept(kl, 1.0, gain) != right for (kl, gain), right in calls.items())
    ### END SOLUTION


nb.check_test_of_acceptance(my_test_of_acceptance)

# %% [markdown]
# <details><summary>Diagnosis</summary>
# The word or. A step far outside the trust region is taken if the surrogate improved, and a step
# that made the surrogate worse is taken if it was small. A short enough step along a direction with gᵀs > 0
# improves the surrogate, and the full step mostly is short enough: `or` then takes it, and the KL
# condition is switched off (exercise 8.5). Runs look alike, because the full step is usually only a few
# percent outside.
# </details>

# %%
test_of_acceptance = nb.yours(
    my_test_of_acceptance, nb.check_test_of_acceptance, nb.test_of_acceptance
)
nb.examine(test_of_acceptance, exhibit=accept_6, fixed=fixed.accept)

# %% [markdown]
# Source: mushroom-rl, `deep_actor_critic/trpo.py`, `if kl <= self._max_kl * 1.5 or improve >= 0` from 2019 on;
# [commit 3644c74](https://github.com/MushroomRL/mushroom-rl/commit/3644c74b) made `and` of it in June 2020.
#
# ### Exhibit 7. After the loop
#
# Now the decision is right, and the loop is left as soon as it is reached.


# %%
def search_7(L, KL, theta, full_step, delta):
    for k in range(11):
        candidate = theta + 0.5**k * full_step
        if KL(candidate) <= delta and L(candidate) > L(theta):
            break
    return candidate


theta_old = np.array([0.3, -0.7])
distance = lambda theta: np.sum((theta - theta_old) ** 2)
slope = lambda theta: theta[0]
step = np.array([0.4, 0.2])
print("an ordinary search:", search_7(slope, distance, theta_old, step, 0.01))
print("every candidate refused:", search_7(slope, lambda x: 1.0, theta_old, step, 0.01))

# %% [markdown]
# (`theta_old` is [0.3, −0.7].) Look closely at the second line.
#
# ### Exhibit 8. A step of zero
#
# Another author has thought about that case: where nothing is accepted, the old parameters are
# kept, as a step of length 0.


# %%
def search_8(L, KL, theta, full_step, delta):
    for k in range(11):
        candidate = theta + 0.5**k * full_step
        if KL(candidate) <= delta and L(candidate) > L(theta):
            return candidate
    return theta + 0 * full_step


print("an ordinary search:", search_8(slope, distance, theta_old, step, 0.01))
print("every candidate refused:", search_8(slope, lambda x: 1.0, theta_old, step, 0.01))

# %% [markdown]
# **Exercise 11.5.** Write one test for both exhibits. `search(L, KL, theta, full_step, delta)`
# returns the new parameters. Choose the arguments so that every candidate is refused. Return 0 if
# `theta` has come back exactly, in every bit, and something else if not.
#
# <details><summary>Hint 1: where to look</summary>
# Section 6 of notebook 08: what becomes of theta when nothing passes?
# <details><summary>Hint 2: the idea</summary>
# A KL that is always 1 and a δ of 1e-30 refuse everything. That finds one of the two exhibits.
# Which full_step does the other one not survive?
# <details><summary>Hint 3: a sketch</summary>
# 0 times NaN is NaN. So new = search(..., a KL that is always 1, a copy of theta, a step of NaN,
# 1e-30), and np.array_equal(new, old) compares exactly.
# </details></details></details>


# %%
def my_test_of_keeping(search):
    ### BEGIN SOLUTION
    nan_step = np.full(2, np.nan)
    new = search(slope, lambda x: 1.0, theta_old.copy(), nan_step, 1e-30)
    return not np.array_equal(new, theta_old)
    ### END SOLUTION


nb.check_test_of_keeping(my_test_of_keeping)

# %% [markdown]
# <details><summary>Diagnosis</summary>
# Exhibit 7 returns candidate also where the loop ran out: the last one, 1/1024 of the full step,
# which was refused. (And where the step holds NaN, so does that.) Exhibit 8 fails in the
# one case for which a safe way back is needed most: the direction holds NaN or infinity, and 0
# times that is NaN. The fix of both is return theta.
# </details>

# %%
test_of_keeping = nb.yours(my_test_of_keeping, nb.check_test_of_keeping, nb.test_of_keeping)
nb.examine(test_of_keeping, exhibit_7=search_7, exhibit_8=search_8, fixed=fixed.search)

# %% [markdown]
# Sources: exhibit 7 from tianshou, `modelfree/trpo.py`, mended in 2026 by
# [pull request 1287](https://github.com/thu-ml/tianshou/pull/1287); exhibit 8 from spinningup,
# `algos/tf1/trpo/trpo.py`, where `set_and_eval(step=0.)` "keeps" the old parameters as
# `old_params - alpha * x * step`.
#
# ### Exhibit 9. A careful report
#
# The update of this program searches with the right search and reports the KL that it found.


# %%
def update_9(L, KL, theta, full_step, delta):
    theta_new = fixed.search(L, KL, theta, full_step, delta)
    report = {"kl": KL(theta_new), "improvement": L(theta_new) - L(theta)}
    theta = theta + full_step
    return theta, report


_, report = update_9(gauss_L, gauss_KL, 0.0, full_step, delta)
print(
    f"reported: KL {report['kl']:.4f} within δ = {delta}, improvement {report['improvement']:.2f}"
)

# %% [markdown]
# A log full of such lines looks perfect. Guess what about it is untrue.
#
# <details><summary>Diagnosis</summary>
# theta_new is found, measured, reported, and thrown away: the function returns the full step. The
# report tells of a policy that nobody uses.
# </details>
#
# The test measures what is *returned*. It is good practice to compute such numbers outside of the
# function that is tested.


# %%
def report_is_true(update):
    theta_new, report = update(gauss_L, gauss_KL, 0.0, full_step, delta)
    return gauss_KL(theta_new) - report["kl"]


nb.examine(report_is_true, exhibit=update_9, fixed=fixed.update)

# %% [markdown]
# Sources: wojzaremba/trpo, `main.py`, where `theta = thprev + fullstep` follows the line search,
# [issue 1](https://github.com/wojzaremba/trpo/issues/1); modular_rl, `trpo.py`,
# [issues 4](https://github.com/joschu/modular_rl/issues/4) and
# [7](https://github.com/joschu/modular_rl/issues/7); all of 2016.
#
# ### Exhibit 10. Shorter and shorter
#
# The step is halved, and halved again, and each candidate has to satisfy both conditions.


# %%
def search_10(L, KL, theta, full_step, delta):
    for k in range(11):
        candidate = theta + 0.5**k * full_step
        if KL(candidate) <= delta and L(candidate) > L(theta):
            theta = candidate
    return theta


# %% [markdown]
# **Exercise 11.6.** Predict before you run. $L$ grows along the step, and the rim of the region is
# at distance 1 from `theta`. The full step is only 0.1 of that. How far does `search_10` move, to
# two decimals?
#
# <details><summary>Hint 1: where to look</summary>
# The loop of search_10 itself; what it should do is below (8.4) of notebook 08.
# <details><summary>Hint 2: the idea</summary>
# Follow the loop by hand for k = 0, 1, 2. Where does the candidate of k = 1 start?
# <details><summary>Hint 3: a sketch</summary>
# A geometric series: 0.1 + 0.05 + 0.025 + ....
# </details></details></details>

# %%
prediction = ...  # replace the dots by a number
### BEGIN SOLUTION
prediction = 0.2
### END SOLUTION
nb.check_accumulated(prediction)


# %%
def distance_moved(search):
    """How far the search moves, with a full step of 0.1 well within the region."""
    return search(lambda x: x, lambda x: x**2, 0.0, 0.1, 1.0)


def takes_one_step(search):
    return distance_moved(search) - 0.1


nb.examine(takes_one_step, exhibit=search_10, fixed=fixed.search)

# %% [markdown]
# <details><summary>Diagnosis</summary>
# There is no return in the loop, so an accepted candidate is the start of the next one, and the
# steps add up: 0.1 (1 + 1/2 + 1/4 + ...) = 0.2. Both conditions are tested at each candidate, so
# the KL does stay within δ, and no test of the conditions finds anything. It is the size of the
# step that is not what the formula says.
# </details>
#
# The program put right returns where `search_10` goes on; that is the whole fix.
#
# Source: Practical_RL, `week09_policy_II/seminar_TRPO_pytorch.ipynb`, `linesearch`.
#
# **Half-way.** Ten exhibits of eighteen. With an hour's slot, stop here. What these ten have in common: the wrong
# program ran, and most of them learn. The next two rooms ask about the numbers that go *into* CG and the
# search.
#
# ## Room 3: divergence and curvature
#
# ### Exhibit 11. Several joints
#
# The KL of two Gaussian policies with $d$ action dimensions, (5.8), for arrays of shape `(N, d)`.


# %%
def kl_11(mean, log_std, mean_new, log_std_new):
    spread = np.exp(2 * log_std) + (mean - mean_new) ** 2
    terms = log_std_new - log_std + spread / (2 * np.exp(2 * log_std_new)) - 0.5
    return np.mean(terms, axis=1)


zero = np.zeros((1, 1))
print(
    "equal policies:",
    kl_11(zero, zero, zero, zero),
    " shifted by 1:",
    kl_11(zero, zero, zero + 1, zero),
)

# %% [markdown]
# The shifted one has ½, as it should by (1.4).
#
# **Exercise 11.7.** Write the test. `kl(mean, log_std, mean_new, log_std_new)` takes four arrays
# `(N, d)` and returns `(N,)`. No formula is needed: compare the program with itself.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (5.8) of notebook 05 and the exercise below it: what do independent dimensions do?
# <details><summary>Hint 2: the idea</summary>
# The density is a product, so its logarithm, and with it the KL, is a sum. The program can compute
# the divergence of one dimension, too.
# <details><summary>Hint 3: a sketch</summary>
# x[:, [j]] is column j as an array (N, 1). Take d = 2 or 3 and random numbers for all four; then
# kl(...) of the whole less the sum of the kl(...) of the columns.
# </details></details></details>


# %%
def my_test_of_dimensions(kl):
    ### BEGIN SOLUTION
    policies = np.random.default_rng(0).standard_normal((4, 5, 3))
    parts = [kl(*policies[:, :, [j]]) for j in range(3)]
    return np.abs(kl(*policies) - sum(parts)).max()
    ### END SOLUTION


nb.check_test_of_dimensions(my_test_of_dimensions)

# %% [markdown]
# <details><summary>Diagnosis</summary>
# np.mean where np.sum belongs. The divergence is too small by the factor d, so the KL may be
# d times its δ, and the step √d times as long. With one action dimension mean and sum agree, so no run and no
# test with one dimension can tell.
#
# With $\pi(a|s) = \prod_j \pi_j(a_j|s)$ the logarithm of the ratio is a sum, and so is its
# expectation:
#
# $$\mathrm{KL}(\pi_\text{old} \,\|\, \pi_\text{new})
#   = \sum_{j=1}^{d} \mathrm{KL}(\pi_{\text{old}, j} \,\|\, \pi_{\text{new}, j}) . \tag{11.3}$$
#
# </details>

# %%
test_of_dimensions = nb.yours(
    my_test_of_dimensions, nb.check_test_of_dimensions, nb.test_of_dimensions
)
nb.examine(test_of_dimensions, exhibit=kl_11, fixed=fixed.kl)
print("shift of all means that the exhibit takes for δ = 0.01, and its true KL:")
for d in (1, 2, 6, 17):
    old, shifted = np.zeros((1, d)), np.full((1, d), np.sqrt(2 * 0.01))
    seen_11, true = (f(old, old, shifted, old)[0] for f in (kl_11, fixed.kl))
    print(f"  d = {d:2}: exhibit {seen_11:.3f}, true {true:.3f}")

# %% [markdown]
# Source: sb3-contrib, `trpo/trpo.py`, for Box action spaces:
# `kl_divergence(distribution, old_distribution).mean()` takes the mean over states and dimensions at once.
#
# ### Exhibit 12. From here to there
#
# The sum is a sum now. For two policies that differ by $h = 10^{-3}$ in mean and in $\log \sigma$,
# exhibit and `fixed.kl` agree to three digits, and both are the quadratic model of the metric (5.7),
# $\tfrac12\, 3 h^2$.


# %%
def kl_12(mean, log_std, mean_new, log_std_new):
    spread = np.exp(2 * log_std_new) + (mean - mean_new) ** 2
    terms = log_std - log_std_new + spread / (2 * np.exp(2 * log_std)) - 0.5
    return np.sum(terms, axis=1)


nb.examine(test_of_dimensions, exhibit=kl_12)
small = np.full((1, 1), 1e-3)
print("1e-3 away:", kl_12(zero, zero, small, small), fixed.kl(zero, zero, small, small))

# %% [markdown]
# **Exercise 11.8.** Write the test, with the same arguments as before. This time the program needs
# a number to compare with: choose two policies in one dimension and work out (5.8) for them by
# hand.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (5.8) of notebook 05.
# <details><summary>Hint 2: the idea</summary>
# Choose the two policies so that they differ in mean and in width, and by a lot: then the two
# orders differ.
# <details><summary>Hint 3: a sketch</summary>
# With old mean 0 and old σ = 1, the formula is log σ' + (1 + m'²) / (2σ'²) - ½. Work it out for
# your m' and σ', and return kl(...)[0] less that. All four arguments have shape (1, 1).
# </details></details></details>


# %%
def my_test_of_direction(kl):
    ### BEGIN SOLUTION
    by_hand = -1 + (1 + 0.3**2) / (2 * np.exp(-2)) - 0.5
    return (
        kl(np.zeros((1, 1)), np.zeros((1, 1)), np.full((1, 1), 0.3), -np.ones((1, 1)))[0] - by_hand
    )
    ### END SOLUTION


nb.check_test_of_direction(my_test_of_direction)

# %% [markdown]
# <details><summary>Diagnosis</summary>
# Old and new are exchanged: it is KL(new ‖ old). Both directions have value 0, slope 0 and the
# same curvature at θ_old, so gradient, Fisher matrix and direction do not notice. Only the line
# search does, and it measures the wrong thing.
#
# Take two policies, from $\mathcal N(0, 1)$ to a narrower one with mean $0.3$ and $\log \sigma' = -1$.
# With $\sigma'^2 = e^{-2}$, equation (5.8) in both directions:
#
# $$
# \begin{aligned}
# \mathrm{KL}(\text{old} \,\|\, \text{new})
#   &= -1 + \frac{1 + 0.3^2}{2\, e^{-2}} - \frac12 = 2.53 \\
# \mathrm{KL}(\text{new} \,\|\, \text{old})
#   &= \phantom{-}1 + \frac{e^{-2} + 0.3^2}{2} - \frac12 = 0.61
# \end{aligned}
# \tag{11.4}
# $$
#
# A policy that narrows is four times as far away as the exchanged formula says. The reason can be
# read off the definition: $\mathrm{KL}(\text{old} \,\|\, \text{new})$ asks how improbable the
# *old* actions have become.
#
# </details>

# %%
test_of_direction = nb.yours(my_test_of_direction, nb.check_test_of_direction, nb.test_of_direction)
for name, program in (("exhibit", kl_12), ("fixed", fixed.kl)):
    print(f"{name}: {program(zero, zero, zero + 0.3, zero - 1)[0]:.3f}")
nb.examine(test_of_direction, exhibit=kl_12, fixed=fixed.kl)

# %% [markdown]
# Source: spinningup, `algos/tf1/trpo/core.py`, where the Gaussian has new ‖ old and the categorical old ‖ new;
# [pull request 192](https://github.com/openai/spinningup/pull/192) asks to exchange them.
#
# ### Exhibit 13. The KL is always 0
#
# Two authors ask for help, with the same words: *my KL is always 0, and the ratio is always 1.
# What is wrong?* Both programs make, for a batch of observations, the function $k(x)$ whose
# Hessian at θ is to be the Fisher matrix. First this one:


# %%
def divergence_13(policy, theta, obs):
    def k(x):
        eta_old = policy.outputs(x, obs)  # the policy before it is changed
        eta = policy.outputs(x, obs)
        return anp.mean(policy.distribution.kl(eta_old, eta))

    return k


rng = np.random.default_rng(0)
policy = make_policy(spaces.Box(-1, 1, (3,)), spaces.Discrete(4), hidden=(4,))
theta = policy.init(rng) + 0.5 * rng.standard_normal(policy.num_parameters)
obs = rng.standard_normal((30, 3))
actions = policy.sample(theta, obs, rng)
log_prob = policy.log_prob(theta, obs, actions)


def print_log(divergence):
    """What the two programs print of k at the start of an update."""
    k = divergence(policy, theta, obs)
    print(f"KL {abs(k(theta)):.6f}   its gradient {np.linalg.norm(grad(k)(theta)):.6f}")


ratio = np.exp(policy.log_prob(theta, obs, actions) - log_prob)
print(f"mean ratio, for both programs: {ratio.mean():.6f}")
print_log(divergence_13)

# %% [markdown]
# ### Exhibit 14. The KL is always 0
#
# And the other:


# %%
def divergence_14(policy, theta, obs):
    eta_old = policy.outputs(theta, obs)

    def k(x):
        eta = policy.outputs(x, obs)
        return anp.mean(policy.distribution.kl(eta_old, eta))

    return k


print_log(divergence_14)

# %% [markdown]
# The same numbers. Is it the same bug?
#
# **Exercise 11.9.** Write the test that decides. `divergence(policy, theta, obs)` returns the
# function $k$. Return a number that is 0 if its curvature at `theta` is what TRPO needs. Beside
# `policy`, `theta` and `obs` you have `hessian(k)` of autograd, imported above, and
# `explicit_fisher(policy, theta, obs)`.
#
# <details><summary>Hint 1: where to look</summary>
# Notebook 05, section 2: value 0, slope 0, and the third?
# <details><summary>Hint 2: the idea</summary>
# The curvature is to be F. hessian(k)(theta) is a matrix; compare all of its entries.
# <details><summary>Hint 3: a sketch</summary>
# k = divergence(...), then np.abs(... - ...).max() of two matrices.
# </details></details></details>


# %%
def my_test_of_divergence(divergence):
    ### BEGIN SOLUTION
    k = divergence(policy, theta, obs)
    return np.abs(hessian(k)(theta) - explicit_fisher(policy, theta, obs)).max()
    ### END SOLUTION


nb.check_test_of_divergence(my_test_of_divergence)

# %% [markdown]
# <details><summary>Which is it?</summary>
# The question for both programs is
#
# $$k(\theta) = 0, \qquad \nabla k(\theta) = 0, \qquad \nabla^2 k(\theta) = F , \tag{11.5}$$
#
# and the log shows the first two only. Exhibit 14 is the one that is not a bug. Its KL is 0 because it is
# measured where the policy has not moved yet, its gradient is 0 because that point is a minimum, and its
# curvature is $F$. It is asked about in many threads. The answer: nothing is wrong; measure the KL *after* the
# step. Exhibit 13 prints the same numbers, and it is broken.
#
# The old distribution is not held constant: it is computed from x, as the new one is. Whatever x,
# the two are equal, so k is 0 everywhere, and its Hessian is exactly 0. With damping the direction
# is g / λ, the plain gradient; without, CG divides by 0. Nor does the line search notice: k is 0 at
# every candidate, so every KL passes. The fix is to compute eta_old from θ, outside of k, as
# exhibit 14 does. (In frameworks that record operations: detach it.)
#
# </details>

# %%
test_of_divergence = nb.yours(
    my_test_of_divergence, nb.check_test_of_divergence, nb.test_of_divergence
)
nb.examine(test_of_divergence, exhibit_13=divergence_13, exhibit_14=divergence_14)
for name, divergence in (("exhibit 13", divergence_13), ("exhibit 14", divergence_14)):
    H = hessian(divergence(policy, theta, obs))(theta)
    print(f"{name}: largest entry of the Hessian {np.abs(H).max():.4f}")

# %% [markdown]
# Sources: exhibit 13 is made up, to stand beside 14. Some who asked about 14: pytorch-trpo,
# [issue 2](https://github.com/ikostrikov/pytorch-trpo/issues/2); PyTorch-RL,
# [issue 11](https://github.com/Khrylx/PyTorch-RL/issues/11), where the maintainer's answer is that of
# notebook 05; rllab, [issue 185](https://github.com/rll/rllab/issues/185).
#
# ### Exhibit 15. All parameters in one vector
#
# A policy with one linear layer and a Gaussian. Its parameters are kept by name; TRPO wants a
# vector, and gives one back.


# %%
def flat_15(parameters):
    return np.concatenate([parameters[name].ravel() for name in ("W", "b")])


def unflat_15(theta, parameters):
    W, b = parameters["W"], parameters["b"]
    new = {"W": theta[: W.size].reshape(W.shape), "b": theta[W.size :].reshape(b.shape)}
    return {**parameters, **new}


parameters = {"W": rng.standard_normal((3, 2)), "b": np.zeros(2), "log_std": np.full(2, -0.5)}
again = unflat_15(flat_15(parameters), parameters)
print("there and back:", all(np.array_equal(again[name], parameters[name]) for name in parameters))

# %% [markdown]
# There and back nothing is lost. Guess what never changes in a training that uses these two, and
# which test would have said so.
#
# <details><summary>Diagnosis</summary>
# log_std is not in the vector. It is handed through from the old parameters, so it passes the way
# there and back, and it stays at −0.5 for ever: the policy never explores less, nor more. To ask
# that all that was put in comes out is too little. All of it must go through the vector: flatten every
# array in parameters, whatever its name.
# </details>


# %%
def entries_that_stay(pair):
    """How many entries do not move when every entry of the vector does."""
    flat, unflat = pair
    moved = unflat(flat(parameters) + 1, parameters)
    return sum(np.sum(moved[name] == parameters[name]) for name in parameters)


nb.examine(entries_that_stay, exhibit=(flat_15, unflat_15), fixed=(fixed.flat, fixed.unflat))

# %% [markdown]
# In the package $\theta$ is the only place where parameters are, so there is nothing to gather.
# The bug can still come as a $\theta$ that is too short, and the test there is that $F$ has a 2
# for every $\log \sigma$.
#
# Source: baselines, `trpo_mpi/trpo_mpi.py`, `var_list`;
# [issue 262](https://github.com/openai/baselines/issues/262), mended in 2018.
#
# ## Room 4: data
#
# ### Exhibit 16. When the episode is over
#
# Generalized advantage estimation, (9.9), for one environment. `ended[t]` is True for the last
# step of an episode.


# %%
def advantages_16(rewards, V, V_next, terminated, ended, gamma, lam):
    A, following = np.zeros_like(rewards), 0.0
    for t in reversed(range(len(rewards))):
        delta = rewards[t] + gamma * V_next[t] * (not ended[t]) - V[t]
        following = delta + gamma * lam * (not ended[t]) * following
        A[t] = following
    return A


T, gamma, lam = 60, 0.99, 0.95
rewards, V = np.ones(T), np.full(T, 1 / (1 - gamma))
ended, terminated = np.zeros(T, bool), np.zeros(T, bool)
ended[-1] = True  # cut off by a time limit: the episode ended, but did not terminate
A_16 = advantages_16(rewards, V, V, terminated, ended, gamma, lam)
print("first advantages:", np.round(A_16[:3], 2), " last ones:", np.round(A_16[-3:], 2))

# %% [markdown]
# An episode with reward 1 at every step, cut off by a time limit after 60 steps, and a value
# function that is exactly right: 1 for ever is worth $1 / (1 - \gamma)$. Guess what the advantages
# should be.
#
# <details><summary>Diagnosis</summary>
# The episode was truncated, and the code treats it as dead: V_next counts as 0 at its end. The
# last step seems to have cost the whole future, and the recursion carries the blame back, with the
# factor γλ = 0.94 a step. An agent that stays alive learns to fear the clock, which it cannot even
# see. The fix: the next value is multiplied by (not terminated[t]), and not by (not ended[t]).
#
# With $V = 1 / (1 - \gamma)$ no step is better than expected,
#
# $$1 + \gamma V - V = 1 - (1 - \gamma)\, V = 0 , \qquad \text{so} \qquad A_t = 0 \text{ for all } t .
#   \tag{11.6}$$
#
# </details>


# %%
def nothing_better_than_expected(advantages):
    return np.abs(advantages(rewards, V, V, terminated, ended, gamma, lam)).max()


nb.examine(nothing_better_than_expected, exhibit=advantages_16, fixed=fixed.advantages)

# %% tags=["hide-input"]
A_fixed = fixed.advantages(rewards, V, V, terminated, ended, gamma, lam)
figure, ax = plt.subplots(figsize=(10, 4.5))
ax.plot(A_16, "o-", markersize=5, label="exhibit 16")
ax.plot(A_fixed, "s--", markersize=4, label="fixed")
ax.set_xlabel("time step t")
ax.set_ylabel("advantage, units of reward")
ax.legend(loc="lower left")
show(
    figure,
    "Advantages over the 60 steps of an episode. The fixed ones are 0 throughout. Those of the exhibit "
    "begin a little below 0, bend downwards ever faster and reach minus 99 at the last step.",
    "Every action is blamed for the end of the clock, the last ones most.",
)

# %% [markdown]
# The opposite mistake, to go on after a true end, needs another case: terminated at the last step, where the
# right $A$ is $1 - V$.
#
# Sources: spinningup, `algos/tf1/trpo/trpo.py`, `last_val = 0 if d`, where gym's time limit sets `d` as well;
# baselines, `trpo_mpi/trpo_mpi.py`, `"nextvpred": vpred * (1 - new)`; pat-coady/trpo, `src/train.py`, `add_gae`,
# which appends a 0. What is lost by it, and when, is in [Pardo et al. (2018)](references.md#pardo2018).
#
# ### Exhibit 17. What the policy saw
#
# Observations are normalised by their running mean and width. This program collects a batch:
# observations, actions, and the log-probabilities of the actions when they were drawn.


# %%
def collect_17(policy, theta, rng, T=200):
    raw, actions, log_probs = 5 + 3 * rng.standard_normal((T, 2)), [], []
    mean, width = np.zeros(2), np.ones(2)
    for t in range(T):
        mean, width = raw[: t + 1].mean(axis=0), raw[: t + 1].std(axis=0) + 0.1
        seen = ((raw[t] - mean) / width)[None]
        actions.append(policy.sample(theta, seen, rng)[0])
        log_probs.append(policy.log_prob(theta, seen, actions[-1][None])[0])
    return (raw - mean) / width, np.array(actions), np.array(log_probs)


gauss_policy = make_policy(spaces.Box(-9, 9, (2,)), spaces.Box(-9, 9, (1,)), hidden=(8,))
rng = np.random.default_rng(4)
gauss_theta = gauss_policy.init(rng) + 0.5 * rng.standard_normal(gauss_policy.num_parameters)
seen, acted, stored = collect_17(gauss_policy, gauss_theta, rng)
print(
    "observations: mean",
    np.round(seen.mean(axis=0), 3) + 0.0,
    " width",
    np.round(seen.std(axis=0), 2),
)
print(f"mean log-probability {stored.mean():.3f}, all finite: {np.isfinite(stored).all()}")

# %% [markdown]
# **Exercise 11.10.** Write the test. `collect(policy, theta, rng)` returns observations `(T, 2)`
# as the update will use them, actions, and stored log-probabilities `(T,)`. Use `gauss_policy` and
# `gauss_theta`, and make an rng of your own.
#
# <details><summary>Hint 1: where to look</summary>
# Notebook 05, section 2, its last paragraph: what is the ratio before the first step?
# <details><summary>Hint 2: the idea</summary>
# The update divides π_θ by π_old. At its start the parameters are still those that acted. What is
# the ratio, for every sample, and what its logarithm?
# <details><summary>Hint 3: a sketch</summary>
# obs, actions, log_probs = collect(...). Then gauss_policy.log_prob(...) computes the
# log-probabilities once more; take the largest difference.
# </details></details></details>


# %%
def my_test_of_collecting(collect):
    ### BEGIN SOLUTION
    obs, actions, log_probs = collect(gauss_policy, gauss_theta, np.random.default_rng(0))
    return np.abs(gauss_policy.log_prob(gauss_theta, obs, actions) - log_probs).max()
    ### END SOLUTION


nb.check_test_of_collecting(my_test_of_collecting)

# %% [markdown]
# <details><summary>Diagnosis</summary>
# The normalizer moves while the batch is collected. The policy acted on an observation normalised
# by what had been seen up to then; the update is given the same raw observation normalised by what
# had been seen at the end. These are different inputs, so the ratio is not 1 even before the first
# step, most of all early in the batch. L and g then weight each sample by an error, and the KL is
# measured from a policy that never acted. What the update computes must be what the policy did:
#
# $$\log \pi_{\theta_\text{old}}(a_t | s_t) \text{ computed from the batch}
#   = \log \pi_{\theta_\text{old}}(a_t | s_t) \text{ stored when acting, for every } t . \tag{11.7}$$
#
# The fix: the normalizer stands still during a batch, and is brought up to date between two
# batches.
#
# </details>

# %%
test_of_collecting = nb.yours(
    my_test_of_collecting, nb.check_test_of_collecting, nb.test_of_collecting
)
nb.examine(test_of_collecting, exhibit=collect_17, fixed=fixed.collect)

# %% tags=["hide-input"]
figure, ax = plt.subplots(figsize=(10, 4.5))
ax.plot(np.exp(nb.log_prob_gaps(collect_17)), "o", markersize=5, label="exhibit 17")
ax.plot(np.exp(nb.log_prob_gaps(fixed.collect)), "-", color=COLORS[1], label="fixed")
ax.set_xlabel("index t in the batch")
ax.set_ylabel("ratio before any step")
ax.legend()
show(
    figure,
    "Ratio of recomputed to stored probability for the 200 samples of a batch, before any step. For the "
    "fixed program it is 1 everywhere. For the exhibit it scatters around 1, most widely for the "
    "first thirty samples, one of them at 1.65, with single ones up to a quarter off until 60, and is "
    "close to 1 at the end.",
    "The ratio must be 1 before the step. In the exhibit it is not, and the first samples are worst.",
)

# %% [markdown]
# A program may also let the normalizer move, if it stores each observation as it was seen. The
# test passes that, too: it does not prescribe a way.
#
# Sources: baselines, `trpo_mpi/trpo_mpi.py`, where `ob_rms.update(ob)` stands between acting and the update;
# rllab, [issue 126](https://github.com/rll/rllab/issues/126), *Why is a MeanKLBefore not equal to zero in TRPO?*
#
# ### Exhibit 18. Standardised advantages
#
# The last exhibit is one line. The advantages of a batch are given mean 0 and a common scale.


# %%
def standardise_18(A):
    return (A - A.mean()) / A.var()


rng = np.random.default_rng(1)
obs = rng.standard_normal((300, 3))
actions = policy.sample(theta, obs, rng)
A_raw = 20 + 50 * (obs[:, 0] * (actions == 1) + 0.5 * rng.standard_normal(300))
batch = Batch(obs, actions, A_raw, policy.log_prob(theta, obs, actions))
print(f"advantages as they come: mean {A_raw.mean():.0f}, standard deviation {A_raw.std():.0f}")


def same_step(standardise):
    """How far TRPO's step is from that with the right advantages, relative to its length."""
    right = replace(batch, advantages=(A_raw - A_raw.mean()) / A_raw.std())
    wanted, _ = trpo_step(policy, theta, right)
    got, _ = trpo_step(policy, theta, replace(batch, advantages=standardise(A_raw)))
    return np.linalg.norm(got - wanted) / np.linalg.norm(wanted - theta)


nb.examine(same_step, exhibit=standardise_18, other=fixed.standardise)

# %% [markdown]
# A test of the whole update, on a real policy, and the exhibit passes with all digits. So would a
# learning curve. Why? Multiply all advantages by $c \gt 0$. Then $g$ becomes $c g$, CG gives
# $c s$ (11.2), and
#
# $$\alpha_\text{max}(c s)\; c s = \sqrt{\frac{2\delta}{c^2\, s^\top F s}}\; c s
#   = \alpha_\text{max}(s)\; s . \tag{11.8}$$
#
# The step does not depend on the scale, and this test looks at the exhibit through the one piece
# of TRPO that cannot see scales.
#
# **Exercise 11.11.** Write the test that does see it. `standardise(A)` takes and returns an array
# `(N,)`. Return one number.
#
# <details><summary>Hint 1: where to look</summary>
# Notebook 09, section 9: what are standardised advantages?
# <details><summary>Hint 2: the idea</summary>
# What are mean and standard deviation of the result? Both have to be right. Give it advantages
# whose standard deviation is not 1 and whose mean is not 0.
# <details><summary>Hint 3: a sketch</summary>
# result = standardise(...), then abs(...) + abs(...): a sum of absolute values is 0 only if all
# are.
# </details></details></details>


# %%
def my_test_of_standardising(standardise):
    ### BEGIN SOLUTION
    result = standardise(3 + 5 * np.random.default_rng(0).standard_normal(100))
    return abs(result.mean()) + abs(result.std() - 1)
    ### END SOLUTION


nb.check_test_of_standardising(my_test_of_standardising)

# %% [markdown]
# <details><summary>Diagnosis</summary>
# np.var where np.std belongs. Every advantage comes out too small by the factor of their standard
# deviation, here 35.
# </details>

# %%
test_of_standardising = nb.yours(
    my_test_of_standardising, nb.check_test_of_standardising, nb.test_of_standardising
)
nb.examine(test_of_standardising, exhibit=standardise_18, fixed=fixed.standardise)

# %% [markdown]
# Is it a bug at all, if no step changes? It is one for every piece that does see scales: a
# gradient step with a learning rate, a value function or an entropy bonus that shares the loss, an
# absolute tolerance like that of exhibit 3. The next picture takes advantages $c A$ and shows how
# long the step is.

# %%
factors = np.geomspace(1e-3, 1e3, 13)
A_right = fixed.standardise(A_raw)
lengths = {"TRPO": [], "gradient ascent, learning rate 0.1": []}
for c in factors:
    scaled = replace(batch, advantages=c * A_right)
    step_c = trpo_step(policy, theta, scaled)[0] - theta
    lengths["TRPO"].append(np.linalg.norm(step_c))
    g = policy_gradient(policy, theta, scaled)
    lengths["gradient ascent, learning rate 0.1"].append(0.1 * np.linalg.norm(g))

# %% tags=["hide-input"]
figure, ax = plt.subplots(figsize=(10, 5))
for (name, values), marker in zip(lengths.items(), ("o-", "s--"), strict=True):
    ax.loglog(factors, values, marker, label=name)
ax.axvline(1 / A_raw.std(), color="black", linestyle=":", label="exhibit 18")
ax.set_xlabel("scale c of the advantages")
ax.set_ylabel("length of the step")
ax.legend()
show(
    figure,
    "Length of the step against the scale of the advantages, both on log axes. TRPO's is a horizontal "
    "line. That of gradient ascent is proportional to the scale.",
    "TRPO cannot see the scale of the advantages; a learning rate can.",
)

# %% [markdown]
# Source: garage, `torch/algos/vpg.py`, `(advantage_flat - means) / (variance + 1e-8)`. *A test has to look at the piece itself, not through another that forgives it.*
#
# ## At the exit
#
# The four programs at the entrance were these, with the return at the end, its standard error over ten
# runs, and the worst run:

# %%
for name, what in nb.FOUR_PROGRAMS.items():
    ends = [run[-1] for run in curves[name]]
    error = np.std(ends, ddof=1) / np.sqrt(len(ends))
    print(f"{name}: {what:45} {np.mean(ends):.0f} ± {error:.0f}, worst run {min(ends):.0f}")

# %% [markdown]
# Two of the wrong programs end where the right one does, up to the standard errors. The third is lower by
# 33 ± 26, which is two runs of ten; and the right one has a run that fell back, too. Would you have
# called it a bug? Each of
# the three takes one line to find. Planted in the package, each of the seventeen bugs makes the test on the
# right fail.
#
# | exhibit | bug | symptom that you would see | the one-line test | in our `tests/` |
# |---|---|---|---|---|
# | 1 | two names for one array in CG | converges, slowly | $n$ steps solve $n$ equations | `test_conjugate_gradient.py::test_properties` |
# | 2 | 0/0 where nothing is left to do | NaN from one update on | $x(0) = 0$ | `test_conjugate_gradient.py::test_zero_right_hand_side_gives_zero_without_a_product` |
# | 3 | absolute tolerance | none; where advantages are small, a plain gradient | $x(cb) = c\,x(b)$ | `test_conjugate_gradient.py::test_scale_of_b_does_not_matter` |
# | 4 | root of a negative $s^\top F s$ | NaN, or an endless step | no step where $s^\top F s \le 0$ | `test_trpo.py::test_non_positive_curvature` |
# | 5 | search ignores the KL | KL above δ by some percent, or much | KL of what is returned ≤ δ | `test_trpo.py::test_an_accepted_step_keeps_both_promises` |
# | 6 | `or` for `and` | the full step nearly always; KL above δ by some percent, rarely by much | truth table | `test_line_search.py::test_truth_table` |
# | 7 | last candidate kept | θ creeps in refused updates | δ = 1e-30 leaves θ as it was | `test_trpo.py::test_no_acceptable_step` |
# | 8 | "keep" as a step of 0 | NaN | a step of NaN leaves θ as it was | `test_line_search.py::test_a_step_of_nan_leaves_the_start_as_it_was` |
# | 9 | result of the search thrown away | none: the log is perfect | KL of what is returned = KL reported | `test_trpo.py::test_an_accepted_step_keeps_both_promises` |
# | 10 | accepted steps add up | steps up to twice as long | 0.1 of the way moves 0.1 | `test_museum.py::test_a_search_that_succeeds_takes_one_step` |
# | 11 | KL averaged over dimensions | none in one dimension; δ is $d$ times as large | joint KL = sum of the parts | `test_distributions.py::test_kl_and_entropy_of_a_product_are_sums_over_its_marginals` |
# | 12 | KL in the other direction | none near θ; narrowing is underrated | closed form, 2.53 and not 0.61 | `test_distributions.py::test_direction_of_the_kl_by_closed_form` |
# | 13 | old distribution not constant | KL 0, after the step too; direction is $g$ | Hessian = $F$ | `test_fisher.py::test_all_routes_agree` |
# | 14 | not a bug | KL 0, ratio 1 | Hessian = $F$ | `test_fisher.py::test_all_routes_agree` |
# | 15 | log σ left out | σ never changes | every parameter moves | `test_fisher.py::test_log_std_has_its_closed_form` |
# | 16 | time limit taken for death | the agent fears the clock | right $V$, truncated: $A = 0$ | `test_advantages.py::test_constant_reward_and_the_right_value_have_no_advantage_when_truncated` |
# | 17 | normalizer moves within a batch | ratio ≠ 1 before the step | log π recomputed = stored | `test_museum.py::test_log_probs_are_those_of_the_observations_in_the_batch` |
# | 18 | divided by the variance | none in TRPO | mean 0, standard deviation 1 | `test_museum.py::test_advantages_of_a_batch_have_mean_0_and_standard_deviation_1` |
#
# ## What to take along
#
# | | |
# |---|---|
# | compare with | another method, a closed form, the program itself on a scaled or split input |
# | not with | what the program gave yesterday |
# | choose inputs | that make the possible mistakes differ: no unit sizes, no single dimension, no equal widths |
# | edge | 0, NaN, nothing to do, nothing accepted: each has an outcome that can be asked for |
# | look at | the piece itself, and at what is returned, not at what is reported |
# | test the test | with a wrong program; a test that has never failed has not been seen to work |
#
# ## Sources and further reading
#
# The programs are rebuilt, small; files and threads are named at each exhibit, as they stood when the thread
# was written. What the tests ask was derived in the notebooks before this one; each is run here on a wrong
# and a right program. The four learning curves are measured, ten seeds each.
#
# - Exhibits 1 to 3: [Hestenes and Stiefel (1952)](references.md#hestenes1952) give the method, and prove that it
#   ends after at most $n$ steps; [Shewchuk (1994)](references.md#shewchuk1994), sections 8 and 11, has it with a
#   stopping rule relative to the first residual.
# - Exhibits 4 to 10, 13: [Schulman et al. (2015)](references.md#schulman2015), appendix C, gives the longest step and
#   the line search with both conditions, and the Fisher matrix as the Hessian of the KL at the old parameters.
# - Exhibit 16: [Pardo et al. (2018)](references.md#pardo2018) on time limits, and
#   [Schulman et al. (2016)](references.md#schulman2016) for the estimator.
# - Exhibits 17 and 18, and how much such details weigh beside the algorithm:
#   [Engstrom et al. (2020)](references.md#engstrom2020), measured on TRPO and PPO.
#
# Back to the map: [00 Start here](00_start_here.ipynb).
