"""What the second order buys on real batches, and what PPO's epochs do to ratios and divergence."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from trpo_np.batch import Batch
from trpo_np.classroom.notebook_07 import stops_in_training
from trpo_np.conjugate_gradient import conjugate_gradient
from trpo_np.fast.local_problem import LocalProblem
from trpo_np.fisher import damped
from trpo_np.line_search import maximum_step
from trpo_np.policy import Policy
from trpo_np.training.settings import Settings
from trpo_np.updates import PPO

Array = np.ndarray
GAMMAS = {"CartPole-v1": 0.99, "Pendulum-v1": 0.95}


def stops(env_id: str, updates: Sequence[int], seed: int, fresh: int = 4) -> list[tuple]:
    """(policy, theta, batch, fresh batch) before these updates of a TRPO run with the defaults."""
    settings = Settings(gamma=GAMMAS[env_id])
    return [found[1:] for found in stops_in_training(env_id, updates, seed, settings, fresh)]


def at_kl(KL: Callable[[Array], float], theta: Array, full: Array, delta: float) -> Array:
    """theta plus the multiple of `full` at which the KL is delta, by bisection of the factor."""
    low, high = 0.0, 1.0
    while KL(theta + high * full) < delta:
        low, high = high, 2 * high
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if KL(theta + middle * full) <= delta else (low, middle)
    return theta + low * full


def gains_at_kl(
    policy: Policy,
    theta: Array,
    batch: Batch,
    fresh: Batch,
    iterations: Sequence[int],
    delta: float = 0.01,
    damping: float = 0.1,
) -> Array:
    """What L gains by a step of exactly delta nats along the direction after each of these numbers
    of conjugate gradient iterations: on the batch, and on the fresh one, (k, 2)."""
    here, there = LocalProblem(policy, theta, batch), LocalProblem(policy, theta, fresh)
    g, F = here.gradient(), here.F
    found = []
    for k in iterations:
        s = conjugate_gradient(damped(F, damping), g, k).x
        new = at_kl(here.KL, theta, maximum_step(delta, s @ F(s)) * s, delta)
        found.append((here.L(new), there.L(new)))
    return np.array(found)


def ppo_epochs(
    policy: Policy, theta: Array, batch: Batch, ppo: PPO, epochs: int, rng: np.random.Generator
) -> dict[str, Array]:
    """After each epoch on one batch, the first entry before all: the mean KL, the largest KL of a
    state, the largest ratio in the batch, and the share of the samples outside of the clip."""
    problem, new, state = LocalProblem(policy, theta, batch), theta, None
    eta = policy.outputs(theta, batch.observations)
    one, rows = replace(ppo, epochs=1), []
    for epoch in range(epochs + 1):
        if epoch:
            new, report = one(policy, new, batch, rng, state)
            state = report.state
        kl = policy.distribution.kl(eta, policy.outputs(new, batch.observations))
        w = problem.ratios(new)
        rows.append((kl.mean(), kl.max(), w.max(), np.mean(np.abs(w - 1) > ppo.clip)))
    names = "mean KL", "largest KL", "largest ratio", "outside"
    return dict(zip(names, np.array(rows).T, strict=True))
