"""The charts: each written once, as a Plotly figure whose data are references to the tables.

The page fills the templates from its tables, `figure` fills the same ones here, and the saved output is
drawn from them too, so no two of the three can disagree. Nothing in a template depends on a study.

Colours are Okabe and Ito's, told apart with every common colour vision; backgrounds are transparent and
lines half transparent greys, so that a chart stands on a light page as on a dark one.
"""

from __future__ import annotations

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

_BEST = "#CC79A7"
_TEXT = "#7a7a7a"
_GRID = "rgba(128,128,128,0.22)"
_CLEAR = "rgba(0,0,0,0)"
_METRIC = {"$status": "metric"}

_MOST_MARKERS = 400
"""Dots on the curves of one state; every dot is a node of the page."""

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
                "x": _trials("number"),
                "y": _trials("best"),
                "line": {"color": _BEST, "width": 2, "shape": "hv"},
                "hovertemplate": "best up to trial %{x}<br>%{y:.5g}<extra></extra>",
            },
        ],
        "layout": _layout(
            _axis("trial", autorangeoptions={"include": [0, 8]}, nticks=9),
            _axis(_METRIC),
            yaxis2={"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True},
        ),
    }


def curves() -> Template:
    """What the trials reported, step by step."""
    return {
        "data": [
            *(_curves_of(state) for state in ("cancelled", "failed", "pruned", "complete", "running")),
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
        "layout": _layout(
            _axis("step", autorangeoptions={"include": [0, 8]}, nticks=9),
            _axis(_METRIC),
        ),
    }


def landscape_mean() -> Template:
    """What the surrogate expects of the metric over two parameters."""
    return _landscape("mean", _METRIC, "Viridis")


def landscape_deviation() -> Template:
    """How unsure the surrogate is of it."""
    return _landscape("deviation", "standard deviation", "Cividis")


def landscape_acquisition() -> Template:
    """How much the next trial is worth where."""
    return _landscape("acquisition", "acquisition", "Viridis")


def figure(study: Study, chart: str, landscape: dict[str, Any] | None = None) -> Figure:
    """The chart of this study as a Plotly figure.

    Args:
        chart:     one of `templates()`.
        landscape: what to show of the surrogate; a landscape chart without one has axes only.

    Raises: ValueError for an unknown chart.
    """
    import plotly.graph_objects as go

    known = templates()
    if chart not in known:
        raise ValueError(f"chart: there is no {chart!r}; use one of {', '.join(known)}")
    return go.Figure(filled(study, known[chart], landscape))


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


def _results(state: str, column: str, *, symbol: str, size: int) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": state,
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
        "x": _trials("number", "failed"),
        "y0": 0.02,
        "dy": 0,
        "yaxis": "y2",
        "customdata": _trials("error", "failed"),
        "marker": {"color": PALETTE["failed"], "size": 8, "symbol": "x"},
        "hovertemplate": "trial %{x}<br>%{customdata}<extra>failed</extra>",
    }


def _curves_of(state: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        # dots too: a curve of one report has no line
        "mode": "lines+markers",
        "name": state,
        "x": _points("step", state),
        "y": _points("value", state),
        "customdata": _points("number", state),
        "connectgaps": False,
        "opacity": 0.8,
        "line": {"color": PALETTE[state], "width": 1.3},
        "marker": {"color": PALETTE[state], "size": 3, "maxdisplayed": _MOST_MARKERS},
        "hovertemplate": f"trial %{{customdata}}, step %{{x}}<br>%{{y:.5g}}<extra>{state}</extra>",
    }


def _landscape(surface: str, title: str | dict[str, str], colours: str) -> Template:
    return {
        "data": [
            {
                "type": "heatmap",
                "x": {"$landscape": "x_values"},
                "y": {"$landscape": "y_values"},
                "z": {"$landscape": surface},
                "colorscale": colours,
                "colorbar": {
                    "title": {"text": title, "side": "right"},
                    "thickness": 12,
                    "outlinewidth": 0,
                },
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
                    "color": PALETTE["failed"],
                    "size": 15,
                    "symbol": "star",
                    "line": {"color": "#ffffff", "width": 1.2},
                },
                "hovertemplate": "best<br>%{x:.4g}, %{y:.4g}<extra></extra>",
            },
        ],
        "layout": _layout(
            _axis({"$landscape": "x"}, type={"$landscape": "x_type"}, exponentformat="power"),
            _axis({"$landscape": "y"}, type={"$landscape": "y_type"}, exponentformat="power"),
        ),
    }


def _axis(title: str | dict[str, str], **more: Any) -> dict[str, Any]:
    return {
        "title": {"text": title, "standoff": 8},
        "gridcolor": _GRID,
        "zeroline": False,
        "automargin": True,
        **more,
    }


def _layout(xaxis: dict[str, Any], yaxis: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "paper_bgcolor": _CLEAR,
        "plot_bgcolor": _CLEAR,
        "font": {"color": _TEXT, "size": 12},
        "margin": {"l": 56, "r": 16, "t": 16, "b": 48},
        "hovermode": "closest",
        "legend": {"orientation": "h", "x": 0, "y": -0.22, "yanchor": "top"},
        "xaxis": xaxis,
        "yaxis": yaxis,
        **more,
    }
