"""What an update answers: a new theta and a report, or one clear sentence why it is none."""

import numpy as np

from trpo_np.errors import UsageError
from trpo_np.training.result import Row
from trpo_np.updates.reports import array_of


def answered(answer: object, theta: np.ndarray) -> tuple[np.ndarray, object]:
    """What an update returned; raises UsageError unless it is a new theta, finite, and a
    report."""
    if not isinstance(answer, tuple) or len(answer) != 2:
        raise UsageError(
            f"The update returned {type(answer).__name__}: the new theta and a report are wanted."
        )
    theta_new = array_of(answer[0], theta)
    if not np.isfinite(theta_new).all():
        entry = int(np.argmin(np.isfinite(theta_new)))
        raise UsageError(
            f"The update returned a theta whose entry {entry} is {theta_new[entry]}: where it "
            "comes to no finite numbers, have it return the theta that it was given."
        )
    return theta_new, answer[1]


def row_of(before: dict, own: dict, behind: dict) -> Row:
    """One row of the table; raises UsageError where the update's own columns take its names."""
    taken = set(own) & (set(before) | set(behind)) - {"accepted"}
    if taken:
        raise UsageError(
            f"The update's report has the column {min(taken)}, which every row of a run has: "
            "give it another name."
        )
    return Row(**(before | own | behind))
