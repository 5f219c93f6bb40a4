"""What notebooks 12 and 13 read of measurements, and that the committed ones say what they say."""

import json

import matplotlib.pyplot as plt
import numpy as np
import pytest

from trpo_np.classroom import notebook_12, recorded, recorded_costs
from trpo_np.classroom.measurements import stored
from trpo_np.experiments.results import read_results

GOALS = {"CartPole-v1": 475, "Pendulum-v1": -250}  # those of notebook 13


def write(path, head, *rows):
    path.write_text("\n".join([head, *(",".join(map(str, row)) for row in rows)]) + "\n")
    return path


# ---- Reading -----------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [4, 5, 9, 10])
def test_the_middle_counts_what_never_came_as_late(n, rng):
    x = rng.standard_normal(n)
    assert recorded_costs.middle(x) == pytest.approx(np.median(x))
    late = np.sort(x)
    some = late.copy()
    some[-1] = np.nan
    assert recorded_costs.middle(rng.permutation(some)) == pytest.approx(np.median(late))
    most = late.copy()
    most[n // 2 :] = np.nan
    assert np.isnan(recorded_costs.middle(rng.permutation(most)))


def test_effort_is_the_first_update_at_the_goal(tmp_path):
    path = write(
        tmp_path / "true.csv",
        "env_id,algorithm,seed,iteration,before,after,error,kl,improvement",
        *[("A", "x", 0, i, 0, after, 1, 1, 1) for i, after in ((2, 5), (3, 11), (4, 3), (5, 12))],
        *[("A", "x", 1, i, 0, after, 1, 1, 1) for i, after in ((2, 1), (3, 9))],
    )
    found = recorded_costs.effort(path, {"A": 10})
    np.testing.assert_array_equal(found["A", "x"], [3, np.nan])


def test_prices_are_read_a_seed_each(tmp_path):
    rows = [(0.5, 0, -3, 40), (0.5, 1, 7, 60), (0.0, 0, 900, 1000)]
    path = write(tmp_path / "price.csv", "price,seed,mean,length", *rows)
    found = recorded.priced(path)
    np.testing.assert_array_equal(found[0.5], [[-3, 7], [40, 60]])
    np.testing.assert_array_equal(found[0.0], [[900], [1000]])


def test_runs_that_were_not_solved_keep_their_seconds(tmp_path):
    path = write(tmp_path / "s.csv", "who,seed,steps,seconds", ("a", 0, 9, 1.5), ("a", 1, "nan", 4))
    steps, seconds = recorded_costs.solved(path)["a"]
    np.testing.assert_array_equal(steps, [9, np.nan])
    np.testing.assert_array_equal(seconds, [1.5, 4])
    assert recorded_costs.spread(np.array([1.0, 2.0, 4.0, np.nan]), ".1f") == "3.0 (1.0 to 4.0)"


def test_a_curve_has_only_runs_whose_other_settings_are_usual():
    usual = {name: recorded.usual(a, name) for a, name in recorded.TABLE}
    rows = [
        {"env_id": "A", "algorithm": "trpo", "sampled_mean": r, **usual, **changed}
        for r, changed in (
            (1.0, {"delta": 0.3}),
            (2.0, {}),
            (9.0, {"delta": 0.3, "cg_damping": 7.0}),  # two at once
        )
    ]
    values, returns = recorded.robustness(rows)["A", "trpo", "delta"]
    np.testing.assert_array_equal(values, [0.01, 0.3])
    np.testing.assert_array_equal(returns, [[2.0], [1.0]])


# ---- What the notebooks say of the committed files ---------------------------------------------


@pytest.fixture(scope="module")
def curves():
    return recorded.robustness(read_results(stored("robustness.csv")))


@pytest.fixture(scope="module")
def costs():
    return json.loads(stored("update_costs.json").read_text())


@pytest.mark.parametrize("env_id", recorded.PARTS_TASKS)
@pytest.mark.parametrize("panel", dict.fromkeys((*recorded.TABLE, *recorded.STEP_SIZES)))
def test_every_setting_was_swept_widely_with_five_seeds(env_id, panel, curves):
    values, returns = curves[(env_id, *panel)]
    assert returns.shape == (len(values), 5)
    assert recorded.usual(*panel) in values
    if panel[1] not in ("line_search_steps", "backtrack_ratio"):
        assert values[-1] / values[0] >= 100


@pytest.mark.parametrize("env_id", recorded.PARTS_TASKS)
@pytest.mark.parametrize("panel", recorded.TABLE)
def test_the_chapters_five_values_are_on_their_plateaus(env_id, panel, curves):
    values, returns = curves[(env_id, *panel)]
    scores = notebook_12.scores(returns.mean(axis=1), notebook_12.GOALS[env_id][0])
    assert scores[values == recorded.usual(*panel)] >= 0.9


def test_ppos_epochs_are_the_dearest_update_at_every_size(costs):
    for row in costs:
        middle = {name: ratios[0] for name, ratios in row["ratios"].items()}
        assert middle["PPO"] == max(middle.values())
        assert 10 <= middle["PPO"] <= 42
        assert 3 <= middle["TRPO"] <= 11
        assert 1.5 <= middle["TRPO, a tenth"] <= 2.6
        assert middle["TRPO"] < 10.55  # what was counted


def test_to_a_goal_trpo_costs_less_than_half_of_ppo(costs):
    (price,) = (row["ratios"] for row in costs if row["width"] == 64)
    first = recorded_costs.effort(stored("true_returns.csv"), GOALS)
    for env_id in GOALS:
        cost = {n: recorded_costs.middle(first[env_id, n]) * price[n][0] for n in ("TRPO", "PPO")}
        assert cost["TRPO"] < cost["PPO"] / 2
        assert np.isnan(recorded_costs.middle(first[env_id, "policy gradient"]))


def test_time_to_solved_has_ten_runs_of_each_and_none_beyond_the_limit():
    runs = recorded_costs.solved(stored("time_to_solved.csv"))
    assert len(runs) == 4
    for steps, seconds in runs.values():
        assert len(steps) == len(seconds) == 10
        assert np.nanmax(steps) < 100_000
        assert np.all(seconds > 0)


def test_the_profiles_have_fifty_runs_of_each_step():
    runs = [row for name in notebook_12.SUITES for row in read_results(stored(f"{name}.csv"))]
    figure = notebook_12.draw_profiles(runs, notebook_12.STEPS)
    labels = [line.get_label() for line in figure.axes[0].lines]
    assert labels == [f"{step}, 50 runs" for step in notebook_12.STEPS]
    plt.close(figure)
