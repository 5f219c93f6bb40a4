"""The map of the course, drawn as a picture whose boxes are links, and the notebooks as cards."""
from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict:
    return {"version": "1", "parallel_read_safe": True}
