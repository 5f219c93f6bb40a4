"""Environments that never come back: the run ends with one sentence, and what it saved goes on."""

import multiprocessing
import os
import threading
import time
from contextlib import suppress

import gymnasium
import numpy as np
import pytest
from gymnasium.envs.classic_control import AcrobotEnv
from toys import Countdown

from trpo_np import TRPO, Agent, Settings, animate, train
from trpo_np import limits as ground
from trpo_np.__main__ import main
from trpo_np.errors import UsageError
from trpo_np.experiments.storage import load_run, save_progress
from trpo_np.training.environments import source
from trpo_np.training.history import csv_of
from trpo_np.training.notes import Note

needs_alarms = pytest.mark.skipif(not ground.has_alarm(), reason="no alarms here")
pytestmark = needs_alarms
SMALL = Settings(batch_size=64, num_envs=4, hidden=(4,))
QUICK = ["--batch-size", "64", "--num-envs", "4", "--hidden", "4", "--total-steps"]
SOON = 0.1  #: seconds, where all depends on what hangs from the beginning
LIMIT = 1.0  #: where much is done before: far longer than it takes, also on a busy machine


def hang():
    """Waits, in a way that swallows what an ordinary error would tell it."""
    while True:
        with suppress(Exception):
            time.sleep(60)


class Hanging(Countdown):
    """Hangs in what it is told to, from the number `at` of its calls on."""

    metadata = {"render_modes": ["rgb_array"]}  # noqa: RUF012

    def __init__(self, where="step", at=1, render_mode=None):
        super().__init__(length=5)
        self.where, self.at, self.calls, self.render_mode = where, at, 0, render_mode
        self._maybe("make")

    def _maybe(self, what):
        self.calls += what == self.where
        if what == self.where and self.calls >= self.at:
            hang()

    def step(self, action):
        self._maybe("step")
        return super().step(action)

    def reset(self, **how):
        self._maybe("reset")
        return super().reset(**how)

    def render(self):
        self._maybe("render")
        return np.zeros((8, 8, 3), np.uint8)

    def close(self):
        self._maybe("close")


def hanging(where, at=1):
    """A function that makes such environments."""
    return lambda **how: Hanging(where, at, **how)


def agent_of(env, step_seconds=SOON):
    agent = train(lambda **how: Countdown(5), TRPO(), 100, 0, SMALL).agent
    return Agent(agent.policy, agent.theta, agent.normalizer, source(env, None, step_seconds))


@pytest.mark.parametrize(
    ("where", "at", "words"),
    [
        ("step", 1, "The environment's step has not come back after 0.1 s"),
        ("step", 4, "The environment's step has not come back"),
        ("reset", 1, "The environment's reset has not come back"),
        ("reset", 3, "The environment's step has not come back|reset has not come back"),
        ("make", 1, "The making of .* has not come back"),
    ],
)
def test_what_hangs_ends_with_a_sentence_in_training_and_in_evaluation(where, at, words):
    with pytest.raises(UsageError, match=words) as told:
        train(hanging(where, at), TRPO(), 600, 0, SMALL, step_seconds=SOON)
    assert "--step-seconds" in str(told.value)
    if at == 1:
        with pytest.raises(UsageError, match=words):
            agent_of(hanging(where, at)).evaluate(2)


def test_a_close_that_hangs_loses_nothing():
    with pytest.warns(Note, match="close has not come back"):
        result = train(hanging("close"), TRPO(), 600, 0, SMALL, step_seconds=LIMIT)
    assert result.history[-1].steps > 500


def test_a_film_of_an_environment_that_hangs_is_not_left(tmp_path):
    for where in ("make", "render", "step"):
        with pytest.raises(UsageError, match="has not come back"):
            animate(agent_of(hanging(where)), tmp_path / "film.gif")
    assert not list(tmp_path.iterdir())


def test_a_limit_changes_nothing_where_nothing_hangs():
    whole = train("Acrobot-v1", TRPO(), 300, 0, SMALL)
    within = train("Acrobot-v1", TRPO(), 300, 0, SMALL, step_seconds=60)
    assert csv_of(within.history) == csv_of(whole.history)
    assert within.env.step_seconds == 60
    assert train("CartPole-v1", TRPO(), 300, 0, SMALL, step_seconds=60).history


def test_an_environment_that_only_takes_its_time_is_left_alone():
    class Slow(Countdown):
        def step(self, action):
            time.sleep(0.001)
            return super().step(action)

    assert len(train(Slow, TRPO(), 64, 0, SMALL, step_seconds=5.0).history) == 1


@pytest.mark.parametrize("env_id", ["Acrobot-v1", "CartPole-v1"])
def test_a_run_whose_environment_hung_goes_on_as_if_it_had_not(env_id, monkeypatch, tmp_path):
    """In single environments and in a vectorised one; the file keeps no limit."""
    kind = AcrobotEnv
    if env_id == "CartPole-v1":
        kind = type(gymnasium.make_vec(env_id, 1))
    step, calls = kind.step, []

    def hangs(self, action):
        calls.append(action)
        if len(calls) == (400 if kind is AcrobotEnv else 100):
            hang()
        return step(self, action)

    asked = (env_id, TRPO(), 600, 0, SMALL)
    whole = train(*asked)
    monkeypatch.setattr(kind, "step", hangs)
    save = lambda result: save_progress(result, tmp_path)  # noqa: E731
    with pytest.raises(UsageError, match="step has not come back"):
        train(*asked, on_iteration=save, step_seconds=LIMIT)
    assert len(load_run(tmp_path).history) == 6
    monkeypatch.setattr(kind, "step", step)
    resumed = train(resume=tmp_path)
    assert resumed.env.step_seconds is None
    assert csv_of(resumed.history) == csv_of(whole.history)
    np.testing.assert_array_equal(resumed.theta, whole.theta)


def test_what_hangs_when_it_is_brought_back_is_told(tmp_path):
    save_progress(train(Countdown, TRPO(), 300, 0, SMALL), tmp_path)
    with pytest.raises(UsageError, match="reset has not come back"):
        train(resume=tmp_path, env=hanging("reset"), total_steps=600, step_seconds=SOON)


def test_the_command_line_says_one_sentence_and_how_to_go_on(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    step, calls = AcrobotEnv.step, []

    def hangs(self, action):
        calls.append(action)
        if len(calls) >= 400:
            hang()
        return step(self, action)

    monkeypatch.setattr(AcrobotEnv, "step", hangs)
    limit = ["--step-seconds", str(LIMIT)]
    assert main(["train", "Acrobot-v1", *QUICK, "600", "--out", "run", *limit]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("error: The environment's step has not come back after 1 s: ")
    assert len(said.err.splitlines()) == 1
    assert "To go on:  python -m trpo_np train --resume run" in said.out
    limit[1] = str(SOON)
    assert main(["evaluate", "run", "--episodes", "1", *limit]) == 2
    assert "step has not come back" in capsys.readouterr().err
    assert main(["evaluate", "run", "--gif", "a.gif", "--episodes", "1", *limit]) == 2
    assert not (tmp_path / "a.gif").exists()
    monkeypatch.setattr(AcrobotEnv, "step", step)
    assert main(["train", "--resume", "run", "--step-seconds", "60"]) == 0
    assert main(["train", "Acrobot-v1", *QUICK, "600", "--out", "whole"]) == 0
    whole, resumed = (csv_of(load_run(tmp_path / name).history) for name in ("whole", "run"))
    assert whole == resumed


@pytest.mark.parametrize("seconds", [0, -1, np.inf, np.nan, True, "5", [1], 1j])
def test_an_impossible_limit_is_named(seconds):
    with pytest.raises(UsageError, match=r"step_seconds = .* is not possible"):
        train("CartPole-v1", total_steps=300, settings=SMALL, step_seconds=seconds)


@pytest.mark.parametrize("word", ["0", "nan", "-1", "soon"])
def test_an_impossible_limit_is_named_on_the_command_line(word, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert main(["train", "CartPole-v1", *QUICK, "300", "--step-seconds", word]) == 2
    error = capsys.readouterr().err
    assert "step-seconds" in error.replace("_", "-")
    assert len(error.splitlines()) == 1


def test_where_there_are_no_alarms_a_sentence_says_so():
    """In another thread than the main one; with a limit given there, or brought along."""
    outcome = []

    def work(**how):
        with pytest.warns(Note, match="No limit of time is kept"):
            result = train(Countdown, TRPO(), 300, 0, SMALL, step_seconds=LIMIT)
        outcome.append(len(result.history))
        outcome.append(len(agent_here.evaluate(2)))

    agent_here = agent_of(Countdown)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(60)
    assert outcome[0] >= 4
    assert outcome[1:] == [2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="starts processes by fork")
def test_one_that_hangs_in_a_process_of_its_own_is_told_and_ended():
    before = set(multiprocessing.active_children())  # of tests that ran in this process
    for where in ("step", "reset"):
        with pytest.raises(UsageError, match=f"The environment's {where} has not come back"):
            train(hanging(where), TRPO(), 600, 0, SMALL, step_seconds=0.5, vectorization="async")
    assert set(multiprocessing.active_children()) <= before
