"""Which observations the model is given where there are more than it can bear.

The price of a suggestion grows with the square of the observations, and more. Up to MOST the model is given
all of them, beyond that

    the best       150; half of them from those that are preferred, if they are as many: the feasible ones,
                   of several metrics those on the front
    the newest     150, so that the search does not go again where it has just been
    the others     evenly over the study's history

Of several metrics those are the best that come first by some weights: by the largest of the weighted ranks.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

MOST = 400
_BEST, _NEWEST = 150, 150
_WEIGHTS = 16
"""Weights that several metrics are ranked by, beside each metric alone."""

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]


def subset(losses: Array, preferred: npt.NDArray[np.bool_] | None = None) -> Indices:
    """The rows that the model is given, ascending, at most MOST.

    Args:
        losses:    n, or n x k of several metrics; finite; in the order of the trials.
        preferred: n.
    """
    n = len(losses)
    if n <= MOST:
        return np.arange(n)
    best_first = _best_first(losses)
    chosen = np.zeros(n, dtype=bool)
    if preferred is not None:
        chosen[best_first[preferred[best_first]][: _BEST // 2]] = True
    others = best_first[~chosen[best_first]]
    chosen[others[: _BEST - int(chosen.sum())]] = True
    chosen[-_NEWEST:] = True
    rest = np.flatnonzero(~chosen)
    room = MOST - int(chosen.sum())
    chosen[rest[np.linspace(0, len(rest) - 1, room).round().astype(int)]] = True
    return np.flatnonzero(chosen)


def _best_first(losses: Array) -> Indices:
    """All rows, the best first."""
    if losses.ndim == 1:
        return np.argsort(losses, kind="stable")
    ranks = _ranks(losses)
    weighted = (ranks[:, None] * _weights(losses.shape[1])[None]).max(axis=2)
    return np.argsort(_ranks(weighted).min(axis=1), kind="stable")


def _ranks(columns: Array) -> Array:
    """In each column: n x k, 1 for the lowest; the earlier is first of two that are equal."""
    return (columns.argsort(axis=0, kind="stable").argsort(axis=0) + 1).astype(np.float64)


@cache
def _weights(metrics: int) -> Array:
    drawn = np.random.default_rng(0).dirichlet(np.ones(metrics), size=_WEIGHTS)
    return np.concatenate([np.eye(metrics), drawn])
