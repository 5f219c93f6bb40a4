"""The check of an exercise whose answer is random: its moments are compared, not its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trpo_np.classroom.bounded import beta
from trpo_np.classroom.bounded.gamma_functions import digamma
from trpo_np.classroom.checks import Check
from trpo_np.classroom.checks.attempts import attempt
from trpo_np.classroom.checks.cases import listed
from trpo_np.classroom.checks.compare import numbers
from trpo_np.classroom.checks.run import run

Array = np.ndarray
ERRORS = (
    5.0  #: standard errors within which a moment must be; by chance one of some millions is not
)
MOMENTS = (
    "the mean",
    "the spread",
    "the mean of log x",
    "the mean of log(1 - x)",
    "the correlation of one row with the next",
    "the correlation of the dimensions",
)


def moments(actions: Array, eta: Array, low: Array, high: Array) -> Array:
    """How many standard errors each of MOMENTS is away from that of the Beta."""
    alpha, beta_ = beta.concentrations(eta)
    both = alpha + beta_
    x = np.clip((actions - low) / (high - low), 1e-12, 1 - 1e-12)
    deviation = np.sqrt(alpha * beta_ / (both + 1)) / both
    z = (x - alpha / both) / deviation
    logs = (
        np.log(x) - digamma(alpha) + digamma(both),
        np.log(1 - x) - digamma(beta_) + digamma(both),
    )
    across = [z[:, 0] * z[:, 1]] if z.shape[1] > 1 else []
    samples = [z, z**2 - 1, *logs, z[1:] * z[:-1], *across]
    return np.array([_in_errors(sample.ravel()) for sample in samples])


def _in_errors(sample: Array) -> float:
    """The mean of a sample whose mean should be 0, in standard errors."""
    error = np.std(sample) / np.sqrt(len(sample))
    return float(np.mean(sample) / max(error, 1e-12))


@dataclass(frozen=True)
class CheckOfSampling(Check):
    """A check of a function that draws: right is what has the moments of the right distribution,
    and stays in the box."""

    def verdict(self, student) -> str | None:
        """None for draws whose moments are right."""
        cases = listed(self.cases())
        result = run(student, cases, ["eta", "low", "high", "rng"], self.seconds)
        if result.problem:
            return result.problem
        for answer, (eta, low, high, _) in zip(result.answers, cases, strict=True):
            problem = _unfit(answer, eta, low, high)
            if problem:
                return problem
        answers = [np.asarray(answer, dtype=float) for answer in result.answers]
        if self.is_right(answers, cases):
            return self.unmet(student, cases, [])
        return self.named(answers, cases) or _first_off(answers, cases)

    def is_right(self, answers: list, cases: Sequence[tuple]) -> bool:
        """Whether all moments are within their errors."""
        pairs = zip(answers, cases, strict=True)
        return all(np.all(np.abs(moments(a, *case[:3])) < ERRORS) for a, case in pairs)

    def named(self, answers: list, cases: Sequence[tuple]) -> str | None:
        """What the first mistake has to say whose draws have the same moments."""
        got = np.array([_plain(a, case) for a, case in zip(answers, cases, strict=True)])
        for mistake in self.mistakes:
            drawn = [attempt(mistake.answer, case, self.seconds) for case in cases]
            if any(x is None for x in drawn):
                continue
            wrong = np.array([_plain(x, case) for x, case in zip(drawn, cases, strict=True)])
            if np.allclose(got, wrong, rtol=0.06, atol=0.06):
                return mistake.says
        return None


def _plain(actions: Array, case: tuple) -> list[float]:
    """Moments of the draws as they are: of x, of log x, of its neighbours."""
    _, low, high, _ = case
    x = np.clip((np.asarray(actions, dtype=float) - low) / (high - low), 1e-12, 1 - 1e-12)
    spread = max(np.std(x), 1e-9)
    near = np.mean((x[1:] - x.mean(axis=0)) * (x[:-1] - x.mean(axis=0))) / spread**2
    return [np.mean(x), np.std(x), np.mean(np.log(x)), np.mean(np.log(1 - x)), near]


def _unfit(answer, eta, low, high) -> str | None:
    """Why these can be no actions of the box, or None."""
    got = numbers(answer)
    wanted = len(eta), len(low)
    if got is None:
        return f"the result is of type {type(answer).__name__}; an array of actions is wanted"
    if got.shape != wanted:
        return f"the result has shape {got.shape}; one action for each row is wanted, {wanted}"
    if not np.isfinite(got).all():
        return "there is NaN or infinity among the actions"
    outside = np.mean((got < low) | (got > high))
    if outside:
        return (
            f"{outside:.0%} of the actions are outside of the box: x is a number between 0 and 1, "
            "and low + (high - low) x is the action"
        )
    return None


def _first_off(answers, cases) -> str:
    """Which moment is off, in the first case where one is."""
    for answer, case in zip(answers, cases, strict=True):
        off = np.abs(moments(answer, *case[:3])) >= ERRORS
        if off.any():
            which = int(np.argmax(off))
            return f"{MOMENTS[which]} is not that of a Beta, {case.name}"
    raise ValueError("no moment is off")


def keeps_off_the_ends(student, cases, names) -> str | None:
    """A condition: no draw is at a bound, even where nearly all are close to one."""
    bounds = np.array([-2.0]), np.array([2.0])
    for eta in ([0.0, 1e9], [1e9, 0.0]):
        many = np.repeat(np.array([eta]), 50, axis=0)
        drawn = np.asarray(student(many, *bounds, np.random.default_rng(0)), dtype=np.float32)
        if np.any((drawn <= bounds[0]) | (drawn >= bounds[1])):
            return (
                "the moments are right, but where a bound draws all actions near, some are at the "
                "bound itself once they are float32, and there log p is -∞: keep x between EDGE "
                "and 1 - EDGE"
            )
    return None
