"""Checks of notebook 14 on its sums over time: which terms count, and what they add up to."""

import numpy as np

from trpo_np.classroom.checks import Check, Mistake, number

# ---- Exercise 14.21: how often a divergence counts ---------------------------------------------

check_count_of_one = Check(
    "Exercise 14.21",
    number(0.9**4),
    lambda: [()],
    (
        Mistake(number(0.9**3), "K_3 is the sum of the κ_i before 3, and does not hold κ_3 itself"),
        Mistake(
            number(0.1 * 0.9**4),
            "this is the weight of a single K_t; κ_3 stands in all that follow",
        ),
        Mistake(
            number(0.1 * 0.9**3),
            "this is the weight of κ_3 in K̄, (14.1); here it is in the K_t",
        ),
        Mistake(
            number(0.9**4 / 0.1),
            "the weights γ^t do not add up to 1: the factor 1 - γ is missing",
        ),
        Mistake(
            number(1 - 0.9**4),
            "these are the weights of the early K_t, up to K_3, which do not hold κ_3",
        ),
        Mistake(number(1), "all the weights add up to 1, but the early K_t do not hold κ_3"),
        Mistake(number(0.9**5), "one too many: is K_4 without κ_3?"),
        Mistake(number(0.9), "this stands in front of κ_0, which is in all K_t but the first"),
        Mistake(number(0.1), "this is the weight of K_0, in which there is no κ at all"),
        Mistake(number(9), "that is what stands before K̄ in the end; before κ_3 alone?"),
    ),
    "κ_3 counts from t = 4 on, and the weights of these t add up to that.",
    tolerance=0.002,
    look="(14.1)",
)

# ---- Exercise 14.22: policies that part later --------------------------------------------------

check_later = Check(
    "Exercise 14.22",
    number(200 * 0.99**21),
    lambda: [()],
    (
        Mistake(
            number(200 * 0.99**20),
            "this counts the state at time 20 as moved; the action there is the first that may be "
            "another, and it shows in the next state",
        ),
        Mistake(
            number(200 * 0.99**22),
            "one γ too many: which state is the first that may be moved? (198 has one already.)",
        ),
        Mistake(number(198), "this is (14.8) itself, as if the first action could be another"),
        Mistake(number(200), "this counts t = 0 as well, where both policies begin alike"),
        Mistake(number(100 * 0.99**21), "two distributions may be 2 apart, not 1"),
        Mistake(number(2 * 0.99**21), "this is one time; add up all that follow"),
        Mistake(number(0.99**21), "this is the weight of one time; add up all that follow"),
        Mistake(number(198 - 200 * 0.99**21), "this is what the early times saved; what is left?"),
        Mistake(number(158), "you took 2 away for each early time, but those weigh γ^t as well"),
    ),
    "Twenty steps alike take nearly a fifth of it away.",
    tolerance=0.003,
    look="(14.8)",
)

# ---- Exercise 14.23: Pinsker at each time, with a discount -------------------------------------

check_without_jensen = Check(
    "Exercise 14.23",
    number(np.sqrt(np.pi)),
    lambda: [()],
    (
        Mistake(
            number(np.sqrt(np.pi) / 2),
            "half of it: missing are the two roots of 2, from |G| and from Pinsker, or the 2 of "
            "dt = 2x dx/(1 - γ)",
        ),
        Mistake(
            number(2 * np.sqrt(np.pi)), "twice too much: the time runs from 0, over half a bell"
        ),
        Mistake(number(2), "this is what Jensen makes of it, (14.7); without him there is less"),
        Mistake(
            number(np.sqrt(np.pi / 2)),
            "one √2 is missing: there is one in the bound on |G| and one in √(2 K_t)",
        ),
        Mistake(
            number(np.sqrt(2 * np.pi)),
            "you took the area under exp(-x²/2), as in the normal density; here there is no ½",
        ),
        Mistake(number(np.pi), "this is the square of the area under the bell"),
        Mistake(
            number(4 / 3),
            "this is for a finite horizon, exercise 14.11; here time is discounted",
        ),
        Mistake(number(np.sqrt(2)), "this is what the walk needs; how much does the proof allow?"),
        Mistake(
            number(np.sqrt(np.pi) / 4),
            "the substitution t = x²/(1 - γ) brings dt = 2x dx/(1 - γ), and the roots of 2 a 2",
        ),
    ),
    "Jensen cost an eighth: (14.7) has 2 in this place.",
    tolerance=0.003,
    look="(14.17)",
)
