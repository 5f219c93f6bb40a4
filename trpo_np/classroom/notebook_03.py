"""The checks, the MDPs and the pictures of notebook 03, monotonic improvement."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np

from trpo_np import tabular
from trpo_np.classroom import solutions
from trpo_np.classroom.checks import Check, Mistake
from trpo_np.classroom.figures import show
from trpo_np.experiments.plots import COLORS


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
            lambda p, q: np.sqrt(np.sum((p - q) ** 2, axis=-1)),
            "this is the Euclidean distance; (3.2) adds absolute values",
        ),
        Mistake(
            lambda p, q: np.sum(p * np.log(p / q), axis=-1),
            "this is the KL divergence; (3.2) is the other one, of absolute differences",
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
            "this is the divergence itself; the question is for the bound that Pinsker's "
            "inequality gives, which is a little less",
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
            "this is L alone, which can lie above J: the penalty is missing",
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


def corridor(
    cells: int = 6, treasure: int = 3, first: int = 2, slip: float = 0.1, gamma: float = 0.9
) -> tabular.FiniteMDP:
    """The corridor of notebook 02; action 0 is left, action 1 is right."""
    P = np.zeros((cells, 2, cells))
    for s in range(cells):
        left, right = max(s - 1, 0), min(s + 1, cells - 1)
        P[s, 0, left] += 1 - slip
        P[s, 0, right] += slip
        P[s, 1, right] += 1 - slip
        P[s, 1, left] += slip
    r = np.zeros((cells, 2))
    r[treasure] = 1.0
    return tabular.FiniteMDP(P, r, np.eye(cells)[first], gamma)


def go_right(p: float, cells: int = 6) -> np.ndarray:
    """The policy that goes right with probability p, in every cell alike."""
    return np.tile([1 - p, p], (cells, 1))


def sharp_mdps(rng: np.random.Generator, S: int, A: int, gamma: float, n: int) -> tabular.FiniteMDP:
    """n random MDPs whose transition probabilities are nearly 0 or 1."""
    P = tabular.softmax_policy(4 * rng.standard_normal((n, S, A, S)))
    start = tabular.softmax_policy(4 * rng.standard_normal((n, S)))
    return tabular.FiniteMDP(P, rng.standard_normal((n, S, A)), start, gamma)


def policy_pairs(rng: np.random.Generator, S: int, A: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """n old policies, and new ones at distances from very near to far."""
    logits, change = rng.standard_normal((2, n, S, A))
    size = 10.0 ** rng.uniform(-2, 0.5, size=(n, 1, 1))
    return tabular.softmax_policy(logits), tabular.softmax_policy(logits + size * change)


def many_worlds(
    gamma: float, n: int = 10_000, seed: int = 0
) -> Iterator[tuple[tabular.FiniteMDP, np.ndarray, np.ndarray]]:
    """(mdps, old, new) for both kinds of random MDPs, with four states and three actions."""
    rng = np.random.default_rng(seed)
    for mdps in (tabular.random_mdp(rng, 4, 3, gamma, (n,)), sharp_mdps(rng, 4, 3, gamma, n)):
        yield mdps, *policy_pairs(rng, 4, 3, n)


#: The numbers that describe an MDP with two states and two actions, and two policies for it.
GENES = 22


def decode(genes: np.ndarray, gamma: float) -> tuple[tabular.FiniteMDP, np.ndarray, np.ndarray]:
    """The MDPs and pairs of policies that have these genes, shape (n, 22)."""
    P, r, start, logits, step = np.split(genes, [8, 12, 14, 18], axis=1)
    mdps = tabular.FiniteMDP(
        tabular.softmax_policy(3 * P.reshape(-1, 2, 2, 2)),
        np.tanh(r.reshape(-1, 2, 2)),
        tabular.softmax_policy(3 * start),
        gamma,
    )
    logits, step = logits.reshape(-1, 2, 2), step.reshape(-1, 2, 2)
    return mdps, tabular.softmax_policy(logits), tabular.softmax_policy(logits + 0.3 * step)


def leaving(gamma: float, k: float = 1e-6) -> tuple[tabular.FiniteMDP, np.ndarray, np.ndarray]:
    """The MDP made by hand with its two policies, whose divergence is about k in both states.

    State 0 is X, where action 1 leaves; state 1 is Y, where action 0 is the good one.
    """
    q = (1 - gamma) / 3
    P = np.zeros((2, 2, 2))
    P[0, 0, 0] = P[0, 1, 1] = P[1, :, 1] = 1.0
    mdp = tabular.FiniteMDP(P, np.array([[0.0, 0.0], [1.0, -1.0]]), np.array([1.0, 0.0]), gamma)
    u, v = np.sqrt(2 * q * (1 - q) * k), np.sqrt(k / 2)
    old = np.array([[1 - q, q], [0.5, 0.5]])
    return mdp, old, old + np.array([[-u, u], [-v, v]])


def best_within(pi_old: np.ndarray, A: np.ndarray, radius: float | np.ndarray) -> np.ndarray:
    """The policies that maximise Σ π A with KL(old ‖ π) ≤ radius in each state, by (3.10).

    Bisection on the logarithm of ν - max A; radii of shape (n,) give policies (n, S, A).
    """
    radius = np.asarray(radius)[..., None]
    below_top = A.max(axis=-1, keepdims=True) - A
    shape = np.broadcast_shapes(radius.shape, A.shape[:-1])
    near, far = np.full(shape, -25.0), np.full(shape, 25.0)

    def policy(log_distance):
        weights = pi_old / (below_top + np.exp(log_distance)[..., None])
        return weights / weights.sum(axis=-1, keepdims=True)

    for _ in range(45):
        middle = (near + far) / 2
        outside = tabular.state_kl(pi_old, policy(middle)) > radius
        near, far = np.where(outside, middle, near), np.where(outside, far, middle)
    return policy(far)


def top_of_the_bound(
    mdp: tabular.FiniteMDP, pi: np.ndarray, guess: float | None = None
) -> tuple[np.ndarray, float]:
    """The policy that maximises the lower bound at pi, and its largest divergence.

    The radius is searched on a grid, around a guess if there is one, that is refined once.
    """
    A, rho = tabular.advantages(mdp, pi), tabular.visitation(mdp, pi)
    C = tabular.penalty_constant(mdp, pi)
    radii = np.geomspace(1e-12, 0.1, 30) if guess is None else guess * np.geomspace(0.5, 2, 9)
    for _ in range(2):
        policies = best_within(pi, A, radii)
        worst_kl = tabular.state_kl(pi, policies).max(axis=-1)
        i = np.argmax(np.sum(policies * A, axis=-1) @ rho - C * worst_kl)
        radii = np.geomspace(radii[max(i - 1, 0)], radii[min(i + 1, len(radii) - 1)], 9)
    return policies[i], worst_kl[i]


def show_theorem(mdp: tabular.FiniteMDP, p_old: float) -> None:
    """Draws J, L and the lower bound over the corridor's one number, whole and magnified."""
    pi_old = go_right(p_old)
    figure, axes = plt.subplots(1, 2, figsize=(13, 5.5))
    for ax, (low, high) in zip(axes, ((0.02, 0.98), (0.38, 0.43)), strict=True):
        ps = np.linspace(low, high, 200)
        policies = [go_right(p) for p in ps]
        ax.plot(ps, [tabular.performance(mdp, pi) for pi in policies], linewidth=3, label="J")
        ax.plot(ps, [tabular.local_approximation(mdp, pi_old, pi) for pi in policies], label="L")
        bound = [tabular.lower_bound(mdp, pi_old, pi) for pi in policies]
        ax.plot(ps, bound, linewidth=3.5, label=r"$L - C\,\max\,$KL")
        ax.plot(p_old, tabular.performance(mdp, pi_old), "k*", markersize=16, label="old policy")
        ax.set_xlabel("probability of going right")
    axes[0].set_ylim(-3, 4)
    axes[0].set_ylabel("discounted reward")
    axes[0].legend(loc="upper left")
    show(
        figure,
        "Left: over the probability of going right, J is a hill, L its tangent at 0.4, and the "
        "lower bound a narrow arch that falls off steeply on both sides. Right, magnified around "
        "0.4: the arch touches J and L at the old policy, lies below J elsewhere, and has its top "
        "a little to the right.",
        "The lower bound touches J at the old policy and is nowhere above it. Its top is better "
        "than the old policy, and very near to it.",
        name="lower_bound",
    )


def show_inequalities(sides: dict[str, dict[str, tuple]]) -> None:
    """Draws the left side of each inequality of the proof against its right side."""
    names = {
        "gain": ("(3.3)", r"$\max_s |G(s)|$"),
        "visitation": ("(3.5)", r"$\|\rho - \rho_{\rm old}\|_1$"),
        "gap": ("(3.6)", r"$|J - L|$"),
    }
    figure, axes = plt.subplots(1, 3, figsize=(13, 5))
    for (family, pairs), marker in zip(sides.items(), "ox", strict=True):
        for ax, key in zip(axes, names, strict=True):
            left, right = pairs[key]
            ax.loglog(right[:500], left[:500], marker, markersize=4, label=family)
    for ax, (equation, name) in zip(axes, names.values(), strict=True):
        limits = np.array(ax.get_xlim())
        ax.plot(limits, limits, "k--", label="equality")
        ax.set_xlabel(f"right side of {equation}")
        ax.set_ylabel(f"left side: {name}")
    axes[0].legend(loc="upper left", fontsize=12, borderpad=0)
    show(
        figure,
        "Three scatter plots on log axes, for the inequalities (3.3), (3.5) and (3.6): the left "
        "side against the right side for a thousand random MDPs. All points lie below the line of "
        "equality: most within a factor of ten of it in the first plot, most between one and two "
        "and a half orders of magnitude below it in the second, and most two to four in the third.",
        "In these random MDPs every inequality holds, and each one gives away more than the one "
        "before.",
    )


def show_pinsker() -> None:
    """Draws KL / TV² for two outcomes."""
    y = np.linspace(0.01, 0.99, 400)
    figure, ax = plt.subplots(figsize=(10, 5.5))
    for x in (0.5, 0.8, 0.95):
        divergence = x * np.log(x / y) + (1 - x) * np.log((1 - x) / (1 - y))
        ax.plot(y, divergence / (x - y) ** 2, label=f"p = ({x:g}, {1 - x:.2g})")
    ax.axhline(2, color="black", linestyle="--", label="Pinsker: 2")
    ax.axhline(1, color="0.4", linestyle=":", label="weaker inequality: 1")
    ax.set_ylim(0, 9)
    ax.set_xlabel("y, with q = (y, 1 - y)")
    ax.set_ylabel(r"KL$(p\,\|\,q)$ / TV$^2$")
    ax.legend()
    show(
        figure,
        "The quotient of KL divergence and squared total variation for two outcomes, against the "
        "probability y, for three distributions p. All curves lie above 2; the one for p = (0.5, "
        "0.5) comes down to 2 at y = 0.5.",
        "The factor in Pinsker's inequality cannot be improved: the first curve comes down to it.",
    )


def show_searches(
    histories: list[np.ndarray], at_random: float, horizons: np.ndarray, by_hand: np.ndarray
) -> None:
    """Draws the needed constant in the searches at γ = 0.99, and of the MDP made by hand."""
    figure, axes = plt.subplots(1, 2, figsize=(13, 5.5))
    for history in histories:
        axes[0].semilogy(history, color=COLORS[0], linestyle="-", linewidth=1.5)
    axes[0].plot([], [], "-", color=COLORS[0], label=f"{len(histories)} searches")
    axes[0].axhline(at_random, color="0.4", linestyle="-.", label="worst of 100,000 at random")
    axes[0].axhline(198, color=COLORS[1], linestyle="--", label="allowed, one factor short")
    axes[0].axhline(19_800, color="black", linestyle=":", label="allowed by the theorem")
    axes[0].set_ylim(50, 2e5)
    axes[0].set_xlabel("generation")
    axes[0].set_ylabel(r"needed constant $c$ (for $\gamma = 0.99$)")
    axes[1].loglog(horizons, by_hand, "o-", label="needed by the MDP made by hand")
    one_short, theorem = 2 * (horizons - 1), 2 * horizons * (horizons - 1)
    sharper = 2 * (1 - 1 / horizons) * horizons**1.5
    axes[1].loglog(horizons, one_short, "--", color=COLORS[1], label="one factor short")
    axes[1].loglog(horizons, theorem, "k:", label="allowed by the theorem")
    axes[1].loglog(horizons, sharper, "-.", color=COLORS[2], label="sharper, notebook 14")
    best = max(history[-1] for history in histories)
    axes[1].loglog(100, best, "k*", markersize=14, label="best search")
    axes[1].set_xlabel(r"$1 / (1 - \gamma)$ (steps)")
    axes[1].set_ylabel(r"constant, in units of $\epsilon$")
    for ax in axes:
        ax.legend(loc="upper left")
    show(
        figure,
        "Left: the constant needed by the worst MDP of each generation, for eight searches at "
        "discount 0.99, on a log axis. Some searches rise clearly above the line of the wrong "
        "constant, the others end near it; all stay far below the line of the theorem. Right: the "
        "constant needed by the MDP made by hand against 1/(1 - gamma), on log axes. It starts "
        "below the line of the wrong constant, crosses it near 10, and runs parallel to the line "
        "of the sharper constant, below that of the theorem.",
        "A test must look for the worst case. 100,000 cases by chance did not find it.",
        name="worst_case_search",
    )


def show_climbs(runs: dict[str, tuple[np.ndarray, np.ndarray]], J_best: float) -> None:
    """Draws performance and divergence of each step for several ways to climb."""
    figure, axes = plt.subplots(1, 2, figsize=(13, 5.5))
    for (name, (J, kl)), marker in zip(runs.items(), ("", "o", "s"), strict=True):
        axes[0].semilogx(np.arange(1, len(J)), J[1:], marker=marker, markersize=5, label=name)
        axes[1].loglog(np.arange(1, len(kl) + 1), kl, marker=marker, markersize=5, label=name)
    axes[0].axhline(J_best, color="black", linestyle=":", label="best possible")
    axes[0].set_ylabel("performance J")
    axes[1].set_ylabel("largest KL of the step (nats)")
    for ax in axes:
        ax.set_xlabel("iteration")
        ax.legend()
    show(
        figure,
        "Left: performance against iterations on a log axis. Steps to the top of the bound rise "
        "steadily but need more than a thousand iterations; steps with a fixed divergence of 0.01 "
        "or 0.1 are near the best possible performance after ten or four. Right: the divergence of "
        "the steps. For the bound it is near one millionth of a nat and falls.",
        "Certain improvement, in minute steps; and the same climb with steps of a fixed "
        "divergence.",
        name="penalty_or_constraint",
    )
