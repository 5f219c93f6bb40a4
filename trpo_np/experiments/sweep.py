"""Many runs in one call, which goes on where an earlier one was stopped."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from pathlib import Path

from tqdm import tqdm

from trpo_np.experiments.folders import claimed_file
from trpo_np.experiments.grid import Grid, Makers, makers_of, seeds_of
from trpo_np.experiments.pool import results_of, results_on_cluster
from trpo_np.experiments.results import load, save
from trpo_np.experiments.rows import Results
from trpo_np.experiments.trial import Measured, Trial, defaults_of, failed, measured
from trpo_np.training.environments import Makes
from trpo_np.updates.options import integer


def sweep(
    envs: Sequence[Makes],
    algorithms: Sequence[str] | Makers = ("trpo",),
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
    processes work at once, or the workers of the Dask scheduler at an address. Raises UsageError
    for input that cannot work.
    """
    makers, jobs = makers_of(algorithms), integer("jobs", jobs, 1)
    what = (envs, makers, seeds_of(seeds), settings or {}, vary or {}, tasks or {})
    trials = Grid(*what, integer("episodes", episodes, 1)).trials()
    for made_from in {trial.env.name: trial.env for trial in trials}.values():
        made_from.spaces()  # raises where it cannot be made, before anything runs
    path = None if out is None else Path(out)
    with claimed_file(path) if path else nullcontext():
        results = load(path) if path else Results()
        results.begin(command, {name: defaults_of(make()) for name, make in makers.items()})
        waiting = results.missing(trials)
        say(f"{len(waiting)} runs to make, {len(trials) - len(waiting)} made already.")
        with closing(_outcomes(waiting, jobs, scheduler)) as outcomes:
            for number, outcome in outcomes:
                results.add(number, waiting[number], outcome)
                if path:
                    save(results, path)
                say(f"{waiting[number].label}: {outcome.in_short}")
    return results


def _outcomes(
    waiting: dict[int, Trial], jobs: int, scheduler: str | None
) -> Iterator[tuple[int, Measured]]:
    """What the runs came to, by number, as they come; with a bar over all of them."""
    numbers, trials = list(waiting), list(waiting.values())
    found = (
        results_on_cluster(measured, trials, scheduler)
        if scheduler
        else results_of(measured, trials, jobs, failed)
    )
    total = sum(trial.total_steps for trial in trials)
    with closing(found), tqdm(total=total, unit="step", unit_scale=True, disable=None) as bar:
        for i, outcome in found:
            yield numbers[i], outcome
            bar.update(trials[i].total_steps)
