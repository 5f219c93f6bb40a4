"""The checks of notebook 08, step size and line search, and two of its pictures."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from trpo_np.classroom import solutions
from trpo_np.classroom.checks import Check, Mistake, case, recall
from trpo_np.experiments.plots import COLORS, GOOD, INK, LINES
from trpo_np.line_search import backtracking_line_search

recall_promise = recall(
    "Recall 8.1",
    0.16,
    {
        0.32: "the divergence is quadratic in the step, the promise is linear in it",
        0.08: "a larger region allows a longer step, and that promises more",
        0.04: "upside down: a larger region promises more",
        1.28: "δ is not squared: it stands under a root",
        0.02: "upside down, and δ stands under a root",
    },
    "The promise grows like the root of δ. Whether it is kept is another question.",
    look="notebook 04, section 4",
)

recall_error = recall(
    "Recall 8.2",
    1000,
    {
        100: "that is how the divergence itself shrinks; its first term is in the model",
        10: "a linear term would do that; the KL has none, nor has the error",
        10000: "the first term that the model leaves out comes right after the quadratic one",
    },
    "The first term that is missing is of third order. Section 2 meets it.",
    look="notebook 05, section 2",
)

recall_residual = recall(
    "Recall 8.3",
    "c",
    {
        "a": "it was stopped before the end, and the system had a damping",
        "b": "that is (F + λI) s; take the damping's part away",
        "d": "the residual is what is missing: right side less left side",
    },
    "So F s is known without another product. Section 4 makes use of it.",
    look="notebook 07, section 1",
)


def _directions():
    cases = []
    for n, delta, seed in ((3, 0.02, 81), (5, 0.7, 82)):
        rng = np.random.default_rng(seed)
        B, s = rng.standard_normal((n, n)), rng.standard_normal(n)
        cases.append((delta, s, (B @ B.T + np.eye(n)) @ s))
    return cases


check_maximum_step = Check(
    "Exercise 8.1",
    lambda delta, s, Fs: np.sqrt(2 * delta / (s @ Fs)),
    _directions,
    (
        Mistake(
            lambda delta, s, Fs: np.sqrt(delta / (s @ Fs)),
            "the 2 is missing: it comes from the ½ in the quadratic model",
        ),
        Mistake(
            lambda delta, s, Fs: 2 * delta / (s @ Fs),
            "the square root is missing: the model is quadratic in α",
        ),
        Mistake(
            lambda delta, s, Fs: np.sqrt(2 * delta / (s @ s)),
            "this is a radius in θ: the divergence is measured with F, and you did not use Fs",
        ),
        Mistake(
            lambda delta, s, Fs: np.sqrt(2 * delta / (Fs @ Fs)),
            "this is the length of Fs; one of the two factors in sᵀFs is s itself",
        ),
        Mistake(
            lambda delta, s, Fs: np.sqrt(2 * delta / (s @ Fs)) * s,
            "this is the whole step α s; the number α alone is wanted",
        ),
        Mistake(
            lambda delta, s, Fs: np.sqrt(s @ Fs / (2 * delta)),
            "the fraction is upside down: a larger δ allows a larger step",
        ),
    ),
    "Keep it for notebook 10.",
)


def _kl(x):
    return x + 0.5 * np.exp(-2 * x) - 0.5


check_true_divergence = Check(
    "Exercise 8.2",
    lambda: _kl(-0.2),
    lambda: [()],
    (
        Mistake(lambda: 0.04, "0.04 is the quadratic model; use the exact form"),
        Mistake(
            lambda: round(_kl(0.2), 4),
            "this is the divergence at x = +0.2: mind the sign of x in both places",
        ),
        Mistake(
            lambda: round(0.04 + 2 / 3 * 0.008, 4),
            "this is the series up to its third term; close, but the exact form has all terms",
        ),
        Mistake(
            lambda: round(-0.2 + 0.5 * np.exp(0.2) - 0.5, 4),
            "the exponent is -2x, not -x",
        ),
    ),
    "15 % more than the model says.",
    tolerance=1e-3,
)


def _searches():
    """Surrogates and divergences of a number along a line, each made to need another k."""
    cases = []
    for name, start, radius, hump, delta, backtracks, beta in (
        ("where the full step is acceptable", 1.7, 1.0, 10.0, 2.0, 5, 0.5),
        ("where the KL refuses the full step", -1.2, 1.0, 10.0, 0.6, 5, 0.5),
        ("where the surrogate refuses the full step", 0.4, 0.1, 0.6, 2.0, 5, 0.5),
        ("where both refuse the full step", 1.7, 1.0, 0.3, 0.2, 8, 0.7),
        ("where no candidate is acceptable", 1.7, 1.0, 10.0, 1e-9, 4, 0.5),
        ("where the last allowed candidate is acceptable", 1.7, 1.0, 10.0, 0.1, 1, 0.3),
        ("where the next candidate after the last allowed is", 1.7, 1.0, 10.0, 0.07, 1, 0.5),
    ):
        theta, full = np.array([0.3, -1.2]), np.array([1.0, 0.5])
        way = lambda x, theta=theta, full=full: (x - theta) @ full / (full @ full)  # noqa: E731
        L = lambda x, start=start, hump=hump, way=way: (  # noqa: E731
            start + way(x) * (1 - way(x) / hump)
        )
        KL = lambda x, radius=radius, way=way: radius * way(x) ** 2  # noqa: E731
        cases.append(case(name, L, KL, theta, full, delta, backtracks, beta))
    theta, full = np.zeros(2), np.array([1.0, 0.5])  # numbers that are exact in floating point
    first = lambda x: x[0]  # noqa: E731
    square = lambda x: x[0] ** 2  # noqa: E731
    level = lambda x: 1.5  # noqa: E731
    return [
        *cases,
        case("where the KL is exactly δ", first, square, theta, full, 0.25, 3, 0.5),
        case("where the surrogate stays exactly equal", level, square, theta, full, 0.25, 3, 0.5),
    ]


def _search(L, KL, theta, full_step, delta, backtracks, beta):
    return backtracking_line_search(L, KL, theta, full_step, delta, backtracks, beta).x


def _loop(accepts, otherwise=lambda theta, last: theta, tries=1, shrink=None):
    """A line search with another rule, another end or another way to shorten."""

    def search(L, KL, theta, full_step, delta, backtracks, beta):
        candidate = theta
        for k in range(backtracks + tries):
            length = beta**k if shrink is None else shrink(k, beta)
            candidate = theta + length * full_step
            if accepts(KL(candidate) <= delta, L(candidate) > L(theta), L(candidate) > 0):
                return candidate
        return otherwise(theta, candidate)

    return search


def _one_try(L, KL, theta, full_step, delta, backtracks, beta):
    return _search(L, KL, theta, full_step, delta, 0, beta)


def _both(kl, improved, positive):
    return kl and improved


check_line_search = Check(
    "Exercise 8.3",
    _search,
    _searches,
    (
        Mistake(
            _loop(lambda kl, improved, positive: kl or improved),
            "you accept a step that satisfies one of the two conditions; it has to satisfy both",
        ),
        Mistake(
            _loop(lambda kl, improved, positive: improved),
            "the divergence is never looked at: KL ≤ δ is missing, condition (a) in (8.4)",
        ),
        Mistake(
            _loop(lambda kl, improved, positive: kl),
            "the surrogate is never looked at: L has to improve, condition (b) in (8.4)",
        ),
        Mistake(
            _loop(_both, otherwise=lambda theta, last: last),
            "where nothing passes you return the last candidate, which was refused too",
        ),
        Mistake(
            _loop(_both, tries=0),
            "this is one attempt short: k runs from 0 to `backtracks`, both included",
        ),
        Mistake(
            _loop(_both, shrink=lambda k, beta: beta ** (k + 1)),
            "the full step, k = 0, is never tried",
        ),
        Mistake(
            _loop(lambda kl, improved, positive: kl and positive),
            "you compare L with 0; it has to be compared with its value at the old θ",
        ),
        Mistake(
            _one_try,
            "nothing after your first candidate is accepted: is the return of the old θ inside the "
            "loop, do your steps add up, or are they not shortened by β? Every candidate starts at "
            "the old θ",
        ),
        Mistake(
            lambda L, KL, theta, full_step, *rest: _search(L, KL, theta, full_step, *rest) - theta,
            "this is the accepted step; the accepted parameters are wanted",
        ),
        Mistake(
            lambda L, KL, theta, full_step, *rest: theta + full_step,
            "the full step is returned in every case: nothing is checked",
        ),
    ),
    "Keep it for notebook 10.",
    solution=solutions.line_search,
)


def _solves():
    cases = []
    for n, damping, seed in ((3, 0.1, 83), (5, 0.6, 84)):
        rng = np.random.default_rng(seed)
        cases.append((*rng.standard_normal((3, n)), damping))
    return cases


check_curvature = Check(
    "Exercise 8.4",
    lambda s, g, r, damping: s @ (g - r) - damping * (s @ s),
    _solves,
    (
        Mistake(
            lambda s, g, r, damping: s @ (g - r),
            "this is sᵀ(F + λI)s: the damping is still in it",
        ),
        Mistake(
            lambda s, g, r, damping: s @ g - damping * (s @ s),
            "the residual is left out; after ten iterations it is small, but not zero",
        ),
        Mistake(
            lambda s, g, r, damping: s @ (g + r) - damping * (s @ s),
            "mind the sign of r: r = g - (F + λI) s, so (F + λI) s = g - r",
        ),
        Mistake(
            lambda s, g, r, damping: s @ (g - r) + damping * (s @ s),
            "the damping is added once more; it is in (F + λI) already and has to be taken out",
        ),
        Mistake(
            lambda s, g, r, damping: s @ (g - r) - damping * np.linalg.norm(s),
            "sᵀs is the squared length of s, not the length",
        ),
    ),
    "No product was needed.",
)


# Section 3


def candidates(kl: Callable, gain: Callable, delta: float) -> list[tuple[float, float, str]]:
    """KL, gain of L and verdict for the full step, half of it, and so on to the accepted one, given
    both as functions of α / α_max; at most four."""
    rows = []
    for k in range(4):
        at, gained = kl(0.5**k), gain(0.5**k)
        refused = [name for name, bad in (("(a)", at > delta), ("(b)", gained <= 0)) if bad]
        rows.append((at, gained, f"refused by {' and '.join(refused)}" if refused else "accepted"))
        if not refused:
            break
    return rows


# Pictures


def draw_ray(
    axes: Sequence[Axes], kl: Callable, gain: Callable, slope: float, delta: float
) -> None:
    """The KL and the gain of L along the search direction, as functions of α / α_max, above and
    below, with their models, bands where the conditions hold, and the candidates up to the accepted
    one."""
    a = np.linspace(0, 1.1, 111)
    exact, model = {"color": COLORS[0], "linestyle": "-"}, {"color": COLORS[1], "linestyle": "--"}
    axes[0].plot(a, [kl(x) / delta for x in a], label="exact", **exact)
    axes[0].plot(a, a**2, label="quadratic model", **model)
    axes[1].plot(a, [gain(x) for x in a], label="exact", **exact)
    axes[1].plot(a, a * slope, label="linear model", **model)
    axes[0].axhline(1, color=INK, linestyle=":")
    axes[1].axhline(0, color=INK, linestyle=":")
    axes[1].set_xlabel(r"$\alpha\, /\, \alpha_{\rm max}$")
    axes[0].set_ylim(-0.2, 4.8)
    axes[1].set_ylim((-0.35, 0.55) if delta > 0.01 else (-0.008, 0.12))
    axes[0].axhspan(0, 1, color=COLORS[2], alpha=0.12, linewidth=0)
    axes[1].axhspan(0, axes[1].get_ylim()[1], color=COLORS[2], alpha=0.12, linewidth=0)
    for k, (at, gained, verdict) in enumerate(candidates(kl, gain, delta)):
        shape, color = ("o", GOOD) if verdict == "accepted" else ("X", INK)
        mark = {"color": color, "markersize": 14, "markeredgecolor": "white", "zorder": 5}
        axes[0].plot(0.5**k, at / delta, shape, **mark)
        axes[1].plot(0.5**k, gained, shape, **mark)


def draw_runs(axes: Sequence[Axes], runs: dict[str, list], delta: float) -> None:
    """Realised KL over δ, above, and return, below, of runs by name, each a list of pairs of
    arrays: thin lines for the seeds, a thick one for their mean."""
    look = {"line search": 0, "full step": 1, "damped length, line search": 2}
    for name, seeds in runs.items():
        style = {"color": COLORS[look[name]], "linestyle": LINES[look[name]]}
        thin = style | {"alpha": 1 if len(seeds) == 1 else 0.5}
        for i, (kls, returns) in enumerate(seeds):
            axes[0].semilogy(kls / delta, linewidth=1.5, label=None if i else name, **thin)
            axes[1].plot(returns, linewidth=1, **thin)
        axes[1].plot(np.mean([returns for _, returns in seeds], axis=0), linewidth=3, **style)
    axes[0].axhline(1, color="black", linestyle=":")
    axes[1].set_xlabel("updates")
    axes[1].xaxis.set_major_locator(MaxNLocator(integer=True))
