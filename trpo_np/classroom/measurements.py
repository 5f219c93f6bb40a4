"""What was measured once and is read by the notebooks."""

from pathlib import Path

FOLDERS = Path("measurements"), Path(__file__).parents[2] / "notebooks" / "measurements"


def stored(name: str) -> Path:
    """The file of that name beside the notebook, or else in the repository.

    Raises FileNotFoundError, in one sentence, where it is in neither.
    """
    for folder in FOLDERS:
        if (folder / name).exists():
            return folder / name
    raise FileNotFoundError(
        f"There is no measurements/{name}: put the folder measurements beside the notebook."
    )
