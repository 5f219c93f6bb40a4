"""The sharper bound of notebook 14 and its relatives: they hold on random MDPs and in a search for
the worst, and no smaller power, nor a smaller factor, would."""

from itertools import product

import numpy as np
import pytest

from trpo_np import bounds, tabular
from trpo_np.classroom import notebook_14 as nb

GAMMAS = (0.5, 0.9, 0.99)


def worlds(gamma, n=3000):
    """Random MDPs of both kinds, each with an old and a new policy."""
    return [(mdp, old, new) for _, mdp, old, new in nb.many_worlds(gamma, n, seed=7)]


def moved(mdp, old, new):
    """Σ_s |ρ(s) - ρ_old(s)|"""
    return np.abs(tabular.visitation(mdp, new) - tabular.visitation(mdp, old)).sum(axis=-1)


def kappa(mdp, old, new, steps):
    """The mean KL in each step."""
    p = tabular.state_distributions(mdp, old, steps)
    return (p * tabular.state_kl(old, new)[..., None, :]).sum(axis=-1)


@pytest.mark.parametrize("gamma", GAMMAS)
def test_the_gap_by_three_routes(gamma):
    """(14.20)"""
    for mdp, old, new in worlds(gamma, 300):
        J, L = tabular.performance(mdp, new), tabular.local_approximation(mdp, old, new)
        np.testing.assert_allclose(tabular.surrogate_gap(mdp, old, new), J - L, atol=1e-8)
        np.testing.assert_allclose(bounds.value_change_gap(mdp, old, new), J - L, atol=1e-8)
        assert np.abs(J - L).max() > 0.1


def test_distributions_of_the_states_add_up_to_the_visitation():
    mdp, old, _ = worlds(0.9, 50)[1]
    p = tabular.state_distributions(mdp, old, 300)
    weights = 0.9 ** np.arange(300)
    np.testing.assert_allclose(
        np.einsum("t,nts->ns", weights, p), tabular.visitation(mdp, old), atol=1e-11
    )


def test_the_mean_kl_is_that_over_time():
    """(14.1), (14.4): two ways to average, and the weighted sum of K_t."""
    for mdp, old, new in worlds(0.9, 50):
        steps, weights = 400, 0.9 ** np.arange(400)
        by_time = 0.1 * kappa(mdp, old, new, steps) @ weights
        mean_kl = tabular.mean_state_kl(mdp, old, new)
        np.testing.assert_allclose(mean_kl, by_time, atol=1e-10)
        K = bounds.path_kl(mdp, old, new, steps)
        np.testing.assert_allclose(0.1 * K @ weights, 0.9 * mean_kl / 0.1, atol=1e-9)


def test_the_kl_of_the_paths_is_the_sum_over_all_of_them():
    """(14.3): every path of three steps, written out; and that of its last state is no larger."""
    rng = np.random.default_rng(3)
    mdp = tabular.random_mdp(rng, S=2, A=2, gamma=0.9)
    old, new = tabular.softmax_policy(rng.standard_normal((2, 2, 2)))
    divergence, last = 0.0, np.zeros((2, 2))
    for s0, a0, s1, a1, s2 in product((0, 1), repeat=5):
        worlds_part = mdp.start[s0] * mdp.transitions[s0, a0, s1] * mdp.transitions[s1, a1, s2]
        p, q = (worlds_part * pi[s0, a0] * pi[s1, a1] for pi in (old, new))
        divergence += p * np.log(p / q)
        last[:, s2] += p, q
    assert bounds.path_kl(mdp, old, new, 3)[2] == pytest.approx(divergence)
    assert tabular.state_kl(*last) < divergence


def test_the_states_diverge_no_more_than_the_paths():
    """(14.3), with equality where the states tell the actions."""
    for mdp, old, new in worlds(0.9, 300):
        p, q = (tabular.state_distributions(mdp, pi, 12) for pi in (old, new))
        K = bounds.path_kl(mdp, old, new, 12)
        assert (tabular.state_kl(p, q) <= K + 1e-12).all()
    mdp, old, new = nb.fork(0.9, u=0.2)
    p, q = (tabular.state_distributions(mdp, pi, 5) for pi in (old, new))
    np.testing.assert_allclose(tabular.state_kl(p, q)[1:], -0.5 * np.log(1 - 0.16), atol=1e-9)


@pytest.mark.parametrize("gamma", GAMMAS)
def test_the_bounds_hold_on_random_mdps(gamma):
    """(14.2), (14.5), (14.6), (14.7), (14.8), (14.9), (14.17), (14.19), (14.21), (14.22)"""
    for mdp, old, new in worlds(gamma):
        slack = 1 + 1e-9
        mean_kl = tabular.mean_state_kl(mdp, old, new)
        shift = moved(mdp, old, new)
        assert (shift <= np.sqrt(2 * gamma * mean_kl) * (1 - gamma) ** -1.5 * slack).all()
        assert (shift <= bounds.visitation_bound(mdp, old, new) * slack).all()
        gap = np.abs(tabular.surrogate_gap(mdp, old, new))
        worst_kl = tabular.state_kl(old, new).max(axis=-1)
        allowed = {
            "mean": bounds.gap_bound(mdp, old, new),
            "max": bounds.sharper_constant(mdp, old) * worst_kl,
            "plain": bounds.plain_gap_bound(mdp, old, new),
            "TV": bounds.tv_gap_bound(mdp, old, new),
            "path": bounds.path_gap_bound(mdp, old, new),
            "marginal": bounds.marginal_constant(mdp, old) * worst_kl,
            "future": bounds.future_gap_bound(mdp, old, new),
            "mixing": bounds.mixing_gap_bound(mdp, old, new),
        }
        for name, bound in allowed.items():
            assert (gap <= bound * slack).all(), name
        for name in ("mean", "plain", "TV"):
            assert (allowed["path"] <= allowed[name] * slack).all(), name
        assert (allowed["marginal"] <= allowed["max"] * slack).all()
        assert (allowed["mixing"] <= allowed["TV"] * slack).all()
        np.testing.assert_allclose(
            allowed["max"], np.sqrt(1 - gamma) * tabular.penalty_constant(mdp, old) * worst_kl
        )


@pytest.mark.parametrize("gamma", [0.1, 0.5, 0.9, 0.99, 0.999])
def test_the_fork_needs_the_whole_bound(gamma):
    """(14.11): the ratio is 1 to leading order, so no smaller power and no smaller factor holds."""
    for u, short in ((1e-2, 1e-3), (1e-3, 1e-5)):
        mdp, old, new = nb.fork(gamma, u, v=1e-4 * u * (1 - gamma))
        ratio = moved(mdp, old, new) / bounds.visitation_bound(mdp, old, new)
        assert 1 - short < ratio <= 1 + 1e-12
        assert 1 - short < nb.mean_ratio(mdp, old, new) <= 1 + 1e-12
        assert nb.mean_ratio(mdp, old, new, power=1.4) > (1 - short) * (1 - gamma) ** -0.1 > 1


@pytest.mark.parametrize("gamma", [0.5, 0.9, 0.99, 0.999])
def test_the_walk_needs_the_power_three_halves(gamma):
    """(14.12): |J - L| = C max KL / √(1 + γ) to leading order."""
    mdp, old, new = nb.walk(gamma, u=1e-3, reach=14)
    assert nb.max_ratio(mdp, old, new) == pytest.approx((1 + gamma) ** -0.5, rel=1e-3)
    assert (nb.max_ratio(mdp, old, new, power=1.4) > 1) == (gamma > 0.97)


@pytest.mark.parametrize("gamma", [0.5, 0.9, 0.99, 0.999])
def test_leaving_needs_the_power_three_halves_in_both_forms(gamma):
    """(14.10): its ratio to the bound with the mean KL, and that with the largest."""
    q = (1 - gamma) / 2
    expected = np.sqrt(q * (1 - q)) * (1 - gamma) * (1 - gamma + gamma * q) ** -1.5
    ratio = nb.mean_ratio(*nb.leaving_by_gains(gamma))
    assert ratio == pytest.approx(2 * expected, rel=0.01)
    q = (1 - gamma) / 3
    needed = 2 * gamma * np.sqrt(q * (1 - q)) / (1 - gamma + gamma * q) ** 2
    ratio = nb.max_ratio(*nb.leaving(gamma, k=1e-8))
    assert ratio == pytest.approx(needed * (1 - gamma) ** 1.5 / (2 * gamma), rel=0.01)


def test_a_search_breaks_the_power_1_4_and_not_the_power_1_5(rng):
    """(14.2): evolution with the mean KL. What breaks 1.4 at γ = 0.99 stands for any power below
    3/2, since the largest ratio does not fall as γ goes to 1."""
    ends = {}
    for gamma in (0.99, 0.999, 0.9999):
        genes = [nb.evolve(rng, nb.any_world(2), nb.mean_ratio, gamma, 200) for _ in range(2)]
        ends[gamma] = max(history[-1] for history, _ in genes)
        assert 0.7 < ends[gamma] <= 1
    assert ends[0.99] > (1 - 0.99) ** 0.1


def test_a_search_among_walks_breaks_the_power_1_4_of_the_other_form():
    """(14.7): evolution with the largest KL, at γ = 0.99."""
    ends = [
        nb.evolve(np.random.default_rng(seed), nb.any_walk(31), nb.max_ratio, 0.99, 150)[0][-1]
        for seed in range(4)
    ]
    assert 0.01**0.1 < max(ends) <= 1


@pytest.mark.parametrize("gamma", [0.5, 0.9, 0.99])
def test_where_the_ceilings_are(gamma):
    """(14.13): with one state the gain is the same everywhere, and a step is certified just below
    the ceiling and not just above."""
    mdp = tabular.FiniteMDP(np.ones((1, 2, 1)), np.array([[1.0, -1.0]]), np.ones(1), gamma)
    old = np.array([[0.5, 0.5]])
    ceilings = {
        "mean": (1 - gamma) / (2 * gamma**2),
        "Achiam": (1 - gamma) ** 2 / (2 * gamma**2),
    }
    for name, ceiling in ceilings.items():
        for k, certified in ((0.999 * ceiling, True), (1.001 * ceiling, False)):
            y = 0.5 * np.sqrt(1 - np.exp(-2 * k))  # KL of a fair coin and ½ + y is k
            new = np.array([[0.5 + y, 0.5 - y]])
            assert tabular.mean_state_kl(mdp, old, new) == pytest.approx(k)
            gain = tabular.local_approximation(mdp, old, new) - tabular.performance(mdp, old)
            power = 1.5 if name == "mean" else 2.0
            assert (gain > bounds.gap_bound(mdp, old, new, power)) == certified
    for mdp, old, new in worlds(gamma):  # and nowhere above it
        gain = tabular.local_approximation(mdp, old, new) - tabular.performance(mdp, old)
        certified = gain > bounds.gap_bound(mdp, old, new)
        kl = tabular.mean_state_kl(mdp, old, new)
        assert (kl[certified] < ceilings["mean"]).all()
        worst_kl = tabular.state_kl(old, new).max(axis=-1)
        certified = gain > bounds.sharper_constant(mdp, old) * worst_kl
        assert (worst_kl[certified] < ceilings["mean"]).all()
        certified = gain > tabular.penalty_constant(mdp, old) * worst_kl
        assert (worst_kl[certified] < ceilings["Achiam"]).all()


@pytest.mark.parametrize("gamma", [0.5, 0.9])
def test_what_a_step_within_delta_can_lose(gamma):
    """(14.14): steps that raise L lose at most C δ, and no more than the bound with the mean."""
    lost = 0
    for mdp, old, new in worlds(gamma):
        J_old, J = tabular.performance(mdp, old), tabular.performance(mdp, new)
        accepted = tabular.local_approximation(mdp, old, new) > J_old
        delta = tabular.state_kl(old, new).max(axis=-1)
        loss = np.where(accepted, J_old - J, 0)
        assert (loss <= bounds.sharper_constant(mdp, old) * delta).all()
        assert (loss <= bounds.gap_bound(mdp, old, new)).all()
        lost += np.sum(loss > 0)
    assert lost > 20


def test_a_mean_over_all_steps_alike_bounds_the_discounted_mean():
    """(14.15), with equality where all of the divergence is in the first state."""
    gamma, T = 0.9, 60
    for mdp, old, new in worlds(gamma, 200):
        flat = kappa(mdp, old, new, T).mean(axis=-1)
        right = (1 - gamma) * T * flat + gamma**T * tabular.state_kl(old, new).max(axis=-1)
        assert (tabular.mean_state_kl(mdp, old, new) <= right).all()
    mdp, old, new = nb.fork(gamma, u=0.1, v=0.0)
    flat = kappa(mdp, old, new, T).mean()
    assert tabular.mean_state_kl(mdp, old, new) == pytest.approx((1 - gamma) * T * flat)


def test_half_the_span_may_stand_for_the_largest_gain(rng):
    """(14.16): it is the least max |G - c|, and the bounds hold with it."""
    G = rng.standard_normal((50, 5))
    c = np.linspace(-4, 4, 4001)
    least = np.abs(G[..., None] - c).max(axis=1).min(axis=-1)
    np.testing.assert_allclose(bounds.half_span(G), least, atol=2e-3)
    smaller = 0
    for mdp, old, new in worlds(0.9):
        gap = np.abs(tabular.surrogate_gap(mdp, old, new))
        G = tabular.gains(mdp, old, new)
        span = bounds.half_span(G)
        assert (gap <= bounds.visitation_bound(mdp, old, new) * span * (1 + 1e-9)).all()
        smaller += np.sum(span < 0.5 * np.abs(G).max(axis=-1))
    assert smaller > 100


@pytest.mark.parametrize("gamma", [0.5, 0.9, 0.99])
def test_the_marginal_constant_is_the_sum_to_its_last_digit(gamma):
    """(14.19): between the sum of many terms and the same with the weight of the rest."""
    mdp, old, _ = nb.walk(gamma)
    t = np.arange(20_000)
    assert bounds.marginal_constant(mdp, old) == pytest.approx(
        2 * np.sum(gamma**t * np.sqrt(t)), rel=1e-9
    )
    assert bounds.marginal_constant(mdp, old, terms=3) >= bounds.marginal_constant(mdp, old)


def test_memory_is_how_far_apart_two_starts_lead(rng):
    """(14.22): against the sum over time, and against its bound 1/(1 - γ)."""
    mdp = tabular.random_mdp(rng, S=4, A=2, gamma=0.9)
    pi = tabular.softmax_policy(rng.standard_normal((4, 2)))
    starts = [tabular.FiniteMDP(mdp.transitions, mdp.rewards, e, 0.9) for e in np.eye(4)]
    visits = np.array([tabular.visitation(m, pi) for m in starts])
    apart = max(0.5 * np.abs(a - b).sum() for a in visits for b in visits)
    assert bounds.memory(mdp, pi) == pytest.approx(apart)
    assert apart < 0.5 * 10
    mdp, old, _ = nb.fork(0.9)
    assert bounds.memory(mdp, old) == pytest.approx(10)


def test_the_gamble_is_where_the_future_bound_is_the_smallest():
    """(14.21)"""
    mdp, old, new = nb.gamble(0.99)
    future = bounds.future_gap_bound(mdp, old, new)
    others = (bounds.gap_bound, bounds.tv_gap_bound, bounds.path_gap_bound)
    others += (bounds.mixing_gap_bound, bounds.plain_gap_bound)
    assert all(future < other(mdp, old, new) for other in others)
    assert np.abs(tabular.surrogate_gap(mdp, old, new)) < future


@pytest.mark.parametrize("changed", [[1, 1, 1, 1, 1, 1, 1], [0, 0, 1, 0, 0, 1, 0]])
def test_the_stopped_walk_against_all_its_paths(changed):
    """(14.18): J - L over all 128 paths, and below every bound."""
    u, T = 0.1, len(changed)
    gap = 0.0
    for path in product((-1, 1), repeat=T):
        x, ratios = 0, []
        for step, new in zip(path, changed, strict=True):
            ratios.append(1 + 2 * u * step * np.sign(x) * new)
            x += step
        reward = abs(x) > np.sqrt(T)
        gap += 0.5**T * reward * (np.prod(ratios) - 1 - sum(r - 1 for r in ratios))
    rows = nb.stopped_walk(T, u, changed)
    assert rows["error"] == pytest.approx(gap)
    assert abs(gap) < min(bound for name, bound in rows.items() if name != "error")


def test_relatives_term_by_term(rng):
    """(14.2), (14.9), (14.17), (14.21), (14.22): each written out with loops, in one small
    world."""
    gamma, T = 0.8, 120
    mdp = tabular.random_mdp(rng, S=3, A=2, gamma=gamma)
    old, new = tabular.softmax_policy(0.3 * rng.standard_normal((2, 3, 2)))
    P = [
        [sum(pi[s, a] * mdp.transitions[s, a] for a in (0, 1)) for s in range(3)]
        for pi in (old, new)
    ]
    k = [sum(old[s, a] * np.log(old[s, a] / new[s, a]) for a in (0, 1)) for s in range(3)]
    tv = [max(old[s, 0] - new[s, 0], new[s, 0] - old[s, 0]) for s in range(3)]
    G = max(abs(new[s] @ tabular.advantages(mdp, old)[s]) for s in range(3))
    p, K, D, path, future, mean_tv, mean_k = mdp.start, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for t in range(T):
        path += gamma**t * min(2, 2 * D, np.sqrt(2 * K))
        future += gamma**t * min(2, 2 * (t + 1) * max(tv), np.sqrt(2 * (t + 1) * max(k)))
        mean_tv += (1 - gamma) * gamma**t * (p @ tv)
        mean_k += (1 - gamma) * gamma**t * (p @ k)
        K, D, p = K + p @ k, D + p @ tv, p @ np.array(P[0])
    N = [sum(gamma**t * np.linalg.matrix_power(P[1], t)[s] for t in range(T)) for s in range(3)]
    tau = max(np.abs(a - b).sum() / 2 for a in N for b in N)
    R = mdp.rewards.max() - mdp.rewards.min()
    approx = lambda x: pytest.approx(x, rel=1e-7)  # noqa: E731
    assert bounds.gap_bound(mdp, old, new) == approx(
        gamma * np.sqrt(2 * mean_k) / (1 - gamma) ** 1.5 * G
    )
    assert bounds.path_gap_bound(mdp, old, new) == approx(G * path)
    assert bounds.future_gap_bound(mdp, old, new) == approx(
        2 * gamma / (1 - gamma) * mean_tv * R / 2 * future
    )
    assert bounds.mixing_gap_bound(mdp, old, new) == approx(
        2 * gamma / (1 - gamma) * tau * mean_tv * G
    )
    assert bounds.tv_gap_bound(mdp, old, new) == approx(2 * gamma / (1 - gamma) ** 2 * mean_tv * G)
