"""What a person sees while an agent trains: a table, and a progress bar below it."""

from tqdm import tqdm

from trpo_np.result import TrainResult

ROWS = 40  #: about as many rows are printed in a whole run

_COLUMNS = (
    ("steps", lambda row, speed: f"{row.steps:,}"),
    ("return", lambda row, speed: f"{row.mean_return:.1f}"),
    ("KL", lambda row, speed: f"{row.kl:.4f}"),
    ("step", lambda row, speed: row.status.replace("_", " ")),
    ("backtracks", lambda row, speed: str(row.backtracks)),
    ("entropy", lambda row, speed: f"{row.entropy:.3f}"),
    ("expl. var.", lambda row, speed: f"{row.explained_variance:.3f}"),
    ("sampling/s", lambda row, speed: f"{speed.sampling:,.0f}"),
    ("updating/s", lambda row, speed: f"{speed.updating:,.0f}"),
)
_WIDTHS = (11, 9, 7, 22, 10, 8, 10, 11, 11)


class ProgressTable:
    """Called with the result so far, it prints a row now and then and moves the bar.

    A step that was not accepted always has its row.
    """

    def __init__(self, total_steps: int):
        self._total_steps = total_steps
        self._next_row = 0.0
        self._bar = None

    def __call__(self, result: TrainResult) -> None:
        if self._bar is None:
            self._bar = tqdm(
                total=self._total_steps, unit="step", unit_scale=True, leave=False, disable=None
            )
            self._print(title for title, _ in _COLUMNS)
        row, speed = result.history[-1], result.speeds[-1]
        if row.steps >= self._next_row or not row.accepted or result.solved:
            self._next_row = row.steps + self._total_steps / ROWS
            self._print(text(row, speed) for _, text in _COLUMNS)
        self._bar.update(row.steps - self._bar.n)

    def close(self) -> None:
        """Takes the bar off the screen; the table stays."""
        if self._bar is not None:
            self._bar.close()

    def _print(self, cells) -> None:
        tqdm.write(" ".join(f"{cell:>{w}}" for cell, w in zip(cells, _WIDTHS, strict=True)))
