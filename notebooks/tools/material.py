"""What printed pages and slides are made of, read where it stands: formulas, tables, pseudocode."""

import ast
import re
from pathlib import Path

NOTEBOOKS = Path(__file__).parent.parent
LEDGER_ROW = re.compile(r"^\| \((\d+\.\d+)\) \| (.+?) \| (?:`(.+?)`)? ?\|", re.MULTILINE)
LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
#: A bar that divides cells: not one inside of code or after a backslash.
BAR = re.compile(r"(?<!\\)\|")


def source_of(number: str) -> Path:
    """The source of the notebook with this number, "07"."""
    (path,) = NOTEBOOKS.glob(f"src/{number}_*.py")
    return path


def prose(number: str) -> str:
    """The text of a notebook's source, without the signs of a comment in front of it."""
    return re.sub(r"^# ?", "", source_of(number).read_text(encoding="utf-8"), flags=re.MULTILINE)


def formula(label: str, tag: bool = True) -> str:
    """The TeX of a numbered equation, as its notebook has it, with its number or without."""
    end = rf"\tag{{{label}}}"
    blocks = re.findall(r"\$\$(.+?)\$\$", prose(f"{int(label.split('.')[0]):02d}"), re.DOTALL)
    (block,) = [block for block in blocks if end in block]
    return block if tag else block.replace(end, "").strip().rstrip(".,:").strip()


def ledger() -> dict[str, tuple[str, str]]:
    """label -> what the equation says, and the function of the package that computes it, or ""."""
    text = (NOTEBOOKS / "equations.md").read_text(encoding="utf-8")
    return {label: (says, function) for label, says, function in LEDGER_ROW.findall(text)}


def table(number: str, head: str) -> list[list[str]]:
    """The rows below the one head of a table in a notebook's text that begins so; no links."""
    lines = prose(number).splitlines()
    (start,) = [place for place, line in enumerate(lines) if line.startswith(head)]
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            return rows
        cells = BAR.split(LINK.sub(r"\1", line).strip())[1:-1]
        rows.append([cell.strip() for cell in cells])
    return rows


def comments(path: Path, function: str) -> list[str]:
    """The comments that stand on lines of their own in a function, without their signs."""
    code = path.read_text(encoding="utf-8")
    (node,) = [
        n
        for n in ast.walk(ast.parse(code))
        if isinstance(n, ast.FunctionDef) and n.name == function
    ]
    lines = code.splitlines()[node.lineno : node.end_lineno]
    return [line.strip()[2:] for line in lines if line.strip().startswith("# ")]
