"""How an agent looks."""

from pathlib import Path

import numpy as np
from gymnasium.error import DependencyNotInstalled
from gymnasium.vector import VectorEnv
from PIL import Image

from trpo_np.errors import UsageError
from trpo_np.training.agent import Agent
from trpo_np.training.episodes import play
from trpo_np.training.files import write
from trpo_np.training.missing import missing_package
from trpo_np.training.notes import note

LONGEST_FILM = 2_000  #: frames


def animate(agent: Agent, path: Path | str, seed: int = 0) -> float:
    """The return of one episode with the most likely actions, saved as an animated GIF at `path`,
    at the environment's own speed; of its first LONGEST_FILM steps.

    Raises UsageError where the environment draws no pictures, or `path` does not end in .gif.
    """
    if Path(path).suffix.lower() != ".gif":
        raise UsageError(f"{path} is not possible: the name of an animation must end in .gif.")
    frames = []
    envs = agent.env.many(1, render_mode="rgb_array")
    speed = envs.metadata.get("render_fps") or 30
    film = play(agent.act, envs, seed, lambda e: frames.append(picture_of(e)), LONGEST_FILM)
    first, *rest = (Image.fromarray(frame) for frame in frames)
    options = {"format": "GIF", "save_all": True, "append_images": rest, "loop": 0}
    write(
        Path(path), lambda file: first.save(file, **options, duration=1000 / speed, optimize=True)
    )
    if film.cut:
        note(f"The film shows the first {LONGEST_FILM:,} steps of a longer episode.")
    return float(film.returns[0])


def picture_of(envs: VectorEnv) -> np.ndarray:
    """The one environment's picture (height, width, 3); raises UsageError where there is none."""
    try:
        drawn = envs.render()
    except UsageError:
        raise
    except (DependencyNotInstalled, ImportError) as error:
        name = envs.spec.id if envs.spec else "The environment"
        raise UsageError(missing_package(name, error)) from error
    except Exception as error:  # whatever the environment's own drawing raises
        raise UsageError(
            f"The environment could not be drawn ({error}). Without a screen, MuJoCo needs "
            "MUJOCO_GL=egl, and pygame SDL_VIDEODRIVER=dummy, in the environment variables."
        ) from error
    frame = drawn[0] if isinstance(drawn, list | tuple | np.ndarray) and len(drawn) else None
    if not isinstance(frame, np.ndarray) or frame.ndim != 3 or frame.dtype != np.uint8:
        raise UsageError("The environment draws no pictures (its render gives no array of them).")
    return frame
