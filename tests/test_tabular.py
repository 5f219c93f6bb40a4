import numpy as np
import pytest

from trpo_np import tabular


@pytest.fixture
def many(rng):
    mdp = tabular.random_mdp(rng, S=4, A=3, gamma=0.9, shape=(500,))
    pi, pi_new = (tabular.softmax_policy(rng.standard_normal((500, 4, 3))) for _ in range(2))
    return mdp, pi, pi_new


def test_of_logits_only_the_differences_in_a_row_count():
    """However large they are, and however far the rows are apart."""
    logits = np.array([[0.0, 1.0, 2.0], [1.0, 0.0, 0.0]])
    pi = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    for shift in (np.zeros((2, 1)), np.array([[1000.0], [-1000.0]])):
        np.testing.assert_allclose(tabular.softmax_policy(logits + shift), pi, rtol=1e-12)


def test_values_solve_bellmans_equation_and_match_simulation(rng):
    mdp = tabular.random_mdp(rng, S=3, A=2, gamma=0.8)
    pi = tabular.softmax_policy(rng.standard_normal((3, 2)))
    V = tabular.state_values(mdp, pi)
    backup = (pi * (mdp.rewards + 0.8 * mdp.transitions @ V)).sum(axis=1)
    np.testing.assert_allclose(V, backup)

    episodes, horizon = 20_000, 60
    state = rng.choice(3, size=episodes, p=mdp.start)
    returns = np.zeros(episodes)
    for t in range(horizon):
        action = (rng.random(episodes) > pi[state, 0]).astype(int)
        returns += 0.8**t * mdp.rewards[state, action]
        cumulative = mdp.transitions[state, action].cumsum(axis=1)
        state = (rng.random((episodes, 1)) > cumulative).sum(axis=1)
    error = returns.std() / np.sqrt(episodes)
    assert abs(returns.mean() - tabular.performance(mdp, pi)) < 3 * error


def test_visitation_and_advantages(many):
    mdp, pi, _ = many
    rho = tabular.visitation(mdp, pi)
    np.testing.assert_allclose(rho.sum(axis=-1), 10)
    through_rho = (rho * (pi * mdp.rewards).sum(axis=-1)).sum(axis=-1)
    np.testing.assert_allclose(through_rho, tabular.performance(mdp, pi), atol=1e-12)
    np.testing.assert_allclose((pi * tabular.advantages(mdp, pi)).sum(axis=-1), 0, atol=1e-12)


def test_performance_difference_lemma(many):
    """(2.6)"""
    mdp, pi, new = many
    gain = (new * tabular.advantages(mdp, pi)).sum(axis=-1)
    difference = (tabular.visitation(mdp, new) * gain).sum(axis=-1)
    J, J_new = tabular.performance(mdp, pi), tabular.performance(mdp, new)
    np.testing.assert_allclose(J + difference, J_new, atol=1e-11)


def test_surrogate_and_performance_agree_to_first_order(rng):
    """(2.8)"""
    mdp = tabular.random_mdp(rng, S=4, A=3, gamma=0.9)
    logits, direction = rng.standard_normal((2, 4, 3))
    pi = tabular.softmax_policy(logits)
    gaps = []
    for h in (1e-2, 1e-3):
        new = tabular.softmax_policy(logits + h * direction)
        gap = tabular.local_approximation(mdp, pi, new) - tabular.performance(mdp, new)
        gaps.append(abs(gap))
    assert gaps[0] / gaps[1] == pytest.approx(100, rel=0.2)  # the gap is of second order


def test_the_bound_holds(many):
    mdp, pi, new = many
    slack = tabular.performance(mdp, new) - tabular.lower_bound(mdp, pi, new)
    assert (slack >= 0).all()
    np.testing.assert_allclose(
        tabular.lower_bound(mdp, pi, pi), tabular.performance(mdp, pi), atol=1e-10
    )


def needed_constant(genes, S, A, gamma):
    """(L(new) - J(new)) / (ε max KL) in the MDPs with these genes: C / ε must be at least that."""
    sizes = {"P": (S, A, S), "r": (S, A), "start": (S,), "old": (S, A), "step": (S, A)}
    parts, at = {}, 0
    for name, shape in sizes.items():
        parts[name] = genes[:, at : at + np.prod(shape)].reshape(-1, *shape)
        at += np.prod(shape)
    mdp = tabular.FiniteMDP(
        tabular.softmax_policy(3 * parts["P"]),
        np.tanh(parts["r"]),
        tabular.softmax_policy(3 * parts["start"]),
        gamma,
    )
    pi = tabular.softmax_policy(parts["old"])
    new = tabular.softmax_policy(parts["old"] + 0.3 * parts["step"])
    epsilon = np.abs(tabular.advantages(mdp, pi)).max(axis=(-2, -1))
    gap = tabular.local_approximation(mdp, pi, new) - tabular.performance(mdp, new)
    return gap / (epsilon * tabular.state_kl(pi, new).max(axis=-1) + 1e-12)


def test_a_search_for_the_worst_mdp_breaks_a_wrong_constant_but_not_the_right_one(rng):
    """(3.8). Random MDPs do not tell the two apart; evolution at γ = 0.99 does, in 150 rounds."""
    S, A, gamma = 2, 2, 0.99
    right, one_factor_short = 2 * gamma / (1 - gamma) ** 2, 2 * gamma / (1 - gamma)
    size = S * A * S + S * A + S + 2 * S * A
    at_random = needed_constant(rng.standard_normal((10_000, size)), S, A, gamma)
    assert at_random.max() < one_factor_short

    parents = rng.standard_normal((40, size))
    for _ in range(150):
        spread = rng.choice([0.05, 0.2, 0.5, 1.0], size=(200, 1))
        children = np.repeat(parents, 5, axis=0) + spread * rng.standard_normal((200, size))
        everyone = np.concatenate([parents, children])
        needed = needed_constant(everyone, S, A, gamma)
        parents = everyone[np.argsort(-needed)[:40]]
    assert one_factor_short < needed.max() <= right


def test_infinite_kl_where_an_action_is_lost():
    pi, new = np.array([[0.5, 0.5]]), np.array([[1.0, 0.0]])
    assert tabular.state_kl(pi, new) == np.inf
    assert tabular.state_kl(new, pi) == pytest.approx(np.log(2))


def test_the_constant_of_a_bandit_is_the_chapters():
    """One state, rewards 1 and -1, an even policy: ε = 1, so C = 2γ / (1 - γ)² = 180 at γ = 0.9."""
    mdp = tabular.FiniteMDP(np.ones((1, 2, 1)), np.array([[1.0, -1.0]]), np.ones(1), 0.9)
    assert tabular.penalty_constant(mdp, np.full((1, 2), 0.5)) == pytest.approx(180)
