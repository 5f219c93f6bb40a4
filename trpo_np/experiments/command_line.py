"""The commands and their options."""

from argparse import Namespace
from pathlib import Path

from trpo_np.errors import UsageError
from trpo_np.experiments.options import Parser, add_settings, keyword, option_of
from trpo_np.training.settings import Settings
from trpo_np.updates import ALGORITHMS
from trpo_np.updates.options import settings_of


def parsed(arguments: list[str]) -> Namespace:
    """The options, with the command's name as `command`; those of the algorithm are known once it
    is. Raises UsageError for what no command knows."""
    first = Parser(add_help=False, prog="python -m trpo_np train")
    first.add_argument("--algorithm", choices=ALGORITHMS, default="trpo")
    algorithm = first.parse_known_args(arguments)[0].algorithm
    options, unknown = _parser(algorithm).parse_known_args(arguments)
    if unknown:
        raise UsageError(_about(unknown[0], options.command, algorithm))
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


def _parser(algorithm: str) -> Parser:
    parser = Parser(prog="python -m trpo_np", description="TRPO from scratch in NumPy.")
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="train | evaluate | plot"
    )

    # An algorithm's name in short would be found by this parser and not by the first one.
    command = commands.add_parser("train", help="train an agent and save the run")
    command.add_argument("env", help="gymnasium environment, such as CartPole-v1")
    command.add_argument("--algorithm", choices=ALGORITHMS, default="trpo", help="default: trpo")
    command.add_argument("--total-steps", type=int, default=100_000, help="default: 100000")
    command.add_argument("--seed", type=int, default=0, help="default: 0")
    command.add_argument("--out", type=Path, help="run folder (default: runs/ENV-seedN)")
    command.add_argument(
        "--env-arg",
        type=keyword,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a keyword argument of the environment; may be given again",
    )
    command.add_argument(
        "--until-solved",
        action="store_true",
        help="stop once 100 fresh episodes reach the return at which the environment is solved",
    )
    add_settings(
        command.add_argument_group(f"settings of {algorithm}, the algorithm chosen"),
        ALGORITHMS[algorithm],
    )
    add_settings(command.add_argument_group("settings of all algorithms"), Settings)

    command = commands.add_parser("evaluate", help="mean and spread of a run's return")
    command.add_argument("run", type=Path, help="run folder")
    command.add_argument("--episodes", type=int, default=100, help="default: 100")
    command.add_argument("--seed", type=int, default=1_000_000, help="default: 1000000")
    command.add_argument("--stochastic", action="store_true", help="sample the actions")
    command.add_argument("--gif", type=Path, help="save an animation of one episode there")

    command = commands.add_parser("plot", help="learning curves of several runs, seeds as a band")
    command.add_argument("runs", type=Path, nargs="+", help="run folders")
    command.add_argument("--out", type=Path, default=Path("learning_curves.png"), help="PNG file")
    return parser
