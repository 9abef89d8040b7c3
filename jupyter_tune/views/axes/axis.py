"""The axis of a parameter: one for every chart that draws along it.

Plotly has linear and logarithmic axes. It has none for distances to 1, and takes choices for words: None
would be a gap, 1 and "1" the same. There a chart draws places from 0 to 1 (see scale), whose ticks say the
values; what the pointer and the CSV say, and what a click means, are the values themselves.
"""

from __future__ import annotations

import math
from typing import Any

from jupyter_tune.core.parameters import Categorical, Parameter, Scalar
from jupyter_tune.views.axes.scale import place, scale_of
from jupyter_tune.views.axes.ticks import log_ticks
from jupyter_tune.views.words import bounded, value_on_range

_MOST_LABELS = 6
"""Of the choices of one parameter; of more every second, third, ... is labelled."""

_LONGEST_LABEL = 9

_APART = 0.2
"""Between two labels on a reverse_log axis, as a share of it."""

_WHOLE = [-0.05, 1.05]
"""The range of places, with room for a mark at either end."""


def axis_of(parameter: Parameter, room: int | None = None) -> dict[str, Any]:
    """What a Plotly axis needs to know.

    Args:    room: characters that its labels may have together, where they stand beside each other.
    Returns: type: "linear" or "log"; on: the AXIS whose places are drawn, None where values are; range,
             tickvals, ticktext: of places, else None. Texts are no markup.
    """
    if isinstance(parameter, Categorical) or parameter.reverse_log:
        labels = _within(ticks(parameter), room)
        return {
            "type": "linear",
            "on": scale_of(parameter),
            "range": _WHOLE,
            "tickvals": [at for at, _ in labels],
            "ticktext": [text for _, text in labels],
        }
    kind = "log" if parameter.log else "linear"
    return {"type": kind, "on": None, "range": None, "tickvals": None, "ticktext": None}


def ticks(parameter: Parameter) -> list[tuple[float, str]]:
    """(place, label) of the choices, or of both ends and of what is round between them."""
    values: list[Scalar]
    if isinstance(parameter, Categorical):
        values = list(parameter.choices)[:: math.ceil(parameter.cells / _MOST_LABELS)]
    else:
        values = [parameter.low, *_round_between(parameter), parameter.high]
    places = [(place(value, scale_of(parameter)), value) for value in values]
    return [
        (at, bounded(value_on_range(value, parameter), _LONGEST_LABEL))
        for at, value in places
        if at is not None
    ]


def _within(labels: list[tuple[float, str]], room: int | None) -> list[tuple[float, str]]:
    """Every label, or as many at equal steps as leave a gap between two."""
    kept = labels
    for step in range(1, len(labels) + 1):
        kept = labels[::step]
        if room is None or sum(len(text) + 2 for _, text in kept) <= room:
            break
    return kept


def _round_between(parameter: Parameter) -> list[Scalar]:
    """On a reverse_log range what is at round distances to 1 (0.9, 0.99, ...), apart from each other."""
    if isinstance(parameter, Categorical) or not parameter.reverse_log:
        return []
    scale = scale_of(parameter)
    nearest, farthest = 1 - parameter.high, 1 - parameter.low
    powers = [10.0**-digits for digits in range(1, 16)]
    distances = (
        [power for power in powers if nearest < power < farthest] or log_ticks([nearest, farthest]) or []
    )
    found: list[Scalar] = []
    last = 0.0
    for distance in sorted(distances, reverse=True):
        value = round(1 - distance, 15)
        at = place(value, scale)
        if at is not None and last + _APART <= at <= 1 - _APART:
            found.append(value)
            last = at
    return found
