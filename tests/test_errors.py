"""What cannot work gets one sentence that names it; lists do as well as arrays."""

import numpy as np
import pytest
from gymnasium import spaces
from sentences import is_a_sentence

from trpo_np import (
    MLP,
    PPO,
    TRPO,
    Agent,
    Batch,
    NaturalGradient,
    PolicyGradient,
    conjugate_gradient,
    evaluate,
    explicit_fisher,
    fisher_vector_product,
    make_policy,
    mean_kl,
    surrogate,
    train,
    trpo_step,
)
from trpo_np.errors import UsageError
from trpo_np.training.environments import source
from trpo_np.training.normalizer import Normalizer
from trpo_np.value import ValueFunction

BOX = spaces.Box(-1, 1, (3,), np.float64)
RNG = np.random.default_rng(0)
POLICY = make_policy(BOX, spaces.Discrete(2), hidden=(4,))
ARM = make_policy(BOX, spaces.Box(-1, 1, (2,), np.float64), hidden=(4,))
NETWORK = MLP((3, 4, 1))
VALUE = ValueFunction(NETWORK)
theta, theta_arm, w = POLICY.init(RNG), ARM.init(RNG), NETWORK.init(RNG)
obs, advantages = RNG.standard_normal((5, 3)), RNG.standard_normal(5)
actions = POLICY.sample(theta, obs, RNG)
log_probs = POLICY.log_prob(theta, obs, actions)
AGENT = Agent(POLICY, theta, Normalizer.fresh(BOX), source("CartPole-v1"))
PARTS = {
    "observations": obs,
    "actions": actions,
    "advantages": advantages,
    "log_probs": log_probs,
}


def batch(**changed):
    return Batch(**(PARTS | changed))


def lists():
    return Batch(**{name: array.tolist() for name, array in PARTS.items()})


CASES = {
    # theta
    "short theta": (lambda: POLICY.outputs(theta[:-1], obs), r"theta .*\(25,\): \(26,\) is wanted"),
    "theta in a row": (lambda: POLICY.log_prob(theta[None], obs, actions), r"\(1, 26\)"),
    "no theta": (lambda: POLICY.sample(None, obs, RNG), r"theta .*\(\)"),
    "theta of words": (lambda: POLICY.outputs(["a"] * 26, obs), "entries of theta must be numbers"),
    "bound short theta": (lambda: POLICY.bind(theta[:-1]), r"\(26,\) is wanted"),
    "short v": (lambda: POLICY.linearize(theta, obs).jvp(theta[1:]), r"v has the shape \(25,\)"),
    "short u": (
        lambda: POLICY.linearize(theta, obs).vjp(np.ones((4, 2))),
        r"u has the shape \(4, 2\): \(5, 2\) is wanted, as eta has",
    ),
    "wide u": (
        lambda: ARM.linearize(theta_arm, obs).vjp(np.ones((5, 3))),
        r"u .*\(5, 4\) is wanted",
    ),
    "network, short theta": (lambda: NETWORK.apply(w[:-1], obs), r"\(20,\): \(21,\) is wanted"),
    "network, long theta": (lambda: NETWORK.bind(np.append(w, 0))(obs), r"\(22,\): \(21,\)"),
    "value, short w": (lambda: VALUE.predict(w[1:], obs), r"w has the shape \(20,\)"),
    "fit, short w": (lambda: VALUE.fit(w[1:], obs, advantages), r"w has the shape \(20,\)"),
    "KL, short theta": (lambda: mean_kl(POLICY, theta, theta[1:], obs), r"\(26,\) is wanted"),
    "step, short theta": (lambda: trpo_step(POLICY, theta[1:], batch()), r"\(26,\) is wanted"),
    # observations
    "one observation": (lambda: POLICY.outputs(theta, obs[0]), r"\(3,\): \(N, 3\) is wanted"),
    "narrow": (lambda: POLICY.outputs(theta, obs[:, :2]), r"\(5, 2\): \(N, 3\) is wanted"),
    "bound, narrow": (lambda: POLICY.bind(theta)(obs[:, :2]), r"\(5, 2\): \(N, 3\) is wanted"),
    "words": (lambda: POLICY.outputs(theta, [["a", "b", "c"]]), "observations must be numbers"),
    "ragged": (lambda: POLICY.outputs(theta, [[1, 2, 3], [4, 5]]), "rows differ in length"),
    "network, narrow": (lambda: NETWORK.apply(w, obs[:, :2]), r"inputs .*\(N, 3\) is wanted"),
    "fit, narrow": (
        lambda: VALUE.fit(w, obs[:, :2], advantages),
        r"The observations have the shape \(5, 2\): \(N, 3\) is wanted",
    ),
    "value of words": (
        lambda: VALUE.predict(w, [["a", "b", "c"]]),
        "The observations must be numbers",
    ),
    "targets of words": (
        lambda: VALUE.fit(w, obs, list("abcde")),
        "The targets must be numbers",
    ),
    "value, narrow": (lambda: VALUE.predict(w, obs[:, :2]), r"\(5, 2\): \(N, 3\) is wanted"),
    "step, narrow": (
        lambda: trpo_step(POLICY, theta, batch(observations=obs[:, :2])),
        r"\(5, 2\): \(N, 3\) is wanted",
    ),
    "Fisher of nothing": (lambda: explicit_fisher(POLICY, theta, obs[:0]), "at least 1"),
    "products of nothing": (lambda: fisher_vector_product(POLICY, theta, obs[:0]), "at least 1"),
    "KL of nothing": (lambda: mean_kl(POLICY, theta, theta, obs[:0]), "at least 1"),
    # actions
    "too few actions": (lambda: POLICY.log_prob(theta, obs, actions[:1]), "5 observations and 1"),
    "a column of actions": (
        lambda: POLICY.log_prob(theta, obs, actions[:, None]),
        r"The actions have the shape \(5, 1\): \(N,\) is wanted",
    ),
    "one action for all": (lambda: POLICY.log_prob(theta, obs, 1), r"shape \(\)"),
    "an unknown action": (lambda: POLICY.log_prob(theta, obs, actions + 5), "There is no action"),
    "a narrow action": (lambda: ARM.log_prob(theta_arm, obs, obs[:, :1]), r"\(N, 2\) is wanted"),
    # batches
    "empty batch": (
        lambda: trpo_step(POLICY, theta, Batch(obs[:0], actions[:0], obs[:0, 0], obs[:0, 0])),
        "The batch is empty",
    ),
    "short advantages": (
        lambda: trpo_step(POLICY, theta, batch(advantages=advantages[:3])),
        r"\(5,\) and \(3,\)",
    ),
    "a column of advantages": (
        lambda: surrogate(POLICY, theta, batch(advantages=advantages[:, None])),
        r"\(5,\) and \(5, 1\)",
    ),
    "short actions": (
        lambda: trpo_step(POLICY, theta, batch(actions=actions[:3])),
        r"5 observations, and actions of the shape \(3,\)",
    ),
    "no actions": (lambda: batch(actions=None), "actions must be numbers"),
    "a tuple for a batch": (
        lambda: trpo_step(POLICY, theta, tuple(PARTS.values())),
        "must be a Batch",
    ),
    "short targets": (lambda: VALUE.fit(w, obs, advantages[:4]), r"\(4,\): \(5,\) is wanted"),
    "settings of a step": (
        lambda: trpo_step(POLICY, theta, batch(), 0.01),
        r"update = 0\.01 is not possible: give a TRPO\(\.\.\.\)",
    ),
    "a class for settings": (lambda: trpo_step(POLICY, theta, batch(), TRPO), r"give a TRPO\("),
    "another update": (lambda: trpo_step(POLICY, theta, batch(), PPO()), r"give a TRPO\("),
    # agents
    "acting on one": (lambda: AGENT.act(obs[0]), r"\(3,\): \(N, 3\) is wanted"),
    "acting, narrow": (lambda: AGENT.act(obs[:, :2]), r"\(5, 2\): \(N, 3\) is wanted"),
    "acting on words": (lambda: AGENT.act("hello"), "observations must be numbers"),
    "acting on NaN": (lambda: AGENT.act(obs * np.nan), "is nan"),
    "an unknown state": (
        lambda: Normalizer.fresh(spaces.Discrete(4)).flat([0, 4]),
        "none of the space's 4",
    ),
    "half an episode": (lambda: AGENT.evaluate(2.5), "an integer of at least 1"),
    "what is no agent": (lambda: evaluate("CartPole-v1"), "evaluate takes an agent"),
    # making and training
    "sizes": (lambda: MLP((3, 0, 1)), r"sizes = \(3, 0, 1\) is not possible"),
    "one size": (lambda: MLP((3,)), "inputs, hidden layers, outputs"),
    "half a unit": (lambda: MLP((3, 4.5, 1)), "each an integer"),
    "one width": (lambda: make_policy(BOX, spaces.Discrete(2), 64), "hidden = 64 is not possible"),
    "a route": (lambda: explicit_fisher(POLICY, theta, obs, "guess"), "There is no route 'guess'"),
    "steps as a word": (lambda: train("CartPole-v1", total_steps="many"), "'many' is not possible"),
    "steps without end": (lambda: train("CartPole-v1", total_steps=np.inf), "inf is not possible"),
    "steps for an update": (lambda: train("CartPole-v1", 4000), "update = 4000 is not possible"),
    "settings": (
        lambda: train("CartPole-v1", settings=TRPO()),
        r"settings = TRPO.* Settings\(",
    ),
    "a dictionary": (lambda: train("CartPole-v1", settings={"gamma": 0.9}), r"give a Settings\("),
    "arguments": (lambda: train("CartPole-v1", env_arguments="x"), "give a dictionary"),
    "no policy": (
        lambda: train("CartPole-v1", make_policy=lambda *spaces_and_widths: None),
        "must give a Policy",
    ),
    "another's policy": (
        lambda: train("CartPole-v1", make_policy=lambda *spaces_and_widths: POLICY),
        r"\(16, 4\): \(N, 3\) is wanted",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_cannot_work_is_named(case):
    work, words = CASES[case]
    with pytest.raises(UsageError, match=words) as error:
        work()
    assert is_a_sentence(str(error.value))


@pytest.mark.parametrize(
    "update", [TRPO(), NaturalGradient(), PolicyGradient(), PPO()], ids=lambda u: type(u).__name__
)
def test_a_batch_of_lists_is_as_good_as_one_of_arrays(update):
    from_lists, _ = update(POLICY, theta.tolist(), lists(), np.random.default_rng(1))
    from_arrays, _ = update(POLICY, theta, batch(), np.random.default_rng(1))
    np.testing.assert_array_equal(from_lists, from_arrays)


@pytest.mark.parametrize(
    "work",
    {
        "outputs": lambda theta, obs: POLICY.outputs(theta, obs),
        "bound outputs": lambda theta, obs: POLICY.bind(theta)(obs),
        "linearization": lambda theta, obs: POLICY.linearize(theta, obs).jvp(theta),
        "mode": lambda theta, obs: POLICY.mode(theta, obs),
        "explicit F": lambda theta, obs: explicit_fisher(POLICY, theta, obs, "kl_hessian"),
        "product": lambda theta, obs: fisher_vector_product(POLICY, theta, obs)(theta),
        "mean KL": lambda theta, obs: mean_kl(POLICY, theta, theta, obs),
        "actions": lambda theta, obs: AGENT.act(obs),
        "a solution": lambda theta, obs: conjugate_gradient(lambda v: 2 * v, theta).x,
    }.items(),
    ids=lambda pair: pair[0],
)
def test_lists_are_as_good_as_arrays(work):
    _, function = work
    np.testing.assert_array_equal(function(theta.tolist(), obs.tolist()), function(theta, obs))


def test_the_value_function_takes_lists():
    fitted, _ = VALUE.fit(w.tolist(), obs.tolist(), advantages.tolist())
    expected, _ = VALUE.fit(w, obs, advantages)
    np.testing.assert_array_equal(fitted, expected)
    np.testing.assert_array_equal(VALUE.predict(w.tolist(), obs.tolist()), VALUE.predict(w, obs))
