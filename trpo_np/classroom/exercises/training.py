"""Checks of the outer loop and of the explained variance."""

import numpy as np

from trpo_np.classroom.checks import Check, Mistake, case

# ---- Exercise 10.10: the loop ------------------------------------------------------------------


def _loop(collect, estimate, update, fit, renew, theta, w, normalizer, iterations):
    for _ in range(iterations):
        rollout = collect(theta, normalizer)
        batch, targets = estimate(rollout, w)
        theta = update(theta, batch)
        w = fit(w, batch, targets)
        normalizer = renew(normalizer, rollout)
    return theta, w, normalizer


def _parts(a):
    """Five parts that handle numbers, so that each exchange of old and new shows."""
    return (
        lambda theta, normalizer: np.cos(theta + a * normalizer) + 0.3 * theta,
        lambda rollout, w: (rollout - 0.4 * w, np.sin(rollout) + a * w),
        lambda theta, batch: theta + 0.5 * batch - 0.1 * batch * theta,
        lambda w, batch, targets: 0.7 * w + 0.3 * targets - 0.2 * batch,
        lambda normalizer, rollout: 0.8 * normalizer + 0.2 * np.exp(0.3 * rollout),
    )


def _loops():
    return [
        case("for one round", *_parts(0.6), 0.3, -0.4, 1.1, 1),
        case("for three rounds", *_parts(0.9), -0.7, 0.8, 0.5, 3),
    ]


def _without(*left_out):
    """The loop in which the things of these names are not renewed."""

    def loop(collect, estimate, update, fit, renew, theta, w, normalizer, iterations):
        kept = {
            "theta": lambda old, new: old if "theta" in left_out else new,
            "w": lambda old, new: old if "w" in left_out else new,
            "normalizer": lambda old, new: old if "normalizer" in left_out else new,
        }
        return _loop(
            collect,
            estimate,
            lambda theta, batch: kept["theta"](theta, update(theta, batch)),
            lambda w, *rest: kept["w"](w, fit(w, *rest)),
            lambda n, rollout: kept["normalizer"](n, renew(n, rollout)),
            *(theta, w, normalizer, iterations),
        )

    return loop


def _one_rollout(collect, estimate, update, fit, renew, theta, w, normalizer, iterations):
    rollout = collect(theta, normalizer)
    return _loop(lambda *_: rollout, estimate, update, fit, renew, theta, w, normalizer, iterations)


def _fit_first(collect, estimate, update, fit, renew, theta, w, normalizer, iterations):
    for _ in range(iterations):
        rollout = collect(theta, normalizer)
        w = fit(w, *estimate(rollout, w))
        theta = update(theta, estimate(rollout, w)[0])
        normalizer = renew(normalizer, rollout)
    return theta, w, normalizer


def _collect_again(collect, estimate, update, fit, renew, theta, w, normalizer, iterations):
    for _ in range(iterations):
        theta = update(theta, estimate(collect(theta, normalizer), w)[0])
        rollout = collect(theta, normalizer)
        w = fit(w, *estimate(rollout, w))
        normalizer = renew(normalizer, rollout)
    return theta, w, normalizer


def _renewed_first(collect, estimate, update, fit, renew, theta, w, normalizer, iterations):
    for _ in range(iterations):
        normalizer = renew(normalizer, collect(theta, normalizer))
        rollout = collect(theta, normalizer)
        batch, targets = estimate(rollout, w)
        theta, w = update(theta, batch), fit(w, batch, targets)
    return theta, w, normalizer


def _rounds(more):
    return lambda *parts: _loop(*parts[:-1], parts[-1] + more)


check_loop = Check(
    "Exercise 10.10",
    _loop,
    _loops,
    (
        Mistake(
            _one_rollout,
            "the rollout is collected once, before the loop: from the second round on the data are "
            "those of an old policy",
        ),
        Mistake(
            _fit_first,
            "the value function is fitted before the advantages are made, and then it has seen "
            "their rewards: the update wants the advantages of the old w",
        ),
        Mistake(
            _collect_again,
            "you collect twice in a round: the value function is fitted to the same rollout as the "
            "update used",
        ),
        Mistake(
            _renewed_first,
            "the normalizer is renewed before the rollout is used: renew it at the end of the "
            "round",
        ),
        Mistake(
            _without("theta"),
            "θ comes back as it was: the result of `update` is not kept",
        ),
        Mistake(
            _without("w"),
            "w comes back as it was: the result of `fit` is not kept",
        ),
        Mistake(
            _without("normalizer"),
            "the normalizer comes back as it was: the result of `renew` is not kept",
        ),
        Mistake(
            lambda collect, estimate, update, *rest: _loop(
                collect, estimate, lambda theta, batch: theta + update(theta, batch), *rest
            ),
            "`update` gives the new θ itself; you add it to the old one as if it were a step",
        ),
        Mistake(_rounds(-1), "one round is missing"),
        Mistake(_rounds(1), "there is one round too many"),
        Mistake(
            lambda *parts: _loop(*parts[:-1], min(parts[-1], 1)),
            "there is one round only: the return stands in the loop, or the loop is missing",
        ),
        Mistake(
            lambda *parts: np.array(_loop(*parts))[[1, 0, 2]],
            "θ and w are exchanged in what you return: theta, w, normalizer is asked for",
        ),
    ),
    "Collect, estimate, update, fit, renew: whatever is new serves the next round.",
    look="the table above",
)

# ---- Exercise 10.11: the explained variance ----------------------------------------------------


def _explained_variance(values, targets):
    return 1 - np.var(targets - values) / np.var(targets)


def _predictions():
    rng = np.random.default_rng(1011)
    y, noise = 3 + 2 * rng.standard_normal(12), rng.standard_normal(12)
    return [
        case("where V is good", y + 0.5 * noise, y),
        case("where V is off by a constant", y + 0.3 * noise + 4, y),
        case("where V is worse than a constant", 2 * noise - 0.4 * y, y),
        case("for other targets", 0.8 * y[:7] + noise[:7], 5 * y[:7] - 2),
    ]


check_explained_variance = Check(
    "Exercise 10.11",
    _explained_variance,
    _predictions,
    (
        Mistake(
            lambda V, y: 1 - np.mean((y - V) ** 2) / np.var(y),
            "this has the mean square of the errors; a constant error has a mean square, and no "
            "variance",
        ),
        Mistake(
            lambda V, y: np.var(y - V) / np.var(y),
            "this is the share that is left over; the explained one is what it lacks to 1",
        ),
        Mistake(
            lambda V, y: 1 - np.std(y - V) / np.std(y),
            "these are standard deviations; variances are asked for",
        ),
        Mistake(
            lambda V, y: 1 - np.var(y - V) / np.var(V),
            "the share is one of the targets' variance, not of the values'",
        ),
        Mistake(
            lambda V, y: np.corrcoef(V, y)[0, 1] ** 2,
            "this is the squared correlation: it does not notice if V is scaled wrongly or has the "
            "wrong sign",
        ),
        Mistake(
            lambda V, y: np.var(V) / np.var(y),
            "this compares how much the two vary; the errors y - V are missing",
        ),
        Mistake(
            lambda V, y: max(0.0, _explained_variance(V, y)),
            "you cut off at 0; below 0 it says that a constant would have been better",
        ),
        Mistake(
            lambda V, y: 1 - np.sum((y - V) ** 2) / np.sum(y**2),
            "these are sums of squares; take both variances, so that means do not count",
        ),
    ),
    "1 is perfect, 0 is no better than a constant.",
    look="the sentence above it",
)
