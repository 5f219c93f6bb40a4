"""How well a policy does, in episodes of its own, and how it looks."""

from pathlib import Path

import numpy as np
from PIL import Image

from trpo_np.environments import clipped, finite, make_environment, make_environments
from trpo_np.errors import UsageError
from trpo_np.normalizer import Normalizer
from trpo_np.policy import Policy

Array = np.ndarray
LONGEST = 10_000  #: steps after which an episode that has no limit of its own is cut off


def evaluate(
    policy: Policy,
    theta: Array,
    normalizer: Normalizer,
    env_id: str,
    episodes: int = 100,
    seed: int = 0,
    stochastic: bool = False,
) -> Array:
    """The undiscounted returns (episodes,) of whole episodes, of LONGEST steps at most, acting with
    the most likely action, or with sampled ones if `stochastic`.

    Each episode runs in an environment of its own, so that short ones do not crowd out long ones.
    """
    if episodes < 1:
        raise UsageError(f"episodes = {episodes} is not possible: it must be at least 1.")
    if seed < 0:
        raise UsageError(f"seed = {seed} is not possible: it must be an integer of at least 0.")
    rng = np.random.default_rng(seed)
    envs = make_environments(env_id, episodes)
    observations, _ = envs.reset(seed=seed)
    returns = np.zeros(episodes)
    running = np.ones(episodes, dtype=bool)
    for _ in range(LONGEST):
        obs = normalizer.scaled(finite(normalizer.flat(observations)))
        actions = policy.sample(theta, obs, rng) if stochastic else policy.mode(theta, obs)
        observations, rewards, terminated, truncated, _ = envs.step(
            clipped(actions, policy.action_space)
        )
        returns += rewards * running
        running &= ~(terminated | truncated)
        if not running.any():
            break
    envs.close()
    return returns


def animate(
    policy: Policy,
    theta: Array,
    normalizer: Normalizer,
    env_id: str,
    path: Path,
    seed: int = 0,
) -> float:
    """The return of one episode with the most likely actions, saved as an animated GIF at `path`,
    at the environment's own speed."""
    env = make_environment(env_id, render_mode="rgb_array")
    observation, _ = env.reset(seed=seed)
    frames, total = [], 0.0
    for _ in range(LONGEST):
        frames.append(Image.fromarray(env.render()))
        (action,) = policy.mode(theta, normalizer(np.asarray(observation)[None]))
        observation, reward, terminated, truncated, _ = env.step(
            clipped(action, policy.action_space)
        )
        total += float(reward)
        if terminated or truncated:
            break
    env.close()
    milliseconds = 1000 / (env.metadata.get("render_fps") or 30)
    frames[0].save(
        path,
        format="GIF",
        save_all=True,
        append_images=frames[1:],
        duration=milliseconds,
        loop=0,
        optimize=True,
    )
    return total
