# %% [markdown]
# # 06 Fisher-vector products
#
# Notebook 05 ended with a matrix $F$ that has one row and one column for every parameter of the
# policy. A policy with two hidden layers of 64 units has some 5000 parameters, and $F$ has 25 million
# entries: 200 megabytes. With a million parameters it would be 8 terabytes.
#
# But who needs the matrix? The conjugate gradient method of notebook 07 solves $F s = g$ and asks for
# products and no more: given a vector $v$, what is $F v$? This notebook answers with two
# methods. **The generic one** differentiates the KL divergence twice. **The other** uses
# $J^\top M J$: it goes through the network once forward and once backward, and we derive both passes by
# hand. The paper has both, [Schulman et al. (2015)](references.md#schulman2015), appendix C.1: first
# $J^\top M J$, then the generic one, "slightly less efficient" and easier to write.
#
# You need: the chain rule, and two results of notebook 05: $F$ is the Hessian of the mean KL
# divergence at the old parameters (5.4), and $F = \mathbb{E}_s[J_s^\top M_s J_s]$ (5.9).

# %%
import matplotlib.pyplot as plt
import numpy as np
from autograd import grad
from gymnasium import spaces

from trpo_np import (
    MLP,
    Batch,
    explicit_fisher,
    fisher_vector_product,
    make_policy,
    mean_kl,
)
from trpo_np.classroom import notebook_06 as nb
from trpo_np.classroom.checks import yours
from trpo_np.classroom.figures import show
from trpo_np.experiments.plots import use_style
from trpo_np.objectives import policy_gradient

use_style()

# %% [markdown]
# ## Before you begin
#
# Three questions about earlier notebooks, a minute each. They are not graded; what they ask is used
# below.
#
# **Recall 6.1** (notebook 05). In one state all logits are raised by 3. By which factor does the
# probability of the first action change?

# %%
recall = ...  # replace the dots by a number
### BEGIN SOLUTION
recall = 1
### END SOLUTION
nb.recall_softmax(recall)

# %% [markdown]
# **Recall 6.2** (notebook 05). For a small step $d$ somebody has computed the vector $F d$, and
# $d^\top (F d) = 0.02$. How many nats is the new policy away, to leading order?

# %%
recall = ...  # replace the dots by a number
### BEGIN SOLUTION
recall = 0.01
### END SOLUTION
nb.recall_quadratic(recall)

# %% [markdown]
# **Recall 6.3** (notebook 04). $F$ has the entries 4 and 1 on its diagonal and 0 elsewhere, and
# $g = (4, 2)$. TRPO's direction is a vector. How many times as large as its first entry is the
# second?

# %%
recall = ...  # replace the dots by a number
### BEGIN SOLUTION
recall = 2
### END SOLUTION
nb.recall_direction(recall)

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
# <details><summary>Hint 1: where to look</summary>
# Equation (6.1): two gradients, with an inner product between them.
# <details><summary>Hint 2: the idea</summary>
# grad(k) is a function too: called at x it gives the inner gradient at x. With v it makes the
# number in the bracket. Name that number as a function of x, with def or lambda.
# <details><summary>Hint 3: a sketch</summary>
# <pre>
# slope_along_v = lambda x: ...
# return grad(...)(...)
# </pre>
# </details></details></details>


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
double_backprop = yours(my_double_backprop, nb.check_double_backprop)

rng = np.random.default_rng(0)
policy = make_policy(spaces.Box(-1, 1, (3,)), spaces.Discrete(4), hidden=(8, 8))
theta = policy.init(rng) + 0.3 * rng.standard_normal(policy.num_parameters)
obs = rng.standard_normal((50, 3))
v = rng.standard_normal(policy.num_parameters)

F = explicit_fisher(policy, theta, obs, route="scores")
Fv = double_backprop(lambda x: mean_kl(policy, theta, x, obs), theta, v)
print(f"P = {len(theta)}, F has {F.size} entries, Fv has {Fv.size}")
print(f"relative difference from F @ v: {np.linalg.norm(Fv - F @ v) / np.linalg.norm(F @ v):.0e}")

# %% [markdown]
# The idea is [Pearlmutter's (1994)](references.md#pearlmutter1994), for any Hessian. It is right and
# short, and the eleven public implementations of TRPO that we read all have it (sb3-contrib, Spinning
# Up, Tianshou, garage, OpenAI Baselines, MushroomRL, modular_rl, Hands-on-RL, Practical_RL, and those of
# P. Coady and I. Kostrikov). It also makes the computer differentiate a derivative: the backward pass is
# recorded, once or anew each time, and then run backward itself for each product, of which an update
# makes ten by default
# (notebook 07). The second method avoids that.
#
# ## 2. Three factors, right to left
#
# The second method is [Schraudolph's (2002)](references.md#schraudolph2002), for matrices of the form
# $J^\top M J$. By (5.9), with $N$ states in the batch,
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
# of a layer is the last row of its weight matrix $W_l$, and the layer's input gets a column of ones. With
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
gap = np.abs(forward(Ws, obs) - network.apply(theta, obs)).max()
print(f"difference from the package's: {gap:.0e}")

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
# **One layer in numbers.** A single state, two inputs of the layer, two outputs:
#
# $$h_{l-1} = (0.5,\, -0.6), \qquad
#   W_l = \begin{pmatrix} 1 & 0 \\ 2 & -1 \\ 0.5 & 0 \end{pmatrix}, \qquad
#   z_l = (0.5,\, -0.6,\, 1)\, W_l = (-0.2,\, 0.6) .$$
#
# Let the first input move, $dh_{l-1} = (0.1,\, 0)$, and of the weights one, the second row's first
# entry, by 0.2. The first term of (6.6) is $(0.1,\, 0)\, \overline{W}_l = (0.1,\, 0)$. In the second,
# only the first column of $dW_l$ is not 0: $-0.6 \cdot 0.2 = -0.12$. Together $dz_l = (-0.02,\, 0)$.
#
# **Exercise 6.2.** Write the JVP. `Ws` and `dWs` are lists of matrices of equal shapes, `x` has shape
# `(N, D)`; return $dz_n$, shape `(N, K)`. `with_one` is available to you as above.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (6.6), and the forward pass of section 3.
# <details><summary>Hint 2: the idea</summary>
# Walk through the layers as forward does, and carry two arrays: h and dh. At the start dh is zero.
# W without its last row is W[:-1]. The last layer has no tanh.
# <details><summary>Hint 3: a sketch</summary>
# <pre>
# h, dh = x, ...
# for W, dW in ...:     # all layers but the last
#     dz = ...          # before h is replaced
#     h = ...
#     dh = ... * dz
# return ...            # dz of the last layer
# </pre>
# </details></details></details>


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
# The definition (6.3) gives a test that knows of no layers: move the parameters a little along
# $v$, and look at the outputs. The central difference
# $(\eta(\theta + \varepsilon v) - \eta(\theta - \varepsilon v)) / 2\varepsilon$ has an error of order
# $\varepsilon^2$, until rounding takes over.

# %%
jvp = yours(my_jvp, nb.check_jvp)

Jv = jvp(Ws, network.weights(v), obs)
epsilons, errors = np.geomspace(1e-10, 1e-1, 19), []
for epsilon in epsilons:
    up, down = network.apply(theta + epsilon * v, obs), network.apply(theta - epsilon * v, obs)
    errors.append(np.linalg.norm((up - down) / (2 * epsilon) - Jv) / np.linalg.norm(Jv))
print(f"smallest relative difference: {min(errors):.0e}")

# %% tags=["hide-input"]
figure, ax = plt.subplots(figsize=(9, 5))
ax.loglog(epsilons, errors, "o-", label="finite difference against JVP")
quadratic = errors[-3] * (epsilons / epsilons[-3]) ** 2
ax.loglog(epsilons, quadratic, "--", label=r"slope 2: $\varepsilon^2$")
rounding = errors[0] * epsilons[0] / epsilons
ax.loglog(epsilons, rounding, ":", label=r"slope $-1$: rounding$/\varepsilon$")
ax.set_ylim(1e-12, 1)
ax.set_xlabel(r"$\varepsilon$")
ax.set_ylabel("relative difference")
ax.legend()
show(
    figure,
    "The relative difference between a finite difference and the Jacobian-vector product, against "
    "the size of the displacement, on log axes: it falls with slope 2 from the right, has its "
    "minimum near one millionth and rises with slope minus one to the left.",
    "The difference follows the two errors of the finite difference, down to a few parts in 10¹¹.",
)

# %% [markdown]
# ## 5. Backward: the VJP by hand
#
# Now the other product. Let $S = \sum_{s,i} u_{s,i}\, \eta_{s,i}$ with fixed weights $u$; we want its
# gradient with respect to all weights (6.4).
#
# Move the weights as before, and $S$ moves by $dS = \langle u, dz_n \rangle$, where
# $\langle a, b \rangle = \sum_{s,i} a_{s,i}\, b_{s,i}$ is the inner product of two matrices. The aim
# is to write $dS$ as $\sum_l \langle G_l, dW_l \rangle$; then the $G_l$, each of the shape of its
# $W_l$, are the gradient.
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
# At the first layer $dh_0 = 0$, and no term is left. This is backpropagation. It needs the activations in
# the opposite order, so the forward pass comes first and keeps them.
#
# **The same layer in numbers.** Let $\bar z_l = (1,\, -2)$ have arrived from above: raise the layer's
# first output by a little, and $S$ grows by as much; raise the second, and it falls twice as fast. Then
#
# $$G_l = \begin{pmatrix} 0.5 \\ -0.6 \\ 1 \end{pmatrix} (1,\, -2)
#   = \begin{pmatrix} 0.5 & -1 \\ -0.6 & 1.2 \\ 1 & -2 \end{pmatrix}, \qquad
#   \bar z_l\, \overline{W}_l^\top = (1,\, -2) \begin{pmatrix} 1 & 2 \\ 0 & -1 \end{pmatrix} = (1,\, 4) .$$
#
# The factors $1 - h_{l-1}^2$ are $0.75$ and $0.64$, so $\bar z_{l-1} = (0.75,\, 2.56)$ goes on to the
# layer below.
#
# Compare with section 4. There one weight moved by 0.2 and the first input by 0.1, and $dz_l$ was
# $(-0.02,\, 0)$, so $dS = 1 \cdot (-0.02) - 2 \cdot 0 = -0.02$. From the backward side: the weight's
# entry of $G_l$ is $-0.6$, the first entry of $\bar z_l \overline{W}_l^\top$ is 1, and
# $-0.6 \cdot 0.2 + 1 \cdot 0.1 = -0.02$. Forward asks what a given change does to $S$. Backward has
# found, once, what any change would do.
#
# **Exercise 6.3.** Write the VJP. Return the gradients $G_l$ as one vector, in the order of `Ws`:
# `np.concatenate([G.ravel() for G in gradients])`. That is how $\theta$ itself is laid out.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (6.7), and the forward pass of section 3, which has to be kept.
# <details><summary>Hint 2: the idea</summary>
# First a forward pass that keeps hs = [x, h_1, h_2, ...], the inputs of all layers. Then go through
# the layers from the last to the first, with z_bar = u at the start. In every layer first G, then
# the new z_bar, with h the input of this layer in both; the first layer needs no new z_bar. W
# without its last row is W[:-1].
# <details><summary>Hint 3: a sketch</summary>
# <pre>
# for W in ...:                 # all but the last
#     hs.append(...)
# for W, h in ...:              # both reversed
#     gradients.insert(0, ...)  # G
#     z_bar = ...
# </pre>
# </details></details></details>


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
# It is the two ways of computing $dS$ of the example, for all layers at once. A mistake in one of the
# passes, a forgotten transpose or a bias left out, breaks it. (The same mistake in both, the bias left
# out twice, does not.) With the JVP already tested against finite differences, (6.8) tests the VJP.

# %%
vjp = yours(my_vjp, nb.check_vjp)

u = rng.standard_normal((50, 4))
left, right = np.sum(u * jvp(Ws, network.weights(v), obs)), vjp(Ws, obs, u) @ v
print(f"⟨u, Jv⟩ = {left:.12f}\n⟨Jᵀu, v⟩ = {right:.12f}")

# %% [markdown]
# ## 6. Put together
#
# **Exercise 6.4.** Write (6.2). You are given three functions: `jvp(v)` returns $J v$ `(N, K)`,
# `metric(u)` returns $M u$ row by row `(N, K)`, and `vjp(u)` returns $J^\top u$ `(P,)`, summed over
# the rows. Keep your function: notebook 10 trains an agent with it.
#
# <details><summary>Hint 1: where to look</summary>
# Equation (6.2).
# <details><summary>Hint 2: the idea</summary>
# From the inside to the outside: jvp, metric, vjp. But vjp sums over the states, and F is a mean
# over them.
# <details><summary>Hint 3: a sketch</summary>
# Jv = jvp(v); then vjp(...) / ..., where the number of states is the length of Jv.
# </details></details></details>


# %%
def my_fisher_vector_product(jvp, metric, vjp, v):
    ### BEGIN SOLUTION
    Jv = jvp(v)
    return vjp(metric(Jv)) / len(Jv)
    ### END SOLUTION


nb.check_fisher_vector_product(my_fisher_vector_product)

# %% [markdown]
# First with the three passes of this notebook, then with both routes of the package, for discrete and for
# continuous actions, against the explicit matrix. That the
# difference is of the size of rounding, and not merely small, is the point: an error of one part in a
# thousand would be a bug.

# %%
product = yours(my_fisher_vector_product, nb.check_fisher_vector_product)

metric = policy.distribution.metric(policy.outputs(theta, obs))
Fv = product(lambda v: jvp(Ws, network.weights(v), obs), metric, lambda u: vjp(Ws, obs, u), v)
print(f"all by hand: relative difference {np.linalg.norm(Fv - F @ v) / np.linalg.norm(F @ v):.0e}")

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
# forward pass $NP$, a backward pass $2NP$, and then a backward pass through both. Going back over a
# matrix product takes two of its size, one for each factor, so that is $2 \cdot 3NP$ more: $9NP$ in all,
# and the bookkeeping of the differentiation besides.
#
# The explicit matrix is another world: $P$ products for its columns, and $P^2$ numbers to store.
#
# **Exercise 6.5.** Predict before you look: a policy has $P = 100\,000$ parameters. How many gigabytes
# ($10^9$ bytes) does its explicit $F$ take, with 8 bytes a number?
#
# <details><summary>Hint 1: where to look</summary>
# Section 7, the paragraph above the exercise.
# <details><summary>Hint 2: the idea</summary>
# F has as many entries as there are pairs of parameters.
# <details><summary>Hint 3: a sketch</summary>
# 100 000 squared is 10 to the power 10; 8 bytes each; a gigabyte is 10 to the power 9 of them.
# </details></details></details>

# %%
prediction = ...  # replace the dots by a number
### BEGIN SOLUTION
prediction = 80
### END SOLUTION
nb.check_gigabytes(prediction)

# %% [markdown]
# The next cell reads the time and memory of networks of growing width, with 500 states, as they were
# measured once, on two cores. Measuring takes a minute and gives other numbers on every machine. Set
# `MEASURE = True` to measure on yours: `nb.measure_products` makes ten products by either method, and the
# explicit matrix where $P$ is below 4000.

# %%
MEASURE = False
rows = nb.measure_products() if MEASURE else nb.measured_products()
print("        P   time (6.1) / (6.2)   memory (6.1) / (6.2)")
for row in rows:
    ours, twice = row["gauss_newton"], row["double_backprop"]
    ratios = [twice[key] / ours[key] for key in ("seconds", "bytes")]
    print(f"{row['P']:9,d}   {ratios[0]:18.1f}   {ratios[1]:20.1f}")

# %% tags=["hide-input"]
figure, axes = plt.subplots(1, 2, figsize=(12, 5.4))
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
    ax.legend(fontsize=13)
show(
    figure,
    "Time and peak memory against the number of parameters, on log axes. Ten products by the "
    "method of JVP, metric and VJP take the least of both; ten by double differentiation run "
    "above them at every size. The explicit matrix takes a time that rises twice as steeply: at a few "
    "thousand parameters it takes far longer than either. The line of its own size, 8 P squared "
    "bytes, passes 16 gigabytes near 45 thousand parameters.",
    "The time of products grows like P once P is large. The matrix grows like P squared: at 45 thousand "
    "parameters it alone would fill a laptop's 16 GB.",
    name="fisher_products",
)

# %% [markdown]
# For small networks the explicit matrix takes more memory than its own $8 P^2$ bytes: its route stores
# all of $J$ and of $M J$, $N K P$ numbers each, and both twice while it sums. And for small networks
# double differentiation loses most of its time to
# bookkeeping: it takes 35 times as long, where the multiplications make $9/4$. At a million parameters
# the ratio of the times has come down to 4.5, twice the $9/4$ that we counted.
#
# The package has the passes twice. `trpo_np/mlp.py` is your `my_jvp` and `my_vjp`, with the forward pass
# made once and kept; section 6 ran it. `trpo_np/fast/mlp.py` is what training runs and what was measured
# here: it keeps the factors $1 - h^2$ too, and the states go through in chunks of 2048.
#
# ## 8. A tenth of the states
#
# Ten products by (6.2) cost $40NP$, one gradient $3NP$ (a forward pass and a VJP). By this count more
# than nine tenths of an update are Fisher-vector products; by the clock it was four fifths (64×64,
# $N = 2048$,
# `tests/benchmarks/update_profile.py`). The paper cuts them down by a simple means
# ([Schulman et al. (2015)](references.md#schulman2015), appendix C.1): **compute $F$ on a tenth of the
# states.** In the package it is `TRPO(fisher_fraction=0.1)`; the default is 1.
#
# Why is that allowed? Draw $m$ of the $N$ states at random, without looking at what happened in them,
# and let $F_m$ be the mean of $J_s^\top M_s J_s$ over these. Each state is as likely to be among them as
# any other, so
#
# $$\mathbb{E}\left[ F_m \right] = \frac1N \sum_s J_s^\top M_s\, J_s = F .$$
#
# The estimate is right on average, and its error falls like $1/\sqrt m$ (a little faster near $m = N$,
# since no state is drawn twice). It stays positive semidefinite. And a metric that is a little off gives
# a step that is a little turned, and still uphill: $g^\top (F_m + \lambda I)^{-1} g > 0$.
#
# Why, then, do $g$, the KL and $L$ keep all states?
#
# - $g$ is a mean of terms $A_n \nabla \log \pi$ of both signs that largely cancel: with a tenth of them
#   its noise is $\sqrt{10}$ times as large, and the noise goes straight into the direction. The terms of
#   $F$ are positive semidefinite and do not cancel.
# - The KL is a promise, $\overline{\mathrm{KL}} \le \delta$. It costs one forward pass, and it is
#   checked where it was given, on the whole batch. With it the line search also catches a step that
#   $F_m$ made too long.
# - What $L$ improves by is a small difference, and on fewer states more of it is noise. $L$ comes out of
#   the same forward pass as the KL.
#
# Two things change. The step length, for a search direction $s$: $s^\top F_m s$ is an estimate too, and
# then the line search gets more to do (one product over all states would make it exact; the package leaves
# it to the line search). And $g$ no longer
# lies in the range of $F_m$ (notebook 07, section 7), so that without damping $F_m s = g$ has no
# solution at all.
#
# Below, both errors on one batch of random states, mean and standard error over 20 draws: that of $F_m$,
# and the angle between the directions $(F_m + \lambda I)^{-1} g$ and $(F + \lambda I)^{-1} g$ for
# $\lambda = 0.1$.

# %%
policy = make_policy(spaces.Box(-1, 1, (3,)), spaces.Discrete(4), hidden=(8, 8))
theta = policy.init(rng) + 0.3 * rng.standard_normal(policy.num_parameters)
obs, identity = rng.standard_normal((2000, 3)), np.eye(policy.num_parameters)
actions, A = policy.sample(theta, obs, rng), rng.standard_normal(2000)
batch = Batch(obs, actions, A, policy.log_prob(theta, obs, actions))
g = policy_gradient(policy, theta, batch)
F = explicit_fisher(policy, theta, obs, "gauss_newton")
s = np.linalg.solve(F + 0.1 * identity, g)
print("   m    error of F_m    angle between the directions, degrees")
for m in (20, 200, 1000):
    errors, angles = [], []
    for _ in range(20):
        F_m = explicit_fisher(policy, theta, rng.choice(obs, m, replace=False), "gauss_newton")
        s_m = np.linalg.solve(F_m + 0.1 * identity, g)
        errors.append(np.linalg.norm(F_m - F) / np.linalg.norm(F))
        angles.append(np.degrees(np.arccos(s @ s_m / np.linalg.norm(s) / np.linalg.norm(s_m))))
    mean, error = np.mean([errors, angles], axis=1), np.std([errors, angles], axis=1) / np.sqrt(19)
    print(f"{m:4}   {mean[0]:.3f} ± {error[0]:.3f}   {mean[1]:.1f} ± {error[1]:.1f}")

# %% [markdown]
# The gradient above is autograd's, from the definition of $L$. `trpo_step` runs its fast twin, the score
# of the distribution in closed form and one VJP (`LocalProblem` in `trpo_np/fast`): the same numbers.
#
# And on real batches? Notebook 07, section 8, scores directions by the improvement that they promise on
# fresh data: CartPole and Pendulum, five updates each, 16 seeds, networks of 64×64, batches of 2048
# states. With $F$ from a tenth of the states the promise fell by $0.0026 \pm 0.0010$ of 0.209 in
# CartPole's fifth update, and by $0.0015 \pm 0.0007$ of 0.066 and $0.0045 \pm 0.0016$ of 0.202 in
# Pendulum's fifth and twentieth: by one or two hundredths of itself. In the other seven cases the
# difference is within two standard errors of 0. (This direction is in
# `measurements/search_directions.json`, not in the table of notebook 07.)
#
# ## 9. What to take along
#
# | | |
# |---|---|
# | $F v$ by (6.1) | differentiate the mean KL, times $v$, differentiate again |
# | $F v$ by (6.2) | JVP, metric, VJP: forward, weigh, backward |
# | JVP | $dz_l = dh_{l-1} \overline{W}_l + [h_{l-1}, 1]\, dW_l$, then times $1 - h_l^2$ |
# | VJP | $G_l = [h_{l-1}, 1]^\top \bar z_l$, then back through $\overline{W}_l^\top$ and $1 - h^2$ |
# | tests | finite differences; $\langle u, Jv \rangle = \langle J^\top u, v \rangle$; the explicit $F$ |
# | cost | like $P$, not $P^2$ |
# | fewer states | for $F$, which is a metric; not for $g$, $L$ and the KL |
#
# **Exercise 6.6** (in words). Why is the product with $J$ computed forward and the one with $J^\top$
# backward? What would it cost to get $J v$ out of backward passes alone?
#
# <details><summary>Answer</summary>
# A backward pass gives Jᵀu for one u: a weighted sum of the rows of J. To get J v one needs the inner
# product of every row with v. In one state there are K rows, so K backward passes with unit vectors u
# would do, each followed by an inner product with v: K times the cost of the one forward pass. The other
# way round, Jᵀu out of forward passes would need one for each of the P parameters. (There is a trick
# with two backward passes: (Jᵀu)·v is linear in u, and its gradient with respect to u is J v.)
# </details>
#
# ## Sources and further reading
#
# Proved here: (6.1), (6.2), the two passes (6.6) and (6.7), and (6.8). Counted: the costs of section 7;
# measured, on one machine: the picture of section 7, and section 8.
#
# - [Schulman et al. (2015)](references.md#schulman2015), appendix C.1: the Fisher-vector product as
#   $J^\top M J$ and by differentiating twice, and $F$ on a tenth of the data.
# - [Pearlmutter (1994)](references.md#pearlmutter1994): products with any Hessian, at the cost of a few
#   gradients: (6.1).
# - [Schraudolph (2002)](references.md#schraudolph2002): products with $J^\top M J$ by a forward and a
#   backward pass: (6.2).
# - [Martens (2020)](references.md#martens2020): when the Fisher matrix is such a Gauss–Newton matrix.
#
# Next: [07 Conjugate gradient](07_conjugate_gradient.ipynb), which solves $F s = g$ with ten of these
# products.
