"""Sliders for a picture, where widgets run."""

from collections.abc import Callable

from trpo_np.classroom.page import HTML, display


def explore(
    draw: Callable[..., HTML],
    labels: dict[str, str] | None = None,
    **sliders: tuple[float, float, float, float],
) -> None:
    """Displays a slider for each keyword, (lowest, highest, step, start), side by side, and below
    them the picture draw(**values), anew whenever one of them is moved.

    A slider is labelled with its keyword, or with what `labels` has for it.
    Without the package ipywidgets it says so, and the picture stays as it starts.
    """
    start = {name: value for name, (*_, value) in sliders.items()}
    try:
        import ipywidgets
    except ImportError:
        print("Sliders need the package ipywidgets: pip install ipywidgets")
        display(draw(**start))
        return
    knobs = {
        name: ipywidgets.FloatSlider(
            min=lowest,
            max=highest,
            step=step,
            value=value,
            description=(labels or {}).get(name, name),
            continuous_update=False,
            style={"description_width": "initial"},
            layout={"width": "26em"},
        )
        for name, (lowest, highest, step, value) in sliders.items()
    }
    display(ipywidgets.HBox([*knobs.values()]))
    shown = display(draw(**start), display_id=True)
    for knob in knobs.values():
        knob.observe(
            lambda _: shown.update(draw(**{name: k.value for name, k in knobs.items()})), "value"
        )
