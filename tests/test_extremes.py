"""What comes after the end, and what is too large, from environments and policies alike."""

import signal

import numpy as np
import pytest
from gymnasium import spaces
from toys import Countdown

from trpo_np import (
    PPO,
    TRPO,
    Agent,
    NaturalGradient,
    PolicyGradient,
    Settings,
    train,
)
from trpo_np.errors import UsageError
from trpo_np.limits import within

SMALL = Settings(batch_size=64, num_envs=4, hidden=(4,))


@pytest.mark.parametrize("fault", ["raises", "hangs", "leaves", "shows nothing"])
def test_what_comes_after_a_counted_episode_is_not_even_asked_for(fault):
    """Environments of one episode each, of different lengths."""

    class Once(Countdown):
        made = 0

        def __init__(self):
            super().__init__(length=3 + 2 * (Once.made % 3))
            Once.made += 1
            self.resets = 0

        def reset(self, **how):
            self.resets += 1
            if self.resets > 1:
                if fault == "raises":
                    raise RuntimeError("an episode was enough")
                if fault == "leaves":
                    raise SystemExit
                if fault == "shows nothing":
                    return None, {}
                within(60, lambda: signal.pause())
            return super().reset(**how)

    source_of = train(lambda: Countdown(length=100), None, 64, 0, SMALL).agent
    agent = Agent(
        source_of.policy, source_of.theta, source_of.normalizer, type(source_of.env)(Once)
    )
    Once.made = 0
    for stochastic in (False, True):
        returns = within(10, lambda s=stochastic: agent.evaluate(6, stochastic=s))
        assert sorted(returns) == [3, 3, 5, 5, 7, 7]


class Large(Countdown):
    """Shows and pays numbers of one size."""

    observation_space = spaces.Box(-np.inf, np.inf, (2,), np.float64)

    def __init__(self, shown=1.0, paid=1.0, action_space=None):
        super().__init__(length=5, action_space=action_space)
        self.rng, self.scales = np.random.default_rng(0), (shown, paid)

    def reset(self, **how):
        return self.scales[0] * self.rng.standard_normal(2), super().reset(**how)[1]

    def step(self, action):
        _, _, *rest = super().step(action)
        shown, paid = self.scales
        return shown * self.rng.standard_normal(2), paid * self.rng.standard_normal(), *rest


@pytest.mark.filterwarnings("error", "ignore::trpo_np.training.notes.Note")
@pytest.mark.parametrize("update", [TRPO(), NaturalGradient(), PolicyGradient(), PPO(epochs=2)])
@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("paid", [1e-300, 1e30, 1e50, 1e99])
def test_rewards_of_any_size_leave_finite_parameters_or_a_sentence(
    paid, precision, normalize, update
):
    settings = Settings(
        batch_size=64, num_envs=4, hidden=(4,), precision=precision, normalize_advantages=normalize
    )
    refused = []
    for space in (None, spaces.Box(-1, 1, (1,)), spaces.Box(-np.inf, np.inf, (1,))):
        try:
            result = train(lambda s=space: Large(1.0, paid, s), update, 200, 0, settings)
        except UsageError as error:
            refused.append(str(error))
            continue
        assert np.isfinite(result.theta).all()
        assert np.isfinite(result.w).all()
    assert all(sentence.startswith("The policy drew the action") for sentence in refused)
    assert not refused or (isinstance(update, PolicyGradient) and not normalize)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("size", [1e-50, 1e37, 1e50, 1e99])
@pytest.mark.parametrize("normalize", [True, False])
def test_observations_that_single_precision_lacks_are_told_unless_normalised(size, normalize):
    settings = Settings(
        batch_size=64,
        num_envs=4,
        hidden=(4,),
        precision="float32",
        normalize_observations=normalize,
    )

    def go():
        return train(lambda: Large(size), TRPO(), 200, 0, settings)

    if size > 1e40 and not normalize:
        with pytest.raises(UsageError, match="which float32 cannot hold: have observations norm"):
            go()
    else:
        assert np.isfinite(go().theta).all()


@pytest.mark.parametrize("bounds", [1.0, np.inf])
def test_a_policy_that_draws_no_numbers_is_told_before_the_environment_sees_them(bounds):
    """Its standard deviation is infinite, its mean is, or both."""
    seen = []

    class Seeing(Countdown):
        def step(self, action):
            seen.append(action)
            return super().step(action)

    space = spaces.Box(-bounds, bounds, (1,), np.float64)
    result = train(lambda: Seeing(action_space=space), None, 64, 0, SMALL)
    for entries in (slice(-1, None), slice(None)):
        theta = result.theta.copy()
        theta[entries] = 1e200
        agent = Agent(result.policy, theta, result.normalizer, result.env)
        if bounds < np.inf:
            agent.evaluate(3, stochastic=True)
        else:
            with pytest.raises(UsageError, match="The policy drew the action"):
                agent.evaluate(3, stochastic=True)
    assert np.isfinite(seen).all()
