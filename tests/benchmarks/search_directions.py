"""What conjugate gradient iterations and damping do to TRPO's search direction on real batches.

    python tests/benchmarks/search_directions.py

Trains with the defaults, stops before some of the updates, and solves (F + λI) s = g for the batch
at hand with several dampings λ and numbers k of iterations. Every direction gets five numbers:

    sample  gᵀs / √(sᵀFs), what it promises, with g and F of the batch that it was made from
    fresh   the same with g and F of four times as many fresh states of the same policy
    gain    what L of the fresh states gains by the step that the line search accepts, / √(2δ)
    kl      the mean KL of the full step, in the batch, / δ
    halved  how often the line search halved the step; -1 if it accepted none

Writes the JSON file that notebooks 05 to 08 quote, and prints its table. Two processes, each on one
thread; some 15 minutes. --table prints the table of the file that is there.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded

import json
from argparse import ArgumentParser
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from trpo_np import (
    TRPO,
    Settings,
    backtracking_line_search,
    conjugate_gradient,
    fisher_vector_product,
    mean_kl,
    surrogate,
)
from trpo_np.classroom.notebook_07 import promise, stops_in_training
from trpo_np.fisher import damped
from trpo_np.line_search import maximum_step
from trpo_np.objectives import policy_gradient

OUT = Path(__file__).parents[2] / "notebooks" / "measurements" / "search_directions.json"
#: environment: its discount
TASKS = {"CartPole-v1": 0.99, "Pendulum-v1": 0.95}
UPDATES, SEEDS, FRESH = (1, 5, 20, 50, 100), 16, 4
DAMPINGS, ITERATIONS = (0.0, 1e-3, 1e-2, 1e-1, 1.0), (1, 3, 10, 30, 100)
CUTOFFS = 1e-4, 1e-6, 1e-10  #: eigenvalues below this fraction of the largest count as 0
DELTA = TRPO().delta
COLUMNS = "sample", "fresh", "gain", "kl", "halved"


def run(env_id, seed):
    """A row for each stop of one run: scores of all directions, in the sample and fresh."""
    settings = Settings(gamma=TASKS[env_id])
    rows = []
    for update, policy, theta, batch, fresh in stops_in_training(
        env_id, UPDATES, seed, settings, FRESH
    ):
        row = {"env_id": env_id, "seed": seed, "update": update, "P": len(theta)}
        rows.append(row | scores(policy, theta, batch, fresh, np.random.default_rng(seed)))
    return rows


def scores(policy, theta, batch, fresh, rng):
    """The promises of every direction by name, in the sample and fresh."""
    g, F = (
        policy_gradient(policy, theta, batch),
        fisher_vector_product(policy, theta, batch.observations),
    )
    g_new = policy_gradient(policy, theta, fresh)
    F_new = fisher_vector_product(policy, theta, fresh.observations)
    mu, V = spectrum(fisher_factor(policy, theta, batch.observations))
    a = V.T @ g
    directions = {}
    for damping in DAMPINGS:
        for k in ITERATIONS:
            s = conjugate_gradient(damped(F, damping), g, k).x
            directions[f"{damping:g} {k}"] = s
        directions[f"{damping:g} exact"] = V @ (a / (mu + damping))
    tenth = batch.observations[
        rng.permutation(len(batch.observations))[: len(batch.observations) // 10]
    ]
    directions["a tenth of the states"] = conjugate_gradient(
        damped(fisher_vector_product(policy, theta, tenth), 0.1), g, 10
    ).x
    outer = sampled_products(policy, theta, batch)
    for name, product in outer.items():
        directions[name] = conjugate_gradient(damped(product, 0.1), g, 10).x
    numbers = {
        name: (promise(g, F, s), promise(g_new, F_new, s), *step(policy, theta, s, F, batch, fresh))
        for name, s in directions.items()
    }
    return {
        "largest": float(f"{mu.max():.3g}"),
        "rank": len(mu),
        "best": [
            round(float(np.sqrt(np.sum(a[keep] ** 2 / mu[keep]))), 4)
            for keep in (mu > cut * mu.max() for cut in CUTOFFS)
        ],
        "names": list(numbers),
    } | {key: [rounded(row[i]) for row in numbers.values()] for i, key in enumerate(COLUMNS)}


def rounded(x):
    """The number to 4 decimals below 1, to 3 digits above; an integer where it is one."""
    x = round(float(x), 4) if abs(x) < 1 else float(f"{x:.3g}")
    return int(x) if x == int(x) else x


def step(policy, theta, s, F, batch, fresh):
    """What the fresh states' L gains by the step that the batch's line search accepts, divided by
    √(2δ); the mean KL of the full step in the batch, divided by δ; and the halvings."""
    full = maximum_step(DELTA, s @ F(s)) * s
    L = partial(surrogate, policy, batch=batch)
    KL = partial(mean_kl, policy, theta, obs=batch.observations)
    search = backtracking_line_search(L, KL, theta, full, DELTA)
    gained = surrogate(policy, search.x, fresh) - surrogate(policy, theta, fresh)
    halved = search.backtracks if search.accepted else -1
    return gained / np.sqrt(2 * DELTA), KL(theta + full) / DELTA, halved


def sampled_products(policy, theta, batch):
    """v -> products with the sampled Fisher matrix and with the empirical one, which has the
    squared advantages inside."""
    eta, jvp, vjp = policy.linearize(theta, batch.observations)
    scores = policy.distribution.score(eta, policy.as_events(batch.actions))

    def product(weights):
        def of(v):
            along = np.sum(scores * jvp(v), axis=1)  # (∇ log π)ᵀ v, one number a sample
            return vjp((weights * along)[:, None] * scores) / len(eta)

        return of

    return {
        "sampled Fisher": product(np.ones(len(eta))),
        "empirical Fisher": product(batch.advantages**2),
    }


def fisher_factor(policy, theta, obs):
    """A with AᵀA = F, one row for each state and direction that the metric sees."""
    eta, N = policy.outputs(theta, obs), len(obs)
    M = policy.distribution.metric(eta)
    width = eta.shape[1] - policy.distribution.num_free
    network = policy.network.num_parameters
    unit = np.broadcast_to(np.eye(eta.shape[1])[:, None], (eta.shape[1], N, eta.shape[1]))
    metric = np.stack([M(e.copy()) for e in unit], axis=1)  # (N, K, K)
    size, Q = np.linalg.eigh(metric[:, :width, :width])
    rows = []
    for k in range(width):
        if size[:, k].max() > 1e-12:
            u = np.sqrt(np.maximum(size[:, k], 0))[:, None] * Q[:, :, k]
            J = row_by_row_vjp(policy.network.weights(theta[:network]), obs, u)
            rows.append(np.hstack([J, np.zeros((N, len(theta) - network))]))
    free = np.zeros((len(theta) - network, len(theta)))
    for k in range(len(free)):  # all states have the same row: one stands for all
        free[k, network + k] = np.sqrt(np.sum(metric[:, width + k, width + k]))
    return np.vstack([*rows, free]) / np.sqrt(N)


def row_by_row_vjp(Ws, x, u):
    """J_sᵀ u_s (N, P), not summed over the states."""
    with_one = lambda h: np.column_stack([h, np.ones(len(h))])  # noqa: E731
    hs = [x]
    for W in Ws[:-1]:
        hs.append(np.tanh(with_one(hs[-1]) @ W))
    parts = []
    for W, h in zip(reversed(Ws), reversed(hs), strict=True):
        parts.insert(0, np.einsum("ni,nj->nij", with_one(h), u).reshape(len(x), -1))
        u = (1 - h**2) * (u @ W[:-1].T)
    return np.hstack(parts)


def spectrum(A):
    """The eigenvalues of AᵀA, those of at most rounding error left out, and their eigenvectors."""
    mu, U = np.linalg.eigh(A @ A.T)
    keep = mu > CUTOFFS[-1] * mu[-1]
    return mu[keep], A.T @ U[:, keep] / np.sqrt(mu[keep])


def main():
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--table", action="store_true", help="print the table of the file only")
    options = parser.parse_args()
    if not options.table:
        measure(options.seeds, options.out)
    print(table(json.loads(options.out.read_text())))


def measure(seeds, out):
    """Runs all environments and seeds and writes the file: the directions' names, and the rows."""
    jobs = [(env_id, seed) for seed in range(seeds) for env_id in TASKS]
    rows = []
    with ProcessPoolExecutor(max_workers=2) as pool:
        for some in pool.map(run, *zip(*jobs, strict=True)):
            rows += some
            print(some[0]["env_id"], "seed", some[0]["seed"], flush=True)
    names = [row.pop("names") for row in rows]
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    out.write_text(f'{{"names": {json.dumps(names[0])},\n"rows": [\n{lines}\n]}}\n')


SHOWN = "0 10", "0 100", "0 exact", "0.001 10", "0.01 10", "0.1 3", "0.1 10", "0.1 exact", "1 10"


def table(results):
    """The fresh promises as a Markdown table: mean ± standard error over the seeds."""
    columns = [results["names"].index(name) for name in SHOWN]
    heads = [f"λ = {name.split()[0]}, k = {name.split()[1]}" for name in SHOWN]
    lines = ["| | update | " + " | ".join(heads).replace("k = exact", "exact") + " |"]
    lines.append("|---" * (len(SHOWN) + 2) + "|")
    for env_id in TASKS:
        for update in UPDATES:
            rows = [r for r in results["rows"] if (r["env_id"], r["update"]) == (env_id, update)]
            fresh = np.array([row["fresh"] for row in rows])[:, columns]
            error = fresh.std(axis=0, ddof=1) / np.sqrt(len(rows))
            cells = [f"{m:.3f} ± {e:.3f}" for m, e in zip(fresh.mean(axis=0), error, strict=True)]
            lines.append(f"| {env_id} | {update} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
