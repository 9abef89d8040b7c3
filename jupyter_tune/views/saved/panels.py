"""The charts of a saved study: those that have something to show, each with its words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.trial import COMPLETE
from jupyter_tune.views.charts import templates, title_of
from jupyter_tune.views.charts.style import foremost
from jupyter_tune.views.charts.template import as_markup, fill
from jupyter_tune.views.drawing import Chart

_FEWEST_TO_COMPARE = 2


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart and its words: the title above it, what it shows where it cannot be seen, and a note."""

    chart: Chart
    title: str
    instead: str
    note: str = ""


def panels(space: Space, settings: Settings, snapshot: dict[str, Any]) -> Iterator[Panel]:
    """The charts of these tables; the results in any case.

    Args: snapshot: as `columns.unpacked` gives it.
    """
    charts = templates(space, foremost(space), settings)
    status, landscape, rows = snapshot["status"], snapshot["landscape"], snapshot["trials"]
    metric = status["metric"]

    def panel(chart: str, instead: str, note: str = "", over: str = "") -> Panel:
        title = title_of(chart, charts[chart], metric) + over
        return Panel(fill(charts[chart], snapshot, as_markup), title, f"chart: {instead}", note)

    results = f"{metric} of every trial in the order of numbers, and the best so far"
    for front in (name for name in charts if name.startswith("front")):
        yield panel(front, "the complete trials over two metrics, and those on the front")
    yield panel("history", results)
    if snapshot["points"]["number"]:
        yield panel("curves", f"{metric} step by step, one curve for each trial")
    if landscape is not None and landscape["mean"]:
        over = f" over {landscape['x']} and {landscape['y']}"
        note = "; ".join(filter(None, ["dots: trials, star: the best", landscape["note"]]))
        yield panel("landscape_mean", f"the {metric} that the model expects{over}", note, over)
    matters = landscape and landscape.get("importances")
    if matters and matters["names"]:
        explained = "the share of the variance that each parameter explains"
        yield panel("importances", explained, matters["note"])
    pairs = zip(rows["state"], rows["value"], strict=True)
    complete = sum(state == COMPLETE and value is not None for state, value in pairs)
    if complete >= _FEWEST_TO_COMPARE and space.varying:
        lines = f"each complete trial as a line over its parameters to its {metric}"
        yield panel("parallel", lines, "the brighter, the better")
        yield panel("slice", f"{metric} of complete trials by parameter")
    if any(start is not None for start in rows["start_s"]):
        yield panel("timeline", "when each trial ran, in a row for each slot")
