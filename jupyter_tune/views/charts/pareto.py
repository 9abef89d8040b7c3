"""The front of several metrics, and the volume that it has come to dominate."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

from jupyter_tune.core.front import losses_of
from jupyter_tune.core.objective import Objective
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, Trial
from jupyter_tune.errors import OptionError
from jupyter_tune.views.charts.style import (
    BEST,
    BEYOND,
    NO_LEGEND,
    PALETTE,
    Reference,
    Template,
    Trace,
    axis,
    counting,
    hover,
    layout,
    standalone,
    trials,
)
from jupyter_tune.views.charts.template import as_markup
from jupyter_tune.views.tables.standing import (
    FEASIBLE,
    INFEASIBLE,
    METRIC_PREFIX,
    ON_THE_FRONT,
    front_of,
    standing_of,
)
from jupyter_tune.views.words import params_on_ranges

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_LOOKS = {
    INFEASIBLE: (PALETTE["cancelled"], "x", 7),
    FEASIBLE: (PALETTE["complete"], "circle", 7),
    ON_THE_FRONT: (BEST, "diamond", 10),
}
"""Colour, symbol and size of each standing, in the order of drawing: what matters most lies on top."""

Pair = tuple[Objective, Objective]


def pairs_of(objectives: Sequence[Objective]) -> dict[str, Pair]:
    """Two metrics each, by the name of the chart of their front: the first two are the chart `front`."""
    pairs = combinations(range(len(objectives)), 2)
    names = {(x, y): "front" if (x, y) == (0, 1) else f"front_{x}_{y}" for x, y in pairs}
    return {name: (objectives[x], objectives[y]) for (x, y), name in names.items()}


def front(space: Space, pair: Pair, objectives: Sequence[Objective]) -> Template:
    """The complete trials over two metrics: those on the front, the other feasible ones, the infeasible.

    With two metrics a line goes along the edge of what the front dominates; of more of them it is no edge.
    """
    x, y = (_column(each, objectives) for each in pair)
    marks = [_marks(space, standing, pair, (x, y)) for standing in _LOOKS]
    beyond = [
        _beyond(standing, pair, (x, y), along_x=along_x) for along_x in (False, True) for standing in _LOOKS
    ]
    edge = [_edge(pair, (x, y))] if len(objectives) == 2 else []
    axes = (axis(_title(each), range=_span(column, each)) for each, column in zip(pair, (x, y), strict=True))
    words = " and ".join(each.metric for each in pair)
    return {"data": [*edge, *marks, *beyond], "layout": layout(*axes, meta={"pair": words})}


def hypervolume(objectives: Sequence[Objective], reference: Sequence[float] | None = None) -> Template:
    """The volume that the feasible trials up to each one dominate, in the order of numbers."""
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": "hypervolume",
                "x": trials("number", COMPLETE),
                "y": {
                    "$volumes": [trials(_column(each, objectives), COMPLETE) for each in objectives],
                    "maximize": [_grows(each) for each in objectives],
                    "of": trials("standing", COMPLETE),
                    **({} if reference is None else {"reference": list(reference)}),
                },
                "customdata": trials("number", COMPLETE),
                "line": {"color": BEST, "width": 2, "shape": "hv"},
                "marker": {"color": BEST, "size": 5, "symbol": "circle"},
                "hovertemplate": "up to trial %{x}<br>%{y:.4~g}<extra></extra>",
            }
        ],
        "layout": layout(counting("trial"), axis("hypervolume", rangemode="tozero"), **NO_LEGEND),
    }


def _grows(objective: Objective) -> bool:
    """Whether values are the better the greater they are."""
    return objective.worse_side == "below"


def _column(objective: Objective, objectives: Sequence[Objective]) -> str:
    return "value" if objective == objectives[0] else METRIC_PREFIX + objective.metric


def _title(objective: Objective) -> str:
    better = "higher" if _grows(objective) else "lower"
    return f"{as_markup(objective.metric)} ({better} is better)"


def _span(column: str, objective: Objective) -> Reference:
    around = trials(column, standing=[ON_THE_FRONT])
    return {"$span": trials(column, COMPLETE), "maximize": _grows(objective), "around": around}


def _marks(space: Space, standing: str, pair: Pair, columns: tuple[str, str]) -> Trace:
    colour, symbol, size = _LOOKS[standing]
    names = [as_markup(each.metric) for each in pair]
    x, y = columns
    return {
        "type": "scatter",
        "mode": "markers",
        "name": standing,
        "legendrank": 1 + list(reversed(_LOOKS)).index(standing),
        "x": trials(x, standing=[standing]),
        "y": trials(y, standing=[standing]),
        "customdata": trials("number", standing=[standing]),
        "hovertext": {**hover(space), "standing": [standing]},
        "marker": {"color": colour, "size": size, "symbol": symbol},
        "hovertemplate": f"trial %{{customdata}}<br>{names[0]}: %{{x:.4~g}}<br>{names[1]}: %{{y:.4~g}}"
        f"<br>%{{hovertext}}<extra>{standing}</extra>",
    }


def _edge(pair: Pair, columns: tuple[str, str]) -> Trace:
    """Up to the next trial on the front nothing is better than the last one that is no worse along x."""
    x, y = (trials(column, standing=[ON_THE_FRONT]) for column in columns)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "edge of the front",
        "showlegend": False,
        "hoverinfo": "skip",
        "x": {"$sorted": x},
        "y": {"$sorted": y, "by": x},
        "line": {"color": BEST, "width": 1.5, "shape": "vh" if _grows(pair[0]) else "hv"},
    }


def _beyond(standing: str, pair: Pair, columns: tuple[str, str], *, along_x: bool) -> Trace:
    """Arrows at the end of one axis for the trials beyond it, at their place along the other."""
    spans = [_span(column, each) for column, each in zip(columns, pair, strict=True)]
    cells = [trials(column, standing=[standing]) for column in columns]
    at, other = (0, 1) if along_x else (1, 0)
    where = {"of": cells[at], "span": spans[at]}
    edge = {"$edge": cells[at], "span": spans[at]}
    along = {"$outside": {"$clamp": cells[other], "span": spans[other]}, **where}
    up, down = ("triangle-right", "triangle-left") if along_x else ("triangle-up", "triangle-down")
    name = as_markup(pair[at].metric)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": BEYOND,
        "showlegend": False,
        "x": edge if along_x else along,
        "y": along if along_x else edge,
        "customdata": {"$outside": trials("number", standing=[standing]), **where},
        "hovertext": {"$outside": cells[at], **where},
        "cliponaxis": False,
        "marker": {"color": _LOOKS[standing][0], "size": 8, "symbol": down if _grows(pair[at]) else up},
        "hovertemplate": f"trial %{{customdata}}<br>{name}: %{{hovertext:.4~g}}, beyond this axis"
        f"<extra>{standing}</extra>",
    }


# figures


def pareto_front(study: Study, targets: Sequence[str] | None = None) -> Figure:
    """The trials over two or three metrics: those on the front, the other feasible ones, and the infeasible.

    Raises: OptionError for another number of metrics, or one that the study is not after.
    """
    import plotly.graph_objects as go

    from jupyter_tune.views.charts import filled

    known = {objective.metric: objective for objective in study.objectives}
    chosen = list(known if targets is None else targets)
    for name in chosen:
        if name not in known:
            raise OptionError(f"targets: the study is not after {name!r}; there are {', '.join(known)}")
    if len(chosen) not in (2, 3):
        raise OptionError(f"targets: a front is drawn over 2 or 3 metrics, not {len(chosen)}; name them")
    if len(chosen) == 2:
        pair = known[chosen[0]], known[chosen[1]]
        drawn = filled(study, front(study.space, pair, study.objectives))
    else:
        drawn = _in_space(study, chosen)
    return go.Figure(_titled(study, f"front of {', '.join(chosen)}", drawn))


def hypervolume_history(study: Study, reference: Sequence[float] | None = None) -> Figure:
    """The volume that the feasible trials up to each one dominate.

    Args: reference: a value of each metric, in their order, that is worse than all of interest; by default a
        little worse than the worst value of each.
    Raises: OptionError with one metric, or for a reference of another length.
    """
    import plotly.graph_objects as go

    from jupyter_tune.views.charts import filled

    objectives = study.objectives
    if len(objectives) < 2:
        raise OptionError("hypervolume: needs several metrics; of one see plot_optimization_history")
    if reference is not None and len(reference) != len(objectives):
        raise OptionError(f"reference: give {len(objectives)} values, one a metric; got {len(reference)}")
    return go.Figure(_titled(study, "hypervolume", filled(study, hypervolume(objectives, reference))))


def _in_space(study: Study, chosen: Sequence[str]) -> dict[str, Any]:
    """The front over three metrics; the page, which has no such charts, shows each two of them."""
    at = [[objective.metric for objective in study.objectives].index(name) for name in chosen]
    best = front_of(study)
    ended = [trial for trial in study.trials.values() if losses_of(trial, study.objectives) is not None]
    groups = {name: [trial for trial in ended if standing_of(trial, best) == name] for name in _LOOKS}
    titles = {
        f"{side}axis": {"title": {"text": as_markup(name)}} for side, name in zip("xyz", chosen, strict=True)
    }
    data = [_marks_in_space(study, trials, at, name) for name, trials in groups.items() if trials]
    return {"data": data, "layout": {"scene": titles}}


def _marks_in_space(study: Study, trials: Sequence[Trial], at: Sequence[int], name: str) -> dict[str, Any]:
    values = [trial.values or () for trial in trials]
    texts = [
        f"trial {trial.number}<br>{as_markup(params_on_ranges(trial.params, study.space))}"
        for trial in trials
    ]
    colour, symbol, _ = _LOOKS[name]
    return {
        "type": "scatter3d",
        "mode": "markers",
        "name": name,
        **{side: [value[i] for value in values] for side, i in zip("xyz", at, strict=True)},
        "marker": {"color": colour, "symbol": symbol, "size": 4},
        "hovertext": texts,
        "hoverinfo": "text+x+y+z",
    }


def _titled(study: Study, title: str, drawn: dict[str, Any]) -> dict[str, Any]:
    alone = standalone(as_markup(f"{study.name}: {title}"))
    return {"data": drawn["data"], "layout": {**drawn["layout"], **alone}}
