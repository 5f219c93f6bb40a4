"""Films: pictures drawn one after the other from the package's own functions.

The notebooks show a film's last picture, notebooks/tools/films.py writes all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure


@dataclass(frozen=True)
class Film:
    """Scenes for `draw`, each with the milliseconds that it is shown; the last tells the whole."""

    draw: Callable[[float], Figure]
    scenes: tuple[tuple[float, int], ...]

    def still(self) -> Figure:
        """The last picture."""
        return self.draw(self.scenes[-1][0])


def moving(
    steps: int, between: int, rest: int, move: int, end: int
) -> tuple[tuple[float, int], ...]:
    """Scenes at the times 0 ... `steps`, with `between` pictures on the way from each to the next:
    a whole number rests so many milliseconds, others `move`, and the last stays for `end`."""
    times = [k + i / (between + 1) for k in range(steps) for i in range(between + 1)]
    return (*((t, move if t % 1 else rest) for t in times), (float(steps), end))


def until(path: np.ndarray, t: float) -> np.ndarray:
    """The iterates (k, n) up to time t, then the place on the way to the next, if there is one."""
    k = min(int(t), len(path) - 1)
    after = path[min(k + 1, len(path) - 1)]
    return np.array([*path[: k + 1], path[k] + (t - int(t)) * (after - path[k])])
