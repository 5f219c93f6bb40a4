# %% [markdown]
# # 07 Conjugate gradient
#
# TRPO's search direction is the solution $s$ of
#
# $$F s = g, \tag{7.1}$$
#
# where $g$ is the policy gradient and $F$ the Fisher matrix, of size $P \times P$, symmetric and
# positive semidefinite. With a little damping (5.12) it is positive definite, and so it is taken up to
# section 6; section 7 takes it as it is. For a network with $P = 5000$ parameters $F$ has 25 million
# entries, 200 megabytes; for $P = 10^6$ it has 8 terabytes. Notebook 06 found a way to compute $F v$ for
# one vector $v$ without ever having $F$.
#
# So here is the question of this notebook. **Given only a function $v \mapsto F v$, how do
# we solve $F s = g$?** And what do ten such products reach for a network with thousands of parameters?
#
# You need: gradients, eigenvalues, and what a symmetric positive definite matrix is; for sections 7 and 8
# also notebook 05, and of notebook 04 the length (4.7).

# %%
import matplotlib.pyplot as plt
import numpy as np
from gymnasium import spaces

from trpo_np import (
    Batch,
    Settings,
    conjugate_gradient,
    explicit_fisher,
    fisher_vector_product,
    make_policy,
)
from trpo_np.classroom import notebook_07 as nb
from trpo_np.classroom.checks import yours
from trpo_np.classroom.figures import show
from trpo_np.classroom.films import bowl
from trpo_np.experiments.plots import COLORS, use_style
from trpo_np.fast.local_problem import LocalProblem
from trpo_np.fisher import damped
from trpo_np.objectives import policy_gradient

use_style()

# %% [markdown]
# ## Before you begin
#
# Three questions about earlier notebooks, a minute each. They are not graded; what they ask is used
# below.
#
# **Recall 7.1** (notebook 05). A policy with 3 discrete actions and $P = 500$ parameters, and a
# batch of $N = 20$ states. What is the largest rank that $F$ can have?

# %%
recall = ...  # replace the dots by a number
### BEGIN SOLUTION
recall = 40
### END SOLUTION
nb.recall_rank(recall)

# %% [markdown]
# **Recall 7.2** (notebook 05). Some eigenvalues of that $F$ are 0, and the largest is 5. What is the
# smallest eigenvalue of $F + \lambda I$ with $\lambda = 0.1$?

# %%
recall = ...  # replace the dots by a number
### BEGIN SOLUTION
recall = 0.1
### END SOLUTION
nb.recall_damped(recall)

# %% [markdown]
# **Recall 7.3** (notebook 06). A policy gets wider layers, and $P$ grows from 1,000 to 10,000; the
# states stay as they are. By which factor do the multiplications of one product $F v$ by (6.2)
# grow, about?

# %%
recall = ...  # replace the dots by a number
### BEGIN SOLUTION
recall = 10
### END SOLUTION
nb.recall_cost(recall)

# %% [markdown]
# ## 1. A linear system is the bottom of a bowl
#
# Take the quadratic function
#
# $$q(x) = \tfrac12 x^\top F x - g^\top x. \tag{7.2}$$
#
# Its gradient is $\nabla q(x) = F x - g$, because $F$ is symmetric. The gradient is zero exactly
# where $F x = g$, and since $F$ is positive definite the function curves upward in every direction:
# that point is its one minimum. Solving (7.1) and minimising (7.2) are the same task.
#
# Minus the gradient has a name of its own, the **residual**
#
# $$r = g - F x = -\nabla q(x). \tag{7.3}$$
#
# It is two things at once: what is still missing in the equation, and the direction in which $q$
# falls fastest.

# %%
F = np.array([[5.0, 2.0], [2.0, 1.5]])
g = np.array([1.0, 2.0])
solution = np.linalg.solve(F, g)


def q(x):
    return 0.5 * x @ F @ x - g @ x


x = np.array([1.0, 1.0])
h = 1e-6
slopes = [(q(x + h * e) - q(x - h * e)) / (2 * h) for e in np.eye(2)]
print("minus the slopes of q:", -np.array(slopes))
print("residual g - F x:     ", g - F @ x)

# %% [markdown]
# ## 2. Steepest descent, and what is wrong with it
#
# The plainest method walks along the residual, as far as pays. Along the line $x + \alpha r$
#
# $$\frac{d}{d\alpha}\, q(x + \alpha r) = r^\top \nabla q(x + \alpha r)
#   = r^\top \left( F x + \alpha F r - g \right) = \alpha\, r^\top F r - r^\top r .$$
#
# Set this to zero.
#
# **Exercise 7.1.** Write the step $\alpha$ that takes $q$ lowest along the residual. Arguments: the
# matrix `F`, the vector `g`, the point `x`.
#
# <details><summary>Hint 1: where to look</summary>
# Section 2: the derivative above the exercise, set to zero, with the residual (7.3).
# <details><summary>Hint 2: the idea</summary>
# The equation has one unknown, α, and everything else in it is a number.
# <details><summary>Hint 3: a sketch</summary>
# r = ..., by (7.3). Then (r @ ...) / (r @ ...).
# </details></details></details>


# %%
def steepest_step(F, g, x):
    ### BEGIN SOLUTION
    r = g - F @ x
    return (r @ r) / (r @ F @ r)
    ### END SOLUTION


nb.check_steepest_step(steepest_step)

# %% [markdown]
# Now walk. The next cell repeats the step from a start chosen to be unlucky; the picture draws the path
# on the level lines of $q$.

# %%
step = yours(steepest_step, nb.check_steepest_step)


def steepest_descent(F, g, x, iterations):
    """The points of the path (iterations + 1, 2) that begins in x."""
    path = [x]
    for _ in range(iterations):
        x = path[-1]
        path.append(x + step(F, g, x) * (g - F @ x))
    return np.array(path)


start = np.array([0.5, 0.0])
path = steepest_descent(F, g, start, 30)

# %% tags=["hide-input"]
figure, ax = plt.subplots(figsize=(6.5, 6))
bowl.draw_bowl(ax, F, g)
ax.plot(*path.T, "o--", color=COLORS[1], markeredgecolor="white", label="steepest descent")
ax.legend(loc="lower left")
show(
    figure,
    "Level lines of a long narrow bowl. The path of steepest descent zigzags down its axis in many "
    "short steps, each at a right angle to the one before.",
    "Steepest descent: where a step ends, the bowl slopes again along the direction before.",
)

# %% [markdown]
# Look at two neighbouring steps: they meet at a right angle. That is no accident. At the lowest point of
# a line, the gradient has no component along the line, so the new residual is orthogonal to the old one,
# $r_{k+1}^\top r_k = 0$. In two dimensions there are only two such directions, and the path takes them
# in turn. It does not arrive in finitely many steps, unless it starts on an axis of the bowl.

# %%
residuals = g - path @ F
print("r₁·r₀ =", residuals[1] @ residuals[0], "  r₂·r₁ =", residuals[2] @ residuals[1])
print("distance to the solution after 2 steps: ", np.linalg.norm(path[2] - solution))
print("distance to the solution after 30 steps:", np.linalg.norm(path[30] - solution))

# %% [markdown]
# ## 3. Directions that do not disturb each other
#
# Two directions would be enough in two dimensions, if only the second step did not spoil the first.
# When does it not? After the first step along $p_0$ the point is lowest along $p_0$:
# $p_0^\top \nabla q = 0$. Move on by $\alpha p_1$; the gradient changes by $\alpha F p_1$, and
# lowest along $p_0$ it stays if
#
# $$p_0^\top F p_1 = 0. \tag{7.4}$$
#
# Such directions are called **conjugate**, or orthogonal in the inner product
# $\langle u, v \rangle_F = u^\top F v$. With $n$ non-zero conjugate directions
# $p_0, \dots, p_{n-1}$ in $n$ dimensions we are done after $n$ steps. Here is why.
#
# They are linearly independent: if $\sum_j c_j p_j = 0$, then multiplying by $p_i^\top F$ leaves
# $c_i\, p_i^\top F p_i = 0$, so $c_i = 0$. Hence they are a basis, and the way from $x_0$ to the
# solution $x_*$ can be written
#
# $$x_* - x_0 = \sum_j \alpha_j p_j .$$
#
# Multiply by $p_i^\top F$. On the right only $i$ survives; on the left $F x_* = g$:
#
# $$\alpha_i = \frac{p_i^\top (g - F x_0)}{p_i^\top F p_i} = \frac{p_i^\top r_0}{p_i^\top F p_i}.
#   \tag{7.5}$$
#
# Every coefficient can be computed on its own, from products with $F$ alone.

# %%
p0 = g - F @ start
p1 = np.array([1.0, 0.0])
p1 = p1 - (p0 @ F @ p1) / (p0 @ F @ p0) * p0  # take out of p₁ its part along p₀
r0 = g - F @ start
x = start
for p in (p0, p1):
    x = x + (p @ r0) / (p @ F @ p) * p
print("p₀ᵀ F p₁ =", p0 @ F @ p1)
print("after two steps:", x, "  solution:", solution)

# %% [markdown]
# ## 4. Where the directions come from
#
# To make a conjugate direction out of a vector, take out its parts along all directions before, as
# the cell above did. With many directions that is much work and much memory. The discovery of
# [Hestenes and Stiefel (1952)](references.md#hestenes1952) is that with the right vectors **only the last
# direction must be taken out**. The right vectors are the residuals:
#
# $$p_0 = r_0, \qquad p_{k+1} = r_{k+1} + \beta_{k} p_k. \tag{7.6}$$
#
# We need three facts, by induction over $k$. Suppose the directions so far are conjugate.
#
# **(a) The residual is orthogonal to all directions so far.** The step along $p_k$ makes
# $r_{k+1} = r_k - \alpha_k F p_k$, with $\alpha_k$ the lowest point on the line, so
# $p_k^\top r_{k+1} = 0$. For an earlier $p_j$,
# $p_j^\top r_{k+1} = p_j^\top r_k - \alpha_k\, p_j^\top F p_k = 0 - 0$.
#
# **(b) The residuals are orthogonal to each other.** By (7.6) every earlier residual is a
# combination of directions so far, $r_j = p_j - \beta_{j-1} p_{j-1}$, and (a) holds for each.
#
# **(c) Only one $\beta$ is needed.** For $j < k$ we want $p_j^\top F r_{k+1} = 0$ without doing
# anything. From $r_{j+1} = r_j - \alpha_j F p_j$ we have $F p_j = (r_j - r_{j+1}) / \alpha_j$, hence
#
# $$p_j^\top F r_{k+1} = \frac{(r_j - r_{j+1})^\top r_{k+1}}{\alpha_j},$$
#
# and by (b) this is zero unless $j = k$. Then only $r_{k+1}$ itself remains:
# $p_k^\top F r_{k+1} = - r_{k+1}^\top r_{k+1} / \alpha_k$. (No $\alpha_j$ is zero unless $r_j$ is, and
# then we are done.)
#
# Now $\beta_k$ follows from demanding $p_k^\top F p_{k+1} = 0$ in (7.6):
#
# $$\beta_k = - \frac{p_k^\top F r_{k+1}}{p_k^\top F p_k}
#   = \frac{r_{k+1}^\top r_{k+1}}{\alpha_k\, p_k^\top F p_k} .$$
#
# And $\alpha_k\, p_k^\top F p_k = p_k^\top r_k$, because $\alpha_k$ is the lowest point on its
# line; and $p_k^\top r_k = r_k^\top r_k$, because $p_k = r_k + \beta_{k-1} p_{k-1}$ and (a). So
# both coefficients need nothing but lengths of residuals and one product $F p_k$.
#
# The new direction is then conjugate to all earlier ones, and the guarantee of section 3 holds: in (7.5)
# $p_k^\top r_0 = p_k^\top r_k$, because $r_k = r_0 - \sum_{j \lt k} \alpha_j F p_j$.
#
# **Exercise 7.2.** Write $\beta_k$ from the old residual `r` and the new one `r_next`; for these two (b) holds.
#
# <details><summary>Hint 1: where to look</summary>
# Section 4: the formula for β below (7.6), and the last paragraph above the exercise.
# <details><summary>Hint 2: the idea</summary>
# Put the last paragraph into the formula. Both numerator and denominator are squared lengths.
# <details><summary>Hint 3: a sketch</summary>
# (... @ ...) / (... @ ...): one vector above, the other below. The method works if β is small where
# the residual shrinks much.
# </details></details></details>


# %%
def beta(r, r_next):
    ### BEGIN SOLUTION
    return (r_next @ r_next) / (r @ r)
    ### END SOLUTION


nb.check_beta(beta)

# %% [markdown]
# One more look at (7.6). Call the last direction $p$ and the new residual $r$; by (a) they are orthogonal,
# $p^\top r = 0$. Steepest descent would walk along $r$ alone. What if we let the next point be the lowest of the whole
# *plane* through $x$ that $r$ and $p$ span? Its points are $x + u\, r + v\, p$ with two numbers $u$ and $v$.
#
# **Exercise 7.6** (a derivation). Set the derivatives of $q(x + u\, r + v\, p)$ with respect to $u$ and $v$ to zero,
# and solve the two equations on paper. Write `[u, v]` as an array, from `F`, `r` and `p`, where `r` is the
# residual at $x$ and $p^\top r = 0$.
#
# <details><summary>Hint 1: where to look</summary>
# (7.3) for the gradient: at x + u r + v p it is u F r + v F p - r. The derivative with respect to u is its product
# with r.
# <details><summary>Hint 2: the idea</summary>
# The two equations are u rᵀFr + v rᵀFp = rᵀr and u rᵀFp + v pᵀFp = 0. Solve the second for v.
# <details><summary>Hint 3: a sketch</summary>
# Three numbers first, r @ F @ r, r @ F @ p and p @ F @ p. Then u as a fraction whose denominator has two terms,
# then v from u. Or a 2 × 2 system and np.linalg.solve.
# </details></details></details>


# %%
def my_plane_step(F, r, p):
    ### BEGIN SOLUTION
    rFr, rFp, pFp = r @ F @ r, r @ F @ p, p @ F @ p
    u = (r @ r) / (rFr - rFp**2 / pFp)
    return np.array([u, -u * rFp / pFp])
    ### END SOLUTION


nb.check_plane_step(my_plane_step)

# %% [markdown]
# Now look at your $v/u$: it is the $\beta$ that makes $r + \beta p$ conjugate to $p$. So the direction of (7.6) leads to
# the lowest point of the plane, and $u$ is the length of that step.

# %% [markdown]
# ## 5. The method
#
# Start at $x = 0$, where the residual is $g$ itself, with $p = g$; then repeat
#
# $$
# \begin{aligned}
# \alpha &= \frac{r^\top r}{p^\top F p} \\
# x &\leftarrow x + \alpha p \\
# r_\text{next} &= r - \alpha F p \\
# p &\leftarrow r_\text{next} + \beta\, p \qquad \text{with your } \beta \text{ of exercise 7.2} \\
# r &\leftarrow r_\text{next}
# \end{aligned}
# \tag{7.7}
# $$
#
# $F p$ appears twice but is computed once: **one product an iteration.** Four vectors are all the
# memory: $x$, $r$, $p$ and $F p$.
#
# **Exercise 7.3.** Write the method. `matvec(v)` returns $F v$; do exactly `iterations` products and
# return $x$. Leave `b` as it is. Keep your function for notebook 10.
#
# <details><summary>β, in case you left exercise 7.2 open</summary>
# The new residual's squared length over the old one's: (r_next @ r_next) / (r @ r).
# </details>
# <details><summary>Hint 1: where to look</summary>
# Equation (7.7), line by line.
# <details><summary>Hint 2: the idea</summary>
# F p is used twice and computed once, before the first line. r = r - alpha * Ap makes a new array;
# r -= alpha * Ap changes the old one, and every other name that it has.
# <details><summary>Hint 3: a sketch</summary>
# <pre>
# x, r, p = ...
# for _ in ...:
#     Ap = matvec(p)
#     alpha = ...
#     x = ...
#     r_next = ...
#     p = ... + ... * p
#     r = r_next
# return x
# </pre>
# </details></details></details>


# %%
def my_conjugate_gradient(matvec, b, iterations):
    ### BEGIN SOLUTION
    x, r, p = np.zeros_like(b), b, b
    for _ in range(iterations):
        Ap = matvec(p)
        alpha = (r @ r) / (p @ Ap)
        x = x + alpha * p
        r_next = r - alpha * Ap
        p = r_next + (r_next @ r_next) / (r @ r) * p
        r = r_next
    return x
    ### END SOLUTION


nb.check_conjugate_gradient(my_conjugate_gradient)

# %% [markdown]
# Beside the zigzag, in the same bowl and from the same start (the system for the way still to go is
# $F d = g - F x_0$):

# %%
cg = yours(my_conjugate_gradient, nb.check_conjugate_gradient)

ways = [cg(lambda v: F @ v, g - F @ start, k) for k in (1, 2)]
cg_path = np.array([start, start + ways[0], start + ways[1]])
print("error after two steps:", np.linalg.norm(cg_path[-1] - solution))

# %% tags=["hide-input"]
show(
    bowl.draw({"steepest descent": path[:13], "conjugate gradient": cg_path}),
    "Left: the same bowl. Conjugate gradient takes the same first step as steepest descent, and its "
    "second step ends at the solution, while steepest descent still zigzags after twelve. Right: on a "
    "log axis the error of steepest descent falls slowly along a line, to an eighteenth in twelve steps; "
    "that of conjugate gradient falls to rounding error, near 1e-16, in two.",
    "Two dimensions, two steps. (In the book the picture moves.)",
    name="conjugate_gradient",
)

# %% [markdown]
# The package's own version, `trpo_np.conjugate_gradient`, is this loop with names for what can go
# wrong, and returns the residuals with the solution. The cells that need those use it.

# %% [markdown]
# ## 6. Long before n steps
#
# For a network $n = P$ steps are out of reach, and the guarantee of section 3 is worth nothing. What
# matters is how good $x_k$ is after a few steps.
#
# After $k$ steps $x_k$ is a combination of $g, F g, F^2 g, \dots, F^{k-1} g$: each step multiplies
# the residual by $F$ once more. Among all such combinations CG finds the best one, in the sense that
# the error $e_k = x_k - x_*$ is smallest in the norm $\|e\|_F = \sqrt{e^\top F e}$. (The point is
# lowest along every direction so far, and $q(x) - q(x_*) = \tfrac12 \|x - x_*\|_F^2$.)
#
# With $x_0 = 0$ and $g = F x_*$ we have $x_k = S(F)\, F x_*$ with some polynomial $S$ of degree $k - 1$,
# so $e_k = \chi_k(F)\, e_0$ with $\chi_k(t) = 1 - t\, S(t)$: a polynomial of degree $k$ with
# $\chi_k(0) = 1$, the best of all those. In the eigenvectors of $F$, with eigenvalues $\mu_i$, every
# component of the error is multiplied by $\chi_k(\mu_i)$, so
#
# $$\frac{\|e_k\|_F}{\|e_0\|_F} \le \min_{\chi_k(0) = 1}\; \max_i\, |\chi_k(\mu_i)| . \tag{7.8}$$
#
# Two things follow. If all we know is that the eigenvalues lie between $\mu_\text{min}$ and
# $\mu_\text{max}$, the best polynomial is Chebyshev's (quoted from
# [Shewchuk (1994)](references.md#shewchuk1994), section 9.2, where the derivation is, and compared with
# measurements below), and with the condition number $\kappa = \mu_\text{max} / \mu_\text{min}$
#
# $$\frac{\|e_k\|_F}{\|e_0\|_F} \le 2 \left( \frac{\sqrt\kappa - 1}{\sqrt\kappa + 1} \right)^{k}.
#   \tag{7.9}$$
#
# And if the eigenvalues take only a few distinct values, a polynomial of low degree can be zero at
# all of them.
#
# **Exercise 7.4.** Predict before you run: a $40 \times 40$ matrix has the eigenvalue 1 twenty
# times, 5 fifteen times and 30 five times. After how many iterations is CG done, up to rounding?
#
# <details><summary>Hint 1: where to look</summary>
# Equation (7.8). When is its right-hand side zero?
# <details><summary>Hint 2: the idea</summary>
# A polynomial that vanishes at every eigenvalue makes it zero. Eigenvalues that occur many times
# are one place for the polynomial.
# <details><summary>Hint 3: a sketch</summary>
# A polynomial of degree k has at most k zeros. Count the places where it must have one.
# </details></details></details>

# %%
prediction = ...  # replace the dots by a number
### BEGIN SOLUTION
prediction = 3
### END SOLUTION
nb.check_distinct_eigenvalues(prediction)


# %% [markdown]
# `nb.matrix_with(spectrum)` makes a matrix with these eigenvalues and random eigenvectors, and
# `nb.relative_errors(A, b, ks)` gives $\|e_k\|_A / \|e_0\|_A$ after 0 and after each of `ks` iterations.

# %%
n, ks = 40, np.arange(1, 26)
b = np.random.default_rng(1).standard_normal(n)
spectra = {
    "κ = 30, evenly spread": np.linspace(1, 30, n),
    "κ = 30, three values": np.repeat([1.0, 5.0, 30.0], [20, 15, 5]),
    "κ = 1000, evenly spread": np.linspace(1, 1000, n),
}
curves = {
    label: nb.relative_errors(nb.matrix_with(spectrum), b, ks)
    for label, spectrum in spectra.items()
}


def chebyshev_bound(kappa, k):
    """The right-hand side of (7.9)."""
    return 2 * ((np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)) ** k


# %% tags=["hide-input"]
figure, ax = plt.subplots(figsize=(10, 6))
for (label, errors), marker in zip(curves.items(), "osD", strict=True):
    ax.semilogy(np.arange(26), np.maximum(errors, 1e-16), marker=marker, label=label)
for kappa, line in ((30, ":"), (1000, "-.")):
    bound = np.minimum(chebyshev_bound(kappa, np.arange(26)), 1)
    ax.semilogy(bound, color="0.4", linestyle=line, label=f"bound (7.9), κ = {kappa}")
ax.set_xlabel("iterations k")
ax.set_ylabel("relative error in the F-norm")
ax.set_ylim(1e-16, 3)
ax.legend(loc="center right")
show(
    figure,
    "Error against iterations for three spectra. With eigenvalues evenly spread between 1 and 30 "
    "the error falls ever faster, below its bound. With the three values "
    "1, 5 and 30 it drops to rounding error within a few iterations. Spread up to 1000 it falls "
    "slowly, also below its bound.",
    "The condition number bounds the error; the number of distinct eigenvalues can beat the bound.",
)

# %% [markdown]
# The error in the F-norm never grows: each step can only take $q$ lower. The residual, which is
# what a program can see, is not so well behaved. In the next picture it rises and falls while the
# error goes steadily down. One iteration with a larger residual is no sign of failure.
#
# Look at the right end, too. Section 3 promised the solution after 40 iterations, in exact arithmetic.
# Rounding makes the directions lose their conjugacy, and with $\kappa = 10^4$ as here the error after 40
# is still far from rounding: the cell counts how many iterations it takes.

# %%
A = nb.matrix_with(np.geomspace(1e-3, 10, n), seed=3)
result = conjugate_gradient(lambda v: A @ v, b, 40, tolerance=0.0)
errors = nb.relative_errors(A, b, np.arange(1, 121))
print("iterations until the error is 1e-10:", np.argmax(errors < 1e-10))

# %% tags=["hide-input"]
figure, ax = plt.subplots(figsize=(10, 5.5))
ax.semilogy(errors[:41], "o-", label="error in the F-norm")
residual_norms = np.array(result.residual_norms) / result.residual_norms[0]
ax.semilogy(residual_norms, "s--", label="residual")
ax.set_xlabel("iterations k")
ax.set_ylabel("relative to the start")
ax.legend()
show(
    figure,
    "Over forty iterations on an ill-conditioned matrix the error in the F-norm decreases "
    "monotonically, while the residual rises above its starting value several times.",
    "The residual may grow while the error shrinks.",
)

# %% [markdown]
# ## 7. With a Fisher matrix, which is singular
#
# Up to here the matrix was positive definite. A Fisher matrix may be singular: by (5.11) it is if the
# batch is small, and for a categorical policy it is with any batch, since a constant added to all logits
# changes no probability (the biases of the last layer can add one). There are directions $v$ with
# $F v = 0$ then. Does $F s = g$ have a solution at all? It does: **$g$ has no part along those
# directions.** Write $\psi_n = \nabla_\theta \log \pi_\theta(a_n|s_n)$ for the score of sample $n$ and
# $A_n$ for its advantage (from here on $n$ counts the $N$ samples of a batch), so that
# $g = \frac1N \sum_n A_n \psi_n$. Then
#
# $$F v = 0 \quad \Longrightarrow \quad v^\top F v
#   = \frac1N \sum_n \mathbb{E}_{a}\left[ \left( v^\top \nabla_\theta \log \pi_\theta(a|s_n) \right)^2 \right] = 0
#   \quad \Longrightarrow \quad v^\top \psi_n = 0 \text{ for every } n
#   \quad \Longrightarrow \quad v^\top g = 0 . \tag{7.10}$$
#
# A mean of squares is 0 only if every square is. So $g$ is orthogonal to the null space of $F$, and for
# a symmetric matrix that is the range: $g = F x$ for some $x$. The condition is in the middle: $F$ is a
# mean over *the same states* as $g$. Made from a part of them, it may have a null direction that some
# sample of $g$ does not.
#
# <details><summary>You may ask: is damping needed to solve the system, and what does CG do with a singular F?</summary>
#
# Not in exact arithmetic, if $g$ is in the range. All residuals and directions are made of
# $g, Fg, F^2 g, \dots$, so they lie in the range too, and there $F$ is positive definite: the derivation
# of sections 3 to 6 holds word for word, with the rank of $F$ in place of $n$. It ends at the solution
# without a part in the null space, the shortest one, which is written $F^{+} g$ ($F^{+}$ is the
# pseudoinverse). The condition number that counts is that of the non-zero eigenvalues. They come as
# small as rounding, so a complete solution is another matter.
#
# If $g$ has a part outside the range, no $x$ removes it from the residual. CG comes to directions along
# which the bowl has no bottom, $p^\top F p = 0$ up to rounding. The package's version notices and stops,
# with that as its status; a bare loop walks off: after the next cell try your own, with
# `np.linalg.norm(cg(lambda v: F_part @ v, g_small, 10))`.
# </details>
#
# A policy with 50 parameters and a batch of 6 states. $F$ has rank 6 (two actions: one direction a
# state).

# %%
rng = np.random.default_rng(4)
policy = make_policy(spaces.Box(-1, 1, (3,)), spaces.Discrete(2), hidden=(8,))
theta = policy.init(rng) + 0.5 * rng.standard_normal(policy.num_parameters)
obs = rng.standard_normal((6, 3))
actions = policy.sample(theta, obs, rng)
batch = Batch(obs, actions, rng.standard_normal(6), policy.log_prob(theta, obs, actions))
g_small = policy_gradient(policy, theta, batch)
F_small = explicit_fisher(policy, theta, obs, "gauss_newton")
print("rank of F:", np.linalg.matrix_rank(F_small, tol=1e-12), " of", len(theta))
shortest = np.linalg.pinv(F_small, rcond=1e-12) @ g_small
for k in (1, 3, 6):
    x = cg(lambda v: F_small @ v, g_small, k)
    print(
        f"{k} iterations: relative error {np.linalg.norm(x - shortest) / np.linalg.norm(shortest):.0e}"
    )
F_part = explicit_fisher(policy, theta, obs[:3], "gauss_newton")
for damping in (0.0, 0.1):
    result = conjugate_gradient(damped(lambda v: F_part @ v, damping), g_small, 10)
    residual = result.residual_norms[-1] / result.residual_norms[0]
    print(f"F from 3 of the 6 states, λ = {damping}: {result.status}, residual {residual:.0e}")

# %% [markdown]
# The gradient is autograd's, from the definition of $L$. Its fast twin is the score in closed form and
# one VJP, `LocalProblem(policy, theta, batch).gradient()`: that is what runs in training.
#
# Now a real batch: CartPole, a small network, the fifth update of a run; 2048 steps (2014 states, the
# other steps only reset), and for once the
# explicit $F$, so that we can look at its eigenvalues. `nb.stops_in_training` trains and stops there. It
# also gives *fresh* data: four times as many states that the same policy visits afterwards.

# %%
settings = Settings(hidden=(16, 16))
((_, policy, theta, batch, fresh),) = nb.stops_in_training("CartPole-v1", [5], 0, settings)
g_policy = policy_gradient(policy, theta, batch)
twin = LocalProblem(policy, theta, batch).gradient()
F_policy = explicit_fisher(policy, theta, batch.observations, route="gauss_newton")
eigenvalues = np.linalg.eigvalsh(F_policy)[::-1]
P = len(theta)
print(
    f"autograd and closed form differ by {np.abs(twin - g_policy).max() / np.abs(twin).max():.0e}"
)
print(
    f"P = {P}; largest eigenvalue {eigenvalues[0]:.2f}; above 0.1: {np.sum(eigenvalues > 0.1)}, "
    f"above 0.001: {np.sum(eigenvalues > 1e-3)}, above 1e-10: {np.sum(eigenvalues > 1e-10)}"
)
errors = {
    damping: nb.relative_errors(F_policy + damping * np.eye(P), g_policy, np.arange(1, 41))
    for damping in (1e-4, 1e-3, 0.1)
}
print("error after ten iterations:", {damping: f"{e[10]:.0e}" for damping, e in errors.items()})

# %% tags=["hide-input"]
figure, axes = plt.subplots(1, 2, figsize=(14, 5.5))
for (damping, curve), marker in zip(errors.items(), "osD", strict=True):
    shifted = np.maximum(eigenvalues, 1e-12) + damping
    style = {"marker": marker, "markersize": 4, "label": f"λ = {damping:g}"}
    axes[0].semilogy(np.arange(1, P + 1), shifted, linestyle="none", **style)
    axes[1].semilogy(np.maximum(curve, 1e-16), **style)
axes[1].axvline(10, color="black", linestyle=":", label="ten iterations")
axes[0].set_xlabel("number of the eigenvalue, from the largest down")
axes[0].set_ylabel("eigenvalue of F + λI")
axes[1].set_xlabel("iterations k")
axes[1].set_ylabel("relative error in the norm of F + λI")
for ax in axes:
    ax.legend(title="damping")
show(
    figure,
    "Left, on a log axis: of the eigenvalues of a policy's Fisher matrix a few are large and the others "
    "lie at the damping that was added, a flat line. Right: the error of conjugate gradient falls the faster "
    "the larger the damping; with 0.1 it is far below a millionth after ten iterations.",
    "Damping turns the tail of the spectrum into a cluster, and a cluster costs about one iteration.",
)

# %% [markdown]
# This spectrum is bad for the bound (7.9): the smallest eigenvalues are nearly zero, so $\kappa$ is
# enormous. It is good for (7.8) once damping is added. $F + \lambda I$ has the eigenvalues
# $\mu_i + \lambda$: all the small ones become a cluster at $\lambda$, worth little more than a single
# eigenvalue, and the few large ones cost about one iteration each. So with λ = 0.1 ten iterations *solve
# the damped system*; with λ = 0.001 an error of 4 % is left. The price is that it is another system. What
# is its solution worth?
#
# ## 8. What ten iterations and the damping buy, and what they cost
#
# Let δ be the radius of the trust region. In it the linear model of the surrogate $L$ promises for the
# direction $s$ the improvement $\alpha_\text{max}\, g^\top s$ with
# $\alpha_\text{max} = \sqrt{2\delta / s^\top F s}$ (4.7), where $\alpha$ has another meaning: the length of TRPO's
# step, and not of one of CG's. Leave out the constant $\sqrt{2 \delta}$:
#
# $$\text{promise}(s) = \frac{g^\top s}{\sqrt{s^\top F s}}
#   = \frac{\text{mean of } A_n f_n}{\sqrt{\text{mean of } f^2}}, \qquad f_n = \psi_n^\top s . \tag{7.11}$$
#
# The right-hand side says what it is. $f_n$ is how fast the log-probability of sample $n$ changes along
# $s$; the mean of $f^2$ is taken over states and, inside, over all actions. Since $f$ has mean 0 (5.3),
# and the advantages of a batch are given mean 0 and mean square 1, **the promise is a correlation**, up
# to the chance of which actions were drawn: that of the advantages with what the step does to the
# probabilities of the actions. A promise of 1
# would be a step that raises the log-probability of each action in proportion to its advantage.
#
# And the direction of the largest promise in the batch is a least squares fit. To fit the advantages by
# a linear combination of the scores, find the lowest point of
#
# $$\frac1N \sum_n \left( A_n - \psi_n^\top s \right)^2 : \qquad
#   \text{its gradient is } -2 \left( g - \hat F s \right), \text{ so } \hat F s = g, \tag{7.12}$$
#
# with the sampled Fisher matrix $\hat F$ of (5.13). ($F$ differs from it by averaging over the actions.
# [Kakade (2001)](references.md#kakade2001) has this as the reason for the natural gradient: it is the
# best linear fit of the advantages.) Whoever has fitted thousands of parameters to 2048 noisy numbers
# knows what comes next. The fit explains the noise as well, its promise *in the sample* is large, and on
# fresh data it is not kept. Damping is ridge regression, and stopping CG early restrains the fit too. So
# the score that counts is the promise with $g$ and $F$ of **fresh** states.
#
# First our one batch:

# %%
product = fisher_vector_product(policy, theta, batch.observations)
g_fresh = policy_gradient(policy, theta, fresh)
product_fresh = fisher_vector_product(policy, theta, fresh.observations)
print("damping    k    promise in the sample    on fresh data")
for damping in (0.0, 1e-3, 0.1):
    for k in (1, 3, 10, 100):
        s = conjugate_gradient(damped(product, damping), g_policy, k).x
        scores = nb.promise(g_policy, product, s), nb.promise(g_fresh, product_fresh, s)
        print(f"{damping:7g}  {k:3d}    {scores[0]:21.3f}    {scores[1]:13.3f}")

# %% [markdown]
# One run proves little, and the network is small. So here is a measurement with the defaults (but γ =
# 0.95 for Pendulum): networks of 64×64, $P = 4610$ for CartPole and $P = 4482$ for Pendulum, 2048 states
# a batch, 16 seeds, five
# updates along each run, 8192 fresh states for each score. The script is
# `tests/benchmarks/search_directions.py`; it takes a quarter of an hour, and its results lie in
# `measurements/search_directions.json`. ("Exact" is the complete solution by an eigenvalue decomposition, with eigenvalues
# below $10^{-10}$ of the largest taken for 0.)

# %%
for env_id in ("CartPole-v1", "Pendulum-v1"):
    print(f"\n{env_id}: promise on fresh data, mean ± standard error over 16 seeds")
    print("    λ, k" + "".join(f"{'update ' + str(update):>17}" for update in nb.UPDATES))
    fresh = {update: nb.measured(env_id, update, "fresh") for update in nb.UPDATES}
    for name in nb.SHOWN:
        cells = [nb.plus_minus(fresh[update][name]) for update in nb.UPDATES]
        print(f"{name.replace(' ', ', '):>8}" + "".join(f"{cell:>17}" for cell in cells))

# %% tags=["hide-input"]
figure, axes = plt.subplots(2, 3, figsize=(12, 8), sharex=True, sharey=True)
for row, env_id in zip(axes, ("CartPole-v1", "Pendulum-v1"), strict=True):
    for ax, update in zip(row, (5, 20, 50), strict=True):
        nb.draw_promises(ax, env_id, update)
        ax.set_title(f"{env_id}, update {update}", loc="left")
    row[0].set_ylabel("promise")
for ax in axes[1]:
    ax.set_xlabel("iterations k")
figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
show(
    figure,
    "Six panels, two environments and three updates each: promise against the number of iterations. The promise in the "
    "sample without damping rises with every iteration. On fresh data it does not: in CartPole's "
    "fifth update it falls from three iterations on when there is no damping and stays level with damping 0.1; in Pendulum's fifth and "
    "twentieth update it is higher with damping 0.001 than with 0.1; at update 50 all curves of fresh data lie below "
    "0.04, while the one of the sample still rises.",
    "Grey: what the batch promises without damping. Colours: what fresh data keep of it, with standard errors over "
    "16 seeds.",
    name="search_directions",
)

# %% [markdown]
# Read the table with its errors. In four of the ten cases the promise is far above them: CartPole's
# updates 1 and 5, Pendulum's 5 and 20. In the other six it is below 0.04 for every direction shown.
#
# **Ten iterations.** At λ = 0.1 ten iterations and the exact solution have the same promise to within
# 0.001 in all ten cases, with $P$ above 4000. That is what they buy: the damped system, solved. Three
# iterations are too few on Pendulum (0.046 against 0.066 and 0.135 against 0.202), and cost little on
# CartPole (0.176 against 0.178 and 0.205 against 0.209).
#
# **Damping** helps here and hurts there. Compare λ = 0.1 with λ = 0.001, ten iterations each, seed by
# seed: it costs 0.025 ± 0.002 in CartPole's first update (in 16 of 16 seeds) and gains 0.017 ± 0.004 in
# its fifth (15 of 16); it costs 0.058 ± 0.005 and 0.027 ± 0.003 in Pendulum's fifth and twentieth (16
# and 15 of 16), in the fifth nearly half of the promise; in the other six cases the difference is within
# two standard errors of 0.
#
# **Early stopping** restrains the fit as damping does. Without any damping, ten iterations keep 0.199,
# 0.177, 0.126 and 0.229 in those four cases, a hundred keep 0.100, 0.080, 0.121 and 0.205, and the exact
# solution 0.072, 0.021, 0.087 and 0.047. (Ten against a hundred, seed by seed: ahead in 16 of 16 seeds
# in CartPole's two; on Pendulum by 0.005 ± 0.004 and 0.024 ± 0.012.) In the sample
# the order is the reverse. In CartPole's fifth update the exact solution promises $0.834 \pm 0.015$, and
# fresh data keep $0.021 \pm 0.008$ of it.
#
# So the share of the best promise in the sample, which one might like to know, is no measure of a
# direction. Nor is it one number: with λ = 0.1 and ten iterations it is 0.29 in that case if
# eigenvalues below $10^{-10}$ of the largest count as 0, and 0.73 if those below $10^{-4}$ do.
#
# **The quadratic model** is the other thing that damping buys. The divergence of the full step, over δ,
# as measured on the batch:

# %%
print("full step: KL / δ    median       largest     no step accepted, of 160")
for name in ("0 10", "0 exact", "0.001 10", "0.01 10", "0.1 10"):
    kl, halved = (nb.measured_everywhere(key)[name] for key in ("kl", "halved"))
    print(f"{name:>17}  {np.median(kl):9.2f}  {kl.max():12.2f}  {np.sum(halved < 0):12}")
print("L gained on fresh data by the accepted step, / √(2δ)")
names = "0 10", "0 exact", "0.001 10", "0.01 10", "0.1 10"
print(" " * 20 + "".join(f"{name:>16}" for name in names))
for env_id, update in (
    ("CartPole-v1", 1),
    ("CartPole-v1", 5),
    ("Pendulum-v1", 5),
    ("Pendulum-v1", 20),
):
    cells = [nb.plus_minus(nb.measured(env_id, update, "gain")[name]) for name in names]
    print(f"{env_id:12} {update:6} " + "".join(f"{cell:>16}" for cell in cells))

# %% [markdown]
# With λ = 0.1 the full step is near where the model says: its divergence is between 0.48 δ and 1.47 δ in
# all 160 batches. With less damping $s$ is long
# in directions of small eigenvalues. To first order, which is all that $F$ sees, the policy hardly
# changes along them; to higher orders it does. Without damping the full step of ten iterations is 2.15 δ
# in the median and up to 421 δ, that of the exact solution 59,000 δ in the median, and in 91 of the 160
# batches the line search of notebook 08 accepted none of its eleven candidates. A step that is halved
# gains less. On Pendulum the gains still have the order of the promises, but for the exact solution
# without damping, which gains nothing. On CartPole they do not: in the
# first update λ = 0.001 promised more than 0.1 and gained no more (paired difference
# $-0.012 \pm 0.013$), in the fifth λ = 0.01 promised as much as 0.1 and gained less (paired difference
# $-0.021 \pm 0.008$).
#
# **To sum up.** Ten iterations suffice for λ = 0.1, with thousands of parameters; section 7 shows why.
# In return every full step measured was one that the quadratic model describes, with a divergence between
# 0.48 δ and 1.47 δ. As a
# promise λ = 0.1 is no optimum: in all four cases λ = 1 keeps less, and λ = 0.01 as much or more
# (paired: $0.016 \pm 0.001$, $0.001 \pm 0.002$, $0.039 \pm 0.004$, $0.026 \pm 0.003$ more); after the
# line search λ = 0.01 was ahead on Pendulum ($0.017 \pm 0.005$ and $0.047 \pm 0.012$ of $L$) and behind
# in CartPole's fifth update ($0.021 \pm 0.008$).
#
# **And whole runs?** Those were single steps, of policies trained with these settings. The script
# `tests/benchmarks/damping_returns.py` trains with four dampings instead, ten iterations each, for 50,000 steps
# of CartPole and 100,000 of Pendulum, eight seeds each. The return, averaged over all updates of a run:

# %%
for env_id in ("CartPole-v1", "Pendulum-v1"):
    returns = nb.measured_returns(env_id, "mean")
    print(f"{env_id}: mean return    against λ = 0.1, seed by seed    seeds where it is higher")
    for setting, values in returns.items():
        gained = values - returns["0.1 10"]
        against = f"{nb.plus_minus(gained, 1)}" if gained.any() else ""
        higher = f"{np.sum(gained > 0)} of {len(gained)}" if gained.any() else ""
        print(
            f"λ = {setting.split()[0]:5} {nb.plus_minus(values, 1):>16} {against:>24} {higher:>24}"
        )

# %% [markdown]
# It agrees with what $L$ gained by the single steps. On CartPole less damping learns more slowly, in all
# eight seeds: by $13.5 \pm 4.0$ with λ = 0.01, $60.5 \pm 8.7$ with 0.001, $93.3 \pm 23.8$ with none. On
# Pendulum 0.01 and 0.001 are better than 0.1 by $95.5 \pm 18.5$ and $67.4 \pm 20.7$, again in all eight,
# and no damping at all cannot be told from 0.1 ($23.7 \pm 27.7$). So 0.1 is a default, not an optimum,
# and two environments do not tell what a third will want.
#
# <details><summary>You may ask: why does damping help, if in the sample it loses half of the promised gain?</summary>
#
# Take the part of $g$ along one eigenvector of $F$ with eigenvalue $\mu$: a signal $a$, and noise. Where
# the noise of the advantages has variance $\tau^2$ and knows neither state nor action, $g$ has the
# covariance $\tau^2 F / N$, so the noise along the eigenvector has variance $\tau^2 \mu / N$. The
# direction's part is (signal + noise)$/(\mu + \lambda)$. To $g^\top s$ of *fresh* data it adds
# $a^2 / (\mu + \lambda)$ on average, to $s^\top F s$ it adds
# $(a^2 + \tau^2 \mu / N)\, \mu / (\mu + \lambda)^2$. For $\lambda = 0$ the noise's share of this is
# $\tau^2 / N$ for *every* eigenvector, however small its $\mu$: hundreds of directions that hold no
# signal add as much noise each as those that do. Damping scales that share by
# $\mu^2 / (\mu + \lambda)^2$ and so silences those with $\mu \ll \lambda$. If there is signal in them,
# it silences that too. Which of the two weighs more depends on the batch, as the table shows.
# </details>
#
# ## 9. What to take along
#
# | | |
# |---|---|
# | task | $F s = g$, with products $F v$ only |
# | idea | conjugate directions, made of residuals with one coefficient $\beta$ |
# | cost | one product an iteration, four vectors of memory |
# | speed | few iterations where the eigenvalues are few or clustered |
# | damping | makes the tail of the spectrum a cluster, and bends the direction: better on CartPole, worse on Pendulum |
# | singular $F$ | no harm while $g$ and $F$ come from the same states |
# | promise | a correlation; in the sample it is too good to be true |
#
# **Exercise 7.5** (in words). The package stops early once $\|r\| \le 10^{-10}\, \|g\|$. Your colleague
# changes the rule to $\|r\| \le 10^{-5}$. The policy gradient of a nearly trained agent
# has length $10^{-6}$. What does TRPO do from then on?
#
# <details><summary>Answer</summary>
# The first residual is g itself, shorter than the tolerance. If the rule is tested before the first
# iteration, the direction is zero and there is no step at all. If it is tested after it, the direction
# is the plain gradient, and nothing in the log says so, because the step is scaled to the trust region
# anyway. A relative tolerance does not depend on the length of g.
# </details>
#
# ## Sources and further reading
#
# Proved here: (7.1) to (7.8), (7.10) to (7.12). Quoted: (7.9). Measured: section 8, on CartPole and
# Pendulum, with the scripts named there.
#
# - [Hestenes and Stiefel (1952)](references.md#hestenes1952): the method.
# - [Shewchuk (1994)](references.md#shewchuk1994): the same with many pictures; steepest descent in its
#   sections 4 to 6, conjugate directions in 7 and 8, the polynomials and the bound (7.9) in 9.
# - [Schulman et al. (2015)](references.md#schulman2015), appendix C.1: CG with Fisher-vector products
#   for TRPO; ten iterations, and that more brought no faster improvement.
# - [Kakade (2001)](references.md#kakade2001): the natural gradient as a linear fit of the advantages:
#   (7.12).
# - [Martens (2020)](references.md#martens2020): damping as a trust region of its own.
#
# Next: [08 Step size and line search](08_line_search.ipynb).
