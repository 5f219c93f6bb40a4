"""The fast room gives the textbook's numbers: in chunks, in threads, whatever theta turns into."""

import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import autograd.numpy as anp
import numpy as np
import pytest
from checkers import check_derivatives
from problems import ACTION_SPACES, random_batch, random_problem

from trpo_np import MLP, TRPO, explicit_fisher, mean_kl, surrogate, trpo_step
from trpo_np.errors import UsageError
from trpo_np.fast import fast, fast_network
from trpo_np.fast import mlp as fast_mlp
from trpo_np.fast.local_problem import LocalProblem
from trpo_np.mlp import Network

each_kind = pytest.mark.parametrize("kind", ACTION_SPACES)


@pytest.mark.parametrize("sizes", [(3, 2), (1, 4, 1), (5, 8, 6, 3), (2, 3, 3, 3, 2)])
@pytest.mark.parametrize("N", [1, 7])
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_the_fast_network_is_the_textbooks(sizes, N, precision, rng):
    textbook = MLP(sizes)
    network = fast_network(textbook)
    theta, v = rng.standard_normal((2, network.num_parameters)).astype(precision)
    x = rng.standard_normal((N, sizes[0])).astype(precision)
    u = rng.standard_normal((N, sizes[-1])).astype(precision)
    at, expected = network.linearize(theta, x), textbook.linearize(theta, x)
    pairs = [
        (network.bind(theta)(x), textbook.apply(theta, x)),
        (at.outputs, expected.outputs),
        (at.jvp(v), expected.jvp(v)),
        (at.vjp(u), expected.vjp(u)),
    ]
    tolerance = 1e-4 if precision == "float32" else 1e-11
    for ours, theirs in pairs:
        assert ours.dtype == theirs.dtype == precision
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("kept_bytes", [0, 2**29], ids=["recomputed", "kept"])
@pytest.mark.parametrize("chunk_rows", [1, 3, 10])
def test_chunks_of_rows_change_nothing(chunk_rows, kept_bytes, rng, monkeypatch):
    network = fast_network(MLP((3, 5, 5, 2)))
    theta, v = rng.standard_normal((2, network.num_parameters))
    x, u = rng.standard_normal((10, 3)), rng.standard_normal((10, 2))

    def results():
        at = network.linearize(theta, x)
        return network.bind(theta)(x), at.outputs, at.jvp(v), at.vjp(u)

    whole = results()
    monkeypatch.setattr(fast_mlp, "CHUNK_ROWS", chunk_rows)
    monkeypatch.setattr(fast_mlp, "KEPT_BYTES", kept_bytes)
    for streamed, expected in zip(results(), whole, strict=True):
        np.testing.assert_allclose(streamed, expected, rtol=1e-12)


@pytest.mark.parametrize("make", [MLP, lambda sizes: fast_network(MLP(sizes))], ids=["mlp", "fast"])
def test_a_linearization_keeps_the_theta_it_was_made_at(make, rng):
    network = make((3, 5, 2))
    theta, v = rng.standard_normal((2, network.num_parameters))
    x, u = rng.standard_normal((6, 3)), rng.standard_normal((6, 2))
    at, bound = network.linearize(theta, x), network.bind(theta.copy())
    before = at.outputs.copy(), at.jvp(v), at.vjp(u)
    kept = theta.copy()
    theta += 1
    x *= 2
    for was, now in zip(before, (at.outputs, at.jvp(v), at.vjp(u)), strict=True):
        np.testing.assert_array_equal(now, was)
    np.testing.assert_allclose(bound(x / 2), network.apply(kept, x / 2))


def test_two_threads_on_one_linearization_give_the_products_of_one(rng):
    network = fast_network(MLP((17, 64, 64, 6)))
    theta = rng.standard_normal(network.num_parameters)
    at = network.linearize(theta, rng.standard_normal((500, 17)))
    vs = rng.standard_normal((40, network.num_parameters))
    alone = [at.vjp(at.jvp(v)) for v in vs]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda v: at.vjp(at.jvp(v)), vs))
    np.testing.assert_array_equal(together, alone)


@each_kind
def test_the_local_problem_is_made_of_the_textbooks_functions(kind, rng):
    """(10.1), (10.2), (2.9): L, KL, g and F, each against its own definition."""
    policy, theta, obs = random_problem(kind, rng, N=30)
    batch = random_batch(policy, theta, obs, rng)
    problem = LocalProblem(policy, theta, batch)
    there = theta + 0.1 * rng.standard_normal(len(theta))
    gain = surrogate(policy, there, batch) - surrogate(policy, theta, batch)
    assert problem.L(there) == pytest.approx(gain, rel=1e-10)
    assert problem.KL(there) == pytest.approx(mean_kl(policy, theta, there, obs), rel=1e-10)
    F, v = explicit_fisher(policy, theta, obs, route="scores"), rng.standard_normal(len(theta))
    np.testing.assert_allclose(problem.F(v), F @ v, rtol=1e-9, atol=1e-12)
    assert problem.L(theta) == 0
    assert 0 <= problem.KL(theta) < 1e-13  # rounded up


def test_a_gain_within_rounding_is_none(rng):
    """Some 1,000 tiny moves: where L moves by less than its rounding, it is said not to move."""
    policy, theta, obs = random_problem("Box", rng, N=50, hidden=(5,))
    batch = random_batch(policy, theta, obs, rng)
    problem = LocalProblem(policy, theta, batch)
    tiny = [problem.L(theta + 1e-17 * rng.standard_normal(len(theta))) for _ in range(1000)]
    assert not np.any(tiny)
    assert problem.L(theta + 1e-10 * problem.gradient()) > 0


@each_kind
def test_a_fraction_of_the_states_estimates_the_same_matrix(kind, rng):
    """The mean over many draws of a tenth is F v of all, within four standard errors."""
    policy, theta, obs = random_problem(kind, rng, N=200, hidden=(4,))
    batch = random_batch(policy, theta, obs, rng)
    v = rng.standard_normal(len(theta))
    draws = [LocalProblem(policy, theta, batch, 0.1, rng).F(v) for _ in range(300)]
    whole = LocalProblem(policy, theta, batch).F(v)
    error = np.std(draws, axis=0) / np.sqrt(len(draws))
    assert (np.abs(np.mean(draws, axis=0) - whole) < 4.5 * error + 1e-12).all()
    assert np.linalg.norm(draws[0] - whole) > 0
    with pytest.raises(UsageError, match="pass a generator"):
        trpo_step(policy, theta, batch, TRPO(fisher_fraction=0.1))


def test_a_fraction_of_the_states_keeps_the_promises_of_the_whole_batch(rng):
    policy, theta, obs = random_problem("Box", rng, N=500, hidden=(8,))
    batch = random_batch(policy, theta, obs, rng)
    new, report = trpo_step(policy, theta, batch, TRPO(fisher_fraction=0.1), rng)
    assert report.accepted
    assert mean_kl(policy, theta, new, obs) == pytest.approx(report.kl)
    assert 0 < report.kl <= 0.01


class Quadratic(Network):
    """An own network: the three methods that `Network` asks for, and nothing else."""

    num_parameters = 6

    def init(self, rng, output_scale=1.0):
        return output_scale * rng.standard_normal(6)

    def apply(self, theta, x):
        squares = anp.concatenate([x, x**2], axis=1)  # (N, 3) from one input and its square
        return squares[:, :3] @ theta.reshape(3, 2)


def test_a_network_of_ones_own_has_its_products_by_autograd(rng):
    network = Quadratic()
    assert fast_network(network) is network
    theta, x = network.init(rng), rng.standard_normal((5, 2))
    check_derivatives(
        lambda t: network.apply(t, x),
        lambda v: network.jvp(theta, x, v),
        lambda u: network.vjp(theta, x, u),
        theta,
        rng,
    )
    np.testing.assert_array_equal(network.bind(theta)(x), network.apply(theta, x))


def test_the_fast_policy_has_the_same_outputs(rng):
    policy, theta, obs = random_problem("Box", rng, N=5)
    np.testing.assert_allclose(fast(policy).bind(theta)(obs), policy.outputs(theta, obs))


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it asks glibc for its memory back")
def test_memory_is_kept_on_demand_and_not_at_import():
    """Arrays of 0.5 MB: once asked for, later passes of a network start with no page faults."""
    code = """
import resource, sys
import numpy as np
from trpo_np import MLP
from trpo_np.fast import fast_network
from trpo_np.fast.memory import keep_freed_memory
if sys.argv[1] == "kept":
    keep_freed_memory()
network, x = fast_network(MLP((17, 64, 64, 6))), np.zeros((2048, 17), np.float32)
outputs = network.bind(np.zeros(network.num_parameters, np.float32))
faults = []
for _ in range(2):
    for _ in range(10):
        outputs(x)
    faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
print(faults[1] - faults[0])
"""

    def faults(how):
        command = [sys.executable, "-c", code, how]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert faults("kept") < 100 < faults("as it is")
