"""The trust region of the book, in JavaScript, computes what the package computes. Under node."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from gymnasium import spaces

from trpo_np import backtracking_line_search, explicit_fisher, make_policy, mean_kl, tabular
from trpo_np.line_search import maximum_step

BOOK = Path(__file__).parent.parent / "notebooks" / "book"
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(not NODE, reason="Node.js runs the pages' JavaScript")

#: Answers for a list of cases: everything that the page draws and prints.
PROGRAM = """
const model = require(process.argv[1]);
const cases = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map(({world, old, theta, delta, damping, weights}) => {
  const made = model.update(world, old, delta, damping);
  const weighted = {...made.old, weights: weights ?? made.old.weights};
  return {
    pi: model.policy(world, theta), V: model.values(world, made.old.pi), rho: made.old.rho,
    A: made.old.advantages, J: model.performance(world, theta),
    L: model.surrogate(made.old, theta), kl: model.meanKl(weighted, theta),
    F: model.fisher(weighted), g: made.g, natural: made.natural, plain: made.plain,
    step: made.step, backtracks: made.backtracks,
    ellipse: model.ellipse(made.old, made.F, delta, 24),
    contour: model.contour(made.old, made.F, delta, 24),
  };
})));
"""


def answers(cases):
    """What the page's functions say to each case."""
    done = subprocess.run(
        [NODE, "-e", PROGRAM, str(BOOK / "static" / "trust-region-model.js")],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def as_json(mdp, features):
    return {
        "transitions": mdp.transitions.tolist(),
        "rewards": mdp.rewards.tolist(),
        "start": mdp.start.tolist(),
        "gamma": mdp.gamma,
        "features": features.tolist(),
    }


def random_case(rng):
    """A random world, an old and a new policy in it, and the settings of an update."""
    S = int(rng.integers(2, 6))
    mdp = tabular.random_mdp(rng, S, 2, gamma=float(rng.uniform(0.5, 0.99)))
    case = {
        "world": as_json(mdp, 2 * rng.standard_normal((S, 2))),
        "old": rng.standard_normal(2).tolist(),
        "theta": (2 * rng.standard_normal(2)).tolist(),
        "delta": float(10 ** rng.uniform(-3, 0)),
        "damping": float(rng.uniform(0, 2)),
    }
    return mdp, case


def table(theta, features):
    z = np.asarray(theta) @ np.asarray(features).T
    return tabular.softmax_policy(np.stack([0 * z, z], axis=-1))


def close(x, y):
    """Whether two numbers or arrays agree to 1e-9 of the larger of 1 and the largest entry."""
    scale = max(1.0, np.max(np.abs(y)))
    return np.max(np.abs(np.subtract(x, y))) <= 1e-9 * scale


@pytest.fixture
def cases(rng):
    made = [random_case(rng) for _ in range(200)]
    return list(zip(made, answers([case for _, case in made]), strict=True))


def test_values_visitation_performance_surrogate_and_kl_are_those_of_tabular(cases):
    for (mdp, case), said in cases:
        features = case["world"]["features"]
        old, new = table(case["old"], features), table(case["theta"], features)
        assert close(said["pi"], new)
        assert close(said["V"], tabular.state_values(mdp, old))
        assert close(said["rho"], tabular.visitation(mdp, old))
        assert close(said["A"], tabular.advantages(mdp, old))
        assert close(said["J"], tabular.performance(mdp, new))
        assert close(said["L"], tabular.local_approximation(mdp, old, new))
        assert close(said["kl"], tabular.mean_state_kl(mdp, old, new))


def test_kl_and_fisher_matrix_are_those_of_the_packages_policy(rng):
    """With equal weights of the states, whose features are the observations of a linear policy."""
    policy = make_policy(spaces.Box(-9, 9, (2,)), spaces.Discrete(2), hidden=())
    place = np.zeros((6, 2))  # logit 1 is theta · x; logit 0 and the biases are 0
    place[1, 0] = place[3, 1] = 1
    made = [random_case(rng)[1] for _ in range(50)]
    for case in made:
        S = len(case["world"]["features"])
        case["weights"] = np.full(S, 1 / S).tolist()
    for case, said in zip(made, answers(made), strict=True):
        obs = np.array(case["world"]["features"])
        old, new = place @ case["old"], place @ case["theta"]
        assert close(said["kl"], mean_kl(policy, old, new, obs))
        assert close(said["F"], place.T @ explicit_fisher(policy, old, obs) @ place)


def test_gradient_direction_and_accepted_step(cases):
    for (mdp, case), said in cases:
        features, old = np.array(case["world"]["features"]), np.array(case["old"])
        F = np.array(said["F"])
        assert close(said["g"], complex_step(mdp, features, old))
        for name, damping in (("natural", case["damping"]), ("plain", 1e12)):
            s = np.linalg.solve(F + damping * np.eye(2), said["g"])
            full = maximum_step(case["delta"], s @ F @ s) * s
            assert np.allclose(said[name], full, rtol=1e-9)
        L, KL = surrogate_and_kl(mdp, features, table(old, features))
        found = backtracking_line_search(L, KL, old, np.array(said["natural"]), case["delta"])
        assert close(old + said["step"], found.x)
        assert said["backtracks"] == (found.backtracks if found.accepted else None)


def surrogate_and_kl(mdp, features, pi_old):
    """L and the mean KL as functions of theta."""
    return (
        lambda theta: tabular.local_approximation(mdp, pi_old, table(theta, features)),
        lambda theta: tabular.mean_state_kl(mdp, pi_old, table(theta, features)),
    )


def complex_step(mdp, features, old):
    """The gradient of L at the old policy, by derivatives along the imaginary axis."""
    pi_old = table(old, features)
    weights = tabular.visitation(mdp, pi_old)[:, None] * tabular.advantages(mdp, pi_old)
    slopes = []
    for e in np.eye(2):
        p = 1 / (1 + np.exp(-features @ (old + 1e-30j * e)))
        slopes.append(np.sum(weights * np.stack([1 - p, p], axis=-1)).imag / 1e-30)
    return np.array(slopes)


def test_the_drawn_lines_are_where_model_and_kl_reach_delta(cases):
    for (mdp, case), said in cases:
        features, old, delta = case["world"]["features"], np.array(case["old"]), case["delta"]
        d = np.array(said["ellipse"]) - old
        assert np.allclose(0.5 * np.einsum("ni,ij,nj->n", d, said["F"], d), delta, rtol=1e-9)
        exact = table(np.array(said["contour"]), features)
        assert np.allclose(
            tabular.mean_state_kl(mdp, table(old, features), exact), delta, rtol=1e-9, atol=1e-12
        )


def test_the_page_shows_the_world_of_notebook_04():
    notebook = (BOOK.parent / "src" / "04_trust_region.py").read_text(encoding="utf-8")
    cell = re.search(r"^mdp = tabular.*\n(?:.*\n){2}", notebook, re.MULTILINE)[0]
    names = {"tabular": tabular, "np": np}
    exec(cell, names)
    text = (BOOK / "static" / "trust-region-world.js").read_text(encoding="utf-8")
    world = json.loads(re.search(r"= (\{.*\});", text, re.DOTALL)[1])
    assert world == as_json(names["mdp"], names["features"]) | {
        "theta": names["theta_old"].tolist()
    }
