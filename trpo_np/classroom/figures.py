"""Figures as HTML, so that their alt text and caption survive every export."""

import base64
import html
import io

import matplotlib.pyplot as plt
from IPython.display import HTML, display
from matplotlib.figure import Figure


def show(figure: Figure, alt: str, caption: str = "", name: str = "") -> None:
    """Displays the figure as an <img> with its alt text, and the caption below; closes it.

    A figure with a `name` is also written to the folder figures/, by notebooks/figures.py.
    """
    png = io.BytesIO()
    figure.savefig(png, format="png")
    plt.close(figure)
    data = base64.b64encode(png.getvalue()).decode()
    identity = f' id="{html.escape(name)}"' if name else ""
    display(
        HTML(
            f'<figure{identity}><img src="data:image/png;base64,{data}" alt="{html.escape(alt)}" '
            f'style="max-width: 100%"><figcaption>{html.escape(caption)}</figcaption></figure>'
        )
    )
