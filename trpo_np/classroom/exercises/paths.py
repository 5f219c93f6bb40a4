"""The check of notebook 14 on what a state forgets of the path that led to it."""

import numpy as np

from trpo_np import tabular
from trpo_np.classroom.checks import Check, Mistake, case


def _in_states(p, last):
    """The probabilities of the bins into which the paths fall."""
    return np.bincount(last, weights=p)


def _of_states(p, p_new, last):
    return tabular.state_kl(_in_states(p, last), _in_states(p_new, last))


def _forgotten(p, p_new, last):
    states, states_new = np.bincount(last, weights=p), np.bincount(last, weights=p_new)
    return tabular.state_kl(p, p_new) - tabular.state_kl(states, states_new)


def _paths():
    rng = np.random.default_rng(1420)
    p, p_new = rng.dirichlet(np.ones(7), size=2)
    never = np.array([0.4, 0.0, 0.35, 0.0, 0.25, 0.0])
    return [
        case("where every path may be taken", p, p_new, np.array([0, 2, 1, 0, 2, 1, 0])),
        case(
            "where the old policy never takes some of the paths",
            never,
            rng.dirichlet(np.ones(6)),
            np.array([0, 0, 1, 1, 0, 2]),
        ),
        case(
            "where all paths end in one state",
            *rng.dirichlet(np.ones(5), size=2),
            np.zeros(5, dtype=int),
        ),
    ]


def _unweighted(p, p_new, last):
    """The divergences of the paths within the states, added up without the weights p_t(s)."""
    within = [
        tabular.state_kl(*(x[last == s] / x[last == s].sum() for x in (p, p_new)))
        for s in np.unique(last[p > 0])
    ]
    return np.sum(within)


def _without_new_paths(p, p_new, last):
    return _forgotten(p[p > 0], p_new[p > 0], last[p > 0])


def _distances(p, p_new, last):
    moved = np.abs(p - p_new).sum()
    return moved - np.abs(_in_states(p, last) - _in_states(p_new, last)).sum()


check_forgotten = Check(
    "Exercise 14.20",
    _forgotten,
    _paths,
    (
        Mistake(
            lambda p, p_new, last: tabular.state_kl(p, p_new),
            "this is K_t, the divergence of the paths; from it is subtracted what is left when "
            "only the state is known",
        ),
        Mistake(
            _of_states,
            "this is the divergence of the states, what is kept; how much of K_t is lost?",
        ),
        Mistake(
            lambda *case: -_forgotten(*case),
            "the sign: the paths' divergence is the larger one, so it comes first",
        ),
        Mistake(
            _without_new_paths,
            "you dropped the paths that the old policy never takes: they add nothing to K_t, but "
            "the new policy takes them, and they count in p̃_t",
        ),
        Mistake(
            _unweighted,
            "you added up the divergences within the states, all states alike; each counts with "
            "its probability p_t(s)",
        ),
        Mistake(
            lambda p, p_new, last: (
                tabular.state_kl(p, p_new)
                - tabular.state_kl(np.bincount(last) / len(last), _in_states(p_new, last))
            ),
            "you counted the paths in each state; add up their probabilities",
        ),
        Mistake(
            lambda p, p_new, last: (
                tabular.state_kl(p, p_new)
                - tabular.state_kl(_in_states(p_new, last), _in_states(p, last))
            ),
            "the states' divergence has the new policy first; both are KL(old ‖ new)",
        ),
        Mistake(
            lambda p, p_new, last: tabular.state_kl(p, p_new) / _of_states(p, p_new, last),
            "this is the quotient of the two sides; the difference is asked for",
        ),
        Mistake(
            _distances,
            "these are distances ‖·‖₁; (14.3) speaks of divergences, with a logarithm",
        ),
    ),
    "What is lost is what tells apart the paths that end alike.",
    look="(14.3)",
)
