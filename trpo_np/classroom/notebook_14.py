"""The worlds, the search and the checks of notebook 14, a sharper bound."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from trpo_np import bounds, tabular
from trpo_np.classroom import solutions_beyond
from trpo_np.classroom.checks import Check, Mistake, number, order, recall
from trpo_np.classroom.exercises import chains, paths, proofs, sharper, sums, worlds

# Worlds: each function returns an MDP, an old policy and a new one.


def fork(gamma, u=1e-3, v=1e-6):
    """One choice at the start, by a fair coin, between two states that are never left.

    The new policy's coin falls on the first with ½ + u. Behind it the gain is G = +2v, behind the
    other -2v.
    """
    P = np.zeros((3, 2, 3))
    P[0, 0, 1] = P[0, 1, 2] = P[1, :, 1] = P[2, :, 2] = 1.0
    rewards = np.array([[0.0, 0.0], [1.0, -1.0], [1.0, -1.0]])
    mdp = tabular.FiniteMDP(P, rewards, np.array([1.0, 0.0, 0.0]), gamma)
    old = np.full((3, 2), 0.5)
    return mdp, old, old + np.array([[u, -u], [v, -v], [-v, v]])


def leaving(gamma, x=1 / 3, k=1e-6):
    """Notebook 03's MDP: X is left with q = x (1 - γ), then q + u; in Y the coin gets worse.

    Both states have about the divergence k.
    """
    q = x * (1 - gamma)
    u, v = np.sqrt(2 * q * (1 - q) * k), np.sqrt(k / 2)
    return _leaving(gamma, q, u, v, np.array([[0.0, 0.0], [1.0, -1.0]]))


def leaving_by_gains(gamma, x=1 / 2, u=1e-3, v=1e-3):
    """The same two states, with rewards for which G(X) = +1 and G(Y) = -1, and a coin that hardly
    changes: Y moves by v u, X by u, in units of the standard deviation of leaving."""
    q = x * (1 - gamma)
    u = u * np.sqrt(q * (1 - q))
    v = v * u
    rewards = np.array([[-q, 1 - q], [0.0, 0.0]]) / u + np.array([[0.0, 0.0], [1.0, -1.0]]) / (
        2 * v
    )
    return _leaving(gamma, q, u, v, rewards)


def _leaving(gamma, q, u, v, rewards):
    P = np.zeros((2, 2, 2))
    P[0, 0, 0] = P[0, 1, 1] = P[1, :, 1] = 1.0
    old = np.array([[1 - q, q], [0.5, 0.5]])
    new = old + np.array([[-u, u], [-v, v]])
    return tabular.FiniteMDP(P, rewards, np.array([1.0, 0.0]), gamma), old, new


def walk(gamma, u=1e-3, reach=8.0):
    """A walk on a line from its middle, one step left or right by a fair coin.

    The new coin falls right with ½ + u. Right of the middle a step to the right earns 1 and one to
    the left -1, left of it the other way round. The line is so long that its ends hardly count.
    """
    half = int(reach / np.sqrt(2 * (1 - gamma))) + 2
    x = np.arange(-half, half + 1)
    S = len(x)
    P = np.zeros((S, 2, S))
    P[np.arange(S), 0, np.maximum(np.arange(S) - 1, 0)] = 1.0
    P[np.arange(S), 1, np.minimum(np.arange(S) + 1, S - 1)] = 1.0
    mdp = tabular.FiniteMDP(P, np.sign(x)[:, None] * np.array([-1.0, 1.0]), np.eye(S)[half], gamma)
    old = np.full((S, 2), 0.5)
    return mdp, old, old + np.array([-u, u])


def gamble(gamma, u=1e-2, rare=0.1):
    """A state Z that is seldom met, and where one choice decides for long; only there the policies
    differ.

    From X one comes to Z with probability rare (1 - γ). There a fair coin leads to a good state or
    a bad one, whose rewards are 1 and -1. The bad one is left for X with probability 1 - γ.
    """
    seldom, back = rare * (1 - gamma), 1 - gamma
    P = np.zeros((4, 2, 4))  # X, Z, good, bad
    P[0, :, 0], P[0, :, 1] = 1 - seldom, seldom
    P[1, 0, 2] = P[1, 1, 3] = P[2, :, 2] = 1.0
    P[3, :, 3], P[3, :, 0] = 1 - back, back
    rewards = np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 1.0], [-1.0, -1.0]])
    mdp = tabular.FiniteMDP(P, rewards, np.eye(4)[0], gamma)
    old = np.full((4, 2), 0.5)
    return mdp, old, old + np.array([[0.0, 0.0], [u, -u], [0.0, 0.0], [0.0, 0.0]])


def best_within(pi_old, A, radius):
    """The policies of largest gain Σ π A with KL(old ‖ π) ≤ radius in each state, by (3.10)."""
    radius = np.asarray(radius)[..., None]
    below_top = A.max(axis=-1, keepdims=True) - A
    shape = np.broadcast_shapes(radius.shape, A.shape[:-1])
    near, far = np.full(shape, -25.0), np.full(shape, 25.0)  # logarithms of ν - max A

    def policy(log_w):
        weights = pi_old / (below_top + np.exp(log_w)[..., None])
        return weights / weights.sum(axis=-1, keepdims=True)

    for _ in range(50):
        middle = (near + far) / 2
        outside = tabular.state_kl(pi_old, policy(middle)) > radius
        near, far = np.where(outside, middle, near), np.where(outside, far, middle)
    return policy(far)


def simulate(mdp, pi, episodes, steps, rng):
    """The states (episodes, steps) of runs of the policy."""

    def draw(probabilities):
        return (rng.random((episodes, 1)) > probabilities.cumsum(axis=1)[:, :-1]).sum(axis=1)

    P_pi = np.einsum("sa,sat->st", pi, mdp.transitions)
    states = [draw(np.tile(mdp.start, (episodes, 1)))]
    for _ in range(steps - 1):
        states.append(draw(P_pi[states[-1]]))
    return np.stack(states, axis=1)


def stopped_walk(T, u, changed):
    """J - L, exactly, for a walk of T steps that pays 1 at its end if it is then further than √T
    from its middle, and the four bounds of Li et al. (2025).

    The old coin is fair. The new one falls outwards with ½ + u at the times t = 1, ..., T with
    changed[t - 1], and is fair at the others; in the middle it is fair.
    """
    x = np.arange(-T, T + 1)
    V_old = (np.abs(x) > np.sqrt(T)).astype(float)
    V_new = V_old.copy()
    p = 0.5 + u * np.sign(x) * np.asarray(changed, dtype=float)[:, None]  # (T, places)
    after = [V_old]
    right = lambda V: np.append(V[1:], V[-1])  # noqa: E731
    left = lambda V: np.append(V[0], V[:-1])  # noqa: E731
    for t in reversed(range(T)):
        V_new = p[t] * right(V_new) + (1 - p[t]) * left(V_new)
        after.append(0.5 * (right(after[-1]) + left(after[-1])))
    where, L = (x == 0).astype(float), after[-1][T]
    D_bar = np.zeros(T)
    for t in range(T):
        gain = (p[t] - 0.5) * (right(after[T - 1 - t]) - left(after[T - 1 - t]))
        L = L + where @ gain
        D_bar[t] = where @ np.abs(p[t] - 0.5)
        where = 0.5 * (left(where) + right(where))
    tv, kl = u, -0.5 * np.log(1 - 4 * u**2)
    steps = np.arange(T - 1, -1, -1)  # T - t
    path = kl / tv * D_bar.sum()  # the mean KL in step t is kl where the coin changes
    return {
        "error": V_new[T] - L,
        "classical": T * (T - 1) * kl,
        "Pinsker-marginal": 4 / 3 * T**1.5 * kl,
        "mixed": 2 * T * np.sqrt(kl * path),
        "adaptive": 4 * D_bar @ np.minimum(1, np.minimum(steps * tv, np.sqrt(steps * kl / 2))),
    }


def sharp_mdps(rng, S, A, gamma, n):
    """n random MDPs whose transition probabilities are nearly 0 or 1, as in notebook 03."""
    P = tabular.softmax_policy(4 * rng.standard_normal((n, S, A, S)))
    start = tabular.softmax_policy(4 * rng.standard_normal((n, S)))
    return tabular.FiniteMDP(P, rng.standard_normal((n, S, A)), start, gamma)


def many_worlds(gamma, n=20_000, seed=0, S=4, A=3):
    """(name, mdps, old, new) for n random MDPs of either kind, the policies from near to far."""
    rng = np.random.default_rng(seed)
    uniform = tabular.random_mdp(rng, S, A, gamma, (n,))
    for name, mdps in (
        ("uniform", uniform),
        ("nearly deterministic", sharp_mdps(rng, S, A, gamma, n)),
    ):
        logits, change = rng.standard_normal((2, n, S, A))
        size = 10.0 ** rng.uniform(-2, 0.5, size=(n, 1, 1))
        yield (
            name,
            mdps,
            tabular.softmax_policy(logits),
            tabular.softmax_policy(logits + size * change),
        )


# The search for the worst case.


def mean_ratio(mdp, old, new, power=1.5):
    """|J - L| over the bound with the mean KL, 0 where the policies all but agree."""
    enough = tabular.mean_state_kl(mdp, old, new) > 1e-9
    bound = bounds.gap_bound(mdp, old, new, power)
    return _quotient(mdp, old, new, bound, enough)


def max_ratio(mdp, old, new, power=1.5):
    """|J - L| over C max KL, 0 where the policies all but agree."""
    largest = tabular.state_kl(old, new).max(axis=-1)
    bound = bounds.sharper_constant(mdp, old, power) * largest
    return _quotient(mdp, old, new, bound, largest > 1e-9)


def _quotient(mdp, old, new, bound, enough):
    gap = np.abs(tabular.surrogate_gap(mdp, old, new))
    return np.where(enough, gap, 0.0) / np.where(enough, bound, 1.0)


def any_world(S, A=2):
    """How many genes an MDP of S states with its two policies has, and their decoder."""
    sizes = np.array([S * A * S, S * A, S, S * A, S * A, S])

    def decode(genes, gamma):
        P, r, start, logits, step, size = np.split(genes, np.cumsum(sizes)[:-1], axis=1)
        mdps = tabular.FiniteMDP(
            tabular.softmax_policy(4 * P.reshape(-1, S, A, S)),
            np.sinh(2 * r.reshape(-1, S, A)),
            tabular.softmax_policy(4 * start),
            gamma,
        )
        logits, step = logits.reshape(-1, S, A), step.reshape(-1, S, A)
        step = 0.3 * step * np.exp(2 * np.minimum(size, 0))[..., None]
        return mdps, tabular.softmax_policy(logits), tabular.softmax_policy(logits + step)

    return sizes.sum(), decode


def any_walk(S):
    """The same for walks on a line of S places, left, right and middle each with genes of its
    own: the coin, its change, and the two rewards."""
    place = np.sign(np.arange(S) - S // 2) + 1
    P = np.zeros((S, 2, S))
    P[np.arange(S), 0, np.maximum(np.arange(S) - 1, 0)] = 1.0
    P[np.arange(S), 1, np.minimum(np.arange(S) + 1, S - 1)] = 1.0

    def coin(logits):
        return tabular.softmax_policy(np.stack([-logits / 2, logits / 2], axis=-1))

    def decode(genes, gamma):
        logits, step, left, right = (part[:, place] for part in np.split(genes, 4, axis=1))
        shape = (len(genes), S)
        mdps = tabular.FiniteMDP(
            np.broadcast_to(P, (len(genes), *P.shape)),
            np.tanh(np.stack([left, right], axis=-1)),
            np.broadcast_to(np.eye(S)[S // 2], shape),
            gamma,
        )
        return mdps, coin(logits), coin(logits + 0.1 * step)

    return 12, decode


def evolve(rng, family, score, gamma, generations, parents=40, children=5):
    """The largest score in each generation, and the genes of the last: keep the worst, change
    copies of them, keep the worst again."""
    genes, decode = family
    keep, history = rng.standard_normal((parents, genes)), []
    for _ in range(generations):
        shape = (parents * children, genes)
        spread = rng.choice([0.05, 0.2, 0.5, 1.0], size=(shape[0], 1))
        touched = rng.random(shape) < rng.choice([0.1, 0.3, 1.0], size=(shape[0], 1))
        young = np.repeat(keep, children, axis=0) + spread * touched * rng.standard_normal(shape)
        everyone = np.concatenate([keep, young])
        scores = score(*decode(everyone, gamma))
        order = np.argsort(-scores)[:parents]
        keep = everyone[order]
        history.append(scores[order[0]])
    return np.array(history), keep[0]


def measure(file, seeds=8, generations=2000):
    """Writes the results of the long searches, eight seeds for each setting, as JSON.

    python -c "from trpo_np.classroom import notebook_14 as nb; nb.measure('FILE')", some six
    minutes on one core.
    """
    rows = []
    for gamma in (0.5, 0.9, 0.99, 0.999):
        settings = [
            (form, f"{S} states", any_world(S), generations) for form in SCORES for S in (2, 3, 5)
        ]
        if gamma in (0.9, 0.99):
            settings.append(("max", "walks", any_walk(15 if gamma == 0.9 else 41), 500))
        for form, name, family, rounds in settings:
            ends = [
                evolve(np.random.default_rng(seed), family, SCORES[form], gamma, rounds)[0][-1]
                for seed in range(seeds)
            ]
            rows.append(
                {"gamma": gamma, "form": form, "family": name, "ends": np.round(ends, 4).tolist()}
            )
    Path(file).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


SCORES: dict[str, Callable] = {"mean": mean_ratio, "max": max_ratio}


# The checks.


recall_visits = recall(
    "Recall 14.1",
    100,
    {
        1: "this is the sum of d = (1 - γ) ρ; ρ itself is not normalised",
        99: "you began with t = 1; the first term, γ⁰ = 1, counts too",
        10: "10 belongs to γ = 0.9",
        0.01: "this is 1 - γ, and the sum of a geometric series is its reciprocal",
    },
    "A hundred discounted steps.",
    look="notebook 02, section 2",
    tolerance=1e-6,
)

recall_growth_of_c = recall(
    "Recall 14.2",
    110,
    {
        11: "you took one factor 1/(1 - γ); the theorem has two",
        34.8: "this is the power 3/2, to which this notebook comes; notebook 03 has the power 2",
        1 / 110: "upside down: the constant grows when γ goes to 1",
        1: "the constant does depend on γ: what stands in its denominator?",
    },
    "Each factor 1/(1 - γ) brings ten, and γ itself the rest.",
    look="notebook 03, section 1",
    tolerance=0.1,
)

recall_coin = recall(
    "Recall 14.3",
    2,
    {
        4: "4 is the Fisher information of the coin; the KL is half of it times u²",
        1: "that is what one of the two outcomes brings; they add up",
        0.125: "you took the Fisher information for ¼: it is 1 over the variance",
        0.5: "½ u² is the divergence where the Fisher information is 1; a coin's is another",
    },
    "And it is what Pinsker's inequality gives: TV = u, 2 TV² = 2 u².",
    look="notebook 05, section 2",
    tolerance=0.01,
)


def _path_kl(P_old, start, k, steps):
    """The reference of exercise 14.4."""
    p, K = start, [0.0]
    for _ in range(steps - 1):
        K.append(K[-1] + p @ k)
        p = p @ P_old
    return np.array(K)


def _chains():
    cases = []
    for seed, S, steps in ((141, 3, 6), (142, 5, 9)):
        rng = np.random.default_rng(seed)
        P, start = rng.dirichlet(np.ones(S), size=S), rng.dirichlet(np.ones(S))
        cases.append((P, start, rng.uniform(0.01, 0.2, S), steps))
    return cases


def _kappa(P_old, start, k, steps):
    p, kappa = start, []
    for _ in range(steps):
        kappa.append(p @ k)
        p = p @ P_old
    return np.array(kappa)


check_path_kl = Check(
    "Exercise 14.4",
    _path_kl,
    _chains,
    (
        Mistake(
            _kappa,
            "these are the terms κ_t; K_t is the sum of those before t",
        ),
        Mistake(
            lambda *case: np.cumsum(_kappa(*case)),
            "the sum runs over i < t: K_0 is 0, because both policies start alike",
        ),
        Mistake(
            lambda P, start, k, steps: _path_kl(P.T, start, k, steps),
            "the distribution moves with the transpose: p_{t+1}(s') = Σ_s p_t(s) P(s'|s), in code "
            "p @ P_old",
        ),
        Mistake(
            lambda P, start, k, steps: np.arange(steps) * (start @ k),
            "you kept the distribution of the first state; the later states have others",
        ),
        Mistake(
            lambda P, start, k, steps: np.arange(steps) * k.max(),
            "this is t times the largest divergence: true as a bound, but K_t has the means",
        ),
        Mistake(
            lambda P, start, k, steps: np.arange(steps) * k.mean(),
            "you weighed all states alike; the mean is over the distribution of s_i",
        ),
        Mistake(
            lambda *case: _path_kl(*case)[1:],
            "K_0 = 0 is missing: one number for each of t = 0, ..., steps - 1",
        ),
    ),
    "Nothing at t = 0, and never less later.",
    tolerance=1e-5,
)

check_weights = Check(
    "Exercise 14.5",
    number(3),
    lambda: [()],
    (
        Mistake(
            number(1),
            "these weights do sum to 1, but they count t = 0 too: that is how the √γ came about",
        ),
        Mistake(number(2), "from t = 1 on these sum to γ, not to 1: Jensen wants a mean"),
        Mistake(
            number(4),
            "γ^t sums to γ/(1 - γ) from t = 1 on; a mean has weights that sum to 1",
        ),
        Mistake(number(5), "without the weights γ^t the sum is infinite"),
    ),
    "One term that is zero is left out, and √γ becomes γ.",
)


def _mdps():
    cases = []
    for seed, S, A, gamma in ((145, 4, 3, 0.8), (151, 3, 5, 0.6)):
        rng = np.random.default_rng(seed)
        mdp = tabular.random_mdp(rng, S, A, gamma)
        cases.append((mdp, *tabular.softmax_policy(rng.standard_normal((2, S, A)))))
    return cases


def _bound(mean_kl=tabular.mean_state_kl, gain=None):
    """The bound with something else in the place of the mean KL, or of max |G|."""

    def bound(mdp, old, new):
        size = np.abs(tabular.gains(mdp, old, new)).max() if gain is None else gain(mdp, old, new)
        root = np.sqrt(2 * mean_kl(mdp, old, new))
        return mdp.gamma * root * (1 - mdp.gamma) ** -1.5 * size

    return bound


check_gap_bound = Check(
    "Exercise 14.6",
    bounds.gap_bound,
    _mdps,
    (
        Mistake(
            lambda mdp, old, new: (
                bounds.visitation_bound(mdp, old, new)
                * ((1 - mdp.gamma) * tabular.visitation(mdp, old))
                @ np.abs(tabular.gains(mdp, old, new))
            ),
            "you took the mean of |G| over the visits; what is bounded is a sum of changes of ρ "
            "times G, and there the largest |G| counts",
        ),
        Mistake(
            lambda mdp, old, new: bounds.gap_bound(mdp, old, new) / np.sqrt(mdp.gamma),
            "this is the first form (14.5), with √γ: true, but (14.6) has γ",
        ),
        Mistake(
            lambda mdp, old, new: bounds.gap_bound(mdp, old, new, 2.0),
            "√(1/(1 - γ)) too much: the power is 3/2, and K̄ is a mean, so if you began with ρ, "
            "which sums to 1/(1 - γ), multiply by 1 - γ",
        ),
        Mistake(
            lambda mdp, old, new: bounds.gap_bound(mdp, old, new, 0.5),
            "the power of 1/(1 - γ) is 3/2, not 1/2",
        ),
        Mistake(
            lambda mdp, old, new: bounds.gap_bound(mdp, old, new) / mdp.gamma,
            "the factor γ is missing",
        ),
        Mistake(
            lambda mdp, old, new: bounds.gap_bound(mdp, old, new) / np.sqrt(2),
            "the 2 of Pinsker's inequality is missing under the root",
        ),
        Mistake(
            _bound(lambda mdp, old, new: tabular.old_mean(mdp, old, tabular.state_kl(new, old))),
            "this is KL(new ‖ old): the old policy comes first",
        ),
        Mistake(
            _bound(lambda mdp, old, new: tabular.mean_state_kl(mdp, new, old)),
            "old and new have changed places: both the states and the divergence are the old "
            "policy's",
        ),
        Mistake(
            _bound(lambda mdp, old, new: tabular.old_mean(mdp, new, tabular.state_kl(old, new))),
            "the states are those that the old policy visits",
        ),
        Mistake(
            _bound(lambda mdp, old, new: tabular.state_kl(old, new).mean()),
            "this mean weighs all states alike; K̄ weighs them by the old policy's visitation",
        ),
        Mistake(
            _bound(lambda mdp, old, new: tabular.state_kl(old, new).max()),
            "this has the largest divergence; (14.2) has the mean",
        ),
        Mistake(
            _bound(gain=lambda mdp, old, new: tabular.gains(mdp, old, new).max()),
            "G may be negative: the largest absolute value counts",
        ),
        Mistake(
            _bound(gain=lambda mdp, old, new: np.abs(tabular.advantages(mdp, old)).max()),
            "this has ε, the largest advantage; (14.2) has the largest gain, Σ_a π(a|s) A(s,a)",
        ),
        Mistake(
            _bound(gain=lambda mdp, old, new: np.abs(tabular.gains(mdp, old, new)).sum()),
            "you added up the gains of the states; the largest is wanted",
        ),
        Mistake(
            _bound(gain=lambda mdp, old, new: np.abs(tabular.gains(mdp, old, new))),
            "this is one number for each state; the largest is one number",
        ),
        Mistake(
            lambda mdp, old, new: bounds.gap_bound(mdp, old, new, -1.5),
            "you multiplied by (1 - γ)^(3/2); it stands in the denominator",
        ),
        Mistake(
            lambda mdp, old, new: (
                bounds.gap_bound(mdp, old, new) * np.sqrt(2 * tabular.mean_state_kl(mdp, old, new))
            ),
            "the root over 2 K̄ is missing",
        ),
        Mistake(
            lambda mdp, old, new: bounds.gap_bound(mdp, old, new) * np.sqrt(2),
            "the 2 stands under the root, with K̄",
        ),
        Mistake(
            lambda mdp, old, new: (
                bounds.visitation_bound(mdp, old, new)
                * np.abs(np.sum(old * tabular.advantages(mdp, new), axis=-1)).max()
            ),
            "in G the actions are the new policy's and the advantages the old one's",
        ),
        Mistake(
            lambda mdp, old, new: bounds.visitation_bound(mdp, old, new),
            "this bounds how far ρ moves; the factor max |G| is missing",
        ),
    ),
    "The mean KL is inside.",
    tolerance=1e-5,
    solution=solutions_beyond.gap_bound,
)

check_order = order(
    "Exercise 14.7",
    [4, 2, 6, 1, 5, 3],
    {
        (4, 6, 2, 1, 5, 3): "line 6 adds up what line 2 says of a single step, so 2 comes first",
        (4, 2, 6, 5, 1, 3): (
            "line 5 evaluates the inner sum that line 1 makes by changing the order of the sums"
        ),
        (2, 4, 6, 1, 5, 3): "line 2 is an inequality for the two terms of line 4, so 4 comes first",
    },
    "So distances in TV add up over time, as divergences do, but without a root: t TV, not √t.",
)

check_best_share = Check(
    "Exercise 14.8",
    number(0.5),
    lambda: [()],
    (
        Mistake(number(3), "1 + x = 3x: now solve for x"),
        Mistake(number(1.5), "this is the power in the denominator; set a derivative to zero"),
        Mistake(
            number(0.77),
            "this is a height, of the world that gains in X too; where is its place?",
        ),
        Mistake(
            number(1 / 3),
            "1/3 belongs to notebook 03's function √x (1 + x)⁻²; here the power is 3/2",
        ),
        Mistake(number(1), "differentiate the logarithm: ½ log x - 3/2 log(1 + x)"),
        Mistake(number(2), "upside down: 1/(2x) = 3/(2(1 + x)) gives 1 + x = 3x"),
        Mistake(
            number(2 / 27**0.5), "this is the height of the maximum; the question is where it is"
        ),
    ),
    "The height there is 2/√27 = 0.385.",
    tolerance=0.01,
)

check_ceiling = Check(
    "Exercise 14.9",
    number((np.sqrt(1.08) - 1) / 0.04),
    lambda: [()],
    (
        Mistake(number(0.0051), "this is the limit for γ = 0.99, in nats; a γ is asked for"),
        Mistake(number(0.99), "you set 1 - γ = δ; in (14.13) there is 2γ² too"),
        Mistake(number(0.995), "the 2 is on the other side: 1 - γ = 2 γ² δ"),
        Mistake(
            number(1 / (1 + np.sqrt(0.02))),
            "this is the chapter's ceiling, with (1 - γ)²; ours has the power 1",
        ),
        Mistake(number(0.02), "this is 1 - γ"),
        Mistake(number(1 / 1.02), "you have γ where (14.13) has γ²"),
    ),
    "Above that discount no step of 0.01 nats is certified, in any MDP.",
    tolerance=0.0003,
)


def _gain_tables():
    rng = np.random.default_rng(145)
    return [
        (np.array([0.3, 0.5, 1.2, 0.4]),),
        (rng.standard_normal(7) - 2,),
        (np.array([0.7, -0.1]),),
    ]


check_half_span = Check(
    "Exercise 14.10",
    bounds.half_span,
    _gain_tables,
    (
        Mistake(
            np.ptp, "this is the whole span, from the smallest to the largest: c lies half-way"
        ),
        Mistake(lambda G: np.abs(G).max(), "this is c = 0: another c is better"),
        Mistake(
            lambda G: np.abs(G - G.mean()).max(),
            "you took the mean for c; the best c lies half-way between the extremes",
        ),
        Mistake(
            lambda G: np.abs(G - np.median(G)).max(),
            "you took the median for c; it makes the sum of the distances least, not the largest",
        ),
        Mistake(np.std, "this is the standard deviation; the question is for a maximum"),
        Mistake(
            lambda G: 0.5 * (G.max() + G.min()),
            "this is the best c itself; the question is how far the furthest G is from it",
        ),
        Mistake(
            lambda G: 0.5 * (np.abs(G).max() - np.abs(G).min()),
            "take the extremes of G, with their signs, not of its absolute value",
        ),
    ),
    "A constant gain costs nothing: it is earned wherever the policy goes.",
    tolerance=1e-5,
    solution=solutions_beyond.half_span,
)

check_stopped = Check(
    "Exercise 14.11",
    number(4 / 3),
    lambda: [()],
    (
        Mistake(number(1.5), "3/2 is the power of T; the question is what stands before it"),
        Mistake(number(2 / 3), "2/3 is from the sum; the two roots of 2 bring another factor 2"),
        Mistake(number(2), "the sum of √(t - 1) up to T is less than T^(3/2): ⅔ of it"),
        Mistake(number(8 / 3), "√(2k) · √(2(t-1)k) = 2k√(t-1), k for max k: one factor 2, not 4"),
        Mistake(number(1), "one of the factors 2 and 2/3 is missing"),
        Mistake(number(3), "the integral of √x is ⅔ x^(3/2), not its derivative"),
    ),
    "It is the constant of their theorem.",
    tolerance=0.005,
)

# Checks that stand with others of their topic.

check_proof_order = proofs.check_proof_order
check_fork_ratio = worlds.check_fork_ratio
check_walk_ratio = worlds.check_walk_ratio
check_small_enough = sharper.check_small_enough
check_hidden_factor = sharper.check_hidden_factor
check_best_at_every_time = sharper.check_best_at_every_time
check_second_order_gap = chains.check_second_order_gap
check_memory = chains.check_memory
check_forgotten = paths.check_forgotten
check_count_of_one = sums.check_count_of_one
check_later = sums.check_later
check_without_jensen = sums.check_without_jensen
check_future_order = proofs.check_future_order
