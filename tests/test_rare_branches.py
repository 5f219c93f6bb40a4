"""Ways that only a rare input takes, each with what it promises."""

import sys
from types import SimpleNamespace

import pytest
from sentences import is_a_sentence

from trpo_np import TRPO, Settings, browser
from trpo_np.errors import UsageError
from trpo_np.experiments.results import curves_path, load, save
from trpo_np.experiments.rows import Results
from trpo_np.experiments.sweep_options import value_of
from trpo_np.experiments.trial import Measured, Trial, _mean, defaults_of
from trpo_np.training.environments import Source
from trpo_np.training.missing import made


@pytest.fixture
def path(tmp_path):
    """The file of a sweep of one run."""
    results = Results()
    results.begin("a command", {"trpo": defaults_of(TRPO())})
    numbers = dict.fromkeys(("mean", "std", "sampled_mean", "sampled_std", "mean_kl"), 1.0)
    numbers |= {"steps": 4096, "seconds": 2.0, "mean_backtracks": 0.5, "rejected": 1}
    trial = Trial(Source("CartPole-v1"), "trpo", TRPO(), Settings(), 5000, 0)
    results.add(1, trial, Measured(numbers | {"iterations": 2}, [(100, 1.0)]))
    save(results, tmp_path / "results.csv")
    return tmp_path / "results.csv"


def test_a_curve_of_a_run_that_has_no_row_is_left_out(path):
    whole = load(path)
    with curves_path(path).open("a", encoding="utf-8") as file:
        file.write("7,200,5.0\n")
    assert load(path).curves == whole.curves
    assert set(whole.curves) == {1}


def test_a_table_of_an_algorithm_that_nobody_names_is_none_of_a_sweep(path):
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(x for x in lines if "defaults of" not in x), encoding="utf-8")
    with pytest.raises(UsageError, match="holds no results of a sweep"):
        load(path)


def test_a_switch_that_varies_is_true_or_false():
    assert value_of("normalize_advantages", "False") is False
    with pytest.raises(UsageError, match="must be true or false") as error:
        value_of("normalize_advantages", "perhaps")
    assert is_a_sentence(str(error.value))


def test_a_column_that_an_algorithm_does_not_have_has_no_mean():
    rows = [SimpleNamespace(kl=x) for x in (1.0, 3.0)]
    assert _mean(rows, "kl") == 2.0
    assert _mean(rows, "backtracks") is None


def test_what_a_function_of_ones_own_raises_is_shown_as_it_is():
    def raises():
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        made(raises, "my environment", None, {})
    with pytest.raises(UsageError, match=r"cannot be made .* mend the environment"):
        made(raises, "Mine-v0", "Mine-v0", {})


def test_a_python_without_processes_gets_a_module_that_has_none(monkeypatch):
    monkeypatch.setattr(browser, "find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "_multiprocessing", None)
    browser.stand_in_for_multiprocessing()
    absent = sys.modules["_multiprocessing"]
    with pytest.raises(OSError, match="no other processes"):
        absent.SemLock()
