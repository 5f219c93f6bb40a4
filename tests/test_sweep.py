"""Sweeps: the same rows however they are made, none twice, none lost."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from typing import get_type_hints

import gymnasium
import numpy as np
import pytest

from trpo_np import TRPO
from trpo_np.__main__ import main
from trpo_np.errors import UsageError
from trpo_np.experiments.command_line import parsed
from trpo_np.experiments.compare import grouped_results, groups_of
from trpo_np.experiments.grid import Grid
from trpo_np.experiments.results import load, read_curves, read_results
from trpo_np.experiments.sweep import sweep
from trpo_np.experiments.sweep_options import KINDS, asked_of
from trpo_np.experiments.trial import POINTS, curve
from trpo_np.updates import ALGORITHMS
from trpo_np.updates.options import settings_of

SMALL = {"total_steps": 1200, "batch_size": 512, "num_envs": 4, "hidden": (8,)}
ASKED = {
    "envs": ["CartPole-v1"],
    "algorithms": ["trpo", "ppo"],
    "seeds": 2,
    "settings": SMALL,
    "vary": {"delta": [0.01, 0.1]},
    "episodes": 3,
}


def rows_of(results):
    """All that does not depend on the clock."""
    return {n: {k: x for k, x in r.items() if k != "seconds"} for n, r in results.rows.items()}


class Fails(TRPO):
    """An update that raises at the radius 0.5, and ends its process at 0.9."""

    def __call__(self, *problem):
        if self.delta == 0.5:
            raise ArithmeticError("too wide\nby far")
        if self.delta == 0.9:
            os._exit(1)
        return super().__call__(*problem)


def test_the_grid_has_every_pair_and_each_run_once():
    tasks = {"Pendulum-v1": {"gamma": 0.9, "total_steps": 4000}}
    grid = Grid(
        ["CartPole-v1", "Pendulum-v1", "CartPole-v1"],
        {name: ALGORITHMS[name] for name in ("trpo", "ppo")},
        range(3),
        {"lam": 0.9},
        {"delta": [0.01, 0.1], "clip": [0.1, 0.2, 0.3], "hidden": [(8,), (16,)]},
        tasks,
    )
    trials = grid.trials()
    assert len(trials) == 2 * (2 + 3) * 2 * 3
    assert {(t.env.name, t.settings.gamma, t.total_steps) for t in trials} == {
        ("CartPole-v1", 0.99, 100_000),
        ("Pendulum-v1", 0.9, 4000),
    }
    assert {t.settings.lam for t in trials} == {0.9}
    assert {t.update.delta for t in trials if t.algorithm == "trpo"} == {0.01, 0.1}
    assert {t.update.clip for t in trials if t.algorithm == "ppo"} == {0.1, 0.2, 0.3}


def test_same_rows_with_one_job_with_two_and_after_an_interruption(tmp_path):
    one = sweep(**ASKED, out=tmp_path / "one.csv", jobs=1)
    assert len(one.rows) == 6
    two, half = tmp_path / "two.csv", tmp_path / "half.csv"
    assert rows_of(sweep(**ASKED, out=two, jobs=2)) == rows_of(one)

    class InterruptedError(Exception):
        pass

    heard = []

    def stop(sentence):
        heard.append(sentence)
        if len(heard) == 4:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        sweep(**ASKED, out=half, jobs=2, say=stop)
    made = load(half).rows
    assert 0 < len(made) < 6
    resumed = sweep(**ASKED, out=half, jobs=2)
    assert rows_of(resumed) == rows_of(one)
    assert all(resumed.rows[n]["seconds"] == row["seconds"] for n, row in made.items())
    assert read_curves(half) == read_curves(tmp_path / "one.csv")


def test_a_failed_run_says_why_loses_no_other_and_is_tried_again(tmp_path):
    out, heard = tmp_path / "results.csv", []
    asked = ASKED | {"algorithms": {"fails": Fails}, "vary": {"delta": [0.01, 0.5, 0.9, 0.02]}}
    results = sweep(**asked, out=out, jobs=2, say=heard.append)
    assert len(results.rows) == 8
    reasons = {row["delta"]: row.get("error") for row in results.rows.values()}
    assert reasons["0.5"] == "ArithmeticError: too wide by far"
    assert "Terminated" in reasons["0.9"]
    assert not reasons["0.01"]
    assert not reasons["0.02"]
    assert sum("too wide" in sentence for sentence in heard) == 2
    assert {row["delta"] for row in read_results(out)} == {0.01, 0.02}
    before = rows_of(results)
    sweep(**asked | {"vary": {"delta": [0.01, 0.5]}}, out=out, say=heard.append)
    assert "2 runs to make, 2 made already." in heard
    assert rows_of(load(out)).keys() == before.keys()


def test_a_file_is_written_by_one_sweep_at_a_time(tmp_path):
    out, refused = tmp_path / "new" / "results.csv", []

    def again(sentence):
        with pytest.raises(UsageError, match=r"Another sweep writes .*results\.csv") as error:
            sweep(**ASKED | {"seeds": 1}, out=out)
        refused.append(error)

    sweep(**ASKED | {"seeds": 1, "vary": {}, "algorithms": ["trpo"]}, out=out, say=again)
    assert refused
    assert sorted(path.name for path in out.parent.iterdir()) == [
        "results.csv",
        "results_curves.csv",
    ]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs the signals of a Unix")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_sweep_and_the_runs_that_it_began(number, tmp_path):
    line = "sweep CartPole-v1 --seeds 2 --total-steps 1e9 --jobs 2 --num-envs 4 --hidden 8"
    sweeping = subprocess.Popen(
        [sys.executable, "-m", "trpo_np", *line.split()],
        cwd=tmp_path,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=partial(signal.signal, number, signal.SIG_DFL),  # also where we do not hear it
    )
    assert "2 runs to make" in sweeping.stdout.readline()
    time.sleep(3)  # the processes begin: whether they did makes no difference to what is tested
    os.kill(sweeping.pid, number)
    _, said = sweeping.communicate(timeout=60)
    assert sweeping.returncode == (130 if number == signal.SIGINT else 128 + number)
    ours = [line for line in said.splitlines() if not of_the_tracker(line)]
    assert ours == ["Stopped. The same command goes on with the runs that did not end."]
    until = time.monotonic() + 60
    while running_in(sweeping.pid):
        assert time.monotonic() < until
        time.sleep(0.1)
    assert not list(tmp_path.iterdir())


def of_the_tracker(line):
    """joblib's process that tidies up after us may find, on a busy machine, that its work was done
    already; it says so in two lines."""
    return "resource_tracker: " in line or line.startswith("  warnings.warn(")


def running_in(session):
    """The processes of a session that have not ended."""
    said = subprocess.run(
        ["ps", "-o", "stat=", "-s", str(session)], capture_output=True, text=True
    ).stdout
    return [line for line in said.splitlines() if not line.startswith("Z")]


def test_rows_hold_what_training_gives():
    import trpo_np

    settings = {n: x for n, x in SMALL.items() if n != "total_steps"}
    result = trpo_np.train("CartPole-v1", TRPO(), 1200, 1, trpo_np.Settings(**settings))
    (row,) = sweep(["CartPole-v1"], seeds=[1], settings=SMALL, episodes=5).rows.values()
    assert float(row["mean"]) == pytest.approx(np.mean(result.agent.evaluate(5, 1_000_000)))
    assert int(row["steps"]) == result.history[-1].steps
    assert float(row["mean_kl"]) == pytest.approx(np.mean([r.kl for r in result.history]), rel=1e-5)


def test_an_empty_cell_is_the_default_of_the_time_when_the_file_was_begun(tmp_path, monkeypatch):
    out = tmp_path / "results.csv"
    asked = {"envs": ["CartPole-v1"], "seeds": 1, "settings": SMALL, "episodes": 2, "out": out}
    sweep(**asked)
    wider = type("Wider", (), {"__new__": lambda cls, **k: TRPO(**{"delta": 0.05} | k)})
    monkeypatch.setitem(ALGORITHMS, "trpo", wider)  # the package's default has changed
    sweep(**asked)
    assert [row["delta"] for row in read_results(out)] == [0.01, 0.05]
    sweep(**asked)
    assert len(read_results(out)) == 2


def test_a_file_from_before_a_setting_was_one_goes_on(tmp_path):
    out = tmp_path / "results.csv"
    asked = {"envs": ["Pendulum-v1"], "seeds": 1, "episodes": 1, "out": out}
    sweep(**asked, settings=SMALL)
    text = out.read_text().replace('"noise_correlation": "0.0", ', "")
    assert "noise_correlation" not in text
    out.write_text(text)
    for _ in "ab":
        sweep(**asked, settings=SMALL)
        sweep(**asked, settings=SMALL | {"noise_correlation": 0.5})
    assert [row["noise_correlation"] for row in read_results(out)] == [0.0, 0.5]


def test_the_command_writes_small_files_that_name_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    line = "sweep CartPole-v1 --task Pendulum-v1 gamma=0.9 total-steps=1300 --seeds 1 --vary delta "
    line += "0.01 0.1 --total-steps 1200 --batch-size 512 --num-envs 4 --hidden 8 --episodes 3"
    assert main(line.split()) == 0
    text = (tmp_path / "results.csv").read_text()
    assert text.startswith(f"# made by: python -m trpo_np {line}\n")
    assert "4 runs, 0 of them failed" in capsys.readouterr().out
    rows = read_results(tmp_path / "results.csv")
    assert [(r["env_id"], r["gamma"], r["delta"], r["hidden"]) for r in rows] == [
        ("CartPole-v1", 0.99, 0.01, 8),
        ("CartPole-v1", 0.99, 0.1, 8),
        ("Pendulum-v1", 0.9, 0.01, 8),
        ("Pendulum-v1", 0.9, 0.1, 8),
    ]
    long = [x for line in text.splitlines()[3:] for x in line.split(",") if len(x.strip("-.")) > 12]
    assert not long
    assert main(line.split()) == 0
    assert "0 runs to make, 4 made already" in capsys.readouterr().out

    assert main(["plot", "results.csv", "--out", "curves.png"]) == 0
    assert "Saved curves.png: 4 runs" in capsys.readouterr().out
    assert list(grouped_results(tmp_path / "results.csv")) == [
        "CartPole-v1 trpo, delta 0.01",
        "CartPole-v1 trpo, delta 0.1",
        "Pendulum-v1 trpo, delta 0.01",
        "Pendulum-v1 trpo, delta 0.1",
    ]
    assert main(["plot", "nothing.csv", "--force"]) == 2
    assert "There is no file nothing.csv" in capsys.readouterr().err


def test_what_is_given_again_adds_to_what_was_given():
    line = "sweep --task A gamma=0.9 --task B lam=1 --task A total-steps=3e3 --vary delta 0.1"
    asked = asked_of(parsed([*line.split(), "--vary", "hidden", "8 8", "--vary", "delta", "0.2"]))
    assert asked["tasks"] == {"A": {"gamma": 0.9, "total_steps": 3000}, "B": {"lam": 1.0}}
    assert asked["vary"] == {"delta": [0.1, 0.2], "hidden": [(8, 8)]}


def test_algorithms_mean_the_same_kind_of_value_by_one_name():
    kinds = {}
    for kind in KINDS:
        types = get_type_hints(kind)
        for setting in settings_of(kind):
            assert kinds.setdefault(setting.name, types[setting.name]) is types[setting.name]


def test_rows_from_before_there_was_a_setting_stand_apart():
    row = {"env_id": "E", "algorithm": "trpo", "seed": 0, "run": 1, "gamma": 0.9}
    old, new = groups_of([row, row | {"seed": 1, "run": 2, "scale": True}])
    assert (old.label, new.label) == ("E trpo", "E trpo, scale True")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("sweep", "Which environments?"),
        ("sweep CartPole-v1 --vary nonsense 1 2", "There is no setting nonsense"),
        ("sweep CartPole-v1 --vary clip 0.1", "clip is no setting of trpo"),
        ("sweep CartPole-v1 --vary delta", "--vary wants a setting and its values"),
        ("sweep CartPole-v1 --vary delta wide", "'wide' is no number"),
        ("sweep CartPole-v1 --vary delta -1", "delta = -1.0 is not possible"),
        ("sweep CartPole-v1 --vary damped-step-length maybe", "true or false"),
        ("sweep --task CartPole-v1 gamma", "write NAME=VALUE"),
        ("sweep CartPole-v9 --seeds 1", "CartPole-v9"),
        ("sweep CartPole-v1 --seeds 0", "seeds = 0 is not possible"),
        ("sweep CartPole-v1 --jobs 0", "jobs = 0 is not possible"),
        ("sweep CartPole-v1 --out other.csv", "holds no results of a sweep"),
        ("sweep CartPole-v1 --out results.json", "the name must end in .csv"),
        ("sweep CartPole-v1 --speed 3", "sweep has no option --speed"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(line, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    assert main(line.split()) == 2
    assert words in capsys.readouterr().err
    assert (tmp_path / "other.csv").read_text() == "a,b\n1,2\n"


def test_functions_that_make_environments_go_by_their_names():
    def my_cartpole():
        return gymnasium.make("CartPole-v1")

    (row,) = sweep([my_cartpole], seeds=1, settings=SMALL, episodes=2).rows.values()
    assert row["env_id"] == "my_cartpole"
    with pytest.raises(UsageError, match="no algorithm 'sarsa'"):
        sweep(["CartPole-v1"], ["sarsa"])


def test_a_curve_is_thinned_evenly_and_keeps_its_ends():
    from types import SimpleNamespace as Row

    history = [Row(steps=i, mean_return=np.nan if i < 10 else float(i)) for i in range(1000)]
    points = curve(history)
    assert len(points) == POINTS
    assert points[0] == (10, 10.0)
    assert points[-1] == (999, 999.0)
    gaps = np.diff([steps for steps, _ in points])
    assert gaps.max() - gaps.min() <= 1
    assert curve(history[:10]) == []
    assert curve(history[:12]) == [(10, 10.0), (11, 11.0)]
