"""Unusual and impossible input: the same numbers as in the usual form, or one sentence."""

import inspect
import json
from dataclasses import dataclass, replace

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from problems import random_batch, random_problem
from toys import Countdown

from trpo_np import (
    MLP,
    PPO,
    TRPO,
    Agent,
    Batch,
    NaturalGradient,
    PolicyGradient,
    Settings,
    fisher_vector_product,
    generalized_advantages,
    make_policy,
    surrogate,
    train,
)
from trpo_np.__main__ import main
from trpo_np.distributions import Categorical
from trpo_np.errors import UsageError
from trpo_np.experiments.storage import load_run, save_run
from trpo_np.fast.local_problem import LocalProblem
from trpo_np.line_search import LineSearchResult
from trpo_np.mlp import Network
from trpo_np.objectives import policy_gradient
from trpo_np.training.normalizer import Normalizer
from trpo_np.training.rollout import Sampler
from trpo_np.updates import ALGORITHMS
from trpo_np.value import ValueFunction

SMALL = Settings(batch_size=128, num_envs=2, hidden=(4,))
each_update = pytest.mark.parametrize("update", ALGORITHMS.values(), ids=ALGORITHMS)


def problem(rng, kind="Discrete", N=200):
    policy, theta, obs = random_problem(kind, rng, N=N, hidden=(5,), D=3)
    return policy, theta, random_batch(policy, theta, obs, rng)


# Updates


@each_update
def test_a_batch_of_lists_is_one_of_arrays(update, rng):
    policy, theta, batch = problem(rng)
    lists = Batch(*(array.tolist() for array in vars(batch).values()))
    new, expected = (
        update()(policy, theta, b, np.random.default_rng(0))[0] for b in (lists, batch)
    )
    np.testing.assert_array_equal(new, expected)
    new, _ = update()(policy, theta.tolist(), lists, np.random.default_rng(0))
    np.testing.assert_array_equal(new, expected)


@pytest.mark.parametrize("update", [TRPO, NaturalGradient, PolicyGradient])
def test_where_nothing_is_to_be_gained_the_status_says_so(update, rng):
    policy, theta, batch = problem(rng)
    new, report = update()(policy, theta, replace(batch, advantages=0 * batch.advantages))
    assert new is theta
    assert report.status == "zero_gradient"


def test_the_gradient_is_that_of_all_states_whatever_share_f_sees(rng):
    policy, theta, batch = problem(rng)
    g = policy_gradient(policy, theta, batch)
    some = LocalProblem(policy, theta, batch, 0.1, rng)
    np.testing.assert_allclose(some.gradient(), g, rtol=1e-9)
    for update in (TRPO(fisher_fraction=0.1), NaturalGradient(fisher_fraction=0.1)):
        _, report = update(policy, theta, batch, rng)
        assert report.gradient_norm == pytest.approx(np.linalg.norm(g))


@pytest.mark.parametrize("kind", ["Discrete", "Box", "MultiDiscrete", "MultiBinary"])
def test_a_batch_may_be_of_another_policy_than_theta(kind, rng):
    """L, its gain and its gradient weigh each sample by its ratio, which is not 1 at theta."""
    policy, theta, batch = problem(rng, kind)
    there, x = (theta + 0.2 * rng.standard_normal(len(theta)) for _ in "ab")
    assert (
        np.abs(batch.log_probs - policy.log_prob(there, batch.observations, batch.actions)).max()
        > 0.1
    )
    local = LocalProblem(policy, there, batch)
    gain = surrogate(policy, x, batch) - surrogate(policy, there, batch)
    assert local.L(x) == pytest.approx(gain, rel=1e-9)
    g = policy_gradient(policy, there, batch)
    np.testing.assert_allclose(local.gradient(), g, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("backtracks", [0, 3])
def test_a_search_that_counts_its_backtracks_is_believed(backtracks, rng):
    """In float32 the count cannot be read off a step that is nearly lost in theta's rounding; and a
    step longer than the full one is none of fewer than 0 backtracks."""
    policy, theta, batch = problem(rng)

    def counting(L, KL, theta, full_step, *rest):
        return LineSearchResult(theta + 0.9 * full_step, True, backtracks, 0.0, 0.0)

    assert TRPO(search=counting)(policy, theta, batch)[1].backtracks == backtracks
    longer = TRPO(search=lambda L, KL, theta, full_step, *rest: theta + 3 * full_step)
    assert longer(policy, theta, batch)[1].backtracks == 0


@pytest.mark.parametrize("update", [TRPO, NaturalGradient])
def test_the_share_of_states_that_was_asked_for_is_used(update, rng):
    """With one of 200 states F has another direction; with all of them it is the same."""
    policy, theta, batch = problem(rng)
    whole, _ = update()(policy, theta, batch, rng)
    one, _ = update(fisher_fraction=0.005)(policy, theta, batch, rng)
    a, b = whole - theta, one - theta
    assert a @ b / np.linalg.norm(a) / np.linalg.norm(b) < 0.999


def test_a_search_may_write_all_its_candidates_into_one_array(rng):
    policy, theta, batch = problem(rng)

    def one_array(L, KL, theta, full_step, delta, K, beta):
        x = theta.copy()
        for k in range(K + 1):
            x[:] = theta + beta**k * full_step
            if KL(x) <= delta and L(x) > L(theta):
                return x
        return theta

    for delta in (0.01, 1.0, 30.0):
        expected, known = TRPO(delta=delta)(policy, theta, batch)
        new, report = TRPO(delta=delta, search=one_array)(policy, theta, batch)
        np.testing.assert_array_equal(new, expected)
        assert (report.kl, report.backtracks) == (known.kl, known.backtracks)


def test_l_and_kl_are_those_of_the_numbers_and_not_of_the_array(rng):
    policy, theta, batch = problem(rng)
    P, x = LocalProblem(policy, theta, batch), theta.copy()
    assert (P.L(x), P.KL(x)) == (0, 0)
    x += 0.3
    fresh = LocalProblem(policy, theta, batch)
    assert (P.L(x), P.KL(x)) == (fresh.L(theta + 0.3), fresh.KL(theta + 0.3))
    assert P.KL(x) > 0


def test_no_search_can_write_to_theta(rng):
    policy, theta, batch = problem(rng)
    before = theta.copy()

    def in_place(L, KL, theta, full_step, *rest):
        theta += full_step
        return theta

    with pytest.raises(ValueError, match="read-only"):
        TRPO(search=in_place)(policy, theta, batch)
    np.testing.assert_array_equal(theta, before)
    assert theta.flags.writeable


@pytest.mark.parametrize("answer", [None, np.zeros(3), "theta", [1.0]])
def test_a_part_that_gives_no_theta_is_told(answer, rng):
    policy, theta, batch = problem(rng)
    part = lambda *arguments: answer  # noqa: E731
    for update in (TRPO(solve=part), TRPO(search=part), NaturalGradient(solve=part)):
        with pytest.raises(UsageError, match=r"A part of the update gave .* is wanted"):
            update(policy, theta, batch)
    with pytest.raises(UsageError, match="solve must be a function"):
        TRPO(solve=answer)


def test_a_part_may_give_a_list(rng):
    policy, theta, batch = problem(rng)
    part = lambda matvec, b, iterations: b.tolist()  # noqa: E731
    for update in (TRPO(solve=part), NaturalGradient(solve=part)):
        assert update(policy, theta, batch)[1].accepted


def test_a_direction_that_leads_nowhere_still_has_its_gradient_reported(rng):
    policy, theta, batch = problem(rng)
    _, report = NaturalGradient(solve=lambda matvec, b, n: 0 * b)(policy, theta, batch)
    g = policy_gradient(policy, theta, batch)
    assert report.gradient_norm == pytest.approx(np.linalg.norm(g))


# The chapter's functions


def test_a_products_point_is_kept(rng):
    """Whatever happens afterwards to the arrays that it was made of."""
    policy, theta, batch = problem(rng, N=5)
    v = rng.standard_normal(len(theta))
    for route in ("gauss_newton", "double_backprop"):
        at, obs = theta.copy(), batch.observations.copy()
        F = fisher_vector_product(policy, at, obs, route)
        before = F(v)
        at += 1
        obs += 1
        np.testing.assert_array_equal(F(v), before)


def test_a_network_of_ones_own_keeps_its_point_too(rng):
    class Square(Network):
        num_parameters = 3

        def apply(self, theta, x):
            return (x * theta**2).sum(axis=1, keepdims=True)

    theta, x, v = rng.standard_normal(3), rng.standard_normal((4, 3)), rng.standard_normal(3)
    at = Square().linearize(theta, x)
    expected = (2 * x * theta * v).sum(axis=1, keepdims=True)
    x += 1
    theta += 1
    np.testing.assert_allclose(at.jvp(v), expected)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nothing_crosses_the_end_of_an_episode(bad):
    """Not even what is no number: the value behind a terminal state, or the step that resets."""
    zero, no = np.zeros((3, 1)), np.zeros((3, 1), dtype=bool)
    middle = np.array([[False], [True], [False]])
    A = generalized_advantages(zero + 1, zero, np.where(middle, bad, 0), middle, middle, 0.5, 0.5)
    np.testing.assert_allclose(A[:, 0], [1.25, 1, 1])
    later = np.array([[1.0], [1.0], [bad]])
    A = generalized_advantages(later, zero, zero, no, middle, 0.5, 0.5)
    np.testing.assert_allclose(A[:2, 0], [1.25, 1])


@pytest.mark.parametrize("sizes", [(), (3,), (3, 0, 2), (3, -1, 2), (3, 2.5, 2), ("3", "2")])
def test_networks_that_cannot_be_are_refused(sizes):
    with pytest.raises(UsageError, match="is not possible"):
        MLP(sizes)


@pytest.mark.parametrize("hidden", [64, "64", None, (0,), (4.5,), (-3,)])
def test_widths_that_cannot_be_are_refused(hidden):
    with pytest.raises(UsageError, match="is not possible"):
        make_policy(spaces.Box(-1, 1, (3,)), spaces.Discrete(2), hidden=hidden)


@pytest.mark.parametrize("change", [-1, 1])
def test_parameters_too_few_or_too_many_are_refused(change):
    net = MLP((3, 4, 2))
    theta = np.zeros(net.num_parameters + change)
    with pytest.raises(UsageError, match=r"\(26,\) is wanted"):
        net.apply(theta, np.zeros((1, 3)))
    with pytest.raises(UsageError, match=r"\(26,\) is wanted"):
        net.jvp(np.zeros(26), np.zeros((1, 3)), theta)


@pytest.mark.parametrize("kind", ["Discrete", "Box", "MultiDiscrete", "MultiBinary"])
def test_actions_are_one_for_each_observation_and_of_the_space(kind, rng):
    policy, theta, batch = problem(rng, kind)
    obs, actions = batch.observations, batch.actions
    for few in (actions[:1], actions[:-1]):
        with pytest.raises(UsageError, match="200 observations and"):
            policy.log_prob(theta, obs, few)
    with pytest.raises(UsageError, match="one for each state"):
        policy.log_prob(theta, obs, np.zeros((200, 9)))
    listed = policy.log_prob(theta, obs, actions.tolist())
    np.testing.assert_array_equal(listed, batch.log_probs)


def test_coins_have_two_sides(rng):
    policy, theta, batch = problem(rng, "MultiBinary")
    with pytest.raises(ValueError, match="0 or 1"):
        surrogate(policy, theta, replace(batch, actions=batch.actions + 5))


def test_a_fit_takes_lists_and_errors_too_large_for_a_number(rng):
    value, obs = ValueFunction(MLP((2, 4, 1))), rng.standard_normal((10, 2))
    w, targets = value.init(rng), rng.standard_normal(10)
    np.testing.assert_array_equal(
        value.fit(w, obs, targets.tolist())[0], value.fit(w, obs, targets)[0]
    )
    same, report = value.fit(w, obs, 1e200 * targets)
    assert same is w
    assert report.status == "non_finite"
    with pytest.raises(UsageError, match="iterations = 0"):
        value.fit(w, obs, targets, iterations=0)


# Training


def test_the_policy_sees_observations_through_one_normalizer(rng):
    """Not only the one that the loop hands on: every row of a rollout is scaled by the same."""
    envs = gymnasium.make_vec("CartPole-v1", num_envs=3)
    policy = make_policy(envs.single_observation_space, envs.single_action_space, (4,))
    normalizer = Normalizer.fresh(envs.single_observation_space)
    normalizer = normalizer.updated(rng.standard_normal((20, 4)))
    rollout = Sampler(envs, 0).collect(policy, policy.init(rng), normalizer, rng, 30)
    for seen, raw in zip(rollout.observations, rollout.raw_observations, strict=True):
        np.testing.assert_array_equal(seen, normalizer.scaled(raw))


def test_the_normalizer_has_seen_the_states_that_were_acted_in_and_no_others(monkeypatch):
    rollouts = []
    collect = Sampler.collect
    monkeypatch.setattr(
        Sampler, "collect", lambda *args: rollouts.append(collect(*args)) or rollouts[-1]
    )
    result = train("CartPole-v1", total_steps=600, settings=SMALL)
    rows = np.concatenate([r.raw_observations[:-1][r.valid] for r in rollouts])
    np.testing.assert_allclose(result.normalizer.mean, rows.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(result.normalizer.variance, rows.var(axis=0), rtol=1e-9)


def test_the_settings_of_the_value_function_are_those_of_its_fit(monkeypatch):
    """Each by its name, and the share of states too."""
    asked, fit = [], ValueFunction.fit

    def spy(self, *arguments, **named):
        asked.append(inspect.signature(fit).bind(self, *arguments, **named).arguments)
        return fit(self, *arguments, **named)

    monkeypatch.setattr(ValueFunction, "fit", spy)
    settings = {"iterations": 3, "cg_iterations": 7, "damping": 0.3, "fraction": 0.5}
    of_training = {f"value_{name}": x for name, x in settings.items()}
    train("CartPole-v1", total_steps=300, settings=replace(SMALL, **of_training))
    assert {name: asked[0][name] for name in settings} == settings


@dataclass
class Report:
    """A report without a status."""

    x: float = 1.0


@dataclass
class Own:
    """A report whose columns are NumPy's numbers, and which says itself whether theta moved."""

    n: np.int64
    f: np.float32
    yes: np.bool_
    accepted: bool = False
    text: str = 'a,b\n"c"'


@dataclass
class Clash:
    """A report that calls a column of its own by a name that is taken."""

    steps: int = 7


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda theta: theta, "returned ndarray: the new theta and a report"),
        (lambda theta: None, "returned NoneType"),
        (lambda theta: (theta[:-1], Report()), r"gave float64 of the shape \(29,\)"),
        (lambda theta: (None, Report()), "gave nothing"),
        (lambda theta: (theta, Clash()), "has the column steps, which every row"),
    ],
)
def test_what_an_update_may_not_return_is_named(answer, words):
    with pytest.raises(UsageError, match=words):
        train("CartPole-v1", lambda policy, theta, *rest: answer(theta), 300, 0, SMALL)


def test_a_reports_numbers_may_be_numpys_and_its_text_may_have_lines(tmp_path):
    own = Own(np.int64(3), np.float32(0.5), np.True_)
    result = train("CartPole-v1", lambda policy, theta, *rest: (theta, own), 300, 0, SMALL)
    save_run(result, tmp_path / "run")
    for row in (result.history[0], load_run(tmp_path / "run").history[0]):
        assert (row.n, row.f, row.yes, row.accepted, row.text) == (3, 0.5, True, False, own.text)


@pytest.mark.parametrize("total_steps", [float("nan"), "300", [300]])
def test_steps_that_are_no_number_are_refused(total_steps):
    with pytest.raises(UsageError, match="at least one batch"):
        train("CartPole-v1", total_steps=total_steps, settings=SMALL)


@pytest.mark.parametrize("settings", [TRPO(), {"gamma": 0.9}])
def test_settings_of_another_kind_are_refused(settings):
    with pytest.raises(UsageError, match="give a Settings"):
        train("CartPole-v1", total_steps=300, settings=settings)


def test_one_environment_handed_out_twice_is_refused():
    env = Countdown()
    with pytest.raises(UsageError, match="returned the same environment twice"):
        train(lambda: env, total_steps=300, settings=SMALL)


def test_an_environment_that_its_arguments_break_is_named():
    how = {"total_steps": 300, "settings": SMALL}
    with pytest.raises(UsageError, match=r"FrozenLake-v1 cannot be made with the arguments .*9x9"):
        train("FrozenLake-v1", **how, env_arguments={"map_name": "9x9"})
    with pytest.raises(KeyError):  # an error of one's own function is shown as it is
        train(lambda: {}["x"], **how)


# Agents


@pytest.fixture(scope="module")
def agent():
    return train("CartPole-v1", total_steps=300, settings=SMALL).agent


@pytest.mark.parametrize("observations", [np.zeros(4), np.zeros((2, 5)), np.zeros((1, 2, 4)), 0.0])
def test_observations_of_another_shape_are_refused(observations, agent):
    with pytest.raises(UsageError, match=r"\(N, 4\) is wanted"):
        agent.act(observations)


def test_no_observations_no_actions(agent):
    assert agent.act(np.zeros((0, 4))).shape == (0,)
    assert agent.act(np.zeros((2, 4)).tolist()).shape == (2,)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"episodes": 2.5}, "episodes = 2.5"),
        ({"episodes": "3"}, "episodes = '3'"),
        ({"seed": 1.5}, "seed = 1.5"),
        ({"seed": None}, "seed = None"),
    ],
)
def test_evaluation_asks_for_integers(how, words, agent):
    with pytest.raises(UsageError, match=words):
        agent.evaluate(**how)


def test_numpys_integers_are_integers(agent):
    np.testing.assert_array_equal(agent.evaluate(np.int64(2), np.int64(5)), agent.evaluate(2, 5))


def test_an_agent_is_not_called_damaged_where_the_environment_does_not_fit(agent, tmp_path):
    agent.save(tmp_path / "me.npz")
    with pytest.raises(
        UsageError, match=r"does not fit Pendulum-v1: it has parameters of the shape \(30,\)"
    ):
        Agent.load(tmp_path / "me.npz", env="Pendulum-v1")


class Contrary(Categorical):
    """A distribution of one's own that takes as many parameters as another."""

    def mode(self, eta):
        return np.argmin(eta, axis=1)


def test_a_policy_of_ones_own_is_not_taken_for_another(tmp_path):
    def mine(observations, actions, hidden):
        return make_policy(observations, actions, hidden, distribution=Contrary(2))

    agent = train("CartPole-v1", total_steps=300, settings=SMALL, make_policy=mine).agent
    agent.save(tmp_path / "me.npz")
    with pytest.raises(UsageError, match=r"MLP and Contrary, .* Categorical: give the function"):
        Agent.load(tmp_path / "me.npz")
    again = Agent.load(tmp_path / "me.npz", make_policy=mine)
    obs = np.ones((3, 4))
    np.testing.assert_array_equal(again.act(obs), agent.act(obs))


# The command line

QUICK = ["--batch-size", "128", "--num-envs", "2", "--hidden", "4", "--total-steps", "200"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "CartPole-v1", "--alg", "ppo"], "no option --alg"),
        (["train", "CartPole-v1", "--total", "200"], "no option --total"),
        (["train", "CartPole-v1", "--algorithm", "pp"], "python -m trpo_np train --help"),
        (["evaluate", "run", "--delta", "1"], "evaluate has no option --delta"),
        (["plot", "run", "--delta=1"], "plot has no option --delta"),
        ([], "the following arguments are required: train | evaluate | plot"),
    ],
)
def test_options_are_written_out_and_belong_to_their_command(arguments, words, capsys):
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert words in error
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize("order", [["CartPole-v1", *QUICK], [*QUICK, "CartPole-v1"]])
@pytest.mark.parametrize("where", [0, 1])
def test_options_may_stand_before_and_after_the_environment(order, where, tmp_path, capsys):
    chosen = ["--algorithm", "ppo", "--clip", "0.3", "--out", str(tmp_path / "run")]
    rest = [*chosen, *order] if where == 0 else [*order, *chosen]
    assert main(["train", *rest]) == 0
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert (config["algorithm"], config["update"]["clip"]) == ("ppo", 0.3)


@pytest.mark.parametrize(("word", "value"), [("false", False), ("False", False), ("true", True)])
def test_true_and_false_are_no_words(word, value, tmp_path, capsys):
    """The word "false" would be true."""
    how = ["--env-arg", f"is_slippery={word}", "--out", str(tmp_path / "run")]
    assert main(["train", "FrozenLake-v1", *QUICK, *how]) == 0
    assert load_run(tmp_path / "run").env_arguments == {"is_slippery": value}


def test_ppo_without_a_state_begins_anew(rng):
    policy, theta, batch = problem(rng)
    first, again = (
        PPO(epochs=1)(policy, theta, batch, np.random.default_rng(0), state=None) for _ in "ab"
    )
    np.testing.assert_array_equal(first[0], again[0])
