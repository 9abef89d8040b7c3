"""The axes of parameters where Plotly's own do not fit: places from 0 to 1, and the labels there."""

from __future__ import annotations

import math
from typing import Any

from jupyter_tune.core.parameters import Categorical, Parameter, Scalar
from jupyter_tune.views.charts.style import short
from jupyter_tune.views.derived import place
from jupyter_tune.views.words import value_on_range

_MOST_LABELS = 6
"""Of the choices of one parameter; of more every second, third, ... is labelled."""

_LONGEST_LABEL = 9


def scale_of(parameter: Parameter) -> dict[str, Any]:
    """The parameter as an AXIS of templates (see derived)."""
    if isinstance(parameter, Categorical):
        return {"choices": list(parameter.choices)}
    scale = "log" if parameter.log else "reverse_log" if parameter.reverse_log else "linear"
    return {"low": parameter.low, "high": parameter.high, "scale": scale}


def is_native(parameter: Parameter) -> bool:
    """Whether Plotly has an axis for it. It has none for distances to 1, and takes choices for words:
    None would be a gap, 1 and "1" the same."""
    return not (isinstance(parameter, Categorical) or parameter.reverse_log)


def ticks(parameter: Parameter) -> list[tuple[float, str]]:
    """(place, label) of the choices, or of both ends and of what is round between them."""
    values: list[Scalar]
    if isinstance(parameter, Categorical):
        values = list(parameter.choices)[:: math.ceil(parameter.cells / _MOST_LABELS)]
    else:
        values = [parameter.low, *_round_between(parameter), parameter.high]
    places = [(place(value, scale_of(parameter)), value) for value in values]
    return [
        (at, short(value_on_range(value, parameter), _LONGEST_LABEL))
        for at, value in places
        if at is not None
    ]


def _round_between(parameter: Parameter) -> list[Scalar]:
    """On a reverse_log range 0.9, 0.99, ..., as far as they are apart from the ends."""
    if isinstance(parameter, Categorical) or not parameter.reverse_log:
        return []
    scale = scale_of(parameter)
    nines = [round(1 - 10.0**-digits, digits) for digits in range(1, 16)]
    inside = [nine for nine in nines if 0.15 < (place(nine, scale) or 0.0) < 0.85]
    return list(inside[:: math.ceil(len(inside) / 2) or 1])
