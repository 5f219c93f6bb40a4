"""The cheat sheet says what code and notebooks say, and the committed PDF is that sheet."""

import re
import sys
from pathlib import Path

import pytest

pytest.importorskip("nbconvert", reason="pip install -e '.[classroom]' brings nbconvert")
ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "notebooks" / "tools"))

import cheat_sheet  # noqa: E402
import material  # noqa: E402

from trpo_np import TRPO  # noqa: E402
from trpo_np.training.settings import Settings  # noqa: E402
from trpo_np.updates.options import settings_of  # noqa: E402

PDF = cheat_sheet.PDF.read_bytes()


def test_the_committed_pdf_was_printed_from_these_sources():
    digest = re.search(r"<title>TRPO on two pages (\w+)</title>", cheat_sheet.page())[1]
    assert digest.encode() in PDF, "python notebooks/tools/cheat_sheet.py prints it anew"


def test_it_has_two_pages_of_a4_and_little_weight():
    (count,) = re.findall(rb"/Type /Pages\s+/Count (\d+)", PDF)
    assert int(count) == 2
    boxes = {
        (float(w), float(h)) for w, h in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)", PDF)
    }
    assert all(abs(w - 595) < 2 and abs(h - 842) < 2 for w, h in boxes)
    assert boxes
    assert len(PDF) < 300_000


def test_every_setting_is_on_it():
    page = cheat_sheet.page()
    for setting in [*settings_of(TRPO), *settings_of(Settings)]:
        assert f"<code>{setting.name}</code>" in page


def test_advice_stands_beside_its_own_setting():
    """Letters of the notebook's table and of the help, and its values and the defaults, agree."""
    values = {row[0]: row[1] for row in material.table("10", "| name | value here |")}
    for entry in cheat_sheet.advice():
        assert str(entry["setting"].default) in values[entry["letter"]].split(" or ")


def test_another_default_makes_the_pdf_old(monkeypatch):
    def changed():
        first, *others = entries
        return [first | {"letter": "Δ"}, *others]

    entries = cheat_sheet.advice()
    before = cheat_sheet.page()
    monkeypatch.setattr(cheat_sheet, "advice", changed)
    assert cheat_sheet.page().split("</title>")[0] != before.split("</title>")[0]


def test_files_that_it_names_exist():
    named = re.findall(r"<code>(\w+(?:/\w+)*\.py)</code>", cheat_sheet.page())
    assert len(named) > 8
    for name in named:
        assert (ROOT / "trpo_np" / name).exists(), name


def test_a_formula_is_that_of_its_number():
    assert material.formula("10.3", tag=False) == r"(F + \lambda I)\, s = g"
    with pytest.raises(ValueError, match="unpack"):
        material.formula("10.99")


def test_a_table_of_a_notebook_has_its_links_left_out():
    rows = material.table("10", "| what people ask |")
    assert rows[0][2] == "05"
    assert {len(row) for row in rows} == {3}
