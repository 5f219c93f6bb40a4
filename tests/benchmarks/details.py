"""Two details of notebook 10, measured over eight seeds on CartPole and Pendulum.

    python tests/benchmarks/details.py notebooks/measurements/details.json

How much of the surrogate's gain fresh samples keep: for each of four batches of the same policy a
step is chosen, and its gain is measured on that batch, and on the other three. And what the
normalizer of the observations does to the return.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from trpo_np import Settings, surrogate, train, trpo_step
from trpo_np.training.estimates import make_batch
from trpo_np.training.rollout import Sampler

GAMMA = {"CartPole-v1": 0.99, "Pendulum-v1": 0.95}
STEPS = {"CartPole-v1": 26_000, "Pendulum-v1": 60_000}
UPDATES = (1, 3, 5, 10)
SEEDS = range(8)


def batches(result, seed, count=4, skip=4):
    """Batches of the trained policy, raw advantages, after a few that only warm the episodes up."""
    settings = replace(result.settings, normalize_advantages=False)
    envs, rng = result.env.many(16), np.random.default_rng([seed, 1])
    sampler = Sampler(envs, seed=int(rng.integers(2**31)))
    made = []
    for _ in range(skip + count):
        rollout = sampler.collect(result.policy, result.theta, result.normalizer, rng, 128)
        made.append(make_batch(rollout, result.value, result.w, settings)[0])
    envs.close()
    return made[skip:]


def gains(env_id, updates, seed):
    """The surrogate's mean gain on the batch that chose the step, and on the others."""
    settings = Settings(gamma=GAMMA[env_id])
    result = train(env_id, total_steps=2048 * updates, seed=seed, settings=settings)
    policy, theta, made = result.policy, result.theta, batches(result, seed)
    chosen, fresh = [], []
    for first in made:
        mean, std = first.advantages.mean(), first.advantages.std()
        scaled = [replace(batch, advantages=(batch.advantages - mean) / std) for batch in made]
        own = next(new for new, batch in zip(scaled, made, strict=True) if batch is first)
        theta_new, _ = trpo_step(policy, theta, own)
        for batch in scaled:
            gain = surrogate(policy, theta_new, batch) - surrogate(policy, theta, batch)
            (chosen if batch is own else fresh).append(gain)
    return [round(float(np.mean(chosen)), 5), round(float(np.mean(fresh)), 5)]


def last_return(env_id, normalize, seed):
    """The mean return of recent episodes at the end of a run."""
    settings = Settings(gamma=GAMMA[env_id], normalize_observations=normalize)
    result = train(env_id, total_steps=STEPS[env_id], seed=seed, settings=settings)
    return round(result.history[-1].mean_return, 1)


def main(path):
    """Measures and writes both."""
    found = {"gains": {}, "returns": {}}
    for env_id in GAMMA:
        for updates in UPDATES:
            rows = [gains(env_id, updates, seed) for seed in SEEDS]
            found["gains"][f"{env_id} {updates}"] = rows
            print(env_id, updates, np.mean(rows, axis=0), flush=True)
        for normalize in (True, False):
            rows = [last_return(env_id, normalize, seed) for seed in SEEDS]
            found["returns"][f"{env_id} {'with' if normalize else 'without'}"] = rows
            print(env_id, normalize, np.mean(rows), flush=True)
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
