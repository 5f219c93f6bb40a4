"""Interquartile mean, stratified bootstrap and performance profile: closed forms, and rliable's."""

import warnings
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pytest

from trpo_np.experiments.plots import curves
from trpo_np.experiments.statistics import (
    bootstrap_interval,
    interquartile_mean,
    performance_profile,
)


def mean(scores, axis):
    return np.mean(scores, axis=axis)


@pytest.mark.parametrize("n", range(1, 13))
def test_a_quarter_of_either_end_does_not_count(n, rng):
    scores = rng.permutation(np.arange(n, dtype=float))
    kept = slice(n // 4, n - n // 4)
    assert interquartile_mean(scores) == pytest.approx(np.arange(n)[kept].mean())
    wild = np.where(scores < n // 4, -1e6, np.where(scores >= n - n // 4, 1e6, scores))
    assert interquartile_mean(wild) == pytest.approx(interquartile_mean(scores))


def test_over_an_axis_it_is_that_of_each_slice(rng):
    scores = rng.standard_normal((3, 9, 2))
    before = scores.copy()
    found = interquartile_mean(scores, axis=1)
    for i, j in product(range(3), range(2)):
        assert found[i, j] == pytest.approx(interquartile_mean(scores[i, :, j]))
    np.testing.assert_array_equal(scores, before)


def test_few_runs_have_the_interval_of_all_their_resamples(rng):
    scores = np.array([0.0, 1.0, 5.0, 20.0])
    every = np.array([mean(scores[list(i)], 0) for i in product(range(4), repeat=4)])
    for confidence in (0.5, 0.8, 0.9):
        tail = (1 - confidence) / 2
        low, high = bootstrap_interval([scores], mean, rng, 20_000, confidence)
        error = 5 * np.sqrt(tail * (1 - tail) / 20_000)  # five standard errors of a share
        assert np.mean(every < low) <= tail + error
        assert np.mean(every <= low) >= tail - error
        assert np.mean(every > high) <= tail + error
        assert np.mean(every >= high) >= tail - error


def test_each_task_is_drawn_by_itself(rng):
    tasks = [np.full(5, 100.0), np.full(7, -3.0), np.zeros(4)]
    low, high = bootstrap_interval(tasks, mean, rng, 200)
    assert low == high == pytest.approx(np.concatenate(tasks).mean())


def test_the_interval_of_normal_runs_holds_their_mean_as_often_as_it_says(rng):
    """The bootstrap of the mean of n runs has the width of their spread over √n, not of n - 1."""
    hits, n, trials = 0, 40, 400
    for _ in range(trials):
        low, high = bootstrap_interval([rng.standard_normal(n)], mean, rng, 400, 0.9)
        hits += low <= 0 <= high
    assert abs(hits / trials - 0.9) < 5 * np.sqrt(0.9 * 0.1 / trials)


def test_a_profile_falls_from_one_to_nothing(rng):
    scores = rng.standard_normal(30)
    thresholds = np.array([-9, *np.sort(scores), 9])
    profile = performance_profile(thresholds)(scores)
    np.testing.assert_allclose(profile, [1, *np.arange(29, -1, -1) / 30, 0])
    low, high = bootstrap_interval([scores], performance_profile(thresholds), rng, 500)
    assert (low <= profile + 1e-12).all()
    assert (profile <= high + 1e-12).all()
    assert (low[0], high[0], low[-1], high[-1]) == (1, 1, 0, 0)


def test_interquartile_mean_and_intervals_are_rliables(rng):
    library, metrics = rliable()
    scores = rng.gamma(2.0, size=(10, 4)) * np.array([1.0, 2.0, 5.0, 0.1])
    assert interquartile_mean(scores) == pytest.approx(metrics.aggregate_iqm(scores), rel=1e-12)
    for R in range(1, 9):
        few = scores[:R]
        assert interquartile_mean(few) == pytest.approx(metrics.aggregate_iqm(few), rel=1e-12)

    thresholds = np.array([0.5, 1.0, 3.0, 8.0])
    repetitions = 4000
    profiles, bands = library.create_performance_profile(
        {"a": scores}, thresholds, reps=repetitions
    )
    profile = performance_profile(thresholds)
    np.testing.assert_allclose(profile(scores.ravel()), profiles["a"], rtol=1e-12)
    _, theirs = library.get_interval_estimates(
        {"a": scores}, lambda x: np.array([metrics.aggregate_iqm(x)]), reps=repetitions
    )
    for statistic, interval in ((interquartile_mean, theirs["a"][:, 0]), (profile, bands["a"])):
        ours = np.array(bootstrap_interval(list(scores.T), statistic, rng, repetitions))
        width = interval[1] - interval[0]
        # The standard error of an end is some 1 % of the width; a share moves by steps of 1/40.
        np.testing.assert_allclose(ours, interval, atol=np.max(0.08 * width) + 1 / 40)


def rliable():
    """Its two modules; skips where they cannot be imported, as beside pandas 3 (1.2.0 needs arch
    below 8, which asks pandas for a function of another form)."""
    try:
        with warnings.catch_warnings(action="ignore"):
            from rliable import library, metrics
    except Exception as error:
        pytest.skip(f"rliable cannot be imported: {error}. pip install -e '.[rliable]'")
    return library, metrics


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def band_of(ax):
    """The band's edges at each step: (steps, low, high)."""
    x, y = ax.collections[0].get_paths()[0].vertices.T
    steps = np.unique(x)
    return steps, *(np.array([f(y[x == step]) for step in steps]) for f in (np.min, np.max))


def test_a_run_that_ends_early_leaves_no_jump_in_line_and_band(ax, rng):
    def run(length, level):
        return [(100 * t, level * (1 - np.exp(-t / 10))) for t in range(1, length)]

    runs = [run(length, level) for length, level in ((20, 500), (60, 480), (60, 300), (41, 100))]
    curves(ax, runs, "label")
    line, ticks = ax.lines
    steps, returns = line.get_data()
    assert (steps[0], steps[-1]) == (100, 5900)
    steepest = 500 / 1000 * (steps[1] - steps[0])  # of any run
    assert np.abs(np.diff(returns)).max() <= steepest
    x, low, high = band_of(ax)
    assert x[-1] == 5900
    for edge in (low, high):
        assert np.abs(np.diff(edge)).max() <= 2 * steepest
    assert (low <= np.interp(x, steps, returns) + 1e-9).all()
    assert (np.interp(x, steps, returns) <= high + 1e-9).all()
    np.testing.assert_array_equal(ticks.get_xdata(), [1900, 4000])


def test_runs_of_one_length_have_no_tick_and_one_run_no_band(ax):
    points = [(t, float(t)) for t in range(10)]
    curves(ax, [points, points], "two")
    assert len(ax.lines[1].get_xdata()) == 0
    curves(ax, [points], "one")
    np.testing.assert_array_equal(ax.lines[2].get_data(), np.array(points).T)
    assert len(ax.collections) == 1
    curves(ax, [[], []], "none")
    assert len(ax.lines) == 3


def test_the_same_runs_have_the_same_band(ax, rng):
    runs = [[(t, y) for t, y in enumerate(rng.standard_normal(20))] for _ in range(5)]
    for _ in range(2):
        curves(ax, runs, "label")
    first, second = (c.get_paths()[0].vertices for c in ax.collections)
    np.testing.assert_array_equal(first, second)
