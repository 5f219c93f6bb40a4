"""One run of a sweep: what is asked for, and what is measured."""

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from trpo_np.fast.memory import keep_freed_memory
from trpo_np.training.config import settings_in
from trpo_np.training.environments import Source
from trpo_np.training.result import Points, Row, TrainResult, points_of
from trpo_np.training.settings import Settings
from trpo_np.training.train import train
from trpo_np.updates import Update

EVALUATION_SEED = 1_000_000  #: the same fresh episodes for every run
POINTS = 50  #: at most so many points of a run's learning curve are kept


@dataclass(frozen=True)
class Trial:
    """One run to be made."""

    env: Source
    algorithm: str  #: its name in the sweep
    update: Update
    settings: Settings
    total_steps: int
    seed: int
    episodes: int = 100  #: fresh ones, after training
    varied: tuple[str, ...] = ()  #: the settings that the sweep varies

    @property
    def asked(self) -> dict[str, str]:
        """All settings by name, as text, and the number of episodes."""
        return texts(self.update, self.settings) | {"episodes": str(self.episodes)}

    @property
    def key(self) -> tuple:
        """What no other run of a sweep has."""
        names = (self.env.name, self.algorithm, str(self.seed), str(self.total_steps))
        return (*names, *self.asked.items())

    @property
    def label(self) -> str:
        """The run in a few words."""
        asked = self.asked | {"total_steps": str(self.total_steps)}
        varied = [f"{name} {asked[name]}" for name in self.varied]
        return ", ".join([f"{self.env.name} {self.algorithm}", *varied, f"seed {self.seed}"])


@dataclass(frozen=True)
class Measured:
    """What a run came to: numbers by name, and its learning curve."""

    numbers: dict[str, object]
    curve: Points

    @property
    def in_short(self) -> str:
        """The return, or why there is none."""
        if "error" in self.numbers:
            return f"failed. {self.numbers['error']}"
        return "{mean:.1f} ± {std:.1f}, {seconds:.1f} s".format(**self.numbers)


def texts(update: Update, settings: Settings) -> dict[str, str]:
    """The settings of both by name, as text: a list of widths as "64 64"."""
    values = settings_in(update) | settings_in(settings)
    return {
        name: " ".join(map(str, x)) or "none" if isinstance(x, tuple) else str(x)
        for name, x in values.items()
    }


def defaults_of(update: Update) -> dict[str, str]:
    """What an algorithm is asked for where nothing else is said; `update` is its default."""
    return texts(update, Settings()) | {"episodes": str(Trial.episodes)}


def measured(trial: Trial) -> Measured:
    """Trains and evaluates; a run that fails has its reason as `error`, and no other number."""
    keep_freed_memory()
    try:
        started = perf_counter()
        result = train(
            trial.env, trial.update, trial.total_steps, trial.seed, settings=trial.settings
        )
        seconds = perf_counter() - started
        return Measured(_numbers(result, seconds, trial.episodes), curve(result.history))
    except Exception as error:
        return failed(error)


def failed(error: Exception) -> Measured:
    """What is known of a run that ended with the error."""
    return Measured({"error": f"{type(error).__name__}: {' '.join(str(error).split())}"}, [])


def curve(history: list[Row]) -> Points:
    """The run's learning curve, evenly thinned to POINTS."""
    points = points_of(history)
    kept = np.unique(np.linspace(0, len(points) - 1, POINTS).round().astype(int)) if points else ()
    return [points[i] for i in kept]


def _numbers(result: TrainResult, seconds: float, episodes: int) -> dict[str, object]:
    history, agent = result.history, result.agent
    returns = agent.episodes(episodes, EVALUATION_SEED).returns
    sampled = agent.episodes(episodes, EVALUATION_SEED, stochastic=True).returns
    return {
        "steps": history[-1].steps,
        "seconds": seconds,
        "mean": float(np.mean(returns)),
        "std": float(np.std(returns)),
        "sampled_mean": float(np.mean(sampled)),
        "sampled_std": float(np.std(sampled)),
        "mean_kl": _mean(history, "kl"),
        "mean_backtracks": _mean(history, "backtracks"),
        "rejected": sum(not row.accepted for row in history),
        "iterations": len(history),
    }


def _mean(history: list[Row], name: str) -> float | None:
    """The mean of a column; None where the algorithm has none of this name."""
    if not hasattr(history[0], name):
        return None
    return float(np.mean([getattr(row, name) for row in history]))
