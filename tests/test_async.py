"""Environments in processes of their own: the same run as in one process."""

import os
import signal
import subprocess
import sys
import time
import warnings
from functools import partial
from pathlib import Path

import gymnasium
import numpy as np
import pytest

from trpo_np import TRPO, Settings, train
from trpo_np.errors import UsageError
from trpo_np.experiments.storage import save_progress
from trpo_np.training.environments import source
from trpo_np.training.single import Apart, are_single

SMALL = Settings(batch_size=256, num_envs=4, hidden=(8,))
MUJOCO = pytest.param(
    "Hopper-v5",
    marks=pytest.mark.skipif(
        not __import__("importlib.util").util.find_spec("mujoco"), reason="MuJoCo is not installed"
    ),
)


def same(one, two):
    """Whether two runs are the same bit for bit."""
    np.testing.assert_array_equal(one.theta, two.theta)
    np.testing.assert_array_equal(one.w, two.w)
    assert repr(one.history) == repr(two.history)  # NaN is NaN here
    assert one.rng == two.rng
    assert one.position.trace.start == two.position.trace.start
    assert one.position.trace.now == two.position.trace.now


@pytest.mark.parametrize("env", ["Acrobot-v1", "Pendulum-v1", "FrozenLake-v1", MUJOCO])
def test_the_same_run_and_it_goes_on_either_way(env, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # MuJoCo leaves its log where it is
    how = TRPO(), 2100, 3, SMALL
    whole = train(env, *how)
    apart = train(env, *how, vectorization="async")
    same(whole, apart)

    def stopped(vectorization):
        result = train(env, TRPO(), 1100, 3, SMALL, vectorization=vectorization)
        (tmp_path / vectorization).mkdir()
        save_progress(result, tmp_path / vectorization)
        return tmp_path / vectorization

    with warnings.catch_warnings(action="error"):  # nothing begins anew
        begun = stopped("async")
        same(train(resume=begun, total_steps=2100), whole)
        begun = stopped("sync")
        same(train(resume=begun, total_steps=2100, vectorization="async"), whole)


def test_a_function_makes_environments_apart():
    def made():
        return gymnasium.make("CartPole-v1", max_episode_steps=30)

    envs = source(made).many(3, "async")
    try:
        assert are_single(envs)
        assert len({process.pid for process in envs.processes} | {os.getpid()}) == 4
    finally:
        envs.close()
    same(
        train(made, TRPO(), 600, 1, SMALL),
        train(made, TRPO(), 600, 1, SMALL, vectorization="async"),
    )


def test_what_has_a_vectorised_form_of_its_own_keeps_it():
    envs = source("CartPole-v1").many(3, "async")
    assert not isinstance(envs, Apart)
    assert type(envs) is type(source("CartPole-v1").many(3))


@pytest.mark.filterwarnings("ignore:.*Worker:UserWarning")
@pytest.mark.filterwarnings("ignore:.*ERROR:UserWarning")
def test_what_goes_wrong_in_a_process_is_said_as_ever():
    class Breaks(gymnasium.Env):
        observation_space = gymnasium.spaces.Box(-1, 1, (1,))
        action_space = gymnasium.spaces.Discrete(2)

        def __init__(self, how):
            self.how, self.t = how, 0

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            return np.zeros(1, dtype=np.float32), {}

        def step(self, action):
            self.t += 1
            if self.t == 70 and self.how == "raises":
                raise ArithmeticError("out of bounds")
            reward = [1.0, 2.0] if self.t == 70 else 1.0
            return np.zeros(1, dtype=np.float32), reward, False, False, {}

    for how, words in (
        ("raises", "ArithmeticError: out of bounds"),
        ("pays", "must be one number"),
    ):
        arguments = {"env_arguments": {"how": how}, "vectorization": "async"}
        with pytest.raises(UsageError, match=words):
            train(Breaks, TRPO(), 1000, 1, SMALL, **arguments)


def test_what_cannot_be_made_is_said_as_ever():
    for env, words in (("Hoper-v5", "no environment"), (lambda: 3, "no gymnasium environment")):
        with pytest.raises(UsageError, match=words):
            source(env).many(2, "async")
    with pytest.raises(UsageError, match="it must be sync or async"):
        train("Acrobot-v1", vectorization="threads")


@pytest.mark.skipif(not Path("/proc").exists(), reason="asks Linux for processes")
@pytest.mark.parametrize(
    ("number", "group"), [(signal.SIGINT, True), (signal.SIGTERM, False), (signal.SIGTERM, True)]
)
def test_a_signal_ends_the_run_after_an_iteration_and_its_processes(number, group, tmp_path):
    line = "train Acrobot-v1 --total-steps 1e9 --batch-size 512 --num-envs 4 --hidden 8 --out run"
    command = [sys.executable, "-m", "trpo_np", *line.split(), "--vectorization", "async"]
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": tmp_path}
    heard = partial(signal.signal, number, signal.SIG_DFL)  # also where these tests do not hear it
    training = subprocess.Popen(command, start_new_session=True, preexec_fn=heard, **how)
    while not (tmp_path / "run" / "training.npz").exists():
        assert training.poll() is None
        time.sleep(0.1)
    (os.killpg if group else os.kill)(training.pid, number)
    said, errors = training.communicate(timeout=120)
    assert training.returncode == 128 + number, errors
    assert "To go on:" in said
    assert errors.count("Stopping after this iteration") == (number == signal.SIGINT)
    assert "Traceback" not in errors
    session = subprocess.run(
        ["ps", "-o", "stat=", "-s", str(training.pid)], capture_output=True, text=True
    )
    assert not [line for line in session.stdout.split() if not line.startswith("Z")]
