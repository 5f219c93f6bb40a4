# %% [markdown]
# # 06 Fisher-vector products
#
# Notebook 05 ended with a matrix $F$ that has one row and one column for every parameter of the
# policy. A policy with two hidden layers of 64 units has some 5000 parameters, and $F$ has 25 million
# entries: 200 megabytes. With a million parameters it would be 8 terabytes.
#
# But who needs the matrix? The conjugate gradient method of notebook 07 solves $F s = g$ and asks for
# nothing except products: given a vector $v$, what is $F v$? This notebook answers with two
# methods. **The usual one** differentiates the KL divergence twice. **Ours** goes through the network
# once forward and once backward, and we derive both passes by hand.
#
# You need: the chain rule, and two results of notebook 05: $F$ is the Hessian of the mean KL
# divergence at the old parameters (5.4), and $F = \mathbb{E}_s[J_s^\top M_s J_s]$ (5.9).

# %%
import json
import time
import tracemalloc
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from autograd import grad
from gymnasium import spaces

from trpo_np import MLP, explicit_fisher, fisher_vector_product, make_policy, mean_kl
from trpo_np.classroom import notebook_06 as nb
from trpo_np.classroom.figures import show
from trpo_np.experiments.plots import use_style

use_style()

# %% [markdown]
# ## 1. Differentiate twice
#
# Write $k(\theta) = \overline{\mathrm{KL}}(\pi_{\theta_\text{old}} \,\|\, \pi_\theta)$ for the mean
# divergence over the states of a batch. Its Hessian at $\theta_\text{old}$ is $F$. Entry $i$ of the
# product with a vector $v$ is
#
# $$(F v)_i = \sum_j \frac{\partial^2 k}{\partial \theta_i\, \partial \theta_j}\, v_j
#   = \frac{\partial}{\partial \theta_i} \sum_j \frac{\partial k}{\partial \theta_j}\, v_j .$$
#
# The second step pulls $v_j$ under the derivative: allowed, because $v$ does not depend on $\theta$.
# In vectors,
#
# $$F v = \nabla_\theta \left[ (\nabla_\theta\, k)^\top v \right] \quad \text{at }
#   \theta = \theta_\text{old} . \tag{6.1}$$
#
# In words: differentiate the divergence, take the inner product with $v$, which is a single number,
# and differentiate that number. No matrix appears.
#
# **Exercise 6.1.** Write (6.1) with autograd. `k` is a function of `theta`; `grad(f)` returns the
# function that computes the gradient of `f`.
#
# <details><summary>Hint 1</summary>
# grad(k) is a function: grad(k)(x) @ v is the number in the bracket, at x.
# <details><summary>Hint 2</summary>
# Give that number a name as a function of x, with def or lambda, and call grad on it once more.
# </details></details>


# %%
def my_double_backprop(k, theta, v):
    ### BEGIN SOLUTION
    slope_along_v = lambda x: grad(k)(x) @ v
    return grad(slope_along_v)(theta)
    ### END SOLUTION


nb.check_double_backprop(my_double_backprop)

# %% [markdown]
# A small policy, and for once the explicit matrix to compare with:

# %%
rng = np.random.default_rng(0)
policy = make_policy(spaces.Box(-1, 1, (3,)), spaces.Discrete(4), hidden=(8, 8))
theta = policy.init(rng) + 0.3 * rng.standard_normal(policy.num_parameters)
obs = rng.standard_normal((50, 3))
v = rng.standard_normal(policy.num_parameters)

F = explicit_fisher(policy, theta, obs, route="scores")
Fv = grad(lambda x: grad(lambda y: mean_kl(policy, theta, y, obs))(x) @ v)(theta)
print(f"P = {len(theta)}, F has {F.size} entries, Fv has {Fv.size}")
print(f"relative difference from F @ v: {np.linalg.norm(Fv - F @ v) / np.linalg.norm(F @ v):.0e}")

# %% [markdown]
# This is what public implementations of TRPO do. It is right and short. It also makes the computer
# differentiate a derivative: the backward pass is recorded and then run backward itself, anew for
# each product, of which an update needs about ten (notebook 07). The second method avoids that.
#
# ## 2. Three factors, right to left
#
# By (5.9), with $N$ states in the batch,
#
# $$F v = \frac1N \sum_{s} J_s^\top \left( M_s \left( J_s\, v \right) \right) . \tag{6.2}$$
#
# The brackets matter. Worked out from the right, only vectors occur:
#
# | step | what | shape |
# |---|---|---|
# | $v$ | a change of the parameters | $P$ |
# | $J_s v$ | the change of the network's outputs that it causes, one row for each state | $N \times K$ |
# | $M_s (J_s v)$ | weighed by the metric of the distribution, row by row | $N \times K$ |
# | $J_s^\top (\cdots)$ | collected back into the parameters, summed over states | $P$ |
#
# The metric is the easy part: for a categorical distribution $M u = p\,(u - p^\top u)$, for a
# Gaussian a diagonal (notebook 05). What remains are two products with the Jacobian of the network:
#
# $$J v = \frac{d}{d\varepsilon}\; \eta(\theta + \varepsilon v) \Big|_{\varepsilon = 0}
#   \qquad \text{the Jacobian-vector product, JVP,} \tag{6.3}$$
#
# $$J^\top u = \nabla_\theta \sum_{s,i} u_{s,i}\; \eta_{s,i}(\theta)
#   \qquad \text{the vector-Jacobian product, VJP.} \tag{6.4}$$
#
# Here $\eta(\theta)$ stands for the outputs in all states together, $N \times K$ numbers, and $J$ for
# its derivative. (6.3) is a directional derivative, (6.4) the gradient of a weighted sum, with fixed
# weights $u$. Neither needs $J$ itself, which has $N K P$ entries.
#
# ## 3. The network
#
# Our policy network is a multilayer perceptron with tanh units. To keep the formulas short, the bias
# of a layer is the last row of its weight matrix $W_l$, and its input gets a column of ones. With
# $h_0 = x$, the observations, one in each of $N$ rows, and $n$ layers,
#
# $$z_l = [\,h_{l-1},\, 1\,]\, W_l, \qquad h_l = \tanh(z_l) \quad (l = 1, \dots, n - 1), \qquad
#   \eta = z_n . \tag{6.5}$$
#
# The last layer stays linear. In code:


# %%
def with_one(h):
    """[h, 1]: h with a column of ones at its right."""
    return np.column_stack([h, np.ones(len(h))])


def forward(Ws, x):
    """The outputs (N, K) of the network with weight matrices Ws for x (N, D)."""
    h = x
    for W in Ws[:-1]:
        h = np.tanh(with_one(h) @ W)
    return with_one(h) @ Ws[-1]


network = MLP((3, 8, 8, 4))
Ws = network.weights(theta)
print("shapes of the W:", [W.shape for W in Ws])
print("difference from the package's:", np.abs(forward(Ws, obs) - network.apply(theta, obs)).max())

# %% [markdown]
# ## 4. Forward: the JVP by hand
#
# Let every weight move, $W_l + \varepsilon\, dW_l$, and follow what happens to first order in
# $\varepsilon$. Write $dz_l$ and $dh_l$ for the derivatives with respect to $\varepsilon$ at 0.
#
# The input does not move: $dh_0 = 0$. In $z_l = [h_{l-1}, 1]\, W_l$ both factors move, so the product
# rule gives two terms,
#
# $$dz_l = [\,dh_{l-1},\, 0\,]\, W_l + [\,h_{l-1},\, 1\,]\, dW_l .$$
#
# The column of ones does not move, so its derivative is a column of zeros, and the last row of $W_l$
# drops out of the first term. Write $\overline{W}_l$ for $W_l$ without its last row. Then, since
# $\tanh' = 1 - \tanh^2$ and entry by entry,
#
# $$dz_l = dh_{l-1}\, \overline{W}_l + [\,h_{l-1},\, 1\,]\, dW_l, \qquad
#   dh_l = (1 - h_l^2) \odot dz_l . \tag{6.6}$$
#
# Start at the input, go up layer by layer, and $dz_n$ at the top is $J v$. The activations $h_l$ are
# those of the ordinary forward pass.
#
# **Exercise 6.2.** Write the JVP. `Ws` and `dWs` are lists of matrices of equal shapes, `x` has shape
# `(N, D)`; return $dz_n$, shape `(N, K)`. `with_one` is available to you as above.
#
# <details><summary>Hint 1</summary>
# Walk through the layers as forward does, and carry two arrays: h and dh. At the start dh is zero.
# <details><summary>Hint 2</summary>
# W without its last row is W[:-1]. Compute dz before you replace h by the new one. The last layer
# has no tanh.
# </details></details>


# %%
def my_jvp(Ws, dWs, x):
    ### BEGIN SOLUTION
    h, dh = x, np.zeros_like(x)
    for W, dW in zip(Ws[:-1], dWs[:-1], strict=True):
        dz = dh @ W[:-1] + with_one(h) @ dW
        h = np.tanh(with_one(h) @ W)
        dh = (1 - h**2) * dz
    return dh @ Ws[-1][:-1] + with_one(h) @ dWs[-1]
    ### END SOLUTION


nb.check_jvp(my_jvp)

# %% [markdown]
# The definition (6.3) gives a test that knows nothing of layers (here of the package's JVP): move the parameters a little along
# $v$, and look at the outputs. The central difference
# $(\eta(\theta + \varepsilon v) - \eta(\theta - \varepsilon v)) / 2\varepsilon$ has an error of order
# $\varepsilon^2$, until rounding takes over.

# %%
Jv = network.jvp(theta, obs, v)
epsilons = np.geomspace(1e-10, 1e-1, 19)
errors = []
for epsilon in epsilons:
    up, down = network.apply(theta + epsilon * v, obs), network.apply(theta - epsilon * v, obs)
    errors.append(np.linalg.norm((up - down) / (2 * epsilon) - Jv) / np.linalg.norm(Jv))
figure, ax = plt.subplots(figsize=(9, 5))
ax.loglog(epsilons, errors, "o-", label="finite difference against JVP")
ax.loglog(
    epsilons, errors[-3] * (epsilons / epsilons[-3]) ** 2, "--", label=r"slope 2: $\varepsilon^2$"
)
ax.loglog(
    epsilons, errors[0] * epsilons[0] / epsilons, ":", label=r"slope $-1$: rounding$/\varepsilon$"
)
ax.set_ylim(1e-12, 1)
ax.set_xlabel(r"$\varepsilon$")
ax.set_ylabel("relative difference")
ax.legend()
show(
    figure,
    "The relative difference between a finite difference and the Jacobian-vector product, against "
    "the size of the displacement, on log axes: it falls with slope 2 from the right, has its "
    "minimum near one millionth and rises with slope minus one to the left.",
    "All of the difference is the error of the finite difference; none is left for the JVP.",
)
print(f"smallest relative difference: {min(errors):.0e}")

# %% [markdown]
# ## 5. Backward: the VJP by hand
#
# Now the other product. Let $S = \sum_{s,i} u_{s,i}\, \eta_{s,i}$ with fixed weights $u$; we want its
# gradient with respect to all weights (6.4).
#
# Move the weights as before, and $S$ moves by $dS = \langle u, dz_n \rangle$, where
# $\langle a, b \rangle = \sum_{s,i} a_{s,i}\, b_{s,i}$ is the inner product of two matrices. The aim
# is to write $dS$ as $\sum_l \langle G_l, dW_l \rangle$; then the $G_l$ are the gradient.
#
# Two rules move a matrix from one side of an inner product to the other; both follow from
# $\langle a, b \rangle = \mathrm{trace}(a^\top b)$ and $\mathrm{trace}(AB) = \mathrm{trace}(BA)$:
#
# $$\langle a,\, b\, W \rangle = \langle a\, W^\top,\, b \rangle, \qquad
#   \langle a,\, c\, b \rangle = \langle c^\top a,\, b \rangle .$$
#
# Suppose we have reached layer $l$ with $dS = \langle \bar z_l, dz_l \rangle + \dots$, where the dots
# are finished terms. At the top this holds with $\bar z_n = u$. Put in (6.6):
#
# $$\langle \bar z_l,\, dz_l \rangle
#   = \langle \bar z_l,\, dh_{l-1} \overline{W}_l \rangle + \langle \bar z_l,\, [h_{l-1}, 1]\, dW_l \rangle
#   = \langle \bar z_l \overline{W}_l^\top,\, dh_{l-1} \rangle
#   + \langle [h_{l-1}, 1]^\top \bar z_l,\, dW_l \rangle .$$
#
# The last term is finished: it names the gradient of $W_l$. In the one before it, insert
# $dh_{l-1} = (1 - h_{l-1}^2) \odot dz_{l-1}$ and move the factor over, entry by entry. What arrives is
# $\langle \bar z_{l-1}, dz_{l-1} \rangle$, one layer down, with
#
# $$G_l = [\,h_{l-1},\, 1\,]^\top\, \bar z_l, \qquad
#   \bar z_{l-1} = (1 - h_{l-1}^2) \odot \left( \bar z_l\, \overline{W}_l^\top \right) . \tag{6.7}$$
#
# At the first layer $dh_0 = 0$, and nothing remains. This is backpropagation. It needs the activations in the opposite order, so the forward pass comes
# first and keeps them.
#
# **Exercise 6.3.** Write the VJP. Return the gradients $G_l$ as one vector, in the order of `Ws`:
# `np.concatenate([G.ravel() for G in gradients])`. That is how $\theta$ itself is laid out.
#
# <details><summary>Hint 1</summary>
# First a forward pass that keeps hs = [x, h_1, h_2, ...], the inputs of all layers. Then go through
# the layers from the last to the first, with z_bar = u at the start.
# <details><summary>Hint 2</summary>
# In every layer: the gradient is with_one(h).T @ z_bar; then, unless it is the first layer,
# z_bar = (1 - h**2) * (z_bar @ W[:-1].T), with h the input of this layer.
# </details></details>


# %%
def my_vjp(Ws, x, u):
    ### BEGIN SOLUTION
    hs = [x]
    for W in Ws[:-1]:
        hs.append(np.tanh(with_one(hs[-1]) @ W))
    z_bar, gradients = u, []
    for W, h in zip(reversed(Ws), reversed(hs), strict=True):
        gradients.insert(0, with_one(h).T @ z_bar)
        if h is not x:
            z_bar = (1 - h**2) * (z_bar @ W[:-1].T)
    return np.concatenate([G.ravel() for G in gradients])
    ### END SOLUTION


nb.check_vjp(my_vjp)

# %% [markdown]
# The two passes belong together, and that gives a second test that needs no derivation. For every $u$
# and $v$
#
# $$\langle u,\, J v \rangle = \langle J^\top u,\, v \rangle . \tag{6.8}$$
#
# A mistake in one of the passes, a forgotten transpose or a bias left out, breaks it. With the JVP already
# tested against finite differences, (6.8) tests the VJP.

# %%
u = rng.standard_normal((50, 4))
left, right = np.sum(u * network.jvp(theta, obs, v)), network.vjp(theta, obs, u) @ v
print(f"⟨u, Jv⟩ = {left:.12f}\n⟨Jᵀu, v⟩ = {right:.12f}")

# %% [markdown]
# ## 6. Put together
#
# **Exercise 6.4.** Write (6.2). You are given three functions: `jvp(v)` returns $J v$ `(N, K)`,
# `metric(u)` returns $M u$ row by row `(N, K)`, and `vjp(u)` returns $J^\top u$ `(P,)`, summed over
# the rows. Keep your function: notebook 10 trains an agent with it.
#
# <details><summary>Hint 1</summary>
# From the inside to the outside: jvp, metric, vjp.
# <details><summary>Hint 2</summary>
# vjp sums over the states, but F is a mean over them. How many there are is the length of jvp(v).
# </details></details>


# %%
def my_fisher_vector_product(jvp, metric, vjp, v):
    ### BEGIN SOLUTION
    Jv = jvp(v)
    return vjp(metric(Jv)) / len(Jv)
    ### END SOLUTION


nb.check_fisher_vector_product(my_fisher_vector_product)

# %% [markdown]
# Both methods, for discrete and for continuous actions, against the explicit matrix. That the
# difference is of the size of rounding, and not merely small, is the point: an error of one part in a
# thousand would be a bug.

# %%
action_spaces = {"4 discrete actions": spaces.Discrete(4), "2 continuous": spaces.Box(-1, 1, (2,))}
for name, action_space in action_spaces.items():
    policy = make_policy(spaces.Box(-1, 1, (3,)), action_space, hidden=(8, 8))
    theta = policy.init(rng) + 0.3 * rng.standard_normal(policy.num_parameters)
    v = rng.standard_normal(len(theta))
    exact = explicit_fisher(policy, theta, obs, route="scores") @ v
    for route in ("gauss_newton", "double_backprop"):
        Fv = fisher_vector_product(policy, theta, obs, route)(v)
        error = np.linalg.norm(Fv - exact) / np.linalg.norm(exact)
        assert error < 1e-10
        print(f"{name:20} {route:16} relative difference {error:.0e}")

# %% [markdown]
# ## 7. What a product costs
#
# Count multiplications, with $N$ states and $P$ weights. A product of the $N$ inputs of a layer with
# its weight matrix costs one multiplication for every state and weight, so a forward pass costs $NP$.
#
# - The JVP (6.6) has two such products in every layer but the first: at most $2NP$.
# - The VJP (6.7) has two in every layer but the first: at most $2NP$.
# - The forward pass, $NP$, is made once an update. Its activations serve all products.
#
# So a product by (6.2) costs at most $4NP$. A product by (6.1), made from scratch each time, has a
# forward pass $NP$, a backward pass $2NP$, and then a backward pass through both. Backward costs
# twice as much as what it goes back over, so that is $2 \cdot 3NP$ more: $9NP$ in all, and the bookkeeping of
# the differentiation besides.
#
# The explicit matrix is another world: $P$ products for its columns, and $P^2$ numbers to store.
#
# **Exercise 6.5.** Predict before you look: a policy has $P = 100\,000$ parameters. How many gigabytes
# ($10^9$ bytes) does its explicit $F$ take, with 8 bytes a number?
#
# <details><summary>Hint 1</summary>
# F has as many entries as there are pairs of parameters.
# <details><summary>Hint 2</summary>
# 100 000 squared is 10 to the power 10.
# </details></details>

# %%
prediction = ...  # replace the dots by a number
### BEGIN SOLUTION
prediction = 80
### END SOLUTION
nb.check_gigabytes(prediction)

# %% [markdown]
# The next cells measure time and memory for networks of growing width, with 500 states. Measuring
# takes a minute and gives other numbers on every machine, so they read what was measured once, on two
# cores. Set `MEASURE = True` to measure on yours.

# %%
MEASURE = False
FILE = Path("measurements/fisher_products.json")


def measured(make_product_and_use):
    """Seconds (the best of three) and peak bytes of a call."""
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        make_product_and_use()
        seconds.append(time.perf_counter() - start)
    tracemalloc.start()
    make_product_and_use()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {"seconds": min(seconds), "bytes": peak}


def measure(width, obs, repeat=10):
    """Ten products by either method, and the explicit matrix where it is small enough."""
    policy = make_policy(spaces.Box(-1, 1, (8,)), spaces.Box(-1, 1, (2,)), hidden=(width, width))
    rng = np.random.default_rng(0)
    theta = policy.init(rng)
    v = rng.standard_normal(len(theta))
    row = {"P": len(theta)}
    for route in ("gauss_newton", "double_backprop"):

        def ten_products(route=route):
            product = fisher_vector_product(policy, theta, obs, route)
            for _ in range(repeat):
                product(v)

        row[route] = measured(ten_products)
    if len(theta) < 4000:
        row["explicit"] = measured(lambda: explicit_fisher(policy, theta, obs, "gauss_newton"))
    return row


if MEASURE:
    obs_500 = np.random.default_rng(0).standard_normal((500, 8))
    rows = [measure(width, obs_500) for width in (3, 6, 12, 24, 50, 100, 200, 400, 1000)]
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(rows, indent=1) + "\n")
rows = json.loads(FILE.read_text())

# %%
figure, axes = plt.subplots(1, 2, figsize=(13, 5.5))
labels = {
    "explicit": ("explicit F", "^:"),
    "double_backprop": ("10 products, (6.1)", "s--"),
    "gauss_newton": ("10 products, (6.2)", "o-"),
}
for key, (label, style) in labels.items():
    these = [row for row in rows if key in row]
    P = [row["P"] for row in these]
    axes[0].loglog(P, [row[key]["seconds"] for row in these], style, label=label)
    axes[1].loglog(P, [row[key]["bytes"] / 1e9 for row in these], style, label=label)
P = np.array([row["P"] for row in rows])
axes[1].loglog(P, 8 * P**2 / 1e9, color="0.4", linestyle=":", label=r"$8 P^2$ bytes")
axes[1].axhline(16, color="black", linestyle="-.", label="a laptop's 16 GB")
axes[0].set_ylabel("seconds")
axes[1].set_ylabel("peak memory, GB")
for ax in axes:
    ax.set_xlabel("parameters P")
    ax.legend(fontsize=11)
show(
    figure,
    "Time and peak memory against the number of parameters, on log axes. Ten products by the "
    "method of JVP, metric and VJP take the least of both; ten by double differentiation run "
    "above them at every size. The explicit matrix takes a time that rises twice as steeply: at a few "
    "thousand parameters it takes far longer than either. The line of its own size, 8 P squared "
    "bytes, passes 16 gigabytes near 45 thousand parameters.",
    "Time grows like P for products, like P squared for the matrix. Beyond some ten thousand "
    "parameters only products are left.",
    name="fisher_products",
)
print("        P   time (6.1) / (6.2)   memory (6.1) / (6.2)")
for row in rows:
    ours, theirs = row["gauss_newton"], row["double_backprop"]
    ratios = [theirs[key] / ours[key] for key in ("seconds", "bytes")]
    print(f"{row['P']:9,d}   {ratios[0]:18.1f}   {ratios[1]:20.1f}")

# %% [markdown]
# For small networks the explicit matrix takes more memory than its own $8 P^2$ bytes: its route stores
# all of $J$, $N K P$ numbers. And for small networks double differentiation loses most time to
# bookkeeping. At a million parameters the ratio of the times has come down to less
# than five, still twice the $9/4$ that we counted.
#
# The package's `trpo_np/linearization.py` is your `my_jvp` and `my_vjp`, with three economies. The
# forward pass is made once and kept, with the factors $1 - h^2$. Intermediate results are written
# into memory that is used over and over, because fresh memory costs more than the sums done in it.
# And the states go through in chunks of 2048, so that a batch of any size fits.
#
# ## 8. What to take along
#
# | | |
# |---|---|
# | $F v$ by (6.1) | differentiate the mean KL, times $v$, differentiate again |
# | $F v$ by (6.2) | JVP, metric, VJP: forward, weigh, backward |
# | JVP | $dz_l = dh_{l-1} \overline{W}_l + [h_{l-1}, 1]\, dW_l$, then times $1 - h_l^2$ |
# | VJP | $G_l = [h_{l-1}, 1]^\top \bar z_l$, then back through $\overline{W}_l^\top$ and $1 - h^2$ |
# | tests | finite differences; $\langle u, Jv \rangle = \langle J^\top u, v \rangle$; the explicit $F$ |
# | cost | like $P$, not $P^2$ |
#
# **Exercise 6.6** (in words). Why is the product with $J$ computed forward and the one with $J^\top$
# backward? What would it cost to get $J v$ out of backward passes alone?
#
# <details><summary>Answer</summary>
# A backward pass gives Jᵀu for one u: a weighted sum of the rows of J. To get J v one needs the inner
# product of every row with v. In one state there are K rows, so K backward passes with unit vectors u
# would do, each followed by an inner product with v: K times the cost of the one forward pass. The other
# way round, Jᵀu out of forward passes would need one for each of the P parameters. (There is a trick
# with two backward passes: (Jᵀu)·v is linear in u, and its gradient with respect to u is J v. That is
# what double differentiation does.)
# </details>
#
# Next: [07 Conjugate gradient](07_conjugate_gradient.ipynb), which solves $F s = g$ with ten of these
# products.
