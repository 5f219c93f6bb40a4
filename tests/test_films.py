"""The films show what the package computes, and are there for every page, small, with words."""

import re
import sys
from itertools import pairwise
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from trpo_np import tabular
from trpo_np.classroom.films import Film, bowl, moving, run, search, until

ROOT = Path(__file__).parent.parent
FIGURES, SOURCES = ROOT / "figures", ROOT / "notebooks" / "src"
sys.path.insert(0, str(ROOT / "notebooks" / "tools"))

import films as tool  # noqa: E402

each = pytest.mark.parametrize("name", tool.FILMS)


def cell(notebook, start):
    """The names of a notebook's cell that begins with a line, executed."""
    text = (SOURCES / notebook).read_text(encoding="utf-8")
    names = {"np": np, "tabular": tabular}
    exec(re.search(rf"^{re.escape(start)}.*?(?=\n\n\n|\n# %%)", text, re.M | re.S)[0], names)
    return names


@each
@pytest.mark.parametrize("end", ["", "-dark"])
def test_a_film_moves_begins_again_and_is_under_a_megabyte(name, end):
    path = FIGURES / f"{name}{end}.webp"
    assert path.stat().st_size < 1e6
    with Image.open(path) as film:
        assert film.info["loop"] == 0
        shown = [
            film.seek(k) or (film.tobytes(), film.info["duration"]) for k in range(film.n_frames)
        ]
    assert shown[0][0] != shown[-1][0]
    # Scenes that look alike are one picture, shown for as long as both.
    assert sum(time for _, time in shown) == sum(time for _, time in tool.FILMS[name]().scenes)


@each
def test_a_film_has_its_still_its_dark_twin_and_its_words(name):
    assert len((FIGURES / f"{name}.txt").read_text(encoding="utf-8").strip()) > 40
    shapes = []
    for file in (f"{name}.png", f"{name}-dark.png", f"{name}.webp", f"{name}-dark.webp"):
        with Image.open(FIGURES / file) as picture:
            shapes.append(picture.width / picture.height)
    assert np.allclose(shapes, shapes[0], rtol=0.01)


def test_scenes_rest_at_whole_numbers_and_the_last_stays():
    scenes = moving(2, between=1, rest=300, move=50, end=900)
    assert scenes == ((0, 300), (0.5, 50), (1, 300), (1.5, 50), (2, 900))


def test_a_path_goes_along_its_iterates_and_ends_on_the_last():
    path = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 2.0]])
    assert np.array_equal(until(path, 1.25), [*path[:2], [1, 0.5]])
    assert np.array_equal(until(path, 7)[-1], path[-1])


def test_a_film_ends_with_its_still():
    shown = []
    Film(lambda t: shown.append(t) or plt.figure(), ((0, 1), (4, 1))).still()
    assert shown == [4]


def test_conjugate_gradient_ends_at_the_solution_and_steepest_descent_does_not():
    found = bowl.paths()
    steepest, conjugate = found["steepest descent"], found["conjugate gradient"]
    assert np.allclose(conjugate[-1], np.linalg.solve(bowl.F, bowl.G), rtol=1e-12)
    assert np.allclose(steepest[1], conjugate[1])
    errors = bowl.errors(steepest)
    assert (np.diff(errors) < 0).all()
    assert errors[-1] > 0.01
    residuals = bowl.G - steepest @ bowl.F
    assert np.allclose(np.sum(residuals[1:] * residuals[:-1], axis=1), 0)


def test_the_bowl_is_that_of_notebook_07():
    names = cell("07_conjugate_gradient.py", "F = np.array([[5.0")
    assert np.array_equal(names["F"], bowl.F)
    assert np.array_equal(names["g"], bowl.G)
    text = (SOURCES / "07_conjugate_gradient.py").read_text(encoding="utf-8")
    assert f"start = np.array({bowl.START.tolist()})" in text


def test_the_run_is_in_the_world_of_notebook_04():
    names = cell("04_trust_region.py", "mdp = tabular")
    assert np.array_equal(names["features"], run.FEATURES)
    for field in ("transitions", "rewards", "start", "gamma"):
        assert np.array_equal(getattr(names["mdp"], field), getattr(run.world(), field))


def test_every_step_of_the_run_keeps_to_delta_and_improves():
    path = run.thetas()
    J = tabular.performance(run.world(), run.table(path))
    assert (np.diff(J) > 0).all()
    for old, new in pairwise(path):
        assert 0 < run.Region(old).kl(new) <= run.DELTA


def test_the_drawn_region_is_that_of_f_and_the_kl_agrees_near_the_policy():
    region = run.Region(run.START)
    F, g = region.models()
    d = region.rim() - run.START[:, None]
    assert np.allclose(0.5 * np.einsum("in,ij,jn->n", d, F, d), run.DELTA)
    small = 1e-3 * d.T
    assert np.allclose(region.kl(run.START + small), 1e-6 * run.DELTA, rtol=0.01)
    full = region.full_step()
    assert np.max(g @ d) <= g @ full * (1 + 1e-9)
    assert g @ full == pytest.approx(np.max(g @ d), rel=1e-3)


def test_the_search_refuses_twice_for_the_reasons_shown():
    _, kl, gain = search.ray()
    holds = [(kl(a) <= search.DELTA, gain(a) > 0) for a in (1, 0.5, 0.25)]
    assert holds == [(False, False), (True, False), (True, True)]
    assert [t for t, _ in search.film().scenes if t % 1 == 0] == [0, 1, 2]


def test_the_search_is_the_last_column_of_notebook_08():
    text = (SOURCES / "08_line_search.py").read_text(encoding="utf-8")
    assert f'"both refuse": ({search.SEED}, {search.DAMPING}, {search.DELTA})' in text
    names = {"np": np, "yours": lambda mine, check: mine}
    exec(re.search(r"^import matplotlib.*?use_style\(\)$", text, re.M | re.S)[0], names)
    from trpo_np.line_search import maximum_step

    names["maximum_step"] = lambda delta, s, Fs: maximum_step(delta, s @ Fs)
    for name in ("problem", "along"):
        exec(re.search(rf"^def {name}\(.*?(?=\n\n\n|\n# %%)", text, re.M | re.S)[0], names)
    KL, gain, _ = names["along"](search.SEED, search.DAMPING, search.DELTA)
    _, kl, gained = search.ray()
    for a in (0.1, 0.25, 0.9):
        assert kl(a) == pytest.approx(KL(a), rel=1e-9)
        assert gained(a) == pytest.approx(gain(a), rel=1e-9)
