"""The charts: each written once, as a Plotly figure whose data are references to the tables.

The page fills the templates from its tables, `figure` fills the same ones here, and the saved output is
drawn from them too, so no two of the three can disagree. Nothing in a template depends on a study.

Colours are Okabe and Ito's, told apart with every common colour vision. Templates are made for panels of
some 400 x 300 pixels: no figure title, the legend in one line on top. The page lays its theme over them;
whoever draws them without a theme takes `INK`, which is read on a light page as on a dark one.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from jupyter_tune.core.study import Study
from jupyter_tune.views.columns import unpacked
from jupyter_tune.views.tables import Tables
from jupyter_tune.views.template import fill

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

PALETTE = {
    "complete": "#0072B2",
    "pruned": "#E69F00",
    "failed": "#D55E00",
    "running": "#009E73",
    "cancelled": "#999999",
    "waiting": "#A9B0B8",
}

INK = "#7a7a7a"
"""For text on any page: contrast 4.3:1 on white, 4.4:1 on JupyterLab's dark #111."""

_BEST = "#CC79A7"
_GRID = "rgba(128,128,128,0.22)"
_CLEAR = "rgba(0,0,0,0)"
_METRIC = {"$status": "metric"}
_MARGIN = {"l": 44, "r": 10, "t": 26, "b": 34}

_MOST_MARKERS = 400
"""Dots on the curves of one state; every dot is a node of the page."""

_LEGEND_ORDER = ("complete", "pruned", "running", "failed", "cancelled", "best so far")

_STANDALONE = {
    "width": 760,
    "height": 460,
    "margin": {"l": 60, "r": 20, "t": 84, "b": 50},
    "legend": {"orientation": "h", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom"},
    "paper_bgcolor": _CLEAR,
    "plot_bgcolor": _CLEAR,
    "font": {"color": INK, "size": 12},
}

_TITLES = {
    "history": "{metric} by trial",
    "curves": "{metric} by step",
    "landscape_mean": "expected {metric}",
    "landscape_deviation": "standard deviation of the expected {metric}",
    "landscape_acquisition": "worth of the next trial",
}

Template = dict[str, Any]


def templates() -> dict[str, Template]:
    """Every chart by name."""
    return {
        "history": history(),
        "curves": curves(),
        "landscape_mean": landscape_mean(),
        "landscape_deviation": landscape_deviation(),
        "landscape_acquisition": landscape_acquisition(),
    }


def history() -> Template:
    """The result of every trial in the order of numbers, and the best so far."""
    return {
        "data": [
            _results("pruned", "value", symbol="circle-open", size=6),
            _results("cancelled", "value", symbol="circle-open", size=6),
            _results("complete", "value", symbol="circle", size=7),
            _results("running", "last", symbol="diamond-open", size=7),
            _failures(),
            {
                "type": "scatter",
                "mode": "lines",
                "name": "best so far",
                "legendrank": _rank("best so far"),
                "x": _trials("number"),
                "y": _trials("best"),
                "line": {"color": _BEST, "width": 2, "shape": "hv"},
                "hovertemplate": "best up to trial %{x}<br>%{y:.5g}<extra></extra>",
            },
        ],
        "layout": _layout(
            _counting("trial"),
            _axis(_METRIC),
            yaxis2={"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True},
        ),
    }


def curves() -> Template:
    """What the trials reported, step by step."""
    return {
        "data": [
            # the later the more it matters: what is drawn last lies on top
            _curves_of("cancelled"),
            _curves_of("failed"),
            _curves_of("pruned", width=1.0, opacity=0.5),
            _curves_of("complete"),
            _curves_of("running", width=2.0, opacity=1.0),
            {
                "type": "scatter",
                "mode": "markers",
                "name": "running",
                "showlegend": False,
                "hoverinfo": "skip",
                "x": _trials("step", "running"),
                "y": _trials("last", "running"),
                "marker": {"color": PALETTE["running"], "size": 8, "symbol": "circle"},
            },
        ],
        "layout": _layout(_counting("step"), _axis(_METRIC)),
    }


def landscape_mean() -> Template:
    """What the surrogate expects of the metric over two parameters."""
    return _landscape("mean", "Viridis")


def landscape_deviation() -> Template:
    """How unsure the surrogate is of it."""
    return _landscape("deviation", "Cividis")


def landscape_acquisition() -> Template:
    """How much the next trial is worth where."""
    return _landscape("acquisition", "Magma")


def figure(study: Study, chart: str, landscape: dict[str, Any] | None = None) -> Figure:
    """The chart of this study as a Plotly figure that stands alone: with a title and a size.

    Args:
        chart:     one of `templates()`.
        landscape: what to show of the surrogate; a landscape chart without one has axes only.

    Raises: ValueError for an unknown chart.
    """
    import plotly.graph_objects as go

    known = templates()
    if chart not in known:
        raise ValueError(f"chart: there is no {chart!r}; use one of {', '.join(known)}")
    drawn = filled(study, known[chart], landscape)
    title = _TITLES[chart].format(metric=study.settings.metric)
    text = escape(f"{study.name}: {title}", quote=False)
    drawn["layout"] |= {**_STANDALONE, "title": {"text": text, "font": {"size": 15}, "x": 0.01}}
    return go.Figure(drawn)


def filled(study: Study, template: Template, landscape: dict[str, Any] | None = None) -> dict[str, Any]:
    """The template with this study's data, as a plain Plotly figure dict."""
    tables = Tables(study)
    tables.show_landscape(landscape)
    figure: dict[str, Any] = fill(template, unpacked(tables.snapshot(now=study.opened_at)))
    return figure


def _trials(column: str, *states: str) -> dict[str, Any]:
    return {"$column": f"trials.{column}", **({"state": list(states)} if states else {})}


def _points(column: str, state: str) -> dict[str, Any]:
    return {"$column": f"points.{column}", "state": [state], "gap": True}


def _rank(name: str) -> int:
    """Where the name stands in the legend, whatever the order of drawing."""
    return 1 + _LEGEND_ORDER.index(name)


def _results(state: str, column: str, *, symbol: str, size: int) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": state,
        "legendrank": _rank(state),
        "x": _trials("number", state),
        "y": _trials(column, state),
        "marker": {"color": PALETTE[state], "size": size, "symbol": symbol, "opacity": 0.85},
        "hovertemplate": f"trial %{{x}}<br>%{{y:.5g}}<extra>{state}</extra>",
    }


def _failures() -> dict[str, Any]:
    """Failed trials have no value: crosses on the bottom edge, along a second axis from 0 to 1."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "failed",
        "legendrank": _rank("failed"),
        "x": _trials("number", "failed"),
        "y0": 0.02,
        # Plotly reads a dy of 0 as 1
        "dy": 1e-9,
        "yaxis": "y2",
        "customdata": _trials("error", "failed"),
        "marker": {"color": PALETTE["failed"], "size": 8, "symbol": "x"},
        "hovertemplate": "trial %{x}<br>%{customdata}<extra>failed</extra>",
    }


def _curves_of(state: str, *, width: float = 1.3, opacity: float = 0.85) -> dict[str, Any]:
    return {
        "type": "scatter",
        # dots too: a curve of one report has no line
        "mode": "lines+markers",
        "name": state,
        "legendrank": _rank(state),
        "x": _points("step", state),
        "y": _points("value", state),
        "customdata": _points("number", state),
        "connectgaps": False,
        "opacity": opacity,
        "line": {"color": PALETTE[state], "width": width},
        "marker": {"color": PALETTE[state], "size": 2.5, "maxdisplayed": _MOST_MARKERS},
        "hovertemplate": f"trial %{{customdata}}, step %{{x}}<br>%{{y:.5g}}<extra>{state}</extra>",
    }


def _landscape(surface: str, colours: str) -> Template:
    return {
        "data": [
            {
                "type": "heatmap",
                "x": {"$landscape": "x_values"},
                "y": {"$landscape": "y_values"},
                "z": {"$landscape": surface},
                "colorscale": colours,
                "colorbar": {"thickness": 10, "outlinewidth": 0, "xpad": 4, "tickfont": {"size": 10}},
                "hovertemplate": "%{x:.4g}, %{y:.4g}<br>%{z:.4g}<extra></extra>",
            },
            {
                "type": "scatter",
                "mode": "markers",
                "name": "trials",
                "x": {"$landscape": "trials.x"},
                "y": {"$landscape": "trials.y"},
                "customdata": {"$landscape": "trials.number"},
                "marker": {
                    "color": "rgba(255,255,255,0.9)",
                    "size": 6,
                    "symbol": "circle",
                    "line": {"color": "#222222", "width": 1},
                },
                "hovertemplate": "trial %{customdata}<br>%{x:.4g}, %{y:.4g}<extra></extra>",
            },
            {
                "type": "scatter",
                "mode": "markers",
                "name": "best",
                "x": {"$landscape": "best.x"},
                "y": {"$landscape": "best.y"},
                "marker": {
                    "color": _BEST,
                    "size": 14,
                    "symbol": "star",
                    "line": {"color": "#ffffff", "width": 1.5},
                },
                "hovertemplate": "best<br>%{x:.4g}, %{y:.4g}<extra></extra>",
            },
        ],
        # what dots and star are is said where the pointer is; a legend would take from the map
        "layout": _layout(
            _of_parameter("x"), _of_parameter("y"), margin={**_MARGIN, "t": 6}, showlegend=False
        ),
    }


def _axis(title: str | dict[str, str], **more: Any) -> dict[str, Any]:
    return {
        "title": {"text": title, "font": {"size": 12}, "standoff": 6},
        "gridcolor": _GRID,
        "zeroline": False,
        "automargin": True,
        **more,
    }


def _counting(title: str) -> dict[str, Any]:
    """An axis of whole numbers, never so short that its ticks would stand between them."""
    return _axis(title, autorangeoptions={"include": [0, 8]}, nticks=9, tickformat="d")


def _of_parameter(axis: str) -> dict[str, Any]:
    kind = {"$landscape": f"{axis}_type"}
    return _axis({"$landscape": axis}, type=kind, exponentformat="power", showgrid=False, ticks="")


def _layout(xaxis: dict[str, Any], yaxis: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "margin": _MARGIN,
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
