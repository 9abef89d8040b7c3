"""The posterior: what the process expects at any point, and how that changes with the point.

    mean       m(x) + k alpha                     k = s k(x, X),  alpha = K^-1 (y - m),  K = L L^T
    variance   s - |v|^2,   v = L^-1 k^T          without noise

The chain rule goes back through these by hand: where something changes with k_i by g_i, and k_i with the
squared distance by h_i, it changes with x by 2 sum_i g_i h_i (x - X_i) / l^2.

Pending trials are believed (kriging believer): with targets equal to the posterior mean the mean stays as it
is and only the deviation shrinks, so they enter as columns of the covariance and no target is made up.

Source: Rasmussen and Williams 2006, eq. 2.25, 2.26 and 5.12; Ginsbourger et al. 2010 (believer).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_solve, lapack  # type: ignore[import-untyped]
from scipy.spatial.distance import cdist  # type: ignore[import-untyped]

from jupyter_tune.samplers.gp.encoding import Array
from jupyter_tune.samplers.gp.likelihood import JITTER
from jupyter_tune.samplers.gp.matern import correlation, decay, slope
from jupyter_tune.samplers.gp.model import Surrogate

_LEAST_VARIANCE = 1e-12


class Prediction(NamedTuple):
    """At m points, standardised; the deviation is without noise, > 0."""

    mean: Array
    deviation: Array
    by_inputs: Callable[[Array, Array], Array]
    """The chain rule: the derivatives of something by mean and deviation, m each -> by the inputs, m x c."""


class Posterior:
    """The latent function given the observations, and pending inputs believed.

    Args:
        model:   fitted.
        pending: q x c; where trials still run; q may be 0; nowhere by default.

    Raises: LinAlgError if the covariance cannot be factored.
    """

    def __init__(self, model: Surrogate, pending: Array | None = None):
        self._trend, self._targets = model.mean_module.known(), model.targets
        self._scale, self._lengths = model.outputscale, model.lengthscales
        n = self._n = len(model.inputs)
        at = model.inputs if pending is None else np.concatenate([model.inputs, pending])
        self._at = at / self._lengths
        K = self._covariance(self._at, self._at)
        noise = np.full(len(at), model.noise + JITTER)
        if model.shares is not None:
            noise[:n] *= model.shares
        K[np.diag_indices_from(K)] += noise
        factor = np.linalg.cholesky(K)
        residual = self._targets - self._trend.at(model.inputs)[0]
        # pending inputs have no target, and so no weight in the mean
        self._alpha = np.zeros(len(at))
        self._alpha[:n] = cho_solve((factor[:n, :n], True), residual, check_finite=False)
        # L^-T once: a product is cheaper than a solve
        self._whiten = lapack.dtrtri(factor.T, lower=0)[0]

    def mean(self, x: Array) -> Array:
        """Posterior mean: `m x c` -> `m`, standardised."""
        cross = self._covariance(x / self._lengths, self._at[: self._n])
        return np.asarray(self._trend.at(x)[0] + cross @ self._alpha[: self._n])

    def left_out(self) -> Array:
        """What is expected of every observation by the others alone: n, standardised."""
        n = self._n
        # columns of L^-T after the n-th belong to pending inputs: they tell no targets
        precision = (self._whiten[:n, :n] ** 2).sum(axis=1)
        return np.asarray(self._targets - self._alpha[:n] / precision)

    def at(self, x: Array) -> Prediction:
        """What is expected at `x`: m x c."""
        place = x / self._lengths
        r, fallen = decay(cdist(place, self._at, "sqeuclidean"))
        k = correlation(r, fallen)
        k *= self._scale
        trend, trend_by_inputs = self._trend.at(x)
        mean = trend + k @ self._alpha
        white = k @ self._whiten
        variance = self._scale - np.einsum("mn,mn->m", white, white)
        deviation = np.sqrt(np.maximum(variance, _LEAST_VARIANCE))

        def by_inputs(by_mean: Array, by_deviation: Array) -> Array:
            by_variance = np.where(variance > _LEAST_VARIANCE, 0.5 * by_deviation / deviation, 0.0)
            by_k = by_mean[:, None] * self._alpha - 2 * by_variance[:, None] * (white @ self._whiten.T)
            by_squared = self._scale * by_k * slope(r, fallen)
            by_place = 2 * (by_squared.sum(axis=1)[:, None] * place - by_squared @ self._at)
            return np.asarray(by_place / self._lengths + trend_by_inputs(by_mean))

        return Prediction(mean, deviation, by_inputs)

    def joint(self, x: Array) -> tuple[Array, Array]:
        """Posterior mean and covariance, without noise: `m x c` -> `m`, `m x m`."""
        place = x / self._lengths
        cross = self._covariance(place, self._at)
        white = cross @ self._whiten
        mean = np.asarray(self._trend.at(x)[0] + cross @ self._alpha)
        return mean, self._covariance(place, place) - white @ white.T

    def _covariance(self, place: Array, other: Array) -> Array:
        """s k of points in units of the lengthscales: `m1 x c`, `m2 x c` -> `m1 x m2`."""
        k = correlation(*decay(cdist(place, other, "sqeuclidean")))
        k *= self._scale
        return k
