"""Calls in other processes: of this machine, or of a Dask cluster. Through joblib."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool

from trpo_np.errors import UsageError


def results_of(
    function: Callable, arguments: Sequence, jobs: int, died: Callable
) -> Iterator[tuple[int, object]]:
    """(i, function(arguments[i])) as they come, from so many processes at once, one BLAS thread
    each. Where the process itself ends, killed or crashed, died(error) stands for the result."""
    waiting = dict(enumerate(arguments))
    while waiting:
        try:
            for i, result in _unordered(function, waiting, _local(jobs)):
                del waiting[i]
                yield i, result
        except BrokenProcessPool:  # it does not say which call was its end: one of the first
            for i in list(waiting)[:jobs]:
                yield i, _alone(function, i, waiting.pop(i), died)


def results_on_cluster(
    function: Callable, arguments: Sequence, scheduler: str
) -> Iterator[tuple[int, object]]:
    """(i, function(arguments[i])) as they come from the workers of a Dask scheduler.

    Workers that `dask worker` starts have one BLAS thread for each of theirs. Raises UsageError
    where nobody answers at the address.
    """
    joblib = _joblib()
    try:
        from distributed import Client
    except ImportError:
        raise UsageError('--scheduler needs Dask: run pip install "trpo_np[cluster]".') from None
    try:
        client = Client(scheduler, set_as_default=False, timeout=10)
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(f"No Dask scheduler answers at {scheduler}: {error}.") from None
    with client:
        with joblib.parallel_config(backend="dask", client=client):
            parallel = joblib.Parallel(return_as="generator_unordered", batch_size=1)
        yield from _unordered(function, dict(enumerate(arguments)), parallel)


def _unordered(function: Callable, arguments: dict, parallel: Callable) -> Iterator:
    calls = [(_numbered, (function, i, argument), {}) for i, argument in arguments.items()]
    results = parallel(calls)
    try:
        for result in results:  # noqa: UP028 (yield from would close them before `finally`)
            yield result
    finally:  # whoever stops early has the processes stopped, which joblib need not warn of
        with warnings.catch_warnings(action="ignore"):
            results.close()


def _numbered(function: Callable, i: int, argument: object) -> tuple[int, object]:
    return i, function(argument)


def _local(jobs: int) -> Callable:
    """joblib's processes. With one at a time there are two all the same, since joblib would make
    the call in our own process, where BLAS has as many threads as it likes."""
    joblib = _joblib()
    with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
        how = {"return_as": "generator_unordered", "batch_size": 1, "pre_dispatch": jobs}
        return joblib.Parallel(n_jobs=max(2, jobs), **how)


def _alone(function: Callable, i: int, argument: object, died: Callable) -> object:
    try:
        return next(_unordered(function, {i: argument}, _local(1)))[1]
    except BrokenProcessPool as error:
        return died(error)


def _joblib():
    try:
        import joblib
    except ImportError:
        raise UsageError('Sweeps need joblib: run pip install "trpo_np[sweep]".') from None
    return joblib
