"""The checks of notebook 03, monotonic improvement."""

import numpy as np

from trpo_np import tabular
from trpo_np.classroom import solutions
from trpo_np.classroom.checks import Check, Mistake


def _policies():
    cases = []
    for seed, S, A in ((37, 3, 4), (38, 5, 6)):
        rng = np.random.default_rng(seed)
        cases.append(tuple(tabular.softmax_policy(rng.standard_normal((2, S, A)))))
    return cases


def _total_variation(p, q):
    return 0.5 * np.sum(np.abs(p - q), axis=-1)


check_total_variation = Check(
    "Exercise 3.1",
    _total_variation,
    _policies,
    (
        Mistake(
            lambda p, q: 2 * _total_variation(p, q),
            "the factor ½ is missing: this distance goes up to 2, not to 1",
        ),
        Mistake(
            lambda p, q: np.max(np.abs(p - q), axis=-1),
            "this is the largest difference of a single action; the sum in (3.2) runs over all",
        ),
        Mistake(
            lambda p, q: np.mean(np.abs(p - q), axis=-1),
            "this is a mean over the actions; in (3.2) stands a sum, and a ½ before it",
        ),
        Mistake(
            lambda p, q: 0.5 * np.mean(np.abs(p - q), axis=-1),
            "this is a mean over the actions where a sum belongs",
        ),
        Mistake(
            lambda p, q: 0.5 * np.sqrt(np.sum((p - q) ** 2, axis=-1)),
            "this is half the Euclidean distance; (3.2) adds absolute values",
        ),
        Mistake(
            lambda p, q: 0.5 * np.sum((p - q) ** 2, axis=-1),
            "you squared the differences; (3.2) adds their absolute values",
        ),
        Mistake(
            lambda p, q: np.sum(_total_variation(p, q)),
            "you added up the states; keep one distance for each state, shape (S,)",
        ),
        Mistake(
            lambda p, q: _total_variation(p, q).max(),
            "this is the largest over the states; keep one distance for each state, shape (S,)",
        ),
        Mistake(
            lambda p, q: 0.5 * np.abs(np.sum(p - q, axis=-1)),
            "this is zero up to rounding: the differences cancel. The absolute value comes before "
            "the sum",
        ),
    ),
    "Half the sum of the absolute differences.",
)


check_pinsker = Check(
    "Exercise 3.2",
    lambda: 0.02,
    lambda: [()],
    (
        Mistake(
            lambda: 0.01,
            "0.01 is TV²: the weaker inequality, without Pinsker's factor",
        ),
        Mistake(
            lambda: 0.005,
            "you divided by 2: solve TV² ≤ KL/2 for the KL once more",
        ),
        Mistake(
            lambda: 0.2,
            "the distance enters squared",
        ),
        Mistake(
            lambda: 0.08,
            "you took 0.2 for the distance: the ½ in (3.2) counts what is moved only once",
        ),
        Mistake(
            lambda: 0.1,
            "0.1 is the total variation itself; the question is for the divergence",
        ),
        Mistake(
            lambda: 0.5 * np.log(25 / 24),
            "this is the divergence itself, which you will see in the next cell; the question is "
            "for the bound that Pinsker's inequality gives",
        ),
        Mistake(
            lambda: 0.6 * np.log(1.2) + 0.4 * np.log(0.8),
            "this is the divergence in the other order, not the bound that Pinsker's inequality "
            "gives",
        ),
    ),
    "It cannot be less.",
    tolerance=0.004,
)


def _advantage_tables():
    cases = []
    for seed, S, A, gamma in ((33, 4, 3, 0.9), (34, 3, 5, 0.7)):
        rng = np.random.default_rng(seed)
        advantages = rng.standard_normal((S, A))
        advantages[1, 2] = -3.0 - S  # the largest in size is negative
        cases.append((advantages, gamma))
    return cases


def _constant(epsilon):
    """The penalty constant with another ε."""
    return lambda A, gamma: 2 * gamma * epsilon(A) / (1 - gamma) ** 2


_penalty = _constant(lambda A: np.abs(A).max())

check_penalty_constant = Check(
    "Exercise 3.3",
    _penalty,
    _advantage_tables,
    (
        Mistake(
            lambda A, gamma: (1 - gamma) * _penalty(A, gamma),
            "one factor 1/(1-γ) is missing: one comes from ρ_old, the other from the inverse",
        ),
        Mistake(
            lambda A, gamma: 2 * _penalty(A, gamma),
            "this is twice the constant, the one with TV² ≤ KL: true as well, but we have Pinsker",
        ),
        Mistake(
            lambda A, gamma: 0.5 * _penalty(A, gamma),
            "the 2 is missing: follow it from the two total variations to Pinsker's inequality",
        ),
        Mistake(
            lambda A, gamma: 2 * gamma * np.abs(A).max() / 1 - gamma**2,
            "brackets are missing: Python divides by 1 first. Write (1 - gamma) ** 2",
        ),
        Mistake(
            lambda A, gamma: _penalty(A, gamma) / gamma,
            "the factor γ is missing: with γ = 0 only the first state counts, which no policy "
            "can change, and L and J are the same",
        ),
        Mistake(
            _constant(np.max),
            "ε is the largest absolute value; a very negative advantage counts as well",
        ),
        Mistake(
            _constant(lambda A: np.abs(A).mean(axis=1).max()),
            "you averaged over the actions: ε is the largest over states and actions",
        ),
        Mistake(
            _constant(lambda A: np.abs(A).max(axis=1)),
            "this is one number for each state; ε is the largest over states and actions",
        ),
        Mistake(
            _constant(lambda A: np.abs(A).mean()),
            "this has the mean of the absolute advantages; ε is their largest",
        ),
        Mistake(
            lambda A, gamma: 2 * gamma * np.abs(A).max() / (1 - gamma**2),
            "you squared γ in place of 1-γ: look where the bracket closes",
        ),
    ),
    solution=solutions.penalty_constant,
)


def _pairs():
    cases = []
    for seed, S, A, gamma in ((35, 4, 3, 0.8), (36, 3, 5, 0.6)):
        rng = np.random.default_rng(seed)
        mdp = tabular.random_mdp(rng, S, A, gamma)
        cases.append((mdp, *tabular.softmax_policy(rng.standard_normal((2, S, A)))))
    return cases


def _bound(worst_kl):
    """The lower bound with something else in the place of max KL."""

    def bound(mdp, old, new):
        L = tabular.local_approximation(mdp, old, new)
        return L - tabular.penalty_constant(mdp, old) * worst_kl(old, new)

    return bound


check_lower_bound = Check(
    "Exercise 3.4",
    tabular.lower_bound,
    _pairs,
    (
        Mistake(
            _bound(lambda old, new: tabular.state_kl(old, new).mean()),
            "this has the mean of the divergence over the states; the theorem needs the largest",
        ),
        Mistake(
            _bound(lambda old, new: tabular.state_kl(new, old).max()),
            "this is KL(new ‖ old): the old policy comes first",
        ),
        Mistake(
            _bound(lambda old, new: -tabular.state_kl(old, new).max()),
            "you added the penalty; it has to be subtracted",
        ),
        Mistake(
            lambda mdp, old, new: (
                tabular.lower_bound(mdp, old, new) - tabular.performance(mdp, old)
            ),
            "J(π_old) is missing: in the theorem L is that of equation (2.7)",
        ),
        Mistake(
            tabular.local_approximation,
            "this is L alone, which bounds nothing: the penalty is missing",
        ),
        Mistake(
            _bound(lambda old, new: tabular.state_kl(old, new).sum()),
            "you added up the divergences of all states; the theorem needs the largest",
        ),
        Mistake(
            _bound(lambda old, new: tabular.state_kl(old, new)),
            "this is one number for each state; the largest divergence is one number",
        ),
        Mistake(
            lambda mdp, old, new: (
                tabular.performance(mdp, new)
                - tabular.penalty_constant(mdp, old) * tabular.state_kl(old, new).max()
            ),
            "you started from J of the new policy, which is what the bound is to be about",
        ),
        Mistake(
            lambda mdp, old, new: (
                tabular.local_approximation(mdp, new, old)
                - tabular.penalty_constant(mdp, old) * tabular.state_kl(old, new).max()
            ),
            "old and new have changed places in L: the old policy comes first",
        ),
    ),
    "Never above J.",
    solution=solutions.lower_bound,
)


check_flaw = Check(
    "Exercise 3.5",
    lambda: 2,
    lambda: [()],
    (
        Mistake(
            lambda: 1,
            "line 1 is (3.4), which follows from the two equations for ρ by subtraction",
        ),
        Mistake(
            lambda: 3,
            "line 3 is right: the geometric series brings one factor 1/(1-γ), and no more",
        ),
        Mistake(
            lambda: 4,
            "line 4 follows from the lines above it; the error was made before",
        ),
        Mistake(
            lambda: 5,
            "line 5 is Pinsker's inequality, rightly used; the error was made before",
        ),
    ),
    "And it is the factor that was lost.",
)
