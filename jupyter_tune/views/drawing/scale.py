"""One axis of a filled chart: where a value stands, and how that is labelled."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import unescape
from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, PercentFormatter

from jupyter_tune.views.charts.derived import range_of

_MOST_TICKS = 8
_LONGEST_TEXT = 40
_FARTHEST = 1e307
_MARGIN = 0.04
"""Of an axis that begins where it should, so that its first mark is not cut by the edge."""


class Scale:
    """The axis `letter` (x or y) that these traces are drawn on."""

    def __init__(self, axis: Mapping[str, Any], traces: Sequence[Mapping[str, Any]], letter: str):
        self.axis = axis
        self._is_log = axis.get("type") == "log"
        self._categories: list[str] | None = None
        if axis.get("type") == "category":
            values = (str(cell) for trace in traces for cell in trace.get(letter) or () if cell is not None)
            self._categories = list(dict.fromkeys(values))
            if axis.get("categoryorder") == "category descending":
                self._categories.sort(reverse=True)

    def places(self, values: Sequence[Any] | None) -> list[float]:
        if self._categories is not None:
            places = {category: float(place) for place, category in enumerate(self._categories)}
            return [places.get(str(value), math.nan) for value in values or ()]
        return [math.nan if value is None else _bearable(value) for value in values or ()]

    def edges(self, middles: Sequence[float]) -> list[float]:
        """The borders of cells with these middles, halfway between them on this scale."""
        at = [math.log(middle) for middle in middles] if self._is_log else list(middles)
        gaps = [b - a for a, b in pairwise(at)] or [1.0]
        edges = [at[0] - gaps[0] / 2, *(a + gap / 2 for a, gap in zip(at, gaps, strict=False))]
        edges.extend([at[-1] + gaps[-1] / 2] * (len(at) + 1 - len(edges)))
        return [math.exp(edge) for edge in edges] if self._is_log else edges

    def label(self, axes: Axes, axis: Axis, ink: str) -> None:
        """Title, ticks and limits of the matplotlib axis."""
        looks = self.axis
        # a name is never a formula, whatever dollar signs it has
        axis.set_label_text(plain(looks.get("title", {}).get("text")), color=ink, parse_math=False)
        if self._categories is not None:
            axis.set_ticks(
                range(len(self._categories)), labels=map(plain, self._categories), parse_math=False
            )
            self._limit(axes, axis)
            return
        if self._is_log:
            axis._set_axes_scale("log")  # type: ignore[attr-defined]
            axis.set_minor_formatter(NullFormatter())
        if looks.get("tickvals") is not None:
            axis.set_ticks(looks["tickvals"], labels=map(plain, looks["ticktext"]), parse_math=False)
        elif self._is_log:
            low, high = looks.get("domain", (0.0, 1.0))
            axis.set_major_locator(LogLocator(numticks=max(3, round(_MOST_TICKS * (high - low)))))
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        elif "nticks" in looks:
            whole = looks.get("tickformat") == "d"
            axis.set_major_locator(MaxNLocator(looks["nticks"], integer=whole, steps=[1, 2, 5, 10]))
        if looks.get("tickformat", "").endswith("%"):
            axis.set_major_formatter(PercentFormatter(1, decimals=0))
        self._limit(axes, axis)

    def _limit(self, axes: Axes, axis: Axis) -> None:
        along_x = axis is axes.xaxis
        # asked for through the axes, which then have looked at their data
        low, high = axes.get_xlim() if along_x else axes.get_ylim()
        include = self.axis.get("autorangeoptions", {}).get("include")
        if self.axis.get("range") is not None:
            low, high = range_of([_bearable(end) for end in self.axis["range"]])
        elif include:
            least, most = include
            ends = least - _MARGIN * (most - least), most
            low, high = (min(low, *ends), max(high, *ends)) if axes.has_data() else ends
        elif self.axis.get("rangemode") == "tozero":
            low = min(0.0, low)
        if self.axis.get("autorange") == "reversed":
            low, high = high, low
        set_limits = axes.set_xlim if along_x else axes.set_ylim
        set_limits(low, high)


def _bearable(value: float) -> float:
    """The value, or the edge beyond which an axis would be longer than the greatest number."""
    return max(-_FARTHEST, min(_FARTHEST, float(value)))


def plain(text: str | None) -> str:
    """A chart's text as far as a picture can show it: no markup, one line, not endless."""
    shown = "".join(char if char.isprintable() else " " for char in unescape(text or ""))
    return shown if len(shown) <= _LONGEST_TEXT else shown[: _LONGEST_TEXT - 1] + "…"
