"""The table of symbols in notebook 00 is true, and no letter changes its meaning without a word."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "notebooks"
sys.path.insert(0, str(ROOT / "tools"))

import symbols  # noqa: E402

TEXTS = symbols.texts()
START = (ROOT / "src" / "00_start_here.py").read_text(encoding="utf-8")
each = pytest.mark.parametrize("symbol", symbols.SYMBOLS, ids=lambda symbol: symbol["tex"])


def rows(source):
    """meaning -> (the symbol as it is written, the place in the last column, its notebook)."""
    pattern = r"# \| \$(.+?)\$ \|.*?\|.*?\| (.+) \| \[\(?([\d.]+)\)?\]\((\w+)\.ipynb\) \|"
    found = [re.fullmatch(pattern, line) for line in source.splitlines()]
    return {match[2]: (match[1], match[3], match[4]) for match in found if match}


ROWS = rows(START)


def test_the_table_is_what_the_symbols_and_the_sources_give():
    assert symbols.with_table(START, symbols.table(symbols.SYMBOLS, TEXTS)) == START
    assert len(ROWS) == len(symbols.SYMBOLS)


@each
def test_a_symbol_stands_first_where_its_row_says(symbol):
    _, place, stem = ROWS[symbol["meaning"]]
    stems = list(TEXTS)
    before = [(label, tex) for t in stems[: stems.index(stem)] for label, tex in forms(t)]
    here = forms(stem)
    if "." in place:
        at = [label for label, _ in here].index(place)
        assert symbols.occurs(symbol, here[at][1])
        earlier = [tex for label, tex in before + here[:at] if label]
    else:
        assert any(symbols.occurs(symbol, tex) for _, tex in here)
        earlier = [tex for _, tex in before]
    assert not any(symbols.occurs(symbol, tex) for tex in earlier)


def forms(stem):
    return symbols.formulas(TEXTS[stem])


@pytest.mark.parametrize("stem", TEXTS)
def test_a_letter_with_two_meanings_in_a_notebook_is_explained_there(stem):
    several = symbols.meanings(symbols.SYMBOLS, TEXTS[stem])
    silent = {
        letter: [symbol["meaning"] for symbol in meanings]
        for letter, meanings in several.items()
        if letter not in symbols.TOLD_IN_00 and not symbols.said(letter, TEXTS[stem])
    }
    assert not silent


@pytest.mark.parametrize("letter", symbols.TOLD_IN_00)
def test_what_is_told_apart_by_its_place_is_explained_in_00(letter):
    assert symbols.said(letter, symbols.prose(START))


# ---- Planted mistakes -------------------------------------------------------------------------

RADIUS = {"letter": "delta", "tex": r"\delta", "meaning": "radius", "pattern": r"\\le \\delta\b"}
ERROR = {"letter": "delta", "tex": r"\delta_t", "meaning": "TD error", "pattern": r"\\delta_t"}
TEXT = r"Let $x \le \delta$, and $$\delta_t = r_t \tag{9.4}$$ and $$ k \le\, \delta \tag{9.5}$$"


def test_a_formula_is_found_with_its_label_and_a_name_ends_where_it_ends():
    found = [label for label, _ in symbols.formulas(TEXT)]
    assert found == [None, "9.4", "9.5"]
    assert symbols.occurs(RADIUS, symbols.normalised(r"k \le\, \delta_\text{old}"))
    assert not symbols.occurs(RADIUS, symbols.normalised(r"k \le \deltas"))
    assert symbols.first_place(RADIUS, {"09_x": TEXT}) == ("(9.5)", "09_x")
    assert symbols.first_place(ERROR, {"08_y": r"$\delta_t$", "09_x": TEXT}) == ("(9.4)", "09_x")
    with pytest.raises(ValueError, match="no notebook"):
        symbols.first_place(RADIUS, {"08_y": r"$\delta_t$"})


def test_two_meanings_are_seen_and_a_word_about_them_as_well():
    several = symbols.meanings([RADIUS, ERROR], TEXT)
    assert several == {"delta": [RADIUS, ERROR]}
    assert not symbols.said("delta", TEXT)
    assert not symbols.said("delta", "A letter has two meanings.\n\nWe take δ = 0.01.")
    assert symbols.said("delta", "**Letters.** $\\delta_t$ is the TD error.")
    assert symbols.said("delta", "δ has two\nmeanings in this notebook.")
    assert not symbols.meanings([RADIUS, ERROR], r"$x \le \delta$ and `\delta_t`")


def test_a_table_with_a_wrong_place_is_seen():
    lines = symbols.table([RADIUS], {"09_x": TEXT})
    block = "".join(f"# {line}\n" for line in lines)
    assert symbols.with_table(block, lines) == block
    wrong = block.replace("(9.5)", "(9.4)")
    assert symbols.with_table(wrong, lines) != wrong
    with pytest.raises(ValueError, match="0 tables"):
        symbols.with_table("# nothing\n", lines)
