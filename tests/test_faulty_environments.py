"""A hundred faulty environments and more: each with the sentence it ends with, or trained in."""

import warnings

import numpy as np
import pytest
from gymnasium import spaces
from toys import Countdown

from trpo_np import TRPO, Settings, train
from trpo_np.errors import UsageError
from trpo_np.training.notes import Note

SMALL = Settings(batch_size=64, num_envs=4, hidden=(4,))
BOX = spaces.Box(-1, 1, (2,), np.float64)
FINE = "it trains"


def changed(at=2, where="step", space=None, action_space=None, **how):
    """A function that makes an environment whose answer to step number `at` (or to reset) is
    changed: its entries by name, all of it by `answer`, or raises `error`."""

    class Faulty(Countdown):
        observation_space = space or Countdown.observation_space

        def __init__(self):
            super().__init__(length=5, action_space=action_space)
            if where == "make":
                raise how["error"]

        def _shown(self, observation):
            return observation if space is None else space.sample()

        def reset(self, *, seed=None, options=None):
            observation, info = super().reset(seed=seed)
            if where == "reset":
                return self._answer([self._shown(observation), info], ("observation", "info"))
            return self._shown(observation), info

        def step(self, action):
            if how.get("writes"):
                action *= 0
            observation, *rest = super().step(action)
            names = ("observation", "reward", "terminated", "truncated", "info")
            answer = [self._shown(observation), *rest]
            if where == "step" and (at is None or self.t == at):
                return self._answer(answer, names)
            return tuple(answer)

        def _answer(self, answer, names):
            if "error" in how:
                raise how["error"]
            if "answer" in how:
                return how["answer"]
            return tuple(how.get(n, x) for n, x in zip(names, answer, strict=True))

        def close(self):
            if where == "close":
                raise how["error"]

    return Faulty


CASES = {}

# rewards
for name, reward in {
    **{str(x): x for x in (np.nan, np.inf, -np.inf, 1e101, -1e200, None, "much", 1j)},
    **{f"row {n}": np.ones(n) for n in (0, 1, 3)},
    **{f"list {x}": x for x in ([], [1.0], (1.0,), {"r": 1.0})},
    **{"bytes": b"1", "a class": object, "column": np.ones((1, 1)), "words": np.array("1")},
}.items():
    for at in (1, 5):
        CASES[f"reward {name} at {at}"] = changed(at, reward=reward), "The reward of environment 0"
for name, reward in {
    "true": True,
    "float32": np.float32(1),
    "int64": np.int64(3),
    "0-d": np.array(2.0),
    "tiny": 1e-300,
    "huge": 1e99,
    "minus huge": -1e99,
    "zero": 0,
    "uint8": np.uint8(255),
    "float16": np.float16(1),
}.items():
    CASES[f"reward {name}"] = changed(None, reward=reward), FINE

# observations
for name, observation in {
    **{str(x): np.array([x]) for x in (np.nan, np.inf, -np.inf, 1e101, -1e300)},
    "nan of float32": np.array([np.nan], np.float32),
}.items():
    for where in ("step", "reset"):
        made = changed(2, where, observation=observation)
        CASES[f"observation {name}, {where}"] = made, "Entry 0 of the observation of environment 0"
for name, observation in {
    "None": None,
    "word": "seen",
    "wide": np.zeros(3),
    "row of rows": np.zeros((2, 3)),
    "dictionary": {"x": 1.0},
    "complex": np.array([1j]),
    "object": np.array([object()]),
    "ragged": [[1.0], [1.0, 2.0]],
}.items():
    for where in ("step", "reset"):
        CASES[f"observation {name}, {where}"] = (
            changed(2, where, observation=observation),
            "The observation of environment 0 is .*, none of its space Box",
        )
for name, observation in {
    "list": [1.0],
    "float32": np.ones(1, np.float32),
    "integer": np.ones(1, int),
    "true": np.ones(1, bool),
    "tiny": np.array([1e-300]),
    "large": np.array([1e99]),
    "denormal": np.array([5e-324]),
    "constant": np.array([3.0]),
}.items():
    CASES[f"observation {name}"] = changed(None, observation=observation), FINE
for name, seen in {"none": None, "row": np.array([1]), "word": "1", "nothing": [], "i": 1j}.items():
    CASES[f"number {name}"] = (
        changed(2, space=spaces.Discrete(4), observation=seen),
        r"The observation of environment 0 is .*, none of its space Discrete\(4\)",
    )
CASES["huge number that is no reward"] = changed(2, reward=10**5000), "The reward of environment 0"
CASES["sees nothing"] = changed(space=spaces.Box(0, 1, (0,))), "observation space .* not supported"
CASES["acts by nothing"] = changed(action_space=spaces.Box(0, 1, (0,))), "its size must be"
for seen in (-1, 4, 7):
    CASES[f"number {seen}"] = (
        changed(2, space=spaces.Discrete(4), observation=seen),
        "none of the space's 4",
    )

# what ends episodes
for name in ("terminated", "truncated"):
    for value in (1, np.True_, 0, np.False_, np.array(True)):
        CASES[f"{name} {value!r}"] = changed(5, **{name: value}), FINE
    for value in ("yes", [True, False], {}, np.ones(2), np.nan, 2, 0.5, None):
        CASES[f"{name} {value!r}"] = changed(2, **{name: value}), f"{name} of environment 0 is"

# answers of another form
for name, answer in {
    "nothing": None,
    "four": (np.zeros(1), 1.0, False, {}),
    "three": (np.zeros(1), 1.0, False),
    "six": (np.zeros(1), 1.0, False, False, {}, 7),
    "a number": 1.0,
    "none at all": (),
    "a word": "answer",
}.items():
    CASES[f"step gives {name}"] = changed(2, answer=answer), "The step of environment 0 gave"
for name, answer in {"nothing": None, "only what is seen": np.zeros(1), "a number": 7}.items():
    CASES[f"reset gives {name}"] = (
        changed(where="reset", answer=answer),
        "environment's reset raised",
    )
for info in (None, "info", 7):
    CASES[f"info {info!r}"] = changed(2, info=info), "environment's step raised"

# what raises
for error in (
    ZeroDivisionError("division"),
    ValueError("value"),
    KeyError("key"),
    RuntimeError("simulator"),
    MemoryError("memory"),
    AssertionError("assertion"),
    NotImplementedError("not yet"),
    OSError("no file"),
    StopIteration("stop"),
    RecursionError("too deep"),
    SystemExit("the window was closed"),
):
    for where in ("step", "reset"):
        words = f"environment's {where} raised {type(error).__name__}"
        CASES[f"{where} raises {error!r}"] = changed(3, where, error=error), words
    CASES[f"close raises {error!r}"] = changed(where="close", error=error), FINE

# what is done to actions
for name, space in {
    "Box": BOX,
    "MultiDiscrete": spaces.MultiDiscrete([2, 3]),
    "MultiBinary": spaces.MultiBinary(2),
}.items():
    CASES[f"writes to actions of {name}"] = changed(action_space=space, writes=True), FINE

# spaces
for name, space in {
    "Text": spaces.Text(3),
    "Dict": spaces.Dict({"x": BOX}),
    "Tuple": spaces.Tuple([BOX]),
    "Sequence": spaces.Sequence(BOX),
}.items():
    CASES[f"observes {name}"] = changed(space=space), "observation space .* is not supported"
    CASES[f"acts by {name}"] = changed(action_space=space), "action space .* is not supported"
CASES["acts by whole numbers"] = (
    changed(action_space=spaces.Box(0, 9, (2,), int)),
    "action space .* is not supported",
)
CASES["acts far away"] = changed(action_space=spaces.Box(100, 200, (2,))), FINE
CASES["acts nowhere"] = changed(action_space=spaces.Box(1, 1, (2,))), FINE
CASES["acts without bounds"] = changed(action_space=spaces.Box(-np.inf, np.inf, (2,))), FINE


def test_there_are_more_than_a_hundred():
    assert len(CASES) >= 150


@pytest.mark.parametrize("name", CASES)
def test_a_faulty_environment_is_told_or_trained_in(name):
    """One sentence, a UsageError; or a whole run with nothing in it that is not finite."""
    make, words = CASES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Note)
        warnings.filterwarnings("ignore", category=UserWarning, module="gymnasium")
        if words is not FINE:
            with pytest.raises(UsageError, match=words) as told:
                train(make, TRPO(), 200, 0, SMALL)
            assert len(str(told.value)) < 500
            return
        result = train(make, TRPO(), 200, 0, SMALL)
    assert result.history[-1].steps > 100
    assert np.isfinite(result.theta).all()
    assert np.isfinite(result.w).all()
