"""One policy update (gradient, conjugate gradient, line search) beside sb3-contrib's TRPO.

    python tests/benchmarks/policy_updates.py

Both start from the same parameters with the same batch and do 10 CG iterations; the value functions
stay out of it. sb3-contrib works in float32; ours is shown in both precisions, and with a tenth of
the states in the Fisher-vector products (fisher_fraction=0.1). Before the clock starts, both are
checked to arrive at the same parameters. Ratios are medians of paired runs, each in a process of
its own. Our processes have the C library keep freed memory, as the command line does;
sb3-contrib's too with --keep-for-all.
"""

import warnings
from copy import deepcopy

import gymnasium
import numpy as np
from common import ACTIONS, OBSERVATIONS, have, keeping_memory, machine, paired, theirs
from gymnasium import spaces

from trpo_np import TRPO, Batch, make_policy, trpo_step

CASES = [(N, hidden) for hidden in ((64, 64), (256, 256)) for N in (2048, 8192)]
CASES_OF_OURS = [
    ("float32", (np.float32, {})),
    ("float64", (np.float64, {})),
    ("float32, a tenth", (np.float32, {"fisher_fraction": 0.1})),
    ("float64, a tenth", (np.float64, {"fisher_fraction": 0.1})),
]


class RandomStates(gymnasium.Env):
    """States and rewards are noise: the time of an update does not depend on them."""

    observation_space = spaces.Box(-np.inf, np.inf, (OBSERVATIONS,), np.float32)
    action_space = spaces.Box(-1, 1, (ACTIONS,), np.float32)

    def _state(self):
        return self.np_random.standard_normal(OBSERVATIONS, dtype=np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self._state(), {}

    def step(self, action):
        return self._state(), float(self.np_random.standard_normal()), False, False, {}


def sb3_model(N, hidden):
    """sb3-contrib's TRPO with a full rollout buffer of N steps, ready to update."""
    import sb3_contrib
    import torch
    from stable_baselines3.common.logger import Logger

    model = sb3_contrib.TRPO(
        "MlpPolicy",
        RandomStates(),
        n_steps=N,
        batch_size=N,
        cg_max_steps=10,
        n_critic_updates=0,
        policy_kwargs={"net_arch": list(hidden), "activation_fn": torch.nn.Tanh},
        device="cpu",
        seed=0,
    )
    model.set_logger(Logger(folder=None, output_formats=[]))
    _, callback = model._setup_learn(N)
    model.collect_rollouts(model.env, callback, model.rollout_buffer, n_rollout_steps=N)
    return model


def sb3_theta(model):
    """The policy's parameters in our order."""
    policy = model.policy
    layers = [layer for layer in policy.mlp_extractor.policy_net if hasattr(layer, "weight")]
    parts = []
    for layer in [*layers, policy.action_net]:
        parts += [layer.weight.detach().numpy().T.ravel(), layer.bias.detach().numpy()]
    return np.concatenate([*parts, policy.log_std.detach().numpy()])


def our_problem(model, hidden):
    """The same policy, theta and batch for us, in float64."""
    data = next(model.rollout_buffer.get(batch_size=None))
    advantages = data.advantages.numpy().astype(float)
    advantages = (advantages - advantages.mean()) / advantages.std(ddof=1)
    policy = make_policy(RandomStates.observation_space, RandomStates.action_space, hidden)
    batch = Batch(
        data.observations.numpy().astype(float),
        data.actions.numpy(),
        advantages,
        data.old_log_prob.numpy().astype(float),
    )
    return policy, sb3_theta(model).astype(float), batch


def their_update(N, hidden):
    """sb3-contrib's update, always from the same parameters."""
    model = sb3_model(N, hidden)
    start = deepcopy(model.policy.state_dict())

    def update():
        model.policy.load_state_dict(start)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it logs the mean of no critic losses
            model.train()
        return sb3_theta(model)

    return update


def our_update(N, hidden, precision, settings):
    """Our update on the same batch from the same parameters."""
    update, rng = TRPO(**settings), np.random.default_rng(0)
    policy, theta, batch = our_problem(sb3_model(N, hidden), hidden)
    batch = Batch(*(array.astype(precision) for array in vars(batch).values()))
    theta = theta.astype(precision)
    return lambda: trpo_step(policy, theta, batch, update, rng)[0]


def check_agreement(N, hidden):
    """Both updates arrive at the same parameters, once they mean the same by δ and damping."""
    model = sb3_model(N, hidden)
    # sb3-contrib's KL is a mean over the action's dimensions, not a sum: its δ and its damping are
    # ours times their number. It takes the damped curvature and shrinks the step by 0.8.
    same = {
        "delta": ACTIONS * model.target_kl,
        "cg_damping": ACTIONS * model.cg_damping,
        "damped_step_length": True,
        "backtrack_ratio": 0.8,
    }
    start, theirs = sb3_theta(model), their_update(N, hidden)()
    new = our_update(N, hidden, np.float64, same)()
    difference = np.linalg.norm(theirs - new) / np.linalg.norm(new - start)
    assert difference < 1e-2, f"the two updates differ by {difference:.1%} of the step"


def main():
    print(machine())
    if not (have("torch") and have("sb3_contrib")):
        return
    print(
        "| N | hidden | ours float32, ms | sb3-contrib / ours float32 | / ours float64 "
        "| float32, a tenth, ms | whole / tenth float32 | float64 | sb3-contrib / tenth float32 |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for N, hidden in CASES:
        check_agreement(N, hidden)
        ours = {
            name: (keeping_memory, our_update, N, hidden, *case) for name, case in CASES_OF_OURS
        }
        base, ratios = paired(theirs(their_update, N, hidden), ours)
        whole, tenth = ratios["float32"], ratios["float32, a tenth"]
        print(
            f"| {N:,} | {'×'.join(map(str, hidden))} | {1e3 * base * whole:.1f} "
            f"| {1 / whole:.1f} | {1 / ratios['float64']:.1f} | {1e3 * base * tenth:.1f} "
            f"| {whole / tenth:.2f} | {ratios['float64'] / ratios['float64, a tenth']:.2f} "
            f"| {1 / tenth:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
