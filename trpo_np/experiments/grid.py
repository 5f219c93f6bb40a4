"""The runs of a sweep: environments × algorithms × settings × seeds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from trpo_np.errors import UsageError, shown
from trpo_np.experiments.trial import Trial
from trpo_np.training.config import checked_seed, settings_in
from trpo_np.training.environments import Makes, source
from trpo_np.training.settings import Settings
from trpo_np.updates import ALGORITHMS, Update
from trpo_np.updates.options import integer

Makers = Mapping[str, Callable[..., Update]]
STEPS = "total_steps"  #: beside the settings, what a sweep can vary and a task can have of its own


@dataclass(frozen=True)
class Grid:
    """What a sweep is asked for; see `sweep`."""

    envs: Sequence[Makes]
    algorithms: Makers
    seeds: Sequence[int]
    settings: Mapping[str, object] = field(default_factory=dict)
    vary: Mapping[str, Sequence] = field(default_factory=dict)
    tasks: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    episodes: int = 100

    def trials(self) -> list[Trial]:
        """The runs, each once; raises UsageError for a setting that no algorithm has, or a value
        that is impossible."""
        self._check_names()
        sources = {made_from.name: made_from for made_from in map(source, self._makes())}
        trials = {}
        for made_from, algorithm in product(sources.values(), self.algorithms):
            fixed = {**self.settings, **self.tasks.get(made_from.name, {})}
            own = settings_in(self.algorithms[algorithm]())
            varied = {n: x for n, x in self.vary.items() if n in own or n in _shared()}
            for values in product(*varied.values()):
                chosen = fixed | dict(zip(varied, values, strict=True))
                update = self.algorithms[algorithm](**_of(own, chosen))
                what = (update, Settings(**_of(_shared() - {STEPS}, chosen)))
                for seed in self.seeds:
                    steps = integer(STEPS, chosen.get(STEPS, 100_000), 1)
                    how = (steps, seed, self.episodes, tuple(varied))
                    trial = Trial(made_from, algorithm, *what, *how)
                    trials[trial.key] = trial
        return list(trials.values())

    def _makes(self) -> list[Makes]:
        envs = [self.envs] if isinstance(self.envs, str) or callable(self.envs) else self.envs
        return [*envs, *self.tasks]

    def _check_names(self) -> None:
        for name, values in self.vary.items():
            if isinstance(values, str) or not np.iterable(values):
                raise UsageError(
                    f"vary {name} = {shown(values)} is not possible: give a list of values, as "
                    "[0.01, 0.1]."
                )
        known = _shared().union(*(settings_in(make()) for make in self.algorithms.values()))
        for names in (self.settings, self.vary, *self.tasks.values()):
            for name in names:
                if name not in known:
                    algorithms = ", ".join(self.algorithms)
                    raise UsageError(f"{name} is no setting of {algorithms}, nor of training.")


def seeds_of(seeds: int | Sequence[int]) -> Sequence[int]:
    """The seeds themselves, or as many from 0 on."""
    if isinstance(seeds, Sequence | np.ndarray) and np.ndim(seeds) == 1:
        return [checked_seed(seed) for seed in seeds]
    return range(integer("seeds", seeds, 1))


def makers_of(algorithms: Sequence[str] | Makers) -> Makers:
    """What makes each algorithm's update of settings, by name; raises UsageError for a name that
    no algorithm of the package has."""
    if isinstance(algorithms, Mapping):
        return algorithms
    algorithms = [algorithms] if isinstance(algorithms, str) else algorithms
    for name in algorithms:
        if name not in ALGORITHMS:
            raise UsageError(f"There is no algorithm {name!r}: {', '.join(ALGORITHMS)} are.")
    return {name: ALGORITHMS[name] for name in algorithms}


def _shared() -> set[str]:
    """What is chosen for every algorithm alike."""
    return {*settings_in(Settings()), STEPS}


def _of(names: Mapping | set, chosen: Mapping) -> dict:
    return {name: value for name, value in chosen.items() if name in names}
