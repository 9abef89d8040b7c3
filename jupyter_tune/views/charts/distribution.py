"""How the values of the trials are distributed."""

from __future__ import annotations

from typing import Any

from jupyter_tune.views.charts.style import (
    METRIC,
    NO_LEGEND,
    PALETTE,
    Template,
    axis,
    layout,
    of_values,
    trials,
)

_SHARE = {
    "$case": "status.direction",
    "minimize": "%{y:.0%} of the trials are as good or better",
    "maximize": "%{y:.0%} of the trials are no better",
}


def edf() -> Template:
    """The share of complete trials whose value is not greater.

    Of a study with more trials than are shown, it is that of an even sample: the best and the newest,
    which are shown besides, would bend it.
    """
    sample: dict[str, Any] = {"every": "status.stride"}
    values = trials("value", "complete", **sample)
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "lines",
                "name": "complete",
                "x": {"$sorted": values},
                "y": {"$ranks": {"$sorted": values}},
                "customdata": {"$sorted": trials("number", "complete", **sample), "by": values},
                "line": {"color": PALETTE["complete"], "width": 2, "shape": "hv"},
                "hovertemplate": {
                    "$join": ["trial %{customdata}<br>", METRIC, ": %{x:.4~g}<br>", _SHARE, "<extra></extra>"]
                },
            }
        ],
        "layout": layout(
            of_values(values), axis("share of trials", range=[0, 1.03], tickformat=".0%"), **NO_LEGEND
        ),
    }
