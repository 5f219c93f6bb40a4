"""The pictures in figures/ are those of the notebooks, and each has its alt text beside it."""

import html
import re
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "notebooks" / "tools"))

from figures import named_pictures, write_figures, write_twins  # noqa: E402
from trpo_np.classroom import figures as classroom  # noqa: E402


def test_figures_are_the_notebooks_own(tmp_path):
    write_figures(tmp_path)
    write_twins(tmp_path)
    written = sorted(path.name for path in tmp_path.iterdir())
    assert len(written) >= 12
    for name in written:
        assert (ROOT / "figures" / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_every_figure_has_its_alt_text():
    pictures = sorted((ROOT / "figures").glob("*.png"))
    assert pictures
    for path in pictures:
        path = path.with_stem(path.stem.removesuffix("-dark"))
        assert len(path.with_suffix(".txt").read_text(encoding="utf-8").strip()) > 40, path.name


def test_pictures_of_the_readme_exist_and_say_what_they_show():
    text = (ROOT / "README.md").read_text("utf-8")
    shown = re.findall(r"!\[(.*?)\]\((.*?)\)", text)
    shown += re.findall(r'<img alt="(.*?)"\s+src="(.*?)"', text)
    assert shown
    for alt, file in shown:
        assert (ROOT / file).exists()
        assert len(alt) > 40
    for file in re.findall(r'srcset="(.*?)"', text):
        assert (ROOT / file).exists()


def test_a_named_picture_is_found_with_its_alt_text(monkeypatch):
    shown = []
    monkeypatch.setattr(classroom, "display", lambda h: shown.append(h.data))
    for name in ("one", ""):
        classroom.show(plt.figure(), 'alt with "quotes" & more', "caption", name)
    outputs = [{"output_type": "display_data", "data": {"text/html": h}} for h in shown]
    cell = nbformat.from_dict({"cell_type": "code", "outputs": outputs})
    found = named_pictures(nbformat.from_dict({"cells": [cell]}))
    assert list(found) == ["one"]
    png, alt = found["one"]
    assert png.startswith(b"\x89PNG")
    assert alt == 'alt with "quotes" & more'
    assert html.escape(alt) in shown[0]
