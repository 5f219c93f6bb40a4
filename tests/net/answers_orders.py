"""Right and wrong orders of the lines of a proof; see answers_00_04.py."""


def orders(right: list[int], false: int | None, moved: str, swapped: str) -> dict:
    """Answers that are wrong for every order of lines: `moved` and `swapped` are two more."""
    last = right[-1]
    wrong = {
        str(right[::-1]): "back|revers|other end",
        str(list(range(1, len(right) + 1))): "page|place|order|line",
        str(right[:-1]): f"{len(right)}",
        str([*right, last]): f"{len(right)}|twice",
        str([*right[:-1], right[0]]): "twice|once",
        str([k - 1 for k in right]): "from 1|number",
        str([*right[:-1], 9]): "no line|numbers 1|line 9",
        f"'{' '.join(map(str, right))}'": "text|list",
        str(last): "list",
        "None": "None|list",
        moved: "line|place",
        swapped: "line|place",
    }
    if false:
        wrong[str([*right[:-1], false])] = f"follow|line {false}"
        wrong[str([*right[:2], false, *right[3:]])] = f"follow|line {false}"
        wrong[str([*right, false])] = f"{len(right)}|follow"
    return {
        "right": [
            str(right),
            f"np.array({right})",
            str(tuple(right)),
            str([float(k) for k in right]),
        ],
        "wrong": wrong,
    }


ANSWERS = {
    "2.6": orders([3, 6, 1, 7, 5, 2], 4, "[6, 3, 1, 7, 5, 2]", "[3, 6, 1, 5, 7, 2]"),
    "5.7": orders([5, 3, 6, 1, 4], 2, "[3, 5, 6, 1, 4]", "[5, 6, 3, 1, 4]"),
    "14.12": orders([4, 7, 1, 6, 5, 2], 3, "[4, 7, 6, 1, 5, 2]", "[4, 7, 1, 5, 6, 2]"),
    "14.24": orders([4, 2, 6, 1, 5], 3, "[2, 4, 6, 1, 5]", "[4, 2, 1, 6, 5]"),
    "14.7": orders([4, 2, 6, 1, 5, 3], None, "[4, 6, 2, 1, 5, 3]", "[2, 4, 6, 1, 5, 3]"),
}
# of a whole order the places may be given for the lines
ANSWERS["14.7"]["wrong"]["[4, 2, 6, 1, 5, 3][::-1]"] = "back|revers"
ANSWERS["14.7"]["wrong"][str([4, 2, 6, 1, 3, 5])] = "line|place"
