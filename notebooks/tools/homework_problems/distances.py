"""How far apart policies are, and what that does to performance: notebooks 01 to 03, and 05."""

import numpy as np

from homework_problems.problem import Case, apart, drawn, shown
from trpo_np import DiagonalGaussian, tabular

Array = np.ndarray
TENTHS = [[5, 3, 2], [6, 3, 1], [4, 4, 2], [7, 2, 1], [8, 1, 1], [2, 2, 6], [3, 6, 1]]


def two_policies(rng: np.random.Generator) -> Case:
    """KL of two categoricals both ways, total variation, Pinsker's bound, KL of two Gaussians."""
    given = drawn(rng, _two_policies, _ways_differ)
    p, q = given["p"], given["q"]
    forward, backward = tabular.state_kl(p, q), tabular.state_kl(q, p)
    eta = np.concatenate([given["mean"], np.log(given["std"])])[None]
    eta_new = np.concatenate([given["mean_new"], np.log(given["std_new"])])[None]
    variation = np.array([tabular.state_total_variation(p, q), np.sqrt(forward / 2)])
    gaussian = DiagonalGaussian(2).kl(eta, eta_new)[0]
    return Case(given, (forward, backward, variation, gaussian), shown(given))


def _two_policies(rng):
    p, q = (rng.permutation(c) / 10 for c in rng.choice(TENTHS, 2, replace=False))
    mean, shift = rng.choice([0.0, 1, -1, 2], 2), rng.choice([-1.0, -0.5, 0.5, 1], 2)
    std, std_new = rng.choice([0.5, 1, 2], 2), rng.choice([0.5, 1, 2], 2)
    return {"p": p, "q": q, "mean": mean, "std": std, "mean_new": mean + shift, "std_new": std_new}


def _ways_differ(given):
    p, q = given["p"], given["q"]
    kls = tabular.state_kl(p, q), tabular.state_kl(q, p)
    return bool(np.any(given["std"] != given["std_new"])) and min(kls) > 0 and apart(*kls)


def a_world_of_two_states(rng: np.random.Generator) -> Case:
    """V_old, L, J and the lower bound of an MDP with two states and two actions."""
    given = drawn(rng, _world, _quantities_differ)
    mdp, old, new = world(given)
    answers = (
        tabular.state_values(mdp, old),
        tabular.local_approximation(mdp, old, new),
        tabular.performance(mdp, new),
        tabular.lower_bound(mdp, old, new),
    )
    A = tabular.advantages(mdp, old)
    found = {
        **{"rho": tabular.visitation(mdp, old), "J_old": tabular.performance(mdp, old)},
        **{"epsilon": np.abs(A).max(), "C": tabular.penalty_constant(mdp, old)},
        "kl": tabular.state_kl(old, new).max(),
    }
    rows = shown({"A_0": A[0], "A_1": A[1]})
    texts = shown(given) | shown(found) | {"A0": rows["A_0"], "A1": rows["A_1"]}
    return Case(given, answers, texts)


def world(given: dict) -> tuple[tabular.FiniteMDP, Array, Array]:
    """The MDP, with action 0 for stay and 1 for go, the old policy and the new one (2, 2)."""
    a = given["arrives"]
    transitions = np.array([[[1, 0], [1 - a, a]], [[0, 1], [a, 1 - a]]])
    rewards = np.stack([given["stay"], given["go"]], axis=1)
    mdp = tabular.FiniteMDP(transitions, rewards, np.array([1.0, 0.0]), given["gamma"])
    return mdp, *(np.stack([1 - given[name], given[name]], axis=1) for name in ("old", "new"))


def _world(rng):
    old = rng.choice([0.2, 0.4, 0.5, 0.6, 0.8], 2)
    return {
        "stay": rng.choice([0.0, 1, 2, 3], 2),
        "go": rng.choice([-2.0, -1, 0, 1], 2),
        "old": old,
        "new": np.round(old + rng.choice([-0.3, -0.2, -0.1, 0.1, 0.2, 0.3], 2), 1),
        "arrives": rng.choice([0.5, 0.8]),
        "gamma": rng.choice([0.5, 0.6, 0.7]),
    }


def _quantities_differ(given):
    """Whether J, L, L without J(π_old) and L with a normalised ρ are different numbers, and so are
    the divergences of the states, either way, and the bounds that they or J would give."""
    if not np.all((given["new"] > 0) & (given["new"] < 1)):
        return False
    mdp, old, new = world(given)
    J, J_old = tabular.performance(mdp, new), tabular.performance(mdp, old)
    L, bound = tabular.local_approximation(mdp, old, new), tabular.lower_bound(mdp, old, new)
    others = L - J_old, J_old + (1 - mdp.gamma) * (L - J_old)
    kl, kl_back = tabular.state_kl(old, new), tabular.state_kl(new, old)
    kls = kl.max(), kl.mean(), kl.min(), kl_back.max()
    large = min(map(abs, (J, L, bound))) > 0.2
    return large and apart(J, L, *others) and apart(*kls) and apart(bound, bound + J - L)
