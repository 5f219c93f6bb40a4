"""How an agent looks."""

from pathlib import Path

import numpy as np
from gymnasium.error import DependencyNotInstalled
from gymnasium.vector import VectorEnv
from PIL import Image

from trpo_np.errors import UsageError, shown
from trpo_np.training.agent import Agent
from trpo_np.training.episodes import play
from trpo_np.training.files import write
from trpo_np.training.missing import missing_package
from trpo_np.training.notes import note

LONGEST_FILM = 2_000  #: frames
LARGEST_FILM = 2**28  #: points of all of them; what is drawn beyond is not kept
#: Milliseconds that a frame may stand: viewers show shorter ones longer, and a GIF can hold no
#: picture for the 655 s that LONGEST_FILM equal ones would make of longer ones.
DURATIONS = 20, 300


def animate(agent: Agent, path: Path | str, seed: int = 0) -> float:
    """The return of one episode with the most likely actions, saved as an animated GIF at `path`,
    at the environment's own speed; of its first LONGEST_FILM steps, fewer where pictures are large.

    Raises UsageError where the environment draws no pictures, or `path` does not end in .gif.
    """
    if Path(path).suffix.lower() != ".gif":
        raise UsageError(f"{path} is not possible: the name of an animation must end in .gif.")
    frames = []

    def watch(envs: VectorEnv) -> None:
        frame = picture_of(envs)
        if len(frames) * frame[..., 0].size < LARGEST_FILM:
            frames.append(Image.fromarray(frame).convert("P", palette=Image.Palette.ADAPTIVE))

    envs = agent.env.many(1, render_mode="rgb_array")
    duration = _duration(envs.metadata.get("render_fps"))
    film = play(agent.act, envs, seed, watch, LONGEST_FILM)
    options = {"format": "GIF", "save_all": True, "append_images": frames[1:], "loop": 0}
    write(
        Path(path), lambda file: frames[0].save(file, **options, duration=duration, optimize=True)
    )
    if film.cut or len(frames) <= film.lengths[0]:
        note(f"The film shows the first {len(frames) - 1:,} steps of a longer episode.")
    return float(film.returns[0])


def _duration(speed: object) -> float:
    """Milliseconds that a frame stands at so many frames a second; at 30 where that is none."""
    known = isinstance(speed, int | float | np.number) and 0 < speed < np.inf
    return float(np.clip(1000 / speed, *DURATIONS)) if known else 1000 / 30


def picture_of(envs: VectorEnv) -> np.ndarray:
    """The one environment's picture (height, width, 3 or 4); raises UsageError where that is
    none."""
    try:
        drawn = envs.render()
    except UsageError:
        raise
    except (DependencyNotInstalled, ImportError) as error:
        name = envs.spec.id if envs.spec else "The environment"
        raise UsageError(missing_package(name, error)) from error
    except (Exception, SystemExit) as error:  # whatever the environment's own drawing raises
        raise UsageError(
            f"The environment could not be drawn ({error}). Without a screen, MuJoCo needs "
            "MUJOCO_GL=egl, and pygame SDL_VIDEODRIVER=dummy, in the environment variables."
        ) from error
    frame = drawn[0] if isinstance(drawn, list | tuple | np.ndarray) and len(drawn) else None
    drawable = isinstance(frame, np.ndarray) and frame.dtype == np.uint8 and frame.ndim == 3
    if not drawable or frame.shape[2] not in (3, 4) or not frame.size:
        raise UsageError(
            "The environment draws no pictures: its render must give an array (height, width, 3) "
            f"of the type uint8, and gave {shown(frame)}."
        )
    return frame
