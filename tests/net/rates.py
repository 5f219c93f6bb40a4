"""How often the checks accept, refuse and name, on the answers of this folder.

python -m tests.net.rates            # the table
python -m tests.net.rates --all      # and every verdict
python -m tests.net.rates 7.3        # those of one exercise
"""

import re
import sys
import time
from collections import Counter
from dataclasses import dataclass

from . import (
    answers_00_04,
    answers_05_07,
    answers_08_10,
    answers_11,
    answers_12,
    answers_13,
    answers_14,
    answers_15,
    answers_16,
    answers_episodes,
    answers_gradients,
    answers_orders,
)
from .harness import VAGUE, answer, exercises, verdict

GROUPS = (
    *(answers_00_04, answers_05_07, answers_08_10, answers_11, answers_12, answers_13),
    *(answers_14, answers_15, answers_16, answers_gradients, answers_orders, answers_episodes),
)
ANSWERS = {number: answers for group in GROUPS for number, answers in group.ANSWERS.items()}


@dataclass(frozen=True)
class Judged:
    """An answer with its verdict and what that is worth."""

    number: str
    code: str
    says: str | None
    kind: str  #: accepted, refused, named, vague, other
    seconds: float


def judge(number: str) -> list[Judged]:
    """All answers to one exercise, judged."""
    exercise, answers = exercises()[number], ANSWERS[number]
    judged = []
    for code in answers["right"]:
        begun = time.monotonic()
        says = verdict(exercise, answer(exercise, code))
        kind = "right accepted" if says is None else "right refused"
        judged.append(Judged(number, code, says, kind, time.monotonic() - begun))
    for code, pattern in answers["wrong"].items():
        begun = time.monotonic()
        says = verdict(exercise, answer(exercise, code))
        judged.append(Judged(number, code, says, worth(says, pattern), time.monotonic() - begun))
    return judged


def worth(says: str | None, pattern: str) -> str:
    """What a verdict on a wrong answer is worth, whose true causes match the pattern."""
    if says is None:
        return "wrong accepted"
    if VAGUE.search(says):
        return "vague"
    return "named" if re.search(whole(pattern), says.splitlines()[0]) else "misnamed"


def whole(pattern: str) -> str:
    """The pattern, whose shortest parts, `p` or `2`, match as words of their own only."""
    parts = pattern.split("|")
    return "|".join(
        rf"(?<!\w){part}(?!\w)" if re.fullmatch(r"\w{1,2}", part) else part for part in parts
    )


def main(arguments: list[str]) -> None:
    """Prints the rates."""
    wanted = [a for a in arguments if a != "--all"] or list(ANSWERS)
    show = "--all" in arguments or wanted != list(ANSWERS)
    total, slowest = Counter(), None
    for number in wanted:
        judged = judge(number)
        for one in judged:
            if show:
                print(
                    f"{number:6} {one.kind:15} {one.seconds:5.2f}  {one.code!r}\n{'':14}{one.says}"
                )
            if slowest is None or one.seconds > slowest.seconds:
                slowest = one
        kinds = Counter(one.kind for one in judged)
        total += kinds
        print(line(number, kinds))
    print(line("all", total))
    print(f"slowest: {slowest.number}, {slowest.seconds:.2f} s, {slowest.code!r}")


def line(number: str, kinds: Counter) -> str:
    """One line of the table."""
    wrong = sum(kinds[k] for k in ("wrong accepted", "vague", "named", "misnamed"))
    right = kinds["right accepted"] + kinds["right refused"]
    return (
        f"{number:6} right {kinds['right accepted']:3}/{right:<3} wrong {wrong:3}: "
        f"accepted {kinds['wrong accepted']:2}, named {kinds['named']:3} "
        f"({kinds['named'] / max(wrong, 1):4.0%}), vague {kinds['vague']:2}, "
        f"misnamed {kinds['misnamed']:2}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
