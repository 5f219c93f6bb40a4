"""The work of an update, counted in passes through the network, so the same on every machine."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from trpo_np.batch import Batch
from trpo_np.fast.mlp import FastMLP
from trpo_np.mlp import Linearization
from trpo_np.policy import Policy

Array = np.ndarray
#: Matrix multiplications of a layer in each pass, in units of those of a forward pass; (13.1).
WEIGHTS = {"forward": 1, "jvp": 2, "vjp": 2}


@dataclass(frozen=True)
class CountingMLP(FastMLP):
    """The network, which writes into `log` each pass and the number of its rows."""

    log: list = field(default_factory=list, compare=False, repr=False)

    def bind(self, theta: Array) -> Callable[[Array], Array]:
        """As FastMLP's; each call is a forward pass."""
        outputs = super().bind(theta)

        def counted(x: Array) -> Array:
            self.log.append(("forward", len(x)))
            return outputs(x)

        return counted

    def linearize(self, theta: Array, x: Array) -> Linearization:
        """As FastMLP's: a forward pass, and each product is one more."""
        self.log.append(("forward", len(x)))
        outputs, jvp, vjp = super().linearize(theta, x)

        def counted(kind: str, product: Callable) -> Callable:
            def call(argument: Array) -> Array:
                self.log.append((kind, len(x)))
                return product(argument)

            return call

        return Linearization(outputs, counted("jvp", jvp), counted("vjp", vjp))


def forward_passes(
    update: Callable, policy: Policy, theta: Array, batch: Batch, rng: np.random.Generator
) -> float:
    """The work of one update, in forward passes over the batch: a JVP and a VJP count as two."""
    log: list = []
    counting = replace(policy, network=CountingMLP(policy.network.sizes, log))
    update(counting, theta, batch, rng)
    return sum(WEIGHTS[kind] * rows for kind, rows in log) / len(batch)


def ratios_of_times(
    updates: dict[str, Callable], policy: Policy, theta: Array, batch: Batch, rounds: int = 5
) -> dict[str, float]:
    """The median time of each update, divided by that of the first one in the same round."""
    rows = []
    for _ in range(rounds):
        row = []
        for update in updates.values():
            started = time.perf_counter()
            update(policy, theta, batch, np.random.default_rng(0))
            row.append(time.perf_counter() - started)
        rows.append(np.array(row) / row[0])
    return dict(zip(updates, np.median(rows, axis=0), strict=True))
