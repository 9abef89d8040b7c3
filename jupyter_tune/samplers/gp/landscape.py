"""The model on a plane of two parameters, for people to look at.

All other parameters stand at the best trial's values. The plane spans the declared
ranges, also after narrowing: what was learnt outside is part of the picture.

Units. `mean` is the posterior mean mapped back through the output transform, so it is in
the metric's own units and direction; where bad losses are compressed (the worst
quarter) it is the posterior median. `deviation` is the posterior deviation times the slope of that map:
exact outside the worst quarter, first order in it. `acquisition` is the expected improvement
over the best posterior mean in metric units, always >= 0, pending trials taken into account.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from jupyter_tune.core.parameters import Categorical, Params, Scalar
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.errors import OptionError
from jupyter_tune.samplers.gp.encoding import Array
from jupyter_tune.samplers.gp.model import DTYPE, Posterior
from jupyter_tune.samplers.gp.observations import observe
from jupyter_tune.samplers.gp.sampler import Belief, believe
from jupyter_tune.samplers.gp.threads import one_thread

FEWEST = 3
"""Finished trials before there is anything to show."""


def landscape(study: Study, x: str, y: str, resolution: int = 40) -> dict[str, Any]:
    """What the model believes over `x` and `y`, as JSON-able columns.

    Args:
        x, y:       two different parameters that are no constants.
        resolution: cells along a numeric axis; a categorical or short one has one per value.

    Returns: x, y (names); x_values, y_values; x_type, y_type ("log", "linear", "category");
             mean, deviation, acquisition: rows follow y, columns x (empty before 3 finished
             trials); trials: {x, y, number}; best: {x, y} or None; note: what to know.
    Raises:  OptionError if a name is unknown, constant, or given twice.
    """
    for name in (x, y):
        _check(study.space, name)
    if x == y:
        raise OptionError(f"landscape: x and y are both {x!r}; choose two parameters")
    observations = observe(study)
    best = study.best_trial
    base, note = _base(study, x, y)
    x_values, y_values = (_values(study.space, name, resolution) for name in (x, y))
    shown = [trial for trial in observations.trials if x in trial.params and y in trial.params]
    picture: dict[str, Any] = {
        "x": x,
        "y": y,
        "x_values": x_values,
        "y_values": y_values,
        "x_type": _axis_type(study.space, x),
        "y_type": _axis_type(study.space, y),
        "mean": [],
        "deviation": [],
        "acquisition": [],
        "trials": {
            "x": [trial.params[x] for trial in shown],
            "y": [trial.params[y] for trial in shown],
            "number": [trial.number for trial in shown],
        },
        "best": None,
        "note": note,
    }
    if best is not None and x in best.params and y in best.params:
        picture["best"] = {"x": best.params[x], "y": best.params[y]}
    if observations.informative < FEWEST:
        picture["note"] = f"appears after {FEWEST} finished trials ({observations.informative} so far)"
        return picture
    with one_thread():
        belief = believe(study, study.space, observations)
        unit = _plane(belief, base, {x: x_values, y: y_values})
        for key, surface in _surfaces(study, belief, unit).items():
            picture[key] = surface.reshape(len(y_values), len(x_values)).tolist()
    return picture


def _check(space: Space, name: str) -> None:
    varying = [known for known, parameter in space.items() if not parameter.is_constant]
    if name not in varying:
        what = "is a constant" if name in space else "is no parameter"
        raise OptionError(f"landscape: {name!r} {what}; choose among {', '.join(varying) or 'none'}")


def _base(study: Study, x: str, y: str) -> tuple[Params, str]:
    """The best trial's params with whatever makes `x` and `y` exist, and what was changed."""
    best = study.best_trial
    base = dict(best.params) if best is not None else study.space.defaults()
    changed = []

    def awaken(name: str) -> None:
        for condition in study.space.conditions(name):
            awaken(condition.parent)
            if condition.parent not in (x, y) and base.get(condition.parent) not in condition.values:
                base[condition.parent] = condition.values[0]
                changed.append(f"{condition.parent}={condition.values[0]!r}, on which {name} depends")

    awaken(x)
    awaken(y)
    others = "the best trial's values" if best is not None else "their defaults"
    note = f"other parameters at {others}" if len(study.space) > 2 else ""
    return base, "; ".join([note, *changed]) if changed else note


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


def _axis_type(space: Space, name: str) -> str:
    parameter = space[name]
    if isinstance(parameter, Categorical):
        return "category"
    return "log" if parameter.log else "linear"


def _plane(belief: Belief, base: Params, axes: dict[str, list[Scalar]]) -> Array:
    """u of every cell, x fastest: (len(y) len(x)) x p; `axes` are x, then y."""
    encoding = belief.encoding
    names = [axis.name for axis in encoding.axes]
    (x, x_values), (y, y_values) = axes.items()
    unit = np.tile(encoding.to_unit(base), (len(x_values) * len(y_values), 1))
    unit[:, names.index(x)] = np.tile([encoding.declared[x].to_unit(v) for v in x_values], len(y_values))
    unit[:, names.index(y)] = np.repeat([encoding.declared[y].to_unit(v) for v in y_values], len(x_values))
    return encoding.snap(unit)


def _surfaces(study: Study, belief: Belief, unit: Array) -> dict[str, Array]:
    inputs = belief.encoding.to_inputs(torch.from_numpy(unit))
    nothing = torch.empty(0, inputs.shape[1], dtype=DTYPE)
    with torch.no_grad():
        mean, deviation = Posterior(belief.model, nothing).mean_and_deviation(inputs)
        improvement = torch.exp(belief.score(torch.from_numpy(unit)))
    targets = mean.numpy()
    sign = -1.0 if study.settings.maximize else 1.0
    outputs = belief.outputs
    return {
        "mean": sign * outputs.to_loss(targets),
        "deviation": deviation.numpy() * outputs.slope(targets),
        "acquisition": improvement.numpy() * outputs.slope(np.array(belief.best)),
    }
