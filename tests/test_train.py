"""The training loop: what each step promises, whatever algorithm, environment and seed."""

from dataclasses import dataclass, replace

import autograd.numpy as anp
import gymnasium
import numpy as np
import pytest
from autograd import grad
from toys import Countdown

from trpo_np import PPO, TRPO, Agent, Settings, mean_kl, surrogate, train, trpo_step, updates
from trpo_np.errors import UsageError
from trpo_np.experiments.storage import load_run, save_run
from trpo_np.training.notes import Note
from trpo_np.training.rollout import Sampler

#: Every update of the package, with its defaults but where a run would be slow.
ALGORITHMS = {name: kind() for name, kind in updates.ALGORITHMS.items()} | {"ppo": PPO(epochs=2)}


class Watched:
    """TRPO, every step of which is checked from outside, with the reports it gave."""

    def __init__(self, settings):
        self.settings, self.reports = settings, []

    def __call__(self, policy, theta, batch, rng):
        before = theta.copy()
        again = policy.log_prob(theta, batch.observations, batch.actions)
        np.testing.assert_allclose(batch.log_probs, again, rtol=1e-9, atol=1e-12)
        new, report = trpo_step(policy, theta, batch, self.settings)
        np.testing.assert_array_equal(theta, before)
        if report.accepted:
            assert mean_kl(policy, theta, new, batch.observations) <= self.settings.delta
            assert surrogate(policy, new, batch) > surrogate(policy, theta, batch)
        else:
            np.testing.assert_array_equal(new, before)
        self.reports.append(report)
        return new, report


@pytest.mark.parametrize(("env_id", "steps"), [("CartPole-v1", 40_000), ("Pendulum-v1", 40_000)])
def test_every_step_of_a_run_keeps_its_promises(env_id, steps):
    """No backtracking is allowed, so that many steps are rejected as well."""
    watched = Watched(TRPO(line_search_steps=0))
    result = train(env_id, watched, steps, settings=Settings(batch_size=1024))
    accepted = [report.accepted for report in watched.reports]
    assert any(accepted)
    assert not all(accepted)
    assert [row.accepted for row in result.history] == accepted
    assert {row.kl for row in result.history if not row.accepted} == {0.0}


def test_cartpole_is_learned():
    watched = Watched(TRPO())
    result = train("CartPole-v1", watched, 100_000, until_solved=True)
    assert result.solved
    assert sum(report.accepted for report in watched.reports) > 0.9 * len(watched.reports)


@pytest.mark.parametrize("env_id", ["CartPole-v1", "Pendulum-v1"])
def test_float32_keeps_its_promises_too(env_id, tmp_path):
    result = train(env_id, total_steps=10_000, settings=Settings(precision="float32"))
    assert (result.theta.dtype, result.w.dtype) == (np.float32, np.float32)
    assert all(row.kl <= 0.01 for row in result.history)
    assert any(row.accepted for row in result.history)
    save_run(result, tmp_path / "run")
    loaded = Agent.load(tmp_path / "run")
    np.testing.assert_array_equal(loaded.theta, result.theta)
    assert loaded.normalizer(np.zeros((1, len(result.normalizer.mean)))).dtype == np.float32


def test_a_failed_step_does_not_end_the_run():
    """Training goes on, theta stays, and the log says so."""
    with pytest.warns(Note, match="Rounding alone may move the policy"):
        result = train("CartPole-v1", TRPO(delta=1e-300), 2000, settings=Settings(batch_size=512))
    assert {row.status for row in result.history} == {"below_rounding"}
    assert len(result.history) >= 3
    untouched = result.policy.init(np.random.default_rng(0))
    np.testing.assert_array_equal(result.theta, untouched)


@pytest.mark.parametrize("env_id", ["CartPole-v1", "Pendulum-v1"])
@pytest.mark.parametrize("update", ALGORITHMS.values(), ids=ALGORITHMS)
def test_the_same_seed_gives_identical_files(update, env_id, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        save_run(train(env_id, update, 6000, seed), tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files == ["config.json", "learning_curve.png", "progress.csv", "training.npz"]
    for file in files:
        a, b, c = ((tmp_path / name / file).read_bytes() for name in "abc")
        assert a == b, file
        assert a != c, file


def test_steps_that_only_reset_do_not_empty_a_batch():
    """All of Pendulum's episodes end together; the step after that is no step."""
    settings = Settings(batch_size=32, hidden=(4,))
    assert train("Pendulum-v1", total_steps=4000, settings=settings).history[-1].episodes >= 16


def test_the_callback_sees_every_iteration():
    seen = []
    result = train(
        "CartPole-v1", total_steps=6000, on_iteration=lambda r: seen.append(r.history[-1])
    )
    assert seen == result.history


def test_the_normalizer_moves_between_batches_only(monkeypatch):
    """Within an iteration one normalizer serves the sampler; the next one has seen more."""
    used = []
    collect = Sampler.collect

    def spy(self, policy, theta, normalizer, rng, *how):
        used.append(normalizer)
        return collect(self, policy, theta, normalizer, rng, *how)

    monkeypatch.setattr(Sampler, "collect", spy)
    result = train("CartPole-v1", total_steps=6000)
    counts = [normalizer.count for normalizer in [*used, result.normalizer]]
    assert counts == [0, *(row.steps for row in result.history)]


@pytest.mark.parametrize("env_id", ["FrozenLake-v1", "MountainCarContinuous-v0"])
def test_other_environments_run(env_id):
    result = train(env_id, total_steps=4096, settings=Settings(batch_size=1024))
    assert len(result.history) >= 3
    assert np.isfinite(result.theta).all()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"delta": 0.0}, "delta = 0.0 .* above 0"),
        ({"delta": float("nan")}, "delta = nan .* above 0"),
        ({"delta": True}, "delta = True .* above 0"),
        ({"cg_iterations": 0}, "cg_iterations = 0 .* at least 1"),
        ({"cg_iterations": 2.5}, "cg_iterations = 2.5 .* integer"),
        ({"cg_damping": -1}, "cg_damping = -1 .* at least 0"),
        ({"backtrack_ratio": 1.0}, "backtrack_ratio = 1.0 .* between 0 and 1"),
        ({"fisher_fraction": 0}, "fisher_fraction = 0 .* above 0 and at most 1"),
        ({"gamma": 1.5}, "gamma = 1.5 .* from 0 to 1"),
        ({"lam": "high"}, "lam = 'high' .* from 0 to 1"),
        ({"hidden": (64, 0)}, r"hidden = \(64, 0\) .* at least 1"),
        ({"hidden": ""}, "hidden = '' .* at least 1"),
        ({"batch_size": 31}, "batch_size = 31 .* at least 2 num_envs = 32"),
        ({"normalize_advantages": 2}, "normalize_advantages = 2 .* true or false"),
    ],
)
def test_impossible_settings_are_named_with_their_range(settings, words):
    kind = TRPO if next(iter(settings)) in vars(TRPO()) else Settings
    with pytest.raises(UsageError, match=words):
        kind(**settings)


def test_defaults_are_the_chapters_table():
    c = TRPO()
    table = (c.delta, c.cg_iterations, c.cg_damping, c.line_search_steps, c.backtrack_ratio)
    assert table == (0.01, 10, 0.1, 10, 0.5)


def test_settings_can_be_compared_and_hashed_whatever_they_were_made_of():
    assert Settings(hidden=[8, 8]) == Settings(hidden=(8, 8))
    assert hash(Settings(hidden=[8])) == hash(Settings(hidden=(8,)))
    assert replace(TRPO(), delta=np.float64(0.02)) == TRPO(delta=0.02)


def test_too_few_steps_for_one_batch():
    with pytest.raises(UsageError, match=r"total_steps = 100 .* 2048"):
        train("CartPole-v1", total_steps=100)


SMALL = Settings(batch_size=256, num_envs=4, hidden=(8,))


def test_a_function_that_makes_an_environment_is_as_good_as_its_id():
    made = train(lambda: gymnasium.make("Acrobot-v1"), total_steps=600, settings=SMALL)
    named = train("Acrobot-v1", total_steps=600, settings=SMALL)
    np.testing.assert_array_equal(made.theta, named.theta)
    assert made.env.id is None


def test_arguments_reach_the_environment_and_stay_with_the_agent(tmp_path):
    how = {"total_steps": 600, "settings": SMALL, "env_arguments": {"is_slippery": False}}
    result = train("FrozenLake-v1", **how)
    envs = result.env.many(1)
    assert envs.envs[0].unwrapped.spec.kwargs["is_slippery"] is False
    save_run(result, tmp_path / "run")
    assert load_run(tmp_path / "run").env_arguments == {"is_slippery": False}
    assert Agent.load(tmp_path / "run").env == result.env


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"env": Countdown()}, "is no environment to train in: give the id of one"),
        ({"env": lambda: 7}, "returned int and no gymnasium environment"),
        ({"env": Countdown, "env_arguments": {"colour": 1}}, "does not take these arguments"),
        ({"env": "CartPole-v1", "env_arguments": {"colour": 1}}, "does not take these arguments"),
        ({"env": "CartPole-v1", "update": TRPO}, "give an object of it, as TRPO"),
        ({"env": "CartPole-v1", "update": 3}, "give an object of it, as TRPO"),
        ({"env": "CartPole-v1", "update": lambda p, t, b, r: (t, 1.0)}, "must be a dataclass"),
        ({"env": "CartPole-v1", "seed": True}, "seed = True is not possible"),
    ],
)
def test_input_that_cannot_work_gets_one_sentence(arguments, words):
    with pytest.raises(UsageError, match=words):
        train(**arguments, total_steps=600, settings=SMALL)


@dataclass(frozen=True)
class Count:
    """What the fifth algorithm reports: a column of its own, and a state for the next call."""

    calls: int
    state: int


@dataclass(frozen=True)
class FifthAlgorithm:
    """Ascent along the sign of the gradient of E[log π A], from outside the package."""

    step_length: float = 0.01

    def __call__(self, policy, theta, batch, rng, state=0):
        log_prob = lambda x: policy.log_prob(x, batch.observations, batch.actions)  # noqa: E731
        score = grad(lambda x: anp.mean(log_prob(x) * batch.advantages))(theta)
        return theta + self.step_length * np.sign(score), Count(state + 1, state + 1)


def test_a_fifth_algorithm_trains_through_the_same_call(tmp_path):
    """Its settings are saved, its columns stand in the table, its state is handed on."""
    result = train("CartPole-v1", FifthAlgorithm(0.003), 20_000)
    assert [row.calls for row in result.history] == list(range(1, len(result.history) + 1))
    assert result.history[-1].mean_return > 2 * result.history[0].mean_return
    save_run(result, tmp_path / "run")
    run = load_run(tmp_path / "run")
    assert (run.algorithm, run.update) == ("FifthAlgorithm", None)
    assert [row.calls for row in run.history] == [row.calls for row in result.history]
    np.testing.assert_array_equal(Agent.load(tmp_path / "run").theta, result.theta)
