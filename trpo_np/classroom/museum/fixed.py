"""The exhibits put right: each program as in its room, but for the lines that were wrong."""

from collections.abc import Callable

import numpy as np

Array = np.ndarray
Matvec = Callable[[Array], Array]

# Room 1


def cg(matvec: Matvec, b: Array, iterations: int) -> Array:
    """Exhibit 1: the direction p is an array of its own."""
    x, r = np.zeros_like(b), b.copy()
    p, rr = r.copy(), r @ r
    for _ in range(iterations):
        Ap = matvec(p)
        alpha = rr / (p @ Ap)
        x += alpha * p
        r -= alpha * Ap
        rr_next = r @ r
        p = r + rr_next / rr * p
        rr = rr_next
    return x


def safe_cg(matvec: Matvec, b: Array, iterations: int) -> Array:
    """Exhibit 2: where the residual is exactly 0, what was found is returned."""
    x, r = np.zeros_like(b), b.copy()
    p, rr = r.copy(), r @ r
    for _ in range(iterations):
        if rr == 0:
            break
        Ap = matvec(p)
        alpha = rr / (p @ Ap)
        x += alpha * p
        r -= alpha * Ap
        rr_next = r @ r
        p = r + rr_next / rr * p
        rr = rr_next
    return x


def relative_cg(matvec: Matvec, b: Array, iterations: int) -> Array:
    """Exhibit 3: the residual is compared with its own start."""
    x, r = np.zeros_like(b), b.copy()
    p, rr = r.copy(), r @ r
    bb = rr
    for _ in range(iterations):
        if rr <= 1e-20 * bb:  # also true for b = 0
            break
        Ap = matvec(p)
        alpha = rr / (p @ Ap)
        x += alpha * p
        r -= alpha * Ap
        rr_next = r @ r
        p = r + rr_next / rr * p
        rr = rr_next
    return x


# Room 2


def step_length(delta: float, sFs: float) -> float:
    """Exhibit 4: no step where there is no positive curvature."""
    return np.sqrt(2 * delta / sFs) if sFs > 0 else 0.0


def accept(kl: float, delta: float, gain: float) -> bool:
    """Exhibit 6: both conditions."""
    return kl <= delta and gain > 0


def search(L: Callable, KL: Callable, theta: Array, full_step: Array, delta: float) -> Array:
    """Exhibits 5, 7, 8 and 10: the first candidate that keeps both conditions, or theta itself."""
    for k in range(11):
        candidate = theta + 0.5**k * full_step
        if KL(candidate) <= delta and L(candidate) > L(theta):
            return candidate
    return theta


def update(
    L: Callable, KL: Callable, theta: Array, full_step: Array, delta: float
) -> tuple[Array, dict]:
    """Exhibit 9: what the search found is what is returned."""
    theta_new = search(L, KL, theta, full_step, delta)
    report = {"kl": KL(theta_new), "improvement": L(theta_new) - L(theta)}
    return theta_new, report


# Room 3


def kl(mean: Array, log_std: Array, mean_new: Array, log_std_new: Array) -> Array:
    """Exhibits 11 and 12: KL(old ‖ new), summed over the dimensions of the action."""
    spread = np.exp(2 * log_std) + (mean - mean_new) ** 2
    terms = log_std_new - log_std + spread / (2 * np.exp(2 * log_std_new)) - 0.5
    return np.sum(terms, axis=1)


def flat(parameters: dict[str, Array]) -> Array:
    """Exhibit 15: all parameters, whatever their names, as one vector."""
    return np.concatenate([array.ravel() for array in parameters.values()])


def unflat(theta: Array, parameters: dict[str, Array]) -> dict[str, Array]:
    """Exhibit 15: the entries of the vector under the names and in the shapes of `parameters`."""
    ends = np.cumsum([array.size for array in parameters.values()])
    parts = np.split(theta, ends[:-1])
    return {
        name: part.reshape(array.shape)
        for (name, array), part in zip(parameters.items(), parts, strict=True)
    }


# Room 4


def advantages(
    rewards: Array,
    V: Array,
    V_next: Array,
    terminated: Array,
    ended: Array,
    gamma: float,
    lam: float,
) -> Array:
    """Exhibit 16: the next value counts as 0 where the episode terminated, and nowhere else."""
    A, following = np.zeros_like(rewards), 0.0
    for t in reversed(range(len(rewards))):
        delta = rewards[t] + gamma * V_next[t] * (not terminated[t]) - V[t]
        following = delta + gamma * lam * (not ended[t]) * following
        A[t] = following
    return A


def collect(
    policy, theta: Array, rng: np.random.Generator, T: int = 200, mean=0.0, width=1.0
) -> tuple[Array, Array, Array]:
    """Exhibit 17: mean and width come from the batches before, and stand still in this one."""
    raw = 5 + 3 * rng.standard_normal((T, 2))
    seen = (raw - mean) / width
    actions = policy.sample(theta, seen, rng)
    return seen, actions, policy.log_prob(theta, seen, actions)


def standardise(A: Array) -> Array:
    """Exhibit 18: mean 0 and standard deviation 1; 0 where all advantages are equal."""
    return (A - A.mean()) / (A.std() + 1e-8)
