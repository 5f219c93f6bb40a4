"""The dark twin of a picture: lightness is turned round, hue stays.

Paper becomes the book's dark page, ink becomes light; strong colours, which are in the middle, are
only lifted, so that amber does not turn brown. A picture is a table of colours away from its twin:
no drawing is made twice.
"""

from functools import cache

import numpy as np
from PIL import Image, ImageFilter

PAGE, INK = 0.1822, 0.93  #: lightness of the dark page, #121212, and of what was black
HUED = 0.11  #: the chroma from which a colour counts as a colour and not as a tint
SIZE = 33  #: points of the table along each channel

#: Oklab (Ottosson, 2020): linear RGB to cones' responses, and their cube roots to L, a, b.
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def to_oklab(rgb: np.ndarray) -> np.ndarray:
    """Lightness and two axes of colour (..., 3) of sRGB colours between 0 and 1."""
    linear = np.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    return np.cbrt(linear @ TO_CONES.T) @ TO_LAB.T


def to_rgb(lab: np.ndarray) -> np.ndarray:
    """The sRGB colours between 0 and 1 of `to_oklab`, the nearest where there is none."""
    linear = np.clip((lab @ np.linalg.inv(TO_LAB).T) ** 3 @ np.linalg.inv(TO_CONES).T, 0, 1)
    return np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)


def darkened(rgb: np.ndarray) -> np.ndarray:
    """The colours (..., 3), between 0 and 1, of the dark twin."""
    lab = to_oklab(rgb)
    L, chroma = lab[..., :1], np.linalg.norm(lab[..., 1:], axis=-1, keepdims=True)
    turned = PAGE + (INK - PAGE) * np.clip(1 - L, 0, 1) ** 0.62
    lifted = 0.32 + 0.6 * L
    hued = np.minimum(1, chroma / HUED) ** 2
    ab = (1.4 - 0.4 * hued) * lab[..., 1:]  # a tint looks paler on a dark page
    return to_rgb(np.concatenate([(1 - hued) * turned + hued * lifted, ab], axis=-1))


@cache
def _table() -> ImageFilter.Color3DLUT:
    axis = np.linspace(0, 1, SIZE)
    colours = np.stack(np.meshgrid(axis, axis, axis, indexing="ij")[::-1], axis=-1)  # red fastest
    return ImageFilter.Color3DLUT(SIZE, darkened(colours).ravel().tolist())


def dark(picture: Image.Image) -> Image.Image:
    """The picture as it stands on a dark page."""
    return picture.convert("RGB").filter(_table())
