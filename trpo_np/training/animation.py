"""How an agent looks."""

from pathlib import Path

import numpy as np
from gymnasium.error import DependencyNotInstalled
from gymnasium.vector import VectorEnv
from PIL import Image

from trpo_np.errors import UsageError
from trpo_np.training.agent import Agent
from trpo_np.training.environments import missing_package
from trpo_np.training.episodes import play
from trpo_np.training.files import write

LONGEST_FILM = 2_000  #: frames


def animate(agent: Agent, path: Path | str, seed: int = 0) -> float:
    """The return of one episode with the most likely actions, saved as an animated GIF at `path`,
    at the environment's own speed; of its first LONGEST_FILM steps.

    Raises UsageError where the environment draws no pictures.
    """
    frames = []
    envs = agent.env.many(1, render_mode="rgb_array")
    speed = envs.metadata.get("render_fps") or 30
    film = play(agent.act, envs, seed, lambda e: frames.append(picture_of(e)), LONGEST_FILM)
    first, *rest = (Image.fromarray(frame) for frame in frames)
    options = {"format": "GIF", "save_all": True, "append_images": rest, "loop": 0}
    write(
        Path(path), lambda file: first.save(file, **options, duration=1000 / speed, optimize=True)
    )
    return float(film.returns[0])


def picture_of(envs: VectorEnv) -> np.ndarray:
    """The one environment's picture (height, width, 3); raises UsageError where there is none, or
    where what draws it is not installed."""
    try:
        drawn = envs.render()
    except (DependencyNotInstalled, ImportError) as error:
        name = envs.spec.id if envs.spec else "The environment"
        raise UsageError(missing_package(name, error)) from error
    frame = drawn[0] if drawn is not None and len(drawn) else None
    if not isinstance(frame, np.ndarray) or frame.ndim != 3:
        raise UsageError("The environment draws no pictures (its render gives no array).")
    return frame
