"""Parameters: ranges of values, their validation, and their place in [0, 1].

A parameter maps its values onto [0, 1] and back. The map is by rank of scale:
linear, logarithmic (`log`), or logarithmic in the distance to 1 (`reverse_log`,
for momenta and decays: 0.9, 0.99, 0.999 are equally far apart). Discrete
parameters own cells of equal width; `to_unit` gives the cell's middle.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from jupyter_tune.errors import SpaceError

Scalar: TypeAlias = str | int | float | bool | None
Params: TypeAlias = dict[str, Scalar]


def _number(value: object, name: str) -> float:
    # numbers.Real also takes NumPy's scalars, which become plain here
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise SpaceError(f"{name} must be a number, got {value!r} ({type(value).__name__})")
    try:
        finite = math.isfinite(value)
    except OverflowError:  # a whole number beyond every float
        raise SpaceError(f"{name} is too large; give the largest value worth trying") from None
    if not finite:
        raise SpaceError(f"{name} must be finite, got {value!r}; give the largest value worth trying")
    return int(value) if isinstance(value, numbers.Integral) else float(value)


def plain(choice: object) -> Scalar:
    """A choice without its NumPy or enum type, so that JSON gives back what was put in."""
    if choice is None or isinstance(choice, bool):
        return choice
    if isinstance(choice, str):
        return str(choice)
    if isinstance(choice, numbers.Integral):
        return int(choice)
    if isinstance(choice, numbers.Real) and math.isfinite(choice):
        return float(choice)
    raise SpaceError(
        f"Categorical: {choice!r} ({type(choice).__name__}) cannot be a choice; "
        "use a name for it and look the object up in a dict"
    )


# stands for "no default given" where None may be a choice
_FIRST: Any = object()


def _whole(value: object, name: str) -> int:
    number = _number(value, name)
    if number != int(number):
        raise SpaceError(f"{name} must be a whole number, got {value!r}; use Float for fractions")
    return int(number)


def _check_order(kind: str, low: float, high: float) -> None:
    if low > high:
        raise SpaceError(f"{kind}: low must not exceed high, got low={low!r}, high={high!r}; swap them")


def _check_log(kind: str, low: float, log: bool) -> None:
    if log and low <= 0:
        way_out = "1" if kind == "Int" else "1e-6"
        raise SpaceError(f"{kind}: log=True needs low > 0, got {low!r}; try {way_out}")


def _check_step(kind: str, low: float, high: float, step: float | None) -> None:
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


class Scale:
    """A monotone map between a number range and [0, 1]."""

    def __init__(self, low: float, high: float, *, log: bool = False, reverse_log: bool = False):
        self._low, self._high = low, high
        self._log, self._reverse_log = log, reverse_log
        self._from, self._to = self._forward(low), self._forward(high)

    def _forward(self, value: float) -> float:
        if self._log:
            return math.log(value)
        if self._reverse_log:
            return -math.log1p(-value)
        return value

    def to_unit(self, value: float) -> float:
        if self._to == self._from:
            return 0.5
        unit = (self._forward(value) - self._from) / (self._to - self._from)
        return min(1.0, max(0.0, unit))

    def from_unit(self, unit: float) -> float:
        inner = self._from + min(1.0, max(0.0, unit)) * (self._to - self._from)
        if self._log:
            value = math.exp(inner)
        elif self._reverse_log:
            value = -math.expm1(-inner)
        else:
            value = inner
        return min(self._high, max(self._low, value))


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
        low, high = float(_number(low, "Float: low")), float(_number(high, "Float: high"))
        _check_order("Float", low, high)
        _check_log("Float", low, log)
        if reverse_log and (low < 0 or high >= 1):
            raise SpaceError(
                f"Float: reverse_log=True needs 0 <= low and high < 1, got {low!r} to {high!r}; "
                "try high=0.999"
            )
        if log and reverse_log:
            raise SpaceError("Float: log and reverse_log exclude each other; keep one")
        if step is not None:
            step = float(_number(step, "Float: step"))
            if log or reverse_log:
                raise SpaceError("Float: step needs a linear scale; drop step or log")
        _check_step("Float", low, high, step)
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
        return Scale(self.low, self.high, log=self.log, reverse_log=self.reverse_log)

    def to_unit(self, value: Scalar) -> float:
        number = self.check(value, "value", inside=False)
        cells = self.cells
        if cells is None or self.step is None:
            return self.scale.to_unit(min(self.high, max(self.low, number)))
        cell = round((min(self.high, max(self.low, number)) - self.low) / self.step)
        return (min(cell, cells - 1) + 0.5) / cells

    def from_unit(self, unit: float) -> float:
        cells = self.cells
        if cells is None or self.step is None:
            return self.scale.from_unit(unit)
        cell = min(cells - 1, max(0, int(unit * cells)))
        return min(self.high, max(self.low, _on_grid(self.low, cell, self.step)))

    def check(self, value: Scalar, name: str, *, inside: bool = True) -> float:
        """`value` as this parameter's type; SpaceError if it is not one or lies outside."""
        number = float(_number(value, name))
        if inside and not self.low <= number <= self.high:
            raise SpaceError(f"{name}: {number!r} is outside {self.low!r} to {self.high!r}")
        return number

    def narrow(self, to: Sequence[Scalar], name: str) -> Float:
        low, high = _pair(to, name)
        low = self.check(low, f"{name}: low")
        high = self.check(high, f"{name}: high")
        if self.step is not None:
            low, high = _snap_inwards(low, high, self.low, self.step, name)
        _check_order(name, low, high)
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
        low, high = _whole(low, "Int: low"), _whole(high, "Int: high")
        _check_order("Int", low, high)
        _check_log("Int", low, log)
        if step is not None:
            step = _whole(step, "Int: step")
            if log and step != 1:
                raise SpaceError("Int: step needs a linear scale; drop step or log")
        _check_step("Int", low, high, step)
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
        return Scale(self.low - 0.5, self.high + 0.5, log=self.log)

    def to_unit(self, value: Scalar) -> float:
        number = min(self.high, max(self.low, self.check(value, "value", inside=False)))
        if self.log:
            return self.scale.to_unit(number)
        # a value off the grid, beyond its last cell, belongs to that cell
        cell = min(self.cells - 1, round((number - self.low) / self.step))
        return (cell + 0.5) / self.cells

    def from_unit(self, unit: float) -> int:
        if self.log:
            return min(self.high, max(self.low, round(self.scale.from_unit(unit))))
        return self.low + self.step * min(self.cells - 1, max(0, int(unit * self.cells)))

    def check(self, value: Scalar, name: str, *, inside: bool = True) -> int:
        """`value` as this parameter's type; SpaceError if it is not one or lies outside."""
        number = _whole(value, name)
        if inside and not self.low <= number <= self.high:
            raise SpaceError(f"{name}: {number!r} is outside {self.low!r} to {self.high!r}")
        return number

    def narrow(self, to: Sequence[Scalar], name: str) -> Int:
        low, high = (self.check(end, name) for end in _pair(to, name))
        if self.step != 1:
            low, high = (int(end) for end in _snap_inwards(low, high, self.low, self.step, name))
        _check_order(name, low, high)
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


@dataclass(frozen=True, slots=True, init=False)
class Categorical:
    """One of several choices: strings, numbers, booleans or None.

    Args:
        choices: at least one, all different (1, 1.0 and True are the same choice).
        ordered: neighbours in the list are alike (small, medium, large).
        default: the first trial's choice; the first one if not given.

    Raises: SpaceError (a ValueError) naming the choice and a way out.
    """

    choices: tuple[Scalar, ...]
    ordered: bool
    default: Scalar

    def __init__(self, choices: Sequence[Scalar], *, ordered: bool = False, default: Scalar = _FIRST):
        if isinstance(choices, (str, bytes)) or not isinstance(choices, Sequence):
            raise SpaceError(f"Categorical: choices must be a list, got {choices!r}")
        if not choices:
            raise SpaceError("Categorical: choices is empty; give at least one")
        kept = tuple(map(plain, choices))
        if len(set(kept)) != len(kept):
            twice = next(c for i, c in enumerate(kept) if c in kept[:i])
            raise SpaceError(f"Categorical: {twice!r} is listed twice; remove one")
        fill = object.__setattr__
        fill(self, "choices", kept)
        fill(self, "ordered", bool(ordered))
        given = default is not _FIRST and (default is not None or None in kept)
        fill(self, "default", self.check(default, "default") if given else kept[0])

    @property
    def kind(self) -> str:
        return "categorical"

    @property
    def is_constant(self) -> bool:
        return len(self.choices) == 1

    @property
    def cells(self) -> int:
        """How many different values there are."""
        return len(self.choices)

    def to_unit(self, value: Scalar) -> float:
        return (self.choices.index(self.check(value, "value")) + 0.5) / len(self.choices)

    def from_unit(self, unit: float) -> Scalar:
        return self.choices[min(len(self.choices) - 1, max(0, int(unit * len(self.choices))))]

    def check(self, value: Scalar, name: str, *, inside: bool = True) -> Scalar:
        """`value` as it stands in the choices; SpaceError if it is none of them."""
        if value not in self.choices:
            shown = ", ".join(map(repr, self.choices[:8])) + (", ..." if self.cells > 8 else "")
            raise SpaceError(f"{name}: {value!r} is none of the choices {shown}")
        return self.choices[self.choices.index(value)]

    def narrow(self, to: Sequence[Scalar], name: str) -> Categorical:
        kept = {self.check(choice, name) for choice in to}
        if not kept:
            raise SpaceError(f"{name}: no choice is left; keep at least one")
        choices = [c for c in self.choices if c in kept]
        return Categorical(
            choices,
            ordered=self.ordered,
            default=self.default if self.default in kept else choices[0],
        )

    @property
    def range(self) -> tuple[Scalar, ...]:
        return self.choices

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "categorical",
            "choices": list(self.choices),
            "ordered": self.ordered,
            "default": self.default,
        }

    def __repr__(self) -> str:
        return f"Categorical({list(self.choices)!r}{', ordered=True' if self.ordered else ''})"


Parameter: TypeAlias = Float | Int | Categorical


def _pair(to: Sequence[Scalar], name: str) -> tuple[Scalar, Scalar]:
    if isinstance(to, str) or len(to) != 2:
        raise SpaceError(f"{name}: a narrowed range is (low, high), got {to!r}")
    return to[0], to[1]


def _on_grid(low: float, cell: int, step: float) -> float:
    """low + cell * step without its rounding error: 0.1 * 3 is shown, stored and compared as 0.3."""
    return round(low + cell * step, max(0, 10 - math.floor(math.log10(step)))) if cell else low


def _snap_inwards(low: float, high: float, origin: float, step: float, name: str) -> tuple[float, float]:
    """The outermost grid values that still lie between `low` and `high`."""
    first = math.ceil((low - origin) / step - 1e-9)
    last = math.floor((high - origin) / step + 1e-9)
    if first > last:
        raise SpaceError(f"{name}: no value of the grid (step {step!r}) lies between {low!r} and {high!r}")
    ends = (min(high, max(low, _on_grid(origin, cell, step))) for cell in (first, last))
    return next(ends), next(ends)


def _flags(parameter: Float | Int) -> str:
    flags = ", log=True" if parameter.log else ""
    if parameter.reverse_log:
        flags += ", reverse_log=True"
    if parameter.step not in (None, 1):
        flags += f", step={parameter.step!r}"
    return flags


def parameter_from_json(data: Mapping[str, Any]) -> Parameter:
    fields = {key: value for key, value in data.items() if key != "kind"}
    match data["kind"]:
        case "float":
            return Float(fields.pop("low"), fields.pop("high"), **fields)
        case "int":
            step = fields.pop("step", 1)
            return Int(fields.pop("low"), fields.pop("high"), step=None if step == 1 else step, **fields)
        case "categorical":
            return Categorical(fields.pop("choices"), **fields)
        case other:
            raise SpaceError(f"unknown kind of parameter {other!r}; this study needs a newer jupyter_tune")


def with_default(parameter: Parameter, default: Scalar, name: str) -> Parameter:
    """`parameter` with another default; SpaceError naming `name` if it lies outside."""
    return parameter_from_json(
        {**parameter.to_json(), "default": parameter.check(default, f"{name}: default")}
    )
