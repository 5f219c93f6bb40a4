"""Notebook 13: costs, what the second order buys, PPO's clip, three regions, two coins."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from autograd import grad

from trpo_np import (
    PPO,
    TRPO,
    NaturalGradient,
    PolicyGradient,
    fisher_vector_product,
    mean_kl,
    surrogate,
    tabular,
)
from trpo_np.classroom import limits, regions, second_order, source_lines, work
from trpo_np.classroom import notebook_13 as nb
from trpo_np.classroom.notebook_14 import stopped_walk
from trpo_np.conjugate_gradient import conjugate_gradient
from trpo_np.updates.ppo import clipped_gradient, clipped_surrogate

KL, TV = tabular.state_kl, tabular.state_total_variation


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def pairs(rng, n=6, size=200):
    """Old and new policies, (size, n) each, no entry 0."""
    return 0.9 * rng.dirichlet(np.ones(n), (2, size)) + 0.1 / n


# ---- Lines and costs ---------------------------------------------------------------------------

PROGRAM = '''"""A docstring
of two lines."""

import os  # a comment


def f(a,
      b):
    """Another."""
    # alone
    text = """kept:
    a string that is no docstring"""
    return a


def g():
    return f(1, 2)


def never():
    return 0
'''


def test_lines_of_code_are_those_without_blanks_comments_and_docstrings():
    assert source_lines.code_lines(PROGRAM) == {4, 7, 8, 11, 12, 13, 16, 17, 20, 21}


def test_the_lines_behind_a_call_are_those_of_the_functions_that_run(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    namespace = {}
    exec(compile(PROGRAM, str(path), "exec"), namespace)
    lines = source_lines.lines_run(namespace["g"], tmp_path)
    assert lines == {(str(path), line) for line in (7, 8, 11, 12, 13, 16, 17)}


def test_trpo_needs_several_times_the_lines_of_ppo_and_both_hold_the_plain_gradients():
    lengths = limits.complexity()
    assert lengths["plain gradient"].beyond == 0
    assert lengths["PPO"].beyond < lengths["natural gradient"].beyond < lengths["TRPO"].beyond
    assert lengths["TRPO"].beyond > 3 * lengths["PPO"].beyond
    for name, length in lengths.items():
        assert length.file <= length.runs
        assert sum(limits.beyond_by_file(name).values()) == length.beyond
    assert "conjugate_gradient.py" in limits.beyond_by_file("TRPO")
    assert Path(source_lines.PACKAGE / "conjugate_gradient.py").exists()


@pytest.mark.parametrize(
    ("update", "passes"),
    [
        (PolicyGradient(), 3 + 1),  # the report's L and KL
        (NaturalGradient(cg_iterations=7), 3 + 4 * 7 + 1),
        (TRPO(cg_iterations=7), 3 + 4 * 7 + 1),
        (TRPO(cg_iterations=10, fisher_fraction=0.25), 3 + 0.25 + 10 * 4 * 0.25 + 1),
        (PPO(epochs=5, minibatch_size=50), 5 * 3 + 4),  # the report's pass and gradient
    ],
)
def test_the_passes_of_an_update_are_those_of_the_formula(update, passes):
    """(13.1): counted by a network that writes down each pass. How far rounding may move a policy
    is a forward pass and a JVP more, on half of these states, at theta and wherever a KL is."""
    policy, theta, batch = limits.random_problem(200, 8)
    passes += 2 * 3 / 2
    counted = work.forward_passes(update, policy, theta, batch, np.random.default_rng(0))
    if isinstance(update, TRPO):
        _, report = update(policy, theta, batch, np.random.default_rng(0))
        assert report.accepted
        passes += report.backtracks * (1 + 3 / 2)
    assert counted == pytest.approx(passes)


def test_the_counting_network_gives_the_same_numbers():
    policy, theta, batch = limits.random_problem(100, 8)
    log = []
    counting = work.CountingMLP(policy.network.sizes, log)
    v, u = np.ones(policy.network.num_parameters), np.ones((100, 6))
    theta = theta[: policy.network.num_parameters]
    a, b = (net.linearize(theta, batch.observations) for net in (policy.network, counting))
    for x, y in ((a.outputs, b.outputs), (a.jvp(v), b.jvp(v)), (a.vjp(u), b.vjp(u))):
        np.testing.assert_allclose(x, y, rtol=1e-10, atol=1e-12)
    assert [kind for kind, _ in log] == ["forward", "jvp", "vjp"]


# ---- What the second order buys ----------------------------------------------------------------


def spd(rng, n=5):
    Q = np.linalg.qr(rng.standard_normal((n, n)))[0]
    return (Q * np.exp(rng.standard_normal(n))) @ Q.T


def test_the_gain_ratio_is_that_of_two_steps_to_the_rim(rng):
    """(13.2): both steps are made, each to ½ dᵀFd = δ, and their gains divided."""
    for _ in range(20):
        F, g = spd(rng), rng.standard_normal(5)
        rim = lambda d, F=F: d * np.sqrt(2 * 0.01 / (d @ F @ d))  # noqa: E731
        natural, plain = rim(np.linalg.solve(F, g)), rim(g)
        assert nb.gain_ratio(F, g) == pytest.approx((g @ natural) / (g @ plain))


def test_kantorovich_bounds_the_gain_ratio_and_is_reached(rng):
    """(13.3)"""
    for _ in range(300):
        F, g = spd(rng), rng.standard_normal(5)
        mu = np.linalg.eigvalsh(F)
        kappa = mu[-1] / mu[0]
        assert nb.gain_ratio(F, g) >= 1 - 1e-12
        assert nb.gain_ratio(F, g) <= (kappa + 1) / (2 * np.sqrt(kappa)) * (1 + 1e-12)
    ends = np.array([1.0, 0, 0, 1.0])
    assert nb.gain_ratio(np.diag([1.0, 2, 3, 100]), ends) == pytest.approx(101 / 20)
    assert nb.gain_ratio(np.diag([1.0, 2, 3, 100]), np.eye(4)[1]) == pytest.approx(1)


def test_steps_at_equal_kl_are_at_that_kl_and_one_iteration_is_the_gradient(rng):
    policy, theta, batch = limits.random_problem(300, 8)
    fresh = limits.random_problem(300, 8, seed=1)[2]
    F = fisher_vector_product(policy, theta, batch.observations)
    KL_of = partial(mean_kl, policy, theta, obs=batch.observations)
    g = grad(lambda x: surrogate(policy, x, batch))(theta)
    s = conjugate_gradient(F, g, 1).x
    np.testing.assert_allclose(s / np.linalg.norm(s), g / np.linalg.norm(g), atol=1e-12)
    new = second_order.at_kl(KL_of, theta, 0.3 * g, 0.01)
    assert KL_of(new) == pytest.approx(0.01, rel=1e-6)
    gains = second_order.gains_at_kl(policy, theta, batch, fresh, (1, 10), damping=0.0)
    assert gains[0, 0] == pytest.approx(surrogate(policy, new, batch) - np.mean(batch.advantages))
    assert gains[1, 0] > gains[0, 0]


# ---- Ratios, and PPO's clip --------------------------------------------------------------------


def test_divergences_are_means_over_ratios(rng):
    """(13.4)"""
    old, new = pairs(rng)
    w = new / old
    mean = lambda f: np.sum(old * f, axis=-1)  # noqa: E731
    np.testing.assert_allclose(mean(w - 1 - np.log(w)), KL(old, new), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(mean(np.abs(w - 1)) / 2, TV(old, new))
    assert np.all(w - 1 - np.log(w) >= 0)


def test_near_1_the_kl_is_half_a_mean_square(rng):
    """(13.5): the error falls with the third power of the distance."""
    old, new = pairs(rng, size=50)
    errors = []
    for h in (0.02, 0.01):
        w = 1 + h * (new / old - 1)
        errors.append(np.abs(KL(old, old * w) - np.sum(old * (w - 1) ** 2, axis=-1) / 2))
    factor = errors[0] / errors[1]
    assert np.median(factor) == pytest.approx(8, rel=0.1)


def test_the_clipped_surrogate_is_below_and_has_the_same_slope_at_the_start(rng):
    """(13.6): never above the mean of w A; at θ_old its gradient is that of L."""
    policy, theta, batch = limits.random_problem(300, 8)
    for size in (0.0, 0.01, 0.3):
        x = theta + size * rng.standard_normal(len(theta))
        assert clipped_surrogate(policy, x, batch, 0.2) <= surrogate(policy, x, batch) + 1e-12
    slope = grad(lambda x: surrogate(policy, x, batch))(theta)
    np.testing.assert_allclose(clipped_gradient(policy, theta, batch, 0.2), slope, atol=1e-12)


def test_the_gradient_past_the_wall_is_exactly_0(rng):
    """(13.7): with all samples past their walls nothing is left; and anywhere it is autograd's."""
    policy, theta, batch = limits.random_problem(300, 8)
    away = theta + 0.3 * rng.standard_normal(len(theta))
    w = np.exp(policy.log_prob(away, batch.observations, batch.actions) - batch.log_probs)
    past = batch.rows(np.where(batch.advantages > 0, w > 1.2, w < 0.8))
    assert len(past) > 20
    np.testing.assert_array_equal(clipped_gradient(policy, away, past, 0.2), 0)
    numeric = grad(lambda x: clipped_surrogate(policy, x, batch, 0.2))(away)
    mine = nb.mean_score(policy, away, batch, nb.clipped_weights(w, batch.advantages, 0.2))
    np.testing.assert_allclose(mine, numeric, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("x", [1.0, 4.0, 25.0])
def test_where_the_clip_comes_to_rest_its_gradient_is_0_and_the_kl_has_no_limit(x):
    """(13.8), against the surrogate itself: slope before, none behind."""
    c, strength = 0.2, np.array([1.0, x])
    rest = 2 * np.arctanh(c)

    def clipped(theta):
        q = 1 / (1 + np.exp(-strength * theta))
        w, A = 2 * np.stack([q, 1 - q]), np.array([[1.0], [-1.0]])
        return np.mean(np.minimum(w * A, np.clip(w, 1 - c, 1 + c) * A))

    assert clipped(rest - 0.01) < clipped(rest - 0.005) < clipped(rest)
    assert clipped(rest) == pytest.approx(clipped(rest + 3.0))
    assert limits.ascend_clip(x, c) == pytest.approx(rest, abs=1e-3)
    q = 1 / (1 + np.exp(-strength * rest))
    exact = KL(np.full((2, 2), 0.5), np.stack([q, 1 - q], axis=1))
    np.testing.assert_allclose([nb.kl_at_rest(y, c) for y in strength], exact)
    assert limits.two_state_kl(rest, x) == pytest.approx(exact.mean())
    assert limits.two_state_kl(limits.two_state_limit(x, 0.02), x) == pytest.approx(0.02)
    assert limits.two_state_kl(rest, x) >= (x * np.arctanh(c) - np.log(2)) / 2
    assert nb.kl_at_rest(1000.0, c) - nb.kl_at_rest(990.0, c) == pytest.approx(10 * rest / 2)


def test_ppos_epochs_begin_at_the_old_policy_and_keep_adams_moments():
    policy, theta, batch = limits.random_problem(200, 8)
    ppo = PPO(learning_rate=1e-2, epochs=3)
    found = second_order.ppo_epochs(policy, theta, batch, ppo, 3, np.random.default_rng(0))
    assert [found[name][0] for name in found] == pytest.approx([0, 0, 1, 0])
    _, report = ppo(policy, theta, batch, np.random.default_rng(0))
    assert found["mean KL"][-1] == pytest.approx(report.kl)
    assert found["outside"][-1] == pytest.approx(report.clipped)


# ---- Regions -----------------------------------------------------------------------------------


def test_the_box_bounds_tv_and_kl_and_both_are_reached(rng):
    """(13.9)"""
    for c in (0.1, 0.5, 0.9):
        old, _ = pairs(rng)
        w = 1 + c * rng.uniform(-1, 1, old.shape)
        w += (1 - np.sum(old * w, axis=-1, keepdims=True)) * (1 - np.abs(w - 1) / c)
        w += (1 - np.sum(old * w, axis=-1, keepdims=True)) * (1 - np.abs(w - 1) / c)
        kept = (np.abs(w - 1).max(axis=-1) <= c) & np.isclose(np.sum(old * w, axis=-1), 1, atol=0.1)
        new = old * w / np.sum(old * w, axis=-1, keepdims=True)
        kept &= np.abs(new / old - 1).max(axis=-1) <= c
        assert kept.sum() > 20
        assert np.all(TV(old, new)[kept] <= c / 2)
        assert np.all(KL(old, new)[kept] <= nb.largest_kl(c))
        fair = np.full(4, 0.25)
        worst = fair * (1 + c * np.array([1, -1, 1, -1]))
        assert TV(fair, worst) == pytest.approx(c / 2)
        assert KL(fair, worst) == pytest.approx(nb.largest_kl(c))
        assert KL(fair, worst) == pytest.approx(-0.5 * np.log(1 - c) - 0.5 * np.log(1 + c))


def inside(name, old, new, tau):
    """Which of the new policies are in the region of that name."""
    size = regions.sizes(old, new)
    box = np.abs(new / old - 1).max(axis=-1)
    measure = {"KL": size["KL"] / (2 * tau), "TV": size["TV"], "ra": box / 2}[name[:2]]
    return measure <= tau + 1e-9


@pytest.mark.parametrize("name", regions.STEPS)
def test_no_rival_in_the_region_beats_its_step(name, rng):
    """(13.10) and its two relatives: against random policies of the region, and mixtures of the
    old policy with others, which lie there if they are near enough."""
    tau = 0.1
    for _ in range(10):
        old = 0.8 * rng.dirichlet(np.ones(5)) + 0.04
        A = rng.standard_normal(5)
        new = regions.STEPS[name](old[None], A[None], tau)[0]
        assert new.sum() == pytest.approx(1)
        assert new.min() >= 0
        assert inside(name, old, new, tau)
        share = rng.uniform(0, 1, (20_000, 1))
        rivals = (1 - share) * old + share * rng.dirichlet(np.full(5, 0.5), 20_000)
        moves = old + 0.1 * (new - old) + share * 0.9 * (new - old)  # towards the step itself
        rivals = np.concatenate([rivals, moves])
        rivals = rivals[inside(name, old, rivals, tau)]
        assert len(rivals) > 100
        assert np.max(rivals @ A) <= new @ A + 1e-9


def test_the_steps_promise_the_same_total_variation(rng):
    old, _ = pairs(rng, n=8)
    A = rng.standard_normal(old.shape)
    for step in regions.STEPS.values():
        assert np.all(TV(old, step(old, A, 0.1)) <= 0.1 + 1e-9)


def test_a_rare_action_grows_in_the_box_by_a_factor_and_elsewhere_at_once():
    box = regions.path_to(lambda p, A: regions.ratio_step(p, A, 0.2), 1e-4, 0.5)
    np.testing.assert_allclose(box, 1e-4 * 1.2 ** np.arange(len(box)), rtol=1e-9)
    assert len(box) - 1 == nb.check_updates_in_the_box.reference()
    tv = regions.path_to(lambda p, A: regions.total_variation_step(p, A, 0.1), 1e-4, 0.5)
    assert len(tv) - 1 == 5


# ---- One sample, two coins ---------------------------------------------------------------------


def test_the_noise_of_one_ratio_by_simulation(rng):
    """(13.11)"""
    old, new = pairs(rng, size=1)[:, 0]
    w, tv = new / old, TV(old, new)
    relative = old @ (w - 1) ** 2 / (4 * tv**2) - 1
    drawn = 0.5 * np.abs(w - 1)[rng.choice(len(old), 400_000, p=old)]
    assert drawn.mean() == pytest.approx(tv, rel=5 * np.sqrt(relative / 400_000))
    assert drawn.var() / tv**2 == pytest.approx(relative, rel=0.05)


def test_two_coins_never_overrate_a_divergence(rng):
    """(13.12), with equality for two actions."""
    old, new = pairs(rng)
    coins = regions.binary_kl(old, new)
    assert np.all(coins <= KL(old, new)[:, None] + 1e-12)
    assert np.all(np.abs(old - new) <= TV(old, new)[:, None] + 1e-12)
    old, new = pairs(rng, n=2)
    np.testing.assert_allclose(regions.binary_kl(old, new)[:, 0], KL(old, new))
    np.testing.assert_allclose(np.abs(old - new)[:, 0], TV(old, new))


def test_the_limits_of_a_coin_are_where_its_kl_is_the_radius():
    p = np.array([1e-4, 0.1, 0.5, 0.99])
    low, high = regions.binary_kl_limits(p, 0.02)
    for q in (low[1:], high):
        np.testing.assert_allclose(regions.binary_kl(p[-len(q) :], q), 0.02, rtol=1e-6)
    assert regions.binary_kl(p[0], low[0]) < 0.02  # even 0 is allowed for the rare one


def test_the_divergence_mask_stops_what_pushes_outwards_from_outside(rng):
    """(13.13): a wide radius masks nothing; with a radius of 0 what is left pushes back."""
    p, q, A = rng.uniform(0.05, 0.95, 300), rng.uniform(0.05, 0.95, 300), rng.standard_normal(300)
    w = q / p
    np.testing.assert_array_equal(nb.divergence_weights(w, p, A, 1.0), w * A)
    left = nb.divergence_weights(w, p, A, 0.0) != 0
    np.testing.assert_array_equal(left, np.sign(A) != np.sign(w - 1))
    some = nb.divergence_weights(w, p, A, 0.2)
    assert np.all((some == 0) == (~left & (np.abs(p - q) > 0.2)))


def test_the_changes_of_the_bandit_are_at_the_kl_that_was_asked_for():
    pi = limits.zipf(1000)
    assert pi.sum() == pytest.approx(1)
    for new in limits.changes_of(pi, 0.01).values():
        assert KL(pi, new) == pytest.approx(0.01, rel=1e-6)


def test_a_walk_keeps_the_certificate_of_its_length():
    """(13.14): with a divergence at the limit the bound is 1, and the walk's gap far below it."""
    T = 64
    limit = 0.75 * T**-1.5
    u = np.sqrt(limit / 2)  # of a coin with ½ + u: KL about 2 u²
    row = stopped_walk(T, u, np.ones(T))
    assert abs(row["error"]) <= row["Pinsker-marginal"] <= 1.05
    assert 4 / 3 * T**1.5 * limit == pytest.approx(1)
