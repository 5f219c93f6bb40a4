"""Notebook 13: its recall questions, and where it finds its checks, its counts and its pictures."""

from trpo_np.classroom.checks import recall
from trpo_np.classroom.exercises.box import (
    check_largest_kl,
    check_ratio_step,
    check_updates_in_the_box,
    largest_kl,
)
from trpo_np.classroom.exercises.clip import (
    check_clipped_weights,
    check_kl_at_rest,
    clipped_weights,
    kl_at_rest,
)
from trpo_np.classroom.exercises.costs import (
    check_gain_ratio,
    check_kantorovich,
    check_update_cost,
    gain_ratio,
    update_cost,
)
from trpo_np.classroom.exercises.divergences import (
    check_certified_kl,
    check_divergence_weights,
    divergence_weights,
)
from trpo_np.classroom.limits import (
    ascend_clip,
    beyond_by_file,
    changes_of,
    complexity,
    mean_score,
    random_problem,
    two_state_kl,
    two_state_limit,
    zipf,
)
from trpo_np.classroom.notebook_13_pictures import (
    draw_bands,
    draw_bought,
    draw_costs,
    draw_epochs,
    draw_solved,
)
from trpo_np.classroom.recorded_costs import bought, effort, middle, solved, spread

__all__ = [
    "ascend_clip",
    "beyond_by_file",
    "bought",
    "changes_of",
    "check_certified_kl",
    "check_clipped_weights",
    "check_divergence_weights",
    "check_gain_ratio",
    "check_kantorovich",
    "check_kl_at_rest",
    "check_largest_kl",
    "check_ratio_step",
    "check_update_cost",
    "check_updates_in_the_box",
    "clipped_weights",
    "complexity",
    "divergence_weights",
    "draw_bands",
    "draw_bought",
    "draw_costs",
    "draw_epochs",
    "draw_solved",
    "effort",
    "gain_ratio",
    "kl_at_rest",
    "largest_kl",
    "mean_score",
    "middle",
    "random_problem",
    "recall_first_iteration",
    "recall_pinsker",
    "recall_size_of_f",
    "solved",
    "spread",
    "two_state_kl",
    "two_state_limit",
    "update_cost",
    "zipf",
]

recall_size_of_f = recall(
    "Recall 13.1",
    1e12,
    {
        1e6: "that is a vector, as the gradient is; F is a matrix",
        2e6: "rows and columns are multiplied, not added",
        (1e12 + 1e6) / 2: "so many of them are different, since F is symmetric; it holds more",
        4e12: "those are bytes, four for each number in single precision",
    },
    "Four terabytes in single precision.",
    look="notebook 06, section 7",
)
recall_first_iteration = recall(
    "Recall 13.2",
    "c",
    {
        "a": "there it comes in the end, after as many iterations as F has different eigenvalues",
        "b": "F g is the product that it computes, to find out how far to go; the direction is "
        "older",
        "d": "no eigenvector is ever computed",
    },
    "The first direction is the residual at 0. So one iteration is a plain gradient step of the "
    "right length.",
    look="notebook 07, section 5",
)
recall_pinsker = recall(
    "Recall 13.3",
    0.1,
    {
        0.01: "that is the square of it",
        0.02: "that is the divergence; the inequality has a root",
        0.2: "that is the sum of the absolute differences, twice the total variation",
        0.02**0.5: "the divergence is halved before the root is taken",
    },
    "And a clip of twice as much, if it were kept, would promise the same. You will see.",
    look="notebook 03, section 5",
    tolerance=1e-3,
)
