"""The problems of the homework: words in problems.toml, numbers by functions of a Generator."""

import tomllib
from pathlib import Path

import numpy as np

from homework_problems import batches, directions, distances, programs, steps
from homework_problems.problem import Case, Problem, told

WORDS = tomllib.loads((Path(__file__).parent / "problems.toml").read_text(encoding="utf-8"))
#: In the order of the notebooks, by the names of problems.toml.
DRAWN = {
    draw.__name__: draw
    for draw in (
        distances.two_policies,
        distances.a_world_of_two_states,
        directions.fisher_by_hand,
        directions.product_without_f,
        directions.two_iterations,
        steps.as_far_as_delta,
        batches.where_an_episode_ends,
        steps.which_delta,
        programs.a_program_with_a_bug,
        batches.the_clip,
    )
}


def cases(seed: int) -> dict[str, Case]:
    """name -> its numbers for this seed, each problem's from a Generator of its own."""
    streams = np.random.SeedSequence(seed).spawn(len(DRAWN))
    return {
        name: draw(np.random.default_rng(stream))
        for (name, draw), stream in zip(DRAWN.items(), streams, strict=True)
    }


def problems(seed: int) -> list[Problem]:
    """All problems with the numbers of this seed."""
    return [told(WORDS[name], case) for name, case in cases(seed).items()]
