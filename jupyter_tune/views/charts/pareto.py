"""The front of several metrics, and the volume that it has come to dominate: figures of their own, since the
page's charts are about one metric."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jupyter_tune.core.front import losses_of
from jupyter_tune.core.hypervolume import hypervolume
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import Trial
from jupyter_tune.errors import OptionError
from jupyter_tune.views.charts.style import BEST, PALETTE, STANDALONE, axis
from jupyter_tune.views.charts.template import as_markup
from jupyter_tune.views.words import params_on_ranges

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_BEYOND = 0.1
"""Of the span of a metric: how far the reference point lies beyond the worst value."""


def pareto_front(study: Study, targets: Sequence[str] | None = None) -> Figure:
    """The trials over two or three metrics: those on the front, the other feasible ones, and the infeasible.

    Raises: OptionError for another number of metrics, or one that the study is not after.
    """
    import plotly.graph_objects as go

    names = [objective.metric for objective in study.objectives]
    chosen = list(names if targets is None else targets)
    for name in chosen:
        if name not in names:
            raise OptionError(f"targets: the study is not after {name!r}; there are {', '.join(names)}")
    if len(chosen) not in (2, 3):
        raise OptionError(f"targets: a front is drawn over 2 or 3 metrics, not {len(chosen)}; name them")
    at = [names.index(name) for name in chosen]
    best = {trial.number for trial in study.best_trials}
    ended = [trial for trial in study.trials.values() if losses_of(trial, study.objectives) is not None]
    groups = (
        ("infeasible", PALETTE["cancelled"], "x", [t for t in ended if not t.feasible]),
        (
            "feasible",
            PALETTE["complete"],
            "circle",
            [t for t in ended if t.feasible and t.number not in best],
        ),
        ("on the front", BEST, "diamond", [t for t in ended if t.number in best]),
    )
    titles = [as_markup(name) for name in chosen]
    data = [
        _marks(study, trials, at, name, colour, symbol) for name, colour, symbol, trials in groups if trials
    ]
    layout: dict[str, Any] = {"xaxis": axis(titles[0]), "yaxis": axis(titles[1])}
    if len(chosen) == 3:
        layout = {
            "scene": {f"{side}axis": {"title": {"text": t}} for side, t in zip("xyz", titles, strict=True)}
        }
    return go.Figure({"data": data, "layout": _titled(study, f"front of {', '.join(chosen)}", layout)})


def hypervolume_history(study: Study, reference: Sequence[float] | None = None) -> Figure:
    """The volume that the feasible trials up to each one dominate.

    Args: reference: a value of each metric, in their order, that is worse than all of interest; by default a
        little worse than the worst value of each.
    Raises: OptionError with one metric, or for a reference of another length.
    """
    import plotly.graph_objects as go

    objectives = study.objectives
    if len(objectives) < 2:
        raise OptionError("hypervolume: needs several metrics; of one see plot_optimization_history")
    if reference is not None and len(reference) != len(objectives):
        raise OptionError(f"reference: give {len(objectives)} values, one a metric; got {len(reference)}")
    known = {number: losses_of(trial, objectives) for number, trial in sorted(study.trials.items())}
    losses = {number: each for number, each in known.items() if each is not None}
    if reference is not None:
        corner = [objective.loss(value) for objective, value in zip(objectives, reference, strict=True)]
    else:
        columns = list(zip(*losses.values(), strict=True))
        corner = [max(column) + (_BEYOND * (max(column) - min(column)) or 1.0) for column in columns]
    so_far: list[tuple[float, ...]] = []
    volumes = []
    for number, each in losses.items():
        so_far += [each] if study.trials[number].feasible else []
        volumes.append(hypervolume(so_far, corner))
    line = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(losses),
        "y": volumes,
        "line": {"color": BEST, "shape": "hv"},
        "hovertemplate": "up to trial %{x}<br>%{y:.4~g}<extra></extra>",
    }
    layout = {"xaxis": axis("trial"), "yaxis": axis("hypervolume")}
    return go.Figure({"data": [line], "layout": _titled(study, "hypervolume", layout)})


def _marks(
    study: Study, trials: Sequence[Trial], at: Sequence[int], name: str, colour: str, symbol: str
) -> dict[str, Any]:
    values = [trial.values or () for trial in trials]
    places = {side: [value[i] for value in values] for side, i in zip("xyz", at, strict=False)}
    texts = [
        f"trial {trial.number}<br>{as_markup(params_on_ranges(trial.params, study.space))}"
        for trial in trials
    ]
    return {
        "type": "scatter" if len(at) == 2 else "scatter3d",
        "mode": "markers",
        "name": name,
        **places,
        "marker": {"color": colour, "symbol": symbol, "size": 7 if len(at) == 2 else 4},
        "hovertext": texts,
        "hoverinfo": "text+" + "+".join(places),
    }


def _titled(study: Study, title: str, layout: dict[str, Any]) -> dict[str, Any]:
    text = as_markup(f"{study.name}: {title}")
    return {**layout, **STANDALONE, "title": {"text": text, "font": {"size": 15}, "x": 0.01}}
