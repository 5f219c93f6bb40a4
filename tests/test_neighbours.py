"""Neighbours of inputs that once failed, at other doors: each is told in a sentence, or does no
harm."""

import os
import signal
import subprocess
import sys
import warnings
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from PIL import Image
from toys import Countdown

from trpo_np import (
    TRPO,
    Agent,
    Settings,
    animate,
    launch,
    make_policy,
    train,
)
from trpo_np.__main__ import main
from trpo_np.errors import UsageError, shown
from trpo_np.experiments.plots import in_words, save_learning_curves
from trpo_np.experiments.results import read_curves, read_results
from trpo_np.experiments.storage import load_run, save_run
from trpo_np.experiments.sweep import sweep
from trpo_np.limits import within
from trpo_np.training import animation
from trpo_np.training.config import checked_seed
from trpo_np.training.files import write
from trpo_np.training.notes import Note
from trpo_np.training.rollout import Sampler

SMALL = Settings(batch_size=64, num_envs=4, hidden=(4,))
OPTIONS = ["--batch-size", "64", "--num-envs", "4", "--hidden", "4", "--total-steps", "64"]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


# Before anything is imported


def started(line, **how):
    """A process of the command line that hears Ctrl-C, as in a terminal."""
    hears = lambda: signal.signal(signal.SIGINT, signal.default_int_handler)  # noqa: E731
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    command = [sys.executable, *how.pop("options", []), "-m", "trpo_np", *line.split()]
    return subprocess.Popen(command, preexec_fn=hears, **pipes, **how)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="sends the signals of a Unix")
@pytest.mark.parametrize("module", ["gymnasium", "matplotlib", "trpo_np.batch"])
def test_ctrl_c_while_a_module_is_imported_ends_without_a_traceback(module):
    """Python says on stderr what it has imported: the signal comes in the middle of it."""
    process = started("evaluate nowhere", options=["-v"])
    for line in process.stderr:
        if line.startswith(f"import '{module}'"):
            break
    else:
        raise AssertionError(f"{module} was not imported")
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert process.returncode in (-signal.SIGINT, 130)
    assert "Traceback" not in said


@pytest.mark.parametrize("backend", ["nonsense", "tkagg", ""])
def test_no_window_system_is_asked_for(backend):
    process = started("plot nowhere", env=os.environ | {"MPLBACKEND": backend})
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 2
    assert said == ("error: There is no run folder nowhere: check the path, or train one first.\n")


def test_interrupts_are_heard_again_and_who_ignores_them_still_does(monkeypatch):
    before = signal.getsignal(signal.SIGINT)
    try:
        for had, meanwhile in (
            (signal.default_int_handler, signal.SIG_DFL),
            (signal.SIG_IGN, signal.SIG_IGN),
        ):
            signal.signal(signal.SIGINT, had)
            launch.before_imports()
            assert signal.getsignal(signal.SIGINT) is meanwhile
            launch.after_imports()
            assert signal.getsignal(signal.SIGINT) is had
    finally:
        signal.signal(signal.SIGINT, before)


def test_who_only_imports_the_package_keeps_everything():
    code = "import os, signal; b = signal.getsignal(2); import trpo_np, trpo_np.__main__; "
    code += "print(signal.getsignal(2) is b, os.environ['MPLBACKEND'])"
    how = {"env": os.environ | {"MPLBACKEND": "pdf"}, "capture_output": True, "text": True}
    assert subprocess.run([sys.executable, "-c", code], **how).stdout == "True pdf\n"


# Numbers of every kind, at every door


@pytest.mark.parametrize(
    "number", [0.5, np.float16(0.5), np.float32(0.5), np.longdouble(0.5), np.array(0.5)]
)
def test_any_real_number_is_a_setting_that_can_be_saved(number, tmp_path):
    settings = Settings(batch_size=64, num_envs=4, hidden=(4,), gamma=number)
    assert type(settings.gamma) is float
    save_run(train("CartPole-v1", TRPO(delta=number), 64, 0, settings), tmp_path / "run")
    run = load_run(tmp_path / "run")
    assert (run.settings, run.update.delta) == (settings, 0.5)


@pytest.mark.parametrize(
    "value", [Fraction(1, 2), Decimal("0.5"), np.array([0.5]), 10**400, np.float32(np.nan), 1j, "1"]
)
def test_what_no_float_can_be_is_refused_in_few_words(value):
    for make in (lambda: TRPO(delta=value), lambda: Settings(gamma=value)):
        with pytest.raises(UsageError, match="is not possible: it must be") as told:
            make()
        assert len(str(told.value)) < 250


@pytest.mark.parametrize(
    "widths", [[4, 3], (np.int64(4), np.uint8(3)), np.array([4, 3]), [np.int32(4), 3]]
)
def test_widths_may_be_of_any_integers(widths, tmp_path):
    settings = Settings(batch_size=64, num_envs=4, hidden=widths)
    assert settings.hidden == (4, 3)
    save_run(train("CartPole-v1", None, 64, 0, settings), tmp_path / "run")
    spaces_of = spaces.Box(-1, 1, (4,)), spaces.Discrete(2)
    assert load_run(tmp_path / "run").settings == settings
    assert (
        make_policy(*spaces_of, widths).num_parameters
        == make_policy(*spaces_of, (4, 3)).num_parameters
    )


@pytest.mark.parametrize("widths", [np.array([[4]]), np.array(4), [4.0], [True], np.array([0.5])])
def test_other_widths_are_refused(widths):
    with pytest.raises(UsageError, match="hidden"):
        Settings(hidden=widths)


@pytest.mark.parametrize("precision", [np.dtype("float32"), np.float32, 32])
def test_a_precision_is_a_word(precision):
    with pytest.raises(UsageError, match="precision"):
        Settings(precision=precision)


@pytest.mark.parametrize("seed", [np.True_, True, np.float64(3), [3], 2**64, 3.0, np.array([3])])
def test_what_is_no_seed_is_none_by_any_door(seed):
    for door in (checked_seed, lambda s: sweep(["CartPole-v1"], seeds=[s], settings={})):
        with pytest.raises(UsageError, match="seed"):
            door(seed)


def test_numbers_in_arrays_without_dimensions_are_numbers():
    result = train("CartPole-v1", None, np.array(64), np.array(3), SMALL)
    assert (result.total_steps, result.seed) == (64, 3)
    assert len(result.agent.evaluate(np.array(2), np.array(0))) == 2


def test_a_resumed_run_keeps_plain_numbers(tmp_path):
    save_run(train("CartPole-v1", None, 64, 0, SMALL), tmp_path / "run")
    again = train(resume=tmp_path / "run", total_steps=np.int64(128), until_solved=np.True_)
    save_run(again, tmp_path / "run")
    run = load_run(tmp_path / "run")
    assert (run.total_steps, run.until_solved) == (128, True)


@pytest.mark.parametrize("steps", [0, -3])
def test_an_impossible_number_of_steps_does_not_damage_a_run(steps, tmp_path, capsys):
    save_run(train("CartPole-v1", None, 64, 0, SMALL), tmp_path / "run")
    before = (tmp_path / "run" / "training.npz").read_bytes()
    with pytest.raises(UsageError, match="total_steps = "):
        train(resume=tmp_path / "run", total_steps=steps)
    assert main(["train", "--resume", "run", "--total-steps", str(steps)]) == 2
    assert f"total_steps = {steps} is not possible" in capsys.readouterr().err
    assert (tmp_path / "run" / "training.npz").read_bytes() == before


@pytest.mark.parametrize("run", [3, ["run"], {"run": 1}, True])
def test_what_is_no_run_is_not_resumed(run):
    with pytest.raises(UsageError, match="is not possible: give a run, its folder or its file"):
        train(resume=run)


# Arguments of environments


class Telling(Countdown):
    """Keeps what it was made with."""

    def __init__(self, x=None):
        super().__init__(length=5)
        self.x = x


@pytest.mark.parametrize(
    ("x", "kept"),
    [
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.True_, True),
        (np.array([1, 2]), [1, 2]),
        ((1, (2, 3)), [1, [2, 3]]),
        (None, None),
        ({"a": np.uint8(1)}, {"a": 1}),
    ],
)
def test_arguments_are_saved_as_plain_values_and_may_be_told_again(x, kept, tmp_path):
    asked = {"env": Telling, "env_arguments": {"x": x}, "settings": SMALL}
    save_run(train(**asked, total_steps=64), tmp_path / "run")
    assert load_run(tmp_path / "run").env_arguments == {"x": kept}
    again = train(**asked, resume=tmp_path / "run", total_steps=128)
    assert again.history[-1].steps > 64


@pytest.mark.parametrize("x", [{1}, b"1", 1j, object(), {(1, 2): 3}, np.array([1j]), len])
def test_arguments_that_no_file_can_hold_are_told_when_a_run_is_saved(x, tmp_path):
    result = train(Telling, env_arguments={"x": x}, total_steps=64, settings=SMALL)
    for save in (lambda: save_run(result, tmp_path / "run"), lambda: result.agent.save("agent")):
        with pytest.raises(UsageError, match=r"environment's arguments .* cannot be saved"):
            save()
    assert not Path("agent").exists()


def test_the_command_line_says_so_too(capsys):
    gymnasium.register("Telling-v0", Telling)
    try:
        line = ["train", "Telling-v0", *OPTIONS, "--out", "run", "--env-arg", "x={1, 2}"]
        assert main(line) == 2
    finally:
        del gymnasium.registry["Telling-v0"]
    said = capsys.readouterr().err
    assert "error: The environment's arguments {'x': {1, 2}} cannot be saved" in said
    assert not Path("run").exists()


@pytest.mark.parametrize(
    "env", ["./runs/x:A-v0", ".x:A-v0", "a b:A-v0", " ", "x..y:A-v0", "1:A-v0"]
)
def test_a_module_that_cannot_be_one_is_an_id_that_cannot_be_one(env):
    with pytest.raises(UsageError, match=r"There is no environment .*: write an id as CartPole-v1"):
        train(env, settings=SMALL)


# Films


class Drawn(Countdown):
    """Draws what it is told to."""

    metadata = {"render_modes": ["rgb_array"], "render_fps": 30}  # noqa: RUF012
    picture, steps = np.zeros((20, 30, 3), np.uint8), 5

    def __init__(self, render_mode=None):
        super().__init__(length=self.steps)
        self.render_mode = render_mode

    def render(self):
        if isinstance(self.picture, BaseException):
            raise self.picture
        return self.picture


def agent_of(**how):
    """A trained agent of an environment that draws so."""
    return train(type("Own", (Drawn,), how), None, 64, 0, SMALL).agent


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((20, 30, 5), np.uint8),
        np.zeros((20, 30, 1), np.uint8),
        np.zeros((20, 30, 2), np.uint8),
        np.zeros((0, 0, 3), np.uint8),
        np.zeros((20, 30, 0), np.uint8),
        np.zeros((20, 30), np.uint8),
        np.zeros((20, 30, 3), int),
        np.array([None]),
        7,
    ],
)
def test_pictures_of_another_form_are_told(picture, tmp_path):
    with pytest.raises(UsageError, match=r"draws no pictures: its render must give an array"):
        animate(agent_of(picture=picture), tmp_path / "a.gif")
    assert not list(tmp_path.iterdir())


def test_an_environment_that_leaves_while_it_draws_is_told(tmp_path):
    with pytest.raises(UsageError, match=r"could not be drawn \(the window was closed\)"):
        animate(agent_of(picture=SystemExit("the window was closed")), tmp_path / "a.gif")


@pytest.mark.parametrize("speed", ["fast", 0, -5, np.nan, np.inf, None, 1e-9, 1e9, np.float32(50)])
def test_a_film_has_a_speed_that_can_be_seen(speed, tmp_path):
    metadata = {"render_modes": ["rgb_array"], "render_fps": speed}
    animate(agent_of(metadata=metadata), tmp_path / "a.gif")
    with Image.open(tmp_path / "a.gif") as film:
        assert 20 <= film.info["duration"] / 6 <= 300  # six equal pictures are one that stands


def test_a_film_in_which_nothing_happens_is_one_too(tmp_path):
    assert animation.DURATIONS[1] * (animation.LONGEST_FILM + 1) < 10 * 2**16
    metadata = {"render_modes": ["rgb_array"], "render_fps": 0.1}
    with pytest.warns(Note, match="first 2,000 steps"):
        animate(agent_of(metadata=metadata, steps=2100), tmp_path / "a.gif")
    with Image.open(tmp_path / "a.gif") as film:
        assert film.info["duration"] == 2001 * 300


@pytest.mark.parametrize("channels", [3, 4])
def test_a_film_has_the_colours_that_were_drawn(channels, tmp_path):
    picture = np.zeros((20, 30, channels), np.uint8)
    picture[:, :15, 0], picture[:, 15:, 2], picture[..., 3:] = 255, 200, 255
    animate(agent_of(picture=picture), tmp_path / "a.gif")
    with Image.open(tmp_path / "a.gif") as film:
        seen = np.asarray(film.convert("RGB"))
    np.testing.assert_allclose(seen, picture[..., :3], atol=8)


def test_a_film_of_large_pictures_is_shorter(tmp_path, monkeypatch):
    monkeypatch.setattr(animation, "LARGEST_FILM", 20 * 30 * 3)
    with pytest.warns(Note, match="shows the first 2 steps of a longer episode"):
        assert animate(agent_of(), tmp_path / "a.gif") == 5


# A sweep's files


@pytest.fixture
def swept(tmp_path):
    """The bytes of a sweep's two files."""
    settings = {"total_steps": 128, "batch_size": 64, "num_envs": 4, "hidden": (4,)}
    sweep(["CartPole-v1"], seeds=2, settings=settings, episodes=2, out="r.csv")
    names = "r.csv", "r_curves.csv"
    return {name: (tmp_path / name).read_bytes() for name in names}


def changed(text, rng):
    """The bytes of a CSV file after somebody's hands."""
    way, text = rng.integers(4), bytearray(text)
    if way == 0:
        for place in rng.integers(len(text), size=5):
            text[place] ^= 1 << int(rng.integers(8))
    if way == 1:
        return bytes(text[: rng.integers(len(text))])
    if way == 2:
        cells = bytes(text).split(b",")
        others = (b"", b"nan", b"-1", b"1e999", b"x", b"9" * 5000, b'"', b"\0", b"\r")
        cells[rng.integers(len(cells))] = others[rng.integers(len(others))]
        return b",".join(cells)
    if way == 3:
        lines = bytes(text).split(b"\n")
        lines[rng.integers(len(lines))] = lines[rng.integers(len(lines))]
        return b"\n".join(lines)
    return bytes(text)


def test_a_sweeps_files_are_read_or_refused_whatever_is_in_them(swept, rng):
    read, plotted, refused = 0, 0, set()
    for number in range(200):
        name = list(swept)[rng.integers(2)]
        for each, text in swept.items():
            Path(each).write_bytes(changed(text, rng) if each == name else text)
        try:
            rows, curves = read_results(Path("r.csv")), read_curves(Path("r.csv"))
        except UsageError as error:
            refused.add(str(error).split(":")[0])
            continue
        read += 1
        assert all(isinstance(row["run"], int) for row in rows)
        assert all(np.isfinite(points).all() for points in curves.values())
        if number % 10 == 0:
            plotted += main(["plot", "r.csv", "--out", "p.png", "--force"]) == 0
    assert 20 < read < 190
    assert refused == {
        "r.csv holds no results of a sweep",
        "r_curves.csv holds no learning curves of a sweep",
    }
    assert plotted


@pytest.mark.parametrize("label", ["a\x0cb", r"$\foo$", "a$b", "a\0", "ä"])
def test_any_name_is_drawn_as_it_is_written(label):
    save_learning_curves(BytesIO(), {label: [np.array([[1.0, 2.0], [3.0, 4.0]])]})  # or a warning
    written = label.replace("\x0c", "?").replace("\0", "?")
    assert in_words(label, 1).replace(r"\$", "$") == written


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no fifos here")
@pytest.mark.parametrize("name", ["r.csv", "r_curves.csv"])
def test_a_sweeps_file_that_is_no_file_is_not_waited_for(name, swept, capsys):
    for make in (os.mkfifo, lambda path: os.symlink("/dev/zero", path), os.mkdir):
        Path(name).unlink()
        make(name)
        for line in (
            ["plot", "r.csv", "--out", "p.png"],
            ["sweep", "CartPole-v1", "--out", "r.csv"],
        ):
            assert within(20, lambda line=line: main(line)) == 2
            said = capsys.readouterr().err
            assert said.startswith("error: ")
            assert name in said
        (os.rmdir if os.path.isdir(name) else os.unlink)(name)
        Path(name).touch()


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"seeds": [-1]}, "seed = -1 is not possible"),
        ({"seeds": "12"}, "seeds = '12' is not possible"),
        ({"settings": {"total_steps": 6.5}}, "total_steps = 6.5 is not possible"),
        ({"settings": {"total_steps": -1}}, "total_steps = -1 is not possible"),
        ({"vary": {"delta": 0.1}}, "vary delta = 0.1 is not possible: give a list"),
        ({"vary": {"precision": "float32"}}, "vary precision = 'float32' is not possible"),
    ],
)
def test_what_no_run_of_a_sweep_can_be_is_said_before_any_is_made(how, words):
    with pytest.raises(UsageError, match=words):
        sweep(["CartPole-v1"], **{"seeds": 1} | how)


def test_a_sweep_takes_one_name_and_arrays():
    settings = {"total_steps": np.int64(64), "batch_size": 64, "num_envs": np.uint8(4)}
    settings["hidden"] = np.array([4])
    how = {"seeds": np.array([3, 4]), "vary": {"delta": np.array([0.1])}, "episodes": np.int64(1)}
    rows = sweep("CartPole-v1", "trpo", settings=settings, **how).rows.values()
    assert [(row["seed"], row["delta"], row.get("error")) for row in rows] == [
        ("3", "0.1", None),
        ("4", "0.1", None),
    ]


# Said by others, or beside the point


@pytest.mark.filterwarnings("default:.*WARN")
def test_what_gymnasium_warns_of_is_one_line(capsys):
    assert main(["train", "CartPole", *OPTIONS, "--out", "run"]) == 0
    said = capsys.readouterr().err
    assert said.startswith("warning: gymnasium says: Using the latest versioned environment")
    assert said.count("\n") == 1
    assert "\x1b" not in said


def test_a_sentence_stays_on_one_line(capsys, monkeypatch):
    from trpo_np import __main__ as command_line

    def two_lines(options):
        raise UsageError("One.\n  Two.")

    monkeypatch.setitem(command_line.COMMANDS, "plot", two_lines)
    assert main(["plot", "x"]) == 2
    assert capsys.readouterr().err == "error: One. Two.\n"


def test_what_is_shown_fits_into_a_sentence():
    class Silent:
        def __repr__(self):
            raise RuntimeError

    assert shown(np.zeros((2, 2))) == "array([[0., 0.], [0., 0.]])"
    assert len(shown("x" * 1000)) < 120
    assert shown(10**5000) == "<int>"
    assert shown(Silent()) == "<Silent>"


@pytest.mark.parametrize("seconds", [1e30, 1e9, np.float64(1e300)])
def test_any_length_of_time_is_a_limit(seconds):
    train("CartPole-v1", None, 64, 0, SMALL, step_seconds=seconds)


def test_what_has_no_room_is_not_the_environments_fault(monkeypatch):
    def full(*arguments, **how):
        raise MemoryError("7 GB")

    monkeypatch.setattr(gymnasium, "make_vec", full)
    with pytest.raises(UsageError, match=r"not enough memory to make CartPole-v1 .* num_envs"):
        train("CartPole-v1")


def test_a_path_below_a_file_is_named_as_it_was_asked_for():
    Path("file").touch()
    with pytest.raises(NotADirectoryError) as told:
        write(Path("file/x.gif"), lambda file: None)
    assert told.value.filename == "file/x.gif"


@pytest.mark.parametrize("where", ["make", "reset", "step"])
def test_an_environment_that_leaves_the_program_leaves_a_run_that_can_go_on(where, monkeypatch):
    """A game ends so where its window is closed."""

    class Leaving(Countdown):
        at = 1000

        def __init__(self):
            super().__init__(length=5)
            if where == "make":
                raise SystemExit(3)

        def step(self, action):
            Leaving.at -= 1
            if where == "step" and Leaving.at < 0:
                raise SystemExit(3)
            return super().step(action)

        def reset(self, **how):
            if where == "reset" and Leaving.at < 0:
                raise SystemExit(3)
            return super().reset(**how)

    gymnasium.register("Leaving-v0", Leaving, disable_env_checker=True)
    try:
        assert main(["train", "Leaving-v0", *OPTIONS[:-1], "2000", "--out", "run"]) == 2
    finally:
        del gymnasium.registry["Leaving-v0"]
    assert Path("run").exists() == (where != "make")
    if where != "make":
        assert len(load_run(Path("run")).history) > 5


@pytest.mark.parametrize("made", [False, True])
def test_observations_outside_of_their_space_are_told_once(made):
    class Outside(Countdown):
        observation_space = spaces.Box(0, 4 if made else 5, (1,), np.float64)

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        train(lambda: Outside(length=5), None, 600, 0, SMALL)
    told = [str(each.message) for each in told if issubclass(each.category, Note)]
    assert [sentence[:45] for sentence in told] == made * [
        "Entry 0 of an observation of environment 0 wa"
    ]
    assert not made or "5, outside of 0 to 4" in told[0]


def test_a_bound_that_rounding_crosses_is_none():
    class Rounded(Countdown):
        observation_space = spaces.Box(-np.inf, 0.1, (1,), np.float64)

        def step(self, action):
            _, *rest = super().step(action)
            return np.array([np.float32(0.1)]), *rest

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        train(Rounded, None, 64, 0, SMALL)


def test_a_run_whose_environment_is_told_again_by_a_function_is_the_same(tmp_path):
    """Agents take their own environment's arguments along as plain values."""
    made = train("Pendulum-v1", None, 64, 0, SMALL, env_arguments={"g": np.float32(9.5)})
    made.agent.save(tmp_path / "agent")
    loaded = Agent.load(tmp_path / "agent")
    assert loaded.env.arguments == {"g": 9.5}
    np.testing.assert_array_equal(loaded.evaluate(2), made.agent.evaluate(2))
    assert isinstance(Sampler(loaded.env.many(2), 0).steps, int)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
def test_a_log_on_a_full_disk_ends_no_run():
    with open("/dev/full", "w") as full:
        line = " ".join(["train", "CartPole-v1", *OPTIONS[:-1], "1000", "--out", "run"])
        pipes = {"stdout": full, "stderr": full, "timeout": 120}
        subprocess.run([sys.executable, "-u", "-m", "trpo_np", *line.split()], **pipes)
    run = load_run(Path("run"))
    assert run.history[-1].steps > 900


@pytest.mark.skipif(not hasattr(os, "fork"), reason="closes descriptors as a shell does")
def test_a_console_that_is_closed_ends_no_run():
    line = ["train", "CartPole-v1", *OPTIONS[:-1], "1000", "--out", "run"]
    close = lambda: (os.close(1), os.close(2))  # noqa: E731
    command = [sys.executable, "-m", "trpo_np", *line]
    assert subprocess.run(command, preexec_fn=close, timeout=120).returncode == 0
    assert load_run(Path("run")).history[-1].steps > 900


def test_a_last_save_that_fails_says_what_was_saved_before(monkeypatch, capsys):
    from trpo_np.experiments import saving

    def full(result, folder):
        raise OSError(28, "No space left on device", "run/training.npz")

    monkeypatch.setattr(saving, "save_run", full)
    assert main(["train", "CartPole-v1", *OPTIONS, "--out", "run"]) == 2
    said = capsys.readouterr().err
    assert "warning: run holds the run as it was when it was saved last.\n" in said
    assert load_run(Path("run")).history
    assert "error: run/training.npz: No space left on device" in said
