"""Calls that may fail: of a reference with other arguments, of a changed program."""

import copy
import warnings
from collections.abc import Callable

import numpy as np

from trpo_np.limits import TimeIsUp, within


def attempt(function: Callable, case: tuple, seconds: float = 0.25) -> object:
    """The function's answer to a case; None where it stops with an error or takes too long."""
    given = copy.deepcopy(case)
    try:
        with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
            return within(seconds, lambda: function(*given))
    except (Exception, TimeIsUp):
        return None
