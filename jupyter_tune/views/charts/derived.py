"""What templates make of columns: texts, ranges, ranks, polylines. Pure functions of lists.

Polylines, {"$parallel": CELL, "axes": [{"column": name, **AXIS}, ...]} (AXIS: see axes/scale): one for each
trial that has a value, from axis to axis past those where it has no place, None after each but the last.

    CELL       "x": the axis, from 0; "y": the place on it; "number": the trial
    an axis without low and choices spans its column among these trials: their `span_of`, else `range_of`;
    what lies beyond it is at its end
    "state"    only trials of these states
    "band": [i, n]   the i-th of n equal parts of the trials from the worst to the best, equals by number
    "only": PATH     only the trial of that number; nothing if there is no number

The page has the same functions; numbers in texts are written as in every view (see words).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from jupyter_tune.core.objective import Objective
from jupyter_tune.core.parameters import Scalar
from jupyter_tune.views.axes.scale import is_number, place
from jupyter_tune.views.tables.columns import Cells, Rows
from jupyter_tune.views.words import number_in_words

ABSENT: Final[Any] = object()
"""In a column of a parameter: of a trial that does not have it. None may be a choice."""


def range_of(cells: Sequence[Scalar]) -> list[float]:
    """[least, greatest] of the numbers, widened where they are one; [0, 1] of none."""
    numbers = [cell for cell in cells if is_number(cell)]
    if not numbers:
        return [0, 1]
    low, high = min(numbers), max(numbers)
    room = 0 if low < high else abs(low) / 2 or 0.5
    return [max(low - room, -sys.float_info.max), min(high + room, sys.float_info.max)]


_FEWEST, _REACH = 5, 3.0
"""Of values other than the best, before any is beyond the axis; and how far the farthest may be, in distances
of the others. The fewer of them are nearer, the farther: cubed."""
_FLAT = 4.0
"""An axis of all values is flat if it is more than this many times as long as one without the bad ones."""
_PAD = 0.05


def span_of(cells: Sequence[Scalar], objective: Objective) -> list[float] | None:
    """[low, high] of an axis that a few bad values would flatten: without these; None if all are to be seen.

    The good end is always the best value. The bad one is the farthest value that is within 3 (n/k)^3
    times the distance of the k-th nearest of n, for every k from the middle on: a tenth of the values is left
    out if it is 4 times as far as the others, a half if it is 24 times as far. Nothing is left out where
    what is left would have a quarter of the axis anyway.
    """
    # a quarter, so that no distance overflows
    losses = [objective.loss(cell / 4) for cell in cells if is_number(cell)]
    best = min(losses, default=0.0)
    away = sorted(loss - best for loss in losses if loss != best)
    count = len(away)
    if count < _FEWEST:
        return None
    limit = math.inf
    for near in range((count + 1) // 2, count + 1):
        share = count / near
        limit = min(limit, _REACH * (share * share * share) * away[near - 1])
    shown = max(distance for distance in away if distance <= limit)
    if away[-1] <= _FLAT * shown:
        return None
    pad = _PAD * shown
    ends = (objective.value(loss) for loss in (best - pad, best + shown + pad))
    return sorted(max(-sys.float_info.max, min(sys.float_info.max, 4 * end)) for end in ends)


_SHARE, _ROOM = 5.0, 2.0
"""An axis is shortened if it is more than _SHARE times as long as the best trials span on it, to end _ROOM
times that length beyond them."""


def span_around(
    cells: Sequence[Scalar], around: Sequence[Scalar], objective: Objective
) -> list[float] | None:
    """[low, high] of an axis on which the values `around`, which are among the cells, can be told apart;
    None if all cells are to be seen.

    The better half of the cells is always on it.
    """
    losses = sorted(objective.loss(cell / 4) for cell in cells if is_number(cell))
    kept = [objective.loss(cell / 4) for cell in around if is_number(cell)]
    if len(set(kept)) < 2:
        return None
    best, reach = losses[0], max(kept) - min(kept)
    limit = max(max(kept) + _ROOM * reach, losses[(len(losses) - 1) // 2])
    shown = max(loss for loss in losses if loss <= limit) - best
    if losses[-1] - best <= max(_SHARE * reach, shown):
        return None
    pad = _PAD * shown
    ends = (objective.value(loss) for loss in (best - pad, best + shown + pad))
    return sorted(max(-sys.float_info.max, min(sys.float_info.max, 4 * end)) for end in ends)


def outside(cells: Cells, values: Sequence[Scalar], span: Sequence[float] | None) -> Cells:
    """The cells beside the values that lie beyond `span`; none without it."""
    return [cell for cell, _ in _beyond(cells, values, span)]


def edges(values: Sequence[Scalar], span: Sequence[float] | None) -> Cells:
    """For each value that lies beyond `span`, the end beyond which it does."""
    return [edge for _, edge in _beyond(values, values, span)]


def clamped(values: Sequence[Scalar], span: Sequence[float] | None) -> Cells:
    """The values, those that lie beyond `span` at its end."""
    if span is None:
        return list(values)
    low, high = span
    return [max(low, min(high, value)) if is_number(value) else None for value in values]


def _beyond(
    cells: Sequence[Any], values: Sequence[Scalar], span: Sequence[float] | None
) -> list[tuple[Any, float]]:
    if span is None:
        return []
    low, high = span
    return [
        (cell, low if value < low else high)
        for cell, value in zip(cells, values, strict=False)
        if is_number(value) and not low <= value <= high
    ]


def ranks(cells: Sequence[Scalar]) -> Cells:
    """For each number the share of the numbers that are not greater."""
    order = sorted(cell for cell in cells if is_number(cell))
    # of equals the last place counts
    place = {number: at for at, number in enumerate(order, 1)}
    return [place[cell] / len(order) if is_number(cell) else None for cell in cells]


def in_order(cells: Sequence[Scalar], by: Sequence[Scalar]) -> Cells:
    """The cells in the rising order of the numbers beside them, without those that have none."""
    pairs = [(key, at) for at, (_, key) in enumerate(zip(cells, by, strict=False)) if is_number(key)]
    return [cells[at] for _, at in sorted(pairs)]


def differences(ends: Sequence[Scalar], starts: Sequence[Scalar]) -> Cells:
    """End minus start, None where either is no number."""
    return [
        end - start if is_number(end) and is_number(start) else None
        for end, start in zip(ends, starts, strict=False)
    ]


def hover(
    params: Mapping[str, Cells], count: int, word: Callable[[str], str], why: Sequence[Cells] = ()
) -> list[str]:
    """For each of `count` trials "name: value" of the params that are not ABSENT, in lines of markup; then
    the first of its texts in the columns `why`, in lines of LINE characters."""
    columns = {word(name): cells or [ABSENT] * count for name, cells in params.items()}
    reasons = [cells or [None] * count for cells in why]

    def lines(row: int) -> list[str]:
        reason = next((str(cells[row]) for cells in reasons if cells[row]), "")
        return [
            *(
                f"{name}: {word(_written(cells[row]))}"
                for name, cells in columns.items()
                if cells[row] is not ABSENT
            ),
            *(word(line) for line in _wrapped(reason)),
        ]

    return ["<br>".join(lines(row)) for row in range(count)]


def told(
    columns: Sequence[tuple[str, Cells]], word: Callable[[str], str], *, grid: bool = False
) -> list[Any]:
    """For each row "name: value" of its cells, in lines of markup; None is a value.

    With grid of two columns each pair of their cells: rows follow the second, columns the first.
    """
    lines = [[f"{word(name)}: {word(_written(cell))}" for cell in cells] for name, cells in columns]
    if grid:
        across, down = lines
        return [
            ["<br>".join(pair) for pair in zip(across, [below] * len(across), strict=True)] for below in down
        ]
    return ["<br>".join(row) for row in zip(*lines, strict=False)]


LINE = 60
"""Characters of a line of a reason: Plotly breaks none by itself."""


def _wrapped(text: str) -> list[str]:
    """The words of the text in lines; a word that is longer than a line has one of its own."""
    lines: list[str] = []
    for piece in text.split():
        if lines and len(lines[-1]) + 1 + len(piece) <= LINE:
            lines[-1] += f" {piece}"
        else:
            lines.append(piece)
    return lines


class Parallel:
    """Polylines of trials over several axes; `rows` has columns number, value and those of the axes."""

    def __init__(self, rows: Rows, axes: Sequence[Mapping[str, Any]], objective: Objective):
        self._rows = rows
        number = dict(enumerate(rows["number"]))
        loss = {row: objective.loss(cell) for row, cell in enumerate(rows["value"]) if is_number(cell)}
        self._worst_first = sorted(loss, key=lambda row: (-loss[row], number[row]))
        self._objective = objective
        self._axes = [axis if "low" in axis or "choices" in axis else self._spanned(axis) for axis in axes]

    def _spanned(self, axis: Mapping[str, Any]) -> dict[str, Any]:
        cells = [self._rows[axis["column"]][row] for row in self._worst_first]
        low, high = span_of(cells, self._objective) or range_of(cells)
        return {**axis, "low": low, "high": high}

    def rows(self, band: Sequence[int] | None, only: int | None) -> list[int]:
        """The rows of one band, or of the trial of one number, or all; from the worst to the best."""
        if only is not None:
            return [row for row in self._worst_first if self._rows["number"][row] == only]
        if band is None:
            return self._worst_first
        which, bands = band
        count = len(self._worst_first)
        return [row for at, row in enumerate(self._worst_first) if at * bands // count == which]

    def cells(self, cell: str, rows: Sequence[int]) -> Cells:
        result: Cells = []
        for row in rows:
            if result:
                result.append(None)
            for at, axis in enumerate(self._axes):
                where = place(self._rows[axis["column"]][row], axis)
                # a parameter that does not exist in this trial must not cut its line in two
                if where is not None:
                    where = min(1.0, max(0.0, where))
                    result.append({"x": at, "y": where, "number": self._rows["number"][row]}[cell])
        return result


def _written(cell: Scalar) -> str:
    return number_in_words(cell) if is_number(cell) else str(cell)
