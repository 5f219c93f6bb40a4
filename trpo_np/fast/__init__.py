"""Speed in a room of its own: the same numbers as the textbook's form, by test, in less time."""

from dataclasses import replace

from trpo_np.fast.mlp import FastMLP
from trpo_np.mlp import MLP, Network
from trpo_np.policy import Policy


def fast(policy: Policy) -> Policy:
    """The same policy, with its network's fast twin where it has one."""
    return replace(policy, network=fast_network(policy.network))


def fast_network(network: Network) -> Network:
    """The fast twin of a network, or the network itself where it has none."""
    return FastMLP(network.sizes) if type(network) is MLP else network
