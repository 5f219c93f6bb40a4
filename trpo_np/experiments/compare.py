"""Several runs beside each other."""

from trpo_np.experiments.storage import Run
from trpo_np.training.result import Row
from trpo_np.updates.options import values_of


def grouped(runs: list[Run]) -> dict[str, list[list[Row]]]:
    """Histories by label: environment, and the settings in which the runs differ. Runs that differ
    in nothing but the seed stand together."""
    settings = [_asked(run) for run in runs]
    names = dict.fromkeys(name for setting in settings for name in setting)
    varied = [n for n in names if len({repr(setting.get(n)) for setting in settings}) > 1]
    groups: dict[str, list[list[Row]]] = {}
    for run, setting in zip(runs, settings, strict=True):
        told = [f"{name} {setting[name]}" for name in varied if name in setting]
        label = ", ".join([run.env_id or "own environment", *told])
        groups.setdefault(label, []).append(run.history)
    return groups


def _asked(run: Run) -> dict:
    update = values_of(run.update) if run.update else {}
    return {"algorithm": run.algorithm, **run.env_arguments, **update, **values_of(run.settings)}
