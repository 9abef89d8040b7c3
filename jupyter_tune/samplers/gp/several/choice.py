"""One suggestion for a study of several metrics.

    two or three metrics   the highest log expected hypervolume improvement over the front of posterior means
    more                   log expected improvement of a scalar, the augmented Chebyshev norm of the losses
                           with random weights, drawn anew for each trial (ParEGO)

The losses are standardised as for one metric, each by itself. The front is made of the means of the feasible
trials, since with noise the luckiest trial is no mark, and of those of pending trials, so that trials which
run at once go to different places. With constraints on metrics the log probability of feasibility is added;
while no trial is feasible it is all that counts.

Source: Knowles 2006 (ParEGO); Daulton et al. 2020; Gardner et al., ICML 2014 (constraints).
"""

from __future__ import annotations

import math

import numpy as np

from jupyter_tune.core.parameters import Params
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE
from jupyter_tune.samplers.gp.encoding import Array, Encoding
from jupyter_tune.samplers.gp.region import Region
from jupyter_tune.samplers.gp.score import Score, Scored, both, log_improvement
from jupyter_tune.samplers.gp.search import maximise
from jupyter_tune.samplers.gp.several.acquisition import log_ehvi
from jupyter_tune.samplers.gp.several.boxes import boxes, non_dominated
from jupyter_tune.samplers.gp.several.models import Evidence, Feasibility, finite, model_of
from jupyter_tune.samplers.gp.threads import one_thread
from jupyter_tune.samplers.gp.units import tried_in

MOST_IN_BOXES = 3
"""Metrics up to which boxes are few."""
_AROUND = 16
_AUGMENTED = 0.05
_BEYOND = 0.1
"""How far the reference point lies beyond the front's worst, of the front's span, where no trial is worse
than that; else it lies at the worst of all. By the first alone a front that has shrunk to one place in a
metric stays there: a study of 30 trials on ZDT1 then spent 20 of them in one corner. Half of the way to the
worst found less of the front than all of it on 7 of 8 problems, by medians of 3 (ZDT2: 114.9, 117.6)."""


def most_promising_of_several(study: Study, space: Space, given: Params, seed: int) -> Params:
    """The choice in `space`; needs complete trials with values."""
    with one_thread():
        encoding = Encoding(study.space, space)
        evidence = Evidence.of(study, encoding)
        trials, units = evidence.trials, evidence.units
        losses = np.array([evidence.losses(trial, study.objectives) for trial in trials])
        feasible = np.array([trial.state == COMPLETE and trial.feasible for trial in trials])
        feasible &= np.isfinite(losses).all(axis=1)
        feasibility = Feasibility(study, encoding, evidence)
        score: Score = feasibility.log_probability
        if feasible.any():
            worth = (
                _improvement(encoding, evidence, losses, feasible)
                if losses.shape[1] <= MOST_IN_BOXES
                else _scalar_improvement(encoding, evidence, losses, feasible, seed)
            )
            score = both(feasibility.log_probability, worth)
        region = Region(study, encoding, given, seed)
        good = units[feasible if feasible.any() else slice(None)]
        front = {trial.number for trial in study.best_trials}
        on_front = np.array([trial.number in front for trial in trials])
        good = np.concatenate([units[on_front], good])[:_AROUND] if on_front.any() else good[-_AROUND:]
        tried = tried_in(study, encoding)
        # a volume has another scale than an improvement: no score says that little is expected
        u, _ = maximise(score, encoding, good, tried, seed, region, little=-math.inf)
    return encoding.to_params(u)


def _improvement(encoding: Encoding, evidence: Evidence, losses: Array, feasible: Array) -> Score:
    """Log expected hypervolume improvement: u -> m."""
    models = [model_of(column, evidence, encoding.groups) for column in losses.T]
    known = np.concatenate([evidence.inputs, evidence.pending])
    means = np.column_stack([model.posterior.mean(known) for model in models])
    counts = np.concatenate([feasible, np.ones(len(evidence.pending), dtype=bool)])
    front = non_dominated(means[counts])
    best, worst = front.min(axis=0), front.max(axis=0)
    reference = np.maximum(worst + np.maximum(_BEYOND * (worst - best), 1e-3), means.max(axis=0))
    lower, upper = boxes(front, reference)

    def score(u: Array) -> Scored:
        x = encoding.to_inputs(u)
        found = [model.posterior.at(x) for model in models]
        mean = np.column_stack([each.mean for each in found])
        deviation = np.column_stack([each.deviation for each in found])
        values, slopes = log_ehvi(mean, deviation, lower, upper)

        def gradient() -> Array:
            columns = zip(found, *(slope.T for slope in slopes()), strict=True)
            return encoding.by_units(np.sum([each.by_inputs(*slope) for each, *slope in columns], axis=0))

        return Scored(values, gradient)

    return score


def _scalar_improvement(
    encoding: Encoding, evidence: Evidence, losses: Array, feasible: Array, seed: int
) -> Score:
    """Log expected improvement of a scalar with random weights: u -> m."""
    losses = finite(losses)
    low, high = losses[feasible].min(axis=0), losses[feasible].max(axis=0)
    weights = np.random.default_rng([seed, 2]).dirichlet(np.ones(losses.shape[1]))
    weighted = weights * (losses - low) / np.where(high > low, high - low, 1.0)
    scalar = weighted.max(axis=1) + _AUGMENTED * weighted.sum(axis=1)
    model = model_of(scalar, evidence, encoding.groups)
    best = float(model.posterior.mean(evidence.inputs)[feasible].min())
    return log_improvement(encoding, model.posterior, best)
