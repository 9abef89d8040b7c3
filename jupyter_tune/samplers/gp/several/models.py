"""A model for each metric: of losses for those that the study is after, of excesses for constraints."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, FAILED, Trial
from jupyter_tune.samplers.gp.encoding import Array, Encoding
from jupyter_tune.samplers.gp.model import DTYPE, Posterior, fit
from jupyter_tune.samplers.gp.outputs import OutputTransform

MOST = 300
"""Trials that a model is fitted to, the newest."""
_PENDING = 64
"""Pending trials conditioned on, the newest."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The trials that teach: those that completed or failed; a failed one counts as the worst.

    `units`: n x p, their u; `inputs`: n x c; `pending`: q x c, where trials still run.
    """

    trials: list[Trial]
    units: Array
    inputs: Tensor
    pending: Tensor

    @classmethod
    def of(cls, study: Study, encoding: Encoding) -> Evidence:
        trials = study.in_state(COMPLETE, FAILED)[-MOST:]
        units = units_of(trials, encoding)
        return cls(trials, units, encoding.to_inputs(torch.from_numpy(units)), pending_of(study, encoding))


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
        surrogate = fit(known, torch.from_numpy(outputs.to_target(values)), groups)
        return cls(outputs, Posterior(surrogate, pending), torch.cat([known, pending]))

    def log_probability_below(self, value: float, x: Tensor) -> Tensor:
        """Log probability that the value at `x`: m x c is at most `value`."""
        bound = float(self.outputs.to_target(np.array([value]))[0])
        mean, deviation = self.posterior.mean_and_deviation(x)
        log_probability: Tensor = torch.special.log_ndtr((bound - mean) / deviation)
        return log_probability


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
        for constraint in constraints:
            excesses = [
                constraint.excess(study.known_of(t)) if t.state == COMPLETE else math.inf for t in trials
            ]
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
