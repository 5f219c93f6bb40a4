"""The program of the hunt: the pieces of one update as its author wrote them, and put right.

`AUTHORS` is what the notebook shows, piece by piece; three of its pieces are wrong. `RIGHT` has
these three mended, and `OTHER` is a right program that was written by somebody else.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from trpo_np.conjugate_gradient import conjugate_gradient

Array = np.ndarray


@dataclass(frozen=True)
class Program:
    """The pieces of one update of TRPO."""

    advantages: (
        Callable  #: (rewards, V, V_next, terminated, ended, gamma, lam), all (T, E) -> (T, E)
    )
    standardise: Callable  #: advantages (N,) -> (N,)
    product: Callable  #: (jvp, metric, vjp, v) -> F v
    solve: Callable  #: (matvec, b, iterations) -> x
    length: Callable  #: (delta, sFs) -> the longest step
    search: Callable  #: (L, KL, theta, full_step, delta) -> the new theta


# As the author wrote them; the notebook has the same lines, and a test compares.


def advantages(rewards, V, V_next, terminated, ended, gamma, lam):
    A, following = np.zeros(np.shape(rewards)), 0.0
    for t in reversed(range(len(rewards))):
        goes_on = ~terminated[t]
        delta = rewards[t] + gamma * goes_on * V_next[t] - V[t]
        following = delta + gamma * lam * goes_on * following
        A[t] = following
    return A


def standardise(A):
    return (A - np.mean(A)) / (np.std(A) + 1e-8)


def product(jvp, metric, vjp, v):
    MJv = metric(jvp(v))
    return vjp(MJv) / MJv.size


def solve(matvec, b, iterations):
    x, r, p = np.zeros_like(b), b, b
    for _ in range(iterations):
        if not np.any(r):
            break
        Ap = matvec(p)
        alpha = (r @ r) / (p @ Ap)
        x, r_next = x + alpha * p, r - alpha * Ap
        p = r_next + (r_next @ r_next) / (r @ r) * p
        r = r_next
    return x


def length(delta, sFs):
    return np.sqrt(2 * delta / sFs) if sFs > 0 else 0.0


def search(L, KL, theta, full_step, delta):
    for k in range(11):
        candidate = theta + 0.5**k * full_step
        if KL(candidate) <= delta and L(candidate) > 0:
            return candidate
    return theta


AUTHORS = Program(advantages, standardise, product, solve, length, search)


# The three put right


def right_advantages(rewards, V, V_next, terminated, ended, gamma, lam):
    """An end of the episode, of either kind, stops the sum."""
    A, following = np.zeros(np.shape(rewards)), 0.0
    for t in reversed(range(len(rewards))):
        delta = rewards[t] + gamma * ~terminated[t] * V_next[t] - V[t]
        following = delta + gamma * lam * ~(ended[t] | terminated[t]) * following
        A[t] = following
    return A


def right_product(jvp, metric, vjp, v):
    """The mean over the states alone."""
    MJv = metric(jvp(v))
    return vjp(MJv) / len(MJv)


def right_search(L, KL, theta, full_step, delta):
    """L is compared with L at theta."""
    for k in range(11):
        candidate = theta + 0.5**k * full_step
        if KL(candidate) <= delta and L(candidate) > L(theta):
            return candidate
    return theta


RIGHT = replace(AUTHORS, advantages=right_advantages, product=right_product, search=right_search)
#: Which pieces of the author's program are wrong.
WRONG = ("advantages", "product", "search")
#: piece -> the right program, but for this piece, which is the author's.
PLANTED = {name: replace(RIGHT, **{name: getattr(AUTHORS, name)}) for name in WRONG}


# A right program by somebody else


def other_standardise(A):
    centred = A - A.mean()
    return centred / np.sqrt(np.mean(centred**2))


def other_product(jvp, metric, vjp, v):
    rows = metric(jvp(v))
    return vjp(rows / rows.shape[0])


def other_solve(matvec, b, iterations):
    return conjugate_gradient(matvec, b, iterations, tolerance=1e-14).x


def other_search(L, KL, theta, full_step, delta):
    start, step = L(theta), full_step
    for _ in range(11):
        if KL(theta + step) <= delta and L(theta + step) > start:
            return theta + step
        step = step / 2
    return np.copy(theta)


def other_advantages(rewards, V, V_next, terminated, ended, gamma, lam):
    """Forwards: each TD error is handed to all steps before it, up to the last end."""
    deltas = rewards + gamma * V_next * ~terminated - V
    goes_on, A = ~(ended | terminated), np.zeros(np.shape(rewards))
    for u in range(len(rewards)):
        share = 1.0
        for t in range(u, -1, -1):
            A[t] += share * deltas[u]
            share = share * gamma * lam * (goes_on[t - 1] if t else 0)
    return A


OTHER = Program(
    other_advantages, other_standardise, other_product, other_solve, length, other_search
)
