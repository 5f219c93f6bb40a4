"""The command line: python -m trpo_np train | evaluate | plot | sweep."""

import os
import shlex
import sys
from argparse import Namespace
from pathlib import Path
from time import perf_counter

import numpy as np
from tqdm import tqdm

from trpo_np.errors import UsageError
from trpo_np.experiments.command_line import parsed
from trpo_np.experiments.compare import grouped, grouped_results
from trpo_np.experiments.console import ProgressTable, notes_on, say_where, summarise
from trpo_np.experiments.folders import claimed, named_folder, new_folder, target, tidy
from trpo_np.experiments.options import settings_from
from trpo_np.experiments.plots import save_learning_curves
from trpo_np.experiments.saving import Saver, Stop, Stopped, ended_by_signals
from trpo_np.experiments.storage import load_run
from trpo_np.experiments.sweep import sweep
from trpo_np.experiments.sweep_options import asked_of
from trpo_np.fast.memory import keep_freed_memory
from trpo_np.launch import after_imports
from trpo_np.training.agent import Agent
from trpo_np.training.animation import animate
from trpo_np.training.files import write
from trpo_np.training.result import TrainResult
from trpo_np.training.settings import Settings
from trpo_np.training.train import train
from trpo_np.updates import ALGORITHMS


def main(arguments: list[str] | None = None) -> int:
    """The exit status: 0, 2 for input that cannot work (one sentence on stderr), 128 and the
    signal's number if stopped by one."""
    keep_freed_memory()
    if sys.stderr is None:  # closed, as where no console is: its sentences go nowhere
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a ± that a console has not is no reason to stop
    try:
        with notes_on(sys.stderr):
            arguments = sys.argv[1:] if arguments is None else arguments
            options = parsed(arguments)
            options.line = shlex.join(["python", "-m", "trpo_np", *arguments])
            return COMMANDS[options.command](options)
    except UsageError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)  # on one line
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has gone
        sys.stdout = None
    except OSError as error:
        where = f"{error.filename}: {error.strerror}" if error.filename else error.strerror or error
        print(f"error: {where}. Check the path.", file=sys.stderr)
    return 2


def _train(options: Namespace) -> int:
    if options.resume:
        folder, asked = options.resume, {"resume": options.resume, "trust": options.trust}
        load_run(folder)  # what is none is not locked
    else:
        asked = {
            "env": options.env,
            "update": settings_from(options, ALGORITHMS[options.algorithm]),
            "seed": options.seed,
            "settings": settings_from(options, Settings),
            "env_arguments": dict(options.env_arg),
        }
        folder = (
            named_folder(options.out, options.force)
            if options.out
            else new_folder(Path("runs"), options.env, options.seed)
        )
    for name in ("total_steps", "until_solved", "vectorization", "step_seconds"):
        asked[name] = getattr(options, name)
    with claimed(folder):
        return _trained(folder, asked)


def _trained(folder: Path, asked: dict) -> int:
    """Trains into a folder that is this run's alone."""
    started, table = perf_counter(), ProgressTable()
    saver, stop = Saver(folder, table.say), Stop()

    def on_iteration(result: TrainResult) -> None:
        saver(result)
        table(result)
        stop.check()

    with stop:
        try:
            saver.latest = train(**asked, on_iteration=on_iteration)
        except (Stopped, Exception) as error:
            saver.finish()  # also where an environment raises: its run can be resumed
            if stop.signal is None and not isinstance(error, Stopped):
                say_where(saver.latest, folder)
                raise
        else:
            saver.finish()
        finally:
            table.close()
        summarise(saver.latest, folder, perf_counter() - started, stop.signal)
    return 128 + stop.signal if stop.signal else 0


def _evaluate(options: Namespace) -> int:
    if not options.run.is_dir():
        raise UsageError(f"There is no run folder {options.run}: check the path.")
    if options.gif:
        target(options.gif, (".gif",), options.force)
    tidy(options.run)
    agent = Agent.load(options.run, trust=options.trust, step_seconds=options.step_seconds)
    episodes = agent.episodes(options.episodes, options.seed, options.stochastic)
    returns, unit = episodes.returns, "episode" if options.episodes == 1 else "episodes"
    cut = f"; {episodes.cut} cut off before their end" if episodes.cut else ""
    print(
        f"{agent.env.name}: return {np.mean(returns):.1f} ± {np.std(returns):.1f} "
        f"(mean ± standard deviation, {len(returns)} {unit}{cut})"
    )
    if options.gif:
        os.environ.setdefault("SDL_VIDEODRIVER", "dummy")  # pygame draws without a window,
        os.environ.setdefault("SDL_AUDIODRIVER", "dummy")  # and says nothing of its surroundings
        total = animate(agent, options.gif, options.seed)
        print(f"Saved {options.gif}: one episode, return {total:.1f}.")
    return 0


def _plot(options: Namespace) -> int:
    target(options.out, PICTURES, options.force)
    sweeps = [path for path in options.runs if path.suffix == ".csv"]
    folders = [path for path in options.runs if path not in sweeps]
    for folder in folders:
        tidy(folder)
    groups, kind = grouped([load_run(folder) for folder in folders]), options.out.suffix[1:].lower()
    for path in sweeps:
        if not path.exists():
            raise UsageError(f"There is no file {path}: check the path.")
        groups |= grouped_results(path)
    write(options.out, lambda file: save_learning_curves(file, groups, kind))
    number = sum(map(len, groups.values()))
    print(f"Saved {options.out}: {number} {'run' if number == 1 else 'runs'}.")
    return 0


def _sweep(options: Namespace) -> int:
    target(options.out, (".csv",), force=True)
    try:
        with ended_by_signals():
            results = sweep(**asked_of(options), command=options.line, say=tqdm.write)
    except (KeyboardInterrupt, SystemExit):
        print("Stopped. The same command goes on with the runs that did not end.", file=sys.stderr)
        raise
    failed = sum(bool(row.get("error")) for row in results.rows.values())
    print(f"Saved {options.out}: {len(results.rows)} runs, {failed} of them failed.")
    return 1 if failed else 0


COMMANDS = {"train": _train, "evaluate": _evaluate, "plot": _plot, "sweep": _sweep}
PICTURES = (".png", ".pdf", ".svg")

if __name__ == "__main__":
    after_imports()
    sys.exit(main())
