"""Pictures of filled chart templates, without a browser: SVG for an <img>, PNG for everywhere else.

Knows as much of Plotly as the templates use: scatter traces (lines, markers, steps), heatmaps, linear,
logarithmic and category axes, and marks along a second axis from 0 to 1. Matplotlib is used through its
Figure alone; no state outlives a call.

An SVG has no background and no script; its text is in the fonts of the reader's machine. Nothing in it
grows without bound: what are many marks is one image inside of it.
"""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Collection, Mapping, Sequence
from html import unescape
from itertools import pairwise
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

Chart = Mapping[str, Any]
Panel = Figure | SubFigure

WIDTH, HEIGHT = 400, 290
"""Of one chart, in CSS pixels."""

_TITLE = 24
"""The height of a line of titles in a PNG."""

_POINTS_PER_INCH = 72
_PIXELS_PER_INCH = 144
"""Of PNGs, and of images in an SVG: two for each CSS pixel."""

_MOST_MARKERS = 1000
"""Beyond, the marks of one trace are drawn as an image: each would be an element of the SVG."""

_ROOMY = 200
"""So many marks of one trace have room in full size."""

_LEGEND_MARK = 6
_PNG_INK = "#333333"
_FONT_SIZE = 11.5
_SYMBOLS = {"circle": "o", "diamond": "D", "x": "X", "star": "*", "triangle-down": "v"}
_MOST_TICKS = 8
_STYLE: dict[Any, Any] = {"svg.fonttype": "none", "font.size": _FONT_SIZE, "axes.linewidth": 0.8}


def svg(chart: Chart, ink: str) -> str:
    """The chart as the text of an SVG file; `ink` is the colour of its words, on a clear ground."""
    figure = Figure(figsize=_inches(WIDTH, HEIGHT), layout="constrained")
    _draw(chart, figure, ink)
    return _small(_saved(figure, format="svg", transparent=True).decode())


def png(charts: Mapping[str, Chart]) -> bytes:
    """The charts by their titles, side by side on white."""
    size = _inches(WIDTH * len(charts), _TITLE + HEIGHT)
    figure = Figure(figsize=size, layout="constrained", facecolor="white")
    rows = figure.subfigures(2, len(charts), squeeze=False, height_ratios=[_TITLE, HEIGHT])
    for (title, chart), head, panel in zip(charts.items(), *rows, strict=True):
        head.text(0.01, 0.4, _shown(title), va="center", color=_PNG_INK, weight="bold", parse_math=False)
        _draw(chart, panel, _PNG_INK)
    return _saved(figure, format="png", transparent=False)


def _inches(width: float, height: float) -> tuple[float, float]:
    return width / _POINTS_PER_INCH, height / _POINTS_PER_INCH


def _saved(figure: Figure, *, format: str, transparent: bool) -> bytes:
    file = io.BytesIO()
    nothing_said = {"metadata": dict.fromkeys(("Creator", "Date", "Format", "Type"))}
    # with a salt the same chart has the same ids, thus the same text
    with matplotlib.rc_context({**_STYLE, "svg.hashsalt": "chart"}), warnings.catch_warnings():
        # a name in a script that the font lacks is drawn as boxes in the PNG; an SVG has the reader's fonts
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(
            file,
            format=format,
            dpi=_PIXELS_PER_INCH,
            transparent=transparent,
            **(nothing_said if format == "svg" else {}),
        )
    return file.getvalue()


def _small(text: str) -> str:
    """The <svg> element alone, in half the bytes, with one font for all of it."""
    text = text[text.index("<svg") :]
    text = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>|<style\b.*?</style>", "", text, flags=re.DOTALL)
    used = set(re.findall(r'(?:href="|url\()#([^")]+)', text))
    text = re.sub(r"<[^>]*>", lambda tag: _ATTRIBUTE.sub(lambda found: _short(found, used), tag[0]), text)
    text = re.sub(r">\s+<", "><", text).replace("<defs></defs>", "")
    text = _MARKERS.sub(_styled_once, text)
    root = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'font-family="{_FONTS}" stroke-linejoin="round" stroke-linecap="butt">'
    )
    return root + text[text.index(">") + 1 :].strip()


_FONTS = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"

_ATTRIBUTE = re.compile(r'\s+([\w:-]+)="([^"]*)"')
_MARKER = r'<use xlink:href="#\w+" x="[^"]*" y="[^"]*" style="{}"/>'
_MARKERS = re.compile(
    r"(<g[^>]*)>((?:" + _MARKER.format('([^"]*)') + ")(?:" + _MARKER.format(r"\3") + ")+)</g>"
)


def _styled_once(group: re.Match[str]) -> str:
    """A group of equal markers with their style on the group: hundreds of marks, half the text."""
    opening, markers, style = group.groups()
    return f'{opening} style="{style}">' + markers.replace(f' style="{style}"', "") + "</g>"


def _short(attribute: re.Match[str], used: Collection[str]) -> str:
    """An attribute without a font of its own, places to a tenth of a pixel; no id that nothing refers to."""
    name, value = attribute.groups()
    if name == "id" and value not in used:
        return ""
    if name == "style":
        value = re.sub(r" ?font-family: [^;]*;?", "", value)
    elif not value.startswith("data:"):
        value = re.sub(r"-?\d+\.\d{2,}", lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), value)
    if name == "d" or value.startswith("data:"):
        value = re.sub(r"\s*\n\s*", "", value)
    return f' {name}="{value}"'


def _draw(chart: Chart, panel: Panel, ink: str) -> None:
    with matplotlib.rc_context(_STYLE):
        axes = panel.add_subplot()
        axes.set_facecolor("none")
        layout = chart["layout"]
        scales = {name: _Scale(layout[f"{name}axis"], chart["data"], name) for name in "xy"}
        for trace in chart["data"]:
            _trace(axes, trace, scales, panel, ink)
        for name, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
            scales[name].label(axis, ink)
        _frame(axes, layout, ink)
        if not axes.has_data():
            axes.text(0.5, 0.5, "nothing to show", ha="center", color=ink, transform=axes.transAxes)
        if layout.get("showlegend", True):
            _legend(chart["data"], axes, panel, ink)


def _legend(traces: Sequence[Mapping[str, Any]], axes: Axes, panel: Panel, ink: str) -> None:
    """One line along the top edge, in the order of ranks."""
    ranks = {trace["name"]: trace["legendrank"] for trace in traces if trace.get("showlegend", True)}
    handles, labels = axes.get_legend_handles_labels()
    entries = sorted(zip(handles, labels, strict=True), key=lambda entry: ranks[entry[1]])
    if not entries:
        return
    legend = panel.legend(
        [handle for handle, _ in entries],
        [label for _, label in entries],
        loc="outside upper left",
        ncols=len(entries),
        frameon=False,
        labelcolor=ink,
        fontsize=_FONT_SIZE - 0.5,
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


class _Scale:
    """One axis: where a value stands, and how that is labelled."""

    def __init__(self, axis: Mapping[str, Any], traces: Sequence[Mapping[str, Any]], name: str):
        self._axis = axis
        self._is_log = axis.get("type") == "log"
        self._categories: list[str] | None = None
        if axis.get("type") == "category":
            values = (str(value) for trace in traces for value in trace.get(name) or () if value is not None)
            self._categories = list(dict.fromkeys(values))

    def places(self, values: Sequence[Any] | None) -> list[float]:
        if self._categories is not None:
            places = {category: float(place) for place, category in enumerate(self._categories)}
            return [places.get(str(value), math.nan) for value in values or ()]
        return [math.nan if value is None else float(value) for value in values or ()]

    def edges(self, middles: Sequence[float]) -> list[float]:
        """The borders of cells with these middles, halfway between them on this scale."""
        at = [math.log(middle) for middle in middles] if self._is_log else list(middles)
        gaps = [b - a for a, b in pairwise(at)] or [1.0]
        edges = [at[0] - gaps[0] / 2, *(a + gap / 2 for a, gap in zip(at, gaps, strict=False))]
        edges.extend([at[-1] + gaps[-1] / 2] * (len(at) + 1 - len(edges)))
        return [math.exp(edge) for edge in edges] if self._is_log else edges

    def label(self, axis: Axis, ink: str) -> None:
        # a name is never a formula, whatever dollar signs it has
        axis.set_label_text(_shown(self._axis["title"]["text"]), color=ink, parse_math=False)
        if self._categories is not None:
            labels = [_shown(category) for category in self._categories]
            axis.set_ticks(range(len(labels)), labels=labels, parse_math=False)
        elif self._is_log:
            axis._set_axes_scale("log")  # type: ignore[attr-defined]
            axis.set_major_locator(LogLocator(numticks=_MOST_TICKS))
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axis.set_minor_formatter(NullFormatter())
        elif "nticks" in self._axis:
            axis.set_major_locator(MaxNLocator(self._axis["nticks"], integer=True, steps=[1, 2, 5, 10]))


def _frame(axes: Axes, layout: Mapping[str, Any], ink: str) -> None:
    for name, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
        if layout[f"{name}axis"].get("showgrid", True):
            axis.grid(color=_colour(layout[f"{name}axis"]["gridcolor"]), linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(which="both", colors=ink, length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    include = layout["xaxis"].get("autorangeoptions", {}).get("include")
    if include:
        low, high = axes.get_xlim() if axes.has_data() else (math.inf, -math.inf)
        axes.set_xlim(min(low, *include), max(high, *include))


def _trace(
    axes: Axes, trace: Mapping[str, Any], scales: Mapping[str, _Scale], panel: Panel, ink: str
) -> None:
    if trace["type"] == "heatmap":
        _heatmap(axes, trace, scales, panel, ink)
        return
    x = scales["x"].places(trace["x"])
    along_the_edge = trace.get("yaxis") == "y2"
    y = [trace["y0"]] * len(x) if along_the_edge else scales["y"].places(trace["y"])
    there = [not (math.isnan(a) or math.isnan(b)) for a, b in zip(x, y, strict=True)]
    if not any(there):
        return
    style: dict[str, Any] = {"linestyle": "none", "alpha": trace.get("opacity")}
    marked = [place for place, is_there in enumerate(there) if is_there]
    if "lines" in trace["mode"]:
        line = trace["line"]
        style |= {"linestyle": "-", "color": _colour(line["color"]), "linewidth": line["width"]}
        style |= {"drawstyle": "steps-post" if line.get("shape") == "hv" else "default"}
        # a line shows its points by itself, but for those without a neighbour
        joined = [False, *there, False]
        marked = [place for place in marked if not joined[place] and not joined[place + 2]]
    if "markers" in trace["mode"]:
        style |= _marker(trace["marker"], len(marked)) | {"markevery": marked}
        style |= {"rasterized": len(marked) > _MOST_MARKERS}
    if along_the_edge:
        style |= {"transform": axes.get_xaxis_transform()}
    if trace.get("showlegend", True):
        style |= {"label": trace["name"]}
    axes.plot(x, y, **style)


def _marker(marker: Mapping[str, Any], count: int) -> dict[str, Any]:
    """The look of one of so many marks: where they would cover each other, they are smaller."""
    shrunk = min(1.0, max(0.3, math.sqrt(_ROOMY / max(1, count))))
    symbol, _, is_open = marker.get("symbol", "circle").partition("-")
    colour = to_rgba(_colour(marker["color"]), marker.get("opacity"))
    outline = marker.get("line", {})
    return {
        "marker": _SYMBOLS[symbol],
        "markersize": marker["size"] * shrunk,
        "markerfacecolor": "none" if is_open else colour,
        "markeredgecolor": _colour(outline["color"]) if outline else colour,
        "markeredgewidth": outline.get("width", 1.2 * shrunk if is_open else 0.0),
    }


def _heatmap(
    axes: Axes, trace: Mapping[str, Any], scales: Mapping[str, _Scale], panel: Panel, ink: str
) -> None:
    if not trace["z"] or not trace["x"] or not trace["y"]:
        return
    x, y = (scales[name].edges(scales[name].places(trace[name])) for name in "xy")
    z = [[math.nan if cell is None else cell for cell in row] for row in trace["z"]]
    # as an image: thousands of cells would be thousands of paths
    mesh = axes.pcolormesh(x, y, z, cmap=trace["colorscale"].lower(), rasterized=True)
    bar = panel.colorbar(mesh, ax=axes, pad=0.02, aspect=25)
    bar.outline.set_visible(False)
    bar.ax.tick_params(colors=ink, length=0, labelsize=trace["colorbar"]["tickfont"]["size"] - 0.5)


def _colour(text: str) -> tuple[float, float, float, float]:
    """A colour as Plotly writes it: a name, #rrggbb, or rgba(r,g,b,a) with r, g, b up to 255."""
    parts = re.fullmatch(r"rgba\(([^)]*)\)", text)
    if parts is None:
        return to_rgba(text)
    red, green, blue, alpha = map(float, parts[1].split(","))
    return red / 255, green / 255, blue / 255, alpha


def _shown(text: str | None) -> str:
    """A chart's text as far as a picture can show it: no markup, one line, not endless."""
    plain = "".join(char if char.isprintable() else " " for char in unescape(text or ""))
    return plain if len(plain) <= 40 else plain[:39] + "…"
