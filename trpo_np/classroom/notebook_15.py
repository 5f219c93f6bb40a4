"""The checks and pictures of notebook 15, a penalty in place of the constraint."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from trpo_np import penalty, tabular
from trpo_np.classroom import solutions_beyond
from trpo_np.classroom.checks import Check, Mistake, case, recall
from trpo_np.experiments.plots import COLORS, LINES

Array = np.ndarray


# Numbers


def best_values(mdp: tabular.FiniteMDP) -> tuple[float, Array]:
    """The largest performance and the largest values (S,), by policy iteration."""
    A = mdp.rewards.shape[-1]
    pi = np.full(mdp.rewards.shape, 1 / A)
    for _ in range(100):
        pi = np.eye(A)[tabular.advantages(mdp, pi).argmax(axis=-1)]
    return float(tabular.performance(mdp, pi)), tabular.state_values(mdp, pi)


def largest_deviation(samples: Array, mean: Array, variance: Array) -> float:
    """How far means and variances of samples (K, N) are from the exact ones (K,), at most, in
    standard errors."""
    N = samples.shape[1]
    centred = samples - mean[:, None]
    squares = centred**2  # around the exact mean: their mean is the variance, without bias
    z_mean = centred.mean(axis=1) / np.sqrt(variance / N)
    z_variance = (squares.mean(axis=1) - variance) / (squares.std(axis=1) / np.sqrt(N))
    return float(np.abs([z_mean, z_variance]).max())


# Pictures


def draw_directions(pi_old: Array, A: Array) -> Figure:
    """The factors π / π_old of both directions against the advantage, for two β."""
    figure, axes = plt.subplots(1, 2, figsize=(13, 5.5), sharey=True)
    grid = np.linspace(A.min(), A.max(), 200)
    for ax, beta in zip(axes, (2.0, 0.2), strict=True):
        log_Z = np.log(np.sum(pi_old * np.exp(A / beta)))
        nu = beta + penalty.hyperbolic_step(pi_old, A, beta) @ A
        curves = {"KL(new ‖ old)": np.exp(grid / beta - log_Z), "KL(old ‖ new)": beta / (nu - grid)}
        points = {
            "KL(new ‖ old)": penalty.exponential_step(pi_old, A, beta) / pi_old,
            "KL(old ‖ new)": penalty.hyperbolic_step(pi_old, A, beta) / pi_old,
        }
        for (name, curve), color, style, marker in zip(
            curves.items(), COLORS, LINES, "os", strict=False
        ):
            ax.semilogy(grid, curve, color=color, linestyle=style, label=name)
            ax.plot(A, points[name], marker, color=color, markersize=10, linestyle="none")
        ax.axhline(1, color="0.5", linewidth=1, linestyle="-")
        ax.set_title(f"β = {beta:g}")
        ax.set_xlabel("advantage $A(a)$")
    axes[0].set_ylabel(r"$\pi_\beta(a)\ /\ \pi_{\rm old}(a)$")
    axes[0].legend()
    return figure


def draw_twins(pi_old: Array, A: Array) -> Figure:
    """K(β) for both directions, with the quadratic model."""
    betas = np.geomspace(0.05, 50, 100)
    steps = {
        "KL(new ‖ old)": lambda b: tabular.state_kl(penalty.exponential_step(pi_old, A, b), pi_old),
        "KL(old ‖ new)": lambda b: tabular.state_kl(pi_old, penalty.hyperbolic_step(pi_old, A, b)),
    }
    figure, ax = plt.subplots(figsize=(10, 5.5))
    for name, K in steps.items():
        ax.loglog(betas, [K(b) for b in betas], label=name)
    ax.loglog(betas, pi_old @ A**2 / (2 * betas**2), label="model (15.11)")
    limit = -np.log(pi_old[A.argmax()])
    ax.axhline(limit, color="0.4", linestyle=":", linewidth=1.5)
    ax.text(50, 1.15 * limit, r"$-\log\,\pi_{\rm old}$(best)", ha="right", color="0.3")
    ax.set_ylim(1e-4, 300)
    ax.set_xlabel(r"weight of the penalty, $\beta$")
    ax.set_ylabel(r"$\delta = K(\beta)$, nats")
    ax.legend(loc="lower left")
    return figure


def draw_mirror_descent(runs: dict[float, tuple[Array, Array]], J_best: float) -> Figure:
    """The gap to the best performance after each update, with its bound."""
    figure, ax = plt.subplots(figsize=(10, 5.5))
    for (beta, (J, bound)), color, marker in zip(runs.items(), COLORS, "os^", strict=False):
        gap, k = J_best - J[1:], np.arange(1, len(J))
        shown = gap > 1e-10
        label = f"β = {beta:g}"
        ax.loglog(
            k[shown], gap[shown], marker, color=color, markersize=5, linestyle="-", label=label
        )
        ax.loglog(k, bound, color=color, linestyle="--", linewidth=1.5)
    ax.plot([], [], color="0.4", linestyle="--", linewidth=1.5, label="bound (15.14)")
    ax.set_xlabel("updates $k$")
    ax.set_ylabel("gap to the best performance")
    ax.legend(loc="lower left")
    return figure


def draw_adaptive(kls: dict[str, Array], delta: float, change: int, factor: float) -> Figure:
    """The mean KL of each update, with the band that the adaptive rule accepts."""
    figure, ax = plt.subplots(figsize=(11, 5.5))
    for (name, kl), marker in zip(kls.items(), "os^", strict=False):
        ax.semilogy(np.arange(1, len(kl) + 1), kl, marker=marker, markersize=6, label=name)
    ax.axhspan(delta / 1.5, 1.5 * delta, color="0.85", zorder=0)
    ax.axhline(delta, color="black", linestyle=":", linewidth=1.5, label="δ, and the rule's band")
    ax.axvline(change + 0.5, color="0.4", linewidth=1, linestyle="-")
    ax.text(change + 0.8, 6e-6, f"rewards × {factor:g}", color="0.3")
    ax.set_xlabel("update")
    ax.set_ylabel("mean KL(old ‖ new) of the update, nats")
    ax.legend(loc="upper right", fontsize=11)
    return figure


def draw_simplex(paths: dict[float, Array], pi_ref: Array, pi_star: Array, r: Array) -> Figure:
    """The paths of (15.19) in the triangle of distributions over three actions."""
    corners = np.array([[0.5, np.sqrt(3) / 2], [0.0, 0.0], [1.0, 0.0]])
    figure, ax = plt.subplots(figsize=(9, 7))
    grid = np.linspace(1e-6, 1, 200)
    a, b = np.meshgrid(grid, grid)
    inside = a + b < 1 - 1e-6
    points = np.stack([a[inside], b[inside], 1 - a[inside] - b[inside]], axis=1)
    goal = points @ r - 0.5 * np.sum(points * np.log(points / pi_ref), axis=1)
    ax.tricontour(*(points @ corners).T, goal, levels=12, colors="0.8", linewidths=1)
    ax.plot(*corners[[0, 1, 2, 0]].T, color="black", linewidth=1.5, linestyle="-")
    labels = {0.0: "trust region alone", 0.5: "trust region and reference"}
    for (beta_ref, path), color, marker in zip(paths.items(), COLORS[1::-1], "^o", strict=True):
        ax.plot(
            *(path @ corners).T, marker, color=color, markersize=8, label=labels[beta_ref], ls="-"
        )
    ax.plot(*(paths[0.0][0] @ corners), "kX", markersize=13, linestyle="none", label="first policy")
    ax.plot(*(pi_ref @ corners), "kD", markersize=10, linestyle="none", label="reference")
    ax.plot(*(pi_star @ corners), "k*", markersize=20, linestyle="none", label="optimum (15.18)")
    for place, name in zip(corners, ("action 0", "action 1", "action 2"), strict=True):
        ax.text(*(place + (place - corners.mean(axis=0)) * 0.12), name, ha="center", va="center")
    ax.set_xlim(-0.2, 1.55)
    ax.set_aspect("equal")
    ax.axis("off")
    ax.legend(loc="upper right")
    return figure


def draw_estimators(p: Array, tilted, rng: np.random.Generator) -> Figure:
    """Standard deviation and bias of k1, k2, k3 in units of the KL, exact and sampled."""
    ts = np.geomspace(0.04, 1.6, 60)
    moments = [penalty.estimate_moments(p, tilted(t)) for t in ts]
    mean, deviation = np.array([m for m, _ in moments]), np.sqrt([v for _, v in moments])
    KL = mean[:, :1]
    figure, axes = plt.subplots(1, 2, figsize=(13, 5.5))
    for i, (color, style, marker) in enumerate(zip(COLORS, LINES, "os^", strict=False)):
        axes[0].loglog(KL, deviation[:, i] / KL[:, 0], color=color, linestyle=style)
        axes[1].semilogx(KL, (mean[:, i] - KL[:, 0]) / KL[:, 0], color=color, linestyle=style)
        axes[0].plot([], [], color=color, linestyle=style, marker=marker, label=f"$k_{i + 1}$")
    for t in ts[4::11]:
        q, a = tilted(t), rng.choice(len(p), size=20_000, p=p)
        k = penalty.kl_estimates(np.log(p[a]), np.log(q[a]))
        exact = tabular.state_kl(p, q)
        for i, (color, marker) in enumerate(zip(COLORS, "os^", strict=False)):
            axes[0].plot(exact, k[i].std() / exact, marker, color=color, linestyle="none")
            error = k[i].std() / np.sqrt(20_000) / exact
            off = k[i].mean() / exact - 1
            axes[1].errorbar(exact, off, 2 * error, fmt=marker, color=color, capsize=4)
    axes[0].set_ylabel("standard deviation / KL")
    axes[1].set_ylabel("bias / KL (bars: two standard errors)")
    axes[1].set_ylim(-0.35, 0.35)
    for ax in axes:
        ax.set_xlabel("KL(p ‖ q), nats")
    axes[0].legend()
    return figure


def descents(p: Array, q: Array, steps: int = 200, rate: float = 0.2) -> dict[str, Array]:
    """KL(p ‖ q) during descent of p's logits along the exact mean of each gradient."""
    uses = {
        "k1 in the reward": lambda p: penalty.gradients_in_reward(p, q)[0],
        "k2 as a loss": lambda p: penalty.gradients_as_loss(p, q)[1],
        "k3 as a loss": lambda p: penalty.gradients_as_loss(p, q)[2],
        "k3 in the reward": lambda p: penalty.gradients_in_reward(p, q)[2],
        "k1 as a loss": lambda p: penalty.gradients_as_loss(p, q)[0],
    }
    curves = {}
    for name, gradient in uses.items():
        logits, kls = np.log(p), []
        for _ in range(steps + 1):
            now = tabular.softmax_policy(logits)
            kls.append(tabular.state_kl(now, q))
            logits = logits - rate * gradient(now)
        curves[name] = np.array(kls)
    return curves


def draw_descents(p: Array, q: Array) -> Figure:
    """What `descents` returns."""
    figure, ax = plt.subplots(figsize=(10, 5.5))
    for i, (name, kls) in enumerate(descents(p, q).items()):
        ax.semilogy(kls, label=name, linewidth=6 if i == 0 else 2.5, alpha=0.5 if i == 0 else 1)
    ax.set_ylim(1e-8, 3)
    ax.set_xlabel("steps of gradient descent")
    ax.set_ylabel("KL(p ‖ q), nats")
    ax.legend(loc="lower left")
    return figure


def draw_training(curves: dict[str, Array], optimum: tuple[float, float, float]) -> Figure:
    """The goal against updates, and reward against KL, for each use of the penalty."""
    figure, axes = plt.subplots(1, 2, figsize=(14, 6))
    for (name, curve), marker in zip(curves.items(), "osD^v", strict=True):
        mean, error = curve.mean(axis=0), curve.std(axis=0, ddof=1) / np.sqrt(len(curve))
        x = 10 * np.arange(len(mean))
        (drawn,) = axes[0].plot(x, mean[:, 2], marker=marker, label=name)
        band = mean[:, 2] - 2 * error[:, 2], mean[:, 2] + 2 * error[:, 2]
        axes[0].fill_between(x, *band, color=drawn.get_color(), alpha=0.2, linewidth=0)
        axes[1].plot(mean[:, 1], mean[:, 0], marker=marker, markersize=6)
    axes[0].axhline(optimum[2], color="black", linestyle=":", label="optimum (15.18)")
    axes[1].plot(optimum[1], optimum[0], "k*", markersize=18, linestyle="none")
    axes[0].set_xlabel("updates")
    axes[0].set_ylabel(r"goal $J_{\rm ref}$")
    axes[1].set_xlabel("KL to the reference, nats an answer")
    axes[1].set_ylabel("mean reward")
    axes[0].legend(loc="lower right", fontsize=12)
    return figure


def draw_step_sizes(results: dict[str, tuple[Array, Array]], best: float) -> Figure:
    """The goal at the end against the step size, for updates without and with a trust region."""
    figure, axes = plt.subplots(1, 2, figsize=(14, 5.5), sharey=True)
    for i, (name, (sizes, ends)) in enumerate(results.items()):
        goals = ends[:, :, 2]
        error = 2 * goals.std(axis=1, ddof=1) / np.sqrt(goals.shape[1])
        axes[min(i, 1)].errorbar(
            sizes,
            goals.mean(axis=1),
            error,
            color=COLORS[i],
            linestyle=LINES[i],
            marker="os^"[i],
            capsize=4,
            label=name,
        )
    for ax in axes:
        ax.set_xscale("log")
        ax.axhline(best, color="black", linestyle=":", label="optimum")
        ax.legend(loc="lower center")
    axes[0].set_xlabel(r"learning rate $\alpha$")
    axes[1].set_xlabel(r"radius $\delta$, nats a letter")
    axes[0].set_ylabel("goal after 100 updates")
    return figure


# Checks


def _prediction(name, value, mistakes, praise=""):
    wrong = tuple(Mistake(lambda w=w: w, says) for w, says in mistakes)
    return Check(name, lambda: value, lambda: [()], wrong, praise)


recall_ratio = recall(
    "Recall 15.1",
    1,
    {
        1.36: "that is the mean over the new policy's actions; the old one acts",
        0: "the difference of the two policies adds up to 0; this is their ratio",
        2: "you summed the two ratios; the old policy takes each action half of the time",
        0.5: "each ratio is weighed once with π_old, and there are two of them",
    },
    "The mean of the ratio is 1, whatever the new policy is. Section 8 makes use of it.",
    look="notebook 02, section 7",
)

recall_multiplier = recall(
    "Recall 15.2",
    2,
    {
        4: "δ stands under a root",
        0.5: "upside down: a smaller radius costs more, so the multiplier grows",
        0.25: "upside down, and δ stands under a root",
        16: "δ is not squared: it stands under a root",
    },
    "A quarter of the radius, twice the price.",
    look="notebook 04, section 4",
)

recall_kl = recall(
    "Recall 15.3",
    0.018,
    {
        0.006: "the KL has no slope at the old policy: it does not grow in proportion to the step",
        0.012: "multiply by the square of 3, not by twice 3",
        0.054: "that is the cube; the first term that is not zero is the square",
        0.002: "the KL does grow with the step: look at ½ dᵀFd",
    },
    "Three times the step, nine times the divergence.",
    look="notebook 05, section 2",
)


def _policies(rng, *shape):
    return rng.dirichlet(np.ones(shape[-1]), size=shape[:-1])


def _centred(pi, A):
    return A - np.sum(pi * A, axis=-1, keepdims=True)


def _tables():
    rng = np.random.default_rng(151)
    cases = []
    for S, n, beta in ((3, 4, 0.7), (2, 3, 2.5), (2, 5, 0.001)):
        pi = _policies(rng, S, n)
        cases.append((pi, _centred(pi, rng.standard_normal((S, n))), beta))
    pi, scale = _policies(rng, 2, 3), np.array([[20.0], [0.01]])
    small = _centred(pi, scale * rng.standard_normal((2, 3)))
    return [*cases, case("where one state has far smaller advantages", pi, small, 0.01)]


def _normalised(weights):
    return weights / weights.sum(axis=-1, keepdims=True)


def _shifted_exp(x):
    return np.exp(x - x.max(axis=-1, keepdims=True))


def _quiet(function):
    """The function, with NumPy's warnings about overflow off: a wrong answer may overflow."""

    def quietly(*args):
        with np.errstate(all="ignore"):
            return function(*args)

    return quietly


check_exponential_step = Check(
    "Exercise 15.4",
    penalty.exponential_step,
    _tables,
    (
        Mistake(
            _quiet(lambda pi, A, beta: _normalised(pi / _shifted_exp(A / beta))),
            "the sign is turned: a good action gets less weight, and exp gets large numbers",
        ),
        Mistake(
            lambda pi, A, beta: _normalised(_shifted_exp(A / beta)),
            "the old probabilities are missing: this tilts the uniform policy",
        ),
        Mistake(
            lambda pi, A, beta: _normalised(pi * _shifted_exp(A * beta)),
            "A is divided by β: a heavy penalty makes a small change",
        ),
        Mistake(
            lambda pi, A, beta: _normalised(pi * _shifted_exp(-A / beta)),
            "the sign is turned: a good action must become more likely",
        ),
        Mistake(
            _quiet(lambda pi, A, beta: _normalised(pi * np.exp(A / beta))),
            "right where exp(A / β) can be held, but for β = 0.001 it overflows: subtract the "
            "largest A of each state first",
        ),
        Mistake(
            _quiet(lambda pi, A, beta: pi * np.exp(A / beta)),
            "Z is missing: the probabilities of a state must add up to 1",
        ),
        Mistake(
            lambda pi, A, beta: pi * _shifted_exp(A / beta),
            "the division by Z is missing: after the shift, too, a state's probabilities must add "
            "up to 1",
        ),
        Mistake(
            lambda pi, A, beta: (
                pi * np.exp((A - A.max()) / beta) / np.sum(pi * np.exp((A - A.max()) / beta))
            ),
            "Z is a sum over all states here, and so is the largest A; each state has its own "
            "(axis=1, keepdims=True)",
        ),
        Mistake(
            lambda pi, A, beta: _normalised(pi * (1 + A / beta)),
            "this is the first order of the exponential only",
        ),
        Mistake(
            lambda pi, A, beta: _normalised(pi * _shifted_exp(A)),
            "β does not enter: A is divided by it",
        ),
        Mistake(
            lambda pi, A, beta: pi + A / beta,
            "the tilt is exp(A / β), and it multiplies the old probabilities",
        ),
        Mistake(
            lambda pi, A, beta: _shifted_exp(np.log(pi) + A / beta),
            "Z is missing: divide by the sum over the actions of each state",
        ),
        Mistake(
            lambda pi, A, beta: np.log(penalty.exponential_step(pi, A, beta) + 1e-300),
            "these are logarithms; the probabilities themselves are wanted",
        ),
        Mistake(
            lambda pi, A, beta: penalty.exponential_step(pi.T, A.T, beta).T,
            "Z is a sum over the states here; sum over the actions, axis 1",
        ),
    ),
    "Old probabilities, tilted.",
    tolerance=1e-5,
    solution=solutions_beyond.exponential_step,
)


def _pairs():
    rng = np.random.default_rng(152)
    cases = []
    for n, beta in ((3, 0.6), (5, 1.7)):
        pi = _policies(rng, 1, n)[0]
        A = _centred(pi, rng.standard_normal(n))
        cases.append((pi, penalty.exponential_step(pi, A, beta)))
    return cases


def _kl(p, q):
    return np.sum(p * np.log(p / q))


check_log_Z = Check(  # noqa: N816
    "Exercise 15.5",
    _kl,
    _pairs,
    (
        Mistake(
            lambda p, q: np.sum(p * np.log(q)),
            "the logarithm has a quotient in it: log π_old is missing",
        ),
        Mistake(
            lambda p, q: np.log(np.sum(p * p / q)),
            "this is the logarithm of a mean; the sum of the derivation is a mean of logarithms",
        ),
        Mistake(
            lambda p, q: np.sum(p * (p / q - 1)),
            "log x was replaced by x - 1, which is so only to first order",
        ),
        Mistake(
            lambda old, new: _kl(new, old),
            "the weights are those of the old policy: this is KL(π_β ‖ π_old)",
        ),
        Mistake(
            lambda old, new: -_kl(old, new),
            "the sign is turned: 0 = Σ π_old log(π_β / π_old) + log Z",
        ),
        Mistake(
            lambda old, new: -_kl(new, old),
            "the weights are those of the old policy, and the logarithm is that of π_old / π_β",
        ),
        Mistake(lambda old, new: np.exp(_kl(old, new)), "this is Z; its logarithm is wanted"),
        Mistake(
            lambda old, new: np.sum(np.log(old / new)),
            "the weights π_old are missing",
        ),
        Mistake(
            lambda old, new: _kl(old, new) + _kl(new, old),
            "that is the whole bracket of (15.4); log Z is one half of the sum, not both",
        ),
        Mistake(
            lambda old, new: np.mean(old * np.log(old / new)),
            "the weights π_old add up to 1 already: a sum, not a mean",
        ),
        Mistake(
            lambda old, new: old * np.log(old / new),
            "these are the terms for each action; sum them up",
        ),
        Mistake(
            lambda old, new: 0.0,
            "0 is the left side, the mean of A; what is log Z on the right?",
        ),
    ),
    "log Z = KL(π_old ‖ π_β): with the line above, (15.4).",
    tolerance=1e-5,
)


def _states():
    rng = np.random.default_rng(153)
    cases = []
    for n, beta in ((4, 0.3), (3, 2.0), (5, 0.01), (3, 6.0)):
        pi = _policies(rng, 1, n)[0]
        cases.append((pi, _centred(pi, rng.standard_normal(n)), beta))
    return cases


def _bisected(pi, A, beta, rounds=60):
    """ν of (15.6)."""
    low, high = A.max(), A.max() + beta
    for _ in range(rounds):
        nu = (low + high) / 2
        low, high = (nu, high) if np.sum(beta * pi / (nu - A)) > 1 else (low, nu)
    return high


check_hyperbolic_step = Check(
    "Exercise 15.6",
    penalty.hyperbolic_step,
    _states,
    (
        Mistake(
            penalty.exponential_step,
            "this is the exponential step (15.2), the solution for KL(new ‖ old)",
        ),
        Mistake(
            lambda pi, A, beta: beta * pi / (A.max() + beta - A),
            "this ν is the upper end of its interval; the probabilities add up to less than 1: "
            "does your search go the wrong way?",
        ),
        Mistake(
            lambda pi, A, beta: _normalised(pi / (A.max() + beta - A)),
            "dividing by the sum does not replace the search: that changes β, and ν must be found "
            "for the β that is given",
        ),
        Mistake(
            lambda pi, A, beta: pi / (_bisected(pi, A, beta) - A),
            "the factor β is missing in the result",
        ),
        Mistake(
            lambda pi, A, beta: beta / (_bisected(pi, A, beta) - A),
            "the factor π_old is missing in the result",
        ),
        Mistake(
            lambda pi, A, beta: beta * pi / (_bisected(pi, A, beta, 5) - A),
            "too few halvings: ν is not yet exact",
        ),
        Mistake(_bisected, "this is ν; the policy (15.6) is wanted, of shape (n,)"),
        Mistake(
            lambda pi, A, beta: pi * (1 + A / beta),
            "this is the step to first order in 1/β only",
        ),
        Mistake(
            _quiet(lambda pi, A, beta: beta * pi / (beta - A)),
            "ν is β plus the gain, by (15.7), and not β alone",
        ),
        Mistake(
            lambda pi, A, beta: pi,
            "this is the old policy: nothing has moved",
        ),
        Mistake(
            lambda pi, A, beta: _normalised(beta * pi / (A.max() + beta / 2 - A)),
            "this ν is the middle of the interval; it has to be searched for",
        ),
    ),
    "One normaliser, found in sixty halvings.",
    tolerance=1e-5,
    solution=solutions_beyond.hyperbolic_step,
)


def _slope(pi_old, A, beta):
    pi = penalty.exponential_step(pi_old, A, beta)
    return -(pi @ (A - pi @ A) ** 2) / beta**3


check_slope = Check(
    "Exercise 15.7",
    _slope,
    lambda: _states()[:2],
    (
        Mistake(
            lambda pi, A, beta: -_slope(pi, A, beta), "the sign is turned: by (15.8) K falls with β"
        ),
        Mistake(
            lambda pi, A, beta: _slope(pi, A, beta) * beta,
            "one factor 1/β is missing: E[A] stands divided by β in K",
        ),
        Mistake(
            lambda pi, A, beta: -(pi @ A**2) / beta**3,
            "the variance is that of A under π_β, not under π_old",
        ),
        Mistake(
            lambda pi, A, beta: -(penalty.exponential_step(pi, A, beta) @ A**2) / beta**3,
            "this is the mean square of A under π_β: there E[A] is no longer 0, subtract it",
        ),
        Mistake(
            lambda pi, A, beta: (
                _slope(pi, A, beta) - 2 * (penalty.exponential_step(pi, A, beta) @ A) / beta**2
            ),
            "two terms E[A]/β² stand here with one sign; they cancel, as K contains minus log Z",
        ),
        Mistake(
            lambda pi, A, beta: -np.var(A) / beta**3,
            "np.var weighs all actions alike; the variance is taken under π_β",
        ),
        Mistake(
            lambda pi, A, beta: -(penalty.exponential_step(pi, A, beta) @ A) / beta**2,
            "that is the slope of log Z; the two terms with E[A] cancel, and the variance stays",
        ),
        Mistake(
            lambda pi, A, beta: -np.sqrt(-_slope(pi, A, beta) * beta**3) / beta**3,
            "this has the standard deviation; the variance is its square",
        ),
    ),
    "dK/dβ = -Var[A] / β³. K falls steeply where β is small and the advantages still differ.",
    tolerance=1e-5,
    solution=solutions_beyond.slope,
)


def _kl_cases():
    far_and_near = (0.2, 0.016, 0.0149, 0.01, 0.0068, 0.0066, 0.001)
    return [
        *((2.0, kl, 0.01) for kl in far_and_near),
        (0.5, 2.0, 0.1),
        (0.3, 0.02, 0.1),
        (3.0, 2.0, 1.6),
        case("where the KL is exactly 1.5 times the target", 0.7, 0.375, 0.25),
        case("where the target is exactly 1.5 times the KL", 0.7, 0.25, 0.375),
    ]


def _adapted(above=1.5, below=1.5, up=2.0, down=0.5):
    def rule(beta, kl, target):
        return beta * (up if kl > above * target else down if kl < target / below else 1.0)

    return rule


check_adapted_beta = Check(
    "Exercise 15.8",
    penalty.adapted_beta,
    _kl_cases,
    (
        Mistake(
            _adapted(up=0.5, down=2.0),
            "the wrong way round: a step that went too far needs a heavier penalty",
        ),
        Mistake(_adapted(above=1.0, below=1.0), "the band is missing: near δ, β stays as it is"),
        Mistake(
            _adapted(above=2.0, below=2.0),
            "2 is the factor for β; the band ends at 1.5 δ and δ / 1.5",
        ),
        Mistake(_adapted(up=1.5, down=1 / 1.5), "1.5 is the band's; β itself is doubled or halved"),
        Mistake(
            _adapted(below=1.0),
            "the lower end of the band is δ / 1.5, not δ",
        ),
        Mistake(_adapted(above=1.0), "the upper end of the band is 1.5 δ, not δ"),
        Mistake(_adapted(down=1.0), "a step that was too short needs a lighter penalty: halve β"),
        Mistake(_adapted(up=1.0), "a step that went too far needs a heavier penalty: double β"),
        Mistake(
            lambda beta, kl, target: 2 * beta if kl > 1.5 * target else beta / 2,
            "the third case is missing: within the band β stays as it is",
        ),
        Mistake(
            lambda beta, kl, target: beta * kl / target,
            "(15.15) knows three answers only: 2β, β/2 and β",
        ),
    ),
    "Double or halve, after the step.",
    solution=solutions_beyond.adapted_beta,
)

check_share = _prediction(
    "Exercise 15.9",
    0.415,
    (
        (0.585, "that is the share that does land; who never does?"),
        (0.5625, "2.25 / 4: compare the widths on the log axis"),
        (0.4375, "1 - 2.25 / 4: compare the widths on the log axis"),
        (0.0, "the rule's step is longer than the band is wide: it can jump over it"),
        (0.7075, "the band reaches from δ/1.5 to 1.5 δ: a factor of 1.5 twice"),
        (
            0.2925,
            "the band reaches from δ/1.5 to 1.5 δ; and the share that never lands is asked for",
        ),
        (1.0, "some starts do land: those whose grid has a point in the band"),
    ),
    "1 - log 2.25 / log 4.",
)
check_share = replace(check_share, tolerance=0.015)


def _references():
    rng = np.random.default_rng(154)
    cases = []
    for n, beta, beta_ref in ((3, 2.0, 0.5), (5, 0.3, 1.2)):
        cases.append((*_policies(rng, 2, n), rng.standard_normal(n), beta, beta_ref))
    return cases


def _two(a, b, c):
    """π_k^a π_ref^b exp(r c), normalised; a, b, c are functions of β and β_ref."""

    def step(pi_k, pi_ref, r, beta, beta_ref):
        powers = (f(beta, beta_ref) for f in (a, b, c))
        logs = (np.log(pi_k), np.log(pi_ref), r)
        return _normalised(np.exp(sum(x * y for x, y in zip(powers, logs, strict=True))))

    return step


check_two_penalty_step = Check(
    "Exercise 15.10",
    penalty.two_penalty_step,
    _references,
    (
        Mistake(
            lambda pi_k, pi_ref, r, b, f: _normalised(
                np.exp((b * pi_k + f * pi_ref) / (b + f) + r / (b + f))
            ),
            "the mean that is log m is one of logarithms; you took the probabilities themselves",
        ),
        Mistake(
            _two(lambda b, f: f / (b + f), lambda b, f: b / (b + f), lambda b, f: 1 / (b + f)),
            "the two weights are exchanged: β belongs to π_k, β_ref to the reference",
        ),
        Mistake(
            _two(lambda b, f: b / (b + f), lambda b, f: f / (b + f), lambda b, f: 1 / b),
            "the reward is divided by β alone; the weight of the whole divergence is β + β_ref",
        ),
        Mistake(
            _two(lambda b, f: b / (b + f), lambda b, f: f / (b + f), lambda b, f: 1 / f),
            "the reward is divided by β_ref alone; the weight of the whole divergence is β + β_ref",
        ),
        Mistake(
            _two(lambda b, f: 1, lambda b, f: 0, lambda b, f: 1 / b),
            "the reference does not enter",
        ),
        Mistake(
            _two(lambda b, f: 0, lambda b, f: 1, lambda b, f: 1 / f),
            "π_k does not enter: this is the optimum (15.18) itself, the end of all updates",
        ),
        Mistake(
            lambda pi_k, pi_ref, r, beta, beta_ref: _normalised(
                (beta * pi_k + beta_ref * pi_ref) * np.exp(r / (beta + beta_ref))
            ),
            "this mixes the probabilities; log m is the mean of their logarithms",
        ),
        Mistake(
            _two(lambda b, f: b, lambda b, f: f, lambda b, f: 1),
            "divide the exponents by β + β_ref, the factor in front of log π",
        ),
        Mistake(
            _two(lambda b, f: 0.5, lambda b, f: 0.5, lambda b, f: 1 / (b + f)),
            "the mean of the logarithms is a weighted one, with the weights β and β_ref",
        ),
        Mistake(
            lambda pi_k, pi_ref, r, b, f: (pi_k**b * pi_ref**f * np.exp(r)) ** (1 / (b + f)),
            "the result is not normalised: divide by its sum",
        ),
        Mistake(
            _two(lambda b, f: 1, lambda b, f: 1, lambda b, f: 1 / (b + f)),
            "the exponents of the two policies are missing: β and β_ref, over their sum",
        ),
        Mistake(
            _two(lambda b, f: b / (b + f), lambda b, f: f / (b + f), lambda b, f: 0),
            "the reward does not enter",
        ),
    ),
    "A geometric mean of where one is and where one came from, tilted by the reward.",
    tolerance=1e-5,
    solution=solutions_beyond.two_penalty_step,
)


def _log_prob_cases():
    rng = np.random.default_rng(155)
    cases = []
    for N in (4, 7):
        log_p = np.log(rng.uniform(0.05, 0.6, N))
        cases.append((log_p, log_p + 0.5 * rng.standard_normal(N)))
    return cases


def _k(log_p, log_q):
    return penalty.kl_estimates(log_p, log_q)


check_kl_estimates = Check(
    "Exercise 15.11",
    penalty.kl_estimates,
    _log_prob_cases,
    (
        Mistake(
            lambda log_p, log_q: _k(log_q, log_p),
            "w is upside down: q over p, the other distribution over the one that acts",
        ),
        Mistake(
            lambda log_p, log_q: _k(log_p, log_q) * np.array([[-1], [1], [1]]),
            "the sign of k1 is turned: minus log w",
        ),
        Mistake(
            lambda log_p, log_q: _k(log_p, log_q) * np.array([[1], [2], [1]]),
            "the ½ of k2 is missing",
        ),
        Mistake(
            lambda log_p, log_q: _k(log_p, log_q) + np.array([[0], [0], [1]]),
            "the -1 of k3 is missing",
        ),
        Mistake(
            lambda log_p, log_q: _k(log_p, log_q).mean(axis=1),
            "these are the means over the samples; keep every sample's estimate, shape (3, N)",
        ),
        Mistake(lambda log_p, log_q: _k(log_p, log_q).T, "the result is turned: shape (3, N)"),
        Mistake(
            lambda log_p, log_q: (
                _k(log_p, log_q) + np.stack([0 * log_p, 0 * log_p, 2 * (log_q - log_p)])
            ),
            "k3 has minus log w at its end",
        ),
        Mistake(
            lambda log_p, log_q: np.exp(log_p) * _k(log_p, log_q),
            "no weights: the samples are drawn from p already",
        ),
        Mistake(
            lambda log_p, log_q: np.stack([*_k(log_p, log_q)[:2], _k(log_q, log_p)[2]]),
            "in k3 the ratio is upside down: w is q over p in all three",
        ),
        Mistake(
            lambda log_p, log_q: _k(log_p, log_q)[[0, 2, 1]],
            "k2 and k3 are exchanged",
        ),
    ),
    "Two subtractions and one exponential.",
    tolerance=1e-5,
    solution=solutions_beyond.kl_estimates,
)


def _p_and_q():
    rng = np.random.default_rng(156)
    return [tuple(_policies(rng, 2, n)) for n in (3, 5)]


check_gradient_of_k3 = Check(
    "Exercise 15.12",
    lambda p, q: p - q,
    _p_and_q,
    (
        Mistake(
            lambda p, q: p * (p - q),
            "the weights p are in it already: Σ p (1 - w) S has p once, and p w = q",
        ),
        Mistake(
            lambda p, q: (p - q) * (1 - p),
            "you kept the term of the action itself alone: an entry of S(a) is not 0 for the other "
            "actions either, but -p",
        ),
        Mistake(
            lambda p, q: np.log(p / q),
            "this is k1; the derivative of k3 has w in it, and no logarithm",
        ),
        Mistake(lambda p, q: q - p, "the sign is turned: the weight of S(a) is 1 - w, and p w = q"),
        Mistake(
            lambda p, q: p * (np.log(p / q) - _kl(p, q)),
            "that is the gradient of KL(p ‖ q), and k3 as a loss gives another: work out the mean",
        ),
        Mistake(
            lambda p, q: p - q - p * (1 - np.sum(q)) - q * 0 + p * q,
            "one product too many: p w = q, no p is left in front of it",
        ),
        Mistake(lambda p, q: -q, "S(a) is e_a - p: the -p, times the sum of q, contributes +p"),
        Mistake(
            lambda p, q: np.sum(p - q),
            "this is a number; the gradient has one entry for each logit",
        ),
        Mistake(
            lambda p, q: 1 - q / p,
            "these are the weights 1 - w of the scores; multiply them by p and S, and sum",
        ),
        Mistake(
            lambda p, q: 0 * p,
            "only the 1 in 1 - w has the mean 0; the w is left",
        ),
        Mistake(
            lambda p, q: p * np.log(p / q),
            "no logarithm: the weight of the score is 1 - w",
        ),
        Mistake(
            lambda p, q: p * (1 - q),
            "p w is q: the p in front of q cancels",
        ),
    ),
    "p - q: the gradient of KL(q ‖ p).",
    tolerance=1e-5,
)


def _groups():
    rng = np.random.default_rng(157)
    rewards = rng.integers(4, size=(3, 8)) / 3
    return [(rewards,), (np.stack([np.full(5, 0.25), rng.standard_normal(5)]),)]


def _relative(R, axis=1, **kwargs):
    spread = R.std(axis=axis, keepdims=True, **kwargs)
    return (R - R.mean(axis=axis, keepdims=True)) / np.where(spread > 0, spread, 1.0)


check_group_advantages = Check(
    "Exercise 15.13",
    penalty.group_advantages,
    _groups,
    (
        Mistake(
            lambda R: R - R.mean(axis=1, keepdims=True),
            "the division by the standard deviation is missing",
        ),
        Mistake(
            _quiet(lambda R: (R - R.mean(axis=1, keepdims=True)) / R.std(axis=1, keepdims=True)),
            "right but for a group whose rewards are all alike: there 0 is divided by 0",
        ),
        Mistake(
            lambda R: _relative(R, ddof=1),
            "np.std as it is: you divide by G - 1 in the variance",
        ),
        Mistake(
            lambda R: _relative(R, axis=None),
            "mean and standard deviation are those of all groups together; each group has its own",
        ),
        Mistake(
            lambda R: _relative(R, axis=0),
            "the groups are the rows: axis 1",
        ),
        Mistake(
            lambda R: (
                (R - R.mean(axis=1, keepdims=True))
                / np.where(R.var(axis=1, keepdims=True) > 0, R.var(axis=1, keepdims=True), 1.0)
            ),
            "you divide by the variance; its root is the standard deviation",
        ),
        Mistake(
            lambda R: (
                R / np.where(R.std(axis=1, keepdims=True) > 0, R.std(axis=1, keepdims=True), 1.0)
            ),
            "the mean of the group is not subtracted",
        ),
        Mistake(
            lambda R: R / np.sum(R, axis=1, keepdims=True),
            "this is a share of the sum; subtract the mean and divide by the standard deviation",
        ),
        Mistake(
            lambda R: _relative(R) / np.sqrt(R.shape[1]),
            "np.std is not the standard error of the mean: no √G",
        ),
    ),
    "A baseline without a value function.",
    tolerance=1e-5,
    solution=solutions_beyond.group_advantages,
)

check_group_factor = _prediction(
    "Exercise 15.14",
    0.9375,
    (
        (1, "the term j = i does not vanish: R_i depends on answer i"),
        (0.0625, "that is what the sum takes away, 1/G; what is left?"),
        (1.0667, "the mean takes something away, and your factor is above 1"),
        (1.0625, "the sum is subtracted: look at its sign"),
        (0, "only the terms with j ≠ i vanish, and the first mean stays"),
        (15, "this is a count, of the others in the group; as which share do they enter?"),
        (16, "E[S_i R_i] occurs once, and 1/G times in the sum"),
    ),
    "1 - 1/G: shorter, and in the same direction.",
)
check_group_factor = replace(check_group_factor, tolerance=3e-3)
