"""The page on borrowing runs as it stands, and what it makes works."""

import re
from inspect import signature
from pathlib import Path

import numpy as np
import pytest
import test_distributions

from trpo_np import explicit_fisher, fisher_vector_product
from trpo_np.fast import fast

PAGE = Path(__file__).parent.parent / "notebooks" / "borrow.md"
#: The tests that any distribution d is to pass.
PROPERTIES = [
    name
    for name, test in vars(test_distributions).items()
    if name.startswith("test_") and list(signature(test).parameters) == ["d", "rng"]
]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The names that the page's blocks define, run in order in one empty folder."""
    names = {"__name__": "borrowed"}
    blocks = re.findall(
        r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert len(blocks) == PAGE.read_text("utf-8").count("```python") == 6
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("borrowed"))
        for number, block in enumerate(blocks, start=1):
            exec(compile(block, f"block {number} of {PAGE.name}", "exec"), names)
    return names


def test_the_own_loop_learns(page):
    """Its last episodes are several times as long as the random policy's, about 22 steps."""
    assert 1000 / page["ended"].sum() > 100


@pytest.mark.parametrize("name", ["result", "bumpy", "heavy", "steady", "own_parts"])
def test_what_was_put_in_place_learns(page, name):
    """From some 50 away from home, in sum, to less than 10."""
    history = page[name].history
    assert history[0].mean_return < -40
    assert history[-1].mean_return > -10


def test_wrappers_and_arguments_reached_the_environment(page):
    (env,) = page["gentle"].env.many(1).envs
    assert env.unwrapped.length == 10
    np.testing.assert_allclose(env.action_space.high, 0.5)


def test_the_loaded_agent_goes_home(page):
    there = page["agent"].act(np.array([[2.0], [-2.0]]))
    np.testing.assert_allclose(there, [[-1.0], [1.0]])
    np.testing.assert_array_equal(there, page["result"].agent.act(np.array([[2.0], [-2.0]])))


@pytest.mark.parametrize("name", ["bumpy", "heavy"])
def test_products_of_a_borrowed_policy_are_the_explicit_matrix(page, name, rng):
    """What three methods give, and what autograd makes of them, is one Fisher matrix."""
    policy = page[name].policy
    theta, obs = page[name].theta, rng.standard_normal((20, 1))
    F = explicit_fisher(policy, theta, obs, route="kl_hessian")
    v = rng.standard_normal(len(theta))
    for kind in (policy, fast(policy)):
        np.testing.assert_allclose(fisher_vector_product(kind, theta, obs)(v), F @ v, rtol=1e-8)
    np.testing.assert_allclose(explicit_fisher(policy, theta, obs, route="scores"), F, atol=1e-10)


@pytest.mark.parametrize("name", PROPERTIES)
def test_the_borrowed_distribution_has_every_property(page, name, rng):
    getattr(test_distributions, name)(page["Cauchy"](2), rng)


def test_the_report_of_an_own_update_is_a_column(page):
    assert all(row.gradient_norm > 0 for row in page["steady"].history)


def test_bisection_comes_near_the_edge_of_the_trust_region(page):
    kls = [row.kl for row in page["own_parts"].history if row.accepted]
    assert max(kls) <= 0.01
    assert np.median(kls) > 0.009
