import numpy as np
import pytest
from gymnasium import spaces

from trpo_np.errors import UsageError
from trpo_np.training.normalizer import CLIP, Normalizer

BOX = spaces.Box(-np.inf, np.inf, (3,))


def test_updates_in_parts_give_the_statistics_of_the_whole(rng):
    data = 5 + 3 * rng.standard_normal((100, 3))
    normalizer = Normalizer.fresh(BOX)
    for part in np.split(data, [1, 10, 60]):
        normalizer = normalizer.updated(part)
    np.testing.assert_allclose(normalizer.mean, data.mean(axis=0))
    np.testing.assert_allclose(normalizer.variance, data.var(axis=0))
    scaled = normalizer(data)
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.var(axis=0), 1, rtol=1e-6)


def test_an_update_makes_a_new_one(rng):
    before = Normalizer.fresh(BOX)
    before.updated(rng.standard_normal((10, 3)))
    np.testing.assert_array_equal(
        before(np.full((1, 3), 2.0)), np.full((1, 3), 2 / np.sqrt(1 + 1e-8))
    )


def test_outliers_are_cut_off_and_constants_survive(rng):
    normalizer = Normalizer.fresh(BOX).updated(np.tile([1.0, 2.0, 3.0], (50, 1)))
    np.testing.assert_array_equal(normalizer(np.array([[1.0, 2.0, 4.0]])), [[0, 0, CLIP]])


@pytest.mark.parametrize("running", [True, False])
def test_discrete_observations_are_one_hot_and_stay_so(running):
    normalizer = Normalizer.fresh(spaces.Discrete(4, start=2), running)
    rows = normalizer(np.array([2, 5]))
    np.testing.assert_array_equal(rows, [[1, 0, 0, 0], [0, 0, 0, 1]])
    assert normalizer.updated(rows) is normalizer


def test_images_are_made_flat():
    space = spaces.Box(0, 255, (2, 2, 3), np.uint8)
    normalizer = Normalizer.fresh(space, running=False)
    image = np.arange(12, dtype=np.uint8).reshape(1, 2, 2, 3)
    np.testing.assert_array_equal(normalizer(image), np.arange(12.0)[None])


@pytest.mark.parametrize(
    ("shape", "observations", "words"),
    [
        ((3,), np.full((2, 3), "a"), "observations must be numbers"),
        ((3,), np.full((2, 3), None), "observations must be numbers"),
        ((), np.array(0.5), r"observations have the shape \(\)"),
        ((), np.zeros((5, 2)), r"observations have the shape \(5, 2\)"),
        ((2, 2), np.zeros((5, 4)), r"observations have the shape \(5, 4\)"),
    ],
)
def test_arrays_that_hold_no_observations_are_refused_by_a_sentence(shape, observations, words):
    with pytest.raises(UsageError, match=f"The {words}"):
        Normalizer.fresh(spaces.Box(-1, 1, shape)).flat(observations)
