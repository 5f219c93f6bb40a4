"""What an exercise is worth: the usual, or what the teacher's points.toml says."""

import sys
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("jupytext", reason="pip install -e '.[notebooks]' brings jupytext")
sys.path.insert(0, str(Path(__file__).parent.parent / "notebooks" / "tools"))

from grading import points_in, write_course


def points(course, stem):
    notebook = nbformat.read(course / "source" / stem / f"{stem}.ipynb", as_version=4)
    known = [cell.metadata.nbgrader for cell in notebook.cells if "nbgrader" in cell.metadata]
    return {entry.grade_id: entry.points for entry in known if entry.grade}


def test_the_teachers_points_count_and_stay(tmp_path):
    write_course(tmp_path)
    before = points(tmp_path, "07_conjugate_gradient")
    (tmp_path / "points.toml").write_text("conjugate_gradient = 5\n", encoding="utf-8")
    write_course(tmp_path)
    after = points(tmp_path, "07_conjugate_gradient")
    assert after == before | {"check_conjugate_gradient": 5}
    assert before["check_conjugate_gradient"] == 2


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("no_such = 1", "check_no_such"),
        ("conjugate_gradient = -1", "whole number"),
        ("conjugate_gradient = true", "whole number"),
    ],
)
def test_points_that_mean_nothing_are_refused(tmp_path, line, says):
    (tmp_path / "points.toml").write_text(line, encoding="utf-8")
    with pytest.raises(ValueError, match=says):
        points_in(tmp_path)
