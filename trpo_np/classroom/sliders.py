"""Sliders for a picture, where widgets run."""

from collections.abc import Callable

from IPython.display import display


def explore(draw: Callable[..., None], **sliders: tuple[float, float, float, float]) -> None:
    """Displays a slider for each keyword, (lowest, highest, step, start), and below them what
    draw(**values) displays, anew whenever one of them is moved.

    Without the package ipywidgets it says so, and draws the start values once.
    """
    try:
        import ipywidgets
    except ImportError:
        print("Sliders need the package ipywidgets: pip install ipywidgets")
        draw(**{name: start for name, (*_, start) in sliders.items()})
        return
    knobs = {
        name: ipywidgets.FloatSlider(
            min=low,
            max=high,
            step=step,
            value=start,
            description=name,
            continuous_update=False,
            style={"description_width": "initial"},
            layout={"width": "28em"},
        )
        for name, (low, high, step, start) in sliders.items()
    }
    display(ipywidgets.VBox([*knobs.values(), ipywidgets.interactive_output(draw, knobs)]))
