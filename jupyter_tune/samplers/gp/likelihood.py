"""How probable the parameters of the process are, given the observations: value and gradient in closed form.

    -log p(theta | y) = -log N(y | m, K) - log p(theta) + constant,     K = s k(X, X) + noise diag(shares)

    by a parameter of K    tr((K^-1 - alpha alpha^T) dK) / 2,           alpha = K^-1 (y - m)
    by c, w                -1^T alpha, -F^T alpha,                      m = c + F w

theta is that of model.py; the priors of lengthscales, s and noise are densities of these and not of their
logarithms, hence a term log theta for each. Let A_j be the squared differences in parameter j, then the
squared distances are sum_j A_j / l_j^2: A is made once for a whole fit, and only for the pairs below the
diagonal, which are all that there are.

Source: Rasmussen and Williams 2006, eq. 2.30, 5.8 and 5.9.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.linalg import lapack  # type: ignore[import-untyped]

from jupyter_tune.samplers.gp.encoding import Array
from jupyter_tune.samplers.gp.matern import correlation, decay, slope
from jupyter_tune.samplers.gp.model import Surrogate

JITTER = 1e-8
WALL = 1e10
"""The value where K cannot be factored: finite, so that a line search turns back there."""
_LOG_SQRT_2PI = 0.5 * math.log(2 * math.pi)


class NegativeLogPosterior:
    """theta -> value and gradient.

    Args:
        model: whose observations, priors and tasks they are; its present theta does not matter.
        some:  which of the observations count; all by default.
    """

    def __init__(self, model: Surrogate, some: npt.NDArray[np.intp] | slice = slice(None)):
        inputs, self._targets = model.inputs[some], model.targets[some]
        n, p = len(inputs), max(model.groups) + 1
        self._said = model.mean_module.said(inputs)
        self._shares = np.ones(n) if model.shares is None else model.shares[some]
        self._rows, self._columns = np.tril_indices(n, -1)
        self._flat = self._rows * n + self._columns
        by_column = (inputs[self._rows] - inputs[self._columns]) ** 2
        self._apart = (by_column @ (model.groups[:, None] == np.arange(p))).T.copy()
        self._locations, self._scales = model.locations, model.scales
        self._is_log = np.arange(len(model.locations)) < p + 2
        has_prior = np.isfinite(model.scales)
        self._normaliser = float((np.log(model.scales[has_prior]) + _LOG_SQRT_2PI).sum())

    def __call__(self, theta: Array) -> tuple[float, Array]:
        """`p + 3 + T` -> the value, at most WALL, and `p + 3 + T`."""
        standard = (theta - self._locations) / self._scales
        prior = 0.5 * standard @ standard + theta[self._is_log].sum() + self._normaliser
        of_data, gradient = self._of_data(theta)
        return min(float(of_data + prior), WALL), gradient + standard / self._scales + self._is_log

    def _of_data(self, theta: Array) -> tuple[float, Array]:
        """-log N(y | m, K) and its gradient; inf and 0 where K is not positive definite."""
        n, p = len(self._targets), len(self._apart)
        scale, noise = math.exp(theta[p]), math.exp(theta[p + 1])
        steepness = np.exp(-2 * theta[:p])
        r, fallen = decay(steepness @ self._apart)
        k = correlation(r, fallen)
        # by rows the part below the diagonal; LAPACK reads columns, and so its transpose
        K = np.zeros(n * n)
        K[self._flat] = scale * k
        K[:: n + 1] = scale + (noise + JITTER) * self._shares
        factor, trouble = lapack.dpotrf(K.reshape(n, n).T, lower=0, overwrite_a=1, clean=0)
        gradient = np.zeros(len(theta))
        if trouble:
            return math.inf, gradient
        residual = self._targets - theta[p + 2] - self._said @ theta[p + 3 :]
        alpha = lapack.dpotrs(factor, residual, lower=0)[0]
        value = 0.5 * residual @ alpha + np.log(factor.diagonal()).sum() + n * _LOG_SQRT_2PI
        inverse = lapack.dpotri(factor, lower=0, overwrite_c=1)[0].T.ravel()
        # the derivatives by K; each pair is there twice
        of_pair = inverse[self._flat] - alpha[self._rows] * alpha[self._columns]
        of_point = 0.5 * (inverse[:: n + 1] - alpha * alpha)
        gradient[:p] = -2 * scale * steepness * (self._apart @ (of_pair * slope(r, fallen)))
        gradient[p] = scale * (of_pair @ k + of_point.sum())
        gradient[p + 1] = noise * (of_point @ self._shares)
        gradient[p + 2] = -alpha.sum()
        gradient[p + 3 :] = -alpha @ self._said
        return float(value), gradient
