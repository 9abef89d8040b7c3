"""What other tasks say: a model of each, over the parameters that it shares with the study.

A task's results stand where its values lie on this study's scales: outside [0, 1] where its range was wider.
One is left out if it has a choice that does not exist here, a value that the scale has no place for, or one
farther out than the whole width of the range. A parameter that a task did not have is no input of its model,
one that it had in addition is noise to it. Losses are standardised within the task, so scale and unit of its
metric do not matter.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jupyter_tune.core.objective import Objective
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.priors import FEWEST, Result, has_place, most_telling, place_on
from jupyter_tune.core.study import Study
from jupyter_tune.samplers.gp.encoding import Array, Encoding
from jupyter_tune.samplers.gp.fitted import Fitted
from jupyter_tune.samplers.gp.posterior import Posterior
from jupyter_tune.samplers.gp.trend import Said, Trend

_MOST = 100
"""Results of a task in its model: half of them the best, half evenly over the ranks of the others."""
_STARTS, _APART = 8, 0.1
"""Good results to begin with, and how far they are from each other in some parameter."""
_KEPT = 16
"""Models of tasks that are kept: they do not change while a study runs."""


@dataclass(frozen=True, slots=True)
class Task:
    """`columns`: of the model's inputs, those that the task knows; `best`: k x p, u of some good results that
    are apart, the best first; outside [0, 1] where its ranges were wider, the default's where it lacks a
    parameter."""

    columns: npt.NDArray[np.intp]
    posterior: Posterior
    best: Array

    def says(self, inputs: Array) -> Array:
        """Its mean, in its deviations: m x c -> m."""
        return self.posterior.mean(inputs[:, self.columns])


def tasks_of(study: Study, encoding: Encoding) -> list[Task]:
    """The models of `study.priors`, without those that say nothing of any parameter here."""
    found = (_task(encoding, results, study.objective) for results in study.priors.values())
    return [task for task in found if task is not None]


def trend_of(tasks: list[Task]) -> Trend:
    """The mean that `tasks` make."""
    if not tasks:
        return Trend()

    def says(inputs: Array) -> Said:
        def by_inputs(by_values: Array) -> Array:
            total = np.zeros_like(inputs)
            for task, by_mean in zip(tasks, by_values.T, strict=True):
                known = task.posterior.at(inputs[:, task.columns])
                total[:, task.columns] += known.by_inputs(by_mean, np.zeros_like(by_mean))
            return total

        return Said(np.column_stack([task.says(inputs) for task in tasks]), by_inputs)

    return Trend(says, len(tasks))


_models: OrderedDict[tuple[str, str, Objective], Task | None] = OrderedDict()


def _task(encoding: Encoding, results: list[Result], objective: Objective) -> Task | None:
    # by content: nothing depends on what was computed before. Defaults count: where the task lacks a
    # parameter, it stands at its default
    key = encoding.key, repr(results), objective
    if key not in _models:
        _models[key] = _modelled(encoding, results, objective)
    _models.move_to_end(key)
    while len(_models) > _KEPT:
        _models.popitem(last=False)
    return _models[key]


def _modelled(encoding: Encoding, results: list[Result], objective: Objective) -> Task | None:
    placed = [
        (objective.loss(value), params) for params, value in results if has_place(encoding.declared, params)
    ]
    ranked = most_telling(placed, _MOST)
    known = [j for j, axis in enumerate(encoding.axes) if any(axis.name in params for _, params in ranked)]
    losses = np.array([loss for loss, _ in ranked])
    if len(losses) < FEWEST or not known or np.ptp(losses) == 0:
        return None
    units = np.array([_unit(encoding, params) for _, params in ranked])
    place = {j: at for at, j in enumerate(known)}
    columns = np.array([at for at, j in enumerate(encoding.groups) if j in place])
    inputs = encoding.to_inputs(units)[:, columns]
    fitted = Fitted.of(inputs, losses, [place[j] for j in encoding.groups if j in place])
    return Task(columns, fitted.posterior, _apart(units))


def _apart(units: Array) -> Array:
    """Of `units`, the best first: each that differs from those before it in some parameter."""
    kept = units[:1]
    for unit in units[1:]:
        if len(kept) == _STARTS:
            break
        if (np.abs(kept - unit).max(axis=1) >= _APART).all():
            kept = np.concatenate([kept, unit[None]])
    return kept


def _unit(encoding: Encoding, params: Params) -> list[float]:
    """u of a result, outside [0, 1] where its values are outside the ranges."""
    return [place_on(axis.declared, params.get(axis.name, axis.declared.default)) for axis in encoding.axes]
