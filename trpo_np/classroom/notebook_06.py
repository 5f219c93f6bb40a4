"""The checks of notebook 06, Fisher-vector products, and its measurement of time and memory."""

import json
import time
import tracemalloc
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import autograd.numpy as anp
import numpy as np
from autograd import grad
from gymnasium import spaces

from trpo_np.classroom import solutions
from trpo_np.classroom.checks import Check, Mistake, only_at, recall
from trpo_np.classroom.measurements import stored
from trpo_np.distributions import Categorical
from trpo_np.fast import fast
from trpo_np.fisher import explicit_fisher, fisher_vector_product
from trpo_np.spaces import make_policy

recall_softmax = recall(
    "Recall 6.1",
    1,
    {
        np.exp(3): (
            "e³ is what the numerator of the softmax is multiplied by; look at its denominator too"
        ),
        3: "the logits stand in an exponent, and in the numerator as in the denominator",
        4: "the logits are raised, not the probabilities",
        np.exp(-3): "that is e⁻³, what the denominator alone does; the numerator changes too",
    },
    "A step along (1, ..., 1) in the logits changes nothing, and M times it is zero.",
    look="notebook 05, section 3",
)

recall_quadratic = recall(
    "Recall 6.2",
    0.01,
    {
        0.02: "Taylor's formula has a factor in front of the quadratic form",
        0.04: "the factor in front of the quadratic form is smaller than 1",
        0.1: "that is the root of the divergence",
        0.0002: "half of the square: but the number given is of second order in d already",
        np.sqrt(0.02): "no root: the divergence is quadratic in d, and so is the number given",
    },
    "One product with F and one inner product give it. No matrix is needed.",
    look="notebook 05, section 2",
)

recall_direction = recall(
    "Recall 6.3",
    2,
    {
        0.5: "those are the entries of g, the plain gradient",
        0.125: "that is F g; the equation to be solved has F on the other side",
        8: "F has been divided out twice",
        1: "F has been divided out by its root only",
    },
    "F s = g has the solution s = (1, 2): where a step is dear, it is shorter.",
    look="notebook 04, section 4",
)

# Exercise 6.1: functions k with value 0 and slope 0 at theta, as the mean KL has


def _divergences():
    cases = []
    for N, n, seed in ((3, 3, 61), (2, 4, 62)):
        rng = np.random.default_rng(seed)
        X, theta = rng.standard_normal((N, n, 5)), rng.standard_normal(5)
        eta_old = X @ theta
        k = lambda x, X=X, eta_old=eta_old, n=n: anp.mean(  # noqa: E731
            Categorical(n).kl(eta_old, anp.dot(X, x))
        )
        cases.append((k, theta, rng.standard_normal(5)))
    return cases


def _double_backprop(k, theta, v):
    return grad(lambda x: anp.dot(grad(k)(x), v))(theta)


check_double_backprop = Check(
    "Exercise 6.1",
    _double_backprop,
    _divergences,
    (
        Mistake(
            lambda k, theta, v: grad(k)(theta),
            "this is the first gradient alone, and at the old policy it is 0: take its inner "
            "product with v and differentiate once more",
        ),
        Mistake(
            lambda k, theta, v: grad(k)(theta) @ v,
            "this is the number in the bracket, not yet its gradient",
        ),
        Mistake(
            lambda k, theta, v: 0.5 * _double_backprop(k, theta, v),
            "this is ½ F v: the ½ of ½ dᵀFd is gone once you differentiate twice",
        ),
        Mistake(
            lambda k, theta, v: grad(lambda x: grad(k)(x) @ x)(theta),
            "the inner product is taken with x, which is differentiated too; v stays fixed",
        ),
        Mistake(
            lambda k, theta, v: grad(lambda x: anp.sum(grad(k)(x)))(theta) * v,
            "this adds up the rows of the Hessian and multiplies by v afterwards; v belongs inside "
            "the bracket, in the inner product",
        ),
    ),
    "Two derivatives, no matrix.",
    conditions=(
        only_at(
            0,
            1,
            "nearly right: your code asks for k beside theta, which is a difference quotient; "
            "(6.1) is exact, by a second derivative at theta",
        ),
    ),
)


# Exercises 6.2 and 6.3: networks as lists of weight matrices


def _with_one(h):
    return np.column_stack([h, np.ones(len(h))])


def _network(sizes, N, seed):
    rng = np.random.default_rng(seed)
    shapes = [(a + 1, b) for a, b in pairwise(sizes)]
    matrices = lambda: [rng.standard_normal(shape) for shape in shapes]  # noqa: E731
    u = rng.standard_normal((N, sizes[-1]))
    return matrices(), matrices(), rng.standard_normal((N, sizes[0])), u


NETWORKS = ((2, 4, 3), 5, 63), ((3, 2, 5, 2), 4, 64)


def _jvp_cases():
    return [_network(*network)[:3] for network in NETWORKS]


def _jvp(
    Ws,
    dWs,
    x,
    dh0=0.0,
    slope=lambda h: 1 - h**2,
    through=True,
    last_tanh=False,
    bias_moves=True,
    ones_move=False,
):
    h, dh = x, np.full_like(x, dh0)
    for layer, (W, dW) in enumerate(zip(Ws, dWs, strict=True)):
        dz = with_bias(h, dW, bias_moves)
        if through:
            dz = dz + (_with_one(dh) @ W if ones_move else dh @ W[:-1])
        z = _with_one(h) @ W
        if layer == len(Ws) - 1 and not last_tanh:
            return dz
        h = np.tanh(z)
        dh = slope(h) * dz
    return dh


def with_bias(h, dW, moves):
    """[h, 1] dW, or h dW without the bias' row."""
    return _with_one(h) @ dW if moves else h @ dW[:-1]


def _jvp_late_slope(Ws, dWs, x):
    h, dh = x, np.zeros_like(x)
    for W, dW in zip(Ws[:-1], dWs[:-1], strict=True):
        z = _with_one(h) @ W
        dz = dh @ W[:-1] + _with_one(h) @ dW
        dh, h = (1 - z**2) * dz, np.tanh(z)
    return dh @ Ws[-1][:-1] + _with_one(h) @ dWs[-1]


check_jvp = Check(
    "Exercise 6.2",
    _jvp,
    _jvp_cases,
    (
        Mistake(
            lambda Ws, dWs, x: _jvp(Ws, dWs, x, through=False),
            "only the last layer moves the result: carry dh from layer to layer, through W",
        ),
        Mistake(
            lambda Ws, dWs, x: _jvp(Ws, dWs, x, dh0=1.0),
            "dh starts as ones; the observations do not depend on the parameters, so dh₀ = 0",
        ),
        Mistake(
            lambda Ws, dWs, x: _jvp(Ws, dWs, x, slope=lambda h: 1.0),
            "the factor 1 - h² of the tanh is missing",
        ),
        Mistake(
            _jvp_late_slope,
            "the factor is 1 - z² in your code; the derivative of tanh(z) is 1 - tanh(z)² = 1 - h²",
        ),
        Mistake(
            lambda Ws, dWs, x: _jvp(Ws, dWs, x, last_tanh=True),
            "the last layer is linear: return dz there, without the factor of a tanh",
        ),
        Mistake(
            lambda Ws, dWs, x: _jvp(Ws, dWs, x, ones_move=True),
            "the column of ones does not move: dh has no column of ones, and W loses its last row",
        ),
        Mistake(
            lambda Ws, dWs, x: _jvp(Ws, dWs, x, bias_moves=False),
            "the last rows of the dW are left out: the biases are parameters and move too",
        ),
    ),
    "One forward pass, and it carries two arrays.",
    solution=solutions.jvp,
)


def _vjp_cases():
    return [(Ws, x, u) for Ws, _, x, u in (_network(*network) for network in NETWORKS)]


def _vjp(Ws, x, u, slope=lambda h: 1 - h**2, bias=True, last_slope=False, backward=False):
    hs = [x]
    for W in Ws[:-1]:
        hs.append(np.tanh(_with_one(hs[-1]) @ W))
    z_bar, gradients = u, []
    if last_slope:
        z_bar = u * (1 - np.tanh(_with_one(hs[-1]) @ Ws[-1]) ** 2)
    for W, h in zip(reversed(Ws), reversed(hs), strict=True):
        G = _with_one(h).T @ z_bar
        if not bias:
            G[-1] = 0
        gradients.append(G)
        z_bar = slope(h) * (z_bar @ W[:-1].T)
    ordered = gradients if backward else reversed(gradients)
    return np.concatenate([G.ravel() for G in ordered])


check_vjp = Check(
    "Exercise 6.3",
    _vjp,
    _vjp_cases,
    (
        Mistake(
            lambda Ws, x, u: _vjp(Ws, x, u, backward=True),
            "the gradients come in the order of the backward pass; lay them out in the order of Ws",
        ),
        Mistake(
            lambda Ws, x, u: _vjp(Ws, x, u, slope=lambda h: 1.0),
            "the factor 1 - h² is missing on the way down",
        ),
        Mistake(
            lambda Ws, x, u: _vjp(Ws, x, u) / len(x),
            "this is the mean over the states; (6.4) is a sum, and the division comes later",
        ),
        Mistake(
            lambda Ws, x, u: _vjp(Ws, x, u, bias=False),
            "the last rows are zero: the column of ones in [h, 1] gives the gradient of the biases",
        ),
        Mistake(
            lambda Ws, x, u: _vjp(Ws, x, u, last_slope=True),
            "the last layer is linear: start with u itself, without the factor of a tanh",
        ),
        Mistake(
            lambda Ws, x, u: _vjp(Ws, x, np.ones_like(u)),
            "u does not enter: this is the gradient of the plain sum of the outputs",
        ),
    ),
    "Backpropagation, derived and written.",
    solution=solutions.vjp,
)


# Exercise 6.4


def _products():
    cases = []
    for N, K, P, seed in ((4, 3, 6, 65), (7, 2, 5, 66)):
        rng = np.random.default_rng(seed)
        J, B = rng.standard_normal((N, K, P)), rng.standard_normal((N, K, K))
        M = B @ np.swapaxes(B, 1, 2)
        cases.append(
            (
                lambda v, J=J: J @ v,
                lambda u, M=M: np.einsum("nkl,nl->nk", M, u),
                lambda u, J=J: np.einsum("nkp,nk->p", J, u),
                rng.standard_normal(P),
            )
        )
    return cases


def _product(jvp, metric, vjp, v):
    Jv = jvp(v)
    return vjp(metric(Jv)) / len(Jv)


check_fisher_vector_product = Check(
    "Exercise 6.4",
    _product,
    _products,
    (
        Mistake(
            lambda jvp, metric, vjp, v: vjp(metric(jvp(v))),
            "this is N F v: vjp sums over the states, and F is the mean over them",
        ),
        Mistake(
            lambda jvp, metric, vjp, v: vjp(jvp(v)) / len(jvp(v)),
            "the metric is missing: this is the mean of JᵀJ v, which knows nothing of the "
            "distribution",
        ),
        Mistake(
            lambda jvp, metric, vjp, v: vjp(metric(jvp(v))) / len(v),
            "you divided by the number of parameters; the mean is over the states, the rows of J v",
        ),
        Mistake(
            lambda jvp, metric, vjp, v: 0.5 * _product(jvp, metric, vjp, v),
            "this is ½ F v: the ½ belongs to the quadratic form ½ dᵀFd, not to its gradient F d",
        ),
        Mistake(
            lambda jvp, metric, vjp, v: vjp(metric(jvp(v))) / jvp(v).size,
            "you divided by N·K; the outputs of one state belong to one distribution, so the mean "
            "is over the N states only",
        ),
        Mistake(
            lambda jvp, metric, vjp, v: _product(jvp, metric, vjp, v) + 0.1 * v,
            "you added the damping; it belongs to F + λI, which the solver gets later",
        ),
    ),
    "Forward, weigh, backward: keep it for notebook 10.",
)


check_gigabytes = Check(
    "Exercise 6.5",
    lambda: 80,
    lambda: [()],
    (
        Mistake(lambda: 10, "you counted the entries; each takes more than one byte"),
        Mistake(
            lambda: 0.0008,
            "this is 8 bytes for each parameter, a vector; a matrix has P² entries",
        ),
        Mistake(lambda: 8, "P² is 10¹⁰, not 10⁹"),
        Mistake(lambda: 74.5, "these are units of 2³⁰ bytes; a gigabyte is 10⁹ bytes here"),
        Mistake(lambda: 80e9, "this is in bytes; a gigabyte has 10⁹ of them"),
        Mistake(lambda: 0.08, "this is in terabytes; count gigabytes of 10⁹ bytes"),
        Mistake(
            lambda: 40,
            "F is symmetric, and half of it would do; but the question is about the matrix as "
            "NumPy stores it",
        ),
    ),
    "And a product needs no more than a few vectors.",
)


# Section 7

FILE = "fisher_products.json"


def measured_products() -> list[dict]:
    """Time and memory of ten products by either method, as they were measured once."""
    return json.loads(stored(FILE).read_text())


def measure_products(
    widths: tuple[int, ...] = (3, 6, 12, 24, 50, 100, 200, 400, 1000), states: int = 500
) -> list[dict]:
    """The same, measured now and kept beside the notebook; it takes a minute."""
    obs = np.random.default_rng(0).standard_normal((states, 8))
    rows = [_measured_row(width, obs) for width in widths]
    path = Path("measurements", FILE)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(rows, indent=1) + "\n")
    return rows


def _measured_row(width: int, obs: np.ndarray, repeat: int = 10) -> dict:
    """Ten products by either method, and the explicit matrix where it is small enough."""
    box, actions = spaces.Box(-1, 1, (8,)), spaces.Box(-1, 1, (2,))
    policy = fast(make_policy(box, actions, hidden=(width, width)))  # as training runs it
    rng = np.random.default_rng(0)
    theta = policy.init(rng)
    v = rng.standard_normal(len(theta))

    def ten_products(route):
        product = fisher_vector_product(policy, theta, obs, route)
        for _ in range(repeat):
            product(v)

    row = {"P": len(theta)}
    for route in ("gauss_newton", "double_backprop"):
        row[route] = _measured(lambda route=route: ten_products(route))
    if len(theta) < 4000:
        row["explicit"] = _measured(lambda: explicit_fisher(policy, theta, obs, "gauss_newton"))
    return row


def _measured(call: Callable[[], object]) -> dict:
    """Seconds (the best of three) and peak bytes of a call."""
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    tracemalloc.start()
    call()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {"seconds": min(seconds), "bytes": peak}
