"""The trials by their parameters: all at once, each beside the metric, and two of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from jupyter_tune.core.space import Space
from jupyter_tune.views.axes.axis import axis_of, ticks
from jupyter_tune.views.axes.scale import scale_of
from jupyter_tune.views.charts.model import RESULTS, coloured_trials, of_parameter, with_value
from jupyter_tune.views.charts.style import (
    BEST,
    BETTER_IS_BRIGHT,
    CLEAR,
    INK,
    MARGIN,
    METRIC,
    METRIC_AND_BETTER,
    NO_LEGEND,
    PALETTE,
    TINY,
    VALUES,
    Template,
    Trace,
    axis,
    beyond,
    colorbar,
    hover,
    layout,
    log_ticks,
    of_values,
    short,
    trials,
)
from jupyter_tune.views.charts.template import as_markup

# of Viridis, without its palest yellow, which a white page swallows
_BANDS = ("#471063", "#443983", "#365d8d", "#287c8e", "#1f9a8a", "#37b878", "#77d153", "#cae11f")

_RESULTS = trials("value", "complete")

_MOST_COLUMNS = 4
_ROOM, _WHOLE_ROOM = 26, 60
"""Characters of the labels under one slice, which the page makes no narrower than they need; and under the
only one."""

_LONGEST_NAME = 12
"""Under an axis of parallel coordinates."""


def parallel(space: Space, names: Sequence[str] | None = None) -> Template:
    """Every complete trial as a line over the parameters to the metric; the brighter, the better.

    Plotly's parallel coordinates need WebGL and its largest build: these are plain lines, in bands of
    trials of like rank, for a trace has one colour.
    """
    shown = _chosen(space, names)
    axes = [{"column": f"p:{name}", **scale_of(space[name])} for name in shown] + [{"column": "value"}]
    last = len(shown)
    return {
        "data": [
            *(_band(axes, colour, band=[at, len(_BANDS)]) for at, colour in enumerate(_BANDS)),
            {**_band(axes, BEST, only="status.best.number"), "name": "best"},
            {
                "type": "scatter",
                "mode": "markers",
                "name": "results",
                "yaxis": "y2",
                "x0": last,
                "dx": TINY,
                "y": trials("value", "complete"),
                "customdata": trials("number", "complete"),
                "hovertext": hover(space, "complete"),
                "cliponaxis": False,
                "marker": {"color": INK, "size": 5, "symbol": "circle"},
                "hovertemplate": "trial %{customdata}<br>%{y:.4~g}<br>%{hovertext}<extra></extra>",
            },
        ],
        "layout": layout(
            {
                **axis(_left_out(space, shown), range=[-0.15, last + 0.15], fixedrange=True),
                "tickvals": list(range(last + 1)),
                "ticktext": [*(short(name, _LONGEST_NAME) for name in shown), METRIC],
                "ticks": "outside",
                "ticklen": 14,
                "tickcolor": CLEAR,
            },
            {"range": [0, 1], "visible": False, "fixedrange": True},
            yaxis2={
                **axis(""),
                "overlaying": "y",
                "side": "right",
                "range": {"$range": _RESULTS, "trimmed": True},
                "showgrid": False,
                "fixedrange": True,
                # else its ticks would stand where those of the hidden axis do
                "tickmode": "auto",
                "nticks": 6,
            },
            annotations=[
                _label(at, where, text) for at, name in enumerate(shown) for where, text in ticks(space[name])
            ],
            # the page lets ranges be marked on the axes, and parameters be chosen
            meta={"brush": True, "parameters": shown},
            # half a name's width: Plotly hides what would reach beyond
            margin={**MARGIN, "l": 40, "r": 40, "t": 20},
            showlegend=False,
        ),
    }


def slice(space: Space, names: Sequence[str] | None = None) -> Template:
    """The value of every complete trial over each parameter; the colour is its number."""
    shown = _chosen(space, names)
    columns = max(1, min(_MOST_COLUMNS, len(shown)))
    rows = max(1, math.ceil(len(shown) / columns))
    axes: dict[str, Any] = {}
    for row in range(rows):
        high = 1 - row / rows
        axes[_axis("y", row)] = of_values(
            _RESULTS,
            METRIC if row == 0 else "",
            domain=[high - (1 if rows == 1 else 0.62) / rows, high],
            nticks=5,
            **({"matches": "y"} if row else {}),
        )
    for at, name in enumerate(shown):
        column, row = at % columns, at // columns
        width = 1 / columns
        domain = [column * width, (column + 0.86) * width]
        room = _ROOM if len(shown) > 1 else _WHOLE_ROOM
        axes[_axis("x", at)] = _slice_axis(space, name, domain, _id("y", row), room)
    note = _left_out(space, shown)
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "markers",
                "name": name,
                "xaxis": _id("x", at),
                "yaxis": _id("y", at // columns),
                "x": _values(space, name),
                "y": trials("value", "complete"),
                "customdata": trials("number", "complete"),
                "hovertext": hover(space, "complete"),
                "marker": {"color": trials("number", "complete"), "coloraxis": "coloraxis", "size": 5},
                "hovertemplate": "trial %{customdata}<br>%{y:.4~g}<br>%{hovertext}<extra></extra>",
            }
            for at, name in enumerate(shown)
        ]
        + [
            beyond(
                trials("number", "complete"),
                _RESULTS,
                of=_RESULTS,
                x=_values(space, name),
                colour=PALETTE["complete"],
                xaxis=_id("x", at),
                yaxis=_id("y", at // columns),
            )
            for at, name in enumerate(shown)
        ],
        "layout": layout(
            axes.pop("xaxis", axis("")),
            axes.pop("yaxis"),
            **axes,
            coloraxis={"colorscale": VALUES, "colorbar": colorbar("trial")},
            # the page puts as many into a row as can be read there, and lets parameters be chosen
            meta={"wraps": True, "parameters": shown},
            **({"annotations": [_note(note)]} if note else {}),
            **NO_LEGEND,
        ),
    }


def rank(space: Space) -> Template:
    """The trials over the two parameters of the landscape, coloured by how they rank."""
    ends = {"tickvals": [0, 0.5, 1], "ticktext": ["lowest", "median", "highest"]}
    scale = {**BETTER_IS_BRIGHT, "cmin": 0, "cmax": 1, "colorbar": colorbar(METRIC_AND_BETTER, **ends)}
    return {
        "data": [coloured_trials({"$ranks": with_value(RESULTS)})],
        "layout": layout(
            of_parameter("x", "trials.x", whole=True),
            of_parameter("y", "trials.y", whole=True),
            coloraxis=scale,
            **NO_LEGEND,
        ),
    }


def _chosen(space: Space, names: Sequence[str] | None) -> list[str]:
    return space.varying if names is None else list(names)


def _left_out(space: Space, shown: Sequence[str]) -> str:
    """What to say where there is no room for all parameters."""
    count = len(space.varying)
    return f"{len(shown)} of {count} parameters" if len(shown) < count else ""


def _band(axes: list[dict[str, Any]], colour: str, **of: Any) -> Trace:
    def cells(cell: str) -> dict[str, Any]:
        return {"$parallel": cell, "axes": axes, "state": ["complete"], **of}

    return {
        "type": "scatter",
        "mode": "lines",
        "name": "trials",
        "x": cells("x"),
        "y": cells("y"),
        "customdata": cells("number"),
        "connectgaps": False,
        "opacity": 0.7 if "band" in of else 1.0,
        "line": {"color": colour, "width": 1.2 if "band" in of else 2.5},
        "hovertemplate": "trial %{customdata}<extra></extra>",
    }


def _label(at: int, where: float, text: str) -> dict[str, Any]:
    """A tick of one parameter's axis: above the place, but the lower end of a range below it."""
    anchor = {"xanchor": "center", "yanchor": "top" if where == 0 else "bottom"}
    # choices are where the lines meet: a little higher they leave room
    shift = {} if where in (0, 1) else {"yshift": 3}
    return {
        "x": at,
        "y": where,
        "text": as_markup(text),
        "showarrow": False,
        "font": {"size": 10},
        **_PAPER,
        **anchor,
        **shift,
    }


_PAPER = {"bgcolor": CLEAR, "borderpad": 0}
"""Under a label that lines cross; the page gives it its own colour."""


def _note(text: str) -> dict[str, Any]:
    corner = {"xref": "paper", "yref": "paper", "x": 1, "y": 0, "xanchor": "right", "yanchor": "top"}
    return {"text": text, "showarrow": False, "font": {"size": 10}, "yshift": -18, **corner}


def _slice_axis(space: Space, name: str, domain: list[float], anchor: str, room: int) -> dict[str, Any]:
    own = axis_of(space[name], room=room)
    ways = {"nticks": 4, "tickangle": 0, "tickfont": {"size": 10}, "exponentformat": "power"}
    looks = axis(short(name), domain=domain, anchor=anchor, type=own["type"], **ways)
    if own["on"] is not None:
        texts = [as_markup(text) for text in own["ticktext"]]
        return {**looks, "range": own["range"], "tickvals": own["tickvals"], "ticktext": texts}
    return {**looks, **log_ticks(trials(f"p:{name}", "complete"), room)} if own["type"] == "log" else looks


def _values(space: Space, name: str) -> dict[str, Any]:
    on = axis_of(space[name])["on"]
    return trials(f"p:{name}", "complete", **({} if on is None else {"on": on}))


def _axis(letter: str, at: int) -> str:
    return f"{letter}axis{at + 1 if at else ''}"


def _id(letter: str, at: int) -> str:
    return f"{letter}{at + 1 if at else ''}"
