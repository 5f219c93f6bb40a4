"""The READMEs' tables and the picture of learning curves are those of the committed results."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from trpo_np import TRPO, Settings
from trpo_np.experiments.compare import groups_of
from trpo_np.experiments.results import load, read_results, save
from trpo_np.experiments.rows import Results
from trpo_np.experiments.trial import Measured, Trial, defaults_of
from trpo_np.training.environments import Source

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "notebooks" / "tools"))

import results as tool  # noqa: E402
import tables  # noqa: E402

PAGE = """before
<!-- results of a.csv: {} -->
old
<!-- end of results -->
after
"""


def made(returns, path):
    """Files as a sweep leaves them, for the returns of each (environment, δ) by seed."""
    results = Results()
    results.begin("a command", {"trpo": defaults_of(TRPO())})
    number = 0
    for (env, delta), means in returns.items():
        for seed, mean in enumerate(means):
            number += 1
            settings = Settings(gamma=0.9 if env == "Pendulum-v1" else 0.99)
            trial = Trial(Source(env), "trpo", TRPO(delta=delta), settings, 5000, seed)
            numbers = {"mean": mean, "std": 0.0, "sampled_mean": mean - 1, "sampled_std": 0.0}
            numbers |= {"steps": 4096, "seconds": 2.0, "mean_kl": 0.005, "mean_backtracks": 0.5}
            numbers |= {"rejected": 1, "iterations": 2}
            curve = [(t, float(mean - 1000 / t)) for t in range(100, 4100, 100)]
            results.add(number, trial, Measured(numbers, curve))
    save(results, path)


RETURNS = {
    ("CartPole-v1", 0.01): [500.0, 400.0, 480.0, 490.0],
    ("CartPole-v1", 0.1): [500.0, 20.0],
    ("Pendulum-v1", 0.01): [-150.0, -151.0],
    ("Swimmer-v5", 0.01): [30.0],
}


@pytest.mark.parametrize("page", tool.PAGES)
def test_committed_tables_are_those_of_the_committed_results(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    assert tables.with_tables(text, ROOT / tool.MEASUREMENTS) == text
    for match in re.finditer("<!-- results of", text):
        assert tables.TABLE.match(text, match.start()), text[match.start() :][:200]


def test_every_committed_file_of_a_sweep_names_its_command_and_is_small():
    for path in (ROOT / tool.MEASUREMENTS).glob("*.csv"):
        if path.read_text(encoding="utf-8").startswith("# made by"):
            assert load(path).commands
            assert path.stat().st_size < 500_000
            assert all(np.isfinite(row["mean"]) for row in read_results(path))


def test_two_libraries_stand_beside_each_other_on_the_seeds_that_both_ran(tmp_path):
    made(RETURNS | {("CartPole-v1", 0.1): []}, tmp_path / "a.csv")
    theirs = ("CartPole-v1,1,300", "CartPole-v1,0,200", "CartPole-v1,9,1", "Ant-v5,0,1")
    (tmp_path / "b.csv").write_text("\n".join(("env_id,seed,mean", *theirs)))
    page = "<!-- results of a.csv beside b.csv -->\nold\n<!-- end of results -->\n"
    lines = tables.with_tables(page, tmp_path).splitlines()
    assert lines[3:-1] == ["| CartPole-v1 | 2 | 450.0 (400.0) | 250.0 (200.0) |"]
    assert tables.with_tables(page.replace("b.csv", "c.csv"), tmp_path).splitlines()[1] == "old"


def test_a_table_has_the_numbers_of_its_file(tmp_path):
    made(RETURNS, tmp_path / "a.csv")
    page = PAGE.format("environment settings steps gamma learned mean sampled kl rejected")
    lines = tables.with_tables(page, tmp_path).splitlines()
    assert (lines[0], lines[-1]) == ("before", "after")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:-2]]
    titles, rule, *rows = rows
    assert titles[:4] == ["environment", "settings", "steps", "γ"]
    assert set("".join(rule)) == {"-"}
    assert [row[:2] for row in rows] == [
        ["CartPole-v1", "delta 0.01"],
        ["CartPole-v1", "delta 0.1"],
        ["Pendulum-v1", "delta 0.01"],
        ["Swimmer-v5", "delta 0.01"],
    ]
    learned = ["3 of 4 (≥ 475)", "1 of 2 (≥ 475)", "2 of 2 (≥ −250)", "no goal"]
    assert [row[4] for row in rows] == learned
    assert rows[0][5:] == ["467.5 (400.0)", "466.5", "0.0050", "4 of 8"]
    assert rows[2][2:6] == ["5,000", "0.9", "2 of 2 (≥ −250)", "−150.5 (−151.0)"]


def test_a_table_whose_file_is_not_there_stays(tmp_path):
    page = PAGE.format("environment")
    assert tables.with_tables(page, tmp_path) == page


def test_every_column_can_be_made(tmp_path):
    made(RETURNS, tmp_path / "a.csv")
    for name in tables.COLUMNS:
        lines = tables.with_tables(PAGE.format(name), tmp_path).splitlines()
        assert len(lines) == 4 + 2 + len(RETURNS)
        assert "nan" not in "".join(lines)


def test_interquartile_mean_lies_in_its_interval(tmp_path):
    made(RETURNS, tmp_path / "a.csv")
    for group in groups_of(read_results(tmp_path / "a.csv")):
        x, low, high = (
            float(t.replace("−", "-")) for t in re.findall(r"[−\d.]+", tables.middle(group))
        )
        assert low <= x <= high


def test_one_command_brings_pages_and_pictures_up_to_date(tmp_path, monkeypatch):
    monkeypatch.setattr(tool, "PICTURES", {"learning_curves": ("a.csv",), "other": ("b.csv",)})
    for folder in ("figures", tool.MEASUREMENTS):
        (tmp_path / folder).mkdir(parents=True)
    made(RETURNS, tmp_path / tool.MEASUREMENTS / "a.csv")
    (tmp_path / "README.md").write_text(PAGE.format("environment mean"), encoding="utf-8")
    tool.main(tmp_path)
    assert "467.5 (400.0)" in (tmp_path / "README.md").read_text(encoding="utf-8")
    with Image.open(tmp_path / "figures" / "learning_curves.png") as shown:
        assert min(shown.size) > 400
    alt = (tmp_path / "figures" / "learning_curves.txt").read_text(encoding="utf-8")
    assert "Pendulum-v1 trpo, delta 0.01 at −15" in alt
    assert not (tmp_path / "figures" / "other.png").exists()
