"""Runs that are killed, told to stop, or cannot write: nothing is lost, nobody shares a folder."""

import ctypes
import errno
import os
import signal
import sys
import time
import warnings
from itertools import pairwise
from pathlib import Path

import pytest

from trpo_np import TRPO, Agent, Settings, train
from trpo_np.__main__ import main
from trpo_np.errors import UsageError
from trpo_np.experiments import saving
from trpo_np.experiments.folders import claimed, named_folder, new_folder, target, tidy
from trpo_np.experiments.saving import Saver
from trpo_np.experiments.storage import load_run, save_progress
from trpo_np.training import archive, files

#: FrozenLake pays nothing for long, which is said.
pytestmark = pytest.mark.filterwarnings("ignore:All .* episodes so far returned 0")
SMALL = Settings(batch_size=64, num_envs=4, hidden=(4,))
OPTIONS = ["--batch-size", "64", "--num-envs", "4", "--hidden", "4", "--total-steps"]
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="starts processes by fork")


def child(function, *arguments):
    """The number of a process that calls the function and ends with what it returns."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fork of a process that has threads
        number = os.fork()
    if number == 0:
        status = 99
        try:
            os.dup2(os.open("said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
            for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # as in a terminal
                signal.signal(getattr(signal, name), signal.SIG_DFL)
            sys.stdout = sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
            status = function(*arguments) or 0
        finally:
            os._exit(status)
    return number


def status_of(number):
    """How a process ended: its status, or minus the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


def content(folder):
    """What a run left, without the picture that is drawn from the rest."""
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.suffix != ".png"}


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def uninterrupted(folder, env_id, steps):
    folder.mkdir()
    save_progress(train(env_id, TRPO(), steps, 3, SMALL), folder)
    return content(folder)


def training(folder, env_id, steps):
    """Trains, or goes on, and saves after every iteration."""
    asked = {"env": env_id, "update": TRPO(), "seed": 3, "settings": SMALL}
    if (folder / "training.npz").exists():
        asked = {"resume": folder}
    train(**asked, total_steps=steps, on_iteration=lambda r: save_progress(r, folder))


def appears(path):
    """Waits until the file is there."""
    for _ in range(6000):
        if path.exists():
            return
        time.sleep(0.01)
    raise AssertionError(f"{path} did not appear")


def killed_at_random(times, tmp_path, rng):
    """Each of so many runs is killed up to three times, and then ends as if it had not been."""
    killed = 0
    for number in range(times):
        env_id = ("CartPole-v1", "FrozenLake-v1")[number % 2]
        steps = 1500
        if number < 2:
            started = time.perf_counter()
            expected = uninterrupted(tmp_path / env_id, env_id, steps)
            seconds = time.perf_counter() - started
        expected = content(tmp_path / env_id)
        folder = tmp_path / f"run{number}"
        folder.mkdir()
        for _ in range(int(rng.integers(1, 4))):
            process = child(training, folder, env_id, steps)
            appears(folder / "training.npz")
            time.sleep(rng.uniform(0, 1.5 * seconds))
            os.kill(process, signal.SIGKILL)
            status = status_of(process)
            assert status in (0, -signal.SIGKILL)  # it may have ended before
            killed += status != 0
            load_run(folder)
            Agent.load(folder)
        with claimed(folder):
            training(folder, env_id, steps)
            save_progress(train(resume=folder), folder)
        assert content(folder) == expected
    assert killed >= times


@needs_fork
def test_killed_runs_go_on_as_if_they_had_not_been(tmp_path, rng):
    killed_at_random(20, tmp_path, rng)


@needs_fork
@pytest.mark.slow
def test_a_hundred_killed_runs_go_on_as_if_they_had_not_been(tmp_path, rng):
    killed_at_random(100, tmp_path, rng)


def saving_until(line, result, folder):
    """Saves, and is killed at this line of those that a save runs through; returns the number of
    lines where it is not."""
    seen = 0
    own = {module.__file__ for module in (archive, files)}

    def trace(frame, event, argument):
        nonlocal seen
        if frame.f_code.co_filename not in own:
            return None
        seen += event == "line"
        if seen == line:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace

    before = sys.gettrace()  # that of what measures coverage
    sys.settrace(trace)
    save_progress(result, folder)
    sys.settrace(before)
    return seen


def killed_in_a_save(lines, tmp_path, rng):
    """The run is what it was before the save, or what it is after, and nothing is in its way."""
    first = train("CartPole-v1", TRPO(), 300, 3, SMALL)
    second = train(resume=first, total_steps=600)
    expected = uninterrupted(tmp_path / "whole", "CartPole-v1", 1000)
    there = tmp_path / "there"
    there.mkdir()
    all_lines = saving_until(None, first, there)
    chosen = range(1, all_lines + 1) if lines is None else rng.integers(1, all_lines + 1, lines)
    for line in chosen:
        folder = tmp_path / f"{line}"
        folder.mkdir(exist_ok=True)
        save_progress(first, folder)
        process = child(saving_until, int(line), second, folder)
        assert status_of(process) == -signal.SIGKILL
        assert load_run(folder).history in (first.history, second.history)
        with claimed(folder):
            save_progress(train(resume=folder, total_steps=1000), folder)
        assert content(folder) == expected


@needs_fork
def test_a_save_that_is_killed_leaves_a_whole_run(tmp_path, rng):
    killed_in_a_save(12, tmp_path, rng)


@needs_fork
@pytest.mark.slow
def test_a_save_that_is_killed_at_any_line_leaves_a_whole_run(tmp_path, rng):
    killed_in_a_save(None, tmp_path, rng)


def traced(function, *arguments):
    """Calls the function in a process whose parent hears of each system call that it makes."""
    TRACE_ME = 0
    if ctypes.CDLL(None).ptrace(TRACE_ME, 0, 0, 0) != 0:
        return 77
    os.kill(os.getpid(), signal.SIGSTOP)
    function(*arguments)


def killed_at_call(number, function, *arguments):
    """Kills the process before or after one of its system calls, odd and even numbers; returns how
    many there are where the number is past them, None where processes cannot be traced."""
    TO_THE_NEXT = 24
    process, calls = child(traced, function, *arguments), -1
    while True:
        status = os.waitpid(process, 0)[1]
        if not os.WIFSTOPPED(status):
            return None if os.waitstatus_to_exitcode(status) == 77 else calls
        calls += 1
        if calls == number:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            return calls
        ctypes.CDLL(None).ptrace(TO_THE_NEXT, process, 0, 0)


@needs_fork
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="follows system calls by ptrace")
def test_a_save_that_is_killed_at_any_system_call_leaves_a_whole_run(tmp_path):
    """Before and after each: the checkpoint is the old one or the new one, bit for bit; every tenth
    is resumed as well."""
    first = train("CartPole-v1", TRPO(), 300, 3, SMALL)
    second = train(resume=first, total_steps=600)
    whole = uninterrupted(tmp_path / "whole", "CartPole-v1", 1000)
    checkpoints = []
    for number, result in enumerate((first, second)):
        (tmp_path / f"of{number}").mkdir()
        save_progress(result, tmp_path / f"of{number}")
        checkpoints.append((tmp_path / f"of{number}" / "training.npz").read_bytes())
    (tmp_path / "there").mkdir()
    calls = killed_at_call(0, save_progress, first, tmp_path / "there")
    if calls is None:
        pytest.skip("processes cannot be traced here")
    calls = killed_at_call(10**9, save_progress, first, tmp_path / "there")
    assert calls > 40
    left = set()
    for call in range(1, calls + 1):
        folder = tmp_path / f"{call}"
        folder.mkdir()
        save_progress(first, folder)
        killed_at_call(call, save_progress, second, folder)
        left.add(checkpoints.index((folder / "training.npz").read_bytes()))
        with claimed(folder):
            assert not list(folder.glob("*.partial"))
            if call % 10 == 0:
                save_progress(train(resume=folder, total_steps=1000), folder)
                assert content(folder) == whole
    assert left == {0, 1}


@needs_fork
@pytest.mark.parametrize(("name", "status"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_ends_a_run_with_everything_saved(name, status, tmp_path, capsys):
    folder = tmp_path / "run"
    command = ["train", "CartPole-v1", *OPTIONS]
    process = child(main, [*command, "10000000", "--out", "run"])
    appears(folder / "training.npz")
    os.kill(process, getattr(signal, name))
    assert status_of(process) == status
    said = Path("said").read_text()
    assert "Stopped: CartPole-v1 after" in said
    assert "train --resume run" in said
    run = load_run(folder)
    steps = run.history[-1].steps
    assert len((folder / "progress.csv").read_text().splitlines()) == 1 + len(run.history)
    assert (folder / "learning_curve.png").exists()
    more = str(steps + 500)
    assert main(["train", "--resume", "run", "--total-steps", more]) == 0
    assert main([*command, more, "--out", "whole"]) == 0
    assert content(folder) == content(tmp_path / "whole")
    assert "train --resume" not in capsys.readouterr().out


@needs_fork
def test_the_second_interrupt_stops_at_once(tmp_path):
    """Also a run whose environment never comes back."""

    def stuck():
        with saving.Stop():
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGHUP)  # a terminal that closes sends it more than once
            os.kill(os.getpid(), signal.SIGHUP)
            Path("waiting").touch()
            try:
                time.sleep(60)
            except KeyboardInterrupt:
                return 7

    process = child(stuck)
    appears(Path("waiting"))
    os.kill(process, signal.SIGINT)
    assert status_of(process) == 7


def test_what_is_ignored_stays_ignored_and_handlers_come_back():
    """nohup starts a process that ignores SIGHUP."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    other = signal.getsignal(signal.SIGTERM)
    try:
        with saving.Stop():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) is not other
        assert signal.getsignal(signal.SIGTERM) is other
    finally:
        signal.signal(signal.SIGINT, before)


def test_training_touches_no_handlers():
    def handlers():
        return signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)

    before, seen = handlers(), []
    train("CartPole-v1", TRPO(), 200, 0, SMALL, on_iteration=lambda r: seen.append(handlers()))
    assert set(seen) == {before}


def test_a_save_that_fails_is_said_and_training_goes_on(tmp_path, monkeypatch, capsys):
    """The disk is full from the first save to the fourth; the run ends with everything saved."""
    real, calls = archive._write_members, []

    def full(file, members):
        calls.append(1)
        if len(calls) <= 4:
            file.write(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        real(file, members)

    monkeypatch.setattr(archive, "_write_members", full)
    monkeypatch.setattr(saving, "AGAIN", 0.0)
    assert main(["train", "CartPole-v1", *OPTIONS, "1000", "--out", "run"]) == 0
    said = capsys.readouterr().err
    assert said.count("warning: run/training.npz could not be written (No space left") == 4
    assert "tried again" in said
    expected = train("CartPole-v1", TRPO(), 1000, 0, SMALL)
    assert load_run(tmp_path / "run").history == expected.history


def test_a_last_save_that_fails_names_the_file(monkeypatch, capsys):
    def full(file, members):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archive, "_write_members", full)
    assert main(["train", "CartPole-v1", *OPTIONS, "300", "--out", "run"]) == 2
    assert "error: run/training.npz: No space left on device" in capsys.readouterr().err
    assert not Path("run").exists()


def test_saves_take_a_hundredth_of_the_time(tmp_path, monkeypatch):
    """By a clock on which an iteration takes 0.1 and a save 0.02 of a second."""
    now = [0.0]
    monkeypatch.setattr(saving, "perf_counter", lambda: now[0])
    saves = []

    def save(result, folder):
        saves.append(now[0])
        now[0] += 0.02

    monkeypatch.setattr(saving, "save_progress", save)
    saver = Saver(tmp_path, print)
    for _ in range(1000):
        now[0] += 0.1
        saver("result")
    assert saves[0] == 0.1
    assert 0.005 < 0.02 * len(saves) / now[0] < 0.011


def test_a_save_that_failed_is_tried_again_after_a_while(tmp_path, monkeypatch):
    now, tried, said = [0.0], [], []
    monkeypatch.setattr(saving, "perf_counter", lambda: now[0])

    def full(result, folder):
        tried.append(now[0])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(saving, "save_progress", full)
    saver = Saver(tmp_path, said.append)
    for _ in range(500):
        now[0] += 0.1
        saver("result")
    assert len(said) == len(tried) == 5
    assert min(b - a for a, b in pairwise(tried)) >= 10


@needs_fork
def test_two_runs_never_share_a_folder(tmp_path):
    """Pairs of processes that begin at once, by the name that is made and by one that is given."""
    for number in range(25):
        ready, go = os.pipe()

        def one(named, folder=tmp_path / "named" / str(number), ready=ready):
            os.read(ready, 1)
            try:
                made = (
                    named_folder(folder, False) if named else new_folder(tmp_path / "made", "E", 0)
                )
            except UsageError:
                return 1
            (made / f"{os.getpid()}").touch()

        pairs = [[child(one, named) for _ in "ab"] for named in (False, True)]
        os.write(go, b"1234")
        ends = [sorted(map(status_of, pair)) for pair in pairs]
        assert ends == [[0, 0], [0, 1]]
        os.close(ready)
        os.close(go)
    made = list((tmp_path / "made").iterdir())
    assert len(made) == 50
    assert all(len(list(folder.iterdir())) == 1 for folder in made)
    assert {folder.name for folder in made} == {"E-seed0"} | {f"E-seed0-{n}" for n in range(2, 51)}


@needs_fork
def test_runs_that_begin_at_once_both_end_well(tmp_path):
    command = ["train", "CartPole-v1", *OPTIONS, "600"]
    assert [status_of(p) for p in [child(main, command) for _ in "abc"]] == [0, 0, 0]
    folders = list((tmp_path / "runs").iterdir())
    assert len(folders) == 3
    assert content(folders[0]) == content(folders[1]) == content(folders[2])


@needs_fork
@pytest.mark.slow
def test_of_fifty_pairs_of_runs_that_begin_at_once_none_is_lost(tmp_path):
    """Half of the pairs by the name that is made, which both get; half by one that is given, which
    one of them is refused."""
    command = ["train", "CartPole-v1", *OPTIONS, "300"]
    for number in range(25):
        assert sorted(status_of(p) for p in [child(main, command) for _ in "ab"]) == [0, 0]
        named = [*command, "--out", f"named/{number}"]
        assert sorted(status_of(p) for p in [child(main, named) for _ in "ab"]) == [0, 2]
    made = [*(tmp_path / "runs").iterdir(), *(tmp_path / "named").iterdir()]
    assert len(made) == 75
    assert all(content(folder) == content(made[0]) for folder in made)


def test_a_folder_in_which_a_run_trains_is_not_resumed(tmp_path, capsys):
    assert main(["train", "CartPole-v1", *OPTIONS, "300", "--out", "run"]) == 0
    partial = tmp_path / "run" / "some.npz.partial"
    with claimed(tmp_path / "run"):
        partial.touch()
        assert main(["train", "--resume", "run", "--total-steps", "600"]) == 2
        assert "Another run trains into run" in capsys.readouterr().err
        tidy(tmp_path / "run")
        assert partial.exists()
    assert main(["evaluate", "run", "--episodes", "1"]) == 0
    assert not partial.exists()
    partial.touch()
    assert main(["train", "--resume", "run", "--total-steps", "600"]) == 0
    assert not partial.exists()


def test_a_run_that_cannot_begin_leaves_no_folder(tmp_path):
    assert main(["train", "CartPol-v1"]) == 2
    assert main(["train", "CartPole-v1", "--total-steps", "3", "--out", "run"]) == 2
    assert list((tmp_path / "runs").iterdir()) == []
    assert not (tmp_path / "run").exists()


def test_what_exists_is_written_over_by_force_alone(tmp_path, capsys):
    train = ["train", "CartPole-v1", *OPTIONS]
    assert main([*train, "300", "--out", "run"]) == 0
    before = content(tmp_path / "run")
    assert main([*train, "600", "--out", "run"]) == 2
    assert "run exists already: name another folder with --out" in capsys.readouterr().err
    assert content(tmp_path / "run") == before
    assert main([*train, "600", "--out", "run", "--force"]) == 0
    assert content(tmp_path / "run") != before
    for command in (["plot", "run", "--out", "p.png"], ["evaluate", "run", "--gif", "p.gif"]):
        file = Path(command[-1])
        file.write_text("mine")
        assert main(command) == 2
        assert f"{file} exists already" in capsys.readouterr().err
        assert file.read_text() == "mine"
        assert main([*command, "--force"]) == 0
        assert file.read_bytes() != b"mine"


@pytest.mark.parametrize(("name", "begins"), [("p.pdf", b"%PDF"), ("p.SVG", b"<?xml")])
def test_a_picture_is_of_the_kind_that_its_name_says(name, begins):
    assert main(["train", "CartPole-v1", *OPTIONS, "300", "--out", "run"]) == 0
    assert main(["plot", "run", "--out", name]) == 0
    assert Path(name).read_bytes().startswith(begins)


@pytest.mark.parametrize(
    "command",
    [
        ["plot", "run", "--out", "run/config.json"],
        ["plot", "run", "--out", "picture"],
        ["plot", "run", "--out", "p.gif", "--force"],
        ["evaluate", "run", "--gif", "x.png"],
        ["evaluate", "run", "--gif", "run/training.npz", "--force"],
    ],
)
def test_a_file_of_another_kind_is_refused_by_its_name(command, tmp_path, capsys):
    assert main(["train", "CartPole-v1", *OPTIONS, "300", "--out", "run"]) == 0
    before = content(tmp_path / "run")
    capsys.readouterr()
    assert main(command) == 2
    assert "the name must end in" in capsys.readouterr().err
    assert content(tmp_path / "run") == before
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_resuming_from_the_command_line_takes_what_can_be_changed(capsys):
    train = ["train", "CartPole-v1", *OPTIONS, "300", "--out", "run", "--delta", "0.02"]
    assert main(train) == 0
    for wrong in (["--delta", "0.02"], ["--seed", "0"], ["--algorithm", "ppo"], ["CartPole-v1"]):
        assert main(["train", *wrong, "--resume", "run"]) == 2
        assert f"{wrong[0]} is not possible with --resume" in capsys.readouterr().err
    assert main(["train", "--resume", "nowhere"]) == 2
    assert "no run folder nowhere" in capsys.readouterr().err
    assert main(["train", "--resume", "run"]) == 0
    assert main(["train", "--resume", "run", "--total-steps", "600"]) == 0
    run = load_run(Path("run"))
    assert run.update == TRPO(delta=0.02)
    assert 500 < run.history[-1].steps <= 600


def test_targets_are_judged_by_their_last_suffix(tmp_path):
    assert target(tmp_path / "a.b.PNG", (".png",), False).name == "a.b.PNG"
    for name in ("png", ".png", "a.png.json"):
        with pytest.raises(UsageError, match=r"must end in \.png"):
            target(tmp_path / name, (".png",), True)
