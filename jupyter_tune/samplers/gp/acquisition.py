"""Log expected improvement, analytic and finite wherever the improvement underflows.

EI of a Gaussian below `best` is sigma h(z), h(z) = phi(z) + z Phi(z), z = (best - mean)/sigma.
Far from the incumbent h underflows and its gradient with it; its logarithm does neither:

    z > -1         log(phi(z) + z Phi(z))
    z > -1000      -z^2/2 - log(2 pi)/2 + log(1 - |z| sqrt(pi/2) erfcx(|z|/sqrt 2))
    else           -z^2/2 - log(2 pi)/2 - 2 log|z|

As h' = Phi, the derivative of log h is Phi/h.

Source: Ament et al., NeurIPS 2023, "Unexpected Improvements to Expected Improvement", eq. 9.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import erfcx, log_ndtr, ndtr  # type: ignore[import-untyped]

from jupyter_tune.samplers.gp.encoding import Array

_LOG_SQRT_2PI = 0.5 * math.log(2 * math.pi)
_SQRT_HALF_PI = math.sqrt(0.5 * math.pi)
# the middle branch subtracts two numbers that agree to 1/z^2: below this nothing would be left
_FAR = -1e3


def log_ei(mean: Array, sigma: Array, best: float | Array) -> Array:
    """Log expected improvement below `best`, for minimisation.

    Args:
        mean:  `batch`; posterior mean, standardised loss.
        sigma: `batch`; posterior deviation, same units, > 0.
        best:  scalar, or as `batch`; the loss to beat, same units.

    Returns: `batch`; finite even where EI underflows.
    Source:  Ament et al., NeurIPS 2023 (LogEI).
    """
    return np.asarray(log_h((best - mean) / sigma) + np.log(sigma))


def slopes_of_log_ei(mean: Array, sigma: Array, best: float, value: Array) -> tuple[Array, Array]:
    """The derivatives of `log_ei` by mean and sigma, where it is `value`: `batch` each, finite."""
    z = (best - mean) / sigma
    slope = slope_of_log_h(z, value - np.log(sigma))
    return -slope / sigma, (1 - slope * z) / sigma


def log_h(z: Array) -> Array:
    """log(phi(z) + z Phi(z)): `batch` -> `batch`."""
    is_near = z > -1
    # where all are near, as they mostly are, there is one branch
    return _near(z) if is_near.all() else np.where(is_near, _near(np.maximum(z, -1.0)), _beyond(z))


def slope_of_log_h(z: Array, value: Array) -> Array:
    """The derivative of `log_h` at `z`, where it is `value`: `batch` -> `batch`, finite."""
    slope: Array = np.exp(log_ndtr(z) - value)
    # two numbers of the size of z^2 are subtracted there
    far = z <= _FAR
    if far.any():
        slope[far] = -z[far] - 2 / z[far]
    return slope


def _near(z: Array) -> Array:
    """Where z > -1."""
    return np.asarray(np.log(np.exp(-0.5 * z * z - _LOG_SQRT_2PI) + z * ndtr(z)))


def _beyond(z: Array) -> Array:
    """Where z <= -1."""
    away = np.abs(np.minimum(z, -1.0))
    is_far = away >= -_FAR
    ratio = _SQRT_HALF_PI * away * erfcx(away * math.sqrt(0.5))
    tail = np.where(is_far, -2 * np.log(away), np.log1p(-np.where(is_far, 0.0, ratio)))
    return np.asarray(-0.5 * away * away - _LOG_SQRT_2PI + tail)
