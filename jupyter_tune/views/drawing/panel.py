"""One filled chart on one figure: its axes where the layout has them, its traces, legend and notes.

What of Plotly's layouts is known: axes with domains, which make a grid; a second y axis over the first, on
the right; marks along the edges (traces with y0); annotations at places of the chart, and one on its paper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.gridspec import GridSpec

from jupyter_tune.views.drawing.scale import Scale, plain
from jupyter_tune.views.drawing.traces import FONT_SIZE, Place, colour, draw_trace

Chart = Mapping[str, Any]
Panel: TypeAlias = Figure | SubFigure

_LEGEND_MARK = 6
_ALL = (0.0, 1.0)
_Pair: TypeAlias = tuple[str, str]


def draw(chart: Chart, panel: Panel, ink: str) -> None:
    """Draws the chart; its words are in `ink`."""
    layout, traces = chart["layout"], chart["data"]
    by_axes: dict[_Pair, list[Mapping[str, Any]]] = {}
    for trace in traces:
        by_axes.setdefault(_pair(trace), []).append(trace)
    by_axes = by_axes or {("x", "y"): []}
    axes = _all_axes(layout, list(by_axes), panel)
    for pair, own in by_axes.items():
        place = Place(
            axes[pair],
            Scale(_looks(layout, pair[0]), own, "x"),
            Scale(_looks(layout, pair[1]), own, "y"),
            panel,
            ink,
        )
        for before, trace in zip([None, *own], own, strict=False):
            draw_trace(trace, place, layout.get("coloraxis"), before)
        first_in_row = next(other for other in by_axes if other[1] == pair[1]) == pair
        _frame(place, over=_is_over(layout, pair[1]), named=first_in_row)
    first = axes[next(iter(by_axes))]
    _annotate(layout.get("annotations", ()), first, panel, ink)
    if not any(one.has_data() for one in axes.values()):
        first.text(0.5, 0.5, "nothing to show", ha="center", color=ink, transform=first.transAxes)
    if layout.get("showlegend", True):
        _legend(traces, list(axes.values()), panel, ink)


def _pair(trace: Mapping[str, Any]) -> _Pair:
    # marks along an edge need no axis of their own
    return trace.get("xaxis", "x"), "y" if "y0" in trace else trace.get("yaxis", "y")


def _looks(layout: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    looks: Mapping[str, Any] = layout[f"{name[0]}axis{name[1:]}"]
    return looks


def _is_over(layout: Mapping[str, Any], name: str) -> bool:
    return "overlaying" in _looks(layout, name)


def _all_axes(layout: Mapping[str, Any], pairs: Sequence[_Pair], panel: Panel) -> dict[_Pair, Axes]:
    """matplotlib's axes by pairs of Plotly's: in a grid as their domains say, or over each other."""
    domains = [[tuple(_looks(layout, name).get("domain", _ALL)) for name in pair] for pair in pairs]
    columns = sorted({x for x, _ in domains})
    rows = sorted({y for _, y in domains}, reverse=True)
    heights = [high - low for low, high in rows]
    grid = GridSpec(len(rows), len(columns), figure=panel, height_ratios=heights)  # type: ignore[arg-type]
    axes: dict[_Pair, Axes] = {}
    for pair, (x, y) in zip(pairs, domains, strict=True):
        if _is_over(layout, pair[1]):
            axes[pair] = axes[pair[0], _looks(layout, pair[1])["overlaying"]].twinx()
            continue
        alike = [one for (_, other), one in axes.items() if other == pair[1]]
        above = [one for (other, _), one in axes.items() if other == pair[0]]
        axes[pair] = panel.add_subplot(
            grid[rows.index(y), columns.index(x)],
            sharey=alike[0] if alike else None,
            sharex=above[0] if above else None,
        )
        axes[pair].tick_params(labelleft=not alike)
        for one in above:
            one.tick_params(labelbottom=False)
    return axes


def _frame(place: Place, *, over: bool, named: bool) -> None:
    """Args: over: they lie over others, whose x axis they share; named: the y axis is labelled here."""
    axes = place.axes
    axes.set_facecolor("none")
    for scale, axis in ((place.x, axes.xaxis), (place.y, axes.yaxis)):
        if not (over and axis is axes.xaxis):
            scale.label(axes, axis, place.ink)
        axis.set_visible(scale.axis.get("visible", True) and not (over and axis is axes.xaxis))
        if scale.axis.get("showgrid", True) and "gridcolor" in scale.axis:
            axis.grid(color=colour(scale.axis["gridcolor"]), linewidth=0.8)
    if not named:
        axes.set_ylabel("")
    axes.set_axisbelow(True)
    axes.tick_params(which="both", colors=place.ink, length=0)
    axes.tick_params(axis="x", pad=2 + place.x.axis.get("ticklen", 0))
    for side in axes.spines.values():
        side.set_visible(False)


def _annotate(notes: Sequence[Mapping[str, Any]], axes: Axes, panel: Panel, ink: str) -> None:
    for note in notes:
        text, size = plain(note["text"]), note["font"]["size"] - 0.5
        if note.get("xref") == "paper":
            panel.supxlabel(text, x=0.99, ha="right", color=ink, size=size)
            continue
        axes.annotate(
            text,
            (note["x"], note["y"]),
            xytext=(0, note.get("yshift", 0) + (-3 if note["yanchor"] == "top" else 2)),
            textcoords="offset points",
            ha=note["xanchor"],
            va=note["yanchor"],
            size=size,
            color=ink,
            annotation_clip=False,
            parse_math=False,
        )


def _legend(traces: Sequence[Mapping[str, Any]], axes: Sequence[Axes], panel: Panel, ink: str) -> None:
    """One line along the top edge, in the order of ranks."""
    ranks = {trace["name"]: trace["legendrank"] for trace in traces if trace.get("showlegend", True)}
    entries = [entry for one in axes for entry in zip(*one.get_legend_handles_labels(), strict=True)]
    entries.sort(key=lambda entry: ranks[entry[1]])
    if not entries:
        return
    legend = panel.legend(
        [handle for handle, _ in entries],
        [label for _, label in entries],
        loc="outside upper left",
        ncols=len(entries),
        frameon=False,
        labelcolor=ink,
        fontsize=FONT_SIZE - 0.5,
        handlelength=1.0,
        handletextpad=0.5,
        columnspacing=1.1,
        borderpad=0.1,
        borderaxespad=0.2,
    )
    for line in legend.get_lines():
        line.set_alpha(1)
        if line.get_linestyle() != "None":
            line.set_marker("")
        line.set(markersize=_LEGEND_MARK, markeredgewidth=1.0)
