"""Pictures as HTML, so that their alt text and caption survive every export."""

import base64
import html
import io

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from PIL import Image

from trpo_np.classroom.page import HTML, display


def show(figure: Figure, alt: str, caption: str = "", name: str = "") -> None:
    """Displays the figure as an <img> with its alt text, and the caption below; closes it.

    A figure with a `name` is also written to the folder figures/, by notebooks/tools/figures.py.
    """
    display(picture(figure, alt, caption, name))


def picture(figure: Figure, alt: str, caption: str = "", name: str = "") -> HTML:
    """What `show` displays."""
    drawn, png = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png")
    plt.close(figure)
    # 256 colours are enough for a drawing, and a third of the bytes
    few = Image.open(drawn).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    few.save(png, format="png", optimize=True)
    return embedded(png.getvalue(), "png", alt, caption, name)


def embedded(data: bytes, kind: str, alt: str, caption: str = "", name: str = "") -> HTML:
    """An image file of a kind, "png" or "gif", with its alt text and caption."""
    identity = f' id="{html.escape(name)}"' if name else ""
    return HTML(
        f'<figure{identity}><img src="data:image/{kind};base64,{base64.b64encode(data).decode()}" '
        f'alt="{html.escape(alt)}" style="max-width: 100%">'
        f"<figcaption>{html.escape(caption)}</figcaption></figure>"
    )
