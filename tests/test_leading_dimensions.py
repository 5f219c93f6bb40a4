"""Many worlds at once are as good as one after the other: leading dimensions are only carried."""

from functools import partial

import numpy as np
import pytest

from trpo_np import bounds, penalty, tabular

SHAPE = (2, 3)

OF_ONE_POLICY = {
    "evolution": tabular.evolution,
    "state_values": tabular.state_values,
    "advantages": tabular.advantages,
    "performance": tabular.performance,
    "visitation": tabular.visitation,
    "penalty_constant": tabular.penalty_constant,
    "state_distributions": partial(tabular.state_distributions, steps=4),
    "sharper_constant": bounds.sharper_constant,
    "marginal_constant": partial(bounds.marginal_constant, terms=50),
    "memory": bounds.memory,
}
OF_TWO_POLICIES = {
    "local_approximation": tabular.local_approximation,
    "lower_bound": tabular.lower_bound,
    "gains": tabular.gains,
    "surrogate_gap": tabular.surrogate_gap,
    "mean_state_kl": tabular.mean_state_kl,
    "path_kl": partial(bounds.path_kl, steps=4),
    "visitation_bound": bounds.visitation_bound,
    "gap_bound": bounds.gap_bound,
    "plain_gap_bound": bounds.plain_gap_bound,
    "tv_gap_bound": bounds.tv_gap_bound,
    "path_gap_bound": bounds.path_gap_bound,
    "value_change_gap": bounds.value_change_gap,
    "future_gap_bound": bounds.future_gap_bound,
    "mixing_gap_bound": bounds.mixing_gap_bound,
}
OF_POLICIES_ALONE = {
    "softmax_policy": lambda pi, new: tabular.softmax_policy(np.log(pi) + new),
    "state_kl": tabular.state_kl,
    "state_total_variation": tabular.state_total_variation,
    "half_span": lambda pi, new: bounds.half_span(pi),
    "exponential_step": lambda pi, new: penalty.exponential_step(pi, new, 0.7),
    "hyperbolic_step": lambda pi, new: penalty.hyperbolic_step(pi, new, 0.7),
    "two_penalty_step": lambda pi, new: penalty.two_penalty_step(pi, new, new, 0.7, 0.4),
    "kl_estimates": lambda pi, new: np.moveaxis(penalty.kl_estimates(pi, new), 0, -1),
    "group_advantages": lambda pi, new: penalty.group_advantages(pi),
    "group_advantages, not normalised": lambda pi, new: penalty.group_advantages(pi, False),
}


@pytest.fixture
def worlds(rng):
    mdp = tabular.random_mdp(rng, S=4, A=2, gamma=0.8, shape=SHAPE)
    old, new = (tabular.softmax_policy(rng.standard_normal((*SHAPE, 4, 2))) for _ in "ab")
    return mdp, old, new


def one(mdp, i):
    return tabular.FiniteMDP(mdp.transitions[i], mdp.rewards[i], mdp.start[i], mdp.gamma)


def the_same(at_once, alone):
    for i in np.ndindex(SHAPE):
        assert np.shape(at_once[i]) == np.shape(alone(i))
        np.testing.assert_allclose(at_once[i], alone(i), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", OF_ONE_POLICY)
def test_of_one_policy(name, worlds):
    (mdp, old, _), f = worlds, OF_ONE_POLICY[name]
    the_same(f(mdp, old), lambda i: f(one(mdp, i), old[i]))


@pytest.mark.parametrize("name", OF_TWO_POLICIES)
def test_of_two_policies(name, worlds):
    (mdp, old, new), f = worlds, OF_TWO_POLICIES[name]
    the_same(f(mdp, old, new), lambda i: f(one(mdp, i), old[i], new[i]))


@pytest.mark.parametrize("name", OF_POLICIES_ALONE)
def test_of_policies_alone(name, worlds):
    (_, old, new), f = worlds, OF_POLICIES_ALONE[name]
    the_same(f(old, new), lambda i: f(old[i], new[i]))


def test_a_mean_over_the_old_policys_states_may_be_of_any_function(worlds, rng):
    (mdp, old, _), f = worlds, rng.standard_normal((*SHAPE, 4))
    the_same(tabular.old_mean(mdp, old, f), lambda i: tabular.old_mean(one(mdp, i), old[i], f[i]))


def test_random_worlds_are_distributions_and_differ(worlds):
    mdp, _, _ = worlds
    assert mdp.transitions.shape == (*SHAPE, 4, 2, 4)
    assert mdp.rewards.shape == (*SHAPE, 4, 2)
    for p in (mdp.transitions, mdp.start):
        assert (p >= 0).all()
        np.testing.assert_allclose(p.sum(axis=-1), 1)
    assert len(np.unique(mdp.start)) == mdp.start.size
