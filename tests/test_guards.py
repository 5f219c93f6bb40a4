"""What would go wrong in silence, or in a way that names nothing, if nobody looked."""

from dataclasses import dataclass

import numpy as np
import pytest
from gymnasium import spaces
from problems import random_batch, random_problem
from toys import Countdown

from trpo_np import TRPO, Agent, Settings, mean_kl, train
from trpo_np.__main__ import main
from trpo_np.errors import UsageError

SMALL = Settings(batch_size=256, num_envs=4, hidden=(8,))


def test_a_search_may_write_to_its_candidate(rng):
    """L and KL are those of what stands in the array now, not of what stood there before."""

    def in_place(L, KL, theta, full_step, delta, backtracks, beta):
        new, L_old = theta.copy(), L(theta)
        for k in range(backtracks + 1):
            new[:] = theta + beta**k * full_step
            if KL(new) <= delta and L(new) > L_old:
                return new
        return theta

    shortened = 0
    for _ in range(20):
        policy, theta, obs = random_problem("Discrete", rng, N=60, hidden=(8,), D=3)
        batch = random_batch(policy, theta, obs, rng)
        new, report = TRPO(delta=0.05, search=in_place)(policy, theta, batch)
        expected, same = TRPO(delta=0.05)(policy, theta, batch)
        np.testing.assert_array_equal(new, expected)
        assert report.kl == pytest.approx(mean_kl(policy, theta, new, obs))
        shortened += same.backtracks > 0
    assert shortened > 3


def test_an_agent_is_not_loaded_with_another_distribution(tmp_path):
    """Two coins have as many parameters as two actions have logits: shapes do not tell."""
    two_coins = lambda: Countdown(action_space=spaces.MultiBinary(2))  # noqa: E731
    result = train(two_coins, total_steps=600, settings=SMALL)
    result.agent.save(tmp_path / "agent.npz")
    assert Agent.load(tmp_path / "agent.npz", env=two_coins).policy == result.policy
    with pytest.raises(UsageError, match="has the distribution Bernoulli"):
        Agent.load(tmp_path / "agent.npz", env=Countdown)


@dataclass
class Accepted:
    """A report with a column that the run derives where there is none."""

    accepted: bool = False


@dataclass
class Steps:
    """A report with a column that is the run's own."""

    steps: int = 3


def test_a_report_may_say_whether_it_was_accepted_and_may_not_count_steps():
    result = train("CartPole-v1", lambda p, t, b, r: (t, Accepted()), 600, settings=SMALL)
    assert [row.accepted for row in result.history] == [False, False]
    with pytest.raises(UsageError, match=r"\['steps'\] .* are the run's own"):
        train("CartPole-v1", lambda p, t, b, r: (t, Steps()), 600, settings=SMALL)


@pytest.mark.parametrize("option", ["--algo", "--alg"])
def test_an_algorithm_is_not_named_by_half_an_option(option, capsys):
    assert main(["train", "CartPole-v1", option, "ppo"]) == 2
    assert f"There is no option {option}" in capsys.readouterr().err


def test_settings_are_told_without_addresses_in_memory():
    assert " at 0x" not in repr(TRPO())
    assert "delta=0.01" in repr(TRPO())
