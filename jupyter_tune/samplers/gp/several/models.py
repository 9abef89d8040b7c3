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


@dataclass(frozen=True, slots=True)
class Model:
    """`targets`: of the trials that it was fitted to; `inputs`: where these and pending trials lie."""

    outputs: OutputTransform
    posterior: Posterior
    inputs: Tensor

    @classmethod
    def of(cls, values: Array, known: Tensor, pending: Tensor, groups: Sequence[int]) -> Model:
        """The model of `values`: n, small is good; not all are finite, and the others count as the worst.

        Args: known: n x c; pending: q x c.
        """
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


def informative(study: Study) -> list[Trial]:
    """The trials that teach: those that completed or failed; a failed one counts as the worst."""
    return study.in_state(COMPLETE, FAILED)[-MOST:]


def inputs_of(trials: Sequence[Trial], encoding: Encoding) -> Tensor:
    """n x c."""
    units = np.array([encoding.to_unit(trial.params) for trial in trials], dtype=np.float64)
    return encoding.to_inputs(torch.tensor(units, dtype=DTYPE).reshape(-1, len(encoding)))


def pending_of(study: Study, encoding: Encoding) -> Tensor:
    """q x c; where trials still run."""
    return inputs_of(study.live[-_PENDING:], encoding)


class Feasibility:
    """How probable it is that a point satisfies the constraints on metrics: a model for each of them."""

    def __init__(self, study: Study, encoding: Encoding):
        self._encoding = encoding
        trials = informative(study)
        constraints = study.constraints.on_metrics if trials else ()
        known, pending = inputs_of(trials, encoding), pending_of(study, encoding)
        self._models: list[Model] = []
        for constraint in constraints:
            excesses = [
                constraint.excess(study.known_of(t)) if t.state == COMPLETE else math.inf for t in trials
            ]
            self._models.append(Model.of(np.array(excesses), known, pending, encoding.groups))

    def log_probability(self, u: Tensor) -> Tensor:
        """m x p -> m; 0 without constraints on metrics."""
        x, total = self._encoding.to_inputs(u), torch.zeros(len(u), dtype=DTYPE)
        for model in self._models:
            total = total + model.log_probability_below(0.0, x)
        return total
