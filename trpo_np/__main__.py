"""The command line: python -m trpo_np train | evaluate | plot."""

import sys
from argparse import ArgumentParser, BooleanOptionalAction, Namespace, _ActionsContainer
from dataclasses import asdict, fields
from pathlib import Path
from time import perf_counter

import numpy as np

from trpo_np.config import TRPOConfig
from trpo_np.console import ProgressTable
from trpo_np.errors import UsageError
from trpo_np.evaluation import animate, evaluate
from trpo_np.plotting import save_learning_curves
from trpo_np.result import Iteration, TrainResult
from trpo_np.runs import load_run, new_folder, save_run
from trpo_np.train import train

SAVE_EVERY = 25  #: iterations; a run that is cut off keeps what was saved last


def main(arguments: list[str] | None = None) -> int:
    """The exit status: 0, 2 for input that cannot work (one sentence on stderr), 130 if stopped."""
    options = _parser().parse_args(arguments)
    try:
        return options.command(options)
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
    config = config_from(options)
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
            options.total_steps,
            options.seed,
            config,
            options.until_solved,
            on_iteration,
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
        f"{verdict}: {result.env_id} after {row.steps:,} steps in {seconds:.1f} s, "
        f"mean return of recent episodes {row.mean_return:.1f}."
    )
    print(f"Saved in {folder}. To test it:  python -m trpo_np evaluate {folder}")


def _evaluate(options: Namespace) -> int:
    run = load_run(options.run)
    agent = run.policy, run.theta, run.normalizer, run.env_id
    returns = evaluate(*agent, options.episodes, options.seed, options.stochastic)
    unit = "episode" if len(returns) == 1 else "episodes"
    print(
        f"{run.env_id}: return {np.mean(returns):.1f} ± {np.std(returns):.1f} "
        f"(mean ± standard deviation, {len(returns)} {unit})"
    )
    if options.gif:
        total = animate(*agent, options.gif, options.seed)
        print(f"Saved {options.gif}: one episode, return {total:.1f}.")
    return 0


def _plot(options: Namespace) -> int:
    runs = [load_run(folder) for folder in options.runs]
    save_learning_curves(options.out, grouped(runs))
    print(f"Saved {options.out}: {len(runs)} {'run' if len(runs) == 1 else 'runs'}.")
    return 0


def grouped(runs: list[TrainResult]) -> dict[str, list[list[Iteration]]]:
    """Histories by label: the environment with the settings in which the runs differ. Runs that
    differ in nothing but the seed stand together."""
    settings = [asdict(run.config) for run in runs]
    varied = [name for name in settings[0] if any(s[name] != settings[0][name] for s in settings)]
    groups: dict[str, list[list[Iteration]]] = {}
    for run, setting in zip(runs, settings, strict=True):
        label = ", ".join([run.env_id, *(f"{name} {setting[name]}" for name in varied)])
        groups.setdefault(label, []).append(run.history)
    return groups


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m trpo_np", description="TRPO from scratch in NumPy.")
    commands = parser.add_subparsers(required=True, metavar="train | evaluate | plot")

    command = commands.add_parser("train", help="train an agent and save the run")
    command.set_defaults(command=_train)
    command.add_argument("env", help="gymnasium environment, such as CartPole-v1")
    command.add_argument("--total-steps", type=int, default=100_000, help="default: 100000")
    command.add_argument("--seed", type=int, default=0, help="default: 0")
    command.add_argument("--out", type=Path, help="run folder (default: runs/ENV-seedN)")
    command.add_argument(
        "--until-solved",
        action="store_true",
        help="stop once 100 fresh episodes reach the return at which the environment is solved",
    )
    add_settings(command.add_argument_group("settings of TRPO"))

    command = commands.add_parser("evaluate", help="mean and spread of a run's return")
    command.set_defaults(command=_evaluate)
    command.add_argument("run", type=Path, help="run folder")
    command.add_argument("--episodes", type=int, default=100, help="default: 100")
    command.add_argument("--seed", type=int, default=1_000_000, help="default: 1000000")
    command.add_argument("--stochastic", action="store_true", help="sample the actions")
    command.add_argument("--gif", type=Path, help="save an animation of one episode there")

    command = commands.add_parser("plot", help="learning curves of several runs, seeds as a band")
    command.set_defaults(command=_plot)
    command.add_argument("runs", type=Path, nargs="+", help="run folders")
    command.add_argument("--out", type=Path, default=Path("learning_curves.png"), help="PNG file")
    return parser


def add_settings(parser: _ActionsContainer) -> None:
    """Adds one option for each setting of TRPOConfig, under the setting's own name."""
    for setting in fields(TRPOConfig):
        kind, default = setting.type, setting.default
        options = {"default": default, "help": f"{setting.metadata['help']} (default: {default})"}
        if kind is bool:
            options["action"] = BooleanOptionalAction
        elif kind in (int, float, str):
            options["type"] = kind
        else:
            options |= {"type": int, "nargs": "*", "metavar": "WIDTH"}
        parser.add_argument(f"--{setting.name.replace('_', '-')}", **options)


def config_from(options: Namespace) -> TRPOConfig:
    """The configuration that the options of `add_settings` ask for."""
    values = {setting.name: getattr(options, setting.name) for setting in fields(TRPOConfig)}
    return TRPOConfig(**values | {"hidden": tuple(values["hidden"])})


if __name__ == "__main__":
    sys.exit(main())
