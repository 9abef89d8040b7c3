"""What the sampler's model believes: over two parameters, and along each of them."""

from __future__ import annotations

from typing import Any

from jupyter_tune.views.charts.style import (
    BEST,
    BETTER_IS_BRIGHT,
    CLEAR,
    INK,
    METRIC,
    METRIC_AND_BETTER,
    NO_LEGEND,
    PALETTE,
    Reference,
    Template,
    Trace,
    axis,
    beyond,
    colorbar,
    layout,
    log_ticks,
    of_values,
)

_MODEL = PALETTE["complete"]
_BAND = "rgba(0,114,178,0.20)"
_WORTH = "#D55E00"
_WORTH_BAND = "rgba(213,94,0,0.25)"
_RIM = "#222222"
_RIM_ON_THE_PAGE = "#808080"
"""Seen on a light page as on a dark one, where the darkest dots would be lost."""

_NUMBERS: Reference = {"$landscape": "trials.number"}
_RESULTS: Reference = {"$landscape": "trials.value"}
_X_AND_Y: Reference = {
    "$join": [{"$landscape": "x"}, ": %{x:.6~g}<br>", {"$landscape": "y"}, ": %{y:.6~g}<br>"]
}
"""Where the pointer is, in names; whole numbers without decimals."""
_VALUE: Reference = {"$join": [METRIC, ": "]}
_OF_TRIAL: Reference = {
    "$join": ["trial %{customdata}<br>", _X_AND_Y, _VALUE, "%{hovertext:.4~g}<extra></extra>"]
}


def landscape_mean() -> Template:
    """What the model expects of the metric over two parameters."""
    return _landscape("mean", BETTER_IS_BRIGHT, METRIC_AND_BETTER)


def landscape_deviation() -> Template:
    """How unsure the model is of it."""
    return _landscape("deviation", {"colorscale": "Cividis"}, "standard deviation")


def landscape_acquisition() -> Template:
    """How much a trial there is expected to improve on the best."""
    return _landscape("acquisition", {"colorscale": "Magma"}, "expected improvement")


def contour() -> Template:
    """Lines of equal expectation over two parameters, and what the trials found there."""
    return {
        "data": [
            {
                "type": "contour",
                "x": {"$landscape": "x_values"},
                "y": {"$landscape": "y_values"},
                "z": {"$landscape": "mean"},
                "showscale": False,
                "contours": {"coloring": "none", "showlabels": True, "labelfont": {"size": 9, "color": INK}},
                "line": {"color": INK, "width": 1},
                "hovertemplate": {"$join": [_X_AND_Y, "expected ", _VALUE, "%{z:.4~g}<extra></extra>"]},
            },
            coloured_trials(with_value("value")),
            _best(),
        ],
        "layout": layout(
            of_parameter("x"),
            of_parameter("y"),
            # a few bad values are of the darkest colour, and leave the others theirs
            coloraxis={
                **BETTER_IS_BRIGHT,
                "cmin": {"$range": _RESULTS, "trimmed": True, "end": 0},
                "cmax": {"$range": _RESULTS, "trimmed": True, "end": 1},
                "colorbar": colorbar(METRIC_AND_BETTER),
            },
            **NO_LEGEND,
        ),
    }


def slice_x() -> Template:
    """What the model expects along the first parameter, the others where they are held."""
    return _slice("x")


def slice_y() -> Template:
    """The same along the second."""
    return _slice("y")


def of_parameter(name: str, values: str = "") -> dict[str, Any]:
    """The axis of the landscape's x or y, on its own scale; `values`: what it spans, if not the grid."""
    kind = {"$landscape": f"{name}_type"}
    ticks = {
        key: {"$case": f"landscape.{name}_type", "log": reference}
        for key, reference in log_ticks({"$landscape": values or f"{name}_values"}).items()
    }
    return axis({"$landscape": name}, type=kind, exponentformat="power", showgrid=False, ticks="", **ticks)


def with_value(row: str) -> Reference:
    """A row of the landscape's trials, of those that have a value, in its rising order."""
    return {"$sorted": {"$landscape": f"trials.{row}"}, "by": {"$landscape": "trials.value"}}


def coloured_trials(colour: Reference) -> Trace:
    """The trials on the plane of the landscape, coloured on the layout's coloraxis."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "trials",
        "x": with_value("x"),
        "y": with_value("y"),
        "customdata": with_value("number"),
        "hovertext": with_value("value"),
        "marker": {
            "color": colour,
            "coloraxis": "coloraxis",
            "size": 8,
            "symbol": "circle",
            "line": {"color": _RIM_ON_THE_PAGE, "width": 1},
        },
        "hovertemplate": _OF_TRIAL,
    }


def _landscape(surface: str, colours: Template, title: str | Reference) -> Template:
    return {
        "data": [
            {
                "type": "heatmap",
                "x": {"$landscape": "x_values"},
                "y": {"$landscape": "y_values"},
                "z": {"$landscape": surface},
                **colours,
                "colorbar": colorbar(title),
                "hovertemplate": {"$join": [_X_AND_Y, title, ": %{z:.4~g}<extra></extra>"]},
            },
            {
                "type": "scatter",
                "mode": "markers",
                "name": "trials",
                "x": {"$landscape": "trials.x"},
                "y": {"$landscape": "trials.y"},
                "customdata": _NUMBERS,
                "hovertext": {"$landscape": "trials.value"},
                "marker": {
                    "color": "rgba(255,255,255,0.9)",
                    "size": 6,
                    "symbol": "circle",
                    "line": {"color": _RIM, "width": 1},
                },
                "hovertemplate": _OF_TRIAL,
            },
            _best(),
        ],
        # what dots and star are is said where the pointer is; a legend would take from the map
        "layout": layout(of_parameter("x"), of_parameter("y"), **NO_LEGEND),
    }


def _best() -> Trace:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "best",
        "x": {"$landscape": "best.x"},
        "y": {"$landscape": "best.y"},
        "customdata": [{"$status": "best.number"}],
        "marker": {"color": BEST, "size": 14, "symbol": "star", "line": {"color": "#ffffff", "width": 1.5}},
        "hovertemplate": {"$join": ["best<br>", _X_AND_Y, "<extra></extra>"]},
    }


def _slice(name: str) -> Template:
    """The posterior above, the expected improvement along the same axis below."""

    def along(row: str) -> Reference:
        return {"$landscape": f"slice_{name}.{row}"}

    values = along("values")
    at: Reference = {"$join": [{"$landscape": name}, ": %{x:.6~g}<br>"]}
    edge = {"type": "scatter", "mode": "lines", "x": values, "hoverinfo": "skip", "showlegend": False}
    return {
        "data": [
            {**edge, "name": "low", "y": along("low"), "line": {"color": CLEAR, "width": 0}},
            {
                **edge,
                "name": "95 % band",
                "y": along("high"),
                "line": {"color": CLEAR, "width": 0},
                "fill": "tonexty",
                "fillcolor": _BAND,
            },
            {
                "type": "scatter",
                "mode": "lines",
                "name": "expected",
                "x": values,
                "y": along("mean"),
                "line": {"color": _MODEL, "width": 2},
                "hovertemplate": {"$join": [at, "expected ", _VALUE, "%{y:.4~g}<extra></extra>"]},
            },
            {
                "type": "scatter",
                "mode": "markers",
                "name": "trials",
                "x": {"$landscape": f"trials.{name}"},
                "y": _RESULTS,
                "customdata": _NUMBERS,
                "marker": {"color": PALETTE["cancelled"], "size": 5, "symbol": "circle", "opacity": 0.7},
                "hovertemplate": {
                    "$join": ["trial %{customdata}<br>", at, _VALUE, "%{y:.4~g}<extra></extra>"]
                },
            },
            {
                "type": "scatter",
                "mode": "lines",
                "name": "expected improvement",
                "x": values,
                "y": along("acquisition"),
                "yaxis": "y2",
                "line": {"color": _WORTH, "width": 1.5},
                "fill": "tozeroy",
                "fillcolor": _WORTH_BAND,
                "hovertemplate": {"$join": [at, "expected improvement: %{y:.4~g}<extra></extra>"]},
            },
            beyond(
                _NUMBERS,
                _RESULTS,
                of=_RESULTS,
                x={"$landscape": f"trials.{name}"},
                colour=PALETTE["cancelled"],
            ),
        ],
        "layout": layout(
            {**of_parameter(name), "anchor": "y2"},
            of_values(_RESULTS, domain=[0.26, 1.0], nticks=6),
            yaxis2=axis("improvement", domain=[0.0, 0.18], nticks=3, rangemode="tozero"),
            **NO_LEGEND,
        ),
    }
