"""log Γ and its first two derivatives, for positive arguments, without SciPy.

The recurrence x Γ(x) = Γ(x + 1) carries x to x + 10, where a few terms of Stirling's series are
enough. There are no branches, so autograd differentiates through all of it.
"""

import math

import autograd.numpy as anp
import numpy as np

Array = np.ndarray
SHIFT = 10  #: by how many steps of the recurrence an argument is raised
HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)


def log_gamma(x: Array) -> Array:
    """log Γ(x), elementwise, for x > 0; its absolute error is below 1e-12 of max(1, log Γ(x))."""
    y, product = x + SHIFT, x
    for k in range(1, SHIFT):
        product = product * (x + k)
    z = 1 / y**2
    series = (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z / 1188)))) / y
    return (y - 0.5) * anp.log(y) - y + HALF_LOG_2PI + series - anp.log(product)


def digamma(x: Array) -> Array:
    """ψ(x), the derivative of log Γ, elementwise, for x > 0."""
    y = x + SHIFT
    z = 1 / y**2
    series = z * (1 / 12 - z * (1 / 120 - z * (1 / 252 - z * (1 / 240 - z / 132))))
    return anp.log(y) - 0.5 / y - series - sum(1 / (x + k) for k in range(SHIFT))


def trigamma(x: Array) -> Array:
    """ψ'(x), the second derivative of log Γ, elementwise, for x > 0: equations (16.3), (16.4)."""
    y = x + SHIFT
    z = 1 / y**2
    series = z * (1 / 6 - z * (1 / 30 - z * (1 / 42 - z * (1 / 30 - z * 5 / 66))))
    return (1 + series) / y + 0.5 * z + sum(1 / (x + k) ** 2 for k in range(SHIFT))
