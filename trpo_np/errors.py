"""The error a person can mend: one sentence with the value, the reason and the way out."""


class UsageError(ValueError):
    """Raised for input that cannot work; the command line prints its sentence, no traceback."""
