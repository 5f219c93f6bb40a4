"""The runs of a sweep that are known: which are made, under which number, and what came of them."""

from dataclasses import dataclass, field
from itertools import count

from trpo_np.experiments.trial import Measured, Trial

FIRST = ("run", "env_id", "algorithm", "seed", "total_steps")
MEASURES = (
    *("steps", "seconds", "mean", "std", "sampled_mean", "sampled_std"),
    *("mean_kl", "mean_backtracks", "rejected", "iterations", "error"),
)


@dataclass
class Results:
    """What the files hold, as text; settings that a row leaves empty are the defaults."""

    commands: list[str] = field(default_factory=list)
    defaults: dict[str, dict[str, str]] = field(default_factory=dict)  #: of each algorithm
    rows: dict[int, dict[str, str]] = field(default_factory=dict)  #: by the run's number
    curves: dict[int, list[tuple[str, str]]] = field(default_factory=dict)

    def begin(self, command: str, defaults: dict[str, dict[str, str]]) -> None:
        """Notes who adds to them; defaults that are noted already stay what they were, and what is
        a setting only by now had the value that is its default."""
        self.commands = list(dict.fromkeys([*self.commands, command]))
        noted = self.defaults
        self.defaults = {n: defaults.get(n, {}) | noted.get(n, {}) for n in defaults | noted}

    def missing(self, trials: list[Trial]) -> dict[int, Trial]:
        """The runs that are to be made, by number: one that failed keeps its own, others take the
        smallest that are free, so that a sweep that was interrupted ends as any other."""
        known = [self._number_of(trial) for trial in trials]
        free = (number for number in count(1) if number not in self.rows)
        numbered = [n or next(free) for n in known]
        return {n: t for n, t in zip(numbered, trials, strict=True) if not self.done(n)}

    def done(self, number: int) -> bool:
        """Whether that run was made, and did not fail."""
        return number in self.rows and not self.rows[number].get("error")

    def add(self, number: int, trial: Trial, measured: Measured) -> None:
        """Puts the trial's row and curve under this number."""
        defaults = self.defaults[trial.algorithm]
        own = {
            name: text
            for name, text in trial.asked.items()
            if name in trial.varied or defaults.get(name) != text
        }
        first = (number, trial.env.name, trial.algorithm, trial.seed, trial.total_steps)
        numbers = {name: text_of(x) for name, x in measured.numbers.items()}
        self.rows[number] = told(dict(zip(FIRST, map(str, first), strict=True)) | own | numbers)
        self.curves[number] = [(text_of(steps), text_of(y)) for steps, y in measured.curve]

    def _number_of(self, trial: Trial) -> int | None:
        names = list(trial.key[: len(FIRST) - 1])
        defaults = self.defaults[trial.algorithm]
        for number, row in self.rows.items():
            if [row[name] for name in FIRST[1:]] == names and all(
                (row.get(name) or defaults.get(name)) == text for name, text in trial.asked.items()
            ):
                return number
        return None


def told(row: dict[str, str]) -> dict[str, str]:
    """The cells that are not empty."""
    return {name: text for name, text in row.items() if text}


def text_of(x: object) -> str:
    """Six significant digits of a number."""
    return "" if x is None else f"{x:.6g}" if isinstance(x, float) else str(x)
