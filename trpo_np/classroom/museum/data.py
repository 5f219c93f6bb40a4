"""Room 4 of the museum: data."""

from collections.abc import Callable

import numpy as np
from gymnasium import spaces

from trpo_np.classroom.museum.testing import check_of_a_test
from trpo_np.spaces import make_policy

# Exercise 11.10, what the policy saw


def _stream(policy, rng, T=64):
    """Raw observations whose mean and width are not those of a fresh normalizer."""
    return 5 + 3 * rng.standard_normal((T, policy.network.sizes[0]))


def _acted(policy, theta, obs, rng):
    actions = policy.sample(theta, obs, rng)
    return actions, policy.log_prob(theta, obs, actions)


def _running(raw):
    """Each row normalised by mean and width of the rows up to it."""
    return np.stack(
        [
            (raw[t] - raw[: t + 1].mean(axis=0)) / (raw[: t + 1].std(axis=0) + 1)
            for t in range(len(raw))
        ]
    )


def _frozen_collect(policy, theta, rng):
    """whose normalizer stands still during the batch: a right one"""
    obs = (_stream(policy, rng) - 4.0) / 2.0
    return obs, *_acted(policy, theta, obs, rng)


def _as_seen_collect(policy, theta, rng):
    """whose normalizer moves, but which keeps the observations as they were seen: a right one"""
    obs = _running(_stream(policy, rng))
    return obs, *_acted(policy, theta, obs, rng)


def _moving_collect(policy, theta, rng):
    """the exhibit itself"""
    raw = _stream(policy, rng)
    actions, log_probs = _acted(policy, theta, _running(raw), rng)
    return (raw - raw.mean(axis=0)) / (raw.std(axis=0) + 1), actions, log_probs


def _stale_collect(policy, theta, rng):
    """whose first action is one left over from the batch before"""
    obs, actions, log_probs = _frozen_collect(policy, theta, rng)
    actions[0] = actions[0] + 1.0
    return obs, actions, log_probs


def _clipped_collect(policy, theta, rng):
    """which clips the actions after their log-probabilities were taken"""
    obs, actions, log_probs = _frozen_collect(policy, theta, rng)
    actions[1:] = np.clip(actions[1:], -0.5, 0.5)
    return obs, actions, log_probs


def _shifted_collect(policy, theta, rng):
    """whose log-probabilities are all wrong by the same number"""
    obs, actions, log_probs = _frozen_collect(policy, theta, rng)
    return obs, actions, log_probs + 0.5 * np.log(2 * np.pi)


def _log_prob_gap(rows=slice(None), fresh=False):
    """The test that compares log-probabilities in some rows, for stored or for fresh actions."""

    def test(collect):
        rng = np.random.default_rng(1)
        policy = make_policy(spaces.Box(-9, 9, (2,)), spaces.Box(-9, 9, (1,)), hidden=(4,))
        theta = policy.init(rng) + 0.3 * rng.standard_normal(policy.num_parameters)
        obs, actions, log_probs = collect(policy, theta, rng)
        if fresh:
            actions = policy.sample(theta, obs, rng)
        return np.abs(policy.log_prob(theta, obs, actions) - log_probs)[rows].max()

    return test


def log_prob_gaps(collect: Callable) -> np.ndarray:
    """Computed less stored log-probability of every sample of a batch."""
    rng = np.random.default_rng(4)
    policy = make_policy(spaces.Box(-9, 9, (2,)), spaces.Box(-9, 9, (1,)), hidden=(8,))
    theta = policy.init(rng) + 0.5 * rng.standard_normal(policy.num_parameters)
    obs, actions, log_probs = collect(policy, theta, rng)
    return policy.log_prob(theta, obs, actions) - log_probs


def test_of_collecting(collect: Callable) -> float:
    """How far a log-probability that is computed once more is from the stored one."""
    return np.abs(log_prob_gaps(collect)).max()


def _finite(collect):
    """The test that looks at shapes and finite numbers alone."""
    rng = np.random.default_rng(1)
    policy = make_policy(spaces.Box(-9, 9, (2,)), spaces.Box(-9, 9, (1,)), hidden=(4,))
    obs, actions, log_probs = collect(policy, policy.init(rng), rng)
    return not (len(obs) == len(actions) == len(log_probs) and np.isfinite(log_probs).all())


check_test_of_collecting = check_of_a_test(
    "Exercise 11.10",
    [
        (_frozen_collect, False),
        (_moving_collect, True),
        (_as_seen_collect, False),
        (_stale_collect, True),
        (_clipped_collect, True),
        (_shifted_collect, True),
    ],
    [
        (
            _finite,
            "your test lets every program through. Shapes, finite numbers and averages look right "
            "in all of them; which number of the batch can be computed a second time?",
        ),
        (
            _log_prob_gap(slice(0, 1)),
            "you look at the first row only; a program that goes wrong in later ones passes",
        ),
        (
            _log_prob_gap(slice(1, None)),
            "a program that is wrong in the first row alone passes. Do you leave that row out, or "
            "take something, such as a median, that a single row does not change?",
        ),
        (
            _log_prob_gap(fresh=True),
            "your test finds fault with right programs as well. Is its number 0, and not 1, where "
            "every ratio is 1? Does it use the observations, the actions and the parameters that "
            "the stored log-probabilities belong to?",
        ),
    ],
    "Recomputed equals stored, row by row: the ratio before the step is 1.",
)


# Exercise 11.11, standardised advantages


def _standardised(A):
    """a right one"""
    return (A - A.mean()) / A.std()


def _careful_standardised(A):
    """with a tiny number in the denominator: a right one"""
    return (A - A.mean()) / (A.std() + 1e-8)


def _by_variance(A):
    """the exhibit itself"""
    return (A - A.mean()) / A.var()


def _not_centred(A):
    """that leaves the mean in"""
    return A / A.std()


def _by_largest(A):
    """which divides by the largest advantage"""
    return (A - A.mean()) / np.abs(A - A.mean()).max()


_ADVANTAGES = 3 + 5 * np.random.default_rng(0).standard_normal(50)


def test_of_standardising(standardise: Callable) -> float:
    """How far mean and standard deviation are from 0 and 1, together."""
    result = standardise(_ADVANTAGES)
    return abs(result.mean()) + abs(result.std() - 1)


check_test_of_standardising = check_of_a_test(
    "Exercise 11.11",
    [
        (_standardised, False),
        (_by_variance, True),
        (_careful_standardised, False),
        (_by_largest, True),
    ],
    [
        (
            lambda standardise: np.any(
                np.argsort(standardise(_ADVANTAGES)) != np.argsort(_ADVANTAGES)
            ),
            "your test lets every program through: none of them changes which advantage is larger "
            "than which, or the mean of the result. It is the scale that they differ in. (Is the "
            "standard deviation of your advantages 1 before?)",
        ),
        (
            lambda standardise: standardise(_standardised(_ADVANTAGES)).std() - 1,
            "your advantages have the standard deviation 1 before: then variance and standard "
            "deviation are the same number",
        ),
        (
            lambda standardise: standardise(_ADVANTAGES).std(ddof=1) - 1,
            "your test finds fault with right programs as well. Is your number 0 where the mean is "
            "0 and the standard deviation 1? Are both those of the result, and does the deviation "
            "divide by N? (Advantages that are all equal have no width.)",
        ),
        (
            lambda standardise: (
                abs(standardise(_ADVANTAGES).std() - 1 / _ADVANTAGES.std())
                + abs(standardise(_ADVANTAGES).mean())
            ),
            "your test passes the exhibit and finds fault with the right programs: the result must "
            "have the standard deviation 1",
        ),
    ],
    "The number that the programs disagree on.",
    more=(_not_centred,),
)
