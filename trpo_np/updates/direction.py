"""The search direction that the natural gradient and TRPO share."""

from collections.abc import Callable

import numpy as np

from trpo_np.fisher import Product, damped
from trpo_np.updates.reports import array_of

Array = np.ndarray


def direction(F: Product, g: Array, solve: Callable, n: int, damping: float) -> tuple[Array, Array]:
    """s, the solution of (F + λI) s = g after n iterations of `solve`, and F s: (8.7).

    Conjugate gradient ends with the residual r = g - (F + λI) s, and so knows F s without a further
    product, which would be one in eleven. A part that gives s alone costs that product.
    """
    result = solve(damped(F, damping), g, n)
    s, r = array_of(result, g), getattr(result, "residual", None)
    Fs = F(s) if r is None else g - r - damping * s  # (8.7)
    if abs(s @ Fs) <= 10 * np.finfo(g.dtype).eps * abs(s @ g):
        Fs = np.zeros_like(s)  # no more than the rounding of that difference
    return s, Fs
