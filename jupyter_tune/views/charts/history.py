"""The result of every trial, and the best so far."""

from __future__ import annotations

from typing import Any

from jupyter_tune.core.space import Space
from jupyter_tune.views.charts.style import (
    BEST,
    INK,
    PALETTE,
    TINY,
    Reference,
    Template,
    Trace,
    beyond,
    counting,
    edge_axis,
    hover,
    layout,
    of_values,
    rank,
    trials,
)
from jupyter_tune.views.tables.standing import FEASIBLE, INFEASIBLE, ON_THE_FRONT

_RESULTS = {"pruned": "value", "cancelled": "value", "complete": "value", "running": "last"}
_SHOWN: Reference = {"$column": "trials.value"}
"""What spans the axis."""


def history(space: Space, *, constrained: bool = False) -> Template:
    """The result of every trial in the order of numbers, the best so far, and what people did.

    With constraints complete trials that violate one are crosses: they are never the best.
    """
    complete = {"standing": [ON_THE_FRONT, FEASIBLE]} if constrained else {}
    return {
        "data": [
            *([_infeasible(space)] if constrained else []),
            _results(space, "pruned", symbol="circle-open", size=6),
            _results(space, "cancelled", symbol="circle-open", size=6),
            _results(space, "complete", symbol="circle", size=7, **complete),
            _results(space, "running", symbol="diamond-open", size=7),
            _failures(space),
            {
                "type": "scatter",
                "mode": "lines",
                "name": "best so far",
                "legendrank": rank("best so far"),
                "x": trials("number"),
                "y": trials("best"),
                "customdata": trials("number"),
                "line": {"color": BEST, "width": 2, "shape": "hv"},
                "hovertemplate": "best up to trial %{x}<br>%{y:.4~g}<extra></extra>",
            },
            _acts(),
            *(_beyond(state, column) for state, column in _RESULTS.items()),
        ],
        "layout": layout(counting("trial"), of_values(_SHOWN), yaxis2=edge_axis()),
    }


def _beyond(state: str, column: str) -> Trace:
    number = trials("number", state)
    return beyond(number, trials(column, state), of=_SHOWN, x=number, colour=PALETTE[state], meta=state)


def _results(space: Space, state: str, *, symbol: str, size: int, **options: Any) -> Trace:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": state,
        "legendrank": rank(state),
        "x": trials("number", state, **options),
        "y": trials(_RESULTS[state], state, **options),
        "customdata": trials("number", state, **options),
        "hovertext": {**hover(space, state), **options},
        "marker": {"color": PALETTE[state], "size": size, "symbol": symbol, "opacity": 0.85},
        "hovertemplate": f"trial %{{x}}<br>%{{y:.4~g}}<br>%{{hovertext}}<extra>{state}</extra>",
    }


def _infeasible(space: Space) -> Trace:
    looks = {"color": PALETTE["cancelled"], "size": 7, "symbol": "x"}
    return {
        **_results(space, "complete", symbol="x", size=7, standing=[INFEASIBLE]),
        "name": INFEASIBLE,
        "legendrank": rank(INFEASIBLE),
        "marker": looks,
        "hovertemplate": f"trial %{{x}}<br>%{{y:.4~g}}<br>%{{hovertext}}<extra>{INFEASIBLE}</extra>",
    }


def _failures(space: Space) -> Trace:
    """Failed trials have no value: crosses on the bottom edge."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "failed",
        "legendrank": rank("failed"),
        "x": trials("number", "failed"),
        "y0": 0.02,
        "dy": TINY,
        "yaxis": "y2",
        "customdata": trials("number", "failed"),
        "hovertext": hover(space, "failed"),
        "marker": {"color": PALETTE["failed"], "size": 8, "symbol": "x"},
        "hovertemplate": "trial %{x}<br>%{hovertext}<extra>failed</extra>",
    }


def _acts() -> Trace:
    """What people did, on the upper edge, where the trials of that time are."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "steered",
        "showlegend": False,
        "x": {"$events": "trial"},
        "y0": 0.985,
        "dy": TINY,
        "yaxis": "y2",
        "hovertext": {"$events": "text"},
        "marker": {"color": INK, "size": 8, "symbol": "triangle-down"},
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
