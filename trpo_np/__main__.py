"""The command line: python -m trpo_np train | evaluate | plot."""

import sys
from argparse import Namespace
from pathlib import Path
from time import perf_counter

import numpy as np

from trpo_np.errors import UsageError
from trpo_np.experiments.command_line import parsed
from trpo_np.experiments.compare import grouped
from trpo_np.experiments.console import ProgressTable
from trpo_np.experiments.options import settings_from
from trpo_np.experiments.plots import save_learning_curves
from trpo_np.experiments.storage import load_run, new_folder, save_run
from trpo_np.fast.memory import keep_freed_memory
from trpo_np.training.agent import Agent
from trpo_np.training.animation import animate
from trpo_np.training.result import TrainResult
from trpo_np.training.settings import Settings
from trpo_np.training.train import train
from trpo_np.updates import ALGORITHMS

SAVE_EVERY = 25  #: iterations; a run that is cut off keeps what was saved last


def main(arguments: list[str] | None = None) -> int:
    """The exit status: 0, 2 for input that cannot work (one sentence on stderr), 130 if stopped."""
    keep_freed_memory()
    try:
        options = parsed(sys.argv[1:] if arguments is None else arguments)
        return COMMANDS[options.command](options)
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has gone
        sys.stdout = None
    except OSError as error:
        where = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        print(f"error: {where}. Check the path.", file=sys.stderr)
    return 2


def _train(options: Namespace) -> int:
    update = settings_from(options, ALGORITHMS[options.algorithm])
    settings = settings_from(options, Settings)
    folder = options.out or new_folder(Path("runs"), options.env, options.seed)
    if folder.exists():
        raise UsageError(f"{folder} exists already: name another folder with --out.")
    table = ProgressTable(options.total_steps)
    latest: list[TrainResult] = []  # the result so far, once there is one

    def on_iteration(result: TrainResult) -> None:
        latest[:] = [result]
        table(result)
        if len(result.history) % SAVE_EVERY == 1:  # also the first: a bad folder shows at once
            save_run(result, folder)

    started, status = perf_counter(), 0
    try:
        train(
            options.env,
            update,
            options.total_steps,
            options.seed,
            settings,
            env_arguments=dict(options.env_arg),
            until_solved=options.until_solved,
            on_iteration=on_iteration,
        )
    except KeyboardInterrupt:
        status = 130
    finally:
        table.close()
        if latest:
            save_run(latest[0], folder)
    _summarise(latest, folder, perf_counter() - started, options.until_solved)
    return status


def _summarise(latest: list[TrainResult], folder: Path, seconds: float, asked: bool) -> None:
    if not latest:
        print("Stopped before the first iteration: nothing to save.")
        return
    (result,) = latest
    row = result.history[-1]
    verdict = "Solved" if result.solved else "Not solved yet" if asked else "Trained"
    print(
        f"{verdict}: {result.env.name} after {row.steps:,} steps in {seconds:.1f} s, "
        f"mean return of recent episodes {row.mean_return:.1f}."
    )
    print(f"Saved in {folder}. To test it:  python -m trpo_np evaluate {folder}")


def _evaluate(options: Namespace) -> int:
    if not options.run.is_dir():
        raise UsageError(f"There is no run folder {options.run}: check the path.")
    agent = Agent.load(options.run)
    episodes = agent.episodes(options.episodes, options.seed, options.stochastic)
    returns, unit = episodes.returns, "episode" if options.episodes == 1 else "episodes"
    cut = f"; {episodes.cut} cut off before their end" if episodes.cut else ""
    print(
        f"{agent.env.name}: return {np.mean(returns):.1f} ± {np.std(returns):.1f} "
        f"(mean ± standard deviation, {len(returns)} {unit}{cut})"
    )
    if options.gif:
        total = animate(agent, options.gif, options.seed)
        print(f"Saved {options.gif}: one episode, return {total:.1f}.")
    return 0


def _plot(options: Namespace) -> int:
    runs = [load_run(folder) for folder in options.runs]
    save_learning_curves(options.out, grouped(runs))
    print(f"Saved {options.out}: {len(runs)} {'run' if len(runs) == 1 else 'runs'}.")
    return 0


COMMANDS = {"train": _train, "evaluate": _evaluate, "plot": _plot}

if __name__ == "__main__":
    sys.exit(main())
