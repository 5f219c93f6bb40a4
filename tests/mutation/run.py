"""A mutation run: what share of small changes to the package do its tests see?

    python -m tests.mutation.run                  every mutant
    python -m tests.mutation.run 4                a quarter of them, the same ones each time
    python -m tests.mutation.run 1 value,batch    those in files whose path has one of these words
    python -m tests.mutation.run 1 value tests/test_value.py    against these tests alone

Mutmut makes the mutants, of the files that [tool.mutmut] in pyproject.toml says, into mutants/;
trying.py tries them. Afterwards a table of files, and each survivor as a line of difference. What
was killed in an earlier run of the same file is not tried again; remove mutants/ to begin anew.
What is known of the survivors is in survivors.md. It needs a system that has fork.
"""

import ast
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

from mutmut.configuration import config
from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.utils.file_utils import walk_mutatable_files
from mutmut.utils.format_utils import get_mutant_name

ROOM = Path("mutants")  #: where the package is copied to, with its mutants in it
TITLES = ("made", "tried", "killed", "too long", "survived", "no test")
RESULTS = "results.json"  #: there: how each mutant ended, by its name


def made(path: Path) -> list[str]:
    """Writes a file with its mutants, unless that is done; returns their names."""
    code = undecorated(path.read_text())
    if (names := _made_before(path)) is None:
        file = mutate_file_contents(str(path), code)
        names = [get_mutant_name(path, name) for name in file.mutant_names]
        (ROOM / path).write_text(file.code)
        (ROOM / path).with_suffix(".json").write_text(json.dumps([code, names]))
        _forget(names)
    return names


def undecorated(code: str) -> str:
    """The code with its properties and the like as plain methods, which are all that mutmut
    changes; at its end they are made what they were."""
    lines, kind, later = code.splitlines(), "", []
    for number, line in enumerate(lines[:-1]):
        if found := re.match(r"class (\w+)", line):
            kind = found[1]
        found = re.match(r" +@(property|cached_property|np\.errstate\(.*\))(\s|$)", line)
        method = re.match(r" +def (\w+)\(", lines[number + 1])
        if found and method:
            lines[number] = ""
            later.append(f"{kind}.{method[1]} = {found[1]}({kind}.{method[1]})")
            if found[1] == "cached_property":
                later.append(f'{kind}.{method[1]}.__set_name__({kind}, "{method[1]}")')
    return "\n".join([*lines, *later, ""])


def _made_before(path: Path) -> list[str] | None:
    """The names of the mutants that are there, None where they are those of another file."""
    note = (ROOM / path).with_suffix(".json")
    code, names = json.loads(note.read_text()) if note.exists() else (None, None)
    return names if code == undecorated(path.read_text()) else None


def _forget(names: list[str]) -> None:
    results = known()
    (ROOM / RESULTS).write_text(
        json.dumps({n: end for n, end in results.items() if n not in names})
    )


def known() -> dict[str, str]:
    """How mutants ended, by name: "killed", "too long", "survived" or "no test"."""
    path = ROOM / RESULTS
    return json.loads(path.read_text()) if path.exists() else {}


def copied() -> None:
    """Copies what is not mutated: the rest of the package, and the tests."""
    ROOM.mkdir(exist_ok=True)
    shutil.copy2("pyproject.toml", ROOM)
    shutil.copytree("tests", ROOM / "tests", dirs_exist_ok=True)
    for path in Path("trpo_np").rglob("*.py"):
        (ROOM / path).parent.mkdir(parents=True, exist_ok=True)
        if _made_before(path) is None:
            shutil.copy2(path, ROOM / path)


def sampled(names: list[str], one_in: int) -> list[str]:
    """One in so many of the names, by their hash: the same ones whenever it is asked."""
    return [n for n in names if int(sha256(n.encode()).hexdigest(), 16) % one_in == 0]


def difference(path: Path, name: str) -> str:
    """The lines in which a mutant differs from its function."""
    short = name.rpartition(".")[2]
    functions = _functions(path)
    two = functions[short.partition("__mutmut_")[0] + "__mutmut_orig"], functions[short]
    lines = difflib.unified_diff(*two, n=0, lineterm="")
    changed = [x for x in lines if x[:2] not in ("--", "++", "@@")]
    return "\n".join(f"    {line[0]} {line[1:].strip()}" for line in changed)


@cache
def _functions(path: Path) -> dict[str, list[str]]:
    """The lines of each function in a file with its mutants, all under one name."""
    source = (ROOM / path).read_text()
    lines, found = source.splitlines(), {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            head = lines[node.lineno - 1].replace(node.name, node.name.partition("__mutmut_")[0])
            found[node.name] = [head, *lines[node.lineno : node.end_lineno]]
    return found


def main(one_in: int = 1, words: str = "", *tests: str) -> None:
    """Makes the run and prints what it came to."""
    copied()
    paths = sorted(walk_mutatable_files())
    files = {p: made(p) for p in paths if any(word in str(p) for word in words.split(","))}
    chosen = {path: sampled(names, one_in) for path, names in files.items()}
    todo = [n for names in chosen.values() for n in names if known().get(n) != "killed"]
    (ROOM / "todo.json").write_text(json.dumps(todo))
    tests = tests or config().pytest_add_cli_args_test_selection
    room = {**os.environ, "PYTHONPATH": str(ROOM.resolve()), "MUTANT_UNDER_TEST": "stats"}
    command = [sys.executable, "-m", "tests.mutation.trying", *tests]
    subprocess.run(command, cwd=ROOM, env=room, check=True)

    ends, total = known(), Counter()
    print("\n", _line("file", {title: title for title in TITLES}))
    for path, names in chosen.items():
        n = Counter(ends[name] for name in names) | Counter(made=len(files[path]), tried=len(names))
        total.update(n)
        print(_line(str(path), n))
    print(_line("all", total))
    print(
        f"{(total['killed'] + total['too long']) / max(total['tried'], 1):.1%} of them were seen."
    )
    for path, names in chosen.items():
        for name in names:
            if ends[name] in ("survived", "no test"):
                print(f"\n{name} ({ends[name]})\n{difference(path, name)}")


def _line(name: str, cells: Mapping) -> str:
    return f"{name:36}" + "".join(f"{cells[title]:>10}" for title in TITLES)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:])
