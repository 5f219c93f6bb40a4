"""A stranger's run: loading it runs nothing, waits for nothing, and takes no more memory than it
says it needs."""

import json
import os
import subprocess
import sys
import tracemalloc
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

from trpo_np import TRPO, Agent, Settings, train
from trpo_np.__main__ import main
from trpo_np.errors import UsageError
from trpo_np.experiments.storage import load_run, save_progress
from trpo_np.limits import within
from trpo_np.training import archive
from trpo_np.training.notes import Note

PAYLOAD_NAME = "payload_of_a_stranger"
PAYLOAD = """
import pathlib, gymnasium
pathlib.Path("executed").touch()
gymnasium.register("Stranger-v0", "gymnasium.envs.classic_control:CartPoleEnv")
"""
MOST = 30e6  #: bytes; the run below has some 20 kB


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run's folder, and what is in it: about, and arrays."""
    folder = tmp_path_factory.mktemp("stranger")
    settings = Settings(batch_size=64, num_envs=4, hidden=(4,))
    save_progress(train("FrozenLake-v1", TRPO(), 600, 0, settings), folder)
    with archive.opened(folder / "training.npz") as file:
        about = file.about
    with np.load(folder / "training.npz") as file:
        arrays = {name: file[name] for name in file if name not in ("about", "sha256")}
    return folder, about, arrays


@pytest.fixture
def folder(tmp_path):
    """An empty folder for a stranger's file."""
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


def open_all(folder):
    """Everything that opens a run; each says that it cannot, or all of them have the same run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Note)  # environments may not come back
        for door in (load_run, Agent.load, lambda f: train(resume=f, total_steps=1)):
            door(folder)


def refused(folder):
    """The sentence by which the run is refused, None where it is none; without much memory, and in
    less than five seconds."""
    tracemalloc.start()
    try:
        within(5.0, lambda: open_all(folder))
    except UsageError as error:
        return str(error)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < MOST
    return None


def test_the_run_itself_is_not_refused(made):
    assert refused(made[0]) is None


def changed_value(value, rng):
    """Another value in the place of one in JSON."""
    huge = 10 ** int(rng.integers(3, 30))
    others = [None, True, -1, huge, -huge, 0.5, float("nan"), "", "x", [], [huge], {}, [[[]]]]
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key = list(value)[rng.integers(len(value))]
        if rng.random() < 0.1:
            return {name: x for name, x in value.items() if name != key}
        return value | {key: changed_value(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.7:
        i = int(rng.integers(len(value)))
        return [*value[:i], changed_value(value[i], rng), *value[i + 1 :]]
    return others[rng.integers(len(others))]


def changed_array(array, rng):
    """Another array in the place of one: of another shape or type, or of other numbers."""
    if array.dtype.kind == "U":
        array = np.zeros(array.shape)
    changes = [
        lambda a: a[..., None],
        lambda a: a.ravel()[: a.size // 2],
        lambda a: np.concatenate([a.ravel(), a.ravel()]),
        lambda a: a.astype(complex),
        lambda a: a.astype("S8"),
        lambda a: a.astype(float) * np.nan,
        lambda a: a.astype(float) + np.inf,
        lambda a: np.zeros((0, 10**9)),
    ]
    return changes[rng.integers(len(changes))](array)


def stranger(made, folder, rng):
    """Writes a run that somebody has tampered with, in one of many ways."""
    source, about, arrays = made
    whole = (source / "training.npz").read_bytes()
    path, way = folder / "training.npz", rng.integers(7)
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    path.unlink(missing_ok=True)
    if way == 6:
        no_file(path, rng)
    elif way == 5:  # the environment of somebody's module, and what is no environment
        ids = [f"{PAYLOAD_NAME}:Stranger-v0", f"{PAYLOAD_NAME}:", "a:b:c", "../x:Y-v0", "os:x", ""]
        named = about | {"env": ids[rng.integers(len(ids))]}
        archive.write_archive(path, named, arrays)
    elif way == 0:  # some bits
        changed = bytearray(whole)
        for place in rng.integers(len(whole), size=rng.integers(1, 20)):
            changed[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(changed)
    elif way == 1:  # cut off, doubled, empty
        cut = int(rng.integers(len(whole)))
        path.write_bytes([whole[:cut], whole[cut:], whole + whole[:cut], b""][rng.integers(4)])
    elif way == 2:  # what it says of itself, with a checksum that is right
        archive.write_archive(path, changed_value(about, rng), arrays)
    elif way == 3:
        name = list(arrays)[rng.integers(len(arrays))]
        archive.write_archive(path, about, arrays | {name: changed_array(arrays[name], rng)})
    else:  # an array in another's place, or missing
        one, other = rng.choice(list(arrays), 2)
        swapped = arrays | {one: arrays[other]}
        if rng.random() < 0.5:
            del swapped[other]
        archive.write_archive(path, about, swapped)


def no_file(path, rng):
    """Something in the place of a run's file that would keep its reader busy."""
    way = rng.integers(5)
    if way == 0 and hasattr(os, "mkfifo"):
        os.mkfifo(path)
    elif way == 1:
        path.symlink_to(["/dev/zero", "/dev/stdin", path.name, "nowhere"][rng.integers(4)])
    elif way == 2:
        path.mkdir()
    elif way == 3:
        with path.open("wb") as file:
            file.truncate(int(rng.integers(2**20, 2**33)))
    else:  # little that unpacks to much
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr(["about.npy", "theta.npy", "x"][rng.integers(3)], bytes(2**26))


def tampered(number, made, folder, rng, monkeypatch):
    """So many strangers' runs, each refused by a sentence or opened: how many were opened."""
    opened = 0
    (folder.parent / f"{PAYLOAD_NAME}.py").write_text(PAYLOAD)
    monkeypatch.chdir(folder.parent)
    monkeypatch.syspath_prepend(folder.parent)
    for _ in range(number):
        stranger(made, folder, rng)
        opened += refused(folder) is None
        assert not Path("executed").exists()
    return opened


def test_runs_that_were_tampered_with_are_refused_or_open(made, folder, rng, monkeypatch):
    assert tampered(150, made, folder, rng, monkeypatch) < 50


@pytest.mark.slow
def test_a_thousand_such_runs(made, folder, rng, monkeypatch):
    assert tampered(1000, made, folder, rng, monkeypatch) < 300


def test_a_bomb_is_not_unpacked(made, folder):
    path = folder / "training.npz"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file,
        file.open("about.npy", "w") as member,
    ):
        for _ in range(300):
            member.write(bytes(2**20))
    assert (folder / "training.npz").stat().st_size < 1e6
    assert "damaged" in refused(folder)


def test_members_that_share_their_bytes_are_refused(made, folder):
    """One part of the file, listed many times, is how a small file unpacks to a large one."""
    whole = made[0] / "training.npz"
    with zipfile.ZipFile(whole) as file:
        members = file.infolist()
        one = max(members, key=lambda m: m.file_size)
    with zipfile.ZipFile(folder / "training.npz", "w") as file:
        file.writestr("about.npy", whole.read_bytes())
        about = file.infolist()[0]
        for number in range(50):
            copy = zipfile.ZipInfo(f"{number}.npy")
            for name in ("header_offset", "CRC", "compress_size", "file_size"):
                setattr(copy, name, getattr(about, name))
            file.filelist.append(copy)
            file.NameToInfo[copy.filename] = copy
        file._didModify = True
    assert one.file_size > 0
    assert "packed in a way" in refused(folder)


@pytest.mark.parametrize("shape", [(10**12,), (10**6, 10**6), (-1,), (2**63,), (0, 2**62)])
def test_a_header_that_promises_more_than_there_is(shape, made, folder, monkeypatch):
    _, about, arrays = made
    archive.write_archive(folder / "training.npz", about, arrays)
    real = archive.npy.write_array

    def lying(file, array, **how):
        if array is arrays["theta"]:
            header = {"descr": "<f8", "fortran_order": False, "shape": shape}
            archive.npy.write_array_header_1_0(file, header)
            file.write(array.tobytes())
        else:
            real(file, array, **how)

    monkeypatch.setattr(archive.npy, "write_array", lying)
    archive.write_archive(folder / "training.npz", about, arrays)
    assert "theta" in refused(folder)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no fifos here")
def test_what_is_no_file_is_not_waited_for(folder):
    os.mkfifo(folder / "training.npz")
    assert "no file" in refused(folder)
    (folder / "training.npz").unlink()
    (folder / "training.npz").symlink_to("/dev/zero")
    assert "no file" in refused(folder)
    (folder / "training.npz").unlink()
    (folder / "training.npz").mkdir()
    assert "damaged" in refused(folder)


def test_a_file_of_some_gigabytes_is_not_read(folder):
    with (folder / "training.npz").open("wb") as file:
        file.truncate(2**33)
    assert "no file of at most 1 GB" in refused(folder)


def test_sizes_that_no_array_has_are_refused(made, folder):
    _, about, arrays = made
    for change in (
        lambda a: a["settings"].update(num_envs=10**9, batch_size=10**10),
        lambda a: a["settings"].update(hidden=[10**9, 10**9]),
        lambda a: a.update(hidden=[10**9, 10**9]),
        lambda a: a["history"].update(rows=10**15),
    ):
        changed = json.loads(json.dumps(about))
        change(changed)
        archive.write_archive(folder / "training.npz", changed, arrays)
        assert "damaged" in refused(folder)


@pytest.fixture
def payload(made, folder, monkeypatch):
    """The run of an environment that a module beside it registers, which says when it is run."""
    _, about, arrays = made
    (folder.parent / "payload_of_a_stranger.py").write_text(PAYLOAD)
    monkeypatch.chdir(folder.parent)
    named = about | {"env": "payload_of_a_stranger:Stranger-v0"}
    archive.write_archive(folder / "training.npz", named, arrays)
    return folder


def test_a_module_that_a_run_names_is_imported_only_with_trust(payload, capsys):
    commands = (["evaluate", "run", "--episodes", "1"], ["train", "--resume", "run"])
    for command in commands:
        assert main(command) == 2
        assert "if you trust whoever made this file, say so by --trust" in capsys.readouterr().err
    assert main(["plot", "run", "--out", "p.png"]) == 0
    assert not Path("executed").exists()
    for command in commands:
        subprocess.run([sys.executable, "-m", "trpo_np", *command, "--trust"], check=False)
        assert Path("executed").exists()
        Path("executed").unlink()


def test_trust_in_python(payload, monkeypatch):
    with pytest.raises(UsageError, match="trust=True"):
        Agent.load(payload)
    with pytest.raises(UsageError, match="trust=True"):
        train(resume=payload)
    assert Agent.load(payload, env="FrozenLake-v1").env.name == "FrozenLake-v1"
    assert not Path("executed").exists()


def test_plotting_needs_no_environment(made, folder, monkeypatch):
    import gymnasium

    _, about, arrays = made
    archive.write_archive(folder / "training.npz", about | {"env": "Gone-v7"}, arrays)
    monkeypatch.setattr(gymnasium, "make_vec", None)
    monkeypatch.chdir(folder.parent)
    assert main(["plot", "run", "--out", "p.png"]) == 0
    assert load_run(folder).env_id == "Gone-v7"
