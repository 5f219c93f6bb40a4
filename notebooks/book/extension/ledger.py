"""The ledger of equations, as notebooks/equations.md has it."""

import re
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name

ROW = re.compile(r"^\| \((\d+\.\d+)\) \| (.+?) \| (?:`(.+?)`)? ?\| `(.+?)\.py::(.+?)` \|$")


@dataclass(frozen=True)
class Row:
    """An equation, the function that computes it, if there is one, and its test."""

    label: str  #: "7.6"
    says: str
    function: str | None  #: "conjugate_gradient.conjugate_gradient", in trpo_np
    file: str  #: "test_conjugate_gradient", in tests
    test: str

    @property
    def defined(self) -> str:
        """The function's name where it is defined: a method may be inherited."""
        function = resolve_name(f"trpo_np.{self.function}")
        if hasattr(function, "__qualname__"):
            return f"{function.__module__}.{function.__qualname__}"
        return f"trpo_np.{self.function}"


def rows(folder: Path) -> dict[str, Row]:
    """The rows of the folder's ledger by their labels."""
    lines = (folder / "equations.md").read_text(encoding="utf-8").splitlines()
    return {m[1]: Row(*m.groups()) for line in lines if (m := ROW.match(line))}
