"""Checks of proofs whose lines are to be put in order."""

from trpo_np.classroom.checks import order

check_lemma_order = order(
    "Exercise 2.6",
    [3, 6, 1, 7, 5, 2],
    {
        (6, 3, 1, 7, 5, 2): (
            "line 6 begins with = and replaces something: on which line's right-hand side does "
            "r_π stand?"
        ),
        (3, 6, 1, 5, 7, 2): "line 5 already uses the inverse matrix that line 7 brings in",
        (5, 3, 6, 1, 7, 2): (
            "line 5 says V_π - V_old = (I - γP_π)⁻¹G on the way, and that is not known at the start"
        ),
    },
    "The lemma by linear algebra: G is what is left of V_old in the new policy's equation.",
    {4: "which policy's transitions belong to ρ_old, and which do stand in the matrix?"},
    look="(2.2)",
)

check_fisher_order = order(
    "Exercise 5.7",
    [5, 3, 6, 1, 4],
    {
        (5, 6, 3, 1, 4): "line 6 is line 3 with ∇p replaced, so 3 comes first",
        (5, 3, 1, 6, 4): "line 1 solves line 6 for one of its terms, so 6 comes first",
        (5, 3, 6, 4, 1): "line 4 speaks of the right-hand side of line 1, so 1 comes first",
    },
    "Score squared, or curvature of log p: on average the same, up to the sign.",
    {
        2: "the mean in ∇²k has the old probabilities as weights, and those are p_θ at one θ only",
    },
    look="(5.4)",
)

check_proof_order = order(
    "Exercise 14.12",
    [4, 7, 1, 6, 5, 2],
    {
        (4, 7, 6, 1, 5, 2): (
            "line 6 has the divergence of the paths, which bounds that of the states in line 1"
        ),
        (4, 1, 7, 6, 5, 2): "line 1 bounds the distances that line 7 brings in, by Pinsker",
        (4, 7, 1, 6, 2, 5): "line 2 is line 5 with (14.4) put in, so 5 comes first",
    },
    "The whole proof: along the path, back to the state, through Pinsker, and Jensen at the end.",
    {
        3: (
            "Jensen's inequality is about a mean, with weights that add up to 1, and Σ γ^t over "
            "t ≥ 1 is γ/(1 - γ)"
        ),
    },
    look="(14.6)",
)

check_future_order = order(
    "Exercise 14.24",
    [4, 2, 6, 1, 5],
    {
        (4, 6, 2, 1, 5): "line 6 writes out the change of a value, which line 2 brings in",
        (2, 4, 6, 1, 5): (
            "line 2 already has the largest change and the mean TV; line 4 has both sums still"
        ),
        (4, 2, 1, 6, 5): (
            "line 1 bounds the change of each mean reward, and these stand in line 6 first"
        ),
        (4, 2, 6, 5, 1): "line 5 bounds the distances that line 1 brings in, so 1 comes first",
    },
    "One choice more than there are steps: the reward of time t knows the action a_t.",
    {
        3: "at t = 0 it says that the first reward stays the same; which choice decides on r_0?",
    },
    look="(14.21)",
)
