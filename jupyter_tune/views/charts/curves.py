"""What the trials reported, step by step."""

from __future__ import annotations

from typing import Any

from jupyter_tune.views.charts.style import (
    METRIC,
    PALETTE,
    Reference,
    Template,
    Trace,
    axis,
    counting,
    layout,
    rank,
    trials,
)

_MOST_MARKERS = 400
"""Dots on the curves of one state; every dot is a node of the page."""


def curves() -> Template:
    """The learning curve of every trial, in the colour of its state."""
    running = {"x": trials("step", "running"), "y": trials("last", "running")}
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
                **running,
                "customdata": trials("number", "running"),
                "marker": {"color": PALETTE["running"], "size": 8, "symbol": "circle"},
            },
        ],
        "layout": layout(counting("step"), axis(METRIC)),
    }


def _curves_of(state: str, *, width: float = 1.3, opacity: float = 0.85) -> Trace:
    return {
        "type": "scatter",
        # dots too: a curve of one report has no line
        "mode": "lines+markers",
        "name": state,
        "legendrank": rank(state),
        "x": _points("step", state),
        "y": _points("value", state),
        "customdata": _points("number", state),
        "connectgaps": False,
        "opacity": opacity,
        "line": {"color": PALETTE[state], "width": width},
        "marker": {"color": PALETTE[state], "size": 2.5, "maxdisplayed": _MOST_MARKERS},
        "hovertemplate": f"trial %{{customdata}}, step %{{x}}<br>%{{y:.5g}}<extra>{state}</extra>",
    }


def _points(column: str, state: str) -> Reference:
    options: dict[str, Any] = {"state": [state], "gap": True}
    return {"$column": f"points.{column}", **options}
