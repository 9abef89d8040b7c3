"""What a value may be: plain scalars, so that JSON gives back what was put in."""

from __future__ import annotations

import math
import numbers
from typing import TypeAlias

from jupyter_tune.errors import SpaceError

Scalar: TypeAlias = str | int | float | bool | None
Params: TypeAlias = dict[str, Scalar]


def as_number(value: object, name: str) -> float:
    """A finite number, a whole one as an int. Raises SpaceError naming `name` and a way out."""
    # numbers.Real also takes NumPy's scalars, which become plain here
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise SpaceError(f"{name} must be a number, got {value!r} ({type(value).__name__})")
    try:
        finite = math.isfinite(value)
    except OverflowError:  # a whole number beyond every float
        raise SpaceError(f"{name} is too large; give the largest value to try") from None
    if not finite:
        raise SpaceError(f"{name} must be finite, got {value!r}; give the largest value to try")
    return int(value) if isinstance(value, numbers.Integral) else float(value)


def as_whole(value: object, name: str) -> int:
    """A finite whole number. Raises SpaceError naming `name` and a way out."""
    number = as_number(value, name)
    if number != int(number):
        raise SpaceError(f"{name} must be a whole number, got {value!r}; use Float for fractions")
    return int(number)


def is_missing(value: object) -> bool:
    """Whether a cell of a table stands for "no value": None, NaN, pandas' NA."""
    if isinstance(value, numbers.Real):
        return math.isnan(value)
    return value is None or type(value).__name__ == "NAType"
