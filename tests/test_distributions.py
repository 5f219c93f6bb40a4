"""Log-probability, score, KL, entropy and metric of each distribution belong together."""

import numpy as np
import pytest
from autograd import grad, hessian

from trpo_np import Bernoulli, Categorical, DiagonalGaussian, MultiCategorical
from trpo_np.distributions import Distribution
from trpo_np.errors import UsageError

#: A line for each distribution; `each` test below holds for all of them.
FAMILIES = [
    Categorical(4),
    MultiCategorical((2, 3)),
    Bernoulli(3),
    DiagonalGaussian(2),
]
each = pytest.mark.parametrize("d", FAMILIES, ids=lambda d: type(d).__name__)
DRAWS = 200_000


def random_eta(d, rng, N=1):
    return 0.8 * rng.standard_normal((N, d.num_outputs))


def within_three_errors(samples, expected):
    error = samples.std(ddof=1) / np.sqrt(len(samples))
    assert abs(samples.mean() - expected) < 3 * error


def test_no_distribution_of_the_package_is_left_out():
    ours = [k for k in Distribution.__subclasses__() if k.__module__.startswith("trpo_np.")]
    there = {kind for kind in ours if not kind.__module__.startswith("trpo_np.classroom.")}
    assert there == {type(d) for d in FAMILIES}


@each
def test_entropy_and_kl_match_monte_carlo(d, rng):
    p = random_eta(d, rng)
    q = p + 0.2 * rng.standard_normal(p.shape)  # near, so that the ratio has a variance
    many_p, many_q = np.repeat(p, DRAWS, axis=0), np.repeat(q, DRAWS, axis=0)
    actions = d.sample(many_p, rng)
    log_p, log_q = d.log_prob(many_p, actions), d.log_prob(many_q, actions)
    within_three_errors(-log_p, d.entropy(p)[0])
    within_three_errors(log_p - log_q, d.kl(p, q)[0])
    within_three_errors(np.exp(log_q - log_p), 1.0)  # the density is normalised


@each
def test_fisher_product_is_the_covariance_of_scores(d, rng):
    """Monte Carlo, exact quadrature and the Hessian of the KL all give M."""
    eta, u = random_eta(d, rng), rng.standard_normal((1, d.num_outputs))
    uMu = float((u * d.fisher_product(eta, u)).sum())

    many = np.repeat(eta, DRAWS, axis=0)
    actions = d.sample(many, rng)
    score_u = (grad(lambda x: d.log_prob(x, actions).sum())(many) * u).sum(axis=1)
    within_three_errors(score_u, 0.0)
    within_three_errors(score_u**2, uMu)

    quadrature = 0.0
    for a, w in zip(*d.quadrature(eta), strict=True):
        score = grad(lambda x, a=a: d.log_prob(x, a).sum())(eta)
        quadrature += w[0] * (score * u).sum() ** 2
    assert quadrature == pytest.approx(uMu, rel=1e-12)

    curvature = hessian(lambda t: d.kl(eta, eta + t * u).sum())(0.0)
    assert curvature == pytest.approx(uMu, rel=1e-10)


@each
def test_the_score_is_the_gradient_of_log_prob(d, rng):
    eta = random_eta(d, rng, 20)
    actions = d.sample(eta, rng)
    by_autograd = grad(lambda x: d.log_prob(x, actions).sum())(eta)
    np.testing.assert_allclose(d.score(eta, actions), by_autograd, rtol=1e-10, atol=1e-14)


@each
def test_kl_is_zero_with_zero_slope_at_itself_and_positive_elsewhere(d, rng):
    p, q = random_eta(d, rng, 50), random_eta(d, rng, 50)
    np.testing.assert_allclose(d.kl(p, p), 0, atol=1e-14)
    np.testing.assert_allclose(grad(lambda x: d.kl(p, x).sum())(p), 0, atol=1e-14)
    assert (d.kl(p, q) > 0).all()


@each
def test_quadrature_weights_are_probabilities(d, rng):
    actions, weights = d.quadrature(random_eta(d, rng, 5))
    assert actions.shape == (len(weights), 5, *d.event_shape)
    np.testing.assert_allclose(weights.sum(axis=0), 1, rtol=1e-13)
    assert (weights > 0).all()


@each
def test_every_row_is_on_its_own(d, rng):
    p, q, u = (random_eta(d, rng, 5) for _ in range(3))
    actions = d.sample(p, rng)
    answers = {
        "log_prob": lambda i: d.log_prob(p[i], actions[i]),
        "score": lambda i: d.score(p[i], actions[i]),
        "kl": lambda i: d.kl(p[i], q[i]),
        "entropy": lambda i: d.entropy(p[i]),
        "product": lambda i: d.fisher_product(p[i], u[i]),
        "mode": lambda i: d.mode(p[i]),
    }
    for name, answer in answers.items():
        alone = np.concatenate([answer(slice(i, i + 1)) for i in range(5)])
        np.testing.assert_allclose(answer(slice(None)), alone, rtol=1e-12, err_msg=name)


@each
def test_shapes_are_those_of_the_interface(d, rng):
    p, q = random_eta(d, rng, 7), random_eta(d, rng, 7)
    for actions in (d.sample(p, rng), d.mode(p)):
        assert actions.shape == (7, *d.event_shape)
        assert d.log_prob(p, actions).shape == (7,)
        assert d.score(p, actions).shape == p.shape
    assert d.kl(p, q).shape == d.entropy(p).shape == (7,)
    assert d.metric(p)(q).shape == d.fisher_product(p, q).shape == p.shape
    assert 0 <= d.num_free < d.num_outputs == p.shape[1]


@each
def test_mode_is_the_most_likely_of_many_draws(d, rng):
    eta = random_eta(d, rng)
    many = np.repeat(eta, 1000, axis=0)
    best = d.log_prob(eta, d.mode(eta))[0]
    assert (d.log_prob(many, d.sample(many, rng)) <= best + 1e-12).all()


@pytest.mark.parametrize(
    ("joint", "parts", "columns"),
    [
        (
            DiagonalGaussian(3),
            [DiagonalGaussian(1)] * 3,
            [[0, 3], [1, 4], [2, 5]],
        ),
        (MultiCategorical((2, 3)), [Categorical(2), Categorical(3)], [[0, 1], [2, 3, 4]]),
        (Bernoulli(2), [Bernoulli(1)] * 2, [[0], [1]]),
    ],
    ids=["Gaussian", "MultiCategorical", "Bernoulli"],
)
def test_kl_and_entropy_of_a_product_are_sums_over_its_marginals(joint, parts, columns, rng):
    """(11.3)"""
    p, q = random_eta(joint, rng, 7), random_eta(joint, rng, 7)
    kls = [part.kl(p[:, c], q[:, c]) for part, c in zip(parts, columns, strict=True)]
    entropies = [part.entropy(p[:, c]) for part, c in zip(parts, columns, strict=True)]
    np.testing.assert_allclose(joint.kl(p, q), sum(kls))
    np.testing.assert_allclose(joint.entropy(p), sum(entropies))


def test_a_coin_is_a_categorical_with_two_sides(rng):
    x, y = rng.standard_normal((2, 6, 1))
    coin, sides = Bernoulli(1), Categorical(2)
    as_logits = lambda z: np.hstack([np.zeros_like(z), z])  # noqa: E731
    np.testing.assert_allclose(coin.kl(x, y), sides.kl(as_logits(x), as_logits(y)))
    np.testing.assert_allclose(coin.entropy(x), sides.entropy(as_logits(x)))


def test_direction_of_the_kl_by_closed_form():
    """KL(N(0,1) ‖ N(1,2²)) = log 2 + (1 + 1)/8 - 1/2; the other way it is 2.95 times as much.
    And the pair of (11.4)."""
    d = DiagonalGaussian(1)
    narrow, wide = np.array([[0.0, 0.0]]), np.array([[1.0, np.log(2)]])
    assert d.kl(narrow, wide)[0] == pytest.approx(np.log(2) - 1 / 4)
    assert d.kl(wide, narrow)[0] == pytest.approx(-np.log(2) + 2)
    shifted = np.array([[0.3, -1.0]])
    assert d.kl(narrow, shifted)[0] == pytest.approx(2.53, abs=0.005)
    assert d.kl(shifted, narrow)[0] == pytest.approx(0.61, abs=0.005)


def test_quadratic_model_of_a_shrinking_gaussian_falls_short():
    """log σ from 0 to -0.2: ½ uᵀMu = 0.0400, but the KL is 0.0459."""
    d = DiagonalGaussian(1)
    eta, u = np.zeros((1, 2)), np.array([[0.0, -0.2]])
    assert 0.5 * (u * d.fisher_product(eta, u)).sum() == pytest.approx(0.04)
    assert d.kl(eta, eta + u)[0] == pytest.approx(0.0459, abs=5e-5)


@pytest.mark.parametrize("d", [Categorical(2), Bernoulli(1)], ids=["Categorical", "Bernoulli"])
def test_huge_logits_stay_finite(d):
    eta = np.full((1, d.num_outputs), -1000.0)
    eta[0, 0] = 1000.0
    assert np.isfinite(d.log_prob(eta, d.mode(eta))).all()
    assert d.entropy(eta)[0] == 0
    assert np.isfinite(d.kl(eta, -eta)).all()


def test_of_logits_only_the_differences_in_a_row_count(rng):
    """However far the rows are apart."""
    d, eta, shift = Categorical(3), rng.standard_normal((3, 3)), np.array([[1e3], [0.0], [-1e3]])
    actions = np.array([0, 1, 2])
    np.testing.assert_allclose(d.log_prob(eta + shift, actions), d.log_prob(eta, actions))
    np.testing.assert_allclose(d.entropy(eta + shift), d.entropy(eta))
    np.testing.assert_allclose(d.kl(eta + shift, eta), 0, atol=1e-12)


@pytest.mark.parametrize(
    ("make", "size", "said"),
    [
        (Categorical, 0, "Categorical(n=0)"),
        (DiagonalGaussian, 1.5, "DiagonalGaussian(d=1.5)"),
        (Bernoulli, -1, "Bernoulli(d=-1)"),
        (MultiCategorical, (2, 0), "MultiCategorical(sizes=(2, 0))"),
        (MultiCategorical, (0, 2), "MultiCategorical(sizes=(0, 2))"),
        (MultiCategorical, (), "MultiCategorical(sizes=())"),
    ],
)
def test_impossible_sizes_are_named(make, size, said):
    with pytest.raises(UsageError) as error:
        make(size)
    assert str(error.value) == f"{said} is not possible: its size must be an integer of at least 1."


def test_one_action_among_several_is_still_a_row_of_actions(rng):
    d, eta = MultiCategorical((3,)), rng.standard_normal((5, 3))
    actions = d.sample(eta, rng)
    assert actions.shape == (5, 1)
    np.testing.assert_array_equal(
        d.log_prob(eta, actions), Categorical(3).log_prob(eta, actions[:, 0])
    )


@pytest.mark.parametrize("columns", [1, 3])
def test_several_actions_are_as_many_as_there_are_parts(columns):
    d, actions = MultiCategorical((2, 3)), np.zeros((4, columns), int)
    for answer in (d.log_prob, d.score):
        with pytest.raises(ValueError, match="argument 2 is"):
            answer(np.zeros((4, 5)), actions)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint32, bool, float])
def test_the_dtype_of_coins_does_not_matter(dtype, rng):
    d = Bernoulli(3)
    eta, actions = rng.standard_normal((5, 3)), rng.integers(0, 2, (5, 3))
    np.testing.assert_array_equal(d.log_prob(eta, actions.astype(dtype)), d.log_prob(eta, actions))


@pytest.mark.parametrize("action", [-1, 3, 7])
def test_actions_that_do_not_exist_are_named(action):
    with pytest.raises(ValueError, match=f"no action {action}: they are 0 ... 2"):
        Categorical(3).log_prob(np.zeros((2, 3)), np.array([0, action]))
