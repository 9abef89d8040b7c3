"""The charts: each written once, as a Plotly figure whose data are references to the tables.

The page fills the templates from its tables, `figure` fills the same ones here, and the saved output is
drawn from them too, so no two of the three can disagree. A template depends on the space and on what is
sought alone, never on what happened in a study.

    style.py         colours, axes, legend; references that most make
    history.py       results by trial              curves.py        learning curves
    pareto.py        the front of several metrics  volumes.py       how much it dominates
    model.py         landscapes, contour, slices of the posterior
    parameters.py    parallel coordinates, slices, ranks
    importances.py   timeline.py   distribution.py

The axis of a parameter is the same in all of them: see views/axes/axis.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.errors import OptionError
from jupyter_tune.views.charts.curves import curves
from jupyter_tune.views.charts.distribution import edf
from jupyter_tune.views.charts.history import history
from jupyter_tune.views.charts.importances import importances
from jupyter_tune.views.charts.model import (
    contour,
    landscape_acquisition,
    landscape_deviation,
    landscape_mean,
    slice_x,
    slice_y,
)
from jupyter_tune.views.charts.parameters import parallel, rank
from jupyter_tune.views.charts.parameters import slice as slices
from jupyter_tune.views.charts.pareto import front, hypervolume, pairs_of
from jupyter_tune.views.charts.style import INK, PALETTE, Template, foremost, standalone
from jupyter_tune.views.charts.template import as_markup, fill
from jupyter_tune.views.charts.timeline import timeline
from jupyter_tune.views.tables.columns import unpacked
from jupyter_tune.views.tables.messages import Landscape
from jupyter_tune.views.tables.selection import everything_of
from jupyter_tune.views.tables.tables import Tables, last_heard

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = ["CHARTS", "INK", "PALETTE", "Template", "figure", "filled", "templates", "title_of"]


class Tab(NamedTuple):
    """Where the page shows a chart.

    Args:
        id:     charts of one tab stand side by side; those with an `option`, one at a time.
        title:  what the tab shows, in a sentence.
        of:     what its charts are drawn from: this brings the controls beside them, and the words that stand
                there while there is nothing to draw. See KINDS in labextension/src/ui/explore/views.ts.
        option: label and title of the button that chooses this chart.
    """

    id: str
    label: str
    title: str
    of: Literal["results", "volume", "steps", "times", "importances", "dots", "model", "plane"]
    option: tuple[str, str] | None = None


class Chart(NamedTuple):
    """The title of a chart's figure, and its tab; without one the page has a card for it."""

    title: str
    tab: Tab | None = None


_LANDSCAPE = Tab(
    "landscape", "Landscape", "What the model expects over two parameters; click a spot to try it", "plane"
)
_POSTERIOR = Tab(
    "slices",
    "Posterior",
    "What the model expects along each of the two parameters, with its 95 % band",
    "model",
)

CHARTS = {
    "front": Chart("front of {pair}"),
    "history": Chart("{metric} by trial"),
    "curves": Chart("{metric} by step"),
    "landscape_mean": Chart(
        "expected {metric}", _LANDSCAPE._replace(option=("Mean", "The value that the model expects"))
    ),
    "landscape_deviation": Chart(
        "standard deviation of the expected {metric}",
        _LANDSCAPE._replace(option=("Uncertainty", "Where the model is uncertain")),
    ),
    "landscape_acquisition": Chart(
        "expected improvement of {metric}",
        _LANDSCAPE._replace(option=("Acquisition", "Where the expected improvement is largest")),
    ),
    "slice_x": Chart("expected {metric} along {x}", _POSTERIOR),
    "slice_y": Chart("expected {metric} along {y}", _POSTERIOR),
    "parallel": Chart(
        "parameters and {metric}",
        Tab("parallel", "Parallel", "Every trial as a line through its parameters", "results"),
    ),
    "slice": Chart(
        "{metric} over each parameter", Tab("slice", "Slice", "The results over each parameter", "results")
    ),
    "contour": Chart(
        "expected {metric}, and the trials",
        Tab("contour", "Contour", "Lines of equal expectation over two parameters", "plane"),
    ),
    "importances": Chart(
        "importance of the parameters for {metric}",
        Tab("importances", "Importance", "How much each parameter matters", "importances"),
    ),
    "timeline": Chart("timeline", Tab("timeline", "Timeline", "When each trial ran, and where", "times")),
    "edf": Chart(
        "distribution of {metric}",
        Tab("distribution", "EDF", "The share of trials that did at least as well", "results"),
    ),
    "rank": Chart(
        "rank of {metric}",
        Tab("rank", "Rank", "Trials over two parameters, coloured by their rank", "dots"),
    ),
    "hypervolume": Chart(
        "hypervolume",
        Tab("hypervolume", "Volume", "The hypervolume: how much the front has come to dominate", "volume"),
    ),
}
"""How each chart is presented; the page's tabs stand in this order."""


_CURVES_OF_SEVERAL = Tab("curves", "Curves", "The learning curves", "steps")
_OF_THE_FIRST = ("steps", "importances", "model", "plane")
"""Kinds of tabs that show the first of several metrics alone: its curves, and the model of it."""


def templates(
    space: Space, params: Sequence[str] | None = None, settings: Settings | None = None
) -> dict[str, Template]:
    """Every chart by name; those of several metrics where `settings` say that they are sought.

    A study of several metrics has its front in place of its learning curves, which then are in a tab, and of
    more than two metrics a front of each two of them.

    Where the page shows it is its `layout.meta.tab`: the fields of a Tab, and `at`, its place among the tabs.

    Args: params: those that parallel coordinates and slices show; all that vary if not given.
    Raises: OptionError if one of them is unknown or constant.
    """
    for name in params or ():
        if name not in space.varying:
            what = "is a constant" if name in space else "is not a parameter"
            raise OptionError(f"params: {name!r} {what}; choose among {', '.join(space.varying) or 'none'}")
    objectives = settings.objectives if settings else ()
    made = {
        "history": history(space, constrained=bool(settings and settings.subject_to)),
        "curves": curves(space),
        "landscape_mean": landscape_mean(),
        "landscape_deviation": landscape_deviation(),
        "landscape_acquisition": landscape_acquisition(),
        "contour": contour(),
        "slice_x": slice_x(),
        "slice_y": slice_y(),
        "parallel": parallel(space, params),
        "slice": slices(space, params),
        "importances": importances(),
        "timeline": timeline(space),
        "edf": edf(),
        "rank": rank(space),
    }
    if len(objectives) > 1:
        made |= {name: front(space, pair, objectives) for name, pair in pairs_of(objectives).items()}
        made["hypervolume"] = hypervolume(objectives)
    tabs = {name: chart.tab for name, chart in CHARTS.items() if chart.tab and name in made}
    if "hypervolume" in made:
        tabs["curves"] = _CURVES_OF_SEVERAL
    for at, (name, tab) in enumerate(tabs.items()):
        layout = made[name]["layout"]
        is_of_first = len(objectives) > 1 and tab.of in _OF_THE_FIRST
        title = f"{tab.title} (of {objectives[0].metric})" if is_of_first else tab.title
        placed = {**tab._asdict(), "title": title, "option": list(tab.option or ()), "at": at}
        layout["meta"] = {**layout.get("meta", {}), "tab": placed}
    return made


def title_of(chart: str, drawn: Template, metric: str, **axes: object) -> str:
    """The title of a chart by its name in `templates()`, and `drawn`, its template or figure.

    Args: axes: the parameters x and y of a landscape.
    """
    pair = drawn["layout"].get("meta", {}).get("pair")
    return CHARTS.get(chart, CHARTS["front"]).title.format(metric=metric, pair=pair, **axes)


def figure(
    study: Study,
    chart: str,
    landscape: Landscape | None = None,
    params: Sequence[str] | None = None,
) -> Figure:
    """The chart of this study as a Plotly figure that stands alone: with a title and a size.

    Args:
        chart:     one of `templates()`.
        landscape: what to show of the surrogate; a chart of it without one has axes only.
        params:    see `templates`; if not given, as many as have room.

    Raises: OptionError for an unknown chart or parameter.
    """
    import plotly.graph_objects as go

    shown = foremost(study.space) if params is None else params
    known = templates(study.space, shown, study.settings)
    if chart not in known:
        raise OptionError(f"chart: there is no {chart!r}; use one of {', '.join(known)}")
    drawn = filled(study, known[chart], landscape)
    axes = {name: (landscape or {}).get(name) for name in "xy"}
    title = title_of(chart, drawn, study.settings.metric, **axes)
    drawn["layout"] |= standalone(as_markup(f"{study.name}: {title}"))
    return go.Figure(drawn)


def filled(study: Study, template: Template, landscape: Landscape | None = None) -> dict[str, Any]:
    """The template with this study's data, all trials of it, as a plain Plotly figure dict."""
    tables = Tables(study, rows=everything_of(study))
    tables.show_landscape(landscape)
    snapshot = unpacked(tables.snapshot(last_heard(study)))
    figure: dict[str, Any] = fill(template, snapshot, as_markup)
    return figure
