"""Draws the films of figures/, each for light pages and for dark ones.

    python notebooks/tools/films.py

A film's still and its alt text are the picture of the same name in a notebook, which figures.py
writes. Under a megabyte each, they are WebP, without loss: flat colours need little.
"""

import io
from collections.abc import Callable
from pathlib import Path

import matplotlib.pyplot as plt
from dark import dark
from PIL import Image

from trpo_np.classroom.films import Film, bowl, run, search
from trpo_np.experiments.plots import STYLE

FIGURES = Path(__file__).parent.parent.parent / "figures"
DPI = 80  #: dots an inch; the stills have 100
FILMS: dict[str, Callable[[], Film]] = {
    "conjugate_gradient": bowl.film,
    "trust_region_run": run.film,
    "backtracking": search.film,
}


def frames(film: Film) -> list[Image.Image]:
    """All pictures of a film, in their order."""
    made = []
    with plt.rc_context(STYLE):
        for time, _ in film.scenes:
            file = io.BytesIO()
            figure = film.draw(time)
            figure.savefig(file, format="png", dpi=DPI)
            plt.close(figure)
            made.append(Image.open(file).convert("RGB"))
    return made


def write_film(pictures: list[Image.Image], film: Film, path: Path) -> None:
    """Saves the pictures as a WebP that begins again after its end."""
    first, *rest = pictures
    times = [milliseconds for _, milliseconds in film.scenes]
    options = {"save_all": True, "append_images": rest, "duration": times, "loop": 0}
    first.save(path, format="WEBP", lossless=True, quality=60, method=3, **options)


def main(folder: Path = FIGURES) -> None:
    """Writes NAME.webp and NAME-dark.webp for every film."""
    for name, make in FILMS.items():
        film = make()
        light = frames(film)
        for end, pictures in (("", light), ("-dark", [dark(frame) for frame in light])):
            path = folder / f"{name}{end}.webp"
            write_film(pictures, film, path)
            print(path, f"{path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
