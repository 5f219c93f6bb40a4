"""Writes the table of symbols into notebook 00: symbols.toml, and where each first stands.

    python notebooks/tools/symbols.py

The equation in the last column is the first numbered one in which the symbol occurs, in the order
of the notebooks; where no numbered equation has it, the first notebook whose formulas do.
"""

import re
import tomllib
from pathlib import Path

NOTEBOOKS = Path(__file__).parent.parent
HEAD = "| symbol | in code | shape or unit | meaning | first in |"
MATHS = re.compile(r"\$\$(.*?)\$\$|(?<![$\\])\$(?!\$)(.*?)(?<!\\)\$(?!\$)", re.DOTALL)
#: What makes no difference to which symbols stand in a formula.
NORMAL = [
    (r"\\(overline|bar)\{\s*\\mathrm\{KL\}\s*\}", r"\\meanKL "),
    (r"\\mathrm\{KL\}", r"\\KL "),
    (r"\\mathcal\s*\{?N\}?", r"\\Normal "),
    (r"_\{?\\(?:text|mathrm)\{max\}\}?", r"_\\max "),
    (r"\\(?:text|mathrm)\{old\}", r"\\old "),
    (r"\\(?:text|mathrm|operatorname|tag)\{[^{}]*\}", " "),
    (r"\\(?:left|right|[bB]igg?[lr]?|[,;!:]|q?quad)(?![A-Za-z])|&", " "),
    (r"\\mid\b|\\vert\b", "|"),
    (r"\s+", " "),
    (r" (?=[_^])", ""),
    (r"(?<=[\\A-Za-z])\\old \}", r"\\old}"),
]


FILE = tomllib.loads((Path(__file__).parent / "symbols.toml").read_text(encoding="utf-8"))
SYMBOLS: list[dict] = FILE["symbol"]
TOLD_IN_00: list[str] = FILE["told_in_00"]


def sources() -> list[Path]:
    """The sources of the notebooks with mathematics, in their order: all but 00, the map."""
    return sorted((NOTEBOOKS / "src").glob("[0-9][0-9]_*.py"))[1:]


def prose(source: str) -> str:
    """The Markdown of a source, without its comment marks, code and tables of code."""
    cells = re.split(r"^# %%", source, flags=re.MULTILINE)
    texts = [cell.partition("\n")[2] for cell in cells if cell.startswith(" [markdown]")]
    text = re.sub(r"^# ?", "", "\n".join(texts), flags=re.MULTILINE)
    return re.sub(r"```.*?```|`[^`\n]*`", " ", text, flags=re.DOTALL)


def formulas(text: str) -> list[tuple[str | None, str]]:
    """(label or None, normalised TeX) of every formula in a text, in its order."""
    found = []
    for match in MATHS.finditer(text):
        tex = match[1] or match[2] or ""
        label = re.search(r"\\tag\{([\d.]+)\}", tex)
        found.append((label and label[1], normalised(tex)))
    return found


def normalised(tex: str) -> str:
    """TeX without what makes no difference to which symbols stand in it."""
    for pattern, plain in NORMAL:
        tex = re.sub(pattern, plain, tex)
    return tex.strip()


def occurs(symbol: dict, tex: str) -> bool:
    """Whether a symbol stands in a normalised formula."""
    pattern = re.sub(r"(?<!\\)\\b", "(?![A-Za-z])", symbol["pattern"])
    return re.search(pattern, tex) is not None


def first_place(symbol: dict, texts: dict[str, str]) -> tuple[str, str]:
    """(label or number of the notebook, its name) where a symbol first stands; texts are the prose
    of the notebooks by their names. ValueError where no formula has it."""
    places = [(f[0], stem, f[1]) for stem, text in texts.items() for f in formulas(text)]
    having = [(label, stem) for label, stem, tex in places if occurs(symbol, tex)]
    for label, stem in having:
        if label:
            return f"({label})", stem
    if not having:
        raise ValueError(f"no notebook has {symbol['tex']} in a formula")
    return having[0][1][:2], having[0][1]


def table(entries: list[dict], texts: dict[str, str]) -> list[str]:
    """The lines of the table, in the order in which the symbols first stand."""
    placed = [(*first_place(symbol, texts), symbol) for symbol in entries]
    lines = [HEAD, "|---|---|---|---|---|"]
    for place, stem, symbol in sorted(placed, key=lambda row: reading_order(row[0])):
        tex = re.sub(r"(?<!\\)\|", r"\\vert ", symbol["tex"])  # a bar would end the table's cell
        code = f"`{symbol['code']}`" if "code" in symbol else ""
        lines.append(
            f"| ${tex}$ | {code} | {symbol.get('shape', 'number')} | {symbol['meaning']} "
            f"| [{place}]({stem}.ipynb) |"
        )
    return lines


def reading_order(place: str) -> tuple[int, float]:
    """What sorts equations, (9.10) after (9.9), and notebooks, "09" after its equations."""
    notebook, _, number = place.strip("()").partition(".")
    return int(notebook), float(number or "inf")


def with_table(source: str, lines: list[str]) -> str:
    """The source of notebook 00 with these lines in the place of its table of symbols."""
    block = "".join(f"# {line}\n" for line in lines)
    pattern = rf"^# {re.escape(HEAD)}\n(# \|.*\n)+"
    new, count = re.subn(pattern, lambda _: block, source, flags=re.MULTILINE)
    if count != 1:
        raise ValueError(f"{count} tables of symbols where one was expected")
    return new


def meanings(entries: list[dict], text: str) -> dict[str, list[dict]]:
    """letter -> the meanings of it that a notebook's formulas have, where there are two or more."""
    tex = [formula for _, formula in formulas(text)]
    found = {}
    for symbol in entries:
        if any(occurs(symbol, formula) for formula in tex):
            found.setdefault(symbol["letter"], []).append(symbol)
    return {letter: several for letter, several in found.items() if len(several) > 1}


#: How a notebook says that a letter has more than one meaning in it.
SAYS = re.compile(
    r"\*\*Letters\.\*\*|\b(?:two|three|several|another) meanings?\b|\bdouble duty\b|"
    r"\bno longer\b|\band not the\b|\bused (?:twice|for two)\b"
)
GREEK = {"alpha": "α", "beta": "β", "delta": "δ", "kappa": "κ", "lambda": "λ", "mu": "μ"}


def said(letter: str, text: str) -> bool:
    """Whether a paragraph of the text names the letter and says that it has another meaning."""
    written = [rf"\${re.escape(letter)}(?![A-Za-z])|(?<![A-Za-z\\]){re.escape(letter)}(?![A-Za-z])"]
    if letter in GREEK:
        written = [rf"\\{letter}(?![A-Za-z])", GREEK[letter]]
    paragraphs = [" ".join(p.split()) for p in re.split(r"\n\s*\n|\n\|", text)]
    return any(
        SAYS.search(paragraph) and any(re.search(way, paragraph) for way in written)
        for paragraph in paragraphs
    )


def texts() -> dict[str, str]:
    """The prose of every notebook but 00, by its name."""
    return {path.stem: prose(path.read_text(encoding="utf-8")) for path in sources()}


if __name__ == "__main__":
    start = NOTEBOOKS / "src" / "00_start_here.py"
    old = start.read_text(encoding="utf-8")
    start.write_text(with_table(old, table(SYMBOLS, texts())), encoding="utf-8")
