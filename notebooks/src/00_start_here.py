# %% [markdown]
# # 00 Start here
#
# These notebooks teach one algorithm, **Trust Region Policy Optimization** (TRPO;
# [Schulman et al. (2015)](references.md#schulman2015)), from its first question to a program that trains
# agents. Every formula is derived, computed, drawn and checked, and the pieces that you write on the way
# are put together at the end.
#
# The question is: *how far may a policy move in one update?* TRPO's answer: as far as keeps the new
# policy within a small distance δ of the old one, where distance is measured between the policies
# themselves, and not between their parameters.
#
# You need calculus (gradients, Taylor's formula), linear algebra (eigenvalues, positive definite
# matrices), a little probability, and Python with NumPy. You should have met Markov decision processes;
# section 5 recalls what is used.
#
# ## 1. Is everything installed?
#
# The grey box below is a **cell** with code. Click into it and press **Shift+Enter**: the code runs, what
# it prints stands below it, and the next cell is chosen. Go on like this, from the top to the bottom.

# %%
from importlib.metadata import PackageNotFoundError, version

packages = "numpy", "autograd", "gymnasium", "matplotlib", "jupyterlab", "pytest", "trpo_np"
for package in packages:
    try:
        print(f"{package:12} {version(package)}")
    except PackageNotFoundError:
        print(f"{package:12} MISSING; in the folder of the README: pip install -r requirements.txt")

# %% [markdown]
# If a line says MISSING, do what it says, in a terminal and in the environment that JupyterLab was started
# from; then choose *Kernel → Restart Kernel*, and run the cell again. If none does, import what this
# notebook needs:

# %%
import numpy as np
from gymnasium import spaces

from trpo_np import Settings, explicit_fisher, fisher_vector_product, make_policy, train
from trpo_np.classroom import notebook_00 as nb
from trpo_np.classroom.figures import show
from trpo_np.experiments.plots import use_style

use_style()

# %% [markdown]
# and let two small things be computed: a product with the Fisher matrix in two ways, and a moment of
# training.

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
# ## 2. How to work with a notebook
#
# | you want to | do |
# |---|---|
# | run a cell | Shift+Enter. `[*]` beside it: it is running; `[7]`: it was the seventh to run |
# | run what stands above | *Run → Run All Above Selected Cell*. A `NameError` mostly says that a cell above has not been run |
# | stop a cell that does not end | *Kernel → Interrupt Kernel* |
# | begin again, with your text kept | *Kernel → Restart Kernel and Run All Cells*. All variables are forgotten and made anew |
# | save | Ctrl+S. JupyterLab also saves by itself every two minutes |
# | see code that is folded | click on the bar with the three dots. Cells that only draw are folded; nothing later needs what is in them |
# | go on | the line at the top and at the end of every notebook: the one before, the next, and this one with its exercises solved |
#
# **Work in a copy.** Then nothing that you write can be lost by an update of the course, and the original
# stays there to look at, or to copy anew if you want to start a notebook again. In a terminal, in the folder
# of the README (the two commands are the same on every system):
#
# ```sh
# python -c "import shutil; shutil.copytree('notebooks', 'my_notebooks')"
# jupyter lab my_notebooks/
# ```
#
# ## 3. How the exercises work
#
# A cell of an exercise contains `...` and the words "your code here". Write your code in place of the
# dots and run the cell. The check below it compares your function with the right one on a few examples,
# and if it recognises a common mistake, it says which. Three hints unfold one after the other: where to
# look, the idea, a sketch. In some cells you only replace the dots by a number, your prediction. And from
# notebook 05 on, three short questions about earlier notebooks come first, to be answered by a number or
# a letter; who cannot is told where to look again.
#
# Every notebook also runs to its end with all exercises left open. Where cells below want a function that
# you were to write, a line tells which one they take: your own, if it passes its check, and else the
# package's.
#
# Try it. First run the cell as it is; then write `np.sum(v)` for the dots, and run it again; then put a
# `return` in front, and again; then solve it.
#
# **Exercise 0.1.** Return the squared length of a vector `v`.
#
# <details><summary>Hint 1: where to look</summary>
# Section 3 says how an exercise works. The squared length is the sum of the squares of the entries.
# <details><summary>Hint 2: the idea</summary>
# The operator @ between two vectors is their inner product: products of entries, added up.
# <details><summary>Hint 3: a sketch</summary>
# return ... @ ..., with which two vectors?
# </details></details></details>


# %%
import numpy as np

from trpo_np.classroom import notebook_00 as nb


def my_squared_length(v):
    ### BEGIN SOLUTION
    return v @ v
    ### END SOLUTION


nb.check_squared_length(my_squared_length)

# %% [markdown]
# (This cell imports what it needs once more, so that it runs even if you came straight here. In the other
# notebooks the imports stand in the first cell: run that one first.)
#
# ## 4. The map
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
# | [12 Properties](12_properties.ipynb) | Which of its advantages does TRPO have, and on how many runs does that rest? |
# | [13 Limits, and what came after](13_limits.ipynb) | What does TRPO cost, and why did PPO replace it? |
# | [14 A sharper bound](14_sharper_bound.ipynb) | What does a constraint on the KL still guarantee? |
# | [15 Penalty instead of constraint](15_penalty.ipynb) | What if the KL is paid for in place of being bounded? |
# | [16 Two capstones](16_capstones.ipynb) | Can you do it alone: a distribution of your own, and three bugs of somebody else's? |
#
# They are meant to be read in this order. In a hurry: 01, 04, 05, 08 and 10 tell the story, and 02 and 03
# say why it is true. 14 and 15 go beyond the chapter, and 16 is for the end. What each needs, and how long it takes, is in [the README](README.md).

# %% tags=["hide-input"]
show(
    nb.draw_map(),
    "A map of the notebooks as boxes with arrows: 01 leads to 02, 03, 04, then by 05, 06 and 07 to 08; "
    "04 also leads straight to 08, 02 to 09; 08 and 09 lead to 10, 10 to 11 and 12, and 12 to 13. 11 "
    "leads to the capstones, 16. Beyond the chapter, 03 leads to 14, and 10 to 15.",
    "The order of reading.",
    name="map",
)

# %% [markdown]
# The algorithm, and where each of its lines is explained:
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
# ## 5. What is assumed: Markov decision processes
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
# `obs`. That these sums exist, and more about them, is in
# [Puterman (1994)](references.md#puterman1994), chapters 5 and 6.
#
# ## 6. Letters
#
# The same letters stand for the same things in formulas, code and docstrings. You need not learn them
# now: each is introduced where it is first used. The table is for looking up, in the order of reading; its
# last column has the first numbered equation with the symbol. In the shapes, $S$ and $A$ are the numbers
# of states and of actions, where they are finitely many, $D$ is the length of an observation and $d$ that
# of an action.
#
# | symbol | in code | shape or unit | meaning | first in |
# |---|---|---|---|---|
# | $\theta$ | `theta` | (P,) | the parameters of the policy, in one flat vector | [(1.1)](01_how_large_a_step.ipynb) |
# | $J(\pi)$ | `performance` | number | performance, the expected discounted return (the TRPO paper's $\eta$) | [(1.1)](01_how_large_a_step.ipynb) |
# | $\alpha$ | `alpha` | number | step size; $\alpha_\text{max}$ the longest | [(1.1)](01_how_large_a_step.ipynb) |
# | $m, \sigma$ | `mean, log_std` | (N, d) | mean and standard deviation of a Gaussian policy | [(1.2)](01_how_large_a_step.ipynb) |
# | $\mathrm{KL}(\pi_\text{old} \,\|\, \pi)$ | `mean_kl` | nats | Kullback–Leibler divergence; with a bar its mean over states | [(1.3)](01_how_large_a_step.ipynb) |
# | $\pi(a\vert s)$ | `pi` | (S, A) where finite | the policy: probability, or density, of action $a$ in state $s$ | [(1.5)](01_how_large_a_step.ipynb) |
# | $\delta$ | `delta` | nats | radius of the trust region | [(1.5)](01_how_large_a_step.ipynb) |
# | $s, s_t$ | `obs` | (N, D) | state; a program sees an observation of it, a row of `obs` | [(2.1)](02_surrogate_objective.ipynb) |
# | $a, a_t$ | `actions` | (N,) or (N, d) | action | [(2.1)](02_surrogate_objective.ipynb) |
# | $r(s, a), r_t$ | `rewards` | (S, A) or (T, E) | reward | [(2.1)](02_surrogate_objective.ipynb) |
# | $P(s^{\prime}\vert s, a)$ | `transitions` | (S, A, S) | transition probabilities; $P_\pi$ those under a policy, (S, S) | [(2.1)](02_surrogate_objective.ipynb) |
# | $\mu$ | `start` | (S,) | distribution of the first state | [(2.1)](02_surrogate_objective.ipynb) |
# | $\gamma$ | `gamma` | number | discount | [(2.1)](02_surrogate_objective.ipynb) |
# | $V(s)$ | `values` | (S,), (T, E) or (N,) | value of a state; $V_w$ its estimate by a network | [(2.2)](02_surrogate_objective.ipynb) |
# | $Q(s, a)$ | `Q` | (S, A) | value of an action in a state | [(2.3)](02_surrogate_objective.ipynb) |
# | $A(s, a), A_t$ | `advantages` | (S, A), (T, E) or (N,) | advantage, $Q - V$ | [(2.3)](02_surrogate_objective.ipynb) |
# | $\rho(s)$ | `visitation` | (S,) | discounted visitation of the states; its sum is $1/(1 - \gamma)$ | [(2.5)](02_surrogate_objective.ipynb) |
# | $L, \bar L$ | `surrogate` | number | surrogate objective; notebook 02 keeps two forms of it apart | [(2.7)](02_surrogate_objective.ipynb) |
# | $d(s)$ | `d` | (S,) | the visitation, scaled to sum 1: $d = (1 - \gamma)\, \rho$ | [(2.9)](02_surrogate_objective.ipynb) |
# | $N$ | `N` | number | number of samples, or of states, in a batch | [(2.10)](02_surrogate_objective.ipynb) |
# | $w(s, a)$ | `ratio` | (N,) | probability ratio, new over old | [(2.11)](02_surrogate_objective.ipynb) |
# | $C$ |  | number | constant of the theorem | [(3.1)](03_monotonic_improvement.ipynb) |
# | $\epsilon$ |  | number | largest absolute advantage | [(3.1)](03_monotonic_improvement.ipynb) |
# | $\alpha$ |  | number | in the theorem's proof: the largest total variation between old and new policy | [(3.3)](03_monotonic_improvement.ipynb) |
# | $\nu$ |  | number | Lagrange multiplier | [(3.10)](03_monotonic_improvement.ipynb) |
# | $g$ | `g` | (P,) | gradient of $L$ at the old parameters, the policy gradient | [(4.2)](04_trust_region.ipynb) |
# | $d$ | `d` | (P,) | a change of the parameters, $\theta - \theta_\text{old}$ | [(4.2)](04_trust_region.ipynb) |
# | $F$ | `F` | (P, P) | Fisher information matrix of the policy | [(4.3)](04_trust_region.ipynb) |
# | $s$ | `s` | (P,) | search direction, $s \approx F^{-1} g$ | [(4.6)](04_trust_region.ipynb) |
# | $\eta$ | `eta` | (N, K) | outputs of the network: the parameters of the action distribution | [(5.2)](05_fisher_information.ipynb) |
# | $M_s$ | `metric` | (N, K, K) | Fisher matrix of the action distribution, in its parameters $\eta$ | [(5.6)](05_fisher_information.ipynb) |
# | $J_s$ | `J` | (N, K, P) | Jacobian $\partial \eta / \partial \theta$ of the outputs | [(5.9)](05_fisher_information.ipynb) |
# | $K$ | `K` | number | number of outputs of the network for a state | [(5.10)](05_fisher_information.ipynb) |
# | $P$ | `P` | number | number of parameters | [(5.11)](05_fisher_information.ipynb) |
# | $\lambda I$ | `damping` | number | damping: $F + \lambda I$ in place of $F$ | [(5.12)](05_fisher_information.ipynb) |
# | $v$ | `v` | (P,) | any vector that $F$ is multiplied with | [(6.1)](06_fisher_vector_products.ipynb) |
# | $r_k$ | `r` | (P,) | residual of conjugate gradient, $g - F x_k$ | [(7.3)](07_conjugate_gradient.ipynb) |
# | $p_k$ | `p` | (P,) | direction of conjugate gradient | [(7.4)](07_conjugate_gradient.ipynb) |
# | $\beta_k$ | `beta` | number | factor of the old direction in the new one, in conjugate gradient | [(7.6)](07_conjugate_gradient.ipynb) |
# | $\mu_i$ | `mu` | number | eigenvalue of $F$ | [(7.8)](07_conjugate_gradient.ipynb) |
# | $\kappa$ |  | number | condition number, the largest eigenvalue over the smallest | [(7.9)](07_conjugate_gradient.ipynb) |
# | $\alpha_k$ | `alpha` | number | step length of conjugate gradient along $p_k$ | [07](07_conjugate_gradient.ipynb) |
# | $G_t$ | `G` | (T, E) | return from time $t$ on | [(9.1)](09_advantages.ipynb) |
# | $b(s)$ | `b` | (S,) | baseline | [(9.2)](09_advantages.ipynb) |
# | $\delta_t$ | `deltas` | (T, E) | TD error | [(9.4)](09_advantages.ipynb) |
# | $\lambda$ | `lam` | number | of advantage estimation: the weight of long estimates | [(9.6)](09_advantages.ipynb) |
# | $e(s)$ | `e` | (S,) | error of an estimated value function | [(9.8)](09_advantages.ipynb) |
# | $\kappa I$ | `damping` | number | damping of the value function's fit | [(9.11)](09_advantages.ipynb) |
# | $T, E$ | `T, E` | number | time steps and environments of a rollout | [09](09_advantages.ipynb) |
# | $w$ | `w` | (P,) | parameters of the value function | [09](09_advantages.ipynb) |
# | $\beta$ | `beta` | number | ratio by which the line search shortens a step | [(10.5)](10_trpo.ipynb) |
# | $K$ | `backtracks` | number | number of times that the line search may shorten the step | [(10.5)](10_trpo.ipynb) |
# | $\bar K$ |  | number | the mean KL over the discounted visitation of the old policy | [(14.1)](14_sharper_bound.ipynb) |
#
# **Letters with two meanings.** Some letters stand in the table twice, as they do in the literature. Two of
# them have two meanings all over the course, and are told apart by where they stand. $J$ is the
# performance where it has an argument, $J(\pi)$, or stands beside $L$, and the Jacobian where it stands beside
# $M$, $F$ or a vector. $s$ is a state as an argument or an index, and the search direction as a factor
# ($F s$, $s^\top F s$). The others change their meaning from one notebook to another, and where a notebook
# uses two of them, or a letter in a way of its own, it says so. $\log$ is the natural logarithm, gradients are
# vectors of the shape of $\theta$, and $\odot$ multiplies entry by entry. A numbered equation has the number
# of its notebook before the dot; [the ledger of equations](equations.md) says for each which function
# computes it and which test checks it.
#
# Next: [01 How large a step?](01_how_large_a_step.ipynb).
