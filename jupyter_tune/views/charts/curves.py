"""What the trials reported, step by step."""

from __future__ import annotations

from typing import Any

from jupyter_tune.core.space import Space
from jupyter_tune.views.charts.style import (
    PALETTE,
    Reference,
    Template,
    Trace,
    beyond,
    counting,
    hover,
    layout,
    of_values,
    rank,
    trials,
)

_SHOWN: Reference = {"$column": "points.value"}


def curves(space: Space) -> Template:
    """The learning curve of every trial, in the colour of its state.

    Lines, and a dot at the last reading of each: a curve of one report has no line. Dots all along the curves
    were most of what the page had to draw.
    """
    return {
        "data": [
            # the later the more it matters: what is drawn last lies on top
            _curves_of(space, "cancelled"),
            _curves_of(space, "failed"),
            _curves_of(space, "pruned", width=1.0, opacity=0.5),
            _curves_of(space, "complete"),
            _curves_of(space, "running", width=2.0, opacity=1.0),
            _ends_of("complete", size=3),
            _ends_of("cancelled", size=4),
            _ends_of("failed", size=4),
            _ends_of("pruned", size=4),
            _ends_of("running", size=8),
            *(_beyond(state) for state in ("cancelled", "failed", "pruned", "complete", "running")),
        ],
        "layout": layout(counting("step"), of_values(_SHOWN)),
    }


def _curves_of(space: Space, state: str, *, width: float = 1.3, opacity: float = 0.85) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": state,
        "legendrank": rank(state),
        "x": _points("step", state),
        "y": _points("value", state),
        "customdata": _points("number", state),
        "hovertext": {**hover(space, state), "points": True},
        "connectgaps": False,
        "opacity": opacity,
        "line": {"color": PALETTE[state], "width": width},
        "hovertemplate": "trial %{customdata}, step %{x}<br>%{y:.4~g}<br>%{hovertext}"
        f"<extra>{state}</extra>",
    }


def _ends_of(state: str, *, size: int) -> Trace:
    """The last reading of every trial; the curves have the words."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": state,
        "showlegend": False,
        "hoverinfo": "skip",
        "x": trials("step", state),
        "y": trials("last", state),
        "customdata": trials("number", state),
        "marker": {"color": PALETTE[state], "size": size, "symbol": "circle"},
    }


def _beyond(state: str) -> Trace:
    last, step = trials("last", state), trials("step", state)
    number, colour = trials("number", state), PALETTE[state]
    return beyond(number, last, of=_SHOWN, x=step, colour=colour, meta=state)


def _points(column: str, state: str) -> Reference:
    options: dict[str, Any] = {"state": [state], "gap": True}
    return {"$column": f"points.{column}", **options}
