"""How the values of the trials are distributed."""

from __future__ import annotations

from typing import Any

from jupyter_tune.views.charts.style import METRIC, NO_LEGEND, PALETTE, Template, axis, layout, trials


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
                "hovertemplate": "trial %{customdata}<br>%{y:.0%} not above %{x:.5g}<extra></extra>",
            }
        ],
        "layout": layout(
            axis(METRIC), axis("share of trials", range=[0, 1.03], tickformat=".0%"), **NO_LEGEND
        ),
    }
