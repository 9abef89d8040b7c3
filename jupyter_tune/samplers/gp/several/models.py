"""A model for each metric: of losses for those that the study is after, of excesses for constraints.

What they learn from is the same as for one metric (observations.py): a trial that was stopped between folds,
or still runs, teaches by the folds that it has, less their effects, and with more noise (folds.py).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy.special import erfcx, log_ndtr  # type: ignore[import-untyped]

from jupyter_tune.core.objective import Objective
from jupyter_tune.core.parameters import Scalar
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, FAILED, Trial
from jupyter_tune.samplers.gp.encoding import Array, Encoding
from jupyter_tune.samplers.gp.fitted import Fitted
from jupyter_tune.samplers.gp.folds import FoldEffects
from jupyter_tune.samplers.gp.posterior import Posterior
from jupyter_tune.samplers.gp.score import Scored
from jupyter_tune.samplers.gp.subset import MOST, subset
from jupyter_tune.samplers.gp.units import units_of

Partly: TypeAlias = Mapping[int, Mapping[str, float]]
"""Number of a trial that was measured in some folds -> its metrics."""

_PENDING = 64
"""Pending trials conditioned on, the newest."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The trials that teach, by number: those that completed, or failed, which counts as the worst, and
    those measured in some folds; of many a subset (subset.py).

    `units`: n x p, their u; `inputs`: n x c; `pending`: q x c, where trials still run; `shares`: n, the
    noise of each, of that of a trial measured in all folds; None if no trial has folds.
    """

    trials: list[Trial]
    units: Array
    inputs: Array
    pending: Array
    partly: Partly
    shares: Array | None

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
        trials = _subset(study, sorted(trials, key=lambda trial: trial.number), partly)
        units = units_of(trials, encoding)
        first = effects[study.objective.metric]
        noise = [first.noise(trial) for trial in trials]
        return cls(
            trials,
            units,
            encoding.to_inputs(units),
            pending_of(study, encoding),
            partly,
            np.array(noise) if first.effects else None,
        )

    def losses(self, trial: Trial, objectives: Sequence[Objective]) -> list[float]:
        """The loss of each objective; inf where it is not known, or no number."""
        return _losses(trial, objectives, self.partly)

    def known_of(self, study: Study, trial: Trial) -> Mapping[str, Scalar] | None:
        """What the names in a constraint stand for; None for a trial that failed."""
        if trial.number in self.partly:
            return {**self.partly[trial.number], **trial.params}
        return study.known_of(trial) if trial.state == COMPLETE else None


def model_of(values: Array, evidence: Evidence, groups: Sequence[int]) -> Fitted:
    """The model of `values`: n, small is good; not all are finite, and the others count as the worst."""
    return Fitted.of(evidence.inputs, finite(values), groups, pending=evidence.pending, noise=evidence.shares)


def finite(values: Array) -> Array:
    """`values`: n, or n x k; for one that is not finite the worst of its column, 0 where none is."""
    known = np.isfinite(values)
    worst = np.where(known, values, -math.inf).max(axis=0, initial=-math.inf)
    return np.where(known, values, np.where(np.isfinite(worst), worst, 0.0))


def _subset(study: Study, trials: list[Trial], partly: Partly) -> list[Trial]:
    """Those of `trials`, in their order, that the models are given."""
    if len(trials) <= MOST:
        return trials
    losses = np.array([_losses(trial, study.objectives, partly) for trial in trials])
    if losses.shape[1] == 1:
        preferred = [trial.state == COMPLETE and trial.feasible for trial in trials]
        losses = losses[:, 0]
    else:
        front = {trial.number for trial in study.best_trials}
        preferred = [trial.number in front for trial in trials]
    return [trials[i] for i in subset(finite(losses), np.array(preferred))]


def _losses(trial: Trial, objectives: Sequence[Objective], partly: Partly) -> list[float]:
    if trial.number in partly:
        metrics = partly[trial.number]
        return [each.loss_or_worst(metrics[each.metric]) for each in objectives]
    values = trial.values or (math.nan,) * len(objectives)
    return [each.loss_or_worst(value) for each, value in zip(objectives, values, strict=True)]


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


def pending_of(study: Study, encoding: Encoding) -> Array:
    """q x c; where trials still run."""
    return encoding.to_inputs(units_of(study.live[-_PENDING:], encoding))


class Feasibility:
    """How probable it is that a point satisfies the constraints on metrics: a model for each of them."""

    def __init__(self, study: Study, encoding: Encoding, evidence: Evidence):
        self._encoding = encoding
        trials = evidence.trials
        constraints = study.constraints.on_metrics if trials else ()
        self._models: list[tuple[Posterior, float]] = []
        """Of the excess over each bound, and the target that is no excess."""
        measured = [evidence.known_of(study, trial) for trial in trials]
        for constraint in constraints:
            excesses = [math.inf if known is None else constraint.excess(known) for known in measured]
            model = model_of(np.array(excesses), evidence, encoding.groups)
            self._models.append((model.posterior, float(model.outputs.to_target(np.zeros(1))[0])))

    def log_probability(self, u: Array) -> Scored:
        """Its logarithm at `u`: m x p; 0 without constraints on metrics."""
        x = self._encoding.to_inputs(u)
        found = [posterior.at(x) for posterior, _ in self._models]
        z = [(bound - at.mean) / at.deviation for at, (_, bound) in zip(found, self._models, strict=True)]
        logs = [log_ndtr(each) for each in z]

        def gradient() -> Array:
            total = np.zeros(x.shape)
            for each, at in zip(found, z, strict=True):
                # phi/Phi, finite far from the bound too
                by_mean = -math.sqrt(2 / math.pi) / erfcx(-math.sqrt(0.5) * at) / each.deviation
                total += each.by_inputs(by_mean, by_mean * at)
            return self._encoding.by_units(total)

        return Scored(np.sum(logs, axis=0) if logs else np.zeros(len(u)), gradient)
