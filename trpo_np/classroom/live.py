"""Pictures that move: a plot that grows while an agent learns, and the agent itself."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib.pyplot as plt
import numpy as np
from gymnasium.vector import VectorEnv
from matplotlib.ticker import EngFormatter
from PIL import Image

from trpo_np.classroom.figures import embedded, picture
from trpo_np.classroom.page import display
from trpo_np.classroom.sketches import sketch
from trpo_np.errors import UsageError
from trpo_np.training.agent import Agent
from trpo_np.training.animation import picture_of
from trpo_np.training.episodes import play

GIF_COLORS = 16  #: enough for drawings in few colours, and small


class LivePlot:
    """Panels, one for each named quantity, drawn anew at every `every`-th row of numbers.

    `levels` are horizontal lines in some of the panels: name -> (height above 0, label).
    """

    def __init__(
        self,
        panels: dict[str, str],
        levels: dict[str, tuple[float, str]] | None = None,
        every: int = 1,
        xlabel: str = "environment steps",
    ):
        self.panels, self.levels, self.every, self.xlabel = panels, levels or {}, every, xlabel
        self.x: list[float] = []
        self.y: dict[str, list[float]] = {name: [] for name in panels}
        self._handle = None

    def add(self, x: float, **values: float) -> None:
        """One more row; what is not the name of a panel is left out."""
        self.x.append(x)
        for name in self.panels:
            self.y[name].append(values[name])
        if len(self.x) % self.every == 0:
            self._draw("The training so far; the picture is renewed as it goes on.", "Training ...")

    def finish(self, alt: str, caption: str) -> None:
        """The last picture, with the alt text and caption that stay."""
        self._draw(alt, caption)
        self._handle = None

    def _draw(self, alt: str, caption: str) -> None:
        rows = (len(self.panels) + 1) // 2
        size = 12, 3.6 * rows
        figure, axes = plt.subplots(rows, 2, figsize=size, sharex=True, squeeze=False, dpi=80)
        for ax, (name, label) in zip(axes.flat, self.panels.items(), strict=False):
            ax.plot(self.x, self.y[name], linewidth=1, alpha=0.5)
            ax.plot(self.x, self.y[name], "o", color="C0", markersize=4.5)
            ax.set_ylabel(label)
            if name in self.levels:
                height, text = self.levels[name]
                ax.axhline(height, color="black", linestyle="--", linewidth=1.5, label=text)
                ax.legend(loc="upper left", borderaxespad=0.1)
                ax.set_ylim(0, 1.3 * height)
        for ax in axes[-1]:
            ax.set_xlabel(self.xlabel)
            ax.xaxis.set_major_formatter(EngFormatter(sep=""))
        drawn = picture(figure, alt, caption)
        if self._handle is None:
            self._handle = display(drawn, display_id=True)
        else:
            self._handle.update(drawn)


def episode(
    agent: Agent, seed: int = 0, every: int = 1, width: int = 240
) -> tuple[list[Image.Image], float]:
    """Every `every`-th frame of one episode with the most likely actions, its last one included,
    and its return. CartPole and Pendulum are sketched where pygame does not draw them."""
    frames = []
    with _no_window():
        film = play(
            agent.act,
            agent.env.many(1, render_mode="rgb_array"),
            seed,
            watch=lambda envs: frames.append(_frame(envs)),
        )
    chosen = frames[: int(film.lengths[0]) : every] + frames[-1:]
    return [_scaled(frame, width) for frame in chosen], float(film.returns[0])


def beside(left: list[Image.Image], right: list[Image.Image]) -> list[Image.Image]:
    """Two films side by side; the shorter one stops at its last frame."""
    film = []
    for i in range(max(len(left), len(right))):
        pair = [np.asarray(f[min(i, len(f) - 1)]) for f in (left, right)]
        bar = np.zeros((len(pair[0]), 4, 3), np.uint8)
        film.append(Image.fromarray(np.concatenate([pair[0], bar, pair[1]], axis=1)))
    return film


def show_film(
    frames: list[Image.Image], alt: str, caption: str, frames_per_second: float = 15
) -> None:
    """Displays the frames as an animated GIF with its alt text, and the caption below."""
    gif = io.BytesIO()
    first, *rest = (frame.quantize(GIF_COLORS) for frame in frames)
    first.save(
        gif,
        format="GIF",
        save_all=True,
        append_images=rest,
        duration=round(1000 / frames_per_second),
        loop=0,
        optimize=True,
    )
    display(embedded(gif.getvalue(), "gif", alt, caption))


def _frame(envs: VectorEnv) -> np.ndarray:
    try:
        return picture_of(envs)
    except UsageError:
        drawn = sketch(envs)
        if drawn is None:
            raise
        return drawn


def _scaled(frame: np.ndarray, width: int) -> Image.Image:
    image = Image.fromarray(frame)
    return image.resize((width, round(width * image.height / image.width)), Image.Resampling.BOX)


@contextmanager
def _no_window() -> Iterator[None]:
    """Lets pygame draw without a screen, and without complaints that there is none."""
    before = {name: os.environ.get(name) for name in ("SDL_VIDEODRIVER", "SDL_AUDIODRIVER")}
    os.environ.update(dict.fromkeys(before, "dummy"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
