"""Plain policy gradient on CartPole at three fixed learning rates, eight seeds each.

    python tests/benchmarks/fixed_rates.py

Writes notebooks/measurements/fixed_rates.json, which notebook 01 draws: for every rate and seed the
KL of each update, in nats, and the mean return of recent episodes.
"""

import json
from pathlib import Path

from trpo_np import PolicyGradient, Settings
from trpo_np.classroom.training import training

RATES, SEEDS, UPDATES = (0.02, 1, 20), range(8), 60
FILE = Path(__file__).parents[2] / "notebooks" / "measurements" / "fixed_rates.json"


def rounded(values):
    """Three digits, which is more than the picture shows."""
    return [float(f"{value:.3g}") for value in values]


def main():
    runs = []
    for alpha in RATES:
        for seed in SEEDS:
            update = PolicyGradient(learning_rate=alpha)
            kls, returns = training(update, UPDATES, seed, Settings(batch_size=1024))
            runs.append(
                {"alpha": alpha, "seed": seed, "kl": rounded(kls), "return": rounded(returns)}
            )
            print(alpha, seed, f"{max(returns):.0f} {returns[-1]:.0f}")
    lines = ",\n".join(json.dumps(run) for run in runs)
    FILE.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
