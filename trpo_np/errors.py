"""The error a person can mend: one sentence with the value, the reason and the way out."""


def shown(x: object, most: int = 100) -> str:
    """x as Python writes it, on one line, cut off after so many characters."""
    try:
        text = " ".join(repr(x).split())
    except Exception:  # an integer of thousands of digits, or a class of somebody's
        text = f"<{type(x).__name__}>"
    return text if len(text) <= most else f"{text[:most]} ..."


class UsageError(ValueError):
    """Raised for input that cannot work; the command line prints its sentence, no traceback."""
