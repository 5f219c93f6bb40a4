"""The checks of notebook 11, the museum of bugs, from the files of its rooms.

In most exercises the student writes a test: a function that measures a program with one number, 0
if the program is right. The check hands it several programs, right and wrong ones, and compares
which of them the test calls wrong with which of them are. The museum's own tests, for the cells
below an exercise that is left open, are called test_of_...; the programs put right are in `fixed`.
"""

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
