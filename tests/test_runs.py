import json
import shutil

import numpy as np
import pytest

from trpo_np import TRPOConfig, evaluate, train
from trpo_np.errors import UsageError
from trpo_np.runs import load_run, new_folder, save_run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "cartpole"
    result = train("CartPole-v1", 3000, seed=3, config=TRPOConfig(batch_size=1024, hidden=(8,)))
    save_run(result, folder)
    return folder, result


def test_a_loaded_run_is_the_saved_one(run):
    folder, result = run
    loaded = load_run(folder)
    assert (loaded.env_id, loaded.seed, loaded.config) == ("CartPole-v1", 3, result.config)
    assert loaded.history == result.history
    for name in ("theta", "w"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(result, name))
    agents = ((r.policy, r.theta, r.normalizer, r.env_id) for r in (loaded, result))
    first, second = (evaluate(*agent, episodes=5) for agent in agents)
    np.testing.assert_array_equal(first, second)


def test_a_run_without_a_finished_episode_survives(tmp_path):
    result = train("Acrobot-v1", 600, config=TRPOConfig(batch_size=512))
    assert np.isnan(result.history[0].mean_return)
    save_run(result, tmp_path / "run")
    assert np.isnan(load_run(tmp_path / "run").history[0].mean_return)


def test_no_partial_file_is_left(run):
    assert not list(run[0].glob("*.partial"))


def test_a_failed_write_leaves_the_old_file(run, tmp_path, monkeypatch):
    folder = shutil.copytree(run[0], tmp_path / "copy")
    before = (folder / "agent.npz").read_bytes()

    def breaks(file, **arrays):
        file.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez", breaks)
    with pytest.raises(OSError, match="disk full"):
        save_run(run[1], folder)
    assert (folder / "agent.npz").read_bytes() == before
    assert not list(folder.glob("*.partial"))


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"no run folder .*nowhere"):
        load_run(tmp_path / "nowhere")


@pytest.mark.parametrize("file", ["config.json", "progress.csv", "agent.npz"])
def test_a_missing_or_garbled_file_is_named(file, run, tmp_path):
    folder = shutil.copytree(run[0], tmp_path / "copy")
    (folder / file).write_bytes(b"\x00\xff{")
    with pytest.raises(UsageError, match=r"copy is damaged .* train again"):
        load_run(folder)
    (folder / file).unlink()
    with pytest.raises(UsageError, match=f"{file} is missing"):
        load_run(folder)


@pytest.mark.parametrize("key", ["env_id", "config"])
def test_a_missing_setting_is_damage(key, run, tmp_path):
    folder = shutil.copytree(run[0], tmp_path / "copy")
    settings = json.loads((folder / "config.json").read_text())
    del settings[key]
    (folder / "config.json").write_text(json.dumps(settings))
    with pytest.raises(UsageError, match=f"damaged .*{key}"):
        load_run(folder)


def test_numpy_numbers_are_saved_like_any_other(tmp_path):
    config = TRPOConfig(batch_size=np.int64(512), delta=np.float32(0.01), hidden=(8,))
    save_run(train("CartPole-v1", 600, np.int64(1), config), tmp_path / "run")
    assert load_run(tmp_path / "run").config == config


@pytest.mark.parametrize("damage", ["short", "nan", "pickle", "text", "column"])
def test_parameters_that_do_not_fit_are_refused(damage, run, tmp_path):
    folder = shutil.copytree(run[0], tmp_path / "copy")
    arrays = dict(np.load(folder / "agent.npz"))
    arrays["theta"] = {
        "short": arrays["theta"][:-1],
        "nan": np.full_like(arrays["theta"], np.nan),
        "pickle": np.array([{}], dtype=object),
        "text": arrays["theta"].astype(str),
        "column": arrays["theta"][:, None],
    }[damage]
    np.savez(folder / "agent.npz", **arrays)
    with pytest.raises(UsageError, match="damaged"):
        load_run(folder)


def test_an_impossible_setting_in_the_file_is_named(run, tmp_path):
    folder = shutil.copytree(run[0], tmp_path / "copy")
    settings = json.loads((folder / "config.json").read_text())
    settings["config"]["delta"] = -1
    (folder / "config.json").write_text(json.dumps(settings))
    with pytest.raises(UsageError, match=r"damaged .*delta"):
        load_run(folder)


def test_new_folders_do_not_collide(tmp_path):
    names = []
    for _ in range(3):
        folder = new_folder(tmp_path, "phys2d/CartPole-v1", 4)
        folder.mkdir()
        names.append(folder.name)
    name = "phys2d-CartPole-v1-seed4"
    assert names == [name, f"{name}-2", f"{name}-3"]
