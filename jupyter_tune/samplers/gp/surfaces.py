"""What the model predicts at some points, in the metric's own units and direction.

    mean         the posterior mean mapped back through the output transform; where bad losses are
                 compressed (about the worst quarter) this is the posterior median, and where losses
                 are far beyond all others, less than they were (outputs): else a chart shows only them
    low, high    the ends of the latent function's 95 % band, mean -/+ 1.96 deviations mapped back
                 likewise: the map is monotone, so low <= mean <= high
    deviation    the posterior deviation times the slope of that map: exact outside the worst
                 quarter, first order in it
    acquisition  the expected improvement over the best posterior mean, always >= 0

Only the acquisition takes pending trials into account: they have no result yet.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np

from jupyter_tune.core.objective import Objective
from jupyter_tune.samplers.gp.belief import Belief
from jupyter_tune.samplers.gp.encoding import Array
from jupyter_tune.samplers.gp.posterior import Posterior

BAND = 1.96
"""Deviations to either side that hold 95 % of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Surfaces:
    """Columns over m points: m each, finite."""

    mean: Array
    low: Array
    high: Array
    deviation: Array
    acquisition: Array

    @classmethod
    def of(cls, belief: Belief, known: Posterior, unit: Array, objective: Objective) -> Surfaces:
        """At `unit`: m x p of the declared cube; `known`: the posterior without pending trials."""
        mean, deviation, _ = known.at(belief.encoding.to_inputs(unit))
        log_improvement = belief.score(unit).values
        outputs = belief.outputs

        def metric(target: Array) -> Array:
            return objective.value(outputs.to_loss(target))

        ends = [metric(mean + way * BAND * deviation) for way in (-1, 1)]
        return cls(
            mean=metric(mean),
            low=np.minimum(*ends),
            high=np.maximum(*ends),
            deviation=_times(deviation, outputs.slope(mean)),
            acquisition=improvement(belief, log_improvement),
        )


def improvement(belief: Belief, log_improvement: Array) -> Array:
    """Expected improvements in metric units from their logarithms in standardised ones: batch -> batch."""
    return _times(np.exp(log_improvement), belief.outputs.slope(np.array(belief.best)))


def _times(values: Array, slope: Array) -> Array:
    """Their product, finite, as JSON has no infinities."""
    with np.errstate(over="ignore"):
        return np.minimum(values * slope, sys.float_info.max)
