"""Generalized advantage estimation (Schulman et al., 2016)."""

import numpy as np

Array = np.ndarray


def generalized_advantages(
    rewards: Array,
    values: Array,
    next_values: Array,
    terminated: Array,
    ended: Array,
    gamma: float,
    lam: float,
) -> Array:
    """The advantages A_t = Σ_k (γλ)^k δ_{t+k} up to the episode's or the batch's end.

    δ_t = r_t + γ V(s_{t+1}) - V(s_t), where V(s_{t+1}) counts as 0 if the episode terminated at t.
    All arrays are (T, E), time by environment, or (T,), and so is the result. `next_values` are
    those of the true next observations, also where the episode ended; `ended` is terminated or
    truncated.
    Raises ValueError if the shapes differ or a terminated step is not marked as ended. Equations
    (9.4), (9.5), (9.6), (9.7), (11.6) and, with ends, (9.9), (10.6).
    """
    terminated, ended = np.asarray(terminated, dtype=bool), np.asarray(ended, dtype=bool)
    rewards, values, next_values = (
        np.asarray(a, dtype=float) for a in (rewards, values, next_values)
    )
    shapes = [np.shape(a) for a in (rewards, values, next_values, terminated, ended)]
    if len(set(shapes)) > 1:
        raise ValueError(f"All arrays must have one shape (T, E), but they have {shapes}.")
    if np.any(terminated & ~ended):
        raise ValueError("A terminated step is also an ended one: mark it in `ended` too.")

    deltas = rewards + gamma * np.where(terminated, 0, next_values) - values  # (9.4), (11.6)
    advantages = np.zeros_like(deltas)
    following = np.zeros(deltas.shape[1:])
    for t in reversed(range(len(deltas))):
        # (9.7): the sum (9.6), mixture of (9.5); nothing crosses an episode's end: (9.9), (10.6)
        following = deltas[t] + gamma * lam * np.where(ended[t], 0, following)
        advantages[t] = following
    return advantages
