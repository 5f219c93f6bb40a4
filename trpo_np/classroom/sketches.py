"""Drawings of CartPole and Pendulum that need no pygame, which a browser's Python lacks."""

from collections.abc import Callable

import numpy as np
from gymnasium.vector import VectorEnv
from PIL import Image, ImageDraw

Array = np.ndarray
WIDTH = 480  #: pixels, of either picture; all lengths are those of gymnasium's own
POLE, AXLE, ROD, LINE = "#ca9865", "#8184cb", "#cc4d4d", "black"


def sketch(envs: VectorEnv) -> Array | None:
    """The first environment's picture (height, width, 3) as bytes; None where none is known here.

    The state is read from gymnasium's own environments.
    """
    draw = _SKETCHES.get(envs.spec.id) if envs.spec else None
    if draw is None:
        return None
    if hasattr(envs, "envs"):
        state = envs.envs[0].unwrapped.state
    else:  # stepped together: one column for each
        state = np.asarray(envs.unwrapped.state)[:, 0]
    return np.asarray(draw(np.asarray(state, dtype=float)))


def cart_and_pole(state: Array) -> Image.Image:
    """The cart at its place (m) in the track of ±2.4 m, its pole of 1 m at its angle from upright
    (rad, clockwise); after gymnasium's CartPole."""
    image = Image.new("RGB", (WIDTH, 320), "white")
    draw = ImageDraw.Draw(image)
    metre = WIDTH / 4.8
    x, y = WIDTH / 2 + metre * state[0], 240.0
    draw.line([(0, y), (WIDTH, y)], fill=LINE)
    draw.rectangle([x - 20, y - 12, x + 20, y + 12], fill=LINE)
    axle = x, y - 6
    length = metre - 4  # gymnasium draws the other end below the axle
    tip = axle[0] + length * np.sin(state[2]), axle[1] - length * np.cos(state[2])
    draw.line([axle, tip], fill=POLE, width=8)
    draw.ellipse([x - 4, y - 10, x + 4, y - 2], fill=AXLE)
    return image


def pendulum(state: Array) -> Image.Image:
    """The pendulum at its angle from upright (rad, anticlockwise); after gymnasium's Pendulum."""
    image = Image.new("RGB", (WIDTH, WIDTH), "white")
    draw = ImageDraw.Draw(image)
    metre = WIDTH / 4.4
    x = y = WIDTH / 2
    tip = x - metre * np.sin(state[0]), y - metre * np.cos(state[0])
    draw.line([(x, y), tip], fill=ROD, width=22)
    for across, down in ((x, y), tip):
        draw.ellipse([across - 11, down - 11, across + 11, down + 11], fill=ROD)
    draw.ellipse([x - 5, y - 5, x + 5, y + 5], fill=LINE)
    return image


_SKETCHES: dict[str, Callable[[Array], Image.Image]] = {
    "CartPole-v1": cart_and_pole,
    "Pendulum-v1": pendulum,
}
