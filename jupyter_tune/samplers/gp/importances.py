"""How much each parameter matters, by the model: total Sobol' indices.

    T_j = E[(f(a) - f(a with b's j-th coordinate))^2] / (2 Var f),    a, b uniform in the cube

is the share of f's variance that would remain if all parameters but the j-th were known: what
the j-th explains alone and in interactions, so the shares of all parameters add up to 1 or more.
The mean over N pairs is Jansen's estimator.

The a are Sobol' points, and b's coordinate is the point's index over N: with it they are evenly spread
in p + 1 dimensions, and as one coordinate is exchanged at a time, every j may use the same. Over
16 seeds the large shares of three functions were 1.1 to 5 times steadier than with a and b from 2 p
dimensions, the usual way.

f is not known but believed: f at the 2 N points of one j is drawn jointly from the posterior, some
tens of times, each draw gives an index, and their spread says how sure the model is. Of the index of one
parameter nothing more is needed than those 2 N points, so no covariance is larger, where all
points at once would be N (p + 1); every j sees the same draws at the a.

The cube is the declared one, in the parameters' own scales. Coordinates are exchanged before they
are spread and snapped: discrete parameters keep equal shares of their values, and changing a
parent brings its children to life. f is standardised, as the model sees it: bad losses compressed.

Source: Jansen 1999, "Analysis of variance designs for model output", and Saltelli et al. 2010, table 2 (f);
Le Gratiet, Cannamela and Iooss 2014 (indices of posterior draws).
"""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
from scipy.stats import qmc  # type: ignore[import-untyped]

from jupyter_tune.samplers.gp.encoding import Array, Encoding
from jupyter_tune.samplers.gp.posterior import Posterior

_MOST, _FEWEST = 256, 16
_ENTRIES = 2**18
"""p N^2 at most, so N is 256 up to 4 parameters, 128 up to 16, and so on. At 128 chance moves a large share
by 1 to 6 % of it, at 256 by half as much."""
_DRAWS = 32
_SEED = 0
NOTE = (
    "Share of the modelled variance over the declared ranges that a parameter explains, alone or together "
    "with others, so shares may add up to more than 1 (total Sobol' index by Jansen's estimator). "
    "Interval: the middle 80 % of "
    f"{_DRAWS} functions that fit the trials. Measured in the scale that the model sees, where very bad "
    "results count less."
)


def importances(encoding: Encoding, known: Posterior) -> dict[str, Any]:
    """The parameters by what they explain, as JSON-able columns.

    Args:
        encoding: of the declared space.
        known:    the posterior without pending trials.

    Returns: names, by falling mean; mean, low, high: shares in [0, 1], of the draws their mean and 10th and
             90th percentile (moved out to the mean where a few draws carry it); note.
    """
    indices = _indices(encoding, known)
    mean = indices.mean(axis=1)
    low, high = np.quantile(indices, (0.1, 0.9), axis=1)
    order = np.argsort(-mean, kind="stable")
    return {
        "names": [encoding.axes[j].name for j in order],
        "mean": mean[order].tolist(),
        "low": np.minimum(low, mean)[order].tolist(),
        "high": np.maximum(high, mean)[order].tolist(),
        "note": NOTE,
    }


def _indices(encoding: Encoding, known: Posterior) -> Array:
    """The total index of every parameter in every draw: p x draws."""
    p = len(encoding)
    chance = np.random.default_rng(_SEED)
    a = _points(p, chance)
    N = len(a)
    noise = chance.standard_normal((2 * N, _DRAWS))
    indices = np.empty((p, _DRAWS))
    for j in range(p):
        exchanged = a.copy()
        exchanged[:, j] = (np.arange(N) + 0.5) / N
        unit = encoding.spread(np.concatenate([a, exchanged]))
        mean, covariance = known.joint(encoding.to_inputs(unit))
        f = mean[:, None] + _factor(covariance) @ noise
        unexplained = 0.5 * ((f[:N] - f[N:]) ** 2).mean(axis=0)
        # an index is at most 1, its estimate may lie above
        indices[j] = np.minimum(unexplained / f.var(axis=0), 1.0)
    return indices


def _points(p: int, chance: np.random.Generator) -> Array:
    """N x p, in [0, 1)."""
    N = _MOST
    while N > _FEWEST and p * N * N > _ENTRIES:
        N //= 2
    if p > qmc.Sobol.MAXDIM:
        return chance.random((N, p))
    return np.asarray(qmc.Sobol(p, scramble=True, rng=chance).random(N))


def _factor(covariance: Array) -> Array:
    """The Cholesky factor; points that snapping made one leave the covariance singular, hence the jitter."""
    size = covariance.diagonal().mean()
    identity = np.eye(len(covariance))
    for exponent in range(-9, 1):
        with contextlib.suppress(np.linalg.LinAlgError):
            return np.linalg.cholesky(covariance + 10.0**exponent * size * identity)
    raise AssertionError("a jitter as large as the covariance itself makes it positive definite")
