"""Pictures of filled chart templates, without a browser: SVG to stand in a page, PNG for everywhere else.

Knows as much of Plotly as the templates use: scatter traces (lines, markers, steps), heatmaps, linear,
logarithmic and category axes, and marks along a second axis from 0 to 1. Matplotlib is used through its
Figure alone; no state outlives a call.

An SVG inherits its text colour and font from the page around it, has no ids but its own, and no script.
"""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Mapping, Sequence
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

WIDTH, HEIGHT = 560, 340
"""Of one chart, in CSS pixels."""

_POINTS_PER_INCH = 72
_PIXELS_PER_INCH = 108
_SYMBOLS = {"circle": "o", "diamond": "D", "x": "X", "star": "*"}
_MOST_TICKS = 8

# a colour nobody uses, to be told from the data's and replaced by the page's
_PAGE_INK = "#010203"
_STYLE: dict[Any, Any] = {"svg.fonttype": "none", "font.size": 11.0, "axes.linewidth": 0.8}


def svg(chart: Chart, name: str) -> str:
    """The chart as one <svg> element; `name` sets it apart from others on the page."""
    figure = Figure(figsize=_inches(WIDTH, HEIGHT), layout="constrained")
    _draw(chart, figure, _PAGE_INK)
    text = _saved(figure, format="svg", salt=name, transparent=True).decode()
    return _embeddable(text, name)


def png(charts: Sequence[Chart]) -> bytes:
    """The charts side by side on white."""
    figure = Figure(figsize=_inches(WIDTH * len(charts), HEIGHT), layout="constrained", facecolor="white")
    panels = figure.subfigures(1, len(charts), squeeze=False)[0]
    for chart, panel in zip(charts, panels, strict=True):
        _draw(chart, panel, "#333333")
    return _saved(figure, format="png", salt="png", transparent=False)


def _inches(width: float, height: float) -> tuple[float, float]:
    return width / _POINTS_PER_INCH, height / _POINTS_PER_INCH


def _saved(figure: Figure, *, format: str, salt: str, transparent: bool) -> bytes:
    file = io.BytesIO()
    nothing_said = {"metadata": dict.fromkeys(("Creator", "Date", "Format", "Type"))}
    with matplotlib.rc_context({**_STYLE, "svg.hashsalt": salt}), warnings.catch_warnings():
        # a name in a script that the font lacks is drawn as boxes in the PNG; the SVG has the page's fonts
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(
            file,
            format=format,
            dpi=_PIXELS_PER_INCH,
            transparent=transparent,
            **(nothing_said if format == "svg" else {}),
        )
    return file.getvalue()


def _embeddable(text: str, name: str) -> str:
    """The <svg> element alone, small, and without effect on the page around it."""
    text = text[text.index("<svg") :]
    # a style sheet in an inline SVG would hold for the whole page
    text = re.sub(r"<style\b.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    used = set(re.findall(r'(?:href="|url\()#([^")]+)', text))
    text = re.sub(r' id="([^"]*)"', lambda found: found[0] if found[1] in used else "", text)
    text = re.sub(r'="[^"]*"', lambda found: _plain_attribute(found[0]), text)
    text = re.sub(r">\s+<", "><", text).replace("<defs></defs>", "")
    text = _MARKERS.sub(_styled_once, text)
    root = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'aria-label="{name}" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'style="stroke-linejoin: round; stroke-linecap: butt; max-width: 100%; height: auto">'
    )
    return root + text[text.index(">") + 1 :].strip()


_MARKER = r'<use xlink:href="#\w+" x="[^"]*" y="[^"]*" style="{}"/>'
_MARKERS = re.compile(
    r"(<g[^>]*)>((?:" + _MARKER.format('([^"]*)') + ")(?:" + _MARKER.format(r"\3") + ")+)</g>"
)


def _styled_once(group: re.Match[str]) -> str:
    """A group of equal markers with their style on the group: hundreds of marks, half the text."""
    opening, markers, style = group.groups()
    return f'{opening} style="{style}">' + markers.replace(f' style="{style}"', "") + "</g>"


def _plain_attribute(text: str) -> str:
    """An attribute to a tenth of a pixel, in the font and ink of the page."""
    text = re.sub(r" ?font-family: [^;\"]*;?", "", text).replace(_PAGE_INK, "currentColor")
    text = re.sub(r"-?\d+\.\d{2,}", lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), text)
    return re.sub(r"\s*\n\s*", "", text) if text.startswith('="M') else text


def _draw(chart: Chart, panel: Panel, ink: str) -> None:
    with matplotlib.rc_context(_STYLE):
        axes = panel.add_subplot()
        axes.set_facecolor("none")
        layout = chart["layout"]
        scales = {name: _Scale(layout[f"{name}axis"], chart["data"], name) for name in "xy"}
        drawn = [_trace(axes, trace, scales, panel, ink) for trace in chart["data"]]
        for name, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
            scales[name].label(axis, ink)
        _frame(axes, layout, ink)
        if not any(drawn):
            axes.text(0.5, 0.5, "nothing to show", ha="center", color=ink, transform=axes.transAxes)
        if axes.get_legend_handles_labels()[0]:
            panel.legend(loc="outside lower center", ncols=6, frameon=False, labelcolor=ink, fontsize=10)


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
            axis.set_major_locator(MaxNLocator(self._axis["nticks"], integer=True))


def _frame(axes: Axes, layout: Mapping[str, Any], ink: str) -> None:
    axes.grid(color=_colour(layout["xaxis"]["gridcolor"]), linewidth=0.8)
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
) -> bool:
    """Draws the trace; False if it has nothing to draw."""
    if trace["type"] == "heatmap":
        return _heatmap(axes, trace, scales, panel, ink)
    x = scales["x"].places(trace["x"])
    along_the_edge = trace.get("yaxis") == "y2"
    y = [trace["y0"]] * len(x) if along_the_edge else scales["y"].places(trace["y"])
    if all(math.isnan(a) or math.isnan(b) for a, b in zip(x, y, strict=True)):
        return False
    style: dict[str, Any] = {"linestyle": "none", "alpha": trace.get("opacity")}
    if "lines" in trace["mode"]:
        line = trace["line"]
        style |= {"linestyle": "-", "color": _colour(line["color"]), "linewidth": line["width"]}
        style |= {"drawstyle": "steps-post" if line.get("shape") == "hv" else "default"}
    if "markers" in trace["mode"]:
        style |= _marker(trace["marker"], len(x))
    if along_the_edge:
        style |= {"transform": axes.get_xaxis_transform()}
    if trace.get("showlegend", True):
        style |= {"label": trace["name"]}
    axes.plot(x, y, **style)
    return True


def _marker(marker: Mapping[str, Any], count: int) -> dict[str, Any]:
    symbol, _, is_open = marker.get("symbol", "circle").partition("-")
    colour = to_rgba(_colour(marker["color"]), marker.get("opacity"))
    outline = marker.get("line", {})
    return {
        "marker": _SYMBOLS[symbol],
        "markersize": marker["size"],
        "markerfacecolor": "none" if is_open else colour,
        "markeredgecolor": _colour(outline["color"]) if outline else colour,
        "markeredgewidth": outline.get("width", 1.2 if is_open else 0.0),
        "markevery": max(1, math.ceil(count / marker["maxdisplayed"])) if "maxdisplayed" in marker else None,
    }


def _heatmap(
    axes: Axes, trace: Mapping[str, Any], scales: Mapping[str, _Scale], panel: Panel, ink: str
) -> bool:
    if not trace["z"] or not trace["x"] or not trace["y"]:
        return False
    x, y = (scales[name].edges(scales[name].places(trace[name])) for name in "xy")
    z = [[math.nan if cell is None else cell for cell in row] for row in trace["z"]]
    # as an image: thousands of cells would be thousands of paths
    mesh = axes.pcolormesh(x, y, z, cmap=trace["colorscale"].lower(), rasterized=True)
    bar = panel.colorbar(mesh, ax=axes, pad=0.02, fraction=0.05)
    bar.outline.set_visible(False)
    bar.ax.tick_params(colors=ink, length=0)
    bar.ax.set_ylabel(_shown(trace["colorbar"]["title"]["text"]), color=ink, parse_math=False)
    return True


def _colour(text: str) -> tuple[float, float, float, float]:
    """A colour as Plotly writes it: a name, #rrggbb, or rgba(r,g,b,a) with r, g, b up to 255."""
    parts = re.fullmatch(r"rgba\(([^)]*)\)", text)
    if parts is None:
        return to_rgba(text)
    red, green, blue, alpha = map(float, parts[1].split(","))
    return red / 255, green / 255, blue / 255, alpha


def _shown(text: str | None) -> str:
    """A name as far as a picture can show it: one line, no control characters, not endless."""
    plain = "".join(char if char.isprintable() else " " for char in text or "")
    return plain if len(plain) <= 40 else plain[:39] + "…"
