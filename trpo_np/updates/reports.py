"""What an update says of itself: one dataclass an algorithm, its fields the columns of a run."""

from dataclasses import Field, dataclass, field, fields, is_dataclass

import numpy as np

from trpo_np.errors import UsageError
from trpo_np.fast.local_problem import LocalProblem

Array = np.ndarray


def column(default: object, title: str = "", form: str = "") -> Field:
    """A field of a report; one with a title stands in the table on the screen too, in this form."""
    return field(default=default, metadata={"title": title, "form": form})


@dataclass(frozen=True)
class StepReport:
    """What every update here reports. Where it was not accepted, theta is what it was."""

    status: str = column("accepted", "step", "s")  #: or the reason why theta did not move
    kl: float = column(0.0, "KL", ".4f")  #: mean KL(old ‖ new), nats
    improvement: float = column(0.0)  #: of the surrogate
    gradient_norm: float = column(0.0)

    @property
    def accepted(self) -> bool:
        """Whether theta moved."""
        return self.status == "accepted"


def columns(report: object) -> dict[str, object]:
    """The numbers and words of a report, by name: what a row of a run's table can hold.

    Raises UsageError unless the report is a dataclass.
    """
    if not is_dataclass(report):
        raise UsageError(f"An update's report must be a dataclass, but is {report!r}.")
    values = {entry.name: getattr(report, entry.name) for entry in fields(report)}
    values = {name: x.item() if isinstance(x, np.generic) else x for name, x in values.items()}
    return {name: x for name, x in values.items() if isinstance(x, bool | int | float | str)}


def array_of(result: object, like: Array) -> Array:
    """The array that a part was asked for, whether it gives it alone or as `x` of a result; raises
    UsageError unless it is of numbers, and of the shape of `like`."""
    array = np.asarray(getattr(result, "x", result))
    if array.shape != like.shape or array.dtype.kind not in "fiu":
        given = "nothing" if result is None else f"{array.dtype.name} of the shape {array.shape}"
        raise UsageError(
            f"A part of the update gave {given}: an array of numbers {like.shape} is wanted."
        )
    return array


def no_direction(g: Array, curvature: float) -> str | None:
    """Why a step along s = F⁻¹g with this curvature sᵀFs is none, or None if it is one."""
    if not (np.isfinite(g).all() and np.isfinite(curvature)):
        return "non_finite"
    if not g @ g > 0:  # also where the squares are too small for the precision
        return "zero_gradient"
    return None if curvature > 0 else "non_positive_curvature"


def outcome(problem: LocalProblem, theta_new: Array, g: Array) -> tuple[Array, dict]:
    """What an update came to: theta_new, or theta itself if that is not finite, and the values of
    the columns that all reports have."""
    if np.isfinite(theta_new).all():
        kl, improvement = float(problem.KL(theta_new)), float(problem.L(theta_new))
        if np.isfinite([kl, improvement]).all():
            norm = float(np.linalg.norm(g))
            common = {"kl": kl, "improvement": improvement, "gradient_norm": norm}
            return theta_new, common
    return problem.theta, {"status": "non_finite"}
