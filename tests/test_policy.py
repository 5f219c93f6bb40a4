import re

import gymnasium
import numpy as np
import pytest
from checkers import check_derivatives
from gymnasium import spaces
from problems import ACTION_SPACES, random_problem

from trpo_np import make_policy
from trpo_np.errors import UsageError
from trpo_np.spaces import noise_by_range

BOX = spaces.Box(-1, 1, (3,))
SPACES = [
    spaces.Discrete(4),
    spaces.Discrete(3, start=-1),
    spaces.MultiDiscrete([2, 3]),
    spaces.MultiDiscrete([[2, 3], [4, 5]], start=[[1, 1], [0, 7]]),
    spaces.MultiBinary(5),
    spaces.MultiBinary([2, 3]),
    spaces.Box(-2, 2, (2,)),
    spaces.Box(-np.inf, np.inf, (2, 3), np.float64),
]


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_actions_are_as_the_space_wants_them(space, rng):
    policy = make_policy(BOX, space, hidden=(8,))
    theta = policy.init(rng)
    obs = rng.standard_normal((200, 3))
    for actions in (policy.sample(theta, obs, rng), policy.mode(theta, obs)):
        assert actions.shape == (200, *space.shape)
        assert actions.dtype == space.dtype
        if not isinstance(space, spaces.Box):
            assert all(space.contains(a) for a in actions)
    actions = policy.sample(theta, obs, rng)
    assert np.isfinite(policy.log_prob(theta, obs, actions)).all()
    np.testing.assert_array_equal(policy.as_actions(policy.as_events(actions)), actions)


def test_box_actions_are_not_clipped(rng):
    policy = make_policy(BOX, spaces.Box(-0.1, 0.1, (1,)), hidden=())
    actions = policy.sample(policy.init(rng), np.zeros((500, 3)), rng)
    assert np.abs(actions).max() > 1


@pytest.mark.parametrize("kind", ACTION_SPACES)
def test_products_with_the_jacobian_match_autograd(kind, rng):
    policy, theta, obs = random_problem(kind, rng)
    at = policy.linearize(theta, obs)
    check_derivatives(lambda x: policy.outputs(x, obs), at.jvp, at.vjp, theta, rng)
    np.testing.assert_allclose(at.outputs, policy.outputs(theta, obs))


@pytest.mark.parametrize("kind", ACTION_SPACES)
def test_every_parameter_moves_the_policy(kind, rng):
    """log_std included: no entry of theta is left out of the distribution."""
    policy, theta, obs = random_problem(kind, rng, N=4, hidden=(3,))
    before = policy.outputs(theta, obs)
    for e in np.eye(len(theta)):
        assert (policy.outputs(theta + e, obs) != before).any()


@pytest.mark.parametrize(
    ("observations", "D"),
    [
        (spaces.Box(0, 255, (4, 5, 3), np.uint8), 60),
        (spaces.Discrete(7), 7),
        (spaces.Box(-1, 1, ()), 1),
    ],
)
def test_observation_spaces(observations, D):
    assert make_policy(observations, spaces.Discrete(2)).network.sizes == (D, 64, 64, 2)


@pytest.mark.parametrize(
    "space",
    [
        spaces.Tuple([spaces.Discrete(2)]),
        spaces.Dict(a=spaces.Discrete(2)),
        spaces.Text(3),
        spaces.Box(0, 5, (2,), np.int64),
    ],
    ids=str,
)
def test_other_spaces_are_named_with_what_is_supported(space):
    with pytest.raises(UsageError) as error:
        make_policy(BOX, space)
    assert str(space) in str(error.value)
    assert str(error.value).endswith(
        ": use Discrete, MultiDiscrete, MultiBinary or a Box of floats, "
        "or wrap the environment to offer one of them."
    )
    if not isinstance(space, spaces.Box):
        way_out = r"use Box or Discrete, or wrap the environment "
        way_out += r"\(gymnasium\.wrappers\.(\w+) makes a Box of most\)\.$"
        with pytest.raises(UsageError, match=way_out) as error:
            make_policy(space, spaces.Discrete(2))
        assert hasattr(gymnasium.wrappers, re.search(way_out, str(error.value))[1])


def test_events_too_large_for_the_space_are_infinite_and_nothing_to_warn_of():
    """Those of an exploded Gaussian; warnings are errors here."""
    policy = make_policy(BOX, spaces.Box(-1, 1, (2,), np.float32), hidden=())
    np.testing.assert_array_equal(
        policy.as_actions(np.array([[1e300, -1e300]])), [[np.inf, -np.inf]]
    )


def test_the_first_policy_is_nearly_uniform(rng):
    policy = make_policy(BOX, spaces.Discrete(4))
    entropy = policy.entropy(policy.init(rng), rng.standard_normal((50, 3)))
    np.testing.assert_allclose(entropy, np.log(4), atol=1e-3)


def test_a_gaussian_begins_with_the_standard_deviation_asked_for(rng):
    policy = make_policy(spaces.Box(-1, 1, (3,)), spaces.Box(-1, 1, (2,)))
    obs = rng.standard_normal((4, 3))
    for std in (0.4, 1.0):
        log_std = policy.outputs(policy.init(rng, std), obs)[:, 2:]
        np.testing.assert_allclose(log_std, np.log(std))
    by_default = policy.outputs(policy.init(rng), obs)[:, 2:]
    np.testing.assert_array_equal(by_default, 0)


def test_noise_by_range_is_as_long_as_half_a_range():
    sigma = noise_by_range(spaces.Box(np.float32([-1, 0]), np.float32([1, 6])))
    np.testing.assert_allclose(sigma, np.array([1, 3]) / np.sqrt(2))
    for d in (1, 2, 8):
        assert np.linalg.norm(noise_by_range(spaces.Box(-2, 2, (d,)))) == pytest.approx(2)
    unbounded = spaces.Box(np.float32([-np.inf, 5, -3e38]), np.float32([1, 5, 3e38]))
    np.testing.assert_allclose(noise_by_range(unbounded), 1 / np.sqrt(3))
