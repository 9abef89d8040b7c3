"""The scale of a number range: what it may be, its map onto [0, 1], and grids in it."""

from __future__ import annotations

import math
from functools import lru_cache

from jupyter_tune.errors import SpaceError

LARGEST_INT = 2**63 - 1
"""Whole numbers up to here fit the columns of NumPy and pandas."""

MOST_CELLS = 2**53
"""A grid of more values than a float tells apart is none."""


class Scale:
    """A monotone map between a number range and [0, 1]."""

    def __init__(self, low: float, high: float, *, log: bool = False, reverse_log: bool = False):
        self._low, self._high = low, high
        self._log, self._reverse_log = log, reverse_log
        # halved, ends whose distance no float can hold are a float apart
        self._unit = 1.0 if math.isfinite(high - low) else 0.5
        self._from, self._to = self._forward(low), self._forward(high)

    def _forward(self, value: float) -> float:
        if self._log:
            return math.log(value)
        if self._reverse_log:
            return -math.log1p(-value)
        return value * self._unit

    def to_unit(self, value: float) -> float:
        if self._to == self._from:
            return 0.5
        unit = (self._forward(value) - self._from) / (self._to - self._from)
        return min(1.0, max(0.0, unit))

    def on_line(self, value: float) -> float:
        """`to_unit` without an end: outside [0, 1] for a value outside the range; NaN where the scale has no
        place for it, as a logarithm has none for 0."""
        if (self._log and value <= 0) or (self._reverse_log and value >= 1) or self._to == self._from:
            return math.nan
        return (self._forward(value) - self._from) / (self._to - self._from)

    def from_unit(self, unit: float) -> float:
        inner = self._from + min(1.0, max(0.0, unit)) * (self._to - self._from)
        if self._log:
            value = math.exp(inner)
        elif self._reverse_log:
            value = -math.expm1(-inner)
        else:
            value = inner / self._unit
        return min(self._high, max(self._low, value))


@lru_cache(maxsize=1024)
def scale_of(low: float, high: float, *, log: bool = False, reverse_log: bool = False) -> Scale:
    """The same scale for the same ends: every trial of a study is mapped at every suggestion."""
    return Scale(low, high, log=log, reverse_log=reverse_log)


def check_order(kind: str, low: float, high: float) -> None:
    """Raises SpaceError, like the next four, naming the `kind` of parameter, what is wrong and a way out."""
    if low > high:
        raise SpaceError(f"{kind}: low must not exceed high, got low={low!r}, high={high!r}; swap them")


def check_size(kind: str, low: int, high: int) -> None:
    for name, bound in (("low", low), ("high", high)):
        if abs(bound) > LARGEST_INT:
            shown = str(bound) if abs(bound) < 10**30 else f"a number of {len(str(abs(bound)))} digits"
            raise SpaceError(
                f"{kind}: {name} must be a 64-bit integer, got {shown}; tune the exponent instead"
            )


def check_log(kind: str, low: float, log: bool) -> None:
    if log and low <= 0:
        way_out = "1" if kind == "Int" else "1e-6"
        raise SpaceError(f"{kind}: log=True needs low > 0, got {low!r}; try {way_out}")


def check_step(kind: str, low: float, high: float, step: float | None) -> None:
    if step is None:
        return
    if step <= 0:
        raise SpaceError(f"{kind}: step must be positive, got {step!r}; leave it out for no grid")
    # a step that fills the range exactly may come out a rounding error longer
    if step > (high - low) * (1 + 1e-9) and high > low:
        raise SpaceError(
            f"{kind}: step={step!r} is larger than the range {low!r} to {high!r}; "
            f"use a step of at most {high - low!r}"
        )


def check_cells(kind: str, low: float, high: float, step: float | None) -> None:
    if step is not None and (high - low) / MOST_CELLS > step:
        raise SpaceError(
            f"{kind}: step={step!r} is too fine for the range {low!r} to {high!r}; leave it out for no grid"
        )


def on_grid(low: float, cell: int, step: float) -> float:
    """low + cell * step without its rounding error: 0.1 * 3 is shown, stored and compared as 0.3."""
    return round(low + cell * step, max(0, 10 - math.floor(math.log10(step)))) if cell else low


def snap_inwards(low: float, high: float, origin: float, step: float, name: str) -> tuple[float, float]:
    """The outermost grid values that still lie between `low` and `high`."""
    first = math.ceil((low - origin) / step - 1e-9)
    last = math.floor((high - origin) / step + 1e-9)
    if first > last:
        raise SpaceError(f"{name}: no value of the grid (step {step!r}) lies between {low!r} and {high!r}")
    ends = (min(high, max(low, on_grid(origin, cell, step))) for cell in (first, last))
    return next(ends), next(ends)
