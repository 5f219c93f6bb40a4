"""The commands and their options."""

from argparse import BooleanOptionalAction, Namespace
from pathlib import Path

from trpo_np.errors import UsageError
from trpo_np.experiments.options import Parser, add_settings, keyword, number, option_of, whole
from trpo_np.experiments.sweep_options import add_sweep
from trpo_np.training.settings import Settings
from trpo_np.updates import ALGORITHMS
from trpo_np.updates.options import settings_of


def parsed(arguments: list[str]) -> Namespace:
    """The options, with the command's name as `command`; those of the algorithm are known once it
    is. Raises UsageError for what no command knows."""
    first = Parser(add_help=False, prog="python -m trpo_np train")
    first.add_argument("--algorithm", choices=ALGORITHMS, default="trpo")
    first.add_argument("--resume", action="store_true")
    known = first.parse_known_args(arguments)[0]
    options, unknown = _parser(known.algorithm, known.resume).parse_known_args(arguments)
    if unknown and known.resume:
        raise UsageError(
            f"{unknown[0]} is not possible with --resume: a run goes on with what it was asked for "
            "(only --total-steps, --until-solved, --vectorization, --step-seconds and --trust may "
            "stand beside)."
        )
    if unknown:
        raise UsageError(_about(unknown[0], options.command, known.algorithm))
    return options


def _about(argument: str, command: str, algorithm: str) -> str:
    """What to say of an argument that the command does not know."""
    option = argument.partition("=")[0]
    if command != "train":
        return f"{command} has no option {option}: see `python -m trpo_np {command} --help`."
    others = [
        name
        for name, kind in ALGORITHMS.items()
        if option in [option_of(setting.name) for setting in settings_of(kind)]
    ]
    if others:
        return f"{option} is an option of {' and '.join(others)}, and not of {algorithm}."
    return f"There is no option {argument}: see `python -m trpo_np train --help`."


def _parser(algorithm: str, resume: bool) -> Parser:
    parser = Parser(prog="python -m trpo_np", description="TRPO from scratch in NumPy.")
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="train | evaluate | plot | sweep"
    )
    # An algorithm's name in short would be found by this parser and not by the first one.
    train = commands.add_parser("train", help="train an agent and save the run; or go on with one")
    if not resume:
        _add_new_run(train, algorithm)
    train.add_argument("--resume", type=Path, metavar="RUN", help="go on with the run of a folder")
    train.add_argument(
        "--total-steps", type=whole, help="default: 100000, or what the resumed run was asked for"
    )
    train.add_argument(
        "--until-solved",
        action=BooleanOptionalAction,
        help="stop once 100 fresh episodes reach the return at which the environment is solved",
    )
    _add_limit(train)
    train.add_argument(
        "--vectorization",
        choices=("sync", "async"),
        default="sync",
        help="async steps each environment in a process of its own: same run (default: sync)",
    )
    _add_trust(train)

    command = commands.add_parser("evaluate", help="mean and spread of a run's return")
    command.add_argument("run", type=Path, help="run folder")
    command.add_argument("--episodes", type=whole, default=100, help="default: 100")
    command.add_argument("--seed", type=whole, default=1_000_000, help="default: 1000000")
    command.add_argument("--stochastic", action="store_true", help="sample the actions")
    command.add_argument("--gif", type=Path, help="save an animation of one episode there")
    _add_limit(command)
    _add_force(command)
    _add_trust(command)

    command = commands.add_parser("plot", help="learning curves of several runs, seeds as a band")
    command.add_argument("runs", type=Path, nargs="+", help="run folders, or a sweep's CSV files")
    command.add_argument(
        "--out",
        type=Path,
        default=Path("learning_curves.png"),
        help="a .png, .pdf or .svg file (default: learning_curves.png)",
    )
    _add_force(command)
    add_sweep(commands.add_parser("sweep", help="many runs: tasks × algorithms × settings × seeds"))
    return parser


def _add_new_run(command: Parser, algorithm: str) -> None:
    """The options that say what a new run is: one that goes on has them already."""
    command.add_argument("env", help="gymnasium environment, such as CartPole-v1")
    command.add_argument("--algorithm", choices=ALGORITHMS, default="trpo", help="default: trpo")
    command.add_argument("--seed", type=whole, default=0, help="default: 0")
    command.add_argument("--out", type=Path, help="run folder (default: runs/ENV-seedN)")
    command.add_argument(
        "--env-arg",
        type=keyword,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a keyword argument of the environment; may be given again",
    )
    _add_force(command)
    add_settings(
        command.add_argument_group(f"settings of {algorithm}, the algorithm chosen"),
        ALGORITHMS[algorithm],
    )
    add_settings(command.add_argument_group("settings of all algorithms"), Settings)


def _add_force(command: Parser) -> None:
    command.add_argument("--force", action="store_true", help="write over what exists")


def _add_limit(command: Parser) -> None:
    command.add_argument(
        "--step-seconds",
        type=number,
        help="how long the environment may take to be made, reset or stepped (default: no limit)",
    )


def _add_trust(command: Parser) -> None:
    command.add_argument(
        "--trust", action="store_true", help="import the module that a run's environment names"
    )
