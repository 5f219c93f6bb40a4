import json
import shutil

import gymnasium
import numpy as np
import pytest

from trpo_np import PPO, TRPO, Agent, NaturalGradient, PolicyGradient, Settings, train
from trpo_np.errors import UsageError
from trpo_np.experiments.storage import load_run, save_run
from trpo_np.training import archive


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "cartpole"
    result = train("CartPole-v1", TRPO(), 3000, 3, Settings(batch_size=1024, hidden=(8,)))
    save_run(result, folder)
    return folder, result


def load_all(folder):
    """Everything that the folder holds."""
    return load_run(folder), Agent.load(folder)


def test_a_loaded_run_is_the_saved_one(run):
    folder, result = run
    loaded, agent = load_all(folder)
    assert (loaded.env_id, loaded.seed, loaded.settings) == ("CartPole-v1", 3, result.settings)
    assert (loaded.algorithm, loaded.update) == ("trpo", TRPO())
    assert loaded.history == result.history
    np.testing.assert_array_equal(agent.theta, result.theta)
    first, second = (a.evaluate(episodes=5) for a in (agent, result.agent))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    "update",
    [TRPO(delta=0.02), NaturalGradient(cg_iterations=3), PolicyGradient(0.3), PPO(epochs=1)],
    ids=lambda update: type(update).__name__,
)
def test_every_algorithm_is_saved_with_its_settings_and_columns(update, tmp_path):
    result = train("CartPole-v1", update, 1100, settings=Settings(batch_size=512, hidden=(8,)))
    save_run(result, tmp_path / "run")
    loaded, agent = load_all(tmp_path / "run")
    assert (loaded.update, loaded.history) == (update, result.history)
    np.testing.assert_array_equal(agent.theta, result.theta)
    arrays = np.load(tmp_path / "run" / "training.npz")
    np.testing.assert_array_equal(arrays["w"], result.w)
    assert ("state_m" in arrays) == isinstance(update, PPO)


def test_parts_that_were_handed_in_are_named(tmp_path):
    def my_search(L, KL, theta, full_step, delta, backtracks, beta):
        return theta + full_step

    settings = Settings(batch_size=512, hidden=(8,))
    save_run(train("CartPole-v1", TRPO(search=my_search), 600, settings=settings), tmp_path / "run")
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert config["parts"] == {"search": "my_search"}


def test_an_agent_is_one_file(run, tmp_path):
    _, result = run
    result.agent.save(tmp_path / "me.npz")
    again = Agent.load(tmp_path / "me.npz")
    obs = np.ones((3, 4))
    np.testing.assert_array_equal(again.act(obs), result.agent.act(obs))
    other = Agent.load(tmp_path / "me.npz", env=lambda: gymnasium.make("CartPole-v1"))
    assert other.env.id is None
    with pytest.raises(UsageError, match=r"no agent .*nobody"):
        Agent.load(tmp_path / "nobody.npz")


def test_a_run_without_a_finished_episode_survives(tmp_path):
    result = train("Acrobot-v1", total_steps=600, settings=Settings(batch_size=512))
    assert np.isnan(result.history[0].mean_return)
    save_run(result, tmp_path / "run")
    assert np.isnan(load_run(tmp_path / "run").history[0].mean_return)


def test_no_partial_file_is_left(run):
    assert not list(run[0].glob("*.partial"))


def test_a_failed_write_leaves_the_old_file(run, tmp_path, monkeypatch):
    folder = shutil.copytree(run[0], tmp_path / "copy")
    before = (folder / "training.npz").read_bytes()

    def breaks(file, members):
        file.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(archive, "_write_members", breaks)
    with pytest.raises(OSError, match="disk full"):
        save_run(run[1], folder)
    assert (folder / "training.npz").read_bytes() == before
    assert not list(folder.glob("*.partial"))


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"no run folder .*nowhere"):
        load_run(tmp_path / "nowhere")


def test_a_missing_file_is_named(run, tmp_path):
    folder = shutil.copytree(run[0], tmp_path / "copy")
    (folder / "training.npz").unlink()
    with pytest.raises(UsageError, match=r"no agent \S*training.npz"):
        load_all(folder)


def test_whatever_byte_is_changed_is_seen(run, tmp_path, rng):
    """Or does not matter: a few bytes of a zip file say nothing that is read."""
    folder = shutil.copytree(run[0], tmp_path / "copy")
    whole = (folder / "training.npz").read_bytes()
    seen = 0
    for place in rng.integers(len(whole), size=60):
        changed = bytearray(whole)
        changed[place] ^= 1 << rng.integers(8)
        (folder / "training.npz").write_bytes(changed)
        try:
            loaded, agent = load_all(folder)
        except UsageError as error:
            assert "damaged" in str(error)  # noqa: PT017
            seen += 1
        else:
            assert loaded.history == run[1].history
            np.testing.assert_array_equal(agent.theta, run[1].theta)
    assert seen > 50
    for end in (0, 1, len(whole) // 2, len(whole) - 1):
        (folder / "training.npz").write_bytes(whole[:end])
        with pytest.raises(UsageError, match="damaged"):
            load_all(folder)


def changed_copy(folder, copy, change):
    """A copy of a run's folder whose checkpoint has been changed, with a checksum that is right."""
    shutil.copytree(folder, copy)
    with archive.opened(copy / "training.npz") as file:
        arrays = dict(np.load(copy / "training.npz"))
        about = file.about
    change(about, arrays)
    members = {n: a for n, a in arrays.items() if n not in ("about", "sha256")}
    archive.write_archive(copy / "training.npz", about, members)
    return copy


def test_what_only_the_checksum_can_see_is_seen(run, tmp_path):
    """A file that is whole, of numbers that are possible, and not the one that was written."""
    copy = shutil.copytree(run[0], tmp_path / "copy")
    with np.load(copy / "training.npz") as file:
        arrays = dict(file)
    np.savez(copy / "training.npz", **arrays)
    load_all(copy)
    arrays["theta"] = arrays["theta"] + 1e-9
    np.savez(copy / "training.npz", **arrays)
    with pytest.raises(UsageError, match="its checksum is wrong"):
        load_all(copy)


def test_a_copy_that_is_not_changed_loads(run, tmp_path):
    load_all(changed_copy(run[0], tmp_path / "copy", lambda about, arrays: None))


@pytest.mark.parametrize("key", ["env", "settings", "algorithm", "update", "seed", "history"])
def test_a_missing_entry_is_damage(key, run, tmp_path):
    copy = changed_copy(run[0], tmp_path / "copy", lambda about, arrays: about.pop(key))
    with pytest.raises(UsageError, match=f"damaged .*{key}"):
        load_run(copy)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda about: about["update"].update(delta=-1), "delta"),
        (lambda about: about["update"].pop("delta"), "delta"),
        (lambda about: about["settings"].pop("gamma"), "gamma"),
        (lambda about: about["settings"].update(colour=1), "colour"),
        (lambda about: about.update(seed=-1), "seed"),
        (lambda about: about.update(seed=True), "seed"),
        (lambda about: about.update(seed=10**400), "seed"),
        (lambda about: about.update(arguments=[]), "arguments"),
        (lambda about: about["history"].update(rows=2), "history_iteration"),
        (lambda about: about["history"].update(rows=10**12), "history_iteration"),
        (lambda about: about["history"]["columns"].append("more"), "history_more"),
        (lambda about: about["history"]["columns"].remove("accepted"), "accepted"),
    ],
)
def test_what_a_run_cannot_have_been_asked_is_named(change, words, run, tmp_path):
    copy = changed_copy(run[0], tmp_path / "copy", lambda about, arrays: change(about))
    with pytest.raises(UsageError, match=f"{words}"):
        load_run(copy)


def test_numpy_numbers_are_saved_like_any_other(tmp_path):
    settings = Settings(batch_size=np.int64(512), gamma=np.float32(0.5), hidden=(8,))
    update = TRPO(delta=np.float32(0.01))
    save_run(train("CartPole-v1", update, 600, np.int64(1), settings), tmp_path / "run")
    run = load_run(tmp_path / "run")
    assert (run.settings, run.update) == (settings, update)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("theta", lambda x: x[:-1]),
        ("theta", lambda x: x * np.nan),
        ("theta", lambda x: x.astype(str)),
        ("theta", lambda x: x[:, None]),
        ("theta", lambda x: x.astype(">f8")),
        ("variance", lambda x: -1 - x),
        ("count", lambda x: x * np.nan),
        ("count", lambda x: -x),
        ("mean", lambda x: np.append(x, 0.0)),
    ],
)
def test_parameters_that_do_not_fit_are_refused(name, change, run, tmp_path):
    def put(about, arrays):
        arrays[name] = change(arrays[name])

    copy = changed_copy(run[0], tmp_path / "copy", put)
    with pytest.raises(UsageError, match=f"damaged .*{name}"):
        Agent.load(copy)


def test_a_pickle_is_not_opened(run, tmp_path):
    copy = shutil.copytree(run[0], tmp_path / "copy")
    np.savez(copy / "training.npz", about=np.array([{}], dtype=object))
    with pytest.raises(UsageError, match="damaged"):
        load_all(copy)
