"""Log expected hypervolume improvement, in closed form: the metrics' models are independent.

    E[prod_j (u_j - max(l_j, Y_j))_+] = prod_j (psi_j(u_j) - psi_j(l_j)),   psi_j(a) = E[(a - Y_j)_+]

over each box [l, u] of what the front does not dominate (boxes.py), and summed over the boxes. All of it in
logarithms, since far from the front every factor underflows: psi(a) = s h((a - m)/s) with log h as in
acquisition.py, and log(psi(u) - psi(l)) = log psi(u) + log1p(-psi(l)/psi(u)).

Source: Daulton et al. 2020, eq. 4 and appendix; Ament et al. 2023 (logarithms).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp, softmax  # type: ignore[import-untyped]

from jupyter_tune.samplers.gp.acquisition import log_h, slope_of_log_h
from jupyter_tune.samplers.gp.encoding import Array

_NOTHING = -1e3
"""log psi of a corner at -inf, relative to that of the other corner."""
_ROUNDING = -1e-12


class Improvement(NamedTuple):
    """`values`: m, finite; `slopes`: their derivatives by mean and deviation, m x k each."""

    values: Array
    slopes: Callable[[], tuple[Array, Array]]


def log_ehvi(mean: Array, deviation: Array, lower: Array, upper: Array) -> Improvement:
    """How much a point is expected to extend the front.

    Args:
        mean, deviation: m x k; of the losses, standardised; deviation > 0.
        lower, upper:    c x k; the boxes.
    """
    # m x c x k from here
    mean, deviation = mean[:, None], deviation[:, None]
    is_open = np.isinf(lower)
    z_above = (upper - mean) / deviation
    z_below = (np.where(is_open, upper - 1, lower) - mean) / deviation
    above, below = log_h(z_above), log_h(z_below)
    # strictly below 0, where rounding makes both corners one
    ratio = np.minimum(np.where(is_open, _NOTHING, below - above), _ROUNDING)
    of_boxes = (above + np.log(-np.expm1(ratio)) + np.log(deviation)).sum(axis=-1)

    def slopes() -> tuple[Array, Array]:
        share = softmax(of_boxes, axis=1)[..., None]
        moves = ~is_open & (ratio < _ROUNDING)
        by_ratio = np.where(moves, np.exp(ratio) / np.expm1(ratio), 0.0)
        by_above = (1 - by_ratio) * slope_of_log_h(z_above, above)
        by_below = by_ratio * slope_of_log_h(z_below, below)
        by_mean = -(by_above + by_below) / deviation
        by_deviation = (1 - by_above * z_above - by_below * z_below) / deviation
        return (share * by_mean).sum(axis=1), (share * by_deviation).sum(axis=1)

    return Improvement(logsumexp(of_boxes, axis=1), slopes)
