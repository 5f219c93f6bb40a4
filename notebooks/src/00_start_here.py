# %% [markdown]
# # 00 Start here
#
# These notebooks teach one algorithm, **Trust Region Policy Optimization** (TRPO; Schulman and others,
# 2015), from its first question to a program that trains agents. Every formula is derived, computed,
# drawn and checked, and the pieces that you write on the way are put together at the end.
#
# The question is: *how far may a policy move in one update?* TRPO's answer: as far as keeps the new
# policy within a small distance δ of the old one, where distance is measured between the policies
# themselves, and not between their parameters.
#
# You need calculus (gradients, Taylor's formula), linear algebra (eigenvalues, positive definite
# matrices), a little probability, and Python with NumPy. You should have met Markov decision processes;
# section 3 recalls what is used.

# %%
from importlib.metadata import version

import matplotlib.pyplot as plt
import numpy as np
from gymnasium import spaces

from trpo_np import Settings, explicit_fisher, fisher_vector_product, make_policy, train
from trpo_np.classroom import notebook_00 as nb
from trpo_np.classroom.figures import show
from trpo_np.experiments.plots import COLORS, use_style

use_style()

# %% [markdown]
# ## 1. The map
#
# | notebook | the question it answers |
# |---|---|
# | [01 How large a step?](01_how_large_a_step.ipynb) | What goes wrong with a fixed learning rate? |
# | [02 The surrogate objective](02_surrogate_objective.ipynb) | How good is a new policy, judged from data of the old one? |
# | [03 Monotonic improvement](03_monotonic_improvement.ipynb) | When is improvement certain, and what does certainty cost? |
# | [04 The trust region](04_trust_region.ipynb) | Which way to go, and how far, for a given δ? |
# | [05 The Fisher information](05_fisher_information.ipynb) | What is the matrix $F$, and why is the KL always 0 at the start? |
# | [06 Fisher-vector products](06_fisher_vector_products.ipynb) | How to use $F$ without ever making it? |
# | [07 Conjugate gradient](07_conjugate_gradient.ipynb) | How to solve $F s = g$ with ten products? |
# | [08 Step size and line search](08_line_search.ipynb) | What if the models are wrong? |
# | [09 Advantages](09_advantages.ipynb) | Where do the advantages come from? |
# | [10 TRPO](10_trpo.ipynb) | All together: train an agent with your own pieces |
# | [11 A museum of real bugs](11_museum_of_bugs.ipynb) | What do people get wrong, and which test finds it? |
#
# They are meant to be read in this order. In a hurry: 01, 04, 05, 08 and 10 tell the story, and 02 and 03
# say why it is true. The arrows show the order of reading; what each really
# needs is in the table of `notebooks/README.md`.

# %%
places = {
    "01 step": (0, 1),
    "02 surrogate": (1.25, 1.6),
    "03 theorem": (2.5, 1.6),
    "04 region": (3.75, 1),
    "05 Fisher": (5, 1.6),
    "06 products": (6.25, 1.6),
    "07 CG": (7.5, 1.6),
    "08 search": (8.75, 1),
    "09 advantages": (2.5, 0.2),
    "10 TRPO": (10, 0.6),
    "11 museum": (11.25, 0.6),
}
arrows = [
    "01 02",
    "02 03",
    "03 04",
    "04 05",
    "05 06",
    "06 07",
    "07 08",
    "04 08",
    "02 09",
    "08 10",
    "09 10",
    "10 11",
]
by_number = {name[:2]: place for name, place in places.items()}
figure, ax = plt.subplots(figsize=(14, 3.6))
ax.set_xlim(-0.6, 11.9)
ax.set_ylim(-0.3, 2.1)
ax.axis("off")
boxes = {}
for name, place in places.items():
    text = ax.text(
        *place,
        name.replace(" ", "\n", 1),
        ha="center",
        va="center",
        fontsize=13,
        bbox={
            "boxstyle": "round,pad=0.5",
            "facecolor": "white",
            "edgecolor": COLORS[0],
            "linewidth": 2,
        },
    )
    boxes[name[:2]] = text.get_bbox_patch()
figure.canvas.draw()  # the boxes get their sizes
for arrow in arrows:
    start, end = arrow.split()
    style = {"arrowstyle": "-|>", "color": "0.4", "lw": 2, "shrinkA": 2, "shrinkB": 2}
    style |= {"patchA": boxes[start], "patchB": boxes[end]}
    ax.annotate("", by_number[end], by_number[start], arrowprops=style)
show(
    figure,
    "A map of the notebooks as boxes with arrows: 01 leads to 02, 03, 04, then by 05, 06 and 07 to 08; "
    "04 also leads straight to 08, 02 to 09; 08 and 09 lead to 10, and 10 to 11.",
    "The order of reading.",
    name="map",
)

# %% [markdown]
# ## 2. The algorithm, and where each line is explained
#
# | TRPO, one iteration | notebook |
# |---|---|
# | collect trajectories with the policy $\pi_\theta$ | 09, 10 |
# | estimate the advantages $A$ | 09 |
# | the policy gradient $g = \nabla L(\theta)$ of the surrogate | 02 |
# | the search direction $s \approx F^{-1} g$, by conjugate gradients | 05, 06, 07 |
# | the largest step $\alpha_\text{max} = \sqrt{2\delta / s^\top F s}$ | 04, 08 |
# | for $k = 0, 1, 2, \dots$: try $\theta_\text{new} = \theta + \alpha_\text{max}\, \beta^k s$ | 08 |
# | accept the first with $\mathrm{KL}(\pi_\theta \,\|\, \pi_{\theta_\text{new}}) \le \delta$ and $L(\theta_\text{new}) \gt L(\theta)$ | 08 |
# | fit the value function | 09 |
#
# ## 3. What is assumed: Markov decision processes
#
# At every time $t$ an agent is in a **state** $s_t$ and chooses an **action** $a_t$ with probability
# $\pi(a_t|s_t)$; that is its **policy** $\pi$. It receives a **reward** $r(s_t, a_t)$, and the next state
# is drawn from $P(\cdot|s_t, a_t)$. The first state is drawn from a distribution $\mu$. Rewards that come
# later count less, by a factor $\gamma$ for each step, $0 \le \gamma \lt 1$. The **return** of a trajectory
# is $\sum_t \gamma^t r(s_t, a_t)$, and the **performance** of the policy is its mean,
#
# $$J(\pi) = \mathbb{E}\left[ \sum_{t=0}^{\infty} \gamma^t\, r(s_t, a_t) \right] .$$
#
# The **value** $V(s)$ is the mean return from state $s$ on, and $Q(s, a)$ the same if the first action is
# $a$. Their difference is the **advantage**, $A(s, a) = Q(s, a) - V(s)$: how much better $a$ is than what
# the policy does on average. The **visitation** $\rho(s) = \sum_t \gamma^t P(s_t = s)$ counts how often
# the policy comes to $s$, later visits counting less.
#
# A program sees an **observation** of the state, a vector. Where the notebooks write $s$, the code has
# `obs`.
#
# ## 4. Letters
#
# The same letters stand for the same things in formulas, code and docstrings. You need not learn them
# now; each is introduced where it is first used.
#
# | letter | in code | shape | meaning |
# |---|---|---|---|
# | $N$ | `N` | number | samples, or states, in a batch |
# | $P$ | `P` | number | parameters of the policy |
# | $K$ | `K` | number | outputs of the policy's network for a state |
# | $T, E$ | `T`, `E` | numbers | time steps and environments of a rollout |
# | $\theta$ | `theta` | $(P,)$ | the parameters, in one flat vector |
# | $\eta$ | `eta` | $(N, K)$ | the outputs: parameters of the action distribution |
# | $J$ | `J` | $(N, K, P)$ | the Jacobian $\partial \eta / \partial \theta$ |
# | $J(\pi)$ | `performance` | number | performance, the expected return |
# | $L$ | `surrogate` | number | surrogate objective (notebook 02 keeps two forms apart, $L$ and $\bar L$) |
# | $g$ | `g` | $(P,)$ | its gradient at $\theta_\text{old}$ |
# | $M$ | `metric` | $(N, K, K)$ | Fisher matrix of the action distribution |
# | $F$ | `F` | $(P, P)$ | Fisher matrix of the policy, $\mathbb{E}_s[J^\top M J]$ |
# | $s$ | `s` | $(P,)$ | search direction, $s \approx F^{-1} g$ |
# | $\delta$ | `delta` | number | radius of the trust region, in nats |
# | $\lambda$ | `damping` | number | damping: $F + \lambda I$ in place of $F$ |
# | $\alpha, \beta$ | `alpha`, `beta` | numbers | step size, and the ratio by which it is shortened |
# | $\gamma, \lambda$ | `gamma`, `lam` | numbers | discount, and the $\lambda$ of advantage estimation |
# | $V, A$ | `values`, `advantages` | $(T, E)$ or $(N,)$ | value and advantage of samples |
# | $\pi, P, r, \mu$ | `pi`, `transitions`, `rewards`, `start` | | policy and MDP, where it is finite |
# | $\rho$ | `visitation` | $(S,)$ | discounted visitation of the $S$ states |
# | $C, \epsilon$ | | numbers | constant of the theorem, and the largest absolute advantage in it |
#
# A few letters have two meanings, as in the literature. $J$ is the performance in notebooks 01 to 03, and
# wherever it has an argument; the Jacobian where it stands beside $M$ or $F$. $s$ is a state as an argument
# or an index, and the search direction as a factor ($F s$, $s^\top F s$). $P$ and λ are in the table twice.
# Where a notebook uses a letter in a way of its own, it says so. $\log$ is the natural logarithm, gradients are vectors of the shape of
# $\theta$, and $\odot$ multiplies entry by entry.
#
# ## 5. How the exercises work
#
# A cell of an exercise contains `...` and the words "your code here". Write your code in place of the
# dots and run the cell. The check below it compares your function with the right one on a few examples,
# and if it recognises a common mistake, it says which. Hints unfold one after the other. Every notebook
# also runs to its end with all exercises left open; nothing that follows depends on them. In some cells
# you only replace the dots by a number, your prediction.
# The folder [solutions](solutions) has every notebook with its exercises solved.
#
# Try it. First run the cell as it is; then write `np.sum(v)` for the dots, and run it again; then put a
# `return` in front, and again; then solve it.
#
# **Exercise 0.1.** Return the squared length of a vector `v`.
#
# <details><summary>Hint 1</summary>
# It is the sum of the squares of the entries.
# <details><summary>Hint 2</summary>
# v @ v is the inner product of v with itself. Put a return in front.
# </details></details>


# %%
def my_squared_length(v):
    ### BEGIN SOLUTION
    return v @ v
    ### END SOLUTION


nb.check_squared_length(my_squared_length)

# %% [markdown]
# ## 6. Is everything installed?
#
# The first cell asks every package for its version, the second trains for a moment.

# %%
for package in (
    "numpy",
    "autograd",
    "gymnasium",
    "matplotlib",
    "jupyterlab",
    "ipywidgets",
    "pytest",
):
    print(f"{package:12} {version(package)}")

# %%
rng = np.random.default_rng(0)
policy = make_policy(spaces.Box(-1, 1, (3,)), spaces.Discrete(2), hidden=(5,))
theta, obs, v = (
    policy.init(rng),
    rng.standard_normal((20, 3)),
    rng.standard_normal(policy.num_parameters),
)
F = explicit_fisher(policy, theta, obs)
difference = np.abs(fisher_vector_product(policy, theta, obs)(v) - F @ v).max()
print(
    "Fisher-vector product against the explicit Fisher matrix:",
    "agree" if difference < 1e-12 else "DIFFER",
)

result = train("CartPole-v1", total_steps=2 * 2048, settings=Settings(hidden=(16,)))
print("Two updates of TRPO on CartPole:", [row.status for row in result.history])
print("All is well.")

# %% [markdown]
# Next: [01 How large a step?](01_how_large_a_step.ipynb).
