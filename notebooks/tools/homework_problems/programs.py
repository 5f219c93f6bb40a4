"""Programs with a bug in one line: notebook 11."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from homework_problems.problem import Case, drawn
from trpo_np import Categorical, conjugate_gradient, generalized_advantages

Array = np.ndarray


@dataclass(frozen=True)
class Program:
    """A function of a few lines: right, and one line at a time gone wrong; and what it computes."""

    purpose: str
    code: str
    wrong: dict[int, str]  #: by the number of the line, counted from 1
    arguments: Callable[[np.random.Generator], list]  #: of a call, arrays as lists
    result: Callable[..., Array | float]  #: of the right program, by the package

    def lines(self, bug: int | None = None) -> list[str]:
        """Its lines, the one with this number gone wrong."""
        lines = self.code.strip().split("\n")
        if bug:
            indent = " " * (len(lines[bug - 1]) - len(lines[bug - 1].lstrip()))
            lines[bug - 1] = indent + self.wrong[bug]
        return lines

    def run(self, arguments: list, bug: int | None = None) -> Array | float:
        """What its lines compute, the one with this number gone wrong."""
        names = {"np": np}
        exec("\n".join(self.lines(bug)), names)  # these are our own lines
        return names[self.name](*arguments)

    @property
    def name(self) -> str:
        """The name of the function."""
        return self.code.strip().removeprefix("def ").split("(")[0]


def a_program_with_a_bug(rng: np.random.Generator) -> Case:
    """A program, which of its lines is wrong, and what a call that shows it should return."""
    given = drawn(rng, _bug, _shows)
    program, bug, arguments = given.values()
    numbered = [f"{line:<76}# {n}" for n, line in enumerate(program.lines(bug), 1)]
    call = f"{program.name}({', '.join(map(repr, arguments))})"
    texts = {"purpose": program.purpose, "line": str(bug)}
    texts["mended"] = program.lines()[bug - 1].strip()
    answers = float(bug), program.result(*arguments)
    return Case(given, answers, texts, "\n".join([*numbered, "", "", call]))


def _bug(rng):
    program = PROGRAMS[rng.integers(len(PROGRAMS))]
    bug = int(rng.choice(list(program.wrong)))
    return {"program": program, "bug": bug, "arguments": program.arguments(rng)}


def _shows(given):
    program, bug, arguments = given.values()
    right = np.asarray(program.result(*arguments))
    with np.errstate(all="ignore"):
        wrong, mended = (np.asarray(program.run(arguments, line)) for line in (bug, None))
    return np.allclose(mended, right) and not np.all(
        np.abs(wrong - right) <= 0.05 * np.abs(right).max()
    )


def _system(rng):
    a, b = rng.choice([2.0, 3, 4, 5], 2, replace=False)
    F = [[float(a), 1.0, 0.0], [1.0, float(b), 1.0], [0.0, 1.0, 6.0]]
    return [F, rng.choice([-1.0, 1, 2], 3).tolist(), 3]


def _rollout(rng):
    rewards, values = rng.choice([0.0, 1, 2], 5).tolist(), rng.choice([2.0, 3, 4], 6).tolist()
    terminated, truncated = rng.permutation(4)[:2]
    flags = [[int(t in ends) for t in range(5)] for ends in ([terminated], [terminated, truncated])]
    return [rewards, values[:5], values[1:], *flags, 0.9, float(rng.choice([0.5, 0.8]))]


def _logits(rng):
    return [rng.choice([-1.0, 0, 1, 2], (2, 3)).tolist() for _ in ("old", "new")]


PROGRAMS = (
    Program(
        "the solution of $F x = g$ by conjugate gradient",
        """
def solve(F, g, iterations):
    x = np.zeros(len(g))
    r = p = np.array(g, dtype=float)
    for _ in range(iterations):
        Fp = np.array(F) @ p
        alpha = (r @ r) / (p @ Fp)
        x = x + alpha * p
        r_next = r - alpha * Fp
        p = r_next + (r_next @ r_next) / (r @ r) * p
        r = r_next
    return x
""",
        {
            6: "alpha = (r @ r) / (r @ np.array(F) @ r)",
            7: "x = x + alpha * r",
            9: "p = r_next + (r @ r) / (r_next @ r_next) * p",
        },
        _system,
        lambda F, g, k: conjugate_gradient(lambda v: np.array(F) @ v, np.array(g), k).x,
    ),
    Program(
        "the advantages (9.9)",
        """
def advantages(r, V, V_next, terminated, ended, gamma, lam):
    A = np.zeros(len(r))
    later = 0.0
    for t in reversed(range(len(r))):
        ahead = 0.0 if terminated[t] else V_next[t]
        delta = r[t] + gamma * ahead - V[t]
        later = 0.0 if ended[t] else later
        later = delta + gamma * lam * later
        A[t] = later
    return A
""",
        {
            5: "ahead = 0.0 if ended[t] else V_next[t]",
            7: "later = 0.0 if terminated[t] else later",
            8: "later = delta + lam * later",
        },
        _rollout,
        generalized_advantages,
    ),
    Program(
        "the mean over states of KL(old ‖ new)",
        """
def mean_kl(logits_old, logits_new):
    u, v = np.array(logits_old), np.array(logits_new)
    log_p = u - np.log(np.sum(np.exp(u), axis=1, keepdims=True))
    log_q = v - np.log(np.sum(np.exp(v), axis=1, keepdims=True))
    terms = np.exp(log_p) * (log_p - log_q)
    per_state = np.sum(terms, axis=1)
    return np.mean(per_state)
""",
        {
            4: "log_q = v - np.log(np.sum(np.exp(u), axis=1, keepdims=True))",
            5: "terms = np.exp(log_q) * (log_p - log_q)",
            6: "per_state = np.mean(terms, axis=1)",
        },
        _logits,
        lambda old, new: float(Categorical(3).kl(np.array(old), np.array(new)).mean()),
    ),
)
