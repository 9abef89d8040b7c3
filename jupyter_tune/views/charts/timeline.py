"""When the trials ran, and where."""

from __future__ import annotations

from jupyter_tune.core.space import Space
from jupyter_tune.views.charts.style import PALETTE, Template, Trace, axis, hover, layout, rank, trials

_STATES = ("complete", "pruned", "running", "failed", "cancelled")


def timeline(space: Space) -> Template:
    """A row for each slot, a bar for each trial from its start to its end; running ones until now."""
    return {
        "data": [_bars(space, state) for state in _STATES],
        "layout": layout(
            axis("time since the start (s)", rangemode="tozero"),
            {**axis(""), "type": "category", "categoryorder": "category descending", "showgrid": False},
            barmode="overlay",
            bargap=0.25,
            # numbers that do not fit their bars are left out
            uniformtext={"mode": "hide", "minsize": 9},
        ),
    }


def _bars(space: Space, state: str) -> Trace:
    end = "status.elapsed_s" if state == "running" else "trials.end_s"
    return {
        "type": "bar",
        "orientation": "h",
        "name": state,
        "legendrank": rank(state),
        "base": trials("start_s", state),
        "x": trials("start_s", state, until=end),
        "y": trials("slot", state),
        "customdata": trials("number", state),
        "text": trials("number", state),
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "hovertext": hover(space, state),
        # a thin rim tells one trial from the next in its slot
        "marker": {"color": PALETTE[state], "line": {"color": "rgba(255,255,255,0.6)", "width": 0.5}},
        "hovertemplate": f"trial %{{customdata}}<br>%{{x:.3g}} s<br>%{{hovertext}}<extra>{state}</extra>",
    }
