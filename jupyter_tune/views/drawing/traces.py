"""The traces of a filled chart on matplotlib's axes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, LinearSegmentedColormap, to_rgba
from matplotlib.figure import Figure, SubFigure

from jupyter_tune.views.drawing.scale import Scale, plain

Trace = Mapping[str, Any]

FONT_SIZE = 11.5

_MOST_MARKERS = 1000
_MOST_COLOURED = 100
_MOST_POINTS = 4000
_MOST_BARS = 60
"""Beyond, the marks of one trace (of a line: its points) are an image: each would be text of the SVG."""

_STEPS: dict[str | None, Literal["post", "pre"]] = {"hv": "post", "vh": "pre"}

_ROOMY = 200
"""So many marks of one trace have room in full size."""

_SYMBOLS = {
    "circle": "o",
    "diamond": "D",
    "x": "X",
    "star": "*",
    "triangle-down": "v",
    "triangle-up": "^",
    "triangle-left": "<",
    "triangle-right": ">",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where traces are drawn: axes with a scale each, in a panel whose words are in this ink."""

    axes: Axes
    x: Scale
    y: Scale
    panel: Figure | SubFigure
    ink: str


def draw_trace(trace: Trace, place: Place, coloraxis: Mapping[str, Any] | None, before: Trace | None) -> None:
    """Args: coloraxis: the chart's; before: the trace before it on the same axes, which it may fill up to."""
    match trace["type"]:
        case "heatmap":
            _heatmap(trace, place)
        case "contour":
            _contour(trace, place)
        case "bar":
            _bars(trace, place)
        case _ if isinstance(trace.get("marker", {}).get("color"), list):
            _coloured(trace, place, coloraxis or {})
        case _:
            _scatter(trace, place, before)


def colorbar(mesh: ScalarMappable, place: Place, looks: Mapping[str, Any]) -> None:
    bar = place.panel.colorbar(mesh, ax=place.axes.figure.axes, pad=0.02, aspect=25)
    bar.outline.set_visible(False)
    bar.ax.tick_params(colors=place.ink, length=0, labelsize=looks["tickfont"]["size"] - 0.5)
    if "tickvals" in looks:
        bar.set_ticks(looks["tickvals"], labels=looks["ticktext"])
    if "title" in looks:
        bar.set_label(plain(looks["title"]["text"]), size=FONT_SIZE - 1.5, color=place.ink, parse_math=False)


def colour(text: str) -> tuple[float, float, float, float]:
    """A colour as Plotly writes it: a name, #rrggbb, or rgba(r,g,b,a) with r, g, b up to 255."""
    parts = re.fullmatch(r"rgba\(([^)]*)\)", text)
    if parts is None:
        return to_rgba(text)
    red, green, blue, alpha = map(float, parts[1].split(","))
    return red / 255, green / 255, blue / 255, alpha


def _points(trace: Trace, place: Place) -> tuple[list[float], list[float]]:
    """x and y; x0 or y0 stands for a column of the other's length."""
    x = place.x.places(trace.get("x"))
    y = place.y.places(trace.get("y"))
    if "x0" in trace:
        x = [trace["x0"]] * len(y)
    if "y0" in trace:
        y = [trace["y0"]] * len(x)
    return x, y


def _scatter(trace: Trace, place: Place, before: Trace | None) -> None:
    x, y = _points(trace, place)
    there = [not (math.isnan(a) or math.isnan(b)) for a, b in zip(x, y, strict=True)]
    if not any(there):
        return
    style: dict[str, Any] = {"linestyle": "none", "alpha": trace.get("opacity")}
    steps = None
    marked = [at for at, is_there in enumerate(there) if is_there]
    if "lines" in trace["mode"]:
        line = trace["line"]
        style |= {"linestyle": "-", "color": colour(line["color"]), "linewidth": line["width"]}
        steps = _STEPS.get(line.get("shape"))
        style |= {"drawstyle": f"steps-{steps}" if steps else "default"}
        style |= {"rasterized": "markers" not in trace["mode"] and len(marked) > _MOST_POINTS}
        # a line shows its points by itself, but for those without a neighbour
        joined = [False, *there, False]
        marked = [at for at in marked if not joined[at] and not joined[at + 2]]
    if "markers" in trace["mode"]:
        style |= _marker(trace["marker"], len(marked)) | {"markevery": marked}
        style |= {"rasterized": len(marked) > _MOST_MARKERS}
    if "y0" in trace:
        # along an edge: y is a share of the height
        style |= {"transform": place.axes.get_xaxis_transform()}
    if trace.get("showlegend", True):
        style |= {"label": trace["name"]}
    if "fill" in trace:
        up_to = _points(before, place)[1] if trace["fill"] == "tonexty" and before is not None else 0.0
        place.axes.fill_between(x, y, up_to, step=steps, color=colour(trace["fillcolor"]), linewidth=0)
    place.axes.plot(x, y, clip_on=trace.get("cliponaxis", True), **style)


def _coloured(trace: Trace, place: Place, coloraxis: Mapping[str, Any]) -> None:
    """Marks each in a colour of its own, on the scale of the chart."""
    x, y = _points(trace, place)
    colours = trace["marker"]["color"]
    if not x:
        return
    marks = place.axes.scatter(
        x,
        y,
        c=colours,
        s=_shrunk(len(x)) ** 2 * trace["marker"]["size"] ** 2,
        cmap=_colours(coloraxis),
        vmin=coloraxis.get("cmin"),
        vmax=coloraxis.get("cmax"),
        linewidths=trace["marker"].get("line", {}).get("width", 0),
        edgecolors="#222222",
        rasterized=len(x) > _MOST_COLOURED,
    )
    if not any(axes.get_label() == "<colorbar>" for axes in place.panel.axes):
        colorbar(marks, place, coloraxis["colorbar"])


def _bars(trace: Trace, place: Place) -> None:
    lengths = [math.nan if cell is None else float(cell) for cell in trace.get("x") or ()]
    rows = place.y.places(trace.get("y"))
    starts = [math.nan if cell is None else float(cell) for cell in trace.get("base") or [0.0] * len(rows)]
    there = [
        at
        for at, cells in enumerate(zip(lengths, rows, starts, strict=True))
        if not any(map(math.isnan, cells))
    ]
    if not there:
        return
    marker = trace["marker"]
    rim = marker.get("line", {})
    error = trace.get("error_x")
    bars = place.axes.barh(
        [rows[at] for at in there],
        [lengths[at] for at in there],
        height=0.7,
        left=[starts[at] for at in there],
        color=colour(marker["color"]),
        edgecolor=colour(rim["color"]) if rim else "none",
        linewidth=rim.get("width", 0),
        label=trace["name"],
        xerr=error and [[error[side][at] for at in there] for side in ("arrayminus", "array")],
        ecolor=error and error["color"],
        capsize=3,
    )
    for bar in bars:
        bar.set_rasterized(len(there) > _MOST_BARS)


def _colours(looks: Mapping[str, Any]) -> Colormap:
    """A scale of colours: by its name or, in a figure that Plotly has made, as colours and their places."""
    scale = looks["colorscale"]
    if isinstance(scale, str):
        colours: Colormap = colormaps[scale.lower()]
    else:
        colours = LinearSegmentedColormap.from_list("", [(at, colour(name)) for at, name in scale])
    return colours.reversed() if looks.get("reversescale") else colours


def _shrunk(count: int) -> float:
    """The size of a mark among this many: where they would cover each other, they are smaller."""
    return min(1.0, max(0.3, math.sqrt(_ROOMY / max(1, count))))


def _marker(marker: Mapping[str, Any], count: int) -> dict[str, Any]:
    """The look of a mark among this many."""
    shrunk = _shrunk(count)
    symbol, opened = marker.get("symbol", "circle"), False
    if symbol not in _SYMBOLS:
        symbol, opened = symbol.removesuffix("-open"), True
    face = to_rgba(colour(marker["color"]), marker.get("opacity"))
    outline = marker.get("line", {})
    return {
        "marker": _SYMBOLS[symbol],
        "markersize": marker["size"] * shrunk,
        "markerfacecolor": "none" if opened else face,
        "markeredgecolor": colour(outline["color"]) if outline else face,
        "markeredgewidth": outline.get("width", 1.2 * shrunk if opened else 0.0),
    }


def _grid(trace: Trace) -> Sequence[Sequence[float]]:
    return [[math.nan if cell is None else cell for cell in row] for row in trace["z"]]


def _heatmap(trace: Trace, place: Place) -> None:
    if not trace["z"] or not trace["x"] or not trace["y"]:
        return
    x = place.x.edges(place.x.places(trace["x"]))
    y = place.y.edges(place.y.places(trace["y"]))
    # as an image: thousands of cells would be thousands of paths
    mesh = place.axes.pcolormesh(x, y, _grid(trace), cmap=_colours(trace), rasterized=True)
    colorbar(mesh, place, trace["colorbar"])


def _contour(trace: Trace, place: Place) -> None:
    z = trace["z"]
    # a line needs a cell with four corners
    if not z or len(z) < 2 or len(z[0]) < 2:
        return
    line = trace["line"]
    x, y = place.x.places(trace["x"]), place.y.places(trace["y"])
    lines = place.axes.contour(x, y, _grid(trace), colors=line["color"], linewidths=line["width"])
    place.axes.clabel(lines, fontsize=trace["contours"]["labelfont"]["size"])
