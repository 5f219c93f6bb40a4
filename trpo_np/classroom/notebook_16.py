"""Notebook 16: the checks of its two capstones, and what its cells call.

A Beta for actions with bounds, with its checks, is in the folder `bounded`, the update with three
bugs and the check of the tests that find them in `hunt`.
"""

from trpo_np.classroom.bounded.beta import EDGE, Beta, beta_policy, state_gaussian_policy
from trpo_np.classroom.bounded.checks_of_density import (
    check_executed_mean,
    check_log_prob,
    check_trigamma,
)
from trpo_np.classroom.bounded.checks_of_divergence import check_kl, check_metric, check_sample
from trpo_np.classroom.bounded.clipping import clipped_kl, drawn_actions, gaussian_kl, log_tail
from trpo_np.classroom.bounded.properties import broken, print_properties, properties
from trpo_np.classroom.checks import recall, yours
from trpo_np.classroom.hunt.program import OTHER, PLANTED, RIGHT, Program
from trpo_np.classroom.hunt.tests import check_my_tests, course_tests, report
from trpo_np.classroom.hunt.training import learning_curve

__all__ = [
    "EDGE",
    "OTHER",
    "PLANTED",
    "RIGHT",
    "Beta",
    "Program",
    "beta_policy",
    "broken",
    "check_executed_mean",
    "check_kl",
    "check_log_prob",
    "check_metric",
    "check_my_tests",
    "check_sample",
    "check_trigamma",
    "clipped_kl",
    "course_tests",
    "drawn_actions",
    "gaussian_kl",
    "learning_curve",
    "log_tail",
    "print_properties",
    "properties",
    "recall_ends",
    "recall_kl",
    "recall_surrogate",
    "report",
    "state_gaussian_policy",
    "yours",
]

recall_kl = recall(
    "Recall 16.1",
    0.02,
    {
        0.04: "that is d² M, without the factor of the second-order term of a Taylor series",
        0.2: "you took d to the first power: at the old parameters the slope of the KL is 0",
        0.4: "that is M times d. Value and slope of the KL are 0 there; which term is the first "
        "that is not?",
        0: "that is the value where nothing has moved, and the step is not 0",
    },
    "Value 0, slope 0, curvature M: a new distribution brings its own M.",
    look="notebook 05, section 2",
    tolerance=1e-6,
)

recall_ends = recall(
    "Recall 16.2",
    "b",
    {
        "a": "there the agent would have gone on earning: the clock has ended the episode, not the "
        "world",
        "c": "the next row of the arrays belongs to another episode, whose luck is none of this "
        "one's",
        "d": "an estimate from the rewards so far alone takes the clock for a death, and the last "
        "reward stands for all that would have come",
    },
    "Two masks: one for the next value, another for the next advantage.",
    look="notebook 09, section 7",
)

recall_surrogate = recall(
    "Recall 16.3",
    0.3,
    {
        1: "that is each ratio; it is multiplied by the advantage before the mean is taken",
        0: "that is the mean without the bonus, and each advantage has it",
        1.3: "the ratio is a factor of the advantage, and nothing that is added to it",
        -0.3: "the bonus is added, so the sign is turned",
    },
    "All ratios are one there; what remains is the mean of the advantages, which need not be zero.",
    look="notebook 02, section 6",
)
