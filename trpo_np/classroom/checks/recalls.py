"""The checks of recall questions, with which a notebook begins."""

from collections.abc import Mapping

from trpo_np.classroom.checks.check import Check, Mistake


def recall(
    name: str,
    right: float | str,
    wrong: Mapping[float | str, str],
    praise: str,
    look: str,
    tolerance: float = 1e-8,
) -> Check:
    """The check of a question whose answer is a number, or the letter of one of several choices.

    `wrong` has a sentence for each wrong number, or for each of the other letters; to each of them
    is added where to `look` again, "notebook 02, section 3". `tolerance` is relative.
    """
    letters = "".join(sorted([right, *wrong])) if isinstance(right, str) else ""
    number = lambda answer: letters.index(answer) + 1 if letters else answer  # noqa: E731
    return Check(
        name,
        lambda: number(right),
        lambda: [()],
        tuple(
            Mistake(lambda answer=answer: number(answer), f"{says}; look again at {look}")
            for answer, says in wrong.items()
        ),
        praise,
        tolerance=tolerance,
        look=look,
        letters=letters,
    )
