"""The notebook's page, which IPython displays on."""

try:
    from IPython.display import HTML, display
except ImportError as error:
    raise ImportError(
        "The notebooks' pictures need IPython: run pip install jupyterlab ipywidgets"
    ) from error

__all__ = ["HTML", "display"]
