"""The check of notebook 00, which shows how checks work."""

import numpy as np

from trpo_np.classroom.checks import Check, Mistake

check_squared_length = Check(
    "Exercise 0.1",
    lambda v: v @ v,
    lambda: [(np.array([1.0, -2.0, 3.0]),), (np.array([0.5, -4.0]),)],
    (
        Mistake(
            lambda v: np.sum(v),
            "this is the sum of the entries; square them first",
        ),
        Mistake(
            lambda v: np.sqrt(v @ v),
            "this is the length; the squared length was asked for",
        ),
        Mistake(
            lambda v: v**2,
            "these are the squares of the entries; add them up",
        ),
    ),
    "All exercises work like this one.",
)
