"""Pictures on a dark page: paper turns dark, ink light, colours keep their hue and can be told."""

import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from trpo_np.experiments.plots import COLORS, INK, PALE, QUIET

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "notebooks" / "tools"))

from dark import dark, darkened, to_oklab, to_rgb  # noqa: E402

WHITE = np.ones(3)


def rgb(name):
    return np.array([int(name[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def contrast(x, y):
    """WCAG's ratio of two colours, 1 to 21."""
    linear = [np.where(c > 0.04045, ((c + 0.055) / 1.055) ** 2.4, c / 12.92) for c in (x, y)]
    low, high = sorted(c @ [0.2126, 0.7152, 0.0722] for c in linear)
    return (high + 0.05) / (low + 0.05)


def test_oklab_and_back(rng):
    colours = rng.uniform(size=(200, 3))
    assert np.allclose(to_rgb(to_oklab(colours)), colours, atol=1e-6)
    assert np.allclose(to_oklab(WHITE), [1, 0, 0], atol=1e-6)


def test_paper_becomes_the_books_dark_page():
    page = np.array([0x12, 0x12, 0x12]) / 255  # the theme's --pst-color-background
    assert np.abs(darkened(WHITE) - page).max() < 1 / 255


@pytest.mark.parametrize("name", [INK, QUIET])
def test_words_can_be_read_on_both_pages(name):
    assert contrast(rgb(name), WHITE) >= 4.5
    assert contrast(darkened(rgb(name)), darkened(WHITE)) >= 4.5


@pytest.mark.parametrize("name", COLORS)
def test_lines_stand_out_on_the_dark_page_and_keep_their_hue(name):
    before, after = to_oklab(rgb(name)), to_oklab(darkened(rgb(name)))
    assert contrast(darkened(rgb(name)), darkened(WHITE)) >= 4.5
    if np.hypot(*before[1:]) > 0.05:
        turn = np.arctan2(*after[:0:-1]) - np.arctan2(*before[:0:-1])
        assert abs((turn + np.pi) % (2 * np.pi) - np.pi) < 0.15


def test_two_colours_stay_two():
    for one, other in combinations(COLORS, 2):
        distance = to_oklab(darkened(rgb(one))) - to_oklab(darkened(rgb(other)))
        assert np.linalg.norm(distance) > 0.1, (one, other)  # 0.02 can just be seen


def test_a_stronger_blue_is_more_on_both_pages():
    colours = PALE(np.linspace(0, 1, 30))[:, :3]
    assert (np.diff(to_oklab(colours)[:, 0]) < 0).all()
    assert (np.diff(to_oklab(darkened(colours))[:, 0]) > 0).all()


def test_the_table_is_near_the_formula(rng):
    """To five of 255 levels in the mean, and in paper and ink to one."""
    colours = rng.integers(0, 256, size=(40, 40, 3), dtype=np.uint8)
    colours[0, :2] = [[255] * 3, [0] * 3]
    by_table = np.asarray(dark(Image.fromarray(colours))).astype(float)
    exact = 255 * darkened(colours / 255)
    assert np.abs(by_table - exact).mean() < 5
    assert np.abs(by_table - exact)[0, :2].max() <= 1


def test_every_committed_picture_has_its_twin():
    for path in (ROOT / "figures").glob("*.png"):
        if not path.stem.endswith("-dark"):
            twin = path.with_stem(f"{path.stem}-dark")
            with Image.open(path) as light, Image.open(twin) as found:
                assert np.array_equal(np.asarray(found), np.asarray(dark(light))), path.name
