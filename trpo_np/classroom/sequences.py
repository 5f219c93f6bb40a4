"""A language of four letters whose answers can all be listed, so that its policy is known exactly.

A prompt is one letter, an answer LENGTH more. The policy's network sees the letters so far and
gives the logits of the next; a sequence is a row of letters (LENGTH + 1,), the prompt first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from gymnasium import spaces

from trpo_np.batch import Batch
from trpo_np.fast import fast
from trpo_np.fast.local_problem import LocalProblem
from trpo_np.line_search import backtracking_line_search, maximum_step
from trpo_np.objectives import mean_kl
from trpo_np.penalty import group_advantages
from trpo_np.policy import Policy
from trpo_np.spaces import make_policy

Array = np.ndarray
LETTERS, LENGTH = 4, 4
WIDTH = LENGTH + LETTERS * LENGTH  #: of an observation: the place, and the letters before it

Update = Callable[[Policy, Array, Batch], Array]


def seen(sequences: Array, t: int) -> Array:
    """What the network sees before letter t of the answers, (B, WIDTH): the place t and the letters
    before it, each as zeros and a one."""
    rows = np.zeros((len(sequences), WIDTH))
    rows[:, t] = 1
    letters = LENGTH + LETTERS * np.arange(t + 1) + sequences[:, : t + 1]
    np.put_along_axis(rows, letters, 1, axis=1)
    return rows


def observations(sequences: Array) -> Array:
    """What it sees before each letter of the answers, (B, LENGTH, WIDTH)."""
    return np.stack([seen(sequences, t) for t in range(LENGTH)], axis=1)


def reward(sequences: Array) -> Array:
    """A third each (B,): the answer begins with the prompt, its outer letters agree, its inner
    letters agree."""
    x, first, second, third, last = sequences.T
    return ((first == x) * 1.0 + (first == last) + (second == third)) / 3


@dataclass(frozen=True)
class Language:
    """A policy over answers, with all sequences and the prefixes that occur in them."""

    policy: Policy

    @cached_property
    def sequences(self) -> Array:
        """Every prompt with every answer, (M, LENGTH + 1), one block of rows for each prompt."""
        return np.array(list(product(range(LETTERS), repeat=LENGTH + 1)))

    @cached_property
    def _prefixes(self) -> tuple[Array, Array]:
        rows = observations(self.sequences).reshape(-1, WIDTH)
        prefixes, place = np.unique(rows, axis=0, return_inverse=True)
        return prefixes, place.ravel()

    def log_probs(self, theta: Array) -> Array:
        """log π of every letter of every answer, (M, LENGTH); a row's sum is that of the answer."""
        prefixes, place = self._prefixes
        eta = self.policy.bind(theta)(prefixes)
        eta = eta - eta.max(axis=1, keepdims=True)
        log_pi = eta - np.log(np.exp(eta).sum(axis=1, keepdims=True))
        return log_pi[place, self.sequences[:, 1:].ravel()].reshape(-1, LENGTH)

    def mean_score(self, theta: Array, weights: Array) -> Array:
        """E Σ_t c_t ∇log π(y_t | x, y_<t) (P,), exactly, for the weights c (M, LENGTH)."""
        answers = np.exp(self.log_probs(theta).sum(axis=1)) / LETTERS
        prefixes, place = self._prefixes
        at = self.policy.linearize(theta, prefixes)
        p = np.exp(at.outputs - at.outputs.max(axis=1, keepdims=True))
        p = p / p.sum(axis=1, keepdims=True)
        c = np.zeros((len(prefixes), LETTERS))
        np.add.at(c, (place, self.sequences[:, 1:].ravel()), (answers[:, None] * weights).ravel())
        return at.vjp(c - c.sum(axis=1, keepdims=True) * p)

    def sample(self, theta: Array, prompts: Array, rng: np.random.Generator) -> Array:
        """An answer to each prompt, drawn letter by letter."""
        sequences = np.zeros((len(prompts), LENGTH + 1), dtype=int)
        sequences[:, 0] = prompts
        eta = self.policy.bind(theta)
        for t in range(LENGTH):
            logits = eta(seen(sequences, t))
            sequences[:, t + 1] = self.policy.distribution.sample(logits, rng)
        return sequences


def language(hidden: int = 16) -> Language:
    """The language with a network of one hidden layer."""
    box, letter = spaces.Box(0, 1, (WIDTH,)), spaces.Discrete(LETTERS)
    return Language(fast(make_policy(box, letter, hidden=(hidden,))))


def reference(lang: Language, seed: int = 0, spread: float = 0.4) -> Array:
    """Parameters of a policy with habits of its own, which stands for a pre-trained one."""
    return spread * np.random.default_rng(seed).standard_normal(lang.policy.num_parameters)


@dataclass(frozen=True)
class Goal:
    """Mean reward less β_ref times the KL to a reference, E R - β_ref KL(π ‖ π_ref), over equally
    likely prompts; everything exact."""

    lang: Language
    theta_ref: Array
    beta_ref: float

    @cached_property
    def log_ref(self) -> Array:
        """log π_ref of every letter of every answer, (M, LENGTH)."""
        return self.lang.log_probs(self.theta_ref)

    def of(self, log_pi: Array) -> tuple[float, float, float]:
        """(reward, KL, reward - β_ref KL) of log-probabilities (M, LENGTH)."""
        return self.of_answers(log_pi.sum(axis=1))

    def of_answers(self, log_pi: Array) -> tuple[float, float, float]:
        """The same of the log-probabilities (M,) of whole answers."""
        pi = np.exp(log_pi) / LETTERS
        R, KL = pi @ reward(self.lang.sequences), pi @ (log_pi - self.log_ref.sum(axis=1))
        return float(R), float(KL), float(R - self.beta_ref * KL)


#: How the penalty enters: c_t, which β_ref multiplies and which is taken from the advantage of the
#: letter t, as a function of log π - log π_ref (..., LENGTH) of the answer's letters.
PENALTIES: dict[str, Callable[[Array], Array]] = {
    "no penalty": np.zeros_like,
    "k1 as loss": np.ones_like,
    "k2 as loss": lambda x: x,
    "k3 as loss": lambda x: 1 - np.exp(-x),
    "k1 in reward": lambda x: np.broadcast_to(x.sum(axis=-1, keepdims=True), x.shape),
}


def letters_batch(
    goal: Goal, theta: Array, penalty: str, group: int, rng: np.random.Generator
) -> Batch:
    """Groups of answers to every prompt, each letter with the advantage of its answer less the
    penalty: a batch in which letters are actions and prefixes states."""
    policy = goal.lang.policy
    drawn = goal.lang.sample(theta, np.repeat(np.arange(LETTERS), group), rng)
    obs, letters = observations(drawn).reshape(-1, WIDTH), drawn[:, 1:].ravel()
    log_pi, log_ref = (
        policy.distribution.log_prob(policy.bind(x)(obs), letters) for x in (theta, goal.theta_ref)
    )
    x = (log_pi - log_ref).reshape(LETTERS, group, LENGTH)
    A = group_advantages(reward(drawn).reshape(LETTERS, group), normalize=False)[..., None]
    c = PENALTIES[penalty](x)
    if penalty == "k1 in reward":  # part of the reward, and centred with it
        c = c - c.mean(axis=1, keepdims=True)
    return Batch(obs, letters, (A - goal.beta_ref * c).ravel(), log_pi)


def training(
    goal: Goal, update: Update, penalty: str, updates: int, seed: int, group: int = 16
) -> Array:
    """(reward, KL to the reference, goal, largest mean KL of an update so far), before the first
    update and after every tenth."""
    policy, rng, theta, kls = goal.lang.policy, np.random.default_rng(seed), goal.theta_ref, []
    rows = [(*goal.of(goal.lang.log_probs(theta)), 0.0)]
    for k in range(1, updates + 1):
        batch = letters_batch(goal, theta, penalty, group, rng)
        new = update(policy, theta, batch)
        kls.append(mean_kl(policy, theta, new, batch.observations))
        theta = new
        if k % 10 == 0:
            rows.append((*goal.of(goal.lang.log_probs(theta)), max(kls)))
    return np.array(rows)


def gradient_within(policy: Policy, theta: Array, batch: Batch, delta: float) -> Array:
    """theta after a step along the plain gradient, as long as KL(old ‖ new) ≤ δ allows: TRPO's
    step with the gradient itself for its direction."""
    problem = LocalProblem(policy, theta, batch)
    g = problem.gradient()
    curvature = g @ problem.F(g)
    if not curvature > 0:
        return theta
    full_step = maximum_step(delta, curvature) * g
    return backtracking_line_search(problem.L, problem.KL, theta, full_step, delta).x
