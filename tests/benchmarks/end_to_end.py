"""Environment steps a second: a whole training run beside sb3-contrib's, and the sampler alone.

    python tests/benchmarks/end_to_end.py

Both train with 16 environments, batches of 2048 steps and 64×64 networks, with 10 CG iterations and
their own defaults for all else, each in a process of its own; ours also with a tenth of the states
in the products of both fits (fisher_fraction and value_fraction 0.1). The sampler is compared with
the same vector environments stepped with actions drawn beforehand, and with none drawn by a policy.
Ratios are medians of paired runs. Our processes have the C library keep freed memory, as the
command line does; the others with --keep-for-all.
"""

from itertools import count

import gymnasium
import numpy as np
from common import Isolated, have, keeping_memory, machine, rate, theirs

from trpo_np import TRPO, Settings, make_policy, train
from trpo_np.training.environments import source
from trpo_np.training.normalizer import Normalizer
from trpo_np.training.rollout import Sampler

TASKS = {"CartPole-v1": 0.99, "Pendulum-v1": 0.95}
ROUNDS, STEPS, ENVS, BATCH = 5, 30_720, 16, 2048


def our_runs(env_id, precision, fraction=1.0):
    """A whole run at each call, with another seed each time; `fraction` of the states in the
    products of the update and of the value function."""
    update = TRPO(fisher_fraction=fraction)
    settings = Settings(
        num_envs=ENVS,
        batch_size=BATCH,
        gamma=TASKS[env_id],
        precision=precision,
        value_fraction=fraction,
    )
    seeds = count()
    return lambda: train(env_id, update, STEPS, next(seeds), settings).history[-1].steps


def sb3_runs(env_id):
    """The same by sb3-contrib."""
    import sb3_contrib
    from stable_baselines3.common.env_util import make_vec_env

    seeds = count()

    def run():
        seed = next(seeds)
        model = sb3_contrib.TRPO(
            "MlpPolicy",
            make_vec_env(env_id, ENVS, seed),
            n_steps=BATCH // ENVS,
            cg_max_steps=10,
            gamma=TASKS[env_id],
            seed=seed,
            device="cpu",
        )
        return model.learn(STEPS).num_timesteps

    return run


T = 1000  #: vector steps that the samplers make at once


def random_actions(env_id):
    """T vector steps with actions drawn beforehand."""
    envs = gymnasium.make_vec(env_id, num_envs=ENVS)
    envs.reset(seed=0)
    actions = [envs.action_space.sample() for _ in range(100)]

    def run():
        for t in range(T):
            envs.step(actions[t % 100])
        return T * ENVS

    return run


def our_sampler(env_id):
    """T vector steps by the sampler with a policy, in float32."""
    envs = source(env_id).many(ENVS)
    policy = make_policy(envs.single_observation_space, envs.single_action_space)
    rng = np.random.default_rng(0)
    theta, sampler = policy.init(rng).astype(np.float32), Sampler(envs, seed=0)
    normalizer = Normalizer.fresh(envs.single_observation_space, precision="float32")

    def run():
        sampler.collect(policy, theta, normalizer, rng, T)
        return T * ENVS

    return run


def measured(jobs):
    """For each round the rates of all jobs, each of them a builder and its arguments."""
    timed = {name: Isolated(*job) for name, job in jobs.items()}
    for function in timed.values():
        function.measured(rate)  # imports, and warms up
    rounds = [
        {name: function.measured(rate) for name, function in timed.items()} for _ in range(ROUNDS)
    ]
    for function in timed.values():
        function.close()
    return rounds


def main():
    with_sb3 = have("torch") and have("sb3_contrib")
    print(machine())
    print(
        "| environment | ours float32, steps/s | / sb3-contrib | float32, a tenth, steps/s "
        "| / sb3-contrib | ours float64, steps/s | / sb3-contrib | sampler, steps/s "
        "| / random actions |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for env_id in TASKS:
        jobs = {
            "float32": (keeping_memory, our_runs, env_id, "float32"),
            "tenth": (keeping_memory, our_runs, env_id, "float32", 0.1),
            "float64": (keeping_memory, our_runs, env_id, "float64"),
            "random": theirs(random_actions, env_id),
            "sampler": (keeping_memory, our_sampler, env_id),
        }
        if with_sb3:
            jobs["sb3"] = theirs(sb3_runs, env_id)
        rounds = measured(jobs)

        def median(name, over=None, rounds=rounds):
            return np.median([row[name] / (row[over] if over else 1) for row in rounds])

        beside = {name: f"{median(name, 'sb3'):.1f}" if with_sb3 else "" for name in jobs}
        print(
            f"| {env_id} | {median('float32'):,.0f} | {beside['float32']} "
            f"| {median('tenth'):,.0f} | {beside['tenth']} "
            f"| {median('float64'):,.0f} | {beside['float64']} "
            f"| {median('sampler'):,.0f} | {median('sampler', 'random'):.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
