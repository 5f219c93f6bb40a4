"""What a message to a person looks like, whatever it says."""

import re

#: Words that the field, the package or Python writes in capitals.
CAPITALS = {"TRPO", "PPO", "MLP", "CSV", "JSON", "PNG", "PDF", "GB", "KL", "NEXT_STEP", "SAME_STEP"}


def is_a_sentence(text):
    """Whether it begins with a capital, or with the name of what it is about and a verb, ends with
    one full stop, and is written in small letters without gaps."""
    named = r"[a-z_]+( and [a-z_]+)? (=|has|must|gave|takes|names|exists|is) "
    begins = re.match(rf"([A-Z][a-z]*|{named})", text)
    shouted = set(re.findall(r"\b[A-Z_]{2,}\b|[A-Z]{2,}", text)) - CAPITALS
    ends = text.endswith(".") and not text.endswith("..")
    return bool(begins and ends and not shouted and "  " not in text)
