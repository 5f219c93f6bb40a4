from importlib import import_module

import numpy as np
import pytest

from trpo_np import TRPOConfig, mean_kl, surrogate, train, trpo_step
from trpo_np.errors import UsageError
from trpo_np.runs import load_run, save_run

loop = import_module("trpo_np.train")  # the module; trpo_np.train is its function


@pytest.fixture
def watched_steps(monkeypatch):
    """Lets every TRPO step of a run be checked from outside, and lists the reports."""
    reports = []

    def watched(policy, theta, batch, config):
        before = theta.copy()
        again = policy.log_prob(theta, batch.observations, batch.actions)
        np.testing.assert_allclose(batch.log_probs, again, rtol=1e-9, atol=1e-12)
        new, report = trpo_step(policy, theta, batch, config)
        np.testing.assert_array_equal(theta, before)
        if report.accepted:
            assert mean_kl(policy, theta, new, batch.observations) <= config.delta
            assert surrogate(policy, new, batch) > surrogate(policy, theta, batch)
        else:
            np.testing.assert_array_equal(new, before)
        reports.append(report)
        return new, report

    monkeypatch.setattr(loop, "trpo_step", watched)
    return reports


@pytest.mark.parametrize(("env_id", "steps"), [("CartPole-v1", 40_000), ("Pendulum-v1", 40_000)])
def test_every_step_of_a_run_keeps_its_promises(env_id, steps, watched_steps):
    """No backtracking is allowed, so that many steps are rejected as well."""
    config = TRPOConfig(batch_size=1024, line_search_steps=0)
    result = train(env_id, steps, config=config)
    accepted = [report.accepted for report in watched_steps]
    assert any(accepted)
    assert not all(accepted)
    assert [row.accepted for row in result.history] == accepted
    assert {row.kl for row in result.history if not row.accepted} == {0.0}


def test_cartpole_is_learned(watched_steps):
    result = train("CartPole-v1", 100_000, until_solved=True)
    assert result.solved
    assert sum(report.accepted for report in watched_steps) > 0.9 * len(watched_steps)


@pytest.mark.parametrize("env_id", ["CartPole-v1", "Pendulum-v1"])
def test_float32_keeps_its_promises_too(env_id, tmp_path):
    result = train(env_id, 10_000, config=TRPOConfig(precision="float32"))
    assert (result.theta.dtype, result.w.dtype) == (np.float32, np.float32)
    assert all(row.kl <= 0.01 for row in result.history)
    assert any(row.accepted for row in result.history)
    save_run(result, tmp_path / "run")
    loaded = load_run(tmp_path / "run")
    np.testing.assert_array_equal(loaded.theta, result.theta)
    assert loaded.normalizer(np.zeros((1, len(result.normalizer.mean)))).dtype == np.float32


def test_a_failed_step_does_not_end_the_run():
    """Training goes on, theta stays, and the log says so."""
    result = train("CartPole-v1", 2000, config=TRPOConfig(batch_size=512, delta=1e-300))
    assert {row.status for row in result.history} == {"no_acceptable_step"}
    assert len(result.history) >= 3
    untouched = result.policy.init(np.random.default_rng(0))
    np.testing.assert_array_equal(result.theta, untouched)


@pytest.mark.parametrize("env_id", ["CartPole-v1", "Pendulum-v1"])
def test_the_same_seed_gives_identical_files(env_id, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        save_run(train(env_id, 6000, seed), tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files == ["agent.npz", "config.json", "learning_curve.png", "progress.csv"]
    for file in files:
        a, b, c = ((tmp_path / name / file).read_bytes() for name in "abc")
        assert a == b, file
        assert a != c, file


def test_steps_that_only_reset_do_not_empty_a_batch():
    """All of Pendulum's episodes end together; the step after that is no step."""
    config = TRPOConfig(batch_size=32, hidden=(4,))
    assert train("Pendulum-v1", 4000, config=config).history[-1].episodes >= 16


def test_the_callback_sees_every_iteration():
    seen = []
    result = train("CartPole-v1", 6000, on_iteration=lambda r: seen.append(r.history[-1]))
    assert seen == result.history


def test_the_normalizer_moves_between_batches_only(monkeypatch):
    """Within an iteration one normalizer serves the sampler; the next one has seen more."""
    used = []
    collect = loop.Sampler.collect

    def spy(self, policy, theta, normalizer, rng, steps):
        used.append(normalizer)
        return collect(self, policy, theta, normalizer, rng, steps)

    monkeypatch.setattr(loop.Sampler, "collect", spy)
    result = train("CartPole-v1", 6000)
    counts = [normalizer.count for normalizer in [*used, result.normalizer]]
    assert counts == [0, *(row.steps for row in result.history)]


@pytest.mark.parametrize("env_id", ["FrozenLake-v1", "MountainCarContinuous-v0"])
def test_other_environments_run(env_id):
    result = train(env_id, 4096, config=TRPOConfig(batch_size=1024))
    assert len(result.history) >= 3
    assert np.isfinite(result.theta).all()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"delta": 0.0}, "delta = 0.0 .* above 0"),
        ({"delta": float("nan")}, "delta = nan .* above 0"),
        ({"cg_iterations": 0}, "cg_iterations = 0 .* at least 1"),
        ({"cg_iterations": 2.5}, "cg_iterations = 2.5 .* integer"),
        ({"cg_damping": -1}, "cg_damping = -1 .* at least 0"),
        ({"backtrack_ratio": 1.0}, "backtrack_ratio = 1.0 .* between 0 and 1"),
        ({"gamma": 1.5}, "gamma = 1.5 .* from 0 to 1"),
        ({"lam": "high"}, "lam = 'high' .* from 0 to 1"),
        ({"hidden": (64, 0)}, r"hidden = \(64, 0\) .* at least 1"),
        ({"batch_size": 31}, "batch_size = 31 .* at least 2 num_envs = 32"),
        ({"normalize_advantages": 2}, "normalize_advantages = 2 .* true or false"),
    ],
)
def test_impossible_settings_are_named_with_their_range(settings, words):
    with pytest.raises(UsageError, match=words):
        TRPOConfig(**settings)


def test_defaults_are_the_chapters_table():
    c = TRPOConfig()
    table = (c.delta, c.cg_iterations, c.cg_damping, c.line_search_steps, c.backtrack_ratio)
    assert table == (0.01, 10, 0.1, 10, 0.5)


def test_too_few_steps_for_one_batch():
    with pytest.raises(UsageError, match=r"total_steps = 100 .* 2048"):
        train("CartPole-v1", 100)
