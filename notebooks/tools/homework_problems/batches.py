"""What is made of samples: notebooks 09, 13 and 15."""

import numpy as np
from gymnasium import spaces

from homework_problems.problem import Case, apart, drawn, shown, table
from trpo_np import Batch, Policy, generalized_advantages, make_policy
from trpo_np.penalty import kl_estimates
from trpo_np.updates.ppo import clipped_gradient, clipped_surrogate

Array = np.ndarray
STEPS, SAMPLES = 6, 5


def where_an_episode_ends(rng: np.random.Generator) -> Case:
    """TD errors and advantages of six steps with a termination and a truncation."""
    given = drawn(rng, _trajectory, _ends_matter)
    r, V, V_next, terminated, truncated = list(given.values())[:5]
    ends = {terminated: "terminated", truncated: "cut off by the time limit"}
    lines = [
        [str(t), r[t], V[t], "–" if t == terminated else V_next[t], ends.get(t, "")]
        for t in range(STEPS)
    ]
    mistaken = r[truncated] - V[truncated]
    answers = _advantages(given, 0.0), _advantages(given, given["lam"]), mistaken
    texts = {"table": table(["t", "r", "V", "V of the next state", ""], lines)}
    return Case(given, answers, shown(given) | texts)


def _trajectory(rng):
    values = rng.choice([0.0, 1, 2, 3, 4, 5], STEPS + 1)
    terminated, truncated = rng.permutation([1, 3]) + rng.integers(0, 2, 2)
    next_values = values[1:].copy()
    next_values[truncated] = rng.choice([2.0, 3, 5])  # the next line begins another episode
    gamma, lam = ((0.9, 0.5), (0.8, 0.5), (0.5, 0.8), (0.5, 0.4))[rng.integers(4)]
    return {
        **{"rewards": rng.choice([-1.0, 0, 1, 2], STEPS), "values": values[:-1]},
        **{"next_values": next_values, "terminated": terminated, "truncated": truncated},
        **{"gamma": gamma, "lam": lam},
    }


def _advantages(given, lam) -> Array:
    t, over = np.arange(STEPS), given["terminated"]
    ended = (t == over) | (t == given["truncated"])
    numbers = (given[name] for name in ("rewards", "values", "next_values"))
    return generalized_advantages(*numbers, t == over, ended, given["gamma"], lam)


def _ends_matter(given):
    """Whether what crosses an end, or is forgotten there, would be another number."""
    ends = np.array([given["terminated"], given["truncated"]])
    A = _advantages(given, given["lam"])
    others = given["values"][ends[1] + 1] != given["next_values"][ends[1]]
    ahead = given["next_values"][[ends[0], -1]]  # the batch's end is none of the episode
    return bool(others and np.all(np.abs(A[ends + 1]) > 0.5) and np.all(ahead > 0))


def the_clip(rng: np.random.Generator) -> Case:
    """Ratios, the clipped surrogate, which samples still pull, and k3, of five samples."""
    given = drawn(rng, _samples, _clip_matters)
    policy, theta, batch = _two_actions(given)
    old, new, A, clip = given.values()
    each = [clipped_gradient(policy, theta, batch.rows([n]), clip) for n in range(SAMPLES)]
    k3 = kl_estimates(np.log(old), np.log(new))[2]
    answers = (
        new / old,
        float(clipped_surrogate(policy, theta, batch, clip)),
        np.array([float(np.any(g)) for g in each]),
        float(k3.mean()),
    )
    head = ["sample", "probability by π_old", "by π", "A"]
    lines = [[str(n + 1), old[n], new[n], A[n]] for n in range(SAMPLES)]
    return Case(given, answers, shown(given) | {"table": table(head, lines)})


def _samples(rng):
    old = rng.choice([0.2, 0.25, 0.4, 0.5], SAMPLES)
    drawn_anew = rng.choice([0.5, 0.55]), rng.choice([0.6, 0.65, 0.7]), rng.choice([1.35, 1.4, 1.6])
    ratios = rng.permutation([*drawn_anew, rng.choice([0.95, 1.05, 1.1]), 1.5])
    A = rng.permutation([1.0, 2.0, -1.0, -2.0, rng.choice([-3.0, 3.0])])
    return {"old": old, "new": old * ratios, "A": A, "clip": rng.choice([0.15, 0.2, 0.25])}


def _two_actions(given) -> tuple[Policy, Array, Batch]:
    """A policy with two actions, a theta, and a batch in which sample n is action 0 in state n."""
    box = spaces.Box(-np.inf, np.inf, (SAMPLES,))
    policy = make_policy(box, spaces.Discrete(2), hidden=())
    W = np.zeros((SAMPLES + 1, 2))  # the last row is the bias
    W[:-1, 0] = np.log(given["new"] / (1 - given["new"]))
    actions = np.zeros(SAMPLES, dtype=int)
    return policy, W.ravel(), Batch(np.eye(SAMPLES), actions, given["A"], np.log(given["old"]))


def _clip_matters(given):
    """Whether some samples are stopped and some pulled back, and L^clip and k3 are numbers of their
    own."""
    w, A, clip = given["new"] / given["old"], given["A"], given["clip"]
    outside = np.abs(w - 1) > clip
    outwards = (w - 1) * A > 0
    clipped = np.clip(w, 1 - clip, 1 + clip) * A
    smaller = np.minimum(w * A, clipped).mean()
    k1, _, k3 = kl_estimates(np.log(given["old"]), np.log(given["new"])).mean(axis=1)
    differ = apart(k1, k3) and apart(smaller, np.mean(w * A), clipped.mean())
    stopped, pulled = np.any(outside & outwards), np.any(outside & ~outwards)
    return differ and abs(smaller) > 0.05 and stopped and pulled
