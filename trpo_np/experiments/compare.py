"""Several runs beside each other."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from trpo_np.experiments.results import read_curves, read_results
from trpo_np.experiments.rows import MEASURES
from trpo_np.experiments.storage import Run
from trpo_np.training.result import Points, points_of
from trpo_np.updates.options import values_of

OUTCOME = {"run", "seed", *MEASURES}  #: the columns that are no settings


@dataclass(frozen=True)
class Group:
    """The rows of a sweep that differ in nothing but the seed, and what came of it."""

    env_id: str
    algorithm: str
    differs: dict[str, object]  #: settings in which other groups of both differ
    rows: list[dict] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The group in a few words."""
        told = [f"{name} {value}" for name, value in self.differs.items()]
        return ", ".join([f"{self.env_id} {self.algorithm}", *told])


def groups_of(rows: Iterable[dict]) -> list[Group]:
    """The rows of `read_results` as groups, those of an environment together."""
    names = _varied(rows := list(rows))
    groups: dict[tuple, Group] = {}
    for row in rows:
        both = row["env_id"], row["algorithm"]
        differs = {name: row[name] for name in names if name in row}
        groups.setdefault((*both, *differs.items()), Group(*both, differs)).rows.append(row)
    envs = list(dict.fromkeys(group.env_id for group in groups.values()))
    return sorted(groups.values(), key=lambda group: envs.index(group.env_id))


def grouped_results(path: Path) -> dict[str, list[Points]]:
    """The learning curves of a sweep's file by label."""
    curves = read_curves(path)
    return {
        group.label: [curves[row["run"]] for row in group.rows if row["run"] in curves]
        for group in groups_of(read_results(path))
    }


def grouped(runs: list[Run]) -> dict[str, list[Points]]:
    """Learning curves by label: environment, and the settings in which the runs differ. Runs that
    differ in nothing but the seed stand together."""
    settings = [_asked(run) for run in runs]
    names = dict.fromkeys(name for setting in settings for name in setting)
    varied = [n for n in names if len({repr(setting.get(n)) for setting in settings}) > 1]
    groups: dict[str, list[Points]] = {}
    for run, setting in zip(runs, settings, strict=True):
        told = [f"{name} {setting[name]}" for name in varied if name in setting]
        label = ", ".join([run.env_id or "own environment", *told])
        groups.setdefault(label, []).append(points_of(run.history))
    return groups


def _varied(rows: list[dict]) -> list[str]:
    """The settings of which one environment and algorithm has several values, or a value in some
    rows and none in those of a time before there was that setting."""
    both: dict[tuple, list[dict]] = {}
    for row in rows:
        both.setdefault((row["env_id"], row["algorithm"]), []).append(row)
    names = dict.fromkeys(name for row in rows for name in row if name not in OUTCOME)
    return [n for n in names if any(len({row.get(n) for row in x}) > 1 for x in both.values())]


def _asked(run: Run) -> dict:
    update = values_of(run.update) if run.update else {}
    return {"algorithm": run.algorithm, **run.env_arguments, **update, **values_of(run.settings)}
