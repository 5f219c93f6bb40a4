"""The checks of notebook 11, the museum of bugs, from the files of its rooms.

In most exercises the student writes a test: a function that measures a program with one number, 0
if the program is right. The check hands it several programs, right and wrong ones, and compares
which of them the test calls wrong with which of them are. The museum's own tests, for the cells
below an exercise that is left open, are called test_of_...; the programs put right are in `fixed`.
"""

import numpy as np

from trpo_np.classroom.checks import recall
from trpo_np.classroom.museum import fixed
from trpo_np.classroom.museum.conjugate_gradient import (
    check_safe_cg,
    check_test_of_cg,
    test_of_cg,
)
from trpo_np.classroom.museum.data import (
    check_test_of_collecting,
    check_test_of_standardising,
    log_prob_gaps,
    test_of_collecting,
    test_of_standardising,
)
from trpo_np.classroom.museum.divergence import (
    check_test_of_dimensions,
    check_test_of_direction,
    check_test_of_divergence,
    test_of_dimensions,
    test_of_direction,
    test_of_divergence,
)
from trpo_np.classroom.museum.entrance import FOUR_PROGRAMS, four_programs
from trpo_np.classroom.museum.line_search import (
    check_accumulated,
    check_safe_length,
    check_test_of_acceptance,
    check_test_of_keeping,
    test_of_acceptance,
    test_of_keeping,
)
from trpo_np.classroom.museum.testing import TOLERANCE, examine, yours

__all__ = [
    "FOUR_PROGRAMS",
    "TOLERANCE",
    "check_accumulated",
    "check_safe_cg",
    "check_safe_length",
    "check_test_of_acceptance",
    "check_test_of_cg",
    "check_test_of_collecting",
    "check_test_of_dimensions",
    "check_test_of_direction",
    "check_test_of_divergence",
    "check_test_of_keeping",
    "check_test_of_standardising",
    "examine",
    "fixed",
    "four_programs",
    "log_prob_gaps",
    "recall_dimensions",
    "recall_iterations",
    "recall_ratio",
    "test_of_acceptance",
    "test_of_cg",
    "test_of_collecting",
    "test_of_dimensions",
    "test_of_direction",
    "test_of_divergence",
    "test_of_keeping",
    "test_of_standardising",
    "yours",
]

recall_iterations = recall(
    "Recall 11.1",
    6,
    {
        36: "that is the number of the matrix's entries",
        5: "each iteration settles one direction, and there are as many as unknowns",
        7: "no extra one is needed: after the last direction the residual is zero",
        10: "that is TRPO's usual setting; this system is small",
        3: "with that few different eigenvalues; in general they are all different",
    },
    "A test can ask for that: after n iterations the answer is the exact one.",
    look="notebook 07, section 3",
)

recall_dimensions = recall(
    "Recall 11.2",
    0.012,
    {
        0.004: "that is the mean over the components; the density of the action is a product",
        0.004**3: "densities multiply, and their logarithms do something else",
        0.004 * np.sqrt(3): "no root of a sum of squares: a KL is a mean of logarithms",
        0.004 / 3: "more components can only tell the policies apart better",
    },
    "The logarithm of a product is a sum.",
    look="notebook 05, section 4",
)

recall_ratio = recall(
    "Recall 11.3",
    1,
    {
        0: "that is the logarithm of the ratio, and the KL",
        0.5: "the two policies are the same",
        -1: "a ratio of probabilities is never negative",
    },
    "Whatever the policy: an equation for a test.",
    look="notebook 05, section 2",
)
