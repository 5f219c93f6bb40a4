"""Homework from a seed: its answers by a second way, its points, and what students do not see."""

import re
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pytest
import second_ways

pytest.importorskip("nbclient", reason="pip install -e '.[classroom]' brings nbclient")
TOOLS = Path(__file__).parent.parent / "notebooks" / "tools"
sys.path.insert(0, str(TOOLS))

from homework import grade, main, named, notebook, write  # noqa: E402
from homework_problems import DRAWN, WORDS, cases, problems  # noqa: E402
from homework_problems.marks import TOLERANCE, answers_in, marked, right  # noqa: E402

SEED = 20260713
SEEDS = range(30)
EACH = pytest.mark.parametrize("name", DRAWN)
CASES = [cases(seed) for seed in SEEDS]


@EACH
def test_the_answers_agree_with_a_second_computation(name):
    for case in (drawn[name] for drawn in CASES):
        again = getattr(second_ways, name)(case.given)
        assert len(again) == len(case.answers)
        for answer, second in zip(case.answers, again, strict=True):
            scale = np.abs(answer).max() + 1e-3
            np.testing.assert_allclose(answer, second, atol=2e-4 * scale, rtol=0)


def test_what_is_drawn_is_always_a_problem_to_be_solved():
    """Also where CG is done after one step, or where a mended program would divide 0 by 0."""
    for seed in (*range(30, 130), 203, 215, 366, 396):
        for case in cases(seed).values():
            assert all(np.isfinite(answer).all() for answer in case.answers)
            if "program" in case.given:
                program, _, arguments = case.given.values()
                np.testing.assert_allclose(program.run(arguments), case.answers[1], atol=1e-9)


#: Usual slips: place of the part, and the wrong answer from what is given and the right answers.
SLIPS = {
    "two_policies": [
        (0, lambda given, a: a[1]),
        (0, lambda given, a: a[0] / np.log(2)),  # in bits
        (1, lambda given, a: a[0]),
        (2, lambda given, a: 2 * a[2]),  # without the half
        (3, lambda given, a: a[3] / 2),  # a mean over dimensions
    ],
    "a_world_of_two_states": [
        (1, lambda given, a: a[1] - a[0][0]),  # without J(π_old)
        (1, lambda given, a: a[0][0] + (1 - given["gamma"]) * (a[1] - a[0][0])),  # ρ a probability
        (1, lambda given, a: a[2]),
        (2, lambda given, a: a[1]),
        (3, lambda given, a: a[1] + 2 * (a[3] - a[1])),  # the paper's constant
        (3, lambda given, a: a[3] + a[2] - a[1]),  # from J
    ],
    "fisher_by_hand": [
        (1, lambda given, a: 3 * a[1]),  # a sum over states
        (
            1,
            lambda given, a: np.mean(
                [p * np.outer(f, f) for p, f in zip(a[0], given["features"], strict=True)], axis=0
            ),
        ),
        (2, lambda given, a: 2 * a[2]),
        (2, lambda given, a: a[3]),
        (3, lambda given, a: a[2]),
    ],
    "product_without_f": [
        (1, lambda given, a: a[1] * [1, 0.5]),  # the metric for σ² in the place of log σ
        (2, lambda given, a: 2 * a[2]),
        (3, lambda given, a: 2 * a[3]),
    ],
    "two_iterations": [
        (1, lambda given, a: np.sqrt(a[1])),
        (1, lambda given, a: 1 / a[1]),
        (2, lambda given, a: np.linalg.solve(given["F"], given["g"])),
        (2, lambda given, a: steepest(given["F"], given["g"])),
        (3, lambda given, a: 9.0),
    ],
    "as_far_as_delta": [
        (0, lambda given, a: given["g"]),
        (1, lambda given, a: a[1] / np.sqrt(2)),
        (1, lambda given, a: np.sqrt(2 * given["delta"] / (given["g"] @ given["g"]))),
        (3, lambda given, a: a[3] + 1),
        (4, lambda given, a: given["delta"] * 0.25 ** a[3]),  # the model's
    ],
    "where_an_episode_ends": [
        (0, lambda given, a: td(given, ends=())),
        (0, lambda given, a: td(given, ends=("terminated", "truncated"))),
        (1, lambda given, a: crossing(given, a[0])),
    ],
    "which_delta": [
        (0, lambda given, a: 2 * a[0]),
        (1, lambda given, a: a[0] * given["scale"]),
        (1, lambda given, a: a[0]),
        (3, lambda given, a: a[4]),
        (4, lambda given, a: a[3]),
    ],
    "a_program_with_a_bug": [
        (0, lambda given, a: a[0] + 1),
        (1, lambda given, a: given["program"].run(given["arguments"], given["bug"])),
    ],
    "the_clip": [
        (1, lambda given, a: np.mean(a[0] * given["A"])),
        (
            1,
            lambda given, a: np.mean(
                np.clip(a[0], 1 - given["clip"], 1 + given["clip"]) * given["A"]
            ),
        ),
        (2, lambda given, a: np.abs(a[0] - 1) <= given["clip"]),
        (3, lambda given, a: np.mean(-np.log(a[0]))),  # k1
    ],
}


def steepest(F, g):
    x = np.zeros(3)
    for _ in range(2):
        r = g - F @ x
        x = x + (r @ r) / (r @ F @ r) * r
    return x


def td(given, ends):
    at_an_end = np.isin(np.arange(6), [given[name] for name in ends])
    return given["rewards"] + given["gamma"] * given["next_values"] * ~at_an_end - given["values"]


def crossing(given, deltas):
    A = [0.0]
    for delta in reversed(deltas):
        A.append(delta + given["gamma"] * given["lam"] * A[-1])
    return A[:0:-1]


@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")  # of a bug
@EACH
def test_usual_slips_get_no_points(name):
    for case in (drawn[name] for drawn in CASES):
        for place, slip in SLIPS[name]:
            wrong = np.asarray(slip(case.given, case.answers)).tolist()
            assert not right(wrong, case.answers[place]), (place, case.given)


def test_two_seeds_have_different_numbers_in_every_problem():
    for name in DRAWN:
        texts = [str(case[name].shown) + case[name].code for case in CASES]
        assert len(set(texts)) >= len(SEEDS) - 1, name


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    files = [[path.read_bytes() for path in write(SEED, tmp_path / name)] for name in "ab"]
    assert files[0] == files[1]
    assert files[0] != [path.read_bytes() for path in write(SEED + 1, tmp_path / "c")]
    for path in tmp_path.glob("*/*.ipynb"):
        nbformat.validate(nbformat.read(path, as_version=4))


def test_the_students_file_does_not_depend_on_the_answers():
    """Nothing of them can stand in it: with other answers and explanations it is the same file."""
    drawn = problems(SEED)
    blank = [
        replace(p, way="", parts=tuple(replace(x, value=np.zeros_like(x.value)) for x in p.parts))
        for p in drawn
    ]
    students = nbformat.writes(notebook(drawn))
    assert students == nbformat.writes(notebook(blank))
    assert str(SEED) not in students
    assert nbformat.writes(notebook(drawn, SEED)) != nbformat.writes(notebook(blank, SEED))


@EACH
def test_the_words_for_students_show_only_what_is_given(name):
    words, given = WORDS[name], CASES[0][name].given
    told = " ".join([words["text"], *(asks for _, asks in words["parts"])])
    known = {*given, "phi", "table", "purpose"}  # φ are the features; a table holds what is given
    assert {shown.rstrip("0123456789") for shown in re.findall(r"«(\w+)»", told)} <= known


def test_all_numbers_are_filled_in_and_readable():
    for seed in SEEDS:
        for problem in problems(seed):
            words = [problem.text, problem.way, *(part.asks for part in problem.parts)]
            assert not re.search(r"[«»]|\bnan|\binf\b|np\.float", " ".join(words)), words


@pytest.fixture(scope="module")
def homework(tmp_path_factory):
    """The paths of the students' notebook and of the teacher's."""
    return write(SEED, tmp_path_factory.mktemp("homework"))


def total():
    return sum(points for words in WORDS.values() for points, _ in words["parts"])


def test_the_solution_gets_all_points_and_the_open_homework_none(homework):
    opened, solved = grade(SEED, homework)
    assert solved.endswith(f"{total()} of {total()} points")
    assert f": 0 of {total()} points; open: 1a, 1b" in opened
    assert "wrong" not in opened


def test_another_seed_s_solution_is_wrong(homework):
    (line,) = grade(SEED + 1, homework[1:])
    assert int(re.search(r": (\d+) of", line)[1]) <= 8  # a count or a line's number may be the same


def test_answers_are_read_however_they_are_written(homework):
    """A cell that fails costs its own answers; arrays, fractions and tuples do as well as lists."""
    handed_in = nbformat.read(homework[1], as_version=4)
    answer = [c for c in handed_in.cells if c.source.startswith("answers[")]
    answer[0].source = "from fractions import Fraction\nanswers['1a'] = Fraction(1, 3)\n1 / 0"
    answer[2].source = "answers['3a'] = (1, (2, 3))\nanswers['3b'] = 'F'\nanswers['3c'] = np.nan"
    answer[1].source = "answers['2a'] = np.array((1, 2))\nanswers['2b'] = ..."
    found = answers_in(handed_in)
    assert found["1a"] == 1 / 3
    assert "1b" not in found
    assert found["2a"] == [1, 2]
    assert (found["2b"], found["3a"], found["3b"]) == (None, None, None)
    assert found["10a"]
    wanted = {n: part for k, p in enumerate(problems(SEED), 1) for n, part in named(k, p)}
    lost = sum(
        part.points for name, part in wanted.items() if name[0] in "123" and name[:2] != "10"
    )
    says = marked(found, wanted)
    assert says.startswith(f"{total() - lost} of")
    assert re.search(r"wrong: 1a, 2a, 3c; open: 1b", says)


def test_a_notebook_without_answers_gets_none_and_a_torn_one_a_sentence(homework, tmp_path):
    empty = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import os\nos._exit(1)")])
    nbformat.write(empty, tmp_path / "dead.ipynb")
    (tmp_path / "torn.ipynb").write_text("{")
    dead, torn, gone = grade(SEED, [tmp_path / f"{n}.ipynb" for n in ("dead", "torn", "gone")])
    assert ": 0 of " in dead
    assert "torn.ipynb: no notebook" in torn
    assert "gone.ipynb: no notebook" in gone


def test_three_digits_are_enough_and_two_are_not():
    assert right(0.00498, 0.004983)
    assert right([1.0, 0.334], np.array([1, 1 / 3]))
    assert right([[1.0, 0.334]], np.array([1, 1 / 3]))
    assert not right(0.0050 * (1 + 2 * TOLERANCE), 0.005)
    assert not right([1.0], np.array([1.0, 1.0]))
    assert not right(float("nan"), 1.0)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--out", "x"], "--seed"),
        (["--seed", "-1", "--out", "x"], "at least 0"),
        (["--seed", "1"], "--out"),
    ],
)
def test_commands_that_mean_nothing_are_refused(tmp_path, monkeypatch, capsys, arguments, says):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["homework.py", *arguments])
    with pytest.raises(SystemExit):
        main()
    assert says in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
