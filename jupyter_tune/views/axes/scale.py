"""The scale of a parameter, and the places of its values on it: an AXIS of templates.

An AXIS is {"low", "high", "scale"} with scale "linear", "log" or "reverse_log" (logarithmic in the
distance to 1), or {"choices": [...]}, each choice in the middle of its share. Places are rounded to
6 decimals.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeGuard

from jupyter_tune.core.parameters import Categorical, Parameter, Scalar


def scale_of(parameter: Parameter) -> dict[str, Any]:
    """The parameter as an AXIS of templates (see charts/template)."""
    if isinstance(parameter, Categorical):
        return {"choices": list(parameter.choices)}
    scale = "log" if parameter.log else "reverse_log" if parameter.reverse_log else "linear"
    return {"low": parameter.low, "high": parameter.high, "scale": scale}


def place(cell: Scalar, axis: Mapping[str, Any]) -> float | None:
    """Where a value stands on an AXIS, from 0 to 1; None where it has no place."""
    if "choices" in axis:
        choices = axis["choices"]
        return _rounded((choices.index(cell) + 0.5) / len(choices)) if cell in choices else None
    if not is_number(cell):
        return None
    value, low, high = (_scaled(number, axis.get("scale")) for number in (cell, axis["low"], axis["high"]))
    if value is None or low is None or high is None:
        return None
    if math.isinf(high - low):
        value, low, high = value / 2, low / 2, high / 2
    return 0.5 if low == high else _rounded((value - low) / (high - low))


def is_number(cell: Scalar) -> TypeGuard[float]:
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def _scaled(value: float, scale: str | None) -> float | None:
    if scale == "log":
        return math.log(value) if value > 0 else None
    if scale == "reverse_log":
        return -math.log1p(-value) if value < 1 else None
    return value


def _rounded(share: float) -> float:
    return math.floor(share * 1e6 + 0.5) / 1e6
