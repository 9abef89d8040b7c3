"""How much the trials of several metrics have come to dominate, trial by trial."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_tune.core.front import dominates
from jupyter_tune.core.hypervolume import hypervolume
from jupyter_tune.core.objective import Objective
from jupyter_tune.core.parameters import Scalar
from jupyter_tune.views.axes.scale import is_number
from jupyter_tune.views.tables.columns import Cells
from jupyter_tune.views.tables.standing import INFEASIBLE

_BEYOND = 0.1
"""Of the span of a metric: how far the reference point lies beyond the worst value."""


def volumes(
    columns: Sequence[Cells],
    maximize: Sequence[bool],
    standings: Sequence[Scalar],
    reference: Sequence[float] | None = None,
) -> Cells:
    """For each row the volume that the rows up to it dominate; None where a row lacks a metric.

    Args:
        columns:   a column of each metric.
        maximize:  whether large values of it are good.
        standings: what is infeasible dominates nothing.
        reference: a value of each metric; a little worse than the worst feasible one if not given.
    """
    objectives = [Objective("", maximize=way) for way in maximize]
    rows = list(zip(*columns, strict=True))
    losses = [
        tuple(objective.loss(cell) for objective, cell in zip(objectives, row, strict=True))
        if all(map(is_number, row))
        else None
        for row in rows
    ]
    counted = [
        each is not None and stands != INFEASIBLE for each, stands in zip(losses, standings, strict=True)
    ]
    feasible = [each for each, counts in zip(losses, counted, strict=True) if counts and each is not None]
    if reference is not None:
        corner = [objective.loss(cell) for objective, cell in zip(objectives, reference, strict=True)]
    else:
        ends = [(min(column), max(column)) for column in zip(*feasible, strict=True)]
        corner = [high + (_BEYOND * (high - low) or 1.0) for low, high in ends]
    front: list[tuple[float, ...]] = []
    volume = 0.0
    result: Cells = []
    for each, counts in zip(losses, counted, strict=True):
        if counts and each is not None and not any(dominates(o, each) or o == each for o in front):
            front = [*(other for other in front if not dominates(each, other)), each]
            volume = hypervolume(front, corner)
        result.append(None if each is None else volume)
    return result
