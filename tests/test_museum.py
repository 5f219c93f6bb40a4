"""The museum of bugs, notebook 11: the tests that its table names are there, and two of them."""

import re
from importlib import import_module
from pathlib import Path

import gymnasium
import numpy as np
import pytest

from trpo_np import MLP, Settings, backtracking_line_search, make_policy
from trpo_np.classroom import museum, notebook_11
from trpo_np.classroom.checks import Check
from trpo_np.classroom.museum.testing import TURNED_ROUND, CheckOfATest
from trpo_np.training.estimates import make_batch
from trpo_np.training.normalizer import Normalizer
from trpo_np.training.rollout import Rollout, Sampler
from trpo_np.value import ValueFunction

TESTS = Path(__file__).parent
SOURCE = TESTS.parent / "notebooks" / "src" / "11_museum_of_bugs.py"
ROWS = re.findall(r"^# \| (\d+) \|.*\| `(.+?)::(.+?)` \|$", SOURCE.read_text("utf-8"), re.MULTILINE)


def test_every_exhibit_has_its_row():
    exhibits = re.findall(r"^# ### Exhibit (\d+)\.", SOURCE.read_text("utf-8"), re.MULTILINE)
    assert [number for number, *_ in ROWS] == exhibits == [str(k + 1) for k in range(18)]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_the_tests_of_the_table_exist(row):
    _, file, test = row
    assert re.search(rf"^def {test}\(", (TESTS / file).read_text("utf-8"), re.MULTILINE)


CHECKS = [check for check in vars(notebook_11).values() if isinstance(check, CheckOfATest)]


def test_every_check_of_a_room_is_in_the_notebooks_module():
    for path in Path(museum.__file__).parent.glob("*.py"):
        room = import_module(f"{museum.__name__}.{path.stem}")
        for name, value in vars(room).items():
            if isinstance(value, Check):
                assert getattr(notebook_11, name) is value


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_verdict_that_is_turned_round_is_named(check):
    assert check.verdict(lambda program: 1 - check.reference(program)).startswith(TURNED_ROUND)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_each_program_is_told_its_number_and_what_it_should_be(check):
    text = check.verdict(lambda program: 2.5)
    assert text.startswith("your test never calls `program`")
    rows = text.splitlines()[2:]
    assert len(rows) == len(check.cases())
    for row, (program,) in zip(rows, check.cases(), strict=True):
        should = "not 0" if check.reference(program) else "0"
        assert re.fullmatch(rf"  [ ✗] 2\.5 +{should} +.+", row)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
@pytest.mark.parametrize("many", [np.zeros(3), [0.0, 0.0], np.zeros(1)], ids=["3", "list", "1"])
def test_one_number_is_insisted_on(check, many):
    assert "one number is wanted" in check.verdict(lambda program: many)


@pytest.mark.parametrize("threshold", [1e-4, 1e-10, 1e-20, 1e-50])
def test_thresholds_of_any_size_are_found(threshold):
    """In an exercise that asks for a guard against 0, and where b may be small."""

    def student(matvec, b, iterations):
        x, r, p = np.zeros_like(b), b, b
        for _ in range(iterations):
            if r @ r < threshold:
                break
            Ap = matvec(p)
            alpha = (r @ r) / (p @ Ap)
            x, r_next = x + alpha * p, r - alpha * Ap
            p = r_next + (r_next @ r_next) / (r @ r) * p
            r = r_next
        return x

    assert "for a small b" in notebook_11.check_safe_cg.verdict(student)


def test_a_search_that_succeeds_takes_one_step():
    """A full step of 0.1 of the way to the rim moves 0.1; steps that add up would move 0.2."""
    x = np.zeros(1)
    result = backtracking_line_search(lambda x: x[0], lambda x: x[0] ** 2, x, x + 0.1, delta=1.0)
    assert (result.x[0], result.improvement, result.backtracks) == (0.1, 0.1, 0)


def test_log_probs_are_those_of_the_observations_in_the_batch(rng):
    """With a normalizer that runs, and has seen something before: (11.7)."""
    envs = gymnasium.make_vec("CartPole-v1", num_envs=3)
    policy = make_policy(envs.single_observation_space, envs.single_action_space, (4,))
    theta = policy.init(rng) + 0.5 * rng.standard_normal(policy.num_parameters)
    normalizer = Normalizer.fresh(envs.single_observation_space)
    normalizer = normalizer.updated(1 + 2 * rng.standard_normal((10, 4)))
    rollout = Sampler(envs, seed=0).collect(policy, theta, normalizer, rng, 40)
    seen = rollout.observations[:-1].reshape(120, 4)
    again = policy.log_prob(theta, seen, rollout.actions.reshape(120))
    np.testing.assert_allclose(rollout.log_probs.ravel(), again, rtol=1e-12, atol=1e-14)


def test_advantages_of_a_batch_have_mean_0_and_standard_deviation_1(rng):
    """Not variance-divided ones, which TRPO's step could not tell from them: (11.8)."""
    T, E, D = 40, 3, 2
    no = np.zeros((T, E), dtype=bool)
    raw = rng.standard_normal((T + 1, E, D))
    rewards = 7 + 50 * rng.standard_normal((T, E))
    actions = np.zeros((T, E), dtype=int)
    still = np.zeros((T, E))
    rollout = Rollout(raw, raw, actions, still, still, rewards, no, no, ~no)
    value = ValueFunction(MLP((D, 4, 1)))
    batch, *_ = make_batch(rollout, value, value.init(rng), Settings())
    assert batch.advantages.mean() == pytest.approx(0, abs=1e-12)
    assert batch.advantages.std() == pytest.approx(1)
