"""What the second order buys: the gain of L by steps of exactly δ = 0.01 nats, along the direction
after 1, 3, 10 and 30 iterations of conjugate gradient. One iteration is the gradient's direction.

    python tests/benchmarks/second_order.py

Writes notebooks/measurements/second_order.json, which notebook 13 draws: for CartPole and Pendulum,
ten seeds, before updates 5, 20 and 50 of a run with the defaults, the gain on the batch that the
direction was made from, and on four times as many fresh samples of the same policy.
"""

import json
from pathlib import Path

from trpo_np.classroom.second_order import GAMMAS, gains_at_kl, stops

UPDATES, SEEDS, ITERATIONS = (5, 20, 50), range(10), (1, 3, 10, 30)
FILE = Path(__file__).parents[2] / "notebooks" / "measurements" / "second_order.json"


def main():
    rows = []
    for env_id in GAMMAS:
        for seed in SEEDS:
            for update, stop in zip(UPDATES, stops(env_id, UPDATES, seed), strict=True):
                batch, fresh = gains_at_kl(*stop, ITERATIONS).T.round(5).tolist()
                rows.append(
                    {
                        "env_id": env_id,
                        "seed": seed,
                        "update": update,
                        "batch": batch,
                        "fresh": fresh,
                    }
                )
                print(rows[-1], flush=True)
    lines = ",\n".join(map(json.dumps, rows))
    head = json.dumps({"iterations": ITERATIONS})[:-1]
    FILE.write_text(f'{head},\n"rows": [\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
