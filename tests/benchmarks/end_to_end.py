"""Environment steps a second: a whole training run beside sb3-contrib's, and the sampler alone.

    python tests/benchmarks/end_to_end.py

Both train with 16 environments, batches of 2048 steps and 64×64 networks, with 10 CG iterations and
their own defaults for all else. The sampler is compared with the same vector environments stepped
with actions drawn beforehand, and with none drawn by a policy. Ratios are medians of paired runs.
"""

import time
from functools import partial

import gymnasium
import numpy as np
from common import have, machine

from trpo_np import TRPOConfig, make_policy, train
from trpo_np.normalizer import Normalizer
from trpo_np.rollout import Sampler

TASKS = {"CartPole-v1": 0.99, "Pendulum-v1": 0.95}
ROUNDS, STEPS, ENVS, BATCH = 3, 30_720, 16, 2048


def rate(function):
    """Steps a second of a function that returns how many steps it made."""
    started = time.perf_counter()
    steps = function()
    return steps / (time.perf_counter() - started)


def our_run(env_id, seed, precision):
    config = TRPOConfig(num_envs=ENVS, batch_size=BATCH, gamma=TASKS[env_id], precision=precision)
    return train(env_id, STEPS, seed, config).history[-1].steps


def sb3_run(env_id, seed):
    from sb3_contrib import TRPO
    from stable_baselines3.common.env_util import make_vec_env

    model = TRPO(
        "MlpPolicy",
        make_vec_env(env_id, ENVS, seed),
        n_steps=BATCH // ENVS,
        cg_max_steps=10,
        gamma=TASKS[env_id],
        seed=seed,
        device="cpu",
    )
    return model.learn(STEPS).num_timesteps


def samplers(env_id):
    """Two functions that make as many vector steps: with random actions, and with our sampler."""
    T = 1000
    envs = gymnasium.make_vec(env_id, num_envs=ENVS)
    envs.reset(seed=0)
    actions = [envs.action_space.sample() for _ in range(100)]

    def random():
        for t in range(T):
            envs.step(actions[t % 100])
        return T * ENVS

    others = gymnasium.make_vec(env_id, num_envs=ENVS)
    policy = make_policy(others.single_observation_space, others.single_action_space)
    rng = np.random.default_rng(0)
    theta, sampler = policy.init(rng), Sampler(others, seed=0)
    normalizer = Normalizer.fresh(others.single_observation_space)

    def ours():
        sampler.collect(policy, theta, normalizer, rng, T)
        return T * ENVS

    return random, ours


def main():
    print(machine())
    with_sb3 = have("torch") and have("sb3_contrib")
    print(
        "| environment | ours float32, steps/s | / sb3-contrib | ours float64, steps/s "
        "| / sb3-contrib | sampler, steps/s | / random actions |"
    )
    print("|---|---|---|---|---|---|---|")
    for env_id in TASKS:
        rates = []
        random, ours = samplers(env_id)
        for seed in range(ROUNDS):
            row = {
                "float32": rate(partial(our_run, env_id, seed, "float32")),
                "float64": rate(partial(our_run, env_id, seed, "float64")),
                "sb3": rate(partial(sb3_run, env_id, seed)) if with_sb3 else np.nan,
                "random": rate(random),
                "sampler": rate(ours),
            }
            rates.append(row)

        def median(name, over=None, rates=rates):
            return np.median([row[name] / (row[over] if over else 1) for row in rates])

        print(
            f"| {env_id} | {median('float32'):,.0f} | {median('float32', 'sb3'):.1f} "
            f"| {median('float64'):,.0f} | {median('float64', 'sb3'):.1f} "
            f"| {median('sampler'):,.0f} | {median('sampler', 'random'):.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
