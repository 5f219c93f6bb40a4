import csv
import io
import shlex
import signal
import sys

import pytest
from PIL import Image

from trpo_np import __main__ as command_line
from trpo_np.__main__ import main

SMALL = ["--batch-size", "512", "--num-envs", "4", "--hidden", "8"]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_train_evaluate_plot(tmp_path, capsys):
    for seed in ("0", "1"):
        assert main(["train", "CartPole-v1", "--total-steps", "2000", "--seed", seed, *SMALL]) == 0
    out = capsys.readouterr().out
    words = ("return", "KL", "backtracks", "entropy", "expl. var.", "sampling/s", "accepted")
    for word in (*words, "value error"):
        assert word in out
    runs = [f"runs/CartPole-v1-seed{seed}" for seed in (0, 1)]
    with (tmp_path / runs[0] / "progress.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 3
    assert float(rows[0]["kl"]) <= 0.01

    assert main(["evaluate", runs[0], "--episodes", "7", "--gif", "agent.gif"]) == 0
    assert "7 episodes" in capsys.readouterr().out
    with Image.open("agent.gif") as gif:
        assert gif.is_animated

    assert main(["plot", *runs, "--out", "curves.png"]) == 0
    with Image.open("curves.png") as picture:
        assert min(picture.size) > 300


def test_every_setting_has_its_option(tmp_path):
    options = ["--delta", "0.02", "--cg-damping", "0.2", "--gamma", "0.9", "--damped-step-length"]
    options += ["--no-normalize-observations", "--out", "here"]
    assert main(["train", "CartPole-v1", "--total-steps", "600", *SMALL, *options]) == 0
    run = command_line.load_run(tmp_path / "here")
    u, c = run.update, run.settings
    assert (u.delta, u.cg_damping, c.gamma, c.hidden) == (0.02, 0.2, 0.9, (8,))
    assert (u.damped_step_length, c.normalize_observations) == (True, False)


@pytest.mark.parametrize(
    ("algorithm", "option", "column"),
    [
        ("natural-gradient", ["--delta", "0.02"], "improvement"),
        ("policy-gradient", ["--learning-rate", "0.5"], "gradient_norm"),
        ("ppo", ["--clip", "0.1", "--epochs", "2"], "clipped"),
    ],
)
def test_every_algorithm_trains_evaluates_and_plots(algorithm, option, column, tmp_path, capsys):
    train = ["train", "CartPole-v1", "--total-steps", "600", *SMALL, "--out", "run"]
    assert main([*train, "--algorithm", algorithm, *option]) == 0
    assert main(["evaluate", "run", "--episodes", "3"]) == 0
    assert main(["plot", "run"]) == 0
    assert "return" in capsys.readouterr().out
    run = command_line.load_run(tmp_path / "run")
    assert run.algorithm == algorithm
    name = option[0][2:].replace("-", "_")
    assert getattr(run.update, name) == float(option[1])
    assert hasattr(run.history[0], column)


def test_arguments_of_the_environment(tmp_path):
    options = ["--env-arg", "is_slippery=False", "--env-arg", "map_name=8x8", "--out", "here"]
    assert main(["train", "FrozenLake-v1", "--total-steps", "600", *SMALL, *options]) == 0
    run = command_line.load_run(tmp_path / "here")
    assert run.env_arguments == {"is_slippery": False, "map_name": "8x8"}
    assert main(["evaluate", "here", "--episodes", "2"]) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "CartPol-v1"], "did you mean CartPole-v1"),
        (["train", "Nothing-like-it-v9"], "no environment 'Nothing-like-it-v9'"),
        (["train", "CartPole-v1", "--delta", "-1"], "delta = -1.0 is not possible"),
        (["train", "CartPole-v1", "--total-steps", "7"], "total_steps = 7 is not possible"),
        (["train", "Blackjack-v1"], "observation space Tuple"),
        (["train", "Pendulum-v1", "--until-solved"], "does not declare"),
        (["train", "CartPole-v1", "--seed", "-1"], "seed = -1 is not possible"),
        (["train", "CartPole-v1", "--algorithm", "sac"], "invalid choice: 'sac'"),
        (["train", "CartPole-v1", "--clip", "0.1"], "--clip is an option of ppo, and not of trpo"),
        (["train", "CartPole-v1", "--algorithm", "ppo", "--delta", "1"], "not of ppo"),
        (["train", "CartPole-v1", "--dleta", "1"], "no option --dleta"),
        (["train", "CartPole-v1", "--env-arg", "gravity=1"], "does not take these arguments"),
        (["train", "CartPole-v1", "--env-arg", "gravity"], "write --env-arg NAME=VALUE"),
        (["train", "CartPole-v1", "--total-steps", "1.5"], "'1.5' is no whole number"),
        (["train", "CartPole-v1", "--hidden", "8,8"], "'8,8' is no whole number"),
        (["train", "CartPole-v1", "--delta", "-1e-3"], "delta = -0.001 is not possible"),
        (["train", "a:b:c"], "no environment 'a:b:c': write an id as CartPole-v1"),
        (["train", "nowhere:CartPole-v1", "--until-solved"], "No module named 'nowhere'"),
        ([], "required"),
        (["evaluate", "nowhere"], "no run folder nowhere"),
        (["plot", "nowhere"], "no run folder nowhere"),
    ],
)
def test_bad_input_gets_one_sentence(arguments, words, capsys):
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.err.startswith("error: ")
    assert words in said.err
    assert said.err.count("\n") == 1
    assert "Traceback" not in said.err
    assert said.out == ""


def test_a_missing_extra_comes_with_its_install_line(monkeypatch, capsys):
    """Whether or not MuJoCo is installed here, the environment says that it is not."""
    import gymnasium

    def missing(*args, **kwargs):
        raise gymnasium.error.DependencyNotInstalled("no mujoco")

    monkeypatch.setattr(gymnasium, "make_vec", missing)
    assert main(["train", "Hopper-v5"]) == 2
    assert 'pip install "gymnasium[mujoco]==' in capsys.readouterr().err


def test_paths_that_cannot_be_written_are_named(tmp_path, capsys):
    (tmp_path / "file").touch()
    train = ["train", "CartPole-v1", "--total-steps", "600", *SMALL, "--out"]
    assert main([*train, "file/run"]) == 2
    assert capsys.readouterr().err == "error: file/run: Not a directory. Check the path.\n"
    assert main([*train, "a/new/folder"]) == 0
    evaluate, plot = ["evaluate", "a/new/folder", "--gif"], ["plot", "a/new/folder", "--out"]
    for command in ([*evaluate, "missing/picture.gif"], [*plot, "missing/picture.png"]):
        assert main(command) == 2
        assert f"{command[-1]}: No such file or directory" in capsys.readouterr().err


def test_a_folder_in_use_is_not_overwritten(tmp_path, capsys):
    (tmp_path / "taken").mkdir()
    assert main(["train", "CartPole-v1", "--out", "taken"]) == 2
    assert "taken exists already" in capsys.readouterr().err


@pytest.mark.parametrize("after", [1, 3])
def test_an_interrupted_run_keeps_what_it_learned(after, monkeypatch):
    class Impatient(command_line.ProgressTable):
        def __call__(self, result):
            super().__call__(result)
            if len(result.history) == after:
                signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(command_line, "ProgressTable", Impatient)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # tests may run without
    try:
        assert main(["train", "CartPole-v1", *SMALL, "--out", "run"]) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(command_line.load_run(command_line.Path("run")).history) == after


def test_runs_are_grouped_by_what_differs(tmp_path):
    from trpo_np import PPO, TRPO, Settings, train
    from trpo_np.experiments.compare import grouped
    from trpo_np.experiments.storage import load_run, save_run

    updates = [TRPO(delta=0.01), TRPO(delta=0.01), TRPO(delta=0.02)]

    def groups(updates):
        for seed, update in enumerate(updates):
            result = train("CartPole-v1", update, 600, seed, Settings(batch_size=512))
            save_run(result, tmp_path / str(seed))
        runs = [load_run(tmp_path / str(seed)) for seed in range(len(updates))]
        return {label: len(histories) for label, histories in grouped(runs).items()}

    assert groups(updates) == {"CartPole-v1, delta 0.01": 2, "CartPole-v1, delta 0.02": 1}
    labels = list(groups([TRPO(), PPO(epochs=1)]))
    assert labels[0].startswith("CartPole-v1, algorithm trpo, delta 0.01")
    assert labels[1].startswith("CartPole-v1, algorithm ppo, clip 0.2")


def test_whole_numbers_may_be_written_as_people_write_them(tmp_path):
    options = ["--total-steps", "6e2", "--batch-size", "5.12e2", "--num-envs", "4", "--hidden"]
    assert main(["train", "CartPole-v1", *options, "8", "1e1", "--out", "run"]) == 0
    run = command_line.load_run(tmp_path / "run")
    assert (run.total_steps, run.settings.batch_size, run.settings.hidden) == (600, 512, (8, 10))


def test_a_console_without_the_letters_is_no_reason_to_stop(monkeypatch, tmp_path):
    assert main(["train", "CartPole-v1", "--total-steps", "600", *SMALL, "--out", "my run é"]) == 0
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    assert main(["evaluate", "my run é", "--episodes", "2"]) == 0
    sys.stdout.flush()
    assert b"?" in raw.getvalue()


def test_the_command_that_is_offered_can_be_copied(capsys, tmp_path):
    command = ["train", "CartPole-v1", "--total-steps", "600", *SMALL, "--out", "my run é"]
    assert main(command) == 0
    offered = capsys.readouterr().out.strip().rpartition("trpo_np ")[2]
    assert main([*shlex.split(offered), "--episodes", "1"]) == 0
