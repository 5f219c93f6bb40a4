"""The nbgrader course: what it is made of, and that it gives the points it should."""

import html
import os
import re
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

pytest.importorskip("jupytext", reason="pip install -e '.[notebooks]' brings jupytext")
ROOT = Path(__file__).parent.parent / "notebooks"
sys.path.insert(0, str(ROOT / "tools"))
from build import ONE_THREAD, STUB, solution  # noqa: E402
from grading import assignment_from, write_course  # noqa: E402

SOURCES = sorted(ROOT.glob("src/*.py"))
NOTEBOOK = "07_conjugate_gradient"
needs_nbgrader = pytest.mark.skipif(
    not find_spec("nbgrader"), reason="pip install -e '.[grading]' brings nbgrader"
)
each = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)


def graded(notebook, kind):
    """grade_id -> cell, for the cells that nbgrader knows as "solution" or as "grade"."""
    cells = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get(kind)]
    return {cell.metadata.nbgrader.grade_id: cell for cell in cells}


@each
def test_every_exercise_is_an_answer_followed_by_a_strict_test_with_points(source):
    notebook = assignment_from(source)
    answers, tests = graded(notebook, "solution"), graded(notebook, "grade")
    exercises = re.findall(r"^nb\.check_(\w+)\(", source.read_text(encoding="utf-8"), re.MULTILINE)
    recalls = re.findall(r"^nb\.(recall_\w+)\(", source.read_text(encoding="utf-8"), re.MULTILINE)
    assert list(answers) == recalls + exercises
    assert list(tests) == [f"check_{name}" for name in exercises]
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    for name in recalls:  # their verdict is printed, and counts nothing
        assert "### BEGIN SOLUTION" in answers[name].source
        assert not answers[name].metadata.nbgrader.grade
    for name in exercises:
        answer, test = answers[name], tests[f"check_{name}"]
        assert ids.index(test.id) == ids.index(answer.id) + 1
        assert "### BEGIN SOLUTION" in answer.source
        assert re.search(rf"^nb\.check_{name}\(\w+\)$", answer.source, re.MULTILINE)
        assert re.search(rf"^    nb\.check_{name}\(\w+, strict=True\)$", test.source, re.MULTILINE)
        predicted = "prediction = ..." in answer.source
        assert test.metadata.nbgrader.points == (1 if predicted else 2)
        assert test.metadata.nbgrader.locked
        assert not test.metadata.nbgrader.solution
        assert not answer.metadata.nbgrader.grade


@each
def test_it_is_a_notebook_to_nbformat_and_to_nbgrader(source):
    notebook = assignment_from(source)
    nbformat.validate(notebook)
    assert nbformat.writes(notebook) == nbformat.writes(assignment_from(source))
    if find_spec("nbgrader"):
        from nbgrader.nbgraderformat import MetadataValidator

        MetadataValidator().validate_nb(notebook)


@pytest.mark.parametrize(
    "cell",
    ["def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION", "nb.check_f(f)"],
    ids=["no check", "no solution"],
)
def test_a_solution_without_a_check_or_the_other_way_round_is_refused(tmp_path, cell):
    source = tmp_path / "12_odd.py"
    source.write_text(f"# %%\na = 1\n\n# %%\n{cell}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"12_odd\.py, cell nb12-001"):
        assignment_from(source)


def test_links_lead_to_the_other_assignments_folders(tmp_path):
    write_course(tmp_path)
    for path in tmp_path.glob("source/*/*.ipynb"):
        for link in re.findall(r"\]\(([^):]+\.ipynb)", path.read_text(encoding="utf-8")):
            target = re.fullmatch(r"\.\./(\w+)/\1\.ipynb", link)
            assert target, link
            assert not (ROOT / f"{target[1]}.ipynb").exists() or (path.parent / link).exists()
        for link in re.findall(r"\]\(([^):#]+\.md)", path.read_text(encoding="utf-8")):
            assert (path.parent / link).exists(), link


def test_a_course_written_again_keeps_the_teachers_settings(tmp_path):
    written = write_course(tmp_path)
    assert [path.stem for path in written] == [source.stem for source in SOURCES]
    config = tmp_path / "nbgrader_config.py"
    config.write_text("# mine\n", encoding="utf-8")
    assert write_course(tmp_path) == written
    assert config.read_text(encoding="utf-8") == "# mine\n"


def wrong(name):
    """An answer cell with the first mistake that the check knows."""
    return f"wrong = nb.check_{name}.mistakes[0].answer\nnb.check_{name}(wrong)"


def submit(course, student, notebook, answers):
    """Hands in the released notebook with some of its answer cells replaced."""
    released = course / "release" / notebook / f"{notebook}.ipynb"
    submission = nbformat.read(released, as_version=4)
    for name, code in answers.items():
        graded(submission, "solution")[name].source = code
    folder = course / "submitted" / student / notebook
    folder.mkdir(parents=True)
    nbformat.write(submission, folder / released.name)


def solutions(course, notebook):
    """grade_id -> the code of the solved answer cell, of the exercises."""
    source = nbformat.read(course / "source" / notebook / f"{notebook}.ipynb", as_version=4)
    cells, tests = graded(source, "solution"), graded(source, "grade")
    return {name: solution(cells[name].source) for name in cells if f"check_{name}" in tests}


def run_nbgrader(course, *arguments):
    """Runs an nbgrader command in the course, with none of the user's own settings."""
    own = {name: str(course.parent / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
    # nbgrader calls alembic by its bare name, which is on the path only where a venv is activated.
    own["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course,
        env=os.environ | ONE_THREAD | own,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course in which four students have handed in their notebooks and were graded."""
    course = tmp_path_factory.mktemp("teacher") / "course"
    write_course(course)
    run_nbgrader(course, "generate_assignment", NOTEBOOK)
    solved = solutions(course, NOTEBOOK)
    first = next(iter(solved))
    # Right, on a way that makes NumPy warn: to nbgrader a warning would be a failure.
    noisy = solved[first].replace("    return", "    np.log(np.zeros(1))\n    return", 1)
    assert noisy != solved[first]
    submit(course, "solved", NOTEBOOK, solved)
    submit(course, "unsolved", NOTEBOOK, {})
    submit(course, "one_wrong", NOTEBOOK, solved | {first: wrong(first)})
    submit(course, "noisy", NOTEBOOK, solved | {first: noisy})
    run_nbgrader(course, "autograde", NOTEBOOK)
    run_nbgrader(course, "generate_feedback", NOTEBOOK, "--student", "one_wrong")
    return course


def points(course, student):
    """grade_id of the test -> the points that the student has, as they stand in the gradebook."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "trpo_np") as book:
        grades = book.find_submission_notebook(NOTEBOOK, NOTEBOOK, student).grades
        return {grade.name: (grade.score, grade.max_score) for grade in grades}


@needs_nbgrader
@pytest.mark.filterwarnings("ignore")  # those of nbgrader's own code
@pytest.mark.parametrize(
    ("student", "wrong_exercises"),
    [("solved", 0), ("unsolved", None), ("one_wrong", 1), ("noisy", 0)],
)
def test_points_are_given_for_what_is_right_and_for_nothing_else(course, student, wrong_exercises):
    names = [f"check_{name}" for name in solutions(course, NOTEBOOK)]
    lost = set(names[:wrong_exercises])
    tests = graded(assignment_from(ROOT / "src" / f"{NOTEBOOK}.py"), "grade")
    worth = {name: float(tests[name].metadata.nbgrader.points) for name in names}
    wanted = {name: (0.0 if name in lost else worth[name], worth[name]) for name in names}
    assert points(course, student) == wanted


@needs_nbgrader
def test_feedback_names_the_mistake(course):
    first = next(iter(solutions(course, NOTEBOOK)))
    check = vars(import_module("trpo_np.classroom.notebook_07"))[f"check_{first}"]
    page = course / "feedback" / "one_wrong" / NOTEBOOK / f"{NOTEBOOK}.html"
    text = html.unescape(page.read_text(encoding="utf-8"))
    assert f"{check.name}: {check.mistakes[0].says}" in text


@needs_nbgrader
def test_the_released_notebook_holds_no_solution_and_runs_to_its_end(course):
    path = course / "release" / NOTEBOOK / f"{NOTEBOOK}.ipynb"
    released = nbformat.read(path, as_version=4)
    for name, code in solutions(course, NOTEBOOK).items():
        blank = graded(released, "solution")[name].source
        assert STUB in blank
        assert "SOLUTION" not in blank
        assert not set(code.splitlines()) <= set(blank.splitlines())
    for name, cell in graded(released, "solution").items():
        assert len(re.findall(r"^recall = ", cell.source, re.MULTILINE)) == name.startswith(
            "recall_"
        )
    NotebookClient(released, timeout=60).execute(cwd=str(path.parent))
    for cell in released.cells:
        errors = [out for out in cell.get("outputs", []) if out.output_type == "error"]
        is_test = cell in graded(released, "grade").values()
        assert [error.ename for error in errors] == ["CheckError"] * is_test, cell.source
