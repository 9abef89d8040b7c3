"""Numbers, values, times and errors in words, as every view says them."""

from __future__ import annotations

import math
import re

from jupyter_tune.core.parameters import Categorical, Float, Parameter, Params, Scalar
from jupyter_tune.core.space import Space

NOTHING = "\N{EN DASH}"

LONGEST_ERROR = 200

_DIGITS = 4
"""Significant ones of a value on a continuous range."""


def number_in_words(value: float) -> str:
    return f"{value:.5g}"


def value_in_words(value: Scalar) -> str:
    """A parameter's value as it was tried: numbers short, strings as Python writes them."""
    return number_in_words(value) if isinstance(value, float) else repr(value)


def value_on_range(value: Scalar, parameter: Parameter) -> str:
    """A value as somebody who knows the range would write it: no digits that mean nothing there.

    Choices are written bare, whole numbers in full, values of a grid with the decimals of its step, and
    near 1 on a reverse_log range as many digits as tell it from 1.
    """
    if isinstance(parameter, Categorical) or not isinstance(value, (int, float)):
        return str(value)
    if not isinstance(parameter, Float):
        return f"{value:d}" if isinstance(value, int) else f"{value:.{_DIGITS}g}"
    if parameter.reverse_log and value < 1:
        decimals = _DIGITS - 2 - math.floor(math.log10(1 - value))
        return _trimmed(f"{value:.{decimals}f}")
    if parameter.step is not None:
        decimals = max(0, 2 - math.floor(math.log10(parameter.step)))
        return _trimmed(f"{value:.{decimals}f}")
    return f"{value:.{_DIGITS}g}"


def params_on_ranges(params: Params, space: Space) -> str:
    return ", ".join(f"{name} = {value_on_range(value, space[name])}" for name, value in params.items())


def duration_in_words(seconds: float | None) -> str:
    """0.42 s, 8.3 s, 1 min 20 s, 2 h 5 min, 3 d 4 h."""
    if seconds is None:
        return NOTHING
    if seconds < 10:
        return f"{seconds:.2g} s"
    whole = round(seconds)
    for size, unit, part, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // part
            return f"{whole // size} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{whole} s"


def count_of(count: int, noun: str) -> str:
    """1 trial, 2,000 trials."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def last_line(text: str) -> str:
    """Of a traceback: what was raised."""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", text).strip().splitlines()
    return lines[-1].strip()[:LONGEST_ERROR] if lines else ""


def _trimmed(number: str) -> str:
    return number.rstrip("0").removesuffix(".") if "." in number else number
