"""Notebook 12: its recall questions and its worlds, and where it finds its checks and numbers."""

from collections.abc import Callable
from dataclasses import replace

import gymnasium
import numpy as np
from gymnasium import spaces

from trpo_np import Batch, Policy, make_policy, tabular
from trpo_np.classroom.checks import recall
from trpo_np.classroom.exercises.plateaus import check_profile, check_quarter, check_width
from trpo_np.classroom.exercises.runs import (
    best_of,
    check_best_of_five,
    check_change,
    check_interquartile_mean,
)
from trpo_np.classroom.notebook_12_pictures import (
    GOALS,
    draw_changes,
    draw_climbs,
    draw_live,
    draw_parts,
    draw_profiles,
    draw_robustness,
)
from trpo_np.classroom.recorded import (
    PARTS_TASKS,
    STEP_SIZES,
    STEPS,
    SUITES,
    TABLE,
    across,
    held,
    means,
    parts,
    priced,
    robustness,
    scores,
    summary,
    theirs,
    true_returns,
    usual,
)

__all__ = [
    "GOALS",
    "PARTS_TASKS",
    "STEPS",
    "STEP_SIZES",
    "SUITES",
    "TABLE",
    "Held",
    "a_batch",
    "across",
    "best_of",
    "check_best_of_five",
    "check_change",
    "check_interquartile_mean",
    "check_profile",
    "check_quarter",
    "check_width",
    "draw_changes",
    "draw_climbs",
    "draw_live",
    "draw_parts",
    "draw_profiles",
    "draw_robustness",
    "held",
    "means",
    "parts",
    "priced",
    "recall_halvings",
    "recall_rewards",
    "recall_sure",
    "robustness",
    "scores",
    "search",
    "summary",
    "theirs",
    "times",
    "true_returns",
    "usual",
]
Array = np.ndarray

# ---- Worlds ------------------------------------------------------------------------------------


class Held(gymnasium.Wrapper):
    """An environment whose actions are held for k steps; the rewards of these are added up."""

    def __init__(self, env: gymnasium.Env, k: int):
        super().__init__(env)
        self.k = k

    def step(self, action: Array) -> tuple:
        """The observation after k steps, or after the episode's end, and the sum of the rewards."""
        total = 0.0
        for _ in range(self.k):
            observation, reward, terminated, truncated, info = self.env.step(action)
            total += float(reward)
            if terminated or truncated:
                break
        return observation, total, terminated, truncated, info


def search(
    mdp: tabular.FiniteMDP,
    features: Array,
    W: Array,
    step: Array,
    accept: Callable[[Array, Array], Array],
    halvings: int = 25,
) -> Array:
    """W (n, D, A) after the first of step, step/2, ... that `accept(old, new)` (n,) takes, in each
    world by itself; W itself where it takes none."""
    old, found = tabular.softmax_policy(features @ W), np.array(W)
    waiting = np.ones(len(W), dtype=bool)
    for k in range(halvings):
        new = W + 0.5**k * step
        good = waiting & accept(old, tabular.softmax_policy(features @ new))
        found[good] = new[good]
        waiting &= ~good
    return found


def a_batch(seed: int) -> tuple[Policy, Array, Batch]:
    """A policy for two actions, its theta and a random batch of 500 states."""
    rng = np.random.default_rng(seed)
    policy = make_policy(spaces.Box(-np.inf, np.inf, (3,)), spaces.Discrete(2), hidden=(8,))
    theta = policy.init(rng)
    obs, advantages = rng.standard_normal((500, 3)), rng.standard_normal(500)
    actions = policy.sample(theta, obs, rng)
    return policy, theta, Batch(obs, actions, advantages, policy.log_prob(theta, obs, actions))


def times(batch: Batch, c: float) -> Batch:
    """The batch with its advantages multiplied by c."""
    return replace(batch, advantages=c * batch.advantages)


# Measurements

# ---- Recall ------------------------------------------------------------------------------------

recall_sure = recall(
    "Recall 12.1",
    "b",
    {
        "a": "L alone bounds nothing: its maximum may be far away, where L and J part",
        "c": "within a constraint L may rise by less than what the bound takes off: at δ = 0.01 "
        "nothing is proved",
        "d": "that says that L has risen, and L is not J away from the old policy",
    },
    "Only where the penalty is taken off is a rise of the bound a rise of J.",
    look="notebook 03, section 6",
)

recall_rewards = recall(
    "Recall 12.2",
    1,
    {
        1000: "g is multiplied by this, and so is F⁻¹g; but the length is chosen by δ",
        0.001: "this is what the length α does; the direction takes the other way",
        31.6: "the root of 1000 stands in the improvement's unit nowhere: write out the length",
        1e6: "g enters the length under a root and below the line: it does not come in twice",
    },
    "The step has no unit of reward.",
    look="notebook 04, section 4",
)

recall_halvings = recall(
    "Recall 12.3",
    5,
    {
        4: "a sixteenth is still longer than a twentieth",
        20: "each try halves the step; it does not take a twentieth of it away",
        6: "a thirty-second passes already; the full step is try number 0",
        10: "this is how often the search may halve at most",
    },
    "2⁵ = 32 is the first power of two above 20.",
    look="notebook 08, section 3",
)
