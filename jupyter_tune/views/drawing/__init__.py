"""Pictures of filled chart templates, without a browser: SVG for an <img>, PNG for everywhere else.

Knows as much of Plotly as the templates use. Matplotlib is used through its Figure alone; no state outlives
a call.

    panel.py      a chart on one figure: its axes, legend, notes
    scale.py      one axis: where a value stands, and how that is labelled
    traces.py     lines, marks, bars, heatmaps, contours
    compact.py    an SVG in half the bytes

An SVG has no background and no script; its text is in the fonts of the reader's machine. Nothing in it
grows without bound: what are many marks is one image inside of it.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Mapping
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from PIL import Image

from jupyter_tune.views.drawing.compact import compact
from jupyter_tune.views.drawing.panel import Chart, draw
from jupyter_tune.views.drawing.scale import plain
from jupyter_tune.views.drawing.traces import FONT_SIZE

__all__ = ["HEIGHT", "WIDTH", "Chart", "png", "svg"]

WIDTH, HEIGHT = 400, 290
"""Of one chart, in CSS pixels."""

_TITLE = 24
"""The height of a line of titles in a PNG."""

_MOST_COLUMNS = 3
_POINTS_PER_INCH = 72
_PIXELS_PER_INCH = 144
"""Of PNGs, and of images in an SVG: two for each CSS pixel."""

_PNG_INK = "#333333"
_STYLE: dict[Any, Any] = {"svg.fonttype": "none", "font.size": FONT_SIZE, "axes.linewidth": 0.8}


def svg(chart: Chart, ink: str) -> str:
    """The chart as the text of an SVG file; `ink` is the colour of its words, on a clear ground."""
    figure = Figure(figsize=_inches(WIDTH, HEIGHT), layout="constrained")
    with matplotlib.rc_context(_STYLE):
        draw(chart, figure, ink)
    return compact(_saved(figure, format="svg", transparent=True).decode(), WIDTH, HEIGHT)


def png(charts: Mapping[str, Chart]) -> bytes:
    """The charts by their titles, in rows on white."""
    columns = min(_MOST_COLUMNS, len(charts))
    rows = math.ceil(len(charts) / columns)
    size = _inches(WIDTH * columns, (_TITLE + HEIGHT) * rows)
    figure = Figure(figsize=size, layout="constrained", facecolor="white")
    cells = figure.subfigures(2 * rows, columns, squeeze=False, height_ratios=[_TITLE, HEIGHT] * rows)
    with matplotlib.rc_context(_STYLE):
        for at, (title, chart) in enumerate(charts.items()):
            row, column = divmod(at, columns)
            head, panel = cells[2 * row][column], cells[2 * row + 1][column]
            head.text(0.01, 0.4, plain(title), va="center", color=_PNG_INK, weight="bold", parse_math=False)
            draw(chart, panel, _PNG_INK)
    return _of_few_colours(_saved(figure, format="png", transparent=False))


def _of_few_colours(picture: bytes) -> bytes:
    """The PNG in a palette of its own: a third of the bytes, and no eye sees the difference."""
    file = io.BytesIO()
    few = Image.open(io.BytesIO(picture)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    few.save(file, format="png", optimize=True)
    return file.getvalue()


def _inches(width: float, height: float) -> tuple[float, float]:
    return width / _POINTS_PER_INCH, height / _POINTS_PER_INCH


def _saved(figure: Figure, *, format: str, transparent: bool) -> bytes:
    file = io.BytesIO()
    nothing_said = {"metadata": dict.fromkeys(("Creator", "Date", "Format", "Type"))}
    # with a salt the same chart has the same ids, thus the same text
    with matplotlib.rc_context({**_STYLE, "svg.hashsalt": "chart"}), warnings.catch_warnings():
        # a name in a script that the font lacks is drawn as boxes in the PNG; an SVG has the reader's fonts
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        # a small panel with long labels keeps its own margins
        warnings.filterwarnings("ignore", message="constrained_layout not applied")
        figure.savefig(
            file,
            format=format,
            dpi=_PIXELS_PER_INCH,
            transparent=transparent,
            **(nothing_said if format == "svg" else {}),
        )
    return file.getvalue()
