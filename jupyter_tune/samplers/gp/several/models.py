"""A model for each metric: of losses for those that the study is after, of excesses for constraints.

What they learn from is the same as for one metric (observations.py): a trial that was stopped between folds,
or still runs, teaches by the folds that it has, less their effects, and with more noise (folds.py).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from jupyter_tune.core.objective import Objective
from jupyter_tune.core.parameters import Scalar
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, FAILED, Trial
from jupyter_tune.samplers.gp.encoding import Array, Encoding
from jupyter_tune.samplers.gp.folds import FoldEffects
from jupyter_tune.samplers.gp.model import DTYPE, Posterior, fit
from jupyter_tune.samplers.gp.outputs import OutputTransform

MOST = 300
"""Trials that a model is fitted to, the newest."""
_PENDING = 64
"""Pending trials conditioned on, the newest."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The trials that teach, by number: those that completed, or failed, which counts as the worst, and
    those measured in some folds.

    `units`: n x p, their u; `inputs`: n x c; `pending`: q x c, where trials still run; `partly`: number ->
    the metrics of a trial that was measured in some folds; `shares`: n, the noise of each, of that of a trial
    measured in all folds; None if no trial has folds.
    """

    trials: list[Trial]
    units: Array
    inputs: Tensor
    pending: Tensor
    partly: Mapping[int, Mapping[str, float]]
    shares: Tensor | None

    @classmethod
    def of(cls, study: Study, encoding: Encoding) -> Evidence:
        known = [trial for trial in study.trials.values() if not study.is_earlier(trial)]
        effects = _fold_effects(study, [trial for trial in known if trial.state == COMPLETE])
        partly = {
            trial.number: metrics
            for trial in known
            if trial.state not in (COMPLETE, FAILED) and (metrics := _partial(trial, effects))
        }
        trials = [t for t in known if t.state in (COMPLETE, FAILED) or t.number in partly]
        trials = sorted(trials, key=lambda trial: trial.number)[-MOST:]
        units = units_of(trials, encoding)
        first = effects[study.objective.metric]
        noise = [first.noise(trial) for trial in trials]
        return cls(
            trials,
            units,
            encoding.to_inputs(torch.from_numpy(units)),
            pending_of(study, encoding),
            partly,
            torch.tensor(noise, dtype=DTYPE) if first.effects else None,
        )

    def losses(self, trial: Trial, objectives: Sequence[Objective]) -> list[float]:
        """The loss of each objective; inf where it is not known, or no number."""
        if trial.number in self.partly:
            metrics = self.partly[trial.number]
            return [each.loss_or_worst(metrics[each.metric]) for each in objectives]
        values = trial.values or (math.nan,) * len(objectives)
        return [each.loss_or_worst(value) for each, value in zip(objectives, values, strict=True)]

    def known_of(self, study: Study, trial: Trial) -> Mapping[str, Scalar] | None:
        """What the names in a constraint stand for; None for a trial that failed."""
        if trial.number in self.partly:
            return {**self.partly[trial.number], **trial.params}
        return study.known_of(trial) if trial.state == COMPLETE else None


@dataclass(frozen=True, slots=True)
class Model:
    """`outputs`: of values to targets and back; `inputs`: where the trials lie that it was fitted to, and
    pending ones."""

    outputs: OutputTransform
    posterior: Posterior
    inputs: Tensor

    @classmethod
    def of(cls, values: Array, evidence: Evidence, groups: Sequence[int]) -> Model:
        """The model of `values`: n, small is good; not all are finite, and the others count as the worst."""
        known, pending = evidence.inputs, evidence.pending
        finite = np.isfinite(values)
        worst = float(values[finite].max()) if finite.any() else 0.0
        values = np.where(finite, values, worst)
        outputs = OutputTransform.of(values)
        targets = torch.from_numpy(outputs.to_target(values))
        surrogate = fit(known, targets, groups, shares=evidence.shares)
        return cls(outputs, Posterior(surrogate, pending), torch.cat([known, pending]))

    def log_probability_below(self, value: float, x: Tensor) -> Tensor:
        """Log probability that the value at `x`: m x c is at most `value`."""
        bound = float(self.outputs.to_target(np.array([value]))[0])
        mean, deviation = self.posterior.mean_and_deviation(x)
        log_probability: Tensor = torch.special.log_ndtr((bound - mean) / deviation)
        return log_probability


def _fold_effects(study: Study, complete: Sequence[Trial]) -> dict[str, FoldEffects]:
    """Those of each metric that a complete trial has to have."""
    directions = {objective.metric: objective for objective in study.objectives}
    is_one = len(directions) == 1
    finite = [trial for trial in complete if trial.value is not None and math.isfinite(trial.value)]
    return {
        name: FoldEffects.of(
            finite,
            directions.get(name) or Objective(name, maximize=False),
            by_last=not (is_one and name in directions),
        )
        for name in study.needed_metrics
    }


def _partial(trial: Trial, effects: Mapping[str, FoldEffects]) -> dict[str, float]:
    """The metrics of a trial that has not been measured in all folds; {} where one is not known."""
    if not trial.folds:
        return {}
    losses = {name: each.loss(trial) for name, each in effects.items()}
    known = {
        name: float(effects[name].objective.value(loss)) for name, loss in losses.items() if loss is not None
    }
    return known if len(known) == len(effects) else {}


def units_of(trials: Sequence[Trial], encoding: Encoding) -> Array:
    """n x p."""
    units = np.array([encoding.to_unit(trial.params) for trial in trials], dtype=np.float64)
    return units.reshape(-1, len(encoding))


def pending_of(study: Study, encoding: Encoding) -> Tensor:
    """q x c; where trials still run."""
    return encoding.to_inputs(torch.from_numpy(units_of(study.live[-_PENDING:], encoding)))


class Feasibility:
    """How probable it is that a point satisfies the constraints on metrics: a model for each of them."""

    def __init__(self, study: Study, encoding: Encoding, evidence: Evidence):
        self._encoding = encoding
        trials = evidence.trials
        constraints = study.constraints.on_metrics if trials else ()
        self._models: list[Model] = []
        measured = [evidence.known_of(study, trial) for trial in trials]
        for constraint in constraints:
            excesses = [math.inf if known is None else constraint.excess(known) for known in measured]
            self._models.append(Model.of(np.array(excesses), evidence, encoding.groups))

    def log_probability(self, u: Tensor) -> Tensor:
        """m x p -> m; 0 without constraints on metrics."""
        total = torch.zeros(len(u), dtype=DTYPE)
        if not self._models:
            return total
        x = self._encoding.to_inputs(u)
        for model in self._models:
            total = total + model.log_probability_below(0.0, x)
        return total
