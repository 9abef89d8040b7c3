"""Matern-5/2 in closed form, in units of the lengthscales.

    r = sqrt(5) d      d the distance
    k                  (1 + r + r^2/3) exp(-r)
    k'                 its derivative by d^2:  -5/6 (1 + r) exp(-r)

By d^2 the derivative is finite where two points are one, and cheaper than through the root. Both are made
of r and exp(-r), which `decay` finds. In place, as a new array of a megabyte costs more than its arithmetic.

Source: Rasmussen and Williams 2006, eq. 4.17.
"""

from __future__ import annotations

import math

import numpy as np

from jupyter_tune.samplers.gp.encoding import Array


def decay(squared: Array) -> tuple[Array, Array]:
    """r and exp(-r) at squared distances: batch -> batch, batch."""
    r = np.sqrt(squared)
    r *= math.sqrt(5.0)
    fallen = np.negative(r)
    return r, np.exp(fallen, out=fallen)


def correlation(r: Array, fallen: Array) -> Array:
    """k, where exp(-r) is `fallen`: batch, batch -> batch."""
    k: Array = r * (1 / 3)
    k += 1
    k *= r
    k += 1
    k *= fallen
    return k


def slope(r: Array, fallen: Array) -> Array:
    """k', where exp(-r) is `fallen`: batch, batch -> batch."""
    by_squared: Array = r + 1
    by_squared *= fallen
    by_squared *= -5 / 6
    return by_squared
