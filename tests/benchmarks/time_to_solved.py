"""Seconds and steps until CartPole-v1 is solved: both of our updates beside both libraries'.

    python tests/benchmarks/time_to_solved.py

Solved means here that the last 100 episodes of training, or the fewest last batches that hold 100,
have a mean return of 475 or more, within 100,000 steps. Ours run with their defaults in float32,
sb3-contrib's TRPO and stable-baselines3's PPO with the settings that RL-Zoo tuned for CartPole-v1.
Every round has one run of each, one after the other, each in a process of its own.
Writes notebooks/measurements/time_to_solved.csv.
"""

import time
from itertools import count
from pathlib import Path

import numpy as np
from common import Isolated, keeping_memory, machine, save_rows, theirs
from zoo import SETTINGS

from trpo_np import PPO, TRPO, Settings, train

ROUNDS, EPISODES, GOAL, AT_MOST = 10, 100, 475, 100_000
FILE = Path(__file__).parents[2] / "notebooks" / "measurements" / "time_to_solved.csv"
#: rl-baselines3-zoo's hyperparams/ppo.yml; the learning rate and the clip go to 0 with the steps.
ZOO_PPO = {
    "n_steps": 32,
    "batch_size": 256,
    "gae_lambda": 0.8,
    "gamma": 0.98,
    "n_epochs": 20,
    "learning_rate": lambda left: 1e-3 * left,
    "clip_range": lambda left: 0.2 * left,
}


class SolvedError(Exception):
    """Ends a run."""


def recent_return(history):
    """The mean return of the fewest last iterations that have 100 episodes; -inf before."""
    episodes = returns = 0
    for row in reversed(history):
        if row.episodes:
            episodes, returns = episodes + row.episodes, returns + row.episodes * row.mean_return
        if episodes >= EPISODES:
            return returns / episodes
    return -np.inf


def ours(update):
    """A run at each call, with another seed each time; returns the steps it took."""
    seeds, settings = count(), Settings(precision="float32")

    def look(result):
        if recent_return(result.history) >= GOAL:
            raise SolvedError(result.history[-1].steps)

    def run():
        try:
            train("CartPole-v1", update, AT_MOST, next(seeds), settings, on_iteration=look)
        except SolvedError as end:
            return end.args[0]
        return np.nan

    return run


def sb3(algorithm):
    """The same by stable-baselines3 and sb3-contrib."""
    import torch
    from sb3_contrib import TRPO as SB3TRPO
    from stable_baselines3 import PPO as SB3PPO
    from stable_baselines3.common.callbacks import BaseCallback
    from stable_baselines3.common.env_util import make_vec_env

    class Look(BaseCallback):
        def _on_step(self):
            last = [episode["r"] for episode in self.model.ep_info_buffer]
            return len(last) < EPISODES or np.mean(last) < GOAL

    seeds = count()
    zoo = {k: v for k, v in SETTINGS["CartPole-v1"].items() if k != "steps"}
    kind, number, settings = {"trpo": (SB3TRPO, 2, zoo), "ppo": (SB3PPO, 8, ZOO_PPO)}[algorithm]

    def run():
        seed = next(seeds)
        envs = make_vec_env("CartPole-v1", number, seed)
        torch.set_num_threads(1)
        model = kind("MlpPolicy", envs, seed=seed, device="cpu", **settings)
        model.learn(AT_MOST, Look())
        return model.num_timesteps if model.num_timesteps < AT_MOST else np.nan

    return run


def clocked(function):
    """The seconds of one call, and what it returned."""
    started = time.perf_counter()
    steps = function()
    return time.perf_counter() - started, steps


def main():
    """Runs all, saves a row a run, and prints the medians."""
    print(machine())
    jobs = {
        "TRPO, trpo_np": (keeping_memory, ours, TRPO()),
        "PPO, trpo_np": (keeping_memory, ours, PPO()),
        "TRPO, sb3-contrib": theirs(sb3, "trpo"),
        "PPO, stable-baselines3": theirs(sb3, "ppo"),
    }
    timed = {name: Isolated(*job) for name, job in jobs.items()}
    rows = []
    for seed in range(ROUNDS):
        for name, function in timed.items():
            seconds, steps = function.measured(clocked)
            rows.append({"who": name, "seed": seed, "steps": steps, "seconds": f"{seconds:.2f}"})
            print(rows[-1], flush=True)
    for function in timed.values():
        function.close()
    save_rows(rows, FILE)


if __name__ == "__main__":
    main()
