"""How every chart looks, and the references that most of them make.

Colours are Okabe and Ito's, told apart with every common colour vision; values are Viridis. Templates are
made for panels of some 400 x 300 pixels: no figure title, the legend in one line on top. The page lays its
theme over them; without a theme `INK` is used, which can be read on a light page and on a dark one.
"""

from __future__ import annotations

from typing import Any

from jupyter_tune.core.space import Space
from jupyter_tune.views.charts.template import as_markup
from jupyter_tune.views.words import bounded

Template = dict[str, Any]
Trace = dict[str, Any]
Reference = dict[str, Any]

PALETTE = {
    "complete": "#0072B2",
    "pruned": "#E69F00",
    "failed": "#D55E00",
    "running": "#009E73",
    "cancelled": "#7D848C",
    "waiting": "#A9B0B8",
}

INK = "#7a7a7a"
"""For text on any page: contrast 4.3:1 on white, 4.4:1 on JupyterLab's dark #111."""

BEST = "#CC79A7"
GRID = "rgba(128,128,128,0.22)"
CLEAR = "rgba(0,0,0,0)"
VALUES = "Viridis"
METRIC: Reference = {"$status": "metric"}
MARGIN = {"l": 44, "r": 10, "t": 26, "b": 34}
BETTER_IS_BRIGHT: Template = {
    "colorscale": VALUES,
    "reversescale": {"$case": "status.direction", "minimize": True, "maximize": False},
}
"""For values of the metric: the bright end is the better one whatever the direction."""

METRIC_AND_BETTER: Reference = {
    "$join": [
        METRIC,
        {"$case": "status.direction", "minimize": " (lower is better)", "maximize": " (higher is better)"},
    ]
}
NO_LEGEND = {"margin": {**MARGIN, "t": 6}, "showlegend": False}
"""Where a legend would say nothing, its room is the chart's."""

TINY = 1e-9
"""Between marks in one line, by x0 and dx or y0 and dy: Plotly reads a step of 0 as 1."""

BEYOND = "beyond the axis"

MOST_PARAMETERS = 8
"""So many have room in one chart; the page knows the number too, and lets others be chosen."""

_LEGEND_ORDER = ("complete", "pruned", "running", "failed", "cancelled", "infeasible", "best so far")


def trials(column: str, *states: str, **options: Any) -> Reference:
    """A column of trials, of all or of those in one of the states."""
    return {"$column": f"trials.{column}", **({"state": list(states)} if states else {}), **options}


def hover(space: Space, *states: str) -> Reference:
    """What the parameters of these trials are, and why they ended, for the pointer."""
    return {"$hover": foremost(space), "why": True, **({"state": list(states)} if states else {})}


def log_ticks(values: Reference, room: int | None = None) -> dict[str, Any]:
    """Ticks of a logarithmic axis over these values. Left to itself Plotly may find one or two, or none.

    Args: room: characters that fit along the axis, if not every text does.
    """
    texts = {"$logtexts": values, **({} if room is None else {"room": room})}
    return {"tickvals": {"$logticks": values}, "ticktext": texts}


def foremost(space: Space) -> list[str]:
    """As many of the parameters that vary as have room in one chart."""
    return space.varying[:MOST_PARAMETERS]


def rank(name: str) -> int:
    """Where the name stands in the legend, whatever the order of drawing."""
    return 1 + _LEGEND_ORDER.index(name)


def axis(title: str | Reference, **more: Any) -> dict[str, Any]:
    return {
        "title": {"text": title, "font": {"size": 12}, "standoff": 6},
        "gridcolor": GRID,
        "zeroline": False,
        "automargin": True,
        **more,
    }


def counting(title: str) -> dict[str, Any]:
    """An axis of whole numbers, never so short that its ticks would stand between them."""
    return axis(title, autorangeoptions={"include": [0, 8]}, nticks=9, tickformat="d")


def edge_axis() -> dict[str, Any]:
    """A second axis from 0 to 1, for marks along the edges."""
    return {"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True}


def of_values(values: Reference, title: str | Reference = METRIC, **more: Any) -> dict[str, Any]:
    """An axis of the metric that a few bad values do not flatten; `beyond` marks them."""
    return axis(title, range={"$span": values}, **more)


def beyond(
    number: Reference, values: Reference, *, of: Reference, x: Reference, colour: str, **more: Any
) -> Trace:
    """Arrows at the end of the axis for the trials whose `values` lie beyond what `of` spans."""
    span = {"$span": of}
    where = {"of": values, "span": span}
    return {
        "type": "scatter",
        "mode": "markers",
        "name": BEYOND,
        "showlegend": False,
        "x": {"$outside": x, **where},
        "y": {"$edge": values, "span": span},
        "customdata": {"$outside": number, **where},
        "hovertext": {"$outside": values, **where},
        "cliponaxis": False,
        "marker": {
            "color": colour,
            "size": 8,
            "symbol": {
                "$case": "status.direction",
                "minimize": "triangle-up",
                "maximize": "triangle-down",
            },
        },
        "hovertemplate": "trial %{customdata}<br>%{hovertext:.4~g}, beyond this axis<extra></extra>",
        **more,
    }


def colorbar(title: str | Reference = "", **more: Any) -> dict[str, Any]:
    # along the bar: above it a title would take its width from the chart
    heading = {"title": {"text": title, "side": "right", "font": {"size": 11}}} if title else {}
    return {"thickness": 10, "outlinewidth": 0, "xpad": 4, "tickfont": {"size": 10}, **heading, **more}


def standalone(title: str, left: int = 60) -> dict[str, Any]:
    """The layout of a figure that stands alone. Args: title: as Plotly's markup; left: its margin."""
    return {
        "width": 760,
        "height": 460,
        "margin": {"l": left, "r": 20, "t": 84, "b": 50},
        "legend": {"orientation": "h", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom"},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": {"color": INK, "size": 12},
        "title": {"text": title, "font": {"size": 15}, "x": 0.01},
    }


def layout(xaxis: dict[str, Any], yaxis: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "margin": MARGIN,
        "hovermode": "closest",
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1,
            "yref": "container",
            "xanchor": "left",
            "yanchor": "top",
            "font": {"size": 11},
        },
        "xaxis": xaxis,
        "yaxis": yaxis,
        **more,
    }


def short(text: str, longest: int = 14) -> str:
    """A name as far as there is room, as Plotly's markup."""
    return str(as_markup(bounded(text, longest)))
