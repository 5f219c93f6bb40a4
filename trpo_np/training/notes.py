"""Sentences on what goes on in another way than was asked for: nobody has to stop for them."""

import warnings


class Note(UserWarning):
    """A warning of this package; the command line prints its sentence."""


def note(sentence: str) -> None:
    """Warns with the sentence."""
    warnings.warn(sentence, Note, stacklevel=3)
