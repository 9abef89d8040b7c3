"""The model for people to look at: on a plane of two parameters and along each of them, what
matters, and what the next trial may bring.

All other parameters stand at one base point (base_point). Everything spans the declared ranges, also after
narrowing, for what was learnt outside is part of the picture; only `gain` keeps to the present ranges,
as the next trial will. Units and directions are the metric's (surfaces).
One fit of the model serves it all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from jupyter_tune.core.objective import Objective
from jupyter_tune.core.parameters import Categorical, Scalar
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import FAILED, Trial
from jupyter_tune.errors import OptionError
from jupyter_tune.samplers.gp.base_point import BasePoint
from jupyter_tune.samplers.gp.belief import Belief, believe
from jupyter_tune.samplers.gp.encoding import Array
from jupyter_tune.samplers.gp.gain import gain
from jupyter_tune.samplers.gp.importances import importances
from jupyter_tune.samplers.gp.observations import best_reading, observe
from jupyter_tune.samplers.gp.posterior import Posterior
from jupyter_tune.samplers.gp.surfaces import Surfaces
from jupyter_tune.samplers.gp.threads import one_thread

FEWEST = 3
"""Finished trials before there is anything to show."""


def landscape(
    study: Study,
    x: str,
    y: str | None,
    resolution: int = 40,
    at: Mapping[str, Scalar] | None = None,
) -> dict[str, Any]:
    """What the model believes over `x` and `y`, as JSON-able columns.

    Args:
        x, y:       two different parameters that are no constants; without y there is no plane, all
                    the rest is as ever.
        resolution: cells along a numeric axis; a categorical or short one has one per value.
        at:         values at which other parameters are held; the best trial's are the rest (the defaults
                    before there is one). Held values of x and y place the other's slice.

    Returns: x, y (names); x_values, y_values;
             mean, deviation, acquisition: rows follow y, columns x;
             slice_x, slice_y: values, mean, low, high, acquisition along one axis through the base point;
             at: where the parameters other than x and y stand, {name: value};
             trials: {x, y, number, value (observed, None if none)}; best: {x, y} or None;
             importances, gain: see there; noise: the share of the variance between trials that no parameter
             explains, by the model; note: what to know. Where a few results are far beyond all
             others, the model's surfaces show them as less bad than they were, and the note says so.
             Before 3 finished trials surfaces and slices are empty, importances, gain and noise None.
    Raises:  OptionError if a name is unknown, constant, or given twice, or parameters are to be seen
             together that never exist together; SpaceError if a value held lies outside its range.
    """
    if x == y:
        raise OptionError(f"landscape: x and y are both {x!r}; choose two parameters")
    names = [x] if y is None else [x, y]
    for name in names:
        _check(study.space, name)
    base = BasePoint.of(study, names, at)
    observations = observe(study)
    values = {name: _values(study.space, name, resolution) for name in names}
    picture: dict[str, Any] = {
        "x": x,
        "y": y,
        "x_values": values[x],
        "y_values": [] if y is None else values[y],
        "mean": [],
        "deviation": [],
        "acquisition": [],
        "slice_x": _slice(),
        "slice_y": _slice(),
        "at": base.others,
        "trials": _trials(study, observations.trials, x, y),
        "best": _best(study, x, y),
        "importances": None,
        "gain": None,
        "noise": None,
        "note": base.note,
    }
    if observations.informative < FEWEST:
        finished = observations.informative
        picture["note"] = f"the model needs {FEWEST} finished trials, and there are {finished}"
        return picture
    with one_thread():
        belief = believe(study, study.space, observations)
        known = Posterior(belief.model)

        def seen(*along: str) -> Surfaces:
            unit = _grid(belief, base, {name: values[name] for name in along})
            return Surfaces.of(belief, known, unit, study.objective)

        picture["slice_x"] = _slice(values[x], seen(x))
        if y is not None:
            picture["slice_y"] = _slice(values[y], seen(y))
            plane = seen(x, y)
            for key in ("mean", "deviation", "acquisition"):
                picture[key] = getattr(plane, key).reshape(len(values[y]), len(values[x])).tolist()
        picture["importances"] = importances(belief.encoding, known)
        picture["note"] = "; ".join(filter(None, [base.note, _cut(belief, study.objective)]))
        picture["gain"] = gain(study, belief, observations)
        picture["noise"] = belief.noise_share()
    return picture


def _check(space: Space, name: str) -> None:
    if name not in space.varying:
        what = "is a constant" if name in space else "is not a parameter"
        raise OptionError(f"landscape: {name!r} {what}; choose among {', '.join(space.varying) or 'none'}")


def _values(space: Space, name: str, resolution: int) -> list[Scalar]:
    parameter = space[name]
    if isinstance(parameter, Categorical):
        return list(parameter.choices)
    cells = parameter.cells
    if cells is not None and cells <= resolution:
        low, step = parameter.low, parameter.step or 0
        return [
            parameter.check(parameter.from_unit(parameter.to_unit(low + i * step)), name)
            for i in range(cells)
        ]
    spaced = np.linspace(0, 1, max(2, resolution)).tolist()
    return list(dict.fromkeys(parameter.from_unit(unit) for unit in spaced))


def _slice(values: list[Scalar] | None = None, seen: Surfaces | None = None) -> dict[str, list[Any]]:
    """The columns of one slice, empty without `values`."""
    if values is None or seen is None:
        return {key: [] for key in ("values", "mean", "low", "high", "acquisition")}
    columns = {"mean": seen.mean, "low": seen.low, "high": seen.high, "acquisition": seen.acquisition}
    return {"values": values, **{key: column.tolist() for key, column in columns.items()}}


def _cut(belief: Belief, objective: Objective) -> str:
    """What to know where a few results are so bad that a chart would show nothing else."""
    loss = belief.outputs.most_shown
    if loss is None:
        return ""
    most = objective.value(loss)
    return f"{objective.metric} {objective.worse_side} {most:.4g} is shown as about that"


def _trials(study: Study, trials: list[Trial], x: str, y: str | None) -> dict[str, list[Any]]:
    """Those that teach and have the axes, as columns."""
    shown = [trial for trial in trials if x in trial.params and (y is None or y in trial.params)]
    return {
        "x": [trial.params[x] for trial in shown],
        "y": [None if y is None else trial.params[y] for trial in shown],
        "number": [trial.number for trial in shown],
        "value": [_observed(study, trial) for trial in shown],
    }


def _observed(study: Study, trial: Trial) -> float | None:
    """The metric as it came: the final value, else the best reading; None where neither is a number."""
    if trial.value is not None:
        return trial.value if math.isfinite(trial.value) else None
    if trial.state == FAILED:
        return None
    loss = best_reading(trial, study.objective)
    return None if loss is None else study.objective.value(loss)


def _best(study: Study, x: str, y: str | None) -> dict[str, Scalar] | None:
    best = study.best_trial
    if best is None or x not in best.params or (y is not None and y not in best.params):
        return None
    return {"x": best.params[x], "y": None if y is None else best.params[y]}


def _grid(belief: Belief, base: BasePoint, axes: dict[str, list[Scalar]]) -> Array:
    """u of every combination of the axes' values, the first axis fastest, the rest at `base`: m x p."""
    encoding = belief.encoding
    names = [axis.name for axis in encoding.axes]
    columns = [[encoding.declared[name].to_unit(value) for value in values] for name, values in axes.items()]
    combinations = np.meshgrid(*columns)
    unit = np.tile(encoding.to_unit({**base.others, **base.axes}), (combinations[0].size, 1))
    for name, column in zip(axes, combinations, strict=True):
        unit[:, names.index(name)] = column.ravel()
    return encoding.snap(unit)
