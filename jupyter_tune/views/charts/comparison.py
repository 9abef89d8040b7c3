"""Several studies in one chart: the best so far of each label, and the middle half of its repeats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_tune.core.objective import Objective
from jupyter_tune.views.charts.style import GRID, standalone
from jupyter_tune.views.charts.template import as_markup
from jupyter_tune.views.tables.progress import Band, By

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7D848C")
"""Okabe and Ito's, from the eighth label on with another dash."""
_DASHES = ("solid", "dash", "dot", "dashdot")

_UNITS = ((3 * 3600.0, 3600.0, "h"), (300.0, 60.0, "min"), (0.0, 1.0, "s"))
"""From how many seconds on time is shown in a unit."""


def comparison(bands: Mapping[str, tuple[int, Band]], by: By, objective: Objective) -> dict[str, Any]:
    """A Plotly figure as plain data. Args: bands: label -> (number of studies, their band)."""
    longest = max((each.x[-1] for _, each in bands.values() if each.x), default=0.0)
    unit_s, unit = next((size, name) for least, size, name in _UNITS if longest >= least)
    scale = unit_s if by == "time" else 1.0
    named = {"trials": "trials that ended", "time": f"time ({unit})", "steps": "steps of all trials"}[by]
    data: list[dict[str, Any]] = []
    for place, (label, (count, each)) in enumerate(bands.items()):
        data += _traces(label, count, each, place, scale)
    repeats = any(count > 1 for count, _ in bands.values())
    better = {"below": "higher", "above": "lower"}[objective.worse_side]
    axis = {"gridcolor": GRID, "zeroline": False}
    title = as_markup(f"best {objective.metric} so far")
    note = "<br><sup>line: median of repeats, band: their middle half</sup>" if repeats else ""
    return {
        "data": data,
        "layout": {
            **standalone(f"{title}{note}", left=70),
            "hovermode": "x unified",
            "xaxis": {**axis, "title": {"text": named}, "rangemode": "tozero"},
            "yaxis": {**axis, "title": {"text": as_markup(f"{objective.metric} ({better} is better)")}},
        },
    }


def _traces(label: str, count: int, each: Band, place: int, scale: float) -> list[dict[str, Any]]:
    colour = COLOURS[place % len(COLOURS)]
    dash = _DASHES[place // len(COLOURS) % len(_DASHES)]
    x = [value / scale for value in each.x]
    text = as_markup(label if count == 1 else f"{label} ({count} studies)")
    shared = {"type": "scatter", "mode": "lines", "x": x, "legendgroup": str(place)}
    edge = {
        **shared,
        "line": {"color": colour, "width": 0, "shape": "hv"},
        "showlegend": False,
        "hoverinfo": "skip",
    }
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    wide = [
        {**edge, "y": list(each.low)},
        {**edge, "y": list(each.high), "fill": "tonexty", "fillcolor": f"rgba({red},{green},{blue},0.18)"},
    ]
    line = {
        **shared,
        "name": text,
        "legendrank": place,
        "y": list(each.median),
        "line": {"color": colour, "width": 2, "shape": "hv", "dash": dash},
        "hovertemplate": f"%{{y:.4~g}}<extra>{text}</extra>",
    }
    return [*(wide if count > 1 else []), line]
