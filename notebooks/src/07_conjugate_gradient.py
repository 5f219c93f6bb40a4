# %% [markdown]
# # 07 Conjugate gradient
#
# TRPO's search direction is the solution $s$ of
#
# $$F s = g, \tag{7.1}$$
#
# where $g$ is the policy gradient and $F$ the Fisher matrix, of size $P \times P$, symmetric and
# positive semidefinite. With a little damping (5.12) it is positive definite, and so it is taken here. For a network with $P = 5000$ parameters $F$ has 25 million entries, and for
# $P = 10^6$ it does not fit into any memory. Notebook 06 found a way to compute $F v$ for one
# vector $v$ without ever having $F$.
#
# So here is the question of this notebook. **Given nothing but a function $v \mapsto F v$, how do
# we solve $F s = g$?** And why do ten such products suffice for a network with thousands of
# parameters?
#
# You need: gradients, eigenvalues, and what a symmetric positive definite matrix is.

# %%
import matplotlib.pyplot as plt
import numpy as np
from gymnasium import spaces

from trpo_np import conjugate_gradient, explicit_fisher, fisher_vector_product, make_policy
from trpo_np.classroom import notebook_07 as nb
from trpo_np.classroom.figures import show
from trpo_np.experiments.plots import use_style

use_style()

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
# <details><summary>Hint 1</summary>
# Start with r = g - F @ x. The last equation has one unknown, α.
# <details><summary>Hint 2</summary>
# Everything in α = ... is a scalar: a product r @ something, divided by another.
# </details></details>


# %%
def steepest_step(F, g, x):
    ### BEGIN SOLUTION
    r = g - F @ x
    return (r @ r) / (r @ F @ r)
    ### END SOLUTION


nb.check_steepest_step(steepest_step)

# %% [markdown]
# Now walk. The next cell repeats the step from a start chosen to be unlucky, and draws the path on
# the level lines of $q$.


# %%
def steepest_descent(F, g, x, iterations):
    path = [x]
    for _ in range(iterations):
        r = g - F @ path[-1]
        path.append(path[-1] + (r @ r) / (r @ F @ r) * r)
    return np.array(path)


def draw_bowl(ax):
    a, b = np.meshgrid(np.linspace(-2.6, 0.9, 200), np.linspace(-0.4, 3.6, 200))
    points = np.stack([a, b], axis=-1)
    height = 0.5 * np.einsum("xyi,ij,xyj->xy", points, F, points) - points @ g
    ax.contour(a, b, height - q(solution), levels=np.geomspace(0.003, 12, 12), colors="0.75")
    ax.plot(*solution, "k*", markersize=16, label="solution")
    ax.set_aspect("equal")
    ax.set_xlabel("$x_1$")
    ax.set_ylabel("$x_2$")


start = np.array([0.5, 0.0])
path = steepest_descent(F, g, start, 30)
figure, ax = plt.subplots(figsize=(7, 7))
draw_bowl(ax)
ax.plot(*path.T, "o-", markersize=5, label="steepest descent")
ax.legend()
show(
    figure,
    "Level lines of a long narrow bowl. The path of steepest descent zigzags down its axis in many "
    "short steps, each at a right angle to the one before.",
    "Steepest descent: every step undoes part of what earlier ones achieved.",
)

# %% [markdown]
# Look at two neighbouring steps: they meet at a right angle. That is no accident. At the lowest
# point of a line, the gradient has no component along the line, so the new residual is orthogonal
# to the old one, $r_{k+1}^\top r_k = 0$. In two dimensions there are only two such directions, and the
# path takes them in turn, for ever.

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
# Hestenes and Stiefel (1952) is that with the right vectors **only the last direction must be taken
# out**. The right vectors are the residuals:
#
# $$p_0 = r_0, \qquad p_{k+1} = r_{k+1} + \beta_{k} p_k. \tag{7.6}$$
#
# We need three facts, by induction over $k$. Suppose the directions so far are conjugate.
#
# **(a) The residual is orthogonal to all directions so far.** The step along $p_k$ makes
# $r_{k+1} = r_k - \alpha_k F p_k$, with $\alpha_k$ the lowest point on the line, so
# $p_k^\top r_{k+1} = 0$. For an earlier $p_j$, $p_j^\top r_{k+1} = p_j^\top r_k - \alpha_k\,
# p_j^\top F p_k = 0 - 0$.
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
# **Exercise 7.2.** Write $\beta_k$ from the old residual `r` and the new one `r_next`.
#
# <details><summary>Hint 1</summary>
# Put the last paragraph into the formula for β above it.
# <details><summary>Hint 2</summary>
# Both numerator and denominator are squared lengths.
# </details></details>


# %%
def beta(r, r_next):
    ### BEGIN SOLUTION
    return (r_next @ r_next) / (r @ r)
    ### END SOLUTION


nb.check_beta(beta)

# %% [markdown]
# ## 5. The method
#
# Start at $x = 0$, where the residual is $g$ itself; then repeat
#
# $$
# \begin{aligned}
# \alpha &= \frac{r^\top r}{p^\top F p} \\
# x &\leftarrow x + \alpha p \\
# r_\text{next} &= r - \alpha F p \\
# p &\leftarrow r_\text{next} + \frac{r_\text{next}^\top r_\text{next}}{r^\top r}\, p \\
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
# <details><summary>Hint 1</summary>
# Follow (7.7) line by line, with Ap = matvec(p) before the first.
# <details><summary>Hint 2</summary>
# r = r - alpha * Ap makes a new array; r -= alpha * Ap changes the old one, and every other name
# that it has.
# </details></details>


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
# The package's own version, `trpo_np.conjugate_gradient`, is this loop with names for what can go
# wrong. From here on we use it. Beside the zigzag, in the same bowl and from the same start (the
# system for the way still to go is $F d = g - F x_0$):

# %%
ways = [conjugate_gradient(lambda v: F @ v, g - F @ start, k).x for k in (1, 2)]
cg_path = np.array([start, start + ways[0], start + ways[1]])
figure, ax = plt.subplots(figsize=(7, 7))
draw_bowl(ax)
ax.plot(*path.T, "o-", markersize=5, label="steepest descent")
ax.plot(*cg_path.T, "s--", label="conjugate gradient")
ax.legend()
show(
    figure,
    "The same bowl. Conjugate gradient takes the same first step as steepest descent, and its "
    "second step ends at the solution, while steepest descent still zigzags.",
    "Two dimensions, two steps.",
)
print("error after two steps:", np.linalg.norm(cg_path[-1] - solution))

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
# With $x_0 = 0$ and $g = F x_*$ we have $x_k = S(F)\, F x_*$ with some polynomial $S$ of degree $k - 1$, so
# $e_k = \chi_k(F)\, e_0$ with $\chi_k(t) = 1 - t\, S(t)$: a polynomial of degree $k$ with $\chi_k(0) = 1$, the
# best of all those. In the eigenvectors of $F$, with eigenvalues $\mu_i$, every
# component of the error is multiplied by $\chi_k(\mu_i)$, so
#
# $$\frac{\|e_k\|_F}{\|e_0\|_F} \le \min_{\chi_k(0) = 1}\; \max_i\, |\chi_k(\mu_i)| . \tag{7.8}$$
#
# Two things follow. If all we know is that the eigenvalues lie between $\mu_\text{min}$ and
# $\mu_\text{max}$, the best polynomial is Chebyshev's (a standard result, taken from numerical analysis
# and compared with measurements below), and with the condition number
# $\kappa = \mu_\text{max} / \mu_\text{min}$
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
# <details><summary>Hint 1</summary>
# When is the right-hand side of (7.8) zero?
# <details><summary>Hint 2</summary>
# How many zeros can a polynomial of degree k have?
# </details></details>

# %%
prediction = ...  # replace the dots by a number
### BEGIN SOLUTION
prediction = 3
### END SOLUTION
nb.check_distinct_eigenvalues(prediction)


# %%
def matrix_with(eigenvalues, seed=0):
    rng = np.random.default_rng(seed)
    Q, _ = np.linalg.qr(rng.standard_normal((len(eigenvalues), len(eigenvalues))))
    return Q @ np.diag(eigenvalues) @ Q.T


def relative_errors(A, b, iterations):
    """The error in the A-norm after 0, 1, ... iterations, relative to that at the start."""
    x_star = np.linalg.solve(A, b)
    errors = [x_star]
    errors += [
        x_star - conjugate_gradient(lambda v: A @ v, b, k, tolerance=0.0).x for k in iterations
    ]
    norms = [np.sqrt(e @ A @ e) for e in errors]
    return np.array(norms) / norms[0]


n, ks = 40, np.arange(1, 26)
b = np.random.default_rng(1).standard_normal(n)
spectra = {
    "κ = 30, evenly spread": np.linspace(1, 30, n),
    "κ = 30, three values": np.repeat([1.0, 5.0, 30.0], [20, 15, 5]),
    "κ = 1000, evenly spread": np.linspace(1, 1000, n),
}
figure, ax = plt.subplots(figsize=(10, 6))
for (label, spectrum), marker in zip(spectra.items(), "osD", strict=True):
    errors = relative_errors(matrix_with(spectrum), b, ks)
    ax.semilogy(np.arange(26), np.maximum(errors, 1e-16), marker=marker, label=label)
for kappa, line in ((30, ":"), (1000, "-.")):
    bound = 2 * ((np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)) ** np.arange(26)
    ax.semilogy(
        np.minimum(bound, 1), color="0.4", linestyle=line, label=f"bound (7.9), κ = {kappa}"
    )
ax.set_xlabel("iterations k")
ax.set_ylabel("relative error in the F-norm")
ax.set_ylim(1e-16, 3)
ax.legend(loc="center right")
show(
    figure,
    "Error against iterations for three spectra. With eigenvalues evenly spread between 1 and 30 "
    "the error falls ever faster, below its bound. With the three values "
    "1, 5 and 30 it drops to rounding error at the third iteration. Spread up to 1000 it falls "
    "slowly, also below its bound.",
    "The condition number bounds the error; the number of distinct eigenvalues can beat the bound.",
)

# %% [markdown]
# The error in the F-norm never grows: each step can only take $q$ lower. The residual, which is
# what a program can see, is not so well behaved. In the next picture it rises and falls while the
# error goes steadily down. One iteration with a larger residual is no sign of failure.
#
# Look at the right end, too. Section 3 promised the solution after 40 iterations, in exact arithmetic.
# Rounding makes the directions lose their conjugacy, and with $\kappa = 10^4$ as here it takes more than
# twice as many.

# %%
A = matrix_with(np.geomspace(1e-3, 10, n), seed=3)
result = conjugate_gradient(lambda v: A @ v, b, 40, tolerance=0.0)
figure, ax = plt.subplots(figsize=(10, 5.5))
ax.semilogy(relative_errors(A, b, np.arange(1, 41)), "o-", label="error in the F-norm")
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
# ## 7. The Fisher matrix of a policy
#
# Now the matrix that we care about. A small Gaussian policy, 500 states, and for once the explicit
# $F$, so that we can look at its eigenvalues.

# %%
rng = np.random.default_rng(0)
policy = make_policy(spaces.Box(-1, 1, (4,)), spaces.Box(-1, 1, (2,)), hidden=(10, 10))
theta = policy.init(rng) + 0.1 * rng.standard_normal(policy.num_parameters)
obs = rng.standard_normal((500, 4))
F_policy = explicit_fisher(policy, theta, obs, route="gauss_newton")
eigenvalues = np.linalg.eigvalsh(F_policy)[::-1]
P = len(theta)
print(f"P = {P}; largest eigenvalue {eigenvalues[0]:.3g}, smallest {eigenvalues[-1]:.1e}")

# %%
dampings = (0.0, 1e-3, 0.1)
figure, ax = plt.subplots(figsize=(10, 5.5))
for damping, marker in zip(dampings, "osD", strict=True):
    shifted = np.maximum(eigenvalues, 1e-12) + damping
    ax.semilogy(np.arange(1, P + 1), shifted, marker, markersize=4, label=f"λ = {damping:g}")
ax.set_xlabel("number of the eigenvalue, from the largest down")
ax.set_ylabel("eigenvalue of F + λI")
ax.legend(title="damping")
show(
    figure,
    "The eigenvalues of a policy's Fisher matrix on a log axis: a handful are large, the rest fall "
    "over many powers of ten. Damping by 0.1 lifts all small ones to 0.1, so that most eigenvalues "
    "are nearly equal.",
    "A few large eigenvalues and a long tail. Damping turns the tail into a cluster.",
)

# %% [markdown]
# This spectrum is bad for the bound (7.9): the smallest eigenvalues are nearly zero, so $\kappa$ is
# enormous. It is good for (7.8) once damping is added. $F + \lambda I$ has the eigenvalues
# $\mu_i + \lambda$: all the small ones become a cluster at $\lambda$, worth little more than a single
# eigenvalue, and the few large ones cost about one iteration each. The price is that we solve
# another system, with a direction that is bent towards the plain gradient $g$.

# %%
g_policy = F_policy @ rng.standard_normal(P)  # in the range of F, as a policy gradient is
figure, ax = plt.subplots(figsize=(10, 5.5))
reached = {}
for damping, marker in zip(dampings[1:], "sD", strict=True):
    errors = relative_errors(F_policy + damping * np.eye(P), g_policy, np.arange(1, 41))
    reached[damping] = errors[10]
    ax.semilogy(errors, marker + "-", markersize=5, label=f"λ = {damping:g}")
ax.axvline(10, color="black", linestyle=":", label="TRPO's ten iterations")
ax.set_xlabel("iterations k")
ax.set_ylabel("relative error in the norm of F + λI")
ax.legend(title="damping")
show(
    figure,
    "Error of conjugate gradient on the damped Fisher matrix. With damping 0.1 ten iterations "
    "reach a far smaller error than with damping 0.001.",
    "With the usual damping ten iterations solve the system; with little damping they do not.",
)
print({damping: f"{error:.1e}" for damping, error in reached.items()}, "after ten iterations")

# %% [markdown]
# How much of the step's worth is lost by stopping early? In the trust region the linear model
# promises the improvement $\alpha_\text{max}\, g^\top s$ with $\alpha_\text{max} = \sqrt{2\delta / s^\top F s}$
# (4.7), that is $g^\top s / \sqrt{s^\top F s}$ up to a constant that δ fixes. Divide by what the exact undamped
# direction $F^{-1} g$ would give, and the largest possible value is 1.

# %%
F_inverse_g = np.linalg.lstsq(F_policy, g_policy, rcond=1e-10)[0]
best = np.sqrt(g_policy @ F_inverse_g)
product = fisher_vector_product(policy, theta, obs)
print("iterations   λ = 0.001   λ = 0.1")
for k in (1, 3, 10, 30):
    row = []
    for damping in dampings[1:]:
        s = conjugate_gradient(lambda v, d=damping: product(v) + d * v, g_policy, k).x
        row.append(g_policy @ s / np.sqrt(s @ product(s)) / best)
    print(f"{k:10d}   {row[0]:9.3f}   {row[1]:7.3f}")
plain = g_policy @ g_policy / np.sqrt(g_policy @ product(g_policy)) / best
print(f"the plain gradient: {plain:.3f}")

# %% [markdown]
# Compare the last line with the first row: the plain gradient is one iteration of CG. Ten iterations give
# most of what there is to have. More iterations with more damping do not help: then it is the damping
# that bends the direction, and no number of iterations undoes that. Judged by this one batch, less
# damping wins. The reason for 0.1 lies outside of it: the small eigenvalues are the least certain ones
# (notebook 05), and steps along them are where the quadratic model fails (notebook 08).
#
# ## 8. What to take along
#
# | | |
# |---|---|
# | task | $F s = g$, with products $F v$ only |
# | idea | conjugate directions, made of residuals with one coefficient $\beta$ |
# | cost | one product an iteration, four vectors of memory |
# | speed | few iterations where the eigenvalues are few or clustered |
# | damping | makes the tail of the spectrum a cluster, and bends the direction |
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
# Next: [08 Step size and line search](08_line_search.ipynb).
