"""What happens seldom: a console without a name, a system without locks, a file that no run writes,
an interrupt at the wrong moment."""

import importlib.util
import io
import os
import signal
import sys
import threading
import warnings
from dataclasses import dataclass
from zipfile import ZIP_STORED, ZipFile

import matplotlib
import numpy as np
import pytest
from gymnasium.vector import SyncVectorEnv
from problems import random_batch, random_problem
from toys import Countdown

from trpo_np import Agent, PolicyGradient, Settings, __main__, train
from trpo_np.errors import UsageError
from trpo_np.experiments import console, folders, saving
from trpo_np.experiments.plots import COLORS, use_style
from trpo_np.experiments.storage import load_run, save_progress
from trpo_np.objectives import policy_gradient
from trpo_np.training import archive
from trpo_np.training.environments import Source, source
from trpo_np.training.notes import Note, note
from trpo_np.training.position import there
from trpo_np.training.rollout import Sampler
from trpo_np.training.single import Single
from trpo_np.updates.reports import StepReport

# The command line


def plotting(monkeypatch, error):
    """The exit status where the command ends with this error."""

    def ends(options):
        raise error

    monkeypatch.setitem(__main__.COMMANDS, "plot", ends)
    return __main__.main(["plot", "runs/a", "--out", "a.png"])


def test_an_interrupt_between_two_commands_has_the_shells_status(monkeypatch):
    assert plotting(monkeypatch, KeyboardInterrupt()) == 128 + signal.SIGINT


def test_a_reader_that_has_gone_is_nobody_to_complain_to(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdout", sys.stdout)  # to have it back
    assert plotting(monkeypatch, BrokenPipeError()) == 2
    assert sys.stdout is None
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError("no space"), "error: no space. Check the path.\n"),
        (FileNotFoundError(2, "No such file", "a.png"), "error: a.png: No such file. "),
    ],
)
def test_what_the_system_refuses_is_said_with_the_files_name(error, said, monkeypatch, capsys):
    assert plotting(monkeypatch, error) == 2
    assert capsys.readouterr().err.startswith(said)


def test_a_stream_that_has_no_encoding_is_one_too(monkeypatch):
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    assert plotting(monkeypatch, UsageError("No.")) == 2
    assert (out.getvalue(), err.getvalue()) == ("", "error: No.\n")


def test_a_run_that_stopped_before_it_began_says_so(tmp_path, capsys):
    console.summarise(None, tmp_path, 0.1, signal.SIGINT)
    assert "nothing to save" in capsys.readouterr().out
    console.say_where(None, tmp_path)
    assert capsys.readouterr().out == ""


def test_notes_are_printed_as_sentences_and_other_warnings_as_they_are():
    stream, others = io.StringIO(), []
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *more: others.append(str(message))
        with console.notes_on(stream):
            note("This is one.")
            note("This is one.")
            warnings.simplefilter("always")
            warnings.warn("This is another's.", DeprecationWarning, stacklevel=1)
    assert stream.getvalue() == "warning: This is one.\n" * 2
    assert others == ["This is another's."]


def test_a_figure_drawn_in_this_style_tells_lines_apart_twice():
    with matplotlib.rc_context():
        use_style()
        cycle = list(matplotlib.rcParams["axes.prop_cycle"])
    assert [entry["color"] for entry in cycle] == list(COLORS)
    assert len({str(entry["linestyle"]) for entry in cycle}) == len(cycle)


# Folders


def test_folders_that_exist_are_passed_over(tmp_path):
    made = [folders.new_folder(tmp_path / "runs", "a:b/C-v0", 3).name for _ in range(3)]
    assert made == ["a-b-C-v0-seed3", "a-b-C-v0-seed3-2", "a-b-C-v0-seed3-3"]


def without_the_module(monkeypatch):
    """The file as a system runs it that has no fcntl."""
    monkeypatch.setitem(sys.modules, "fcntl", None)
    spec = importlib.util.spec_from_file_location("folders_elsewhere", folders.__file__)
    elsewhere = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(elsewhere)
    return elsewhere


def without_locks(monkeypatch):
    """The file as it runs on a file system that has no locks."""

    def no_locks(handle, operation):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(folders.fcntl, "flock", no_locks)
    return folders


@pytest.mark.skipif(folders.fcntl is None, reason="it has no locks to begin with")
@pytest.mark.parametrize("system", [without_the_module, without_locks])
def test_where_folders_cannot_be_locked_runs_are_tidied_all_the_same(system, tmp_path, monkeypatch):
    module = system(monkeypatch)
    for use in (module.tidy, lambda folder: module.claimed(folder).__enter__()):
        (tmp_path / "training.npz.partial").touch()
        (tmp_path / "config.json").touch()
        use(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ["config.json"]


def test_a_folder_whose_run_is_under_way_is_not_tidied(tmp_path):
    with folders.claimed(tmp_path):
        partial = tmp_path / "training.npz.partial"
        partial.touch()
        folders.tidy(tmp_path)
        assert partial.exists()
    folders.tidy(tmp_path)
    assert not partial.exists()


def test_no_handle_is_left_open(tmp_path):
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else None
    for _ in range(5):
        (tmp_path / "run").mkdir(exist_ok=True)
        with folders.claimed(tmp_path / "run"):
            (tmp_path / "run" / "x.partial").touch()
            folders.tidy(tmp_path / "run")
        (tmp_path / "run" / "x.partial").unlink()
    if before is not None:
        assert len(os.listdir("/proc/self/fd")) == before


# Signals


@pytest.fixture
def _heard():
    """Signals are not ignored, as they are where a shell starts a program in the background."""
    before = {
        name: signal.signal(name, signal.default_int_handler)
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    yield
    for name, handler in before.items():
        signal.signal(name, handler)


def test_in_a_thread_of_its_own_a_run_touches_no_handlers():
    seen = []

    def run():
        with saving.Stop() as stop:
            seen.append(signal.getsignal(signal.SIGINT))
            stop.check()

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [before]


@pytest.mark.usefixtures("_heard")
def test_one_interrupt_asks_and_the_second_one_breaks_off(capfd):
    with saving.Stop() as stop:
        stop.check()
        signal.raise_signal(signal.SIGINT)
        assert "Ctrl-C again stops at once" in capfd.readouterr().err
        with pytest.raises(saving.Stopped):
            stop.check()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert stop.signal == signal.SIGINT


@pytest.mark.usefixtures("_heard")
def test_the_first_signal_gives_the_status():
    with saving.Stop() as stop:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGHUP)
        assert stop.signal == signal.SIGTERM


# Files that no run writes


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A small run's folder, what it says of itself, and its arrays."""
    folder = tmp_path_factory.mktemp("rare")
    settings = Settings(batch_size=64, num_envs=4, hidden=(4,))
    save_progress(train(Countdown, PolicyGradient(), 128, 0, settings), folder)
    with archive.opened(folder / "training.npz") as file:
        about = file.about
    with np.load(folder / "training.npz") as file:
        arrays = {name: file[name] for name in file if name not in ("about", "sha256")}
    return folder, about, arrays


def opened(run, folder, about=None, arrays=None):
    """Resumes the run after these changes."""
    archive.write_archive(folder / "training.npz", run[1] | (about or {}), run[2] | (arrays or {}))
    return train(Countdown, resume=folder)


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"solved": 1}, "solved is neither true nor false"),
        ({"total_steps": 0}, "total_steps = 0 is not possible"),
        ({"env": 5}, "env"),
        ({"arguments": 5}, "arguments"),
        ({"hidden": [True]}, "hidden, running or precision is not possible"),
        ({"precision": "float16"}, "hidden, running or precision is not possible"),
        ({"carried": ["state_m"]}, "state_m"),
    ],
)
def test_what_a_run_never_says_is_damage(about, words, run, tmp_path):
    with pytest.raises(UsageError, match=f"damaged .*{words}"):
        opened(run, tmp_path, about)


@pytest.mark.parametrize(("name", "value"), [("steps", -1), ("seed", 1.5), ("newest_end", True)])
def test_counts_of_a_position_are_whole(name, value, run, tmp_path):
    position = run[1]["position"] | {name: value}
    with pytest.raises(UsageError, match=r"damaged .*no integers of at least 0"):
        opened(run, tmp_path, {"position": position})


def test_iterations_are_counted_from_one(run, tmp_path):
    arrays = {"history_iteration": run[2]["history_iteration"] + 1}
    with pytest.raises(UsageError, match=r"damaged .*not counted from 1"):
        opened(run, tmp_path, arrays=arrays)


def test_a_known_updates_state_is_as_long_as_theta(run, tmp_path):
    with pytest.raises(UsageError, match=r"damaged .*another shape than theta"):
        opened(run, tmp_path, {"carried": ["state_m"]}, {"state_m": np.zeros(3)})


def test_what_is_unchanged_opens(run, tmp_path):
    assert opened(run, tmp_path).total_steps == 128


def test_a_file_names_an_environment_by_a_word_if_at_all(run, tmp_path):
    archive.write_archive(tmp_path / "training.npz", run[1] | {"env": 5}, run[2])
    for door in (load_run, Agent.load):
        with pytest.raises(UsageError, match=r"damaged .*env"):
            door(tmp_path)


def test_arrays_of_another_version_are_not_read(tmp_path):
    data = io.BytesIO()
    np.lib.format.write_array(data, np.zeros(3), version=(2, 0))
    with ZipFile(tmp_path / "a.npz", "w", ZIP_STORED) as file:
        file.writestr("theta.npy", data.getvalue())
    with ZipFile(tmp_path / "a.npz") as file:
        with pytest.raises(ValueError, match="in a version that this package does not write"):
            archive.Archive(file, {}).array("theta", (3,))
        assert "theta" in archive.Archive(file, {})
        assert "mean" not in archive.Archive(file, {})


# Parts of one's own


@dataclass(frozen=True)
class Undeclared:
    """Carries a dataclass without saying so."""

    def __call__(self, policy, theta, batch, rng, state=None):
        return theta, Carrying(state=Carried(len(batch)))


@dataclass(frozen=True)
class Carried:
    """A state."""

    n: int


@dataclass(frozen=True)
class Carrying(StepReport):
    """Its report."""

    state: object = None


def test_a_state_whose_class_is_not_told_is_asked_for(tmp_path):
    settings = Settings(batch_size=64, num_envs=4, hidden=(4,))
    save_progress(train(Countdown, Undeclared(), 64, 0, settings), tmp_path)
    with pytest.raises(UsageError, match="Undeclared does not say of what class its state is"):
        train(Countdown, Undeclared(), resume=tmp_path)


def test_an_environment_that_is_no_longer_what_it_was_begins_anew(rng):
    class Moody(Countdown):
        works = True

        def step(self, action):
            if not self.works:
                raise RuntimeError("not today")
            return super().step(action)

    def made():
        return SyncVectorEnv([lambda e=e: Single(Moody(length=7), e) for e in range(2)])

    sampler = Sampler(made(), 3)
    settings = Settings(batch_size=8, num_envs=2, hidden=(4,))
    result = train(Moody, total_steps=8, settings=settings)
    sampler.collect(result.policy, result.theta, result.normalizer, rng, 4)
    assert there(made(), sampler.position) is sampler.position
    Moody.works = False
    with pytest.warns(Note, match="2 of 2 environments cannot be brought back"):
        anew = there(made(), sampler.position)
    assert not anew.lengths.any()
    assert not anew.observation.any()


def test_what_is_a_source_stays_one_and_other_mistakes_are_not_hidden():
    made_from = Source(Countdown)
    assert source(made_from) is made_from

    def broken():
        raise TypeError("unsupported operand")

    with pytest.raises(TypeError, match="unsupported operand"):
        source(broken).many(1)


def test_a_step_to_where_no_kl_can_be_computed_is_none(rng):
    """theta stays finite, and its outputs do not."""
    policy, theta, obs = random_problem("Discrete", rng, N=20, hidden=())
    theta, obs = 1e-9 * theta, 1e9 * obs
    batch = random_batch(policy, theta, obs, rng)
    new, report = PolicyGradient(learning_rate=1e297)(policy, theta, batch)
    assert np.isfinite(1e297 * policy_gradient(policy, theta, batch)).all()
    assert new is theta
    assert report.status == "non_finite"
