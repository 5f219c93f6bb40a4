"""Many runs: environments × algorithms × settings × seeds."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from itertools import product
from pathlib import Path

from tqdm import tqdm

from trpo_np.errors import UsageError
from trpo_np.experiments.pool import results_of, results_on_cluster
from trpo_np.experiments.results import Results, load, save
from trpo_np.experiments.trial import Trial, failed, measured, texts
from trpo_np.training.config import settings_in
from trpo_np.training.environments import Makes, source
from trpo_np.training.settings import Settings
from trpo_np.updates import ALGORITHMS, Update
from trpo_np.updates.options import integer

STEPS = "total_steps"  #: beside the settings, what a sweep can vary and a task can have of its own


def trials_of(
    envs: Sequence[Makes],
    algorithms: Mapping[str, Callable[..., Update]],
    seeds: int | Sequence[int],
    settings: Mapping[str, object],
    vary: Mapping[str, Sequence],
    tasks: Mapping[str, Mapping[str, object]],
    episodes: int = 100,
) -> list[Trial]:
    """The runs of a sweep, each once; raises UsageError for a setting that no algorithm has, or a
    value that is impossible. The arguments are those of `sweep`."""
    shared = set(settings_in(Settings())) | {STEPS}
    own = {name: set(settings_in(make())) for name, make in algorithms.items()}
    for name in [*settings, *vary, *(name for task in tasks.values() for name in task)]:
        if name not in shared.union(*own.values()):
            raise UsageError(f"{name} is no setting of {', '.join(algorithms)}, nor of training.")
    seeds = range(integer("seeds", seeds, 1)) if isinstance(seeds, int) else seeds
    sources = {made_from.name: made_from for made_from in map(source, [*envs, *tasks])}
    trials = {}
    for made_from, (algorithm, make) in product(sources.values(), algorithms.items()):
        fixed = {**settings, **tasks.get(made_from.name, {})}
        grid = {name: values for name, values in vary.items() if name in shared | own[algorithm]}
        for values in product(*grid.values()):
            chosen = fixed | dict(zip(grid, values, strict=True))
            update = make(**{n: x for n, x in chosen.items() if n in own[algorithm]})
            c = Settings(**{n: x for n, x in chosen.items() if n in shared - {STEPS}})
            steps = chosen.get(STEPS, 100_000)
            for seed in seeds:
                trial = Trial(made_from, algorithm, update, c, steps, seed, episodes, tuple(grid))
                trials[(made_from.name, algorithm, steps, seed, *texts(update, c).items())] = trial
    return list(trials.values())


def sweep(
    envs: Sequence[Makes],
    algorithms: Sequence[str] | Mapping[str, Callable[..., Update]] = ("trpo",),
    seeds: int | Sequence[int] = 5,
    settings: Mapping[str, object] | None = None,
    vary: Mapping[str, Sequence] | None = None,
    tasks: Mapping[str, Mapping[str, object]] | None = None,
    *,
    out: Path | str | None = None,
    jobs: int = 1,
    scheduler: str | None = None,
    episodes: int = 100,
    command: str = "trpo_np.experiments.sweep.sweep",
    say: Callable[[str], None] = lambda sentence: None,
) -> Results:
    """The results of all runs, those of earlier sweeps in the file `out` among them.

    `settings` are those of all runs by name (total_steps beside them), `tasks` those of single
    environments, `vary` the values of a grid; each goes to the algorithms that have it.
    `algorithms` are names, or functions by name that make an update of settings. Runs that `out`
    holds already are not made again, unless they failed; each is written when it ends. `jobs`
    processes work at once, or the workers of the Dask scheduler at an address. `say` hears of every
    run. Raises UsageError for input that cannot work.
    """
    if not isinstance(algorithms, Mapping):
        unknown = [name for name in algorithms if name not in ALGORITHMS]
        if unknown:
            raise UsageError(f"There is no algorithm {unknown[0]!r}: {', '.join(ALGORITHMS)} are.")
        algorithms = {name: ALGORITHMS[name] for name in algorithms}
    trials = trials_of(envs, algorithms, seeds, settings or {}, vary or {}, tasks or {}, episodes)
    for made_from in {trial.env.name: trial.env for trial in trials}.values():
        made_from.spaces()  # raises where it cannot be made, before anything runs
    path = None if out is None else Path(out)
    results = load(path) if path else Results()
    results.commands = list(dict.fromkeys([*results.commands, command]))
    for name, make in algorithms.items():
        results.defaults.setdefault(name, texts(make(), Settings()))
    waiting = _waiting(trials, results)
    say(f"{len(waiting)} runs to make, {len(trials) - len(waiting)} made already.")
    run = list(waiting.values())
    jobs = integer("jobs", jobs, 1)
    found = (
        results_on_cluster(measured, run, scheduler)
        if scheduler
        else results_of(measured, run, jobs, failed)
    )
    numbers, total = list(waiting), sum(trial.total_steps for trial in run)
    with closing(found), tqdm(total=total, unit="step", unit_scale=True, disable=None) as bar:
        for i, outcome in found:
            results.add(numbers[i], run[i], outcome)
            if path:
                save(results, path)
            bar.update(run[i].total_steps)
            say(f"{run[i].label}: {_in_short(outcome.numbers)}")
    return results


def _waiting(trials: list[Trial], results: Results) -> dict[int, Trial]:
    """The runs that are not made yet, by the numbers that they would have had at once: one that
    failed keeps its own, others take the smallest that are free."""
    known = [results.number_of(trial) for trial in trials]
    free = iter(
        sorted(set(range(1, 1 + len(trials) + max(results.rows, default=0))) - {*results.rows})
    )
    return {
        next(free) if number is None else number: trial
        for trial, number in zip(trials, known, strict=True)
        if not results.done(number)
    }


def _in_short(numbers: dict) -> str:
    if "error" in numbers:
        return f"failed. {numbers['error']}"
    return "{mean:.1f} ± {std:.1f}, {seconds:.1f} s".format(**numbers)
