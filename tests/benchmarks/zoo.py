"""sb3-contrib's TRPO with the settings that RL-Zoo tuned for each task; one row a run.

    python tests/benchmarks/zoo.py Hopper-v5 --seeds 3 --out notebooks/measurements/sb3_contrib.csv

Settings are those of rl-baselines3-zoo's hyperparams/trpo.yml, one thread a run; each agent then
plays 100 fresh episodes with its most likely actions. Runs that the file has are not made again.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded

import time
from argparse import ArgumentParser
from pathlib import Path

import numpy as np
import torch
from common import read_rows, save_rows
from sb3_contrib import TRPO
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.vec_env import VecNormalize

MUJOCO = {
    "normalize": True,
    "steps": 1_000_000,
    "batch_size": 128,
    "n_steps": 1024,
    "gamma": 0.99,
    "gae_lambda": 0.95,
    "sub_sampling_factor": 1,
    "cg_max_steps": 25,
    "cg_damping": 0.1,
    "n_critic_updates": 20,
    "learning_rate": 1e-3,
}
SETTINGS = {
    "CartPole-v1": {
        "steps": 100_000,
        "n_steps": 512,
        "batch_size": 512,
        "cg_damping": 1e-3,
        "gae_lambda": 0.98,
        "gamma": 0.99,
        "learning_rate": 1e-3,
        "n_critic_updates": 20,
    },
    "Pendulum-v1": {
        "steps": 100_000,
        "n_steps": 1024,
        "gamma": 0.9,
        "n_critic_updates": 15,
        "use_sde": True,
        "sde_sample_freq": 4,
    },
    "Acrobot-v1": {"normalize": True, "steps": 100_000, "n_steps": 1024, "gamma": 0.99},
    "MountainCar-v0": {
        "normalize": True,
        "steps": 100_000,
        "n_steps": 1024,
        "gamma": 0.99,
        "n_critic_updates": 20,
    },
    "MountainCarContinuous-v0": {
        "normalize": True,
        "steps": 50_000,
        "gamma": 0.99,
        "use_sde": True,
        "sde_sample_freq": 4,
    },
    "LunarLander-v3": {
        "steps": 200_000,
        "n_steps": 512,
        "cg_damping": 0.01,
        "gae_lambda": 0.98,
        "gamma": 0.99,
        "learning_rate": 1e-3,
        "n_critic_updates": 15,
    },
    "LunarLanderContinuous-v3": {
        "normalize": True,
        "steps": 100_000,
        "n_steps": 1024,
        "gamma": 0.99,
        "n_critic_updates": 20,
    },
    "Hopper-v5": MUJOCO,
    "Walker2d-v5": MUJOCO,
    "HalfCheetah-v5": MUJOCO | {"target_kl": 0.04},
    "Swimmer-v5": MUJOCO | {"gamma": 0.9999},
    "Ant-v5": MUJOCO,
}


def run(env_id: str, seed: int) -> dict:
    """What one run reached."""
    torch.set_num_threads(1)
    settings = dict(SETTINGS[env_id])
    steps, normalize = settings.pop("steps"), settings.pop("normalize", False)
    envs = make_vec_env(env_id, 2, seed=seed)
    if normalize:
        envs = VecNormalize(envs, gamma=settings["gamma"])
    started = time.perf_counter()
    model = TRPO("MlpPolicy", envs, seed=seed, device="cpu", **settings).learn(steps)
    seconds = time.perf_counter() - started
    test = make_vec_env(env_id, 1, seed=1_000_000)
    if normalize:
        test = VecNormalize(test, training=False, norm_reward=False)
        test.obs_rms = envs.obs_rms
    obs, returns = test.reset(), []
    while len(returns) < 100:
        obs, _, _, infos = test.step(model.predict(obs, deterministic=True)[0])
        returns += [info["episode"]["r"] for info in infos if "episode" in info]
    return {
        "env_id": env_id,
        "seed": seed,
        "steps": model.num_timesteps,
        "seconds": f"{seconds:.1f}",
        "mean": f"{np.mean(returns):.6g}",
        "std": f"{np.std(returns):.6g}",
    }


def main():
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("env", nargs="+", choices=SETTINGS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    rows = read_rows(options.out)
    made = {(row["env_id"], int(row["seed"])) for row in rows}
    for job in [(env_id, seed) for seed in range(options.seeds) for env_id in options.env]:
        if job not in made:
            rows.append(run(*job))
            print(rows[-1], flush=True)
            save_rows(rows, options.out)


if __name__ == "__main__":
    main()
