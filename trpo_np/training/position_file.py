"""A sampler's position as arrays and JSON, and back."""

import numpy as np

from trpo_np.training.archive import Archive
from trpo_np.training.environments import Source
from trpo_np.training.position import Position
from trpo_np.training.replay import CARTPOLE, Trace

Array = np.ndarray


def about_position(position: Position) -> dict:
    """The numbers of a position, and the environments' generators."""
    trace = position.trace
    return {
        "steps": position.steps,
        "newest_end": position.newest_end,
        "seed": trace.seed,
        "start": {str(e): _plain(state) for e, state in sorted(trace.start.items())},
        "now": [_plain(state) for state in trace.now],
    }


def position_arrays(position: Position) -> dict[str, Array]:
    """The arrays of a position by name."""
    p = position
    returns, lengths = zip(*p.finished, strict=True) if p.finished else ((), ())
    actions = {"actions": np.array(p.trace.actions)} if p.trace.actions else {}
    return {
        "observation": p.observation,
        "resetting": p.resetting,
        "returns": p.returns,
        "lengths": p.lengths,
        "finished_returns": np.array(returns, dtype=float),
        "finished_lengths": np.array(lengths, dtype=int),
        **actions,
        **{f"cartpole_{name}": array for name, array in p.trace.arrays.items()},
    }


def position_in(archive: Archive, env: Source, E: int) -> Position:
    """The position in a checkpoint of E environments; raises ValueError where it is none."""
    about = archive.about["position"]
    observations, actions = env.spaces()
    steps, newest_end, seed = (about[name] for name in ("steps", "newest_end", "seed"))
    if not all(type(n) is int and n >= 0 for n in (steps, newest_end, seed)):
        raise ValueError("its counts are no integers of at least 0")
    lengths = archive.array("lengths", (E,), "i")
    trace = Trace(seed, {int(e): state for e, state in about["start"].items()}, about["now"])
    if "actions" in archive and lengths.max() > 0:
        shape = (int(lengths.max()), E, *actions.shape)
        acted = archive.array("actions", shape, actions.dtype.kind)
        trace.actions.extend(acted.astype(actions.dtype, copy=False))
    if "cartpole_state" in archive:
        shapes = dict(zip(CARTPOLE, ((4, E), (E,), (E,)), strict=True))
        kinds = dict(zip(CARTPOLE, "fib", strict=True))
        for name in CARTPOLE:
            trace.arrays[name] = archive.array(f"cartpole_{name}", shapes[name], kinds[name])
    finished = [archive.column(f"finished_{name}", None) for name in ("returns", "lengths")]
    return Position(
        archive.array("observation", (E, *observations.shape), "fiub"),
        archive.array("resetting", (E,), "b"),
        archive.array("returns", (E,)),
        lengths,
        trace,
        steps,
        newest_end,
        list(zip(*finished, strict=True)),
    )


def _plain(state: dict) -> dict | None:
    """A generator's state if JSON can hold it: None does not restore it."""
    numbers = state.get("state", {})
    return state if all(isinstance(x, int) for x in numbers.values()) else None
