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
RESULTS: Reference = {"$landscape": "trials.value"}
_VALUE: Reference = {"$join": [METRIC, ": "]}


def along(letter: str, path: str) -> Reference:
    """Values of the landscape's x or y where its axis has them."""
    return {"$landscape": path, "on": f"landscape.{letter}_axis.on"}


def where(x: str, y: str, **more: Any) -> Reference:
    """x and y in words, for the pointer: an axis may have places in their stead."""
    return {
        "$told": [[{"$landscape": "x"}, {"$landscape": x}], [{"$landscape": "y"}, {"$landscape": y}]],
        **more,
    }


_ON_THE_GRID = where("x_values", "y_values", grid=True)
_WHERE_TRIALS_ARE = where("trials.x", "trials.y")
_OF_TRIAL: Reference = {
    "$join": ["trial %{customdata}<br>%{text}<br>", _VALUE, "%{hovertext:.4~g}<extra></extra>"]
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
                "x": along("x", "x_values"),
                "y": along("y", "y_values"),
                "z": {"$landscape": "mean"},
                "hovertext": _ON_THE_GRID,
                "showscale": False,
                "contours": {"coloring": "none", "showlabels": True, "labelfont": {"size": 9, "color": INK}},
                "line": {"color": INK, "width": 1},
                "hovertemplate": {"$join": ["%{hovertext}<br>expected ", _VALUE, "%{z:.4~g}<extra></extra>"]},
            },
            coloured_trials(with_value(RESULTS)),
            _best(),
        ],
        "layout": layout(
            of_parameter("x"),
            of_parameter("y"),
            # a few bad values are of the darkest colour, and leave the others theirs
            coloraxis={
                **BETTER_IS_BRIGHT,
                "cmin": {"$range": RESULTS, "trimmed": True, "end": 0},
                "cmax": {"$range": RESULTS, "trimmed": True, "end": 1},
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


def of_parameter(letter: str, values: str = "", *, whole: bool = False) -> dict[str, Any]:
    """The axis of the landscape's x or y (see views/axes/axis.py).

    Args: values: what it spans, if not the grid. whole: where it has places, it shows all of them.
    """

    def own(key: str) -> Reference:
        return {"$landscape": f"{letter}_axis.{key}"}

    ticks = {
        key: {"$case": f"landscape.{letter}_axis.type", "log": reference, "linear": own(key)}
        for key, reference in log_ticks({"$landscape": values or f"{letter}_values"}).items()
    }
    looks = {
        "exponentformat": "power",
        "showgrid": False,
        "ticks": "",
        "tickangle": 0,
        **({"range": own("range")} if whole else {}),
    }
    return axis({"$landscape": letter}, type=own("type"), **looks, **ticks)


def with_value(cells: Reference) -> Reference:
    """Of the cells beside the landscape's trials those of trials with a value, in its rising order."""
    return {"$sorted": cells, "by": RESULTS}


def coloured_trials(colour: Reference) -> Trace:
    """The trials on the plane of the landscape, coloured on the layout's coloraxis."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "trials",
        "x": with_value(along("x", "trials.x")),
        "y": with_value(along("y", "trials.y")),
        "customdata": with_value(_NUMBERS),
        "text": with_value(_WHERE_TRIALS_ARE),
        "hovertext": with_value(RESULTS),
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
                "x": along("x", "x_values"),
                "y": along("y", "y_values"),
                "z": {"$landscape": surface},
                "hovertext": _ON_THE_GRID,
                **colours,
                "colorbar": colorbar(title),
                "hovertemplate": {"$join": ["%{hovertext}<br>", title, ": %{z:.4~g}<extra></extra>"]},
            },
            {
                "type": "scatter",
                "mode": "markers",
                "name": "trials",
                "x": along("x", "trials.x"),
                "y": along("y", "trials.y"),
                "customdata": _NUMBERS,
                "text": _WHERE_TRIALS_ARE,
                "hovertext": RESULTS,
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
        "x": along("x", "best.x"),
        "y": along("y", "best.y"),
        "customdata": [{"$status": "best.number"}],
        "text": where("best.x", "best.y"),
        "marker": {"color": BEST, "size": 14, "symbol": "star", "line": {"color": "#ffffff", "width": 1.5}},
        "hovertemplate": "best<br>%{text}<extra></extra>",
    }


def _slice(name: str) -> Template:
    """The posterior above, the expected improvement along the same axis below."""

    def of(row: str) -> Reference:
        return {"$landscape": f"slice_{name}.{row}"}

    def told(path: str) -> Reference:
        return {"$told": [[{"$landscape": name}, {"$landscape": path}]]}

    values = along(name, f"slice_{name}.values")
    seen = along(name, f"trials.{name}")
    edge = {"type": "scatter", "mode": "lines", "x": values, "hoverinfo": "skip", "showlegend": False}
    return {
        "data": [
            {**edge, "name": "low", "y": of("low"), "line": {"color": CLEAR, "width": 0}},
            {
                **edge,
                "name": "95 % band",
                "y": of("high"),
                "line": {"color": CLEAR, "width": 0},
                "fill": "tonexty",
                "fillcolor": _BAND,
            },
            {
                "type": "scatter",
                "mode": "lines",
                "name": "expected",
                "x": values,
                "y": of("mean"),
                "hovertext": told(f"slice_{name}.values"),
                "line": {"color": _MODEL, "width": 2},
                "hovertemplate": {"$join": ["%{hovertext}<br>expected ", _VALUE, "%{y:.4~g}<extra></extra>"]},
            },
            {
                "type": "scatter",
                "mode": "markers",
                "name": "trials",
                "x": seen,
                "y": RESULTS,
                "customdata": _NUMBERS,
                "hovertext": told(f"trials.{name}"),
                "marker": {"color": PALETTE["cancelled"], "size": 5, "symbol": "circle", "opacity": 0.7},
                "hovertemplate": {
                    "$join": ["trial %{customdata}<br>%{hovertext}<br>", _VALUE, "%{y:.4~g}<extra></extra>"]
                },
            },
            {
                "type": "scatter",
                "mode": "lines",
                "name": "expected improvement",
                "x": values,
                "y": of("acquisition"),
                "hovertext": told(f"slice_{name}.values"),
                "yaxis": "y2",
                "line": {"color": _WORTH, "width": 1.5},
                "fill": "tozeroy",
                "fillcolor": _WORTH_BAND,
                "hovertemplate": "%{hovertext}<br>expected improvement: %{y:.4~g}<extra></extra>",
            },
            beyond(
                _NUMBERS,
                RESULTS,
                of=RESULTS,
                x=seen,
                colour=PALETTE["cancelled"],
            ),
        ],
        "layout": layout(
            {**of_parameter(name, whole=True), "anchor": "y2"},
            of_values(RESULTS, domain=[0.26, 1.0], nticks=6),
            yaxis2=axis("improvement", domain=[0.0, 0.18], nticks=3, rangemode="tozero"),
            **NO_LEGEND,
        ),
    }
