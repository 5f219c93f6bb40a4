"""The Fisher-vector product against the floor and against the alternatives.

    python tests/benchmarks/fisher_products.py

The floor is the bare matrix multiplications of one JVP and one VJP at the same shapes and
precision, into memory that is there already. All else is given as a multiple of it: the median of
paired runs. Every product is that of an update's conjugate gradient: what can be computed once an
update is computed before the clock starts. "ours" is the product that updates use, "textbook" the
same from the layer-by-layer form of trpo_np/mlp.py. Our processes have the C library keep freed
memory, as the command line does; PyTorch's too with --keep-for-all.
"""

from itertools import pairwise

import numpy as np
from autograd import make_ggnvp
from common import (
    ACTIONS,
    OBSERVATIONS,
    PRECISIONS,
    SHAPES,
    have,
    keeping_memory,
    machine,
    paired,
    problem,
    theirs,
)

from trpo_np import fisher_vector_product
from trpo_np.fast import fast
from trpo_np.objectives import mean_kl_between


def floor(N, hidden, precision):
    """The matrix multiplications and nothing else."""
    sizes = (OBSERVATIONS, *hidden, ACTIONS)
    rng = np.random.default_rng(1)
    draw = lambda *shape: rng.standard_normal(shape).astype(precision)  # noqa: E731
    hs = [draw(N, n) for n in sizes[:-1]]
    Ws = [draw(n, m) for n, m in pairwise(sizes)]
    dzs = [draw(N, n) for n in sizes]
    outs = [np.empty_like(dz) for dz in dzs]
    dWs = [np.empty_like(W) for W in Ws]

    def run():
        np.matmul(hs[0], Ws[0], out=outs[1])
        for layer in range(1, len(Ws)):  # dz = dh W + h dW
            np.matmul(dzs[layer], Ws[layer], out=outs[layer + 1])
            np.matmul(hs[layer], Ws[layer], out=outs[layer + 1])
        for layer in reversed(range(len(Ws))):  # dW = hᵀ dz, and dz Wᵀ
            np.matmul(hs[layer].T, dzs[layer + 1], out=dWs[layer])
            if layer:
                np.matmul(dzs[layer + 1], Ws[layer].T, out=outs[layer])

    return run


def product_problem(N, hidden, precision):
    """Policy, theta, observations and a vector."""
    policy, theta, batch = problem(N, hidden, precision)
    v = np.random.default_rng(2).standard_normal(len(theta)).astype(precision)
    return policy, theta, batch.observations, v


def ours(form, route, N, hidden, precision):
    """This package's product by one of its routes, of the policy or of form(policy)."""
    policy, theta, obs, v = product_problem(N, hidden, precision)
    product = fisher_vector_product(form(policy) if form else policy, theta, obs, route)
    return lambda: product(v)


def autograd_ggnvp(N, hidden, precision):
    """Autograd's own Gauss-Newton product, with the mean KL as a function of eta."""
    policy, theta, obs, v = product_problem(N, hidden, precision)
    eta = policy.outputs(theta, obs)
    kl = lambda x: mean_kl_between(policy.distribution, eta, x)  # noqa: E731
    product = make_ggnvp(lambda x: policy.outputs(x, obs), kl)
    at_theta = product(theta)
    return lambda: at_theta(v)


def torch_problem(N, hidden, precision):
    """The same problem as arrays: matrices, log_std, observations and a vector."""
    policy, theta, obs, v = product_problem(N, hidden, precision)
    P_network = policy.network.num_parameters
    return policy.network.weights(theta[:P_network]), theta[P_network:], obs, v


def torch_double_backprop(Ws, log_std, obs, v):
    """PyTorch's ∇[(∇KL)ᵀ v], the graph of ∇KL kept from one product to the next."""
    import torch

    Ws = [torch.tensor(W, requires_grad=True) for W in Ws]
    log_std = torch.tensor(log_std, requires_grad=True)
    h = torch.tensor(obs)
    for W in Ws[:-1]:
        h = torch.tanh(torch.addmm(W[-1], h, W[:-1]))
    mean = torch.addmm(Ws[-1][-1], h, Ws[-1][:-1])
    shift = (mean.detach() - mean) * torch.exp(-log_std)
    ratio = torch.exp(2 * (log_std.detach() - log_std))
    kl = (log_std - log_std.detach() + 0.5 * (ratio + shift**2 - 1)).sum(dim=1).mean()
    parameters = [*Ws, log_std]
    flat = lambda parts: torch.cat([part.reshape(-1) for part in parts])  # noqa: E731
    gradient = flat(torch.autograd.grad(kl, parameters, create_graph=True))
    v = torch.tensor(v)
    return lambda: flat(torch.autograd.grad(gradient @ v, parameters, retain_graph=True)).numpy()


def competitors(case, with_torch):
    """What is timed beside the floor: for each name, a builder and its arguments."""
    jobs = {
        "ours": (keeping_memory, ours, fast, "gauss_newton", *case),
        "textbook": (keeping_memory, ours, None, "gauss_newton", *case),
        "autograd twice": (keeping_memory, ours, None, "double_backprop", *case),
        "autograd ggnvp": (keeping_memory, autograd_ggnvp, *case),
    }
    if with_torch:
        jobs["PyTorch twice"] = theirs(torch_double_backprop, *torch_problem(*case))
    return jobs


def check_agreement(jobs, precision):
    """All compute the same product."""
    Fv, *others = (build(*args)() for build, *args in jobs.values())
    for other in others:
        error = np.linalg.norm(other - Fv) / np.linalg.norm(Fv)
        assert error < (1e-3 if precision is np.float32 else 1e-9), error


def main():
    with_torch = have("torch")
    print(machine())
    header = ["N", "hidden", "precision", "floor, ms", "ours", "textbook"]
    header += ["autograd twice", "autograd ggnvp"]
    header += ["PyTorch twice", "PyTorch / ours"] if with_torch else []
    print("| " + " | ".join(header) + " |")
    print("|---" * len(header) + "|")
    for N, hidden in SHAPES:
        for precision in PRECISIONS:
            jobs = competitors((N, hidden, precision), with_torch)
            if N <= 2048:
                check_agreement(jobs, precision)
            base, ratios = paired((floor, N, hidden, precision), jobs)
            row = [f"{N:,}", "×".join(map(str, hidden)), precision.__name__, f"{1e3 * base:.2f}"]
            row += [f"{ratio:.2f}" for ratio in ratios.values()]
            if with_torch:
                row.append(f"{ratios['PyTorch twice'] / ratios['ours']:.2f}")
            print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
