"""The branches of a conditional space, and which of them have had too few trials to be judged.

A branch is the values of one parent beside which the same parameters exist; the parent itself has to exist
too. Its share is the part of the present ranges that it takes, each value of a parent being as likely as the
others.

What the model says of a branch that it has hardly seen is a guess, made from the others; and where many good
trials of one branch crowd around its optimum, every other looks hopeless in units of the crowd, so that the
search would stay there for good. So of n trials each branch is owed

    while the model expects a gain     one, once half of its share is that much
    where it expects little            its whole share: the branch that it knows is worked out
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from jupyter_tune.samplers.gp.encoding import Array, Encoding

Mask = npt.NDArray[np.bool_]


def owed(encoding: Encoding, tried: Array, spread: Array, *, hopes: bool) -> Mask:
    """Which of `spread` lie in a branch that is owed a trial.

    Args:
        tried:  t x p; all trials so far.
        spread: m x p; points evenly over the present ranges.
        hopes:  whether the model expects a gain anywhere.

    Returns: m; none where all have had their share, or the space has no branches.
    """
    if not encoding.branches or not len(tried):
        return np.zeros(len(spread), dtype=bool)
    inside = encoding.members(spread)
    n, shares = len(tried), inside.mean(axis=0)
    least = np.minimum(1, n * shares / 2) if hopes else n * shares
    few = encoding.members(tried).sum(axis=0) < np.floor(least)
    found: Mask = (inside & few).any(axis=1)
    # a branch of few points may have been tried as a whole
    found[found] = is_new(spread[found], tried)
    return found


def is_new(u: Array, tried: Array) -> Mask:
    """Which points are no exact copy of a trial: m x p, t x p -> m."""
    away = np.zeros((len(u), len(tried)))
    # axis by axis: all at once would take hundreds of megabytes at 10,000 trials
    for ours, theirs in zip(u.T, tried.T, strict=True):
        np.maximum(away, np.abs(ours[:, None] - theirs), out=away)
    return np.asarray(away.min(axis=1, initial=math.inf) > 1e-9)
