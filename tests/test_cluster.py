"""A sweep on a real Dask scheduler: the same numbers as without."""

import subprocess
import sys

import pytest

from trpo_np.experiments.results import load

pytest.importorskip("distributed", reason="Dask is not installed: pip install -e '.[cluster]'")

LINE = (
    "sweep CartPole-v1 --algorithm trpo ppo --seeds 2 --vary delta 0.01 0.1 --total-steps 1200 "
    "--batch-size 512 --num-envs 4 --hidden 8 --episodes 3"
)
CLUSTER = """
import sys
from distributed import LocalCluster

if __name__ == "__main__":
    how = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with LocalCluster(host="127.0.0.1", **how) as cluster:
        cluster.wait_for_workers(2)
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def scheduler(tmp_path):
    """The address of a Dask scheduler with two worker processes."""
    script = tmp_path / "cluster.py"
    script.write_text(CLUSTER)
    ends = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    cluster = subprocess.Popen([sys.executable, script], cwd=tmp_path, **ends)
    yield cluster.stdout.readline().strip()
    cluster.communicate(timeout=60)
    assert cluster.returncode == 0


def test_a_cluster_gives_the_same_numbers(scheduler, tmp_path):
    rows = []
    for out, more in (("here.csv", ["--jobs", "2"]), ("there.csv", ["--scheduler", scheduler])):
        command = [sys.executable, "-m", "trpo_np", *LINE.split(), *more, "--out", out]
        subprocess.run(command, cwd=tmp_path, check=True)
        found = load(tmp_path / out)
        numbers = ({k: x for k, x in r.items() if k != "seconds"} for r in found.rows.values())
        rows.append((list(numbers), found.curves))
    assert len(rows[0][0]) == 6
    assert not any(row.get("error") for row in rows[0][0])
    assert rows[0] == rows[1]


def test_nobody_at_the_address(tmp_path):
    command = [sys.executable, "-m", "trpo_np", *LINE.split(), "--scheduler", "tcp://127.0.0.1:1"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert "No Dask scheduler answers at tcp://127.0.0.1:1" in done.stderr
    assert not list(tmp_path.glob("*"))
