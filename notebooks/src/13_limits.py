# %% [markdown]
# # 13 Limits, and what came after
#
# The chapter ends with four limitations: TRPO is complex to implement, dear per iteration, does not
# scale well to very large networks, and carries the overhead of the second order. And it ends with
# a successor: PPO has largely replaced it. Each of these is a sentence that can be measured. So
# here are the questions of this notebook. **What do the limits come to in numbers? What is PPO,
# seen from TRPO, and what of the trust region does it keep? And why have divergences come back
# since?**
#
# Sections 1 to 4 take the four limitations one by one. Sections 5 and 6 derive PPO and ask what its
# clip holds. Sections 7 to 9 compare three regions exactly: KL, total variation, and the clip.
# Section 10 says when to use which. Sections 1 to 4 are one sitting, 5 to 11 the other.
#
# You need: [notebook 04](04_trust_region.ipynb) (the natural gradient step),
# [06](06_fisher_vector_products.ipynb) (a product is a JVP and a VJP),
# [07](07_conjugate_gradient.ipynb) (conjugate gradient), [10](10_trpo.ipynb) (the whole update),
# and for sections 7 to 9 the total variation and Pinsker's inequality of
# [03](03_monotonic_improvement.ipynb).
#
# **Letters.** $w$ is the ratio of the new probability to the old one, $c$ the clip, $\tau$ a total
# variation, $k$ a number of iterations of conjugate gradient. $p$ and $q$ are the old and the new
# probability of one action.

# %%
import json
from dataclasses import replace

import numpy as np

from trpo_np import PPO, TRPO, NaturalGradient, PolicyGradient, tabular
from trpo_np.classroom import notebook_13 as nb
from trpo_np.classroom import regions, second_order
from trpo_np.classroom.checks import yours
from trpo_np.classroom.figures import show
from trpo_np.classroom.measurements import stored
from trpo_np.classroom.work import forward_passes, ratios_of_times
from trpo_np.experiments.plots import use_style
from trpo_np.updates.ppo import clipped_gradient

use_style()

# %% [markdown]
# ## Before you begin
#
# Three questions about earlier notebooks, a minute each. They count nothing; what they ask is used
# below.
#
# **Recall 13.1** (notebook 06). A network has a million parameters. How many numbers does its
# explicit Fisher matrix hold?

# %%
recall = ...  # replace the dots by a number
### BEGIN SOLUTION
recall = 1e12
### END SOLUTION
nb.recall_size_of_f(recall)

# %% [markdown]
# **Recall 13.2** (notebook 07). How does conjugate gradient, started from 0, begin? After **one**
# iteration on $F s = g$ its $s$ points
#
# - (a) along the natural gradient $F^{-1} g$
# - (b) along $F g$
# - (c) along the gradient $g$
# - (d) along the eigenvector of the largest eigenvalue

# %%
recall = ...  # replace the dots by a letter, such as "a"
### BEGIN SOLUTION
recall = "c"
### END SOLUTION
nb.recall_first_iteration(recall)

# %% [markdown]
# **Recall 13.3** (notebook 03). Two policies have a divergence of 0.02 nats in some state. What is
# the most that their total variation there can be, by Pinsker's inequality?

# %%
recall = ...  # replace the dots by a number
### BEGIN SOLUTION
recall = 0.1
### END SOLUTION
nb.recall_pinsker(recall)

# %% [markdown]
# ## 1. Complex: lines and settings
#
# "Complex implementation (conjugate gradient, line search)." How much longer is it? The package has
# four updates behind one interface, so they can be laid side by side. We count lines of code: no
# blank lines, no comments, no docstrings. Its own file is not the whole of an algorithm, so we also
# let one update run on a small batch and take down every function of the package that is called.
# The code lines of these functions are what stands behind the update, the guards, the report and
# the network included. (Methods that Python writes for a dataclass have no lines.)

# %%
print(
    f"{'':18}{'its file':>9}{'all that runs':>15}{'beyond the plain gradient':>27}{'settings':>10}"
)
for name, row in nb.complexity().items():
    print(f"{name:18}{row.file:9}{row.runs:15}{row.beyond:27}{row.settings:10}")

# %% [markdown]
# TRPO needs more than four times as many lines beyond the plain gradient as PPO. Where are they?

# %%
for name in ("PPO", "TRPO"):
    print(f"{name}:", ", ".join(f"{file} {n}" for file, n in nb.beyond_by_file(name).items()))

# %% [markdown]
# Conjugate gradient and the report of what the step did are the largest parts, each with guards
# against numbers that are not finite. A line count depends on the style, so read it as an order of
# size: some forty lines against some hundred and eighty.
#
# What has to be **understood** is another matter, and no program counts it. Here are the ideas
# beyond the plain gradient, as this course cuts them; another course may cut otherwise.
#
# | | ideas | how many |
# |---|---|---|
# | natural gradient | KL; Fisher matrix; its product with a vector (JVP, metric, VJP); conjugate gradient; damping; the longest step | 6 |
# | TRPO | the same; the surrogate, since a step is judged by it; the line search | 8 |
# | PPO | the surrogate; the clip; minibatches and epochs; Adam | 4 |
#
# So "complex" is true. It is also true that most of it can be had once, as here, and tested against
# an explicit matrix. And the short column hides something. Implementations of PPO that reach
# published returns have further parts that are in no formula: [Engstrom et al.
# (2020)](references.md#engstrom2020) study them, and we come back to that in section 11.
#
# ## 2. Dear: the cost of an update
#
# Count in multiplications, as in section 7 of notebook 06. A batch of $N$ states and a network of
# $P$ weights: one **forward pass** takes $N P$ of them, for each weight meets each state once. A
# JVP goes forward with two products a layer, $\mathrm{d}h\, W$ and $h\, \mathrm{d}W$; a VJP goes
# backward with two, one for the weights and one for the layer below. So in forward passes: JVP 2,
# VJP 2. (A little less, since the inputs have no layer below. We leave that out, and what is done
# element by element too.) From this follow all costs:
#
# - a gradient is a forward pass and a VJP: 3;
# - a Fisher-vector product is a JVP and a VJP, the activations being kept: 4;
# - a candidate of the line search is a forward pass: 1;
# - an epoch of PPO is the gradient of every sample once: 3.
#
# With $k$ iterations of conjugate gradient on a share $f$ of the states, $n$ candidates, and $E$
# epochs,
#
# $$\text{TRPO} = 3 + 4 k f + n, \qquad \text{PPO} = 3 E, \qquad \text{gradient} = 3
#   \qquad \text{(forward passes over the batch)}. \tag{13.1}$$
#
# (For $f \lt 1$ the states of the share need a forward pass of their own, $f$, which we leave out
# as well.)
#
# **Exercise 13.1.** How many gradients does one update of TRPO cost? Write it from (13.1), as a
# function of `iterations` $k$, `share` $f$ and `candidates` $n$. The unit is one gradient over the
# batch.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (13.1): what TRPO costs there, and what a gradient costs.
# <details><summary>Hint 2: the idea</summary>
# Both are in forward passes. A quotient of the two has the unit that is asked for.
# <details><summary>Hint 3: a sketch</summary>
# passes = (the gradient) + (the products) + (the candidates); then return passes / ...
# </details></details></details>


# %%
def my_update_cost(iterations, share, candidates):
    ### BEGIN SOLUTION
    return (3 + 4 * iterations * share + candidates) / 3
    ### END SOLUTION


nb.check_update_cost(my_update_cost)

# %%
cost = yours(my_update_cost, nb.check_update_cost)
print(f"TRPO, 10 iterations, all states:    {cost(10, 1.0, 1):5.2f} gradients")
print(f"TRPO, 10 iterations, a tenth:       {cost(10, 0.1, 1):5.2f} gradients")
print(f"PPO, 10 epochs:                     {10:5.2f} gradients")

# %% [markdown]
# So against **one** gradient TRPO is fifteen times as dear. But PPO does not take one gradient: its
# usual ten epochs are two thirds of TRPO's cost, and nearly four times that of TRPO with a tenth of
# the states in its products, as [Schulman et al. (2015)](references.md#schulman2015), appendix C,
# propose.
#
# Does the program do what the formula says? Here is a network that writes down each pass, and the
# number of rows that went through. Our updates also report L and KL at the new parameters, one more
# pass for those that do not look at them anyway, and how far rounding may be behind a KL, on 128
# states at the old parameters and at each of the new ones: 0.2 each, 0.4 together. PPO's report has the gradient at the old parameters as well, so it comes to
# $3E + 4$. TRPO's first candidate was accepted, $n = 1$; with a tenth of the states its second.

# %%
updates = {
    "gradient step": PolicyGradient(learning_rate=1e-3),
    "natural gradient": NaturalGradient(),
    "TRPO": TRPO(),
    "TRPO, a tenth": TRPO(fisher_fraction=0.1),
    "PPO": PPO(),
}
counted = {}
for width in (16, 64):
    policy, theta, batch = nb.random_problem(2048, width)
    for name, update in updates.items():
        rng = np.random.default_rng(0)
        counted[name] = forward_passes(update, policy, theta, batch, rng)
        print(f"P = {len(theta):5}  {name:17}{counted[name]:6.1f} forward passes")

# %% [markdown]
# Multiplications are not seconds. PPO's go through the network 64 rows at a time, and Adam goes
# over all parameters after each of 320 minibatches. So we measured seconds too, of processor time, for
# networks of two hidden layers up to a million parameters (`python tests/benchmarks/update_costs.py`,
# 2,048 random states, float32, one thread). We give ratios within one run only: the seconds belong to
# one machine.

# %%
costs = json.loads(stored("update_costs.json").read_text())
_, *others = [*updates, "product F v"]
print(f"{'P':>9}" + "".join(f"{name:>18}" for name in others))
for row in costs:
    cells = [row["ratios"][name][0] for name in others]
    print(f"{row['P']:9,}" + "".join(f"{cell:18.2f}" for cell in cells))
counted["product F v"] = 4.0
predicted = [counted[name] / counted["gradient step"] for name in others]
print(f"{'counted':>9}" + "".join(f"{cell:18.2f}" for cell in predicted))

# %% tags=["hide-input"]
figure = nb.draw_costs(costs)
show(
    figure,
    "Left: the time of an update in gradient steps against the number of parameters, both on log axes. "
    "PPO falls from 37 to 13, TRPO rises from three to ten, TRPO with a tenth "
    "of the states stays between two and three. Right: the peak memory of an update against the parameters: gradient step, "
    "TRPO and PPO lie on one line, and the dashed line of the explicit Fisher matrix rises twice as "
    "steeply and leaves the picture.",
    "Left: medians of seven rounds, bars from the smallest to the largest. Right: memory; dashed, the explicit matrix.",
)

# %% [markdown]
# For small networks a gradient step is mostly what does not depend on the network (probabilities,
# ratios, the report), and a product adds little to it; 320 small calls add much. With growing $P$
# the multiplications take over, and TRPO's column rises, from three gradient steps to the ten that were
# counted. PPO's column falls from 37 to 13, and rises again to 16 at a million, probably since Adam goes over
# vectors of that length 320 times: it is the **dearest** of the four at every size here, although it
# multiplies less than TRPO.
#
# This is one program on one thread. Where a minibatch of 64 takes as long as one of 2,048, PPO's
# 320 of them would cost 320 gradients; in whole batches and with few epochs it would cost few. What
# can be said from this: *expensive per iteration* is true against a single gradient step, by a
# factor of three to ten, and not against ten epochs of PPO.
#
# On your own machine, with small networks:

# %%
on_your_machine = False  # True: some seconds, and another table each time
if on_your_machine:
    for width in (16, 64, 128):
        policy, theta, batch = nb.random_problem(2048, width)
        timed = ratios_of_times(updates, policy, theta, batch)
        print(len(theta), {name: round(float(ratio), 1) for name, ratio in timed.items()})

# %% [markdown]
# **To a goal.** What counts in the end is a return, not an update. In the runs of notebook 12, section
# 2, the true return was measured after every update but the first, with 128 fresh episodes: five seeds of each
# task, all four algorithms with their defaults. After how many updates was it first at
# 475, or at −250? Times the cost of an update at $P = 5{,}708$, the table's row for networks of that
# width, this is the price of the return in gradient steps.

# %%
goals = {"CartPole-v1": 475, "Pendulum-v1": -250}
(price,) = (row["ratios"] for row in costs if row["width"] == 64)
first = nb.effort(stored("true_returns.csv"), goals)
print(f"{'':31}{'there':>8}{'updates':>10}{'samples':>10}{'gradient steps':>17}")
for env_id in goals:
    for name in ("policy gradient", "natural gradient", "TRPO", "PPO"):
        n, (cost, *_) = first[env_id, name], price.get(name, price["gradient step"])
        there, m = f"{np.sum(n > 0)} of {len(n)}", nb.middle(n)
        print(f"{env_id:13}{name:18}{there:>8}{m:10.1f}{2048 * m:10,.0f}{m * cost:17.0f}")
print("medians over the seeds; nan where half of them or more were not there at the end")

# %% [markdown]
# In samples the three hardly differ on CartPole; on Pendulum TRPO needs 34 updates where the others need 20 and 22, probably
# because it loses length to halvings (notebook 12, section 6: five seeds, no proof). In what the updates cost, TRPO comes to less than
# half of PPO on both, and the natural gradient, its direction without the search, to less still. The plain gradient with its default rate was there on one seed of ten. Its steps are the
# cheapest, though: with the rate that a sweep finds, 1 in place of 0.1, it has learned CartPole after 15 of them
# (notebook 12, section 3, judged at the end of 15 updates), and then nothing is cheaper. On Pendulum no rate got it there.
#
# This counts updates of the policy only; sampling and the value function cost all four the same. It is for
# this one width. Whether a wider network needs as many updates we have not measured.
#
# **By the clock.** And a whole run, with all that belongs to it? CartPole until the last 100 episodes of
# training have a mean return of 475, at most 100,000 steps, ten seeds: TRPO and PPO of this package, and on the
# same machine sb3-contrib's TRPO and stable-baselines3's PPO with the settings that RL-Zoo tuned for this
# task, each in a process of its own, in turns (`python tests/benchmarks/time_to_solved.py`).

# %%
runs = nb.solved(stored("time_to_solved.csv"))
print(f"{'':23}{'solved':>9}{'steps':>31}{'seconds':>24}{'µs a step':>12}")
for who, (steps, seconds) in runs.items():
    done = ~np.isnan(steps)
    a_step = np.median(1e6 * seconds / np.where(done, steps, 100_000))
    times = nb.spread(np.where(done, seconds, np.nan), ".1f")
    solved = f"{done.sum()} of {len(done)}"
    print(f"{who:23}{solved:>9}{nb.spread(steps, ',.0f'):>31}{times:>24}{a_step:12.0f}")
print("medians (smallest to largest of the runs that solved it)")

# %% tags=["hide-input"]
figure = nb.draw_solved(runs, 100_000)
show(
    figure,
    "Four programs, a row each, ten runs as dots: on the left the environment steps, on the right the seconds on a log axis until CartPole "
    "was solved; open triangles are runs that were not done after 100,000 steps. Both updates of this package lie between "
    "20,000 and 50,000 steps and between 0.4 and 1.5 seconds, the libraries' runs right of 55,000 steps and of 8 seconds, six of them "
    "and one as triangles.",
    "Ten seeds each, on one machine. Open: not solved within 100,000 steps. Settings, goal and library differ as well as the algorithm.",
)

# %% [markdown]
# Within the package this is what the costs let one expect: TRPO and PPO take about as many steps, and PPO
# takes twice the time. Between the packages it is no race of algorithms. Steps and seconds differ for
# at least three reasons at once.
#
# - *Settings.* Ours are the defaults: 16 environments and batches of 2,048. Theirs are tuned for the task, and
#   otherwise: TRPO with 2 environments and batches of 1,024, PPO with 8 and 256, its rate and its clip
#   falling to 0 with the 100,000 steps.
# - *The goal.* RL-Zoo judges its settings by what the most likely actions earn at the end, 500 for its TRPO, and not by
#   how soon the sampled actions earn 475. So "4 of 10" says nothing against that number.
# - *Overhead.* With networks as small as these PyTorch's time goes into calls, ours into a few large arrays;
#   few environments at a time make it worse. With 16 environments and equal batches sb3-contrib took 5.4
#   times as long for a step as ours (`tests/benchmarks/end_to_end.py`), not eleven times. (It has one thread here,
#   NumPy as many as its BLAS takes.)
#
# And it is one task, the easiest.
#
# ## 3. Very large networks
#
# "Does not scale well with very large networks." What grows, and how?
#
# | | grows like | at $P = 10^6$ |
# |---|---|---|
# | explicit $F$ | $P^2$ numbers | 4 terabytes in float32 |
# | a product $F v$ | $N P$, as a gradient | the last column above: 0.5 to 0.9 of a gradient step |
# | TRPO's update | $N P$ | nine to ten gradient steps from $P = 60{,}000$ on |
# | memory of an update | activations (of the batch) and some vectors of $P$ numbers | the right panel: about that of a gradient |
#
# So neither time nor memory is the trouble, as far as we measured, and that is to a million. The
# matrix would be; the product is not. What does not grow with $P$, and may have to?
#
# **The number of directions that are seen.** The mean of $N$ terms $J^\top M J$ has at most rank
# $N$ times the number of outputs, and the gradient of a batch is a sum of $N$ scores. For $P$ far
# above that, most directions have curvature 0 in the sample, and the gradient has no part in them
# either (notebook 07, section 7): no step is made along them, and nothing is known of them. With a
# share of the states in $F$ the gradient does have a part in some, and it is the damping alone that
# decides about these.
#
# **The number of iterations.** Ten iterations look at ten directions out of a million. How many one
# needs depends on the spectrum (notebook 07), which nothing here says for very large networks.
#
# **Passes that must wait for each other.** The ten products come one after the other, each over the
# same states with the same parameters, then the line search. And the network must be the same
# function all that time: [Schulman et al. (2017)](references.md#schulman2017), section 1, name it
# as a drawback of TRPO that it is "not compatible with architectures that include noise (such as
# dropout) or parameter sharing". That is a limit of another kind than size. (And a JVP has to be
# had. Where a framework has a backward pass only, differentiating twice has to do, as in (6.1).)
#
# ## 4. What the second order buys
#
# The overhead, ten products, buys another **direction**. Compare two steps of the same size in
# nats. In the quadratic model (4.4) the size of a step $d$ is $\tfrac12 d^\top F d = \delta$. Along
# $F^{-1} g$ it gains $\sqrt{2 \delta\, g^\top F^{-1} g}$, by (4.6). Along $g$ the step to the rim
# is $d = \sqrt{2 \delta / g^\top F g}\; g$ by (4.7), and gains $g^\top d = \sqrt{2 \delta}\; g^\top
# g / \sqrt{g^\top F g}$. The quotient is what the second order buys, at the same KL:
#
# $$\varrho = \frac{\text{gain along } F^{-1} g}{\text{gain along } g}
#   = \frac{\sqrt{(g^\top F^{-1} g)\, (g^\top F g)}}{g^\top g} \; \ge 1 . \tag{13.2}$$
#
# It is at least 1, since (4.6) is the best step there is, and it does not depend on δ.
#
# **Exercise 13.2.** Write (13.2) for a matrix `F` and a vector `g`.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (13.2). Three numbers are needed, each a product of g with something.
# <details><summary>Hint 2: the idea</summary>
# F⁻¹g is the solution of F s = g; no inverse has to be made.
# <details><summary>Hint 3: a sketch</summary>
# s = np.linalg.solve(...); natural = g @ s; then the root of two numbers, over a third.
# </details></details></details>


# %%
def my_gain_ratio(F, g):
    ### BEGIN SOLUTION
    natural = g @ np.linalg.solve(F, g)
    return np.sqrt(natural * (g @ F @ g)) / (g @ g)
    ### END SOLUTION


nb.check_gain_ratio(my_gain_ratio)

# %% [markdown]
# How large can it be? Let $\mu_1 \ge \dots \ge \mu_P \gt 0$ be the eigenvalues of $F$ and $\omega_i
# = g_i^2 / g^\top g$ the share of $g$ along the $i$-th eigenvector; the shares sum to 1. Then
# $\varrho^2 = \left(\sum_i \omega_i / \mu_i\right) \left(\sum_i \omega_i\, \mu_i\right)$: the mean
# of $1/\mu$ times the mean of $\mu$. Every $\mu$ lies between $a = \mu_P$ and $b = \mu_1$,
# so $(\mu - a)(b - \mu) \ge 0$; divide by $a b\, \mu$ and sort the terms:
#
# $$\frac1\mu \le \frac{a + b - \mu}{a b}, \qquad \text{hence} \qquad
#   \varrho^2 \le \frac{(a + b - x)\, x}{a b} \quad \text{with } x = \sum_i \omega_i\, \mu_i .$$
#
# The right-hand side is largest in the middle, at $x = (a + b)/2$. With the condition number
# $\kappa = \mu_1 / \mu_P$,
#
# $$1 \le \varrho \le \frac{a + b}{2 \sqrt{a b}} = \frac{\kappa + 1}{2 \sqrt\kappa} . \tag{13.3}$$
#
# This is **Kantorovich's inequality**. It is an equality if $g$ has half of its square along the
# largest and half along the smallest eigenvector. If $g$ is an eigenvector, $\varrho = 1$: the
# second order buys nothing.
#
# **Exercise 13.3.** The eigenvalues of some $F$ lie between 0.01 and 1. What is the most that the
# second order can buy?
#
# <details><summary>Hint 1: where to look</summary>
# The right-hand side of (13.3).
# <details><summary>Hint 2: the idea</summary>
# Only the quotient of the largest and the smallest eigenvalue enters.
# <details><summary>Hint 3: a sketch</summary>
# First κ, then (κ + 1) over twice its root.
# </details></details></details>

# %%
prediction = ...  # replace the dots by a number
### BEGIN SOLUTION
prediction = 5.05
### END SOLUTION
nb.check_kantorovich(prediction)

# %%
gain_ratio = yours(my_gain_ratio, nb.check_gain_ratio)
rng = np.random.default_rng(0)
mu = np.geomspace(0.01, 1, 50)
random_g = [gain_ratio(np.diag(mu), rng.standard_normal(50)) for _ in range(1000)]
noise_g = [gain_ratio(np.diag(mu), np.sqrt(mu) * rng.standard_normal(50)) for _ in range(1000)]
ends = np.zeros(50)
ends[[0, -1]] = 1.0
print(f"g in all directions alike:        {np.mean(random_g):.2f} ± {np.std(random_g):.2f}")
print(f"g as noise makes it, g² like μ:   {np.mean(noise_g):.2f} ± {np.std(noise_g):.2f}")
print(f"g along both ends of the spectrum: {gain_ratio(np.diag(mu), ends):.2f}")

# %% [markdown]
# And on real batches, with the exact KL, damping and ten iterations? One iteration of conjugate
# gradient is the direction of the gradient; so the price list begins at $k = 1$. For each $k$ we go
# along the direction until the **exact** mean KL of the batch is 0.01 nats, and ask what $L$ has
# gained: on the batch that the direction was made from, and on four times as many fresh samples of
# the same policy. First live, one seed of Pendulum before update 5:

# %%
(stop,) = second_order.stops("Pendulum-v1", (5,), seed=0)
gains = second_order.gains_at_kl(*stop, iterations=(1, 3, 10, 30))
for k, (own, fresh) in zip((1, 3, 10, 30), gains, strict=True):
    print(f"k = {k:2}: gain on its batch {own:.4f}, on fresh samples {fresh:.4f}")

# %% [markdown]
# And the measurement of ten seeds (`tests/benchmarks/second_order.py`), CartPole and Pendulum,
# before three updates of a run with the defaults. The last column is what ten iterations gain more
# than one.

# %%
second = json.loads(stored("second_order.json").read_text())
for where, words in (
    ("batch", "the batch that the direction was made from"),
    ("fresh", "fresh samples"),
):
    print(f"gain of L on {words}, thousandths, 10 seeds ± standard error")
    print(f"{'':27}" + "".join(f"{f'k = {k}':>13}  " for k in second["iterations"]) + "  10 less 1")
    for (env_id, update), cells in nb.bought(second, where).items():
        print(f"  {env_id:13} update {update:2}:  " + "  ".join(cells))

# %% tags=["hide-input"]
figure = nb.draw_bought(second)
show(
    figure,
    "The gain of L by a step of 0.01 nats against the iterations of conjugate gradient, for CartPole and "
    "Pendulum, before updates 5, 20 and 50; full lines on the batch, dashed ones on fresh samples. On the "
    "batch the lines rise up to ten iterations. On fresh samples those of CartPole are nearly flat, those "
    "of Pendulum rise at updates 5 and 20 and fall below zero at update 50.",
    "At equal exact KL. One iteration is the direction of the gradient. Means of ten seeds, bars of one "
    "standard error.",
)

# %% [markdown]
# On the batch ten iterations gain more than one in the mean, each time: a quarter to a half more on
# CartPole (before update 50 there within two errors), 1.6 to 2.4 times as much on Pendulum. On fresh samples, which is what counts, it
# depends. On Pendulum the gain is 2.3 and 3.2 times the gradient's before updates 5 and 20. On
# CartPole it is a tenth more before update 5, and afterwards there is no difference beyond the
# errors. And before update 50 of Pendulum the natural direction gains **less** on fresh samples
# than the gradient, by 19 ± 9 thousandths. Two things can be behind that, and we do not take them
# apart here: what the batch says about many directions may be noise by then (notebook 07, section 8),
# and 0.01 nats may be too far for the linear model: on their own batch, too, ten iterations gain no more
# than three there. The line search would have shortened some of these steps. Thirty iterations
# change nothing: with this damping ten have all but arrived.
#
# So on fresh samples the second order buys up to a factor of three here, often nothing, and once it costs something,
# for the price of section 2, three to ten gradient steps. Whether that is dear depends on what a **sample** costs. The ten products go over data that is
# there already; where the environment is slow, they are cheap.
#
# **Half-way.** The limits have their numbers. What is left is what came after. In a second slot
# start here, with *Run → Run All Above Selected Cell*.
#
# ## 5. From the constraint to the clip
#
# How does one get rid of $F$ and keep some region? In three steps.
#
# **A penalty for the constraint.** With the multiplier $\beta$ (the ν of notebook 04) the
# constrained problem (4.1) becomes $\max_\theta L - \beta\, \overline{\mathrm{KL}}$, which a
# first-order method can climb. Two things are unpleasant. The right β depends on the unit of the
# rewards and changes from batch to batch. And at $\theta_\text{old}$ the KL has no slope (notebook
# 05): the first gradient step does not feel the penalty at all. So one has to take several steps on
# the same batch, away from $\theta_\text{old}$, and adapt β between batches. That is a form of PPO,
# the second of [Schulman et al. (2017)](references.md#schulman2017), section 4; [notebook
# 15](15_penalty.ipynb) solves the penalised problem and studies the search for β.
#
# **What the KL says of ratios.** Let $w(s, a) = \pi(a|s) / \pi_\text{old}(a|s)$. Under the old
# policy its mean is 1 in every state, because $\sum_a \pi_\text{old}\, w = \sum_a \pi = 1$. So we
# may add $w - 1$ in the mean for nothing, and in one state
#
# $$\mathrm{KL}(\pi_\text{old} \,\|\, \pi) = \mathbb{E}[-\log w] = \mathbb{E}\big[\, w - 1 - \log w \,\big],
#   \qquad \mathrm{TV}(\pi_\text{old}, \pi) = \tfrac12\, \mathbb{E}\,|w - 1| , \tag{13.4}$$
#
# the means over $a \sim \pi_\text{old}$. The function $w - 1 - \log w$ is 0 at $w = 1$ and positive
# elsewhere, and for ratios near 1, with $\log w = (w - 1) - \tfrac12 (w-1)^2 + \dots$,
#
# $$\mathrm{KL}(\pi_\text{old} \,\|\, \pi) \approx \tfrac12\, \mathbb{E}\big[ (w - 1)^2 \big] . \tag{13.5}$$
#
# So all regions are about one function on the actions, $w - 1$. The KL bounds its mean square, the
# total variation its mean absolute value. A third way to measure a function is by its largest
# value, $|w(s,a) - 1| \le c$ for all $a$: a **box**. It can be looked at sample by sample, with no
# matrix and no mean. That is the region PPO has in mind.
#
# **No more pay.** The surrogate $L = \mathbb{E}[w A]$ is a straight line in the ratio of each
# sample. A sample with $A \gt 0$ pulls its ratio up for ever. Cut the line off at the wall of the
# box: beyond it the sample earns nothing more.
#
# $$L^\text{clip} = \mathbb{E}\big[ \min\big( w A,\; \mathrm{clip}(w, 1 - c, 1 + c)\, A \big) \big] .
#   \tag{13.6}$$
#
# The minimum is there for samples that are on the **wrong** side, $A \gt 0$ with $w \lt 1 - c$, say
# because other samples pulled them there: they keep their slope, so that they can come back. For
# this reason $L^\text{clip}$ is never above the mean of $w A$, and equal to it where all ratios are
# in the box. At $\theta_\text{old}$ all $w = 1$, so its gradient there is $g$.
#
# **Exercise 13.4.** The gradient of $w A$ is $w A\, \nabla \log \pi$. So with some weights $u$, one
# for each sample,
#
# $$\nabla L^\text{clip} = \mathbb{E}\big[ u\, \nabla \log \pi_\theta(a|s) \big] . \tag{13.7}$$
#
# Write the weights $u$, for arrays `w` and `A` of shape `(N,)` and the number `c`. At the walls
# themselves it does not matter what you say.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (13.6): which of the two terms is the smaller one, and does it depend on w there?
# <details><summary>Hint 2: the idea</summary>
# A weight is w A or 0. There are four cases: the sign of A, and whether w is past the wall to which
# that sign pulls.
# <details><summary>Hint 3: a sketch</summary>
# past = np.where(A > 0, w > ..., w < ...); then np.where(past, ..., ...).
# </details></details></details>


# %%
def my_clipped_weights(w, A, c):
    ### BEGIN SOLUTION
    past = np.where(A > 0, w > 1 + c, w < 1 - c)
    return np.where(past, 0.0, w * A)
    ### END SOLUTION


nb.check_clipped_weights(my_clipped_weights)

# %% [markdown]
# A sample past its wall does not push on, and it **does not pull back** either, at $w = 1.21$ as at
# $w = 21$. Compare the penalty, whose pull grows with the distance. Here is (13.7) by your function
# against `clipped_gradient`, the line that PPO uses in this package:

# %%
clipped_weights = yours(my_clipped_weights, nb.check_clipped_weights)
policy, theta, batch = nb.random_problem(500, 16)
away = theta + 0.1 * np.random.default_rng(1).standard_normal(len(theta))
w = np.exp(policy.log_prob(away, batch.observations, batch.actions) - batch.log_probs)
u = clipped_weights(w, batch.advantages, 0.2)
mine = nb.mean_score(policy, away, batch, u)
theirs = clipped_gradient(policy, away, batch, 0.2)
print(
    f"{np.mean(u == 0):.0%} of the samples have weight 0; ratios from {w.min():.2f} to {w.max():.2f}"
)
print("largest difference of the two gradients:", f"{np.abs(mine - theirs).max():.1e}")

# %% [markdown]
# ## 6. What the clip does not hold
#
# **An exact example.** Two states, visited equally often, and two actions. One parameter serves
# both, with different strength: the probability of the first action is $\sigma(\theta)$ in state 1
# and $\sigma(x\, \theta)$ in state 2, $\sigma(y) = 1 / (1 + e^{-y})$. We start at $\theta = 0$,
# both coins are fair, and in both states the first action has the advantage $+1$, the second $-1$.
# What does gradient ascent on $L^\text{clip}$ do, with small steps?
#
# $\theta$ rises. With $x \gt 1$ state 2 reaches the wall $w = 1 + c$ first, and from there on
# contributes nothing. State 1 still pushes, and pushes $\theta$ for **both**. It stops when it
# comes to its own wall, $\sigma(\theta) = \tfrac12 (1 + c)$, that is at $\theta = \log
# \frac{1+c}{1-c} = 2 \operatorname{artanh} c$. There the gradient is exactly 0, and state 2 has
# been carried along to $\sigma(2 x \operatorname{artanh} c)$.
#
# **Exercise 13.5** (a derivation). Let $x \ge 1$. What is $\mathrm{KL}(\pi_\text{old} \,\|\, \pi)$ there, in state
# 2 alone? (Not the mean over the states.) Write it as a function of `x` and `c`; that of state 1 is the same with
# $x = 1$.
#
# <details><summary>Hint 1: where to look</summary>
# Section 6: the parameter at which everything stops, and the probability in state 2 for it. The
# divergence of two coins is equation (5.1) with two actions.
# <details><summary>Hint 2: the idea</summary>
# For a fair old coin and a new one q, the two terms of the divergence have the weight ½ each, and
# add up to -½ log(4 q (1 - q)).
# <details><summary>Hint 3: a sketch</summary>
# theta = 2 * np.arctanh(c); q = 1 / (1 + np.exp(...)); return -0.5 * np.log(...)
# </details></details></details>


# %%
def my_kl_at_rest(x, c):
    ### BEGIN SOLUTION
    q = 1 / (1 + np.exp(-2 * x * np.arctanh(c)))
    return -0.5 * np.log(4 * q * (1 - q))
    ### END SOLUTION


nb.check_kl_at_rest(my_kl_at_rest)

# %% [markdown]
# How does it grow with $x$? The rarer face of the coin in state 2 has the probability $1 - q \le
# e^{-2 x \operatorname{artanh} c}$, and $q \le 1$. Put both into the sum of hint 2, and take half
# of state 2's divergence for the mean over the two states, in which state 1 adds something
# positive:
#
# $$\overline{\mathrm{KL}} \ge \tfrac12 \big( x \operatorname{artanh} c - \log 2 \big) . \tag{13.8}$$
#
# That grows **without limit**: for no $c$ is there a number of nats that the clip guarantees. Here
# it is by gradient ascent on (13.6), as long as the gradient is not 0, beside what a constraint
# would do.

# %%
kl_at_rest = yours(my_kl_at_rest, nb.check_kl_at_rest)
print("  x   θ at rest   ratios there   KL by ascent    exact   (13.8)   θ with mean KL ≤ 0.02")
for x in (1, 3, 10, 30):
    end = nb.ascend_clip(x, 0.2)
    ratios = 2 / (1 + np.exp(-np.array([1, x]) * end))
    exact = (kl_at_rest(1, 0.2) + kl_at_rest(x, 0.2)) / 2
    print(
        f"{x:3}{end:12.4f}    {ratios[0]:.3f}, {ratios[1]:.3f}{nb.two_state_kl(end, x):13.4f}"
        f"{exact:10.4f}{(x * np.arctanh(0.2) - np.log(2)) / 2:9.2f}"
        f"{nb.two_state_limit(x, 0.02):14.4f}"
    )

# %% [markdown]
# A constraint on the mean KL notices state 2, and stops the earlier the larger $x$ is. The clip
# stops at the same θ for every $x \ge 1$.
#
# Three more ways past the wall. A step of **any** length may jump over it: at $\theta_\text{old}$
# the gradient is that of $L$, and the first step with a learning rate α is the plain gradient step.
# Adam keeps momentum, and goes on where the gradient is 0. And the box is looked at for the
# **sampled** actions only.
#
# **Measured.** The PPO of this package, clip 0.2, ten epochs on one batch (Pendulum and CartPole
# before update 5, one seed each, live), with its default learning rate $3 \cdot 10^{-4}$ and larger
# ones:

# %%
stops = {"Pendulum-v1": stop, "CartPole-v1": second_order.stops("CartPole-v1", (5,), seed=0)[0]}
rates, epochs = (3e-4, 1e-3, 1e-2, 3e-2), {}
print("after ten epochs              rate   mean KL   largest KL   largest ratio   share outside")
for env_id, (policy, theta, batch, _) in stops.items():
    for rate in rates:
        ppo = replace(PPO(), learning_rate=rate)
        run = second_order.ppo_epochs(policy, theta, batch, ppo, 10, np.random.default_rng(0))
        epochs[env_id, rate] = run
        ends = [run[name][-1] for name in ("mean KL", "largest KL", "largest ratio", "outside")]
        print(
            f"{env_id:24}{rate:10.4f}{ends[0]:10.4f}{ends[1]:13.3f}{ends[2]:16.2f}{ends[3]:16.0%}"
        )

# %% tags=["hide-input"]
figure = nb.draw_epochs(epochs)
show(
    figure,
    "Two panels, Pendulum and CartPole, with the mean KL on a log axis after each of ten epochs of PPO with a clip of 0.2, for four "
    "learning rates, and a dotted line at 0.02. With the default rate the KL stays near or below the line; with the "
    "largest one it is above it after every epoch: on CartPole 14 to 120 times, the most after the first; on Pendulum "
    "up to 20 times, and at the end hardly more.",
    "The same clip and four learning rates, one seed each. Dotted: what a kept clip would allow, section 7.",
)

# %% [markdown]
# With the default rate PPO ends at about a hundredth of a nat, below the 0.02 that a kept clip would allow. Still 8 and 17
# % of the samples are outside of the box, with ratios up to 1.5. With a hundred times the rate the
# same clip lets it go to 0.28 nats on CartPole, and on the way there beyond two. So the clip
# alone is not *PPO's region*: the learning rate moves it, and epochs and minibatches, not varied here, stand beside it. "PPO could neither strictly restrict the
# likelihood ratio as it attempts to do nor enforce a well-defined trust region constraint", is how
# [Wang et al. (2020)](references.md#wang2020), abstract, put it. All four of its settings stand in
# the place of the one δ.
#
# ## 7. If the box were kept
#
# Suppose that the box *were* kept, by all actions: $|w - 1| \le c$. How far can the policy then be?
# The total variation is half the mean of $|w - 1|$, so at most $c/2$. For the KL look at $-\log w$,
# a convex function of $w$ between the walls. It lies below the straight line through its two end
# points, and the mean of a straight line depends on the mean of $w$ only, which is 1. At $w = 1$,
# the middle between the walls, the line has the mean of its two ends:
#
# $$|w - 1| \le c \ \text{ for all } a \quad \Longrightarrow \quad \mathrm{TV} \le \frac c2, \qquad
#   \mathrm{KL}(\pi_\text{old} \,\|\, \pi) \le -\tfrac12 \log(1 - c) - \tfrac12 \log(1 + c) . \tag{13.9}$$
#
# It is reached if half of the old probability goes up to $1 + c$ and half down to $1 - c$.
#
# **Exercise 13.6.** Which $\delta$ does a clip of $c$ stand for? Write the largest KL in the box,
# from (13.9).
#
# <details><summary>Hint 1: where to look</summary>
# The right-hand side of (13.9).
# <details><summary>Hint 2: the idea</summary>
# Two logarithms with the same factor are the logarithm of a product.
# <details><summary>Hint 3: a sketch</summary>
# return -0.5 * np.log(... of c squared)
# </details></details></details>


# %%
def my_largest_kl(c):
    ### BEGIN SOLUTION
    return -0.5 * np.log(1 - c**2)
    ### END SOLUTION


nb.check_largest_kl(my_largest_kl)

# %%
largest_kl = yours(my_largest_kl, nb.check_largest_kl)
for c in (0.1, 0.2, 0.28):
    print(f"c = {c:4}: KL at most {largest_kl(c):.4f} nats, about c²/2 = {c**2 / 2:.4f}")

# %% [markdown]
# A clip of 0.2, kept, would be a trust region of 0.02 nats in every state, twice TRPO's usual δ.
# And the other way round? A KL or a total variation promises nothing about a single ratio. An
# action of old probability $10^{-6}$ may become a thousand times as likely at the cost of a total
# variation of 0.001.
#
# So which region is the best to climb in? Take the largest gain $\sum_a \pi(a) A(a)$ in each state,
# within each of the three. KL: (3.10). Total variation τ: take that much probability from the worst
# actions, and give it to the best one. The box: multiply each action with one of the walls,
#
# $$\pi(a) = \pi_\text{old}(a) \cdot \begin{cases} 1 + c & A(a) \gt m \\ 1 - c & A(a) \lt m \end{cases}
#   \qquad m \text{ the median of } A \text{ under } \pi_\text{old} . \tag{13.10}$$
#
# The proof is an exchange: if of two actions the better one is not at its upper wall and the worse
# one not at its lower one, moving some probability from the worse to the better gains. When that is
# no longer possible, all that is above some level is up, all below is down; and up and down must
# have half of the old probability each, for the sum to be 1. An action at the median itself has
# what is left.
#
# **Exercise 13.7.** Write (13.10) for one state: `pi_old` and `A` of shape `(n,)`, the advantages
# all different. The action at the median has a part of its probability in the upper half and a part
# in the lower.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (13.10), and the last sentence of its proof.
# <details><summary>Hint 2: the idea</summary>
# Go through the actions from the best to the worst, and count how much of the first half of the
# probability is left. An action may take as much of it as it has, and that part is multiplied with
# 1 + c, the rest with 1 - c.
# <details><summary>Hint 3: a sketch</summary>
# left = 0.5; then for each action, in the order of falling A: up = min(..., left), its entry is (1
# + c) * up + ..., and left becomes ...
# </details></details></details>


# %%
def my_ratio_step(pi_old, A, c):
    ### BEGIN SOLUTION
    pi, left = np.zeros(len(A)), 0.5
    for a in np.argsort(-A):
        up = min(pi_old[a], left)
        pi[a] = (1 + c) * up + (1 - c) * (pi_old[a] - up)
        left = left - up
    return pi
    ### END SOLUTION


nb.check_ratio_step(my_ratio_step)

# %% [markdown]
# For a fair comparison give all three the same promise, $\mathrm{TV} \le \tau$ in every state: that
# is what the bounds on $J - L$ ask for, (3.5) and (14.9). By (13.9) the box then has $c = 2 \tau$,
# and by Pinsker's inequality the KL has $\delta = 2 \tau^2$. (Both are then part of the region of
# total variation.) 500 random MDPs with 6 states and 20 actions, $\gamma = 0.9$, $\tau = 0.1$,
# everything exact. The last column is $1 / \mathbb{E}[w^2]$, the share of the samples that count if
# the step is judged from data of the old policy, (2.12), in the state where it is smallest.

# %%
rng = np.random.default_rng(0)
mdp = tabular.random_mdp(rng, S=6, A=20, gamma=0.9, shape=(500,))
pi_old = tabular.softmax_policy(1.5 * rng.standard_normal((500, 6, 20)))
A = tabular.advantages(mdp, pi_old)
print(f"{'region':24}gain of J   |J - L| / gain   mean KL   mean TV   largest ratio   samples")
for name, step in regions.STEPS.items():
    pi = step(pi_old, A, 0.1)
    gain = tabular.performance(mdp, pi) - tabular.performance(mdp, pi_old)
    gap = np.abs(tabular.surrogate_gap(mdp, pi_old, pi))
    size = regions.sizes(pi_old, pi)
    count = (1 / np.sum(pi**2 / pi_old, axis=-1)).min(axis=-1)
    print(
        f"{name:24}{gain.mean():9.3f}{gap.mean() / gain.mean():16.4f}{size['KL'].mean():10.4f}"
        f"{size['TV'].mean():10.4f}{np.median(size['largest ratio'].max(axis=-1)):16.1f}"
        f"{np.median(count):10.3f}"
    )

# %% [markdown]
# With exact advantages the order is clear: total variation gains most, the box least, and the gap
# between $J$ and $L$ is below a hundredth of the gain in the mean, for all three. (That total variation is first in $L$
# had to be: the other two lie in its region. In it the worst
# actions are dropped altogether; then the KL is infinite.) But advantages are estimated, and then
# the last two columns count. The step in total variation multiplies some action by 39, and in its
# worst state one sample in five counts. The box keeps nearly all samples, and pays for that in
# speed. The KL keeps as many, and gains a third more: where large ratios are cheap, it allows them.
#
# ## 8. Many actions
#
# How fast is each, then, when a good action is rare? In the box its probability grows by a factor
# $1 + c$ an update, and no faster.
#
# **Exercise 13.8.** The best of many actions has the probability 0.0001. How many updates within
# $|w - 1| \le 0.2$ does it take at least, until it has the probability one half?
#
# <details><summary>Hint 1: where to look</summary>
# Equation (13.10): by which factor can a probability grow in one update?
# <details><summary>Hint 2: the idea</summary>
# After n updates it is at most 0.0001 times a power.
# <details><summary>Hint 3: a sketch</summary>
# np.log(... / ...) / np.log(...), and then the next whole number.
# </details></details></details>

# %%
prediction = ...  # replace the dots by a number
### BEGIN SOLUTION
prediction = 47
### END SOLUTION
nb.check_updates_in_the_box(prediction)

# %%
print("updates from p to one half   " + "".join(f"{name:>22}" for name in regions.STEPS))
for p in (1e-2, 1e-4, 1e-6):
    paths = [
        regions.path_to(lambda pi, A, step=step: step(pi, A, 0.1), p, 0.5)
        for step in regions.STEPS.values()
    ]
    print(f"{p:24}     " + "".join(f"{len(path) - 1:22}" for path in paths))

# %% [markdown]
# **Too strict on rare actions.** For KL and total variation it makes hardly any difference how rare
# the action was; for the box it makes the whole difference.
#
# **Too loose on frequent ones.** A policy that takes one action with 0.99 moves to 0.80. Its ratio
# is 0.81, within the clip of 0.2. But the policy has moved a total variation of 0.19 and 0.18 nats,
# eighteen times TRPO's δ. The ratio that would tell, $0.20 / 0.01 = 20$, belongs to the other
# action, and that is seen once in a hundred samples.

# %%
cases = {"rare: 0.0001 to 0.00015": (1e-4, 1.5e-4), "frequent: 0.99 to 0.80": (0.99, 0.80)}
for name, (p, q) in cases.items():
    kl = float(regions.binary_kl(p, q))
    print(f"{name:26} ratio {q / p:5.2f}   TV {abs(q - p):.5f}   KL {kl:.5f}")

# %% tags=["hide-input"]
figure = nb.draw_bands(tau=0.1)
show(
    figure,
    "The new probability of one action that each region allows, against its old probability, both on axes of log odds, as three bands around the "
    "diagonal. The band of the clip is narrow for rare actions and wide for frequent ones; those of KL and total variation are wide for rare actions and "
    "narrow for frequent ones. Two points: a rare action whose ratio leaves the clip, far inside of the other two, and a frequent one inside of the clip and "
    "outside of the other two.",
    "All three promise a total variation of at most 0.1, if all actions keep them. The clip looks at one.",
)

# %% [markdown]
# **A noisy measure.** By (13.4) half of $|w - 1|$ of one sampled action is an unbiased estimate of
# the total variation. How good is it? Its relative variance is
#
# $$\frac{\mathrm{Var}\big( \tfrac12 |w - 1| \big)}{\mathrm{TV}^2}
#   = \frac{\mathbb{E}[(w - 1)^2]}{4\, \mathrm{TV}^2} - 1 , \tag{13.11}$$
#
# and this is how many samples one needs for an error as large as the thing itself. A bandit with
# 1,000 actions, $\pi_\text{old}(a) \propto 1/\text{rank}$, as words in a language roughly are, and
# changes of several shapes. Each is scaled to a KL of exactly 0.01, so that TRPO would let each of
# them pass, just.

# %%
bandit, changes = nb.zipf(1000), nb.changes_of(nb.zipf(1000), 0.01)
print("change                          KL     TV   outside of 0.2   largest ratio   (13.11)")
for name, new in changes.items():
    w = new / bandit
    tv = bandit @ np.abs(w - 1) / 2
    relative = bandit @ (w - 1) ** 2 / (4 * tv**2) - 1
    outside = bandit @ (np.abs(w - 1) > 0.2)
    kl = tabular.state_kl(bandit, new)
    print(f"{name:28}{kl:6.3f}{tv:7.3f}{outside:17.2%}{w.max():16.1f}{relative:10.1f}")

# %% [markdown]
# The same number of nats each time, and the clip sees anything from one sample in two thousand to
# one in six. If the change is spread over all actions, the error of one sample is about as large as
# the thing itself. If it sits in one action that is seldom drawn, it takes hundreds of samples to
# get there; and in a language model a state, a text so far, is usually met **once**.
#
# ## 9. Why divergences have come back
#
# In the training of language models by rewards the actions are tokens, tens of thousands of them,
# most of them rare. That is the case of section 8. [Qi et al. (2026)](references.md#qi2026) argue
# so, in the abstract: the ratio of a sampled token is a "noisy single-sample Monte Carlo estimate"
# of the divergence; updates of low-probability tokens are over-penalised, and large shifts of
# high-probability tokens under-constrained. Their **DPPO** keeps PPO's loop and asks another
# question of each sample. Not *has its ratio left the box?* but *has the policy in this state left
# the region?*
#
# The whole distribution of a state is much to keep. Their cheapest divergences take all actions but
# the sampled one together, as one "other": two coins, $p$ against $q$. That never overrates the
# distance. A sum of absolute values is at least the absolute value of the sum, and for the KL it is
# data processing, as before (14.3):
#
# $$|p - q| \le \mathrm{TV}(\pi_\text{old}, \pi), \qquad
#   p \log \frac{p}{q} + (1 - p) \log \frac{1 - p}{1 - q} \le \mathrm{KL}(\pi_\text{old} \,\|\, \pi) . \tag{13.12}$$
#
# With one of these for $D$, a sample is masked if it is outside of the region and pushes further
# out:
#
# $$u = \begin{cases} 0 & D \gt \text{radius} \ \text{ and } \ \big( A \gt 0,\ w \gt 1 \ \text{ or } \ A \lt 0,\ w \lt 1 \big), \\
#   w A & \text{otherwise.} \end{cases} \tag{13.13}$$
#
# **Exercise 13.9.** Write the weights (13.13) with $D = |p - q|$, for arrays `w`, `p` and `A` of
# shape `(N,)`: the ratios, the **old** probabilities of the sampled actions, and the advantages;
# and the number `radius`.
#
# <details><summary>Hint 1: where to look</summary>
# Equations (13.12) and (13.13). The new probability q is not among the arguments; which two of them
# give it?
# <details><summary>Hint 2: the idea</summary>
# It is your function of exercise 13.4 with another condition: outside, and pushing outwards.
# <details><summary>Hint 3: a sketch</summary>
# D = p * np.abs(...); outwards = np.where(A > 0, ..., ...); np.where((D > ...) & ..., ..., ...)
# </details></details></details>


# %%
def my_divergence_weights(w, p, A, radius):
    ### BEGIN SOLUTION
    outside = p * np.abs(w - 1) > radius
    outwards = np.where(A > 0, w > 1, w < 1)
    return np.where(outside & outwards, 0.0, w * A)
    ### END SOLUTION


nb.check_divergence_weights(my_divergence_weights)

# %% [markdown]
# What does each mask do to the five changes of section 8? All of them are inside of the trust
# region, at 0.01 nats and total variations of at most 0.06. The advantage of a sample pushes the
# way the change went, and the radius is $\tau = 0.1$, what a kept clip of 0.2 promises. So a mask
# that knew the divergence would let every sample pass. By (13.12) so must the mask with $|p - q| \gt \tau$: its column is
# 0 before it is computed. What is to be seen is the first.

# %%
masked = yours(my_divergence_weights, nb.check_divergence_weights)
print("share of the samples that are masked      clip 0.2    |p - q| > 0.1")
for name, new in {**changes, "0.99 to 0.80": None}.items():
    old = np.array([0.99, 0.01]) if new is None else bandit
    w = (np.array([0.80, 0.20]) if new is None else new) / old
    push = np.where(w > 1, 1.0, -1.0)
    by_clip = old @ (nb.clipped_weights(w, push, 0.2) == 0)
    by_divergence = old @ (masked(w, old, push, 0.1) == 0)
    print(f"{name:38}{by_clip:12.2%}{by_divergence:17.2%}")

# %% [markdown]
# The last line is the frequent action that went too far: there every sample is held back by the
# divergence, and one in a hundred by the clip. (With both coins known exactly. For more than two
# actions the binary divergence is a lower bound, and can miss what goes on among the others.)
#
# **The horizon.** A second reason is the length of a text. [Li et al. (2025)](references.md#li2025)
# bound $|J - L|$ for answers of $T$ tokens and rewards between 0 and 1: the older bound grows like
# $T^2$, their Pinsker-marginal one like $T^{3/2}$, and others slower where the policies differ in
# few places only. Notebook 14, section 9, derives and compares them. All of them depend on the
# **largest** divergence of a token, "a sequence-level quantity that cannot be controlled by
# token-independent methods like PPO clipping" (abstract); so they mask a whole answer if one of its
# tokens has left the region. With $D$ for that largest KL, and the factor $\tfrac43$ of exercise
# 14.11, the Pinsker-marginal bound says that $J$ and $L$ differ by no more than all that can be
# earned, 1, only if
#
# $$\tfrac43\, T^{3/2}\, D \le 1 \quad \Longleftrightarrow \quad D \le \tfrac34\, T^{-3/2} . \tag{13.14}$$
#
# **Exercise 13.10.** How many nats may a token have at most, for answers of 1,000 tokens, so that
# this bound says anything at all?
#
# <details><summary>Hint 1: where to look</summary>
# The right-hand side of (13.14).
# <details><summary>Hint 2: the idea</summary>
# T^(3/2) is T times its root.
# <details><summary>Hint 3: a sketch</summary>
# 0.75 over (1000 times the root of ...)
# </details></details></details>

# %%
prediction = ...  # replace the dots by a number
### BEGIN SOLUTION
prediction = 0.75 / 1000**1.5
### END SOLUTION
nb.check_certified_kl(prediction)

# %%
kept = largest_kl(0.2)
print(f"a clip of 0.2, kept everywhere, promises {kept:.4f} nats a token")
print(f"the bound of (13.14) is below 1 up to T = {int((0.75 / kept) ** (2 / 3))} tokens")
print(f"the older one, T (T - 1) D, up to T = {int((1 + np.sqrt(1 + 4 / kept)) / 2)} tokens")

# %% [markdown]
# Eleven tokens. So neither a clip of 0.2 nor $\delta = 0.02$ certifies anything for a text: bounds
# of this kind are guides for what to measure and how it should shrink, like the theorem of notebook
# 03 in its time. What is measured, in those papers, is stability in training, on their models.
#
# ## 10. When to use which
#
# Every entry is measured (**m**), derived (**d**) or quoted (**q**), here or in the notebook that
# is named.
#
# | | plain gradient | natural gradient | TRPO | PPO |
# |---|---|---|---|---|
# | what limits a step | the learning rate, in θ (d: 01) | δ, in a quadratic model (d: 04) | δ, in exact mean nats of the batch (d: 08) | clip, rate, epochs together (m: section 6) |
# | is that a bound on the KL? | no (d: 01) | no: model only (m: 08) | yes, on the batch's mean (d: 08) | no (d: (13.8)) |
# | depends on the unit of the rewards | yes (d: 01) | no (d: (11.8)) | no (d: (11.8)) | Adam's step hardly (d: the scale of $g$ cancels in it) |
# | lines beyond the plain gradient | 0 (m: 1) | about 100 (m: 1) | about 180 (m: 1) | about 40 (m: 1) |
# | forward passes an update | 3 (d: (13.1)) | 43 (d: (13.1)) | 44; with a tenth 8 (d: (13.1)) | 30 (d: (13.1)) |
# | seconds an update, in gradient steps | 1 | 2.5 to 10 (m: 2) | 3 to 10; with a tenth 2 to 3 (m: 2) | 13 to 41 (m: 2) |
# | updates to 475 on CartPole; to −250 on Pendulum | within 24: 1 seed of 4; within 50: 0 of 3 (m: 2) | 7.5; 21 (m: 2) | 8.5; 36 (m: 2) | 7; 21 (m: 2) |
# | steps on a batch | 1 | 1 | 1 | 320 at 2,048 samples (d: 10 epochs of 64) |
# | gain at equal KL, against the gradient | 1 | on fresh samples 1.0 to 3.2 times at updates 5 and 20; at 50 nothing, or less (m: 4) | as the natural gradient (m: 4) | not measured here |
# | noise in the network, shared value network | yes (d: it is a gradient) | a fixed network while CG runs (d: section 3) | no (q: Schulman et al., 2017) | yes (q: Schulman et al., 2017) |
# | rare good actions | no box | no box | few updates, for the best step within a KL (m: 8) | a factor of $1 + c$ an update, where the box is kept (d: (13.10)) |
#
# Read it as advice, it says:
#
# - Batches of thousands, and you want a step whose KL on the batch is bounded, without tuning a rate: **TRPO**, with a tenth
#   of the states in its products. (Returns we have of networks of some thousand parameters, seconds up to a million.)
# - Dropout, a shared trunk, several losses, minibatches that do not fit together: **PPO**. Then
#   watch the KL, since nothing bounds it, and stop the epochs when it is too large.
# - Many actions, most of them rare, and few visits to each state: measure a **divergence** in place
#   of the ratio, whatever the optimizer.
# - To compare or to teach: TRPO's one δ is in nats. Four settings that together mean "about so far"
#   are harder to hold fixed.
#
# ## 11. And why PPO replaced it
#
# The reasons that can be checked are in the tables: a quarter of the lines, no second order, no full
# pass that must see the same network. That is what the paper claims as well: "some of the
# benefits" of TRPO, but "much simpler to implement, more general", and with better sample
# complexity in their experiments ([Schulman et al. (2017)](references.md#schulman2017), abstract).
#
# Is the clip the reason for the better returns? [Engstrom et al.
# (2020)](references.md#engstrom2020) took PPO apart: value clipping, reward scaling,
# initialisation, annealing, and more, things found only in code or in passing. Their abstract says
# that these code-level optimizations "(a) are responsible for most of PPO's gain in cumulative
# reward over TRPO, and (b) fundamentally change how RL methods function". So a comparison of the
# two as they are found in libraries compares two bags of details first, and the two regions second.
#
# And against us: this package was built around TRPO. Its PPO is one plain file, without those
# parts, and with them section 1 would count more lines. Sections 7 and 8 compare regions exactly,
# and say nothing about returns; the whole runs of section 2 are of two easy tasks. What this
# notebook can tell is that PPO is **simple and general**, and that it found no sign of a better region. Why the field
# moved it has not measured. And where, by the papers of section 9, the region matters, with many actions, the divergence
# came back.
#
# ## 12. What to take along
#
# | | |
# |---|---|
# | complex | yes: some 180 lines beyond the plain gradient, PPO some 40; eight ideas against four |
# | dear | $3 + 4kf + n$ forward passes against 3 for a gradient; PPO's ten epochs are 30. In seconds three to ten gradient steps, and PPO more than TRPO at every size |
# | large networks | time and memory like a gradient's, a constant factor, up to $10^6$; it is the matrix that grows like $P^2$ |
# | second order | in the quadratic model, at equal KL, between 1 and $(\kappa + 1) / 2\sqrt\kappa$ times the gradient's gain; on fresh samples here from a loss to a factor of 3.2 |
# | KL, TV, box | mean square, mean absolute value and maximum of $w - 1$ |
# | the clip | a gradient of exactly 0 past the wall; bounds neither ratio nor KL |
# | the box, if kept | $\mathrm{TV} \le c/2$, $\mathrm{KL} \le -\tfrac12 \log(1 - c^2)$ |
# | one ratio | too strict on rare actions, too loose on frequent ones, and noisy |
#
# ## What this rests on
#
# | claim | measured on | seeds | and what that leaves open |
# |---|---|---|---|
# | lines, settings | the four updates of this package, a call each | | other programs, other styles |
# | forward passes | counted, so exact | | |
# | cost and memory of an update | 2,048 random states, six widths, one machine, one thread | 7 rounds | other machines and libraries; more than $10^6$ parameters |
# | updates to a goal | CartPole; Pendulum | 4; 3 | other tasks, other widths |
# | time to solve CartPole | one task, one machine | 10 | which part of it is algorithm, settings, library |
# | gain at equal KL | CartPole and Pendulum before updates 5, 20 and 50 | 10; live 1 | larger networks |
# | PPO's epochs leave the box | a batch of CartPole, one of Pendulum, live | 1 | how far: another seed has other numbers |
# | no number of nats bounds the clip | an example, exact | | |
# | KL, total variation and box: gains and gaps | 500 random MDPs, exact | | estimated advantages, parameters shared by states |
# | rare and frequent actions | two coins; one bandit and five changes of it, exact | | real texts |
# | why PPO replaced it, and why divergences came back | quoted | | |
#
# ## Sources and further reading
#
# Proved here: (13.1) as a count, (13.2) to (13.5), (13.7) to (13.12), (13.14) from notebook 14.
# Quoted: (13.6), (13.13). Measured here: the tables of sections 1, 2, 4, 6 to 8.
#
# - [Schulman et al. (2017)](references.md#schulman2017): PPO; section 3 is the clipped surrogate
#   (their eq. 7), section 4 the adaptive penalty.
# - [Engstrom et al. (2020)](references.md#engstrom2020): which parts of PPO and TRPO do what.
# - [Wang et al. (2020)](references.md#wang2020): that the clip bounds neither ratio nor KL, and a
#   clip that pulls back.
# - [Qi et al. (2026)](references.md#qi2026): DPPO. [Li et al. (2025)](references.md#li2025): bounds
#   for long sequences, and masking of whole answers.
# - [Schulman et al. (2015)](references.md#schulman2015), appendix C: products on a part of the
#   states. [Kingma and Ba (2015)](references.md#kingma2015): Adam.
# - Kantorovich's inequality stands in most books on optimization, for steepest descent; the proof
#   above is complete.
#
# On: [14 A sharper bound](14_sharper_bound.ipynb) has the bounds that section 9 uses, and [15
# Penalty instead of constraint](15_penalty.ipynb) the other half of PPO's paper.
