"""Boxes: what no trial of a front dominates, cut into boxes that do not overlap.

    2 metrics   strips between neighbours on the front, n + 1 of n points
    3 metrics   the strips of those that are no worse in the third, for each slice along it

A box reaches from `lower`, maybe -inf, to `upper`, at most the reference point. The volume by which a point y
would extend the front is the sum over the boxes of prod_j (upper_j - max(lower_j, y_j))_+.

Source: Yang et al. 2019, "Multi-Objective Bayesian Global Optimization using expected hypervolume improvement
gradient"; Daulton et al., NeurIPS 2020 (qEHVI).
"""

from __future__ import annotations

import math

import numpy as np

from jupyter_tune.samplers.gp.encoding import Array


def non_dominated(losses: Array) -> Array:
    """The rows of `losses`: n x k that no other row dominates, each once."""
    rows = np.unique(losses, axis=0)
    no_worse = (rows[:, None] <= rows[None]).all(-1) & ~np.eye(len(rows), dtype=bool)
    front: Array = rows[~no_worse.any(axis=0)]
    return front


def boxes(front: Array, reference: Array) -> tuple[Array, Array]:
    """`front`: n x k, k = 2 or 3 -> lower and upper corners: c x k each."""
    inside = non_dominated(front[(front < reference).all(axis=1)])
    if len(reference) == 2:
        return _strips(inside, reference)
    levels = np.unique(inside[:, 2])
    lows = np.concatenate([[-math.inf], levels])
    highs = np.concatenate([levels, reference[2:]])
    lower, upper = [], []
    for low, high in zip(lows, highs, strict=True):
        below = inside[inside[:, 2] <= low][:, :2]
        strips = _strips(non_dominated(below) if len(below) else below, reference[:2])
        ends = np.ones((len(strips[0]), 1))
        lower.append(np.hstack([strips[0], low * ends]))
        upper.append(np.hstack([strips[1], high * ends]))
    return np.concatenate(lower), np.concatenate(upper)


def _strips(front: Array, reference: Array) -> tuple[Array, Array]:
    """`front`: n x 2, non-dominated."""
    front = front[np.argsort(front[:, 0])]
    first = np.concatenate([[-math.inf], front[:, 0], reference[:1]])
    second = np.concatenate([reference[1:], front[:, 1]])
    lower = np.column_stack([first[:-1], np.full(len(second), -math.inf)])
    return lower, np.column_stack([first[1:], second])
