"""Ranges of numbers: Float and Int.

Two classes and no common one: they agree in shape, but in nearly every line one deals with
rounding and the other with whole cells.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_tune.core.parameters.scale import (
    Scale,
    check_cells,
    check_log,
    check_order,
    check_size,
    check_step,
    on_grid,
    scale_of,
    snap_inwards,
)
from jupyter_tune.core.parameters.values import Scalar, as_number, as_whole
from jupyter_tune.errors import SpaceError


@dataclass(frozen=True, slots=True, init=False)
class Float:
    """A real range `low`..`high`, both ends included.

    Args:
        low, high:   finite, low <= high; equal ends make a constant.
        log:         spread evenly over orders of magnitude; needs low > 0.
        reverse_log: spread evenly over orders of magnitude of 1 - x; needs 0 <= low, high < 1.
        step:        values low, low + step, ...; not with log or reverse_log.
        default:     the first trial's value; the middle (geometric if log) if not given.

    Raises: SpaceError (a ValueError) naming the bound, its value and a way out.
    """

    low: float
    high: float
    log: bool
    reverse_log: bool
    step: float | None
    default: float

    def __init__(
        self,
        low: float,
        high: float,
        *,
        log: bool = False,
        reverse_log: bool = False,
        step: float | None = None,
        default: float | None = None,
    ):
        low, high = float(as_number(low, "Float: low")), float(as_number(high, "Float: high"))
        check_order("Float", low, high)
        check_log("Float", low, log)
        if reverse_log and (low < 0 or high >= 1):
            raise SpaceError(
                f"Float: reverse_log=True needs 0 <= low and high < 1, got {low!r} to {high!r}; "
                "try high=0.999"
            )
        if log and reverse_log:
            raise SpaceError("Float: log and reverse_log exclude each other; keep one")
        if step is not None:
            step = float(as_number(step, "Float: step"))
            if log or reverse_log:
                raise SpaceError("Float: step needs a linear scale; drop step or log")
        check_step("Float", low, high, step)
        check_cells("Float", low, high, step)
        fill = object.__setattr__
        fill(self, "low", low)
        fill(self, "high", high)
        fill(self, "log", bool(log))
        fill(self, "reverse_log", bool(reverse_log))
        fill(self, "step", step)
        fill(self, "default", self.from_unit(0.5) if default is None else self.check(default, "default"))

    @property
    def kind(self) -> str:
        return "float"

    @property
    def is_constant(self) -> bool:
        return self.low == self.high

    @property
    def cells(self) -> int | None:
        """How many different values there are; None if uncountable."""
        if self.is_constant:
            return 1
        return None if self.step is None else math.floor((self.high - self.low) / self.step + 1e-9) + 1

    @property
    def scale(self) -> Scale:
        return scale_of(self.low, self.high, log=self.log, reverse_log=self.reverse_log)

    def to_unit(self, value: Scalar) -> float:
        """Where `value` lies in [0, 1]; outside the range the nearer end."""
        number = self.check(value, "value", inside=False)
        cells = self.cells
        if cells is None or self.step is None:
            return self.scale.to_unit(min(self.high, max(self.low, number)))
        cell = round((min(self.high, max(self.low, number)) - self.low) / self.step)
        return (min(cell, cells - 1) + 0.5) / cells

    def from_unit(self, unit: float) -> float:
        """The value at `unit` in [0, 1]."""
        cells = self.cells
        if cells is None or self.step is None:
            return self.scale.from_unit(unit)
        cell = min(cells - 1, max(0, int(unit * cells)))
        return min(self.high, max(self.low, on_grid(self.low, cell, self.step)))

    def check(self, value: Scalar, name: str, *, inside: bool = True) -> float:
        """`value` as this parameter's type; SpaceError if it is not one or lies outside."""
        number = float(as_number(value, name))
        if inside and not self.low <= number <= self.high:
            raise SpaceError(f"{name}: {number!r} is outside {self.low!r} to {self.high!r}")
        return number

    def narrow(self, to: Sequence[Scalar], name: str) -> Float:
        """This range from to[0] to to[1]. Raises SpaceError naming `name` if that reaches outside."""
        low, high = _pair(to, name)
        low = self.check(low, f"{name}: low")
        high = self.check(high, f"{name}: high")
        if self.step is not None:
            low, high = snap_inwards(low, high, self.low, self.step, name)
        check_order(name, low, high)
        return Float(
            low,
            high,
            log=self.log,
            reverse_log=self.reverse_log,
            step=self.step,
            default=min(high, max(low, self.default)),
        )

    @property
    def range(self) -> tuple[float, float]:
        return (self.low, self.high)

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "float",
            "low": self.low,
            "high": self.high,
            "log": self.log,
            "reverse_log": self.reverse_log,
            "step": self.step,
            "default": self.default,
        }

    def __repr__(self) -> str:
        return f"Float({self.low!r}, {self.high!r}{_flags(self)})"


@dataclass(frozen=True, slots=True, init=False)
class Int:
    """A whole-number range `low`..`high`, both ends included.

    Args:
        low, high: whole numbers, low <= high; equal ends make a constant.
        log:       spread evenly over orders of magnitude; needs low > 0.
        step:      values low, low + step, ...; not with log.
        default:   the first trial's value; the middle (geometric if log) if not given.

    Raises: SpaceError (a ValueError) naming the bound, its value and a way out.
    """

    low: int
    high: int
    log: bool
    step: int
    default: int

    def __init__(
        self,
        low: int,
        high: int,
        *,
        log: bool = False,
        step: int | None = None,
        default: int | None = None,
    ):
        low, high = as_whole(low, "Int: low"), as_whole(high, "Int: high")
        check_order("Int", low, high)
        check_size("Int", low, high)
        check_log("Int", low, log)
        if step is not None:
            step = as_whole(step, "Int: step")
            if log and step != 1:
                raise SpaceError("Int: step needs a linear scale; drop step or log")
        check_step("Int", low, high, step)
        fill = object.__setattr__
        fill(self, "low", low)
        fill(self, "high", high)
        fill(self, "log", bool(log))
        fill(self, "step", 1 if step is None else step)
        middle = round(math.sqrt(low * high)) if log else self.from_unit(0.5)
        fill(self, "default", middle if default is None else self.check(default, "default"))

    @property
    def kind(self) -> str:
        return "int"

    @property
    def is_constant(self) -> bool:
        return self.low == self.high

    @property
    def cells(self) -> int:
        """How many different values there are."""
        return (self.high - self.low) // self.step + 1

    @property
    def reverse_log(self) -> bool:
        return False

    @property
    def scale(self) -> Scale:
        # half a unit beyond both ends, so that every whole number owns an equal share
        return scale_of(self.low - 0.5, self.high + 0.5, log=self.log)

    def to_unit(self, value: Scalar) -> float:
        """Where `value` lies in [0, 1]; outside the range the nearer end."""
        number = min(self.high, max(self.low, self.check(value, "value", inside=False)))
        if self.log:
            return self.scale.to_unit(number)
        # a value off the grid, beyond its last cell, belongs to that cell
        cell = min(self.cells - 1, round((number - self.low) / self.step))
        return (cell + 0.5) / self.cells

    def from_unit(self, unit: float) -> int:
        """The value whose cell `unit` in [0, 1] lies in."""
        if self.log:
            return min(self.high, max(self.low, round(self.scale.from_unit(unit))))
        return self.low + self.step * min(self.cells - 1, max(0, int(unit * self.cells)))

    def check(self, value: Scalar, name: str, *, inside: bool = True) -> int:
        """`value` as this parameter's type; SpaceError if it is not one or lies outside."""
        number = as_whole(value, name)
        if inside and not self.low <= number <= self.high:
            raise SpaceError(f"{name}: {number!r} is outside {self.low!r} to {self.high!r}")
        return number

    def narrow(self, to: Sequence[Scalar], name: str) -> Int:
        """This range from to[0] to to[1]. Raises SpaceError naming `name` if that reaches outside."""
        low, high = (self.check(end, name) for end in _pair(to, name))
        if self.step != 1:
            low, high = (int(end) for end in snap_inwards(low, high, self.low, self.step, name))
        check_order(name, low, high)
        return Int(
            low,
            high,
            log=self.log,
            step=None if self.step == 1 or high == low else self.step,
            default=min(high, max(low, self.default)),
        )

    @property
    def range(self) -> tuple[int, int]:
        return (self.low, self.high)

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "int",
            "low": self.low,
            "high": self.high,
            "log": self.log,
            "step": self.step,
            "default": self.default,
        }

    def __repr__(self) -> str:
        return f"Int({self.low!r}, {self.high!r}{_flags(self)})"


def _pair(to: Sequence[Scalar], name: str) -> tuple[Scalar, Scalar]:
    if isinstance(to, str) or len(to) != 2:
        raise SpaceError(f"{name}: a narrowed range is (low, high), got {to!r}")
    return to[0], to[1]


def _flags(parameter: Float | Int) -> str:
    flags = ", log=True" if parameter.log else ""
    if parameter.reverse_log:
        flags += ", reverse_log=True"
    if parameter.step not in (None, 1):
        flags += f", step={parameter.step!r}"
    return flags
