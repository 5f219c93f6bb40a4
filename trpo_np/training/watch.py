"""What a student would want to be told of a run, each thing once."""

import gymnasium
import numpy as np

from trpo_np.training.exchange import clipped
from trpo_np.training.notes import note
from trpo_np.training.result import TrainResult
from trpo_np.training.rollout import Rollout

Array = np.ndarray
CLIPPED = 0.95  #: the share of clipped actions from which on a warning is due
SLACK = 1e-6  #: as a share of a bound: what rounding may add to an observation
PATIENCE = 20, 50  #: iterations and episodes after which equal returns are no accident


class Watch:
    """Looks at every iteration of a run, and warns of what would else look like learning."""

    def __init__(self):
        self._said: set[str] = set()

    def __call__(self, result: TrainResult, rollout: Rollout) -> None:
        """Warns where the iteration that `result` ends with gives a reason that is new."""
        seen = {
            "clipping": _clipping(result, rollout.actions),
            "outside": _outside(result, rollout.raw_observations),
            "equal returns": _equal_returns(result),
            "rounding": _rounding(result),
        }
        for name, sentence in seen.items():
            if sentence and name not in self._said:
                self._said.add(name)
                note(sentence)


def _clipping(result: TrainResult, actions: Array) -> str | None:
    """Where nearly all numbers in actions are cut off, what they come to hardly depends on what
    was drawn."""
    space = result.policy.action_space
    if not isinstance(space, gymnasium.spaces.Box):
        return None
    share = float(np.mean(clipped(actions, space) != actions))
    if share <= CLIPPED:
        return None
    cut = f"{100 * share:.1f} % of the numbers in actions were cut off at the bounds of {space}"
    if len(result.history) == 1:
        return (
            f"{cut}: a new policy draws them around 0, with standard deviation 1. Scale them "
            "to [-1, 1], by gymnasium.wrappers.RescaleAction(env, -1, 1)."
        )
    return (
        f"{cut} in iteration {len(result.history)}: half of them are larger than "
        f"{np.median(np.abs(actions)):,.3g} by now. The bounds earn the return in the table, "
        "and not the most likely action, which evaluation takes: see both, by --stochastic, in "
        "Python by stochastic=True."
    )


def _outside(result: TrainResult, observations: Array) -> str | None:
    """Where an observation lies outside its space, one of both is not what was meant."""
    space = result.normalizer.space
    if not isinstance(space, gymnasium.spaces.Box):
        return None
    low, high = (np.asarray(x, dtype=float).ravel() for x in (space.low, space.high))
    below = observations < low - SLACK * np.abs(low)
    above = observations > high + SLACK * np.abs(high)
    if not (below | above).any():
        return None
    t, e, entry = np.argwhere(below | above)[0]
    return (
        f"Entry {entry} of an observation of environment {e} was {observations[t, e, entry]:g}, "
        f"outside of {low[entry]:g} to {high[entry]:g}, which its space allows. Training uses "
        "no bounds of observations and goes on; see whether the environment or its "
        "observation_space is wrong."
    )


def _equal_returns(result: TrainResult) -> str | None:
    """Where all returns are equal, no action is better than another as far as anybody knows."""
    finished, (iterations, episodes) = result.position.finished, PATIENCE
    if len(result.history) < iterations or len(finished) < episodes:
        return None
    if any(total != finished[0][0] for total, _ in finished):
        return None
    return (
        f"All {len(finished)} episodes so far returned {finished[0][0]:g}: as long as none earns "
        "more than another, steps follow noise, also those that are accepted. Check the reward, "
        "or explore longer."
    )


def _rounding(result: TrainResult) -> str | None:
    """Where rounding alone may move the policy by more than δ."""
    if getattr(result.report, "status", None) != "below_rounding":
        return None
    return (
        "Rounding alone may move the policy by more than δ, so that no step is sure to be within: "
        "take --precision float64, a larger δ, or see why the policy's log_std is so small."
    )
