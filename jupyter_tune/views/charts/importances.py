"""Which parameters matter."""

from __future__ import annotations

from jupyter_tune.views.charts.style import INK, NO_LEGEND, PALETTE, Reference, Template, axis, layout


def importances() -> Template:
    """The share of the modelled variance that each parameter explains, with its uncertainty."""

    def of(row: str, until: str = "") -> Reference:
        end = {"until": f"landscape.importances.{until}"} if until else {}
        return {"$landscape": f"importances.{row}", **end}

    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "name": "importance",
                "y": of("names"),
                "x": of("mean"),
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": of("mean", until="high"),
                    "arrayminus": of("low", until="mean"),
                    "color": INK,
                    "thickness": 1.5,
                    "width": 4,
                },
                "marker": {"color": PALETTE["complete"]},
                "hovertemplate": "%{y}<br>%{x:.1%}<extra></extra>",
            }
        ],
        "layout": layout(
            axis("share of the variance", tickformat=".0%", rangemode="tozero", nticks=6),
            {**axis(""), "type": "category", "autorange": "reversed", "showgrid": False},
            bargap=0.35,
            **NO_LEGEND,
        ),
    }
